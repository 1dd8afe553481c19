//! What the table of runs does: names, colours, deleting, hearing a run again, and runs of other
//! projects.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::engine::{EngineCommand, ReadRun};
use crate::project::{Model, Run, RunModel};
use crate::train::{FIGURES, TrainerState};
use crate::ui::runs_state::{RunColumn, sorted};
use crate::ui::state::{EarlierRun, RunId, RunsView};
use crate::ui::theme::N_RUN_LOOKS;

use super::App;
use super::kept_models::{KeptModel, MAX_KEPT_BYTES};

/// A longer name is cut.
const MAX_NAME: usize = 80;

impl App {
    /// A number that no run of this project has had.
    pub(super) fn new_run_id(&mut self) -> RunId {
        self.next_run += 1;
        RunId(self.next_run)
    }

    /// The look that the fewest runs have, the first of those.
    pub(super) fn next_run_color(&self) -> u8 {
        let earlier = self.state.run.earlier.iter().map(|run| run.color);
        let taken: Vec<u8> = earlier.chain(self.state.run.color).collect();
        let n_with =
            |look: &u8| taken.iter().filter(|taken| **taken % N_RUN_LOOKS == *look).count();
        (0..N_RUN_LOOKS).min_by_key(n_with).unwrap_or(0)
    }

    pub(super) fn earlier_run(&self, run: RunId) -> Option<&EarlierRun> {
        self.state.run.earlier.iter().find(|earlier| earlier.id == run)
    }

    fn earlier_run_mut(&mut self, run: RunId) -> Option<&mut EarlierRun> {
        self.state.run.earlier.iter_mut().find(|earlier| earlier.id == run)
    }

    pub(super) fn show_run(&mut self, run: RunId, is_shown: bool) {
        if let Some(run) = self.earlier_run_mut(run) {
            run.is_shown = is_shown;
            self.touch();
        }
    }

    pub(super) fn rename_run(&mut self, run: RunId, name: &str) {
        let name: String = name.trim().chars().take(MAX_NAME).collect();
        if name.is_empty() {
            return;
        }
        if run == self.state.run.id
            && let Some(facts) = &mut self.state.run.facts
        {
            facts.name.clone_from(&name);
            self.engine.send(EngineCommand::RenameRun(name));
        } else if let Some(run) = self.earlier_run_mut(run) {
            run.name = name;
        }
        self.touch();
    }

    pub(super) fn color_run(&mut self, run: RunId, color: u8) {
        if let Some(run) = self.earlier_run_mut(run) {
            run.color = color % N_RUN_LOOKS;
            self.touch();
        }
    }

    /// Its model stays in memory while there is room, so that it can be put back whole.
    pub(super) fn delete_run(&mut self, run: RunId) {
        self.state.run.earlier.retain(|earlier| earlier.id != run);
        self.state.run.view.selected.retain(|selected| *selected != run);
        self.touch();
    }

    pub(super) fn restore_run(&mut self, place: usize, mut run: EarlierRun) {
        let earlier = &mut self.state.run.earlier;
        if earlier.iter().any(|other| other.id == run.id) {
            return;
        }
        run.has_model = self.kept_models.get(run.id).is_some();
        earlier.insert(place.min(earlier.len()), run);
        self.touch();
    }

    /// The engine handed out the model of a run that was put away.
    pub(super) fn take_kept_model(&mut self, run: u64, model: Model) {
        let run = RunId(run);
        // The run may be of a project that is no longer open.
        if let Some(earlier) = self.earlier_run_mut(run) {
            earlier.has_model = true;
            self.keep_model(run, model.into());
        }
    }

    fn keep_model(&mut self, run: RunId, model: KeptModel) {
        self.kept_models.insert(run, model);
        let worst_first = self.runs_worst_first();
        let gone = self.kept_models.shrink_to(MAX_KEPT_BYTES, &worst_first);
        for run in gone {
            let Some(earlier) = self.earlier_run_mut(run) else { continue };
            earlier.has_model = false;
            let words = format!(
                "The model of {} was let go: kept models take 1 GiB at most, and the best stay",
                earlier.name
            );
            self.tell(words);
        }
    }

    /// By the measure that the curve shows.
    fn runs_worst_first(&self) -> Vec<RunId> {
        let figure = FIGURES.get(self.state.run.figure).filter(|figure| figure.better.is_some());
        let figure = figure.unwrap_or(&FIGURES[0]);
        let view = RunsView { sort: RunColumn::Best, is_descending: true, ..RunsView::default() };
        let rows = sorted(self.state.run.rows(), &view, figure);
        rows.into_iter().map(|row| row.id).collect()
    }

    /// Makes an earlier run the current one and generates pieces from it.
    pub(super) fn hear_run(&mut self, run: RunId) {
        if run == self.state.run.id && self.state.run.phase.has_model() {
            self.wants_to_hear = true;
            return self.generate();
        }
        if self.state.run.phase.is_active() {
            return self.complain("A run is under way; pause or stop it first");
        }
        let place = self.state.run.earlier.iter().position(|earlier| earlier.id == run);
        let (Some(place), Some(kept)) = (place, self.kept_models.take(run)) else {
            return self.complain("The model of this run is no longer there; train it again");
        };
        self.forget_run_aside();
        self.put_run_away();
        let earlier = self.state.run.earlier.remove(place);
        self.state.run.view.selected.retain(|selected| *selected != run);
        self.state.run.id = run;
        self.state.run.failure = earlier.failure;
        self.state.run.color = Some(earlier.color);
        let record = Run {
            name: earlier.name,
            settings: earlier.settings,
            history: earlier.history,
            data: kept.data,
            ..Run::default()
        };
        let state = Arc::unwrap_or_clone(kept.state);
        self.wants_to_hear = true;
        self.adopt_model(Model { run: record, state });
        self.touch();
    }

    /// A model that was asked to be heard is there now.
    pub(super) fn generate_if_wanted(&mut self) {
        if self.wants_to_hear {
            self.generate();
        }
    }

    /// The earlier runs of a project that was opened.
    pub(super) fn take_runs(&mut self, runs: Vec<Run>, models: &[RunModel]) {
        for (place, run) in runs.into_iter().enumerate() {
            let model = models.iter().find(|model| model.run == place);
            self.add_run(run, model.map(|model| Arc::clone(&model.state)));
        }
    }

    fn add_run(&mut self, run: Run, state: Option<Arc<TrainerState>>) {
        let id = self.new_run_id();
        self.state.run.earlier.push(EarlierRun {
            id,
            name: run.name,
            settings: run.settings,
            history: run.history,
            is_shown: !run.is_hidden,
            color: run.color,
            has_model: state.is_some(),
            failure: run.failure,
        });
        if let Some(state) = state {
            self.keep_model(id, KeptModel { state, data: run.data });
        }
    }

    /// The earlier runs as a project file keeps them.
    pub(super) fn runs_to_save(&self) -> (Vec<Run>, Vec<RunModel>) {
        let kept = |run: &EarlierRun| self.kept_models.get(run.id);
        let record = |run: &EarlierRun| Run {
            name: run.name.clone(),
            settings: run.settings.clone(),
            history: run.history.clone(),
            // Needed only to go on with it.
            data: kept(run).and_then(|kept| kept.data.clone()),
            color: run.color,
            is_hidden: !run.is_shown,
            failure: run.failure.clone(),
        };
        let earlier = &self.state.run.earlier;
        let models = earlier.iter().enumerate().filter_map(|(place, run)| {
            kept(run).map(|kept| RunModel { run: place, state: Arc::clone(&kept.state) })
        });
        (earlier.iter().map(record).collect(), models.collect())
    }

    pub(super) fn read_runs(&mut self, paths: Vec<PathBuf>) {
        self.engine.send(EngineCommand::ReadRuns(paths));
    }

    /// The runs of another project join the table, under the name of its file.
    pub(super) fn take_read_runs(&mut self, path: &Path, runs: Vec<ReadRun>) {
        let file = path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        if runs.is_empty() {
            return self.complain(format!("{} holds no finished epoch", path.display()));
        }
        let n_runs = runs.len();
        for mut read in runs {
            read.run.name =
                if n_runs == 1 { file.clone() } else { format!("{file} · {}", read.run.name) };
            read.run.color = self.next_run_color();
            self.add_run(read.run, read.state);
        }
        let plural = if n_runs == 1 { "run" } else { "runs" };
        self.tell_success(format!("Read {n_runs} {plural} from {file}"), Some(path.to_owned()));
        self.state.run.view.is_open = true;
        self.touch();
    }
}
