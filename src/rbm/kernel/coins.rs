//! Tossing coins: bits from logits and from probabilities.
//!
//! A unit is on when a uniform number lies below its probability. Eight random bits decide that but
//! for one case in about 256, in which more bits of the same number are made. All of a draw's numbers
//! follow from its key and their place (tile, case, unit), so that neither the number of threads nor
//! what was decided before changes them.

use pulp::Simd;

use super::simd::Kernel;
use super::tiles::{Bits, Lane, TILE, mask_of, tiles_of, units_of};

/// One uniform number for each case and unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draw {
    pub key: u64,
}

impl Draw {
    /// What the number has beyond its first eight bits, in [0, 1).
    fn rest(self, tile: usize, case: usize, unit: usize) -> f32 {
        let place = ((tile * TILE + unit) as u64) << 32 | case as u64;
        fastrand::Rng::with_seed(mix(!self.key, place)).f32()
    }

    /// All numbers, cases × units, case by case: what the tiles below toss with.
    pub fn uniforms(self, n_cases: usize, n_units: usize) -> Vec<f32> {
        let mut numbers = vec![0.0; n_cases * n_units];
        for tile in 0..tiles_of(n_units) {
            let mut bytes = Bytes::new(self, tile, n_cases);
            for case in 0..n_cases {
                let bytes = bytes.of_case(case);
                for (unit, number) in units_of(tile, n_units).enumerate() {
                    let rest = self.rest(tile, case, unit);
                    numbers[case * n_units + number] = (f32::from(bytes[unit]) + rest) / 256.0;
                }
            }
        }
        numbers
    }
}

/// Neighbours in either number give unrelated seeds (the finaliser of SplitMix64, twice).
fn mix(a: u64, b: u64) -> u64 {
    let finish = |mut x: u64| {
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    };
    finish(finish(a).wrapping_add(b))
}

/// The first eight bits of a tile's numbers. They are made for some cases ahead: a processor stalls
/// on reading as a whole what was just written in parts.
struct Bytes {
    random: fastrand::Rng,
    n_cases: usize,
    ahead: [[u8; TILE]; AHEAD],
}

const AHEAD: usize = 16;

impl Bytes {
    #[inline(always)]
    fn new(draw: Draw, tile: usize, n_cases: usize) -> Self {
        let random = fastrand::Rng::with_seed(mix(draw.key, tile as u64));
        Self { random, n_cases, ahead: [[0; TILE]; AHEAD] }
    }

    /// To be asked case by case, from the first on.
    #[inline(always)]
    fn of_case(&mut self, case: usize) -> &[u8; TILE] {
        if case.is_multiple_of(AHEAD) {
            let ahead = &mut self.ahead[..AHEAD.min(self.n_cases - case)];
            for eight in ahead.as_flattened_mut().as_chunks_mut::<8>().0 {
                *eight = self.random.u64(..).to_le_bytes();
            }
        }
        &self.ahead[case % AHEAD]
    }
}

/// Samples one tile: bit = uniform < σ(logit).
pub struct SampleLogits<'a> {
    pub draw: Draw,
    pub tile: usize,
    pub n_units: usize,
    /// A lane a case.
    pub inputs: &'a [Lane],
    /// Inverse temperature β of each case, and the base b that is left at β = 0: the logit is
    /// b + β · (input − b). None means β = 1.
    pub betas: Option<(&'a [f32], &'a Lane)>,
    /// A word a case.
    pub words: &'a mut [u32],
}

impl Kernel for SampleLogits<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd, const N: usize>(self, _simd: S) {
        let mask = mask_of(self.tile, self.n_units);
        let mut bytes = Bytes::new(self.draw, self.tile, self.words.len());
        for (case, (input, word)) in self.inputs.iter().zip(self.words).enumerate() {
            let bytes = bytes.of_case(case);
            let mut logits = *input;
            if let Some((betas, base)) = self.betas {
                for (logit, base) in logits.0.iter_mut().zip(base.0) {
                    *logit = base + betas[case] * (*logit - base);
                }
            }
            // uniform < 1/(1 + e⁻ˣ) without the division.
            let mut odds = [0.0_f32; TILE];
            for unit in 0..TILE {
                odds[unit] = (1.0 + exp(-logits.0[unit])) * (1.0 / 256.0);
            }
            let rest = |unit| self.draw.rest(self.tile, case, unit);
            *word = toss(bytes, &odds, mask, rest);
        }
    }
}

/// Samples one tile: bit = uniform < probability.
pub struct SampleProbabilities<'a> {
    pub draw: Draw,
    pub tile: usize,
    pub n_units: usize,
    /// A lane a case.
    pub probabilities: &'a [Lane],
    /// A word a case.
    pub words: &'a mut [u32],
}

impl Kernel for SampleProbabilities<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd, const N: usize>(self, _simd: S) {
        let mask = mask_of(self.tile, self.n_units);
        let mut bytes = Bytes::new(self.draw, self.tile, self.words.len());
        for (case, (probabilities, word)) in self.probabilities.iter().zip(self.words).enumerate() {
            let bytes = bytes.of_case(case);
            let mut odds = [0.0_f32; TILE];
            for unit in 0..TILE {
                // Infinity where the probability is 0: never on.
                odds[unit] = 1.0 / (256.0 * probabilities.0[unit]);
            }
            let rest = |unit| self.draw.rest(self.tile, case, unit);
            *word = toss(bytes, &odds, mask, rest);
        }
    }
}

/// A bit where (byte + rest) · odds < 1.
#[inline(always)]
fn toss(bytes: &[u8; TILE], odds: &[f32; TILE], mask: u32, rest: impl Fn(usize) -> f32) -> u32 {
    let (mut may, mut must) = ([0_u8; TILE], [0_u8; TILE]);
    for unit in 0..TILE {
        let byte = f32::from(bytes[unit]);
        // 0 · ∞ is no number and compares as false.
        may[unit] = u8::from(byte * odds[unit] < 1.0);
        must[unit] = u8::from((byte + 1.0) * odds[unit] <= 1.0);
    }
    let (may, mut must) = (pack(&may) & mask, pack(&must) & mask);
    let mut open = may & !must;
    while open != 0 {
        let unit = open.trailing_zeros() as usize;
        if (f32::from(bytes[unit]) + rest(unit)) * odds[unit] < 1.0 {
            must |= 1 << unit;
        }
        open &= open - 1;
    }
    must
}

/// 32 bytes of 0 and 1 as bits.
#[inline(always)]
fn pack(bytes: &[u8; TILE]) -> u32 {
    let mut word = 0;
    for (place, eight) in bytes.as_chunks::<8>().0.iter().enumerate() {
        // The factor brings the lowest bit of each byte into the highest byte, in order.
        let bits = u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        word |= (bits as u32) << (8 * place);
    }
    word
}

/// Turns inputs into probabilities σ(β · input) and leaves the padding at zero.
pub struct Sigmoid<'a> {
    pub tile: usize,
    pub n_units: usize,
    /// A lane a case.
    pub lanes: &'a mut [Lane],
    /// Inverse temperature of each case; none means 1 everywhere.
    pub betas: Option<&'a [f32]>,
}

impl Kernel for Sigmoid<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd, const N: usize>(self, _simd: S) {
        let n_units = units_of(self.tile, self.n_units).len();
        for (case, lane) in self.lanes.iter_mut().enumerate() {
            let beta = self.betas.map_or(1.0, |betas| betas[case]);
            for value in &mut lane.0 {
                *value = 1.0 / (1.0 + exp(-beta * *value));
            }
            lane.0[n_units..].fill(0.0);
        }
    }
}

/// eˣ for |x| up to 87, where it stays from there on; relative error below 3e-7 (the polynomial of
/// Cephes' `expf`). Without fused multiply-add, so that it is fast on processors without.
#[inline(always)]
pub fn exp(x: f32) -> f32 {
    // Adding it leaves the nearest whole number in the lowest bits.
    const SHIFT: f32 = 12_582_912.0;
    let x = x.clamp(-87.0, 87.0);
    let shifted = x * std::f32::consts::LOG2_E + SHIFT;
    let n = shifted - SHIFT;
    let r = x - n * 0.693_359_4 + n * 2.121_944_4e-4;
    let p = 1.987_569_1e-4 * r + 1.398_2e-3;
    let p = p * r + 8.333_452e-3;
    let p = p * r + 4.166_579_6e-2;
    let p = p * r + 0.166_666_65;
    let p = p * r + 0.5;
    let power = f32::from_bits(shifted.to_bits().wrapping_add(127) << 23);
    (p * r * r + r + 1.0) * power
}

/// Samples every unit of a table of probabilities.
pub fn sample(probabilities: &super::Numbers, draw: Draw) -> Bits {
    let n_units = probabilities.n_units;
    let mut bits = Bits::zeros(probabilities.n_cases, n_units);
    for (tile, words) in bits.words.chunks_mut(probabilities.n_cases.max(1)).enumerate() {
        let probabilities = probabilities.tile(tile);
        super::simd::run(SampleProbabilities { draw, tile, n_units, probabilities, words });
    }
    bits
}

#[cfg(test)]
mod tests {
    use super::super::Numbers;
    use super::super::simd::run;
    use super::*;

    #[test]
    fn the_exponential_is_right_to_single_precision() {
        for step in -8700..=8700 {
            let x = step as f32 / 100.0;
            let exact = f64::from(x).exp();
            assert!((f64::from(exp(x)) / exact - 1.0).abs() < 3e-7, "{x}");
        }
        assert_eq!(exp(1000.0), exp(87.0));
    }

    #[test]
    fn a_bit_is_on_when_its_uniform_number_lies_below_the_probability() {
        let (n_cases, n_units) = (50, 70);
        let draw = Draw { key: 5 };
        let uniforms = draw.uniforms(n_cases, n_units);
        assert!(uniforms.iter().all(|u| (0.0..1.0).contains(u)));
        let logit = |case: usize, unit: usize| ((case * 7 + unit * 13) % 23) as f32 - 14.0;
        let mut inputs = Numbers::zeros(n_cases, n_units);
        let mut bits = Bits::zeros(n_cases, n_units);
        for tile in 0..tiles_of(n_units) {
            for case in 0..n_cases {
                for (place, unit) in units_of(tile, n_units).enumerate() {
                    inputs.lanes[tile * n_cases + case].0[place] = logit(case, unit);
                }
            }
            let words = &mut bits.words[tile * n_cases..(tile + 1) * n_cases];
            let inputs = inputs.tile(tile);
            run(SampleLogits { draw, tile, n_units, inputs, betas: None, words });
        }
        for tile in 0..tiles_of(n_units) {
            let lanes = &mut inputs.lanes[tile * n_cases..(tile + 1) * n_cases];
            run(Sigmoid { tile, n_units, lanes, betas: None });
        }
        let from_probabilities = sample(&inputs, draw);
        let (bits, probabilities) = (bits.to_bytes(), inputs.to_rows());
        for (place, bit) in bits.iter().enumerate() {
            let sigmoid = 1.0 / (1.0 + (-logit(place / n_units, place % n_units)).exp());
            assert!((probabilities[place] - sigmoid).abs() < 1e-6);
            assert_eq!(*bit, u8::from(uniforms[place] < sigmoid), "place {place}");
        }
        assert_eq!(from_probabilities.to_bytes(), bits);
    }

    #[test]
    fn rare_and_sure_bits_come_as_often_as_they_should() {
        // Probabilities below one in 256 rest on the bits that are made only when they matter.
        for probability in [0.0, 0.0003, 0.002, 0.03, 0.5, 0.9985, 1.0] {
            let mut numbers = Numbers::zeros(2000, 320);
            numbers.lanes.iter_mut().for_each(|lane| lane.0.fill(probability));
            let n = 2000.0 * 320.0;
            let share = sample(&numbers, Draw { key: 9 }).count_ones() as f32 / n;
            let error = (probability * (1.0 - probability) / n).sqrt();
            assert!((share - probability).abs() <= 4.0 * error, "{share} {probability}");
        }
    }

    #[test]
    fn neighbouring_draws_share_nothing() {
        let here = Draw { key: 5 }.uniforms(4, 64);
        let there = Draw { key: 6 }.uniforms(4, 64);
        assert!(here.iter().zip(&there).filter(|(a, b)| a == b).count() < 3);
        // More cases do not change those that were there.
        assert_eq!(Draw { key: 5 }.uniforms(2, 64), here[..128]);
    }
}
