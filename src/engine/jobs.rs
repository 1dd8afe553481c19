//! Work on copies, each piece in a thread of its own: importing, generating, saving, loading.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};

use rayon::prelude::*;

use crate::dataset::{self, EncodingSettings, ImportObserver, Song};
use crate::generate::{GenerateError, KeptDensities};

use super::dream::{VoiceSource, dream_observed};
use super::handle::Wake;
use super::live::{LiveControl, LiveObserver};
use super::pictures::Slot;
use super::worker::panic_words;
use super::{ChainPicture, EngineEvent, GenerateRequest, ImportRequest};

/// The jobs under way, and how they are told to stop.
#[derive(Debug)]
pub(super) struct Jobs {
    pub(super) reporter: Reporter,
    pub imports: Arc<Turns>,
    pub generations: Arc<Turns>,
    /// Of the log-likelihood.
    pub estimates: Arc<Turns>,
    /// For the nearest song.
    pub searches: Arc<Turns>,
    /// What is wanted of the chains of a generation, and the newest look at them.
    pub live: Arc<LiveControl>,
    pub chain_pictures: Arc<Slot<ChainPicture>>,
    densities: Arc<KeptDensities>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    /// Saves happen one after the other.
    pub saving: Arc<Mutex<()>>,
    pub autosaving: Arc<Mutex<()>>,
}

/// Where jobs report to.
#[derive(Clone)]
pub(super) struct Reporter {
    events: Sender<EngineEvent>,
    wake: Wake,
}

impl std::fmt::Debug for Reporter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Reporter")
    }
}

impl Reporter {
    pub(super) fn report(&self, event: EngineEvent) {
        // Nobody listens any more when the program ends.
        drop(self.events.send(event));
        self.wake();
    }

    /// Something new lies in a slot.
    pub(super) fn wake(&self) {
        (self.wake)();
    }
}

impl Jobs {
    pub(super) fn new(events: Sender<EngineEvent>, wake: Wake) -> Self {
        Self {
            reporter: Reporter { events, wake },
            imports: Arc::default(),
            generations: Arc::default(),
            estimates: Arc::default(),
            searches: Arc::default(),
            live: Arc::default(),
            chain_pictures: Slot::new(),
            densities: Arc::default(),
            threads: Mutex::default(),
            saving: Arc::default(),
            autosaving: Arc::default(),
        }
    }

    pub(super) fn cancel_import(&self) {
        self.imports.cancel();
    }

    pub(super) fn cancel_generate(&self) {
        self.generations.cancel();
        self.live.wake();
    }

    /// Waits for what is still under way.
    pub(super) fn finish(&self) {
        let threads = std::mem::take(&mut *lock(&self.threads));
        for thread in threads {
            drop(thread.join());
        }
    }

    pub(super) fn import(&self, request: ImportRequest) {
        let turn = Turns::begin(&self.imports);
        let reporter = self.reporter.clone();
        self.spawn("import", move || {
            let watch = Watch { turn, reporter: reporter.clone(), reported: AtomicUsize::new(0) };
            let import = dataset::import(&request.paths, &request.settings, &watch);
            reporter.report(EngineEvent::Imported(Box::new(import)));
        });
    }

    pub(super) fn encode(&self, mut songs: Vec<Song>, settings: EncodingSettings) {
        let reporter = self.reporter.clone();
        self.spawn("encode", move || {
            let encode = |song: &mut Song| song.encode(&settings).err().map(|e| e.to_string());
            let problems = songs.par_iter_mut().filter_map(encode).collect();
            reporter.report(EngineEvent::Encoded { songs, problems });
        });
    }

    pub(super) fn generate(&self, mut source: VoiceSource, request: GenerateRequest) {
        let turn = Turns::begin(&self.generations);
        source.densities = Arc::clone(&self.densities);
        let reporter = self.reporter.clone();
        let (live, pictures) = (Arc::clone(&self.live), Arc::clone(&self.chain_pictures));
        self.spawn("generate", move || {
            let about = (&turn, &request);
            let mut observer = LiveObserver::new(live, pictures, reporter.clone(), about);
            let attempt = AssertUnwindSafe(|| dream_observed(&source, &request, &mut observer));
            let event = match catch_unwind(attempt) {
                Ok(Ok(pieces)) => EngineEvent::Generated(pieces),
                Ok(Err(GenerateError::Cancelled)) => EngineEvent::GenerateCancelled,
                Ok(Err(error)) => EngineEvent::GenerateFailed(error.to_string()),
                Err(panic) => EngineEvent::GenerateFailed(panic_words(&*panic)),
            };
            reporter.report(event);
        });
    }

    pub(super) fn spawn(&self, name: &str, work: impl FnOnce() + Send + 'static) {
        let mut threads = lock(&self.threads);
        threads.retain(|thread| !thread.is_finished());
        match Builder::new().name(name.to_owned()).spawn(work) {
            Ok(thread) => threads.push(thread),
            Err(error) => log::error!("the system gives no thread for \"{name}\": {error}"),
        }
    }
}

/// Jobs of one kind, numbered in the order in which they were asked for. Cancelling ends all that
/// were asked for until then, also those that a busy engine has not begun, and none after.
#[derive(Debug, Default)]
pub(super) struct Turns {
    expected: AtomicU64,
    begun: AtomicU64,
    /// Jobs up to this number are to end.
    cancelled: AtomicU64,
}

/// One job's number.
pub(super) struct Turn {
    number: u64,
    turns: Arc<Turns>,
}

impl Turns {
    /// A job was asked for.
    pub(super) fn expect_one(&self) {
        self.expected.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn cancel(&self) {
        self.cancelled.fetch_max(self.expected.load(Ordering::Relaxed), Ordering::Relaxed);
    }

    /// Ends what has begun, and nothing that was asked for since.
    pub(super) fn end_begun(&self) {
        self.cancelled.fetch_max(self.begun.load(Ordering::Relaxed), Ordering::Relaxed);
    }

    /// A job begins, and with it the one before ends.
    pub(super) fn begin(turns: &Arc<Self>) -> Turn {
        let before = turns.begun.fetch_add(1, Ordering::Relaxed);
        turns.cancelled.fetch_max(before, Ordering::Relaxed);
        Turn { number: before + 1, turns: Arc::clone(turns) }
    }
}

impl Turn {
    pub(super) fn is_cancelled(&self) -> bool {
        self.turns.cancelled.load(Ordering::Relaxed) >= self.number
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Reports an import's progress a hundred times at most.
struct Watch {
    turn: Turn,
    reporter: Reporter,
    reported: AtomicUsize,
}

impl ImportObserver for Watch {
    fn progress(&self, done: usize, total: usize, _path: &Path) {
        let percent = done * 100 / total.max(1);
        if self.reported.fetch_max(percent, Ordering::Relaxed) < percent {
            self.reporter.report(EngineEvent::ImportProgressed { done, total });
        }
    }

    fn is_cancelled(&self) -> bool {
        self.turn.is_cancelled()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cancelling_ends_what_was_asked_for_and_nothing_after() {
        let turns = Arc::new(Turns::default());
        turns.expect_one();
        turns.cancel();
        turns.expect_one();
        let first = Turns::begin(&turns);
        assert!(first.is_cancelled(), "it had not begun when it was cancelled");
        let second = Turns::begin(&turns);
        assert!(!second.is_cancelled());
        turns.expect_one();
        let third = Turns::begin(&turns);
        assert!(second.is_cancelled() && !third.is_cancelled(), "a new job ends the one before");
        turns.expect_one();
        turns.end_begun();
        assert!(third.is_cancelled());
        let fourth = Turns::begin(&turns);
        assert!(!fourth.is_cancelled(), "it was only asked for");
        turns.cancel();
        assert!(fourth.is_cancelled());
    }
}
