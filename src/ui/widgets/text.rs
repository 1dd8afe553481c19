//! Text that is cut where it is too long for its place.

use std::sync::Arc;

use egui::{Align2, Color32, FontId, Galley, Painter, Rect, Ui};

/// Lays out a name and what follows it, such as a value. Where there is too little room the middle
/// of the name goes: names often differ at their ends.
pub fn middle_cut(
    painter: &Painter,
    (name, after): (&str, &str),
    font: &FontId,
    color: Color32,
    width: f32,
) -> Arc<Galley> {
    let lay_out = |text: String| painter.layout_no_wrap(text, font.clone(), color);
    let whole = lay_out(format!("{name}{after}"));
    if whole.size().x <= width {
        return whole;
    }
    let letters: Vec<char> = name.chars().collect();
    let cut = |n_kept: usize| {
        let (head, tail) = (n_kept.div_ceil(2), n_kept / 2);
        let head: String = letters[..head].iter().collect();
        let tail: String = letters[letters.len() - tail..].iter().collect();
        lay_out(format!("{}…{}{after}", head.trim_end(), tail.trim_start()))
    };
    let (mut low, mut high) = (0, letters.len().saturating_sub(1));
    while low < high {
        let middle = (low + high).div_ceil(2);
        if cut(middle).size().x <= width { low = middle } else { high = middle - 1 }
    }
    cut(low)
}

/// A name at the left middle of `rect`, its middle left out where it is too long. Whether it was.
pub fn middle_cut_text(ui: &Ui, rect: Rect, name: &str, font: &FontId, color: Color32) -> bool {
    let galley = middle_cut(ui.painter(), (name, ""), font, color, rect.width());
    let corner = Align2::LEFT_CENTER.align_size_within_rect(galley.size(), rect).min;
    let is_cut = galley.text() != name;
    ui.painter().galley(corner, galley, color);
    is_cut
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::testing;

    #[test]
    fn both_ends_of_a_long_name_stay_and_so_does_the_value() {
        let (builder, _) = testing::builder::<()>(egui::vec2(200.0, 60.0), egui::Theme::Dark);
        let mut harness = builder.build_ui(|ui| {
            let font = FontId::new(12.0, crate::ui::fonts::text());
            let lay_out = |name: &str, after: &str, width: f32| {
                middle_cut(ui.painter(), (name, after), &font, Color32::PLACEHOLDER, width)
            };
            let name = "All The Small Things - Chorus";
            assert_eq!(lay_out("Run 1", " 0.5", 120.0).text(), "Run 1 0.5");
            let cut = lay_out(name, " 0.0123", 140.0);
            assert!(cut.size().x <= 140.0, "{}", cut.text());
            assert!(cut.text().starts_with("All ") && cut.text().contains('…'), "{}", cut.text());
            assert!(cut.text().ends_with("us 0.0123"), "{}", cut.text());
            // With no room at all there is still something.
            assert_eq!(lay_out(name, "", 1.0).text(), "…");
            assert_eq!(lay_out("", "", 1.0).text(), "");
        });
        harness.run_steps(1);
    }
}
