//! The chains of a generation as they run: watched, held up, taken back, taken as they are.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::generate::{ChainView, GenerateError, Observer, Wish};
use crate::music::PianoRoll;

use super::dream::record;
use super::jobs::{Reporter, Turn};
use super::pictures::Slot;
use super::{EngineEvent, GenerateRequest};

/// Between two pictures while the chains run.
const PICTURE_EVERY: Duration = Duration::from_millis(40);
/// How long a chain that is held up sleeps before it looks whether it was cancelled.
const CANCEL_EVERY: Duration = Duration::from_millis(50);

/// A piece as the chains have it now.
#[derive(Clone, Debug, PartialEq)]
pub struct ChainPicture {
    /// Another for every picture.
    pub number: u64,
    /// Its place among those that are made, and its seed.
    pub piece: usize,
    pub seed: u64,
    pub n_pieces: usize,
    /// What is made so far, with the state of the chain where it is.
    pub roll: Arc<PianoRoll>,
    /// Steps of the roll that the chain is over.
    pub excerpt: Range<usize>,
    /// Gibbs steps done in this excerpt, of so many.
    pub gibbs_step: u32,
    pub gibbs_steps: u32,
    /// Of the whole work, 0 to 1.
    pub share: f64,
    /// Of the excerpt, in nats.
    pub free_energy: f32,
    pub is_paused: bool,
    /// By how many Gibbs steps the chains can go back.
    pub n_kept: usize,
}

/// One Gibbs step of chains that are held up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChainStep {
    Forward,
    /// To the state before, from which the chains then take another way.
    Back,
}

/// What a window wants of the chains; shared with the thread that runs them.
#[derive(Debug, Default)]
pub(super) struct LiveControl {
    wanted: Mutex<LiveWanted>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct LiveWanted {
    watched: Option<usize>,
    is_paused: bool,
    steps: VecDeque<ChainStep>,
    takes: usize,
    /// Something changed that a picture is to show.
    is_new: bool,
}

impl LiveControl {
    fn wanted(&self) -> MutexGuard<'_, LiveWanted> {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut LiveWanted)) {
        let mut wanted = self.wanted();
        change(&mut wanted);
        wanted.is_new = true;
        drop(wanted);
        self.changed.notify_all();
    }

    pub(super) fn watch(&self, piece: Option<usize>) {
        self.change(|wanted| wanted.watched = piece);
    }

    pub(super) fn pause(&self, is_paused: bool) {
        self.change(|wanted| {
            wanted.is_paused = is_paused;
            wanted.steps.clear();
        });
    }

    /// Holds the chains up and moves them.
    pub(super) fn step(&self, step: ChainStep) {
        self.change(|wanted| {
            wanted.is_paused = true;
            wanted.steps.push_back(step);
        });
    }

    pub(super) fn take(&self) {
        self.change(|wanted| wanted.takes += 1);
    }

    /// Another generation begins: what was wanted of the one before is over.
    fn begin(&self) {
        self.change(|wanted| {
            *wanted = LiveWanted { watched: wanted.watched, ..LiveWanted::default() };
        });
    }

    pub(super) fn wake(&self) {
        self.changed.notify_all();
    }
}

/// Reports how far a generation is and obeys the control.
pub(super) struct LiveObserver<'a> {
    control: Arc<LiveControl>,
    pictures: Arc<Slot<ChainPicture>>,
    reporter: Reporter,
    turn: &'a Turn,
    request: &'a GenerateRequest,
    reported: f64,
    last_picture: Option<Instant>,
    n_pictures: u64,
}

impl<'a> LiveObserver<'a> {
    pub(super) fn new(
        control: Arc<LiveControl>,
        pictures: Arc<Slot<ChainPicture>>,
        reporter: Reporter,
        (turn, request): (&'a Turn, &'a GenerateRequest),
    ) -> Self {
        control.begin();
        pictures.empty();
        let (reported, last_picture, n_pictures) = (0.0, None, 0);
        Self { control, pictures, reporter, turn, request, reported, last_picture, n_pictures }
    }

    /// Reports the watched piece, or the first, as it is now.
    fn take(&self, view: &ChainView<'_>, piece: usize) -> Result<(), GenerateError> {
        if let Some(roll) = view.roll(piece)? {
            let taken = record(self.request, roll, view.seed(piece));
            self.reporter.report(EngineEvent::ChainTaken(Box::new(taken)));
        }
        Ok(())
    }

    fn show(
        &mut self,
        view: &ChainView<'_>,
        piece: usize,
        is_paused: bool,
    ) -> Result<(), GenerateError> {
        self.last_picture = Some(Instant::now());
        let (Some(roll), Some(free_energy)) = (view.roll(piece)?, view.free_energy(piece)?) else {
            return Ok(());
        };
        self.n_pictures += 1;
        self.pictures.put(ChainPicture {
            number: self.n_pictures,
            piece,
            seed: view.seed(piece),
            n_pieces: view.n_pieces(),
            roll: Arc::new(roll),
            excerpt: view.excerpt.clone(),
            gibbs_step: view.gibbs_step,
            gibbs_steps: view.gibbs_steps,
            share: view.share,
            free_energy,
            is_paused,
            n_kept: view.n_kept,
        });
        self.reporter.wake();
        Ok(())
    }

    /// One look at what is wanted; `None` while the chains are held up.
    fn obey(&mut self, view: &ChainView<'_>) -> Result<Option<Wish>, GenerateError> {
        let mut wanted = self.control.wanted();
        let takes = std::mem::take(&mut wanted.takes);
        let is_new = std::mem::take(&mut wanted.is_new);
        let (watched, is_paused) = (wanted.watched, wanted.is_paused);
        let step = wanted.steps.pop_front();
        drop(wanted);
        for _ in 0..takes {
            self.take(view, watched.unwrap_or(0))?;
        }
        let is_due = self.last_picture.is_none_or(|last| last.elapsed() >= PICTURE_EVERY);
        if let Some(piece) = watched.filter(|_| is_new || is_due || is_paused) {
            self.show(view, piece, is_paused)?;
        }
        Ok(match (is_paused, step) {
            (false, _) | (true, Some(ChainStep::Forward)) => Some(Wish::GoOn),
            (true, Some(ChainStep::Back)) => Some(Wish::Back),
            (true, None) => None,
        })
    }

    /// Sleeps until something else is wanted.
    fn sleep(&self) {
        let wanted = self.control.wanted();
        if !wanted.is_new {
            drop(self.control.changed.wait_timeout(wanted, CANCEL_EVERY));
        }
    }
}

impl Observer for LiveObserver<'_> {
    fn after_step(&mut self, view: &ChainView<'_>) -> Wish {
        if view.share - self.reported >= 0.01 {
            self.reported = view.share;
            self.reporter.report(EngineEvent::GenerateProgressed { share: view.share });
        }
        loop {
            if self.turn.is_cancelled() {
                return Wish::Stop;
            }
            match self.obey(view) {
                Ok(Some(wish)) => return wish,
                Ok(None) => self.sleep(),
                Err(error) => {
                    log::warn!("the chains cannot be shown: {error}");
                    return Wish::GoOn;
                }
            }
        }
    }

    fn keeps_states(&self) -> bool {
        self.control.wanted().watched.is_some()
    }
}
