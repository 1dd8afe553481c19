//! The model's voice: settings → piano rolls → scores.

mod error;
mod score;
mod settings;
mod voice;

pub use error::GenerateError;
pub use score::{
    ScoreSettings, TICKS_PER_BEAT, notes_to_score, roll_to_score, score_notes_to_roll,
};
pub use settings::{GenerateSettings, StartPoint};
pub use voice::{Piece, Start, Task, Voice};
