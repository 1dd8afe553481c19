//! A field for a path, where the system has no file dialog.

use std::path::{Path, PathBuf};

use egui::{Key, Modal, TextEdit, Ui};

use super::command::Command;
use super::state::PathPrompt;
use super::widgets::ActionButton;

/// Shows the prompt, if a path is asked for. Pushes the answer.
pub fn path_prompt_ui(ui: &Ui, prompt: &mut Option<PathPrompt>, commands: &mut Vec<Command>) {
    let Some(asked) = prompt else { return };
    let title = asked.purpose.title();
    Modal::new(ui.scope_id().with("path prompt")).show(ui.ctx(), |ui| {
        ui.set_width(460.0);
        ui.heading(title);
        ui.label("This system has no file dialog (xdg-desktop-portal or zenity). Type a path:");
        let label = ui.label("Path");
        let field = TextEdit::singleline(&mut asked.text).desired_width(f32::INFINITY);
        let field = ui.add(field).labelled_by(label.id);
        let is_entered = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        if !is_entered && !ui.ctx().egui_wants_keyboard_input() {
            field.request_focus();
        }
        let problem = problem_with(asked);
        let is_replaced = problem.is_none() && would_replace(asked);
        let note = if is_replaced { "A file of this name is there; OK replaces it." } else { " " };
        ui.label(problem.as_deref().unwrap_or(note));
        ui.horizontal(|ui| {
            let is_ready = problem.is_none() && !asked.text.trim().is_empty();
            let accept = ActionButton::new("OK").primary().min_width(84.0);
            let is_clicked = ui.add_enabled(is_ready, accept).clicked();
            if is_ready && (is_clicked || is_entered) {
                let path = typed_path(&asked.text);
                commands.push(Command::AcceptPath { purpose: asked.purpose.clone(), path });
            }
            let is_escaped = ui.input(|input| input.key_pressed(Key::Escape));
            if ui.add(ActionButton::new("Cancel").min_width(84.0)).clicked() || is_escaped {
                commands.push(Command::CancelPath);
            }
        });
    });
}

/// Why the path cannot be used, in words.
fn problem_with(prompt: &PathPrompt) -> Option<String> {
    if prompt.text.trim().is_empty() {
        return None;
    }
    let path = typed_path(&prompt.text);
    if prompt.purpose.is_for_reading() {
        return (!path.exists()).then(|| "Nothing is there.".to_owned());
    }
    if prompt.purpose.is_folder() {
        return (!path.is_dir()).then(|| "The folder does not exist.".to_owned());
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let is_missing = folder.is_some_and(|folder| !folder.is_dir());
    is_missing.then(|| "The folder does not exist.".to_owned())
}

/// Whether a file would take the place of another.
fn would_replace(prompt: &PathPrompt) -> bool {
    let is_written = !prompt.purpose.is_for_reading() && !prompt.purpose.is_folder();
    is_written && typed_path(&prompt.text).is_file()
}

/// A leading `~` stands for the home folder, and a `file://` address for its path.
pub fn typed_path(text: &str) -> PathBuf {
    let text = text.trim();
    let text = text.strip_prefix("file://").unwrap_or(text);
    match (text.strip_prefix("~/"), std::env::home_dir()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => Path::new(text).to_owned(),
    }
}
