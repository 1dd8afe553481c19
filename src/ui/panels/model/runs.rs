//! The runs of a project: which curves are seen, and which are no longer wanted.

use egui::{Role, Ui, WidgetInfo};

use super::super::parts;
use crate::train::{CATALOGUE, TrainSettings};
use crate::ui::command::Command;
use crate::ui::icons::Icon;
use crate::ui::state::{EarlierRun, RunState};
use crate::ui::theme;
use crate::ui::widgets::{ActionButton, Chip, LineSample};

/// So many settings that differ are named in a tooltip.
const MAX_DIFFERENCES: usize = 12;
/// So many earlier runs have a chip.
const MOST_CHIPS: usize = 3;
/// The room of the button that stands for the others.
const MORE_WIDTH: f32 = 46.0;
/// A longer name is shortened in a chip; the table shows it whole.
const MAX_CHIP_LETTERS: usize = 12;

/// A chip for this run and the latest earlier ones, as many as fit; the buttons open the window with
/// all of them.
pub fn run_chips_ui(ui: &mut Ui, run: &RunState, commands: &mut Vec<Command>) {
    let palette = theme::palette(ui);
    let gap = ui.spacing().item_spacing.x;
    let mut room = ui.available_width() - theme::CONTROL_HEIGHT - gap - MORE_WIDTH - gap;
    let mut fits = |ui: &Ui, chip: &Chip<'_>| {
        room -= chip.width(ui) + gap;
        room >= 0.0
    };
    let mut n_left = run.earlier.len();
    let name = run.facts.as_ref().map_or_else(String::new, |facts| short_name(&facts.name));
    let this = Chip::new(&name).line(LineSample::of_run(palette, None)).fact();
    let has_room = run.facts.is_none() || fits(ui, &this);
    if let Some(facts) = run.facts.as_ref().filter(|_| has_room) {
        let what = format!(
            "This run, {}: {} excerpts to learn from, {} held out",
            facts.name, facts.training_excerpts, facts.held_out_excerpts
        );
        ui.add(this).on_hover_text(what);
    }
    let current = run.facts.as_ref().map(|facts| &facts.settings);
    for earlier in run.earlier.iter().rev().take(MOST_CHIPS).take_while(|_| has_room) {
        let line = LineSample::of_run(palette, Some(earlier.color));
        let color = if earlier.is_shown { line.color } else { palette.cap };
        let name = short_name(&earlier.name);
        let chip = Chip::new(&name).line(LineSample { color, ..line });
        if !fits(ui, &chip) {
            break;
        }
        n_left -= 1;
        let chip = ui.add(chip);
        chip.widget_info(|| WidgetInfo::labeled(Role::Button, true, &earlier.name));
        if chip.on_hover_text(run_words(earlier, current)).clicked() {
            let is_shown = !earlier.is_shown;
            commands.push(Command::ShowRun { run: earlier.id, is_shown });
        }
    }
    let is_open = run.view.is_open;
    if n_left > 0 {
        let (text, more) = (format!("+{n_left}"), parts::count(n_left, "more run"));
        let button = ui.add(Chip::new(&text));
        button.widget_info(|| WidgetInfo::labeled(Role::Button, true, &more));
        if button.on_hover_text(format!("{more}: shows the table of all runs")).clicked() {
            commands.push(Command::ShowRuns(!is_open));
        }
    }
    let all = ActionButton::icon(Icon::ListChecks, "All runs").quiet().on(is_open);
    let what = "The table of all runs: compare, rename, hear again, try ranges of settings";
    if ui.add(all.tooltip(what)).clicked() {
        commands.push(Command::ShowRuns(!is_open));
    }
}

/// As much of a name as a chip holds. Of a run of a sweep its values matter: "Learning rate 0.0629"
/// is "lr 0.0629". Of other names the middle goes.
fn short_name(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    if letters.len() <= MAX_CHIP_LETTERS {
        return name.to_owned();
    }
    let parts: Option<Vec<String>> = name.split(", ").map(short_value).collect();
    let short = parts.map(|parts| parts.join(", "));
    if let Some(short) = short.filter(|short| short.chars().count() <= MAX_CHIP_LETTERS) {
        return short;
    }
    let head: String = letters[..MAX_CHIP_LETTERS / 2].iter().collect();
    let tail: String = letters[letters.len() + 1 - MAX_CHIP_LETTERS / 2..].iter().collect();
    format!("{}…{}", head.trim_end(), tail.trim_start())
}

/// "Learning rate 0.0629" as "lr 0.0629"; nothing where it does not begin with a setting.
fn short_value(part: &str) -> Option<String> {
    let (setting, value) = CATALOGUE.iter().find_map(|setting| {
        let value = part.strip_prefix(setting.label)?.strip_prefix(' ')?;
        Some((setting, value))
    })?;
    let initials = setting.label.split_whitespace().filter_map(|word| word.chars().next());
    let initials: String = initials.flat_map(char::to_lowercase).collect();
    let start: String = setting.label.to_lowercase().chars().take(5).collect();
    let short = if initials.chars().count() > 1 { initials } else { start };
    Some(format!("{short} {value}"))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_a_sweep_are_told_apart_in_their_chips() {
        assert_eq!(short_name("Run 12"), "Run 12");
        assert_eq!(short_name("Learning rate 0.0629"), "lr 0.0629");
        assert_eq!(short_name("Momentum 0.625"), "momen 0.625");
        assert_eq!(short_name("Evening at home, slow"), "Evenin…slow");
        for setting in CATALOGUE {
            let names =
                ["0.1", "0.25"].map(|value| short_name(&format!("{} {value}", setting.label)));
            assert_ne!(names[0], names[1], "{}", setting.label);
            assert!(names.iter().all(|name| name.chars().count() <= MAX_CHIP_LETTERS), "{names:?}");
        }
    }
}
