//! Parts of the weights, for pictures of them.

use super::tiles::{Lane, TILE, tiles_of, units_of};
use super::weights::Weights;

impl Weights {
    /// Appends the weights of a hidden unit, one a visible unit.
    pub fn append_unit(&self, unit: usize, weights: &mut Vec<f32>) {
        let n_tiles = tiles_of(self.n_visible());
        let first = unit / TILE * n_tiles * TILE + unit % TILE;
        for tile in 0..n_tiles {
            let n = units_of(tile, self.n_visible()).len();
            weights.extend_from_slice(&self.transposed[first + tile * TILE].0[..n]);
        }
    }

    /// Sum of the squares of the weights of each hidden unit.
    pub fn unit_squares(&self) -> Vec<f32> {
        let mut squares = Vec::with_capacity(self.n_hidden().next_multiple_of(TILE));
        for tile in self.weights.chunks(self.lanes_per_tile().max(1)) {
            let mut sums = Lane::ZERO;
            for lane in tile {
                for (sum, weight) in sums.0.iter_mut().zip(lane.0) {
                    *sum += weight * weight;
                }
            }
            squares.extend_from_slice(&sums.0);
        }
        squares.truncate(self.n_hidden());
        squares
    }

    /// Every `stride`-th weight, counted row by row.
    pub fn every_weight(&self, stride: usize) -> Vec<f32> {
        let (n_visible, n_hidden) = (self.n_visible(), self.n_hidden());
        let weight = |index: usize| {
            let (visible, hidden) = (index / n_hidden, index % n_hidden);
            let lane = hidden / TILE * self.lanes_per_tile() + visible;
            self.weights[lane].0[hidden % TILE]
        };
        (0..n_visible * n_hidden).step_by(stride.max(1)).map(weight).collect()
    }
}
