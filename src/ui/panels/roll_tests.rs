//! The roll in the window: what its tools do, and which commands an edit comes to.

use egui::{Event, Key, Modifiers, PointerButton, Pos2, Role, Theme};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::examples;
use super::tests::{LARGE, WindowHarness, window_of};
use crate::music::PlayedNote;
use crate::ui::command::Command;
use crate::ui::state::{PieceId, State};
use crate::ui::widgets::{RollGrid, RollTool, ScaleChoice};

fn window(state: State) -> WindowHarness {
    window_of(state, LARGE, Theme::Dark).0
}

fn press(harness: &mut WindowHarness, role: Role, name: &str) {
    harness.get_by_role_and_label(role, name).click();
    harness.run_steps(4);
}

fn double_click(harness: &mut WindowHarness, pos: Pos2) {
    harness.event(Event::PointerMoved(pos));
    for pressed in [true, false, true, false] {
        let (button, modifiers) = (PointerButton::Primary, Modifiers::NONE);
        harness.event(Event::PointerButton { pos, button, pressed, modifiers });
        harness.step();
    }
}

/// A place in the roll without a note: at its lower edge.
fn empty_place(harness: &WindowHarness) -> Pos2 {
    let roll = harness.get_all_by_role(Role::Canvas).max_by_key(|node| node.rect().width() as u32);
    roll.unwrap().rect().right_bottom() - egui::vec2(40.0, 16.0)
}

#[test]
fn an_edit_of_a_piece_changes_it_and_one_of_a_song_makes_a_copy() {
    let mut harness = window(examples::with_pieces());
    let at = empty_place(&harness);
    double_click(&mut harness, at);
    let n_notes = harness.state().state.roll.notes.len();
    let is_edit = |command: &Command| match command {
        Command::EditNotes { piece, notes, what } => {
            (*piece, notes.notes().len(), *what) == (PieceId(2), n_notes + 1, "Draw a note")
        }
        _ => false,
    };
    assert!(harness.state().commands.iter().any(is_edit), "{:?}", harness.state().commands);
    let is_heard = |command: &Command| matches!(command, Command::SoundNote { velocity: 80, .. });
    assert!(harness.state().commands.iter().any(is_heard));

    let mut harness = window(examples::with_songs());
    let at = empty_place(&harness);
    double_click(&mut harness, at);
    let is_copy = |command: &Command| matches!(command, Command::EditCopyOfSong { .. });
    assert!(harness.state().commands.iter().any(is_copy), "{:?}", harness.state().commands);
}

#[test]
fn the_tools_change_the_view_and_push_nothing() {
    let mut state = examples::with_pieces();
    state.roll.key = Some(crate::music::Key { tonic: 9, mode: crate::music::Mode::Minor });
    let mut harness = window(state);
    press(&mut harness, Role::Button, "Pencil");
    assert_eq!(harness.state().state.roll.view.editor.tool, RollTool::Draw);
    press(&mut harness, Role::Button, "Select notes");
    assert_eq!(harness.state().state.roll.view.editor.tool, RollTool::Select);
    press(&mut harness, Role::Button, "Grid: Step");
    press(&mut harness, Role::Button, "Bar");
    assert_eq!(harness.state().state.roll.view.editor.grid, RollGrid::Bar);
    press(&mut harness, Role::Button, "Scale: off");
    press(&mut harness, Role::Button, "Of the piece: A minor");
    assert_eq!(harness.state().state.roll.view.editor.scale, ScaleChoice::OfPiece);
    press(&mut harness, Role::Button, "dorian");
    let scale = harness.state().state.roll.view.editor.scale.scale(None).unwrap();
    assert_eq!(scale.name(), "A dorian");
    harness.key_press(Key::Escape);
    harness.run_steps(4);
    let before = harness.state().state.roll.view.points_per_step;
    press(&mut harness, Role::Button, "Roll: zoom in");
    assert!(harness.state().state.roll.view.points_per_step > before);
    press(&mut harness, Role::Button, "Roll: show all");
    assert_eq!(harness.state().state.roll.view.points_per_step, before);
    let follows = harness.state().state.roll.view.follows_play_head;
    press(&mut harness, Role::Button, "Follow the play-head");
    assert_ne!(harness.state().state.roll.view.follows_play_head, follows);
    assert_eq!(harness.state().commands, []);
}

#[test]
fn an_edited_piece_is_marked_compared_and_restored() {
    let mut state = examples::with_pieces();
    let name = "Show the original";
    let plain = window(examples::with_pieces());
    assert!(plain.get_by_role_and_label(Role::Button, name).accesskit_node().is_disabled());
    let record = &mut state.music.pieces[1].record;
    let original = record.sheet();
    let drawn = PlayedNote { start_step: 0, pitch: 40, n_steps: 2, velocity: 90 };
    record.take_notes(&original.inserted(&[drawn]).sheet);
    state.roll.notes = record.played_notes();
    state.roll.original = record.original.as_ref().map(|roll| roll.notes());
    state.roll.roll = Some(std::sync::Arc::clone(&record.roll));
    let mut harness = window(state);
    press(&mut harness, Role::Button, name);
    assert!(harness.state().state.roll.view.editor.shows_original);
    press(&mut harness, Role::Button, "Restore the original");
    match &harness.state().commands[..] {
        [Command::EditNotes { piece: PieceId(2), notes, .. }] => assert_eq!(**notes, original),
        other => panic!("{other:?}"),
    }
}
