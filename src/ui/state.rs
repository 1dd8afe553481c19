//! What the panels read: plain values, filled by `app`.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::dataset::{ImportProblem, Song, SongTotals};
use crate::engine::{
    ChainPicture, Divergence, ModelSnapshot, NearestSong, Progress, RunFacts, SweepQueue, WayOn,
};
use crate::generate::{GenerateSettings, RankBy};
use crate::music::{Key, Metre, PianoRoll, PlayedNote, RollNote};
use crate::project::PieceRecord;
use crate::train::{History, Likelihood, Preset, TrainSettings};

use super::advice::AdviceView;
use super::diagnostics_state::Diagnostics;
use super::export_plan::ExportPlan;
use super::gpu_state::GpuState;
use super::learned::LearnedState;
use super::manual_state::ManualState;
use super::recovery::RecoveryView;
use super::sound_state::SoundState;
use super::tour::Tour;
use super::widgets::PianoRollView;
use super::window_state::WindowState;

pub use super::runs_state::{
    AxisDraft, CurvesView, EarlierRun, OwnPreset, RunId, RunsView, SweepDraft,
};

/// Place of a song in [`DataState::songs`].
pub type SongIndex = usize;

/// A piece keeps its number however the list changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PieceId(pub u64);

/// Everything that is seen.
#[derive(Debug, Default)]
pub struct State {
    pub project: ProjectState,
    pub data: DataState,
    /// The knobs; the next run starts with them.
    pub settings: TrainSettings,
    pub run: RunState,
    /// The card that shows what the model has learned.
    pub learned: LearnedState,
    pub music: MusicState,
    pub roll: RollState,
    pub transport: TransportState,
    pub sound: SoundState,
    pub device: DeviceState,
    pub gpu: GpuState,
    pub manual: ManualState,
    pub export: Option<ExportState>,
    /// What the export window asks.
    pub export_plan: ExportPlan,
    pub is_export_shown: bool,
    /// What can be taken back.
    pub undo: UndoState,
    pub notices: Vec<Notice>,
    /// Notices that pop up now; all of them stay in the list.
    pub is_notice_list_shown: bool,
    pub is_about_shown: bool,
    /// While its window is open.
    pub diagnostics: Option<Box<Diagnostics>>,
    pub theme: ThemeChoice,
    /// Zoom, hidden parts, what lies on top.
    pub window: WindowState,
    /// The tour of the first start, while it is on.
    pub tour: Option<Tour>,
    /// A path is asked for, where the system has no dialog.
    pub path_prompt: Option<PathPrompt>,
    /// A question stands: close although a run is under way or work is not saved?
    pub close_question: Option<CloseQuestion>,
    /// What earlier sessions left behind, while it is asked about.
    pub recovery: Option<RecoveryView>,
    /// Projects that were open before, newest first.
    pub recent_projects: Vec<PathBuf>,
}

/// The words of the next step back and of the next step forth, such as "Set learning rate".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UndoState {
    pub undo: Option<String>,
    pub redo: Option<String>,
}

#[derive(Debug, Default)]
pub struct ProjectState {
    pub path: Option<PathBuf>,
    pub is_dirty: bool,
    pub is_busy: bool,
    /// Why it cannot be saved under its own name, where that is so.
    pub read_only: Option<String>,
}

impl ProjectState {
    /// The file's name without its ending, or "Untitled".
    pub fn name(&self) -> String {
        let stem = self.path.as_ref().and_then(|path| path.file_stem());
        stem.map_or_else(|| "Untitled".to_owned(), |stem| stem.to_string_lossy().into_owned())
    }
}

#[derive(Debug, Default)]
pub struct DataState {
    pub songs: Vec<Song>,
    /// Folders that could not be opened.
    pub problems: Vec<ImportProblem>,
    /// Over the songs that are taken.
    pub totals: SongTotals,
    /// Notes by MIDI pitch, over the songs that are taken.
    pub histogram: Vec<u64>,
    /// Notes of each song for the small pictures, as long as `songs`.
    pub miniatures: Vec<Arc<Miniature>>,
    /// Set while files are read.
    pub import: Option<ImportProgress>,
    pub selected: Option<SongIndex>,
    pub recent_folders: Vec<PathBuf>,
    /// Of the recent folders, those that are not there now.
    pub missing_folders: Vec<PathBuf>,
    /// The field for a path, where the system has no dialog.
    pub is_path_field_shown: bool,
    pub path_text: String,
    pub filter_text: String,
    pub is_report_shown: bool,
    /// The report names only what was left out.
    pub is_report_of_left_out: bool,
    /// The report names only the files of this folder.
    pub report_folder: Option<PathBuf>,
}

/// Notes of a roll, kept for drawing small.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Miniature {
    pub notes: Vec<RollNote>,
    pub n_steps: usize,
}

impl Miniature {
    pub fn of(roll: &PianoRoll) -> Arc<Self> {
        Arc::new(Self { notes: roll.notes(), n_steps: roll.n_steps() })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImportProgress {
    pub done: usize,
    /// 0 while folders are searched.
    pub total: usize,
}

#[derive(Debug, Default)]
pub struct RunState {
    pub phase: RunPhase,
    pub id: RunId,
    /// The colour that it had as an earlier run, and gets back as such.
    pub color: Option<u8>,
    pub facts: Option<RunFacts>,
    pub progress: Progress,
    pub history: History,
    /// Earlier runs, oldest first.
    pub earlier: Vec<EarlierRun>,
    pub snapshot: Option<ModelSnapshot>,
    /// The preset that the knobs stand at, if they do.
    pub preset: Option<Preset>,
    pub is_log_scale: bool,
    /// Place in [`FIGURES`](crate::train::FIGURES) of what the curve shows.
    pub figure: usize,
    /// Where the error curve was drawn, in points; for its picture.
    pub curve_rect: Option<egui::Rect>,
    /// The run went astray and waits for a gentler rate.
    pub divergence: Option<Divergence>,
    /// How likely the model makes the songs, once it was asked.
    pub likelihood: LikelihoodState,
    /// Why the current run ended before its time, within a sweep.
    pub failure: Option<String>,
    /// How the curves are looked at.
    pub curves: CurvesView,
    /// The window with all runs.
    pub view: RunsView,
    /// The latest sweep.
    pub sweep: Option<SweepQueue>,
    /// The one that is being put together.
    pub sweep_draft: Option<SweepDraft>,
    pub own_presets: Vec<OwnPreset>,
    /// What the measures show, in words.
    pub advice: AdviceView,
}

/// The log-likelihood, which takes its time.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum LikelihoodState {
    #[default]
    Unknown,
    Estimating {
        share: f64,
    },
    /// It may be of an earlier epoch; it says which.
    Known(Box<Likelihood>),
    Failed(String),
}

/// One state machine; buttons are enabled by matching it.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum RunPhase {
    /// No run yet.
    #[default]
    Idle,
    /// Songs are encoded and the machine is made.
    Preparing,
    Training,
    Paused,
    /// Ended by the user or complete; the model can be heard.
    Ended {
        is_complete: bool,
    },
    /// Ended by itself; why, in words. The model as it last stood well may still be there.
    Failed {
        reason: String,
        has_model: bool,
        /// What would let it go on, where the machine is to blame.
        ways_on: Vec<WayOn>,
    },
}

impl RunPhase {
    pub fn is_active(&self) -> bool {
        matches!(self, Self::Preparing | Self::Training)
    }

    pub fn has_model(&self) -> bool {
        let is_failed_with_model = matches!(self, Self::Failed { has_model: true, .. });
        is_failed_with_model || matches!(self, Self::Training | Self::Paused | Self::Ended { .. })
    }
}

#[derive(Debug)]
pub struct MusicState {
    pub settings: GenerateSettings,
    pub pieces: Vec<PieceState>,
    pub selected: Option<PieceId>,
    /// The music to start from in place of the chosen song.
    pub start_music: Option<StartMusic>,
    pub is_steering_open: bool,
    /// How far a variation strays, 0 to 1.
    pub vary_amount: f64,
    /// What the pieces are sorted by; `None` for the newest first.
    pub ranked_by: Option<RankBy>,
    /// The chain of the pieces under work, as it was seen last.
    pub chain: Option<ChainState>,
    /// Share done, while pieces are made.
    pub generating: Option<f64>,
    pub audition: AuditionState,
}

/// A chain under work.
#[derive(Clone, Debug)]
pub struct ChainState {
    pub picture: ChainPicture,
    pub miniature: Arc<Miniature>,
}

/// A piece, or bars of it, as it was when somebody took it to start from.
#[derive(Clone, Debug, PartialEq)]
pub struct StartMusic {
    /// "bars 3–4 of Piece 2"
    pub name: String,
    pub roll: Arc<PianoRoll>,
}

impl Default for MusicState {
    fn default() -> Self {
        Self {
            settings: GenerateSettings::default(),
            pieces: Vec::new(),
            selected: None,
            start_music: None,
            is_steering_open: false,
            vary_amount: 0.5,
            ranked_by: None,
            chain: None,
            generating: None,
            audition: AuditionState::default(),
        }
    }
}

/// Live audition: hearing the model while it learns.
#[derive(Debug)]
pub struct AuditionState {
    pub is_on: bool,
    /// A new piece is made after every so many epochs.
    pub every_epochs: u32,
    pub heard: Option<Dream>,
    /// The epochs behind the piece that follows, once it is made.
    pub next_epoch: Option<u32>,
}

impl Default for AuditionState {
    fn default() -> Self {
        Self { is_on: false, every_epochs: 1, heard: None, next_epoch: None }
    }
}

/// A piece of the model as it stood after so many epochs.
#[derive(Clone, Debug)]
pub struct Dream {
    pub epoch: u32,
    pub record: PieceRecord,
}

#[derive(Clone, Debug)]
pub struct PieceState {
    pub id: PieceId,
    pub record: PieceRecord,
    pub miniature: Arc<Miniature>,
    pub nearest: NearestState,
}

/// The training song that a piece comes nearest to.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum NearestState {
    #[default]
    Unknown,
    Searching,
    Found(NearestSong),
    /// The piece is silent, or no song is long enough.
    Nothing,
    Failed(String),
}

/// What the big piano roll shows.
#[derive(Debug, Default)]
pub struct RollState {
    pub source: Option<RollSource>,
    /// What was shown before that.
    pub before: Option<RollSource>,
    pub title: String,
    pub roll: Option<Arc<PianoRoll>>,
    /// Why nothing of what was chosen is seen: the file could not be read.
    pub why_empty: Option<String>,
    /// Sorted by start and pitch.
    pub notes: Vec<PlayedNote>,
    /// As it was generated or imported, where it has been edited since.
    pub original: Option<Vec<RollNote>>,
    /// Of a piece: what new music leaves as it is. Sorted.
    pub locked: Arc<[RollNote]>,
    /// The key that the notes fit best.
    pub key: Option<Key>,
    pub metre: Metre,
    pub selection: Option<Range<usize>>,
    /// Set when another roll is shown: the view shall fit it. The panel clears it.
    pub wants_fit: bool,
    /// Which part is seen, and how large.
    pub view: PianoRollView,
}

impl RollState {
    /// Why there is nothing to play or to export; `None` where there is.
    pub fn why_silent(&self) -> Option<&str> {
        const NOTHING_SHOWN: &str = "Choose a song or a piece first";
        let is_empty = self.roll.is_none();
        is_empty.then(|| self.why_empty.as_deref().unwrap_or(NOTHING_SHOWN))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RollSource {
    Song(SongIndex),
    Piece(PieceId),
    /// What live audition plays.
    Dream,
}

#[derive(Debug)]
pub struct TransportState {
    pub is_playing: bool,
    pub is_looping: bool,
    pub position_secs: f64,
    pub duration_secs: f64,
    /// Where the ear is, in steps of the roll.
    pub position_step: f64,
    pub beats_per_minute: f64,
    /// General MIDI programme.
    pub program: u8,
    /// 0 to 1.
    pub volume: f32,
    /// Why nothing is heard, if so.
    pub trouble: Option<String>,
    pub soundfont_name: String,
}

impl Default for TransportState {
    fn default() -> Self {
        Self {
            is_playing: false,
            is_looping: false,
            position_secs: 0.0,
            duration_secs: 0.0,
            position_step: 0.0,
            beats_per_minute: 120.0,
            program: 0,
            volume: 0.8,
            trouble: None,
            soundfont_name: String::new(),
        }
    }
}

#[derive(Debug, Default)]
pub struct DeviceState {
    /// `None` until the engine has looked.
    pub is_cuda: Option<bool>,
    /// In words, when there is no CUDA.
    pub why_no_cuda: Option<String>,
    pub threads: usize,
}

/// What is exported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ExportScope {
    /// What the piano roll shows.
    #[default]
    Shown,
    #[serde(skip)]
    Piece(PieceId),
    /// Every piece with a star.
    Favourites,
    AllPieces,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ExportState {
    pub what: String,
    pub share: f64,
}

/// Something that a person should know.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    pub id: u64,
    pub kind: NoticeKind,
    pub text: String,
    /// The folder or file that it speaks of.
    pub path: Option<PathBuf>,
    /// Seconds since the start of the program.
    pub at_secs: f64,
    /// Still popping up.
    pub is_fresh: bool,
    /// Where more of it stands.
    pub leads_to: Option<NoticeTarget>,
}

/// Where a notice leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeTarget {
    /// The import report, with what was left out.
    Report,
    /// The diagnostics, with the error reports.
    Diagnostics,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeKind {
    Info,
    Success,
    /// Something was left out or is not as it should be; the rest went well.
    Warning,
    Error,
}

impl NoticeKind {
    /// It stops popping up by itself.
    pub fn passes(self) -> bool {
        matches!(self, Self::Info | Self::Success)
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ThemeChoice {
    #[default]
    System,
    Dark,
    Light,
    HighContrast,
}

/// What a path is wanted for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathPurpose {
    AddFolders,
    AddFiles,
    OpenProject,
    SaveProject,
    ExportMidi(ExportScope),
    ExportWav(ExportScope),
    /// Of the export window.
    ExportFolder,
    /// Wheels of the GPU pack.
    GpuWheels,
    SoundFont,
    CurveCsv,
    CurvePng,
    /// Projects whose runs are to be read.
    ReadRuns,
    SweepScript,
    ImportPreset,
    /// By its name.
    SharePreset(String),
}

impl PathPurpose {
    /// The title of a dialog.
    pub fn title(&self) -> &'static str {
        match self {
            Self::AddFolders => "Add folders of MIDI files",
            Self::AddFiles => "Add MIDI files",
            Self::OpenProject => "Open a project",
            Self::SaveProject => "Save the project",
            Self::ExportMidi(ExportScope::AllPieces) => "Export all pieces as MIDI into a folder",
            Self::ExportMidi(_) => "Export MIDI",
            Self::ExportWav(ExportScope::AllPieces) => "Export all pieces as WAV into a folder",
            Self::ExportWav(_) => "Export as WAV, FLAC or Ogg Vorbis",
            Self::SoundFont => "Choose a SoundFont",
            Self::GpuWheels => "Choose the folder with the wheels of the GPU pack",
            Self::ExportFolder => "Choose the folder to export into",
            Self::CurveCsv => "Export the curve as CSV",
            Self::CurvePng => "Export the curve as PNG",
            Self::ReadRuns => "Read runs from projects",
            Self::SweepScript => "Save the sweep as a shell script",
            Self::ImportPreset => "Import a preset",
            Self::SharePreset(_) => "Share a preset as a file",
        }
    }

    /// Whether a folder is wanted rather than a file.
    pub fn is_folder(&self) -> bool {
        matches!(
            self,
            Self::AddFolders
                | Self::ExportFolder
                | Self::GpuWheels
                | Self::ExportMidi(ExportScope::AllPieces)
                | Self::ExportWav(ExportScope::AllPieces)
        )
    }

    /// Whether the file is there already.
    pub fn is_for_reading(&self) -> bool {
        matches!(
            self,
            Self::AddFolders
                | Self::AddFiles
                | Self::OpenProject
                | Self::SoundFont
                | Self::ReadRuns
                | Self::ImportPreset
        )
    }
}

/// A field for a path, and what it is wanted for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathPrompt {
    pub purpose: PathPurpose,
    pub text: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CloseQuestion {
    pub is_training: bool,
    pub is_unsaved: bool,
    pub to: LeaveFor,
}

/// What the project that is open is left for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LeaveFor {
    /// The window closes.
    #[default]
    Nothing,
    NewProject,
    /// Another project, which was read already.
    Project,
}
