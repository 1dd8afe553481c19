//! The big piano roll: keyboard, ruler, grid, notes, play-head, selections, overview.
//!
//! It borrows the notes and returns what was done as actions; it never changes music. A drag shows
//! what it would come to, and is one edit at its end.
//!
//! - Wheel scrolls, with Shift sideways, with Ctrl (or a pinch) zooms around the pointer, with
//!   Alt makes the rows higher; the middle button, or Space and the first, drags the paper.
//! - In the ruler a click seeks and a drag selects whole beats, or bars where beats are narrow, or
//!   steps with Alt. With Alt a drag on the paper does the same.
//! - On the paper a drag on a note moves it (with Ctrl a copy), at its end lengthens it, with Alt
//!   changes its velocity; elsewhere it selects with a rubber band, or draws with the pencil. A
//!   double click draws too. The right button deletes.
//! - The keys stand in [`ROLL_KEYS`], for a list to read; the pointer in [`ROLL_POINTER`].

mod content;
mod editor;
mod gestures;
mod kept_mesh;
mod keys;
mod overview;
mod paint;
mod paint_notes;
mod speech;
mod view;

use std::ops::Range;
use std::sync::Arc;

use egui::{
    CursorIcon, EventFilter, Key, PointerButton, Pos2, Rect, Response, Sense, Ui, Vec2, pos2, vec2,
};

use crate::music::{EditedNotes, NotePlace, NoteSheet, PlayedNote, RollNote, Scale};

pub use self::content::PianoRollContent;
use self::editor::Gesture;
pub use self::editor::{NoteEditor, RollGrid, RollTool, ScaleChoice};
pub use self::keys::{ROLL_KEYS, ROLL_POINTER};
pub use self::view::PianoRollView;

/// The width of the keyboard and the heights of ruler and overview, in points.
const KEYBOARD_WIDTH: f32 = 48.0;
const RULER_HEIGHT: f32 = 20.0;
const OVERVIEW_HEIGHT: f32 = 12.0;
/// The selection snaps to beats where they are at least so wide, else to bars.
const SNAP_WIDTH: f32 = 20.0;
/// So many notes of a chord are heard when it is edited.
const HEARD_NOTES: usize = 4;

/// What was done to a roll.
#[derive(Clone, Debug, PartialEq)]
pub enum PianoRollAction {
    /// Move the play-head to this step.
    Seek(f64),
    SelectSteps(Range<u32>),
    ClearSelection,
    /// Let this pitch be heard.
    SoundPitch(u8),
    /// Let a note that was edited be heard.
    SoundNote {
        pitch: u8,
        velocity: u8,
    },
    /// The piece shall have these notes.
    Edit {
        notes: Arc<NoteSheet>,
        /// The edit in words.
        what: &'static str,
    },
    TogglePlay,
    /// The notes that begin here shall be locked, or no longer be.
    ToggleLocks(Vec<NotePlace>),
}

/// What a frame of a roll came to.
#[derive(Debug)]
pub struct PianoRollResponse {
    pub response: Response,
    /// In the order in which they were done.
    pub actions: Vec<PianoRollAction>,
    /// The step and pitch under the pointer.
    pub hovered: Option<(f64, u8)>,
}

/// The big piano roll.
#[must_use = "call show"]
pub struct PianoRollWidget<'a> {
    content: PianoRollContent<'a>,
    view: &'a mut PianoRollView,
    play_head: Option<f64>,
    is_playing: bool,
    is_editable: bool,
    selection: Option<Range<u32>>,
    original: &'a [RollNote],
    locked: &'a [RollNote],
    scale: Option<Scale>,
    empty_text: &'a str,
    // What this frame comes to.
    actions: Vec<PianoRollAction>,
    preview: Option<EditedNotes>,
    selecting: Option<Range<u32>>,
    /// From a step and height to the pointer.
    band: Option<((f64, f32), Pos2)>,
}

/// Where the parts of a roll lie.
#[derive(Clone, Copy)]
struct Places {
    ruler: Rect,
    keyboard: Rect,
    grid: Rect,
    overview: Rect,
}

impl<'a> PianoRollWidget<'a> {
    pub fn new(content: PianoRollContent<'a>, view: &'a mut PianoRollView) -> Self {
        Self {
            content,
            view,
            play_head: None,
            is_playing: false,
            is_editable: true,
            selection: None,
            original: &[],
            locked: &[],
            scale: None,
            empty_text: "",
            actions: Vec::new(),
            preview: None,
            selecting: None,
            band: None,
        }
    }

    /// Where the music is, in steps.
    pub fn play_head(mut self, step: Option<f64>) -> Self {
        self.play_head = step;
        self
    }

    /// The play-head moves.
    pub fn playing(mut self, is_playing: bool) -> Self {
        self.is_playing = is_playing;
        self
    }

    /// Notes can be edited; else only looked at, selected and copied.
    pub fn editable(mut self, is_editable: bool) -> Self {
        self.is_editable = is_editable;
        self
    }

    /// The selected steps, to loop or work on.
    pub fn selection(mut self, steps: Option<Range<u32>>) -> Self {
        self.selection = steps;
        self
    }

    /// Notes to draw as outlines behind the others: the piece before it was edited.
    pub fn original(mut self, notes: &'a [RollNote]) -> Self {
        self.original = notes;
        self
    }

    /// Sorted notes to mark as locked.
    pub fn locked(mut self, notes: &'a [RollNote]) -> Self {
        self.locked = notes;
        self
    }

    /// Shades the rows outside a scale and marks its tonic.
    pub fn scale(mut self, scale: Option<Scale>) -> Self {
        self.scale = scale;
        self
    }

    /// What stands in a roll without notes.
    pub fn empty_text(mut self, text: &'a str) -> Self {
        self.empty_text = text;
        self
    }

    /// Shows the roll in all the room there is.
    pub fn show(mut self, ui: &mut Ui) -> PianoRollResponse {
        let size = ui.available_size().max(vec2(KEYBOARD_WIDTH * 3.0, RULER_HEIGHT * 4.0));
        let (rect, response) = ui.allocate_exact_size(size, Sense::click_and_drag());
        let places = Self::places(rect);
        if self.view.is_fit_due(places.grid.size()) {
            self.view.fit_into(&self.content, places.grid.size());
        }
        if let Some(step) = self.play_head.filter(|_| self.is_playing) {
            self.view.follow(step, places.grid.width());
            self.view.clamp(&self.content, places.grid.size());
        }
        let first_step = self.view.first_step;
        self.move_view(ui, &response, places);
        self.view.clamp(&self.content, places.grid.size());
        if response.has_focus() {
            self.keys(ui, places.grid.size());
            self.view.clamp(&self.content, places.grid.size());
        }
        self.pointer(ui, &response, places);
        if self.is_playing && (self.view.first_step - first_step).abs() > 1e-9 {
            self.view.follows_play_head = false;
        }
        let hovered = self.hovered(&response, places);
        self.view.editor.hint = self.hint_at(&response, places);
        if ui.is_rect_visible(rect) {
            self.paint(ui, &response, places, hovered);
        }
        self.speak(ui, &response, places);
        let cursor = self.cursor_icon(ui, &response, places);
        let response = response.on_hover_and_drag_cursor(cursor);
        PianoRollResponse { response, actions: self.actions, hovered }
    }

    fn places(rect: Rect) -> Places {
        let corner = rect.min + vec2(KEYBOARD_WIDTH, RULER_HEIGHT);
        let bottom = rect.bottom() - OVERVIEW_HEIGHT;
        Places {
            ruler: Rect::from_min_max(pos2(corner.x, rect.top()), pos2(rect.right(), corner.y)),
            keyboard: Rect::from_min_max(pos2(rect.left(), corner.y), pos2(corner.x, bottom)),
            grid: Rect::from_min_max(corner, pos2(rect.right(), bottom)),
            overview: Rect::from_min_max(pos2(corner.x, bottom), rect.max),
        }
    }

    /// The notes as they are drawn: with what a drag under way would come to.
    fn shown_notes(&self) -> &[PlayedNote] {
        self.preview.as_ref().map_or(self.content.notes, |edited| edited.sheet.notes())
    }

    fn shown_selected(&self) -> &[NotePlace] {
        let edited = self.preview.as_ref().map(|edited| &edited.selected[..]);
        edited.unwrap_or(&self.view.editor.selected)
    }

    fn hovered(&self, response: &Response, places: Places) -> Option<(f64, u8)> {
        let at = response.hover_pos()?;
        if !places.grid.contains(at) && !places.keyboard.contains(at) {
            return None;
        }
        let pitch = self.pitch_of_row(self.view.pitch_at(places.grid, at.y))?;
        Some((self.view.step_at(places.grid, at.x), pitch))
    }

    fn move_view(&mut self, ui: &Ui, response: &Response, places: Places) {
        if is_panning(ui, response) {
            self.view.pan(response.drag_delta());
        }
        if let Some(at) = response.hover_pos() {
            self.wheel(ui, at - places.grid.min, places.grid.size());
        }
        if response.has_focus() {
            let keeps = EventFilter {
                horizontal_arrows: true,
                vertical_arrows: true,
                escape: self.may_escape(),
                ..EventFilter::default()
            };
            ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, keeps));
        }
    }

    fn wheel(&mut self, ui: &Ui, anchor: Vec2, size: Vec2) {
        let (zoom, scroll, is_alt) = ui.input_mut(|input| {
            let scroll = std::mem::take(&mut input.smooth_scroll_delta);
            (input.zoom_delta(), scroll, input.modifiers.alt)
        });
        let anchor = anchor.max(Vec2::ZERO);
        if zoom != 1.0 {
            self.view.zoom(vec2(zoom, 1.0), anchor);
        } else if is_alt && scroll != Vec2::ZERO {
            let factor = ((scroll.x + scroll.y) / 200.0).exp();
            self.view.zoom(vec2(1.0, factor), anchor);
        } else if scroll != Vec2::ZERO {
            // Where all rows are in sight, the wheel has nothing to do but to go on in time.
            let rows_height = f32::from(self.content.pitches.count) * self.view.points_per_pitch;
            let is_sideways = scroll.x == 0.0 && rows_height <= size.y + 0.5;
            self.view.pan(if is_sideways { vec2(scroll.y, 0.0) } else { scroll });
        }
    }

    /// Asks for the notes of an edit, unless they are those that are there.
    fn commit(&mut self, edited: EditedNotes, what: &'static str) {
        if !self.is_editable {
            return;
        }
        let n_steps = self.content.n_steps;
        if edited.sheet.notes() != self.content.notes || edited.sheet.n_steps() != n_steps {
            let notes = Arc::new(edited.sheet.clone());
            self.actions.push(PianoRollAction::Edit { notes, what });
        }
        self.view.editor.select(edited.selected.clone());
        self.preview = Some(edited);
    }

    fn sound(&mut self, pitch: u8, velocity: u8) {
        self.actions.push(PianoRollAction::SoundNote { pitch, velocity });
    }

    /// Lets the first of the edited notes be heard.
    fn sound_some(&mut self, edited: &EditedNotes) {
        let (notes, _) = edited.sheet.split(&edited.selected);
        let Some(first) = notes.first().map(|note| note.start_step) else { return };
        for note in notes.iter().take_while(|note| note.start_step == first).take(HEARD_NOTES) {
            self.sound(note.pitch, note.velocity);
        }
    }

    /// What can be done where the pointer is.
    fn hint_at(&self, response: &Response, places: Places) -> &'static str {
        let is_drawing = self.view.editor.tool == RollTool::Draw;
        let Some(at) = response.hover_pos() else {
            return if response.has_focus() {
                "Arrows: move · Alt+→: next note · Enter: select or draw"
            } else {
                "Drag: notes · In the ruler: bars · Double-click: draw"
            };
        };
        if places.ruler.contains(at) {
            "Click: play from here · Drag: select bars (Alt: steps)"
        } else if places.keyboard.contains(at) {
            "Click: hear the pitch"
        } else if places.overview.contains(at) {
            "Drag: scroll · Ctrl+wheel: zoom"
        } else if !self.is_editable {
            ""
        } else if let Some((_, is_end)) = self.note_under(places, at) {
            if is_end {
                "Drag the end: lengthen · Right-click: delete"
            } else {
                "Drag: move (Ctrl: copy, Alt: velocity) · Right-click: delete"
            }
        } else if is_drawing {
            "Click or drag: draw · Right-drag: erase · B: pencil off"
        } else {
            "Drag: select (Alt: bars) · Double-click: draw · B: pencil"
        }
    }

    fn cursor_icon(&self, ui: &Ui, response: &Response, places: Places) -> CursorIcon {
        if is_panning(ui, response) {
            return CursorIcon::Grabbing;
        }
        match &self.view.editor.gesture {
            Some(Gesture::Lengthen { .. }) => return CursorIcon::ResizeHorizontal,
            Some(Gesture::Velocity { .. }) => return CursorIcon::ResizeVertical,
            Some(Gesture::Move { .. }) => return CursorIcon::Grabbing,
            Some(Gesture::Draw { .. }) => return CursorIcon::Crosshair,
            _ => {}
        }
        let Some(at) = response.hover_pos() else { return CursorIcon::Default };
        if places.keyboard.contains(at) {
            return CursorIcon::PointingHand;
        }
        if places.ruler.contains(at) {
            return CursorIcon::Text;
        }
        let is_drawing = self.view.editor.tool == RollTool::Draw;
        match self.note_under(places, at).filter(|_| self.is_editable) {
            Some((_, true)) => CursorIcon::ResizeHorizontal,
            Some(_) if ui.input(|input| input.modifiers.alt) => CursorIcon::ResizeVertical,
            Some(_) => CursorIcon::Grab,
            None if is_drawing && places.grid.contains(at) => CursorIcon::Crosshair,
            None => CursorIcon::Default,
        }
    }
}

/// Whether the paper is being dragged: by the middle button, or the first with Space.
fn is_panning(ui: &Ui, response: &Response) -> bool {
    response.dragged_by(PointerButton::Middle)
        || (response.dragged() && ui.input(|input| input.key_down(Key::Space)))
}

#[cfg(test)]
mod edit_tests;
#[cfg(test)]
mod tests;
