//! The runs of a project as the panels see them: the current one and the earlier ones side by side,
//! which settings differ, and which run is the best.

use std::cmp::Ordering;
use std::path::PathBuf;

use crate::engine::{RunFacts, SweepQueue};
use crate::train::{
    Better, CATALOGUE, Figure, FigureLine, History, Scale, Setting, SettingKind, TrainSettings,
    setting,
};

use super::state::RunState;

/// A run keeps its number however the list changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RunId(pub u64);

#[derive(Clone, Debug, Default, PartialEq)]
pub struct EarlierRun {
    pub id: RunId,
    pub name: String,
    pub settings: TrainSettings,
    pub history: History,
    pub is_shown: bool,
    /// Place in the set of looks for runs, see [`run_color`](super::theme::run_color) and
    /// [`run_line_style`](super::theme::run_line_style).
    pub color: u8,
    /// Its model is still there: it can be heard.
    pub has_model: bool,
    /// Why it ended before its time.
    pub failure: Option<String>,
}

/// A row of the table of runs.
#[derive(Clone, Copy, Debug)]
pub struct RunRow<'a> {
    pub id: RunId,
    pub name: &'a str,
    pub settings: &'a TrainSettings,
    pub history: &'a History,
    pub is_shown: bool,
    /// `None` for the current run.
    pub color: Option<u8>,
    pub has_model: bool,
    pub failure: Option<&'a str>,
}

/// What the table of runs is sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RunColumn {
    /// In the order in which they were made.
    #[default]
    Age,
    Name,
    Best,
    Epochs,
    Seconds,
    /// By the key of a setting.
    Setting(&'static str),
}

/// The window with the runs, as a person left it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunsView {
    pub is_open: bool,
    pub sort: RunColumn,
    pub is_descending: bool,
    /// At most two, in the order in which they were chosen.
    pub selected: Vec<RunId>,
    /// The name that is being typed.
    pub renaming: Option<(RunId, String)>,
    /// The setting against which the best values are drawn.
    pub against: Option<&'static str>,
    pub is_queue_open: bool,
}

/// How the curves are looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CurvesView {
    /// The weight of the past in the moving average: 0 is raw, below 1.
    pub smoothing: f32,
    /// Place in [`FIGURES`](crate::train::FIGURES) of the second plot, when it is open.
    pub second: Option<usize>,
}

/// A sweep that is being put together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SweepDraft {
    pub axes: Vec<AxisDraft>,
}

/// One setting of a sweep that is being put together.
#[derive(Clone, Debug, PartialEq)]
pub struct AxisDraft {
    pub key: &'static str,
    pub from: f64,
    pub to: f64,
    pub count: usize,
    pub is_logarithmic: bool,
    /// For what is no range: the values, parted by commas.
    pub list: String,
}

/// Settings that a person saved under a name.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnPreset {
    pub name: String,
    pub settings: TrainSettings,
    pub path: PathBuf,
}

impl AxisDraft {
    /// A range around the value at which the knob stands.
    pub fn around(key: &str, settings: &TrainSettings) -> Option<Self> {
        let setting = setting(key).ok()?;
        let mut draft = Self {
            key: setting.key,
            from: 0.0,
            to: 0.0,
            count: 5,
            is_logarithmic: false,
            list: String::new(),
        };
        match setting.kind {
            SettingKind::Number { min, max, scale, get, .. } => {
                let value = get(settings);
                let (from, to) = match scale {
                    Scale::Linear => (value - (max - min) / 5.0, value + (max - min) / 5.0),
                    Scale::Whole => ((value / 2.0).floor(), (value * 2.0).ceil().max(4.0)),
                    Scale::Logarithmic => (value / 10.0, value * 10.0),
                };
                draft.is_logarithmic = scale == Scale::Logarithmic || (value > 20.0 && from > 0.0);
                (draft.from, draft.to) = (tidy(from).clamp(min, max), tidy(to).clamp(min, max));
                if draft.from <= 0.0 {
                    draft.is_logarithmic = false;
                }
            }
            SettingKind::Choice { options, .. } => draft.list = options.join(", "),
            SettingKind::Switch { .. } => "false, true".clone_into(&mut draft.list),
        }
        Some(draft)
    }

    /// Whether it is a range of numbers rather than a list.
    pub fn is_range(&self) -> bool {
        setting(self.key).is_ok_and(|setting| matches!(setting.kind, SettingKind::Number { .. }))
    }
}

/// Two significant digits: an end of a range that a person would have chosen.
fn tidy(value: f64) -> f64 {
    format!("{value:.1e}").parse().unwrap_or(value)
}

impl EarlierRun {
    pub fn row(&self) -> RunRow<'_> {
        RunRow {
            id: self.id,
            name: &self.name,
            settings: &self.settings,
            history: &self.history,
            is_shown: self.is_shown,
            color: Some(self.color),
            has_model: self.has_model,
            failure: self.failure.as_deref(),
        }
    }
}

impl RunRow<'_> {
    /// The setting in words: "0.05" for a learning rate, "1 → 0.25" where it was turned while the
    /// run was under way.
    pub fn text(&self, key: &str) -> String {
        let turns = self.history.changes.iter().filter(|change| change.key == key);
        let values = turns.flat_map(|change| change.before.iter().chain([&change.value]));
        let now = self.settings.text(key).unwrap_or_default();
        let mut values: Vec<&str> = values.map(String::as_str).chain([now.as_str()]).collect();
        values.dedup();
        values.join(" → ").replace('_', " ")
    }
}

impl RunState {
    /// All runs, the current one first, then the earlier ones from the newest to the oldest.
    pub fn rows(&self) -> Vec<RunRow<'_>> {
        let current = self.facts.as_ref().map(|facts: &RunFacts| RunRow {
            id: self.id,
            name: &facts.name,
            settings: &facts.settings,
            history: &self.history,
            is_shown: true,
            color: None,
            has_model: self.phase.has_model(),
            failure: self.failure.as_deref(),
        });
        current.into_iter().chain(self.earlier.iter().rev().map(EarlierRun::row)).collect()
    }

    pub fn row(&self, id: RunId) -> Option<RunRow<'_>> {
        self.rows().into_iter().find(|row| row.id == id)
    }

    /// "Run 7": one more than the highest such name.
    pub fn next_name(&self) -> String {
        let earlier = self.earlier.iter().map(|run| run.name.as_str());
        let current = self.facts.as_ref().map(|facts| facts.name.as_str());
        let number = |name: &str| name.strip_prefix("Run ")?.parse::<u32>().ok();
        let highest = earlier.chain(current).filter_map(number).max().unwrap_or(0);
        format!("Run {}", highest.saturating_add(1))
    }

    /// The best of the rows by a measure, among those with a model.
    pub fn winner<'a>(rows: &[RunRow<'a>], figure: &Figure) -> Option<RunRow<'a>> {
        let better = figure.better?;
        let line = judged_line(rows, figure);
        let value = |row: &RunRow<'_>| figure.best(&line, row.history).map(|(_, value)| value);
        let valued = rows.iter().filter(|row| row.has_model);
        let valued = valued.filter_map(|row| Some((*row, value(row)?)));
        valued
            .reduce(|best, next| if better.is_better(next.1, best.1) { next } else { best })
            .map(|(row, _)| row)
    }

    /// Whether a sweep has runs under way or waiting.
    pub fn is_sweeping(&self) -> bool {
        self.sweep.as_ref().is_some_and(SweepQueue::is_under_way)
    }
}

/// What runs are judged by: the held-out excerpts where every run with an epoch has measured them,
/// else those that were learned from, so that like is compared with like.
pub fn judged_line(rows: &[RunRow<'_>], figure: &Figure) -> FigureLine {
    let Some(held_out) = figure.held_out() else { return figure.main };
    let has_it = |row: &RunRow<'_>| {
        let mut epochs = row.history.epochs.iter();
        row.history.epochs.is_empty()
            || epochs.any(|record| (held_out.get)(&record.metrics).is_some())
    };
    if rows.iter().all(has_it) { held_out } else { figure.main }
}

/// The value that stands for a run in the table: the best, or where none is better the latest.
pub fn judged_value(row: &RunRow<'_>, figure: &Figure, line: &FigureLine) -> Option<(u32, f64)> {
    if figure.better.is_some() {
        return figure.best(line, row.history);
    }
    let last = row.history.last()?;
    (line.get)(&last.metrics).map(|value| (last.metrics.epoch, value))
}

/// The settings that are not the same in all rows, in the order of the catalogue.
pub fn differing_settings(rows: &[RunRow<'_>]) -> Vec<&'static Setting> {
    let differs = |setting: &&Setting| {
        let mut texts = rows.iter().map(|row| row.text(setting.key));
        let first = texts.next();
        texts.any(|text| Some(&text) != first.as_ref())
    };
    CATALOGUE.iter().filter(differs).collect()
}

/// The rows in the order that the view asks for.
pub fn sorted<'a>(mut rows: Vec<RunRow<'a>>, view: &RunsView, figure: &Figure) -> Vec<RunRow<'a>> {
    let line = judged_line(&rows, figure);
    let best = |row: &RunRow<'_>| judged_value(row, figure, &line).map(|(_, value)| value);
    let number = |a: Option<f64>, b: Option<f64>| match (a, b) {
        (Some(a), Some(b)) => a.total_cmp(&b),
        (a, b) => b.is_some().cmp(&a.is_some()),
    };
    let compare = |a: &RunRow<'_>, b: &RunRow<'_>| match view.sort {
        RunColumn::Age => b.id.cmp(&a.id),
        RunColumn::Name => a.name.cmp(b.name),
        RunColumn::Best => {
            let order = number(best(a), best(b));
            if figure.better == Some(Better::Higher) { order.reverse() } else { order }
        }
        RunColumn::Epochs => a.history.epochs.len().cmp(&b.history.epochs.len()),
        RunColumn::Seconds => a.history.seconds().total_cmp(&b.history.seconds()),
        RunColumn::Setting(key) => by_setting(key, a, b),
    };
    rows.sort_by(|a, b| {
        let order = compare(a, b);
        if view.is_descending { order.reverse() } else { order }
    });
    rows
}

fn by_setting(key: &str, a: &RunRow<'_>, b: &RunRow<'_>) -> Ordering {
    match setting(key).map(|setting| setting.kind) {
        Ok(SettingKind::Number { get, .. }) => get(a.settings).total_cmp(&get(b.settings)),
        _ => a.text(key).cmp(&b.text(key)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::{EpochMetrics, EpochRecord, FIGURES};

    fn run(id: u64, hidden_units: usize, errors: &[f64]) -> EarlierRun {
        let record = |(epoch, &error): (u32, &f64)| EpochRecord {
            metrics: EpochMetrics { epoch, reconstruction_error: error, ..EpochMetrics::default() },
            seconds: f64::from(epoch),
            examples_per_second: 1.0,
        };
        EarlierRun {
            id: RunId(id),
            name: format!("Run {id}"),
            settings: TrainSettings { hidden_units, ..TrainSettings::default() },
            history: History {
                epochs: (1..).zip(errors).map(record).collect(),
                ..History::default()
            },
            has_model: true,
            ..EarlierRun::default()
        }
    }

    #[test]
    fn the_winner_has_the_lowest_error_and_a_model() {
        let mut runs = [run(1, 10, &[0.5, 0.2]), run(2, 20, &[0.1, 0.4]), run(3, 30, &[])];
        let rows = |runs: &[EarlierRun]| RunState { earlier: runs.to_vec(), ..RunState::default() };
        let state = rows(&runs);
        assert_eq!(RunState::winner(&state.rows(), &FIGURES[0]).unwrap().id, RunId(2));
        runs[1].has_model = false;
        let state = rows(&runs);
        assert_eq!(RunState::winner(&state.rows(), &FIGURES[0]).unwrap().id, RunId(1));
    }

    #[test]
    fn runs_are_sorted_and_only_settings_that_differ_are_columns() {
        let runs = [run(1, 100, &[0.5]), run(2, 20, &[0.1]), run(3, 30, &[])];
        let rows: Vec<RunRow<'_>> = runs.iter().map(EarlierRun::row).collect();
        let keys: Vec<_> = differing_settings(&rows).iter().map(|setting| setting.key).collect();
        assert_eq!(keys, ["hidden_units"]);
        let order = |sort, is_descending| {
            let view = RunsView { sort, is_descending, ..RunsView::default() };
            let rows = sorted(rows.clone(), &view, &FIGURES[0]);
            rows.iter().map(|row| row.id.0).collect::<Vec<_>>()
        };
        assert_eq!(order(RunColumn::Setting("hidden_units"), false), [2, 3, 1]);
        assert_eq!(order(RunColumn::Best, false)[0], 2);
        assert_eq!(order(RunColumn::Age, false), [3, 2, 1]);
        assert_eq!(order(RunColumn::Name, true), [3, 2, 1]);
    }

    #[test]
    fn a_range_begins_around_the_knob() {
        let settings = TrainSettings { learning_rate: 0.05, ..TrainSettings::default() };
        let draft = AxisDraft::around("learning_rate", &settings).unwrap();
        assert_eq!((draft.from, draft.to, draft.is_logarithmic), (0.005, 0.5, true));
        let choice = AxisDraft::around("algorithm", &settings).unwrap();
        assert!(!choice.is_range() && choice.list.contains("pcd"));
        for setting in CATALOGUE {
            let draft = AxisDraft::around(setting.key, &settings).unwrap();
            assert!(!draft.is_range() || draft.from < draft.to, "{draft:?}");
        }
    }
}
