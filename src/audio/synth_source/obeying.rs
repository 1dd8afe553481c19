//! What each command does to the source.

use super::{LinedUp, LoopRange, SourceCommand, SynthSource};
use crate::audio::font_swap::{CROSSFADE_SECS, CountIn, Leaving};
use crate::audio::sequence::Sequence;
use crate::audio::synth::{CHANNELS, Synth};
use crate::music::Effects;

/// The MIDI controller that sets all others back.
const RESET_CONTROLLERS: u8 = 121;
const FADE_OUT_SECS: f32 = 0.006;
const FADE_IN_SECS: f32 = 0.003;
const VOLUME_RAMP_SECS: f32 = 0.02;
/// A shorter loop would be a tone of its own.
const SHORTEST_LOOP_FRAMES: u64 = 256;

impl<S: Synth + 'static> SynthSource<S> {
    /// Takes what has come in. A command that would cut sounding voices waits until they have
    /// been faded out, and everything behind it waits too.
    pub(super) fn obey_commands(&mut self) {
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

    pub(super) fn obey(&mut self, command: SourceCommand<S>) {
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

    pub(super) fn load(&mut self, piece: LinedUp) {
        self.silence();
        self.is_playing = false;
        self.drop_next();
        self.replace_sequence(piece);
        self.playhead.set_finished(false);
        self.move_to(0);
    }

    pub(super) fn update(&mut self, changed: LinedUp) {
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

    pub(super) fn line_up(&mut self, piece: LinedUp) {
        self.drop_next();
        self.next = Some(piece);
    }

    pub(super) fn drop_next(&mut self) {
        if let Some(next) = self.next.take() {
            self.give_back(next.sequence);
        }
    }

    pub(super) fn edit(&mut self, edited: LinedUp) {
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

    pub(super) fn strike_preview(&mut self, key: u8, velocity: u8) {
        if !self.is_playing {
            self.sequence.send_programs(&mut *self.synth);
            let frames = self.frames(FADE_IN_SECS);
            self.fade.go(1.0, frames);
            self.silent_frames = 0;
        }
        self.preview.strike(&mut *self.synth, key, velocity);
    }

    pub(super) fn replace_sequence(&mut self, LinedUp { sequence, generation, piece }: LinedUp) {
        let used = std::mem::replace(&mut self.sequence, sequence);
        self.generation = generation;
        self.piece = piece;
        self.set_loop(self.loop_range);
        self.give_back(used);
    }

    pub(super) fn give_back(&self, used: Box<Sequence>) {
        // Room for every command that can be under way, so this does not fail; if it did, the
        // sequence would be freed right here.
        drop(self.used.try_send(used));
    }

    pub(super) fn set_effects(&mut self, effects: Effects) {
        self.effects = effects;
        self.synth.set_effects(effects);
    }

    /// The old synthesiser fades out under the new one, which strikes what sounds anew.
    pub(super) fn swap(&mut self, synth: Box<S>) {
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

    pub(super) fn end_leaving(&mut self) {
        if let Some(leaving) = self.leaving.take() {
            let (synth, block) = leaving.into_parts();
            self.spare_block = block;
            drop(self.used.try_send(synth));
        }
    }

    pub(super) fn panic(&mut self) {
        self.pause();
        (0..CHANNELS).for_each(|channel| self.synth.control(channel, RESET_CONTROLLERS, 0));
    }

    pub(super) fn play(&mut self, count_in: Option<Box<Sequence>>) {
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

    pub(super) fn pause(&mut self) {
        self.silence();
        self.is_playing = false;
        self.playhead.set_playing(false);
    }

    pub(super) fn stop(&mut self) {
        self.pause();
        self.playhead.set_finished(false);
        self.move_to(0);
    }

    pub(super) fn seek(&mut self, frame: u64) {
        self.silence();
        self.playhead.set_finished(false);
        self.move_to(frame.min(self.sequence.end_frame()));
        if self.is_playing {
            self.strike();
        }
    }

    /// Begins to sound at the cursor, with the notes that reach into it.
    pub(super) fn strike(&mut self) {
        self.sequence.send_programs(&mut *self.synth);
        self.sequence.strike_lasting(&mut *self.synth, self.cursor);
        let frames = self.frames(FADE_IN_SECS);
        self.fade.go(1.0, frames);
    }

    /// Cuts every voice, once faded out. What still rings in the reverb stays unheard.
    pub(super) fn silence(&mut self) {
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

    pub(super) fn move_to(&mut self, frame: u64) {
        self.cursor = self.sequence.cursor_at(frame);
        self.frames_since_jump = 0;
        self.jumped_from = None;
    }

    pub(super) fn set_volume(&mut self, volume: f32) {
        if self.is_resting() {
            self.volume.jump(volume);
        } else {
            let frames = self.frames(VOLUME_RAMP_SECS);
            self.volume.go(volume, frames);
        }
    }

    pub(super) fn set_loop(&mut self, range: LoopRange) {
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
}
