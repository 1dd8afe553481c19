//! What the engine reports. Facts, in the past tense.

use std::path::PathBuf;
use std::sync::Arc;

use crate::dataset::{Import, Song};
use crate::project::{Hold, Model, PieceRecord, Project, ProjectLock, Run};
use crate::rbm::DeviceReport;
use crate::train::{
    BestEpoch, EpochRecord, Likelihood, SettingChange, TrainSettings, TrainerState, WatchedMeasure,
};

use super::WayOn;

#[derive(Debug)]
pub enum EngineEvent {
    DeviceProbed(DeviceReport),
    ImportProgressed {
        done: usize,
        total: usize,
    },
    Imported(Box<Import>),
    Encoded {
        songs: Vec<Song>,
        problems: Vec<String>,
    },
    RunStarted(Box<RunFacts>),
    EpochFinished(EpochRecord),
    RunPaused,
    RunResumed,
    SettingChanged(SettingChange),
    ChangeRefused {
        key: &'static str,
        reason: String,
    },
    RunEnded(RunEnd),
    /// The run went astray and stands again, paused, where it last stood well.
    RunDiverged(Divergence),
    /// The run ended by itself, or none could begin.
    RunFailed {
        /// And the remedy, in words.
        reason: String,
        /// The engine still has a model, which can be heard and saved.
        has_model: bool,
        /// What would let it go on; nothing where the machine is not to blame.
        ways_on: Vec<WayOn>,
    },
    /// The run and its model are forgotten.
    RunReset,
    /// The answer to [`EngineCommand::KeepModel`](super::EngineCommand::KeepModel), when there was a
    /// model.
    ModelKept {
        run: u64,
        model: Box<Model>,
    },
    /// The run that was put aside is in hand again, paused.
    RunBroughtBack,
    GenerateProgressed {
        share: f64,
    },
    Generated(Vec<PieceRecord>),
    GenerateCancelled,
    /// A piece as its chain was when it was asked for; without name and rank.
    ChainTaken(Box<PieceRecord>),
    GenerateFailed(String),
    /// A piece for live audition, of the model after so many epochs.
    Auditioned {
        epoch: u32,
        piece: Box<PieceRecord>,
    },
    AuditionFailed(String),
    LikelihoodProgressed {
        share: f64,
    },
    LikelihoodEstimated(Box<Likelihood>),
    LikelihoodCancelled,
    LikelihoodFailed(String),
    /// `None` when the piece is silent or the songs are shorter than a bar.
    NearestFound {
        piece: u64,
        nearest: Option<NearestSong>,
    },
    NearestCancelled {
        piece: u64,
    },
    NearestFailed {
        piece: u64,
        reason: String,
    },
    Saved {
        path: PathBuf,
        /// The project's lock, when it was asked for and the disk knows locks.
        lock: Option<ProjectLock>,
    },
    SaveFailed {
        path: PathBuf,
        reason: String,
    },
    Autosaved {
        number: u64,
    },
    AutosaveFailed {
        reason: String,
    },
    Loaded {
        path: PathBuf,
        project: Box<Project>,
        /// What came of asking for the lock.
        hold: Option<Hold>,
    },
    LoadFailed {
        path: PathBuf,
        reason: String,
    },
    /// The runs of a project, its current one last.
    RunsRead {
        path: PathBuf,
        runs: Vec<ReadRun>,
    },
    ReadRunsFailed {
        path: PathBuf,
        reason: String,
    },
}

/// A run of another project.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadRun {
    pub run: Run,
    /// Its model, where the project has one.
    pub state: Option<Arc<TrainerState>>,
}

/// The training song that a piece comes nearest to; see [`crate::dataset::Nearest`].
#[derive(Clone, Debug, PartialEq)]
pub struct NearestSong {
    /// 0 to 1: at least half of the piece's bars come so near.
    pub distance: f64,
    pub is_copy: bool,
    pub title: String,
    /// Where its nearest stretch begins, counted from 1 by the piece's metre.
    pub bar: usize,
}

/// How a run ended when nothing went wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RunEnd {
    /// All epochs are done.
    Completed {
        /// The epoch whose weights are kept, where that is not the last.
        kept: Option<BestEpoch>,
    },
    /// The measure of the early stop has had no new best since this epoch.
    StoppedEarly { measure: WatchedMeasure, best: BestEpoch, kept: Option<BestEpoch> },
    /// By the user.
    Stopped { kept: Option<BestEpoch> },
}

/// What went wrong with a run, and what to try.
#[derive(Clone, Debug, PartialEq)]
pub struct Divergence {
    /// The epoch under way, counted from 1.
    pub epoch: u32,
    /// What was seen, in words.
    pub symptom: String,
    /// The finished epochs at which the run stands again.
    pub good_epochs: u32,
    pub suggested_rate: f64,
}

impl Divergence {
    /// Where the run stands again: "after epoch 12".
    pub fn place(&self) -> String {
        match self.good_epochs {
            0 => "at its start".to_owned(),
            epoch => format!("after epoch {epoch}"),
        }
    }
}

/// What a run has to work with.
#[derive(Clone, Debug, PartialEq)]
pub struct RunFacts {
    pub name: String,
    pub settings: TrainSettings,
    pub n_visible: usize,
    pub n_hidden: usize,
    pub training_excerpts: usize,
    pub held_out_excerpts: usize,
    /// "cpu" or "cuda".
    pub device: &'static str,
    pub threads: usize,
    /// Epochs that were done before, in a project that is taken up again.
    pub finished_epochs: u32,
    /// Nothing is left to do.
    pub is_finished: bool,
    pub is_paused: bool,
}
