//! The kernel and libtorch, fed the same uniform numbers, learn the same.

use super::super::excerpts::packed;
use super::super::{
    Algorithm, Device, EpochOrder, ExcerptStore, InitialWeights, Initialisation, Learner,
    LearnerState, LearningRule, Machine, Measures, Parameters, Rates, Statistics, set_thread_count,
    share_among_threads,
};
use super::updates::RATES;

const N_VISIBLE: usize = 77;
const N_HIDDEN: usize = 45;
const N_CASES: usize = 37;

/// Excerpts of which one unit in seven or so is on.
fn store() -> (ExcerptStore, EpochOrder, Vec<f32>) {
    let is_on = |case: usize, unit: usize| (case * 31 + unit * 17) % 7 == case % 3;
    let cells: Vec<u8> = (0..N_CASES * N_VISIBLE)
        .map(|cell| u8::from(is_on(cell / N_VISIBLE, cell % N_VISIBLE)))
        .collect();
    let first_rows: Vec<u32> = (0..N_CASES as u32).collect();
    let store =
        ExcerptStore::new(packed(&cells, N_VISIBLE), N_VISIBLE, 1, &first_rows, Device::Cpu)
            .unwrap();
    let order = store.order(&(0..N_CASES as i64).collect::<Vec<_>>());
    let mean = |unit| (0..N_CASES).filter(|&case| is_on(case, unit)).count() as f32;
    let means = (0..N_VISIBLE).map(|unit| mean(unit) / N_CASES as f32).collect();
    (store, order, means)
}

fn start() -> Parameters {
    let start = Initialisation {
        n_visible: N_VISIBLE,
        n_hidden: N_HIDDEN,
        weights: InitialWeights::AsWritten,
        visible_means: None,
        seed: 3,
    };
    Machine::new(&start, Device::Cpu).unwrap().parameters().unwrap()
}

fn learn(mut machine: Machine, rule: LearningRule, rates: &Rates) -> (Parameters, LearnerState) {
    let (store, order, means) = store();
    let mut learner = Learner::new(&machine, rule, &means, 11).unwrap();
    for update in 0..4 {
        learner.update(&mut machine, &store, (&order, 0, N_CASES), rates, update).unwrap();
    }
    (machine.parameters().unwrap(), learner.state(&machine).unwrap())
}

fn close(name: &str, a: &[f32], b: &[f32]) {
    assert_eq!(a.len(), b.len(), "{name}");
    let worst = a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(worst < 2e-5, "{name} differs by {worst}");
}

fn check(rule: LearningRule, rates: &Rates) {
    let (kernel, kernel_state) =
        learn(Machine::from_parameters(&start(), Device::Cpu).unwrap(), rule, rates);
    let (torch, torch_state) = learn(Machine::on_torch(&start()), rule, rates);
    assert_eq!(kernel_state.chains, torch_state.chains, "{rule:?}");
    close("weights", &kernel.weights, &torch.weights);
    close("visible_bias", &kernel.visible_bias, &torch.visible_bias);
    close("hidden_bias", &kernel.hidden_bias, &torch.hidden_bias);
    close("velocity", &kernel_state.velocity, &torch_state.velocity);
    close("hidden_offset", &kernel_state.hidden_offset, &torch_state.hidden_offset);
    close("hidden_activity", &kernel_state.hidden_activity, &torch_state.hidden_activity);
}

fn rule(algorithm: Algorithm, statistics: Statistics) -> LearningRule {
    LearningRule { algorithm, statistics, n_chains: 19, n_temperatures: 4, is_centered: true }
}

#[test]
fn every_algorithm_learns_the_same_on_kernel_and_libtorch() {
    let rates = Rates { learning_rate: 0.1, gibbs_steps: 2, momentum: 0.6, ..RATES };
    for algorithm in [
        Algorithm::ContrastiveDivergence,
        Algorithm::PersistentContrastiveDivergence,
        Algorithm::ParallelTempering,
    ] {
        for statistics in [Statistics::Samples, Statistics::Probabilities] {
            check(rule(algorithm, statistics), &rates);
        }
    }
}

#[test]
fn every_penalty_acts_the_same_on_kernel_and_libtorch() {
    let rates = Rates {
        learning_rate: 0.1,
        momentum: 0.5,
        weight_decay: 0.01,
        weight_decay_l1: 0.005,
        sparsity_cost: 0.4,
        gradient_norm_limit: 0.5,
        dropout: 0.3,
        ..RATES
    };
    for algorithm in [Algorithm::ContrastiveDivergence, Algorithm::ParallelTempering] {
        check(rule(algorithm, Statistics::Probabilities), &rates);
    }
}

#[test]
fn the_measures_are_the_same_on_kernel_and_libtorch() {
    let (store, _, _) = store();
    let parameters = Parameters { hidden_retention: 0.7, ..start() };
    let measure = |machine: &Machine| Measures::take(machine, &store, 1, 2).unwrap().unwrap();
    let kernel = measure(&Machine::from_parameters(&parameters, Device::Cpu).unwrap());
    let torch = measure(&Machine::on_torch(&parameters));
    let near = |a: f64, b: f64, tolerance: f64| assert!((a - b).abs() < tolerance, "{a} {b}");
    near(kernel.free_energy, torch.free_energy, 1e-3);
    near(kernel.pseudo_log_likelihood, torch.pseudo_log_likelihood, 1e-3);
    near(kernel.hidden_activation, torch.hidden_activation, 1e-5);
    near(kernel.density, torch.density, 1e-9);
    assert_eq!(kernel.dead_hidden_units, torch.dead_hidden_units);
    assert_eq!(kernel.saturated_hidden_units, torch.saturated_hidden_units);
    // These rest on hidden units that each tosses by its own.
    near(kernel.reconstruction_error, torch.reconstruction_error, 0.03);
    near(kernel.cross_entropy, torch.cross_entropy, 0.1 * torch.cross_entropy);
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let rates = Rates { learning_rate: 0.1, momentum: 0.6, ..RATES };
    let rule = rule(Algorithm::PersistentContrastiveDivergence, Statistics::Probabilities);
    // Wide enough to be shared.
    let start = Initialisation {
        n_visible: N_VISIBLE,
        n_hidden: 4000,
        weights: InitialWeights::AsWritten,
        visible_means: None,
        seed: 3,
    };
    let run = || learn(Machine::new(&start, Device::Cpu).unwrap(), rule, &rates);
    let alone = run();
    set_thread_count(3);
    let shared = run();
    share_among_threads(false);
    let not_shared = run();
    share_among_threads(true);
    set_thread_count(1);
    assert_eq!(alone, shared);
    assert_eq!(alone, not_shared);
}
