//! Code that is compiled once for each instruction set; the best is chosen when it runs.

use pulp::{Simd, WithSimd, bytemuck};

use super::tiles::{Lane, TILE};

/// Work on lanes.
pub trait Kernel {
    type Output;

    /// `N` vectors of `S` make a lane. Everything below must be inlined, or it is compiled without
    /// the instruction set.
    fn run<S: Simd, const N: usize>(self, simd: S) -> Self::Output;
}

/// Runs a kernel with the best instructions that the processor has.
pub fn run<K: Kernel>(kernel: K) -> K::Output {
    pulp::Arch::new().dispatch(Dispatch(kernel))
}

struct Dispatch<K>(K);

impl<K: Kernel> WithSimd for Dispatch<K> {
    type Output = K::Output;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> K::Output {
        match TILE / S::F32_LANES {
            2 => self.0.run::<S, 2>(simd),
            4 => self.0.run::<S, 4>(simd),
            8 => self.0.run::<S, 8>(simd),
            _ => self.0.run::<S, TILE>(simd),
        }
    }
}

#[inline(always)]
fn vectors<S: Simd>(lane: &Lane) -> &[S::f32s] {
    bytemuck::cast_slice(&lane.0)
}

/// The same number everywhere.
#[inline(always)]
pub fn splat<S: Simd, const N: usize>(simd: S, value: f32) -> [S::f32s; N] {
    [simd.splat_f32s(value); N]
}

#[inline(always)]
pub fn load<S: Simd, const N: usize>(simd: S, lane: &Lane) -> [S::f32s; N] {
    let from = vectors::<S>(lane);
    let mut values = splat::<S, N>(simd, 0.0);
    values.copy_from_slice(from);
    values
}

#[inline(always)]
pub fn store<S: Simd, const N: usize>(values: &[S::f32s; N], lane: &mut Lane) {
    let to: &mut [S::f32s] = bytemuck::cast_slice_mut(&mut lane.0);
    to.copy_from_slice(values);
}

/// total + lane
#[inline(always)]
pub fn add<S: Simd, const N: usize>(simd: S, total: &mut [S::f32s; N], lane: &Lane) {
    let from = vectors::<S>(lane);
    for k in 0..N {
        total[k] = simd.add_f32s(total[k], from[k]);
    }
}

/// total + factor · values
#[inline(always)]
pub fn add_scaled<S: Simd, const N: usize>(
    simd: S,
    total: &mut [S::f32s; N],
    factor: f32,
    values: &[S::f32s; N],
) {
    let factor = simd.splat_f32s(factor);
    for k in 0..N {
        total[k] = simd.mul_add_e_f32s(factor, values[k], total[k]);
    }
}

/// Σ a · b
#[inline(always)]
pub fn dot<S: Simd, const N: usize>(simd: S, a: &[S::f32s; N], b: &[S::f32s; N]) -> f32 {
    let mut sum = simd.mul_f32s(a[0], b[0]);
    for k in 1..N {
        sum = simd.mul_add_e_f32s(a[k], b[k], sum);
    }
    simd.reduce_sum_f32s(sum)
}
