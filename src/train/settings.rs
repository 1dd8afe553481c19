//! Every setting of a run, as one plain struct.

use serde::{Deserialize, Serialize};

use super::{
    Acts, CATALOGUE, LearningRateSchedule, Preset, SettingKind, TrainError, WatchedMeasure, setting,
};
use crate::dataset::EncodingSettings;
use crate::rbm::{Algorithm, InitialWeights, LearningRule, Statistics};

/// What a run is made with. The meaning, unit and range of each stands in [`CATALOGUE`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TrainSettings {
    pub encoding: EncodingSettings,
    pub hidden_units: usize,
    pub algorithm: Algorithm,
    pub statistics: Statistics,
    pub gibbs_steps: usize,
    pub chains: usize,
    pub temperatures: usize,
    pub centered: bool,
    pub learning_rate: f64,
    pub learning_rate_schedule: LearningRateSchedule,
    pub warmup_epochs: f64,
    pub batch_size: usize,
    pub epochs: u32,
    pub momentum: f64,
    pub momentum_start_epochs: u32,
    pub weight_decay: f64,
    pub weight_decay_l1: f64,
    pub sparsity_target: f64,
    pub sparsity_cost: f64,
    pub gradient_norm_limit: f64,
    pub dropout: f64,
    pub initial_weights: InitialWeights,
    pub visible_bias_from_data: bool,
    pub shuffle: bool,
    pub batches_within_songs: bool,
    pub skip_first_excerpt: bool,
    pub early_stop_measure: WatchedMeasure,
    pub early_stop_epochs: u32,
    pub keep_best: WatchedMeasure,
    pub seed: u64,
}

impl Default for TrainSettings {
    fn default() -> Self {
        Preset::Recommended.settings()
    }
}

impl TrainSettings {
    pub fn rule(&self) -> LearningRule {
        LearningRule {
            algorithm: self.algorithm,
            statistics: self.statistics,
            n_chains: self.chains,
            n_temperatures: self.temperatures,
            is_centered: self.centered,
        }
    }

    /// Sets one setting from text, as `--set KEY=VALUE` and the knobs' text fields give it.
    ///
    /// # Errors
    /// An unknown key is answered with the nearest known one, a bad value with the range.
    pub fn set(&mut self, key: &str, value: &str) -> Result<(), TrainError> {
        setting(key)?.parse_into(self, value)
    }

    /// The same, for a run under way: only settings that act between batches.
    pub fn set_during_run(&mut self, key: &str, value: &str) -> Result<(), TrainError> {
        let setting = setting(key)?;
        match setting.acts {
            Acts::DuringRun => setting.parse_into(self, value),
            Acts::NextRun => Err(TrainError::FixedDuringRun { key: setting.key }),
        }
    }

    /// The value of a setting as text; reads back to the same value.
    pub fn text(&self, key: &str) -> Result<String, TrainError> {
        Ok(setting(key)?.text(self))
    }

    /// The settings in which `self` differs from `other`, with the values of `self`.
    pub fn differences(&self, other: &Self) -> Vec<(&'static str, String)> {
        CATALOGUE
            .iter()
            .map(|setting| (setting, setting.text(self)))
            .filter(|(setting, text)| *text != setting.text(other))
            .map(|(setting, text)| (setting.key, text))
            .collect()
    }

    /// Checks every value against its range, as files may hold anything.
    pub fn validate(&self) -> Result<(), TrainError> {
        for setting in CATALOGUE {
            if let SettingKind::Number { get, .. } = setting.kind {
                setting.check_number(get(self))?;
            }
        }
        if self.keep_best == WatchedMeasure::FreeEnergyGap {
            let reason = "the gap is smallest before anything is learned; choose another measure";
            let (value, reason) = ("free_energy_gap".to_owned(), reason.to_owned());
            return Err(TrainError::BadValue { key: "keep_best", value, reason });
        }
        Ok(self.encoding.validate()?)
    }
}
