//! What is kept in the state folder for the case of a crash: the project as it stands, every half
//! minute while something changes, and whenever a run comes to a point from which it can go on.

use std::time::{Duration, Instant};

use crate::engine::{AutosaveRequest, EngineCommand, EngineEvent};
use crate::platform::now_secs;
use crate::project::AutosaveNote;

use super::App;

/// So long after a change it is kept.
const EVERY: Duration = Duration::from_secs(30);
/// The ends of epochs are kept at most so often, as by `harmonium train`.
const CHECKPOINT_EVERY: Duration = Duration::from_secs(10);
/// A large project takes its time: it is kept no more often than leaves nineteen twentieths of the
/// time to everything else.
const PAUSE_PER_COST: u32 = 20;
const MOST_ERRORS: usize = 100;
const MOST_NOTES: usize = 300;

/// How it stands with the autosave of this session.
#[derive(Debug)]
pub(super) struct Autosave {
    /// The first change that is not kept yet.
    changed_since: Option<Instant>,
    /// The run ended, paused or failed: that is kept at once.
    has_checkpoint: bool,
    /// An epoch ended.
    has_epoch: bool,
    /// The one that is being written, and since when.
    under_way: Option<(u64, Instant)>,
    last: Option<Instant>,
    cost: Duration,
    next_number: u64,
    /// Up to here, what is still being written is not wanted any more.
    void_up_to: u64,
    has_complained: bool,
    pub(super) every: Duration,
}

impl Default for Autosave {
    fn default() -> Self {
        Self {
            changed_since: None,
            has_checkpoint: false,
            has_epoch: false,
            under_way: None,
            last: None,
            cost: Duration::ZERO,
            next_number: 1,
            void_up_to: 0,
            has_complained: false,
            every: EVERY,
        }
    }
}

impl Autosave {
    /// What stands now is to be kept at once.
    pub(super) fn hurry(&mut self) {
        self.note_change();
        self.has_checkpoint = true;
    }

    pub(super) fn note_change(&mut self) {
        self.changed_since.get_or_insert_with(Instant::now);
    }

    /// How long it is until something is to be written; `None` when nothing is.
    fn due_in(&self) -> Option<Duration> {
        if self.under_way.is_some() {
            return None;
        }
        let pause = (self.cost * PAUSE_PER_COST).saturating_sub(self.since_last());
        let since_change = self.changed_since?.elapsed();
        let mut wait = self.every.saturating_sub(since_change);
        if self.has_checkpoint {
            wait = Duration::ZERO;
        } else if self.has_epoch {
            wait = wait.min(CHECKPOINT_EVERY.saturating_sub(self.since_last()));
        }
        Some(wait.max(pause))
    }

    #[cfg(test)]
    pub(super) fn n_begun(&self) -> u64 {
        self.next_number - 1
    }

    #[cfg(test)]
    pub(super) fn is_under_way(&self) -> bool {
        self.under_way.is_some()
    }

    fn since_last(&self) -> Duration {
        self.last.map_or(Duration::MAX, |last| last.elapsed())
    }
}

impl App {
    /// Which events of a run are worth keeping.
    pub(super) fn note_checkpoint(&mut self, event: &EngineEvent) {
        match event {
            EngineEvent::EpochFinished(_) => self.autosave.has_epoch = true,
            EngineEvent::RunPaused
            | EngineEvent::RunEnded(_)
            | EngineEvent::RunDiverged(_)
            | EngineEvent::RunFailed { .. }
            | EngineEvent::Generated(_) => self.autosave.has_checkpoint = true,
            _ => {}
        }
    }

    /// How long it is until the project is to be kept.
    pub(super) fn autosave_due_in(&self) -> Option<Duration> {
        let is_wanted = self.session.is_some() && self.state.project.is_dirty && self.has_work();
        // A model on its way to the engine would be missing.
        if !is_wanted || self.is_adopting || self.saving.is_some() {
            return None;
        }
        self.autosave.due_in()
    }

    pub(super) fn autosave_when_due(&mut self) {
        if self.autosave_due_in().is_none_or(|wait| wait > Duration::ZERO) {
            return;
        }
        let Some(path) = self.session.as_ref().map(crate::platform::Session::autosave) else {
            return;
        };
        let autosave = &mut self.autosave;
        let number = autosave.next_number;
        autosave.next_number += 1;
        autosave.changed_since = None;
        autosave.has_checkpoint = false;
        autosave.has_epoch = false;
        autosave.under_way = Some((number, Instant::now()));
        let (project, note) = (self.project(), self.autosave_note());
        let request = AutosaveRequest { path, project, note, number };
        self.engine.send(EngineCommand::Autosave(Box::new(request)));
    }

    pub(super) fn note_autosaved(&mut self, number: u64) {
        if let Some((_, since)) = self.autosave.under_way.take() {
            self.autosave.cost = since.elapsed();
        }
        self.autosave.last = Some(Instant::now());
        self.autosave.has_complained = false;
        if number <= self.autosave.void_up_to {
            self.remove_autosave();
        } else {
            self.discard_taken();
        }
    }

    pub(super) fn note_autosave_failed(&mut self, reason: &str) {
        self.autosave.under_way = None;
        self.autosave.last = Some(Instant::now());
        self.autosave.note_change();
        // Once, not every half minute.
        if !std::mem::replace(&mut self.autosave.has_complained, true) {
            self.complain(format!(
                "What you do is not being kept for the case of a crash: {reason}. It is tried \
                 again; save the project yourself meanwhile"
            ));
        }
    }

    /// What was kept is saved, or not wanted any more.
    pub(super) fn drop_autosave(&mut self) {
        self.autosave.void_up_to = self.autosave.next_number - 1;
        self.autosave.changed_since = self.state.project.is_dirty.then(Instant::now);
        self.autosave.has_checkpoint = false;
        self.autosave.has_epoch = false;
        self.remove_autosave();
        self.discard_taken();
    }

    fn remove_autosave(&self) {
        if let Some(session) = &self.session {
            session.drop_autosave();
        }
    }

    fn autosave_note(&self) -> AutosaveNote {
        let run = &self.state.run;
        let epochs = &run.history.epochs;
        let every = epochs.len().div_ceil(MOST_ERRORS).max(1);
        let errors = epochs.iter().rev().step_by(every);
        let mut errors: Vec<f64> =
            errors.map(|record| record.metrics.reconstruction_error).collect();
        errors.reverse();
        errors.retain(|error| error.is_finite());
        let piece = self.state.music.pieces.last().map(|piece| &piece.record.roll);
        let song = self.state.data.songs.iter().find(|song| song.is_taken());
        let roll = piece.or(song.map(|song| &song.roll));
        let mut n_steps = roll.map_or(0, |roll| roll.n_steps() as u32);
        let mut notes = roll.map_or_else(Vec::new, |roll| roll.notes());
        if let Some(first_left_out) = notes.get(MOST_NOTES) {
            n_steps = first_left_out.start_step.max(1);
            notes.truncate(MOST_NOTES);
        }
        let notes = notes.iter();
        AutosaveNote {
            // A name that is no Unicode could not be written down.
            origin: self.state.project.path.clone().filter(|path| path.to_str().is_some()),
            at_secs: now_secs(),
            n_songs: self.state.data.songs.len(),
            n_pieces: self.state.music.pieces.len(),
            epoch: run
                .phase
                .has_model()
                .then(|| epochs.last().map_or(0, |last| last.metrics.epoch)),
            errors,
            notes: notes.map(|note| (note.start_step, note.n_steps, note.pitch)).collect(),
            n_steps,
        }
    }
}
