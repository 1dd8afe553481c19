//! The pointer: clicks and drags, on notes, on empty paper, in the ruler and on the keyboard.

use egui::{Modifiers, PointerButton, Pos2, Response, Ui, vec2};

use super::editor::Gesture;
use super::{PianoRollAction, PianoRollWidget, Places, RollTool, SNAP_WIDTH, is_panning};
use crate::music::{EditedNotes, NotePlace, PlayedNote};

/// The end of a note that can be dragged, in points; at most a third of the note.
const END_WIDTH: f32 = 7.0;
/// A note can be taken hold of so far beside it, in points.
const REACH: f32 = 1.5;
/// Along its way the eraser looks for notes so often, in points.
const LOOK_APART: f32 = 3.0;
/// The paper moves by this share of how far the pointer is outside, each frame of a drag.
const EDGE_PAN: f32 = 0.2;

/// What the pointer holds during a frame of a drag.
#[derive(Clone, Copy)]
struct Hand {
    at: Pos2,
    modifiers: Modifiers,
}

impl PianoRollWidget<'_> {
    /// The note under a place, and whether that is its end.
    pub(super) fn note_under(&self, places: Places, at: Pos2) -> Option<(PlayedNote, bool)> {
        if !places.grid.contains(at) {
            return None;
        }
        self.notes_in_sight(places.grid).iter().rev().find_map(|&note| {
            let rect = self.view.note_rect(places.grid, note);
            let is_end = at.x > rect.right() - END_WIDTH.min(rect.width() / 3.0);
            rect.expand2(vec2(REACH, 0.0)).contains(at).then_some((note, is_end))
        })
    }

    pub(super) fn pointer(&mut self, ui: &Ui, response: &Response, places: Places) {
        if response.clicked_by(PointerButton::Primary) || response.drag_started() {
            response.request_focus();
        }
        if is_panning(ui, response) {
            self.view.editor.gesture = None;
            return;
        }
        let (origin, latest, modifiers) = ui.input(|input| {
            (input.pointer.press_origin(), input.pointer.latest_pos(), input.modifiers)
        });
        if response.drag_started()
            && let Some(at) = origin
        {
            let is_erasing = response.dragged_by(PointerButton::Secondary);
            self.view.editor.gesture = self.begin(places, Hand { at, modifiers }, is_erasing);
        }
        if let Some(at) = latest
            && (response.dragged() || response.drag_stopped())
            && let Some(gesture) = self.view.editor.gesture.take()
        {
            self.drag(ui, response, places, gesture, Hand { at, modifiers });
        }
        if response.clicked_by(PointerButton::Primary)
            && let Some(at) = response.interact_pointer_pos()
        {
            let is_double = response.double_clicked_by(PointerButton::Primary);
            self.click(places, Hand { at, modifiers }, is_double);
        }
        if response.clicked_by(PointerButton::Secondary)
            && let Some((note, _)) = response
                .interact_pointer_pos()
                .filter(|_| self.is_editable)
                .and_then(|at| self.note_under(places, at))
        {
            let edited = self.content.sheet().removed(&[note.place()]);
            self.commit(edited, "Delete the note");
        }
    }

    /// The notes that the pointer has passed over: a quick hand is seen only now and then.
    fn notes_along(&self, places: Places, from: Pos2, to: Pos2) -> Vec<NotePlace> {
        let n_looks = (from.distance(to) / LOOK_APART).ceil().clamp(1.0, 500.0) as u16;
        let look = |n: u16| {
            let at = from.lerp(to, f32::from(n) / f32::from(n_looks));
            self.note_under(places, at).map(|(note, _)| note.place())
        };
        (0..=n_looks).filter_map(look).collect()
    }

    fn begin(&mut self, places: Places, hand: Hand, is_erasing: bool) -> Option<Gesture> {
        let Hand { at, modifiers } = hand;
        self.view.editor.refusal = None;
        let step = self.view.step_at(places.grid, at.x);
        if places.overview.contains(at) {
            return Some(Gesture::Overview);
        }
        if places.ruler.contains(at) {
            return Some(Gesture::Region { anchor: step, is_in_ruler: true });
        }
        if !places.grid.contains(at) {
            return None;
        }
        if is_erasing {
            return self.is_editable.then(|| Gesture::Erase { erased: Vec::new(), from: at });
        }
        if let Some((note, is_end)) = self.note_under(places, at).filter(|_| self.is_editable) {
            return Some(self.grab(note, is_end, step, hand));
        }
        if modifiers.alt {
            return Some(Gesture::Region { anchor: step, is_in_ruler: false });
        }
        let pitch = self.view.pitch_at(places.grid, at.y);
        if self.view.editor.tool == RollTool::Draw
            && let Some(pitch) = self.pitch_of_row(pitch).filter(|_| self.is_editable)
        {
            let start_step = self.content.floor_to(self.view.editor.grid, step);
            self.sound(pitch, crate::music::DEFAULT_VELOCITY);
            return Some(Gesture::Draw { start_step, pitch });
        }
        let is_adding = modifiers.shift || modifiers.command;
        let kept = if is_adding { self.view.editor.selected.clone() } else { Vec::new() };
        let height = self.view.height_at(places.grid, at.y);
        Some(Gesture::Band { step, height, kept })
    }

    fn grab(&mut self, note: PlayedNote, is_end: bool, step: f64, hand: Hand) -> Gesture {
        let editor = &mut self.view.editor;
        if !editor.is_selected(note.place()) {
            if !hand.modifiers.shift {
                editor.selected.clear();
            }
            editor.toggle(note.place());
        }
        editor.cursor = Some(note.place());
        self.sound(note.pitch, note.velocity);
        if hand.modifiers.alt {
            Gesture::Velocity { grabbed: note, y: hand.at.y }
        } else if is_end {
            Gesture::Lengthen { grabbed: note }
        } else {
            let pitch = i32::from(note.pitch);
            Gesture::Move { grabbed: note, step, pitch, heard: note.pitch }
        }
    }

    /// A frame of a drag, or its end.
    fn drag(
        &mut self,
        ui: &Ui,
        response: &Response,
        places: Places,
        mut gesture: Gesture,
        hand: Hand,
    ) {
        let is_over = response.drag_stopped();
        self.pan_at_the_edge(ui, places, &gesture, hand.at);
        match &mut gesture {
            Gesture::Overview => self.look_at(places, hand.at),
            Gesture::Region { anchor, is_in_ruler } => {
                let is_by_steps = *is_in_ruler && hand.modifiers.alt;
                let to = self.view.step_at(places.grid, hand.at.x);
                let steps = self.snapped(*anchor, to, is_by_steps);
                if is_over && !steps.is_empty() {
                    self.actions.push(PianoRollAction::SelectSteps(steps.clone()));
                }
                self.selecting = Some(steps);
            }
            Gesture::Band { step, height, kept } => {
                let places_within = self.within_band(places, (*step, *height), hand.at, kept);
                self.view.editor.select(places_within);
                self.band = Some(((*step, *height), hand.at)).filter(|_| !is_over);
            }
            Gesture::Erase { erased, from } => {
                erased.extend(self.notes_along(places, *from, hand.at));
                erased.sort_unstable();
                erased.dedup();
                *from = hand.at;
            }
            _ => {}
        }
        if let Some((edited, what)) = self.edited_by(places, &mut gesture, hand) {
            if is_over {
                self.end_edit(&gesture, &edited);
                self.commit(edited, what);
            } else {
                self.preview = Some(edited);
            }
        }
        self.view.editor.gesture = Some(gesture).filter(|_| !is_over);
    }

    /// What is remembered and heard of an edit at its end.
    fn end_edit(&mut self, gesture: &Gesture, edited: &EditedNotes) {
        let first = edited.selected.first().copied();
        let note = first.and_then(|place| edited.sheet.note_at(place.start_step, place.pitch));
        let Some(note) = note else { return };
        if matches!(gesture, Gesture::Draw { .. } | Gesture::Lengthen { .. }) {
            self.view.editor.last_length = Some(note.n_steps);
        }
        if matches!(gesture, Gesture::Velocity { .. }) {
            self.sound(note.pitch, note.velocity);
        }
        self.view.editor.cursor = Some(note.place());
    }

    /// What the notes come to, and the edit in words.
    fn edited_by(
        &mut self,
        places: Places,
        gesture: &mut Gesture,
        hand: Hand,
    ) -> Option<(EditedNotes, &'static str)> {
        let grid = self.view.editor.grid;
        let to = self.view.step_at(places.grid, hand.at.x);
        let selected = &self.view.editor.selected;
        let edited = match gesture {
            Gesture::Move { grabbed, step, pitch, heard } => {
                let steps = self.snapped_move(*grabbed, to - *step);
                let semitones = self.view.pitch_at(places.grid, hand.at.y) as i32 - *pitch;
                let sheet = self.content.sheet();
                let (edited, what) = if hand.modifiers.command {
                    (sheet.copied(selected, steps, semitones), "Copy notes")
                } else {
                    (sheet.moved(selected, steps, semitones), "Move notes")
                };
                let now = (i32::from(grabbed.pitch) + semitones).clamp(0, 127) as u8;
                if now != *heard && self.content.pitches.index(now).is_some() {
                    *heard = now;
                    self.sound(now, grabbed.velocity);
                }
                (edited, what)
            }
            Gesture::Lengthen { grabbed } => {
                let end = self.content.round_to(grid, to).max(grabbed.start_step + 1);
                let change = i64::from(end) - i64::from(grabbed.end_step());
                (self.content.sheet().lengthened(selected, change), "Lengthen notes")
            }
            Gesture::Velocity { y, .. } => {
                let change = (*y - hand.at.y).round() as i32;
                (self.content.sheet().struck_harder(selected, change), "Change the velocity")
            }
            Gesture::Draw { start_step, pitch } => {
                let least = f64::from(*start_step) + self.content.grid_steps(grid);
                let end = self.content.ceil_to(grid, to.max(least));
                let n_steps = end.saturating_sub(*start_step).max(1);
                let note = PlayedNote {
                    start_step: *start_step,
                    pitch: *pitch,
                    n_steps,
                    velocity: crate::music::DEFAULT_VELOCITY,
                };
                (self.content.sheet().inserted(&[note]), "Draw a note")
            }
            Gesture::Erase { erased, .. } => (self.content.sheet().removed(erased), "Delete notes"),
            Gesture::Region { .. } | Gesture::Band { .. } | Gesture::Overview => return None,
        };
        Some(edited)
    }

    /// The move that brings the grabbed note onto the grid; none before half a grid line is
    /// passed, so that a note off the grid can change its pitch alone.
    fn snapped_move(&self, grabbed: PlayedNote, by: f64) -> i64 {
        let grid = self.view.editor.grid;
        if by.abs() < self.content.grid_steps(grid) / 2.0 {
            return 0;
        }
        let start = self.content.round_to(grid, f64::from(grabbed.start_step) + by);
        i64::from(start) - i64::from(grabbed.start_step)
    }

    fn within_band(
        &self,
        places: Places,
        (step, height): (f64, f32),
        at: Pos2,
        kept: &[NotePlace],
    ) -> Vec<NotePlace> {
        let to = self.view.step_at(places.grid, at.x);
        let to_height = self.view.height_at(places.grid, at.y);
        let steps = step.min(to)..step.max(to);
        let heights = height.min(to_height)..height.max(to_height);
        let is_within = |note: &&PlayedNote| {
            f64::from(note.start_step) < steps.end
                && f64::from(note.end_step()) > steps.start
                && f32::from(note.pitch) < heights.end
                && f32::from(note.pitch) + 1.0 > heights.start
        };
        let within = self.content.notes.iter().filter(is_within).map(|note| note.place());
        within.chain(kept.iter().copied()).collect()
    }

    fn pan_at_the_edge(&mut self, ui: &Ui, places: Places, gesture: &Gesture, at: Pos2) {
        if matches!(gesture, Gesture::Overview) {
            return;
        }
        let beyond = |at: f32, low: f32, high: f32| (at - high).max(0.0) + (at - low).min(0.0);
        let grid = places.grid;
        let x = beyond(at.x, grid.left(), grid.right());
        let is_of_time = matches!(gesture, Gesture::Region { .. } | Gesture::Velocity { .. });
        let y = if is_of_time { 0.0 } else { beyond(at.y, grid.top(), grid.bottom()) };
        if x != 0.0 || y != 0.0 {
            self.view.pan(vec2(-x, -y) * EDGE_PAN);
            self.view.clamp(&self.content, grid.size());
            ui.ctx().request_repaint();
        }
    }

    fn click(&mut self, places: Places, hand: Hand, is_double: bool) {
        let Hand { at, modifiers } = hand;
        self.view.editor.refusal = None;
        let step = self.view.step_at(places.grid, at.x);
        if places.keyboard.contains(at) {
            let pitch = self.pitch_of_row(self.view.pitch_at(places.grid, at.y));
            self.actions.extend(pitch.map(PianoRollAction::SoundPitch));
        } else if places.overview.contains(at) {
            self.look_at(places, at);
        } else if let Some((note, _)) = self.note_under(places, at) {
            let editor = &mut self.view.editor;
            if modifiers.shift || modifiers.command {
                editor.toggle(note.place());
            } else {
                editor.select(vec![note.place()]);
            }
            editor.cursor = Some(note.place());
            self.sound(note.pitch, note.velocity);
        } else if !places.grid.contains(at) {
            if let Some(cursor) = &mut self.view.editor.cursor {
                cursor.start_step = self.content.floor_to(self.view.editor.grid, step);
            }
            self.seek(step);
        } else if self.is_editable && (is_double || self.view.editor.tool == RollTool::Draw) {
            let pitch = self.pitch_of_row(self.view.pitch_at(places.grid, at.y));
            if let Some(pitch) = pitch {
                let start_step = self.content.floor_to(self.view.editor.grid, step);
                self.draw_note(NotePlace { start_step, pitch });
            }
        } else if !self.view.editor.selected.is_empty() {
            if !(modifiers.shift || modifiers.command) {
                self.view.editor.selected.clear();
            }
        } else {
            let pitch = self.pitch_of_row(self.view.pitch_at(places.grid, at.y));
            let start_step = self.content.floor_to(self.view.editor.grid, step);
            self.view.editor.cursor = pitch.map(|pitch| NotePlace { start_step, pitch });
            self.seek(step);
        }
    }

    fn seek(&mut self, step: f64) {
        let step = step.clamp(0.0, f64::from(self.content.n_steps));
        self.actions.push(PianoRollAction::Seek(step));
    }

    /// A note of the usual length here.
    pub(super) fn draw_note(&mut self, place: NotePlace) {
        let editor = &self.view.editor;
        let usual = self.content.grid_steps(super::RollGrid::Beat);
        let least = self.content.grid_steps(editor.grid).round() as u32;
        let n_steps = editor.last_length.unwrap_or(usual as u32).max(least).max(1);
        let NotePlace { start_step, pitch } = place;
        let velocity = crate::music::DEFAULT_VELOCITY;
        let note = PlayedNote { start_step, pitch, n_steps, velocity };
        let edited = self.content.sheet().inserted(&[note]);
        self.view.editor.cursor = Some(place);
        self.sound(pitch, velocity);
        self.commit(edited, "Draw a note");
    }

    pub(super) fn pitch_of_row(&self, row: f32) -> Option<u8> {
        let pitch = (0.0..128.0).contains(&row).then_some(row as u8)?;
        self.content.pitches.index(pitch).map(|_| pitch)
    }

    /// The steps that a selection from `from` to `to` takes in.
    fn snapped(&self, from: f64, to: f64, is_by_steps: bool) -> std::ops::Range<u32> {
        let count = self.content.steps_per_count();
        let unit = if is_by_steps {
            1.0
        } else if count as f32 * self.view.points_per_step >= SNAP_WIDTH {
            count
        } else {
            self.content.steps_per_bar()
        };
        let start = (from.min(to) / unit).floor().max(0.0) * unit;
        let end = (from.max(to) / unit).ceil() * unit;
        let end = end.max(start + unit).min(f64::from(self.content.n_steps));
        start.round() as u32..end.round() as u32
    }
}
