//! Rolls to rows of zeros and ones and back, and bits packed for keeping.

use super::{EncodingSettings, Planes};
use crate::music::{PianoRoll, PitchRange};

/// The rows of a roll, one byte of 0 or 1 a cell: each row the hold columns, then the onset columns.
///
/// # Panics
/// When the roll has other pitches than the settings.
pub fn roll_to_rows(roll: &PianoRoll, settings: &EncodingSettings) -> Vec<u8> {
    let mut rows = vec![0; roll.n_steps() * settings.row_width()];
    fill_rows(roll, settings.planes, &mut rows);
    rows
}

/// Writes the rows of a roll to the front of `rows`.
pub(super) fn fill_rows(roll: &PianoRoll, planes: Planes, rows: &mut [u8]) {
    let width = roll.pitches().len();
    if width == 0 {
        return;
    }
    let cells = roll.cells().chunks_exact(width);
    match planes {
        Planes::Hold => {
            for (row, cells) in rows.chunks_exact_mut(width).zip(cells) {
                fill_plane(row, cells, PianoRoll::HOLD);
            }
        }
        Planes::HoldAndOnset => {
            for (row, cells) in rows.chunks_exact_mut(2 * width).zip(cells) {
                let (hold, onset) = row.split_at_mut(width);
                fill_plane(hold, cells, PianoRoll::HOLD);
                fill_plane(onset, cells, PianoRoll::ONSET);
            }
        }
    }
}

fn fill_plane(plane: &mut [u8], cells: &[u8], bit: u8) {
    for (value, cell) in plane.iter_mut().zip(cells) {
        *value = u8::from(cell & bit != 0);
    }
}

/// The roll of these rows; a last row that is not whole is left out. Without an onset plane a note
/// is a run of holds.
pub fn rows_to_roll(rows: &[u8], settings: &EncodingSettings) -> PianoRoll {
    let pitches = settings.pitches();
    let width = pitches.len();
    let row_width = settings.row_width().max(1);
    let mut cells = vec![0; rows.len() / row_width * width];
    for (cells, row) in cells.chunks_exact_mut(width.max(1)).zip(rows.chunks_exact(row_width)) {
        for (column, cell) in cells.iter_mut().enumerate() {
            let onset = row.get(width + column).copied().unwrap_or(0);
            let hold = u8::from(row[column] != 0) * PianoRoll::HOLD;
            *cell = hold | (u8::from(onset != 0) * PianoRoll::ONSET);
        }
    }
    let mut roll = PianoRoll::from_cells(cells, pitches, settings.steps_per_beat);
    if settings.planes == Planes::Hold {
        roll.repair();
    }
    roll
}

/// Eight cells a byte, the first in the highest bit (as `numpy.unpackbits` reads them).
/// Any value but 0 counts as 1.
pub fn pack_bits(cells: &[u8]) -> Vec<u8> {
    let pack = |eight: &[u8]| {
        let bits = eight.iter().enumerate();
        bits.fold(0, |byte, (index, &cell)| byte | u8::from(cell != 0) << (7 - index))
    };
    cells.chunks(8).map(pack).collect()
}

/// The first `n_cells` cells of packed bits, or `None` when there are fewer.
pub fn unpack_bits(packed: &[u8], n_cells: usize) -> Option<Vec<u8>> {
    if n_cells.div_ceil(8) > packed.len() {
        return None;
    }
    let bit = |index: usize| packed[index / 8] >> (7 - index % 8) & 1;
    Some((0..n_cells).map(bit).collect())
}

/// A roll as packed bits: row by row, the hold columns before the onset columns.
pub fn pack_roll(roll: &PianoRoll) -> Vec<u8> {
    let mut rows = vec![0; roll.n_steps() * roll.pitches().len() * 2];
    fill_rows(roll, Planes::HoldAndOnset, &mut rows);
    pack_bits(&rows)
}

/// What [`pack_roll`] packed, or `None` when there are too few bytes for so many steps.
pub fn unpack_roll(
    packed: &[u8],
    n_steps: usize,
    pitches: PitchRange,
    steps_per_beat: u8,
) -> Option<PianoRoll> {
    let n_cells = n_steps.checked_mul(pitches.len())?.checked_mul(2)?;
    let rows = unpack_bits(packed, n_cells)?;
    let settings = EncodingSettings {
        pitch_low: pitches.low,
        pitch_count: pitches.count,
        steps_per_beat,
        ..EncodingSettings::default()
    };
    Some(rows_to_roll(&rows, &settings))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::RollNote;
    use proptest::prelude::*;

    fn settings(planes: Planes) -> EncodingSettings {
        EncodingSettings { pitch_low: 60, pitch_count: 3, planes, ..EncodingSettings::default() }
    }

    fn note(start_step: u32, n_steps: u32, pitch: u8) -> RollNote {
        RollNote { start_step, n_steps, pitch }
    }

    #[test]
    fn a_row_is_holds_then_onsets() {
        let settings = settings(Planes::HoldAndOnset);
        let notes = [note(0, 2, 60), note(1, 1, 62)];
        let roll = PianoRoll::from_notes(&notes, 2, settings.pitches(), 4);
        assert_eq!(roll_to_rows(&roll, &settings), [1, 0, 0, 1, 0, 0, 1, 0, 1, 0, 0, 1]);
    }

    #[test]
    fn without_onsets_a_note_is_a_run_of_holds() {
        let settings = settings(Planes::Hold);
        let notes = [note(0, 1, 60), note(1, 2, 60), note(4, 1, 60)];
        let roll = PianoRoll::from_notes(&notes, 5, settings.pitches(), 4);
        let rows = roll_to_rows(&roll, &settings);
        assert_eq!(rows.len(), 15);
        let read = rows_to_roll(&rows, &settings);
        assert_eq!(read.notes(), [note(0, 3, 60), note(4, 1, 60)]);
    }

    #[test]
    fn bits_are_packed_from_the_highest() {
        assert_eq!(pack_bits(&[1, 0, 0, 0, 0, 0, 0, 1, 1]), [0x81, 0x80]);
        assert_eq!(unpack_bits(&[0x81], 9), None);
    }

    proptest! {
        #[test]
        fn rows_give_the_roll_back(cells in prop::collection::vec(0_u8..4, 0..90)) {
            let settings = settings(Planes::HoldAndOnset);
            let roll = PianoRoll::from_cells(cells, settings.pitches(), 4);
            let rows = roll_to_rows(&roll, &settings);
            prop_assert_eq!(&rows_to_roll(&rows, &settings), &roll);
            let packed = pack_roll(&roll);
            let unpacked = unpack_roll(&packed, roll.n_steps(), roll.pitches(), 4);
            prop_assert_eq!(unpacked.as_ref(), Some(&roll));
        }
    }
}
