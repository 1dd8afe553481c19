//! What the callback is asked for.

use serde::{Deserialize, Serialize};

use crate::audio::sequence::Sequence;
use crate::music::Effects;

/// What is played again and again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum LoopRange {
    #[default]
    Off,
    Whole,
    /// From one tick up to another.
    Ticks {
        start: u64,
        end: u64,
    },
}

pub(in crate::audio) enum SourceCommand<S> {
    /// Another piece, from its start.
    Load(LinedUp),
    /// The same piece at another tempo or with other instruments; playing goes on. Nothing, when
    /// the piece has left meanwhile.
    Update(LinedUp),
    /// The piece that follows, without a gap, when this one ends or goes round.
    LineUp(LinedUp),
    /// The same piece with other notes; playing goes on.
    Edit(LinedUp),
    /// A short note beside whatever plays.
    Preview {
        key: u8,
        velocity: u8,
    },
    /// After the clicks, if there are some.
    Play(Option<Box<Sequence>>),
    Pause,
    Stop,
    SeekTick(u64),
    Loop(LoopRange),
    Volume(f32),
    Effects(Effects),
    /// Another synthesiser of the same rate, with another SoundFont; playing goes on.
    Swap(Box<S>),
    /// Stops, and silences whatever sounds.
    Panic,
}

/// A sequence and which it is.
#[derive(Debug)]
pub(in crate::audio) struct LinedUp {
    pub(in crate::audio) sequence: Box<Sequence>,
    /// A number of its own.
    pub(in crate::audio) generation: u64,
    /// The number of its piece, which stays when the tempo changes.
    pub(in crate::audio) piece: u64,
}

impl<S> SourceCommand<S> {
    /// Whether voices are cut off, which needs a short fade before it.
    pub(super) fn cuts_sound(&self) -> bool {
        matches!(self, Self::Load(_) | Self::Pause | Self::Stop | Self::SeekTick(_) | Self::Panic)
    }
}
