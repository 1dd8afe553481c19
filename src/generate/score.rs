//! From a piano roll to a score that can be played and written, and from a score to a roll.

use crate::dataset::MAX_STEPS;
use crate::music::{
    DEFAULT_VELOCITY, Key, Metre, MetreChange, Note, PianoRoll, PitchRange, PlayedNote, RollNote,
    Score, TempoMap, Track,
};

/// Ticks of a beat in every score that is made here; divisible by every grid.
pub const TICKS_PER_BEAT: u32 = 480;

/// What a roll does not know.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoreSettings {
    pub name: String,
    pub beats_per_minute: f64,
    pub metre: Metre,
    /// Written into the file as its key signature, where it is known.
    pub key: Option<Key>,
    /// General MIDI programme, 0 to 127.
    pub program: u8,
    /// MIDI velocity, 1 to 127.
    pub velocity: u8,
}

impl Default for ScoreSettings {
    fn default() -> Self {
        Self {
            name: "Harmonium".to_owned(),
            beats_per_minute: TempoMap::DEFAULT_BEATS_PER_MINUTE,
            metre: Metre::COMMON,
            key: None,
            program: 0,
            velocity: DEFAULT_VELOCITY,
        }
    }
}

/// The score of a roll: one track, one tempo, every note closed, as long as the roll.
pub fn roll_to_score(roll: &PianoRoll, settings: &ScoreSettings) -> Score {
    let played = |note: RollNote| PlayedNote::new(note, settings.velocity);
    let notes: Vec<PlayedNote> = roll.notes().into_iter().map(played).collect();
    notes_to_score(&notes, roll, settings)
}

/// The same with a velocity of its own for each note; `roll` gives the grid and the length.
pub fn notes_to_score(notes: &[PlayedNote], roll: &PianoRoll, settings: &ScoreSettings) -> Score {
    let ticks_per_step = u64::from(TICKS_PER_BEAT) / u64::from(roll.steps_per_beat().max(1));
    let note = |note: &PlayedNote| Note {
        start_tick: u64::from(note.start_step) * ticks_per_step,
        length_ticks: u64::from(note.n_steps) * ticks_per_step,
        pitch: note.pitch,
        velocity: note.velocity,
    };
    Score {
        ticks_per_beat: TICKS_PER_BEAT,
        tempo: TempoMap::constant(TICKS_PER_BEAT, settings.beats_per_minute),
        metres: vec![MetreChange { tick: 0, metre: settings.metre }],
        key: settings.key,
        tracks: vec![Track {
            name: settings.name.clone(),
            program: settings.program,
            volume: None,
            is_drums: false,
            notes: notes.iter().map(note).collect(),
        }],
        length_ticks: roll.n_steps() as u64 * ticks_per_step,
    }
}

/// The roll of a score's tonal notes, each rounded to the grid and at least a step long; no longer
/// than [`MAX_STEPS`].
pub fn score_notes_to_roll(score: &Score, pitches: PitchRange, steps_per_beat: u8) -> PianoRoll {
    let to_step = |tick: u64| {
        let (grid, beat) = (u64::from(steps_per_beat), u64::from(score.ticks_per_beat));
        // A file may name any tick; what lies beyond the longest song is cut off.
        (tick.saturating_mul(grid * 2).saturating_add(beat) / (beat * 2)).min(MAX_STEPS) as u32
    };
    let notes: Vec<RollNote> = score
        .tonal_notes()
        .map(|note| {
            let start_step = to_step(note.start_tick);
            let n_steps = to_step(note.end_tick()).saturating_sub(start_step).max(1);
            RollNote { start_step, n_steps, pitch: note.pitch }
        })
        .collect();
    let last = notes.iter().map(|note| note.start_step + note.n_steps).max().unwrap_or(0);
    let n_steps = last.max(to_step(score.length_ticks)) as usize;
    let n_steps = n_steps.min(MAX_STEPS as usize);
    PianoRoll::from_notes(&notes, n_steps, pitches, steps_per_beat)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_roll_comes_back_from_its_score() {
        let notes = [
            RollNote { start_step: 0, n_steps: 4, pitch: 60 },
            RollNote { start_step: 4, n_steps: 1, pitch: 60 },
            RollNote { start_step: 5, n_steps: 3, pitch: 67 },
        ];
        for steps_per_beat in [1, 2, 3, 4, 6, 8, 12] {
            let roll = PianoRoll::from_notes(&notes, 10, PitchRange::REFERENCE, steps_per_beat);
            let score = roll_to_score(&roll, &ScoreSettings::default());
            assert_eq!(score_notes_to_roll(&score, roll.pitches(), steps_per_beat), roll);
        }
    }

    #[test]
    fn every_note_keeps_its_velocity() {
        let note = RollNote { start_step: 0, n_steps: 4, pitch: 60 };
        let roll = PianoRoll::from_notes(&[note], 4, PitchRange::REFERENCE, 4);
        let played = [PlayedNote::new(note, 17)];
        let score = notes_to_score(&played, &roll, &ScoreSettings::default());
        assert_eq!(score.tracks[0].notes[0].velocity, 17);
        let plain = roll_to_score(&roll, &ScoreSettings::default());
        assert_eq!(plain.tracks[0].notes[0].velocity, DEFAULT_VELOCITY);
    }

    #[test]
    fn a_note_at_the_end_of_time_needs_no_endless_roll() {
        let mut score =
            roll_to_score(&PianoRoll::new(4, PitchRange::REFERENCE, 4), &ScoreSettings::default());
        let start_tick = u64::MAX / 2;
        let note = Note { start_tick, length_ticks: 480, pitch: 60, velocity: 80 };
        score.tracks[0].notes.push(note);
        score.length_ticks = u64::MAX;
        let roll = score_notes_to_roll(&score, PitchRange::REFERENCE, 12);
        assert_eq!(roll.n_steps() as u64, MAX_STEPS);
        assert_eq!(roll.hold_count(), 0);
    }

    #[test]
    fn a_bar_of_sixteenths_at_120_lasts_two_seconds() {
        let roll = PianoRoll::new(16, PitchRange::REFERENCE, 4);
        let score = roll_to_score(&roll, &ScoreSettings::default());
        assert!((score.duration_secs() - 2.0).abs() < 1e-9);
    }
}
