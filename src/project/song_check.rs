//! What a project says of a song, checked before anything is made of it: the file may be damaged,
//! or made to do harm.

use std::path::{Component, Path};

use crate::dataset::MAX_STEPS;
use crate::music::{Metre, PitchRange, TempoMap};

use super::document::SongEntry;

/// A grid finer than this is none of ours.
const MOST_STEPS_PER_BEAT: u8 = 96;
const TEMPOS: std::ops::RangeInclusive<f64> = 1.0..=10_000.0;
const MOST_PROGRAM: u8 = 127;

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
        if !TEMPOS.contains(&self.tempo_bpm) {
            self.tempo_bpm = TempoMap::DEFAULT_BEATS_PER_MINUTE;
        }
        if self.metre.numerator == 0 || !self.metre.denominator.is_power_of_two() {
            self.metre = Metre::COMMON;
        }
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
