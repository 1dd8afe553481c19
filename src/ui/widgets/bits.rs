//! Small parts: segments, tabs, chips, progress, headings, empty states.

use std::sync::Arc;

use egui::accesskit::Role;
use egui::{
    Align, Color32, FontId, Galley, Layout, Rect, Response, RichText, Sense, Stroke, StrokeKind,
    Ui, Widget, WidgetInfo, pos2, vec2,
};

use super::{LineSample, focus_ring};
use crate::ui::fonts;
use crate::ui::icons::{self, Icon};
use crate::ui::theme::{self, size};

/// Of a chip, at each end.
const CHIP_PADDING: f32 = 10.0;
/// The length of the line in a chip, and what is between it and the words.
const CHIP_LINE: f32 = 16.0;
const CHIP_GAP: f32 = 6.0;

/// A row of which one is chosen. Returns the response of the row, changed when another is chosen.
pub fn segmented(ui: &mut Ui, name: &str, selected: &mut usize, options: &[&str]) -> Response {
    let palette = theme::palette(ui);
    let font = FontId::new(size::LABEL, fonts::medium());
    let galleys: Vec<_> = options
        .iter()
        .map(|&text| {
            ui.painter().layout_no_wrap(text.to_owned(), font.clone(), Color32::PLACEHOLDER)
        })
        .collect();
    let widths: Vec<f32> = galleys.iter().map(|galley| galley.size().x + 20.0).collect();
    let height = theme::CONTROL_HEIGHT - theme::UNIT;
    let room = vec2(widths.iter().sum(), height);
    let (rect, mut row) = ui.allocate_exact_size(room, Sense::hover());
    let mut left = rect.left();
    let border = Stroke::new(1.0, palette.line);
    ui.painter().rect(rect, theme::RADIUS, palette.card, border, StrokeKind::Inside);
    for (place, (galley, width)) in galleys.into_iter().zip(widths).enumerate() {
        let part = Rect::from_min_size(pos2(left, rect.top()), vec2(width, height));
        left += width;
        let mut response = ui.interact(part, row.id.with(place), Sense::click());
        if response.clicked() && *selected != place {
            *selected = place;
            response.mark_changed();
            row.mark_changed();
        }
        let is_chosen = *selected == place;
        let label = format!("{name}: {}", options[place]);
        response.widget_info(|| {
            WidgetInfo::selected(Role::RadioButton, ui.is_enabled(), is_chosen, &label)
        });
        let (fill, letters) = match (is_chosen, response.hovered()) {
            (true, _) => (palette.primary, palette.on_primary_text),
            (false, true) => (palette.card_hovered, palette.text),
            (false, false) => (Color32::TRANSPARENT, palette.quiet_text),
        };
        ui.painter().rect_filled(part.shrink(2.0), theme::RADIUS - 2, fill);
        ui.painter().galley(part.center() - galley.size() / 2.0, galley, letters);
        focus_ring(ui, &response, theme::RADIUS);
    }
    row
}

/// A row of tabs with a line under the chosen one.
pub fn tab_bar(ui: &mut Ui, selected: &mut usize, names: &[&str]) -> Response {
    let palette = theme::palette(ui);
    let inner = ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0 * theme::UNIT;
        let mut is_changed = false;
        for (place, &name) in names.iter().enumerate() {
            let is_chosen = *selected == place;
            let family = if is_chosen { fonts::medium() } else { fonts::text() };
            let font = FontId::new(size::LABEL, family);
            let galley = ui.painter().layout_no_wrap(name.to_owned(), font, Color32::PLACEHOLDER);
            let room = vec2(galley.size().x, theme::CONTROL_HEIGHT - theme::UNIT);
            let (rect, response) = ui.allocate_exact_size(room, Sense::click());
            if response.clicked() && !is_chosen {
                *selected = place;
                is_changed = true;
            }
            let is_bright = is_chosen || response.hovered();
            let letters = if is_bright { palette.text } else { palette.quiet_text };
            let corner = pos2(rect.left(), rect.center().y - galley.size().y / 2.0 - 1.0);
            ui.painter().galley(corner, galley, letters);
            if is_chosen {
                let line =
                    Rect::from_x_y_ranges(rect.x_range(), rect.bottom() - 2.0..=rect.bottom());
                ui.painter().rect_filled(line, 1.0, palette.played);
            }
            focus_ring(ui, &response, 4);
            response
                .widget_info(|| WidgetInfo::selected(Role::Tab, ui.is_enabled(), is_chosen, name));
        }
        is_changed
    });
    let mut response = inner.response;
    if inner.inner {
        response.mark_changed();
    }
    response
}

/// A pill with a fact that can be clicked, and a piece of the line that stands for it.
#[must_use = "add it to a Ui"]
pub struct Chip<'a> {
    text: &'a str,
    line: Option<LineSample>,
    icon: Option<Icon>,
    is_clickable: bool,
    is_bright: bool,
}

impl<'a> Chip<'a> {
    pub fn new(text: &'a str) -> Self {
        Self { text, line: None, icon: None, is_clickable: true, is_bright: false }
    }

    pub fn line(mut self, line: LineSample) -> Self {
        self.line = Some(line);
        self
    }

    /// An icon after the words.
    pub fn icon(mut self, icon: Icon) -> Self {
        self.icon = Some(icon);
        self
    }

    /// Letters as bright as ordinary text.
    pub fn bright(mut self, is_bright: bool) -> Self {
        self.is_bright = is_bright;
        self
    }

    /// How wide it will be, to see how many fit.
    pub fn width(&self, ui: &Ui) -> f32 {
        let line_width = if self.line.is_some() { CHIP_LINE + CHIP_GAP } else { 0.0 };
        self.galley(ui).size().x + line_width + 2.0 * CHIP_PADDING
    }

    fn galley(&self, ui: &Ui) -> Arc<Galley> {
        let font = FontId::new(size::LABEL, fonts::figures());
        let text = match self.icon {
            Some(icon) => format!("{} {}", self.text, icon.unicode()),
            None => self.text.to_owned(),
        };
        ui.painter().layout_no_wrap(text, font, Color32::PLACEHOLDER)
    }

    /// Only says something, and cannot be clicked.
    pub fn fact(mut self) -> Self {
        self.is_clickable = false;
        self
    }
}

impl Widget for Chip<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let palette = theme::palette(ui);
        let galley = self.galley(ui);
        let line_width = if self.line.is_some() { CHIP_LINE + CHIP_GAP } else { 0.0 };
        let room = vec2(self.width(ui), theme::CONTROL_HEIGHT - theme::UNIT);
        let sense = if self.is_clickable { Sense::click() } else { Sense::hover() };
        let (rect, response) = ui.allocate_exact_size(room, sense);
        if ui.is_rect_visible(rect) {
            let radius = (rect.height() / 2.0) as u8;
            let is_over = self.is_clickable && response.hovered();
            let fill = if is_over { palette.card_hovered } else { Color32::TRANSPARENT };
            let line = if is_over { palette.line_strong } else { palette.line };
            let border = Stroke::new(1.0, line);
            ui.painter().rect(rect, radius, fill, border, StrokeKind::Inside);
            let left = rect.left() + CHIP_PADDING;
            if let Some(line) = self.line {
                line.paint(ui.painter(), pos2(left, rect.center().y), CHIP_LINE);
            }
            let is_bright = self.is_bright || is_over || self.line.is_some();
            let letters = if is_bright { palette.text } else { palette.quiet_text };
            let corner = pos2(left + line_width, rect.center().y - galley.size().y / 2.0);
            ui.painter().galley(corner, galley, letters);
            focus_ring(ui, &response, radius);
        }
        let role = if self.is_clickable { Role::Button } else { Role::Label };
        response.widget_info(|| WidgetInfo::labeled(role, ui.is_enabled(), self.text));
        response
    }
}

/// How far something is, from 0 to 1.
#[must_use = "add it to a Ui"]
pub struct ProgressBar<'a> {
    name: &'a str,
    fraction: f32,
    width: Option<f32>,
}

impl<'a> ProgressBar<'a> {
    pub fn new(name: &'a str, fraction: f32) -> Self {
        Self { name, fraction: fraction.clamp(0.0, 1.0), width: None }
    }

    pub fn width(mut self, width: f32) -> Self {
        self.width = Some(width);
        self
    }
}

impl Widget for ProgressBar<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let palette = theme::palette(ui);
        let width = self.width.unwrap_or_else(|| ui.available_width());
        let (rect, response) = ui.allocate_exact_size(vec2(width, 6.0), Sense::hover());
        let radius = rect.height() / 2.0;
        ui.painter().rect_filled(rect, radius, palette.cap);
        if self.fraction > 0.0 {
            let filled = vec2((rect.width() * self.fraction).max(rect.height()), rect.height());
            let filled = Rect::from_min_size(rect.min, filled);
            ui.painter().rect_filled(filled, radius, palette.played);
        }
        let percent = f64::from(self.fraction * 100.0).round();
        response.widget_info(|| {
            let mut info = WidgetInfo::labeled(Role::ProgressIndicator, true, self.name);
            info.value = Some(percent);
            info
        });
        ui.ctx().accesskit_node_builder(response.id, |node| {
            node.set_min_numeric_value(0.0);
            node.set_max_numeric_value(100.0);
            node.set_value(format!("{percent} %"));
        });
        response
    }
}

/// The heading of a column or card, with a fact at the right.
pub fn section_header(ui: &mut Ui, title: &str, fact: &str) {
    let palette = theme::palette(ui);
    let room = vec2(ui.available_width(), 4.0 * theme::UNIT);
    ui.allocate_ui_with_layout(room, Layout::left_to_right(Align::Center), |ui| {
        let title = RichText::new(title.to_uppercase())
            .font(FontId::new(size::CAPTION, fonts::strong()))
            .extra_letter_spacing(1.3)
            .color(palette.quiet_text);
        ui.label(title);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let fact = RichText::new(fact).font(FontId::new(size::CAPTION, fonts::figures()));
            ui.add(egui::Label::new(fact.color(palette.text)).truncate());
        });
    });
}

/// What goes into an empty panel: a picture, what it is for, and what to do next.
pub fn empty_state(ui: &mut Ui, icon: Icon, title: &str, text: &str) {
    let palette = theme::palette(ui);
    ui.vertical_centered(|ui| {
        icons::sign_ui(ui, icons::rich(icon).size(28.0).color(palette.quiet_text));
        ui.label(RichText::new(title).font(FontId::new(size::BODY, fonts::medium())));
        ui.label(RichText::new(text).small().color(palette.quiet_text));
    });
}

/// A slim slider from 0 to 1, for the volume.
pub fn slim_slider(ui: &mut Ui, name: &str, value: &mut f32, width: f32) -> Response {
    ui.scope(|ui| {
        let palette = theme::palette(ui);
        ui.visuals_mut().widgets.inactive.bg_fill = palette.line_strong;
        ui.visuals_mut().selection.bg_fill = palette.held_out;
        ui.spacing_mut().slider_width = width;
        ui.spacing_mut().interact_size.y = 4.0 * theme::UNIT;
        ui.add(egui::Slider::new(value, 0.0..=1.0).show_value(false)).on_hover_text(name)
    })
    .inner
}
