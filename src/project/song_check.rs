//! What a project says of a song or a piece, checked before anything is made of it: the file may be
//! damaged, or made to do harm.

use std::path::{Component, Path};

use crate::dataset::MAX_STEPS;
use crate::music::{Metre, PitchRange, TempoMap};

use super::document::SongEntry;
use super::piece::PieceEntry;

/// A grid finer than this is none of ours.
const MOST_STEPS_PER_BEAT: u8 = 96;
const TEMPOS: std::ops::RangeInclusive<f64> = 1.0..=10_000.0;
const MOST_PROGRAM: u8 = 127;
/// Of the rolls of all pieces together; a byte each. Twelve thousand pieces of 64 bars.
const MOST_PIECE_CELLS: u64 = 1 << 30;

/// The measures of a song's roll, which fit into memory.
pub(super) struct RollShape {
    pub n_steps: usize,
    pub pitches: PitchRange,
    pub steps_per_beat: u8,
    /// That it takes in the file.
    pub n_bytes: usize,
}

impl RollShape {
    /// # Errors
    /// In words, when there is no such roll.
    pub(super) fn of(entry: &SongEntry) -> Result<Self, String> {
        let SongEntry { n_steps, roll_settings, title, .. } = entry;
        let (n_steps, pitches) = (*n_steps, roll_settings.pitches);
        let steps_per_beat = roll_settings.steps_per_beat;
        let is_range = usize::from(pitches.low) + pitches.len() <= 128;
        let is_grid = (1..=MOST_STEPS_PER_BEAT).contains(&steps_per_beat);
        // A roll without pitches has no steps either.
        let is_length = n_steps as u64 <= MAX_STEPS && (n_steps == 0 || !pitches.is_empty());
        if !(is_range && is_grid && is_length) {
            return Err(format!("the roll of \"{title}\" has impossible sizes"));
        }
        let n_bytes = (n_steps * pitches.len() * 2).div_ceil(8);
        Ok(Self { n_steps, pitches, steps_per_beat, n_bytes })
    }
}

impl SongEntry {
    /// Brings into range what a song can be had without.
    pub(super) fn mend(&mut self) {
        mend_time(&mut self.tempo_bpm, &mut self.metre);
        self.key = self.key.filter(|key| key.tonic < 12);
        for track in &mut self.tracks {
            track.program = track.program.min(MOST_PROGRAM);
        }
        // The folder is read again when songs are reloaded: it is where the file lay, or above.
        let path = Path::new(&self.path);
        let climbs = path.components().any(|part| part == Component::ParentDir);
        if climbs || !path.starts_with(&self.folder) {
            let folder = path.parent().filter(|_| !climbs);
            self.folder = folder.unwrap_or(Path::new("")).to_string_lossy().into_owned();
        }
    }
}

/// Brings tempo and metre into range.
pub(super) fn mend_time(beats_per_minute: &mut f64, metre: &mut Metre) {
    if !TEMPOS.contains(beats_per_minute) {
        *beats_per_minute = TempoMap::DEFAULT_BEATS_PER_MINUTE;
    }
    if metre.numerator == 0 || !metre.denominator.is_power_of_two() {
        *metre = Metre::COMMON;
    }
}

/// Whether the rolls of pieces can be: each, and all of them in memory. Unlike those of songs they
/// take no room in the file.
///
/// # Errors
/// In words.
pub(super) fn check_pieces(pieces: &[PieceEntry]) -> Result<(), String> {
    let mut n_cells = 0;
    for piece in pieces {
        let original = piece.original.as_ref().map_or(0, |original| original.n_steps);
        let is_range = usize::from(piece.pitch_low) + usize::from(piece.pitch_count) <= 128;
        let is_grid = (1..=MOST_STEPS_PER_BEAT).contains(&piece.steps_per_beat);
        let is_length = piece.n_steps.max(original) as u64 <= MAX_STEPS;
        if !(is_range && is_grid && is_length) {
            return Err(format!("the piece \"{}\" has impossible sizes", piece.name));
        }
        n_cells += (piece.n_steps + original) as u64 * u64::from(piece.pitch_count);
    }
    if n_cells > MOST_PIECE_CELLS {
        return Err(format!("its {} pieces have impossible sizes", pieces.len()));
    }
    Ok(())
}
