//! Where a song is cut into excerpts, and what becomes of the rest.
//!
//! Whole excerpts first, one every stride. What remains after them is music too: when it fills at
//! least half an excerpt it becomes one more, padded with silence; a shorter rest is left out, and the
//! report says so when notes are lost by it. The reference encoding drops every rest, as the study did.

use super::{Encoding, EncodingSettings, Planes};
use crate::music::PianoRoll;

/// How one song is cut.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ExcerptPlan {
    pub n_excerpts: u32,
    /// Rows of the song, padding included.
    pub n_rows: u32,
    pub n_padding_rows: u32,
    /// Rows at the end that are in no excerpt although notes sound there.
    pub n_lost_rows: u32,
}

impl ExcerptPlan {
    pub fn new(roll: &PianoRoll, settings: &EncodingSettings) -> Self {
        let n_rows = roll.n_steps() as u32;
        let length = settings.steps_per_excerpt.max(1);
        let stride = settings.stride();
        let n_whole = match n_rows.checked_sub(length) {
            Some(room) => room / stride + 1,
            None => 0,
        };
        let whole = Self { n_excerpts: n_whole, n_rows, ..Self::default() };
        let covered = n_whole.checked_sub(1).map_or(0, |n| n * stride + length);
        let next = n_whole * stride;
        if covered >= n_rows || next >= n_rows || !sounds_from(roll, covered.max(next)) {
            return whole;
        }
        let n_left = n_rows - next;
        if settings.encoding == Encoding::Musical && n_left >= length.div_ceil(2) {
            let n_padding_rows = length - n_left;
            return Self {
                n_excerpts: n_whole + 1,
                n_rows: n_rows + n_padding_rows,
                n_padding_rows,
                n_lost_rows: 0,
            };
        }
        let n_lost_rows = n_rows - covered.max(next);
        Self { n_lost_rows, ..whole }
    }

    /// First rows of the excerpts.
    pub fn starts(self, settings: &EncodingSettings) -> impl Iterator<Item = u32> {
        let stride = settings.stride();
        (0..self.n_excerpts).map(move |n| n * stride)
    }

    /// Ones in all excerpts together.
    pub fn bits(self, roll: &PianoRoll, settings: &EncodingSettings) -> u64 {
        let mask = match settings.planes {
            Planes::HoldAndOnset => PianoRoll::HOLD | PianoRoll::ONSET,
            Planes::Hold => PianoRoll::HOLD,
        };
        let width = roll.pitches().len();
        let length = settings.steps_per_excerpt as usize * width;
        let bits_of = |start: u32| -> u64 {
            let from = start as usize * width;
            let cells = roll.cells();
            let cells = &cells[from..(from + length).min(cells.len())];
            cells.iter().map(|c| u64::from((c & mask).count_ones())).sum()
        };
        self.starts(settings).map(bits_of).sum()
    }
}

fn sounds_from(roll: &PianoRoll, step: u32) -> bool {
    let from = step as usize * roll.pitches().len();
    let cells = roll.cells().get(from..).unwrap_or_default();
    cells.iter().any(|&c| c != 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::{PitchRange, RollNote};

    const RANGE: PitchRange = PitchRange { low: 60, count: 2 };

    fn settings(steps_per_excerpt: u32, stride_steps: u32) -> EncodingSettings {
        EncodingSettings {
            pitch_low: 60,
            pitch_count: 2,
            steps_per_excerpt,
            stride_steps,
            ..EncodingSettings::default()
        }
    }

    /// A roll that sounds throughout.
    fn plan(n_steps: u32, settings: &EncodingSettings) -> (u32, u32, u32) {
        let note = RollNote { start_step: 0, n_steps, pitch: 60 };
        let roll = PianoRoll::from_notes(&[note], n_steps as usize, RANGE, 4);
        let plan = ExcerptPlan::new(&roll, settings);
        (plan.n_excerpts, plan.n_padding_rows, plan.n_lost_rows)
    }

    #[test]
    fn a_rest_of_half_an_excerpt_is_padded_and_a_shorter_one_is_told() {
        let settings = settings(16, 0);
        assert_eq!(plan(32, &settings), (2, 0, 0));
        assert_eq!(plan(39, &settings), (2, 0, 7));
        assert_eq!(plan(40, &settings), (3, 8, 0));
        assert_eq!(plan(8, &settings), (1, 8, 0));
        assert_eq!(plan(7, &settings), (0, 0, 7));
        assert_eq!(plan(0, &settings), (0, 0, 0));
    }

    #[test]
    fn overlapping_excerpts_leave_no_row_out() {
        let settings = settings(16, 4);
        assert_eq!(plan(32, &settings), (5, 0, 0));
        assert_eq!(plan(33, &settings), (6, 3, 0));
    }

    #[test]
    fn gaps_between_excerpts_are_the_users_wish() {
        let settings = settings(4, 10);
        assert_eq!(plan(14, &settings), (2, 0, 0));
        assert_eq!(plan(13, &settings), (2, 1, 0));
        assert_eq!(plan(9, &settings), (1, 0, 0));
    }

    #[test]
    fn single_steps_are_all_taken() {
        assert_eq!(plan(17, &settings(1, 0)), (17, 0, 0));
    }

    #[test]
    fn a_silent_rest_is_no_loss() {
        let note = RollNote { start_step: 0, n_steps: 16, pitch: 60 };
        let roll = PianoRoll::from_notes(&[note], 30, RANGE, 4);
        let plan = ExcerptPlan::new(&roll, &settings(16, 0));
        assert_eq!((plan.n_excerpts, plan.n_lost_rows), (1, 0));
    }

    #[test]
    fn the_reference_drops_the_rest() {
        let settings = EncodingSettings { encoding: Encoding::Reference, ..settings(15, 0) };
        assert_eq!(plan(29, &settings), (1, 0, 14));
    }
}
