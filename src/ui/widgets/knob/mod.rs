//! The knob: drag, wheel, keyboard, a typed number, and a tooltip that explains what it does.
//!
//! - Dragging up and down turns it, Shift makes that finer at any time without a jump.
//! - The wheel turns it when it has the keyboard or the pointer has rested on it, so that
//!   scrolling a panel is never caught by a knob on the way.
//! - Double-click, Ctrl-click and Delete set the default; a click on the number types one.

mod paint;
mod spec;
mod typing;

use egui::accesskit::{Action, ActionData};
use egui::{
    CursorIcon, EventFilter, Id, Key, Modifiers, MouseWheelUnit, Rect, Response, RichText, Sense,
    Ui, Vec2, Widget, WidgetInfo, pos2, vec2,
};

pub use spec::{KnobFormat, KnobScale, KnobSpec};

use crate::ui::{icons, theme};
use typing::Typing;

/// The pointer rests for this long, in seconds, before the wheel turns the knob.
const DWELL_SECS: f64 = 0.5;
/// So many points of smooth scrolling make one step.
const POINTS_PER_STEP: f32 = 24.0;
/// PgUp and PgDn move by so many steps.
const PAGE_STEPS: f64 = 10.0;
/// The room that a knob takes, in points.
const SIZE: Vec2 = vec2(64.0, 72.0);
/// Of that, the upper part with the arc.
const DIAL_HEIGHT: f32 = 40.0;
const LINE_HEIGHT: f32 = 16.0;

/// A knob that turns a number.
///
/// ```ignore
/// if ui.add(Knob::new(&mut rate, &spec)).changed() { … }
/// ```
#[must_use = "add it to a Ui"]
pub struct Knob<'a> {
    value: &'a mut f64,
    spec: &'a KnobSpec<'a>,
    width: f32,
    short_label: Option<&'a str>,
    acts_at_next_run: bool,
}

/// What a knob remembers between frames.
#[derive(Clone, Default)]
struct Memory {
    /// The place on the way while it is dragged, unrounded, so that nothing is lost or jumps.
    drag_position: f64,
    /// Since when the pointer rests on the knob without scrolling.
    rests_since: Option<f64>,
    wheel_rest: f32,
    typing: Option<Typing>,
}

/// Where the parts of a knob lie.
#[derive(Clone, Copy)]
struct Places {
    dial: Rect,
    label: Rect,
    number: Rect,
}

impl<'a> Knob<'a> {
    pub fn new(value: &'a mut f64, spec: &'a KnobSpec<'a>) -> Self {
        Self { value, spec, width: SIZE.x, short_label: None, acts_at_next_run: false }
    }

    /// The width of the whole, for long labels.
    pub fn width(mut self, width: f32) -> Self {
        self.width = width;
        self
    }

    /// What stands under the knob instead of its label, where there is little room.
    pub fn short_label(mut self, label: Option<&'a str>) -> Self {
        self.short_label = label;
        self
    }

    /// Marks a knob whose new value cannot act before the next run.
    pub fn acts_at_next_run(mut self, is_so: bool) -> Self {
        self.acts_at_next_run = is_so;
        self
    }

    fn places(rect: Rect) -> Places {
        let row = |top: f32| {
            Rect::from_min_size(
                pos2(rect.left(), rect.top() + top),
                vec2(rect.width(), LINE_HEIGHT),
            )
        };
        Places {
            dial: Rect::from_min_size(rect.min, vec2(rect.width(), DIAL_HEIGHT)),
            label: row(DIAL_HEIGHT),
            number: row(DIAL_HEIGHT + LINE_HEIGHT),
        }
    }

    /// Everything that turns the knob; returns the new value.
    fn turned(&self, ui: &Ui, response: &Response, memory: &mut Memory) -> f64 {
        let mut value = *self.value;
        let modifiers = ui.input(|input| input.modifiers);
        if response.drag_started() {
            memory.drag_position = self.spec.position(value);
        }
        let moved = response.drag_delta().y;
        if response.dragged() && moved != 0.0 {
            let scale = if modifiers.shift { spec::FINE } else { 1.0 };
            let way = f64::from(-moved / self.spec.travel()) * scale;
            memory.drag_position = (memory.drag_position + way).clamp(0.0, 1.0);
            let place = self.spec.value_at(memory.drag_position);
            value = self.spec.rounded(place, modifiers.shift);
        }
        value = self.wheeled(ui, response, memory, value);
        if response.has_focus() {
            value = self.keyed(ui, value);
        }
        value = self.asked(ui, response.id, value);
        if response.double_clicked() || (response.clicked() && modifiers.command) {
            value = self.spec.default;
        }
        value
    }

    fn wheeled(&self, ui: &Ui, response: &Response, memory: &mut Memory, value: f64) -> f64 {
        if !response.hovered() || response.dragged() {
            memory.rests_since = None;
            memory.wheel_rest = 0.0;
            return value;
        }
        let (now, is_scrolling, is_fine) =
            ui.input(|input| (input.time, input.is_scrolling(), input.modifiers.shift));
        let rests_since = *memory.rests_since.get_or_insert(now);
        let is_armed = response.has_focus() || now - rests_since >= DWELL_SECS;
        if !is_armed {
            if is_scrolling {
                memory.rests_since = Some(now);
            }
            return value;
        }
        let n_steps = ui.input_mut(|input| {
            let steps: f32 = input.raw.events.iter().map(wheel_steps).sum();
            // What turns the knob does not scroll the panel as well.
            input.smooth_scroll_delta = Vec2::ZERO;
            steps
        });
        memory.wheel_rest += n_steps;
        let whole = memory.wheel_rest.trunc();
        memory.wheel_rest -= whole;
        if whole == 0.0 { value } else { self.spec.stepped(value, f64::from(whole), is_fine) }
    }

    fn keyed(&self, ui: &Ui, value: f64) -> f64 {
        let page = PAGE_STEPS;
        let steps = [
            (Key::ArrowUp, 1.0),
            (Key::ArrowRight, 1.0),
            (Key::ArrowDown, -1.0),
            (Key::ArrowLeft, -1.0),
            (Key::PageUp, page),
            (Key::PageDown, -page),
        ];
        ui.input_mut(|input| {
            let mut value = value;
            for (key, n_steps) in steps {
                for modifiers in [Modifiers::SHIFT, Modifiers::NONE] {
                    for _ in 0..input.count_and_consume_key(modifiers, key) {
                        value = self.spec.stepped(value, n_steps, modifiers.shift);
                    }
                }
            }
            for (key, end) in [
                (Key::Home, self.spec.lowest()),
                (Key::End, self.spec.max()),
                (Key::Delete, self.spec.default),
                (Key::Backspace, self.spec.default),
            ] {
                if input.consume_key(Modifiers::NONE, key) {
                    value = end;
                }
            }
            value
        })
    }

    /// What a screen reader asked for.
    fn asked(&self, ui: &Ui, id: Id, value: f64) -> f64 {
        ui.input(|input| {
            let up = input.num_accesskit_action_requests(id, Action::Increment) as f64;
            let down = input.num_accesskit_action_requests(id, Action::Decrement) as f64;
            let mut value = value;
            if up != down {
                value = self.spec.stepped(value, up - down, false);
            }
            for request in input.accesskit_action_requests(id, Action::SetValue) {
                value = match &request.data {
                    Some(ActionData::NumericValue(number)) => self.spec.within(*number),
                    Some(ActionData::Value(text)) => self.spec.parse(text).unwrap_or(value),
                    _ => value,
                };
            }
            value
        })
    }

    fn describe(&self, ui: &Ui, response: &Response) {
        let (spec, value) = (self.spec, *self.value);
        response.widget_info(|| WidgetInfo::slider(ui.is_enabled(), value, spec.label));
        ui.ctx().accesskit_node_builder(response.id, |node| {
            node.set_min_numeric_value(spec.lowest());
            node.set_max_numeric_value(spec.max());
            node.set_value(spec.text(value));
            node.set_description(if self.acts_at_next_run {
                format!("{} Acts at the next run.", spec.meaning)
            } else {
                spec.meaning.to_owned()
            });
            if ui.is_enabled() {
                node.add_action(Action::Focus);
                node.add_action(Action::SetValue);
                node.add_action(Action::Increment);
                node.add_action(Action::Decrement);
            }
        });
    }

    fn explain(&self, ui: &mut Ui) {
        let palette = theme::palette(ui);
        let spec = self.spec;
        ui.spacing_mut().item_spacing.y = theme::UNIT;
        ui.spacing_mut().interact_size.y = 0.0;
        ui.horizontal(|ui| {
            ui.label(RichText::new(spec.label).family(crate::ui::fonts::strong()));
            ui.label(RichText::new(spec.text(*self.value)).monospace());
        });
        if !spec.meaning.is_empty() {
            ui.label(spec.meaning);
        }
        for (what, text) in
            [("Usual", spec.usual), ("Too little", spec.too_little), ("Too much", spec.too_much)]
        {
            if !text.is_empty() {
                ui.label(RichText::new(format!("{what}: {text}")).small());
            }
        }
        if self.acts_at_next_run {
            let text = icons::with_text(icons::Icon::Hourglass, "Acts at the next run.");
            ui.label(RichText::new(text).small().color(palette.held_out_text));
        }
        let hint = format!(
            "Drag, Shift for fine, double-click for {}, click the number to type.",
            spec.text(spec.default)
        );
        ui.label(RichText::new(hint).small().color(palette.quiet_text));
    }
}

/// Upward movement of the wheel in steps.
fn wheel_steps(event: &egui::Event) -> f32 {
    match event {
        egui::Event::MouseWheel { unit, delta, .. } => {
            // Shift turns the wheel sideways on some systems.
            let delta = if delta.y == 0.0 { delta.x } else { delta.y };
            match unit {
                MouseWheelUnit::Point => delta / POINTS_PER_STEP,
                MouseWheelUnit::Line | MouseWheelUnit::Page => delta,
            }
        }
        _ => 0.0,
    }
}

impl Widget for Knob<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let size = vec2(self.width, SIZE.y);
        let (rect, mut response) = ui.allocate_exact_size(size, Sense::click_and_drag());
        let id = response.id;
        let places = Self::places(rect);
        let mut memory: Memory = ui.data(|data| data.get_temp(id)).unwrap_or_default();

        let before = *self.value;
        *self.value = self.turned(ui, &response, &mut memory);
        let on_number =
            response.interact_pointer_pos().is_some_and(|pointer| places.number.contains(pointer));
        let is_plain_click = response.clicked() && !ui.input(|input| input.modifiers.command);
        if is_plain_click || response.drag_started() {
            response.request_focus();
        }
        let is_enter = response.has_focus()
            && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter));
        if (is_plain_click && on_number) || is_enter {
            memory.typing = Some(Typing::new(self.spec.text(*self.value)));
        }
        if let Some(typing) = &mut memory.typing {
            match typing.ui(ui, id, places.number, self.spec) {
                typing::Outcome::Going => {}
                typing::Outcome::Cancelled => memory.typing = None,
                typing::Outcome::Typed(value) => {
                    *self.value = value;
                    memory.typing = None;
                }
            }
        }
        if *self.value != before {
            response.mark_changed();
        }
        if response.has_focus() {
            let keeps = EventFilter {
                horizontal_arrows: true,
                vertical_arrows: true,
                ..EventFilter::default()
            };
            ui.memory_mut(|memory| memory.set_focus_lock_filter(id, keeps));
        }
        if ui.is_rect_visible(rect) {
            self.paint(ui, &response, places, memory.typing.is_some());
        }
        self.describe(ui, &response);
        let is_still = memory.typing.is_none() && !response.dragged();
        ui.data_mut(|data| data.insert_temp(id, memory));
        let over_number =
            response.hover_pos().is_some_and(|pointer| places.number.contains(pointer));
        let cursor = if over_number { CursorIcon::Text } else { CursorIcon::ResizeVertical };
        response = response.on_hover_and_drag_cursor(cursor);
        if is_still {
            response = response
                .on_hover_ui(|ui| self.explain(ui))
                .on_disabled_hover_ui(|ui| self.explain(ui));
        }
        response
    }
}

#[cfg(test)]
mod tests;
