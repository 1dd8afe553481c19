//! Opening the window, and what the window itself is asked.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use egui::{Context, Pos2, ViewportCommand};

use crate::engine::{EngineCommand, Fault, Wake};
use crate::platform::instance::{Listener, MeetingPlace, Role, WakeInstance, meet};
use crate::platform::{Places, keep_crash_reports, operating_system, start_log};
use crate::ui::panels::jobs::{Job, jobs};
use crate::ui::state::RunPhase;

use super::App;
use super::frame_log::{FrameLog, frame_log};
use super::preferences::Preferences;
use super::startup::Start;
use super::window_place;

/// How a person started the window.
#[derive(Clone, Debug, Default)]
pub struct WindowStart {
    /// MIDI files and folders to add, or a project to open.
    pub files: Vec<PathBuf>,
    pub resets_settings: bool,
    /// Even where another window is open already.
    pub is_new_window: bool,
    /// A table of all frames is written there when the window closes.
    pub frame_log: Option<PathBuf>,
    /// For tests: something that goes wrong in the engine on purpose.
    pub fault: Option<Fault>,
}

const PLAYING_FRAME: Duration = Duration::from_millis(16);
const NOTICE_FRAME: Duration = Duration::from_millis(250);

/// Opens the window and stays until it is closed.
///
/// # Errors
/// In words, when no window can be opened.
pub fn run(start: WindowStart) -> Result<(), String> {
    let mut places = Places::find();
    keep_crash_reports(&places.state_dir);
    let context: Arc<OnceLock<Context>> = Arc::default();
    // The log is that of the window that is open.
    let listener = match meet_others(&places, &start, &context) {
        Role::First(listener) => listener,
        Role::HandedOver => return Ok(()),
    };
    let log_file = start_log(&places.state_dir).map_err(|reason| places.remarks.push(reason));
    log::info!("Harmonium {} starts on {}", env!("CARGO_PKG_VERSION"), operating_system());
    let result = open_window(places, start, (context, listener));
    log::info!("Harmonium ends");
    drop(log_file);
    result
}

fn open_window(
    places: Places,
    start: WindowStart,
    (context, listener): (Arc<OnceLock<Context>>, Option<Listener>),
) -> Result<(), String> {
    if start.resets_settings {
        Preferences::reset(&places.config_dir).map_err(|error| error.to_string())?;
    }
    let found = Start::begin(&places);
    let layout = found.layout(&places);
    let mut viewport = egui::ViewportBuilder::default()
        .with_app_id("harmonium")
        .with_title("Harmonium")
        .with_icon(window_icon())
        .with_inner_size([layout.window_width, layout.window_height])
        .with_maximized(layout.is_maximized)
        .with_min_inner_size([900.0, 600.0]);
    viewport.position = layout.window_corner.map(Pos2::from);
    let options = eframe::NativeOptions { viewport, ..eframe::NativeOptions::default() };
    let create = move |creation: &eframe::CreationContext<'_>| {
        let ctx = creation.egui_ctx.clone();
        window_place::bring_onto_a_screen(creation, &layout);
        crate::ui::theme::install(&ctx);
        super::manual_pictures::install(&ctx);
        drop(context.set(ctx.clone()));
        let wake: Wake = Arc::new(move || ctx.request_repaint());
        let mut app = App::start(places, found, wake)?;
        app.apply_theme(&creation.egui_ctx);
        app.listen(listener);
        app.open_given(start.files);
        if let Some(fault) = start.fault {
            app.engine.send(EngineCommand::Plant(fault));
        }
        let frame_log = frame_log(start.frame_log.as_deref());
        let window = Window { app, frames: 0, title: String::new(), frame_log };
        Ok(Box::new(window) as Box<dyn eframe::App>)
    };
    eframe::run_native("Harmonium", options, Box::new(create)).map_err(|error| {
        format!(
            "no window can be opened: {error}\n\
             Harmonium needs a display with OpenGL; without one, use the command line \
             (harmonium --help)"
        )
    })
}

/// What window lists and task bars show. Wayland's take it from the desktop entry that has the name of
/// our application, which is why the two are one word.
fn window_icon() -> egui::IconData {
    let png = include_bytes!("../../packaging/icons/harmonium-128.png");
    eframe::icon_data::from_png_bytes(png).unwrap_or_else(|error| {
        log::warn!("the window's icon cannot be read: {error}");
        egui::IconData::default()
    })
}

/// Whether another window is open already, and takes the files. A start that asks for anything
/// but files wants a window of its own.
fn meet_others(places: &Places, start: &WindowStart, context: &Arc<OnceLock<Context>>) -> Role {
    let opens_anyway = start.is_new_window || start.resets_settings || start.frame_log.is_some();
    let context = Arc::clone(context);
    let wake = move || -> WakeInstance {
        Arc::new(move || {
            // Before there is a window, its first frame will see to it.
            if let Some(ctx) = context.get() {
                ctx.request_repaint();
            }
        })
    };
    meet(&MeetingPlace::find(&places.state_dir), &start.files, opens_anyway, wake)
}

struct Window {
    app: App,
    frames: u64,
    title: String,
    frame_log: Option<FrameLog>,
}

impl eframe::App for Window {
    fn logic(&mut self, ctx: &Context, _frame: &mut eframe::Frame) {
        self.app.hear();
        self.app.raise_if_wanted(ctx);
        if ctx.input(|input| input.viewport().close_requested()) && !self.app.may_close_now() {
            ctx.send_viewport_cmd(ViewportCommand::CancelClose);
        }
    }

    fn ui(&mut self, ui: &mut egui::Ui, frame: &mut eframe::Frame) {
        let start = Instant::now();
        self.app.frame(ui);
        if let Some(log) = &mut self.frame_log {
            let is_training = self.app.state.run.phase == RunPhase::Training;
            log.note(start.elapsed(), frame.info().cpu_usage, is_training);
        }
        self.app.shoot_curve_picture(ui.ctx());
        self.set_title(ui.ctx());
        self.app.note_window_place(ui.ctx());
        self.app.note_frame();
        self.frames += 1;
        if self.frames == 2 {
            self.app.probe_device();
        }
        self.app.schedule_next_frame(ui.ctx());
    }
}

impl Window {
    fn set_title(&mut self, ctx: &Context) {
        let title = self.app.window_title();
        if title != self.title {
            ctx.send_viewport_cmd(ViewportCommand::Title(title.clone()));
            self.title = title;
        }
        // A screen reader asks the tree, not the window manager.
        ctx.accesskit_node_builder(egui::accesskit_root_id(), |root| root.set_label(&*self.title));
    }
}

impl App {
    /// The title shows the project, and how far the work is that takes longest.
    pub(super) fn window_title(&self) -> String {
        let name = self.state.project.name();
        let mark = if self.state.project.is_dirty { "*" } else { "" };
        let read_only = if self.state.project.read_only.is_some() { " (read-only)" } else { "" };
        let project = format!("{name}{mark}{read_only} — Harmonium");
        let progress = &self.state.run.progress;
        match (&self.state.run.phase, jobs(&self.state).first()) {
            (RunPhase::Training, _) => {
                let percent = (progress.share * 100.0).floor();
                let (done, all) = (progress.finished_epochs, progress.epochs);
                format!("{percent:.0} % · Epoch {done}/{all} — {project}")
            }
            (_, Some(Job { name, share: Some(share), .. })) => {
                format!("{:.0} % · {name} — {project}", (share * 100.0).floor())
            }
            _ => project,
        }
    }

    pub(super) fn set_zoom(&mut self, percent: u32, ctx: &Context) {
        let layout = &mut self.state.window.layout;
        layout.zoom_percent = percent;
        *layout = layout.mended();
        ctx.set_zoom_factor(layout.zoom_percent as f32 / 100.0);
    }

    /// Frames are drawn on demand; what moves by itself asks for the next one here.
    pub(super) fn schedule_next_frame(&mut self, ctx: &Context) {
        self.age_notices();
        if self.state.transport.is_playing {
            ctx.request_repaint_after(PLAYING_FRAME);
        }
        if self.has_fresh_notice() || self.is_reencoding_wanted() || self.are_preferences_wanted() {
            ctx.request_repaint_after(NOTICE_FRAME);
        }
        for wait in [self.well_in(), self.autosave_due_in()].into_iter().flatten() {
            ctx.request_repaint_after(wait.max(NOTICE_FRAME));
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_window_has_our_icon() {
        let icon = super::window_icon();
        assert_eq!((icon.width, icon.height), (128, 128));
        assert!(icon.rgba.chunks_exact(4).any(|pixel| pixel[..3] == [0x4c, 0xc4, 0xb4]));
    }
}
