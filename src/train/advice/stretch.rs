//! The epochs that advice looks at, and means over them.

use super::RunOutcome;
use crate::train::{EpochMetrics, EpochRecord};

/// Changes of these do not change how the model learns.
const WITHOUT_EFFECT: [&str; 4] =
    ["epochs", "keep_best", "early_stop_measure", "early_stop_epochs"];
/// Means are over a quarter of the epochs, but at least and at most over so many.
const LEAST_WINDOW: usize = 5;
const MOST_WINDOW: usize = 15;

/// The epochs since a knob was turned or the learning rate had warmed up: those before say nothing
/// of how the run goes now.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stretch<'a> {
    pub run: &'a RunOutcome<'a>,
    pub epochs: &'a [EpochRecord],
}

/// The mean of a measure over some epochs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Mean {
    pub value: f64,
    pub first: u32,
    pub last: u32,
}

/// Two windows of the same length, one after the other, the second ending now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Trend {
    pub before: Mean,
    pub after: Mean,
}

impl Trend {
    /// By what share of its size the measure has grown; falling is negative.
    pub fn growth(&self) -> f64 {
        let size = self.before.value.abs().max(f64::MIN_POSITIVE);
        (self.after.value - self.before.value) / size
    }

    /// "0.0123 in epochs 1 to 5, 0.0130 in epochs 6 to 10"
    pub fn words(&self) -> String {
        format!("{}, then {}", self.before.words(), self.after.words())
    }
}

impl Mean {
    pub fn words(&self) -> String {
        let Self { value, first, last } = self;
        format!("{} in epochs {first} to {last}", figure(*value))
    }
}

/// Four significant digits at most, with a real minus.
pub(super) fn figure(value: f64) -> String {
    let size = value.abs();
    let digits = match size {
        size if size >= 1000.0 => 0,
        size if size >= 100.0 => 1,
        size if size >= 1.0 => 2,
        size if size > 0.0 => ((3.0 - size.log10().floor()) as usize).min(8),
        _ => 0,
    };
    let text = format!("{size:.digits$}");
    let text = if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        text.as_str()
    };
    if value < 0.0 { format!("−{text}") } else { text.to_owned() }
}

impl<'a> Stretch<'a> {
    pub fn since_last_change(run: &'a RunOutcome<'a>) -> Self {
        let changes = run.history.changes.iter();
        let matters = changes.filter(|change| !WITHOUT_EFFECT.contains(&change.key.as_str()));
        let changed = matters.map(|change| change.epoch).max().unwrap_or(0);
        let warm = run.settings.warmup_epochs.ceil() as u32;
        let all = &run.history.epochs;
        let start = all.partition_point(|record| record.metrics.epoch <= changed.max(warm));
        Self { run, epochs: &all[start..] }
    }

    /// As it was so many epochs ago; `None` before the first.
    pub fn without_last(&self, n_epochs: usize) -> Option<Self> {
        let n = self.epochs.len().checked_sub(n_epochs)?;
        Some(Self { epochs: &self.epochs[..n], ..*self })
    }

    pub fn len(&self) -> usize {
        self.epochs.len()
    }

    pub fn last(&self) -> Option<&'a EpochMetrics> {
        self.epochs.last().map(|record| &record.metrics)
    }

    /// The length of a window.
    pub fn window(&self) -> usize {
        (self.len() / 4).clamp(LEAST_WINDOW, MOST_WINDOW)
    }

    /// The mean over a range of places; `None` where it is not measured or no finite number.
    fn mean_of(
        &self,
        get: fn(&EpochMetrics) -> Option<f64>,
        from: usize,
        to: usize,
    ) -> Option<Mean> {
        let epochs = self.epochs.get(from..to).filter(|epochs| !epochs.is_empty())?;
        let mut sum = 0.0;
        for record in epochs {
            sum += get(&record.metrics).filter(|value| value.is_finite())?;
        }
        let value = sum / epochs.len() as f64;
        let at = |record: &EpochRecord| record.metrics.epoch;
        Some(Mean { value, first: at(&epochs[0]), last: at(&epochs[epochs.len() - 1]) })
    }

    /// Over the last `n` epochs.
    pub fn latest(&self, get: fn(&EpochMetrics) -> Option<f64>, n: usize) -> Option<Mean> {
        self.mean_of(get, self.len().checked_sub(n)?, self.len())
    }

    /// Over all of them.
    pub fn whole(&self, get: fn(&EpochMetrics) -> Option<f64>) -> Option<Mean> {
        self.mean_of(get, 0, self.len())
    }

    /// `None` before there are two windows.
    pub fn trend(&self, get: fn(&EpochMetrics) -> Option<f64>) -> Option<Trend> {
        let (n, window) = (self.len(), self.window());
        let start = n.checked_sub(2 * window)?;
        let before = self.mean_of(get, start, n - window)?;
        Some(Trend { before, after: self.mean_of(get, n - window, n)? })
    }

    /// The window with the lowest mean before the last one.
    pub fn lowest_before(&self, get: fn(&EpochMetrics) -> Option<f64>) -> Option<Mean> {
        let window = self.window();
        let ends = window..=self.len().checked_sub(window)?;
        let means = ends.map(|end| self.mean_of(get, end - window, end));
        means.collect::<Option<Vec<_>>>()?.into_iter().min_by(|a, b| a.value.total_cmp(&b.value))
    }
}

#[cfg(test)]
mod tests {
    use super::figure;

    #[test]
    fn figures_are_short() {
        for (value, text) in [
            (0.012_345, "0.01235"),
            (118.42, "118.4"),
            (-15019.0, "−15019"),
            (0.25, "0.25"),
            (0.0, "0"),
            (0.000_133_16, "0.0001332"),
            (3.0, "3"),
            (100.0, "100"),
        ] {
            assert_eq!(figure(value), text);
        }
    }
}
