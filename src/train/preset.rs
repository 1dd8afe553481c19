//! Known-good settings, each with a line on why it works.

use crate::dataset::EncodingSettings;
use crate::rbm::{Algorithm, InitialWeights, Statistics};

use super::{LearningRateSchedule, TrainSettings, WatchedMeasure};

/// The presets that ship.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preset {
    Report,
    Recommended,
    Quick,
}

impl Preset {
    pub const ALL: [Self; 3] = [Self::Report, Self::Recommended, Self::Quick];

    /// The name on the command line.
    pub fn key(self) -> &'static str {
        match self {
            Self::Report => "report",
            Self::Recommended => "recommended",
            Self::Quick => "quick",
        }
    }

    /// The name in the window.
    pub fn label(self) -> &'static str {
        match self {
            Self::Report => "Report (2016)",
            Self::Recommended => "Recommended",
            Self::Quick => "Quick look",
        }
    }

    /// Why it works.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Report => {
                "The 2016 study's run, step by step: CD-1 on its own reading of the files, \
                 so that results can be compared"
            }
            Self::Recommended => {
                "Two-bar excerpts on the bar line, centered persistent chains and a falling rate: \
                 the model learns harmony and metre, and its chains are ready to play"
            }
            Self::Quick => {
                "One-bar excerpts and few units: a first impression of new songs within a minute"
            }
        }
    }

    pub fn by_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|preset| preset.key() == key)
    }

    pub fn settings(self) -> TrainSettings {
        match self {
            Self::Report => report(),
            Self::Recommended => recommended(),
            Self::Quick => quick(),
        }
    }
}

/// The constants of the 2016 study's code.
fn report() -> TrainSettings {
    TrainSettings {
        encoding: EncodingSettings::reference(),
        hidden_units: 50,
        algorithm: Algorithm::ContrastiveDivergence,
        statistics: Statistics::Samples,
        gibbs_steps: 1,
        chains: 10,
        temperatures: 10,
        centered: false,
        learning_rate: 0.005,
        learning_rate_schedule: LearningRateSchedule::Constant,
        warmup_epochs: 0.0,
        batch_size: 100,
        epochs: 200,
        momentum: 0.0,
        momentum_start_epochs: 0,
        weight_decay: 0.0,
        weight_decay_l1: 0.0,
        sparsity_target: 0.05,
        sparsity_cost: 0.0,
        gradient_norm_limit: 0.0,
        dropout: 0.0,
        initial_weights: InitialWeights::Intended,
        visible_bias_from_data: false,
        shuffle: false,
        batches_within_songs: true,
        skip_first_excerpt: true,
        early_stop_measure: WatchedMeasure::Off,
        early_stop_epochs: 10,
        keep_best: WatchedMeasure::Off,
        seed: 1,
    }
}

fn recommended() -> TrainSettings {
    let encoding =
        EncodingSettings { steps_per_excerpt: 32, stride_steps: 16, ..EncodingSettings::default() };
    TrainSettings {
        encoding,
        hidden_units: 140,
        algorithm: Algorithm::PersistentContrastiveDivergence,
        statistics: Statistics::Probabilities,
        gibbs_steps: 1,
        chains: 100,
        temperatures: 10,
        centered: true,
        learning_rate: 0.1,
        learning_rate_schedule: LearningRateSchedule::Linear,
        warmup_epochs: 0.0,
        batch_size: 50,
        epochs: 70,
        momentum: 0.8,
        momentum_start_epochs: 5,
        weight_decay: 0.0002,
        weight_decay_l1: 0.0,
        sparsity_target: 0.05,
        sparsity_cost: 0.0,
        gradient_norm_limit: 0.0,
        dropout: 0.0,
        initial_weights: InitialWeights::Intended,
        visible_bias_from_data: true,
        shuffle: true,
        batches_within_songs: false,
        skip_first_excerpt: false,
        early_stop_measure: WatchedMeasure::Off,
        early_stop_epochs: 10,
        keep_best: WatchedMeasure::Off,
        seed: 1,
    }
}

fn quick() -> TrainSettings {
    let encoding =
        EncodingSettings { steps_per_excerpt: 16, stride_steps: 16, ..EncodingSettings::default() };
    TrainSettings { encoding, hidden_units: 80, chains: 50, epochs: 60, ..recommended() }
}
