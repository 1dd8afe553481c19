//! Pictures as textures: drawn anew only when what they show has changed.

use std::hash::{DefaultHasher, Hash, Hasher};

use egui::{ColorImage, Context, Id, TextureFilter, TextureHandle, TextureOptions, Ui};

use crate::ui::theme;

/// Sharp cells where the picture is enlarged, smooth ones where it is made smaller.
pub const CELLS: TextureOptions =
    TextureOptions { magnification: TextureFilter::Nearest, ..TextureOptions::LINEAR };

/// A texture that every GPU takes is at most so wide and high, in texels.
pub const MOST_TEXELS: usize = 2048;

#[derive(Clone)]
struct Kept {
    texture: TextureHandle,
    of: u64,
}

/// The texture of `id`, drawn anew when `of` is another than before.
pub fn cached_texture(
    ui: &Ui,
    id: Id,
    of: impl Hash,
    draw: impl FnOnce() -> ColorImage,
) -> TextureHandle {
    let mut hasher = DefaultHasher::new();
    (of, std::ptr::from_ref(theme::palette(ui)).addr()).hash(&mut hasher);
    let of = hasher.finish();
    let texture = match ui.data(|data| data.get_temp::<Kept>(id)) {
        Some(kept) if kept.of == of => return kept.texture,
        Some(mut kept) => {
            kept.texture.set(draw(), CELLS);
            kept.texture
        }
        None => ui.ctx().load_texture("picture", draw(), CELLS),
    };
    ui.data_mut(|data| data.insert_temp(id, Kept { texture: texture.clone(), of }));
    texture
}

/// Gives all textures back, when what they show is closed.
pub fn forget_textures(ctx: &Context) {
    ctx.data_mut(egui::util::IdTypeMap::remove_by_type::<Kept>);
}
