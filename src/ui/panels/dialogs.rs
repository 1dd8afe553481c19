//! The question before the window closes, and the page about the program.

use egui::{Context, Id, Modal, RichText, Ui};

use super::parts::{self, GAP};
use crate::ui::command::Command;
use crate::ui::fonts;
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

fn modal(ctx: &Context, name: &str) -> Modal {
    let frame = egui::Frame::popup(&ctx.global_style()).inner_margin(5.0 * theme::UNIT);
    Modal::new(Id::unique(name)).frame(frame)
}

fn heading(ui: &mut Ui, text: &str) {
    ui.label(RichText::new(text).heading());
    ui.add_space(theme::UNIT);
}

/// What the program is, and whose work it stands on.
pub fn about_ui(ctx: &Context, state: &State, commands: &mut Vec<Command>) {
    if !state.is_about_shown {
        return;
    }
    let shown = modal(ctx, "about").show(ctx, |ui| {
        ui.set_width(420.0);
        heading(ui, "Harmonium");
        let version = format!("Version {}", env!("CARGO_PKG_VERSION"));
        ui.label(RichText::new(version).family(fonts::figures()));
        ui.label(
            "Trains a restricted Boltzmann machine on your MIDI files and plays what it dreams. \
             A harmonium is what Smolensky called that machine in 1986; it is also a reed organ.",
        );
        ui.add_space(theme::UNIT);
        let device = match (&state.device.is_cuda, &state.device.why_no_cuda) {
            (None, _) => "The devices are being looked for.".to_owned(),
            (Some(true), _) => "Trains on the graphics card (CUDA).".to_owned(),
            (Some(false), why) => {
                let why = why.as_deref().unwrap_or("no graphics card was found");
                let threads = parts::count(state.device.threads, "thread");
                format!("Trains on the processor with {threads}. No CUDA: {why}")
            }
        };
        ui.label(device);
        ui.add_space(theme::UNIT);
        ui.label(parts::caption(
            ui,
            "MIT or Apache-2.0. It stands on libtorch (BSD), egui (MIT or Apache-2.0), FluidLite \
             (LGPL-2.1), a cut of FluidR3Mono_GM (MIT), Inter (OFL) and Lucide (ISC); the file \
             NOTICES names all of them.",
        ));
        ui.add_space(GAP);
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            ui.add(ActionButton::new("Close").primary().min_width(84.0)).clicked()
        })
        .inner
    });
    if shown.inner || shown.should_close() {
        commands.push(Command::ShowAbout(false));
    }
}
