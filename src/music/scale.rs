//! Scales: which pitches belong to a tonic and a row of intervals.

use serde::{Deserialize, Serialize};

use super::pitch::semitones_above_c;
use super::{Key, Mode, pitch_name};

/// A row of intervals above a tonic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ScaleKind {
    Major,
    NaturalMinor,
    HarmonicMinor,
    MelodicMinor,
    Dorian,
    Phrygian,
    Lydian,
    Mixolydian,
    Locrian,
    MajorPentatonic,
    MinorPentatonic,
    Blues,
}

/// A scale such as D dorian: a tonic pitch class (0 = C) and its intervals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Scale {
    pub tonic: u8,
    pub kind: ScaleKind,
}

impl ScaleKind {
    pub const ALL: [Self; 12] = [
        Self::Major,
        Self::NaturalMinor,
        Self::HarmonicMinor,
        Self::MelodicMinor,
        Self::Dorian,
        Self::Phrygian,
        Self::Lydian,
        Self::Mixolydian,
        Self::Locrian,
        Self::MajorPentatonic,
        Self::MinorPentatonic,
        Self::Blues,
    ];

    /// The scale of a [`name`](Self::name), with spaces or hyphens.
    pub fn by_name(name: &str) -> Option<Self> {
        let name = name.trim().replace(['-', '_'], " ").to_lowercase();
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Major => "major",
            Self::NaturalMinor => "minor",
            Self::HarmonicMinor => "harmonic minor",
            Self::MelodicMinor => "melodic minor",
            Self::Dorian => "dorian",
            Self::Phrygian => "phrygian",
            Self::Lydian => "lydian",
            Self::Mixolydian => "mixolydian",
            Self::Locrian => "locrian",
            Self::MajorPentatonic => "major pentatonic",
            Self::MinorPentatonic => "minor pentatonic",
            Self::Blues => "blues",
        }
    }

    /// Semitones above the tonic, the melodic minor scale as it rises.
    fn semitones(self) -> &'static [u8] {
        match self {
            Self::Major => &[0, 2, 4, 5, 7, 9, 11],
            Self::NaturalMinor => &[0, 2, 3, 5, 7, 8, 10],
            Self::HarmonicMinor => &[0, 2, 3, 5, 7, 8, 11],
            Self::MelodicMinor => &[0, 2, 3, 5, 7, 9, 11],
            Self::Dorian => &[0, 2, 3, 5, 7, 9, 10],
            Self::Phrygian => &[0, 1, 3, 5, 7, 8, 10],
            Self::Lydian => &[0, 2, 4, 6, 7, 9, 11],
            Self::Mixolydian => &[0, 2, 4, 5, 7, 9, 10],
            Self::Locrian => &[0, 1, 3, 5, 6, 8, 10],
            Self::MajorPentatonic => &[0, 2, 4, 7, 9],
            Self::MinorPentatonic => &[0, 3, 5, 7, 10],
            Self::Blues => &[0, 3, 5, 6, 7, 10],
        }
    }
}

impl Scale {
    pub fn contains(self, pitch: u8) -> bool {
        let above = (pitch % 12 + 12 - self.tonic % 12) % 12;
        self.kind.semitones().contains(&above)
    }

    /// Whether a pitch is the tonic, in any octave.
    pub fn is_tonic(self, pitch: u8) -> bool {
        pitch % 12 == self.tonic % 12
    }

    /// "F♯ harmonic minor".
    pub fn name(self) -> String {
        format!("{} {}", tonic_name(self.tonic), self.kind.name())
    }
}

impl From<Key> for Scale {
    fn from(key: Key) -> Self {
        let kind = match key.mode {
            Mode::Major => ScaleKind::Major,
            Mode::Minor => ScaleKind::NaturalMinor,
        };
        Self { tonic: key.tonic, kind }
    }
}

/// The name of a pitch class, "F♯".
pub fn tonic_name(tonic: u8) -> String {
    pitch_name(tonic % 12 + 12).trim_end_matches('0').to_owned()
}

/// The pitch class of a name such as "D", "f#" or "B♭".
pub fn tonic_from_name(name: &str) -> Option<u8> {
    Some(semitones_above_c(name)?.rem_euclid(12) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_and_its_scale_know_the_same_notes() {
        for mode in [Mode::Major, Mode::Minor] {
            for tonic in 0..12 {
                let key = Key { tonic, mode };
                let scale = Scale::from(key);
                assert!((0..128).all(|pitch| key.contains(pitch) == scale.contains(pitch)));
                assert_eq!(scale.name(), key.name());
            }
        }
    }

    #[test]
    fn tonics_and_scales_are_read_by_name() {
        for tonic in 0..12 {
            assert_eq!(tonic_from_name(&tonic_name(tonic)), Some(tonic));
        }
        assert_eq!((tonic_from_name("Bb"), tonic_from_name("cb")), (Some(10), Some(11)));
        assert_eq!(tonic_from_name("major"), None);
        for kind in ScaleKind::ALL {
            assert_eq!(ScaleKind::by_name(kind.name()), Some(kind));
        }
        assert_eq!(ScaleKind::by_name("Harmonic-Minor"), Some(ScaleKind::HarmonicMinor));
        assert_eq!(ScaleKind::by_name("H"), None);
    }

    #[test]
    fn every_scale_holds_its_tonic_and_a_fifth_or_its_neighbour() {
        for kind in ScaleKind::ALL {
            let scale = Scale { tonic: 9, kind };
            assert!(scale.is_tonic(69) && scale.contains(69), "{}", scale.name());
            assert!(scale.contains(69 + 7) || scale.contains(69 + 6), "{}", scale.name());
            assert!(!scale.contains(69 + 1) || !scale.contains(69 + 2), "{}", scale.name());
        }
    }
}
