//! Exact small worlds: a machine of 4 visible and 3 hidden units, all states enumerated, against
//! which the conditionals, the free energy and the mean update of every algorithm are held.
#![expect(clippy::needless_range_loop, reason = "formulas read best with their indices")]

use tch::Tensor;

use super::{
    Algorithm, Chain, ChainStart, Clamp, Device, ExcerptStore, FinalVisible, Learner, LearnerState,
    LearningRule, Machine, Measures, Parameters, Rates, Statistics,
};

const V: usize = 4;
const H: usize = 3;
const WEIGHTS: [f32; V * H] = [0.8, -0.5, 0.3, -1.1, 0.6, 0.2, 0.4, 0.9, -0.7, -0.2, 0.1, 1.2];
const VISIBLE_BIAS: [f32; V] = [-0.3, 0.2, 0.5, -0.6];
const HIDDEN_BIAS: [f32; H] = [0.1, -0.4, 0.3];
const DATA: [[f64; V]; 2] = [[1.0, 0.0, 1.0, 0.0], [1.0, 1.0, 0.0, 1.0]];
const DATA_MEANS: [f32; V] = [0.9, 0.5, 0.4, 0.3];
const CHAINS: [[f64; V]; 2] = [[0.0, 1.0, 1.0, 0.0], [1.0, 0.0, 0.0, 1.0]];

fn machine() -> Machine {
    let parameters = Parameters {
        n_visible: V,
        n_hidden: H,
        weights: WEIGHTS.to_vec(),
        visible_bias: VISIBLE_BIAS.to_vec(),
        hidden_bias: HIDDEN_BIAS.to_vec(),
        hidden_retention: 1.0,
    };
    Machine::from_parameters(&parameters, Device::Cpu).unwrap()
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

fn weight(i: usize, j: usize) -> f64 {
    f64::from(WEIGHTS[i * H + j])
}

fn hidden_given(v: &[f64; V], mask: &[f64; H]) -> [f64; H] {
    std::array::from_fn(|j| {
        let input: f64 = (0..V).map(|i| v[i] * weight(i, j)).sum();
        mask[j] * sigmoid(f64::from(HIDDEN_BIAS[j]) + input)
    })
}

fn visible_given(h: &[f64; H]) -> [f64; V] {
    std::array::from_fn(|i| {
        let input: f64 = (0..H).map(|j| h[j] * weight(i, j)).sum();
        sigmoid(f64::from(VISIBLE_BIAS[i]) + input)
    })
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

/// The exact mean of (new − old) / rate, weights then biases.
fn expected_update(rule: &LearningRule, rates: &Rates) -> Vec<f64> {
    let positive = phase(&DATA, (0, false), rates.dropout);
    let is_persistent = rule.algorithm == Algorithm::PersistentContrastiveDivergence;
    let start = if is_persistent { CHAINS } else { DATA };
    let last_is_mean = !is_persistent && rule.statistics == Statistics::Probabilities;
    let negative = phase(&start, (rates.gibbs_steps, last_is_mean), rates.dropout);
    let dv: [f64; V] = std::array::from_fn(|i| positive.visible[i] - negative.visible[i]);
    let dh: [f64; H] = std::array::from_fn(|j| positive.hidden[j] - negative.hidden[j]);
    let (mu, lambda) = if rule.is_centered { (DATA_MEANS, [0.5; H]) } else { ([0.0; V], [0.0; H]) };
    let centered = |i: usize, j: usize| {
        positive.product[i][j]
            - negative.product[i][j]
            - f64::from(mu[i]) * dh[j]
            - dv[i] * lambda[j]
    };
    let mut update = Vec::new();
    for i in 0..V {
        for j in 0..H {
            update.push(centered(i, j) - rates.weight_decay * weight(i, j));
        }
    }
    for i in 0..V {
        update.push(dv[i] - (0..H).map(|j| centered(i, j) * lambda[j]).sum::<f64>());
    }
    for j in 0..H {
        update.push(dh[j] - (0..V).map(|i| centered(i, j) * f64::from(mu[i])).sum::<f64>());
    }
    update
}

/// Mean and standard error of (new − old) / rate over many updates from the same place.
fn measured_update(rule: LearningRule, rates: &Rates, n_updates: u64) -> Vec<(f64, f64)> {
    let flat: Vec<f32> = DATA.iter().flatten().map(|&x| x as f32).collect();
    let batch = Tensor::from_slice(&flat).view([2, V as i64]);
    let n_parameters = V * H + V + H;
    let (mut sums, mut squares) = (vec![0.0; n_parameters], vec![0.0; n_parameters]);
    for update in 0..n_updates {
        let mut machine = machine();
        let mut learner = Learner::new(&machine, rule, &DATA_MEANS, 5).unwrap();
        let chains = CHAINS.iter().flatten().map(|&x| x as u8).collect();
        let state = LearnerState { velocity: Vec::new(), chains, hidden_offset: vec![0.5; H] };
        learner.restore(&state, &machine).unwrap();
        learner.update_from(&mut machine, &batch, rates, update);
        let new = machine.parameters().unwrap();
        let old = WEIGHTS.iter().chain(&VISIBLE_BIAS).chain(&HIDDEN_BIAS);
        let new = new.weights.iter().chain(&new.visible_bias).chain(&new.hidden_bias);
        for (number, (new, old)) in new.zip(old).enumerate() {
            let change = f64::from(new - old) / rates.learning_rate;
            sums[number] += change;
            squares[number] += change * change;
        }
    }
    let n = n_updates as f64;
    let finish = |(sum, square): (f64, f64)| {
        let mean = sum / n;
        (mean, ((square / n - mean * mean).max(0.0) / n).sqrt())
    };
    sums.into_iter().zip(squares).map(finish).collect()
}

fn check(rule: LearningRule, rates: Rates) {
    let expected = expected_update(&rule, &rates);
    let measured = measured_update(rule, &rates, 3000);
    let mut doubled_would_pass = true;
    for (number, (&expected, &(mean, error))) in expected.iter().zip(&measured).enumerate() {
        // Single precision of (new − old) / rate adds to the standard error.
        let tolerance = 4.0 * error + 2e-6;
        assert!(
            (mean - expected).abs() < tolerance,
            "{rule:?} {rates:?}: parameter {number} moves by {mean} ± {error}, exact {expected}"
        );
        doubled_would_pass &= (mean - 2.0 * expected).abs() < tolerance;
    }
    assert!(!doubled_would_pass, "the check is too weak to notice a factor of 2");
}

const RATES: Rates = Rates {
    learning_rate: 0.5,
    momentum: 0.0,
    weight_decay: 0.0,
    weight_decay_l1: 0.0,
    sparsity_target: 0.1,
    sparsity_cost: 0.0,
    gradient_norm_limit: 0.0,
    dropout: 0.0,
    gibbs_steps: 1,
};

fn rule(algorithm: Algorithm, statistics: Statistics) -> LearningRule {
    LearningRule { algorithm, statistics, n_chains: 2, n_temperatures: 3, is_centered: false }
}

#[test]
fn the_mean_update_of_contrastive_divergence_is_exact() {
    for statistics in [Statistics::Samples, Statistics::Probabilities] {
        for gibbs_steps in [1, 2] {
            let rates = Rates { gibbs_steps, ..RATES };
            check(rule(Algorithm::ContrastiveDivergence, statistics), rates);
        }
    }
}

#[test]
fn the_mean_update_of_persistent_contrastive_divergence_is_exact() {
    for statistics in [Statistics::Samples, Statistics::Probabilities] {
        check(rule(Algorithm::PersistentContrastiveDivergence, statistics), RATES);
    }
    let rates = Rates { gibbs_steps: 2, ..RATES };
    check(rule(Algorithm::PersistentContrastiveDivergence, Statistics::Probabilities), rates);
}

#[test]
fn the_mean_update_with_centering_decay_and_dropout_is_exact() {
    let plain = rule(Algorithm::ContrastiveDivergence, Statistics::Probabilities);
    check(LearningRule { is_centered: true, ..plain }, RATES);
    check(plain, Rates { weight_decay: 0.3, ..RATES });
    check(plain, Rates { dropout: 0.4, ..RATES });
    let persistent = rule(Algorithm::PersistentContrastiveDivergence, Statistics::Probabilities);
    let rates = Rates { weight_decay: 0.1, dropout: 0.5, ..RATES };
    check(LearningRule { is_centered: true, ..persistent }, rates);
}

#[test]
fn momentum_carries_the_last_velocity_on() {
    let rates = Rates { momentum: 0.5, learning_rate: 0.1, ..RATES };
    let rule = rule(Algorithm::ContrastiveDivergence, Statistics::Probabilities);
    let batch = Tensor::from_slice(&[1.0_f32, 0.0, 1.0, 0.0]).view([1, V as i64]);
    let mut machine = machine();
    let mut learner = Learner::new(&machine, rule, &DATA_MEANS, 5).unwrap();
    learner.update_from(&mut machine, &batch, &rates, 0);
    let velocity = learner.state().unwrap().velocity;
    let before = machine.parameters().unwrap();
    // A step whose gradient is scaled away leaves only the momentum's share.
    let mut twin = Learner::new(&machine, rule, &DATA_MEANS, 5).unwrap();
    let mut without = Machine::from_parameters(&before, Device::Cpu).unwrap();
    twin.update_from(&mut without, &batch, &Rates { momentum: 0.0, ..rates }, 1);
    learner.update_from(&mut machine, &batch, &rates, 1);
    let (with, without) = (machine.parameters().unwrap(), without.parameters().unwrap());
    for (number, velocity) in velocity.iter().take(V * H).enumerate() {
        let carried = with.weights[number] - without.weights[number];
        assert!((carried - 0.1 * 0.5 * velocity).abs() < 1e-6);
    }
}

#[test]
fn conditionals_and_free_energy_are_exact() {
    let machine = machine();
    for (v, _) in states([0.5; V]) {
        let visible: Vec<f32> = v.iter().map(|&x| x as f32).collect();
        let visible = Tensor::from_slice(&visible).view([1, V as i64]);
        let probabilities =
            Vec::<f32>::try_from(&machine.hidden_probabilities(&visible).view([-1]));
        for (got, exact) in probabilities.unwrap().iter().zip(hidden_given(&v, &[1.0; H])) {
            assert!((f64::from(*got) - exact).abs() < 1e-6);
        }
        let exact = -states([0.5; H]).map(|(h, _)| (-energy(&v, &h)).exp()).sum::<f64>().ln();
        let got = machine.free_energy(&visible).double_value(&[0]);
        assert!((got - exact).abs() < 1e-5, "{got} {exact}");
    }
    for (h, _) in states([0.5; H]) {
        let hidden: Vec<f32> = h.iter().map(|&x| x as f32).collect();
        let hidden = Tensor::from_slice(&hidden).view([1, H as i64]);
        let probabilities =
            Vec::<f32>::try_from(&machine.visible_probabilities(&hidden).view([-1]));
        for (got, exact) in probabilities.unwrap().iter().zip(visible_given(&h)) {
            assert!((f64::from(*got) - exact).abs() < 1e-6);
        }
    }
}

fn energy(v: &[f64; V], h: &[f64; H]) -> f64 {
    let visible: f64 = (0..V).map(|i| f64::from(VISIBLE_BIAS[i]) * v[i]).sum();
    let hidden: f64 = (0..H).map(|j| f64::from(HIDDEN_BIAS[j]) * h[j]).sum();
    let both: f64 = (0..V)
        .flat_map(|i| (0..H).map(move |j| (i, j)))
        .map(|(i, j)| v[i] * weight(i, j) * h[j])
        .sum();
    -(visible + hidden + both)
}

#[test]
fn long_chains_reach_the_exact_distribution() {
    let machine = machine();
    let n_chains = 20_000_u64;
    let mut chain = Chain::new(&machine, &ChainStart::Silence, (0..n_chains).collect()).unwrap();
    for _ in 0..50 {
        chain.step(1.0);
    }
    let visible = chain.visible(FinalVisible::Sample).unwrap();
    let weights: Vec<f64> = states([0.5; V])
        .map(|(v, _)| states([0.5; H]).map(|(h, _)| (-energy(&v, &h)).exp()).sum())
        .collect();
    let z: f64 = weights.iter().sum();
    let mut counts = [0.0; 1 << V];
    for case in visible.chunks(V) {
        counts[case.iter().enumerate().map(|(i, &bit)| usize::from(bit) << i).sum::<usize>()] +=
            1.0;
    }
    for (count, weight) in counts.iter().zip(weights) {
        let p = weight / z;
        let error = (p * (1.0 - p) / n_chains as f64).sqrt();
        assert!((count / n_chains as f64 - p).abs() < 4.0 * error);
    }
}

#[test]
fn clamped_units_never_move_and_the_rest_does() {
    let machine = machine();
    let mut chain = Chain::new(&machine, &ChainStart::Silence, (0..100).collect()).unwrap();
    let values: Vec<u8> = [1, 0, 0, 1].repeat(100);
    chain.hold(Clamp { is_held: &[true, false, false, true], values: &values }).unwrap();
    let mut free = std::collections::BTreeSet::new();
    for step in 0..20 {
        chain.step(1.5);
        let last = if step % 2 == 0 { FinalVisible::Sample } else { FinalVisible::MostLikely };
        for case in chain.visible(last).unwrap().chunks(V) {
            assert_eq!((case[0], case[3]), (1, 1));
            free.insert((case[1], case[2]));
        }
    }
    assert_eq!(free.len(), 4);
}

#[test]
fn a_chain_is_the_same_whichever_others_run_beside_it() {
    let machine = machine();
    let run = |seeds: Vec<u64>| {
        let mut chain = Chain::new(&machine, &ChainStart::Noise(vec![0.5; V]), seeds).unwrap();
        (0..30).for_each(|_| chain.step(1.0));
        chain.visible(FinalVisible::Sample).unwrap()
    };
    let together = run(vec![4, 5, 6]);
    assert_eq!(run(vec![5]), together[V..2 * V]);
    assert_eq!(run(vec![6, 4])[V..], together[..V]);
}

#[test]
fn the_reconstruction_error_is_the_mean_over_all_bits() {
    let machine = machine();
    let rows: Vec<u8> = DATA.iter().flatten().map(|&x| x as u8).collect();
    let store = ExcerptStore::new(&rows, V, 1, &[0, 1], Device::Cpu).unwrap();
    let n = 4000;
    let (mut sum, mut square) = (0.0, 0.0);
    for step in 0..n {
        let error =
            Measures::take(&machine, &store, 1, step).unwrap().unwrap().reconstruction_error;
        sum += error;
        square += error * error;
    }
    let mean = sum / n as f64;
    let deviation = (square / n as f64 - mean * mean).sqrt();
    let mut exact = 0.0;
    for v in &DATA {
        for (h, p_h) in states(hidden_given(v, &[1.0; H])) {
            let visible = visible_given(&h);
            let squares = visible.iter().zip(v).map(|(p, v)| (p - v).powi(2));
            exact += p_h * squares.sum::<f64>() / (V * DATA.len()) as f64;
        }
    }
    assert!((mean - exact).abs() < 4.0 * deviation / (n as f64).sqrt() + 1e-6);
}
