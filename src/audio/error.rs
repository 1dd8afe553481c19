//! What can go wrong with sound, in words that name the file and a remedy.

use std::io;
use std::path::PathBuf;

use super::soundfont_check::FontDefect;

/// An error of this room. Its text is meant for the person who uses the program.
#[derive(Debug, thiserror::Error)]
pub enum AudioError {
    #[error(
        "The SoundFont {} cannot be read: {source}. Check that the file is there and may be read, \
         or choose another SoundFont.",
        path.display()
    )]
    FontUnreadable { path: PathBuf, source: io::Error },

    #[error(
        "The SoundFont {} cannot be used: {defect}. Fetch it again or choose another SoundFont.",
        path.display()
    )]
    FontRefused { path: PathBuf, defect: FontDefect },

    #[error("The synthesiser refused the SoundFont {}: {reason}. Choose another SoundFont.", path.display())]
    FontNotLoaded { path: PathBuf, reason: String },

    #[error("No SoundFont was found. Looked for {looked_for}. Install one or choose a file.")]
    NoFont { looked_for: String },

    #[error("The synthesiser could not be started: {reason}")]
    SynthNotStarted { reason: String },

    #[error("A sample rate of {rate} Hz is not possible. Choose one from 22050 to 96000 Hz.")]
    SampleRate { rate: u32 },

    #[error(
        "{} cannot be written: {source}. Make room there, or choose a place where you may write.",
        path.display()
    )]
    NotWritten { path: PathBuf, source: io::Error },

    #[error(
        "The piece is too long for a WAV file ({} minutes of this kind is the most). \
         Choose FLAC, a lower sample rate or a shorter piece.",
        limit_minutes
    )]
    TooLong { limit_minutes: u64 },

    #[error("The export was cancelled; no file was written.")]
    Cancelled,
}
