//! The engine thread: obeys commands, trains in between.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, TryRecvError};
use std::time::{Duration, Instant};

use crate::project::{Model, Project};
use crate::rbm::{
    AnnealingSettings, Device, DeviceChoice, DeviceFailure, device_report, set_thread_count,
};
use crate::train::{TrainError, check_free_memory};

use super::audition::Audition;
use super::dream::VoiceSource;
use super::event::Divergence;
use super::handle::{EngineOptions, Wake};
use super::jobs::Jobs;
use super::pictures::{PictureMaker, Slot};
use super::run::CurrentRun;
use super::way_on::{failure_words, with_batch_size};
use super::{
    AdoptRequest, AuditionRequest, AutosaveRequest, EngineCommand, EngineEvent, GenerateRequest,
    GoOnRequest, ModelSnapshot, Progress, RunEnd, StepSize, TrainRequest, Wanted, WayOn, ways_on,
};

/// Progress is published this often at most.
const PROGRESS_EVERY: Duration = Duration::from_millis(50);
/// The free memory is asked for this often at most.
const MEMORY_LOOK_EVERY: Duration = Duration::from_secs(1);

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

    fn train(&mut self, request: TrainRequest) {
        self.aside = None;
        self.put_run_away();
        let starts_paused = request.starts_paused;
        let free_bytes = (self.options.free_memory)();
        let (device, batch_size) = (request.device, request.settings.batch_size);
        match catch_unwind(AssertUnwindSafe(|| CurrentRun::start(request, free_bytes))) {
            Ok(Ok(run)) => self.take_up(run, starts_paused),
            Ok(Err(error)) => self.refuse_start(&error, device, batch_size),
            Err(panic) => self.report_failure(panic_words(&*panic), Vec::new()),
        }
    }

    fn adopt(&mut self, request: AdoptRequest) {
        self.aside = None;
        self.state = State::Idle;
        self.fallback = Some(request.model.clone());
        match catch_unwind(AssertUnwindSafe(|| CurrentRun::adopt(request))) {
            Ok(Ok(run)) => self.take_up(run, true),
            Ok(Err(error)) => self.report_failure(error.to_string(), Vec::new()),
            Err(panic) => self.report_failure(panic_words(&*panic), Vec::new()),
        }
    }

    /// After a failure of the machine.
    fn go_on(&mut self, request: GoOnRequest) {
        let Some(model) = self.fallback.clone().filter(|_| matches!(self.state, State::Idle))
        else {
            return;
        };
        let GoOnRequest { songs, held_out_songs, device, way } = request;
        let (model, change) = match way {
            WayOn::SmallerBatch(size) => {
                let (model, change) = with_batch_size(model, size);
                (model, Some(change))
            }
            WayOn::Processor => (model, None),
        };
        let batch_size = model.run.settings.batch_size;
        let request = AdoptRequest { songs, held_out_songs, model, device };
        match catch_unwind(AssertUnwindSafe(|| CurrentRun::adopt(request))) {
            Ok(Ok(run)) => {
                self.take_up(run, false);
                if let Some(change) = change {
                    self.report(EngineEvent::SettingChanged(change));
                }
            }
            Ok(Err(error)) => self.refuse_start(&error, device, batch_size),
            Err(panic) => self.report_failure(panic_words(&*panic), Vec::new()),
        }
    }

    fn take_up(&mut self, run: CurrentRun, is_paused: bool) {
        self.fallback = None;
        self.begin(&run, is_paused);
        let run = Box::new(run);
        self.state = if is_paused {
            State::Resting(run)
        } else {
            State::Running { run, until: Until::Complete }
        };
        self.publish_pictures(true);
    }

    /// No run began; that may be the machine's fault.
    fn refuse_start(&self, error: &TrainError, choice: DeviceChoice, batch_size: usize) {
        let Some(failure) = error.device_failure() else {
            return self.report_failure(error.to_string(), Vec::new());
        };
        let device = choice.resolve().unwrap_or(Device::Cpu);
        let words = failure_words(failure, device, &error.to_string());
        self.report_failure(words, ways_on(failure, device, batch_size));
    }

    /// Makes room for another run; should that not begin, the model of this one is still there.
    fn put_run_away(&mut self) {
        match std::mem::replace(&mut self.state, State::Idle) {
            State::Running { run, .. } | State::Resting(run) => self.fallback = run.model().ok(),
            State::Idle => {}
        }
    }

    fn begin(&mut self, run: &CurrentRun, is_paused: bool) {
        self.drop_pictures();
        let facts = run.facts(self.options.threads, is_paused);
        self.progress.put(run.progress());
        self.report(EngineEvent::RunStarted(Box::new(facts)));
    }

    fn pause(&mut self) {
        if let State::Running { .. } = self.state {
            self.rest();
            self.report(EngineEvent::RunPaused);
        }
    }

    fn resume(&mut self, until: Until) {
        match std::mem::replace(&mut self.state, State::Idle) {
            State::Resting(run) if !run.is_finished() => {
                self.state = State::Running { run, until };
                self.report(EngineEvent::RunResumed);
            }
            State::Running { run, .. } => self.state = State::Running { run, until },
            // The total was turned down below what is done: there is nothing to go on with.
            State::Resting(run) => {
                self.state = State::Resting(run);
                self.report_end();
            }
            State::Idle => {}
        }
    }

    fn stop(&mut self) {
        let (State::Running { run, .. } | State::Resting(run)) = &mut self.state else { return };
        if let Err(error) = run.timed.conclude() {
            return self.fail(error.to_string(), error.device_failure());
        }
        let kept = run.timed.trainer().epoch_in_use();
        self.rest();
        self.report(EngineEvent::RunEnded(RunEnd::Stopped { kept }));
    }

    fn reset(&mut self) {
        self.put_aside();
        self.aside = None;
    }

    fn put_aside(&mut self) {
        self.drop_pictures();
        let run = match std::mem::replace(&mut self.state, State::Idle) {
            State::Running { run, .. } | State::Resting(run) => Some(run),
            State::Idle => None,
        };
        self.aside = Some((run, self.fallback.take()));
        self.report(EngineEvent::RunReset);
    }

    /// The model as it stands, else as it last stood well.
    fn model(&self) -> Result<Option<Model>, TrainError> {
        match &self.state {
            State::Idle => Ok(self.fallback.clone()),
            State::Running { run, .. } | State::Resting(run) => run.model().map(Some),
        }
    }

    fn keep_model(&self, run: u64) {
        match self.model() {
            Ok(Some(model)) => self.report(EngineEvent::ModelKept { run, model: Box::new(model) }),
            Ok(None) => {}
            Err(error) => log::warn!("the model of a run cannot be kept: {error}"),
        }
    }

    fn rename(&mut self, name: String) {
        match &mut self.state {
            State::Running { run, .. } | State::Resting(run) => run.timed.rename(name),
            State::Idle => {
                if let Some(model) = &mut self.fallback {
                    model.run.name = name;
                }
            }
        }
    }

    /// Only while there is no other run.
    fn bring_back(&mut self) {
        let Some((run, fallback)) = self.aside.take() else { return };
        if !matches!(self.state, State::Idle) {
            return;
        }
        self.drop_pictures();
        self.fallback = fallback;
        self.state = run.map_or(State::Idle, State::Resting);
        self.report(EngineEvent::RunBroughtBack);
        self.publish_pictures(true);
    }

    /// Pictures and measures of a run that is over must not be taken for those of the next.
    fn drop_pictures(&mut self) {
        self.jobs.estimates.end_begun();
        self.progress.empty();
        self.pictures.forget();
    }

    fn rest(&mut self) {
        self.state = match std::mem::replace(&mut self.state, State::Idle) {
            State::Running { run, .. } => State::Resting(run),
            other => other,
        };
        self.publish_pictures(true);
    }

    fn change(&mut self, key: &'static str, value: &str) {
        let (State::Running { run, .. } | State::Resting(run)) = &mut self.state else { return };
        match run.timed.change(key, value) {
            Ok(change) => self.report(EngineEvent::SettingChanged(change)),
            Err(error) => {
                self.report(EngineEvent::ChangeRefused { key, reason: error.to_string() });
            }
        }
    }

    fn generate(&mut self, request: GenerateRequest) {
        let voice = match (&self.state, &self.fallback) {
            (State::Running { run, .. } | State::Resting(run), _) => run.voice(),
            (State::Idle, Some(model)) => Ok(VoiceSource::of_model(model, None, Device::Cpu)),
            (State::Idle, None) => {
                let words = "there is no model yet; train one or open a project".to_owned();
                return self.report(EngineEvent::GenerateFailed(words));
            }
        };
        match voice {
            Ok(source) => self.jobs.generate(source, request),
            Err(error) => self.report(EngineEvent::GenerateFailed(error.to_string())),
        }
    }

    fn audition(&mut self, request: Option<AuditionRequest>) {
        self.audition.ask(request);
        self.make_audition();
    }

    /// Makes a piece for the live audition where one is due.
    fn make_audition(&mut self) {
        if !self.audition.wants_piece() {
            return;
        }
        let (State::Running { run, .. } | State::Resting(run)) = &self.state else { return };
        // Before the first epoch there is nothing to hear; a model gone astray says nothing.
        let trainer = run.timed.trainer();
        if trainer.finished_epochs() == 0 || !trainer.is_sound() {
            return;
        }
        let epoch = trainer.finished_epochs();
        match run.voice() {
            Ok(source) => self.audition.begin(&self.jobs, source, epoch),
            Err(error) => self.report(EngineEvent::AuditionFailed(error.to_string())),
        }
    }

    fn estimate(&mut self, settings: AnnealingSettings) {
        let (State::Running { run, .. } | State::Resting(run)) = &self.state else {
            let words = "there is no run to measure; train a model or open a project".to_owned();
            return self.report(EngineEvent::LikelihoodFailed(words));
        };
        if !run.timed.trainer().is_sound() {
            let words = "the weights are no finite numbers".to_owned();
            return self.report(EngineEvent::LikelihoodFailed(words));
        }
        match run.timed.trainer().likelihood_task() {
            Ok(task) => self.jobs.estimate(task, settings),
            Err(error) => self.report(EngineEvent::LikelihoodFailed(error.to_string())),
        }
    }

    fn save(&mut self, path: PathBuf, mut project: Box<Project>, lock_as: Option<String>) {
        match self.model() {
            Ok(model) => {
                project.model = model;
                self.jobs.save(path, project, lock_as);
            }
            Err(error) => {
                self.report(EngineEvent::SaveFailed { path, reason: error.to_string() });
            }
        }
    }

    fn autosave(&mut self, mut request: AutosaveRequest) {
        match self.model() {
            Ok(model) => {
                request.project.model = model;
                self.jobs.autosave(request);
            }
            Err(error) => self.report(EngineEvent::AutosaveFailed { reason: error.to_string() }),
        }
    }

    fn watch(&mut self, wanted: Wanted) {
        self.pictures.want(wanted);
        self.publish_pictures(true);
    }

    fn step(&mut self) {
        let fault = self.options.fault;
        self.steps += 1;
        let steps = self.steps;
        let free_bytes = self.look_at_memory();
        let State::Running { run, until } = &mut self.state else { return };
        let until = *until;
        self.pictures.before_step(run.timed.trainer(), until == Until::BatchEnd);
        let attempt = AssertUnwindSafe(|| {
            check_free_memory(free_bytes)?;
            fault.map_or(Ok(()), |fault| fault.strike(steps))?;
            run.timed.step()
        });
        let record = match catch_unwind(attempt) {
            Ok(Ok(record)) => record,
            Ok(Err(TrainError::Diverged { epoch, symptom, suggested_rate })) => {
                let good_epochs = 0;
                let divergence = Divergence { epoch, symptom, good_epochs, suggested_rate };
                return self.roll_back(divergence);
            }
            Ok(Err(error)) => return self.fail(error.to_string(), error.device_failure()),
            Err(panic) => {
                let words = panic_words(&*panic);
                let failure = DeviceFailure::of(&words);
                return self.fail(words, failure);
            }
        };
        self.pictures.after_step(run.timed.trainer());
        let is_finished = run.is_finished();
        let has_epoch_ended = record.is_some();
        if let Some(record) = record {
            self.report(EngineEvent::EpochFinished(record));
            self.audition.note_epoch(record.metrics.epoch);
        }
        self.make_audition();
        if is_finished {
            self.rest();
            self.report_end();
        } else if until == Until::BatchEnd || until == Until::EpochEnd && has_epoch_ended {
            self.pause();
        } else {
            self.publish_pictures(false);
        }
    }

    /// Why a run that is finished is so.
    fn report_end(&self) {
        let (State::Running { run, .. } | State::Resting(run)) = &self.state else { return };
        let trainer = run.timed.trainer();
        let kept = trainer.epoch_in_use();
        let end = match trainer.best_by_early_stop().filter(|_| trainer.has_stopped_early()) {
            Some(best) => {
                let measure = trainer.settings().early_stop_measure;
                RunEnd::StoppedEarly { measure, best, kept }
            }
            None => RunEnd::Completed { kept },
        };
        self.report(EngineEvent::RunEnded(end));
    }

    /// A run that went astray rests where it last stood well.
    fn roll_back(&mut self, mut divergence: Divergence) {
        let State::Running { run, .. } = &mut self.state else { return };
        match run.timed.roll_back() {
            Ok(good_epochs) => {
                divergence.good_epochs = good_epochs;
                self.rest();
                self.report(EngineEvent::RunDiverged(divergence));
            }
            Err(error) => self.fail(error.to_string(), error.device_failure()),
        }
    }

    /// Ends the run, not the program: what it last was is kept.
    fn fail(&mut self, reason: String, failure: Option<DeviceFailure>) {
        let (mut reason, mut ways) = (reason, Vec::new());
        match std::mem::replace(&mut self.state, State::Idle) {
            State::Running { run, .. } | State::Resting(run) => {
                let trainer = run.timed.trainer();
                let device = trainer.machine().device();
                if let Some(failure) = failure {
                    ways = ways_on(failure, device, trainer.settings().batch_size);
                    reason = failure_words(failure, device, &reason);
                }
                self.fallback = Some(run.timed.good_model());
            }
            State::Idle => {}
        }
        self.report_failure(reason, ways);
    }

    fn report_failure(&self, reason: String, ways_on: Vec<WayOn>) {
        let has_model = self.fallback.is_some();
        self.report(EngineEvent::RunFailed { reason, has_model, ways_on });
    }

    /// What is free, now and then; `None` in between.
    fn look_at_memory(&mut self) -> Option<u64> {
        if self.memory_seen.is_some_and(|seen| seen.elapsed() < MEMORY_LOOK_EVERY) {
            return None;
        }
        self.memory_seen = Some(Instant::now());
        (self.options.free_memory)()
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
