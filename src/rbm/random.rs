//! Random numbers derived from (run seed, stream, step).
//!
//! There is no global stream that a resumed run would lose: whoever needs numbers for step *n* of
//! a stream gets the same ones, whatever happened before. On the processor they come from
//! xoshiro256++ (Blackman & Vigna 2021), keyed by SplitMix64, and for the coins of learning from a
//! generator a tile ([`Draw`]); on CUDA from libtorch's Philox generator, which is seeded with the
//! derived key before each draw and used by one thread only.

use rand::{Rng, SeedableRng, TryRng};
use rand_xoshiro::{SplitMix64, Xoshiro256PlusPlus};
use tch::{Kind, Tensor};

use super::Device;
use super::kernel::Draw;

/// What the numbers are for. The discriminants are part of what a run repeats: never reuse one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    InitialWeights = 1,
    InitialChains = 2,
    /// The order of the excerpts within an epoch; the step is the epoch.
    Order = 3,
    /// One update; the step is the number of the update.
    Update = 4,
    /// The measures at the end of an epoch; the step is the epoch.
    Measure = 5,
    /// One step of a generating chain.
    Generate = 6,
    /// The starting point of a generating chain.
    GenerateStart = 7,
    /// Which persistent chains an excerpt starts from; the step is the excerpt's number.
    ChainChoice = 8,
    /// The units that the pseudo-log-likelihood flips; the step is the epoch.
    FlippedUnit = 16,
    /// Annealed importance sampling; the step is the number of the temperature.
    AnnealForward = 17,
    /// The same from the model back to the base model; a second pass counts on from 2³².
    AnnealReverse = 18,
    /// Gibbs steps from the data towards the model, before annealing back.
    AnnealStart = 19,
    /// Which chains move to the ends of runs from the base model.
    AnnealMoves = 20,
    /// What is tossed for a picture; the step is the number of the toss.
    Picture = 21,
}

/// The numbers of one step of one stream.
pub struct RandomSource {
    generator: Xoshiro256PlusPlus,
    device: Device,
}

impl RandomSource {
    pub fn new(seed: u64, stream: Stream, step: u64, device: Device) -> Self {
        Self { generator: Xoshiro256PlusPlus::seed_from_u64(key(seed, stream, step)), device }
    }

    /// The key of the next table of coins.
    pub(super) fn next_draw(&mut self) -> Draw {
        Draw { key: self.generator.next_u64() }
    }

    /// A whole number below `bound`, unbiased enough for bounds far below 2⁶⁴.
    pub fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.generator.next_u64()) * bound as u128) >> 64) as usize
    }

    /// A number in [0, 1) with 24 random bits.
    pub fn uniform(&mut self) -> f32 {
        unit(self.generator.next_u32())
    }

    /// A random order of 0..n (Fisher & Yates).
    pub fn permutation(&mut self, n: usize) -> Vec<i64> {
        let mut order: Vec<i64> = (0..n as i64).collect();
        for last in (1..n).rev() {
            order.swap(last, self.below(last + 1));
        }
        order
    }

    /// `n` numbers from the standard normal distribution (Box & Muller 1958), always drawn on the
    /// processor so that every device starts from the same weights.
    pub fn normals(&mut self, n: usize) -> Vec<f32> {
        let mut values = Vec::with_capacity(n + 1);
        while values.len() < n {
            let radius = (-2.0 * (1.0 - f64::from(self.uniform())).ln()).sqrt();
            let angle = std::f64::consts::TAU * f64::from(self.uniform());
            values.push((radius * angle.cos()) as f32);
            values.push((radius * angle.sin()) as f32);
        }
        values.truncate(n);
        values
    }

    /// A tensor of numbers in [0, 1) on the device.
    pub(super) fn uniforms(&mut self, shape: &[i64]) -> Tensor {
        match self.device {
            Device::Cpu => self.uniforms_on_cpu(shape),
            Device::Cuda => self.uniforms_on_cuda(shape),
        }
    }

    /// 0 or 1 with the given probabilities.
    pub(super) fn bernoulli(&mut self, probabilities: &Tensor) -> Tensor {
        let mut drawn = self.uniforms(&probabilities.size());
        // `drawn` becomes its own result: 1 where the number lies below the probability.
        drop(drawn.lt_tensor_(probabilities));
        drawn
    }

    fn uniforms_on_cpu(&mut self, shape: &[i64]) -> Tensor {
        let n = shape.iter().product::<i64>() as usize;
        let mut values = vec![0.0_f32; n];
        let mut pairs = values.chunks_exact_mut(2);
        for pair in &mut pairs {
            let bits = self.generator.next_u64();
            pair[0] = unit(bits as u32);
            pair[1] = unit((bits >> 32) as u32);
        }
        if let [last] = pairs.into_remainder() {
            *last = self.uniform();
        }
        Tensor::from_slice(&values).view(shape)
    }

    fn uniforms_on_cuda(&mut self, shape: &[i64]) -> Tensor {
        tch::Cuda::manual_seed_all(self.generator.next_u64() >> 1);
        Tensor::empty(shape, (Kind::Float, self.device.torch())).uniform_(0.0, 1.0)
    }
}

fn unit(bits: u32) -> f32 {
    (bits >> 8) as f32 * (1.0 / 16_777_216.0)
}

/// Mixes the three numbers so that neighbours in any of them give unrelated keys.
fn key(seed: u64, stream: Stream, step: u64) -> u64 {
    let mix = |x: u64| match SplitMix64::seed_from_u64(x).try_next_u64() {
        Ok(mixed) => mixed,
        Err(never) => match never {},
    };
    mix(mix(mix(seed) ^ stream as u64) ^ step)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(seed: u64, stream: Stream, step: u64) -> RandomSource {
        RandomSource::new(seed, stream, step, Device::Cpu)
    }

    fn numbers(seed: u64, stream: Stream, step: u64) -> Vec<f32> {
        Vec::try_from(source(seed, stream, step).uniforms(&[101])).unwrap()
    }

    #[test]
    fn the_same_place_gives_the_same_numbers_and_another_place_others() {
        let here = numbers(7, Stream::Update, 3);
        assert_eq!(here, numbers(7, Stream::Update, 3));
        for other in [(8, Stream::Update, 3), (7, Stream::Measure, 3), (7, Stream::Update, 4)] {
            assert_ne!(here, numbers(other.0, other.1, other.2));
        }
    }

    #[test]
    fn uniforms_fill_the_unit_interval_evenly() {
        let mut source = source(1, Stream::Generate, 0);
        let values: Vec<f32> = Vec::try_from(source.uniforms(&[100_000])).unwrap();
        assert!(values.iter().all(|v| (0.0..1.0).contains(v)));
        let mean = values.iter().sum::<f32>() / 1e5;
        // Four standard errors of the mean of 100 000 uniform numbers.
        assert!((mean - 0.5).abs() < 4.0 * 0.2887 / 1e5_f32.sqrt(), "{mean}");
    }

    #[test]
    fn normals_have_mean_zero_and_deviation_one() {
        let values = source(2, Stream::InitialWeights, 0).normals(100_001);
        assert_eq!(values.len(), 100_001);
        let mean = values.iter().map(|&v| f64::from(v)).sum::<f64>() / 1e5;
        let square = values.iter().map(|&v| f64::from(v).powi(2)).sum::<f64>() / 1e5;
        assert!(mean.abs() < 4.0 / 1e5_f64.sqrt(), "{mean}");
        assert!((square - 1.0).abs() < 4.0 * (2.0 / 1e5_f64).sqrt(), "{square}");
    }

    #[test]
    fn a_permutation_holds_every_number_once() {
        let mut order = source(3, Stream::Order, 5).permutation(1000);
        assert_ne!(order, (0..1000).collect::<Vec<_>>());
        order.sort_unstable();
        assert_eq!(order, (0..1000).collect::<Vec<_>>());
    }
}
