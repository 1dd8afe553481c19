//! The field that a knob's number turns into while a value is typed.

use egui::text::{CCursor, CCursorRange};
use egui::{Align2, Id, Key, Modifiers, Rect, Stroke, TextEdit, Ui, UiBuilder};

use super::KnobSpec;
use crate::ui::theme;

/// A number that is being typed.
#[derive(Clone)]
pub struct Typing {
    text: String,
    is_new: bool,
    /// Why the text is no value, once Enter was tried.
    complaint: Option<String>,
}

/// What came of a frame of typing.
pub enum Outcome {
    Going,
    Cancelled,
    Typed(f64),
}

impl Typing {
    pub fn new(text: String) -> Self {
        Self { text, is_new: true, complaint: None }
    }

    /// Shows the field in `rect`. Enter commits and leaving commits what can be read; Esc cancels.
    pub fn ui(&mut self, ui: &mut Ui, knob: Id, rect: Rect, spec: &KnobSpec<'_>) -> Outcome {
        let palette = theme::palette(ui);
        let id = knob.with("typing");
        let is_enter = ui.input(|input| input.key_pressed(Key::Enter));
        let is_escape =
            ui.input_mut(|input| !self.is_new && input.consume_key(Modifiers::NONE, Key::Escape));
        let border = if self.complaint.is_some() {
            Stroke::new(theme::FOCUS_WIDTH, palette.danger)
        } else {
            palette.focus_stroke()
        };
        let field = TextEdit::singleline(&mut self.text)
            .id(id)
            .font(theme::figures_style())
            .align(Align2::CENTER_CENTER)
            .margin(egui::Margin::ZERO)
            .min_size(rect.size())
            .clip_text(true)
            .frame(egui::Frame::new().fill(palette.ground).corner_radius(4.0))
            .desired_width(rect.width());
        let mut child = ui.new_child(UiBuilder::new().max_rect(rect));
        child.spacing_mut().interact_size.y = rect.height();
        let mut output = field.show(&mut child);
        ui.painter().rect_stroke(rect, 4.0, border, egui::StrokeKind::Outside);
        let response = output.response.response.clone().labelled_by(knob);
        if std::mem::take(&mut self.is_new) {
            response.request_focus();
            let all = CCursorRange::two(CCursor::new(0), CCursor::new(self.text.chars().count()));
            output.state.cursor.set_char_range(Some(all));
            output.state.store(ui.ctx(), id);
            return Outcome::Going;
        }
        if response.changed() {
            self.complaint = None;
        }
        if is_escape {
            ui.memory_mut(|memory| memory.request_focus(knob));
            return Outcome::Cancelled;
        }
        if response.lost_focus() {
            return self.left(ui, knob, is_enter, spec);
        }
        if let Some(complaint) = &self.complaint {
            response.show_tooltip_text(complaint.as_str());
        }
        Outcome::Going
    }

    fn left(&mut self, ui: &Ui, knob: Id, is_enter: bool, spec: &KnobSpec<'_>) -> Outcome {
        match spec.parse(&self.text) {
            Ok(value) => {
                if is_enter {
                    ui.memory_mut(|memory| memory.request_focus(knob));
                }
                Outcome::Typed(value)
            }
            Err(complaint) if is_enter => {
                self.complaint = Some(complaint);
                ui.memory_mut(|memory| memory.request_focus(knob.with("typing")));
                Outcome::Going
            }
            Err(_) => Outcome::Cancelled,
        }
    }
}
