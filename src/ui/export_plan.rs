//! What an export writes, and what its files are called.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::state::ExportScope;
use crate::audio::FileFormat;

/// The pattern of names where no other is asked for.
pub const USUAL_NAMES: &str = "{project}-{number}-{seed}";
/// What a pattern may hold, and what becomes of it.
pub const NAME_FIELDS: [(&str, &str); 7] = [
    ("project", "the project's name"),
    ("name", "the piece's name"),
    ("number", "1, 2, 3 … with zeros before"),
    ("seed", "the piece's seed"),
    ("key", "the key that fits best"),
    ("bars", "its length in bars"),
    ("tempo", "quarter notes a minute"),
];
/// Longer names are refused by some systems.
const MOST_LETTERS: usize = 120;

/// Everything that the export window asks; remembered between starts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ExportPlan {
    pub scope: ExportScope,
    pub has_midi: bool,
    pub has_sound: bool,
    pub has_png: bool,
    pub has_svg: bool,
    /// A table of what was written, `contents.csv`.
    pub has_contents: bool,
    pub format: FileFormat,
    /// The pattern of the files' names.
    pub names: String,
    pub folder: Option<PathBuf>,
}

impl Default for ExportPlan {
    fn default() -> Self {
        Self {
            scope: ExportScope::Favourites,
            has_midi: true,
            has_sound: true,
            has_png: false,
            has_svg: false,
            has_contents: true,
            format: FileFormat::default(),
            names: USUAL_NAMES.to_owned(),
            folder: None,
        }
    }
}

impl ExportPlan {
    /// The endings of the files of each piece.
    pub fn endings(&self) -> Vec<&'static str> {
        let sound = self.format.container.ending();
        let all = [
            (self.has_midi, "mid"),
            (self.has_sound, sound),
            (self.has_png, "png"),
            (self.has_svg, "svg"),
        ];
        all.into_iter().filter(|(is_wanted, _)| *is_wanted).map(|(_, ending)| ending).collect()
    }
}

/// What a name can be made of.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NameParts {
    pub project: String,
    pub name: String,
    /// From 1, in the order of the list.
    pub number: usize,
    /// Of so many.
    pub n_pieces: usize,
    /// A song has none.
    pub seed: Option<u64>,
    pub key: String,
    pub bars: usize,
    pub beats_per_minute: f64,
}

/// The name of a piece by a pattern, without ending; an error names the field that there is not.
pub fn file_name(pattern: &str, parts: &NameParts) -> Result<String, String> {
    let mut name = String::new();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((field, after)) = after.split_once('}') else {
            return Err(format!("a {{ without its }}: \"{pattern}\""));
        };
        name.push_str(before);
        name.push_str(&field_text(field, parts)?);
        rest = after;
    }
    name.push_str(rest);
    let plain = plain_name(&name);
    Ok(if plain.is_empty() { format!("piece {}", parts.number) } else { plain })
}

fn field_text(field: &str, parts: &NameParts) -> Result<String, String> {
    Ok(match field {
        "project" => parts.project.clone(),
        "name" => parts.name.clone(),
        "number" => {
            let width = parts.n_pieces.max(1).to_string().len();
            format!("{:0width$}", parts.number)
        }
        "seed" => parts.seed.map_or_else(String::new, |seed| seed.to_string()),
        "key" => parts.key.clone(),
        "bars" => parts.bars.to_string(),
        "tempo" => format!("{:.0}", parts.beats_per_minute),
        _ => {
            let known: Vec<&str> = NAME_FIELDS.iter().map(|(field, _)| *field).collect();
            return Err(format!("{{{field}}} is none of {{{}}}", known.join("}, {")));
        }
    })
}

/// A name that stays in its folder and that every system takes: a project may bring any.
pub fn plain_name(name: &str) -> String {
    let is_plain = |c: char| !c.is_control() && !r#"/\:*?"<>|"#.contains(c);
    let plain: String = name.chars().map(|c| if is_plain(c) { c } else { '-' }).collect();
    // Fields that are empty leave no two dashes behind.
    let mut joined = plain.trim().to_owned();
    while joined.contains("--") {
        joined = joined.replace("--", "-");
    }
    let short: String = joined.chars().take(MOST_LETTERS).collect();
    let plain = short.trim_matches(['.', ' ', '-', '_']).to_owned();
    let stem = plain.split('.').next().unwrap_or_default().to_ascii_uppercase();
    let is_numbered = |device: &str| {
        let digit = stem.strip_prefix(device).unwrap_or_default();
        digit.len() == 1 && digit.chars().all(|c| c.is_ascii_digit())
    };
    let is_device = ["CON", "PRN", "AUX", "NUL"].contains(&stem.as_str())
        || is_numbered("COM")
        || is_numbered("LPT");
    if is_device { format!("{plain}_") } else { plain }
}

/// The name, or the name with the next number for which nothing is there yet. Some systems do not
/// tell capitals from small letters.
pub fn free_name(
    name: &str,
    taken: &mut BTreeSet<String>,
    is_there: impl Fn(&str) -> bool,
) -> String {
    let candidates = (2..).map(|number| format!("{name} ({number})"));
    let mut all = std::iter::once(name.to_owned()).chain(candidates);
    let is_free =
        |candidate: &String| !taken.contains(&candidate.to_lowercase()) && !is_there(candidate);
    let free = all.find(is_free).unwrap_or_else(|| name.to_owned());
    taken.insert(free.to_lowercase());
    free
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts() -> NameParts {
        NameParts {
            project: "Evening".to_owned(),
            name: "Piece 3".to_owned(),
            number: 3,
            n_pieces: 120,
            seed: Some(42),
            key: "F♯ minor".to_owned(),
            bars: 8,
            beats_per_minute: 119.6,
        }
    }

    #[test]
    fn every_field_has_its_value() {
        assert_eq!(file_name(USUAL_NAMES, &parts()).unwrap(), "Evening-003-42");
        let all: Vec<String> = NAME_FIELDS.iter().map(|(name, _)| format!("{{{name}}}")).collect();
        let name = file_name(&all.join(" "), &parts()).unwrap();
        assert_eq!(name, "Evening Piece 3 003 42 F♯ minor 8 120");
        let song = NameParts { seed: None, ..parts() };
        assert_eq!(file_name("{project}-{seed}-{number}", &song).unwrap(), "Evening-003");
        assert_eq!(file_name(USUAL_NAMES, &song).unwrap(), "Evening-003");
    }

    #[test]
    fn a_wrong_pattern_says_what_there_is() {
        let error = file_name("{project}-{sead}", &parts()).unwrap_err();
        assert!(error.contains("{sead}") && error.contains("{seed}"), "{error}");
        assert!(file_name("{project", &parts()).is_err());
    }

    #[test]
    fn names_stay_in_their_folder_and_suit_every_system() {
        for (name, plain) in [
            ("../../etc/passwd", "etc-passwd"),
            ("a/b\\c:d", "a-b-c-d"),
            ("  .hidden. ", "hidden"),
            ("tab\there", "tab-here"),
            ("con", "con_"),
            ("COM1.mid", "COM1.mid_"),
            ("", ""),
        ] {
            assert_eq!(plain_name(name), plain);
        }
        assert_eq!(plain_name(&"x".repeat(500)).len(), MOST_LETTERS);
        assert_eq!(file_name("..", &parts()).unwrap(), "piece 3");
    }

    #[test]
    fn no_name_is_given_twice_and_nothing_is_overwritten() {
        let mut taken = BTreeSet::new();
        let there = |name: &str| name == "a";
        let names = ["a", "b", "B", "b"].map(|name| free_name(name, &mut taken, there));
        assert_eq!(names, ["a (2)", "b", "B (2)", "b (3)"]);
    }
}
