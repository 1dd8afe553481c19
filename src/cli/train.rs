//! `harmonium train`: a run from start or from where a project stopped.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde_json::{Map, Value, json};

use crate::dataset::{self, Import, ImportObserver};
use crate::engine::TimedRun;
use crate::platform::{core_count, free_memory_bytes, holder_words};
use crate::project::{self, Hold, Project, ProjectLock, weights_sha256};
use crate::rbm::{Device, set_thread_count};
use crate::train::{EpochRecord, Remedy, RemedyDeed, RunOutcome, TrainError, advice, check_memory};

use super::arguments::{Threads, TrainOptions};
use super::output::{UsageError, count, print_json, say, tell};
use super::settings;

/// Batches of the usual sizes give work to no more.
const MOST_THREADS: usize = 8;

/// Settings of a file or of a project are read later.
pub(super) fn check(options: &TrainOptions) -> anyhow::Result<()> {
    let has_own_settings = options.settings.is_none() && options.resume.is_none();
    if has_own_settings && !options.list_settings {
        settings::settings_of(options)?;
    }
    Ok(())
}

pub(super) fn run(options: &TrainOptions) -> anyhow::Result<ExitCode> {
    if options.list_settings {
        settings::list(options.json)?;
        return Ok(ExitCode::SUCCESS);
    }
    set_thread_count(match options.threads {
        // The kernel shares only work that is worth it, so a thread too many costs next to nothing.
        Threads::Auto => core_count().min(MOST_THREADS),
        Threads::Count(count) => count,
    });
    let device = options.device.resolve()?;
    let mut session = match &options.resume {
        Some(path) => Session::resume(options, path, device)?,
        None => Session::start(options, device)?,
    };
    session.train()
}

/// A run with the file that keeps it.
struct Session<'a> {
    options: &'a TrainOptions,
    out: PathBuf,
    project: Project,
    timed: TimedRun,
    /// Nobody else writes the file meanwhile.
    _lock: Option<ProjectLock>,
}

impl<'a> Session<'a> {
    fn start(options: &'a TrainOptions, device: Device) -> anyhow::Result<Self> {
        if options.paths.is_empty() {
            return Err(UsageError("name the MIDI files or folders to train on".into()).into());
        }
        let out = options.out.clone().ok_or_else(|| {
            UsageError("name the project file to write with --out P.harmonium".to_owned())
        })?;
        if out.exists() && out.extension().is_none_or(|ending| ending != project::EXTENSION) {
            let words = format!("{} is there and is no project; name another --out", out.display());
            return Err(UsageError(words).into());
        }
        let settings = settings::settings_of(options)?;
        check_memory(&settings, free_memory_bytes())?;
        let lock = lock_project(&out)?;
        let songs = import(&options.paths, &settings.encoding)?.songs;
        let held_out_songs = match &options.held_out {
            Some(folder) => import(std::slice::from_ref(folder), &settings.encoding)?.songs,
            None => Vec::new(),
        };
        let project =
            Project { settings: settings.clone(), songs, held_out_songs, ..Project::default() };
        let dataset = project.dataset(&settings.encoding)?;
        tell!(
            "{}: {} to train on, {} held out, {} visible units",
            count(dataset.songs.len(), "song"),
            count(dataset.training.len(), "excerpt"),
            dataset.held_out.len(),
            settings.encoding.n_visible(),
        );
        let timed = TimedRun::start(&dataset, "Run 1".to_owned(), settings, device)?;
        Ok(Self { options, out, project, timed, _lock: lock })
    }

    fn resume(options: &'a TrainOptions, path: &Path, device: Device) -> anyhow::Result<Self> {
        let out = options.out.clone().unwrap_or_else(|| path.to_owned());
        let lock = lock_project(&out)?;
        let mut project = project::load(path)?;
        let model = project.model.take().with_context(|| {
            format!("{} holds no run to go on with; train it first", path.display())
        })?;
        let dataset = project.dataset(&model.run.settings.encoding)?;
        let mut timed = TimedRun::resume(&dataset, model, device)
            .with_context(|| format!("{} cannot be taken up", path.display()))?;
        if let Some(epochs) = options.epochs.filter(|n| *n != timed.run().settings.epochs) {
            timed
                .change("epochs", &epochs.to_string())
                .map_err(|error| UsageError(error.to_string()))?;
        }
        Ok(Self { options, out, project, timed, _lock: lock })
    }

    fn train(&mut self) -> anyhow::Result<ExitCode> {
        let stop = stop_on_ctrl_c()?;
        let had_nothing_to_do = self.is_finished();
        if !had_nothing_to_do || self.options.out.is_some() {
            self.save()?;
        }
        let mut last_save = Instant::now();
        let every = Duration::from_secs(self.options.checkpoint_seconds);
        while !self.is_finished() && !stop.load(Ordering::Relaxed) {
            if let Some(record) = self.step()? {
                self.report(&record)?;
            }
            if last_save.elapsed() >= every {
                self.save()?;
                last_save = Instant::now();
            }
        }
        if !had_nothing_to_do {
            self.save()?;
        }
        self.conclude()
    }

    fn is_finished(&self) -> bool {
        self.timed.trainer().is_finished()
    }

    /// A step. A run that goes astray leaves the file as it last stood well.
    fn step(&mut self) -> anyhow::Result<Option<EpochRecord>> {
        match self.timed.step() {
            Ok(record) => Ok(record),
            Err(TrainError::Diverged { epoch, symptom, suggested_rate }) => {
                let good_epochs = self.timed.roll_back()?;
                self.save()?;
                let words = format!(
                    "the run diverged in epoch {epoch} ({symptom}); {} holds it as it was after \
                     {good_epochs} epochs; a learning rate of {suggested_rate} may do: start \
                     again with --set learning_rate={suggested_rate}",
                    self.out.display()
                );
                Err(anyhow::Error::msg(words))
            }
            Err(error) => Err(anyhow::Error::new(error)
                .context(format!("the last checkpoint stands in {}", self.out.display()))),
        }
    }

    fn report(&self, record: &EpochRecord) -> anyhow::Result<()> {
        let metrics = &record.metrics;
        if self.options.json {
            return print_json(record);
        }
        let held_out = metrics
            .held_out_error
            .map_or_else(String::new, |error| format!(", held out {error:.5}"));
        say!(
            "epoch {} of {}: reconstruction error {:.5}{held_out} ({:.0} examples/s)",
            metrics.epoch,
            self.timed.trainer().settings().epochs,
            metrics.reconstruction_error,
            record.examples_per_second,
        )
    }

    fn save(&mut self) -> anyhow::Result<()> {
        self.project.model = Some(self.timed.model()?);
        project::save(&self.project, &self.out)?;
        Ok(())
    }

    fn conclude(&self) -> anyhow::Result<ExitCode> {
        let trainer = self.timed.trainer();
        let (epochs, sha256) =
            (trainer.finished_epochs(), weights_sha256(&trainer.state()?.parameters));
        if self.options.json {
            print_json(&self.summary(epochs, &sha256))?;
        } else {
            say!("{}: {epochs} epochs, weights {sha256}", self.out.display())?;
        }
        if !trainer.is_finished() {
            tell!(
                "harmonium: stopped; go on with: harmonium train --resume {}",
                self.out.display()
            );
            return Ok(ExitCode::FAILURE);
        }
        if let Some(best) = trainer.best_by_early_stop().filter(|_| trainer.has_stopped_early()) {
            tell!(
                "harmonium: stopped early: the {} had its best, {:.6}, after epoch {}",
                trainer.settings().early_stop_measure.label(),
                best.value,
                best.epoch,
            );
        }
        if let Some(kept) = trainer.epoch_in_use() {
            let measure = trainer.settings().keep_best.label();
            tell!("harmonium: kept the weights of epoch {}, the best by {measure}", kept.epoch);
        }
        if !self.options.json {
            self.advise();
        }
        Ok(ExitCode::SUCCESS)
    }

    /// What the measures of the finished run show, for the next one.
    fn advise(&self) {
        let trainer = self.timed.trainer();
        let settings = trainer.settings();
        let run = RunOutcome {
            history: &self.timed.run().history,
            settings,
            n_songs: self.project.songs.iter().filter(|song| song.is_taken()).count(),
            held_out_excerpts: trainer.held_out_excerpts().len(),
            is_over: true,
        };
        for finding in advice(&run) {
            tell!("advice: {}", finding.sentence);
            for line in &finding.evidence {
                tell!("  {line}");
            }
            let remedies: Vec<String> = finding.remedies.iter().map(remedy_words).collect();
            tell!("  try: {}", remedies.join(", or "));
        }
    }

    fn summary(&self, epochs: u32, sha256: &str) -> Value {
        let trainer = self.timed.trainer();
        let mut summary = Map::new();
        summary.insert("summary".to_owned(), json!(true));
        summary.insert("epochs".to_owned(), json!(epochs));
        if trainer.has_stopped_early() {
            summary.insert("stopped_early".to_owned(), json!(true));
        }
        if let Some(kept) = trainer.epoch_in_use() {
            summary.insert("kept_epoch".to_owned(), json!(kept.epoch));
        }
        summary.insert("weights_sha256".to_owned(), json!(sha256));
        Value::Object(summary)
    }
}

/// The lock of the project that the run is written to, as long as it lasts.
fn lock_project(path: &Path) -> anyhow::Result<Option<ProjectLock>> {
    match ProjectLock::take(path, &format!("harmonium train: {}", holder_words())) {
        Hold::Ours(lock) => Ok(Some(lock)),
        Hold::Elsewhere { holder } => anyhow::bail!(
            "{} is open elsewhere ({holder}); close it there, or name another file with --out",
            path.display()
        ),
        // Where nothing can be written, the first save says so in its own words.
        Hold::NoWriting { .. } | Hold::NoLocks => Ok(None),
    }
}

/// A remedy as the option of a next run.
fn remedy_words(remedy: &Remedy) -> String {
    match &remedy.deed {
        RemedyDeed::Set { key, value } => format!("--set {key}={value}"),
        RemedyDeed::StopTraining => "fewer epochs".to_owned(),
        RemedyDeed::AddSongs => "more songs".to_owned(),
    }
}

/// Imports, telling people what was left out.
pub(super) fn import(
    paths: &[PathBuf],
    encoding: &dataset::EncodingSettings,
) -> anyhow::Result<Import> {
    let import = dataset::import(paths, encoding, &Silent);
    for problem in &import.problems {
        tell!("harmonium: {}: {}", problem.path.display(), problem.reason);
    }
    for song in &import.songs {
        if let Some(reason) = &song.report.reason {
            tell!("left out: {}: {reason}", song.path.display());
        }
    }
    if import.songs.is_empty() {
        let names: Vec<_> = paths.iter().map(|path| path.display().to_string()).collect();
        anyhow::bail!("no MIDI file (.mid, .midi, .kar, .rmi) in {}", names.join(", "));
    }
    Ok(import)
}

struct Silent;

impl ImportObserver for Silent {}

/// A flag that Ctrl-C (and a polite kill) raises.
pub(super) fn stop_on_ctrl_c() -> anyhow::Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    let raised = Arc::clone(&stop);
    ctrlc::set_handler(move || raised.store(true, Ordering::Relaxed))
        .context("Ctrl-C cannot be watched")?;
    Ok(stop)
}
