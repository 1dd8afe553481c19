//! The engine thread: obeys commands, trains in between.

mod beginning;
mod course;
mod training;
mod wishes;

use std::any::Any;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, TryRecvError};
use std::time::{Duration, Instant};

use crate::project::Model;
use crate::rbm::{device_report, set_thread_count};

use super::audition::Audition;
use super::handle::{EngineOptions, Wake};
use super::jobs::Jobs;
use super::pictures::{PictureMaker, Slot};
use super::run::CurrentRun;
use super::{EngineCommand, EngineEvent, ModelSnapshot, Progress, StepSize, Wanted};

/// Progress is published this often at most.
const PROGRESS_EVERY: Duration = Duration::from_millis(50);

pub(super) struct Worker {
    options: EngineOptions,
    inbox: Receiver<EngineCommand>,
    outbox: Sender<EngineEvent>,
    progress: Arc<Slot<Progress>>,
    pictures: PictureMaker,
    jobs: Arc<Jobs>,
    wake: Wake,
    state: State,
    /// While there is no run: the model of one that failed, as it last stood well, or one with
    /// which no run could begin. It is saved and heard all the same.
    fallback: Option<Model>,
    audition: Audition,
    /// What a person forgot last, as they may want it back: a run, or else the model of one.
    aside: Option<(Option<Box<CurrentRun>>, Option<Model>)>,
    steps: u64,
    last_progress: Instant,
    memory_seen: Option<Instant>,
}

enum State {
    Idle,
    Running {
        run: Box<CurrentRun>,
        until: Until,
    },
    /// Paused, stopped or complete: the model can be heard and saved.
    Resting(Box<CurrentRun>),
}

/// When a running run rests by itself.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Until {
    Complete,
    EpochEnd,
    BatchEnd,
}

impl Worker {
    pub(super) fn new(
        options: EngineOptions,
        (inbox, outbox): (Receiver<EngineCommand>, Sender<EngineEvent>),
        (progress, snapshot): (Arc<Slot<Progress>>, Arc<Slot<ModelSnapshot>>),
        jobs: Arc<Jobs>,
        wake: Wake,
    ) -> Self {
        Self {
            options,
            inbox,
            outbox,
            progress,
            pictures: PictureMaker::new(snapshot),
            jobs,
            wake,
            state: State::Idle,
            fallback: None,
            audition: Audition::default(),
            aside: None,
            steps: 0,
            last_progress: Instant::now(),
            memory_seen: None,
        }
    }

    pub(super) fn run(mut self) {
        set_thread_count(self.options.threads);
        loop {
            let command = if matches!(self.state, State::Running { .. }) {
                match self.inbox.try_recv() {
                    Ok(command) => Some(command),
                    Err(TryRecvError::Empty) => None,
                    Err(TryRecvError::Disconnected) => return,
                }
            } else {
                match self.inbox.recv() {
                    Ok(command) => Some(command),
                    Err(_closed) => return,
                }
            };
            match command {
                Some(EngineCommand::Shutdown) => return,
                Some(command) => self.obey(command),
                None => self.step(),
            }
        }
    }

    fn obey(&mut self, command: EngineCommand) {
        match command {
            EngineCommand::ProbeDevice => self.report(EngineEvent::DeviceProbed(device_report())),
            EngineCommand::Import(request) => self.jobs.import(request),
            EngineCommand::Encode { songs, settings } => self.jobs.encode(songs, settings),
            EngineCommand::CancelImport => self.jobs.cancel_import(),
            EngineCommand::Train(request) => self.train(*request),
            EngineCommand::Plant(fault) => self.options.fault = Some(fault),
            EngineCommand::Pause => self.pause(),
            EngineCommand::Resume => self.resume(Until::Complete),
            EngineCommand::Step(StepSize::Epoch) => self.resume(Until::EpochEnd),
            EngineCommand::Step(StepSize::Batch) => self.resume(Until::BatchEnd),
            EngineCommand::Stop => self.stop(),
            EngineCommand::Reset => self.reset(),
            EngineCommand::KeepModel(run) => self.keep_model(run),
            EngineCommand::RenameRun(name) => self.rename(name),
            EngineCommand::PutAside => self.put_aside(),
            EngineCommand::BringBack => self.bring_back(),
            EngineCommand::Change { key, value } => self.change(key, &value),
            EngineCommand::GoOn(request) => self.go_on(*request),
            EngineCommand::Adopt(request) => self.adopt(*request),
            EngineCommand::Generate(request) => self.generate(*request),
            EngineCommand::CancelGenerate => self.jobs.cancel_generate(),
            EngineCommand::WatchChain(piece) => self.jobs.live.watch(piece),
            EngineCommand::PauseChain(is_paused) => self.jobs.live.pause(is_paused),
            EngineCommand::StepChain(step) => self.jobs.live.step(step),
            EngineCommand::TakeChain => self.jobs.live.take(),
            EngineCommand::Audition(request) => self.audition(request.map(|request| *request)),
            EngineCommand::EstimateLikelihood(settings) => self.estimate(settings),
            EngineCommand::CancelEstimate => self.jobs.estimates.cancel(),
            EngineCommand::FindNearest(request) => self.jobs.find_nearest(*request),
            EngineCommand::CancelNearest => self.jobs.searches.cancel(),
            EngineCommand::Save { path, project, lock_as } => self.save(path, project, lock_as),
            EngineCommand::Autosave(request) => self.autosave(*request),
            EngineCommand::Load { path, lock } => self.jobs.load(path, lock),
            EngineCommand::ReadRuns(paths) => self.jobs.read_runs(paths),
            EngineCommand::Watch(wanted) => self.watch(wanted),
            EngineCommand::Shutdown => {}
        }
    }

    /// Pictures and measures of a run that is over must not be taken for those of the next.
    fn drop_pictures(&mut self) {
        self.jobs.estimates.end_begun();
        self.progress.empty();
        self.pictures.forget();
    }

    fn watch(&mut self, wanted: Wanted) {
        self.pictures.want(wanted);
        self.publish_pictures(true);
    }

    fn publish_pictures(&mut self, is_forced: bool) {
        let is_resting = matches!(self.state, State::Resting(_));
        let (State::Running { run, .. } | State::Resting(run)) = &self.state else { return };
        let mut is_new = false;
        if is_forced || self.last_progress.elapsed() >= PROGRESS_EVERY {
            self.last_progress = Instant::now();
            self.progress.put(run.progress());
            is_new = true;
        }
        if is_forced || self.pictures.is_due() {
            is_new |= self.pictures.make(run, is_resting);
        }
        if is_new {
            (self.wake)();
        }
    }

    fn report(&self, event: EngineEvent) {
        // Nobody listens any more when the program ends.
        drop(self.outbox.send(event));
        (self.wake)();
    }
}

/// What a panic said, for a person.
pub(super) fn panic_words(panic: &(dyn Any + Send)) -> String {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("unknown");
    let first_line = text.lines().next().unwrap_or_default();
    format!("an internal error ended the work ({first_line}); the project is untouched")
}
