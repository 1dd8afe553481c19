//! `harmonium generate`: new music from a trained project, as MIDI files.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use serde_json::json;

use crate::dataset::{
    Dataset, EncodingSettings, Nearest, TrainingBits, median_tempo, prevailing_metre,
};
use crate::engine::{GenerateRequest, VoiceSource, dream};
use crate::generate::{
    GenerateError, GenerateSettings, Region, ScoreSettings, StartPoint, Task, roll_to_score,
    score_notes_to_roll,
};
use crate::midi;
use crate::music::{Metre, Score, TempoMap, best_key};
use crate::project::{self, PieceRecord, Project, write_atomically};
use crate::rbm::set_thread_count;

use super::arguments::GenerateOptions;
use super::output::{UsageError, count, object, print_json, say, tell};

pub(super) fn run(options: &GenerateOptions) -> anyhow::Result<ExitCode> {
    set_thread_count(1);
    let project = project::load(&options.project)?;
    let (source, request) = prepare(options, &project)?;
    let pieces = dream(&source, &request, &mut |_| true)?;
    std::fs::create_dir_all(&options.out)
        .with_context(|| format!("{} cannot be made", options.out.display()))?;
    let digits = pieces.len().to_string().len().max(2);
    let songs = Songs::of(&project, &source.encoding);
    for (number, piece) in pieces.iter().enumerate() {
        let path = options.out.join(format!("harmonium-{:0digits$}.mid", number + 1));
        write_piece(&path, piece, songs.as_ref(), options.json)?;
    }
    if !options.json {
        say!("{} in {}", count(pieces.len(), "piece"), options.out.display())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What to ask of which model.
pub(super) fn prepare(
    options: &GenerateOptions,
    project: &Project,
) -> anyhow::Result<(VoiceSource, GenerateRequest)> {
    let name = options.project.display();
    let model = project.model.as_ref().with_context(|| {
        format!("{name} holds no trained model; train it first with harmonium train")
    })?;
    let encoding = &model.run.settings.encoding;
    // Songs that were encoded anew after the training do not keep the model from being heard.
    let visible_means = project.dataset(encoding).ok().map(|dataset| dataset.visible_means());
    let source = VoiceSource::of_model(model, visible_means, options.device.resolve()?);
    let mut settings = GenerateSettings::suited_to(!source.chains.is_empty());
    override_settings(&mut settings, options);
    let mut song = None;
    match options.start.as_deref() {
        None => {}
        Some("silence") => settings.start = StartPoint::Silence,
        Some("noise") => settings.start = StartPoint::Noise,
        Some("chains") => settings.start = StartPoint::Chains,
        Some(file) => {
            settings.start = StartPoint::Song;
            song = Some(Arc::new(read_roll(Path::new(file), encoding)?.0));
        }
    }
    let mut metre = prevailing_metre(&project.songs).unwrap_or_default();
    let mut beats_per_minute = median_tempo(&project.songs);
    let task = match (&options.continue_file, &options.infill) {
        (Some(file), _) | (None, Some(file)) => {
            let (roll, score) = read_roll(file, encoding)?;
            metre = score.metres.first().map_or(Metre::COMMON, |change| change.metre);
            beats_per_minute = Some(score.tempo.prevailing(score.length_ticks));
            let steps_per_bar = metre.beats_per_bar() * f64::from(encoding.steps_per_beat);
            match &options.bars_free {
                Some(bars) => infill(roll, bars, steps_per_bar)?,
                None => Task::Continue(roll),
            }
        }
        (None, None) => Task::New,
    };
    settings.validate().map_err(|error| UsageError(error.to_string()))?;
    let beats_per_minute = beats_per_minute.unwrap_or(TempoMap::DEFAULT_BEATS_PER_MINUTE);
    let locked = Vec::new();
    Ok((source, GenerateRequest { settings, song, task, locked, metre, beats_per_minute }))
}

fn override_settings(settings: &mut GenerateSettings, options: &GenerateOptions) {
    settings.pieces = options.count.unwrap_or(settings.pieces);
    settings.bars = options.bars.unwrap_or(settings.bars);
    settings.gibbs_steps = options.gibbs_steps.unwrap_or(settings.gibbs_steps);
    settings.temperature = options.temperature.unwrap_or(settings.temperature);
    settings.seed = options.seed.unwrap_or(settings.seed);
}

/// Bars such as `3-4`, counted from 1, both included.
fn infill(roll: crate::music::PianoRoll, bars: &str, steps_per_bar: f64) -> anyhow::Result<Task> {
    let malformed = || UsageError(format!("--bars-free {bars}: it has the form 3-4, or 3"));
    let (first, last) = bars.split_once('-').unwrap_or((bars, bars));
    let first: u32 = first.trim().parse().map_err(|_error| malformed())?;
    let last: u32 = last.trim().parse().map_err(|_error| malformed())?;
    let n_bars = (roll.n_steps() as f64 / steps_per_bar).ceil() as u32;
    if first < 1 || last < first || last > n_bars {
        return Err(GenerateError::BarsOutside { first, last, bars: n_bars }.into());
    }
    let step = |bar: u32| ((f64::from(bar) * steps_per_bar).round() as usize).min(roll.n_steps());
    let free = step(first - 1)..step(last);
    Ok(Task::Inside { roll, region: Region::of_steps(free) })
}

fn read_roll(
    path: &Path,
    encoding: &crate::dataset::EncodingSettings,
) -> anyhow::Result<(crate::music::PianoRoll, Score)> {
    let score = read_score(path)?;
    let roll = score_notes_to_roll(&score, encoding.pitches(), encoding.steps_per_beat);
    if roll.hold_count() == 0 {
        anyhow::bail!("{} has no notes within the model's pitch range", path.display());
    }
    Ok((roll, score))
}

/// Reads a MIDI file; the error names it.
pub(super) fn read_score(path: &Path) -> anyhow::Result<Score> {
    let bytes = std::fs::read(path).with_context(|| format!("{}", path.display()))?;
    let file = midi::read(&bytes).with_context(|| format!("{}", path.display()))?;
    for warning in &file.warnings {
        tell!("harmonium: {}: {warning}", path.display());
    }
    Ok(file.to_score())
}

/// The songs that the model learned from, to tell copies from music of its own.
struct Songs {
    dataset: Dataset,
    bits: TrainingBits,
}

impl Songs {
    /// `None` where the songs were encoded anew after the training.
    fn of(project: &Project, encoding: &EncodingSettings) -> Option<Self> {
        let dataset = project.dataset(encoding).ok()?;
        Some(Self { bits: TrainingBits::of(&dataset), dataset })
    }

    fn nearest(&self, piece: &PieceRecord) -> Option<Nearest> {
        let steps_per_bar = piece.metre.steps_per_bar(piece.roll.steps_per_beat());
        self.bits.nearest((&piece.roll, steps_per_bar), &self.dataset.settings, &|| false)
    }

    fn title(&self, nearest: &Nearest) -> &str {
        &self.dataset.songs[nearest.song].title
    }
}

fn write_piece(
    path: &Path,
    piece: &PieceRecord,
    songs: Option<&Songs>,
    is_json: bool,
) -> anyhow::Result<()> {
    let settings = ScoreSettings {
        name: piece.name.clone(),
        beats_per_minute: piece.beats_per_minute,
        metre: piece.metre,
        key: best_key(&piece.played_notes()),
        ..ScoreSettings::default()
    };
    let score = roll_to_score(&piece.roll, &settings);
    write_atomically(path, &midi::write(&score), None)?;
    let steps_per_bar = piece.metre.beats_per_bar() * f64::from(piece.roll.steps_per_beat());
    let bars = (piece.roll.n_steps() as f64 / steps_per_bar).ceil() as u32;
    let nearest = songs.and_then(|songs| Some((songs, songs.nearest(piece)?)));
    let title = nearest.as_ref().map(|(songs, nearest)| songs.title(nearest));
    let nearest = nearest.as_ref().map(|(_, nearest)| nearest);
    if is_json {
        print_json(&object([
            ("file", json!(path.to_string_lossy())),
            ("bars", json!(bars)),
            ("notes", json!(score.note_count())),
            ("seconds", json!(score.duration_secs())),
            ("seed", json!(piece.seed)),
            ("beats_per_minute", json!(piece.beats_per_minute)),
            ("nearest_distance", json!(nearest.map(|nearest| nearest.distance))),
            ("nearest_song", json!(title)),
            ("is_copy", json!(nearest.map(Nearest::is_copy))),
        ]))?;
    } else {
        let copied = match (nearest.filter(|nearest| nearest.is_copy()), title) {
            (Some(_), Some(title)) => format!("; a copy, nearest to \"{title}\""),
            _ => String::new(),
        };
        say!(
            "{}: {}, {}{copied}",
            path.display(),
            count(bars as usize, "bar"),
            count(score.note_count(), "note")
        )?;
    }
    Ok(())
}
