//! log Z, without which no likelihood is known: exact where it can be enumerated, else between
//! two estimates of which one errs low and the other high.

use serde::{Deserialize, Serialize};

use super::{ExcerptStore, Machine, RbmError, annealed, exact};

/// The smaller layer of a machine may have so many units to be enumerated.
pub const MAX_ENUMERATED_UNITS: usize = 20;

/// How much work annealed importance sampling does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnnealingSettings {
    /// Independent runs in each direction.
    pub runs: usize,
    /// Steps from the base model to the model, one Gibbs step each.
    pub temperatures: usize,
    /// Gibbs steps from the training excerpts on before annealing back.
    pub start_steps: usize,
    pub seed: u64,
}

impl Default for AnnealingSettings {
    fn default() -> Self {
        Self { runs: 500, temperatures: 5000, start_steps: 500, seed: 1 }
    }
}

impl AnnealingSettings {
    /// # Errors
    /// Names the number that is out of range, and the range.
    pub fn validate(&self) -> Result<(), RbmError> {
        let check = |what, got, min, max| {
            let is_within = (min..=max).contains(&got);
            if is_within { Ok(()) } else { Err(RbmError::Annealing { what, got, min, max }) }
        };
        check("runs", self.runs, 2, 100_000)?;
        check("temperatures", self.temperatures, 10, 10_000_000)?;
        check("start_steps", self.start_steps, 0, 10_000_000)
    }
}

/// How log Z was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// All states of the smaller layer were summed.
    Enumeration,
    Annealing(AnnealingSettings),
}

/// log Z of the raw weights, in nats.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LogPartition {
    pub method: Method,
    /// Exact, or by annealing from the base model to the model: on average too low, which
    /// flatters the likelihood.
    pub log_z: f64,
    /// Where `log_z` may lie: three standard errors of the mean weight.
    pub log_z_low: f64,
    pub log_z_high: f64,
    /// By annealing from the model back: on average too high, which damns the likelihood, as far as
    /// the chains that it starts from have reached the model. The same as `log_z` when exact.
    pub log_z_reverse: f64,
    pub log_z_reverse_low: f64,
    pub log_z_reverse_high: f64,
}

impl LogPartition {
    pub(super) fn exact(log_z: f64) -> Self {
        Self {
            method: Method::Enumeration,
            log_z,
            log_z_low: log_z,
            log_z_high: log_z,
            log_z_reverse: log_z,
            log_z_reverse_low: log_z,
            log_z_reverse_high: log_z,
        }
    }

    /// The higher of the two estimates: the pessimistic end.
    pub fn pessimistic(&self) -> f64 {
        self.log_z.max(self.log_z_reverse)
    }

    /// How far the two estimates lie apart; 0 when exact. Where it is large, neither is to be
    /// trusted: the model has modes that no annealing of this length finds.
    pub fn gap(&self) -> f64 {
        (self.log_z_reverse - self.log_z).abs()
    }

    /// Mean log p(v) = −F̄ − log Z in nats an excerpt, with log Z at its pessimistic end.
    pub fn log_likelihood(&self, mean_free_energy: f64) -> f64 {
        -mean_free_energy - self.pessimistic()
    }

    /// The lowest and the highest log-likelihood that the two estimates with their errors leave.
    pub fn log_likelihood_range(&self, mean_free_energy: f64) -> (f64, f64) {
        let low = self.log_z_low.min(self.log_z_reverse_low);
        let high = self.log_z_high.max(self.log_z_reverse_high);
        (-mean_free_energy - high, -mean_free_energy - low)
    }
}

/// log Z: by enumeration where the smaller layer has at most [`MAX_ENUMERATED_UNITS`] units, else
/// by annealed importance sampling in both directions. It is that of the raw weights, whatever
/// `hidden_retention` is: the scaled model that reconstructs and generates has no energy.
///
/// `visible_means` are the rates of the base model, `training` is where annealing back starts.
/// `go_on` hears the share done and answers whether to go on.
///
/// # Errors
/// A stop, settings out of range, data that does not fit the machine or is empty.
pub fn log_partition(
    machine: &Machine,
    visible_means: &[f32],
    training: &ExcerptStore,
    settings: &AnnealingSettings,
    go_on: &mut dyn FnMut(f64) -> bool,
) -> Result<LogPartition, RbmError> {
    if machine.n_visible().min(machine.n_hidden()) <= MAX_ENUMERATED_UNITS {
        return Ok(LogPartition::exact(exact::log_z(machine, go_on)?));
    }
    annealed::log_partition(machine, visible_means, training, settings, go_on)
}
