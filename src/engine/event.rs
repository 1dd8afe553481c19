//! What the engine reports. Facts, in the past tense.

use std::path::PathBuf;

use crate::dataset::{Import, Song};
use crate::project::{PieceRecord, Project};
use crate::rbm::DeviceReport;
use crate::train::{EpochRecord, SettingChange, TrainSettings};

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
    /// The run ended by itself; the reason and the remedy in words.
    RunFailed(String),
    /// The run and its model are forgotten.
    RunReset,
    GenerateProgressed {
        share: f64,
    },
    Generated(Vec<PieceRecord>),
    GenerateCancelled,
    GenerateFailed(String),
    Saved {
        path: PathBuf,
    },
    SaveFailed {
        path: PathBuf,
        reason: String,
    },
    Loaded {
        path: PathBuf,
        project: Box<Project>,
    },
    LoadFailed {
        path: PathBuf,
        reason: String,
    },
}

/// How a run ended when nothing went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunEnd {
    Completed,
    Stopped,
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
    pub is_paused: bool,
}
