//! Which pictures of the model somebody looks at. What is not wanted is not computed.

use std::ops::Range;

/// The pictures that are wanted now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    pub units: Option<WantedUnits>,
    /// So many particles at most.
    pub particles: Option<usize>,
    pub step: Option<WantedStep>,
    pub histograms: bool,
    pub activity: bool,
}

impl Wanted {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// In which order the hidden units stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnitOrder {
    /// By the Euclidean norm of the weights, the largest first.
    #[default]
    Norm,
    /// By the mean of p(h | v) over a sample of the training excerpts, the most active first.
    Activity,
    /// A greedy chain: from the unit of the largest norm on, always to the unit left over whose
    /// weights have the largest cosine with those of the unit before.
    Similarity,
    /// As the model counts them.
    Number,
}

/// Weights of hidden units.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WantedUnits {
    pub order: UnitOrder,
    /// Another number than before asks to sort again.
    pub sorting: u64,
    /// Somebody points at a unit: it must not go away.
    pub holds_order: bool,
    /// The places in this order that are seen.
    pub places: Range<usize>,
    /// Units that are wanted wherever they stand.
    pub others: Vec<usize>,
}

/// One Gibbs step from a training excerpt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WantedStep {
    /// Its place among the training excerpts.
    pub excerpt: usize,
    /// Chooses the random numbers: the same number tosses alike again.
    pub toss: u64,
}
