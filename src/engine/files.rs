//! Jobs that read and write project files, each in a thread of its own.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;

use crate::project::{self, Hold, Model, Project, ProjectLock, RunModel};

use super::jobs::{Jobs, lock};
use super::worker::panic_words;
use super::{AutosaveRequest, EngineEvent, LockWish, ReadRun};

impl Jobs {
    pub(super) fn save(&self, path: PathBuf, project: Box<Project>, lock_as: Option<String>) {
        let reporter = self.reporter.clone();
        let saving = Arc::clone(&self.saving);
        self.spawn("save", move || {
            let _one_at_a_time = lock(&saving);
            let attempt = AssertUnwindSafe(|| save_locked(&project, &path, lock_as.as_deref()));
            let event = match catch_unwind(attempt) {
                Ok(Ok(lock)) => EngineEvent::Saved { path, lock },
                Ok(Err(reason)) => EngineEvent::SaveFailed { path, reason },
                Err(panic) => EngineEvent::SaveFailed { path, reason: panic_words(&*panic) },
            };
            reporter.report(event);
        });
    }

    pub(super) fn autosave(&self, request: AutosaveRequest) {
        let reporter = self.reporter.clone();
        let autosaving = Arc::clone(&self.autosaving);
        self.spawn("autosave", move || {
            let _one_at_a_time = lock(&autosaving);
            let AutosaveRequest { path, project, note, number } = &request;
            let attempt = AssertUnwindSafe(|| project::save_autosave(project, note, path));
            let event = match catch_unwind(attempt) {
                Ok(Ok(())) => EngineEvent::Autosaved { number: *number },
                Ok(Err(error)) => EngineEvent::AutosaveFailed { reason: error.to_string() },
                Err(panic) => EngineEvent::AutosaveFailed { reason: panic_words(&*panic) },
            };
            reporter.report(event);
        });
    }

    pub(super) fn load(&self, path: PathBuf, lock: Option<LockWish>) {
        let reporter = self.reporter.clone();
        self.spawn("load", move || {
            let take = |wish: LockWish| ProjectLock::take(&wish.project, &wish.holder);
            // First the lock, then the file: what is read is what is locked.
            let hold = lock.map(take);
            let event = match catch_unwind(|| project::load(&path)) {
                Ok(Ok(project)) => EngineEvent::Loaded { path, project: Box::new(project), hold },
                Ok(Err(error)) => EngineEvent::LoadFailed { path, reason: error.to_string() },
                Err(panic) => EngineEvent::LoadFailed { path, reason: panic_words(&*panic) },
            };
            reporter.report(event);
        });
    }

    /// Reads one project after the other; a damaged one does not hold up the rest.
    pub(super) fn read_runs(&self, paths: Vec<PathBuf>) {
        let reporter = self.reporter.clone();
        self.spawn("read runs", move || {
            for path in paths {
                let event = match catch_unwind(|| project::load(&path)) {
                    Ok(Ok(project)) => EngineEvent::RunsRead { path, runs: runs_of(project) },
                    Ok(Err(error)) => {
                        EngineEvent::ReadRunsFailed { path, reason: error.to_string() }
                    }
                    Err(panic) => {
                        EngineEvent::ReadRunsFailed { path, reason: panic_words(&*panic) }
                    }
                };
                reporter.report(event);
            }
        });
    }
}

/// Takes the lock where it is wanted, then saves.
fn save_locked(
    project: &Project,
    path: &std::path::Path,
    lock_as: Option<&str>,
) -> Result<Option<ProjectLock>, String> {
    let lock = match lock_as.map(|holder| ProjectLock::take(path, holder)) {
        Some(Hold::Elsewhere { holder }) => {
            return Err(format!(
                "{} is open elsewhere ({holder}), and is left as it is; save under another name, \
                 or close it there",
                path.display()
            ));
        }
        Some(Hold::Ours(lock)) => Some(lock),
        // Where nothing can be written, saving says so itself.
        Some(Hold::NoWriting { .. } | Hold::NoLocks) | None => None,
    };
    project::save(project, path).map_err(|error| error.to_string())?;
    Ok(lock)
}

/// The runs of a project that reported anything, the current one last.
fn runs_of(mut project: Project) -> Vec<ReadRun> {
    let state_of = |place: usize, models: &[RunModel]| {
        let model = models.iter().find(|model| model.run == place);
        model.map(|model| Arc::clone(&model.state))
    };
    let mut runs = Vec::new();
    for (place, run) in std::mem::take(&mut project.runs).into_iter().enumerate() {
        runs.push(ReadRun { run, state: state_of(place, &project.run_models) });
    }
    if let Some(Model { run, state }) = project.model {
        runs.push(ReadRun { run, state: Some(Arc::new(state)) });
    }
    runs.retain(|read| !read.run.history.epochs.is_empty());
    runs
}
