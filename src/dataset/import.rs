//! Reading files and folders: what is found, in which order, and what could not be opened.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;
use sha2::{Digest as _, Sha256};
use walkdir::WalkDir;

use super::{EncodingSettings, Song, SongReport, Status};
use crate::midi::{self, MAX_FILE_BYTES};
use crate::music::{Metre, PianoRoll, TempoMap};

const EXTENSIONS: [&str; 4] = ["mid", "midi", "kar", "rmi"];

/// What an import found.
#[derive(Clone, Debug, Default)]
pub struct Import {
    /// One for every MIDI file, also those that could not be read: in the order of the paths given,
    /// and within a folder by name, byte by byte.
    pub songs: Vec<Song>,
    /// What could not be opened: folders, broken links, paths that do not exist.
    pub problems: Vec<ImportProblem>,
    /// Whether the import was cancelled; the songs are those that were read until then.
    pub was_cancelled: bool,
}

/// A folder or path that could not be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportProblem {
    pub path: PathBuf,
    pub reason: String,
}

/// Hears how far an import is, and can end it. Called from several threads.
pub trait ImportObserver: Sync {
    /// So many files have been found so far.
    fn scanning(&self, _found: usize, _folder: &Path) {}
    /// `done` of `total` files have been read; `path` was the last.
    fn progress(&self, _done: usize, _total: usize, _path: &Path) {}
    fn is_cancelled(&self) -> bool {
        false
    }
}

/// Nobody watches.
impl ImportObserver for () {}

/// Whether a file's name says that it is MIDI: `.mid`, `.midi`, `.kar`, `.rmi`, in any case.
pub fn is_midi_name(path: &Path) -> bool {
    let extension = path.extension().and_then(|e| e.to_str());
    extension.is_some_and(|e| EXTENSIONS.iter().any(|known| e.eq_ignore_ascii_case(known)))
}

/// Reads files and folders, the folders with everything below them.
///
/// A file that is named directly is read whatever its name. Links are followed, loops are not.
/// What is damaged or cannot be opened is reported and never stops the rest.
pub fn import(
    paths: &[PathBuf],
    settings: &EncodingSettings,
    observer: &dyn ImportObserver,
) -> Import {
    let mut import = Import::default();
    let mut files = Vec::new();
    for path in paths {
        scan(path, &mut files, &mut import.problems, observer);
    }
    if paths.len() > 1 {
        drop_repeated(&mut files);
    }
    let n_done = AtomicUsize::new(0);
    let songs: Vec<Option<Song>> = files
        .par_iter()
        .map(|file| {
            if observer.is_cancelled() {
                return None;
            }
            let song = read_song(file, settings);
            let done = n_done.fetch_add(1, Ordering::Relaxed) + 1;
            observer.progress(done, files.len(), &file.path);
            Some(song)
        })
        .collect();
    import.was_cancelled = observer.is_cancelled();
    import.songs = songs.into_iter().flatten().collect();
    mark_duplicates(&mut import.songs);
    import
}

/// The files that an import of this folder or file reads, in its order.
pub fn midi_files(root: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    scan(root, &mut files, &mut Vec::new(), &());
    files.into_iter().map(|file| file.path).collect()
}

struct FoundFile {
    path: PathBuf,
    folder: PathBuf,
    is_chosen_itself: bool,
}

fn scan(
    root: &Path,
    files: &mut Vec<FoundFile>,
    problems: &mut Vec<ImportProblem>,
    observer: &dyn ImportObserver,
) {
    let is_folder = match fs::metadata(root) {
        Ok(metadata) => metadata.is_dir(),
        Err(error) => return problems.push(ImportProblem::new(root, &error)),
    };
    if !is_folder {
        let folder = root.parent().unwrap_or(Path::new("")).to_owned();
        let path = root.to_owned();
        return files.push(FoundFile { path, folder, is_chosen_itself: true });
    }
    let walk = WalkDir::new(root).follow_links(true).sort_by_file_name();
    for entry in walk {
        if observer.is_cancelled() {
            return;
        }
        match entry {
            Ok(entry) if entry.file_type().is_dir() => {
                observer.scanning(files.len(), entry.path());
            }
            Ok(entry) if is_midi_name(entry.path()) => {
                let (path, folder) = (entry.into_path(), root.to_owned());
                files.push(FoundFile { path, folder, is_chosen_itself: false });
            }
            Ok(_) => {}
            Err(error) => problems.push(walk_problem(root, &error)),
        }
    }
}

fn walk_problem(root: &Path, error: &walkdir::Error) -> ImportProblem {
    let path = error.path().unwrap_or(root);
    if let Some(ancestor) = error.loop_ancestor() {
        let reason = format!(
            "this link leads back to {}, which is read already; it was not followed",
            ancestor.display()
        );
        let path = path.to_owned();
        return ImportProblem { path, reason };
    }
    match error.io_error() {
        Some(error) => ImportProblem::new(path, error),
        None => {
            ImportProblem { path: path.to_owned(), reason: "it could not be opened".to_owned() }
        }
    }
}

impl ImportProblem {
    fn new(path: &Path, error: &io::Error) -> Self {
        Self { path: path.to_owned(), reason: io_reason(error) }
    }
}

/// An error of the system with a remedy.
fn io_reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => {
            "it does not exist (any more); check the name, or add it again".to_owned()
        }
        io::ErrorKind::PermissionDenied => {
            "you have no permission to read it; change its permissions".to_owned()
        }
        _ => format!("it could not be read ({error})"),
    }
}

/// A file that was reached by two of the paths is read once.
fn drop_repeated(files: &mut Vec<FoundFile>) {
    let mut seen = std::collections::HashSet::new();
    files.retain(|file| {
        let real = fs::canonicalize(&file.path).unwrap_or_else(|_| file.path.clone());
        seen.insert(real)
    });
}

/// Reads a song; not even a mistake in our own reader stops the rest.
fn read_song(file: &FoundFile, settings: &EncodingSettings) -> Song {
    catch_unwind(|| read_or_fail(file, settings)).unwrap_or_else(|_panic| {
        let mut song = empty_song(file, settings);
        let reason = "This program failed to read it; please report the file as a bug";
        song.report.reason = Some(reason.to_owned());
        song
    })
}

fn read_or_fail(file: &FoundFile, settings: &EncodingSettings) -> Song {
    let mut song = empty_song(file, settings);
    let source = read_bytes(&file.path).and_then(|bytes| {
        song.content_sha256 = Sha256::digest(&bytes).into();
        midi::read(&bytes).map_err(|error| sentence(&error.to_string()))
    });
    match source {
        Ok(source) => {
            song.encode_score(&source, &source.to_score(), settings);
            song.source = Some(Arc::new(source));
        }
        Err(reason) => song.report.reason = Some(reason),
    }
    song
}

/// A song of which nothing is known yet but its name.
fn empty_song(file: &FoundFile, settings: &EncodingSettings) -> Song {
    let title = file.path.file_stem().unwrap_or_default();
    Song {
        path: file.path.clone(),
        folder: file.folder.clone(),
        is_chosen_itself: file.is_chosen_itself,
        title: title.to_string_lossy().into_owned(),
        content_sha256: [0; 32],
        source: None,
        report: SongReport { status: Status::Failed, reason: None, warnings: Vec::new() },
        roll: Arc::new(PianoRoll::new(0, settings.pitches(), settings.steps_per_beat)),
        roll_settings: settings.roll_settings(),
        key: None,
        tempo_bpm: TempoMap::DEFAULT_BEATS_PER_MINUTE,
        metre: Metre::COMMON,
        n_excerpts: 0,
        tracks: Vec::new(),
        duplicate_of: None,
        is_included: true,
    }
}

/// All bytes of a file; at most one more than a MIDI file may have, for the reader to refuse.
fn read_bytes(path: &Path) -> Result<Vec<u8>, String> {
    let because = |error: io::Error| sentence(&io_reason(&error));
    // A pipe would be waited for, and a device has no end.
    let metadata = fs::metadata(path).map_err(because)?;
    if !metadata.is_file() {
        return Err("It is no ordinary file; copy it to one".to_owned());
    }
    let length = metadata.len().min(MAX_FILE_BYTES);
    let mut bytes = Vec::with_capacity(length as usize + 1);
    let file = File::open(path).map_err(because)?;
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(because)?;
    Ok(bytes)
}

fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

fn mark_duplicates(songs: &mut [Song]) {
    let mut first_of = std::collections::HashMap::new();
    for index in 0..songs.len() {
        if songs[index].report.status == Status::Failed {
            continue;
        }
        let first = *first_of.entry(songs[index].content_sha256).or_insert(index);
        if first == index {
            continue;
        }
        let path = songs[first].path.clone();
        // Copies share what is known of them.
        if songs[first].roll == songs[index].roll {
            songs[index].roll = Arc::clone(&songs[first].roll);
            let source = songs[first].source.clone();
            songs[index].source = source;
        }
        songs[index].mark_duplicate(path);
    }
}
