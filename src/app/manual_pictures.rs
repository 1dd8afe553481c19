//! The pictures of the manual: they are part of the executable, and are unpacked when a page shows
//! them.

use std::sync::Arc;

use egui::load::{ImageLoadResult, ImageLoader, ImagePoll, LoadError, SizeHint};
use egui::{ColorImage, Context};

use crate::ui::panels::manual::PICTURES;

macro_rules! pictures {
    ($($name:literal),+ $(,)?) => {
        &[$((
            concat!("pictures/", $name, ".png"),
            include_bytes!(concat!("../../docs/manual/pictures/", $name, ".png")),
        )),+]
    };
}

/// As the pages call them, with the bytes of their PNG files.
const FILES: &[(&str, &[u8])] = pictures![
    "composing",
    "energy",
    "excerpt",
    "filters",
    "first-start",
    "gibbs",
    "layers",
    "learning",
    "piece",
    "sweep",
    "training",
];

/// Lets egui show them.
pub(super) fn install(ctx: &Context) {
    ctx.add_image_loader(Arc::new(Pictures));
}

struct Pictures;

impl ImageLoader for Pictures {
    fn id(&self) -> &'static str {
        concat!(module_path!(), "::Pictures")
    }

    /// The texture is kept by egui, so that a picture is unpacked once.
    fn load(&self, _ctx: &Context, uri: &str, _size_hint: SizeHint) -> ImageLoadResult {
        let name = uri.strip_prefix(PICTURES).ok_or(LoadError::NotSupported)?;
        let file = FILES.iter().find(|(file, _)| *file == name);
        let (_, bytes) = file.ok_or_else(|| LoadError::Loading(format!("there is no {name}")))?;
        let image = unpack(bytes).map_err(|error| LoadError::Loading(error.to_string()))?;
        Ok(ImagePoll::Ready { image: Arc::new(image) })
    }

    fn forget(&self, _uri: &str) {}

    fn forget_all(&self) {}

    fn byte_size(&self) -> usize {
        0
    }
}

fn unpack(bytes: &[u8]) -> Result<ColorImage, png::DecodingError> {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(bytes));
    decoder.set_transformations(png::Transformations::ALPHA | png::Transformations::STRIP_16);
    let mut reader = decoder.read_info()?;
    let mut pixels = vec![0; reader.output_buffer_size().unwrap_or(0)];
    let info = reader.next_frame(&mut pixels)?;
    pixels.truncate(info.buffer_size());
    let size = [info.width as usize, info.height as usize];
    Ok(match info.color_type {
        png::ColorType::GrayscaleAlpha => {
            let rgba: Vec<u8> =
                pixels.chunks_exact(2).flat_map(|p| [p[0], p[0], p[0], p[1]]).collect();
            ColorImage::from_rgba_unmultiplied(size, &rgba)
        }
        _ => ColorImage::from_rgba_unmultiplied(size, &pixels),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::manual::{pages, targets};

    #[test]
    fn every_picture_of_the_manual_can_be_shown_and_none_is_carried_in_vain() {
        let sections = pages().iter().flat_map(|page| &page.sections);
        let mut named: Vec<&str> = sections
            .flat_map(|section| targets(section.body))
            .filter(|target| target.starts_with("pictures/"))
            .collect();
        named.sort_unstable();
        named.dedup();
        let carried: Vec<&str> = FILES.iter().map(|(name, _)| *name).collect();
        assert_eq!(named, carried);
        for (name, bytes) in FILES {
            let picture = unpack(bytes).unwrap();
            assert!(picture.width() > 600 && picture.height() > 200, "{name}");
        }
        let bytes: usize = FILES.iter().map(|(_, bytes)| bytes.len()).sum();
        assert!(bytes < 1 << 20, "{bytes} bytes are too many to carry along");
    }

    #[test]
    fn what_is_not_there_is_refused_and_other_addresses_are_left_to_others() {
        let ctx = Context::default();
        let load = |uri: &str| Pictures.load(&ctx, uri, SizeHint::default());
        assert!(matches!(load("file:///a.png"), Err(LoadError::NotSupported)));
        assert!(matches!(load("manual://pictures/none.png"), Err(LoadError::Loading(_))));
        assert!(matches!(load("manual://pictures/piece.png"), Ok(ImagePoll::Ready { .. })));
    }
}
