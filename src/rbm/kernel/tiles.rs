//! How the kernel lays out its numbers: in tiles of 32 units.
//!
//! A table of cases × units is kept tile by tile: all cases of the first 32 units, then all cases of
//! the next 32. One tile of a product then fits the first-level cache, 32 sampled bits are one word,
//! and threads can work on different tiles. The last tile is padded with zeros.

use std::ops::Range;

use pulp::Simd;

use super::simd::{Kernel, run};

/// Units of a tile.
pub const TILE: usize = 32;

/// 32 numbers side by side: two cache lines.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C, align(64))]
pub struct Lane(pub [f32; TILE]);

impl Lane {
    pub const ZERO: Self = Self([0.0; TILE]);
}

/// Tiles that hold so many units.
pub fn tiles_of(n_units: usize) -> usize {
    n_units.div_ceil(TILE)
}

/// The units of a tile, padding left out.
pub fn units_of(tile: usize, n_units: usize) -> Range<usize> {
    tile * TILE..n_units.min((tile + 1) * TILE)
}

/// A word whose bits are set for the units of a tile, not for its padding.
pub fn mask_of(tile: usize, n_units: usize) -> u32 {
    match units_of(tile, n_units).len() {
        TILE => u32::MAX,
        n => (1 << n) - 1,
    }
}

/// The places of the bits that are set in a word, from the lowest up.
#[inline(always)]
pub fn for_each_one(mut word: u32, mut f: impl FnMut(usize)) {
    while word != 0 {
        f(word.trailing_zeros() as usize);
        word &= word - 1;
    }
}

/// Numbers, cases × units.
#[derive(Clone, Debug, PartialEq)]
pub struct Numbers {
    pub n_cases: usize,
    pub n_units: usize,
    /// Tile by tile, and within a tile case by case. Zero beyond the last unit.
    pub lanes: Vec<Lane>,
}

/// Bits, cases × units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bits {
    pub n_cases: usize,
    pub n_units: usize,
    /// Tile by tile, and within a tile case by case; bit i is unit i of the tile. Zero beyond the
    /// last unit.
    pub words: Vec<u32>,
}

impl Numbers {
    pub fn zeros(n_cases: usize, n_units: usize) -> Self {
        Self { n_cases, n_units, lanes: vec![Lane::ZERO; n_cases * tiles_of(n_units)] }
    }

    /// All cases of a tile.
    #[inline(always)]
    pub fn tile(&self, tile: usize) -> &[Lane] {
        &self.lanes[tile * self.n_cases..(tile + 1) * self.n_cases]
    }

    /// The same row for every case.
    pub fn repeated(row: &[f32], n_cases: usize) -> Self {
        let lanes = Self::lanes_of(row, 0.0);
        let lanes = lanes.iter().flat_map(|&lane| std::iter::repeat_n(lane, n_cases)).collect();
        Self { n_cases, n_units: row.len(), lanes }
    }

    /// Sets to zero what the bits leave out.
    pub fn keep(&mut self, bits: &Bits) {
        for (lane, &word) in self.lanes.iter_mut().zip(&bits.words) {
            for_each_one(!word, |unit| lane.0[unit] = 0.0);
        }
    }

    /// With a row added to every case.
    pub fn plus(&self, row: &[f32]) -> Self {
        let mut sum = self.clone();
        let row = Self::lanes_of(row, 0.0);
        for (number, lane) in sum.lanes.iter_mut().enumerate() {
            let row = &row[number / self.n_cases];
            lane.0.iter_mut().zip(row.0).for_each(|(value, add)| *value += add);
        }
        sum
    }

    /// One number a unit, laid out as lanes with `padding` beyond the last.
    pub fn lanes_of(units: &[f32], padding: f32) -> Vec<Lane> {
        let lane = |units: &[f32]| {
            let mut lane = Lane([padding; TILE]);
            lane.0[..units.len()].copy_from_slice(units);
            lane
        };
        units.chunks(TILE).map(lane).collect()
    }

    /// Mean of each unit over the cases.
    pub fn means(&self) -> Vec<f32> {
        let mut means = vec![0.0; tiles_of(self.n_units) * TILE];
        run(NumberMeans { numbers: self, means: &mut means });
        means.truncate(self.n_units);
        means
    }

    /// The first cases, as many as asked for.
    pub fn first_cases(&self, n_cases: usize) -> Self {
        let lanes = (0..tiles_of(self.n_units)).flat_map(|tile| &self.tile(tile)[..n_cases]);
        Self { n_cases, n_units: self.n_units, lanes: lanes.copied().collect() }
    }

    /// Cases × units, case by case.
    pub fn to_rows(&self) -> Vec<f32> {
        let mut rows = Vec::with_capacity(self.n_cases * self.n_units);
        for case in 0..self.n_cases {
            for tile in 0..tiles_of(self.n_units) {
                let n = units_of(tile, self.n_units).len();
                rows.extend_from_slice(&self.tile(tile)[case].0[..n]);
            }
        }
        rows
    }
}

impl Bits {
    pub fn zeros(n_cases: usize, n_units: usize) -> Self {
        Self { n_cases, n_units, words: vec![0; n_cases * tiles_of(n_units)] }
    }

    /// All cases of a tile.
    #[inline(always)]
    pub fn tile(&self, tile: usize) -> &[u32] {
        &self.words[tile * self.n_cases..(tile + 1) * self.n_cases]
    }

    /// From bytes of 0 and 1, cases × units, case by case.
    pub fn from_bytes(bytes: &[u8], n_units: usize) -> Self {
        let mut bits = Self::zeros(bytes.len() / n_units.max(1), n_units);
        for (case, row) in bytes.chunks_exact(n_units.max(1)).enumerate() {
            for (unit, _) in row.iter().enumerate().filter(|(_, byte)| **byte != 0) {
                bits.words[unit / TILE * bits.n_cases + case] |= 1 << (unit % TILE);
            }
        }
        bits
    }

    /// Bytes of 0 and 1, cases × units, case by case.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![0; self.n_cases * self.n_units];
        for tile in 0..tiles_of(self.n_units) {
            for (case, &word) in self.tile(tile).iter().enumerate() {
                for_each_one(word, |unit| bytes[case * self.n_units + tile * TILE + unit] = 1);
            }
        }
        bytes
    }

    pub fn count_ones(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Share of the cases in which each unit is on.
    pub fn means(&self) -> Vec<f32> {
        let mut means = vec![0.0; tiles_of(self.n_units) * TILE];
        run(BitMeans { bits: self, means: &mut means });
        means.truncate(self.n_units);
        means
    }

    /// 0 and 1 as numbers.
    pub fn to_numbers(&self) -> Numbers {
        let mut numbers = Numbers::zeros(self.n_cases, self.n_units);
        for (lane, &word) in numbers.lanes.iter_mut().zip(&self.words) {
            for_each_one(word, |unit| lane.0[unit] = 1.0);
        }
        numbers
    }

    /// The first cases, as many as asked for.
    pub fn first_cases(&self, n_cases: usize) -> Self {
        let words = (0..tiles_of(self.n_units)).flat_map(|tile| &self.tile(tile)[..n_cases]);
        Self { n_cases, n_units: self.n_units, words: words.copied().collect() }
    }

    /// Exchanges two cases.
    pub fn swap_cases(&mut self, a: usize, b: usize) {
        for tile in 0..tiles_of(self.n_units) {
            self.words.swap(tile * self.n_cases + a, tile * self.n_cases + b);
        }
    }
}

struct BitMeans<'a> {
    bits: &'a Bits,
    /// Whole tiles.
    means: &'a mut [f32],
}

impl Kernel for BitMeans<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd, const N: usize>(self, _simd: S) {
        let scale = 1.0 / self.bits.n_cases as f32;
        for (tile, means) in self.means.as_chunks_mut::<TILE>().0.iter_mut().enumerate() {
            let mut counts = [0_u32; TILE];
            for &word in self.bits.tile(tile) {
                for unit in 0..TILE {
                    counts[unit] += word >> unit & 1;
                }
            }
            for unit in 0..TILE {
                means[unit] = counts[unit] as f32 * scale;
            }
        }
    }
}

struct NumberMeans<'a> {
    numbers: &'a Numbers,
    /// Whole tiles.
    means: &'a mut [f32],
}

impl Kernel for NumberMeans<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd, const N: usize>(self, _simd: S) {
        let scale = 1.0 / self.numbers.n_cases as f32;
        for (tile, means) in self.means.as_chunks_mut::<TILE>().0.iter_mut().enumerate() {
            for lane in self.numbers.tile(tile) {
                for unit in 0..TILE {
                    means[unit] += lane.0[unit];
                }
            }
            for mean in means {
                *mean *= scale;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back_and_the_padding_is_empty() {
        let bytes: Vec<u8> = (0..3 * 70).map(|i| u8::from(i % 3 == 0 || i % 7 == 0)).collect();
        let bits = Bits::from_bytes(&bytes, 70);
        assert_eq!((bits.n_cases, bits.words.len()), (3, 9));
        assert_eq!(bits.to_bytes(), bytes);
        assert!(bits.tile(2).iter().all(|word| word & !mask_of(2, 70) == 0));
        let rows: Vec<f32> = bytes.iter().map(|&byte| f32::from(byte)).collect();
        assert_eq!(bits.to_numbers().to_rows(), rows);
        assert_eq!(bits.first_cases(2).to_bytes(), bytes[..140]);
        assert_eq!(bits.means(), bits.to_numbers().means());
    }

    #[test]
    fn swapped_cases_change_places() {
        let mut bits = Bits::from_bytes(&[1, 0, 1, 0, 1, 0], 3);
        bits.swap_cases(0, 1);
        assert_eq!(bits.to_bytes(), [0, 1, 0, 1, 0, 1]);
    }
}
