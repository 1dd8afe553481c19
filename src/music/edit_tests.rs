//! Every edit leaves a sheet that holds its promises, and does what its name says.

use super::*;
use crate::music::{PianoRoll, RollNote};
use proptest::prelude::*;

const PITCHES: PitchRange = PitchRange { low: 60, count: 6 };
const N_STEPS: u32 = 24;

fn note(start_step: u32, n_steps: u32, pitch: u8) -> PlayedNote {
    PlayedNote { start_step, pitch, n_steps, velocity: 80 }
}

fn sheet(notes: &[PlayedNote]) -> NoteSheet {
    NoteSheet::new(notes, N_STEPS, PITCHES)
}

fn places(notes: &[PlayedNote]) -> Vec<NotePlace> {
    notes.iter().map(|note| note.place()).collect()
}

/// What every sheet promises.
fn check(sheet: &NoteSheet) {
    assert!(sheet.notes().is_sorted());
    for (index, note) in sheet.notes().iter().enumerate() {
        assert!(note.fits(sheet.n_steps(), sheet.pitches()), "{note:?}");
        assert!((1..=127).contains(&note.velocity));
        for other in &sheet.notes()[index + 1..] {
            let is_apart = other.pitch != note.pitch || other.start_step >= note.end_step();
            assert!(is_apart, "{note:?} and {other:?} overlap");
        }
    }
    let notes: Vec<RollNote> = sheet.notes().iter().map(|note| note.roll_note()).collect();
    let roll = PianoRoll::from_notes(&notes, sheet.n_steps() as usize, sheet.pitches(), 4);
    assert_eq!(roll.notes(), notes, "the grid says the same");
}

#[test]
fn a_note_drawn_over_another_cuts_it() {
    let older = sheet(&[note(0, 8, 60)]);
    let drawn = older.inserted(&[note(4, 2, 60)]).sheet;
    assert_eq!(drawn.notes(), [note(0, 4, 60), note(4, 2, 60)]);
    let drawn = older.inserted(&[note(0, 2, 60)]).sheet;
    assert_eq!(drawn.notes(), [note(0, 2, 60), note(2, 6, 60)]);
    let drawn = older.inserted(&[note(0, 12, 60)]).sheet;
    assert_eq!(drawn.notes(), [note(0, 12, 60)]);
    let two = sheet(&[note(2, 4, 60), note(6, 4, 60)]);
    let drawn = two.inserted(&[note(0, 3, 60), note(3, 4, 60)]).sheet;
    assert_eq!(drawn.notes(), [note(0, 3, 60), note(3, 4, 60), note(7, 3, 60)]);
}

#[test]
fn notes_move_together_and_stop_at_the_edges_together() {
    let before = sheet(&[note(2, 2, 60), note(6, 4, 63)]);
    let all = places(before.notes());
    let right = before.moved(&all, 100, 100);
    assert_eq!(right.sheet.notes(), [note(16, 2, 62), note(20, 4, 65)]);
    assert_eq!(right.selected, places(right.sheet.notes()));
    let left = before.moved(&all, -100, -100);
    assert_eq!(left.sheet.notes(), [note(0, 2, 60), note(4, 4, 63)]);
}

#[test]
fn only_what_is_selected_is_edited() {
    let before = sheet(&[note(0, 2, 60), note(4, 2, 61), note(8, 2, 62)]);
    let chosen = [NotePlace { start_step: 4, pitch: 61 }, NotePlace { start_step: 5, pitch: 61 }];
    assert_eq!(before.removed(&chosen).sheet.notes(), [note(0, 2, 60), note(8, 2, 62)]);
    let longer = before.lengthened(&chosen, 3).sheet;
    assert_eq!(longer.notes(), [note(0, 2, 60), note(4, 5, 61), note(8, 2, 62)]);
    let shorter = before.lengthened(&chosen, -9).sheet;
    assert_eq!(shorter.notes()[1], note(4, 1, 61));
    let louder = before.struck_harder(&chosen, 100).sheet;
    assert_eq!(louder.notes()[1].velocity, 127);
    assert_eq!(louder.notes()[0].velocity, 80);
    assert_eq!(before.struck_harder(&chosen, -100).sheet.notes()[1].velocity, 1);
}

#[test]
fn a_copy_leaves_its_source() {
    let before = sheet(&[note(0, 2, 60)]);
    let copied = before.copied(&places(before.notes()), 4, 1);
    assert_eq!(copied.sheet.notes(), [note(0, 2, 60), note(4, 2, 61)]);
    assert_eq!(copied.selected, [NotePlace { start_step: 4, pitch: 61 }]);
}

#[test]
fn a_duplicate_follows_on_the_grid() {
    let before = sheet(&[note(4, 2, 60), note(5, 2, 62)]);
    let all = places(before.notes());
    let after = before.duplicated(&all, 4.0, 16.0, 1000);
    assert_eq!(after.sheet.notes()[2..], [note(8, 2, 60), note(9, 2, 62)]);
    assert_eq!(after.sheet.n_steps(), N_STEPS);
    let nothing = before.duplicated(&[], 4.0, 16.0, 1000);
    assert_eq!(nothing.sheet, before);
}

#[test]
fn pasting_beyond_the_end_adds_whole_bars_as_far_as_allowed() {
    let before = sheet(&[note(0, 4, 60)]);
    let clipping = before.clipping(&places(before.notes()));
    let after = before.pasted(&clipping, 23, 16.0, 1000);
    assert_eq!((after.sheet.n_steps(), after.sheet.notes()[1]), (32, note(23, 4, 60)));
    let limited = before.pasted(&clipping, 23, 16.0, 26);
    assert_eq!((limited.sheet.n_steps(), limited.sheet.notes()[1]), (26, note(23, 3, 60)));
    let outside = before.pasted(&[note(0, 4, 100)], 0, 16.0, 1000);
    assert_eq!(outside.sheet, before);
}

#[test]
fn the_note_at_a_cell_is_found() {
    let sheet = sheet(&[note(0, 4, 60), note(4, 2, 60), note(1, 8, 62)]);
    assert_eq!(sheet.note_at(3, 60), Some(note(0, 4, 60)));
    assert_eq!(sheet.note_at(4, 60), Some(note(4, 2, 60)));
    assert_eq!(sheet.note_at(6, 60), None);
    assert_eq!(sheet.note_at(8, 62), Some(note(1, 8, 62)));
    assert_eq!(sheet.note_at(0, 62), None);
}

fn any_note() -> impl Strategy<Value = PlayedNote> {
    (0..40_u32, 0..12_u32, 55..70_u8, 0..=255_u8).prop_map(
        |(start_step, n_steps, pitch, velocity)| PlayedNote {
            start_step,
            pitch,
            n_steps,
            velocity,
        },
    )
}

fn any_notes() -> impl Strategy<Value = Vec<PlayedNote>> {
    prop::collection::vec(any_note(), 0..30)
}

proptest! {
    #[test]
    fn every_edit_leaves_a_valid_sheet(
        notes in any_notes(), more in any_notes(), chosen in prop::collection::vec(any::<bool>(), 30),
        steps in -40_i64..40, semitones in -20_i32..20, at in 0..60_u32
    ) {
        let before = NoteSheet::new(&notes, N_STEPS, PITCHES);
        check(&before);
        let marked = before.notes().iter().zip(chosen).filter(|(_, is_chosen)| *is_chosen);
        let selected: Vec<NotePlace> = marked.map(|(note, _)| note.place()).collect();
        let edits = [
            before.moved(&selected, steps, semitones),
            before.copied(&selected, steps, semitones),
            before.lengthened(&selected, steps),
            before.struck_harder(&selected, semitones * 9),
            before.removed(&selected),
            before.inserted(&more),
            before.pasted(&more, at, 16.0, 90),
            before.duplicated(&selected, 4.0, 16.0, 90),
        ];
        for edit in edits {
            check(&edit.sheet);
            prop_assert!(edit.selected.is_sorted());
            let (found, _) = edit.sheet.split(&edit.selected);
            prop_assert_eq!(found.len(), edit.selected.len(), "what is selected is there");
        }
        prop_assert_eq!(before.removed(&selected).sheet.notes().len() + selected.len(),
            before.notes().len());
    }

    #[test]
    fn a_move_keeps_the_shape_of_what_is_moved(
        notes in any_notes(), steps in -40_i64..40, semitones in -20_i32..20
    ) {
        let before = NoteSheet::new(&notes, N_STEPS, PITCHES);
        let after = before.moved(&places(before.notes()), steps, semitones).sheet;
        prop_assert_eq!(after.notes().len(), before.notes().len());
        if let (Some(first), Some(moved)) = (before.notes().first(), after.notes().first()) {
            let steps = i64::from(moved.start_step) - i64::from(first.start_step);
            let semitones = i32::from(moved.pitch) - i32::from(first.pitch);
            for (old, new) in before.notes().iter().zip(after.notes()) {
                prop_assert_eq!(i64::from(new.start_step), i64::from(old.start_step) + steps);
                prop_assert_eq!(i32::from(new.pitch), i32::from(old.pitch) + semitones);
                prop_assert_eq!((new.n_steps, new.velocity), (old.n_steps, old.velocity));
            }
            prop_assert_eq!(after.moved(&places(after.notes()), -steps, -semitones).sheet, before);
        }
    }

    #[test]
    fn what_is_put_stands_and_nothing_else_is_moved(notes in any_notes(), new in any_note()) {
        let before = NoteSheet::new(&notes, N_STEPS, PITCHES);
        let after = before.inserted(&[new]).sheet;
        for step in 0..N_STEPS {
            for pitch in PITCHES.low..=PITCHES.high() {
                let is_new = new.covers(step, pitch);
                let was = before.note_at(step, pitch);
                match after.note_at(step, pitch) {
                    Some(found) if is_new => prop_assert_eq!(found.start_step, new.start_step),
                    Some(found) => prop_assert_eq!(was.map(|was| was.velocity), Some(found.velocity)),
                    None => prop_assert!(!is_new),
                }
            }
        }
    }
}
