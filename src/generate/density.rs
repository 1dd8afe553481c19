//! How dense the music is: the biases at which a chain makes as many notes as asked for.
//!
//! One number of nats is added to the logits of all free visible units. Which one, is a root of a
//! function that can only be measured with noise (the expected notes a step of the chain with that
//! bias), and is found by stochastic approximation (Robbins & Monro 1951) with averaging (Polyak &
//! Juditsky 1992) on pilot chains that run on while the bias is corrected. A chain that cools has
//! one for each of some temperatures and goes over from one to the next.
//!
//! What a chain finally hands out is not what it passes through: the likeliest bits are fewer or
//! more than the expected ones, and an excerpt after another has that one's end held. So the pilots
//! then go the same way as the pieces, excerpt after excerpt, and for the last step a further bias
//! is chosen that makes their output as dense as asked for: for samples by bisection, for the
//! likeliest bits as a quantile of p(v | h), for notes and for their starts.
//!
//! A piece that has come out too sparse or too dense so far is led back from excerpt to excerpt by
//! a nudge that grows with what is missing in all (integral control), so that a long piece ends at
//! the density asked for, and not only the mean of many.

use crate::dataset::EncodingSettings;
use crate::rbm::{Device, FinalVisible, RandomSource, Stream};

use super::draft::{Draft, Touch};
use super::plan::Plan;
use super::work::{Lead, Window, Work};
use super::{Assignment, GenerateError, GenerateSettings, Task};

const PILOTS: u32 = 100;
/// Of the pilots, so that the biases are the same for all pieces of a model.
const PILOT_SEED: u64 = 0x64_65_6e_73;
/// Steps of the chains for the first temperature, and for each further one.
const FIRST_STEPS: u32 = 60;
const FURTHER_STEPS: u32 = 30;
/// Temperatures along a cooling curve.
const KNOTS: u32 = 6;
/// Places in the bar, at most, that are told apart.
const MOST_PLACES: usize = 4;
/// Looks at each excerpt towards its end, and the Gibbs steps between two where the temperature
/// stays the same.
const LOOKS: u32 = 6;
const STEPS_BETWEEN_LOOKS: u32 = 3;
/// No bias goes beyond: no model is so sure of a bit.
const MOST_NATS: f32 = 40.0;
/// Added for an excerpt's worth of notes that is missing so far, and at most.
const NATS_PER_EXCERPT: f64 = 0.6;
const MOST_NUDGE_NATS: f64 = 1.5;

/// The biases for one density.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Density {
    /// Notes wanted in an excerpt, and its steps.
    notes_per_excerpt: f64,
    steps_per_excerpt: f64,
    /// Temperatures and the bias at each, in the order in which they are passed.
    knots: Vec<(f64, f32)>,
    /// Further nats at the last step, where nothing of the excerpt stands before.
    first: Readout,
    /// The same where something does: one for each place in the bar at which excerpts begin, in
    /// the order in which they come.
    later: Vec<Readout>,
}

/// Nats added at the last step.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Readout {
    pub hold: f32,
    pub onset: f32,
}

impl Readout {
    /// The mean of so many and one more.
    fn averaged(self, next: Self, n_before: usize) -> Self {
        let mean = |mean: f32, next: f32| mean + (next - mean) / (n_before + 1) as f32;
        Self { hold: mean(self.hold, next.hold), onset: mean(self.onset, next.onset) }
    }
}

/// How much is wanted, each a step.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Target {
    notes: f64,
    /// `None` where the model sees no onsets.
    starts: Option<f64>,
}

/// What the pilots saw of an excerpt: the logits of p(v | h) in some of its last steps.
struct Looks {
    /// Each n_pilots × n_visible.
    logits: Vec<Vec<f32>>,
    touches: Vec<Touch>,
}

impl Density {
    /// Finds the biases for a density, as a multiple of the training songs'. `go_on` is asked
    /// now and then.
    pub(super) fn find(
        work: &Work<'_>,
        multiple: f64,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<Self, GenerateError> {
        let voice = work.voice;
        // A first excerpt, and rounds through all places, over which the biases are averaged.
        let n_places = places(voice.hop(), work.steps_per_bar);
        let n_excerpts = 1 + (2 * n_places).max(5);
        let n_steps = voice.encoding.steps_per_excerpt as usize + (n_excerpts - 1) * voice.hop();
        let settings = GenerateSettings { pieces: PILOTS, seed: PILOT_SEED, ..*work.settings }
            .without_density();
        let task = Assignment::new(&Task::New, work.steps_per_bar);
        let empty = work.plan.roll.excerpt(0..0);
        let plan = Plan::new(&task, &empty, n_steps, &settings)?;
        let pilots = Work { settings: &settings, plan: &plan, density: None, ..*work };
        let target = Target::of(work, multiple);
        let steps_per_excerpt = f64::from(voice.encoding.steps_per_excerpt);
        let mut density = Self {
            notes_per_excerpt: target.notes * steps_per_excerpt,
            steps_per_excerpt,
            knots: pilots.knots(target, go_on)?,
            first: Readout::default(),
            later: vec![Readout::default(); n_places],
        };
        let stage = &plan.stages[0];
        let mut draft = Draft::new(&plan, PILOTS as usize);
        for (number, start) in pilots.windows(stage).into_iter().take(n_excerpts).enumerate() {
            let window = Window { stage, start, is_refining: false, salt: start as u64 };
            let looks = pilots.look(&draft, window, &density, go_on)?;
            let mut readout = looks.readout(target, voice.encoding, settings.final_visible());
            if number > 0 {
                let round = (number - 1) / n_places;
                readout = density.later[number % n_places].averaged(readout, round);
            }
            match number {
                0 => density.first = readout,
                _ => density.later[number % n_places] = readout,
            }
            let bits = looks.bits(readout, voice.encoding, settings.final_visible());
            draft.write(&work.rolls_of(&bits), start, &looks.touches);
        }
        Ok(density)
    }

    /// The bias at a temperature: between two knots on the straight line over its logarithm.
    pub(super) fn at(&self, temperature: f64) -> f32 {
        let place = |knot: &(f64, f32)| knot.0.ln();
        let t = temperature.ln();
        for pair in self.knots.windows(2) {
            let (a, b) = (place(&pair[0]), place(&pair[1]));
            if (a.min(b)..=a.max(b)).contains(&t) && a != b {
                let share = ((t - a) / (b - a)) as f32;
                return pair[0].1 + share * (pair[1].1 - pair[0].1);
            }
        }
        self.knots.last().map_or(0.0, |knot| knot.1)
    }

    /// Nats for each piece as it stands.
    pub(super) fn nudges(&self, draft: &Draft<'_>) -> Vec<f32> {
        draft.made().into_iter().map(|made| self.nudge(made)).collect()
    }

    /// Nats for a piece that has so many notes in so many steps.
    fn nudge(&self, (notes, steps): (usize, usize)) -> f32 {
        let wanted = self.notes_per_excerpt.max(1e-6);
        let missing = steps as f64 / self.steps_per_excerpt - notes as f64 / wanted;
        (NATS_PER_EXCERPT * missing).clamp(-MOST_NUDGE_NATS, MOST_NUDGE_NATS) as f32
    }

    /// Of the excerpt of that number, counted in hops.
    pub(super) fn readout(&self, number: usize, has_held: bool) -> Readout {
        if has_held { self.later[number % self.later.len()] } else { self.first }
    }
}

/// At how many places in the bar excerpts begin.
fn places(hop: usize, steps_per_bar: usize) -> usize {
    let places = (1..=MOST_PLACES).find(|n| (n * hop).is_multiple_of(steps_per_bar.max(1)));
    places.unwrap_or(MOST_PLACES)
}

impl Target {
    fn of(work: &Work<'_>, multiple: f64) -> Self {
        let encoding = work.voice.encoding;
        let (width, row_width) = (usize::from(encoding.pitch_count), encoding.row_width());
        let n_steps = f64::from(encoding.steps_per_excerpt);
        let means = work.voice.visible_means.iter().enumerate();
        let rate = |is_hold: bool| {
            let plane = means.clone().filter(|(unit, _)| (unit % row_width < width) == is_hold);
            plane.map(|(_, mean)| f64::from(*mean)).sum::<f64>() / n_steps * multiple
        };
        Self { notes: rate(true), starts: (row_width > width).then(|| rate(false)) }
    }
}

impl Work<'_> {
    /// The bias at each temperature that the chains pass.
    fn knots(
        &self,
        target: Target,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<Vec<(f64, f32)>, GenerateError> {
        let stage = &self.plan.stages[0];
        let window = Window { stage, start: 0, is_refining: false, salt: u64::MAX };
        let draft = Draft::new(self.plan, PILOTS as usize);
        let (mut chain, touches) = self.chain(&draft, window)?;
        let free = self.free_holds(&touches);
        let n_steps = self.voice.encoding.steps_per_excerpt as usize;
        let n_knots = if self.settings.anneal_from.is_some() { KNOTS } else { 1 };
        let (mut bias, mut knots) = (0.0_f32, Vec::new());
        for knot in 0..n_knots {
            let temperature = self.settings.temperature_at(knot, n_knots);
            let steps = if knot == 0 { FIRST_STEPS } else { FURTHER_STEPS };
            let mut sum = 0.0;
            for step in 0..steps {
                self.steer(&mut chain, 0, Lead { bias, ..Lead::default() })?;
                chain.step(temperature);
                let notes = mean_notes(&chain.logits()?, &free, self.n_visible());
                let notes = notes / n_steps as f64;
                let gain = 1.0 / (1.0 + f64::from(step) / 8.0);
                let error = (target.notes.max(1e-6) / notes.max(1e-6)).ln();
                bias = (bias + (gain * error) as f32).clamp(-MOST_NATS, MOST_NATS);
                sum += if step >= steps / 2 { bias } else { 0.0 };
                if !go_on() {
                    return Err(GenerateError::Cancelled);
                }
            }
            bias = sum / (steps - steps / 2) as f32;
            knots.push((temperature, bias));
        }
        Ok(knots)
    }

    /// Runs the pilots over an excerpt and looks at them towards the end.
    fn look(
        &self,
        draft: &Draft<'_>,
        window: Window<'_>,
        density: &Density,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<Looks, GenerateError> {
        let (mut chain, touches) = self.chain(draft, window)?;
        let (nudges, readout) = (&density.nudges(draft)[..], Readout::default());
        let mut logits = Vec::new();
        for step in 0..self.gibbs_steps {
            let temperature = self.settings.temperature_at(step, self.gibbs_steps);
            let bias = density.at(temperature);
            self.steer(&mut chain, window.start, Lead { bias, readout, nudges })?;
            chain.step(temperature);
            let left = self.gibbs_steps - 1 - step;
            let is_steady = self.settings.anneal_from.is_none();
            let apart = if is_steady { STEPS_BETWEEN_LOOKS } else { 1 };
            let is_look = left.is_multiple_of(apart) && left / apart < LOOKS;
            if is_look {
                logits.push(chain.logits()?);
            }
            if !go_on() {
                return Err(GenerateError::Cancelled);
            }
        }
        Ok(Looks { logits, touches })
    }

    fn n_visible(&self) -> usize {
        self.voice.machine.n_visible()
    }

    /// The hold units that are written.
    fn free_holds(&self, touches: &[Touch]) -> Vec<usize> {
        free_holds(touches, self.voice.encoding.row_width(), self.voice.encoding.n_planes())
    }
}

fn free_holds(touches: &[Touch], row_width: usize, n_planes: usize) -> Vec<usize> {
    let width = row_width / n_planes.max(1);
    let free = touches.iter().enumerate().filter(|(_, touch)| **touch == Touch::Write);
    free.map(|(cell, _)| cell / width * row_width + cell % width).collect()
}

/// Expected notes in an excerpt, on average over the chains.
fn mean_notes(logits: &[f32], free: &[usize], n_visible: usize) -> f64 {
    let notes = |of: &[f32]| free.iter().map(|&unit| f64::from(sigmoid(of[unit]))).sum::<f64>();
    let n_chains = (logits.len() / n_visible.max(1)).max(1);
    logits.chunks_exact(n_visible).map(notes).sum::<f64>() / n_chains as f64
}

impl Looks {
    fn readout(&self, target: Target, encoding: &EncodingSettings, last: FinalVisible) -> Readout {
        let row_width = encoding.row_width();
        let free = free_holds(&self.touches, row_width, encoding.n_planes());
        let width = usize::from(encoding.pitch_count).max(1);
        let n_free_steps = self.touches.chunks(width);
        let n_free_steps = n_free_steps.filter(|row| row.contains(&Touch::Write)).count();
        let n_excerpts: usize =
            self.logits.iter().map(|look| look.len() / encoding.n_visible().max(1)).sum();
        let n_steps = (n_free_steps * n_excerpts) as f64;
        let excerpts =
            || self.logits.iter().flat_map(|look| look.chunks_exact(encoding.n_visible()));
        let holds: Vec<f32> = excerpts().flat_map(|of| free.iter().map(|&unit| of[unit])).collect();
        let hold = shift(holds, target.notes * n_steps, last);
        let Some(starts) = target.starts else { return Readout { hold, onset: 0.0 } };
        if last == FinalVisible::Sample {
            return Readout { hold, onset: hold };
        }
        // A note that follows silence starts whether its onset bit is set or not.
        let (mut n_starts, mut goes_on) = (0.0, Vec::new());
        let sounds = |logit: f32| logit + hold > 0.0;
        for of in excerpts() {
            for &unit in free.iter().filter(|&&unit| sounds(of[unit])) {
                if unit >= row_width && sounds(of[unit - row_width]) {
                    goes_on.push(of[unit + width]);
                } else {
                    n_starts += 1.0;
                }
            }
        }
        let onset = shift(goes_on, starts * n_steps - n_starts, last);
        Readout { hold, onset }
    }

    /// The newest look as the last step would hand it out.
    fn bits(&self, readout: Readout, encoding: &EncodingSettings, last: FinalVisible) -> Vec<u8> {
        let (width, row_width) = (usize::from(encoding.pitch_count), encoding.row_width());
        let newest = self.logits.last().map_or(&[][..], Vec::as_slice);
        let mut random = RandomSource::new(PILOT_SEED, Stream::GenerateStart, 0, Device::Cpu);
        let bit = |(unit, &logit): (usize, &f32)| {
            let nats = if unit % row_width < width { readout.hold } else { readout.onset };
            let bound = if last == FinalVisible::Sample { random.uniform() } else { 0.5 };
            u8::from(sigmoid(logit + nats) > bound)
        };
        newest.iter().enumerate().map(bit).collect()
    }
}

pub(super) fn sigmoid(logit: f32) -> f32 {
    1.0 / (1.0 + (-logit).exp())
}

/// The nats that bring the number of the bits with these logits to a target: of the samples on
/// average, of the likeliest bits exactly.
fn shift(mut logits: Vec<f32>, target: f64, last: FinalVisible) -> f32 {
    let n = logits.len();
    if n == 0 {
        return 0.0;
    }
    if last == FinalVisible::MostLikely {
        let place = target.round().clamp(0.0, n as f64) as usize;
        if place == 0 || place == n {
            return if place == 0 { -MOST_NATS } else { MOST_NATS };
        }
        // The bound lies between the last bit that is set and the next.
        let (_, &mut next, _) = logits.select_nth_unstable_by(place, |a, b| b.total_cmp(a));
        let last = logits[..place].iter().copied().fold(f32::INFINITY, f32::min);
        return (-(last + next) / 2.0).clamp(-MOST_NATS, MOST_NATS);
    }
    let (mut low, mut high) = (-MOST_NATS, MOST_NATS);
    for _ in 0..20 {
        let middle = f32::midpoint(low, high);
        let sum: f64 = logits.iter().map(|&logit| f64::from(sigmoid(logit + middle))).sum();
        if sum < target {
            low = middle;
        } else {
            high = middle;
        }
    }
    f32::midpoint(low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shift_brings_as_many_bits_as_wanted() {
        let logit = |p: f32| (p / (1.0 - p)).ln();
        let logits: Vec<f32> = (1..1000_u16).map(|n| logit(f32::from(n) / 1000.0)).collect();
        for target in [1.0, 100.0, 499.0, 900.0] {
            let nats = shift(logits.clone(), target, FinalVisible::MostLikely);
            let set = logits.iter().filter(|&&logit| logit + nats > 0.0).count();
            assert_eq!(set as f64, target);
            let nats = shift(logits.clone(), target, FinalVisible::Sample);
            let expected: f64 = logits.iter().map(|&l| f64::from(sigmoid(l + nats))).sum();
            assert!((expected - target).abs() < 0.5, "{expected} for {target}");
        }
    }

    #[test]
    fn excerpts_begin_at_few_places_in_the_bar() {
        let found = [(16, 16), (32, 16), (8, 16), (8, 12), (4, 16), (1, 16)];
        assert_eq!(found.map(|(hop, bar)| places(hop, bar)), [1, 1, 2, 3, 4, 4]);
    }

    fn density(knots: Vec<(f64, f32)>) -> Density {
        let (first, later) = (Readout::default(), vec![Readout::default()]);
        Density { notes_per_excerpt: 64.0, steps_per_excerpt: 32.0, knots, first, later }
    }

    #[test]
    fn what_is_missing_is_made_up_for_little_by_little() {
        let density = density(Vec::new());
        assert_eq!(density.nudge((0, 0)), 0.0);
        assert_eq!(density.nudge((64, 32)), 0.0);
        assert_eq!(density.nudge((0, 32)), NATS_PER_EXCERPT as f32);
        assert_eq!(density.nudge((192, 64)), -NATS_PER_EXCERPT as f32);
        assert_eq!(density.nudge((0, 32_000)), MOST_NUDGE_NATS as f32);
    }

    #[test]
    fn between_two_temperatures_the_bias_goes_over_by_their_logarithms() {
        let knots = vec![(4.0, 1.0), (1.0, 3.0)];
        let density = density(knots);
        assert_eq!(density.at(4.0), 1.0);
        assert!((density.at(2.0) - 2.0).abs() < 1e-6);
        assert_eq!((density.at(1.0), density.at(0.5)), (3.0, 3.0));
    }
}
