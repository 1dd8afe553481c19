//! The card with the error curve: this run in full, earlier runs faintly.

use egui::{Align, FontId, Layout, RichText, Ui, vec2};
use egui_plot::PlotPoint;

use super::super::parts::GAP;
use super::runs;
use crate::train::{History, setting};
use crate::ui::command::Command;
use crate::ui::fonts;
use crate::ui::icons::{self, Icon};
use crate::ui::state::{EarlierRun, RunPhase, RunState};
use crate::ui::theme::{self, size};
use crate::ui::widgets::{ActionButton, Curve, CurveMarker, CurveSeries, SeriesKind};

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
        heading_ui(ui, run, commands);
        let curve_top = ui.cursor().top();
        if let RunPhase::Failed { reason, .. } = &run.phase {
            let top = ui.cursor().top();
            failure_ui(ui, reason);
            left -= ui.cursor().top() - top;
        }
        curve_ui(ui, run, has_songs, left.max(120.0));
        curve_top
    });
    run.curve_rect = Some(card.response.rect.with_min_y(card.inner));
}

fn heading_ui(ui: &mut Ui, run: &mut RunState, commands: &mut Vec<Command>) {
    let room = vec2(ui.available_width(), theme::CONTROL_HEIGHT);
    ui.allocate_ui_with_layout(room, Layout::left_to_right(Align::Center), |ui| {
        let title = RichText::new("Reconstruction error");
        let title = title.font(FontId::new(size::BODY, fonts::medium()));
        ui.label(title).on_hover_text(
            "How far the model's answer to an excerpt is from the excerpt: the mean square of the \
             differences. Lower is better; the held-out part shows whether it understands or \
             only remembers.",
        );
        ui.add_space(GAP);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let has_curve = !run.history.epochs.is_empty() || !run.earlier.is_empty();
            let reason = (!has_curve).then_some("There is no curve yet");
            let png = ActionButton::icon(Icon::Image, "Export the curve as PNG").quiet();
            if super::parts::button_unless(ui, reason, png) {
                commands.push(Command::ExportCurvePng);
            }
            let csv = ActionButton::icon(Icon::Sheet, "Export the curve as CSV").quiet();
            if super::parts::button_unless(ui, reason, csv) {
                commands.push(Command::ExportCurveCsv);
            }
            let log = ActionButton::new("log").quiet().height(24.0).on(run.is_log_scale);
            if ui.add(log.tooltip("Shows every tenfold as high as the next")).clicked() {
                run.is_log_scale = !run.is_log_scale;
            }
            ui.add_space(GAP);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                runs::run_chips_ui(ui, run, commands);
            });
        });
    });
}

fn failure_ui(ui: &mut Ui, reason: &str) {
    let palette = theme::palette(ui);
    let frame = egui::Frame::new()
        .fill(palette.danger.gamma_multiply(0.12))
        .corner_radius(theme::RADIUS)
        .inner_margin(8);
    frame.show(ui, |ui| {
        ui.horizontal(|ui| {
            ui.set_min_width(ui.available_width());
            ui.label(icons::rich(Icon::CircleAlert).color(palette.danger_text));
            let text = RichText::new(format!("The run ended by itself: {reason}"));
            ui.add(egui::Label::new(text).wrap().selectable(true));
        });
    });
}

/// The errors of a run by epoch.
fn points(history: &History, of_held_out: bool) -> Vec<PlotPoint> {
    let value = |record: &crate::train::EpochRecord| {
        let metrics = &record.metrics;
        let error =
            if of_held_out { metrics.held_out_error } else { Some(metrics.reconstruction_error) };
        error.map(|error| PlotPoint::new(f64::from(metrics.epoch), error))
    };
    history.epochs.iter().filter_map(value).collect()
}

/// "Learning rate 0.01", where a knob was turned.
fn change_words(history: &History) -> Vec<(f64, String)> {
    let words = |change: &crate::train::SettingChange| {
        let label = setting(&change.key).map_or(change.key.as_str(), |setting| setting.label);
        (f64::from(change.epoch), format!("{label} {}", change.value))
    };
    history.changes.iter().map(words).collect()
}

fn curve_ui(ui: &mut Ui, run: &RunState, has_songs: bool, height: f32) {
    let shown: Vec<&EarlierRun> = run.earlier.iter().filter(|earlier| earlier.is_shown).collect();
    let earlier: Vec<(String, Vec<PlotPoint>)> = shown
        .iter()
        .enumerate()
        .map(|(place, earlier)| {
            let is_taken = shown[..place].iter().any(|other| other.name == earlier.name);
            let again = if is_taken { format!(" ({place})") } else { String::new() };
            (format!("{}{again}", earlier.name), points(&earlier.history, false))
        })
        .collect();
    let (training, held_out) = (points(&run.history, false), points(&run.history, true));
    let series = |label, points, kind, is_faint| CurveSeries { label, points, kind, is_faint };
    let mut all: Vec<CurveSeries<'_>> = earlier
        .iter()
        .map(|(name, points)| series(name, points, SeriesKind::OtherRun, true))
        .collect();
    if !held_out.is_empty() {
        all.push(series("held out", &held_out, SeriesKind::HeldOut, false));
    }
    all.push(series("training", &training, SeriesKind::Training, false));
    let changes = change_words(&run.history);
    let markers: Vec<CurveMarker<'_>> =
        changes.iter().map(|(x, text)| CurveMarker { x: *x, text }).collect();
    let empty_text = match run.phase {
        RunPhase::Preparing => "Preparing the songs…",
        RunPhase::Training => "The first epoch is under way…",
        _ if !has_songs => "Add songs, then press Train to see the error fall",
        _ => "Press Train to see the error fall",
    };
    let x_end = (run.phase != RunPhase::Idle && run.progress.epochs > 0)
        .then(|| f64::from(run.progress.epochs));
    Curve::new("Reconstruction error", &all)
        .markers(&markers)
        .logarithmic(run.is_log_scale)
        .x_end(x_end)
        .height(height)
        .empty_text(empty_text)
        .show(ui);
}
