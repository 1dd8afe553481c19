//! Values against a number that differs between runs: one point a run, the best one ringed.

use egui::accesskit::Role;
use egui::{FontId, Pos2, Response, Stroke, Ui, Vec2b, WidgetInfo, pos2, vec2};
use egui_plot::{AxisHints, GridInput, GridMark, Line, Plot, PlotPoint, PlotPoints, PlotTransform};

use super::curve::scale;
use crate::ui::fonts;
use crate::ui::theme::{self, Palette, size};

/// The read-out appears when the pointer is so near to a point.
const REACH: f32 = 14.0;

/// One point.
#[derive(Clone, Debug)]
pub struct ScatterPoint {
    pub at: PlotPoint,
    pub label: String,
    /// Place in the set of looks for runs; `None` for the current run.
    pub color: Option<u8>,
    pub is_best: bool,
}

/// The plot of some points.
#[must_use = "call show"]
pub struct Scatter<'a> {
    name: &'a str,
    x_name: &'a str,
    points: &'a [ScatterPoint],
    is_x_logarithmic: bool,
    is_y_logarithmic: bool,
    height: f32,
}

impl<'a> Scatter<'a> {
    /// `name` is what is drawn against what; it also tells plots apart.
    pub fn new(name: &'a str, x_name: &'a str, points: &'a [ScatterPoint]) -> Self {
        let (is_x_logarithmic, is_y_logarithmic) = (false, false);
        Self { name, x_name, points, is_x_logarithmic, is_y_logarithmic, height: 160.0 }
    }

    pub fn logarithmic_x(mut self, is_so: bool) -> Self {
        self.is_x_logarithmic = is_so;
        self
    }

    pub fn logarithmic_y(mut self, is_so: bool) -> Self {
        self.is_y_logarithmic = is_so;
        self
    }

    pub fn height(mut self, height: f32) -> Self {
        self.height = height.max(80.0);
        self
    }

    fn placed(&self, point: &ScatterPoint) -> Option<PlotPoint> {
        let x = scale::height(point.at.x, self.is_x_logarithmic)?;
        let y = scale::height(point.at.y, self.is_y_logarithmic)?;
        Some(PlotPoint::new(x, y))
    }

    pub fn show(self, ui: &mut Ui) -> Response {
        let palette = theme::palette(ui);
        let mut placed: Vec<(PlotPoint, &ScatterPoint)> =
            self.points.iter().filter_map(|point| Some((self.placed(point)?, point))).collect();
        placed.sort_by(|a, b| a.0.x.total_cmp(&b.0.x));
        let path: Vec<PlotPoint> = placed.iter().map(|(at, _)| *at).collect();
        let shown = self.plot(palette, ui.available_width()).show(ui, |plot_ui| {
            // One value for each place: the eye may follow from point to point.
            if path.windows(2).all(|pair| pair[0].x < pair[1].x) {
                let line = Line::new("", PlotPoints::Owned(path.clone()));
                plot_ui.line(line.color(palette.line_strong).width(1.0).allow_hover(false));
            }
            // The points themselves are painted over the plot; these give it its bounds.
            let corners = egui_plot::Points::new("", PlotPoints::Owned(path.clone()));
            plot_ui.points(corners.color(palette.line_strong).radius(0.5).allow_hover(false));
        });
        self.paint(ui, &shown.response, &shown.transform, &placed);
        let response = shown.response;
        response.widget_info(|| WidgetInfo::labeled(Role::Image, ui.is_enabled(), self.name));
        ui.ctx().accesskit_node_builder(response.id, |node| node.set_description(self.summary()));
        response
    }

    fn plot(&self, palette: &Palette, width: f32) -> Plot<'a> {
        let font = FontId::new(size::CAPTION, fonts::figures());
        let axis = |hints: AxisHints<'a>, is_logarithmic: bool| {
            let hints = hints.tick_label_color(palette.quiet_text).tick_label_font(font.clone());
            hints.formatter(move |mark, _| {
                if is_logarithmic {
                    scale::logarithmic_label(mark)
                } else {
                    scale::linear_label(mark)
                }
            })
        };
        let marks = |is_logarithmic: bool| -> fn(&GridInput, f64) -> Vec<GridMark> {
            if is_logarithmic { scale::logarithmic_marks } else { scale::linear_marks }
        };
        let (x_marks, y_marks) = (marks(self.is_x_logarithmic), marks(self.is_y_logarithmic));
        let y_axis = axis(AxisHints::new_y(), self.is_y_logarithmic).min_thickness(44.0);
        let x_axis = axis(AxisHints::new_x(), self.is_x_logarithmic);
        let x_axis = x_axis.label_spacing(egui::Rangef::new(24.0, 40.0));
        let n_lines = scale::n_lines(self.height);
        Plot::new((self.name, self.is_x_logarithmic, self.is_y_logarithmic))
            .width(width)
            .height(self.height)
            .custom_y_axes(vec![y_axis])
            .custom_x_axes(vec![x_axis])
            .x_grid_spacer(move |input| x_marks(&input, scale::N_LINES))
            .y_grid_spacer(move |input| y_marks(&input, n_lines))
            .show_grid(Vec2b::new(false, true))
            .grid_color(palette.line)
            .grid_fade(0.0)
            .show_background(false)
            .show_crosshair(false)
            .label_formatter(|_| None)
            .allow_scroll(false)
            .allow_zoom(false)
            .allow_drag(false)
            .allow_boxed_zoom(false)
            .set_margin_fraction(vec2(0.06, 0.1))
    }

    fn paint(
        &self,
        ui: &Ui,
        response: &Response,
        transform: &PlotTransform,
        placed: &[(PlotPoint, &ScatterPoint)],
    ) {
        let palette = theme::palette(ui);
        let painter = ui.painter_at(transform.frame().expand(2.0));
        let at = |point: &PlotPoint| transform.position_from_point(point);
        for (place, point) in placed {
            let color =
                point.color.map_or(palette.played, |color| theme::run_color(palette, color));
            let center = at(place);
            painter.circle(center, 4.5, color, Stroke::new(1.5, palette.card));
            if point.is_best {
                painter.circle_stroke(center, 8.0, Stroke::new(1.5, palette.text));
            }
        }
        let nearest = response.hover_pos().and_then(|pointer| {
            let distance = |place: &PlotPoint| at(place).distance(pointer);
            let near = placed.iter().filter(|(place, _)| distance(place) <= REACH);
            near.min_by(|a, b| distance(&a.0).total_cmp(&distance(&b.0)))
        });
        if let Some((place, point)) = nearest {
            self.paint_read_out(ui, transform, at(place), point);
        }
    }

    fn paint_read_out(
        &self,
        ui: &Ui,
        transform: &PlotTransform,
        center: Pos2,
        point: &ScatterPoint,
    ) {
        let palette = theme::palette(ui);
        let text = format!(
            "{}\n{} {} · {}",
            point.label,
            self.x_name,
            scale::value_label(point.at.x),
            scale::value_label(point.at.y)
        );
        let font = FontId::new(size::CAPTION, fonts::figures());
        let galley = ui.painter().layout_no_wrap(text, font, palette.text);
        let room = galley.size() + vec2(16.0, 12.0);
        let frame = transform.frame();
        let left = (center.x + 12.0).min(frame.right() - room.x).max(frame.left());
        let top = (center.y - room.y - 10.0).max(frame.top());
        let card = egui::Rect::from_min_size(pos2(left, top), room);
        let border = Stroke::new(1.0, palette.line_strong);
        let kind = egui::StrokeKind::Inside;
        ui.painter().rect(card, theme::RADIUS, palette.card_hovered, border, kind);
        ui.painter().galley(card.min + vec2(8.0, 6.0), galley, palette.text);
    }

    /// "5 runs, Learning rate from 0.001 to 0.1; best 0.0123 at 0.01".
    fn summary(&self) -> String {
        let xs = || self.points.iter().map(|point| point.at.x);
        let (low, high) = (xs().fold(f64::INFINITY, f64::min), xs().fold(f64::MIN, f64::max));
        if self.points.is_empty() {
            return "no run has measured this".to_owned();
        }
        let value = scale::value_label;
        let best = self.points.iter().find(|point| point.is_best);
        let best = best.map_or_else(String::new, |best| {
            format!("; best {} at {}", value(best.at.y), value(best.at.x))
        });
        let n = self.points.len();
        format!("{n} runs, {} from {} to {}{best}", self.x_name, value(low), value(high))
    }
}
