//! Which visible units are flipped for the pseudo-log-likelihood.

use super::tiles::{Bits, TILE, for_each_one, mask_of, tiles_of};

/// One unit of each case that is flipped.
#[derive(Clone, Debug, PartialEq)]
pub struct Flips {
    /// The unit, and what flipping adds to it: −1 where it is on, else 1.
    pub units: Vec<(usize, f32)>,
    /// For how many units of its case it stands.
    pub weights: Vec<f64>,
}

impl Flips {
    /// So many draws from the units that are on and as many from those that are off, of every case.
    /// `below` draws a number below its argument. Their weighted sum over a case is an unbiased
    /// estimate of the sum over all its units; where a case has none of a kind, the weight is 0.
    pub fn draw(bits: &Bits, n_draws: usize, mut below: impl FnMut(usize) -> usize) -> Vec<Self> {
        let counts = ones_by_case(bits);
        let mut draw = |is_on: bool| {
            let (mut units, mut weights) = (Vec::new(), Vec::new());
            for (case, &n_on) in counts.iter().enumerate() {
                let count = if is_on { n_on } else { bits.n_units - n_on };
                let rank = below(count.max(1));
                units.push((unit_of_rank(bits, case, rank, is_on), if is_on { -1.0 } else { 1.0 }));
                weights.push(count as f64 / n_draws as f64);
            }
            Self { units, weights }
        };
        (0..2 * n_draws).map(|number| draw(number < n_draws)).collect()
    }
}

fn ones_by_case(bits: &Bits) -> Vec<usize> {
    let mut counts = vec![0; bits.n_cases];
    for tile in 0..tiles_of(bits.n_units) {
        for (count, word) in counts.iter_mut().zip(bits.tile(tile)) {
            *count += word.count_ones() as usize;
        }
    }
    counts
}

/// The unit with so many of its kind before it; 0 when there is none.
fn unit_of_rank(bits: &Bits, case: usize, rank: usize, is_on: bool) -> usize {
    let mut left = rank;
    for tile in 0..tiles_of(bits.n_units) {
        let word = bits.tile(tile)[case];
        let word = if is_on { word } else { !word & mask_of(tile, bits.n_units) };
        let n_here = word.count_ones() as usize;
        if left < n_here {
            let mut places = Vec::with_capacity(TILE);
            for_each_one(word, |place| places.push(place));
            return tile * TILE + places[left];
        }
        left -= n_here;
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_is_drawn_of_its_kind_and_the_weights_count_them() {
        let n_units = 70;
        let is_on = |case: usize, unit: usize| case == 1 || case == 2 && unit % 9 == 4;
        let cells: Vec<u8> =
            (0..3 * n_units).map(|cell| u8::from(is_on(cell / n_units, cell % n_units))).collect();
        let bits = Bits::from_bytes(&cells, n_units);
        let mut number = 0;
        let mut below = |bound: usize| {
            number += 1;
            (number / 3) % bound
        };
        let mut drawn = vec![std::collections::BTreeSet::new(); 6];
        let flips = Flips::draw(&bits, 80, &mut below);
        assert_eq!(flips.len(), 160);
        for (number, flips) in flips.iter().enumerate() {
            let wants_on = number < 80;
            for case in 0..3 {
                let (unit, sign) = flips.units[case];
                let count = (0..n_units).filter(|&unit| is_on(case, unit) == wants_on).count();
                assert_eq!(flips.weights[case], count as f64 / 80.0);
                assert_eq!(sign, if wants_on { -1.0 } else { 1.0 });
                if count > 0 {
                    assert_eq!(is_on(case, unit), wants_on);
                    drawn[2 * case + usize::from(wants_on)].insert(unit);
                }
            }
        }
        let sizes: Vec<usize> = drawn.iter().map(std::collections::BTreeSet::len).collect();
        assert_eq!(sizes, [70, 0, 0, 70, 62, 8]);
    }
}
