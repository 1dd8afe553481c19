//! What can go wrong with files, naming the file, the reason and the remedy.

use std::path::PathBuf;

use thiserror::Error;

#[derive(Debug, Error)]
pub enum ProjectError {
    #[error("{path} could not be read: {source}", path = path.display())]
    Read { path: PathBuf, source: std::io::Error },

    #[error(
        "{path} could not be written: {source}; what stood there before is untouched",
        path = path.display()
    )]
    Write { path: PathBuf, source: std::io::Error },

    #[error("{path} is not a Harmonium project: {reason}", path = path.display())]
    NotAProject { path: PathBuf, reason: String },

    #[error(
        "{path} was written by a newer Harmonium (format {found}, this one reads up to {known}); \
         install the newer version to open it",
        path = path.display()
    )]
    Newer { path: PathBuf, found: u64, known: u64 },

    #[error("{path} holds settings that do not work: {reason}", path = path.display())]
    Settings { path: PathBuf, reason: String },
}
