//! What weight decay moves in the biases under centered gradients.
//!
//! In the centered form of the machine (Melchior, Fischer & Wiskott 2016, equation 5) the mean input
//! of a unit is its bias alone, so that a weight that shrinks leaves the mean activity where it was.
//! In the ordinary parameters the biases must move against every move of the weights (equations 21
//! and 22), the one from the decay too. Without that the decay pulls the means of the model away from
//! the data's, and the gradient has to hold against it for ever.

use pulp::Simd;

use super::simd::{Kernel, add_scaled, load, run, splat, store};
use super::tiles::{Lane, TILE, tiles_of, units_of};
use super::weights::Weights;

/// Σ over lanes of offset · decay of the lane, added to a lane.
struct AddDecay<'a> {
    lanes: &'a [Lane],
    /// One a lane.
    offsets: &'a [f32],
    decay: f32,
    decay_l1: f32,
    sum: &'a mut Lane,
}

impl Kernel for AddDecay<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd, const N: usize>(self, simd: S) {
        let zero = simd.splat_f32s(0.0);
        let mut sum = load::<S, N>(simd, self.sum);
        for (lane, offset) in self.lanes.iter().zip(self.offsets) {
            let weights = load::<S, N>(simd, lane);
            add_scaled::<S, N>(simd, &mut sum, offset * self.decay, &weights);
            if self.decay_l1 != 0.0 {
                let scaled = offset * self.decay_l1;
                let (plus, minus) = (simd.splat_f32s(scaled), simd.splat_f32s(-scaled));
                let mut signs = splat::<S, N>(simd, 0.0);
                for k in 0..N {
                    let is_negative = simd.less_than_f32s(weights[k], zero);
                    let is_positive = simd.greater_than_f32s(weights[k], zero);
                    let sign = simd.select_f32s(is_negative, minus, zero);
                    signs[k] = simd.select_f32s(is_positive, plus, sign);
                }
                add_scaled::<S, N>(simd, &mut sum, 1.0, &signs);
            }
        }
        store::<S, N>(&sum, self.sum);
    }
}

impl Weights {
    /// D·λ for the visible biases and Dᵀ·μ for the hidden ones, where D is what the decay takes off
    /// the weights, `decay` · W + `decay_l1` · sign W, and μ and λ are the visible and hidden offsets.
    pub(super) fn decay_of_means(
        &self,
        (visible, hidden): (&[f32], &[f32]),
        decay: f32,
        decay_l1: f32,
    ) -> [Vec<f32>; 2] {
        let per_tile = tiles_of(self.n_visible()) * TILE;
        let mut of_visible = vec![Lane::ZERO; tiles_of(self.n_visible())];
        let mut of_hidden = vec![Lane::ZERO; tiles_of(self.n_hidden())];
        let tiles = self.weights.chunks(per_tile).zip(self.transposed.chunks(per_tile));
        for ((tile, sum), (weights, transposed)) in of_hidden.iter_mut().enumerate().zip(tiles) {
            run(AddDecay { lanes: weights, offsets: visible, decay, decay_l1, sum });
            let offsets = &hidden[units_of(tile, hidden.len())];
            for (lanes, sum) in transposed.chunks(TILE).zip(&mut of_visible) {
                run(AddDecay { lanes, offsets, decay, decay_l1, sum });
            }
        }
        let numbers = |lanes: Vec<Lane>, n: usize| -> Vec<f32> {
            lanes.iter().flat_map(|lane| lane.0).take(n).collect()
        };
        [numbers(of_visible, visible.len()), numbers(of_hidden, hidden.len())]
    }
}
