//! A person's own presets: a menu beside those that ship, or with them where the column is narrow.

use egui::{Align, Layout, Popup, PopupCloseBehavior, Ui, WidgetInfo, vec2};

use super::super::parts::{self, GAP, ROW_HEIGHT, button_unless};
use crate::train::{Preset, TrainSettings};
use crate::ui::command::Command;
use crate::ui::icons::{self, Icon};
use crate::ui::state::{OwnPreset, State};
use crate::ui::theme::UNIT;
use crate::ui::widgets::ActionButton;

const WIDTH: f32 = 280.0;
/// A longer name is cut on the button.
const MAX_LETTERS: usize = 16;

/// The name that is being typed, and of which preset it shall be the new one.
#[derive(Clone, Debug, Default)]
struct Typing {
    text: String,
    renames: Option<String>,
}

/// The button and its menu. `has_shipped`: the menu begins with the presets that ship.
pub fn own_presets_ui(ui: &mut Ui, state: &State, has_shipped: bool, commands: &mut Vec<Command>) {
    let presets = &state.run.own_presets;
    let own = presets.iter().find(|preset| is_at(preset, &state.settings));
    let shipped = state.run.preset.filter(|_| has_shipped).map(Preset::label);
    let chosen = own.map(|preset| preset.name.as_str()).or(shipped);
    let kind = if has_shipped { "Presets" } else { "Own presets" };
    let short: String = chosen.unwrap_or(kind).chars().take(MAX_LETTERS).collect();
    let words = icons::before_icon(&short, Icon::ChevronDown);
    let button = ActionButton::new(&words).height(ROW_HEIGHT - UNIT).on(chosen.is_some());
    let what = if has_shipped {
        "Settings that suit each other: those that ship, and those that you saved under a name"
    } else {
        "Settings that you saved under a name; they are kept for all projects"
    };
    let button = ui.add(button.tooltip(what));
    let name = format!("{kind}: {}", chosen.unwrap_or("none"));
    button.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, &name));
    Popup::menu(&button)
        .width(WIDTH)
        .gap(4.0)
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
        .show(|ui| {
            if has_shipped {
                shipped_ui(ui, state, commands);
            }
            menu_ui(ui, state, commands);
        });
}

fn shipped_ui(ui: &mut Ui, state: &State, commands: &mut Vec<Command>) {
    for preset in Preset::ALL {
        let is_chosen = state.run.preset == Some(preset);
        let entry = ui.selectable_label(is_chosen, preset.label());
        if entry.on_hover_text(preset.reason()).clicked() {
            commands.push(Command::ApplyPreset(preset));
            ui.close();
        }
    }
    ui.separator();
}

/// Whether the knobs stand at the preset, whatever the seed.
fn is_at(preset: &OwnPreset, settings: &TrainSettings) -> bool {
    let seed = settings.seed;
    TrainSettings { seed, ..preset.settings.clone() } == *settings
}

fn menu_ui(ui: &mut Ui, state: &State, commands: &mut Vec<Command>) {
    let id = ui.scope_id().with("typing");
    let mut typing: Typing = ui.data(|data| data.get_temp(id)).unwrap_or_default();
    if state.run.own_presets.is_empty() {
        ui.label(parts::caption(ui, "Turn the knobs, then save them here under a name."));
    }
    egui::ScrollArea::vertical().max_height(240.0).show(ui, |ui| {
        for preset in &state.run.own_presets {
            preset_ui(ui, state, preset, &mut typing, commands);
        }
    });
    ui.separator();
    name_ui(ui, &mut typing, commands);
    ui.separator();
    if ui.button("Import a preset…").clicked() {
        commands.push(Command::ImportPreset);
        ui.close();
    }
    ui.data_mut(|data| data.insert_temp(id, typing));
}

fn preset_ui(
    ui: &mut Ui,
    state: &State,
    preset: &OwnPreset,
    typing: &mut Typing,
    commands: &mut Vec<Command>,
) {
    let name = &preset.name;
    let room = vec2(ui.available_width(), ROW_HEIGHT);
    ui.allocate_ui_with_layout(room, Layout::right_to_left(Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        let label = format!("Delete {name}");
        if ui.add(ActionButton::icon(Icon::Trash2, &label).quiet()).clicked() {
            commands.push(Command::DeletePreset(name.clone()));
        }
        let label = format!("Share {name} as a file…");
        let share = ActionButton::icon(Icon::Share2, &label).quiet();
        let what = "The file that harmonium train --settings reads";
        if ui.add(share.tooltip(what)).clicked() {
            commands.push(Command::SharePreset(name.clone()));
            ui.close();
        }
        let label = format!("Rename {name}");
        if ui.add(ActionButton::icon(Icon::Pencil, &label).quiet()).clicked() {
            *typing = Typing { text: name.clone(), renames: Some(name.clone()) };
        }
        ui.with_layout(Layout::left_to_right(Align::Center).with_main_justify(true), |ui| {
            let entry = egui::Button::selectable(is_at(preset, &state.settings), name).truncate();
            if ui.add(entry).clicked() {
                commands.push(Command::ApplyOwnPreset(name.clone()));
                ui.close();
            }
        });
    });
}

/// The field for a new name, or for another one.
fn name_ui(ui: &mut Ui, typing: &mut Typing, commands: &mut Vec<Command>) {
    let (title, action) = match &typing.renames {
        Some(name) => (format!("New name of {name}"), "Rename"),
        None => ("Save these settings as".to_owned(), "Save"),
    };
    let label = ui.label(parts::caption(ui, title));
    ui.horizontal(|ui| {
        // Menus take borders away; a field without one is not seen.
        let stroke = egui::Stroke::new(1.0, crate::ui::theme::palette(ui).line_strong);
        ui.visuals_mut().widgets.inactive.bg_stroke = stroke;
        let field = egui::TextEdit::singleline(&mut typing.text).desired_width(WIDTH - 92.0);
        let field = ui.add(field).labelled_by(label.id);
        ui.add_space(GAP / 2.0);
        let is_entered =
            field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
        let name = typing.text.trim().to_owned();
        let reason = name.is_empty().then_some("A preset needs a name");
        let is_pressed = button_unless(ui, reason, ActionButton::new(action).height(26.0));
        if is_pressed || (is_entered && reason.is_none()) {
            commands.push(match typing.renames.take() {
                Some(old) => Command::RenamePreset { name: old, to: name },
                None => Command::SavePreset(name),
            });
            typing.text.clear();
        }
    });
}
