//! The model's voice: settings → piano rolls → scores.
//!
//! A [`Task`] becomes a plan of cells that are held and cells that are free (`plan`); Gibbs chains
//! fill it, excerpt after excerpt (`work`).

mod chain_choice;
mod density;
mod draft;
mod error;
mod form;
mod kept_densities;
mod kept_states;
mod observer;
mod plan;
mod rank;
mod score;
mod settings;
mod steering;
mod task;
mod top_line;
mod voice;
mod voices;
mod work;

pub use error::GenerateError;
pub use form::Form;
pub use kept_densities::KeptDensities;
pub use observer::{ChainView, Observer, Wish};
pub use rank::{MusicalScore, RankBy, Ranking, ranked};
pub use score::{
    ScoreSettings, TICKS_PER_BEAT, notes_to_score, roll_to_score, score_notes_to_roll,
};
pub use settings::{AnnealCurve, GenerateSettings, StartPoint};
pub use steering::{ScaleRule, Steering};
pub use task::{Assignment, Region, Task};
pub use top_line::top_line;
pub use voice::{Piece, Start, Voice};
