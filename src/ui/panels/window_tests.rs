//! The window as a whole: parts that are hidden, zoom, the palette, keys, and the tree that a
//! screen reader reads.

use egui::accesskit::Role;
use egui::{Key, Modifiers, Theme, Vec2, vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::examples;
use super::tests::{LARGE, MadeState, SMALL, WindowHarness, window_of};
use crate::ui::actions::{ACTIONS, Section};
use crate::ui::command::Command;
use crate::ui::nameless::nameless;
use crate::ui::state::{CloseQuestion, ExportState, ImportProgress, NoticeKind, State};
use crate::ui::window_state::{FocusWish, PaletteState, Part};

fn window(state: State) -> WindowHarness {
    window_of(state, LARGE, Theme::Dark).0
}

fn busy() -> State {
    let mut state = examples::with_pieces();
    state.data.import = Some(ImportProgress { done: 3, total: 9 });
    state.export = Some(ExportState { what: "a.wav".to_owned(), share: 0.4 });
    state.music.generating = Some(0.2);
    state.is_notice_list_shown = true;
    state.notices.push(examples::notice(9, NoticeKind::Error, "The disk is full", Some("/a")));
    state.window.layout.are_all_settings_shown = true;
    state.data.is_path_field_shown = true;
    state
}

fn hidden() -> State {
    let mut state = examples::with_pieces();
    state.window.layout.is_data_shown = false;
    state.window.layout.is_music_shown = false;
    state.window.layout.is_roll_shown = false;
    state
}

fn typed(query: &str) -> PaletteState {
    PaletteState { query: query.to_owned(), ..PaletteState::default() }
}

fn with_palette() -> State {
    let palette = typed("learning");
    let mut state = examples::training();
    state.window.palette = Some(palette);
    state
}

fn with_sheet() -> State {
    let mut state = examples::training();
    state.window.are_shortcuts_shown = true;
    state
}

fn with_question() -> State {
    let mut state = examples::training();
    state.close_question =
        Some(CloseQuestion { is_training: true, is_unsaved: true, ..CloseQuestion::default() });
    state
}

fn with_about() -> State {
    State { is_about_shown: true, ..examples::training() }
}

fn with_report() -> State {
    let mut state = examples::with_songs();
    state.data.is_report_shown = true;
    state
}

fn with_manual() -> State {
    let mut state = examples::with_songs();
    state.manual.open(None);
    state
}

fn with_gpu() -> State {
    let mut state = examples::with_songs();
    state.gpu.is_shown = true;
    state
}

const STATES: [MadeState; 16] = [
    with_manual,
    with_gpu,
    examples::empty,
    examples::with_songs,
    examples::training,
    examples::with_pieces,
    examples::composing,
    examples::diverged,
    examples::troubled,
    busy,
    hidden,
    with_palette,
    with_sheet,
    with_about,
    with_report,
    examples::recovering,
];

#[test]
fn every_control_in_every_state_has_a_name() {
    for (number, make) in STATES.into_iter().chain([with_question as MadeState]).enumerate() {
        for size in [LARGE, vec2(1000.0, 640.0), vec2(480.0, 300.0)] {
            let (harness, _) = window_of(make(), size, Theme::Dark);
            let complaints = nameless(&harness.root().accesskit_node());
            assert!(complaints.is_empty(), "state {number} at {size}: {complaints:#?}");
        }
    }
}

#[test]
fn knobs_and_bars_say_their_value() {
    let harness = window(examples::training());
    let rate = harness.get_by_role_and_label(Role::Slider, "Learning rate");
    let node = rate.accesskit_node();
    assert!(node.value().is_some_and(|value| value.contains("0.05")), "{:?}", node.value());
    let bar = harness.get_by_role_and_label(Role::ProgressIndicator, "Training");
    assert!(bar.accesskit_node().value().is_some_and(|value| value.ends_with('%')));
}

#[test]
fn errors_interrupt_a_screen_reader_and_progress_waits() {
    use egui::accesskit::Live;
    let harness = window(busy());
    let alert = harness.get_by_role(Role::Alert);
    let node = alert.accesskit_node();
    assert_eq!(node.live(), Live::Assertive);
    assert_eq!(node.label().as_deref(), Some("Error: The disk is full"));
    let polite: Vec<String> = harness
        .get_all_by_role(Role::Status)
        .filter(|node| node.accesskit_node().live() == Live::Polite)
        .filter_map(|node| node.accesskit_node().label())
        .collect();
    assert!(polite.iter().any(|words| words.contains("Epoch") || words.contains("Complete")));
}

#[test]
fn the_palette_finds_by_letters_moves_by_arrows_and_runs_with_enter() {
    let mut harness = window(examples::training());
    harness.key_press_modifiers(Modifiers::COMMAND, Key::K);
    harness.run_steps(2);
    assert_eq!(harness.state().commands, [Command::ShowPalette(true)]);
    harness.state_mut().commands.clear();
    harness.state_mut().state.window.palette = Some(PaletteState::default());
    harness.run_steps(3);
    let field = harness.get_by_label("Command, setting or folder");

    field.type_text("redo");
    harness.run_steps(3);
    harness.get_by_label_contains("Nothing was taken back");
    harness.key_press(Key::Enter);
    harness.run_steps(2);
    assert_eq!(harness.state().commands, [], "what cannot be done is not run");
    harness.state_mut().state.window.palette = Some(typed("save"));
    harness.run_steps(2);
    harness.key_press(Key::ArrowDown);
    harness.run_steps(2);
    harness.key_press(Key::Enter);
    harness.run_steps(2);
    assert_eq!(harness.state().commands, [Command::ShowPalette(false), Command::SaveAs]);
}

#[test]
fn the_palette_closes_with_escape_and_takes_clicks() {
    let mut harness = window(with_palette());
    harness.key_press(Key::Escape);
    harness.run_steps(2);
    assert_eq!(harness.state().commands, [Command::ShowPalette(false)]);
    let mut state = with_palette();
    state.window.palette = Some(typed("new project"));
    let mut harness = window(state);
    harness.get_by_label_contains("New project, File").click();
    harness.run_steps(3);
    let expected = [Command::ShowPalette(false), Command::NewProject];
    assert_eq!(harness.state().commands, expected);
}

#[test]
fn a_setting_that_is_asked_for_by_name_gets_the_keyboard() {
    for key in ["learning_rate", "chains", "steps_per_beat"] {
        let mut state = hidden();
        state.window.focus_wish = Some(FocusWish::Setting(key));
        let mut harness = window(state);
        harness.run_steps(6);
        let label = crate::train::setting(key).unwrap().label;
        let focused = harness.root().children_recursive().find(|node| {
            let node = node.accesskit_node();
            node.is_focused() && node.role() != Role::Window
        });
        let focused = focused.map(|node| node.accesskit_node().label());
        let name = focused.flatten().unwrap_or_default();
        assert!(name == label || name == "Per beat", "{key}: {name}");
    }
}

#[test]
fn f6_goes_round_the_parts_and_tab_goes_on_inside() {
    let mut harness = window(examples::with_pieces());
    let focused = |harness: &WindowHarness| {
        let mut nodes = harness.root().children_recursive();
        let node = nodes.find(|node| node.accesskit_node().is_focused());
        node.and_then(|node| node.accesskit_node().label()).unwrap_or_default()
    };
    let mut go = |modifiers: Modifiers| {
        harness.key_press_modifiers(modifiers, Key::F6);
        harness.run_steps(2);
        // As the program does with the command.
        for command in std::mem::take(&mut harness.state_mut().commands) {
            let Command::GoTo(wish) = command else { panic!("{command:?}") };
            harness.state_mut().state.window.focus_wish = Some(wish);
        }
        harness.run_steps(3);
        focused(&harness)
    };
    let names: Vec<String> = (0..6).map(|_| go(Modifiers::NONE)).collect();
    assert_eq!(names, ["Top bar", "Data", "Model", "Music", "Player", "Top bar"]);
    assert_eq!(go(Modifiers::SHIFT), "Player");
    assert_eq!(go(Modifiers::SHIFT), "Music");
    assert_eq!(go(Modifiers::SHIFT), "Model");
    harness.key_press(Key::Tab);
    harness.run_steps(3);
    let name = focused(&harness);
    assert_eq!(name, "Hidden units", "the first control of the column");
}

#[test]
fn a_hidden_part_leaves_a_strip_that_brings_it_back() {
    for part in Part::ALL {
        let mut state = examples::with_pieces();
        state.window.layout.show(part, false);
        let mut harness = window(state);
        let name = format!("Show {}", part.name());
        harness.get_by_role_and_label(Role::Button, &name).click();
        harness.run_steps(3);
        assert_eq!(harness.state().commands, [Command::ShowPart { part, is_shown: true }]);
    }
}

#[test]
fn every_set_of_parts_is_drawn_at_every_size() {
    for shown in 0..16_u8 {
        for size in [vec2(1000.0, 640.0), vec2(480.0, 300.0), vec2(3840.0, 2160.0)] {
            let mut state = examples::with_pieces();
            for (place, part) in Part::ALL.into_iter().enumerate() {
                state.window.layout.show(part, shown & (1 << place) != 0);
            }
            window_of(state, size, Theme::Light);
        }
    }
}

/// Whatever is seen of a control lies in the window.
#[test]
fn no_button_of_the_bars_is_cut_off_at_the_smallest_window() {
    for size in [vec2(1000.0, 640.0), SMALL, LARGE, vec2(3840.0, 2160.0)] {
        let (harness, _) = window_of(examples::training(), size, Theme::Dark);
        for node in harness.root().children_recursive() {
            let node = node.accesskit_node();
            if node.role() != Role::Button {
                continue;
            }
            let Some(bounds) = node.bounding_box() else { continue };
            let is_in_bars = bounds.y1 <= f64::from(super::top_bar::HEIGHT);
            let is_whole = bounds.x0 >= 0.0 && bounds.x1 <= f64::from(size.x);
            assert!(!is_in_bars || is_whole, "{:?} at {bounds:?} in {size}", node.label());
        }
    }
}

#[test]
fn a_window_with_too_little_room_scrolls_to_everything() {
    let small = vec2(480.0, 300.0);
    let (harness, _) = window_of(examples::training(), small, Theme::Dark);
    let export = harness.get_by_role_and_label(Role::Button, "Export WAV");
    let bounds = export.accesskit_node().bounding_box().unwrap();
    assert!(bounds.x0 > f64::from(small.x), "it lies beyond, where the window scrolls");
    let mut harness = harness;
    harness.get_by_role_and_label(Role::Button, "Export WAV").focus();
    harness.run_steps(40);
    let export = harness.get_by_role_and_label(Role::Button, "Export WAV");
    let bounds = export.accesskit_node().bounding_box().unwrap();
    let fits = Vec2::new(bounds.x1 as f32, bounds.y1 as f32).cmple(small);
    assert!(fits, "{bounds:?}");
}

trait Fits {
    fn cmple(self, other: Self) -> bool;
}

impl Fits for Vec2 {
    fn cmple(self, other: Self) -> bool {
        self.x <= other.x && self.y <= other.y
    }
}

#[test]
fn every_action_stands_in_its_menu_with_its_keys() {
    for section in Section::ALL {
        let mut harness = window(examples::with_pieces());
        harness.get_by_role_and_label(Role::Button, section.name()).click();
        harness.run_steps(4);
        for entry in ACTIONS.iter().filter(|entry| entry.section == section) {
            let title = crate::ui::actions::now(entry.action, &harness.state().state).title;
            let n_found = harness.query_all_by_label(&title).count();
            assert!(n_found >= 1, "{title}");
        }
    }
}

#[test]
fn narrow_windows_have_one_menu_that_holds_all() {
    let (mut harness, _) = window_of(examples::with_pieces(), SMALL, Theme::Dark);
    harness.get_by_role_and_label(Role::Button, "Menu").click();
    harness.run_steps(4);
    for section in Section::ALL {
        harness.get_by_role_and_label(Role::Button, section.name());
    }
}

#[test]
fn the_sheet_names_every_key_and_escape_closes_what_lies_on_top() {
    let mut harness = window(with_sheet());
    for entry in ACTIONS.iter().filter(|entry| !entry.keys.is_empty()) {
        let n_found = harness.query_all_by_label(entry.title.trim_end_matches('…')).count();
        assert!(n_found >= 1, "{}", entry.title);
    }
    harness.key_press(Key::Escape);
    harness.run_steps(3);
    assert_eq!(harness.state().commands[0], Command::ShowShortcuts(false));
    let mut harness = window(busy());
    harness.key_press(Key::Escape);
    harness.run_steps(2);
    assert_eq!(harness.state().commands, [Command::ShowNotices(false)]);
}

#[test]
fn long_work_is_listed_and_can_be_cancelled() {
    let mut harness = window(busy());
    harness.get_by_role_and_label(Role::Button, "Jobs").click();
    harness.run_steps(4);
    harness.get_by_label("3 of 9 files · 33 %");
    harness.get_by_label("a.wav · 40 %");
}

#[test]
fn recent_projects_stand_in_the_file_menu() {
    let mut state = examples::recovering();
    state.recovery = None;
    let mut harness = window(state);
    for name in ["File", "Open recent", "Open recent: Evening"] {
        harness.get_by_role_and_label(Role::Button, name).click();
        harness.run_steps(6);
    }
    let path = std::path::PathBuf::from("/home/ann/music/Evening.harmonium");
    assert_eq!(harness.state().commands, [Command::OpenPath(path)]);
    let mut harness = window(examples::empty());
    harness.get_by_role_and_label(Role::Button, "File").click();
    harness.run_steps(6);
    let node = harness.get_by_role_and_label(Role::Button, "Open recent");
    assert!(node.accesskit_node().is_disabled());
}
