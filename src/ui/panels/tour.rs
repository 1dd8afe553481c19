//! The callout of the tour: beside what it points at, over nothing that must be reached.

use egui::{
    Align, Area, Color32, Context, Frame, Id, Layout, Order, Pos2, Rect, Role, Shape, Stroke,
};
use egui::{Ui, Vec2, WidgetInfo, pos2, vec2};

use super::parts;
use crate::ui::command::Command;
use crate::ui::focus;
use crate::ui::fonts;
use crate::ui::state::State;
use crate::ui::theme::{self, UNIT};
use crate::ui::tour::{Tour, TourStep, TourTarget, marked};
use crate::ui::widgets::ActionButton;

const WIDTH: f32 = 272.0;
/// Between the callout and what it points at.
const GAP: f32 = 3.0 * UNIT;
/// The arrow is so long.
const ARROW: f32 = 2.0 * UNIT;
const BUTTON_HEIGHT: f32 = 28.0;

/// On which side of its target the callout stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Below,
    Left,
    Right,
    Above,
}

fn side(target: TourTarget) -> Side {
    match target {
        // Below it stands the button that the text speaks of.
        TourTarget::Sources => Side::Right,
        TourTarget::Train | TourTarget::LiveAudition => Side::Below,
        TourTarget::Generate => Side::Left,
        TourTarget::Export => Side::Above,
    }
}

/// The callout, while the tour is on and nothing modal lies on top.
pub fn tour_ui(ctx: &Context, state: &mut State, commands: &mut Vec<Command>) {
    let Some(tour) = state.tour else { return };
    if tour.has_been_done(state) {
        go_on(tour, state, commands);
        ctx.request_repaint();
        return;
    }
    let is_covered = state.close_question.is_some()
        || state.is_about_shown
        || state.path_prompt.is_some()
        || state.window.palette.is_some()
        || state.window.are_shortcuts_shown;
    if is_covered {
        return;
    }
    let target = tour.step.target(state);
    let rect = marked(ctx, target);
    let size = ctx.data(|data| data.get_temp(size_id())).unwrap_or(vec2(WIDTH, 128.0));
    let window = ctx.content_rect();
    let side = side_with_room(rect, side(target), size, window);
    let place = place(rect, side, size, window);
    let shown =
        Area::new(Id::unique("tour")).order(Order::Middle).fixed_pos(place).show(ctx, |ui| {
            callout_ui(ui, tour, rect.map(|rect| (rect, side)), state, commands);
        });
    let drawn = shown.response.rect.size();
    if (drawn - size).length() > 0.5 {
        ctx.data_mut(|data| data.insert_temp(size_id(), drawn));
        ctx.request_repaint();
    }
}

fn size_id() -> Id {
    Id::unique("size of the tour")
}

/// The step that was done makes room for the next.
fn go_on(tour: Tour, state: &mut State, commands: &mut Vec<Command>) {
    match tour.next(state) {
        Some(next) => state.tour = Some(next),
        None => commands.push(Command::ShowTour(false)),
    }
}

/// A target that goes all the way across has nothing beside it.
fn side_with_room(target: Option<Rect>, side: Side, size: Vec2, window: Rect) -> Side {
    let is_too_wide = target.is_some_and(|target| target.right() + GAP + size.x > window.right());
    if side == Side::Right && is_too_wide { Side::Below } else { side }
}

/// The upper left corner: beside the target and within the window.
fn place(target: Option<Rect>, side: Side, size: Vec2, window: Rect) -> Pos2 {
    let Some(target) = target else {
        return pos2(window.center().x - size.x / 2.0, window.bottom() - size.y - 10.0 * GAP);
    };
    let wanted = match side {
        Side::Below => pos2(target.left(), target.bottom() + GAP),
        Side::Left => pos2(target.left() - GAP - size.x, target.top() - UNIT),
        Side::Right => pos2(target.right() + GAP, target.top() - UNIT),
        Side::Above => pos2(target.right() - size.x, target.top() - GAP - size.y),
    };
    let inner = window.shrink(UNIT);
    let most = (inner.max - size).max(inner.min);
    wanted.clamp(inner.min, most)
}

fn callout_ui(
    ui: &mut Ui,
    tour: Tour,
    target: Option<(Rect, Side)>,
    state: &mut State,
    commands: &mut Vec<Command>,
) {
    let palette = theme::palette(ui);
    // Before the buttons, so that Tab goes on to them.
    let size = ui.data(|data| data.get_temp(size_id())).unwrap_or(vec2(WIDTH, 128.0));
    focus::part_ui(ui, "Tour", Rect::from_min_size(ui.cursor().min, size));
    let stroke = Stroke::new(1.0, palette.played);
    let frame = palette.card_frame().fill(palette.card).stroke(stroke);
    let frame = Frame { shadow: ui.visuals().popup_shadow, ..frame };
    let card = frame.inner_margin(3.0 * UNIT).show(ui, |ui| {
        ui.set_width(WIDTH - 6.0 * UNIT);
        let (number, n_steps) = (tour.step.number(), TourStep::ALL.len());
        ui.label(parts::caption(ui, format!("Tour · {number} of {n_steps}")));
        let title = egui::RichText::new(tour.step.title()).family(fonts::strong());
        ui.label(title);
        ui.add(egui::Label::new(tour.step.text(state)).wrap());
        ui.add_space(UNIT);
        buttons_ui(ui, tour, state, commands);
    });
    let rect = card.response.rect;
    let name = format!("Tour, step {} of 3: {}", tour.step.number(), tour.step.title());
    card.response.widget_info(|| WidgetInfo::labeled(Role::Region, true, &name));
    if let Some((target, side)) = target {
        arrow(ui, rect, target, side, palette.card, stroke);
    }
}

fn buttons_ui(ui: &mut Ui, tour: Tour, state: &mut State, commands: &mut Vec<Command>) {
    let is_last = tour.next(state).is_none();
    ui.horizontal(|ui| {
        let skip = ActionButton::new("Skip the tour").quiet().height(BUTTON_HEIGHT);
        if !is_last && ui.add(skip.tooltip("Help → Take the tour brings it back  (Esc)")).clicked()
        {
            commands.push(Command::ShowTour(false));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let name = if is_last { "Done" } else { "Next" };
            let what = if is_last { "Ends the tour" } else { "Shows the next step" };
            let next = ActionButton::new(name).min_width(72.0).height(BUTTON_HEIGHT);
            if ui.add(next.tooltip(what)).clicked() {
                go_on(tour, state, commands);
            }
        });
    });
}

/// A triangle on the edge of the callout that points at the middle of the target.
fn arrow(ui: &Ui, card: Rect, target: Rect, side: Side, fill: Color32, stroke: Stroke) {
    let inner = card.shrink(3.0 * UNIT);
    let (tip, along) = match side {
        Side::Left => (pos2(card.right() + ARROW, target.center().y), vec2(0.0, ARROW)),
        Side::Right => (pos2(card.left() - ARROW, target.center().y), vec2(0.0, ARROW)),
        Side::Below => (pos2(target.center().x, card.top() - ARROW), vec2(ARROW, 0.0)),
        Side::Above => (pos2(target.center().x, card.bottom() + ARROW), vec2(ARROW, 0.0)),
    };
    // The callout was pushed aside by the edge of the window: it covers the way of the arrow.
    let is_vertical = matches!(side, Side::Below | Side::Above);
    let tip = if is_vertical {
        pos2(tip.x.clamp(inner.left(), inner.right()), tip.y)
    } else {
        pos2(tip.x, tip.y.clamp(inner.top(), inner.bottom()))
    };
    let toward = match side {
        Side::Left => vec2(-ARROW - 1.0, 0.0),
        Side::Right => vec2(ARROW + 1.0, 0.0),
        Side::Below => vec2(0.0, ARROW + 1.0),
        Side::Above => vec2(0.0, -ARROW - 1.0),
    };
    let foot = tip + toward;
    let points = vec![foot - along, tip, foot + along];
    let painter = ui.painter();
    painter.add(Shape::convex_polygon(points.clone(), fill, Stroke::NONE));
    painter.add(Shape::line(points, stroke));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_callout_stays_within_the_window_and_beside_its_target() {
        let size = vec2(WIDTH, 130.0);
        for window in [vec2(1000.0, 640.0), vec2(3840.0, 2160.0)] {
            let window = Rect::from_min_size(Pos2::ZERO, window);
            let (right, bottom) = (window.right(), window.bottom());
            for (target, side) in [
                (Rect::from_min_max(pos2(14.0, 90.0), pos2(206.0, 120.0)), Side::Right),
                // The data alone, across the whole window.
                (Rect::from_min_max(pos2(14.0, 90.0), pos2(right - 50.0, 120.0)), Side::Right),
                (Rect::from_min_max(pos2(300.0, 10.0), pos2(396.0, 40.0)), Side::Below),
                (
                    Rect::from_min_max(pos2(right - 140.0, 200.0), pos2(right - 14.0, 230.0)),
                    Side::Left,
                ),
                (
                    Rect::from_min_max(
                        pos2(right - 200.0, bottom - 240.0),
                        pos2(right - 14.0, bottom - 210.0),
                    ),
                    Side::Above,
                ),
            ] {
                let side = side_with_room(Some(target), side, size, window);
                let card = Rect::from_min_size(place(Some(target), side, size, window), size);
                assert!(window.contains_rect(card), "{card:?}");
                assert!(!card.intersects(target), "{card:?} lies on {target:?}");
            }
            let card = Rect::from_min_size(place(None, Side::Below, size, window), size);
            assert!(window.contains_rect(card));
        }
    }
}
