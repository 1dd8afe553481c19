//! The third column: how new music is made, and the pieces.

mod audition;
mod chain;
mod order;
mod pieces;
mod steering;

use egui::{DragValue, ScrollArea, Ui, vec2};

use super::parts::{self, Choice, GAP, Stretch, button_unless, choices, knob_rows};
use crate::generate::{GenerateSettings, StartPoint};
use crate::rbm::Algorithm;
use crate::ui::command::Command;
use crate::ui::focus;
use crate::ui::icons::Icon;
use crate::ui::shortcuts::{self, Action};
use crate::ui::state::{MusicState, State};
use crate::ui::tour::{self, TourTarget};
use crate::ui::widgets::{
    ActionButton, Knob, KnobFormat, KnobScale, KnobSpec, ProgressBar, section_header,
};

const STARTS: [StartPoint; 4] =
    [StartPoint::Silence, StartPoint::Noise, StartPoint::Chains, StartPoint::Song];
/// The room that the switch of the live audition takes.
const SWITCH_WIDTH: f32 = 132.0;
/// Seeds beyond this are not whole numbers in every program that reads a project.
const MAX_SEED: u64 = 1 << 53;

/// The third column.
pub fn music_ui(ui: &mut Ui, state: &mut State, commands: &mut Vec<Command>) {
    let viewport = ui.available_height();
    ScrollArea::vertical().id_salt("music").auto_shrink(false).show(ui, |ui| {
        let stretch = Stretch::new(ui, "music", viewport);
        column_ui(ui, state, &stretch, commands);
        focus::follow(ui);
    });
}

fn column_ui(ui: &mut Ui, state: &mut State, stretch: &Stretch, commands: &mut Vec<Command>) {
    let fact = match state.music.pieces.len() {
        0 => String::new(),
        n => parts::count(n, "piece"),
    };
    section_header(ui, "3 · Music", &fact);
    ui.add_space(GAP / 2.0);
    knobs_ui(ui, &state.music, commands);
    start_ui(ui, state, commands);
    seed_row_ui(ui, state, commands);
    steering::steering_ui(ui, state, commands);
    generate_ui(ui, state, commands);
    chain::chain_ui(ui, state, commands);
    audition::audition_ui(ui, state, commands);
    pieces::pieces_ui(ui, state, stretch.rest(ui), commands);
}

/// The four knobs, in the order in which one thinks of them.
fn knob_specs() -> [KnobSpec<'static>; 4] {
    let defaults = GenerateSettings::default();
    [
        KnobSpec {
            label: "Pieces",
            unit: "pieces",
            range: 1.0..=50.0,
            typed_range: Some(1.0..=1000.0),
            scale: KnobScale::LogarithmicInteger,
            default: f64::from(defaults.pieces),
            meaning: "How many pieces are made at once, each with a seed of its own",
            usual: "4 to 20",
            too_little: "nothing to choose from: every piece is a throw of the dice",
            too_much: "a long wait, a long list",
            ..KnobSpec::default()
        },
        KnobSpec {
            label: "Bars",
            unit: "bars",
            range: 1.0..=64.0,
            typed_range: Some(1.0..=1000.0),
            scale: KnobScale::LogarithmicInteger,
            default: f64::from(defaults.bars),
            meaning: "How long a piece is. What is longer than an excerpt grows out of its own end",
            usual: "4 to 16",
            too_little: "no phrase is finished",
            too_much: "the piece wanders, as the model sees no farther than an excerpt",
            ..KnobSpec::default()
        },
        KnobSpec {
            label: "Gibbs steps",
            unit: "steps",
            range: 1.0..=2000.0,
            typed_range: Some(1.0..=100_000.0),
            scale: KnobScale::LogarithmicInteger,
            default: f64::from(defaults.gibbs_steps),
            meaning: "How long the model dreams on each excerpt before it is written down",
            usual: "1 in the 2016 study; from some hundred on the start is forgotten",
            too_little: "it still sounds like where it started",
            too_much: "a longer wait, no better music",
            ..KnobSpec::default()
        },
        KnobSpec {
            label: "Temperature",
            unit: "× that of training",
            range: 0.2..=3.0,
            typed_range: Some(0.05..=10.0),
            scale: KnobScale::Linear { step: 0.05 },
            default: defaults.temperature,
            format: KnobFormat::Short,
            meaning: "How daring the model is: what it is unsure of is drawn more freely when hot",
            usual: "0.8 to 1.2; at 1 it plays as it has learned",
            too_little: "safe and much alike",
            too_much: "wild, then noise",
        },
    ]
}

fn knobs_ui(ui: &mut Ui, music: &MusicState, commands: &mut Vec<Command>) {
    let specs = knob_specs();
    let settings = &music.settings;
    knob_rows(ui, specs.len(), |ui, knob, width| {
        let mut value = match knob {
            0 => f64::from(settings.pieces),
            1 => f64::from(settings.bars),
            2 => f64::from(settings.gibbs_steps),
            _ => settings.temperature,
        };
        if ui.add(Knob::new(&mut value, &specs[knob]).width(width)).changed() {
            commands.push(match knob {
                0 => Command::SetPieces(value as u32),
                1 => Command::SetBars(value as u32),
                2 => Command::SetGibbsSteps(value as u32),
                _ => Command::SetTemperature(value),
            });
        }
    });
}

/// Whether the model has chains to start from; before a run, whether the next will have.
fn has_chains(state: &State) -> bool {
    let settings = state.run.facts.as_ref().map_or(&state.settings, |facts| &facts.settings);
    settings.algorithm != Algorithm::ContrastiveDivergence
}

/// What "Song" starts from: the music that was taken, else the chosen song.
fn start_name(state: &State) -> Option<&str> {
    if let Some(music) = &state.music.start_music {
        return Some(&music.name);
    }
    let song = state.data.songs.get(state.data.selected?)?;
    Some(&song.title)
}

fn start_ui(ui: &mut Ui, state: &State, commands: &mut Vec<Command>) {
    let song = start_name(state);
    let from_song = match song {
        Some(title) => format!("Wanders off from {title}"),
        None => "Choose a song in the first column".to_owned(),
    };
    let no_chains = "The model has no chains: it was trained with plain CD. Train with PCD";
    let options = [
        Choice { text: "Silence", tooltip: "All notes off, as in the 2016 study", reason: None },
        Choice {
            text: "Noise",
            tooltip: "Random notes, each as frequent as in the songs",
            reason: None,
        },
        Choice {
            text: "Chains",
            tooltip: "Continue the music that the model dreamt while training. Usually best",
            reason: (!has_chains(state)).then_some(no_chains),
        },
        Choice {
            text: "Song",
            tooltip: &from_song,
            reason: song.is_none().then_some(from_song.as_str()),
        },
    ];
    let start = state.music.settings.start;
    let chosen = STARTS.iter().position(|&one| one == start);
    if let Some(place) = choices(ui, "Start from", chosen, &options) {
        commands.push(Command::SetStart(STARTS[place]));
    }
}

/// Why nothing can be generated now.
pub fn why_no_generate(state: &State) -> Option<&'static str> {
    if state.music.generating.is_some() {
        return Some("Pieces are being made");
    }
    if !state.run.phase.has_model() {
        return Some("Train first: there is no model yet");
    }
    match state.music.settings.start {
        StartPoint::Chains if !has_chains(state) => {
            Some("Choose another start: there are no chains")
        }
        StartPoint::Song if start_name(state).is_none() => {
            Some("Choose a song in the first column to start from")
        }
        _ => None,
    }
}

fn generate_ui(ui: &mut Ui, state: &State, commands: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        let width = ui.available_width() - SWITCH_WIDTH - GAP;
        if let Some(share) = state.music.generating {
            let cancel_width = 72.0;
            ui.allocate_ui(vec2(width, parts::ROW_HEIGHT), |ui| {
                ui.set_min_width(width);
                let bar = ProgressBar::new("Generating", share as f32);
                ui.add(bar.width(width - cancel_width - GAP));
                if ui.add(ActionButton::new("Cancel").min_width(cancel_width)).clicked() {
                    commands.push(Command::CancelGenerate);
                }
            });
        } else {
            let keys = shortcuts::keys(ui.ctx(), Action::Generate);
            let generate = ActionButton::new("Generate")
                .with_icon(Icon::Sparkles)
                .primary()
                .min_width(width)
                .shortcut(&keys);
            if button_unless(ui, why_no_generate(state), generate) {
                commands.push(Command::Generate);
            }
        }
        let row = ui.max_rect();
        let split = ui.cursor().left();
        tour::mark(ui.ctx(), TourTarget::Generate, row.with_max_x(split - GAP));
        audition::switch_ui(ui, &state.music.audition, SWITCH_WIDTH, commands);
        tour::mark(ui.ctx(), TourTarget::LiveAudition, ui.min_rect().with_min_x(split));
    });
}

/// The song that is started from, where one is, and the seed.
fn seed_row_ui(ui: &mut Ui, state: &State, commands: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        let what = "The same seed with the same model and settings makes the same pieces";
        let label = ui.label(parts::caption(ui, "Seed")).on_hover_text(what);
        let mut value = state.music.settings.seed;
        let field =
            DragValue::new(&mut value).range(0..=MAX_SEED).speed(0.1).update_while_editing(false);
        let field = ui.add_sized(vec2(72.0, parts::ROW_HEIGHT), field.clip_text(true));
        if field.labelled_by(label.id).on_hover_text(what).changed() {
            commands.push(Command::SetGenerateSeed(value));
        }
        let what = "A seed drawn by chance";
        if ui.add(ActionButton::icon(Icon::Dices, "Draw a seed").tooltip(what)).clicked() {
            commands.push(Command::DrawGenerateSeed);
        }
        if state.music.settings.start == StartPoint::Song {
            start_name_ui(ui, state, commands);
        }
    });
}

/// "from bars 3–4 of Piece 2", with the way back to the chosen song.
fn start_name_ui(ui: &mut Ui, state: &State, commands: &mut Vec<Command>) {
    let words = format!("from {}", start_name(state).unwrap_or("no song chosen"));
    let is_taken = state.music.start_music.is_some();
    ui.scope(|ui| {
        ui.set_max_width(ui.available_width() - if is_taken { 28.0 } else { 0.0 });
        ui.add(egui::Label::new(parts::caption(ui, words)).truncate());
    });
    if is_taken {
        let forget = ActionButton::icon(Icon::X, "Start from the chosen song again");
        if ui.add(forget.quiet().height(24.0)).clicked() {
            commands.push(Command::ForgetStartMusic);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::knob_specs;

    #[test]
    fn every_knob_of_music_says_all_that_a_tooltip_owes() {
        for spec in knob_specs() {
            let owed = [spec.unit, spec.meaning, spec.usual, spec.too_little, spec.too_much];
            assert!(owed.iter().all(|words| !words.is_empty()), "{}", spec.label);
        }
    }
}
