//! Where the lines of the grid stand, how numbers are written, and which points can be drawn.

use std::ops::Range;

use egui_plot::{GridInput, GridMark, PlotPoint};

/// About so many lines from side to side, or from bottom to top where there is room.
pub const N_LINES: f64 = 5.0;
/// Nearer to each other, in points, the lines get no numbers.
const LEAST_LINE_SPACING: f32 = 30.0;

/// The nearest of 1, 2, 5 times a power of ten that is at least `step`.
fn round_step(step: f64) -> f64 {
    if !step.is_finite() || step <= 0.0 {
        return 1.0;
    }
    let power = 10_f64.powf(step.log10().floor());
    let factor = [1.0, 2.0, 5.0, 10.0].into_iter().find(|factor| factor * power >= step * 0.999);
    factor.unwrap_or(10.0) * power
}

fn multiples(step: f64, bounds: (f64, f64)) -> Vec<GridMark> {
    let first = (bounds.0 / step).ceil() as i64;
    let last = (bounds.1 / step).floor() as i64;
    // A view that no screen can hold gives no lines instead of millions.
    if last - first > 1000 {
        return Vec::new();
    }
    (first..=last).map(|n| GridMark { value: n as f64 * step, step_size: step }).collect()
}

/// About how many lines a plot of this height, in points, has room for.
pub fn n_lines(height: f32) -> f64 {
    f64::from(height / LEAST_LINE_SPACING).clamp(2.0, N_LINES)
}

/// About `n_lines` lines of a linear axis.
pub fn linear_marks(input: &GridInput, n_lines: f64) -> Vec<GridMark> {
    multiples(round_step((input.bounds.1 - input.bounds.0) / n_lines), input.bounds)
}

/// Lines of the axis of epochs: whole numbers.
pub fn epoch_marks(input: &GridInput) -> Vec<GridMark> {
    let step = round_step((input.bounds.1 - input.bounds.0) / N_LINES);
    multiples(step.max(1.0), input.bounds)
}

/// Lines of a logarithmic axis, whose values are powers of ten; about `n_lines` within a decade.
pub fn logarithmic_marks(input: &GridInput, n_lines: f64) -> Vec<GridMark> {
    let (low, high) = input.bounds;
    let n_decades = high - low;
    if n_decades < 0.6 {
        // So little of a decade is as good as linear: round numbers of the value itself.
        let values = (10_f64.powf(low), 10_f64.powf(high));
        let step = round_step((values.1 - values.0) / n_lines);
        let marks = multiples(step, values).into_iter().filter(|mark| mark.value > 0.0);
        return marks
            .map(|mark| GridMark { value: mark.value.log10(), step_size: n_decades / n_lines })
            .collect();
    }
    let factors: &[f64] = if n_decades <= 3.0 { &[1.0, 2.0, 5.0] } else { &[1.0] };
    let every = (n_decades / 8.0).ceil().max(1.0) as i32;
    let mut marks = Vec::new();
    for decade in (low.floor().max(-400.0) as i32)..=(high.ceil().min(400.0) as i32) {
        for factor in factors {
            let value = f64::from(decade) + factor.log10();
            if decade.rem_euclid(every) == 0 && (low..=high).contains(&value) {
                marks.push(GridMark { value, step_size: 0.3 * f64::from(every) });
            }
        }
    }
    marks
}

/// As many decimals as tell two neighbouring lines apart.
pub fn linear_label(mark: GridMark) -> String {
    let decimals = (-mark.step_size.log10().floor()).clamp(0.0, 9.0) as usize;
    if mark.value.abs() >= 1e6 {
        format!("{:.1e}", mark.value)
    } else {
        format!("{:.decimals$}", mark.value)
    }
}

/// The value that a place on a logarithmic axis stands for.
pub fn logarithmic_label(mark: GridMark) -> String {
    let value = 10_f64.powf(mark.value);
    let label = value_label(value);
    if label.contains('.') && !label.contains('e') {
        label.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        label
    }
}

/// A measured value with three significant digits.
pub fn value_label(value: f64) -> String {
    let size = value.abs();
    if size == 0.0 {
        "0".to_owned()
    } else if !(1e-4..1e6).contains(&size) {
        format!("{value:.1e}")
    } else {
        let decimals = (2.0 - size.log10().floor()).clamp(0.0, 8.0) as usize;
        format!("{value:.decimals$}")
    }
}

/// Where a value stands on the axis, or `None` where it cannot stand there.
pub fn height(value: f64, is_logarithmic: bool) -> Option<f64> {
    let height = if is_logarithmic { value.log10() } else { value };
    (height.is_finite() && (!is_logarithmic || value > 0.0)).then_some(height)
}

/// The stretches of points that can be drawn in one line.
pub fn drawable(points: &[PlotPoint], is_logarithmic: bool) -> Vec<Range<usize>> {
    let mut stretches = Vec::new();
    let mut start = None;
    for (place, point) in points.iter().enumerate() {
        match (height(point.y, is_logarithmic), start) {
            (Some(_), None) => start = Some(place),
            (None, Some(first)) => {
                stretches.push(first..place);
                start = None;
            }
            _ => {}
        }
    }
    stretches.extend(start.map(|first| first..points.len()));
    stretches
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn points(values: &[f64]) -> Vec<PlotPoint> {
        values.iter().enumerate().map(|(x, &y)| PlotPoint::new(x as f64, y)).collect()
    }

    fn input(bounds: (f64, f64)) -> GridInput {
        GridInput { bounds, base_step_size: 1.0 }
    }

    #[test]
    fn what_is_no_number_cuts_the_line() {
        let with_gap = points(&[1.0, 2.0, f64::NAN, 3.0, f64::INFINITY]);
        assert_eq!(drawable(&with_gap, false), [0..2, 3..4]);
        assert_eq!(drawable(&points(&[1.0, 0.0, -1.0, 2.0]), true), [0..1, 3..4]);
        assert!(drawable(&[], false).is_empty());
    }

    #[test]
    fn values_are_written_with_three_digits() {
        let cases =
            [(0.0184, "0.0184"), (123.4, "123"), (0.0, "0"), (-4.2, "-4.20"), (1e-7, "1.0e-7")];
        for (value, text) in cases {
            assert_eq!(value_label(value), text);
        }
    }

    #[test]
    fn lines_stand_on_round_numbers() {
        let values = |marks: Vec<GridMark>| marks.into_iter().map(linear_label).collect::<Vec<_>>();
        assert_eq!(
            values(linear_marks(&input((0.015, 0.081)), N_LINES)),
            ["0.02", "0.04", "0.06", "0.08"]
        );
        assert_eq!(values(epoch_marks(&input((0.0, 3.2)))), ["0", "1", "2", "3"]);
        let decades = logarithmic_marks(&input((-3.0, -1.0)), N_LINES);
        let labels: Vec<_> = decades.into_iter().map(logarithmic_label).collect();
        assert_eq!(labels, ["0.001", "0.002", "0.005", "0.01", "0.02", "0.05", "0.1"]);
    }

    proptest! {
        #[test]
        fn any_view_has_few_lines(low in -1e12_f64..1e12, width in 0.0_f64..1e12) {
            let seen = input((low, low + width));
            for marks in [
                linear_marks(&seen, N_LINES),
                epoch_marks(&seen),
                logarithmic_marks(&seen, N_LINES),
            ] {
                prop_assert!(marks.len() <= 30, "{}", marks.len());
            }
        }
    }
}
