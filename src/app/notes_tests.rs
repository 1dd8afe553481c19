//! Edited notes in the program: kept, heard, exported, taken back.

use std::sync::Arc;

use super::tests::{Desk, errors};
use crate::midi;
use crate::music::{NotePlace, NoteSheet, PlayedNote};
use crate::project::PieceRecord;
use crate::ui::command::Command;
use crate::ui::state::{ExportScope, PathPurpose, PieceId, RollSource};

impl Desk {
    fn shown_piece(&self) -> PieceId {
        match self.state().roll.source {
            Some(RollSource::Piece(id)) => id,
            other => panic!("{other:?}"),
        }
    }

    fn sheet(&self) -> NoteSheet {
        let roll = &self.state().roll;
        let grid = roll.roll.as_ref().unwrap();
        NoteSheet::new(&roll.notes, grid.n_steps() as u32, grid.pitches())
    }

    fn edits(&mut self, notes: NoteSheet) {
        let piece = self.shown_piece();
        self.does(Command::EditNotes { piece, notes: Arc::new(notes), what: "Draw a note" });
    }
}

#[test]
fn what_is_drawn_is_locked_and_locks_are_changed_by_hand_and_taken_back() {
    let mut desk = Desk::with_pieces();
    let edited = desk.sheet().inserted(&[DRAWN]).sheet;
    desk.edits(edited);
    assert_eq!(&*desk.state().roll.locked, [DRAWN.roll_note()]);
    let piece = desk.shown_piece();
    desk.does(Command::LockNotes { piece, notes: Arc::default() });
    assert!(desk.state().roll.locked.is_empty());
    desk.does(Command::Undo);
    assert_eq!(&*desk.state().roll.locked, [DRAWN.roll_note()]);
    desk.does(Command::Undo);
    assert!(desk.state().roll.locked.is_empty(), "the note itself is gone");
}

/// A note that no generated piece has.
const DRAWN: PlayedNote = PlayedNote { start_step: 0, pitch: 30, n_steps: 3, velocity: 111 };

#[test]
fn an_edit_is_shown_marked_and_taken_back() {
    let mut desk = Desk::with_pieces();
    let before = desk.sheet();
    let edited = before.inserted(&[DRAWN]).sheet;
    desk.edits(edited.clone());
    assert_eq!(desk.state().roll.notes, edited.notes());
    let piece = desk.shown_piece();
    let record = |desk: &Desk| desk.app.piece(piece).unwrap().record.clone();
    assert!(record(&desk).is_edited() && desk.state().roll.original.is_some());
    assert!(desk.app.piece(piece).unwrap().miniature.notes.contains(&DRAWN.roll_note()));
    assert_eq!(desk.state().undo.undo.as_deref(), Some("Draw a note"));
    desk.does(Command::Undo);
    assert_eq!(desk.sheet(), before);
    assert!(!record(&desk).is_edited() && desk.state().roll.original.is_none());
    desk.does(Command::Redo);
    assert_eq!(desk.sheet(), edited);
    desk.edits(edited);
    assert_eq!(desk.state().undo.redo, None);
    desk.does(Command::Undo);
    assert_eq!(desk.sheet(), before, "the same notes again are no step");
}

#[test]
fn an_edit_that_is_taken_back_is_seen_whatever_is_shown() {
    let mut desk = Desk::with_pieces();
    let piece = desk.shown_piece();
    let before = desk.sheet();
    desk.edits(before.inserted(&[DRAWN]).sheet);
    desk.does(Command::SelectSong(0));
    desk.does(Command::Undo);
    assert_eq!((desk.shown_piece(), desk.sheet()), (piece, before));
}

#[test]
fn an_edited_piece_is_saved_with_its_original_and_exported_as_edited() {
    let mut desk = Desk::with_pieces();
    let edited = desk.sheet().inserted(&[DRAWN]).sheet;
    desk.edits(edited.clone());
    let path = desk.folder.path().join("edited.mid");
    let purpose = PathPurpose::ExportMidi(ExportScope::Piece(desk.shown_piece()));
    desk.does(Command::AcceptPath { purpose, path: path.clone() });
    desk.wait_until(|state| state.export.is_none());
    let score = midi::read(&std::fs::read(&path).unwrap()).unwrap().to_score();
    let note = score.tonal_notes().find(|note| note.pitch == DRAWN.pitch).unwrap();
    assert_eq!((note.velocity, score.note_count()), (111, edited.notes().len()));

    let path = desk.folder.path().join("edited.harmonium");
    desk.does(Command::AcceptPath { purpose: PathPurpose::SaveProject, path: path.clone() });
    desk.wait_until(|state| !state.project.is_busy);
    let mut other = Desk::new();
    other.does(Command::OpenPath(path));
    other.wait_until(|state| state.run.facts.is_some());
    let records = |desk: &Desk| -> Vec<_> {
        desk.state().music.pieces.iter().map(|piece| piece.record.clone()).collect()
    };
    assert_eq!(records(&other), records(&desk));
    assert!(records(&other).iter().any(PieceRecord::is_edited));
}

#[test]
fn an_edit_of_a_song_makes_a_piece_and_leaves_the_song() {
    let mut desk = Desk::with_songs();
    desk.does(Command::SelectSong(0));
    let song = Arc::clone(&desk.state().data.songs[0].roll);
    let edited = desk.sheet().inserted(&[DRAWN]).sheet;
    desk.does(Command::EditCopyOfSong { song: 0, notes: Arc::new(edited.clone()) });
    assert_eq!(desk.state().data.songs[0].roll, song);
    assert_eq!(desk.sheet(), edited);
    let title = desk.state().data.songs[0].title.clone();
    assert_eq!(desk.state().roll.title, format!("Copy of {title}"));
    let record = desk.app.piece(desk.shown_piece()).unwrap().record.clone();
    assert_eq!(record.original, Some(song));
    let told = &desk.state().notices.last().unwrap().text;
    assert!(told.contains("stays as it is") && told.contains("Copy of"), "{told}");

    desk.does(Command::Undo);
    assert_eq!(desk.state().roll.source, Some(RollSource::Song(0)));
    assert!(desk.state().music.pieces.is_empty());
    desk.does(Command::Redo);
    assert_eq!(desk.sheet(), edited);
    desk.does(Command::SelectSong(0));
    desk.does(Command::EditCopyOfSong { song: 0, notes: Arc::new(edited) });
    assert_eq!(desk.state().roll.title, format!("Copy of {title} (2)"));
    assert_eq!(errors(desk.state()).len(), desk.state().transport.trouble.iter().count());
}

#[test]
fn another_piece_shown_means_no_note_is_selected_any_more() {
    let mut desk = Desk::with_pieces();
    let place = NotePlace { start_step: 0, pitch: 60 };
    desk.app.state.roll.view.editor.select(vec![place]);
    let sheet = desk.sheet().inserted(&[DRAWN]).sheet;
    desk.edits(sheet);
    assert_eq!(desk.state().roll.view.editor.selected(), [place], "an edit leaves it");
    let other = desk.state().music.pieces[1].id;
    desk.does(Command::SelectPiece(other));
    assert_eq!(desk.state().roll.view.editor.selected(), []);
}
