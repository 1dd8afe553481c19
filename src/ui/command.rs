//! The one list of everything that a person can do.
//!
//! Panels push commands; `app` carries them out, one arm each. Buttons, menus, shortcuts and tests
//! all come through here.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use crate::engine::{ChainStep, WayOn};
use crate::generate::{GenerateSettings, StartPoint};
use crate::music::{NoteSheet, Performance, RollNote};
use crate::train::{Preset, SweepAxis, TrainSettings};

use super::compose::Composition;
use super::export_plan::ExportPlan;
use super::learned::{Heard, LearnedTab};
use super::manual::Place;
use super::state::{ExportScope, PathPurpose, PieceId, RunId, SongIndex, ThemeChoice};
use super::widgets::{RollGrid, ScaleChoice};
use super::window_state::{FocusWish, Part};

#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    // Project
    NewProject,
    OpenProject,
    OpenPath(PathBuf),
    Save,
    SaveAs,
    Quit,
    /// The answer to "training is running, close anyway?".
    ConfirmClose,
    CancelClose,
    /// Saves, and closes once the file is whole.
    SaveAndClose,
    /// Opens what an earlier session left, by its place in the list.
    OpenRecovered(usize),
    /// It goes when the list is closed, or stays after all.
    DiscardRecovered {
        entry: usize,
        is_discarded: bool,
    },
    /// The rest is listed again by the next start.
    CloseRecovery,
    // Data
    /// Asks for folders with the system's dialog.
    AddFolder,
    AddFiles,
    AddPaths(Vec<PathBuf>),
    AddDemoSet,
    CancelImport,
    ReloadSongs,
    RemoveFolder(PathBuf),
    IncludeFolder {
        folder: PathBuf,
        is_included: bool,
    },
    IncludeSong {
        song: SongIndex,
        is_included: bool,
    },
    /// Shows a song in the piano roll.
    SelectSong(SongIndex),
    /// Shows it and plays it from the start, or pauses it.
    AuditionSong(SongIndex),
    // Model
    ApplyPreset(Preset),
    /// A knob, by its key in the settings table, with the value as text.
    SetSetting {
        key: &'static str,
        value: String,
    },
    Train,
    Pause,
    StopTraining,
    StepEpoch,
    StepBatch,
    ResetRun,
    /// After a run diverged: sets the rate that was proposed and goes on.
    TakeProposedRate,
    /// After a run failed because of the machine: one of the ways that were offered.
    GoOn(WayOn),
    // Runs
    /// Opens or closes the window with all runs.
    ShowRuns(bool),
    ShowRun {
        run: RunId,
        is_shown: bool,
    },
    RenameRun {
        run: RunId,
        name: String,
    },
    /// By the place in the set of colours for runs.
    ColorRun {
        run: RunId,
        color: u8,
    },
    DeleteRun(RunId),
    /// Sets all knobs at once; those of a run, for example.
    AdoptSettings(Box<TrainSettings>),
    /// Makes an earlier run the current one, generates pieces from it and plays the first.
    HearRun(RunId),
    /// Asks for project files whose runs join the table.
    ReadRuns,
    // Sweeps
    /// Opens the window in which a sweep is put together, with this setting first.
    DraftSweep(&'static str),
    CloseSweepDraft,
    StartSweep(Vec<SweepAxis>),
    PauseSweep(bool),
    /// Drops what waits and stops the run under way.
    CancelSweep,
    /// Takes a run that waits out of the queue, by its place.
    RemoveSweepRun(usize),
    /// The sweep as a command line for each run, on the clipboard.
    CopySweepCommands(Vec<SweepAxis>),
    /// The same as a shell script.
    SaveSweepScript(Vec<SweepAxis>),
    // Own presets
    SavePreset(String),
    ApplyOwnPreset(String),
    RenamePreset {
        name: String,
        to: String,
    },
    DeletePreset(String),
    /// Asks where to write it.
    SharePreset(String),
    ImportPreset,
    /// Puts the command line that repeats the run on the clipboard.
    CopyAsCommand,
    ExportCurveCsv,
    ExportCurvePng,
    /// Works out the log-likelihood of the model as it stands.
    EstimateLikelihood,
    CancelEstimate,
    /// Lets something of the model be heard; a second time stops it.
    Hear(Heard),
    StopHearing,
    /// The explanation of the network is not shown again.
    CloseNetworkExplanation,
    // Music
    SetPieces(u32),
    SetBars(u32),
    SetGibbsSteps(u32),
    SetTemperature(f64),
    SetStart(StartPoint),
    SetGenerateSeed(u64),
    /// A seed drawn by chance.
    DrawGenerateSeed,
    Generate,
    /// Makes pieces out of what the roll shows.
    Compose(Composition),
    /// Takes what the roll shows, or the selected bars of it, as the start of new pieces.
    StartFromShown,
    /// New pieces start from the chosen song again.
    ForgetStartMusic,
    /// How far a variation strays, 0 to 1.
    SetVaryAmount(f64),
    CancelGenerate,
    /// Everything that new pieces are made by.
    SetGeneration(Box<GenerateSettings>),
    /// Holds up the chain of the pieces under work, or lets it run on.
    PauseChain(bool),
    StepChain(ChainStep),
    /// Keeps the piece as its chain has it now.
    TakeChain,
    /// Play the model while it learns, or stop doing so.
    SetAudition(bool),
    SetAuditionEpochs(u32),
    /// Puts what live audition plays among the pieces.
    KeepDream,
    SelectPiece(PieceId),
    AuditionPiece(PieceId),
    FavouritePiece {
        piece: PieceId,
        is_favourite: bool,
    },
    DeletePiece(PieceId),
    /// Gives a piece these notes.
    EditNotes {
        piece: PieceId,
        notes: Arc<NoteSheet>,
        /// The edit in words, such as "Move notes".
        what: &'static str,
    },
    /// Locks these notes of a piece (sorted) and no others: new music leaves them as they are.
    LockNotes {
        piece: PieceId,
        notes: Arc<[RollNote]>,
    },
    /// Makes a piece with these notes from a song, which itself is never changed.
    EditCopyOfSong {
        song: SongIndex,
        notes: Arc<NoteSheet>,
    },
    /// Keeps what live audition plays, with these notes; live audition ends.
    EditDream(Arc<NoteSheet>),
    // Transport
    TogglePlay,
    StopPlaying,
    ToggleLoop,
    /// To a step of the roll.
    Seek(f64),
    /// A range of steps of the roll to loop or work on; `None` clears it.
    SelectSteps(Option<Range<usize>>),
    SetTempo(f64),
    /// Lets one MIDI pitch be heard, for a click on the keyboard.
    SoundPitch(u8),
    /// Lets a short note be heard, for an edit.
    SoundNote {
        pitch: u8,
        velocity: u8,
    },
    /// General MIDI programme.
    SetProgram(u8),
    /// 0 to 1.
    SetVolume(f32),
    RetryAudio,
    // Sound
    /// Opens or closes the window with everything about the sound.
    ShowSound(bool),
    SetPerformance(Box<Performance>),
    /// What the unevenness is drawn from, by chance.
    DrawHumaniseSeed,
    SetMetronome(bool),
    /// In bars.
    SetCountIn(u32),
    /// Asks for a SoundFont.
    ChooseSoundFont,
    /// `None` is the built-in one.
    UseSoundFont(Option<PathBuf>),
    /// All notes off.
    Panic,
    // Taking away
    ExportMidi(ExportScope),
    ExportWav(ExportScope),
    /// Opens or closes the window that exports several pieces and kinds of files at once.
    ShowExport(bool),
    SetExportPlan(Box<ExportPlan>),
    /// Asks for the folder that the plan's files go into.
    ChooseExportFolder,
    /// Carries the plan out.
    StartExport,
    CancelExport,
    /// Shows the folder of a file that was written.
    ShowInFolder(PathBuf),
    /// The path that was asked for.
    AcceptPath {
        purpose: PathPurpose,
        path: PathBuf,
    },
    CancelPath,
    // Taking back
    Undo,
    Redo,
    // Window
    SetTheme(ThemeChoice),
    /// In per cent.
    SetZoom(u32),
    ShowPart {
        part: Part,
        is_shown: bool,
    },
    /// Moves the keyboard.
    GoTo(FocusWish),
    ShowPalette(bool),
    ShowShortcuts(bool),
    SetLogScale(bool),
    ShowFilters(bool),
    /// Opens the card of what the model has learned at a tab.
    ShowLearned(LearnedTab),
    /// Shows a measure in the curve, by its place in [`FIGURES`](crate::train::FIGURES).
    ShowFigure(usize),
    SetRollGrid(RollGrid),
    SetRollScale(ScaleChoice),
    ShowAllSettings(bool),
    DismissNotice(u64),
    ShowNotices(bool),
    ShowAbout(bool),
    /// Opens or closes the window with what the program found on this machine.
    ShowDiagnostics(bool),
    /// Begins the tour from its first step, or ends it for good.
    ShowTour(bool),
    ShowReport(bool),
    // Help
    /// Opens the manual at a place, or where it was; or closes it.
    ShowManual {
        is_shown: bool,
        place: Option<Place>,
    },
    // Graphics card
    /// Opens or closes the window on the graphics card.
    ShowGpu(bool),
    /// Installs the GPU pack from the wheels of a folder, or through pip.
    InstallGpuPack(Option<PathBuf>),
    /// Asks for that folder.
    ChooseWheels,
    CancelGpuPack,
    RemoveGpuPack,
}
