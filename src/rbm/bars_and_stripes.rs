//! Bars and stripes, 3 × 3: fourteen patterns on which a machine of 16 hidden units can be trained
//! to the end and its likelihood computed exactly. No model gives more than −log 14 = −2.64 nats a
//! pattern.

use super::excerpts::packed;
use super::{
    Algorithm, Device, ExcerptStore, InitialWeights, Initialisation, Learner, LearningRule,
    Machine, Measures, Rates, Statistics, exact,
};

const SIDE: usize = 3;
const N_VISIBLE: usize = SIDE * SIDE;
const N_UPDATES: u64 = 20_000;

/// Every picture of full rows, then every one of full columns that is not among them.
fn patterns() -> Vec<u8> {
    let mut patterns: Vec<Vec<u8>> = Vec::new();
    for place_of in [|cell: usize| cell / SIDE, |cell: usize| cell % SIDE] {
        for code in 0..1 << SIDE {
            let pattern: Vec<u8> =
                (0..N_VISIBLE).map(|c| (code >> place_of(c) & 1) as u8).collect();
            if !patterns.contains(&pattern) {
                patterns.push(pattern);
            }
        }
    }
    patterns.concat()
}

/// Mean log-likelihood of a pattern after full-batch updates with a rate that falls from 0.1 to 0.
fn log_likelihood(rule: LearningRule, gibbs_steps: usize, seed: u64) -> f64 {
    let cells = patterns();
    let n_patterns = cells.len() / N_VISIBLE;
    let first_rows: Vec<u32> = (0..n_patterns as u32).collect();
    let rows = packed(&cells, N_VISIBLE);
    let store = ExcerptStore::new(rows, N_VISIBLE, 1, &first_rows, Device::Cpu).unwrap();
    let order = store.order(&(0..n_patterns as i64).collect::<Vec<_>>());
    let means = [0.5; N_VISIBLE];
    let start = Initialisation {
        n_visible: N_VISIBLE,
        n_hidden: 16,
        weights: InitialWeights::Intended,
        visible_means: Some(&means),
        seed,
    };
    let mut machine = Machine::new(&start, Device::Cpu).unwrap();
    let mut learner = Learner::new(&machine, rule, &means, seed).unwrap();
    for update in 0..N_UPDATES {
        let learning_rate = 0.1 * (1.0 - update as f64 / N_UPDATES as f64);
        let rates = Rates { gibbs_steps, ..Rates::plain(learning_rate) };
        learner.update(&mut machine, &store, (&order, 0, n_patterns), &rates, update).unwrap();
    }
    let free_energy = Measures::take(&machine, &store, seed, 0).unwrap().unwrap().free_energy;
    -free_energy - exact::log_z(&machine, &mut |_| true).unwrap()
}

fn rule(algorithm: Algorithm, statistics: Statistics) -> LearningRule {
    LearningRule { algorithm, statistics, n_chains: 100, n_temperatures: 5, is_centered: false }
}

/// Where five seeds end.
fn ends(rule: LearningRule, gibbs_steps: usize) -> Vec<f64> {
    let ends: Vec<f64> = (1..=5).map(|seed| log_likelihood(rule, gibbs_steps, seed)).collect();
    println!("{:?}, {:?}, k = {gibbs_steps}: {ends:.3?}", rule.algorithm, rule.statistics);
    assert!(ends.iter().all(|&end| end < -2.639), "above what can be reached: {ends:?}");
    ends
}

/// All five seeds end above the bound.
fn check(rule: LearningRule, gibbs_steps: usize, bound: f64) {
    let ends = ends(rule, gibbs_steps);
    assert!(ends.iter().all(|&end| end > bound), "{ends:?}");
}

#[test]
fn there_are_fourteen_patterns() {
    assert_eq!(patterns().len(), 14 * N_VISIBLE);
}

#[test]
fn persistent_contrastive_divergence_learns_bars_and_stripes() {
    let algorithm = Algorithm::PersistentContrastiveDivergence;
    check(rule(algorithm, Statistics::Probabilities), 5, -3.0);
}

/// With one step a seed in six ends below −3.0 (11 of 60 here, 6 of 48 in NumPy), so the mean is held.
#[test]
fn one_step_of_persistent_contrastive_divergence_nearly_learns_bars_and_stripes() {
    let algorithm = Algorithm::PersistentContrastiveDivergence;
    let ends = ends(rule(algorithm, Statistics::Probabilities), 1);
    assert!(ends.iter().sum::<f64>() / 5.0 > -3.05, "{ends:?}");
}

#[test]
fn parallel_tempering_learns_bars_and_stripes() {
    check(rule(Algorithm::ParallelTempering, Statistics::Probabilities), 1, -3.0);
}

#[test]
fn ten_steps_of_contrastive_divergence_learn_bars_and_stripes() {
    check(rule(Algorithm::ContrastiveDivergence, Statistics::Probabilities), 10, -3.0);
}

/// CD-1 falls short of the others. A NumPy version of the same ended between −2.96 and −3.60 with
/// samples and between −3.36 and −3.62 when the reconstruction was not sampled; only "it learned
/// something" is asked here, as equal chances for all patterns of nine bits give −6.24.
#[test]
fn one_step_of_contrastive_divergence_falls_short_on_bars_and_stripes() {
    check(rule(Algorithm::ContrastiveDivergence, Statistics::Samples), 1, -4.0);
    check(rule(Algorithm::ContrastiveDivergence, Statistics::Probabilities), 1, -4.0);
}
