//! The keyboard: walking, selecting and editing notes without a pointer, and the clipboard.

use egui::{Event, Key, Modifiers, Ui, Vec2, vec2};

use super::{PianoRollAction, PianoRollWidget, RollGrid, RollTool};
use crate::dataset::MAX_STEPS;
use crate::music::{
    EditedNotes, NotePlace, PlayedNote, clipping_to_text, note_at, text_to_clipping,
};

const KEY_ZOOM: f32 = 1.25;
/// A press of a key makes notes harder or softer by this much; with Shift by one.
const VELOCITY_STEP: i32 = 8;

/// Every key of the roll, for a list to read: keys, what they do.
pub const ROLL_KEYS: &[(&str, &str)] = &[
    ("Arrows", "Move the selected notes, or the note cursor"),
    ("Shift+Arrows", "Move by a bar or an octave"),
    ("Alt+← →", "Select the note before or after"),
    ("Enter", "Select the note at the cursor, or draw one"),
    ("Ctrl+← →", "Shorten, lengthen"),
    ("Ctrl+↑ ↓", "Strike harder, softer (Shift: finer)"),
    ("Del", "Delete"),
    ("Ctrl+A", "Select all, or all of the selected bars"),
    ("Ctrl+C X V", "Copy, cut, paste at the cursor"),
    ("Ctrl+D", "Duplicate"),
    ("K", "Lock, unlock: new music leaves them as they are"),
    ("B", "Pencil on, off"),
    ("Esc", "Let go of what is selected"),
    ("+ −", "Zoom in time (Shift: in pitch)"),
    ("F", "Show all"),
    ("Page up, down", "Scroll"),
    ("Home, End", "To the start, to the end"),
];

/// What the pointer does in the roll.
pub const ROLL_POINTER: &[(&str, &str)] = &[
    ("Click in the ruler", "Play from there"),
    ("Drag in the ruler", "Select bars (Alt: steps)"),
    ("Drag", "Select notes (Shift: more)"),
    ("Alt+drag", "Select bars"),
    ("Double-click", "Draw a note"),
    ("Drag a note", "Move it (Ctrl: a copy)"),
    ("Drag its end", "Lengthen it"),
    ("Alt+drag a note", "Change its velocity"),
    ("Right-click", "Delete (drag: erase)"),
    ("Click a key", "Hear the pitch"),
    ("Wheel", "Scroll (Shift: sideways)"),
    ("Ctrl+wheel", "Zoom in time"),
    ("Alt+wheel", "Height of the rows"),
    ("Middle button", "Drag the paper"),
];

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
enum KeyAct {
    /// Steps and semitones, each −1, 0 or 1, or with Shift a bar and an octave.
    Move {
        right: i64,
        up: i32,
        is_far: bool,
    },
    Walk(i32),
    Lengthen(i64),
    Strike(i32),
    Enter,
    Delete,
    SelectAll,
    Duplicate,
    Lock,
    Tool,
    Escape,
    Play,
    Zoom(Vec2),
    Fit,
    Page(f32),
    Start,
    End,
}

fn key_act(key: Key, modifiers: Modifiers) -> Option<KeyAct> {
    let Modifiers { alt, shift, command, .. } = modifiers;
    let (right, up) = match key {
        Key::ArrowLeft => (-1, 0),
        Key::ArrowRight => (1, 0),
        Key::ArrowUp => (0, 1),
        Key::ArrowDown => (0, -1),
        _ => return other_key_act(key, modifiers),
    };
    match (command, alt, right) {
        (false, false, _) => Some(KeyAct::Move { right, up, is_far: shift }),
        (false, true, -1 | 1) => Some(KeyAct::Walk(right as i32)),
        (true, false, 0) => Some(KeyAct::Strike(up * if shift { 1 } else { VELOCITY_STEP })),
        (true, false, _) => Some(KeyAct::Lengthen(right)),
        (_, true, _) => None,
    }
}

fn other_key_act(key: Key, modifiers: Modifiers) -> Option<KeyAct> {
    let Modifiers { alt, shift, command, .. } = modifiers;
    if alt {
        return None;
    }
    match (key, command) {
        (Key::A, true) if !shift => Some(KeyAct::SelectAll),
        (Key::D, true) if !shift => Some(KeyAct::Duplicate),
        (_, true) => None,
        (Key::Enter, _) => Some(KeyAct::Enter),
        (Key::Delete | Key::Backspace, _) => Some(KeyAct::Delete),
        (Key::B | Key::D, _) => Some(KeyAct::Tool),
        (Key::K, _) => Some(KeyAct::Lock),
        (Key::Escape, _) => Some(KeyAct::Escape),
        (Key::Space, _) => Some(KeyAct::Play),
        // With Ctrl it is the window that is zoomed.
        (Key::Plus | Key::Equals, false) => {
            Some(KeyAct::Zoom(zoom(KEY_ZOOM, shift && key != Key::Plus)))
        }
        (Key::Minus, false) => Some(KeyAct::Zoom(zoom(1.0 / KEY_ZOOM, shift))),
        (Key::F, _) => Some(KeyAct::Fit),
        (Key::PageUp, _) => Some(KeyAct::Page(-1.0)),
        (Key::PageDown, _) => Some(KeyAct::Page(1.0)),
        (Key::Home, _) => Some(KeyAct::Start),
        (Key::End, _) => Some(KeyAct::End),
        _ => None,
    }
}

fn zoom(factor: f32, is_of_pitch: bool) -> Vec2 {
    if is_of_pitch { vec2(1.0, factor) } else { vec2(factor, 1.0) }
}

impl PianoRollWidget<'_> {
    /// Obeys the keys of this frame and takes them, so that nothing else hears them.
    pub(super) fn keys(&mut self, ui: &Ui, size: Vec2) {
        let mut acts = Vec::new();
        let mut clipboard = Vec::new();
        let may_escape = self.may_escape();
        let is_pointer_down = ui.input(|input| input.pointer.any_down());
        ui.input_mut(|input| {
            input.events.retain(|event| match event {
                Event::Key { key, pressed: true, modifiers, .. } => {
                    let act = key_act(*key, *modifiers).filter(|act| match act {
                        KeyAct::Escape => may_escape,
                        // With the pointer down it drags the paper.
                        KeyAct::Play => !is_pointer_down,
                        _ => true,
                    });
                    acts.extend(act);
                    act.is_none()
                }
                Event::Copy | Event::Cut | Event::Paste(_) => {
                    clipboard.push(event.clone());
                    false
                }
                _ => true,
            });
        });
        for act in acts {
            self.view.editor.refusal = None;
            self.obey(act, size);
        }
        for event in clipboard {
            self.view.editor.refusal = None;
            self.use_clipboard(ui, event);
        }
    }

    pub(super) fn may_escape(&self) -> bool {
        let editor = &self.view.editor;
        let is_drawing = editor.tool == RollTool::Draw;
        let is_dragging = editor.gesture.is_some();
        self.selection.is_some() || !editor.selected.is_empty() || is_drawing || is_dragging
    }

    fn obey(&mut self, act: KeyAct, size: Vec2) {
        match act {
            KeyAct::Move { right, up, is_far } => self.move_by_keys((right, up), is_far, size),
            KeyAct::Walk(by) => self.walk(by, size),
            KeyAct::Lengthen(by) => {
                let unit = self.content.grid_steps(self.view.editor.grid).round() as i64;
                self.edit("Lengthen notes", |roll, chosen| {
                    roll.content.sheet().lengthened(chosen, by * unit)
                });
            }
            KeyAct::Strike(by) => self.edit("Change the velocity", |roll, chosen| {
                roll.content.sheet().struck_harder(chosen, by)
            }),
            KeyAct::Enter => self.enter(),
            KeyAct::Delete => {
                self.edit("Delete notes", |roll, chosen| roll.content.sheet().removed(chosen));
            }
            KeyAct::SelectAll => self.select_all(),
            KeyAct::Duplicate => self.edit("Duplicate notes", |roll, chosen| {
                let grid = roll.content.grid_steps(roll.view.editor.grid);
                let bar = roll.content.steps_per_bar();
                roll.content.sheet().duplicated(chosen, grid, bar, MAX_STEPS as u32)
            }),
            KeyAct::Lock => self.toggle_locks(),
            KeyAct::Tool => {
                let tool = &mut self.view.editor.tool;
                *tool = if *tool == RollTool::Draw { RollTool::Select } else { RollTool::Draw };
            }
            KeyAct::Escape => self.escape(),
            KeyAct::Play => self.actions.push(PianoRollAction::TogglePlay),
            KeyAct::Zoom(factor) => self.view.zoom(factor, size / 2.0),
            KeyAct::Fit => self.view.fit(),
            KeyAct::Page(by) => self.view.pan(vec2(-by * size.x * 0.9, 0.0)),
            KeyAct::Start => self.view.first_step = 0.0,
            KeyAct::End => self.view.first_step = f64::from(self.content.n_steps),
        }
    }

    /// The selected notes that are there, or the note at the cursor.
    fn chosen(&self) -> Vec<NotePlace> {
        let editor = &self.view.editor;
        let is_there = |place: &&NotePlace| self.note_from(**place).is_some();
        let chosen: Vec<NotePlace> = editor.selected.iter().filter(is_there).copied().collect();
        if !chosen.is_empty() {
            return chosen;
        }
        let under =
            editor.cursor.and_then(|at| note_at(self.content.notes, at.start_step, at.pitch));
        under.map(PlayedNote::place).into_iter().collect()
    }

    fn note_from(&self, place: NotePlace) -> Option<PlayedNote> {
        let notes = self.content.notes;
        let index = notes.binary_search_by_key(&place, |note| note.place()).ok()?;
        Some(notes[index])
    }

    fn edit(&mut self, what: &'static str, edit: impl FnOnce(&Self, &[NotePlace]) -> EditedNotes) {
        let chosen = self.chosen();
        if chosen.is_empty() {
            self.view.editor.refusal = Some("No note is selected: click one, or Alt+→");
            return;
        }
        let edited = edit(self, &chosen);
        self.sound_some(&edited);
        if let [place] = edited.selected[..] {
            self.view.editor.cursor = Some(place);
            if what == "Lengthen notes" {
                let note = edited.sheet.note_at(place.start_step, place.pitch);
                self.view.editor.last_length = note.map(|note| note.n_steps);
            }
        }
        self.commit(edited, what);
    }

    fn toggle_locks(&mut self) {
        let chosen = self.chosen();
        if chosen.is_empty() {
            self.view.editor.refusal = Some("No note is selected: click one, or Alt+→");
        } else {
            self.actions.push(PianoRollAction::ToggleLocks(chosen));
        }
    }

    fn move_by_keys(&mut self, (right, up): (i64, i32), is_far: bool, size: Vec2) {
        let grid = if is_far { RollGrid::Bar } else { self.view.editor.grid };
        let steps = right * self.content.grid_steps(grid).round() as i64;
        let semitones = if is_far { up * 12 } else { up };
        let has_notes = self.view.editor.selected.iter().any(|at| self.note_from(*at).is_some());
        if has_notes {
            self.edit("Move notes", |roll, chosen| {
                roll.content.sheet().moved(chosen, steps, semitones)
            });
        } else {
            self.move_cursor(steps, semitones);
        }
        self.show_cursor(size);
    }

    fn move_cursor(&mut self, steps: i64, semitones: i32) {
        let cursor = self.view.editor.cursor;
        let NotePlace { start_step, pitch } = cursor.unwrap_or_else(|| self.first_cursor());
        let (steps, semitones) = if cursor.is_some() { (steps, semitones) } else { (0, 0) };
        let last = i64::from(self.content.n_steps.max(1)) - 1;
        let pitches = self.content.pitches;
        let (low, high) = (i32::from(pitches.low), i32::from(pitches.high()));
        let start_step = (i64::from(start_step) + steps).clamp(0, last) as u32;
        let pitch = (i32::from(pitch) + semitones).clamp(low, high) as u8;
        self.view.editor.cursor = Some(NotePlace { start_step, pitch });
        if let Some(note) = note_at(self.content.notes, start_step, pitch) {
            self.sound(note.pitch, note.velocity);
        }
    }

    /// Where the note cursor begins: at the first note in sight, or in the middle.
    fn first_cursor(&self) -> NotePlace {
        let first = self.view.first_step.ceil() as u32;
        let in_sight = self.content.notes.iter().find(|note| note.start_step >= first);
        in_sight.map_or(
            NotePlace {
                start_step: first.min(self.content.n_steps.saturating_sub(1)),
                pitch: self.content.pitches.pitch(self.content.pitches.len() / 2),
            },
            |note| note.place(),
        )
    }

    /// Selects the next or previous note.
    fn walk(&mut self, by: i32, size: Vec2) {
        let notes = self.content.notes;
        let editor = &self.view.editor;
        let from = if by > 0 { editor.selected.last() } else { editor.selected.first() };
        let next = match from.or(editor.cursor.as_ref()) {
            Some(from) if by > 0 => notes.get(notes.partition_point(|note| note.place() <= *from)),
            Some(from) => {
                let before = notes.partition_point(|note| note.place() < *from);
                before.checked_sub(1).and_then(|index| notes.get(index))
            }
            None => notes
                .binary_search_by_key(&self.first_cursor(), |note| note.place())
                .map_or(notes.first(), |index| notes.get(index)),
        };
        let Some(&note) = next else {
            let refusal = if by > 0 { "This is the last note" } else { "This is the first note" };
            self.view.editor.refusal = Some(refusal);
            return;
        };
        self.view.editor.select(vec![note.place()]);
        self.view.editor.cursor = Some(note.place());
        self.sound(note.pitch, note.velocity);
        self.show_cursor(size);
    }

    fn show_cursor(&mut self, size: Vec2) {
        if let Some(cursor) = self.view.editor.cursor {
            self.view.show_place(cursor, size);
        }
    }

    /// Selects the note under the cursor, or draws one there.
    fn enter(&mut self) {
        let Some(cursor) = self.view.editor.cursor else {
            self.view.editor.cursor = Some(self.first_cursor());
            return;
        };
        match note_at(self.content.notes, cursor.start_step, cursor.pitch) {
            Some(note) => {
                self.view.editor.toggle(note.place());
                self.sound(note.pitch, note.velocity);
            }
            None if self.is_editable => self.draw_note(cursor),
            None => {}
        }
    }

    /// Selects every note, or those that begin in the selected bars.
    fn select_all(&mut self) {
        let notes = self.content.notes.iter();
        let places = match &self.selection {
            Some(steps) => notes
                .filter(|note| steps.contains(&note.start_step))
                .map(|note| note.place())
                .collect(),
            None => notes.map(|note| note.place()).collect(),
        };
        self.view.editor.select(places);
    }

    fn escape(&mut self) {
        let editor = &mut self.view.editor;
        if editor.gesture.take().is_some() {
            editor.refusal = Some("The drag was called off");
        } else if !editor.selected.is_empty() {
            editor.selected.clear();
        } else if self.selection.is_some() {
            self.actions.push(PianoRollAction::ClearSelection);
        } else {
            editor.tool = RollTool::Select;
        }
    }

    fn use_clipboard(&mut self, ui: &Ui, event: Event) {
        match event {
            Event::Paste(text) => self.paste(&text),
            event => {
                let chosen = self.chosen();
                if chosen.is_empty() {
                    self.view.editor.refusal = Some("No note is selected: click one, or Ctrl+A");
                    return;
                }
                let clipping = self.content.sheet().clipping(&chosen);
                ui.ctx().copy_text(clipping_to_text(&clipping, self.content.steps_per_beat));
                if event == Event::Cut {
                    let edited = self.content.sheet().removed(&chosen);
                    self.commit(edited, "Cut notes");
                }
            }
        }
    }

    /// Pastes at the start of the selected bars, or at the note cursor, or at the play-head.
    fn paste(&mut self, text: &str) {
        if !self.is_editable {
            return;
        }
        let Some(clipping) = text_to_clipping(text, self.content.steps_per_beat) else {
            self.view.editor.refusal = Some("No notes were copied: select some, then Ctrl+C");
            return;
        };
        let region = self.selection.as_ref().map(|steps| steps.start);
        let cursor = self.view.editor.cursor.map(|cursor| cursor.start_step);
        let head = self.play_head.map(|step| self.content.floor_to(self.view.editor.grid, step));
        let at = region.or(cursor).or(head).unwrap_or(self.view.first_step.ceil() as u32);
        let bar = self.content.steps_per_bar();
        let edited = self.content.sheet().pasted(&clipping, at, bar, MAX_STEPS as u32);
        if edited.selected.is_empty() {
            self.view.editor.refusal = Some("None of the copied notes fit here");
            return;
        }
        self.sound_some(&edited);
        self.view.editor.cursor = edited.selected.first().copied();
        self.commit(edited, "Paste notes");
    }
}
