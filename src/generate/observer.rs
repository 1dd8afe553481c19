//! Who looks on while the chains run.

use std::ops::Range;

use crate::music::PianoRoll;
use crate::rbm::Chain;

use super::GenerateError;
use super::draft::{Draft, Touch};
use super::work::Work;

/// What is to happen after a Gibbs step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    GoOn,
    /// Give the work up.
    Stop,
    /// Go back to the state before the last step, as far as the excerpt under work goes and states
    /// are kept; then ask again.
    Back,
}

impl Wish {
    pub(super) fn is_back(self) -> bool {
        self == Self::Back
    }
}

/// Looks on while the chains run.
pub trait Observer {
    /// After every Gibbs step, and after going back. May take its time: the chains wait.
    fn after_step(&mut self, view: &ChainView<'_>) -> Wish;

    /// Whether states are kept to go back to.
    fn keeps_states(&self) -> bool {
        false
    }
}

/// The chains as they stand.
#[derive(Debug)]
pub struct ChainView<'a> {
    pub(super) work: &'a Work<'a>,
    /// `None` while the density is being found.
    pub(super) state: Option<(&'a Draft<'a>, &'a Chain<'a>, &'a [Touch])>,
    /// Steps of the piece that the chains are over.
    pub excerpt: Range<usize>,
    /// Gibbs steps done in this excerpt, of so many.
    pub gibbs_step: u32,
    pub gibbs_steps: u32,
    /// Of the whole work, 0 to 1.
    pub share: f64,
    /// States that can be gone back to.
    pub n_kept: usize,
}

impl<'a> ChainView<'a> {
    /// Before the first step.
    pub(super) fn before(work: &'a Work<'a>) -> Self {
        let gibbs_steps = work.gibbs_steps;
        Self { work, state: None, excerpt: 0..0, gibbs_step: 0, gibbs_steps, share: 0.0, n_kept: 0 }
    }
}

impl ChainView<'_> {
    pub fn n_pieces(&self) -> usize {
        self.work.settings.pieces as usize
    }

    /// The seed of a piece.
    pub fn seed(&self, piece: usize) -> u64 {
        self.work.settings.seed.wrapping_add(piece as u64)
    }

    /// A piece as it would be if the excerpt were finished now; `None` while there is no chain.
    pub fn roll(&self, piece: usize) -> Result<Option<PianoRoll>, GenerateError> {
        let Some((draft, chain, touches)) = self.state else { return Ok(None) };
        let excerpts = self.work.excerpts(chain, touches)?;
        Ok(draft.with_excerpt(piece, &excerpts, self.excerpt.start, touches))
    }

    /// The free energy of a piece's excerpt, in nats.
    pub fn free_energy(&self, piece: usize) -> Result<Option<f32>, GenerateError> {
        let Some((_, chain, _)) = self.state else { return Ok(None) };
        Ok(chain.free_energies()?.get(piece).copied())
    }
}

/// One who only hears the share done and answers whether to go on.
pub(super) struct Listener<'a>(pub &'a mut dyn FnMut(f64) -> bool);

impl Observer for Listener<'_> {
    fn after_step(&mut self, view: &ChainView<'_>) -> Wish {
        if (self.0)(view.share) { Wish::GoOn } else { Wish::Stop }
    }
}
