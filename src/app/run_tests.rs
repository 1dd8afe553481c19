//! Runs, sweeps and presets, driven by commands.

use std::path::PathBuf;

use super::tests::{Desk, errors};
use crate::engine::EntryState;
use crate::train::{FIGURES, SweepAxis, TrainSettings};
use crate::ui::command::Command;
use crate::ui::runs_state::RunRow;
use crate::ui::state::{PathPurpose, RunId, RunPhase, RunState, State};

fn axis(key: &str, values: &str) -> SweepAxis {
    SweepAxis::list(key, values).unwrap()
}

fn is_sweep_over(state: &State) -> bool {
    !state.run.is_sweeping()
}

/// A desk after a sweep of three runs.
fn swept() -> Desk {
    let mut desk = Desk::with_songs();
    desk.does(Command::StartSweep(vec![axis("learning_rate", "0.001 0.05 0.2")]));
    desk.wait_until(is_sweep_over);
    desk
}

fn save(desk: &mut Desk, name: &str) -> PathBuf {
    let path = desk.folder.path().join(name);
    desk.does(Command::AcceptPath { purpose: PathPurpose::SaveProject, path: path.clone() });
    desk.wait_until(|state| !state.project.is_busy);
    path
}

fn ids(rows: &[RunRow<'_>]) -> Vec<RunId> {
    rows.iter().map(|row| row.id).collect()
}

#[test]
fn a_sweep_runs_through_unattended_and_the_winner_is_heard() {
    let mut desk = Desk::trained();
    let knobs = desk.state().settings.clone();
    desk.does(Command::StartSweep(vec![axis("learning_rate", "0.001 0.05 0.2")]));
    desk.wait_until(is_sweep_over);
    let run = &desk.state().run;
    assert_eq!(desk.state().settings, knobs, "the knobs stay where they are");
    let rows = run.rows();
    assert_eq!(rows.len(), 4, "the run before the sweep is kept as well");
    assert!(rows[..3].iter().all(|row| row.history.epochs.len() == 6));
    let rates: Vec<f64> = rows.iter().map(|row| row.settings.learning_rate).collect();
    assert_eq!(rates[..3], [0.2, 0.05, 0.001]);
    assert_eq!(rows[0].name, "Learning rate 0.2");
    let told = desk.state().notices.iter().any(|notice| {
        notice.text.contains("Sweep complete: 3 runs; the best by reconstruction error is Learn")
    });
    assert!(told, "{:?}", desk.state().notices);

    let winner = RunState::winner(&rows[..3], &FIGURES[0]).unwrap();
    let (winner, history) = (winner.id, winner.history.clone());
    let others = ids(&rows).into_iter().filter(|id| *id != winner).count();
    desk.does(Command::HearRun(winner));
    desk.wait_until(|state| !state.music.pieces.is_empty() && state.music.generating.is_none());
    let run = &desk.state().run;
    assert_eq!(run.id, winner);
    assert_eq!(run.history, history);
    assert!(run.phase.has_model() && errors(desk.state()).is_empty());
    assert_eq!(run.earlier.len(), others, "the run before it is an earlier one now");
    desk.wait_until(|state| state.run.earlier.iter().all(|run| run.has_model));
    assert!(desk.state().roll.roll.is_some(), "a piece is shown");
}

#[test]
fn a_run_that_diverges_is_marked_and_the_next_goes_on() {
    let mut desk = Desk::with_songs();
    desk.sets(&[("momentum", "0.99"), ("momentum_start_epochs", "0"), ("epochs", "400")]);
    desk.does(Command::StartSweep(vec![axis("learning_rate", "1 0.001")]));
    desk.wait_until(is_sweep_over);
    let queue = desk.state().run.sweep.as_ref().unwrap();
    let counts = queue.counts();
    assert_eq!((counts.ended, counts.failed), (2, 1), "{:?}", queue.entries());
    let EntryState::Failed(reason) = &queue.entries()[0].state else {
        panic!("{:?}", queue.entries())
    };
    assert!(reason.contains("diverged"), "{reason}");
    let failed = desk.state().run.earlier.iter().find(|run| run.failure.is_some()).unwrap();
    assert_eq!(failed.settings.learning_rate, 1.0);
    assert_eq!(queue.entries()[1].state, EntryState::Done);
}

#[test]
fn a_sweep_is_paused_cancelled_and_a_run_taken_out() {
    let mut desk = Desk::with_songs();
    desk.does(Command::SetSetting { key: "epochs", value: "100000".to_owned() });
    desk.does(Command::StartSweep(vec![axis("hidden_units", "4 5 6 7")]));
    desk.wait_until(|state| state.run.phase == RunPhase::Training);
    desk.does(Command::RemoveSweepRun(1));
    desk.does(Command::PauseSweep(true));
    // Turning a knob is not felt by the runs of a sweep.
    desk.does(Command::SetSetting { key: "learning_rate", value: "0.02".to_owned() });
    desk.does(Command::StopTraining);
    desk.wait_until(|state| matches!(state.run.phase, RunPhase::Ended { .. }));
    assert!(desk.state().run.history.changes.is_empty());
    let queue = desk.state().run.sweep.clone().unwrap();
    assert_eq!(queue.entries()[0].state, EntryState::Stopped);
    assert_eq!((queue.counts().total, queue.counts().waiting), (3, 2));
    desk.does(Command::PauseSweep(false));
    desk.wait_until(|state| {
        let facts = state.run.facts.as_ref();
        state.run.phase == RunPhase::Training
            && facts.is_some_and(|facts| facts.settings.hidden_units == 6)
    });
    desk.does(Command::CancelSweep);
    desk.wait_until(|state| matches!(state.run.phase, RunPhase::Ended { .. }));
    let queue = desk.state().run.sweep.clone().unwrap();
    assert!(!queue.is_under_way() && queue.counts().total == 2);
}

#[test]
fn runs_and_their_models_come_back_with_the_project() {
    let mut desk = swept();
    let first = desk.state().run.earlier[0].id;
    desk.does(Command::RenameRun { run: first, name: "  slow ".to_owned() });
    desk.does(Command::ColorRun { run: first, color: 4 });
    desk.does(Command::ShowRun { run: first, is_shown: false });
    let current = desk.state().run.id;
    desk.does(Command::RenameRun { run: current, name: "fast".to_owned() });
    let path = save(&mut desk, "runs.harmonium");
    let mut other = Desk::new();
    other.does(Command::OpenPath(path));
    other.wait_until(|state| state.run.facts.is_some());
    let run = &other.state().run;
    let slow = &run.earlier[0];
    assert_eq!((slow.name.as_str(), slow.color, slow.is_shown), ("slow", 4, false));
    assert_eq!(slow.history, desk.state().run.earlier[0].history);
    assert_eq!(run.facts.as_ref().unwrap().name, "fast");
    assert!(run.earlier.iter().all(|run| run.has_model));
    let slow = slow.id;
    other.does(Command::HearRun(slow));
    other.wait_until(|state| !state.music.pieces.is_empty() && state.music.generating.is_none());
    assert_eq!(other.state().run.facts.as_ref().unwrap().name, "slow");
    assert_eq!(errors(other.state()), [""; 0]);
}

#[test]
fn a_deleted_run_is_put_back_whole_and_settings_are_restored() {
    let mut desk = swept();
    desk.wait_until(|state| state.run.earlier.iter().all(|run| run.has_model));
    let run = desk.state().run.earlier[1].clone();
    desk.does(Command::DeleteRun(run.id));
    assert_eq!(desk.state().run.earlier.len(), 1);
    desk.does(Command::Undo);
    assert_eq!(desk.state().run.earlier.len(), 2);
    assert_eq!(desk.state().run.earlier[1], run);
    desk.does(Command::AdoptSettings(Box::new(run.settings.clone())));
    assert_eq!(desk.state().settings, run.settings);
    desk.does(Command::Undo);
    assert_ne!(desk.state().settings, run.settings);
    desk.does(Command::RenameRun { run: run.id, name: "other".to_owned() });
    desk.does(Command::ColorRun { run: run.id, color: 6 });
    desk.does(Command::Undo);
    desk.does(Command::Undo);
    assert_eq!(desk.state().run.earlier[1], run);
}

#[test]
fn finished_projects_are_read_back_in_as_runs_and_damaged_ones_are_named() {
    let mut desk = Desk::trained();
    let path = save(&mut desk, "elsewhere.harmonium");
    let damaged = desk.folder.path().join("damaged.harmonium");
    std::fs::write(&damaged, b"no project").unwrap();
    let mut other = Desk::with_songs();
    other.app.read_runs(vec![damaged, path]);
    other.wait_until(|state| !state.run.earlier.is_empty());
    let read = other.state().run.earlier[0].clone();
    assert_eq!(read.name, "elsewhere");
    assert_eq!(read.history, desk.state().run.history);
    let errors = errors(other.state()).join("\n");
    assert!(errors.contains("damaged.harmonium"), "{errors}");
    // Its songs are the same here, so its model is the current one now and can go on.
    other.does(Command::HearRun(read.id));
    other.wait_until(|state| !state.music.pieces.is_empty());
}

#[test]
fn a_sweep_is_written_as_lines_that_name_their_own_files() {
    let mut desk = Desk::with_songs();
    let axes = vec![axis("learning_rate", "0.01 0.02"), axis("gibbs_steps", "1 3")];
    desk.does(Command::CopySweepCommands(axes.clone()));
    assert!(desk.state().notices.last().unwrap().text.contains("4 command lines"));
    desk.app.dialogs.pretend_missing(PathPurpose::SweepScript);
    desk.does(Command::SaveSweepScript(axes));
    let path = desk.folder.path().join("sweep.sh");
    desk.does(Command::AcceptPath { purpose: PathPurpose::SweepScript, path: path.clone() });
    let text = std::fs::read_to_string(path).unwrap();
    let lines: Vec<&str> = text.lines().filter(|line| line.starts_with("harmonium ")).collect();
    assert_eq!(lines.len(), 4, "{text}");
    assert!(text.starts_with("#!/bin/sh\n"));
    assert!(lines[3].contains("learning_rate=0.02") && lines[3].contains("gibbs_steps=3"));
    let file = "Untitled - learning_rate 0.02, gibbs_steps 3.harmonium";
    assert!(lines[3].contains(file), "{}", lines[3]);
    assert!(!text.contains("--threads") && !text.contains("--device"));
}

#[test]
fn presets_are_kept_as_files_shared_and_read_at_the_next_start() {
    let mut desk = Desk::with_songs();
    desk.does(Command::SetSetting { key: "momentum", value: "0.7".to_owned() });
    desk.does(Command::SavePreset("My songs".to_owned()));
    desk.does(Command::SavePreset("Recommended".to_owned()));
    assert!(errors(desk.state()).iter().any(|text| text.contains("ships")));
    desk.does(Command::SetSetting { key: "momentum", value: "0.1".to_owned() });
    desk.does(Command::ApplyOwnPreset("My songs".to_owned()));
    assert_eq!(desk.state().settings.momentum, 0.7);
    desk.does(Command::RenamePreset { name: "My songs".to_owned(), to: "Folk".to_owned() });
    let shared = desk.folder.path().join("shared.toml");
    let purpose = PathPurpose::SharePreset("Folk".to_owned());
    desk.does(Command::AcceptPath { purpose, path: shared.clone() });
    assert_eq!(crate::project::read_settings(&shared).unwrap().momentum, 0.7);
    let purpose = PathPurpose::ImportPreset;
    desk.does(Command::AcceptPath { purpose: purpose.clone(), path: shared });
    let damaged = desk.folder.path().join("damaged.toml");
    std::fs::write(&damaged, "momentum = \"much\"").unwrap();
    desk.does(Command::AcceptPath { purpose, path: damaged.clone() });
    assert!(errors(desk.state()).last().unwrap().contains("damaged.toml"));
    let names = |state: &State| {
        state.run.own_presets.iter().map(|preset| preset.name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(names(desk.state()), ["Folk", "shared"]);
    desk.does(Command::DeletePreset("shared".to_owned()));
    desk.does(Command::Undo);
    assert_eq!(names(desk.state()), ["Folk", "shared"]);
    desk.does(Command::Redo);
    // At the next start a damaged file is named and left out.
    let folder = desk.folder.path().join("config/presets");
    std::fs::copy(&damaged, folder.join("broken.toml")).unwrap();
    desk.app.state.run.own_presets.clear();
    desk.app.read_presets();
    assert_eq!(names(desk.state()), ["Folk"]);
    assert!(errors(desk.state()).last().unwrap().contains("broken.toml"));
    assert_ne!(desk.state().settings, TrainSettings::default());
}
