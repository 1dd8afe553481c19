//! Live audition: beside the training, short pieces of the model as it stands.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::dream::{VoiceSource, dream};
use super::jobs::Jobs;
use super::worker::panic_words;
use super::{AuditionRequest, EngineEvent};

/// What is auditioned, and whether a piece is due.
#[derive(Debug, Default)]
pub(super) struct Audition {
    /// `None` while nobody listens.
    request: Option<Arc<AuditionRequest>>,
    is_due: bool,
    /// A piece is being made. One at a time: what comes late would be of an old model.
    is_busy: Arc<AtomicBool>,
}

impl Audition {
    /// Other pieces are wanted, the first at once, or none any more.
    pub(super) fn ask(&mut self, request: Option<AuditionRequest>) {
        self.is_due = request.is_some();
        self.request = request.map(Arc::new);
    }

    /// An epoch was finished, counted from 1.
    pub(super) fn note_epoch(&mut self, epoch: u32) {
        let every = self.request.as_ref().map(|request| request.every_epochs.max(1));
        self.is_due |= every.is_some_and(|every| epoch.is_multiple_of(every));
    }

    pub(super) fn wants_piece(&self) -> bool {
        self.is_due && !self.is_busy.load(Ordering::Relaxed)
    }

    /// Makes a piece of the model after so many epochs.
    pub(super) fn begin(&mut self, jobs: &Jobs, source: VoiceSource, epoch: u32) {
        let Some(request) = self.request.clone() else { return };
        self.is_due = false;
        self.is_busy.store(true, Ordering::Relaxed);
        let is_busy = Arc::clone(&self.is_busy);
        let reporter = jobs.reporter.clone();
        jobs.spawn("audition", move || {
            let attempt = AssertUnwindSafe(|| dream(&source, &request.piece, &mut |_share| true));
            let event = match catch_unwind(attempt) {
                Ok(Ok(mut pieces)) if !pieces.is_empty() => {
                    EngineEvent::Auditioned { epoch, piece: Box::new(pieces.swap_remove(0)) }
                }
                Ok(Ok(_nothing)) => EngineEvent::AuditionFailed("no piece was made".to_owned()),
                Ok(Err(error)) => EngineEvent::AuditionFailed(error.to_string()),
                Err(panic) => EngineEvent::AuditionFailed(panic_words(&*panic)),
            };
            is_busy.store(false, Ordering::Relaxed);
            reporter.report(event);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::GenerateRequest;
    use crate::generate::{GenerateSettings, Task};
    use crate::music::Metre;

    fn audition(every_epochs: u32) -> Audition {
        let piece = GenerateRequest {
            settings: GenerateSettings::default(),
            song: None,
            task: Task::New,
            locked: Vec::new(),
            metre: Metre::COMMON,
            beats_per_minute: 120.0,
        };
        let mut audition = Audition::default();
        audition.ask(Some(AuditionRequest { every_epochs, piece }));
        audition
    }

    #[test]
    fn a_piece_is_due_at_once_and_every_so_many_epochs_but_never_two_at_a_time() {
        let mut audition = audition(5);
        assert!(audition.wants_piece());
        audition.is_due = false;
        for epoch in 1..5 {
            audition.note_epoch(epoch);
            assert!(!audition.wants_piece(), "epoch {epoch}");
        }
        audition.note_epoch(5);
        audition.is_busy.store(true, Ordering::Relaxed);
        assert!(!audition.wants_piece());
        audition.note_epoch(6);
        audition.is_busy.store(false, Ordering::Relaxed);
        assert!(audition.wants_piece(), "what was due while one was made stays due");
        audition.ask(None);
        audition.note_epoch(10);
        assert!(!audition.wants_piece(), "nobody listens");
    }
}
