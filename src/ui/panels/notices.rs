//! What a person should know: toasts that pop up, and the list that keeps them.

use egui::{Align, Align2, Area, Context, Id, Layout, Order, RichText, ScrollArea, Ui, vec2};

use super::parts::{self, GAP};
use crate::ui::command::Command;
use crate::ui::focus;
use crate::ui::icons::{self, Icon};
use crate::ui::state::{Notice, NoticeKind, NoticeTarget, State};
use crate::ui::theme;
use crate::ui::tool_window;
use crate::ui::widgets::ActionButton;

const WIDTH: f32 = 340.0;
/// So many toasts at once; of more than these only the newest is seen, and how many others there
/// are.
const MAX_TOASTS: usize = 3;

/// The toasts in the lower right corner, the newest at the bottom.
pub fn toasts_ui(ctx: &Context, state: &State, bottom: f32, commands: &mut Vec<Command>) {
    let fresh: Vec<&Notice> = state.notices.iter().filter(|notice| notice.is_fresh).collect();
    // The list says the same.
    if fresh.is_empty() || state.is_notice_list_shown {
        return;
    }
    let n_shown = if fresh.len() > MAX_TOASTS { 1 } else { fresh.len() };
    let (others, shown) = fresh.split_at(fresh.len() - n_shown);
    let corner = vec2(-4.0 * theme::UNIT, -(bottom + 3.0 * theme::UNIT));
    Area::new(Id::unique("toasts"))
        .order(Order::Foreground)
        .anchor(Align2::RIGHT_BOTTOM, corner)
        .show(ctx, |ui| {
            ui.set_width(WIDTH);
            if !others.is_empty() {
                others_ui(ui, others, commands);
            }
            for notice in shown {
                ui.push_id(notice.id, |ui| toast_ui(ui, notice, commands));
            }
        });
}

fn sign(ui: &Ui, kind: NoticeKind) -> (Icon, egui::Color32, &'static str) {
    let palette = theme::palette(ui);
    match kind {
        NoticeKind::Info => (Icon::Info, palette.quiet_text, "Note"),
        NoticeKind::Success => (Icon::CircleCheck, palette.held_out_text, "Done"),
        NoticeKind::Warning => (Icon::TriangleAlert, palette.played_text, "Warning"),
        NoticeKind::Error => (Icon::CircleAlert, palette.danger_text, "Error"),
    }
}

/// "4 more, 3 of them errors", with the way to them.
fn others_ui(ui: &mut Ui, others: &[&Notice], commands: &mut Vec<Command>) {
    let n_errors = others.iter().filter(|notice| notice.kind == NoticeKind::Error).count();
    let words = match n_errors {
        0 => format!("{} more", parts::count(others.len(), "notice")),
        n if n == others.len() => format!("{} more", parts::count(n, "problem")),
        n => format!("{} more, {n} of them problems", parts::count(others.len(), "notice")),
    };
    let worst = if n_errors > 0 { NoticeKind::Error } else { NoticeKind::Info };
    frame(ui, worst).show(ui, |ui| {
        ui.set_width(WIDTH - 22.0);
        ui.horizontal(|ui| {
            ui.label(words);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let dismiss = ActionButton::icon(Icon::X, "Dismiss all").quiet().height(26.0);
                if ui.add(dismiss).clicked() {
                    let gone = others.iter().map(|notice| Command::DismissNotice(notice.id));
                    commands.extend(gone);
                }
                if ui.add(ActionButton::new("See all").height(26.0)).clicked() {
                    commands.push(Command::ShowNotices(true));
                }
            });
        });
    });
}

fn frame(ui: &Ui, kind: NoticeKind) -> egui::Frame {
    let palette = theme::palette(ui);
    let border = match kind {
        NoticeKind::Error => palette.danger,
        NoticeKind::Warning => palette.played,
        NoticeKind::Info | NoticeKind::Success => palette.line_strong,
    };
    let shadow = ui.visuals().popup_shadow;
    palette.card_frame().stroke(egui::Stroke::new(1.0, border)).shadow(shadow)
}

fn toast_ui(ui: &mut Ui, notice: &Notice, commands: &mut Vec<Command>) {
    frame(ui, notice.kind).show(ui, |ui| {
        ui.set_width(WIDTH - 22.0);
        notice_ui(ui, notice, true, commands);
    });
}

/// The sign, the text, what it is about, and Copy; Dismiss where it pops up.
fn notice_ui(ui: &mut Ui, notice: &Notice, is_toast: bool, commands: &mut Vec<Command>) {
    let (icon, color, kind) = sign(ui, notice.kind);
    ui.with_layout(Layout::left_to_right(Align::Min), |ui| {
        icons::spoken_sign_ui(ui, icons::rich(icon).color(color), kind);
        let buttons = if is_toast { 60.0 } else { 32.0 };
        ui.vertical(|ui| {
            ui.set_width(ui.available_width() - buttons - GAP);
            ui.spacing_mut().item_spacing.y = 2.0;
            ui.add(egui::Label::new(&notice.text).wrap().selectable(true));
            if let Some(path) = &notice.path {
                let path = parts::caption(ui, path.display().to_string());
                ui.add(egui::Label::new(path).wrap().selectable(true));
                show_in_folder_ui(ui, notice, commands);
            }
            if let Some((words, command)) = notice.leads_to.map(way_to)
                && ui.add(ActionButton::new(words).height(26.0)).clicked()
            {
                commands.extend([command, Command::DismissNotice(notice.id)]);
            }
        });
        ui.spacing_mut().item_spacing.x = 2.0;
        if ui.add(ActionButton::icon(Icon::Copy, "Copy").quiet().height(26.0)).clicked() {
            let path = notice.path.as_ref().map(|path| format!("\n{}", path.display()));
            ui.ctx().copy_text(format!("{}{}", notice.text, path.unwrap_or_default()));
        }
        if is_toast {
            let dismiss = ActionButton::icon(Icon::X, "Dismiss").quiet().height(26.0);
            if ui.add(dismiss).clicked() {
                commands.push(Command::DismissNotice(notice.id));
            }
        }
    });
}

/// The button that leads there, and what it does.
fn way_to(target: NoticeTarget) -> (&'static str, Command) {
    match target {
        NoticeTarget::Report => ("See the import report", Command::ShowReport(true)),
        NoticeTarget::Diagnostics => ("See the error report", Command::ShowDiagnostics(true)),
    }
}

/// The way to what was written.
fn show_in_folder_ui(ui: &mut Ui, notice: &Notice, commands: &mut Vec<Command>) {
    let Some(path) = notice.path.as_ref().filter(|_| notice.kind == NoticeKind::Success) else {
        return;
    };
    let button = ActionButton::new("Show in folder").with_icon(Icon::FolderOpen).height(26.0);
    if ui.add(button.tooltip("Opens the folder in the system's file manager")).clicked() {
        commands.push(Command::ShowInFolder(path.clone()));
    }
}

/// The list of all notices, the newest first.
pub fn notice_list_ui(ctx: &Context, state: &State, commands: &mut Vec<Command>) {
    if !state.is_notice_list_shown {
        return;
    }
    let mut is_open = true;
    let window = egui::Window::new("Notices")
        .open(&mut is_open)
        .collapsible(false)
        .resizable(false)
        .anchor(Align2::RIGHT_TOP, vec2(-4.0 * theme::UNIT, super::top_bar::HEIGHT + GAP))
        .fixed_size(vec2(WIDTH, 360.0));
    tool_window::show(ctx, "Notices", window, |ui| {
        if state.notices.is_empty() {
            ui.label(parts::caption(ui, "Nothing has happened yet that you should know."));
            return;
        }
        ScrollArea::vertical().auto_shrink([false, true]).show(ui, |ui| {
            for notice in state.notices.iter().rev() {
                ui.push_id(notice.id, |ui| list_row_ui(ui, notice, commands));
            }
            focus::follow(ui);
        });
    });
    if !is_open {
        commands.push(Command::ShowNotices(false));
    }
}

fn list_row_ui(ui: &mut Ui, notice: &Notice, commands: &mut Vec<Command>) {
    notice_ui(ui, notice, false, commands);
    let words = ago(ui.input(|input| input.time) - notice.at_secs);
    ui.label(RichText::new(words).small().color(theme::palette(ui).quiet_text));
    ui.separator();
}

/// How long ago something was told.
fn ago(seconds: f64) -> String {
    match (seconds / 60.0).floor().max(0.0) as u64 {
        0 => "Just now".to_owned(),
        minutes @ 1..60 => format!("{minutes} min ago"),
        minutes => format!("{} h {} min ago", minutes / 60, minutes % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::ago;

    #[test]
    fn notices_say_how_long_ago_they_were_told() {
        assert_eq!(ago(-0.2), "Just now");
        assert_eq!(ago(59.0), "Just now");
        assert_eq!(ago(61.0), "1 min ago");
        assert_eq!(ago(3723.0), "1 h 2 min ago");
    }
}
