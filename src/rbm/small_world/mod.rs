//! Exact small worlds: a machine of 4 visible and 3 hidden units, all states enumerated, against
//! which the conditionals, the free energy and the mean update of every algorithm are held.
#![expect(clippy::needless_range_loop, reason = "formulas read best with their indices")]

mod agreement;
mod sampling;
mod updates;

use super::excerpts::packed;
use super::{Device, ExcerptStore, Machine, Parameters};

const V: usize = 4;
const H: usize = 3;
const WEIGHTS: [f32; V * H] = [0.8, -0.5, 0.3, -1.1, 0.6, 0.2, 0.4, 0.9, -0.7, -0.2, 0.1, 1.2];
const VISIBLE_BIAS: [f32; V] = [-0.3, 0.2, 0.5, -0.6];
const HIDDEN_BIAS: [f32; H] = [0.1, -0.4, 0.3];
const DATA: [[f64; V]; 2] = [[1.0, 0.0, 1.0, 0.0], [1.0, 1.0, 0.0, 1.0]];
const DATA_MEANS: [f32; V] = [0.9, 0.5, 0.4, 0.3];
const CHAINS: [[f64; V]; 2] = [[0.0, 1.0, 1.0, 0.0], [1.0, 0.0, 0.0, 1.0]];
/// One chain at each of three temperatures, the coldest first.
const TEMPERED_CHAINS: [[f64; V]; 3] =
    [[0.0, 1.0, 1.0, 0.0], [1.0, 0.0, 0.0, 1.0], [1.0, 1.0, 1.0, 0.0]];

fn parameters() -> Parameters {
    Parameters {
        n_visible: V,
        n_hidden: H,
        weights: WEIGHTS.to_vec(),
        visible_bias: VISIBLE_BIAS.to_vec(),
        hidden_bias: HIDDEN_BIAS.to_vec(),
        hidden_retention: 1.0,
    }
}

/// On the processor's kernel.
fn machine() -> Machine {
    Machine::from_parameters(&parameters(), Device::Cpu).unwrap()
}

/// The same on both: what computes them must not matter.
fn machines() -> [Machine; 2] {
    [machine(), Machine::on_torch(&parameters())]
}

/// Cases as a store of excerpts of one row.
fn store(cases: &[[f64; V]]) -> ExcerptStore {
    let cells: Vec<u8> = cases.iter().flatten().map(|&x| x as u8).collect();
    let first_rows: Vec<u32> = (0..cases.len() as u32).collect();
    ExcerptStore::new(packed(&cells, V), V, 1, &first_rows, Device::Cpu).unwrap()
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

fn weight(i: usize, j: usize) -> f64 {
    f64::from(WEIGHTS[i * H + j])
}

fn hidden_given(v: &[f64; V], mask: &[f64; H]) -> [f64; H] {
    tempered_hidden_given(v, mask, 1.0)
}

fn visible_given(h: &[f64; H]) -> [f64; V] {
    tempered_visible_given(h, 1.0)
}

fn hidden_input(v: &[f64; V], j: usize) -> f64 {
    f64::from(HIDDEN_BIAS[j]) + (0..V).map(|i| v[i] * weight(i, j)).sum::<f64>()
}

fn tempered_hidden_given(v: &[f64; V], mask: &[f64; H], beta: f64) -> [f64; H] {
    std::array::from_fn(|j| mask[j] * sigmoid(beta * hidden_input(v, j)))
}

fn tempered_visible_given(h: &[f64; H], beta: f64) -> [f64; V] {
    std::array::from_fn(|i| {
        let input: f64 = (0..H).map(|j| h[j] * weight(i, j)).sum();
        sigmoid(beta * input + tempered_visible_bias(i, beta))
    })
}

/// Between the base of parallel tempering, the rates of the data, and the machine.
fn tempered_visible_bias(i: usize, beta: f64) -> f64 {
    let mean = f64::from(DATA_MEANS[i]);
    beta * f64::from(VISIBLE_BIAS[i]) + (1.0 - beta) * (mean / (1.0 - mean)).ln()
}

/// Every binary vector with its probability under independent bits.
fn states<const N: usize>(probabilities: [f64; N]) -> impl Iterator<Item = ([f64; N], f64)> {
    (0..1_usize << N).map(move |code| {
        let bits: [f64; N] = std::array::from_fn(|i| (code >> i & 1) as f64);
        let factor = |i: usize| {
            if bits[i] > 0.5 { probabilities[i] } else { 1.0 - probabilities[i] }
        };
        (bits, (0..N).map(factor).product())
    })
}

/// Expected statistics of a phase: ⟨vhᵀ⟩, ⟨v⟩, ⟨h⟩, all in one row.
#[derive(Clone, Copy, Default)]
struct Expected {
    product: [[f64; H]; V],
    visible: [f64; V],
    hidden: [f64; H],
}

impl Expected {
    fn add(&mut self, v: &[f64; V], h: &[f64; H], weight: f64) {
        for i in 0..V {
            self.visible[i] += weight * v[i];
            for j in 0..H {
                self.product[i][j] += weight * v[i] * h[j];
            }
        }
        for j in 0..H {
            self.hidden[j] += weight * h[j];
        }
    }
}

/// Follows the chain h → v → h … exactly; `v` is where it stands, `left` the steps to go.
fn walk(
    total: &mut Expected,
    v: &[f64; V],
    mask: &[f64; H],
    (left, last_is_mean): (usize, bool),
    weight: f64,
) {
    if left == 0 {
        total.add(v, &hidden_given(v, mask), weight);
        return;
    }
    for (h, p_h) in states(hidden_given(v, mask)) {
        let visible = visible_given(&h);
        if left == 1 && last_is_mean {
            total.add(&visible, &hidden_given(&visible, mask), weight * p_h);
        } else {
            for (next, p_v) in states(visible) {
                walk(total, &next, mask, (left - 1, last_is_mean), weight * p_h * p_v);
            }
        }
    }
}

fn phase(cases: &[[f64; V]], steps: (usize, bool), dropout: f64) -> Expected {
    let mut total = Expected::default();
    for (mask, p_mask) in states([1.0 - dropout; H]) {
        for case in cases {
            walk(&mut total, case, &mask, steps, p_mask / cases.len() as f64);
        }
    }
    total
}
