//! The Model column: knobs, runs and what becomes of them.

use crate::engine::{EngineCommand, RunFacts, StepSize, TrainRequest};
use crate::generate::StartPoint;
use crate::rbm::{Algorithm, DeviceChoice};
use crate::train::{Acts, CATALOGUE, EpochRecord, Preset, TrainSettings, setting};
use crate::ui::state::{EarlierRun, RunPhase};

use super::App;

impl App {
    pub(super) fn apply_preset(&mut self, preset: Preset) {
        let seed = self.state.settings.seed;
        self.adopt_settings(TrainSettings { seed, ..preset.settings() });
    }

    /// Sets all knobs; a run under way hears of those that act at once.
    fn adopt_settings(&mut self, settings: TrainSettings) {
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
        let is_run_open = matches!(self.state.run.phase, RunPhase::Training | RunPhase::Paused);
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
            _ => self.start_run(false),
        }
    }

    pub(super) fn step(&mut self, size: StepSize) {
        match self.state.run.phase {
            RunPhase::Paused | RunPhase::Training => self.engine.send(EngineCommand::Step(size)),
            RunPhase::Preparing => {}
            _ => {
                self.start_run(true);
                self.engine.send(EngineCommand::Step(size));
            }
        }
    }

    fn start_run(&mut self, starts_paused: bool) {
        if !self.state.data.songs.iter().any(crate::dataset::Song::is_taken) {
            return self.complain("There is nothing to train on: add a folder or the demo set");
        }
        self.put_run_away();
        self.state.run.phase = RunPhase::Preparing;
        let request = TrainRequest {
            name: format!("Run {}", self.state.run.earlier.len() + 1),
            songs: self.state.data.songs.clone(),
            held_out_songs: self.held_out_songs.clone(),
            settings: self.state.settings.clone(),
            device: DeviceChoice::Auto,
            starts_paused,
        };
        self.engine.send(EngineCommand::Train(Box::new(request)));
    }

    /// The run so far becomes an earlier one.
    fn put_run_away(&mut self) {
        let history = std::mem::take(&mut self.state.run.history);
        if let Some(facts) = self.state.run.facts.take()
            && !history.epochs.is_empty()
        {
            self.state.run.earlier.push(EarlierRun {
                name: facts.name,
                settings: facts.settings,
                history,
                is_shown: true,
            });
        }
        self.state.run.snapshot = None;
        self.state.run.progress = crate::engine::Progress::default();
    }

    pub(super) fn begin_run(&mut self, facts: RunFacts) {
        let run = &mut self.state.run;
        run.phase = if facts.is_paused { RunPhase::Paused } else { RunPhase::Training };
        if facts.finished_epochs >= facts.settings.epochs {
            run.phase = RunPhase::Ended { is_complete: true };
        }
        // Epochs of a run before may have come in meanwhile.
        run.history.epochs.truncate(facts.finished_epochs as usize);
        let has_chains = facts.settings.algorithm == Algorithm::PersistentContrastiveDivergence;
        run.facts = Some(facts);
        let start = &mut self.state.music.settings.start;
        match (*start, has_chains) {
            (StartPoint::Chains, false) => *start = StartPoint::Noise,
            (StartPoint::Noise, true) => *start = StartPoint::Chains,
            _ => {}
        }
        self.touch();
    }

    pub(super) fn take_epoch(&mut self, record: EpochRecord) {
        self.state.run.history.epochs.push(record);
        self.touch();
    }

    pub(super) fn end_run(&mut self, is_complete: bool) {
        self.state.run.phase = RunPhase::Ended { is_complete };
        if let Some(last) = self.state.run.history.last() {
            let error = last.metrics.reconstruction_error;
            let what = if is_complete { "complete" } else { "stopped" };
            self.tell_success(format!("Training {what}: reconstruction error {error:.4}"), None);
        }
    }

    pub(super) fn fail_run(&mut self, reason: String) {
        self.complain(format!("Training ended: {reason}"));
        self.state.run.phase = RunPhase::Failed(reason);
    }

    pub(super) fn forget_run(&mut self) {
        self.put_run_away();
        self.state.run.phase = RunPhase::Idle;
    }

    pub(super) fn show_run(&mut self, run: usize, is_shown: bool) {
        if let Some(run) = self.state.run.earlier.get_mut(run) {
            run.is_shown = is_shown;
        }
    }

    pub(super) fn delete_run(&mut self, run: usize) {
        if run < self.state.run.earlier.len() {
            self.state.run.earlier.remove(run);
            self.touch();
        }
    }

    /// The knobs of a project that was opened.
    pub(super) fn set_all_settings(&mut self, settings: TrainSettings) {
        debug_assert!(CATALOGUE.iter().all(|known| settings.text(known.key).is_ok()));
        self.state.settings = settings;
        self.note_preset();
    }
}
