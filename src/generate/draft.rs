//! The pieces under work: the same plan for all, a chain each.

use std::ops::Range;

use crate::dataset::{EncodingSettings, roll_to_rows};
use crate::music::PianoRoll;

use super::plan::{CellRule, Plan, Stage};

/// What a chain over an excerpt may do with a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Touch {
    /// It stays as it stands.
    Hold,
    /// The chain may dream, and what it dreams is thrown away.
    Dream,
    /// What it dreams is written, but no note may begin.
    Ring,
    Write,
}

#[derive(Debug)]
pub(super) struct Draft<'a> {
    plan: &'a Plan,
    pub rolls: Vec<PianoRoll>,
    /// One a cell: it stands as it is to be.
    is_made: Vec<bool>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(plan: &'a Plan, n_pieces: usize) -> Self {
        let is_made = plan.rules.iter().map(|rule| *rule == CellRule::Held).collect();
        Self { plan, rolls: vec![plan.roll.clone(); n_pieces], is_made }
    }

    fn width(&self) -> usize {
        self.plan.roll.pitches().len()
    }

    /// What may become of each cell of an excerpt, of which only the `own` steps may be written;
    /// `is_refining` opens what was made of them before.
    pub(super) fn touches(
        &self,
        stage: &Stage,
        (steps, own): (Range<usize>, Range<usize>),
        is_refining: bool,
    ) -> Vec<Touch> {
        let own_cells = own.start * self.width()..own.end * self.width();
        let touch = |cell: usize| match self.plan.rules.get(cell) {
            // Beyond the end of the piece.
            None if self.plan.is_barred[cell % self.width()] => Touch::Hold,
            None => Touch::Dream,
            Some(CellRule::Held) => Touch::Hold,
            Some(_) if !stage.is_wanted[cell] && !self.is_made[cell] => Touch::Dream,
            Some(_) if !stage.is_wanted[cell] => Touch::Hold,
            Some(_) if !own_cells.contains(&cell) && !self.is_made[cell] => Touch::Dream,
            Some(_) if self.is_made[cell] && !(is_refining && own_cells.contains(&cell)) => {
                Touch::Hold
            }
            Some(CellRule::Ringing) => Touch::Ring,
            Some(CellRule::Free) => Touch::Write,
        };
        (steps.start * self.width()..steps.end * self.width()).map(touch).collect()
    }

    /// Of each piece, the notes sounding in the steps that were made whole, and these steps.
    pub(super) fn made(&self) -> Vec<(usize, usize)> {
        let width = self.width().max(1);
        let is_made = |cell: usize| {
            let is_free = self.plan.rules[cell] == CellRule::Free && self.is_made[cell];
            is_free || self.plan.is_barred[cell % width]
        };
        let n_steps = self.plan.rules.len() / width;
        let is_whole = |step: &usize| (step * width..(step + 1) * width).all(is_made);
        let steps: Vec<usize> = (0..n_steps).filter(is_whole).collect();
        let sounding = |roll: &PianoRoll, step| {
            (0..width).filter(|&column| roll.is_held(step, column)).count()
        };
        let notes = |roll: &PianoRoll| steps.iter().map(|&step| sounding(roll, step)).sum();
        self.rolls.iter().map(|roll| (notes(roll), steps.len())).collect()
    }

    /// The rows of an excerpt of each piece, one after the other.
    pub(super) fn visible(&self, steps: &Range<usize>, encoding: &EncodingSettings) -> Vec<u8> {
        let rows = |roll: &PianoRoll| roll_to_rows(&roll.excerpt(steps.clone()), encoding);
        self.rolls.iter().flat_map(rows).collect()
    }

    /// Writes what the chains dreamed into the pieces, one excerpt a piece.
    pub(super) fn write(&mut self, excerpts: &[PianoRoll], window: usize, touches: &[Touch]) {
        let width = self.width();
        let written = touches.iter().enumerate();
        let written = written.filter(|(_, touch)| matches!(touch, Touch::Write | Touch::Ring));
        for (place, _) in written {
            let (offset, column) = (place / width, place % width);
            for (roll, excerpt) in self.rolls.iter_mut().zip(excerpts) {
                let cell = (excerpt.is_held(offset, column), excerpt.is_onset(offset, column));
                roll.set(window + offset, column, cell);
            }
            self.is_made[window * width + place] = true;
        }
        self.settle_borders();
    }

    /// A piece as it would be with this excerpt written into it; `None` where there is no such
    /// piece.
    pub(super) fn with_excerpt(
        &self,
        piece: usize,
        excerpts: &[PianoRoll],
        window: usize,
        touches: &[Touch],
    ) -> Option<PianoRoll> {
        let (roll, excerpt) = (self.rolls.get(piece)?, excerpts.get(piece)?);
        let rolls = vec![roll.clone()];
        let mut alone = Draft { plan: self.plan, rolls, is_made: self.is_made.clone() };
        alone.write(std::slice::from_ref(excerpt), window, touches);
        alone.finished().pop()
    }

    /// Copies steps of each piece to where they come again; held cells stay.
    pub(super) fn copy(&mut self, steps: &Range<usize>, to: usize) {
        let width = self.width();
        for place in 0..steps.len() * width {
            let (from, cell) = (steps.start * width + place, to * width + place);
            if self.plan.rules.get(cell).is_none_or(|rule| *rule == CellRule::Held) {
                continue;
            }
            for roll in &mut self.rolls {
                let (step, column) = (from / width, from % width);
                let copied = (roll.is_held(step, column), roll.is_onset(step, column));
                roll.set(cell / width, column, copied);
            }
            self.is_made[cell] = true;
        }
        self.settle_borders();
    }

    /// Where held cells end, what sounds next is struck, so that no held note grows longer; and
    /// what may only ring on is silent unless it does.
    fn settle_borders(&mut self) {
        let width = self.width();
        let rules = &self.plan.rules;
        for cell in width..rules.len() {
            let is_after_held = rules[cell - width] == CellRule::Held;
            let (step, column) = (cell / width, cell % width);
            match rules[cell] {
                CellRule::Free if is_after_held => {
                    for roll in self.rolls.iter_mut().filter(|roll| roll.is_held(step, column)) {
                        roll.set(step, column, (true, true));
                    }
                }
                CellRule::Ringing => {
                    for roll in &mut self.rolls {
                        let rings = !is_after_held
                            && roll.is_held(step, column)
                            && roll.is_held(step - 1, column);
                        roll.set(step, column, (rings, false));
                    }
                }
                _ => {}
            }
        }
    }

    /// The pieces as what their notes say.
    pub(super) fn finished(mut self) -> Vec<PianoRoll> {
        self.rolls.iter_mut().for_each(PianoRoll::repair);
        self.rolls
    }
}
