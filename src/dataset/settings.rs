//! How music becomes rows of zeros and ones: the knobs, their ranges and what follows from them.

use serde::{Deserialize, Serialize};

use super::DatasetError;
use crate::music::PitchRange;

/// The grids to choose from: steps of a beat.
pub const STEPS_PER_BEAT: [u8; 7] = [1, 2, 3, 4, 6, 8, 12];

const MAX_STEPS_PER_EXCERPT: u32 = 4096;
const MAX_STRIDE_STEPS: u32 = 100_000;
const MAX_TRANSPOSE_SEMITONES: u8 = 6;
const MAX_HELD_OUT_SHARE: f64 = 0.9;

/// Which reader makes the piano roll.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Encoding {
    /// The reader of the 2016 study to the letter, to compare with its results.
    #[serde(rename = "reference")]
    Reference,
    /// What a musician expects.
    #[default]
    #[serde(rename = "musical")]
    Musical,
}

/// Which planes of the roll the model sees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Planes {
    /// Where notes sound, then where they are struck.
    #[default]
    #[serde(rename = "hold_and_onset")]
    HoldAndOnset,
    /// Only where notes sound: a note struck again looks like a note held.
    #[serde(rename = "hold")]
    Hold,
}

/// From songs to excerpts. [`Default`] is the musical encoding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct EncodingSettings {
    #[serde(rename = "encoding")]
    pub encoding: Encoding,
    /// One of [`STEPS_PER_BEAT`].
    #[serde(rename = "steps_per_beat")]
    pub steps_per_beat: u8,
    #[serde(rename = "steps_per_excerpt")]
    pub steps_per_excerpt: u32,
    /// From the start of an excerpt to the start of the next; 0 means one after the other.
    #[serde(rename = "stride_steps")]
    pub stride_steps: u32,
    #[serde(rename = "pitch_low")]
    pub pitch_low: u8,
    #[serde(rename = "pitch_count")]
    pub pitch_count: u8,
    #[serde(rename = "planes")]
    pub planes: Planes,
    /// The training part also gets copies of each song moved by 1 to so many semitones, up and down.
    #[serde(rename = "transpose_semitones")]
    pub transpose_semitones: u8,
    /// Moves every song to C major or A minor.
    #[serde(rename = "to_natural_key")]
    pub to_natural_key: bool,
    /// The share of the songs that is not trained on.
    #[serde(rename = "held_out_share")]
    pub held_out_share: f64,
    /// Chooses the held-out songs.
    #[serde(rename = "split_seed")]
    pub split_seed: u64,
    /// Songs with fewer rows are left out.
    #[serde(rename = "min_rows")]
    pub min_rows: u32,
}

/// The part of the settings that a song's roll depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RollSettings {
    pub encoding: Encoding,
    pub steps_per_beat: u8,
    pub pitches: PitchRange,
    pub to_natural_key: bool,
}

impl Default for EncodingSettings {
    fn default() -> Self {
        Self {
            encoding: Encoding::Musical,
            steps_per_beat: 4,
            steps_per_excerpt: 16,
            stride_steps: 0,
            pitch_low: PitchRange::REFERENCE.low,
            pitch_count: PitchRange::REFERENCE.count,
            planes: Planes::HoldAndOnset,
            transpose_semitones: 0,
            to_natural_key: false,
            held_out_share: 0.1,
            split_seed: 0,
            min_rows: 1,
        }
    }
}

impl EncodingSettings {
    /// The settings of the 2016 study.
    pub fn reference() -> Self {
        Self {
            encoding: Encoding::Reference,
            steps_per_excerpt: 15,
            held_out_share: 0.0,
            min_rows: 51,
            ..Self::default()
        }
    }

    pub fn pitches(&self) -> PitchRange {
        PitchRange { low: self.pitch_low, count: self.pitch_count }
    }

    pub fn n_planes(&self) -> usize {
        match self.planes {
            Planes::HoldAndOnset => 2,
            Planes::Hold => 1,
        }
    }

    /// Cells of a row: a column for every pitch and plane.
    pub fn row_width(&self) -> usize {
        usize::from(self.pitch_count) * self.n_planes()
    }

    /// Cells of an excerpt: what the model sees at once.
    pub fn n_visible(&self) -> usize {
        self.row_width() * self.steps_per_excerpt as usize
    }

    /// From the start of an excerpt to the start of the next, at least 1.
    pub fn stride(&self) -> u32 {
        match self.stride_steps {
            0 => self.steps_per_excerpt.max(1),
            stride => stride,
        }
    }

    pub fn roll_settings(&self) -> RollSettings {
        RollSettings {
            encoding: self.encoding,
            steps_per_beat: self.steps_per_beat,
            pitches: self.pitches(),
            to_natural_key: self.to_natural_key,
        }
    }

    /// Whether every value can be used, and if not, which is wrong and what it may be.
    pub fn validate(&self) -> Result<(), DatasetError> {
        check(
            "steps_per_beat",
            self.steps_per_beat,
            STEPS_PER_BEAT.contains(&self.steps_per_beat),
            "choose 1, 2, 3, 4, 6, 8 or 12",
        )?;
        check(
            "steps_per_excerpt",
            self.steps_per_excerpt,
            (1..=MAX_STEPS_PER_EXCERPT).contains(&self.steps_per_excerpt),
            &format!("choose 1 to {MAX_STEPS_PER_EXCERPT} steps"),
        )?;
        check(
            "stride_steps",
            self.stride_steps,
            self.stride_steps <= MAX_STRIDE_STEPS,
            &format!("choose up to {MAX_STRIDE_STEPS} steps, or 0 for one excerpt after the other"),
        )?;
        check(
            "pitch_count",
            self.pitch_count,
            self.pitch_count > 0 && u16::from(self.pitch_low) + u16::from(self.pitch_count) <= 128,
            &format!(
                "MIDI has the pitches 0 to 127, so from {} upwards choose 1 to {}",
                self.pitch_low,
                128_u8.saturating_sub(self.pitch_low).max(1)
            ),
        )?;
        check(
            "transpose_semitones",
            self.transpose_semitones,
            self.transpose_semitones <= MAX_TRANSPOSE_SEMITONES,
            &format!("choose 0 to {MAX_TRANSPOSE_SEMITONES}; 6 covers all twelve keys"),
        )?;
        check(
            "held_out_share",
            self.held_out_share,
            (0.0..=MAX_HELD_OUT_SHARE).contains(&self.held_out_share),
            &format!("choose 0 to {MAX_HELD_OUT_SHARE}, a share of the songs"),
        )?;
        self.validate_reference()
    }

    fn validate_reference(&self) -> Result<(), DatasetError> {
        if self.encoding != Encoding::Reference {
            return Ok(());
        }
        let rule = |value: &str| {
            format!("the reference encoding has {value}; choose the musical encoding for another")
        };
        check(
            "steps_per_beat",
            self.steps_per_beat,
            self.steps_per_beat == 4,
            &rule("4 steps a beat"),
        )?;
        let pitches = PitchRange::REFERENCE;
        let value = format!("{} from {}", self.pitch_count, self.pitch_low);
        let is_reference = self.pitches() == pitches;
        check("pitch_count", value, is_reference, &rule("78 pitches from 24"))?;
        check(
            "to_natural_key",
            self.to_natural_key,
            !self.to_natural_key,
            &rule("every song in its own key"),
        )
    }
}

fn check(
    name: &'static str,
    value: impl std::fmt::Display,
    is_valid: bool,
    rule: &str,
) -> Result<(), DatasetError> {
    if is_valid {
        return Ok(());
    }
    Err(DatasetError::Setting { name, value: value.to_string(), rule: rule.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_presets_are_valid_and_have_the_known_sizes() {
        let reference = EncodingSettings::reference();
        assert_eq!(reference.validate(), Ok(()));
        assert_eq!((reference.row_width(), reference.n_visible()), (156, 2340));
        let musical = EncodingSettings::default();
        assert_eq!(musical.validate(), Ok(()));
        assert_eq!(musical.n_visible(), 16 * 156);
        let frames = EncodingSettings {
            planes: Planes::Hold,
            pitch_low: 21,
            pitch_count: 88,
            steps_per_excerpt: 1,
            steps_per_beat: 1,
            ..musical
        };
        assert_eq!(frames.validate(), Ok(()));
        assert_eq!(frames.n_visible(), 88);
    }

    #[test]
    fn says_which_setting_is_wrong_and_what_it_may_be() {
        let check = |change: fn(&mut EncodingSettings), expected: &str| {
            let mut settings = EncodingSettings::default();
            change(&mut settings);
            let message = settings.validate().unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        };
        check(|s| s.steps_per_beat = 5, "steps_per_beat cannot be 5");
        check(|s| s.steps_per_excerpt = 0, "choose 1 to 4096");
        check(|s| s.pitch_low = 100, "choose 1 to 28");
        check(|s| s.pitch_count = 0, "choose 1 to 104");
        check(|s| s.transpose_semitones = 7, "choose 0 to 6");
        check(|s| s.held_out_share = f64::NAN, "held_out_share");
        check(|s| s.held_out_share = 1.0, "0.9");
        check(
            |s| {
                s.encoding = Encoding::Reference;
                s.steps_per_beat = 2;
            },
            "4 steps a beat",
        );
    }

    #[test]
    fn missing_fields_take_their_defaults() {
        let settings: EncodingSettings =
            serde_json::from_str(r#"{"encoding":"reference","planes":"hold"}"#).unwrap();
        assert_eq!(settings.planes, Planes::Hold);
        assert_eq!(settings.encoding, Encoding::Reference);
        assert_eq!(settings.steps_per_excerpt, 16);
    }
}
