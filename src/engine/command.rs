//! What the engine can be told.

use std::path::PathBuf;
use std::sync::Arc;

use crate::dataset::{EncodingSettings, Song};
use crate::generate::{GenerateSettings, Task};
use crate::music::{Metre, PianoRoll, RollNote};
use crate::project::{AutosaveNote, Model, Project};
use crate::rbm::{AnnealingSettings, DeviceChoice};
use crate::train::TrainSettings;

use super::{ChainStep, Fault, GoOnRequest, Wanted};

/// Imperatives; the answers are [`EngineEvent`](super::EngineEvent)s.
#[derive(Debug)]
pub enum EngineCommand {
    /// Open the CUDA library, if there is one, and say what it found.
    ProbeDevice,
    Import(ImportRequest),
    /// Encode the songs anew with other settings.
    Encode {
        songs: Vec<Song>,
        settings: EncodingSettings,
    },
    CancelImport,
    /// Start a run; one under way is ended first.
    Train(Box<TrainRequest>),
    Pause,
    Resume,
    /// Go on for one epoch or one batch, then pause.
    Step(StepSize),
    /// End the run; the model stays.
    Stop,
    /// Forget the run and its model.
    Reset,
    /// Hand out a copy of the model as it stands, under a number of the asker's.
    KeepModel(u64),
    RenameRun(String),
    /// The same, but keep them aside until another run begins.
    PutAside,
    /// Take up again, paused, what was put aside.
    BringBack,
    /// Turn a knob between two batches.
    Change {
        key: &'static str,
        value: String,
    },
    /// Go on with a run that failed, from where it last stood well.
    GoOn(Box<GoOnRequest>),
    /// Take over the model of a project, paused.
    Adopt(Box<AdoptRequest>),
    Generate(Box<GenerateRequest>),
    CancelGenerate,
    /// Which of the pieces under work is looked at while its chain runs; its pictures come by
    /// [`EngineHandle::take_chain`](super::EngineHandle::take_chain). Holds for later ones too.
    WatchChain(Option<usize>),
    /// Hold the chains of the generation up, or let them run on.
    PauseChain(bool),
    /// Hold them up and go one Gibbs step on or back; back only while they were watched from the
    /// start of the excerpt, and not out of it.
    StepChain(ChainStep),
    /// Take the watched piece, or the first, as its chain is now:
    /// [`EngineEvent::ChainTaken`](super::EngineEvent).
    TakeChain,
    /// Play live: pieces of the model as it learns, until `None`.
    Audition(Option<Box<AuditionRequest>>),
    /// Work out the log-likelihood of the model as it stands, beside the training.
    EstimateLikelihood(AnnealingSettings),
    CancelEstimate,
    /// Look for the training song that a piece comes nearest to.
    FindNearest(Box<NearestRequest>),
    CancelNearest,
    /// Save the project with the model as it stands.
    Save {
        path: PathBuf,
        project: Box<Project>,
        /// Take the project's lock first, in these words; `None` when the asker has it.
        lock_as: Option<String>,
    },
    /// Write an autosave with the model as it stands.
    Autosave(Box<AutosaveRequest>),
    Load {
        path: PathBuf,
        /// Take this lock first.
        lock: Option<LockWish>,
    },
    /// Read projects for their runs and models only.
    ReadRuns(Vec<PathBuf>),
    /// Which pictures of the model somebody looks at now.
    Watch(Wanted),
    /// For tests: something that goes wrong on purpose.
    Plant(Fault),
    Shutdown,
}

/// A project that is to be locked for whoever opens it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockWish {
    /// Another file than the one that is read when an autosave is opened.
    pub project: PathBuf,
    /// Who asks, in words for others.
    pub holder: String,
}

#[derive(Clone, Debug)]
pub struct AutosaveRequest {
    pub path: PathBuf,
    pub project: Project,
    pub note: AutosaveNote,
    /// A number of the asker's, to know the answer by.
    pub number: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepSize {
    Epoch,
    Batch,
}

#[derive(Clone, Debug)]
pub struct ImportRequest {
    pub paths: Vec<PathBuf>,
    pub settings: EncodingSettings,
}

#[derive(Clone, Debug)]
pub struct TrainRequest {
    pub name: String,
    pub songs: Vec<Song>,
    pub held_out_songs: Vec<Song>,
    pub settings: TrainSettings,
    pub device: DeviceChoice,
    /// Begin paused: the first thing that happens is a step.
    pub starts_paused: bool,
}

#[derive(Clone, Debug)]
pub struct AdoptRequest {
    pub songs: Vec<Song>,
    pub held_out_songs: Vec<Song>,
    pub model: Model,
    pub device: DeviceChoice,
}

#[derive(Clone, Debug)]
pub struct GenerateRequest {
    pub settings: GenerateSettings,
    /// For the start point "song".
    pub song: Option<Arc<PianoRoll>>,
    pub task: Task,
    /// Notes that are neither changed nor lost; see [`Assignment`](crate::generate::Assignment).
    pub locked: Vec<RollNote>,
    pub metre: Metre,
    pub beats_per_minute: f64,
}

/// Short pieces of the model as it learns.
#[derive(Clone, Debug)]
pub struct AuditionRequest {
    /// The first at once, as soon as an epoch is done; then one after every so many epochs.
    pub every_epochs: u32,
    pub piece: GenerateRequest,
}

#[derive(Clone, Debug)]
pub struct NearestRequest {
    /// A number of the asker's, to know the answer by.
    pub piece: u64,
    pub roll: Arc<PianoRoll>,
    pub metre: Metre,
    pub songs: Vec<Song>,
    pub held_out_songs: Vec<Song>,
    /// Of the model that made the piece.
    pub encoding: EncodingSettings,
}
