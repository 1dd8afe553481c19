//! The top line of a piece, and how high it reaches at each step.

use crate::music::{PianoRoll, RollNote};

/// The notes above which no other sounds when they begin (the "skyline" of Uitdenbogerd & Zobel
/// 1998, with the notes left whole).
pub fn top_line(roll: &PianoRoll) -> Vec<RollNote> {
    let top = highest(roll, &roll.notes());
    let is_top = |note: &RollNote| {
        roll.pitches().index(note.pitch) == top.get(note.start_step as usize).copied().flatten()
    };
    roll.notes().into_iter().filter(is_top).collect()
}

/// For each step the column up to which these notes reach. Where they rest, the line is drawn on
/// from the last note; before the first one, back from it. `None` throughout without notes.
pub(super) fn ceiling(roll: &PianoRoll, notes: &[RollNote]) -> Vec<Option<usize>> {
    let mut line = highest(roll, notes);
    let mut last = line.iter().copied().flatten().next();
    for place in &mut line {
        last = place.or(last);
        *place = last;
    }
    line
}

/// For each step the highest column that a note sounds on.
fn highest(roll: &PianoRoll, notes: &[RollNote]) -> Vec<Option<usize>> {
    let mut top = vec![None; roll.n_steps()];
    for note in notes {
        let steps = note.start_step as usize..(note.start_step + note.n_steps) as usize;
        let column = roll.pitches().index(note.pitch);
        for place in top.get_mut(steps).unwrap_or_default() {
            *place = column.max(*place);
        }
    }
    top
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::PitchRange;

    const RANGE: PitchRange = PitchRange { low: 60, count: 12 };

    fn note(start_step: u32, n_steps: u32, pitch: u8) -> RollNote {
        RollNote { start_step, n_steps, pitch }
    }

    #[test]
    fn the_top_line_is_what_nothing_sounds_above_as_it_begins() {
        let melody = [note(0, 2, 67), note(4, 4, 65)];
        let below = [note(0, 8, 60), note(2, 2, 62), note(5, 1, 64)];
        let roll = PianoRoll::from_notes(&[&melody[..], &below[..]].concat(), 10, RANGE, 4);
        // Where the melody rests, what begins then is on top.
        assert_eq!(top_line(&roll), [melody[0], below[1], melody[1]]);
        let line = ceiling(&roll, &melody);
        assert_eq!(line[..4], [Some(7); 4], "it goes on through the rest");
        assert_eq!(line[4..], [Some(5); 6]);
        assert_eq!(ceiling(&roll, &[note(4, 1, 61)])[0], Some(1), "and back before the first note");
        assert_eq!(ceiling(&roll, &[]), [None; 10]);
    }
}
