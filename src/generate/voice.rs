//! Gibbs chains as long as the piece asks for: excerpt after excerpt, what stands held fast.

use std::ops::Range;

use crate::dataset::{EncodingSettings, roll_to_rows, rows_to_roll};
use crate::music::PianoRoll;
use crate::rbm::{Chain, ChainStart, Clamp, Machine};

use super::{GenerateError, GenerateSettings, StartPoint};

/// Passes over an infilled gap: the first goes from left to right and knows only what came
/// before, the next ones see both sides.
const INFILL_PASSES: u32 = 3;

/// A trained model and what its music can start from.
#[derive(Clone, Copy, Debug)]
pub struct Voice<'a> {
    pub machine: &'a Machine,
    pub encoding: &'a EncodingSettings,
    /// How often each visible unit is on in the training excerpts.
    pub visible_means: &'a [f32],
    /// Persistent chains as 0 and 1; empty without.
    pub chains: &'a [u8],
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum Task {
    /// A new piece.
    New,
    /// A piece that begins with this one and goes on.
    Continue(PianoRoll),
    /// This piece with the steps of the range made anew.
    Infill { roll: PianoRoll, free: Range<usize> },
}

/// A start point with its material.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Start<'a> {
    Silence,
    Noise,
    Chains,
    Song(&'a PianoRoll),
}

/// A piece that the model made.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece {
    pub roll: PianoRoll,
    pub seed: u64,
}

/// The pieces under work: the same plan for all, one chain each.
struct Draft {
    rolls: Vec<PianoRoll>,
    /// One a step: still to be filled.
    is_free: Vec<bool>,
    /// One a step: never to be changed.
    is_fixed: Vec<bool>,
}

impl<'a> Start<'a> {
    /// The start that settings name; a song is given beside them.
    ///
    /// # Errors
    /// When a song is asked for and none is given.
    pub fn from_settings(
        point: StartPoint,
        song: Option<&'a PianoRoll>,
    ) -> Result<Self, GenerateError> {
        Ok(match point {
            StartPoint::Silence => Self::Silence,
            StartPoint::Noise => Self::Noise,
            StartPoint::Chains => Self::Chains,
            StartPoint::Song => Self::Song(song.ok_or(GenerateError::EmptyPiece)?),
        })
    }
}

impl Voice<'_> {
    /// Makes `settings.pieces` pieces. `go_on` is told the share done after each Gibbs step and
    /// answers whether to go on.
    ///
    /// # Errors
    /// Settings out of range, a start that the project does not have, or a stop.
    pub fn generate(
        &self,
        settings: &GenerateSettings,
        start: Start<'_>,
        (task, steps_per_bar): (&Task, usize),
        go_on: &mut dyn FnMut(f64) -> bool,
    ) -> Result<Vec<Piece>, GenerateError> {
        settings.validate()?;
        match start {
            Start::Chains if self.chains.is_empty() => return Err(GenerateError::NoChains),
            Start::Song(song) => self.check_grid(song)?,
            _ => {}
        }
        let mut draft = self.draft(settings, task, steps_per_bar)?;
        let windows = self.windows(&draft);
        let is_infill = matches!(task, Task::Infill { .. });
        let n_passes = if is_infill { INFILL_PASSES } else { 1 };
        let n_steps = (windows.len() * n_passes as usize) as f64 * f64::from(settings.gibbs_steps);
        let mut done = 0.0;
        let mut advance = || {
            done += 1.0;
            go_on(done / n_steps)
        };
        for pass in 0..n_passes {
            let is_refining = pass > 0;
            for place in 0..windows.len() {
                // Refining goes back and forth, so that both sides are heard.
                let window = windows[if pass % 2 == 1 { windows.len() - 1 - place } else { place }];
                let salt = u64::from(pass) << 32 | window as u64;
                self.fill(
                    &mut draft,
                    window,
                    (settings, start),
                    (salt, is_refining),
                    &mut advance,
                )?;
            }
        }
        let seeds = (0..).map(|n| settings.seed.wrapping_add(n));
        let finish = |(mut roll, seed): (PianoRoll, u64)| {
            roll.repair();
            Piece { roll, seed }
        };
        Ok(draft.rolls.into_iter().zip(seeds).map(finish).collect())
    }

    fn draft(
        &self,
        settings: &GenerateSettings,
        task: &Task,
        steps_per_bar: usize,
    ) -> Result<Draft, GenerateError> {
        let new_steps = settings.bars as usize * steps_per_bar.max(1);
        let empty = |n| PianoRoll::new(n, self.encoding.pitches(), self.encoding.steps_per_beat);
        let (roll, is_free) = match task {
            Task::New => (empty(new_steps), vec![true; new_steps]),
            Task::Continue(given) if given.n_steps() == 0 => return Err(GenerateError::EmptyPiece),
            Task::Continue(given) => {
                self.check_grid(given)?;
                // The new music begins on a bar line.
                let given_steps = given.n_steps().next_multiple_of(steps_per_bar.max(1));
                let roll = given.excerpt(0..given_steps + new_steps);
                let is_free = (0..roll.n_steps()).map(|step| step >= given_steps).collect();
                (roll, is_free)
            }
            Task::Infill { roll, free } => {
                self.check_grid(roll)?;
                let free = free.start..free.end.min(roll.n_steps());
                if free.is_empty() {
                    return Err(GenerateError::NothingFree);
                }
                let mut roll = roll.clone();
                for step in free.clone() {
                    for column in 0..roll.pitches().len() {
                        roll.set(step, column, (false, false));
                    }
                }
                let is_free = (0..roll.n_steps()).map(|step| free.contains(&step)).collect();
                (roll, is_free)
            }
        };
        let is_free: Vec<bool> = is_free;
        let is_fixed = is_free.iter().map(|is_free| !is_free).collect();
        Ok(Draft { rolls: vec![roll; settings.pieces as usize], is_free, is_fixed })
    }

    fn check_grid(&self, roll: &PianoRoll) -> Result<(), GenerateError> {
        let is_known = roll.pitches() == self.encoding.pitches()
            && roll.steps_per_beat() == self.encoding.steps_per_beat;
        if is_known { Ok(()) } else { Err(GenerateError::OtherGrid) }
    }

    /// Starts of the excerpts that have something to fill. They lie at multiples of the hop, so
    /// that every excerpt keeps the place in the bar at which the model learned it.
    fn windows(&self, draft: &Draft) -> Vec<usize> {
        let n_steps = self.encoding.steps_per_excerpt as usize;
        let hop = self.hop();
        let has_free = |start: &usize| {
            let end = (start + n_steps).min(draft.is_free.len());
            draft.is_free[*start..end].contains(&true)
        };
        (0..draft.is_free.len()).step_by(hop).filter(has_free).collect()
    }

    /// How far the excerpt slides: the training stride where excerpts overlapped, else half an
    /// excerpt, in whole beats where that goes.
    fn hop(&self) -> usize {
        let n_steps = self.encoding.steps_per_excerpt as usize;
        let stride = self.encoding.stride() as usize;
        if stride < n_steps {
            return stride.max(1);
        }
        let beat = usize::from(self.encoding.steps_per_beat).max(1);
        let half = n_steps.div_ceil(2);
        if n_steps > beat { half.next_multiple_of(beat).min(n_steps) } else { half.max(1) }
    }

    /// Runs the chains over one excerpt and writes what was free into the draft.
    fn fill(
        &self,
        draft: &mut Draft,
        window: usize,
        (settings, start): (&GenerateSettings, Start<'_>),
        (salt, is_refining): (u64, bool),
        advance: &mut dyn FnMut() -> bool,
    ) -> Result<(), GenerateError> {
        let n_steps = self.encoding.steps_per_excerpt as usize;
        let steps = window..window + n_steps;
        // Beyond the end of the piece the chain is free, and what it does there is thrown away.
        let is_open = |step: usize| match draft.is_free.get(step) {
            None => true,
            Some(is_free) => *is_free || is_refining && !draft.is_fixed[step],
        };
        let open: Vec<bool> = steps.clone().map(is_open).collect();
        if !open[..draft.is_free.len().saturating_sub(window).min(n_steps)].contains(&true) {
            // An earlier excerpt filled it all.
            (0..settings.gibbs_steps).for_each(|_| {
                advance();
            });
            return Ok(());
        }
        let pieces = 0..draft.rolls.len() as u64;
        let seeds: Vec<u64> = pieces.map(|n| settings.seed.wrapping_add(n)).collect();
        let state = self.start_state(draft, (window, start, is_refining), &seeds);
        let salted = |seed: &u64| seed.wrapping_add(salt.wrapping_mul(0x9E37_79B9));
        let mut chain = Chain::new(self.machine, &state, seeds.iter().map(salted).collect())?;
        if open.contains(&false) {
            let is_held: Vec<bool> = open
                .iter()
                .flat_map(|is_open| std::iter::repeat_n(!is_open, self.encoding.row_width()))
                .collect();
            chain.hold(Clamp { is_held: &is_held, values: &self.visible_of(draft, &steps) })?;
        }
        for _ in 0..settings.gibbs_steps {
            chain.step(settings.temperature);
            if !advance() {
                return Err(GenerateError::Cancelled);
            }
        }
        let visible = chain.visible(settings.final_visible())?;
        for (roll, bits) in draft.rolls.iter_mut().zip(visible.chunks(self.machine.n_visible())) {
            write_open(roll, &rows_to_roll(bits, self.encoding), window, &open);
            part_from_given(roll, &draft.is_fixed);
        }
        for (step, _) in steps.zip(&open).filter(|(_, is_open)| **is_open) {
            if let Some(is_free) = draft.is_free.get_mut(step) {
                *is_free = false;
            }
        }
        Ok(())
    }

    fn start_state(
        &self,
        draft: &Draft,
        (window, start, is_refining): (usize, Start<'_>, bool),
        seeds: &[u64],
    ) -> ChainStart {
        let n_steps = self.encoding.steps_per_excerpt as usize;
        if is_refining {
            return ChainStart::States(self.visible_of(draft, &(window..window + n_steps)));
        }
        match start {
            Start::Silence => ChainStart::Silence,
            Start::Noise => ChainStart::Noise(self.visible_means.to_vec()),
            Start::Chains => ChainStart::States(self.chains_of(seeds, window / self.hop())),
            Start::Song(song) => {
                // A song shorter than the piece is gone through again.
                let first = if song.n_steps() > n_steps { window % song.n_steps() } else { 0 };
                let excerpt = song.excerpt(first..first + n_steps);
                ChainStart::States(roll_to_rows(&excerpt, self.encoding))
            }
        }
    }

    /// A chain for each piece, by its seed, so that a piece is the same whichever others are made
    /// beside it; another one for each excerpt, so that no piece repeats a single chain.
    fn chains_of(&self, seeds: &[u64], place: usize) -> Vec<u8> {
        let n_visible = self.machine.n_visible();
        let n_chains = (self.chains.len() / n_visible).max(1) as u64;
        let chain = |seed: &u64| (seed.wrapping_add(place as u64 * 7) % n_chains) as usize;
        let state = |seed| &self.chains[chain(seed) * n_visible..][..n_visible];
        seeds.iter().flat_map(state).copied().collect()
    }

    fn visible_of(&self, draft: &Draft, steps: &Range<usize>) -> Vec<u8> {
        draft
            .rolls
            .iter()
            .flat_map(|roll| roll_to_rows(&roll.excerpt(steps.clone()), self.encoding))
            .collect()
    }
}

/// Strikes what sounds where given music ends, so that no given note grows longer.
fn part_from_given(roll: &mut PianoRoll, is_fixed: &[bool]) {
    let ends = (1..is_fixed.len()).filter(|&step| is_fixed[step - 1] && !is_fixed[step]);
    for step in ends {
        for column in 0..roll.pitches().len() {
            if roll.is_held(step, column) {
                roll.set(step, column, (true, true));
            }
        }
    }
}

/// Copies the open steps of an excerpt into the piece.
fn write_open(roll: &mut PianoRoll, excerpt: &PianoRoll, window: usize, open: &[bool]) {
    for (offset, _) in open.iter().enumerate().filter(|(_, is_open)| **is_open) {
        let step = window + offset;
        if step >= roll.n_steps() {
            return;
        }
        for column in 0..roll.pitches().len() {
            let cell = (excerpt.is_held(offset, column), excerpt.is_onset(offset, column));
            roll.set(step, column, cell);
        }
    }
}
