//! Files that are no music, paths that lead nowhere, projects that are none: what a person hears.

use std::fs;

use crate::engine::{EngineCommand, Fault, WayOn};
use crate::ui::actions::{self, Action};
use crate::ui::command::Command;
use crate::ui::state::{
    CloseQuestion, LeaveFor, NoticeKind, NoticeTarget, RollSource, RunPhase, State,
};

use super::tests::{Desk, errors};

fn warnings(state: &State) -> Vec<&str> {
    let warnings = state.notices.iter().filter(|notice| notice.kind == NoticeKind::Warning);
    warnings.map(|notice| notice.text.as_str()).collect()
}

#[test]
fn a_file_that_cannot_be_read_is_told_of_and_the_roll_says_why() {
    let mut desk = Desk::with_songs();
    let [warning] = warnings(desk.state())[..] else { panic!("{:?}", desk.state().notices) };
    assert!(warning.starts_with("1 of 7 files could not be read"), "{warning}");
    let notice = desk.state().notices.iter().find(|notice| notice.text == warning);
    assert_eq!(notice.and_then(|notice| notice.leads_to), Some(NoticeTarget::Report));
    desk.does(Command::SelectSong(0));
    assert!(desk.state().roll.why_silent().is_none());
    let broken = desk.state().data.songs.iter().position(|song| song.title.contains("broken"));
    let broken = broken.unwrap();
    desk.does(Command::SelectSong(broken));
    let roll = &desk.state().roll;
    assert_eq!((roll.source, roll.roll.is_none()), (Some(RollSource::Song(broken)), true));
    let why = roll.why_silent().unwrap().to_owned();
    assert!(why.starts_with("broken could not be read."), "{why}");
    for action in [Action::PlayOrPause, Action::ExportMidi, Action::ExportWav] {
        let outcome = actions::now(action, desk.state()).outcome;
        assert_eq!(outcome, Err(why.clone().into()), "{action:?}");
    }
    assert!(actions::now(Action::IncludeSong, desk.state()).outcome.is_err());
    desk.does(Command::SelectSong(0));
    assert!(desk.state().roll.roll.is_some() && desk.state().roll.why_empty.is_none());
}

#[test]
fn a_path_that_leads_nowhere_is_one_error_and_a_folder_without_music_is_named() {
    let mut desk = Desk::new();
    let nowhere = desk.folder.path().join("nowhere");
    desk.does(Command::AddPaths(vec![nowhere]));
    desk.wait_until(|state| state.data.import.is_none());
    let [error] = errors(desk.state())[..] else { panic!("{:?}", desk.state().notices) };
    assert!(error.contains("nowhere") && error.contains("does not exist"), "{error}");
    let empty = desk.folder.path().join("letters");
    fs::create_dir_all(&empty).unwrap();
    desk.does(Command::AddPaths(vec![empty]));
    desk.wait_until(|state| state.data.import.is_none());
    let errors = errors(desk.state());
    assert_eq!(errors.len(), 2);
    assert!(errors[1].contains("letters") && errors[1].contains(".mid"), "{}", errors[1]);
}

#[test]
fn the_list_of_notices_silences_what_pops_up() {
    let mut desk = Desk::with_songs();
    assert!(desk.state().notices.iter().any(|notice| notice.is_fresh));
    desk.does(Command::ShowNotices(true));
    desk.does(Command::ShowNotices(false));
    assert!(desk.state().notices.iter().all(|notice| !notice.is_fresh));
}

#[test]
fn a_damaged_project_is_refused_before_anything_is_asked() {
    let mut desk = Desk::with_songs();
    let broken = desk.folder.path().join("letter.harmonium");
    fs::write(&broken, b"Dear friend").unwrap();
    desk.does(Command::OpenPath(broken));
    desk.wait_until(|state| !state.project.is_busy);
    assert_eq!(desk.state().close_question, None);
    let [error] = errors(desk.state())[..] else { panic!("{:?}", desk.state().notices) };
    assert!(error.contains("not a Harmonium project, or a damaged one"), "{error}");
    assert!(error.contains("letter.harmonium.bak") && !error.contains("header"), "{error}");
    assert_eq!(desk.state().data.songs.len(), 7, "what is open stays");
}

/// A desk with work that is not saved, and the path of another project.
fn desk_and_project() -> (Desk, std::path::PathBuf) {
    let mut desk = Desk::with_songs();
    let path = desk.folder.path().join("other.harmonium");
    let purpose = crate::ui::state::PathPurpose::SaveProject;
    desk.does(Command::AcceptPath { purpose, path: path.clone() });
    desk.wait_until(|state| state.project.path.is_some() && !state.project.is_busy);
    desk.does(Command::IncludeSong { song: 0, is_included: false });
    assert!(desk.state().project.is_dirty);
    (desk, path)
}

#[test]
fn another_project_is_opened_after_the_question_or_not_at_all() {
    let (mut desk, path) = desk_and_project();
    desk.does(Command::OpenPath(path.clone()));
    desk.wait_until(|state| state.close_question.is_some());
    let question = CloseQuestion { is_training: false, is_unsaved: true, to: LeaveFor::Project };
    assert_eq!(desk.state().close_question, Some(question));
    desk.does(Command::CancelClose);
    assert!(!desk.state().data.songs[0].is_included, "nothing was opened");
    desk.does(Command::OpenPath(path));
    desk.wait_until(|state| state.close_question.is_some());
    desk.does(Command::ConfirmClose);
    assert_eq!(desk.state().close_question, None);
    assert!(desk.state().data.songs[0].is_included, "as it was saved");
    assert!(!desk.state().project.is_dirty);
}

#[test]
fn saving_first_and_then_opening_takes_what_was_read() {
    let (mut desk, path) = desk_and_project();
    desk.does(Command::OpenPath(path));
    desk.wait_until(|state| state.close_question.is_some());
    desk.does(Command::SaveAndClose);
    desk.wait_until(|state| !state.project.is_busy && !state.project.is_dirty);
    desk.wait_until(|state| state.notices.iter().any(|notice| notice.text.starts_with("Opened")));
    assert_eq!(errors(desk.state()), [""; 0]);
    assert!(!desk.state().data.songs[0].is_included, "as it was saved just now");
}

#[test]
fn a_run_keeps_the_colour_that_it_had() {
    let mut desk = Desk::trained();
    let ended = |state: &State| matches!(state.run.phase, crate::ui::state::RunPhase::Ended { .. });
    for _ in 0..2 {
        desk.does(Command::Train);
        desk.wait_until(ended);
    }
    desk.wait_until(|state| state.run.earlier.iter().all(|run| run.has_model));
    let first = desk.state().run.earlier[0].clone();
    desk.does(Command::HearRun(first.id));
    desk.wait_until(|state| state.run.facts.is_some() && state.music.generating.is_none());
    assert_eq!(desk.state().run.color, Some(first.color));
    let others: Vec<u8> = desk.state().run.earlier.iter().map(|run| run.color).collect();
    assert!(!others.contains(&first.color), "{others:?}");
    desk.does(Command::Train);
    desk.wait_until(ended);
    let again = desk.state().run.earlier.iter().find(|run| run.id == first.id).unwrap();
    assert_eq!(again.color, first.color);
}

#[test]
fn diagnostics_name_the_program_the_machine_and_the_folders() {
    let mut desk = Desk::new();
    desk.does(Command::ShowDiagnostics(true));
    let diagnostics = desk.state().diagnostics.as_ref().unwrap();
    let words = |topic: &str| {
        let fact = diagnostics.facts.iter().find(|fact| fact.topic == topic);
        fact.unwrap_or_else(|| panic!("{topic} is missing")).words.clone()
    };
    assert!(words("Version").contains(env!("CARGO_PKG_VERSION")));
    assert!(words("Settings").ends_with("config") && words("State").ends_with("state"));
    assert!(words("Machine").contains("core") && !words("System").is_empty());
    assert!(diagnostics.facts.iter().any(|fact| fact.topic == "Demo set" && fact.is_trouble));
    desk.does(Command::ShowDiagnostics(false));
    assert_eq!(desk.state().diagnostics, None);
}

#[test]
fn a_run_that_finds_no_memory_goes_on_with_half_the_batch_at_a_press() {
    let mut desk = Desk::with_songs();
    desk.app.engine.send(EngineCommand::Plant(Fault::NoMemoryAtStep(5)));
    let batch_size = desk.state().settings.batch_size;
    desk.does(Command::Train);
    desk.wait_until(|state| matches!(state.run.phase, RunPhase::Failed { .. }));
    let RunPhase::Failed { reason, ways_on, .. } = desk.state().run.phase.clone() else { panic!() };
    assert!(reason.contains("no memory left"), "{reason}");
    assert_eq!(ways_on, [WayOn::SmallerBatch(batch_size / 2)]);
    assert_eq!(desk.state().run.failure.as_ref(), Some(&reason), "the run is marked");
    // What was not offered does nothing.
    desk.does(Command::GoOn(WayOn::Processor));
    assert!(matches!(desk.state().run.phase, RunPhase::Failed { .. }));
    desk.does(Command::GoOn(ways_on[0]));
    desk.wait_until(|state| state.run.phase == RunPhase::Ended { is_complete: true });
    let run = &desk.state().run;
    assert_eq!((run.history.epochs.len(), run.failure.clone()), (6, None));
    assert_eq!(run.history.changes.last().map(|change| change.key.as_str()), Some("batch_size"));
    assert_eq!(desk.state().settings.batch_size, batch_size / 2);
    assert!(run.earlier.is_empty(), "it is the same run");
}

#[test]
fn a_run_that_loses_cuda_goes_on_on_the_processor_and_so_do_later_ones() {
    let mut desk = Desk::with_songs();
    desk.app.engine.send(EngineCommand::Plant(Fault::CudaGoneAtStep(5)));
    desk.does(Command::Train);
    desk.wait_until(|state| matches!(state.run.phase, RunPhase::Failed { .. }));
    desk.does(Command::GoOn(WayOn::Processor));
    desk.wait_until(|state| state.run.phase == RunPhase::Ended { is_complete: true });
    assert_eq!(desk.state().run.history.epochs.len(), 6);
    assert_eq!(desk.app.device, crate::rbm::DeviceChoice::Cpu);
    assert!(desk.state().notices.iter().any(|notice| notice.text.contains("use the processor")));
}
