//! The card under the curve that says what the measures show, why, and offers to do it.

use egui::{Align, Layout, Ui};

use super::super::parts;
use crate::train::{AdviceKind, Finding, Remedy, RemedyDeed, TrainSettings};
use crate::ui::advice::AdviceView;
use crate::ui::command::Command;
use crate::ui::icons::{self, Icon};
use crate::ui::theme;
use crate::ui::widgets::ActionButton;

const BUTTON_HEIGHT: f32 = 26.0;

/// The card; nothing where all is well.
pub fn advice_ui(
    ui: &mut Ui,
    view: &mut AdviceView,
    knobs: &TrainSettings,
    is_run_over: bool,
    commands: &mut Vec<Command>,
) {
    let Some(finding) = view.current(knobs).cloned() else {
        view.is_held = false;
        return;
    };
    let mut dismissed: Option<AdviceKind> = None;
    let card = theme::palette(ui).card_frame().show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        sentence_ui(ui, &finding.sentence);
        ui.horizontal(|ui| {
            if let Some(first) = finding.remedies.first() {
                remedy_ui(ui, first, is_run_over, commands);
            }
            let icon = if view.is_why_open { Icon::ChevronDown } else { Icon::ChevronRight };
            let why = ActionButton::new("Why").with_icon(icon).quiet().height(BUTTON_HEIGHT);
            let what = "Shows the figures behind the advice, and what else would help";
            if ui.add(why.on(view.is_why_open).tooltip(what)).clicked() {
                view.is_why_open = !view.is_why_open;
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let not_now = ActionButton::new("Not now").quiet().height(BUTTON_HEIGHT);
                let what = "Says no more of this kind about this run";
                if ui.add(not_now.tooltip(what)).clicked() {
                    dismissed = Some(finding.kind);
                }
            });
        });
        if view.is_why_open {
            why_ui(ui, &finding, is_run_over, commands);
        }
    });
    view.is_held = card.response.contains_pointer();
    if let Some(kind) = dismissed {
        view.dismiss(kind);
    }
}

fn sentence_ui(ui: &mut Ui, sentence: &str) {
    let color = theme::palette(ui).played_text;
    ui.with_layout(Layout::left_to_right(Align::Min), |ui| {
        icons::spoken_sign_ui(ui, icons::rich(Icon::Lightbulb).color(color), "Advice");
        ui.add(egui::Label::new(sentence).wrap().selectable(true));
    });
}

fn why_ui(ui: &mut Ui, finding: &Finding, is_run_over: bool, commands: &mut Vec<Command>) {
    for line in &finding.evidence {
        ui.add(egui::Label::new(parts::caption(ui, line)).wrap().selectable(true));
    }
    if finding.remedies.len() > 1 {
        ui.horizontal_wrapped(|ui| {
            ui.label(parts::caption(ui, "Or:"));
            for remedy in &finding.remedies[1..] {
                remedy_ui(ui, remedy, is_run_over, commands);
            }
        });
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
