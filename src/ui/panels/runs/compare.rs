//! Two runs side by side: what they reached, and exactly the settings that differ.

use egui::{Grid, RichText, Ui, vec2};

use super::super::parts;
use crate::train::Figure;
use crate::ui::runs_state::{RunRow, differing_settings, judged_line, judged_value};
use crate::ui::theme::{self, UNIT};
use crate::ui::widgets::{LineSample, value_label};

/// The length of the lines beside the names, in points.
const SAMPLE: f32 = 28.0;

pub(super) fn compare_ui(ui: &mut Ui, one: RunRow<'_>, other: RunRow<'_>, figure: &Figure) {
    let rows = [one, other];
    let settings = differing_settings(&rows);
    let line = judged_line(&rows, figure);
    let palette = theme::palette(ui);
    ui.horizontal(|ui| {
        let what = match settings.len() {
            0 => "The settings are the same".to_owned(),
            1 => "1 setting differs".to_owned(),
            n => format!("{} differ", parts::count(n, "setting")),
        };
        ui.label(RichText::new(what).family(crate::ui::fonts::medium()));
        ui.label(parts::caption(ui, "a click on a run takes it out of the comparison"));
    });
    Grid::new("two runs").num_columns(3).spacing(vec2(6.0 * UNIT, UNIT)).show(ui, |ui| {
        ui.label("");
        for row in &rows {
            let sample = LineSample::of_run(palette, row.color);
            let color = row.color.map_or(palette.played_text, |_| sample.color);
            let name = RichText::new(row.name).family(crate::ui::fonts::strong()).color(color);
            ui.horizontal(|ui| {
                let (rect, _) = ui.allocate_exact_size(vec2(SAMPLE, 4.0), egui::Sense::hover());
                sample.paint(ui.painter(), rect.left_center(), SAMPLE);
                ui.label(name);
            });
        }
        ui.end_row();
        for setting in settings {
            ui.label(setting.label).on_hover_text(setting.meaning);
            for row in &rows {
                ui.label(RichText::new(row.text(setting.key)).monospace());
            }
            ui.end_row();
        }
        let best = if figure.better.is_some() { "Best" } else { "Latest" };
        ui.label(format!("{best} {}, {}", figure.label.to_lowercase(), line.label));
        for row in &rows {
            let value = judged_value(row, figure, &line).map_or_else(
                || "–".to_owned(),
                |(epoch, value)| format!("{} after epoch {epoch}", value_label(value)),
            );
            ui.label(RichText::new(value).monospace());
        }
        ui.end_row();
        ui.label("Epochs done");
        for row in &rows {
            ui.label(RichText::new(row.history.epochs.len().to_string()).monospace());
        }
        ui.end_row();
        ui.label("Time");
        for row in &rows {
            let time = parts::time_left(row.history.seconds());
            ui.label(RichText::new(time).monospace());
        }
        ui.end_row();
    });
}
