//! The demo set keeps the rules that its README states.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use harmonium::dataset::{EncodingSettings, Import, Song, Status, import};
use harmonium::midi;
use harmonium::music::{Mode, Score};

/// Step and pitch of every note that starts.
type Notes = HashSet<(u64, u8)>;

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo")
}

fn demo_set() -> Import {
    import(&[folder()], &EncodingSettings::default(), &())
}

fn score_of(song: &Song) -> Score {
    midi::read(&fs::read(&song.path).unwrap()).unwrap().to_score()
}

fn bars_of(score: &Score) -> f64 {
    let metre = score.metres.first().unwrap().metre;
    let beats = score.length_ticks as f64 / f64::from(score.ticks_per_beat);
    beats / metre.beats_per_bar()
}

#[test]
fn the_demo_set_is_large_enough_and_every_song_is_taken_whole() {
    let set = demo_set();
    assert_eq!(set.problems, []);
    let is_progression = |song: &&Song| song.title.starts_with("Progression");
    let n_progressions = set.songs.iter().filter(is_progression).count();
    assert!(n_progressions >= 20, "{n_progressions}");
    assert!(set.songs.len() - n_progressions >= 20, "{}", set.songs.len());
    let bars: f64 = set.songs.iter().map(|song| bars_of(&score_of(song))).sum();
    assert!(bars >= 600.0, "{bars}");
    for song in &set.songs {
        assert_eq!(song.report.status, Status::Ok, "{}: {:?}", song.title, song.report);
        assert_eq!(song.duplicate_of, None, "{}", song.title);
        let bars = bars_of(&score_of(song));
        assert!((8.0..=36.0).contains(&bars), "{}: {bars} bars", song.title);
    }
    let metres: HashSet<_> = set.songs.iter().map(|song| song.metre).collect();
    assert!(metres.len() >= 4, "{metres:?}");
}

#[test]
fn every_piece_of_the_demo_set_stands_in_c_major_or_a_minor() {
    let set = demo_set();
    let mut n_minor = 0;
    for song in &set.songs {
        let key = song.key.unwrap();
        assert_eq!(key.semitones_to_natural(), 0, "{} is in {}", song.title, key.name());
        n_minor += usize::from(key.mode == Mode::Minor);
    }
    assert!((10..=set.songs.len() - 10).contains(&n_minor), "{n_minor} in A minor");
}

#[test]
fn no_two_pieces_of_the_demo_set_share_most_of_their_notes() {
    let set = demo_set();
    let sets: Vec<(&str, Notes)> =
        set.songs.iter().map(|song| (song.title.as_str(), notes_of(&score_of(song)))).collect();
    for (index, (title, notes)) in sets.iter().enumerate() {
        for (other, other_notes) in &sets[..index] {
            let shared = notes.intersection(other_notes).count();
            let share = shared as f64 / notes.len().min(other_notes.len()) as f64;
            assert!(share <= 0.8, "{title} and {other} share {share:.2}");
        }
    }
}

fn notes_of(score: &Score) -> Notes {
    let ticks_per_step = u64::from(score.ticks_per_beat) / 4;
    score
        .tonal_notes()
        .map(|note| {
            assert_eq!(note.start_tick % ticks_per_step, 0, "not on the grid of sixteenths");
            (note.start_tick / ticks_per_step, note.pitch)
        })
        .collect()
}
