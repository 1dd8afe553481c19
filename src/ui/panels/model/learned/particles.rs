//! The fantasy particles of the run, live: what the model dreams while it learns.

use egui::{Rect, Role, Sense, Ui, WidgetInfo, vec2};

use super::legend::{Entry, legend_ui};
use super::units::sounding;
use super::{Shown, choice_ring, waiting_in};
use crate::engine::{ParticleKind, ParticlesPicture};
use crate::ui::command::Command;
use crate::ui::learned::{Heard, LearnedState};
use crate::ui::panels::parts;
use crate::ui::theme::{self, UNIT};
use crate::ui::widgets::ActionButton;
use crate::ui::widgets::roll_image::{Form, Grain, layer_image, note_mark};
use crate::ui::widgets::texture::cached_texture;
use crate::ui::widgets::tile_grid::TileGrid;

/// So many are shown at most.
const MOST: usize = 96;
/// So many shall be seen where there is room for them.
const WISHED: usize = 24;
const LARGE: egui::Vec2 = vec2(280.0, 180.0);

pub(super) fn particles_ui(
    ui: &mut Ui,
    shown: &Shown<'_>,
    learned: &mut LearnedState,
    height: f32,
    commands: &mut Vec<Command>,
) {
    let bottom = ui.cursor().top() + height;
    let picture = shown.snapshot.particles.as_ref();
    let kind = picture.map(|picture| picture.kind);
    heading_ui(ui, shown, kind, commands);
    let left = bottom - ui.cursor().top() - 5.0 * UNIT;
    let room = vec2(ui.available_width(), left.max(40.0));
    let grid = TileGrid::fit(room, WISHED, &shown.layout);
    learned.n_particles = grid.capacity().min(MOST);
    let (rect, _) = ui.allocate_exact_size(room, Sense::hover());
    match picture {
        Some(picture) => pictures_ui(ui, shown, learned, (&grid, rect, picture), commands),
        None => waiting_in(ui, rect),
    }
    let palette = theme::palette(ui);
    let sounds = Entry::new(palette.calls, Form::Full, "sounds").with_head(palette.calls_onset);
    legend_ui(ui, &[sounds], "head: where it is struck; a click hears it");
}

fn heading_ui(
    ui: &mut Ui,
    shown: &Shown<'_>,
    kind: Option<ParticleKind>,
    commands: &mut Vec<Command>,
) {
    let room = vec2(ui.available_width(), 6.0 * UNIT);
    ui.allocate_ui_with_layout(room, egui::Layout::left_to_right(egui::Align::Center), |ui| {
        let epoch = shown.snapshot.finished_epochs;
        match kind {
            Some(ParticleKind::OneGibbsStep) => {
                let pcd = ActionButton::new("Use PCD from the next run on").height(24.0);
                if ui.add(pcd).clicked() {
                    let value = "pcd".to_owned();
                    commands.push(Command::SetSetting { key: "algorithm", value });
                }
                let words = "Plain CD has no persistent chains: here is one Gibbs step from \
                             training excerpts";
                ui.add(egui::Label::new(parts::caption(ui, words)).truncate()).on_hover_text(words);
            }
            Some(ParticleKind::Persistent) | None => {
                let words = format!(
                    "Persistent chains (fantasy particles) after epoch {epoch}: what the model \
                     dreams while it learns"
                );
                ui.add(egui::Label::new(parts::caption(ui, words)).truncate());
            }
        }
    });
}

fn pictures_ui(
    ui: &mut Ui,
    shown: &Shown<'_>,
    learned: &mut LearnedState,
    (grid, rect, picture): (&TileGrid, Rect, &ParticlesPicture),
    commands: &mut Vec<Command>,
) {
    let palette = theme::palette(ui);
    let particles: Vec<&[u8]> =
        picture.visible.chunks_exact(shown.snapshot.n_visible.max(1)).collect();
    let n = particles.len().min(grid.capacity());
    let of = (shown.snapshot.number, grid.columns, grid.rows, shown.layout);
    let texture = cached_texture(ui, shown.id.with("particles"), of, || {
        grid.image(n, &shown.layout, |place, visible, is_onset| {
            note_mark(palette, f32::from(particles[place][visible]), is_onset)
        })
    });
    for (place, particle) in particles.iter().enumerate().take(n) {
        grid.paint(ui, &texture, rect.min, place);
        let tile = grid.rect(rect.min, place);
        let response = ui.interact(tile, shown.id.with(("particle", place)), Sense::click());
        let is_heard = learned.hearing == Some(Heard::Particle(place));
        choice_ring(ui, &response, false);
        if is_heard {
            sounding(ui, tile);
        }
        let name = format!("Hear particle {}", place + 1);
        response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_heard, &name));
        if response.clicked() {
            commands.push(Command::Hear(Heard::Particle(place)));
        }
        response.on_hover_ui_at_pointer(|ui| {
            ui.strong(format!("Particle {}", place + 1));
            let n_on = particle.iter().filter(|&&bit| bit != 0).count();
            ui.label(parts::caption(ui, format!("{n_on} of {} units on", particle.len())));
            let of = (shown.snapshot.number, place, shown.layout);
            let texture = cached_texture(ui, shown.id.with("large"), of, || {
                layer_image(&shown.layout, Grain::LARGE, |visible, is_onset| {
                    note_mark(palette, f32::from(particle[visible]), is_onset)
                })
            });
            let (room, _) = ui.allocate_exact_size(LARGE, Sense::hover());
            ui.painter().rect_filled(room, 2.0, palette.ground);
            super::units::whole(ui, texture.id(), room);
        });
    }
}
