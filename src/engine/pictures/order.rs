//! In which order hidden units are shown.

/// Multiplications that chaining by similarity may take: some hundredths of a second.
const CHAINING_BUDGET: usize = 64_000_000;

/// Units from the largest value down; equal ones as they are counted.
pub(super) fn by_value(values: &[f32]) -> Vec<usize> {
    let mut units: Vec<usize> = (0..values.len()).collect();
    units.sort_by(|&a, &b| values[b].total_cmp(&values[a]).then(a.cmp(&b)));
    units
}

/// How many units of so many weights can be chained within the budget: each link compares a unit
/// with all that are left.
pub(super) fn n_chainable(n_visible: usize) -> usize {
    (2 * CHAINING_BUDGET / n_visible.max(1)).isqrt().max(2)
}

/// A greedy chain by cosine similarity over rows of `n_visible` weights: from the first row on,
/// always to the row left over that is most like the one before. The places of the rows.
pub(super) fn chain(rows: &[f32], n_visible: usize) -> Vec<usize> {
    let rows: Vec<&[f32]> = rows.chunks_exact(n_visible.max(1)).collect();
    let norms: Vec<f32> = rows.iter().map(|row| dot(row, row).sqrt().max(1e-12)).collect();
    let mut left: Vec<usize> = (1..rows.len()).collect();
    let mut chain: Vec<usize> = (0..rows.len().min(1)).collect();
    while let (Some(&last), false) = (chain.last(), left.is_empty()) {
        let cosine = |row: usize| dot(rows[last], rows[row]) / norms[row];
        let likeness = left.iter().map(|&row| cosine(row)).enumerate();
        // Of equals the first, so that the chain is the same at every call.
        let nearest = likeness.reduce(|best, one| if one.1 > best.1 { one } else { best });
        chain.push(left.remove(nearest.map_or(0, |(place, _)| place)));
    }
    chain
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    const LANES: usize = 16;
    let mut sums = [0.0_f32; LANES];
    let (a_lanes, b_lanes) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest = a_lanes.remainder().iter().zip(b_lanes.remainder()).map(|(a, b)| a * b);
    let rest: f32 = rest.sum();
    for (a, b) in a_lanes.zip(b_lanes) {
        for lane in 0..LANES {
            sums[lane] += a[lane] * b[lane];
        }
    }
    sums.iter().sum::<f32>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_value_comes_first() {
        assert_eq!(by_value(&[1.0, 3.0, 2.0, 3.0]), [1, 3, 2, 0]);
        assert!(by_value(&[]).is_empty());
    }

    #[test]
    fn a_chain_goes_to_the_nearest_direction_whatever_the_length() {
        // Directions at 0, 90, 20 and 60 degrees; the lengths differ.
        let at = |degrees: f32, length: f32| {
            let angle = degrees.to_radians();
            [length * angle.cos(), length * angle.sin()]
        };
        let rows = [at(0.0, 1.0), at(90.0, 9.0), at(20.0, 0.1), at(60.0, 2.0)].concat();
        assert_eq!(chain(&rows, 2), [0, 2, 3, 1]);
        assert!(chain(&[], 2).is_empty());
    }

    #[test]
    fn a_large_model_is_chained_in_part() {
        assert_eq!(n_chainable(4680), 165);
        assert!(n_chainable(78) > 1000);
    }
}
