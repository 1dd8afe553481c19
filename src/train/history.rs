//! What a run reported, epoch by epoch, and which knobs were turned meanwhile.

use serde::{Deserialize, Serialize};

use super::TrainSettings;

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
    /// Held-out minus training free energy: it grows when the model memorises (Hinton's guide,
    /// section 6).
    #[serde(default)]
    pub free_energy_gap: Option<f64>,
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
    /// Share of bits set in the training excerpts.
    #[serde(default)]
    pub data_density: Option<f64>,
    /// Share of bits set in the persistent chains, the fantasy particles; should come near that of
    /// the data.
    #[serde(default)]
    pub chain_density: Option<f64>,
    /// Mean size of the epoch's updates of the weights over the size of the weights; about 0.001 is
    /// healthy (Hinton's guide, section 7).
    #[serde(default)]
    pub update_to_weight_ratio: Option<f64>,
    /// Share of the proposed swaps of temperatures that were made; under parallel tempering only.
    #[serde(default)]
    pub swap_rate: Option<f64>,
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
    /// What it was; unknown in files of the first version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
}

/// The record of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct History {
    pub epochs: Vec<EpochRecord>,
    pub changes: Vec<SettingChange>,
}

impl History {
    /// Forgets what came after so many epochs. Settings that were changed since act from there on.
    pub fn truncate(&mut self, finished_epochs: u32) {
        self.epochs.retain(|record| record.metrics.epoch <= finished_epochs);
        for change in &mut self.changes {
            change.epoch = change.epoch.min(finished_epochs);
        }
    }

    /// The settings at the start of a run that has these now. A change of which it is not known
    /// what it replaced stays.
    pub fn initial_settings(&self, now: &TrainSettings) -> TrainSettings {
        let mut settings = now.clone();
        for change in self.changes.iter().rev() {
            if let Some(before) = &change.before
                && let Err(error) = settings.set(&change.key, before)
            {
                log::warn!("{error}");
            }
        }
        settings
    }

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
