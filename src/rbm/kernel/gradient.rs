//! The update: from the states of the two phases to new weights, a tile of hidden units at a time.

use pulp::Simd;

use super::simd::{Kernel, add, add_scaled, dot, load, splat, store};
use super::tiles::{Lane, Numbers, TILE, tiles_of};
use super::transpose::transpose;
use super::weights::States;

/// Rows that are worked on together: their gradient stays in the first-level cache.
pub const BLOCK: usize = TILE;

/// One phase over a tile of hidden units: Σ visible · hidden over the cases, times `scale`.
pub struct TilePhase<'a> {
    pub visible: &'a States,
    /// The tile's hidden units, a lane a case.
    pub hidden: &'a [Lane],
    /// One over the number of cases, negative for the negative phase.
    pub scale: f32,
}

/// Offsets of the centered gradient and what they multiply, for a tile of hidden units.
pub struct TileCentering<'a> {
    /// One a visible unit.
    pub visible_offset: &'a [f32],
    /// Mean of v under the data less its mean under the model, one a visible unit.
    pub visible_difference: &'a [f32],
    pub hidden_offset: &'a Lane,
    pub hidden_difference: &'a Lane,
}

/// What the gradient of a tile gives beside itself.
#[derive(Clone, Debug)]
pub struct TileSums {
    /// Sum of squares, where it was asked for.
    pub squares: f64,
    /// Σ over visible units of gradient · visible offset, for the hidden biases.
    pub offset_hidden: Lane,
    /// Σ over the tile's hidden units of gradient · hidden offset, one a visible unit.
    pub offset_visible: Vec<f32>,
}

impl TileSums {
    pub fn new(n_rows: usize) -> Self {
        Self { squares: 0.0, offset_hidden: Lane::ZERO, offset_visible: vec![0.0; n_rows] }
    }
}

/// The gradient of one block of a tile: `BLOCK` visible units × 32 hidden ones. Melchior, Fischer &
/// Wiskott 2016, equation 20, where there are offsets.
pub struct BlockGradient<'a> {
    pub block: usize,
    pub phases: &'a [TilePhase<'a>; 2],
    pub centering: Option<&'a TileCentering<'a>>,
    /// What becomes of the gradient on its way to a step; none leaves it as it is.
    pub shrinkage: Option<Shrinkage<'a>>,
    pub gradient: &'a mut [Lane; BLOCK],
    pub sums: &'a mut TileSums,
}

/// The gradient is scaled down to its limit, and the decay of the weights is taken off it. That is
/// done before the biases are drawn along: in the centered form of the machine the mean input of a
/// unit is its bias alone, so a weight that shrinks leaves the mean activities where they were; in the
/// ordinary parameters the biases move against every move of the weights (equations 21 and 22).
/// Without that the decay would pull the means of the model away from the data's for ever.
#[derive(Clone, Copy)]
pub struct Shrinkage<'a> {
    /// Below 1 where the norm of the gradient was over the limit.
    pub scale: f32,
    /// Times the weight.
    pub decay: f32,
    /// Times the sign of the weight.
    pub decay_l1: f32,
    /// The block's.
    pub weights: &'a [Lane],
}

impl Kernel for BlockGradient<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd, const N: usize>(self, simd: S) {
        self.gradient.fill(Lane::ZERO);
        for phase in self.phases {
            match phase.visible {
                States::Bits(bits) => {
                    add_bits::<S, N>(simd, bits.tile(self.block), phase, self.gradient);
                }
                States::Numbers(values) => {
                    add_numbers::<S, N>(simd, values.tile(self.block), phase, self.gradient);
                }
            }
        }
        if self.centering.is_none() && self.shrinkage.is_none() {
            return;
        }
        for (row, lane) in self.gradient.iter_mut().enumerate() {
            let unit = self.block * BLOCK + row;
            let mut values = load::<S, N>(simd, lane);
            if let Some(centering) = self.centering {
                center::<S, N>(simd, centering, unit, &mut values);
            }
            if let Some(shrinkage) = &self.shrinkage {
                shrink::<S, N>(simd, shrinkage, &shrinkage.weights[row], &mut values);
            }
            if let Some(centering) = self.centering {
                add_offsets::<S, N>(simd, centering, unit, &values, self.sums);
            }
            store::<S, N>(&values, lane);
        }
    }
}

/// Sum of the squares of some lanes.
pub struct Squares<'a>(pub &'a [Lane]);

impl Kernel for Squares<'_> {
    type Output = f64;

    #[inline(always)]
    fn run<S: Simd, const N: usize>(self, simd: S) -> f64 {
        let mut squares = splat::<S, N>(simd, 0.0);
        for lane in self.0 {
            let values = load::<S, N>(simd, lane);
            for k in 0..N {
                squares[k] = simd.mul_add_e_f32s(values[k], values[k], squares[k]);
            }
        }
        f64::from(dot::<S, N>(simd, &squares, &splat::<S, N>(simd, 1.0)))
    }
}

/// Adds the hidden units of each case to the rows whose bits are set in its word.
#[inline(always)]
fn add_bits<S: Simd, const N: usize>(
    simd: S,
    words: &[u32],
    phase: &TilePhase<'_>,
    gradient: &mut [Lane; BLOCK],
) {
    let scale = simd.splat_f32s(phase.scale);
    for (&word, hidden) in words.iter().zip(phase.hidden) {
        if word == 0 {
            continue;
        }
        let mut hidden = load::<S, N>(simd, hidden);
        for k in 0..N {
            hidden[k] = simd.mul_f32s(hidden[k], scale);
        }
        let mut word = word;
        while word != 0 {
            let lane = &mut gradient[word.trailing_zeros() as usize];
            let mut sum = hidden;
            add::<S, N>(simd, &mut sum, lane);
            store::<S, N>(&sum, lane);
            word &= word - 1;
        }
    }
}

/// Visible units whose sums stay in registers together.
const ROWS: usize = 4;

#[inline(always)]
fn add_numbers<S: Simd, const N: usize>(
    simd: S,
    cases: &[Lane],
    phase: &TilePhase<'_>,
    gradient: &mut [Lane; BLOCK],
) {
    for (group, lanes) in gradient.as_chunks_mut::<ROWS>().0.iter_mut().enumerate() {
        let mut totals = [splat::<S, N>(simd, 0.0); ROWS];
        for (visible, hidden) in cases.iter().zip(phase.hidden) {
            let hidden = load::<S, N>(simd, hidden);
            for row in 0..ROWS {
                let value = visible.0[group * ROWS + row];
                add_scaled::<S, N>(simd, &mut totals[row], value, &hidden);
            }
        }
        for row in 0..ROWS {
            let mut sum = load::<S, N>(simd, &lanes[row]);
            add_scaled::<S, N>(simd, &mut sum, phase.scale, &totals[row]);
            store::<S, N>(&sum, &mut lanes[row]);
        }
    }
}

#[inline(always)]
fn center<S: Simd, const N: usize>(
    simd: S,
    centering: &TileCentering<'_>,
    unit: usize,
    gradient: &mut [S::f32s; N],
) {
    // Beyond the last unit there is only padding, whose gradient is zero.
    let Some(&offset) = centering.visible_offset.get(unit) else { return };
    let hidden_offset = load::<S, N>(simd, centering.hidden_offset);
    let hidden_difference = load::<S, N>(simd, centering.hidden_difference);
    add_scaled::<S, N>(simd, gradient, -offset, &hidden_difference);
    add_scaled::<S, N>(simd, gradient, -centering.visible_difference[unit], &hidden_offset);
}

#[inline(always)]
fn shrink<S: Simd, const N: usize>(
    simd: S,
    shrinkage: &Shrinkage<'_>,
    weights: &Lane,
    gradient: &mut [S::f32s; N],
) {
    let weights = load::<S, N>(simd, weights);
    let scale = simd.splat_f32s(shrinkage.scale);
    for k in 0..N {
        gradient[k] = simd.mul_f32s(gradient[k], scale);
    }
    add_scaled::<S, N>(simd, gradient, -shrinkage.decay, &weights);
    if shrinkage.decay_l1 == 0.0 {
        return;
    }
    let zero = simd.splat_f32s(0.0);
    let plus = simd.splat_f32s(shrinkage.decay_l1);
    let minus = simd.splat_f32s(-shrinkage.decay_l1);
    for k in 0..N {
        let is_positive = simd.greater_than_f32s(weights[k], zero);
        let is_negative = simd.less_than_f32s(weights[k], zero);
        let sign = simd.select_f32s(is_negative, plus, zero);
        let sign = simd.select_f32s(is_positive, minus, sign);
        gradient[k] = simd.add_f32s(gradient[k], sign);
    }
}

/// What the biases are drawn along by.
#[inline(always)]
fn add_offsets<S: Simd, const N: usize>(
    simd: S,
    centering: &TileCentering<'_>,
    unit: usize,
    gradient: &[S::f32s; N],
    sums: &mut TileSums,
) {
    let Some(&offset) = centering.visible_offset.get(unit) else { return };
    let hidden_offset = load::<S, N>(simd, centering.hidden_offset);
    sums.offset_visible[unit] = dot::<S, N>(simd, gradient, &hidden_offset);
    let mut offset_hidden = load::<S, N>(simd, &sums.offset_hidden);
    add_scaled::<S, N>(simd, &mut offset_hidden, offset, gradient);
    store::<S, N>(&offset_hidden, &mut sums.offset_hidden);
}

/// How far a step goes.
#[derive(Clone, Copy, Debug)]
pub struct StepRates {
    pub learning_rate: f32,
    pub momentum: f32,
}

/// Moves one block of weights, and turns it round into the transposed weights.
pub struct BlockStep<'a> {
    pub rates: StepRates,
    /// Or what has become of it.
    pub gradient: &'a [Lane; BLOCK],
    pub weights: &'a mut [Lane],
    pub transposed: &'a mut [Lane],
    pub velocity: Option<&'a mut [Lane]>,
}

/// Sums of squares of a step and of the weights after it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct StepNorms {
    pub update_squares: f64,
    pub weight_squares: f64,
}

impl Kernel for BlockStep<'_> {
    type Output = StepNorms;

    #[inline(always)]
    fn run<S: Simd, const N: usize>(mut self, simd: S) -> StepNorms {
        let StepRates { learning_rate, momentum } = self.rates;
        let mut update_squares = splat::<S, N>(simd, 0.0);
        let mut weight_squares = splat::<S, N>(simd, 0.0);
        for (row, lane) in self.weights.iter_mut().enumerate() {
            let mut weights = load::<S, N>(simd, lane);
            let mut step = load::<S, N>(simd, &self.gradient[row]);
            if let Some(velocity) = self.velocity.as_deref_mut() {
                let before = load::<S, N>(simd, &velocity[row]);
                add_scaled::<S, N>(simd, &mut step, momentum, &before);
                store::<S, N>(&step, &mut velocity[row]);
            }
            add_scaled::<S, N>(simd, &mut weights, learning_rate, &step);
            store::<S, N>(&weights, lane);
            for k in 0..N {
                update_squares[k] = simd.mul_add_e_f32s(step[k], step[k], update_squares[k]);
                weight_squares[k] = simd.mul_add_e_f32s(weights[k], weights[k], weight_squares[k]);
            }
        }
        transpose(self.weights, self.transposed);
        let sum = |squares| f64::from(dot::<S, N>(simd, squares, &splat::<S, N>(simd, 1.0)));
        StepNorms {
            update_squares: sum(&update_squares) * f64::from(learning_rate).powi(2),
            weight_squares: sum(&weight_squares),
        }
    }
}

/// The states of one phase.
pub struct Phase<'a> {
    pub visible: &'a States,
    /// Probabilities or samples.
    pub hidden: &'a Numbers,
}

/// Momentum of every parameter.
#[derive(Clone, Debug)]
pub struct Velocity {
    /// Laid out as the weights.
    pub weights: Vec<Lane>,
    pub visible_bias: Vec<f32>,
    pub hidden_bias: Vec<f32>,
}

impl Velocity {
    pub fn zeros(n_visible: usize, n_hidden: usize) -> Self {
        let n_lanes = tiles_of(n_hidden) * tiles_of(n_visible) * TILE;
        Self {
            weights: vec![Lane::ZERO; n_lanes],
            visible_bias: vec![0.0; n_visible],
            hidden_bias: vec![0.0; n_hidden],
        }
    }
}

/// One update of all parameters.
pub struct Step<'a> {
    pub positive: Phase<'a>,
    pub negative: Phase<'a>,
    /// Offsets of visible and hidden units under centered gradients.
    pub offsets: Option<(&'a [f32], &'a [f32])>,
    pub learning_rate: f32,
    pub momentum: f32,
    pub decay: f32,
    pub decay_l1: f32,
    /// 0 is off.
    pub norm_limit: f32,
    /// Must be there when there is momentum.
    pub velocity: Option<&'a mut Velocity>,
}
