//! The recovery window: what earlier sessions left behind, each to open or to discard. It holds
//! nothing up; what is not decided is listed again by the next start.

use egui::{
    Align, Context, Layout, Rect, RichText, Role, ScrollArea, Sense, Shape, Stroke, Ui, Vec2,
    WidgetInfo, pos2, vec2,
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
const PICTURE: Vec2 = vec2(112.0, 48.0);
/// Of the two buttons side by side.
const BUTTONS: f32 = 176.0;
/// More rows than fit in here scroll.
const MOST_HEIGHT: f32 = 330.0;

/// The window, while something is to be decided.
pub fn recovery_ui(ctx: &Context, state: &State, commands: &mut Vec<Command>) {
    let Some(view) = &state.recovery else { return };
    let mut is_open = true;
    let room = ctx.content_rect().size() - vec2(48.0, 96.0);
    let window =
        egui::Window::new("Recover work").open(&mut is_open).collapsible(false).resizable(false);
    let window = tool_window::centred(ctx, "Recover work", window);
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
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = UNIT;
        ui.spacing_mut().interact_size.y = 0.0;
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
        let keep = ActionButton::new("Keep").min_width(84.0);
        if ui.add(keep.tooltip("It is not discarded after all")).clicked() {
            commands.push(discard);
        }
        ui.label(parts::caption(ui, "Discarded"));
        return;
    }
    // What stands first takes the keyboard when the window comes.
    let what = format!("Opens {name} as it was kept; it is not saved until you save it");
    let open = ActionButton::new("Open").min_width(84.0).tooltip(&what);
    let reason = state.project.is_busy.then_some("A project is being opened or saved");
    if parts::button_unless(ui, reason, open) {
        commands.push(Command::OpenRecovered(*id));
    }
    let what = format!("Deletes what was kept of {name} when this window is closed");
    let button = ActionButton::new("Discard").min_width(84.0).tooltip(&what);
    if ui.add(button).clicked() {
        commands.push(discard);
    }
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
    use egui_kittest::kittest::Queryable as _;

    use super::*;
    use crate::ui::panels::examples;
    use crate::ui::panels::tests::{check_button, window};
    use crate::ui::recovery::RecoveryView;

    fn state(is_discarded: bool) -> State {
        let entry = |id, name: &str| RecoveryEntry {
            id,
            name: name.to_owned(),
            place: format!("/home/ann/music/{name}.harmonium"),
            when: "2026-11-23 14:02, 3 minutes ago".to_owned(),
            n_songs: 12,
            n_pieces: 1,
            epoch: Some(40),
            picture: RecoveryPicture::Errors(vec![0.5, 0.2, 0.1]),
            is_file_newer: id == 1,
            is_discarded: is_discarded && id == 1,
        };
        let mut state = examples::empty();
        let entries = vec![entry(0, "Evening"), entry(1, "Morning")];
        state.recovery = Some(RecoveryView { entries });
        state
    }

    #[test]
    fn each_entry_is_opened_discarded_or_left() {
        let mut one = state(false);
        if let Some(view) = &mut one.recovery {
            view.entries.truncate(1);
        }
        let discard = Command::DiscardRecovered { entry: 0, is_discarded: true };
        for (name, expected) in [("Open", Command::OpenRecovered(0)), ("Discard", discard)] {
            let mut copy = examples::empty();
            copy.recovery.clone_from(&one.recovery);
            check_button(copy, name, expected);
        }
        check_button(one, "Decide later", Command::CloseRecovery);
    }

    #[test]
    fn what_is_discarded_can_be_kept_after_all() {
        let keep = Command::DiscardRecovered { entry: 1, is_discarded: false };
        check_button(state(true), "Keep", keep);
        let window = window(state(true));
        assert!(window.query_by_label_contains("1 entry is deleted when this closes").is_some());
        assert_eq!(window.query_all_by_label_contains("model after epoch 40").count(), 2);
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
