//! The vocabulary: what everybody else talks about. Values only, no input or output.
//!
//! Glossary, the same in code, interface and documents:
//!
//! | word | meaning |
//! |---|---|
//! | [`Score`] | a parsed piece: tracks of notes on a tick grid, with tempo and metre |
//! | [`PianoRoll`] | the grid step × pitch, with a *hold* and an *onset* plane |
//! | step | one column of the grid, a fraction of a beat |
//! | beat | a quarter note |
//! | velocity | how hard a note is struck, 1 to 127 as in MIDI |
//! | [`Performance`] | how a score is played: voices by range, swing, accents, humanise |
//! | voice | bass, chords or melody: the notes of a range |
//! | [`NoteSheet`] | the notes of a piece as they are edited |
//! | excerpt | a cut of a roll that the model sees at once (`dataset`) |

mod clipping;
mod edit;
#[cfg(test)]
mod edit_tests;
mod general_midi;
mod harmony;
mod metrical;
mod metronome;
mod note;
mod performance;
#[cfg(test)]
mod performance_tests;
mod piano_roll;
mod pitch;
mod played_note;
mod scale;
mod score;
mod time;

pub use clipping::{clipping_to_text, text_to_clipping};
pub use edit::{EditedNotes, NoteSheet, SelectedWalk, note_at};
pub use general_midi::{GENERAL_MIDI_FAMILIES, GENERAL_MIDI_NAMES};
pub use harmony::{Key, Mode, PitchClassWeights};
pub use metrical::{BarGrid, BarPlace, Weight};
pub use metronome::{count_in, metronome_track};
pub use note::Note;
pub use performance::{DEFAULT_CHANNEL_VOLUME, Effects, Performance, Voice, VoiceSound};
pub use piano_roll::{PianoRoll, RollNote};
pub use pitch::{PitchRange, pitch_from_name, pitch_name};
pub use played_note::{DEFAULT_VELOCITY, NotePlace, PlayedNote, best_key};
pub use scale::{Scale, ScaleKind, tonic_from_name, tonic_name};
pub use score::{Score, Track};
pub use time::{Metre, MetreChange, TempoChange, TempoMap};
