//! How weights, biases and the last update are spread.

use egui::{Ui, vec2};

use super::{Shown, picture_font, waiting_ui};
use crate::engine::Histogram;
use crate::ui::panels::parts;
use crate::ui::theme::{self, UNIT};
use crate::ui::widgets::bars::{SpreadBars, spread_words};

/// Narrower than this, the four stand in two rows.
const WIDE: f32 = 560.0;
/// The two lines below each.
const WORDS: f32 = 30.0;
const FOOT: f32 = 4.0 * UNIT;

pub(super) fn histograms_ui(ui: &mut Ui, shown: &Shown<'_>, height: f32) {
    let Some(picture) = &shown.snapshot.histograms else { return waiting_ui(ui, height) };
    let width = ui.available_width();
    let n_columns = if width >= WIDE { 4 } else { 2 };
    let gap = 3.0 * UNIT;
    let column = (width - gap * (n_columns as f32 - 1.0)) / n_columns as f32;
    let n_rows = (4 / n_columns) as f32;
    let row = (height - FOOT) / n_rows - UNIT;
    let all = [
        ("Weights", Some(&picture.weights)),
        ("Last update", picture.update.as_ref()),
        ("Visible biases", Some(&picture.visible_bias)),
        ("Hidden biases", Some(&picture.hidden_bias)),
    ];
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing = vec2(gap, UNIT);
        for part in all.chunks(n_columns) {
            ui.horizontal(|ui| {
                for (title, histogram) in part {
                    let size = vec2(column, row.max(70.0));
                    ui.allocate_ui(size, |ui| {
                        ui.set_min_size(size);
                        ui.vertical(|ui| one_ui(ui, title, *histogram, size));
                    });
                }
            });
        }
    });
    let n = &picture.weights;
    let sampled = if n.n_counted < n.n_values {
        format!(
            "{} of {} weights, spread evenly. ",
            parts::grouped(n.n_counted as u64),
            parts::grouped(n.n_values as u64)
        )
    } else {
        String::new()
    };
    let words = format!(
        "{sampled}Heights are logarithmic; near zero: within a hundredth of the largest magnitude"
    );
    ui.add(egui::Label::new(parts::caption(ui, &words)).truncate()).on_hover_text(&words);
}

fn one_ui(ui: &mut Ui, title: &str, histogram: Option<&Histogram>, size: egui::Vec2) {
    ui.spacing_mut().item_spacing.y = 2.0;
    let Some(histogram) = histogram else {
        ui.label(parts::caption(ui, title).color(theme::palette(ui).text));
        ui.label(parts::caption(ui, "Seen only while this tab is open during training"));
        return;
    };
    ui.add(SpreadBars::new(title, histogram, vec2(size.x, (size.y - WORDS).max(40.0))));
    let words = egui::RichText::new(spread_words(histogram)).font(picture_font());
    ui.add(egui::Label::new(words.color(theme::palette(ui).quiet_text)));
}
