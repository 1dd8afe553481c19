//! Taking music away: MIDI, sound, pictures, one file or a folder of them; written in a thread
//! with progress and Cancel.

mod contents;
mod job;
mod roll_picture;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{Builder, JoinHandle};

use egui::Context;

use crate::audio::{Container, FileFormat, SoundSettings};
use crate::generate::{ScoreSettings, notes_to_score};
use crate::music::{Key, Metre, PianoRoll, PlayedNote, Score, best_key};
use crate::platform;
use crate::ui::export_plan::{ExportPlan, NameParts, file_name, free_name};
use crate::ui::state::{ExportScope, ExportState, PathPurpose, PieceState, RollSource};
use crate::ui::theme;

use self::job::{Job, PlannedFile, Product};
use self::roll_picture::{RollPicture, Shown};
use super::App;

/// An export under way, and answers of exports that end in other threads.
pub(super) struct Export {
    cancelled: Arc<AtomicBool>,
    news: Receiver<News>,
    sender: Sender<News>,
    thread: Option<JoinHandle<()>>,
}

enum News {
    Progressed { what: String, share: f64 },
    Written { path: PathBuf, result: Result<(), String> },
    FolderWritten { folder: PathBuf, n_files: usize },
    Cancelled { n_written: usize, n_files: usize, folder: Option<PathBuf> },
    Ended,
    NotShown { path: PathBuf, reason: String },
}

impl Export {
    fn new() -> Self {
        let (sender, news) = channel();
        Self { cancelled: Arc::default(), news, sender, thread: None }
    }
}

impl Drop for Export {
    fn drop(&mut self) {
        self.cancelled.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

/// A song or piece that is to be taken away.
struct Source {
    name: String,
    seed: Option<u64>,
    is_favourite: bool,
    roll: Arc<PianoRoll>,
    notes: Vec<PlayedNote>,
    metre: Metre,
    beats_per_minute: f64,
}

impl Source {
    fn of_piece(piece: &PieceState) -> Self {
        let record = &piece.record;
        Self {
            name: record.name.clone(),
            seed: Some(record.seed),
            is_favourite: record.is_favourite,
            roll: Arc::clone(&record.roll),
            notes: record.played_notes(),
            metre: record.metre,
            beats_per_minute: record.beats_per_minute,
        }
    }

    fn bars(&self) -> usize {
        let per_bar = self.metre.steps_per_bar(self.roll.steps_per_beat());
        self.roll.n_steps().div_ceil(per_bar)
    }

    fn key_name(&self) -> String {
        best_key(&self.notes).map_or_else(String::new, Key::name)
    }

    fn name_parts(&self, project: &str, number: usize, n_pieces: usize) -> NameParts {
        NameParts {
            project: project.to_owned(),
            name: self.name.clone(),
            number,
            n_pieces,
            seed: self.seed,
            key: self.key_name(),
            bars: self.bars(),
            beats_per_minute: self.beats_per_minute,
        }
    }

    fn picture(&self, palette: &theme::Palette) -> RollPicture {
        let tempo = format!("{:.0} quarter notes a minute", self.beats_per_minute);
        let facts = [tempo, self.metre.to_string(), self.key_name()];
        let facts: Vec<&str> =
            facts.iter().map(String::as_str).filter(|fact| !fact.is_empty()).collect();
        let shown = Shown {
            title: &self.name,
            facts: &facts.join(" · "),
            roll: &self.roll,
            notes: &self.notes,
            metre: self.metre,
        };
        RollPicture::new(&shown, palette)
    }
}

const NOTHING: &str = "There is nothing to export: choose a song or generate a piece";

impl App {
    pub(super) fn export_midi(&mut self, scope: ExportScope, path: &Path) {
        let make = |score| Product::Midi(score);
        self.export_one_kind(scope, path, "mid", make);
    }

    pub(super) fn export_wav(&mut self, scope: ExportScope, path: &Path) {
        let usual = self.state.export_plan.format;
        let container = match scope {
            ExportScope::Shown | ExportScope::Piece(_) => Container::of_path(path),
            ExportScope::Favourites | ExportScope::AllPieces => Some(Container::Wav),
        };
        let container = container.unwrap_or(Container::Wav);
        let format = FileFormat { container, ..usual }.mended();
        let make = move |score| Product::Sound(score, format);
        self.export_one_kind(scope, path, container.ending(), make);
    }

    /// One file at a path, or one for each piece in a folder, called as the pieces are.
    fn export_one_kind(
        &mut self,
        scope: ExportScope,
        path: &Path,
        ending: &str,
        make: impl Fn(Arc<Score>) -> Product,
    ) {
        let sources = self.export_sources(scope);
        let is_one = matches!(scope, ExportScope::Shown | ExportScope::Piece(_));
        let mut taken = BTreeSet::new();
        let files = sources.iter().enumerate().map(|(index, source)| {
            let path = if is_one {
                with_ending(path, ending)
            } else {
                let parts = source.name_parts("", index + 1, sources.len());
                let name = file_name("{name}", &parts).unwrap_or_default();
                let is_there = |name: &str| path.join(format!("{name}.{ending}")).exists();
                path.join(format!("{}.{ending}", free_name(&name, &mut taken, is_there)))
            };
            PlannedFile { path, product: make(Arc::new(self.score_to_take(source))) }
        });
        let files = files.collect();
        self.start_job(files, (!is_one).then(|| path.to_owned()));
    }

    pub(super) fn set_export_plan(&mut self, plan: ExportPlan) {
        self.state.export_plan = plan;
        self.keep_preferences();
    }

    pub(super) fn set_export_folder(&mut self, folder: PathBuf) {
        self.state.export_plan.folder = Some(folder);
        self.keep_preferences();
    }

    /// Everything that the export window asks for.
    pub(super) fn start_export(&mut self, ctx: &Context) {
        let plan = self.state.export_plan.clone();
        let Some(folder) = plan.folder.clone() else {
            return self.ask_path(PathPurpose::ExportFolder);
        };
        if !folder.is_dir() {
            return self
                .complain(format!("The folder {} is not there; choose another", folder.display()));
        }
        match self.planned_files(&plan, &folder, theme::palette_of(ctx)) {
            Ok(files) => {
                self.state.is_export_shown = false;
                self.start_job(files, Some(folder));
            }
            Err(reason) => self.complain(reason),
        }
    }

    fn planned_files(
        &self,
        plan: &ExportPlan,
        folder: &Path,
        palette: &theme::Palette,
    ) -> Result<Vec<PlannedFile>, String> {
        let sources = self.export_sources(plan.scope);
        let project = self.state.project.name();
        let endings = plan.endings();
        let (mut taken, mut files) = (BTreeSet::new(), Vec::new());
        let mut contents = contents::Table::default();
        for (index, source) in sources.iter().enumerate() {
            let name =
                file_name(&plan.names, &source.name_parts(&project, index + 1, sources.len()))?;
            let path_of = |name: &str, ending: &str| folder.join(format!("{name}.{ending}"));
            let is_there = |name: &str| endings.iter().any(|end| path_of(name, end).exists());
            let name = free_name(&name, &mut taken, is_there);
            let score = Arc::new(self.score_to_take(source));
            let picture = (plan.has_png || plan.has_svg).then(|| Arc::new(source.picture(palette)));
            for ending in &endings {
                let product = match (*ending, &picture) {
                    ("mid", _) => Product::Midi(Arc::clone(&score)),
                    ("png", Some(picture)) => Product::Png(Arc::clone(picture)),
                    ("svg", Some(picture)) => Product::Svg(Arc::clone(picture)),
                    _ => Product::Sound(Arc::clone(&score), plan.format.mended()),
                };
                let path = path_of(&name, ending);
                contents.add(index + 1, &path, source, &score);
                files.push(PlannedFile { path, product });
            }
        }
        if plan.has_contents && !files.is_empty() {
            let is_there = |name: &str| folder.join(format!("{name}.csv")).exists();
            let name = free_name("contents", &mut BTreeSet::new(), is_there);
            let path = folder.join(format!("{name}.csv"));
            files.push(PlannedFile { path, product: Product::Text(contents.text()) });
        }
        Ok(files)
    }

    fn start_job(&mut self, files: Vec<PlannedFile>, folder: Option<PathBuf>) {
        if self.state.export.is_some() {
            return self.tell("An export is under way already; wait, or cancel that first");
        }
        let Some(first) = files.first() else { return self.complain(NOTHING) };
        let what = first.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let has_sound = files.iter().any(|file| matches!(file.product, Product::Sound(..)));
        let font = self.soundfont_to_use();
        if has_sound && font.is_none() {
            return self.complain("The built-in SoundFont was not found; reinstall the program");
        }
        let effects = self.state.sound.performance.effects;
        let settings = SoundSettings { effects, ..SoundSettings::default() };
        let export = self.export.get_or_insert_with(Export::new);
        export.cancelled = Arc::default();
        let job = Job {
            files,
            folder,
            font: font.unwrap_or_default(),
            settings,
            cancelled: Arc::clone(&export.cancelled),
            sender: export.sender.clone(),
            wake: Arc::clone(&self.wake),
        };
        match Builder::new().name("export".to_owned()).spawn(move || job.run()) {
            Ok(thread) => {
                export.thread = Some(thread);
                self.state.export = Some(ExportState { what, share: 0.0 });
            }
            Err(error) => self.complain(format!("The system gives no thread: {error}")),
        }
    }

    pub(super) fn cancel_export(&mut self) {
        if let Some(export) = &self.export {
            export.cancelled.store(true, Ordering::Relaxed);
        }
    }

    pub(super) fn hear_export(&mut self) {
        let news: Vec<News> = match &self.export {
            Some(export) => export.news.try_iter().collect(),
            None => return,
        };
        for news in news {
            match news {
                News::Progressed { what, share } => {
                    self.state.export = Some(ExportState { what, share });
                }
                News::Written { path, result } => self.note_written(&path, result),
                News::FolderWritten { folder, n_files } => {
                    let plural = if n_files == 1 { "" } else { "s" };
                    self.tell_success(format!("Wrote {n_files} file{plural}"), Some(folder));
                }
                News::Cancelled { n_written, n_files, folder } => {
                    self.state.export = None;
                    self.note_cancelled(n_written, n_files, folder);
                }
                News::Ended => self.state.export = None,
                News::NotShown { path, reason } => self.note_not_shown(path, &reason),
            }
        }
    }

    fn note_cancelled(&mut self, n_written: usize, n_files: usize, folder: Option<PathBuf>) {
        match folder.filter(|_| n_written > 0) {
            None => self.tell("Export cancelled; no half file is left"),
            Some(folder) => {
                let words = format!(
                    "Export cancelled: {n_written} of {n_files} files are written, none is half"
                );
                self.tell_about(words, folder);
            }
        }
    }

    /// Where a thread puts what it wrote.
    pub(super) fn export_answers(
        &mut self,
    ) -> impl FnOnce(PathBuf, Result<(), String>) + Send + 'static {
        let sender = self.export.get_or_insert_with(Export::new).sender.clone();
        // Nobody listens any more when the window is gone.
        move |path, result| drop(sender.send(News::Written { path, result }))
    }

    /// Opens the folder of a file with what the system has for that.
    pub(super) fn show_in_folder(&mut self, path: PathBuf) {
        let sender = self.export.get_or_insert_with(Export::new).sender.clone();
        let wake = Arc::clone(&self.wake);
        let show = move || {
            if let Err(error) = platform::show_in_folder(&path) {
                // Nobody listens any more when the window is gone.
                drop(sender.send(News::NotShown { path, reason: error.to_string() }));
                wake();
            }
        };
        if let Err(error) = Builder::new().name("show in folder".to_owned()).spawn(show) {
            self.complain(format!("The system gives no thread: {error}"));
        }
    }

    fn note_not_shown(&mut self, path: PathBuf, reason: &str) {
        let words = format!("The folder cannot be shown ({reason}). Its path can be copied here:");
        self.tell_about(words, path);
    }

    /// What is to be taken away.
    fn export_sources(&self, scope: ExportScope) -> Vec<Source> {
        let pieces = self.state.music.pieces.iter();
        match scope {
            ExportScope::Shown => self.shown_source().into_iter().collect(),
            ExportScope::Piece(id) => self.piece(id).map(Source::of_piece).into_iter().collect(),
            ExportScope::Favourites => {
                pieces.filter(|piece| piece.record.is_favourite).map(Source::of_piece).collect()
            }
            ExportScope::AllPieces => pieces.map(Source::of_piece).collect(),
        }
    }

    fn shown_source(&self) -> Option<Source> {
        let roll = &self.state.roll;
        let record = match roll.source? {
            RollSource::Piece(id) => self.piece(id).map(|piece| &piece.record),
            RollSource::Dream => {
                self.state.music.audition.heard.as_ref().map(|dream| &dream.record)
            }
            RollSource::Song(_) => None,
        };
        Some(Source {
            name: roll.title.clone(),
            seed: record.map(|record| record.seed),
            is_favourite: record.is_some_and(|record| record.is_favourite),
            roll: Arc::clone(roll.roll.as_ref()?),
            notes: roll.notes.clone(),
            metre: roll.metre,
            beats_per_minute: self.state.transport.beats_per_minute,
        })
    }

    /// The score as it is played, without voices that have no notes.
    fn score_to_take(&self, source: &Source) -> Score {
        let settings = ScoreSettings {
            beats_per_minute: source.beats_per_minute,
            key: best_key(&source.notes),
            ..self.score_settings(&source.name, source.metre)
        };
        let score = notes_to_score(&source.notes, &source.roll, &settings);
        let mut score = self.state.sound.performance.perform(&score);
        if score.note_count() > 0 {
            score.tracks.retain(|track| !track.notes.is_empty());
        }
        score
    }
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    match path.extension() {
        Some(_) => path.to_owned(),
        None => path.with_extension(ending),
    }
}
