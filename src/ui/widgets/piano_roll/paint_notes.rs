//! The notes: their velocity as height and brightness, what is selected, the original behind them,
//! and what the hands are doing.

use egui::{
    Align2, Color32, FontFamily, FontId, Id, Mesh, Painter, Rect, Shape, Stroke, StrokeKind, pos2,
    vec2,
};

use super::kept_mesh::{kept_mesh, view_bits};
use super::paint::snap;
use super::{PianoRollWidget, Places};
use crate::music::{NotePlace, PlayedNote, RollNote, SelectedWalk};
use crate::ui::icons::Icon;
use crate::ui::theme::Palette;

/// Up to so many notes in sight are drawn with round corners.
const ROUND_NOTES: usize = 1000;
/// The share of a row that the softest note fills.
const SOFTEST_HEIGHT: f32 = 0.4;
/// Of the padlock on a locked note, in points.
const LOCK_SIZE: f32 = 8.0;
/// Locks beyond so many in sight are not drawn one by one: they would say nothing.
const MOST_LOCKS: usize = 2000;
/// So wide is the rim of a selected note, in points.
const RIM: f32 = 1.5;

impl PianoRollWidget<'_> {
    /// The notes that may be in sight. They are sorted by start, so two searches cut them out.
    pub(super) fn notes_in_sight(&self, grid: Rect) -> &[PlayedNote] {
        let notes = self.shown_notes();
        let longest = notes.iter().map(|note| note.n_steps).max().unwrap_or(0);
        let first = self.view.first_step - f64::from(longest);
        let last = self.view.step_at(grid, grid.right());
        let start = notes.partition_point(|note| f64::from(note.start_step) < first);
        let end = notes.partition_point(|note| f64::from(note.start_step) <= last);
        &notes[start.min(end)..end]
    }

    /// The piece before it was edited, as outlines: those of its notes that are no longer as they
    /// were, so that what differs stands out.
    pub(super) fn paint_original(
        &self,
        painter: &Painter,
        palette: &Palette,
        grid: Rect,
        name: Id,
    ) {
        if self.original.is_empty() {
            return;
        }
        let color = palette.other_run;
        let parts = (self.original, self.shown_notes(), view_bits(self.view, painter, grid), color);
        let mesh = kept_mesh(painter, name, parts, || self.original_mesh(color, grid));
        painter.add(Shape::Mesh(mesh));
    }

    fn original_mesh(&self, color: Color32, grid: Rect) -> Mesh {
        let mut mesh = Mesh::default();
        let mut rest = self.shown_notes();
        let n_in_sight = self.notes_in_sight(grid).len();
        let is_fine = !self.is_coarse(n_in_sight);
        mesh.reserve_vertices(4 * n_in_sight);
        mesh.reserve_triangles(2 * n_in_sight);
        for &RollNote { start_step, n_steps, pitch } in self.original {
            let note = PlayedNote { start_step, pitch, n_steps, velocity: 127 };
            while let [first, after @ ..] = rest
                && first.place() < note.place()
            {
                rest = after;
            }
            let is_kept = rest.first().is_some_and(|now| now.roll_note() == note.roll_note());
            let rect = self.view.note_rect(grid, note).shrink(0.5);
            if !is_kept && rect.intersects(grid) {
                if is_fine {
                    outline(&mut mesh, rect, color);
                } else {
                    // Too low or too many for outlines that one could see through.
                    let line = Rect::from_min_max(pos2(rect.left(), rect.bottom() - 1.0), rect.max);
                    mesh.add_colored_rect(line, color);
                }
            }
        }
        mesh
    }

    /// Whether so many notes are drawn as plain rectangles.
    fn is_coarse(&self, n_in_sight: usize) -> bool {
        n_in_sight > ROUND_NOTES || self.view.points_per_pitch < 5.0
    }

    pub(super) fn paint_notes(&self, painter: &Painter, palette: &Palette, grid: Rect, name: Id) {
        let notes = self.notes_in_sight(grid);
        if self.is_coarse(notes.len()) {
            return self.paint_many_notes(painter, palette, grid, name);
        }
        let mut selected = SelectedWalk::new(self.shown_selected());
        for &note in notes {
            let is_selected = selected.contains(note.place());
            let rect = self.note_shape(painter, grid, note);
            if !rect.intersects(grid) {
                continue;
            }
            let radius = (rect.height() / 3.0).min(rect.width() / 2.0).clamp(0.0, 3.0);
            if is_selected {
                painter.rect_filled(rect.expand(RIM), radius + RIM, palette.text);
                painter.rect_filled(rect, radius, palette.selected_note());
            } else {
                let is_sounding = self.is_sounding(note);
                let color =
                    if is_sounding { palette.sounding } else { palette.played_at(note.velocity) };
                painter.rect_filled(rect, radius, color);
            }
        }
    }

    /// All of them as one mesh, and those that sound now, which change all the time, as another.
    fn paint_many_notes(&self, painter: &Painter, palette: &Palette, grid: Rect, name: Id) {
        let (notes, selected) = (self.notes_in_sight(grid), self.shown_selected());
        let selected_color = palette.selected_note();
        // Thousands of notes share a few colours.
        let colors: [Color32; 128] = std::array::from_fn(|v| palette.played_at(v as u8));
        let view = view_bits(self.view, painter, grid);
        let parts = (notes, selected, view, &colors[..], selected_color);
        let make = || {
            let mut walk = SelectedWalk::new(selected);
            let mut mesh = Mesh::default();
            // A mesh that grows is copied.
            mesh.reserve_vertices(4 * notes.len());
            mesh.reserve_triangles(2 * notes.len());
            for &note in notes {
                let is_selected = walk.contains(note.place());
                let rect = self.note_shape(painter, grid, note);
                if !rect.intersects(grid) {
                    continue;
                }
                if is_selected {
                    // One area instead of two: larger than its neighbours, and of another colour.
                    mesh.add_colored_rect(rect.expand(1.0), selected_color);
                } else {
                    mesh.add_colored_rect(rect, colors[usize::from(note.velocity.min(127))]);
                }
            }
            mesh
        };
        painter.add(Shape::Mesh(kept_mesh(painter, name, parts, make)));
        let mut sounding = Mesh::default();
        let mut walk = SelectedWalk::new(selected);
        for &note in notes.iter().filter(|&&note| self.is_sounding(note)) {
            let rect = self.note_shape(painter, grid, note);
            if !walk.contains(note.place()) && rect.intersects(grid) {
                sounding.add_colored_rect(rect, palette.sounding);
            }
        }
        if !sounding.is_empty() {
            painter.add(Shape::mesh(sounding));
        }
    }

    /// A rim and, where there is room, a padlock: a lock is told by its shape.
    pub(super) fn paint_locks(&self, painter: &Painter, palette: &Palette, grid: Rect) {
        let is_fine = self.view.points_per_pitch >= 5.0;
        let font = FontId::new(LOCK_SIZE, FontFamily::Proportional);
        let in_sight = self.notes_in_sight(grid).iter().filter(|note| {
            !self.locked.is_empty() && self.locked.binary_search(&note.roll_note()).is_ok()
        });
        for &note in in_sight.take(MOST_LOCKS) {
            let rect = self.note_shape(painter, grid, note);
            if !rect.intersects(grid) {
                continue;
            }
            let stroke = Stroke::new(1.0, palette.text);
            let radius = if is_fine { 2.0 } else { 0.0 };
            painter.rect_stroke(rect, radius, stroke, StrokeKind::Inside);
            if rect.width() > 2.0 * LOCK_SIZE && rect.height() >= LOCK_SIZE {
                let at = rect.left_center() + vec2(3.0, 0.0);
                let sign = Icon::Lock.unicode();
                painter.text(at, Align2::LEFT_CENTER, sign, font.clone(), palette.on_primary_text);
            }
        }
    }

    /// The rectangle of a note: the harder it is struck, the higher. Between notes that follow
    /// each other is a gap, as far as there is room for one.
    fn note_shape(&self, painter: &Painter, grid: Rect, note: PlayedNote) -> Rect {
        let mut rect = self.view.note_rect(grid, note);
        if self.view.points_per_step >= 4.0 {
            rect.max.x -= 1.0;
        }
        if self.view.points_per_pitch >= 5.0 {
            rect.max.y -= 1.0;
            let share = f32::from(note.velocity) / 127.0;
            // The usual velocity fills most of the row; whole pixels make equals look equal.
            let height = rect.height() * (SOFTEST_HEIGHT + (1.0 - SOFTEST_HEIGHT) * share.sqrt());
            let height = snap(painter, height).max(1.0);
            let top = snap(painter, rect.center().y - height / 2.0);
            rect = Rect::from_min_size(pos2(rect.min.x, top), vec2(rect.width(), height));
        }
        rect.max.x = rect.max.x.max(rect.min.x + 1.0);
        rect.max.y = rect.max.y.max(rect.min.y + 1.0);
        rect
    }

    fn is_sounding(&self, note: PlayedNote) -> bool {
        let start = f64::from(note.start_step);
        let steps = start..start + f64::from(note.n_steps);
        self.play_head.is_some_and(|now| steps.contains(&now))
    }

    /// The rubber band, and the note cursor while the roll has the keyboard.
    pub(super) fn paint_hands(
        &self,
        painter: &Painter,
        palette: &Palette,
        places: Places,
        has_focus: bool,
    ) {
        if let Some(((step, height), at)) = self.band {
            let x = self.view.x(places.grid, step);
            let y = self.view.y(places.grid, height - 1.0);
            let rect = Rect::from_two_pos(pos2(x, y), at);
            let line = Stroke::new(1.0, palette.held_out);
            painter.rect(rect, 0.0, palette.selection_veil(), line, StrokeKind::Inside);
        }
        // A selected note shows by itself where the hands are.
        let is_shown = has_focus && self.preview.is_none();
        let is_on_selected = |at: &NotePlace| self.view.editor.is_selected(*at);
        let cursor = self.view.editor.cursor.filter(|at| is_shown && !is_on_selected(at));
        if let Some(cursor) = cursor {
            let grid = self.view.editor.grid;
            let n_steps = self.content.grid_steps(grid).round() as u32;
            let (start_step, pitch) = (cursor.start_step, cursor.pitch);
            let cell = PlayedNote { start_step, pitch, n_steps, velocity: 1 };
            let rect = self.view.note_rect(places.grid, cell).expand(0.5);
            let width = rect.width().max(4.0);
            let rect = Rect::from_min_size(rect.min, vec2(width, rect.height()));
            painter.rect_stroke(rect, 2.0, Stroke::new(1.5, palette.focus), StrokeKind::Outside);
        }
    }
}

/// Four thin rectangles around one.
fn outline(mesh: &mut Mesh, rect: Rect, color: Color32) {
    let (low, high) = (rect.min, rect.max);
    for (min, max) in [
        (low, pos2(high.x, low.y + 1.0)),
        (pos2(low.x, high.y - 1.0), high),
        (low, pos2(low.x + 1.0, high.y)),
        (pos2(high.x - 1.0, low.y), high),
    ] {
        mesh.add_colored_rect(Rect::from_min_max(min, max), color);
    }
}
