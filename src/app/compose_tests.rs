//! Music made of what is shown: what must stay stays, what comes is new.

use std::sync::Arc;

use super::tests::{Desk, errors};
use crate::engine::ChainStep;
use crate::generate::StartPoint;
use crate::music::{NoteSheet, PlayedNote, RollNote, Scale, ScaleKind};
use crate::ui::command::Command;
use crate::ui::compose::Composition;
use crate::ui::state::{PieceId, State};

fn notes_of(state: &State, place: usize) -> Vec<RollNote> {
    state.music.pieces[place].record.roll.notes()
}

impl Desk {
    /// With pieces of which the first is shown, a tune with a bass that nobody has locked.
    fn composing() -> Self {
        let mut desk = Self::with_pieces();
        let piece = desk.state().music.pieces[0].id;
        desk.does(Command::SetPieces(2));
        desk.does(Command::SetGibbsSteps(5));
        desk.does(Command::SelectPiece(piece));
        let roll = Arc::clone(&desk.state().music.pieces[0].record.roll);
        let (n_steps, pitches) = (roll.n_steps() as u32, roll.pitches());
        let note =
            |start_step: u32, pitch: u8| PlayedNote { start_step, pitch, n_steps: 2, velocity: 80 };
        let tune = (0..n_steps / 2).map(|n| note(2 * n, 60 + (n % 5) as u8));
        let bass = (0..n_steps / 2).map(|n| note(2 * n, 40 + (n % 3) as u8));
        let notes: Vec<PlayedNote> = tune.chain(bass).collect();
        let notes = Arc::new(NoteSheet::new(&notes, n_steps, pitches));
        desk.does(Command::EditNotes { piece, notes, what: "Draw a note" });
        desk.does(Command::LockNotes { piece, notes: Arc::default() });
        desk
    }

    fn composes(&mut self, composition: Composition) -> PieceId {
        let before = self.state().music.pieces.len();
        self.does(Command::Compose(composition));
        assert!(self.state().music.generating.is_some(), "{:?}", errors(self.state()));
        self.wait_until(|state| state.music.generating.is_none());
        assert_eq!(self.state().music.pieces.len(), before + 2, "{:?}", errors(self.state()));
        self.state().music.pieces[0].id
    }
}

fn steps_per_bar(state: &State) -> usize {
    let roll = state.roll.roll.as_ref().unwrap();
    state.roll.metre.steps_per_bar(roll.steps_per_beat())
}

#[test]
fn selected_bars_are_made_anew_and_everything_else_stays() {
    let mut desk = Desk::composing();
    let bar = steps_per_bar(desk.state());
    let before = notes_of(desk.state(), 0);
    desk.does(Command::SelectSteps(Some(bar..2 * bar)));
    desk.composes(Composition::Inside);
    let after = notes_of(desk.state(), 0);
    let is_outside = |note: &&RollNote| !(bar..2 * bar).contains(&(note.start_step as usize));
    let outside = |notes: &[RollNote]| notes.iter().filter(is_outside).copied().collect::<Vec<_>>();
    assert_eq!(outside(&after), outside(&before));
    assert_eq!(desk.state().roll.selection, Some(bar..2 * bar), "to be made anew once more");
    let name = desk.state().music.pieces[0].record.name.clone();
    assert!(name.contains("bar 2 of Piece 1 anew"), "{name}");
}

#[test]
fn a_continuation_begins_with_the_piece_and_a_lead_ends_with_it() {
    let mut desk = Desk::composing();
    desk.does(Command::SetBars(1));
    let bar = steps_per_bar(desk.state());
    let (before, n_steps) = {
        let state = desk.state();
        (notes_of(state, 0), state.music.pieces[0].record.roll.n_steps())
    };
    let first = desk.state().music.pieces[0].id;
    desk.composes(Composition::Continue);
    let piece = &desk.state().music.pieces[0].record;
    assert_eq!(piece.roll.n_steps(), n_steps.next_multiple_of(bar) + bar);
    assert_eq!(notes_of(desk.state(), 0)[..before.len()], before[..]);
    desk.does(Command::SelectPiece(first));
    desk.composes(Composition::LeadUp);
    let shifted = |note: &RollNote| RollNote { start_step: note.start_step + bar as u32, ..*note };
    let after = notes_of(desk.state(), 0);
    assert!(before.iter().map(shifted).all(|note| after.contains(&note)));
}

#[test]
fn locked_notes_stay_in_every_composition_and_stay_locked() {
    let mut desk = Desk::composing();
    let piece = desk.state().music.pieces[0].id;
    let locked: Vec<RollNote> = notes_of(desk.state(), 0).into_iter().step_by(5).collect();
    desk.does(Command::LockNotes { piece, notes: locked.clone().into() });
    let n_steps = desk.state().music.pieces[0].record.roll.n_steps();
    for composition in [Composition::Inside, Composition::Vary, Composition::Harmonise] {
        desk.does(Command::SelectPiece(piece));
        desk.does(Command::SelectSteps(Some(0..n_steps)));
        desk.composes(composition);
        let record = &desk.state().music.pieces[0].record;
        let after = record.roll.notes();
        assert!(locked.iter().all(|note| after.contains(note)), "{composition:?}");
        assert_eq!(&*record.locked, &locked[..], "{composition:?}");
    }
}

#[test]
fn new_pieces_start_from_selected_bars_until_they_are_forgotten() {
    let mut desk = Desk::composing();
    let bar = steps_per_bar(desk.state());
    desk.does(Command::SelectSteps(Some(bar..2 * bar)));
    desk.does(Command::StartFromShown);
    let taken = desk.state().music.start_music.clone().unwrap();
    assert_eq!((taken.roll.n_steps(), taken.name.as_str()), (bar, "bar 2 of Piece 1"));
    assert_eq!(desk.state().music.settings.start, StartPoint::Song);
    let n_pieces = desk.state().music.pieces.len();
    desk.does(Command::Generate);
    desk.wait_until(|state| state.music.generating.is_none());
    assert_eq!(desk.state().music.pieces.len(), n_pieces + 2, "{:?}", errors(desk.state()));
    desk.does(Command::ForgetStartMusic);
    assert_eq!(desk.state().music.start_music, None);
}

#[test]
fn a_chain_is_watched_held_stepped_back_and_taken_as_it_is() {
    let mut desk = Desk::composing();
    desk.does(Command::SetGibbsSteps(100_000));
    let n_pieces = desk.state().music.pieces.len();
    desk.does(Command::Generate);
    let picture = |state: &State| state.music.chain.as_ref().map(|chain| chain.picture.clone());
    desk.wait_until(|state| picture(state).is_some_and(|picture| picture.n_kept > 1));
    desk.does(Command::PauseChain(true));
    desk.wait_until(|state| picture(state).is_some_and(|picture| picture.is_paused));
    let held = picture(desk.state()).unwrap();
    desk.does(Command::StepChain(ChainStep::Back));
    desk.wait_until(|state| picture(state).is_some_and(|p| p.gibbs_step + 1 == held.gibbs_step));
    desk.does(Command::TakeChain);
    desk.wait_until(|state| state.music.pieces.len() == n_pieces + 1);
    desk.does(Command::CancelGenerate);
    desk.wait_until(|state| state.music.generating.is_none());
    assert_eq!(desk.state().music.pieces.len(), n_pieces + 1);
}

#[test]
fn steering_is_kept_to_and_undone() {
    let mut desk = Desk::composing();
    let mut settings = desk.state().music.settings;
    let scale = Scale { tonic: 2, kind: ScaleKind::Major };
    settings.steering.scale = Some(scale);
    desk.does(Command::SetGeneration(Box::new(settings)));
    desk.does(Command::Generate);
    desk.wait_until(|state| state.music.generating.is_none());
    let notes = notes_of(desk.state(), 0);
    assert!(notes.iter().all(|note| scale.contains(note.pitch)), "{notes:?}");
    assert!(desk.state().music.pieces[0].record.ranking.is_some());
    desk.does(Command::Undo);
    assert_eq!(desk.state().music.settings.steering.scale, None);
}

#[test]
fn steps_between_two_pieces_need_both() {
    let mut desk = Desk::composing();
    let second = desk.state().music.pieces[1].id;
    let first = desk.state().music.pieces[0].id;
    desk.does(Command::SelectPiece(second));
    desk.does(Command::SelectPiece(first));
    desk.composes(Composition::Interpolate);
    let name = &desk.state().music.pieces[0].record.name;
    assert!(name.contains("on the way to Piece 1"), "{name}");
}
