//! A project in memory, and the JSON document that it becomes on disk.

use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::dataset::{
    Dataset, DatasetError, EncodingSettings, Fingerprint, RollSettings, Song, SongReport, Status,
    TrackInfo, hex,
};
use crate::generate::GenerateSettings;
use crate::music::{Key, Metre, Performance, PianoRoll};
use crate::train::{BestEpoch, History, TrainSettings, TrainerState};

use super::piece::{PieceEntry, PieceRecord};
use super::unknown::UnknownFields;

/// Everything that a project holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Project {
    /// The knobs as they stand; the next run starts with them.
    pub settings: TrainSettings,
    pub generate: GenerateSettings,
    /// How its music is played; files of before do not say.
    pub sound: Option<ProjectSound>,
    pub songs: Vec<Song>,
    /// Songs that are measured and never trained on, when they come from a folder of their own;
    /// else a share of `songs` is held out.
    pub held_out_songs: Vec<Song>,
    /// The current run, with its weights.
    pub model: Option<Model>,
    /// Earlier runs.
    pub runs: Vec<Run>,
    /// The models of those earlier runs that still have theirs.
    pub run_models: Vec<RunModel>,
    pub pieces: Vec<PieceRecord>,
    /// What a later Harmonium wrote; kept as it is.
    pub unknown: UnknownFields,
}

/// How the music of a project is played.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProjectSound {
    /// General MIDI programme of what is not divided into voices.
    pub program: u8,
    pub performance: Performance,
}

/// A run and the state that it can go on from.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    pub run: Run,
    pub state: TrainerState,
}

/// What a run was made with and what it reported.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Run {
    pub name: String,
    /// As they stand now; the history says which were changed, and when.
    pub settings: TrainSettings,
    pub history: History,
    /// What it learned from; unknown for earlier runs and in files of the first version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Fingerprint>,
    /// Place in the set of looks for runs: colours and the ways in which lines are broken.
    #[serde(skip_serializing_if = "is_zero")]
    pub color: u8,
    /// Its curve is not drawn.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_hidden: bool,
    /// Why it ended before its time, in words; it diverged, for example.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
fn is_zero(number: &u8) -> bool {
    *number == 0
}

/// The model of an earlier run.
#[derive(Clone, Debug, PartialEq)]
pub struct RunModel {
    /// Place in [`Project::runs`].
    pub run: usize,
    pub state: Arc<TrainerState>,
}

impl Project {
    /// The data set of the songs, encoded as `settings` say.
    pub fn dataset(&self, settings: &EncodingSettings) -> Result<Dataset, DatasetError> {
        if self.held_out_songs.is_empty() {
            Dataset::build(&self.songs, settings)
        } else {
            Dataset::build_with_held_out(&self.songs, &self.held_out_songs, settings)
        }
    }
}

/// The JSON document. Field names are the format: never rename one.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Document {
    pub format_version: u64,
    pub written_by: String,
    #[serde(default)]
    pub settings: TrainSettings,
    #[serde(default)]
    pub generate: GenerateSettings,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sound: Option<ProjectSound>,
    #[serde(default)]
    pub songs: Vec<SongEntry>,
    #[serde(default)]
    pub held_out_songs: Vec<SongEntry>,
    #[serde(default)]
    pub model: Option<ModelEntry>,
    #[serde(default)]
    pub runs: Vec<Run>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub run_models: Vec<RunModelEntry>,
    #[serde(default)]
    pub pieces: Vec<PieceEntry>,
}

/// Where the current run stands; its numbers are the tensors.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ModelEntry {
    pub run: Run,
    #[serde(flatten)]
    pub state: StateEntry,
}

/// The same for an earlier run; the names of its tensors begin with `run` and `run`'s number.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct RunModelEntry {
    /// Place in `runs`.
    pub run: usize,
    #[serde(flatten)]
    pub state: StateEntry,
}

/// Where a run stands, but for its numbers.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StateEntry {
    pub hidden_retention: f64,
    pub finished_epochs: u32,
    pub batches: usize,
    pub updates: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub early_stop: Option<BestEpoch>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<KeptEntry>,
}

/// The second set of parameters; its numbers are the tensors `best.` or, where the best are in
/// use, `last.`.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct KeptEntry {
    pub best: BestEpoch,
    pub is_in_use: bool,
    pub hidden_retention: f64,
}

/// A song; its roll lies in the tensor `rolls`: those of `songs`, then those of `held_out_songs`.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct SongEntry {
    pub title: String,
    pub path: String,
    pub folder: String,
    #[serde(default)]
    pub is_chosen_itself: bool,
    pub content_sha256: String,
    pub status: Status,
    pub reason: Option<String>,
    pub warnings: Vec<String>,
    pub n_steps: usize,
    pub roll_settings: RollSettings,
    pub key: Option<Key>,
    pub tempo_bpm: f64,
    pub metre: Metre,
    pub n_excerpts: u32,
    pub tracks: Vec<TrackInfo>,
    pub duplicate_of: Option<String>,
    pub is_included: bool,
}

impl SongEntry {
    pub(super) fn new(song: &Song) -> Self {
        let text = |path: &PathBuf| path.to_string_lossy().into_owned();
        Self {
            title: song.title.clone(),
            path: text(&song.path),
            folder: text(&song.folder),
            is_chosen_itself: song.is_chosen_itself,
            content_sha256: hex(&song.content_sha256),
            status: song.report.status,
            reason: song.report.reason.clone(),
            warnings: song.report.warnings.clone(),
            n_steps: song.roll.n_steps(),
            roll_settings: song.roll_settings,
            key: song.key,
            tempo_bpm: song.tempo_bpm,
            metre: song.metre,
            n_excerpts: song.n_excerpts,
            tracks: song.tracks.clone(),
            duplicate_of: song.duplicate_of.as_ref().map(text),
            is_included: song.is_included,
        }
    }

    pub(super) fn into_song(self, roll: PianoRoll) -> Result<Song, String> {
        let content_sha256 = unhex(&self.content_sha256)
            .ok_or_else(|| format!("the hash of \"{}\" is damaged", self.title))?;
        Ok(Song {
            path: self.path.into(),
            folder: self.folder.into(),
            is_chosen_itself: self.is_chosen_itself,
            title: self.title,
            content_sha256,
            source: None,
            report: SongReport {
                status: self.status,
                reason: self.reason,
                warnings: self.warnings,
            },
            roll: Arc::new(roll),
            roll_settings: self.roll_settings,
            key: self.key,
            tempo_bpm: self.tempo_bpm,
            metre: self.metre,
            n_excerpts: self.n_excerpts,
            tracks: self.tracks,
            duplicate_of: self.duplicate_of.map(PathBuf::from),
            is_included: self.is_included,
        })
    }
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (number, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * number..2 * number + 2], 16).ok()?;
    }
    Some(bytes)
}
