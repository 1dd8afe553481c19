//! `harmonium train`: runs, resumed runs, killed runs.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

use harmonium::project::{load, weights_sha256};
use serde_json::Value;

use crate::world::{
    Dice, Finished, SMALL, harmonium, json_lines, run, text, tune, write_midi, write_tunes,
};

/// A folder of tunes, and a place for projects.
struct World {
    folder: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        write_tunes(&folder.path().join("songs"), 0..6);
        Self { folder }
    }

    fn songs(&self) -> PathBuf {
        self.folder.path().join("songs")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The command line of a small run.
    fn arguments(&self, out: &str, more: &[&str]) -> Vec<String> {
        let songs = self.songs();
        let out = self.path(out);
        let mut arguments = vec!["train", text(&songs), "--out", text(&out), "--json"];
        arguments.extend(["--device", "cpu"]);
        arguments.extend(SMALL);
        arguments.extend(more);
        arguments.into_iter().map(str::to_owned).collect()
    }

    fn train(&self, out: &str, more: &[&str]) -> Finished {
        Finished::of(harmonium().args(self.arguments(out, more)).output().unwrap())
    }

    fn start(&self, out: &str, more: &[&str]) -> Child {
        let mut command = harmonium();
        command.args(self.arguments(out, more)).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    }

    fn resume(&self, out: &str, more: &[&str]) -> Finished {
        let out = self.path(out);
        let mut arguments = vec!["train", "--resume", text(&out), "--json", "--device", "cpu"];
        arguments.extend(more);
        run(&arguments)
    }
}

/// The hash in the last object.
fn sha(objects: &[Value]) -> &str {
    let summary = objects.last().unwrap();
    assert_eq!(summary["summary"], true);
    let sha = summary["weights_sha256"].as_str().unwrap();
    assert!(sha.len() == 64 && sha.bytes().all(|c| c.is_ascii_digit() || c.is_ascii_lowercase()));
    sha
}

fn saved_sha(path: &Path) -> String {
    weights_sha256(&load(path).unwrap().model.unwrap().state.parameters)
}

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
        assert!(object["held_out_error"].is_f64(), "{object}");
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

#[test]
fn a_finished_run_resumed_prints_only_its_summary_and_more_epochs_go_on() {
    let world = World::new();
    let first = world.train("a.harmonium", &["--epochs", "4"]).objects();
    let again = world.resume("a.harmonium", &[]).objects();
    assert_eq!(again, [first.last().unwrap().clone()]);
    assert_eq!(world.resume("a.harmonium", &["--epochs", "4"]).objects(), again);
    let copy = world.path("copy.harmonium");
    assert_eq!(world.resume("a.harmonium", &["--out", text(&copy)]).objects(), again);
    assert_eq!(saved_sha(&copy), sha(&again));
    let more = world.resume("a.harmonium", &["--epochs", "6"]).objects();
    let epochs: Vec<_> = more.iter().map(|object| object["epoch"].as_u64()).collect();
    assert_eq!(epochs, [Some(5), Some(6), None]);
    assert_eq!(
        load(&world.path("a.harmonium")).unwrap().model.unwrap().run.history.epochs.len(),
        6
    );
    // The copy does not need the songs, and goes the same way.
    fs::remove_dir_all(world.songs()).unwrap();
    let copied = world.resume("copy.harmonium", &["--epochs", "6"]).objects();
    assert_eq!(sha(&copied), sha(&more));
}

#[test]
fn what_cannot_be_resumed_is_said_in_words() {
    let world = World::new();
    world.resume("missing.harmonium", &[]).expect_error(1, &["missing.harmonium"]);
    fs::write(world.path("bad.harmonium"), b"no project").unwrap();
    world.resume("bad.harmonium", &[]).expect_error(1, &["bad.harmonium", "not a Harmonium"]);
    let empty = world.path("empty.harmonium");
    harmonium::project::save(&harmonium::project::Project::default(), &empty).unwrap();
    world.resume("empty.harmonium", &[]).expect_error(1, &["empty.harmonium", "no run"]);
}

/// Reads so many lines of a running program.
fn read_lines(child: &mut Child, n: usize) -> BufReader<std::process::ChildStdout> {
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

/// The settings of the run that is killed: everything that has a memory takes part.
const LONG: [&str; 10] = [
    "--epochs",
    "60",
    "--set",
    "momentum=0.85",
    "--set",
    "dropout=0.15",
    "--set",
    "learning_rate=0.0123456789012345",
    "--checkpoint-seconds",
    "0",
];

#[test]
fn a_run_that_is_killed_again_and_again_ends_with_the_same_weights() {
    let world = World::new();
    let expected = sha(&world.train("never.harmonium", &LONG).objects()).to_owned();
    let mut dice = Dice::new(9);
    for attempt in 0..3 {
        let name = format!("killed-{attempt}.harmonium");
        let mut child = world.start(&name, &LONG);
        let mut n_kills = 0;
        loop {
            // The file is written before the first batch, so that any moment after it will do.
            let reader = read_lines(&mut child, 1 + dice.below(12));
            std::thread::sleep(Duration::from_micros(dice.below(20_000) as u64));
            child.kill().unwrap();
            let status = child.wait().unwrap();
            drop(reader);
            if status.success() {
                break;
            }
            n_kills += 1;
            let mut command = harmonium();
            command.args(["train", "--resume", text(&world.path(&name)), "--json"]);
            command.args(["--device", "cpu", "--checkpoint-seconds", "0"]);
            child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
            if n_kills == 4 {
                let rest = Finished::of(child.wait_with_output().unwrap());
                assert_eq!(sha(&rest.objects()), expected, "attempt {attempt}");
                break;
            }
        }
        assert_eq!(saved_sha(&world.path(&name)), expected, "attempt {attempt}");
        let history = load(&world.path(&name)).unwrap().model.unwrap().run.history;
        let epochs: Vec<u32> = history.epochs.iter().map(|e| e.metrics.epoch).collect();
        assert_eq!(epochs, (1..=60).collect::<Vec<_>>());
        assert!(history.epochs.is_sorted_by_key(|e| e.seconds));
    }
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
    let mut child = world.start("a.harmonium", &["--epochs", "100000"]);
    drop(read_lines(&mut child, 1));
    let finished = Finished::of(child.wait_with_output().unwrap());
    assert!(!finished.stderr.contains("panicked"), "{}", finished.stderr);
    assert_eq!(finished.code, Some(1));
    assert!(load(&world.path("a.harmonium")).is_ok());
}

#[test]
fn a_run_that_diverges_says_so_and_names_a_rate() {
    let world = World::new();
    let path = world.path("a.harmonium");
    world.train("a.harmonium", &["--epochs", "1"]).objects();
    let mut project = load(&path).unwrap();
    project.model.as_mut().unwrap().state.parameters.weights[0] = f32::NAN;
    harmonium::project::save(&project, &path).unwrap();
    let finished = world.resume("a.harmonium", &["--epochs", "2"]);
    finished.expect_error(1, &["diverged", "learning rate", "a.harmonium"]);
}
