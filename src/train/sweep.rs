//! Sweeps: which values a setting takes, all combinations of several settings, and how much work a
//! run is compared with another.

use super::{Scale, SettingKind, TrainError, TrainSettings, setting};
use crate::rbm::Algorithm;

/// A sweep has at most so many runs.
pub const MAX_SWEEP_RUNS: usize = 500;

/// One setting of a sweep and the values that it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SweepAxis {
    pub key: &'static str,
    /// As text that [`TrainSettings::set`] reads.
    pub values: Vec<String>,
}

/// The settings in which a run of a sweep differs from its base, in the order of the axes.
pub type SweepPoint = Vec<(&'static str, String)>;

impl SweepAxis {
    /// `count` values from `from` to `to`, both among them; spaced by equal factors when
    /// `is_logarithmic`, else by equal differences. Settings that are whole numbers are rounded, and
    /// what is the same after rounding is taken once.
    ///
    /// # Errors
    /// A range that the setting does not take, fewer than two values, a logarithm of zero, or a
    /// setting that is no number.
    pub fn range(
        key: &str,
        (from, to): (f64, f64),
        count: usize,
        is_logarithmic: bool,
    ) -> Result<Self, TrainError> {
        let setting = setting(key)?;
        let bad = |value: f64, reason: &str| TrainError::BadValue {
            key: setting.key,
            value: value.to_string(),
            reason: reason.to_owned(),
        };
        let SettingKind::Number { scale, .. } = setting.kind else {
            return Err(bad(from, "only a number has a range; list the choices instead"));
        };
        for end in [from, to] {
            setting.check_number(end)?;
        }
        if !(2..=MAX_SWEEP_RUNS).contains(&count) {
            return Err(bad(count as f64, "a range has from 2 to 500 values"));
        }
        if from == to {
            return Err(bad(from, "the range begins and ends at the same value"));
        }
        if is_logarithmic && (from <= 0.0 || to <= 0.0) {
            return Err(bad(from.min(to), "a logarithmic range begins above zero"));
        }
        let mut values: Vec<String> = Vec::new();
        for value in spaced((from, to), count, is_logarithmic) {
            let value = if scale == Scale::Whole { value.round() } else { rounded(value) };
            let text = value.to_string();
            if values.last() != Some(&text) {
                values.push(text);
            }
        }
        Ok(Self { key: setting.key, values })
    }

    /// The values of a list, parted by commas or spaces: for choices, switches and odd numbers.
    ///
    /// # Errors
    /// A value that the setting does not take, or none at all.
    pub fn list(key: &str, text: &str) -> Result<Self, TrainError> {
        let setting = setting(key)?;
        let mut values: Vec<String> = Vec::new();
        let mut scratch = TrainSettings::default();
        let words = text.split([',', ';', ' ', '\n', '\t']).filter(|word| !word.is_empty());
        for word in words {
            scratch.set(setting.key, word)?;
            let value = setting.text(&scratch);
            if !values.contains(&value) {
                values.push(value);
            }
        }
        if values.is_empty() {
            let reason = "name at least one value; commas part them".to_owned();
            return Err(TrainError::BadValue { key: setting.key, value: text.to_owned(), reason });
        }
        Ok(Self { key: setting.key, values })
    }
}

/// `count` numbers from `from` to `to`. The ends are met exactly.
fn spaced((from, to): (f64, f64), count: usize, is_logarithmic: bool) -> Vec<f64> {
    let last = count.saturating_sub(1);
    let value = |place: usize| {
        let share = place as f64 / last.max(1) as f64;
        match place {
            0 => from,
            _ if place == last => to,
            _ if is_logarithmic => from * (to / from).powf(share),
            _ => from + (to - from) * share,
        }
    };
    (0..count).map(value).collect()
}

/// Three significant digits: enough to tell neighbours apart, and short to read and to type.
fn rounded(value: f64) -> f64 {
    format!("{value:.2e}").parse().unwrap_or(value)
}

/// Every combination of the axes; the last axis changes fastest.
pub fn sweep_grid(axes: &[SweepAxis]) -> Vec<SweepPoint> {
    axes.iter().fold(vec![Vec::new()], |points, axis| {
        let longer = |point: SweepPoint| {
            let with = move |value: &String| {
                let mut longer = point.clone();
                longer.push((axis.key, value.clone()));
                longer
            };
            axis.values.iter().map(with)
        };
        points.into_iter().flat_map(longer).collect()
    })
}

/// The settings of one run of a sweep.
///
/// # Errors
/// A value out of range, or settings that do not go together.
pub fn sweep_settings(
    base: &TrainSettings,
    point: &SweepPoint,
) -> Result<TrainSettings, TrainError> {
    let mut settings = base.clone();
    for (key, value) in point {
        settings.set(key, value)?;
    }
    settings.validate()?;
    Ok(settings)
}

/// The multiplications of a run with `n_excerpts` training excerpts, of which there are this many
/// with the encoding of `settings`. It says nothing by itself; the ratio of two runs is about the
/// ratio of their times: an epoch is one pass over the excerpts for the positive phase, one for the
/// measures, and for each update the Gibbs steps of the negative phase.
pub fn training_work(settings: &TrainSettings, n_excerpts: usize) -> f64 {
    let batch = settings.batch_size.max(1) as f64;
    let excerpts = n_excerpts as f64;
    let updates = (excerpts / batch).ceil();
    let n_chains = match settings.algorithm {
        Algorithm::ContrastiveDivergence => batch,
        Algorithm::PersistentContrastiveDivergence => settings.chains as f64,
        Algorithm::ParallelTempering => (settings.chains * settings.temperatures) as f64,
    };
    let rows = 4.0 * excerpts + 2.0 * updates * n_chains * settings.gibbs_steps as f64;
    let n_weights = settings.encoding.n_visible() as f64 * settings.hidden_units as f64;
    f64::from(settings.epochs) * rows * n_weights
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(axis: &SweepAxis) -> Vec<f64> {
        axis.values.iter().map(|value| value.parse().unwrap()).collect()
    }

    #[test]
    fn a_logarithmic_range_goes_up_by_equal_factors_and_meets_its_ends() {
        let axis = SweepAxis::range("learning_rate", (0.001, 1.0), 4, true).unwrap();
        assert_eq!(numbers(&axis), [0.001, 0.01, 0.1, 1.0]);
        let axis = SweepAxis::range("learning_rate", (0.1, 0.01), 3, true).unwrap();
        assert_eq!(numbers(&axis), [0.1, 0.0316, 0.01]);
    }

    #[test]
    fn a_linear_range_goes_up_by_equal_steps() {
        let axis = SweepAxis::range("momentum", (0.5, 0.9), 5, false).unwrap();
        assert_eq!(numbers(&axis), [0.5, 0.6, 0.7, 0.8, 0.9]);
    }

    #[test]
    fn whole_numbers_are_rounded_and_taken_once() {
        let axis = SweepAxis::range("hidden_units", (25.0, 400.0), 5, true).unwrap();
        assert_eq!(numbers(&axis), [25.0, 50.0, 100.0, 200.0, 400.0]);
        let axis = SweepAxis::range("gibbs_steps", (1.0, 3.0), 9, false).unwrap();
        assert_eq!(numbers(&axis), [1.0, 2.0, 3.0]);
    }

    #[test]
    fn ranges_that_cannot_be_are_refused_with_a_reason() {
        for (range, count, is_log, words) in [
            ((0.01, 7.0), 3, true, "goes from"),
            ((0.01, 0.01), 3, true, "same value"),
            ((0.01, 0.1), 1, true, "from 2 to"),
        ] {
            let error = SweepAxis::range("learning_rate", range, count, is_log).unwrap_err();
            assert!(error.to_string().contains(words), "{error}");
        }
        let error = SweepAxis::range("weight_decay", (0.0, 0.1), 3, true).unwrap_err();
        assert!(error.to_string().contains("above zero"), "{error}");
        assert!(SweepAxis::range("algorithm", (0.0, 1.0), 2, false).is_err());
    }

    #[test]
    fn a_list_takes_choices_and_refuses_what_is_none() {
        let axis = SweepAxis::list("algorithm", "cd, pcd,cd").unwrap();
        assert_eq!(axis.values, ["cd", "pcd"]);
        assert!(SweepAxis::list("algorithm", "cd, abc").is_err());
        assert!(SweepAxis::list("learning_rate", "  ").is_err());
    }

    #[test]
    fn a_grid_has_every_combination_once() {
        let axes = [
            SweepAxis::list("gibbs_steps", "1 5").unwrap(),
            SweepAxis::list("hidden_units", "10 20 30").unwrap(),
        ];
        let grid = sweep_grid(&axes);
        let texts: Vec<String> =
            grid.iter().map(|point| format!("{}/{}", point[0].1, point[1].1)).collect();
        assert_eq!(texts, ["1/10", "1/20", "1/30", "5/10", "5/20", "5/30"]);
        let base = TrainSettings::default();
        let last = sweep_settings(&base, &grid[5]).unwrap();
        assert_eq!((last.gibbs_steps, last.hidden_units), (5, 30));
        assert_eq!(last.differences(&base).len(), 2);
    }

    #[test]
    fn twice_the_units_or_epochs_are_twice_the_work() {
        let base = TrainSettings::default();
        let work = training_work(&base, 1000);
        let units = TrainSettings { hidden_units: base.hidden_units * 2, ..base.clone() };
        let epochs = TrainSettings { epochs: base.epochs * 2, ..base.clone() };
        assert_eq!(training_work(&units, 1000), 2.0 * work);
        assert_eq!(training_work(&epochs, 1000), 2.0 * work);
        let steps = TrainSettings { gibbs_steps: base.gibbs_steps + 9, ..base };
        assert!(training_work(&steps, 1000) > 2.0 * work);
    }
}
