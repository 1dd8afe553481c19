//! The rows and excerpts of a data set, its held-out part and its transposed copies.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::test_files::{bytes, import_files, melody, pop_folder, songs};
use super::*;
use crate::music::Metre;

fn settings(held_out_share: f64, transpose_semitones: u8) -> EncodingSettings {
    EncodingSettings { transpose_semitones, held_out_share, ..EncodingSettings::default() }
}

/// The places of the songs on either side: trained on, held out.
fn sides(dataset: &Dataset) -> (BTreeSet<usize>, BTreeSet<usize>) {
    let side = |is_held_out| {
        let songs = dataset.songs.iter().filter(move |s| s.is_held_out == is_held_out);
        songs.map(|s| s.source).collect()
    };
    (side(false), side(true))
}

#[test]
fn the_pop_set_has_the_excerpts_of_the_study() {
    let Some(folder) = pop_folder() else { return };
    let settings = EncodingSettings::reference();
    let import = import(&[folder], &settings, &());
    let dataset = Dataset::build(&import.songs, &settings).unwrap();
    assert_eq!((dataset.training.len(), dataset.held_out.len()), (1291, 0));
    assert_eq!((dataset.songs.len(), dataset.n_visible()), (122, 2340));
    assert!((dataset.bits_per_excerpt() - 79.17).abs() < 0.005);
    let means: f32 = dataset.visible_means().iter().sum();
    assert!((means - 79.17).abs() < 0.005);
    // The study does not train on the first excerpt of a song.
    let firsts = dataset.songs.iter().map(|s| s.first_row).collect::<BTreeSet<_>>();
    let trained = dataset.training.iter().filter(|e| !firsts.contains(&e.first_row)).count();
    assert_eq!(trained, 1169);
}

#[test]
fn an_excerpt_is_its_songs_rows_in_a_line() {
    let settings = settings(0.0, 0);
    let songs = songs(3, &settings);
    let dataset = Dataset::build(&songs, &settings).unwrap();
    assert_eq!(dataset.training.len(), 12);
    let excerpt = dataset.training[5];
    assert_eq!((excerpt.song, excerpt.first_row), (1, 80));
    let expected = songs[1].roll.excerpt(16..32);
    assert_eq!(dataset.visible(excerpt), roll_to_rows(&expected, &settings));
    assert_eq!(dataset.excerpt_roll(excerpt), expected);
}

#[test]
fn the_last_excerpt_is_filled_up_with_silence() {
    let settings = EncodingSettings { steps_per_excerpt: 48, ..settings(0.0, 0) };
    let long = bytes(&[(0, 24 * 40, 60)], Metre::COMMON, 24 * 40);
    let songs = import_files(&[("a.mid", long), ("b.mid", melody(1, 12))], &settings).songs;
    let dataset = Dataset::build(&songs, &settings).unwrap();
    assert_eq!(dataset.songs[0].n_rows, 48);
    assert_eq!(dataset.rows.n_rows(), 96);
    let roll = dataset.excerpt_roll(dataset.training[0]);
    assert_eq!(roll.notes()[0].n_steps, 40);
}

#[test]
fn transposed_copies_are_trained_on_and_never_held_out() {
    let settings = settings(0.25, 2);
    let songs = songs(8, &settings);
    let dataset = Dataset::build(&songs, &settings).unwrap();
    assert_eq!(dataset.songs.len(), 6 * 5 + 2);
    assert_eq!((dataset.training.len(), dataset.held_out.len()), (6 * 5 * 4, 2 * 4));
    for song in &dataset.songs {
        assert!(song.transposition == 0 || !song.is_held_out);
        let rows = dataset.rows.cells(song.first_row as usize, song.n_rows as usize);
        let moved = songs[song.source].roll.transposed(i32::from(song.transposition));
        assert_eq!(rows, roll_to_rows(&moved, &settings));
    }
}

#[test]
fn related_songs_stay_on_one_side() {
    let transposed = |semitones: u8| {
        let notes: Vec<_> = (0..16).map(|n| (n * 96, 96, 60 + n as u8 % 5 + semitones)).collect();
        bytes(&notes, Metre::COMMON, 16 * 96)
    };
    let mut files = vec![("a.mid", melody(1, 16)), ("copy of a.mid", melody(1, 16))];
    files.extend([("b.mid", transposed(0)), ("c.mid", transposed(7))]);
    files.extend([("d.mid", melody(2, 16)), ("e.mid", melody(3, 16))]);
    for split_seed in 0..40 {
        let settings = EncodingSettings { split_seed, ..settings(0.5, 0) };
        let songs = import_files(&files, &settings).songs;
        let (training, held_out) = sides(&Dataset::build(&songs, &settings).unwrap());
        assert!(!training.is_empty() && !held_out.is_empty());
        // In the order of the names: a, b, c, copy of a, d, e.
        assert_eq!(held_out.contains(&0), held_out.contains(&3));
        assert_eq!(held_out.contains(&1), held_out.contains(&2));
    }
}

#[test]
fn a_set_of_copies_alone_has_no_held_out_part() {
    let settings = settings(0.5, 0);
    let files = [("a.mid", melody(1, 16)), ("b.mid", melody(1, 16))];
    let songs = import_files(&files, &settings).songs;
    let dataset = Dataset::build(&songs, &settings).unwrap();
    assert_eq!((dataset.training.len(), dataset.held_out.len()), (8, 0));
    assert!(dataset.warnings[0].contains("No song is held out"));
}

#[test]
fn notes_that_transposing_moves_off_the_range_are_told() {
    let low = |pitch| bytes(&[(0, 24 * 16, pitch)], Metre::COMMON, 24 * 16);
    let settings = settings(0.0, 2);
    let files = [("a.mid", low(24)), ("b.mid", low(26)), ("c.mid", low(100))];
    let songs = import_files(&files, &settings).songs;
    let dataset = Dataset::build(&songs, &settings).unwrap();
    assert_eq!(dataset.warnings.len(), 1);
    assert!(dataset.warnings[0].contains("notes of 2 songs"));
}

#[test]
fn the_seed_chooses_and_another_song_moves_few() {
    let choose = |n_songs, split_seed| {
        let settings = EncodingSettings { split_seed, ..settings(0.3, 0) };
        sides(&Dataset::build(&songs(n_songs, &settings), &settings).unwrap()).1
    };
    let held_out = choose(30, 1);
    assert_eq!(held_out.len(), 9);
    assert_eq!(held_out, choose(30, 1));
    assert_ne!(held_out, choose(30, 2));
    assert!(held_out.symmetric_difference(&choose(31, 1)).count() <= 2);
}

#[test]
fn songs_can_be_held_out_by_hand() {
    let settings = settings(0.5, 1);
    let all = songs(5, &settings);
    let dataset = Dataset::build_with_held_out(&all[..3], &all[3..], &settings).unwrap();
    assert_eq!(sides(&dataset), ((0..3).collect(), (3..5).collect()));
    assert_eq!((dataset.training.len(), dataset.held_out.len()), (3 * 3 * 4, 2 * 4));
}

#[test]
fn the_result_does_not_depend_on_the_threads() {
    let settings = settings(0.2, 3);
    let build = |n_threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().unwrap();
        pool.install(|| {
            let dataset = Dataset::build(&songs(20, &settings), &settings).unwrap();
            let means = dataset.visible_means();
            (dataset, means)
        })
    };
    assert!(build(1) == build(4));
}

#[test]
fn what_cannot_be_built_is_refused_with_words() {
    let musical = settings(0.0, 0);
    assert_eq!(Dataset::build(&[], &musical), Err(DatasetError::NoSongs));
    let songs = songs(2, &musical);
    let finer = EncodingSettings { steps_per_beat: 8, ..musical.clone() };
    let error = Dataset::build(&songs, &finer).unwrap_err();
    assert!(matches!(error, DatasetError::NotEncoded { .. }));
    let longer = EncodingSettings { steps_per_excerpt: 200, ..musical.clone() };
    let error = Dataset::build(&songs, &longer).unwrap_err();
    assert_eq!(error, DatasetError::NoExcerpts { n_songs: 2, steps_per_excerpt: 200 });
    let invalid = EncodingSettings { steps_per_beat: 5, ..musical };
    assert!(matches!(Dataset::build(&songs, &invalid), Err(DatasetError::Setting { .. })));
}

#[test]
fn hold_alone_has_half_the_cells() {
    let settings = EncodingSettings { planes: Planes::Hold, ..settings(0.0, 0) };
    let songs = songs(2, &settings);
    let dataset = Dataset::build(&songs, &settings).unwrap();
    assert_eq!(dataset.n_visible(), 16 * 78);
    assert_eq!(dataset.bits_per_excerpt(), 16.0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn both_sides_have_songs_whatever_the_share(
        n_songs in 2_u64..12,
        share in 0.001_f64..=0.9,
        split_seed in any::<u64>(),
    ) {
        let settings = EncodingSettings { split_seed, ..settings(share, 0) };
        let songs = songs(n_songs, &settings);
        let (training, held_out) = sides(&Dataset::build(&songs, &settings).unwrap());
        prop_assert!(!training.is_empty() && !held_out.is_empty());
        prop_assert!(training.is_disjoint(&held_out));
        prop_assert_eq!(training.len() + held_out.len(), n_songs as usize);
        let expected = (share * n_songs as f64).round().clamp(1.0, n_songs as f64 - 1.0);
        prop_assert_eq!(held_out.len() as f64, expected);
    }
}
