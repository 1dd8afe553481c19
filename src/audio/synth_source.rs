//! The endless stream of sound that the audio callback pulls: owns the synthesiser, obeys
//! commands, keeps the place in the music.
//!
//! Nothing here locks or waits. Commands come through a bounded channel, and sequences that are no
//! longer needed go back through another to be freed elsewhere. (The engine itself takes some bytes
//! for a change of instrument and for its message when a note-off finds no voice.)

mod command;
mod obeying;
mod sounding;

use std::num::NonZero;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender};
use std::time::Duration;

use super::font_swap::{CountIn, Leaving, Used};
use super::level::{Limiter, Ramp};
use super::playhead::{Playhead, Position};
use super::preview::Preview;
use super::sequence::{Cursor, Sequence};
use super::synth::Synth;
use crate::music::Effects;

pub use command::LoopRange;
pub(super) use command::{LinedUp, SourceCommand};

const BLOCK_FRAMES: usize = 64;
/// After this much silence without playing, rendering rests.
const SILENCE_SECS: f32 = 0.5;

/// The source. `S` is the synthesiser.
pub(super) struct SynthSource<S> {
    synth: Box<S>,
    leaving: Option<Leaving<S>>,
    /// For the next that leaves; nothing is allocated in the callback.
    spare_block: Vec<f32>,
    effects: Effects,
    count_in: Option<CountIn>,
    sequence: Box<Sequence>,
    generation: u64,
    piece: u64,
    next: Option<LinedUp>,
    cursor: Cursor,
    is_playing: bool,
    loop_range: LoopRange,
    loop_frames: Option<(u64, u64)>,
    frames_since_jump: u64,
    /// The generation that was jumped from, and where.
    jumped_from: Option<(u64, u64)>,
    waiting: Option<SourceCommand<S>>,
    preview: Preview,
    fade: Ramp,
    /// From silence, after a swap.
    arrival: Ramp,
    volume: Ramp,
    limiter: Limiter,
    silent_frames: u32,
    sample_rate: u32,
    block: [f32; BLOCK_FRAMES * 2],
    next_sample: usize,
    commands: Receiver<SourceCommand<S>>,
    used: SyncSender<Used>,
    playhead: Arc<Playhead>,
    writer: u64,
}

impl<S: Synth + 'static> SynthSource<S> {
    pub(super) fn new(
        synth: S,
        sequence: Box<Sequence>,
        commands: Receiver<SourceCommand<S>>,
        used: SyncSender<Used>,
        playhead: Arc<Playhead>,
    ) -> Self {
        let sample_rate = synth.sample_rate();
        let writer = playhead.take_over();
        Self {
            synth: Box::new(synth),
            leaving: None,
            spare_block: vec![0.0; BLOCK_FRAMES * 2],
            effects: Effects::default(),
            count_in: None,
            sequence,
            generation: 0,
            piece: 0,
            next: None,
            cursor: Cursor::default(),
            is_playing: false,
            loop_range: LoopRange::Off,
            loop_frames: None,
            frames_since_jump: 0,
            jumped_from: None,
            waiting: None,
            preview: Preview::default(),
            fade: Ramp::at(1.0),
            arrival: Ramp::at(1.0),
            volume: Ramp::at(1.0),
            limiter: Limiter::new(sample_rate),
            silent_frames: u32::MAX,
            sample_rate,
            block: [0.0; BLOCK_FRAMES * 2],
            next_sample: BLOCK_FRAMES * 2,
            commands,
            used,
            playhead,
            writer,
        }
    }

    fn fill(&mut self) {
        if !self.playhead.is_written_by(self.writer) {
            self.block.fill(0.0);
            return;
        }
        self.playhead.beat();
        self.obey_commands();
        if self.is_resting() {
            self.block.fill(0.0);
            return;
        }
        self.render_block();
        self.apply_gain();
        self.publish();
    }

    fn is_resting(&self) -> bool {
        !self.is_playing && self.silent_frames > self.frames(SILENCE_SECS)
    }

    fn frames(&self, seconds: f32) -> u32 {
        (seconds * self.sample_rate as f32) as u32
    }

    fn publish(&self) {
        self.playhead.publish(Position {
            generation: self.generation,
            frame: self.cursor.frame,
            frames_since_jump: self.frames_since_jump,
            jumped_from: self.jumped_from,
            tick: self.sequence.tick_at(self.cursor.frame),
            sample_rate: self.sample_rate,
        });
    }
}

impl<S: Synth + 'static> Iterator for SynthSource<S> {
    type Item = rodio::Sample;

    fn next(&mut self) -> Option<rodio::Sample> {
        if self.next_sample == self.block.len() {
            self.fill();
            self.next_sample = 0;
        }
        let sample = self.block[self.next_sample];
        self.next_sample += 1;
        Some(sample)
    }
}

impl<S: Synth + 'static> rodio::Source for SynthSource<S> {
    fn current_span_len(&self) -> Option<usize> {
        None
    }

    fn channels(&self) -> rodio::ChannelCount {
        const STEREO: rodio::ChannelCount = NonZero::<u16>::MIN.saturating_add(1);
        STEREO
    }

    fn sample_rate(&self) -> rodio::SampleRate {
        NonZero::new(self.sample_rate).unwrap_or(NonZero::<u32>::MIN)
    }

    fn total_duration(&self) -> Option<Duration> {
        None
    }
}
