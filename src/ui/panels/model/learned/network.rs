//! The picture of the network: the excerpt that it sees, its hidden units, and the strongest weights of
//! the chosen one, for those who learn what an RBM is.

use egui::{Key, Modifiers, Pos2, Rect, Role, Sense, Shape, Stroke, Ui, WidgetInfo, vec2};

use super::legend::{self, legend_ui};
use super::one_step::excerpt_ui;
use super::units::{unit_details_ui, whole};
use super::{Shown, percent, picture_font, waiting_in};
use crate::engine::{StepPicture, UnitPicture};
use crate::ui::command::Command;
use crate::ui::icons::Icon;
use crate::ui::learned::{Heard, LearnedState};
use crate::ui::panels::parts;
use crate::ui::theme::{self, UNIT};
use crate::ui::widgets::dot_grid::DotGrid;
use crate::ui::widgets::roll_image::{Grain, VisibleLayout, layer_image, note_mark};
use crate::ui::widgets::texture::cached_texture;
use crate::ui::widgets::{ActionButton, focus_ring};

/// So many weights are drawn, the strongest.
const N_LINES: usize = 48;
const FOOT: f32 = 5.0 * UNIT;
/// With less room than this the explanation stands above the picture.
const WIDE: f32 = 560.0;
/// Of the explanation, while it is open.
const WORDS_SHARE: f32 = 0.36;
const PADDING: f32 = 16.0;
const BUTTON: f32 = 24.0;
const EXPLANATION: &str = "Left is what the model sees: one excerpt, a cell for each pitch and step. \
Right are its hidden units, a dot each; a dot looks at every cell at once. The lines are the \
strongest weights of the chosen unit: solid amber calls for a note, dashed blue forbids it. There \
are no lines within a side – that is the “restricted” in the name – so all dots can be \
drawn at random at once from the cells, and all cells from the dots. Training changes the weights until what is \
drawn back and forth looks like your songs.";

pub(super) fn network_ui(
    ui: &mut Ui,
    shown: &Shown<'_>,
    learned: &mut LearnedState,
    height: f32,
    commands: &mut Vec<Command>,
) {
    if learned.is_explained {
        return body_ui(ui, shown, learned, height, commands);
    }
    // Beside the picture where there is room; else above it, and both scroll.
    if ui.available_width() < WIDE {
        let list = egui::ScrollArea::vertical().id_salt("network").max_height(height);
        list.show(ui, |ui| {
            explanation_ui(ui, f32::INFINITY, commands);
            body_ui(ui, shown, learned, height, commands);
        });
        return;
    }
    let (_, rect) = ui.allocate_space(vec2(ui.available_width(), height));
    let (words, picture) = rect.split_left_right_at_x(rect.left() + rect.width() * WORDS_SHARE);
    let picture = picture.with_min_x(picture.left() + 3.0 * UNIT);
    let place = egui::UiBuilder::new().id_salt("explanation").max_rect(words);
    explanation_ui(&mut ui.new_child(place), words.height(), commands);
    let place = egui::UiBuilder::new().id_salt("explained").max_rect(picture);
    body_ui(&mut ui.new_child(place), shown, learned, picture.height(), commands);
}

/// The picture with what belongs to it, in `height` points.
fn body_ui(
    ui: &mut Ui,
    shown: &Shown<'_>,
    learned: &mut LearnedState,
    height: f32,
    commands: &mut Vec<Command>,
) {
    let bottom = ui.cursor().top() + height;
    ui.horizontal_wrapped(|ui| {
        excerpt_ui(ui, shown, learned);
        ui.add_space(2.0 * UNIT);
        let is_heard = learned.hearing == Some(Heard::Unit(learned.selected));
        let name = format!("Unit {}", learned.selected + 1);
        let hear = ActionButton::new(&name).with_icon(Icon::Volume2).quiet().height(24.0);
        if ui.add(hear.on(is_heard).tooltip("Hear the chosen unit")).clicked() {
            commands.push(Command::Hear(Heard::Unit(learned.selected)));
        }
    });
    let room = vec2(ui.available_width(), (bottom - ui.cursor().top() - FOOT).max(110.0));
    let (rect, _) = ui.allocate_exact_size(room, Sense::hover());
    match (&shown.snapshot.step, shown.snapshot.unit(learned.selected)) {
        (Some(step), Some(unit)) => picture_ui(ui, shown, learned, (step, unit, rect)),
        _ => waiting_in(ui, rect),
    }
    let entries = legend::weights(theme::palette(ui), false);
    let note =
        format!("the {N_LINES} strongest weights of the chosen unit; a ring: the unit is on");
    legend_ui(ui, &entries, &note);
}

fn explanation_ui(ui: &mut Ui, height: f32, commands: &mut Vec<Command>) {
    let palette = theme::palette(ui);
    let frame = egui::Frame::new().fill(palette.panel).corner_radius(theme::RADIUS);
    frame.inner_margin(egui::Margin::symmetric(10, 8)).show(ui, |ui| {
        ui.set_width(ui.available_width());
        let room = (height - PADDING - BUTTON - 2.0 * UNIT).max(30.0);
        egui::ScrollArea::vertical().id_salt("words").max_height(room).show(ui, |ui| {
            ui.add(egui::Label::new(egui::RichText::new(EXPLANATION).small()).wrap());
        });
        let got_it = ActionButton::new("Got it").height(BUTTON);
        if ui.add(got_it.tooltip("Closes the explanation for good")).clicked() {
            commands.push(Command::CloseNetworkExplanation);
        }
    });
}

fn picture_ui(
    ui: &mut Ui,
    shown: &Shown<'_>,
    learned: &mut LearnedState,
    (step, unit, rect): (&StepPicture, &UnitPicture, Rect),
) {
    let palette = theme::palette(ui);
    let gap = (rect.width() * 0.16).clamp(40.0, 160.0);
    let visible = rect.with_max_x(rect.left() + (rect.width() - gap) * 0.55);
    let hidden = rect.with_min_x(visible.right() + gap);
    let of = (shown.snapshot.number, shown.layout);
    let texture = cached_texture(ui, shown.id.with("visible"), of, || {
        layer_image(&shown.layout, Grain::LARGE, |place, is_onset| {
            note_mark(palette, f32::from(step.visible[place]) * 0.75, is_onset)
        })
    });
    ui.painter().rect_filled(visible, 2.0, palette.ground);
    whole(ui, texture.id(), visible);
    let grid = DotGrid::fit(hidden, step.hidden.len());
    let of = (shown.snapshot.number, grid.rect.width() as u32, grid.rect.height() as u32);
    let texture = cached_texture(ui, shown.id.with("hidden"), of, || {
        grid.image(&step.hidden_probabilities, &step.hidden, palette)
    });
    let end = grid.center(unit.unit);
    lines(ui, (&shown.layout, visible), unit, end);
    // Over the lines, which pass behind the other dots.
    whole(ui, texture.id(), grid.rect);
    ui.painter().circle_stroke(end, grid.radius() + 2.0, Stroke::new(2.0, palette.focus));
    visible_ui(ui, shown, (step, unit, visible));
    hidden_ui(ui, shown, learned, (step, unit, &grid));
}

/// The places of the strongest weights, the strongest last so that it lies on top.
fn strongest(weights: &[f32], n: usize) -> Vec<usize> {
    let mut places: Vec<usize> = (0..weights.len()).collect();
    let size = |place: usize| weights[place].abs();
    let n = n.min(places.len());
    if n < places.len() {
        places.select_nth_unstable_by(n, |&a, &b| size(b).total_cmp(&size(a)));
    }
    places.truncate(n);
    places.sort_by(|&a, &b| size(a).total_cmp(&size(b)));
    places
}

fn lines(ui: &Ui, (layout, rect): (&VisibleLayout, Rect), unit: &UnitPicture, end: Pos2) {
    let palette = theme::palette(ui);
    let places = strongest(&unit.weights, N_LINES);
    let full = places.last().map_or(1.0, |&place| unit.weights[place].abs().max(f32::MIN_POSITIVE));
    let mut shapes = Vec::new();
    for place in places {
        let weight = unit.weights[place];
        let (cell, is_onset) = layout.cell(place);
        let cell = layout.rect_of(rect, cell);
        // A weight to where a note is struck starts at the head of the cell.
        let start = if is_onset { cell.left_center() } else { cell.center() };
        if !rect.expand(1.0).contains(start) {
            continue;
        }
        let strength = weight.abs() / full;
        let color = if weight > 0.0 { palette.calls } else { palette.forbids };
        let color = color.gamma_multiply(0.2 + 0.6 * strength);
        let stroke = Stroke::new(0.5 + 1.3 * strength, color);
        if weight > 0.0 {
            shapes.push(Shape::line_segment([start, end], stroke));
        } else {
            shapes.extend(Shape::dashed_line(&[start, end], stroke, 5.0, 4.0));
        }
        shapes.push(Shape::circle_filled(start, 1.0 + 1.5 * strength, color));
    }
    ui.painter().extend(shapes);
}

fn visible_ui(ui: &Ui, shown: &Shown<'_>, (step, unit, rect): (&StepPicture, &UnitPicture, Rect)) {
    let name = "Visible units: the excerpt";
    let response = super::units::picture(ui, rect, shown.id.with("visible picture"), name);
    let Some(cell) = response.hover_pos().and_then(|at| shown.layout.cell_at(rect, at)) else {
        return;
    };
    let plane = |name: &str, place: usize| {
        format!("\n{name}: v = {}, weight {:+.3}", step.visible[place], unit.weights[place])
    };
    let sounds = plane("sounds", shown.layout.hold(cell));
    let struck = shown.layout.onset(cell).map(|place| plane("struck", place));
    let words = format!("{}{sounds}{}", shown.layout.name_of(cell), struck.unwrap_or_default());
    response.on_hover_text_at_pointer(words);
}

/// The dots: a click or the arrow keys choose one.
fn hidden_ui(
    ui: &Ui,
    shown: &Shown<'_>,
    learned: &mut LearnedState,
    (step, unit, grid): (&StepPicture, &UnitPicture, &DotGrid),
) {
    let response = ui.interact(grid.rect, shown.id.with("hidden picture"), Sense::click());
    let p = step.hidden_probabilities[unit.unit];
    let name = format!(
        "Hidden units: unit {} of {} chosen, p(h | v) = {}",
        unit.unit + 1,
        step.hidden.len(),
        percent(p)
    );
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &name));
    focus_ring(ui, &response, 2);
    if response.has_focus() {
        let filter = egui::EventFilter {
            horizontal_arrows: true,
            vertical_arrows: true,
            ..egui::EventFilter::default()
        };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
        for (key, way) in [
            (Key::ArrowLeft, (-1, 0)),
            (Key::ArrowRight, (1, 0)),
            (Key::ArrowUp, (0, -1)),
            (Key::ArrowDown, (0, 1)),
        ] {
            if ui.input_mut(|input| input.consume_key(Modifiers::NONE, key)) {
                learned.selected = grid.neighbour(learned.selected, way);
            }
        }
    }
    let clicked = response.interact_pointer_pos().filter(|_| response.clicked());
    if let Some(dot) = clicked.and_then(|at| grid.dot_at(at)) {
        learned.selected = dot;
        ui.ctx().request_repaint();
    }
    let Some(dot) = response.hover_pos().and_then(|at| grid.dot_at(at)) else { return };
    let is_on = if step.hidden[dot] != 0 { "on" } else { "off" };
    let words = format!(
        "Unit {}: p(h | v) = {}, {is_on}",
        dot + 1,
        percent(step.hidden_probabilities[dot])
    );
    response.on_hover_ui_at_pointer(|ui| {
        ui.label(egui::RichText::new(words).font(picture_font()));
        if dot == unit.unit {
            unit_details_ui(ui, shown, unit, (Rect::NOTHING, None));
        } else {
            ui.label(parts::caption(ui, "Click shows its weights"));
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strongest_weights_are_drawn_whatever_their_sign() {
        let weights = [0.1, -3.0, 0.2, 2.0, -0.5];
        assert_eq!(strongest(&weights, 3), [4, 3, 1]);
        assert_eq!(strongest(&weights, 9), [0, 2, 4, 3, 1]);
        assert!(strongest(&[], 4).is_empty());
    }
}
