//! Names as systems allow them: no Unicode, blanks, signs, and addresses as file managers hand them.

#![cfg(unix)]

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;

use crate::world::{Finished, SMALL, harmonium, tune, write_midi};

/// Two bytes that are no UTF-8, a line break, a quote and a per cent sign.
fn odd(name: &str) -> OsString {
    let mut bytes = b"\xff\xc0 \n\"%41 ".to_vec();
    bytes.extend(name.bytes());
    OsStr::from_bytes(&bytes).to_owned()
}

fn run(arguments: &[&OsStr]) -> Finished {
    let output = harmonium().args(arguments).output().unwrap();
    Finished {
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

#[track_caller]
fn works(arguments: &[&OsStr]) -> Finished {
    let finished = run(arguments);
    assert_eq!(finished.code, Some(0), "{}", finished.stderr);
    assert!(!finished.stderr.contains("panicked"), "{}", finished.stderr);
    finished
}

#[test]
fn names_that_are_not_unicode_do_everywhere_on_the_command_line() {
    let root = tempfile::tempdir().unwrap();
    let folder: PathBuf = root.path().join(odd("songs"));
    for number in 0..3 {
        write_midi(&folder.join(odd(&format!("{number}.mid"))), &tune(number, 8));
    }
    let text = OsStr::new;
    let inspected = works(&[text("inspect"), folder.as_os_str(), text("--json")]);
    assert_eq!(inspected.objects().len(), 4, "three files and what they come to");
    let project = root.path().join(odd("a.harmonium"));
    let mut train = vec![text("train"), folder.as_os_str(), text("--out"), project.as_os_str()];
    train.extend(SMALL.map(text));
    train.extend(["--epochs", "2", "--device", "cpu"].map(text));
    works(&train);
    let resume = ["--resume", "--epochs", "3"].map(text);
    works(&[text("train"), resume[0], project.as_os_str(), resume[1], resume[2]]);
    let out = root.path().join(odd("dreams"));
    let made = ["--count", "1", "--gibbs-steps", "2"].map(text);
    works(
        &[&[text("generate"), project.as_os_str(), text("--out"), out.as_os_str()][..], &made]
            .concat(),
    );
    assert_eq!(fs::read_dir(&out).unwrap().count(), 1, "a piece");
    // A song: what so young a model dreams may hold no note, which is refused.
    let song = folder.join(odd("0.mid"));
    let wav = root.path().join(odd("a.wav"));
    works(&[text("render"), song.as_os_str(), text("--out"), wav.as_os_str()]);
    assert!(fs::metadata(wav).unwrap().len() > 1000);
    // What is not there is named, as far as it can be.
    let missing = root.path().join(odd("missing.mid"));
    let refused = run(&[text("inspect"), missing.as_os_str()]);
    assert_ne!(refused.code, Some(0));
    assert!(refused.stderr.contains("missing.mid"), "{}", refused.stderr);
}

#[test]
fn a_file_that_is_not_there_is_named_whether_as_a_path_or_an_address() {
    for given in ["/nowhere/a song.mid", "file:///nowhere/a%20song.mid"] {
        let finished = run(&[OsStr::new(given)]);
        assert_eq!(finished.code, Some(2), "{}", finished.stderr);
        assert!(finished.stderr.contains("/nowhere/a song.mid: there is no such file"));
    }
    let elsewhere = run(&[OsStr::new("http://example.org/a.mid")]);
    assert!(elsewhere.stderr.contains("http://example.org/a.mid: there is no such file"));
}
