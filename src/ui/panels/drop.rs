//! Files that are dragged over the window and dropped on it.

use std::path::{Path, PathBuf};

use egui::{Align2, Context, FontId, Id, LayerId, Order, Stroke, StrokeKind};

use super::parts;
use crate::ui::command::Command;
use crate::ui::fonts;
use crate::ui::icons::Icon;
use crate::ui::theme::{self, size};

/// The ending of a project.
const PROJECT: &str = "harmonium";

fn is_project(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case(PROJECT))
}

/// What is done with files that were dropped: a project is opened, all else is added.
pub fn drop_commands(paths: Vec<PathBuf>) -> Vec<Command> {
    match paths.as_slice() {
        [] => vec![],
        [only] if is_project(only) => vec![Command::OpenPath(only.clone())],
        _ => vec![Command::AddPaths(paths)],
    }
}

/// Says what will happen while files hover, and does it when they are dropped.
pub fn drop_ui(ctx: &Context, commands: &mut Vec<Command>) {
    let (hovered, dropped) = ctx.input(|input| {
        let hovered: Vec<Option<PathBuf>> =
            input.raw.hovered_files.iter().map(|file| file.path.clone()).collect();
        let dropped: Vec<PathBuf> =
            input.raw.dropped_files.iter().map(|file| file.path().to_owned()).collect();
        (hovered, dropped)
    });
    commands.extend(drop_commands(dropped));
    if hovered.is_empty() {
        return;
    }
    let text = match hovered.as_slice() {
        [Some(path)] if is_project(path) => format!("Drop to open {}", parts::file_name(path)),
        [Some(path)] => format!("Drop to add {}", parts::file_name(path)),
        many => format!("Drop to add {}", parts::count(many.len(), "item")),
    };
    let palette = theme::palette_of(ctx);
    let painter = ctx.layer_painter(LayerId::new(Order::Foreground, Id::unique("drop")));
    let rect = ctx.content_rect();
    painter.rect_filled(rect, 0.0, palette.ground.gamma_multiply(0.85));
    let border = Stroke::new(2.0, palette.held_out);
    painter.rect_stroke(rect.shrink(12.0), theme::CARD_RADIUS, border, StrokeKind::Inside);
    let icon = Icon::Import.unicode().to_string();
    let center = rect.center();
    let above = center - egui::vec2(0.0, 28.0);
    let icon_font = FontId::new(36.0, fonts::text());
    painter.text(above, Align2::CENTER_CENTER, icon, icon_font, palette.held_out_text);
    let font = FontId::new(size::TITLE, fonts::medium());
    let below = center + egui::vec2(0.0, 14.0);
    painter.text(below, Align2::CENTER_CENTER, text, font, palette.text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_is_opened_and_all_else_is_added() {
        let project = PathBuf::from("/music/Pop.Harmonium");
        assert_eq!(drop_commands(vec![project.clone()]), [Command::OpenPath(project.clone())]);
        let two = vec![project, PathBuf::from("/music/songs")];
        assert_eq!(drop_commands(two.clone()), [Command::AddPaths(two)]);
        assert_eq!(drop_commands(vec![]), []);
    }
}
