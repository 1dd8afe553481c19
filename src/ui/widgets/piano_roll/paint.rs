//! What the piano roll looks like. What is out of sight is cut off before anything is drawn, and
//! many notes are one mesh.

use std::ops::Range;

use egui::emath::GuiRounding as _;
use egui::{
    Align2, FontId, Mesh, Painter, Rect, Response, Shape, Stroke, StrokeKind, Ui, pos2, vec2,
};

use super::{PianoRollWidget, Places, RULER_HEIGHT};
use crate::music::{note_at, pitch_name};
use crate::ui::fonts;
use crate::ui::theme::{self, Palette, size};

/// Lines closer than this are left out, in points.
const LINES_APART: f32 = 6.0;
/// Numbers of bars closer than this are left out, in points.
const NUMBERS_APART: f32 = 36.0;
/// Names of octaves closer than this are left out, in points.
const OCTAVES_APART: f32 = 12.0;

/// The nearest place between two pixels.
pub(super) fn snap(painter: &Painter, point: f32) -> f32 {
    point.round_to_pixels(painter.pixels_per_point())
}

fn is_black(pitch: u8) -> bool {
    matches!(pitch % 12, 1 | 3 | 6 | 8 | 10)
}

impl PianoRollWidget<'_> {
    pub(super) fn paint(
        &self,
        ui: &Ui,
        response: &Response,
        places: Places,
        hovered: Option<(f64, u8)>,
    ) {
        let palette = theme::palette(ui);
        let selection = self.selecting.clone().or(self.selection.clone());
        let painter = ui.painter_at(response.rect);
        painter.rect_filled(response.rect, 0.0, palette.panel);
        let grid = ui.painter_at(places.grid);
        self.paint_rows(&grid, palette, places, hovered);
        self.paint_lines(&grid, palette, places.grid);
        if let Some(steps) = &selection {
            let left = self.view.x(places.grid, f64::from(steps.start));
            let right = self.view.x(places.grid, f64::from(steps.end));
            let veil = Rect::from_x_y_ranges(left..=right, places.grid.y_range());
            grid.rect_filled(veil, 0.0, palette.selection_veil());
            for x in [left, right] {
                grid.vline(x, places.grid.y_range(), Stroke::new(1.0, palette.held_out));
            }
        }
        self.paint_original(&grid, palette, places.grid, response.id.with("original"));
        self.paint_notes(&grid, palette, places.grid, response.id.with("notes"));
        self.paint_locks(&grid, palette, places.grid);
        self.paint_hands(&grid, palette, places, response.has_focus());
        self.paint_ruler(&ui.painter_at(places.ruler), palette, places, selection);
        self.paint_keyboard(&ui.painter_at(places.keyboard), palette, places, hovered);
        self.paint_play_head(&painter, palette, places);
        self.paint_overview(&ui.painter_at(places.overview), palette, places);
        if self.content.notes.is_empty() && !self.empty_text.is_empty() {
            let font = FontId::new(size::BODY, fonts::text());
            let at = places.grid.center();
            grid.text(at, Align2::CENTER_CENTER, self.empty_text, font, palette.quiet_text);
        }
        self.paint_read_out(&painter, palette, places, hovered);
        if response.has_focus() {
            painter.rect_stroke(response.rect, 0.0, palette.focus_stroke(), StrokeKind::Inside);
        }
    }

    /// The pitches whose rows are in sight, and that the roll has.
    fn rows(&self, grid: Rect) -> Range<u8> {
        let pitches = self.content.pitches;
        let low = self.view.pitch_at(grid, grid.bottom()).max(f32::from(pitches.low));
        let high = self.view.pitch_at(grid, grid.top()) + 1.0;
        let end = pitches.low.saturating_add(pitches.count);
        low.clamp(0.0, 127.0) as u8..(high.clamp(0.0, 128.0) as u8).min(end)
    }

    fn paint_rows(
        &self,
        painter: &Painter,
        palette: &Palette,
        places: Places,
        hovered: Option<(f64, u8)>,
    ) {
        let grid = places.grid;
        let mut mesh = Mesh::default();
        for pitch in self.rows(grid) {
            let top = self.view.y(grid, f32::from(pitch));
            let row = Rect::from_x_y_ranges(
                grid.x_range(),
                snap(painter, top)..=snap(painter, top + self.view.points_per_pitch),
            );
            let is_hovered = hovered.is_some_and(|(_, under)| under == pitch);
            let is_outside = self.scale.map(|scale| !scale.contains(pitch));
            let color = match (is_hovered, is_outside) {
                (true, _) => palette.card_hovered,
                (_, Some(true)) => palette.outside_row(),
                (_, None) if is_black(pitch) => palette.black_row,
                _ => palette.white_row,
            };
            mesh.add_colored_rect(row, color);
            // E and F, B and C are both white: a line keeps them apart, a stronger one the octaves.
            if matches!(pitch % 12, 0 | 5) {
                let line = if pitch.is_multiple_of(12) { palette.line } else { palette.step_line };
                let bottom = row.bottom();
                let line_rect = Rect::from_x_y_ranges(grid.x_range(), bottom - 1.0..=bottom);
                mesh.add_colored_rect(line_rect, line);
            }
        }
        painter.add(Shape::mesh(mesh));
    }

    fn paint_lines(&self, painter: &Painter, palette: &Palette, grid: Rect) {
        let bar = self.content.steps_per_bar();
        let levels = [
            (1.0, palette.step_line),
            (self.content.steps_per_count(), palette.beat_line),
            (bar * self.bars_per_line(LINES_APART * 2.0), palette.bar_line),
        ];
        let mut mesh = Mesh::default();
        let width = 1.0 / painter.pixels_per_point().floor().max(1.0);
        for (distance, color) in levels {
            let is_bar = distance >= bar;
            if !is_bar && distance as f32 * self.view.points_per_step < LINES_APART {
                continue;
            }
            let last = self.view.step_at(grid, grid.right()).min(f64::from(self.content.n_steps));
            let first = (self.view.first_step / distance).ceil() as u64;
            for number in first..=(last / distance).floor().max(0.0) as u64 {
                let x = snap(painter, self.view.x(grid, number as f64 * distance));
                let line = Rect::from_x_y_ranges(x..=x + width.max(0.5), grid.y_range());
                mesh.add_colored_rect(line, color);
            }
        }
        painter.add(Shape::mesh(mesh));
        let end = self.view.x(grid, f64::from(self.content.n_steps));
        if end < grid.right() {
            let rest = Rect::from_min_max(pos2(end, grid.top()), grid.max);
            painter.rect_filled(rest, 0.0, palette.panel);
        }
    }

    /// Every how many bars there is room for something `apart` points wide: 1, 2, 4, …
    fn bars_per_line(&self, apart: f32) -> f64 {
        let bar_width = self.content.steps_per_bar() as f32 * self.view.points_per_step;
        let mut n_bars = 1.0_f64;
        while bar_width * (n_bars as f32) < apart {
            n_bars *= 2.0;
        }
        n_bars
    }

    fn paint_ruler(
        &self,
        painter: &Painter,
        palette: &Palette,
        places: Places,
        selection: Option<Range<u32>>,
    ) {
        let ruler = places.ruler;
        painter.rect_filled(ruler, 0.0, palette.panel);
        if let Some(steps) = selection {
            let left = self.view.x(places.grid, f64::from(steps.start));
            let right = self.view.x(places.grid, f64::from(steps.end));
            let mark = Rect::from_x_y_ranges(left..=right, ruler.y_range());
            painter.rect_filled(mark, 0.0, palette.selection_veil());
            let strip = Rect::from_x_y_ranges(left..=right, ruler.bottom() - 3.0..=ruler.bottom());
            painter.rect_filled(strip, 0.0, palette.held_out);
        }
        let bar = self.content.steps_per_bar();
        let distance = bar * self.bars_per_line(NUMBERS_APART);
        let last = self.view.step_at(places.grid, ruler.right());
        let last = last.min(f64::from(self.content.n_steps) - 1.0);
        let first = (self.view.first_step / distance).floor().max(0.0) as u64;
        let font = FontId::new(size::CAPTION, fonts::figures());
        for number in first..=(last / distance).floor().max(0.0) as u64 {
            let step = number as f64 * distance;
            let x = snap(painter, self.view.x(places.grid, step));
            let tick = Stroke::new(1.0, palette.bar_line);
            painter.vline(x + 0.5, ruler.bottom() - 8.0..=ruler.bottom(), tick);
            let text = format!("{:.0}", step / bar + 1.0);
            let at = pos2(x + 5.0, ruler.center().y);
            painter.text(at, Align2::LEFT_CENTER, text, font.clone(), palette.quiet_text);
        }
        let line = Stroke::new(1.0, palette.line);
        painter.hline(ruler.x_range(), ruler.bottom() - 0.5, line);
    }

    fn paint_keyboard(
        &self,
        painter: &Painter,
        palette: &Palette,
        places: Places,
        hovered: Option<(f64, u8)>,
    ) {
        let keyboard = places.keyboard;
        let row_height = self.view.points_per_pitch;
        let mut mesh = Mesh::default();
        let font = FontId::new((row_height + 1.0).clamp(8.0, 10.0), fonts::figures());
        let mut names = Vec::new();
        let gap = Stroke::new(1.0, palette.line);
        for pitch in self.rows(places.grid) {
            let top = snap(painter, self.view.y(places.grid, f32::from(pitch)));
            let bottom = snap(painter, self.view.y(places.grid, f32::from(pitch)) + row_height);
            let is_hovered = hovered.is_some_and(|(_, under)| under == pitch);
            let right = keyboard.right() - 1.0;
            let key = Rect::from_x_y_ranges(keyboard.left()..=right, top..=bottom);
            mesh.add_colored_rect(key, palette.white_key);
            if is_black(pitch) {
                let end = keyboard.left() + keyboard.width() * 0.62;
                let black = Rect::from_x_y_ranges(keyboard.left()..=end, top..=bottom);
                mesh.add_colored_rect(black, palette.black_key);
                // White keys meet behind the middle of a black one.
                let middle = f32::midpoint(top, bottom);
                let seam = Rect::from_x_y_ranges(end..=right, middle - 0.5..=middle + 0.5);
                mesh.add_colored_rect(seam, palette.black_key.gamma_multiply(0.35));
            } else if matches!(pitch % 12, 0 | 5) {
                let seam = Rect::from_x_y_ranges(key.x_range(), bottom - 0.5..=bottom);
                mesh.add_colored_rect(seam, palette.black_key.gamma_multiply(0.35));
            }
            if is_hovered {
                mesh.add_colored_rect(key, palette.held_out.gamma_multiply(0.45));
            }
            if self.scale.is_some_and(|scale| scale.is_tonic(pitch)) {
                // The tonic of the scale: a bar at the edge of its key.
                let left = right - 3.0;
                let mark = Rect::from_x_y_ranges(left..=right, top + 1.0..=bottom - 1.0);
                mesh.add_colored_rect(mark, palette.held_out);
            }
            if pitch.is_multiple_of(12) && row_height * 12.0 >= OCTAVES_APART {
                names.push((pos2(right - 5.0, f32::midpoint(top, bottom)), pitch));
            }
        }
        painter.add(Shape::mesh(mesh));
        for (at, pitch) in names {
            let name = pitch_name(pitch);
            painter.text(at, Align2::RIGHT_CENTER, name, font.clone(), palette.key_text);
        }
        painter.vline(keyboard.right() - 0.5, keyboard.y_range(), gap);
    }

    fn paint_play_head(&self, painter: &Painter, palette: &Palette, places: Places) {
        let Some(step) = self.play_head else { return };
        let x = self.view.x(places.grid, step);
        if !places.grid.x_range().contains(x) {
            return;
        }
        let x = snap(painter, x);
        let rect = Rect::from_x_y_ranges(
            x - 0.75..=x + 0.75,
            places.ruler.top() + RULER_HEIGHT / 2.0..=places.grid.bottom(),
        );
        painter.rect_filled(rect, 0.0, palette.play_head);
        let top = places.ruler.top() + RULER_HEIGHT / 2.0 - 4.0;
        let head = vec![pos2(x - 5.0, top), pos2(x + 5.0, top), pos2(x, top + 7.0)];
        painter.add(Shape::convex_polygon(head, palette.play_head, Stroke::NONE));
    }

    /// Pitch and place under the pointer, at the right end of the ruler; on the other side where the
    /// pointer is near, so that it never covers the number of the bar that is pointed at.
    fn paint_read_out(
        &self,
        painter: &Painter,
        palette: &Palette,
        places: Places,
        hovered: Option<(f64, u8)>,
    ) {
        let Some((step, pitch)) = hovered else { return };
        let is_on_paper = places.grid.left() <= self.view.x(places.grid, step);
        let under = note_at(self.shown_notes(), step.max(0.0) as u32, pitch);
        let velocity = under
            .filter(|_| is_on_paper)
            .map_or_else(String::new, |note| format!("  ·  velocity {}", note.velocity));
        let place = self.content.place_name(step);
        let text = format!("{}  ·  {place}{velocity}", pitch_name(pitch));
        let font = FontId::new(size::CAPTION, fonts::figures());
        let galley = painter.layout_no_wrap(text, font, palette.text);
        let room = galley.size() + vec2(16.0, 4.0);
        let at_right = places.ruler.right() - room.x - 4.0;
        let pointer = self.view.x(places.grid, step);
        let covers = pointer >= at_right - NUMBERS_APART;
        let left = if covers { places.ruler.left() + 4.0 } else { at_right };
        let corner = pos2(left, places.ruler.top() + 1.0);
        let pill = Rect::from_min_size(corner, room);
        painter.rect(
            pill,
            pill.height() / 2.0,
            palette.card,
            Stroke::new(1.0, palette.line_strong),
            StrokeKind::Inside,
        );
        painter.galley(corner + vec2(8.0, 2.0), galley, palette.text);
    }
}
