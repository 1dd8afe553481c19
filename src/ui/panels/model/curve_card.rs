//! The card with the curve of a measure: this run in full, earlier runs faintly.

use egui::{Align, FontId, Layout, Popup, RichText, Ui, vec2};

use super::super::curves;
use super::super::parts::{self, GAP, button_unless};
use super::runs;
use crate::engine::Divergence;
use crate::train::{FIGURES, Figure, History, setting};
use crate::ui::command::Command;
use crate::ui::fonts;
use crate::ui::icons::{self, Icon};
use crate::ui::state::{RunPhase, RunState};
use crate::ui::theme::{self, size};
use crate::ui::widgets::{ActionButton, Curve, CurveMarker};

/// Padding of the card and its heading, above and below the curve.
const AROUND: f32 = 64.0;

/// The card in `height` points.
pub fn curve_card_ui(
    ui: &mut Ui,
    run: &mut RunState,
    has_songs: bool,
    height: f32,
    commands: &mut Vec<Command>,
) {
    let card = theme::palette(ui).card_frame().show(ui, |ui| {
        let mut left = height - AROUND;
        heading_ui(ui, run, has_songs, commands);
        let curve_top = ui.cursor().top();
        if let RunPhase::Failed { reason, .. } = &run.phase {
            failure_ui(ui, &format!("This run cannot go on: {reason}"));
        }
        if let Some(divergence) = &run.divergence {
            divergence_ui(ui, divergence, commands);
        }
        left -= ui.cursor().top() - curve_top;
        curve_ui(ui, run, has_songs, left.max(120.0));
        curve_top
    });
    run.curve_rect = Some(card.response.rect.with_min_y(card.inner));
}

/// What the curve shows.
fn figure(run: &RunState) -> &'static Figure {
    FIGURES.get(run.figure).unwrap_or(&FIGURES[0])
}

fn heading_ui(ui: &mut Ui, run: &mut RunState, has_songs: bool, commands: &mut Vec<Command>) {
    let room = vec2(ui.available_width(), theme::CONTROL_HEIGHT);
    ui.allocate_ui_with_layout(room, Layout::left_to_right(Align::Center), |ui| {
        figure_menu_ui(ui, run);
        ui.add_space(GAP);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let no_songs = (!has_songs && run.facts.is_none()).then_some("Add songs first");
            let copy = ActionButton::icon(Icon::SquareTerminal, "Copy as command").quiet();
            let copy = copy.tooltip("Copies the command line that repeats this run");
            if button_unless(ui, no_songs, copy) {
                commands.push(Command::CopyAsCommand);
            }
            let has_curve = !run.history.epochs.is_empty() || !run.earlier.is_empty();
            let reason = (!has_curve).then_some("There is no curve yet");
            let png = ActionButton::icon(Icon::Image, "Export the curve as PNG").quiet();
            if button_unless(ui, reason, png) {
                commands.push(Command::ExportCurvePng);
            }
            let csv = ActionButton::icon(Icon::Sheet, "Export the curve as CSV").quiet();
            if button_unless(ui, reason, csv) {
                commands.push(Command::ExportCurveCsv);
            }
            log_button_ui(ui, run);
            ui.add_space(GAP);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                runs::run_chips_ui(ui, run, commands);
            });
        });
    });
}

/// The name of what is shown; a click opens the list of what else there is.
fn figure_menu_ui(ui: &mut Ui, run: &mut RunState) {
    let shown = figure(run);
    let title = icons::before_icon(shown.label, Icon::ChevronDown);
    let title = RichText::new(title).font(FontId::new(size::BODY, fonts::medium()));
    let button = ui.add(egui::Button::new(title).frame_when_inactive(false));
    let name = format!("Shown: {}", shown.label);
    button.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &name));
    Popup::menu(&button).width(190.0).gap(4.0).show(|ui| {
        for (place, figure) in FIGURES.iter().enumerate() {
            let entry = ui.selectable_label(place == run.figure, figure.label);
            if entry.on_hover_text(figure.meaning).clicked() {
                run.figure = place;
            }
        }
    });
    button.on_hover_text(shown.meaning);
}

fn log_button_ui(ui: &mut Ui, run: &mut RunState) {
    let reason = (!figure(run).is_positive).then_some("There may be values of zero and below");
    let log = ActionButton::new("log").quiet().height(24.0).on(run.is_log_scale);
    if button_unless(ui, reason, log.tooltip("Shows every tenfold as high as the next")) {
        run.is_log_scale = !run.is_log_scale;
    }
}

fn divergence_ui(ui: &mut Ui, divergence: &Divergence, commands: &mut Vec<Command>) {
    let Divergence { epoch, symptom, suggested_rate, .. } = divergence;
    let place = divergence.place();
    failure_ui(
        ui,
        &format!(
            "The run diverged in epoch {epoch}: {symptom}. It stands again as it was {place}."
        ),
    );
    ui.horizontal(|ui| {
        let go_on = format!("Go on at a learning rate of {suggested_rate}");
        if ui.add(ActionButton::new(&go_on).height(26.0)).clicked() {
            commands.push(Command::TakeProposedRate);
        }
        ui.label(parts::caption(ui, "or turn another knob, then press Resume"));
    });
}

fn failure_ui(ui: &mut Ui, words: &str) {
    let palette = theme::palette(ui);
    let frame = egui::Frame::new()
        .fill(palette.danger.gamma_multiply(0.12))
        .corner_radius(theme::RADIUS)
        .inner_margin(8);
    frame.show(ui, |ui| {
        ui.horizontal(|ui| {
            ui.set_min_width(ui.available_width());
            ui.label(icons::rich(Icon::CircleAlert).color(palette.danger_text));
            ui.add(egui::Label::new(words).wrap().selectable(true));
        });
    });
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

fn curve_ui(ui: &mut Ui, run: &RunState, has_songs: bool, height: f32) {
    let figure = figure(run);
    let lines = curves::lines_of(run, figure);
    let changes = change_words(&run.history);
    let markers: Vec<CurveMarker<'_>> =
        changes.iter().map(|(x, text)| CurveMarker { x: *x, text }).collect();
    let x_end = (run.phase != RunPhase::Idle && run.progress.epochs > 0)
        .then(|| f64::from(run.progress.epochs));
    Curve::new(figure.label, &curves::series(&lines))
        .markers(&markers)
        .logarithmic(run.is_log_scale && figure.is_positive)
        .x_end(x_end)
        .height(height)
        .empty_text(empty_text(run, has_songs))
        .show(ui);
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
