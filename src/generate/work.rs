//! Gibbs chains as long as the plan asks for: excerpt after excerpt, what stands held fast.

use std::ops::Range;

use crate::dataset::{roll_to_rows, rows_to_roll};
use crate::music::PianoRoll;
use crate::rbm::{Chain, ChainStart, Clamp};

use super::chain_choice::ChainChoice;
use super::density::{Density, Readout, sigmoid};
use super::draft::{Draft, Touch};
use super::kept_states::KeptStates;
use super::observer::{ChainView, Observer, Wish};
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
    /// The biases for the density asked for.
    pub density: Option<&'a Density>,
    /// For each excerpt.
    pub gibbs_steps: u32,
}

/// One excerpt to be filled.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window<'a> {
    pub stage: &'a Stage,
    pub start: usize,
    pub is_refining: bool,
    /// Makes the random numbers those of this excerpt, pass and stage.
    pub salt: u64,
}

/// Nats by which a chain is led to a density.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Lead<'a> {
    /// On all units.
    pub bias: f32,
    /// Further ones at the last step.
    pub readout: Readout,
    /// Further ones on all units, one a piece; empty without.
    pub nudges: &'a [f32],
}

/// How far the work is, and who hears of it.
pub(super) struct Progress<'a> {
    done: f64,
    n_steps: f64,
    observer: &'a mut dyn Observer,
}

/// Where the chains are.
#[derive(Clone, Copy)]
struct Place {
    /// The first step of the excerpt.
    start: usize,
    /// Gibbs steps done.
    step: u32,
    n_kept: usize,
}

impl Progress<'_> {
    fn ask(
        &mut self,
        work: &Work<'_>,
        state: (&Draft<'_>, &Chain<'_>, &[Touch]),
        place: Place,
    ) -> Result<Wish, GenerateError> {
        let view = ChainView {
            work,
            state: Some(state),
            excerpt: work.steps_from(place.start),
            gibbs_step: place.step,
            gibbs_steps: work.gibbs_steps,
            share: self.done / self.n_steps,
            n_kept: place.n_kept,
        };
        match self.observer.after_step(&view) {
            Wish::Stop => Err(GenerateError::Cancelled),
            wish => Ok(wish),
        }
    }
}

impl Work<'_> {
    pub(super) fn pieces(&self, observer: &mut dyn Observer) -> Result<Vec<Piece>, GenerateError> {
        let mut draft = Draft::new(self.plan, self.settings.pieces as usize);
        let stages = &self.plan.stages;
        let n_fills =
            stages.iter().map(|stage| self.windows(stage).len() * stage.n_passes as usize);
        let n_steps = n_fills.sum::<usize>() as f64 * f64::from(self.gibbs_steps);
        let mut progress = Progress { done: 0.0, n_steps, observer };
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
                    self.fill(&mut draft, window, &mut progress)?;
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

    /// From excerpt to excerpt.
    fn hop(&self) -> usize {
        match self.plan.origin {
            Origin::Settings => self.voice.hop(),
            // What is given reads best where the model learned its places.
            Origin::Roll(_) | Origin::Between(..) => self.voice.learned_hop(),
        }
    }

    /// Starts of the excerpts that have something to fill. They lie at multiples of the hop, so
    /// that every excerpt keeps the place in the bar at which the model learned it. The first one
    /// that reaches the end of the piece is the last.
    pub(super) fn windows(&self, stage: &Stage) -> Vec<usize> {
        let width = self.plan.roll.pitches().len();
        let n_steps = self.plan.roll.n_steps();
        let is_wanted = |start: &usize| {
            let end = self.steps_from(*start).end.min(n_steps);
            stage.is_wanted[start * width..end * width].contains(&true)
        };
        let hop = self.hop();
        let n_further = n_steps.saturating_sub(self.steps_from(0).end).div_ceil(hop);
        (0..=n_further).map(|number| number * hop).filter(is_wanted).collect()
    }

    /// The steps of an excerpt that it may write: but for half a bar towards each excerpt beside
    /// it, where that one sees further. So the line between two bars, over which a phrase leads on,
    /// is dreamed as a whole, and what is joined to what stands is the middle of a bar. (Joined at
    /// bar lines, melodies moved on from bar 2 as if they had not heard it; docs/composing.md.)
    fn own_steps(&self, start: usize) -> Range<usize> {
        let steps = self.steps_from(start);
        let beat = usize::from(self.voice.encoding.steps_per_beat).max(1);
        let overlap = steps.len().saturating_sub(self.hop());
        let margin = (self.steps_per_bar / 2).min(overlap / 2) / beat * beat;
        let first = if start == 0 { start } else { start + margin };
        let is_last = steps.end >= self.plan.roll.n_steps();
        first..if is_last { steps.end } else { steps.end - margin }
    }

    /// What the chains over an excerpt may do with its cells.
    fn touches(&self, draft: &Draft<'_>, window: Window<'_>) -> Vec<Touch> {
        let steps = (self.steps_from(window.start), self.own_steps(window.start));
        draft.touches(window.stage, steps, window.is_refining)
    }

    /// Runs the chains over one excerpt and writes what was free into the draft.
    fn fill(
        &self,
        draft: &mut Draft<'_>,
        window: Window<'_>,
        progress: &mut Progress<'_>,
    ) -> Result<(), GenerateError> {
        let touches = self.touches(draft, window);
        if !touches.iter().any(|touch| matches!(touch, Touch::Write | Touch::Ring)) {
            // An earlier excerpt filled it all.
            progress.done += f64::from(self.gibbs_steps);
            return Ok(());
        }
        let (mut chain, touches) = self.chain(draft, window)?;
        let is_barred = |cell: usize| self.plan.is_barred[cell % self.plan.is_barred.len()];
        let mut cells = touches.iter().enumerate();
        let has_held = cells.any(|(cell, touch)| *touch == Touch::Hold && !is_barred(cell));
        let nudges = self.density.map_or(Vec::new(), |density| density.nudges(draft));
        let mut steered = None;
        let mut kept = KeptStates::new(progress.observer.keeps_states());
        let mut step = 0;
        while step < self.gibbs_steps {
            let temperature = self.settings.temperature_at(step, self.gibbs_steps);
            let is_last = step + 1 == self.gibbs_steps;
            let number = window.start / self.voice.hop();
            let readout = self.density.filter(|_| is_last);
            let readout = readout.map(|density| density.readout(number, has_held));
            let bias = self.density.map_or(0.0, |density| density.at(temperature));
            let lead = Lead { bias, readout: readout.unwrap_or_default(), nudges: &nudges };
            if steered != Some(lead) {
                self.steer(&mut chain, window.start, lead)?;
                steered = Some(lead);
            }
            kept.keep(&chain)?;
            chain.step(temperature);
            step += 1;
            progress.done += 1.0;
            let place = |step, n_kept| Place { start: window.start, step, n_kept };
            while progress.ask(self, (draft, &chain, &touches), place(step, kept.len()))?.is_back()
            {
                if kept.restore(&mut chain)? {
                    step -= 1;
                    progress.done -= 1.0;
                }
            }
        }
        draft.write(&self.excerpts(&chain, &touches)?, window.start, &touches);
        Ok(())
    }

    /// Chains over an excerpt with what stands held fast, and what they may do with each cell.
    pub(super) fn chain(
        &self,
        draft: &Draft<'_>,
        window: Window<'_>,
    ) -> Result<(Chain<'_>, Vec<Touch>), GenerateError> {
        let steps = self.steps_from(window.start);
        let touches = self.touches(draft, window);
        let seeds = self.seeds();
        let is_held = self.held_units(&touches);
        let state = self.start_state(draft, window, (&seeds, &is_held))?;
        let salted = |seed: &u64| seed.wrapping_add(window.salt.wrapping_mul(0x9E37_79B9));
        let machine = self.voice.machine;
        let mut chain = Chain::new(machine, &state, seeds.iter().map(salted).collect())?;
        if is_held.contains(&true) {
            let values = draft.visible(&steps, self.voice.encoding);
            chain.hold(Clamp { is_held: &is_held, values: &values })?;
        }
        Ok((chain, touches))
    }

    /// Adds to the logits what the settings favour, and what leads to the density.
    pub(super) fn steer(
        &self,
        chain: &mut Chain<'_>,
        first_step: usize,
        lead: Lead<'_>,
    ) -> Result<(), GenerateError> {
        let encoding = self.voice.encoding;
        let favoured = self.settings.steering.bias(first_step, encoding, self.steps_per_bar);
        if favoured.is_none() && lead == Lead::default() {
            return Ok(());
        }
        let (width, row_width) = (usize::from(encoding.pitch_count), encoding.row_width());
        let mut nats = favoured.unwrap_or_else(|| vec![0.0; encoding.n_visible()]);
        for (unit, nats) in nats.iter_mut().enumerate() {
            let is_hold = unit % row_width < width;
            *nats += lead.bias + if is_hold { lead.readout.hold } else { lead.readout.onset };
        }
        if lead.nudges.is_empty() {
            return Ok(chain.steer(&nats)?);
        }
        let nudged = lead.nudges.iter().flat_map(|nudge| nats.iter().map(move |nats| nats + nudge));
        Ok(chain.steer(&nudged.collect::<Vec<f32>>())?)
    }

    pub(super) fn rolls_of(&self, bits: &[u8]) -> Vec<PianoRoll> {
        let excerpts = bits.chunks(self.voice.machine.n_visible());
        excerpts.map(|bits| rows_to_roll(bits, self.voice.encoding)).collect()
    }

    /// What the chains came to, one excerpt a piece, with no more voices than asked for.
    pub(super) fn excerpts(
        &self,
        chain: &Chain<'_>,
        touches: &[Touch],
    ) -> Result<Vec<PianoRoll>, GenerateError> {
        let visible = chain.visible(self.settings.final_visible())?;
        let n_visible = self.voice.machine.n_visible();
        let mut excerpts = self.rolls_of(&visible);
        let all = self.settings.steering.polyphony.map(|limit| limit as usize);
        let limit = VoiceLimit { all, free: self.plan.free_voices };
        if limit != VoiceLimit::default() {
            let logits = chain.logits()?;
            let row_width = self.voice.encoding.row_width();
            for (excerpt, of_units) in excerpts.iter_mut().zip(logits.chunks(n_visible)) {
                let hold =
                    |step: usize, column: usize| sigmoid(of_units[step * row_width + column]);
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
        (seeds, is_held): (&[u64], &[bool]),
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
                let held = Clamp { is_held, values: &draft.visible(&steps, encoding) };
                let choice = ChainChoice {
                    chains: self.voice.chains,
                    n_visible: encoding.n_visible(),
                    n_first: (self.voice.hop() * encoding.row_width()).min(encoding.n_visible()),
                    excerpt: (window.start / self.voice.hop()) as u64,
                };
                ChainStart::States(choice.states(seeds, held))
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
