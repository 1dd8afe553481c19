//! What a person should know: toasts that pop up, and the list that keeps them.

use egui::{Align, Align2, Area, Context, Id, Layout, Order, RichText, ScrollArea, Ui, vec2};

use super::parts::{self, GAP};
use crate::ui::command::Command;
use crate::ui::icons::{self, Icon};
use crate::ui::state::{Notice, NoticeKind, State};
use crate::ui::theme;
use crate::ui::widgets::ActionButton;

const WIDTH: f32 = 340.0;
/// So many toasts at once; older ones stay in the list.
const MAX_TOASTS: usize = 4;

/// The toasts in the lower right corner, the newest at the bottom.
pub fn toasts_ui(ctx: &Context, state: &State, bottom: f32, commands: &mut Vec<Command>) {
    let fresh: Vec<&Notice> = state.notices.iter().filter(|notice| notice.is_fresh).collect();
    if fresh.is_empty() {
        return;
    }
    let corner = vec2(-4.0 * theme::UNIT, -(bottom + 3.0 * theme::UNIT));
    Area::new(Id::unique("toasts"))
        .order(Order::Foreground)
        .anchor(Align2::RIGHT_BOTTOM, corner)
        .show(ctx, |ui| {
            ui.set_width(WIDTH);
            for notice in &fresh[fresh.len().saturating_sub(MAX_TOASTS)..] {
                ui.push_id(notice.id, |ui| toast_ui(ui, notice, commands));
            }
        });
}

fn sign(ui: &Ui, kind: NoticeKind) -> (Icon, egui::Color32, &'static str) {
    let palette = theme::palette(ui);
    match kind {
        NoticeKind::Info => (Icon::Info, palette.quiet_text, "Note"),
        NoticeKind::Success => (Icon::CircleCheck, palette.held_out_text, "Done"),
        NoticeKind::Error => (Icon::CircleAlert, palette.danger_text, "Error"),
    }
}

fn toast_ui(ui: &mut Ui, notice: &Notice, commands: &mut Vec<Command>) {
    let palette = theme::palette(ui);
    let border = match notice.kind {
        NoticeKind::Error => palette.danger,
        NoticeKind::Info | NoticeKind::Success => palette.line_strong,
    };
    let shadow = ui.visuals().popup_shadow;
    let frame = palette.card_frame().stroke(egui::Stroke::new(1.0, border)).shadow(shadow);
    frame.show(ui, |ui| {
        ui.set_width(WIDTH - 22.0);
        notice_ui(ui, notice, true, commands);
    });
}

/// The sign, the text, what it is about, and Copy; Dismiss where it pops up.
fn notice_ui(ui: &mut Ui, notice: &Notice, pops_up: bool, commands: &mut Vec<Command>) {
    let (icon, color, kind) = sign(ui, notice.kind);
    ui.with_layout(Layout::left_to_right(Align::Min), |ui| {
        icons::spoken_sign_ui(ui, icons::rich(icon).color(color), kind);
        let buttons = if pops_up { 60.0 } else { 32.0 };
        ui.vertical(|ui| {
            ui.set_width(ui.available_width() - buttons - GAP);
            ui.spacing_mut().item_spacing.y = 2.0;
            ui.add(egui::Label::new(&notice.text).wrap().selectable(true));
            if let Some(path) = &notice.path {
                let path = parts::caption(ui, path.display().to_string());
                ui.add(egui::Label::new(path).wrap().selectable(true));
                show_in_folder_ui(ui, notice, commands);
            }
        });
        ui.spacing_mut().item_spacing.x = 2.0;
        if ui.add(ActionButton::icon(Icon::Copy, "Copy").quiet().height(26.0)).clicked() {
            let path = notice.path.as_ref().map(|path| format!("\n{}", path.display()));
            ui.ctx().copy_text(format!("{}{}", notice.text, path.unwrap_or_default()));
        }
        if pops_up {
            let dismiss = ActionButton::icon(Icon::X, "Dismiss").quiet().height(26.0);
            if ui.add(dismiss).clicked() {
                commands.push(Command::DismissNotice(notice.id));
            }
        }
    });
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
    egui::Window::new("Notices")
        .open(&mut is_open)
        .collapsible(false)
        .resizable(false)
        .anchor(Align2::RIGHT_TOP, vec2(-4.0 * theme::UNIT, super::top_bar::HEIGHT + GAP))
        .fixed_size(vec2(WIDTH, 360.0))
        .show(ctx, |ui| {
            if state.notices.is_empty() {
                ui.label(parts::caption(ui, "Nothing has happened yet that you should know."));
                return;
            }
            ScrollArea::vertical().auto_shrink([false, true]).show(ui, |ui| {
                for notice in state.notices.iter().rev() {
                    ui.push_id(notice.id, |ui| list_row_ui(ui, notice, commands));
                }
            });
        });
    if !is_open {
        commands.push(Command::ShowNotices(false));
    }
}

fn list_row_ui(ui: &mut Ui, notice: &Notice, commands: &mut Vec<Command>) {
    notice_ui(ui, notice, false, commands);
    let at = parts::time_left(notice.at_secs);
    let words = format!("{at} after the start");
    ui.label(RichText::new(words).small().color(theme::palette(ui).quiet_text));
    ui.separator();
}
