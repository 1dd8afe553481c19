//! Contrastive divergence, its persistent form and parallel tempering, whatever computes them.

use super::arithmetic::{Arithmetic, Exchange, UpdateStep};
use super::error::expect_len;
use super::kernel::Heat;
use super::{
    Algorithm, LearnerState, LearningRule, RandomSource, Rates, RbmError, Statistics, UpdateReport,
};

/// Weight of the newest batch in the running mean of the hidden units (Melchior et al. 2016).
const HIDDEN_OFFSET_RATE: f64 = 0.01;
/// Weight of the newest batch in the running activity that sparsity pulls at (Hinton's guide names
/// 0.01 to 0.1).
const ACTIVITY_RATE: f64 = 0.05;

/// What learning remembers between updates, beside the parameters.
#[derive(Debug)]
pub(super) struct Learning<A: Arithmetic> {
    rule: LearningRule,
    memory: A::Memory,
    chains: Option<Chains<A::Visible>>,
    /// Means of the data, one a visible unit.
    visible_means: Vec<f32>,
    hidden_offset: Option<A::HiddenMean>,
    /// Running mean of p(h | data), while sparsity is on.
    activity: Option<A::HiddenMean>,
    n_updates: u64,
    n_proposed_swaps: u64,
}

/// Persistent chains, those of one temperature side by side, β = 1 first.
#[derive(Debug)]
struct Chains<V> {
    visible: V,
    n_chains: usize,
    n_temperatures: usize,
    /// Under parallel tempering.
    heat: Option<Heat>,
}

/// Cases of one phase.
struct Phase<A: Arithmetic> {
    visible: A::Visible,
    hidden: A::Hidden,
}

impl<A: Arithmetic> Learning<A> {
    pub fn new(
        machine: &A,
        rule: LearningRule,
        visible_means: &[f32],
        mut random: RandomSource,
    ) -> Result<Self, RbmError> {
        let n_chains = rule.n_chains.max(1);
        let n_temperatures = rule.n_chain_cases() / n_chains;
        let chains = (n_temperatures > 0).then(|| Chains {
            visible: machine.noise(visible_means, n_chains * n_temperatures, random.next_draw()),
            n_chains,
            n_temperatures,
            heat: (n_temperatures > 1).then(|| heat(n_chains, n_temperatures, visible_means)),
        });
        let half = vec![0.5; machine.n_hidden()];
        let hidden_offset = rule.is_centered.then(|| machine.place_mean(&half)).transpose()?;
        Ok(Self {
            rule,
            memory: machine.new_memory(),
            chains,
            visible_means: visible_means.to_vec(),
            hidden_offset,
            activity: None,
            n_updates: 0,
            n_proposed_swaps: 0,
        })
    }

    pub fn restore(&mut self, state: &LearnerState, machine: &A) -> Result<(), RbmError> {
        let n_hidden = machine.n_hidden();
        if let Some(chains) = &mut self.chains {
            let n_cases = chains.n_chains * chains.n_temperatures;
            expect_len("chains", state.chains.len(), n_cases * self.visible_means.len())?;
            chains.visible = machine.place_states(&state.chains)?;
        }
        if let Some(offset) = &mut self.hidden_offset {
            expect_len("hidden_offset", state.hidden_offset.len(), n_hidden)?;
            *offset = machine.place_mean(&state.hidden_offset)?;
        }
        self.activity = None;
        if !state.hidden_activity.is_empty() {
            expect_len("hidden_activity", state.hidden_activity.len(), n_hidden)?;
            self.activity = Some(machine.place_mean(&state.hidden_activity)?);
        }
        machine.set_velocity(&mut self.memory, &state.velocity)
    }

    pub fn state(&self, machine: &A) -> Result<LearnerState, RbmError> {
        let values = |mean: &Option<A::HiddenMean>| match mean {
            Some(mean) => machine.mean_values(mean),
            None => Ok(Vec::new()),
        };
        Ok(LearnerState {
            velocity: machine.velocity(&self.memory)?,
            chains: match &self.chains {
                Some(chains) => machine.states(&chains.visible)?,
                None => Vec::new(),
            },
            hidden_offset: values(&self.hidden_offset)?,
            hidden_activity: values(&self.activity)?,
        })
    }

    /// The chains that give the statistics, n_chains × n_visible; empty without.
    pub fn chains(&self, machine: &A) -> Result<Vec<u8>, RbmError> {
        match &self.chains {
            Some(chains) => machine.states(&A::first_cases(&chains.visible, chains.n_chains)),
            None => Ok(Vec::new()),
        }
    }

    pub fn take_report(&mut self, machine: &A) -> Result<Option<UpdateReport>, RbmError> {
        if self.n_updates == 0 {
            return Ok(None);
        }
        let tally = machine.take_tally(&mut self.memory)?;
        let proposed = std::mem::take(&mut self.n_proposed_swaps);
        self.n_updates = 0;
        let chains = self.chains(machine)?;
        let n_on = chains.iter().map(|&bit| u64::from(bit)).sum::<u64>();
        Ok(Some(UpdateReport {
            update_to_weight_ratio: (tally.update_squares / tally.weight_squares).sqrt(),
            swap_rate: (proposed > 0).then(|| tally.swaps / proposed as f64),
            chain_density: (!chains.is_empty()).then(|| n_on as f64 / chains.len() as f64),
        }))
    }

    /// Learns from a batch.
    pub fn update(
        &mut self,
        machine: &mut A,
        batch: A::Visible,
        n_cases: usize,
        rates: &Rates,
        mut random: RandomSource,
    ) {
        let random = &mut random;
        let mask = dropout_mask(machine, n_cases, rates, random);
        let probabilities = hidden_probabilities(machine, &batch, None, mask.as_ref());
        let newest = machine.hidden_mean(&probabilities);
        let negative = match self.rule.algorithm {
            Algorithm::ContrastiveDivergence => {
                let first = machine.sample_hidden(&probabilities, random.next_draw());
                self.contrastive(machine, first, mask.as_ref(), rates.gibbs_steps, random)
            }
            _ => self.persistent(machine, rates, random),
        };
        let hidden = self.statistics(machine, probabilities, random);
        let offset = machine.hidden_mean(&hidden);
        let hidden = self.pulled(machine, hidden, newest, rates);
        let positive = Phase { visible: batch, hidden };
        self.step(machine, &positive, &negative, rates);
        if let Some(mean) = &mut self.hidden_offset {
            *mean = machine.blend(mean, &offset, HIDDEN_OFFSET_RATE);
        }
        self.n_updates += 1;
    }

    fn step(&mut self, machine: &mut A, positive: &Phase<A>, negative: &Phase<A>, rates: &Rates) {
        let step = UpdateStep {
            positive: (&positive.visible, &positive.hidden),
            negative: (&negative.visible, &negative.hidden),
            offsets: self.hidden_offset.as_ref().map(|hidden| (&self.visible_means[..], hidden)),
            learning_rate: rates.learning_rate,
            momentum: rates.momentum,
            weight_decay: rates.weight_decay,
            weight_decay_l1: rates.weight_decay_l1,
            gradient_norm_limit: rates.gradient_norm_limit,
        };
        machine.update(&step, &mut self.memory);
    }

    /// What goes into the statistics for these probabilities.
    fn statistics(
        &self,
        machine: &A,
        probabilities: A::Hidden,
        random: &mut RandomSource,
    ) -> A::Hidden {
        match self.rule.statistics {
            Statistics::Samples => {
                machine.numbers(machine.sample_hidden(&probabilities, random.next_draw()))
            }
            Statistics::Probabilities => probabilities,
        }
    }

    /// Adds the gradient of the sparsity penalty to the data's hidden units: it acts like a little
    /// more, or less, activity in every case.
    fn pulled(
        &mut self,
        machine: &A,
        hidden: A::Hidden,
        newest: A::HiddenMean,
        rates: &Rates,
    ) -> A::Hidden {
        if rates.sparsity_cost <= 0.0 {
            self.activity = None;
            return hidden;
        }
        let activity = match &self.activity {
            Some(activity) => machine.blend(activity, &newest, ACTIVITY_RATE),
            None => newest,
        };
        let pulled = machine.pull(&hidden, &activity, rates.sparsity_target, rates.sparsity_cost);
        self.activity = Some(activity);
        pulled
    }

    /// CD-k from the hidden units that the data drove.
    fn contrastive(
        &self,
        machine: &A,
        first: A::HiddenBits,
        mask: Option<&A::HiddenBits>,
        gibbs_steps: usize,
        random: &mut RandomSource,
    ) -> Phase<A> {
        let mut hidden = first;
        for _ in 1..gibbs_steps {
            let visible = machine.sample_visible(&hidden, None, random.next_draw());
            let probabilities = hidden_probabilities(machine, &visible, None, mask);
            hidden = machine.sample_hidden(&probabilities, random.next_draw());
        }
        let visible = match self.rule.statistics {
            Statistics::Samples => machine.sample_visible(&hidden, None, random.next_draw()),
            Statistics::Probabilities => machine.visible_probabilities(&hidden),
        };
        let hidden = hidden_probabilities(machine, &visible, None, mask);
        let hidden = self.statistics(machine, hidden, random);
        Phase { visible, hidden }
    }

    /// PCD-k: k steps on from where the chains stood, at every temperature, and then the swaps. The
    /// chains are samples always.
    fn persistent(&mut self, machine: &A, rates: &Rates, random: &mut RandomSource) -> Phase<A> {
        let Some(mut chains) = self.chains.take() else {
            unreachable!("persistent algorithms begin with chains");
        };
        let n_cases = chains.n_chains * chains.n_temperatures;
        let heat = chains.heat.as_ref();
        let mask = dropout_mask(machine, n_cases, rates, random);
        for _ in 0..rates.gibbs_steps.max(1) {
            let hidden = hidden_probabilities(machine, &chains.visible, heat, mask.as_ref());
            let hidden = machine.sample_hidden(&hidden, random.next_draw());
            chains.visible = machine.sample_visible(&hidden, heat, random.next_draw());
        }
        if let Some(heat) = heat {
            let exchange = Exchange {
                n_chains: chains.n_chains,
                n_temperatures: chains.n_temperatures,
                first: random.below(2),
                heat,
            };
            self.n_proposed_swaps += exchange.pairs().count() as u64;
            let draw = random.next_draw();
            machine.exchange(&mut chains.visible, &exchange, draw, &mut self.memory);
        }
        let visible = A::first_cases(&chains.visible, chains.n_chains);
        let mask = mask.map(|mask| machine.first_hidden(&mask, chains.n_chains));
        let hidden = hidden_probabilities(machine, &visible, None, mask.as_ref());
        let hidden = self.statistics(machine, hidden, random);
        self.chains = Some(chains);
        Phase { visible, hidden }
    }
}

/// Inverse temperatures evenly from 1 down to 0, and the independent bits that are left at 0.
fn heat(n_chains: usize, n_temperatures: usize, visible_means: &[f32]) -> Heat {
    let beta = |temperature: usize| 1.0 - temperature as f32 / (n_temperatures - 1) as f32;
    let betas = (0..n_temperatures * n_chains).map(|case| beta(case / n_chains)).collect();
    Heat { betas, base: super::machine::log_odds_of(visible_means) }
}

/// A fresh mask for each case: 1 for the hidden units that take part.
fn dropout_mask<A: Arithmetic>(
    machine: &A,
    n_cases: usize,
    rates: &Rates,
    random: &mut RandomSource,
) -> Option<A::HiddenBits> {
    (rates.dropout > 0.0).then(|| machine.mask(n_cases, 1.0 - rates.dropout, random.next_draw()))
}

fn hidden_probabilities<A: Arithmetic>(
    machine: &A,
    visible: &A::Visible,
    heat: Option<&Heat>,
    mask: Option<&A::HiddenBits>,
) -> A::Hidden {
    let mut probabilities = machine.hidden_probabilities(visible, heat);
    if let Some(mask) = mask {
        machine.apply_mask(&mut probabilities, mask);
    }
    probabilities
}
