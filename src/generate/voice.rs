//! A trained model, what its music starts from, and what it makes.

use crate::dataset::{EncodingSettings, TrainingBits};
use crate::music::PianoRoll;
use crate::rbm::Machine;

use super::density::Density;
use super::observer::{ChainView, Listener, Observer, Wish};
use super::plan::Plan;
use super::work::Work;
use super::{
    Assignment, GenerateError, GenerateSettings, KeptDensities, MusicalScore, Ranking, StartPoint,
    rank,
};

/// A trained model and what its music can start from.
#[derive(Clone, Copy, Debug)]
pub struct Voice<'a> {
    pub machine: &'a Machine,
    pub encoding: &'a EncodingSettings,
    /// How often each visible unit is on in the training excerpts.
    pub visible_means: &'a [f32],
    /// Persistent chains as 0 and 1; empty without.
    pub chains: &'a [u8],
    /// Spares looking for the same density twice.
    pub densities: &'a KeptDensities,
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
    /// See [`generate_observed`](Self::generate_observed).
    pub fn generate(
        &self,
        settings: &GenerateSettings,
        start: Start<'_>,
        assignment: &Assignment<'_>,
        go_on: &mut dyn FnMut(f64) -> bool,
    ) -> Result<Vec<Piece>, GenerateError> {
        self.generate_observed(settings, start, assignment, &mut Listener(go_on))
    }

    /// The same before somebody who sees the chains run.
    ///
    /// # Errors
    /// Settings out of range, a start that the project does not have, a task that leaves nothing
    /// to do, or a stop.
    pub fn generate_observed(
        &self,
        settings: &GenerateSettings,
        start: Start<'_>,
        assignment: &Assignment<'_>,
        observer: &mut dyn Observer,
    ) -> Result<Vec<Piece>, GenerateError> {
        settings.validate()?;
        match start {
            Start::Chains if self.chains.is_empty() => return Err(GenerateError::NoChains),
            Start::Song(song) => self.check_grid(song)?,
            _ => {}
        }
        assignment.task.rolls().try_for_each(|roll| self.check_grid(roll))?;
        let empty = PianoRoll::new(0, self.encoding.pitches(), self.encoding.steps_per_beat);
        let new_steps = settings.bars as usize * assignment.steps_per_bar.max(1);
        let plan = Plan::new(assignment, &empty, new_steps, settings)?;
        let steps_per_bar = assignment.steps_per_bar;
        let gibbs_steps = assignment.task.gibbs_steps(settings.gibbs_steps);
        let plan = &plan;
        let work =
            Work { voice: *self, settings, start, plan, steps_per_bar, density: None, gibbs_steps };
        let multiple = settings.steering.density.filter(|_| gibbs_steps > 0);
        let find = |multiple| {
            let view = ChainView::before(&work);
            let find =
                || Density::find(&work, multiple, &mut || observer.after_step(&view) != Wish::Stop);
            self.densities.get(&work, find)
        };
        let density = multiple.map(find).transpose()?;
        Work { density: density.as_ref(), ..work }.pieces(observer)
    }

    /// How a piece ranks; `training` are the songs that it is compared with, where they are at
    /// hand.
    ///
    /// # Errors
    /// When the piece has another grid than the model.
    pub fn rank(
        &self,
        roll: &PianoRoll,
        steps_per_bar: usize,
        training: Option<&TrainingBits>,
    ) -> Result<Ranking, GenerateError> {
        self.check_grid(roll)?;
        let piece = (roll, steps_per_bar);
        let nearest = training.and_then(|bits| bits.nearest(piece, self.encoding, &|| false));
        let place = (roll, self.learned_hop());
        Ok(Ranking {
            free_energy: rank::free_energy(self.machine, self.encoding, place)?,
            novelty: nearest.map(|nearest| nearest.distance),
            score: MusicalScore::of(roll, steps_per_bar),
        })
    }

    fn check_grid(&self, roll: &PianoRoll) -> Result<(), GenerateError> {
        let is_known = roll.pitches() == self.encoding.pitches()
            && roll.steps_per_beat() == self.encoding.steps_per_beat;
        if is_known { Ok(()) } else { Err(GenerateError::OtherGrid) }
    }

    /// From excerpt to excerpt as in the training, without a gap.
    pub(super) fn learned_hop(&self) -> usize {
        let n_steps = self.encoding.steps_per_excerpt;
        self.encoding.stride().clamp(1, n_steps.max(1)) as usize
    }

    /// How far the excerpt slides: the training stride where excerpts overlapped, else half an
    /// excerpt, in whole beats where that goes.
    pub(super) fn hop(&self) -> usize {
        let n_steps = self.encoding.steps_per_excerpt as usize;
        let stride = self.encoding.stride() as usize;
        if stride < n_steps {
            return stride.max(1);
        }
        let beat = usize::from(self.encoding.steps_per_beat).max(1);
        let half = n_steps.div_ceil(2);
        if n_steps > beat { half.next_multiple_of(beat).min(n_steps) } else { half.max(1) }
    }
}
