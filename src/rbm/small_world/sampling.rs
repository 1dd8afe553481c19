//! Conditionals, free energy, long chains and measures against enumeration.

use tch::Tensor;

use super::super::{Chain, ChainStart, Clamp, FinalVisible, Measures};
use super::*;

#[test]
fn conditionals_and_free_energy_are_exact() {
    let machine = machine();
    for (v, _) in states([0.5; V]) {
        let visible: Vec<f32> = v.iter().map(|&x| x as f32).collect();
        let visible = Tensor::from_slice(&visible).view([1, V as i64]);
        let probabilities =
            Vec::<f32>::try_from(&machine.hidden_input(&visible).sigmoid().view([-1]));
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
            Vec::<f32>::try_from(&machine.retained_visible_input(&hidden).sigmoid().view([-1]));
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
    let store = store(&DATA);
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
