//! A disk without room, played by the limit that a shell sets on the length of files: every command
//! says what could not be written and why, the old file stays, and nothing is left beside it.

#![cfg(unix)]

use std::fs;
use std::path::Path;
use std::process::Command;

use harmonium::project::{load, save};

use crate::world::{Finished, small_settings, songs, text, trained_on, tune, write_midi};

/// Runs the program where no file may grow beyond so many blocks of 512 bytes. The signal that goes
/// with it is ignored, as the disk sends none either.
fn run_with_room(blocks: u32, arguments: &[&str]) -> Finished {
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
    let mut shell = Command::new("sh");
    shell.args(["-c", &script, env!("CARGO_BIN_EXE_harmonium")]).args(arguments);
    Finished::of(shell.output().unwrap())
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_full_disk_is_named_and_costs_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let (project, song) = (path("a.harmonium"), path("song.mid"));
    let settings = small_settings();
    save(&trained_on(songs(6, &settings.encoding), settings), &project).unwrap();
    write_midi(&song, &tune(1, 4));
    let before = (fs::read(&project).unwrap(), names(folder.path()));
    let (old, new) = (text(&project).to_owned(), text(&path("b.harmonium")).to_owned());
    let (dreams, song) = (text(&path("dreams")).to_owned(), text(&song).to_owned());
    let [wav, flac, ogg] =
        ["wav", "flac", "ogg"].map(|e| text(&path(&format!("s.{e}"))).to_owned());
    let room = "Make room";
    for (blocks, arguments, words) in [
        (16, vec!["train", "--resume", &old, "--epochs", "500"], ["a.harmonium", room]),
        (16, vec!["train", &song, "--out", &new, "--preset", "quick"], ["b.harmonium", room]),
        (4, vec!["render", &song, "--out", &wav], ["s.wav", room]),
        (4, vec!["render", &song, "--out", &flac], ["s.flac", room]),
        (4, vec!["render", &song, "--out", &ogg], ["s.ogg", room]),
    ] {
        run_with_room(blocks, &arguments).expect_error(1, &words);
        assert_eq!((fs::read(&project).unwrap(), names(folder.path())), before, "{arguments:?}");
    }
    // Standard error is no file here, so that it has room all the same.
    let generate = ["generate", &old, "--out", &dreams, "--count", "2", "--gibbs-steps", "2"];
    run_with_room(0, &generate).expect_error(1, &["harmonium-01.mid", room]);
    assert_eq!(names(&path("dreams")), [""; 0]);
    assert!(load(&project).is_ok());
}
