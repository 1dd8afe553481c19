//! log Z by enumeration against plain sums, and annealing against enumeration.

use super::excerpts::packed;
use super::{
    Algorithm, AnnealingSettings, Device, ExcerptStore, InitialWeights, Initialisation, Learner,
    LearningRule, LogPartition, Machine, Measures, Method, Parameters, RandomSource, Rates,
    RbmError, Statistics, Stream, annealed, exact, log_partition,
};

const SIDE: usize = 5;
const N_VISIBLE: usize = SIDE * SIDE;
const N_HIDDEN: usize = 16;

/// Bars and stripes of 5 × 5 (MacKay 2003): every set of full rows, every set of full columns.
fn bars_and_stripes() -> Vec<u8> {
    let bit = |code: usize, place: usize| (code >> place & 1) as u8;
    let rows = (0..1 << SIDE).map(|code| (0..N_VISIBLE).map(|i| bit(code, i / SIDE)).collect());
    let columns = (0..1 << SIDE).map(|code| (0..N_VISIBLE).map(|i| bit(code, i % SIDE)).collect());
    rows.chain(columns).collect::<Vec<Vec<u8>>>().concat()
}

fn store() -> ExcerptStore {
    let first_rows: Vec<u32> = (0..2 << SIDE).collect();
    ExcerptStore::new(
        packed(&bars_and_stripes(), N_VISIBLE),
        N_VISIBLE,
        1,
        &first_rows,
        Device::Cpu,
    )
    .unwrap()
}

const MEANS: [f32; N_VISIBLE] = [0.5; N_VISIBLE];

/// Trained until its modes stand well apart.
fn trained(seed: u64, n_updates: u64) -> Machine {
    let start = Initialisation {
        n_visible: N_VISIBLE,
        n_hidden: N_HIDDEN,
        weights: InitialWeights::Intended,
        visible_means: Some(&MEANS),
        seed,
    };
    let mut machine = Machine::new(&start, Device::Cpu).unwrap();
    let rule = LearningRule {
        algorithm: Algorithm::ContrastiveDivergence,
        statistics: Statistics::Probabilities,
        n_temperatures: 2,
        n_chains: 1,
        is_centered: true,
    };
    let rates = Rates { momentum: 0.5, gibbs_steps: 3, ..Rates::plain(0.2) };
    let store = store();
    let order = store.order(&(0..store.len() as i64).collect::<Vec<_>>());
    let mut learner = Learner::new(&machine, rule, &MEANS, seed).unwrap();
    for update in 0..n_updates {
        let batch = (&order, 0, store.len());
        learner.update(&mut machine, &store, batch, &rates, update).unwrap();
    }
    machine
}

fn exact_log_z(machine: &Machine) -> f64 {
    exact::log_z(machine, &mut |_| true).unwrap()
}

fn anneal(machine: &Machine, settings: AnnealingSettings) -> LogPartition {
    annealed::log_partition(machine, &MEANS, &store(), &settings, &mut |_| true).unwrap()
}

fn small_machine(n_visible: usize, n_hidden: usize, spread: f32) -> Machine {
    let mut random = RandomSource::new(9, Stream::InitialWeights, 0, Device::Cpu);
    let mut draw = |n| random.normals(n).iter().map(|x| x * spread).collect::<Vec<_>>();
    let parameters = Parameters {
        n_visible,
        n_hidden,
        weights: draw(n_visible * n_hidden),
        visible_bias: draw(n_visible),
        hidden_bias: draw(n_hidden),
        hidden_retention: 1.0,
    };
    Machine::from_parameters(&parameters, Device::Cpu).unwrap()
}

/// log Σ exp(−E(v, h)) over every state of both layers, by the definition of the energy.
fn log_z_of_all_states(machine: &Machine) -> f64 {
    let p = machine.parameters().unwrap();
    let bit = |code: usize, place: usize| (code >> place & 1) as f64;
    let mut z = 0.0;
    for v in 0..1_usize << p.n_visible {
        for h in 0..1_usize << p.n_hidden {
            let mut energy = 0.0;
            for i in 0..p.n_visible {
                energy -= f64::from(p.visible_bias[i]) * bit(v, i);
                for j in 0..p.n_hidden {
                    energy -= bit(v, i) * f64::from(p.weights[i * p.n_hidden + j]) * bit(h, j);
                }
            }
            energy -= (0..p.n_hidden).map(|j| f64::from(p.hidden_bias[j]) * bit(h, j)).sum::<f64>();
            z += (-energy).exp();
        }
    }
    z.ln()
}

#[test]
fn enumeration_is_exact_whichever_layer_is_the_smaller() {
    for (n_visible, n_hidden) in [(7, 3), (3, 7), (4, 4)] {
        let machine = small_machine(n_visible, n_hidden, 1.0);
        let (got, all) = (exact_log_z(&machine), log_z_of_all_states(&machine));
        assert!((got - all).abs() < 1e-9, "{n_visible} × {n_hidden}: {got} {all}");
    }
}

/// Σ softplus(a) + Σ softplus(b).
fn log_z_without_weights(parameters: &Parameters) -> f64 {
    let biases = parameters.visible_bias.iter().chain(&parameters.hidden_bias);
    biases.map(|&bias| f64::from(bias).exp().ln_1p()).sum()
}

#[test]
fn without_weights_log_z_is_exact() {
    for n_hidden in [20, 40] {
        let mut parameters = small_machine(N_VISIBLE, n_hidden, 1.0).parameters().unwrap();
        parameters.weights.fill(0.0);
        let machine = Machine::from_parameters(&parameters, Device::Cpu).unwrap();
        let settings = AnnealingSettings { temperatures: 1000, ..AnnealingSettings::default() };
        let z = log_partition(&machine, &MEANS, &store(), &settings, &mut |_| true).unwrap();
        let exact = log_z_without_weights(&parameters);
        let is_enumerated = z.method == Method::Enumeration;
        assert_eq!(is_enumerated, n_hidden == 20);
        // The states are drawn even where the hidden units' share of the weights is not.
        let tolerance = if is_enumerated { 1e-9 } else { 0.02 };
        assert!((z.log_z - exact).abs() < tolerance, "{} {exact}", z.log_z);
        assert!((z.log_z_reverse - exact).abs() < tolerance, "{} {exact}", z.log_z_reverse);
        // The base model itself: every weight is 1, and nothing is left to chance.
        parameters.hidden_bias.fill(0.0);
        parameters.visible_bias.fill(0.0);
        let base = Machine::from_parameters(&parameters, Device::Cpu).unwrap();
        let z = anneal(&base, AnnealingSettings { runs: 20, ..settings });
        let exact = log_z_without_weights(&parameters);
        for got in [z.log_z, z.log_z_low, z.log_z_high, z.log_z_reverse] {
            assert!((got - exact).abs() < 1e-9, "{got} {exact}");
        }
    }
}

#[test]
fn annealing_agrees_with_enumeration_on_trained_machines_in_both_directions() {
    for seed in [1, 2] {
        let machine = trained(seed, 500);
        let parameters = machine.parameters().unwrap();
        let sum: f32 = parameters.weights.iter().map(|weight| weight.abs()).sum();
        let measures = Measures::take(&machine, &store(), 1, 1).unwrap().unwrap();
        assert!(sum / parameters.weights.len() as f32 > 1.0, "the weights are weak");
        assert!(measures.reconstruction_error < 0.01, "the patterns are not learned");
        let exact = exact_log_z(&machine);
        let z = anneal(&machine, AnnealingSettings::default());
        assert!((z.log_z - exact).abs() < 0.05, "{z:?} exact {exact}");
        assert!((z.log_z_reverse - exact).abs() < 0.05, "{z:?} exact {exact}");
        let (low, high) = z.log_likelihood_range(measures.free_energy);
        let likelihood = -measures.free_energy - exact;
        assert!((low..=high).contains(&likelihood), "{low} {likelihood} {high}");
        // Nothing does better than the negative entropy of the patterns: 60 once, 2 twice.
        let bound = -(60.0 * 64.0_f64.ln() + 4.0 * 32.0_f64.ln()) / 64.0;
        assert!(z.log_likelihood(measures.free_energy) < bound + 0.05);
    }
}

#[test]
fn the_stated_ranges_hold_the_exact_value() {
    let machine = trained(3, 300);
    let exact = exact_log_z(&machine);
    let (mut forward, mut reverse) = (0, 0);
    for seed in 0..20 {
        let quick = AnnealingSettings { runs: 200, temperatures: 500, start_steps: 100, seed };
        let z = anneal(&machine, quick);
        assert!(z.log_z_low < z.log_z && z.log_z < z.log_z_high);
        assert!(z.log_z_reverse_low < z.log_z_reverse && z.log_z_reverse < z.log_z_reverse_high);
        forward += u32::from((z.log_z_low..=z.log_z_high).contains(&exact));
        reverse += u32::from((z.log_z_reverse_low..=z.log_z_reverse_high).contains(&exact));
    }
    assert!(forward >= 19 && reverse >= 19, "{forward} and {reverse} of 20");
}

#[test]
fn with_too_little_work_the_ends_part_one_too_low_the_other_too_high_on_average() {
    let machine = trained(1, 500);
    let exact = exact_log_z(&machine);
    let n = 100;
    let (mut forward, mut reverse) = (Vec::new(), Vec::new());
    for seed in 0..n {
        let hasty = AnnealingSettings { runs: 4, temperatures: 30, start_steps: 100, seed };
        let z = anneal(&machine, hasty);
        forward.push(z.log_z - exact);
        reverse.push(z.log_z_reverse - exact);
        assert_eq!(z.pessimistic(), z.log_z.max(z.log_z_reverse));
    }
    let mean = |errors: &[f64]| errors.iter().sum::<f64>() / errors.len() as f64;
    assert!(mean(&forward) < -0.2, "{forward:?}");
    assert!(mean(&reverse) > 0.2, "{reverse:?}");
}

#[test]
fn the_likelihood_is_that_of_the_raw_weights_and_repeats() {
    let machine = trained(1, 100);
    let quick = AnnealingSettings { runs: 50, temperatures: 100, ..AnnealingSettings::default() };
    let mut parameters = machine.parameters().unwrap();
    parameters.hidden_retention = 0.5;
    let retained = Machine::from_parameters(&parameters, Device::Cpu).unwrap();
    assert_eq!(exact_log_z(&machine), exact_log_z(&retained));
    assert_eq!(anneal(&machine, quick), anneal(&retained, quick));
    assert_ne!(
        anneal(&machine, quick).log_z,
        anneal(&machine, AnnealingSettings { seed: 2, ..quick }).log_z
    );
}

#[test]
fn progress_is_told_and_obeyed() {
    let machine = trained(1, 10);
    let quick = AnnealingSettings { runs: 5, temperatures: 20, start_steps: 10, seed: 1 };
    let mut shares = Vec::new();
    let mut tell = |share| {
        shares.push(share);
        true
    };
    annealed::log_partition(&machine, &MEANS, &store(), &quick, &mut tell).unwrap();
    assert!(shares.windows(2).all(|pair| pair[0] < pair[1]));
    assert!((shares[shares.len() - 1] - 1.0).abs() < 1e-9);
    for stop in [0.1, 0.5, 0.9] {
        let stopped =
            annealed::log_partition(&machine, &MEANS, &store(), &quick, &mut |share| share < stop);
        assert!(matches!(stopped, Err(RbmError::Cancelled)));
    }
    assert!(matches!(exact::log_z(&machine, &mut |_| false), Err(RbmError::Cancelled)));
}

#[test]
fn what_cannot_be_annealed_is_refused_with_words() {
    let machine = small_machine(N_VISIBLE, 30, 0.1);
    let refused = |means: &[f32], store: &ExcerptStore, settings| {
        let result = log_partition(&machine, means, store, &settings, &mut |_| true);
        result.unwrap_err().to_string()
    };
    let few = AnnealingSettings { runs: 1, ..AnnealingSettings::default() };
    assert!(refused(&MEANS, &store(), few).contains("runs from 2 to 100000, not 1"));
    let good = AnnealingSettings::default();
    assert!(refused(&[0.5; 3], &store(), good).contains("visible_means has 3 values"));
    let none = store().sharing_rows(&[]).unwrap();
    assert!(refused(&MEANS, &none, good).contains("training excerpts"));
}
