//! Which persistent chain an excerpt starts from.
//!
//! Chains of a trained model hardly leave the mode that they are in: of two that start alike, 100
//! Gibbs steps later four fifths of the notes are still the same, of two others a quarter (Dice's
//! coefficient, demo set, preset Recommended). So what music starts from decides much of it. Where
//! notes are held, only chains that fit them will do: the others would take far more steps to come
//! to terms with them than there are. Where nothing is held, an excerpt starts from two chains, one
//! for its beginning and one that fits it for the rest, so that there are many more beginnings than
//! chains.

use crate::rbm::{Clamp, Device, RandomSource, Stream};

/// Of this many chains, one counts as fitting.
const FITTING_SHARE: usize = 16;

/// Persistent chains to start from.
#[derive(Clone, Copy, Debug)]
pub(super) struct ChainChoice<'a> {
    /// As 0 and 1, n_chains × `n_visible`; not empty.
    pub chains: &'a [u8],
    pub n_visible: usize,
    /// The first units of an excerpt, which come from one chain where nothing is held.
    pub n_first: usize,
    /// The number of the excerpt: each one of a piece starts from chains of its own.
    pub excerpt: u64,
}

impl ChainChoice<'_> {
    /// A state for each seed, and nothing else decides, so that a piece is the same whichever
    /// others are made beside it. `held` has the values of one piece after the other.
    pub(super) fn states(&self, seeds: &[u64], held: Clamp<'_>) -> Vec<u8> {
        let units: Vec<usize> = (0..self.n_visible).filter(|&unit| held.is_held[unit]).collect();
        let by_piece = seeds.iter().zip(held.values.chunks_exact(self.n_visible));
        by_piece.flat_map(|(&seed, values)| self.state(seed, (values, &units))).collect()
    }

    fn state(&self, seed: u64, (values, units): (&[u8], &[usize])) -> Vec<u8> {
        let mut random = RandomSource::new(seed, Stream::ChainChoice, self.excerpt, Device::Cpu);
        if units.iter().any(|&unit| values[unit] == 1) {
            return self.fitting(values, units, &mut random).to_vec();
        }
        // Neighbouring seeds have different chains.
        let mut of_excerpt = RandomSource::new(0, Stream::ChainChoice, self.excerpt, Device::Cpu);
        let n_chains = self.chains.len() / self.n_visible;
        let number = (seed % n_chains as u64) as usize + of_excerpt.below(n_chains);
        let first = self.chain(number % n_chains);
        let units: Vec<usize> = (0..self.n_first).collect();
        let rest = self.fitting(first, &units, &mut random);
        [&first[..self.n_first], &rest[self.n_first..]].concat()
    }

    fn chain(&self, number: usize) -> &[u8] {
        &self.chains[number * self.n_visible..][..self.n_visible]
    }

    fn fitting(&self, values: &[u8], units: &[usize], random: &mut RandomSource) -> &[u8] {
        let fitting = fitting_chains(self.chains, values, units);
        self.chain(fitting[random.below(fitting.len())])
    }
}

/// The chains that share most with what is held, the best first.
fn fitting_chains(chains: &[u8], values: &[u8], units: &[usize]) -> Vec<usize> {
    let n_chains = chains.len() / values.len().max(1);
    let n_held = units.iter().filter(|&&unit| values[unit] == 1).count();
    // Dice's coefficient: twice the bits in common over the bits of both.
    let fit = |chain: usize| {
        let state = &chains[chain * values.len()..][..values.len()];
        let n_on = units.iter().filter(|&&unit| state[unit] == 1).count();
        let n_common = units.iter().filter(|&&unit| state[unit] & values[unit] == 1).count();
        2.0 * n_common as f64 / (n_on + n_held).max(1) as f64
    };
    let fits: Vec<f64> = (0..n_chains).map(fit).collect();
    let mut all: Vec<usize> = (0..n_chains).collect();
    all.sort_by(|&a, &b| fits[b].total_cmp(&fits[a]));
    all.truncate(n_chains.div_ceil(FITTING_SHARE));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    const N_VISIBLE: usize = 40;
    const N_CHAINS: usize = 4 * FITTING_SHARE;

    /// Chain n has its first n / 2 bits on.
    fn chains() -> Vec<u8> {
        (0..N_CHAINS).flat_map(|n| (0..N_VISIBLE).map(move |unit| u8::from(unit < n / 2))).collect()
    }

    fn sum(bits: &[u8]) -> usize {
        bits.iter().map(|bit| usize::from(*bit)).sum()
    }

    fn choice(chains: &[u8], excerpt: u64) -> ChainChoice<'_> {
        ChainChoice { chains, n_visible: N_VISIBLE, n_first: 20, excerpt }
    }

    #[test]
    fn chains_that_share_most_with_what_is_held_come_first() {
        let chains = chains();
        let values: Vec<u8> = (0..N_VISIBLE).map(|unit| u8::from(unit < 10)).collect();
        let held: Vec<usize> = (0..38).collect();
        assert_eq!(fitting_chains(&chains, &values, &held), [20, 21, 22, 23]);
    }

    #[test]
    fn each_seed_and_each_excerpt_draws_anew_from_the_fitting_chains() {
        let chains = chains();
        let values: Vec<u8> = (0..N_VISIBLE).map(|unit| u8::from(unit < 10)).collect();
        let is_held = [true; N_VISIBLE];
        // Chains 20 to 23 fit best; they have 10 or 11 bits on.
        let n_on = |seed: u64, excerpt: u64| {
            let state = choice(&chains, excerpt)
                .states(&[seed], Clamp { is_held: &is_held, values: &values });
            sum(&state)
        };
        let of_seeds: Vec<usize> = (0..64).map(|seed| n_on(4 * seed, 3)).collect();
        let of_excerpts: Vec<usize> = (0..64).map(|excerpt| n_on(4, excerpt)).collect();
        for drawn in [of_seeds, of_excerpts] {
            assert!(drawn.iter().all(|n| [10, 11].contains(n)), "{drawn:?}");
            let tens = drawn.iter().filter(|n| **n == 10).count();
            assert!((16..=48).contains(&tens), "{tens} of 64");
        }
        assert_eq!(n_on(7, 3), n_on(7, 3));
    }

    #[test]
    fn where_nothing_is_held_neighbouring_seeds_begin_differently() {
        let chains = chains();
        let seeds: Vec<u64> = (5..5 + N_CHAINS as u64).collect();
        let silence = vec![0; N_CHAINS * N_VISIBLE];
        let held = Clamp { is_held: &[false; N_VISIBLE], values: &silence };
        let states = choice(&chains, 0).states(&seeds, held);
        let mut n_on: Vec<usize> =
            states.chunks(N_VISIBLE).map(|state| sum(&state[..20])).collect();
        n_on.sort_unstable();
        // Every chain once: two with 0 to 19 bits on at the beginning, the others with all 20.
        let expected: Vec<usize> = (0..N_CHAINS).map(|n| (n / 2).min(20)).collect();
        assert_eq!(n_on, expected);
    }
}
