//! Making music out of what the roll shows: from what a person asks for to a task of the model's
//! voice, and from its answer to pieces.

use std::ops::Range;
use std::sync::Arc;

use crate::engine::{EngineCommand, GenerateRequest};
use crate::generate::{GenerateSettings, Region, StartPoint, Task};
use crate::music::{PianoRoll, PlayedNote, RollNote};
use crate::project::PieceRecord;
use crate::ui::compose::{Composition, partner, selected_bars, why_not, why_not_start_from};
use crate::ui::state::StartMusic;

use super::App;

/// What the pieces on their way are made of.
#[derive(Clone, Debug)]
pub(super) struct Composing {
    /// "bars 3–4 of Piece 2"
    words: String,
    /// The notes that were given, where they lie in the new pieces.
    notes: Vec<PlayedNote>,
    /// To be selected again.
    selection: Option<Range<usize>>,
}

impl App {
    pub(super) fn compose(&mut self, composition: Composition) {
        if let Some(reason) = why_not(composition, &self.state) {
            return self.complain(reason);
        }
        let Some(roll) = self.state.roll.roll.clone() else { return };
        let Some(task) = self.task(composition, &roll) else { return };
        let mut request = self.generate_request(self.composing_settings());
        request.metre = self.state.roll.metre;
        request.beats_per_minute = self.state.transport.beats_per_minute;
        let shift = self.shift(composition, &request);
        // What comes of it has its notes elsewhere only where music is put before them.
        let moved = |note: RollNote| {
            let start_step = i64::from(note.start_step) + shift;
            let start_step = u32::try_from(start_step).ok()?;
            Some(RollNote { start_step, ..note })
        };
        request.locked = match composition {
            Composition::Interpolate => Vec::new(),
            _ => self.state.roll.locked.iter().copied().filter_map(moved).collect(),
        };
        if composition == Composition::Continue {
            let end = self.kept_before(&roll);
            request.locked.retain(|note| note.start_step + note.n_steps <= end as u32);
        }
        let given =
            |note: &PlayedNote| Some(PlayedNote::new(moved(note.roll_note())?, note.velocity));
        self.composing = Some(Composing {
            words: self.words(composition),
            notes: self.state.roll.notes.iter().filter_map(given).collect(),
            selection: self.state.roll.selection.clone().filter(|_| composition.needs_bars()),
        });
        request.task = task;
        self.begin_generation();
        self.engine.send(EngineCommand::Generate(Box::new(request)));
    }

    pub(super) fn start_from_shown(&mut self) {
        if let Some(reason) = why_not_start_from(&self.state) {
            return self.complain(reason);
        }
        let Some(roll) = &self.state.roll.roll else { return };
        let steps = self.state.roll.selection.clone().unwrap_or(0..roll.n_steps());
        let title = &self.state.roll.title;
        let name = selected_bars(&self.state)
            .map_or_else(|| title.clone(), |bars| format!("{} of {title}", bars.to_lowercase()));
        let roll = Arc::new(roll.excerpt(steps));
        self.state.music.start_music = Some(StartMusic { name, roll });
        self.state.music.settings.start = StartPoint::Song;
        self.touch();
    }

    fn task(&self, composition: Composition, roll: &PianoRoll) -> Option<Task> {
        let selection = self.state.roll.selection.clone();
        let region = || selection.clone().map(Region::of_steps);
        let roll = roll.clone();
        Some(match composition {
            Composition::Inside => Task::Inside { region: region()?, roll },
            Composition::Around => Task::Around { region: region()?, roll },
            Composition::Continue => Task::Continue(roll.excerpt(0..self.kept_before(&roll))),
            Composition::LeadUp => Task::LeadUpTo(roll.excerpt(self.first_kept()..roll.n_steps())),
            Composition::Harmonise => Task::Harmonise(roll),
            Composition::MelodyFor => Task::MelodyFor(roll),
            Composition::Vary => Task::Vary { roll, amount: self.state.music.vary_amount },
            Composition::Interpolate => {
                Task::Interpolate { from: partner(&self.state)?.clone(), to: roll }
            }
        })
    }

    /// Where a continuation begins: at the selected bars, or at the end.
    fn kept_before(&self, roll: &PianoRoll) -> usize {
        self.state.roll.selection.as_ref().map_or(roll.n_steps(), |steps| steps.start)
    }

    fn first_kept(&self) -> usize {
        self.state.roll.selection.as_ref().map_or(0, |steps| steps.start)
    }

    /// By how many steps the given notes lie later in the new pieces.
    fn shift(&self, composition: Composition, request: &GenerateRequest) -> i64 {
        if composition != Composition::LeadUp {
            return 0;
        }
        let steps_per_beat = self.state.roll.roll.as_deref().map_or(4, PianoRoll::steps_per_beat);
        let new_steps =
            request.settings.bars as usize * request.metre.steps_per_bar(steps_per_beat);
        new_steps as i64 - self.first_kept() as i64
    }

    /// A song to start from is no must here: there is music to begin with.
    fn composing_settings(&self) -> GenerateSettings {
        let settings = self.state.music.settings;
        let needs_song = settings.start == StartPoint::Song && self.start_song().is_none();
        let start = if needs_song { StartPoint::Noise } else { settings.start };
        GenerateSettings { start, ..settings }
    }

    fn words(&self, composition: Composition) -> String {
        let title = &self.state.roll.title;
        // A piece made of a piece made of a piece is named after the last alone.
        let title = title.split(" · ").next().unwrap_or(title);
        let bars = selected_bars(&self.state).map(|bars| bars.to_lowercase());
        match (composition, bars) {
            (Composition::Inside, Some(bars)) => format!("{bars} of {title} anew"),
            (Composition::Around, Some(bars)) => format!("around {bars} of {title}"),
            (Composition::Continue, _) => format!("{title} goes on"),
            (Composition::LeadUp, _) => format!("up to {title}"),
            (Composition::Harmonise, _) => format!("voices for {title}"),
            (Composition::MelodyFor, _) => format!("melody for {title}"),
            (Composition::Interpolate, _) => format!("on the way to {title}"),
            _ => format!("varied {title}"),
        }
    }
}

impl Composing {
    /// Names a new piece after what it was made of, and strikes the notes that were given as hard
    /// as they were.
    pub(super) fn finish(&self, record: &mut PieceRecord) {
        record.name = format!("{} · {}", record.name, self.words);
        record.strike_as(&self.notes);
    }

    pub(super) fn selection(&self) -> Option<Range<usize>> {
        self.selection.clone()
    }
}
