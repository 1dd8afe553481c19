//! The reader of the 2016 study, to the letter, so that results can be compared with the report's.
//!
//! It walks the ticks; a new row begins half a sixteenth before each sixteenth, with the holds of
//! the row before. Events change the newest row at once: a note that ends in the row in which it
//! began leaves nothing, and one track's note-off ends another's note. Channels are ignored, so drums
//! become pitches. A time signature whose numerator is neither 2 nor 4 ends the reading.
//! Here the rows are counted rather than walked to, with the same result.

use super::musical::MAX_STEPS;
use crate::midi::{EventKind, MidiFile};
use crate::music::{Metre, PianoRoll, PitchRange};

const STEPS_PER_BEAT: u8 = 4;
const PITCHES: PitchRange = PitchRange::REFERENCE;

/// What the reader got of a file.
pub(super) struct ReferenceReading {
    pub roll: PianoRoll,
    pub ended_by: Option<EndedBy>,
}

/// Why the reader did not get to the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EndedBy {
    TimeSignature {
        metre: Metre,
        beat: u64,
    },
    /// Sixteenths shorter than a tick cannot be counted.
    CoarseTicks {
        ticks_per_beat: u32,
    },
    TooLong {
        n_rows: u64,
    },
}

pub(super) fn read(file: &MidiFile) -> ReferenceReading {
    let mut rows = Rows::new();
    let ended_by = walk(file, &mut rows);
    ReferenceReading { roll: PianoRoll::from_cells(rows.cells, PITCHES, STEPS_PER_BEAT), ended_by }
}

fn walk(file: &MidiFile, rows: &mut Rows) -> Option<EndedBy> {
    let ticks_per_beat = file.ticks_per_beat;
    let sixteenth = u64::from(ticks_per_beat / 4);
    let half = u64::from(ticks_per_beat / 8);
    if sixteenth == 0 {
        return Some(EndedBy::CoarseTicks { ticks_per_beat });
    }
    // Rows begin at the ticks half, half + sixteenth, …; row 0 stands there from the start.
    let n_rows_at = |tick: u64| match tick.checked_sub(half) {
        Some(after) => 2 + after / sixteenth,
        None => 1,
    };
    let n_rows = n_rows_at(file.end_tick());
    if n_rows > MAX_STEPS {
        return Some(EndedBy::TooLong { n_rows });
    }
    rows.reserve(n_rows as usize);
    for event in file.merged_events() {
        rows.extend_to(n_rows_at(event.tick) as usize);
        match event.kind {
            EventKind::NoteOn { pitch, .. } => {
                rows.set(pitch, PianoRoll::HOLD | PianoRoll::ONSET);
            }
            EventKind::NoteOff { pitch, .. } => rows.set(pitch, 0),
            EventKind::TimeSignature { numerator, denominator }
                if numerator != 2 && numerator != 4 =>
            {
                let metre = Metre { numerator, denominator };
                let beat = event.tick / u64::from(ticks_per_beat);
                return Some(EndedBy::TimeSignature { metre, beat });
            }
            _ => {}
        }
    }
    rows.extend_to(n_rows as usize);
    None
}

/// The rows so far; events change the last one.
struct Rows {
    cells: Vec<u8>,
}

impl Rows {
    fn new() -> Self {
        let cells = vec![0; PITCHES.len()];
        Self { cells }
    }

    fn reserve(&mut self, n_rows: usize) {
        self.cells.reserve_exact(n_rows * PITCHES.len());
    }

    fn last(&self) -> usize {
        self.cells.len() - PITCHES.len()
    }

    /// Adds rows that hold what the last one holds.
    fn extend_to(&mut self, n_rows: usize) {
        while self.cells.len() < n_rows * PITCHES.len() {
            let last = self.last();
            self.cells.extend_from_within(last..);
            let added = self.last();
            for cell in &mut self.cells[added..] {
                *cell &= PianoRoll::HOLD;
            }
        }
    }

    fn set(&mut self, pitch: u8, cell: u8) {
        if let Some(column) = PITCHES.index(pitch) {
            let last = self.last();
            self.cells[last + column] = cell;
        }
    }
}
