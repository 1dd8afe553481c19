//! What the model can make of the music that the roll shows, and when it can.

use super::icons::Icon;
use super::state::{RollSource, State};
use crate::dataset::EncodingSettings;
use crate::music::PianoRoll;

/// Something to be made of what is shown. It comes as new pieces; what is shown stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Composition {
    Inside,
    Around,
    Continue,
    LeadUp,
    Harmonise,
    MelodyFor,
    Vary,
    /// Steps on the way from what was shown before.
    Interpolate,
}

impl Composition {
    pub const ALL: [Self; 8] = [
        Self::Inside,
        Self::Around,
        Self::Continue,
        Self::LeadUp,
        Self::Harmonise,
        Self::MelodyFor,
        Self::Vary,
        Self::Interpolate,
    ];

    pub const fn label(self) -> &'static str {
        match self {
            Self::Inside => "Regenerate inside",
            Self::Around => "Regenerate around",
            Self::Continue => "Continue from here",
            Self::LeadUp => "Lead up to here",
            Self::Harmonise => "Harmonise the melody",
            Self::MelodyFor => "Find a melody",
            Self::Vary => "Vary",
            Self::Interpolate => "Interpolate",
        }
    }

    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Inside => "Makes the selected bars anew, so that they fit what is around them",
            Self::Around => "Keeps the selected bars and makes everything else anew",
            Self::Continue => {
                "Keeps what stands before the selected bars, or the whole, and goes on for as many \
                 bars as the knob says"
            }
            Self::LeadUp => {
                "Makes as many bars as the knob says that lead up to the selected bars, or to the \
                 whole"
            }
            Self::Harmonise => "Keeps the top line and finds voices below it",
            Self::MelodyFor => "Keeps everything and finds a line above it",
            Self::Vary => "Sets out from the piece and strays as far as the slider says",
            Self::Interpolate => {
                "Makes steps on the way from what was shown before to this, as many as the knob \
                 Pieces says"
            }
        }
    }

    pub fn icon(self) -> Icon {
        match self {
            Self::Inside => Icon::BetweenHorizontalStart,
            Self::Around => Icon::UnfoldHorizontal,
            Self::Continue => Icon::ArrowRightFromLine,
            Self::LeadUp => Icon::ArrowRightToLine,
            Self::Harmonise => Icon::Layers,
            Self::MelodyFor => Icon::Music,
            Self::Vary => Icon::Shuffle,
            Self::Interpolate => Icon::Blend,
        }
    }

    pub fn needs_bars(self) -> bool {
        matches!(self, Self::Inside | Self::Around)
    }
}

/// Why it cannot be made now.
pub fn why_not(composition: Composition, state: &State) -> Option<&'static str> {
    let Some(facts) = state.run.facts.as_ref().filter(|_| state.run.phase.has_model()) else {
        return Some("Train first: there is no model yet");
    };
    if state.music.generating.is_some() {
        return Some("Pieces are being made");
    }
    let Some(roll) = &state.roll.roll else {
        return Some("Choose a song or a piece first");
    };
    let encoding = &facts.settings.encoding;
    if !fits(roll, encoding) {
        return Some("It was read with another grid or other pitches than the model knows");
    }
    if state.roll.notes.is_empty() {
        return Some("There are no notes to begin with");
    }
    let selection = state.roll.selection.as_ref();
    match composition {
        _ if composition.needs_bars() && selection.is_none() => {
            Some("Select bars first: drag in the ruler")
        }
        Composition::Continue if selection.is_some_and(|steps| steps.start == 0) => {
            Some("Nothing stands before the selected bars")
        }
        Composition::Interpolate => match partner(state) {
            None => Some("Show the one piece, then the other: the steps between them are made"),
            Some(partner) if !fits(partner, encoding) => {
                Some("What was shown before has another grid or other pitches")
            }
            Some(_) => None,
        },
        _ => None,
    }
}

/// Why new pieces cannot start from what is shown.
pub fn why_not_start_from(state: &State) -> Option<&'static str> {
    let encoding = match &state.run.facts {
        Some(facts) => &facts.settings.encoding,
        None => &state.settings.encoding,
    };
    match &state.roll.roll {
        None => Some("Choose a song or a piece first"),
        Some(roll) if !fits(roll, encoding) => {
            Some("It was read with another grid or other pitches than the model knows")
        }
        Some(_) => None,
    }
}

fn fits(roll: &PianoRoll, encoding: &EncodingSettings) -> bool {
    roll.pitches() == encoding.pitches() && roll.steps_per_beat() == encoding.steps_per_beat
}

/// The music that was shown before this.
pub fn partner(state: &State) -> Option<&PianoRoll> {
    roll_of(state, state.roll.before?)
}

/// A song or piece as a roll; none for what live audition plays, which changes.
pub fn roll_of(state: &State, source: RollSource) -> Option<&PianoRoll> {
    match source {
        RollSource::Song(song) => state.data.songs.get(song).map(|song| &*song.roll),
        RollSource::Piece(id) => {
            let piece = state.music.pieces.iter().find(|piece| piece.id == id);
            piece.map(|piece| &*piece.record.roll)
        }
        RollSource::Dream => None,
    }
}

/// "Bars 3–4" of the selection; `None` without one.
pub fn selected_bars(state: &State) -> Option<String> {
    let (steps, roll) = (state.roll.selection.as_ref()?, state.roll.roll.as_ref()?);
    let per_bar = state.roll.metre.steps_per_bar(roll.steps_per_beat()).max(1);
    let first = steps.start / per_bar + 1;
    let last = steps.end.div_ceil(per_bar).max(first);
    Some(if first == last { format!("Bar {first}") } else { format!("Bars {first}–{last}") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::panels::examples;

    #[test]
    fn every_composition_says_why_it_cannot_be_and_can_be_with_a_selection() {
        let empty = examples::empty();
        for composition in Composition::ALL {
            assert!(why_not(composition, &empty).is_some(), "{composition:?}");
        }
        let mut state = examples::with_pieces();
        state.roll.selection = Some(32..64);
        state.roll.before = Some(RollSource::Piece(state.music.pieces[0].id));
        for composition in Composition::ALL {
            assert_eq!(why_not(composition, &state), None, "{composition:?}");
        }
        assert_eq!(selected_bars(&state).as_deref(), Some("Bars 3–4"));
        state.roll.selection = Some(0..16);
        assert_eq!(selected_bars(&state).as_deref(), Some("Bar 1"));
        assert!(why_not(Composition::Continue, &state).is_some());
        state.roll.selection = None;
        assert!(why_not(Composition::Inside, &state).is_some());
        assert_eq!(why_not(Composition::Continue, &state), None);
    }
}
