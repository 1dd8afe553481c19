//! The diagnostics window: what it says, where its buttons lead, and that it fits.

use egui::{Role, Theme, vec2};
use egui_kittest::kittest::Queryable as _;

use super::examples;
use super::tests::{LARGE, check_button, window, window_of};
use crate::ui::command::Command;
use crate::ui::diagnostics_state::{Diagnostics, ErrorReport, Fact};
use crate::ui::state::{NoticeKind, NoticeTarget, State};

fn open() -> State {
    let fact = |topic, words: &str, is_trouble| Fact { topic, words: words.to_owned(), is_trouble };
    let report = ErrorReport {
        when: "2026-01-31 12:00:00".to_owned(),
        headline: "index out of bounds".to_owned(),
        text: "What: index out of bounds\nWhere: src/a.rs:1:2".to_owned(),
        path: "/home/me/.local/state/harmonium/crashes/1.txt".into(),
    };
    let mut state = examples::with_pieces();
    state.diagnostics = Some(Box::new(Diagnostics {
        facts: vec![
            fact("Version", "Harmonium 1.2.3", false),
            fact("Sound", "No audio device: preview is off", true),
            fact("Settings", &"/a/very/long/folder".repeat(12), false),
        ],
        error_reports: vec![report],
        log_lines: (0..200)
            .map(|n| format!("line {n} of the log, {}", "long ".repeat(40)))
            .collect(),
        log_folder: "/home/me/.local/state/harmonium/logs".into(),
    }));
    state
}

#[test]
fn it_shows_facts_reports_and_the_end_of_the_log() {
    let mut harness = window(open());
    for words in ["Harmonium 1.2.3", "No audio device", "line 199"] {
        let _shown = harness.get_by_label_contains(words);
    }
    harness.get_by_label_contains("index out of bounds").click();
    harness.run_steps(12);
    harness.get_by_role_and_label(Role::Button, "Show in folder").click();
    harness.run_steps(3);
    let path = "/home/me/.local/state/harmonium/crashes/1.txt".into();
    assert_eq!(harness.state().commands, [Command::ShowInFolder(path)]);
    let logs = "/home/me/.local/state/harmonium/logs".into();
    check_button(open(), "Show log folder", Command::ShowInFolder(logs));
}

#[test]
fn all_of_it_goes_on_the_clipboard() {
    let text = open().diagnostics.unwrap().as_text();
    for words in ["Version: Harmonium 1.2.3", "Error on 2026-01-31", "line 0 of the log"] {
        assert!(text.contains(words), "{text}");
    }
}

#[test]
fn a_notice_of_an_error_of_its_own_leads_there() {
    let mut state = examples::with_pieces();
    state.notices.push(examples::notice(
        9,
        NoticeKind::Warning,
        "It met an error of its own",
        None,
    ));
    state.notices.last_mut().unwrap().leads_to = Some(NoticeTarget::Diagnostics);
    let mut harness = window(state);
    harness.get_by_role_and_label(Role::Button, "See the error report").click();
    harness.run_steps(3);
    assert_eq!(harness.state().commands[0], Command::ShowDiagnostics(true));
}

#[test]
fn it_fits_into_every_window_on_every_ground() {
    for look in [Theme::Dark, Theme::Light] {
        for size in [vec2(1000.0, 640.0), LARGE] {
            let (harness, _) = window_of(open(), size, look);
            let copy = harness.get_by_role_and_label(Role::Button, "Copy all").rect();
            assert!(copy.bottom() <= size.y && copy.right() <= size.x, "{copy:?}");
        }
    }
}
