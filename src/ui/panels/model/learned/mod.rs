//! What the model has learned, seen and heard: one card with tabs. What is closed costs nothing,
//! neither here nor in the engine.

mod activity;
#[cfg(test)]
pub mod examples;
mod histograms;
mod legend;
mod network;
mod one_step;
mod particles;
mod pins;
#[cfg(test)]
mod tests;
mod units;

use egui::{
    CursorIcon, FontId, Id, Key, Modifiers, Rect, Role, Sense, Stroke, Ui, WidgetInfo, vec2,
};

use super::super::parts;
use crate::dataset::EncodingSettings;
use crate::engine::ModelSnapshot;
use crate::ui::command::Command;
use crate::ui::focus;
use crate::ui::fonts;
use crate::ui::icons::Icon;
use crate::ui::learned::{LearnedState, LearnedTab};
use crate::ui::state::{DataState, RunState};
use crate::ui::theme::{self, UNIT, size};
use crate::ui::widgets::roll_image::VisibleLayout;
use crate::ui::widgets::texture::forget_textures;
use crate::ui::widgets::{empty_state, focus_ring, tab_bar};

const TITLE: &str = "What it has learned";
/// The card is at least so high, and takes this share of the column where nobody dragged it.
const LEAST_HEIGHT: f32 = 208.0;
const SHARE: f32 = 0.36;
/// Padding of the card's frame, above and below together.
const PADDING: f32 = 22.0;
const HEADING_HEIGHT: f32 = 6.0 * UNIT;

/// What the card reads.
#[derive(Clone, Copy)]
pub struct Seen<'a> {
    pub run: &'a RunState,
    pub data: &'a DataState,
}

/// What the tabs show.
struct Shown<'a> {
    snapshot: &'a ModelSnapshot,
    encoding: &'a EncodingSettings,
    /// Cropped to the pitches of the songs.
    layout: VisibleLayout,
    /// Textures are kept by it.
    id: Id,
}

/// The card; `viewport` is the height of the column.
pub fn learned_ui(
    ui: &mut Ui,
    seen: Seen<'_>,
    learned: &mut LearnedState,
    viewport: f32,
    commands: &mut Vec<Command>,
) {
    let top = ui.cursor().top();
    let height = card_height(learned, viewport);
    let card = theme::palette(ui).card_frame().show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        heading_ui(ui, learned);
        forget_what_is_closed(ui, learned);
        if learned.is_open {
            let height = top + height - PADDING / 2.0 - ui.cursor().top();
            ui.allocate_ui(vec2(ui.available_width(), height), |ui| {
                ui.set_min_height(height);
                body_ui(ui, seen, learned, height, commands);
            });
        }
    });
    if learned.is_open {
        edge_ui(ui, card.response.rect, learned, height);
    }
    stop_with_escape(ui, learned, commands);
}

fn card_height(learned: &LearnedState, viewport: f32) -> f32 {
    let wanted = learned.height.unwrap_or(viewport * SHARE);
    wanted.clamp(LEAST_HEIGHT, (viewport * 0.9).max(LEAST_HEIGHT)).round()
}

/// The upper edge can be dragged, and moved with the arrow keys; a double click puts it back.
fn edge_ui(ui: &mut Ui, card: Rect, learned: &mut LearnedState, height: f32) {
    let strip = Rect::from_x_y_ranges(card.x_range(), card.top() - 5.0..=card.top() + 3.0);
    let response = ui.interact(strip, ui.scope_id().with("learned edge"), Sense::click_and_drag());
    let response = response.on_hover_cursor(CursorIcon::ResizeVertical);
    let words = format!("Height of “{TITLE}”: {height:.0} points");
    response.widget_info(|| WidgetInfo::labeled(Role::Splitter, true, &words));
    let mut change = -response.drag_delta().y;
    if response.has_focus() {
        let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        change += if pressed(Key::ArrowUp) { 16.0 } else { 0.0 };
        change -= if pressed(Key::ArrowDown) { 16.0 } else { 0.0 };
        let filter = egui::EventFilter { vertical_arrows: true, ..egui::EventFilter::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
    }
    if change != 0.0 {
        learned.height = Some((height + change).max(LEAST_HEIGHT));
        // Where the curve can give no more room the column scrolls, so that the edge goes along.
        ui.scroll_to_rect_animation(
            card,
            Some(egui::Align::BOTTOM),
            egui::style::ScrollAnimation::none(),
        );
    }
    if response.double_clicked() {
        learned.height = None;
    }
    if response.hovered() || response.dragged() || response.has_focus() {
        let color = theme::palette(ui).focus;
        let line = card.shrink(8.0).x_range();
        ui.painter().hline(line, card.top(), Stroke::new(2.0, color));
    }
}

/// The title, which folds the card, and the tabs: beside it where there is room, else below.
fn heading_ui(ui: &mut Ui, learned: &mut LearnedState) {
    const TABS_WIDTH: f32 = 380.0;
    let room = vec2(ui.available_width(), HEADING_HEIGHT);
    let is_wide = room.x > TABS_WIDTH + 200.0;
    ui.allocate_ui(room, |ui| {
        ui.horizontal_centered(|ui| {
            let width = if is_wide { 190.0 } else { room.x };
            ui.allocate_ui(vec2(width, 4.0 * UNIT), |ui| {
                let heading = parts::folding_heading(ui, TITLE, &mut learned.is_open);
                focus::answer(&heading, focus::LEARNED);
            });
            if is_wide && learned.is_open {
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    let left = ui.available_width() - TABS_WIDTH;
                    ui.add_space(-left.min(0.0));
                    let room = vec2(TABS_WIDTH, HEADING_HEIGHT);
                    let layout = egui::Layout::left_to_right(egui::Align::Center);
                    ui.allocate_ui_with_layout(room, layout, |ui| tabs_ui(ui, learned));
                });
            }
        });
    });
    if !is_wide && learned.is_open {
        tabs_ui(ui, learned);
    }
}

fn tabs_ui(ui: &mut Ui, learned: &mut LearnedState) {
    let mut place = LearnedTab::ALL.iter().position(|&tab| tab == learned.tab).unwrap_or(0);
    if tab_bar(ui, &mut place, &LearnedTab::ALL.map(LearnedTab::name)).changed() {
        learned.tab = LearnedTab::ALL[place];
        ui.ctx().request_repaint();
    }
}

/// Textures of a tab that is closed are given back.
fn forget_what_is_closed(ui: &Ui, learned: &LearnedState) {
    let id = Id::unique("open tab of what is learned");
    let now = learned.is_open.then_some(learned.tab);
    let before: Option<Option<LearnedTab>> = ui.data(|data| data.get_temp(id));
    if before != Some(now) {
        forget_textures(ui.ctx());
        ui.data_mut(|data| data.insert_temp(id, now));
    }
}

fn stop_with_escape(ui: &Ui, learned: &LearnedState, commands: &mut Vec<Command>) {
    let is_heard = learned.hearing.is_some();
    if is_heard && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape)) {
        commands.push(Command::StopHearing);
    }
}

fn body_ui(
    ui: &mut Ui,
    Seen { run, data }: Seen<'_>,
    learned: &mut LearnedState,
    height: f32,
    commands: &mut Vec<Command>,
) {
    let (Some(snapshot), Some(facts)) = (&run.snapshot, &run.facts) else {
        return nothing_ui(ui, height, run.phase.has_model());
    };
    let encoding = &facts.settings.encoding;
    let layout = VisibleLayout::new(encoding);
    if layout.n_visible() != snapshot.n_visible {
        return nothing_ui(ui, height, true);
    }
    learned.selected = learned.selected.min(snapshot.n_hidden.saturating_sub(1));
    let layout = layout.cropped(&data.histogram);
    let id = ui.scope_id().with(learned.tab);
    let shown = Shown { snapshot, encoding, layout, id };
    ui.spacing_mut().item_spacing = vec2(2.0 * UNIT, UNIT);
    match learned.tab {
        LearnedTab::Units => units::units_ui(ui, &shown, learned, height, commands),
        LearnedTab::Particles => particles::particles_ui(ui, &shown, learned, height, commands),
        LearnedTab::OneStep => one_step::one_step_ui(ui, &shown, learned, height, commands),
        LearnedTab::Histograms => histograms::histograms_ui(ui, &shown, height),
        LearnedTab::Activity => {
            let last = run.history.last().map(|record| &record.metrics);
            activity::activity_ui(ui, &shown, learned, last, height);
        }
        LearnedTab::Network => network::network_ui(ui, &shown, learned, height, commands),
    }
}

fn nothing_ui(ui: &mut Ui, height: f32, is_coming: bool) {
    ui.add_space((height / 2.0 - 34.0).max(0.0));
    if is_coming {
        ui.vertical_centered(|ui| ui.label(parts::caption(ui, "The picture is on its way…")));
    } else {
        let words = "Train, and each hidden unit shows what it listens for";
        empty_state(ui, Icon::Brain, "Nothing learned yet", words);
    }
}

/// A picture that is not there yet.
fn waiting_ui(ui: &mut Ui, height: f32) {
    nothing_ui(ui, height, true);
}

/// The same in room that is taken already.
fn waiting_in(ui: &mut Ui, rect: egui::Rect) {
    waiting_ui(&mut ui.new_child(egui::UiBuilder::new().max_rect(rect)), rect.height());
}

/// The font of what is written on pictures.
fn picture_font() -> FontId {
    FontId::new(size::CAPTION, fonts::figures())
}

/// The ring around what was chosen, and around what has the keyboard.
fn choice_ring(ui: &Ui, response: &egui::Response, is_chosen: bool) {
    if is_chosen {
        let stroke = Stroke::new(1.5, theme::palette(ui).held_out);
        ui.painter().rect_stroke(response.rect, 2.0, stroke, egui::StrokeKind::Outside);
    } else if response.hovered() {
        let stroke = Stroke::new(1.0, theme::palette(ui).line_strong);
        ui.painter().rect_stroke(response.rect, 2.0, stroke, egui::StrokeKind::Outside);
    }
    focus_ring(ui, response, 2);
}

/// "12 %"; a share of less than half a per cent is "0 %".
fn percent(share: f32) -> String {
    format!("{:.0} %", share * 100.0)
}
