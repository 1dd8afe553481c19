//! How numbers are spread.

/// Bars of a histogram; odd, so that one stands around zero.
const N_BARS: usize = 61;
/// What lies within this share of the largest magnitude counts as near zero.
const NEAR_ZERO: f32 = 0.01;

/// How numbers are spread around zero. What is no finite number is left out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Histogram {
    /// The largest magnitude: the bars reach from `-limit` to `limit`, all equally wide.
    pub limit: f32,
    pub counts: Vec<u32>,
    /// Numbers counted.
    pub n_counted: usize,
    /// Numbers that there are; more than were counted where a sample was taken.
    pub n_values: usize,
    pub mean: f64,
    /// Standard deviation.
    pub deviation: f64,
    /// Share within a hundredth of the largest magnitude.
    pub near_zero: f64,
}

impl Histogram {
    /// Of values that are a sample of `n_values`.
    pub fn of(values: &[f32], n_values: usize) -> Self {
        let finite = || values.iter().copied().filter(|value| value.is_finite());
        let limit = finite().fold(0.0_f32, |most, value| most.max(value.abs()));
        let mut counts = vec![0; N_BARS];
        let (mut sum, mut squares, mut n_counted, mut n_near) = (0.0, 0.0, 0_usize, 0_usize);
        for value in finite() {
            let share = if limit > 0.0 { value / limit } else { 0.0 };
            let place = (f32::midpoint(share, 1.0) * N_BARS as f32) as usize;
            counts[place.min(N_BARS - 1)] += 1;
            n_near += usize::from(share.abs() <= NEAR_ZERO);
            sum += f64::from(value);
            squares += f64::from(value) * f64::from(value);
            n_counted += 1;
        }
        let n = n_counted.max(1) as f64;
        let mean = sum / n;
        Self {
            limit,
            counts,
            n_counted,
            n_values,
            mean,
            deviation: (squares / n - mean * mean).max(0.0).sqrt(),
            near_zero: n_near as f64 / n,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_counted_around_zero() {
        let histogram = Histogram::of(&[-2.0, 0.0, 0.01, 2.0, f32::NAN], 10);
        assert_eq!((histogram.limit, histogram.n_counted, histogram.n_values), (2.0, 4, 10));
        assert_eq!((histogram.counts[0], histogram.counts[30], histogram.counts[60]), (1, 2, 1));
        assert!((histogram.mean - 0.0025).abs() < 1e-6);
        assert!((histogram.deviation - 2.0_f64.sqrt()).abs() < 1e-3);
        assert_eq!(histogram.near_zero, 0.5);
    }

    #[test]
    fn nothing_but_zeros_stands_in_the_middle() {
        let histogram = Histogram::of(&[0.0; 5], 5);
        assert_eq!((histogram.counts[30], histogram.near_zero), (5, 1.0));
        assert_eq!(Histogram::of(&[], 0).n_counted, 0);
    }
}
