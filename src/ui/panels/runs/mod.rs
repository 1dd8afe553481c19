//! The window with all runs: the table, two of them compared, the sweep, and the plots.
//!
//! It is no dialog: training, turning knobs and listening go on beside it.

mod compare;
mod look_menu;
mod plots;
mod queue;
mod sweep_draft;
mod table;

use egui::{Align, Context, Layout, ScrollArea, Ui, vec2};

use super::parts::{self, GAP, button_unless};
use crate::train::{FIGURES, Figure};
use crate::ui::command::Command;
use crate::ui::icons::Icon;
use crate::ui::runs_state::{RunRow, differing_settings, sorted};
use crate::ui::state::{RunId, RunState, State};
use crate::ui::theme::{self, UNIT};
use crate::ui::tool_window;
use crate::ui::widgets::{ActionButton, combo_sign, empty_state};

pub use sweep_draft::sweep_draft_ui;

const SIZE: egui::Vec2 = vec2(1040.0, 700.0);
/// The plots below the table are at least so high.
const PLOTS: f32 = 210.0;
/// A row of the comparison, and what stands over it.
const COMPARED_ROW: f32 = 32.0;
const COMPARED_HEADING: f32 = 72.0;

/// The window, when it is open.
pub fn runs_ui(ctx: &Context, state: &mut State, commands: &mut Vec<Command>) {
    if !state.run.view.is_open {
        return;
    }
    let mut is_open = true;
    let room = ctx.content_rect().size() - vec2(48.0, 96.0);
    let window = egui::Window::new("Runs")
        .open(&mut is_open)
        .collapsible(false)
        .default_size(SIZE.min(room))
        .min_size(vec2(560.0, 360.0).min(room))
        .max_size(room);
    let window = tool_window::centred(ctx, "Runs", window);
    tool_window::show(ctx, "Runs", window, |ui| contents(ui, state, commands));
    if !is_open {
        commands.push(Command::ShowRuns(false));
    }
}

/// The measure that the curve shows.
fn figure(run: &RunState) -> &'static Figure {
    FIGURES.get(run.figure).unwrap_or(&FIGURES[0])
}

fn contents(ui: &mut Ui, state: &mut State, commands: &mut Vec<Command>) {
    let has_songs = state.data.totals.n_songs > 0;
    heading_ui(ui, &mut state.run, has_songs, commands);
    queue::queue_ui(ui, &mut state.run, commands);
    if state.run.rows().is_empty() {
        ui.add_space(10.0 * UNIT);
        let text = "Press Train: every run stays here with its settings, curve and model. Or try \
                    a range of a setting, or read the runs of other projects";
        empty_state(ui, Icon::ListChecks, "No runs yet", text);
        ui.add_space(ui.available_height());
        return;
    }
    let height = ui.available_height();
    let n_rows = state.run.rows().len();
    let below = below_height(&state.run).min(height * 0.55);
    let table = table::height(n_rows).min(height - below).max(120.0);
    let width = ui.available_width();
    ui.allocate_ui(vec2(width, table), |ui| {
        ui.set_min_size(vec2(width, table));
        table::table_ui(ui, &mut state.run, commands);
    });
    ui.add_space(UNIT);
    ui.separator();
    let selected: Vec<RunRow<'_>> =
        state.run.view.selected.iter().filter_map(|run| state.run.row(*run)).collect();
    if let [one, other] = selected[..] {
        let figure = figure(&state.run);
        ScrollArea::vertical().id_salt("compare").auto_shrink(false).show(ui, |ui| {
            compare::compare_ui(ui, one, other, figure);
        });
    } else {
        plots::plots_ui(ui, &mut state.run);
    }
}

/// What stands below the table: the plots, or the comparison of two runs.
fn below_height(run: &RunState) -> f32 {
    let rows: Vec<RunRow<'_>> =
        run.view.selected.iter().filter_map(|selected| run.row(*selected)).collect();
    match rows.len() {
        // Best value, epochs and time beside the settings.
        2 => COMPARED_HEADING + COMPARED_ROW * (differing_settings(&rows).len() + 3) as f32,
        _ => PLOTS,
    }
}

/// The measure, the best run, and where runs come from.
fn heading_ui(ui: &mut Ui, run: &mut RunState, has_songs: bool, commands: &mut Vec<Command>) {
    let room = vec2(ui.available_width(), theme::CONTROL_HEIGHT);
    ui.allocate_ui_with_layout(room, Layout::left_to_right(Align::Center), |ui| {
        ui.label(parts::caption(ui, "Measure"));
        measure_ui(ui, run);
        let best = best_run(run);
        let hear = ActionButton::new("Hear the best").with_icon(Icon::Volume2).tooltip(
            "Makes the best run the current one, generates pieces from its model and plays them",
        );
        if button_unless(ui, best.err(), hear)
            && let Ok(run) = best
        {
            commands.push(Command::HearRun(run));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let read = ActionButton::icon(Icon::FolderOpen, "Read runs from projects…").quiet();
            let read = read.tooltip("Runs of other .harmonium files join the table");
            if ui.add(read).clicked() {
                commands.push(Command::ReadRuns);
            }
            let sweep = ActionButton::new("Try a range…").with_icon(Icon::SlidersHorizontal);
            let what = "Trains a run for each value of a setting, one after the other";
            if button_unless(ui, why_no_sweep(run, has_songs), sweep.tooltip(what)) {
                commands.push(Command::DraftSweep("learning_rate"));
            }
            ui.add_space(GAP);
        });
    });
    ui.add_space(UNIT);
}

/// The best run by the measure that is shown, or why it cannot be heard now.
pub fn best_run(run: &RunState) -> Result<RunId, &'static str> {
    let winner = RunState::winner(&run.rows(), figure(run)).map(|row| row.id);
    match winner {
        _ if figure(run).better.is_none() => Err("This measure has no better and worse"),
        None => Err("No run with a model has measured this yet"),
        Some(_) if run.is_sweeping() => Err("The sweep is under way: wait, or cancel it"),
        Some(_) if run.phase.is_active() => Err("Pause or stop the run under way first"),
        Some(run) => Ok(run),
    }
}

/// Why no sweep can be put together now.
pub fn why_no_sweep(run: &RunState, has_songs: bool) -> Option<&'static str> {
    if run.is_sweeping() {
        Some("A sweep is under way")
    } else if !has_songs {
        Some("Add songs first: there is nothing to learn from")
    } else {
        None
    }
}

/// The same choice as over the curve.
fn measure_ui(ui: &mut Ui, run: &mut RunState) {
    let shown = figure(run).label;
    let list = egui::ComboBox::from_id_salt("measure of the runs");
    let list = list.width(180.0).icon(combo_sign);
    let list = list.selected_text(shown).show_ui(ui, |ui| {
        for (place, figure) in FIGURES.iter().enumerate() {
            let entry = ui.selectable_label(place == run.figure, figure.label);
            if entry.on_hover_text(figure.meaning).clicked() {
                run.figure = place;
            }
        }
    });
    let name = format!("Measure: {shown}");
    list.response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::ComboBox, true, &name));
}

/// The rows in the order of the table.
fn rows_in_order(run: &RunState) -> Vec<RunRow<'_>> {
    sorted(run.rows(), &run.view, figure(run))
}
