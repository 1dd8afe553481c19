//! Rows of zeros and ones, one bit a cell: ten million steps fit 240 megabytes.

use std::sync::Arc;

/// Rows of cells. A row begins with a new word; its first cell is the lowest bit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BitRows {
    words: Arc<[u64]>,
    width: usize,
}

impl BitRows {
    /// No rows yet, of so many cells each.
    pub fn empty(width: usize) -> Self {
        Self { words: Arc::from([]), width }
    }

    pub(super) fn from_words(words: Vec<u64>, width: usize) -> Self {
        Self { words: words.into(), width }
    }

    /// From one byte of 0 or 1 a cell, row by row.
    pub fn from_cells(cells: &[u8], width: usize) -> Self {
        let mut words = vec![0; cells.len() / width.max(1) * words_per_row(width)];
        pack_rows(cells, width, &mut words);
        Self::from_words(words, width)
    }

    /// Cells of a row.
    pub fn width(&self) -> usize {
        self.width
    }

    pub fn n_rows(&self) -> usize {
        self.words.len() / words_per_row(self.width)
    }

    /// All words, to be shared.
    pub fn words(&self) -> Arc<[u64]> {
        Arc::clone(&self.words)
    }

    /// One byte of 0 or 1 a cell, for `n_rows` rows from `first` on.
    pub fn cells(&self, first: usize, n_rows: usize) -> Vec<u8> {
        let mut cells = vec![0; n_rows * self.width];
        self.for_each_one(first, n_rows, |cell| cells[cell] = 1);
        cells
    }

    /// The words of `n_rows` rows from `first` on as little-endian bytes.
    pub fn bytes(&self, first: usize, n_rows: usize) -> Vec<u8> {
        let per_row = words_per_row(self.width);
        let words = &self.words[first * per_row..(first + n_rows) * per_row];
        words.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    /// Calls `f` with the place of every cell that is 1 in `n_rows` rows from `first` on; the first
    /// cell of the first row is 0.
    pub fn for_each_one(&self, first: usize, n_rows: usize, mut f: impl FnMut(usize)) {
        let per_row = words_per_row(self.width);
        for row in 0..n_rows {
            let words = &self.words[(first + row) * per_row..][..per_row];
            for (place, &word) in words.iter().enumerate() {
                let mut word = word;
                while word != 0 {
                    f(row * self.width + place * 64 + word.trailing_zeros() as usize);
                    word &= word - 1;
                }
            }
        }
    }

    /// How many cells are 1 in `n_rows` rows from `first` on.
    pub fn count_ones(&self, first: usize, n_rows: usize) -> u64 {
        let per_row = words_per_row(self.width);
        let words = &self.words[first * per_row..(first + n_rows) * per_row];
        words.iter().map(|word| u64::from(word.count_ones())).sum()
    }
}

pub(super) fn words_per_row(width: usize) -> usize {
    width.div_ceil(64).max(1)
}

/// Packs cells, row by row, into the front of `words`.
pub(super) fn pack_rows(cells: &[u8], width: usize, words: &mut [u64]) {
    let rows = cells.chunks_exact(width.max(1));
    for (words, row) in words.chunks_exact_mut(words_per_row(width)).zip(rows) {
        for (word, cells) in words.iter_mut().zip(row.chunks(64)) {
            let bits = cells.iter().enumerate();
            *word = bits.fold(0, |word, (bit, &cell)| word | u64::from(cell != 0) << bit);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_come_back_from_any_row() {
        for width in [1, 64, 156] {
            let cells: Vec<u8> = (0..7 * width).map(|cell| u8::from(cell % 3 == 1)).collect();
            let rows = BitRows::from_cells(&cells, width);
            assert_eq!((rows.n_rows(), rows.width()), (7, width));
            assert_eq!(rows.cells(2, 4), cells[2 * width..6 * width]);
            let ones = cells[2 * width..6 * width].iter().map(|&cell| u64::from(cell)).sum::<u64>();
            assert_eq!(rows.count_ones(2, 4), ones);
        }
    }
}
