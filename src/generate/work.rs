//! Gibbs chains as long as the plan asks for: excerpt after excerpt, what stands held fast.

use std::ops::Range;

use crate::dataset::{roll_to_rows, rows_to_roll};
use crate::music::PianoRoll;
use crate::rbm::{Chain, ChainStart, Clamp};

use super::draft::{Draft, Touch};
use super::plan::{Origin, Plan, Stage};
use super::voices::VoiceLimit;
use super::{GenerateError, GenerateSettings, Piece, Start, Voice};

/// What is made of a plan, and with what.
#[derive(Clone, Copy, Debug)]
pub(super) struct Work<'a> {
    pub voice: Voice<'a>,
    pub settings: &'a GenerateSettings,
    pub start: Start<'a>,
    pub plan: &'a Plan,
    pub steps_per_bar: usize,
    /// For each excerpt.
    pub gibbs_steps: u32,
}

/// One excerpt to be filled.
#[derive(Clone, Copy, Debug)]
struct Window<'a> {
    stage: &'a Stage,
    start: usize,
    is_refining: bool,
    /// Makes the random numbers those of this excerpt, pass and stage.
    salt: u64,
}

impl Work<'_> {
    pub(super) fn pieces(
        &self,
        go_on: &mut dyn FnMut(f64) -> bool,
    ) -> Result<Vec<Piece>, GenerateError> {
        let mut draft = Draft::new(self.plan, self.settings.pieces as usize);
        let stages = &self.plan.stages;
        let n_fills =
            stages.iter().map(|stage| self.windows(stage).len() * stage.n_passes as usize);
        let n_steps = n_fills.sum::<usize>() as f64 * f64::from(self.gibbs_steps);
        let mut done = 0.0;
        let mut advance = || {
            done += 1.0;
            go_on(done / n_steps)
        };
        for (number, stage) in stages.iter().enumerate() {
            let windows = self.windows(stage);
            for pass in 0..stage.n_passes {
                // Refining goes back and forth, so that both sides are heard.
                let is_backwards = (pass % 2 == 1) != stage.is_backwards;
                for place in 0..windows.len() {
                    let start =
                        windows[if is_backwards { windows.len() - 1 - place } else { place }];
                    let salt = (number as u64) << 48 | u64::from(pass) << 32 | start as u64;
                    let is_refining = pass > 0 || stage.is_remade;
                    let window = Window { stage, start, is_refining, salt };
                    self.fill(&mut draft, window, &mut advance)?;
                }
            }
            for (section, to) in &stage.copies {
                draft.copy(&section.steps, *to);
            }
        }
        let rolls = draft.finished();
        Ok(rolls.into_iter().zip(self.seeds()).map(|(roll, seed)| Piece { roll, seed }).collect())
    }

    fn seeds(&self) -> Vec<u64> {
        let pieces = 0..u64::from(self.settings.pieces);
        pieces.map(|n| self.settings.seed.wrapping_add(n)).collect()
    }

    fn steps_from(&self, start: usize) -> Range<usize> {
        start..start + self.voice.encoding.steps_per_excerpt as usize
    }

    /// Starts of the excerpts that have something to fill. They lie at multiples of the hop, so
    /// that every excerpt keeps the place in the bar at which the model learned it.
    fn windows(&self, stage: &Stage) -> Vec<usize> {
        let width = self.plan.roll.pitches().len();
        let n_steps = self.plan.roll.n_steps();
        let is_wanted = |start: &usize| {
            let end = self.steps_from(*start).end.min(n_steps);
            stage.is_wanted[start * width..end * width].contains(&true)
        };
        let hop = match self.plan.origin {
            Origin::Settings => self.voice.hop(),
            // What is given reads best where the model learned its places.
            Origin::Roll(_) | Origin::Between(..) => self.voice.learned_hop(),
        };
        (0..n_steps).step_by(hop).filter(is_wanted).collect()
    }

    /// Runs the chains over one excerpt and writes what was free into the draft.
    fn fill(
        &self,
        draft: &mut Draft<'_>,
        window: Window<'_>,
        advance: &mut dyn FnMut() -> bool,
    ) -> Result<(), GenerateError> {
        let steps = self.steps_from(window.start);
        let touches = draft.touches(window.stage, &steps, window.is_refining);
        if !touches.iter().any(|touch| matches!(touch, Touch::Write | Touch::Ring)) {
            // An earlier excerpt filled it all.
            (0..self.gibbs_steps).for_each(|_| {
                advance();
            });
            return Ok(());
        }
        let seeds = self.seeds();
        let state = self.start_state(draft, window, &seeds)?;
        let salted = |seed: &u64| seed.wrapping_add(window.salt.wrapping_mul(0x9E37_79B9));
        let machine = self.voice.machine;
        let mut chain = Chain::new(machine, &state, seeds.iter().map(salted).collect())?;
        let is_held = self.held_units(&touches);
        if is_held.contains(&true) {
            let values = draft.visible(&steps, self.voice.encoding);
            chain.hold(Clamp { is_held: &is_held, values: &values })?;
        }
        if let Some(bias) = self.bias(window.start) {
            chain.steer(&bias)?;
        }
        for step in 0..self.gibbs_steps {
            chain.step(self.settings.temperature_at(step, self.gibbs_steps));
            if !advance() {
                return Err(GenerateError::Cancelled);
            }
        }
        draft.write(&self.excerpts(&chain, &touches)?, window.start, &touches);
        Ok(())
    }

    fn bias(&self, first_step: usize) -> Option<Vec<f32>> {
        self.settings.steering.bias(first_step, self.voice.encoding, self.steps_per_bar)
    }

    /// What the chains came to, one excerpt a piece, with no more voices than asked for.
    fn excerpts(
        &self,
        chain: &Chain<'_>,
        touches: &[Touch],
    ) -> Result<Vec<PianoRoll>, GenerateError> {
        let visible = chain.visible(self.settings.final_visible())?;
        let n_visible = self.voice.machine.n_visible();
        let excerpts = visible.chunks(n_visible);
        let mut excerpts: Vec<PianoRoll> =
            excerpts.map(|bits| rows_to_roll(bits, self.voice.encoding)).collect();
        let all = self.settings.steering.polyphony.map(|limit| limit as usize);
        let limit = VoiceLimit { all, free: self.plan.free_voices };
        if limit != VoiceLimit::default() {
            let probabilities = chain.probabilities()?;
            let row_width = self.voice.encoding.row_width();
            for (excerpt, of_units) in excerpts.iter_mut().zip(probabilities.chunks(n_visible)) {
                let hold = |step: usize, column: usize| of_units[step * row_width + column];
                limit.apply(excerpt, touches, hold);
            }
        }
        Ok(excerpts)
    }

    /// One a visible unit: where a note may only ring on, its onset is held, at zero.
    fn held_units(&self, touches: &[Touch]) -> Vec<bool> {
        let width = self.plan.roll.pitches().len().max(1);
        let n_planes = self.voice.encoding.n_planes();
        let mut is_held = Vec::with_capacity(touches.len() * n_planes);
        for row in touches.chunks(width) {
            is_held.extend(row.iter().map(|touch| *touch == Touch::Hold));
            if n_planes > 1 {
                is_held.extend(row.iter().map(|touch| matches!(touch, Touch::Hold | Touch::Ring)));
            }
        }
        is_held
    }

    fn start_state(
        &self,
        draft: &Draft<'_>,
        window: Window<'_>,
        seeds: &[u64],
    ) -> Result<ChainStart, GenerateError> {
        let steps = self.steps_from(window.start);
        let encoding = self.voice.encoding;
        if window.is_refining {
            return Ok(ChainStart::States(draft.visible(&steps, encoding)));
        }
        let rows = |roll: &PianoRoll| roll_to_rows(&roll.excerpt(steps.clone()), encoding);
        match &self.plan.origin {
            Origin::Roll(roll) => return Ok(ChainStart::States(rows(roll))),
            Origin::Between(from, to) => {
                return Ok(ChainStart::Codes(self.mixed_codes(
                    &rows(from),
                    &rows(to),
                    seeds.len(),
                )?));
            }
            Origin::Settings => {}
        }
        Ok(match self.start {
            Start::Silence => ChainStart::Silence,
            Start::Noise => ChainStart::Noise(self.voice.visible_means.to_vec()),
            Start::Chains => {
                let place = window.start / self.voice.hop();
                ChainStart::States(self.voice.chains_of(seeds, place))
            }
            Start::Song(song) => {
                // A song shorter than the piece is gone through again.
                let is_longer = song.n_steps() > steps.len();
                let first = if is_longer { window.start % song.n_steps() } else { 0 };
                let excerpt = song.excerpt(first..first + steps.len());
                ChainStart::States(roll_to_rows(&excerpt, encoding))
            }
        })
    }

    /// The mixed hidden codes p(h | v) of two excerpts, a mixture a piece: of n pieces, piece i
    /// has i/(n+1) of the second.
    fn mixed_codes(&self, from: &[u8], to: &[u8], n: usize) -> Result<Vec<f32>, GenerateError> {
        let from = self.voice.machine.hidden_probabilities(from)?;
        let to = self.voice.machine.hidden_probabilities(to)?;
        let mixed = |piece: usize| {
            let share = (piece + 1) as f32 / (n + 1) as f32;
            from.iter().zip(&to).map(move |(from, to)| from + share * (to - from))
        };
        Ok((0..n).flat_map(mixed).collect())
    }
}
