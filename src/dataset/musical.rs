//! The musical encoding: what a musician expects of a piano roll.
//!
//! Notes are rounded to the grid and none vanishes for being short. Tracks are joined: a pitch sounds
//! as long as any of them plays it, and every time it is struck is an onset. Rests stay, also before
//! the first note and after the last; the roll is as long as the file. Drums are left out.

use super::RollSettings;
use crate::music::{Key, PianoRoll, PitchClassWeights, RollNote, Score};

/// The longest roll; anything longer is damage, not music.
pub const MAX_STEPS: u64 = 100_000;

/// What became of a score.
pub(super) struct MusicalReading {
    pub roll: PianoRoll,
    pub key: Option<Key>,
    pub n_taken: usize,
    pub n_outside_range: usize,
    /// Set when the piece is longer than [`MAX_STEPS`]; the roll is empty then.
    pub too_long: Option<u64>,
}

/// Encodes the tracks that are no drums and that `is_included` names, by their place in the score.
pub(super) fn encode(
    score: &Score,
    settings: RollSettings,
    is_included: impl Fn(usize) -> bool,
) -> MusicalReading {
    let mut grid = Grid::new(score.ticks_per_beat, settings.steps_per_beat);
    let tracks = score.tracks.iter().enumerate();
    let tracks = || tracks.clone().filter(|(index, track)| !track.is_drums && is_included(*index));
    let key = key(score, &is_included);
    let semitones = match key {
        Some(key) if settings.to_natural_key => key.semitones_to_natural(),
        _ => 0,
    };
    grid.n_steps = grid.step(score.length_ticks);
    let mut notes = Vec::with_capacity(score.note_count());
    let mut n_outside_range = 0;
    for note in tracks().flat_map(|(_, t)| &t.notes) {
        let start_step = grid.step(note.start_tick);
        let n_steps = grid.step(note.end_tick()).saturating_sub(start_step).max(1);
        grid.n_steps = grid.n_steps.max(start_step + n_steps);
        let pitch = u8::try_from(i32::from(note.pitch) + semitones).ok();
        match pitch.filter(|p| settings.pitches.index(*p).is_some()) {
            Some(pitch) => notes.push(RollNote {
                start_step: start_step.min(MAX_STEPS) as u32,
                n_steps: n_steps.min(MAX_STEPS) as u32,
                pitch,
            }),
            None => n_outside_range += 1,
        }
    }
    let too_long = (grid.n_steps > MAX_STEPS).then_some(grid.n_steps);
    let n_steps = if too_long.is_some() { 0 } else { grid.n_steps };
    MusicalReading {
        n_taken: notes.len(),
        roll: PianoRoll::from_notes(
            &notes,
            n_steps as usize,
            settings.pitches,
            settings.steps_per_beat,
        ),
        key,
        n_outside_range,
        too_long,
    }
}

/// The key of the tracks that are no drums and that `is_included` names.
pub(super) fn key(score: &Score, is_included: impl Fn(usize) -> bool) -> Option<Key> {
    let mut weights: PitchClassWeights = [0.0; 12];
    for (index, track) in score.tracks.iter().enumerate() {
        if track.is_drums || !is_included(index) {
            continue;
        }
        for note in &track.notes {
            weights[usize::from(note.pitch % 12)] += note.length_ticks as f64;
        }
    }
    Key::estimate(&weights)
}

/// Ticks to steps, rounded half up.
struct Grid {
    ticks_per_beat: u64,
    steps_per_beat: u64,
    /// At least as long as the file, and longer where a last note needs it.
    n_steps: u64,
}

impl Grid {
    /// Far beyond any music, and small enough to multiply.
    const MAX_TICK: u64 = 1 << 56;

    fn new(ticks_per_beat: u32, steps_per_beat: u8) -> Self {
        Self {
            ticks_per_beat: u64::from(ticks_per_beat.max(1)),
            steps_per_beat: u64::from(steps_per_beat),
            n_steps: 0,
        }
    }

    fn step(&self, tick: u64) -> u64 {
        let tick = tick.min(Self::MAX_TICK);
        (2 * tick * self.steps_per_beat + self.ticks_per_beat) / (2 * self.ticks_per_beat)
    }
}
