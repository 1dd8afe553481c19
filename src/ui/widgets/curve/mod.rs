//! The live curve of an error over the epochs.
//!
//! The names of its lines stand in a gutter at the right.
//! Wheel or pinch zooms around the pointer, dragging moves, dragging with the second button zooms
//! into a box; a double-click shows all again, and so does "Fit", which is there when it is needed.
//! Plots of one group share the x axis and the cursor. What is no number is marked and said, never left out in silence.

mod clip;
mod names;
mod navigation;
mod overlay;
pub(super) mod scale;
mod smoothing;

use egui::accesskit::Role;
use egui::{
    Color32, FontId, Id, Response, Sense, TextStyle, Ui, UiBuilder, Vec2, Vec2b, WidgetInfo, vec2,
};
use egui_plot::{
    AxisHints, Corner, Legend, Line, LineStyle, Plot, PlotPoint, PlotPoints, PlotTransform, PlotUi,
    Points,
};

use crate::ui::fonts;
use crate::ui::theme::{self, Palette, size};
use crate::ui::widgets::LineSample;

pub use smoothing::smoothed;

/// What a line stands for; it gives the line its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeriesKind {
    Training,
    HeldOut,
    /// By the place in the set of colours for runs.
    OtherRun(u8),
}

/// One line. The points are sorted by x.
#[derive(Clone, Copy, Debug)]
pub struct CurveSeries<'a> {
    /// Unique within the plot.
    pub label: &'a str,
    pub points: &'a [PlotPoint],
    pub kind: SeriesKind,
    /// Drawn faintly: earlier runs, the raw values behind a smoothed line.
    pub is_faint: bool,
    /// The raw values behind a smoothed line: no name, no read-out, no summary.
    pub is_raw: bool,
}

/// A place on the axis of epochs at which something was changed.
#[derive(Clone, Copy, Debug)]
pub struct CurveMarker<'a> {
    pub x: f64,
    /// What was changed: "Learn rate 0.05 → 0.01".
    pub text: &'a str,
}

/// The plot of some series.
#[must_use = "call show"]
pub struct Curve<'a> {
    name: &'a str,
    series: &'a [CurveSeries<'a>],
    markers: &'a [CurveMarker<'a>],
    is_logarithmic: bool,
    has_legend: bool,
    x_name: &'a str,
    x_end: Option<f64>,
    height: Option<f32>,
    empty_text: &'a str,
    is_highest_best: bool,
    group: Option<&'a str>,
}

impl SeriesKind {
    /// The colour of the line.
    pub fn line_color(self, palette: &Palette) -> Color32 {
        match self {
            Self::Training => palette.played,
            Self::HeldOut => palette.held_out,
            Self::OtherRun(color) => theme::run_color(palette, color),
        }
    }

    /// Only lines of other runs are broken.
    fn line_style(self) -> LineStyle {
        match self {
            Self::Training | Self::HeldOut => LineStyle::Solid,
            Self::OtherRun(color) => theme::run_line_style(color),
        }
    }

    fn sample(self, palette: &Palette) -> LineSample {
        LineSample { color: self.line_color(palette), style: self.line_style() }
    }

    fn text_color(self, palette: &Palette) -> Color32 {
        match self {
            Self::Training => palette.played_text,
            Self::HeldOut => palette.held_out_text,
            Self::OtherRun(color) => theme::run_color(palette, color),
        }
    }
}

impl CurveSeries<'_> {
    fn line_color(&self, palette: &Palette) -> Color32 {
        let color = self.kind.line_color(palette);
        match (self.is_raw, self.is_faint) {
            (true, _) => color.gamma_multiply(0.3),
            (false, true) => color.gamma_multiply(0.8),
            (false, false) => color,
        }
    }

    fn width(&self) -> f32 {
        match (self.is_faint || self.is_raw, self.kind) {
            (true, _) => 1.2,
            (false, SeriesKind::Training) => 2.2,
            (false, _) => 1.6,
        }
    }

    /// The last point that is a number.
    fn last(&self) -> Option<PlotPoint> {
        self.points.iter().rev().find(|point| point.y.is_finite()).copied()
    }

    /// The first point that is none.
    fn first_broken(&self) -> Option<PlotPoint> {
        self.points.iter().find(|point| !point.y.is_finite()).copied()
    }

    fn summary(&self, x_name: &str, is_highest_best: bool) -> String {
        let Some(last) = self.last() else {
            return format!("{}: nothing yet", self.label);
        };
        let finite = self.points.iter().filter(|point| point.y.is_finite());
        let better = |a: &&PlotPoint, b: &&PlotPoint| {
            if is_highest_best { b.y.total_cmp(&a.y) } else { a.y.total_cmp(&b.y) }
        };
        let best = finite.min_by(better).copied().unwrap_or(last);
        let before = self.points[..self.points.len() * 3 / 4]
            .iter()
            .rev()
            .find(|point| point.y.is_finite())
            .map_or(last.y, |point| point.y);
        let trend = match last.y - before {
            change if change < -before.abs() * 0.01 => "falling",
            change if change > before.abs() * 0.01 => "rising",
            _ => "level",
        };
        let (latest, best_value) = (scale::value_label(last.y), scale::value_label(best.y));
        format!(
            "{}: latest {latest} at {x_name} {:.0}, best {best_value} at {x_name} {:.0}, {trend}",
            self.label, last.x, best.x
        )
    }
}

impl<'a> Curve<'a> {
    /// `name` is the measure; it also tells plots apart.
    pub fn new(name: &'a str, series: &'a [CurveSeries<'a>]) -> Self {
        Self {
            name,
            series,
            markers: &[],
            is_logarithmic: false,
            has_legend: false,
            x_name: "epoch",
            x_end: None,
            height: None,
            empty_text: "Press Train to see the error fall",
            is_highest_best: false,
            group: None,
        }
    }

    pub fn markers(mut self, markers: &'a [CurveMarker<'a>]) -> Self {
        self.markers = markers;
        self
    }

    pub fn logarithmic(mut self, is_so: bool) -> Self {
        self.is_logarithmic = is_so;
        self
    }

    /// A legend whose entries show and hide the lines.
    pub fn legend(mut self, is_shown: bool) -> Self {
        self.has_legend = is_shown;
        self
    }

    /// Shows the axis up to here from the start: the number of epochs of the run.
    pub fn x_end(mut self, x: Option<f64>) -> Self {
        self.x_end = x;
        self
    }

    pub fn x_name(mut self, name: &'a str) -> Self {
        self.x_name = name;
        self
    }

    /// Takes all the room there is unless told otherwise.
    pub fn height(mut self, height: f32) -> Self {
        self.height = Some(height);
        self
    }

    pub fn empty_text(mut self, text: &'a str) -> Self {
        self.empty_text = text;
        self
    }

    /// For the summary: the best value is the highest one, not the lowest.
    pub fn highest_is_best(mut self, is_so: bool) -> Self {
        self.is_highest_best = is_so;
        self
    }

    /// Plots of one group show the same part of the x axis and share the cursor.
    pub fn group(mut self, name: &'a str) -> Self {
        self.group = Some(name);
        self
    }

    fn group_id(&self) -> Option<Id> {
        self.group.map(|name| Id::unique(("curves", name)))
    }

    /// Shows the plot.
    pub fn show(self, ui: &mut Ui) -> Response {
        let height = self.height.unwrap_or_else(|| ui.available_height()).max(80.0);
        let room = vec2(ui.available_width(), height);
        let response = if self.series.iter().all(|series| series.points.is_empty()) {
            self.show_empty(ui, room)
        } else {
            self.show_plot(ui, room)
        };
        response.widget_info(|| WidgetInfo::labeled(Role::Image, ui.is_enabled(), self.name));
        ui.ctx().accesskit_node_builder(response.id, |node| {
            let lines = self.series.iter().filter(|line| !line.is_raw);
            let mut parts: Vec<_> =
                lines.map(|line| line.summary(self.x_name, self.is_highest_best)).collect();
            let changes = self.markers.iter();
            parts.extend(changes.map(|marker| {
                format!("changed at {} {:.0}: {}", self.x_name, marker.x, marker.text)
            }));
            node.set_description(parts.join("; "));
        });
        response
    }

    fn show_empty(&self, ui: &mut Ui, room: Vec2) -> Response {
        let (rect, response) = ui.allocate_exact_size(room, Sense::hover());
        let palette = theme::palette(ui);
        for part in 0..5_u8 {
            let y = rect.top() + 10.0 + (rect.height() - 20.0) * f32::from(part) / 4.0;
            ui.painter().hline(rect.x_range(), y, egui::Stroke::new(1.0, palette.line));
        }
        let font = FontId::new(size::BODY, fonts::text());
        let galley =
            ui.painter().layout_no_wrap(self.empty_text.to_owned(), font, palette.quiet_text);
        let corner = rect.center() - galley.size() / 2.0;
        let behind = egui::Rect::from_min_size(corner, galley.size()).expand2(vec2(12.0, 4.0));
        ui.painter().rect_filled(behind, theme::RADIUS, palette.card);
        ui.painter().galley(corner, galley, palette.quiet_text);
        response
    }

    fn show_plot(&self, ui: &mut Ui, room: Vec2) -> Response {
        let palette = theme::palette(ui);
        let is_logarithmic = self.is_logarithmic;
        let series = self.series;
        let (_, whole) = ui.allocate_space(room);
        let mut inside = whole;
        inside.max.x -= names::gutter(room.x);
        let place = UiBuilder::new().id_salt(self.name).max_rect(inside);
        let ui = &mut ui.new_child(place);
        let plot = self.plot(palette, inside.size());
        let shown = plot.show(ui, move |plot_ui| {
            navigation::zoom_by_wheel(plot_ui);
            for line in series {
                draw(plot_ui, line, palette, is_logarithmic);
            }
            navigation::fit_if_asked(plot_ui)
        });
        self.paint_overlay(ui, &shown.response, &shown.transform, whole);
        if shown.inner {
            navigation::fit_button_ui(ui, &shown.response, &shown.transform, self.name);
        }
        shown.response
    }

    fn plot(&self, palette: &Palette, room: Vec2) -> Plot<'a> {
        let font = FontId::new(size::CAPTION, fonts::figures());
        let axis = |hints: AxisHints<'a>| {
            hints.tick_label_color(palette.quiet_text).tick_label_font(font.clone())
        };
        let is_logarithmic = self.is_logarithmic;
        let y_axis = axis(AxisHints::new_y()).min_thickness(44.0).formatter(move |mark, _| {
            if is_logarithmic { scale::logarithmic_label(mark) } else { scale::linear_label(mark) }
        });
        let x_axis = axis(AxisHints::new_x()).formatter(|mark, _| format!("{:.0}", mark.value));
        let marks = if is_logarithmic { scale::logarithmic_marks } else { scale::linear_marks };
        let n_lines = scale::n_lines(room.y);
        // The two scales keep views of their own, else one would show nothing of the other.
        let mut plot = Plot::new((self.name, is_logarithmic))
            .width(room.x)
            .height(room.y)
            .custom_y_axes(vec![y_axis])
            .custom_x_axes(vec![x_axis])
            .x_grid_spacer(|input| scale::epoch_marks(&input))
            .y_grid_spacer(move |input| marks(&input, n_lines))
            .show_grid(Vec2b::new(false, true))
            .grid_color(palette.line)
            .grid_fade(0.0)
            .show_background(false)
            .show_crosshair(false)
            .label_formatter(|_| None)
            .allow_scroll(false)
            .set_margin_fraction(vec2(0.01, 0.06))
            .include_x(0.0);
        if let Some(x) = self.x_end {
            plot = plot.include_x(x);
        }
        if let Some(group) = self.group_id() {
            plot = plot.link_axis(group, Vec2b::new(true, false));
        }
        if self.has_legend {
            let legend = Legend::default()
                .position(Corner::RightTop)
                .text_style(TextStyle::Small)
                .follow_insertion_order(true)
                .background_alpha(0.8);
            plot = plot.legend(legend);
        }
        plot
    }
}

fn draw<'a>(
    plot_ui: &mut PlotUi<'a>,
    series: &CurveSeries<'a>,
    palette: &Palette,
    is_logarithmic: bool,
) {
    let color = series.line_color(palette);
    // While all is shown, the lines say themselves how far the plot reaches.
    let is_automatic = plot_ui.auto_bounds();
    let zoomed = (!(is_automatic.x && is_automatic.y)).then(|| plot_ui.plot_bounds());
    for stretch in scale::drawable(series.points, is_logarithmic) {
        let points = &series.points[stretch.clone()];
        let place = |point: &PlotPoint| {
            PlotPoint::new(point.x, scale::height(point.y, is_logarithmic).unwrap_or(0.0))
        };
        if points.len() == 1 {
            let dot = PlotPoints::Owned(points.iter().map(place).collect());
            let dot = Points::new(series.label, dot).color(color).radius(2.5);
            plot_ui.points(dot.id((series.label, stretch.start)));
            continue;
        }
        let style = if series.is_raw { LineStyle::Solid } else { series.kind.line_style() };
        let mut add = |points: PlotPoints<'a>, part: usize| {
            let line = Line::new(series.label, points).color(color).width(series.width());
            plot_ui.line(line.style(style).id((series.label, stretch.start, part)));
        };
        if let Some(bounds) = zoomed.filter(|_| style != LineStyle::Solid) {
            let placed: Vec<PlotPoint> = points.iter().map(place).collect();
            for (part, points) in clip::clipped(&placed, &bounds).into_iter().enumerate() {
                add(PlotPoints::Owned(points), part);
            }
        } else if is_logarithmic {
            add(PlotPoints::Owned(points.iter().map(place).collect()), 0);
        } else {
            add(PlotPoints::Borrowed(points), 0);
        }
    }
}

/// A number on the screen for a point of the plot.
fn screen_place(
    transform: &PlotTransform,
    point: PlotPoint,
    is_logarithmic: bool,
) -> Option<egui::Pos2> {
    let height = scale::height(point.y, is_logarithmic)?;
    Some(transform.position_from_point(&PlotPoint::new(point.x, height)))
}

#[cfg(test)]
mod tests;
