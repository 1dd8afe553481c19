//! "Try a range…": which settings, from where to where, in how many runs, and how long it takes.

use egui::{Align, Context, DragValue, Layout, RichText, Ui, WidgetInfo, vec2};

use super::super::parts::{self, GAP, button_unless};
use super::why_no_sweep;
use crate::engine::SweepQueue;
use crate::train::{CATALOGUE, MAX_SWEEP_RUNS, SettingKind, SweepAxis, setting, training_work};
use crate::ui::command::Command;
use crate::ui::fonts;
use crate::ui::icons::Icon;
use crate::ui::state::{AxisDraft, State, SweepDraft};
use crate::ui::theme::{self, UNIT};
use crate::ui::tool_window;
use crate::ui::widgets::{ActionButton, combo_sign};

const WIDTH: f32 = 520.0;
/// As many values as fit are written out.
const MAX_VALUES_NAMED: usize = 8;

/// The window, while a sweep is put together.
pub fn sweep_draft_ui(ctx: &Context, state: &mut State, commands: &mut Vec<Command>) {
    let Some(mut draft) = state.run.sweep_draft.take() else { return };
    let mut is_open = true;
    let mut is_done = false;
    let window = egui::Window::new("Try a range: a sweep")
        .open(&mut is_open)
        .collapsible(false)
        .resizable(false)
        .default_width(WIDTH);
    let window = tool_window::centred(ctx, "Try a range", window);
    tool_window::show(ctx, "Try a range", window, |ui| {
        ui.set_width(WIDTH);
        is_done = contents(ui, state, &mut draft, commands);
    });
    if is_open && !is_done {
        state.run.sweep_draft = Some(draft);
    }
}

/// Whether the sweep was started or given up.
fn contents(
    ui: &mut Ui,
    state: &State,
    draft: &mut SweepDraft,
    commands: &mut Vec<Command>,
) -> bool {
    ui.label(
        "Every combination becomes a run, with all other knobs as they stand now. The runs are \
         made one after the other and join the table.",
    );
    ui.add_space(UNIT);
    let mut gone = None;
    let can_remove = draft.axes.len() > 1;
    for (place, axis) in draft.axes.iter_mut().enumerate() {
        if axis_ui(ui, place, axis, state, can_remove) {
            gone = Some(place);
        }
    }
    if let Some(place) = gone {
        draft.axes.remove(place);
    }
    add_axis_ui(ui, state, draft);
    ui.add_space(GAP);
    let axes: Result<Vec<SweepAxis>, String> = draft.axes.iter().map(axis_of).collect();
    let n_excerpts = state.data.totals.n_excerpts as usize;
    let plan = axes.and_then(|axes| {
        let queue = SweepQueue::new(&state.settings, axes.clone(), n_excerpts);
        queue.map(|queue| (axes, queue)).map_err(|error| error.to_string())
    });
    match &plan {
        Ok((_, queue)) => summary_ui(ui, state, queue),
        Err(reason) => {
            let color = theme::palette(ui).danger_text;
            ui.label(RichText::new(reason).color(color));
        }
    }
    ui.add_space(GAP);
    buttons_ui(ui, state, plan.as_ref().ok().map(|(axes, _)| axes.as_slice()), commands)
}

fn axis_of(draft: &AxisDraft) -> Result<SweepAxis, String> {
    let axis = if draft.is_range() {
        let ends = (draft.from, draft.to);
        SweepAxis::range(draft.key, ends, draft.count, draft.is_logarithmic)
    } else {
        SweepAxis::list(draft.key, &draft.list)
    };
    axis.map_err(|error| error.to_string())
}

/// Whether the setting was taken out.
fn axis_ui(
    ui: &mut Ui,
    place: usize,
    axis: &mut AxisDraft,
    state: &State,
    can_remove: bool,
) -> bool {
    let mut is_gone = false;
    theme::palette(ui).card_frame().show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.horizontal(|ui| {
            setting_ui(ui, place, axis, state);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let label = setting(axis.key).map_or(axis.key, |setting| setting.label);
                let name = format!("Take {label} out");
                if can_remove && ui.add(ActionButton::icon(Icon::X, &name).quiet()).clicked() {
                    is_gone = true;
                }
            });
        });
        if axis.is_range() {
            range_ui(ui, axis);
        } else {
            ui.horizontal(|ui| {
                let label = ui.label(parts::caption(ui, "Values"));
                let field = egui::TextEdit::singleline(&mut axis.list).desired_width(340.0);
                ui.add(field).labelled_by(label.id);
            });
        }
        if let Ok(values) = axis_of(axis) {
            ui.label(parts::caption(ui, values_words(&values.values)));
        }
    });
    ui.add_space(UNIT);
    is_gone
}

fn setting_ui(ui: &mut Ui, place: usize, axis: &mut AxisDraft, state: &State) {
    let label = setting(axis.key).map_or(axis.key, |setting| setting.label);
    let title = RichText::new(label).family(fonts::medium());
    let list = egui::ComboBox::from_id_salt(("axis", place));
    let list = list.width(220.0).selected_text(title).icon(combo_sign);
    let list = list.height(320.0).show_ui(ui, |ui| {
        for setting in CATALOGUE {
            let entry = ui.selectable_label(setting.key == axis.key, setting.label);
            if entry.on_hover_text(setting.meaning).clicked()
                && let Some(other) = AxisDraft::around(setting.key, &state.settings)
            {
                *axis = other;
            }
        }
    });
    let name = format!("Setting {}: {label}", place + 1);
    list.response.widget_info(|| WidgetInfo::labeled(egui::Role::ComboBox, true, &name));
}

fn range_ui(ui: &mut Ui, axis: &mut AxisDraft) {
    let Ok(SettingKind::Number { min, max, .. }) = setting(axis.key).map(|s| s.kind) else {
        return;
    };
    ui.horizontal(|ui| {
        let number = |ui: &mut Ui, name: &str, value: &mut f64| {
            let label = ui.label(parts::caption(ui, name));
            let speed = (value.abs() / 50.0).max((max - min) / 1e5);
            let field = DragValue::new(value).range(min..=max).speed(speed).max_decimals(6);
            ui.add_sized(vec2(84.0, 26.0), field).labelled_by(label.id);
        };
        number(ui, "from", &mut axis.from);
        number(ui, "to", &mut axis.to);
        let label = ui.label(parts::caption(ui, "in"));
        let count = DragValue::new(&mut axis.count).range(2..=MAX_SWEEP_RUNS).suffix(" runs");
        ui.add_sized(vec2(72.0, 26.0), count).labelled_by(label.id);
        parts::clear_boxes(ui);
        let can_be = axis.from > 0.0 && axis.to > 0.0;
        if !can_be {
            axis.is_logarithmic = false;
        }
        let switch = egui::Checkbox::new(&mut axis.is_logarithmic, "evenly in ratio");
        ui.add_enabled(can_be, switch)
            .on_hover_text("Each value is the one before times the same factor")
            .on_disabled_hover_text("A range with even ratios begins above zero");
    });
}

/// "0.01, 0.0316, 0.1"
fn values_words(values: &[String]) -> String {
    let shown = &values[..values.len().min(MAX_VALUES_NAMED)];
    let more = if values.len() > shown.len() { ", …" } else { "" };
    format!("{}{more}", shown.join(", ").replace('_', " "))
}

fn add_axis_ui(ui: &mut Ui, state: &State, draft: &mut SweepDraft) {
    let add = ActionButton::new("Add a setting").with_icon(Icon::Plus).quiet();
    let what = "Every combination of the values is tried";
    if ui.add(add.tooltip(what)).clicked() {
        let is_new = |key: &str| draft.axes.iter().all(|axis| axis.key != key);
        let usual = ["learning_rate", "hidden_units", "batch_size", "momentum"];
        let next = usual.into_iter().chain(CATALOGUE.iter().map(|setting| setting.key));
        let next = next.into_iter().find(|key| is_new(key));
        draft.axes.extend(next.and_then(|key| AxisDraft::around(key, &state.settings)));
    }
}

/// The number of runs and the time that they will take.
fn summary_ui(ui: &mut Ui, state: &State, queue: &SweepQueue) {
    let n_runs = queue.counts().total;
    let runs = parts::count(n_runs, "run");
    let words = match seconds_per_work(state) {
        Some(pace) => format!("{runs}, about {}", parts::time_left(pace * queue.work())),
        None => format!("{runs}; how long they take is told after the first"),
    };
    ui.label(RichText::new(words).family(fonts::medium()));
    let note = "The time follows from the newest run on this machine. The run under way is kept \
                as an earlier run. Models are kept in memory, 1 GiB at most: beyond that the \
                best stay.";
    ui.label(parts::caption(ui, note));
}

/// Seconds of training for a unit of work, from the newest run with an epoch.
fn seconds_per_work(state: &State) -> Option<f64> {
    let n_excerpts = state.data.totals.n_excerpts as usize;
    let rows = state.run.rows();
    let timed = rows.iter().find(|row| row.history.seconds() > 0.0 && n_excerpts > 0)?;
    let mut settings = timed.settings.clone();
    settings.epochs = timed.history.epochs.len() as u32;
    let work = training_work(&settings, n_excerpts);
    (work > 0.0).then(|| timed.history.seconds() / work)
}

fn buttons_ui(
    ui: &mut Ui,
    state: &State,
    axes: Option<&[SweepAxis]>,
    commands: &mut Vec<Command>,
) -> bool {
    let mut is_done = false;
    let given = || axes.map(<[SweepAxis]>::to_vec);
    let room = vec2(ui.available_width(), theme::CONTROL_HEIGHT);
    ui.allocate_ui_with_layout(room, Layout::right_to_left(Align::Center), |ui| {
        let has_songs = state.data.totals.n_songs > 0;
        let wrong = axes.is_none().then_some("Mend what is wrong above first");
        let is_active = state.run.phase.is_active();
        let reason = wrong
            .or(is_active.then_some("A run is under way; pause or stop it first"))
            .or(why_no_sweep(&state.run, has_songs));
        let start_keys = egui::KeyboardShortcut::new(egui::Modifiers::COMMAND, egui::Key::Enter);
        let keys = ui.ctx().format_shortcut(&start_keys);
        let start = ActionButton::new("Start the sweep").primary().shortcut(&keys);
        // Enter alone starts it too where no control has the keyboard.
        let is_free = ui.memory(|memory| memory.focused().is_none());
        let is_entered = ui.input_mut(|input| {
            input.consume_shortcut(&start_keys)
                || is_free && input.consume_key(egui::Modifiers::NONE, egui::Key::Enter)
        });
        if button_unless(ui, reason, start) || is_entered && reason.is_none() {
            commands.extend(given().map(Command::StartSweep));
            is_done = true;
        }
        if ui.add(ActionButton::new("Cancel")).clicked() {
            is_done = true;
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            let reason = wrong.or((!has_songs).then_some("Add songs first"));
            let copy = ActionButton::icon(Icon::SquareTerminal, "Copy as command lines").quiet();
            let what = "A line for each run, for another machine or a job scheduler";
            if button_unless(ui, reason, copy.tooltip(what)) {
                commands.extend(given().map(Command::CopySweepCommands));
            }
            let save = ActionButton::icon(Icon::Save, "Save as a shell script…").quiet();
            if button_unless(ui, reason, save.tooltip("The same lines as a file")) {
                commands.extend(given().map(Command::SaveSweepScript));
            }
        });
    });
    is_done
}
