//! Settings as a TOML file of their own: what `--settings FILE` reads and people share.

use std::path::Path;

use crate::train::TrainSettings;

use super::error::io_words;
use super::{ProjectError, write_atomically};

/// Reads settings; what the file does not name keeps its Recommended value.
///
/// # Errors
/// Names the file and, for a mistake in it, the line or the setting.
pub fn read_settings(path: &Path) -> Result<TrainSettings, ProjectError> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| ProjectError::Read { path: path.to_owned(), reason: io_words(&error) })?;
    let wrong = |reason: String| ProjectError::Settings { path: path.to_owned(), reason };
    let settings: TrainSettings = toml::from_str(&text).map_err(|e| wrong(e.to_string()))?;
    settings.validate().map_err(|error| wrong(error.to_string()))?;
    Ok(settings)
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
    fn a_wrong_value_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("preset.toml");
        std::fs::write(&path, "learning_rate = 7.0\n").unwrap();
        let error = read_settings(&path).unwrap_err().to_string();
        assert!(error.contains("learning_rate") && error.contains("preset.toml"), "{error}");
    }
}
