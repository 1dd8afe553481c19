//! What the palette finds beside the list of actions: the controls of the player, the tabs of what
//! was learned, measures of the curve, grid and scale of the piano roll.

use std::borrow::Cow;

use super::find::score;
use super::now::Outcome;
use super::palette_items::{Fact, PaletteItem};
use crate::music::{GENERAL_MIDI_FAMILIES, GENERAL_MIDI_NAMES, Scale, ScaleKind, tonic_name};
use crate::train::FIGURES;
use crate::ui::command::Command;
use crate::ui::learned::LearnedTab;
use crate::ui::state::State;
use crate::ui::widgets::{RollGrid, ScaleChoice};
use crate::ui::window_state::FocusWish;

/// The names of controls that get the keyboard by [`FocusWish::Control`].
pub const TEMPO: &str = "tempo";
pub const VOLUME: &str = "volume";
/// One key more or less, as in any player.
const VOLUME_STEP: f32 = 0.1;

/// Something that can be found: what it is called, and other words for it.
struct Found {
    title: Cow<'static, str>,
    group: &'static str,
    words: Cow<'static, str>,
    fact: String,
    outcome: Outcome,
}

/// What matches; nothing while nothing was typed.
pub(super) fn controls(query: &str, state: &State) -> Vec<PaletteItem> {
    if query.trim().is_empty() {
        return Vec::new();
    }
    let all = [of_player(query, state), instruments(state), tabs(state), measures(state)];
    let all = all.into_iter().chain([grids(state), scales(state)]).flatten();
    all.filter_map(|found| {
        let by_words = || score(query, &found.words).map(|score| score / 2);
        let score = score(query, &found.title).or_else(by_words)?;
        let Found { title, group, fact, outcome, .. } = found;
        Some(PaletteItem::new(title, group, Fact::Text(fact), outcome, score))
    })
    .collect()
}

/// The number after a name: 90 of "tempo 90".
fn typed_number(query: &str) -> Option<f64> {
    let (_, number) = query.trim().rsplit_once(char::is_whitespace)?;
    number.trim_end_matches('%').parse().ok().filter(|number: &f64| number.is_finite())
}

fn of_player(query: &str, state: &State) -> Vec<Found> {
    let group = "Player";
    let (tempo, volume) = (state.transport.beats_per_minute, state.transport.volume);
    let percent = format!("now {:.0} %", volume * 100.0);
    let found = |title: Cow<'static, str>, words, fact: &str, outcome| Found {
        title,
        group,
        words: Cow::Borrowed(words),
        fact: fact.to_owned(),
        outcome,
    };
    let go = |control| Ok(Command::GoTo(FocusWish::Control(control)));
    let tempo_words = "speed bpm beats a minute faster slower";
    let volume_words = "loudness sound audio level mute";
    let tempo_fact = format!("now {tempo:.0}");
    let louder = Ok(Command::SetVolume((volume + VOLUME_STEP).min(1.0)));
    let quieter = Ok(Command::SetVolume((volume - VOLUME_STEP).max(0.0)));
    let mut all = vec![
        found("Tempo".into(), tempo_words, &tempo_fact, go(TEMPO)),
        found("Volume".into(), volume_words, &percent, go(VOLUME)),
        found("Louder".into(), "volume up", &percent, louder),
        found("Quieter".into(), "volume down softer", &percent, quieter),
    ];
    let Some(number) = typed_number(query) else { return all };
    let set_tempo = if (20.0..=400.0).contains(&number) {
        Ok(Command::SetTempo(number))
    } else {
        Err("A tempo lies between 20 and 400 quarter notes a minute".into())
    };
    let title = format!("Set tempo to {number}");
    all.push(found(title.into(), "bpm speed", &tempo_fact, set_tempo));
    let set_volume = if (0.0..=100.0).contains(&number) {
        Ok(Command::SetVolume((number / 100.0) as f32))
    } else {
        Err("The volume lies between 0 and 100 %".into())
    };
    let title = format!("Set volume to {number} %");
    all.push(found(title.into(), "loudness sound", &percent, set_volume));
    all
}

fn instruments(state: &State) -> Vec<Found> {
    let instrument = |(program, name): (usize, &&'static str)| {
        let program = program as u8;
        let family = GENERAL_MIDI_FAMILIES.get(usize::from(program) / 8).copied().unwrap_or("");
        Found {
            title: format!("Instrument: {name}").into(),
            group: "Player",
            words: format!("{family} sound program").into(),
            fact: now(state.transport.program == program),
            outcome: Ok(Command::SetProgram(program)),
        }
    };
    GENERAL_MIDI_NAMES.iter().enumerate().map(instrument).collect()
}

fn now(is_so: bool) -> String {
    if is_so { "now".to_owned() } else { String::new() }
}

fn tabs(state: &State) -> Vec<Found> {
    let tab = |tab: LearnedTab| Found {
        title: tab.name().into(),
        group: "Learned",
        words: Cow::Borrowed(match tab {
            LearnedTab::Units => "what it has learned: hidden units, filters, weights",
            LearnedTab::Particles => "what it has learned: fantasy particles, chains, dreams",
            LearnedTab::OneStep => "what it has learned: one step, reconstruction, v0 h0 v1",
            LearnedTab::Histograms => {
                "what it has learned: distribution of weights, biases, updates"
            }
            LearnedTab::Activity => "what it has learned: hidden activity, dead, saturated",
            LearnedTab::Network => "what it has learned: picture of the network, layers, diagram",
        }),
        fact: now(state.learned.is_open && state.learned.tab == tab),
        outcome: Ok(Command::ShowLearned(tab)),
    };
    LearnedTab::ALL.into_iter().map(tab).collect()
}

fn measures(state: &State) -> Vec<Found> {
    let measure = |(place, figure): (usize, &'static crate::train::Figure)| Found {
        title: format!("Measure: {}", figure.label).into(),
        group: "Curve",
        words: "plot curve graph".into(),
        fact: now(state.run.figure == place),
        outcome: Ok(Command::ShowFigure(place)),
    };
    FIGURES.iter().enumerate().map(measure).collect()
}

fn grids(state: &State) -> Vec<Found> {
    let shown = state.roll.view.editor.grid;
    let grid = |grid: RollGrid| Found {
        title: format!("Grid: {}", grid.name()).into(),
        group: "Roll",
        words: "snap quantise piano roll".into(),
        fact: now(shown == grid),
        outcome: Ok(Command::SetRollGrid(grid)),
    };
    RollGrid::ALL.into_iter().map(grid).collect()
}

fn scales(state: &State) -> Vec<Found> {
    let shown = state.roll.view.editor.scale;
    let found = |title: String, choice: ScaleChoice| Found {
        title: title.into(),
        group: "Roll",
        words: "key highlight piano roll".into(),
        fact: now(shown == choice),
        outcome: Ok(Command::SetRollScale(choice)),
    };
    let own = [
        found("Scale: off".to_owned(), ScaleChoice::Off),
        found("Scale: of the piece".to_owned(), ScaleChoice::OfPiece),
    ];
    let fixed = (0..12_u8).flat_map(|tonic| ScaleKind::ALL.map(|kind| Scale { tonic, kind }));
    let fixed = fixed.map(|scale| {
        let title = format!("Scale: {} {}", tonic_name(scale.tonic), scale.kind.name());
        found(title, ScaleChoice::Fixed(scale))
    });
    own.into_iter().chain(fixed).collect()
}

#[cfg(test)]
mod tests {
    use super::super::palette_items::palette_items;
    use super::*;
    use crate::ui::panels::examples;

    fn first(query: &str) -> Outcome {
        let items = palette_items(query, &examples::training());
        items.into_iter().next().map_or(Err("nothing".into()), |item| item.outcome)
    }

    #[test]
    fn what_a_newcomer_types_is_found() {
        let go = |control| Ok(Command::GoTo(FocusWish::Control(control)));
        assert_eq!(first("tempo"), go(TEMPO));
        assert_eq!(first("bpm"), go(TEMPO));
        assert_eq!(first("tempo 90"), Ok(Command::SetTempo(90.0)));
        assert!(first("tempo 9000").is_err());
        assert_eq!(first("volume"), go(VOLUME));
        assert_eq!(first("volume 50"), Ok(Command::SetVolume(0.5)));
        assert!(matches!(first("louder"), Ok(Command::SetVolume(_))));
        assert!(matches!(first("instrument"), Ok(Command::SetProgram(_))));
        assert_eq!(first("violin"), Ok(Command::SetProgram(40)));
        for tab in LearnedTab::ALL {
            assert_eq!(first(tab.name()), Ok(Command::ShowLearned(tab)));
        }
        assert_eq!(first("histo"), Ok(Command::ShowLearned(LearnedTab::Histograms)));
        assert!(matches!(first("free energy"), Ok(Command::ShowFigure(_))));
        assert_eq!(first("grid beat"), Ok(Command::SetRollGrid(RollGrid::Beat)));
        let dorian = Scale { tonic: 2, kind: ScaleKind::Dorian };
        assert_eq!(first("d dorian"), Ok(Command::SetRollScale(ScaleChoice::Fixed(dorian))));
    }
}
