//! The row that says how likely the model makes the songs, which has to be asked for.

use egui::{Align, Layout, Ui, vec2};

use super::super::parts::{self, GAP, button_unless};
use crate::rbm::Method;
use crate::train::{Likelihood, LikelihoodOfPart};
use crate::ui::command::Command;
use crate::ui::state::{LikelihoodState, RunState};
use crate::ui::theme;
use crate::ui::widgets::{ActionButton, ProgressBar};

/// Where the two estimates of log Z lie farther apart, in nats, the figure is a guess.
const TRUSTED_GAP: f64 = 0.1;
const BUTTON_WIDTH: f32 = 84.0;
const WHAT: &str = "The mean log-likelihood of the songs, by annealed importance sampling in both \
                    directions, or exactly up to 20 hidden units. It takes a while and goes on \
                    beside the training";

/// The row; nothing before the first run.
pub fn likelihood_ui(ui: &mut Ui, run: &RunState, commands: &mut Vec<Command>) {
    if run.facts.is_none() {
        return;
    }
    theme::palette(ui).card_frame().show(ui, |ui| {
        let room = vec2(ui.available_width(), theme::CONTROL_HEIGHT);
        ui.allocate_ui_with_layout(room, Layout::right_to_left(Align::Center), |ui| {
            button_ui(ui, run, commands);
            ui.add_space(GAP);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| words_ui(ui, run));
        });
    });
}

fn button_ui(ui: &mut Ui, run: &RunState, commands: &mut Vec<Command>) {
    if matches!(run.likelihood, LikelihoodState::Estimating { .. }) {
        let cancel = ActionButton::new("Cancel estimate").min_width(BUTTON_WIDTH).height(26.0);
        if ui.add(cancel).clicked() {
            commands.push(Command::CancelEstimate);
        }
    } else {
        let reason = (!run.phase.has_model()).then_some("There is no model yet");
        let estimate = ActionButton::new("Estimate").min_width(BUTTON_WIDTH).height(26.0);
        if button_unless(ui, reason, estimate.tooltip(WHAT)) {
            commands.push(Command::EstimateLikelihood);
        }
    }
}

fn words_ui(ui: &mut Ui, run: &RunState) {
    match &run.likelihood {
        LikelihoodState::Unknown => {
            ui.label("Log-likelihood").on_hover_text(WHAT);
        }
        LikelihoodState::Estimating { share } => {
            let width = ui.available_width();
            ui.add(ProgressBar::new("Log-likelihood", *share as f32).width(width));
        }
        LikelihoodState::Known(likelihood) => {
            let label = egui::Label::new(summary(likelihood)).truncate().selectable(true);
            ui.add(label).on_hover_text(details(likelihood));
        }
        LikelihoodState::Failed(reason) => {
            let palette = theme::palette(ui);
            let words = format!("Log-likelihood: {reason}");
            let words = egui::RichText::new(words).color(palette.danger_text);
            ui.add(egui::Label::new(words).truncate()).on_hover_text(reason);
        }
    }
}

/// "Log-likelihood −3.5 ± 0.1 nats a step, held out −4.0 ± 0.1"
fn summary(likelihood: &Likelihood) -> String {
    let held_out = likelihood.held_out.as_ref();
    let held_out = held_out.map_or_else(String::new, |part| format!(", held out {}", figure(part)));
    let guess = if likelihood.partition.gap() > TRUSTED_GAP { " · a guess" } else { "" };
    format!("Log-likelihood {} nats a step{held_out}{guess}", figure(&likelihood.training))
}

/// With as many digits as mean something.
fn figure(part: &LikelihoodOfPart) -> String {
    let uncertainty = part.uncertainty();
    if uncertainty == 0.0 {
        return parts::signed(part.per_step, 4);
    }
    let digits = (1.0 - uncertainty.log10().floor()).clamp(0.0, 4.0) as usize;
    format!("{} ± {uncertainty:.digits$}", parts::signed(part.per_step, digits))
}

fn details(likelihood: &Likelihood) -> String {
    let partition = &likelihood.partition;
    let how = match partition.method {
        Method::Enumeration => "log Z exactly, by enumeration".to_owned(),
        Method::Annealing(settings) => format!(
            "log Z {:.3} annealing forward, {:.3} back; {} runs, {} temperatures",
            partition.log_z, partition.log_z_reverse, settings.runs, settings.temperatures
        ),
    };
    let guess = if partition.gap() > TRUSTED_GAP {
        "\nThe two lie far apart: the model has modes that annealing does not find, so take the \
         figure for a guess"
    } else {
        ""
    };
    let epochs = parts::count(likelihood.finished_epochs as usize, "epoch");
    format!(
        "Of the model after {epochs}, with its raw weights, at the pessimistic end.\n{how}{guess}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_has_as_many_digits_as_its_error_leaves() {
        let part = |per_step, error| LikelihoodOfPart {
            per_step,
            lowest: per_step - error,
            highest: per_step + error / 2.0,
        };
        assert_eq!(figure(&part(-3.456_78, 0.012)), "−3.457 ± 0.012");
        assert_eq!(figure(&part(-3.456_78, 1.24)), "−3.5 ± 1.2");
        assert_eq!(figure(&part(-123.4, 15.0)), "−123 ± 15");
        assert_eq!(figure(&part(-3.456_78, 0.0)), "−3.4568");
    }
}
