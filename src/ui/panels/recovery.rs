//! The recovery window: what earlier sessions left behind, each to open or to discard. It holds
//! nothing up; what is not decided is listed again by the next start.

use egui::{
    Align, Align2, Context, Layout, Rect, RichText, Role, ScrollArea, Sense, Shape, Stroke, Ui,
    Vec2, WidgetInfo, pos2, vec2,
};

use super::parts::{self, GAP};
use crate::ui::command::Command;
use crate::ui::focus;
use crate::ui::fonts;
use crate::ui::icons::{self, Icon};
use crate::ui::recovery::{RecoveryEntry, RecoveryPicture};
use crate::ui::state::State;
use crate::ui::theme::{self, UNIT};
use crate::ui::tool_window;
use crate::ui::widgets::{ActionButton, MiniRoll};

const WIDTH: f32 = 640.0;
/// As high as the four lines beside it.
const PICTURE: Vec2 = vec2(112.0, 62.0);
/// Of the two buttons side by side.
const BUTTONS: f32 = 176.0;
/// More rows than fit in here scroll.
const MOST_HEIGHT: f32 = 330.0;

/// The window, while something is to be decided.
pub fn recovery_ui(ctx: &Context, state: &State, commands: &mut Vec<Command>) {
    let Some(view) = &state.recovery else { return };
    let mut is_open = true;
    let room = ctx.content_rect().size() - vec2(48.0, 96.0);
    let window = egui::Window::new("Recover work")
        .open(&mut is_open)
        .collapsible(false)
        .resizable(false)
        .anchor(Align2::CENTER_CENTER, Vec2::ZERO);
    tool_window::show(ctx, "Recover work", window, |ui| {
        ui.set_width(WIDTH.min(room.x));
        ui.spacing_mut().item_spacing.y = 2.0 * UNIT;
        ui.label("Harmonium ended without being closed. This is what it had kept:");
        let height = MOST_HEIGHT.min(room.y - 120.0).max(90.0);
        ScrollArea::vertical().max_height(height).auto_shrink([false, true]).show(ui, |ui| {
            for entry in &view.entries {
                ui.push_id(entry.id, |ui| entry_ui(ui, entry, state, commands));
            }
            focus::follow(ui);
        });
        footer_ui(ui, &view.entries, commands);
    });
    if !is_open {
        commands.push(Command::CloseRecovery);
    }
}

fn footer_ui(ui: &mut Ui, entries: &[RecoveryEntry], commands: &mut Vec<Command>) {
    let n_left = entries.iter().filter(|entry| !entry.is_discarded).count();
    let room = vec2(ui.available_width(), theme::CONTROL_HEIGHT);
    ui.allocate_ui_with_layout(room, Layout::right_to_left(Align::Center), |ui| {
        let name = if n_left > 0 { "Decide later" } else { "Close" };
        if ui.add(ActionButton::new(name).min_width(104.0)).clicked() {
            commands.push(Command::CloseRecovery);
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            let words = match (n_left, entries.len() - n_left) {
                (_, 0) => "What you leave is listed again at the next start".to_owned(),
                (0, n) => format!("{} when this closes", goes(n)),
                (_, n) => format!("{} when this closes; the rest is listed again", goes(n)),
            };
            ui.add(egui::Label::new(parts::caption(ui, words)).truncate());
        });
    });
}

fn goes(n: usize) -> String {
    if n == 1 { "1 entry is deleted".to_owned() } else { format!("{n} entries are deleted") }
}

fn entry_ui(ui: &mut Ui, entry: &RecoveryEntry, state: &State, commands: &mut Vec<Command>) {
    let palette = theme::palette(ui);
    palette.card_frame().show(ui, |ui| {
        ui.horizontal(|ui| {
            picture_ui(ui, &entry.picture);
            ui.add_space(UNIT);
            let width = (ui.available_width() - BUTTONS - GAP).max(120.0);
            ui.allocate_ui_with_layout(
                vec2(width, PICTURE.y),
                Layout::top_down(Align::Min),
                |ui| {
                    ui.set_min_width(width);
                    words_ui(ui, entry);
                },
            );
            let room = vec2(ui.available_width(), PICTURE.y);
            ui.allocate_ui_with_layout(room, Layout::right_to_left(Align::Center), |ui| {
                buttons_ui(ui, entry, state, commands);
            });
        });
    });
}

fn words_ui(ui: &mut Ui, entry: &RecoveryEntry) {
    ui.spacing_mut().item_spacing.y = 2.0;
    let name = RichText::new(&entry.name).family(fonts::strong());
    ui.add(egui::Label::new(name).truncate());
    ui.add(egui::Label::new(parts::caption(ui, format!("Kept {}", entry.when))).truncate());
    let contents = contents_words(entry);
    ui.add(egui::Label::new(parts::caption(ui, contents)).truncate());
    ui.spacing_mut().interact_size.y = 0.0;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = UNIT;
        if entry.is_file_newer {
            let color = theme::palette(ui).played_text;
            icons::spoken_sign_ui(ui, icons::rich(Icon::TriangleAlert).color(color), "Warning");
            let words = RichText::new("Its file was saved later:").small().color(color);
            ui.label(words);
        }
        ui.add(egui::Label::new(parts::caption(ui, &entry.place)).truncate())
            .on_hover_text(&entry.place);
    });
}

/// "12 songs · 3 pieces · epoch 40".
fn contents_words(entry: &RecoveryEntry) -> String {
    let mut words =
        vec![parts::count(entry.n_songs, "song"), parts::count(entry.n_pieces, "piece")];
    match entry.epoch {
        Some(epoch) => words.push(format!("model after epoch {epoch}")),
        None => words.push("no model".to_owned()),
    }
    words.join(" · ")
}

fn buttons_ui(ui: &mut Ui, entry: &RecoveryEntry, state: &State, commands: &mut Vec<Command>) {
    let RecoveryEntry { id, name, is_discarded, .. } = entry;
    let discard = Command::DiscardRecovered { entry: *id, is_discarded: !is_discarded };
    if *is_discarded {
        if row_button(ui, "Keep", entry, "It is not discarded after all", None) {
            commands.push(discard);
        }
        ui.label(parts::caption(ui, "Discarded"));
        return;
    }
    // What stands first takes the keyboard when the window comes.
    let what = format!("Opens {name} as it was kept; it is not saved until you save it");
    let reason = state.project.is_busy.then_some("A project is being opened or saved");
    if row_button(ui, "Open", entry, &what, reason) {
        commands.push(Command::OpenRecovered(*id));
    }
    let what = format!("Deletes what was kept of {name} when this window is closed");
    if row_button(ui, "Discard", entry, &what, None) {
        commands.push(discard);
    }
}

/// A button of a row; a screen reader hears of which.
fn row_button(
    ui: &mut Ui,
    verb: &str,
    entry: &RecoveryEntry,
    what: &str,
    reason: Option<&str>,
) -> bool {
    let button = ActionButton::new(verb).min_width(84.0).tooltip(what);
    let response = ui.add_enabled(reason.is_none(), button);
    let name = format!("{verb} {}, kept {}", entry.name, entry.when);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, reason.is_none(), &name));
    let is_clicked = response.clicked();
    if let Some(reason) = reason {
        response.on_disabled_hover_text(reason);
    }
    is_clicked
}

fn picture_ui(ui: &mut Ui, picture: &RecoveryPicture) {
    match picture {
        RecoveryPicture::Notes { notes, n_steps } => {
            ui.add(MiniRoll::new(notes, *n_steps).size(PICTURE));
        }
        RecoveryPicture::Errors(errors) => curve_ui(ui, errors),
        RecoveryPicture::None => {
            let (rect, _) = ui.allocate_exact_size(PICTURE, Sense::hover());
            let color = theme::palette(ui).line_strong;
            let icon = Icon::Music.unicode().to_string();
            let font = egui::FontId::proportional(20.0);
            ui.painter().text(rect.center(), egui::Align2::CENTER_CENTER, icon, font, color);
        }
    }
}

/// The error curve, as large as a stamp.
fn curve_ui(ui: &mut Ui, errors: &[f64]) {
    let (rect, response) = ui.allocate_exact_size(PICTURE, Sense::hover());
    let palette = theme::palette(ui);
    let line =
        Shape::line(curve_points(errors, rect.shrink(3.0)), Stroke::new(1.5, palette.played));
    ui.painter().add(line);
    let (first, last) = (errors.first().copied(), errors.last().copied());
    let words = match (first, last) {
        (Some(first), Some(last)) => {
            format!("Reconstruction error from {first:.4} to {last:.4}")
        }
        _ => "No reconstruction error yet".to_owned(),
    };
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &words));
    response.on_hover_text(&words);
}

fn curve_points(errors: &[f64], rect: Rect) -> Vec<egui::Pos2> {
    let low = errors.iter().copied().fold(f64::INFINITY, f64::min);
    let high = errors.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let (span, last) = ((high - low).max(1e-12), errors.len().saturating_sub(1).max(1));
    let point = |(place, error): (usize, &f64)| {
        let across = place as f32 / last as f32;
        let up = ((error - low) / span) as f32;
        pos2(rect.left() + across * rect.width(), rect.bottom() - up * rect.height())
    };
    errors.iter().enumerate().map(point).collect()
}

#[cfg(test)]
mod tests {
    use egui_kittest::kittest::{NodeT as _, Queryable as _};

    use super::*;
    use crate::ui::panels::examples;
    use crate::ui::panels::tests::{check_button, check_disabled, window};

    const KEPT: &str = ", kept 2026-11-23 14:02, 3 minutes ago";

    fn check(verb_and_name: &str, expected: Command) {
        check_button(examples::recovering(), &format!("{verb_and_name}{KEPT}"), expected);
    }

    #[test]
    fn each_entry_is_opened_discarded_kept_or_left() {
        check("Open Evening", Command::OpenRecovered(0));
        let discard = Command::DiscardRecovered { entry: 1, is_discarded: true };
        check("Discard Morning", discard);
        check("Keep Untitled", Command::DiscardRecovered { entry: 2, is_discarded: false });
        check_button(examples::recovering(), "Decide later", Command::CloseRecovery);
        let mut busy = examples::recovering();
        busy.project.is_busy = true;
        check_disabled(busy, Role::Button, &format!("Open Evening{KEPT}"));
    }

    #[test]
    fn it_says_what_each_holds_and_takes_the_keyboard() {
        let window = window(examples::recovering());
        let says = |words: &str| window.query_all_by_label_contains(words).count();
        assert_eq!(says("12 songs · 1 piece · model after epoch 40"), 3);
        assert_eq!(says("Its file was saved later"), 1);
        assert_eq!(says("1 entry is deleted when this closes"), 1);
        let name = format!("Open Evening{KEPT}");
        let open = window.get_by_role_and_label(Role::Button, &name);
        assert!(open.accesskit_node().is_focused());
    }

    #[test]
    fn a_read_only_project_says_so_and_saves_under_another_name() {
        use crate::ui::actions::{Action, now};
        let window = window(examples::recovering());
        assert!(window.query_by_label("read-only").is_some());
        let save = now(Action::Save, &examples::recovering());
        assert_eq!(save.title, "Save under another name…");
        assert_eq!(now(Action::Save, &examples::empty()).title, "Save");
    }

    #[test]
    fn the_curve_lies_in_its_stamp() {
        let rect = Rect::from_min_size(pos2(5.0, 5.0), PICTURE);
        for errors in [vec![0.5, 0.5], vec![1.0, 0.2, 0.1], vec![]] {
            let points = curve_points(&errors, rect);
            assert_eq!(points.len(), errors.len());
            assert!(points.iter().all(|point| rect.expand(0.1).contains(*point)), "{points:?}");
        }
    }
}
