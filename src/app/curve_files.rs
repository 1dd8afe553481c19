//! The error curve as CSV and as a picture.

use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::{ColorImage, Context, Rect, ScreenshotCallback, ViewportCommand};

use crate::project::write_atomically;
use crate::train::{EpochRecord, History};

use super::App;

impl App {
    pub(super) fn export_curve_csv(&mut self, path: &Path) {
        let current = self.state.run.facts.as_ref().map_or("Run", |facts| facts.name.as_str());
        let shown = self.state.run.earlier.iter().filter(|run| run.is_shown);
        let earlier = shown.map(|run| (run.name.as_str(), &run.history));
        let runs = earlier.chain([(current, &self.state.run.history)]);
        let text = curve_csv(runs);
        let result = write_atomically(path, text.as_bytes(), None);
        self.note_written(path, result.map_err(|error| error.to_string()));
    }

    /// The picture is taken after the next frame, without the dialog in front of it.
    pub(super) fn take_curve_picture(&mut self, path: PathBuf, ctx: &Context) {
        self.wants_curve_picture = Some(path);
        ctx.request_repaint();
    }

    pub(super) fn shoot_curve_picture(&mut self, ctx: &Context) {
        let Some(path) = self.wants_curve_picture.take() else { return };
        let Some(rect) = self.state.run.curve_rect else {
            return self.complain("There is no curve to take a picture of");
        };
        let (pixels_per_point, wake) = (ctx.pixels_per_point(), Arc::clone(&self.wake));
        let answer = self.export_answers();
        let save = move |image: Arc<ColorImage>| {
            let result = png_of(&image, rect, pixels_per_point)
                .and_then(|png| write_atomically(&path, &png, None).map_err(|e| e.to_string()));
            answer(path, result);
            wake();
        };
        ctx.send_viewport_cmd(ViewportCommand::Screenshot(ScreenshotCallback::new(save)));
    }

    pub(super) fn note_written(&mut self, path: &Path, result: Result<(), String>) {
        match result {
            Ok(()) => {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                self.tell_success(format!("Wrote {name}"), Some(path.to_owned()));
            }
            Err(reason) => self.complain(reason),
        }
    }
}

/// One row an epoch and run; a field that was not measured is empty.
fn curve_csv<'a>(runs: impl Iterator<Item = (&'a str, &'a History)>) -> String {
    let mut text = "run,epoch,seconds,reconstruction_error,held_out_error,free_energy,\
                    held_out_free_energy,free_energy_gap,cross_entropy,held_out_cross_entropy,\
                    pseudo_log_likelihood,held_out_pseudo_log_likelihood,hidden_activation,\
                    dead_hidden_units,saturated_hidden_units,data_density,\
                    chain_density,update_to_weight_ratio,swap_rate,learning_rate,\
                    examples_per_second\n"
        .to_owned();
    let mut names: Vec<&str> = Vec::new();
    for (name, history) in runs {
        // Two runs of one name are told apart as in the plot.
        let n_before = names.iter().filter(|other| **other == name).count();
        names.push(name);
        let again = if n_before > 0 { format!(" ({})", n_before + 1) } else { String::new() };
        let name = format!("{name}{again}").replace('"', "\"\"");
        text.extend(history.epochs.iter().map(|record| curve_line(&name, record)));
    }
    text
}

fn curve_line(name: &str, record: &EpochRecord) -> String {
    let metrics = &record.metrics;
    let optional = |value: Option<f64>| value.map(|v| v.to_string()).unwrap_or_default();
    let count = |units: Option<u64>| units.map(|n| n.to_string()).unwrap_or_default();
    let fields = [
        metrics.epoch.to_string(),
        record.seconds.to_string(),
        metrics.reconstruction_error.to_string(),
        optional(metrics.held_out_error),
        metrics.free_energy.to_string(),
        optional(metrics.held_out_free_energy),
        optional(metrics.free_energy_gap),
        optional(metrics.cross_entropy),
        optional(metrics.held_out_cross_entropy),
        optional(metrics.pseudo_log_likelihood),
        optional(metrics.held_out_pseudo_log_likelihood),
        optional(metrics.hidden_activation),
        count(metrics.dead_hidden_units),
        count(metrics.saturated_hidden_units),
        optional(metrics.data_density),
        optional(metrics.chain_density),
        optional(metrics.update_to_weight_ratio),
        optional(metrics.swap_rate),
        metrics.learning_rate.to_string(),
        record.examples_per_second.to_string(),
    ];
    format!("\"{name}\",{}\n", fields.join(","))
}

/// The part of a screenshot as a PNG file.
fn png_of(image: &ColorImage, rect: Rect, pixels_per_point: f32) -> Result<Vec<u8>, String> {
    let part = image.region(&rect, Some(pixels_per_point));
    let [width, height] = part.size;
    if width == 0 || height == 0 {
        return Err("the curve is not on the screen".to_owned());
    }
    let mut bytes = Cursor::new(Vec::new());
    let mut encoder = png::Encoder::new(&mut bytes, width as u32, height as u32);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().map_err(|error| error.to_string())?;
    let pixels: Vec<u8> =
        part.pixels.iter().flat_map(egui::Color32::to_srgba_unmultiplied).collect();
    writer.write_image_data(&pixels).map_err(|error| error.to_string())?;
    writer.finish().map_err(|error| error.to_string())?;
    Ok(bytes.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::EpochMetrics;

    #[test]
    fn the_table_has_a_row_an_epoch_and_leaves_unknown_fields_empty() {
        let metrics = EpochMetrics {
            epoch: 1,
            reconstruction_error: 0.5,
            held_out_error: None,
            free_energy: -2.0,
            held_out_free_energy: None,
            learning_rate: 0.1,
            examples: 10,
            ..EpochMetrics::default()
        };
        let record = EpochRecord { metrics, seconds: 1.5, examples_per_second: 20.0 };
        let history = History { epochs: vec![record], ..History::default() };
        let text = curve_csv([("a \"b\"", &history)].into_iter());
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[1], "\"a \"\"b\"\"\",1,1.5,0.5,,-2,,,,,,,,,,,,,,0.1,20");
        assert_eq!(lines[0].split(',').count(), lines[1].split(',').count());
    }

    #[test]
    fn a_picture_is_the_part_that_was_asked_for() {
        let image = ColorImage::filled([40, 30], egui::Color32::RED);
        let rect = Rect::from_min_size(egui::pos2(2.0, 3.0), egui::vec2(10.0, 5.0));
        let png = png_of(&image, rect, 2.0).unwrap();
        let reader = png::Decoder::new(Cursor::new(png)).read_info().unwrap();
        assert_eq!((reader.info().width, reader.info().height), (20, 10));
    }
}
