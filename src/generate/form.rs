//! Forms such as AABA: which parts of a piece are the same.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::GenerateError;

const MOST_SECTIONS: usize = 16;

/// The order of a piece's sections, a letter each; equal letters are equal music. Without a letter
/// the piece is one piece. Written "AABA".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Form {
    /// Zeros follow the last letter.
    letters: [u8; MOST_SECTIONS],
}

/// A section of a piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Section {
    pub letter: u8,
    pub steps: Range<usize>,
    /// Steps before its first one that are made anew where it follows what it was not made beside.
    pub join_steps: usize,
}

impl Section {
    /// The steps that lead into the section.
    pub(super) fn join(&self) -> Range<usize> {
        self.steps.start - self.join_steps..self.steps.start
    }
}

impl Form {
    pub const NONE: Self = Self { letters: [0; MOST_SECTIONS] };

    pub fn is_none(&self) -> bool {
        self.letters[0] == 0
    }

    pub fn n_sections(&self) -> usize {
        self.letters.iter().filter(|letter| **letter != 0).count()
    }

    /// The sections of a piece of so many steps, all of the same number of bars; `None` without a
    /// form.
    pub(super) fn sections(
        &self,
        n_steps: usize,
        steps_per_bar: usize,
    ) -> Result<Option<Vec<Section>>, GenerateError> {
        if self.is_none() {
            return Ok(None);
        }
        let (n_sections, steps_per_bar) = (self.n_sections(), steps_per_bar.max(1));
        let bars = n_steps / steps_per_bar;
        if bars == 0 || !bars.is_multiple_of(n_sections) {
            return Err(GenerateError::FormBars { form: *self, bars });
        }
        let length = bars / n_sections * steps_per_bar;
        let section = |(place, &letter): (usize, &u8)| Section {
            letter,
            steps: place * length..(place + 1) * length,
            join_steps: steps_per_bar.div_ceil(4).min(length),
        };
        Ok(Some(self.letters[..n_sections].iter().enumerate().map(section).collect()))
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.letters[..self.n_sections()].iter().try_for_each(|&l| write!(f, "{}", char::from(l)))
    }
}

impl FromStr for Form {
    type Err = GenerateError;

    /// Letters from A to Z, large or small; empty is no form.
    fn from_str(text: &str) -> Result<Self, GenerateError> {
        let text = text.trim().to_ascii_uppercase();
        let is_good = text.len() <= MOST_SECTIONS && text.bytes().all(|b| b.is_ascii_uppercase());
        if !is_good {
            return Err(GenerateError::BadForm { text, most: MOST_SECTIONS });
        }
        let mut letters = [0; MOST_SECTIONS];
        letters[..text.len()].copy_from_slice(text.as_bytes());
        Ok(Self { letters })
    }
}

impl TryFrom<String> for Form {
    type Error = GenerateError;

    fn try_from(text: String) -> Result<Self, GenerateError> {
        text.parse()
    }
}

impl From<Form> for String {
    fn from(form: Form) -> Self {
        form.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_written_as_it_is_read() {
        for (text, written) in [("AABA", "AABA"), (" abac ", "ABAC"), ("", "")] {
            let form: Form = text.parse().unwrap();
            assert_eq!(form.to_string(), written);
            assert_eq!(form.is_none(), text.is_empty());
        }
        for text in ["A-B", "A1", "ABABABABABABABABA", "Ä"] {
            assert!(text.parse::<Form>().is_err(), "{text}");
        }
    }

    #[test]
    fn sections_share_the_bars_evenly() {
        let form: Form = "ABA".parse().unwrap();
        let sections = form.sections(6 * 16, 16).unwrap().unwrap();
        let steps: Vec<_> = sections.iter().map(|section| section.steps.clone()).collect();
        assert_eq!(steps, [0..32, 32..64, 64..96]);
        assert_eq!(sections[1].join(), 28..32);
        let error = form.sections(4 * 16, 16).unwrap_err().to_string();
        assert!(error.contains("4 bars") && error.contains("3 sections"), "{error}");
        assert_eq!(Form::default().sections(64, 16).unwrap(), None);
    }
}
