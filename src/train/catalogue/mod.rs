//! The one table of settings: it feeds the knobs, their tooltips, `--set` and `--list-settings`.

use self::data::DATA;
use self::learning::LEARNING;
use self::model::MODEL;
use super::{TrainError, TrainSettings};

macro_rules! number {
    ($scale:ident, $min:expr, $max:expr, $($field:ident).+ as $type:ty) => {
        SettingKind::Number {
            min: $min as f64,
            max: $max as f64,
            scale: Scale::$scale,
            get: |settings| settings.$($field).+ as f64,
            set: |settings, value| settings.$($field).+ = value as $type,
        }
    };
}

macro_rules! switch {
    ($($field:ident).+) => {
        SettingKind::Switch {
            get: |settings| settings.$($field).+,
            set: |settings, value| settings.$($field).+ = value,
        }
    };
}

macro_rules! choice {
    ($($field:ident).+, $($name:literal => $value:path),+ $(,)?) => {
        SettingKind::Choice {
            options: &[$($name),+],
            get: |settings| {
                let values = [$($value),+];
                values.iter().position(|value| *value == settings.$($field).+).unwrap_or(0)
            },
            set: |settings, choice| settings.$($field).+ = [$($value),+][choice],
        }
    };
}

mod data;
mod learning;
mod model;

/// Every setting, in the order of the window: data, model, learning.
pub const CATALOGUE: &[Setting] = &joined([DATA, MODEL, LEARNING]);

const N_SETTINGS: usize = DATA.len() + MODEL.len() + LEARNING.len();

const fn joined(tables: [&[Setting]; 3]) -> [Setting; N_SETTINGS] {
    let mut all = [tables[0][0]; N_SETTINGS];
    let (mut table, mut place, mut next) = (0, 0, 0);
    while table < tables.len() {
        while place < tables[table].len() {
            all[next] = tables[table][place];
            (place, next) = (place + 1, next + 1);
        }
        (table, place) = (table + 1, 0);
    }
    all
}

/// One setting, described for people and for programs.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// The name on the command line and in files.
    pub key: &'static str,
    /// The name under the knob.
    pub label: &'static str,
    /// Empty when the number has none.
    pub unit: &'static str,
    /// What it does, in a sentence.
    pub meaning: &'static str,
    pub usual: &'static str,
    /// What too little looks like; of a switch, what off does; of a choice, what the plainer does.
    pub too_low: &'static str,
    /// What too much looks like; of a switch, what on does; of a choice, what the dearer does.
    pub too_high: &'static str,
    pub acts: Acts,
    pub kind: SettingKind,
}

/// When a change is felt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acts {
    NextRun,
    DuringRun,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    Linear,
    Logarithmic,
    Whole,
}

/// What values a setting takes, and where it lies in [`TrainSettings`].
#[derive(Clone, Copy, Debug)]
pub enum SettingKind {
    Number {
        min: f64,
        max: f64,
        scale: Scale,
        get: fn(&TrainSettings) -> f64,
        set: fn(&mut TrainSettings, f64),
    },
    Choice {
        options: &'static [&'static str],
        get: fn(&TrainSettings) -> usize,
        set: fn(&mut TrainSettings, usize),
    },
    Switch {
        get: fn(&TrainSettings) -> bool,
        set: fn(&mut TrainSettings, bool),
    },
}

/// Finds a setting by its key.
///
/// # Errors
/// An unknown key; the error names the nearest known one.
pub fn setting(key: &str) -> Result<&'static Setting, TrainError> {
    CATALOGUE.iter().find(|setting| setting.key == key).ok_or_else(|| {
        let nearest = CATALOGUE
            .iter()
            .map(|setting| (strsim::jaro_winkler(key, setting.key), setting.key))
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .filter(|(likeness, _)| *likeness > 0.7);
        let suggestion = match nearest {
            Some((_, nearest)) => format!("; did you mean \"{nearest}\"?"),
            None => "; `harmonium train --list-settings` names them all".to_owned(),
        };
        TrainError::UnknownSetting { key: key.to_owned(), suggestion }
    })
}

impl Setting {
    /// What a tooltip says below the meaning: a heading and its words. A seed has no too little.
    pub fn remarks(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let (low, high) = match self.kind {
            SettingKind::Number { .. } => ("Too little", "Too much"),
            SettingKind::Switch { .. } => ("Off", "On"),
            SettingKind::Choice { .. } => ("Beware", "Beware"),
        };
        let all = [
            ("Unit", self.unit),
            ("Usual", self.usual),
            (low, self.too_low),
            (high, self.too_high),
        ];
        all.into_iter().filter(|(_, words)| !words.is_empty())
    }

    /// The value as text that [`TrainSettings::set`] reads back.
    pub fn text(&self, settings: &TrainSettings) -> String {
        match self.kind {
            SettingKind::Number { get, .. } => format!("{}", get(settings)),
            SettingKind::Choice { options, get, .. } => options[get(settings)].to_owned(),
            SettingKind::Switch { get, .. } => get(settings).to_string(),
        }
    }

    pub(super) fn parse_into(
        &self,
        settings: &mut TrainSettings,
        value: &str,
    ) -> Result<(), TrainError> {
        match self.kind {
            SettingKind::Number { set, .. } => {
                let number = value
                    .trim()
                    .parse::<f64>()
                    .map_err(|error| self.bad_value(value, error.to_string()))?;
                self.check_number(number)?;
                set(settings, number);
            }
            SettingKind::Choice { options, set, .. } => {
                let reason = || format!("it is one of {}", options.join(", "));
                let choice = options.iter().position(|option| *option == value.trim());
                set(settings, choice.ok_or_else(|| self.bad_value(value, reason()))?);
            }
            SettingKind::Switch { set, .. } => match value.trim() {
                "true" | "on" | "yes" => set(settings, true),
                "false" | "off" | "no" => set(settings, false),
                _ => return Err(self.bad_value(value, "it is true or false".to_owned())),
            },
        }
        Ok(())
    }

    pub(in crate::train) fn check_number(&self, number: f64) -> Result<(), TrainError> {
        let SettingKind::Number { min, max, scale, .. } = self.kind else { return Ok(()) };
        if !(min..=max).contains(&number) {
            let reason = format!("it goes from {min} to {max}");
            return Err(self.bad_value(&number.to_string(), reason));
        }
        if scale == Scale::Whole && number.fract() != 0.0 {
            return Err(self.bad_value(&number.to_string(), "it is a whole number".to_owned()));
        }
        Ok(())
    }

    fn bad_value(&self, value: &str, reason: String) -> TrainError {
        TrainError::BadValue { key: self.key, value: value.to_owned(), reason }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::Preset;

    #[test]
    fn every_value_reads_back_from_its_text() {
        for preset in Preset::ALL {
            let settings = preset.settings();
            let mut other = Preset::Report.settings();
            for setting in CATALOGUE {
                other.set(setting.key, &setting.text(&settings)).unwrap();
            }
            assert_eq!(other.differences(&settings), []);
        }
    }

    #[test]
    fn an_unknown_key_is_answered_with_the_nearest() {
        let mut settings = TrainSettings::default();
        let error = settings.set("learnig_rate", "1").unwrap_err().to_string();
        assert!(error.contains("did you mean \"learning_rate\""), "{error}");
        let error = settings.set("zzz", "1").unwrap_err().to_string();
        assert!(error.contains("--list-settings"), "{error}");
    }

    #[test]
    fn values_out_of_range_or_kind_are_refused_with_the_range() {
        let mut settings = TrainSettings::default();
        for (key, value, words) in [
            ("learning_rate", "2", "from 0.0001 to 1"),
            ("learning_rate", "NaN", "from 0.0001 to 1"),
            ("hidden_units", "1.5", "whole number"),
            ("algorithm", "sgd", "one of cd, pcd"),
            ("shuffle", "maybe", "true or false"),
            ("epochs", "many", "invalid float"),
        ] {
            let error = settings.set(key, value).unwrap_err().to_string();
            assert!(error.contains(words), "{key}: {error}");
        }
    }

    #[test]
    fn the_epoch_with_the_smallest_gap_is_not_worth_keeping() {
        let mut settings = TrainSettings::default();
        settings.set("early_stop_measure", "free_energy_gap").unwrap();
        assert!(settings.set("keep_best", "free_energy_gap").is_err());
        settings.keep_best = crate::train::WatchedMeasure::FreeEnergyGap;
        assert!(settings.validate().unwrap_err().to_string().contains("keep_best"));
    }

    #[test]
    fn only_settings_that_act_between_batches_change_during_a_run() {
        let mut settings = TrainSettings::default();
        settings.set_during_run("learning_rate", "0.01").unwrap();
        assert_eq!(settings.learning_rate, 0.01);
        assert!(settings.set_during_run("hidden_units", "10").is_err());
    }

    #[test]
    fn every_setting_says_what_it_does_what_is_usual_and_what_too_little_and_too_much_look_like() {
        let mut keys: Vec<_> = CATALOGUE.iter().map(|setting| setting.key).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), CATALOGUE.len());
        for setting in CATALOGUE {
            let key = setting.key;
            // A seed is one of many alike: it has no unit, and none is too small or too large.
            let is_seed = key.ends_with("seed");
            let is_number = matches!(setting.kind, SettingKind::Number { .. });
            assert!(setting.meaning.len() > 20, "{key} says too little of what it does");
            assert!(!setting.usual.is_empty(), "{key} has no usual range");
            assert_eq!(setting.unit.is_empty(), is_seed || !is_number, "the unit of {key}");
            for words in [setting.too_low, setting.too_high] {
                assert_eq!(words.is_empty(), is_seed, "too little or too much of {key}");
                assert!(!words.ends_with('.'), "{key}: {words}");
            }
        }
    }
}
