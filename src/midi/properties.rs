//! What holds for every score and for any bytes.

use proptest::prelude::*;

use super::{read, write};
use crate::music::{Key, Metre, MetreChange, Mode, Note, Score, TempoChange, TempoMap, Track};

/// Notes of a track that never overlap on a pitch: pitch, pause before, length, velocity.
fn notes() -> impl Strategy<Value = Vec<Note>> {
    let note = (40_u8..45, 0_u64..200, 1_u64..400, 1_u8..=127);
    prop::collection::vec(note, 1..20).prop_map(|parts| {
        let mut free_from = [0_u64; 128];
        let mut notes: Vec<Note> = Vec::new();
        for (pitch, pause, length_ticks, velocity) in parts {
            let start_tick = free_from[usize::from(pitch)] + pause;
            free_from[usize::from(pitch)] = start_tick + length_ticks;
            notes.push(Note { start_tick, length_ticks, pitch, velocity });
        }
        notes.sort_by_key(|n| (n.start_tick, n.pitch));
        notes
    })
}

fn track() -> impl Strategy<Value = Track> {
    ("[a-zA-ZäöüÅ♯ ]{0,12}", 0_u8..128, any::<bool>(), notes()).prop_map(
        |(name, program, is_drums, notes)| Track {
            name: name.trim().to_owned(),
            program,
            volume: None,
            is_drums,
            notes,
        },
    )
}

fn score() -> impl Strategy<Value = Score> {
    let tempo = (0_u64..3000, 1_u32..0x0100_0000);
    let metre = (0_u64..3000, 1_u8..=13, 0_u32..6);
    (
        1_u32..0x8000,
        prop::collection::vec(tempo, 0..4),
        prop::collection::vec(metre, 0..4),
        // More tracks than channels.
        prop::collection::vec(track(), 0..20),
        0_u64..1000,
        prop::option::of((0_u8..12, any::<bool>())),
    )
        .prop_map(|(ticks_per_beat, tempi, metres, tracks, rest, key)| {
            let key = key.map(|(tonic, is_minor)| Key {
                tonic,
                mode: if is_minor { Mode::Minor } else { Mode::Major },
            });
            let tempi = tempi.into_iter().map(|(tick, micros)| TempoChange {
                tick,
                beats_per_minute: 60e6 / f64::from(micros),
            });
            let mut metres: Vec<MetreChange> = metres
                .into_iter()
                .map(|(tick, numerator, exponent)| MetreChange {
                    tick,
                    metre: Metre { numerator, denominator: 1 << exponent },
                })
                .collect();
            metres.sort_by_key(|m| m.tick);
            metres.dedup_by_key(|m| m.tick);
            let ends = tracks.iter().flat_map(|t| &t.notes).map(Note::end_tick);
            let last = ends.max().unwrap_or(0).max(3000);
            Score {
                ticks_per_beat,
                tempo: TempoMap::new(ticks_per_beat, tempi.collect()),
                metres,
                key,
                tracks,
                length_ticks: last + rest,
            }
        })
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(score in score()) {
        let file = read(&write(&score)).unwrap();
        prop_assert_eq!(&file.warnings, &Vec::<String>::new());
        prop_assert_eq!(file.to_score(), score);
    }

    #[test]
    fn any_bytes_can_be_read(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        if let Ok(file) = read(&bytes) {
            file.to_score();
        }
        let file = [b"MThd\x00\x00\x00\x06\x00\x01\x00\x02\x00\x60MTrk\x00\x00\x00\x80", &bytes[..]];
        let file = read(&file.concat()).unwrap();
        let score = file.to_score();
        for note in score.tracks.iter().flat_map(|t| &t.notes) {
            prop_assert!(note.length_ticks > 0 && note.velocity > 0);
            prop_assert!(note.end_tick() <= score.length_ticks);
        }
        // A repaired file is a sound file.
        let again = read(&write(&score)).unwrap();
        prop_assert_eq!(again.warnings, Vec::<String>::new());
    }

    #[test]
    fn damaged_files_can_be_read(
        score in score(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut bytes = write(&score);
        for (index, value) in damage {
            let place = index.index(bytes.len());
            bytes[place] = value;
        }
        if let Ok(file) = read(&bytes) {
            for track in &file.tracks {
                prop_assert!(track.events.is_sorted_by_key(|e| e.tick));
                prop_assert!(track.events.last().is_none_or(|e| e.tick <= track.end_tick));
            }
            file.to_score();
        }
    }
}

#[test]
fn ticks_finer_than_midi_knows_become_coarser() {
    let note = Note { start_tick: 40_000, length_ticks: 80_000, pitch: 60, velocity: 80 };
    let score = Score {
        ticks_per_beat: 80_000,
        tempo: TempoMap::constant(80_000, 90.0),
        metres: Vec::new(),
        key: None,
        tracks: vec![Track { notes: vec![note], ..Track::default() }],
        length_ticks: 160_000,
    };
    let read = read(&write(&score)).unwrap().to_score();
    assert_eq!(read.ticks_per_beat, 0x7FFF);
    assert!((read.duration_secs() - score.duration_secs()).abs() < 1e-3);
    assert_eq!(read.tracks[0].notes[0].start_tick, 0x7FFF / 2);
}

#[test]
fn very_long_pauses_are_written() {
    let mut score = Score {
        ticks_per_beat: 96,
        tempo: TempoMap::constant(96, 120.0),
        metres: Vec::new(),
        key: None,
        tracks: Vec::new(),
        length_ticks: 3_000_000_000,
    };
    assert_eq!(read(&write(&score)).unwrap().end_tick(), 3_000_000_000);
    score.length_ticks = u64::MAX;
    assert_eq!(read(&write(&score)).unwrap().end_tick(), 1 << 40);
}

/// Found by fuzzing.
#[test]
fn a_note_of_no_length_at_the_end_lies_within_the_score() {
    let track = b"\x60\x90\x3C\x40\0\x80\x3C\x40\0\xFF\x2F\0";
    let head: &[u8] = b"MThd\0\0\0\x06\0\0\0\x01\0\x60MTrk\0\0\0\x0C";
    let score = read(&[head, track].concat()).unwrap().to_score();
    let note = score.tracks[0].notes[0];
    assert_eq!((note.start_tick, note.length_ticks, score.length_ticks), (0x60, 1, 0x61));
}
