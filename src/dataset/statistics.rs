//! Figures about the songs, for the window.

use super::Song;
use crate::music::{Metre, PianoRoll};

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

/// Looks through every roll; see [`song_totals_with_notes`] where the notes are counted already.
pub fn song_totals(songs: &[Song]) -> SongTotals {
    let n_notes = taken(songs).map(|song| song.roll.onset_count() as u64).sum();
    song_totals_with_notes(songs, n_notes)
}

/// The same where the songs that are taken are known to have so many notes: looks into no roll.
pub fn song_totals_with_notes(songs: &[Song], n_notes: u64) -> SongTotals {
    let mut totals = SongTotals { n_notes, ..SongTotals::default() };
    for song in taken(songs) {
        let n_steps = song.roll.n_steps() as u64;
        let beats = n_steps as f64 / f64::from(song.roll.steps_per_beat().max(1));
        totals.n_songs += 1;
        totals.n_steps += n_steps;
        totals.n_beats += beats;
        totals.n_excerpts += u64::from(song.n_excerpts);
        totals.seconds += beats * 60.0 / song.tempo_bpm;
    }
    totals
}

/// How often each of the 128 MIDI pitches is struck in the songs that are taken.
pub fn pitch_histogram(songs: &[Song]) -> Vec<u64> {
    let mut histogram = vec![0; 128];
    taken(songs).for_each(|song| count_pitches(&mut histogram, song, true));
    histogram
}

/// Counts the notes of a song into the histogram of the 128 MIDI pitches, or out of it.
pub fn count_pitches(histogram: &mut [u64], song: &Song, is_taken: bool) {
    let pitches = song.roll.pitches();
    let Some(counts) = histogram.get_mut(usize::from(pitches.low)..) else { return };
    // So many steps that their count fits a byte, and bytes add fast.
    for rows in song.roll.cells().chunks(pitches.len().max(1) * 255) {
        let mut struck = [0_u8; 128];
        for row in rows.chunks_exact(pitches.len().max(1)) {
            for (struck, cell) in struck.iter_mut().zip(row) {
                *struck += u8::from(cell & PianoRoll::ONSET != 0);
            }
        }
        for (count, struck) in counts.iter_mut().zip(struck) {
            let struck = u64::from(struck);
            *count = if is_taken { *count + struck } else { count.saturating_sub(struck) };
        }
    }
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
