//! The tour of the first start: three steps, each done by doing it.

use egui::{Context, Id, Rect};

use super::state::{RunPhase, State};

/// A step of the tour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TourStep {
    ChooseSongs,
    Train,
    Generate,
}

/// The tour, while it is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tour {
    pub step: TourStep,
    /// What the step asks for was there when it began: only "Next" leads on.
    waits_for_next: bool,
}

/// What a step points at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TourTarget {
    Sources,
    Train,
    LiveAudition,
    Generate,
    Export,
}

impl TourStep {
    pub const ALL: [Self; 3] = [Self::ChooseSongs, Self::Train, Self::Generate];

    /// Counted from 1.
    pub fn number(self) -> usize {
        Self::ALL.iter().position(|step| *step == self).unwrap_or(0) + 1
    }

    pub fn title(self) -> &'static str {
        match self {
            Self::ChooseSongs => "Choose songs",
            Self::Train => "Train, and hear it learn",
            Self::Generate => "Generate, listen, take away",
        }
    }

    /// What to do now.
    pub fn text(self, state: &State) -> &'static str {
        match (self, self.target(state)) {
            (Self::ChooseSongs, _) => {
                "Add a folder of your own MIDI files, or begin with the demo set, which is ready."
            }
            (Self::Train, TourTarget::LiveAudition) => {
                "The curve shows the error fall. Switch on Live audition to hear what the model \
                 dreams while it learns."
            }
            (Self::Train, _) => "Press Train: the model learns from your songs, over and over.",
            (Self::Generate, TourTarget::Export) => {
                "Double-click a piece to hear it. Take away what you like as MIDI or WAV."
            }
            (Self::Generate, _) => {
                "Press Generate: the model writes pieces of its own, also while it still learns."
            }
        }
    }

    /// What it points at now.
    pub fn target(self, state: &State) -> TourTarget {
        let has_model = state.run.phase.has_model();
        match self {
            Self::ChooseSongs => TourTarget::Sources,
            Self::Train if has_model || state.run.phase.is_active() => TourTarget::LiveAudition,
            Self::Train => TourTarget::Train,
            Self::Generate if state.music.pieces.is_empty() => TourTarget::Generate,
            Self::Generate => TourTarget::Export,
        }
    }

    fn is_done(self, state: &State) -> bool {
        let run = &state.run;
        match self {
            Self::ChooseSongs => state.data.totals.n_songs > 0,
            Self::Train => {
                state.music.audition.heard.is_some()
                    || matches!(run.phase, RunPhase::Ended { .. }) && !run.history.epochs.is_empty()
            }
            Self::Generate => state.export.is_some(),
        }
    }

    fn next(self) -> Option<Self> {
        Self::ALL.get(self.number()).copied()
    }
}

impl Tour {
    /// From the first step.
    pub fn start(state: &State) -> Self {
        Self::at(TourStep::ChooseSongs, state)
    }

    fn at(step: TourStep, state: &State) -> Self {
        Self { step, waits_for_next: step.is_done(state) }
    }

    /// The step after this one; `None` when that was the last.
    pub fn next(self, state: &State) -> Option<Self> {
        self.step.next().map(|step| Self::at(step, state))
    }

    /// Whether the person has just done what the step asks for.
    pub fn has_been_done(self, state: &State) -> bool {
        !self.waits_for_next && self.step.is_done(state)
    }
}

fn id(target: TourTarget) -> Id {
    Id::unique("tour target").with(target)
}

/// Tells where something is that the tour may point at.
pub fn mark(ctx: &Context, target: TourTarget, rect: Rect) {
    let pass = ctx.cumulative_pass_nr();
    ctx.data_mut(|data| data.insert_temp(id(target), (pass, rect)));
}

/// Where it was drawn in this frame; `None` while it is hidden.
pub fn marked(ctx: &Context, target: TourTarget) -> Option<Rect> {
    let (pass, rect): (u64, Rect) = ctx.data(|data| data.get_temp(id(target)))?;
    (pass == ctx.cumulative_pass_nr()).then_some(rect)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::panels::examples;

    #[test]
    fn each_step_is_done_by_doing_it() {
        let mut state = examples::empty();
        let tour = Tour::start(&state);
        assert!(!tour.has_been_done(&state));
        state = examples::with_songs();
        assert!(tour.has_been_done(&state));
        let tour = tour.next(&state).unwrap();
        assert_eq!(tour.step.target(&state), TourTarget::Train);
        assert!(!tour.has_been_done(&state));
        state = examples::training();
        assert_eq!(tour.step.target(&state), TourTarget::LiveAudition);
        assert!(!tour.has_been_done(&state), "it was not heard yet");
        state = examples::with_pieces();
        assert!(tour.has_been_done(&state), "the run has ended");
        let tour = tour.next(&state).unwrap();
        assert_eq!(tour.step.target(&state), TourTarget::Export);
        assert_eq!(tour.next(&state), None);
    }

    #[test]
    fn asked_for_again_it_waits_for_next_where_things_are_done_already() {
        let state = examples::with_pieces();
        let tour = Tour::start(&state);
        assert!(!tour.has_been_done(&state));
        assert!(!tour.next(&state).unwrap().has_been_done(&state));
    }
}
