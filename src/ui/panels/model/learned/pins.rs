//! Units that are followed: a strip each, a picture an epoch.

use egui::{Rect, Sense, Ui, pos2, vec2};

use super::units::picture;
use super::{Shown, picture_font};
use crate::ui::icons::Icon;
use crate::ui::learned::{LearnedState, MOST_SHOTS, PinnedUnit};
use crate::ui::panels::parts;
use crate::ui::theme::{self, UNIT};
use crate::ui::widgets::ActionButton;
use crate::ui::widgets::roll_image::{full_weight, weight_mark};
use crate::ui::widgets::texture::cached_texture;
use crate::ui::widgets::tile_grid::TileGrid;

const STRIP: f32 = 44.0;
const LABEL: f32 = 84.0;

pub(super) fn pins_ui(ui: &mut Ui, shown: &Shown<'_>, learned: &mut LearnedState) {
    let mut unpinned = None;
    for pin in &learned.pins {
        let room = vec2(ui.available_width(), STRIP);
        ui.allocate_ui_with_layout(room, egui::Layout::left_to_right(egui::Align::Min), |ui| {
            ui.allocate_ui(vec2(LABEL, STRIP), |ui| {
                ui.set_min_width(LABEL);
                ui.vertical(|ui| {
                    ui.spacing_mut().item_spacing.y = 0.0;
                    let name = format!("Unit {}", pin.unit + 1);
                    ui.label(parts::caption(ui, &name).color(theme::palette(ui).text));
                    let name = format!("Follow unit {} no longer", pin.unit + 1);
                    if ui
                        .add(ActionButton::icon(Icon::PinOff, &name).quiet().height(22.0))
                        .clicked()
                    {
                        unpinned = Some(pin.unit);
                    }
                });
            });
            strip_ui(ui, shown, pin);
        });
    }
    if let Some(unit) = unpinned {
        learned.toggle_pin(unit, shown.snapshot);
    }
}

fn strip_ui(ui: &mut Ui, shown: &Shown<'_>, pin: &PinnedUnit) {
    let palette = theme::palette(ui);
    let (rect, _) = ui.allocate_exact_size(ui.available_size(), Sense::hover());
    let n_fitting = ((rect.width() + UNIT) / (44.0 + UNIT)).floor().max(1.0) as usize;
    // Where not all have room, the newest are seen.
    let shots = &pin.shots[pin.shots.len().saturating_sub(n_fitting.min(MOST_SHOTS))..];
    let room = vec2(rect.width().min(shots.len() as f32 * (64.0 + UNIT)), STRIP - 13.0);
    let grid = TileGrid::strip(room, shots.len().max(1));
    let newest = shots.last().map_or(0, |shot| shot.epoch);
    let of = (shown.snapshot.number, newest, shots.len(), pin.unit, shown.layout);
    let texture = cached_texture(ui, shown.id.with(("pin strip", pin.unit)), of, || {
        let full: Vec<f32> = shots.iter().map(|shot| full_weight(&shot.weights)).collect();
        grid.image(shots.len(), &shown.layout, |place, visible, is_onset| {
            let weight = shots[place].weights.get(visible).copied().unwrap_or(0.0);
            weight_mark(palette, weight, full[place], is_onset)
        })
    });
    for (place, shot) in shots.iter().enumerate() {
        grid.paint(ui, &texture, rect.min, place);
        let tile = grid.rect(rect.min, place);
        let words = if place == 0 || shots.len() < 8 {
            format!("epoch {}", shot.epoch)
        } else {
            shot.epoch.to_string()
        };
        let at = pos2(tile.left(), tile.bottom() + 1.0);
        let below = ui.painter_at(Rect::from_min_max(at, at + vec2(tile.width() + UNIT, 14.0)));
        below.text(at, egui::Align2::LEFT_TOP, words, picture_font(), palette.quiet_text);
        let name = format!("Unit {} after epoch {}", pin.unit + 1, shot.epoch);
        let id = shown.id.with(("shot", pin.unit, place));
        picture(ui, tile, id, &name).on_hover_text(&name);
    }
}
