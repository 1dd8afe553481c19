//! Many small pictures of one size in rows, all in one texture.

use egui::{Color32, ColorImage, Pos2, Rect, TextureHandle, Ui, Vec2, pos2, vec2};

use super::roll_image::{Grain, Mark, VisibleLayout, paint_layer};
use super::texture::MOST_TEXELS;
use crate::ui::theme::{self, UNIT};

/// A picture is at least so large.
const TILE: Vec2 = vec2(60.0, 40.0);
const GAP: f32 = UNIT;
/// A lonely picture is not blown up beyond this width.
const WIDEST: f32 = 320.0;

/// Rows and columns of pictures that fill a room.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TileGrid {
    pub columns: usize,
    pub rows: usize,
    tile: Vec2,
}

impl TileGrid {
    /// As large as `n` pictures can be in the room, and if they do not all fit, as many as do.
    pub fn fit(room: Vec2, n: usize, layout: &VisibleLayout) -> Self {
        let most_rows = MOST_TEXELS / layout.n_rows().max(1);
        let at = |tile: Vec2| {
            let count = |room: f32, tile: f32| ((room + GAP) / (tile + GAP)).floor().max(1.0);
            let columns = count(room.x, tile.x) as usize;
            let rows = (count(room.y, tile.y) as usize).min(most_rows.max(1));
            (columns, rows)
        };
        let (mut columns, mut rows) = at(TILE);
        let mut tile = TILE;
        while tile.x < WIDEST {
            tile *= 1.05;
            let (fewer, lower) = at(tile);
            if fewer * lower < n {
                break;
            }
            (columns, rows) = (fewer, lower);
        }
        // No more rows than there are pictures for.
        rows = rows.min(n.div_ceil(columns)).max(1);
        let side = |room: f32, n: usize| (room - GAP * (n as f32 - 1.0)) / n as f32;
        let width = side(room.x, columns).min(WIDEST * 1.2);
        let height = side(room.y, rows).min(width * 1.1).max(8.0);
        Self { columns, rows, tile: vec2(width, height) }
    }

    /// `n` pictures side by side.
    pub fn strip(room: Vec2, n: usize) -> Self {
        let width = (room.x - GAP * (n as f32 - 1.0)) / n as f32;
        Self { columns: n, rows: 1, tile: vec2(width.max(1.0), room.y) }
    }

    pub fn capacity(&self) -> usize {
        self.columns * self.rows
    }

    pub fn height(&self) -> f32 {
        self.rows as f32 * (self.tile.y + GAP) - GAP
    }

    /// Where a picture lies, when the grid begins at `corner`.
    pub fn rect(&self, corner: Pos2, place: usize) -> Rect {
        let place = vec2((place % self.columns) as f32, (place / self.columns) as f32);
        Rect::from_min_size(corner + place * (self.tile + vec2(GAP, GAP)), self.tile)
    }

    /// Its part of a texture of so many texels. Half a texel is left out all around, else a smoothed
    /// picture would show the edge of its neighbour.
    fn uv(&self, place: usize, texels: Vec2) -> Rect {
        let part = vec2(1.0 / self.columns as f32, 1.0 / self.rows as f32);
        let corner = vec2((place % self.columns) as f32, (place / self.columns) as f32) * part;
        Rect::from_min_size(pos2(corner.x, corner.y), part).shrink2(vec2(0.5, 0.5) / texels)
    }

    /// The image of `n` visible layers; `mark` is asked for each place and visible unit.
    pub fn image(
        &self,
        n: usize,
        layout: &VisibleLayout,
        mark: impl Fn(usize, usize, bool) -> Mark,
    ) -> ColorImage {
        let [width, height] = layout.texels(Grain::SMALL, self.columns);
        let size = [width * self.columns, height * self.rows];
        let mut image = ColorImage::filled(size, Color32::TRANSPARENT);
        for place in 0..n.min(self.capacity()) {
            let corner = [place % self.columns * width, place / self.columns * height];
            let how = (layout, Grain::SMALL, self.columns);
            paint_layer(&mut image, corner, how, |visible, is_onset| {
                mark(place, visible, is_onset)
            });
        }
        image
    }

    /// Paints a picture in its place.
    pub fn paint(&self, ui: &Ui, texture: &TextureHandle, corner: Pos2, place: usize) {
        let rect = self.rect(corner, place);
        ui.painter().rect_filled(rect, 2.0, theme::palette(ui).ground);
        let uv = self.uv(place, texture.size_vec2());
        ui.painter().image(texture.id(), rect, uv, Color32::WHITE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::EncodingSettings;

    #[test]
    fn pictures_fill_the_room_without_touching_its_edge() {
        let layout = VisibleLayout::new(&EncodingSettings::default());
        for (room, n) in [
            (vec2(740.0, 200.0), 140),
            (vec2(740.0, 200.0), 16),
            (vec2(360.0, 120.0), 4096),
            (vec2(2400.0, 1400.0), 1),
            (vec2(30.0, 20.0), 5),
        ] {
            let grid = TileGrid::fit(room, n, &layout);
            assert!(grid.capacity() >= 1);
            for place in 0..n.min(grid.capacity()) {
                let rect = grid.rect(pos2(0.0, 0.0), place);
                assert!(rect.right() <= room.x + 0.1 && rect.bottom() <= room.y.max(8.0) + 0.1);
            }
            let image = grid.image(1, &layout, |_, _, _| Mark::default());
            assert!(image.size[0] <= MOST_TEXELS && image.size[1] <= MOST_TEXELS);
        }
        // All sixteen are seen, and larger than where there are more.
        let few = TileGrid::fit(vec2(740.0, 200.0), 16, &layout);
        let many = TileGrid::fit(vec2(740.0, 200.0), 140, &layout);
        assert!(few.capacity() >= 16 && few.tile.x > many.tile.x);
    }
}
