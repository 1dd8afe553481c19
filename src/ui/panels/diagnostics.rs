//! The diagnostics window: what the program found on this machine, its error reports, and the end
//! of its log.

use egui::{Align, Context, FontId, Label, Layout, RichText, ScrollArea, Ui, vec2};

use super::parts::{self, GAP};
use crate::ui::command::Command;
use crate::ui::diagnostics_state::{Diagnostics, ErrorReport, Fact};
use crate::ui::icons::Icon;
use crate::ui::state::State;
use crate::ui::theme::{UNIT, size};
use crate::ui::tool_window;
use crate::ui::widgets::ActionButton;
use crate::ui::{focus, fonts};

const TITLE: &str = "Diagnostics";
const WIDTH: f32 = 640.0;
const TOPIC_WIDTH: f32 = 104.0;
const LOG_HEIGHT: f32 = 168.0;

/// The window, while it is open.
pub fn diagnostics_ui(ctx: &Context, state: &State, commands: &mut Vec<Command>) {
    let Some(diagnostics) = &state.diagnostics else { return };
    let mut is_open = true;
    let content = ctx.content_rect();
    let room = (content.height() - 24.0 * UNIT).max(40.0 * UNIT);
    let window = egui::Window::new(TITLE)
        .open(&mut is_open)
        .collapsible(false)
        .resizable(false)
        .default_size(vec2(WIDTH, room))
        .default_pos(content.center_top() + vec2(-WIDTH / 2.0, 12.0 * UNIT));
    tool_window::show(ctx, TITLE, window, |ui| {
        ui.set_width(WIDTH);
        buttons_ui(ui, diagnostics, commands);
        ui.add_space(UNIT);
        ScrollArea::vertical().max_height(room).show(ui, |ui| {
            ui.set_width(WIDTH);
            for fact in &diagnostics.facts {
                fact_ui(ui, fact);
            }
            ui.add_space(GAP);
            reports_ui(ui, &diagnostics.error_reports, commands);
            ui.add_space(GAP);
            log_ui(ui, &diagnostics.log_lines);
            focus::follow(ui);
        });
    });
    if !is_open {
        commands.push(Command::ShowDiagnostics(false));
    }
}

fn buttons_ui(ui: &mut Ui, diagnostics: &Diagnostics, commands: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        let copy = ActionButton::new("Copy all").with_icon(Icon::Copy);
        let copy = copy.tooltip("Puts all of it on the clipboard as text");
        if ui.add(copy).clicked() {
            ui.ctx().copy_text(diagnostics.as_text());
        }
        let folder = ActionButton::new("Show log folder").with_icon(Icon::FolderOpen);
        let path = diagnostics.log_folder.display().to_string();
        if ui.add(folder.tooltip(&path)).clicked() {
            commands.push(Command::ShowInFolder(diagnostics.log_folder.clone()));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.label(parts::caption(ui, "None of this is ever sent anywhere."));
        });
    });
}

fn fact_ui(ui: &mut Ui, fact: &Fact) {
    ui.horizontal_top(|ui| {
        ui.allocate_ui_with_layout(
            vec2(TOPIC_WIDTH, 0.0),
            Layout::left_to_right(Align::Min),
            |ui| {
                ui.set_min_width(TOPIC_WIDTH);
                ui.label(parts::caption(ui, fact.topic));
            },
        );
        let mark = if fact.is_trouble { "– " } else { "" };
        ui.add(Label::new(format!("{mark}{}", fact.words)).wrap());
    });
}

fn reports_ui(ui: &mut Ui, reports: &[ErrorReport], commands: &mut Vec<Command>) {
    ui.label(RichText::new("Error reports").strong());
    if reports.is_empty() {
        ui.label(parts::caption(ui, "None: no error of its own was met on this machine."));
    }
    for report in reports {
        let title = format!("{}  {}", report.when, report.headline);
        ui.collapsing(title, |ui| {
            let show = ActionButton::new("Show in folder").with_icon(Icon::FolderOpen).height(26.0);
            if ui.add(show).clicked() {
                commands.push(Command::ShowInFolder(report.path.clone()));
            }
            lines_ui(ui, report.path.display().to_string(), report.text.lines());
        });
    }
}

fn log_ui(ui: &mut Ui, lines: &[String]) {
    ui.label(RichText::new("End of the log").strong());
    if lines.is_empty() {
        ui.label(parts::caption(ui, "The log is empty."));
    }
    lines_ui(ui, "log".to_owned(), lines.iter().map(String::as_str));
}

/// Text of fixed width in a field of its own, at its end first.
fn lines_ui<'a>(ui: &mut Ui, id: String, lines: impl Iterator<Item = &'a str>) {
    let font = FontId::new(size::CAPTION, fonts::figures());
    let area = ScrollArea::vertical().id_salt(id).max_height(LOG_HEIGHT).stick_to_bottom(true);
    area.auto_shrink([false, true]).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        for line in lines {
            ui.add(Label::new(RichText::new(line).font(font.clone())).wrap());
        }
    });
}
