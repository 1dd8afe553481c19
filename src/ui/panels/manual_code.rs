//! Code in the manual: lines that can be selected, with a button that copies all of them.
//!
//! The viewer of Markdown has blocks of its own, but with a sign that our fonts lack, that no
//! keyboard reaches and that has no name.

use std::time::Duration;

use egui::{Align, Label, Layout, RichText, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use crate::ui::icons::Icon;
use crate::ui::theme::{self, UNIT};
use crate::ui::widgets::ActionButton;

const FENCE: &str = "```";
const BUTTON_SIDE: f32 = 6.0 * UNIT;
/// So long a button says that it has copied.
const COPIED_SECONDS: f64 = 2.0;

/// What a section consists of, in the order in which it stands there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part<'a> {
    /// Markdown without code blocks.
    Prose(&'a str),
    /// The lines between two fences.
    Code(&'a str),
}

/// Cuts Markdown at its fences, which stand at the beginning of a line.
pub(super) fn parts(markdown: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let (mut start, mut at, mut is_code) = (0, 0, false);
    for line in markdown.split_inclusive('\n') {
        if line.starts_with(FENCE) {
            parts.push(part(&markdown[start..at], is_code));
            is_code = !is_code;
            start = at + line.len();
        }
        at += line.len();
    }
    parts.push(part(&markdown[start..], is_code));
    parts.retain(|part| !part.text().is_empty());
    parts
}

fn part(text: &str, is_code: bool) -> Part<'_> {
    let text = text.trim_matches('\n');
    if is_code { Part::Code(text) } else { Part::Prose(text) }
}

impl<'a> Part<'a> {
    fn text(self) -> &'a str {
        match self {
            Self::Prose(text) | Self::Code(text) => text,
        }
    }
}

/// A block of code with its button.
pub(super) fn code_ui(ui: &mut Ui, code: &str) {
    ui.add_space(UNIT);
    let palette = theme::palette(ui);
    let frame = palette.card_frame().fill(palette.ground).inner_margin(2.0 * UNIT);
    let frame = frame.show(ui, |ui| {
        let width = ui.available_width();
        ui.set_width(width);
        ui.set_min_height(BUTTON_SIDE);
        let words = RichText::new(code).monospace().color(palette.text);
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            ui.set_max_width(width - BUTTON_SIDE - 2.0 * UNIT);
            ui.add(Label::new(words).selectable(true).wrap());
        });
    });
    let corner = frame.response.rect.right_top() + vec2(-BUTTON_SIDE - 2.0 * UNIT, 2.0 * UNIT);
    let place = egui::Rect::from_min_size(pos2(corner.x, corner.y), egui::Vec2::splat(BUTTON_SIDE));
    // Not a scope: what follows would go on below the button instead of below the block.
    copy_button_ui(&mut ui.new_child(UiBuilder::new().max_rect(place)), code);
    ui.add_space(2.0 * UNIT);
}

/// Once pressed, it says so for a while.
fn copy_button_ui(ui: &mut Ui, code: &str) {
    let id = ui.scope_id().with("copied");
    let now = ui.input(|input| input.time);
    let copied_at: Option<f64> = ui.data(|data| data.get_temp(id));
    let is_copied = copied_at.is_some_and(|at| now - at < COPIED_SECONDS);
    let (icon, name) = if is_copied { (Icon::Check, "Copied") } else { (Icon::Copy, "Copy") };
    let button = ui.add(ActionButton::icon(icon, name).quiet().height(BUTTON_SIDE));
    // Several stand on a page: each is told by what it copies.
    button.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, format!("{name}: {code}")));
    if button.clicked() {
        ui.ctx().copy_text(code.to_owned());
        ui.data_mut(|data| data.insert_temp(id, now));
        ui.ctx().request_repaint_after(Duration::from_secs_f64(COPIED_SECONDS));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_and_code_are_told_apart_in_their_order() {
        let markdown = "One.\n\n```\na\n  b\n```\n\nTwo `c`.\n\n```sh\nd\n```";
        let wanted =
            [Part::Prose("One."), Part::Code("a\n  b"), Part::Prose("Two `c`."), Part::Code("d")];
        assert_eq!(parts(markdown), wanted);
        assert_eq!(parts("Only words."), [Part::Prose("Only words.")]);
        assert_eq!(parts(""), []);
    }

    #[test]
    fn what_follows_a_block_of_many_lines_stands_below_it() {
        let ctx = egui::Context::default();
        theme::install(&ctx);
        let (mut block, mut after) = (egui::Rect::NOTHING, egui::Rect::NOTHING);
        drop(ctx.run_ui(egui::RawInput::default(), |ui| {
            let inside = ui.scope(|ui| {
                code_ui(ui, "a\nb\nc\nd\ne\nf");
                after = ui.label("After").rect;
            });
            block = inside.response.rect;
        }));
        let lines = 6.0 * 11.0;
        assert!(after.top() - block.top() > lines, "{after} in {block}");
    }
}
