//! A training session as the window lives it: commands in, events out, nothing lost, nothing hung.

mod audition;
mod chains;
mod endings;
mod estimates;
mod machine_fails;
mod pictures;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use harmonium::dataset::Song;
use harmonium::engine::{
    AdoptRequest, EngineCommand, EngineEvent, EngineHandle, EngineOptions, GenerateRequest,
    ImportRequest, RunEnd, RunFacts, StepSize, TrainRequest, Wake,
};
use harmonium::generate::{GenerateSettings, Task};
use harmonium::music::Metre;
use harmonium::project::{self, Model, Project, weights_sha256};
use harmonium::rbm::DeviceChoice;
use harmonium::train::TrainSettings;

use crate::world::{
    HANG_LIMIT, endless_settings, small_settings, songs, trained_project, write_tunes,
};

struct Session {
    engine: EngineHandle,
    wakes: Arc<AtomicUsize>,
    /// Everything heard so far, by name.
    heard: Vec<&'static str>,
}

impl Session {
    fn start() -> Self {
        Self::with(EngineOptions::default())
    }

    fn with(options: EngineOptions) -> Self {
        let wakes = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&wakes);
        let wake: Wake = Arc::new(move || {
            counter.fetch_add(1, Ordering::Relaxed);
        });
        let engine = EngineHandle::start(options, wake).unwrap();
        Self { engine, wakes, heard: Vec::new() }
    }

    fn send(&self, command: EngineCommand) {
        self.engine.send(command);
    }

    fn next(&mut self) -> EngineEvent {
        let event = self.engine.wait_event(HANG_LIMIT).expect("the engine hangs");
        self.heard.push(name(&event));
        event
    }

    /// The first event of which `pick` makes something; those before it are only counted.
    #[track_caller]
    fn until<T>(&mut self, mut pick: impl FnMut(&EngineEvent) -> Option<T>) -> T {
        loop {
            let event = self.next();
            if let Some(picked) = pick(&event) {
                return picked;
            }
            let is_failure = name(&event).ends_with("Failed");
            assert!(!is_failure, "{event:?}");
        }
    }

    fn until_named(&mut self, wanted: &str) -> EngineEvent {
        loop {
            let event = self.next();
            if name(&event) == wanted {
                return event;
            }
            assert!(!name(&event).ends_with("Failed"), "{event:?}");
        }
    }

    fn train(&mut self, settings: TrainSettings) -> RunFacts {
        self.send(train_request(settings, false));
        self.until(|event| match event {
            EngineEvent::RunStarted(facts) => Some((**facts).clone()),
            _ => None,
        })
    }

    fn save(&mut self, project: Project, path: &Path) -> Project {
        let command = EngineCommand::Save {
            path: path.to_owned(),
            project: Box::new(project),
            lock_as: None,
        };
        self.send(command);
        self.until_named("Saved");
        project::load(path).unwrap()
    }

    /// The model as it stands.
    fn model(&mut self) -> Option<Model> {
        let folder = tempfile::tempdir().unwrap();
        self.save(base_project(), &folder.path().join("model.harmonium")).model
    }
}

fn name(event: &EngineEvent) -> &'static str {
    match event {
        EngineEvent::DeviceProbed(_) => "DeviceProbed",
        EngineEvent::ImportProgressed { .. } => "ImportProgressed",
        EngineEvent::Imported(_) => "Imported",
        EngineEvent::Encoded { .. } => "Encoded",
        EngineEvent::RunStarted(_) => "RunStarted",
        EngineEvent::EpochFinished(_) => "EpochFinished",
        EngineEvent::RunPaused => "RunPaused",
        EngineEvent::RunResumed => "RunResumed",
        EngineEvent::SettingChanged(_) => "SettingChanged",
        EngineEvent::ChangeRefused { .. } => "ChangeRefused",
        EngineEvent::RunEnded(_) => "RunEnded",
        EngineEvent::RunDiverged(_) => "RunDiverged",
        EngineEvent::RunFailed { .. } => "RunFailed",
        EngineEvent::RunReset => "RunReset",
        EngineEvent::RunBroughtBack => "RunBroughtBack",
        EngineEvent::GenerateProgressed { .. } => "GenerateProgressed",
        EngineEvent::Generated(_) => "Generated",
        EngineEvent::GenerateCancelled => "GenerateCancelled",
        EngineEvent::ChainTaken(_) => "ChainTaken",
        EngineEvent::GenerateFailed(_) => "GenerateFailed",
        EngineEvent::Auditioned { .. } => "Auditioned",
        EngineEvent::AuditionFailed(_) => "AuditionFailed",
        EngineEvent::LikelihoodProgressed { .. } => "LikelihoodProgressed",
        EngineEvent::LikelihoodEstimated(_) => "LikelihoodEstimated",
        EngineEvent::LikelihoodCancelled => "LikelihoodCancelled",
        EngineEvent::LikelihoodFailed(_) => "LikelihoodFailed",
        EngineEvent::NearestFound { .. } => "NearestFound",
        EngineEvent::NearestCancelled { .. } => "NearestCancelled",
        EngineEvent::NearestFailed { .. } => "NearestFailed",
        EngineEvent::Saved { .. } => "Saved",
        EngineEvent::SaveFailed { .. } => "SaveFailed",
        EngineEvent::Loaded { .. } => "Loaded",
        EngineEvent::Autosaved { .. } => "Autosaved",
        EngineEvent::AutosaveFailed { .. } => "AutosaveFailed",
        EngineEvent::LoadFailed { .. } => "LoadFailed",
        EngineEvent::ModelKept { .. } => "ModelKept",
        EngineEvent::RunsRead { .. } => "RunsRead",
        EngineEvent::ReadRunsFailed { .. } => "ReadRunsFailed",
    }
}

fn base_project() -> Project {
    let settings = small_settings();
    Project { songs: songs(6, &settings.encoding), settings, ..Project::default() }
}

fn train_request(settings: TrainSettings, starts_paused: bool) -> EngineCommand {
    EngineCommand::Train(Box::new(TrainRequest {
        name: "Run 1".to_owned(),
        songs: songs(6, &settings.encoding),
        held_out_songs: Vec::new(),
        settings,
        device: DeviceChoice::Cpu,
        starts_paused,
    }))
}

fn adopt_request(project: Project) -> EngineCommand {
    EngineCommand::Adopt(Box::new(AdoptRequest {
        songs: project.songs,
        held_out_songs: project.held_out_songs,
        model: project.model.unwrap(),
        device: DeviceChoice::Cpu,
    }))
}

fn generate_request(gibbs_steps: u32) -> EngineCommand {
    EngineCommand::Generate(Box::new(GenerateRequest {
        settings: GenerateSettings {
            pieces: 2,
            bars: 2,
            gibbs_steps,
            ..GenerateSettings::FROM_CHAINS
        },
        song: None,
        task: Task::New,
        locked: Vec::new(),
        metre: Metre::COMMON,
        beats_per_minute: 100.0,
    }))
}

fn sha(model: &Model) -> String {
    weights_sha256(&model.state.parameters)
}

/// A run to its end on these songs: its facts and its model.
pub fn run_of(
    songs: Vec<Song>,
    held_out_songs: Vec<Song>,
    settings: TrainSettings,
) -> (RunFacts, Model) {
    let mut session = Session::start();
    session.send(EngineCommand::Train(Box::new(TrainRequest {
        name: "Run 1".to_owned(),
        songs,
        held_out_songs,
        settings,
        device: DeviceChoice::Cpu,
        starts_paused: false,
    })));
    let facts = session.until(|event| match event {
        EngineEvent::RunStarted(facts) => Some((**facts).clone()),
        _ => None,
    });
    session.until_named("RunEnded");
    (facts, session.model().unwrap())
}

/// The weights after a run that nobody touched.
fn untouched(settings: TrainSettings) -> String {
    let mut session = Session::start();
    session.train(settings);
    session.until_named("RunEnded");
    sha(&session.model().unwrap())
}

#[test]
fn a_run_reports_its_start_every_epoch_and_its_end_in_order() {
    let mut session = Session::start();
    let facts = session.train(small_settings());
    assert_eq!((facts.n_visible, facts.n_hidden), (16 * 88, 16));
    assert_eq!((facts.training_excerpts, facts.held_out_excerpts), (40, 8));
    assert_eq!((facts.device, facts.is_paused, facts.finished_epochs), ("cpu", false, 0));
    for expected in 1..=6 {
        let record = session.until(|event| match event {
            EngineEvent::EpochFinished(record) => Some(*record),
            _ => None,
        });
        assert_eq!(record.metrics.epoch, expected);
        assert!(record.metrics.held_out_error.is_some_and(f64::is_finite));
        assert!(record.seconds > 0.0 && record.examples_per_second > 0.0);
    }
    let end = session.until(|event| match event {
        EngineEvent::RunEnded(end) => Some(*end),
        _ => None,
    });
    assert_eq!(end, RunEnd::Completed { kept: None });
    let mut expected = vec!["RunStarted"];
    expected.extend(["EpochFinished"; 6]);
    expected.push("RunEnded");
    assert_eq!(session.heard, expected);
    let progress = session.engine.take_progress().unwrap();
    assert_eq!((progress.finished_epochs, progress.share), (6, 1.0));
    assert!(session.engine.take_progress().is_none(), "a picture is taken once");
    let wakes = session.wakes.load(Ordering::Relaxed);
    assert!(wakes >= session.heard.len(), "{wakes} wakes for {} events", session.heard.len());
}

#[test]
fn pausing_and_going_on_changes_nothing() {
    // So many that the run does not end before it is told to pause, however busy the machine is.
    let settings = TrainSettings { epochs: 5000, ..endless_settings() };
    let mut session = Session::start();
    session.train(settings.clone());
    for _ in 0..5 {
        session.until_named("EpochFinished");
        session.send(EngineCommand::Pause);
        session.until_named("RunPaused");
        let paused = session.model().unwrap();
        assert_eq!(sha(&paused), sha(&session.model().unwrap()), "it learns while paused");
        session.send(EngineCommand::Resume);
        session.until_named("RunResumed");
    }
    session.until_named("RunEnded");
    assert_eq!(sha(&session.model().unwrap()), untouched(settings));
    assert_eq!(session.heard.iter().filter(|name| **name == "EpochFinished").count(), 5000);
}

#[test]
fn a_run_can_be_taken_step_by_step() {
    let settings = TrainSettings { epochs: 2, ..small_settings() };
    let mut session = Session::start();
    session.send(train_request(settings.clone(), true));
    session.until(|event| match event {
        EngineEvent::RunStarted(facts) => facts.is_paused.then_some(()),
        _ => None,
    });
    session.send(EngineCommand::Step(StepSize::Batch));
    session.until_named("RunPaused");
    let model = session.model().unwrap();
    assert_eq!((model.state.updates, model.state.batches, model.state.finished_epochs), (1, 1, 0));
    session.send(EngineCommand::Step(StepSize::Epoch));
    session.until_named("RunPaused");
    let model = session.model().unwrap();
    assert_eq!((model.state.updates, model.state.batches, model.state.finished_epochs), (5, 0, 1));
    session.send(EngineCommand::Step(StepSize::Epoch));
    session.until_named("RunEnded");
    assert_eq!(sha(&session.model().unwrap()), untouched(settings));
    // Nothing is left to do, and more of it says nothing.
    session.send(EngineCommand::Resume);
    session.send(EngineCommand::Step(StepSize::Batch));
    assert_eq!(session.model().unwrap().state.updates, 10);
    assert_eq!(*session.heard.last().unwrap(), "Saved");
}

#[test]
fn a_dropped_engine_ends_whatever_it_was_doing() {
    let begin = Instant::now();
    for command in [
        train_request(endless_settings(), false),
        train_request(small_settings(), true),
        EngineCommand::ProbeDevice,
    ] {
        let mut session = Session::start();
        session.send(command);
        session.next();
    }
    let mut session = Session::start();
    session.send(adopt_request(trained_project(small_settings())));
    session.until_named("RunStarted");
    session.send(generate_request(100_000));
    session.until_named("GenerateProgressed");
    drop(session);
    let unused = Session::start();
    drop(unused);
    assert!(begin.elapsed() < HANG_LIMIT);
}

#[test]
fn what_was_not_begun_when_the_engine_was_dropped_is_given_up() {
    let mut session = Session::start();
    session.train(endless_settings());
    for _ in 0..20 {
        session.send(generate_request(100_000));
    }
    let begin = Instant::now();
    drop(session);
    assert!(begin.elapsed() < HANG_LIMIT);
}

#[test]
fn knobs_that_act_at_once_are_recorded_and_others_refused() {
    let mut session = Session::start();
    session.train(endless_settings());
    session.until_named("EpochFinished");
    let change = |key, value: &str| EngineCommand::Change { key, value: value.to_owned() };
    session.send(change("learning_rate", "0.001"));
    let marked = session.until(|event| match event {
        EngineEvent::SettingChanged(change) => Some(change.clone()),
        _ => None,
    });
    assert_eq!((marked.key.as_str(), marked.value.as_str()), ("learning_rate", "0.001"));
    assert!(marked.epoch >= 1);
    for (key, value, words) in [
        ("hidden_units", "99", "next run"),
        ("learning_rate", "7", "from 0.0001 to 1"),
        ("learning_rate", "fast", "does not work"),
    ] {
        session.send(change(key, value));
        let (refused, reason) = session.until(|event| match event {
            EngineEvent::ChangeRefused { key, reason } => Some((*key, reason.clone())),
            _ => None,
        });
        assert!(refused == key && reason.contains(words), "{refused}: {reason}");
    }
    // The epoch under way, and a whole one after it.
    session.until_named("EpochFinished");
    session.until_named("EpochFinished");
    session.send(EngineCommand::Stop);
    session.until_named("RunEnded");
    let run = session.model().unwrap().run;
    assert_eq!(run.settings.learning_rate, 0.001);
    assert_eq!(run.settings.hidden_units, 16);
    assert_eq!(run.history.changes, [marked]);
    assert_eq!(run.history.epochs.last().unwrap().metrics.learning_rate, 0.001 * rate_left(&run));
}

/// The share of the linear schedule at a run's last measured update.
fn rate_left(run: &project::Run) -> f64 {
    let done = f64::from(run.history.epochs.last().unwrap().metrics.epoch - 1) + 4.0 / 5.0;
    run.settings.learning_rate_schedule.factor(done / f64::from(run.settings.epochs))
}

#[test]
fn music_is_made_while_the_run_goes_on() {
    let mut session = Session::start();
    session.train(endless_settings());
    session.until_named("EpochFinished");
    session.send(generate_request(200));
    let pieces = session.until(|event| match event {
        EngineEvent::Generated(pieces) => Some(pieces.clone()),
        _ => None,
    });
    assert_eq!(pieces.len(), 2);
    assert!(pieces.iter().all(|piece| piece.roll.n_steps() == 32));
    assert!(session.heard.contains(&"GenerateProgressed"));
    session.until_named("EpochFinished");
}

#[test]
fn a_cancelled_piece_is_given_up_even_before_it_was_begun() {
    let mut session = Session::start();
    session.send(train_request(endless_settings(), false));
    for _ in 0..5 {
        session.send(generate_request(100_000));
        session.send(EngineCommand::CancelGenerate);
        loop {
            match session.next() {
                EngineEvent::GenerateCancelled => break,
                EngineEvent::GenerateFailed(words) => panic!("{words}"),
                EngineEvent::Generated(_) => panic!("the piece was made all the same"),
                _ => {}
            }
        }
    }
}

#[test]
fn a_saved_run_goes_on_to_the_same_weights() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.harmonium");
    let settings = TrainSettings { epochs: 12, momentum: 0.7, dropout: 0.1, ..small_settings() };
    let mut session = Session::start();
    session.send(train_request(settings.clone(), true));
    session.until_named("RunStarted");
    for size in [StepSize::Epoch, StepSize::Epoch, StepSize::Batch, StepSize::Batch] {
        session.send(EngineCommand::Step(size));
        session.until_named("RunPaused");
    }
    let saved = session.save(base_project(), &path);
    assert_eq!(saved.model.as_ref().unwrap().run.history.epochs.len(), 2);
    drop(session);

    let mut session = Session::start();
    session.send(EngineCommand::Load { path: path.clone(), lock: None });
    let project = session.until(|event| match event {
        EngineEvent::Loaded { project, .. } => Some((**project).clone()),
        _ => None,
    });
    assert!(project == saved);
    session.send(adopt_request(project));
    let facts = session.until(|event| match event {
        EngineEvent::RunStarted(facts) => Some((**facts).clone()),
        _ => None,
    });
    assert_eq!((facts.finished_epochs, facts.is_paused), (2, true));
    let share = session.engine.take_progress().unwrap().share;
    assert!((share - 2.4 / 12.0).abs() < 1e-9, "{share} of the run is done");
    session.send(EngineCommand::Resume);
    session.until_named("RunEnded");
    let model = session.model().unwrap();
    assert_eq!(model.run.history.epochs.len(), 12);
    assert_eq!(sha(&model), untouched(settings));
}

#[test]
fn saving_does_not_disturb_a_run() {
    let settings = TrainSettings { epochs: 30, ..small_settings() };
    let mut session = Session::start();
    session.train(settings.clone());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("again.harmonium");
    for _ in 0..8 {
        let saved = session.save(base_project(), &path).model.unwrap();
        assert_eq!(saved.run.history.epochs.len(), saved.state.finished_epochs as usize);
    }
    if !session.heard.contains(&"RunEnded") {
        session.until_named("RunEnded");
    }
    assert_eq!(sha(&session.model().unwrap()), untouched(settings));
    let names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(names.len(), 2, "the project and one backup");
}

#[test]
fn a_file_that_cannot_be_written_or_read_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("no such folder").join("p.harmonium");
    let mut session = Session::start();
    let project = Box::new(base_project());
    session.send(EngineCommand::Save { path: path.clone(), project, lock_as: None });
    let event = session.next();
    let EngineEvent::SaveFailed { reason, .. } = &event else { panic!("{event:?}") };
    assert!(reason.contains("p.harmonium"), "{reason}");
    session.send(EngineCommand::Load { path, lock: None });
    let event = session.next();
    let EngineEvent::LoadFailed { reason, .. } = &event else { panic!("{event:?}") };
    assert!(reason.contains("p.harmonium"), "{reason}");
}

#[test]
fn an_import_reports_progress_and_can_be_cancelled_at_once() {
    let folder = tempfile::tempdir().unwrap();
    write_tunes(folder.path(), 0..30);
    let request = || {
        let paths = vec![folder.path().to_owned()];
        EngineCommand::Import(ImportRequest { paths, settings: small_settings().encoding })
    };
    let mut session = Session::start();
    session.send(request());
    let (n_songs, was_cancelled) = session.until(|event| match event {
        EngineEvent::Imported(import) => Some((import.songs.len(), import.was_cancelled)),
        _ => None,
    });
    assert_eq!((n_songs, was_cancelled), (30, false));
    assert!(session.heard.contains(&"ImportProgressed"));
    // Cancelled before the busy engine has even seen it.
    session.train(endless_settings());
    session.send(request());
    session.send(EngineCommand::CancelImport);
    let was_cancelled = session.until(|event| match event {
        EngineEvent::Imported(import) => Some(import.was_cancelled),
        _ => None,
    });
    assert!(was_cancelled);
    session.send(request());
    let was_cancelled = session.until(|event| match event {
        EngineEvent::Imported(import) => Some(import.was_cancelled),
        _ => None,
    });
    assert!(!was_cancelled, "an earlier cancel was inherited");
}
