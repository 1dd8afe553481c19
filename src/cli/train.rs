//! `harmonium train`: a run from start or from where a project stopped.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde_json::json;

use crate::dataset::{self, Import, ImportObserver};
use crate::project::{self, Model, Project, Run, weights_sha256};
use crate::rbm::{Device, set_thread_count};
use crate::train::{EpochRecord, StepOutcome, Trainer};

use super::arguments::{Threads, TrainOptions};
use super::output::{UsageError, count, object, print_json};
use super::settings;

pub(super) fn run(options: &TrainOptions) -> anyhow::Result<ExitCode> {
    if options.list_settings {
        settings::list(options.json)?;
        return Ok(ExitCode::SUCCESS);
    }
    set_thread_count(match options.threads {
        // Batches of this size gain nothing from a second thread and lose much on a busy machine.
        Threads::Auto => 1,
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
    trainer: Trainer,
    run: Run,
    /// Seconds of training before this session.
    seconds_before: f64,
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
        let songs = import(&options.paths, &settings.encoding)?.songs;
        let held_out_songs = match &options.held_out {
            Some(folder) => import(std::slice::from_ref(folder), &settings.encoding)?.songs,
            None => Vec::new(),
        };
        let project =
            Project { settings: settings.clone(), songs, held_out_songs, ..Project::default() };
        let dataset = project.dataset(&settings.encoding)?;
        eprintln!(
            "{}: {} to train on, {} held out, {} visible units",
            count(dataset.songs.len(), "song"),
            count(dataset.training.len(), "excerpt"),
            dataset.held_out.len(),
            settings.encoding.n_visible(),
        );
        let trainer = Trainer::new(&dataset, settings.clone(), device)?;
        let run = Run { name: "Run 1".to_owned(), settings, ..Run::default() };
        let session = Self { options, out, project, trainer, run, seconds_before: 0.0 };
        Ok(session)
    }

    fn resume(options: &'a TrainOptions, path: &Path, device: Device) -> anyhow::Result<Self> {
        let mut project = project::load(path)?;
        let Model { mut run, state } = project.model.take().with_context(|| {
            format!("{} holds no run to go on with; train it first", path.display())
        })?;
        if let Some(epochs) = options.epochs {
            settings::set(&mut run.settings, "epochs", &epochs.to_string())?;
        }
        let dataset = project.dataset(&run.settings.encoding)?;
        let trainer = Trainer::resume(&dataset, run.settings.clone(), device, &state)?;
        let out = options.out.clone().unwrap_or_else(|| path.to_owned());
        let seconds_before = run.history.seconds();
        Ok(Self { options, out, project, trainer, run, seconds_before })
    }

    fn train(&mut self) -> anyhow::Result<ExitCode> {
        let stop = stop_on_ctrl_c()?;
        let had_nothing_to_do = self.trainer.is_finished();
        if !had_nothing_to_do || self.options.out.is_some() {
            self.save()?;
        }
        let start = Instant::now();
        let (mut epoch_start, mut last_save) = (start, start);
        let every = Duration::from_secs(self.options.checkpoint_seconds);
        while !self.trainer.is_finished() && !stop.load(Ordering::Relaxed) {
            if let StepOutcome::EpochFinished(metrics) = self.step()? {
                let seconds = epoch_start.elapsed().as_secs_f64();
                epoch_start = Instant::now();
                let record = EpochRecord {
                    metrics,
                    seconds: self.seconds_before + start.elapsed().as_secs_f64(),
                    examples_per_second: metrics.examples as f64 / seconds.max(1e-9),
                };
                self.run.history.epochs.push(record);
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

    /// A step; when the run fails, what the last checkpoint kept is named.
    fn step(&mut self) -> anyhow::Result<StepOutcome> {
        self.trainer
            .step()
            .with_context(|| format!("the last checkpoint stands in {}", self.out.display()))
    }

    fn report(&self, record: &EpochRecord) -> anyhow::Result<()> {
        let metrics = &record.metrics;
        if self.options.json {
            return print_json(record);
        }
        let held_out = metrics
            .held_out_error
            .map_or_else(String::new, |error| format!(", held out {error:.5}"));
        println!(
            "epoch {} of {}: reconstruction error {:.5}{held_out} ({:.0} examples/s)",
            metrics.epoch,
            self.trainer.settings().epochs,
            metrics.reconstruction_error,
            record.examples_per_second,
        );
        Ok(())
    }

    /// A model that diverged since must not take the place of the good one.
    fn save(&mut self) -> anyhow::Result<()> {
        if !self.trainer.machine().is_finite() {
            return Ok(());
        }
        let state = self.trainer.state()?;
        self.project.model = Some(Model { run: self.run.clone(), state });
        project::save(&self.project, &self.out)?;
        Ok(())
    }

    fn conclude(&self) -> anyhow::Result<ExitCode> {
        let epochs = self.trainer.finished_epochs();
        let sha256 = weights_sha256(&self.trainer.state()?.parameters);
        if self.options.json {
            print_json(&object([
                ("summary", json!(true)),
                ("epochs", json!(epochs)),
                ("weights_sha256", json!(sha256)),
            ]))?;
        } else {
            println!("{}: {epochs} epochs, weights {sha256}", self.out.display());
        }
        if self.trainer.is_finished() {
            return Ok(ExitCode::SUCCESS);
        }
        eprintln!(
            "harmonium: stopped; go on with: harmonium train --resume {}",
            self.out.display()
        );
        Ok(ExitCode::FAILURE)
    }
}

/// Imports, telling people what was left out.
fn import(paths: &[PathBuf], encoding: &dataset::EncodingSettings) -> anyhow::Result<Import> {
    let import = dataset::import(paths, encoding, &Silent);
    for problem in &import.problems {
        eprintln!("harmonium: {}: {}", problem.path.display(), problem.reason);
    }
    for song in &import.songs {
        if let Some(reason) = &song.report.reason {
            eprintln!("left out: {}: {reason}", song.path.display());
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
fn stop_on_ctrl_c() -> anyhow::Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    let raised = Arc::clone(&stop);
    ctrlc::set_handler(move || raised.store(true, Ordering::Relaxed))
        .context("Ctrl-C cannot be watched")?;
    Ok(stop)
}
