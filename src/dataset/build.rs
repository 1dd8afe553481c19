//! The data set: the rows of all songs one after the other, and where the excerpts begin.

use rayon::prelude::*;

use super::excerpts::ExcerptPlan;
use super::rows::{BitRows, pack_rows, words_per_row};
use super::{DatasetError, EncodingSettings, Song, encoding, split};
use crate::music::PianoRoll;

/// What the model is trained on and measured with.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    pub settings: EncodingSettings,
    /// Cells of a row.
    pub row_width: usize,
    /// Rows of an excerpt.
    pub steps_per_excerpt: usize,
    /// Each row the hold columns, then the onset columns.
    pub rows: BitRows,
    /// In the order of the songs given; the transposed copies of a song follow it.
    pub songs: Vec<DatasetSong>,
    /// In the order of the songs, and within a song from its start to its end.
    pub training: Vec<Excerpt>,
    pub held_out: Vec<Excerpt>,
    /// What the user should know: notes that transposing moved off the range, a held-out part that
    /// could not be made.
    pub warnings: Vec<String>,
}

/// The rows of a song, or of a transposed copy of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatasetSong {
    pub title: String,
    /// Its place in the songs given.
    pub source: usize,
    pub first_row: u32,
    /// Silence that fills up the last excerpt included.
    pub n_rows: u32,
    pub is_held_out: bool,
    /// Semitones; 0 for the song itself.
    pub transposition: i8,
}

/// So many consecutive rows from `first_row`: flattened, they are a visible vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Excerpt {
    pub first_row: u32,
    /// Its place in [`Dataset::songs`].
    pub song: u32,
}

impl Dataset {
    /// Cuts the songs that are taken into excerpts and holds out the share that the settings name.
    /// The result depends on the songs and the settings alone.
    pub fn build(songs: &[Song], settings: &EncodingSettings) -> Result<Self, DatasetError> {
        let taken = taken(songs);
        let members: Vec<&Song> = taken.iter().map(|(_, song)| *song).collect();
        let is_held_out = split::held_out(&members, settings.held_out_share, settings.split_seed);
        let sources = taken.into_iter().zip(is_held_out);
        let sources = sources.map(|((source, song), held)| Source { source, song, held });
        let sources: Vec<_> = sources.collect();
        let mut dataset = Self::from_sources(&sources, settings)?;
        if settings.held_out_share > 0.0 && dataset.held_out.is_empty() {
            dataset.warnings.push(
                "No song is held out: that needs two songs that are not copies of each other"
                    .to_owned(),
            );
        }
        Ok(dataset)
    }

    /// The same with a held-out part of its own: all of `songs` are trained on, all of `held_out` are
    /// not, and the share in the settings is not used. In [`DatasetSong::source`] the held-out songs
    /// are counted on after the others.
    pub fn build_with_held_out(
        songs: &[Song],
        held_out: &[Song],
        settings: &EncodingSettings,
    ) -> Result<Self, DatasetError> {
        let part = |songs, held, offset| {
            let taken = taken(songs).into_iter();
            taken.map(move |(source, song)| Source { source: source + offset, song, held })
        };
        let sources = part(songs, false, 0).chain(part(held_out, true, songs.len()));
        Self::from_sources(&sources.collect::<Vec<_>>(), settings)
    }

    fn from_sources(
        sources: &[Source<'_>],
        settings: &EncodingSettings,
    ) -> Result<Self, DatasetError> {
        settings.validate()?;
        if sources.is_empty() {
            return Err(DatasetError::NoSongs);
        }
        let roll_settings = settings.roll_settings();
        let stale = sources.iter().find(|s| s.song.roll_settings != roll_settings);
        if let Some(stale) = stale {
            let title = stale.song.title.clone();
            return Err(DatasetError::NotEncoded { title });
        }
        let copies = copies(sources, settings)?;
        let mut dataset = Self {
            settings: settings.clone(),
            row_width: settings.row_width(),
            steps_per_excerpt: settings.steps_per_excerpt as usize,
            rows: BitRows::empty(settings.row_width()),
            songs: Vec::with_capacity(copies.len()),
            training: Vec::new(),
            held_out: Vec::new(),
            warnings: Vec::new(),
        };
        for copy in &copies {
            dataset.add_song(copy);
        }
        if dataset.training.is_empty() {
            return Err(DatasetError::NoExcerpts {
                n_songs: sources.len(),
                steps_per_excerpt: settings.steps_per_excerpt,
            });
        }
        dataset.fill_rows(&copies)?;
        dataset.warnings.extend(lost_by_transposing(sources, settings));
        Ok(dataset)
    }

    fn add_song(&mut self, copy: &Copy<'_>) {
        let first_row = self.songs.last().map_or(0, |s| s.first_row + s.n_rows);
        let song = self.songs.len() as u32;
        let part = if copy.held { &mut self.held_out } else { &mut self.training };
        let starts = copy.plan.starts(&self.settings);
        part.extend(starts.map(|start| Excerpt { first_row: first_row + start, song }));
        self.songs.push(DatasetSong {
            title: copy.song.title.clone(),
            source: copy.source,
            first_row,
            n_rows: copy.plan.n_rows,
            is_held_out: copy.held,
            transposition: copy.transposition,
        });
    }

    fn fill_rows(&mut self, copies: &[Copy<'_>]) -> Result<(), DatasetError> {
        let n_rows: u64 = copies.iter().map(|c| u64::from(c.plan.n_rows)).sum();
        let too_large = || DatasetError::TooLarge { n_rows };
        let per_row = words_per_row(self.row_width);
        let n_words = (n_rows as usize).checked_mul(per_row).ok_or_else(too_large)?;
        let mut words = Vec::new();
        words.try_reserve_exact(n_words).map_err(|_error| too_large())?;
        words.resize(n_words, 0);
        let mut rest = words.as_mut_slice();
        let mut parts = Vec::with_capacity(copies.len());
        for copy in copies {
            let (part, after) = rest.split_at_mut(copy.plan.n_rows as usize * per_row);
            parts.push((part, copy));
            rest = after;
        }
        let settings = &self.settings;
        parts.into_par_iter().for_each(|(words, copy)| {
            let cells = if copy.transposition == 0 {
                encoding::roll_to_rows(&copy.song.roll, settings)
            } else {
                let moved = copy.song.roll.transposed(i32::from(copy.transposition));
                encoding::roll_to_rows(&moved, settings)
            };
            pack_rows(&cells, settings.row_width(), words);
        });
        self.rows = BitRows::from_words(words, self.row_width);
        Ok(())
    }

    /// Cells of an excerpt.
    pub fn n_visible(&self) -> usize {
        self.row_width * self.steps_per_excerpt
    }

    /// The visible vector of an excerpt: one byte of 0 or 1 a cell.
    pub fn visible(&self, excerpt: Excerpt) -> Vec<u8> {
        self.rows.cells(excerpt.first_row as usize, self.steps_per_excerpt)
    }

    /// An excerpt as a roll, to be seen and heard.
    pub fn excerpt_roll(&self, excerpt: Excerpt) -> PianoRoll {
        encoding::rows_to_roll(&self.visible(excerpt), &self.settings)
    }

    /// How often each visible cell is 1 in the training part.
    pub fn visible_means(&self) -> Vec<f32> {
        let n_visible = self.n_visible();
        let add = |mut sums: Vec<u32>, excerpt: &Excerpt| {
            let first = excerpt.first_row as usize;
            self.rows.for_each_one(first, self.steps_per_excerpt, |cell| sums[cell] += 1);
            sums
        };
        let sums =
            self.training.par_iter().with_min_len(256).fold(|| vec![0; n_visible], add).reduce(
                || vec![0; n_visible],
                |mut a, b| {
                    a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
                    a
                },
            );
        let n_excerpts = self.training.len().max(1) as f64;
        sums.into_iter().map(|sum| (f64::from(sum) / n_excerpts) as f32).collect()
    }

    /// Ones in an excerpt, on average over the training part.
    pub fn bits_per_excerpt(&self) -> f64 {
        let ones = |excerpt: &Excerpt| {
            self.rows.count_ones(excerpt.first_row as usize, self.steps_per_excerpt)
        };
        let total: u64 = self.training.par_iter().map(ones).sum();
        total as f64 / self.training.len().max(1) as f64
    }
}

fn taken(songs: &[Song]) -> Vec<(usize, &Song)> {
    let songs = songs.iter().enumerate();
    songs.filter(|(_, s)| s.is_taken()).collect()
}

/// A song and the part it is in.
struct Source<'a> {
    source: usize,
    song: &'a Song,
    held: bool,
}

/// A song as it goes into the rows.
struct Copy<'a> {
    source: usize,
    song: &'a Song,
    held: bool,
    transposition: i8,
    plan: ExcerptPlan,
}

/// The songs with their transposed copies; those of the held-out part have none.
fn copies<'a>(
    sources: &[Source<'a>],
    settings: &EncodingSettings,
) -> Result<Vec<Copy<'a>>, DatasetError> {
    let most = settings.transpose_semitones as i8;
    let mut copies = Vec::new();
    for &Source { source, song, held } in sources {
        let plan = ExcerptPlan::new(&song.roll, settings);
        let mut push = |transposition| {
            copies.push(Copy { source, song, held, transposition, plan });
        };
        push(0);
        if !held {
            (-most..=most).filter(|s| *s != 0).for_each(push);
        }
    }
    let n_rows = copies.iter().map(|c| u64::from(c.plan.n_rows)).sum();
    if n_rows > u64::from(u32::MAX) {
        return Err(DatasetError::TooLarge { n_rows });
    }
    Ok(copies)
}

/// Transposing cuts off what leaves the pitch range: in how many songs it does.
fn lost_by_transposing(sources: &[Source<'_>], settings: &EncodingSettings) -> Option<String> {
    let most = usize::from(settings.transpose_semitones);
    let width = settings.pitches().len();
    let is_near_edge = |source: &&Source<'_>| {
        let rows = source.song.roll.cells().chunks_exact(width);
        let sounds = |cells: &[u8]| cells.iter().any(|&cell| cell != 0);
        let most = most.min(width);
        rows.into_iter().any(|row| sounds(&row[..most]) || sounds(&row[width - most..]))
    };
    let trained = sources.iter().filter(|source| most > 0 && !source.held);
    let n_songs = trained.filter(is_near_edge).count();
    (n_songs > 0).then(|| {
        format!(
            "Transposing by {most} semitones moves notes of {n_songs} songs beyond the pitch \
             range; their copies lack these notes"
        )
    })
}
