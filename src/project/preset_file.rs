//! Settings as a TOML file of their own: what `--settings FILE` reads and people share.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use crate::train::{TrainSettings, setting};

use super::error::io_words;
use super::{ProjectError, write_atomically};

/// Reads settings; what the file does not name keeps its Recommended value.
///
/// # Errors
/// Names the file and, for a mistake in it, the line or the setting.
pub fn read_settings(path: &Path) -> Result<TrainSettings, ProjectError> {
    let text = read_text(path)
        .map_err(|error| ProjectError::Read { path: path.to_owned(), reason: io_words(&error) })?;
    let wrong = |reason: String| ProjectError::Settings { path: path.to_owned(), reason };
    let table: toml::Table = toml::from_str(&text).map_err(|e| wrong(e.to_string()))?;
    check_keys(&table).map_err(wrong)?;
    let settings: TrainSettings = toml::from_str(&text).map_err(|e| wrong(e.to_string()))?;
    settings.validate().map_err(|error| wrong(error.to_string()))?;
    Ok(settings)
}

/// Settings take some hundred bytes: what goes on and on is another kind of file, or none.
fn read_text(path: &Path) -> io::Result<String> {
    const MOST_BYTES: u64 = 1 << 20;
    let mut text = String::new();
    if File::open(path)?.take(MOST_BYTES + 1).read_to_string(&mut text)? as u64 > MOST_BYTES {
        return Err(io::Error::other("it is too long for settings"));
    }
    Ok(text)
}

/// A key that nobody knows would change nothing and say nothing.
fn check_keys(table: &toml::Table) -> Result<(), String> {
    let known = toml::Table::try_from(TrainSettings::default()).map_err(|e| e.to_string())?;
    let of_encoding = known.get("encoding").and_then(toml::Value::as_table);
    let is_of_encoding = |key: &str| of_encoding.is_some_and(|keys| keys.contains_key(key));
    let unknown = |key: &str| {
        setting(key)
            .err()
            .map_or_else(|| format!("{key} does not stand there"), |error| error.to_string())
    };
    for (key, value) in table {
        match value.as_table() {
            Some(inner) if key == "encoding" => {
                if let Some(key) = inner.keys().find(|key| !is_of_encoding(key)) {
                    return Err(unknown(key));
                }
            }
            _ if known.contains_key(key) => {}
            _ if is_of_encoding(key) => {
                return Err(format!("{key} belongs below the line [encoding]"));
            }
            _ => return Err(unknown(key)),
        }
    }
    Ok(())
}

pub fn write_settings(path: &Path, settings: &TrainSettings) -> Result<(), ProjectError> {
    let text = toml::to_string(settings).map_err(|error| ProjectError::Settings {
        path: path.to_owned(),
        reason: error.to_string(),
    })?;
    write_atomically(path, text.as_bytes(), None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::Preset;

    #[test]
    fn every_preset_reads_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("preset.toml");
        for preset in Preset::ALL {
            write_settings(&path, &preset.settings()).unwrap();
            assert_eq!(read_settings(&path).unwrap(), preset.settings());
        }
    }

    #[test]
    fn a_key_that_nobody_knows_or_that_stands_elsewhere_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("preset.toml");
        for (text, words) in [
            ("learnig_rate = 0.1", "did you mean \"learning_rate\""),
            ("[encoding]\nsteps_per_beet = 4", "did you mean \"steps_per_beat\""),
            ("[encoding]\nepochs = 4", "epochs does not stand there"),
            ("steps_per_beat = 4", "belongs below the line [encoding]"),
        ] {
            std::fs::write(&path, text).unwrap();
            let error = read_settings(&path).unwrap_err().to_string();
            assert!(error.contains(words) && error.contains("preset.toml"), "{error}");
        }
        std::fs::write(&path, "epochs = 7\n[encoding]\nsteps_per_beat = 3\n").unwrap();
        assert_eq!(read_settings(&path).unwrap().epochs, 7);
    }

    #[test]
    fn a_file_that_is_too_long_for_settings_is_not_read_to_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("preset.toml");
        // Of a terabyte, none of it on the disk.
        File::create(&path).unwrap().set_len(1 << 40).unwrap();
        let error = read_settings(&path).unwrap_err().to_string();
        assert!(error.contains("too long") && error.contains("preset.toml"), "{error}");
    }

    #[test]
    fn a_wrong_value_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("preset.toml");
        std::fs::write(&path, "learning_rate = 7.0\n").unwrap();
        let error = read_settings(&path).unwrap_err().to_string();
        assert!(error.contains("learning_rate") && error.contains("preset.toml"), "{error}");
    }
}
