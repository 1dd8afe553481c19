//! What several panels share: numbers in words, rows of knobs, choices, buttons with a reason.

use egui::Role;
use egui::{
    Align2, Color32, FontId, Id, Rect, Response, RichText, Sense, Stroke, StrokeKind, Ui,
    WidgetInfo, pos2, vec2,
};

use crate::ui::fonts;
use crate::ui::icons::Icon;
use crate::ui::theme::{self, UNIT, size};
use crate::ui::widgets::{ActionButton, focus_ring};

/// The gap between neighbours in a row.
pub const GAP: f32 = 2.0 * UNIT;
/// The height of the rows of buttons inside a column.
pub const ROW_HEIGHT: f32 = theme::CONTROL_HEIGHT;
/// A knob is at least so wide before the row wraps.
const KNOB_WIDTH: f32 = 62.0;

/// "7 804": groups of three, held together.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push('\u{a0}');
        }
        text.push(digit);
    }
    text
}

/// "119 k", "1.2 M": three digits at most.
pub fn short(number: f64) -> String {
    let (value, unit) = match number {
        n if n >= 999_500.0 => (n / 1e6, "\u{a0}M"),
        n if n >= 10_000.0 => (n / 1e3, "\u{a0}k"),
        n => return grouped(n.max(0.0).round() as u64),
    };
    if value < 9.95 { format!("{value:.1}{unit}") } else { format!("{value:.0}{unit}") }
}

/// "1 song", "7 804 songs".
pub fn count(number: usize, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {what}{plural}", grouped(number as u64))
}

/// Minutes, seconds and tenths: "00:07.4".
pub fn clock(seconds: f64) -> String {
    let tenths = (seconds.max(0.0) * 10.0).floor() as u64;
    format!("{:02}:{:02}.{}", tenths / 600, tenths / 10 % 60, tenths % 10)
}

/// How long it still takes: "0:18", "1:02:03".
pub fn time_left(seconds: f64) -> String {
    let seconds = seconds.clamp(0.0, 360_000.0).ceil() as u64;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

/// The name of a file or folder, without the way to it.
pub fn file_name(path: &std::path::Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

/// Draws boxes to tick, from here on in this part, with a line that is seen on every ground.
pub fn clear_boxes(ui: &mut Ui) {
    let palette = theme::palette(ui);
    let widgets = &mut ui.visuals_mut().widgets;
    widgets.inactive.bg_fill = palette.ground;
    widgets.inactive.bg_stroke = Stroke::new(1.0, palette.small_note);
    widgets.hovered.bg_stroke = Stroke::new(1.0, palette.text);
    widgets.active.bg_stroke = Stroke::new(1.0, palette.text);
}

/// Quiet text of 11 points.
pub fn caption(ui: &Ui, text: impl Into<String>) -> RichText {
    RichText::new(text).small().color(theme::palette(ui).quiet_text)
}

/// Figures that change, in a slot as wide as `widest`, so that nothing beside them moves.
pub fn fixed_figures(ui: &mut Ui, text: &str, widest: &str, color: Color32) -> Response {
    let font = FontId::new(size::LABEL, fonts::figures());
    let lay_out = |text: &str| ui.painter().layout_no_wrap(text.to_owned(), font.clone(), color);
    let (shown, room) = (lay_out(text), lay_out(widest));
    let width = room.size().x.max(shown.size().x);
    let (rect, response) = ui.allocate_exact_size(vec2(width, ROW_HEIGHT), Sense::hover());
    let corner = pos2(rect.left(), rect.center().y - shown.size().y / 2.0);
    ui.painter().galley(corner, shown, color);
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
    response
}

/// Adds a button that is disabled for a reason, which its tooltip gives. Whether it was pressed.
pub fn button_unless(ui: &mut Ui, reason: Option<&str>, button: ActionButton<'_>) -> bool {
    let response = ui.add_enabled(reason.is_none(), button);
    match reason {
        Some(reason) => response.on_disabled_hover_text(reason).clicked(),
        None => response.clicked(),
    }
}

/// Lays `n` knobs out in rows of equal columns, as few rows as the width allows.
pub fn knob_rows(ui: &mut Ui, n: usize, mut add_knob: impl FnMut(&mut Ui, usize, f32)) {
    let width = ui.available_width();
    let n_fitting = ((width / KNOB_WIDTH).floor() as usize).clamp(1, n.max(1));
    let n_columns = n.div_ceil(n.div_ceil(n_fitting).max(1));
    let column = (width / n_columns as f32).floor();
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing = vec2(0.0, UNIT);
        for row in 0..n.div_ceil(n_columns) {
            ui.horizontal(|ui| {
                for knob in row * n_columns..((row + 1) * n_columns).min(n) {
                    add_knob(ui, knob, column);
                }
            });
        }
    });
}

/// One of a row of [`choices`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Choice<'a> {
    pub text: &'a str,
    pub tooltip: &'a str,
    /// Why it cannot be chosen now.
    pub reason: Option<&'a str>,
}

/// A row of which one is chosen, or none. Returns the place of the one that was pressed.
pub fn choices(
    ui: &mut Ui,
    name: &str,
    selected: Option<usize>,
    options: &[Choice<'_>],
) -> Option<usize> {
    let palette = theme::palette(ui);
    let font = FontId::new(size::LABEL, fonts::medium());
    let lay_out = |option: &Choice<'_>| {
        ui.painter().layout_no_wrap(option.text.to_owned(), font.clone(), Color32::PLACEHOLDER)
    };
    let galleys: Vec<_> = options.iter().map(lay_out).collect();
    let widths: Vec<f32> = galleys.iter().map(|galley| galley.size().x + 20.0).collect();
    let room = vec2(widths.iter().sum(), ROW_HEIGHT - UNIT);
    let (rect, row) = ui.allocate_exact_size(room, Sense::hover());
    let border = Stroke::new(1.0, palette.line);
    ui.painter().rect(rect, theme::RADIUS, palette.card, border, StrokeKind::Inside);
    let (mut left, mut pressed) = (rect.left(), None);
    for (place, (galley, width)) in galleys.into_iter().zip(widths).enumerate() {
        let option = &options[place];
        let part = Rect::from_min_size(pos2(left, rect.top()), vec2(width, rect.height()));
        left += width;
        let is_chosen = selected == Some(place);
        let sense = if option.reason.is_some() { Sense::hover() } else { Sense::click() };
        let response = ui.interact(part, row.id.with(place), sense);
        let is_enabled = ui.is_enabled() && option.reason.is_none();
        let label = format!("{name}: {}", option.text);
        response
            .widget_info(|| WidgetInfo::selected(Role::RadioButton, is_enabled, is_chosen, &label));
        let (fill, letters) = match (is_chosen, is_enabled && response.hovered()) {
            (true, _) => (palette.primary, palette.on_primary_text),
            (false, true) => (palette.card_hovered, palette.text),
            (false, false) => (Color32::TRANSPARENT, palette.quiet_text),
        };
        let letters = if is_enabled { letters } else { letters.gamma_multiply(0.45) };
        ui.painter().rect_filled(part.shrink(2.0), theme::RADIUS - 2, fill);
        ui.painter().galley(part.center() - galley.size() / 2.0, galley, letters);
        focus_ring(ui, &response, theme::RADIUS);
        if response.clicked() && !is_chosen {
            pressed = Some(place);
        }
        match (option.reason, option.tooltip) {
            (Some(reason), _) => drop(response.on_hover_text(reason)),
            (None, "") => {}
            (None, tooltip) => drop(response.on_hover_text(tooltip)),
        }
    }
    pressed
}

/// The heading of a card that can be folded away.
pub fn folding_heading(ui: &mut Ui, name: &str, is_open: &mut bool) -> Response {
    let palette = theme::palette(ui);
    let room = vec2(ui.available_width(), 4.0 * UNIT);
    let (rect, response) = ui.allocate_exact_size(room, Sense::click());
    if response.clicked() {
        *is_open = !*is_open;
    }
    let is_open = *is_open;
    response.widget_info(|| {
        let info = WidgetInfo::labeled(Role::Button, ui.is_enabled(), name);
        WidgetInfo { selected: Some(is_open), ..info }
    });
    let font = FontId::new(size::CAPTION, fonts::strong());
    let icon = if is_open { Icon::ChevronDown } else { Icon::ChevronRight };
    let color = if response.hovered() { palette.text } else { palette.quiet_text };
    let format = |spacing: f32| egui::TextFormat {
        extra_letter_spacing: spacing,
        ..egui::TextFormat::simple(font.clone(), color)
    };
    let mut job = egui::text::LayoutJob::default();
    job.append(&icon.unicode().to_string(), 0.0, format(0.0));
    job.append(&name.to_uppercase(), 6.0, format(1.3));
    let galley = ui.painter().layout_job(job);
    let corner = pos2(rect.left(), rect.center().y - galley.size().y / 2.0);
    ui.painter().galley(corner, galley, color);
    focus_ring(ui, &response, 4);
    response
}

/// The height that a stretching part may take, when what follows it was so high last time.
pub struct Stretch {
    id: Id,
    viewport: f32,
    top: f32,
    footer_top: f32,
}

impl Stretch {
    /// To be made at the top of a column that is `viewport` high.
    pub fn new(ui: &Ui, name: &str, viewport: f32) -> Self {
        let top = ui.cursor().top();
        Self { id: ui.scope_id().with(name), viewport, top, footer_top: top }
    }

    /// The height that is left for the part that comes now.
    pub fn height(&self, ui: &Ui, at_least: f32) -> f32 {
        let footer: f32 = ui.data(|data| data.get_temp(self.id)).unwrap_or(self.viewport / 3.0);
        let used = ui.cursor().top() - self.top;
        (self.viewport - used - footer).floor().max(at_least)
    }

    /// What is left of the column.
    pub fn rest(&self, ui: &Ui) -> f32 {
        self.viewport - (ui.cursor().top() - self.top)
    }

    /// To be called after the stretching part.
    pub fn footer(&mut self, ui: &Ui) {
        self.footer_top = ui.cursor().top();
    }

    /// To be called at the end of the column.
    pub fn end(self, ui: &Ui) {
        let height = (ui.min_rect().bottom() - self.footer_top).max(0.0) + GAP;
        let before: Option<f32> = ui.data(|data| data.get_temp(self.id));
        if before.is_none_or(|before| (before - height).abs() > 0.5) {
            ui.data_mut(|data| data.insert_temp(self.id, height));
            ui.ctx().request_repaint();
        }
    }
}

/// A number with a real minus and so many digits after the point.
pub fn signed(value: f64, digits: usize) -> String {
    let sign = if value < 0.0 { "−" } else { "" };
    format!("{sign}{:.digits$}", value.abs())
}

/// Text that starts at the left middle of `rect`, cut off with an ellipsis where it is too long.
/// Whether it was cut off.
pub fn left_text(ui: &Ui, rect: Rect, text: &str, font: FontId, color: Color32) -> bool {
    let mut job = egui::text::LayoutJob::simple_singleline(text.to_owned(), font, color);
    job.wrap = egui::text::TextWrapping::truncate_at_width(rect.width());
    let galley = ui.painter().layout_job(job);
    let corner = Align2::LEFT_CENTER.align_size_within_rect(galley.size(), rect).min;
    let is_cut = galley.elided;
    ui.painter().galley(corner, galley, color);
    is_cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_so_that_they_can_be_read_at_a_glance() {
        assert_eq!(grouped(7804), "7\u{a0}804");
        assert_eq!(grouped(1_234_567), "1\u{a0}234\u{a0}567");
        assert_eq!(grouped(12), "12");
        assert_eq!(short(117_000.0), "117\u{a0}k");
        assert_eq!(short(1_200_000.0), "1.2\u{a0}M");
        assert_eq!(short(9_960_000.0), "10\u{a0}M");
        assert_eq!(short(999.6), "1\u{a0}000");
        assert_eq!(count(1, "song"), "1 song");
        assert_eq!(count(0, "song"), "0 songs");
    }

    #[test]
    fn times_are_written_as_on_a_clock() {
        assert_eq!(clock(7.45), "00:07.4");
        assert_eq!(clock(-1.0), "00:00.0");
        assert_eq!(clock(600.0), "10:00.0");
        assert_eq!(time_left(17.2), "0:18");
        assert_eq!(time_left(3723.0), "1:02:03");
        assert_eq!(time_left(f64::INFINITY), "100:00:00");
    }
}
