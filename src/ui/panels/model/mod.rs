//! The second column: the knobs of the model, the error curve, what it has learned.

mod curve_card;
mod curve_heading;
mod learned;
mod likelihood;
mod own_presets;
mod run_deeds;
mod run_words;
mod runs;
mod settings_list;

#[cfg(test)]
pub(super) use learned::examples as learned_examples;
pub use run_words::divergence_words;

use egui::{ScrollArea, Ui};

use super::parts::{self, Choice, GAP, Stretch, choices, knob_rows};
use super::setting_knob::Settings;
use crate::rbm::Algorithm;
use crate::train::{Preset, TrainSettings};
use crate::ui::command::Command;
use crate::ui::focus;
use crate::ui::state::State;
use crate::ui::widgets::section_header;

/// The curve is at least so high; in a low window the column scrolls instead.
const CURVE_HEIGHT: f32 = 190.0;
/// The second plot needs so much more.
const SECOND_HEIGHT: f32 = 130.0;
/// The room that the seed takes, with the sign that it waits.
const SEED_WIDTH: f32 = 116.0;
/// With less room than this the presets that ship stand in the menu, and all choices in one row.
const PRESETS_WIDTH: f32 = 640.0;
const KNOBS: [&str; 8] = [
    "hidden_units",
    "learning_rate",
    "batch_size",
    "epochs",
    "gibbs_steps",
    "momentum",
    "weight_decay",
    "dropout",
];

/// The second column.
pub fn model_ui(ui: &mut Ui, state: &mut State, commands: &mut Vec<Command>) {
    let viewport = ui.available_height();
    ScrollArea::vertical().id_salt("model").auto_shrink(false).show(ui, |ui| {
        let mut stretch = Stretch::new(ui, "model", viewport);
        section_header(ui, "2 · Model", &size_words(state));
        ui.add_space(GAP / 2.0);
        let defaults = TrainSettings::default();
        let settings = Settings::of(&state.settings, &defaults, &state.run.phase);
        knob_rows(ui, KNOBS.len(), |ui, knob, width| {
            settings.knob(ui, KNOBS[knob], width, commands);
        });
        choices_ui(ui, state, settings, commands);
        let least = curve_card::least_height(&state.run, ui.available_width(), viewport);
        let first = least.max(CURVE_HEIGHT);
        let at_least = match state.run.curves.second {
            Some(_) => first + SECOND_HEIGHT,
            None => first,
        };
        let height = stretch.height(ui, at_least);
        let has_songs = state.data.totals.n_songs > 0;
        let room = curve_card::CardRoom { height, viewport };
        curve_card::curve_card_ui(ui, &mut state.run, &state.settings, has_songs, room, commands);
        stretch.footer(ui);
        let seen = learned::Seen { run: &state.run, data: &state.data };
        learned::learned_ui(ui, seen, &mut state.learned, viewport, commands);
        likelihood::likelihood_ui(ui, &state.run, commands);
        let is_open = &mut state.window.layout.are_all_settings_shown;
        settings_list::settings_list_ui(ui, settings, is_open, commands);
        stretch.end(ui);
        focus::follow(ui);
    });
}

/// Whether a setting stands in the list that is folded away.
pub fn is_in_settings_list(key: &str) -> bool {
    settings_list::is_listed(key)
}

/// "2 340 visible × 50 hidden · 117 k weights": of the model that there is, else of the next.
fn size_words(state: &State) -> String {
    let facts = state.run.facts.as_ref().filter(|_| state.run.phase.has_model());
    let settings = facts.map_or(&state.settings, |facts| &facts.settings);
    let is_other = facts.is_some() && size_of(settings) != size_of(&state.settings);
    let next = if is_other { " · another next" } else { "" };
    let n_visible = settings.encoding.n_visible();
    let n_weights = n_visible.saturating_mul(settings.hidden_units);
    format!(
        "{} visible × {} hidden · {} weights{next}",
        parts::grouped(n_visible as u64),
        parts::grouped(settings.hidden_units as u64),
        parts::short(n_weights as f64)
    )
}

fn size_of(settings: &TrainSettings) -> (usize, usize) {
    (settings.encoding.n_visible(), settings.hidden_units)
}

/// Algorithm, presets and seed.
fn choices_ui(ui: &mut Ui, state: &State, settings: Settings<'_>, commands: &mut Vec<Command>) {
    let is_narrow = ui.available_width() < PRESETS_WIDTH;
    ui.horizontal_wrapped(|ui| {
        let algorithms = [
            Choice {
                text: "CD",
                tooltip: "Contrastive divergence: chains start at the data each time. \
                          A smoother curve",
                reason: None,
            },
            Choice {
                text: "PCD",
                tooltip: "Persistent contrastive divergence: chains go on from batch to batch. \
                          A better model, and chains that music can start from",
                reason: None,
            },
            Choice {
                text: "PT",
                tooltip: "Parallel tempering: persistent chains swap with hotter ones, so that \
                          none gets stuck. The best statistics, at the cost of all temperatures",
                reason: None,
            },
        ];
        let keys = ["cd", "pcd", "tempering"];
        let chosen = Some(match state.settings.algorithm {
            Algorithm::ContrastiveDivergence => 0,
            Algorithm::PersistentContrastiveDivergence => 1,
            Algorithm::ParallelTempering => 2,
        });
        if let Some(place) = choices(ui, "Algorithm", chosen, &algorithms) {
            let value = keys[place].to_owned();
            commands.push(Command::SetSetting { key: "algorithm", value });
        }
        if !is_narrow {
            presets_ui(ui, state, commands);
        }
        own_presets::own_presets_ui(ui, state, is_narrow, commands);
        if ui.available_size_before_wrap().x < SEED_WIDTH {
            ui.end_row();
        }
        ui.horizontal(|ui| settings.short_field(ui, "seed", commands));
    });
}

/// The presets that ship, side by side.
fn presets_ui(ui: &mut Ui, state: &State, commands: &mut Vec<Command>) {
    let presets = Preset::ALL.map(|preset| Choice {
        text: preset.label(),
        tooltip: preset.reason(),
        reason: None,
    });
    let chosen = state.run.preset;
    let chosen = chosen.and_then(|chosen| Preset::ALL.iter().position(|&one| one == chosen));
    if let Some(place) = choices(ui, "Preset", chosen, &presets) {
        commands.push(Command::ApplyPreset(Preset::ALL[place]));
    }
}
