//! Twelve tonics and the kinds of scales, to choose one of.

use egui::{Grid, Ui, vec2};

use crate::music::{Scale, ScaleKind, tonic_name};
use crate::ui::theme::UNIT;

/// Returns the scale that was chosen. `from` gives the half that a click leaves as it is.
pub fn scale_picker_ui(ui: &mut Ui, now: Option<Scale>, from: Scale) -> Option<Scale> {
    let mut chosen = None;
    Grid::new("tonics").spacing(vec2(UNIT / 2.0, UNIT / 2.0)).min_col_width(34.0).show(ui, |ui| {
        for tonic in 0..12_u8 {
            let is_chosen = now.is_some_and(|scale| scale.tonic == tonic);
            if ui.selectable_label(is_chosen, tonic_name(tonic)).clicked() {
                chosen = Some(Scale { tonic, ..from });
            }
            if tonic % 6 == 5 {
                ui.end_row();
            }
        }
    });
    ui.separator();
    Grid::new("scales").spacing(vec2(UNIT, UNIT / 2.0)).num_columns(2).show(ui, |ui| {
        for (place, kind) in ScaleKind::ALL.into_iter().enumerate() {
            let is_chosen = now.is_some_and(|scale| scale.kind == kind);
            if ui.selectable_label(is_chosen, kind.name()).clicked() {
                chosen = Some(Scale { kind, ..from });
            }
            if place % 2 == 1 {
                ui.end_row();
            }
        }
    });
    chosen
}
