//! Steps back and forth, on the stack alone and in the program.

use super::stack::{Stack, When};
use super::*;
use crate::app::tests::{Desk, errors};
use crate::train::Preset;
use crate::ui::state::RunPhase;

fn set(key: &'static str, value: &str) -> Command {
    Command::SetSetting { key, value: value.to_owned() }
}

fn bars(bars: u32) -> Deed {
    Deed::Command(Command::SetBars(bars))
}

fn bars_of(step: Option<(String, Deed)>) -> Option<u32> {
    match step?.1 {
        Deed::Command(Command::SetBars(bars)) => Some(bars),
        other => panic!("{other:?}"),
    }
}

#[test]
fn values_of_one_drag_are_one_step_and_a_pause_begins_another() {
    let mut stack = Stack::default();
    let mut turn = |now: f64, gesture: Option<f64>, from: u32, to: u32| {
        let when = When { now, gesture, is_value: true };
        stack.record("Set bars".to_owned(), bars(from), bars(to), when);
    };
    turn(1.0, Some(0.9), 8, 9);
    // A drag may rest for long and is still one.
    turn(5.0, Some(0.9), 9, 10);
    turn(5.5, None, 10, 11);
    turn(9.0, None, 11, 12);
    assert_eq!(bars_of(stack.undo()), Some(11));
    assert_eq!(bars_of(stack.undo()), Some(8));
    assert_eq!(bars_of(stack.undo()), None);
    assert_eq!(bars_of(stack.redo()), Some(11));
    assert_eq!(bars_of(stack.redo()), Some(12));
    assert_eq!(bars_of(stack.redo()), None);
}

#[test]
fn a_new_step_ends_what_could_be_done_again_and_never_joins_what_was_undone() {
    let mut stack = Stack::default();
    let when = When { now: 1.0, gesture: None, is_value: true };
    stack.record("Set bars".to_owned(), bars(1), bars(2), when);
    stack.record("Set pieces".to_owned(), bars(5), bars(6), when);
    assert_eq!(bars_of(stack.undo()), Some(5));
    stack.record("Set bars".to_owned(), bars(2), bars(3), when);
    assert_eq!(stack.next_redo(), None);
    assert_eq!(bars_of(stack.undo()), Some(2));
    assert_eq!(bars_of(stack.undo()), Some(1));
}

#[test]
fn a_knob_that_is_turned_back_in_the_same_drag_leaves_no_step() {
    let mut stack = Stack::default();
    let when = When { now: 1.0, gesture: Some(0.5), is_value: true };
    stack.record("Set bars".to_owned(), bars(1), bars(2), when);
    stack.record("Set bars".to_owned(), bars(2), bars(1), when);
    assert_eq!(stack.next_undo(), None);
}

#[test]
fn the_stack_forgets_the_oldest_steps() {
    let mut stack = Stack::default();
    for step in 0..500 {
        let when = When { now: f64::from(step), gesture: None, is_value: false };
        stack.record(format!("Step {step}"), bars(step), bars(step + 1), when);
    }
    let mut n_steps = 0;
    while stack.undo().is_some() {
        n_steps += 1;
    }
    assert_eq!(n_steps, 200);
}

/// Every way of changing a value, and what must differ afterwards.
#[test]
fn every_setting_is_taken_back_and_done_again() {
    let mut desk = Desk::new();
    let commands = [
        set("learning_rate", "0.25"),
        set("algorithm", "cd"),
        set("centered", "false"),
        Command::ApplyPreset(Preset::Report),
        Command::SetPieces(3),
        Command::SetBars(5),
        Command::SetGibbsSteps(7),
        Command::SetTemperature(1.5),
        Command::SetStart(crate::generate::StartPoint::Noise),
        Command::SetGenerateSeed(99),
        Command::SetTempo(90.0),
        Command::SetProgram(11),
    ];
    let values = |desk: &Desk| {
        let state = desk.state();
        let transport = &state.transport;
        format!(
            "{:?} {:?} {} {}",
            state.settings, state.music.settings, transport.beats_per_minute, transport.program
        )
    };
    let mut seen = vec![values(&desk)];
    for command in commands {
        desk.does(command.clone());
        assert_ne!(seen.last().unwrap(), &values(&desk), "{command:?}");
        assert!(desk.state().undo.undo.is_some(), "{command:?}");
        seen.push(values(&desk));
    }
    for before in seen.iter().rev().skip(1) {
        desk.does(Command::Undo);
        assert_eq!(&values(&desk), before);
    }
    assert_eq!(desk.state().undo.undo, None);
    for after in seen.iter().skip(1) {
        desk.does(Command::Redo);
        assert_eq!(&values(&desk), after);
    }
    assert_eq!(errors(desk.state()), [""; 0]);
}

#[test]
fn a_step_says_what_it_takes_back_and_only_what_changed_is_one() {
    let mut desk = Desk::new();
    let rate = desk.state().settings.learning_rate.to_string();
    desk.does(set("learning_rate", &rate));
    assert_eq!(desk.state().undo.undo, None);
    desk.does(set("learning_rate", "0.3"));
    assert_eq!(desk.state().undo.undo.as_deref(), Some("Set learning rate"));
    desk.does(set("learning_rate", "1e9"));
    assert_eq!(errors(desk.state()).len(), 1, "a value that is refused is no step");
    desk.does(Command::Undo);
    assert_eq!(desk.state().settings.learning_rate.to_string(), rate);
    assert_eq!(desk.state().undo.redo.as_deref(), Some("Set learning rate"));
    let told = desk.state().notices.last().unwrap();
    assert_eq!(told.text, "Undone: Set learning rate");
    let n_notices = desk.state().notices.len();
    desk.does(Command::Redo);
    assert_eq!(desk.state().notices.len(), n_notices, "one notice for a row of steps");
}

#[test]
fn a_deleted_piece_comes_back_with_its_number_place_and_star() {
    let mut desk = Desk::with_pieces();
    let ids: Vec<_> = desk.state().music.pieces.iter().map(|piece| piece.id).collect();
    let records = |desk: &Desk| -> Vec<_> {
        desk.state().music.pieces.iter().map(|piece| piece.record.clone()).collect()
    };
    desk.does(Command::FavouritePiece { piece: ids[1], is_favourite: true });
    let before = records(&desk);
    desk.does(Command::DeletePiece(ids[1]));
    desk.does(Command::DeletePiece(ids[2]));
    assert_eq!(desk.state().music.pieces.len(), 1);
    desk.does(Command::Undo);
    desk.does(Command::Undo);
    let after: Vec<_> = desk.state().music.pieces.iter().map(|piece| piece.id).collect();
    assert_eq!((after, records(&desk)), (ids.clone(), before));
    assert_eq!(desk.state().music.selected, Some(ids[1]), "what comes back is shown");
    desk.does(Command::Undo);
    assert!(!desk.state().music.pieces[1].record.is_favourite);
    desk.does(Command::Redo);
    desk.does(Command::Redo);
    assert_eq!(desk.state().music.pieces.len(), 2);
}

#[test]
fn songs_that_were_left_out_or_removed_come_back_where_they_were() {
    let mut desk = Desk::with_songs();
    let songs = |desk: &Desk| -> Vec<_> {
        let songs = desk.state().data.songs.iter();
        songs.map(|song| (song.path.clone(), song.is_included)).collect()
    };
    let before = songs(&desk);
    let folder = desk.state().data.songs[0].folder.clone();
    desk.does(Command::SelectSong(3));
    desk.does(Command::IncludeSong { song: 1, is_included: false });
    desk.does(Command::IncludeFolder { folder: folder.clone(), is_included: false });
    desk.does(Command::RemoveFolder(folder));
    assert!(desk.state().data.songs.is_empty());
    desk.does(Command::Undo);
    assert_eq!(desk.state().data.songs.len(), before.len());
    assert_eq!(desk.state().data.totals.n_songs, 0);
    desk.does(Command::Undo);
    assert_eq!(desk.state().data.totals.n_songs, 5);
    desk.does(Command::Undo);
    assert_eq!(songs(&desk), before);
}

#[test]
fn a_run_that_was_reset_goes_on_where_it_stood() {
    let mut desk = Desk::with_songs();
    desk.does(Command::StepEpoch);
    let is_paused_after = |n_epochs: usize| {
        move |state: &crate::ui::state::State| {
            state.run.phase == RunPhase::Paused && state.run.history.epochs.len() == n_epochs
        }
    };
    desk.wait_until(is_paused_after(1));
    let history = desk.state().run.history.clone();
    for _again in 0..2 {
        desk.does(Command::ResetRun);
        desk.wait_until(|state| state.run.phase == RunPhase::Idle);
        assert_eq!(desk.state().run.earlier.len(), 1);
        desk.does(Command::Undo);
        desk.wait_until(is_paused_after(1));
        assert_eq!((&desk.state().run.history, desk.state().run.earlier.len()), (&history, 0));
    }
    desk.does(Command::Redo);
    desk.wait_until(|state| state.run.phase == RunPhase::Idle);
    desk.does(Command::Undo);
    desk.wait_until(is_paused_after(1));
    desk.does(Command::StepEpoch);
    desk.wait_until(is_paused_after(2));
}

#[test]
fn a_reset_cannot_be_taken_back_once_another_run_has_begun() {
    let mut desk = Desk::trained();
    desk.does(Command::SetBars(3));
    desk.does(Command::ResetRun);
    desk.wait_until(|state| state.run.phase == RunPhase::Idle);
    desk.does(Command::Train);
    desk.wait_until(|state| matches!(state.run.phase, RunPhase::Ended { .. }));
    assert_eq!(desk.state().undo.undo.as_deref(), Some("Set bars"));
}

#[test]
fn an_earlier_run_that_was_deleted_takes_its_place_again() {
    let mut desk = Desk::trained();
    for _run in 0..2 {
        desk.does(Command::Train);
        desk.wait_until(|state| matches!(state.run.phase, RunPhase::Ended { .. }));
    }
    let before = desk.state().run.earlier.clone();
    desk.does(Command::ShowRun { run: before[1].id, is_shown: false });
    desk.does(Command::DeleteRun(before[0].id));
    assert_eq!(desk.state().run.earlier.len(), 1);
    desk.does(Command::Undo);
    desk.does(Command::Undo);
    assert_eq!(desk.state().run.earlier, before);
}

#[test]
fn a_preset_that_was_renamed_has_its_name_again() {
    let mut desk = Desk::new();
    let names = |desk: &Desk| -> Vec<_> {
        desk.state().run.own_presets.iter().map(|preset| preset.name.clone()).collect()
    };
    desk.does(Command::SavePreset("Mine".to_owned()));
    desk.does(Command::RenamePreset { name: "Mine".to_owned(), to: "Ours".to_owned() });
    desk.does(Command::Undo);
    assert_eq!(names(&desk), ["Mine"]);
    desk.does(Command::Redo);
    assert_eq!(names(&desk), ["Ours"]);
    desk.does(Command::Undo);
    desk.does(Command::Undo);
    assert_eq!(names(&desk), [""; 0]);
}

#[test]
fn a_new_project_has_nothing_to_take_back() {
    let mut desk = Desk::with_songs();
    assert!(desk.state().undo.undo.is_some());
    desk.does(Command::NewProject);
    desk.does(Command::ConfirmClose);
    assert_eq!((&desk.state().undo.undo, &desk.state().undo.redo), (&None, &None));
}
