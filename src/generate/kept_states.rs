//! States of the chains that can be gone back to.

use std::collections::VecDeque;

use crate::dataset::{pack_bits, unpack_bits};
use crate::rbm::{Chain, FinalVisible, RbmError};

/// What the states of an excerpt may take.
const MOST_BYTES: usize = 8 << 20;

/// The newest states of one excerpt's chains, a bit a unit.
pub(super) struct KeptStates {
    /// `None` where nobody goes back.
    states: Option<VecDeque<Vec<u8>>>,
    n_cells: usize,
}

impl KeptStates {
    pub(super) fn new(is_wanted: bool) -> Self {
        Self { states: is_wanted.then(VecDeque::new), n_cells: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.states.as_ref().map_or(0, VecDeque::len)
    }

    /// Keeps the state as it stands; the oldest ones go when there are too many.
    pub(super) fn keep(&mut self, chain: &Chain<'_>) -> Result<(), RbmError> {
        let Some(states) = &mut self.states else { return Ok(()) };
        let cells = chain.visible(FinalVisible::Sample)?;
        self.n_cells = cells.len();
        states.push_back(pack_bits(&cells));
        while states.len() * self.n_cells.div_ceil(8) > MOST_BYTES && states.len() > 1 {
            states.pop_front();
        }
        Ok(())
    }

    /// Takes the chain back by one state; says whether there was one.
    pub(super) fn restore(&mut self, chain: &mut Chain<'_>) -> Result<bool, RbmError> {
        let packed = self.states.as_mut().and_then(VecDeque::pop_back);
        match packed.and_then(|packed| unpack_bits(&packed, self.n_cells)) {
            Some(cells) => chain.restore(&cells).map(|()| true),
            None => Ok(false),
        }
    }
}
