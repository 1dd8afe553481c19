//! The parameters on the processor, and what is done with them.

use super::coins::{Draw, SampleLogits, Sigmoid, sample};
use super::energy::{AddSoftplus, Changes, ReconstructionSums};
use super::gradient::{
    BLOCK, BlockGradient, BlockStep, Step, StepNorms, StepRates, TileCentering, TilePhase,
    TileSums, VisibleCases,
};
use super::parallel::for_each;
use super::product::{BitsTimesTile, NumbersTimesTile, Summation};
use super::simd::run;
use super::tiles::{Bits, CasesByUnit, Lane, Numbers, TILE, for_each_one, tiles_of, units_of};
use super::transpose::transpose;

/// States of the visible layer.
#[derive(Clone, Debug, PartialEq)]
pub enum States {
    Bits(Bits),
    /// Probabilities.
    Numbers(Numbers),
}

impl States {
    pub fn means(&self) -> Vec<f32> {
        match self {
            Self::Bits(bits) => bits.means(),
            Self::Numbers(numbers) => numbers.means(),
        }
    }
}

/// How hot each case is. The distribution of a case with inverse temperature β lies between the
/// model (β = 1) and independent visible units at the rates of the data (β = 0), geometrically, as on
/// the path of annealed importance sampling (Salakhutdinov & Murray 2008): its visible biases are
/// (1−β)·base + β·a, its weights and hidden biases β times those of the model.
#[derive(Clone, Debug, PartialEq)]
pub struct Heat {
    /// Inverse temperature of each case.
    pub betas: Vec<f32>,
    /// Visible biases of the base model, one a visible unit.
    pub base: Vec<f32>,
}

/// Sums over cases, for the measures.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MeasureSums {
    /// (v − p(v | h))² over all units.
    pub squares: f64,
    /// Cross-entropies of the reconstructions, nats.
    pub entropies: f64,
    pub free_energies: f64,
    /// log σ(F(ṽ) − F(v)), where one unit of ṽ is flipped.
    pub log_conditionals: f64,
    /// Bits set.
    pub bits: f64,
    /// Mean of p(h | v), one number a hidden unit.
    pub hidden: Vec<f32>,
}

/// Weights and biases. The weights are kept twice, once with the hidden units of a tile side by side
/// and once with the visible ones, because each half of a Gibbs step reads them its own way.
#[derive(Clone, Debug)]
pub struct Weights {
    n_visible: usize,
    n_hidden: usize,
    /// Block by block of 32 × 32, all blocks of the first hidden tile first. A lane holds the
    /// weights from one visible unit to the hidden units of the tile.
    pub(super) weights: Vec<Lane>,
    /// The same blocks; a lane holds the weights from one hidden unit to 32 visible ones.
    pub(super) transposed: Vec<Lane>,
    pub visible_bias: Vec<f32>,
    pub hidden_bias: Vec<f32>,
}

impl Weights {
    /// `weights` is n_visible × n_hidden, row by row.
    pub fn new(weights: &[f32], visible_bias: Vec<f32>, hidden_bias: Vec<f32>) -> Self {
        let (n_visible, n_hidden) = (visible_bias.len(), hidden_bias.len());
        let lanes = lanes_of_rows(weights, n_visible, n_hidden);
        let mut new = Self {
            n_visible,
            n_hidden,
            transposed: vec![Lane::ZERO; lanes.len()],
            weights: lanes,
            visible_bias,
            hidden_bias,
        };
        for (from, to) in new.weights.chunks(TILE).zip(new.transposed.chunks_mut(TILE)) {
            transpose(from, to);
        }
        new
    }

    pub fn n_visible(&self) -> usize {
        self.n_visible
    }

    pub fn n_hidden(&self) -> usize {
        self.n_hidden
    }

    /// n_visible × n_hidden, row by row.
    pub fn to_rows(&self) -> Vec<f32> {
        rows_of_lanes(&self.weights, self.n_visible, self.n_hidden)
    }

    /// Whether every parameter is a finite number.
    pub fn is_finite(&self) -> bool {
        // A sum of numbers is a number; one that is not stays so through every addition.
        let lanes: f32 = self.weights.iter().flat_map(|lane| lane.0).map(|w| w * 0.0).sum();
        let biases: f32 = self.visible_bias.iter().chain(&self.hidden_bias).map(|b| b * 0.0).sum();
        lanes == 0.0 && biases == 0.0
    }

    /// Sum of the squares of the weights; no finite number when one of them is none.
    pub fn weight_squares(&self) -> f64 {
        let lane = |lane: &Lane| f64::from(lane.0.iter().map(|w| w * w).sum::<f32>());
        self.weights.iter().map(lane).sum()
    }

    /// vW + b. Cases × hidden.
    pub fn hidden_inputs(&self, visible: &States) -> Numbers {
        let n_cases = match visible {
            States::Bits(bits) => bits.n_cases,
            States::Numbers(numbers) => numbers.n_cases,
        };
        let mut inputs = Numbers::zeros(n_cases, self.n_hidden);
        let bias = Numbers::lanes_of(&self.hidden_bias, 0.0);
        let how = match visible {
            States::Bits(bits) => Summation::new(bits, TILE),
            States::Numbers(_) => Summation::BySubset,
        };
        let additions = match visible {
            States::Bits(bits) => how.additions(bits),
            States::Numbers(numbers) => numbers.n_cases * numbers.n_units,
        };
        let tile_lanes = tiles_of(self.n_visible) * TILE;
        let tiles: Vec<_> = inputs.lanes.chunks_mut(n_cases.max(1)).collect();
        for_each(tiles, additions * bias.len(), |tile, sums| {
            sums.fill(bias[tile]);
            let weights = &self.weights[tile * tile_lanes..(tile + 1) * tile_lanes];
            match visible {
                States::Bits(bits) => {
                    run(BitsTimesTile { bits, weights, tile_stride: TILE, sums, how: &how });
                }
                States::Numbers(values) => run(NumbersTimesTile { values, weights, sums }),
            }
        });
        inputs
    }

    /// p(h = 1 | v) = σ(β(vW + b)). Cases × hidden; without heat β = 1.
    pub fn hidden_probabilities(&self, visible: &States, heat: Option<&Heat>) -> Numbers {
        let betas = heat.map(|heat| &heat.betas[..]);
        self.to_probabilities(self.hidden_inputs(visible), betas)
    }

    fn to_probabilities(&self, mut inputs: Numbers, betas: Option<&[f32]>) -> Numbers {
        let n_cases = inputs.n_cases.max(1);
        for (tile, lanes) in inputs.lanes.chunks_mut(n_cases).enumerate() {
            run(Sigmoid { tile, n_units: self.n_hidden, lanes, betas });
        }
        inputs
    }

    /// A sample from p(v | h) = σ(β(hWᵀ + a) + (1−β)·base). Cases × visible; without heat β = 1.
    pub fn sample_visible(&self, hidden: &Bits, heat: Option<&Heat>, draw: Draw) -> Bits {
        let base = heat.map(|heat| Numbers::lanes_of(&heat.base, 0.0));
        let mut bits = Bits::zeros(hidden.n_cases, self.n_visible);
        let words: Vec<_> = bits.words.chunks_mut(hidden.n_cases.max(1)).collect();
        self.for_visible_inputs(hidden, words, |tile, words, inputs| {
            let n_units = self.n_visible;
            let betas = heat.zip(base.as_ref()).map(|(heat, base)| (&heat.betas[..], &base[tile]));
            run(SampleLogits { draw, tile, n_units, inputs, betas, words });
        });
        bits
    }

    /// p(v = 1 | h) = σ(hWᵀ + a). Cases × visible.
    pub fn visible_probabilities(&self, hidden: &Bits) -> Numbers {
        let mut numbers = Numbers::zeros(hidden.n_cases, self.n_visible);
        let lanes: Vec<_> = numbers.lanes.chunks_mut(hidden.n_cases.max(1)).collect();
        self.for_visible_inputs(hidden, lanes, |tile, lanes, inputs| {
            lanes.copy_from_slice(inputs);
            run(Sigmoid { tile, n_units: self.n_visible, lanes, betas: None });
        });
        numbers
    }

    /// log of the unnormalised probability of each visible case at the inverse temperatures given:
    /// v·((1−β)·base + β·a) + Σⱼ softplus(β(vW + b)ⱼ), in nats. Without a base β = 1 is meant, and
    /// this is the negative free energy.
    pub fn log_weights(&self, visible: &States, base: &[f32], betas: &[f32]) -> Vec<f64> {
        let States::Bits(bits) = visible else { return Vec::new() };
        let inputs = self.hidden_inputs(visible);
        let mut sums = self.softplus_sums(&inputs, Some(betas), None);
        let bias =
            |beta: f32, unit: usize| base[unit] + beta * (self.visible_bias[unit] - base[unit]);
        for tile in 0..tiles_of(self.n_visible) {
            for ((sum, &word), &beta) in sums.iter_mut().zip(bits.tile(tile)).zip(betas) {
                for_each_one(word, |place| *sum += f64::from(bias(beta, tile * TILE + place)));
            }
        }
        sums
    }

    /// Σⱼ softplus(β · inputⱼ) of each case, with rows of the weights added to the inputs.
    fn softplus_sums(
        &self,
        inputs: &Numbers,
        betas: Option<&[f32]>,
        flips: Option<&[(usize, f32)]>,
    ) -> Vec<f64> {
        let mut sums = vec![0.0; inputs.n_cases];
        for tile in 0..tiles_of(self.n_hidden) {
            let weights = &self.weights[tile * self.lanes_per_tile()..];
            let changes = flips.map(|flips| Changes { weights, flips });
            let inputs = inputs.tile(tile);
            let sums = &mut sums;
            run(AddSoftplus { tile, n_units: self.n_hidden, inputs, betas, changes, sums });
        }
        sums
    }

    /// Sums over some cases for the measures of an epoch. `flips` names one visible unit a case,
    /// `draw` tosses the hidden units that reconstruct.
    pub fn measure(
        &self,
        visible: Bits,
        flips: &[usize],
        retention: f64,
        draw: Draw,
    ) -> MeasureSums {
        let states = States::Bits(visible);
        let inputs = self.hidden_inputs(&states);
        let States::Bits(visible) = states else { return MeasureSums::default() };
        let is_on =
            |case: usize, unit: usize| visible.tile(unit / TILE)[case] >> (unit % TILE) & 1 == 1;
        let flips: Vec<(usize, f32)> = flips
            .iter()
            .enumerate()
            .map(|(case, &unit)| (unit, if is_on(case, unit) { -1.0 } else { 1.0 }))
            .collect();
        let here = self.softplus_sums(&inputs, None, None);
        let flipped = self.softplus_sums(&inputs, None, Some(&flips));
        let mut sums = MeasureSums { bits: visible.count_ones() as f64, ..MeasureSums::default() };
        for (case, &(unit, sign)) in flips.iter().enumerate() {
            let bias = f64::from(sign * self.visible_bias[unit]);
            let energy_change = here[case] - flipped[case] - bias;
            sums.log_conditionals -= softplus(-energy_change);
            sums.free_energies -= here[case];
        }
        for (mean, bias) in visible.means().iter().zip(&self.visible_bias) {
            sums.free_energies -= f64::from(mean * bias) * visible.n_cases as f64;
        }
        let probabilities = self.to_probabilities(inputs, None);
        sums.hidden = probabilities.means();
        let hidden = sample(&probabilities, draw);
        (sums.squares, sums.entropies) = self.reconstruct(&visible, &hidden, retention as f32);
        sums
    }

    fn reconstruct(&self, visible: &Bits, hidden: &Bits, retention: f32) -> (f64, f64) {
        let bias = Numbers::lanes_of(&self.visible_bias, 0.0);
        let mut results = vec![(0.0, 0.0); tiles_of(self.n_visible)];
        self.for_visible_inputs(hidden, results.iter_mut().collect(), |tile, result, inputs| {
            *result = run(ReconstructionSums {
                tile,
                n_units: self.n_visible,
                inputs,
                bias: &bias[tile],
                retention,
                words: visible.tile(tile),
            });
        });
        results.iter().fold((0.0, 0.0), |sum, tile| (sum.0 + tile.0, sum.1 + tile.1))
    }

    /// Hands hWᵀ + a out tile by tile (a lane a case) with the item of that tile, while it is warm
    /// in the cache.
    pub fn for_visible_inputs<T: Send>(
        &self,
        hidden: &Bits,
        items: Vec<T>,
        f: impl Fn(usize, T, &[Lane]) + Sync + Send,
    ) {
        let bias = Numbers::lanes_of(&self.visible_bias, 0.0);
        let tile_stride = tiles_of(self.n_visible) * TILE;
        let how = Summation::new(hidden, tile_stride);
        let additions = (how.additions(hidden) + 4 * hidden.n_cases) * bias.len();
        for_each(items, additions, |tile, item| {
            let mut sums = vec![bias[tile]; hidden.n_cases];
            let weights = &self.transposed[tile * TILE..];
            run(BitsTimesTile { bits: hidden, weights, tile_stride, sums: &mut sums, how: &how });
            f(tile, item, &sums);
        });
    }

    /// Moves every parameter by one step: velocity ← momentum · velocity + gradient − decay;
    /// parameters += rate · velocity. The gradient is ⟨vhᵀ⟩ − ⟨vhᵀ⟩ of the two phases, or its centered
    /// form in the ordinary parameters (Melchior, Fischer & Wiskott 2016, equations 20 to 22).
    pub fn apply(&mut self, mut step: Step<'_>) -> StepNorms {
        let visible_difference =
            difference(&step.positive.visible.means(), &step.negative.visible.means());
        let hidden_difference =
            difference(&step.positive.hidden.means(), &step.negative.hidden.means());
        let frame = Frame::new(&step, &visible_difference, &hidden_difference);
        let mut scale = 1.0;
        if step.norm_limit > 0.0 {
            let sums = self.gradient_sums(&frame);
            let bias = frame.bias_gradient(&sums);
            let squares = sums.iter().map(|sums| f64::from(sums.squares)).sum::<f64>()
                + bias.iter().flatten().map(|&x| f64::from(x).powi(2)).sum::<f64>();
            scale = (step.norm_limit / squares.sqrt() as f32).min(1.0);
        }
        let rates = StepRates {
            learning_rate: step.learning_rate,
            momentum: step.momentum,
            decay: step.decay,
            decay_l1: step.decay_l1,
            scale,
        };
        let is_decaying = step.decay != 0.0 || step.decay_l1 != 0.0;
        let decay_of_means = step
            .offsets
            .filter(|_| is_decaying)
            .map(|offsets| self.decay_of_means(offsets, step.decay, step.decay_l1));
        let mut velocity = step.velocity.take();
        let velocity_lanes = velocity.as_deref_mut().map(|velocity| &mut velocity.weights);
        let (sums, norms) = self.move_weights(&frame, &rates, velocity_lanes);
        let [mut visible, mut hidden] = frame.bias_gradient(&sums);
        if let Some([of_visible, of_hidden]) = decay_of_means {
            // The gradient's scale is not the decay's.
            add_scaled_values(&mut visible, 1.0 / scale, &of_visible);
            add_scaled_values(&mut hidden, 1.0 / scale, &of_hidden);
        }
        let (visible_velocity, hidden_velocity) = match velocity {
            Some(velocity) => (Some(&mut velocity.visible_bias), Some(&mut velocity.hidden_bias)),
            None => (None, None),
        };
        move_bias(&mut self.visible_bias, &visible, &rates, visible_velocity);
        move_bias(&mut self.hidden_bias, &hidden, &rates, hidden_velocity);
        norms
    }

    fn lanes_per_tile(&self) -> usize {
        tiles_of(self.n_visible) * TILE
    }

    /// Goes over the gradient without a step, for a look at its norm.
    fn gradient_sums(&self, frame: &Frame<'_>) -> Vec<TileSums> {
        let n_blocks = tiles_of(self.n_visible);
        let mut sums = vec![TileSums::new(self.n_visible); tiles_of(self.n_hidden)];
        for_each(sums.iter_mut().collect(), frame.additions, |tile, sums| {
            let tile = frame.tile(tile);
            let mut buffer = [Lane::ZERO; BLOCK];
            for block in 0..n_blocks {
                tile.gradient(block, &mut buffer, sums);
            }
        });
        sums
    }

    /// Gradient and step, block by block, so that a gradient never leaves the cache.
    fn move_weights(
        &mut self,
        frame: &Frame<'_>,
        rates: &StepRates,
        velocity: Option<&mut Vec<Lane>>,
    ) -> (Vec<TileSums>, StepNorms) {
        let per_tile = self.lanes_per_tile();
        let n_tiles = tiles_of(self.n_hidden);
        let mut results = vec![(TileSums::new(self.n_visible), StepNorms::default()); n_tiles];
        let mut velocities: Vec<Option<&mut [Lane]>> = match velocity {
            Some(velocity) => velocity.chunks_mut(per_tile).map(Some).collect(),
            None => (0..n_tiles).map(|_| None).collect(),
        };
        let items: Vec<_> = self
            .weights
            .chunks_mut(per_tile)
            .zip(self.transposed.chunks_mut(per_tile))
            .zip(velocities.drain(..))
            .zip(&mut results)
            .collect();
        for_each(items, frame.additions, |tile, (((weights, transposed), velocity), result)| {
            let tile = frame.tile(tile);
            let mut velocity = velocity.map(|velocity| velocity.chunks_mut(BLOCK));
            let mut buffer = [Lane::ZERO; BLOCK];
            let blocks = weights.chunks_mut(BLOCK).zip(transposed.chunks_mut(BLOCK));
            for (block, (weights, transposed)) in blocks.enumerate() {
                tile.gradient(block, &mut buffer, &mut result.0);
                let gradient = &buffer[..];
                let velocity = velocity.as_mut().and_then(Iterator::next);
                let step = BlockStep { rates: *rates, gradient, weights, transposed, velocity };
                result.1 = result.1.plus(run(step));
            }
        });
        let norms = results.iter().fold(StepNorms::default(), |sum, (_, norms)| sum.plus(*norms));
        (results.into_iter().map(|(sums, _)| sums).collect(), norms)
    }
}

/// What all tiles of an update share.
struct Frame<'a> {
    visible: [VisibleCases; 2],
    hidden: [&'a Numbers; 2],
    visible_difference: &'a [f32],
    hidden_difference: &'a [f32],
    offsets: Option<Offsets<'a>>,
    additions: usize,
}

struct Offsets<'a> {
    visible: &'a [f32],
    hidden: Vec<Lane>,
    hidden_difference: Vec<Lane>,
}

impl<'a> Frame<'a> {
    fn new(step: &Step<'a>, visible_difference: &'a [f32], hidden_difference: &'a [f32]) -> Self {
        let cases = |states: &States| match states {
            States::Bits(bits) => VisibleCases::Bits(CasesByUnit::new(bits)),
            States::Numbers(numbers) => VisibleCases::Numbers(numbers.clone()),
        };
        let additions = |states: &States| match states {
            States::Bits(bits) => bits.count_ones() + bits.n_units,
            States::Numbers(numbers) => numbers.n_cases * numbers.n_units,
        };
        let (positive, negative) = (step.positive.visible, step.negative.visible);
        let n_tiles = tiles_of(hidden_difference.len());
        Self {
            visible: [cases(positive), cases(negative)],
            hidden: [step.positive.hidden, step.negative.hidden],
            visible_difference,
            hidden_difference,
            offsets: step.offsets.map(|(visible, hidden)| Offsets {
                visible,
                hidden: Numbers::lanes_of(hidden, 0.0),
                hidden_difference: Numbers::lanes_of(hidden_difference, 0.0),
            }),
            additions: (additions(positive) + additions(negative)) * n_tiles,
        }
    }

    fn tile(&self, tile: usize) -> TileFrame<'_> {
        let phase = |which: usize, sign: f32| TilePhase {
            visible: &self.visible[which],
            hidden: self.hidden[which].tile(tile),
            scale: sign / self.hidden[which].n_cases as f32,
        };
        let centering = self.offsets.as_ref().map(|offsets| TileCentering {
            visible_offset: offsets.visible,
            visible_difference: self.visible_difference,
            hidden_offset: &offsets.hidden[tile],
            hidden_difference: &offsets.hidden_difference[tile],
        });
        TileFrame { phases: [phase(0, 1.0), phase(1, -1.0)], centering }
    }

    /// The gradient of the visible and of the hidden biases.
    fn bias_gradient(&self, sums: &[TileSums]) -> [Vec<f32>; 2] {
        let mut visible = self.visible_difference.to_vec();
        let mut hidden = self.hidden_difference.to_vec();
        for (tile, sums) in sums.iter().enumerate().filter(|_| self.offsets.is_some()) {
            for (gradient, offset) in visible.iter_mut().zip(&sums.offset_visible) {
                *gradient -= offset;
            }
            let units = units_of(tile, hidden.len());
            for (gradient, offset) in hidden[units].iter_mut().zip(&sums.offset_hidden.0) {
                *gradient -= offset;
            }
        }
        [visible, hidden]
    }
}

struct TileFrame<'a> {
    phases: [TilePhase<'a>; 2],
    centering: Option<TileCentering<'a>>,
}

impl TileFrame<'_> {
    fn gradient(&self, block: usize, gradient: &mut [Lane], sums: &mut TileSums) {
        let phases = [&self.phases[0], &self.phases[1]];
        let centering = self.centering.as_ref();
        run(BlockGradient { first_row: block * BLOCK, phases, centering, gradient, sums });
    }
}

fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

fn difference(a: &[f32], b: &[f32]) -> Vec<f32> {
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}

fn add_scaled_values(values: &mut [f32], factor: f32, others: &[f32]) {
    for (value, other) in values.iter_mut().zip(others) {
        *value += factor * other;
    }
}

fn move_bias(
    bias: &mut [f32],
    gradient: &[f32],
    rates: &StepRates,
    velocity: Option<&mut Vec<f32>>,
) {
    match velocity {
        Some(velocity) => {
            for ((bias, gradient), velocity) in bias.iter_mut().zip(gradient).zip(velocity) {
                *velocity = rates.momentum * *velocity + rates.scale * gradient;
                *bias += rates.learning_rate * *velocity;
            }
        }
        None => {
            for (bias, gradient) in bias.iter_mut().zip(gradient) {
                *bias += rates.learning_rate * rates.scale * gradient;
            }
        }
    }
}

/// Lays n_visible × n_hidden numbers out in blocks, padded with zeros.
pub fn lanes_of_rows(rows: &[f32], n_visible: usize, n_hidden: usize) -> Vec<Lane> {
    let per_tile = tiles_of(n_visible) * TILE;
    let mut lanes = vec![Lane::ZERO; tiles_of(n_hidden) * per_tile];
    for (visible, row) in rows.chunks_exact(n_hidden.max(1)).enumerate() {
        for (tile, part) in row.chunks(TILE).enumerate() {
            lanes[tile * per_tile + visible].0[..part.len()].copy_from_slice(part);
        }
    }
    lanes
}

/// The way back from [`lanes_of_rows`].
pub fn rows_of_lanes(lanes: &[Lane], n_visible: usize, n_hidden: usize) -> Vec<f32> {
    let per_tile = tiles_of(n_visible) * TILE;
    let mut rows = Vec::with_capacity(n_visible * n_hidden);
    for visible in 0..n_visible {
        for tile in 0..tiles_of(n_hidden) {
            let n = units_of(tile, n_hidden).len();
            rows.extend_from_slice(&lanes[tile * per_tile + visible].0[..n]);
        }
    }
    rows
}
