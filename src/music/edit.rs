//! Editing notes: a sheet and what is selected in it go in, another sheet comes out.
//!
//! The rule where notes of one pitch overlap: the edited note stands as it was put, and an older
//! one keeps what is before it, or, where it begins under it, what is after it.

use super::{NotePlace, PitchRange, PlayedNote};

/// The notes of a piece: sorted by start and pitch, within the piece and its pitches, and no two
/// of one pitch overlap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteSheet {
    notes: Vec<PlayedNote>,
    n_steps: u32,
    pitches: PitchRange,
}

/// What an edit came to: the sheet, and where the edited notes begin now, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditedNotes {
    pub sheet: NoteSheet,
    pub selected: Vec<NotePlace>,
}

impl NoteSheet {
    /// A sheet of any notes: what does not fit is cut off or left out, and of notes that overlap
    /// the later one cuts.
    pub fn new(notes: &[PlayedNote], n_steps: u32, pitches: PitchRange) -> Self {
        let notes = notes.to_vec();
        if are_settled(&notes, n_steps, pitches) {
            return Self { notes, n_steps, pitches };
        }
        let empty = Self { notes: Vec::new(), n_steps, pitches };
        empty.settled(Vec::new(), notes).sheet
    }

    pub fn notes(&self) -> &[PlayedNote] {
        &self.notes
    }

    pub fn n_steps(&self) -> u32 {
        self.n_steps
    }

    pub fn pitches(&self) -> PitchRange {
        self.pitches
    }

    /// The note that sounds at a step on a pitch.
    pub fn note_at(&self, step: u32, pitch: u8) -> Option<PlayedNote> {
        note_at(&self.notes, step, pitch)
    }

    /// The notes moved by steps and semitones, together, as far as the sheet goes.
    #[must_use]
    pub fn moved(&self, selected: &[NotePlace], steps: i64, semitones: i32) -> EditedNotes {
        let (chosen, others) = self.split(selected);
        let chosen = self.shifted(chosen, steps, semitones);
        self.settled(others, chosen)
    }

    /// Copies of the notes, moved by steps and semitones as far as the sheet goes.
    #[must_use]
    pub fn copied(&self, selected: &[NotePlace], steps: i64, semitones: i32) -> EditedNotes {
        let (chosen, _) = self.split(selected);
        let chosen = self.shifted(chosen, steps, semitones);
        self.settled(self.notes.clone(), chosen)
    }

    /// The notes longer by `steps`, or shorter: at least a step, at most to the end.
    #[must_use]
    pub fn lengthened(&self, selected: &[NotePlace], steps: i64) -> EditedNotes {
        self.changed(selected, |note| {
            let longest = i64::from(self.n_steps - note.start_step);
            note.n_steps = (i64::from(note.n_steps) + steps).clamp(1, longest) as u32;
        })
    }

    /// The notes with their velocity changed by `change`, each from 1 to 127.
    #[must_use]
    pub fn struck_harder(&self, selected: &[NotePlace], change: i32) -> EditedNotes {
        self.changed(selected, |note| {
            note.velocity = (i32::from(note.velocity) + change).clamp(1, 127) as u8;
        })
    }

    /// The sheet without the notes.
    #[must_use]
    pub fn removed(&self, selected: &[NotePlace]) -> EditedNotes {
        let (_, notes) = self.split(selected);
        EditedNotes { sheet: Self { notes, ..self.clone() }, selected: Vec::new() }
    }

    /// The sheet with more notes; what does not fit is cut off or left out.
    #[must_use]
    pub fn inserted(&self, notes: &[PlayedNote]) -> EditedNotes {
        self.settled(self.notes.clone(), notes.to_vec())
    }

    /// The sheet with a clipping (see [`clipping`](Self::clipping)) from a step on. It grows by
    /// whole bars where the clipping goes on after its end, but not beyond `max_steps`.
    #[must_use]
    pub fn pasted(
        &self,
        clipping: &[PlayedNote],
        at_step: u32,
        steps_per_bar: f64,
        max_steps: u32,
    ) -> EditedNotes {
        let shift = |note: &PlayedNote| {
            let start_step = note.start_step.saturating_add(at_step);
            PlayedNote { start_step, ..*note }
        };
        let notes: Vec<PlayedNote> = clipping.iter().map(shift).collect();
        let end = notes.iter().map(|note| note.end_step()).max().unwrap_or(0);
        let mut sheet = self.clone();
        if end > sheet.n_steps {
            let bars = (f64::from(end) / steps_per_bar.max(1.0)).ceil();
            let n_steps = (bars * steps_per_bar.max(1.0)).round() as u32;
            sheet.n_steps = n_steps.max(end).min(max_steps).max(sheet.n_steps);
        }
        sheet.inserted(&notes)
    }

    /// Copies of the notes right after them, at the next multiple of `grid` steps.
    #[must_use]
    pub fn duplicated(
        &self,
        selected: &[NotePlace],
        grid: f64,
        steps_per_bar: f64,
        max_steps: u32,
    ) -> EditedNotes {
        let clipping = self.clipping(selected);
        let (Some(first), Some(length)) = (
            self.split(selected).0.first().copied(),
            clipping.iter().map(|note| note.end_step()).max(),
        ) else {
            return EditedNotes { sheet: self.clone(), selected: Vec::new() };
        };
        let grid = grid.max(1.0);
        let length = ((f64::from(length) / grid).ceil() * grid).round() as u32;
        self.pasted(&clipping, first.start_step + length, steps_per_bar, max_steps)
    }

    /// The notes as if the first began at step 0.
    pub fn clipping(&self, selected: &[NotePlace]) -> Vec<PlayedNote> {
        let (mut chosen, _) = self.split(selected);
        let first = chosen.first().map_or(0, |note| note.start_step);
        for note in &mut chosen {
            note.start_step -= first;
        }
        chosen
    }

    /// The selected notes and the others, both in order. `selected` is sorted.
    pub fn split(&self, selected: &[NotePlace]) -> (Vec<PlayedNote>, Vec<PlayedNote>) {
        let mut marks = SelectedWalk::new(selected);
        self.notes.iter().partition(|note| marks.contains(note.place()))
    }

    fn changed(&self, selected: &[NotePlace], change: impl Fn(&mut PlayedNote)) -> EditedNotes {
        let (mut chosen, others) = self.split(selected);
        chosen.iter_mut().for_each(change);
        self.settled(others, chosen)
    }

    fn shifted(&self, mut chosen: Vec<PlayedNote>, steps: i64, semitones: i32) -> Vec<PlayedNote> {
        let starts = || chosen.iter().map(|note| i64::from(note.start_step));
        let ends = chosen.iter().map(|note| i64::from(note.end_step()));
        let pitches = || chosen.iter().map(|note| i32::from(note.pitch));
        let Some(first) = starts().min() else { return chosen };
        let room = i64::from(self.n_steps) - ends.max().unwrap_or(0);
        let steps = steps.clamp(-first, room.max(-first));
        let low = i32::from(self.pitches.low) - pitches().min().unwrap_or(0);
        let high = i32::from(self.pitches.high()) - pitches().max().unwrap_or(0);
        let semitones = semitones.clamp(low, high.max(low));
        for note in &mut chosen {
            note.start_step = (i64::from(note.start_step) + steps) as u32;
            note.pitch = (i32::from(note.pitch) + semitones) as u8;
        }
        chosen
    }

    /// Puts `newer` notes over `older` ones by the rule of this module.
    fn settled(&self, older: Vec<PlayedNote>, newer: Vec<PlayedNote>) -> EditedNotes {
        let newer = self.put(newer);
        let mut notes: Vec<PlayedNote> =
            older.into_iter().filter_map(|note| remainder(note, &newer)).collect();
        let mut selected: Vec<NotePlace> = newer.iter().map(|note| note.place()).collect();
        selected.sort_unstable();
        notes.extend(newer);
        // Stable, because that is quick where most is sorted already.
        notes.sort();
        EditedNotes { sheet: Self { notes, ..*self }, selected }
    }

    /// What fits of the notes, sorted by pitch and start; a later one ends the one before, and of
    /// two that begin together the last one given stays.
    fn put(&self, notes: Vec<PlayedNote>) -> Vec<PlayedNote> {
        let mut notes: Vec<PlayedNote> =
            notes.into_iter().filter_map(|note| self.cut_to_fit(note)).collect();
        notes.sort_by_key(|note| (note.pitch, note.start_step));
        let mut put: Vec<PlayedNote> = Vec::with_capacity(notes.len());
        for note in notes {
            match put.last_mut() {
                Some(last) if last.place() == note.place() => *last = note,
                Some(last) if last.pitch == note.pitch && last.end_step() > note.start_step => {
                    last.n_steps = note.start_step - last.start_step;
                    put.push(note);
                }
                _ => put.push(note),
            }
        }
        put
    }

    fn cut_to_fit(&self, note: PlayedNote) -> Option<PlayedNote> {
        let n_steps = note.n_steps.min(self.n_steps.saturating_sub(note.start_step));
        let velocity = note.velocity.clamp(1, 127);
        let cut = PlayedNote { n_steps, velocity, ..note };
        cut.fits(self.n_steps, self.pitches).then_some(cut)
    }
}

/// Whether notes are a sheet as they are.
fn are_settled(notes: &[PlayedNote], n_steps: u32, pitches: PitchRange) -> bool {
    let mut ends = [0; 128];
    notes.is_sorted()
        && notes.iter().all(|note| {
            let is_good = note.fits(n_steps, pitches) && (1..=127).contains(&note.velocity);
            let end = ends.get_mut(usize::from(note.pitch));
            is_good
                && end.is_some_and(|end| note.start_step >= std::mem::replace(end, note.end_step()))
        })
}

/// The note of a sorted list without overlaps that sounds at a step on a pitch.
pub fn note_at(notes: &[PlayedNote], step: u32, pitch: u8) -> Option<PlayedNote> {
    let end = notes.partition_point(|note| note.start_step <= step);
    let before = notes[..end].iter().rev().find(|note| note.pitch == pitch);
    before.copied().filter(|note| note.covers(step, pitch))
}

/// What is left of an older note beside newer ones, which are sorted by pitch and start.
fn remainder(mut note: PlayedNote, newer: &[PlayedNote]) -> Option<PlayedNote> {
    let first =
        newer.partition_point(|new| (new.pitch, new.end_step()) <= (note.pitch, note.start_step));
    for new in newer[first..].iter().take_while(|new| new.pitch == note.pitch) {
        if new.start_step >= note.end_step() {
            break;
        }
        if new.start_step > note.start_step {
            note.n_steps = new.start_step - note.start_step;
            break;
        }
        note.n_steps = note.end_step().checked_sub(new.end_step()).filter(|steps| *steps > 0)?;
        note.start_step = new.end_step();
    }
    Some(note)
}

/// Tells which of many notes are selected, when both are asked for in order.
#[derive(Clone, Debug)]
pub struct SelectedWalk<'a> {
    rest: &'a [NotePlace],
}

impl<'a> SelectedWalk<'a> {
    /// `selected` is sorted.
    pub fn new(selected: &'a [NotePlace]) -> Self {
        Self { rest: selected }
    }

    /// Whether a note is selected. To be asked with places that never go back.
    pub fn contains(&mut self, place: NotePlace) -> bool {
        while let [first, rest @ ..] = self.rest
            && *first < place
        {
            self.rest = rest;
        }
        self.rest.first() == Some(&place)
    }
}

#[cfg(test)]
#[path = "edit_tests.rs"]
mod tests;
