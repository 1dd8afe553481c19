//! Live audition behind the window: what is shown and kept, with and without a sound device.

use std::sync::Arc;

use super::tests::Desk;
use crate::music::{NoteSheet, PlayedNote, RollNote};
use crate::ui::command::Command;
use crate::ui::state::{RollSource, RunPhase, State};

fn heard_epoch(state: &State) -> u32 {
    state.music.audition.heard.as_ref().map_or(0, |dream| dream.epoch)
}

#[test]
fn what_the_model_dreams_is_on_the_roll_while_it_learns_and_can_be_kept() {
    let mut desk = Desk::with_songs();
    desk.does(Command::SetGibbsSteps(5));
    desk.does(Command::SetSetting { key: "epochs", value: "100000".to_owned() });
    desk.does(Command::SetAudition(true));
    assert_eq!(desk.state().roll.source, None, "there is no model yet");
    desk.does(Command::Train);
    desk.wait_until(|state| heard_epoch(state) > 0);
    assert_eq!(desk.state().roll.source, Some(RollSource::Dream));
    let first = heard_epoch(desk.state());
    // Without a device the newest is shown at once, with one it follows in time.
    desk.wait_until(|state| {
        heard_epoch(state) > first || state.music.audition.next_epoch.is_some_and(|e| e > first)
    });
    desk.does(Command::KeepDream);
    let kept = &desk.state().music.pieces[0].record;
    let heard = desk.state().music.audition.heard.as_ref().unwrap();
    assert_eq!(kept.roll, heard.record.roll);
    assert!(kept.name.contains(&format!("epoch {}", heard.epoch)), "{}", kept.name);
    desk.does(Command::Pause);
    desk.wait_until(|state| state.run.phase == RunPhase::Paused);
    desk.does(Command::SelectSong(0));
    assert_eq!(desk.state().roll.source, Some(RollSource::Song(0)));
    assert!(!desk.state().music.audition.is_on, "another piece ends it");
    desk.does(Command::SetAudition(true));
    // One that was being made before may come first.
    let newest = desk.state().run.history.epochs.len() as u32;
    desk.wait_until(|state| {
        heard_epoch(state) == newest || state.music.audition.next_epoch == Some(newest)
    });
    desk.does(Command::SetAudition(false));
    assert_eq!(desk.state().roll.source, None);
}

#[test]
fn an_edit_of_what_it_plays_makes_a_piece_and_is_undone() {
    let mut desk = Desk::with_songs();
    desk.does(Command::SetGibbsSteps(5));
    desk.does(Command::SetSetting { key: "epochs", value: "100000".to_owned() });
    desk.does(Command::SetAudition(true));
    desk.does(Command::Train);
    desk.wait_until(|state| heard_epoch(state) > 0);
    desk.does(Command::Pause);
    desk.wait_until(|state| state.run.phase == RunPhase::Paused);
    let note = PlayedNote::new(RollNote { start_step: 0, n_steps: 2, pitch: 60 }, 90);
    let roll = desk.state().roll.roll.clone().unwrap();
    let sheet = NoteSheet::new(&[note], roll.n_steps() as u32, roll.pitches());
    desk.does(Command::EditDream(Arc::new(sheet)));
    let notes = |desk: &Desk| desk.state().music.pieces[0].record.sheet();
    assert_eq!(notes(&desk).notes(), [note]);
    assert!(!desk.state().music.audition.is_on, "the piece is shown instead");
    desk.does(Command::Undo);
    assert!(desk.state().music.pieces.is_empty());
    desk.does(Command::Redo);
    assert_eq!(notes(&desk).notes(), [note]);
}

#[test]
fn the_last_model_of_a_run_is_heard_in_the_end() {
    let mut desk = Desk::with_songs();
    desk.does(Command::SetGibbsSteps(2000));
    desk.does(Command::SetAudition(true));
    desk.does(Command::Train);
    desk.wait_until(|state| matches!(state.run.phase, RunPhase::Ended { .. }));
    let last = desk.state().run.history.epochs.len() as u32;
    desk.wait_until(|state| {
        heard_epoch(state) == last || state.music.audition.next_epoch == Some(last)
    });
    desk.does(Command::NewProject);
    desk.wait_until(|state| !state.music.audition.is_on || state.close_question.is_some());
}
