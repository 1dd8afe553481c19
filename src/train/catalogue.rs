//! The one table of settings: it feeds the knobs, their tooltips, `--set` and `--list-settings`.

use crate::dataset::{Encoding, Planes};
use crate::rbm::{Algorithm, InitialWeights, Statistics};

use super::{LearningRateSchedule, TrainError, TrainSettings};

/// One setting, described for people and for programs.
#[derive(Debug)]
pub struct Setting {
    /// The name on the command line and in files.
    pub key: &'static str,
    /// The name under the knob.
    pub label: &'static str,
    /// Empty when the number has none.
    pub unit: &'static str,
    pub meaning: &'static str,
    pub usual: &'static str,
    pub too_low: &'static str,
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

    pub(super) fn check_number(&self, number: f64) -> Result<(), TrainError> {
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

/// Every setting, in the order of the window: data, model, learning.
pub const CATALOGUE: &[Setting] = &[
    Setting {
        key: "encoding",
        label: "Encoding",
        unit: "",
        meaning: "How notes become bits: the musical reader, or the 2016 study's, bug for bug",
        usual: "musical; reference only to compare with the study",
        too_low: "",
        too_high: "",
        acts: Acts::NextRun,
        kind: choice!(encoding.encoding,
            "musical" => Encoding::Musical, "reference" => Encoding::Reference),
    },
    Setting {
        key: "planes",
        label: "Planes",
        unit: "",
        meaning: "Whether a re-struck note is told apart from a held one",
        usual: "hold_and_onset; hold alone for chord data without rhythm",
        too_low: "",
        too_high: "",
        acts: Acts::NextRun,
        kind: choice!(encoding.planes,
            "hold_and_onset" => Planes::HoldAndOnset, "hold" => Planes::Hold),
    },
    Setting {
        key: "steps_per_beat",
        label: "Steps a beat",
        unit: "steps",
        meaning: "The grid: 4 steps a beat are sixteenths, 3 or 6 are triplets",
        usual: "4 (1, 2, 3, 4, 6, 8 or 12)",
        too_low: "fast notes fall together",
        too_high: "excerpts grow wide and slow to learn",
        acts: Acts::NextRun,
        kind: number!(Whole, 1, 12, encoding.steps_per_beat as u8),
    },
    Setting {
        key: "steps_per_excerpt",
        label: "Steps an excerpt",
        unit: "steps",
        meaning: "How much music the model sees at once",
        usual: "16 to 64: one to four bars",
        too_low: "no phrase is longer than the excerpt",
        too_high: "many weights for few examples; slower",
        acts: Acts::NextRun,
        kind: number!(Whole, 1, 256, encoding.steps_per_excerpt as u32),
    },
    Setting {
        key: "stride_steps",
        label: "Stride",
        unit: "steps",
        meaning: "How far the next excerpt begins after the last; 0 means a whole excerpt",
        usual: "one bar, so that excerpts overlap but keep their place in the bar",
        too_low: "excerpts lose their place in the bar; many near-copies",
        too_high: "fewer examples",
        acts: Acts::NextRun,
        kind: number!(Whole, 0, 256, encoding.stride_steps as u32),
    },
    Setting {
        key: "pitch_low",
        label: "Lowest pitch",
        unit: "MIDI pitch",
        meaning: "The lowest pitch that has a column; 24 is C1",
        usual: "24; 21 for the whole piano",
        too_low: "columns that never sound",
        too_high: "low notes are left out",
        acts: Acts::NextRun,
        kind: number!(Whole, 0, 127, encoding.pitch_low as u8),
    },
    Setting {
        key: "pitch_count",
        label: "Pitches",
        unit: "pitches",
        meaning: "How many pitches have a column, from the lowest upwards",
        usual: "78; 88 for the whole piano",
        too_low: "high notes are left out",
        too_high: "columns that never sound",
        acts: Acts::NextRun,
        kind: number!(Whole, 1, 128, encoding.pitch_count as u8),
    },
    Setting {
        key: "transpose_semitones",
        label: "Transpose",
        unit: "semitones",
        meaning: "Trains on copies of each song moved up and down by up to this much",
        usual: "0 for songs in one key, 5 or 6 for songs in many",
        too_low: "what is learned in one key is not known in another",
        too_high: "more examples, slower epochs, no home key",
        acts: Acts::NextRun,
        kind: number!(Whole, 0, 6, encoding.transpose_semitones as u8),
    },
    Setting {
        key: "to_natural_key",
        label: "Move to C / Am",
        unit: "",
        meaning: "Moves every song to C major or A minor by its estimated key",
        usual: "off for songs already in one key; on for a mixed folder",
        too_low: "",
        too_high: "",
        acts: Acts::NextRun,
        kind: switch!(encoding.to_natural_key),
    },
    Setting {
        key: "held_out_share",
        label: "Held out",
        unit: "share of songs",
        meaning: "Songs that are never trained on, to see whether the model memorises",
        usual: "0.1",
        too_low: "nothing shows when it begins to memorise",
        too_high: "less to learn from",
        acts: Acts::NextRun,
        kind: number!(Linear, 0.0, 0.9, encoding.held_out_share as f64),
    },
    Setting {
        key: "split_seed",
        label: "Held-out choice",
        unit: "",
        meaning: "Chooses which songs are held out",
        usual: "any whole number",
        too_low: "",
        too_high: "",
        acts: Acts::NextRun,
        kind: number!(Whole, 0, 9_007_199_254_740_991_u64, encoding.split_seed as u64),
    },
    Setting {
        key: "min_rows",
        label: "Shortest song",
        unit: "steps",
        meaning: "Songs with fewer steps are left out",
        usual: "1; 51 in the 2016 study",
        too_low: "",
        too_high: "short songs are left out",
        acts: Acts::NextRun,
        kind: number!(Whole, 1, 100_000, encoding.min_rows as u32),
    },
    Setting {
        key: "hidden_units",
        label: "Hidden units",
        unit: "units",
        meaning: "How many features the model can learn",
        usual: "50 to 500",
        too_low: "vague, average music",
        too_high: "slower; it may memorise small sets",
        acts: Acts::NextRun,
        kind: number!(Whole, 1, 16384, hidden_units as usize),
    },
    Setting {
        key: "algorithm",
        label: "Algorithm",
        unit: "",
        meaning: "Contrastive divergence starts its chains at the data, the persistent form keeps them",
        usual: "pcd learns a better model, cd a smoother curve",
        too_low: "",
        too_high: "",
        acts: Acts::NextRun,
        kind: choice!(algorithm,
            "cd" => Algorithm::ContrastiveDivergence,
            "pcd" => Algorithm::PersistentContrastiveDivergence),
    },
    Setting {
        key: "gibbs_steps",
        label: "Gibbs steps k",
        unit: "steps",
        meaning: "Steps of the negative phase, the k of CD-k and PCD-k",
        usual: "1 to 10",
        too_low: "faster, but the model may dream what it never saw",
        too_high: "each update costs more",
        acts: Acts::DuringRun,
        kind: number!(Whole, 1, 1000, gibbs_steps as usize),
    },
    Setting {
        key: "chains",
        label: "Chains",
        unit: "chains",
        meaning: "Persistent chains of the negative phase; also the starts of new music",
        usual: "100",
        too_low: "noisy updates",
        too_high: "each update costs more",
        acts: Acts::NextRun,
        kind: number!(Whole, 1, 100_000, chains as usize),
    },
    Setting {
        key: "statistics",
        label: "Statistics",
        unit: "",
        meaning: "Samples everywhere as the 2016 study, or probabilities where Hinton's guide says so",
        usual: "probabilities: less noise at the same cost",
        too_low: "",
        too_high: "",
        acts: Acts::NextRun,
        kind: choice!(statistics,
            "samples" => Statistics::Samples, "probabilities" => Statistics::Probabilities),
    },
    Setting {
        key: "centered",
        label: "Centered gradients",
        unit: "",
        meaning: "Subtracts the mean activity in the gradient; sparse rolls learn far better",
        usual: "on",
        too_low: "",
        too_high: "",
        acts: Acts::NextRun,
        kind: switch!(centered),
    },
    Setting {
        key: "learning_rate",
        label: "Learning rate",
        unit: "a batch",
        meaning: "How far each batch moves the weights",
        usual: "0.01 to 0.5 with centered gradients; 0.005 in the study",
        too_low: "hardly anything is learned in the given epochs",
        too_high: "the error jumps about or the run diverges",
        acts: Acts::DuringRun,
        kind: number!(Logarithmic, 0.0001, 1.0, learning_rate as f64),
    },
    Setting {
        key: "learning_rate_schedule",
        label: "Rate schedule",
        unit: "",
        meaning: "How the learning rate falls over the run",
        usual: "linear, to zero at the end",
        too_low: "",
        too_high: "",
        acts: Acts::NextRun,
        kind: choice!(learning_rate_schedule,
            "constant" => LearningRateSchedule::Constant,
            "linear" => LearningRateSchedule::Linear,
            "inverse_time" => LearningRateSchedule::InverseTime,
            "cosine" => LearningRateSchedule::Cosine),
    },
    Setting {
        key: "batch_size",
        label: "Batch",
        unit: "excerpts",
        meaning: "Excerpts between two updates",
        usual: "10 to 100",
        too_low: "noisy updates, slow epochs",
        too_high: "few updates an epoch",
        acts: Acts::NextRun,
        kind: number!(Whole, 1, 100_000, batch_size as usize),
    },
    Setting {
        key: "epochs",
        label: "Epochs",
        unit: "epochs",
        meaning: "How often every excerpt is seen",
        usual: "50 to 500",
        too_low: "stops while it still learns",
        too_high: "it may begin to memorise",
        acts: Acts::DuringRun,
        kind: number!(Whole, 1, 1_000_000, epochs as u32),
    },
    Setting {
        key: "momentum",
        label: "Momentum",
        unit: "",
        meaning: "How much of the last step is carried into the next",
        usual: "0.5 to 0.9",
        too_low: "slower",
        too_high: "overshoots; lower the learning rate with it",
        acts: Acts::DuringRun,
        kind: number!(Linear, 0.0, 0.99, momentum as f64),
    },
    Setting {
        key: "momentum_start_epochs",
        label: "Momentum raised after",
        unit: "epochs",
        meaning: "For the first epochs momentum is at most 0.5",
        usual: "5",
        too_low: "a wild start",
        too_high: "slower",
        acts: Acts::NextRun,
        kind: number!(Whole, 0, 10_000, momentum_start_epochs as u32),
    },
    Setting {
        key: "weight_decay",
        label: "Weight decay",
        unit: "an update, times the rate",
        meaning: "Pulls unused weights to zero (L2)",
        usual: "0.00001 to 0.001",
        too_low: "stray weights stay",
        too_high: "washes out what was learned",
        acts: Acts::DuringRun,
        kind: number!(Linear, 0.0, 0.1, weight_decay as f64),
    },
    Setting {
        key: "dropout",
        label: "Dropout",
        unit: "share of hidden units",
        meaning: "Hidden units left out at random in each example, so that none leans on another",
        usual: "0 to 0.5",
        too_low: "small sets may be memorised",
        too_high: "learns slowly and vaguely",
        acts: Acts::DuringRun,
        kind: number!(Linear, 0.0, 0.9, dropout as f64),
    },
    Setting {
        key: "initial_weights",
        label: "Initial weights",
        unit: "",
        meaning: "Small and even, or the study's slip: mean 0.01, deviation 1",
        usual: "intended",
        too_low: "",
        too_high: "",
        acts: Acts::NextRun,
        kind: choice!(initial_weights,
            "intended" => InitialWeights::Intended, "as_written" => InitialWeights::AsWritten),
    },
    Setting {
        key: "visible_bias_from_data",
        label: "Biases from data",
        unit: "",
        meaning: "Starts each note's bias at how often it sounds",
        usual: "on",
        too_low: "",
        too_high: "",
        acts: Acts::NextRun,
        kind: switch!(visible_bias_from_data),
    },
    Setting {
        key: "shuffle",
        label: "Shuffle",
        unit: "",
        meaning: "A new order of the excerpts in every epoch",
        usual: "on",
        too_low: "",
        too_high: "",
        acts: Acts::NextRun,
        kind: switch!(shuffle),
    },
    Setting {
        key: "batches_within_songs",
        label: "Batches within songs",
        unit: "",
        meaning: "No batch mixes two songs, as in the 2016 study",
        usual: "off",
        too_low: "",
        too_high: "",
        acts: Acts::NextRun,
        kind: switch!(batches_within_songs),
    },
    Setting {
        key: "skip_first_excerpt",
        label: "Skip first excerpts",
        unit: "",
        meaning: "Never trains on a song's first excerpt, as in the 2016 study",
        usual: "off",
        too_low: "",
        too_high: "",
        acts: Acts::NextRun,
        kind: switch!(skip_first_excerpt),
    },
    Setting {
        key: "seed",
        label: "Seed",
        unit: "",
        meaning: "The same seed with the same data and settings gives the same run",
        usual: "any whole number",
        too_low: "",
        too_high: "",
        acts: Acts::NextRun,
        kind: number!(Whole, 0, 9_007_199_254_740_991_u64, seed as u64),
    },
];

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
    fn only_settings_that_act_between_batches_change_during_a_run() {
        let mut settings = TrainSettings::default();
        settings.set_during_run("learning_rate", "0.01").unwrap();
        assert_eq!(settings.learning_rate, 0.01);
        assert!(settings.set_during_run("hidden_units", "10").is_err());
    }

    #[test]
    fn keys_are_unique_and_every_number_says_what_too_much_does() {
        let mut keys: Vec<_> = CATALOGUE.iter().map(|setting| setting.key).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), CATALOGUE.len());
        for setting in CATALOGUE.iter().filter(|s| !s.key.ends_with("seed")) {
            if let SettingKind::Number { .. } = setting.kind {
                assert!(!setting.too_high.is_empty(), "{}", setting.key);
            }
        }
    }
}
