//! The mean update of every algorithm against enumeration, on the kernel and on libtorch.

use super::super::{Algorithm, Learner, LearnerState, LearningRule, Rates, Statistics};
use super::*;

/// What sparsity pulls at: the running activity, given so that the first batch moves it little.
const ACTIVITY: [f32; H] = [0.3, 0.6, 0.2];
/// The weight of the newest batch in it.
const ACTIVITY_RATE: f64 = 0.05;

/// The statistics of parallel tempering with one chain a temperature: one step each, then the swaps
/// of the pairs (0, 1) or (1, 2), with even chances.
fn tempered_phase() -> Expected {
    const BETAS: [f64; 3] = [1.0, 0.5, 0.0];
    let mask = [1.0; H];
    let next = |chain: usize| -> Vec<([f64; V], f64)> {
        let mut probabilities = [0.0; 1 << V];
        let hidden = tempered_hidden_given(&TEMPERED_CHAINS[chain], &mask, BETAS[chain]);
        for (h, p_h) in states(hidden) {
            let visible = tempered_visible_given(&h, BETAS[chain]);
            for (code, (_, p_v)) in states(visible).enumerate() {
                probabilities[code] += p_h * p_v;
            }
        }
        states([0.5; V]).zip(probabilities).map(|((v, _), p)| (v, p)).collect()
    };
    let log_weight = |v: &[f64; V], beta: f64| -> f64 {
        let linear: f64 = (0..V).map(|i| v[i] * tempered_visible_bias(i, beta)).sum();
        linear + (0..H).map(|j| (beta * hidden_input(v, j)).exp().ln_1p()).sum::<f64>()
    };
    let (cold, warm) = (next(0), next(1));
    let mut total = Expected::default();
    for (v0, p0) in &cold {
        for (v1, p1) in &warm {
            let ratio = log_weight(v1, BETAS[0]) + log_weight(v0, BETAS[1])
                - log_weight(v0, BETAS[0])
                - log_weight(v1, BETAS[1]);
            // The pairs (0, 1) are proposed half of the time.
            let swap = 0.5 * ratio.exp().min(1.0);
            total.add(v0, &hidden_given(v0, &mask), p0 * p1 * (1.0 - swap));
            total.add(v1, &hidden_given(v1, &mask), p0 * p1 * swap);
        }
    }
    total
}

/// The exact mean of (new − old) / rate, weights then biases.
fn expected_update(rule: &LearningRule, rates: &Rates) -> Vec<f64> {
    let mut positive = phase(&DATA, (0, false), rates.dropout);
    pull(&mut positive, rates);
    let is_contrastive = rule.algorithm == Algorithm::ContrastiveDivergence;
    let start = if is_contrastive { DATA } else { CHAINS };
    let last_is_mean = is_contrastive && rule.statistics == Statistics::Probabilities;
    let negative = match rule.algorithm {
        Algorithm::ParallelTempering => tempered_phase(),
        _ => phase(&start, (rates.gibbs_steps, last_is_mean), rates.dropout),
    };
    let dv: [f64; V] = std::array::from_fn(|i| positive.visible[i] - negative.visible[i]);
    let dh: [f64; H] = std::array::from_fn(|j| positive.hidden[j] - negative.hidden[j]);
    let (mu, lambda) = if rule.is_centered { (DATA_MEANS, [0.5; H]) } else { ([0.0; V], [0.0; H]) };
    let centered = |i: usize, j: usize| {
        positive.product[i][j]
            - negative.product[i][j]
            - f64::from(mu[i]) * dh[j]
            - dv[i] * lambda[j]
    };
    let step = |i: usize, j: usize| {
        let decay = rates.weight_decay * weight(i, j);
        let decay_l1 = rates.weight_decay_l1 * weight(i, j).signum();
        centered(i, j) - decay - decay_l1
    };
    let mut update: Vec<f64> =
        (0..V).flat_map(|i| (0..H).map(move |j| (i, j))).map(|(i, j)| step(i, j)).collect();
    // The biases move against the whole step of the weights, so that the means stay.
    for i in 0..V {
        update.push(dv[i] - (0..H).map(|j| step(i, j) * lambda[j]).sum::<f64>());
    }
    for j in 0..H {
        update.push(dh[j] - (0..V).map(|i| step(i, j) * f64::from(mu[i])).sum::<f64>());
    }
    update
}

/// Adds the gradient of the sparsity penalty: cost · (target − activity) on the input of every hidden
/// unit.
fn pull(positive: &mut Expected, rates: &Rates) {
    if rates.sparsity_cost == 0.0 {
        return;
    }
    for j in 0..H {
        let newest = positive.hidden[j];
        let activity = f64::from(ACTIVITY[j]) * (1.0 - ACTIVITY_RATE) + newest * ACTIVITY_RATE;
        let pull = rates.sparsity_cost * (rates.sparsity_target - activity);
        positive.hidden[j] += pull;
        for i in 0..V {
            positive.product[i][j] += pull * positive.visible[i];
        }
    }
}

fn state(rule: &LearningRule) -> LearnerState {
    let chains: &[[f64; V]] = match rule.algorithm {
        Algorithm::ParallelTempering => &TEMPERED_CHAINS,
        _ => &CHAINS,
    };
    LearnerState {
        velocity: Vec::new(),
        chains: chains.iter().flatten().map(|&x| x as u8).collect(),
        hidden_offset: vec![0.5; H],
        hidden_activity: ACTIVITY.to_vec(),
    }
}

/// Mean and standard error of (new − old) / rate over many updates from the same place.
fn measured_update(
    make: fn() -> Machine,
    rule: LearningRule,
    rates: &Rates,
    n_updates: u64,
) -> Vec<(f64, f64)> {
    let store = store(&DATA);
    let order = store.order(&[0, 1]);
    let n_parameters = V * H + V + H;
    let (mut sums, mut squares) = (vec![0.0; n_parameters], vec![0.0; n_parameters]);
    for update in 0..n_updates {
        let mut machine = make();
        let mut learner = Learner::new(&machine, rule, &DATA_MEANS, 5).unwrap();
        learner.restore(&state(&rule), &machine).unwrap();
        learner.update(&mut machine, &store, (&order, 0, 2), rates, update).unwrap();
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
    let on_torch: fn() -> Machine = || Machine::on_torch(&parameters());
    for (make, n_updates, name) in
        [(machine as fn() -> Machine, 20_000, "kernel"), (on_torch, 3000, "torch")]
    {
        let expected = expected_update(&rule, &rates);
        let measured = measured_update(make, rule, &rates, n_updates);
        let mut doubled_would_pass = true;
        for (number, (&expected, &(mean, error))) in expected.iter().zip(&measured).enumerate() {
            // Single precision of (new − old) / rate adds to the standard error.
            let tolerance = 4.0 * error + 2e-6;
            assert!(
                (mean - expected).abs() < tolerance,
                "{name}: {rule:?} {rates:?}: parameter {number} moves by {mean} ± {error}, \
                 exact {expected}"
            );
            doubled_would_pass &= (mean - 2.0 * expected).abs() < tolerance;
        }
        assert!(!doubled_would_pass, "the check is too weak to notice a factor of 2");
    }
}

pub(super) const RATES: Rates = Rates::plain(0.5);

pub(super) fn rule(algorithm: Algorithm, statistics: Statistics) -> LearningRule {
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
fn the_mean_update_of_parallel_tempering_is_exact() {
    for statistics in [Statistics::Samples, Statistics::Probabilities] {
        let rule = rule(Algorithm::ParallelTempering, statistics);
        check(LearningRule { n_chains: 1, ..rule }, RATES);
    }
}

#[test]
fn the_mean_update_with_centering_decay_and_dropout_is_exact() {
    let plain = rule(Algorithm::ContrastiveDivergence, Statistics::Probabilities);
    check(LearningRule { is_centered: true, ..plain }, RATES);
    check(plain, Rates { weight_decay: 0.3, ..RATES });
    check(plain, Rates { weight_decay_l1: 0.2, ..RATES });
    check(plain, Rates { dropout: 0.4, ..RATES });
    let persistent = rule(Algorithm::PersistentContrastiveDivergence, Statistics::Probabilities);
    let rates = Rates { weight_decay: 0.1, dropout: 0.5, ..RATES };
    check(LearningRule { is_centered: true, ..persistent }, rates);
    let centered = LearningRule { is_centered: true, ..plain };
    check(centered, Rates { weight_decay: 0.3, ..RATES });
    check(centered, Rates { weight_decay_l1: 0.2, ..RATES });
}

#[test]
fn the_mean_update_with_a_sparsity_target_is_exact() {
    let plain = rule(Algorithm::ContrastiveDivergence, Statistics::Probabilities);
    let rates = Rates { sparsity_cost: 0.7, ..RATES };
    check(plain, rates);
    check(LearningRule { is_centered: true, ..plain }, rates);
}

/// With probabilities for everything an update of CD-1 has one coin a hidden unit; what must agree
/// for any coins is checked on single updates.
fn single_update(make: fn() -> Machine, rates: &Rates) -> (Vec<f32>, f64) {
    let store = store(&DATA);
    let order = store.order(&[0, 1]);
    let rule = rule(Algorithm::ContrastiveDivergence, Statistics::Probabilities);
    let rule = LearningRule { is_centered: true, ..rule };
    let mut machine = make();
    let mut learner = Learner::new(&machine, rule, &DATA_MEANS, 5).unwrap();
    learner.update(&mut machine, &store, (&order, 0, 2), rates, 0).unwrap();
    let ratio = learner.take_report(&machine).unwrap().unwrap().update_to_weight_ratio;
    let new = machine.parameters().unwrap();
    let old = WEIGHTS.iter().chain(&VISIBLE_BIAS).chain(&HIDDEN_BIAS);
    let new = new.weights.iter().chain(&new.visible_bias).chain(&new.hidden_bias);
    let steps = new.zip(old).map(|(new, old)| (new - old) / rates.learning_rate as f32);
    (steps.collect(), ratio)
}

fn norm(values: &[f32]) -> f32 {
    values.iter().map(|x| x * x).sum::<f32>().sqrt()
}

#[test]
fn a_gradient_over_the_limit_is_scaled_down_to_it() {
    let on_torch: fn() -> Machine = || Machine::on_torch(&parameters());
    for make in [machine as fn() -> Machine, on_torch] {
        let (free, ratio) = single_update(make, &RATES);
        let full = norm(&free);
        let limit = f64::from(full) / 3.0;
        let (limited, _) = single_update(make, &Rates { gradient_norm_limit: limit, ..RATES });
        for (limited, free) in limited.iter().zip(&free) {
            assert!((limited - free / 3.0).abs() < 1e-5);
        }
        let (loose, _) =
            single_update(make, &Rates { gradient_norm_limit: 2.0 * limit * 3.0, ..RATES });
        assert!(loose.iter().zip(&free).all(|(a, b)| (a - b).abs() < 1e-6));
        // The report's ratio is that of the weights alone.
        let update = 0.5 * norm(&free[..V * H]);
        let moved: Vec<f32> = WEIGHTS.iter().zip(&free).map(|(w, step)| w + 0.5 * step).collect();
        assert!((ratio - f64::from(update / norm(&moved))).abs() < 1e-5, "{ratio}");
    }
}

#[test]
fn momentum_carries_the_last_velocity_on() {
    let rates = Rates { momentum: 0.5, learning_rate: 0.1, ..RATES };
    let rule = rule(Algorithm::ContrastiveDivergence, Statistics::Probabilities);
    let store = store(&DATA);
    let order = store.order(&[0]);
    for mut machine in machines() {
        let batch = (&order, 0, 1);
        let mut learner = Learner::new(&machine, rule, &DATA_MEANS, 5).unwrap();
        learner.update(&mut machine, &store, batch, &rates, 0).unwrap();
        let velocity = learner.state(&machine).unwrap().velocity;
        let before = machine.parameters().unwrap();
        // A twin without momentum shows the gradient alone.
        let mut without = Machine::on_torch(&before);
        let mut twin = Learner::new(&without, rule, &DATA_MEANS, 5).unwrap();
        let no_momentum = Rates { momentum: 0.0, ..rates };
        twin.update(&mut without, &store, batch, &no_momentum, 1).unwrap();
        learner.update(&mut machine, &store, batch, &rates, 1).unwrap();
        let (with, without) = (machine.parameters().unwrap(), without.parameters().unwrap());
        for (number, velocity) in velocity.iter().take(V * H).enumerate() {
            let carried = with.weights[number] - without.weights[number];
            assert!((carried - 0.1 * 0.5 * velocity).abs() < 1e-6);
        }
    }
}
