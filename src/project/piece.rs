//! A piece in memory and in the project's document: generated, edited, or made from a song.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::dataset::MAX_STEPS;
use crate::generate::Ranking;
use crate::music::{
    DEFAULT_VELOCITY, Metre, NoteSheet, PianoRoll, PitchRange, PlayedNote, RollNote,
};

/// A piece: generated, and perhaps edited since; or a song's copy that was edited.
#[derive(Clone, Debug, PartialEq)]
pub struct PieceRecord {
    pub name: String,
    pub roll: Arc<PianoRoll>,
    pub seed: u64,
    pub beats_per_minute: f64,
    pub metre: Metre,
    pub is_favourite: bool,
    /// MIDI velocities of the roll's notes in their order; empty where all have
    /// [`DEFAULT_VELOCITY`].
    pub velocities: Arc<[u8]>,
    /// The roll as it was generated or imported, where the piece has been edited since.
    pub original: Option<Arc<PianoRoll>>,
    /// In figures, as it was generated.
    pub ranking: Option<Ranking>,
}

impl PieceRecord {
    /// The notes with their velocities, sorted by start and pitch.
    pub fn played_notes(&self) -> Vec<PlayedNote> {
        PlayedNote::of_roll(&self.roll, &self.velocities)
    }

    /// The notes as they can be edited.
    pub fn sheet(&self) -> NoteSheet {
        NoteSheet::new(&self.played_notes(), self.roll.n_steps() as u32, self.roll.pitches())
    }

    /// The notes before the first edit, where there was one.
    pub fn original_sheet(&self) -> Option<NoteSheet> {
        let roll = self.original.as_deref()?;
        let notes = PlayedNote::of_roll(roll, &[]);
        Some(NoteSheet::new(&notes, roll.n_steps() as u32, roll.pitches()))
    }

    /// Whether the piece is not what was generated or imported.
    pub fn is_edited(&self) -> bool {
        self.original.is_some()
    }

    /// Takes edited notes and keeps the original once. Notes that are again what was generated
    /// make the piece unedited.
    pub fn take_notes(&mut self, sheet: &NoteSheet) {
        let notes: Vec<RollNote> = sheet.notes().iter().map(|note| note.roll_note()).collect();
        let (n_steps, per_beat) = (sheet.n_steps() as usize, self.roll.steps_per_beat());
        let roll = PianoRoll::from_notes(&notes, n_steps, sheet.pitches(), per_beat);
        let before = std::mem::replace(&mut self.roll, Arc::new(roll));
        let velocities = sheet.notes().iter().map(|note| note.velocity);
        let is_plain = velocities.clone().all(|velocity| velocity == DEFAULT_VELOCITY);
        self.velocities = if is_plain { Arc::default() } else { velocities.collect() };
        let original = self.original.take().unwrap_or(before);
        self.original = (!is_plain || original != self.roll).then_some(original);
    }
}

/// The fields are the format: never rename one.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct PieceEntry {
    pub name: String,
    pub seed: u64,
    pub beats_per_minute: f64,
    pub metre: Metre,
    pub is_favourite: bool,
    pub n_steps: usize,
    pub steps_per_beat: u8,
    pub pitch_low: u8,
    pub pitch_count: u8,
    pub notes: NoteEntries,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub velocities: Vec<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original: Option<OriginalEntry>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ranking: Option<Ranking>,
}

/// Start step, length in steps, pitch.
type NoteEntries = Vec<(u32, u32, u8)>;

/// The piece as it was before it was edited, on the same grid.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct OriginalEntry {
    pub n_steps: usize,
    pub notes: NoteEntries,
}

fn entries(roll: &PianoRoll) -> NoteEntries {
    let entry = |note: RollNote| (note.start_step, note.n_steps, note.pitch);
    roll.notes().into_iter().map(entry).collect()
}

impl PieceEntry {
    pub(super) fn new(piece: &PieceRecord) -> Self {
        let pitches = piece.roll.pitches();
        let original =
            |roll: &Arc<PianoRoll>| OriginalEntry { n_steps: roll.n_steps(), notes: entries(roll) };
        Self {
            name: piece.name.clone(),
            seed: piece.seed,
            beats_per_minute: piece.beats_per_minute,
            metre: piece.metre,
            is_favourite: piece.is_favourite,
            n_steps: piece.roll.n_steps(),
            steps_per_beat: piece.roll.steps_per_beat(),
            pitch_low: pitches.low,
            pitch_count: pitches.count,
            notes: entries(&piece.roll),
            velocities: piece.velocities.to_vec(),
            original: piece.original.as_ref().map(original),
            // What is no number could not be read again.
            ranking: piece.ranking.filter(|ranking| ranking.free_energy.is_finite()),
        }
    }

    fn roll(&self, n_steps: usize, notes: &NoteEntries) -> Result<Arc<PianoRoll>, String> {
        if n_steps > MAX_STEPS as usize
            || usize::from(self.pitch_low) + usize::from(self.pitch_count) > 128
        {
            return Err(format!("the piece \"{}\" has impossible sizes", self.name));
        }
        let pitches = PitchRange { low: self.pitch_low, count: self.pitch_count };
        let note = |&(start_step, n_steps, pitch): &(u32, u32, u8)| RollNote {
            start_step,
            n_steps,
            pitch,
        };
        let notes: Vec<RollNote> = notes.iter().map(note).collect();
        Ok(Arc::new(PianoRoll::from_notes(&notes, n_steps, pitches, self.steps_per_beat)))
    }

    pub(super) fn into_piece(self) -> Result<PieceRecord, String> {
        let roll = self.roll(self.n_steps, &self.notes)?;
        let original = match &self.original {
            Some(original) => Some(self.roll(original.n_steps, &original.notes)?),
            None => None,
        };
        let n_notes = if self.velocities.is_empty() { 0 } else { roll.notes().len() };
        let is_velocity = |velocity: &u8| (1..=127).contains(velocity);
        if self.velocities.len() != n_notes || !self.velocities.iter().all(is_velocity) {
            return Err(format!("the velocities of the piece \"{}\" are damaged", self.name));
        }
        Ok(PieceRecord {
            name: self.name,
            roll,
            seed: self.seed,
            beats_per_minute: self.beats_per_minute,
            metre: self.metre,
            is_favourite: self.is_favourite,
            velocities: self.velocities.into(),
            original,
            ranking: self.ranking,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::NotePlace;

    fn piece() -> PieceRecord {
        let notes = [
            RollNote { start_step: 0, n_steps: 4, pitch: 60 },
            RollNote { start_step: 4, n_steps: 2, pitch: 64 },
        ];
        PieceRecord {
            name: "Piece 1".to_owned(),
            roll: Arc::new(PianoRoll::from_notes(&notes, 16, PitchRange::REFERENCE, 4)),
            seed: 1,
            beats_per_minute: 120.0,
            metre: Metre::COMMON,
            is_favourite: false,
            velocities: Arc::default(),
            original: None,
            ranking: None,
        }
    }

    const SECOND: NotePlace = NotePlace { start_step: 4, pitch: 64 };

    #[test]
    fn the_original_is_kept_from_the_first_edit_on_and_let_go_when_all_is_undone() {
        let generated = piece();
        let mut edited = generated.clone();
        edited.take_notes(&generated.sheet().moved(&[SECOND], 2, 0).sheet);
        assert!(edited.is_edited());
        assert_eq!(edited.original, Some(Arc::clone(&generated.roll)));
        edited.take_notes(&edited.sheet().struck_harder(&[SECOND], 0).sheet);
        assert_eq!(edited.original, Some(Arc::clone(&generated.roll)), "the first one");
        edited.take_notes(&generated.sheet());
        assert_eq!(edited, generated);
    }

    #[test]
    fn a_velocity_alone_is_an_edit_and_stays_with_its_note() {
        let generated = piece();
        let mut edited = generated.clone();
        edited.take_notes(&generated.sheet().struck_harder(&[SECOND], 20).sheet);
        assert_eq!((&*edited.velocities, edited.is_edited()), (&[80, 100][..], true));
        assert_eq!(edited.played_notes()[1].velocity, 100);
    }

    #[test]
    fn an_edited_piece_comes_back_and_one_from_an_older_file_too() {
        let mut edited = piece();
        edited.take_notes(&edited.sheet().struck_harder(&[SECOND], 20).sheet);
        let text = serde_json::to_string(&PieceEntry::new(&edited)).unwrap();
        let entry: PieceEntry = serde_json::from_str(&text).unwrap();
        assert_eq!(entry.into_piece().unwrap(), edited);
        let text = serde_json::to_string(&PieceEntry::new(&piece())).unwrap();
        assert!(!text.contains("velocities") && !text.contains("original"), "{text}");
        let entry: PieceEntry = serde_json::from_str(&text).unwrap();
        assert_eq!(entry.into_piece().unwrap(), piece());
    }

    #[test]
    fn damaged_velocities_are_named() {
        for velocities in [vec![80], vec![80, 0], vec![80, 200]] {
            let entry = PieceEntry { velocities, ..PieceEntry::new(&piece()) };
            let error = entry.into_piece().unwrap_err();
            assert!(error.contains("velocities of the piece \"Piece 1\""), "{error}");
        }
    }
}
