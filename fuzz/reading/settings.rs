//! Settings as TOML files (presets, `--settings FILE`), and each setting by its text (`--set KEY=VALUE`).

use std::io::Write as _;

use harmonium::project::{read_settings, write_settings};
use harmonium::train::{CATALOGUE, TrainSettings, memory_bytes};

pub fn read(bytes: &[u8]) {
    let mut file = tempfile::Builder::new().suffix(".toml").tempfile().expect("a file");
    file.write_all(bytes).expect("room for it");
    match read_settings(file.path()) {
        Err(error) => assert!(!error.to_string().is_empty()),
        Ok(settings) => {
            write_settings(file.path(), &settings).expect("they can be written");
            assert_eq!(read_settings(file.path()).expect("and read"), settings);
            check_texts(&settings);
        }
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let mut settings = TrainSettings::default();
    for line in text.lines().take(20) {
        let Some((key, value)) = line.split_once('=') else { continue };
        match settings.set(key.trim(), value.trim()) {
            Err(error) => assert!(!error.to_string().is_empty()),
            Ok(()) => drop(memory_bytes(&settings)),
        }
    }
    check_texts(&settings);
}

/// The text of each setting reads back to the same value, as a copied command line must.
fn check_texts(settings: &TrainSettings) {
    let mut again = TrainSettings::default();
    for setting in CATALOGUE {
        let text = settings.text(setting.key).expect("it has a text");
        // A file may hold what no knob reaches; the whole of it is then refused or kept as it is.
        if again.set(setting.key, &text).is_ok() {
            assert_eq!(again.text(setting.key).expect("and keeps it"), text, "{}", setting.key);
        }
    }
    for (key, value) in settings.differences(&TrainSettings::default()) {
        assert_eq!(settings.text(key).expect("it is a setting"), value);
    }
}
