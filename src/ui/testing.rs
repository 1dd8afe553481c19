//! What tests of the window stand on: a renderer on the processor and pictures to compare with.
//!
//! `UPDATE_SNAPSHOTS=1 cargo test` accepts what is drawn now. A picture that differs is written
//! beside the accepted one as `*.new.png`.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use egui::epaint::{Primitive, Vertex};
use egui::{
    Color32, ColorImage, FullOutput, ImageData, Mesh, Rect, TextureId, TexturesDelta, Theme, Ui,
    Vec2,
};
use egui_kittest::{Harness, HarnessBuilder, TestRenderer};

use super::theme;

/// A channel may differ by this much before a pixel counts as different.
const TOLERANCE: u8 = 6;
/// So many pixels in a thousand may differ: rounding of glyphs.
const DIFFERING_PER_MILLE: usize = 2;

/// The textures that egui has handed out, kept for [`render`].
#[derive(Clone, Default)]
pub struct Textures(Arc<Mutex<HashMap<TextureId, ColorImage>>>);

impl TestRenderer for Textures {
    #[expect(clippy::iter_over_hash_type, reason = "every texture is kept by itself, in any order")]
    fn handle_delta(&mut self, delta: &mut TexturesDelta) {
        let mut textures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (id, patches) in std::mem::take(&mut delta.set) {
            for patch in patches {
                let ImageData::Color(image) = &patch.image;
                match (patch.pos, textures.get_mut(&id)) {
                    (Some([left, top]), Some(whole)) => {
                        for y in 0..image.size[1] {
                            for x in 0..image.size[0] {
                                whole[(left + x, top + y)] = image[(x, y)];
                            }
                        }
                    }
                    _ => {
                        textures.insert(id, image.as_ref().clone());
                    }
                }
            }
        }
        for id in std::mem::take(&mut delta.free) {
            textures.remove(&id);
        }
    }
}

/// A harness dressed in our theme, and the textures that its pictures need.
pub fn builder<State>(size: impl Into<Vec2>, theme: Theme) -> (HarnessBuilder<State>, Textures) {
    let textures = Textures::default();
    let builder = Harness::<State>::builder()
        .with_size(size)
        .with_theme(theme)
        .with_step_dt(1.0 / 60.0)
        .renderer(textures.clone())
        .with_context_setup(theme::install);
    (builder, textures)
}

/// Draws what the harness shows now.
pub fn render<State>(harness: &Harness<'_, State>, textures: &Textures) -> ColorImage {
    let textures = textures.0.lock().unwrap_or_else(PoisonError::into_inner);
    rasterise(&harness.ctx, harness.output(), &textures)
}

/// Draws `add_contents` in both themes at 1× and 2× and compares with the accepted pictures.
pub fn check_snapshots(name: &str, size: impl Into<Vec2>, add_contents: impl Fn(&mut Ui)) {
    let size = size.into();
    for (theme, theme_name) in [(Theme::Dark, "dark"), (Theme::Light, "light")] {
        for scale in [1_u8, 2] {
            let (builder, textures) = builder::<()>(size, theme);
            let mut harness = builder.with_pixels_per_point(f32::from(scale)).build_ui(|ui| {
                let ground = theme::palette(ui).ground;
                ui.painter().rect_filled(ui.ctx().content_rect(), 0.0, ground);
                add_contents(ui);
            });
            harness.run_steps(4);
            let image = render(&harness, &textures);
            check_image(&format!("{name}_{theme_name}_{scale}x"), &image);
        }
    }
}

/// Compares a picture with the accepted one of this name.
pub fn check_image(name: &str, image: &ColorImage) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots");
    let accepted_path = folder.join(format!("{name}.png"));
    let new_path = folder.join(format!("{name}.new.png"));
    let is_update = std::env::var_os("UPDATE_SNAPSHOTS").is_some();
    let difference = match read_png(&accepted_path) {
        Ok(accepted) => difference(&accepted, image),
        Err(error) => Some(format!("no accepted picture ({error})")),
    };
    match difference {
        None => remove(&new_path),
        Some(_) if is_update => {
            std::fs::create_dir_all(&folder).unwrap();
            write_png(&accepted_path, image);
            remove(&new_path);
        }
        Some(difference) => {
            write_png(&new_path, image);
            panic!("{name}: {difference}; see {}", new_path.display());
        }
    }
}

fn remove(path: &Path) {
    if path.exists() {
        std::fs::remove_file(path).unwrap();
    }
}

fn difference(accepted: &ColorImage, image: &ColorImage) -> Option<String> {
    if accepted.size != image.size {
        return Some(format!("size {:?}, was {:?}", image.size, accepted.size));
    }
    let differs = |(a, b): (&Color32, &Color32)| {
        let pairs = a.to_array().into_iter().zip(b.to_array());
        pairs.into_iter().any(|(a, b)| a.abs_diff(b) > TOLERANCE)
    };
    let count = accepted.pixels.iter().zip(&image.pixels).filter(|&pair| differs(pair)).count();
    (count * 1000 > image.pixels.len() * DIFFERING_PER_MILLE)
        .then(|| format!("{count} of {} pixels differ", image.pixels.len()))
}

fn read_png(path: &PathBuf) -> Result<ColorImage, String> {
    let file = std::fs::File::open(path).map_err(|error| error.to_string())?;
    let decoder = png::Decoder::new(std::io::BufReader::new(file));
    let mut reader = decoder.read_info().map_err(|error| error.to_string())?;
    let mut bytes = vec![0; reader.output_buffer_size().ok_or("too large")?];
    let frame = reader.next_frame(&mut bytes).map_err(|error| error.to_string())?;
    let size = [frame.width as usize, frame.height as usize];
    Ok(ColorImage::from_rgb(size, &bytes[..frame.buffer_size()]))
}

/// Writes a picture, without its alpha: a window has none.
pub fn write_png(path: &Path, image: &ColorImage) {
    let file = std::fs::File::create(path).unwrap();
    let mut encoder = png::Encoder::new(
        std::io::BufWriter::new(file),
        image.size[0] as u32,
        image.size[1] as u32,
    );
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::High);
    let bytes: Vec<u8> =
        image.pixels.iter().flat_map(|pixel| [pixel.r(), pixel.g(), pixel.b()]).collect();
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&bytes).unwrap();
}

fn rasterise(
    ctx: &egui::Context,
    output: &FullOutput,
    textures: &HashMap<TextureId, ColorImage>,
) -> ColorImage {
    let scale = output.pixels_per_point;
    let size = ctx.content_rect().size() * scale;
    let size = [size.x.round() as usize, size.y.round() as usize];
    let mut canvas = ColorImage::filled(size, Color32::BLACK);
    for clipped in ctx.tessellate(output.shapes.clone(), scale) {
        if let Primitive::Mesh(mesh) = &clipped.primitive
            && let Some(texture) = textures.get(&mesh.texture_id)
        {
            draw_mesh(&mut canvas, mesh, texture, clipped.clip_rect * scale, scale);
        }
    }
    canvas
}

fn draw_mesh(canvas: &mut ColorImage, mesh: &Mesh, texture: &ColorImage, clip: Rect, scale: f32) {
    let clip = [
        clip.left().round().max(0.0) as usize,
        clip.top().round().max(0.0) as usize,
        (clip.right().round().max(0.0) as usize).min(canvas.size[0]),
        (clip.bottom().round().max(0.0) as usize).min(canvas.size[1]),
    ];
    for corners in mesh.triangles() {
        let corners = corners.map(|index| {
            let vertex = mesh.vertices[index as usize];
            Vertex { pos: vertex.pos * scale, ..vertex }
        });
        draw_triangle(canvas, corners, texture, clip);
    }
}

fn draw_triangle(canvas: &mut ColorImage, v: [Vertex; 3], texture: &ColorImage, clip: [usize; 4]) {
    let edge = |a: egui::Pos2, b: egui::Pos2, p: egui::Pos2| {
        f64::from(b.x - a.x) * f64::from(p.y - a.y) - f64::from(b.y - a.y) * f64::from(p.x - a.x)
    };
    let area = edge(v[0].pos, v[1].pos, v[2].pos);
    if area == 0.0 {
        return;
    }
    let bounds = Rect::from_points(&[v[0].pos, v[1].pos, v[2].pos]);
    let left = (bounds.left().floor().max(0.0) as usize).max(clip[0]);
    let top = (bounds.top().floor().max(0.0) as usize).max(clip[1]);
    let right = (bounds.right().ceil().max(0.0) as usize).min(clip[2]);
    let bottom = (bounds.bottom().ceil().max(0.0) as usize).min(clip[3]);
    // A pixel whose centre lies on an edge belongs to one of the two triangles only.
    let owns = |a: egui::Pos2, b: egui::Pos2| {
        let (a, b) = if area > 0.0 { (a, b) } else { (b, a) };
        a.y > b.y || (a.y == b.y && a.x < b.x)
    };
    let sides = [(1, 2), (2, 0), (0, 1)];
    let plain = plain_shade(v, texture);
    for y in top..bottom {
        for x in left..right {
            let p = egui::pos2(x as f32 + 0.5, y as f32 + 0.5);
            let weights = sides.map(|(a, b)| edge(v[a].pos, v[b].pos, p) / area);
            let is_inside = sides.iter().zip(weights).all(|(&(a, b), weight)| {
                weight > 0.0 || (weight == 0.0 && owns(v[a].pos, v[b].pos))
            });
            if is_inside {
                let shaded = || shade(v, weights.map(|weight| weight as f32), texture);
                let source = plain.unwrap_or_else(shaded);
                blend(&mut canvas[(x, y)], source);
            }
        }
    }
}

/// The colour of a point in a triangle, premultiplied, each channel from 0 to 1.
fn shade(v: [Vertex; 3], weights: [f32; 3], texture: &ColorImage) -> [f32; 4] {
    let mix = |a: f32, b: f32, c: f32| a * weights[0] + b * weights[1] + c * weights[2];
    let [a, b, c] = v.map(|vertex| vertex.uv);
    let texel = sample(texture, mix(a.x, b.x, c.x), mix(a.y, b.y, c.y));
    let [a, b, c] = v.map(|vertex| vertex.color.to_array().map(f32::from));
    std::array::from_fn(|channel| mix(a[channel], b[channel], c[channel]) / 255.0 * texel[channel])
}

/// The colour of a triangle that has the same one everywhere: most of a window.
fn plain_shade(v: [Vertex; 3], texture: &ColorImage) -> Option<[f32; 4]> {
    let is_plain = v.iter().all(|vertex| vertex.uv == v[0].uv && vertex.color == v[0].color);
    is_plain.then(|| shade(v, [1.0, 0.0, 0.0], texture))
}

fn sample(texture: &ColorImage, u: f32, v: f32) -> [f32; 4] {
    let [width, height] = texture.size;
    let x = (u * width as f32 - 0.5).clamp(0.0, width as f32 - 1.0);
    let y = (v * height as f32 - 0.5).clamp(0.0, height as f32 - 1.0);
    let (x0, y0) = (x.floor() as usize, y.floor() as usize);
    let (x1, y1) = ((x0 + 1).min(width - 1), (y0 + 1).min(height - 1));
    let (fx, fy) = (x.fract(), y.fract());
    let at = |x: usize, y: usize| texture[(x, y)].to_array();
    let (a, b, c, d) = (at(x0, y0), at(x1, y0), at(x0, y1), at(x1, y1));
    std::array::from_fn(|channel| {
        let pair = |left: u8, right: u8| f32::from(left) * (1.0 - fx) + f32::from(right) * fx;
        let upper = pair(a[channel], b[channel]);
        let lower = pair(c[channel], d[channel]);
        (upper * (1.0 - fy) + lower * fy) / 255.0
    })
}

fn blend(pixel: &mut Color32, source: [f32; 4]) {
    let below = pixel.to_array();
    let channel = |index: usize| {
        let value = source[index] * 255.0 + f32::from(below[index]) * (1.0 - source[3]);
        value.round().clamp(0.0, 255.0) as u8
    };
    *pixel = Color32::from_rgb(channel(0), channel(1), channel(2));
}

/// Corners of all triangles of a frame: what drawing costs, without a clock.
pub fn vertex_count<State>(harness: &mut Harness<'_, State>) -> usize {
    harness.step();
    let output = harness.output();
    let meshes = harness.ctx.tessellate(output.shapes.clone(), output.pixels_per_point);
    let vertices = |primitive: &egui::ClippedPrimitive| match &primitive.primitive {
        egui::epaint::Primitive::Mesh(mesh) => mesh.vertices.len(),
        egui::epaint::Primitive::Callback(_) => 0,
    };
    meshes.iter().map(vertices).sum()
}
