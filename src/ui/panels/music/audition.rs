//! Live audition: its switch, and what it plays.

use egui::{Align, DragValue, Layout, Ui, vec2};

use super::super::parts::{self, GAP};
use crate::ui::command::Command;
use crate::ui::icons::Icon;
use crate::ui::shortcuts::{self, Action};
use crate::ui::state::{AuditionState, RollSource, State};
use crate::ui::theme;
use crate::ui::widgets::ActionButton;

/// Rarer pieces than one after so many epochs can be had with Generate.
const MAX_EPOCHS: u32 = 1_000;

/// The switch.
pub fn switch_ui(ui: &mut Ui, audition: &AuditionState, width: f32, commands: &mut Vec<Command>) {
    let keys = shortcuts::keys(ui.ctx(), Action::LiveAudition);
    let what = if audition.is_on {
        "Stop playing what the model dreams"
    } else {
        "Play what the model dreams while it learns: a few bars that go round until newer ones are \
         made, and then go over into them in time"
    };
    let button = ActionButton::new("Live audition")
        .with_icon(Icon::Radio)
        .on(audition.is_on)
        .min_width(width);
    if ui.add(button.tooltip(what).shortcut(&keys)).clicked() {
        commands.push(Command::SetAudition(!audition.is_on));
    }
}

/// What is heard now and what comes next; nothing while it is off.
pub fn audition_ui(ui: &mut Ui, state: &State, commands: &mut Vec<Command>) {
    let audition = &state.music.audition;
    if !audition.is_on {
        return;
    }
    theme::palette(ui).card_frame().show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        ui.horizontal(|ui| {
            let color = theme::palette(ui).text;
            parts::fixed_figures(ui, &heard_words(state), "", color);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let keep = ActionButton::new("Keep").tooltip(
                    "Puts what you hear among the pieces, where it can be saved and exported",
                );
                let reason = audition.heard.is_none().then_some("Nothing is heard yet");
                if parts::button_unless(ui, reason, keep) {
                    commands.push(Command::KeepDream);
                }
            });
        });
        ui.horizontal(|ui| {
            ui.label(parts::caption(ui, next_words(audition)));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                epochs_ui(ui, audition.every_epochs, commands);
            });
        });
    });
    ui.add_space(GAP / 2.0);
}

fn heard_words(state: &State) -> String {
    let is_shown = state.roll.source == Some(RollSource::Dream);
    match &state.music.audition.heard {
        Some(dream) if is_shown => format!("After epoch {}", dream.epoch),
        _ if state.run.phase.is_active() => "The first bars are being made".to_owned(),
        _ if state.run.phase.has_model() => "A moment".to_owned(),
        _ => "Press Train to hear it learn".to_owned(),
    }
}

fn next_words(audition: &AuditionState) -> String {
    match audition.next_epoch {
        Some(epoch) => format!("next: epoch {epoch}"),
        None if audition.heard.is_some() => "repeats until there is a newer one".to_owned(),
        None => String::new(),
    }
}

/// From right to left: the unit, the number, its name.
fn epochs_ui(ui: &mut Ui, every_epochs: u32, commands: &mut Vec<Command>) {
    let what = "How many epochs lie between two pieces of the live audition";
    ui.label(parts::caption(ui, if every_epochs == 1 { "epoch" } else { "epochs" }));
    let mut value = every_epochs;
    let field = DragValue::new(&mut value).range(1..=MAX_EPOCHS).speed(0.1);
    let field = ui.add_sized(vec2(40.0, 20.0), field.update_while_editing(false));
    let label = ui.label(parts::caption(ui, "New every"));
    if field.labelled_by(label.id).on_hover_text(what).changed() {
        commands.push(Command::SetAuditionEpochs(value));
    }
}
