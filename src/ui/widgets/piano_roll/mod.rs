//! The big piano roll: keyboard, ruler, grid, notes, play-head, selection.
//!
//! It borrows the notes and returns what was done as an action; it never changes music.
//!
//! - Wheel scrolls, with Shift sideways, with Ctrl (or a pinch) zooms around the pointer, with
//!   Alt makes the rows higher; the middle button, or Space and the first, drags the paper.
//! - A click seeks; dragging selects whole beats, or bars where beats are narrow, or steps with
//!   Alt; Esc lets the selection go. A click on a key sounds it.
//! - Arrows scroll, + and − zoom, Home and End go to the ends, F shows all.

mod paint;
mod view;

use std::ops::Range;

use egui::accesskit::Role;
use egui::{
    CursorIcon, EventFilter, Id, Key, Modifiers, PointerButton, Rect, Response, Sense, Ui, Vec2,
    WidgetInfo, pos2, vec2,
};

use crate::music::{Metre, PitchRange, RollNote, pitch_name};

pub use view::PianoRollView;

/// The width of the keyboard and the height of the ruler, in points.
const KEYBOARD_WIDTH: f32 = 48.0;
const RULER_HEIGHT: f32 = 20.0;
/// The selection snaps to beats where they are at least so wide, else to bars.
const SNAP_WIDTH: f32 = 20.0;
/// One press of an arrow key scrolls so far, in points.
const KEY_SCROLL: f32 = 48.0;
const KEY_ZOOM: f32 = 1.25;

/// What a roll shows. The notes are sorted by their start.
#[derive(Clone, Copy, Debug)]
pub struct PianoRollContent<'a> {
    /// The name of the piece, for screen readers.
    pub name: &'a str,
    pub notes: &'a [RollNote],
    pub n_steps: u32,
    pub pitches: PitchRange,
    pub steps_per_beat: u8,
    pub metre: Metre,
}

/// What was done to a roll.
#[derive(Clone, Debug, PartialEq)]
pub enum PianoRollAction {
    /// Move the play-head to this step.
    Seek(f64),
    SelectSteps(Range<u32>),
    ClearSelection,
    /// Let this pitch be heard.
    SoundPitch(u8),
}

/// What a frame of a roll came to.
#[derive(Debug)]
pub struct PianoRollResponse {
    pub response: Response,
    pub action: Option<PianoRollAction>,
    /// The step and pitch under the pointer.
    pub hovered: Option<(f64, u8)>,
}

/// The big piano roll.
#[must_use = "call show"]
pub struct PianoRollWidget<'a> {
    content: PianoRollContent<'a>,
    view: &'a mut PianoRollView,
    play_head: Option<f64>,
    selection: Option<Range<u32>>,
    empty_text: &'a str,
}

/// Where the parts of a roll lie.
#[derive(Clone, Copy)]
struct Places {
    ruler: Rect,
    keyboard: Rect,
    grid: Rect,
}

impl PianoRollContent<'_> {
    fn steps_per_bar(&self) -> f64 {
        (self.metre.beats_per_bar() * f64::from(self.steps_per_beat)).max(1.0)
    }

    /// The length of what the metre counts: an eighth in 6/8.
    fn steps_per_count(&self) -> f64 {
        self.steps_per_bar() / f64::from(self.metre.numerator.max(1))
    }

    /// Bar and count at a step, both from 1: "3.2".
    pub fn place_name(&self, step: f64) -> String {
        let step = step.max(0.0);
        let bar = (step / self.steps_per_bar()).floor();
        let count = (step - bar * self.steps_per_bar()) / self.steps_per_count();
        format!("{:.0}.{:.0}", bar + 1.0, count.floor() + 1.0)
    }

    fn description(&self) -> String {
        let n_bars = (f64::from(self.n_steps) / self.steps_per_bar()).ceil();
        let count = |n: usize, what: &str| match n {
            1 => format!("1 {what}"),
            n => format!("{n} {what}s"),
        };
        let text =
            format!("{}, {}", count(self.notes.len(), "note"), count(n_bars as usize, "bar"));
        let pitches = || self.notes.iter().map(|note| note.pitch);
        match (pitches().min(), pitches().max()) {
            (Some(low), Some(high)) => {
                format!("{text}, {} to {}", pitch_name(low), pitch_name(high))
            }
            _ => text,
        }
    }
}

impl<'a> PianoRollWidget<'a> {
    pub fn new(content: PianoRollContent<'a>, view: &'a mut PianoRollView) -> Self {
        Self { content, view, play_head: None, selection: None, empty_text: "" }
    }

    /// Where the music is, in steps.
    pub fn play_head(mut self, step: Option<f64>) -> Self {
        self.play_head = step;
        self
    }

    pub fn selection(mut self, steps: Option<Range<u32>>) -> Self {
        self.selection = steps;
        self
    }

    /// What stands in a roll without notes.
    pub fn empty_text(mut self, text: &'a str) -> Self {
        self.empty_text = text;
        self
    }

    /// Shows the roll in all the room there is.
    pub fn show(mut self, ui: &mut Ui) -> PianoRollResponse {
        let size = ui.available_size().max(vec2(KEYBOARD_WIDTH * 3.0, RULER_HEIGHT * 3.0));
        let (rect, response) = ui.allocate_exact_size(size, Sense::click_and_drag());
        let places = Self::places(rect);
        if self.view.wants_fit {
            self.view.fit_into(&self.content, places.grid.size());
        }
        self.view.follow(self.play_head, places.grid.width());
        let selecting = self.selecting(ui, &response, places);
        self.move_view(ui, &response, places);
        self.view.clamp(&self.content, places.grid.size());
        let action = self.action(ui, &response, places);
        let hovered = self.hovered(&response, places);
        if ui.is_rect_visible(rect) {
            let selection = selecting.or(self.selection.clone());
            self.paint(ui, &response, places, selection, hovered);
        }
        self.describe(ui, &response);
        let cursor = cursor(ui, &response, places);
        let response = response.on_hover_and_drag_cursor(cursor);
        PianoRollResponse { response, action, hovered }
    }

    fn places(rect: Rect) -> Places {
        let corner = rect.min + vec2(KEYBOARD_WIDTH, RULER_HEIGHT);
        Places {
            ruler: Rect::from_min_max(pos2(corner.x, rect.top()), pos2(rect.right(), corner.y)),
            keyboard: Rect::from_min_max(
                pos2(rect.left(), corner.y),
                pos2(corner.x, rect.bottom()),
            ),
            grid: Rect::from_min_max(corner, rect.max),
        }
    }

    fn hovered(&self, response: &Response, places: Places) -> Option<(f64, u8)> {
        let at = response.hover_pos()?;
        if !places.grid.contains(at) && !places.keyboard.contains(at) {
            return None;
        }
        let pitch = self.view.pitch_at(places.grid, at.y);
        let step = self.view.step_at(places.grid, at.x);
        let pitch = (0.0..128.0).contains(&pitch).then_some(pitch as u8)?;
        self.content.pitches.index(pitch).map(|_| (step, pitch))
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
                escape: self.selection.is_some(),
                ..EventFilter::default()
            };
            ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, keeps));
            self.keys(ui, places.grid.size());
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

    fn keys(&mut self, ui: &Ui, size: Vec2) {
        let middle = size / 2.0;
        let page = size.x * 0.9;
        ui.input_mut(|input| {
            let mut pressed = |key: Key| input.count_and_consume_key(Modifiers::NONE, key) as f32;
            let right = pressed(Key::ArrowLeft) - pressed(Key::ArrowRight);
            let down = pressed(Key::ArrowUp) - pressed(Key::ArrowDown);
            self.view.pan(vec2(right, down) * KEY_SCROLL);
            self.view.pan(vec2((pressed(Key::PageUp) - pressed(Key::PageDown)) * page, 0.0));
            let closer = pressed(Key::Plus) + pressed(Key::Equals) - pressed(Key::Minus);
            if closer != 0.0 {
                self.view.zoom(vec2(KEY_ZOOM.powf(closer), 1.0), middle);
            }
            if pressed(Key::Home) > 0.0 {
                self.view.first_step = 0.0;
            }
            if pressed(Key::End) > 0.0 {
                self.view.first_step = f64::from(self.content.n_steps);
            }
            if pressed(Key::F) > 0.0 {
                self.view.fit();
            }
        });
    }

    /// The steps that a selection from `from` to `to` takes in.
    fn snapped(&self, from: f64, to: f64, is_by_steps: bool) -> Range<u32> {
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

    /// The selection while it is drawn with the pointer.
    fn selecting(&mut self, ui: &Ui, response: &Response, places: Places) -> Option<Range<u32>> {
        let is_selecting = response.dragged_by(PointerButton::Primary)
            || response.drag_stopped_by(PointerButton::Primary);
        if !is_selecting || is_panning(ui, response) {
            return None;
        }
        let (origin, now, is_alt) = ui.input(|input| {
            (input.pointer.press_origin(), input.pointer.latest_pos(), input.modifiers.alt)
        });
        let now = now?;
        let anchor_id = anchor_id(response);
        if response.drag_started() {
            let origin = origin?;
            if places.keyboard.contains(origin) {
                return None;
            }
            let anchor = self.view.step_at(places.grid, origin.x);
            ui.data_mut(|data| data.insert_temp(anchor_id, anchor));
        }
        let anchor: f64 = ui.data(|data| data.get_temp(anchor_id))?;
        let beyond = (now.x - places.grid.right()).max(0.0) + (now.x - places.grid.left()).min(0.0);
        if beyond != 0.0 {
            self.view.pan(vec2(-beyond * 0.2, 0.0));
            ui.ctx().request_repaint();
        }
        Some(self.snapped(anchor, self.view.step_at(places.grid, now.x), is_alt))
    }

    fn action(&mut self, ui: &Ui, response: &Response, places: Places) -> Option<PianoRollAction> {
        if response.clicked() || response.drag_started() {
            response.request_focus();
        }
        if response.drag_stopped_by(PointerButton::Primary) {
            let selected = self.selecting(ui, response, places);
            ui.data_mut(|data| data.remove::<f64>(anchor_id(response)));
            return selected.filter(|steps| !steps.is_empty()).map(PianoRollAction::SelectSteps);
        }
        if response.clicked()
            && let Some(at) = response.interact_pointer_pos()
        {
            if places.keyboard.contains(at) {
                let (_, pitch) = self.hovered(response, places)?;
                return Some(PianoRollAction::SoundPitch(pitch));
            }
            let step = self.view.step_at(places.grid, at.x);
            return Some(PianoRollAction::Seek(step.clamp(0.0, f64::from(self.content.n_steps))));
        }
        let is_escape = response.has_focus()
            && self.selection.is_some()
            && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape));
        is_escape.then_some(PianoRollAction::ClearSelection)
    }

    fn describe(&self, ui: &Ui, response: &Response) {
        let name = format!("Piano roll: {}", self.content.name);
        response.widget_info(|| WidgetInfo::labeled(Role::Canvas, ui.is_enabled(), &name));
        ui.ctx().accesskit_node_builder(response.id, |node| {
            node.set_description(self.content.description());
        });
    }
}

fn cursor(ui: &Ui, response: &Response, places: Places) -> CursorIcon {
    let is_panning = is_panning(ui, response);
    match response.hover_pos() {
        _ if is_panning => CursorIcon::Grabbing,
        Some(at) if places.keyboard.contains(at) => CursorIcon::PointingHand,
        Some(at) if places.ruler.contains(at) => CursorIcon::Text,
        _ => CursorIcon::Default,
    }
}

fn anchor_id(response: &Response) -> Id {
    response.id.with("anchor")
}

/// Whether the paper is being dragged: by the middle button, or the first with Space.
fn is_panning(ui: &Ui, response: &Response) -> bool {
    response.dragged_by(PointerButton::Middle)
        || (response.dragged() && ui.input(|input| input.key_down(Key::Space)))
}

#[cfg(test)]
mod tests;
