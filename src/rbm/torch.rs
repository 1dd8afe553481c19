//! Learning with libtorch: what CUDA runs, and what the processor's kernel is tested against.

use tch::{Kind, Tensor};

use super::arithmetic::{Arithmetic, Exchange, Tally, UpdateStep};
use super::error::expect_len;
use super::kernel::{Draw, Heat};
use super::machine::to_vec;
use super::{Device, Parameters, RbmError};

/// The parameters as tensors on a device.
#[derive(Debug)]
pub(super) struct TorchWeights {
    /// n_visible × n_hidden
    pub weights: Tensor,
    pub visible_bias: Tensor,
    pub hidden_bias: Tensor,
    pub device: Device,
}

#[derive(Debug)]
pub(super) struct Memory {
    velocity: Option<Gradient>,
    /// Σ ‖ΔW‖², Σ ‖W‖² and swaps, on the device: reading them would hold it up.
    tally: Tensor,
}

#[derive(Debug)]
struct Gradient {
    weights: Tensor,
    visible_bias: Tensor,
    hidden_bias: Tensor,
}

const CASES: [i64; 1] = [0];

impl TorchWeights {
    pub fn new(from: &Parameters, device: Device) -> Result<Self, RbmError> {
        let place = |values: &[f32]| Tensor::from_slice(values).f_to_device(device.torch());
        let shape = [from.n_visible as i64, from.n_hidden as i64];
        Ok(Self {
            weights: place(&from.weights)?.f_view(shape)?,
            visible_bias: place(&from.visible_bias)?,
            hidden_bias: place(&from.hidden_bias)?,
            device,
        })
    }

    pub fn is_finite(&self) -> bool {
        let finite = |t: &Tensor| t.sum(Kind::Double).double_value(&[]).is_finite();
        finite(&self.weights) && finite(&self.visible_bias) && finite(&self.hidden_bias)
    }

    /// vW + b. Cases × hidden.
    pub fn hidden_input(&self, visible: &Tensor) -> Tensor {
        self.hidden_bias.addmm(visible, &self.weights)
    }

    /// hWᵀ + a. Cases × visible.
    pub fn visible_input(&self, hidden: &Tensor) -> Tensor {
        self.visible_bias.addmm(hidden, &self.weights.tr())
    }

    fn place(&self, values: &[f32]) -> Tensor {
        Tensor::from_slice(values).to_device(self.device.torch())
    }

    /// 1 where the draw's uniform number lies below the probability.
    fn toss(&self, probabilities: &Tensor, draw: Draw) -> Tensor {
        let mut drawn = self.uniforms(&probabilities.size(), draw);
        drop(drawn.lt_tensor_(probabilities));
        drawn
    }

    /// On the processor the very numbers that the kernel tosses with; on CUDA libtorch's own, seeded
    /// with the draw's key.
    fn uniforms(&self, shape: &[i64], draw: Draw) -> Tensor {
        match self.device {
            Device::Cpu => {
                let numbers = draw.uniforms(shape[0] as usize, shape[1] as usize);
                Tensor::from_slice(&numbers).view(shape)
            }
            Device::Cuda => {
                tch::Cuda::manual_seed_all(draw.key >> 1);
                Tensor::empty(shape, (Kind::Float, self.device.torch())).uniform_(0.0, 1.0)
            }
        }
    }

    /// β of each case as a column.
    fn betas(&self, heat: &Heat) -> Tensor {
        self.place(&heat.betas).unsqueeze(1)
    }

    /// See [`Weights::log_weights`](super::kernel::Weights::log_weights).
    fn log_weights(&self, visible: &Tensor, base: &Tensor, betas: &Tensor) -> Tensor {
        let hidden = (self.hidden_input(visible) * betas).softplus();
        let bias = base + betas * (&self.visible_bias - base);
        let linear = (visible * bias).sum_dim_intlist([1_i64].as_slice(), false, Kind::Double);
        linear + hidden.sum_dim_intlist([1_i64].as_slice(), false, Kind::Double)
    }

    /// ⟨vhᵀ⟩ − ⟨vhᵀ⟩ of the two phases, or its centered form in the ordinary parameters (Melchior,
    /// Fischer & Wiskott 2016, equations 20 to 22).
    fn gradient(&self, step: &UpdateStep<'_, Self>) -> Gradient {
        let mean = |cases: &Tensor| cases.mean_dim(CASES.as_slice(), false, Kind::Float);
        let product = |(visible, hidden): (&Tensor, &Tensor)| {
            let n_cases = visible.size()[0] as f64;
            visible.tr().mm(&(hidden / n_cases))
        };
        let visible_bias = mean(step.positive.0) - mean(step.negative.0);
        let hidden_bias = mean(step.positive.1) - mean(step.negative.1);
        let mut weights = product(step.positive);
        drop(weights.subtract_(&product(step.negative)));
        let Some((visible, hidden)) = step.offsets else {
            return Gradient { weights, visible_bias, hidden_bias };
        };
        let visible = self.place(visible);
        drop(weights.addr_(&visible.neg(), &hidden_bias));
        drop(weights.addr_(&visible_bias.neg(), hidden));
        let visible_bias = visible_bias - weights.mv(hidden);
        let hidden_bias = hidden_bias - weights.tr().mv(&visible);
        Gradient { weights, visible_bias, hidden_bias }
    }

    /// Takes a decay off the weights' gradient. Under centering the biases move against it, so that
    /// it leaves the mean activities where they were, as every step of the weights does.
    fn decay(&self, gradient: &mut Gradient, decay: &Tensor, step: &UpdateStep<'_, Self>) {
        drop(gradient.weights.subtract_(decay));
        if let Some((visible, hidden)) = step.offsets {
            drop(gradient.visible_bias.g_add_(&decay.mv(hidden)));
            drop(gradient.hidden_bias.g_add_(&decay.tr().mv(&self.place(visible))));
        }
    }
}

impl Gradient {
    fn parts(&mut self) -> [&mut Tensor; 3] {
        [&mut self.weights, &mut self.visible_bias, &mut self.hidden_bias]
    }

    /// Scales the gradient down to a norm.
    fn limit(&mut self, norm_limit: f64) {
        let squares = |t: &Tensor| t.square().sum(Kind::Float);
        let norm =
            (squares(&self.weights) + squares(&self.visible_bias) + squares(&self.hidden_bias))
                .sqrt();
        let scale = (norm.reciprocal() * norm_limit).clamp_max(1.0);
        for part in self.parts() {
            drop(part.g_mul_(&scale));
        }
    }
}

impl Arithmetic for TorchWeights {
    type Visible = Tensor;
    type Hidden = Tensor;
    type HiddenBits = Tensor;
    type HiddenMean = Tensor;
    type Memory = Memory;

    fn n_hidden(&self) -> usize {
        self.weights.size()[1] as usize
    }

    fn new_memory(&self) -> Memory {
        let tally = Tensor::zeros([3], (Kind::Double, self.device.torch()));
        Memory { velocity: None, tally }
    }

    fn velocity(&self, memory: &Memory) -> Result<Vec<f32>, RbmError> {
        let Some(velocity) = &memory.velocity else { return Ok(Vec::new()) };
        let mut values = to_vec(&velocity.weights)?;
        values.extend(to_vec(&velocity.visible_bias)?);
        values.extend(to_vec(&velocity.hidden_bias)?);
        Ok(values)
    }

    fn set_velocity(&self, memory: &mut Memory, values: &[f32]) -> Result<(), RbmError> {
        memory.velocity = None;
        if values.is_empty() {
            return Ok(());
        }
        let (n_visible, n_hidden) = self.weights.size2()?;
        let n_weights = (n_visible * n_hidden) as usize;
        expect_len("velocity", values.len(), n_weights + (n_visible + n_hidden) as usize)?;
        let (weights, biases) = values.split_at(n_weights);
        let (visible, hidden) = biases.split_at(n_visible as usize);
        memory.velocity = Some(Gradient {
            weights: self.place(weights).view([n_visible, n_hidden]),
            visible_bias: self.place(visible),
            hidden_bias: self.place(hidden),
        });
        Ok(())
    }

    fn take_tally(&self, memory: &mut Memory) -> Result<Tally, RbmError> {
        let sums = Vec::<f64>::try_from(&memory.tally)?;
        drop(memory.tally.zero_());
        Ok(Tally { update_squares: sums[0], weight_squares: sums[1], swaps: sums[2] })
    }

    fn place_states(&self, bytes: &[u8]) -> Result<Tensor, RbmError> {
        let shape = [-1, self.weights.size()[0]];
        let bits = Tensor::from_slice(bytes).f_to_device(self.device.torch())?;
        Ok(bits.f_to_kind(Kind::Float)?.f_view(shape)?)
    }

    fn states(&self, visible: &Tensor) -> Result<Vec<u8>, RbmError> {
        Ok(Vec::<u8>::try_from(&visible.f_to_kind(Kind::Uint8)?.f_view([-1])?)?)
    }

    fn noise(&self, rates: &[f32], n_cases: usize, draw: Draw) -> Tensor {
        let shape = [n_cases as i64, rates.len() as i64];
        self.toss(&self.place(rates).expand(shape, true), draw)
    }

    fn first_cases(visible: &Tensor, n_cases: usize) -> Tensor {
        visible.narrow(0, 0, n_cases as i64)
    }

    fn hidden_probabilities(&self, visible: &Tensor, heat: Option<&Heat>) -> Tensor {
        let mut input = self.hidden_input(visible);
        if let Some(heat) = heat {
            drop(input.g_mul_(&self.betas(heat)));
        }
        input.sigmoid_()
    }

    fn sample_hidden(&self, probabilities: &Tensor, draw: Draw) -> Tensor {
        self.toss(probabilities, draw)
    }

    fn numbers(&self, bits: Tensor) -> Tensor {
        bits
    }

    fn mask(&self, n_cases: usize, rate: f64, draw: Draw) -> Tensor {
        let shape = [n_cases as i64, self.weights.size()[1]];
        self.toss(&Tensor::full(shape, rate, (Kind::Float, self.device.torch())), draw)
    }

    fn first_hidden(&self, bits: &Tensor, n_cases: usize) -> Tensor {
        bits.narrow(0, 0, n_cases as i64)
    }

    fn apply_mask(&self, hidden: &mut Tensor, mask: &Tensor) {
        drop(hidden.g_mul_(mask));
    }

    fn hidden_mean(&self, hidden: &Tensor) -> Tensor {
        hidden.mean_dim(CASES.as_slice(), false, Kind::Float)
    }

    fn place_mean(&self, values: &[f32]) -> Result<Tensor, RbmError> {
        Ok(Tensor::from_slice(values).f_to_device(self.device.torch())?)
    }

    fn mean_values(&self, mean: &Tensor) -> Result<Vec<f32>, RbmError> {
        to_vec(mean)
    }

    fn blend(&self, mean: &Tensor, newest: &Tensor, weight: f64) -> Tensor {
        mean.lerp(newest, weight)
    }

    fn pull(&self, hidden: &Tensor, mean: &Tensor, target: f64, cost: f64) -> Tensor {
        hidden + (mean.neg() + target) * cost
    }

    fn sample_visible(&self, hidden: &Tensor, heat: Option<&Heat>, draw: Draw) -> Tensor {
        let mut input = self.visible_input(hidden);
        if let Some(heat) = heat {
            let base = self.place(&heat.base);
            input = (input - &base) * self.betas(heat) + base;
        }
        self.toss(&input.sigmoid_(), draw)
    }

    fn visible_probabilities(&self, hidden: &Tensor) -> Tensor {
        self.visible_input(hidden).sigmoid_()
    }

    fn exchange(
        &self,
        chains: &mut Tensor,
        exchange: &Exchange<'_>,
        draw: Draw,
        memory: &mut Memory,
    ) {
        let n_cases = exchange.heat.betas.len();
        let mut partner: Vec<i64> = (0..n_cases as i64).collect();
        exchange.pairs().for_each(|(a, b)| partner.swap(a, b));
        let own: Vec<i64> = (0..n_cases as i64).collect();
        // Both of a pair are decided by the colder one's number.
        let decider: Vec<i64> = own.iter().zip(&partner).map(|(a, b)| *a.min(b)).collect();
        let place = |values: &[i64]| Tensor::from_slice(values).to_device(self.device.torch());
        let (own, partner, decider) = (place(&own), place(&partner), place(&decider));
        let betas = self.betas(exchange.heat);
        let base = self.place(&exchange.heat.base);
        let here = self.log_weights(chains, &base, &betas);
        let there = self.log_weights(chains, &base, &betas.index_select(0, &partner));
        let gain = there - here;
        let log_ratio = &gain + gain.index_select(0, &partner);
        let uniforms = self.uniforms(&[1, n_cases as i64], draw).view([-1]);
        let is_swapped = uniforms.index_select(0, &decider).lt_tensor(&log_ratio.exp());
        let is_swapped = is_swapped.logical_and(&own.ne_tensor(&partner));
        *chains = chains.index_select(0, &partner.where_self(&is_swapped, &own));
        let n_swaps = is_swapped.sum(Kind::Double) / 2.0;
        drop(memory.tally.narrow(0, 2, 1).g_add_(&n_swaps));
    }

    fn update(&mut self, step: &UpdateStep<'_, Self>, memory: &mut Memory) {
        let mut gradient = self.gradient(step);
        if step.gradient_norm_limit > 0.0 {
            gradient.limit(step.gradient_norm_limit);
        }
        if step.weight_decay > 0.0 {
            self.decay(&mut gradient, &(&self.weights * step.weight_decay), step);
        }
        if step.weight_decay_l1 > 0.0 {
            self.decay(&mut gradient, &(self.weights.sign() * step.weight_decay_l1), step);
        }
        if step.momentum > 0.0
            && let Some(mut velocity) = memory.velocity.take()
        {
            for (part, before) in gradient.parts().into_iter().zip(velocity.parts()) {
                drop(part.g_add_(&(&*before * step.momentum)));
            }
        }
        let rate = step.learning_rate;
        drop(self.weights.g_add_(&(&gradient.weights * rate)));
        drop(self.visible_bias.g_add_(&(&gradient.visible_bias * rate)));
        drop(self.hidden_bias.g_add_(&(&gradient.hidden_bias * rate)));
        let squares = |t: &Tensor| t.square().sum(Kind::Double);
        let update = squares(&gradient.weights) * (rate * rate);
        let sums = Tensor::stack(&[update, squares(&self.weights)], 0);
        drop(memory.tally.narrow(0, 0, 2).g_add_(&sums));
        memory.velocity = (step.momentum > 0.0).then_some(gradient);
    }
}
