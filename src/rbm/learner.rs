//! Contrastive divergence: one update of the parameters.

use tch::{Kind, Tensor};

use super::error::expect_len;
use super::excerpts::EpochOrder;
use super::machine::to_vec;
use super::{
    Algorithm, Device, ExcerptStore, LearningRule, Machine, RandomSource, Rates, RbmError,
    Statistics, Stream, UpdateReport,
};

/// Weight of the newest batch in the running mean of the hidden units (Melchior et al. 2016).
const HIDDEN_OFFSET_RATE: f64 = 0.01;

/// What learning remembers between updates, beside the parameters.
#[derive(Debug)]
pub struct Learner {
    rule: LearningRule,
    velocity: Option<Gradient>,
    /// Persistent chains, n_chains × n_visible.
    chains: Option<Tensor>,
    offsets: Option<Offsets>,
    seed: u64,
    /// Sum of the ratios of update to weight since the last report, and their number.
    ratios: (Tensor, u32),
}

/// The state of a [`Learner`] as plain numbers, for the project file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LearnerState {
    /// Momentum of weights, visible and hidden biases, one after the other; empty without.
    pub velocity: Vec<f32>,
    /// Persistent chains as 0 and 1, n_chains × n_visible; empty without.
    pub chains: Vec<u8>,
    /// Running mean of the hidden units under centered gradients; empty without.
    pub hidden_offset: Vec<f32>,
}

#[derive(Debug)]
struct Offsets {
    visible: Tensor,
    hidden: Tensor,
}

#[derive(Debug)]
struct Gradient {
    weights: Tensor,
    visible_bias: Tensor,
    hidden_bias: Tensor,
}

/// Cases of one phase: visible and hidden, and one over their number.
struct Phase {
    visible: Tensor,
    hidden: Tensor,
}

impl Learner {
    /// `visible_means` are the data means over the training set: the visible offsets of centered
    /// gradients, and the rates of the noise that persistent chains start from.
    pub fn new(
        machine: &Machine,
        rule: LearningRule,
        visible_means: &[f32],
        seed: u64,
    ) -> Result<Self, RbmError> {
        expect_len("visible_means", visible_means.len(), machine.n_visible())?;
        let device = machine.device();
        let means = Tensor::from_slice(visible_means).f_to_device(device.torch())?;
        let chains = (rule.algorithm != Algorithm::ContrastiveDivergence).then(|| {
            let shape = [rule.n_chains.max(1) as i64, means.size()[0]];
            let mut random = RandomSource::new(seed, Stream::InitialChains, 0, device);
            random.bernoulli(&means.expand(shape, true))
        });
        let offsets = rule
            .is_centered
            .then(|| Offsets { visible: means, hidden: machine.hidden_bias.zeros_like() + 0.5 });
        let ratios = (Tensor::zeros([], (Kind::Float, device.torch())), 0);
        Ok(Self { rule, velocity: None, chains, offsets, seed, ratios })
    }

    /// Takes up where [`state`](Self::state) left off.
    pub fn restore(&mut self, state: &LearnerState, machine: &Machine) -> Result<(), RbmError> {
        let (n_visible, n_hidden) = (machine.n_visible(), machine.n_hidden());
        let device = machine.device();
        if let Some(chains) = &mut self.chains {
            let n_chains = self.rule.n_chains.max(1);
            expect_len("chains", state.chains.len(), n_chains * n_visible)?;
            let shape = [n_chains as i64, n_visible as i64];
            let bits = Tensor::from_slice(&state.chains).f_to_device(device.torch())?;
            *chains = bits.f_to_kind(Kind::Float)?.f_view(shape)?;
        }
        if let Some(offsets) = &mut self.offsets {
            expect_len("hidden_offset", state.hidden_offset.len(), n_hidden)?;
            offsets.hidden =
                Tensor::from_slice(&state.hidden_offset).f_to_device(device.torch())?;
        }
        self.velocity = Gradient::from_values(&state.velocity, n_visible, n_hidden, device)?;
        Ok(())
    }

    pub fn state(&self) -> Result<LearnerState, RbmError> {
        Ok(LearnerState {
            velocity: match &self.velocity {
                Some(velocity) => velocity.values()?,
                None => Vec::new(),
            },
            chains: self.chains()?,
            hidden_offset: match &self.offsets {
                Some(offsets) => to_vec(&offsets.hidden)?,
                None => Vec::new(),
            },
        })
    }

    /// The persistent chains as 0 and 1, n_chains × n_visible; empty without.
    pub fn chains(&self) -> Result<Vec<u8>, RbmError> {
        let Some(chains) = &self.chains else {
            return Ok(Vec::new());
        };
        Ok(Vec::<u8>::try_from(&chains.f_to_kind(Kind::Uint8)?.f_view([-1])?)?)
    }

    /// What the updates since the last call did; `None` when there were none.
    pub fn take_report(&mut self) -> Option<UpdateReport> {
        let (sum, n_updates) = &mut self.ratios;
        if *n_updates == 0 {
            return None;
        }
        let update_to_weight_ratio = sum.double_value(&[]) / f64::from(*n_updates);
        drop(sum.zero_());
        *n_updates = 0;
        let chain_density =
            self.chains.as_ref().map(|chains| chains.mean(Kind::Float).double_value(&[]));
        Some(UpdateReport { update_to_weight_ratio, swap_rate: None, chain_density })
    }

    /// Learns from `count` excerpts of the order from `start` on; `update` numbers the update
    /// within the run and picks its random numbers.
    pub fn update(
        &mut self,
        machine: &mut Machine,
        store: &ExcerptStore,
        (order, start, count): (&EpochOrder, usize, usize),
        rates: &Rates,
        update: u64,
    ) {
        let batch = store.ordered_batch(order, start, count);
        self.update_from(machine, &batch, rates, update);
    }

    /// Learns from a batch, cases × visible.
    pub(super) fn update_from(
        &mut self,
        machine: &mut Machine,
        batch: &Tensor,
        rates: &Rates,
        update: u64,
    ) {
        let mut random = RandomSource::new(self.seed, Stream::Update, update, machine.device());
        let (positive, negative) = self.phases(machine, batch, rates, &mut random);
        let gradient = self.gradient(&positive, &negative);
        if let Some(offsets) = &mut self.offsets {
            let mean = positive.hidden.mean_dim([0_i64].as_slice(), false, Kind::Float);
            offsets.hidden = offsets.hidden.lerp(&mean, HIDDEN_OFFSET_RATE);
        }
        self.apply(machine, gradient, rates);
        machine.hidden_retention = 1.0 - rates.dropout;
    }

    fn phases(
        &mut self,
        machine: &Machine,
        batch: &Tensor,
        rates: &Rates,
        random: &mut RandomSource,
    ) -> (Phase, Phase) {
        let n_cases = batch.size()[0];
        let mask = dropout_mask(n_cases, machine, rates.dropout, random);
        let probabilities = masked(machine.hidden_probabilities(batch), mask.as_ref());
        let first = random.bernoulli(&probabilities);
        let hidden = match self.rule.statistics {
            Statistics::Samples => random.bernoulli(&probabilities),
            Statistics::Probabilities => probabilities,
        };
        let positive = Phase { visible: batch.shallow_clone(), hidden };
        let negative = if let Some(chains) = &mut self.chains {
            let mask = dropout_mask(chains.size()[0], machine, rates.dropout, random);
            let walk = Walk { machine, mask, statistics: self.rule.statistics };
            let negative = walk.persistent(chains, rates.gibbs_steps, random);
            *chains = negative.visible.shallow_clone();
            negative
        } else {
            let walk = Walk { machine, mask, statistics: self.rule.statistics };
            walk.contrastive(first, rates.gibbs_steps, random)
        };
        (positive, negative)
    }

    /// ⟨vhᵀ⟩ − ⟨vhᵀ⟩ of the two phases, or its centered form in the ordinary parameters
    /// (Melchior, Fischer & Wiskott 2016, equations 20 to 22).
    fn gradient(&self, positive: &Phase, negative: &Phase) -> Gradient {
        let visible_bias = positive.mean_visible() - negative.mean_visible();
        let hidden_bias = positive.mean_hidden() - negative.mean_hidden();
        let mut weights = positive.mean_product();
        drop(weights.subtract_(&negative.mean_product()));
        let Some(Offsets { visible, hidden }) = &self.offsets else {
            return Gradient { weights, visible_bias, hidden_bias };
        };
        drop(weights.addr_(&visible.neg(), &hidden_bias));
        drop(weights.addr_(&visible_bias.neg(), hidden));
        let visible_bias = visible_bias - weights.mv(hidden);
        let hidden_bias = hidden_bias - weights.tr().mv(visible);
        Gradient { weights, visible_bias, hidden_bias }
    }

    /// velocity ← momentum · velocity + gradient − decay · W; parameters += rate · velocity.
    fn apply(&mut self, machine: &mut Machine, mut gradient: Gradient, rates: &Rates) {
        let size_before = machine.weights.norm();
        if rates.weight_decay > 0.0 {
            drop(gradient.weights.subtract_(&(&machine.weights * rates.weight_decay)));
        }
        if rates.momentum > 0.0 {
            if let Some(velocity) = &self.velocity {
                gradient.add_scaled(velocity, rates.momentum);
            }
            self.count(&gradient, &size_before, rates);
            gradient.step(machine, rates.learning_rate);
            self.velocity = Some(gradient);
        } else {
            self.count(&gradient, &size_before, rates);
            gradient.step(machine, rates.learning_rate);
            self.velocity = None;
        }
    }
}

impl Learner {
    fn count(&mut self, gradient: &Gradient, size_before: &Tensor, rates: &Rates) {
        self.ratios.0 += gradient.weights.norm() * rates.learning_rate / size_before;
        self.ratios.1 += 1;
    }
}

/// The negative phase.
struct Walk<'a> {
    machine: &'a Machine,
    mask: Option<Tensor>,
    statistics: Statistics,
}

impl Walk<'_> {
    /// CD-k from the hidden units that the data drove.
    fn contrastive(&self, first: Tensor, gibbs_steps: usize, random: &mut RandomSource) -> Phase {
        let mut hidden = first;
        for _ in 1..gibbs_steps {
            let visible = random.bernoulli(&self.machine.visible_probabilities(&hidden));
            hidden = random.bernoulli(&self.hidden_probabilities(&visible));
        }
        let probabilities = self.machine.visible_probabilities(&hidden);
        let visible = match self.statistics {
            Statistics::Samples => random.bernoulli(&probabilities),
            Statistics::Probabilities => probabilities,
        };
        self.finish(visible, random)
    }

    /// PCD-k: k steps on from where the chains stood. The chains are samples always.
    fn persistent(&self, chains: &Tensor, gibbs_steps: usize, random: &mut RandomSource) -> Phase {
        let mut visible = chains.shallow_clone();
        for _ in 0..gibbs_steps.max(1) {
            let hidden = random.bernoulli(&self.hidden_probabilities(&visible));
            visible = random.bernoulli(&self.machine.visible_probabilities(&hidden));
        }
        self.finish(visible, random)
    }

    fn finish(&self, visible: Tensor, random: &mut RandomSource) -> Phase {
        let probabilities = self.hidden_probabilities(&visible);
        let hidden = match self.statistics {
            Statistics::Samples => random.bernoulli(&probabilities),
            Statistics::Probabilities => probabilities,
        };
        Phase { visible, hidden }
    }

    fn hidden_probabilities(&self, visible: &Tensor) -> Tensor {
        masked(self.machine.hidden_probabilities(visible), self.mask.as_ref())
    }
}

impl Phase {
    fn mean_visible(&self) -> Tensor {
        self.visible.mean_dim([0_i64].as_slice(), false, Kind::Float)
    }

    fn mean_hidden(&self) -> Tensor {
        self.hidden.mean_dim([0_i64].as_slice(), false, Kind::Float)
    }

    /// vᵀh over the number of cases; the division is done on the smaller side.
    fn mean_product(&self) -> Tensor {
        let n_cases = self.visible.size()[0] as f64;
        self.visible.tr().mm(&(&self.hidden / n_cases))
    }
}

impl Gradient {
    fn add_scaled(&mut self, other: &Self, factor: f64) {
        drop(self.weights.g_add_(&(&other.weights * factor)));
        drop(self.visible_bias.g_add_(&(&other.visible_bias * factor)));
        drop(self.hidden_bias.g_add_(&(&other.hidden_bias * factor)));
    }

    fn step(&self, machine: &mut Machine, learning_rate: f64) {
        drop(machine.weights.g_add_(&(&self.weights * learning_rate)));
        drop(machine.visible_bias.g_add_(&(&self.visible_bias * learning_rate)));
        drop(machine.hidden_bias.g_add_(&(&self.hidden_bias * learning_rate)));
    }

    fn values(&self) -> Result<Vec<f32>, RbmError> {
        let mut values = to_vec(&self.weights)?;
        values.extend(to_vec(&self.visible_bias)?);
        values.extend(to_vec(&self.hidden_bias)?);
        Ok(values)
    }

    fn from_values(
        values: &[f32],
        n_visible: usize,
        n_hidden: usize,
        device: Device,
    ) -> Result<Option<Self>, RbmError> {
        if values.is_empty() {
            return Ok(None);
        }
        expect_len("velocity", values.len(), n_visible * n_hidden + n_visible + n_hidden)?;
        let (weights, biases) = values.split_at(n_visible * n_hidden);
        let (visible, hidden) = biases.split_at(n_visible);
        let place = |values: &[f32]| Tensor::from_slice(values).f_to_device(device.torch());
        Ok(Some(Self {
            weights: place(weights)?.f_view([n_visible as i64, n_hidden as i64])?,
            visible_bias: place(visible)?,
            hidden_bias: place(hidden)?,
        }))
    }
}

/// A fresh mask for each case: 1 for the hidden units that take part.
fn dropout_mask(
    n_cases: i64,
    machine: &Machine,
    dropout: f64,
    random: &mut RandomSource,
) -> Option<Tensor> {
    (dropout > 0.0).then(|| {
        let shape = [n_cases, machine.n_hidden() as i64];
        let retained = Tensor::full(shape, 1.0 - dropout, (Kind::Float, machine.device().torch()));
        random.bernoulli(&retained)
    })
}

fn masked(mut probabilities: Tensor, mask: Option<&Tensor>) -> Tensor {
    if let Some(mask) = mask {
        drop(probabilities.g_mul_(mask));
    }
    probabilities
}
