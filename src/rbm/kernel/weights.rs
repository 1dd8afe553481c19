//! The parameters on the processor, and what is done with them.

use super::coins::{Draw, SampleLogits, Sigmoid, sample};
use super::energy::{AddSoftplus, Changes, ReconstructionSums};
use super::flips::Flips;
use super::gradient::{BLOCK, Squares};
use super::parallel::{for_each, for_each_with};
use super::product::{BitsTimesTile, NumbersTimesTile, Summation};
use super::simd::run;
use super::tiles::{Bits, Lane, Numbers, TILE, for_each_one, tiles_of, units_of};
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
    /// Sum of the squares of the weights of each block.
    pub(super) block_squares: Vec<f64>,
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
            block_squares: lanes.chunks(BLOCK).map(|block| run(Squares(block))).collect(),
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
        let biases = self.visible_bias.iter().chain(&self.hidden_bias);
        self.weight_squares().is_finite() && biases.map(|bias| bias * 0.0).sum::<f32>() == 0.0
    }

    /// Sum of the squares of the weights; no finite number when one of them is none.
    pub fn weight_squares(&self) -> f64 {
        self.block_squares.iter().sum()
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

    /// Sums over some cases for the measures of an epoch. `flips` names the visible units that the
    /// pseudo-log-likelihood flips, `draw` tosses the hidden units that reconstruct.
    pub fn measure(
        &self,
        visible: Bits,
        flips: &[Flips],
        retention: f64,
        draw: Draw,
    ) -> MeasureSums {
        let states = States::Bits(visible);
        let inputs = self.hidden_inputs(&states);
        let States::Bits(visible) = states else { return MeasureSums::default() };
        let here = self.softplus_sums(&inputs, None, None);
        let mut sums = MeasureSums { bits: visible.count_ones() as f64, ..MeasureSums::default() };
        sums.free_energies -= here.iter().sum::<f64>();
        for flips in flips {
            let flipped = self.softplus_sums(&inputs, None, Some(&flips.units));
            let energies = here.iter().zip(flipped).map(|(here, flipped)| here - flipped);
            let weighted = flips.units.iter().zip(&flips.weights);
            for (energy, (&(unit, sign), weight)) in energies.zip(weighted) {
                let energy_change = energy - f64::from(sign * self.visible_bias[unit]);
                sums.log_conditionals -= weight * softplus(-energy_change);
            }
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
        let new = || vec![Lane::ZERO; hidden.n_cases];
        for_each_with(items, additions, &new, |sums: &mut Vec<Lane>, tile, item| {
            sums.fill(bias[tile]);
            let weights = &self.transposed[tile * TILE..];
            run(BitsTimesTile { bits: hidden, weights, tile_stride, sums, how: &how });
            f(tile, item, sums);
        });
    }

    pub(super) fn lanes_per_tile(&self) -> usize {
        tiles_of(self.n_visible) * TILE
    }
}

fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
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
