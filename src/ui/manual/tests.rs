//! That the manual keeps up with the program: generated pages, links, pictures, quoted messages.

use std::fs;
use std::path::{Path, PathBuf};

use super::*;
use crate::train::CATALOGUE;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/manual")
}

/// `UPDATE_MANUAL=1 cargo test --release --lib ui::manual` writes them.
#[test]
fn the_generated_pages_are_those_of_the_tables() {
    for (name, text) in [(KNOBS_PAGE, knobs_page()), (KEYBOARD_PAGE, keyboard_page())] {
        let path = folder().join(format!("{name}.md"));
        if std::env::var_os("UPDATE_MANUAL").is_some() {
            fs::write(&path, &text).unwrap();
        }
        let kept = fs::read_to_string(&path).unwrap();
        assert!(
            kept == text,
            "{name}.md: run UPDATE_MANUAL=1 cargo test --release --lib ui::manual"
        );
    }
}

#[test]
fn every_page_has_a_title_and_stands_in_the_list_of_the_folder() {
    let index = fs::read_to_string(folder().join("README.md")).unwrap();
    for page in pages() {
        assert!(!page.title.is_empty() && !page.sections.is_empty(), "{}", page.name);
        assert!(index.contains(&format!("[{}]({}.md)", page.title, page.name)), "{}", page.name);
    }
    let n_files = fs::read_dir(folder())
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().path().extension().is_some_and(|e| e == "md"))
        .count();
    assert_eq!(n_files, pages().len() + 1, "a page is not shown in the window");
}

#[test]
fn every_link_leads_somewhere_and_every_picture_is_there() {
    for (number, page) in pages().iter().enumerate() {
        let mut slugs: Vec<String> = page.sections.iter().map(Section::slug).collect();
        slugs.sort_unstable();
        let n_slugs = slugs.len();
        slugs.dedup();
        assert_eq!(slugs.len(), n_slugs, "{} has two headings of one name", page.name);
        for target in page.sections.iter().flat_map(|section| targets(section.body)) {
            if let Some(picture) = target.strip_prefix("pictures/") {
                assert!(
                    folder().join("pictures").join(picture).exists(),
                    "{}: {target}",
                    page.name
                );
            } else {
                assert!(Place::of_link(target, number).is_some(), "{}: {target}", page.name);
            }
        }
    }
    let window = pages().iter().position(|page| page.name == "window").unwrap();
    let data = Place::of_link("window.md#data", 0).unwrap();
    assert_eq!((data.page, data.page().sections[data.section].title), (window, "Data"));
    assert_eq!(Place::of_link("#data", window), Some(data));
    assert_eq!(Place::of_link("nowhere.md", 0), None);
    assert_eq!(Place::of_link("window.md#nowhere", 0), None);
}

#[test]
fn every_setting_has_its_paragraph() {
    for setting in CATALOGUE {
        let link = format!("{KNOBS_PAGE}.md#{}", slug(setting.label));
        let place = Place::of_link(&link, 0).unwrap();
        assert!(place.page().sections[place.section].body.contains(setting.meaning), "{link}");
    }
}

/// All source text with what the compiler makes of it: strings that go on in the next line joined.
fn source_text(folder: &Path, text: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            source_text(&path, text);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let source = fs::read_to_string(&path).unwrap();
            let mut parts = source.split("\\\n");
            text.push_str(parts.next().unwrap_or_default());
            parts.for_each(|part| text.push_str(part.trim_start()));
        }
    }
}

#[test]
fn every_message_that_is_quoted_stands_in_the_source() {
    let mut source = String::new();
    source_text(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut source);
    let questions = pages().iter().find(|page| page.name == "questions").unwrap();
    let lines = questions.sections.iter().flat_map(|section| section.body.lines());
    let quoted: Vec<&str> = lines.filter_map(|line| line.strip_prefix("> ")).collect();
    assert!(quoted.len() > 20);
    for message in quoted {
        for part in message.split('…').map(str::trim).filter(|part| part.len() > 3) {
            assert!(source.contains(part), "no message says: {part}");
        }
    }
}

#[test]
fn what_the_manual_calls_by_name_is_there() {
    // Titles of the menu that the pages name.
    for title in
        ["Estimate the log-likelihood", "Copy run as command", "Look for a sound device again"]
    {
        assert!(crate::ui::actions::ACTIONS.iter().any(|entry| entry.title == title), "{title}");
    }
}

#[test]
fn headings_in_code_are_none() {
    let page = page("a", "# A\n\nWords.\n\n## B\n\n```\n## no heading\n```\n\n### C\nEnd.");
    let titles: Vec<&str> = page.sections.iter().map(|section| section.title).collect();
    assert_eq!(titles, ["", "B", "C"]);
    assert_eq!(page.sections[0].body, "Words.");
    assert!(page.sections[1].body.contains("## no heading"));
    assert_eq!((page.title, page.sections[2].level), ("A", 3));
    assert_eq!(slug("What to expect, really?"), "what-to-expect-really");
}
