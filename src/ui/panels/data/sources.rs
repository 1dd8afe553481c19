//! Where songs come from: buttons, a field for a path, recent folders; how far an import is.

use egui::{Key, Popup, TextEdit, Ui, vec2};

use super::super::parts::{self, GAP};
use crate::ui::command::Command;
use crate::ui::icons::Icon;
use crate::ui::path_prompt;
use crate::ui::shortcuts::{self, Action};
use crate::ui::state::{DataState, ImportProgress};
use crate::ui::theme;
use crate::ui::tour::{self, TourTarget};
use crate::ui::widgets::{ActionButton, ProgressBar};

/// Narrower than this, the first button has no icon.
const WITH_ICON: f32 = 122.0;

/// The buttons, and what they open.
pub fn sources_ui(ui: &mut Ui, data: &mut DataState, commands: &mut Vec<Command>) {
    buttons_ui(ui, data, commands);
    if data.is_path_field_shown {
        path_field_ui(ui, data, commands);
    }
    if let Some(progress) = data.import {
        import_ui(ui, progress, commands);
    }
}

fn buttons_ui(ui: &mut Ui, data: &mut DataState, commands: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        let others = 84.0 + theme::CONTROL_HEIGHT + 2.0 * GAP;
        let keys = shortcuts::keys(ui.ctx(), Action::AddFolder);
        let width = ui.available_width() - others;
        let add = ActionButton::new("Add folder…");
        let add = if width < WITH_ICON { add } else { add.with_icon(Icon::FolderPlus) };
        let add = add
            .min_width(width)
            .tooltip("Adds a folder of MIDI files, with everything below it")
            .shortcut(&keys);
        let add = ui.add(add);
        if add.clicked() {
            commands.push(Command::AddFolder);
        }
        let demo = ActionButton::new("Demo set").min_width(84.0);
        let what = "Adds the short pieces that ship with Harmonium";
        let demo = ui.add(demo.tooltip(what));
        if demo.clicked() {
            commands.push(Command::AddDemoSet);
        }
        let more = ui.add(ActionButton::icon(Icon::Ellipsis, "More ways to add songs"));
        let all = add.rect.union(demo.rect).union(more.rect);
        tour::mark(ui.ctx(), TourTarget::Sources, all);
        Popup::menu(&more).width(240.0).gap(4.0).show(|ui| more_menu(ui, data, commands));
    });
}

fn more_menu(ui: &mut Ui, data: &mut DataState, commands: &mut Vec<Command>) {
    if ui.button("Add files…").clicked() {
        commands.push(Command::AddFiles);
    }
    let text = if data.is_path_field_shown { "Hide the path field" } else { "Type a path…" };
    if ui.button(text).clicked() {
        data.is_path_field_shown = !data.is_path_field_shown;
    }
    if !data.songs.is_empty() {
        if ui.button("Read the folders again").clicked() {
            commands.push(Command::ReloadSongs);
        }
        if ui.button("Import report…").clicked() {
            commands.push(Command::ShowReport(true));
        }
    }
    if data.recent_folders.is_empty() {
        return;
    }
    ui.separator();
    ui.label(parts::caption(ui, "Recent folders"));
    for folder in &data.recent_folders {
        let is_missing = data.missing_folders.contains(folder);
        let button = egui::Button::new(parts::file_name(folder)).truncate();
        let response = ui.add_enabled(!is_missing, button);
        let path = folder.display();
        let response = response
            .on_hover_text(path.to_string())
            .on_disabled_hover_text(format!("{path} is not there now"));
        if response.clicked() {
            commands.push(Command::AddPaths(vec![folder.clone()]));
        }
    }
}

fn path_field_ui(ui: &mut Ui, data: &mut DataState, commands: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        let buttons = 52.0 + theme::CONTROL_HEIGHT + 2.0 * GAP;
        let size = vec2(ui.available_width() - buttons, theme::CONTROL_HEIGHT);
        let field = TextEdit::singleline(&mut data.path_text)
            .hint_text("Folder or file")
            .align(egui::Align2::LEFT_CENTER);
        let field = ui.add_sized(size, field).on_hover_text("Path of a folder or file");
        if has_just_appeared(ui) {
            field.request_focus();
        }
        let is_enter = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        let path = data.path_text.trim();
        let reason = path.is_empty().then_some("Type a path first");
        let add = ActionButton::new("Add").min_width(52.0);
        if (parts::button_unless(ui, reason, add) || is_enter) && !path.is_empty() {
            commands.push(Command::AddPaths(vec![path_prompt::typed_path(path)]));
            data.path_text.clear();
        }
        if ui.add(ActionButton::icon(Icon::X, "Hide the path field").quiet()).clicked() {
            data.is_path_field_shown = false;
        }
    });
}

/// Whether the field was not there a moment ago: then it waits for what is typed.
fn has_just_appeared(ui: &Ui) -> bool {
    let id = ui.scope_id().with("path field");
    let now = ui.ctx().cumulative_pass_nr();
    let last = ui.data_mut(|data| std::mem::replace(data.get_temp_mut_or_default::<u64>(id), now));
    last + 2 < now || last == 0
}

fn import_ui(ui: &mut Ui, progress: ImportProgress, commands: &mut Vec<Command>) {
    theme::palette(ui).card_frame().show(ui, |ui| {
        let ImportProgress { done, total } = progress;
        ui.horizontal(|ui| {
            let text = match total {
                0 => "Searching…".to_owned(),
                _ => format!(
                    "Reading {} of {}",
                    parts::grouped(done as u64),
                    parts::count(total, "file")
                ),
            };
            ui.label(text);
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                let cancel = ActionButton::new("Cancel").quiet().height(24.0);
                if ui.add(cancel.tooltip("Keeps what was read until now")).clicked() {
                    commands.push(Command::CancelImport);
                }
            });
        });
        let share = if total == 0 { 0.0 } else { done as f32 / total as f32 };
        ui.add(ProgressBar::new("Reading files", share));
    });
}
