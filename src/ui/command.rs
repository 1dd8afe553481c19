//! The one list of everything that a person can do.
//!
//! Panels push commands; `app` carries them out, one arm each. Buttons, menus, shortcuts and tests
//! all come through here.

use std::ops::Range;
use std::path::PathBuf;

use crate::generate::StartPoint;
use crate::train::Preset;

use super::state::{ExportScope, PathPurpose, PieceId, SongIndex, ThemeChoice};

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
    ShowRun {
        run: usize,
        is_shown: bool,
    },
    DeleteRun(usize),
    /// Puts the command line that repeats the run on the clipboard.
    CopyAsCommand,
    ExportCurveCsv,
    ExportCurvePng,
    /// Works out the log-likelihood of the model as it stands.
    EstimateLikelihood,
    CancelEstimate,
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
    CancelGenerate,
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
    /// General MIDI programme.
    SetProgram(u8),
    /// 0 to 1.
    SetVolume(f32),
    RetryAudio,
    // Taking away
    ExportMidi(ExportScope),
    ExportWav(ExportScope),
    CancelExport,
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
    DismissNotice(u64),
    ShowNotices(bool),
    ShowAbout(bool),
    ShowReport(bool),
}
