//! MIDI pitch numbers, their names and ranges of them.

use serde::{Deserialize, Serialize};

const NAMES: [&str; 12] = ["C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B"];

/// The name of a MIDI pitch, with middle C (60) called C4.
pub fn pitch_name(pitch: u8) -> String {
    format!("{}{}", NAMES[usize::from(pitch % 12)], i32::from(pitch / 12) - 1)
}

/// The MIDI pitch of a name such as "C4", "f#3", "B♭2" or "Bb-1"; see [`pitch_name`].
pub fn pitch_from_name(name: &str) -> Option<u8> {
    let octave = name.find(|c: char| c == '-' || c.is_ascii_digit())?;
    let (note, octave) = name.split_at(octave);
    let octave: i32 = octave.parse().ok().filter(|octave| (-1..=9).contains(octave))?;
    let pitch = (octave + 1) * 12 + semitones_above_c(note)?;
    u8::try_from(pitch).ok().filter(|pitch| *pitch < 128)
}

/// Semitones of a note's name above C: "D" 2, "B#" 12, "Cb" −1.
pub(super) fn semitones_above_c(name: &str) -> Option<i32> {
    let mut characters = name.trim().chars();
    let letter = characters.next().filter(char::is_ascii_alphabetic)?;
    let place = "C D EF G A B".find(letter.to_ascii_uppercase())? as i32;
    let shift = match characters.as_str() {
        "" => 0,
        "#" | "♯" => 1,
        "b" | "♭" => -1,
        _ => return None,
    };
    Some(place + shift)
}

/// The pitches that a roll has columns for: `count` of them from `low` upwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PitchRange {
    pub low: u8,
    pub count: u8,
}

impl PitchRange {
    /// The range of the 2016 study: 78 pitches from 24 (C1) to 101 (F7).
    pub const REFERENCE: Self = Self { low: 24, count: 78 };

    pub fn len(self) -> usize {
        usize::from(self.count)
    }

    pub fn is_empty(self) -> bool {
        self.count == 0
    }

    /// The column of a pitch, or `None` outside the range.
    pub fn index(self, pitch: u8) -> Option<usize> {
        let index = pitch.checked_sub(self.low)?;
        (index < self.count).then_some(usize::from(index))
    }

    /// The pitch of a column.
    pub fn pitch(self, index: usize) -> u8 {
        self.low + index as u8
    }

    /// The highest pitch that has a column.
    pub fn high(self) -> u8 {
        self.low + self.count.saturating_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_middle_c_is_c4_convention() {
        for (pitch, name) in [(60, "C4"), (69, "A4"), (24, "C1"), (101, "F7"), (0, "C-1")] {
            assert_eq!(pitch_name(pitch), name);
        }
    }

    #[test]
    fn names_are_read_as_they_are_written_and_with_flats() {
        for pitch in 0..128 {
            assert_eq!(pitch_from_name(&pitch_name(pitch)), Some(pitch));
        }
        for (name, pitch) in [("f#3", 54), ("Bb2", 46), ("Cb4", 59), ("B#3", 60)] {
            assert_eq!(pitch_from_name(name), Some(pitch), "{name}");
        }
        for name in ["", "C", "H4", "C10", "G#9", "4", " 4", "C##4", "Cb-1"] {
            assert_eq!(pitch_from_name(name), None, "{name}");
        }
    }

    #[test]
    fn a_range_knows_its_columns() {
        let range = PitchRange::REFERENCE;
        assert_eq!(range.index(23), None);
        assert_eq!(range.index(24), Some(0));
        assert_eq!(range.index(101), Some(77));
        assert_eq!(range.index(102), None);
        assert_eq!(range.high(), 101);
        assert_eq!(range.pitch(77), 101);
    }
}
