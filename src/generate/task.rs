//! What is asked of the model's voice.

use std::ops::Range;

use crate::music::{PianoRoll, RollNote};

/// What is asked for. Rolls are in the encoding of the model.
#[derive(Clone, Debug, PartialEq)]
pub enum Task {
    /// A new piece.
    New,
    /// A piece that begins with this one and goes on.
    Continue(PianoRoll),
    /// A piece that ends with this one: new music that leads up to it.
    LeadUpTo(PianoRoll),
    /// This piece with a region made anew.
    Inside { roll: PianoRoll, region: Region },
    /// This piece with everything but a region made anew.
    Around { roll: PianoRoll, region: Region },
    /// The top line of this piece with new voices below it; see [`top_line`](super::top_line).
    Harmonise(PianoRoll),
    /// This piece with a new line above it, one note at a time.
    MelodyFor(PianoRoll),
    /// Pieces that set out from this one. `amount` 0 is the piece itself, 1 as many Gibbs steps
    /// away as a new piece takes; see [`Task::gibbs_steps`].
    Vary { roll: PianoRoll, amount: f64 },
    /// As many pieces as are asked for, evenly spread on the way from one piece to another.
    Interpolate { from: PianoRoll, to: PianoRoll },
}

/// Steps × pitches of a roll. A note belongs to the region in which it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    pub steps: Range<usize>,
    /// MIDI pitches.
    pub pitches: Range<u8>,
}

impl Region {
    /// All pitches of some steps.
    pub fn of_steps(steps: Range<usize>) -> Self {
        Self { steps, pitches: 0..128 }
    }

    pub fn contains(&self, step: usize, pitch: u8) -> bool {
        self.steps.contains(&step) && self.pitches.contains(&pitch)
    }
}

/// A task with what holds for all of them.
#[derive(Clone, Copy, Debug)]
pub struct Assignment<'a> {
    pub task: &'a Task,
    /// Notes that are neither changed nor lost, in steps of the piece that comes out. Where a note
    /// of the task's roll is in their way, it gives way.
    pub locked: &'a [RollNote],
    pub steps_per_bar: usize,
}

impl<'a> Assignment<'a> {
    /// A task without locked notes.
    pub fn new(task: &'a Task, steps_per_bar: usize) -> Self {
        Self { task, locked: &[], steps_per_bar }
    }
}

impl Task {
    /// Whether the settings say how much is made; else it is as long as what is given.
    pub fn takes_length(&self) -> bool {
        matches!(self, Self::New | Self::Continue(_) | Self::LeadUpTo(_))
    }

    /// The pieces that are given.
    pub fn rolls(&self) -> impl Iterator<Item = &PianoRoll> {
        let (first, second) = match self {
            Self::New => (None, None),
            Self::Continue(roll)
            | Self::LeadUpTo(roll)
            | Self::Inside { roll, .. }
            | Self::Around { roll, .. }
            | Self::Harmonise(roll)
            | Self::MelodyFor(roll)
            | Self::Vary { roll, .. } => (Some(roll), None),
            Self::Interpolate { from, to } => (Some(from), Some(to)),
        };
        first.into_iter().chain(second)
    }

    /// Gibbs steps for each excerpt, where a new piece takes `n`.
    ///
    /// A variation takes n to the power of its amount, because a chain strays fastest at first; an
    /// interpolation settles for a few steps, because more would forget both ends.
    pub fn gibbs_steps(&self, n: u32) -> u32 {
        const SETTLING_STEPS: u32 = 3;
        match self {
            Self::Vary { amount, .. } if *amount <= 0.0 => 0,
            Self::Vary { amount, .. } => f64::from(n).powf(*amount).round() as u32,
            Self::Interpolate { .. } => n.min(SETTLING_STEPS),
            _ => n,
        }
    }
}
