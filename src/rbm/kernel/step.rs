//! One update of all parameters: the gradient of the two phases, tile by tile, and the step along it.

use super::gradient::{
    BLOCK, BlockGradient, BlockStep, Shrinkage, Squares, Step, StepNorms, StepRates, TileCentering,
    TilePhase, TileSums,
};
use super::parallel::for_each;
use super::simd::run;
use super::tiles::{Lane, Numbers, tiles_of, units_of};
use super::weights::{States, Weights};

impl Weights {
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
            let bias = frame.bias_gradient(&sums, 1.0);
            let squares = sums.iter().map(|sums| sums.squares).sum::<f64>()
                + bias.iter().flatten().map(|&x| f64::from(x).powi(2)).sum::<f64>();
            scale = (step.norm_limit / squares.sqrt() as f32).min(1.0);
        }
        let rates = StepRates { learning_rate: step.learning_rate, momentum: step.momentum };
        let decays = (step.decay, step.decay_l1);
        let mut velocity = step.velocity.take();
        let velocity_lanes = velocity.as_deref_mut().map(|velocity| &mut velocity.weights);
        let (sums, norms) = self.move_weights(&frame, rates, (scale, decays), velocity_lanes);
        let [visible, hidden] = frame.bias_gradient(&sums, scale);
        let (visible_velocity, hidden_velocity) = match velocity {
            Some(velocity) => (Some(&mut velocity.visible_bias), Some(&mut velocity.hidden_bias)),
            None => (None, None),
        };
        move_bias(&mut self.visible_bias, &visible, rates, visible_velocity);
        move_bias(&mut self.hidden_bias, &hidden, rates, hidden_velocity);
        norms
    }

    /// Goes over the gradient without a step, for a look at its norm.
    fn gradient_sums(&self, frame: &Frame<'_>) -> Vec<TileSums> {
        let n_blocks = tiles_of(self.n_visible());
        let mut sums = vec![TileSums::new(self.n_visible()); tiles_of(self.n_hidden())];
        for_each(sums.iter_mut().collect(), frame.additions, |tile, sums| {
            let tile = frame.tile(tile);
            let mut buffer = [Lane::ZERO; BLOCK];
            for block in 0..n_blocks {
                tile.gradient(block, None, &mut buffer, sums);
                sums.squares += run(Squares(&buffer));
            }
        });
        sums
    }

    /// Gradient and step, block by block, so that a gradient never leaves the cache.
    fn move_weights(
        &mut self,
        frame: &Frame<'_>,
        rates: StepRates,
        (scale, (decay, decay_l1)): (f32, (f32, f32)),
        velocity: Option<&mut Vec<Lane>>,
    ) -> (Vec<TileSums>, StepNorms) {
        let per_tile = self.lanes_per_tile();
        let n_tiles = tiles_of(self.n_hidden());
        let mut results = vec![(TileSums::new(self.n_visible()), 0.0); n_tiles];
        let mut velocities: Vec<Option<&mut [Lane]>> = match velocity {
            Some(velocity) => velocity.chunks_mut(per_tile).map(Some).collect(),
            None => (0..n_tiles).map(|_| None).collect(),
        };
        let items: Vec<_> = self
            .weights
            .chunks_mut(per_tile)
            .zip(self.transposed.chunks_mut(per_tile))
            .zip(self.block_squares.chunks_mut(per_tile / BLOCK))
            .zip(velocities.drain(..))
            .zip(&mut results)
            .collect();
        for_each(items, frame.additions, |tile, item| {
            let ((((weights, transposed), squares), velocity), (sums, update_squares)) = item;
            let tile = frame.tile(tile);
            let shrinks = scale != 1.0 || decay != 0.0 || decay_l1 != 0.0;
            let is_still = !shrinks && velocity.is_none();
            let mut velocity = velocity.map(|velocity| velocity.chunks_mut(BLOCK));
            let mut gradient = [Lane::ZERO; BLOCK];
            let blocks = weights.chunks_mut(BLOCK).zip(transposed.chunks_mut(BLOCK)).zip(squares);
            for (block, ((weights, transposed), squares)) in blocks.enumerate() {
                if is_still && tile.is_zero(block) {
                    continue;
                }
                let shrinkage = Shrinkage { scale, decay, decay_l1, weights };
                tile.gradient(block, shrinks.then_some(shrinkage), &mut gradient, sums);
                let velocity = velocity.as_mut().and_then(Iterator::next);
                let gradient = &gradient;
                let norms = run(BlockStep { rates, gradient, weights, transposed, velocity });
                *squares = norms.weight_squares;
                *update_squares += norms.update_squares;
            }
        });
        let norms = StepNorms {
            update_squares: results.iter().map(|(_, squares)| squares).sum(),
            weight_squares: self.weight_squares(),
        };
        (results.into_iter().map(|(sums, _)| sums).collect(), norms)
    }
}

/// What all tiles of an update share.
struct Frame<'a> {
    visible: [&'a States; 2],
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
        let additions = |states: &States| match states {
            States::Bits(bits) => bits.count_ones() + bits.n_units,
            States::Numbers(numbers) => numbers.n_cases * numbers.n_units,
        };
        let (positive, negative) = (step.positive.visible, step.negative.visible);
        let n_tiles = tiles_of(hidden_difference.len());
        Self {
            visible: [positive, negative],
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
            visible: self.visible[which],
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

    /// The gradient of the visible and of the hidden biases, scaled; the sums are so already.
    fn bias_gradient(&self, sums: &[TileSums], scale: f32) -> [Vec<f32>; 2] {
        let scaled = |values: &[f32]| values.iter().map(|value| scale * value).collect();
        let mut visible: Vec<f32> = scaled(self.visible_difference);
        let mut hidden: Vec<f32> = scaled(self.hidden_difference);
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
    fn gradient(
        &self,
        block: usize,
        shrinkage: Option<Shrinkage<'_>>,
        gradient: &mut [Lane; BLOCK],
        sums: &mut TileSums,
    ) {
        let centering = self.centering.as_ref();
        let phases = &self.phases;
        run(BlockGradient { block, phases, centering, shrinkage, gradient, sums });
    }

    /// Whether no visible unit of the block is on in any case and nothing else has a share in the
    /// gradient.
    fn is_zero(&self, block: usize) -> bool {
        let is_silent = |phase: &TilePhase<'_>| match phase.visible {
            States::Bits(bits) => bits.tile(block).iter().all(|&word| word == 0),
            States::Numbers(_) => false,
        };
        self.centering.is_none() && self.phases.iter().all(is_silent)
    }
}

fn difference(a: &[f32], b: &[f32]) -> Vec<f32> {
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}

fn move_bias(
    bias: &mut [f32],
    gradient: &[f32],
    rates: StepRates,
    velocity: Option<&mut Vec<f32>>,
) {
    match velocity {
        Some(velocity) => {
            for ((bias, gradient), velocity) in bias.iter_mut().zip(gradient).zip(velocity) {
                *velocity = rates.momentum * *velocity + gradient;
                *bias += rates.learning_rate * *velocity;
            }
        }
        None => {
            for (bias, gradient) in bias.iter_mut().zip(gradient) {
                *bias += rates.learning_rate * gradient;
            }
        }
    }
}
