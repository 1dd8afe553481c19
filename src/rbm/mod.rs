//! The restricted Boltzmann machine: parameters, Gibbs sampling, contrastive divergence, measures.
//!
//! The only room that knows libtorch. No `Tensor` leaves it: what goes in and out are slices and
//! plain structs.
//!
//! Glossary (the letters are the literature's and stand only next to a formula):
//!
//! | word | meaning |
//! |---|---|
//! | `visible`, v | what the model sees: one excerpt as `n_visible` bits |
//! | `hidden`, h | what it infers: `n_hidden` bits |
//! | `weights`, W | `n_visible` × `n_hidden` |
//! | `visible_bias` a, `hidden_bias` b | one number a unit |
//! | energy | E(v, h) = −aᵀv − bᵀh − vᵀWh |
//! | positive, negative phase | statistics under the data, under the model |
//! | persistent chains | Gibbs chains that live on between updates (Tieleman 2008) |
//! | `hidden_retention` | 1 − dropout; scales the hidden-to-visible product after training |

mod algorithm;
mod annealed;
mod arithmetic;
#[cfg(test)]
mod bars_and_stripes;
mod chain;
mod cuda_library;
mod device;
mod device_failure;
mod error;
mod exact;
mod excerpts;
mod kernel;
mod learner;
mod likelihood;
#[cfg(test)]
mod likelihood_tests;
mod looks;
mod machine;
mod measures;
#[cfg(test)]
mod measures_tests;
mod processor;
mod random;
mod rule;
#[cfg(test)]
mod small_world;
mod torch;

pub use chain::{Chain, ChainStart, Clamp, FinalVisible};
pub use cuda_library::{CudaHint, expect as expect_cuda, is_linked as has_linked_cuda};
pub use device::{
    Device, DeviceChoice, DeviceReport, device_report, set_thread_count, share_among_threads,
    thread_count,
};
pub use device_failure::DeviceFailure;
pub use error::RbmError;
pub use excerpts::{EpochOrder, ExcerptStore};
pub use learner::{Learner, LearnerState};
pub use likelihood::{
    AnnealingSettings, LogPartition, MAX_ENUMERATED_UNITS, Method, log_partition,
};
pub use machine::{InitialWeights, Initialisation, Machine, Parameters};
pub use measures::{DEAD_BELOW, Measures, SATURATED_ABOVE, UnitHealth};
pub use random::{RandomSource, Stream};
pub use rule::{Algorithm, LearningRule, Rates, Statistics, UpdateReport};
