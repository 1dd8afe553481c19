//! What the hands are doing in a roll: tool, grid, scale, selected notes, the note cursor, and the
//! drag under way. View state: the music itself changes only by the actions of the roll.

use egui::Pos2;
use serde::{Deserialize, Serialize};

use crate::music::{Key, NotePlace, PlayedNote, Scale};

/// What dragging on empty paper does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RollTool {
    #[default]
    Select,
    Draw,
}

/// Where notes begin and end when they are drawn, moved and lengthened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum RollGrid {
    #[default]
    Step,
    HalfBeat,
    Beat,
    Bar,
}

impl RollGrid {
    pub const ALL: [Self; 4] = [Self::Step, Self::HalfBeat, Self::Beat, Self::Bar];

    pub fn name(self) -> &'static str {
        match self {
            Self::Step => "Step",
            Self::HalfBeat => "½ beat",
            Self::Beat => "Beat",
            Self::Bar => "Bar",
        }
    }
}

/// Which rows are shaded as outside a scale.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ScaleChoice {
    /// None: black keys are dark rows.
    #[default]
    Off,
    /// The scale of the key that the piece fits best.
    OfPiece,
    Fixed(Scale),
}

impl ScaleChoice {
    /// The scale to show for a piece whose best key is `key`.
    pub fn scale(self, key: Option<Key>) -> Option<Scale> {
        match self {
            Self::Off => None,
            Self::OfPiece => key.map(Scale::from),
            Self::Fixed(scale) => Some(scale),
        }
    }
}

/// What the hands are doing in a roll.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NoteEditor {
    pub tool: RollTool,
    pub grid: RollGrid,
    pub scale: ScaleChoice,
    /// Draws the piece as it was generated or imported behind the notes.
    pub shows_original: bool,
    /// Where the selected notes begin, in order. Some may have gone since.
    pub(super) selected: Vec<NotePlace>,
    /// The note cursor of the keyboard.
    pub(super) cursor: Option<NotePlace>,
    pub(super) gesture: Option<Gesture>,
    /// The length of the note that was drawn or lengthened last, in steps.
    pub(super) last_length: Option<u32>,
    /// Why nothing came of what was tried last.
    pub(super) refusal: Option<&'static str>,
    /// What the hint line says.
    pub(super) hint: &'static str,
}

/// A drag under way. Places are in steps and pitches, so that the paper may move beneath.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Gesture {
    /// Selects bars or beats, in the ruler; or on the paper with Alt.
    Region {
        anchor: f64,
        is_in_ruler: bool,
    },
    /// Selects notes with a rubber band; `kept` were selected before and stay so.
    Band {
        step: f64,
        height: f32,
        kept: Vec<NotePlace>,
    },
    Move {
        grabbed: PlayedNote,
        step: f64,
        pitch: i32,
        heard: u8,
    },
    Lengthen {
        grabbed: PlayedNote,
    },
    Velocity {
        grabbed: PlayedNote,
        y: f32,
    },
    Draw {
        start_step: u32,
        pitch: u8,
    },
    Erase {
        erased: Vec<NotePlace>,
        from: Pos2,
    },
    /// Drags what is seen along the overview.
    Overview,
}

impl NoteEditor {
    /// Another piece is shown: nothing of the old one is selected or under way.
    pub fn forget_notes(&mut self) {
        self.selected.clear();
        self.cursor = None;
        self.gesture = None;
        self.refusal = None;
    }

    /// What can be done where the pointer is, or why nothing came of what was tried.
    pub fn hint(&self) -> &'static str {
        self.refusal.unwrap_or(self.hint)
    }

    /// Where the selected notes begin, in order.
    pub fn selected(&self) -> &[NotePlace] {
        &self.selected
    }

    pub fn select(&mut self, mut places: Vec<NotePlace>) {
        places.sort_unstable();
        places.dedup();
        self.selected = places;
    }

    pub(super) fn is_selected(&self, place: NotePlace) -> bool {
        self.selected.binary_search(&place).is_ok()
    }

    pub(super) fn toggle(&mut self, place: NotePlace) {
        match self.selected.binary_search(&place) {
            Ok(index) => drop(self.selected.remove(index)),
            Err(index) => self.selected.insert(index, place),
        }
    }
}
