//! The window on the graphics card: what is there, what is missing, and the GPU pack.

use egui::{Align, Context, Label, Layout, RichText, Ui, vec2};

use super::jobs;
use super::parts::{self, GAP, button_unless};
use crate::gpu_pack::{Driver, OLDEST_DRIVER, PackState, Status};
use crate::ui::command::Command;
use crate::ui::gpu_state::{GpuState, GpuWork};
use crate::ui::icons::Icon;
use crate::ui::state::State;
use crate::ui::theme::{self, UNIT};
use crate::ui::tool_window;
use crate::ui::widgets::{ActionButton, ProgressBar};

/// Also what the menu calls it.
pub const TITLE: &str = "Graphics card";
const WIDTH: f32 = 460.0;
const TOPIC_WIDTH: f32 = 84.0;
/// As high as progress and buttons become, so that nothing moves when one makes room for the other.
const WORK_HEIGHT: f32 = 13.0 * UNIT;

/// The window, while it is open.
pub fn gpu_ui(ctx: &Context, state: &State, commands: &mut Vec<Command>) {
    if !state.gpu.is_shown {
        return;
    }
    let mut is_open = true;
    let window = egui::Window::new(TITLE)
        .open(&mut is_open)
        .collapsible(false)
        .resizable(false)
        .default_size(vec2(WIDTH, 0.0));
    let window = tool_window::centred(ctx, TITLE, window);
    tool_window::show(ctx, TITLE, window, |ui| {
        ui.set_width(WIDTH);
        match &state.gpu.status {
            None => drop(ui.label(parts::caption(ui, "Looking for graphics cards…"))),
            Some(status) => status_ui(ui, state, status, commands),
        }
    });
    if !is_open {
        commands.push(Command::ShowGpu(false));
    }
}

fn status_ui(ui: &mut Ui, state: &State, status: &Status, commands: &mut Vec<Command>) {
    ui.spacing_mut().item_spacing.y = UNIT;
    ui.add(Label::new(RichText::new(verdict(state)).strong()).wrap());
    ui.add_space(UNIT);
    fact_ui(ui, "Card", &card_words(&status.driver));
    fact_ui(ui, "Driver", &driver_words(&status.driver));
    fact_ui(ui, "GPU pack", &pack_words(status));
    fact_ui(ui, "Folder", &status.folder.display().to_string());
    ui.add_space(GAP);
    ui.allocate_ui_with_layout(vec2(WIDTH, WORK_HEIGHT), Layout::top_down(Align::Min), |ui| {
        ui.set_min_height(WORK_HEIGHT);
        match &state.gpu.work {
            Some(work) => work_ui(ui, state, work, commands),
            None => buttons_ui(ui, &state.gpu, status, commands),
        }
    });
    ui.add(Label::new(parts::caption(ui, ABOUT_PACK)).wrap());
}

const ABOUT_PACK: &str = "The GPU pack is what PyTorch and NVIDIA publish, taken from the very \
     wheels that this version was built with and checked against their hashes. Python's pip \
     downloads it when you press Install: nothing else in Harmonium uses a network. A run that is \
     under way stays where it is; the next one uses the card.";

/// In one sentence, where models are trained and why.
pub fn verdict(state: &State) -> String {
    let device = &state.device;
    // Here the way to the pack need not be told.
    let is_pack_missing = state.gpu.status.as_ref().is_some_and(|status| {
        status.wants_pack()
            && status.pack == PackState::Missing
            && status.driver.why_not().is_none()
    });
    if is_pack_missing && device.is_cuda == Some(false) {
        return "Harmonium trains on the processor: the GPU pack is not installed.".to_owned();
    }
    match (device.is_cuda, &device.why_no_cuda) {
        (None, _) => "The devices of this machine are being looked for.".to_owned(),
        (Some(true), _) => "Harmonium trains on the graphics card.".to_owned(),
        (Some(false), Some(why)) => {
            let end = if why.ends_with('.') { "" } else { "." };
            format!("Harmonium trains on the processor: {why}{end}")
        }
        (Some(false), None) => "Harmonium trains on the processor.".to_owned(),
    }
}

fn card_words(driver: &Driver) -> String {
    match driver {
        Driver::NotHere => "Not looked for on this system".to_owned(),
        Driver::NoCard => "No NVIDIA card".to_owned(),
        Driver::NoDriver => "An NVIDIA card".to_owned(),
        Driver::TooOld { card, .. } | Driver::Ready { card, .. } => {
            card.clone().unwrap_or_else(|| "An NVIDIA card".to_owned())
        }
    }
}

fn driver_words(driver: &Driver) -> String {
    match driver {
        Driver::NotHere | Driver::NoCard => "Not needed".to_owned(),
        Driver::NoDriver => format!("None; version {OLDEST_DRIVER} or newer is needed"),
        Driver::TooOld { version, .. } => {
            format!("Version {version}; {OLDEST_DRIVER} or newer is needed")
        }
        Driver::Ready { version: Some(version), .. } => format!("Version {version}"),
        Driver::Ready { version: None, .. } => "There; its version is not told".to_owned(),
    }
}

fn pack_words(status: &Status) -> String {
    let words = match &status.pack {
        _ if status.is_built_in => "Not needed: this build has the libraries itself".to_owned(),
        PackState::Missing => format!(
            "Not installed: {} to download, {} on disk",
            gigabytes(status.download_bytes),
            gigabytes(status.unpacked_bytes)
        ),
        PackState::Damaged { reason } => format!("Damaged: {reason}"),
        PackState::Installed { bytes } => format!("Installed, {}", gigabytes(*bytes)),
    };
    match status.left_over_bytes {
        0 => words,
        left => format!("{words}; {} are here already from an earlier attempt", gigabytes(left)),
    }
}

/// "2.1 GB", "40 MB".
fn gigabytes(bytes: u64) -> String {
    if bytes >= 1_000_000_000 {
        format!("{:.1}\u{a0}GB", bytes as f64 / 1e9)
    } else {
        format!("{}\u{a0}MB", bytes.div_ceil(1_000_000))
    }
}

fn fact_ui(ui: &mut Ui, topic: &str, words: &str) {
    ui.horizontal_top(|ui| {
        let room = vec2(TOPIC_WIDTH, 0.0);
        ui.allocate_ui_with_layout(room, Layout::left_to_right(Align::Min), |ui| {
            ui.set_min_width(TOPIC_WIDTH);
            ui.label(parts::caption(ui, topic));
        });
        ui.add(Label::new(words).wrap());
    });
}

fn work_ui(ui: &mut Ui, state: &State, work: &GpuWork, commands: &mut Vec<Command>) {
    match work {
        GpuWork::Removing => {
            ui.horizontal(|ui| {
                ui.spinner();
                ui.label("Removing…");
            });
        }
        GpuWork::Installing { what, share, is_cancelling } => {
            ui.horizontal(|ui| {
                ui.vertical(|ui| {
                    ui.set_width(ui.available_width() - 96.0);
                    ui.add(Label::new(what).truncate());
                    ui.add(ProgressBar::new("Installing the GPU pack", *share as f32));
                    let percent = format!("{:.0} %", (share * 100.0).floor());
                    let left = jobs::seconds_left_of(ui, state, jobs::GPU_PACK);
                    let left = left.map(|left| format!(" · {} left", parts::time_left(left)));
                    ui.label(parts::caption(ui, percent + &left.unwrap_or_default()));
                });
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    let reason = is_cancelling.then_some("It is being cancelled");
                    let cancel = ActionButton::new("Cancel").min_width(84.0);
                    let cancel = cancel.tooltip("Ends it; nothing of it stays");
                    if button_unless(ui, reason, cancel) {
                        commands.push(Command::CancelGpuPack);
                    }
                });
            });
        }
    }
}

/// Why the pack is of no use here.
pub fn why_no_install(status: &Status) -> Option<String> {
    if status.is_built_in {
        Some("This build has the libraries itself".to_owned())
    } else if matches!(status.pack, PackState::Installed { .. }) {
        Some("It is installed".to_owned())
    } else if status.driver.may_compute() {
        None
    } else {
        let why = status.driver.why_not().unwrap_or_default();
        Some(format!("It would be of no use: {why}"))
    }
}

fn buttons_ui(ui: &mut Ui, gpu: &GpuState, status: &Status, commands: &mut Vec<Command>) {
    let reason = why_no_install(status);
    let reason = reason.as_deref();
    ui.horizontal(|ui| {
        let verb = match status.pack {
            PackState::Damaged { .. } => "Install again",
            _ => "Install",
        };
        let install = ActionButton::new(verb).with_icon(Icon::Download).primary().min_width(104.0);
        let what = format!(
            "Downloads {} with Python's pip, checks and unpacks them",
            gigabytes(status.download_bytes)
        );
        if button_unless(ui, reason, install.tooltip(&what)) {
            commands.push(Command::InstallGpuPack(None));
        }
        let from = ActionButton::new("From a folder…").with_icon(Icon::FolderOpen);
        let from = from.tooltip("Takes wheels that were fetched elsewhere; downloads nothing");
        if button_unless(ui, reason, from) {
            commands.push(Command::ChooseWheels);
        }
        let is_there = status.pack != PackState::Missing || status.left_over_bytes > 0;
        let reason = (!is_there).then_some("It is not installed");
        let remove = ActionButton::new("Remove").with_icon(Icon::Trash2);
        let remove =
            remove.tooltip("Deletes the pack's folder; Harmonium trains on the processor then");
        if button_unless(ui, reason, remove) {
            commands.push(Command::RemoveGpuPack);
        }
    });
    if let Some(trouble) = &gpu.trouble {
        let color = theme::palette(ui).danger_text;
        ui.add(Label::new(RichText::new(trouble).small().color(color)).wrap());
    }
}
