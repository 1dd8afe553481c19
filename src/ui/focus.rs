//! Where the keyboard is: the parts of the window that F6 goes through, settings that were asked
//! for by name, and columns that scroll along with Tab.

use egui::accesskit::Role;
use egui::{
    Align, Context, Id, LayerId, Order, Popup, Rect, Response, Sense, StrokeKind, Ui, WidgetInfo,
};

use super::theme;

/// A wish that nobody answers is given up after so many frames.
const PATIENCE: u64 = 8;

fn parts_id() -> Id {
    Id::unique("parts of the window")
}

fn wish_id() -> Id {
    Id::unique("wanted setting")
}

fn seen_id() -> Id {
    Id::unique("focus that was seen")
}

#[derive(Clone, Copy)]
struct PartPlace {
    id: Id,
    rect: Rect,
    layer: LayerId,
}

#[derive(Clone, Default)]
struct Parts {
    pass: u64,
    all: Vec<PartPlace>,
}

/// Names a part of the window, to be called before its contents. F6 brings the keyboard here, and
/// Tab then goes on to the first control in it.
pub fn part_ui(ui: &Ui, name: &str, rect: Rect) {
    let id = Id::unique("part").with(name);
    let pass = ui.ctx().cumulative_pass_nr();
    ui.data_mut(|data| {
        let parts: &mut Parts = data.get_temp_mut_or_default(parts_id());
        if parts.pass != pass {
            *parts = Parts { pass, all: Vec::new() };
        }
        parts.all.push(PartPlace { id, rect, layer: ui.layer_id() });
    });
    // Tab shall not stop here: it is a stop only while F6 brought it.
    if ui.memory(|memory| memory.has_focus(id)) {
        let response = ui.interact(rect, id, Sense::focusable_noninteractive());
        response.widget_info(|| WidgetInfo::labeled(Role::Region, true, name));
        let stroke = theme::palette(ui).focus_stroke();
        ui.painter().rect_stroke(rect.shrink(1.0), 0.0, stroke, StrokeKind::Inside);
    }
}

/// Moves the keyboard to the next part of the window, or to the one before.
pub fn go_to_part(ctx: &Context, is_forward: bool) {
    let parts: Parts = ctx.data(|data| data.get_temp(parts_id())).unwrap_or_default();
    let n_parts = parts.all.len();
    if n_parts == 0 {
        return;
    }
    let focused = ctx.memory(egui::Memory::focused);
    let place = focused.and_then(|id| {
        let at = ctx.read_response(id).map(|at| (at.rect.center(), at.layer_id));
        let is_inside = |part: &PartPlace| {
            at.is_some_and(|(at, layer)| part.layer == layer && part.rect.contains(at))
        };
        parts.all.iter().position(|part| part.id == id || is_inside(part))
    });
    let next = match (place, is_forward) {
        (None, true) => 0,
        (None, false) => n_parts - 1,
        (Some(place), true) => (place + 1) % n_parts,
        (Some(place), false) => (place + n_parts - 1) % n_parts,
    };
    let next = parts.all[next];
    ctx.memory_mut(|memory| memory.request_focus(next.id));
    if next.layer.order == Order::Middle {
        ctx.move_to_top(next.layer);
    }
    ctx.request_repaint();
}

/// The heading of the card with all settings, and of that with what was learned.
pub const ALL_SETTINGS: &str = "all settings";
pub const LEARNED: &str = "what it has learned";

/// The control of this setting, or of this name, shall have the keyboard as soon as it is drawn.
pub fn want_setting(ctx: &Context, key: &'static str) {
    let pass = ctx.cumulative_pass_nr();
    ctx.data_mut(|data| data.insert_temp(wish_id(), (key, pass)));
    ctx.request_repaint();
}

/// Gives the keyboard to the control of a setting, if it was asked for.
pub fn answer(response: &Response, key: &str) {
    let wish: Option<(&'static str, u64)> = response.ctx.data(|data| data.get_temp(wish_id()));
    let Some((wanted, since)) = wish else { return };
    let is_stale = response.ctx.cumulative_pass_nr() > since + PATIENCE;
    if wanted == key && !is_stale {
        response.request_focus();
        response.scroll_to_me(Some(Align::Center));
    }
    if wanted == key || is_stale {
        response.ctx.data_mut(|data| data.remove::<(&'static str, u64)>(wish_id()));
    }
}

/// Scrolls to what has just got the keyboard. To be called at the end of what scrolls.
pub fn follow(ui: &Ui) {
    let focused = ui.memory(egui::Memory::focused);
    let seen: Option<Option<Id>> = ui.data(|data| data.get_temp(seen_id()));
    let Some(id) = focused.filter(|_| seen != Some(focused)) else { return };
    let Some(response) = ui.ctx().read_response(id) else { return };
    let is_here = ui.min_rect().contains(response.rect.center());
    if is_here && !ui.clip_rect().contains_rect(response.rect) {
        ui.scroll_to_rect(response.rect.expand(theme::UNIT), None);
    }
}

/// To be called once, after everything is drawn.
pub fn note_followed(ctx: &Context) {
    let focused = ctx.memory(egui::Memory::focused);
    ctx.data_mut(|data| data.insert_temp(seen_id(), focused));
    ring_in_list(ctx);
}

/// A ring around the row of a menu or list that has the keyboard: egui takes the borders of rows in
/// menus away.
fn ring_in_list(ctx: &Context) {
    if !Popup::is_any_open(ctx) {
        return;
    }
    let focused = ctx.memory(egui::Memory::focused).and_then(|id| ctx.read_response(id));
    let Some(row) = focused.filter(|row| row.layer_id.order == Order::Foreground) else { return };
    let painter = ctx.layer_painter(row.layer_id).with_clip_rect(row.interact_rect);
    let stroke = theme::palette_of(ctx).focus_stroke();
    painter.rect_stroke(row.rect, theme::RADIUS, stroke, StrokeKind::Inside);
}
