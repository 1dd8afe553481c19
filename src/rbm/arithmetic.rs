//! What learning asks of a machine, whatever computes it: the processor's own kernel or libtorch.

use super::RbmError;
use super::kernel::{Draw, Heat};

/// One update, as the algorithms decide it.
pub(super) struct UpdateStep<'a, A: Arithmetic> {
    pub positive: (&'a A::Visible, &'a A::Hidden),
    pub negative: (&'a A::Visible, &'a A::Hidden),
    /// Offsets of visible and hidden units under centered gradients.
    pub offsets: Option<(&'a [f32], &'a A::HiddenMean)>,
    pub learning_rate: f64,
    pub momentum: f64,
    pub weight_decay: f64,
    pub weight_decay_l1: f64,
    /// 0 is off.
    pub gradient_norm_limit: f64,
}

/// Which chains may change places with which.
pub(super) struct Exchange<'a> {
    /// Chains of one temperature stand side by side, β = 1 first.
    pub n_chains: usize,
    pub n_temperatures: usize,
    /// 0 or 1: temperatures first, first + 1 may swap, then first + 2, first + 3, …
    pub first: usize,
    pub heat: &'a Heat,
}

impl Exchange<'_> {
    /// Cases that may swap, the colder first.
    pub fn pairs(&self) -> impl Iterator<Item = (usize, usize)> {
        let n = self.n_chains;
        (self.first..self.n_temperatures.saturating_sub(1)).step_by(2).flat_map(
            move |temperature| {
                (temperature * n..(temperature + 1) * n).map(move |case| (case, case + n))
            },
        )
    }
}

/// Sums over the updates since the last report.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Tally {
    /// Σ ‖ΔW‖² and Σ ‖W‖².
    pub update_squares: f64,
    pub weight_squares: f64,
    pub swaps: f64,
}

/// A machine's parameters with the operations of learning on them. Cases stand in rows.
pub(super) trait Arithmetic: Sized {
    /// States of the visible layer, bits or probabilities.
    type Visible;
    /// Probabilities or bits of the hidden layer, as numbers.
    type Hidden;
    /// Bits of the hidden layer, to drive the visible one.
    type HiddenBits;
    /// One number a hidden unit.
    type HiddenMean;
    /// What stays between updates: momentum and sums for the report.
    type Memory;

    fn n_hidden(&self) -> usize;

    fn new_memory(&self) -> Self::Memory;

    /// Weights, visible and hidden biases one after the other; empty when there is no momentum yet.
    fn velocity(&self, memory: &Self::Memory) -> Result<Vec<f32>, RbmError>;

    fn set_velocity(&self, memory: &mut Self::Memory, values: &[f32]) -> Result<(), RbmError>;

    /// The sums since the last call.
    fn take_tally(&self, memory: &mut Self::Memory) -> Result<Tally, RbmError>;

    /// Bytes of 0 and 1, cases × visible.
    fn place_states(&self, bytes: &[u8]) -> Result<Self::Visible, RbmError>;

    fn states(&self, visible: &Self::Visible) -> Result<Vec<u8>, RbmError>;

    /// Independent bits at these rates.
    fn noise(&self, rates: &[f32], n_cases: usize, draw: Draw) -> Self::Visible;

    fn first_cases(visible: &Self::Visible, n_cases: usize) -> Self::Visible;

    /// p(h = 1 | v); without heat β = 1.
    fn hidden_probabilities(&self, visible: &Self::Visible, heat: Option<&Heat>) -> Self::Hidden;

    fn sample_hidden(&self, probabilities: &Self::Hidden, draw: Draw) -> Self::HiddenBits;

    fn numbers(&self, bits: Self::HiddenBits) -> Self::Hidden;

    /// The same bit rate for every hidden unit.
    fn mask(&self, n_cases: usize, rate: f64, draw: Draw) -> Self::HiddenBits;

    fn first_hidden(&self, bits: &Self::HiddenBits, n_cases: usize) -> Self::HiddenBits;

    /// Sets the hidden units that the mask leaves out to 0.
    fn apply_mask(&self, hidden: &mut Self::Hidden, mask: &Self::HiddenBits);

    /// Means over the cases.
    fn hidden_mean(&self, hidden: &Self::Hidden) -> Self::HiddenMean;

    fn place_mean(&self, values: &[f32]) -> Result<Self::HiddenMean, RbmError>;

    fn mean_values(&self, mean: &Self::HiddenMean) -> Result<Vec<f32>, RbmError>;

    /// (1 − weight) · mean + weight · newest
    fn blend(
        &self,
        mean: &Self::HiddenMean,
        newest: &Self::HiddenMean,
        weight: f64,
    ) -> Self::HiddenMean;

    /// hidden + cost · (target − mean), for every case.
    fn pull(
        &self,
        hidden: &Self::Hidden,
        mean: &Self::HiddenMean,
        target: f64,
        cost: f64,
    ) -> Self::Hidden;

    /// A sample from p(v | h); without heat β = 1.
    fn sample_visible(
        &self,
        hidden: &Self::HiddenBits,
        heat: Option<&Heat>,
        draw: Draw,
    ) -> Self::Visible;

    /// p(v = 1 | h)
    fn visible_probabilities(&self, hidden: &Self::HiddenBits) -> Self::Visible;

    /// Lets neighbouring temperatures swap their states (Metropolis).
    fn exchange(
        &self,
        chains: &mut Self::Visible,
        exchange: &Exchange<'_>,
        draw: Draw,
        memory: &mut Self::Memory,
    );

    fn update(&mut self, step: &UpdateStep<'_, Self>, memory: &mut Self::Memory);
}
