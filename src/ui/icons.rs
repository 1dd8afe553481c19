//! The pictures that stand in text and on buttons: Lucide's, from the font in [`super::fonts`].
//!
//! The three signs of a tape machine are painted instead, filled, because they are read at a
//! glance and a font of outlines has no filled ones.

use egui::accesskit::Node;
use egui::{Color32, Painter, Pos2, Rect, Response, RichText, Shape, Stroke, Ui, pos2, vec2};

pub use lucide_icons::Icon;

use super::theme::size;

/// An icon as text, a little larger than the letters beside it.
pub fn rich(icon: Icon) -> RichText {
    RichText::new(icon.unicode()).size(size::TITLE)
}

/// An icon beside words that say the same: a screen reader passes it by.
pub fn sign_ui(ui: &mut Ui, icon: RichText) -> Response {
    let sign = ui.label(icon);
    ui.ctx().accesskit_node_builder(sign.id, Node::set_hidden);
    sign
}

/// An icon that stands for these words: a tooltip shows them, a screen reader says them.
pub fn spoken_sign_ui(ui: &mut Ui, icon: RichText, words: &str) -> Response {
    let sign = ui.label(icon);
    ui.ctx().accesskit_node_builder(sign.id, |node| node.set_value(words));
    sign.on_hover_text(words)
}

/// An icon before a word, for a button.
pub fn with_text(icon: Icon, text: &str) -> String {
    format!("{}  {text}", icon.unicode())
}

/// A word before an icon, for what opens a list.
pub fn before_icon(text: &str, icon: Icon) -> String {
    format!("{text}  {}", icon.unicode())
}

/// A filled sign of the transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sign {
    Play,
    Pause,
    Stop,
    ToStart,
}

impl Sign {
    /// Paints the sign in a square of `side` points around `center`.
    pub fn paint(self, painter: &Painter, center: Pos2, side: f32, color: Color32) {
        let rect = Rect::from_center_size(center, vec2(side, side));
        match self {
            Self::Play => triangle(painter, rect, color, false),
            Self::Pause => {
                let bar = vec2(side * 0.3, side * 0.9);
                for x in [-0.27, 0.27] {
                    let bar = Rect::from_center_size(center + vec2(side * x, 0.0), bar);
                    painter.rect_filled(bar, 1.5, color);
                }
            }
            Self::Stop => {
                painter.rect_filled(rect.shrink(side * 0.08), 2.0, color);
            }
            Self::ToStart => {
                let bar =
                    Rect::from_min_max(rect.left_top(), pos2(rect.left() + 2.0, rect.bottom()));
                painter.rect_filled(bar.shrink2(vec2(0.0, side * 0.05)), 1.0, color);
                let rest = Rect::from_min_max(pos2(rect.left() + 3.0, rect.top()), rect.max);
                triangle(painter, rest, color, true);
            }
        }
    }
}

/// A triangle with softened corners that points right, or left when mirrored.
fn triangle(painter: &Painter, rect: Rect, color: Color32, is_mirrored: bool) {
    let rect = rect.shrink(1.0);
    let side = |x: f32| {
        if is_mirrored { rect.right() - x } else { rect.left() + x }
    };
    let points = vec![
        pos2(side(rect.width() * 0.08), rect.top()),
        pos2(side(rect.width()), rect.center().y),
        pos2(side(rect.width() * 0.08), rect.bottom()),
    ];
    painter.add(Shape::convex_polygon(points.clone(), color, Stroke::NONE));
    painter.add(Shape::closed_line(points, Stroke::new(1.5, color)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::{fonts, theme};
    use egui::FontId;

    #[test]
    fn every_icon_and_every_sign_of_typography_has_a_glyph_in_every_font() {
        let ctx = egui::Context::default();
        theme::install(&ctx);
        let mut output = ctx.run_ui(egui::RawInput::default(), |_| ());
        output.textures_delta.clear();
        let icons = [
            Icon::Play,
            Icon::Repeat,
            Icon::FolderPlus,
            Icon::Hourglass,
            Icon::TriangleAlert,
            Icon::ChevronDown,
            Icon::Dices,
            Icon::SunMoon,
        ];
        let signs = "♯♭…–—×±−·→←↑↓“”’≤≥≈°µ\u{a0}";
        let families = [
            fonts::text(),
            fonts::medium(),
            fonts::strong(),
            fonts::figures(),
            fonts::strong_figures(),
        ];
        for family in families {
            let font = FontId::new(13.0, family);
            let icons = icons.iter().map(|icon| icon.unicode());
            for glyph in icons.chain(signs.chars()).chain(' '..='~') {
                assert!(
                    ctx.fonts_mut(|fonts| fonts.has_glyph(&font, glyph)),
                    "no glyph for {glyph:?} in {font:?}"
                );
            }
        }
    }
}
