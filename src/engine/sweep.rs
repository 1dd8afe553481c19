//! The queue of a sweep: runs that wait their turn, the one under way, and what became of the rest.
//!
//! A plain state machine: whoever owns it starts the runs and says how they ended.

use crate::train::{
    MAX_SWEEP_RUNS, SettingKind, SweepAxis, SweepPoint, TrainError, TrainSettings, setting,
    sweep_grid, sweep_settings, training_work,
};

/// What became of a run of a sweep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryState {
    Waiting,
    Running,
    Done,
    /// By the user, before its time.
    Stopped,
    /// It diverged or could not go on; why, in words.
    Failed(String),
}

/// One run of a sweep.
#[derive(Clone, Debug, PartialEq)]
pub struct SweepEntry {
    /// "Learning rate 0.01".
    pub name: String,
    pub point: SweepPoint,
    pub settings: TrainSettings,
    pub state: EntryState,
    /// The number of its run, once it has begun.
    pub run: Option<u64>,
    /// See [`training_work`].
    work: f64,
    /// Seconds of training, once it has ended.
    seconds: f64,
}

/// The runs of a sweep, in the order in which they are made.
#[derive(Clone, Debug, PartialEq)]
pub struct SweepQueue {
    axes: Vec<SweepAxis>,
    entries: Vec<SweepEntry>,
    is_paused: bool,
}

/// How many runs of a sweep are in which state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SweepCounts {
    pub total: usize,
    pub waiting: usize,
    pub ended: usize,
    /// Of those that ended.
    pub failed: usize,
}

impl SweepQueue {
    /// Every combination of the axes, each a run with the settings of `base` but for the axes.
    /// `n_excerpts` is the number of training excerpts, for the estimate of time.
    ///
    /// # Errors
    /// A value that a setting does not take, settings that do not go together, or more runs than
    /// [`MAX_SWEEP_RUNS`].
    pub fn new(
        base: &TrainSettings,
        axes: Vec<SweepAxis>,
        n_excerpts: usize,
    ) -> Result<Self, TrainError> {
        let total = axes.iter().map(|axis| axis.values.len()).fold(1_usize, usize::saturating_mul);
        if let Some(axis) = axes.last()
            && total > MAX_SWEEP_RUNS
        {
            let reason = format!("a sweep has at most {MAX_SWEEP_RUNS} runs");
            return Err(TrainError::BadValue { key: axis.key, value: total.to_string(), reason });
        }
        let entry = |point: SweepPoint| {
            let settings = sweep_settings(base, &point)?;
            let work = training_work(&settings, n_excerpts);
            let name = point_name(&point);
            let state = EntryState::Waiting;
            Ok(SweepEntry { name, point, settings, state, run: None, work, seconds: 0.0 })
        };
        let entries =
            sweep_grid(&axes).into_iter().map(entry).collect::<Result<_, TrainError>>()?;
        Ok(Self { axes, entries, is_paused: false })
    }

    pub fn axes(&self) -> &[SweepAxis] {
        &self.axes
    }

    pub fn entries(&self) -> &[SweepEntry] {
        &self.entries
    }

    pub fn is_paused(&self) -> bool {
        self.is_paused
    }

    /// A paused queue starts nothing; the run under way goes on.
    pub fn set_paused(&mut self, is_paused: bool) {
        self.is_paused = is_paused;
    }

    pub fn running(&self) -> Option<&SweepEntry> {
        self.entries.iter().find(|entry| entry.state == EntryState::Running)
    }

    /// Whether a run is under way or waits.
    pub fn is_under_way(&self) -> bool {
        let is_open =
            |entry: &SweepEntry| matches!(entry.state, EntryState::Waiting | EntryState::Running);
        self.entries.iter().any(is_open)
    }

    /// The next run begins, as the run of this number; `None` while one is under way, when the
    /// queue is paused, and when nothing waits.
    pub fn start_next(&mut self, run: u64) -> Option<&SweepEntry> {
        if self.is_paused || self.running().is_some() {
            return None;
        }
        let is_waiting = |entry: &&mut SweepEntry| entry.state == EntryState::Waiting;
        let next = self.entries.iter_mut().find(is_waiting)?;
        next.state = EntryState::Running;
        next.run = Some(run);
        Some(next)
    }

    /// The run under way ended after so many seconds of training.
    pub fn end_running(&mut self, state: EntryState, seconds: f64) {
        let is_running = |entry: &&mut SweepEntry| entry.state == EntryState::Running;
        if let Some(entry) = self.entries.iter_mut().find(is_running) {
            entry.state = state;
            entry.seconds = seconds;
        }
    }

    /// Takes a run that waits out of the queue; whether there was one at that place.
    pub fn remove(&mut self, place: usize) -> bool {
        let is_waiting =
            self.entries.get(place).is_some_and(|entry| entry.state == EntryState::Waiting);
        if is_waiting {
            self.entries.remove(place);
        }
        is_waiting
    }

    /// Takes all that waits out of the queue. The run under way is not touched.
    pub fn cancel(&mut self) {
        self.entries.retain(|entry| entry.state != EntryState::Waiting);
    }

    pub fn counts(&self) -> SweepCounts {
        let count = |is_so: fn(&EntryState) -> bool| {
            self.entries.iter().filter(|entry| is_so(&entry.state)).count()
        };
        let waiting = count(|state| *state == EntryState::Waiting);
        let running = count(|state| *state == EntryState::Running);
        let total = self.entries.len();
        let failed = count(|state| matches!(state, EntryState::Failed(_)));
        SweepCounts { total, waiting, ended: total - waiting - running, failed }
    }

    /// The work of all its runs; see [`training_work`].
    pub fn work(&self) -> f64 {
        self.entries.iter().map(|entry| entry.work).sum()
    }

    /// Seconds that the runs which wait will take, told from those that are done; `None` before the
    /// first is done.
    pub fn seconds_waiting(&self) -> Option<f64> {
        let done = || self.entries.iter().filter(|entry| entry.state == EntryState::Done);
        let (work, seconds) =
            done().fold((0.0, 0.0), |sum, entry| (sum.0 + entry.work, sum.1 + entry.seconds));
        let waiting = self.entries.iter().filter(|entry| entry.state == EntryState::Waiting);
        let left: f64 = waiting.map(|entry| entry.work).sum();
        (work > 0.0).then(|| seconds / work * left)
    }
}

/// "Learning rate 0.01, Hidden units 50".
fn point_name(point: &SweepPoint) -> String {
    let word = |(key, value): &(&'static str, String)| match setting(key) {
        Ok(setting) => match setting.kind {
            SettingKind::Switch { .. } | SettingKind::Choice { .. } => {
                format!("{} {}", setting.label, value.replace('_', " "))
            }
            SettingKind::Number { .. } => format!("{} {value}", setting.label),
        },
        Err(_unknown) => format!("{key} {value}"),
    };
    point.iter().map(word).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue() -> SweepQueue {
        let axes = vec![SweepAxis::list("hidden_units", "10 20 40").unwrap()];
        SweepQueue::new(&TrainSettings::default(), axes, 100).unwrap()
    }

    #[test]
    fn runs_take_turns_and_a_failed_one_does_not_hold_up_the_next() {
        let mut queue = queue();
        assert_eq!(queue.start_next(7).unwrap().settings.hidden_units, 10);
        assert_eq!(queue.start_next(8), None, "one at a time");
        queue.end_running(EntryState::Failed("it diverged".to_owned()), 1.0);
        assert_eq!(queue.start_next(8).unwrap().settings.hidden_units, 20);
        queue.end_running(EntryState::Done, 2.0);
        let counts = queue.counts();
        assert_eq!((counts.ended, counts.failed, counts.waiting), (2, 1, 1));
        assert_eq!(queue.start_next(9).unwrap().name, "Hidden units 40");
        queue.end_running(EntryState::Done, 4.0);
        assert_eq!(queue.start_next(10), None);
        assert!(!queue.is_under_way());
        let runs: Vec<_> = queue.entries().iter().filter_map(|entry| entry.run).collect();
        assert_eq!(runs, [7, 8, 9]);
    }

    #[test]
    fn a_paused_queue_starts_nothing_and_a_removed_run_is_left_out() {
        let mut queue = queue();
        queue.set_paused(true);
        assert_eq!(queue.start_next(1), None);
        assert!(queue.remove(1));
        queue.set_paused(false);
        queue.start_next(1).unwrap();
        assert!(!queue.remove(0), "it is under way");
        queue.end_running(EntryState::Done, 1.0);
        assert_eq!(queue.start_next(2).unwrap().settings.hidden_units, 40);
    }

    #[test]
    fn cancelling_leaves_what_was_done() {
        let mut queue = queue();
        queue.start_next(1).unwrap();
        queue.end_running(EntryState::Done, 1.0);
        queue.start_next(2).unwrap();
        queue.cancel();
        assert!(queue.is_under_way(), "one still runs");
        queue.end_running(EntryState::Stopped, 1.0);
        assert_eq!(queue.entries().len(), 2);
        assert!(!queue.is_under_way() && queue.start_next(3).is_none());
    }

    #[test]
    fn the_time_left_follows_from_the_runs_that_are_done() {
        let mut queue = queue();
        assert_eq!(queue.seconds_waiting(), None);
        queue.start_next(1).unwrap();
        queue.end_running(EntryState::Done, 3.0);
        // 20 and 40 units after 10.
        assert_eq!(queue.seconds_waiting(), Some(18.0));
    }

    #[test]
    fn a_sweep_that_is_too_large_or_out_of_range_is_refused() {
        let many = |key| SweepAxis::range(key, (1.0, 100.0), 30, false).unwrap();
        let axes = vec![many("hidden_units"), many("epochs")];
        let error = SweepQueue::new(&TrainSettings::default(), axes, 1).unwrap_err().to_string();
        assert!(error.contains("at most 500"), "{error}");
        let axes = vec![SweepAxis { key: "momentum", values: vec!["2".to_owned()] }];
        assert!(SweepQueue::new(&TrainSettings::default(), axes, 1).is_err());
    }
}
