//! The chain of a generation as it runs: seen, held up, stepped, taken as it is.

use egui::{Align, Layout, Sense, Ui, UiBuilder, vec2};

use super::super::parts;
use crate::engine::ChainStep;
use crate::ui::command::Command;
use crate::ui::icons::{Icon, Sign};
use crate::ui::state::{Miniature, State};
use crate::ui::theme::{self, UNIT};
use crate::ui::widgets::{ActionButton, MiniRoll};

const PICTURE_HEIGHT: f32 = 44.0;
const BUTTON_HEIGHT: f32 = 26.0;

/// The card, while pieces are made and the chain has been seen.
pub(super) fn chain_ui(ui: &mut Ui, state: &State, commands: &mut Vec<Command>) {
    let Some(chain) = state.music.chain.as_ref().filter(|_| state.music.generating.is_some())
    else {
        return;
    };
    let picture = &chain.picture;
    theme::palette(ui).card_frame().show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = UNIT;
        let room = vec2(ui.available_width(), PICTURE_HEIGHT);
        let (rect, _) = ui.allocate_exact_size(room, Sense::hover());
        let Miniature { notes, n_steps } = &*chain.miniature;
        let roll = MiniRoll::new(notes, *n_steps as u32).size(rect.size()).played(ui, true);
        let end = picture.excerpt.end.min(*n_steps) as f64;
        ui.new_child(UiBuilder::new().max_rect(rect)).add(roll.play_head(Some(end)));
        let words = format!(
            "Piece {} of {} · Gibbs step {} of {}",
            picture.piece + 1,
            picture.n_pieces,
            picture.gibbs_step,
            picture.gibbs_steps
        );
        let energy = format!("Free energy of the excerpt: {:.1} nats", picture.free_energy);
        ui.add(egui::Label::new(parts::caption(ui, words)).truncate()).on_hover_text(energy);
        ui.horizontal(|ui| buttons_ui(ui, picture.is_paused, picture.n_kept, commands));
    });
}

fn buttons_ui(ui: &mut Ui, is_paused: bool, n_kept: usize, commands: &mut Vec<Command>) {
    ui.spacing_mut().item_spacing.x = UNIT;
    let (sign, name) = if is_paused {
        (Sign::Play, "Let the chain run on")
    } else {
        (Sign::Pause, "Hold the chain")
    };
    if ui.add(ActionButton::sign(sign, name).height(BUTTON_HEIGHT)).clicked() {
        commands.push(Command::PauseChain(!is_paused));
    }
    let back = ActionButton::icon(Icon::StepBack, "One Gibbs step back").height(BUTTON_HEIGHT);
    let reason = (n_kept == 0).then_some("There is no state before this one");
    if parts::button_unless(ui, reason, back.tooltip("To the state before; from there it goes on"))
    {
        commands.push(Command::StepChain(ChainStep::Back));
    }
    let forward = ActionButton::icon(Icon::StepForward, "One Gibbs step on").height(BUTTON_HEIGHT);
    if ui.add(forward).clicked() {
        commands.push(Command::StepChain(ChainStep::Forward));
    }
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        let what = "Keeps the piece as the chain has it now; the chain runs on";
        let take = ActionButton::new("Take this").height(BUTTON_HEIGHT).tooltip(what);
        if ui.add(take).clicked() {
            commands.push(Command::TakeChain);
        }
    });
}
