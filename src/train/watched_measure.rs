//! The measures by which a run can be stopped early and its best epoch be told.

use serde::{Deserialize, Serialize};

use super::EpochMetrics;

/// A measure that has a better and a worse.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WatchedMeasure {
    #[default]
    Off,
    ReconstructionError,
    HeldOutError,
    CrossEntropy,
    HeldOutCrossEntropy,
    PseudoLogLikelihood,
    HeldOutPseudoLogLikelihood,
    /// Mean free energy of the held-out excerpts minus that of the training excerpts: it grows when
    /// the model memorises (Hinton's guide, section 6).
    FreeEnergyGap,
}

impl WatchedMeasure {
    pub fn is_on(self) -> bool {
        self != Self::Off
    }

    /// Whether it is measured on songs that are held out.
    pub fn needs_held_out(self) -> bool {
        matches!(
            self,
            Self::HeldOutError
                | Self::HeldOutCrossEntropy
                | Self::HeldOutPseudoLogLikelihood
                | Self::FreeEnergyGap
        )
    }

    /// The name in a sentence.
    pub fn label(self) -> &'static str {
        match self {
            Self::Off => "nothing",
            Self::ReconstructionError => "reconstruction error",
            Self::HeldOutError => "held-out reconstruction error",
            Self::CrossEntropy => "cross-entropy",
            Self::HeldOutCrossEntropy => "held-out cross-entropy",
            Self::PseudoLogLikelihood => "pseudo-log-likelihood",
            Self::HeldOutPseudoLogLikelihood => "held-out pseudo-log-likelihood",
            Self::FreeEnergyGap => "free-energy gap",
        }
    }

    /// The value after an epoch; `None` when it was not measured or is no number.
    pub fn value(self, metrics: &EpochMetrics) -> Option<f64> {
        let value = match self {
            Self::Off => None,
            Self::ReconstructionError => Some(metrics.reconstruction_error),
            Self::HeldOutError => metrics.held_out_error,
            Self::CrossEntropy => metrics.cross_entropy,
            Self::HeldOutCrossEntropy => metrics.held_out_cross_entropy,
            Self::PseudoLogLikelihood => metrics.pseudo_log_likelihood,
            Self::HeldOutPseudoLogLikelihood => metrics.held_out_pseudo_log_likelihood,
            Self::FreeEnergyGap => metrics.free_energy_gap,
        };
        value.filter(|value| value.is_finite())
    }

    /// Whether `value` is better than `best`; being as good is not enough.
    pub fn is_better(self, value: f64, best: f64) -> bool {
        match self {
            Self::PseudoLogLikelihood | Self::HeldOutPseudoLogLikelihood => value > best,
            _ => value < best,
        }
    }
}
