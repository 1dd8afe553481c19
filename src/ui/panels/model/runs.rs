//! The runs of a project: which curves are seen, and which are no longer wanted.

use egui::{Popup, Ui};

use super::super::parts;
use crate::train::TrainSettings;
use crate::ui::command::Command;
use crate::ui::icons::Icon;
use crate::ui::state::{EarlierRun, RunState};
use crate::ui::theme;
use crate::ui::widgets::{ActionButton, Chip};

/// So many settings that differ are named in a tooltip.
const MAX_DIFFERENCES: usize = 12;
/// The room that a chip takes, for deciding how many fit.
const CHIP_WIDTH: f32 = 78.0;

/// A chip for this run and the latest earlier ones; the rest stands in a menu.
pub fn run_chips_ui(ui: &mut Ui, run: &RunState, commands: &mut Vec<Command>) {
    let palette = theme::palette(ui);
    if let Some(facts) = &run.facts {
        let what = format!(
            "This run: {} excerpts to learn from, {} held out",
            facts.training_excerpts, facts.held_out_excerpts
        );
        ui.add(Chip::new(&facts.name).dot(palette.played).fact()).on_hover_text(what);
    }
    if run.earlier.is_empty() {
        return;
    }
    let room = ui.available_width() - theme::CONTROL_HEIGHT - theme::UNIT * 2.0;
    let n_fitting = (room / CHIP_WIDTH).floor().max(0.0) as usize;
    let current = run.facts.as_ref().map(|facts| &facts.settings);
    for (place, earlier) in run.earlier.iter().enumerate().rev().take(n_fitting.min(3)) {
        let dot = if earlier.is_shown { palette.other_run } else { palette.cap };
        let chip = ui.add(Chip::new(&earlier.name).dot(dot));
        Popup::context_menu(&chip).show(|ui| menu_row_ui(ui, place, earlier, commands));
        if chip.on_hover_text(run_words(earlier, current)).clicked() {
            commands.push(Command::ShowRun { run: place, is_shown: !earlier.is_shown });
        }
    }
    let all = ui.add(ActionButton::icon(Icon::ListChecks, "Earlier runs").quiet());
    Popup::menu(&all)
        .width(240.0)
        .gap(4.0)
        .close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside)
        .show(|ui| {
            egui::ScrollArea::vertical().max_height(320.0).show(ui, |ui| {
                for (place, earlier) in run.earlier.iter().enumerate().rev() {
                    menu_row_ui(ui, place, earlier, commands);
                }
            });
        });
}

fn menu_row_ui(ui: &mut Ui, place: usize, earlier: &EarlierRun, commands: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        parts::clear_boxes(ui);
        let mut is_shown = earlier.is_shown;
        let words = match earlier.history.best_error() {
            Some(best) => format!("{} · best {best:.4}", earlier.name),
            None => earlier.name.clone(),
        };
        if ui.checkbox(&mut is_shown, words).changed() {
            commands.push(Command::ShowRun { run: place, is_shown });
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let name = format!("Delete {}", earlier.name);
            if ui.add(ActionButton::icon(Icon::Trash2, &name).quiet()).clicked() {
                commands.push(Command::DeleteRun(place));
            }
        });
    });
}

/// What a run reached, and with which other settings.
fn run_words(earlier: &EarlierRun, current: Option<&TrainSettings>) -> String {
    let n_epochs = earlier.history.epochs.len();
    let mut lines = vec![match earlier.history.best_error() {
        Some(best) => format!("{n_epochs} epochs, best error {best:.4}"),
        None => "No epoch was finished".to_owned(),
    }];
    if let Some(current) = current {
        let differences = earlier.settings.differences(current);
        for (key, value) in differences.iter().take(MAX_DIFFERENCES) {
            let label = crate::train::setting(key).map_or(*key, |setting| setting.label);
            lines.push(format!("{label}: {value}"));
        }
        if differences.len() > MAX_DIFFERENCES {
            lines.push(format!("and {} more", differences.len() - MAX_DIFFERENCES));
        }
    }
    lines.push("A click shows or hides it".to_owned());
    lines.join("\n")
}
