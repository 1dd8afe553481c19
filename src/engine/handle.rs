//! The engine as its owner holds it.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{Builder, JoinHandle};

use crate::rbm::RbmError;
use crate::train::TrainError;

use super::jobs::Jobs;
use super::pictures::Slot;
use super::worker::Worker;
use super::{ChainPicture, EngineCommand, EngineEvent, ModelSnapshot, Progress};

/// Called after anything new, from any thread; it must not block.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// What the engine cannot know by itself.
#[derive(Clone, Copy, Debug)]
pub struct EngineOptions {
    /// Processor threads for the model.
    pub threads: usize,
    /// Bytes of memory that are free now, where somebody knows.
    pub free_memory: fn() -> Option<u64>,
    /// For tests: something that goes wrong on purpose.
    pub fault: Option<Fault>,
}

impl Default for EngineOptions {
    fn default() -> Self {
        Self { threads: 1, free_memory: || None, fault: None }
    }
}

/// A failure that a test plants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The engine panics instead of doing this step, counted from 1.
    PanicAtStep(u64),
    /// libtorch finds no memory for this step.
    NoMemoryAtStep(u64),
    /// The CUDA driver gives up at this step.
    CudaGoneAtStep(u64),
}

impl Fault {
    /// Fails at its step, in the words of libtorch.
    pub(super) fn strike(self, step: u64) -> Result<(), TrainError> {
        let words = match self {
            Self::PanicAtStep(at) => {
                assert!(at != step, "a failure planted by a test");
                return Ok(());
            }
            Self::NoMemoryAtStep(at) if at == step => {
                "DefaultCPUAllocator: can't allocate memory: you tried to allocate 400 bytes."
            }
            Self::CudaGoneAtStep(at) if at == step => "CUDA error: unspecified launch failure",
            Self::NoMemoryAtStep(_) | Self::CudaGoneAtStep(_) => return Ok(()),
        };
        Err(RbmError::Libtorch(words.to_owned()).into())
    }
}

/// "panic@STEP", "memory@STEP" or "cuda@STEP".
impl std::str::FromStr for Fault {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parsed = text.split_once('@').and_then(|(kind, step)| {
            let step = step.parse().ok()?;
            match kind {
                "panic" => Some(Self::PanicAtStep(step)),
                "memory" => Some(Self::NoMemoryAtStep(step)),
                "cuda" => Some(Self::CudaGoneAtStep(step)),
                _ => None,
            }
        });
        parsed.ok_or_else(|| "write panic@STEP, memory@STEP or cuda@STEP".to_owned())
    }
}

/// Sends commands to the engine thread and receives its events. Dropping it ends the thread: a
/// batch is finished, a save is finished, everything else is given up.
#[derive(Debug)]
pub struct EngineHandle {
    commands: Sender<EngineCommand>,
    events: Option<Receiver<EngineEvent>>,
    progress: Arc<Slot<Progress>>,
    snapshot: Arc<Slot<ModelSnapshot>>,
    jobs: Arc<Jobs>,
    thread: Option<JoinHandle<()>>,
}

impl EngineHandle {
    /// Starts the engine thread.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(options: EngineOptions, wake: Wake) -> std::io::Result<Self> {
        let (commands, inbox) = channel();
        let (outbox, events) = channel();
        let (progress, snapshot) = (Slot::new(), Slot::new());
        let jobs = Arc::new(Jobs::new(outbox.clone(), Arc::clone(&wake)));
        let worker = Worker::new(
            options,
            (inbox, outbox),
            (Arc::clone(&progress), Arc::clone(&snapshot)),
            Arc::clone(&jobs),
            wake,
        );
        let thread = Builder::new().name("engine".to_owned()).spawn(move || worker.run())?;
        Ok(Self { commands, events: Some(events), progress, snapshot, jobs, thread: Some(thread) })
    }

    /// Sends a command. Cancelling and what is wanted of running chains take effect at
    /// once, everything else in turn.
    pub fn send(&self, command: EngineCommand) {
        match &command {
            EngineCommand::CancelImport => return self.jobs.cancel_import(),
            EngineCommand::CancelGenerate => return self.jobs.cancel_generate(),
            EngineCommand::WatchChain(piece) => return self.jobs.live.watch(*piece),
            EngineCommand::PauseChain(is_paused) => return self.jobs.live.pause(*is_paused),
            EngineCommand::StepChain(step) => return self.jobs.live.step(*step),
            EngineCommand::TakeChain => return self.jobs.live.take(),
            EngineCommand::CancelEstimate => return self.jobs.estimates.cancel(),
            EngineCommand::CancelNearest => return self.jobs.searches.cancel(),
            EngineCommand::EstimateLikelihood(_) => self.jobs.estimates.expect_one(),
            EngineCommand::FindNearest(_) => self.jobs.searches.expect_one(),
            EngineCommand::Import(_) => self.jobs.imports.expect_one(),
            EngineCommand::Generate(_) => self.jobs.generations.expect_one(),
            _ => {}
        }
        // A closed channel means that the thread is gone; its last event said why.
        drop(self.commands.send(command));
    }

    /// The oldest event not yet seen.
    pub fn try_event(&self) -> Option<EngineEvent> {
        self.events.as_ref()?.try_recv().ok()
    }

    /// Waits for the next event.
    pub fn wait_event(&self, limit: std::time::Duration) -> Option<EngineEvent> {
        self.events.as_ref()?.recv_timeout(limit).ok()
    }

    /// The newest progress, once.
    pub fn take_progress(&self) -> Option<Progress> {
        self.progress.take()
    }

    /// The newest picture of the watched chain, once.
    pub fn take_chain(&self) -> Option<ChainPicture> {
        self.jobs.chain_pictures.take()
    }

    /// The newest picture of the model, once.
    pub fn take_snapshot(&self) -> Option<ModelSnapshot> {
        self.snapshot.take()
    }
}

impl Drop for EngineHandle {
    fn drop(&mut self) {
        self.jobs.cancel_import();
        self.jobs.cancel_generate();
        self.jobs.estimates.cancel();
        self.jobs.searches.cancel();
        drop(self.commands.send(EngineCommand::Shutdown));
        self.events = None;
        if let Some(thread) = self.thread.take() {
            // A panic of the thread was reported as an event already.
            drop(thread.join());
        }
        self.jobs.finish();
    }
}
