//! The training loop without threads: settings, the order of batches, steps, measures, history.
//!
//! [`Trainer::step`] does one update and says whether an epoch ended with it. Nothing here reads
//! the clock: whoever drives the trainer stamps the measures with seconds.

mod advice;
mod batch_plan;
mod best_epoch;
mod catalogue;
mod divergence;
mod error;
mod figures;
mod history;
mod memory;
mod likelihood;
mod preset;
mod schedule;
mod settings;
mod sweep;
mod trainer;
#[cfg(test)]
mod trainer_tests;
mod watched_measure;

pub use advice::{AdviceKind, Finding, Remedy, RemedyDeed, RunOutcome, advice};
pub use best_epoch::{BestEpoch, KeptParameters};
pub use catalogue::{Acts, CATALOGUE, Scale, Setting, SettingKind, setting};
pub use error::TrainError;
pub use figures::{Better, FIGURES, Figure, FigureLine};
pub use history::{EpochMetrics, EpochRecord, History, SettingChange};
pub use likelihood::{Likelihood, LikelihoodOfPart, LikelihoodTask};
pub use memory::{check_free_memory, check_memory, memory_bytes};
pub use preset::Preset;
pub use schedule::{LearningRateSchedule, momentum_at};
pub use settings::TrainSettings;
pub use sweep::{MAX_SWEEP_RUNS, SweepAxis, SweepPoint, sweep_grid, sweep_settings, training_work};
pub use trainer::{StepOutcome, Trainer, TrainerState};
pub use watched_measure::WatchedMeasure;
