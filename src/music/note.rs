//! One note of a score.

/// A note on a tick grid (see [`Score::ticks_per_beat`](super::Score)).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Note {
    pub start_tick: u64,
    pub length_ticks: u64,
    /// MIDI pitch, 0 to 127.
    pub pitch: u8,
    /// MIDI velocity, 1 to 127.
    pub velocity: u8,
}

impl Note {
    pub fn end_tick(&self) -> u64 {
        self.start_tick.saturating_add(self.length_ticks)
    }
}
