//! The row over the piano roll: what is shown, what the pointer can do there, and the tools.

use egui::{
    Align, FontId, Grid, Layout, Popup, Rect, Role, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};

use super::compose_menu::compose_menu_ui;
use super::parts::{self, left_text};
use super::roll::toggle_locks;
use super::scale_picker::scale_picker_ui;
use crate::music::{Key, NotePlace, Scale, ScaleKind};
use crate::ui::command::Command;
use crate::ui::fonts;
use crate::ui::icons::Icon;
use crate::ui::state::{RollSource, State};
use crate::ui::theme::{self, UNIT, size};
use crate::ui::widgets::{
    ActionButton, Chip, NoteEditor, PianoRollView, ROLL_KEYS, ROLL_POINTER, RollGrid, RollTool,
    ScaleChoice,
};

const HEIGHT: f32 = 32.0;
const BUTTON_HEIGHT: f32 = 24.0;
const ZOOM: f32 = 1.5;
/// The name of what is shown is cut off where it is longer.
const TITLE_WIDTH: f32 = 220.0;

/// The row; the tools stand at the right.
pub fn roll_bar_ui(ui: &mut Ui, state: &mut State, commands: &mut Vec<Command>) {
    let palette = theme::palette(ui);
    let room = vec2(ui.available_width(), HEIGHT);
    let (rect, response) = ui.allocate_exact_size(room, Sense::hover());
    ui.painter().rect_filled(rect, 0.0, palette.panel);
    let is_shown = state.roll.roll.is_some();
    let is_named = is_shown || state.roll.why_empty.is_some();
    let title = if is_named { state.roll.title.clone() } else { "Piano roll".to_owned() };
    response.widget_info(|| WidgetInfo::labeled(Role::Heading, true, &title));
    let inner = rect.shrink2(vec2(4.0 * UNIT, 0.0));
    let mut left = inner;
    if is_shown {
        let layout = Layout::right_to_left(Align::Center);
        let mut row = ui.new_child(UiBuilder::new().max_rect(inner).layout(layout));
        row.spacing_mut().item_spacing.x = UNIT;
        tools_ui(&mut row, state, commands);
        left.max.x = row.min_rect().left() - 3.0 * UNIT;
    }
    let color = if is_shown { palette.text } else { palette.quiet_text };
    let mut place = left;
    place.max.x = place.max.x.min(place.left() + TITLE_WIDTH);
    let font = FontId::new(size::LABEL, fonts::medium());
    left_text(ui, place, &title, font.clone(), color);
    left.min.x += text_width(ui, &title, font).min(place.width()) + 3.0 * UNIT;
    let facts = facts(state);
    let font = FontId::new(size::CAPTION, fonts::figures());
    left_text(ui, left, &facts, font.clone(), palette.quiet_text);
    left.min.x += text_width(ui, &facts, font) + 4.0 * UNIT;
    if is_shown {
        left.min.x = compose_ui(ui, left, state, commands);
        hint_ui(ui, left, state.roll.view.editor.hint());
    }
}

/// The menu of compositions; returns where it ends.
fn compose_ui(ui: &mut Ui, room: Rect, state: &State, commands: &mut Vec<Command>) -> f32 {
    let layout = Layout::left_to_right(Align::Center);
    let mut row = ui.new_child(UiBuilder::new().max_rect(room).layout(layout));
    let chip = compose_menu_ui(&mut row, state, commands);
    chip.rect.right() + 3.0 * UNIT
}

fn text_width(ui: &Ui, text: &str, font: FontId) -> f32 {
    ui.painter().layout_no_wrap(text.to_owned(), font, egui::Color32::PLACEHOLDER).size().x
}

/// "119 notes · 8 bars · 4/4 · edited".
fn facts(state: &State) -> String {
    let Some(roll) = &state.roll.roll else { return String::new() };
    let per_bar = state.roll.metre.beats_per_bar() * f64::from(roll.steps_per_beat());
    let n_bars = (roll.n_steps() as f64 / per_bar.max(1.0)).ceil() as usize;
    let edited = if state.roll.original.is_some() { " · edited" } else { "" };
    format!(
        "{} · {} · {}{edited}",
        parts::count(state.roll.notes.len(), "note"),
        parts::count(n_bars, "bar"),
        state.roll.metre
    )
}

/// What the pointer can do where it is, ending beside the tools.
fn hint_ui(ui: &mut Ui, room: Rect, hint: &str) {
    if room.width() < 60.0 || hint.is_empty() {
        return;
    }
    let palette = theme::palette(ui);
    let font = FontId::new(size::CAPTION, fonts::text());
    let width = text_width(ui, hint, font.clone());
    let left = (room.right() - width).max(room.left());
    let place = Rect::from_min_max(pos2(left, room.top()), room.max);
    let is_cut = left_text(ui, place, hint, font, palette.quiet_text);
    let response = ui.interact(place, ui.unique_id().with("hint of the roll"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, hint));
    if is_cut {
        response.on_hover_text(hint);
    }
}

/// From right to left.
fn tools_ui(ui: &mut Ui, state: &mut State, commands: &mut Vec<Command>) {
    keys_ui(ui);
    let view = &mut state.roll.view;
    zoom_ui(ui, view);
    ui.add_space(2.0 * UNIT);
    let follow = ActionButton::icon(Icon::LocateFixed, "Follow the play-head")
        .on(view.follows_play_head)
        .quiet()
        .height(BUTTON_HEIGHT)
        .tooltip("Turns the page while playing; scrolling by hand switches it off");
    if ui.add(follow).clicked() {
        view.follows_play_head = !view.follows_play_head;
    }
    original_ui(ui, state, commands);
    lock_ui(ui, state, commands);
    ui.add_space(2.0 * UNIT);
    let key = state.roll.key;
    let editor = &mut state.roll.view.editor;
    scale_ui(ui, editor, key);
    let steps_per_beat = state.roll.roll.as_ref().map_or(4, |roll| roll.steps_per_beat());
    grid_ui(ui, editor, steps_per_beat);
    ui.add_space(2.0 * UNIT);
    for (tool, icon, name, what) in [
        (RollTool::Draw, Icon::Pencil, "Pencil", "Click or drag draws notes"),
        (RollTool::Select, Icon::MousePointer2, "Select notes", "Drag selects notes"),
    ] {
        let is_on = editor.tool == tool;
        let button = ActionButton::icon(icon, name).on(is_on).quiet().height(BUTTON_HEIGHT);
        if ui.add(button.tooltip(what).shortcut("B")).clicked() {
            editor.tool = tool;
        }
    }
}

fn zoom_ui(ui: &mut Ui, view: &mut PianoRollView) {
    let quiet = |icon, name| ActionButton::icon(icon, name).quiet().height(BUTTON_HEIGHT);
    if ui.add(quiet(Icon::Maximize, "Roll: show all").shortcut("F")).clicked() {
        view.fit();
    }
    let wheel = "Ctrl+wheel zooms around the pointer, Alt+wheel changes the height of the rows";
    if ui.add(quiet(Icon::ZoomIn, "Roll: zoom in").shortcut("+").tooltip(wheel)).clicked() {
        view.zoom_in(ZOOM);
    }
    if ui.add(quiet(Icon::ZoomOut, "Roll: zoom out").shortcut("−").tooltip(wheel)).clicked() {
        view.zoom_in(1.0 / ZOOM);
    }
}

/// The ghost of the original, and the way back to it.
fn original_ui(ui: &mut Ui, state: &mut State, commands: &mut Vec<Command>) {
    let is_edited = state.roll.original.is_some();
    let reason = (!is_edited).then_some("Nothing was edited: this is the original");
    let restore = ActionButton::icon(Icon::RotateCcw, "Restore the original")
        .quiet()
        .height(BUTTON_HEIGHT)
        .tooltip("Takes all edits of this piece back");
    if parts::button_unless(ui, reason, restore) {
        commands.extend(restore_command(state));
    }
    let editor = &mut state.roll.view.editor;
    let ghost = ActionButton::icon(Icon::Ghost, "Show the original")
        .on(editor.shows_original && is_edited)
        .quiet()
        .height(BUTTON_HEIGHT)
        .tooltip("Draws the piece as it was before it was edited, as outlines behind the notes");
    if parts::button_unless(ui, reason, ghost) {
        editor.shows_original = !editor.shows_original;
    }
}

/// Locks the selected notes, or unlocks them.
fn lock_ui(ui: &mut Ui, state: &State, commands: &mut Vec<Command>) {
    let selected = state.roll.view.editor.selected();
    let is_piece = matches!(state.roll.source, Some(RollSource::Piece(_)));
    let reason = match () {
        () if !is_piece => Some("Only notes of pieces can be locked"),
        () if selected.is_empty() => Some("Select notes first"),
        () => None,
    };
    let locked = &state.roll.locked;
    let is_locked = |place: &NotePlace| locked.iter().any(|note| note.place() == *place);
    let are_locked = !selected.is_empty() && selected.iter().all(is_locked);
    let lock = ActionButton::icon(Icon::Lock, "Lock notes")
        .on(are_locked)
        .quiet()
        .height(BUTTON_HEIGHT)
        .shortcut("K")
        .tooltip("New music leaves locked notes as they are. What you draw is locked by itself");
    if parts::button_unless(ui, reason, lock)
        && let Some(source) = state.roll.source
    {
        commands.extend(toggle_locks(source, &state.music, selected));
    }
}

fn restore_command(state: &State) -> Option<Command> {
    let Some(RollSource::Piece(id)) = state.roll.source else { return None };
    let piece = state.music.pieces.iter().find(|piece| piece.id == id)?;
    let notes = piece.record.original_sheet()?.into();
    Some(Command::EditNotes { piece: id, notes, what: "Restore the original" })
}

fn grid_ui(ui: &mut Ui, editor: &mut NoteEditor, steps_per_beat: u8) {
    let name = format!("Grid: {}", editor.grid.name());
    let chip = ui.add(Chip::new(&name).icon(Icon::ChevronDown).bright(true));
    Popup::menu(&chip).width(120.0).gap(UNIT).show(|ui| {
        for grid in RollGrid::ALL {
            if grid == RollGrid::HalfBeat && steps_per_beat < 2 {
                continue;
            }
            if ui.selectable_label(editor.grid == grid, grid.name()).clicked() {
                editor.grid = grid;
            }
        }
    });
    chip.on_hover_text("Grid: where notes begin and end when you draw, move and lengthen them");
}

fn scale_ui(ui: &mut Ui, editor: &mut NoteEditor, key: Option<Key>) {
    let scale = editor.scale.scale(key);
    let text = scale.map_or_else(|| "Scale".to_owned(), Scale::name);
    let chip = ui.add(Chip::new(&text).icon(Icon::ChevronDown).bright(scale.is_some()));
    let name = format!("Scale: {}", scale.map_or_else(|| "off".to_owned(), Scale::name));
    chip.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
    Popup::menu(&chip)
        .width(236.0)
        .gap(UNIT)
        .close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside)
        .show(|ui| scale_menu(ui, editor, key));
    chip.on_hover_text("Scale: shades the rows of pitches that do not belong to it");
}

fn scale_menu(ui: &mut Ui, editor: &mut NoteEditor, key: Option<Key>) {
    ui.set_min_width(236.0);
    ui.spacing_mut().item_spacing = vec2(UNIT, UNIT / 2.0);
    let best =
        key.map_or_else(|| "Of the piece".to_owned(), |k| format!("Of the piece: {}", k.name()));
    ui.horizontal(|ui| {
        for (choice, text) in [(ScaleChoice::Off, "Off"), (ScaleChoice::OfPiece, best.as_str())] {
            if ui.selectable_label(editor.scale == choice, text).clicked() {
                editor.scale = choice;
            }
        }
    });
    ui.separator();
    let fallback = Scale { tonic: 0, kind: ScaleKind::Major };
    let now = editor.scale.scale(key);
    let from = now.unwrap_or_else(|| key.map_or(fallback, Scale::from));
    if let Some(scale) = scale_picker_ui(ui, now, from) {
        editor.scale = ScaleChoice::Fixed(scale);
    }
}

/// The keys of the roll and what the pointer does, to be read.
fn keys_ui(ui: &mut Ui) {
    let button = ActionButton::icon(Icon::Keyboard, "Keys of the piano roll");
    let button = ui.add(button.quiet().height(BUTTON_HEIGHT));
    Popup::menu(&button).width(620.0).gap(UNIT).show(|ui| {
        ui.spacing_mut().interact_size.y = 4.0 * UNIT;
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = 8.0 * UNIT;
            for (name, rows) in [("keys", ROLL_KEYS), ("pointer", ROLL_POINTER)] {
                let spacing = vec2(3.0 * UNIT, UNIT);
                Grid::new(name).spacing(spacing).min_row_height(4.0 * UNIT).show(ui, |ui| {
                    for (what, result) in rows {
                        ui.label(
                            egui::RichText::new(*what)
                                .font(FontId::new(size::CAPTION, fonts::medium())),
                        );
                        ui.label(parts::caption(ui, *result));
                        ui.end_row();
                    }
                });
            }
        });
    });
}
