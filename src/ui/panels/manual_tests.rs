//! The manual's window: where its links and its contents lead, search, keys, and that it fits.

use egui::{Key, Modifiers, Role, Theme, vec2};
use egui_kittest::kittest::Queryable as _;

use super::examples;
use super::tests::{LARGE, WindowHarness, window, window_of};
use crate::ui::command::Command;
use crate::ui::manual::{Place, pages};
use crate::ui::state::State;

fn open_at(link: &str) -> State {
    let mut state = examples::with_pieces();
    state.manual.open(Place::of_link(link, 0));
    state
}

fn shown(harness: &WindowHarness) -> &'static str {
    harness.state().state.manual.place.page().title
}

#[test]
fn the_contents_lead_to_every_page() {
    let mut harness = window(open_at("first-song.md"));
    for page in pages() {
        harness.get_by_role_and_label(Role::Button, page.title).click();
        harness.run_steps(4);
        assert_eq!(shown(&harness), page.title);
        let _heading = harness.get_by_role_and_label(Role::Heading, page.title);
    }
}

#[test]
fn a_link_leads_to_another_page_and_back_leads_back() {
    let mut harness = window(open_at("first-song.md#now-with-music-of-your-own"));
    harness.run_steps(8);
    harness.get_by_label("how to get better music").click();
    harness.run_steps(4);
    assert_eq!(shown(&harness), "How to get better music");
    harness.get_by_role_and_label(Role::Button, "Back").click();
    harness.run_steps(4);
    assert_eq!(shown(&harness), "Your first song in five minutes");
}

#[test]
fn search_finds_words_and_a_hit_leads_there() {
    let mut state = open_at("first-song.md");
    state.manual.query = "locked notes".to_owned();
    state.manual.search();
    let mut harness = window(state);
    harness.get_by_label_contains("Composing · Locked notes").click();
    harness.run_steps(4);
    let place = harness.state().state.manual.place;
    assert_eq!(place.page().sections[place.section].title, "Locked notes");
    let mut nothing = open_at("first-song.md");
    nothing.manual.query = "xyzzy".to_owned();
    nothing.manual.search();
    let _told = window(nothing).get_by_label_contains("Nothing was found");
}

#[test]
fn it_opens_with_the_keyboard_in_the_search() {
    let mut state = open_at("first-song.md");
    state.manual.go_to(Place::of_link("sound.md", 0).unwrap());
    let mut harness = window(state);
    harness.run_steps(4);
    assert!(harness.get_by_role_and_label(Role::SearchInput, "Search the manual").is_focused());
}

#[test]
fn a_block_of_code_is_copied_by_its_button() {
    let mut harness = window(open_at("command-line.md"));
    harness.run_steps(4);
    let line = "harmonium inspect FOLDER";
    harness.get_by_role_and_label(Role::Button, &format!("Copy: {line}")).click();
    let is_copied = |harness: &WindowHarness| {
        let commands = &harness.output().platform_output.commands;
        commands.contains(&egui::OutputCommand::CopyText(line.to_owned()))
    };
    let is_on_clipboard = (0..3).any(|_| {
        harness.step();
        is_copied(&harness)
    });
    assert!(is_on_clipboard);
    harness.step();
    harness.get_by_role_and_label(Role::Button, &format!("Copied: {line}"));
    // Two seconds and some frames.
    harness.run_steps(130);
    harness.get_by_role_and_label(Role::Button, &format!("Copy: {line}"));
}

#[test]
fn a_place_far_down_comes_into_sight_and_the_page_keys_scroll() {
    let mut harness = window(open_at("knobs.md#weight-decay"));
    harness.run_steps(8);
    let visible = |harness: &WindowHarness, label: &str| {
        let rect = harness.get_by_role_and_label(Role::Heading, label).rect();
        rect.top() >= 0.0 && rect.bottom() <= LARGE.y
    };
    assert!(visible(&harness, "Weight decay"));
    harness.key_press_modifiers(Modifiers::NONE, Key::Home);
    harness.run_steps(30);
    assert!(visible(&harness, "What each knob does"));
    harness.key_press_modifiers(Modifiers::NONE, Key::End);
    harness.run_steps(30);
    assert!(!visible(&harness, "What each knob does"));
}

#[test]
fn it_fits_into_every_window_on_every_ground() {
    for look in [Theme::Dark, Theme::Light] {
        for size in [vec2(1000.0, 640.0), LARGE] {
            for page in pages() {
                let state = open_at(&format!("{}.md", page.name));
                let (harness, _) = window_of(state, size, look);
                let back = harness.get_by_role_and_label(Role::Button, "Back").rect();
                let heading = harness.get_by_role_and_label(Role::Heading, page.title).rect();
                assert!(back.left() >= 0.0 && heading.right() <= size.x, "{heading:?}");
            }
        }
    }
}

#[test]
fn closing_it_and_a_knobs_menu_push_commands() {
    let mut harness = window(open_at("first-song.md"));
    harness.key_press_modifiers(Modifiers::NONE, Key::Escape);
    harness.run_steps(3);
    let close = Command::ShowManual { is_shown: false, place: None };
    assert!(harness.state().commands.contains(&close));
}
