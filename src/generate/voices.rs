//! How many notes sound at a time: the least likely ones beyond the limit are cut short.

use crate::music::PianoRoll;

use super::draft::Touch;

/// At most so many notes at a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct VoiceLimit {
    /// Held notes counted, which are never cut.
    pub all: Option<usize>,
    /// Of those that are free.
    pub free: Option<usize>,
}

/// A note of an excerpt as far as it may be changed.
struct FreeNote {
    start: usize,
    end: usize,
    column: usize,
    /// The mean of p(v | h) over its cells.
    likelihood: f32,
}

impl VoiceLimit {
    /// Where too many notes sound, the least likely of them end; they do not come back until they
    /// are struck again, so that no note is broken into grains. `hold_probability` is asked by
    /// step and column.
    pub(super) fn apply(
        self,
        excerpt: &mut PianoRoll,
        touches: &[Touch],
        hold_probability: impl Fn(usize, usize) -> f32,
    ) {
        if self == Self::default() {
            return;
        }
        let width = excerpt.pitches().len();
        let is_free = |step: usize, column: usize| {
            matches!(touches[step * width + column], Touch::Write | Touch::Ring)
        };
        let mut notes = free_notes(excerpt, is_free, hold_probability);
        for step in 0..excerpt.n_steps() {
            let is_held = |column: &usize| {
                touches[step * width + column] == Touch::Hold && excerpt.is_held(step, *column)
            };
            let n_held = (0..width).filter(is_held).count();
            let room = self.all.map_or(usize::MAX, |all| all.saturating_sub(n_held));
            let room = room.min(self.free.unwrap_or(usize::MAX));
            let mut sounding: Vec<&mut FreeNote> =
                notes.iter_mut().filter(|note| (note.start..note.end).contains(&step)).collect();
            sounding.sort_by(|a, b| b.likelihood.total_cmp(&a.likelihood));
            for note in sounding.into_iter().skip(room) {
                for step in step..note.end {
                    excerpt.set(step, note.column, (false, false));
                }
                note.end = step;
            }
        }
    }
}

fn free_notes(
    excerpt: &PianoRoll,
    is_free: impl Fn(usize, usize) -> bool,
    hold_probability: impl Fn(usize, usize) -> f32,
) -> Vec<FreeNote> {
    let mut notes: Vec<FreeNote> = Vec::new();
    for column in 0..excerpt.pitches().len() {
        let mut open = false;
        for step in 0..excerpt.n_steps() {
            if !excerpt.is_held(step, column) || !is_free(step, column) {
                open = false;
                continue;
            }
            let goes_on = open && !excerpt.is_onset(step, column);
            let likelihood = hold_probability(step, column);
            if let Some(note) = notes.last_mut().filter(|_| goes_on) {
                note.end = step + 1;
                note.likelihood += likelihood;
            } else {
                notes.push(FreeNote { start: step, end: step + 1, column, likelihood });
            }
            open = true;
        }
    }
    for note in &mut notes {
        note.likelihood /= (note.end - note.start) as f32;
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::{PitchRange, RollNote};

    const RANGE: PitchRange = PitchRange { low: 60, count: 4 };

    fn note(start_step: u32, n_steps: u32, pitch: u8) -> RollNote {
        RollNote { start_step, n_steps, pitch }
    }

    #[test]
    fn the_least_likely_notes_end_where_too_many_sound_and_held_ones_stay() {
        let notes = [note(0, 8, 60), note(0, 6, 62), note(2, 4, 61), note(6, 2, 62)];
        let roll = PianoRoll::from_notes(&notes, 8, RANGE, 4);
        let limited = |limit: VoiceLimit, is_lowest_held: bool| {
            let mut excerpt = roll.clone();
            let touch =
                |cell| if is_lowest_held && cell % 4 == 0 { Touch::Hold } else { Touch::Write };
            let touches: Vec<Touch> = (0..32).map(touch).collect();
            limit.apply(&mut excerpt, &touches, |_step, column| [0.6, 0.9, 0.8, 0.0][column]);
            excerpt.notes()
        };
        assert_eq!(limited(VoiceLimit::default(), false), notes);
        let two = VoiceLimit { all: Some(2), free: None };
        let cut = [note(0, 2, 60), note(0, 6, 62), note(2, 4, 61), note(6, 2, 62)];
        assert_eq!(limited(two, false), cut, "the least likely one ends");
        let cut = [note(0, 8, 60), note(0, 2, 62), note(2, 4, 61), note(6, 2, 62)];
        assert_eq!(limited(two, true), cut, "a held note counts and stays");
        let one = VoiceLimit { all: None, free: Some(1) };
        assert_eq!(limited(one, true), cut);
    }
}
