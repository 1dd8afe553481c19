//! 32 × 32 numbers, rows for columns.

use super::tiles::{Lane, TILE};

/// Writes the transpose of `from` to `to`; both are 32 lanes.
pub fn transpose(from: &[Lane], to: &mut [Lane]) {
    let ([from], [to]) = (from.as_chunks::<TILE>().0, to.as_chunks_mut::<TILE>().0) else {
        return;
    };
    #[cfg(target_arch = "x86_64")]
    if let Some(simd) = pulp::x86::V3::try_new() {
        return pulp::Simd::vectorize(simd, avx::Transpose { simd, from, to });
    }
    for (row, lane) in from.iter().enumerate() {
        for (column, &value) in lane.0.iter().enumerate() {
            to[column].0[row] = value;
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod avx {
    use pulp::bytemuck::{cast_slice, cast_slice_mut};
    use pulp::x86::V3;
    use pulp::{NullaryFnOnce, cast, f32x8};
    use std::arch::x86_64::__m256;

    use super::{Lane, TILE};

    /// In pieces of 8 × 8, each in registers.
    pub struct Transpose<'a> {
        pub simd: V3,
        pub from: &'a [Lane; TILE],
        pub to: &'a mut [Lane; TILE],
    }

    impl NullaryFnOnce for Transpose<'_> {
        type Output = ();

        #[inline(always)]
        fn call(self) {
            for row in 0..TILE / 8 {
                for column in 0..TILE / 8 {
                    let mut piece = [f32x8(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0); 8];
                    for r in 0..8 {
                        piece[r] = cast_slice::<f32, f32x8>(&self.from[row * 8 + r].0)[column];
                    }
                    let piece = transpose_8(self.simd, piece.map(cast));
                    for c in 0..8 {
                        let lane = &mut self.to[column * 8 + c].0;
                        cast_slice_mut::<f32, f32x8>(lane)[row] = cast(piece[c]);
                    }
                }
            }
        }
    }

    /// Pairs, then fours, then halves change places.
    #[inline(always)]
    fn transpose_8(simd: V3, rows: [__m256; 8]) -> [__m256; 8] {
        let avx = simd.avx;
        let [a, b, c, d, e, f, g, h] = rows;
        let pairs = |a, b| (avx._mm256_unpacklo_ps(a, b), avx._mm256_unpackhi_ps(a, b));
        let fours =
            |a, b| (avx._mm256_shuffle_ps::<0x44>(a, b), avx._mm256_shuffle_ps::<0xee>(a, b));
        let ((ab0, ab1), (cd0, cd1)) = (pairs(a, b), pairs(c, d));
        let ((ef0, ef1), (gh0, gh1)) = (pairs(e, f), pairs(g, h));
        let ((a0, a1), (a2, a3)) = (fours(ab0, cd0), fours(ab1, cd1));
        let ((e0, e1), (e2, e3)) = (fours(ef0, gh0), fours(ef1, gh1));
        let low = |a, e| avx._mm256_permute2f128_ps::<0x20>(a, e);
        let high = |a, e| avx._mm256_permute2f128_ps::<0x31>(a, e);
        [
            low(a0, e0),
            low(a1, e1),
            low(a2, e2),
            low(a3, e3),
            high(a0, e0),
            high(a1, e1),
            high(a2, e2),
            high(a3, e3),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_become_columns() {
        let mut from = vec![Lane::ZERO; TILE];
        for (row, lane) in from.iter_mut().enumerate() {
            for (column, value) in lane.0.iter_mut().enumerate() {
                *value = (row * 100 + column) as f32;
            }
        }
        let mut to = vec![Lane::ZERO; TILE];
        transpose(&from, &mut to);
        for row in 0..TILE {
            for column in 0..TILE {
                assert_eq!(to[column].0[row], from[row].0[column]);
            }
        }
    }
}
