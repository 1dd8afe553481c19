//! Going over from one synthesiser to another while the music plays, and the bars that are counted
//! before it.

use super::level::Ramp;
use super::sequence::{Cursor, Sequence};
use super::synth::Synth;

/// How long the sound of the old synthesiser and that of the new one overlap.
pub(super) const CROSSFADE_SECS: f32 = 0.03;

/// A sequence or a synthesiser that the audio callback no longer needs, to be freed elsewhere.
pub(super) type Used = Box<dyn Send>;

/// A synthesiser that is on its way out.
pub(super) struct Leaving<S> {
    synth: Box<S>,
    gain: Ramp,
    block: Vec<f32>,
}

impl<S: Synth> Leaving<S> {
    pub(super) fn new(synth: Box<S>, frames: u32, block: Vec<f32>) -> Self {
        let mut gain = Ramp::at(1.0);
        gain.go(0.0, frames);
        Self { synth, gain, block }
    }

    pub(super) fn is_silent(&self) -> bool {
        self.gain.value() <= 0.0
    }

    /// Adds what it still sounds. `out` is interleaved stereo, no longer than the block.
    pub(super) fn add_to(&mut self, out: &mut [f32]) {
        let block = &mut self.block[..out.len()];
        self.synth.render(block);
        for (frame, old) in out.chunks_exact_mut(2).zip(block.chunks_exact(2)) {
            let gain = self.gain.next();
            frame[0] += old[0] * gain;
            frame[1] += old[1] * gain;
        }
    }

    pub(super) fn into_parts(self) -> (Box<S>, Vec<f32>) {
        (self.synth, self.block)
    }
}

/// Clicks that are heard before the music begins.
pub(super) struct CountIn {
    sequence: Box<Sequence>,
    cursor: Cursor,
}

impl CountIn {
    pub(super) fn new(sequence: Box<Sequence>) -> Self {
        Self { sequence, cursor: Cursor::default() }
    }

    pub(super) fn begin(&self, synth: &mut impl Synth) {
        self.sequence.send_programs(synth);
    }

    /// Renders its next frames into the start of `out`: how many they were.
    pub(super) fn render(&mut self, synth: &mut impl Synth, out: &mut [f32]) -> usize {
        let left = self.sequence.end_frame().saturating_sub(self.cursor.frame);
        let frames = left.min(out.len() as u64 / 2) as usize;
        self.sequence.render(synth, &mut self.cursor, &mut out[..frames * 2]);
        frames
    }

    pub(super) fn is_over(&self) -> bool {
        self.cursor.frame >= self.sequence.end_frame()
    }

    pub(super) fn into_sequence(self) -> Box<Sequence> {
        self.sequence
    }
}
