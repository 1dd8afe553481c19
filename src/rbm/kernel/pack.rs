//! Rows of bits, and excerpts cut out of them.

use std::sync::Arc;

use super::tiles::{Bits, TILE};

/// Rows of 0 and 1 as bits: a row begins with a new word, its first cell is the lowest bit.
#[derive(Clone, Debug)]
pub struct PackedRows {
    words: Arc<[u64]>,
    width: usize,
}

impl PackedRows {
    pub fn new(words: Arc<[u64]>, width: usize) -> Self {
        Self { words, width }
    }

    pub fn n_rows(&self) -> usize {
        self.words.len() / self.words_per_row()
    }

    pub fn width(&self) -> usize {
        self.width
    }

    fn words_per_row(&self) -> usize {
        self.width.div_ceil(64).max(1)
    }

    /// Excerpts of `n_steps` rows from each of `first_rows` on, flattened.
    pub fn gather(&self, first_rows: &[u32], n_steps: usize) -> Bits {
        let per_row = self.words_per_row();
        let n_cases = first_rows.len();
        let mut bits = Bits::zeros(n_cases, n_steps * self.width);
        for (case, &first) in first_rows.iter().enumerate() {
            let rows = &self.words[first as usize * per_row..][..n_steps * per_row];
            for (step, row) in rows.chunks_exact(per_row).enumerate() {
                for (place, &word) in row.iter().enumerate().filter(|(_, word)| **word != 0) {
                    let unit = step * self.width + place * 64;
                    let shifted = u128::from(word) << (unit % TILE);
                    for part in 0..3 {
                        let piece = (shifted >> (32 * part)) as u32;
                        // The last tile may end before the third piece, which is then empty.
                        if piece != 0 {
                            bits.words[(unit / TILE + part) * n_cases + case] |= piece;
                        }
                    }
                }
            }
        }
        bits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn excerpts_are_their_rows_one_after_the_other() {
        for width in [3, 64, 70, 156] {
            let n_rows = 9;
            let cell = |row: usize, column: usize| (row * width + column) % 5 == row % 3;
            let per_row = width.div_ceil(64);
            let mut words = vec![0_u64; n_rows * per_row];
            for row in 0..n_rows {
                for column in (0..width).filter(|&column| cell(row, column)) {
                    words[row * per_row + column / 64] |= 1 << (column % 64);
                }
            }
            let rows = PackedRows::new(words.into(), width);
            assert_eq!((rows.n_rows(), rows.width()), (n_rows, width));
            let bytes = rows.gather(&[4, 0, 5], 4).to_bytes();
            for (case, first) in [4, 0, 5].into_iter().enumerate() {
                for unit in 0..4 * width {
                    let expected = u8::from(cell(first + unit / width, unit % width));
                    assert_eq!(bytes[case * 4 * width + unit], expected, "width {width}");
                }
            }
        }
    }
}
