//! A performance changes what it says and nothing else.

use proptest::prelude::*;

use super::{Metre, MetreChange, Note, Performance, Score, TempoMap, Track, Voice, VoiceSound};

fn note(start_tick: u64, length_ticks: u64, pitch: u8) -> Note {
    Note { start_tick, length_ticks, pitch, velocity: 80 }
}

fn score(notes: &[Note]) -> Score {
    let mut notes = notes.to_vec();
    notes.sort_unstable();
    Score {
        ticks_per_beat: 480,
        tempo: TempoMap::constant(480, 120.0),
        metres: vec![MetreChange { tick: 0, metre: Metre::COMMON }],
        key: None,
        length_ticks: 1920 * 4,
        tracks: vec![Track { program: 9, notes, ..Track::default() }],
    }
}

#[test]
fn the_default_plays_what_is_written() {
    let score = score(&[note(0, 240, 60), note(240, 240, 40)]);
    assert_eq!(Performance::default().perform(&score), score);
}

#[test]
fn notes_are_divided_by_range_and_a_muted_voice_is_silent() {
    let score = score(&[note(0, 240, 51), note(0, 240, 52), note(0, 240, 71), note(0, 240, 72)]);
    let mut settings = Performance { is_divided: true, ..Performance::default() };
    settings.voices[1] = VoiceSound { program: 20, volume: 64, is_muted: false };
    let played = settings.perform(&score);
    let pitches = |track: &Track| track.notes.iter().map(|n| n.pitch).collect::<Vec<_>>();
    assert_eq!(
        played.tracks.iter().map(pitches).collect::<Vec<_>>(),
        [vec![51], vec![52, 71], vec![72]]
    );
    let names: Vec<&str> = played.tracks.iter().map(|track| track.name.as_str()).collect();
    assert_eq!(names, Voice::ALL.map(Voice::name));
    assert_eq!((played.tracks[1].program, played.tracks[1].volume), (20, Some(64)));
    settings.voices[2].is_muted = true;
    let muted = settings.perform(&score);
    assert_eq!(muted.tracks.len(), 3, "channels stay where they are");
    assert_eq!(muted.note_count(), 3);
}

#[test]
fn drums_stay_drums() {
    let mut score = score(&[note(0, 240, 60)]);
    score.tracks.push(Track { is_drums: true, notes: vec![note(0, 240, 36)], ..Track::default() });
    let settings = Performance { is_divided: true, ..Performance::default() };
    let played = settings.perform(&score);
    assert_eq!(played.tracks.len(), 4);
    assert!(played.tracks[3].is_drums);
    assert_eq!(played.tracks[3].notes, score.tracks[1].notes);
}

#[test]
fn accents_make_the_beat_louder_than_what_is_between() {
    let score = score(&[note(0, 60, 60), note(240, 60, 60), note(480, 60, 60), note(540, 60, 62)]);
    let settings = Performance { accent: 1.0, ..Performance::default() };
    let velocities: Vec<u8> =
        settings.perform(&score).tracks[0].notes.iter().map(|n| n.velocity).collect();
    assert_eq!(velocities, [104, 74, 86, 66]);
}

#[test]
fn a_hand_is_uneven_within_its_bounds_and_alike_for_a_seed() {
    let notes: Vec<Note> = (0..400).map(|n| note(480 + n * 120, 100, 60 + (n % 7) as u8)).collect();
    let mut score = score(&notes);
    score.length_ticks = 60_000;
    let settings =
        Performance { humanise_ms: 10.0, humanise_velocity: 12.0, ..Performance::default() };
    let played = settings.perform(&score);
    assert_eq!(played, settings.perform(&score));
    assert_ne!(played, Performance { humanise_seed: 2, ..settings }.perform(&score));
    // 120 beats a minute: a tick is 1/960 s, and no note is moved past its neighbour.
    let moves: Vec<f64> = played.tracks[0]
        .notes
        .iter()
        .zip(&score.tracks[0].notes)
        .map(|(played, written)| played.start_tick as f64 - written.start_tick as f64)
        .collect();
    assert!(moves.iter().all(|ticks| ticks.abs() <= 10.0), "{moves:?}");
    let mean = moves.iter().sum::<f64>() / moves.len() as f64;
    let spread = moves.iter().map(|ticks| ticks * ticks).sum::<f64>() / moves.len() as f64;
    // Of the sum of two even draws over ±9.6 ticks the variance is 9.6²/6.
    assert!(mean.abs() < 0.8 && (spread - 15.4).abs() < 4.0, "{mean} {spread}");
    let changes = played.tracks[0].notes.iter().map(|n| i32::from(n.velocity) - 80);
    assert!(changes.clone().all(|change| change.abs() <= 12));
    assert!(changes.clone().any(|change| change.abs() >= 6));
}

#[test]
fn an_edit_elsewhere_moves_no_other_note() {
    let settings = Performance { humanise_ms: 20.0, ..Performance::default() };
    let before = settings.perform(&score(&[note(480, 240, 60), note(960, 240, 62)]));
    let after =
        settings.perform(&score(&[note(0, 240, 70), note(480, 240, 60), note(960, 240, 62)]));
    assert!(before.tracks[0].notes.iter().all(|note| after.tracks[0].notes.contains(note)));
}

#[test]
fn odd_values_are_mended() {
    let odd = Performance {
        chords_from: 200,
        melody_from: 3,
        swing_percent: f64::NAN,
        accent: 9.0,
        humanise_ms: -4.0,
        humanise_velocity: f64::INFINITY,
        ..Performance::default()
    };
    let mended = odd.mended();
    assert_eq!((mended.chords_from, mended.melody_from), (127, 127));
    assert_eq!((mended.swing_percent, mended.accent), (50.0, 1.0));
    assert_eq!((mended.humanise_ms, mended.humanise_velocity), (0.0, 0.0));
}

proptest! {
    #[test]
    fn whatever_is_asked_for_the_notes_can_be_played(
        notes in prop::collection::vec((0_u64..4000, 1_u64..900, 40_u8..90), 1..60),
        swing_percent in 50.0..75.0, accent in 0.0..1.0, humanise_ms in 0.0..40.0,
        humanise_velocity in 0.0..40.0, is_divided: bool, humanise_seed: u64,
    ) {
        let notes: Vec<Note> = notes.iter().map(|&(at, length, pitch)| note(at, length, pitch)).collect();
        let settings = Performance {
            is_divided, swing_percent, accent, humanise_ms, humanise_velocity, humanise_seed,
            ..Performance::default()
        };
        let played = settings.perform(&score(&notes));
        for track in &played.tracks {
            prop_assert!(track.notes.is_sorted());
            for (index, note) in track.notes.iter().enumerate() {
                prop_assert!(note.length_ticks > 0 && (1..=127).contains(&note.velocity));
                let next = track.notes[index + 1..].iter().find(|other| other.pitch == note.pitch);
                prop_assert!(next.is_none_or(|next| next.start_tick >= note.end_tick()));
            }
        }
        prop_assert!(played.note_count() <= notes.len());
    }
}
