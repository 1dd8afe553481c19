//! A parsed piece of music.

use super::{Key, MetreChange, Note, TempoMap};

/// A piece: tracks of notes on one tick grid.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// Ticks of a beat (quarter note). At least 1.
    pub ticks_per_beat: u32,
    pub tempo: TempoMap,
    /// Sorted by tick; may be empty (then 4/4 by the standard).
    pub metres: Vec<MetreChange>,
    /// The key it is written in, where that is known.
    pub key: Option<Key>,
    pub tracks: Vec<Track>,
    /// Where the piece ends, trailing rest included: the latest end of any track.
    pub length_ticks: u64,
}

/// Notes that sound with one instrument.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Track {
    pub name: String,
    /// General MIDI programme, 0 to 127.
    pub program: u8,
    /// MIDI channel volume (controller 7), 0 to 127; `None` is the standard's 100.
    pub volume: Option<u8>,
    /// Percussion (MIDI channel 10): its pitches are instruments, not tones.
    pub is_drums: bool,
    /// Sorted by start, then pitch.
    pub notes: Vec<Note>,
}

impl Score {
    /// All notes that are tones, of all tracks.
    pub fn tonal_notes(&self) -> impl Iterator<Item = &Note> {
        self.tracks.iter().filter(|t| !t.is_drums).flat_map(|t| &t.notes)
    }

    pub fn note_count(&self) -> usize {
        self.tracks.iter().map(|t| t.notes.len()).sum()
    }

    pub fn duration_secs(&self) -> f64 {
        self.tempo.seconds_at(self.length_ticks)
    }
}
