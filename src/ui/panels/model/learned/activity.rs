//! Hidden activity as an image, units × cases, with the dead and the saturated units marked.

use egui::{
    Color32, ColorImage, Key, Mesh, Modifiers, Rect, Role, Sense, Shape, Ui, WidgetInfo, pos2, vec2,
};

use super::one_step::song_of;
use super::units::whole;
use super::{Shown, choice_ring, percent, picture_font, waiting_ui};
use crate::engine::ActivityPicture;
use crate::rbm::{DEAD_BELOW, SATURATED_ABOVE, UnitHealth};
use crate::train::EpochMetrics;
use crate::ui::learned::LearnedState;
use crate::ui::panels::parts;
use crate::ui::theme::{self, Palette, UNIT};
use crate::ui::widgets::texture::cached_texture;

/// The strip of marks below the image.
const STRIP: f32 = 12.0;
const FOOT: f32 = 9.0 * UNIT;

pub(super) fn activity_ui(
    ui: &mut Ui,
    shown: &Shown<'_>,
    learned: &mut LearnedState,
    last: Option<&EpochMetrics>,
    height: f32,
) {
    let Some(picture) = &shown.snapshot.activity else { return waiting_ui(ui, height) };
    let room = vec2(ui.available_width(), (height - FOOT - UNIT).max(60.0));
    let (rect, response) = ui.allocate_exact_size(room, Sense::click());
    let image = rect.with_max_y(rect.bottom() - STRIP - 2.0);
    let palette = theme::palette(ui);
    let texture = cached_texture(ui, shown.id.with("activity"), shown.snapshot.number, || {
        draw(picture, palette)
    });
    ui.painter().rect_filled(image, 2.0, palette.ground);
    whole(ui, texture.id(), image);
    strip(ui, picture, rect.with_min_y(rect.bottom() - STRIP));
    selection(ui, picture, learned, image);
    choice_ring(ui, &response, false);
    response.widget_info(|| {
        WidgetInfo::labeled(Role::Image, true, "Hidden activity, units by excerpts")
    });
    let counts = counts(&picture.means);
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_description(counts_words(counts, picture.means.len()));
    });
    let n_units = picture.units.len();
    let column = |x: f32| {
        let place = (x - rect.left()) / rect.width() * n_units as f32;
        (place.max(0.0) as usize).min(n_units.saturating_sub(1))
    };
    if response.has_focus() {
        let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        let place = picture.units.partition_point(|&unit| unit < learned.selected);
        if pressed(Key::ArrowRight) && place + 1 < n_units {
            learned.selected = picture.units[place + 1];
        }
        if pressed(Key::ArrowLeft) && place > 0 {
            learned.selected = picture.units[place - 1];
        }
        let filter = egui::EventFilter { horizontal_arrows: true, ..Default::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
    }
    if let (true, Some(at)) = (response.clicked(), response.interact_pointer_pos())
        && n_units > 0
    {
        learned.selected = picture.units[column(at.x)];
    }
    if let Some(at) = response.hover_pos().filter(|_| n_units > 0) {
        let case = (at.y - image.top()) / image.height() * picture.excerpts.len() as f32;
        let words = words_at(shown, picture, column(at.x), case as usize);
        response.on_hover_text_at_pointer(words);
    }
    legend_ui(ui, picture, counts, last);
}

/// A column for each unit, a row for each case.
fn draw(picture: &ActivityPicture, palette: &Palette) -> ColorImage {
    let size = [picture.units.len().max(1), picture.excerpts.len().max(1)];
    let mut image = ColorImage::filled(size, Color32::TRANSPARENT);
    for (pixel, &shade) in image.pixels.iter_mut().zip(&picture.shades) {
        *pixel = palette.calls.gamma_multiply(f32::from(shade) / 255.0);
    }
    image
}

/// Dead, healthy, saturated.
fn counts(means: &[f32]) -> [usize; 3] {
    let mut counts = [0; 3];
    for &mean in means {
        counts[place_of(UnitHealth::of(f64::from(mean)))] += 1;
    }
    counts
}

fn place_of(health: UnitHealth) -> usize {
    match health {
        UnitHealth::Dead => 0,
        UnitHealth::Healthy => 1,
        UnitHealth::Saturated => 2,
    }
}

fn name_of(health: UnitHealth) -> &'static str {
    ["dead", "healthy", "saturated"][place_of(health)]
}

/// The mark of a unit: dead hangs low, saturated fills the strip, healthy is a thin line between.
fn mark_rect(health: UnitHealth, cell: Rect) -> Rect {
    let part = |from: f32, to: f32| {
        let y = |share: f32| cell.top() + cell.height() * share;
        Rect::from_x_y_ranges(cell.x_range(), y(from)..=y(to))
    };
    match health {
        UnitHealth::Dead => part(0.6, 1.0),
        UnitHealth::Healthy => part(0.42, 0.58),
        UnitHealth::Saturated => part(0.0, 1.0),
    }
}

fn mark_color(palette: &Palette, health: UnitHealth) -> Color32 {
    match health {
        UnitHealth::Dead => palette.danger,
        UnitHealth::Healthy => palette.held_out,
        UnitHealth::Saturated => palette.other_run,
    }
}

fn strip(ui: &Ui, picture: &ActivityPicture, rect: Rect) {
    let palette = theme::palette(ui);
    let width = rect.width() / picture.units.len().max(1) as f32;
    let gap = if width > 4.0 { 1.0 } else { 0.0 };
    let mut mesh = Mesh::default();
    for (place, &unit) in picture.units.iter().enumerate() {
        let health = UnitHealth::of(f64::from(picture.means[unit]));
        let left = rect.left() + place as f32 * width;
        let cell = Rect::from_x_y_ranges(left..=left + width - gap, rect.y_range());
        mesh.add_colored_rect(mark_rect(health, cell), mark_color(palette, health));
    }
    ui.painter().add(Shape::mesh(mesh));
}

/// A frame around the column of the unit that was chosen.
fn selection(ui: &Ui, picture: &ActivityPicture, learned: &LearnedState, image: Rect) {
    let Some(place) = picture.units.iter().position(|&unit| unit == learned.selected) else {
        return;
    };
    let width = image.width() / picture.units.len() as f32;
    let left = image.left() + place as f32 * width;
    let column = Rect::from_x_y_ranges(left..=left + width.max(1.0), image.y_range());
    let stroke = egui::Stroke::new(1.0, theme::palette(ui).text);
    ui.painter().rect_stroke(column, 0.0, stroke, egui::StrokeKind::Outside);
}

fn words_at(shown: &Shown<'_>, picture: &ActivityPicture, column: usize, case: usize) -> String {
    let unit = picture.units[column];
    let mean = picture.means[unit];
    let health = name_of(UnitHealth::of(f64::from(mean)));
    let whole = format!("Unit {}: {health}, mean {mean:.3}", unit + 1);
    let Some(&excerpt) = picture.excerpts.get(case) else { return whole };
    let shade = f32::from(picture.shades[case * picture.units.len() + column]) / 255.0;
    let place = song_of(&shown.snapshot.songs, excerpt).map_or_else(String::new, |(_, song)| {
        format!("\n{}, excerpt {}", song.title, excerpt - song.first_excerpt + 1)
    });
    format!("{whole}{place}: p(h | v) = {}", percent(shade))
}

fn counts_words(counts: [usize; 3], n_units: usize) -> String {
    let [dead, healthy, saturated] = counts;
    format!("{n_units} units: {healthy} healthy, {dead} dead, {saturated} saturated")
}

fn legend_ui(
    ui: &mut Ui,
    picture: &ActivityPicture,
    counts: [usize; 3],
    last: Option<&EpochMetrics>,
) {
    let palette = theme::palette(ui);
    let (rect, response) =
        ui.allocate_exact_size(vec2(ui.available_width(), 4.0 * UNIT), Sense::hover());
    let words = counts_words(counts, picture.means.len());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &words));
    let mut left = rect.left();
    for (health, meaning) in [
        (UnitHealth::Healthy, String::new()),
        (UnitHealth::Dead, format!(": mean below {DEAD_BELOW}")),
        (UnitHealth::Saturated, format!(": mean above {SATURATED_ABOVE}")),
    ] {
        let text = format!("{} {}{meaning}", counts[place_of(health)], name_of(health));
        let galley = ui.painter().layout_no_wrap(text, picture_font(), palette.text);
        if left + 18.0 + galley.size().x > rect.right() {
            break;
        }
        let cell = Rect::from_min_size(pos2(left, rect.center().y - 6.0), vec2(12.0, 12.0));
        let color = mark_color(palette, health);
        ui.painter().rect_filled(mark_rect(health, cell), 0.0, color);
        let width = galley.size().x;
        let corner = pos2(left + 17.0, rect.center().y - galley.size().y / 2.0);
        ui.painter().galley(corner, galley, palette.text);
        left += width + 32.0;
    }
    let shown = if picture.units.len() < picture.means.len() {
        format!("{} of {} units", picture.units.len(), picture.means.len())
    } else {
        "units".to_owned()
    };
    let all = last.and_then(|last| last.dead_hidden_units.zip(last.saturated_hidden_units));
    // Said only where it is not what the line above says.
    let here = (counts[0] as u64, counts[2] as u64);
    let all = all.filter(|all| *all != here);
    let all = all.map_or_else(String::new, |(dead, saturated)| {
        format!("Over all excerpts: {dead} dead, {saturated} saturated. ")
    });
    let note = format!(
        "{all}{shown} to the right, {} excerpts downwards; the stronger, the likelier on",
        picture.excerpts.len()
    );
    let more = format!(
        "{shown} to the right, {} of the training excerpts downwards; the stronger the colour, the \
         likelier it is on. {all}",
        picture.excerpts.len()
    );
    ui.add(egui::Label::new(parts::caption(ui, &note)).truncate()).on_hover_text(&more);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_counted_by_the_thresholds_of_the_measures() {
        let means = [0.0, 0.0099, 0.0101, 0.5, 0.989, 0.995];
        assert_eq!(counts(&means), [2, 3, 1]);
        assert_eq!(counts_words(counts(&means), 6), "6 units: 3 healthy, 2 dead, 1 saturated");
        let cell = Rect::from_min_size(pos2(0.0, 0.0), vec2(10.0, 10.0));
        let forms = [UnitHealth::Dead, UnitHealth::Healthy, UnitHealth::Saturated]
            .map(|health| mark_rect(health, cell));
        assert!(forms[0] != forms[1] && forms[1] != forms[2] && forms[0] != forms[2]);
    }
}
