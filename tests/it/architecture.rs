//! The house rules: rooms use only rooms before them, heavy crates have one room, and the rest of
//! what ARCHITECTURE.md states as absent.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::source_text::{SourceFile, code_only, complaint, n_supers, words};

/// Crates that only some rooms may name.
const HOMES: &[(&str, &[&str])] = &[
    ("anyhow", &["cli", "app"]),
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("clap_mangen", &["cli"]),
    ("ctrlc", &["cli"]),
    ("eframe", &["app"]),
    ("egui", &["ui", "app"]),
    ("egui_commonmark", &["ui"]),
    ("egui_kittest", &[]),
    ("egui_plot", &["ui", "app"]),
    ("etcetera", &["platform"]),
    ("fastrand", &["rbm"]),
    ("flac_codec", &["audio"]),
    ("flexi_logger", &["platform"]),
    ("fluidlite", &["audio"]),
    ("hound", &["audio"]),
    ("libloading", &["rbm"]),
    ("lucide_icons", &["ui", "app"]),
    ("midly", &["midi"]),
    ("percent_encoding", &["cli"]),
    ("png", &["app"]),
    ("pollster", &["app"]),
    ("proptest", &[]),
    ("pulp", &["rbm"]),
    ("rfd", &["app"]),
    ("rodio", &["audio"]),
    ("rustix", &["platform"]),
    ("safetensors", &["project"]),
    // `app` carries the fields that it does not know from one save to the next.
    ("serde_json", &["project", "cli", "app"]),
    ("shlex", &["project"]),
    ("strsim", &["train"]),
    ("tch", &["rbm"]),
    ("toml", &["project", "app"]),
    ("torch_sys", &["rbm"]),
    ("vorbis_rs", &["audio"]),
    ("walkdir", &["dataset"]),
    ("zip", &["gpu_pack"]),
];

/// Crates that any room may name.
const EVERYWHERE: &[&str] =
    &["log", "rand", "rand_xoshiro", "rayon", "serde", "sha2", "tempfile", "thiserror"];

const MOST_LINES: usize = 600;
const MOST_BYTES: u64 = 4 << 20;

fn checkout() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The rooms in the order of lib.rs.
fn rooms_of(lib: &str) -> Vec<String> {
    let code = code_only(lib);
    let modules = code.lines().filter_map(|line| line.trim().strip_prefix("pub mod "));
    modules.map(|name| name.trim_end_matches(';').to_owned()).collect()
}

fn rooms() -> Vec<String> {
    rooms_of(&fs::read_to_string(checkout().join("src/lib.rs")).unwrap())
}

/// The room of a file such as `src/rbm/chain.rs`.
fn room_of(path: &str) -> Option<&str> {
    let inside = path.strip_prefix("src/")?;
    inside.split_once('/').map(|(room, _)| room)
}

/// How many modules below its room a file is: 0 for `src/ui/mod.rs`, 2 for `src/ui/panels/a.rs`.
fn depth_of(path: &str) -> usize {
    let names = path.trim_end_matches(".rs").trim_end_matches("/mod");
    names.split('/').count().saturating_sub(2)
}

/// Whether a room stands before another in the list.
fn is_before(rooms: &[String], room: &str, other: &str) -> bool {
    let place = |name: &str| rooms.iter().position(|room| room == name);
    place(room) < place(other)
}

fn sources_below(folder: &str) -> Vec<SourceFile> {
    let mut paths = Vec::new();
    collect(&checkout().join(folder), &mut paths);
    paths.sort();
    let mut files: Vec<SourceFile> = paths
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| {
            let relative = path.strip_prefix(checkout()).unwrap();
            let path_text = relative.to_str().unwrap().replace('\\', "/");
            let text = fs::read_to_string(&path).unwrap();
            SourceFile { path: path_text, text, is_test: false }
        })
        .collect();
    let tests: Vec<String> = files.iter().flat_map(test_modules).collect();
    for file in &mut files {
        let is_in = |module: &String| {
            file.path == format!("{module}.rs") || file.path.starts_with(&format!("{module}/"))
        };
        file.is_test = tests.iter().any(is_in);
    }
    files
}

/// The paths, without `.rs`, of modules that a file declares for tests only.
fn test_modules(file: &SourceFile) -> Vec<String> {
    let folder = match file.path.strip_suffix("/mod.rs") {
        Some(folder) => folder,
        None => file.path.trim_end_matches(".rs"),
    };
    let folder = if file.path == "src/lib.rs" { "src" } else { folder };
    let code = file.code();
    let lines: Vec<&str> = code.lines().map(str::trim).collect();
    let declared = lines.windows(2).filter(|pair| pair[0] == "#[cfg(test)]").filter_map(|pair| {
        let declaration = pair[1].strip_suffix(';')?;
        let (visibility, name) = declaration.split_once("mod ")?;
        (visibility.is_empty() || visibility.starts_with("pub")).then_some(name)
    });
    declared.map(|name| format!("{folder}/{name}")).collect()
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, paths);
        } else {
            paths.push(path);
        }
    }
}

fn assert_clean(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

/// "A room may use only rooms listed before it."
fn check_rooms(file: &SourceFile, rooms: &[String]) -> Vec<String> {
    let Some(room) = room_of(&file.path) else { return Vec::new() };
    let depth = depth_of(&file.path);
    let code = file.code();
    let mut complaints = Vec::new();
    for word in words(&code) {
        let Some(after) = word.after.strip_prefix("::") else { continue };
        let mut complain = |what: &str| complaints.push(complaint(&file.path, word.line, what));
        match word.text {
            "crate" | "harmonium" => {
                let target = after.split(|c| !crate::source_text::is_word(c)).next().unwrap_or("");
                if target.is_empty() {
                    complain("write each room by its name: use crate::room::Thing");
                } else if !rooms.iter().any(|known| known == target) {
                    complain(&format!("there is no room \"{target}\" in src/lib.rs"));
                } else if target != room && !is_before(rooms, target, room) {
                    complain(&format!(
                        "\"{room}\" may use only rooms listed before it; \"{target}\" is not"
                    ));
                }
            }
            "super" if n_supers(word.before) >= depth.max(1) => {
                complain("this leaves the room; use crate::room::Thing");
            }
            "super" if file.path == format!("src/{room}/mod.rs") => {
                let target = after.split(|c| !crate::source_text::is_word(c)).next().unwrap_or("");
                if rooms.iter().any(|known| known == target) {
                    complain("between rooms write crate::room::Thing");
                }
            }
            _ => {}
        }
    }
    complaints
}

/// "A heavy dependency has exactly one room." Tests may use what they like.
fn check_crates(file: &SourceFile) -> Vec<String> {
    let Some(room) = room_of(&file.path) else { return Vec::new() };
    let code = file.shipped_code();
    let mut complaints = Vec::new();
    for word in words(&code) {
        let Some((_, homes)) = HOMES.iter().find(|(name, _)| *name == word.text) else { continue };
        let is_path = word.after.starts_with("::") && !word.before.ends_with("::");
        let is_root = word.after.starts_with("::") && word.before.ends_with(" ::");
        let is_use = word.before.ends_with("use ");
        if (is_path || is_root || is_use) && !homes.contains(&room) {
            let name = word.text;
            let what = format!("only {homes:?} may name the crate \"{name}\"");
            complaints.push(complaint(&file.path, word.line, &what));
        }
    }
    complaints
}

/// What a room may not do before it is the turn of a certain room.
fn check_absences(file: &SourceFile, rooms: &[String]) -> Vec<String> {
    let Some(room) = room_of(&file.path) else { return Vec::new() };
    let code = file.shipped_code();
    let mut complaints = Vec::new();
    for word in words(&code) {
        let is_std = word.before.ends_with("std::");
        let is_thread_path = word.before.ends_with("thread::");
        let forbidden = match word.text {
            "Instant" | "SystemTime" => Some(("audio", "reads the clock")),
            "env" if is_std => Some(("platform", "reads the environment")),
            "thread" if is_std => Some(("audio", "starts a thread")),
            "spawn" | "Builder" if is_thread_path => Some(("audio", "starts a thread")),
            _ => None,
        };
        if let Some((first, what)) = forbidden
            && is_before(rooms, room, first)
        {
            let what = format!("no room before \"{first}\" {what}");
            complaints.push(complaint(&file.path, word.line, &what));
        }
    }
    complaints
}

fn check_text(file: &SourceFile) -> Vec<String> {
    let mut complaints = Vec::new();
    let mut complain = |line, what: &str| complaints.push(complaint(&file.path, line, what));
    if !file.text.starts_with("//!") {
        complain(1, "a file says in its first line what it is for (//!)");
    }
    let n_lines = file.text.lines().count();
    if n_lines > MOST_LINES {
        complain(n_lines, &format!("more than {MOST_LINES} lines: divide the file by its ideas"));
    }
    for (number, line) in file.text.lines().enumerate() {
        if line.contains(concat!("FIX", "ME")) {
            complain(number + 1, "what is to be mended is an issue, not a comment");
        }
    }
    let code = file.code();
    for word in words(&code) {
        if ["todo", "unimplemented"].contains(&word.text) && word.after.starts_with('!') {
            complain(word.line, "unfinished");
        }
        if word.text == "unsafe" && file.path != "src/rbm/cuda_library.rs" {
            complain(word.line, "unsafe stands only in src/rbm/cuda_library.rs");
        }
    }
    complaints
}

#[test]
fn rooms_use_only_rooms_before_them() {
    let rooms = rooms();
    assert_eq!(rooms.first().map(String::as_str), Some("music"));
    assert_eq!(rooms.last().map(String::as_str), Some("app"));
    let files = sources_below("src");
    assert!(files.len() > 50);
    assert_clean(&files.iter().flat_map(|file| check_rooms(file, &rooms)).collect::<Vec<_>>());
}

#[test]
fn heavy_crates_have_one_room() {
    let files = sources_below("src");
    assert_clean(&files.iter().flat_map(check_crates).collect::<Vec<_>>());
}

#[test]
fn every_dependency_has_its_place_in_the_table() {
    let manifest = fs::read_to_string(checkout().join("Cargo.toml")).unwrap();
    let manifest: toml::Table = toml::from_str(&manifest).unwrap();
    for section in ["dependencies", "dev-dependencies"] {
        let unix = &manifest["target"]["cfg(unix)"];
        let everywhere = manifest[section].as_table().unwrap().keys();
        let on_unix = unix.get(section).and_then(toml::Value::as_table);
        for name in everywhere.chain(on_unix.into_iter().flat_map(toml::Table::keys)) {
            let name = name.replace('-', "_");
            let is_known = HOMES.iter().any(|(known, _)| *known == name);
            let is_light = EVERYWHERE.contains(&name.as_str());
            assert!(is_known || is_light, "say in HOMES which room may name the crate {name}");
        }
    }
}

#[test]
fn the_lower_rooms_read_no_clock_and_no_environment_and_start_no_thread() {
    let rooms = rooms();
    let files = sources_below("src");
    assert_clean(&files.iter().flat_map(|file| check_absences(file, &rooms)).collect::<Vec<_>>());
}

#[test]
fn every_file_is_short_finished_and_says_what_it_is_for() {
    let files = sources_below("src").into_iter().chain(sources_below("tests"));
    assert_clean(&files.flat_map(|file| check_text(&file)).collect::<Vec<_>>());
}

#[test]
fn every_room_is_a_folder_with_a_mod_rs() {
    let rooms = rooms();
    for room in &rooms {
        assert!(checkout().join("src").join(room).join("mod.rs").is_file(), "{room}");
    }
    for entry in fs::read_dir(checkout().join("src")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let is_room = rooms.contains(&name);
        let is_root =
            ["lib.rs", "main.rs", "font_probe.rs", "window_launcher.rs"].contains(&name.as_str());
        assert!(is_room || is_root, "src/{name} is in no room");
    }
}

#[test]
fn nothing_large_is_in_the_repository_but_soundfonts() {
    let listing = Command::new("git").args(["ls-files", "-z"]).current_dir(checkout()).output();
    let Some(listing) = listing.ok().filter(|listing| listing.status.success()) else {
        println!("skipped: this is no git checkout");
        return;
    };
    for name in String::from_utf8_lossy(&listing.stdout).split_terminator('\0') {
        let Ok(metadata) = fs::metadata(checkout().join(name)) else { continue };
        let may_be_large = name.starts_with("soundfonts/");
        assert!(may_be_large || metadata.len() <= MOST_BYTES, "{name}: more than 4 MiB");
    }
}

/// The checks themselves, on planted files.
mod planted {
    use super::*;

    fn file(path: &str, text: &str) -> SourceFile {
        SourceFile { path: path.to_owned(), text: text.to_owned(), is_test: false }
    }

    fn check(path: &str, text: &str, complaints: &[&str]) {
        let lib = "pub mod music;\n// pub mod no;\npub mod rbm;\npub mod audio;\n\
                   pub mod platform;\npub mod app;\n";
        let rooms = rooms_of(lib);
        assert_eq!(rooms, ["music", "rbm", "audio", "platform", "app"]);
        let file = file(path, text);
        let mut got = check_rooms(&file, &rooms);
        got.extend(check_crates(&file));
        got.extend(check_absences(&file, &rooms));
        got.extend(check_text(&file));
        assert_eq!(got.len(), complaints.len(), "{text}: {got:?}");
        for (got, expected) in got.iter().zip(complaints) {
            assert!(got.contains(expected), "{text}: {got} instead of {expected}");
        }
    }

    #[test]
    fn an_upward_arrow_is_found_with_its_line() {
        let arrow = "//! Doc.\nuse crate::app::App;\n";
        check("src/music/a.rs", arrow, &["src/music/a.rs:2: \"music\" may use only"]);
        check("src/app/a.rs", "//! Doc.\nuse crate::music::Note;\n", &[]);
        check("src/music/a.rs", "//! Doc.\nuse crate::music::Note;\n", &[]);
        check("src/music/a.rs", "//! Doc.\nfn f() { crate::rbm::g(); }\n", &["rbm"]);
        check("src/music/a.rs", "//! Doc.\nfn f() { harmonium::rbm::g(); }\n", &["rbm"]);
        check("src/music/a.rs", "//! Doc.\nuse crate::{app, rbm};\n", &["by its name"]);
        check("src/music/a.rs", "//! Doc.\nuse crate::attic::X;\n", &["no room \"attic\""]);
    }

    #[test]
    fn ways_round_the_rule_are_found() {
        check("src/music/a.rs", "//! Doc.\nuse super::super::app;\n", &["leaves the room"]);
        check("src/music/a/b.rs", "//! Doc.\nuse super::super::Note;\n", &[]);
        check("src/music/a/mod.rs", "//! Doc.\nuse super::super::app;\n", &["leaves the room"]);
        check("src/music/a/b.rs", "//! Doc.\nuse super::super::super::app;\n", &["leaves"]);
        check("src/music/mod.rs", "//! Doc.\nuse super::app::App;\n", &["between rooms"]);
        check("src/music/a.rs", "//! Doc.\nuse super::Note;\n", &[]);
    }

    #[test]
    fn a_crate_outside_its_room_is_found() {
        check("src/music/a.rs", "//! Doc.\nuse tch::Tensor;\n", &["\"tch\""]);
        check("src/music/a.rs", "//! Doc.\nuse tch as t;\n", &["\"tch\""]);
        check("src/music/a.rs", "//! Doc.\nfn f() -> tch::Kind {}\n", &["\"tch\""]);
        check("src/rbm/a.rs", "//! Doc.\nuse tch::Tensor;\n", &[]);
        check("src/music/a.rs", "//! Doc.\nfn f(tch: u8) -> u8 { tch }\n", &[]);
        check("src/music/a.rs", "//! Doc.\nuse crate::music::toml::X;\n", &[]);
    }

    #[test]
    fn comments_strings_and_tests_do_not_count() {
        check("src/music/a.rs", "//! use tch::Tensor, crate::app\n/* crate::app */\n", &[]);
        check("src/music/a.rs", "//! Doc.\nconst A: &str = \"crate::app::X \\\" tch::\";\n", &[]);
        check("src/music/a.rs", "//! Doc.\nconst A: &str = r#\"\"crate::app::X\"#;\n", &[]);
        let foot = "//! Doc.\n#[cfg(test)]\nmod tests {\n    use serde_json::Value;\n}\n";
        check("src/music/a.rs", foot, &[]);
        let lifetime = "//! Doc.\nfn f<'a>(c: char) -> &'a str { if c == '\"' { tch::g() } }\n";
        check("src/music/a.rs", lifetime, &["\"tch\""]);
    }

    #[test]
    fn clock_environment_threads_and_unsafe_code_are_found() {
        let clock = "//! Doc.\nuse std::time::Instant;\n";
        check("src/rbm/a.rs", clock, &["no room before \"audio\" reads the clock"]);
        check("src/audio/a.rs", clock, &[]);
        let environment = "//! Doc.\nfn f() { std::env::var(\"A\"); }\n";
        check("src/audio/a.rs", environment, &["reads the environment"]);
        check("src/platform/a.rs", environment, &[]);
        check("src/rbm/a.rs", "//! Doc.\nconst A: &str = env!(\"A\");\n", &[]);
        let thread = "//! Doc.\nuse std::thread;\nfn f() { thread::spawn(g); }\n";
        check("src/rbm/a.rs", thread, &["starts a thread", "starts a thread"]);
        check("src/rbm/a.rs", "//! Doc.\nunsafe fn f() {}\n", &["unsafe"]);
        check("src/rbm/cuda_library.rs", "//! Doc.\nunsafe fn f() {}\n", &[]);
    }

    #[test]
    fn unfinished_silent_and_long_files_are_found() {
        check("src/rbm/a.rs", "fn f() {}\n", &["says in its first line"]);
        check("src/rbm/a.rs", "//! Doc.\nfn f() { todo!() }\n", &["unfinished"]);
        let remark = format!("//! Doc.\n// {}{}: later\n", "FIX", "ME");
        check("src/rbm/a.rs", &remark, &["an issue"]);
        let long = format!("//! Doc.\n{}", "\n".repeat(600));
        check("src/rbm/a.rs", &long, &["more than 600 lines"]);
    }

    #[test]
    fn modules_for_tests_are_known_by_their_declaration() {
        let text = "//! Doc.\n#[cfg(test)]\nmod tests;\n#[cfg(test)]\npub(crate) mod testing;\n\
                    mod real;\n#[cfg(test)]\nmod inline {\n}\n";
        let declared = test_modules(&file("src/ui/mod.rs", text));
        assert_eq!(declared, ["src/ui/tests", "src/ui/testing"]);
        let declared = test_modules(&file("src/ui/knob.rs", text));
        assert_eq!(declared, ["src/ui/knob/tests", "src/ui/knob/testing"]);
    }
}
