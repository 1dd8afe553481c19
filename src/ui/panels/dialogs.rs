//! The question before the window closes.

use egui::{Context, Id, Modal, RichText, Ui};

use super::parts::GAP;
use crate::ui::command::Command;
use crate::ui::state::{CloseQuestion, LeaveFor, State};
use crate::ui::theme;
use crate::ui::widgets::ActionButton;

/// Asks whether to close although something would be lost.
pub fn close_question_ui(ctx: &Context, state: &State, commands: &mut Vec<Command>) {
    let Some(question) = state.close_question else { return };
    let shown = modal(ctx, "close question").show(ctx, |ui| {
        ui.set_width(420.0);
        let title = match question {
            CloseQuestion { is_training: true, .. } => "Training is under way",
            CloseQuestion { is_training: false, .. } => "There are changes that are not saved",
        };
        heading(ui, title);
        let words = LeaveWords::of(question.to);
        let text = match (question.is_training, question.is_unsaved) {
            (true, true) => format!(
                "{} ends the run. What was learned since you last saved is lost unless you save \
                 it now.",
                words.leaving
            ),
            (true, false) => format!("{} ends the run.", words.leaving),
            (false, _) => "They are lost unless you save the project now.".to_owned(),
        };
        ui.label(text);
        ui.add_space(GAP);
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let save = ActionButton::new(words.save).primary();
            if question.is_unsaved && ui.add(save).clicked() {
                commands.push(Command::SaveAndClose);
            }
            let leave = if question.is_unsaved { words.without } else { words.anyway };
            if ui.add(ActionButton::new(leave)).clicked() {
                commands.push(Command::ConfirmClose);
            }
            if ui.add(ActionButton::new(words.stay).min_width(84.0)).clicked() {
                commands.push(Command::CancelClose);
            }
        });
    });
    if shown.should_close() && !commands.contains(&Command::CancelClose) {
        commands.push(Command::CancelClose);
    }
}

/// What the buttons say.
struct LeaveWords {
    leaving: &'static str,
    save: &'static str,
    without: &'static str,
    anyway: &'static str,
    stay: &'static str,
}

impl LeaveWords {
    fn of(to: LeaveFor) -> Self {
        match to {
            LeaveFor::Nothing => Self {
                leaving: "Closing",
                save: "Save and close",
                without: "Close without saving",
                anyway: "Close anyway",
                stay: "Stay",
            },
            LeaveFor::NewProject => Self {
                leaving: "A new project",
                save: "Save and begin",
                without: "Begin without saving",
                anyway: "Begin anyway",
                stay: "Cancel",
            },
            LeaveFor::Project => Self {
                leaving: "Opening another project",
                save: "Save and open",
                without: "Open without saving",
                anyway: "Open anyway",
                stay: "Cancel",
            },
        }
    }
}

pub(super) fn modal(ctx: &Context, name: &str) -> Modal {
    let frame = egui::Frame::popup(&ctx.global_style()).inner_margin(5.0 * theme::UNIT);
    Modal::new(Id::unique(name)).frame(frame)
}

pub(super) fn heading(ui: &mut Ui, text: &str) {
    ui.label(RichText::new(text).heading());
    ui.add_space(theme::UNIT);
}
