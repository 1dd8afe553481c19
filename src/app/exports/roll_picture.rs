//! A piano roll as a picture of its own: drawn once as rectangles and words, written as SVG or
//! painted into a PNG.

use std::fmt::Write as _;
use std::io::Cursor;

use egui::epaint::text::{Fonts, TextOptions};
use egui::{Color32, FontFamily, FontId};

use crate::music::{Metre, PianoRoll, PlayedNote, pitch_name};
use crate::ui::fonts;
use crate::ui::theme::Palette;

/// All lengths are points; a PNG has [`PIXELS_PER_POINT`] pixels for each.
const ROW: f32 = 8.0;
const STEP: f32 = 8.0;
const LEFT: f32 = 40.0;
const TOP: f32 = 52.0;
const MARGIN: f32 = 16.0;
const PIXELS_PER_POINT: f32 = 2.0;
/// Longer rolls have narrower steps, because programs refuse larger pictures.
const MOST_POINTS: f32 = 8000.0;
/// Rows above the highest note and below the lowest.
const SPARE_ROWS: u8 = 2;
const FEWEST_ROWS: u8 = 13;
const BLACK_KEYS: [u8; 5] = [1, 3, 6, 8, 10];

/// The picture as marks, from back to front.
#[derive(Clone, Debug)]
pub(super) struct RollPicture {
    width: f32,
    height: f32,
    marks: Vec<Mark>,
}

#[derive(Clone, Debug)]
enum Mark {
    Rect {
        x: f32,
        y: f32,
        width: f32,
        height: f32,
        color: Color32,
    },
    /// `x` is the left edge, or the right one where it is flush right; `y` the middle.
    Text {
        x: f32,
        y: f32,
        size: f32,
        is_flush_right: bool,
        color: Color32,
        text: String,
    },
}

/// What is to be seen.
pub(super) struct Shown<'a> {
    pub title: &'a str,
    /// "120 ♩ a minute · 4/4 · A minor"
    pub facts: &'a str,
    pub roll: &'a PianoRoll,
    pub notes: &'a [PlayedNote],
    pub metre: Metre,
}

impl RollPicture {
    pub(super) fn new(shown: &Shown<'_>, palette: &Palette) -> Self {
        let (low, high) = pitches_of(shown.notes, shown.roll);
        let n_steps = shown.roll.n_steps().max(1) as f32;
        let step = STEP.min((MOST_POINTS - LEFT - MARGIN) / n_steps);
        let (width, rows) = (n_steps * step, f32::from(high - low + 1));
        let mut picture = Self {
            width: LEFT + width + MARGIN,
            height: TOP + rows * ROW + MARGIN,
            marks: Vec::with_capacity(shown.notes.len() + 400),
        };
        picture.rect(0.0, 0.0, picture.width, picture.height, palette.ground);
        picture.text(MARGIN, 14.0, 15.0, palette.text, shown.title);
        picture.text(MARGIN, 32.0, 11.0, palette.quiet_text, shown.facts);
        let row_of = |pitch: u8| TOP + f32::from(high - pitch) * ROW;
        for pitch in low..=high {
            let is_black = BLACK_KEYS.contains(&(pitch % 12));
            let fill = if is_black { palette.black_row } else { palette.white_row };
            picture.rect(LEFT, row_of(pitch), width, ROW, fill);
            if pitch % 12 == 0 {
                let middle = row_of(pitch) + ROW / 2.0;
                picture.flush_right(LEFT - 6.0, middle, palette.quiet_text, &pitch_name(pitch));
            }
        }
        picture.lines(shown, step, rows * ROW, palette);
        for note in shown.notes {
            let x = LEFT + note.start_step as f32 * step;
            let length = (note.n_steps as f32 * step - 1.0).max(1.0);
            let color = palette.played_at(note.velocity);
            picture.rect(x, row_of(note.pitch) + 0.5, length, ROW - 1.0, color);
        }
        picture
    }

    /// A line for each beat, a stronger one with a number for each bar.
    fn lines(&mut self, shown: &Shown<'_>, step: f32, height: f32, palette: &Palette) {
        let per_beat = f64::from(shown.roll.steps_per_beat().max(1));
        let per_bar = (shown.metre.beats_per_bar() * per_beat).max(1.0);
        let n_steps = shown.roll.n_steps() as f64;
        let (mut bar, mut last_number) = (0_u32, f32::NEG_INFINITY);
        while f64::from(bar) * per_bar <= n_steps {
            let start = f64::from(bar) * per_bar;
            let x = LEFT + start as f32 * step;
            self.rect(x, TOP, 1.0, height, palette.bar_line);
            // Numbers that would touch each other are left out.
            if x - last_number > 24.0 && start < n_steps {
                self.text(x + 3.0, TOP - 7.0, 11.0, palette.quiet_text, &(bar + 1).to_string());
                last_number = x;
            }
            let mut beat = per_beat;
            while beat < per_bar - 0.01 && start + beat < n_steps {
                let x = LEFT + (start + beat) as f32 * step;
                self.rect(x, TOP, 1.0, height, palette.beat_line);
                beat += per_beat;
            }
            bar += 1;
        }
    }

    fn rect(&mut self, x: f32, y: f32, width: f32, height: f32, color: Color32) {
        self.marks.push(Mark::Rect { x, y, width, height, color });
    }

    fn text(&mut self, x: f32, y: f32, size: f32, color: Color32, text: &str) {
        let text = text.to_owned();
        self.marks.push(Mark::Text { x, y, size, is_flush_right: false, color, text });
    }

    fn flush_right(&mut self, x: f32, y: f32, color: Color32, text: &str) {
        let text = text.to_owned();
        self.marks.push(Mark::Text { x, y, size: 11.0, is_flush_right: true, color, text });
    }

    pub(super) fn svg(&self) -> String {
        let (width, height) = (self.width, self.height);
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" font-family=\"Inter, sans-serif\">\n"
        );
        for mark in &self.marks {
            // Writing into a string does not fail.
            let _infallible = match mark {
                Mark::Rect { x, y, width, height, color } => {
                    let fill = svg_fill(*color);
                    writeln!(
                        svg,
                        "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"{fill}/>"
                    )
                }
                Mark::Text { x, y, size, is_flush_right, color, text } => {
                    let anchor = if *is_flush_right { " text-anchor=\"end\"" } else { "" };
                    let (fill, text) = (svg_fill(*color), escaped(text));
                    // The middle of small letters lies a third of their size above the line.
                    let line = y + size * 0.35;
                    writeln!(
                        svg,
                        "<text x=\"{x}\" y=\"{line}\" font-size=\"{size}\"{anchor}{fill}>{text}</text>"
                    )
                }
            };
        }
        svg.push_str("</svg>\n");
        svg
    }

    pub(super) fn png(&self) -> Result<Vec<u8>, String> {
        let canvas = self.painted();
        let mut bytes = Cursor::new(Vec::new());
        let mut encoder = png::Encoder::new(&mut bytes, canvas.width as u32, canvas.height as u32);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header().map_err(|error| error.to_string())?;
        writer.write_image_data(&canvas.pixels).map_err(|error| error.to_string())?;
        writer.finish().map_err(|error| error.to_string())?;
        Ok(bytes.into_inner())
    }

    fn painted(&self) -> Canvas {
        let mut canvas = Canvas::new(self.width, self.height);
        let words = Words::lay_out(&self.marks);
        let mut galleys = words.galleys.iter();
        for mark in &self.marks {
            match mark {
                Mark::Rect { x, y, width, height, color } => {
                    canvas.fill(*x, *y, *width, *height, *color);
                }
                Mark::Text { x, y, is_flush_right, color, .. } => {
                    let Some(galley) = galleys.next() else { continue };
                    let left = if *is_flush_right { x - galley.size().x } else { *x };
                    canvas.write(&words.atlas, galley, (left, y - galley.size().y / 2.0), *color);
                }
            }
        }
        canvas
    }
}

fn pitches_of(notes: &[PlayedNote], roll: &PianoRoll) -> (u8, u8) {
    let pitches = || notes.iter().map(|note| note.pitch);
    let usual = roll.pitches().low;
    let (low, high) = (pitches().min().unwrap_or(usual), pitches().max().unwrap_or(usual));
    let low = low.saturating_sub(SPARE_ROWS);
    let high = (high + SPARE_ROWS).max(low + FEWEST_ROWS).min(127);
    (low.min(high - FEWEST_ROWS), high)
}

fn svg_fill(color: Color32) -> String {
    let [red, green, blue, alpha] = color.to_srgba_unmultiplied();
    let opacity = if alpha == 255 {
        String::new()
    } else {
        format!(" fill-opacity=\"{:.3}\"", f32::from(alpha) / 255.0)
    };
    format!(" fill=\"#{red:02x}{green:02x}{blue:02x}\"{opacity}")
}

fn escaped(text: &str) -> String {
    let plain: String = text.chars().filter(|c| !c.is_control()).collect();
    plain.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The words of the picture as glyphs, and the sheet that the glyphs are cut from.
struct Words {
    galleys: Vec<std::sync::Arc<egui::Galley>>,
    atlas: egui::ColorImage,
}

impl Words {
    fn lay_out(marks: &[Mark]) -> Self {
        let mut fonts = Fonts::new(TextOptions::default(), fonts::definitions());
        let mut view = fonts.with_pixels_per_point(PIXELS_PER_POINT);
        let galley = |mark: &Mark| match mark {
            Mark::Text { text, size, color, .. } => {
                let font = FontId::new(*size, FontFamily::Proportional);
                Some(view.layout_no_wrap(text.clone(), font, *color))
            }
            Mark::Rect { .. } => None,
        };
        let galleys = marks.iter().filter_map(galley).collect();
        Self { galleys, atlas: fonts.image() }
    }
}

/// Opaque pixels, three bytes each.
struct Canvas {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

impl Canvas {
    fn new(width: f32, height: f32) -> Self {
        let pixels = |points: f32| (points * PIXELS_PER_POINT).ceil().max(1.0) as usize;
        let (width, height) = (pixels(width), pixels(height));
        Self { width, height, pixels: vec![255; width * height * 3] }
    }

    /// Edges fall on whole pixels, so that they are sharp.
    fn fill(&mut self, x: f32, y: f32, width: f32, height: f32, color: Color32) {
        let pixel = |points: f32| (points * PIXELS_PER_POINT).round().max(0.0) as usize;
        let columns = pixel(x)..pixel(x + width).max(pixel(x) + 1).min(self.width);
        for row in pixel(y)..pixel(y + height).max(pixel(y) + 1).min(self.height) {
            for column in columns.clone() {
                self.blend(column, row, color, 1.0);
            }
        }
    }

    fn write(
        &mut self,
        atlas: &egui::ColorImage,
        galley: &egui::Galley,
        (left, top): (f32, f32),
        color: Color32,
    ) {
        for placed in &galley.rows {
            for glyph in &placed.row.glyphs {
                let uv = glyph.uv_rect;
                let corner = placed.pos + glyph.pos.to_vec2() + uv.offset;
                let column = ((left + corner.x) * PIXELS_PER_POINT).round();
                let row = ((top + corner.y) * PIXELS_PER_POINT).round();
                for (down, texel_row) in (uv.min[1]..uv.max[1]).enumerate() {
                    for (right, texel_column) in (uv.min[0]..uv.max[0]).enumerate() {
                        let place =
                            usize::from(texel_row) * atlas.size[0] + usize::from(texel_column);
                        let cover = f32::from(atlas.pixels[place].a()) / 255.0;
                        let (x, y) = (column + right as f32, row + down as f32);
                        if cover > 0.0 && x >= 0.0 && y >= 0.0 {
                            self.blend(x as usize, y as usize, color, cover);
                        }
                    }
                }
            }
        }
    }

    fn blend(&mut self, column: usize, row: usize, color: Color32, cover: f32) {
        if column >= self.width || row >= self.height {
            return;
        }
        let [red, green, blue, alpha] = color.to_srgba_unmultiplied();
        let share = cover * f32::from(alpha) / 255.0;
        let place = (row * self.width + column) * 3;
        for (pixel, ink) in self.pixels[place..place + 3].iter_mut().zip([red, green, blue]) {
            let mixed = f32::from(*pixel) * (1.0 - share) + f32::from(ink) * share;
            *pixel = mixed.round() as u8;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::{PitchRange, RollNote};
    use crate::ui::theme::{DARK, LIGHT};

    fn picture(n_steps: usize, palette: &Palette) -> RollPicture {
        let note = RollNote { start_step: 4, n_steps: 8, pitch: 60 };
        let roll = PianoRoll::from_notes(&[note], n_steps, PitchRange::REFERENCE, 4);
        let notes = [PlayedNote::new(note, 100)];
        let shown = Shown {
            title: "Piece <1> & more",
            facts: "120 a minute",
            roll: &roll,
            notes: &notes,
            metre: Metre::COMMON,
        };
        RollPicture::new(&shown, palette)
    }

    fn decoded(bytes: &[u8]) -> (u32, u32, Vec<u8>) {
        let mut reader = png::Decoder::new(Cursor::new(bytes)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        (info.width, info.height, pixels)
    }

    #[test]
    fn the_note_is_where_and_as_long_as_it_is() {
        let picture = picture(32, &LIGHT);
        let (width, _, pixels) = decoded(&picture.png().unwrap());
        assert_eq!(width as f32, picture.width * PIXELS_PER_POINT);
        let color = LIGHT.played_at(100);
        // Pitch 60 stands 13 rows from 58 to 71 high: the row of 60 is the eleventh from 71.
        let row = ((TOP + 11.5 * ROW) * PIXELS_PER_POINT) as usize;
        let is_note = |column: &usize| {
            let place = (row * width as usize + column) * 3;
            pixels[place..place + 3] == color.to_array()[..3]
        };
        let columns: Vec<usize> = (0..width as usize).filter(is_note).collect();
        let start = ((LEFT + 4.0 * STEP) * PIXELS_PER_POINT) as usize;
        assert_eq!(columns.first(), Some(&start));
        assert_eq!(columns.len(), ((8.0 * STEP - 1.0) * PIXELS_PER_POINT) as usize);
    }

    #[test]
    fn words_are_seen_on_both_grounds() {
        for palette in [&LIGHT, &DARK] {
            let picture = picture(32, palette);
            let (width, _, pixels) = decoded(&picture.png().unwrap());
            let title = (2 * width as usize * 3)..(44 * width as usize * 3);
            let inked = pixels[title]
                .chunks_exact(3)
                .filter(|pixel| **pixel == palette.text.to_array()[..3]);
            assert!(inked.count() > 50, "letters have a core of the full colour");
        }
    }

    #[test]
    fn the_svg_says_the_same_in_well_formed_words() {
        let svg = picture(32, &LIGHT).svg();
        assert!(svg.contains("Piece &lt;1&gt; &amp; more"));
        assert!(svg.contains(&format!("x=\"{}\"", LEFT + 4.0 * STEP)));
        assert_eq!(svg.matches("<text").count(), svg.matches("</text>").count());
        assert!(svg.ends_with("</svg>\n"));
    }

    #[test]
    fn a_long_piece_fits_into_a_picture_that_programs_open() {
        let picture = picture(16_384, &DARK);
        assert!(picture.width <= MOST_POINTS + 1.0, "{}", picture.width);
        let (width, ..) = decoded(&picture.png().unwrap());
        assert!(width <= 16_002);
    }
}
