//! What a run learned from, as a hash and a list of songs: a run goes on only with the same data.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{Dataset, DatasetSong, hex};

/// So many songs are named in a sentence.
const MOST_NAMES: usize = 3;

/// A data set as it was when a run began.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Fingerprint {
    /// SHA-256 over the rows of every song, where its excerpts begin and on which side it is.
    pub sha256: String,
    pub songs: Vec<SongFingerprint>,
}

/// One song of it; transposed copies are not listed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SongFingerprint {
    pub title: String,
    /// The first 16 digits of the SHA-256 over its rows.
    pub rows_sha256: String,
    pub is_held_out: bool,
}

impl Dataset {
    /// The rows are hashed as they are packed.
    pub fn fingerprint(&self) -> Fingerprint {
        let hash = |song: &DatasetSong| -> [u8; 32] {
            Sha256::digest(self.rows.bytes(song.first_row as usize, song.n_rows as usize)).into()
        };
        let hashes: Vec<[u8; 32]> = self.songs.par_iter().map(hash).collect();
        let mut whole = Sha256::new();
        let mut count = |number: usize| whole.update((number as u64).to_le_bytes());
        count(self.row_width);
        count(self.steps_per_excerpt);
        for (song, hash) in self.songs.iter().zip(&hashes) {
            whole.update(hash);
            whole.update(song.n_rows.to_le_bytes());
            whole.update([u8::from(song.is_held_out)]);
        }
        for excerpts in [&self.training, &self.held_out] {
            whole.update((excerpts.len() as u64).to_le_bytes());
            for excerpt in excerpts {
                whole.update(excerpt.first_row.to_le_bytes());
            }
        }
        let originals = self.songs.iter().zip(&hashes).filter(|(song, _)| song.transposition == 0);
        let song = |(song, hash): (&DatasetSong, &[u8; 32])| SongFingerprint {
            title: song.title.clone(),
            rows_sha256: hex(&hash[..8]),
            is_held_out: song.is_held_out,
        };
        Fingerprint { sha256: hex(&whole.finalize()), songs: originals.map(song).collect() }
    }
}

impl Fingerprint {
    /// What is different now, in words; `None` when nothing is.
    pub fn difference(&self, now: &Self) -> Option<String> {
        if self.sha256 == now.sha256 {
            return None;
        }
        let (gone, new) =
            (missing_from(&self.songs, &now.songs), missing_from(&now.songs, &self.songs));
        let is_in = |songs: &[&SongFingerprint], is_same: &dyn Fn(&SongFingerprint) -> bool| {
            songs.iter().any(|song| is_same(song))
        };
        let (mut left_out, mut added, mut moved, mut changed) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for song in &gone {
            if is_in(&new, &|other| other.rows_sha256 == song.rows_sha256) {
                moved.push(song.title.as_str());
            } else if is_in(&new, &|other| other.title == song.title) {
                changed.push(song.title.as_str());
            } else {
                left_out.push(song.title.as_str());
            }
        }
        for song in &new {
            let is_known = is_in(&gone, &|other| {
                other.rows_sha256 == song.rows_sha256 || other.title == song.title
            });
            if !is_known {
                added.push(song.title.as_str());
            }
        }
        let parts = [
            ("left out or removed", &left_out),
            ("added", &added),
            ("read otherwise", &changed),
            ("moved between the training and the held-out part", &moved),
        ];
        let parts: Vec<String> =
            parts.into_iter().filter(|(_, titles)| !titles.is_empty()).map(words).collect();
        if parts.is_empty() {
            return Some("the songs stand in another order".to_owned());
        }
        Some(parts.join("; "))
    }
}

/// The songs of `a` that are not in `b`, as often as they are not.
fn missing_from<'a>(a: &'a [SongFingerprint], b: &[SongFingerprint]) -> Vec<&'a SongFingerprint> {
    let mut counts: BTreeMap<&SongFingerprint, usize> = BTreeMap::new();
    for song in b {
        *counts.entry(song).or_default() += 1;
    }
    let mut missing = Vec::new();
    for song in a {
        match counts.get_mut(song) {
            Some(count) if *count > 0 => *count -= 1,
            _ => missing.push(song),
        }
    }
    missing
}

/// "2 songs were left out or removed (A, B)".
fn words((what, titles): (&str, &Vec<&str>)) -> String {
    let n_songs = titles.len();
    let named = titles[..n_songs.min(MOST_NAMES)].join(", ");
    let rest = if n_songs > MOST_NAMES { ", …" } else { "" };
    let songs =
        if n_songs == 1 { "1 song was".to_owned() } else { format!("{n_songs} songs were") };
    format!("{songs} {what} ({named}{rest})")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{BitRows, EncodingSettings, Excerpt};

    /// Songs of four rows each: title, a bit, held out.
    fn dataset(songs: &[(&str, u8, bool)]) -> Dataset {
        let row_width = 2;
        let mut dataset = Dataset {
            settings: EncodingSettings::default(),
            row_width,
            steps_per_excerpt: 2,
            rows: BitRows::empty(row_width),
            songs: Vec::new(),
            training: Vec::new(),
            held_out: Vec::new(),
            warnings: Vec::new(),
        };
        let cells: Vec<u8> = songs
            .iter()
            .flat_map(|&(_, bit, _)| (0..8).map(move |cell| u8::from(cell == bit)))
            .collect();
        dataset.rows = BitRows::from_cells(&cells, row_width);
        for (place, &(title, _, is_held_out)) in songs.iter().enumerate() {
            let first_row = 4 * place as u32;
            dataset.songs.push(DatasetSong {
                title: title.to_owned(),
                source: place,
                first_row,
                n_rows: 4,
                is_held_out,
                transposition: 0,
            });
            let part = if is_held_out { &mut dataset.held_out } else { &mut dataset.training };
            part.extend(
                [0, 2].map(|row| Excerpt { first_row: first_row + row, song: place as u32 }),
            );
        }
        dataset
    }

    #[test]
    fn every_difference_is_named() {
        let songs = [("A", 0, false), ("B", 1, false), ("C", 2, false), ("D", 3, true)];
        let before = dataset(&songs).fingerprint();
        assert_eq!(before.difference(&dataset(&songs).fingerprint()), None);
        let check = |songs: &[(&str, u8, bool)], words: &str| {
            let difference = before.difference(&dataset(songs).fingerprint());
            assert_eq!(difference.as_deref(), Some(words));
        };
        let [a, b, c, d] = songs;
        check(&[a, c, d], "1 song was left out or removed (B)");
        check(&[d], "3 songs were left out or removed (A, B, C)");
        check(&[a, b, c, d, ("E", 4, false)], "1 song was added (E)");
        check(&[a, b, ("C", 7, false), d], "1 song was read otherwise (C)");
        check(
            &[a, b, ("C", 2, true), d],
            "1 song was moved between the training and the held-out part (C)",
        );
        check(&[b, a, c, d], "the songs stand in another order");
        check(
            &[("E", 4, false), b, c, d],
            "1 song was left out or removed (A); 1 song was added (E)",
        );
    }

    #[test]
    fn excerpts_that_begin_elsewhere_are_other_data() {
        let before = dataset(&[("A", 0, false)]);
        let mut after = before.clone();
        after.training[1].first_row = 1;
        assert_ne!(before.fingerprint().sha256, after.fingerprint().sha256);
    }

    #[test]
    fn the_same_song_twice_is_not_the_same_as_once() {
        let (once, twice) =
            (dataset(&[("A", 0, false)]), dataset(&[("A", 0, false), ("A", 0, false)]));
        let difference = once.fingerprint().difference(&twice.fingerprint());
        assert_eq!(difference.as_deref(), Some("1 song was added (A)"));
    }
}
