//! The thread `audio`: owns the device and everything that may take time. `link` holds the device:
//! opening, losing and finding it again.

mod link;

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TrySendError};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use self::link::{Opening, Session};
use super::device::OpenOutput;
use super::opening::Opened;
use super::player::{PieceNumber, PlayerState, SharedState, set_state};
use super::playhead::{Playhead, Position};
use super::sequence::{Sequence, SoundSettings};
use super::synth::FluidSynth;
use super::synth_source::{LinedUp, LoopRange, SourceCommand};
use super::timeline::Timeline;
use super::watch::{Attempts, Patience};
use crate::music::{Score, count_in};

pub(super) enum PlayerCommand {
    Load {
        score: Arc<Score>,
        settings: SoundSettings,
        piece: PieceNumber,
    },
    LineUp {
        score: Arc<Score>,
        piece: PieceNumber,
    },
    Change {
        settings: SoundSettings,
        /// New generations of pieces, where they are to be scheduled anew.
        generations: Vec<(PieceNumber, u64)>,
    },
    Edit {
        score: Arc<Score>,
        piece: PieceNumber,
        generation: u64,
    },
    Preview {
        key: u8,
        velocity: u8,
    },
    /// After so many bars of clicks.
    Play {
        count_in_bars: u32,
    },
    Pause,
    Panic,
    /// Another SoundFont, which has passed the check.
    SoundFont(PathBuf),
    FontLoaded {
        /// The session that it was loaded for.
        session: u64,
        font: PathBuf,
        synth: Result<Box<FluidSynth>, String>,
    },
    Stop,
    SeekTick(u64),
    Loop(LoopRange),
    Retry,
    /// What became of an opening.
    Opened {
        session: u64,
        opened: Result<Box<Opened>, PlayerState>,
    },
    DeviceLost {
        session: u64,
        reason: String,
    },
    Quit,
}

struct Piece {
    number: PieceNumber,
    score: Arc<Score>,
    generation: u64,
    timeline: Timeline,
}

impl Piece {
    /// The number of a piece is its first generation.
    fn new(number: PieceNumber, score: Arc<Score>, settings: &SoundSettings) -> Self {
        let timeline = Timeline::new(&score, settings.beats_per_minute);
        Self { number, score, generation: number.0, timeline }
    }

    fn reschedule(&mut self, generation: u64, settings: &SoundSettings) {
        self.generation = generation;
        self.timeline = Timeline::new(&self.score, settings.beats_per_minute);
    }
}

/// Why the chosen SoundFont does not play, once there is something to tell.
pub(super) type FontTrouble = Arc<Mutex<Option<String>>>;

type StateAndWake = (SharedState, Arc<dyn Fn() + Send + Sync>);

pub(super) struct PlayerThread {
    soundfont: PathBuf,
    /// Ships with the program; plays where the other fails.
    built_in_font: PathBuf,
    font_trouble: FontTrouble,
    open_output: Arc<Mutex<OpenOutput>>,
    patience: Patience,
    state: StateAndWake,
    playhead: Arc<Playhead>,
    sender: Sender<PlayerCommand>,
    commands: Receiver<PlayerCommand>,
    pending: VecDeque<PlayerCommand>,
    piece: Option<Piece>,
    /// Lined up to follow it, oldest first; one before the newest may have begun already.
    lined_up: VecDeque<Piece>,
    settings: SoundSettings,
    loop_range: LoopRange,
    session: Option<Session>,
    /// Of the newest opening.
    session_number: u64,
    opening: Option<Opening>,
    /// The device before, as long as it may be closing.
    closing: Option<Receiver<()>>,
    /// There was one: it is missed.
    had_device: bool,
    attempts: Attempts,
    /// Bars to count in once the device is open.
    wanted_count_in: u32,
    /// A note to strike then.
    wanted_preview: Option<(u8, u8)>,
}

/// Commands that may wait for the callback. More than a person can give while it sleeps.
const SOURCE_QUEUE: usize = 64;
/// A callback that takes no command for this long belongs to a device that hangs.
const CALLBACK_PATIENCE: Duration = Duration::from_secs(1);
/// With nothing to look at, the loop only waits for commands.
const LONGEST_WAIT: Duration = Duration::from_mins(1);
/// The rate of positions that are published while there is no device.
const SILENT_RATE: u32 = 48_000;
/// More than are lined up while the callback sleeps.
const KEPT_PIECES: usize = 32;

impl PlayerThread {
    pub(super) fn new(
        soundfont: PathBuf,
        font_trouble: FontTrouble,
        (open_output, patience): (OpenOutput, Patience),
        state: StateAndWake,
        playhead: Arc<Playhead>,
        (sender, commands): (Sender<PlayerCommand>, Receiver<PlayerCommand>),
    ) -> Self {
        Self {
            built_in_font: soundfont.clone(),
            soundfont,
            font_trouble,
            open_output: Arc::new(Mutex::new(open_output)),
            patience,
            state,
            playhead,
            sender,
            commands,
            pending: VecDeque::new(),
            piece: None,
            lined_up: VecDeque::new(),
            settings: SoundSettings::default(),
            loop_range: LoopRange::Off,
            session: None,
            session_number: 0,
            opening: None,
            closing: None,
            had_device: false,
            attempts: Attempts::default(),
            wanted_count_in: 0,
            wanted_preview: None,
        }
    }

    pub(super) fn run(mut self) {
        loop {
            match self.next_command() {
                Ok(PlayerCommand::Quit) | Err(RecvTimeoutError::Disconnected) => break,
                Ok(command) => self.obey(command),
                Err(RecvTimeoutError::Timeout) => {}
            }
            self.look_around(Instant::now());
        }
        self.close_for_good();
    }

    fn next_command(&mut self) -> Result<PlayerCommand, RecvTimeoutError> {
        if self.pending.is_empty() {
            let wait = self.longest_wait(Instant::now());
            self.pending.push_back(self.commands.recv_timeout(wait)?);
        }
        self.pending.extend(self.commands.try_iter());
        if self.pending.iter().any(|c| matches!(c, PlayerCommand::Quit)) {
            return Ok(PlayerCommand::Quit);
        }
        // A knob that is being turned sends more changes than anybody can hear.
        while matches!(
            self.pending.make_contiguous(),
            [PlayerCommand::Change { .. }, PlayerCommand::Change { .. }, ..]
        ) {
            self.pending.pop_front();
        }
        self.pending.pop_front().ok_or(RecvTimeoutError::Timeout)
    }

    fn obey(&mut self, command: PlayerCommand) {
        match command {
            PlayerCommand::Load { score, settings, piece } => self.load(score, settings, piece),
            PlayerCommand::LineUp { score, piece } => self.line_up(score, piece),
            PlayerCommand::Change { settings, generations } => self.change(settings, &generations),
            PlayerCommand::Edit { score, piece, generation } => self.edit(score, piece, generation),
            PlayerCommand::Preview { key, velocity } => self.preview(key, velocity),
            PlayerCommand::Play { count_in_bars } => self.play(count_in_bars),
            PlayerCommand::Pause => self.tell(SourceCommand::Pause),
            PlayerCommand::Panic => self.tell(SourceCommand::Panic),
            PlayerCommand::SoundFont(font) => self.load_font(font),
            PlayerCommand::FontLoaded { session, font, synth } => {
                self.take_font(session, &font, synth);
            }
            PlayerCommand::Stop => self.stop(),
            PlayerCommand::SeekTick(tick) => self.seek(tick),
            PlayerCommand::Loop(range) => {
                self.loop_range = range;
                self.tell(SourceCommand::Loop(range));
            }
            PlayerCommand::Retry => self.retry(),
            PlayerCommand::Opened { session, opened } => self.take_opened(session, opened),
            PlayerCommand::DeviceLost { session, reason } if session == self.session_number => {
                self.lose_device(reason);
            }
            PlayerCommand::DeviceLost { .. } | PlayerCommand::Quit => {}
        }
    }
}

/// The commands.
impl PlayerThread {
    fn load(&mut self, score: Arc<Score>, settings: SoundSettings, number: PieceNumber) {
        self.settings = settings;
        self.piece = Some(Piece::new(number, score, &settings));
        self.lined_up.clear();
        if self.session.is_none() {
            self.publish_tick(0.0);
        }
        self.send_piece();
        self.send_levels();
    }

    fn line_up(&mut self, score: Arc<Score>, number: PieceNumber) {
        self.take_up_next();
        self.lined_up.push_back(Piece::new(number, score, &self.settings));
        if self.lined_up.len() > KEPT_PIECES {
            self.lined_up.pop_front();
        }
        if let Some(piece) = self.scheduled(self.lined_up.back()) {
            self.tell(SourceCommand::LineUp(piece));
        }
    }

    fn change(&mut self, settings: SoundSettings, generations: &[(PieceNumber, u64)]) {
        let tick = self.current_tick();
        self.settings = settings;
        self.send_levels();
        let mut changed = Vec::new();
        for piece in self.piece.iter_mut().chain(&mut self.lined_up) {
            let generation = generations.iter().find(|(number, _)| *number == piece.number);
            if let Some(&(number, generation)) = generation {
                piece.reschedule(generation, &settings);
                changed.push(number);
            }
        }
        if self.session.is_none() && !changed.is_empty() {
            self.publish_tick(tick);
        }
        for number in changed {
            let mut pieces = self.piece.iter().chain(&self.lined_up);
            let piece = pieces.find(|piece| piece.number == number);
            if let Some(piece) = self.scheduled(piece) {
                self.tell(SourceCommand::Update(piece));
            }
        }
    }

    /// The callback may have gone on to the piece that was lined up.
    fn take_up_next(&mut self) {
        let reached = self.playhead.position().generation;
        let place = self.lined_up.iter().position(|piece| piece.generation == reached);
        if let Some(place) = place {
            self.piece = self.lined_up.drain(..=place).next_back();
        }
    }

    fn edit(&mut self, score: Arc<Score>, number: PieceNumber, generation: u64) {
        let tick = self.current_tick();
        let Some(piece) = self.piece.as_mut().filter(|piece| piece.number == number) else {
            return;
        };
        piece.score = score;
        piece.reschedule(generation, &self.settings);
        if self.session.is_none() {
            self.publish_tick(tick);
        }
        if let Some(piece) = self.scheduled(self.piece.as_ref()) {
            self.tell(SourceCommand::Edit(piece));
        }
    }

    /// Opens the device if nobody has yet, but does not look again for one that is not there.
    fn preview(&mut self, key: u8, velocity: u8) {
        if self.session.is_none() {
            if self.session_number == 0 {
                self.open_first();
            }
            self.wanted_preview = self.opening.as_ref().map(|_| (key, velocity));
        }
        self.tell(SourceCommand::Preview { key, velocity });
    }

    fn play(&mut self, count_in_bars: u32) {
        if self.session.is_none() {
            self.wanted_count_in = count_in_bars;
            self.look_for_device();
            return;
        }
        let count_in = self.count_in(count_in_bars);
        self.tell(SourceCommand::Play(count_in));
    }

    fn count_in(&mut self, n_bars: u32) -> Option<Box<Sequence>> {
        let tick = self.current_tick().round() as u64;
        let rate = self.session.as_ref()?.render_rate;
        let score = &self.piece.as_ref().filter(|_| n_bars > 0)?.score;
        let clicks = count_in(score, tick, n_bars);
        Some(Box::new(Sequence::new(&clicks, &self.settings, rate)))
    }

    fn stop(&mut self) {
        self.tell(SourceCommand::Stop);
        if self.session.is_none() {
            self.publish_tick(0.0);
        }
    }

    fn seek(&mut self, tick: u64) {
        self.tell(SourceCommand::SeekTick(tick));
        if self.session.is_none() {
            self.publish_tick(tick as f64);
        }
    }
}

/// What the callback is told.
impl PlayerThread {
    fn scheduled(&self, piece: Option<&Piece>) -> Option<LinedUp> {
        let Piece { number, score, generation, .. } = piece?;
        let rate = self.session.as_ref()?.render_rate;
        let sequence = Box::new(Sequence::new(score, &self.settings, rate));
        Some(LinedUp { sequence, generation: *generation, piece: number.0 })
    }

    fn send_piece(&mut self) {
        if let Some(piece) = self.scheduled(self.piece.as_ref()) {
            self.tell(SourceCommand::Load(piece));
        }
        if let Some(piece) = self.scheduled(self.lined_up.back()) {
            self.tell(SourceCommand::LineUp(piece));
        }
    }

    fn send_levels(&mut self) {
        self.tell(SourceCommand::Volume(self.settings.volume));
        self.tell(SourceCommand::Effects(self.settings.effects));
    }

    /// Hands a command to the callback, if there is one.
    fn tell(&mut self, command: SourceCommand<FluidSynth>) {
        let Some(session) = &self.session else { return };
        session.used.try_iter().for_each(drop);
        let mut unsent = Some(command);
        let mut waited = Duration::ZERO;
        while let Some(command) = unsent.take() {
            match session.source.try_send(command) {
                Ok(()) => return,
                Err(TrySendError::Full(command)) if waited < CALLBACK_PATIENCE => {
                    let pause = Duration::from_millis(10);
                    std::thread::sleep(pause);
                    waited += pause;
                    unsent = Some(command);
                }
                Err(_) => {}
            }
        }
        self.lose_device("it does not take sound any more".to_owned());
    }

    fn current_tick(&mut self) -> f64 {
        self.take_up_next();
        let position = self.playhead.position();
        match &self.piece {
            Some(piece) if position.generation >= piece.number.0 => position.tick,
            _ => 0.0,
        }
    }

    /// Publishes a position while there is no callback to do it.
    fn publish_tick(&self, tick: f64) {
        let Some(piece) = &self.piece else { return };
        let tick = tick.min(piece.timeline.length_ticks() as f64);
        let seconds = piece.timeline.seconds_at_fraction(tick);
        self.playhead.publish(Position {
            generation: piece.generation,
            frame: (seconds * f64::from(SILENT_RATE)).round() as u64,
            tick,
            sample_rate: SILENT_RATE,
            ..Position::default()
        });
        self.wake();
    }

    fn set_state(&self, state: PlayerState) {
        set_state(&self.state.0, state);
        self.wake();
    }

    fn wake(&self) {
        (self.state.1)();
    }
}
