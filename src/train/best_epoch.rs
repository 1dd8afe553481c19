//! The best epoch so far, for the early stop and for keeping its parameters.

use serde::{Deserialize, Serialize};

use super::{EpochMetrics, WatchedMeasure};
use crate::rbm::Parameters;

/// An epoch that was the best by a measure.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BestEpoch {
    /// Counted from 1.
    pub epoch: u32,
    /// Of the measure.
    pub value: f64,
}

/// A second set of parameters, kept beside those of the machine.
///
/// While the run goes on, these are the parameters of the best epoch, and the machine has those of
/// the last update. Once it has ended they change places, so that a run with more epochs goes on
/// from where it stopped and not from its best.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptParameters {
    pub best: BestEpoch,
    pub parameters: Parameters,
    /// The machine has the parameters of the best epoch, and `parameters` are the last.
    pub is_in_use: bool,
}

impl BestEpoch {
    /// The epoch that just ended, if it is better than the best known.
    pub(super) fn new(
        measure: WatchedMeasure,
        metrics: &EpochMetrics,
        known: Option<Self>,
    ) -> Option<Self> {
        let value = measure.value(metrics)?;
        let is_best = known.is_none_or(|known| measure.is_better(value, known.value));
        is_best.then_some(Self { epoch: metrics.epoch, value })
    }
}
