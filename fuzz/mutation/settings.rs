//! Changes settings within their form: as a TOML document, or by a line of one of the settings there are.

use harmonium::train::{CATALOGUE, SettingKind};
use serde_json::Value;

use super::dice::Dice;
use super::json;

const VALUES: [&str; 14] = [
    "0",
    "-1",
    "0.5",
    "1e309",
    "nan",
    "inf",
    "18446744073709551616",
    "true",
    "off",
    "\"cd\"",
    "musical",
    "\"\"",
    "[]",
    "{}",
];

pub fn change(bytes: &[u8], dice: &mut Dice) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(bytes).ok()?;
    if dice.is_one_in(2) {
        // What is no TOML is lines of KEY=VALUE.
        if let Ok(mut document) = toml::from_str::<Value>(text) {
            json::change(&mut document, dice);
            return toml::to_string(&document).ok().map(String::into_bytes);
        }
    }
    let mut lines: Vec<&str> = text.lines().collect();
    let line = line(dice);
    match dice.below(4) {
        0 if !lines.is_empty() => drop(lines.remove(dice.below(lines.len()))),
        1 if !lines.is_empty() => {
            let at = dice.below(lines.len());
            lines[at] = &line;
        }
        _ => lines.insert(dice.below(lines.len() + 1), &line),
    }
    Some(lines.join("\n").into_bytes())
}

fn line(dice: &mut Dice) -> String {
    let setting = dice.pick(CATALOGUE);
    let value = match setting.kind {
        _ if dice.is_one_in(3) => (*dice.pick(&VALUES)).to_owned(),
        SettingKind::Number { min, max, .. } => dice
            .pick(&[min, max, min - 1.0, max + 1.0, f64::midpoint(min, max), max * 1e-9])
            .to_string(),
        SettingKind::Choice { options, .. } => format!("\"{}\"", dice.pick(options)),
        SettingKind::Switch { .. } => dice.pick(&["true", "false"]).to_string(),
    };
    // `--set` knows no quotes.
    let value = if dice.is_one_in(2) { value.replace('"', "") } else { value };
    format!("{} = {value}", setting.key)
}
