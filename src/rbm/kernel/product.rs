//! Products of a layer's states with one tile of the weights.

use pulp::Simd;

use super::simd::{Kernel, add, add_scaled, load, splat, store};
use super::tiles::{Bits, Lane, Numbers, TILE, for_each_one, tiles_of, units_of};

/// `sums[case] += Σ weights[unit]` over the units that are on.
pub struct BitsTimesTile<'a> {
    pub bits: &'a Bits,
    /// 32 columns of the weights: a lane a unit of `bits`, 32 lanes every `tile_stride`.
    pub weights: &'a [Lane],
    pub tile_stride: usize,
    /// A lane a case.
    pub sums: &'a mut [Lane],
    pub how: &'a Summation,
}

/// How the rows of the weights are added up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Summation {
    /// One addition a bit that is set.
    ByRow(RowLists),
    /// 15 additions for a table of the sums of every subset of four rows, then one for four bits.
    BySubset,
}

/// The rows that each case adds up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowLists {
    /// Where the list of each case begins, and at last where the last one ends.
    starts: Vec<u32>,
    /// Places of lanes within a tile of the weights.
    rows: Vec<u32>,
}

impl Summation {
    /// The cheaper of the two; the weights of the formula are measured. 32 lanes of the weights stand
    /// every `tile_stride`.
    pub fn new(bits: &Bits, tile_stride: usize) -> Self {
        let by_row = bits.count_ones();
        let by_subset = 5 * bits.n_units + bits.n_units * bits.n_cases / 4;
        if by_row > by_subset {
            return Self::BySubset;
        }
        let mut starts = vec![0_u32; bits.n_cases + 1];
        for tile in 0..tiles_of(bits.n_units) {
            for (start, word) in starts[1..].iter_mut().zip(bits.tile(tile)) {
                *start += word.count_ones();
            }
        }
        for case in 0..bits.n_cases {
            starts[case + 1] += starts[case];
        }
        let mut ends = starts.clone();
        let mut rows = vec![0; by_row];
        for tile in 0..tiles_of(bits.n_units) {
            let first = (tile * tile_stride) as u32;
            for (end, &word) in ends.iter_mut().zip(bits.tile(tile)) {
                for_each_one(word, |unit| {
                    rows[*end as usize] = first + unit as u32;
                    *end += 1;
                });
            }
        }
        Self::ByRow(RowLists { starts, rows })
    }

    /// Lanes that are added for all cases.
    pub fn additions(&self, bits: &Bits) -> usize {
        match self {
            Self::ByRow(lists) => lists.rows.len(),
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
            Summation::ByRow(lists) => add_rows::<S, N>(simd, lists, self.weights, self.sums),
            Summation::BySubset => add_subsets::<S, N>(simd, self),
        }
    }
}

/// Sums that go on side by side: an addition takes longer than it takes to begin the next.
const CHAINS: usize = 4;

#[inline(always)]
fn add_rows<S: Simd, const N: usize>(
    simd: S,
    lists: &RowLists,
    weights: &[Lane],
    sums: &mut [Lane],
) {
    for (case, sum) in sums.iter_mut().enumerate() {
        let rows = &lists.rows[lists.starts[case] as usize..lists.starts[case + 1] as usize];
        let mut totals = [splat::<S, N>(simd, 0.0); CHAINS];
        let (groups, rest) = rows.as_chunks::<CHAINS>();
        for group in groups {
            for chain in 0..CHAINS {
                add::<S, N>(simd, &mut totals[chain], &weights[group[chain] as usize]);
            }
        }
        let mut total = load::<S, N>(simd, sum);
        for &row in rest {
            add::<S, N>(simd, &mut total, &weights[row as usize]);
        }
        for k in 0..N {
            let pairs = simd.add_f32s(
                simd.add_f32s(totals[0][k], totals[1][k]),
                simd.add_f32s(totals[2][k], totals[3][k]),
            );
            total[k] = simd.add_f32s(total[k], pairs);
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
        // The padding of a last tile needs no table.
        let n_groups = units_of(tile, bits.n_units).len().div_ceil(GROUP);
        for (table, rows) in tables[..n_groups].iter_mut().zip(rows.chunks_exact(GROUP)) {
            fill_table::<S, N>(simd, rows, table);
        }
        for (sum, &word) in sums.iter_mut().zip(bits.tile(tile)) {
            let mut total = load::<S, N>(simd, sum);
            for (group, table) in tables[..n_groups].iter().enumerate() {
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
