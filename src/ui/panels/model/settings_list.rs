//! The settings that have no knob, for those who want all of them.

use egui::Ui;

use super::super::parts;
use super::super::setting_knob::Settings;
use crate::train::{CATALOGUE, Setting};
use crate::ui::command::Command;
use crate::ui::focus;
use crate::ui::theme::{self, UNIT};

/// Wide enough for two columns of settings.
const TWO_COLUMNS: f32 = 560.0;
/// Settings that stand elsewhere: as knobs, in the row of choices, in the column of data.
const ELSEWHERE: [&str; 15] = [
    "algorithm",
    "batch_size",
    "dropout",
    "epochs",
    "gibbs_steps",
    "held_out_share",
    "hidden_units",
    "learning_rate",
    "momentum",
    "seed",
    "steps_per_beat",
    "steps_per_excerpt",
    "to_natural_key",
    "transpose_semitones",
    "weight_decay",
];

/// A list that is folded away until it is wanted.
pub fn settings_list_ui(
    ui: &mut Ui,
    settings: Settings<'_>,
    is_open: &mut bool,
    commands: &mut Vec<Command>,
) {
    theme::palette(ui).card_frame().show(ui, |ui| {
        let heading = parts::folding_heading(ui, "All settings", is_open);
        if *is_open {
            rows_ui(ui, settings, commands);
        }
        focus::answer(&heading, focus::ALL_SETTINGS);
    });
}

/// Whether a setting stands in the list rather than elsewhere.
pub fn is_listed(key: &str) -> bool {
    !ELSEWHERE.contains(&key)
}

fn rows_ui(ui: &mut Ui, settings: Settings<'_>, commands: &mut Vec<Command>) {
    let is_elsewhere = |setting: &&Setting| ELSEWHERE.contains(&setting.key);
    let rest: Vec<&Setting> = CATALOGUE.iter().filter(|setting| !is_elsewhere(setting)).collect();
    let n_columns = if ui.available_width() >= TWO_COLUMNS { 2 } else { 1 };
    ui.spacing_mut().item_spacing.x = 8.0 * UNIT;
    let per_column = rest.len().div_ceil(n_columns);
    ui.columns(n_columns, |columns| {
        for (ui, settings_here) in columns.iter_mut().zip(rest.chunks(per_column)) {
            ui.spacing_mut().item_spacing = egui::vec2(2.0 * UNIT, UNIT);
            for setting in settings_here {
                settings.row(ui, setting.key, commands);
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_elsewhere_is_in_the_table() {
        for key in ELSEWHERE {
            assert!(CATALOGUE.iter().any(|setting| setting.key == key), "{key}");
        }
    }
}
