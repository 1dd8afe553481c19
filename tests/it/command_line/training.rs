//! `harmonium train`: runs, resumed runs, killed runs.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use harmonium::project::{load, weights_sha256};
use serde_json::Value;

use crate::world::{
    Finished, SMALL, harmonium, json_lines, run, text, tune, write_midi, write_tunes,
};

/// A folder of tunes, and a place for projects.
pub(super) struct World {
    folder: tempfile::TempDir,
}

impl World {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        write_tunes(&folder.path().join("songs"), 0..6);
        Self { folder }
    }

    pub(super) fn songs(&self) -> PathBuf {
        self.folder.path().join("songs")
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The command line of a small run.
    pub(super) fn arguments(&self, out: &str, more: &[&str]) -> Vec<String> {
        let songs = self.songs();
        let out = self.path(out);
        let mut arguments = vec!["train", text(&songs), "--out", text(&out), "--json"];
        arguments.extend(["--device", "cpu"]);
        arguments.extend(SMALL);
        arguments.extend(more);
        arguments.into_iter().map(str::to_owned).collect()
    }

    pub(super) fn train(&self, out: &str, more: &[&str]) -> Finished {
        Finished::of(harmonium().args(self.arguments(out, more)).output().unwrap())
    }

    pub(super) fn start(&self, out: &str, more: &[&str]) -> Child {
        let mut command = harmonium();
        command.args(self.arguments(out, more)).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    }

    pub(super) fn resume(&self, out: &str, more: &[&str]) -> Finished {
        let out = self.path(out);
        let mut arguments = vec!["train", "--resume", text(&out), "--json", "--device", "cpu"];
        arguments.extend(more);
        run(&arguments)
    }
}

/// The hash in the last object.
pub(super) fn sha(objects: &[Value]) -> &str {
    let summary = objects.last().unwrap();
    assert_eq!(summary["summary"], true);
    let sha = summary["weights_sha256"].as_str().unwrap();
    assert!(sha.len() == 64 && sha.bytes().all(|c| c.is_ascii_digit() || c.is_ascii_lowercase()));
    sha
}

pub(super) fn saved_sha(path: &Path) -> String {
    weights_sha256(&load(path).unwrap().model.unwrap().state.parameters)
}

/// What every epoch of a persistent run with held-out songs says.
const MEASURES: [&str; 15] = [
    "held_out_error",
    "free_energy",
    "held_out_free_energy",
    "free_energy_gap",
    "cross_entropy",
    "held_out_cross_entropy",
    "pseudo_log_likelihood",
    "held_out_pseudo_log_likelihood",
    "hidden_activation",
    "dead_hidden_units",
    "saturated_hidden_units",
    "data_density",
    "chain_density",
    "update_to_weight_ratio",
    "learning_rate",
];

#[test]
fn a_run_prints_an_object_an_epoch_and_the_hash_of_what_it_saved() {
    let world = World::new();
    let objects = world.train("a.harmonium", &["--epochs", "5"]).objects();
    assert_eq!(objects.len(), 6);
    for (number, object) in objects[..5].iter().enumerate() {
        assert_eq!(object["epoch"], number + 1);
        for field in ["reconstruction_error", "examples_per_second", "seconds"] {
            assert!(object[field].as_f64().is_some_and(|n| n.is_finite() && n > 0.0), "{object}");
        }
        for field in MEASURES {
            assert!(object[field].as_f64().is_some_and(f64::is_finite), "{field}: {object}");
        }
        // Known under parallel tempering only.
        assert!(object["swap_rate"].is_null(), "{object}");
    }
    let seconds: Vec<_> = objects[..5].iter().map(|o| o["seconds"].as_f64().unwrap()).collect();
    assert!(seconds.is_sorted());
    assert_eq!(objects[5]["epochs"], 5);
    assert_eq!(sha(&objects), saved_sha(&world.path("a.harmonium")));
}

#[test]
fn the_same_seed_gives_the_same_weights_and_another_gives_others() {
    let world = World::new();
    for variant in [
        &[][..],
        &["--set", "algorithm=cd", "--set", "gibbs_steps=2"],
        &["--set", "dropout=0.5", "--set", "momentum=0.9", "--set", "weight_decay=0.01"],
        &["--set", "statistics=samples", "--set", "centered=false", "--set", "momentum=0"],
    ] {
        let train = |name: &str, seed: &str| {
            let mut more = vec!["--epochs", "3", "--seed", seed];
            more.extend(variant);
            sha(&world.train(name, &more).objects()).to_owned()
        };
        let first = train("a.harmonium", "1");
        assert_eq!(first, train("b.harmonium", "1"), "{variant:?}");
        assert_ne!(first, train("c.harmonium", "2"), "{variant:?}");
    }
}

#[test]
fn without_held_out_songs_their_error_is_null_and_a_folder_of_them_is_measured() {
    let world = World::new();
    let none = world.train("a.harmonium", &["--epochs", "1", "--set", "held_out_share=0"]);
    assert!(none.objects()[0]["held_out_error"].is_null());
    let held_out = world.path("held out");
    write_tunes(&held_out, 20..22);
    let more = ["--epochs", "1", "--held-out", text(&held_out)];
    let measured = world.train("b.harmonium", &more);
    assert!(measured.objects()[0]["held_out_error"].is_f64());
    assert!(measured.stderr.contains("16 held out"), "{}", measured.stderr);
    let project = load(&world.path("b.harmonium")).unwrap();
    assert_eq!((project.songs.len(), project.held_out_songs.len()), (6, 2));
}

#[test]
fn settings_come_from_preset_file_and_options_in_that_order() {
    let world = World::new();
    let file = world.path("mine.toml");
    fs::write(&file, "hidden_units = 7\nepochs = 3\n[encoding]\nsteps_per_excerpt = 8\n").unwrap();
    let songs = world.songs();
    let out = world.path("a.harmonium");
    let mut arguments = vec!["train", text(&songs), "--out", text(&out), "--json"];
    arguments.extend(["--settings", text(&file), "--epochs", "2", "--set", "chains=5"]);
    assert_eq!(run(&arguments).objects().len(), 3);
    let settings = load(&out).unwrap().settings;
    assert_eq!((settings.hidden_units, settings.chains, settings.epochs), (7, 5, 2));
    assert_eq!(settings.encoding.steps_per_excerpt, 8);
    fs::write(&file, "hidden_units = 0\n").unwrap();
    run(&arguments).expect_error(1, &["mine.toml", "hidden_units"]);
}

#[test]
fn nothing_to_train_on_is_said_in_words() {
    let world = World::new();
    let (empty, out) = (world.path("empty"), world.path("a.harmonium"));
    fs::create_dir(&empty).unwrap();
    let finished = run(&["train", text(&empty), "--out", text(&out)]);
    finished.expect_error(1, &["no MIDI file", "empty"]);
    write_midi(&empty.join("short.mid"), &tune(1, 1));
    let finished = run(&["train", text(&empty), "--out", text(&out), "--set", "min_rows=1000"]);
    finished.expect_error(1, &["songs"]);
    assert!(!out.exists());
    let nowhere = world.path("no such folder/a.harmonium");
    let songs = world.songs();
    let finished = run(&["train", text(&songs), "--out", text(&nowhere)]);
    finished.expect_error(1, &["no such folder", "could not be written"]);
}

/// Reads so many lines of a running program.
pub(super) fn read_lines(child: &mut Child, n: usize) -> BufReader<std::process::ChildStdout> {
    let mut reader = BufReader::new(child.stdout.take().unwrap());
    for _ in 0..n {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap() == 0 {
            break;
        }
        assert_eq!(json_lines(&line).len(), 1, "{line}");
    }
    reader
}

#[test]
fn the_project_stands_before_the_first_batch() {
    let world = World::new();
    // No epoch of this run ends before it is killed.
    let more = ["--set", "gibbs_steps=1000", "--set", "chains=2000", "--epochs", "9"];
    let mut child = world.start("a.harmonium", &more);
    let path = world.path("a.harmonium");
    while !path.exists() {
        assert!(child.try_wait().unwrap().is_none(), "it ended without a file");
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let state = load(&path).unwrap().model.unwrap().state;
    assert_eq!((state.updates, state.finished_epochs), (0, 0));
}

#[cfg(unix)]
#[test]
fn ctrl_c_stops_with_a_checkpoint_and_words_and_the_run_goes_on() {
    let world = World::new();
    let more = ["--epochs", "3000", "--checkpoint-seconds", "9999"];
    let mut child = world.start("a.harmonium", &more);
    let reader = read_lines(&mut child, 3);
    let pid = child.id().to_string();
    let kill = std::process::Command::new("sh").args(["-c", "kill -INT $0", &pid]).status();
    assert!(kill.unwrap().success());
    let rest: Vec<String> = reader.lines().map(Result::unwrap).collect();
    let summary = json_lines(rest.last().unwrap()).remove(0);
    let finished = Finished::of(child.wait_with_output().unwrap());
    finished.expect_error(1, &["stopped", "--resume", "a.harmonium"]);
    let state = load(&world.path("a.harmonium")).unwrap().model.unwrap().state;
    assert!(state.finished_epochs >= 3 && state.updates >= 15);
    assert_eq!(summary["weights_sha256"].as_str().unwrap(), weights_sha256(&state.parameters));
    let epochs = (state.finished_epochs + 2).to_string();
    let more = world.resume("a.harmonium", &["--epochs", &epochs]).objects();
    assert_eq!(more.len(), 3);
}

#[test]
fn a_reader_that_goes_away_is_no_crash() {
    let world = World::new();
    for is_json in [true, false] {
        let mut arguments = world.arguments("a.harmonium", &["--epochs", "100000"]);
        arguments.retain(|argument| is_json || argument != "--json");
        let mut command = harmonium();
        command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(line.contains("epoch"), "{line}");
        let finished = Finished::of(child.wait_with_output().unwrap());
        finished.expect_error(1, &["nobody reads"]);
        assert!(load(&world.path("a.harmonium")).is_ok());
    }
}

#[test]
fn nobody_listening_at_all_is_no_crash() {
    let world = World::new();
    let songs = world.songs();
    for arguments in [
        &["inspect", text(&songs)][..],
        &["train", "--list-settings"],
        &["train", "no such folder", "--out", "a.harmonium"],
    ] {
        let mut command = harmonium();
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        command.args(arguments).stdout(writer.try_clone().unwrap()).stderr(writer);
        assert_eq!(command.status().unwrap().code(), Some(1), "{arguments:?}");
    }
}

#[test]
fn a_run_that_diverges_leaves_the_file_as_it_was_well_and_names_a_rate() {
    let world = World::new();
    let mut more = vec!["--epochs", "3000", "--set", "learning_rate=1"];
    more.extend(["--set", "momentum=0.99", "--set", "momentum_start_epochs=0"]);
    let finished = world.train("a.harmonium", &more);
    finished.expect_error(1, &["diverged in epoch", "--set learning_rate=0.1", "a.harmonium"]);
    let epochs = json_lines(&finished.stdout);
    let model = load(&world.path("a.harmonium")).unwrap().model.unwrap();
    let kept = model.state.finished_epochs;
    assert!(finished.stderr.contains(&format!("after {kept} epoch")), "{}", finished.stderr);
    assert!(kept >= 1 && kept as usize <= epochs.len(), "{kept} of {}", epochs.len());
    assert_eq!((model.state.batches, model.run.history.epochs.len() as u32), (0, kept));
    let size = model.state.parameters.weights.iter().map(|w| w * w).sum::<f32>();
    let size = (size / model.state.parameters.weights.len() as f32).sqrt();
    assert!(size > 0.0 && size < 20.0, "{size}");
}

#[test]
fn weights_that_are_no_numbers_are_noticed_in_the_first_epoch() {
    let world = World::new();
    let path = world.path("a.harmonium");
    world.train("a.harmonium", &["--epochs", "1"]).objects();
    let mut project = load(&path).unwrap();
    project.model.as_mut().unwrap().state.parameters.weights[0] = f32::NAN;
    harmonium::project::save(&project, &path).unwrap();
    let finished = world.resume("a.harmonium", &["--epochs", "9"]);
    finished.expect_error(1, &["diverged in epoch 2", "learning rate", "a.harmonium"]);
    assert_eq!(finished.stdout, "");
}

#[test]
fn an_early_stop_is_a_success_that_says_which_epoch_was_best() {
    let world = World::new();
    let measure = "held_out_pseudo_log_likelihood";
    let (stop, keep) = (format!("early_stop_measure={measure}"), format!("keep_best={measure}"));
    let mut more = vec!["--epochs", "5000", "--set", &stop, "--set", &keep];
    more.extend(["--set", "early_stop_epochs=3"]);
    let finished = world.train("a.harmonium", &more);
    let objects = finished.objects();
    let value = |object: &Value| object[measure].as_f64().unwrap();
    let (epochs, summary) = objects.split_at(objects.len() - 1);
    let best = epochs.iter().max_by(|a, b| value(a).total_cmp(&value(b))).unwrap();
    assert_eq!(summary[0]["stopped_early"], true);
    assert_eq!(summary[0]["kept_epoch"], best["epoch"]);
    assert_eq!(epochs.len() as u64, best["epoch"].as_u64().unwrap() + 3);
    assert!(finished.stderr.contains("stopped early"), "{}", finished.stderr);
    assert_eq!(sha(&objects), saved_sha(&world.path("a.harmonium")));
    assert_eq!(world.resume("a.harmonium", &[]).objects(), summary);
}
