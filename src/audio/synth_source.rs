//! The endless stream of sound that the audio callback pulls: owns the synthesiser, obeys
//! commands, keeps the place in the music.
//!
//! Nothing here locks or waits. Commands come through a bounded channel, and sequences that are no
//! longer needed go back through another to be freed elsewhere. (The engine itself takes some bytes
//! for a change of instrument and for its message when a note-off finds no voice.)

use std::num::NonZero;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::font_swap::{CROSSFADE_SECS, CountIn, Leaving, Used};
use super::level::{Limiter, Ramp};
use super::playhead::{Playhead, Position};
use super::preview::Preview;
use super::sequence::{Cursor, Sequence};
use super::synth::{CHANNELS, Synth};
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

pub(super) enum SourceCommand<S> {
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
pub(super) struct LinedUp {
    pub(super) sequence: Box<Sequence>,
    /// A number of its own.
    pub(super) generation: u64,
    /// The number of its piece, which stays when the tempo changes.
    pub(super) piece: u64,
}

impl<S> SourceCommand<S> {
    /// Whether voices are cut off, which needs a short fade before it.
    fn cuts_sound(&self) -> bool {
        matches!(self, Self::Load(_) | Self::Pause | Self::Stop | Self::SeekTick(_) | Self::Panic)
    }
}

/// The MIDI controller that sets all others back.
const RESET_CONTROLLERS: u8 = 121;
const BLOCK_FRAMES: usize = 64;
const FADE_OUT_SECS: f32 = 0.006;
const FADE_IN_SECS: f32 = 0.003;
const VOLUME_RAMP_SECS: f32 = 0.02;
/// After this much silence without playing, rendering rests.
const SILENCE_SECS: f32 = 0.5;
const SILENCE_LEVEL: f32 = 1e-5;
/// A shorter loop would be a tone of its own.
const SHORTEST_LOOP_FRAMES: u64 = 256;

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

    // -- commands --

    /// Takes what has come in. A command that would cut sounding voices waits until they have
    /// been faded out, and everything behind it waits too.
    fn obey_commands(&mut self) {
        if let Some(command) = self.waiting.take() {
            if self.fade.value() > 0.0 {
                self.waiting = Some(command);
                return;
            }
            self.obey(command);
        }
        while let Ok(command) = self.commands.try_recv() {
            let is_audible = !self.is_resting() && self.fade.value() > 0.0;
            if command.cuts_sound() && is_audible {
                self.fade.go(0.0, self.frames(FADE_OUT_SECS));
                self.waiting = Some(command);
                return;
            }
            self.obey(command);
        }
    }

    fn obey(&mut self, command: SourceCommand<S>) {
        match command {
            SourceCommand::Load(piece) => self.load(piece),
            SourceCommand::Update(piece) => self.update(piece),
            SourceCommand::LineUp(piece) => self.line_up(piece),
            SourceCommand::Edit(piece) => self.edit(piece),
            SourceCommand::Preview { key, velocity } => self.strike_preview(key, velocity),
            SourceCommand::Play(count_in) => self.play(count_in),
            SourceCommand::Pause => self.pause(),
            SourceCommand::Stop => self.stop(),
            SourceCommand::SeekTick(tick) => self.seek(self.sequence.frame_at(tick)),
            SourceCommand::Loop(range) => self.set_loop(range),
            SourceCommand::Volume(volume) => self.set_volume(volume.max(0.0)),
            SourceCommand::Effects(effects) => self.set_effects(effects),
            SourceCommand::Swap(synth) => self.swap(synth),
            SourceCommand::Panic => self.panic(),
        }
        self.publish();
    }

    fn load(&mut self, piece: LinedUp) {
        self.silence();
        self.is_playing = false;
        self.drop_next();
        self.replace_sequence(piece);
        self.playhead.set_finished(false);
        self.move_to(0);
    }

    fn update(&mut self, changed: LinedUp) {
        if self.next.as_ref().is_some_and(|next| next.piece == changed.piece) {
            self.line_up(changed);
        } else if self.piece == changed.piece {
            let cursor = changed.sequence.cursor_like(&self.sequence, self.cursor);
            self.replace_sequence(changed);
            self.cursor = cursor;
            self.jumped_from = None;
            self.sequence.send_programs(&mut *self.synth);
        } else {
            self.give_back(changed.sequence);
        }
    }

    fn line_up(&mut self, piece: LinedUp) {
        self.drop_next();
        self.next = Some(piece);
    }

    fn drop_next(&mut self) {
        if let Some(next) = self.next.take() {
            self.give_back(next.sequence);
        }
    }

    fn edit(&mut self, edited: LinedUp) {
        if self.piece != edited.piece {
            return self.update(edited);
        }
        if self.is_playing {
            self.sequence.hand_over(&edited.sequence, &mut *self.synth, self.cursor);
        }
        let end_frame = edited.sequence.end_frame();
        let cursor = edited.sequence.cursor_at(self.cursor.frame.min(end_frame));
        let has_other_sounds = !edited.sequence.sounds_like(&self.sequence);
        self.replace_sequence(edited);
        if has_other_sounds && self.is_playing {
            self.sequence.send_programs(&mut *self.synth);
        }
        self.cursor = cursor;
        self.jumped_from = None;
    }

    fn strike_preview(&mut self, key: u8, velocity: u8) {
        if !self.is_playing {
            self.sequence.send_programs(&mut *self.synth);
            let frames = self.frames(FADE_IN_SECS);
            self.fade.go(1.0, frames);
            self.silent_frames = 0;
        }
        self.preview.strike(&mut *self.synth, key, velocity);
    }

    fn replace_sequence(&mut self, LinedUp { sequence, generation, piece }: LinedUp) {
        let used = std::mem::replace(&mut self.sequence, sequence);
        self.generation = generation;
        self.piece = piece;
        self.set_loop(self.loop_range);
        self.give_back(used);
    }

    fn give_back(&self, used: Box<Sequence>) {
        // Room for every command that can be under way, so this does not fail; if it did, the
        // sequence would be freed right here.
        drop(self.used.try_send(used));
    }

    fn set_effects(&mut self, effects: Effects) {
        self.effects = effects;
        self.synth.set_effects(effects);
    }

    /// The old synthesiser fades out under the new one, which strikes what sounds anew.
    fn swap(&mut self, synth: Box<S>) {
        self.end_leaving();
        let old = std::mem::replace(&mut self.synth, synth);
        self.synth.set_effects(self.effects);
        self.preview.forget();
        if self.is_resting() {
            drop(self.used.try_send(old));
            return;
        }
        let frames = self.frames(CROSSFADE_SECS);
        let block = std::mem::take(&mut self.spare_block);
        self.leaving = Some(Leaving::new(old, frames, block));
        self.arrival.jump(0.0);
        self.arrival.go(1.0, frames);
        match &self.count_in {
            Some(count_in) => count_in.begin(&mut *self.synth),
            None => self.sequence.send_programs(&mut *self.synth),
        }
        if self.is_playing && self.count_in.is_none() {
            self.sequence.strike_lasting(&mut *self.synth, self.cursor);
        }
    }

    fn end_leaving(&mut self) {
        if let Some(leaving) = self.leaving.take() {
            let (synth, block) = leaving.into_parts();
            self.spare_block = block;
            drop(self.used.try_send(synth));
        }
    }

    fn panic(&mut self) {
        self.pause();
        (0..CHANNELS).for_each(|channel| self.synth.control(channel, RESET_CONTROLLERS, 0));
    }

    fn play(&mut self, count_in: Option<Box<Sequence>>) {
        if self.is_playing {
            if let Some(count_in) = count_in {
                self.give_back(count_in);
            }
            return;
        }
        if self.cursor.frame >= self.sequence.end_frame() {
            self.move_to(0);
        }
        self.is_playing = true;
        self.playhead.set_playing(true);
        match count_in {
            None => self.strike(),
            Some(sequence) => {
                let count_in = CountIn::new(sequence);
                count_in.begin(&mut *self.synth);
                let frames = self.frames(FADE_IN_SECS);
                self.fade.go(1.0, frames);
                self.count_in = Some(count_in);
            }
        }
    }

    fn pause(&mut self) {
        self.silence();
        self.is_playing = false;
        self.playhead.set_playing(false);
    }

    fn stop(&mut self) {
        self.pause();
        self.playhead.set_finished(false);
        self.move_to(0);
    }

    fn seek(&mut self, frame: u64) {
        self.silence();
        self.playhead.set_finished(false);
        self.move_to(frame.min(self.sequence.end_frame()));
        if self.is_playing {
            self.strike();
        }
    }

    /// Begins to sound at the cursor, with the notes that reach into it.
    fn strike(&mut self) {
        self.sequence.send_programs(&mut *self.synth);
        self.sequence.strike_lasting(&mut *self.synth, self.cursor);
        let frames = self.frames(FADE_IN_SECS);
        self.fade.go(1.0, frames);
    }

    /// Cuts every voice, once faded out. What still rings in the reverb stays unheard.
    fn silence(&mut self) {
        if !self.is_resting() {
            self.fade.jump(0.0);
        }
        self.preview.forget();
        self.end_leaving();
        if let Some(count_in) = self.count_in.take() {
            drop(self.used.try_send(count_in.into_used()));
        }
        self.synth.release_all();
        self.synth.all_sound_off();
    }

    fn move_to(&mut self, frame: u64) {
        self.cursor = self.sequence.cursor_at(frame);
        self.frames_since_jump = 0;
        self.jumped_from = None;
    }

    fn set_volume(&mut self, volume: f32) {
        if self.is_resting() {
            self.volume.jump(volume);
        } else {
            let frames = self.frames(VOLUME_RAMP_SECS);
            self.volume.go(volume, frames);
        }
    }

    fn set_loop(&mut self, range: LoopRange) {
        self.loop_range = range;
        let end_frame = self.sequence.end_frame();
        let frames = match range {
            LoopRange::Off => None,
            LoopRange::Whole => Some((0, end_frame)),
            LoopRange::Ticks { start, end } => {
                let end = self.sequence.frame_at(end).min(end_frame);
                Some((self.sequence.frame_at(start), end))
            }
        };
        self.loop_frames = frames.filter(|(start, end)| start + SHORTEST_LOOP_FRAMES <= *end);
    }

    // -- sound --

    fn render_block(&mut self) {
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
    fn render_count_in(&mut self, from: usize) -> usize {
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

    fn add_leaving(&mut self) {
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
    fn next_turn(&self) -> u64 {
        self.loop_frames
            .map(|(_, end)| end)
            .filter(|end| self.cursor.frame < *end)
            .unwrap_or_else(|| self.sequence.end_frame())
    }

    /// Goes on with the piece that is lined up, goes round the loop, or ends. What sounds may
    /// ring on.
    fn turn(&mut self, end: u64) {
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

    fn apply_gain(&mut self) {
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
