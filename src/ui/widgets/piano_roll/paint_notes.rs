//! The notes: their velocity as height and brightness, what is selected, the original behind them,
//! and what the hands are doing.

use egui::{Color32, Mesh, Painter, Rect, Shape, Stroke, StrokeKind, pos2, vec2};

use super::paint::snap;
use super::{PianoRollWidget, Places};
use crate::music::{NotePlace, PlayedNote, RollNote, SelectedWalk};
use crate::ui::theme::Palette;

/// Up to so many notes in sight are drawn with round corners.
const ROUND_NOTES: usize = 1000;
/// The share of a row that the softest note fills.
const SOFTEST_HEIGHT: f32 = 0.4;
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
    pub(super) fn paint_original(&self, painter: &Painter, palette: &Palette, grid: Rect) {
        let mut mesh = Mesh::default();
        let mut rest = self.shown_notes();
        let n_in_sight = self.notes_in_sight(grid).len();
        let is_fine = n_in_sight <= ROUND_NOTES && self.view.points_per_pitch >= 5.0;
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
                    outline(&mut mesh, rect, palette.other_run);
                } else {
                    // Too low or too many for outlines that one could see through.
                    let line = Rect::from_min_max(pos2(rect.left(), rect.bottom() - 1.0), rect.max);
                    mesh.add_colored_rect(line, palette.other_run);
                }
            }
        }
        painter.add(Shape::mesh(mesh));
    }

    pub(super) fn paint_notes(&self, painter: &Painter, palette: &Palette, grid: Rect) {
        let notes = self.notes_in_sight(grid);
        let is_round = notes.len() <= ROUND_NOTES && self.view.points_per_pitch >= 5.0;
        let mut selected = SelectedWalk::new(self.shown_selected());
        // Thousands of notes share a few colours, and a mesh that grows is copied.
        let colors: [Color32; 128] = std::array::from_fn(|v| palette.played_at(v as u8));
        let mut mesh = Mesh::default();
        if !is_round {
            mesh.reserve_vertices(4 * notes.len());
            mesh.reserve_triangles(2 * notes.len());
        }
        for &note in notes {
            let is_selected = selected.contains(note.place());
            let rect = self.note_shape(painter, grid, note);
            if !rect.intersects(grid) {
                continue;
            }
            let color = self.note_color(palette, &colors, note);
            let radius = (rect.height() / 3.0).min(rect.width() / 2.0).clamp(0.0, 3.0);
            let mut add = |rect: Rect, radius: f32, color: Color32| {
                if is_round {
                    painter.rect_filled(rect, radius, color);
                } else {
                    mesh.add_colored_rect(rect, color);
                }
            };
            if is_selected && !is_round {
                // One area instead of two: larger than its neighbours, and of another colour.
                add(rect.expand(1.0), 0.0, palette.selected_note());
            } else if is_selected {
                add(rect.expand(RIM), radius + RIM, palette.text);
                add(rect, radius, palette.selected_note());
            } else {
                add(rect, radius, color);
            }
        }
        if !mesh.is_empty() {
            painter.add(Shape::mesh(mesh));
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

    /// `colors` are those of the velocities.
    fn note_color(&self, palette: &Palette, colors: &[Color32; 128], note: PlayedNote) -> Color32 {
        let start = f64::from(note.start_step);
        let steps = start..start + f64::from(note.n_steps);
        match self.play_head {
            Some(now) if steps.contains(&now) => palette.sounding,
            _ => colors[usize::from(note.velocity.min(127))],
        }
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
