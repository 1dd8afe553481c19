//! What colours and forms mean, beside the pictures that use them.

use egui::{Color32, Pos2, Rect, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::picture_font;
use crate::ui::theme::{self, Palette, UNIT};
use crate::ui::widgets::roll_image::Form;

const SWATCH: egui::Vec2 = vec2(20.0, 9.0);

/// An entry: what a swatch looks like, and what it means.
pub(super) struct Entry<'a> {
    pub body: Color32,
    /// Where a note is struck.
    pub head: Option<Color32>,
    pub form: Form,
    pub text: &'a str,
}

impl<'a> Entry<'a> {
    pub fn new(body: Color32, form: Form, text: &'a str) -> Self {
        Self { body, head: None, form, text }
    }

    pub fn with_head(mut self, head: Color32) -> Self {
        self.head = Some(head);
        self
    }
}

/// The two signs of weights.
pub(super) fn weights(palette: &Palette, has_onsets: bool) -> [Entry<'static>; 2] {
    let entry =
        |body, head, form, text| Entry { body, head: has_onsets.then_some(head), form, text };
    [
        entry(palette.calls, palette.calls_onset, Form::Full, "calls for a note"),
        entry(palette.forbids, palette.forbids_onset, Form::Thin, "forbids it"),
    ]
}

/// The entries in a row, as many as there is room for.
pub(super) fn legend_ui(ui: &mut Ui, entries: &[Entry<'_>], note: &str) {
    let palette = theme::palette(ui);
    let room = vec2(ui.available_width(), 4.0 * UNIT);
    let (rect, response) = ui.allocate_exact_size(room, Sense::hover());
    let mut left = rect.left();
    let mut words = Vec::new();
    for entry in entries {
        let text = entry.text.to_owned();
        words.push(text.clone());
        let galley = ui.painter().layout_no_wrap(text, picture_font(), palette.quiet_text);
        let width = SWATCH.x + 6.0 + galley.size().x;
        // What has no room is in the tooltip.
        if left + width > rect.right() {
            left = f32::INFINITY;
            continue;
        }
        swatch(ui, pos2(left, rect.center().y), entry);
        let corner = pos2(left + SWATCH.x + 6.0, rect.center().y - galley.size().y / 2.0);
        ui.painter().galley(corner, galley, palette.quiet_text);
        left += width + 14.0;
    }
    if !note.is_empty() {
        let galley =
            ui.painter().layout_no_wrap(note.to_owned(), picture_font(), palette.quiet_text);
        if left + galley.size().x <= rect.right() {
            let corner = pos2(left, rect.center().y - galley.size().y / 2.0);
            ui.painter().galley(corner, galley, palette.quiet_text);
        }
        words.push(note.to_owned());
    }
    let words = words.join("; ");
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("Legend: {words}")));
    response.on_hover_text(words);
}

fn swatch(ui: &Ui, left: Pos2, entry: &Entry<'_>) {
    let rect = Rect::from_min_size(left - vec2(0.0, SWATCH.y / 2.0), SWATCH);
    let third = SWATCH.y / 3.0;
    let bands: &[f32] = match entry.form {
        Form::Full => &[0.0, 1.0, 2.0],
        Form::Thin => &[1.0],
        Form::Hollow => &[0.0, 2.0],
    };
    for band in bands {
        let top = rect.top() + band * third;
        let line = Rect::from_x_y_ranges(rect.x_range(), top..=top + third);
        ui.painter().rect_filled(line, 0.0, entry.body);
        if let Some(head) = entry.head {
            ui.painter().rect_filled(line.with_max_x(line.left() + 5.0), 0.0, head);
        }
    }
}
