//! Products of a layer's states with one tile of the weights.

use pulp::Simd;

use super::simd::{Kernel, add, add_scaled, load, splat, store};
use super::tiles::{Bits, Lane, Numbers, TILE, tiles_of};

/// `sums[case] += Σ weights[unit]` over the units that are on.
pub struct BitsTimesTile<'a> {
    pub bits: &'a Bits,
    /// 32 columns of the weights: a lane a unit of `bits`, 32 lanes every `tile_stride`.
    pub weights: &'a [Lane],
    pub tile_stride: usize,
    /// A lane a case.
    pub sums: &'a mut [Lane],
    pub how: Summation,
}

/// How the rows of the weights are added up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Summation {
    /// One addition a bit that is set.
    ByRow,
    /// 15 additions for a table of the sums of every subset of four rows, then one for four bits.
    BySubset,
}

impl Summation {
    /// The cheaper of the two. The weights of the formula are measured.
    pub fn for_bits(bits: &Bits) -> Self {
        let by_row = bits.count_ones();
        let by_subset = 5 * bits.n_units + bits.n_units * bits.n_cases / 4;
        if by_row <= by_subset { Self::ByRow } else { Self::BySubset }
    }

    /// Lanes that are added for all cases.
    pub fn additions(self, bits: &Bits) -> usize {
        match self {
            Self::ByRow => bits.count_ones(),
            Self::BySubset => bits.n_units * (bits.n_cases + 15) / 4,
        }
    }
}

/// Units that share a table.
const GROUP: usize = 4;
const SUBSETS: usize = 1 << GROUP;

impl Kernel for BitsTimesTile<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd, const N: usize>(self, simd: S) {
        match self.how {
            Summation::ByRow => add_rows::<S, N>(simd, self),
            Summation::BySubset => add_subsets::<S, N>(simd, self),
        }
    }
}

#[inline(always)]
fn add_rows<S: Simd, const N: usize>(simd: S, product: BitsTimesTile<'_>) {
    let BitsTimesTile { bits, weights, tile_stride, sums, .. } = product;
    for (case, sum) in sums.iter_mut().enumerate() {
        let mut total = load::<S, N>(simd, sum);
        for tile in 0..tiles_of(bits.n_units) {
            let rows = &weights[tile * tile_stride..][..TILE];
            // Written out: a closure might not be inlined.
            let mut word = bits.words[tile * bits.n_cases + case];
            while word != 0 {
                add::<S, N>(simd, &mut total, &rows[word.trailing_zeros() as usize]);
                word &= word - 1;
            }
        }
        store::<S, N>(&total, sum);
    }
}

#[inline(always)]
fn add_subsets<S: Simd, const N: usize>(simd: S, product: BitsTimesTile<'_>) {
    let BitsTimesTile { bits, weights, tile_stride, sums, .. } = product;
    let mut tables = [[Lane::ZERO; SUBSETS]; TILE / GROUP];
    for tile in 0..tiles_of(bits.n_units) {
        let rows = &weights[tile * tile_stride..][..TILE];
        for (table, rows) in tables.iter_mut().zip(rows.chunks_exact(GROUP)) {
            fill_table::<S, N>(simd, rows, table);
        }
        for (sum, &word) in sums.iter_mut().zip(bits.tile(tile)) {
            let mut total = load::<S, N>(simd, sum);
            for (group, table) in tables.iter().enumerate() {
                let subset = word >> (GROUP * group) & (SUBSETS as u32 - 1);
                add::<S, N>(simd, &mut total, &table[subset as usize]);
            }
            store::<S, N>(&total, sum);
        }
    }
}

/// `table[subset]` becomes the sum of the rows whose bits are set in `subset`.
#[inline(always)]
fn fill_table<S: Simd, const N: usize>(simd: S, rows: &[Lane], table: &mut [Lane; SUBSETS]) {
    for (unit, row) in rows.iter().enumerate() {
        let row = load::<S, N>(simd, row);
        for subset in 0..1 << unit {
            let mut sum = row;
            add::<S, N>(simd, &mut sum, &table[subset]);
            store::<S, N>(&sum, &mut table[(1 << unit) + subset]);
        }
    }
}

/// `sums[case] += Σ values[case][unit] · weights[unit]`
pub struct NumbersTimesTile<'a> {
    pub values: &'a Numbers,
    /// 32 columns of the weights: a lane a unit of `values`, padded to whole tiles.
    pub weights: &'a [Lane],
    /// A lane a case.
    pub sums: &'a mut [Lane],
}

/// Cases whose sums stay in registers together.
const CASES: usize = 4;

impl Kernel for NumbersTimesTile<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd, const N: usize>(self, simd: S) {
        for (tile, rows) in self.weights.chunks_exact(TILE).enumerate() {
            let (groups, rest) = self.values.tile(tile).as_chunks::<CASES>();
            let (group_sums, rest_sums) = self.sums.as_chunks_mut::<CASES>();
            for (sums, values) in group_sums.iter_mut().zip(groups) {
                add_cases::<S, N, CASES>(simd, rows, values, sums);
            }
            for (sum, value) in rest_sums.iter_mut().zip(rest) {
                let (sum, value) = (std::slice::from_mut(sum), std::slice::from_ref(value));
                let (Ok(sum), Ok(value)) = (sum.try_into(), value.try_into()) else { continue };
                add_cases::<S, N, 1>(simd, rows, value, sum);
            }
        }
    }
}

#[inline(always)]
fn add_cases<S: Simd, const N: usize, const C: usize>(
    simd: S,
    rows: &[Lane],
    values: &[Lane; C],
    sums: &mut [Lane; C],
) {
    let mut totals = [splat::<S, N>(simd, 0.0); C];
    for c in 0..C {
        totals[c] = load::<S, N>(simd, &sums[c]);
    }
    for (unit, row) in rows.iter().enumerate() {
        let row = load::<S, N>(simd, row);
        for c in 0..C {
            add_scaled::<S, N>(simd, &mut totals[c], values[c].0[unit], &row);
        }
    }
    for c in 0..C {
        store::<S, N>(&totals[c], &mut sums[c]);
    }
}
