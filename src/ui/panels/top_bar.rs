//! The bar at the top: the project, the run and how far it is, the device, the theme, notices.

use egui::{Align, FontId, Layout, Popup, Rect, RichText, Sense, Ui, pos2, vec2};

use super::parts::{self, GAP, button_unless, fixed_figures};
use super::{jobs, menus, palette};
use crate::ui::command::Command;
use crate::ui::fonts;
use crate::ui::icons::{Icon, Sign};
use crate::ui::shortcuts::{self, Action};
use crate::ui::state::{NoticeKind, RunPhase, State, ThemeChoice};
use crate::ui::theme::{self, size};
use crate::ui::tour::{self, TourTarget};
use crate::ui::widgets::{ActionButton, Chip, ProgressBar};

/// The height of the bar.
pub const HEIGHT: f32 = 52.0;
/// Narrower than this, the time and the speed are left out and buttons say less.
const WIDE: f32 = 1240.0;
/// Of the word "read-only".
const READ_ONLY_WIDTH: f32 = 52.0;
/// Narrower than this, one button holds all menus.
const MENUS_WIDE: f32 = 1380.0;

/// What the first button of the run does now.
pub struct TrainButton {
    pub name: &'static str,
    pub command: Command,
    /// Why it can do nothing.
    pub reason: Option<&'static str>,
}

const NO_SONGS: &str = "Add songs first: there is nothing to learn from";

/// "Train", "Pause" or "Resume".
pub fn train_button(state: &State) -> TrainButton {
    let has_songs = state.data.totals.n_songs > 0;
    let (name, command, reason) = match &state.run.phase {
        RunPhase::Training => ("Pause", Command::Pause, None),
        RunPhase::Preparing => ("Train", Command::Train, Some("The songs are being prepared")),
        RunPhase::Paused => ("Resume", Command::Train, None),
        RunPhase::Idle | RunPhase::Ended { .. } | RunPhase::Failed { .. } => {
            ("Train", Command::Train, (!has_songs).then_some(NO_SONGS))
        }
    };
    TrainButton { name, command, reason }
}

/// The bar at the top.
pub fn top_bar_ui(ui: &mut Ui, state: &mut State, commands: &mut Vec<Command>) {
    let width = ui.available_width();
    let is_wide = width >= WIDE;
    ui.horizontal_centered(|ui| {
        let has_menu_room = width >= MENUS_WIDE;
        let project_width = if has_menu_room { 520.0 } else { (width * 0.2).clamp(216.0, 280.0) };
        // The name keeps its room.
        let project_width = project_width + read_only_width(state);
        let room = vec2(project_width, ui.available_height());
        ui.allocate_ui_with_layout(room, Layout::left_to_right(Align::Center), |ui| {
            ui.set_width(project_width);
            logo(ui);
            menus::menus_ui(ui, state, has_menu_room, commands);
            project_name(ui, state);
        });
        run_buttons(ui, state, is_wide, commands);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            notices_button(ui, state, commands);
            jobs::jobs_button_ui(ui, state, commands);
            theme_menu(ui, state, commands);
            palette::palette_button_ui(ui, commands);
            device_chip(ui, state, commands);
            ui.add_space(GAP);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| run_progress(ui, state));
        });
    });
}

/// The mark, half a disc as in the icon of the program, and the name.
fn logo(ui: &mut Ui) {
    let palette = theme::palette(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(10.0, 16.0), Sense::hover());
    let center = pos2(rect.left() + 1.0, rect.center().y);
    let right_half = |n: u8| {
        let angle = (f32::from(n) / 24.0 - 0.5) * std::f32::consts::PI;
        center + 8.0 * vec2(angle.cos(), angle.sin())
    };
    let half = (0..=24).map(right_half).collect();
    ui.painter().add(egui::Shape::convex_polygon(half, palette.played, egui::Stroke::NONE));
    let font = FontId::new(size::TITLE, fonts::strong());
    ui.label(RichText::new("Harmonium").font(font));
}

/// What the word takes of the bar, with its gap.
fn read_only_width(state: &State) -> f32 {
    if state.project.read_only.is_some() { READ_ONLY_WIDTH + GAP } else { 0.0 }
}

fn project_name(ui: &mut Ui, state: &State) {
    let project = &state.project;
    let palette = theme::palette(ui);
    let (dot, what) = match (project.is_busy, project.is_dirty) {
        (true, _) => (palette.quiet_text, "Being saved or opened…"),
        (false, true) => (palette.played, "There are changes that are not saved"),
        (false, false) => (palette.held_out, "Everything is saved"),
    };
    let name = egui::Label::new(RichText::new(project.name()).color(palette.quiet_text)).truncate();
    let dot_width = 8.0;
    let room = (ui.available_width() - dot_width - GAP - read_only_width(state)).max(20.0);
    let path = project.path.as_ref().map(|path| path.display().to_string());
    let path = path.unwrap_or_else(|| "This project has no file yet".to_owned());
    ui.scope(|ui| {
        ui.set_max_width(room);
        ui.add(name).on_hover_text(path);
    });
    if project.path.is_some() || project.is_dirty || project.is_busy {
        let (rect, response) = ui.allocate_exact_size(vec2(dot_width, 16.0), Sense::hover());
        ui.painter().circle_filled(rect.center(), dot_width / 2.0, dot);
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, what));
        response.on_hover_text(what);
    }
    if let Some(why) = &project.read_only {
        let word = RichText::new("read-only").size(size::CAPTION).color(palette.played_text);
        let word = ui.add(egui::Label::new(word).extend());
        word.on_hover_text(format!("{why}. Save asks for another name"));
    }
}

/// Why no run can be stopped now.
pub fn why_no_stop(state: &State) -> Option<&'static str> {
    let phase = &state.run.phase;
    (!phase.is_active() && *phase != RunPhase::Paused).then_some("No run is under way")
}

/// Why no single epoch or batch can be trained now.
pub fn why_no_step(state: &State) -> Option<&'static str> {
    match state.run.phase {
        RunPhase::Training | RunPhase::Preparing => Some("Pause first"),
        RunPhase::Ended { is_complete: true } => Some("This run is complete"),
        _ if state.data.totals.n_songs == 0 => Some(NO_SONGS),
        _ => None,
    }
}

/// Why no run can be forgotten now.
pub fn why_no_reset(state: &State) -> Option<&'static str> {
    (state.run.phase == RunPhase::Idle).then_some("There is no run to forget")
}

/// What the first button of the run will do: "Starts run 2 with these settings".
fn train_words(state: &State) -> String {
    let run = &state.run;
    let name = run.facts.as_ref().map_or("the run", |facts| facts.name.as_str());
    match run.phase {
        RunPhase::Training | RunPhase::Preparing => {
            format!("Pauses {name}; nothing is lost")
        }
        RunPhase::Paused => {
            format!("Resumes {name} at epoch {}", run.progress.finished_epochs + 1)
        }
        RunPhase::Idle | RunPhase::Ended { .. } | RunPhase::Failed { .. } => {
            format!("Starts {} with these settings", run.next_name())
        }
    }
}

fn run_buttons(ui: &mut Ui, state: &State, is_wide: bool, commands: &mut Vec<Command>) {
    let train = train_button(state);
    let sign = if train.name == "Pause" { Sign::Pause } else { Sign::Play };
    let keys = shortcuts::keys(ui.ctx(), Action::TrainOrPause);
    let button = ActionButton::new(train.name).with_sign(sign).primary().min_width(96.0);
    let left = ui.cursor().min;
    let what = train_words(state);
    if button_unless(ui, train.reason, button.tooltip(&what).shortcut(&keys)) {
        commands.push(train.command);
    }
    let middle = ui.max_rect().center().y;
    let train_rect =
        Rect::from_x_y_ranges(left.x..=ui.cursor().left() - GAP, middle - 15.0..=middle + 15.0);
    tour::mark(ui.ctx(), TourTarget::Train, train_rect);
    let stop = ActionButton::sign(Sign::Stop, "Stop")
        .tooltip("Ends the run; the model stays and can be heard");
    if button_unless(ui, why_no_stop(state), stop) {
        commands.push(Command::StopTraining);
    }
    let what = "Trains one epoch; with Shift or Alt a single batch";
    let step = if is_wide {
        ActionButton::new("Step")
    } else {
        ActionButton::icon(Icon::StepForward, "Step")
    };
    if button_unless(ui, why_no_step(state), step.tooltip(what)) {
        let is_batch = ui.input(|input| input.modifiers.shift || input.modifiers.alt);
        commands.push(if is_batch { Command::StepBatch } else { Command::StepEpoch });
    }
    let what = "Forgets what was learned; the seed stays, the curve is kept as an earlier run";
    let reset = if is_wide {
        ActionButton::new("Reset")
    } else {
        ActionButton::icon(Icon::RotateCcw, "Reset")
    };
    if button_unless(ui, why_no_reset(state), reset.tooltip(what)) {
        commands.push(Command::ResetRun);
    }
}

/// The epoch, a bar, the time left and the speed, each in a slot of its own width.
fn run_progress(ui: &mut Ui, state: &State) {
    let palette = theme::palette(ui);
    let run = &state.run;
    if run.phase == RunPhase::Idle {
        ui.label(parts::caption(ui, "No run yet"));
        return;
    }
    if run.phase == RunPhase::Preparing {
        ui.spinner();
        ui.label(parts::caption(ui, "Preparing the songs…"));
        return;
    }
    let epochs = run.progress.epochs.max(1);
    let text = format!("{} / {epochs}", run.progress.finished_epochs);
    ui.label("Epoch");
    fixed_figures(ui, &text, &format!("{epochs} / {epochs}"), palette.text);
    let is_training = run.phase == RunPhase::Training;
    let left = match &run.phase {
        RunPhase::Training => run
            .progress
            .seconds_left()
            .map_or_else(String::new, |seconds| format!("{} left", parts::time_left(seconds))),
        RunPhase::Paused => "paused".to_owned(),
        RunPhase::Ended { is_complete: true } => "complete".to_owned(),
        RunPhase::Ended { is_complete: false } => "stopped".to_owned(),
        _ => "failed".to_owned(),
    };
    let speed = if is_training {
        format!("{} ex/s", parts::short(run.progress.examples_per_second))
    } else {
        String::new()
    };
    let words_width = 74.0;
    let speed_width = 84.0;
    let room = ui.available_width() - 2.0 * GAP;
    let shows_speed = room >= 60.0 + words_width + speed_width + GAP;
    let shows_left = room >= 60.0 + words_width;
    let words = if shows_left { words_width } else { 0.0 };
    let words = if shows_speed { words + speed_width + GAP } else { words };
    ui.add(
        ProgressBar::new("Training", run.progress.share as f32)
            .width((room - words).clamp(24.0, 180.0)),
    );
    if shows_left {
        fixed_figures(ui, &left, "00:00 left", palette.quiet_text);
    }
    if shows_speed {
        fixed_figures(ui, &speed, "000\u{a0}k ex/s", palette.quiet_text)
            .on_hover_text("Examples a second");
    }
}

fn device_chip(ui: &mut Ui, state: &State, commands: &mut Vec<Command>) {
    let device = &state.device;
    let threads = parts::count(device.threads, "thread");
    let (text, what) = match device.is_cuda {
        None => {
            ("Looking…".to_owned(), "The devices of this machine are being looked for".to_owned())
        }
        Some(true) => {
            ("CUDA".to_owned(), format!("Trains on the graphics card; {threads} beside it"))
        }
        Some(false) => {
            let why = device.why_no_cuda.as_deref().unwrap_or("no graphics card was found");
            (format!("CPU · {threads}"), format!("Trains on the processor.\nNo CUDA: {why}"))
        }
    };
    if ui.add(Chip::new(&text)).on_hover_text(what).clicked() {
        commands.push(Command::ShowGpu(!state.gpu.is_shown));
    }
}

fn theme_menu(ui: &mut Ui, state: &State, commands: &mut Vec<Command>) {
    let icon = match state.theme {
        ThemeChoice::System => Icon::SunMoon,
        ThemeChoice::Dark => Icon::Moon,
        ThemeChoice::Light => Icon::Sun,
        ThemeChoice::HighContrast => Icon::Contrast,
    };
    let button = ui.add(ActionButton::icon(icon, "Theme").quiet());
    Popup::menu(&button).width(150.0).gap(4.0).show(|ui| {
        for (choice, name) in [
            (ThemeChoice::System, "As the system"),
            (ThemeChoice::Dark, "Dark"),
            (ThemeChoice::Light, "Light"),
            (ThemeChoice::HighContrast, "High contrast"),
        ] {
            if ui.selectable_label(state.theme == choice, name).clicked() {
                commands.push(Command::SetTheme(choice));
            }
        }
    });
}

fn notices_button(ui: &mut Ui, state: &State, commands: &mut Vec<Command>) {
    let n_errors = state.notices.iter().filter(|notice| notice.kind == NoticeKind::Error).count();
    let what = match n_errors {
        0 => parts::count(state.notices.len(), "notice"),
        n => {
            format!("{}, {}", parts::count(state.notices.len(), "notice"), parts::count(n, "error"))
        }
    };
    let button = ActionButton::icon(Icon::Bell, "Notices").quiet().tooltip(&what);
    let response = ui.add(button.on(state.is_notice_list_shown));
    if n_errors > 0 {
        let place = response.rect.right_top() + vec2(-7.0, 7.0);
        ui.painter().circle_filled(place, 3.5, theme::palette(ui).danger);
    }
    if response.clicked() {
        commands.push(Command::ShowNotices(!state.is_notice_list_shown));
    }
}
