//! The curves of all shown runs, and beside them the best value of each against a setting.

use egui::{Ui, vec2};
use egui_plot::PlotPoint;

use super::super::curves;
use super::super::parts::{self, GAP};
use super::figure;
use crate::train::{Better, Scale, Setting, SettingKind};
use crate::ui::runs_state::{RunRow, differing_settings, judged_line, judged_value};
use crate::ui::state::RunState;
use crate::ui::widgets::{Curve, Scatter, ScatterPoint, combo_sign};

/// The rows that a plot shows.
fn shown_rows(run: &RunState) -> Vec<RunRow<'_>> {
    run.rows().into_iter().filter(|row| row.is_shown).collect()
}

/// Numbers that differ between the runs: what the best values can be drawn against.
fn candidates(rows: &[RunRow<'_>]) -> Vec<&'static Setting> {
    let is_number = |setting: &&'static Setting| matches!(setting.kind, SettingKind::Number { .. });
    differing_settings(rows).into_iter().filter(is_number).collect()
}

pub(super) fn plots_ui(ui: &mut Ui, run: &mut RunState) {
    let rows = shown_rows(run);
    let settings = candidates(&rows);
    let against = run.view.against;
    let setting = settings.iter().find(|setting| Some(setting.key) == against);
    let setting = setting.or(settings.first()).copied();
    let height = ui.available_height();
    let width = ui.available_width();
    let half = if setting.is_some() { ((width - 2.0 * GAP) / 2.0).floor() } else { width };
    let mut chosen = None;
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0 * GAP;
        ui.allocate_ui(vec2(half, height), |ui| {
            ui.set_max_width(half);
            ui.vertical(|ui| curves_ui(ui, run, height));
        });
        if let Some(setting) = setting {
            ui.allocate_ui(vec2(half, height), |ui| {
                ui.set_max_width(half);
                ui.vertical(|ui| {
                    chosen = against_ui(ui, run, &rows, setting, &settings, height);
                });
            });
        }
    });
    if chosen.is_some() {
        run.view.against = chosen;
    }
}

fn curves_ui(ui: &mut Ui, run: &RunState, height: f32) {
    let figure = figure(run);
    ui.horizontal(|ui| {
        ui.set_min_height(parts::ROW_HEIGHT);
        ui.label(parts::caption(ui, format!("{} of the runs that are shown", figure.label)));
    });
    let lines = curves::lines_of(run, figure);
    let name = format!("{} of all runs", figure.label);
    Curve::new(&name, &curves::series(&lines))
        .logarithmic(run.is_log_scale && figure.is_positive)
        .highest_is_best(figure.better == Some(Better::Higher))
        .height(height - parts::ROW_HEIGHT - GAP)
        .empty_text("No shown run has measured this")
        .show(ui);
}

/// Returns the setting that was chosen in its stead.
fn against_ui(
    ui: &mut Ui,
    run: &RunState,
    rows: &[RunRow<'_>],
    setting: &'static Setting,
    settings: &[&'static Setting],
    height: f32,
) -> Option<&'static str> {
    let figure = figure(run);
    let line = judged_line(rows, figure);
    let mut chosen = None;
    ui.horizontal(|ui| {
        ui.set_min_height(parts::ROW_HEIGHT);
        let best = if figure.better.is_some() { "Best" } else { "Latest" };
        ui.label(parts::caption(ui, format!("{best} value, {}, against", line.label)));
        let list = egui::ComboBox::from_id_salt("against");
        let list = list.selected_text(setting.label).icon(combo_sign);
        let list = list.show_ui(ui, |ui| {
            for other in settings {
                if ui.selectable_label(other.key == setting.key, other.label).clicked() {
                    chosen = Some(other.key);
                }
            }
        });
        let name = format!("Against: {}", setting.label);
        list.response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::ComboBox, true, &name));
    });
    let SettingKind::Number { get, scale, .. } = setting.kind else { return chosen };
    let winner = RunState::winner(rows, figure).map(|row| row.id);
    let point = |row: &RunRow<'_>| {
        let (_, value) = judged_value(row, figure, &line)?;
        Some(ScatterPoint {
            at: PlotPoint::new(get(row.settings), value),
            label: row.name.to_owned(),
            color: row.color,
            is_best: winner == Some(row.id),
        })
    };
    let points: Vec<ScatterPoint> = rows.iter().filter_map(point).collect();
    let is_x_logarithmic = scale != Scale::Linear && points.iter().all(|point| point.at.x > 0.0);
    let name = format!("{} against {}", figure.label, setting.label);
    Scatter::new(&name, setting.label, &points)
        .logarithmic_x(is_x_logarithmic)
        .logarithmic_y(run.is_log_scale && figure.is_positive)
        .height(height - parts::ROW_HEIGHT - GAP)
        .show(ui);
    chosen
}
