//! One plan for every task: which cells of the piece are held fast, which are free, and in which
//! order they are made.
//!
//! Notes are let go or kept as a whole. One that begins where cells are free is let go; where it
//! rings on into held ground, new notes may ring in its place but none may begin there. All others
//! are kept, also where they ring into free ground.

use crate::dataset::MAX_STEPS;
use crate::music::{PianoRoll, RollNote};

use super::form::Section;
use super::top_line::{ceiling, top_line};
use super::{Assignment, GenerateError, GenerateSettings, Region, Task};

/// Passes over a region with held notes after it: the first goes from left to right and knows only
/// what came before, the next ones see both sides.
const REFINING_PASSES: u32 = 3;

/// What may become of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CellRule {
    /// It stays as the plan's roll has it, silence included.
    Held,
    Free,
    /// A note that began on free ground may ring on here; none begins.
    Ringing,
}

/// Where the chains of a task start, when the task itself says so.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Origin {
    /// As the settings say.
    Settings,
    /// From the piece itself.
    Roll(PianoRoll),
    /// From a mixture of the hidden codes of two pieces.
    Between(PianoRoll, PianoRoll),
}

/// A part of the work: cells that are made together.
#[derive(Clone, Debug)]
pub(super) struct Stage {
    /// One a cell.
    pub is_wanted: Vec<bool>,
    pub n_passes: u32,
    /// The first pass goes from right to left.
    pub is_backwards: bool,
    /// Cells made before may be made anew.
    pub is_remade: bool,
    /// Sections to repeat elsewhere when the stage is done: what and where to.
    pub copies: Vec<(Section, usize)>,
}

#[derive(Clone, Debug)]
pub(super) struct Plan {
    /// The held cells; silent elsewhere.
    pub roll: PianoRoll,
    /// One a cell, step by step.
    pub rules: Vec<CellRule>,
    pub stages: Vec<Stage>,
    pub origin: Origin,
    /// One a column: no new note may have its pitch.
    pub is_barred: Vec<bool>,
    /// At most so many free notes at a time.
    pub free_voices: Option<usize>,
}

impl Plan {
    /// `empty` has the model's grid and no steps; `new_steps` is the length asked for.
    pub(super) fn new(
        assignment: &Assignment<'_>,
        empty: &PianoRoll,
        new_steps: usize,
        settings: &GenerateSettings,
    ) -> Result<Self, GenerateError> {
        let &Assignment { task, locked, steps_per_bar } = assignment;
        check_length(task, new_steps, steps_per_bar)?;
        let mut plan = match task {
            Task::New => Self::free(empty.excerpt(0..new_steps), Origin::Settings),
            Task::Continue(given) => Self::go_on(given, new_steps, steps_per_bar)?,
            Task::LeadUpTo(given) => Self::lead_up(given, new_steps)?,
            Task::Inside { roll, region } => {
                Self::remade(roll, |step, pitch| region.contains(step, pitch))?
            }
            Task::Around { roll, region } => Self::around(roll, region)?,
            Task::Harmonise(roll) => Self::harmonise(roll)?,
            Task::MelodyFor(roll) => Self::melody_for(roll)?,
            Task::Vary { roll, .. } => {
                Self::free(silent(not_empty(roll)?), Origin::Roll(roll.clone()))
            }
            Task::Interpolate { from, to } => Self::between(not_empty(from)?, not_empty(to)?),
        };
        plan.bar(|pitch| !settings.steering.allows(pitch));
        plan.lock(locked)?;
        if !plan.rules.contains(&CellRule::Free) {
            return Err(GenerateError::NothingFree);
        }
        let lead = matches!(task, Task::LeadUpTo(_));
        let is_between = matches!(task, Task::Inside { .. } | Task::Around { .. });
        plan.stages = match settings.form.sections(plan.roll.n_steps(), steps_per_bar)? {
            Some(_) if *task != Task::New => return Err(GenerateError::FormOfGiven),
            Some(sections) => plan.form_stages(&sections),
            None => {
                let n_passes = if is_between || !locked.is_empty() { REFINING_PASSES } else { 1 };
                vec![Stage { n_passes, is_backwards: lead, ..plan.stage(|_step| true) }]
            }
        };
        Ok(plan)
    }

    fn free(roll: PianoRoll, origin: Origin) -> Self {
        Self { origin, ..Self::all(roll, CellRule::Free) }
    }

    fn held(roll: PianoRoll) -> Self {
        Self::all(roll, CellRule::Held)
    }

    fn all(roll: PianoRoll, rule: CellRule) -> Self {
        Self {
            rules: vec![rule; roll.cells().len()],
            stages: Vec::new(),
            origin: Origin::Settings,
            is_barred: vec![false; roll.pitches().len()],
            free_voices: None,
            roll,
        }
    }

    fn go_on(
        given: &PianoRoll,
        new_steps: usize,
        steps_per_bar: usize,
    ) -> Result<Self, GenerateError> {
        // The new music begins on a bar line.
        let given_steps = not_empty(given)?.n_steps().next_multiple_of(steps_per_bar.max(1));
        let mut plan = Self::held(repaired(given).excerpt(0..given_steps + new_steps));
        plan.set_rules(CellRule::Free, |step, _column| step >= given_steps);
        Ok(plan)
    }

    fn lead_up(given: &PianoRoll, new_steps: usize) -> Result<Self, GenerateError> {
        let mut roll = not_empty(given)?.excerpt(0..0).excerpt(0..new_steps);
        roll.append(&repaired(given));
        let mut plan = Self::held(roll);
        plan.set_rules(CellRule::Free, |step, _column| step < new_steps);
        Ok(plan)
    }

    fn around(roll: &PianoRoll, region: &Region) -> Result<Self, GenerateError> {
        Self::remade(roll, |step, pitch| !region.contains(step, pitch))
    }

    /// A piece whose cells `is_free` names (by step and pitch) are made anew.
    fn remade(
        roll: &PianoRoll,
        is_free: impl Fn(usize, u8) -> bool,
    ) -> Result<Self, GenerateError> {
        let (kept, let_go): (Vec<RollNote>, Vec<RollNote>) = not_empty(roll)?
            .notes()
            .into_iter()
            .partition(|note| !is_free(note.start_step as usize, note.pitch));
        let mut plan = Self::held(silent(roll));
        let pitches = roll.pitches();
        plan.set_rules(CellRule::Free, |step, column| is_free(step, pitches.pitch(column)));
        for note in &let_go {
            for cell in plan.cells_of(note) {
                if plan.rules[cell] == CellRule::Held {
                    plan.rules[cell] = CellRule::Ringing;
                }
            }
        }
        for note in kept {
            plan.keep(note);
        }
        Ok(plan)
    }

    fn harmonise(roll: &PianoRoll) -> Result<Self, GenerateError> {
        let melody = top_line(not_empty(roll)?);
        let line = ceiling(roll, &melody);
        let mut plan = Self::held(silent(roll));
        plan.set_rules(CellRule::Free, |step, column| Some(column) < line[step]);
        for note in melody {
            plan.keep(note);
        }
        Ok(plan)
    }

    fn melody_for(roll: &PianoRoll) -> Result<Self, GenerateError> {
        let notes = not_empty(roll)?.notes();
        let line = ceiling(roll, &notes);
        let mut plan = Self::held(repaired(roll));
        plan.set_rules(CellRule::Free, |step, column| Some(column) > line[step]);
        plan.free_voices = Some(1);
        Ok(plan)
    }

    /// As long as the longer of the two; the shorter one begins again.
    fn between(from: &PianoRoll, to: &PianoRoll) -> Self {
        let n_steps = from.n_steps().max(to.n_steps());
        let origin = Origin::Between(repeated(from, n_steps), repeated(to, n_steps));
        Self::free(from.excerpt(0..0).excerpt(0..n_steps), origin)
    }

    /// Keeps new notes from some pitches.
    fn bar(&mut self, is_barred: impl Fn(u8) -> bool) {
        let pitches = self.roll.pitches();
        self.is_barred = (0..pitches.len()).map(|c| is_barred(pitches.pitch(c))).collect();
        let is_barred = self.is_barred.clone();
        self.set_rules(CellRule::Held, |_step, column| is_barred[column]);
    }

    /// Holds notes fast. A kept note in the way gives way.
    fn lock(&mut self, locked: &[RollNote]) -> Result<(), GenerateError> {
        let (n_steps, pitches) = (self.roll.n_steps(), self.roll.pitches());
        for note in locked {
            let end = note.start_step as usize + note.n_steps as usize;
            if note.n_steps == 0 || end > n_steps || pitches.index(note.pitch).is_none() {
                let (step, pitch) = (note.start_step as usize, note.pitch);
                return Err(GenerateError::LockedOutside { step, pitch, n_steps });
            }
            let is_in_the_way = |other: &RollNote| {
                other.pitch == note.pitch
                    && (other.start_step as usize) < end
                    && note.start_step < other.start_step + other.n_steps
            };
            for other in self.roll.notes().iter().filter(|other| is_in_the_way(other)) {
                for cell in self.cells_of(other) {
                    self.clear(cell);
                }
            }
            self.keep(*note);
        }
        Ok(())
    }

    fn keep(&mut self, note: RollNote) {
        for cell in self.cells_of(&note) {
            self.clear(cell);
            self.rules[cell] = CellRule::Held;
        }
        self.roll.add_note(note);
    }

    fn clear(&mut self, cell: usize) {
        let width = self.roll.pitches().len();
        self.roll.set(cell / width, cell % width, (false, false));
    }

    /// Gives a rule to the cells (step and column) that `is_meant` names.
    fn set_rules(&mut self, rule: CellRule, is_meant: impl Fn(usize, usize) -> bool) {
        let width = self.roll.pitches().len();
        for (cell, place) in self.rules.iter_mut().enumerate() {
            if is_meant(cell / width, cell % width) {
                *place = rule;
            }
        }
    }

    fn cells_of(&self, note: &RollNote) -> impl Iterator<Item = usize> + use<> {
        let (width, n_steps) = (self.roll.pitches().len(), self.roll.n_steps());
        let column = self.roll.pitches().index(note.pitch);
        let first = note.start_step as usize;
        let steps = first..(first + note.n_steps as usize).min(n_steps);
        column.into_iter().flat_map(move |column| {
            let steps = steps.clone();
            steps.map(move |step| step * width + column)
        })
    }

    /// All cells that are not held, of the steps that `is_meant` names.
    fn stage(&self, is_meant: impl Fn(usize) -> bool) -> Stage {
        let width = self.roll.pitches().len();
        let rules = self.rules.iter().enumerate();
        let is_wanted =
            rules.map(|(cell, rule)| *rule != CellRule::Held && is_meant(cell / width)).collect();
        Stage { is_wanted, n_passes: 1, is_backwards: false, is_remade: false, copies: Vec::new() }
    }

    /// Each letter once, in the order in which they come, and copied to where it comes again; then
    /// the beat before each line between sections of which neither was made beside the other.
    fn form_stages(&self, sections: &[Section]) -> Vec<Stage> {
        let first_of = |letter: u8| sections.iter().position(|section| section.letter == letter);
        let mut stages = Vec::new();
        let mut fitting = Vec::new();
        for (place, section) in sections.iter().enumerate() {
            if first_of(section.letter) != Some(place) {
                continue;
            }
            let letter = section.letter;
            let repeats = sections[place + 1..].iter().filter(|other| other.letter == letter);
            let copies = repeats.map(|other| (section.clone(), other.steps.start)).collect();
            let stage = self.stage(|step| section.steps.contains(&step));
            stages.push(Stage { copies, n_passes: REFINING_PASSES, ..stage });
            // What stands already is held while this one is made.
            fitting.extend(place.checked_sub(1).map(|before| (sections[before].letter, letter)));
            let after = sections.get(place + 1).map(|after| after.letter);
            let known = after.filter(|&after| first_of(after) < Some(place));
            fitting.extend(known.map(|after| (letter, after)));
        }
        let pairs = sections.windows(2);
        let loose = pairs.filter(|pair| !fitting.contains(&(pair[0].letter, pair[1].letter)));
        let joins: Vec<_> = loose.map(|pair| pair[1].join()).collect();
        if !joins.is_empty() {
            let stage = self.stage(|step| joins.iter().any(|join| join.contains(&step)));
            stages.push(Stage { n_passes: REFINING_PASSES, is_remade: true, ..stage });
        }
        stages
    }
}

fn not_empty(roll: &PianoRoll) -> Result<&PianoRoll, GenerateError> {
    if roll.n_steps() == 0 { Err(GenerateError::EmptyPiece) } else { Ok(roll) }
}

fn silent(roll: &PianoRoll) -> PianoRoll {
    PianoRoll::new(roll.n_steps(), roll.pitches(), roll.steps_per_beat())
}

fn repaired(roll: &PianoRoll) -> PianoRoll {
    let mut roll = roll.clone();
    roll.repair();
    roll
}

/// Nothing is made that a project could not keep.
fn check_length(task: &Task, new_steps: usize, steps_per_bar: usize) -> Result<(), GenerateError> {
    if !task.takes_length() {
        return Ok(());
    }
    let given = task.rolls().map(PianoRoll::n_steps).max().unwrap_or(0);
    let n_steps = given.next_multiple_of(steps_per_bar.max(1)).saturating_add(new_steps);
    if n_steps as u64 <= MAX_STEPS {
        Ok(())
    } else {
        Err(GenerateError::TooLong { n_steps, most: MAX_STEPS })
    }
}

fn repeated(roll: &PianoRoll, n_steps: usize) -> PianoRoll {
    let mut long = roll.clone();
    while long.n_steps() < n_steps {
        long.append(roll);
    }
    long.excerpt(0..n_steps)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::PitchRange;

    #[test]
    fn a_piece_that_no_project_could_keep_is_refused_before_it_is_made() {
        let most = MAX_STEPS as usize;
        let given = |n_steps| PianoRoll::new(n_steps, PitchRange::REFERENCE, 4);
        let check = |task: Task, new_steps| check_length(&task, new_steps, 16);
        assert!(check(Task::New, most).is_ok() && check(Task::Harmonise(given(most)), 0).is_ok());
        assert!(check(Task::Continue(given(most - 16)), 16).is_ok());
        for (task, new_steps) in [
            (Task::New, most + 1),
            (Task::Continue(given(most - 16)), 17),
            (Task::LeadUpTo(given(most)), 1),
            (Task::New, usize::MAX),
        ] {
            let error = check(task, new_steps).unwrap_err().to_string();
            assert!(error.contains("100000") && error.contains("fewer bars"), "{error}");
        }
    }
}
