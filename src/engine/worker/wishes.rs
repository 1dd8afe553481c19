//! What is asked of the model as it stands, running or not: pieces, measures, files.

use std::path::PathBuf;

use crate::project::{Model, Project};
use crate::rbm::{AnnealingSettings, Device};
use crate::train::TrainError;

use super::super::dream::VoiceSource;
use super::super::{AuditionRequest, AutosaveRequest, EngineEvent, GenerateRequest};
use super::{State, Worker};

impl Worker {
    /// The model as it stands, else as it last stood well.
    pub(super) fn model(&self) -> Result<Option<Model>, TrainError> {
        match &self.state {
            State::Idle => Ok(self.fallback.clone()),
            State::Running { run, .. } | State::Resting(run) => run.model().map(Some),
        }
    }

    pub(super) fn keep_model(&self, run: u64) {
        match self.model() {
            Ok(Some(model)) => self.report(EngineEvent::ModelKept { run, model: Box::new(model) }),
            Ok(None) => {}
            Err(error) => log::warn!("the model of a run cannot be kept: {error}"),
        }
    }

    pub(super) fn generate(&mut self, request: GenerateRequest) {
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

    pub(super) fn audition(&mut self, request: Option<AuditionRequest>) {
        self.audition.ask(request);
        self.make_audition();
    }

    /// Makes a piece for the live audition where one is due.
    pub(super) fn make_audition(&mut self) {
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

    pub(super) fn estimate(&mut self, settings: AnnealingSettings) {
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

    pub(super) fn save(
        &mut self,
        path: PathBuf,
        mut project: Box<Project>,
        lock_as: Option<String>,
    ) {
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

    pub(super) fn autosave(&mut self, mut request: AutosaveRequest) {
        match self.model() {
            Ok(model) => {
                request.project.model = model;
                self.jobs.autosave(request);
            }
            Err(error) => self.report(EngineEvent::AutosaveFailed { reason: error.to_string() }),
        }
    }
}
