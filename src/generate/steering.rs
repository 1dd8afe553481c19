//! What leads the chain without holding it: keys, ranges, density, rhythm and voices.

use serde::{Deserialize, Serialize};

use crate::dataset::EncodingSettings;
use crate::music::Scale;

use super::GenerateError;
use super::settings::check;

/// Nats that a note outside a favoured scale is made less likely by, and nats between an onset on
/// the first beat and one off the beat when the rhythm is all the way to one side: odds of 1 to 7.
const FAVOUR_NATS: f32 = 2.0;

/// How a scale is followed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ScaleRule {
    /// No new note lies outside it.
    #[default]
    Forced,
    /// Notes outside it are made less likely.
    Favoured,
}

/// What leads the chain. Held and locked notes are never touched by any of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Steering {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale: Option<Scale>,
    pub scale_rule: ScaleRule,
    /// Sounding notes a step, as a multiple of the training songs'; `None` leaves it to the model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub density: Option<f64>,
    /// The lowest and the highest MIDI pitch of new notes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lowest_pitch: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub highest_pitch: Option<u8>,
    /// Notes that sound at a time, at most; held ones are counted and stay.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub polyphony: Option<u32>,
    /// From −1, syncopated, to 1, on the beat.
    pub rhythm: f64,
}

impl Steering {
    pub const NONE: Self = Self {
        scale: None,
        scale_rule: ScaleRule::Forced,
        density: None,
        lowest_pitch: None,
        highest_pitch: None,
        polyphony: None,
        rhythm: 0.0,
    };

    /// Whether new notes may have this pitch.
    pub fn allows(&self, pitch: u8) -> bool {
        let is_in_scale = self.scale.is_none_or(|scale| scale.contains(pitch));
        self.lowest_pitch.is_none_or(|lowest| pitch >= lowest)
            && self.highest_pitch.is_none_or(|highest| pitch <= highest)
            && (is_in_scale || self.scale_rule == ScaleRule::Favoured)
    }

    pub(super) fn validate(&self) -> Result<(), GenerateError> {
        check("density", self.density.unwrap_or(1.0), 0.25, 4.0)?;
        check("lowest_pitch", f64::from(self.lowest_pitch.unwrap_or(0)), 0.0, 127.0)?;
        let lowest = f64::from(self.lowest_pitch.unwrap_or(0));
        check("highest_pitch", f64::from(self.highest_pitch.unwrap_or(127)), lowest, 127.0)?;
        check("polyphony", f64::from(self.polyphony.unwrap_or(1)), 1.0, 128.0)?;
        check("rhythm", self.rhythm, -1.0, 1.0)
    }

    /// Nats added to the logits of an excerpt that begins at a step of the piece, one a visible
    /// unit; `None` where nothing is favoured.
    pub(super) fn bias(
        &self,
        first_step: usize,
        encoding: &EncodingSettings,
        steps_per_bar: usize,
    ) -> Option<Vec<f32>> {
        let favoured = self.scale.filter(|_| self.scale_rule == ScaleRule::Favoured);
        if favoured.is_none() && self.rhythm == 0.0 {
            return None;
        }
        let pitches = encoding.pitches();
        let of_pitch = |column: usize| {
            let is_outside = favoured.is_some_and(|scale| !scale.contains(pitches.pitch(column)));
            if is_outside { -FAVOUR_NATS } else { 0.0 }
        };
        let row: Vec<f32> = (0..pitches.len()).map(of_pitch).collect();
        let mut bias = Vec::with_capacity(encoding.n_visible());
        for step in first_step..first_step + encoding.steps_per_excerpt as usize {
            bias.extend(&row);
            if encoding.n_planes() > 1 {
                let weight = metric_weight(step % steps_per_bar.max(1), encoding.steps_per_beat);
                let onset = self.rhythm as f32 * weight * FAVOUR_NATS / 2.0;
                bias.extend(row.iter().map(|pitch| pitch + onset));
            }
        }
        Some(bias)
    }
}

/// How strong a place in the bar is: 1 on the first beat, then on the other beats, −1 off the beat
/// and its half (the levels of Lerdahl & Jackendoff's metrical grid, spread evenly).
fn metric_weight(place: usize, steps_per_beat: u8) -> f32 {
    let beat = usize::from(steps_per_beat).max(1);
    match place {
        0 => 1.0,
        _ if place.is_multiple_of(beat) => 1.0 / 3.0,
        _ if (2 * place).is_multiple_of(beat) => -1.0 / 3.0,
        _ => -1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::ScaleKind;

    #[test]
    fn a_forced_scale_and_a_range_leave_no_other_pitch() {
        let scale = Some(Scale { tonic: 2, kind: ScaleKind::Dorian });
        let forced =
            Steering { scale, lowest_pitch: Some(60), highest_pitch: Some(72), ..Steering::NONE };
        let allowed: Vec<u8> = (0..128).filter(|&pitch| forced.allows(pitch)).collect();
        assert_eq!(allowed, [60, 62, 64, 65, 67, 69, 71, 72]);
        let favoured = Steering { scale_rule: ScaleRule::Favoured, ..forced };
        assert!(favoured.allows(61) && !favoured.allows(59));
    }

    #[test]
    fn the_bias_lies_on_foreign_notes_and_by_place_in_the_bar() {
        let encoding = EncodingSettings {
            pitch_low: 60,
            pitch_count: 2,
            steps_per_excerpt: 3,
            ..EncodingSettings::default()
        };
        let favoured = Steering {
            scale: Some(Scale { tonic: 0, kind: ScaleKind::Major }),
            scale_rule: ScaleRule::Favoured,
            ..Steering::NONE
        };
        let row = [0.0, -2.0];
        assert_eq!(favoured.bias(0, &encoding, 16).unwrap(), row.repeat(6));
        let on_beat = Steering { rhythm: 1.0, ..Steering::NONE };
        let bias = on_beat.bias(15, &encoding, 16).unwrap();
        let onsets: Vec<f32> = bias.chunks(4).map(|row| row[2]).collect();
        assert_eq!(onsets, [-1.0, 1.0, -1.0]);
        assert!(bias.chunks(4).all(|row| row[..2] == [0.0; 2]));
        assert_eq!(Steering::NONE.bias(0, &encoding, 16), None);
    }

    #[test]
    fn what_is_out_of_range_is_named() {
        for (steering, key) in [
            (Steering { density: Some(0.1), ..Steering::NONE }, "density"),
            (Steering { rhythm: -1.5, ..Steering::NONE }, "rhythm"),
            (Steering { polyphony: Some(0), ..Steering::NONE }, "polyphony"),
            (
                Steering { lowest_pitch: Some(70), highest_pitch: Some(60), ..Steering::NONE },
                "highest_pitch",
            ),
        ] {
            assert!(steering.validate().unwrap_err().to_string().contains(key), "{key}");
        }
    }
}
