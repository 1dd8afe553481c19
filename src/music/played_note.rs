//! A note of a roll together with how hard it is struck.

use super::{Key, PianoRoll, PitchClassWeights, PitchRange, RollNote};

/// The MIDI velocity of notes that nobody has given another.
pub const DEFAULT_VELOCITY: u8 = 80;

/// A note of a roll with its velocity. In order of start, then pitch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlayedNote {
    pub start_step: u32,
    /// MIDI pitch, 0 to 127.
    pub pitch: u8,
    /// At least 1.
    pub n_steps: u32,
    /// MIDI velocity, 1 to 127.
    pub velocity: u8,
}

/// Where a note begins. No two notes of a piece begin at one place, so this is also its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NotePlace {
    pub start_step: u32,
    pub pitch: u8,
}

impl RollNote {
    pub fn place(self) -> NotePlace {
        NotePlace { start_step: self.start_step, pitch: self.pitch }
    }
}

impl PlayedNote {
    pub fn new(note: RollNote, velocity: u8) -> Self {
        let RollNote { start_step, n_steps, pitch } = note;
        Self { start_step, pitch, n_steps, velocity: velocity.clamp(1, 127) }
    }

    /// The notes of a roll with these velocities, in order; [`DEFAULT_VELOCITY`] where none is
    /// given.
    pub fn of_roll(roll: &PianoRoll, velocities: &[u8]) -> Vec<Self> {
        let velocities = velocities.iter().copied().chain(std::iter::repeat(DEFAULT_VELOCITY));
        let notes = roll.notes().into_iter().zip(velocities);
        notes.map(|(note, velocity)| Self::new(note, velocity)).collect()
    }

    pub fn end_step(self) -> u32 {
        self.start_step.saturating_add(self.n_steps)
    }

    pub fn place(self) -> NotePlace {
        NotePlace { start_step: self.start_step, pitch: self.pitch }
    }

    /// The note without its velocity.
    pub fn roll_note(self) -> RollNote {
        RollNote { start_step: self.start_step, n_steps: self.n_steps, pitch: self.pitch }
    }

    /// Whether the pitch sounds at this step because of the note.
    pub fn covers(self, step: u32, pitch: u8) -> bool {
        self.pitch == pitch && (self.start_step..self.end_step()).contains(&step)
    }

    /// Whether the note can stand in a roll of this size.
    pub fn fits(self, n_steps: u32, pitches: PitchRange) -> bool {
        self.n_steps > 0 && self.end_step() <= n_steps && pitches.index(self.pitch).is_some()
    }
}

/// The key that the notes fit best, each by how long it sounds. `None` without notes.
pub fn best_key(notes: &[PlayedNote]) -> Option<Key> {
    let mut weights: PitchClassWeights = [0.0; 12];
    for note in notes {
        weights[usize::from(note.pitch % 12)] += f64::from(note.n_steps);
    }
    Key::estimate(&weights)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_without_a_velocity_of_their_own_have_the_usual_one() {
        let notes = [
            RollNote { start_step: 0, n_steps: 2, pitch: 60 },
            RollNote { start_step: 2, n_steps: 1, pitch: 62 },
        ];
        let roll = PianoRoll::from_notes(&notes, 4, PitchRange::REFERENCE, 4);
        let played = PlayedNote::of_roll(&roll, &[33]);
        assert_eq!(played, [PlayedNote::new(notes[0], 33), PlayedNote::new(notes[1], 80)]);
        assert_eq!(best_key(&[]), None);
    }
}
