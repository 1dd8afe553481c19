//! A short piece of the line of a run, as a legend shows it: its colour, and how it is broken.

use egui::{Color32, Painter, Pos2, Shape, Stroke, vec2};
use egui_plot::LineStyle;

use crate::ui::theme::{self, Palette};

/// A little more than the lines of plots have, in points: a sample is short.
const WIDTH: f32 = 1.8;

/// What a line looks like.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LineSample {
    pub color: Color32,
    pub style: LineStyle,
}

impl LineSample {
    /// `look` is the place in the set of looks for runs; `None` for the current run.
    pub fn of_run(palette: &Palette, look: Option<u8>) -> Self {
        match look {
            Some(look) => {
                let color = theme::run_color(palette, look);
                Self { color, style: theme::run_line_style(look) }
            }
            None => Self { color: palette.played, style: LineStyle::Solid },
        }
    }

    /// Paints `length` points of it to the right.
    pub fn paint(self, painter: &Painter, from: Pos2, length: f32) {
        let line = [from, from + vec2(length, 0.0)];
        let stroke = Stroke::new(WIDTH, self.color);
        // As egui_plot draws them.
        match self.style {
            LineStyle::Solid => drop(painter.line_segment(line, stroke)),
            LineStyle::Dotted { spacing } => {
                painter.extend(Shape::dotted_line(&line, self.color, spacing, WIDTH * 0.75));
            }
            LineStyle::Dashed { length } => {
                let gap = length * (std::f32::consts::GOLDEN_RATIO - 1.0);
                painter.extend(Shape::dashed_line(&line, stroke, length, gap));
            }
        }
    }
}
