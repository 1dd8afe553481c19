//! The knobs of the Music column.

use serde::{Deserialize, Serialize};

use crate::rbm::FinalVisible;

use super::{Form, GenerateError, Steering};

/// Where a chain starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StartPoint {
    /// All notes off, the 2016 study's way.
    Silence,
    /// Random notes at the training set's rates.
    Noise,
    /// The persistent chains of the training.
    Chains,
    /// A song, from which the chain wanders off.
    Song,
}

/// How the temperature goes from the first Gibbs step to the last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AnnealCurve {
    Linear,
    /// By the same factor at each step, as in simulated annealing (Kirkpatrick, Gelatt & Vecchi
    /// 1983).
    #[default]
    Geometric,
}

/// How new music is made.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct GenerateSettings {
    pub pieces: u32,
    /// Length in bars; for a continuation, how many are added.
    pub bars: u32,
    /// Gibbs steps for each excerpt of the piece.
    pub gibbs_steps: u32,
    /// Divides the logits of both conditionals: below 1 safer, above 1 wilder.
    pub temperature: f64,
    pub start: StartPoint,
    /// Piece n is made with seed + n.
    pub seed: u64,
    /// Takes the likeliest bits of the last step instead of a sample.
    pub is_last_step_likeliest: bool,
    /// The temperature of the first Gibbs step, from which the chain cools to `temperature` (or
    /// warms); `None` keeps it throughout.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anneal_from: Option<f64>,
    pub anneal_curve: AnnealCurve,
    /// Of new pieces; their bars are shared evenly among its sections.
    pub form: Form,
    pub steering: Steering,
}

impl GenerateSettings {
    /// For a model with persistent chains: on from where they stand, long enough to forget it.
    pub const FROM_CHAINS: Self = Self {
        pieces: 8,
        bars: 8,
        gibbs_steps: 100,
        temperature: 1.0,
        start: StartPoint::Chains,
        seed: 1,
        is_last_step_likeliest: true,
        anneal_from: None,
        anneal_curve: AnnealCurve::Geometric,
        form: Form::NONE,
        steering: Steering::NONE,
    };

    /// The 2016 study's way: ten chains of one step from silence.
    pub const REPORT: Self = Self {
        pieces: 10,
        bars: 1,
        gibbs_steps: 1,
        temperature: 1.0,
        start: StartPoint::Silence,
        is_last_step_likeliest: false,
        ..Self::FROM_CHAINS
    };

    /// What suits a model, by whether its training left chains.
    pub fn suited_to(has_chains: bool) -> Self {
        let start = if has_chains { StartPoint::Chains } else { StartPoint::Noise };
        Self { start, ..Self::FROM_CHAINS }
    }

    /// The same with the density left to the model, and no form.
    pub(super) fn without_density(self) -> Self {
        let steering = Steering { density: None, ..self.steering };
        Self { steering, form: Form::NONE, ..self }
    }

    /// The temperature of a Gibbs step of so many, counted from 0.
    pub fn temperature_at(&self, step: u32, n_steps: u32) -> f64 {
        let Some(from) = self.anneal_from else { return self.temperature };
        let share = f64::from(step) / f64::from(n_steps.saturating_sub(1).max(1));
        match self.anneal_curve {
            _ if step + 1 >= n_steps => self.temperature,
            AnnealCurve::Linear => from + share * (self.temperature - from),
            AnnealCurve::Geometric => from * (self.temperature / from).powf(share),
        }
    }

    pub fn final_visible(&self) -> FinalVisible {
        if self.is_last_step_likeliest { FinalVisible::MostLikely } else { FinalVisible::Sample }
    }

    /// # Errors
    /// Names the setting that is out of range, and the range.
    pub fn validate(&self) -> Result<(), GenerateError> {
        check("pieces", f64::from(self.pieces), 1.0, 1000.0)?;
        check("bars", f64::from(self.bars), 1.0, 1000.0)?;
        check("gibbs_steps", f64::from(self.gibbs_steps), 1.0, 100_000.0)?;
        check("temperature", self.temperature, 0.05, 10.0)?;
        check("anneal_from", self.anneal_from.unwrap_or(1.0), 0.05, 10.0)?;
        self.steering.validate()
    }
}

impl Default for GenerateSettings {
    fn default() -> Self {
        Self::FROM_CHAINS
    }
}

/// Whether a value lies in its range.
pub(super) fn check(
    key: &'static str,
    value: f64,
    min: f64,
    max: f64,
) -> Result<(), GenerateError> {
    if (min..=max).contains(&value) {
        Ok(())
    } else {
        Err(GenerateError::BadValue { key, value, min, max })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_cools_along_its_curve_and_ends_at_its_temperature() {
        let cooling = GenerateSettings {
            temperature: 1.0,
            anneal_from: Some(4.0),
            ..GenerateSettings::FROM_CHAINS
        };
        let at = |settings: &GenerateSettings, step| settings.temperature_at(step, 5);
        assert_eq!([0, 2, 4].map(|step| at(&cooling, step)), [4.0, 2.0, 1.0]);
        let linear = GenerateSettings { anneal_curve: AnnealCurve::Linear, ..cooling };
        assert_eq!([0, 2, 4].map(|step| at(&linear, step)), [4.0, 2.5, 1.0]);
        let steady = GenerateSettings { anneal_from: None, ..cooling };
        assert_eq!([0, 4].map(|step| at(&steady, step)), [1.0; 2]);
        assert_eq!(cooling.temperature_at(0, 1), 1.0);
    }

    #[test]
    fn what_is_out_of_range_is_named() {
        let settings = GenerateSettings::FROM_CHAINS;
        assert!(settings.validate().is_ok());
        let wrong = GenerateSettings { anneal_from: Some(99.0), ..settings };
        assert!(wrong.validate().unwrap_err().to_string().contains("anneal_from"));
    }
}
