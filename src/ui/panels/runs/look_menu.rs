//! What the line of a run looks like, and the menu of all looks: a colour a row, a line a column.

use egui::{Popup, Rect, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, vec2};

use crate::ui::command::Command;
use crate::ui::runs_state::RunRow;
use crate::ui::theme::{self, N_RUN_COLORS, N_RUN_LINES, N_RUN_LOOKS, UNIT};
use crate::ui::widgets::{LineSample, focus_ring};

/// Of the cell of the table.
const CELL: Vec2 = vec2(36.0, 20.0);
/// Of an entry of the menu.
const ENTRY: Vec2 = vec2(44.0, 22.0);

/// A piece of the run's line; a click opens the menu.
pub(super) fn look_ui(ui: &mut Ui, row: &RunRow<'_>, commands: &mut Vec<Command>) {
    let palette = theme::palette(ui);
    let sample = LineSample::of_run(palette, row.color);
    let Some(look) = row.color else {
        let (rect, response) = ui.allocate_exact_size(CELL, Sense::hover());
        paint(ui, rect, sample);
        let what = "The current run is always drawn like this; as an earlier run it has a look of \
                    its own";
        response.on_hover_text(what);
        return;
    };
    let (rect, response) = ui.allocate_exact_size(CELL, Sense::click());
    if response.hovered() {
        ui.painter().rect_filled(rect, theme::RADIUS, palette.card_pressed);
    }
    let color = if row.is_shown { sample.color } else { palette.cap };
    paint(ui, rect, LineSample { color, ..sample });
    focus_ring(ui, &response, theme::RADIUS);
    let name = format!("Line of {}", row.name);
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, &name));
    Popup::menu(&response).gap(UNIT).show(|ui| {
        ui.spacing_mut().item_spacing = Vec2::ZERO;
        for color in 0..N_RUN_COLORS {
            ui.horizontal(|ui| {
                for n in 0..N_RUN_LINES {
                    let one = color + n * N_RUN_COLORS;
                    if entry_ui(ui, one, one == look % N_RUN_LOOKS) {
                        commands.push(Command::ColorRun { run: row.id, color: one });
                        ui.close();
                    }
                }
            });
        }
    });
    response.on_hover_text(format!("{name}: {}", theme::run_look_name(look)));
}

/// Whether it was chosen.
fn entry_ui(ui: &mut Ui, look: u8, is_chosen: bool) -> bool {
    let palette = theme::palette(ui);
    let (rect, response) = ui.allocate_exact_size(ENTRY, Sense::click());
    if response.hovered() {
        ui.painter().rect_filled(rect, theme::RADIUS, palette.card_pressed);
    }
    if is_chosen {
        let stroke = Stroke::new(1.0, palette.text);
        ui.painter().rect_stroke(rect.shrink(1.0), theme::RADIUS, stroke, StrokeKind::Inside);
    }
    paint(ui, rect.shrink2(vec2(UNIT, 0.0)), LineSample::of_run(palette, Some(look)));
    focus_ring(ui, &response, theme::RADIUS);
    let name = theme::run_look_name(look);
    response
        .widget_info(|| WidgetInfo::selected(egui::Role::MenuItemRadio, true, is_chosen, &name));
    response.on_hover_text(&name).clicked()
}

fn paint(ui: &Ui, rect: Rect, sample: LineSample) {
    let room = rect.shrink2(vec2(2.0, 0.0));
    sample.paint(&ui.painter_at(room), room.left_center(), room.width());
}
