//! What the window remembers between starts: a small TOML file, written whole or not at all.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use egui::Context;
use serde::{Deserialize, Serialize};

use crate::music::Performance;
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
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            theme: ThemeChoice::System,
            recent_folders: Vec::new(),
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
        }
    }
}

impl Preferences {
    /// A damaged file is set aside under another name, and the window starts as new.
    pub(super) fn load(config_dir: &Path) -> Self {
        let path = config_dir.join(FILE);
        let mut preferences = match std::fs::read_to_string(&path) {
            Err(_missing) => Self::default(),
            Ok(text) => toml::from_str(&text).unwrap_or_else(|error| {
                let aside = path.with_extension("damaged.toml");
                let kept = std::fs::rename(&path, &aside).is_ok();
                let place = if kept { aside.display() } else { path.display() };
                let complaint = format!(
                    "The window's settings were damaged ({}); they are kept as {place}, and the \
                     window starts as new",
                    error.message()
                );
                Self { complaint: Some(complaint), ..Self::default() }
            }),
        };
        preferences.path = path;
        preferences.layout = preferences.layout.mended();
        preferences.export.format = preferences.export.format.mended();
        preferences
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

    fn store(&self) -> Result<(), String> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder)
            .map_err(|error| format!("{} cannot be made: {error}", folder.display()))?;
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
            self.keep_preferences();
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
        self.preferences.program = self.state.transport.program;
        self.preferences.volume = self.state.transport.volume;
        let sound = &self.state.sound;
        self.preferences.performance = sound.performance;
        self.preferences.is_metronome_on = sound.is_metronome_on;
        self.preferences.count_in_bars = sound.count_in_bars;
        self.preferences.soundfont.clone_from(&sound.font.chosen);
        self.preferences.is_network_explained = self.state.learned.is_explained;
        if let Err(reason) = self.preferences.store() {
            log::warn!("{reason}");
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
        assert!(preferences.complaint.unwrap().contains("window.damaged.toml"));
        assert!(folder.path().join("window.damaged.toml").exists());
    }
}
