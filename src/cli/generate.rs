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
    GenerateError, GenerateSettings, MusicalScore, ScaleRule, ScoreSettings, StartPoint, Steering,
    Task, ranked, roll_to_score,
};
use crate::midi;
use crate::music::{PianoRoll, Scale, ScaleKind, TempoMap, best_key};
use crate::project::{self, PieceRecord, Project, write_atomically};
use crate::rbm::set_thread_count;

use super::arguments::GenerateOptions;
use super::given::{check_amount, given, read_roll};
use super::output::{UsageError, count, object, print_json, say, tell};

pub(super) fn check(options: &GenerateOptions) -> anyhow::Result<()> {
    let mut settings = GenerateSettings::default();
    override_settings(&mut settings, options);
    settings.validate().map_err(|error| UsageError(error.to_string()))?;
    check_amount(&options.task)?;
    Ok(())
}

pub(super) fn run(options: &GenerateOptions) -> anyhow::Result<ExitCode> {
    set_thread_count(1);
    let project = project::load(&options.project)?;
    let (mut source, request) = prepare(options, &project)?;
    let songs = Songs::of(&project, &source.encoding);
    source.training = songs.as_ref().map(|songs| Arc::clone(&songs.bits));
    let mut pieces = dream(&source, &request, &mut |_| true).map_err(|error| match error {
        GenerateError::FormBars { .. } => UsageError(error.to_string()).into(),
        _ => anyhow::Error::from(error),
    })?;
    if let Some(by) = options.rank_by {
        let rankings: Vec<_> = pieces.iter().map(|piece| piece.ranking).collect();
        pieces = ranked(&rankings, by.into()).into_iter().map(|n| pieces[n].clone()).collect();
    }
    std::fs::create_dir_all(&options.out)
        .with_context(|| format!("{} cannot be made", options.out.display()))?;
    let digits = pieces.len().to_string().len().max(2);
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
    let song = start(&mut settings, options, encoding)?;
    let given = given(&options.task, encoding)?;
    let metre = given.as_ref().map(|given| given.metre);
    let metre = metre.or_else(|| prevailing_metre(&project.songs)).unwrap_or_default();
    let beats_per_minute = given.as_ref().map(|given| given.beats_per_minute);
    let beats_per_minute = beats_per_minute
        .or_else(|| median_tempo(&project.songs))
        .unwrap_or(TempoMap::DEFAULT_BEATS_PER_MINUTE);
    let task = match given {
        Some(given) => given.task,
        None => Task::New,
    };
    if options.bars.is_some() && !task.takes_length() {
        tell!(
            "harmonium: --bars is not used here: a piece is as long as the file that it is made of"
        );
    }
    let locked = match &options.task.lock {
        Some(file) => read_roll(file, encoding)?.0.notes(),
        None => Vec::new(),
    };
    settings.validate().map_err(|error| UsageError(error.to_string()))?;
    Ok((source, GenerateRequest { settings, song, task, locked, metre, beats_per_minute }))
}

/// The starting point, with its song where there is one.
fn start(
    settings: &mut GenerateSettings,
    options: &GenerateOptions,
    encoding: &EncodingSettings,
) -> anyhow::Result<Option<Arc<PianoRoll>>> {
    settings.start = match options.task.start.as_deref() {
        None => return Ok(None),
        Some("silence") => StartPoint::Silence,
        Some("noise") => StartPoint::Noise,
        Some("chains") => StartPoint::Chains,
        Some(file) => {
            settings.start = StartPoint::Song;
            return Ok(Some(Arc::new(read_roll(Path::new(file), encoding)?.0)));
        }
    };
    Ok(None)
}

fn override_settings(settings: &mut GenerateSettings, options: &GenerateOptions) {
    settings.pieces = options.count.unwrap_or(settings.pieces);
    settings.bars = options.bars.unwrap_or(settings.bars);
    settings.gibbs_steps = options.gibbs_steps.unwrap_or(settings.gibbs_steps);
    settings.temperature = options.temperature.unwrap_or(settings.temperature);
    settings.seed = options.seed.unwrap_or(settings.seed);
    settings.form = options.task.form.unwrap_or(settings.form);
    let led = &options.steering;
    settings.is_last_step_likeliest &= !led.sample;
    settings.anneal_from = led.anneal_from;
    settings.anneal_curve = led.anneal_curve.unwrap_or_default();
    let kind = led.scale.unwrap_or(ScaleKind::Major);
    settings.steering = Steering {
        scale: led.key.map(|tonic| Scale { tonic, kind }),
        scale_rule: if led.favour_key { ScaleRule::Favoured } else { ScaleRule::Forced },
        density: led.density,
        lowest_pitch: led.pitch_range.map(|(low, _)| low),
        highest_pitch: led.pitch_range.map(|(_, high)| high),
        polyphony: led.polyphony,
        rhythm: led.rhythm.unwrap_or(0.0),
    };
}

/// The songs that the model learned from, to tell copies from music of its own.
struct Songs {
    dataset: Dataset,
    bits: Arc<TrainingBits>,
}

impl Songs {
    /// `None` where the songs were encoded anew after the training.
    fn of(project: &Project, encoding: &EncodingSettings) -> Option<Self> {
        let dataset = project.dataset(encoding).ok()?;
        Some(Self { bits: Arc::new(TrainingBits::of(&dataset)), dataset })
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
    let ranking = piece.ranking;
    let rated = ranking.map(|ranking| ranking.score);
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
            ("free_energy", json!(ranking.map(|ranking| ranking.free_energy))),
            ("novelty", json!(ranking.and_then(|ranking| ranking.novelty))),
            ("score", json!(rated.map(MusicalScore::value))),
            ("in_key", json!(rated.map(|score| score.in_key))),
            ("sounding_bars", json!(rated.map(|score| score.sounding_bars))),
            ("sound_lengths", json!(rated.map(|score| score.sound_lengths))),
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
