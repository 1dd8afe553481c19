//! Over the curve: which measure it shows, of which runs, how it is looked at and taken away.

use egui::{Align, FontId, Layout, Popup, PopupCloseBehavior, RichText, Ui, WidgetInfo, vec2};

use super::super::parts::{self, GAP, button_unless};
use super::runs;
use crate::train::{FIGURES, Figure};
use crate::ui::command::Command;
use crate::ui::fonts;
use crate::ui::icons::{self, Icon};
use crate::ui::state::RunState;
use crate::ui::theme::{self, size};
use crate::ui::widgets::ActionButton;

/// So much smoothing is the most that still follows a curve.
const MAX_SMOOTHING: f32 = 0.99;
const SMOOTHING: &str = "Smoothed is m/(1 − wⁿ) with mₙ = w·mₙ₋₁ + (1 − w)·xₙ and the weight w: the \
                         debiased exponential moving average of TensorBoard and Weights & Biases. \
                         The raw line lies faintly behind; what is exported is raw.";

/// What the curve shows.
pub(super) fn figure(run: &RunState) -> &'static Figure {
    FIGURES.get(run.figure).unwrap_or(&FIGURES[0])
}

pub(super) fn heading_ui(
    ui: &mut Ui,
    run: &mut RunState,
    has_songs: bool,
    commands: &mut Vec<Command>,
) {
    let room = vec2(ui.available_width(), theme::CONTROL_HEIGHT);
    ui.allocate_ui_with_layout(room, Layout::left_to_right(Align::Center), |ui| {
        if let Some(chosen) = figure_menu_ui(ui, figure(run), "Shown") {
            run.figure = chosen;
        }
        ui.add_space(GAP);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = theme::UNIT;
            export_menu_ui(ui, run, has_songs, commands);
            second_button_ui(ui, run);
            smoothing_ui(ui, run);
            log_button_ui(ui, run);
            ui.add_space(GAP);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                runs::run_chips_ui(ui, run, commands);
            });
        });
    });
}

/// The name of what is shown; a click opens the list of what else there is. Returns the place of
/// what was chosen.
pub(super) fn figure_menu_ui(ui: &mut Ui, shown: &Figure, name: &str) -> Option<usize> {
    let title = icons::before_icon(shown.label, Icon::ChevronDown);
    let title = RichText::new(title).font(FontId::new(size::BODY, fonts::medium()));
    let button = ui.add(egui::Button::new(title).frame_when_inactive(false));
    let name = format!("{name}: {}", shown.label);
    button.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, &name));
    let mut chosen = None;
    Popup::menu(&button).width(190.0).gap(4.0).show(|ui| {
        for (place, figure) in FIGURES.iter().enumerate() {
            let entry = ui.selectable_label(figure.key == shown.key, figure.label);
            if entry.on_hover_text(figure.meaning).clicked() {
                chosen = Some(place);
            }
        }
    });
    button.on_hover_text(shown.meaning);
    chosen
}

fn log_button_ui(ui: &mut Ui, run: &mut RunState) {
    let reason = (!figure(run).is_positive).then_some("There may be values of zero and below");
    let log = ActionButton::new("log").quiet().height(24.0).on(run.is_log_scale);
    if button_unless(ui, reason, log.tooltip("Shows every tenfold as high as the next")) {
        run.is_log_scale = !run.is_log_scale;
    }
}

fn smoothing_ui(ui: &mut Ui, run: &mut RunState) {
    let is_on = run.curves.smoothing > 0.0;
    let button = ui.add(ActionButton::icon(Icon::Spline, "Smoothing").quiet().on(is_on));
    Popup::menu(&button)
        .width(260.0)
        .gap(4.0)
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
        .show(|ui| {
            ui.horizontal(|ui| {
                let label = ui.label("Smoothing");
                ui.spacing_mut().slider_width = 120.0;
                let slider = egui::Slider::new(&mut run.curves.smoothing, 0.0..=MAX_SMOOTHING);
                ui.add(slider.fixed_decimals(2).step_by(0.01)).labelled_by(label.id);
            });
            let text = parts::caption(ui, SMOOTHING);
            ui.add(egui::Label::new(text).wrap());
        });
}

fn second_button_ui(ui: &mut Ui, run: &mut RunState) {
    let is_open = run.curves.second.is_some();
    let second = ActionButton::icon(Icon::Rows2, "Second plot").quiet().on(is_open);
    let what = "Shows another measure below, with the same epochs and one cursor";
    if ui.add(second.tooltip(what)).clicked() {
        // The measure that is most worth seeing beside what is shown.
        let is_other = |key: &str| figure(run).key != key;
        let wanted = ["pseudo_log_likelihood", "reconstruction_error"];
        let key = wanted.into_iter().find(|key| is_other(key)).unwrap_or(FIGURES[0].key);
        let place = FIGURES.iter().position(|figure| figure.key == key);
        run.curves.second = if is_open { None } else { place };
    }
}

fn export_menu_ui(ui: &mut Ui, run: &RunState, has_songs: bool, commands: &mut Vec<Command>) {
    let button = ui.add(ActionButton::icon(Icon::Download, "Take the curve away").quiet());
    let has_curve = !run.history.epochs.is_empty() || !run.earlier.is_empty();
    let no_curve = (!has_curve).then_some("There is no curve yet");
    let no_songs = (!has_songs && run.facts.is_none()).then_some("Add songs first");
    Popup::menu(&button).width(210.0).gap(4.0).show(|ui| {
        for (name, what, reason, command) in [
            (
                "Export the curve as CSV",
                "All measures of the runs that are shown, a row an epoch",
                no_curve,
                Command::ExportCurveCsv,
            ),
            (
                "Export the curve as PNG",
                "A picture of the plots as they are seen",
                no_curve,
                Command::ExportCurvePng,
            ),
            (
                "Copy as command",
                "Copies the command line that repeats this run",
                no_songs,
                Command::CopyAsCommand,
            ),
        ] {
            let entry = ui.add_enabled(reason.is_none(), egui::Button::new(name));
            let entry = entry.on_disabled_hover_text(reason.unwrap_or_default());
            if entry.on_hover_text(what).clicked() {
                commands.push(command);
            }
        }
    });
}
