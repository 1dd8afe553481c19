//! Keys: which one a piece stands in, and how well the notes fit it.

use serde::{Deserialize, Serialize};

/// Major or (natural) minor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Mode {
    Major,
    Minor,
}

/// A key such as A minor: a tonic pitch class (0 = C) and a mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Key {
    pub tonic: u8,
    pub mode: Mode,
}

/// How long each of the twelve pitch classes sounds (any unit).
pub type PitchClassWeights = [f64; 12];

// Probe-tone profiles of Krumhansl & Kessler (1982), C as the tonic.
const MAJOR_PROFILE: PitchClassWeights =
    [6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88];
const MINOR_PROFILE: PitchClassWeights =
    [6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17];

const MAJOR_STEPS: [u8; 7] = [0, 2, 4, 5, 7, 9, 11];
const MINOR_STEPS: [u8; 7] = [0, 2, 3, 5, 7, 8, 10];

impl Key {
    /// The key whose profile correlates best with the weights (Krumhansl & Schmuckler's
    /// key-finding algorithm, Krumhansl 1990, chapter 4). `None` without any sound.
    pub fn estimate(weights: &PitchClassWeights) -> Option<Self> {
        if weights.iter().sum::<f64>() <= 0.0 {
            return None;
        }
        let mut best: Option<(f64, Self)> = None;
        for mode in [Mode::Major, Mode::Minor] {
            for tonic in 0..12 {
                let fit = correlation(weights, mode.profile(), tonic);
                if best.is_none_or(|(best_fit, _)| fit > best_fit) {
                    best = Some((fit, Self { tonic, mode }));
                }
            }
        }
        best.map(|(_, key)| key)
    }

    /// Whether a pitch belongs to the key's scale (natural minor).
    pub fn contains(self, pitch: u8) -> bool {
        self.mode.scale().contains(&((pitch + 12 - self.tonic) % 12))
    }

    /// The smallest move, in semitones (−6 to 5), that brings the key to C major or A minor.
    pub fn semitones_to_natural(self) -> i32 {
        let target = match self.mode {
            Mode::Major => 0,
            Mode::Minor => 9,
        };
        (target - i32::from(self.tonic) + 6).rem_euclid(12) - 6
    }

    /// Sharps of the key signature, or flats where negative: −5 (D♭ major) to 6 (F♯ major).
    pub fn fifths(self) -> i8 {
        let major_tonic = match self.mode {
            Mode::Major => self.tonic % 12,
            Mode::Minor => (self.tonic % 12 + 3) % 12,
        };
        // Seven semitones are a fifth, and 7 · 7 = 1 modulo 12.
        let fifths = (major_tonic * 7 % 12) as i8;
        if fifths > 6 { fifths - 12 } else { fifths }
    }

    /// The key of a key signature, −7 to 7 sharps; `None` for others.
    pub fn from_fifths(fifths: i8, mode: Mode) -> Option<Self> {
        let of_c = match mode {
            Mode::Major => 0,
            Mode::Minor => 9,
        };
        let tonic = (i32::from(fifths) * 7 + of_c).rem_euclid(12) as u8;
        (-7..=7).contains(&fifths).then_some(Self { tonic, mode })
    }

    /// "F♯ minor", or "F♯m" when short.
    pub fn name(self) -> String {
        let name = super::pitch_name(self.tonic + 12);
        let mode = match self.mode {
            Mode::Major => "major",
            Mode::Minor => "minor",
        };
        format!("{} {mode}", name.trim_end_matches('0'))
    }
}

impl Mode {
    fn profile(self) -> &'static PitchClassWeights {
        match self {
            Self::Major => &MAJOR_PROFILE,
            Self::Minor => &MINOR_PROFILE,
        }
    }

    fn scale(self) -> &'static [u8; 7] {
        match self {
            Self::Major => &MAJOR_STEPS,
            Self::Minor => &MINOR_STEPS,
        }
    }
}

/// Pearson's correlation of the weights with a profile moved to a tonic.
fn correlation(weights: &PitchClassWeights, profile: &PitchClassWeights, tonic: u8) -> f64 {
    let mean_weight = weights.iter().sum::<f64>() / 12.0;
    let mean_profile = profile.iter().sum::<f64>() / 12.0;
    let (mut cross, mut square_weight, mut square_profile) = (0.0, 0.0, 0.0);
    for (class, weight) in weights.iter().enumerate() {
        let a = weight - mean_weight;
        let b = profile[(class + 12 - usize::from(tonic)) % 12] - mean_profile;
        cross += a * b;
        square_weight += a * a;
        square_profile += b * b;
    }
    cross / (square_weight * square_profile).sqrt().max(f64::MIN_POSITIVE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weights(pitches: &[u8]) -> PitchClassWeights {
        let mut weights = [0.0; 12];
        for pitch in pitches {
            weights[usize::from(pitch % 12)] += 1.0;
        }
        weights
    }

    #[test]
    fn finds_plain_keys() {
        let c_major = weights(&[0, 0, 0, 2, 4, 4, 5, 7, 7, 9, 11]);
        let key = Key::estimate(&c_major).unwrap();
        assert_eq!((key.tonic, key.mode), (0, Mode::Major));
        let e_minor = weights(&[4, 4, 4, 6, 7, 7, 9, 11, 11, 0, 2]);
        let key = Key::estimate(&e_minor).unwrap();
        assert_eq!((key.tonic, key.mode), (4, Mode::Minor));
        assert_eq!(key.name(), "E minor");
        assert_eq!(Key::estimate(&[0.0; 12]), None);
    }

    #[test]
    fn the_move_to_c_major_or_a_minor_is_the_shortest() {
        for (tonic, mode, semitones) in [
            (0, Mode::Major, 0),
            (11, Mode::Major, 1),
            (2, Mode::Major, -2),
            (6, Mode::Major, -6),
            (9, Mode::Minor, 0),
            (4, Mode::Minor, 5),
        ] {
            assert_eq!(Key { tonic, mode }.semitones_to_natural(), semitones);
        }
    }

    #[test]
    fn scales_know_their_notes() {
        let a_minor = Key { tonic: 9, mode: Mode::Minor };
        assert!(a_minor.contains(60) && a_minor.contains(69));
        assert!(!a_minor.contains(68));
    }

    #[test]
    fn key_signatures_are_those_of_the_circle_of_fifths() {
        let key = |tonic, mode| Key { tonic, mode };
        for (key, fifths) in [
            (key(0, Mode::Major), 0),
            (key(9, Mode::Minor), 0),
            (key(2, Mode::Major), 2),
            (key(5, Mode::Major), -1),
            (key(6, Mode::Major), 6),
            (key(1, Mode::Major), -5),
            (key(0, Mode::Minor), -3),
            (key(4, Mode::Minor), 1),
        ] {
            assert_eq!(key.fifths(), fifths, "{}", key.name());
        }
        for tonic in 0..12 {
            for mode in [Mode::Major, Mode::Minor] {
                let key = key(tonic, mode);
                assert_eq!(Key::from_fifths(key.fifths(), mode), Some(key));
            }
        }
        assert_eq!(Key::from_fifths(-7, Mode::Major), Some(key(11, Mode::Major)));
        assert_eq!(Key::from_fifths(8, Mode::Major), None);
    }
}
