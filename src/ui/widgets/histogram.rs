//! How often each pitch occurs, with the names of the octaves below.

use egui::accesskit::Role;
use egui::{
    Align2, FontId, Mesh, Rect, Response, Sense, Shape, Stroke, Ui, Widget, WidgetInfo, pos2, vec2,
};

use crate::music::{PitchRange, pitch_name};
use crate::ui::fonts;
use crate::ui::theme::{self, size};

/// Room for the names under the bars.
const AXIS_HEIGHT: f32 = 14.0;

/// The number of notes of each pitch.
#[must_use = "add it to a Ui"]
pub struct NoteHistogram<'a> {
    counts: &'a [u32],
    pitches: PitchRange,
    height: f32,
}

impl<'a> NoteHistogram<'a> {
    /// `counts` has one entry for each of `pitches`.
    pub fn new(counts: &'a [u32], pitches: PitchRange) -> Self {
        Self { counts, pitches, height: 68.0 }
    }

    pub fn height(mut self, height: f32) -> Self {
        self.height = height;
        self
    }

    fn bar_width(&self, bars: Rect) -> f32 {
        bars.width() / self.pitches.len().max(1) as f32
    }

    fn description(&self) -> String {
        let total: u64 = self.counts.iter().map(|&count| u64::from(count)).sum();
        let places = || self.counts.iter().enumerate().filter(|(_, count)| **count > 0);
        let name = |place: usize| pitch_name(self.pitches.pitch(place));
        let most = places().max_by_key(|(_, count)| **count);
        match (places().next(), places().next_back(), most) {
            (Some((low, _)), Some((high, _)), Some((most, _))) => {
                let (low, high, most) = (name(low), name(high), name(most));
                format!("{total} notes from {low} to {high}, most often {most}")
            }
            _ => "no notes".to_owned(),
        }
    }

    fn paint(&self, ui: &Ui, bars: Rect, hovered: Option<usize>) {
        let palette = theme::palette(ui);
        let painter = ui.painter();
        let most = self.counts.iter().copied().max().unwrap_or(0).max(1);
        let width = self.bar_width(bars);
        let gap = (width * 0.25).min(1.0);
        let mut mesh = Mesh::default();
        for (place, &count) in self.counts.iter().enumerate().take(self.pitches.len()) {
            let left = bars.left() + place as f32 * width;
            let height = match count {
                0 => 0.0,
                // What occurs at all is seen.
                _ => (count as f32 / most as f32 * bars.height()).max(1.0),
            };
            let corner = pos2(left, bars.bottom() - height);
            let bar = Rect::from_min_size(corner, vec2(width - gap, height));
            let color = if hovered == Some(place) { palette.text } else { palette.held_out };
            mesh.add_colored_rect(bar, color);
        }
        painter.add(Shape::mesh(mesh));
        painter.hline(bars.x_range(), bars.bottom() + 0.5, Stroke::new(1.0, palette.line));
        let font = FontId::new(size::CAPTION - 1.0, fonts::figures());
        let octaves = (0..self.pitches.len())
            .filter(|&place| self.pitches.pitch(place).is_multiple_of(12))
            .map(|place| (place, bars.left() + (place as f32 + 0.5) * width));
        for (place, x) in octaves {
            let name = pitch_name(self.pitches.pitch(place));
            let galley = painter.layout_no_wrap(name, font.clone(), palette.quiet_text);
            let left = (x - galley.size().x / 2.0).max(bars.left());
            if width * 12.0 >= galley.size().x + 4.0 && left + galley.size().x <= bars.right() {
                painter.galley(pos2(left, bars.bottom() + 2.0), galley, palette.quiet_text);
            }
        }
    }
}

impl Widget for NoteHistogram<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let room = vec2(ui.available_width(), self.height);
        let (rect, mut response) = ui.allocate_exact_size(room, Sense::hover());
        let bars = Rect::from_min_max(rect.min, rect.max - vec2(0.0, AXIS_HEIGHT));
        let hovered = response
            .hover_pos()
            .map(|at| ((at.x - bars.left()) / self.bar_width(bars)).floor())
            .filter(|place| *place >= 0.0 && (*place as usize) < self.counts.len())
            .map(|place| place as usize);
        if ui.is_rect_visible(rect) {
            if self.counts.iter().all(|&count| count == 0) {
                let font = FontId::new(size::CAPTION, fonts::text());
                let color = theme::palette(ui).quiet_text;
                ui.painter().text(
                    bars.center(),
                    Align2::CENTER_CENTER,
                    "No notes yet",
                    font,
                    color,
                );
            }
            self.paint(ui, bars, hovered);
        }
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, "Note histogram"));
        ui.ctx().accesskit_node_builder(response.id, |node| {
            node.set_description(self.description());
        });
        if let Some(place) = hovered {
            let name = pitch_name(self.pitches.pitch(place));
            let count = self.counts[place];
            response = response.on_hover_text_at_pointer(format!("{name}: {count} notes"));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_can_be_read_out() {
        let range = PitchRange { low: 60, count: 3 };
        let text = |counts: &[u32]| NoteHistogram::new(counts, range).description();
        assert_eq!(text(&[2, 5, 0]), "7 notes from C4 to C♯4, most often C♯4");
        assert_eq!(text(&[0, 0, 0]), "no notes");
    }
}
