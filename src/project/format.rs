//! Between a [`Project`] and the bytes of a `.harmonium` file.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use crate::dataset::{pack_bits, pack_roll, unpack_bits, unpack_roll};
use crate::rbm::{LearnerState, Parameters};
use crate::train::TrainerState;

use super::document::{Document, ModelEntry, PieceEntry, SongEntry};
use super::error::io_words;
use super::{Model, Project, ProjectError, write_atomically};

/// The ending of project files.
pub const EXTENSION: &str = "harmonium";

/// The version of the document that this Harmonium writes, and the newest that it reads.
pub const FORMAT_VERSION: u64 = 1;

/// The metadata key of the document.
const DOCUMENT_KEY: &str = "harmonium";

/// Saves a project whole, keeping what stood there before as `NAME.harmonium.bak`.
pub fn save(project: &Project, path: &Path) -> Result<(), ProjectError> {
    let bytes = to_bytes(project)
        .map_err(|reason| ProjectError::Write { path: path.to_owned(), reason })?;
    let mut backup = path.as_os_str().to_owned();
    backup.push(".bak");
    write_atomically(path, &bytes, Some(&PathBuf::from(backup)))
}

/// Loads a project.
///
/// # Errors
/// What cannot be read, is no project, or was written by a newer Harmonium.
pub fn load(path: &Path) -> Result<Project, ProjectError> {
    let bytes = std::fs::read(path)
        .map_err(|error| ProjectError::Read { path: path.to_owned(), reason: io_words(&error) })?;
    from_bytes(&bytes).map_err(|problem| match problem {
        Problem::Newer(found) => {
            ProjectError::Newer { path: path.to_owned(), found, known: FORMAT_VERSION }
        }
        Problem::Damaged(reason) => ProjectError::NotAProject { path: path.to_owned(), reason },
    })
}

enum Problem {
    Newer(u64),
    Damaged(String),
}

impl From<String> for Problem {
    fn from(reason: String) -> Self {
        Self::Damaged(reason)
    }
}

/// A tensor on its way into the file.
struct Packed<'a> {
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Cow<'a, [u8]>,
}

impl safetensors::View for Packed<'_> {
    fn dtype(&self) -> Dtype {
        self.dtype
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(&self.bytes)
    }

    fn data_len(&self) -> usize {
        self.bytes.len()
    }
}

/// The bytes of a project file; the same project gives the same bytes.
///
/// # Errors
/// In words, when a number in the document cannot be written.
pub fn to_bytes(project: &Project) -> Result<Vec<u8>, String> {
    let document = Document {
        format_version: FORMAT_VERSION,
        written_by: concat!("Harmonium ", env!("CARGO_PKG_VERSION")).to_owned(),
        settings: project.settings.clone(),
        generate: project.generate,
        songs: project.songs.iter().map(SongEntry::new).collect(),
        held_out_songs: project.held_out_songs.iter().map(SongEntry::new).collect(),
        model: project.model.as_ref().map(model_entry),
        runs: project.runs.clone(),
        pieces: project.pieces.iter().map(PieceEntry::new).collect(),
        unknown: project.unknown.clone(),
    };
    let text = serde_json::to_string(&document).map_err(|error| error.to_string())?;
    let metadata = HashMap::from([(DOCUMENT_KEY.to_owned(), text)]);
    let songs = project.songs.iter().chain(&project.held_out_songs);
    let rolls: Vec<u8> = songs.flat_map(|song| pack_roll(&song.roll)).collect();
    let mut tensors = vec![("rolls", bits(vec![rolls.len()], rolls))];
    if let Some(model) = &project.model {
        tensors.extend(model_tensors(&model.state));
    }
    safetensors::serialize(tensors, Some(metadata)).map_err(|error| error.to_string())
}

fn model_entry(model: &Model) -> ModelEntry {
    let state = &model.state;
    ModelEntry {
        run: model.run.clone(),
        hidden_retention: state.parameters.hidden_retention,
        finished_epochs: state.finished_epochs,
        batches: state.batches,
        updates: state.updates,
    }
}

fn model_tensors(state: &TrainerState) -> Vec<(&'static str, Packed<'static>)> {
    let parameters = &state.parameters;
    let (n_visible, n_hidden) = (parameters.n_visible, parameters.n_hidden);
    let learner = &state.learner;
    let chains = pack_bits(&learner.chains);
    let n_chains = learner.chains.len() / n_visible.max(1);
    vec![
        ("weights", floats(vec![n_visible, n_hidden], &parameters.weights)),
        ("visible_bias", floats(vec![n_visible], &parameters.visible_bias)),
        ("hidden_bias", floats(vec![n_hidden], &parameters.hidden_bias)),
        ("learner_velocity", floats(vec![learner.velocity.len()], &learner.velocity)),
        (
            "learner_hidden_offset",
            floats(vec![learner.hidden_offset.len()], &learner.hidden_offset),
        ),
        (
            "learner_hidden_activity",
            floats(vec![learner.hidden_activity.len()], &learner.hidden_activity),
        ),
        ("learner_chains", bits(vec![chains.len()], chains)),
        ("learner_chain_count", bits(vec![8], (n_chains as u64).to_le_bytes().to_vec())),
    ]
}

fn floats(shape: Vec<usize>, values: &[f32]) -> Packed<'static> {
    let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    Packed { dtype: Dtype::F32, shape, bytes: Cow::Owned(bytes) }
}

fn bits(shape: Vec<usize>, bytes: Vec<u8>) -> Packed<'static> {
    Packed { dtype: Dtype::U8, shape, bytes: Cow::Owned(bytes) }
}

fn from_bytes(bytes: &[u8]) -> Result<Project, Problem> {
    let damaged = |error: safetensors::SafeTensorError| Problem::Damaged(error.to_string());
    let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(damaged)?;
    let text = metadata
        .metadata()
        .as_ref()
        .and_then(|entries| entries.get(DOCUMENT_KEY))
        .ok_or_else(|| "it is a safetensors file, but not one of Harmonium's".to_owned())?;
    check_version(text)?;
    let document: Document =
        serde_json::from_str(text).map_err(|error| format!("its document is damaged: {error}"))?;
    document.settings.validate().map_err(|error| error.to_string())?;
    let tensors = SafeTensors::deserialize(bytes).map_err(damaged)?;
    let model = match document.model {
        Some(entry) => Some(read_model(entry, &tensors)?),
        None => None,
    };
    let mut rolls = tensor(&tensors, "rolls", Dtype::U8)?.data();
    let pieces = document.pieces.into_iter().map(PieceEntry::into_piece);
    Ok(Project {
        settings: document.settings,
        generate: document.generate,
        songs: read_songs(document.songs, &mut rolls)?,
        held_out_songs: read_songs(document.held_out_songs, &mut rolls)?,
        model,
        runs: document.runs,
        pieces: pieces.collect::<Result<_, String>>()?,
        unknown: document.unknown,
    })
}

/// Before anything else is believed: a newer document may look quite different.
fn check_version(text: &str) -> Result<(), Problem> {
    let value: serde_json::Value =
        serde_json::from_str(text).map_err(|error| format!("its document is damaged: {error}"))?;
    match value.get("format_version").and_then(serde_json::Value::as_u64) {
        Some(found) if found > FORMAT_VERSION => Err(Problem::Newer(found)),
        Some(_) => Ok(()),
        None => Err(Problem::Damaged("its document has no format_version".to_owned())),
    }
}

/// Takes the songs' rolls off the front of `rolls`.
fn read_songs(
    entries: Vec<SongEntry>,
    rolls: &mut &[u8],
) -> Result<Vec<crate::dataset::Song>, String> {
    let mut songs = Vec::with_capacity(entries.len());
    for entry in entries {
        let RollShape { n_steps, pitches, steps_per_beat } = RollShape::of(&entry);
        let n_bytes = n_steps
            .checked_mul(pitches.len() * 2)
            .map(|n_cells| n_cells.div_ceil(8))
            .filter(|n_bytes| *n_bytes <= rolls.len())
            .ok_or_else(|| format!("the roll of \"{}\" is cut short", entry.title))?;
        let (packed, after) = rolls.split_at(n_bytes);
        *rolls = after;
        let roll = unpack_roll(packed, n_steps, pitches, steps_per_beat)
            .ok_or_else(|| format!("the roll of \"{}\" is cut short", entry.title))?;
        songs.push(entry.into_song(roll)?);
    }
    Ok(songs)
}

struct RollShape {
    n_steps: usize,
    pitches: crate::music::PitchRange,
    steps_per_beat: u8,
}

impl RollShape {
    fn of(entry: &SongEntry) -> Self {
        Self {
            n_steps: entry.n_steps,
            pitches: entry.roll_settings.pitches,
            steps_per_beat: entry.roll_settings.steps_per_beat,
        }
    }
}

fn read_model(entry: ModelEntry, tensors: &SafeTensors<'_>) -> Result<Model, String> {
    let shape = tensor(tensors, "weights", Dtype::F32)?.shape().to_vec();
    let [n_visible, n_hidden] = shape[..] else {
        return Err("the tensor \"weights\" is no matrix".to_owned());
    };
    if entry.run.settings.encoding.n_visible() != n_visible {
        return Err("the weights do not fit the encoding of the run".to_owned());
    }
    let count = tensor(tensors, "learner_chain_count", Dtype::U8)?.data();
    let n_chains = u64::from_le_bytes(count.try_into().map_err(|_error| "chain count is damaged")?);
    let packed = tensor(tensors, "learner_chains", Dtype::U8)?.data();
    let chains = (n_chains as usize)
        .checked_mul(n_visible)
        .and_then(|n_cells| unpack_bits(packed, n_cells))
        .ok_or("the tensor \"learner_chains\" is cut short")?;
    let parameters = Parameters {
        n_visible,
        n_hidden,
        weights: read_floats(tensors, "weights", n_visible * n_hidden)?,
        visible_bias: read_floats(tensors, "visible_bias", n_visible)?,
        hidden_bias: read_floats(tensors, "hidden_bias", n_hidden)?,
        hidden_retention: entry.hidden_retention,
    };
    let any = |name| tensor(tensors, name, Dtype::F32).map(|view| to_floats(view.data()));
    let learner = LearnerState {
        velocity: any("learner_velocity")?,
        chains,
        hidden_offset: any("learner_hidden_offset")?,
        // Files of before there was a sparsity target have none.
        hidden_activity: any("learner_hidden_activity").unwrap_or_default(),
    };
    let state = TrainerState {
        parameters,
        learner,
        finished_epochs: entry.finished_epochs,
        batches: entry.batches,
        updates: entry.updates,
    };
    Ok(Model { run: entry.run, state })
}

fn tensor<'a>(
    tensors: &SafeTensors<'a>,
    name: &str,
    dtype: Dtype,
) -> Result<TensorView<'a>, String> {
    let view = tensors.tensor(name).map_err(|_missing| format!("it has no tensor \"{name}\""))?;
    if view.dtype() == dtype {
        Ok(view)
    } else {
        Err(format!("the tensor \"{name}\" is of the kind {:?}, not {dtype:?}", view.dtype()))
    }
}

fn read_floats(tensors: &SafeTensors<'_>, name: &str, n: usize) -> Result<Vec<f32>, String> {
    let values = to_floats(tensor(tensors, name, Dtype::F32)?.data());
    if values.len() == n {
        Ok(values)
    } else {
        Err(format!("the tensor \"{name}\" has {} values where {n} are needed", values.len()))
    }
}

fn to_floats(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks::<4>().0.iter().map(|four| f32::from_le_bytes(*four)).collect()
}
