//! Measures that say how well a machine knows its data.

use serde::{Deserialize, Serialize};
use tch::Kind;

use super::{ExcerptStore, Machine, RandomSource, RbmError, Stream};

/// Cases that are measured at once: bounds memory, changes no figure but by rounding.
const CHUNK: usize = 1024;

/// Measures over a set of excerpts.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measures {
    /// Mean over all excerpts and visible units of (v − p(v | h))², h sampled from p(h | v).
    pub reconstruction_error: f64,
    /// Mean free energy in nats an excerpt, of the raw weights. Only differences mean something.
    pub free_energy: f64,
}

impl Measures {
    /// Measures over every excerpt of the store; `None` when it is empty. The random numbers are
    /// those of `step` in [`Stream::Measure`], so that measuring never changes a run.
    pub fn take(
        machine: &Machine,
        store: &ExcerptStore,
        seed: u64,
        step: u64,
    ) -> Result<Option<Self>, RbmError> {
        if store.is_empty() {
            return Ok(None);
        }
        let mut random = RandomSource::new(seed, Stream::Measure, step, machine.device());
        let mut sums = tch::Tensor::zeros([2], (Kind::Double, machine.device().torch()));
        for start in (0..store.len()).step_by(CHUNK) {
            let visible = store.batch(start, CHUNK.min(store.len() - start));
            let hidden = random.bernoulli(&machine.hidden_probabilities(&visible));
            let difference = machine.retained_visible_input(&hidden).sigmoid_() - &visible;
            let squares = difference.square().sum(Kind::Double);
            let energies = machine.free_energy(&visible).sum(Kind::Double);
            sums += tch::Tensor::stack(&[squares, energies], 0);
        }
        let sums = Vec::<f64>::try_from(&sums)?;
        let n_excerpts = store.len() as f64;
        Ok(Some(Self {
            reconstruction_error: sums[0] / (n_excerpts * store.n_visible() as f64),
            free_energy: sums[1] / n_excerpts,
        }))
    }
}
