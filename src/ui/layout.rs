//! The whole window, laid out from the state: data, model and music from left to right, the
//! transport and the piano roll below.

use egui::{CentralPanel, Frame, Margin, Panel, Stroke, Ui};

use super::command::Command;
use super::panels::{data, dialogs, drop, model, music, notices, roll, runs, top_bar, transport};
use super::shortcuts;
use super::state::State;
use super::theme;

/// Narrower windows begin with narrower columns.
const WIDE: f32 = 1280.0;
/// The columns at the sides are at least so wide.
const DATA_WIDTH: f32 = 256.0;
const MUSIC_WIDTH: f32 = 306.0;
/// The column in the middle is at least so wide.
const MODEL_WIDTH: f32 = 420.0;

/// Shows everything. What a person does is pushed to `commands`, to be carried out afterwards.
pub fn window_ui(ui: &mut Ui, state: &mut State, commands: &mut Vec<Command>) {
    let palette = theme::palette(ui);
    let size = ui.available_size();
    let bar = Frame::new().fill(palette.panel).inner_margin(Margin::symmetric(16, 0));
    let column = Frame::new().fill(palette.ground).inner_margin(Margin::symmetric(14, 12));
    Panel::top("top bar").exact_size(top_bar::HEIGHT).frame(bar).show(ui, |ui| {
        top_bar::top_bar_ui(ui, state, commands);
    });
    let is_low = size.y < 800.0;
    let player = Panel::bottom("player")
        .resizable(true)
        .default_size(if is_low { 200.0 } else { 236.0 })
        .size_range(transport::HEIGHT + 116.0..=(size.y * 0.6).max(220.0))
        .frame(Frame::new().fill(palette.panel))
        .show(ui, |ui| player_ui(ui, bar, state, commands));
    let is_wide = size.x >= WIDE;
    let spare = (size.x - MODEL_WIDTH - DATA_WIDTH - MUSIC_WIDTH).max(0.0);
    Panel::left("data column")
        .resizable(true)
        .default_size(if is_wide { 290.0 } else { DATA_WIDTH })
        .size_range(DATA_WIDTH..=(DATA_WIDTH + spare).min(520.0))
        .frame(column)
        .show(ui, |ui| data::data_ui(ui, state, commands));
    let spare = (ui.available_width() - MODEL_WIDTH - MUSIC_WIDTH).max(0.0);
    Panel::right("music column")
        .resizable(true)
        .default_size(if is_wide { 330.0 } else { MUSIC_WIDTH })
        .size_range(MUSIC_WIDTH..=(MUSIC_WIDTH + spare).min(560.0))
        .frame(column)
        .show(ui, |ui| music::music_ui(ui, state, commands));
    CentralPanel::default().frame(column).show(ui, |ui| model::model_ui(ui, state, commands));

    let ctx = ui.ctx().clone();
    data::report_ui(&ctx, state, commands);
    runs::runs_ui(&ctx, state, commands);
    runs::sweep_draft_ui(&ctx, state, commands);
    notices::notice_list_ui(&ctx, state, commands);
    notices::toasts_ui(&ctx, state, player.response.rect.height(), commands);
    dialogs::about_ui(&ctx, state, commands);
    dialogs::close_question_ui(&ctx, state, commands);
    drop::drop_ui(&ctx, commands);
    shortcuts::shortcuts_ui(&ctx, state, commands);
}

/// The transport over the piano roll.
fn player_ui(ui: &mut Ui, bar: Frame, state: &mut State, commands: &mut Vec<Command>) {
    let line = Stroke::new(1.0, theme::palette(ui).line);
    ui.spacing_mut().item_spacing.y = 0.0;
    let inner = Panel::top("transport").exact_size(transport::HEIGHT).frame(bar).show(ui, |ui| {
        transport::transport_ui(ui, state, commands);
    });
    let rect = inner.response.rect;
    ui.painter().hline(rect.x_range(), rect.bottom(), line);
    roll::roll_ui(ui, state, commands);
}
