//! The window's program: state, what commands do, dialogs, and the glue to eframe.
//!
//! | file | what it is for |
//! |---|---|
//! | `window` | opening the window, and what the window itself is asked |
//! | `window_place` | where the window stands on the screen, and how large it is |
//! | `commands` | one arm for each [`Command`] |
//! | `events` | one arm for each event of the engine |
//! | `copied_command` | the command line that repeats a run |
//! | `audition` | hearing the model while it learns |
//! | `run_table`, `kept_models`, `sweeps`, `own_presets` | earlier runs and their models, sweeps, presets |
//! | `songs`, `song_ticks`, `runs`, `pieces`, `notes`, `playback`, `exports`, `files` | what the arms do |
//! | `learned` | the pictures of the model, and what of it is heard |
//! | `diagnostics` | what the diagnostics window shows, errors of the program's own |
//! | `way_on` | going on with a run when the machine failed it |
//! | `startup` | what stands before the first frame: the session, a safe start |
//! | `instance`, `holding` | other starts of the program, and who may write the project |
//! | `autosave`, `recovery` | what is kept for the case of a crash, and how it comes back |
//! | `recent` | projects that were open before |
//! | `dialogs` | the system's file dialogs, in threads of their own |
//! | `sound` | voices, swing, humanise, metronome, the chosen SoundFont |
//! | `undo` | taking steps back, and doing them again |
//! | `preferences` | what the window remembers |
//! | `manual_pictures` | the pictures of the manual, for the viewer of Markdown |
//! | `gpu` | looking for a graphics card, installing and removing its pack |
//! | `frame_log` | how long frames take, for benches |

mod audition;
#[cfg(test)]
mod audition_tests;
mod autosave;
#[cfg(test)]
mod autosave_note_tests;
mod commands;
mod compose;
#[cfg(test)]
mod compose_tests;
mod copied_command;
mod curve_files;
mod diagnostics;
mod dialogs;
mod estimates;
mod events;
mod exports;
#[cfg(test)]
mod disk_tests;
#[cfg(test)]
mod exports_tests;
mod files;
mod frame_log;
mod gpu;
#[cfg(test)]
mod gpu_tests;
mod holding;
mod instance;
mod kept_models;
mod kept_views;
mod learned;
mod manual_pictures;
#[cfg(test)]
mod life_tests;
#[cfg(test)]
mod monkey_hands;
#[cfg(test)]
mod monkey_tests;
mod notices;
mod notes;
#[cfg(test)]
mod notes_tests;
mod own_presets;
mod pieces;
mod playback;
mod preferences;
mod recent;
mod recovery;
mod run_table;
#[cfg(test)]
mod run_tests;
mod runs;
mod song_ticks;
mod songs;
mod sound;
#[cfg(test)]
mod settings_mutation_tests;
#[cfg(test)]
mod sound_tests;
mod startup;
mod sweeps;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod trouble_tests;
mod undo;
mod way_on;
mod window;
mod window_place;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use crate::audio::Player;
use crate::dataset::Song;
use crate::engine::{EngineHandle, EngineOptions, Wake, Wanted};
use crate::platform::instance::Listener;
use crate::platform::{Places, Session, core_count, free_memory_bytes};
use crate::project::{ProjectLock, UnknownFields};
use crate::rbm::DeviceChoice;
use crate::train::{SweepAxis, TrainSettings};
use crate::ui::command::Command;
use crate::ui::state::State;

use self::audition::Audition;
use self::autosave::Autosave;
use self::compose::Composing;
use self::copied_command::RunSongs;
use self::dialogs::Dialogs;
use self::exports::Export;
use self::files::{Departure, Loaded};
use self::gpu::Gpu;
use self::kept_models::KeptModels;
use self::preferences::Preferences;
use self::recovery::Recovery;
use self::songs::Reencoding;
use self::sound::FontCheck;
use self::startup::Start;
use self::undo::{RunAside, Stack};

pub use self::window::{WindowStart, run};

/// Everything behind the window.
pub struct App {
    state: State,
    /// Pushed while drawing, carried out after it.
    commands: Vec<Command>,
    engine: EngineHandle,
    /// Made when something is to be heard for the first time.
    player: Option<Player>,
    export: Option<Export>,
    gpu: Gpu,
    dialogs: Dialogs,
    /// The SoundFont that is being tried.
    font_check: Option<FontCheck>,
    preferences: Preferences,
    places: Places,
    wake: Wake,
    started: Instant,
    reencoding: Reencoding,
    /// Of an opened project, kept with it.
    held_out_songs: Vec<Song>,
    /// For the runs of this session.
    device: DeviceChoice,
    /// The songs that the run learns from; they may be left out or read again meanwhile.
    run_songs: RunSongs,
    unknown_fields: UnknownFields,
    next_piece: u64,
    /// The number of the newest run.
    next_run: u64,
    kept_models: KeptModels,
    /// Pieces are made as soon as a model is there, and the first is played.
    wants_to_hear: bool,
    /// The sweep whose script has no path yet.
    sweep_to_write: Vec<SweepAxis>,
    next_notice: u64,
    /// Errors of this start that a person has been told of; `None` until the first look.
    crashes_told: Option<usize>,
    /// The file that is being written.
    saving: Option<PathBuf>,
    /// What shall happen once the save under way is whole.
    after_save: Option<Departure>,
    /// The project that is being read.
    opening: Option<PathBuf>,
    loaded: Option<Loaded>,
    /// What the question about unsaved work is about.
    departure: Departure,
    /// A project was opened and its model is on its way: nothing has changed in it.
    is_adopting: bool,
    /// The name and settings of the model on its way; kept when its run cannot go on.
    adopted_run: Option<(String, TrainSettings)>,
    /// Of projects that are no longer open: what comes of them is thrown away.
    n_generations_given_up: usize,
    composing: Option<Composing>,
    preferences_wanted_since: Option<Instant>,
    may_close: bool,
    wants_curve_picture: Option<PathBuf>,
    /// The pictures of the model that the engine was last asked for.
    wanted: Wanted,
    audition: Audition,
    undo_stack: Stack,
    /// The run that was forgotten last, until another begins.
    run_aside: Option<RunAside>,
    is_putting_aside: bool,
    /// The window is about to close, as it was asked to.
    is_closing: bool,
    /// Nobody else writes the project that is open.
    project_lock: Option<ProjectLock>,
    autosave: Autosave,
    recovery: Recovery,
    /// Hears of other starts.
    listener: Option<Listener>,
    /// Files from there that wait for their turn.
    handed: Vec<PathBuf>,
    wants_attention: bool,
    /// What this process keeps in the state folder. Dropped after the engine, which may be writing
    /// there.
    session: Option<Session>,
}

impl App {
    /// The program without a window; `wake` asks for a new frame.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn new(places: Places, wake: Wake) -> std::io::Result<Self> {
        let start = Start::begin(&places);
        Self::start(places, start, wake)
    }

    fn start(places: Places, start: Start, wake: Wake) -> std::io::Result<Self> {
        let preferences = start.preferences(&places);
        // The window keeps a core to itself; batches of the usual sizes give work to no more than eight.
        let threads = core_count().saturating_sub(1).clamp(1, 8);
        let options =
            EngineOptions { threads, free_memory: free_memory_bytes, ..EngineOptions::default() };
        let engine = EngineHandle::start(options, Arc::clone(&wake))?;
        let mut app = Self {
            state: State::default(),
            commands: Vec::new(),
            engine,
            player: None,
            export: None,
            gpu: Gpu::new(),
            dialogs: Dialogs::new(Arc::clone(&wake)),
            font_check: None,
            preferences,
            places,
            wake,
            started: Instant::now(),
            reencoding: Reencoding::default(),
            held_out_songs: Vec::new(),
            device: DeviceChoice::Auto,
            run_songs: RunSongs::default(),
            unknown_fields: UnknownFields::default(),
            next_piece: 1,
            next_run: 0,
            kept_models: KeptModels::default(),
            wants_to_hear: false,
            sweep_to_write: Vec::new(),
            next_notice: 1,
            crashes_told: None,
            saving: None,
            after_save: None,
            opening: None,
            loaded: None,
            departure: Departure::Close,
            is_adopting: false,
            adopted_run: None,
            n_generations_given_up: 0,
            composing: None,
            preferences_wanted_since: None,
            may_close: false,
            wants_curve_picture: None,
            wanted: Wanted::default(),
            audition: Audition::default(),
            undo_stack: Stack::default(),
            run_aside: None,
            is_putting_aside: false,
            is_closing: false,
            project_lock: None,
            autosave: Autosave::default(),
            recovery: Recovery::default(),
            listener: None,
            handed: Vec::new(),
            wants_attention: false,
            session: None,
        };
        app.state.device.threads = threads;
        app.adopt_preferences();
        app.read_presets();
        app.note_preset();
        app.take_start(start);
        Ok(app)
    }

    /// What is seen, for tests.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Adds a command as a panel would.
    pub fn push(&mut self, command: Command) {
        self.commands.push(command);
    }

    /// Hears what the other threads have to say; runs also while the window is hidden.
    pub fn hear(&mut self) {
        self.hear_engine();
        self.hear_dialogs();
        self.hear_export();
        self.hear_soundfont();
        self.hear_gpu();
        self.hear_instance();
        self.follow_player();
        self.follow_hearing();
        self.follow_audition();
        self.reencode_when_rested();
        self.note_layout();
        self.store_preferences_when_rested();
        self.autosave_when_due();
        self.draw_miniatures();
        self.watch_model();
        self.tell_of_crashes();
    }

    /// One frame: draws, then carries out what was asked for.
    pub fn frame(&mut self, ui: &mut egui::Ui) {
        // Nothing lies over the curve while its picture is taken.
        let is_picture = self.wants_curve_picture.is_some();
        let is_open = self.state.run.view.is_open;
        self.state.run.view.is_open &= !is_picture;
        let draft = self.state.run.sweep_draft.take_if(|_| is_picture);
        crate::ui::layout::window_ui(ui, &mut self.state, &mut self.commands);
        self.state.run.view.is_open = is_open;
        if is_picture {
            self.state.run.sweep_draft = draft;
        }
        crate::ui::path_prompt::path_prompt_ui(ui, &mut self.state.path_prompt, &mut self.commands);
        self.take_dropped_files(ui.ctx());
        for command in std::mem::take(&mut self.commands) {
            self.carry_out(command, ui.ctx());
        }
        if self.may_close {
            ui.ctx().send_viewport_cmd(egui::ViewportCommand::Close);
        }
    }

    fn seconds(&self) -> f64 {
        self.started.elapsed().as_secs_f64()
    }

    fn touch(&mut self) {
        self.state.project.is_dirty = true;
        self.autosave.note_change();
    }
}
