//! The names of the lines: in a gutter at the right of the plot, none on another, each led to the
//! end of its line.

use std::sync::Arc;

use egui::{Color32, FontId, Galley, Painter, Pos2, Rect, Response, Shape, Stroke, pos2};
use egui_plot::PlotTransform;

use super::overlay::nearest_point;
use super::{Curve, CurveSeries, SeriesKind, scale, screen_place};
use crate::ui::fonts;
use crate::ui::theme::{Palette, size};
use crate::ui::widgets::text::middle_cut;

/// The width of the gutter: always the same, so that plots below each other share their epochs and
/// nothing moves as numbers change.
const GUTTER: f32 = 136.0;
/// A narrow plot gives no more of its width.
const MOST_SHARE: f32 = 0.26;
/// Between the plot and the names, for the lines that lead to them.
const LEADER: f32 = 14.0;
/// Names stand at least so far below each other.
const APART: f32 = 14.0;
/// Of more other runs than these only the best is named, and the one under the pointer.
const MOST_OTHERS: usize = 3;
/// A line is pointed at when the pointer is so near, in points.
const REACH: f32 = 8.0;

/// The width of the gutter of a plot that is `width` points wide with it.
pub(super) fn gutter(width: f32) -> f32 {
    GUTTER.min((width * MOST_SHARE).floor())
}

/// A line that is named, and where it ends in sight.
struct Name {
    end: Pos2,
    galley: Arc<Galley>,
    text_color: Color32,
    line_color: Color32,
    dot: f32,
}

impl Curve<'_> {
    /// Paints the names into `room`, which lies at the right of the plot.
    pub(super) fn paint_names(
        &self,
        painter: &Painter,
        palette: &Palette,
        transform: &PlotTransform,
        response: &Response,
        room: Rect,
    ) {
        let left = room.left() + LEADER;
        let width = room.right() - left;
        let named = self.named(transform, response);
        let mut names: Vec<Name> = named
            .into_iter()
            .filter_map(|line| self.name(painter, palette, transform, line, width))
            .collect();
        names.sort_by(|a, b| a.end.y.total_cmp(&b.end.y));
        let wanted: Vec<f32> = names.iter().map(|name| name.end.y).collect();
        let half = APART / 2.0;
        let places = spread(&wanted, APART, (room.top() + half, room.bottom() - half));
        for (name, y) in names.into_iter().zip(places) {
            let corner = pos2(left, y - name.galley.size().y / 2.0);
            let edge = pos2(room.left().max(name.end.x), name.end.y);
            let leader = vec![name.end, edge, pos2(left - 3.0, y)];
            let stroke = Stroke::new(1.0, name.line_color.gamma_multiply(0.45));
            painter.add(Shape::line(leader, stroke));
            painter.circle_filled(name.end, name.dot, name.line_color);
            painter.galley(corner, name.galley, name.text_color);
        }
    }

    /// The lines that are named: of many other runs only the best, and the one under the pointer.
    fn named(&self, transform: &PlotTransform, response: &Response) -> Vec<&CurveSeries<'_>> {
        let is_other = |line: &CurveSeries<'_>| matches!(line.kind, SeriesKind::OtherRun(_));
        let lines = || self.series.iter().filter(|line| !line.is_raw);
        if lines().filter(|line| is_other(line)).count() <= MOST_OTHERS {
            return lines().collect();
        }
        let best = |line: &&CurveSeries<'_>| {
            let finite = line.points.iter().map(|point| point.y).filter(|y| y.is_finite());
            let sign = if self.is_highest_best { -1.0 } else { 1.0 };
            finite.map(|y| sign * y).fold(f64::INFINITY, f64::min)
        };
        let others = || lines().filter(|line| is_other(line));
        let best = others().min_by(|a, b| best(a).total_cmp(&best(b))).map(|line| line.label);
        let pointed_at = self.pointed_at(transform, response);
        let is_named = |line: &&CurveSeries<'_>| {
            !is_other(line) || Some(line.label) == best || Some(line.label) == pointed_at
        };
        lines().filter(is_named).collect()
    }

    /// The label of the line of another run that is nearest to the pointer.
    fn pointed_at(&self, transform: &PlotTransform, response: &Response) -> Option<&str> {
        let pointer = response.hover_pos()?;
        let x = transform.value_from_position(pointer).x;
        let distance = |line: &CurveSeries<'_>| {
            let at = screen_place(transform, nearest_point(line, x)?, self.is_logarithmic)?;
            Some((at.y - pointer.y).abs()).filter(|distance| *distance <= REACH)
        };
        let others = self.series.iter().filter(|line| !line.is_raw && line.is_faint);
        let near = others.filter_map(|line| Some((line.label, distance(line)?)));
        near.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(label, _)| label)
    }

    /// The name with the last value, cut to `width`; nothing where the line is out of sight.
    fn name(
        &self,
        painter: &Painter,
        palette: &Palette,
        transform: &PlotTransform,
        line: &CurveSeries<'_>,
        width: f32,
    ) -> Option<Name> {
        let frame = transform.frame().expand(1.0);
        let place = |point| screen_place(transform, point, self.is_logarithmic);
        let last = line.last()?;
        let seen = line.points.iter().rev().filter(|point| point.y.is_finite());
        let end =
            seen.copied().find(|point| place(*point).is_some_and(|at| at.x <= frame.right()))?;
        let at = place(end).filter(|at| frame.contains(*at))?;
        let color = line.kind.text_color(palette);
        let font = FontId::new(size::CAPTION, fonts::figures());
        let is_last = end.x.to_bits() == last.x.to_bits();
        let value = if line.is_faint || !is_last {
            String::new()
        } else {
            format!(" {}", scale::value_label(last.y))
        };
        let galley = middle_cut(painter, (line.label, &value), &font, color, width);
        let line_color = line.line_color(palette);
        Some(Name { end: at, galley, text_color: color, line_color, dot: line.width() + 0.8 })
    }
}

/// Places as near as can be to those that are wanted (sorted), at least `apart` from each other and
/// between the two ends, as far as there is room. Neighbours that would lie on each other move apart
/// evenly: isotonic regression by pooling adjacent violators (Barlow et al. 1972).
fn spread(wanted: &[f32], apart: f32, (top, bottom): (f32, f32)) -> Vec<f32> {
    /// Neighbours that stand shoulder to shoulder: the sum of what they want, and how many.
    struct Pool {
        sum: f32,
        n: f32,
    }
    let mut pools: Vec<Pool> = Vec::new();
    for (place, wanted) in wanted.iter().enumerate() {
        pools.push(Pool { sum: wanted - place as f32 * apart, n: 1.0 });
        while let [.., before, last] = &pools[..] {
            if before.sum / before.n <= last.sum / last.n {
                break;
            }
            let last = Pool { sum: before.sum + last.sum, n: before.n + last.n };
            pools.truncate(pools.len() - 2);
            pools.push(last);
        }
    }
    let last = wanted.len().saturating_sub(1) as f32;
    let lowest = (bottom - last * apart).max(top);
    let levels = pools.iter().flat_map(|pool| {
        let level = (pool.sum / pool.n).clamp(top, lowest);
        std::iter::repeat_n(level, pool.n as usize)
    });
    levels.enumerate().map(|(place, level)| level + place as f32 * apart).collect()
}

#[cfg(test)]
mod tests {
    use super::spread;

    #[test]
    fn names_never_lie_on_each_other_and_stay_where_they_are_wanted_if_they_can() {
        let ends = (0.0, 200.0);
        assert_eq!(spread(&[10.0, 50.0, 120.0], 14.0, ends), [10.0, 50.0, 120.0]);
        assert_eq!(spread(&[50.0, 50.0], 14.0, ends), [43.0, 57.0], "both ways");
        assert_eq!(spread(&[100.0, 101.0, 102.0], 14.0, ends), [87.0, 101.0, 115.0]);
        assert_eq!(spread(&[199.0, 200.0], 14.0, ends), [186.0, 200.0], "the end holds");
        assert_eq!(spread(&[-20.0, 0.0], 14.0, ends), [0.0, 14.0]);
        assert!(spread(&[], 14.0, ends).is_empty());
        for n in 1..14_u8 {
            let wanted: Vec<f32> = (0..n).map(|place| f32::from(place).sqrt() * 30.0).collect();
            let places = spread(&wanted, 14.0, ends);
            assert!(places.windows(2).all(|pair| pair[1] - pair[0] > 13.99), "{places:?}");
            assert!(places.iter().all(|place| (0.0..=200.01).contains(place)), "{places:?}");
        }
    }
}
