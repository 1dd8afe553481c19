//! Error reports: what a panic said, where, and the end of the log, in a file that stays on this
//! machine. A person can look at it and pass it on.

use std::backtrace::Backtrace;
use std::fs;
use std::panic::PanicHookInfo;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use flexi_logger::DeferredNow;

use super::log_file::log_tail;
use super::machine::operating_system;

const KEPT_REPORTS: usize = 10;
const LOG_LINES: usize = 100;

/// Reports that this process has written.
static WRITTEN: AtomicUsize = AtomicUsize::new(0);

/// A report on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrashReport {
    pub path: PathBuf,
    pub text: String,
}

impl CrashReport {
    /// What happened, in a line.
    pub fn headline(&self) -> &str {
        let line = |start: &str| self.text.lines().find_map(|line| line.strip_prefix(start));
        line("What: ").unwrap_or("an error without words")
    }

    /// When, by the clock of the machine.
    pub fn when(&self) -> &str {
        self.text.lines().find_map(|line| line.strip_prefix("When: ")).unwrap_or("some time ago")
    }
}

fn crash_dir(state_dir: &Path) -> PathBuf {
    state_dir.join("crashes")
}

/// From now on every panic leaves a report, also one that the program survives.
pub fn keep_crash_reports(state_dir: &Path) {
    let state_dir = state_dir.to_owned();
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        // Nothing here may panic again, and who cannot write says nothing.
        let report = report(&state_dir, panic);
        log::error!("a panic: {panic}");
        if write_report(&state_dir, &report).is_ok() {
            WRITTEN.fetch_add(1, Ordering::Release);
        }
        before(panic);
    }));
}

/// Reports that this process has written so far.
pub fn crash_count() -> usize {
    WRITTEN.load(Ordering::Acquire)
}

/// All reports, newest first.
pub fn crash_reports(state_dir: &Path) -> Vec<CrashReport> {
    let read = |path: PathBuf| {
        let text = String::from_utf8_lossy(&fs::read(&path).ok()?).into_owned();
        Some(CrashReport { path, text })
    };
    let mut paths = report_paths(state_dir);
    paths.reverse();
    paths.into_iter().filter_map(read).collect()
}

/// The newest report, where nobody has been told of it yet. It counts as told from now on.
pub fn take_new_crash(state_dir: &Path) -> Option<CrashReport> {
    let newest = crash_reports(state_dir).into_iter().next()?;
    let marker = crash_dir(state_dir).join("told");
    let name = newest.path.file_name()?.to_string_lossy().into_owned();
    if fs::read_to_string(&marker).is_ok_and(|told| told == name) {
        return None;
    }
    if let Err(error) = fs::write(&marker, name) {
        log::warn!("{}: {error}", marker.display());
    }
    Some(newest)
}

/// Oldest first: the names begin with the time.
fn report_paths(state_dir: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(crash_dir(state_dir)) else { return Vec::new() };
    let paths = entries.filter_map(Result::ok).map(|entry| entry.path());
    let mut reports: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|ending| ending == "txt")).collect();
    reports.sort();
    reports
}

fn write_report(state_dir: &Path, text: &str) -> std::io::Result<()> {
    let folder = crash_dir(state_dir);
    fs::create_dir_all(&folder)?;
    let stamp = DeferredNow::new().format("%Y-%m-%d %H-%M-%S%.3f").to_string();
    fs::write(folder.join(format!("{stamp}.txt")), text)?;
    let paths = report_paths(state_dir);
    let surplus = paths.len().saturating_sub(KEPT_REPORTS);
    paths[..surplus].iter().try_for_each(fs::remove_file)
}

fn report(state_dir: &Path, panic: &PanicHookInfo<'_>) -> String {
    let words = panic.payload_as_str().unwrap_or("no words");
    let place = panic.location().map_or_else(|| "unknown".to_owned(), ToString::to_string);
    let thread = std::thread::current();
    let log = log_tail(state_dir, LOG_LINES).join("\n");
    let trace = Backtrace::force_capture();
    format!(
        "Harmonium {} met an error of its own. This report stays on this machine unless you pass \
         it on.\n\nWhen: {}\nWhat: {}\nWhere: {place}\nThread: {}\nSystem: {}\n\nThe end of the \
         log:\n{log}\n\nThe calls that led to it:\n{trace}\n",
        env!("CARGO_PKG_VERSION"),
        DeferredNow::new().format("%Y-%m-%d %H:%M:%S"),
        words.replace('\n', " "),
        thread.name().unwrap_or("without a name"),
        operating_system(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_are_kept_newest_first_and_told_of_once() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path();
        assert_eq!(take_new_crash(dir), None);
        for n in 0..KEPT_REPORTS + 3 {
            write_report(dir, &format!("x\nWhen: today\nWhat: error {n}\n")).unwrap();
            // The names are by the millisecond.
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
        let reports = crash_reports(dir);
        assert_eq!(reports.len(), KEPT_REPORTS);
        assert_eq!((reports[0].headline(), reports[0].when()), ("error 12", "today"));
        assert_eq!(take_new_crash(dir).unwrap(), reports[0]);
        assert_eq!(take_new_crash(dir), None);
        write_report(dir, "nothing").unwrap();
        assert_eq!(take_new_crash(dir).unwrap().headline(), "an error without words");
    }
}
