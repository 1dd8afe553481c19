//! A block of sound: the music up to the next turn, the clicks before it, the synthesiser that leaves, and the gain.

use super::{BLOCK_FRAMES, SynthSource};
use crate::audio::synth::Synth;

const SILENCE_LEVEL: f32 = 1e-5;

impl<S: Synth + 'static> SynthSource<S> {
    pub(super) fn render_block(&mut self) {
        self.preview.pass(&mut *self.synth, BLOCK_FRAMES as u32);
        let mut done = 0;
        while self.is_playing && done < BLOCK_FRAMES {
            if self.count_in.is_some() {
                done += self.render_count_in(done);
                continue;
            }
            let end = self.next_turn();
            let frames = (end.saturating_sub(self.cursor.frame)).min((BLOCK_FRAMES - done) as u64);
            let out = &mut self.block[done * 2..(done + frames as usize) * 2];
            self.sequence.render(&mut *self.synth, &mut self.cursor, out);
            self.frames_since_jump += frames;
            done += frames as usize;
            if self.cursor.frame >= end {
                self.turn(end);
            }
        }
        self.synth.render(&mut self.block[done * 2..]);
        self.add_leaving();
    }

    /// The clicks, from a frame of the block on; with the last of them the music begins.
    pub(super) fn render_count_in(&mut self, from: usize) -> usize {
        let Some(mut count_in) = self.count_in.take() else { return 0 };
        let frames = count_in.render(&mut *self.synth, &mut self.block[from * 2..]);
        if count_in.is_over() {
            drop(self.used.try_send(count_in.into_used()));
            self.strike();
        } else {
            self.count_in = Some(count_in);
        }
        frames
    }

    pub(super) fn add_leaving(&mut self) {
        if self.arrival.value() < 1.0 {
            for frame in self.block.chunks_exact_mut(2) {
                let gain = self.arrival.next();
                frame[0] *= gain;
                frame[1] *= gain;
            }
        }
        if let Some(leaving) = &mut self.leaving {
            leaving.add_to(&mut self.block);
            if leaving.is_silent() {
                self.end_leaving();
            }
        }
    }

    /// The frame at which the loop or the piece ends.
    pub(super) fn next_turn(&self) -> u64 {
        self.loop_frames
            .map(|(_, end)| end)
            .filter(|end| self.cursor.frame < *end)
            .unwrap_or_else(|| self.sequence.end_frame())
    }

    /// Goes on with the piece that is lined up, goes round the loop, or ends. What sounds may
    /// ring on.
    pub(super) fn turn(&mut self, end: u64) {
        self.synth.release_all();
        let from = (self.generation, end);
        let loop_start = self.loop_frames.filter(|(_, loop_end)| *loop_end == end);
        if let Some(next) = self.next.take() {
            self.replace_sequence(next);
            self.move_to(0);
            self.jumped_from = Some(from);
            self.sequence.send_programs(&mut *self.synth);
        } else if let Some((start, _)) = loop_start {
            self.move_to(start);
            self.jumped_from = Some(from);
            self.sequence.strike_lasting(&mut *self.synth, self.cursor);
        } else {
            self.is_playing = false;
            self.playhead.set_playing(false);
            self.playhead.set_finished(true);
        }
    }

    pub(super) fn apply_gain(&mut self) {
        let mut peak = 0.0_f32;
        for frame in self.block.chunks_exact_mut(2) {
            peak = peak.max(frame[0].abs()).max(frame[1].abs());
            let gain = self.fade.next() * self.volume.next();
            frame[0] *= gain;
            frame[1] *= gain;
            self.limiter.limit(frame);
        }
        if self.is_playing || peak > SILENCE_LEVEL {
            self.silent_frames = 0;
        } else {
            self.silent_frames += BLOCK_FRAMES as u32;
            if self.is_resting() {
                self.fade.jump(1.0);
            }
        }
    }
}
