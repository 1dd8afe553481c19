//! What sessions and locks left in files, whatever stands there: listed, and said in one line.
#![no_main]

use std::fs;

use harmonium::platform::Session;
use harmonium::project::{Hold, ProjectLock};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let folder = tempfile::tempdir().expect("a folder");
    let session = Session::begin(folder.path()).expect("a session");
    let autosaves = folder.path().join("autosave");
    fs::write(autosaves.join("7-0.lock"), bytes).expect("room");
    fs::write(autosaves.join("7-0.harmonium"), bytes).expect("room");
    let found = session.abandoned();
    assert_eq!(found.len(), 1);
    drop(harmonium::project::read_autosave_note(found[0].autosave()));
    let project = folder.path().join("a.harmonium");
    fs::write(folder.path().join(".a.harmonium.lock"), bytes).expect("room");
    let holder = String::from_utf8_lossy(bytes);
    let Hold::Ours(_lock) = ProjectLock::take(&project, &holder) else {
        panic!("nobody has it");
    };
    match ProjectLock::take(&project, "another") {
        Hold::Elsewhere { holder } => {
            assert!(!holder.is_empty() && !holder.contains(char::is_control));
        }
        other => panic!("two have it: {other:?}"),
    }
});
