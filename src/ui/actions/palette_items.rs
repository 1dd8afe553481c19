//! What the palette finds: actions, settings, presets, folders that were opened lately.

use std::borrow::Cow;

use super::find::score;
use super::now::{Outcome, now};
use super::palette_controls;
use super::table::{ACTIONS, Action};
use crate::train::{CATALOGUE, Setting, SettingKind};
use crate::ui::command::Command;
use crate::ui::state::{OwnPreset, State};
use crate::ui::window_state::FocusWish;

/// Actions come before settings that match alike.
const ACTION_FIRST: i32 = 4;

/// A row of the palette.
#[derive(Clone, Debug)]
pub struct PaletteItem {
    pub title: Cow<'static, str>,
    /// Where it belongs: a menu, "Setting", "Recent folder".
    pub group: &'static str,
    /// Its keys, or the value that a setting has.
    pub fact: Fact,
    pub outcome: Outcome,
    score: i32,
}

impl PaletteItem {
    pub(super) fn new(
        title: Cow<'static, str>,
        group: &'static str,
        fact: Fact,
        outcome: Outcome,
        score: i32,
    ) -> Self {
        Self { title, group, fact, outcome, score }
    }
}

/// What stands at the right of a row.
#[derive(Clone, Debug)]
pub enum Fact {
    Action(Action),
    Text(String),
}

/// What matches, the best first.
pub fn palette_items(query: &str, state: &State) -> Vec<PaletteItem> {
    let mut items = actions(query, state);
    items.extend(own_presets(query, state));
    items.extend(folders(query, state));
    items.extend(palette_controls::controls(query, state));
    if !query.trim().is_empty() {
        items.extend(CATALOGUE.iter().flat_map(|setting| of_setting(query, setting, state)));
    }
    // Stable: what matches alike stays in the order of the menus.
    items.sort_by_key(|item| -item.score);
    items
}

fn actions(query: &str, state: &State) -> Vec<PaletteItem> {
    let item = |entry: &super::Entry| {
        if entry.action == Action::Palette {
            return None;
        }
        let now = now(entry.action, state);
        // "Train > Pause" is found by either word, and by what it does.
        let by_title = score(query, &now.title);
        let by_all = || score(query, &format!("{} {}", entry.section.name(), entry.title));
        let by_meaning = || score(query, entry.meaning).map(|score| score / 2);
        let by_words = || score(query, other_words(entry.action)).map(|score| score / 2);
        let score = by_title.or_else(by_all).or_else(by_words).or_else(by_meaning)?;
        let penalty = if now.outcome.is_err() { 2 } else { 0 };
        Some(PaletteItem {
            title: now.title,
            group: entry.section.name(),
            fact: Fact::Action(entry.action),
            outcome: now.outcome,
            score: if query.trim().is_empty() { 0 } else { score + ACTION_FIRST - penalty },
        })
    };
    ACTIONS.iter().filter_map(item).collect()
}

/// What else people call it.
fn other_words(action: Action) -> &'static str {
    match action {
        Action::TrainOrPause => "start run learn resume",
        Action::ShowRuns => "table experiments compare history",
        Action::TryRange => "sweep grid search hyperparameter",
        Action::ExportWav | Action::ExportAllWav => "save audio sound file",
        Action::ExportMidi | Action::ExportAllMidi => "save notes file",
        Action::LiveAudition => "listen hear preview",
        Action::Generate => "compose make new music",
        Action::Filters => "weights units filters tabs",
        Action::Notices => "messages errors log",
        Action::AllSettings => "options preferences parameters",
        Action::ZoomIn => "larger bigger text",
        Action::ZoomOut => "smaller text",
        Action::Theme(_) => "colours appearance mode",
        Action::LogScale => "scale axis",
        Action::Shortcuts => "keys help",
        Action::Tour => "help introduction tutorial",
        _ => "",
    }
}

fn own_presets(query: &str, state: &State) -> Vec<PaletteItem> {
    let item = |preset: &OwnPreset| {
        let title = format!("Preset: {}", preset.name);
        let score = score(query, &title)?;
        let outcome = Ok(Command::ApplyOwnPreset(preset.name.clone()));
        let fact = Fact::Text(String::new());
        Some(PaletteItem { title: title.into(), group: "Own preset", fact, outcome, score })
    };
    state.run.own_presets.iter().filter_map(item).collect()
}

fn folders(query: &str, state: &State) -> Vec<PaletteItem> {
    let item = |folder: &std::path::PathBuf| {
        let name = folder.file_name().unwrap_or(folder.as_os_str()).to_string_lossy();
        let title = format!("Add {name}");
        let score = score(query, &title).or_else(|| score(query, &folder.to_string_lossy()))?;
        let is_missing = state.data.missing_folders.contains(folder);
        let outcome = if is_missing {
            Err("The folder is not there now".into())
        } else {
            Ok(Command::AddPaths(vec![folder.clone()]))
        };
        let group = "Recent folder";
        let fact = Fact::Text(String::new());
        Some(PaletteItem { title: title.into(), group, fact, outcome, score })
    };
    state.data.recent_folders.iter().filter_map(item).collect()
}

/// A setting by its name, and by a name with a value after it: "learning rate 0.1".
fn of_setting(query: &str, setting: &'static Setting, state: &State) -> Vec<PaletteItem> {
    let value_now = words(&setting.text(&state.settings));
    let mut items = Vec::new();
    let matches = |query: &str| {
        let by_key = || score(query, setting.key).map(|score| score - 1);
        score(query, setting.label).or_else(by_key)
    };
    if let Some((name, value)) = query.trim().rsplit_once(char::is_whitespace)
        && matches!(setting.kind, SettingKind::Number { .. })
        && value.parse::<f64>().is_ok()
        && let Some(score) = matches(name)
    {
        let title = format!("Set {} to {value}", setting.label).into();
        let outcome = set_to(setting, value, state);
        let fact = Fact::Text(format!("now {value_now}"));
        // Who types a value means just that.
        items.push(PaletteItem { title, group: "Setting", fact, outcome, score: score + 8 });
    }
    match setting.kind {
        SettingKind::Number { .. } => {
            items.extend(matches(query).map(|score| PaletteItem {
                title: setting.label.into(),
                group: "Setting",
                fact: Fact::Text(value_now.clone()),
                outcome: Ok(Command::GoTo(FocusWish::Setting(setting.key))),
                score,
            }));
        }
        SettingKind::Choice { options, .. } => {
            items.extend(
                options.iter().filter_map(|option| {
                    option_item(query, setting, option, &words(option), state)
                }),
            );
        }
        SettingKind::Switch { get, .. } => {
            let is_on = get(&state.settings);
            let (value, name) = if is_on { ("false", "off") } else { ("true", "on") };
            items.extend(option_item(query, setting, value, name, state));
        }
    }
    items
}

fn option_item(
    query: &str,
    setting: &'static Setting,
    value: &str,
    name: &str,
    state: &State,
) -> Option<PaletteItem> {
    let title = format!("{}: {name}", setting.label);
    let is_now = setting.text(&state.settings) == value;
    let outcome =
        if is_now { Err("It is so already".into()) } else { set_to(setting, value, state) };
    let fact = Fact::Text(if is_now { "now".to_owned() } else { String::new() });
    let score = score(query, &title)?;
    Some(PaletteItem { title: title.into(), group: "Setting", fact, outcome, score })
}

/// Tried on a copy first, so that what is out of range says so in the list.
fn set_to(setting: &Setting, value: &str, state: &State) -> Outcome {
    let mut settings = state.settings.clone();
    match settings.set(setting.key, value) {
        Ok(()) => Ok(Command::SetSetting { key: setting.key, value: value.to_owned() }),
        Err(error) => Err(error.to_string().into()),
    }
}

/// A name from a file as words.
fn words(option: &str) -> String {
    option.replace('_', " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::panels::examples;

    fn first(query: &str, state: &State) -> PaletteItem {
        palette_items(query, state).into_iter().next().unwrap()
    }

    #[test]
    fn actions_settings_presets_and_folders_are_found_by_name() {
        let state = examples::training();
        let key = "learning_rate";
        let wish = Command::GoTo(FocusWish::Setting(key));
        assert_eq!(first("learning rate", &state).outcome, Ok(wish));
        assert_eq!(
            first("learning rate 0.1", &state).outcome,
            Ok(Command::SetSetting { key, value: "0.1".to_owned() })
        );
        assert!(first("learning rate 1e9", &state).outcome.is_err(), "out of range");
        assert_eq!(first("pause", &state).outcome, Ok(Command::Pause));
        let preset = crate::train::Preset::Quick;
        assert_eq!(first("quick look", &state).outcome, Ok(Command::ApplyPreset(preset)));
        let algorithm = Command::SetSetting { key: "algorithm", value: "cd".to_owned() };
        assert_eq!(first("algorithm cd", &state).outcome, Ok(algorithm));
        let mut state = examples::empty();
        state.data.recent_folders = vec!["/music/Chorales".into(), "/music/Gone".into()];
        state.data.missing_folders = vec!["/music/Gone".into()];
        let add = Command::AddPaths(vec!["/music/Chorales".into()]);
        assert_eq!(first("chorales", &state).outcome, Ok(add));
        assert!(first("gone", &state).outcome.is_err());
        assert!(palette_items("qzxv", &state).is_empty());
    }

    #[test]
    fn every_setting_can_be_reached_by_its_name() {
        let state = examples::empty();
        for setting in CATALOGUE {
            let items = palette_items(setting.label, &state);
            let is_there = items.iter().take(12).any(|item| match &item.outcome {
                Ok(Command::GoTo(FocusWish::Setting(key)) | Command::SetSetting { key, .. }) => {
                    *key == setting.key
                }
                _ => false,
            });
            assert!(is_there, "{}", setting.label);
        }
    }

    #[test]
    fn nothing_typed_lists_every_action() {
        let items = palette_items("", &examples::empty());
        assert_eq!(items.len(), ACTIONS.len() - 1);
    }
}
