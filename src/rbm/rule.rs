//! How the model learns: the algorithm, its statistics and its rates. Plain values.

use serde::{Deserialize, Serialize};

/// Where the negative phase comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Algorithm {
    /// Contrastive divergence (Hinton 2002): chains start at the batch.
    #[serde(rename = "cd")]
    ContrastiveDivergence,
    /// Persistent contrastive divergence (Tieleman 2008): chains live on between updates.
    #[default]
    #[serde(rename = "pcd")]
    PersistentContrastiveDivergence,
    /// Parallel tempering (Desjardins et al. 2010; Cho, Raiko & Ilin 2010): persistent chains at
    /// several inverse temperatures between 0 and 1, which swap their states; those at 1 give the
    /// statistics.
    #[serde(rename = "tempering")]
    ParallelTempering,
}

/// What goes into the statistics of an update.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Statistics {
    /// Binary samples everywhere; the data-driven hidden units are drawn twice, once to drive the
    /// chain and once for the statistics (the 2016 study's code).
    #[serde(rename = "samples")]
    Samples,
    /// Hinton's guide (UTML TR 2010-003, section 3): probabilities for the hidden units in both
    /// statistics, and for the last reconstruction under contrastive divergence.
    #[default]
    #[serde(rename = "probabilities")]
    Probabilities,
}

/// What stays fixed during a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LearningRule {
    pub algorithm: Algorithm,
    pub statistics: Statistics,
    /// Chains that give the statistics of the negative phase, unless they start at the batch.
    pub n_chains: usize,
    /// Inverse temperatures under parallel tempering, evenly from 0 to 1; each has `n_chains`. At
    /// least 2.
    pub n_temperatures: usize,
    /// Centered gradients (Montavon & Müller 2012; Melchior, Fischer & Wiskott 2016): visible
    /// offsets are the data means, hidden offsets a running mean.
    pub is_centered: bool,
}

impl LearningRule {
    /// Persistent chains at all temperatures together; 0 when the chains start at the batch.
    pub fn n_chain_cases(&self) -> usize {
        let n_temperatures = match self.algorithm {
            Algorithm::ContrastiveDivergence => 0,
            Algorithm::PersistentContrastiveDivergence => 1,
            Algorithm::ParallelTempering => self.n_temperatures.max(2),
        };
        self.n_chains.max(1) * n_temperatures
    }
}

/// What may change between two updates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rates {
    /// Times the gradient's mean over the batch.
    pub learning_rate: f64,
    /// 0 to below 1.
    pub momentum: f64,
    /// L2 penalty on the weights, not on the biases.
    pub weight_decay: f64,
    /// L1 penalty on the weights, not on the biases.
    pub weight_decay_l1: f64,
    /// Share of cases for which a hidden unit should be on; see `sparsity_cost`.
    pub sparsity_target: f64,
    /// How strongly the mean activity of each hidden unit is pulled to the target; 0 is off. The
    /// penalty is the cross-entropy of Hinton's guide, section 11: its gradient on the input of a
    /// hidden unit is cost · (target − running mean).
    pub sparsity_cost: f64,
    /// The longest that a gradient may be, as the Euclidean norm over all parameters; a longer one
    /// is scaled down to it. 0 is off.
    pub gradient_norm_limit: f64,
    /// Share of hidden units left out, drawn anew for each case (Srivastava et al. 2014, 8.1).
    pub dropout: f64,
    /// Gibbs steps of the negative phase, the k of CD-k and PCD-k. At least 1.
    pub gibbs_steps: usize,
}

impl Rates {
    /// Nothing but a learning rate and one Gibbs step.
    pub const fn plain(learning_rate: f64) -> Self {
        Self {
            learning_rate,
            momentum: 0.0,
            weight_decay: 0.0,
            weight_decay_l1: 0.0,
            sparsity_target: 0.1,
            sparsity_cost: 0.0,
            gradient_norm_limit: 0.0,
            dropout: 0.0,
            gibbs_steps: 1,
        }
    }
}

/// What the updates since the last report did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct UpdateReport {
    /// Mean size of an update of the weights over the size of the weights, as Euclidean norms.
    /// About 0.001 is healthy (Hinton's guide, section 7).
    pub update_to_weight_ratio: f64,
    /// Share of the proposed swaps of neighbouring temperatures that were made; `None` without
    /// parallel tempering.
    pub swap_rate: Option<f64>,
    /// Share of bits set in the persistent chains; `None` when there are none.
    pub chain_density: Option<f64>,
}
