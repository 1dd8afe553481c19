//! Settings as TOML files (presets, `--settings FILE`), and each setting by its text.
#![no_main]

use std::io::Write as _;

use harmonium::train::TrainSettings;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut file = tempfile::Builder::new().suffix(".toml").tempfile().expect("a file");
    file.write_all(bytes).expect("room for it");
    match harmonium::project::read_settings(file.path()) {
        Err(error) => assert!(!error.to_string().is_empty()),
        Ok(settings) => {
            harmonium::project::write_settings(file.path(), &settings).expect("they can be written");
            let again = harmonium::project::read_settings(file.path()).expect("and read");
            assert_eq!(again, settings);
        }
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let mut settings = TrainSettings::default();
    for line in text.lines().take(20) {
        let Some((key, value)) = line.split_once('=') else { continue };
        if settings.set(key.trim(), value.trim()).is_ok() {
            settings.text(key.trim()).expect("what can be set can be told");
            harmonium::train::memory_bytes(&settings);
        }
    }
});
