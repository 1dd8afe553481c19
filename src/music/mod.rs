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
//! | excerpt | a cut of a roll that the model sees at once (`dataset`) |

mod general_midi;
mod harmony;
mod note;
mod piano_roll;
mod pitch;
mod score;
mod time;

pub use general_midi::{GENERAL_MIDI_FAMILIES, GENERAL_MIDI_NAMES};
pub use harmony::{Key, Mode, PitchClassWeights};
pub use note::Note;
pub use piano_roll::{PianoRoll, RollNote};
pub use pitch::{PitchRange, pitch_name};
pub use score::{Score, Track};
pub use time::{Metre, MetreChange, TempoChange, TempoMap};
