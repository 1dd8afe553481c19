//! Visible layers as small piano rolls: time runs to the right, pitch upwards, and the head of a cell
//! shows where a note is struck, its body where it sounds.

use egui::{Color32, ColorImage, Pos2, Rect, pos2, vec2};

use super::texture::MOST_TEXELS;
use crate::dataset::EncodingSettings;
use crate::music::{PitchRange, pitch_name};
use crate::ui::theme::Palette;

/// How a visible layer lies in a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct VisibleLayout {
    pub n_steps: usize,
    pitches: PitchRange,
    n_planes: usize,
    /// The columns that are shown, from `low` to below `end`.
    low: usize,
    end: usize,
}

impl VisibleLayout {
    pub fn new(encoding: &EncodingSettings) -> Self {
        Self {
            n_steps: encoding.steps_per_excerpt as usize,
            pitches: encoding.pitches(),
            n_planes: encoding.n_planes(),
            low: 0,
            end: encoding.pitches().len(),
        }
    }

    /// Leaves out the pitches below and above all notes, but for two on either side. `counts` has the
    /// notes of every MIDI pitch.
    #[must_use]
    pub fn cropped(mut self, counts: &[u64]) -> Self {
        const MARGIN: usize = 2;
        let sounds = |column: &usize| {
            let pitch = usize::from(self.pitches.pitch(*column));
            counts.get(pitch).is_some_and(|&count| count > 0)
        };
        let columns = || 0..self.pitches.len();
        if let (Some(low), Some(high)) = (columns().find(sounds), columns().rfind(sounds)) {
            self.low = low.saturating_sub(MARGIN);
            self.end = (high + 1 + MARGIN).min(self.pitches.len());
        }
        self
    }

    pub fn n_visible(&self) -> usize {
        self.n_steps * self.row_width()
    }

    fn row_width(&self) -> usize {
        self.n_planes * self.pitches.len()
    }

    /// Pitches shown.
    pub fn n_rows(&self) -> usize {
        self.end - self.low
    }

    /// The visible unit that says that a pitch sounds at a step.
    pub fn hold(&self, cell: Cell) -> usize {
        cell.step * self.row_width() + cell.column
    }

    /// The visible unit that says that it is struck there; `None` without such a plane.
    pub fn onset(&self, cell: Cell) -> Option<usize> {
        (self.n_planes > 1).then(|| self.hold(cell) + self.pitches.len())
    }

    /// The cell of a visible unit, and whether it is of the onset plane.
    pub fn cell(&self, visible: usize) -> (Cell, bool) {
        let (step, place) = (visible / self.row_width(), visible % self.row_width());
        let column = place % self.pitches.len();
        (Cell { step, column }, place >= self.pitches.len())
    }

    /// The cell at a place in a picture that fills `rect`.
    pub fn cell_at(&self, rect: Rect, at: Pos2) -> Option<Cell> {
        if !rect.contains(at) || self.n_rows() == 0 {
            return None;
        }
        let share = (at - rect.min) / rect.size();
        let step = ((share.x * self.n_steps as f32) as usize).min(self.n_steps.checked_sub(1)?);
        let row = ((share.y * self.n_rows() as f32) as usize).min(self.n_rows() - 1);
        Some(Cell { step, column: self.end - 1 - row })
    }

    /// Where a cell lies in a picture that fills `rect`.
    pub fn rect_of(&self, rect: Rect, cell: Cell) -> Rect {
        let size =
            vec2(rect.width() / self.n_steps as f32, rect.height() / self.n_rows().max(1) as f32);
        let row = self.end as f32 - 1.0 - cell.column as f32;
        let corner = rect.min + vec2(cell.step as f32, row) * size;
        Rect::from_min_size(pos2(corner.x, corner.y), size)
    }

    /// "C♯4, step 5"
    pub fn name_of(&self, cell: Cell) -> String {
        let pitch = pitch_name(self.pitches.pitch(cell.column));
        format!("{pitch}, step {}", cell.step + 1)
    }

    /// Steps that are drawn, where not all can be.
    fn n_drawn(&self, grain: Grain, n_across: usize) -> usize {
        self.n_steps.min(MOST_TEXELS / (grain.per_step * n_across.max(1))).max(1)
    }

    /// Texels of a picture, of which `n_across` stand side by side.
    pub fn texels(&self, grain: Grain, n_across: usize) -> [usize; 2] {
        [self.n_drawn(grain, n_across) * grain.per_step, self.n_rows().max(1) * grain.per_pitch]
    }
}

/// A pitch at a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    pub step: usize,
    /// From the lowest pitch of the model on.
    pub column: usize,
}

/// How many texels a cell has.
#[derive(Clone, Copy, Debug)]
pub struct Grain {
    per_step: usize,
    per_pitch: usize,
}

impl Grain {
    /// For many small pictures: colours, no forms.
    pub const SMALL: Self = Self { per_step: 2, per_pitch: 1 };
    /// For large pictures: the form tells apart what colours may not.
    pub const LARGE: Self = Self { per_step: 4, per_pitch: 3 };
}

/// How much of its height a mark fills.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    #[default]
    Full,
    /// Only the middle.
    Thin,
    /// All but the middle.
    Hollow,
}

impl Form {
    fn covers(self, y: usize, grain: Grain) -> bool {
        let is_middle = grain.per_pitch == 1 || y == grain.per_pitch / 2;
        match self {
            Self::Full => true,
            Self::Thin => is_middle,
            Self::Hollow => !is_middle || grain.per_pitch == 1,
        }
    }
}

/// What stands for a visible unit.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Mark {
    pub color: Color32,
    pub form: Form,
}

/// Paints a visible layer into an image, its top left texel at `corner`; `mark` is asked for every
/// visible unit, and whether it is of the onset plane.
pub fn paint_layer(
    image: &mut ColorImage,
    corner: [usize; 2],
    (layout, grain, n_across): (&VisibleLayout, Grain, usize),
    mark: impl Fn(usize, bool) -> Mark,
) {
    let n_drawn = layout.n_drawn(grain, n_across);
    for drawn in 0..n_drawn {
        let step = drawn * layout.n_steps / n_drawn;
        for row in 0..layout.n_rows() {
            let cell = Cell { step, column: layout.end - 1 - row };
            let body = mark(layout.hold(cell), false);
            let head = layout.onset(cell).map(|visible| mark(visible, true)).unwrap_or_default();
            if body.color == Color32::TRANSPARENT && head.color == Color32::TRANSPARENT {
                continue;
            }
            for y in 0..grain.per_pitch {
                let covered = |mark: Mark| {
                    if mark.form.covers(y, grain) { mark.color } else { Color32::TRANSPARENT }
                };
                let (body, head) = (covered(body), covered(head));
                let x = corner[0] + drawn * grain.per_step;
                let y = corner[1] + row * grain.per_pitch + y;
                image[(x, y)] = body.blend(head);
                for body_x in x + 1..x + grain.per_step {
                    image[(body_x, y)] = body;
                }
            }
        }
    }
}

/// A visible layer as an image of its own.
pub fn layer_image(
    layout: &VisibleLayout,
    grain: Grain,
    mark: impl Fn(usize, bool) -> Mark,
) -> ColorImage {
    let mut image = ColorImage::filled(layout.texels(grain, 1), Color32::TRANSPARENT);
    paint_layer(&mut image, [0, 0], (layout, grain, 1), mark);
    image
}

/// The mark of a weight: what calls for a note fills its cell, what forbids it is a thin line.
pub fn weight_mark(palette: &Palette, weight: f32, full: f32, is_onset: bool) -> Mark {
    let strength = (weight.abs() / full).min(1.0);
    let (color, form) = match (weight > 0.0, is_onset) {
        (true, false) => (palette.calls, Form::Full),
        (true, true) => (palette.calls_onset, Form::Full),
        (false, false) => (palette.forbids, Form::Thin),
        (false, true) => (palette.forbids_onset, Form::Thin),
    };
    Mark { color: color.gamma_multiply(strength * strength), form }
}

/// The weight that is as bright as can be: three times their root mean square.
pub fn full_weight(weights: &[f32]) -> f32 {
    let squares: f32 = weights.iter().map(|weight| weight * weight).sum();
    (3.0 * (squares / weights.len().max(1) as f32).sqrt()).max(f32::MIN_POSITIVE)
}

/// The mark of a bit, or of a probability.
pub fn note_mark(palette: &Palette, probability: f32, is_onset: bool) -> Mark {
    let color = if is_onset { palette.calls_onset } else { palette.calls };
    Mark { color: color.gamma_multiply(probability.clamp(0.0, 1.0)), form: Form::Full }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::theme;

    fn layout() -> VisibleLayout {
        let encoding = EncodingSettings {
            steps_per_excerpt: 2,
            pitch_low: 60,
            pitch_count: 3,
            ..EncodingSettings::default()
        };
        VisibleLayout::new(&encoding)
    }

    #[test]
    fn low_notes_lie_below_and_the_head_is_the_onset() {
        let palette = &theme::DARK;
        // Holds and onsets of step 0, then of step 1.
        let weights = [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, -1.0, 0.0, 0.0, -1.0];
        let mark = |visible: usize, is_onset| weight_mark(palette, weights[visible], 1.0, is_onset);
        let image = layer_image(&layout(), Grain::SMALL, mark);
        assert_eq!(image.size, [4, 3]);
        assert_eq!((image[(0, 2)], image[(1, 2)]), (palette.calls, palette.calls));
        assert_eq!((image[(2, 0)], image[(3, 0)]), (palette.forbids_onset, palette.forbids));
        assert_eq!(image[(0, 0)], Color32::TRANSPARENT);
        // In a large picture what forbids is a thin line.
        let image = layer_image(&layout(), Grain::LARGE, mark);
        assert_eq!(image.size, [8, 9]);
        assert_eq!((image[(5, 0)], image[(5, 1)]), (Color32::TRANSPARENT, palette.forbids));
        assert_eq!((image[(1, 6)], image[(1, 7)]), (palette.calls, palette.calls));
    }

    #[test]
    fn a_place_in_the_picture_names_its_cell_and_back() {
        let mut counts = vec![0; 128];
        counts[61] = 4;
        for layout in [layout(), layout().cropped(&counts)] {
            let rect = Rect::from_min_size(pos2(10.0, 10.0), vec2(80.0, 90.0));
            for visible in 0..layout.n_visible() {
                let (cell, is_onset) = layout.cell(visible);
                let at = layout.rect_of(rect, cell).center();
                assert_eq!(layout.cell_at(rect, at), Some(cell));
                let back = if is_onset { layout.onset(cell) } else { Some(layout.hold(cell)) };
                assert_eq!(back, Some(visible));
            }
            assert_eq!(layout.cell_at(rect, pos2(0.0, 0.0)), None);
        }
        assert_eq!(layout().name_of(Cell { step: 1, column: 2 }), "D4, step 2");
    }

    #[test]
    fn pitches_that_never_sound_are_left_out() {
        let layout = VisibleLayout::new(&EncodingSettings::default());
        let mut counts = vec![0; 128];
        assert_eq!(layout.cropped(&counts).n_rows(), 78);
        (counts[50], counts[59]) = (1, 1);
        assert_eq!(layout.cropped(&counts).n_rows(), 14);
        // A long excerpt still fits a texture.
        let long = VisibleLayout { n_steps: 4096, ..layout };
        assert!(long.texels(Grain::LARGE, 3)[0] * 3 <= MOST_TEXELS);
    }
}
