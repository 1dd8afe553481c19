//! How the music sounds, as the panels see it.

use std::path::PathBuf;

use crate::music::Performance;

/// Bars that can be counted in.
pub const MOST_COUNT_IN_BARS: u32 = 2;

/// Everything about the sound but the transport.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SoundState {
    pub performance: Performance,
    /// Clicks while it plays; never exported.
    pub is_metronome_on: bool,
    /// Bars of clicks before it plays, up to [`MOST_COUNT_IN_BARS`].
    pub count_in_bars: u32,
    pub font: FontState,
    /// The window with all of this.
    pub is_shown: bool,
}

/// The SoundFont that a person chose instead of the built-in one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FontState {
    /// `None` is the built-in one.
    pub chosen: Option<PathBuf>,
    pub status: FontStatus,
}

/// How it stands with the chosen font.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum FontStatus {
    /// The built-in font plays because no other is chosen.
    #[default]
    BuiltIn,
    /// It is read, and tried in a process of its own.
    Checking,
    /// It plays. Its own name, and how many instruments and kits it has.
    Plays { name: String, n_presets: usize },
    /// It cannot be used; the built-in one plays.
    Refused { reason: String },
}

impl FontState {
    /// The name of the font's file, where one is chosen.
    pub fn file_name(&self) -> Option<String> {
        let path = self.chosen.as_ref()?;
        Some(path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned())
    }
}
