//! Sweeps: their runs one after the other, unattended, and the same as command lines.

use std::path::{Path, PathBuf};

use egui::Context;

use crate::engine::{EngineCommand, EntryState, SweepQueue};
use crate::project::{RunSource, write_atomically};
use crate::train::{FIGURES, SweepAxis};
use crate::ui::runs_state::{AxisDraft, RunRow};
use crate::ui::state::{PathPurpose, RunId, RunState, SweepDraft};

use super::App;

impl App {
    pub(super) fn draft_sweep(&mut self, key: &str) {
        let axis = AxisDraft::around(key, &self.state.settings);
        self.state.run.sweep_draft = axis.map(|axis| SweepDraft { axes: vec![axis] });
    }

    pub(super) fn start_sweep(&mut self, axes: Vec<SweepAxis>) {
        if self.state.run.phase.is_active() || self.state.run.is_sweeping() {
            return self.complain("A run is under way; stop it before the sweep begins");
        }
        match SweepQueue::new(&self.state.settings, axes, self.training_excerpts()) {
            Ok(queue) => {
                self.state.run.sweep = Some(queue);
                self.state.run.sweep_draft = None;
                self.state.run.view.is_open = true;
                // The plots show the sweep alone until somebody asks for more.
                self.state.run.view.selected.clear();
                self.hide_runs();
                self.go_on_with_sweep();
            }
            Err(error) => self.complain(error.to_string()),
        }
    }

    fn hide_runs(&mut self) {
        for earlier in &mut self.state.run.earlier {
            earlier.is_shown = false;
        }
    }

    /// As the songs are encoded now.
    fn training_excerpts(&self) -> usize {
        self.state.data.totals.n_excerpts as usize
    }

    /// Begins the next run of the sweep, if it is its turn.
    pub(super) fn go_on_with_sweep(&mut self) {
        if self.state.run.phase.is_active() {
            return;
        }
        let id = RunId(self.next_run + 1);
        let next = self.state.run.sweep.as_mut().and_then(|queue| queue.start_next(id.0));
        let Some((name, settings)) = next.map(|entry| (entry.name.clone(), entry.settings.clone()))
        else {
            return;
        };
        if !self.start_run_with(name, settings, false)
            && let Some(queue) = &mut self.state.run.sweep
        {
            queue.end_running(EntryState::Failed("there was nothing to train on".to_owned()), 0.0);
            queue.cancel();
        }
    }

    /// Whether the current run is one of the sweep and has not ended.
    pub(super) fn is_sweep_run(&self) -> bool {
        let running = self.state.run.sweep.as_ref().and_then(SweepQueue::running);
        running.is_some_and(|entry| entry.run == Some(self.state.run.id.0))
    }

    /// The current run ended; if it was one of the sweep, the next takes its turn. A run that was
    /// stopped by hand pauses the queue, because somebody is there.
    pub(super) fn note_run_ended(&mut self, state: EntryState) {
        if self.is_sweep_run() {
            if let EntryState::Failed(reason) = &state {
                self.state.run.failure = Some(reason.clone());
            }
            let seconds = self.state.run.history.seconds();
            if let Some(queue) = &mut self.state.run.sweep {
                let was_stopped = state == EntryState::Stopped;
                queue.end_running(state, seconds);
                if was_stopped {
                    queue.set_paused(true);
                }
            }
            self.tell_of_sweep();
        }
        self.go_on_with_sweep();
    }

    fn tell_of_sweep(&mut self) {
        let Some(queue) = self.state.run.sweep.as_ref().filter(|queue| !queue.is_under_way())
        else {
            return;
        };
        let counts = queue.counts();
        let failed = match counts.failed {
            0 => String::new(),
            n => format!(", {n} of them failed"),
        };
        let best = self.sweep_winner().map_or_else(String::new, |(name, value, measure)| {
            format!("; the best by {measure} is {name} with {value:.4}")
        });
        self.tell_success(format!("Sweep complete: {} runs{failed}{best}", counts.ended), None);
    }

    /// Name, value and measure of the best run of the sweep.
    fn sweep_winner(&self) -> Option<(String, f64, String)> {
        let queue = self.state.run.sweep.as_ref()?;
        let is_of_sweep =
            |row: &RunRow<'_>| queue.entries().iter().any(|entry| entry.run == Some(row.id.0));
        let rows: Vec<_> = self.state.run.rows().into_iter().filter(is_of_sweep).collect();
        let figure = FIGURES.get(self.state.run.figure)?;
        // Its model may still be on its way from the engine.
        let rows: Vec<_> = rows.iter().map(|row| RunRow { has_model: true, ..*row }).collect();
        let winner = RunState::winner(&rows, figure)?;
        let line = crate::ui::runs_state::judged_line(&rows, figure);
        let (_, value) = figure.best(&line, winner.history)?;
        Some((winner.name.to_owned(), value, figure.label.to_lowercase()))
    }

    pub(super) fn pause_sweep(&mut self, is_paused: bool) {
        if let Some(queue) = &mut self.state.run.sweep {
            queue.set_paused(is_paused);
        }
        self.go_on_with_sweep();
    }

    pub(super) fn cancel_sweep(&mut self) {
        let is_running = self.is_sweep_run();
        if let Some(queue) = &mut self.state.run.sweep {
            queue.cancel();
        }
        if is_running {
            self.engine.send(EngineCommand::Stop);
        }
    }

    pub(super) fn remove_sweep_run(&mut self, place: usize) {
        if let Some(queue) = &mut self.state.run.sweep {
            queue.remove(place);
        }
    }

    pub(super) fn copy_sweep_commands(&mut self, axes: Vec<SweepAxis>, ctx: &Context) {
        match self.sweep_sources(axes) {
            Ok(sources) => {
                let lines: Vec<String> =
                    sources.iter().map(|source| source.command_line().text).collect();
                self.tell(format!("Copied {} command lines", lines.len()));
                ctx.copy_text(lines.join("\n"));
            }
            Err(reason) => self.complain(reason),
        }
    }

    pub(super) fn ask_for_sweep_script(&mut self, axes: Vec<SweepAxis>) {
        self.sweep_to_write = axes;
        self.ask_path(PathPurpose::SweepScript);
    }

    pub(super) fn write_sweep_script(&mut self, path: &Path) {
        let axes = std::mem::take(&mut self.sweep_to_write);
        let result = self.sweep_sources(axes).and_then(|sources| {
            let text = sweep_script(&sources);
            write_atomically(path, text.as_bytes(), None).map_err(|error| error.to_string())
        });
        self.note_written(path, result);
    }

    /// What the command line would be told, a run each.
    fn sweep_sources(&self, axes: Vec<SweepAxis>) -> Result<Vec<RunSource>, String> {
        let queue = SweepQueue::new(&self.state.settings, axes, self.training_excerpts())
            .map_err(|error| error.to_string())?;
        let base = self.next_run_source();
        let source = |entry: &crate::engine::SweepEntry| RunSource {
            settings: entry.settings.clone(),
            name: format!("{} - {}", base.name, point_file_name(entry)),
            // Another machine has other devices and cores.
            device: None,
            threads: None,
            ..base.clone()
        };
        Ok(queue.entries().iter().map(source).collect())
    }
}

/// "learning_rate 0.01": part of a file name.
fn point_file_name(entry: &crate::engine::SweepEntry) -> String {
    let parts = entry.point.iter().map(|(key, value)| format!("{key} {value}"));
    parts.collect::<Vec<_>>().join(", ")
}

/// A script that makes the runs one after the other; a job scheduler takes its lines one by one.
fn sweep_script(sources: &[RunSource]) -> String {
    let lines: Vec<_> = sources.iter().map(RunSource::command_line).collect();
    let mut text = format!(
        "#!/bin/sh\n\
         # A sweep of {} runs, made by Harmonium: a line each, independent of the others.\n\
         # The folders are those of the machine where this was written; change them where they\n\
         # lie elsewhere. \"Read runs from projects\" in the window reads the results back in.\n",
        lines.len()
    );
    let mut caveats: Vec<&String> = lines.iter().flat_map(|line| &line.caveats).collect();
    caveats.sort();
    caveats.dedup();
    text.extend(caveats.iter().map(|caveat| format!("# Not repeated: {caveat}\n")));
    text.extend(lines.iter().map(|line| format!("{}\n", line.text)));
    text
}

/// Where the script is put unless somebody says otherwise.
pub(super) fn script_name(project: &str) -> PathBuf {
    PathBuf::from(format!("{project} - sweep.sh"))
}
