//! Learning on the processor, with the kernel.

use super::RbmError;
use super::arithmetic::{Arithmetic, Exchange, Tally, UpdateStep};
use super::error::expect_len;
use super::kernel::{
    Bits, Draw, Heat, Numbers, Phase, States, Step, Velocity, Weights, lanes_of_rows,
    rows_of_lanes, sample,
};

#[derive(Debug, Default)]
pub(super) struct Memory {
    velocity: Option<Velocity>,
    tally: Tally,
}

impl Arithmetic for Weights {
    type Visible = States;
    type Hidden = Numbers;
    type HiddenBits = Bits;
    type HiddenMean = Vec<f32>;
    type Memory = Memory;

    fn n_hidden(&self) -> usize {
        self.n_hidden()
    }

    fn new_memory(&self) -> Memory {
        Memory::default()
    }

    fn velocity(&self, memory: &Memory) -> Result<Vec<f32>, RbmError> {
        let Some(velocity) = &memory.velocity else { return Ok(Vec::new()) };
        let mut values = rows_of_lanes(&velocity.weights, self.n_visible(), self.n_hidden());
        values.extend_from_slice(&velocity.visible_bias);
        values.extend_from_slice(&velocity.hidden_bias);
        Ok(values)
    }

    fn set_velocity(&self, memory: &mut Memory, values: &[f32]) -> Result<(), RbmError> {
        let (n_visible, n_hidden) = (self.n_visible(), self.n_hidden());
        if values.is_empty() {
            memory.velocity = None;
            return Ok(());
        }
        expect_len("velocity", values.len(), n_visible * n_hidden + n_visible + n_hidden)?;
        let (weights, biases) = values.split_at(n_visible * n_hidden);
        let (visible, hidden) = biases.split_at(n_visible);
        memory.velocity = Some(Velocity {
            weights: lanes_of_rows(weights, n_visible, n_hidden),
            visible_bias: visible.to_vec(),
            hidden_bias: hidden.to_vec(),
        });
        Ok(())
    }

    fn take_tally(&self, memory: &mut Memory) -> Result<Tally, RbmError> {
        Ok(std::mem::take(&mut memory.tally))
    }

    fn place_states(&self, bytes: &[u8]) -> Result<States, RbmError> {
        Ok(States::Bits(Bits::from_bytes(bytes, self.n_visible())))
    }

    fn states(&self, visible: &States) -> Result<Vec<u8>, RbmError> {
        Ok(match visible {
            States::Bits(bits) => bits.to_bytes(),
            States::Numbers(numbers) => {
                numbers.to_rows().into_iter().map(|p| u8::from(p > 0.5)).collect()
            }
        })
    }

    fn noise(&self, rates: &[f32], n_cases: usize, draw: Draw) -> States {
        States::Bits(sample(&Numbers::repeated(rates, n_cases), draw))
    }

    fn first_cases(visible: &States, n_cases: usize) -> States {
        match visible {
            States::Bits(bits) => States::Bits(bits.first_cases(n_cases)),
            States::Numbers(numbers) => States::Numbers(numbers.first_cases(n_cases)),
        }
    }

    fn hidden_probabilities(&self, visible: &States, heat: Option<&Heat>) -> Numbers {
        self.hidden_probabilities(visible, heat)
    }

    fn sample_hidden(&self, probabilities: &Numbers, draw: Draw) -> Bits {
        sample(probabilities, draw)
    }

    fn numbers(&self, bits: Bits) -> Numbers {
        bits.to_numbers()
    }

    fn mask(&self, n_cases: usize, rate: f64, draw: Draw) -> Bits {
        let rates = vec![rate as f32; self.n_hidden()];
        sample(&Numbers::repeated(&rates, n_cases), draw)
    }

    fn first_hidden(&self, bits: &Bits, n_cases: usize) -> Bits {
        bits.first_cases(n_cases)
    }

    fn apply_mask(&self, hidden: &mut Numbers, mask: &Bits) {
        hidden.keep(mask);
    }

    fn hidden_mean(&self, hidden: &Numbers) -> Vec<f32> {
        hidden.means()
    }

    fn place_mean(&self, values: &[f32]) -> Result<Vec<f32>, RbmError> {
        Ok(values.to_vec())
    }

    fn mean_values(&self, mean: &Vec<f32>) -> Result<Vec<f32>, RbmError> {
        Ok(mean.clone())
    }

    fn blend(&self, mean: &Vec<f32>, newest: &Vec<f32>, weight: f64) -> Vec<f32> {
        let weight = weight as f32;
        mean.iter().zip(newest).map(|(mean, newest)| mean + weight * (newest - mean)).collect()
    }

    fn pull(&self, hidden: &Numbers, mean: &Vec<f32>, target: f64, cost: f64) -> Numbers {
        let pull = mean.iter().map(|&mean| (cost * (target - f64::from(mean))) as f32);
        hidden.plus(&pull.collect::<Vec<_>>())
    }

    fn sample_visible(&self, hidden: &Bits, heat: Option<&Heat>, draw: Draw) -> States {
        States::Bits(self.sample_visible(hidden, heat, draw))
    }

    fn visible_probabilities(&self, hidden: &Bits) -> States {
        States::Numbers(self.visible_probabilities(hidden))
    }

    fn exchange(
        &self,
        chains: &mut States,
        exchange: &Exchange<'_>,
        draw: Draw,
        memory: &mut Memory,
    ) {
        let Heat { betas, base } = exchange.heat;
        let mut others = betas.clone();
        exchange.pairs().for_each(|(a, b)| others.swap(a, b));
        let here = self.log_weights(chains, base, betas);
        let there = self.log_weights(chains, base, &others);
        let States::Bits(chains) = chains else { return };
        let uniforms = draw.uniforms(1, chains.n_cases);
        for (a, b) in exchange.pairs() {
            let log_ratio = there[a] + there[b] - here[a] - here[b];
            if f64::from(uniforms[a]) < log_ratio.exp() {
                chains.swap_cases(a, b);
                memory.tally.swaps += 1.0;
            }
        }
    }

    fn update(&mut self, step: &UpdateStep<'_, Self>, memory: &mut Memory) {
        if step.momentum > 0.0 {
            let zeros = || Velocity::zeros(self.n_visible(), self.n_hidden());
            memory.velocity.get_or_insert_with(zeros);
        } else {
            memory.velocity = None;
        }
        let phase = |(visible, hidden)| Phase { visible, hidden };
        let norms = self.apply(Step {
            positive: phase(step.positive),
            negative: phase(step.negative),
            offsets: step.offsets.map(|(visible, hidden)| (visible, &hidden[..])),
            learning_rate: step.learning_rate as f32,
            momentum: step.momentum as f32,
            decay: step.weight_decay as f32,
            decay_l1: step.weight_decay_l1 as f32,
            norm_limit: step.gradient_norm_limit as f32,
            velocity: memory.velocity.as_mut(),
        });
        memory.tally.update_squares += norms.update_squares;
        memory.tally.weight_squares += norms.weight_squares;
    }
}
