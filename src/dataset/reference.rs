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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::test_files::pop_folder;
    use crate::dataset::{EncodingSettings, FileReport, ImportSummary, Status, import};
    use crate::midi::{Event, EventTrack};
    use proptest::prelude::*;

    /// The study's loop, tick by tick.
    fn walked(file: &MidiFile) -> (Vec<u8>, bool) {
        let width = PITCHES.len();
        let sixteenth = u64::from(file.ticks_per_beat / 4);
        let half = u64::from(file.ticks_per_beat / 8);
        let mut rows = vec![vec![0_u8; width]];
        for tick in 0..=file.end_tick() {
            if tick % sixteenth == half {
                let held = |cell: &u8| cell & PianoRoll::HOLD;
                rows.push(rows.last().unwrap().iter().map(held).collect());
            }
            let at_tick = |t: &EventTrack| {
                let events = t.events.iter().filter(move |e| e.tick == tick);
                events.map(|e| e.kind).collect::<Vec<_>>()
            };
            for kind in file.tracks.iter().flat_map(at_tick) {
                let (pitch, cell) = match kind {
                    EventKind::NoteOn { pitch, .. } => (pitch, 3),
                    EventKind::NoteOff { pitch, .. } => (pitch, 0),
                    EventKind::TimeSignature { numerator, .. } if ![2, 4].contains(&numerator) => {
                        return (rows.concat(), true);
                    }
                    _ => continue,
                };
                if (24..102).contains(&pitch) {
                    rows.last_mut().unwrap()[usize::from(pitch) - 24] = cell;
                }
            }
        }
        (rows.concat(), false)
    }

    fn kind() -> impl Strategy<Value = EventKind> {
        let pitch = 20_u8..30;
        prop_oneof![
            5 => (0_u8..16, pitch.clone()).prop_map(|(channel, pitch)| EventKind::NoteOn {
                channel,
                pitch,
                velocity: 1
            }),
            5 => (0_u8..16, pitch)
                .prop_map(|(channel, pitch)| EventKind::NoteOff { channel, pitch }),
            1 => (2_u8..6).prop_map(|n| EventKind::TimeSignature {
                numerator: if n == 5 { 3 } else { 4 - n % 2 * 2 },
                denominator: 8
            }),
        ]
    }

    fn event_track() -> impl Strategy<Value = EventTrack> {
        (prop::collection::vec((0_u64..40, kind()), 0..20), 0_u64..60).prop_map(|(events, rest)| {
            let mut tick = 0;
            let event = |(delta, kind)| {
                tick += delta;
                Event { tick, kind }
            };
            let events = events.into_iter().map(event).collect();
            EventTrack { name: String::new(), events, end_tick: tick + rest }
        })
    }

    proptest! {
        #[test]
        fn rows_are_those_of_the_walk(
            ticks_per_beat in 4_u32..50,
            tracks in prop::collection::vec(event_track(), 0..4),
        ) {
            let file = MidiFile { format: 1, ticks_per_beat, tracks, warnings: Vec::new() };
            let reading = read(&file);
            let (cells, is_stopped) = walked(&file);
            prop_assert_eq!(reading.roll.cells(), cells);
            prop_assert_eq!(reading.ended_by.is_some(), is_stopped);
        }
    }

    #[test]
    fn coarse_ticks_and_giant_files_are_named() {
        let file = |ticks_per_beat, end_tick| MidiFile {
            ticks_per_beat,
            tracks: vec![EventTrack { end_tick, ..EventTrack::default() }],
            ..MidiFile::default()
        };
        let coarse = read(&file(3, 10)).ended_by;
        assert_eq!(coarse, Some(EndedBy::CoarseTicks { ticks_per_beat: 3 }));
        let long = read(&file(96, 13_400_000_000));
        assert_eq!(long.ended_by, Some(EndedBy::TooLong { n_rows: 558_333_334 }));
        assert_eq!(long.roll.n_steps(), 1);
    }

    #[test]
    fn the_pop_set_gives_the_figures_of_the_study() {
        let Some(folder) = pop_folder() else { return };
        let settings = EncodingSettings::reference();
        let import = import(&[folder], &settings, &());
        let summary = ImportSummary::new(&import, &settings);
        assert_eq!((summary.files, summary.ok, summary.skipped), (126, 122, 4));
        assert_eq!((summary.excerpts, summary.duplicates), (1291, 1));
        assert!((summary.mean_bits_per_excerpt.unwrap() - 79.17).abs() < 0.005);

        let report = |title: &str| {
            let song = import.songs.iter().find(|s| s.title == title).unwrap();
            FileReport::new(song)
        };
        let sizes = |title| {
            let report = report(title);
            (report.rows, report.hold_bits, report.onset_bits)
        };
        assert_eq!(sizes("Clocks - Intro"), (Some(65), Some(320), Some(80)));
        assert_eq!(sizes("Baby One More Time - Chorus"), (Some(129), Some(618), Some(93)));
        for title in [
            "Ex's And Oh's - Chorus",
            "Piano Man - Chorus",
            "Piano Man - Verse",
            "Piano man - Bridge",
        ] {
            let report = report(title);
            assert_eq!(report.status, Status::Skipped);
            assert!(report.reason.unwrap().contains("time signature"));
            assert_eq!(
                (report.rows, report.hold_bits, report.excerpts),
                (Some(1), Some(0), Some(0))
            );
            let hash_of_156_zeros = "59bf9091f4cbbd2a8796bfe086a501c5";
            assert_eq!(report.roll_sha256.unwrap()[..32], *hash_of_156_zeros);
        }
        let names: Vec<_> = import.songs.iter().map(|s| s.path.file_name().unwrap()).collect();
        assert!(names.is_sorted());
    }
}
