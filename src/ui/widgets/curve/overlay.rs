//! What stands over the lines: their names and last values, markers, the read-out, complaints.

use std::sync::Arc;

use egui::{
    FontId, Galley, Painter, Pos2, Rect, Response, Shape, Stroke, StrokeKind, Ui, pos2, vec2,
};
use egui_plot::{PlotPoint, PlotTransform};

use super::navigation::cursor_x;
use super::{Curve, CurveSeries, scale, screen_place};
use crate::ui::fonts;
use crate::ui::icons::Icon;
use crate::ui::theme::{self, Palette, size};
use crate::ui::widgets::LineSample;

/// A marker's text is shown when the pointer is so near.
const MARKER_REACH: f32 = 6.0;

/// What is wrong is said in lines of this length, in points.
const COMPLAINT_WIDTH: f32 = 230.0;

/// The length of the lines before the names, in points.
const LINE: f32 = 24.0;

/// One row of the read-out.
struct Row {
    line: Option<LineSample>,
    name: Arc<Galley>,
    value: Arc<Galley>,
}

impl Curve<'_> {
    /// `whole` is the room of the plot with its names.
    pub(super) fn paint_overlay(
        &self,
        ui: &Ui,
        response: &Response,
        transform: &PlotTransform,
        whole: Rect,
    ) {
        let palette = theme::palette(ui);
        let frame = *transform.frame();
        let painter = ui.painter_at(frame.expand(2.0));
        self.paint_markers(&painter, palette, transform);
        let gutter = Rect::from_x_y_ranges(frame.right()..=whole.right(), frame.y_range());
        self.paint_names(&ui.painter_at(whole), palette, transform, response, gutter);
        self.paint_complaint(&painter, palette, transform);
        if let Some(x) = cursor_x(ui, response, transform, self.group_id()) {
            let pointer_y = response.hover_pos().map_or(frame.bottom(), |pointer| pointer.y);
            let at = pos2(transform.position_from_point_x(x), pointer_y);
            if frame.x_range().contains(at.x) {
                self.paint_read_out(&painter, palette, transform, at);
            }
        }
    }

    fn paint_markers(&self, painter: &Painter, palette: &Palette, transform: &PlotTransform) {
        let frame = *transform.frame();
        for marker in self.markers {
            let x = transform.position_from_point_x(marker.x);
            if frame.x_range().contains(x) {
                let line = [pos2(x, frame.top() + 8.0), pos2(x, frame.bottom())];
                let stroke = Stroke::new(1.0, palette.line_strong);
                painter.extend(Shape::dashed_line(&line, stroke, 3.0, 3.0));
                let top = frame.top();
                let flag = vec![pos2(x - 4.0, top), pos2(x + 4.0, top), pos2(x, top + 7.0)];
                painter.add(Shape::convex_polygon(flag, palette.quiet_text, Stroke::NONE));
            }
        }
    }

    /// Says what is no number, and where it began.
    fn paint_complaint(&self, painter: &Painter, palette: &Palette, transform: &PlotTransform) {
        let broken = self
            .series
            .iter()
            .filter(|series| !series.is_faint && !series.is_raw)
            .find_map(|series| Some((series, series.first_broken()?)));
        let Some((series, point)) = broken else { return };
        let frame = *transform.frame();
        let x = transform.position_from_point_x(point.x);
        if frame.x_range().contains(x) {
            painter.vline(x, frame.y_range(), Stroke::new(1.5, palette.danger));
        }
        let text = format!(
            "{}  {} is no number from {} {:.0} on: lower the learning rate and train again",
            Icon::TriangleAlert.unicode(),
            series.label,
            self.x_name,
            point.x
        );
        let font = FontId::new(size::LABEL, fonts::text());
        let width = COMPLAINT_WIDTH.min(frame.width() - 40.0).max(60.0);
        let galley = painter.layout(text, font, palette.danger_text, width);
        let room = galley.size() + vec2(16.0, 12.0);
        // After the line there is nothing more to see; else before it, under the legend.
        let left = if x + 8.0 + room.x <= frame.right() { x + 8.0 } else { x - 8.0 - room.x };
        let left = left.clamp(frame.left(), (frame.right() - room.x).max(frame.left()));
        let top = frame.top() + if self.has_legend { 40.0 } else { 12.0 };
        let corner = pos2(left, top);
        let card = Rect::from_min_size(corner, room);
        let border = Stroke::new(1.0, palette.danger);
        painter.rect(card, theme::RADIUS, palette.card, border, StrokeKind::Inside);
        painter.galley(corner + vec2(8.0, 6.0), galley, palette.danger_text);
    }

    /// The values of all lines at the pointer.
    fn paint_read_out(
        &self,
        painter: &Painter,
        palette: &Palette,
        transform: &PlotTransform,
        pointer: Pos2,
    ) {
        let x = transform.value_from_position(pointer).x;
        let nearest = self
            .series
            .iter()
            .filter(|series| !series.is_raw)
            .filter_map(|series| Some((series, nearest_point(series, x)?)))
            .collect::<Vec<_>>();
        let Some(at) = nearest
            .iter()
            .map(|(_, point)| point.x)
            .min_by(|a, b| (a - x).abs().total_cmp(&(b - x).abs()))
        else {
            return;
        };
        let frame = *transform.frame();
        let line_x = transform.position_from_point_x(at);
        painter.vline(line_x, frame.y_range(), Stroke::new(1.0, palette.line_strong));
        let mut rows = vec![self.heading(painter, palette, at)];
        for (series, point) in nearest.into_iter().filter(|(_, point)| point.x == at) {
            if let Some(place) = screen_place(transform, point, self.is_logarithmic) {
                painter.circle(
                    place,
                    4.0,
                    series.kind.line_color(palette),
                    Stroke::new(1.5, palette.card),
                );
            }
            rows.push(row(painter, palette, series, point));
        }
        for marker in self.markers {
            let marker_x = transform.position_from_point_x(marker.x);
            if (marker_x - pointer.x).abs() <= MARKER_REACH {
                let font = FontId::new(size::CAPTION, fonts::text());
                let lay_out = |text: &str| {
                    painter.layout_no_wrap(text.to_owned(), font.clone(), palette.text)
                };
                rows.push(Row { line: None, name: lay_out(marker.text), value: lay_out("") });
            }
        }
        paint_rows(painter, palette, frame, pos2(line_x, pointer.y), rows);
    }

    fn heading(&self, painter: &Painter, palette: &Palette, x: f64) -> Row {
        let font = FontId::new(size::CAPTION, fonts::figures());
        let lay_out = |text: String| painter.layout_no_wrap(text, font.clone(), palette.quiet_text);
        Row { line: None, name: lay_out(self.x_name.to_owned()), value: lay_out(format!("{x:.0}")) }
    }
}

fn row(painter: &Painter, palette: &Palette, series: &CurveSeries<'_>, point: PlotPoint) -> Row {
    let value =
        if point.y.is_finite() { scale::value_label(point.y) } else { "no number".to_owned() };
    let lay_out = |text: String, family| {
        painter.layout_no_wrap(text, FontId::new(size::CAPTION, family), palette.text)
    };
    Row {
        line: Some(series.kind.sample(palette)),
        name: lay_out(series.label.to_owned(), fonts::text()),
        value: lay_out(value, fonts::figures()),
    }
}

fn paint_rows(painter: &Painter, palette: &Palette, frame: Rect, at: Pos2, rows: Vec<Row>) {
    let line_room = LINE + 6.0;
    let name_width = rows.iter().map(|row| row.name.size().x).fold(0.0, f32::max) + line_room;
    let value_width = rows.iter().map(|row| row.value.size().x).fold(0.0, f32::max);
    let room = vec2(name_width + value_width + 28.0, rows.len() as f32 * 16.0 + 12.0);
    let left =
        if at.x + 12.0 + room.x <= frame.right() { at.x + 12.0 } else { at.x - 12.0 - room.x };
    let top = (at.y - room.y - 8.0).clamp(frame.top(), (frame.bottom() - room.y).max(frame.top()));
    let card = Rect::from_min_size(pos2(left, top), room);
    let border = Stroke::new(1.0, palette.line_strong);
    painter.rect(card, theme::RADIUS, palette.card_hovered, border, StrokeKind::Inside);
    let mut y = card.top() + 6.0;
    for row in rows {
        let middle = y + 8.0;
        if let Some(line) = row.line {
            line.paint(painter, pos2(card.left() + 8.0, middle), LINE);
        }
        let name_corner = pos2(card.left() + 8.0 + line_room, middle - row.name.size().y / 2.0);
        let value_corner =
            pos2(card.right() - 8.0 - row.value.size().x, middle - row.value.size().y / 2.0);
        painter.galley(name_corner, row.name, palette.text);
        painter.galley(value_corner, row.value, palette.text);
        y += 16.0;
    }
}

/// The point of a line that is nearest to `x`.
pub(super) fn nearest_point(series: &CurveSeries<'_>, x: f64) -> Option<PlotPoint> {
    let after = series.points.partition_point(|point| point.x < x);
    let candidates = [after.checked_sub(1), Some(after)];
    candidates
        .into_iter()
        .flatten()
        .filter_map(|place| series.points.get(place))
        .min_by(|a, b| (a.x - x).abs().total_cmp(&(b.x - x).abs()))
        .copied()
}
