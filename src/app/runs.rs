//! The Model column: knobs, runs and what becomes of them.

use crate::engine::{
    Divergence, EngineCommand, EntryState, RunEnd, RunFacts, StepSize, TrainRequest, WayOn,
};
use crate::generate::StartPoint;
use crate::rbm::Algorithm;
use crate::train::{Acts, BestEpoch, EpochRecord, Preset, SettingChange, TrainSettings, setting};
use crate::ui::state::{EarlierRun, LikelihoodState, RunPhase};

use super::App;
use super::undo::RunAside;

impl App {
    pub(super) fn apply_preset(&mut self, preset: Preset) {
        let seed = self.state.settings.seed;
        self.adopt_settings(TrainSettings { seed, ..preset.settings() });
    }

    /// Sets all knobs; a run under way hears of those that act at once.
    pub(super) fn adopt_settings(&mut self, settings: TrainSettings) {
        for (key, value) in settings.differences(&self.state.settings.clone()) {
            self.tell_run(key, &value);
        }
        let is_stale = settings.encoding != self.state.settings.encoding;
        self.state.settings = settings;
        self.settings_changed(is_stale);
    }

    pub(super) fn set_setting(&mut self, key: &'static str, value: &str) {
        let before = self.state.settings.encoding.clone();
        match self.state.settings.set(key, value) {
            Ok(()) => {
                self.tell_run(key, value);
                let is_stale = self.state.settings.encoding != before;
                self.settings_changed(is_stale);
            }
            Err(error) => self.complain(error.to_string()),
        }
    }

    fn settings_changed(&mut self, is_encoding_stale: bool) {
        self.note_preset();
        self.touch();
        if is_encoding_stale {
            self.want_reencoding_if_stale();
        }
    }

    /// The preset at which the knobs stand, whatever the seed.
    pub(super) fn note_preset(&mut self) {
        let seed = self.state.settings.seed;
        let is_at =
            |preset: &Preset| TrainSettings { seed, ..preset.settings() } == self.state.settings;
        self.state.run.preset = Preset::ALL.into_iter().find(is_at);
    }

    fn tell_run(&self, key: &str, value: &str) {
        // The runs of a sweep differ in what is swept, and in nothing else.
        let is_run_open = !self.is_sweep_run()
            && matches!(
                self.state.run.phase,
                RunPhase::Preparing | RunPhase::Training | RunPhase::Paused
            );
        if let Ok(setting) = setting(key)
            && setting.acts == Acts::DuringRun
            && is_run_open
        {
            let change = EngineCommand::Change { key: setting.key, value: value.to_owned() };
            self.engine.send(change);
        }
    }

    /// Starts a run, or goes on with the one that is paused.
    pub(super) fn train(&mut self) {
        match self.state.run.phase {
            RunPhase::Paused => self.engine.send(EngineCommand::Resume),
            RunPhase::Preparing | RunPhase::Training => {}
            _ => drop(self.start_run(false)),
        }
    }

    pub(super) fn step(&mut self, size: StepSize) {
        match self.state.run.phase {
            RunPhase::Paused | RunPhase::Training => self.engine.send(EngineCommand::Step(size)),
            RunPhase::Preparing => {}
            _ => {
                if self.start_run(true) {
                    self.engine.send(EngineCommand::Step(size));
                }
            }
        }
    }

    /// Whether there was anything to train on.
    fn start_run(&mut self, starts_paused: bool) -> bool {
        let (name, settings) = (self.state.run.next_name(), self.state.settings.clone());
        self.start_run_with(name, settings, starts_paused)
    }

    /// The run so far is kept as an earlier one. Whether there was anything to train on.
    pub(super) fn start_run_with(
        &mut self,
        name: String,
        settings: TrainSettings,
        starts_paused: bool,
    ) -> bool {
        if !self.state.data.songs.iter().any(crate::dataset::Song::is_taken) {
            self.complain("There is nothing to train on: add a folder or the demo set");
            return false;
        }
        self.forget_run_aside();
        self.put_run_away();
        self.note_run_songs();
        self.state.run.id = self.new_run_id();
        self.state.run.phase = RunPhase::Preparing;
        let request = TrainRequest {
            name,
            songs: self.state.data.songs.clone(),
            held_out_songs: self.held_out_songs.clone(),
            settings,
            device: self.device,
            starts_paused,
        };
        self.engine.send(EngineCommand::Train(Box::new(request)));
        true
    }

    /// The run so far becomes an earlier one; the engine is asked for its model.
    pub(super) fn put_run_away(&mut self) {
        let color = self.state.run.color.take().unwrap_or_else(|| self.next_run_color());
        let failure = self.state.run.failure.take();
        let history = std::mem::take(&mut self.state.run.history);
        let facts = self.state.run.facts.take().map(|facts| (facts.name, facts.settings));
        if let Some((name, settings)) = facts.or(self.adopted_run.take())
            && (!history.epochs.is_empty() || failure.is_some())
        {
            let id = self.state.run.id;
            self.engine.send(EngineCommand::KeepModel(id.0));
            self.state.run.earlier.push(EarlierRun {
                id,
                name,
                settings,
                history,
                is_shown: true,
                color,
                has_model: false,
                failure,
            });
        }
        self.forget_learned();
        self.state.run.likelihood = LikelihoodState::Unknown;
        self.state.run.progress = crate::engine::Progress::default();
    }

    pub(super) fn begin_run(&mut self, facts: RunFacts) {
        let run = &mut self.state.run;
        run.phase = if facts.is_paused { RunPhase::Paused } else { RunPhase::Training };
        if facts.is_finished {
            run.phase = RunPhase::Ended { is_complete: true };
        }
        // Epochs of a run before may have come in meanwhile.
        run.history.epochs.truncate(facts.finished_epochs as usize);
        let has_chains = facts.settings.algorithm != Algorithm::ContrastiveDivergence;
        run.divergence = None;
        run.failure = None;
        run.likelihood = LikelihoodState::Unknown;
        run.facts = Some(facts);
        self.adopted_run = None;
        let start = &mut self.state.music.settings.start;
        if *start == StartPoint::Chains && !has_chains {
            *start = StartPoint::Noise;
        }
        if !std::mem::take(&mut self.is_adopting) {
            self.touch();
        }
        self.generate_if_wanted();
    }

    pub(super) fn take_epoch(&mut self, record: &EpochRecord) {
        self.state.run.history.epochs.push(*record);
        self.touch();
    }

    pub(super) fn resume_run(&mut self) {
        self.state.run.phase = RunPhase::Training;
        self.state.run.divergence = None;
    }

    /// The history marks it, and the run is from now on one with this setting.
    pub(super) fn take_change(&mut self, change: SettingChange) {
        if let Some(facts) = &mut self.state.run.facts
            && let Err(error) = facts.settings.set(&change.key, &change.value)
        {
            log::error!("{error}");
        }
        self.state.run.history.changes.push(change);
        self.touch();
    }

    pub(super) fn end_run(&mut self, end: RunEnd) {
        let is_complete = !matches!(end, RunEnd::Stopped { .. });
        self.state.run.phase = RunPhase::Ended { is_complete };
        self.state.run.divergence = None;
        if self.is_sweep_run() {
            let state = if is_complete { EntryState::Done } else { EntryState::Stopped };
            return self.note_run_ended(state);
        }
        if let Some(last) = self.state.run.history.last() {
            let error = last.metrics.reconstruction_error;
            let words = end_words(&end, last.metrics.epoch);
            self.tell_success(format!("{words}: reconstruction error {error:.4}"), None);
        }
        let (RunEnd::Completed { kept }
        | RunEnd::StoppedEarly { kept, .. }
        | RunEnd::Stopped { kept }) = end;
        if let Some(BestEpoch { epoch, .. }) = kept {
            self.tell(format!(
                "The model is that of epoch {epoch}, the best by the chosen measure"
            ));
        }
        self.go_on_with_sweep();
    }

    /// The run stands again where it last stood well, and waits.
    pub(super) fn take_divergence(&mut self, divergence: Divergence) {
        self.state.run.phase = RunPhase::Paused;
        self.state.run.history.truncate(divergence.good_epochs);
        self.touch();
        if self.is_sweep_run() {
            let Divergence { epoch, symptom, .. } = &divergence;
            let reason = format!("it diverged in epoch {epoch}: {symptom}");
            return self.note_run_ended(EntryState::Failed(reason));
        }
        // The card of the curve says it, with a button that goes on.
        self.state.run.divergence = Some(divergence);
    }

    /// Sets the rate that was proposed and goes on.
    pub(super) fn take_proposed_rate(&mut self) {
        if let Some(divergence) = &self.state.run.divergence {
            let rate = divergence.suggested_rate.to_string();
            self.set_setting("learning_rate", &rate);
            self.train();
        }
    }

    pub(super) fn fail_run(&mut self, reason: String, has_model: bool, ways_on: Vec<WayOn>) {
        let was_adopting = std::mem::take(&mut self.is_adopting);
        let what = if was_adopting { "This run cannot go on" } else { "Training ended" };
        self.complain(format!("{what}: {reason}"));
        self.state.run.divergence = None;
        if !was_adopting {
            self.state.run.failure = Some(reason.clone());
        }
        self.state.run.phase = RunPhase::Failed { reason: reason.clone(), has_model, ways_on };
        if has_model {
            self.generate_if_wanted();
        }
        self.note_run_ended(EntryState::Failed(reason));
    }

    pub(super) fn forget_run(&mut self) {
        let was_of_sweep = self.is_sweep_run();
        let is_putting_aside = std::mem::take(&mut self.is_putting_aside);
        let aside = is_putting_aside.then(|| self.run_to_put_aside());
        let n_before = self.state.run.earlier.len();
        self.put_run_away();
        let is_listed = self.state.run.earlier.len() > n_before;
        self.run_aside = aside.map(|aside| RunAside { is_listed, ..aside });
        self.state.run.divergence = None;
        self.state.run.phase = RunPhase::Idle;
        if was_of_sweep {
            self.note_run_ended(EntryState::Stopped);
        }
    }

    /// Forgets the run; the engine keeps it aside until another begins.
    pub(super) fn reset_run(&mut self) {
        self.is_putting_aside = true;
        self.engine.send(EngineCommand::PutAside);
    }

    fn run_to_put_aside(&self) -> RunAside {
        let run = &self.state.run;
        let phase = match &run.phase {
            RunPhase::Training | RunPhase::Preparing => RunPhase::Paused,
            other => other.clone(),
        };
        let likelihood = match &run.likelihood {
            LikelihoodState::Estimating { .. } => LikelihoodState::Unknown,
            other => other.clone(),
        };
        RunAside {
            phase,
            facts: run.facts.clone(),
            history: run.history.clone(),
            progress: run.progress,
            likelihood,
            adopted_run: self.adopted_run.clone(),
            failure: run.failure.clone(),
            is_listed: false,
        }
    }

    /// Another run begins: the one that was forgotten cannot come back.
    pub(super) fn forget_run_aside(&mut self) {
        self.run_aside = None;
        self.undo_stack.forget_run_aside();
    }

    /// The engine has the forgotten run in hand again.
    pub(super) fn take_run_back(&mut self) {
        let Some(aside) = self.run_aside.take() else { return };
        let run = &mut self.state.run;
        if aside.is_listed {
            let id = run.id;
            run.earlier.retain(|earlier| earlier.id != id);
        }
        run.failure = aside.failure;
        run.phase = aside.phase;
        run.facts = aside.facts;
        run.history = aside.history;
        run.progress = aside.progress;
        run.likelihood = aside.likelihood;
        self.adopted_run = aside.adopted_run;
        self.touch();
    }

    /// The knobs of a project that was opened.
    pub(super) fn set_all_settings(&mut self, settings: TrainSettings) {
        self.state.settings = settings;
        self.note_preset();
    }
}

/// How a run ended, in words.
fn end_words(end: &RunEnd, epoch: u32) -> String {
    match end {
        RunEnd::Completed { .. } => "Training complete".to_owned(),
        RunEnd::Stopped { .. } => "Training stopped".to_owned(),
        RunEnd::StoppedEarly { measure, best, .. } => format!(
            "Training stopped early after epoch {epoch}, as the {} had its best after epoch {}",
            measure.label(),
            best.epoch
        ),
    }
}
