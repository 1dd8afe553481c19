//! The one table of keys. Tooltips and menus read it, and so does what listens to the keys.

use egui::{Context, Id, Key, KeyboardShortcut, Modifiers};

use super::command::Command;
use super::state::{ExportScope, State};

/// What a key does. The command that it gives may depend on the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    NewProject,
    Open,
    Save,
    SaveAs,
    Quit,
    AddFolder,
    TrainOrPause,
    Generate,
    LiveAudition,
    PlayOrPause,
    StopPlaying,
    ToStart,
    Loop,
    ExportMidi,
    ExportWav,
    Undo,
    Redo,
}

/// A row of the table.
#[derive(Debug)]
pub struct Shortcut {
    pub action: Action,
    pub keys: KeyboardShortcut,
    pub what: &'static str,
}

const fn row(action: Action, modifiers: Modifiers, key: Key, what: &'static str) -> Shortcut {
    Shortcut { action, keys: KeyboardShortcut::new(modifiers, key), what }
}

const CTRL: Modifiers = Modifiers::COMMAND;
const CTRL_SHIFT: Modifiers = Modifiers::COMMAND.plus(Modifiers::SHIFT);

/// Every key. Where one is part of another (Ctrl+S, Shift+Ctrl+S), the longer stands first.
pub const SHORTCUTS: &[Shortcut] = &[
    row(Action::SaveAs, CTRL_SHIFT, Key::S, "Save the project under a new name"),
    row(Action::Save, CTRL, Key::S, "Save the project"),
    row(Action::ExportWav, CTRL_SHIFT, Key::E, "Export what is shown as WAV"),
    row(Action::ExportMidi, CTRL, Key::E, "Export what is shown as MIDI"),
    row(Action::AddFolder, CTRL_SHIFT, Key::O, "Add a folder of MIDI files"),
    row(Action::Open, CTRL, Key::O, "Open a project"),
    row(Action::Redo, CTRL_SHIFT, Key::Z, "Do again what was taken back"),
    row(Action::Undo, CTRL, Key::Z, "Take the last change back"),
    row(Action::Redo, CTRL, Key::Y, "Do again what was taken back"),
    row(Action::NewProject, CTRL, Key::N, "Begin a new project"),
    row(Action::Quit, CTRL, Key::Q, "Quit"),
    row(Action::TrainOrPause, CTRL, Key::T, "Train, pause or resume"),
    row(Action::Generate, CTRL, Key::G, "Generate pieces"),
    row(Action::LiveAudition, CTRL, Key::L, "Play the model while it learns"),
    row(Action::PlayOrPause, Modifiers::NONE, Key::Space, "Play or pause"),
    row(Action::ToStart, Modifiers::NONE, Key::Home, "To the start of the piece"),
    row(Action::Loop, Modifiers::NONE, Key::L, "Loop the piece or the selection"),
    row(Action::StopPlaying, Modifiers::NONE, Key::Period, "Stop playing"),
];

/// The keys of an action as they are written on this system: "Ctrl+S".
pub fn keys(ctx: &Context, action: Action) -> String {
    SHORTCUTS
        .iter()
        .find(|shortcut| shortcut.action == action)
        .map_or_else(String::new, |shortcut| ctx.format_shortcut(&shortcut.keys))
}

/// Listens to the keys. To be called after the panels, which take their own keys first.
pub fn shortcuts_ui(ctx: &Context, state: &State, commands: &mut Vec<Command>) {
    let owns_space = has_focus_by_keyboard(ctx);
    if state.close_question.is_some() || state.is_about_shown {
        return;
    }
    let is_typing = ctx.text_edit_focused();
    let is_pointer_down = ctx.input(|input| input.pointer.any_down());
    for shortcut in SHORTCUTS {
        // Typing has an undo of its own.
        let is_of_typing = matches!(shortcut.action, Action::Undo | Action::Redo);
        let is_plain = shortcut.keys.modifiers == Modifiers::NONE || is_of_typing;
        let is_space = shortcut.keys.logical_key == Key::Space;
        if (is_plain && is_typing) || (is_space && (owns_space || is_pointer_down)) {
            continue;
        }
        if ctx.input_mut(|input| input.consume_shortcut(&shortcut.keys))
            && let Some(command) = command(shortcut.action, state)
        {
            commands.push(command);
        }
    }
}

/// Whether something was reached with Tab: then Space presses it.
fn has_focus_by_keyboard(ctx: &Context) -> bool {
    let id = Id::unique("focus by keyboard");
    let (is_tab, is_pointer) =
        ctx.input(|input| (input.key_pressed(Key::Tab), input.pointer.any_pressed()));
    let before = ctx.data(|data| data.get_temp(id)).unwrap_or(false);
    let now = (before || is_tab) && !is_pointer;
    ctx.data_mut(|data| data.insert_temp(id, now));
    now && ctx.memory(|memory| memory.focused().is_some())
}

/// What an action comes to now; `None` where it can do nothing.
pub fn command(action: Action, state: &State) -> Option<Command> {
    use super::panels::{music, top_bar};
    let has_roll = state.roll.roll.is_some();
    match action {
        Action::NewProject => Some(Command::NewProject),
        Action::Open => Some(Command::OpenProject),
        Action::Save => Some(Command::Save),
        Action::SaveAs => Some(Command::SaveAs),
        Action::Undo => state.undo.undo.is_some().then_some(Command::Undo),
        Action::Redo => state.undo.redo.is_some().then_some(Command::Redo),
        Action::Quit => Some(Command::Quit),
        Action::AddFolder => Some(Command::AddFolder),
        Action::TrainOrPause => {
            let button = top_bar::train_button(state);
            button.reason.is_none().then_some(button.command)
        }
        Action::Generate => music::why_no_generate(state).is_none().then_some(Command::Generate),
        Action::LiveAudition => Some(Command::SetAudition(!state.music.audition.is_on)),
        Action::PlayOrPause => has_roll.then_some(Command::TogglePlay),
        Action::StopPlaying => has_roll.then_some(Command::StopPlaying),
        Action::ToStart => has_roll.then_some(Command::Seek(0.0)),
        Action::Loop => Some(Command::ToggleLoop),
        Action::ExportMidi => has_roll.then_some(Command::ExportMidi(ExportScope::Shown)),
        Action::ExportWav => has_roll.then_some(Command::ExportWav(ExportScope::Shown)),
    }
}
