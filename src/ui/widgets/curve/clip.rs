//! Lines cut off beyond what a plot shows. A broken line is made of dashes of a few points all the
//! way: zoomed in far enough, the millions of them outside would freeze the window.

use egui_plot::{PlotBounds, PlotPoint};

/// The parts of a line within the bounds and as much again around them, each at least two points.
pub(super) fn clipped(points: &[PlotPoint], bounds: &PlotBounds) -> Vec<Vec<PlotPoint>> {
    let (min, max) = (bounds.min(), bounds.max());
    let around = [max[0] - min[0], max[1] - min[1]];
    let low = [min[0] - around[0], min[1] - around[1]];
    let high = [max[0] + around[0], max[1] + around[1]];
    let mut parts: Vec<Vec<PlotPoint>> = Vec::new();
    let mut is_going_on = false;
    for pair in points.windows(2) {
        let Some((from, to)) = visible_share(pair[0], pair[1], low, high) else {
            is_going_on = false;
            continue;
        };
        let at = |share: f64| {
            let between = |a: f64, b: f64| a + share * (b - a);
            PlotPoint::new(between(pair[0].x, pair[1].x), between(pair[0].y, pair[1].y))
        };
        match parts.last_mut() {
            Some(part) if is_going_on && from == 0.0 => part.push(at(to)),
            _ => parts.push(vec![at(from), at(to)]),
        }
        is_going_on = to == 1.0;
    }
    parts
}

/// Where a segment enters and leaves a rectangle, as shares of its length (Liang & Barsky 1984);
/// `None` where it passes it by.
fn visible_share(a: PlotPoint, b: PlotPoint, low: [f64; 2], high: [f64; 2]) -> Option<(f64, f64)> {
    let (mut from, mut to) = (0.0_f64, 1.0_f64);
    for (start, end, low, high) in [(a.x, b.x, low[0], high[0]), (a.y, b.y, low[1], high[1])] {
        let length = end - start;
        if length == 0.0 {
            if start < low || start > high {
                return None;
            }
            continue;
        }
        let (one, other) = ((low - start) / length, (high - start) / length);
        from = from.max(one.min(other));
        to = to.min(one.max(other));
    }
    (from < to).then_some((from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(points: &[[f64; 2]]) -> Vec<Vec<[f64; 2]>> {
        let points: Vec<PlotPoint> = points.iter().map(|&[x, y]| PlotPoint::new(x, y)).collect();
        let bounds = PlotBounds::from_min_max([0.0, 0.0], [1.0, 1.0]);
        let parts = clipped(&points, &bounds);
        parts.iter().map(|part| part.iter().map(|point| [point.x, point.y]).collect()).collect()
    }

    #[test]
    fn what_is_seen_stays_and_what_is_far_away_goes() {
        let inside = [[0.0, 0.0], [0.5, 1.0], [1.0, 0.5]];
        assert_eq!(parts(&inside), [inside.to_vec()]);
        assert_eq!(parts(&[[-1e9, 0.5], [1e9, 0.5]]), [[[-1.0, 0.5], [2.0, 0.5]]]);
        assert_eq!(parts(&[[0.0, 5.0], [1.0, 5.0]]), Vec::<Vec<[f64; 2]>>::new());
        let leaves_and_comes_back = [[0.0, 0.0], [0.0, 10.0], [1.0, 10.0], [1.0, 0.0]];
        let expected = [vec![[0.0, 0.0], [0.0, 2.0]], vec![[1.0, 2.0], [1.0, 0.0]]];
        assert_eq!(parts(&leaves_and_comes_back), expected);
        assert!(parts(&[[0.5, 0.5]]).is_empty());
    }
}
