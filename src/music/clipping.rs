//! Notes as plain text, so that they can be copied from one window to another.

use std::fmt::Write as _;

use super::PlayedNote;

const HEAD: &str = "Harmonium notes";
/// More lines than a person copies.
const MAX_NOTES: usize = 100_000;
/// A longer note or gap is no music of this program.
const MAX_STEPS: u32 = 1_000_000;

/// The text of a clipping: a head with the grid, then a line a note: start, length (both in
/// steps), pitch, velocity.
pub fn clipping_to_text(notes: &[PlayedNote], steps_per_beat: u8) -> String {
    let mut text = format!("{HEAD}, {steps_per_beat} steps a beat");
    for note in notes {
        let PlayedNote { start_step, n_steps, pitch, velocity } = note;
        // Writing to a String cannot fail.
        let _ = write!(text, "\n{start_step} {n_steps} {pitch} {velocity}");
    }
    text
}

/// The notes of such a text on another grid, each at least a step long; `None` where it is any
/// other text.
pub fn text_to_clipping(text: &str, steps_per_beat: u8) -> Option<Vec<PlayedNote>> {
    let mut lines = text.lines();
    let head = lines.next()?.strip_prefix(HEAD)?.strip_prefix(", ")?;
    let from: u32 = head.strip_suffix(" steps a beat")?.parse().ok().filter(|n| *n > 0)?;
    let to = u32::from(steps_per_beat.max(1));
    let scaled = |steps: u32| (u64::from(steps) * u64::from(to) * 2 / u64::from(from)).div_ceil(2);
    let note = |line: &str| {
        let mut numbers = line.split_whitespace().map(str::parse::<u32>);
        let mut next = |max: u32| numbers.next()?.ok().filter(|number| *number <= max);
        let (start, length) = (next(MAX_STEPS)?, next(MAX_STEPS)?);
        let (pitch, velocity) = (next(127)? as u8, next(127)? as u8);
        let start_step = scaled(start) as u32;
        let n_steps = (scaled(start + length) as u32).saturating_sub(start_step).max(1);
        Some(PlayedNote { start_step, pitch, n_steps, velocity: velocity.max(1) })
    };
    lines.take(MAX_NOTES).filter(|line| !line.trim().is_empty()).map(note).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notes() -> Vec<PlayedNote> {
        vec![
            PlayedNote { start_step: 0, pitch: 60, n_steps: 4, velocity: 80 },
            PlayedNote { start_step: 6, pitch: 64, n_steps: 2, velocity: 127 },
        ]
    }

    #[test]
    fn what_was_copied_is_pasted() {
        let text = clipping_to_text(&notes(), 4);
        assert_eq!(text_to_clipping(&text, 4), Some(notes()));
        assert_eq!(text_to_clipping(&text.replace('\n', "\r\n"), 4), Some(notes()));
    }

    #[test]
    fn another_grid_keeps_the_beats() {
        let text = clipping_to_text(&notes(), 4);
        let double: Vec<(u32, u32)> = text_to_clipping(&text, 8)
            .unwrap()
            .iter()
            .map(|note| (note.start_step, note.n_steps))
            .collect();
        assert_eq!(double, [(0, 8), (12, 4)]);
        let coarse = text_to_clipping(&text, 1).unwrap();
        assert!(coarse.iter().all(|note| note.n_steps >= 1));
    }

    #[test]
    fn other_text_is_no_clipping() {
        for text in [
            "",
            "hello",
            "Harmonium notes, 0 steps a beat",
            "Harmonium notes, 4 steps a beat\n0 1 200 80",
            "Harmonium notes, 4 steps a beat\n0 4294967295 60 80",
            "Harmonium notes, 4 steps a beat\n0 1 60",
        ] {
            assert_eq!(text_to_clipping(text, 4), None, "{text:?}");
        }
    }
}
