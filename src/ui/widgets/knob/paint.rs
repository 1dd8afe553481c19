//! What a knob looks like: an arc of 270 degrees around a cap with a mark, a label and a number.

use std::f32::consts::PI;

use egui::{Align2, Color32, FontId, Pos2, Rect, Response, Shape, Stroke, Ui, pos2, vec2};

use super::{Knob, Places};
use crate::ui::fonts;
use crate::ui::icons::Icon;
use crate::ui::theme::{self, Palette, size};
use crate::ui::widgets::elided_text;

const ARC_RADIUS: f32 = 15.0;
const ARC_WIDTH: f32 = 4.0;
const CAP_RADIUS: f32 = 9.5;
/// Samples of the round end of an arc.
const CAP_SAMPLES: usize = 6;
/// The arc runs from lower left over the top to lower right.
const START_ANGLE: f32 = 0.75 * PI;
const SWEEP: f32 = 1.5 * PI;

fn angle(position: f64) -> f32 {
    START_ANGLE + SWEEP * position as f32
}

fn on_circle(center: Pos2, radius: f32, angle: f32) -> Pos2 {
    center + radius * vec2(angle.cos(), angle.sin())
}

/// Paints an arc with round ends: one strip, so that nothing lies twice where it is faint.
fn arc(ui: &Ui, center: Pos2, from: f32, to: f32, color: Color32) {
    let feather = 1.0 / ui.pixels_per_point();
    let half = ARC_WIDTH / 2.0;
    let (from, to) = (from.min(to), from.max(to));
    let n_middle = ((to - from) / SWEEP * 48.0).ceil().max(1.0) as usize;
    let cap = (0..=CAP_SAMPLES).map(|i| (i as f32 / CAP_SAMPLES as f32 * PI / 2.0).sin());
    // Places along the arc, each with the half width that it has there.
    let mut samples: Vec<(f32, f32)> = cap
        .clone()
        .rev()
        .map(|along| (from - along * half / ARC_RADIUS, half * (1.0 - along * along).sqrt()))
        .collect();
    samples.extend((1..n_middle).map(|i| (from + (to - from) * i as f32 / n_middle as f32, half)));
    samples.extend(
        cap.map(|along| (to + along * half / ARC_RADIUS, half * (1.0 - along * along).sqrt())),
    );
    let mut mesh = egui::Mesh::default();
    for (angle, half) in samples {
        let solid = (half - feather / 2.0).max(0.0);
        let rims = [
            (half + feather / 2.0, Color32::TRANSPARENT),
            (solid, color),
            (-solid, color),
            (-half - feather / 2.0, Color32::TRANSPARENT),
        ];
        let first = mesh.vertices.len() as u32;
        for (off, color) in rims {
            mesh.colored_vertex(on_circle(center, ARC_RADIUS + off, angle), color);
        }
        if let Some(before) = first.checked_sub(4) {
            for strip in 0..3 {
                let (a, b) = (before + strip, first + strip);
                mesh.add_triangle(a, a + 1, b);
                mesh.add_triangle(b, b + 1, a + 1);
            }
        }
    }
    ui.painter().add(Shape::mesh(mesh));
}

impl Knob<'_> {
    pub(super) fn paint(&self, ui: &Ui, response: &Response, places: Places, is_typing: bool) {
        let palette = theme::palette(ui);
        let is_lively = response.hovered() || response.dragged() || response.has_focus();
        self.paint_dial(ui, palette, places.dial, is_lively);
        if self.acts_at_next_run {
            let at = places.dial.center() + vec2(ARC_RADIUS + 8.0, -ARC_RADIUS + 1.0);
            let icon = Icon::Hourglass.unicode();
            let font = FontId::new(size::CAPTION, fonts::text());
            ui.painter().text(at, Align2::CENTER_CENTER, icon, font, palette.held_out_text);
        }
        let label_font = FontId::new(size::CAPTION, fonts::text());
        let label_color = if is_lively { palette.text } else { palette.quiet_text };
        let label = self.short_label.unwrap_or(self.spec.label);
        elided_text(ui, places.label, label, label_font, label_color);
        if !is_typing {
            let text = self.spec.short_text(*self.value);
            let font = FontId::new(size::LABEL, fonts::figures());
            elided_text(ui, places.number, &text, font, palette.text);
            let is_over = response.hover_pos().is_some_and(|p| places.number.contains(p));
            if is_over && ui.is_enabled() {
                let line = places.number.shrink2(vec2(8.0, 0.0));
                let stroke = Stroke::new(1.0, palette.line_strong);
                ui.painter().hline(line.x_range(), line.bottom() - 0.5, stroke);
            }
        }
        if response.has_focus() && !is_typing {
            let ring = response.rect.expand(1.0);
            ui.painter().rect_stroke(
                ring,
                theme::RADIUS,
                palette.focus_stroke(),
                egui::StrokeKind::Inside,
            );
        }
    }

    fn paint_dial(&self, ui: &Ui, palette: &Palette, dial: Rect, is_lively: bool) {
        let painter = ui.painter();
        let center = pos2(dial.center().x, dial.top() + ARC_RADIUS + ARC_WIDTH / 2.0 + 3.0);
        let position = self.spec.position(*self.value);
        let origin = self.spec.position(0.0_f64.clamp(self.spec.lowest(), self.spec.max()));
        arc(ui, center, START_ANGLE, START_ANGLE + SWEEP, palette.line);
        if (position - origin).abs() > 1e-6 {
            arc(ui, center, angle(origin), angle(position), palette.played);
        }
        if is_lively {
            let default = angle(self.spec.position(self.spec.default));
            let tick = [
                on_circle(center, ARC_RADIUS + 3.5, default),
                on_circle(center, ARC_RADIUS + 6.0, default),
            ];
            painter.line_segment(tick, Stroke::new(1.5, palette.quiet_text));
        }
        let cap = if is_lively { palette.cap_hovered } else { palette.cap };
        painter.circle(center, CAP_RADIUS, cap, Stroke::new(1.0, palette.line));
        let mark = angle(position);
        painter.line_segment(
            [on_circle(center, 3.5, mark), on_circle(center, 8.0, mark)],
            Stroke::new(2.0, palette.text),
        );
    }
}
