//! The table of runs: name, colour, the settings that differ, best value, epochs, time.

use egui::{
    Align, Key, Layout, Modifiers, Popup, Rect, Response, RichText, ScrollArea, Sense, Ui,
    WidgetInfo, vec2,
};

use super::super::parts::{self, GAP, button_unless};
use super::{figure, look_menu, rows_in_order};
use crate::train::{Figure, FigureLine, Setting};
use crate::ui::command::Command;
use crate::ui::icons::{self, Icon};
use crate::ui::runs_state::{
    RunColumn, RunRow, RunsView, differing_settings, judged_line, judged_value,
};
use crate::ui::state::{RunId, RunState};
use crate::ui::theme::{self, UNIT};
use crate::ui::widgets::{ActionButton, focus_ring, value_label};

const ROW_HEIGHT: f32 = 30.0;
const HEADER_HEIGHT: f32 = 28.0;
const SHOWN_WIDTH: f32 = 24.0;
const LOOK_WIDTH: f32 = 36.0;
const NAME_WIDTH: f32 = 196.0;
const ACTIONS_WIDTH: f32 = 96.0;
const BEST_WIDTH: f32 = 136.0;
const EPOCHS_WIDTH: f32 = 64.0;
const TIME_WIDTH: f32 = 76.0;
const SETTING_WIDTH: f32 = 112.0;

/// Below the last row, where the bar lies that scrolls to the other columns.
const BELOW: f32 = 3.0 * UNIT;

/// What all rows share.
struct Table {
    figure: &'static Figure,
    line: FigureLine,
    columns: Vec<&'static Setting>,
    current: RunId,
    /// By the measure that is shown.
    best: Option<RunId>,
    /// Why no run can be made the current one now.
    why_not_hear: Option<&'static str>,
}

/// The height of the table with so many rows.
pub(super) fn height(n_rows: usize) -> f32 {
    HEADER_HEIGHT + n_rows as f32 * ROW_HEIGHT + BELOW
}

pub(super) fn table_ui(ui: &mut Ui, run: &mut RunState, commands: &mut Vec<Command>) {
    let rows = run.rows();
    let why_not_hear = if run.is_sweeping() {
        Some("The sweep is under way: wait, or cancel it")
    } else {
        run.phase.is_active().then_some("Pause or stop the run under way first")
    };
    let table = Table {
        figure: figure(run),
        line: judged_line(&rows, figure(run)),
        columns: differing_settings(&rows),
        current: run.id,
        best: RunState::winner(&rows, figure(run)).map(|row| row.id).filter(|_| rows.len() > 1),
        why_not_hear,
    };
    let mut view = run.view.clone();
    let rows = rows_in_order(run);
    let width = table.width();
    let is_bar_needed = width > ui.available_width();
    ScrollArea::horizontal().id_salt("runs across").auto_shrink(false).show(ui, |ui| {
        ui.set_width(width.max(ui.available_width()));
        ui.spacing_mut().item_spacing = vec2(GAP, 0.0);
        header_ui(ui, &table, &mut view);
        // The bar floats: it must not lie on the last row.
        let bar = if is_bar_needed { BELOW } else { 0.0 };
        let height = (ui.available_height() - bar).max(ROW_HEIGHT);
        ScrollArea::vertical().id_salt("runs").auto_shrink(false).max_height(height).show_rows(
            ui,
            ROW_HEIGHT,
            rows.len(),
            |ui, range| {
                for row in &rows[range] {
                    row_ui(ui, &table, row, &mut view, commands);
                }
            },
        );
    });
    run.view = view;
}

impl Table {
    /// Of a row with all its columns, in points.
    fn width(&self) -> f32 {
        let fixed = [
            SHOWN_WIDTH,
            LOOK_WIDTH,
            NAME_WIDTH,
            ACTIONS_WIDTH,
            BEST_WIDTH,
            EPOCHS_WIDTH,
            TIME_WIDTH,
        ];
        let n_gaps = fixed.len() + self.columns.len() - 1;
        let settings = self.columns.len() as f32 * SETTING_WIDTH;
        fixed.iter().sum::<f32>() + settings + n_gaps as f32 * GAP
    }
}

/// A part of a row, `width` points wide.
fn cell<R>(ui: &mut Ui, width: f32, is_figure: bool, add: impl FnOnce(&mut Ui) -> R) -> R {
    let height = ui.max_rect().height();
    let layout = if is_figure {
        Layout::right_to_left(Align::Center)
    } else {
        Layout::left_to_right(Align::Center)
    };
    // The room is taken first: what is in it cannot push the columns out of line.
    let (_, rect) = ui.allocate_space(vec2(width, height));
    let inside = egui::UiBuilder::new().max_rect(rect).layout(layout);
    let mut inside = ui.new_child(inside);
    inside.spacing_mut().item_spacing.x = UNIT;
    add(&mut inside)
}

fn header_ui(ui: &mut Ui, table: &Table, view: &mut RunsView) {
    let room = vec2(ui.available_width(), HEADER_HEIGHT);
    ui.allocate_ui_with_layout(room, Layout::left_to_right(Align::Center), |ui| {
        ui.set_min_height(HEADER_HEIGHT);
        cell(ui, SHOWN_WIDTH, false, |_| ());
        cell(ui, LOOK_WIDTH, false, |_| ());
        cell(ui, NAME_WIDTH, false, |ui| title_ui(ui, "Run", RunColumn::Name, "", view));
        cell(ui, ACTIONS_WIDTH, false, |_| ());
        let best = if table.figure.better.is_some() { "Best" } else { "Latest" };
        let title = format!("{best}, {}", table.line.label);
        let what = format!(
            "{best} {} over the epochs, {} excerpts, and the epoch",
            table.figure.label.to_lowercase(),
            table.line.label
        );
        cell(ui, BEST_WIDTH, true, |ui| title_ui(ui, &title, RunColumn::Best, &what, view));
        cell(ui, EPOCHS_WIDTH, true, |ui| {
            title_ui(ui, "Done", RunColumn::Epochs, "Epochs done", view);
        });
        let what = "Time of training, pauses left out";
        cell(ui, TIME_WIDTH, true, |ui| title_ui(ui, "Time", RunColumn::Seconds, what, view));
        for setting in &table.columns {
            let column = RunColumn::Setting(setting.key);
            // The epochs that were done have a column of their own.
            let label = if setting.key == "epochs" { "Epochs set" } else { setting.label };
            cell(ui, SETTING_WIDTH, true, |ui| {
                title_ui(ui, label, column, setting.meaning, view);
            });
        }
    });
}

/// The title of a column; a click sorts by it, another one the other way round.
fn title_ui(ui: &mut Ui, title: &str, column: RunColumn, what: &str, view: &mut RunsView) {
    let is_sorted = view.sort == column;
    let text = match (is_sorted, view.is_descending) {
        (false, _) => title.to_owned(),
        (true, false) => icons::before_icon(title, Icon::ArrowUp),
        (true, true) => icons::before_icon(title, Icon::ArrowDown),
    };
    let palette = theme::palette(ui);
    let color = if is_sorted { palette.text } else { palette.quiet_text };
    let button = egui::Button::new(RichText::new(text).small().color(color)).truncate();
    ui.spacing_mut().button_padding = vec2(2.0, 2.0);
    let response = ui.add(button.frame_when_inactive(false));
    let state = match (is_sorted, view.is_descending) {
        (false, _) => "",
        (true, false) => ", sorted up",
        (true, true) => ", sorted down",
    };
    let name = format!("Sort by {title}{state}");
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, &name));
    if response.clicked() {
        view.is_descending = is_sorted && !view.is_descending;
        view.sort = column;
    }
    if !what.is_empty() {
        response.on_hover_text(what);
    }
}

fn row_ui(
    ui: &mut Ui,
    table: &Table,
    row: &RunRow<'_>,
    view: &mut RunsView,
    commands: &mut Vec<Command>,
) {
    let width = ui.available_width();
    let (rect, _) = ui.allocate_exact_size(vec2(width, ROW_HEIGHT), Sense::hover());
    let response = ui.interact(rect, ui.scope_id().with(("run", row.id)), Sense::click());
    choose(ui, &response, table, row, view, commands);
    paint_row(ui, &response, rect, view.selected.contains(&row.id));
    let inside = egui::UiBuilder::new().max_rect(rect).layout(Layout::left_to_right(Align::Center));
    ui.scope_builder(inside, |ui| {
        ui.spacing_mut().item_spacing.x = GAP;
        cell(ui, SHOWN_WIDTH, false, |ui| shown_ui(ui, row, commands));
        cell(ui, LOOK_WIDTH, false, |ui| look_menu::look_ui(ui, row, commands));
        cell(ui, NAME_WIDTH, false, |ui| name_ui(ui, table, row, view, commands));
        cell(ui, ACTIONS_WIDTH, false, |ui| actions_ui(ui, table, row, commands));
        figures_ui(ui, table, row);
    });
    Popup::context_menu(&response).show(|ui| menu_ui(ui, table, row, view, commands));
}

/// A click selects the run for the comparison; of two that are selected, the older one goes.
fn choose(
    ui: &Ui,
    response: &Response,
    table: &Table,
    row: &RunRow<'_>,
    view: &mut RunsView,
    commands: &mut Vec<Command>,
) {
    let is_selected = view.selected.contains(&row.id);
    response.widget_info(|| {
        let name = format!("{}, {}", row.name, summary(table, row));
        WidgetInfo::selected(egui::Role::Row, true, is_selected, name)
    });
    if response.clicked() {
        if is_selected {
            view.selected.retain(|run| *run != row.id);
        } else {
            view.selected.push(row.id);
            let n_selected = view.selected.len();
            view.selected.drain(..n_selected.saturating_sub(2));
        }
    }
    if response.has_focus() && view.renaming.is_none() {
        let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        if pressed(Key::F2) {
            view.renaming = Some((row.id, row.name.to_owned()));
        }
        if row.id != table.current && pressed(Key::Delete) {
            commands.push(Command::DeleteRun(row.id));
        }
    }
}

/// "best 0.0123 at epoch 40, 60 epochs".
fn summary(table: &Table, row: &RunRow<'_>) -> String {
    let n_epochs = row.history.epochs.len();
    let value = judged_value(row, table.figure, &table.line);
    let value = value.map_or_else(
        || "nothing measured".to_owned(),
        |(epoch, value)| format!("best {} at epoch {epoch}", value_label(value)),
    );
    let failure = row.failure.map_or_else(String::new, |reason| format!(", failed: {reason}"));
    format!("{value}, {}{failure}", parts::count(n_epochs, "epoch"))
}

fn paint_row(ui: &Ui, response: &Response, rect: Rect, is_selected: bool) {
    let palette = theme::palette(ui);
    if is_selected {
        ui.painter().rect_filled(rect, theme::RADIUS, palette.selection_veil());
    } else if response.hovered() {
        ui.painter().rect_filled(rect, theme::RADIUS, palette.card_hovered);
    }
    focus_ring(ui, response, theme::RADIUS);
}

fn shown_ui(ui: &mut Ui, row: &RunRow<'_>, commands: &mut Vec<Command>) {
    if row.color.is_none() {
        return;
    }
    parts::clear_boxes(ui);
    let mut is_shown = row.is_shown;
    let response = ui.checkbox(&mut is_shown, "");
    let name = format!("Show the curve of {}", row.name);
    response.widget_info(|| WidgetInfo::selected(egui::Role::CheckBox, true, is_shown, &name));
    if response.on_hover_text(name).changed() {
        commands.push(Command::ShowRun { run: row.id, is_shown });
    }
}

/// The name, or the field in which it is typed.
fn name_ui(
    ui: &mut Ui,
    table: &Table,
    row: &RunRow<'_>,
    view: &mut RunsView,
    commands: &mut Vec<Command>,
) {
    if let Some((run, text)) = &mut view.renaming
        && *run == row.id
    {
        let field = ui.add(egui::TextEdit::singleline(text).desired_width(NAME_WIDTH - GAP));
        let name = format!("Name of {}", row.name);
        field.widget_info(|| WidgetInfo::labeled(egui::Role::TextInput, true, &name));
        let is_cancelled = ui.input(|input| input.key_pressed(Key::Escape));
        if field.lost_focus() || is_cancelled {
            if !is_cancelled && text.trim() != row.name {
                commands.push(Command::RenameRun { run: row.id, name: text.clone() });
            }
            view.renaming = None;
        } else {
            field.request_focus();
        }
        return;
    }
    let palette = theme::palette(ui);
    if let Some(reason) = row.failure {
        let sign = icons::rich(Icon::TriangleAlert).size(theme::size::BODY);
        let sign = sign.color(palette.danger_text);
        icons::spoken_sign_ui(ui, sign, &format!("Failed: {reason}"));
    }
    let mut words = RichText::new(row.name);
    if row.id == table.current {
        words = words.family(crate::ui::fonts::strong());
    }
    let label = egui::Label::new(words).truncate().sense(Sense::hover());
    ui.add(label);
    if row.id == table.current {
        ui.label(parts::caption(ui, "current"));
    }
    if Some(row.id) == table.best {
        let words = icons::with_text(Icon::Award, "best");
        let words = RichText::new(words).small().color(palette.held_out_text);
        ui.label(words).on_hover_text("The best of the runs whose model is kept");
    }
}

fn actions_ui(ui: &mut Ui, table: &Table, row: &RunRow<'_>, commands: &mut Vec<Command>) {
    ui.spacing_mut().item_spacing.x = 0.0;
    let name = format!("Hear {}", row.name);
    let hear = ActionButton::icon(Icon::Volume2, &name)
        .quiet()
        .tooltip("Generates pieces from its model and plays the first; it becomes the current run");
    if button_unless(ui, why_not_hear(table, row), hear) {
        commands.push(Command::HearRun(row.id));
    }
    let name = format!("Restore the settings of {}", row.name);
    let restore = ActionButton::icon(Icon::SlidersVertical, &name).quiet();
    if ui.add(restore.tooltip("Sets the knobs as they were in this run")).clicked() {
        commands.push(Command::AdoptSettings(Box::new(row.settings.clone())));
    }
    let name = format!("Delete {}", row.name);
    let delete = ActionButton::icon(Icon::Trash2, &name).quiet();
    let reason = (row.id == table.current).then_some("The current run goes with Reset");
    if button_unless(ui, reason, delete) {
        commands.push(Command::DeleteRun(row.id));
    }
}

fn why_not_hear(table: &Table, row: &RunRow<'_>) -> Option<&'static str> {
    if row.has_model && row.id == table.current {
        None
    } else if !row.has_model {
        Some("Its model is not kept; restore its settings and train again")
    } else {
        table.why_not_hear
    }
}

/// What can be compared at a glance: figures of one width, at the right.
fn figures_ui(ui: &mut Ui, table: &Table, row: &RunRow<'_>) {
    let quiet = theme::palette(ui).quiet_text;
    cell(ui, BEST_WIDTH, true, |ui| {
        if let Some((epoch, value)) = judged_value(row, table.figure, &table.line) {
            let at = RichText::new(format!("@{epoch:<4}")).monospace().small().color(quiet);
            ui.label(at).on_hover_text(format!("After epoch {epoch}"));
            ui.label(RichText::new(value_label(value)).monospace());
        } else {
            ui.label(RichText::new("–").color(quiet));
        }
    });
    let figures = |ui: &mut Ui, width: f32, text: String| {
        cell(ui, width, true, |ui| {
            let label = egui::Label::new(RichText::new(&text).monospace()).truncate();
            ui.add(label).on_hover_text(text);
        });
    };
    figures(ui, EPOCHS_WIDTH, row.history.epochs.len().to_string());
    figures(ui, TIME_WIDTH, parts::time_left(row.history.seconds()));
    for setting in &table.columns {
        figures(ui, SETTING_WIDTH, row.text(setting.key));
    }
}

fn menu_ui(
    ui: &mut Ui,
    table: &Table,
    row: &RunRow<'_>,
    view: &mut RunsView,
    commands: &mut Vec<Command>,
) {
    if ui.button("Rename  (F2)").clicked() {
        view.renaming = Some((row.id, row.name.to_owned()));
    }
    if ui.button("Restore its settings").clicked() {
        commands.push(Command::AdoptSettings(Box::new(row.settings.clone())));
    }
    let can_hear = why_not_hear(table, row).is_none();
    if ui.add_enabled(can_hear, egui::Button::new("Hear it")).clicked() {
        commands.push(Command::HearRun(row.id));
    }
    let delete = egui::Button::new("Delete");
    if ui.add_enabled(row.id != table.current, delete).clicked() {
        commands.push(Command::DeleteRun(row.id));
    }
}
