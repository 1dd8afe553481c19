//! Bytes of MIDI files to music and back.
//!
//! [`read`] turns a file's bytes into a [`MidiFile`], a compact stream of the few events that matter
//! here, in file order; [`MidiFile::to_score`] pairs the notes; [`write`] gives a file that any
//! program plays. No file is opened here and nothing is printed: what a damaged file lost stands in
//! [`MidiFile::warnings`].

mod chunks;
mod error;
mod events;
mod read;
mod score;
mod track;
mod write;

#[cfg(test)]
mod odd_files;
#[cfg(test)]
mod properties;

pub use error::MidiError;
pub use events::{Event, EventKind, EventTrack, MidiFile};
pub use read::{MAX_FILE_BYTES, read};
pub use write::write;

/// The channel that General MIDI gives to percussion: channel 10, counted from 0.
pub const DRUM_CHANNEL: u8 = 9;
