//! The handle that the rest of the program plays music with. Never blocks.
//!
//! Behind it a thread named `audio` opens the device at the first play, loads the SoundFont at
//! the device's rate and feeds the callback (see `player_thread`).

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::device::{OpenOutput, open_default_output};
use super::player_thread::{FontTrouble, PlayerCommand, PlayerThread};
use super::playhead::Playhead;
use super::sequence::SoundSettings;
use super::synth_source::LoopRange;
use super::timeline::Timeline;
use super::watch::Patience;
use crate::music::{Effects, Score};

/// How it stands with the sound device.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum PlayerState {
    /// Not opened yet: that happens at the first play.
    #[default]
    Closed,
    Opening,
    Ready {
        sample_rate: u32,
    },
    /// There is no sound device.
    NoDevice {
        reason: String,
    },
    /// It went away, and is looked for. What played goes on when there is one again.
    Lost {
        reason: String,
    },
    /// The SoundFont could not be used.
    Failed {
        reason: String,
    },
}

impl PlayerState {
    /// What to tell the person, where there is something to tell.
    pub fn message(&self) -> Option<String> {
        match self {
            Self::Closed | Self::Opening | Self::Ready { .. } => None,
            Self::NoDevice { reason } => Some(format!(
                "No audio device: preview is off; MIDI and WAV export still work. ({reason})"
            )),
            Self::Lost { reason } => Some(format!(
                "The sound device is gone: it is looked for, and playing goes on by itself. ({reason})"
            )),
            Self::Failed { reason } => Some(reason.clone()),
        }
    }
}

/// Tells the pieces of one player apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PieceNumber(pub(super) u64);

pub(super) type SharedState = Arc<Mutex<PlayerState>>;

/// Plays one piece at a time. Dropping it ends the sound.
pub struct Player {
    commands: Sender<PlayerCommand>,
    state: SharedState,
    font_trouble: FontTrouble,
    playhead: Arc<Playhead>,
    thread: Option<(JoinHandle<()>, Receiver<()>)>,
    piece: Option<Piece>,
    /// Lined up to follow it, oldest first. Only the newest still waits, but one before it may have
    /// begun already and not be heard yet.
    lined_up: Vec<Piece>,
    settings: SoundSettings,
    /// The newest timelines, because the callback may still be playing by an older one.
    timelines: VecDeque<PieceTimeline>,
    generation: u64,
}

struct Piece {
    number: PieceNumber,
    score: Arc<Score>,
}

struct PieceTimeline {
    generation: u64,
    piece: PieceNumber,
    timeline: Timeline,
}

/// A tempo knob under a fast hand makes fewer changes than this within one buffer.
const KEPT_TIMELINES: usize = 64;
/// Pieces that are lined up within the delay of a device.
const KEPT_PIECES: usize = 32;

impl Player {
    /// A player for the default device, with the built-in SoundFont. `wake` is called, from another thread, whenever the
    /// state has changed.
    pub fn new(soundfont: PathBuf, wake: impl Fn() + Send + Sync + 'static) -> Self {
        let open = (Box::new(open_default_output) as OpenOutput, Patience::default());
        Self::with_output(soundfont, open, Arc::new(wake))
    }

    pub(super) fn with_output(
        soundfont: PathBuf,
        open: (OpenOutput, Patience),
        wake: Arc<dyn Fn() + Send + Sync>,
    ) -> Self {
        let (commands, received) = mpsc::channel();
        let state = SharedState::default();
        let font_trouble = FontTrouble::default();
        let playhead = Arc::new(Playhead::new());
        let (finished, has_finished) = mpsc::channel();
        let state_and_wake = (Arc::clone(&state), wake);
        let channel = (commands.clone(), received);
        let (published, trouble) = (Arc::clone(&playhead), Arc::clone(&font_trouble));
        let thread = thread::Builder::new().name("audio".to_owned()).spawn(move || {
            let state = state_and_wake;
            PlayerThread::new(soundfont, trouble, open, state, published, channel).run();
            drop(finished);
        });
        let thread = match thread {
            Ok(handle) => Some((handle, has_finished)),
            Err(error) => {
                let reason = format!("the audio thread could not be started: {error}");
                set_state(&state, PlayerState::NoDevice { reason });
                None
            }
        };
        Self {
            commands,
            state,
            font_trouble,
            playhead,
            thread,
            piece: None,
            lined_up: Vec::new(),
            settings: SoundSettings::default(),
            timelines: VecDeque::new(),
            generation: 0,
        }
    }

    pub fn state(&self) -> PlayerState {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Tries again to open the device, and plays if that was asked for.
    pub fn retry(&self) {
        self.send(PlayerCommand::Retry);
    }

    /// Takes another piece, stopped at its start.
    pub fn load(&mut self, score: Arc<Score>, settings: SoundSettings) -> PieceNumber {
        self.settings = settings;
        self.playhead.set_playing(false);
        self.playhead.set_finished(false);
        self.lined_up.clear();
        let number = PieceNumber(self.generation + 1);
        self.piece = Some(Piece { number, score: Arc::clone(&score) });
        self.next_generation(number, &score);
        self.send(PlayerCommand::Load { score, settings, piece: number });
        number
    }

    /// The piece that follows in time, without a gap, when the present one ends or goes round its
    /// loop. It takes the place of one that was lined up before; where nothing plays, of the
    /// present one.
    pub fn line_up(&mut self, score: Arc<Score>) -> PieceNumber {
        if !self.is_playing() {
            return self.load(score, self.settings);
        }
        self.heard_piece();
        let number = PieceNumber(self.generation + 1);
        self.lined_up.push(Piece { number, score: Arc::clone(&score) });
        if self.lined_up.len() > KEPT_PIECES {
            self.lined_up.remove(0);
        }
        self.next_generation(number, &score);
        self.send(PlayerCommand::LineUp { score, piece: number });
        number
    }

    /// The piece that is heard now, or would be.
    pub fn heard_piece(&mut self) -> Option<PieceNumber> {
        let heard = self.heard().map(|(timeline, _)| timeline.piece);
        let place = self.lined_up.iter().position(|piece| heard == Some(piece.number));
        if let Some(place) = place {
            self.piece = self.lined_up.drain(..=place).next_back();
        }
        heard
    }

    /// Other notes for the piece at hand; playing goes on where it is, without a gap.
    pub fn edit(&mut self, score: Arc<Score>) {
        self.heard_piece();
        let Some(Piece { number, score: before }) = &mut self.piece else { return };
        *before = Arc::clone(&score);
        let piece = *number;
        self.next_generation(piece, &score);
        self.send(PlayerCommand::Edit { score, piece, generation: self.generation });
    }

    /// Lets a short note be heard, whether or not the piece plays.
    pub fn preview(&self, key: u8, velocity: u8) {
        self.send(PlayerCommand::Preview { key, velocity });
    }

    pub fn play(&self) {
        self.play_counted_in(0);
    }

    /// Plays after so many bars of clicks.
    pub fn play_counted_in(&self, count_in_bars: u32) {
        if self.piece.is_some() {
            self.playhead.set_playing(true);
            self.send(PlayerCommand::Play { count_in_bars });
        }
    }

    /// Stops here and silences whatever sounds.
    pub fn panic(&self) {
        self.playhead.set_playing(false);
        self.send(PlayerCommand::Panic);
    }

    /// Another SoundFont, loaded aside and swapped in while playing goes on. It must have passed the
    /// check and the probe (see [`probe_soundfont`](super::probe_soundfont)).
    pub fn set_soundfont(&self, soundfont: PathBuf) {
        self.send(PlayerCommand::SoundFont(soundfont));
    }

    /// Why the chosen SoundFont could not be loaded and the built-in one plays; told once.
    pub fn take_font_trouble(&self) -> Option<String> {
        self.font_trouble.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Stops here.
    pub fn pause(&self) {
        self.playhead.set_playing(false);
        self.send(PlayerCommand::Pause);
    }

    /// Stops and goes back to the start.
    pub fn stop(&self) {
        self.playhead.set_playing(false);
        self.playhead.set_finished(false);
        self.send(PlayerCommand::Stop);
    }

    pub fn seek_secs(&self, seconds: f64) {
        if let Some(timeline) = self.timeline() {
            self.seek_ticks(timeline.tick_at(seconds.max(0.0)).round() as u64);
        }
    }

    pub fn seek_ticks(&self, tick: u64) {
        self.playhead.set_finished(false);
        self.send(PlayerCommand::SeekTick(tick));
    }

    pub fn set_loop(&self, range: LoopRange) {
        self.send(PlayerCommand::Loop(range));
    }

    /// A constant tempo, or `None` for the piece's own. The place in the music stays.
    pub fn set_tempo(&mut self, beats_per_minute: Option<f64>) {
        self.change(SoundSettings { beats_per_minute, ..self.settings });
    }

    /// One instrument for all tracks but the drums, or `None` for the piece's own.
    pub fn set_program(&mut self, program: Option<u8>) {
        self.change(SoundSettings { program, ..self.settings });
    }

    pub fn set_volume(&mut self, volume: f32) {
        self.change(SoundSettings { volume, ..self.settings });
    }

    pub fn set_effects(&mut self, effects: Effects) {
        self.change(SoundSettings { effects, ..self.settings });
    }

    pub fn settings(&self) -> SoundSettings {
        self.settings
    }

    /// Where the piece is heard now, in seconds at the present tempo.
    pub fn position_secs(&self) -> f64 {
        self.timeline().map_or(0.0, |t| t.seconds_at_fraction(self.position_ticks()))
    }

    /// Where the piece is heard now, in ticks.
    pub fn position_ticks(&self) -> f64 {
        self.heard().map_or(0.0, |(PieceTimeline { timeline, .. }, seconds)| {
            timeline.tick_at(seconds).min(timeline.length_ticks() as f64)
        })
    }

    /// What is heard and the seconds into it; `None` as long as that is a piece of before.
    fn heard(&self) -> Option<(&PieceTimeline, f64)> {
        let (generation, seconds) = self.playhead.heard_secs();
        let heard = self.timelines.iter().find(|timeline| timeline.generation == generation)?;
        let is_known = self.pieces().any(|piece| piece.number == heard.piece);
        is_known.then_some((heard, seconds))
    }

    pub fn duration_secs(&self) -> f64 {
        self.timeline().map_or(0.0, Timeline::length_secs)
    }

    /// From the call of `play` until it is paused, stopped, over or found impossible.
    pub fn is_playing(&self) -> bool {
        self.playhead.is_playing()
    }

    /// Whether the piece was played to its end.
    pub fn is_finished(&self) -> bool {
        self.playhead.is_finished()
    }

    fn change(&mut self, settings: SoundSettings) {
        if settings == self.settings {
            return;
        }
        let is_rescheduled = settings.beats_per_minute != self.settings.beats_per_minute
            || settings.program != self.settings.program;
        self.settings = settings;
        let mut generations = Vec::new();
        if is_rescheduled {
            let pieces: Vec<_> = self.pieces().map(|p| (p.number, Arc::clone(&p.score))).collect();
            for (number, score) in pieces {
                self.next_generation(number, &score);
                generations.push((number, self.generation));
            }
        }
        self.send(PlayerCommand::Change { settings, generations });
    }

    fn pieces(&self) -> impl Iterator<Item = &Piece> {
        self.piece.iter().chain(&self.lined_up)
    }

    fn timeline(&self) -> Option<&Timeline> {
        let number = self.piece.as_ref()?.number;
        let newest = self.timelines.iter().rfind(|timeline| timeline.piece == number);
        newest.map(|timeline| &timeline.timeline)
    }

    fn next_generation(&mut self, piece: PieceNumber, score: &Score) {
        self.generation += 1;
        let timeline = Timeline::new(score, self.settings.beats_per_minute);
        self.timelines.push_back(PieceTimeline { generation: self.generation, piece, timeline });
        if self.timelines.len() > KEPT_TIMELINES {
            // Of a piece that was lined up and never came, if there is one.
            let is_gone =
                |known: &PieceTimeline| !self.pieces().any(|piece| piece.number == known.piece);
            let place = self.timelines.iter().position(is_gone).unwrap_or(0);
            self.timelines.remove(place);
        }
    }

    fn send(&self, command: PlayerCommand) {
        if self.commands.send(command).is_err() {
            log::warn!("the audio thread has ended");
        }
    }
}

/// How long the end of the program waits for a device that does not let go.
const LONGEST_GOODBYE: Duration = Duration::from_secs(2);

impl Drop for Player {
    fn drop(&mut self) {
        self.send(PlayerCommand::Quit);
        let Some((handle, has_finished)) = self.thread.take() else {
            return;
        };
        let waited = has_finished.recv_timeout(LONGEST_GOODBYE);
        if waited == Err(mpsc::RecvTimeoutError::Timeout) {
            log::warn!("the sound device does not close; it is left to itself");
        } else if handle.join().is_err() {
            log::error!("the audio thread panicked");
        }
    }
}

pub(super) fn set_state(state: &SharedState, new: PlayerState) {
    *state.lock().unwrap_or_else(PoisonError::into_inner) = new;
}
