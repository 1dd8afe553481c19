//! Which advice on the current run stands in the window: worked out when there is something new, not
//! with every frame.

use super::state::{RunId, RunPhase, RunState};
use crate::train::{AdviceKind, Finding, RemedyDeed, RunOutcome, TrainSettings, advice};

/// What was found, and what a person made of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AdviceView {
    /// The evidence is unfolded.
    pub is_why_open: bool,
    /// "Not now": of this run, this is not said again.
    pub dismissed: Vec<(RunId, AdviceKind)>,
    /// The pointer is on the card: it does not change under a hand.
    pub is_held: bool,
    /// What the card says, and of which run.
    shown: Option<(RunId, Finding)>,
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
            // What was said before a knob was turned has had its answer.
            let was_turned = run.advice.seen.as_ref().is_some_and(|s| s.changes != seen.changes);
            if was_turned {
                run.advice.shown = None;
            }
            run.advice.seen = Some(seen);
            if is_over {
                run.advice.keep_the_last_word();
            }
        }
        let current = run.advice.most_urgent(&facts.settings).cloned();
        if !run.advice.is_held {
            run.advice.shown = current.map(|finding| (run.id, finding)).or(run.advice.shown.take());
        }
    }

    /// A run is often over before its last advice was read: it stays, for the next run.
    fn keep_the_last_word(&mut self) {
        let run = self.seen.as_ref().map(|seen| seen.run);
        let last =
            self.shown.as_ref().filter(|(of, _)| Some(*of) == run && self.findings.is_empty());
        let Some((_, finding)) = last else { return };
        let mut finding = finding.clone();
        finding.sentence = format!("During the run: {}", finding.sentence);
        finding.remedies.retain(|remedy| remedy.deed != RemedyDeed::StopTraining);
        if !finding.remedies.is_empty() {
            self.findings.push(finding);
        }
    }

    /// The finding on the card: the most urgent that was neither dismissed nor followed already,
    /// or the one that the pointer is on.
    pub fn current(&self, knobs: &TrainSettings) -> Option<&Finding> {
        let run = self.seen.as_ref()?.run;
        let held = self.shown.as_ref().filter(|(of, finding)| {
            self.is_held && *of == run && self.is_open(finding, run, knobs)
        });
        held.map(|(_, finding)| finding).or_else(|| self.most_urgent(knobs))
    }

    fn most_urgent(&self, knobs: &TrainSettings) -> Option<&Finding> {
        let run = self.seen.as_ref()?.run;
        self.findings.iter().find(|finding| self.is_open(finding, run, knobs))
    }

    fn is_open(&self, finding: &Finding, run: RunId, knobs: &TrainSettings) -> bool {
        let is_followed = finding.remedies.iter().any(|remedy| remedy.is_taken(knobs));
        !is_followed && !self.dismissed.contains(&(run, finding.kind))
    }

    /// Says no more of this kind about this run.
    pub fn dismiss(&mut self, kind: AdviceKind) {
        if let Some(seen) = &self.seen {
            self.dismissed.push((seen.run, kind));
            self.is_why_open = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::panels::examples;

    fn finding(sentence: &str, kind: AdviceKind) -> Finding {
        let remedies = vec![
            crate::train::Remedy { words: "Stop here".to_owned(), deed: RemedyDeed::StopTraining },
            crate::train::Remedy { words: "Add songs".to_owned(), deed: RemedyDeed::AddSongs },
        ];
        Finding { kind, sentence: sentence.to_owned(), evidence: vec!["1".to_owned()], remedies }
    }

    /// A run in which one thing was found, as the window showed it.
    fn run_with_advice() -> RunState {
        let mut run = examples::training().run;
        AdviceView::refresh(&mut run, 100);
        run.advice.findings = vec![finding("First.", AdviceKind::RateTooHigh)];
        AdviceView::refresh(&mut run, 100);
        run
    }

    #[test]
    fn the_card_does_not_change_under_the_pointer() {
        let mut run = run_with_advice();
        let knobs = run.facts.as_ref().unwrap().settings.clone();
        let sentence = |run: &RunState| run.advice.current(&knobs).map(|f| f.sentence.clone());
        assert_eq!(sentence(&run).as_deref(), Some("First."));
        run.advice.is_held = true;
        run.advice.findings = vec![finding("Second.", AdviceKind::Memorising)];
        assert_eq!(sentence(&run).as_deref(), Some("First."));
        run.advice.is_held = false;
        assert_eq!(sentence(&run).as_deref(), Some("Second."));
    }

    #[test]
    fn the_last_advice_stays_when_the_run_is_over_without_what_can_no_longer_be_done() {
        let mut run = run_with_advice();
        let knobs = run.facts.as_ref().unwrap().settings.clone();
        run.advice.findings.clear();
        assert_eq!(run.advice.current(&knobs), None);
        run.advice.keep_the_last_word();
        let last = run.advice.current(&knobs).unwrap();
        assert_eq!(last.sentence, "During the run: First.");
        assert_eq!(last.remedies.len(), 1);
        assert_eq!(last.remedies[0].deed, RemedyDeed::AddSongs);
    }
}
