//! One run's learning, on whatever device its machine is.

use super::algorithm::Learning;
use super::error::expect_len;
use super::kernel::{self, States, Weights};
use super::machine::Parts;
use super::torch::TorchWeights;
use super::{
    EpochOrder, ExcerptStore, LearningRule, Machine, RandomSource, Rates, RbmError, Stream,
    UpdateReport,
};

/// What learning remembers between updates, beside the parameters.
#[derive(Debug)]
pub struct Learner {
    learning: OnDevice,
    seed: u64,
}

#[derive(Debug)]
enum OnDevice {
    Processor(Learning<Weights>),
    Torch(Learning<TorchWeights>),
}

/// The state of a [`Learner`] as plain numbers, for the project file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LearnerState {
    /// Momentum of weights, visible and hidden biases, one after the other; empty without.
    pub velocity: Vec<f32>,
    /// Persistent chains as 0 and 1, n_chains × n_visible; under parallel tempering those of every
    /// temperature, the coldest first. Empty without.
    pub chains: Vec<u8>,
    /// Running mean of the hidden units under centered gradients; empty without.
    pub hidden_offset: Vec<f32>,
    /// Running activity of the hidden units while there is a sparsity target; empty without.
    pub hidden_activity: Vec<f32>,
}

impl Learner {
    /// `visible_means` are the data means over the training set: the visible offsets of centered
    /// gradients, the rates of the noise that persistent chains start from, and the base of parallel
    /// tempering.
    pub fn new(
        machine: &Machine,
        rule: LearningRule,
        visible_means: &[f32],
        seed: u64,
    ) -> Result<Self, RbmError> {
        expect_len("visible_means", visible_means.len(), machine.n_visible())?;
        let random = RandomSource::new(seed, Stream::InitialChains, 0, machine.device());
        let learning = match machine.parts() {
            Parts::Processor(weights) => {
                OnDevice::Processor(Learning::new(weights, rule, visible_means, random)?)
            }
            Parts::Torch(weights) => {
                OnDevice::Torch(Learning::new(weights, rule, visible_means, random)?)
            }
        };
        Ok(Self { learning, seed })
    }

    /// Takes up where [`state`](Self::state) left off.
    pub fn restore(&mut self, state: &LearnerState, machine: &Machine) -> Result<(), RbmError> {
        match (&mut self.learning, machine.parts()) {
            (OnDevice::Processor(learning), Parts::Processor(weights)) => {
                learning.restore(state, weights)
            }
            (OnDevice::Torch(learning), Parts::Torch(weights)) => learning.restore(state, weights),
            _ => Err(RbmError::OtherDevice),
        }
    }

    pub fn state(&self, machine: &Machine) -> Result<LearnerState, RbmError> {
        match (&self.learning, machine.parts()) {
            (OnDevice::Processor(learning), Parts::Processor(weights)) => learning.state(weights),
            (OnDevice::Torch(learning), Parts::Torch(weights)) => learning.state(weights),
            _ => Err(RbmError::OtherDevice),
        }
    }

    /// The persistent chains that give the statistics as 0 and 1, n_chains × n_visible; empty without.
    pub fn chains(&self, machine: &Machine) -> Result<Vec<u8>, RbmError> {
        match (&self.learning, machine.parts()) {
            (OnDevice::Processor(learning), Parts::Processor(weights)) => learning.chains(weights),
            (OnDevice::Torch(learning), Parts::Torch(weights)) => learning.chains(weights),
            _ => Err(RbmError::OtherDevice),
        }
    }

    /// What the updates since the last call did; `None` when there were none.
    pub fn take_report(&mut self, machine: &Machine) -> Result<Option<UpdateReport>, RbmError> {
        match (&mut self.learning, machine.parts()) {
            (OnDevice::Processor(learning), Parts::Processor(weights)) => {
                learning.take_report(weights)
            }
            (OnDevice::Torch(learning), Parts::Torch(weights)) => learning.take_report(weights),
            _ => Err(RbmError::OtherDevice),
        }
    }

    /// Learns from `count` excerpts of the order from `start` on; `update` numbers the update
    /// within the run and picks its random numbers.
    ///
    /// # Errors
    /// When the machine is not on the device for which the learner was made.
    pub fn update(
        &mut self,
        machine: &mut Machine,
        store: &ExcerptStore,
        (order, start, count): (&EpochOrder, usize, usize),
        rates: &Rates,
        update: u64,
    ) -> Result<(), RbmError> {
        let random = RandomSource::new(self.seed, Stream::Update, update, machine.device());
        machine.set_hidden_retention(1.0 - rates.dropout);
        match (&mut self.learning, machine.parts_mut()) {
            (OnDevice::Processor(learning), Parts::Processor(weights)) => {
                let batch = States::Bits(store.ordered_bits(order, start..start + count));
                kernel::install(|| learning.update(weights, batch, count, rates, random));
            }
            (OnDevice::Torch(learning), Parts::Torch(weights)) => {
                let batch = store.ordered_batch(order, start..start + count);
                learning.update(weights, batch, count, rates, random);
            }
            _ => return Err(RbmError::OtherDevice),
        }
        Ok(())
    }
}
