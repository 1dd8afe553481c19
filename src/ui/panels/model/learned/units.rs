//! The hidden units as small piano rolls of their weights: sorted, heard by a click, pinned.

use egui::{Align, Layout, Pos2, Rect, Response, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::legend::{self, legend_ui};
use super::{Shown, choice_ring, percent, pins, waiting_in};
use crate::engine::{UnitOrder, UnitPicture, UnitsPicture};
use crate::ui::command::Command;
use crate::ui::icons::{Icon, Sign};
use crate::ui::learned::{Heard, LearnedState};
use crate::ui::panels::parts::{self, Choice, button_unless, choices};
use crate::ui::theme::{self, UNIT};
use crate::ui::widgets::ActionButton;
use crate::ui::widgets::bars::number;
use crate::ui::widgets::roll_image::{Grain, full_weight, layer_image, weight_mark};
use crate::ui::widgets::texture::cached_texture;
use crate::ui::widgets::tile_grid::TileGrid;

/// The line below the pictures.
const FOOT: f32 = 6.0 * UNIT;
const LARGE: egui::Vec2 = vec2(280.0, 180.0);

pub(super) fn units_ui(
    ui: &mut Ui,
    shown: &Shown<'_>,
    learned: &mut LearnedState,
    height: f32,
    commands: &mut Vec<Command>,
) {
    let bottom = ui.cursor().top() + height;
    order_ui(ui, shown, learned);
    pins::pins_ui(ui, shown, learned);
    let left = bottom - ui.cursor().top() - FOOT - UNIT;
    let room = vec2(ui.available_width(), left.max(40.0));
    let grid = TileGrid::fit(room, shown.snapshot.n_hidden, &shown.layout);
    lay_out(ui, &grid, shown.snapshot.n_hidden, learned);
    let (rect, _) = ui.allocate_exact_size(room, Sense::hover());
    match &shown.snapshot.units {
        Some(picture) => pictures_ui(ui, shown, learned, (&grid, rect, picture), commands),
        None => waiting_in(ui, rect),
    }
    foot_ui(ui, shown, learned, grid.capacity());
}

/// Says which places are seen.
fn lay_out(ui: &Ui, grid: &TileGrid, n_hidden: usize, learned: &mut LearnedState) {
    let per_page = grid.capacity();
    let first = learned.places.start.min(n_hidden.saturating_sub(1)) / per_page * per_page;
    let places = first..(first + per_page).min(n_hidden);
    if learned.places != places {
        learned.places = places;
        ui.ctx().request_repaint();
    }
}

fn order_ui(ui: &mut Ui, shown: &Shown<'_>, learned: &mut LearnedState) {
    const ORDERS: [UnitOrder; 4] =
        [UnitOrder::Norm, UnitOrder::Activity, UnitOrder::Similarity, UnitOrder::Number];
    let choice = |text, tooltip| Choice { text, tooltip, reason: None };
    let options = [
        choice("Norm", "The units with the largest weights first: Euclidean norm"),
        choice(
            "Activity",
            "The units that are most often on first: mean of p(h | v) over a sample of the \
             training excerpts",
        ),
        choice(
            "Similarity",
            "Neighbours are alike: a greedy chain, from the strongest unit always to the one \
             left whose weights have the largest cosine. In a large model only the strongest \
             are chained; the others follow by norm",
        ),
        choice("Number", "As the model counts them"),
    ];
    ui.horizontal(|ui| {
        let chosen = ORDERS.iter().position(|&order| order == learned.order);
        if let Some(place) = choices(ui, "Sort units by", chosen, &options) {
            learned.order = ORDERS[place];
            learned.places.start = 0;
        }
        let again = ActionButton::icon(Icon::RefreshCw, "Sort again").quiet().height(24.0);
        let again = again.tooltip(
            "The order stays while training goes on, so that units do not jump about; it is \
             renewed whenever the number of epochs has doubled, and when the run rests",
        );
        if ui.add(again).clicked() {
            learned.sorting += 1;
        }
        let n_chained = shown.snapshot.units.as_ref().map_or(0, |units| units.n_chained);
        if n_chained > 0 && n_chained < shown.snapshot.n_hidden {
            let words = format!("the {n_chained} strongest chained");
            ui.label(parts::caption(ui, words));
        }
    });
}

fn pictures_ui(
    ui: &mut Ui,
    shown: &Shown<'_>,
    learned: &mut LearnedState,
    (grid, rect, picture): (&TileGrid, Rect, &UnitsPicture),
    commands: &mut Vec<Command>,
) {
    let palette = theme::palette(ui);
    let units = &picture.shown[..picture.shown.len().min(grid.capacity())];
    let of = (shown.snapshot.number, grid.columns, grid.rows, shown.layout);
    let texture = cached_texture(ui, shown.id.with("units"), of, || {
        let full: Vec<f32> = units.iter().map(|unit| full_weight(&unit.weights)).collect();
        grid.image(units.len(), &shown.layout, |place, visible, is_onset| {
            weight_mark(palette, units[place].weights[visible], full[place], is_onset)
        })
    });
    let pointer = ui.input(|input| input.pointer.hover_pos());
    learned.is_pointed_at = pointer.is_some_and(|at| rect.contains(at));
    for (place, unit) in units.iter().enumerate() {
        grid.paint(ui, &texture, rect.min, place);
        unit_ui(ui, shown, learned, (unit, grid.rect(rect.min, place), place), commands);
    }
}

fn unit_ui(
    ui: &mut Ui,
    shown: &Shown<'_>,
    learned: &mut LearnedState,
    (unit, rect, place): (&UnitPicture, Rect, usize),
    commands: &mut Vec<Command>,
) {
    let response = ui.interact(rect, shown.id.with(("unit", place)), Sense::click());
    let number = unit.unit;
    let is_heard = learned.hearing == Some(Heard::Unit(number));
    choice_ring(ui, &response, learned.selected == number);
    if is_heard {
        sounding(ui, rect);
    }
    let name = format!("Hear unit {}", number + 1);
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_heard, &name));
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_description(facts(unit)));
    if response.clicked() {
        learned.selected = number;
        commands.push(Command::Hear(Heard::Unit(number)));
    }
    response.context_menu(|ui| menu_ui(ui, shown, learned, number, commands));
    let is_pinned = learned.is_pinned(number);
    let is_near = ui.rect_contains_pointer(rect) || response.has_focus();
    if is_pinned || is_near {
        pin_button_ui(ui, shown, learned, (number, rect, place));
    }
    let at = response.hover_pos();
    response.on_hover_ui_at_pointer(|ui| unit_details_ui(ui, shown, unit, (rect, at)));
}

fn menu_ui(
    ui: &mut Ui,
    shown: &Shown<'_>,
    learned: &mut LearnedState,
    unit: usize,
    commands: &mut Vec<Command>,
) {
    if ui.button("Hear it").clicked() {
        commands.push(Command::Hear(Heard::Unit(unit)));
    }
    let pin = if learned.is_pinned(unit) { "Follow it no longer" } else { "Follow it (pin)" };
    if ui.button(pin).clicked() {
        learned.toggle_pin(unit, shown.snapshot);
    }
    if ui.button("Show it in the network").clicked() {
        learned.selected = unit;
        learned.tab = crate::ui::learned::LearnedTab::Network;
    }
}

/// The sign that a picture is heard.
pub(super) fn sounding(ui: &Ui, rect: Rect) {
    let palette = theme::palette(ui);
    let center = rect.left_bottom() + vec2(9.0, -9.0);
    ui.painter().circle_filled(center, 8.0, palette.primary);
    Sign::Stop.paint(ui.painter(), center, 8.0, palette.on_primary_text);
}

fn pin_button_ui(
    ui: &mut Ui,
    shown: &Shown<'_>,
    learned: &mut LearnedState,
    (unit, rect, place): (usize, Rect, usize),
) {
    let palette = theme::palette(ui);
    let is_pinned = learned.is_pinned(unit);
    let corner = Rect::from_min_size(rect.right_top() - vec2(18.0, 0.0), vec2(18.0, 18.0));
    let response = ui.interact(corner, shown.id.with(("pin", place)), Sense::click());
    let fill = if response.hovered() { palette.card_hovered } else { palette.card };
    ui.painter().rect_filled(corner, 3.0, fill);
    let letters = if is_pinned { palette.played_text } else { palette.text };
    let font = egui::FontId::proportional(theme::size::LABEL);
    let icon = Icon::Pin;
    let center = corner.center();
    let align = egui::Align2::CENTER_CENTER;
    ui.painter().text(center, align, icon.unicode().to_string(), font, letters);
    crate::ui::widgets::focus_ring(ui, &response, 3);
    let name = if is_pinned { "Unpin unit" } else { "Pin unit" };
    let name = format!("{name} {}", unit + 1);
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_pinned, &name));
    if response.clicked() {
        learned.toggle_pin(unit, shown.snapshot);
    }
    response.on_hover_text("Follows the unit through the epochs, while the card is open");
}

/// "norm 3.21 · on 12 % of the time"
fn facts(unit: &UnitPicture) -> String {
    let on = percent(unit.activity);
    format!("norm {} · on in {on} of the excerpts", number(f64::from(unit.norm)))
}

/// A unit at large, with the value under the pointer.
pub(super) fn unit_details_ui(
    ui: &mut Ui,
    shown: &Shown<'_>,
    unit: &UnitPicture,
    (rect, at): (Rect, Option<Pos2>),
) {
    let palette = theme::palette(ui);
    ui.set_max_width(LARGE.x);
    ui.strong(format!("Unit {}", unit.unit + 1));
    ui.label(parts::caption(ui, facts(unit)));
    let cell = at.and_then(|at| shown.layout.cell_at(rect, at));
    let words = cell.map_or_else(String::new, |cell| {
        let value = |visible: usize| number(f64::from(unit.weights[visible]));
        let hold = value(shown.layout.hold(cell));
        let onset = shown.layout.onset(cell).map(value);
        let onset = onset.map_or_else(String::new, |onset| format!(", struck {onset}"));
        format!("{}: sounds {hold}{onset}", shown.layout.name_of(cell))
    });
    ui.label(egui::RichText::new(words).font(super::picture_font()));
    let full = full_weight(&unit.weights);
    let of = (shown.snapshot.number, unit.unit, shown.layout);
    let texture = cached_texture(ui, shown.id.with("large"), of, || {
        layer_image(&shown.layout, Grain::LARGE, |visible, is_onset| {
            weight_mark(palette, unit.weights[visible], full, is_onset)
        })
    });
    let (room, response) = ui.allocate_exact_size(LARGE, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, "The unit at large"));
    ui.painter().rect_filled(room, 2.0, palette.ground);
    whole(ui, texture.id(), room);
    if let Some(cell) = cell {
        let stroke = egui::Stroke::new(1.0, palette.text);
        let cell = shown.layout.rect_of(room, cell).expand(1.5);
        ui.painter().rect_stroke(cell, 1.0, stroke, egui::StrokeKind::Outside);
    }
    ui.label(parts::caption(ui, "Click hears it: weights above twice their root mean square"));
}

/// Paints a whole texture.
pub(super) fn whole(ui: &Ui, texture: egui::TextureId, rect: Rect) {
    let uv = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
    ui.painter().image(texture, rect, uv, egui::Color32::WHITE);
}

/// The legend, and the pages.
fn foot_ui(ui: &mut Ui, shown: &Shown<'_>, learned: &mut LearnedState, per_page: usize) {
    let n_hidden = shown.snapshot.n_hidden;
    let room = vec2(ui.available_width(), FOOT);
    ui.allocate_ui_with_layout(room, Layout::right_to_left(Align::Center), |ui| {
        if n_hidden > per_page {
            pages_ui(ui, learned, n_hidden, per_page);
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            let has_onsets = shown.encoding.n_planes() > 1;
            let entries = legend::weights(theme::palette(ui), has_onsets);
            let note = if has_onsets { "head: where it is struck" } else { "" };
            legend_ui(ui, &entries, note);
        });
    });
}

/// To be called from right to left.
fn pages_ui(ui: &mut Ui, learned: &mut LearnedState, n_hidden: usize, per_page: usize) {
    let first = learned.places.start;
    let end = (first + per_page).min(n_hidden);
    let words = format!("{}–{end} of {n_hidden}", first + 1);
    let widest = format!("{n_hidden}–{n_hidden} of {n_hidden}");
    parts::fixed_figures(ui, &words, &widest, theme::palette(ui).text);
    ui.spacing_mut().item_spacing.x = 0.0;
    let button = |icon, name| ActionButton::icon(icon, name).quiet().height(24.0);
    let is_last = first + per_page >= n_hidden;
    let reason = is_last.then_some("These are the last units");
    if button_unless(ui, reason, button(Icon::ChevronRight, "Next units")) {
        learned.places.start = first + per_page;
    }
    let reason = (first == 0).then_some("These are the first units");
    if button_unless(ui, reason, button(Icon::ChevronLeft, "Earlier units")) {
        learned.places.start = first.saturating_sub(per_page);
    }
}

/// The response of a picture that only looks.
pub(super) fn picture(ui: &Ui, rect: Rect, id: egui::Id, name: &str) -> Response {
    let response = ui.interact(rect, id, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, name));
    response
}
