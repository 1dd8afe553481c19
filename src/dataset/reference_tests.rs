//! The reference reader beside the study's own loop, and over the study's own files.

use proptest::prelude::*;

use super::reference::{EndedBy, read};
use super::test_files::pop_folder;
use super::{EncodingSettings, FileReport, ImportSummary, Status, import};
use crate::midi::{Event, EventKind, EventTrack, MidiFile};
use crate::music::{PianoRoll, PitchRange};

/// The study's loop, tick by tick.
fn walked(file: &MidiFile) -> (Vec<u8>, bool) {
    let width = PitchRange::REFERENCE.len();
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
    for title in
        ["Ex's And Oh's - Chorus", "Piano Man - Chorus", "Piano Man - Verse", "Piano man - Bridge"]
    {
        let report = report(title);
        assert_eq!(report.status, Status::Skipped);
        assert!(report.reason.unwrap().contains("time signature"));
        assert_eq!((report.rows, report.hold_bits, report.excerpts), (Some(1), Some(0), Some(0)));
        let hash_of_156_zeros = "59bf9091f4cbbd2a8796bfe086a501c5";
        assert_eq!(report.roll_sha256.unwrap()[..32], *hash_of_156_zeros);
    }
    let names: Vec<_> = import.songs.iter().map(|s| s.path.file_name().unwrap()).collect();
    assert!(names.is_sorted());
}
