//! How runs end: by themselves, by the user, early, astray, or not at all because none begins.

use harmonium::engine::{
    Divergence, EngineCommand, EngineEvent, EngineOptions, Fault, RunEnd, StepSize, TrainRequest,
};
use harmonium::project::Project;
use harmonium::rbm::DeviceChoice;
use harmonium::train::{TrainSettings, WatchedMeasure};

use super::{
    Session, adopt_request, base_project, generate_request, sha, train_request, untouched,
};
use crate::world::{endless_settings, small_settings, songs, trained_project};

#[test]
fn stopping_keeps_the_model_and_resetting_forgets_it() {
    let mut session = Session::start();
    session.train(endless_settings());
    session.until_named("EpochFinished");
    session.send(EngineCommand::Stop);
    let end = session.until(|event| match event {
        EngineEvent::RunEnded(end) => Some(*end),
        _ => None,
    });
    assert_eq!(end, RunEnd::Stopped { kept: None });
    assert!(session.model().unwrap().state.finished_epochs >= 1);
    session.send(EngineCommand::Reset);
    session.until_named("RunReset");
    assert!(session.model().is_none());
    session.send(generate_request(1));
    let event = session.next();
    assert!(matches!(&event, EngineEvent::GenerateFailed(words) if words.contains("no model")));
}

#[test]
fn more_epochs_can_be_asked_for_after_the_end() {
    let mut session = Session::start();
    session.train(TrainSettings { epochs: 2, ..small_settings() });
    session.until_named("RunEnded");
    session.send(EngineCommand::Change { key: "epochs", value: "3".to_owned() });
    session.until_named("SettingChanged");
    session.send(EngineCommand::Resume);
    session.until_named("RunEnded");
    assert_eq!(session.model().unwrap().state.finished_epochs, 3);
}

#[test]
fn a_panic_ends_the_run_and_neither_the_program_nor_the_model() {
    let mut session = Session::with(EngineOptions {
        fault: Some(Fault::PanicAtStep(23)),
        ..EngineOptions::default()
    });
    session.train(small_settings());
    let words = session.until(|event| match event {
        EngineEvent::RunFailed { reason, has_model: true, .. } => Some(reason.clone()),
        _ => None,
    });
    assert!(words.contains("a failure planted by a test"), "{words}");
    let kept = session.model().expect("the model was lost");
    assert_eq!(kept.run.history.epochs.len(), kept.state.finished_epochs as usize);
    // The engine obeys as before: what was kept goes on, and a new run starts.
    session.send(adopt_request(Project { model: Some(kept), ..base_project() }));
    session.until_named("RunStarted");
    session.send(EngineCommand::Resume);
    session.until_named("RunEnded");
    assert_eq!(sha(&session.model().unwrap()), untouched(small_settings()));
    session.train(small_settings());
    session.until_named("RunEnded");
}

#[test]
fn a_run_that_would_not_fit_into_memory_is_refused_before_it_takes_any() {
    let options = EngineOptions { free_memory: || Some(1 << 10), ..EngineOptions::default() };
    let mut session = Session::with(options);
    session.send(train_request(small_settings(), false));
    let words = session.until(|event| match event {
        EngineEvent::RunFailed { reason, .. } => Some(reason.clone()),
        _ => None,
    });
    assert!(words.contains("GiB") && words.contains("fewer hidden units"), "{words}");
}

#[test]
fn a_run_that_cannot_start_says_why_and_leaves_the_last_model() {
    let mut session = Session::start();
    session.train(small_settings());
    session.until_named("RunEnded");
    let before = sha(&session.model().unwrap());
    let mut request = TrainRequest {
        name: "Run 2".to_owned(),
        songs: Vec::new(),
        held_out_songs: Vec::new(),
        settings: small_settings(),
        device: DeviceChoice::Cpu,
        starts_paused: false,
    };
    session.send(EngineCommand::Train(Box::new(request.clone())));
    let event = session.next();
    let EngineEvent::RunFailed { reason: words, has_model: true, .. } = &event else {
        panic!("{event:?}")
    };
    assert!(words.contains("add a folder"), "{words}");
    request.songs = songs(2, &request.settings.encoding);
    request.settings.learning_rate = f64::NAN;
    session.send(EngineCommand::Train(Box::new(request)));
    let event = session.next();
    let EngineEvent::RunFailed { reason: words, has_model: true, .. } = &event else {
        panic!("{event:?}")
    };
    assert!(words.contains("learning_rate"), "{words}");
    assert_eq!(sha(&session.model().expect("the model was lost")), before);
}

#[test]
fn a_model_whose_songs_were_encoded_anew_is_heard_and_kept() {
    // The window encodes songs anew as soon as a knob of the grid is turned.
    let mut project = trained_project(small_settings());
    let model = project.model.clone().unwrap();
    let mut other = small_settings().encoding;
    other.steps_per_beat = 3;
    project.songs = songs(6, &other);
    for song in &mut project.songs {
        song.source = None;
    }
    let mut session = Session::start();
    session.send(adopt_request(project.clone()));
    let event = session.next();
    let EngineEvent::RunFailed { reason: words, has_model: true, .. } = &event else {
        panic!("{event:?}")
    };
    assert!(words.contains("encoded"), "{words}");
    let folder = tempfile::tempdir().unwrap();
    let base = Project { model: None, ..project };
    let saved = session.save(base, &folder.path().join("kept.harmonium"));
    assert!(saved.model.expect("the model was lost") == model);
    session.send(generate_request(3));
    session.until_named("Generated");
}

fn change(key: &'static str, value: &str) -> EngineCommand {
    EngineCommand::Change { key, value: value.to_owned() }
}

fn end_of(session: &mut Session) -> RunEnd {
    session.until(|event| match event {
        EngineEvent::RunEnded(end) => Some(*end),
        _ => None,
    })
}

fn divergence_of(session: &mut Session) -> Divergence {
    session.until(|event| match event {
        EngineEvent::RunDiverged(divergence) => Some(divergence.clone()),
        _ => None,
    })
}

#[test]
fn a_run_that_goes_astray_stands_again_where_it_was_well_and_goes_on_with_the_proposed_rate() {
    let mut session = Session::start();
    session.train(TrainSettings { momentum_start_epochs: 0, ..endless_settings() });
    session.until_named("EpochFinished");
    session.send(change("momentum", "0.99"));
    session.send(change("learning_rate", "1"));
    let Divergence { epoch, symptom, good_epochs, suggested_rate } = divergence_of(&mut session);
    assert!(good_epochs < epoch && symptom.contains("grown"), "{symptom}");
    assert_eq!(suggested_rate, 0.1);
    let model = session.model().unwrap();
    assert_eq!((model.state.finished_epochs, model.state.batches), (good_epochs, 0));
    let history = &model.run.history;
    assert_eq!(history.epochs.len() as u32, good_epochs);
    assert!(history.changes.iter().all(|change| change.epoch <= good_epochs));
    assert!(model.state.parameters.weights.iter().all(|weight| weight.is_finite()));
    // Where it stands it can be heard, and it goes on.
    session.send(generate_request(2));
    session.until_named("Generated");
    session.send(change("momentum", "0.5"));
    session.send(change("learning_rate", "0.01"));
    session.send(EngineCommand::Resume);
    session.until_named("RunResumed");
    let next = session.until(|event| match event {
        EngineEvent::EpochFinished(record) => Some(*record),
        _ => None,
    });
    assert_eq!(next.metrics.epoch, good_epochs + 1);
    assert!(next.seconds > history.seconds());
}

#[test]
fn what_was_rolled_back_leaves_no_trace_in_what_comes_after() {
    // Diverges, goes back to some epoch; the same run without the bad rate ends with the same
    // weights, whatever epoch that was.
    let settings = TrainSettings { epochs: 400, momentum_start_epochs: 0, ..small_settings() };
    let mut session = Session::start();
    session.send(train_request(settings, true));
    session.send(EngineCommand::Step(StepSize::Epoch));
    session.until_named("RunPaused");
    let start = session.model().unwrap();
    session.send(change("momentum", "0.99"));
    session.send(change("learning_rate", "1"));
    session.send(EngineCommand::Resume);
    divergence_of(&mut session);
    let well = session.model().unwrap();
    assert!(well.state.finished_epochs >= start.state.finished_epochs);
    for (key, value) in [("momentum", "0.8"), ("learning_rate", "0.05"), ("epochs", "0")] {
        let value = match key {
            "epochs" => (well.state.finished_epochs + 3).to_string(),
            _ => value.to_owned(),
        };
        session.send(change(key, &value));
    }
    session.send(EngineCommand::Resume);
    session.until_named("RunEnded");
    let ended = session.model().unwrap();
    let mut again = Session::start();
    again.send(adopt_request(Project { model: Some(well), ..base_project() }));
    again.until_named("RunStarted");
    for (key, value) in [
        ("momentum", "0.8".to_owned()),
        ("learning_rate", "0.05".to_owned()),
        ("epochs", ended.state.finished_epochs.to_string()),
    ] {
        again.send(change(key, &value));
    }
    again.send(EngineCommand::Resume);
    again.until_named("RunEnded");
    assert_eq!(sha(&again.model().unwrap()), sha(&ended));
}

#[test]
fn an_early_stop_says_by_what_and_the_best_epoch_is_kept() {
    let measure = WatchedMeasure::HeldOutPseudoLogLikelihood;
    let settings = TrainSettings {
        epochs: 1_000_000,
        early_stop_measure: measure,
        early_stop_epochs: 3,
        keep_best: measure,
        ..small_settings()
    };
    let mut session = Session::start();
    session.train(settings.clone());
    let RunEnd::StoppedEarly { measure: by, best, kept } = end_of(&mut session) else {
        panic!("it did not stop early")
    };
    assert_eq!((by, kept), (measure, Some(best)));
    let model = session.model().unwrap();
    assert_eq!(model.state.finished_epochs, best.epoch + 3);
    let plain = TrainSettings {
        early_stop_measure: WatchedMeasure::Off,
        keep_best: WatchedMeasure::Off,
        ..settings
    };
    let mut other = Session::start();
    other.send(super::train_request(plain, true));
    other.until_named("RunStarted");
    for _ in 0..best.epoch {
        other.send(EngineCommand::Step(harmonium::engine::StepSize::Epoch));
        other.until_named("RunPaused");
    }
    assert_eq!(sha(&other.model().unwrap()), sha(&model));
    // A finished run that is taken up again says at once that nothing is left to do.
    session.send(adopt_request(Project { model: Some(model), ..base_project() }));
    let facts = session.until(|event| match event {
        EngineEvent::RunStarted(facts) => Some((**facts).clone()),
        _ => None,
    });
    assert!(facts.is_finished);
}

#[test]
fn a_run_that_is_stopped_keeps_its_best_epoch() {
    let keep_best = WatchedMeasure::HeldOutPseudoLogLikelihood;
    let mut session = Session::start();
    let settings = TrainSettings { epochs: 1_000_000, keep_best, ..small_settings() };
    session.send(train_request(settings, true));
    // Epoch by epoch, until one is not the best.
    let mut best = f64::NEG_INFINITY;
    loop {
        session.send(EngineCommand::Step(StepSize::Epoch));
        let measured = session.until(|event| match event {
            EngineEvent::EpochFinished(record) => record.metrics.held_out_pseudo_log_likelihood,
            _ => None,
        });
        session.until_named("RunPaused");
        if measured < best {
            break;
        }
        best = measured;
    }
    session.send(EngineCommand::Stop);
    let RunEnd::Stopped { kept: Some(kept) } = end_of(&mut session) else {
        panic!("no epoch is kept")
    };
    let model = session.model().unwrap();
    let best = model.state.kept.as_ref().unwrap();
    assert!(best.is_in_use && best.best == kept);
    assert_ne!(best.parameters, model.state.parameters);
}

#[test]
fn a_run_does_not_go_on_with_other_songs_but_its_model_is_heard_and_saved() {
    let mut session = Session::start();
    session.train(small_settings());
    session.until_named("RunEnded");
    let model = session.model().unwrap();
    for (changed, words) in [(0, "left out or removed (tune-00)"), (6, "added (tune-06)")] {
        let mut project = Project { model: Some(model.clone()), ..base_project() };
        project.songs = songs(7, &small_settings().encoding);
        for (place, song) in project.songs.iter_mut().enumerate() {
            song.is_included = if place == 6 { changed == 6 } else { place != changed };
        }
        session.send(adopt_request(project.clone()));
        let event = session.next();
        let EngineEvent::RunFailed { reason, has_model: true, .. } = &event else {
            panic!("{event:?}")
        };
        assert!(reason.contains(words) && reason.contains("start a new run"), "{reason}");
        assert_eq!(sha(&session.model().unwrap()), sha(&model));
        session.send(generate_request(2));
        session.until_named("Generated");
    }
    // A file of the first version does not know what it learned from.
    let mut old = model.clone();
    old.run.data = None;
    session.send(adopt_request(Project { model: Some(old), ..base_project() }));
    session.until_named("RunStarted");
    assert_eq!(session.model().unwrap().run.data, model.run.data);
}
