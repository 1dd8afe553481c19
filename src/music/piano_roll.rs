//! The piano roll: a grid of steps × pitches with a *hold* and an *onset* plane.

use super::PitchRange;

/// A grid of `n_steps` × `pitches`. A cell says whether the pitch sounds (*hold*) and whether it
/// is struck there (*onset*).
///
/// One byte a cell; cell (step, pitch) lies at `step * pitches.len() + column`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PianoRoll {
    pitches: PitchRange,
    steps_per_beat: u8,
    cells: Vec<u8>,
}

/// A note of a roll, in steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RollNote {
    pub start_step: u32,
    /// At least 1.
    pub n_steps: u32,
    pub pitch: u8,
}

const HOLD: u8 = PianoRoll::HOLD;
const ONSET: u8 = PianoRoll::ONSET;

impl PianoRoll {
    /// The bit of a cell that says: the pitch sounds.
    pub const HOLD: u8 = 1;
    /// The bit of a cell that says: the pitch is struck.
    pub const ONSET: u8 = 2;

    /// An empty roll.
    pub fn new(n_steps: usize, pitches: PitchRange, steps_per_beat: u8) -> Self {
        Self { pitches, steps_per_beat, cells: vec![0; n_steps * pitches.len()] }
    }

    /// The roll of these cells, step by step; bits other than [`HOLD`](Self::HOLD) and
    /// [`ONSET`](Self::ONSET) are cleared, and a last step that is not whole is left out.
    pub fn from_cells(mut cells: Vec<u8>, pitches: PitchRange, steps_per_beat: u8) -> Self {
        let n_steps = cells.len().checked_div(pitches.len()).unwrap_or(0);
        cells.truncate(n_steps * pitches.len());
        for cell in &mut cells {
            *cell &= HOLD | ONSET;
        }
        Self { pitches, steps_per_beat, cells }
    }

    /// All cells, step by step, each a sum of [`HOLD`](Self::HOLD) and [`ONSET`](Self::ONSET).
    pub fn cells(&self) -> &[u8] {
        &self.cells
    }

    pub fn n_steps(&self) -> usize {
        self.cells.len().checked_div(self.pitches.len()).unwrap_or(0)
    }

    pub fn pitches(&self) -> PitchRange {
        self.pitches
    }

    pub fn steps_per_beat(&self) -> u8 {
        self.steps_per_beat
    }

    pub fn is_held(&self, step: usize, column: usize) -> bool {
        self.cells[step * self.pitches.len() + column] & HOLD != 0
    }

    pub fn is_onset(&self, step: usize, column: usize) -> bool {
        self.cells[step * self.pitches.len() + column] & ONSET != 0
    }

    pub fn set(&mut self, step: usize, column: usize, cell: (bool, bool)) {
        let (hold, onset) = cell;
        self.cells[step * self.pitches.len() + column] =
            (u8::from(hold) * HOLD) | (u8::from(onset) * ONSET);
    }

    /// Draws a note; what lies outside the grid is cut off. A note already sounding on the pitch
    /// goes on after it only if it was longer (the union of both, with both onsets).
    pub fn add_note(&mut self, note: RollNote) {
        let Some(column) = self.pitches.index(note.pitch) else {
            return;
        };
        let width = self.pitches.len();
        let start = note.start_step as usize;
        let end = start.saturating_add(note.n_steps as usize).min(self.n_steps());
        for step in start..end {
            self.cells[step * width + column] |= HOLD;
        }
        if start < end {
            self.cells[start * width + column] |= ONSET;
        }
    }

    /// The roll of these notes, `n_steps` long.
    pub fn from_notes(
        notes: &[RollNote],
        n_steps: usize,
        pitches: PitchRange,
        steps_per_beat: u8,
    ) -> Self {
        let mut roll = Self::new(n_steps, pitches, steps_per_beat);
        let width = pitches.len();
        let mut notes = notes.to_vec();
        notes.sort_unstable_by_key(|note| (note.pitch, note.start_step));
        // A cell that several notes hold is drawn once, however many they are.
        let mut drawn = (0, 0);
        for note in notes {
            let Some(column) = pitches.index(note.pitch) else { continue };
            let drawn_to = if drawn.0 == note.pitch { drawn.1 } else { 0 };
            let start = note.start_step as usize;
            let end = start.saturating_add(note.n_steps as usize).min(n_steps);
            for step in drawn_to.max(start)..end {
                roll.cells[step * width + column] |= HOLD;
            }
            if start < end {
                roll.cells[start * width + column] |= ONSET;
            }
            drawn = (note.pitch, drawn_to.max(end));
        }
        roll
    }

    /// Reads the notes back, sorted by start and pitch.
    ///
    /// A note starts where the pitch is held and is struck or was silent before; an onset without
    /// a hold is no note. Every note ends where the hold ends, where the next onset stands, or
    /// with the roll: none is left open.
    pub fn notes(&self) -> Vec<RollNote> {
        let mut notes = Vec::new();
        for column in 0..self.pitches.len() {
            self.column_notes(column, &mut notes);
        }
        notes.sort_unstable_by_key(|note| (note.start_step, note.pitch));
        notes
    }

    fn column_notes(&self, column: usize, notes: &mut Vec<RollNote>) {
        let pitch = self.pitches.pitch(column);
        let mut open: Option<usize> = None;
        let note = |start: usize, end: usize| RollNote {
            start_step: start as u32,
            n_steps: (end - start) as u32,
            pitch,
        };
        for step in 0..self.n_steps() {
            let is_held = self.is_held(step, column);
            if let Some(start) = open
                && (!is_held || self.is_onset(step, column))
            {
                notes.push(note(start, step));
                open = None;
            }
            if is_held && open.is_none() {
                open = Some(step);
            }
        }
        if let Some(start) = open {
            notes.push(note(start, self.n_steps()));
        }
    }

    /// Clears onsets without a hold, and gives every hold that follows silence its onset, so that
    /// the grid says exactly what [`notes`](Self::notes) reads.
    pub fn repair(&mut self) {
        let width = self.pitches.len();
        for index in 0..self.cells.len() {
            let was_held = index >= width && self.cells[index - width] & HOLD != 0;
            let cell = &mut self.cells[index];
            if *cell & HOLD == 0 {
                *cell = 0;
            } else if !was_held {
                *cell |= ONSET;
            }
        }
    }

    /// Whether no pitch is held anywhere.
    pub fn is_silent(&self) -> bool {
        self.cells.iter().all(|c| c & HOLD == 0)
    }

    pub fn hold_count(&self) -> usize {
        self.count(HOLD)
    }

    pub fn onset_count(&self) -> usize {
        self.count(ONSET)
    }

    fn count(&self, bit: u8) -> usize {
        // So many cells that their count fits a byte, and bytes add fast.
        let counts = self.cells.chunks(128);
        counts.map(|c| usize::from(c.iter().map(|c| u8::from(c & bit != 0)).sum::<u8>())).sum()
    }

    /// Moves every note by `semitones`; what leaves the pitch range is lost.
    #[must_use]
    pub fn transposed(&self, semitones: i32) -> Self {
        let width = self.pitches.len();
        let mut moved = Self::new(self.n_steps(), self.pitches, self.steps_per_beat);
        for (index, &cell) in self.cells.iter().enumerate() {
            let column = (index % width) as i32 + semitones;
            if (0..width as i32).contains(&column) {
                moved.cells[index / width * width + column as usize] = cell;
            }
        }
        moved
    }

    /// The steps `range` as a roll of their own; steps beyond the end are silent.
    #[must_use]
    pub fn excerpt(&self, range: std::ops::Range<usize>) -> Self {
        let width = self.pitches.len();
        let mut cut = Self::new(range.len(), self.pitches, self.steps_per_beat);
        let end = range.end.min(self.n_steps());
        if range.start < end {
            let from = &self.cells[range.start * width..end * width];
            cut.cells[..from.len()].copy_from_slice(from);
        }
        cut
    }

    /// Appends another roll of the same pitches.
    ///
    /// # Panics
    /// When the pitch ranges differ.
    pub fn append(&mut self, other: &Self) {
        assert_eq!(self.pitches, other.pitches, "rolls of different pitch ranges");
        self.cells.extend_from_slice(&other.cells);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RANGE: PitchRange = PitchRange { low: 60, count: 5 };

    fn note(start_step: u32, n_steps: u32, pitch: u8) -> RollNote {
        RollNote { start_step, n_steps, pitch }
    }

    #[test]
    fn a_restruck_note_is_two_notes() {
        let notes = [note(0, 2, 60), note(2, 2, 60)];
        let roll = PianoRoll::from_notes(&notes, 4, RANGE, 4);
        assert_eq!(roll.notes(), notes);
        assert_eq!((roll.hold_count(), roll.onset_count()), (4, 2));
    }

    #[test]
    fn an_onset_without_hold_is_no_note_and_a_hold_after_silence_is() {
        let mut roll = PianoRoll::new(4, RANGE, 4);
        roll.set(0, 0, (false, true));
        roll.set(2, 1, (true, false));
        assert_eq!(roll.notes(), [note(2, 1, 61)]);
        roll.repair();
        assert_eq!(roll.notes(), [note(2, 1, 61)]);
        assert_eq!(roll.onset_count(), 1);
        assert!(roll.is_onset(2, 1));
    }

    #[test]
    fn notes_of_a_chord_stand_by_pitch_whatever_their_lengths() {
        let notes = [note(0, 3, 60), note(0, 1, 62), note(0, 2, 64)];
        assert_eq!(PianoRoll::from_notes(&notes, 3, RANGE, 4).notes(), notes);
    }

    #[test]
    fn the_last_step_closes_every_note() {
        let mut roll = PianoRoll::new(3, RANGE, 4);
        roll.set(1, 4, (true, true));
        roll.set(2, 4, (true, false));
        assert_eq!(roll.notes(), [note(1, 2, 64)]);
    }

    #[test]
    fn transposing_loses_only_what_leaves_the_range() {
        let roll = PianoRoll::from_notes(&[note(0, 1, 60), note(1, 1, 64)], 2, RANGE, 4);
        assert_eq!(roll.transposed(1).notes(), [note(0, 1, 61)]);
        assert_eq!(roll.transposed(-4).notes(), [note(1, 1, 60)]);
    }

    #[test]
    fn an_excerpt_beyond_the_end_is_padded_with_silence() {
        let roll = PianoRoll::from_notes(&[note(1, 2, 60)], 3, RANGE, 4);
        let cut = roll.excerpt(2..6);
        assert_eq!(cut.n_steps(), 4);
        assert_eq!(cut.notes(), [note(0, 1, 60)]);
    }

    proptest! {
        #[test]
        fn reading_and_drawing_again_changes_nothing(cells in prop::collection::vec(0_u8..4, 40)) {
            let mut roll = PianoRoll { pitches: RANGE, steps_per_beat: 4, cells };
            let notes = roll.notes();
            roll.repair();
            prop_assert_eq!(&roll, &PianoRoll::from_notes(&notes, 8, RANGE, 4));
            prop_assert_eq!(roll.notes(), notes);
        }
    }
}
