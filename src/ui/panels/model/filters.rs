//! What the hidden units learned: the weights of each as a small piano roll, all in one texture.

use egui::Role;
use egui::{
    Color32, ColorImage, Rect, RichText, Sense, TextureHandle, TextureOptions, Ui, WidgetInfo,
    pos2, vec2,
};

use super::super::parts;
use crate::dataset::EncodingSettings;
use crate::engine::ModelSnapshot;
use crate::ui::state::RunState;
use crate::ui::theme::{self, Palette};

/// A picture is at least so wide, and so high.
const CELL: egui::Vec2 = vec2(44.0, 36.0);
const CELL_GAP: f32 = 4.0;
const N_ROWS: usize = 3;
/// The picture is made anew at most so often, in seconds.
const EVERY_SECS: f64 = 0.1;

/// The picture that was made last, and of what.
#[derive(Clone)]
struct Picture {
    texture: TextureHandle,
    of: (u32, usize, usize, bool),
    made_at: f64,
    n_units: usize,
}

/// The card: a heading that opens it, and the pictures.
pub fn filters_ui(ui: &mut Ui, run: &mut RunState) {
    theme::palette(ui).card_frame().show(ui, |ui| {
        parts::folding_heading(ui, "What the hidden units learned", &mut run.is_filter_view_shown);
        if !run.is_filter_view_shown {
            return;
        }
        let (Some(snapshot), Some(facts)) = (&run.snapshot, &run.facts) else {
            ui.label(parts::caption(ui, "Train to see what each hidden unit listens for."));
            return;
        };
        pictures_ui(ui, snapshot, &facts.settings.encoding);
    });
}

fn pictures_ui(ui: &mut Ui, snapshot: &ModelSnapshot, encoding: &EncodingSettings) {
    let palette = theme::palette(ui);
    let n_columns = ((ui.available_width() + CELL_GAP) / (CELL.x + CELL_GAP)).floor().max(1.0);
    let n_shown = (n_columns as usize * N_ROWS).min(snapshot.n_hidden);
    let id = ui.scope_id().with("filters");
    let now = ui.input(|input| input.time);
    let of = (snapshot.finished_epochs, snapshot.n_hidden, n_shown, palette.is_dark);
    let before: Option<Picture> = ui.data(|data| data.get_temp(id));
    let is_stale = |picture: &Picture| {
        let is_other_size = (picture.of.1, picture.of.2, picture.of.3) != (of.1, of.2, of.3);
        is_other_size || (picture.of != of && now - picture.made_at >= EVERY_SECS)
    };
    let picture = match before {
        Some(picture) if !is_stale(&picture) => picture,
        before => {
            let Some(image) = draw(snapshot, encoding, n_shown, palette) else { return };
            let texture = match before {
                Some(mut picture) => {
                    picture.texture.set(image, TextureOptions::LINEAR);
                    picture.texture
                }
                None => ui.ctx().load_texture("filters", image, TextureOptions::LINEAR),
            };
            let picture = Picture { texture, of, made_at: now, n_units: n_shown };
            ui.data_mut(|data| data.insert_temp(id, picture.clone()));
            picture
        }
    };
    show(ui, &picture, n_columns as usize);
    let words = format!(
        "The {n_shown} strongest of {} units: time runs to the right, pitch upwards; amber \
         calls for a note, teal forbids it.",
        snapshot.n_hidden
    );
    ui.label(RichText::new(words).small().color(palette.quiet_text));
}

fn show(ui: &mut Ui, picture: &Picture, n_columns: usize) {
    let palette = theme::palette(ui);
    let n_rows = picture.n_units.div_ceil(n_columns);
    let height = n_rows as f32 * (CELL.y + CELL_GAP) - CELL_GAP;
    let room = vec2(ui.available_width(), height);
    let (rect, response) = ui.allocate_exact_size(room, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, "Weights of the hidden units"));
    let gaps = CELL_GAP * (n_columns as f32 - 1.0);
    let cell_size = vec2((rect.width() - gaps) / n_columns as f32, CELL.y);
    let part = 1.0 / picture.n_units.max(1) as f32;
    for unit in 0..picture.n_units {
        let place = vec2((unit % n_columns) as f32, (unit / n_columns) as f32);
        let corner = rect.min + place * (cell_size + vec2(CELL_GAP, CELL_GAP));
        let cell = Rect::from_min_size(corner, cell_size);
        let top = unit as f32 * part;
        let uv = Rect::from_min_max(pos2(0.0, top), pos2(1.0, top + part));
        ui.painter().rect_filled(cell, 2.0, palette.ground);
        ui.painter().image(picture.texture.id(), cell, uv, Color32::WHITE);
    }
}

/// The strongest units below each other, a pixel for each step and pitch.
fn draw(
    snapshot: &ModelSnapshot,
    encoding: &EncodingSettings,
    n_shown: usize,
    palette: &Palette,
) -> Option<ColorImage> {
    let n_hidden = snapshot.n_hidden;
    let (n_steps, n_pitches) = (encoding.steps_per_excerpt as usize, encoding.pitches().len());
    let is_whole = encoding.n_visible() == snapshot.n_visible
        && snapshot.weights.len() == snapshot.n_visible * n_hidden;
    if !is_whole || n_shown == 0 {
        return None;
    }
    let mut norms = vec![0.0_f32; n_hidden];
    for row in snapshot.weights.chunks_exact(n_hidden) {
        for (norm, weight) in norms.iter_mut().zip(row) {
            *norm += weight * weight;
        }
    }
    let mut units: Vec<usize> = (0..n_hidden).collect();
    units.sort_by(|&a, &b| norms[b].total_cmp(&norms[a]).then(a.cmp(&b)));
    let mut image = ColorImage::filled([n_steps, n_pitches * n_shown], Color32::TRANSPARENT);
    for (place, &unit) in units.iter().take(n_shown).enumerate() {
        // A weight of three standard deviations is as bright as can be.
        let deviation = (norms[unit] / snapshot.n_visible as f32).sqrt();
        let full = (3.0 * deviation).max(f32::MIN_POSITIVE);
        for step in 0..n_steps {
            for pitch in 0..n_pitches {
                let weight = strongest(snapshot, encoding, unit, step, pitch);
                let color = if weight > 0.0 { palette.played } else { palette.held_out };
                let strength = (weight.abs() / full).min(1.0);
                let y = place * n_pitches + n_pitches - 1 - pitch;
                image[(step, y)] = color.gamma_multiply(strength * strength);
            }
        }
    }
    Some(image)
}

/// Of the weights of the planes at a step and pitch, the one that says most.
fn strongest(
    snapshot: &ModelSnapshot,
    encoding: &EncodingSettings,
    unit: usize,
    step: usize,
    pitch: usize,
) -> f32 {
    let n_pitches = encoding.pitches().len();
    (0..encoding.n_planes())
        .map(|plane| {
            let visible = step * encoding.row_width() + plane * n_pitches + pitch;
            snapshot.weights[visible * snapshot.n_hidden + unit]
        })
        .max_by(|a, b| a.abs().total_cmp(&b.abs()))
        .unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strongest_unit_comes_first_and_low_notes_lie_below() {
        let encoding = EncodingSettings {
            steps_per_excerpt: 2,
            pitch_count: 3,
            ..EncodingSettings::default()
        };
        let n_visible = encoding.n_visible();
        let mut weights = vec![0.0; n_visible * 2];
        // Unit 1 calls for the lowest pitch at the first step, unit 0 hardly forbids anything.
        weights[1] = 1.0;
        weights[2] = -0.1;
        let snapshot = ModelSnapshot { finished_epochs: 1, n_visible, n_hidden: 2, weights };
        let image = draw(&snapshot, &encoding, 2, &theme::DARK).unwrap();
        assert_eq!(image.size, [2, 6]);
        assert_eq!(image[(0, 2)], theme::DARK.played);
        assert_eq!(image[(1, 2)], Color32::TRANSPARENT);
        assert_eq!(image[(0, 4)], theme::DARK.held_out);
        let short = ModelSnapshot { weights: vec![], ..snapshot };
        assert!(draw(&short, &encoding, 2, &theme::DARK).is_none());
    }
}
