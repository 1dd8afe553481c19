//! What can go wrong with the pack: the file, the reason, the remedy.

use std::path::{Path, PathBuf};

use thiserror::Error;

#[derive(Debug, Error)]
pub enum PackError {
    #[error("the installation was cancelled; nothing of it is left")]
    Cancelled,

    #[error(
        "the GPU pack is being changed by another Harmonium at the moment. Wait until it is done"
    )]
    Busy,

    #[error("the list of wheels {path} cannot be used: {reason}", path = path.display())]
    Manifest { path: PathBuf, reason: String },

    #[error(
        "{folder} has no wheel of {requirement}. Put it there (harmonium gpu status --json names all \
         wheels), or install without --from through pip",
        folder = folder.display()
    )]
    WheelMissing { folder: PathBuf, requirement: String },

    #[error(
        "{path} is not the wheel that is pinned: its SHA-256 is {found}, {expected} is wanted. \
         Nothing of it was kept. Fetch {requirement} again, from another mirror if there is one",
        path = path.display()
    )]
    WrongHash { path: PathBuf, requirement: String, expected: String, found: String },

    #[error("{path} is damaged: {reason}. Fetch the wheel again", path = path.display())]
    Damaged { path: PathBuf, reason: String },

    #[error(
        "{folder} has {free_mb} MB free, and the GPU pack needs {needed_mb} MB for a while. Make \
         room there, or set XDG_DATA_HOME to a folder on a larger disk",
        folder = folder.display()
    )]
    NoRoom { folder: PathBuf, free_mb: u64, needed_mb: u64 },

    #[error("{path} could not be written: {reason}. {remedy}", path = path.display())]
    Write { path: PathBuf, reason: String, remedy: &'static str },

    #[error("{path} could not be read: {reason}. Choose a folder that you may read", path = path.display())]
    Read { path: PathBuf, reason: String },

    #[error(
        "{python} could not be started: {reason}. Install Python 3 with pip, or fetch the wheels \
         elsewhere and use --from FOLDER"
    )]
    NoPython { python: String, reason: String },

    #[error(
        "Python has no pip. Install the package python3-pip, or fetch the wheels elsewhere and use \
         --from FOLDER"
    )]
    NoPip,

    #[error(
        "pip could not obtain {requirement}: {reason}. Is there a network? What was finished is \
         kept for the next time. Without a network, fetch the wheels elsewhere and use --from FOLDER"
    )]
    Pip { requirement: String, reason: String },

    #[error("the GPU pack is not installed, so there is nothing to remove")]
    NothingToRemove,

    #[error("the GPU pack is for Linux on 64-bit PCs; this system computes on the processor")]
    NotHere,
}

impl PackError {
    pub(super) fn write(path: &Path, error: &std::io::Error) -> Self {
        let remedy = match error.kind() {
            std::io::ErrorKind::StorageFull
            | std::io::ErrorKind::QuotaExceeded
            | std::io::ErrorKind::FileTooLarge => "Make room there and try again",
            _ => "Choose a folder of your own with XDG_DATA_HOME",
        };
        Self::Write { path: path.to_owned(), reason: reason_of(error), remedy }
    }

    pub(super) fn read(path: &Path, error: &std::io::Error) -> Self {
        Self::Read { path: path.to_owned(), reason: reason_of(error) }
    }

    /// Whether the next attempt may go on from what was finished: only what came over a network is
    /// worth it.
    pub(super) fn keeps_what_is_finished(&self) -> bool {
        matches!(self, Self::Pip { .. })
    }
}

/// The system's words without their number.
fn reason_of(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}
