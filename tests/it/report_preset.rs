//! The Report preset follows the 2016 study's own code, replayed in NumPy: the same numbers of
//! excerpts and updates, the same learning curve, the same density of what it dreams.

use harmonium::dataset::{Dataset, import};
use harmonium::rbm::{
    Chain, ChainStart, Device, FinalVisible, InitialWeights, Machine, set_thread_count,
};
use harmonium::train::{Preset, StepOutcome, TrainSettings, Trainer};

use crate::world::pop_folder;

/// Epoch, mean reconstruction error over five seeds, and by how much a run may differ from it.
type Curve = [(u32, f64, f64); 6];

const INTENDED: Curve = [
    (1, 0.05405, 0.04),
    (5, 0.02686, 0.04),
    (20, 0.01826, 0.04),
    (50, 0.01482, 0.04),
    (100, 0.01255, 0.04),
    (200, 0.01045, 0.04),
];

const AS_WRITTEN: Curve = [
    (1, 0.2103, 0.12),
    (5, 0.0744, 0.12),
    (20, 0.02513, 0.04),
    (50, 0.01800, 0.04),
    (100, 0.01534, 0.04),
    (200, 0.01317, 0.04),
];

const CHAINS: u64 = 1000;

#[test]
fn the_report_preset_follows_the_study() {
    let Some(folder) = pop_folder() else { return };
    set_thread_count(1);
    let settings = Preset::Report.settings();
    assert_eq!(settings.initial_weights, InitialWeights::Intended);
    let songs = import(&[folder], &settings.encoding, &()).songs;
    let dataset = Dataset::build(&songs, &settings.encoding).unwrap();
    assert_eq!((dataset.songs.len(), dataset.training.len()), (122, 1291));
    std::thread::scope(|scope| {
        scope.spawn(|| check(&dataset, InitialWeights::Intended, &INTENDED, 46.7));
        scope.spawn(|| check(&dataset, InitialWeights::AsWritten, &AS_WRITTEN, 27.5));
    });
}

fn check(dataset: &Dataset, initial_weights: InitialWeights, curve: &Curve, bits: f64) {
    let settings = TrainSettings { initial_weights, ..Preset::Report.settings() };
    let mut trainer = Trainer::new(dataset, settings, Device::Cpu).unwrap();
    let (mut updates, mut updates_of_first_epoch) = (0, 0);
    let mut problems = Vec::new();
    loop {
        updates += 1;
        match trainer.step().unwrap() {
            StepOutcome::Updated => {}
            StepOutcome::Finished => break,
            StepOutcome::EpochFinished(metrics) => {
                if metrics.epoch == 1 {
                    updates_of_first_epoch = updates;
                    assert_eq!(metrics.examples, 1169);
                }
                let Some((_, expected, tolerance)) = curve.iter().find(|p| p.0 == metrics.epoch)
                else {
                    continue;
                };
                let got = metrics.reconstruction_error;
                println!("{initial_weights:?}, epoch {}: {got:.5}", metrics.epoch);
                if (got / expected - 1.0).abs() > *tolerance {
                    problems.push(format!("epoch {}: {got:.5} for {expected}", metrics.epoch));
                }
            }
        }
    }
    assert_eq!((updates_of_first_epoch, updates - 1), (122, 24_400));
    let got = bits_from_silence(trainer.machine());
    println!("{initial_weights:?}: {got:.1} bits from silence");
    if (got / bits - 1.0).abs() > 0.1 {
        problems.push(format!("{got:.1} bits from silence for {bits}"));
    }
    assert!(problems.is_empty(), "{initial_weights:?}: {problems:?}");
}

/// Bits set after one Gibbs step from silence, on average.
fn bits_from_silence(machine: &Machine) -> f64 {
    let mut chain = Chain::new(machine, &ChainStart::Silence, (0..CHAINS).collect()).unwrap();
    chain.step(1.0);
    let visible = chain.visible(FinalVisible::Sample).unwrap();
    visible.iter().map(|&bit| f64::from(bit)).sum::<f64>() / CHAINS as f64
}
