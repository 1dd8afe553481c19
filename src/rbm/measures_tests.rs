//! The measures of a machine of 4 visible and 3 hidden units against enumeration by formulas
//! written out in full.

use super::excerpts::packed;
use super::{Device, ExcerptStore, Machine, Measures, Parameters};

const V: usize = 4;
const H: usize = 3;
const WEIGHTS: [f64; V * H] = [0.8, -0.5, 0.3, -1.1, 0.6, 0.2, 0.4, 0.9, -0.7, -0.2, 0.1, 1.2];
const VISIBLE_BIAS: [f64; V] = [-0.3, 0.2, 0.5, -0.6];
const HIDDEN_BIAS: [f64; H] = [0.1, -0.4, 0.3];
const DATA: [[u8; V]; 3] = [[1, 0, 1, 0], [1, 1, 0, 1], [0, 0, 1, 0]];

fn machine(hidden_bias: [f64; H], hidden_retention: f64) -> Machine {
    let single = |values: &[f64]| values.iter().map(|&x| x as f32).collect::<Vec<_>>();
    let parameters = Parameters {
        n_visible: V,
        n_hidden: H,
        weights: single(&WEIGHTS),
        visible_bias: single(&VISIBLE_BIAS),
        hidden_bias: single(&hidden_bias),
        hidden_retention,
    };
    Machine::from_parameters(&parameters, Device::Cpu).unwrap()
}

fn store() -> ExcerptStore {
    ExcerptStore::new(packed(&DATA.concat(), V), V, 1, &[0, 1, 2], Device::Cpu).unwrap()
}

/// Every vector of `n` bits, the first unit in the lowest bit.
fn states(n: usize) -> impl Iterator<Item = Vec<f64>> {
    (0..1_usize << n).map(move |code| (0..n).map(|i| (code >> i & 1) as f64).collect())
}

fn energy(v: &[f64], h: &[f64]) -> f64 {
    let mut energy = 0.0;
    for (i, v) in v.iter().enumerate() {
        energy -= VISIBLE_BIAS[i] * v;
        for (j, h) in h.iter().enumerate() {
            energy -= v * WEIGHTS[i * H + j] * h;
        }
    }
    energy - h.iter().zip(HIDDEN_BIAS).map(|(h, b)| h * b).sum::<f64>()
}

fn unnormalised(v: &[f64]) -> f64 {
    states(H).map(|h| (-energy(v, &h)).exp()).sum()
}

fn data() -> Vec<Vec<f64>> {
    DATA.iter().map(|case| case.iter().map(|&bit| f64::from(bit)).collect()).collect()
}

fn mean_over_data(measure: impl Fn(&[f64]) -> f64) -> f64 {
    data().iter().map(|case| measure(case)).sum::<f64>() / DATA.len() as f64
}

/// The expectation of a measure of v and p(v | h) over h given v.
fn over_reconstructions(v: &[f64], retention: f64, measure: impl Fn(f64, f64) -> f64) -> f64 {
    let of_hidden = |h: Vec<f64>| {
        let weight = (-energy(v, &h)).exp() / unnormalised(v);
        let of_unit = |i: usize| {
            let product: f64 = (0..H).map(|j| WEIGHTS[i * H + j] * h[j]).sum();
            measure(v[i], 1.0 / (1.0 + (-VISIBLE_BIAS[i] - retention * product).exp()))
        };
        weight * (0..V).map(of_unit).sum::<f64>()
    };
    states(H).map(of_hidden).sum()
}

/// log p(vᵢ | the other units), summed over the units.
fn pseudo_log_likelihood(v: &[f64]) -> f64 {
    let conditional = |i: usize| {
        let mut flipped = v.to_vec();
        flipped[i] = 1.0 - flipped[i];
        (unnormalised(v) / (unnormalised(v) + unnormalised(&flipped))).ln()
    };
    (0..V).map(conditional).sum()
}

/// Mean and standard error of a measure over many draws.
fn drawn(machine: &Machine, measure: impl Fn(&Measures) -> f64) -> (f64, f64) {
    let n = 4000;
    let value = |step| measure(&Measures::take(machine, &store(), 1, step).unwrap().unwrap());
    let values: Vec<f64> = (0..n).map(value).collect();
    let mean = values.iter().sum::<f64>() / n as f64;
    let square = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n as f64;
    (mean, (square / n as f64).sqrt())
}

fn check((mean, error): (f64, f64), exact: f64) {
    assert!(error > 0.0, "nothing was drawn");
    assert!((mean - exact).abs() < 4.0 * error + 1e-6, "{mean} ± {error}, exact {exact}");
}

#[test]
fn reconstruction_error_and_cross_entropy_follow_the_model_in_use() {
    for retention in [1.0, 0.5] {
        let machine = machine(HIDDEN_BIAS, retention);
        let square = |v: f64, p: f64| (v - p).powi(2);
        let exact = mean_over_data(|v| over_reconstructions(v, retention, square)) / V as f64;
        check(drawn(&machine, |measures| measures.reconstruction_error), exact);
        let entropy = |v: f64, p: f64| -(v * p.ln() + (1.0 - v) * (1.0 - p).ln());
        let exact = mean_over_data(|v| over_reconstructions(v, retention, entropy));
        check(drawn(&machine, |measures| measures.cross_entropy), exact);
    }
}

#[test]
fn the_pseudo_log_likelihood_is_the_sum_over_the_conditionals() {
    let exact = mean_over_data(pseudo_log_likelihood);
    for retention in [1.0, 0.5] {
        let machine = machine(HIDDEN_BIAS, retention);
        check(drawn(&machine, |measures| measures.pseudo_log_likelihood), exact);
    }
}

#[test]
fn free_energy_activation_and_density_are_exact() {
    let measures = Measures::take(&machine(HIDDEN_BIAS, 1.0), &store(), 1, 1).unwrap().unwrap();
    let close = |got: f64, exact: f64| assert!((got - exact).abs() < 1e-5, "{got} {exact}");
    close(measures.free_energy, mean_over_data(|v| -unnormalised(v).ln()));
    let activation = |v: &[f64]| {
        let joint = |h: Vec<f64>| h.iter().sum::<f64>() * (-energy(v, &h)).exp();
        states(H).map(joint).sum::<f64>() / unnormalised(v) / H as f64
    };
    close(measures.hidden_activation, mean_over_data(activation));
    close(measures.density, 6.0 / 12.0);
    assert_eq!((measures.dead_hidden_units, measures.saturated_hidden_units), (0, 0));
}

#[test]
fn dead_and_saturated_hidden_units_are_counted() {
    for (bias, dead, saturated) in
        [([-12.0, -12.0, 0.0], 2, 0), ([12.0, -12.0, 12.0], 1, 2), ([-3.0, 3.0, 0.0], 0, 0)]
    {
        let measures = Measures::take(&machine(bias, 1.0), &store(), 1, 1).unwrap().unwrap();
        assert_eq!(measures.dead_hidden_units, dead, "{bias:?}");
        assert_eq!(measures.saturated_hidden_units, saturated, "{bias:?}");
    }
}

#[test]
fn measures_are_the_same_for_the_same_step_and_nothing_has_none() {
    let machine = machine(HIDDEN_BIAS, 1.0);
    let take = |step| Measures::take(&machine, &store(), 1, step).unwrap().unwrap();
    assert_eq!(take(3), take(3));
    assert!((0..20).any(|step| take(step) != take(3)));
    let empty = store().sharing_rows(&[]).unwrap();
    assert!(Measures::take(&machine, &empty, 1, 1).unwrap().is_none());
}
