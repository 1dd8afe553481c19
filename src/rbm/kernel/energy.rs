//! Sums over a layer: softplus for free energies, squares and cross-entropies of reconstructions.

use pulp::Simd;

use super::coins::exp;
use super::simd::Kernel;
use super::tiles::{Lane, TILE, units_of};

/// For each case, adds Σ softplus(β · input) over the units of a tile.
pub struct AddSoftplus<'a> {
    pub tile: usize,
    pub n_units: usize,
    /// A lane a case.
    pub inputs: &'a [Lane],
    /// Inverse temperature of each case; none means 1 everywhere.
    pub betas: Option<&'a [f32]>,
    /// What is added to the inputs of each case: a sign and a lane. None means nothing.
    pub changes: Option<Changes<'a>>,
    /// A number a case.
    pub sums: &'a mut [f64],
}

/// A row of the weights for each case, to be added or subtracted.
#[derive(Clone, Copy)]
pub struct Changes<'a> {
    /// The tile's weights, a lane a visible unit.
    pub weights: &'a [Lane],
    /// Visible unit of each case, and the sign.
    pub flips: &'a [(usize, f32)],
}

impl Kernel for AddSoftplus<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd, const N: usize>(self, _simd: S) {
        let n_units = units_of(self.tile, self.n_units).len();
        for (case, sum) in self.sums.iter_mut().enumerate() {
            let mut lane = self.inputs[case];
            if let Some(betas) = self.betas {
                lane.0.iter_mut().for_each(|input| *input *= betas[case]);
            }
            if let Some(changes) = self.changes {
                let (unit, sign) = changes.flips[case];
                let row = &changes.weights[unit];
                for place in 0..TILE {
                    lane.0[place] += sign * row.0[place];
                }
            }
            // The softplus of the padding is to be nothing.
            lane.0[n_units..].fill(f32::MIN);
            *sum += softplus_sum(&lane);
        }
    }
}

/// Σ softplus(x) = Σ max(x, 0) + log Π (1 + e^−|x|): one logarithm for 32 units. The product is at
/// most 2³².
#[inline(always)]
fn softplus_sum(lane: &Lane) -> f64 {
    let (mut sum, mut product) = ([0.0_f32; 8], [1.0_f32; 8]);
    for eight in lane.0.as_chunks::<8>().0 {
        for place in 0..8 {
            sum[place] += eight[place].max(0.0);
            product[place] *= 1.0 + exp(-eight[place].abs());
        }
    }
    let sum: f32 = sum.iter().sum();
    let product: f32 = product.iter().product();
    f64::from(sum) + f64::from(product).ln()
}

/// Σ (v − p)² and Σ softplus(x) − v·x, the cross-entropy in nats, over the cases of a tile; p = σ(x).
pub struct ReconstructionSums<'a> {
    pub tile: usize,
    pub n_units: usize,
    /// hWᵀ + a, a lane a case.
    pub inputs: &'a [Lane],
    /// a, and how much of hWᵀ counts.
    pub bias: &'a Lane,
    pub retention: f32,
    /// The data, a word a case.
    pub words: &'a [u32],
}

impl Kernel for ReconstructionSums<'_> {
    type Output = (f64, f64);

    #[inline(always)]
    fn run<S: Simd, const N: usize>(self, _simd: S) -> (f64, f64) {
        let n_units = units_of(self.tile, self.n_units).len();
        let (mut squares, mut entropy) = ([0.0_f32; TILE], 0.0);
        for (input, &word) in self.inputs.iter().zip(self.words) {
            let mut lane = Lane::ZERO;
            let mut data = [0.0_f32; TILE];
            for place in 0..TILE {
                let bias = self.bias.0[place];
                lane.0[place] = bias + self.retention * (input.0[place] - bias);
                data[place] = (word >> place & 1) as f32;
            }
            lane.0[n_units..].fill(f32::MIN);
            let mut on = [0.0_f32; 8];
            for (part, eight) in lane.0.as_chunks::<8>().0.iter().enumerate() {
                for place in 0..8 {
                    let (x, v) = (eight[place], data[8 * part + place]);
                    let difference = v - 1.0 / (1.0 + exp(-x));
                    squares[8 * part + place] += difference * difference;
                    on[place] += v * x;
                }
            }
            entropy += softplus_sum(&lane) - f64::from(on.iter().sum::<f32>());
        }
        (squares.iter().map(|&sum| f64::from(sum)).sum(), entropy)
    }
}

#[cfg(test)]
mod tests {
    use super::super::simd::run;
    use super::*;

    fn softplus(x: f64) -> f64 {
        x.max(0.0) + (-x.abs()).exp().ln_1p()
    }

    /// Inputs from −40 to 40 for three cases of 20 units.
    fn inputs() -> Vec<Lane> {
        let input = |case: usize, unit: usize| ((case * 37 + unit * 11) % 81) as f32 - 40.0;
        let lane = |case| {
            let mut lane = Lane::ZERO;
            (0..20).for_each(|unit| lane.0[unit] = input(case, unit));
            lane
        };
        (0..3).map(lane).collect()
    }

    #[test]
    fn softplus_is_summed_over_the_units_and_not_the_padding() {
        let inputs = inputs();
        let betas = [1.0, 0.5, 0.0];
        let weights = [Lane([0.25; TILE]), Lane([2.0; TILE])];
        let flips = [(0, 1.0), (1, -1.0), (1, 1.0)];
        let mut sums = vec![100.0; 3];
        run(AddSoftplus {
            tile: 0,
            n_units: 20,
            inputs: &inputs,
            betas: Some(&betas),
            changes: Some(Changes { weights: &weights, flips: &flips }),
            sums: &mut sums,
        });
        for case in 0..3 {
            let (unit, sign) = flips[case];
            let change = f64::from(sign * weights[unit].0[0]);
            let input = |x: f32| f64::from(betas[case] * x) + change;
            let exact: f64 = inputs[case].0[..20].iter().map(|&x| softplus(input(x))).sum();
            assert!((sums[case] - 100.0 - exact).abs() < 1e-4, "{} {exact}", sums[case]);
        }
    }

    #[test]
    fn reconstructions_are_compared_with_the_data() {
        let inputs = inputs();
        let bias = Lane([-1.5; TILE]);
        let words = [0b1010, 0xf_ffff, 0];
        let sums = run(ReconstructionSums {
            tile: 0,
            n_units: 20,
            inputs: &inputs,
            bias: &bias,
            retention: 0.5,
            words: &words,
        });
        let (mut squares, mut entropy) = (0.0, 0.0);
        for case in 0..3 {
            for unit in 0..20 {
                let x = 0.5 * (f64::from(inputs[case].0[unit]) - 1.5);
                let v = f64::from(words[case] >> unit & 1);
                squares += (v - 1.0 / (1.0 + (-x).exp())).powi(2);
                entropy += softplus(x) - v * x;
            }
        }
        assert!((sums.0 - squares).abs() < 1e-4, "{sums:?} {squares}");
        assert!((sums.1 - entropy).abs() < 1e-3, "{sums:?} {entropy}");
    }
}
