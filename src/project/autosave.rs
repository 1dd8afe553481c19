//! An autosave: a project file with a note of what it is, so that a start can list it without
//! reading all of it. The note is a second entry in the file's metadata.

use std::fs::File;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::error::io_words;
use super::format::to_bytes_with;
use super::header::{Header, HeaderProblem};
use super::{Project, ProjectError, write_atomically};

/// The metadata key of the note.
const NOTE_KEY: &str = "harmonium_autosave";

/// What an autosave holds, in short.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AutosaveNote {
    /// The file that the work belongs to; `None` for a project that was never saved.
    pub origin: Option<PathBuf>,
    /// Seconds since 1970 in universal time.
    pub at_secs: u64,
    pub n_songs: usize,
    pub n_pieces: usize,
    /// Finished epochs of the current run.
    pub epoch: Option<u32>,
    /// The reconstruction error after some of the epochs, the last one among them.
    pub errors: Vec<f64>,
    /// The first notes of the newest piece, else of the first song: start step, length in steps,
    /// pitch.
    pub notes: Vec<(u32, u32, u8)>,
    /// The length of what they are taken from.
    pub n_steps: u32,
}

/// Writes an autosave, whole or not at all.
///
/// # Errors
/// As [`save`](super::save).
pub fn save_autosave(
    project: &Project,
    note: &AutosaveNote,
    path: &Path,
) -> Result<(), ProjectError> {
    let words = |reason| ProjectError::Write { path: path.to_owned(), reason };
    let note = serde_json::to_string(note).map_err(|error| words(error.to_string()))?;
    let bytes = to_bytes_with(project, Some((NOTE_KEY, note))).map_err(words)?;
    write_atomically(path, &bytes, None)
}

/// Reads only the note of an autosave.
///
/// # Errors
/// What cannot be read or is no autosave, in words.
pub fn read_autosave_note(path: &Path) -> Result<AutosaveNote, ProjectError> {
    let unread = |error: std::io::Error| ProjectError::Read {
        path: path.to_owned(),
        reason: io_words(&error),
    };
    let damaged = |reason: String| ProjectError::DamagedAutosave { path: path.to_owned(), reason };
    let mut file = File::open(path).map_err(unread)?;
    let header = Header::read(&mut file).map_err(|problem| match problem {
        HeaderProblem::Unread(error) => unread(error),
        HeaderProblem::Damaged(reason) => damaged(reason.to_owned()),
    })?;
    let note = header.metadata.get(NOTE_KEY).ok_or_else(|| damaged("it has no note".to_owned()))?;
    serde_json::from_str(note).map_err(|error| damaged(format!("its note is damaged: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::load;

    #[test]
    fn a_note_is_read_without_the_rest_and_the_rest_is_a_project() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.harmonium");
        let note = AutosaveNote {
            origin: Some("/music/Evening.harmonium".into()),
            at_secs: 1_795_000_000,
            n_songs: 3,
            epoch: Some(4),
            errors: vec![0.5, 0.25],
            notes: vec![(0, 4, 60)],
            n_steps: 16,
            ..AutosaveNote::default()
        };
        let project = Project::default();
        save_autosave(&project, &note, &path).unwrap();
        assert_eq!(read_autosave_note(&path).unwrap(), note);
        assert!(load(&path).unwrap() == project);
    }

    #[test]
    fn a_damaged_one_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.harmonium");
        save_autosave(&Project::default(), &AutosaveNote::default(), &path).unwrap();
        let whole = std::fs::read(&path).unwrap();
        let huge = u64::MAX.to_le_bytes().to_vec();
        for bytes in [vec![], whole[..20].to_vec(), b"no project at all".to_vec(), huge] {
            std::fs::write(&path, bytes).unwrap();
            let error = read_autosave_note(&path).unwrap_err().to_string();
            assert!(error.contains("a.harmonium") && error.contains("autosave"), "{error}");
        }
    }
}
