//! What the window remembers between starts: a small TOML file, written whole or not at all.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use egui::Context;
use serde::{Deserialize, Serialize};

use crate::music::Performance;
use crate::platform::free_name;
use crate::project::write_atomically;
use crate::ui::export_plan::ExportPlan;
use crate::ui::sound_state::MOST_COUNT_IN_BARS;
use crate::ui::state::ThemeChoice;
use crate::ui::tour::Tour;
use crate::ui::window_state::Layout;

use super::App;
use super::kept_views::KeptViews;

const FILE: &str = "window.toml";
const REST: Duration = Duration::from_secs(1);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Preferences {
    pub theme: ThemeChoice,
    pub recent_folders: Vec<PathBuf>,
    pub recent_projects: Vec<PathBuf>,
    /// Folders that a person has chosen on this machine; newest first.
    pub chosen_folders: Vec<PathBuf>,
    pub program: u8,
    pub volume: f32,
    pub performance: Performance,
    pub is_metronome_on: bool,
    pub count_in_bars: u32,
    /// Instead of the built-in one.
    pub soundfont: Option<PathBuf>,
    pub is_network_explained: bool,
    /// The tour was finished or skipped: it does not come by itself again.
    pub is_tour_over: bool,
    pub are_filters_shown: bool,
    pub layout: Layout,
    pub export: ExportPlan,
    pub views: KeptViews,
    /// Where the file lies, and what was wrong with it.
    #[serde(skip)]
    path: PathBuf,
    #[serde(skip)]
    complaint: Option<String>,
    /// Of a safe start: what stands in the file is somebody's own, and was not read.
    #[serde(skip)]
    is_safe: bool,
    /// The file could not be read: it is not written either.
    #[serde(skip)]
    is_unreadable: bool,
    /// Somebody knows that it cannot be written.
    #[serde(skip)]
    is_loss_told: bool,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            theme: ThemeChoice::System,
            recent_folders: Vec::new(),
            recent_projects: Vec::new(),
            chosen_folders: Vec::new(),
            // Electric piano.
            program: 4,
            volume: 0.8,
            performance: Performance::default(),
            is_metronome_on: false,
            count_in_bars: 0,
            soundfont: None,
            is_network_explained: false,
            is_tour_over: false,
            are_filters_shown: true,
            layout: Layout::default(),
            export: ExportPlan::default(),
            views: KeptViews::default(),
            path: PathBuf::new(),
            complaint: None,
            is_safe: false,
            is_unreadable: false,
            is_loss_told: false,
        }
    }
}

fn unmade(path: &Path, error: &std::io::Error) -> String {
    format!(
        "{} cannot be made: {error}. Make room there, or change its folder so that you may write",
        path.display()
    )
}

impl Preferences {
    /// A damaged file is set aside under another name, and the window starts as new.
    pub(super) fn load(config_dir: &Path) -> Self {
        let path = config_dir.join(FILE);
        let read = match std::fs::read(&path) {
            Ok(bytes) => Self::parse(&bytes).unwrap_or_else(|reason| Self::damaged(&path, &reason)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Self::default(),
            Err(error) => {
                let complaint = format!(
                    "The window's settings in {} cannot be read ({error}): the window starts as \
                     new, and remembers nothing until they can",
                    path.display()
                );
                Self { complaint: Some(complaint), is_unreadable: true, ..Self::default() }
            }
        };
        let mut preferences = Self { path, ..read };
        preferences.layout = preferences.layout.mended();
        preferences.export.format = preferences.export.format.mended();
        preferences
    }

    fn parse(bytes: &[u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
        toml::from_str(text).map_err(|error| error.message().to_owned())
    }

    fn damaged(path: &Path, reason: &str) -> Self {
        let aside = free_name(path, "damaged");
        let kept = std::fs::rename(path, &aside).is_ok();
        let place = if kept { aside.display() } else { path.display() };
        let complaint = format!(
            "The window's settings were damaged ({reason}); they are kept as {place}, and the \
             window starts as new"
        );
        Self { complaint: Some(complaint), is_unreadable: !kept, ..Self::default() }
    }

    /// As new, whatever stands in the file: that stays until something is changed.
    pub(super) fn safe(config_dir: &Path) -> Self {
        Self { path: config_dir.join(FILE), is_safe: true, is_tour_over: true, ..Self::default() }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn is_safe(&self) -> bool {
        self.is_safe
    }

    /// How the window shall be made, before there is one.
    pub(super) fn load_layout(config_dir: &Path) -> Layout {
        let text = std::fs::read_to_string(config_dir.join(FILE)).unwrap_or_default();
        toml::from_str::<Self>(&text).unwrap_or_default().layout.mended()
    }

    /// Forgets everything that was remembered.
    pub(super) fn reset(config_dir: &Path) -> std::io::Result<()> {
        match std::fs::remove_file(config_dir.join(FILE)) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            other => other,
        }
    }

    fn store(&mut self) -> Result<(), String> {
        if self.is_unreadable {
            return Ok(());
        }
        let folder = self.path.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder).map_err(|error| unmade(folder, &error))?;
        // What was there before a safe start is not lost when a setting is changed.
        if std::mem::take(&mut self.is_safe) && self.path.exists() {
            let aside = free_name(&self.path, "before-safe-start");
            std::fs::rename(&self.path, &aside).map_err(|error| unmade(&aside, &error))?;
        }
        let text = toml::to_string(self).map_err(|error| error.to_string())?;
        write_atomically(&self.path, text.as_bytes(), None).map_err(|error| error.to_string())
    }
}

impl App {
    pub(super) fn adopt_preferences(&mut self) {
        let preferences = self.preferences.clone();
        self.state.theme = preferences.theme;
        self.state.window.layout = preferences.layout;
        preferences.views.apply(&mut self.state);
        let learned_height = preferences.layout.learned_height;
        self.state.learned.height = (learned_height > 0.0).then_some(learned_height);
        self.state.learned.is_open = preferences.are_filters_shown;
        self.state.export_plan = preferences.export;
        self.state.data.recent_folders = preferences.recent_folders;
        self.state.recent_projects = preferences.recent_projects;
        self.look_for_folders();
        self.state.learned.is_explained = preferences.is_network_explained;
        self.state.transport.program = preferences.program.min(127);
        self.state.transport.volume = preferences.volume.clamp(0.0, 1.0);
        self.state.sound.performance = preferences.performance.mended();
        self.state.sound.is_metronome_on = preferences.is_metronome_on;
        self.state.sound.count_in_bars = preferences.count_in_bars.min(MOST_COUNT_IN_BARS);
        self.name_soundfont();
        if preferences.soundfont.is_some() {
            self.use_soundfont(preferences.soundfont);
        }
        if !preferences.is_tour_over {
            self.state.tour = Some(Tour::start(&self.state));
        }
        if let Some(complaint) = self.preferences.complaint.take() {
            self.complain(complaint);
        }
        for remark in self.places.remarks.clone() {
            self.tell(remark);
        }
    }

    /// Ended once, it comes only when it is asked for.
    pub(super) fn show_tour(&mut self, is_shown: bool) {
        self.state.tour = is_shown.then(|| Tour::start(&self.state));
        self.preferences.is_tour_over |= !is_shown;
        self.keep_preferences();
    }

    /// Something changed that the window remembers.
    pub(super) fn keep_preferences(&mut self) {
        self.preferences_wanted_since = Some(Instant::now());
    }

    /// A list of what was used lately has grown: no reason to write over settings that a safe start
    /// did not read.
    pub(super) fn keep_lists(&mut self) {
        if !self.preferences.is_safe {
            self.keep_preferences();
        }
    }

    /// A dragged knob would else write a file with every frame.
    pub(super) fn store_preferences_when_rested(&mut self) {
        if self.preferences_wanted_since.is_some_and(|since| since.elapsed() > REST) {
            self.store_preferences();
        }
    }

    /// Parts that were moved or hidden come back at the next start.
    pub(super) fn note_layout(&mut self) {
        self.state.window.layout.learned_height = self.state.learned.height.unwrap_or(0.0);
        let is_other = self.state.window.layout != self.preferences.layout
            || self.state.learned.is_open != self.preferences.are_filters_shown
            || KeptViews::of(&self.state) != self.preferences.views;
        if is_other && self.preferences_wanted_since.is_none() {
            self.keep_lists();
        }
    }

    /// Takes over what changed, and writes it.
    pub(super) fn store_preferences(&mut self) {
        if self.preferences_wanted_since.take().is_none() {
            return;
        }
        self.preferences.theme = self.state.theme;
        self.preferences.layout = self.state.window.layout;
        self.preferences.export.clone_from(&self.state.export_plan);
        self.preferences.views = KeptViews::of(&self.state);
        self.preferences.are_filters_shown = self.state.learned.is_open;
        self.preferences.recent_folders.clone_from(&self.state.data.recent_folders);
        self.preferences.recent_projects.clone_from(&self.state.recent_projects);
        self.preferences.program = self.state.transport.program;
        self.preferences.volume = self.state.transport.volume;
        let sound = &self.state.sound;
        self.preferences.performance = sound.performance;
        self.preferences.is_metronome_on = sound.is_metronome_on;
        self.preferences.count_in_bars = sound.count_in_bars;
        self.preferences.soundfont.clone_from(&sound.font.chosen);
        self.preferences.is_network_explained = self.state.learned.is_explained;
        match self.preferences.store() {
            Ok(()) => self.preferences.is_loss_told = false,
            Err(reason) => {
                log::warn!("{reason}");
                // Once, not whenever a knob is turned.
                if !std::mem::replace(&mut self.preferences.is_loss_told, true) {
                    self.complain(format!("The window's settings are not kept: {reason}"));
                }
            }
        }
    }

    pub(super) fn are_preferences_wanted(&self) -> bool {
        self.preferences_wanted_since.is_some()
    }

    pub(super) fn set_theme(&mut self, theme: ThemeChoice, ctx: &Context) {
        self.state.theme = theme;
        crate::ui::theme::wear(ctx, theme);
        self.keep_preferences();
    }

    pub(super) fn apply_theme(&self, ctx: &Context) {
        crate::ui::theme::wear(ctx, self.state.theme);
        let zoom = self.state.window.layout.zoom_percent as f32 / 100.0;
        ctx.options_mut(|options| options.zoom_with_keyboard = false);
        ctx.set_zoom_factor(zoom);
    }
}

impl Drop for App {
    fn drop(&mut self) {
        self.store_preferences();
        self.end_session();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        let mut preferences = Preferences::load(&folder.path().join("new"));
        assert_eq!(preferences.complaint, None);
        preferences.program = 20;
        preferences.store().unwrap();
        assert_eq!(Preferences::load(&folder.path().join("new")), preferences);
        Preferences::reset(&folder.path().join("new")).unwrap();
        assert_eq!(Preferences::load(&folder.path().join("new")).program, 4);
    }

    #[test]
    fn old_files_and_odd_values_give_a_window_that_can_be_used() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        std::fs::write(&path, "theme = \"Light\"\nprogram = 3\n").unwrap();
        let old = Preferences::load(folder.path());
        assert_eq!(
            (old.theme, old.program, old.layout),
            (ThemeChoice::Light, 3, Layout::default())
        );
        let odd = "[layout]\nzoom_percent = 9999\ndata_width = nan\nwindow_width = -1.0\n\
                   is_data_shown = false\nis_model_shown = false\nis_music_shown = false\n";
        std::fs::write(&path, odd).unwrap();
        let mended = Preferences::load(folder.path());
        assert_eq!(mended.complaint, None);
        assert_eq!((mended.layout.zoom_percent, mended.layout.data_width), (300, 0.0));
        assert!(mended.layout.is_model_shown && mended.layout.window_width >= 900.0);
    }

    #[test]
    fn a_damaged_file_is_kept_aside_and_spoken_of() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE), "program = \"loud").unwrap();
        let preferences = Preferences::load(folder.path());
        assert_eq!(preferences.program, 4);
        assert!(preferences.complaint.unwrap().contains("window.toml.damaged-1"));
        std::fs::write(folder.path().join(FILE), b"theme = \"\xff\"").unwrap();
        let preferences = Preferences::load(folder.path());
        assert!(preferences.complaint.unwrap().contains("window.toml.damaged-2"));
        let kept = std::fs::read(folder.path().join("window.toml.damaged-1")).unwrap();
        assert_eq!(kept, b"program = \"loud", "the first is still there");
    }

    #[test]
    fn settings_that_cannot_be_read_are_not_written_over() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join(FILE)).unwrap();
        let mut preferences = Preferences::load(folder.path());
        assert!(preferences.complaint.as_ref().unwrap().contains("cannot be read"));
        preferences.store().unwrap();
        assert!(folder.path().join(FILE).is_dir());
    }

    #[test]
    fn a_safe_start_keeps_what_was_there_when_a_setting_is_changed() {
        let folder = tempfile::tempdir().unwrap();
        let own = "program = 20\n";
        std::fs::write(folder.path().join(FILE), own).unwrap();
        let mut preferences = Preferences::safe(folder.path());
        assert_eq!(preferences.program, 4);
        preferences.program = 7;
        preferences.store().unwrap();
        preferences.store().unwrap();
        assert_eq!(Preferences::load(folder.path()).program, 7);
        let aside = folder.path().join("window.toml.before-safe-start-1");
        assert_eq!(std::fs::read_to_string(aside).unwrap(), own);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
    }
}
