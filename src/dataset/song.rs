//! One song: where it comes from, its roll, and the report of what was taken of it.

use std::path::PathBuf;
use std::sync::Arc;

use super::excerpts::ExcerptPlan;
use super::reference::{self, EndedBy};
use super::{DatasetError, Encoding, EncodingSettings, MAX_STEPS, RollSettings, musical};
use crate::midi::MidiFile;
use crate::music::{Key, Metre, PianoRoll, Score};

/// A song as the program knows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Song {
    pub path: PathBuf,
    /// The folder that the user chose, or the file's own.
    pub folder: PathBuf,
    /// The user chose the file itself, not a folder: nothing else of its folder was asked for.
    pub is_chosen_itself: bool,
    pub title: String,
    pub content_sha256: [u8; 32],
    /// The events of the file, to encode it anew; `None` when it could not be read or when the song
    /// came with a project.
    pub source: Option<Arc<MidiFile>>,
    pub report: SongReport,
    /// Hold and onset, whatever planes the model sees. Empty when nothing could be read.
    pub roll: Arc<PianoRoll>,
    /// What the roll was made with.
    pub roll_settings: RollSettings,
    /// The key in which the file stands.
    pub key: Option<Key>,
    /// The tempo that prevails.
    pub tempo_bpm: f64,
    /// The metre that prevails.
    pub metre: Metre,
    pub n_excerpts: u32,
    pub tracks: Vec<TrackInfo>,
    /// The first song of the same content, byte for byte.
    pub duplicate_of: Option<PathBuf>,
    /// The user's choice; a song that is left out by its report stays out whatever stands here.
    pub is_included: bool,
}

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum Status {
    #[serde(rename = "ok")]
    Ok,
    /// Read, but left out.
    #[serde(rename = "skipped")]
    Skipped,
    /// Not read at all.
    #[serde(rename = "failed")]
    Failed,
}

/// What was taken, and why anything was not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SongReport {
    pub status: Status,
    /// Why the song is left out; `None` when it is taken.
    pub reason: Option<String>,
    /// What was left out of a song that is taken.
    pub warnings: Vec<String>,
}

/// A track of a song, for the user to choose from.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct TrackInfo {
    pub name: String,
    /// General MIDI programme.
    pub program: u8,
    pub is_drums: bool,
    pub note_count: usize,
    /// Drums are left out whatever stands here, and the reference encoding reads every track.
    pub is_included: bool,
}

impl Song {
    /// Whether the song goes into the data set.
    pub fn is_taken(&self) -> bool {
        self.is_included && self.report.status == Status::Ok
    }

    /// Encodes the song with other settings or other tracks. Without its source a song can still be
    /// cut into other excerpts, but its roll stays as it is; one that is left out stays out.
    pub fn encode(&mut self, settings: &EncodingSettings) -> Result<(), DatasetError> {
        if let Some(source) = self.source.clone() {
            self.encode_score(&source, &source.to_score(), settings);
            return Ok(());
        }
        if self.roll_settings == settings.roll_settings() {
            if self.report.status != Status::Failed {
                let mut warnings = std::mem::take(&mut self.report.warnings);
                warnings.retain(|w| !w.starts_with(LOST_ROWS));
                self.judge(settings, None, warnings);
            }
            return Ok(());
        }
        if self.report.status != Status::Ok {
            return Ok(());
        }
        Err(DatasetError::SourceMissing { title: self.title.clone(), folder: self.folder.clone() })
    }

    /// Fills everything that follows from the music.
    pub(super) fn encode_score(
        &mut self,
        source: &MidiFile,
        score: &Score,
        settings: &EncodingSettings,
    ) {
        if self.tracks.is_empty() {
            self.tracks = track_infos(score);
        }
        self.roll_settings = settings.roll_settings();
        self.tempo_bpm = score.tempo.prevailing(score.length_ticks);
        self.metre = prevailing_metre(score);
        let mut warnings = source.warnings.clone();
        let reason = match settings.encoding {
            Encoding::Reference => self.read_reference(source, score, settings, &mut warnings),
            Encoding::Musical => self.read_musical(score, &mut warnings),
        };
        self.judge(settings, reason, warnings);
    }

    fn read_reference(
        &mut self,
        source: &MidiFile,
        score: &Score,
        settings: &EncodingSettings,
        warnings: &mut Vec<String>,
    ) -> Option<String> {
        let reading = reference::read(source);
        self.roll = Arc::new(reading.roll);
        self.key = musical::key(score, |_| true);
        let n_rows = self.roll.n_steps();
        match reading.ended_by? {
            EndedBy::TimeSignature { metre, beat } => {
                let rows = count(n_rows as u64, "row");
                let text = format!(
                    "The reference reader stops at the {metre} time signature (beat {}) after {rows}; \
                     it knows only 2 and 4 beats a bar",
                    beat + 1
                );
                if n_rows < settings.min_rows as usize {
                    return Some(text);
                }
                warnings.push(text);
                None
            }
            EndedBy::CoarseTicks { ticks_per_beat } => Some(format!(
                "Its {} a beat cannot be divided into sixteenths; use the musical encoding",
                count(u64::from(ticks_per_beat), "tick")
            )),
            EndedBy::TooLong { n_rows } => Some(too_long(n_rows)),
        }
    }

    fn read_musical(&mut self, score: &Score, warnings: &mut Vec<String>) -> Option<String> {
        let tracks = &self.tracks;
        let is_included = |index: usize| tracks.get(index).is_none_or(|t| t.is_included);
        let reading = musical::encode(score, self.roll_settings, is_included);
        self.roll = Arc::new(reading.roll);
        self.key = reading.key;
        if let Some(n_steps) = reading.too_long {
            return Some(too_long(n_steps));
        }
        let n_drums = n_notes(score, |_, is_drums| is_drums);
        let n_left_out = n_notes(score, |index, is_drums| !is_drums && !is_included(index));
        let n_outside = reading.n_outside_range;
        if reading.n_taken == 0 {
            return Some(nothing_taken(n_drums, n_left_out, n_outside));
        }
        if n_drums > 0 {
            let notes = count(n_drums as u64, "note");
            warnings.push(format!("Drums left out ({notes})"));
        }
        if n_left_out > 0 {
            let notes = count(n_left_out as u64, "note");
            warnings.push(format!("Tracks left out by you ({notes})"));
        }
        if n_outside > 0 {
            let notes = count(n_outside as u64, "note");
            warnings.push(format!("Outside the pitch range and left out: {notes}"));
        }
        None
    }

    /// Decides whether the song is taken, and writes the report.
    fn judge(
        &mut self,
        settings: &EncodingSettings,
        reason: Option<String>,
        mut warnings: Vec<String>,
    ) {
        let plan = ExcerptPlan::new(&self.roll, settings);
        let reason = reason.or_else(|| too_little(&self.roll, plan, settings));
        self.n_excerpts = if reason.is_none() { plan.n_excerpts } else { 0 };
        if reason.is_none() && plan.n_lost_rows > 0 && settings.encoding == Encoding::Musical {
            let steps = count(u64::from(plan.n_lost_rows), "step");
            warnings.push(format!("{LOST_ROWS} {steps}: less than half an excerpt, left out"));
        }
        if let Some(first) = &self.duplicate_of {
            let warning = same_file(first);
            if !warnings.contains(&warning) {
                warnings.push(warning);
            }
        }
        let status = if reason.is_none() { Status::Ok } else { Status::Skipped };
        self.report = SongReport { status, reason, warnings };
    }

    /// Notes that another song is the same file.
    pub(super) fn mark_duplicate(&mut self, first: PathBuf) {
        let warning = same_file(&first);
        if !self.report.warnings.contains(&warning) {
            self.report.warnings.push(warning);
        }
        self.duplicate_of = Some(first);
    }
}

/// How the warning of [`ExcerptPlan::n_lost_rows`] begins, which other excerpts take back.
const LOST_ROWS: &str = "At the end";
const NO_NOTES: &str = "It has no notes";

fn same_file(first: &std::path::Path) -> String {
    let name = first.file_name().unwrap_or(first.as_os_str());
    format!("The same file as {}", name.to_string_lossy())
}

fn too_long(n_steps: u64) -> String {
    format!(
        "It lasts {n_steps} steps, more than the {MAX_STEPS} that a song may have; \
         shorten it or choose fewer steps a beat"
    )
}

fn too_little(roll: &PianoRoll, plan: ExcerptPlan, settings: &EncodingSettings) -> Option<String> {
    if settings.encoding == Encoding::Musical && roll.is_silent() {
        return Some(NO_NOTES.to_owned());
    }
    let n_rows = roll.n_steps();
    let rows = count(n_rows as u64, "row");
    if n_rows < settings.min_rows as usize {
        let min_rows = settings.min_rows;
        return Some(format!("Too short: it has {rows}, at least {min_rows} are needed"));
    }
    if plan.n_excerpts == 0 {
        let steps = settings.steps_per_excerpt;
        return Some(format!("Too short: it has {rows}, an excerpt has {steps}"));
    }
    None
}

fn nothing_taken(n_drums: usize, n_left_out: usize, n_outside: usize) -> String {
    let reason = match (n_drums, n_left_out, n_outside) {
        (0, 0, 0) => NO_NOTES,
        (_, 0, 0) => "It has nothing but drums",
        (_, 0, _) => "All its notes are outside the pitch range",
        (_, _, 0) => "All its tracks are left out",
        _ => "Nothing is left of it: tracks are left out, the rest is outside the pitch range",
    };
    reason.to_owned()
}

fn n_notes(score: &Score, is_counted: impl Fn(usize, bool) -> bool) -> usize {
    let tracks = score.tracks.iter().enumerate();
    tracks
        .filter(|(index, track)| is_counted(*index, track.is_drums))
        .map(|(_, track)| track.notes.len())
        .sum()
}

/// "1 row", "2 rows".
fn count(n: u64, what: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{n} {what}{plural}")
}

fn track_infos(score: &Score) -> Vec<TrackInfo> {
    let info = |track: &crate::music::Track| TrackInfo {
        name: track.name.clone(),
        program: track.program,
        is_drums: track.is_drums,
        note_count: track.notes.len(),
        is_included: !track.is_drums,
    };
    score.tracks.iter().map(info).collect()
}

/// The metre that holds for most of the piece; the standard's 4/4 where it names none.
fn prevailing_metre(score: &Score) -> Metre {
    let mut longest = (0, Metre::COMMON);
    let mut start = (0, Metre::COMMON);
    let ends = score.metres.iter().map(|m| (m.tick, m.metre));
    for (tick, metre) in ends.chain([(score.length_ticks, Metre::COMMON)]) {
        let span = tick.min(score.length_ticks).saturating_sub(start.0);
        if span > longest.0 {
            longest = (span, start.1);
        }
        start = (tick, metre);
    }
    longest.1
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = |b: &u8| [DIGITS[usize::from(b >> 4)], DIGITS[usize::from(b & 15)]];
    bytes.iter().flat_map(digits).map(char::from).collect()
}
