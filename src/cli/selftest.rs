//! `harmonium selftest`: what the machine offers, and the whole chain in seconds.

use std::ops::ControlFlow;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use serde_json::json;

use crate::audio::{self, FileFormat, SoundFont, SoundSettings, render_file};
use crate::dataset::{self, Song};
use crate::engine::{GenerateRequest, VoiceSource, dream};
use crate::generate::{GenerateSettings, ScoreSettings, Task, roll_to_score};
use crate::midi;
use crate::music::{Metre, Score};
use crate::platform::{Places, core_count, has_display, scratch_dir};
use crate::project::{self, Model, Project, Run, weights_sha256};
use crate::rbm::{Device, device_report, set_thread_count};
use crate::train::{Preset, StepOutcome, TrainSettings, Trainer};

use super::arguments::SelftestOptions;
use super::output::{count, object, print_json, say};

pub(super) fn run(options: &SelftestOptions) -> anyhow::Result<ExitCode> {
    let report = Report { is_json: options.json };
    let places = Places::find();
    report.offers(&places)?;
    let outcome = chain(&report, &places);
    let is_ok = outcome.is_ok();
    if let Err(error) = outcome {
        report.line("chain", false, &format!("{error:#}"))?;
    }
    if options.json {
        print_json(&object([("summary", json!(true)), ("ok", json!(is_ok))]))?;
    } else {
        say!("{}", if is_ok { "The chain works." } else { "The chain is broken." })?;
    }
    Ok(if is_ok { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

struct Report {
    is_json: bool,
}

impl Report {
    fn line(&self, check: &str, is_ok: bool, detail: &str) -> anyhow::Result<()> {
        if self.is_json {
            return print_json(&object([
                ("check", json!(check)),
                ("ok", json!(is_ok)),
                ("detail", json!(detail)),
            ]));
        }
        say!("{} {check}: {detail}", if is_ok { "ok     " } else { "missing" })?;
        Ok(())
    }

    /// What there is; nothing here is needed for the chain but libtorch.
    fn offers(&self, places: &Places) -> anyhow::Result<()> {
        self.line("version", true, env!("CARGO_PKG_VERSION"))?;
        self.line("libtorch", true, &format!("2.11, {}", count(core_count(), "core")))?;
        match device_report().why_no_cuda {
            None => self.line("cuda", true, "available")?,
            Some(reason) => self.line("cuda", false, &reason)?,
        }
        match audio::probe_device() {
            Ok(rate) => self.line("sound", true, &format!("a device at {rate} Hz"))?,
            Err(reason) => self.line("sound", false, &reason)?,
        }
        match &places.soundfont {
            Some(path) => self.line("soundfont", true, &path.display().to_string())?,
            None => self.line("soundfont", false, "the built-in one is not there")?,
        }
        let (has_display, words) = if has_display() {
            (true, "a display is named")
        } else {
            (false, "no display is named (DISPLAY, WAYLAND_DISPLAY); the command line works")
        };
        self.line("drawing", has_display, words)?;
        for remark in &places.remarks {
            self.line("remark", false, remark)?;
        }
        Ok(())
    }
}

/// Import, train, save, load, generate, write, render.
fn chain(report: &Report, places: &Places) -> anyhow::Result<()> {
    set_thread_count(1);
    let scratch = scratch_dir().context("no temporary folder can be made")?;
    let settings = TrainSettings { epochs: 2, ..Preset::Quick.settings() };
    let songs = import_demo(report, places, &settings)?;
    let project = train(report, songs, settings, scratch.path())?;
    let score = generate(report, &project, scratch.path())?;
    render(report, places, &score, scratch.path())
}

fn import_demo(
    report: &Report,
    places: &Places,
    settings: &TrainSettings,
) -> anyhow::Result<Vec<Song>> {
    let demo_set = places.demo_set.clone().context("the demo set is not there")?;
    let import = dataset::import(&[demo_set], &settings.encoding, &());
    let songs: Vec<Song> = import.songs;
    let taken = songs.iter().filter(|song| song.is_taken()).count();
    anyhow::ensure!(taken > 0, "no song of the demo set could be read");
    report.line("import", true, &count(taken, "song"))?;
    Ok(songs)
}

fn train(
    report: &Report,
    songs: Vec<Song>,
    settings: TrainSettings,
    scratch: &Path,
) -> anyhow::Result<Project> {
    let mut project = Project { songs, settings: settings.clone(), ..Project::default() };
    let dataset = project.dataset(&settings.encoding)?;
    let mut trainer = Trainer::new(&dataset, settings.clone(), Device::Cpu)?;
    let mut errors = Vec::new();
    while !trainer.is_finished() {
        if let StepOutcome::EpochFinished(metrics) = trainer.step()? {
            errors.push(metrics.reconstruction_error);
        }
    }
    let fell = errors.last() < errors.first();
    anyhow::ensure!(fell, "the reconstruction error did not fall: {errors:?}");
    report.line("train", true, &format!("reconstruction error {errors:.4?}"))?;
    let run = Run { name: "Self-test".to_owned(), settings, ..Run::default() };
    project.model = Some(Model { run, state: trainer.state()? });
    let path = scratch.join("selftest.harmonium");
    project::save(&project, &path)?;
    let loaded = project::load(&path)?;
    let hash = |project: &Project| {
        project.model.as_ref().map(|model| weights_sha256(&model.state.parameters))
    };
    anyhow::ensure!(hash(&project) == hash(&loaded), "the project came back changed");
    report.line("project", true, "saved and read back")?;
    Ok(loaded)
}

fn generate(report: &Report, project: &Project, scratch: &Path) -> anyhow::Result<Score> {
    let model = project.model.as_ref().context("the project lost its model")?;
    let dataset = project.dataset(&model.run.settings.encoding)?;
    let source = VoiceSource::of_model(model, Some(dataset.visible_means()), Device::Cpu);
    let request = GenerateRequest {
        settings: GenerateSettings {
            pieces: 1,
            bars: 4,
            gibbs_steps: 20,
            // The likeliest notes of a model so young may be none.
            is_last_step_likeliest: false,
            ..GenerateSettings::suited_to(true)
        },
        song: None,
        task: Task::New,
        locked: Vec::new(),
        metre: Metre::COMMON,
        beats_per_minute: 120.0,
    };
    let pieces = dream(&source, &request, &mut |_| true)?;
    let piece = pieces.first().context("nothing was generated")?;
    let score = roll_to_score(&piece.roll, &ScoreSettings::default());
    anyhow::ensure!(score.note_count() > 0, "the model dreamt of silence");
    let bytes = midi::write(&score);
    std::fs::write(scratch.join("selftest.mid"), &bytes)?;
    anyhow::ensure!(midi::read(&bytes)?.to_score() == score, "the MIDI file came back changed");
    report.line("generate", true, &count(score.note_count(), "note"))?;
    Ok(score)
}

fn render(report: &Report, places: &Places, score: &Score, scratch: &Path) -> anyhow::Result<()> {
    let font = places.soundfont.as_ref().context("the built-in SoundFont is not there")?;
    let font = SoundFont::open(font)?;
    let path = scratch.join("selftest.wav");
    let mut go_on = |_share: f64| ControlFlow::Continue(());
    let sound = SoundSettings::default();
    let rendered = render_file(score, &sound, &font, FileFormat::default(), &path, &mut go_on)?;
    anyhow::ensure!(rendered.peak > 0.001, "the WAV file is silent");
    report.line("render", true, &format!("{:.1} s of sound", rendered.seconds))
}
