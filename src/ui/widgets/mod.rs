//! The parts that panels are made of. Each borrows what it shows and returns what was done to it.

pub mod bars;
pub mod bits;
pub mod button;
pub mod curve;
pub mod dot_grid;
pub mod histogram;
pub mod knob;
pub mod line_sample;
pub mod mini_roll;
pub mod piano_roll;
pub mod roll_image;
pub mod scatter;
pub mod text;
pub mod texture;
pub mod tile_grid;

pub use bits::{Chip, ProgressBar, empty_state, section_header, segmented, slim_slider, tab_bar};
pub use button::{ActionButton, Emphasis};
pub use curve::scale::value_label;
pub use curve::{Curve, CurveMarker, CurveSeries, SeriesKind, smoothed};
pub use histogram::NoteHistogram;
pub use knob::{Knob, KnobFormat, KnobScale, KnobSpec};
pub use line_sample::LineSample;
pub use mini_roll::MiniRoll;
pub use piano_roll::{
    NoteEditor, PianoRollAction, PianoRollContent, PianoRollResponse, PianoRollView,
    PianoRollWidget, ROLL_KEYS, ROLL_POINTER, RollGrid, RollTool, ScaleChoice,
};
pub use scatter::{Scatter, ScatterPoint};
pub use text::{middle_cut, middle_cut_text};

use egui::{Color32, FontId, Rect, Response, StrokeKind, Ui, pos2};

use super::theme;

/// Text in the middle of `rect` on one line, cut off with an ellipsis where it is too long.
pub(crate) fn elided_text(ui: &Ui, rect: Rect, text: &str, font: FontId, color: Color32) {
    let mut job = egui::text::LayoutJob::simple_singleline(text.to_owned(), font, color);
    job.wrap = egui::text::TextWrapping::truncate_at_width(rect.width());
    let galley = ui.painter().layout_job(job);
    let corner = rect.center() - galley.size() / 2.0;
    ui.painter().galley(pos2(corner.x, corner.y), galley, color);
}

/// The sign of a list that opens: the same chevron everywhere.
pub fn combo_sign(ui: &Ui, rect: Rect, visuals: &egui::style::WidgetVisuals, _is_open: bool) {
    let font = FontId::new(theme::size::LABEL, super::fonts::text());
    let sign = super::icons::Icon::ChevronDown.unicode().to_string();
    let galley = ui.painter().layout_no_wrap(sign, font, visuals.fg_stroke.color);
    ui.painter().galley(rect.center() - galley.size() / 2.0, galley, visuals.fg_stroke.color);
}

/// The ring around what has the keyboard.
pub(crate) fn focus_ring(ui: &Ui, response: &Response, radius: u8) {
    if response.has_focus() {
        let stroke = theme::palette(ui).focus_stroke();
        let rect = response.rect.expand(1.0);
        ui.painter().rect_stroke(rect, radius + 1, stroke, StrokeKind::Inside);
    }
}

#[cfg(test)]
mod tests;
