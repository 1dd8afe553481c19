//! The parts that panels are made of. Each borrows what it shows and returns what was done to it.

// pub mod bits;
// pub mod curve;
// pub mod histogram;
pub mod knob;
// pub mod mini_roll;
// pub mod piano_roll;

//~ pub use bits::{
//~     Chip, ProgressBar, icon_button, primary_button, section_header, segmented, sign_button,
//~     tab_bar, text_button,
//~ };
//~ pub use curve::{Curve, CurveMarker, CurveSeries, SeriesKind};
//~ pub use histogram::NoteHistogram;
pub use knob::{Knob, KnobFormat, KnobScale, KnobSpec};
//~ pub use mini_roll::MiniRoll;
//~ pub use piano_roll::{
//~     PianoRollAction, PianoRollContent, PianoRollResponse, PianoRollView, PianoRollWidget,
//~ };

use egui::{Color32, FontId, Rect, Ui, pos2};

/// Text in the middle of `rect` on one line, cut off with an ellipsis where it is too long.
pub(crate) fn elided_text(ui: &Ui, rect: Rect, text: &str, font: FontId, color: Color32) {
    let mut job = egui::text::LayoutJob::simple_singleline(text.to_owned(), font, color);
    job.wrap = egui::text::TextWrapping::truncate_at_width(rect.width());
    let galley = ui.painter().layout_job(job);
    let corner = rect.center() - galley.size() / 2.0;
    ui.painter().galley(pos2(corner.x, corner.y), galley, color);
}
