//! `harmonium train --resume`: where it goes on, what it refuses, runs that are killed.

use std::fs;
use std::process::Stdio;
use std::time::Duration;

use harmonium::project::{load, save};

use super::training::{World, read_lines, saved_sha, sha};
use crate::world::{Dice, Finished, harmonium, text};

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
    let run = load(&world.path("a.harmonium")).unwrap().model.unwrap().run;
    let change = run.history.changes.first().unwrap();
    assert_eq!((change.epoch, change.key.as_str()), (4, "epochs"));
    assert_eq!((change.before.as_deref(), change.value.as_str()), (Some("4"), "6"));
    assert_eq!((run.history.changes.len(), run.settings.epochs), (1, 6));
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

#[test]
fn a_run_is_not_resumed_with_other_songs() {
    let world = World::new();
    let path = world.path("a.harmonium");
    world.train("a.harmonium", &["--epochs", "2"]).objects();
    let project = load(&path).unwrap();
    let mut less = project.clone();
    less.songs[3].is_included = false;
    save(&less, &path).unwrap();
    let finished = world.resume("a.harmonium", &["--epochs", "4"]);
    let words = ["a.harmonium", "left out or removed (tune-03)", "start a new run"];
    finished.expect_error(1, &words);
    let mut read_otherwise = project.clone();
    read_otherwise.songs[2].roll = std::sync::Arc::clone(&project.songs[4].roll);
    save(&read_otherwise, &path).unwrap();
    let finished = world.resume("a.harmonium", &["--epochs", "4"]);
    finished.expect_error(1, &["a.harmonium", "tune-02"]);
    // A file of the first version does not know what it learned from.
    let mut old = project;
    old.model.as_mut().unwrap().run.data = None;
    save(&old, &path).unwrap();
    assert_eq!(world.resume("a.harmonium", &["--epochs", "4"]).objects().len(), 3);
}

/// Runs that are killed: everything that has a memory takes part.
const LONG: [&str; 14] = [
    "--epochs",
    "60",
    "--set",
    "momentum=0.85",
    "--set",
    "dropout=0.15",
    "--set",
    "keep_best=held_out_pseudo_log_likelihood",
    "--set",
    "warmup_epochs=3.5",
    "--set",
    "learning_rate=0.0123456789012345",
    "--checkpoint-seconds",
    "0",
];

/// Kills one run so many times, each time at a random moment after its first checkpoint, and lets
/// it end.
fn killed(world: &World, name: &str, settings: &[&str], n_kills: usize, dice: &mut Dice) {
    let mut child = world.start(name, settings);
    for _ in 0..n_kills {
        // The file is written before the first batch, so that any moment after it will do.
        let reader = read_lines(&mut child, 1 + dice.below(9));
        std::thread::sleep(Duration::from_micros(dice.below(20_000) as u64));
        // SIGKILL, to the process itself.
        child.kill().unwrap();
        let status = child.wait().unwrap();
        drop(reader);
        assert!(!status.success(), "{name} had ended before it was killed");
        let mut command = harmonium();
        command.args(["train", "--resume", text(&world.path(name)), "--json"]);
        command.args(["--device", "cpu", "--checkpoint-seconds", "0"]);
        child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    }
    let rest = Finished::of(child.wait_with_output().unwrap());
    assert_eq!(sha(&rest.objects()), saved_sha(&world.path(name)));
}

fn check_kills(settings: &[&str], n_runs: usize, seed: u64) {
    let world = World::new();
    let never = world.train("never.harmonium", settings).objects();
    let mut dice = Dice::new(seed);
    for run in 0..n_runs {
        let name = format!("killed-{run}.harmonium");
        killed(&world, &name, settings, 4, &mut dice);
        assert_eq!(saved_sha(&world.path(&name)), sha(&never), "{name}");
        let history = load(&world.path(&name)).unwrap().model.unwrap().run.history;
        let epochs: Vec<u32> = history.epochs.iter().map(|e| e.metrics.epoch).collect();
        assert_eq!(epochs, (1..=60).collect::<Vec<_>>());
        assert!(history.epochs.is_sorted_by_key(|e| e.seconds));
    }
}

#[test]
fn a_run_that_is_killed_twenty_times_ends_with_the_same_weights() {
    check_kills(&LONG, 5, 9);
}

#[test]
fn a_tempering_run_that_is_killed_ends_with_the_same_weights() {
    let mut settings = LONG.to_vec();
    settings.extend(["--set", "algorithm=tempering", "--set", "temperatures=3"]);
    check_kills(&settings, 1, 10);
}
