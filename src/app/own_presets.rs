//! Presets of a person's own: a file of settings each, in the configuration folder, in the form
//! that `harmonium train --settings FILE` reads.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use crate::project::{read_settings, write_settings};
use crate::train::{Preset, TrainSettings};
use crate::ui::state::OwnPreset;

use super::App;

const ENDING: &str = "toml";
/// A longer name would be too long for a file.
const MAX_NAME: usize = 60;

impl App {
    fn preset_folder(&self) -> PathBuf {
        self.places.config_dir.join("presets")
    }

    /// Reads all presets; those that are damaged are named and left where they are.
    pub(super) fn read_presets(&mut self) {
        let Ok(files) = fs::read_dir(self.preset_folder()) else { return };
        let mut paths: Vec<PathBuf> = files.filter_map(|file| Some(file.ok()?.path())).collect();
        paths.retain(|path| path.extension() == Some(OsStr::new(ENDING)));
        paths.sort();
        for path in paths {
            match read_settings(&path) {
                Ok(settings) => {
                    let name = preset_name(&path);
                    self.state.run.own_presets.push(OwnPreset { name, settings, path });
                }
                Err(error) => self.complain(format!("A preset is left out: {error}")),
            }
        }
        self.sort_presets();
    }

    fn sort_presets(&mut self) {
        let presets = &mut self.state.run.own_presets;
        presets.sort_by_key(|preset| preset.name.to_lowercase());
    }

    pub(super) fn own_preset(&self, name: &str) -> Option<&OwnPreset> {
        self.state.run.own_presets.iter().find(|preset| preset.name == name)
    }

    /// Saves the knobs as they stand; a preset of the same name is replaced.
    pub(super) fn save_preset(&mut self, name: &str) {
        let settings = self.state.settings.clone();
        match self.write_preset(name, settings) {
            Ok(name) => self.tell_success(format!("Saved the preset \"{name}\""), None),
            Err(reason) => self.complain(reason),
        }
    }

    /// The name under which it was written.
    fn write_preset(&mut self, name: &str, settings: TrainSettings) -> Result<String, String> {
        let name = clean_name(name).ok_or("A preset needs a name")?;
        if Preset::ALL.iter().any(|preset| preset.label().eq_ignore_ascii_case(&name)) {
            return Err(format!("\"{name}\" is a preset that ships; choose another name"));
        }
        let folder = self.preset_folder();
        fs::create_dir_all(&folder)
            .map_err(|error| format!("{} cannot be made: {error}", folder.display()))?;
        let path = folder.join(format!("{name}.{ENDING}"));
        write_settings(&path, &settings).map_err(|error| error.to_string())?;
        let presets = &mut self.state.run.own_presets;
        presets.retain(|preset| preset.name != name);
        presets.push(OwnPreset { name: name.clone(), settings, path });
        self.sort_presets();
        Ok(name)
    }

    /// The seed is not part of a preset.
    pub(super) fn apply_own_preset(&mut self, name: &str) {
        let Some(preset) = self.own_preset(name) else { return };
        let seed = self.state.settings.seed;
        let settings = TrainSettings { seed, ..preset.settings.clone() };
        self.adopt_settings(settings);
    }

    pub(super) fn rename_preset(&mut self, name: &str, to: &str) {
        let Some(preset) = self.own_preset(name).cloned() else { return };
        if clean_name(to).as_deref() == Some(name) {
            return;
        }
        if clean_name(to).is_some_and(|to| self.own_preset(&to).is_some()) {
            return self.complain(format!("There is a preset \"{}\" already", to.trim()));
        }
        match self.write_preset(to, preset.settings) {
            Ok(_) => self.remove_preset(name),
            Err(reason) => self.complain(reason),
        }
    }

    pub(super) fn delete_preset(&mut self, name: &str) {
        self.remove_preset(name);
        self.tell(format!("Deleted the preset \"{name}\""));
    }

    /// Brings a preset to what it was, or takes it away, without a word.
    pub(super) fn set_preset(&mut self, name: &str, settings: Option<TrainSettings>) {
        match settings.map(|settings| self.write_preset(name, settings)) {
            None => self.remove_preset(name),
            Some(Err(reason)) => self.complain(reason),
            Some(Ok(_)) => {}
        }
    }

    fn remove_preset(&mut self, name: &str) {
        let Some(preset) = self.own_preset(name).cloned() else { return };
        match fs::remove_file(&preset.path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                self.complain(format!("{} cannot be deleted: {error}", preset.path.display()));
            }
            _ => self.state.run.own_presets.retain(|other| other.name != name),
        }
    }

    pub(super) fn share_preset(&mut self, name: &str, path: &Path) {
        let Some(preset) = self.own_preset(name) else { return };
        let mut path = path.to_owned();
        if path.extension().is_none() {
            path.set_extension(ENDING);
        }
        let result = write_settings(&path, &preset.settings).map_err(|error| error.to_string());
        self.note_written(&path, result);
    }

    /// The file is copied among the own presets, under its name.
    pub(super) fn import_preset(&mut self, path: &Path) {
        let written = read_settings(path)
            .map_err(|error| error.to_string())
            .and_then(|settings| self.write_preset(&self.free_name(path), settings));
        match written {
            Ok(name) => {
                self.tell_success(format!("Imported the preset \"{name}\""), None);
                self.apply_own_preset(&name);
            }
            Err(reason) => self.complain(reason),
        }
    }

    /// The file's name, with a number where there is such a preset already.
    fn free_name(&self, path: &Path) -> String {
        let name = clean_name(&preset_name(path)).unwrap_or_else(|| "Preset".to_owned());
        let is_free = |name: &String| self.own_preset(name).is_none();
        let numbered = (2_u32..).map(|number| format!("{name} {number}"));
        std::iter::once(name.clone()).chain(numbered).find(is_free).unwrap_or(name)
    }
}

fn preset_name(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// A name that is a file's name on every system; `None` when nothing is left.
fn clean_name(name: &str) -> Option<String> {
    let is_fine = |c: &char| !c.is_control() && !"/\\:*?\"<>|".contains(*c);
    let name: String = name.chars().filter(is_fine).take(MAX_NAME).collect();
    let name = name.trim().trim_matches('.').trim();
    (!name.is_empty()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stays_in_its_folder() {
        assert_eq!(clean_name("../../etc/passwd").as_deref(), Some("etcpasswd"));
        assert_eq!(clean_name("  Für Elise ♪ ").as_deref(), Some("Für Elise ♪"));
        assert_eq!(clean_name(" ../ "), None);
        assert_eq!(clean_name(&"a".repeat(500)).unwrap().len(), MAX_NAME);
    }
}
