//! Is a piece a copy? Its bars beside every stretch of the training songs.
//!
//! The distance of two stretches is 1 − 2·common / (bits of one + bits of the other) over the bits
//! that the model sees: 0 for the same music, 1 for nothing in common (Sørensen & Dice). A bar of
//! the piece copies a stretch at a distance of [`COPY_DISTANCE`] or less; a piece is a copy when
//! at least half of its bars are. docs/music.md measures by the same rule.

use std::sync::Arc;

use rayon::prelude::*;

use super::rows::words_per_row;
use super::{BitRows, Dataset, EncodingSettings, roll_to_rows};
use crate::music::PianoRoll;

/// Up to this distance a bar copies: a tenth of the bits differ, less than one quarter note at
/// another pitch.
pub const COPY_DISTANCE: f64 = 0.05;

/// The rows of a data set and where its training songs stand, ready for counting common bits.
#[derive(Debug)]
pub struct TrainingBits {
    rows: CountedRows,
    songs: Vec<Place>,
}

#[derive(Clone, Copy, Debug)]
struct Place {
    /// The song's place in [`Dataset::songs`].
    song: usize,
    first_row: usize,
    n_rows: usize,
}

/// Rows of bits with the number of those that are set.
#[derive(Debug)]
struct CountedRows {
    words: Arc<[u64]>,
    words_per_row: usize,
    /// Bits set before each row, modulo 2³²; one more than there are rows.
    bits_before: Vec<u32>,
}

/// Where a piece comes nearest to the training songs.
#[derive(Clone, Debug, PartialEq)]
pub struct Nearest {
    /// At least half of the piece's bars come as near as this to some training stretch, 0 to 1.
    pub distance: f64,
    /// The song that most bars are nearest to.
    pub song: usize,
    /// The step of that song at which its nearest stretch begins.
    pub song_step: usize,
    /// The bars, those without a note left out.
    pub bars: Vec<NearestStretch>,
}

/// A bar of a piece and the training stretch nearest to it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NearestStretch {
    /// Where the bar begins in the piece, in steps.
    pub step: usize,
    pub distance: f64,
    /// The song's place in [`Dataset::songs`].
    pub song: usize,
    /// Where the stretch begins in that song, in steps.
    pub song_step: usize,
}

impl Nearest {
    pub fn is_copy(&self) -> bool {
        self.distance <= COPY_DISTANCE
    }
}

impl TrainingBits {
    /// The songs that are trained on, with their transposed copies.
    pub fn of(dataset: &Dataset) -> Self {
        let place = |(song, at): (usize, &super::DatasetSong)| Place {
            song,
            first_row: at.first_row as usize,
            n_rows: at.n_rows as usize,
        };
        let songs = dataset.songs.iter().enumerate();
        let trained = songs.filter(|(_, song)| !song.is_held_out);
        Self { rows: CountedRows::new(&dataset.rows), songs: trained.map(place).collect() }
    }

    /// Compares the bars of a piece in the model's encoding with every stretch of the same length
    /// that begins at any step of a training song. A piece shorter than a bar is one stretch.
    /// `is_cancelled` is asked before each song.
    ///
    /// `None` when the piece is silent, no song is long enough, or it was cancelled.
    pub fn nearest(
        &self,
        (piece, steps_per_bar): (&PianoRoll, usize),
        settings: &EncodingSettings,
        is_cancelled: &(dyn Fn() -> bool + Sync),
    ) -> Option<Nearest> {
        let cells = roll_to_rows(piece, settings);
        let rows = CountedRows::new(&BitRows::from_cells(&cells, settings.row_width()));
        let length = steps_per_bar.clamp(1, piece.n_steps().max(1));
        let bars: Vec<usize> = (0..(piece.n_steps() + 1).saturating_sub(length))
            .step_by(length)
            .filter(|&step| rows.bits(step, length) > 0)
            .collect();
        let of_song = |&song: &Place| {
            if is_cancelled() {
                return None;
            }
            Some(bars.iter().map(|&step| self.nearest_in(song, &rows, (step, length))).collect())
        };
        let by_song: Vec<Vec<Option<NearestStretch>>> =
            self.songs.par_iter().map(of_song).collect::<Option<_>>()?;
        let best_of = |bar: usize| {
            let found = by_song.iter().filter_map(|stretches| stretches[bar]);
            found.min_by(|a, b| a.distance.total_cmp(&b.distance))
        };
        Nearest::of_bars((0..bars.len()).filter_map(best_of).collect())
    }

    /// The stretch of a song nearest to a stretch of the piece; the earliest of equals.
    fn nearest_in(
        &self,
        song: Place,
        piece: &CountedRows,
        (step, length): (usize, usize),
    ) -> Option<NearestStretch> {
        let own = piece.bits(step, length);
        let mut best: Option<NearestStretch> = None;
        for song_step in 0..(song.n_rows + 1).saturating_sub(length) {
            let row = song.first_row + song_step;
            let other = self.rows.bits(row, length);
            let distance = |common: u32| 1.0 - 2.0 * f64::from(common) / f64::from(own + other);
            let bound = best.map_or(f64::INFINITY, |best| best.distance);
            // No two stretches have more bits in common than the sparser one has.
            if distance(own.min(other)) >= bound {
                continue;
            }
            let distance = distance(piece.common(step, &self.rows, row, length));
            if distance < bound {
                best = Some(NearestStretch { step, distance, song: song.song, song_step });
            }
        }
        best
    }
}

impl Nearest {
    fn of_bars(bars: Vec<NearestStretch>) -> Option<Self> {
        let mut distances: Vec<f64> = bars.iter().map(|bar| bar.distance).collect();
        distances.sort_by(f64::total_cmp);
        let distance = *distances.get(bars.len().checked_sub(1)? / 2)?;
        let weight = |song: usize| bars.iter().filter(|bar| bar.song == song).count();
        let named = bars.iter().min_by(|a, b| {
            weight(b.song).cmp(&weight(a.song)).then(a.distance.total_cmp(&b.distance))
        })?;
        Some(Self { distance, song: named.song, song_step: named.song_step, bars })
    }
}

impl CountedRows {
    fn new(rows: &BitRows) -> Self {
        let words = rows.words();
        let words_per_row = words_per_row(rows.width());
        let mut bits_before = Vec::with_capacity(rows.n_rows() + 1);
        let mut bits = 0_u32;
        bits_before.push(bits);
        for row in words.chunks_exact(words_per_row) {
            bits = bits.wrapping_add(row.iter().map(|word| word.count_ones()).sum());
            bits_before.push(bits);
        }
        Self { words, words_per_row, bits_before }
    }

    fn bits(&self, start: usize, length: usize) -> u32 {
        self.bits_before[start + length].wrapping_sub(self.bits_before[start])
    }

    /// Bits that are set in both stretches.
    fn common(&self, start: usize, other: &Self, other_start: usize, length: usize) -> u32 {
        let words = |rows: &Self, start: usize| {
            start * rows.words_per_row..(start + length) * rows.words_per_row
        };
        let own = &self.words[words(self, start)];
        let others = &other.words[words(other, other_start)];
        own.iter().zip(others).map(|(a, b)| (a & b).count_ones()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{DatasetSong, Excerpt};
    use crate::music::RollNote;

    const BAR: usize = 8;

    fn settings() -> EncodingSettings {
        EncodingSettings {
            pitch_low: 40,
            pitch_count: 40,
            steps_per_excerpt: BAR as u32,
            ..EncodingSettings::default()
        }
    }

    fn roll(n_steps: usize, notes: &[(u32, u32, u8)]) -> PianoRoll {
        let note = |&(start_step, n_steps, pitch): &(u32, u32, u8)| RollNote {
            start_step,
            n_steps,
            pitch,
        };
        let notes: Vec<_> = notes.iter().map(note).collect();
        let settings = settings();
        PianoRoll::from_notes(&notes, n_steps, settings.pitches(), settings.steps_per_beat)
    }

    /// Two training songs and a held-out one, which is just like `piece`.
    fn dataset() -> Dataset {
        let settings = settings();
        let rolls = [first(), second(), piece()];
        let mut rows = Vec::new();
        let mut songs = Vec::new();
        for (source, roll) in rolls.iter().enumerate() {
            songs.push(DatasetSong {
                title: format!("Song {source}"),
                source,
                first_row: (rows.len() / settings.row_width()) as u32,
                n_rows: roll.n_steps() as u32,
                is_held_out: source == 2,
                transposition: 0,
            });
            rows.extend(roll_to_rows(roll, &settings));
        }
        Dataset {
            row_width: settings.row_width(),
            rows: BitRows::from_cells(&rows, settings.row_width()),
            steps_per_excerpt: BAR,
            settings,
            songs,
            training: vec![Excerpt { first_row: 0, song: 0 }],
            held_out: Vec::new(),
            warnings: Vec::new(),
        }
    }

    fn first() -> PianoRoll {
        roll(40, &[(0, 8, 41), (10, 3, 50), (20, 8, 55), (30, 10, 60)])
    }

    /// Its bar from step 13 on is the first bar of [`piece`].
    fn second() -> PianoRoll {
        roll(37, &[(0, 4, 45), (13, 4, 64), (17, 4, 67), (30, 2, 45)])
    }

    /// Four bars: a copy, one that differs in a pitch, silence, one of its own.
    fn piece() -> PianoRoll {
        roll(32, &[(0, 4, 64), (4, 4, 67), (8, 4, 64), (12, 4, 66), (24, 8, 79)])
    }

    fn find(piece: &PianoRoll) -> Option<Nearest> {
        TrainingBits::of(&dataset()).nearest((piece, BAR), &settings(), &|| false)
    }

    #[test]
    fn each_bar_finds_its_nearest_stretch_at_any_step_and_never_a_held_out_one() {
        let nearest = find(&piece()).unwrap();
        let steps: Vec<usize> = nearest.bars.iter().map(|bar| bar.step).collect();
        assert_eq!(steps, [0, 8, 24], "the silent bar is left out");
        let copy = nearest.bars[0];
        assert_eq!((copy.distance, copy.song, copy.song_step), (0.0, 1, 13));
        // Ten bits a bar, five of them in common.
        let near = nearest.bars[1];
        assert!((near.distance - 0.5).abs() < 1e-12);
        assert_eq!((near.song, near.song_step), (1, 13));
        assert_eq!(nearest.bars[2].distance, 1.0);
        assert_eq!((nearest.distance, nearest.song, nearest.song_step), (0.5, 1, 13));
        assert!(!nearest.is_copy());
    }

    #[test]
    fn a_piece_is_a_copy_when_half_of_its_bars_are() {
        let own = find(&second()).unwrap();
        assert!(own.is_copy() && own.distance == 0.0 && own.song == 1);
        let half = roll(16, &[(0, 4, 64), (4, 4, 67), (8, 8, 79)]);
        assert!(find(&half).unwrap().is_copy());
        let third = roll(24, &[(0, 4, 64), (4, 4, 67), (8, 8, 79), (16, 8, 78)]);
        assert!(!find(&third).unwrap().is_copy());
    }

    #[test]
    fn every_distance_is_that_of_the_definition_over_all_stretches() {
        let dataset = dataset();
        let rows = roll_to_rows(&piece(), &settings());
        let width = settings().row_width();
        for bar in find(&piece()).unwrap().bars {
            let own = &rows[bar.step * width..][..BAR * width];
            let mut best = f64::INFINITY;
            for song in dataset.songs.iter().filter(|song| !song.is_held_out) {
                for step in song.first_row..=song.first_row + song.n_rows - BAR as u32 {
                    let other = dataset.rows.cells(step as usize, BAR);
                    let common = own.iter().zip(&other).filter(|(a, b)| **a + **b == 2).count();
                    let bits = own.iter().chain(&other).filter(|cell| **cell == 1).count();
                    best = best.min(1.0 - 2.0 * common as f64 / bits as f64);
                }
            }
            assert!((bar.distance - best).abs() < 1e-12);
        }
    }

    #[test]
    fn silence_short_pieces_and_a_stop_are_no_trouble() {
        assert_eq!(find(&roll(16, &[])), None);
        assert_eq!(find(&roll(0, &[])), None);
        let short = find(&roll(4, &[(0, 4, 64)])).unwrap();
        assert_eq!((short.distance, short.song_step), (0.0, 13));
        let stopped = TrainingBits::of(&dataset()).nearest((&piece(), BAR), &settings(), &|| true);
        assert_eq!(stopped, None);
    }
}
