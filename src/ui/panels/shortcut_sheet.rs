//! Every key on one page.

use egui::{Context, FontId, Id, Modal, RichText, ScrollArea, Ui, vec2};

use super::parts::GAP;
use crate::ui::actions::{ACTIONS, Section};
use crate::ui::command::Command;
use crate::ui::fonts;
use crate::ui::state::State;
use crate::ui::theme::{self, UNIT, size};
use crate::ui::widgets::{ActionButton, ROLL_KEYS, section_header};

const WIDTH: f32 = 720.0;
const COLUMN: f32 = 340.0;

/// Keys that belong to what has the keyboard, not to the list of actions.
pub const ELSEWHERE: [(&str, &[(&str, &str)]); 2] = [
    (
        "Everywhere",
        &[
            ("Tab, Shift+Tab", "To the next control, or the one before"),
            ("Space, Enter", "Press what has the keyboard"),
            ("Esc", "Close what lies on top"),
        ],
    ),
    (
        "Knobs",
        &[
            ("↑ ↓", "Turn"),
            ("Shift+↑ ↓", "Turn finely"),
            ("Home, End", "To the least, to the most"),
            ("Enter, digits", "Type a value"),
            ("Double-click", "Back to the usual value"),
        ],
    ),
];

/// The sheet, if it is open.
pub fn shortcut_sheet_ui(ctx: &Context, state: &State, commands: &mut Vec<Command>) {
    if !state.window.are_shortcuts_shown {
        return;
    }
    let frame = egui::Frame::popup(&ctx.global_style()).inner_margin(5.0 * UNIT);
    let room = ctx.content_rect().size() - vec2(16.0, 40.0) * UNIT;
    let shown = Modal::new(Id::unique("shortcuts")).frame(frame).show(ctx, |ui| {
        ui.set_width(WIDTH.min(room.x));
        ui.label(RichText::new("Keyboard shortcuts").heading());
        ui.add_space(GAP);
        ScrollArea::vertical().max_height(room.y.max(120.0)).show(ui, sheet_ui);
        ui.add_space(GAP);
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            ui.add(ActionButton::new("Close").primary().min_width(84.0)).clicked()
        })
        .inner
    });
    if shown.inner || shown.should_close() {
        commands.push(Command::ShowShortcuts(false));
    }
}

fn sheet_ui(ui: &mut Ui) {
    let has_two = ui.available_width() >= 2.0 * COLUMN;
    let (left, right) = (
        [Section::File, Section::Edit, Section::Data, Section::Train],
        [Section::Music, Section::View, Section::Help],
    );
    ui.spacing_mut().item_spacing.x = 10.0 * UNIT;
    ui.columns(if has_two { 2 } else { 1 }, |columns| {
        for section in left {
            section_ui(&mut columns[0], section);
        }
        let last = columns.len() - 1;
        elsewhere_ui(&mut columns[0]);
        for section in right {
            section_ui(&mut columns[last], section);
        }
        section_header(&mut columns[last], "Piano roll", "");
        rows_ui(&mut columns[last], ROLL_KEYS);
    });
}

fn section_ui(ui: &mut Ui, section: Section) {
    let entries =
        || ACTIONS.iter().filter(move |entry| entry.section == section && !entry.keys.is_empty());
    if entries().next().is_none() {
        return;
    }
    ui.spacing_mut().item_spacing.y = 0.0;
    section_header(ui, section.name(), "");
    for entry in entries() {
        let keys: Vec<String> =
            entry.keys.iter().map(|keys| ui.ctx().format_shortcut(keys)).collect();
        row_ui(ui, entry.title.trim_end_matches('…'), &keys.join(", "));
    }
    ui.add_space(2.0 * UNIT);
}

fn elsewhere_ui(ui: &mut Ui) {
    for (title, rows) in ELSEWHERE {
        section_header(ui, title, "");
        rows_ui(ui, rows);
    }
}

fn rows_ui(ui: &mut Ui, rows: &[(&str, &str)]) {
    for (keys, what) in rows {
        row_ui(ui, what, keys);
    }
    ui.add_space(2.0 * UNIT);
}

fn row_ui(ui: &mut Ui, what: &str, keys: &str) {
    let color = theme::palette(ui).quiet_text;
    ui.spacing_mut().interact_size.y = 6.0 * UNIT;
    ui.horizontal(|ui| {
        ui.label(what);
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let font = FontId::new(size::LABEL, fonts::figures());
            ui.label(RichText::new(keys).font(font).color(color));
        });
    });
}
