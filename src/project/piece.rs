//! A piece in memory and in the project's document: generated, edited, or made from a song.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::generate::Ranking;
use crate::music::{
    DEFAULT_VELOCITY, Metre, NotePlace, NoteSheet, PianoRoll, PitchRange, PlayedNote, RollNote,
};

use super::song_check::{check_pieces, mend_time};

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
    /// Notes that stay when music is made anew around them: those that were drawn, and those that
    /// were locked by hand. Sorted.
    pub locked: Arc<[RollNote]>,
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

    /// Locks these notes and no others; what is no note of the piece is left out.
    pub fn lock(&mut self, notes: &[RollNote]) {
        let wanted: HashSet<&RollNote> = notes.iter().collect();
        self.locked = self.sorted_notes(|note| wanted.contains(note));
    }

    /// The locked notes, when those at `places` (sorted) change: locked, unless all of them are.
    pub fn locks_toggled(&self, places: &[NotePlace]) -> Vec<RollNote> {
        let is_chosen = |note: &RollNote| places.binary_search(&note.place()).is_ok();
        let is_locked = |note: &RollNote| self.locked.binary_search(note).is_ok();
        let notes = self.roll.notes();
        let locks = notes.iter().filter(|note| is_chosen(note)).any(|note| !is_locked(note));
        let stays = |note: &RollNote| if is_chosen(note) { locks } else { is_locked(note) };
        notes.into_iter().filter(stays).collect()
    }

    /// Gives notes the velocities of equal notes (start, length, pitch) of another piece.
    pub fn strike_as(&mut self, others: &[PlayedNote]) {
        let known: HashMap<RollNote, u8> =
            others.iter().map(|note| (note.roll_note(), note.velocity)).collect();
        let velocity = |note: PlayedNote| *known.get(&note.roll_note()).unwrap_or(&note.velocity);
        let velocities: Vec<u8> = self.played_notes().into_iter().map(velocity).collect();
        let is_plain = velocities.iter().all(|velocity| *velocity == DEFAULT_VELOCITY);
        self.velocities = if is_plain { Arc::default() } else { velocities.into() };
    }

    /// Takes edited notes and keeps the original once. Notes that are again what was generated
    /// make the piece unedited. What was drawn or changed by hand is locked.
    pub fn take_notes(&mut self, sheet: &NoteSheet) {
        let notes: Vec<RollNote> = sheet.notes().iter().map(|note| note.roll_note()).collect();
        let (n_steps, per_beat) = (sheet.n_steps() as usize, self.roll.steps_per_beat());
        let roll = PianoRoll::from_notes(&notes, n_steps, sheet.pitches(), per_beat);
        let before = std::mem::replace(&mut self.roll, Arc::new(roll));
        let velocities = sheet.notes().iter().map(|note| note.velocity);
        let is_plain = velocities.clone().all(|velocity| velocity == DEFAULT_VELOCITY);
        self.velocities = if is_plain { Arc::default() } else { velocities.collect() };
        let original = self.original.take().unwrap_or_else(|| Arc::clone(&before));
        self.lock_what_is_new(&before, &original);
        self.original = (!is_plain || original != self.roll).then_some(original);
    }

    fn sorted_notes(&self, is_wanted: impl Fn(&RollNote) -> bool) -> Arc<[RollNote]> {
        let mut notes: Vec<RollNote> = self.roll.notes().into_iter().filter(is_wanted).collect();
        notes.sort_unstable();
        notes.into()
    }

    /// A note that the piece had neither before nor in the beginning came from a hand.
    fn lock_what_is_new(&mut self, before: &PianoRoll, original: &PianoRoll) {
        let known: HashSet<RollNote> = before.notes().into_iter().chain(original.notes()).collect();
        let locked: HashSet<RollNote> = self.locked.iter().copied().collect();
        self.locked = self.sorted_notes(|note| locked.contains(note) || !known.contains(note));
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
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub locked: NoteEntries,
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

fn entries(notes: &[RollNote]) -> NoteEntries {
    notes.iter().map(|note| (note.start_step, note.n_steps, note.pitch)).collect()
}

fn notes_of(entries: &NoteEntries) -> Vec<RollNote> {
    let note =
        |&(start_step, n_steps, pitch): &(u32, u32, u8)| RollNote { start_step, n_steps, pitch };
    entries.iter().map(note).collect()
}

impl PieceEntry {
    pub(super) fn new(piece: &PieceRecord) -> Self {
        let pitches = piece.roll.pitches();
        let original = |roll: &Arc<PianoRoll>| OriginalEntry {
            n_steps: roll.n_steps(),
            notes: entries(&roll.notes()),
        };
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
            notes: entries(&piece.roll.notes()),
            velocities: piece.velocities.to_vec(),
            original: piece.original.as_ref().map(original),
            locked: entries(&piece.locked),
            // What is no number could not be read again.
            ranking: piece.ranking.filter(|ranking| ranking.free_energy.is_finite()),
        }
    }

    fn roll(&self, n_steps: usize, notes: &NoteEntries) -> Arc<PianoRoll> {
        let pitches = PitchRange { low: self.pitch_low, count: self.pitch_count };
        let notes = notes_of(notes);
        Arc::new(PianoRoll::from_notes(&notes, n_steps, pitches, self.steps_per_beat))
    }

    /// Of an entry whose sizes were checked.
    fn into_piece(mut self) -> Result<PieceRecord, String> {
        mend_time(&mut self.beats_per_minute, &mut self.metre);
        let roll = self.roll(self.n_steps, &self.notes);
        let original = self.original.as_ref().map(|old| self.roll(old.n_steps, &old.notes));
        let n_notes = if self.velocities.is_empty() { 0 } else { roll.notes().len() };
        let is_velocity = |velocity: &u8| (1..=127).contains(velocity);
        if self.velocities.len() != n_notes || !self.velocities.iter().all(is_velocity) {
            return Err(format!("the velocities of the piece \"{}\" are damaged", self.name));
        }
        let mut piece = PieceRecord {
            name: self.name,
            roll,
            seed: self.seed,
            beats_per_minute: self.beats_per_minute,
            metre: self.metre,
            is_favourite: self.is_favourite,
            velocities: self.velocities.into(),
            original,
            locked: Arc::default(),
            ranking: self.ranking,
        };
        piece.lock(&notes_of(&self.locked));
        Ok(piece)
    }
}

/// # Errors
/// In words, what is damaged.
pub(super) fn into_pieces(entries: Vec<PieceEntry>) -> Result<Vec<PieceRecord>, String> {
    check_pieces(&entries)?;
    entries.into_iter().map(PieceEntry::into_piece).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

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
            locked: Arc::default(),
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
        assert_eq!(into_pieces(vec![entry]).unwrap().remove(0), edited);
        let text = serde_json::to_string(&PieceEntry::new(&piece())).unwrap();
        assert!(!text.contains("velocities") && !text.contains("original"), "{text}");
        let entry: PieceEntry = serde_json::from_str(&text).unwrap();
        assert_eq!(into_pieces(vec![entry]).unwrap().remove(0), piece());
    }

    #[test]
    fn what_a_hand_made_is_locked_and_what_comes_back_is_not() {
        let generated = piece();
        let mut edited = generated.clone();
        let moved = RollNote { start_step: 6, n_steps: 2, pitch: 64 };
        edited.take_notes(&generated.sheet().moved(&[SECOND], 2, 0).sheet);
        assert_eq!(&*edited.locked, [moved]);
        edited.take_notes(&edited.sheet().struck_harder(&[SECOND], 20).sheet);
        assert_eq!(&*edited.locked, [moved], "another velocity changes no lock");
        edited.take_notes(&generated.sheet());
        assert!(edited.locked.is_empty());
    }

    #[test]
    fn notes_are_struck_as_their_equals_elsewhere() {
        let loud = piece().sheet().struck_harder(&[SECOND], 20).sheet;
        let mut other = piece();
        other.strike_as(loud.notes());
        assert_eq!(&*other.velocities, [80, 100]);
        assert!(!other.is_edited());
        other.strike_as(piece().sheet().notes());
        assert!(other.velocities.is_empty(), "all as usual again");
    }

    #[test]
    fn locks_change_together_and_are_kept_in_the_file() {
        let mut piece = piece();
        let first = piece.roll.notes()[0];
        piece.lock(&piece.locks_toggled(&[first.place()]));
        assert_eq!(&*piece.locked, [first]);
        // One of two is not locked yet: both are afterwards.
        piece.lock(&piece.locks_toggled(&[first.place(), SECOND]));
        assert_eq!(piece.locked.len(), 2);
        let text = serde_json::to_string(&PieceEntry::new(&piece)).unwrap();
        let entry: PieceEntry = serde_json::from_str(&text).unwrap();
        assert_eq!(into_pieces(vec![entry]).unwrap().remove(0), piece);
        piece.lock(&piece.locks_toggled(&[first.place(), SECOND]));
        assert!(piece.locked.is_empty());
        let stray = PieceEntry { locked: vec![(1, 1, 99)], ..PieceEntry::new(&piece) };
        assert!(
            into_pieces(vec![stray]).unwrap().remove(0).locked.is_empty(),
            "no note of the piece"
        );
    }

    #[test]
    fn pieces_of_impossible_sizes_are_refused_before_anything_is_made_of_them() {
        let longest = || PieceEntry { n_steps: 100_000, ..PieceEntry::new(&piece()) };
        assert!(into_pieces(vec![longest()]).is_ok());
        let grid = PieceEntry { steps_per_beat: 0, ..PieceEntry::new(&piece()) };
        let range = PieceEntry { pitch_low: 120, ..PieceEntry::new(&piece()) };
        let original = Some(OriginalEntry { n_steps: usize::MAX, notes: Vec::new() });
        let original = PieceEntry { original, ..PieceEntry::new(&piece()) };
        let long = PieceEntry { n_steps: usize::MAX, ..PieceEntry::new(&piece()) };
        for entry in [grid, range, original, long] {
            let error = into_pieces(vec![entry]).unwrap_err();
            assert!(error.contains("\"Piece 1\" has impossible sizes"), "{error}");
        }
        // Each could be, all of them together take 1.5 GB of memory and none in the file.
        let error = into_pieces((0..200).map(|_| longest()).collect()).unwrap_err();
        assert!(error.contains("200 pieces"), "{error}");
    }

    #[test]
    fn a_hundred_thousand_notes_that_hold_one_pitch_are_drawn_once() {
        let notes = (0..100_000).map(|start| (start, u32::MAX, 60)).collect();
        let entry = PieceEntry { n_steps: 100_000, notes, ..PieceEntry::new(&piece()) };
        let piece = into_pieces(vec![entry]).unwrap().remove(0);
        assert_eq!((piece.roll.hold_count(), piece.roll.onset_count()), (100_000, 100_000));
    }

    #[test]
    fn tempo_and_metre_out_of_all_bounds_are_mended() {
        let metre = Metre { numerator: 0, denominator: 3 };
        for beats_per_minute in [0.0, -1.0, 1e-300, 1e300] {
            let entry = PieceEntry { beats_per_minute, metre, ..PieceEntry::new(&piece()) };
            let mended = into_pieces(vec![entry]).unwrap().remove(0);
            assert_eq!((mended.beats_per_minute, mended.metre), (120.0, Metre::COMMON));
        }
    }

    #[test]
    fn damaged_velocities_are_named() {
        for velocities in [vec![80], vec![80, 0], vec![80, 200]] {
            let entry = PieceEntry { velocities, ..PieceEntry::new(&piece()) };
            let error = into_pieces(vec![entry]).unwrap_err();
            assert!(error.contains("velocities of the piece \"Piece 1\""), "{error}");
        }
    }
}
