//! How numbers are spread around zero: bars, logarithmic in height.

use egui::accesskit::Role;
use egui::{
    Align2, FontId, Mesh, Rect, Response, Sense, Shape, Stroke, Ui, Vec2, Widget, WidgetInfo, pos2,
    vec2,
};

use crate::engine::Histogram;
use crate::ui::fonts;
use crate::ui::theme::{self, size};

const TITLE_HEIGHT: f32 = 16.0;
const AXIS_HEIGHT: f32 = 14.0;

/// A histogram with its title above and its limits below.
#[must_use = "add it to a Ui"]
pub struct SpreadBars<'a> {
    title: &'a str,
    histogram: &'a Histogram,
    size: Vec2,
}

impl<'a> SpreadBars<'a> {
    pub fn new(title: &'a str, histogram: &'a Histogram, size: Vec2) -> Self {
        Self { title, histogram, size }
    }

    fn bar_width(&self, bars: Rect) -> f32 {
        bars.width() / self.histogram.counts.len().max(1) as f32
    }

    fn paint_bars(&self, ui: &Ui, bars: Rect, hovered: Option<usize>) {
        let palette = theme::palette(ui);
        let counts = &self.histogram.counts;
        let most = counts.iter().copied().max().unwrap_or(0).max(1);
        let width = self.bar_width(bars);
        let mut mesh = Mesh::default();
        for (place, &count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            // What occurs once is seen beside what occurs ten thousand times.
            let share = f64::from(count).ln_1p() / f64::from(most).ln_1p();
            let height = (share as f32 * bars.height()).max(1.0);
            let left = bars.left() + place as f32 * width;
            let bar = Rect::from_min_max(
                pos2(left, bars.bottom() - height),
                pos2(left + (width - 0.5).max(0.5), bars.bottom()),
            );
            let color = match place.cmp(&(counts.len() / 2)) {
                _ if hovered == Some(place) => palette.text,
                std::cmp::Ordering::Less => palette.forbids,
                std::cmp::Ordering::Equal => palette.small_note,
                std::cmp::Ordering::Greater => palette.calls,
            };
            mesh.add_colored_rect(bar, color);
        }
        let painter = ui.painter();
        painter.add(Shape::mesh(mesh));
        painter.hline(bars.x_range(), bars.bottom() + 0.5, Stroke::new(1.0, palette.line_strong));
    }

    fn paint_words(&self, ui: &Ui, rect: Rect) {
        let palette = theme::palette(ui);
        let painter = ui.painter_at(rect);
        let title = FontId::new(size::CAPTION, fonts::medium());
        painter.text(rect.left_top(), Align2::LEFT_TOP, self.title, title, palette.text);
        let font = FontId::new(size::CAPTION - 1.0, fonts::figures());
        let limit = number(f64::from(self.histogram.limit));
        let bottom = rect.bottom();
        for (at, align, text) in [
            (pos2(rect.left(), bottom), Align2::LEFT_BOTTOM, format!("−{limit}")),
            (pos2(rect.center().x, bottom), Align2::CENTER_BOTTOM, "0".to_owned()),
            (pos2(rect.right(), bottom), Align2::RIGHT_BOTTOM, limit.clone()),
        ] {
            painter.text(at, align, text, font.clone(), palette.quiet_text);
        }
    }

    /// Between which values a bar stands.
    fn range(&self, place: usize) -> (f64, f64) {
        let n_bars = self.histogram.counts.len() as f64;
        let at = |place: f64| (2.0 * place / n_bars - 1.0) * f64::from(self.histogram.limit);
        (at(place as f64), at(place as f64 + 1.0))
    }
}

/// The figures of a histogram in words.
pub fn spread_words(histogram: &Histogram) -> String {
    let near = (histogram.near_zero * 100.0).round();
    let mean = number(histogram.mean);
    let deviation = number(histogram.deviation);
    format!("mean {mean} · sd {deviation}\n{near} % near zero")
}

/// Three figures, with a real minus.
pub fn number(value: f64) -> String {
    let text = match value.abs() {
        0.0 => "0".to_owned(),
        size if size >= 100.0 => format!("{size:.0}"),
        size if size >= 10.0 => format!("{size:.1}"),
        size if size >= 1.0 => format!("{size:.2}"),
        size if size >= 0.01 => format!("{size:.3}"),
        size if size >= 0.001 => format!("{size:.4}"),
        size => format!("{size:.1e}").replace('-', "−"),
    };
    if value < 0.0 { format!("−{text}") } else { text }
}

impl Widget for SpreadBars<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let (rect, mut response) = ui.allocate_exact_size(self.size, Sense::hover());
        let bars = Rect::from_min_max(
            rect.min + vec2(0.0, TITLE_HEIGHT),
            rect.max - vec2(0.0, AXIS_HEIGHT),
        );
        let hovered = response
            .hover_pos()
            .filter(|at| bars.contains(*at))
            .map(|at| ((at.x - bars.left()) / self.bar_width(bars)) as usize)
            .filter(|place| *place < self.histogram.counts.len());
        if ui.is_rect_visible(rect) {
            self.paint_bars(ui, bars, hovered);
            self.paint_words(ui, rect);
        }
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, self.title));
        ui.ctx().accesskit_node_builder(response.id, |node| {
            node.set_description(spread_words(self.histogram).replace('\n', " · "));
        });
        if let Some(place) = hovered {
            let (low, high) = self.range(place);
            let count = self.histogram.counts[place];
            let words = format!("{} to {}: {count}", number(low), number(high));
            response = response.on_hover_text_at_pointer(words);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_three_figures_and_a_real_minus() {
        let cases = [
            (0.0, "0"),
            (-0.0532, "−0.053"),
            (0.00123, "0.0012"),
            (12.34, "12.3"),
            (-1234.0, "−1234"),
            (2.0e-5, "2.0e−5"),
        ];
        for (value, expected) in cases {
            assert_eq!(number(value), expected);
        }
    }

    #[test]
    fn it_can_be_read_out() {
        let histogram = Histogram::of(&[-1.0, 0.0, 1.0, 0.0], 4);
        assert_eq!(spread_words(&histogram), "mean 0 · sd 0.707\n50 % near zero");
        let bars = SpreadBars::new("Weights", &histogram, Vec2::splat(100.0));
        assert_eq!(bars.range(0).0, -1.0);
        assert_eq!(bars.range(60).1, 1.0);
    }
}
