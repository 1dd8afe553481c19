//! The small picture of a piece, for lists. One mesh, no interaction.

use egui::accesskit::Role;
use egui::{Color32, Mesh, Rect, Response, Sense, Shape, Ui, Vec2, Widget, WidgetInfo, pos2, vec2};

use crate::music::RollNote;
use crate::ui::theme;

/// At least so many pitches from top to bottom, so that one line is not blown up.
const PITCHES_AT_LEAST: f32 = 24.0;

/// A piece as a small picture.
#[must_use = "add it to a Ui"]
pub struct MiniRoll<'a> {
    notes: &'a [RollNote],
    n_steps: u32,
    size: Vec2,
    color: Option<Color32>,
    /// How far the music is, in steps.
    play_head: Option<f64>,
}

impl<'a> MiniRoll<'a> {
    pub fn new(notes: &'a [RollNote], n_steps: u32) -> Self {
        Self { notes, n_steps, size: vec2(92.0, 26.0), color: None, play_head: None }
    }

    pub fn size(mut self, size: Vec2) -> Self {
        self.size = size;
        self
    }

    /// In the colour of what is played, for pieces that can be heard and the chosen song.
    pub fn played(mut self, ui: &Ui, is_played: bool) -> Self {
        self.color = is_played.then(|| theme::palette(ui).played);
        self
    }

    pub fn play_head(mut self, step: Option<f64>) -> Self {
        self.play_head = step;
        self
    }
}

/// The picture of the notes in `rect`.
fn mesh(notes: &[RollNote], n_steps: u32, rect: Rect, color: Color32) -> Mesh {
    let mut mesh = Mesh::default();
    let Some(low) = notes.iter().map(|note| note.pitch).min() else { return mesh };
    let high = notes.iter().map(|note| note.pitch).max().unwrap_or(low);
    let span = (f32::from(high - low) + 1.0).max(PITCHES_AT_LEAST);
    let middle = f32::midpoint(f32::from(low), f32::from(high) + 1.0);
    let row = rect.height() / span;
    let column = rect.width() / n_steps.max(1) as f32;
    let note_height = (row * 1.1).clamp(1.5, 3.0);
    mesh.reserve_vertices(notes.len() * 4);
    mesh.reserve_triangles(notes.len() * 2);
    for note in notes {
        let center = rect.center().y + (middle - f32::from(note.pitch) - 0.5) * row;
        let left = rect.left() + note.start_step as f32 * column;
        let width = (note.n_steps as f32 * column - 0.5).max(1.0);
        let corner = pos2(left, center - note_height / 2.0);
        mesh.add_colored_rect(Rect::from_min_size(corner, vec2(width, note_height)), color);
    }
    mesh
}

impl Widget for MiniRoll<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let (rect, response) = ui.allocate_exact_size(self.size, Sense::hover());
        if ui.is_rect_visible(rect) {
            let palette = theme::palette(ui);
            let color = self.color.unwrap_or(palette.small_note);
            let painter = ui.painter_at(rect);
            painter.add(Shape::mesh(mesh(self.notes, self.n_steps, rect, color)));
            if let Some(step) = self.play_head {
                let part = (step / f64::from(self.n_steps.max(1))).clamp(0.0, 1.0) as f32;
                let x = rect.left() + rect.width() * part;
                let line = Rect::from_x_y_ranges(x - 0.5..=x + 0.5, rect.y_range());
                painter.rect_filled(line, 0.0, palette.play_head);
            }
        }
        let n_notes = self.notes.len();
        response.widget_info(|| {
            WidgetInfo::labeled(Role::Image, true, format!("Picture of {n_notes} notes"))
        });
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_note_lies_in_the_picture() {
        let note = |start_step, pitch| RollNote { start_step, n_steps: 2, pitch };
        for notes in [vec![], vec![note(0, 60)], vec![note(0, 0), note(62, 127)]] {
            let rect = Rect::from_min_size(pos2(10.0, 10.0), vec2(92.0, 26.0));
            let mesh = mesh(&notes, 64, rect, Color32::WHITE);
            assert_eq!(mesh.vertices.len(), notes.len() * 4);
            let within = rect.expand(2.0);
            assert!(mesh.vertices.iter().all(|vertex| within.contains(vertex.pos)));
        }
    }
}
