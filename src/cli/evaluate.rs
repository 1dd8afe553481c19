//! `harmonium evaluate`: how well a trained model knows the project's songs, or others.

use std::process::ExitCode;
use std::sync::atomic::Ordering;

use anyhow::Context as _;
use serde_json::{Map, Value, json};

use crate::dataset::{Dataset, DatasetError, EncodingSettings, Excerpt};
use crate::project::{self, Model, Project};
use crate::rbm::{
    AnnealingSettings, Device, ExcerptStore, LogPartition, Machine, Measures, Method,
    log_partition, set_thread_count,
};

use super::arguments::{EvaluateOptions, Split, Threads};
use super::output::{UsageError, count, print_json, say, tell};
use super::train::{import, stop_on_ctrl_c};

/// A log-likelihood counts when forward and reverse annealing lie so near to each other, in nats.
const TRUSTED_GAP: f64 = 0.1;

pub(super) fn check(options: &EvaluateOptions) -> anyhow::Result<()> {
    annealing_settings(options).map(drop)
}

pub(super) fn run(options: &EvaluateOptions) -> anyhow::Result<ExitCode> {
    let annealing = annealing_settings(options)?;
    set_thread_count(match options.threads {
        Threads::Auto => 1,
        Threads::Count(count) => count,
    });
    let project = project::load(&options.project)?;
    let name = options.project.display();
    let model = project.model.as_ref().with_context(|| {
        format!("{name} holds no trained model; train it first with harmonium train")
    })?;
    let device = options.device.resolve()?;
    let material = Material::gather(options, &project, model)?;
    let machine = Machine::from_parameters(&model.state.parameters, device)?;
    let store = store_of(&material.dataset, &material.excerpts, device)?;
    // The seed and step of the training's own measures: the figures of its last epoch come again.
    let (seed, step) = (model.run.settings.seed, model.state.finished_epochs.into());
    let measures = Measures::take(&machine, &store, seed, step)?;
    let measures = measures.context("there is no excerpt to measure with")?;
    let partition = match annealing {
        Some(settings) => Some(material.log_partition(&machine, store, &settings)?),
        None => None,
    };
    let steps = material.dataset.steps_per_excerpt;
    let report = Report { material: &material, machine: &machine, measures, partition, steps };
    if options.json {
        print_json(&report.json())?;
    } else {
        report.print()?;
    }
    Ok(ExitCode::SUCCESS)
}

fn annealing_settings(options: &EvaluateOptions) -> anyhow::Result<Option<AnnealingSettings>> {
    if !options.ais {
        return Ok(None);
    }
    let usual = AnnealingSettings::default();
    let settings = AnnealingSettings {
        runs: options.ais_runs.unwrap_or(usual.runs),
        temperatures: options.ais_temperatures.unwrap_or(usual.temperatures),
        seed: options.seed.unwrap_or(usual.seed),
        ..usual
    };
    settings.validate().map_err(|error| UsageError(error.to_string()))?;
    Ok(Some(settings))
}

/// What is measured with.
struct Material {
    /// "split" or "paths", with its value.
    source: (&'static str, Value),
    dataset: Dataset,
    excerpts: Vec<Excerpt>,
    /// The training set, where the excerpts are not from the same data set and where the project
    /// can give it: annealing begins from its rates and its excerpts.
    training: Option<Dataset>,
}

impl Material {
    fn gather(options: &EvaluateOptions, project: &Project, model: &Model) -> anyhow::Result<Self> {
        let encoding = &model.run.settings.encoding;
        let own = project.dataset(encoding);
        if options.paths.is_empty() {
            let dataset = own.with_context(|| {
                format!("the songs of {} cannot be measured", options.project.display())
            })?;
            return Self::of_split(options, dataset);
        }
        let dataset = read(options, encoding)?;
        let paths = options.paths.iter().map(|path| path.to_string_lossy());
        Ok(Self {
            source: ("paths", paths.collect()),
            excerpts: dataset.training.clone(),
            dataset,
            training: own.ok(),
        })
    }

    fn of_split(options: &EvaluateOptions, dataset: Dataset) -> anyhow::Result<Self> {
        let usual = if dataset.held_out.is_empty() { Split::Train } else { Split::HeldOut };
        let split = options.split.unwrap_or(usual);
        let excerpts = match split {
            Split::Train => dataset.training.clone(),
            Split::HeldOut => dataset.held_out.clone(),
        };
        if excerpts.is_empty() {
            anyhow::bail!(
                "{} holds out no excerpt to measure with; use --split train, or name MIDI files",
                options.project.display()
            );
        }
        Ok(Self { source: ("split", json!(split.name())), dataset, excerpts, training: None })
    }

    fn log_partition(
        &self,
        machine: &Machine,
        measured: ExcerptStore,
        settings: &AnnealingSettings,
    ) -> anyhow::Result<LogPartition> {
        let (means, starts) = match &self.training {
            Some(training) => {
                let starts = store_of(training, &training.training, machine.device())?;
                (training.visible_means(), starts)
            }
            None if self.excerpts == self.dataset.training => {
                (self.dataset.visible_means(), measured)
            }
            None => {
                let starts = measured.sharing_rows(&first_rows(&self.dataset.training))?;
                (self.dataset.visible_means(), starts)
            }
        };
        let stop = stop_on_ctrl_c()?;
        let mut told = 0;
        let mut go_on = |share: f64| {
            let tenths = (share * 10.0) as u32;
            if tenths > told {
                told = tenths;
                tell!("log Z: {}0 %", tenths);
            }
            !stop.load(Ordering::Relaxed)
        };
        Ok(log_partition(machine, &means, &starts, settings, &mut go_on)?)
    }
}

/// The files of the command line as excerpts of the model: all of them, and not transposed.
fn read(options: &EvaluateOptions, encoding: &EncodingSettings) -> anyhow::Result<Dataset> {
    let encoding =
        EncodingSettings { held_out_share: 0.0, transpose_semitones: 0, ..encoding.clone() };
    let songs = import(&options.paths, &encoding)?.songs;
    match Dataset::build(&songs, &encoding) {
        Err(DatasetError::NoSongs) => anyhow::bail!("none of the files can be measured with"),
        Err(DatasetError::NoExcerpts { n_songs, steps_per_excerpt }) => anyhow::bail!(
            "{} and none fills an excerpt of the model, {}",
            count(n_songs, "song"),
            count(steps_per_excerpt as usize, "step")
        ),
        other => Ok(other?),
    }
}

fn first_rows(excerpts: &[Excerpt]) -> Vec<u32> {
    excerpts.iter().map(|excerpt| excerpt.first_row).collect()
}

fn store_of(
    dataset: &Dataset,
    excerpts: &[Excerpt],
    device: Device,
) -> anyhow::Result<ExcerptStore> {
    let (width, steps) = (dataset.row_width, dataset.steps_per_excerpt);
    Ok(ExcerptStore::new(dataset.rows.words(), width, steps, &first_rows(excerpts), device)?)
}

struct Report<'a> {
    material: &'a Material,
    machine: &'a Machine,
    measures: Measures,
    partition: Option<LogPartition>,
    /// Of an excerpt.
    steps: usize,
}

impl Report<'_> {
    fn json(&self) -> Value {
        let mut object = Map::new();
        let (source, value) = &self.material.source;
        let measures = &self.measures;
        object.extend([
            ((*source).to_owned(), value.clone()),
            ("excerpts".to_owned(), json!(self.material.excerpts.len())),
            ("steps_per_excerpt".to_owned(), json!(self.steps)),
            ("reconstruction_error".to_owned(), json!(measures.reconstruction_error)),
            ("cross_entropy".to_owned(), json!(measures.cross_entropy)),
            ("free_energy".to_owned(), json!(measures.free_energy)),
            ("pseudo_log_likelihood".to_owned(), json!(measures.pseudo_log_likelihood)),
            ("hidden_activation".to_owned(), json!(measures.hidden_activation)),
            ("dead_hidden_units".to_owned(), json!(measures.dead_hidden_units)),
            ("saturated_hidden_units".to_owned(), json!(measures.saturated_hidden_units)),
            ("density".to_owned(), json!(measures.density)),
            ("hidden_retention".to_owned(), json!(self.machine.hidden_retention())),
        ]);
        if let Some(partition) = &self.partition {
            self.add_likelihood(partition, &mut object);
        }
        Value::Object(object)
    }

    fn add_likelihood(&self, partition: &LogPartition, object: &mut Map<String, Value>) {
        let (method, runs, temperatures) = match partition.method {
            Method::Enumeration => ("exact", None, None),
            Method::Annealing(settings) => {
                ("ais", Some(settings.runs), Some(settings.temperatures))
            }
        };
        let free_energy = self.measures.free_energy;
        let likelihood = partition.log_likelihood(free_energy);
        let (low, high) = partition.log_likelihood_range(free_energy);
        object.extend([
            ("log_z_method".to_owned(), json!(method)),
            ("ais_runs".to_owned(), json!(runs)),
            ("ais_temperatures".to_owned(), json!(temperatures)),
            ("log_z".to_owned(), json!(partition.log_z)),
            ("log_z_low".to_owned(), json!(partition.log_z_low)),
            ("log_z_high".to_owned(), json!(partition.log_z_high)),
            ("log_z_reverse".to_owned(), json!(partition.log_z_reverse)),
            ("log_z_reverse_low".to_owned(), json!(partition.log_z_reverse_low)),
            ("log_z_reverse_high".to_owned(), json!(partition.log_z_reverse_high)),
            ("log_z_gap".to_owned(), json!(partition.gap())),
            ("log_likelihood".to_owned(), json!(likelihood)),
            ("log_likelihood_low".to_owned(), json!(low)),
            ("log_likelihood_high".to_owned(), json!(high)),
            ("log_likelihood_per_step".to_owned(), json!(likelihood / self.steps as f64)),
        ]);
    }

    fn print(&self) -> anyhow::Result<()> {
        let measures = &self.measures;
        let of = match &self.material.source {
            ("split", Value::String(split)) => format!("the project's {split} songs"),
            _ => "the files named".to_owned(),
        };
        say!("{} of {of}", count(self.material.excerpts.len(), "excerpt"))?;
        say!("reconstruction error   {:.5} (mean square)", measures.reconstruction_error)?;
        say!("cross-entropy          {:.3} nats an excerpt", measures.cross_entropy)?;
        say!("free energy            {:.3} nats an excerpt", measures.free_energy)?;
        say!("pseudo-log-likelihood  {:.3} nats an excerpt", measures.pseudo_log_likelihood)?;
        say!(
            "hidden units           {:.1} % on, {} dead, {} saturated",
            100.0 * measures.hidden_activation,
            measures.dead_hidden_units,
            measures.saturated_hidden_units
        )?;
        let Some(partition) = &self.partition else { return Ok(()) };
        let likelihood = partition.log_likelihood(measures.free_energy);
        say!(
            "log-likelihood         {likelihood:.3} nats an excerpt, {:.4} a step",
            likelihood / self.steps as f64
        )?;
        self.print_partition(partition)
    }

    fn print_partition(&self, partition: &LogPartition) -> anyhow::Result<()> {
        match partition.method {
            Method::Enumeration => say!("log Z                  {:.3}, exact", partition.log_z)?,
            Method::Annealing(settings) => {
                say!(
                    "log Z                  {:.3} ({:.3} to {:.3}) annealing forward, {:.3} ({:.3} \
                     to {:.3}) back; {} runs, {} temperatures",
                    partition.log_z,
                    partition.log_z_low,
                    partition.log_z_high,
                    partition.log_z_reverse,
                    partition.log_z_reverse_low,
                    partition.log_z_reverse_high,
                    settings.runs,
                    settings.temperatures
                )?;
            }
        }
        if partition.gap() > TRUSTED_GAP {
            say!(
                "the two ends lie {:.2} nats apart, more than {TRUSTED_GAP}: take the figure for a \
                 guess, and try more --ais-temperatures",
                partition.gap()
            )?;
        }
        if self.machine.hidden_retention() < 1.0 {
            say!("the log-likelihood is that of the raw weights, without the dropout's scaling")?;
        }
        Ok(())
    }
}
