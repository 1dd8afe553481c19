//! Hidden units as dots in rows: how bright a dot is says how likely its unit is on, a ring that it
//! is on.

use egui::{Color32, ColorImage, Pos2, Rect, Vec2, pos2, vec2};

use crate::ui::theme::Palette;

/// Texels of a dot, each way.
const DOT: usize = 12;
/// No dot is larger, in points.
const LARGEST: f32 = 18.0;

/// Where the dots lie.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DotGrid {
    n: usize,
    columns: usize,
    rows: usize,
    /// What the dots fill of the room that they were given.
    pub rect: Rect,
}

impl DotGrid {
    /// As large as `n` dots can be in a rectangle, around its middle.
    pub fn fit(room: Rect, n: usize) -> Self {
        let area = (room.area() / n.max(1) as f32).max(1.0);
        let mut side = area.sqrt().min(LARGEST);
        let count = |room: f32, side: f32| (room / side).floor().max(1.0) as usize;
        while side > 1.0 && count(room.width(), side) * count(room.height(), side) < n {
            side *= 0.97;
        }
        let columns = count(room.width(), side).min(n.max(1));
        let rows = n.div_ceil(columns).max(1);
        let size = vec2(columns as f32, rows as f32) * side;
        let size = size.min(room.size());
        Self { n, columns, rows, rect: Rect::from_center_size(room.center(), size) }
    }

    fn step(&self) -> Vec2 {
        self.rect.size() / vec2(self.columns as f32, self.rows as f32)
    }

    pub fn center(&self, dot: usize) -> Pos2 {
        let place = vec2((dot % self.columns) as f32 + 0.5, (dot / self.columns) as f32 + 0.5);
        self.rect.min + place * self.step()
    }

    pub fn radius(&self) -> f32 {
        self.step().min_elem() * 0.42
    }

    pub fn dot_at(&self, at: Pos2) -> Option<usize> {
        if !self.rect.contains(at) {
            return None;
        }
        let place = (at - self.rect.min) / self.step();
        let dot = place.y as usize * self.columns + place.x as usize;
        ((place.x as usize) < self.columns && dot < self.n).then_some(dot)
    }

    /// The neighbour of a dot in a direction of the arrow keys, if there is one.
    pub fn neighbour(&self, dot: usize, (right, down): (i32, i32)) -> usize {
        let step = right as isize + down as isize * self.columns as isize;
        dot.checked_add_signed(step).filter(|&next| next < self.n).unwrap_or(dot)
    }

    /// The image that fills [`rect`](Self::rect): `probabilities` and `bits` have one entry a unit.
    pub fn image(&self, probabilities: &[f32], bits: &[u8], palette: &Palette) -> ColorImage {
        let size = [self.columns * DOT, self.rows * DOT];
        let mut image = ColorImage::filled(size, Color32::TRANSPARENT);
        for (dot, &probability) in probabilities.iter().enumerate().take(self.n) {
            let is_on = bits.get(dot).is_some_and(|&bit| bit != 0);
            let corner = [dot % self.columns * DOT, dot / self.columns * DOT];
            let body = palette.cap.lerp_to_gamma(palette.calls, probability.clamp(0.0, 1.0));
            for y in 0..DOT {
                for x in 0..DOT {
                    let middle = DOT as f32 / 2.0;
                    let place = pos2(x as f32 + 0.5, y as f32 + 0.5) - pos2(middle, middle);
                    let from_edge = middle - 1.0 - place.length();
                    let color = if is_on && from_edge < 1.6 { palette.text } else { body };
                    let cover = (from_edge + 0.5).clamp(0.0, 1.0);
                    image[(corner[0] + x, corner[1] + y)] = color.gamma_multiply(cover);
                }
            }
        }
        image
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::theme;

    #[test]
    fn every_dot_is_in_the_room_and_found_at_its_middle() {
        for (n, width, height) in [(1, 100.0, 80.0), (140, 160.0, 120.0), (4096, 200.0, 200.0)] {
            let room = Rect::from_min_size(pos2(5.0, 5.0), vec2(width, height));
            let grid = DotGrid::fit(room, n);
            for dot in 0..n {
                assert!(room.expand(0.1).contains(grid.center(dot)));
                assert_eq!(grid.dot_at(grid.center(dot)), Some(dot));
            }
            assert_eq!(grid.dot_at(pos2(0.0, 0.0)), None);
            assert_eq!(grid.neighbour(0, (-1, 0)), 0);
            assert_eq!(grid.neighbour(n - 1, (0, 1)), n - 1);
        }
    }

    #[test]
    fn a_likely_unit_is_bright_and_one_that_is_on_has_a_ring() {
        let room = Rect::from_min_size(Pos2::ZERO, vec2(36.0, 18.0));
        let palette = &theme::DARK;
        let image = DotGrid::fit(room, 2).image(&[1.0, 0.0], &[1, 0], palette);
        assert_eq!(image[(DOT / 2, DOT / 2)], palette.calls);
        assert_eq!(image[(DOT + DOT / 2, DOT / 2)], palette.cap);
        let has_ring =
            |dot: usize| (0..DOT).any(|x| image[(dot * DOT + x, DOT / 2)] == palette.text);
        assert!(has_ring(0) && !has_ring(1));
    }
}
