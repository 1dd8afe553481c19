//! Measures that take their time, each in a thread of its own: the log-likelihood of a copy of the
//! model, and the training song that a piece comes nearest to.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::dataset::{Nearest, TrainingBits};
use crate::project::Project;
use crate::rbm::{AnnealingSettings, RbmError};
use crate::train::LikelihoodTask;

use super::jobs::{Jobs, Turns};
use super::worker::panic_words;
use super::{EngineEvent, NearestRequest, NearestSong};

impl Jobs {
    pub(super) fn estimate(&self, task: LikelihoodTask, settings: AnnealingSettings) {
        let turn = Turns::begin(&self.estimates);
        let reporter = self.reporter.clone();
        self.spawn("likelihood", move || {
            let mut reported = 0.0;
            let mut go_on = |share: f64| {
                if share - reported >= 0.01 {
                    reported = share;
                    reporter.report(EngineEvent::LikelihoodProgressed { share });
                }
                !turn.is_cancelled()
            };
            let attempt = AssertUnwindSafe(|| task.estimate(&settings, &mut go_on));
            let event = match catch_unwind(attempt) {
                Ok(Ok(likelihood)) => EngineEvent::LikelihoodEstimated(Box::new(likelihood)),
                Ok(Err(RbmError::Cancelled)) => EngineEvent::LikelihoodCancelled,
                Ok(Err(error)) => EngineEvent::LikelihoodFailed(error.to_string()),
                Err(panic) => EngineEvent::LikelihoodFailed(panic_words(&*panic)),
            };
            reporter.report(event);
        });
    }

    pub(super) fn find_nearest(&self, request: NearestRequest) {
        let turn = Turns::begin(&self.searches);
        let reporter = self.reporter.clone();
        self.spawn("nearest", move || {
            let piece = request.piece;
            let attempt = AssertUnwindSafe(|| search(request, &|| turn.is_cancelled()));
            let result = catch_unwind(attempt);
            if turn.is_cancelled() {
                return reporter.report(EngineEvent::NearestCancelled { piece });
            }
            let event = match result {
                Ok(Ok(nearest)) => EngineEvent::NearestFound { piece, nearest },
                Ok(Err(reason)) => EngineEvent::NearestFailed { piece, reason },
                Err(panic) => EngineEvent::NearestFailed { piece, reason: panic_words(&*panic) },
            };
            reporter.report(event);
        });
    }
}

fn search(
    request: NearestRequest,
    is_cancelled: &(dyn Fn() -> bool + Sync),
) -> Result<Option<NearestSong>, String> {
    let NearestRequest { roll, metre, songs, held_out_songs, encoding, .. } = request;
    let fits =
        roll.pitches() == encoding.pitches() && roll.steps_per_beat() == encoding.steps_per_beat;
    if !fits {
        return Err("the piece has another grid or other pitches than the songs".to_owned());
    }
    let project = Project { songs, held_out_songs, ..Project::default() };
    let dataset = project.dataset(&encoding).map_err(|error| error.to_string())?;
    let steps_per_bar = metre.steps_per_bar(encoding.steps_per_beat);
    let bits = TrainingBits::of(&dataset);
    let found = bits.nearest((&roll, steps_per_bar), &encoding, is_cancelled);
    Ok(found.map(|nearest: Nearest| NearestSong {
        distance: nearest.distance,
        is_copy: nearest.is_copy(),
        title: dataset.songs[nearest.song].title.clone(),
        bar: nearest.song_step / steps_per_bar + 1,
    }))
}
