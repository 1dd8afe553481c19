//! The two pages that tables of the program fill: what each knob does, and the keyboard.

use egui::KeyboardShortcut;

use crate::train::{Acts, CATALOGUE, Preset, Scale, Setting, SettingKind};
use crate::ui::actions::{ACTIONS, Section};
use crate::ui::panels::shortcut_sheet::ELSEWHERE;
use crate::ui::widgets::{ROLL_KEYS, ROLL_POINTER};

/// The names of the pages.
pub const KNOBS_PAGE: &str = "knobs";
pub const KEYBOARD_PAGE: &str = "keyboard";

/// Over the parts of the table: its first key, the heading, a sentence.
const PARTS: [(&str, &str, &str); 3] = [
    ("encoding", "Data", "How songs become excerpts of yes and no."),
    ("hidden_units", "Model", "How large the model is, how it begins, how it dreams."),
    ("learning_rate", "Learning", "How fast it learns, what holds it back, when it ends."),
];

/// What each knob does, as Markdown.
pub fn knobs_page() -> String {
    let mut page = "# What each knob does\n\n\
        Drag a knob up or down, or click its number and type. A change with an hourglass is felt by the \
        next run, the others at once. Right-click a knob to try a range of values. The names in \
        `this type` are those of the command line (`--set NAME=VALUE`).\n"
        .to_owned();
    for setting in CATALOGUE {
        if let Some((_, title, words)) = PARTS.iter().find(|(key, ..)| *key == setting.key) {
            put(&mut page, format_args!("\n## {title}\n\n{words}\n"));
        }
        put_setting(&mut page, setting);
    }
    page
}

fn put(page: &mut String, words: std::fmt::Arguments<'_>) {
    page.push_str(&words.to_string());
}

fn put_setting(page: &mut String, setting: &Setting) {
    let Setting { label, key, meaning, .. } = setting;
    put(page, format_args!("\n### {label}\n\n{meaning}. `{key}`\n\n"));
    for (topic, words) in setting.remarks() {
        put(page, format_args!("- {topic}: {words}\n"));
    }
    put(page, format_args!("- {}\n", values(setting)));
    let presets: Vec<String> = Preset::ALL
        .into_iter()
        .map(|preset| format!("{} {}", preset.label(), setting.text(&preset.settings())))
        .collect();
    put(page, format_args!("- Presets: {}\n", presets.join(", ")));
    let acts = match setting.acts {
        Acts::NextRun => "Felt by the next run",
        Acts::DuringRun => "Felt at once",
    };
    put(page, format_args!("- {acts}\n"));
}

fn values(setting: &Setting) -> String {
    match setting.kind {
        SettingKind::Number { min, max, scale: Scale::Whole, .. } => {
            format!("Whole numbers from {min} to {max}")
        }
        SettingKind::Number { min, max, .. } => format!("From {min} to {max}"),
        SettingKind::Choice { options, .. } => format!("One of {}", options.join(", ")),
        SettingKind::Switch { .. } => "On or off".to_owned(),
    }
}

/// Every key, as Markdown.
pub fn keyboard_page() -> String {
    let mut page = "# The keyboard\n\n\
        Everything can be done with the keyboard. Tab goes from control to control, F6 from part to part \
        of the window. On a Mac, Ctrl is Cmd.\n"
        .to_owned();
    for section in Section::ALL {
        let entries = || {
            ACTIONS.iter().filter(move |entry| entry.section == section && !entry.keys.is_empty())
        };
        if entries().next().is_none() {
            continue;
        }
        put(&mut page, format_args!("\n## {}\n\n", section.name()));
        for entry in entries() {
            let keys: Vec<String> = entry.keys.iter().copied().map(words_of).collect();
            put(&mut page, format_args!("- **{}** {}\n", keys.join(", "), entry.title));
        }
    }
    let rest =
        [("In the piano roll", ROLL_KEYS), ("With the pointer in the piano roll", ROLL_POINTER)];
    for (title, rows) in ELSEWHERE.into_iter().chain(rest) {
        put(&mut page, format_args!("\n## {title}\n\n"));
        for (keys, what) in rows {
            put(&mut page, format_args!("- **{keys}** {what}\n"));
        }
    }
    page
}

/// "Ctrl+Shift+S", on every system alike.
fn words_of(keys: KeyboardShortcut) -> String {
    let modifiers = keys.modifiers;
    let held = [(modifiers.command, "Ctrl"), (modifiers.alt, "Alt"), (modifiers.shift, "Shift")];
    let held = held.into_iter().filter(|(is_held, _)| *is_held).map(|(_, name)| name);
    held.chain([keys.logical_key.symbol_or_name()]).collect::<Vec<_>>().join("+")
}
