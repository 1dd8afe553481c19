//! What a roll shows, and how its places and notes are named.

use crate::music::{Metre, NoteSheet, PitchRange, PlayedNote, pitch_name};

use super::RollGrid;

/// What a roll shows. The notes are sorted by start and pitch, and none of one pitch overlap.
#[derive(Clone, Copy, Debug)]
pub struct PianoRollContent<'a> {
    /// The name of the piece, for screen readers.
    pub name: &'a str,
    pub notes: &'a [PlayedNote],
    pub n_steps: u32,
    pub pitches: PitchRange,
    pub steps_per_beat: u8,
    pub metre: Metre,
}

impl PianoRollContent<'_> {
    pub fn steps_per_bar(&self) -> f64 {
        (self.metre.beats_per_bar() * f64::from(self.steps_per_beat)).max(1.0)
    }

    /// The length of what the metre counts: an eighth in 6/8.
    pub fn steps_per_count(&self) -> f64 {
        self.steps_per_bar() / f64::from(self.metre.numerator.max(1))
    }

    /// Bar and count at a step, both from 1: "3.2".
    pub fn place_name(&self, step: f64) -> String {
        let (bar, count, _) = self.place(step);
        format!("{bar}.{count}")
    }

    /// Bar, count (both from 1) and what is left, in steps.
    fn place(&self, step: f64) -> (u64, u64, f64) {
        let step = step.max(0.0);
        let bar = (step / self.steps_per_bar()).floor();
        let within = step - bar * self.steps_per_bar();
        let count = (within / self.steps_per_count()).floor();
        (bar as u64 + 1, count as u64 + 1, within - count * self.steps_per_count())
    }

    /// A place to be heard: "bar 3, beat 2, 1 step after".
    pub(super) fn place_words(&self, step: u32) -> String {
        let (bar, count, rest) = self.place(f64::from(step));
        let after = match rest.round() as u64 {
            0 => String::new(),
            n => format!(", {} after", counted(n as usize, "step")),
        };
        format!("bar {bar}, beat {count}{after}")
    }

    /// A note to be heard: "E4, bar 3, beat 2, 2 steps, velocity 80".
    pub(super) fn note_words(&self, note: PlayedNote) -> String {
        format!(
            "{}, {}, {}, velocity {}",
            pitch_name(note.pitch),
            self.place_words(note.start_step),
            counted(note.n_steps as usize, "step"),
            note.velocity
        )
    }

    /// How much there is, and from where to where.
    pub(super) fn description(&self) -> String {
        let n_bars = (f64::from(self.n_steps) / self.steps_per_bar()).ceil();
        let text =
            format!("{}, {}", counted(self.notes.len(), "note"), counted(n_bars as usize, "bar"));
        let pitches = || self.notes.iter().map(|note| note.pitch);
        match (pitches().min(), pitches().max()) {
            (Some(low), Some(high)) => {
                format!("{text}, {} to {}", pitch_name(low), pitch_name(high))
            }
            _ => text,
        }
    }

    /// The notes, to be edited.
    pub(super) fn sheet(&self) -> NoteSheet {
        NoteSheet::new(self.notes, self.n_steps, self.pitches)
    }

    /// The width of a grid, in steps; at least 1.
    pub(super) fn grid_steps(&self, grid: RollGrid) -> f64 {
        let beat = f64::from(self.steps_per_beat.max(1));
        match grid {
            RollGrid::Step => 1.0,
            RollGrid::HalfBeat => (beat / 2.0).max(1.0),
            RollGrid::Beat => beat,
            RollGrid::Bar => self.steps_per_bar(),
        }
    }

    /// The step of the grid line at or before a place.
    pub(super) fn floor_to(&self, grid: RollGrid, step: f64) -> u32 {
        let unit = self.grid_steps(grid);
        ((step / unit).floor().max(0.0) * unit).round() as u32
    }

    /// The step of the nearest grid line.
    pub(super) fn round_to(&self, grid: RollGrid, step: f64) -> u32 {
        self.floor_to(grid, step + self.grid_steps(grid) / 2.0)
    }

    /// The step of the grid line at or after a place.
    pub(super) fn ceil_to(&self, grid: RollGrid, step: f64) -> u32 {
        let unit = self.grid_steps(grid);
        ((step / unit).ceil().max(0.0) * unit).round() as u32
    }
}

/// "1 note", "3 notes".
pub(super) fn counted(n: usize, what: &str) -> String {
    match n {
        1 => format!("1 {what}"),
        n => format!("{n} {what}s"),
    }
}
