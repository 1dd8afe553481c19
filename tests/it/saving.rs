//! Saving under fire: processes that are killed while they save, and projects that others have open.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use harmonium::project::{self, Hold, Project, ProjectLock, load, save};

use crate::world::{
    Dice, Finished, HANG_LIMIT, SMALL, harmonium, reliability_count, text, write_tunes,
};

/// A run that saves after every batch.
fn saving(arguments: &[&str]) -> Child {
    let mut command = harmonium();
    command.arg("train").args(arguments);
    command.args(["--device", "cpu", "--checkpoint-seconds", "0", "--json"]);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// What tells one saved file from the next.
#[cfg(unix)]
fn mark(path: &Path) -> Option<(u64, Option<std::time::SystemTime>)> {
    use std::os::unix::fs::MetadataExt as _;
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.ino(), metadata.modified().ok()))
}

#[cfg(unix)]
fn wait_for_a_save(path: &Path, child: &mut Child) {
    let (before, start) = (mark(path), Instant::now());
    while mark(path) == before {
        assert!(start.elapsed() < HANG_LIMIT, "nothing was saved");
        assert!(child.try_wait().unwrap().is_none(), "the run ended");
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn updates(path: &Path) -> u64 {
    load(path).unwrap().model.expect("a run was saved").state.updates
}

#[cfg(unix)]
#[test]
fn killed_while_it_saves_a_project_is_whole_and_free() {
    let folder = tempfile::tempdir().unwrap();
    let songs = folder.path().join("songs");
    write_tunes(&songs, 0..6);
    let shelf = folder.path().join("shelf");
    fs::create_dir(&shelf).unwrap();
    let path = shelf.join("a.harmonium");
    let mut arguments = vec![text(&songs), "--out", text(&path), "--epochs", "100000"];
    arguments.extend(SMALL);
    let mut dice = Dice::new(300);
    let (mut last, mut n_moments) = (0, 0);
    for number in 0..reliability_count(300) {
        let mut child =
            if number == 0 { saving(&arguments) } else { saving(&["--resume", text(&path)]) };
        wait_for_a_save(&path, &mut child);
        // A save takes some milliseconds; this falls into any part of one, or between two.
        std::thread::sleep(Duration::from_micros(dice.below(60_000) as u64));
        child.kill().unwrap();
        assert!(!child.wait().unwrap().success());
        let now = updates(&path);
        assert!(now >= last, "kill {number}: the file went back from {last} to {now} updates");
        n_moments += usize::from(now > last);
        last = now;
        let backup = shelf.join("a.harmonium.bak");
        assert!(!backup.exists() || load(&backup).is_ok(), "kill {number}");
        // The lock that it left holds nobody up.
        assert!(matches!(ProjectLock::take(&path, "the test"), Hold::Ours(_)), "kill {number}");
    }
    assert!(
        n_moments * 2 > reliability_count(300),
        "only {n_moments} runs came as far as a save of their own"
    );
    // What was left is tidied up by a later save.
    for entry in fs::read_dir(&shelf).unwrap() {
        let file = File::options().write(true).open(entry.unwrap().path()).unwrap();
        let modified = file.metadata().unwrap().modified().unwrap();
        file.set_modified(modified - Duration::from_hours(1)).unwrap();
    }
    let project = load(&path).unwrap();
    save(&project, &path).unwrap();
    let names: Vec<_> = fs::read_dir(&shelf).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
    println!("reliability: kills while saving: {} tried, 0 failed", reliability_count(300));
}

#[test]
fn the_command_line_leaves_a_project_alone_that_is_open_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    let songs = folder.path().join("songs");
    write_tunes(&songs, 0..6);
    let path = folder.path().join("a.harmonium");
    save(&Project::default(), &path).unwrap();
    let before = fs::read(&path).unwrap();
    let Hold::Ours(lock) = ProjectLock::take(&path, "Ann on studio") else { panic!() };
    let train = |arguments: &[&str]| {
        let mut command = harmonium();
        command.arg("train").args(arguments);
        if !arguments.contains(&"--resume") {
            command.args(SMALL);
        }
        Finished::of(command.output().unwrap())
    };
    let words = ["a.harmonium", "open elsewhere (Ann on studio)", "--out"];
    train(&[text(&songs), "--out", text(&path)]).expect_error(1, &words);
    train(&["--resume", text(&path)]).expect_error(1, &words);
    assert_eq!(fs::read(&path).unwrap(), before);
    drop(lock);
    let finished = train(&[text(&songs), "--out", text(&path), "--epochs", "1"]);
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    let mut names: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["a.harmonium", "a.harmonium.bak", "songs"], "the lock is gone");
    assert!(project::load(&path).unwrap().model.is_some());
}
