//! Where things lie on this machine: what ships beside the executable, and the user's folders.
//!
//! The first room that reads the environment; everybody before is told.

mod crash;
mod log_file;
mod machine;
pub mod instance;
mod session;
mod show;
mod words;

use std::path::{Path, PathBuf};

use etcetera::BaseStrategy as _;

use crate::audio::PROBE_PROGRAM;

pub use crash::{CrashReport, crash_count, crash_reports, keep_crash_reports, take_new_crash};
pub use log_file::{Log, log_dir, log_tail, start_log};
pub use machine::{free_disk_bytes, free_memory_bytes, memory_gib, operating_system};
pub use session::{Abandoned, Session, free_name};
pub use show::show_in_folder;
pub use words::{holder_words, local_time_words, now_secs};

/// The folder name under the user's configuration, data and state folders.
const FOLDER: &str = "harmonium";

/// Folders and files that the program uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places {
    /// The built-in SoundFont, where it was looked for first.
    pub soundfont: Option<PathBuf>,
    /// The program that tries a SoundFont, because that may crash.
    pub font_probe: Option<PathBuf>,
    /// The folder of the demo set.
    pub demo_set: Option<PathBuf>,
    /// Settings of the window.
    pub config_dir: PathBuf,
    /// Autosaves, logs, what may be lost without harm.
    pub state_dir: PathBuf,
    /// What the user has installed for the program: the GPU pack.
    pub data_dir: PathBuf,
    /// The program's own folder, where it is one that can be carried about.
    pub portable_dir: Option<PathBuf>,
    /// What was unusual, in words.
    pub remarks: Vec<String>,
}

impl Places {
    /// Looks around, starting from the executable's real path and the user's folders.
    pub fn find() -> Self {
        let mut remarks = Vec::new();
        let UserDirs { config_dir, state_dir, data_dir } = user_dirs(&mut remarks);
        let roots = resource_roots(&mut remarks);
        let find = |relative: &str| {
            roots.iter().map(|root| root.join(relative)).find(|candidate| candidate.exists())
        };
        let soundfont = find("soundfonts/harmonium-gm.sf3");
        let demo_set = find("assets/demo");
        for (found, what) in [(&soundfont, "SoundFont"), (&demo_set, "demo set")] {
            if found.is_none() {
                remarks.push(format!("the {what} was not found beside the executable"));
            }
        }
        let font_probe = find_program(PROBE_PROGRAM, &mut remarks);
        let portable_dir = portable_dir();
        Self {
            soundfont,
            font_probe,
            demo_set,
            config_dir,
            state_dir,
            data_dir,
            portable_dir,
            remarks,
        }
    }
}

/// A program that ships with us: packages put it beside the libraries, a build beside the executable,
/// and `cargo test` starts its programs one folder below.
fn find_program(name: &str, remarks: &mut Vec<String>) -> Option<PathBuf> {
    let executable = std::env::current_exe().and_then(std::fs::canonicalize).ok()?;
    let packaged = executable.parent()?.parent()?.join("lib").join(FOLDER);
    let folders = executable.ancestors().skip(1).take(2).map(Path::to_owned);
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    let found = std::iter::once(packaged)
        .chain(folders)
        .map(|folder| folder.join(&file))
        .find(|program| program.is_file());
    if found.is_none() {
        remarks.push(format!(
            "{file} was not found beside the executable: SoundFonts are not tried before they play"
        ));
    }
    found
}

/// The system's temporary folder, for work that is thrown away.
pub fn scratch_dir() -> std::io::Result<tempfile::TempDir> {
    tempfile::Builder::new().prefix("harmonium-").tempdir()
}

/// Processor cores that this process may use.
pub fn core_count() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// Whether the environment names a display to draw on.
pub fn has_display() -> bool {
    let names = ["WAYLAND_DISPLAY", "WAYLAND_SOCKET", "DISPLAY"];
    cfg!(not(target_os = "linux")) || names.iter().any(|name| is_set(name))
}

fn is_set(name: &str) -> bool {
    std::env::var_os(name).is_some_and(|value| !value.is_empty())
}

/// Packages put things into `../share/harmonium`, a folder of macOS' into `../Resources`, Windows' beside
/// the executable, and a build leaves the executable two folders below the sources.
fn resource_roots(remarks: &mut Vec<String>) -> Vec<PathBuf> {
    let executable = std::env::current_exe().and_then(std::fs::canonicalize);
    let folder = match &executable {
        Ok(path) => path.parent().unwrap_or(Path::new(".")),
        Err(error) => {
            remarks.push(format!("the executable's own path is not known: {error}"));
            Path::new(".")
        }
    };
    let beside = folder.parent().unwrap_or(folder);
    let mut roots = vec![folder.to_owned(), beside.join("share").join(FOLDER)];
    if cfg!(target_os = "macos") {
        roots.push(beside.join("Resources"));
    }
    // target/release/harmonium, and target/release/deps/… for tests.
    roots.extend(folder.ancestors().skip(2).take(2).map(Path::to_owned));
    roots
}

/// The folder of an archive that was unpacked somewhere: its installer lies beside the program's own
/// folders, `bin` and `lib`.
fn portable_dir() -> Option<PathBuf> {
    let executable = std::env::current_exe().and_then(std::fs::canonicalize).ok()?;
    let root = executable.parent()?.parent()?;
    let has = |path: &str| root.join(path).exists();
    (has("install.sh") && has("lib/harmonium/libtorch_cpu.so")).then(|| root.to_owned())
}

struct UserDirs {
    config_dir: PathBuf,
    state_dir: PathBuf,
    data_dir: PathBuf,
}

/// Folders of the user by the platform's conventions; without a home, a temporary folder, and a
/// word about it.
fn user_dirs(remarks: &mut Vec<String>) -> UserDirs {
    match etcetera::choose_base_strategy() {
        Ok(dirs) => {
            let state = dirs.state_dir().unwrap_or_else(|| dirs.data_dir());
            UserDirs {
                config_dir: dirs.config_dir().join(FOLDER),
                state_dir: state.join(FOLDER),
                data_dir: dirs.data_dir().join(FOLDER),
            }
        }
        Err(error) => {
            remarks.push(format!(
                "no home folder ({error}): settings are kept in a temporary folder and lost later"
            ));
            let folder = tempfile::env::temp_dir().join(FOLDER);
            UserDirs { config_dir: folder.clone(), state_dir: folder.clone(), data_dir: folder }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_finds_what_lies_in_the_sources() {
        let places = Places::find();
        let sources = Path::new(env!("CARGO_MANIFEST_DIR"));
        if sources.join("target").exists() {
            assert_eq!(places.soundfont.is_some(), sources.join("soundfonts").exists());
        }
        assert!(core_count() >= 1);
    }
}
