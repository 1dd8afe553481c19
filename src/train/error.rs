//! What can go wrong with settings and in a run, with the remedy.

use thiserror::Error;

use crate::dataset::DatasetError;
use crate::rbm::{DeviceFailure, RbmError};

#[derive(Debug, Error)]
pub enum TrainError {
    #[error("there is no setting \"{key}\"{suggestion}")]
    UnknownSetting { key: String, suggestion: String },

    #[error("{key} = \"{value}\" does not work: {reason}")]
    BadValue { key: &'static str, value: String, reason: String },

    #[error("{key} cannot change during a run; it acts when the next run starts")]
    FixedDuringRun { key: &'static str },

    #[error(
        "the run diverged in epoch {epoch} ({symptom}); try a learning rate of {suggested_rate}"
    )]
    Diverged { epoch: u32, symptom: String, suggested_rate: f64 },

    #[error("there is nothing to train on: no song gives an excerpt; add MIDI files")]
    NoExcerpts,

    #[error(
        "the run wants about {wanted_gib:.1} GiB of memory, and {free_gib:.1} GiB are free; \
         take fewer hidden units, fewer chains or shorter excerpts, or close other programs"
    )]
    TooLarge { wanted_gib: f64, free_gib: f64 },

    #[error("the memory of this machine is nearly used up: {free_mib} MiB are free")]
    MemoryRunsLow { free_mib: u64 },

    #[error(
        "the songs are not those that this run learned from: {difference}; \
         put them back as they were, or start a new run"
    )]
    OtherData { difference: String },

    #[error("the saved state does not belong to this data: {0}")]
    StateMismatch(String),

    #[error(transparent)]
    Rbm(#[from] RbmError),

    #[error(transparent)]
    Dataset(#[from] DatasetError),
}

impl TrainError {
    /// Whether it is the machine that failed, and not the model or the data.
    pub fn device_failure(&self) -> Option<DeviceFailure> {
        match self {
            Self::MemoryRunsLow { .. } => Some(DeviceFailure::OutOfMemory),
            Self::Rbm(error) => DeviceFailure::of(&error.to_string()),
            _ => None,
        }
    }
}
