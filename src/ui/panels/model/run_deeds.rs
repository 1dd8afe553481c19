//! What a person can do about what is said of the run: buttons beside the words, and what they open.

use egui::{Popup, PopupCloseBehavior, Response, Ui};

use super::super::parts;
use super::run_words::{BUTTON_HEIGHT, Shape, Words};
use crate::engine::WayOn;
use crate::train::{Finding, Remedy, RemedyDeed};
use crate::ui::command::Command;
use crate::ui::icons::Icon;
use crate::ui::state::{RunPhase, RunState};
use crate::ui::theme::UNIT;
use crate::ui::widgets::ActionButton;

const MENU_WIDTH: f32 = 400.0;

/// From right to left.
pub(super) fn buttons_ui(
    ui: &mut Ui,
    run: &mut RunState,
    words: &Words,
    shape: Shape,
    commands: &mut Vec<Command>,
) {
    ui.spacing_mut().item_spacing.x = UNIT;
    match words {
        Words::Nothing(_) => {}
        Words::Failed { words, ways_on } => failed_ui(ui, words, ways_on, shape, commands),
        Words::Diverged { suggested_rate, .. } => {
            let at =
                if shape == Shape::OneLine { "Go on at" } else { "Go on at a learning rate of" };
            let words = format!("{at} {suggested_rate}");
            let go_on = ActionButton::new(&words).height(BUTTON_HEIGHT);
            let what =
                "Sets the learning rate and resumes. Or turn another knob, then press Resume";
            if ui.add(go_on.tooltip(what)).clicked() {
                commands.push(Command::TakeProposedRate);
            }
        }
        Words::Advice(finding) => advice_ui(ui, run, finding, shape, commands),
    }
}

/// The ways on, side by side or in a menu.
fn failed_ui(
    ui: &mut Ui,
    words: &str,
    ways_on: &[WayOn],
    shape: Shape,
    commands: &mut Vec<Command>,
) {
    if shape != Shape::OneLine || ways_on.is_empty() {
        for way in ways_on {
            way_on_ui(ui, *way, commands);
        }
        return;
    }
    let go_on = ActionButton::new("Go on").with_icon(Icon::ChevronDown).height(BUTTON_HEIGHT);
    let go_on = ui.add(go_on.tooltip("Shows what went wrong, and the ways on"));
    menu_ui(&go_on, |ui| {
        ui.add(egui::Label::new(words).wrap().selectable(true));
        for way in ways_on {
            way_on_ui(ui, *way, commands);
        }
    });
}

/// What would help, why, and no more of it.
fn advice_ui(
    ui: &mut Ui,
    run: &mut RunState,
    finding: &Finding,
    shape: Shape,
    commands: &mut Vec<Command>,
) {
    let is_over = matches!(run.phase, RunPhase::Ended { .. });
    let mut is_dismissed = shape != Shape::OneLine && not_now_ui(ui);
    let why = ActionButton::new("Why").with_icon(Icon::ChevronDown).quiet().height(BUTTON_HEIGHT);
    let what = match shape {
        Shape::OneLine => "Shows the whole advice, the figures behind it, and what would help",
        Shape::Wide | Shape::Narrow => {
            "Shows the figures behind the advice, and what else would help"
        }
    };
    let why = ui.add(why.tooltip(what));
    // One stands beside the words already, where there is room.
    let n_beside = usize::from(shape != Shape::OneLine);
    let (beside, in_menu) = finding.remedies.split_at(n_beside.min(finding.remedies.len()));
    run.advice.is_why_open = menu_ui(&why, |ui| {
        evidence_ui(ui, finding);
        ui.horizontal_wrapped(|ui| {
            if !beside.is_empty() && !in_menu.is_empty() {
                ui.label(parts::caption(ui, "Or:"));
            }
            for remedy in in_menu {
                remedy_ui(ui, remedy, is_over, commands);
            }
            is_dismissed |= shape == Shape::OneLine && not_now_ui(ui);
        });
    });
    for remedy in beside {
        remedy_ui(ui, remedy, is_over, commands);
    }
    if is_dismissed {
        run.advice.dismiss(finding.kind);
    }
}

/// Whether it was pressed.
fn not_now_ui(ui: &mut Ui) -> bool {
    let not_now = ActionButton::new("Not now").quiet().height(BUTTON_HEIGHT);
    ui.add(not_now.tooltip("Says no more of this kind about this run")).clicked()
}

/// What a button opens. Whether it is open.
fn menu_ui(button: &Response, contents: impl FnOnce(&mut Ui)) -> bool {
    let shown = Popup::menu(button)
        .width(MENU_WIDTH)
        .gap(UNIT)
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
        .show(|ui| {
            ui.set_max_width(MENU_WIDTH);
            contents(ui);
        });
    shown.is_some()
}

/// The whole advice with the figures behind it.
fn evidence_ui(ui: &mut Ui, finding: &Finding) {
    ui.add(egui::Label::new(&finding.sentence).wrap().selectable(true));
    for line in &finding.evidence {
        ui.add(egui::Label::new(parts::caption(ui, line)).wrap().selectable(true));
    }
}

fn way_on_ui(ui: &mut Ui, way: WayOn, commands: &mut Vec<Command>) {
    let (words, what) = match way {
        WayOn::SmallerBatch(size) => (
            format!("Go on with batches of {size}"),
            "Sets the knob, and goes on from where the run last stood well",
        ),
        WayOn::Processor => (
            "Go on on the processor".to_owned(),
            "Slower, and sure: it goes on from where the run last stood well. Later runs use the \
             processor too, until Harmonium is started again",
        ),
    };
    if ui.add(ActionButton::new(&words).height(BUTTON_HEIGHT).tooltip(what)).clicked() {
        commands.push(Command::GoOn(way));
    }
}

fn remedy_ui(ui: &mut Ui, remedy: &Remedy, is_run_over: bool, commands: &mut Vec<Command>) {
    let waits = remedy.waits_for_next_run(is_run_over);
    let button = ActionButton::new(&remedy.words).height(BUTTON_HEIGHT);
    let button = if waits { button.with_icon(Icon::Hourglass) } else { button };
    let what = match &remedy.deed {
        RemedyDeed::Set { .. } if waits => "Sets the knob for the next run; Undo takes it back",
        RemedyDeed::Set { .. } => "Sets the knob at once; Undo takes it back",
        RemedyDeed::StopTraining => "Ends the run; the model stays and can be heard",
        RemedyDeed::AddSongs => "Asks for a folder of MIDI files; they count in the next run",
    };
    if ui.add(button.tooltip(what)).clicked() {
        commands.push(match &remedy.deed {
            RemedyDeed::Set { key, value } => Command::SetSetting { key, value: value.clone() },
            RemedyDeed::StopTraining => Command::StopTraining,
            RemedyDeed::AddSongs => Command::AddFolder,
        });
    }
}
