//! The whole piece in a narrow strip below the roll, with a frame around what is seen. Dragging it
//! scrolls.

use egui::{Mesh, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, pos2, vec2};

use super::{PianoRollWidget, Places};
use crate::ui::theme::Palette;

/// Rows of the strip, from high to low; a bit each.
const N_ROWS: u32 = 8;

impl PianoRollWidget<'_> {
    /// Brings the part of the piece under a place of the strip into the middle of the view.
    pub(super) fn look_at(&mut self, places: Places, at: Pos2) {
        let strip = places.overview;
        let share = f64::from((at.x - strip.left()) / strip.width()).clamp(0.0, 1.0);
        let n_seen = f64::from(places.grid.width() / self.view.points_per_step);
        self.view.first_step = share * f64::from(self.content.n_steps) - n_seen / 2.0;
        self.view.clamp(&self.content, places.grid.size());
    }

    pub(super) fn paint_overview(&self, painter: &Painter, palette: &Palette, places: Places) {
        let strip = places.overview;
        painter.rect_filled(strip, 0.0, palette.ground);
        painter.hline(strip.x_range(), strip.top(), Stroke::new(1.0, palette.line));
        let n_steps = self.content.n_steps.max(1) as f32;
        painter.add(Shape::mesh(self.strip_mesh(palette, strip.shrink2(vec2(0.0, 1.5)))));
        let x = |step: f64| strip.left() + step as f32 / n_steps * strip.width();
        let last = self.view.step_at(places.grid, places.grid.right());
        let seen = Rect::from_min_max(
            pos2(x(self.view.first_step), strip.top() + 0.5),
            pos2(x(last.min(f64::from(n_steps))), strip.bottom() - 0.5),
        );
        let is_whole = seen.width() >= strip.width() - 1.0;
        if !is_whole {
            let left = Rect::from_min_max(strip.min, pos2(seen.left(), strip.bottom()));
            let right = Rect::from_min_max(pos2(seen.right(), strip.top()), strip.max);
            for dark in [left, right] {
                painter.rect_filled(dark, 0.0, palette.ground.gamma_multiply(0.6));
            }
            let frame = Stroke::new(1.0, palette.quiet_text);
            painter.rect_stroke(seen, 2.0, frame, StrokeKind::Inside);
        }
        if let Some(step) = self.play_head {
            let line = Stroke::new(1.0, palette.play_head);
            painter.vline(x(step), strip.y_range(), line);
        }
    }

    /// Which rows of each column hold a note, drawn in runs: the cost is that of the strip's width,
    /// however many notes there are.
    fn strip_mesh(&self, palette: &Palette, strip: Rect) -> Mesh {
        let mut mesh = Mesh::default();
        let notes = self.shown_notes();
        let (low, high) = notes
            .iter()
            .fold((127, 0), |(low, high), note| (note.pitch.min(low), note.pitch.max(high)));
        let n_columns = strip.width().max(1.0) as usize;
        let per_column = self.content.n_steps.max(1) as f32 / n_columns as f32;
        let n_pitches = u32::from(high.saturating_sub(low)) + 1;
        let mut columns = vec![0_u8; n_columns];
        for note in notes {
            let row = (u32::from(high - note.pitch) * N_ROWS / n_pitches).min(N_ROWS - 1);
            let first = (note.start_step as f32 / per_column) as usize;
            let end = (note.end_step() as f32 / per_column).ceil() as usize;
            let end = end.min(n_columns);
            for column in &mut columns[first.min(end)..end] {
                *column |= 1 << row;
            }
        }
        let row_height = strip.height() / N_ROWS as f32;
        for row in 0..N_ROWS {
            let top = strip.top() + row as f32 * row_height;
            let mut first = 0;
            for run in columns.chunk_by(|a, b| (a >> row & 1) == (b >> row & 1)) {
                if run[0] >> row & 1 == 1 {
                    let left = strip.left() + first as f32;
                    let size = vec2(run.len() as f32, row_height.max(1.0));
                    let rect = Rect::from_min_size(pos2(left, top), size);
                    mesh.add_colored_rect(rect, palette.small_note);
                }
                first += run.len();
            }
        }
        mesh
    }
}
