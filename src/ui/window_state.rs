//! How the window itself stands: zoom, which parts are seen and how wide, what lies on top.

use serde::{Deserialize, Serialize};

/// The steps of the zoom, in per cent.
pub const ZOOM_STEPS: [u32; 13] = [50, 67, 75, 80, 90, 100, 110, 125, 150, 175, 200, 250, 300];

/// The parts of the window that can be hidden, from left to right and then below.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    Data,
    Model,
    Music,
    Roll,
}

impl Part {
    pub const ALL: [Self; 4] = [Self::Data, Self::Model, Self::Music, Self::Roll];

    pub fn name(self) -> &'static str {
        match self {
            Self::Data => "Data",
            Self::Model => "Model",
            Self::Music => "Music",
            Self::Roll => "Piano roll",
        }
    }
}

/// What comes back at the next start. Lengths are in points, 0 for what suits the window.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Layout {
    pub zoom_percent: u32,
    pub is_data_shown: bool,
    pub is_model_shown: bool,
    pub is_music_shown: bool,
    pub is_roll_shown: bool,
    pub data_width: f32,
    pub music_width: f32,
    pub roll_height: f32,
    /// Of the card with what the model has learned; 0 until its edge was dragged.
    pub learned_height: f32,
    /// The card with all settings is open.
    pub are_all_settings_shown: bool,
    /// Of the window, before the zoom.
    pub window_width: f32,
    pub window_height: f32,
    /// Of the window's corner on the desktop, in points before the zoom; `None` where the platform
    /// does not say it, as on Wayland.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window_corner: Option<[f32; 2]>,
    pub is_maximized: bool,
}

impl Default for Layout {
    fn default() -> Self {
        Self {
            zoom_percent: 100,
            is_data_shown: true,
            is_model_shown: true,
            is_music_shown: true,
            is_roll_shown: true,
            data_width: 0.0,
            music_width: 0.0,
            roll_height: 0.0,
            learned_height: 0.0,
            are_all_settings_shown: false,
            window_width: 1440.0,
            window_height: 900.0,
            window_corner: None,
            is_maximized: false,
        }
    }
}

impl Layout {
    /// With every value in its bounds, as a file may hold anything.
    #[must_use]
    pub fn mended(self) -> Self {
        let length = |value: f32, low: f32, high: f32, usual: f32| {
            if value.is_finite() { value.clamp(low, high) } else { usual }
        };
        let is_column_shown = self.is_data_shown || self.is_model_shown || self.is_music_shown;
        Self {
            zoom_percent: self.zoom_percent.clamp(ZOOM_STEPS[0], ZOOM_STEPS[12]),
            is_model_shown: self.is_model_shown || !is_column_shown,
            data_width: length(self.data_width, 0.0, 2000.0, 0.0),
            music_width: length(self.music_width, 0.0, 2000.0, 0.0),
            roll_height: length(self.roll_height, 0.0, 4000.0, 0.0),
            window_width: length(self.window_width, 900.0, 16_384.0, 1440.0),
            window_height: length(self.window_height, 600.0, 16_384.0, 900.0),
            window_corner: self
                .window_corner
                .filter(|corner| corner.iter().all(|at| at.is_finite())),
            ..self
        }
    }

    pub fn is_shown(&self, part: Part) -> bool {
        match part {
            Part::Data => self.is_data_shown,
            Part::Model => self.is_model_shown,
            Part::Music => self.is_music_shown,
            Part::Roll => self.is_roll_shown,
        }
    }

    /// Shows or hides a part; of the three columns one always stays.
    pub fn show(&mut self, part: Part, is_shown: bool) {
        if !is_shown && self.is_last_column(part) {
            return;
        }
        match part {
            Part::Data => self.is_data_shown = is_shown,
            Part::Model => self.is_model_shown = is_shown,
            Part::Music => self.is_music_shown = is_shown,
            Part::Roll => self.is_roll_shown = is_shown,
        }
    }

    pub fn is_last_column(&self, part: Part) -> bool {
        let columns = [Part::Data, Part::Model, Part::Music];
        let is_other_shown = |other: &Part| *other != part && self.is_shown(*other);
        part != Part::Roll && !columns.iter().any(is_other_shown)
    }

    /// The next step of the zoom in this direction, or where it stands at the end.
    pub fn next_zoom(&self, is_larger: bool) -> u32 {
        let now = self.zoom_percent;
        let next = if is_larger {
            ZOOM_STEPS.into_iter().find(|&step| step > now)
        } else {
            ZOOM_STEPS.into_iter().rfind(|&step| step < now)
        };
        next.unwrap_or(now)
    }
}

/// What is searched for in the list of commands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PaletteState {
    pub query: String,
    /// The row that Enter takes.
    pub chosen: usize,
    /// What had the keyboard before, and gets it back.
    pub opener: Option<egui::Id>,
}

/// What shall have the keyboard as soon as it is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FocusWish {
    /// The knob or field of a setting, by its key.
    Setting(&'static str),
    /// Another control or card, by its name.
    Control(&'static str),
    /// The next part of the window, or the one before.
    NextPart { is_forward: bool },
}

/// The view state of the whole window.
#[derive(Clone, Debug, Default)]
pub struct WindowState {
    pub layout: Layout,
    pub palette: Option<PaletteState>,
    pub are_shortcuts_shown: bool,
    pub focus_wish: Option<FocusWish>,
    /// Of the transport and the roll, as drawn last; what pops up stands above it.
    pub player_height: f32,
    /// Of what stands at the right of the middle column, as drawn last.
    pub right_width: f32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_layout_is_mended() {
        let damaged = Layout {
            zoom_percent: 100_000,
            is_data_shown: false,
            is_model_shown: false,
            is_music_shown: false,
            data_width: f32::NAN,
            music_width: -3.0,
            roll_height: f32::INFINITY,
            window_width: 1.0,
            window_height: f32::NAN,
            window_corner: Some([40.0, f32::INFINITY]),
            ..Layout::default()
        };
        let mended = damaged.mended();
        assert_eq!(mended.zoom_percent, 300);
        assert!(mended.is_model_shown && !mended.is_data_shown);
        assert_eq!((mended.data_width, mended.music_width, mended.roll_height), (0.0, 0.0, 0.0));
        assert_eq!((mended.window_width, mended.window_height), (900.0, 900.0));
        assert_eq!(mended.window_corner, None);
        assert_eq!(mended.mended(), mended);
        assert_eq!(Layout::default().mended(), Layout::default());
    }

    #[test]
    fn zoom_goes_through_its_steps_and_stops_at_the_ends() {
        let mut layout = Layout::default();
        assert_eq!((layout.next_zoom(true), layout.next_zoom(false)), (110, 90));
        layout.zoom_percent = 300;
        assert_eq!((layout.next_zoom(true), layout.next_zoom(false)), (300, 250));
        layout.zoom_percent = 50;
        assert_eq!((layout.next_zoom(true), layout.next_zoom(false)), (67, 50));
        layout.zoom_percent = 120;
        assert_eq!((layout.next_zoom(true), layout.next_zoom(false)), (125, 110));
    }

    #[test]
    fn the_last_column_stays() {
        let mut layout = Layout::default();
        layout.show(Part::Model, false);
        layout.show(Part::Data, false);
        layout.show(Part::Music, false);
        assert!(layout.is_music_shown && !layout.is_data_shown && !layout.is_model_shown);
        layout.show(Part::Roll, false);
        assert!(!layout.is_roll_shown);
    }
}
