//! Buttons: the one primary action, ordinary ones, quiet ones; with words, an icon or both.

use std::sync::Arc;

use egui::accesskit::Role;
use egui::{
    Color32, FontId, Galley, Response, Sense, Stroke, StrokeKind, Ui, Widget, WidgetInfo, pos2,
    vec2,
};

use super::focus_ring;
use crate::ui::fonts;
use crate::ui::icons::{Icon, Sign};
use crate::ui::theme::{self, Palette, size};

const SIGN_SIDE: f32 = 11.0;
const LEAD_GAP: f32 = 7.0;

/// How much a button stands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Emphasis {
    /// The one thing to do next. At most one in a panel.
    Primary,
    #[default]
    Normal,
    /// Without a frame until the pointer comes.
    Quiet,
}

#[derive(Clone, Copy)]
enum Lead {
    Icon(Icon),
    Sign(Sign),
}

/// A button with words, a picture or both.
#[must_use = "add it to a Ui"]
pub struct ActionButton<'a> {
    /// What it says, and for a picture alone what it is called.
    name: &'a str,
    shows_name: bool,
    lead: Option<Lead>,
    emphasis: Emphasis,
    is_on: bool,
    min_width: f32,
    height: f32,
    tooltip: &'a str,
    shortcut: &'a str,
}

impl<'a> ActionButton<'a> {
    pub fn new(text: &'a str) -> Self {
        Self {
            name: text,
            shows_name: true,
            lead: None,
            emphasis: Emphasis::Normal,
            is_on: false,
            min_width: 0.0,
            height: theme::CONTROL_HEIGHT,
            tooltip: "",
            shortcut: "",
        }
    }

    /// A picture alone; `name` is its tooltip and what a screen reader says.
    pub fn icon(icon: Icon, name: &'a str) -> Self {
        Self { shows_name: false, lead: Some(Lead::Icon(icon)), ..Self::new(name) }
    }

    /// A sign of the transport alone.
    pub fn sign(sign: Sign, name: &'a str) -> Self {
        Self { shows_name: false, lead: Some(Lead::Sign(sign)), ..Self::new(name) }
    }

    pub fn with_icon(mut self, icon: Icon) -> Self {
        self.lead = Some(Lead::Icon(icon));
        self
    }

    pub fn with_sign(mut self, sign: Sign) -> Self {
        self.lead = Some(Lead::Sign(sign));
        self
    }

    pub fn primary(mut self) -> Self {
        self.emphasis = Emphasis::Primary;
        self
    }

    pub fn quiet(mut self) -> Self {
        self.emphasis = Emphasis::Quiet;
        self
    }

    /// Shows that what the button switches is on.
    pub fn on(mut self, is_on: bool) -> Self {
        self.is_on = is_on;
        self
    }

    pub fn min_width(mut self, width: f32) -> Self {
        self.min_width = width;
        self
    }

    pub fn height(mut self, height: f32) -> Self {
        self.height = height;
        self
    }

    /// A sentence on what it does.
    pub fn tooltip(mut self, text: &'a str) -> Self {
        self.tooltip = text;
        self
    }

    /// The keys that do the same, for the tooltip.
    pub fn shortcut(mut self, keys: &'a str) -> Self {
        self.shortcut = keys;
        self
    }

    /// Fill, border and letters.
    fn colors(&self, palette: &Palette, response: &Response) -> (Color32, Color32, Color32) {
        let is_pressed = response.is_pointer_button_down_on();
        let is_over = response.hovered() || response.has_focus();
        match self.emphasis {
            Emphasis::Primary => {
                let fill = if is_over { palette.primary_hovered } else { palette.primary };
                let fill = if is_pressed { palette.primary } else { fill };
                (fill, fill, palette.on_primary_text)
            }
            _ if self.is_on => (palette.card_hovered, palette.played, palette.played_text),
            Emphasis::Normal | Emphasis::Quiet => {
                let is_bare = self.emphasis == Emphasis::Quiet && !is_over && !is_pressed;
                let quiet = (Color32::TRANSPARENT, Color32::TRANSPARENT, palette.quiet_text);
                match (is_bare, is_pressed, response.hovered()) {
                    (true, ..) => quiet,
                    (_, true, _) => (palette.card_pressed, palette.line_strong, palette.text),
                    (.., true) => (palette.card_hovered, palette.line_strong, palette.text),
                    _ => (palette.card, palette.line, palette.text),
                }
            }
        }
    }

    fn galleys(&self, ui: &Ui) -> (Option<Arc<Galley>>, Option<Arc<Galley>>) {
        let family = match self.emphasis {
            Emphasis::Primary => fonts::strong(),
            _ => fonts::medium(),
        };
        let lay_out = |text: String, size: f32| {
            let font = FontId::new(size, family.clone());
            ui.painter().layout_no_wrap(text, font, Color32::PLACEHOLDER)
        };
        let icon = match self.lead {
            Some(Lead::Icon(icon)) => Some(lay_out(icon.unicode().to_string(), size::TITLE)),
            _ => None,
        };
        let text = self.shows_name.then(|| lay_out(self.name.to_owned(), size::BODY));
        (icon, text)
    }

    fn explained(&self, response: Response) -> Response {
        let keys = |text: &str| match self.shortcut {
            "" => text.to_owned(),
            keys => format!("{text}  ({keys})"),
        };
        match (self.tooltip, self.shows_name) {
            ("", true) if self.shortcut.is_empty() => response,
            ("", true) => response.on_hover_text(self.shortcut),
            ("", false) => response.on_hover_text(keys(self.name)),
            (text, true) => response.on_hover_text(keys(text)),
            (text, false) => response.on_hover_text(format!("{}\n{text}", keys(self.name))),
        }
    }
}

impl Widget for ActionButton<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let (icon, text) = self.galleys(ui);
        let lead_width = match self.lead {
            Some(Lead::Icon(_)) => icon.as_ref().map_or(0.0, |icon| icon.size().x),
            Some(Lead::Sign(_)) => SIGN_SIDE,
            None => 0.0,
        };
        let text_width = text.as_ref().map_or(0.0, |text| text.size().x);
        let gap = if lead_width > 0.0 && text_width > 0.0 { LEAD_GAP } else { 0.0 };
        let content_width = lead_width + gap + text_width;
        let padding = if self.shows_name { ui.spacing().button_padding.x } else { 0.0 };
        let width = (content_width + 2.0 * padding).max(self.min_width).max(self.height);
        let (rect, response) = ui.allocate_exact_size(vec2(width, self.height), Sense::click());
        if ui.is_rect_visible(rect) {
            let palette = theme::palette(ui);
            let (fill, border, letters) = self.colors(palette, &response);
            let stroke = Stroke::new(1.0, border);
            ui.painter().rect(rect, theme::RADIUS, fill, stroke, StrokeKind::Inside);
            let left = rect.center().x - content_width / 2.0;
            if let Some(Lead::Sign(sign)) = self.lead {
                let center = pos2(left + SIGN_SIDE / 2.0, rect.center().y);
                sign.paint(ui.painter(), center, SIGN_SIDE, letters);
            }
            if let Some(icon) = icon {
                let top = rect.center().y - icon.size().y / 2.0;
                ui.painter().galley(pos2(left, top), icon, letters);
            }
            if let Some(text) = text {
                let top = rect.center().y - text.size().y / 2.0;
                ui.painter().galley(pos2(left + lead_width + gap, top), text, letters);
            }
            focus_ring(ui, &response, theme::RADIUS);
        }
        let is_on = self.is_on;
        response.widget_info(|| {
            let info = WidgetInfo::labeled(Role::Button, ui.is_enabled(), self.name);
            // Only what switches something has a state.
            WidgetInfo { selected: is_on.then_some(true), ..info }
        });
        self.explained(response)
    }
}
