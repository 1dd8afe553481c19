//! The export window says what it will write, why it cannot, and pushes what is chosen.

use egui::{Role, Theme, vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::examples;
use super::tests::{LARGE, WindowHarness, check_button, check_disabled, window, window_of};
use crate::audio::{Container, SampleDepth};
use crate::ui::command::Command;
use crate::ui::export_plan::ExportPlan;
use crate::ui::state::{ExportScope, Notice, NoticeKind, State};

fn open(plan: ExportPlan) -> State {
    let mut state = examples::with_pieces();
    state.is_export_shown = true;
    state.export_plan = plan;
    state
}

fn ready() -> ExportPlan {
    ExportPlan {
        scope: ExportScope::AllPieces,
        folder: Some("/music/out".into()),
        ..ExportPlan::default()
    }
}

fn button_is_disabled(harness: &WindowHarness, words: &str) -> bool {
    assert!(harness.query_all_by_label_contains(words).next().is_some(), "{words}");
    let buttons = harness.get_all_by_role_and_label(Role::Button, "Export");
    buttons.filter(|button| button.accesskit_node().is_disabled()).count() > 0
}

/// The plan that choosing this makes.
fn chosen(role: Role, name: &str) -> ExportPlan {
    let mut harness = window(open(ready()));
    harness.get_by_role_and_label(role, name).click();
    harness.run_steps(3);
    let [Command::SetExportPlan(plan), ..] = &harness.state().commands[..] else {
        panic!("{name}: {:?}", harness.state().commands);
    };
    plan.as_ref().clone()
}

#[test]
fn every_control_changes_the_plan() {
    assert!(!chosen(Role::CheckBox, "MIDI").has_midi);
    assert!(!chosen(Role::CheckBox, "Audio").has_sound);
    assert!(chosen(Role::CheckBox, "PNG").has_png);
    assert!(chosen(Role::CheckBox, "SVG").has_svg);
    assert!(!chosen(Role::CheckBox, "Contents").has_contents);
    assert_eq!(chosen(Role::RadioButton, "What: Shown").scope, ExportScope::Shown);
    let flac = chosen(Role::RadioButton, "Audio file: FLAC").format;
    assert_eq!((flac.container, flac.depth), (Container::Flac, SampleDepth::Bits16));
    check_button(open(ready()), "Choose…", Command::ChooseExportFolder);
    check_button(open(ready()), "Cancel", Command::ShowExport(false));
}

#[test]
fn a_plan_that_can_be_carried_out_is_and_says_what_it_comes_to() {
    let mut harness = window(open(ready()));
    let n = harness.state().state.music.pieces.len();
    let _words = harness.get_by_label_contains(&format!("{} files; nothing is overwritten", 2 * n));
    let _example = harness.get_by_label_contains("Such as ");
    let export = harness.get_all_by_role_and_label(Role::Button, "Export").last().unwrap();
    export.click();
    harness.run_steps(3);
    assert_eq!(harness.state().commands, [Command::StartExport]);
}

#[test]
fn a_plan_that_cannot_be_carried_out_says_why() {
    let none = ExportPlan { has_midi: false, has_sound: false, ..ready() };
    for (plan, words) in [
        (none, "at least one kind"),
        (ExportPlan { folder: None, ..ready() }, "Choose a folder"),
        (ExportPlan { names: "{sead}".to_owned(), ..ready() }, "{sead}"),
    ] {
        assert!(button_is_disabled(&window(open(plan)), words), "{words}");
    }
    let mut unstarred = open(ExportPlan { scope: ExportScope::Favourites, ..ready() });
    for piece in &mut unstarred.music.pieces {
        piece.record.is_favourite = false;
    }
    assert!(button_is_disabled(&window(unstarred), "No piece has a star"));
    check_disabled(examples::empty(), Role::Button, "Export");
}

#[test]
fn it_fits_into_every_window_on_every_ground() {
    for look in [Theme::Dark, Theme::Light] {
        for size in [vec2(1000.0, 640.0), LARGE] {
            let (harness, _) = window_of(open(ready()), size, look);
            let export = harness.get_all_by_role_and_label(Role::Button, "Export").last().unwrap();
            assert!(export.rect().bottom() <= size.y && export.rect().right() <= size.x);
        }
    }
}

#[test]
fn the_notice_of_a_written_file_leads_to_its_folder() {
    let mut state = examples::with_pieces();
    let path = std::path::PathBuf::from("/music/out/a.wav");
    state.notices = vec![Notice {
        id: 1,
        kind: NoticeKind::Success,
        text: "Wrote a.wav".to_owned(),
        path: Some(path.clone()),
        at_secs: 1.0,
        is_fresh: true,
        leads_to: None,
    }];
    check_button(state, "Show in folder", Command::ShowInFolder(path));
}
