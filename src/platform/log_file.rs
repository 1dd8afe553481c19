//! The log of the window: a file in the state folder that begins anew when it has grown, with the
//! earlier ones beside it. Nothing of it leaves the machine.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use flexi_logger::{
    Cleanup, Criterion, ErrorChannel, FileSpec, LogSpecification, Logger, LoggerHandle, Naming,
    detailed_format,
};
use log::LevelFilter;

/// A log file begins anew beyond this, and so many earlier ones are kept.
const MOST_BYTES: u64 = 1 << 20;
const KEPT_FILES: usize = 3;
/// The end of the log is sought in so much of it.
const TAIL_BYTES: u64 = 64 << 10;

/// Keeps the log open as long as it lives.
pub struct Log(#[expect(dead_code, reason = "the log ends with it")] LoggerHandle);

/// The folder of the log files.
pub fn log_dir(state_dir: &Path) -> PathBuf {
    state_dir.join("logs")
}

/// Writes what the program says of itself into the log from now on: ours from `info`, that of the
/// libraries from `warn`.
///
/// # Errors
/// When the folder cannot be written; the program goes on without a log.
pub fn start_log(state_dir: &Path) -> Result<Log, String> {
    let folder = log_dir(state_dir);
    let failed = |error: &dyn std::fmt::Display| {
        format!("no log is kept: {} cannot be written ({error})", folder.display())
    };
    fs::create_dir_all(&folder).map_err(|error| failed(&error))?;
    let wanted = LogSpecification::builder()
        .default(LevelFilter::Warn)
        .module("harmonium", LevelFilter::Info)
        .build();
    Logger::with(wanted)
        .log_to_file(FileSpec::default().directory(&folder).basename("harmonium"))
        .append()
        .format(detailed_format)
        .rotate(Criterion::Size(MOST_BYTES), Naming::Numbers, Cleanup::KeepLogFiles(KEPT_FILES))
        .error_channel(ErrorChannel::DevNull)
        .start()
        .map(Log)
        .map_err(|error| failed(&error))
}

/// The last lines of the log, oldest first; none where there is no log.
pub fn log_tail(state_dir: &Path, n_lines: usize) -> Vec<String> {
    let text = tail(&log_dir(state_dir).join("harmonium_rCURRENT.log")).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(n_lines)..].iter().map(|&line| line.to_owned()).collect()
}

fn tail(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let surplus = file.metadata()?.len().saturating_sub(TAIL_BYTES);
    file.seek(SeekFrom::Start(surplus))?;
    let mut bytes = Vec::new();
    file.take(TAIL_BYTES).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    // The first line may be the end of one.
    let whole =
        if surplus > 0 { text.split_once('\n').map_or("", |(_, rest)| rest) } else { &text };
    Ok(whole.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_log_is_whole_lines_newest_last() {
        let folder = tempfile::tempdir().unwrap();
        assert!(log_tail(folder.path(), 5).is_empty());
        let path = log_dir(folder.path()).join("harmonium_rCURRENT.log");
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let lines: Vec<String> = (0..20_000).map(|n| format!("line {n} \u{266a}")).collect();
        fs::write(&path, lines.join("\n")).unwrap();
        assert_eq!(log_tail(folder.path(), 3), lines[19_997..]);
        let all = log_tail(folder.path(), 1_000_000);
        assert!(all.len() > 1000 && all.iter().all(|line| line.starts_with("line ")));
    }
}
