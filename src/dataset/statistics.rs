//! Figures about the songs, for the window.

use super::Song;
use crate::music::Metre;

/// Sums over the songs that are taken.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SongTotals {
    pub n_songs: usize,
    pub n_notes: u64,
    pub n_steps: u64,
    pub n_beats: f64,
    pub n_excerpts: u64,
    /// At each song's prevailing tempo.
    pub seconds: f64,
}

fn taken(songs: &[Song]) -> impl Iterator<Item = &Song> {
    songs.iter().filter(|s| s.is_taken())
}

pub fn song_totals(songs: &[Song]) -> SongTotals {
    let mut totals = SongTotals::default();
    for song in taken(songs) {
        let n_steps = song.roll.n_steps() as u64;
        let beats = n_steps as f64 / f64::from(song.roll.steps_per_beat().max(1));
        totals.n_songs += 1;
        totals.n_notes += song.roll.onset_count() as u64;
        totals.n_steps += n_steps;
        totals.n_beats += beats;
        totals.n_excerpts += u64::from(song.n_excerpts);
        totals.seconds += beats * 60.0 / song.tempo_bpm;
    }
    totals
}

/// How often each MIDI pitch is struck in the songs that are taken.
pub fn pitch_histogram(songs: &[Song]) -> [u64; 128] {
    use crate::music::PianoRoll;
    let mut histogram = [0; 128];
    for song in taken(songs) {
        let pitches = song.roll.pitches();
        for row in song.roll.cells().chunks_exact(pitches.len().max(1)) {
            for (column, cell) in row.iter().enumerate() {
                let is_onset = cell & PianoRoll::ONSET != 0;
                histogram[usize::from(pitches.pitch(column) & 127)] += u64::from(is_onset);
            }
        }
    }
    histogram
}

/// The median of the songs' tempi, in beats a minute; the lower one of an even number.
pub fn median_tempo(songs: &[Song]) -> Option<f64> {
    let mut tempi: Vec<f64> = taken(songs).map(|s| s.tempo_bpm).collect();
    tempi.sort_by(f64::total_cmp);
    let middle = tempi.len().checked_sub(1)? / 2;
    Some(tempi[middle])
}

/// The metre of most of the songs; of equally many, the one that comes first.
pub fn prevailing_metre(songs: &[Song]) -> Option<Metre> {
    let mut counts: Vec<(Metre, usize)> = Vec::new();
    for song in taken(songs) {
        match counts.iter_mut().find(|(metre, _)| *metre == song.metre) {
            Some((_, n)) => *n += 1,
            None => counts.push((song.metre, 1)),
        }
    }
    let most = counts.iter().map(|(_, n)| *n).max()?;
    counts.iter().find(|(_, n)| *n == most).map(|(m, _)| *m)
}
