//! Project files: what is saved comes back, what is damaged is named, what is old opens forever.

use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use harmonium::dataset::{EncodingSettings, Planes};
use harmonium::generate::{
    AnnealCurve, GenerateSettings, MusicalScore, Ranking, ScaleRule, StartPoint, Steering,
};
use harmonium::music::{Metre, PianoRoll, PitchRange, RollNote, Scale, ScaleKind};
use harmonium::project::{
    FORMAT_VERSION, Model, PieceRecord, Project, ProjectError, Run, RunModel, load, save, to_bytes,
    weights_sha256,
};
use harmonium::rbm::{Algorithm, Device};
use harmonium::train::{SettingChange, TrainSettings, Trainer, WatchedMeasure};
use proptest::prelude::*;
use safetensors::SafeTensors;
use safetensors::tensor::Dtype;
use serde_json::{Value, json};
use sha2::Digest as _;

use crate::world::{Dice, reliability_count, small_settings, songs, train, trained_project};

/// The oldest file that must open.
const GOLDEN: &str = "tests/fixtures/project_v1.harmonium";

/// A model of a few dozen numbers.
pub fn tiny_settings() -> TrainSettings {
    TrainSettings {
        encoding: EncodingSettings {
            steps_per_excerpt: 4,
            pitch_low: 48,
            pitch_count: 24,
            held_out_share: 0.2,
            ..EncodingSettings::default()
        },
        hidden_units: 3,
        chains: 4,
        epochs: 2,
        ..small_settings()
    }
}

/// A project with something in every field.
pub fn full_project(settings: &TrainSettings) -> Project {
    let mut project = trained_project(settings.clone());
    project.held_out_songs = songs(2, &settings.encoding);
    project.songs[1].is_included = false;
    project.songs[2].duplicate_of = Some(PathBuf::from("elsewhere.mid"));
    project.generate = GenerateSettings {
        anneal_from: Some(3.0),
        anneal_curve: AnnealCurve::Linear,
        form: "AABA".parse().unwrap(),
        steering: Steering {
            scale: Some(Scale { tonic: 2, kind: ScaleKind::Dorian }),
            scale_rule: ScaleRule::Favoured,
            density: Some(1.5),
            lowest_pitch: Some(40),
            highest_pitch: Some(90),
            polyphony: Some(6),
            rhythm: -0.5,
        },
        pieces: 3,
        temperature: 0.875,
        start: StartPoint::Noise,
        seed: u64::MAX,
        ..GenerateSettings::REPORT
    };
    let model = project.model.as_mut().unwrap();
    let change = SettingChange {
        epoch: 1,
        key: "momentum".to_owned(),
        value: "0.5".to_owned(),
        before: Some("0.9".to_owned()),
    };
    model.run.history.changes.push(change);
    let earlier = Run {
        name: "Früher \u{1F3B5} \"\\\n".to_owned(),
        color: 3,
        is_hidden: true,
        failure: Some("it diverged in epoch 2".to_owned()),
        ..model.run.clone()
    };
    let without_model = Run { name: "Run 0".to_owned(), ..Run::default() };
    let state = Arc::new(model.state.clone());
    project.runs.extend([without_model, earlier]);
    project.run_models.push(RunModel { run: 1, state });
    let notes = [RollNote { start_step: 0, n_steps: 3, pitch: 60 }];
    let pitches = PitchRange { low: 36, count: 60 };
    project.pieces.push(PieceRecord {
        name: "Piece 1".to_owned(),
        roll: Arc::new(PianoRoll::from_notes(&notes, 12, pitches, 3)),
        seed: 7,
        beats_per_minute: 93.5,
        metre: Metre { numerator: 6, denominator: 8 },
        is_favourite: true,
        velocities: Arc::new([101]),
        original: Some(Arc::new(PianoRoll::new(9, pitches, 3))),
        locked: Arc::new(notes),
        ranking: Some(Ranking {
            free_energy: -12.5,
            novelty: Some(0.25),
            score: MusicalScore { in_key: 1.0, sounding_bars: 0.5, sound_lengths: 0.75 },
        }),
    });
    project.unknown = [("later".to_owned(), json!({"a": [1, null, "ü"]}))].into_iter().collect();
    project
}

/// What does not go into the file: the songs' own events.
fn without_sources(mut project: Project) -> Project {
    for song in project.songs.iter_mut().chain(&mut project.held_out_songs) {
        song.source = None;
    }
    project
}

fn from_bytes(bytes: &[u8]) -> Result<Project, ProjectError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("p.harmonium");
    fs::write(&path, bytes).unwrap();
    load(&path)
}

#[test]
fn everything_that_is_saved_comes_back() {
    let cd = Algorithm::ContrastiveDivergence;
    let hold = EncodingSettings { planes: Planes::Hold, ..small_settings().encoding };
    for settings in [
        small_settings(),
        tiny_settings(),
        TrainSettings { algorithm: cd, centered: false, momentum: 0.0, ..small_settings() },
        TrainSettings { dropout: 0.3, learning_rate: 0.012_345_678_901_234_5, ..small_settings() },
        TrainSettings { encoding: hold, ..small_settings() },
    ] {
        let project = without_sources(full_project(&settings));
        let loaded = from_bytes(&to_bytes(&project).unwrap()).unwrap();
        assert!(loaded == project, "the project came back changed");
        assert!(to_bytes(&loaded).unwrap() == to_bytes(&project).unwrap());
    }
    let empty = Project::default();
    assert!(from_bytes(&to_bytes(&empty).unwrap()).unwrap() == empty);
}

proptest! {
    #[test]
    fn every_number_comes_back_to_the_last_bit(
        rate in 0.0001..1.0_f64,
        error in prop::num::f64::NORMAL,
        seed in any::<u64>(),
        name in any::<String>(),
    ) {
        let mut project = Project::default();
        project.settings.learning_rate = rate;
        project.generate.seed = seed;
        project.generate.temperature = error;
        let settings = project.settings.clone();
        project.runs.push(Run { name, settings, ..Run::default() });
        let loaded = from_bytes(&to_bytes(&project).unwrap()).unwrap();
        prop_assert_eq!(loaded.settings.learning_rate, rate);
        prop_assert!(loaded == project);
    }
}

#[test]
fn a_project_is_a_safetensors_file_that_anybody_can_read() {
    let project = full_project(&small_settings());
    let state = &project.model.as_ref().unwrap().state;
    let bytes = to_bytes(&project).unwrap();
    let tensors = SafeTensors::deserialize(&bytes).unwrap();
    let weights = tensors.tensor("weights").unwrap();
    assert_eq!((weights.dtype(), weights.shape()), (Dtype::F32, &[16 * 88, 16][..]));
    let floats = |name: &str| -> Vec<f32> {
        let data = tensors.tensor(name).unwrap().data().to_vec();
        data.as_chunks::<4>().0.iter().map(|four| f32::from_le_bytes(*four)).collect()
    };
    assert_eq!(floats("weights"), state.parameters.weights);
    assert_eq!(floats("visible_bias"), state.parameters.visible_bias);
    assert_eq!(floats("hidden_bias"), state.parameters.hidden_bias);
    assert_eq!(tensors.tensor("rolls").unwrap().dtype(), Dtype::U8);
    let (_, metadata) = SafeTensors::read_metadata(&bytes).unwrap();
    let document: Value =
        serde_json::from_str(&metadata.metadata().as_ref().unwrap()["harmonium"]).unwrap();
    assert_eq!(document["format_version"], FORMAT_VERSION);
    assert!(document["written_by"].as_str().unwrap().starts_with("Harmonium "));
    let n_steps: u64 = document["songs"][0]["n_steps"].as_u64().unwrap();
    assert_eq!(n_steps, project.songs[0].roll.n_steps() as u64);
}

/// A project file with its document changed.
fn edited(project: &Project, edit: impl FnOnce(&mut Value)) -> Vec<u8> {
    let bytes = to_bytes(project).unwrap();
    let (_, metadata) = SafeTensors::read_metadata(&bytes).unwrap();
    let text = &metadata.metadata().as_ref().unwrap()["harmonium"];
    let mut document: Value = serde_json::from_str(text).unwrap();
    edit(&mut document);
    let tensors = SafeTensors::deserialize(&bytes).unwrap();
    let metadata = [("harmonium".to_owned(), document.to_string())].into();
    safetensors::serialize(tensors.tensors(), Some(metadata)).unwrap()
}

#[test]
fn fields_of_a_later_version_survive() {
    let project = full_project(&tiny_settings());
    let bytes = edited(&project, |document| document["new_thing"] = json!([1, {"b": 2.5}]));
    let loaded = from_bytes(&bytes).unwrap();
    assert_eq!(loaded.unknown.get("new_thing"), Some(&json!([1, {"b": 2.5}])));
    assert_eq!(loaded.unknown.get("later"), project.unknown.get("later"));
    let again = from_bytes(&to_bytes(&loaded).unwrap()).unwrap();
    assert!(again == loaded);
}

#[test]
fn fields_of_a_later_version_survive_wherever_they_stand() {
    let project = full_project(&tiny_settings());
    let places = [
        ("/settings", "later_knob"),
        ("/settings/encoding", "later_grid"),
        ("/songs/2", "mood"),
        ("/songs/0/roll_settings", "swing"),
        ("/model/run", "note"),
        ("/model/run/history/epochs/1", "later_measure"),
        ("/runs/1", "tag"),
        ("/pieces/0", "lyrics"),
    ];
    let bytes = edited(&project, |document| {
        for (object, field) in places {
            document.pointer_mut(object).unwrap()[field] = json!({"of": object});
        }
    });
    let mut loaded = from_bytes(&bytes).unwrap();
    // Others stand before them now.
    loaded.songs.remove(0);
    loaded.runs.insert(0, Run { name: "new".to_owned(), ..Run::default() });
    loaded.run_models.clear();
    let again = document_of(&to_bytes(&loaded).unwrap());
    for (object, field) in places {
        let moved = match object {
            "/songs/2" => "/songs/1",
            "/runs/1" => "/runs/2",
            // It went with its song.
            "/songs/0/roll_settings" => continue,
            other => other,
        };
        let value = &again.pointer(moved).unwrap()[field];
        assert_eq!(*value, json!({"of": object}), "{moved}/{field}");
    }
}

fn document_of(bytes: &[u8]) -> Value {
    let (_, metadata) = SafeTensors::read_metadata(bytes).unwrap();
    serde_json::from_str(&metadata.metadata().as_ref().unwrap()["harmonium"]).unwrap()
}

#[test]
fn what_a_project_says_of_its_songs_is_brought_into_range() {
    let project = full_project(&tiny_settings());
    let bytes = edited(&project, |document| {
        let song = &mut document["songs"][0];
        song["tempo_bpm"] = json!(1e300);
        song["metre"] = json!({"numerator": 0, "denominator": 3});
        song["key"] = json!({"tonic": 200, "mode": "Major"});
        song["path"] = json!("/home/ann/../../etc/passwd");
        song["folder"] = json!("/home/ann");
        document["songs"][1]["path"] = json!("/elsewhere/a.mid");
        document["songs"][1]["folder"] = json!("/home/ann");
    });
    let loaded = from_bytes(&bytes).unwrap();
    let song = &loaded.songs[0];
    assert_eq!((song.tempo_bpm, song.metre, song.key), (120.0, Metre::COMMON, None));
    assert_eq!(song.folder, PathBuf::new(), "no folder is read because a file climbed out of it");
    assert_eq!(loaded.songs[1].folder, PathBuf::from("/elsewhere"));
}

#[test]
fn a_file_that_promises_more_than_it_has_is_refused_before_it_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("huge.harmonium");
    let bytes = to_bytes(&full_project(&tiny_settings())).unwrap();
    // A terabyte of nothing after a sound header, and a header of a terabyte.
    for (bytes, words) in
        [(bytes.clone(), "a part of it is missing"), ([0xff; 64].to_vec(), "does not begin")]
    {
        fs::write(&path, bytes).unwrap();
        fs::File::options().write(true).open(&path).unwrap().set_len(1 << 40).unwrap();
        let error = load(&path).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
}

#[test]
fn a_newer_format_and_other_files_are_refused_with_words() {
    let project = full_project(&tiny_settings());
    let check = |bytes: &[u8], words: &[&str]| {
        let error = from_bytes(bytes).unwrap_err().to_string();
        assert!(error.contains("p.harmonium"), "{error}");
        for word in words {
            assert!(error.contains(word), "\"{word}\" is not in: {error}");
        }
    };
    let newer = edited(&project, |document| {
        *document = json!({"format_version": 2, "nothing": "else is known"});
    });
    check(&newer, &["newer Harmonium", "format 2", "install"]);
    let versionless = edited(&project, |document| document["format_version"] = json!("one"));
    check(&versionless, &["not a Harmonium project", "format_version"]);
    let other = safetensors::serialize::<&str, safetensors::tensor::TensorView<'_>, _>([], None);
    check(&other.unwrap(), &["not one of Harmonium's"]);
    check(b"", &["not a Harmonium project"]);
    check(b"MThd\0\0\0\x06\0\0\0\x01\0\x60", &["not a Harmonium project"]);
    for (edit, words) in [
        (("/songs/0/n_steps", json!(90_000)), "cut short"),
        (("/songs/0/n_steps", json!(1_000_000_000_u64)), "impossible sizes"),
        (("/songs/0/roll_settings/pitches/count", json!(0)), "impossible sizes"),
        (("/songs/0/roll_settings/pitches/low", json!(200)), "impossible sizes"),
        (("/songs/0/roll_settings/steps_per_beat", json!(0)), "impossible sizes"),
        (("/songs/0/content_sha256", json!("zz")), "hash"),
        (("/model/run/settings/encoding/pitch_count", json!(23)), "do not fit"),
        (("/pieces/0/n_steps", json!(u64::MAX)), "impossible sizes"),
        (("/pieces/0/pitch_low", json!(127)), "impossible sizes"),
        (("/settings/hidden_units", json!(-3)), "document is damaged"),
    ] {
        let bytes = edited(&project, |document| *document.pointer_mut(edit.0).unwrap() = edit.1);
        check(&bytes, &["not a Harmonium project", words]);
    }
}

/// Opens the bytes and does with the project what a program does. Panics are told from errors.
fn survives(bytes: &[u8]) -> Result<bool, String> {
    let attempt = catch_unwind(|| {
        let Ok(project) = from_bytes(bytes) else { return false };
        assert!(to_bytes(&project).is_ok());
        for piece in &project.pieces {
            assert!(piece.roll.notes().iter().all(|note| note.n_steps > 0));
        }
        if let Some(model) = &project.model
            && let Ok(dataset) = project.dataset(&model.run.settings.encoding)
        {
            let settings = model.run.settings.clone();
            let trainer = Trainer::resume(&dataset, settings, Device::Cpu, &model.state);
            if let Ok(mut trainer) = trainer {
                assert!((0.0..=1.0).contains(&trainer.progress()));
                // Weights that are no numbers end the run with words.
                drop(trainer.step());
            }
        }
        true
    });
    attempt.map_err(|panic| match panic.downcast::<String>() {
        Ok(words) => *words,
        Err(other) => format!("{:?}", other.downcast_ref::<&str>()),
    })
}

#[test]
fn a_truncated_project_is_refused_wherever_it_was_cut() {
    let bytes = to_bytes(&full_project(&small_settings())).unwrap();
    for end in (0..bytes.len()).step_by(97) {
        let error = from_bytes(&bytes[..end]).unwrap_err().to_string();
        assert!(error.contains("is not a Harmonium project"), "cut at {end}: {error}");
    }
}

#[test]
fn a_damaged_project_opens_or_is_refused_and_nothing_else() {
    let seeds = project_seeds();
    let mut dice = Dice::new(20);
    let mut n_opened = 0;
    let n_files = reliability_count(20_000);
    for number in 0..n_files {
        let mut damaged = seeds[number % seeds.len()].clone();
        for _ in 0..=dice.below(4) {
            damage(&mut damaged, &mut dice);
        }
        match survives(&damaged) {
            Ok(is_open) => n_opened += usize::from(is_open),
            Err(words) => panic!("mutation {number}: {words}"),
        }
    }
    println!(
        "reliability: damaged projects: {n_files} tried, 0 failed ({} seeds, {n_opened} opened)",
        seeds.len()
    );
    assert!(
        n_opened > n_files / 20 && n_opened < n_files / 20 * 19,
        "{n_opened}: too few of one kind"
    );
}

/// A new project, one with something everywhere, the oldest version, both planes and other chains, and
/// one with a long history, many pieces and names in many scripts.
fn project_seeds() -> Vec<Vec<u8>> {
    let tiny = tiny_settings();
    let full = full_project(&tiny);
    let hold = EncodingSettings { planes: Planes::Hold, ..tiny.encoding.clone() };
    let plain = TrainSettings {
        algorithm: Algorithm::ContrastiveDivergence,
        momentum: 0.0,
        encoding: hold,
        ..tiny.clone()
    };
    let mut long = full_project(&TrainSettings {
        algorithm: Algorithm::ParallelTempering,
        keep_best: WatchedMeasure::HeldOutPseudoLogLikelihood,
        epochs: 12,
        ..tiny
    });
    let names = ["日本の歌", "שיר 🎵", "a\u{301}\u{200f}\u{0}b", "", "x/../../etc", "\u{feff}{\"}"];
    let piece = long.pieces[0].clone();
    let renamed = |name: &&str| PieceRecord { name: (*name).to_owned(), ..piece.clone() };
    long.pieces.extend(names.iter().map(renamed));
    for (song, name) in long.songs.iter_mut().zip(names) {
        name.clone_into(&mut song.title);
    }
    let golden = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(GOLDEN)).unwrap();
    let projects = [Project::default(), full, full_project(&plain), long];
    let mut seeds: Vec<Vec<u8>> = projects.iter().map(|p| to_bytes(p).unwrap()).collect();
    seeds.push(golden);
    assert!(
        seeds.iter().all(|seed| survives(seed).is_ok_and(|is_open| is_open)),
        "whole, they open"
    );
    seeds
}

/// A flipped bit, a digit made another, a byte more or less, a stretch written twice.
fn damage(bytes: &mut Vec<u8>, dice: &mut Dice) {
    let at = dice.below(bytes.len());
    match dice.below(8) {
        0 => bytes[at] ^= 1 << dice.below(8),
        1 => bytes[at] = dice.below(256) as u8,
        2 => {
            bytes.remove(at);
        }
        3 => bytes.insert(at, dice.below(256) as u8),
        4 => {
            let end = (at + dice.below(64)).min(bytes.len());
            let copy = bytes[at..end].to_vec();
            bytes.splice(at..at, copy);
        }
        _ => {
            let digits: Vec<usize> =
                (0..bytes.len()).filter(|&place| bytes[place].is_ascii_digit()).collect();
            bytes[digits[dice.below(digits.len())]] = b'0' + dice.below(10) as u8;
        }
    }
}

#[test]
fn positions_beyond_the_data_are_refused_with_words() {
    let project = full_project(&small_settings());
    let model = project.model.clone().unwrap();
    let dataset = project.dataset(&model.run.settings.encoding).unwrap();
    let settings = TrainSettings { epochs: 50, ..model.run.settings.clone() };
    let mut state = model.state;
    state.batches = 1000;
    let trainer = Trainer::resume(&dataset, settings, Device::Cpu, &state);
    let error = trainer.expect_err("there is no such batch").to_string();
    assert!(error.contains("does not belong to this data"), "{error}");
}

#[test]
fn a_second_save_keeps_the_first_as_bak_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.harmonium");
    let (first, second) = (Project::default(), full_project(&tiny_settings()));
    save(&first, &path).unwrap();
    save(&second, &path).unwrap();
    assert!(load(&path).unwrap() == without_sources(second));
    assert!(load(&folder.path().join("a.harmonium.bak")).unwrap() == first);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[test]
fn the_hash_of_the_weights_is_that_of_their_bytes_in_order() {
    let project = trained_project(tiny_settings());
    let parameters = &project.model.unwrap().state.parameters;
    let mut bytes = Vec::new();
    for part in [&parameters.weights, &parameters.visible_bias, &parameters.hidden_bias] {
        bytes.extend(part.iter().flat_map(|value| value.to_le_bytes()));
    }
    let expected = harmonium::dataset::hex(&sha2::Sha256::digest(&bytes));
    assert_eq!(weights_sha256(parameters), expected);
}

#[test]
fn every_version_of_the_format_has_a_file_that_opens() {
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR"));
    for version in 1..=FORMAT_VERSION {
        let path = checkout.join(format!("tests/fixtures/project_v{version}.harmonium"));
        let document = document_of(&fs::read(&path).unwrap());
        assert_eq!(document["format_version"], version, "{}", path.display());
        load(&path).unwrap();
    }
}

#[test]
fn the_first_format_opens_forever() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(GOLDEN);
    if std::env::var_os("UPDATE").is_some() && !path.exists() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, to_bytes(&golden_project()).unwrap()).unwrap();
    }
    let bytes = fs::read(&path).expect("UPDATE=1 makes the file where there is none");
    assert!(bytes.len() < 20_000, "{} bytes", bytes.len());
    let project = load(&path).unwrap();
    assert_eq!(project.songs.len(), 4);
    assert_eq!(project.held_out_songs.len(), 2);
    assert!(!project.songs[1].is_included);
    assert_eq!(project.songs[0].title, "tune-00");
    assert_eq!(project.songs[0].roll.n_steps(), 128);
    assert_eq!(project.songs[0].roll.onset_count(), 33);
    assert_eq!(project.generate.start, StartPoint::Noise);
    assert_eq!(project.generate.temperature, 0.875);
    assert_eq!(project.settings.hidden_units, 3);
    assert_eq!(project.settings.encoding, tiny_settings().encoding);
    assert_eq!(project.runs.len(), 1);
    let piece = &project.pieces[0];
    assert_eq!((piece.name.as_str(), piece.seed, piece.is_favourite), ("Piece 1", 7, true));
    assert_eq!(piece.roll.notes(), [RollNote { start_step: 0, n_steps: 3, pitch: 60 }]);
    assert_eq!(project.unknown.get("later"), Some(&json!({"a": [1, null, "ü"]})));
    let Model { run, state } = project.model.clone().unwrap();
    assert_eq!((run.name.as_str(), run.history.epochs.len()), ("Run 1", 2));
    assert_eq!(run.history.changes[0].key, "momentum");
    assert_eq!((state.finished_epochs, state.batches), (2, 0));
    assert_eq!((state.parameters.n_visible, state.parameters.n_hidden), (4 * 48, 3));
    assert_eq!(state.learner.chains.len(), 4 * 4 * 48);
    // It is taken up again where it stopped.
    let dataset = project.dataset(&run.settings.encoding).unwrap();
    let settings = TrainSettings { epochs: 3, ..run.settings };
    let mut trainer = Trainer::resume(&dataset, settings, Device::Cpu, &state).unwrap();
    assert_eq!(train(&mut trainer, usize::MAX).len(), 1);
}

fn golden_project() -> Project {
    let mut project = full_project(&tiny_settings());
    project.songs.truncate(4);
    for song in project.songs.iter_mut().chain(&mut project.held_out_songs) {
        song.path = PathBuf::from("songs").join(format!("{}.mid", song.title));
        song.folder = PathBuf::from("songs");
    }
    project
}
