//! The musical encoding on pieces of a few notes.

use proptest::prelude::*;

use super::musical::{MusicalReading, encode};
use super::test_files::{score, track};
use super::{Encoding, EncodingSettings, MAX_STEPS, RollSettings};
use crate::music::{Key, Mode, PianoRoll, PitchRange, RollNote};

/// Start, length and pitch, in ticks for a track and in steps for a roll.
type Notes = [(u64, u64, u8)];

fn settings() -> RollSettings {
    EncodingSettings::default().roll_settings()
}

fn read(tracks: &[&Notes], length_ticks: u64, settings: RollSettings) -> MusicalReading {
    let tracks = tracks.iter().map(|notes| track(notes)).collect();
    encode(&score(tracks, length_ticks), settings, |_| true)
}

/// The grid has 24 ticks a step.
#[track_caller]
fn check(tracks: &[&Notes], length_ticks: u64, n_steps: usize, expected: &Notes) {
    let roll = read(tracks, length_ticks, settings()).roll;
    assert_eq!(roll.n_steps(), n_steps);
    let notes: Vec<_> = roll
        .notes()
        .iter()
        .map(|n| (u64::from(n.start_step), u64::from(n.n_steps), n.pitch))
        .collect();
    assert_eq!(notes, expected);
}

#[test]
fn notes_are_rounded_to_the_nearest_step() {
    check(&[&[(0, 96, 60), (96, 48, 64)]], 192, 8, &[(0, 4, 60), (4, 2, 64)]);
    check(&[&[(11, 24, 60), (36, 24, 62)]], 96, 4, &[(0, 1, 60), (2, 1, 62)]);
}

#[test]
fn a_note_shorter_than_a_step_lasts_one() {
    check(&[&[(0, 1, 60), (30, 2, 62), (95, 1, 64)]], 96, 5, &[(0, 1, 60), (1, 1, 62), (4, 1, 64)]);
}

#[test]
fn rests_before_and_after_stay() {
    check(&[&[(48, 24, 60)]], 100, 4, &[(2, 1, 60)]);
    check(&[&[(48, 24, 60)]], 108, 5, &[(2, 1, 60)]);
}

#[test]
fn a_note_struck_again_is_two_notes() {
    check(&[&[(0, 48, 60), (48, 48, 60)]], 96, 4, &[(0, 2, 60), (2, 2, 60)]);
}

#[test]
fn tracks_do_not_end_each_others_notes() {
    let long: &Notes = &[(0, 192, 60)];
    let short: &Notes = &[(48, 48, 60)];
    for tracks in [[long, short], [short, long]] {
        check(&tracks, 192, 8, &[(0, 2, 60), (2, 6, 60)]);
    }
    check(&[long, long], 192, 8, &[(0, 8, 60)]);
}

#[test]
fn every_grid_divides_the_beat() {
    for steps_per_beat in crate::dataset::STEPS_PER_BEAT {
        let settings = RollSettings { steps_per_beat, ..settings() };
        let roll = read(&[&[(96, 96, 60)]], 288, settings).roll;
        let steps = u32::from(steps_per_beat);
        assert_eq!(roll.n_steps(), 3 * steps as usize);
        assert_eq!(roll.notes(), [RollNote { start_step: steps, n_steps: steps, pitch: 60 }]);
    }
}

#[test]
fn drums_and_tracks_left_out_are_not_heard() {
    let mut score = score(vec![track(&[(0, 24, 60)]), track(&[(0, 24, 62)])], 96);
    score.tracks.push(crate::music::Track { is_drums: true, ..track(&[(0, 24, 36)]) });
    let reading = encode(&score, settings(), |index| index != 0);
    assert_eq!(reading.n_taken, 1);
    assert_eq!(reading.roll.notes()[0].pitch, 62);
}

#[test]
fn notes_outside_the_range_are_counted() {
    let reading = read(&[&[(0, 24, 23), (0, 24, 24), (0, 24, 101), (0, 24, 102)]], 96, settings());
    assert_eq!((reading.n_taken, reading.n_outside_range), (2, 2));
}

#[test]
fn songs_can_be_moved_to_the_natural_key() {
    let d_major: Vec<_> = [62, 66, 69, 62, 64, 66, 67, 69, 71, 73, 74]
        .iter()
        .enumerate()
        .map(|(beat, pitch)| (beat as u64 * 96, 96, *pitch))
        .collect();
    let settings = RollSettings { to_natural_key: true, ..settings() };
    let reading = read(&[&d_major], 11 * 96, settings);
    assert_eq!(reading.key, Some(Key { tonic: 2, mode: Mode::Major }));
    assert_eq!(reading.roll.notes()[0].pitch, 60);
}

#[test]
fn what_is_longer_than_any_music_is_refused() {
    let longest = MAX_STEPS * 24;
    let reading = read(&[&[(0, 24, 60)]], longest, settings());
    assert_eq!((reading.too_long, reading.roll.n_steps()), (None, 100_000));
    let reading = read(&[&[(0, u64::MAX, 60)]], longest + 24, settings());
    assert!(reading.too_long.is_some() && reading.roll.n_steps() == 0);
    let reading = read(&[], u64::MAX, settings());
    assert!(reading.too_long.is_some());
}

proptest! {
    /// The plain way: every note drawn by itself.
    #[test]
    fn joining_is_drawing_every_note(
        notes in prop::collection::vec((0_u64..400, 1_u64..200, 58_u8..64), 1..30),
    ) {
        let pitches = PitchRange { low: 59, count: 4 };
        let settings = RollSettings { pitches, encoding: Encoding::Musical, ..settings() };
        let halves = notes.split_at(notes.len() / 2);
        let reading = read(&[halves.0, halves.1], 400, settings);
        let mut drawn = PianoRoll::new(reading.roll.n_steps(), pitches, 4);
        for &(start, length, pitch) in &notes {
            let step = |tick: u64| ((tick as f64 / 24.0) + 0.5).floor() as u32;
            let n_steps = (step(start + length) - step(start)).max(1);
            drawn.add_note(RollNote { start_step: step(start), n_steps, pitch });
        }
        prop_assert_eq!(reading.roll, drawn);
    }
}
