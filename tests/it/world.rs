//! What several tests need: songs made by hand, small settings, a trained project, the program.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use harmonium::dataset::{EncodingSettings, Song, import};
use harmonium::midi;
use harmonium::music::{Metre, MetreChange, Note, Score, TempoMap, Track};
use harmonium::project::{self, Model, Project, Run};
use harmonium::rbm::Device;
use harmonium::train::{EpochRecord, StepOutcome, TrainSettings, Trainer};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng as _, SeedableRng as _};
use serde_json::Value;

/// A test that waits longer than this has found something that hangs.
pub const HANG_LIMIT: Duration = Duration::from_mins(2);

/// How often something is tried: `make test` does a tenth of what docs/reliability.md counts.
pub fn reliability_count(all: usize) -> usize {
    let is_full = std::env::var_os("HARMONIUM_RELIABILITY").is_some_and(|how| how == "full");
    if is_full { all } else { all / 10 }
}

pub const TICKS_PER_BEAT: u32 = 96;

/// Numbers that every run of a test draws alike.
pub struct Dice(Xoshiro256PlusPlus);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    /// 0 to below `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        (self.0.next_u64() % bound as u64) as usize
    }
}

/// A note in beats: start, length, pitch.
pub fn note((start, length, pitch): (f64, f64, u8)) -> Note {
    let ticks = |beats: f64| (beats * f64::from(TICKS_PER_BEAT)).round() as u64;
    Note { start_tick: ticks(start), length_ticks: ticks(length), pitch, velocity: 80 }
}

pub fn score(notes: &[(f64, f64, u8)], metre: Metre, beats: f64) -> Score {
    let mut notes: Vec<Note> = notes.iter().copied().map(note).collect();
    notes.sort_unstable();
    Score {
        ticks_per_beat: TICKS_PER_BEAT,
        tempo: TempoMap::constant(TICKS_PER_BEAT, 100.0),
        metres: vec![MetreChange { tick: 0, metre }],
        key: None,
        tracks: vec![Track { notes, ..Track::default() }],
        length_ticks: (beats * f64::from(TICKS_PER_BEAT)) as u64,
    }
}

/// A tune over broken chords, different for every number.
pub fn tune(number: u64, bars: u32) -> Score {
    let mut dice = Dice::new(number);
    let mut notes = Vec::new();
    for bar in 0..bars {
        let root = [60, 65, 67, 57][dice.below(4)];
        let start = f64::from(bar) * 4.0;
        for (place, interval) in [0_u8, 4, 7].into_iter().enumerate() {
            notes.push((start + place as f64, 1.0, root + interval));
        }
        notes.push((start + 3.0, 0.5, root + [0, 2, 12][dice.below(3)]));
        notes.push((start, 4.0, root - 12));
    }
    score(&notes, Metre::COMMON, f64::from(bars) * 4.0)
}

pub fn write_midi(path: &Path, score: &Score) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, midi::write(score)).unwrap();
}

/// A folder of tunes.
pub fn write_tunes(folder: &Path, numbers: std::ops::Range<u64>) {
    for number in numbers {
        write_midi(&folder.join(format!("tune-{number:02}.mid")), &tune(number, 8));
    }
}

/// One-bar excerpts of three octaves and a handful of units: a run of moments.
pub fn small_settings() -> TrainSettings {
    TrainSettings {
        encoding: EncodingSettings {
            pitch_low: 40,
            pitch_count: 44,
            held_out_share: 0.2,
            ..EncodingSettings::default()
        },
        hidden_units: 16,
        gibbs_steps: 1,
        chains: 12,
        batch_size: 8,
        epochs: 6,
        ..TrainSettings::default()
    }
}

/// [`small_settings`] as a run that goes on until it is told to stop. At the lowest rate: at the usual one so
/// small a machine diverges after a second or so, which on a busy machine is sooner than a test acts.
pub fn endless_settings() -> TrainSettings {
    TrainSettings { epochs: 1_000_000, learning_rate: 1e-4, ..small_settings() }
}

/// [`small_settings`] for the command line.
pub const SMALL: [&str; 12] = [
    "--set",
    "pitch_low=40",
    "--set",
    "pitch_count=44",
    "--set",
    "steps_per_excerpt=16",
    "--set",
    "hidden_units=16",
    "--set",
    "chains=12",
    "--set",
    "batch_size=8",
];

pub fn songs(n: u64, encoding: &EncodingSettings) -> Vec<Song> {
    let folder = tempfile::tempdir().unwrap();
    write_tunes(folder.path(), 0..n);
    import(&[folder.path().to_owned()], encoding, &()).songs
}

/// Runs to the end, or to so many updates.
pub fn train(trainer: &mut Trainer, updates: usize) -> Vec<EpochRecord> {
    let mut records = Vec::new();
    for _ in 0..updates {
        match trainer.step().unwrap() {
            StepOutcome::Updated => {}
            StepOutcome::EpochFinished(metrics) => {
                records.push(EpochRecord { metrics, seconds: 1.0, examples_per_second: 10.0 });
            }
            StepOutcome::Finished => break,
        }
    }
    records
}

/// A project with a model that has been trained to the end.
pub fn trained_project(settings: TrainSettings) -> Project {
    trained_on(songs(6, &settings.encoding), settings)
}

/// The same on these songs.
pub fn trained_on(songs: Vec<Song>, settings: TrainSettings) -> Project {
    let mut project = Project { songs, settings: settings.clone(), ..Project::default() };
    let dataset = project.dataset(&settings.encoding).unwrap();
    let mut trainer = Trainer::new(&dataset, settings.clone(), Device::Cpu).unwrap();
    let epochs = train(&mut trainer, usize::MAX);
    let mut run = Run { name: "Run 1".to_owned(), settings, ..Run::default() };
    run.history.epochs = epochs;
    project.model = Some(Model { run, state: trainer.state().unwrap() });
    project
}

/// The same as a file.
pub fn write_trained(folder: &Path) -> PathBuf {
    let path = folder.join("trained.harmonium");
    // Long enough that its music is more than silence.
    let settings = TrainSettings { epochs: 150, ..small_settings() };
    project::save(&trained_project(settings), &path).unwrap();
    path
}

/// The program, with a quiet environment.
pub fn harmonium() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_harmonium"));
    for name in ["OMP_NUM_THREADS", "OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "GOMP_CPU_AFFINITY"] {
        command.env_remove(name);
    }
    command
}

/// Runs the program to its end.
pub fn run(arguments: &[&str]) -> Finished {
    Finished::of(harmonium().args(arguments).output().unwrap())
}

/// What a finished program left.
pub struct Finished {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Finished {
    pub fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// The lines of standard output as JSON objects; anything else there is a failure.
    #[track_caller]
    pub fn objects(&self) -> Vec<Value> {
        assert_eq!(self.code, Some(0), "{}", self.stderr);
        json_lines(&self.stdout)
    }

    /// That it ended with this code and said all of these words, and no panic.
    #[track_caller]
    pub fn expect_error(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, Some(code), "{}", self.stderr);
        assert!(!self.stderr.contains("panicked"), "{}", self.stderr);
        for word in words {
            assert!(self.stderr.contains(word), "\"{word}\" is not in: {}", self.stderr);
        }
    }
}

#[track_caller]
pub fn json_lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| match serde_json::from_str(line) {
            Ok(Value::Object(object)) => Value::Object(object),
            _ => panic!("not a JSON object: {line}"),
        })
        .collect()
}

pub fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// The pop set beside the checkout; a message and `None` where it is not there.
pub fn pop_folder() -> Option<PathBuf> {
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR"));
    let candidates = ["../shared/data/pop", "../../shared/data/pop"];
    let found = candidates.iter().map(|c| checkout.join(c)).find(|c| c.is_dir());
    if found.is_none() {
        println!("skipped: the pop set is not beside this checkout");
    }
    found
}
