//! The keyboard in windows that lie over the columns, and in the menus; columns and windows that
//! change their size.

use egui::accesskit::Role;
use egui::{Event, Key, Modifiers, PointerButton, Pos2, Theme, pos2, vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::examples;
use super::tests::{LARGE, WindowHarness, window, window_of};
use crate::ui::state::{AxisDraft, State, SweepDraft};
use crate::ui::tool_window;
use crate::ui::window_state::FocusWish;

/// Opens or closes a window.
type Show = fn(&mut State, bool);

/// Every window that lies over the columns.
const WINDOWS: [(&str, Show); 6] = [
    ("Runs", |state, is_open| state.run.view.is_open = is_open),
    ("Try a range", |state, is_open| {
        let axis = AxisDraft::around("learning_rate", &state.settings).unwrap();
        state.run.sweep_draft = is_open.then(|| SweepDraft { axes: vec![axis] });
    }),
    ("Import report", |state, is_open| state.data.is_report_shown = is_open),
    ("Export", |state, is_open| state.is_export_shown = is_open),
    ("Sound", |state, is_open| state.sound.is_shown = is_open),
    ("Notices", |state, is_open| state.is_notice_list_shown = is_open),
];

fn focused(harness: &WindowHarness) -> String {
    let mut nodes = harness.root().children_recursive();
    let node = nodes.find(|node| {
        let node = node.accesskit_node();
        node.is_focused() && node.role() != Role::Window
    });
    node.and_then(|node| node.accesskit_node().label()).unwrap_or_default()
}

fn state() -> State {
    let mut state = examples::with_runs();
    state.run.view.is_open = false;
    state.notices = vec![examples::notice(1, crate::ui::state::NoticeKind::Info, "Saved", None)];
    state.notices[0].is_fresh = false;
    state
}

#[test]
fn a_window_takes_the_keyboard_keeps_tab_inside_and_gives_it_back() {
    for (name, show) in WINDOWS {
        let mut harness = window(state());
        harness.get_by_role_and_label(Role::Button, "Notices").focus();
        harness.run_steps(3);
        show(&mut harness.state_mut().state, true);
        harness.run_steps(4);
        assert!(tool_window::has_keyboard(&harness.ctx), "{name}: {}", focused(&harness));
        let first = focused(&harness);
        for modifiers in [Modifiers::NONE, Modifiers::SHIFT] {
            let mut has_come_round = false;
            for _ in 0..80 {
                harness.key_press_modifiers(modifiers, Key::Tab);
                harness.run_steps(2);
                assert!(tool_window::has_keyboard(&harness.ctx), "{name}: {}", focused(&harness));
                has_come_round |= focused(&harness) == first;
            }
            assert!(has_come_round, "{name}");
        }
        show(&mut harness.state_mut().state, false);
        harness.run_steps(4);
        assert_eq!(focused(&harness), "Notices", "after {name}");
    }
}

#[test]
fn f6_reaches_every_window() {
    for (name, show) in WINDOWS {
        let mut state = state();
        show(&mut state, true);
        let mut harness = window(state);
        let mut names = Vec::new();
        for _ in 0..6 {
            let wish = FocusWish::NextPart { is_forward: true };
            harness.state_mut().state.window.focus_wish = Some(wish);
            harness.run_steps(3);
            names.push(focused(&harness));
        }
        assert!(names.iter().any(|found| found == name), "{name}: {names:?}");
        let columns = ["Top bar", "Data", "Model", "Music", "Player"];
        assert!(columns.iter().all(|part| names.iter().any(|found| found == part)), "{names:?}");
    }
}

fn press(harness: &mut WindowHarness, key: Key) {
    harness.key_press(key);
    harness.run_steps(4);
}

#[test]
fn arrows_go_from_menu_to_menu_and_enter_begins_at_the_first_row() {
    let mut harness = window(examples::with_songs());
    harness.get_by_role_and_label(Role::Button, "File").focus();
    harness.run_steps(2);
    press(&mut harness, Key::Enter);
    assert_eq!(focused(&harness), "New project");
    press(&mut harness, Key::ArrowDown);
    assert_eq!(focused(&harness), "Open…");
    press(&mut harness, Key::ArrowLeft);
    assert_eq!(focused(&harness), "Manual", "from the first menu to the last");
    press(&mut harness, Key::ArrowRight);
    press(&mut harness, Key::ArrowRight);
    press(&mut harness, Key::ArrowRight);
    assert_eq!(focused(&harness), "Add folder…");
    assert!(harness.query_by_label("New project").is_none(), "one menu at a time");
}

#[test]
fn a_menu_closes_when_the_sheet_opens() {
    let mut harness = window(examples::with_songs());
    harness.get_by_role_and_label(Role::Button, "Data").click();
    harness.run_steps(4);
    assert!(egui::Popup::is_any_open(&harness.ctx));
    harness.state_mut().state.window.are_shortcuts_shown = true;
    harness.run_steps(3);
    assert!(!egui::Popup::is_any_open(&harness.ctx));
}

/// Where the column begins.
fn left_of(harness: &WindowHarness, name: &str) -> f32 {
    harness.get_by_label(name).rect().left()
}

#[test]
fn a_small_window_for_a_while_leaves_the_columns_as_they_were() {
    let (mut harness, _) = window_of(examples::with_songs(), LARGE, Theme::Dark);
    let places = |harness: &WindowHarness| {
        [left_of(harness, "Hidden units"), left_of(harness, "Pieces"), left_of(harness, "Play")]
    };
    let before = places(&harness);
    harness.set_size(vec2(1000.0, 640.0));
    harness.run_steps(6);
    assert!(places(&harness)[0] < before[0], "narrower columns");
    harness.set_size(LARGE);
    harness.run_steps(6);
    assert_eq!(places(&harness), before);
    let layout = harness.state().state.window.layout;
    assert_eq!((layout.data_width, layout.music_width, layout.roll_height), (0.0, 0.0, 0.0));
}

fn drag(harness: &mut WindowHarness, from: Pos2, to: Pos2) {
    let button = |pos, pressed| Event::PointerButton {
        pos,
        button: PointerButton::Primary,
        pressed,
        modifiers: Modifiers::NONE,
    };
    let events = [
        Event::PointerMoved(from),
        button(from, true),
        Event::PointerMoved(from.lerp(to, 0.5)),
        Event::PointerMoved(to),
        button(to, false),
    ];
    for event in events {
        harness.event(event);
        harness.step();
    }
    harness.run_steps(3);
}

#[test]
fn a_column_is_as_wide_as_it_was_dragged() {
    let (mut harness, _) = window_of(examples::with_songs(), LARGE, Theme::Dark);
    drag(&mut harness, pos2(290.0, 400.0), pos2(350.0, 400.0));
    let width = harness.state().state.window.layout.data_width;
    assert!((width - 350.0).abs() < 4.0, "{width}");
    let left = left_of(&harness, "Hidden units");
    harness.set_size(vec2(1000.0, 640.0));
    harness.run_steps(6);
    assert_eq!(harness.state().state.window.layout.data_width, width, "kept, though not drawn");
    harness.set_size(LARGE);
    harness.run_steps(6);
    assert_eq!(left_of(&harness, "Hidden units"), left);
}
