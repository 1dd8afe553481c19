//! From the histories of runs to the lines of a plot: the curve card and the window with all runs
//! draw the same.

use egui_plot::PlotPoint;

use crate::train::{EpochRecord, Figure, FigureLine, History};
use crate::ui::state::RunState;
use crate::ui::widgets::{CurveSeries, SeriesKind, smoothed};

/// A line with its points.
pub struct RunLine {
    label: String,
    points: Vec<PlotPoint>,
    kind: SeriesKind,
    is_faint: bool,
    is_raw: bool,
}

impl RunLine {
    fn series(&self) -> CurveSeries<'_> {
        let Self { label, points, kind, is_faint, is_raw } = self;
        CurveSeries { label, points, kind: *kind, is_faint: *is_faint, is_raw: *is_raw }
    }
}

/// The lines of a measure: earlier runs that are shown, then the held-out part and the current run,
/// which lie on top. Where they are smoothed, the raw values lie faintly behind.
pub fn lines_of(run: &RunState, figure: &Figure) -> Vec<RunLine> {
    let mut lines = Vec::new();
    let mut names: Vec<&str> = vec![figure.main.label];
    names.extend(figure.other.map(|line| line.label));
    for earlier in run.earlier.iter().filter(|earlier| earlier.is_shown) {
        // The label tells lines apart, so two runs of one name get a number.
        let n_before = names.iter().filter(|name| **name == earlier.name).count();
        names.push(&earlier.name);
        let again = if n_before > 0 { format!(" ({})", n_before + 1) } else { String::new() };
        lines.push(RunLine {
            label: format!("{}{again}", earlier.name),
            points: points(&earlier.history, &figure.main),
            kind: SeriesKind::OtherRun(earlier.color),
            is_faint: true,
            is_raw: false,
        });
    }
    let current = |line: FigureLine, kind| RunLine {
        label: line.label.to_owned(),
        points: points(&run.history, &line),
        kind,
        is_faint: false,
        is_raw: false,
    };
    lines.extend(figure.other.map(|line| current(line, SeriesKind::HeldOut)));
    lines.push(current(figure.main, SeriesKind::Training));
    lines.retain(|line| !line.points.is_empty() || line.kind == SeriesKind::Training);
    let weight = f64::from(run.curves.smoothing);
    if weight > 0.0 { with_smoothed(lines, weight) } else { lines }
}

/// The raw lines first, so that every smoothed one lies on top of them.
fn with_smoothed(lines: Vec<RunLine>, weight: f64) -> Vec<RunLine> {
    let smooth = |line: &RunLine| RunLine {
        label: line.label.clone(),
        points: smoothed(&line.points, weight),
        kind: line.kind,
        is_faint: line.is_faint,
        is_raw: false,
    };
    let smooth: Vec<RunLine> = lines.iter().map(smooth).collect();
    let raw = lines.into_iter().map(|line| RunLine {
        label: format!("{} (raw)", line.label),
        is_raw: true,
        ..line
    });
    raw.chain(smooth).collect()
}

/// The lines as a plot borrows them.
pub fn series(lines: &[RunLine]) -> Vec<CurveSeries<'_>> {
    lines.iter().map(RunLine::series).collect()
}

/// A line of a run by epoch.
fn points(history: &History, line: &FigureLine) -> Vec<PlotPoint> {
    let value = |record: &EpochRecord| {
        let value = (line.get)(&record.metrics);
        value.map(|value| PlotPoint::new(f64::from(record.metrics.epoch), value))
    };
    history.epochs.iter().filter_map(value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::FIGURES;
    use crate::ui::panels::examples;

    #[test]
    fn smoothing_keeps_the_raw_lines_behind_and_names_stay_unique() {
        let mut run = examples::training().run;
        run.earlier[0].is_shown = true;
        run.earlier[0].name = run.earlier[1].name.clone();
        let plain = lines_of(&run, &FIGURES[0]);
        assert_eq!(plain.len(), 4, "two earlier runs, held out, training");
        run.curves.smoothing = 0.6;
        let lines = lines_of(&run, &FIGURES[0]);
        assert_eq!(lines.len(), 8);
        assert!(lines[..4].iter().all(|line| line.is_raw));
        assert!(lines[4..].iter().all(|line| !line.is_raw));
        let mut labels: Vec<&str> = lines.iter().map(|line| line.label.as_str()).collect();
        labels.sort_unstable();
        labels.dedup();
        assert_eq!(labels.len(), 8);
        assert_eq!(lines[0].points, plain[0].points);
    }
}
