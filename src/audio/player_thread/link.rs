//! The device of the audio thread: opened aside, watched, lost, looked for and found again, with the
//! place in the music kept.

use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::sync::{Arc, PoisonError};
use std::thread::Builder;
use std::time::{Duration, Instant};

use super::{LONGEST_WAIT, PlayerCommand, PlayerThread, SOURCE_QUEUE};
use crate::audio::device::{Output, Wanted};
use crate::audio::font_swap::Used;
use crate::audio::opening::{self, HasAnswered, Opened, Request, load_synth};
use crate::audio::player::PlayerState;
use crate::audio::sequence::Sequence;
use crate::audio::synth::{FluidSynth, Synth as _};
use crate::audio::synth_source::{SourceCommand, SynthSource};
use crate::audio::watch::Heartbeat;

/// What exists while a device is open.
pub(super) struct Session {
    /// Dropping it ends the sound.
    output: Box<dyn Output>,
    pub(super) source: SyncSender<SourceCommand<FluidSynth>>,
    pub(super) used: Receiver<Used>,
    pub(super) render_rate: u32,
    heart: Heartbeat,
    /// When the system was last asked for its default device.
    default_asked: Instant,
}

/// A device that is being opened.
pub(super) struct Opening {
    started: Instant,
    has_answered: HasAnswered,
    /// Somebody was told that it takes long.
    is_spoken_of: bool,
}

/// How long the end of the program waits for a device to close.
const LONGEST_GOODBYE: Duration = Duration::from_millis(1500);
/// So long is waited for a device that lets go at once, as nearly all do.
const USUAL_CLOSING: Duration = Duration::from_millis(100);

/// Looking at it.
impl PlayerThread {
    pub(super) fn longest_wait(&self, now: Instant) -> Duration {
        let look = self.patience.look;
        if self.session.is_some() || self.opening.is_some() {
            return look;
        }
        self.attempts.wait(now).unwrap_or(LONGEST_WAIT)
    }

    pub(super) fn look_around(&mut self, now: Instant) {
        if let Some(session) = &self.session {
            session.used.try_iter().for_each(drop);
        }
        self.watch_callback(now);
        self.watch_default(now);
        self.watch_opening(now);
        if self.session.is_none() && self.opening.is_none() && self.attempts.is_due(now) {
            let is_early = self.had_device && self.attempts.is_quick();
            // Trying all devices again and again, for nobody, is noise in the system's log.
            let is_for_nobody = !self.playhead.is_playing();
            self.begin_opening(if is_early || is_for_nobody {
                Wanted::Default
            } else {
                Wanted::Any
            });
        }
    }

    fn watch_callback(&mut self, now: Instant) {
        let n_blocks = self.playhead.n_blocks();
        let Some(session) = &mut self.session else { return };
        if session.heart.has_stalled(n_blocks, now, &self.patience) {
            self.lose_device("it does not take sound any more".to_owned());
        }
    }

    /// Sound follows the default device of the system.
    fn watch_default(&mut self, now: Instant) {
        let Some(session) = &mut self.session else { return };
        if now.duration_since(session.default_asked) < self.patience.default_device {
            return;
        }
        session.default_asked = now;
        if session.output.has_default_moved() {
            log::info!("the system has another default sound device");
            self.leave_device();
            self.set_state(PlayerState::Opening);
            self.begin_opening(Wanted::Any);
        }
    }

    fn watch_opening(&mut self, now: Instant) {
        let limit = self.patience.opening;
        let Some(opening) = &mut self.opening else { return };
        let is_slow = now.duration_since(opening.started) > limit
            && !opening.has_answered.load(Ordering::Relaxed);
        if is_slow && !opening.is_spoken_of {
            opening.is_spoken_of = true;
            log::warn!("the sound system does not answer");
            self.set_missing("the sound system does not answer".to_owned());
        }
    }
}

/// Opening it.
impl PlayerThread {
    /// For the first time, or because somebody asks for it.
    pub(super) fn open_first(&mut self) {
        if self.opening.is_none() {
            self.set_state(PlayerState::Opening);
            self.begin_opening(Wanted::Any);
        }
    }

    /// Somebody wants to hear something.
    pub(super) fn look_for_device(&mut self) {
        let now = Instant::now();
        if self.attempts.wait(now).is_some() {
            self.attempts.hasten(now);
        } else {
            self.open_first();
        }
    }

    pub(super) fn retry(&mut self) {
        if self.session.is_none() {
            self.open_first();
        }
    }

    /// One at a time: where one hangs, another would hang too.
    fn begin_opening(&mut self, wanted: Wanted) {
        let is_first = self.session_number == 0;
        self.session_number += 1;
        self.attempts.made();
        let request = Request {
            session: self.session_number,
            open_output: Arc::clone(&self.open_output),
            wanted,
            is_first,
            soundfont: self.soundfont.clone(),
            built_in_font: self.built_in_font.clone(),
            closing: self.closing.take(),
            sender: self.sender.clone(),
        };
        match opening::start(request) {
            Ok(has_answered) => {
                let started = Instant::now();
                self.opening = Some(Opening { started, has_answered, is_spoken_of: false });
            }
            Err(error) => {
                let reason = format!("the system gives no thread: {error}");
                self.opening_failed(PlayerState::NoDevice { reason });
            }
        }
    }

    pub(super) fn take_opened(&mut self, session: u64, opened: Result<Box<Opened>, PlayerState>) {
        if session != self.session_number {
            return;
        }
        self.opening = None;
        match opened {
            Ok(opened) => self.settle(*opened),
            Err(state) => self.opening_failed(state),
        }
    }

    /// Takes up an opened device at the place in the music, and plays on.
    fn settle(&mut self, opened: Opened) {
        let tick = self.current_tick();
        let (sample_rate, render_rate) = (opened.output.device_rate(), opened.render_rate);
        let font = opened.soundfont.clone();
        self.session = Some(self.session_of(opened));
        self.attempts.end();
        self.had_device = true;
        self.send_levels();
        self.send_piece();
        self.tell(SourceCommand::Loop(self.loop_range));
        self.tell(SourceCommand::SeekTick(tick.round() as u64));
        log::info!("the sound device is open: {sample_rate} Hz, rendered at {render_rate} Hz");
        self.set_state(PlayerState::Ready { sample_rate });
        let count_in_bars = std::mem::take(&mut self.wanted_count_in);
        if self.playhead.is_playing() {
            let count_in = self.count_in(count_in_bars);
            self.tell(SourceCommand::Play(count_in));
        }
        if let Some((key, velocity)) = self.wanted_preview.take() {
            self.tell(SourceCommand::Preview { key, velocity });
        }
        if font != self.soundfont {
            self.load_font(self.soundfont.clone());
        }
    }

    fn session_of(&mut self, opened: Opened) -> Session {
        let Opened { output, synth, render_rate, font_trouble, .. } = opened;
        if let Some((_, reason)) = font_trouble.filter(|(font, _)| *font == self.soundfont) {
            self.give_up_font(reason);
        }
        self.playhead.set_latency_secs(output.latency_secs());
        let (source, source_commands) = mpsc::sync_channel(SOURCE_QUEUE);
        let (returned, used) = mpsc::sync_channel(SOURCE_QUEUE);
        let nothing = Box::new(Sequence::empty(synth.sample_rate()));
        let playhead = Arc::clone(&self.playhead);
        let now = Instant::now();
        let heart = Heartbeat::new(playhead.n_blocks(), now);
        output.play(SynthSource::new(synth, nothing, source_commands, returned, playhead));
        Session { output, source, used, render_rate, heart, default_asked: now }
    }

    fn opening_failed(&mut self, state: PlayerState) {
        self.wanted_count_in = 0;
        self.wanted_preview = None;
        let is_missing = matches!(state, PlayerState::NoDevice { .. });
        if !is_missing || !self.had_device {
            self.playhead.set_playing(false);
        }
        if let PlayerState::NoDevice { reason } = state {
            let is_wanted = self.playhead.is_playing();
            self.attempts.failed(Instant::now(), is_wanted, &self.patience);
            self.set_missing(reason);
        } else {
            self.attempts.end();
            log::warn!("{}", state.message().unwrap_or_default());
            self.set_state(state);
        }
    }

    /// There is no device; told once, although it is looked for again and again.
    fn set_missing(&self, reason: String) {
        let state = if self.had_device {
            PlayerState::Lost { reason }
        } else {
            PlayerState::NoDevice { reason }
        };
        let is_told = *self.state.0.lock().unwrap_or_else(PoisonError::into_inner) == state;
        if is_told {
            return self.wake();
        }
        log::warn!("{}", state.message().unwrap_or_default());
        self.set_state(state);
    }
}

/// Losing it.
impl PlayerThread {
    pub(super) fn lose_device(&mut self, reason: String) {
        if self.session.is_some() {
            self.leave_device();
            self.set_missing(reason);
            self.attempts.begin(Instant::now());
        }
    }

    /// Closes the device; the place in the music stays.
    fn leave_device(&mut self) {
        let tick = self.current_tick();
        let Some(session) = self.session.take() else { return };
        self.playhead.take_over();
        let closing = opening::close(session.output);
        if closing.recv_timeout(USUAL_CLOSING) == Err(mpsc::RecvTimeoutError::Timeout) {
            self.closing = Some(closing);
        }
        self.publish_tick(tick);
    }

    pub(super) fn close_for_good(mut self) {
        let Some(session) = self.session.take() else { return };
        self.playhead.take_over();
        let closing = opening::close(session.output);
        if closing.recv_timeout(LONGEST_GOODBYE) == Err(mpsc::RecvTimeoutError::Timeout) {
            log::warn!("the sound device does not close; it is left to itself");
        }
    }
}

/// Its SoundFont.
impl PlayerThread {
    fn give_up_font(&mut self, reason: String) {
        self.soundfont.clone_from(&self.built_in_font);
        *self.font_trouble.lock().unwrap_or_else(PoisonError::into_inner) = Some(reason);
        self.wake();
    }

    /// Loads another font aside: seconds, for a large one, in which commands are still obeyed.
    pub(super) fn load_font(&mut self, font: PathBuf) {
        self.soundfont.clone_from(&font);
        let Some(rate) = self.session.as_ref().map(|session| session.render_rate) else { return };
        let (sender, session) = (self.sender.clone(), self.session_number);
        let load = move || {
            let synth = load_synth(&font, rate).map(Box::new).map_err(|error| error.to_string());
            // The player may be gone meanwhile.
            drop(sender.send(PlayerCommand::FontLoaded { session, font, synth }));
        };
        if let Err(error) = Builder::new().name("soundfont".to_owned()).spawn(load) {
            self.give_up_font(format!("the system gives no thread: {error}"));
        }
    }

    /// A font has been loaded; another may have been chosen or the device changed meanwhile.
    pub(super) fn take_font(
        &mut self,
        session: u64,
        font: &Path,
        synth: Result<Box<FluidSynth>, String>,
    ) {
        if font != self.soundfont || session != self.session_number {
            return;
        }
        match synth {
            Ok(synth) => self.tell(SourceCommand::Swap(synth)),
            Err(reason) => self.give_up_font(reason),
        }
    }
}
