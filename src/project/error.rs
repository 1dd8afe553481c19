//! What can go wrong with files, naming the file, the reason and the remedy.

use std::path::{Path, PathBuf};

use thiserror::Error;

#[derive(Debug, Error)]
pub enum ProjectError {
    #[error("{path} could not be read: {reason}", path = path.display())]
    Read { path: PathBuf, reason: String },

    #[error(
        "{path} could not be written: {reason}; what stood there before is untouched. Make room there, \
         or choose a place where you may write",
        path = path.display()
    )]
    Write { path: PathBuf, reason: String },

    #[error(
        "{path} is not a Harmonium project, or a damaged one: {reason}. Choose another file, or its \
         backup {backup}",
        path = path.display(),
        backup = backup_path(path).display()
    )]
    NotAProject { path: PathBuf, reason: String },

    #[error(
        "{path} was written by a newer Harmonium (format {found}, this one reads up to {known}); \
         install the newer version to open it",
        path = path.display()
    )]
    Newer { path: PathBuf, found: u64, known: u64 },

    #[error("the autosave {path} is damaged: {reason}", path = path.display())]
    DamagedAutosave { path: PathBuf, reason: String },

    #[error("{path} holds settings that do not work: {reason}", path = path.display())]
    Settings { path: PathBuf, reason: String },
}

/// Where saving keeps what stood there before: `NAME.harmonium.bak`.
pub(super) fn backup_path(path: &Path) -> PathBuf {
    let mut backup = path.as_os_str().to_owned();
    backup.push(".bak");
    PathBuf::from(backup)
}

/// Why a file cannot be written. That something is "not found" is its folder.
pub(super) fn write_words(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => {
            "its folder is not there (any more); put it back".to_owned()
        }
        std::io::ErrorKind::NotADirectory => "a file stands in the place of its folder".to_owned(),
        _ => io_words(error),
    }
}

/// The system's reason for a failure, without its number and without names of temporary files.
pub(super) fn io_words(error: &std::io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" at path ").next().unwrap_or_default();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}
