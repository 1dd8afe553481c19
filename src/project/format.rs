//! Between a [`Project`] and the bytes of a `.harmonium` file.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use safetensors::tensor::{Dtype, SafeTensors};
use serde_json::Value;

use crate::dataset::{pack_roll, unpack_roll};

use super::document::{Document, SongEntry};
use super::error::{backup_path, io_words};
use super::header::{Header, HeaderProblem};
use super::model_tensors::{
    bits, model_entry, model_tensors, read_model, read_run_models, run_model_entry, run_prefix,
    tensor,
};
use super::piece::{PieceEntry, into_pieces};
use super::song_check::RollShape;
use super::unknown::UnknownFields;
use super::{Project, ProjectError, write_atomically};

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
    write_atomically(path, &bytes, Some(&backup_path(path)))
}

/// Loads a project.
///
/// # Errors
/// What cannot be read, is no project, or was written by a newer Harmonium.
pub fn load(path: &Path) -> Result<Project, ProjectError> {
    let attempt = File::open(path).map_err(Problem::Unread).and_then(|mut file| {
        let header = Header::read(&mut file)?;
        from_file(header, &mut file)
    });
    attempt.map_err(|problem| match problem {
        Problem::Newer(found) => {
            ProjectError::Newer { path: path.to_owned(), found, known: FORMAT_VERSION }
        }
        Problem::Damaged(reason) => ProjectError::NotAProject { path: path.to_owned(), reason },
        Problem::Unread(error) => {
            ProjectError::Read { path: path.to_owned(), reason: io_words(&error) }
        }
    })
}

enum Problem {
    Newer(u64),
    Damaged(String),
    Unread(std::io::Error),
}

impl From<HeaderProblem> for Problem {
    fn from(problem: HeaderProblem) -> Self {
        match problem {
            HeaderProblem::Unread(error) => Self::Unread(error),
            HeaderProblem::Damaged(reason) => Self::Damaged(reason.to_owned()),
        }
    }
}

impl From<String> for Problem {
    fn from(reason: String) -> Self {
        Self::Damaged(reason)
    }
}

/// The bytes of a project file; the same project gives the same bytes.
///
/// # Errors
/// In words, when a number in the document cannot be written.
pub fn to_bytes(project: &Project) -> Result<Vec<u8>, String> {
    to_bytes_with(project, None)
}

/// With another entry of the metadata beside the document: its key and its text.
pub(super) fn to_bytes_with(
    project: &Project,
    entry: Option<(&str, String)>,
) -> Result<Vec<u8>, String> {
    let text = document_text(project)?;
    let mut metadata = HashMap::from([(DOCUMENT_KEY.to_owned(), text)]);
    metadata.extend(entry.map(|(key, text)| (key.to_owned(), text)));
    let songs = project.songs.iter().chain(&project.held_out_songs);
    let rolls: Vec<u8> = songs.flat_map(|song| pack_roll(&song.roll)).collect();
    let mut tensors = vec![("rolls".to_owned(), bits(vec![rolls.len()], rolls))];
    if let Some(model) = &project.model {
        tensors.extend(model_tensors("", &model.state));
    }
    for model in &project.run_models {
        tensors.extend(model_tensors(&run_prefix(model.run), &model.state));
    }
    safetensors::serialize(tensors, Some(metadata)).map_err(|error| error.to_string())
}

fn document_text(project: &Project) -> Result<String, String> {
    let document = Document {
        format_version: FORMAT_VERSION,
        written_by: concat!("Harmonium ", env!("CARGO_PKG_VERSION")).to_owned(),
        settings: project.settings.clone(),
        generate: project.generate,
        sound: project.sound,
        songs: project.songs.iter().map(SongEntry::new).collect(),
        held_out_songs: project.held_out_songs.iter().map(SongEntry::new).collect(),
        model: project.model.as_ref().map(model_entry),
        runs: project.runs.clone(),
        run_models: project.run_models.iter().map(run_model_entry).collect(),
        pieces: project.pieces.iter().map(PieceEntry::new).collect(),
    };
    if project.unknown == UnknownFields::default() {
        return serde_json::to_string(&document).map_err(|error| error.to_string());
    }
    let mut document = serde_json::to_value(&document).map_err(|error| error.to_string())?;
    project.unknown.put_into(&mut document);
    Ok(document.to_string())
}

fn from_file(header: Header, file: &mut File) -> Result<Project, Problem> {
    let missing = || "it is a safetensors file, but not one of Harmonium's".to_owned();
    let text = header.metadata.get(DOCUMENT_KEY).ok_or_else(missing)?;
    let damaged = |error: serde_json::Error| format!("its document is damaged: {error}");
    let read: Value = serde_json::from_str(text).map_err(damaged)?;
    check_version(&read)?;
    let document: Document = serde_json::from_str(text).map_err(damaged)?;
    let known = serde_json::to_value(&document).map_err(damaged)?;
    let unknown = UnknownFields::between(&read, &known);
    let mut bytes = header.bytes;
    file.take(header.n_data).read_to_end(&mut bytes).map_err(Problem::Unread)?;
    from_bytes(document, unknown, &bytes)
}

fn from_bytes(
    document: Document,
    unknown: UnknownFields,
    bytes: &[u8],
) -> Result<Project, Problem> {
    let damaged = |error: safetensors::SafeTensorError| Problem::Damaged(tensor_words(&error));
    document.settings.validate().map_err(|error| error.to_string())?;
    let tensors = SafeTensors::deserialize(bytes).map_err(damaged)?;
    let model = match document.model {
        Some(entry) => Some(read_model(entry, &tensors)?),
        None => None,
    };
    let run_models = read_run_models(document.run_models, &document.runs, &tensors)?;
    let mut rolls = tensor(&tensors, "rolls", Dtype::U8)?.data();
    Ok(Project {
        settings: document.settings,
        generate: document.generate,
        sound: document.sound,
        songs: read_songs(document.songs, &mut rolls)?,
        held_out_songs: read_songs(document.held_out_songs, &mut rolls)?,
        model,
        runs: document.runs,
        run_models,
        pieces: into_pieces(document.pieces)?,
        unknown,
    })
}

/// What safetensors complains of, without its terms.
fn tensor_words(error: &safetensors::SafeTensorError) -> String {
    use safetensors::SafeTensorError as E;
    match error {
        E::HeaderTooSmall
        | E::HeaderTooLarge
        | E::InvalidHeader(_)
        | E::InvalidHeaderDeserialization(_) => "it does not begin as a project does".to_owned(),
        E::InvalidHeaderLength | E::MetadataIncompleteBuffer => {
            "a part of it is missing".to_owned()
        }
        other => format!("its tensors do not fit together: {other}"),
    }
}

/// Before anything else is believed: a newer document may look quite different.
fn check_version(document: &Value) -> Result<(), Problem> {
    match document.get("format_version").and_then(Value::as_u64) {
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
    for mut entry in entries {
        entry.mend();
        let RollShape { n_steps, pitches, steps_per_beat, n_bytes } = RollShape::of(&entry)?;
        let cut_short = || format!("the roll of \"{}\" is cut short", entry.title);
        let (packed, after) = rolls.split_at_checked(n_bytes).ok_or_else(cut_short)?;
        *rolls = after;
        let roll = unpack_roll(packed, n_steps, pitches, steps_per_beat).ok_or_else(cut_short)?;
        songs.push(entry.into_song(roll)?);
    }
    Ok(songs)
}
