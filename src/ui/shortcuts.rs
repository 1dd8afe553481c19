//! What listens to the keys, and how they are written. The keys themselves stand in
//! [`actions`](super::actions).

use egui::{Context, Id, Key, KeyboardShortcut, Modifiers, Popup};

use super::actions::{self, ACTIONS};
use super::command::Command;
use super::state::State;
use super::tool_window;

pub use super::actions::Action;

/// The keys of an action as they are written on this system: "Ctrl+S". Empty where it has none.
pub fn keys(ctx: &Context, action: Action) -> String {
    actions::entry(action)
        .and_then(|entry| entry.keys.first())
        .map_or_else(String::new, |keys| ctx.format_shortcut(keys))
}

/// Every key with its action. Where one is part of another (Ctrl+S, Shift+Ctrl+S), the longer
/// stands first.
fn all_keys() -> impl Iterator<Item = (&'static KeyboardShortcut, Action)> {
    let all =
        || ACTIONS.iter().flat_map(|entry| entry.keys.iter().map(|keys| (keys, entry.action)));
    let with_shift = all().filter(|(keys, _)| keys.modifiers.shift);
    with_shift.chain(all().filter(|(keys, _)| !keys.modifiers.shift))
}

/// Listens to the keys. To be called after the panels, which take their own keys first.
pub fn shortcuts_ui(ctx: &Context, state: &State, commands: &mut Vec<Command>) {
    let owns_space = has_focus_by_keyboard(ctx);
    if is_something_modal(state) {
        return;
    }
    let is_typing = ctx.text_edit_focused();
    let is_pointer_down = ctx.input(|input| input.pointer.any_down());
    let is_list_open = Popup::is_any_open(ctx);
    for (keys, action) in all_keys() {
        // Typing has an undo of its own.
        let is_of_typing = matches!(action, Action::Undo | Action::Redo);
        let is_plain = keys.modifiers == Modifiers::NONE && !is_function_key(keys.logical_key);
        let is_space = keys.logical_key == Key::Space;
        if ((is_plain || is_of_typing) && is_typing)
            || (is_space && (owns_space || is_pointer_down || is_list_open))
        {
            continue;
        }
        if ctx.input_mut(|input| input.consume_shortcut(keys))
            && let Ok(command) = actions::now(action, state).outcome
        {
            commands.push(command);
        }
    }
    if !is_typing && !is_list_open {
        escape_ui(ctx, state, commands);
    }
}

/// Whether something takes all keys for itself.
fn is_something_modal(state: &State) -> bool {
    state.close_question.is_some()
        || state.is_about_shown
        || state.path_prompt.is_some()
        || state.window.palette.is_some()
}

/// Closes a menu that is open when something modal opens over it. To be called before anything is
/// drawn.
pub fn close_menus_under_modals(ctx: &Context, state: &State) {
    let id = Id::unique("something is modal");
    let now = is_something_modal(state) || state.window.are_shortcuts_shown;
    let before = ctx.data_mut(|data| std::mem::replace(data.get_temp_mut_or(id, false), now));
    if now && !before {
        Popup::close_all(ctx);
    }
}

fn is_function_key(key: Key) -> bool {
    matches!(key, Key::F1 | Key::F6)
}

/// Escape closes what lies on top.
fn escape_ui(ctx: &Context, state: &State, commands: &mut Vec<Command>) {
    if let Some(command) = actions::now::close_top(state)
        && ctx.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape))
    {
        commands.push(command);
    }
}

/// Whether something was reached with Tab: then Space presses it.
fn has_focus_by_keyboard(ctx: &Context) -> bool {
    let id = Id::unique("focus by keyboard");
    let (is_tab, is_pointer) = ctx.input(|input| {
        let is_key = input.key_pressed(Key::Tab) || input.key_pressed(Key::F6);
        (is_key, input.pointer.any_pressed())
    });
    let before = ctx.data(|data| data.get_temp(id)).unwrap_or(false);
    let now = (before || is_tab) && !is_pointer;
    ctx.data_mut(|data| data.insert_temp(id, now));
    (now && ctx.memory(|memory| memory.focused().is_some())) || tool_window::has_keyboard(ctx)
}
