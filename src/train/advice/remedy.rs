//! What would help, as something that can be done at once.

use super::stretch::figure;
use crate::train::{Acts, TrainSettings, setting};

/// One thing that would help.
#[derive(Clone, Debug, PartialEq)]
pub struct Remedy {
    /// What a button says: "Raise dropout to 0.3".
    pub words: String,
    pub deed: RemedyDeed,
}

#[derive(Clone, Debug, PartialEq)]
pub enum RemedyDeed {
    /// A setting by its key, with the value as text.
    Set {
        key: &'static str,
        value: String,
    },
    StopTraining,
    AddSongs,
}

impl Remedy {
    pub(super) fn stop() -> Self {
        Self { words: "Stop here".to_owned(), deed: RemedyDeed::StopTraining }
    }

    pub(super) fn add_songs() -> Self {
        Self { words: "Add songs…".to_owned(), deed: RemedyDeed::AddSongs }
    }

    /// `words` is what is done, without the value: "Raise dropout to".
    pub(super) fn set_number(key: &'static str, words: &str, value: f64) -> Self {
        let deed = RemedyDeed::Set { key, value: value.to_string() };
        Self { words: format!("{words} {}", figure(value)), deed }
    }

    pub(super) fn choose(key: &'static str, value: &str, words: &str) -> Self {
        let deed = RemedyDeed::Set { key, value: value.to_owned() };
        Self { words: words.to_owned(), deed }
    }

    /// Whether it is felt only by the next run.
    pub fn waits_for_next_run(&self, is_run_over: bool) -> bool {
        let RemedyDeed::Set { key, .. } = self.deed else { return false };
        is_run_over || setting(key).is_ok_and(|setting| setting.acts == Acts::NextRun)
    }

    /// Whether the settings stand so already.
    pub fn is_taken(&self, settings: &TrainSettings) -> bool {
        match &self.deed {
            RemedyDeed::Set { key, value } => settings.text(key).is_ok_and(|text| text == *value),
            RemedyDeed::StopTraining | RemedyDeed::AddSongs => false,
        }
    }
}

/// Two significant digits: a value that a person would have chosen.
pub(super) fn tidy(value: f64) -> f64 {
    format!("{value:.1e}").parse().unwrap_or(value)
}
