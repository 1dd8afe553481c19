//! Projects on disk, and where a path that was asked for goes.

use std::path::{Path, PathBuf};

use egui::Context;

use crate::engine::{AdoptRequest, EngineCommand};
use crate::project::{EXTENSION, Hold, Model, Project, ProjectLock, ProjectSound, UnknownFields};
use crate::train::FIGURES;
use crate::ui::state::{
    CloseQuestion, LeaveFor, MusicState, PathPrompt, PathPurpose, ProjectState, RunPhase, RunState,
    RunsView,
};

use super::App;
use super::sweeps::script_name;

impl App {
    /// Leaves what is open: at once when nothing would be lost, else after a question.
    pub(super) fn depart(&mut self, to: Departure) {
        match to {
            Departure::Open(path) if self.saving.is_some() => {
                self.after_save = Some(Departure::Open(path));
            }
            // A file that is no project is not worth a question: it is read first.
            Departure::Open(path) => self.open(path),
            to if self.may_leave(&to) => self.leave(to),
            _ => {}
        }
    }

    fn leave(&mut self, to: Departure) {
        match to {
            Departure::Close => self.may_close = true,
            Departure::New => self.new_project(),
            Departure::Open(path) => self.open(path),
            Departure::Take => {
                if let Some(loaded) = self.loaded.take() {
                    self.take_project(loaded);
                }
            }
        }
    }

    /// Whether nothing would be lost; else the question stands, or a save is waited for.
    fn may_leave(&mut self, to: &Departure) -> bool {
        if self.saving.is_some() {
            self.after_save = Some(to.clone());
            return false;
        }
        let is_training = self.state.run.phase.is_active() || self.state.run.is_sweeping();
        let is_unsaved = self.state.project.is_dirty && self.has_work();
        if !(is_training || is_unsaved) {
            return true;
        }
        let to_what = match to {
            Departure::Close => LeaveFor::Nothing,
            Departure::New => LeaveFor::NewProject,
            Departure::Open(_) | Departure::Take => LeaveFor::Project,
        };
        self.state.close_question = Some(CloseQuestion { is_training, is_unsaved, to: to_what });
        self.departure = to.clone();
        false
    }

    /// Whether there is anything that could be lost.
    pub(super) fn has_work(&self) -> bool {
        !self.state.data.songs.is_empty()
            || !self.state.music.pieces.is_empty()
            || self.state.run.facts.is_some()
    }

    fn new_project(&mut self) {
        self.clear_project();
        self.engine.send(EngineCommand::Reset);
        self.tell("A new project");
    }

    fn clear_project(&mut self) {
        self.opening = None;
        self.loaded = None;
        self.set_audition(false);
        self.forget_undo();
        self.clear_roll();
        self.give_up_jobs();
        self.saving = None;
        self.state.project = ProjectState::default();
        self.state.data.songs.clear();
        self.state.data.problems.clear();
        self.state.data.selected = None;
        let RunState { is_log_scale, figure, curves, .. } = self.state.run;
        let own_presets = std::mem::take(&mut self.state.run.own_presets);
        let view = RunsView { is_open: self.state.run.view.is_open, ..RunsView::default() };
        self.state.run =
            RunState { is_log_scale, figure, curves, view, own_presets, ..RunState::default() };
        self.forget_learned();
        self.state.music = MusicState::default();
        self.held_out_songs.clear();
        self.adopted_run = None;
        self.kept_models.clear();
        self.wants_to_hear = false;
        self.unknown_fields = UnknownFields::default();
        self.project_lock = None;
        self.songs_changed();
        self.note_preset();
        self.state.project.is_dirty = false;
        self.drop_autosave();
    }

    fn open(&mut self, path: PathBuf) {
        self.state.project.is_busy = true;
        self.opening = Some(path.clone());
        let lock = self.lock_wish(&path);
        self.engine.send(EngineCommand::Load { path, lock });
    }

    /// A project was read: it takes the place of what is open, after a question where that would
    /// be lost.
    pub(super) fn note_loaded(&mut self, path: PathBuf, project: Project, hold: Option<Hold>) {
        // Another was asked for meanwhile, or a new one was begun.
        if self.opening.take_if(|opening| *opening == path).is_none() {
            return;
        }
        self.state.project.is_busy = self.saving.is_some();
        self.loaded = Some(Loaded { path, project: Box::new(project), hold });
        if self.may_leave(&Departure::Take) {
            self.leave(Departure::Take);
        }
    }

    /// The project that is open stays.
    pub(super) fn stay(&mut self) {
        self.state.close_question = None;
        self.loaded = None;
    }

    fn take_project(&mut self, loaded: Loaded) {
        let Loaded { path, project, hold } = loaded;
        // Where the same project is read again, its lock is ours already.
        let lock = self.project_lock.take();
        self.clear_project();
        self.set_all_settings(project.settings);
        self.state.music.settings = project.generate;
        if let Some(ProjectSound { program, performance }) = project.sound {
            self.state.transport.program = program.min(127);
            self.state.sound.performance = performance.mended();
        }
        self.state.data.songs = project.songs;
        self.held_out_songs = project.held_out_songs;
        self.unknown_fields = project.unknown;
        self.take_runs(project.runs, &project.run_models);
        self.state.run.id = self.new_run_id();
        for piece in project.pieces {
            self.add_piece(piece);
        }
        self.songs_changed();
        match project.model {
            Some(model) => self.adopt_model(model),
            None => self.engine.send(EngineCommand::Reset),
        }
        if self.is_recovered(&path) {
            self.take_recovered(&path, hold, lock);
            return;
        }
        self.tell_success(format!("Opened {}", path.display()), None);
        self.state.project = ProjectState { path: Some(path.clone()), ..ProjectState::default() };
        self.take_hold(hold, lock);
        self.remember_project(path);
    }

    pub(super) fn adopt_model(&mut self, model: Model) {
        self.note_run_songs();
        self.state.run.history = model.run.history.clone();
        self.state.run.phase = RunPhase::Preparing;
        self.adopted_run = Some((model.run.name.clone(), model.run.settings.clone()));
        self.is_adopting = true;
        self.engine.send(EngineCommand::Adopt(Box::new(AdoptRequest {
            songs: self.state.data.songs.clone(),
            held_out_songs: self.held_out_songs.clone(),
            model,
            device: self.device,
        })));
    }

    pub(super) fn note_load_failed(&mut self, path: &Path, reason: String) {
        self.opening = None;
        self.state.project.is_busy = self.saving.is_some();
        if self.is_recovered(path) {
            self.put_aside_recovered(path, &reason);
        } else {
            self.forget_missing_project(path);
            self.complain(reason);
        }
    }

    pub(super) fn save(&mut self) {
        match self.state.project.path.clone() {
            Some(path) if self.state.project.read_only.is_none() => self.save_to(path),
            _ => self.ask_path(PathPurpose::SaveProject),
        }
    }

    fn save_to(&mut self, mut path: PathBuf) {
        if path.extension().is_none() {
            path.set_extension(EXTENSION);
        }
        self.state.project.is_busy = true;
        self.saving = Some(path.clone());
        // What changes while the file is written makes the project dirty again.
        self.state.project.is_dirty = false;
        let project = Box::new(self.project());
        let lock_as = self.lock_wish(&path).map(|wish| wish.holder);
        self.engine.send(EngineCommand::Save { path, project, lock_as });
    }

    /// The project as it stands, but for the model, which the engine adds.
    pub(super) fn project(&self) -> Project {
        let (runs, run_models) = self.runs_to_save();
        let pieces = self.state.music.pieces.iter();
        Project {
            settings: self.state.settings.clone(),
            sound: Some(ProjectSound {
                program: self.state.transport.program,
                performance: self.state.sound.performance,
            }),
            generate: self.state.music.settings,
            songs: self.state.data.songs.clone(),
            held_out_songs: self.held_out_songs.clone(),
            model: None,
            runs,
            run_models,
            pieces: pieces.map(|piece| piece.record.clone()).collect(),
            unknown: self.unknown_fields.clone(),
        }
    }

    pub(super) fn note_saved(&mut self, path: PathBuf, lock: Option<ProjectLock>) {
        self.tell_success(format!("Saved {}", path.display()), Some(path.clone()));
        // Another project may have been opened meanwhile.
        if self.saving.as_ref() == Some(&path) {
            self.saving = None;
            self.state.project.is_busy = self.opening.is_some();
            self.state.project.path = Some(path.clone());
            self.state.project.read_only = None;
            let ours = self.project_lock.take().filter(|lock| lock.is_of(&path));
            self.project_lock = lock.or(ours);
            self.drop_autosave();
            self.remember_project(path.clone());
        }
        if let Some(departure) = self.after_save.take() {
            // The file that was read has just been written anew: it is read again.
            let is_stale = self.loaded.take_if(|loaded| loaded.path == path).is_some();
            self.leave(if is_stale { Departure::Open(path) } else { departure });
            (self.wake)();
        }
    }

    pub(super) fn note_save_failed(&mut self, reason: String) {
        self.saving = None;
        self.state.project.is_busy = false;
        self.state.project.is_dirty = true;
        self.after_save = None;
        self.loaded = None;
        self.complain(reason);
    }

    /// Asks with the system's dialog; where there is none, with a field of our own.
    pub(super) fn ask_path(&mut self, purpose: PathPurpose) {
        let suggestion = self.suggested_name(&purpose);
        if let Err(purpose) = self.dialogs.ask(purpose, &suggestion) {
            self.tell(format!("A dialog is open already ({})", purpose.title()));
        }
    }

    fn suggested_name(&self, purpose: &PathPurpose) -> String {
        let mut project = self.state.project.name();
        if self.state.project.read_only.is_some() {
            project.push_str(" copy");
        }
        let shown =
            if self.state.roll.title.is_empty() { &project } else { &self.state.roll.title };
        match purpose {
            PathPurpose::SaveProject => format!("{project}.{EXTENSION}"),
            PathPurpose::ExportMidi(_) => format!("{shown}.mid"),
            PathPurpose::ExportWav(_) => format!("{shown}.wav"),
            PathPurpose::CurveCsv => format!("{project} - measures.csv"),
            PathPurpose::CurvePng => format!("{project} - {}.png", self.figure_name()),
            PathPurpose::SweepScript => script_name(&project).to_string_lossy().into_owned(),
            PathPurpose::SharePreset(name) => format!("{name}.toml"),
            _ => String::new(),
        }
    }

    /// The measure that the curve shows, in small letters.
    fn figure_name(&self) -> String {
        let figure = FIGURES.get(self.state.run.figure);
        figure.map_or_else(String::new, |figure| figure.label.to_lowercase())
    }

    pub(super) fn hear_dialogs(&mut self) {
        while let Some(answer) = self.dialogs.try_answer() {
            if !answer.paths.is_empty() {
                self.pending_paths(answer.purpose, answer.paths);
            } else if !answer.was_missing {
                self.after_save = None;
                self.loaded = None;
            } else if !self.show_path_field(&answer.purpose) {
                let home = std::env::home_dir().unwrap_or_default();
                let name = self.suggested_name(&answer.purpose);
                let path = if answer.purpose.is_folder() { home } else { home.join(name) };
                let text = path.to_string_lossy().into_owned();
                self.state.path_prompt = Some(PathPrompt { purpose: answer.purpose, text });
            }
        }
    }

    fn pending_paths(&mut self, purpose: PathPurpose, paths: Vec<PathBuf>) {
        match purpose {
            PathPurpose::AddFolders | PathPurpose::AddFiles => self.add_paths(paths),
            PathPurpose::ReadRuns => self.read_runs(paths),
            purpose => {
                let accept = |path| crate::ui::command::Command::AcceptPath {
                    purpose: purpose.clone(),
                    path,
                };
                self.commands.extend(paths.into_iter().next().map(accept));
            }
        }
    }

    /// A path has been given: do what it was wanted for.
    pub(super) fn take_path(&mut self, purpose: &PathPurpose, paths: Vec<PathBuf>, ctx: &Context) {
        self.state.path_prompt = None;
        let Some(path) = paths.first().cloned() else { return };
        match purpose {
            PathPurpose::AddFolders | PathPurpose::AddFiles => self.add_paths(paths),
            PathPurpose::OpenProject => self.depart(Departure::Open(path)),
            PathPurpose::SaveProject => self.save_to(path),
            PathPurpose::ExportMidi(scope) => self.export_midi(*scope, &path),
            PathPurpose::ExportWav(scope) => self.export_wav(*scope, &path),
            PathPurpose::SoundFont => self.use_soundfont(Some(path)),
            PathPurpose::ExportFolder => self.set_export_folder(path),
            PathPurpose::GpuWheels => self.install_gpu_pack(Some(path)),
            PathPurpose::CurveCsv => self.export_curve_csv(&path),
            PathPurpose::CurvePng => self.take_curve_picture(path, ctx),
            PathPurpose::ReadRuns => self.read_runs(paths),
            PathPurpose::SweepScript => self.write_sweep_script(&path),
            PathPurpose::ImportPreset => self.import_preset(&path),
            PathPurpose::SharePreset(name) => self.share_preset(name, &path),
        }
    }

    /// The window was asked to close.
    pub(super) fn may_close_now(&mut self) -> bool {
        self.is_closing = self.may_close || self.may_leave(&Departure::Close);
        self.is_closing
    }

    /// Goes on once the project is whole on the disk.
    pub(super) fn save_and_close(&mut self) {
        self.state.close_question = None;
        self.after_save = Some(self.departure.clone());
        self.save();
    }

    pub(super) fn cancel_path(&mut self) {
        self.state.path_prompt = None;
        self.after_save = None;
        self.loaded = None;
    }

    pub(super) fn depart_anyway(&mut self) {
        if self.state.close_question.take().is_some() {
            self.leave(self.departure.clone());
        }
    }
}

/// A project that was read, and waits for the answer to the question about unsaved work.
#[derive(Debug)]
pub(super) struct Loaded {
    path: PathBuf,
    project: Box<Project>,
    /// What came of asking for its lock.
    hold: Option<Hold>,
}

/// What is done with the project that is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Departure {
    Close,
    New,
    /// Reads a project; what is open stays until it is read.
    Open(PathBuf),
    /// Takes the project that was read.
    Take,
}
