//! What a run reported, epoch by epoch, and which knobs were turned meanwhile.

use serde::{Deserialize, Serialize};

/// What the trainer knows at the end of an epoch; the same whenever the run is repeated.
///
/// What came after the first version of the project file is absent from older histories.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EpochMetrics {
    /// Counted from 1.
    pub epoch: u32,
    /// Over all training excerpts, after the epoch's last update.
    pub reconstruction_error: f64,
    pub held_out_error: Option<f64>,
    /// Mean free energy in nats an excerpt; only differences mean something.
    pub free_energy: f64,
    pub held_out_free_energy: Option<f64>,
    /// Of the reconstructions, in nats an excerpt.
    #[serde(default)]
    pub cross_entropy: Option<f64>,
    #[serde(default)]
    pub held_out_cross_entropy: Option<f64>,
    /// In nats an excerpt; higher is better.
    #[serde(default)]
    pub pseudo_log_likelihood: Option<f64>,
    #[serde(default)]
    pub held_out_pseudo_log_likelihood: Option<f64>,
    /// Mean of p(h | v) over the training excerpts and the hidden units.
    #[serde(default)]
    pub hidden_activation: Option<f64>,
    /// Hidden units that are on in less than 1 % of the training excerpts.
    #[serde(default)]
    pub dead_hidden_units: Option<u64>,
    /// Hidden units that are on in more than 99 % of the training excerpts.
    #[serde(default)]
    pub saturated_hidden_units: Option<u64>,
    /// As it was at the last update.
    pub learning_rate: f64,
    /// Excerpts learned from in this epoch.
    pub examples: u64,
}

/// An epoch with its wall time, stamped by whoever drives the trainer.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpochRecord {
    #[serde(flatten)]
    pub metrics: EpochMetrics,
    /// Since the start of the run, pauses left out.
    pub seconds: f64,
    pub examples_per_second: f64,
}

/// A knob that was turned while the run went on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SettingChange {
    /// Finished epochs when it happened.
    pub epoch: u32,
    pub key: String,
    pub value: String,
}

/// The record of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct History {
    pub epochs: Vec<EpochRecord>,
    pub changes: Vec<SettingChange>,
}

impl History {
    pub fn last(&self) -> Option<&EpochRecord> {
        self.epochs.last()
    }

    /// Seconds of training so far.
    pub fn seconds(&self) -> f64 {
        self.last().map_or(0.0, |record| record.seconds)
    }

    pub fn best_error(&self) -> Option<f64> {
        self.epochs.iter().map(|record| record.metrics.reconstruction_error).min_by(f64::total_cmp)
    }
}
