//! The import report as the command line and the window show it.

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::excerpts::ExcerptPlan;
use super::{EncodingSettings, Import, Planes, Song, Status, encoding, hex};
use crate::music::PianoRoll;

/// One file, as `harmonium inspect --json` prints it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FileReport {
    /// The path; what is not Unicode is shown with replacement characters.
    pub file: String,
    pub status: Status,
    /// Why the file is not taken.
    pub reason: Option<String>,
    pub rows: Option<u64>,
    pub hold_bits: Option<u64>,
    pub onset_bits: Option<u64>,
    pub excerpts: Option<u64>,
    /// Over rows × 2·pitches bytes of 0 and 1: in each row the hold columns, then the onset columns.
    pub roll_sha256: Option<String>,
    /// What was left out of a file that is taken.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// What an import gave in all.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ImportSummary {
    /// Always true: the mark of the last object.
    pub summary: bool,
    pub files: usize,
    pub ok: usize,
    pub skipped: usize,
    pub failed: usize,
    /// Songs that go into the data set.
    pub songs: usize,
    pub excerpts: u64,
    /// Ones in an excerpt; `None` without excerpts.
    pub mean_bits_per_excerpt: Option<f64>,
    /// Files that are byte for byte a file before them.
    pub duplicates: usize,
    /// Folders and files that could not be opened.
    pub unreadable: usize,
}

impl FileReport {
    pub fn new(song: &Song) -> Self {
        let report = &song.report;
        let is_read = report.status != Status::Failed;
        let roll = song.roll.as_ref();
        Self {
            file: song.path.to_string_lossy().into_owned(),
            status: report.status,
            reason: report.reason.clone(),
            rows: is_read.then(|| roll.n_steps() as u64),
            hold_bits: is_read.then(|| roll.hold_count() as u64),
            onset_bits: is_read.then(|| roll.onset_count() as u64),
            excerpts: is_read.then(|| u64::from(song.n_excerpts)),
            roll_sha256: is_read.then(|| roll_sha256(roll)),
            warnings: report.warnings.clone(),
        }
    }
}

impl ImportSummary {
    pub fn new(import: &Import, settings: &EncodingSettings) -> Self {
        let songs = &import.songs;
        let with = |status| songs.iter().filter(|s| s.report.status == status).count();
        let taken = || songs.iter().filter(|s| s.is_taken());
        let excerpts: u64 = taken().map(|s| u64::from(s.n_excerpts)).sum();
        let bits: u64 =
            taken().map(|s| ExcerptPlan::new(&s.roll, settings).bits(&s.roll, settings)).sum();
        Self {
            summary: true,
            files: songs.len(),
            ok: with(Status::Ok),
            skipped: with(Status::Skipped),
            failed: with(Status::Failed),
            songs: taken().count(),
            excerpts,
            mean_bits_per_excerpt: (excerpts > 0).then(|| bits as f64 / excerpts as f64),
            duplicates: songs.iter().filter(|s| s.duplicate_of.is_some()).count(),
            unreadable: import.problems.len(),
        }
    }
}

fn roll_sha256(roll: &PianoRoll) -> String {
    let mut rows = vec![0; roll.n_steps() * roll.pitches().len() * 2];
    encoding::fill_rows(roll, Planes::HoldAndOnset, &mut rows);
    hex(&Sha256::digest(&rows))
}
