//! The fonts that ship with the program: Inter in three weights, figures of one width, signs and
//! icons.
//!
//! Nothing is taken from the system, so that the window looks the same everywhere and no letter
//! is missing. Signs of music and icons stand behind every font of letters, so that they can
//! stand in any text.

use std::sync::Arc;

use egui::{FontData, FontDefinitions, FontFamily, FontTweak};

const REGULAR: &str = "inter-regular";
const MEDIUM: &str = "inter-medium";
const SEMI_BOLD: &str = "inter-semi-bold";
const FIGURES: &str = "inter-tabular-medium";
const STRONG_FIGURES: &str = "inter-tabular-semi-bold";
const SIGNS: &str = "harmonium-symbols";
const ICONS: &str = "lucide";

/// The family of all that is read.
pub fn text() -> FontFamily {
    FontFamily::Proportional
}

/// The family of what can be pressed and of names.
pub fn medium() -> FontFamily {
    FontFamily::Name("medium".into())
}

/// The family of titles and of the primary action.
pub fn strong() -> FontFamily {
    FontFamily::Name("strong".into())
}

/// The family of numbers that change: every figure is as wide as the next.
pub fn figures() -> FontFamily {
    FontFamily::Monospace
}

/// Figures of one width for the numbers that matter most.
pub fn strong_figures() -> FontFamily {
    FontFamily::Name("strong-figures".into())
}

/// The fonts and families, for [`egui::Context::set_fonts`].
pub fn definitions() -> FontDefinitions {
    let mut fonts = FontDefinitions::empty();
    let files: [(&str, &[u8]); 6] = [
        (REGULAR, include_bytes!("../../assets/fonts/Inter-Regular.ttf")),
        (MEDIUM, include_bytes!("../../assets/fonts/Inter-Medium.ttf")),
        (SEMI_BOLD, include_bytes!("../../assets/fonts/Inter-SemiBold.ttf")),
        (FIGURES, include_bytes!("../../assets/fonts/Inter-Tabular-Medium.ttf")),
        (STRONG_FIGURES, include_bytes!("../../assets/fonts/Inter-Tabular-SemiBold.ttf")),
        (SIGNS, include_bytes!("../../assets/fonts/Harmonium-Symbols.ttf")),
    ];
    for (name, bytes) in files {
        let font = FontData::from_static(bytes);
        fonts.font_data.insert(name.to_owned(), Arc::new(font));
    }
    // Lucide's pictures stand on the base line, but are read against the middle of the letters.
    let icons = FontData::from_static(lucide_icons::LUCIDE_FONT_BYTES)
        .tweak(FontTweak { y_offset_factor: 0.1, ..FontTweak::default() });
    fonts.font_data.insert(ICONS.to_owned(), Arc::new(icons));
    for (family, names) in [
        (text(), &[REGULAR][..]),
        (medium(), &[MEDIUM]),
        (strong(), &[SEMI_BOLD]),
        (figures(), &[FIGURES, MEDIUM]),
        (strong_figures(), &[STRONG_FIGURES, SEMI_BOLD]),
    ] {
        // Lucide also maps letters, to nothing: it must stand behind every font of letters.
        let chain = names.iter().chain(&[SIGNS, ICONS]);
        fonts.families.insert(family, chain.map(|&name| name.to_owned()).collect());
    }
    fonts
}
