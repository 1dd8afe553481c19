//! Where the music is: written by the audio callback, read by anyone, without a lock.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::Instant;

/// The state that the callback publishes. Numbers that belong together go into one of two slots
/// in turn, so that a reader never waits for a writer that the system has put to sleep.
#[derive(Debug)]
pub(super) struct Playhead {
    clock: Clock,
    slots: [Slot; 2],
    /// Positions written so far; the newest stands in the slot of this number modulo 2.
    written: AtomicU64,
    latency_bits: AtomicU64,
    /// What was last told as heard, in seconds.
    told_bits: AtomicU64,
    is_playing: AtomicBool,
    is_finished: AtomicBool,
    /// Who may write: the newest source, or the audio thread after it took over.
    writer: AtomicU64,
    /// Blocks that sources have been asked for, sounding or not.
    n_blocks: AtomicU64,
}

/// Nanoseconds since some moment.
#[derive(Debug)]
enum Clock {
    Started(Instant),
    /// Told by a test.
    #[cfg(test)]
    Told(std::sync::Arc<AtomicU64>),
}

impl Clock {
    fn nanos(&self) -> u64 {
        match self {
            Self::Started(started) => started.elapsed().as_nanos() as u64,
            #[cfg(test)]
            Self::Told(nanos) => nanos.load(Ordering::Relaxed),
        }
    }
}

#[derive(Debug, Default)]
struct Slot {
    generation: AtomicU64,
    frame: AtomicU64,
    frames_since_jump: AtomicU64,
    jumped_from_generation: AtomicU64,
    jumped_from: AtomicU64,
    tick_bits: AtomicU64,
    sample_rate: AtomicU32,
    written_at_nanos: AtomicU64,
}

/// What the callback knows of the position after a block.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Position {
    /// Which sequence the frame belongs to.
    pub(super) generation: u64,
    /// Rendered so far, counted from the start of the sequence.
    pub(super) frame: u64,
    /// Rendered since playing started, was moved or went round a loop.
    pub(super) frames_since_jump: u64,
    /// The generation and the frame that the last jump led away from, when the music went on
    /// there: at the end of a loop, or of a piece with another lined up.
    pub(super) jumped_from: Option<(u64, u64)>,
    /// The frame as a place in the score.
    pub(super) tick: f64,
    pub(super) sample_rate: u32,
}

const NO_LOOP: u64 = u64::MAX;
const LARGEST_TREMBLE_SECS: f64 = 0.03;

impl Slot {
    fn store(&self, position: Position, nanos: u64) {
        let Position { generation, frame, frames_since_jump, jumped_from, tick, sample_rate } =
            position;
        self.generation.store(generation, Ordering::Release);
        self.frame.store(frame, Ordering::Release);
        self.frames_since_jump.store(frames_since_jump, Ordering::Release);
        let (jumped_from_generation, jumped_from) = jumped_from.unwrap_or((0, NO_LOOP));
        self.jumped_from_generation.store(jumped_from_generation, Ordering::Release);
        self.jumped_from.store(jumped_from, Ordering::Release);
        self.tick_bits.store(tick.to_bits(), Ordering::Release);
        self.sample_rate.store(sample_rate, Ordering::Release);
        self.written_at_nanos.store(nanos, Ordering::Release);
    }

    fn load(&self) -> (Position, u64) {
        let jumped_from = self.jumped_from.load(Ordering::Acquire);
        let jumped_from_generation = self.jumped_from_generation.load(Ordering::Acquire);
        let position = Position {
            generation: self.generation.load(Ordering::Acquire),
            frame: self.frame.load(Ordering::Acquire),
            frames_since_jump: self.frames_since_jump.load(Ordering::Acquire),
            jumped_from: (jumped_from != NO_LOOP).then_some((jumped_from_generation, jumped_from)),
            tick: f64::from_bits(self.tick_bits.load(Ordering::Acquire)),
            sample_rate: self.sample_rate.load(Ordering::Acquire),
        };
        (position, self.written_at_nanos.load(Ordering::Acquire))
    }
}

impl Playhead {
    pub(super) fn new() -> Self {
        let playhead = Self {
            clock: Clock::Started(Instant::now()),
            slots: [Slot::default(), Slot::default()],
            written: AtomicU64::new(0),
            latency_bits: AtomicU64::new(0),
            told_bits: AtomicU64::new(0),
            is_playing: AtomicBool::new(false),
            is_finished: AtomicBool::new(false),
            writer: AtomicU64::new(0),
            n_blocks: AtomicU64::new(0),
        };
        playhead.publish(Position::default());
        playhead
    }

    /// A playhead by a clock that a test sets.
    #[cfg(test)]
    pub(super) fn by_clock(nanos: std::sync::Arc<AtomicU64>) -> Self {
        Self { clock: Clock::Told(nanos), ..Self::new() }
    }

    /// Takes the pen away from whoever wrote before: the number of the new writer. The callback of
    /// a device that hung may come once more, long after another has taken its place.
    pub(super) fn take_over(&self) -> u64 {
        self.writer.fetch_add(1, Ordering::AcqRel) + 1
    }

    pub(super) fn is_written_by(&self, writer: u64) -> bool {
        self.writer.load(Ordering::Acquire) == writer
    }

    /// Another block was asked for.
    pub(super) fn beat(&self) {
        self.n_blocks.fetch_add(1, Ordering::Relaxed);
    }

    /// Grows as long as a device takes sound, also silence.
    pub(super) fn n_blocks(&self) -> u64 {
        self.n_blocks.load(Ordering::Relaxed)
    }

    /// Called by one writer at a time: the callback, or the audio thread while there is none.
    pub(super) fn publish(&self, position: Position) {
        let nanos = self.clock.nanos();
        let next = self.written.load(Ordering::Acquire) + 1;
        self.slots[next as usize % 2].store(position, nanos);
        self.written.store(next, Ordering::Release);
    }

    pub(super) fn position(&self) -> Position {
        self.stamped_position().0
    }

    /// The position and the nanoseconds that have passed since it was written.
    fn stamped_position(&self) -> (Position, u64) {
        loop {
            let newest = self.written.load(Ordering::Acquire);
            let (position, nanos) = self.slots[newest as usize % 2].load();
            // The slot is written again only after the number has changed.
            if self.written.load(Ordering::Acquire) == newest {
                let now = self.clock.nanos();
                return (position, now.saturating_sub(nanos));
            }
        }
    }

    /// The generation and the time in its sequence that is heard now: what was rendered, less
    /// what still waits in the device.
    pub(super) fn heard_secs(&self) -> (u64, f64) {
        let (position, age_nanos) = self.stamped_position();
        let latency_secs = if self.is_playing() {
            f64::from_bits(self.latency_bits.load(Ordering::Relaxed))
        } else {
            0.0
        };
        let waiting_secs = (latency_secs - age_nanos as f64 * 1e-9).max(0.0);
        let rate = f64::from(position.sample_rate.max(1));
        let (generation, heard) = heard_frame(position, waiting_secs * rate);
        (generation, self.steadied(heard / rate))
    }

    /// The callback does not come at exact times, which would make the head tremble. A small step
    /// back is therefore not told; a large one is a jump.
    fn steadied(&self, heard_secs: f64) -> f64 {
        let told = f64::from_bits(self.told_bits.load(Ordering::Relaxed));
        let is_tremble = (0.0..LARGEST_TREMBLE_SECS).contains(&(told - heard_secs));
        if is_tremble && self.is_playing() {
            return told;
        }
        self.told_bits.store(heard_secs.to_bits(), Ordering::Relaxed);
        heard_secs
    }

    pub(super) fn set_latency_secs(&self, latency_secs: f64) {
        self.latency_bits.store(latency_secs.to_bits(), Ordering::Relaxed);
    }

    pub(super) fn is_playing(&self) -> bool {
        self.is_playing.load(Ordering::Relaxed)
    }

    pub(super) fn is_finished(&self) -> bool {
        self.is_finished.load(Ordering::Relaxed)
    }

    pub(super) fn set_playing(&self, is_playing: bool) {
        self.is_playing.store(is_playing, Ordering::Relaxed);
        if is_playing {
            self.is_finished.store(false, Ordering::Relaxed);
        }
    }

    pub(super) fn set_finished(&self, is_finished: bool) {
        self.is_finished.store(is_finished, Ordering::Relaxed);
    }
}

/// What is heard while `waiting` frames have been rendered but not yet played: the generation and
/// the frame in its sequence.
fn heard_frame(position: Position, waiting: f64) -> (u64, f64) {
    let since_jump = position.frames_since_jump as f64 - waiting;
    if since_jump >= 0.0 {
        return (position.generation, position.frame as f64 - waiting);
    }
    if let Some((generation, end)) = position.jumped_from {
        return (generation, (end as f64 + since_jump).max(0.0));
    }
    let start = position.frame.saturating_sub(position.frames_since_jump);
    (position.generation, start as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(frame: u64, frames_since_jump: u64, jumped_from: Option<u64>) -> Position {
        let jumped_from = jumped_from.map(|frame| (1, frame));
        Position { generation: 1, frame, frames_since_jump, jumped_from, ..Position::default() }
    }

    #[test]
    fn what_is_heard_lags_by_what_waits_in_the_device() {
        assert_eq!(heard_frame(at(9000, 9000, None), 4096.0), (1, 4904.0));
    }

    #[test]
    fn the_head_waits_at_the_start_until_the_first_frame_is_heard() {
        assert_eq!(heard_frame(at(5100, 100, None), 4096.0), (1, 5000.0));
    }

    #[test]
    fn after_a_loop_the_end_is_heard_before_the_start() {
        assert_eq!(heard_frame(at(100, 100, Some(8000)), 300.0), (1, 7800.0));
        assert_eq!(heard_frame(at(400, 400, Some(8000)), 300.0), (1, 100.0));
    }

    #[test]
    fn the_end_of_a_piece_is_heard_before_the_one_lined_up() {
        let position = Position { generation: 2, ..at(100, 100, Some(8000)) };
        assert_eq!(heard_frame(position, 300.0), (1, 7800.0));
        assert_eq!(heard_frame(position, 60.0), (2, 40.0));
    }

    #[test]
    fn the_head_does_not_tremble_but_it_jumps() {
        let playhead = Playhead::new();
        playhead.set_playing(true);
        let told = [1.0, 1.02, 1.01, 1.03, 0.5].map(|heard| playhead.steadied(heard));
        assert_eq!(told, [1.0, 1.02, 1.02, 1.03, 0.5]);
    }

    #[test]
    fn readers_never_see_a_half_written_position() {
        let playhead = Playhead::new();
        std::thread::scope(|scope| {
            let writer = scope.spawn(|| {
                for n in 0..200_000 {
                    playhead.publish(at(n, n, Some(n)));
                }
            });
            while !writer.is_finished() {
                let seen = playhead.position();
                if seen.jumped_from.is_some() {
                    assert_eq!(seen.frame, seen.frames_since_jump);
                    assert_eq!(Some((1, seen.frame)), seen.jumped_from);
                }
            }
        });
    }
}
