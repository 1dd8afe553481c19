//! The first column: songs and folders, what was taken of them, how they become excerpts.

mod folders;
mod report;
mod songs;
mod sources;

pub use report::{report_text, report_ui};

use egui::{ScrollArea, Ui};

use super::parts::{self, GAP, Stretch, knob_rows};
use super::setting_knob::Settings;
use crate::music::{PitchRange, pitch_name};
use crate::train::TrainSettings;
use crate::ui::command::Command;
use crate::ui::focus;
use crate::ui::icons::{Icon, Sign};
use crate::ui::state::State;
use crate::ui::theme;
use crate::ui::widgets::{ActionButton, NoteHistogram, empty_state, section_header};

/// The list of songs is at least so high; in a low window the column scrolls instead.
const LIST_HEIGHT: f32 = 150.0;
const KNOBS: [&str; 4] =
    ["steps_per_excerpt", "steps_per_beat", "transpose_semitones", "held_out_share"];

/// The first column.
pub fn data_ui(ui: &mut Ui, state: &mut State, commands: &mut Vec<Command>) {
    let viewport = ui.available_height();
    ScrollArea::vertical().id_salt("data").auto_shrink(false).show(ui, |ui| {
        let mut stretch = Stretch::new(ui, "data", viewport);
        let totals = &state.data.totals;
        let fact = match state.data.songs.len() {
            0 => String::new(),
            _ => format!(
                "{} · {}",
                parts::count(totals.n_songs, "song"),
                parts::count(totals.n_excerpts as usize, "excerpt")
            ),
        };
        section_header(ui, "1 · Data", &fact);
        ui.add_space(GAP / 2.0);
        sources::sources_ui(ui, &mut state.data, commands);
        folders::folders_ui(ui, &mut state.data, commands);
        if state.data.songs.is_empty() {
            let height = stretch.height(ui, LIST_HEIGHT);
            nothing_yet(ui, state.data.import.is_some(), height, commands);
        } else {
            songs::filter_ui(ui, &mut state.data);
            let height = stretch.height(ui, LIST_HEIGHT);
            songs::songs_ui(ui, state, height, commands);
        }
        stretch.footer(ui);
        if !state.data.songs.is_empty() {
            histogram_ui(ui, state);
        }
        knobs_ui(ui, state, commands);
        stretch.end(ui);
        focus::follow(ui);
    });
}

fn nothing_yet(ui: &mut Ui, is_importing: bool, height: f32, commands: &mut Vec<Command>) {
    ui.allocate_ui(egui::vec2(ui.available_width(), height), |ui| {
        ui.set_min_height(height);
        ui.add_space((height * 0.5 - 100.0).max(4.0));
        if is_importing {
            empty_state(ui, Icon::ListMusic, "Reading the files…", "You can go on meanwhile.");
            return;
        }
        empty_state(
            ui,
            Icon::ListMusic,
            "No songs yet",
            "Choose a folder of MIDI files, or drop\nfiles here. The demo set is ready to try.",
        );
        ui.add_space(GAP);
        ui.vertical_centered(|ui| {
            let demo = ActionButton::new("Try the demo set").with_sign(Sign::Play).min_width(180.0);
            if ui.add(demo.primary()).clicked() {
                commands.push(Command::AddDemoSet);
            }
            let folder = ActionButton::new("Choose a folder…").with_icon(Icon::FolderPlus);
            if ui.add(folder.min_width(180.0)).clicked() {
                commands.push(Command::AddFolder);
            }
        });
    });
}

fn histogram_ui(ui: &mut Ui, state: &State) {
    let counts: Vec<u32> =
        state.data.histogram.iter().map(|&n| u32::try_from(n).unwrap_or(u32::MAX)).collect();
    let is_used = |count: &u32| *count > 0;
    let low = counts.iter().position(is_used).unwrap_or(0);
    let high = counts.iter().rposition(is_used).unwrap_or(0).min(127);
    let fact = if counts.iter().any(is_used) {
        format!("{}–{}", pitch_name(low as u8), pitch_name(high as u8))
    } else {
        String::new()
    };
    // What the model can see, and what lies beyond.
    let seen = state.settings.encoding.pitches();
    let first = usize::from(seen.low).min(low);
    let end = usize::from(seen.low).saturating_add(seen.len()).max(high + 1).min(counts.len());
    let Some(shown) = counts.get(first..end) else { return };
    let pitches = PitchRange { low: first as u8, count: shown.len() as u8 };
    theme::palette(ui).card_frame().show(ui, |ui| {
        section_header(ui, "Note histogram", &fact);
        ui.add(NoteHistogram::new(shown, pitches).height(50.0));
    });
}

fn knobs_ui(ui: &mut Ui, state: &State, commands: &mut Vec<Command>) {
    let defaults = TrainSettings::default();
    let settings = Settings::of(&state.settings, &defaults, &state.run.phase);
    knob_rows(ui, KNOBS.len(), |ui, knob, width| {
        settings.knob(ui, KNOBS[knob], width, commands);
    });
    settings.row(ui, "to_natural_key", commands);
}
