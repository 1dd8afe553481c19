//! The trainer in a world of twelve excerpts.

use super::{StepOutcome, TrainError, TrainSettings, Trainer, TrainerState, WatchedMeasure};
use crate::dataset::{BitRows, Dataset, DatasetSong, EncodingSettings, Excerpt};
use crate::rbm::Device;
use crate::train::EpochMetrics;

/// Twelve excerpts of two steps over three pitches, the last two held out.
fn dataset() -> Dataset {
    let settings = EncodingSettings {
        steps_per_excerpt: 2,
        pitch_low: 60,
        pitch_count: 3,
        ..EncodingSettings::default()
    };
    let rows: Vec<u8> = (0..24 * 6).map(|cell| u8::from(cell % 7 == 0 || cell % 5 == 1)).collect();
    let song = |(first_row, n_rows, is_held_out)| DatasetSong {
        title: "Song".to_owned(),
        source: 0,
        first_row,
        n_rows,
        is_held_out,
        transposition: 0,
    };
    let excerpt = |(row, song): (u32, u32)| Excerpt { first_row: row * 2, song };
    Dataset {
        row_width: settings.row_width(),
        steps_per_excerpt: 2,
        settings,
        rows: BitRows::from_cells(&rows, 6),
        songs: [(0, 20, false), (20, 4, true)].map(song).to_vec(),
        training: (0..10).map(|row| excerpt((row, 0))).collect(),
        held_out: (10..12).map(|row| excerpt((row, 1))).collect(),
        warnings: Vec::new(),
    }
}

fn settings() -> TrainSettings {
    let encoding = dataset().settings;
    TrainSettings {
        encoding,
        hidden_units: 4,
        chains: 3,
        batch_size: 3,
        epochs: 3,
        dropout: 0.2,
        learning_rate: 0.05,
        ..TrainSettings::default()
    }
}

fn trainer() -> Trainer {
    trainer_of(settings())
}

fn trainer_of(settings: TrainSettings) -> Trainer {
    Trainer::new(&dataset(), settings, Device::Cpu).unwrap()
}

fn resumed(state: &TrainerState) -> Result<Trainer, TrainError> {
    Trainer::resume(&dataset(), settings(), Device::Cpu, state)
}

/// Goes on to the end and returns what each epoch reported.
fn epochs(trainer: &mut Trainer) -> Vec<EpochMetrics> {
    let mut epochs = Vec::new();
    loop {
        match trainer.step().unwrap() {
            StepOutcome::Updated => {}
            StepOutcome::EpochFinished(metrics) => epochs.push(metrics),
            StepOutcome::Finished => return epochs,
        }
    }
}

fn with(key: &str, value: &str) -> TrainSettings {
    let mut settings = settings();
    settings.set(key, value).unwrap();
    settings
}

/// A run whose held-out pseudo-log-likelihood goes up and down.
fn watched(early_stop_measure: WatchedMeasure, keep_best: WatchedMeasure) -> TrainSettings {
    let early_stop_epochs = 3;
    let epochs = 40;
    TrainSettings { epochs, early_stop_measure, early_stop_epochs, keep_best, ..settings() }
}

fn finish(trainer: &mut Trainer) -> TrainerState {
    while trainer.step().unwrap() != StepOutcome::Finished {}
    trainer.state().unwrap()
}

#[test]
fn a_run_taken_up_at_any_update_ends_like_the_one_never_stopped() {
    let end = finish(&mut trainer());
    assert_eq!((end.finished_epochs, end.batches, end.updates), (3, 0, 12));
    let mut stopped = trainer();
    for update in 0..=12 {
        let state = stopped.state().unwrap();
        let mut again = resumed(&state).unwrap();
        assert_eq!(again.progress(), stopped.progress(), "update {update}");
        assert_eq!(finish(&mut again), end, "update {update}");
        stopped.step().unwrap();
    }
}

#[test]
fn measuring_happens_once_an_epoch_and_counts_from_one() {
    let mut trainer = trainer();
    let mut epochs = Vec::new();
    for _ in 0..12 {
        if let StepOutcome::EpochFinished(metrics) = trainer.step().unwrap() {
            assert_eq!(metrics.examples, 10);
            assert!(metrics.held_out_error.is_some() && metrics.held_out_free_energy.is_some());
            epochs.push(metrics.epoch);
        }
    }
    assert_eq!(epochs, [1, 2, 3]);
    assert_eq!(trainer.step().unwrap(), StepOutcome::Finished);
    assert_eq!(trainer.progress(), 1.0);
}

#[test]
fn a_state_of_other_data_is_refused_with_words() {
    let good = trainer().state().unwrap();
    let check = |change: fn(&mut TrainerState), words: &str| {
        let mut state = good.clone();
        change(&mut state);
        let error = resumed(&state).expect_err(words).to_string();
        assert!(error.contains(words), "{error}");
    };
    check(|state| state.batches = 4, "4 batches of an epoch were done, the data gives 4");
    check(|state| state.parameters.n_visible = 13, "13 visible units were saved");
    check(|state| state.parameters.n_hidden = 5, "5 hidden units were saved");
    check(|state| state.learner.chains.truncate(1), "chains has 1 values where 36");
    check(|state| state.learner.velocity.push(0.0), "velocity has 1 values");
    check(|state| state.learner.hidden_offset.clear(), "hidden_offset has 0 values");
    assert!(resumed(&good).is_ok());
}

#[test]
fn a_state_that_does_not_fit_is_refused_before_anything_of_the_settings_size_is_made() {
    let state = trainer().state().unwrap();
    let tempering = crate::rbm::Algorithm::ParallelTempering;
    // Chains of 5 million cases, weights of 16 384 units: a damaged project may ask for both.
    for (settings, words) in [
        (TrainSettings { hidden_units: 16_384, ..settings() }, "hidden units were saved"),
        (
            TrainSettings { algorithm: tempering, chains: 100_000, temperatures: 50, ..settings() },
            "where 60000000",
        ),
    ] {
        let error = Trainer::resume(&dataset(), settings, Device::Cpu, &state).unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
    }
}

#[test]
fn weights_that_are_no_numbers_end_the_run_with_a_rate_to_try() {
    let mut state = trainer().state().unwrap();
    state.parameters.weights[0] = f32::INFINITY;
    let mut trainer = resumed(&state).unwrap();
    let error = (0..4).find_map(|_| trainer.step().err()).unwrap().to_string();
    assert!(error.contains("diverged in epoch 1") && error.contains("0.005"), "{error}");
}

#[test]
fn fewer_epochs_in_the_middle_of_one_end_the_run() {
    let mut trainer = trainer();
    for _ in 0..6 {
        trainer.step().unwrap();
    }
    trainer.change("epochs", "1").unwrap();
    assert!(trainer.is_finished());
    assert_eq!(trainer.progress(), 1.0);
    let settings = trainer.settings().clone();
    let state = trainer.state().unwrap();
    let again = Trainer::resume(&dataset(), settings, Device::Cpu, &state).unwrap();
    assert!(again.is_finished());
}

const HELD_OUT: WatchedMeasure = WatchedMeasure::HeldOutPseudoLogLikelihood;

/// The epoch that was the best of these, and its value.
fn best_of(epochs: &[EpochMetrics]) -> (u32, f64) {
    let mut best = (0, f64::NEG_INFINITY);
    for metrics in epochs {
        let value = metrics.held_out_pseudo_log_likelihood.unwrap();
        if value > best.1 {
            best = (metrics.epoch, value);
        }
    }
    best
}

#[test]
fn a_run_stops_early_once_there_was_no_new_best_for_so_many_epochs() {
    let mut plain = trainer_of(watched(WatchedMeasure::Off, WatchedMeasure::Off));
    let all = epochs(&mut plain);
    assert_eq!(all.len(), 40);
    let mut trainer = trainer_of(watched(HELD_OUT, WatchedMeasure::Off));
    let seen = epochs(&mut trainer);
    // Until it stops, it is the same run.
    assert_eq!(seen, all[..seen.len()]);
    assert!(seen.len() < 40 && trainer.has_stopped_early());
    let (best, value) = best_of(&seen);
    assert_eq!(seen.len() as u32, best + 3);
    let known = trainer.best_by_early_stop().unwrap();
    assert_eq!((known.epoch, known.value), (best, value));
    // More patience, and it goes on.
    trainer.change("early_stop_epochs", "100").unwrap();
    assert!(!trainer.is_finished());
    assert_eq!(epochs(&mut trainer), all[seen.len()..]);
    assert_eq!(trainer.state().unwrap().parameters, plain.state().unwrap().parameters);
}

#[test]
fn the_best_epoch_is_kept_at_the_end_and_more_epochs_go_on_from_the_last() {
    let off = WatchedMeasure::Off;
    let mut plain = trainer_of(TrainSettings { epochs: 20, ..watched(off, off) });
    let mut trainer = trainer_of(TrainSettings { epochs: 20, ..watched(off, HELD_OUT) });
    let all = epochs(&mut trainer);
    let (best, _) = best_of(&all);
    assert!((1..20).contains(&best), "the best of {all:?} tells nothing");
    while plain.finished_epochs() < best {
        plain.step().unwrap();
    }
    assert_eq!(trainer.epoch_in_use().map(|kept| kept.epoch), Some(best));
    assert_eq!(trainer.state().unwrap().parameters, plain.state().unwrap().parameters);
    epochs(&mut plain);
    let kept = trainer.state().unwrap().kept.unwrap();
    assert_eq!((kept.parameters, kept.is_in_use), (plain.state().unwrap().parameters, true));
    for trainer in [&mut plain, &mut trainer] {
        trainer.change("epochs", "22").unwrap();
        trainer.step().unwrap();
    }
    assert_eq!(trainer.epoch_in_use(), None);
    assert_eq!(trainer.state().unwrap().parameters, plain.state().unwrap().parameters);
    // Another measure knows nothing of what was best before.
    trainer.change("keep_best", "off").unwrap();
    assert_eq!(trainer.state().unwrap().kept, None);
}

#[test]
fn the_best_epoch_survives_being_taken_up_again_anywhere() {
    let settings = TrainSettings { epochs: 9, ..watched(HELD_OUT, HELD_OUT) };
    let end = finish(&mut trainer_of(settings.clone()));
    assert!(end.kept.as_ref().is_some_and(|kept| kept.is_in_use));
    let mut stopped = trainer_of(settings.clone());
    loop {
        let state = stopped.state().unwrap();
        let mut again = Trainer::resume(&dataset(), settings.clone(), Device::Cpu, &state).unwrap();
        assert_eq!(finish(&mut again), end, "update {}", state.updates);
        if stopped.step().unwrap() == StepOutcome::Finished {
            return;
        }
    }
}

#[test]
fn every_algorithm_and_penalty_goes_on_exactly_where_it_was_taken_up() {
    for (key, value) in [
        ("algorithm", "tempering"),
        ("weight_decay_l1", "0.01"),
        ("sparsity_cost", "0.1"),
        ("gradient_norm_limit", "0.1"),
        ("warmup_epochs", "1.5"),
    ] {
        let settings = TrainSettings { temperatures: 3, ..with(key, value) };
        let end = finish(&mut trainer_of(settings.clone()));
        assert_ne!(end.parameters, finish(&mut trainer()).parameters, "{key} does nothing");
        let mut stopped = trainer_of(settings.clone());
        for _ in 0..6 {
            stopped.step().unwrap();
        }
        let state = stopped.state().unwrap();
        let mut again = Trainer::resume(&dataset(), settings, Device::Cpu, &state).unwrap();
        assert_eq!(finish(&mut again), end, "{key}");
    }
}

#[test]
fn a_measure_of_held_out_songs_needs_some() {
    let mut dataset = dataset();
    dataset.held_out.clear();
    for (key, settings) in [
        ("keep_best", watched(WatchedMeasure::Off, WatchedMeasure::HeldOutCrossEntropy)),
        ("early_stop_measure", watched(WatchedMeasure::FreeEnergyGap, WatchedMeasure::Off)),
    ] {
        let error = Trainer::new(&dataset, settings, Device::Cpu).unwrap_err().to_string();
        assert!(error.contains(key) && error.contains("held_out_share"), "{error}");
    }
    let mut trainer = Trainer::new(&dataset, settings(), Device::Cpu).unwrap();
    assert!(trainer.change("keep_best", "held_out_error").is_err());
    assert!(trainer.change("keep_best", "reconstruction_error").is_ok());
}

#[test]
fn warm_up_begins_low_and_its_end_lies_on_the_schedule() {
    let warm = TrainSettings { warmup_epochs: 1.5, ..settings() };
    let rates = |settings| -> Vec<f64> {
        epochs(&mut trainer_of(settings)).iter().map(|metrics| metrics.learning_rate).collect()
    };
    let (warm, cold) = (rates(warm), rates(settings()));
    // Four batches an epoch: after the first, 4 of 6 steps of the line are done.
    assert!((warm[0] - cold[0] * 4.0 / 6.0).abs() < 1e-15);
    assert_eq!(warm[1..], cold[1..]);
}

#[test]
fn each_epoch_says_how_far_the_weights_moved_and_how_dense_the_chains_are() {
    let persistent = epochs(&mut trainer());
    for metrics in &persistent {
        assert!(metrics.update_to_weight_ratio.is_some_and(|ratio| ratio > 0.0 && ratio < 1.0));
        assert!(metrics.chain_density.is_some_and(|density| (0.0..=1.0).contains(&density)));
        let gap = metrics.held_out_free_energy.unwrap() - metrics.free_energy;
        assert_eq!(metrics.free_energy_gap, Some(gap));
        let bits = dataset().rows.count_ones(0, 20) as f64;
        assert!((metrics.data_density.unwrap() - bits / 120.0).abs() < 1e-6);
        assert_eq!(metrics.swap_rate, None);
    }
    let tempering = TrainSettings { temperatures: 4, ..with("algorithm", "tempering") };
    for metrics in epochs(&mut trainer_of(tempering)) {
        assert!(metrics.swap_rate.is_some_and(|rate| rate > 0.0 && rate <= 1.0), "{metrics:?}");
    }
    let plain = with("algorithm", "cd");
    assert!(epochs(&mut trainer_of(plain)).iter().all(|metrics| metrics.chain_density.is_none()));
}

#[test]
fn weights_beyond_all_sense_are_noticed_between_two_measures() {
    let mut good = trainer_of(TrainSettings { batch_size: 1, ..settings() });
    while good.state().unwrap().updates < 12 {
        good.step().unwrap();
    }
    let state = good.state().unwrap();
    for (bad, words) in [(1e4, "grown to a mean size"), (f32::NAN, "finite")] {
        let mut broken = state.clone();
        broken.parameters.weights[0] = bad;
        // The check in the middle of the epoch of 10 updates comes with update 32.
        let mut trainer = trainer_of(TrainSettings { batch_size: 1, epochs: 9, ..settings() });
        broken.updates = 30;
        trainer.restore(&broken).unwrap();
        assert_eq!(trainer.step().unwrap(), StepOutcome::Updated);
        let error = trainer.step().unwrap_err();
        assert!(matches!(&error, TrainError::Diverged { epoch: 2, .. }), "{error}");
        assert!(error.to_string().contains(words), "{error}");
        // It goes back and on as if nothing had been.
        trainer.restore(&state).unwrap();
        good.restore(&state).unwrap();
        for trainer in [&mut trainer, &mut good] {
            trainer.change("epochs", "2").unwrap();
        }
        assert_eq!(finish(&mut trainer), finish(&mut good));
    }
}
