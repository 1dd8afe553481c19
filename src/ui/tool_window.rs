//! Windows that lie over the columns and hold nothing up: the runs, the sweep, the import report,
//! the notices. One that was opened by a key takes the keyboard, Tab goes round inside it, F6 knows
//! it as a part of the window, and when it closes the keyboard goes back to where it was.

use egui::{Align2, AreaState, Context, FocusDirection, Id, Key, LayerId, Memory, Rect, Ui};

use super::focus;

/// Shorter after a click than this, in seconds, a window was opened by the pointer: then the
/// keyboard stays free until Tab is pressed.
const BY_POINTER_SECS: f32 = 0.3;

/// A window that was drawn in the latest pass.
#[derive(Clone)]
struct Open {
    layer: LayerId,
    pass: u64,
    /// What had the keyboard before, and gets it back.
    opener: Option<Id>,
    /// It waits for its first control to be there.
    wants_keyboard: bool,
    /// What stands first in it, after the title.
    first: Option<Id>,
    /// Everything in it that takes the keyboard, in the order of Tab.
    stops: Vec<Id>,
}

#[derive(Clone, Default)]
struct AllOpen(Vec<Open>);

fn data_id() -> Id {
    Id::unique("tool windows")
}

fn all(ctx: &Context) -> Vec<Open> {
    ctx.data(|data| data.get_temp::<AllOpen>(data_id())).unwrap_or_default().0
}

fn keep(ctx: &Context, windows: Vec<Open>) {
    ctx.data_mut(|data| data.insert_temp(data_id(), AllOpen(windows)));
}

/// Controls of a layer that take the keyboard, in the order in which they were drawn.
fn stops_of(ctx: &Context, layer: LayerId) -> Vec<Id> {
    ctx.viewport(|viewport| {
        let widgets = viewport.this_pass.widgets.get_layer(layer);
        let stops = widgets.filter(|widget| widget.enabled && widget.sense.is_focusable());
        stops.map(|widget| widget.id).collect()
    })
}

/// Keeps Tab inside the window that has the keyboard. To be called before anything is drawn.
pub fn keep_tab_inside(ctx: &Context) {
    let tab = ctx.input(|input| {
        let is_pressed = input.key_pressed(Key::Tab) && !input.modifiers.command;
        (is_pressed && !input.modifiers.alt).then_some(input.modifiers.shift)
    });
    let Some(is_backward) = tab else { return };
    let windows = all(ctx);
    let focused = ctx.memory(Memory::focused);
    let next = match focused {
        None => {
            let top = ctx.top_layer_id();
            let top = windows.iter().find(|window| Some(window.layer) == top);
            top.or(windows.last()).and_then(|window| window.first)
        }
        Some(focused) => windows.iter().find_map(|window| {
            let (first, last) = (window.stops.first()?, window.stops.last()?);
            match is_backward {
                true if *first == focused => Some(*last),
                false if *last == focused => Some(*first),
                _ => None,
            }
        }),
    };
    if let Some(next) = next {
        ctx.memory_mut(|memory| {
            memory.move_focus(FocusDirection::None);
            memory.request_focus(next);
        });
    }
}

/// How a window stands in the whole.
#[derive(Clone, Copy)]
struct Placed {
    room: Rect,
    /// Nobody has moved or resized it by hand.
    is_centred: bool,
}

/// A window further than this from the middle, in points, was moved there.
const OFF_CENTRE: f32 = 2.0;

/// A window in the middle of the whole, whatever becomes of the size of either, until a person moves
/// it or drags one of its edges: then it stays there.
pub fn centred<'a>(ctx: &Context, name: &str, window: egui::Window<'a>) -> egui::Window<'a> {
    let id = data_id().with(name);
    let room = ctx.content_rect();
    let before = ctx.data(|data| data.get_temp::<Placed>(id));
    let mut placed = Placed { room, is_centred: before.is_none_or(|before| before.is_centred) };
    let area = AreaState::load(ctx, id).map(|area| area.rect());
    let distance = area.map_or(0.0, |area| (area.center() - room.center()).abs().max_elem());
    let is_off = distance > OFF_CENTRE;
    let is_held = ctx.input(|input| input.pointer.any_down());
    let is_same_room = before.is_some_and(|before| before.room == room);
    placed.is_centred &= !(is_off && is_held && is_same_room);
    ctx.data_mut(|data| data.insert_temp(id, placed));
    let window = window.id(id).pivot(Align2::CENTER_CENTER).default_pos(room.center());
    if placed.is_centred && is_off {
        // egui 0.37 heeds no place for a window that can be dragged by its title.
        window.movable(false).current_pos(room.center())
    } else {
        window
    }
}

/// The control that gets the keyboard when the window opens, in place of the first. To be called
/// where the window is drawn.
pub fn begin_at(ui: &Ui, control: Id) {
    ui.data_mut(|data| data.insert_temp(begin_id(), control));
}

fn begin_id() -> Id {
    data_id().with("begin")
}

/// Shows a window. `name` is what it is called as a part of the whole.
pub fn show<R>(
    ctx: &Context,
    name: &str,
    window: egui::Window<'_>,
    contents: impl FnOnce(&mut Ui) -> R,
) -> Option<R> {
    let focused = ctx.memory(Memory::focused);
    let shown = window.show(ctx, |ui| {
        focus::part_ui(ui, name, ui.max_rect().intersect(ui.clip_rect()));
        let n_before = stops_of(ctx, ui.layer_id()).len();
        (contents(ui), n_before)
    })?;
    let layer = shown.response.layer_id;
    let (result, n_before) = shown.inner?;
    let stops = stops_of(ctx, layer);
    let mut windows = all(ctx);
    let pass = ctx.cumulative_pass_nr();
    let place = windows.iter().position(|window| window.layer == layer).unwrap_or_else(|| {
        let is_by_pointer =
            ctx.input(|input| input.pointer.time_since_last_click()) < BY_POINTER_SECS;
        if let Some(focused) = focused.filter(|_| is_by_pointer) {
            ctx.memory_mut(|memory| memory.surrender_focus(focused));
        }
        windows.push(Open {
            layer,
            pass,
            opener: focused,
            wants_keyboard: !is_by_pointer,
            first: None,
            stops: Vec::new(),
        });
        windows.len() - 1
    });
    let window = &mut windows[place];
    window.pass = pass;
    let wished: Option<Id> = ctx.data(|data| data.get_temp(begin_id()));
    let wished = wished.filter(|id| stops.contains(id));
    window.first = wished.or(stops.get(n_before).or(stops.first()).copied());
    window.stops = stops;
    // In the first pass a window is only measured.
    if let Some(first) = window.first.filter(|_| window.wants_keyboard) {
        window.wants_keyboard = false;
        ctx.memory_mut(|memory| memory.request_focus(first));
        ctx.request_repaint();
    }
    keep(ctx, windows);
    Some(result)
}

/// Gives the keyboard back where a window was closed. To be called after everything is drawn.
pub fn note_closed(ctx: &Context) {
    let pass = ctx.cumulative_pass_nr();
    let (open, closed): (Vec<Open>, Vec<Open>) =
        all(ctx).into_iter().partition(|window| window.pass == pass);
    if closed.is_empty() {
        return;
    }
    let focused = ctx.memory(Memory::focused);
    for window in closed {
        let had_it = focused.is_none_or(|id| window.stops.contains(&id));
        if let Some(opener) = window.opener.filter(|_| had_it) {
            ctx.memory_mut(|memory| memory.request_focus(opener));
        }
    }
    keep(ctx, open);
}

/// Whether a control of such a window has the keyboard: then Space presses it.
pub fn has_keyboard(ctx: &Context) -> bool {
    let focused = ctx.memory(Memory::focused);
    focused.is_some_and(|id| all(ctx).iter().any(|window| window.stops.contains(&id)))
}

#[cfg(test)]
mod tests {
    use egui::{Theme, Vec2, vec2};

    use super::*;
    use crate::ui::testing;

    fn off_centre(ctx: &Context) -> Vec2 {
        let area = AreaState::load(ctx, data_id().with("Test")).unwrap();
        area.rect().center() - ctx.content_rect().center()
    }

    #[test]
    fn a_window_stays_in_the_middle_until_a_person_moves_it() {
        let (builder, _) = testing::builder::<()>(vec2(1440.0, 900.0), Theme::Dark);
        let mut harness = builder.build_ui(|ui| {
            let ctx = ui.ctx().clone();
            let room = ctx.content_rect().size() - vec2(48.0, 96.0);
            let window = egui::Window::new("Test").default_size(vec2(1040.0, 700.0).min(room));
            let window = centred(&ctx, "Test", window.max_size(room));
            show(&ctx, "Test", window, |ui| ui.allocate_space(ui.available_size()));
        });
        for size in [vec2(1440.0, 900.0), vec2(1000.0, 640.0), vec2(1900.0, 1000.0)] {
            harness.set_size(size);
            harness.run_steps(6);
            let off = off_centre(&harness.ctx);
            assert!(off.abs().max_elem() <= OFF_CENTRE, "{off:?} in {size:?}");
        }
        let area = AreaState::load(&harness.ctx, data_id().with("Test")).unwrap().rect();
        let title = area.center_top() + vec2(0.0, 12.0);
        harness.drag_at(title);
        harness.run_steps(2);
        harness.hover_at(title + vec2(120.0, 60.0));
        harness.run_steps(2);
        harness.drop_at(title + vec2(120.0, 60.0));
        harness.run_steps(4);
        let moved = off_centre(&harness.ctx);
        assert!(moved.x > 100.0 && moved.y > 40.0, "{moved:?}");
        let corner = AreaState::load(&harness.ctx, data_id().with("Test")).unwrap().left_top_pos();
        harness.set_size(vec2(1860.0, 980.0));
        harness.run_steps(4);
        let area = AreaState::load(&harness.ctx, data_id().with("Test")).unwrap();
        assert!((area.left_top_pos() - corner).abs().max_elem() < 2.0, "it stays where it was put");
    }
}
