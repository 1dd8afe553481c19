//! Which advice on the current run stands in the window: worked out when there is something new, not
//! with every frame.

use super::state::{RunId, RunPhase, RunState};
use crate::train::{AdviceKind, Finding, RunOutcome, TrainSettings, advice};

/// What was found, and what a person made of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AdviceView {
    /// The evidence is unfolded.
    pub is_why_open: bool,
    /// "Not now": of this run, this is not said again.
    pub dismissed: Vec<(RunId, AdviceKind)>,
    seen: Option<Seen>,
    findings: Vec<Finding>,
}

/// What advice depends on.
#[derive(Clone, Debug, PartialEq)]
struct Seen {
    run: RunId,
    epochs: usize,
    changes: usize,
    is_over: bool,
    n_songs: usize,
}

impl AdviceView {
    /// Reads the measures again where there are new ones. Nothing is said while a sweep is under
    /// way, which has a plan of its own, and after a run went astray, which says itself what to do.
    pub fn refresh(run: &mut RunState, n_songs: usize) {
        let is_quiet = run.is_sweeping()
            || run.divergence.is_some()
            || matches!(run.phase, RunPhase::Idle | RunPhase::Preparing | RunPhase::Failed { .. });
        let Some(facts) = run.facts.as_ref().filter(|_| !is_quiet) else {
            run.advice.seen = None;
            run.advice.findings.clear();
            return;
        };
        let is_over = matches!(run.phase, RunPhase::Ended { .. });
        let (epochs, changes) = (run.history.epochs.len(), run.history.changes.len());
        let seen = Seen { run: run.id, epochs, changes, is_over, n_songs };
        if run.advice.seen.as_ref() != Some(&seen) {
            let outcome = RunOutcome {
                history: &run.history,
                settings: &facts.settings,
                n_songs,
                held_out_excerpts: facts.held_out_excerpts,
                is_over,
            };
            run.advice.findings = advice(&outcome);
            run.advice.seen = Some(seen);
        }
    }

    /// The most urgent finding that was neither dismissed nor followed already.
    pub fn current(&self, knobs: &TrainSettings) -> Option<&Finding> {
        let run = self.seen.as_ref()?.run;
        self.findings.iter().find(|finding| {
            let is_followed = finding.remedies.iter().any(|remedy| remedy.is_taken(knobs));
            !is_followed && !self.dismissed.contains(&(run, finding.kind))
        })
    }

    /// Says no more of this kind about this run.
    pub fn dismiss(&mut self, kind: AdviceKind) {
        if let Some(seen) = &self.seen {
            self.dismissed.push((seen.run, kind));
            self.is_why_open = false;
        }
    }
}
