//! Project files: opened or refused with words; what opens is saved, and opens again.
#![no_main]

use std::io::Write as _;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut file = tempfile::Builder::new().suffix(".harmonium").tempfile().expect("a file");
    file.write_all(bytes).expect("room for it");
    if let Ok(note) = harmonium::project::read_autosave_note(file.path()) {
        assert!(note.errors.len() <= bytes.len());
    }
    match harmonium::project::load(file.path()) {
        Err(error) => assert!(!error.to_string().is_empty()),
        Ok(project) => {
            let saved = harmonium::project::to_bytes(&project).expect("what opens can be saved");
            std::fs::write(file.path(), saved).expect("room for it");
            harmonium::project::load(file.path()).expect("what was saved opens");
        }
    }
});
