//! The card with the curve of a measure, and of a second one below: this run in full, earlier runs
//! faintly.

use egui::{Align, Layout, Ui, vec2};

use super::super::curves;
use super::super::parts::GAP;
use super::curve_heading;
use super::run_words::{self, Shape};
use crate::train::{Better, FIGURES, Figure, History, TrainSettings, setting};
use crate::ui::command::Command;
use crate::ui::icons::Icon;
use crate::ui::state::{RunPhase, RunState};
use crate::ui::theme;
use crate::ui::widgets::{ActionButton, Curve, CurveMarker};

/// Padding of the card and its heading, above and below the curve.
const AROUND: f32 = 64.0;
/// A plot is at least so high.
const LEAST_HEIGHT: f32 = 90.0;
/// And so high in a column with room.
const USUAL_HEIGHT: f32 = 124.0;
const HIGH: f32 = 540.0;
const SECOND_HEADING: f32 = 28.0;
/// At the sides of the card, together.
const PADDING: f32 = 22.0;

/// The least height of the card in a column of this width and height, where it shows a single plot.
pub fn least_height(run: &RunState, width: f32, viewport: f32) -> f32 {
    let plot = if viewport >= HIGH { USUAL_HEIGHT } else { LEAST_HEIGHT };
    plot + AROUND + run_words::height(run, Shape::fitting(width - PADDING, viewport))
}

/// What there is for the card, in points.
#[derive(Clone, Copy)]
pub struct CardRoom {
    pub height: f32,
    /// Of the whole column.
    pub viewport: f32,
}

/// The card, as high as its room.
pub fn curve_card_ui(
    ui: &mut Ui,
    run: &mut RunState,
    knobs: &TrainSettings,
    has_songs: bool,
    room: CardRoom,
    commands: &mut Vec<Command>,
) {
    let card = theme::palette(ui).card_frame().show(ui, |ui| {
        curve_heading::heading_ui(ui, run, has_songs, commands);
        let curve_top = ui.cursor().top();
        let shape = Shape::fitting(ui.available_width(), room.viewport);
        let left = room.height - AROUND - run_words::height(run, shape);
        run_words::run_words_ui(ui, run, knobs, shape, commands);
        let first = if run.curves.second.is_some() { (left / 2.0).floor() } else { left };
        let figure = curve_heading::figure(run);
        curve_ui(ui, run, figure, "first", has_songs, first.max(LEAST_HEIGHT));
        second_ui(ui, run, has_songs, (left - first).max(LEAST_HEIGHT));
        curve_top
    });
    run.curve_rect = Some(card.response.rect.with_min_y(card.inner));
}

/// "Learning rate 0.05 → 0.01", where a knob was turned.
fn change_words(history: &History) -> Vec<(f64, String)> {
    let words = |change: &crate::train::SettingChange| {
        let label = setting(&change.key).map_or(change.key.as_str(), |setting| setting.label);
        let before = change.before.as_ref().map_or_else(String::new, |was| format!("{was} → "));
        (f64::from(change.epoch), format!("{label} {before}{}", change.value))
    };
    history.changes.iter().map(words).collect()
}

/// The second plot has a heading of its own.
fn second_ui(ui: &mut Ui, run: &mut RunState, has_songs: bool, height: f32) {
    let Some(place) = run.curves.second else { return };
    let shown = FIGURES.get(place).unwrap_or(&FIGURES[0]);
    let mut chosen = None;
    let room = vec2(ui.available_width(), SECOND_HEADING);
    ui.allocate_ui_with_layout(room, Layout::left_to_right(Align::Center), |ui| {
        chosen = curve_heading::figure_menu_ui(ui, shown, "Second plot");
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let close = ActionButton::icon(Icon::X, "Close the second plot").quiet().height(24.0);
            if ui.add(close).clicked() {
                run.curves.second = None;
            }
        });
    });
    curve_ui(ui, run, shown, "second", has_songs, height - SECOND_HEADING - GAP);
    if chosen.is_some() {
        run.curves.second = chosen;
    }
}

fn curve_ui(
    ui: &mut Ui,
    run: &RunState,
    figure: &Figure,
    place: &str,
    has_songs: bool,
    height: f32,
) {
    let lines = curves::lines_of(run, figure);
    let changes = change_words(&run.history);
    let markers: Vec<CurveMarker<'_>> =
        changes.iter().map(|(x, text)| CurveMarker { x: *x, text }).collect();
    let x_end = (run.phase != RunPhase::Idle && run.progress.epochs > 0)
        .then(|| f64::from(run.progress.epochs));
    ui.push_id(place, |ui| {
        Curve::new(figure.label, &curves::series(&lines))
            .markers(&markers)
            .logarithmic(run.is_log_scale && figure.is_positive)
            .highest_is_best(figure.better == Some(Better::Higher))
            .group("curve card")
            .x_end(x_end)
            .height(height)
            .empty_text(empty_text(run, has_songs))
            .show(ui);
    });
}

/// What stands where there is no curve.
fn empty_text(run: &RunState, has_songs: bool) -> &'static str {
    match run.phase {
        RunPhase::Preparing => "Preparing the songs…",
        RunPhase::Training if run.history.epochs.is_empty() => "The first epoch is under way…",
        _ if !run.history.epochs.is_empty() => "This run does not measure that",
        _ if !has_songs => "Add songs, then press Train to see the error fall",
        _ => "Press Train to see the error fall",
    }
}
