//! Smoothing of a line, as TensorBoard and Weights & Biases do it.

use egui_plot::PlotPoint;

/// A debiased exponential moving average of the y values: with the weight w and the raw values
/// x₁, x₂, …
///
/// m₀ = 0, mₙ = w·mₙ₋₁ + (1 − w)·xₙ, and shown is mₙ / (1 − wⁿ).
///
/// The divisor takes away the pull of m₀ towards zero; it is the bias correction of Kingma and Ba
/// ("Adam", ICLR 2015, section 3), and the formula that TensorBoard's scalar charts and the charts
/// of Weights & Biases state. A weight of 0 gives the raw values. What is no number stays so and
/// does not reach its neighbours.
pub fn smoothed(points: &[PlotPoint], weight: f64) -> Vec<PlotPoint> {
    let weight = weight.clamp(0.0, 0.999);
    let (mut mean, mut bias) = (0.0, 1.0);
    let smooth = |point: &PlotPoint| {
        if !point.y.is_finite() {
            return *point;
        }
        mean = weight * mean + (1.0 - weight) * point.y;
        bias *= weight;
        PlotPoint::new(point.x, mean / (1.0 - bias))
    };
    points.iter().map(smooth).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(raw: &[f64], weight: f64) -> Vec<f64> {
        let points: Vec<_> = (0..).zip(raw).map(|(x, &y)| PlotPoint::new(x, y)).collect();
        smoothed(&points, weight).into_iter().map(|point| point.y).collect()
    }

    #[test]
    fn a_series_that_was_worked_out_by_hand() {
        // w = 1/2: m = 2, 4, 3, divided by 1/2, 3/4, 7/8.
        assert_eq!(values(&[4.0, 6.0, 2.0], 0.5), [4.0, 16.0 / 3.0, 24.0 / 7.0]);
        // w = 3/4: m = 2, 3.5, divided by 1/4, 7/16.
        assert_eq!(values(&[8.0, 8.0], 0.75), [8.0, 8.0]);
    }

    #[test]
    fn no_weight_gives_the_raw_values_and_a_constant_stays_one() {
        let raw = [3.0, -1.0, 4.0];
        assert_eq!(values(&raw, 0.0), raw);
        assert!(values(&[0.3; 50], 0.9).iter().all(|value| (value - 0.3).abs() < 1e-12));
    }

    #[test]
    fn what_is_no_number_leaves_its_neighbours_alone() {
        let smooth = values(&[4.0, f64::NAN, 6.0], 0.5);
        assert!(smooth[1].is_nan());
        assert_eq!((smooth[0], smooth[2]), (4.0, 16.0 / 3.0));
    }
}
