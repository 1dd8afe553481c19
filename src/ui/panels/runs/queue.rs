//! The sweep: how far it is, what waits, what failed, and the best of it.

use egui::{Align, Layout, RichText, ScrollArea, Ui, vec2};

use super::super::parts::{self, GAP};
use super::figure;
use crate::engine::{EntryState, SweepEntry, SweepQueue};
use crate::ui::command::Command;
use crate::ui::icons::{self, Icon};
use crate::ui::runs_state::RunRow;
use crate::ui::state::RunState;
use crate::ui::theme::{self, UNIT};
use crate::ui::widgets::{ActionButton, ProgressBar};

/// The list of runs is at most so high.
const LIST_HEIGHT: f32 = 132.0;
const ROW_HEIGHT: f32 = 24.0;

pub(super) fn queue_ui(ui: &mut Ui, run: &mut RunState, commands: &mut Vec<Command>) {
    let Some(queue) = &run.sweep else { return };
    let palette = theme::palette(ui);
    let mut is_open = run.view.is_queue_open;
    palette.card_frame().show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = UNIT;
        let room = vec2(ui.available_width(), theme::CONTROL_HEIGHT);
        ui.allocate_ui_with_layout(room, Layout::right_to_left(Align::Center), |ui| {
            buttons_ui(ui, run, queue, commands);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| progress_ui(ui, run, queue));
        });
        parts::folding_heading(ui, "Runs of the sweep", &mut is_open);
        if is_open {
            list_ui(ui, queue, commands);
        }
    });
    run.view.is_queue_open = is_open;
    ui.add_space(UNIT);
}

fn progress_ui(ui: &mut Ui, run: &RunState, queue: &SweepQueue) {
    let counts = queue.counts();
    let share = queue.running().map_or(0.0, |_| run.progress.share);
    let fraction = (counts.ended as f64 + share) / counts.total.max(1) as f64;
    let color = theme::palette(ui).text;
    ui.label("Sweep");
    let total = counts.total;
    parts::fixed_figures(
        ui,
        &format!("{} / {total}", counts.ended),
        &format!("{total} / {total}"),
        color,
    );
    ui.add(ProgressBar::new("Sweep", fraction as f32).width(140.0));
    ui.label(parts::caption(ui, words(run, queue)));
}

/// "2 failed · 3:10 left"
fn words(run: &RunState, queue: &SweepQueue) -> String {
    let counts = queue.counts();
    let mut words = Vec::new();
    if counts.failed > 0 {
        words.push(format!("{} failed", counts.failed));
    }
    if !queue.is_under_way() {
        words.push("complete".to_owned());
    } else if queue.is_paused() {
        let after = if queue.running().is_some() { "pauses after this run" } else { "paused" };
        words.push(after.to_owned());
    } else if let Some(waiting) = queue.seconds_waiting() {
        let of_this = queue.running().and_then(|_| run.progress.seconds_left()).unwrap_or(0.0);
        words.push(format!("{} left", parts::time_left(waiting + of_this)));
    }
    words.join(" · ")
}

fn buttons_ui(ui: &mut Ui, run: &RunState, queue: &SweepQueue, commands: &mut Vec<Command>) {
    if queue.is_under_way() {
        let cancel = ActionButton::new("Cancel sweep").height(26.0);
        let what = "Drops what waits and stops the run under way; what is done stays";
        if ui.add(cancel.tooltip(what)).clicked() {
            commands.push(Command::CancelSweep);
        }
        let (name, what) = if queue.is_paused() {
            ("Go on", "Goes on with the next run")
        } else {
            ("Pause sweep", "Starts no further run; the one under way goes on")
        };
        if ui.add(ActionButton::new(name).height(26.0).tooltip(what)).clicked() {
            commands.push(Command::PauseSweep(!queue.is_paused()));
        }
        return;
    }
    let is_of_sweep =
        |row: &RunRow<'_>| queue.entries().iter().any(|entry| entry.run == Some(row.id.0));
    let rows: Vec<RunRow<'_>> = run.rows().into_iter().filter(is_of_sweep).collect();
    let winner = RunState::winner(&rows, figure(run));
    let reason = match winner {
        None => Some("No run of the sweep has a model that measured this"),
        Some(_) => run.phase.is_active().then_some("Pause or stop the run under way first"),
    };
    let hear = ActionButton::new("Hear the winner").with_icon(Icon::Volume2).primary();
    let name = winner.map_or("", |row| row.name);
    let what = format!("{name}: it becomes the current run, and pieces are made from its model");
    if parts::button_unless(ui, reason, hear.height(26.0).tooltip(&what))
        && let Some(winner) = winner
    {
        commands.push(Command::HearRun(winner.id));
    }
    ui.add_space(GAP);
}

fn list_ui(ui: &mut Ui, queue: &SweepQueue, commands: &mut Vec<Command>) {
    let entries = queue.entries();
    ScrollArea::vertical().id_salt("sweep").max_height(LIST_HEIGHT).show_rows(
        ui,
        ROW_HEIGHT,
        entries.len(),
        |ui, range| {
            for place in range {
                entry_ui(ui, place, &entries[place], commands);
            }
        },
    );
}

fn entry_ui(ui: &mut Ui, place: usize, entry: &SweepEntry, commands: &mut Vec<Command>) {
    let palette = theme::palette(ui);
    let (icon, color, words) = match &entry.state {
        EntryState::Waiting => (Icon::Hourglass, palette.quiet_text, "waits"),
        EntryState::Running => (Icon::Play, palette.played_text, "under way"),
        EntryState::Done => (Icon::Check, palette.held_out_text, "done"),
        EntryState::Stopped => (Icon::Square, palette.quiet_text, "stopped"),
        EntryState::Failed(reason) => (Icon::TriangleAlert, palette.danger_text, reason.as_str()),
    };
    let room = vec2(ui.available_width(), ROW_HEIGHT);
    ui.allocate_ui_with_layout(room, Layout::left_to_right(Align::Center), |ui| {
        ui.set_min_height(ROW_HEIGHT);
        icons::sign_ui(ui, icons::rich(icon).size(theme::size::BODY).color(color));
        ui.label(RichText::new(&entry.name).monospace());
        let words = RichText::new(words).small().color(color);
        ui.add(egui::Label::new(words).truncate());
        if entry.state == EntryState::Waiting {
            let name = format!("Remove {} from the sweep", entry.name);
            let remove = ActionButton::icon(Icon::X, &name).quiet().height(22.0);
            if ui.add(remove).clicked() {
                commands.push(Command::RemoveSweepRun(place));
            }
        }
    });
}
