//! Advice on made histories: each pattern is found, healthy ones are left in peace.

use super::*;
use crate::rbm::Algorithm;
use crate::train::{EpochMetrics, EpochRecord, Preset, SettingChange};

/// A run that learns as the presets do: the error falls to a floor that it has not reached yet, the
/// gap grows with it, held-out songs gain.
fn healthy(epoch: u32) -> EpochMetrics {
    let left = (-f64::from(epoch) / 30.0).exp();
    EpochMetrics {
        epoch,
        reconstruction_error: 0.003 + 0.018 * left,
        held_out_error: Some(0.008 + 0.013 * left),
        free_energy: 80.0 - 700.0 * (1.0 - left),
        free_energy_gap: Some(7.0 + 170.0 * (1.0 - left)),
        cross_entropy: Some(80.0 + 290.0 * left),
        held_out_cross_entropy: Some(160.0 + 220.0 * left),
        pseudo_log_likelihood: Some(-80.0 - 300.0 * left),
        held_out_pseudo_log_likelihood: Some(-180.0 - 200.0 * left),
        hidden_activation: Some(0.5),
        dead_hidden_units: Some(2),
        saturated_hidden_units: Some(1),
        data_density: Some(0.03),
        chain_density: Some(0.032),
        update_to_weight_ratio: Some(0.003 + 0.08 * left),
        learning_rate: 0.1,
        ..EpochMetrics::default()
    }
}

fn history(n_epochs: u32, change: impl Fn(&mut EpochMetrics)) -> History {
    let record = |epoch| {
        let mut metrics = healthy(epoch);
        change(&mut metrics);
        EpochRecord { metrics, seconds: f64::from(epoch), examples_per_second: 1.0 }
    };
    History { epochs: (1..=n_epochs).map(record).collect(), changes: vec![] }
}

fn run<'a>(history: &'a History, settings: &'a TrainSettings) -> RunOutcome<'a> {
    RunOutcome { history, settings, n_songs: 60, held_out_excerpts: 120, is_over: false }
}

fn kinds(history: &History) -> Vec<AdviceKind> {
    let settings = TrainSettings { epochs: 200, ..TrainSettings::default() };
    kinds_with(history, &settings)
}

fn kinds_with(history: &History, settings: &TrainSettings) -> Vec<AdviceKind> {
    let found = advice(&run(history, settings));
    for finding in &found {
        check(finding, settings);
    }
    found.iter().map(|finding| finding.kind).collect()
}

/// Whatever is said has figures and something to do, which the settings take and do not have yet.
fn check(finding: &Finding, settings: &TrainSettings) {
    assert!(finding.sentence.ends_with('.') && !finding.evidence.is_empty(), "{finding:?}");
    assert!(!finding.remedies.is_empty(), "{finding:?}");
    for remedy in &finding.remedies {
        assert!(!remedy.words.is_empty() && !remedy.is_taken(settings), "{finding:?}");
        if let RemedyDeed::Set { key, value } = &remedy.deed {
            let mut settings = settings.clone();
            settings.set(key, value).unwrap();
            settings.validate().unwrap();
            assert!(remedy.is_taken(&settings), "{remedy:?}");
        }
    }
}

#[test]
fn a_healthy_run_gets_no_advice_at_any_epoch() {
    for n in 0..=100 {
        assert_eq!(kinds(&history(n, |_| ())), [], "after epoch {n}");
    }
}

#[test]
fn nothing_is_said_of_how_it_learns_in_the_first_epochs() {
    for n in 0..5 {
        let odd = history(n, |m| {
            m.reconstruction_error = if m.epoch.is_multiple_of(2) { 0.1 } else { 0.01 };
            m.dead_hidden_units = Some(140);
            m.chain_density = Some(0.5);
            m.update_to_weight_ratio = Some(1e-6);
        });
        assert_eq!(kinds(&odd), [], "after epoch {n}");
    }
}

#[test]
fn an_error_that_jumps_or_stays_above_its_best_is_a_rate_too_high() {
    let jumping = |m: &mut EpochMetrics| {
        m.reconstruction_error *= if m.epoch.is_multiple_of(3) { 1.3 } else { 1.0 };
    };
    assert_eq!(kinds(&history(20, jumping)), [AdviceKind::RateTooHigh]);
    let risen = |m: &mut EpochMetrics| {
        m.reconstruction_error = if m.epoch < 6 { 0.01 } else { 0.015 };
    };
    assert_eq!(kinds(&history(60, risen)), [AdviceKind::RateTooHigh]);
    let settings = TrainSettings { learning_rate: 1.0, ..TrainSettings::default() };
    let found = advice(&run(&history(20, jumping), &settings).clone());
    let rate = RemedyDeed::Set { key: "learning_rate", value: "0.25".to_owned() };
    assert_eq!(found[0].remedies[0].deed, rate);
}

#[test]
fn held_out_songs_that_gain_nothing_while_the_gap_grows_mean_memorising() {
    let still = |m: &mut EpochMetrics| m.held_out_error = Some(0.0095);
    assert_eq!(kinds(&history(40, still)), [AdviceKind::Memorising]);
    let behind = |m: &mut EpochMetrics| {
        m.held_out_error = Some(m.reconstruction_error * 8.0);
        m.held_out_pseudo_log_likelihood = m.pseudo_log_likelihood.map(|value| value * 8.0);
    };
    let found = history(40, behind);
    assert_eq!(kinds(&found), [AdviceKind::Memorising]);
    let settings = TrainSettings::default();
    let deeds = |is_over| {
        let run = RunOutcome { is_over, ..run(&found, &settings) };
        let remedies = advice(&run).remove(0).remedies;
        remedies.into_iter().map(|remedy| remedy.deed).collect::<Vec<_>>()
    };
    assert!(deeds(false).contains(&RemedyDeed::StopTraining));
    assert!(!deeds(true).contains(&RemedyDeed::StopTraining), "there is nothing to stop");
    assert!(deeds(true).contains(&RemedyDeed::AddSongs));
}

#[test]
fn a_held_out_error_that_rises_is_said_before_the_gap() {
    let rising = |m: &mut EpochMetrics| {
        m.held_out_error = m.held_out_error.map(|it| it + 0.0002 * f64::from(m.epoch));
    };
    assert_eq!(kinds(&history(60, rising)), [AdviceKind::HeldOutErrorRises]);
}

#[test]
fn a_held_out_error_that_has_jumped_and_falls_again_is_not_rising() {
    let history = |slope: f64| {
        history(40, |m| {
            let late = f64::from(m.epoch.saturating_sub(8));
            m.held_out_error = Some(if late > 0.0 { 0.02 * slope.powf(late) } else { 0.012 });
        })
    };
    assert!(kinds(&history(1.01)).contains(&AdviceKind::HeldOutErrorRises));
    assert!(!kinds(&history(0.99)).contains(&AdviceKind::HeldOutErrorRises));
}

#[test]
fn chains_that_sound_more_or_less_than_the_songs_have_not_mixed() {
    for density in [0.06, 0.01] {
        let unmixed = |m: &mut EpochMetrics| m.chain_density = Some(density);
        assert_eq!(kinds(&history(30, unmixed)), [AdviceKind::ChainsNotMixed]);
        assert_eq!(kinds(&history(9, unmixed)), [], "chains begin at random");
    }
}

#[test]
fn temperatures_that_do_not_swap_are_too_few() {
    let settings = TrainSettings {
        algorithm: Algorithm::ParallelTempering,
        temperatures: 3,
        ..TrainSettings::default()
    };
    let swaps = |rate| history(15, move |m| m.swap_rate = Some(rate));
    assert_eq!(kinds_with(&swaps(0.01), &settings), [AdviceKind::FewSwaps]);
    assert_eq!(kinds_with(&swaps(0.4), &settings), []);
}

#[test]
fn many_dead_or_saturated_units_are_spoken_of_and_a_few_are_not() {
    let idle = |n| history(15, move |m| m.dead_hidden_units = Some(n));
    assert_eq!(kinds(&idle(70)), [AdviceKind::IdleUnits]);
    assert_eq!(kinds(&idle(14)), []);
    let all = history(15, |m| m.saturated_hidden_units = Some(138));
    assert_eq!(kinds(&all), [AdviceKind::IdleUnits]);
}

#[test]
fn tiny_updates_that_change_nothing_mean_a_rate_too_low() {
    let slow = |m: &mut EpochMetrics| {
        m.update_to_weight_ratio = Some(1.4e-4);
        m.reconstruction_error = 0.0238 - 1e-6 * f64::from(m.epoch);
        m.held_out_error = Some(0.0248 - 1e-6 * f64::from(m.epoch));
        m.free_energy_gap = Some(7.47);
    };
    let settings = TrainSettings { learning_rate: 0.001, ..TrainSettings::default() };
    let found = history(30, slow);
    assert_eq!(kinds_with(&found, &settings), [AdviceKind::RateTooLow]);
    let rate = RemedyDeed::Set { key: "learning_rate", value: "0.021".to_owned() };
    assert_eq!(advice(&run(&found, &settings))[0].remedies[0].deed, rate);
    // Small updates at the end of a falling rate are as they should be.
    let falling = |m: &mut EpochMetrics| {
        m.update_to_weight_ratio = Some(0.08 * (1.0 - f64::from(m.epoch) / 70.0));
    };
    assert_eq!(kinds(&history(70, falling)), []);
}

#[test]
fn an_error_that_stands_still_has_settled_unless_the_run_is_nearly_over() {
    let still = |m: &mut EpochMetrics| {
        *m = EpochMetrics { epoch: m.epoch, ..healthy(120) };
    };
    let found = history(40, still);
    assert_eq!(kinds(&found), [AdviceKind::Settled]);
    let short = TrainSettings { epochs: 42, ..TrainSettings::default() };
    assert_eq!(kinds_with(&found, &short), []);
}

#[test]
fn few_songs_and_none_held_out_are_said_once_a_run_is_there() {
    let (history, settings) = (history(1, |_| ()), TrainSettings::default());
    let few = RunOutcome { n_songs: 3, held_out_excerpts: 0, ..run(&history, &settings) };
    let found: Vec<AdviceKind> = advice(&few).iter().map(|finding| finding.kind).collect();
    assert_eq!(found, [AdviceKind::FewSongs, AdviceKind::NothingHeldOut]);
    let empty = History::default();
    assert_eq!(advice(&RunOutcome { history: &empty, ..few }), []);
    let report = Preset::Report.settings();
    let study = RunOutcome { held_out_excerpts: 0, ..run(&history, &report) };
    assert_eq!(advice(&study), [], "the study held nothing out");
}

#[test]
fn once_a_knob_was_turned_only_the_epochs_since_count() {
    let still = |m: &mut EpochMetrics| m.held_out_error = Some(0.0095);
    let mut found = history(40, still);
    assert_eq!(kinds(&found), [AdviceKind::Memorising]);
    let change = |key: &str| SettingChange {
        epoch: 39,
        key: key.to_owned(),
        value: "0.3".to_owned(),
        before: None,
    };
    found.changes = vec![change("epochs")];
    assert_eq!(kinds(&found), [AdviceKind::Memorising], "more epochs change nothing");
    found.changes = vec![change("dropout")];
    assert_eq!(kinds(&found), [], "it has to show first what it does");
}

#[test]
fn a_finding_does_not_come_and_go_near_its_limit() {
    // The share of dead units swings around the limit of a quarter.
    let swinging = |m: &mut EpochMetrics| {
        m.dead_hidden_units = Some(if m.epoch.is_multiple_of(4) { 30 } else { 40 });
    };
    let said: Vec<bool> = (6..60).map(|n| !kinds(&history(n, swinging)).is_empty()).collect();
    let turns = said.windows(2).filter(|pair| pair[0] != pair[1]).count();
    assert!(turns <= 1, "{said:?}");
}

#[test]
fn measures_that_an_old_project_lacks_are_no_reason_to_speak() {
    let bare = history(60, |m| {
        *m = EpochMetrics {
            epoch: m.epoch,
            reconstruction_error: m.reconstruction_error,
            ..EpochMetrics::default()
        };
    });
    assert_eq!(kinds(&bare), []);
    let broken = history(60, |m| m.reconstruction_error = f64::NAN);
    assert_eq!(kinds(&broken), []);
}
