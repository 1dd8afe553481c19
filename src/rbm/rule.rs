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
    /// Chains of the negative phase under persistent contrastive divergence.
    pub n_chains: usize,
    /// Centered gradients (Montavon & Müller 2012; Melchior, Fischer & Wiskott 2016): visible
    /// offsets are the data means, hidden offsets a running mean.
    pub is_centered: bool,
}

/// What may change between two updates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rates {
    pub learning_rate: f64,
    /// 0 to below 1.
    pub momentum: f64,
    /// L2 penalty on the weights, not on the biases.
    pub weight_decay: f64,
    /// Share of hidden units left out, drawn anew for each case (Srivastava et al. 2014, 8.1).
    pub dropout: f64,
    /// Gibbs steps of the negative phase, the k of CD-k and PCD-k. At least 1.
    pub gibbs_steps: usize,
}
