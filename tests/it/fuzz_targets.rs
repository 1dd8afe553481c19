//! What `make fuzz` runs (fuzz/): its readings and mutations compile, hold for their seeds, and for a hundred changes
//! of each; what fuzzing found stays mended.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use harmonium::project::{AutosaveNote, save_autosave, to_bytes};

use crate::project_files::{full_project, tiny_settings};

/// As the targets of fuzz/targets put their modules together.
#[path = "../../fuzz/mutation/dice.rs"]
mod dice;
#[path = "../../fuzz/mutation/json.rs"]
mod json;

#[path = "../../fuzz"]
mod midi_target {
    use harmonium::midi;
    #[path = "reading/midi.rs"]
    pub mod reading;
}

#[path = "../../fuzz"]
mod soundfont_target {
    use harmonium::audio;
    #[path = "reading/soundfont.rs"]
    pub mod reading;
}

#[path = "../../fuzz"]
mod project_target {
    use super::{dice, json};
    #[path = "mutation/project.rs"]
    pub mod mutation;
    #[path = "reading/project.rs"]
    pub mod reading;
}

#[path = "../../fuzz"]
mod settings_target {
    use super::{dice, json};
    #[path = "mutation/settings.rs"]
    pub mod mutation;
    #[path = "reading/settings.rs"]
    pub mod reading;
}

#[path = "../../fuzz"]
mod command_line_target {
    use super::dice;
    #[path = "mutation/command_line.rs"]
    pub mod mutation;
    #[path = "reading/command_line.rs"]
    pub mod reading;
}

#[path = "../../fuzz"]
mod session_target {
    #[path = "reading/session.rs"]
    pub mod reading;
}

/// Changes of each seed that are tried here; libFuzzer tries millions.
const N_CHANGES: u64 = 100;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz").join(name)
}

fn seeds(target: &str) -> Vec<Vec<u8>> {
    let entries = fs::read_dir(folder("seeds").join(target)).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(!paths.is_empty(), "{target} has no seeds");
    paths.into_iter().map(|path| fs::read(path).unwrap()).collect()
}

/// Reads the seeds, and what becomes of them by the changes that know their form.
fn try_target(target: &str, read: fn(&[u8]), change: Option<dice::Change>) {
    for seed in seeds(target) {
        read(&seed);
        let Some(change) = change else { continue };
        let (mut bytes, mut n_changed) = (seed.clone(), 0);
        for number in 0..N_CHANGES {
            // Each on top of those before, but not for ever: nothing would be left.
            if number % 10 == 0 {
                bytes.clone_from(&seed);
            }
            if let Some(changed) = change(&bytes, &mut dice::Dice::new(number)) {
                read(&changed);
                bytes = changed;
                n_changed += 1;
            }
        }
        assert!(n_changed > N_CHANGES / 4, "{target}: {n_changed} changes know its form");
    }
}

#[test]
fn seeds_of_midi_files_are_read() {
    try_target("midi", midi_target::reading::read, None);
}

#[test]
fn seeds_of_soundfonts_are_read() {
    try_target("soundfont", soundfont_target::reading::read, None);
}

#[test]
fn seeds_of_projects_are_read_and_changed() {
    try_target("project", project_target::reading::read, Some(project_target::mutation::change));
}

#[test]
fn seeds_of_settings_are_read_and_changed() {
    try_target("settings", settings_target::reading::read, Some(settings_target::mutation::change));
}

#[test]
fn seeds_of_command_lines_are_read_and_changed() {
    let change = command_line_target::mutation::change;
    try_target("command_line", command_line_target::reading::read, Some(change));
}

#[test]
fn seeds_of_sessions_are_read() {
    try_target("session", session_target::reading::read, None);
}

/// The targets themselves are some lines each; what they name is there.
#[test]
fn every_target_has_its_program_its_reading_and_its_seeds() {
    let manifest = fs::read_to_string(folder("Cargo.toml")).unwrap();
    let named: BTreeSet<String> = manifest
        .lines()
        .filter_map(|line| line.strip_prefix("path = \"targets/")?.strip_suffix(".rs\""))
        .map(str::to_owned)
        .collect();
    let stems = |name: &str| -> BTreeSet<String> {
        let paths = fs::read_dir(folder(name)).unwrap().map(|entry| entry.unwrap().path());
        paths.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
    };
    assert_eq!(named.len(), 6);
    assert_eq!((&named, &named), (&stems("targets"), &stems("reading")));
    assert_eq!(named, stems("seeds"));
    for target in &named {
        let text = fs::read_to_string(folder(&format!("targets/{target}.rs"))).unwrap();
        for path in text.lines().filter_map(|line| line.strip_prefix("#[path = \"")) {
            let path = folder("targets").join(path.trim_end_matches("\"]"));
            assert!(path.exists(), "{} names {}", target, path.display());
        }
        assert!(text.contains("libfuzzer_sys::fuzz_target!(|bytes: &[u8]| reading::read(bytes));"));
    }
}

/// A stale list would be another program than the one that is fuzzed.
#[test]
fn its_own_list_of_versions_knows_what_the_program_needs() {
    let read = |path: &Path| -> toml::Table {
        toml::from_str(&fs::read_to_string(path).unwrap()).unwrap()
    };
    // What only the window needs is not built here.
    let is_needed =
        |entry: &toml::Value| entry.get("optional").and_then(toml::Value::as_bool) != Some(true);
    let names = |table: Option<&toml::Value>| -> Vec<String> {
        let entries = table.and_then(toml::Value::as_table).into_iter().flatten();
        entries.filter(|(_, entry)| is_needed(entry)).map(|(name, _)| name.clone()).collect()
    };
    let manifest = read(&folder("../Cargo.toml"));
    let mut needed: BTreeSet<String> = names(manifest.get("dependencies")).into_iter().collect();
    for target in manifest["target"].as_table().unwrap().values() {
        needed.extend(names(target.get("dependencies")));
        needed.extend(names(target.get("build-dependencies")));
    }
    let lock = read(&folder("Cargo.lock"));
    let packages = lock["package"].as_array().unwrap();
    let ours = packages.iter().find(|package| package["name"].as_str() == Some("harmonium"));
    let known = ours.unwrap()["dependencies"].as_array().unwrap().iter();
    let known: BTreeSet<String> =
        known.map(|name| name.as_str().unwrap().split(' ').next().unwrap().to_owned()).collect();
    assert_eq!(known, needed, "cargo update --workspace --manifest-path fuzz/Cargo.toml");
}

/// Where hardly any changed project opened, what lies behind the opening would never be reached.
#[test]
fn many_changed_projects_open_and_many_are_refused() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let (mut n_tried, mut n_opened) = (0, 0);
    for seed in seeds("project") {
        for number in 0..N_CHANGES {
            let changed = project_target::mutation::change(&seed, &mut dice::Dice::new(number));
            let Some(changed) = changed else { continue };
            fs::write(file.path(), changed).unwrap();
            n_tried += 1;
            n_opened += usize::from(harmonium::project::load(file.path()).is_ok());
        }
    }
    assert!(
        5 * n_opened > n_tried && 5 * (n_tried - n_opened) > n_tried,
        "{n_opened} of {n_tried}"
    );
}

/// `UPDATE_FUZZ_SEEDS=1` writes the seeds that only the program can make.
#[test]
fn the_seed_with_something_in_every_field_is_a_project_and_an_autosave() {
    let path = folder("seeds/project/full.harmonium");
    if std::env::var_os("UPDATE_FUZZ_SEEDS").is_some() {
        let note = AutosaveNote {
            origin: Some("/music/Evening.harmonium".into()),
            at_secs: 1_795_000_000,
            n_songs: 3,
            n_pieces: 1,
            epoch: Some(4),
            errors: vec![0.5, 0.25],
            notes: vec![(0, 4, 60)],
            n_steps: 16,
        };
        save_autosave(&full_project(&tiny_settings()), &note, &path).unwrap();
    }
    let project = harmonium::project::load(&path).unwrap();
    assert!(harmonium::project::read_autosave_note(&path).is_ok());
    assert!(project.model.is_some() && !project.run_models.is_empty());
    assert!(!project.pieces.is_empty() && !project.held_out_songs.is_empty());
    assert!(to_bytes(&project).is_ok());
}
