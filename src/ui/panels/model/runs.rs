//! The runs of a project: which curves are seen, and which are no longer wanted.

use egui::Ui;

use crate::train::TrainSettings;
use crate::ui::command::Command;
use crate::ui::icons::Icon;
use crate::ui::state::{EarlierRun, RunState};
use crate::ui::theme;
use crate::ui::widgets::{ActionButton, Chip};

/// So many settings that differ are named in a tooltip.
const MAX_DIFFERENCES: usize = 12;
/// The room that a chip takes, for deciding how many fit.
const CHIP_WIDTH: f32 = 84.0;
/// A longer name is cut in a chip; the table shows it whole.
const MAX_CHIP_LETTERS: usize = 12;

/// A chip for this run and the latest earlier ones; the button opens the window with all of them.
pub fn run_chips_ui(ui: &mut Ui, run: &RunState, commands: &mut Vec<Command>) {
    let palette = theme::palette(ui);
    let button = theme::CONTROL_HEIGHT + theme::UNIT * 2.0;
    let has_room = ui.available_width() >= CHIP_WIDTH + button;
    if let Some(facts) = run.facts.as_ref().filter(|_| has_room) {
        let what = format!(
            "This run, {}: {} excerpts to learn from, {} held out",
            facts.name, facts.training_excerpts, facts.held_out_excerpts
        );
        let name = short_name(&facts.name);
        ui.add(Chip::new(&name).dot(palette.played).fact()).on_hover_text(what);
    }
    let room = ui.available_width() - button;
    let n_fitting = (room / CHIP_WIDTH).floor().max(0.0) as usize;
    let current = run.facts.as_ref().map(|facts| &facts.settings);
    for earlier in run.earlier.iter().rev().take(n_fitting.min(3)) {
        let dot =
            if earlier.is_shown { theme::run_color(palette, earlier.color) } else { palette.cap };
        let chip = ui.add(Chip::new(&short_name(&earlier.name)).dot(dot));
        if chip.on_hover_text(run_words(earlier, current)).clicked() {
            let is_shown = !earlier.is_shown;
            commands.push(Command::ShowRun { run: earlier.id, is_shown });
        }
    }
    let is_open = run.view.is_open;
    let all = ActionButton::icon(Icon::ListChecks, "All runs").quiet().on(is_open);
    let what = "The table of all runs: compare, rename, hear again, try ranges of settings";
    if ui.add(all.tooltip(what)).clicked() {
        commands.push(Command::ShowRuns(!is_open));
    }
}

/// As much of a name as a chip holds.
fn short_name(name: &str) -> String {
    if name.chars().count() <= MAX_CHIP_LETTERS {
        return name.to_owned();
    }
    let start: String = name.chars().take(MAX_CHIP_LETTERS - 1).collect();
    format!("{}…", start.trim_end())
}

/// What a run reached, and with which other settings.
fn run_words(earlier: &EarlierRun, current: Option<&TrainSettings>) -> String {
    let n_epochs = earlier.history.epochs.len();
    let mut lines = vec![earlier.name.clone()];
    lines.push(match earlier.history.best_error() {
        Some(best) => format!("{n_epochs} epochs, best error {best:.4}"),
        None => "No epoch was finished".to_owned(),
    });
    lines.extend(earlier.failure.iter().map(|reason| format!("Failed: {reason}")));
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
