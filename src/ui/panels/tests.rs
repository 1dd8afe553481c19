//! What the panels look like and what they push, without a window.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::{Key, Modifiers, Role, Theme, Vec2, pos2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::examples;
use crate::dataset::song_totals;
use crate::engine::{NearestSong, WayOn};
use crate::generate::StartPoint;
use crate::train::Preset;
use crate::ui::command::Command;
use crate::ui::layout::window_ui;
use crate::ui::state::{
    CloseQuestion, ExportScope, ImportProgress, LikelihoodState, Miniature, NearestState,
    NoticeKind, PieceId, RunId, RunPhase, State,
};
use crate::ui::testing;

pub(super) const LARGE: Vec2 = vec2(1440.0, 900.0);
pub(super) const SMALL: Vec2 = vec2(1100.0, 700.0);

pub(super) struct Window {
    pub state: State,
    pub commands: Vec<Command>,
}

/// Makes a state to look at.
pub(super) type MadeState = fn() -> State;
pub(super) type WindowHarness = Harness<'static, Window>;

pub(super) fn window_of(
    state: State,
    size: Vec2,
    look: Theme,
) -> (WindowHarness, testing::Textures) {
    let (builder, textures) = testing::builder::<Window>(size, look);
    let mut harness = builder.build_ui_state(
        |ui, window: &mut Window| {
            // The window has no margin of its own.
            let whole = egui::UiBuilder::new().max_rect(ui.ctx().content_rect());
            ui.scope_builder(whole, |ui| {
                window_ui(ui, &mut window.state, &mut window.commands);
            });
        },
        Window { state, commands: vec![] },
    );
    harness.run_steps(4);
    (harness, textures)
}

pub(super) fn window(state: State) -> WindowHarness {
    window_of(state, LARGE, Theme::Dark).0
}

/// Presses what has this name and checks what came of it.
fn check_press(state: State, role: Role, name: &str, expected: &[Command]) {
    let mut harness = window(state);
    harness.get_by_role_and_label(role, name).click();
    harness.run_steps(3);
    assert_eq!(harness.state().commands, expected, "{name}");
}

pub(super) fn check_button(state: State, name: &str, expected: Command) {
    check_press(state, Role::Button, name, &[expected]);
}

pub(super) fn check_disabled(state: State, role: Role, name: &str) {
    let mut harness = window(state);
    let node = harness.get_by_role_and_label(role, name);
    assert!(node.accesskit_node().is_disabled(), "{name}");
    node.click();
    harness.run_steps(3);
    assert_eq!(harness.state().commands, [], "{name}");
}

/// A menu is opened and one of its entries is chosen.
fn check_menu(state: State, menu: &str, entry: &str, expected: Command) {
    let mut harness = window(state);
    harness.get_by_role_and_label(Role::Button, menu).click();
    harness.run_steps(4);
    harness.get_by_role_and_label(Role::Button, entry).click();
    harness.run_steps(3);
    assert_eq!(harness.state().commands, [expected], "{menu}, {entry}");
}

#[test]
fn every_button_of_the_top_bar_pushes_its_command() {
    check_button(examples::with_songs(), "Train", Command::Train);
    check_button(examples::with_songs(), "Step", Command::StepEpoch);
    check_button(examples::training(), "Pause", Command::Pause);
    check_button(examples::training(), "Stop", Command::StopTraining);
    check_button(examples::training(), "Reset", Command::ResetRun);
    check_button(examples::training(), "Notices", Command::ShowNotices(true));
    let mut paused = examples::training();
    paused.run.phase = RunPhase::Paused;
    check_button(paused, "Resume", Command::Train);
    check_menu(examples::empty(), "File", "New project", Command::NewProject);
    check_menu(examples::empty(), "File", "Open…", Command::OpenProject);
    check_menu(examples::empty(), "File", "Save", Command::Save);
    check_menu(examples::empty(), "File", "Save as…", Command::SaveAs);
    let copy = "Copy run as command";
    check_menu(examples::training(), "File", copy, Command::CopyAsCommand);
    check_menu(examples::empty(), "File", "Quit", Command::Quit);
    check_menu(examples::empty(), "Help", "About Harmonium", Command::ShowAbout(true));
}

#[test]
fn a_step_with_shift_or_alt_is_a_batch() {
    for modifiers in [Modifiers::SHIFT, Modifiers::ALT] {
        let mut harness = window(examples::with_songs());
        harness.get_by_role_and_label(Role::Button, "Step").click_modifiers(modifiers);
        harness.run_steps(3);
        assert_eq!(harness.state().commands, [Command::StepBatch]);
    }
}

#[test]
fn every_button_of_the_data_column_pushes_its_command() {
    check_button(examples::empty(), "Add folder…", Command::AddFolder);
    check_button(examples::empty(), "Choose a folder…", Command::AddFolder);
    check_button(examples::empty(), "Demo set", Command::AddDemoSet);
    check_button(examples::empty(), "Try the demo set", Command::AddDemoSet);
    let folder = PathBuf::from("/music/More songs");
    check_button(
        examples::with_songs(),
        "Remove More songs",
        Command::RemoveFolder(folder.clone()),
    );
    check_press(
        examples::with_songs(),
        Role::CheckBox,
        "Use the songs of More songs",
        &[Command::IncludeFolder { folder, is_included: false }],
    );
    let more = "More ways to add songs";
    check_menu(examples::with_songs(), more, "Add files…", Command::AddFiles);
    check_menu(examples::with_songs(), more, "Read the folders again", Command::ReloadSongs);
    check_menu(examples::with_songs(), more, "Import report…", Command::ShowReport(true));
    let recent = vec![PathBuf::from("/music/Folk songs")];
    check_menu(examples::with_songs(), more, "Folk songs", Command::AddPaths(recent));
    let mut importing = examples::empty();
    importing.data.import = Some(ImportProgress { done: 3, total: 12 });
    check_button(importing, "Cancel", Command::CancelImport);
}

#[test]
fn a_recent_folder_that_is_missing_is_grey() {
    let mut harness = window(examples::with_songs());
    harness.get_by_label("More ways to add songs").click();
    harness.run_steps(4);
    assert!(harness.get_by_label("Tunes").accesskit_node().is_disabled());
}

#[test]
fn a_song_is_selected_by_a_click_and_heard_by_its_sign() {
    let song = |name: &str| (examples::with_songs(), name.to_owned());
    let (state, name) = song("Bobby Shafto");
    check_press(state, Role::ListBoxOption, &name, &[Command::SelectSong(2)]);
    check_button(examples::with_songs(), "Play Auld Lang Syne", Command::AuditionSong(1));
    check_press(
        examples::with_songs(),
        Role::CheckBox,
        "Use Auld Lang Syne",
        &[Command::IncludeSong { song: 1, is_included: false }],
    );
}

#[test]
fn a_path_can_be_typed_where_there_is_no_dialog() {
    let mut state = examples::empty();
    state.data.is_path_field_shown = true;
    state.data.path_text = " /music/songs ".to_owned();
    let mut harness = window(state);
    harness.get_by_role_and_label(Role::Button, "Add").click();
    harness.run_steps(3);
    let expected = Command::AddPaths(vec![PathBuf::from("/music/songs")]);
    assert_eq!(harness.state().commands, [expected]);
    assert_eq!(harness.state().state.data.path_text, "");
}

#[test]
fn the_list_is_narrowed_by_what_is_typed() {
    let mut state = examples::with_songs();
    state.data.filter_text = "the".to_owned();
    let harness = window(state);
    assert!(harness.query_by_role_and_label(Role::ListBoxOption, "Bobby Shafto").is_none());
    harness.get_by_role_and_label(Role::ListBoxOption, "All Through the Night");
    harness.get_by_role_and_label(Role::ListBoxOption, "The Water Is Wide");
}

#[test]
fn ten_thousand_songs_are_as_quick_as_ten() {
    let n_shapes = |n_songs: usize| {
        let mut state = examples::with_songs();
        state.data.songs = (0..n_songs).map(|n| examples::song(n % 6)).collect();
        let miniature = Miniature::of(&state.data.songs[0].roll);
        state.data.miniatures = vec![miniature; n_songs];
        state.data.totals = song_totals(&state.data.songs);
        let harness = window(state);
        let n_rows = harness.query_all_by_role(Role::ListBoxOption).count();
        assert!((2..12).contains(&n_rows), "{n_rows} rows are laid out");
        harness.output().shapes.len()
    };
    assert!(n_shapes(10_000).abs_diff(n_shapes(30)) < 20);
}

#[test]
fn knobs_and_choices_of_the_model_push_settings() {
    let set = |key, value: &str| Command::SetSetting { key, value: value.to_owned() };
    for (knob, value, expected) in [
        ("Hidden units", 64.0, set("hidden_units", "64")),
        ("Learning rate", 0.25, set("learning_rate", "0.25")),
        ("Weight decay", 0.0, set("weight_decay", "0")),
        ("Dropout", 0.5, set("dropout", "0.5")),
        ("Per beat", 4.0, set("steps_per_beat", "6")),
        ("Held out", 0.2, set("held_out_share", "0.2")),
        ("Bars", 16.0, Command::SetBars(16)),
        ("Pieces", 3.0, Command::SetPieces(3)),
        ("Temperature", 1.25, Command::SetTemperature(1.25)),
    ] {
        let mut harness = window(examples::with_songs());
        harness.get_by_role_and_label(Role::Slider, knob).set_value_accesskit(value);
        harness.run_steps(3);
        assert_eq!(harness.state().commands.first(), Some(&expected), "{knob}");
    }
    let radio = |name: &str, expected| {
        check_press(examples::with_songs(), Role::RadioButton, name, &[expected]);
    };
    radio("Algorithm: CD", set("algorithm", "cd"));
    radio("Preset: Quick look", Command::ApplyPreset(Preset::Quick));
    radio("Start from: Noise", Command::SetStart(StartPoint::Noise));
    let name = "Move to C / Am";
    let expected = set("to_natural_key", "true");
    check_press(examples::with_songs(), Role::CheckBox, name, &[expected]);
}

#[test]
fn the_rest_of_the_settings_can_be_unfolded() {
    let mut harness = window(examples::with_songs());
    assert!(harness.query_by_label("Shuffle").is_none());
    harness.get_by_label("All settings").click();
    harness.run_steps(4);
    harness.get_by_label("Shuffle").scroll_to_me();
    harness.run_steps(4);
    harness.get_by_label("Shuffle").click();
    harness.run_steps(3);
    let expected = Command::SetSetting { key: "shuffle", value: "false".to_owned() };
    assert_eq!(harness.state().commands, [expected]);
}

#[test]
fn the_curve_card_exports_shows_and_hides() {
    let away = "Take the curve away";
    check_menu(examples::training(), away, "Export the curve as CSV", Command::ExportCurveCsv);
    check_menu(examples::training(), away, "Export the curve as PNG", Command::ExportCurvePng);
    check_menu(examples::training(), away, "Copy as command", Command::CopyAsCommand);
    check_menu(examples::with_songs(), away, "Copy as command", Command::CopyAsCommand);
    let mut harness = window(examples::empty());
    harness.get_by_label(away).click();
    harness.run_steps(4);
    for entry in ["Export the curve as CSV", "Export the curve as PNG", "Copy as command"] {
        let entry = harness.get_by_role_and_label(Role::Button, entry);
        assert!(entry.accesskit_node().is_disabled());
    }
    check_button(examples::training(), "Run 1", Command::ShowRun { run: RunId(1), is_shown: true });
    check_button(
        examples::training(),
        "Run 2",
        Command::ShowRun { run: RunId(2), is_shown: false },
    );
    check_button(examples::training(), "All runs", Command::ShowRuns(true));
    let mut harness = window(examples::training());
    harness.get_by_role_and_label(Role::Button, "log").click();
    harness.run_steps(3);
    assert!(harness.state().state.run.is_log_scale);
}

#[test]
fn another_measure_is_chosen_from_the_list_and_drawn() {
    let mut harness = window(examples::training());
    harness.get_by_role_and_label(Role::Image, "Reconstruction error");
    for (from, to) in [
        ("Reconstruction error", "Density"),
        ("Density", "Swap rate"),
        ("Swap rate", "Reconstruction error"),
    ] {
        harness.get_by_role_and_label(Role::Button, &format!("Shown: {from}")).click();
        harness.run_steps(4);
        harness.get_by_role_and_label(Role::Button, to).click();
        harness.run_steps(4);
        harness.get_by_role_and_label(Role::Image, to);
    }
    assert_eq!(harness.state().commands, []);
    let mut state = examples::training();
    state.run.figure =
        crate::train::FIGURES.iter().position(|f| f.key == "pseudo_log_likelihood").unwrap();
    check_disabled(state, Role::Button, "log");
}

#[test]
fn a_run_that_the_machine_failed_offers_ways_to_go_on() {
    for (button, way) in [
        ("Go on with batches of 25", WayOn::SmallerBatch(25)),
        ("Go on on the processor", WayOn::Processor),
    ] {
        check_button(examples::out_of_memory(), button, Command::GoOn(way));
    }
    let harness = window(examples::out_of_memory());
    let words = "the CUDA device has no memory left";
    assert!(harness.query_all_by_label_contains(words).count() >= 1);
}

#[test]
fn a_run_that_diverged_says_what_happened_and_offers_a_rate() {
    let state = examples::diverged();
    check_button(state, "Go on at a learning rate of 0.01", Command::TakeProposedRate);
    let harness = window(examples::diverged());
    // In the card of the curve, and for a listener.
    let words = "it stands as it was after epoch 84";
    assert_eq!(harness.query_all_by_label_contains(words).count(), 2);
}

#[test]
fn every_button_of_the_music_column_pushes_its_command() {
    let id = PieceId(3);
    check_button(examples::training(), "Generate", Command::Generate);
    check_button(examples::training(), "Draw a seed", Command::DrawGenerateSeed);
    check_button(examples::with_pieces(), "Play Piece 3", Command::AuditionPiece(id));
    check_button(examples::with_pieces(), "Pause Piece 2", Command::AuditionPiece(PieceId(2)));
    check_button(examples::with_pieces(), "Delete Piece 3", Command::DeletePiece(id));
    check_press(
        examples::with_pieces(),
        Role::CheckBox,
        "Favourite Piece 2",
        &[Command::FavouritePiece { piece: PieceId(2), is_favourite: false }],
    );
    check_press(
        examples::with_pieces(),
        Role::ListBoxOption,
        "Piece 3",
        &[Command::SelectPiece(id)],
    );
    let scope = ExportScope::Piece(id);
    check_menu(examples::with_pieces(), "Export Piece 3", "As MIDI…", Command::ExportMidi(scope));
    check_menu(examples::with_pieces(), "Export Piece 3", "As WAV…", Command::ExportWav(scope));
    let all = ExportScope::AllPieces;
    check_button(examples::with_pieces(), "All as MIDI", Command::ExportMidi(all));
    check_button(examples::with_pieces(), "All as WAV", Command::ExportWav(all));
    let mut generating = examples::training();
    generating.music.generating = Some(0.3);
    check_button(generating, "Cancel", Command::CancelGenerate);
}

#[test]
fn every_button_of_the_transport_pushes_its_command() {
    check_button(examples::with_songs(), "To the start", Command::Seek(0.0));
    check_button(examples::with_songs(), "Play", Command::TogglePlay);
    check_button(examples::with_pieces(), "Pause playing", Command::TogglePlay);
    check_button(examples::with_songs(), "Stop playing", Command::StopPlaying);
    check_button(examples::with_songs(), "Loop", Command::ToggleLoop);
    let shown = ExportScope::Shown;
    check_button(examples::with_songs(), "Export MIDI", Command::ExportMidi(shown));
    check_button(examples::with_songs(), "Export WAV", Command::ExportWav(shown));
    check_button(examples::with_pieces(), "Clear the selection", Command::SelectSteps(None));
    check_button(examples::troubled(), "Retry", Command::RetryAudio);
    let mut harness = window(examples::with_songs());
    harness.get_by_label("Acoustic grand piano").click();
    harness.run_steps(4);
    harness.get_by_label_contains("Organ").click();
    harness.run_steps(4);
    harness.get_by_label("Reed organ").click();
    harness.run_steps(3);
    assert_eq!(harness.state().commands, [Command::SetProgram(20)]);
}

#[test]
fn what_cannot_be_done_is_disabled() {
    check_disabled(examples::empty(), Role::Button, "Train");
    check_disabled(examples::empty(), Role::Button, "Stop");
    check_disabled(examples::empty(), Role::Button, "Step");
    check_disabled(examples::empty(), Role::Button, "Reset");
    check_disabled(examples::with_songs(), Role::Button, "Generate");
    check_disabled(examples::empty(), Role::Button, "Play");
    check_disabled(examples::empty(), Role::Button, "Export MIDI");
    check_disabled(examples::with_pieces(), Role::RadioButton, "Start from: Song");
    let mut plain = examples::training();
    if let Some(facts) = &mut plain.run.facts {
        facts.settings = Preset::Report.settings();
    }
    check_disabled(plain, Role::RadioButton, "Start from: Chains");
}

#[test]
fn every_empty_column_says_what_to_do() {
    let harness = window(examples::empty());
    harness.get_by_label("No songs yet");
    harness.get_by_label("No pieces yet");
    harness.get_by_label("No run yet");
}

#[test]
fn a_failed_run_shows_its_reason_and_remedy() {
    let harness = window(examples::troubled());
    harness.get_by_label_contains("lower the learning rate");
    harness.get_by_label_contains("No sound device was found");
    harness.get_by_label_contains("stick: permission denied");
}

#[test]
fn notices_are_dismissed_one_by_one_and_stay_in_the_list() {
    let mut state = examples::empty();
    state.notices = vec![examples::notice(7, NoticeKind::Error, "It went wrong", None)];
    check_button(state, "Dismiss", Command::DismissNotice(7));
    let mut state = examples::empty();
    state.notices = vec![examples::notice(7, NoticeKind::Error, "It went wrong", None)];
    state.notices[0].is_fresh = false;
    state.is_notice_list_shown = true;
    let harness = window(state);
    harness.get_by_label("It went wrong");
    assert!(harness.query_by_label("Dismiss").is_none());
}

#[test]
fn closing_is_asked_for_and_answered() {
    let asked = || {
        let mut state = examples::training();
        state.close_question =
            Some(CloseQuestion { is_training: true, ..CloseQuestion::default() });
        state
    };
    check_button(asked(), "Stay", Command::CancelClose);
    check_button(asked(), "Close anyway", Command::ConfirmClose);
    let mut unsaved = asked();
    unsaved.close_question = Some(CloseQuestion { is_unsaved: true, ..CloseQuestion::default() });
    check_button(unsaved, "Save and close", Command::SaveAndClose);
    let mut harness = window(asked());
    harness.key_press(Key::Escape);
    harness.run_steps(3);
    assert_eq!(harness.state().commands, [Command::CancelClose]);
}

#[test]
fn the_report_names_every_file_and_why() {
    let mut state = examples::troubled();
    let text = super::data::report_text(&state.data);
    assert_eq!(text.lines().count(), 1 + 1 + 12);
    assert!(text.contains("failed\t/media/stick\t\tPermission denied"));
    assert!(text.contains("skipped\t/music/Folk songs/Jasmine Flower.mid\t\tToo short"));
    state.data.is_report_of_left_out = true;
    assert_eq!(super::data::report_text(&state.data).lines().count(), 1 + 1 + 3);
    state.data.is_report_shown = true;
    let harness = window(state);
    harness.get_by_label("9 taken, 3 left out");
    harness.get_by_label_contains("Jasmine Flower.mid: skipped Too short");
}

#[derive(Debug)]
struct Dropped(PathBuf);

impl egui::DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        Ok(vec![])
    }
}

#[test]
fn a_folder_that_is_dropped_is_added() {
    let mut harness = window(examples::empty());
    let folder = PathBuf::from("/music/dropped");
    harness.input_mut().dropped_files.push(Arc::new(Dropped(folder.clone())));
    harness.run_steps(2);
    assert_eq!(harness.state().commands, [Command::AddPaths(vec![folder])]);
}

#[test]
fn keys_do_what_the_table_says() {
    for (modifiers, key, expected) in [
        (Modifiers::COMMAND, Key::S, Command::Save),
        (Modifiers::COMMAND | Modifiers::SHIFT, Key::S, Command::SaveAs),
        (Modifiers::COMMAND, Key::O, Command::OpenProject),
        (Modifiers::COMMAND, Key::N, Command::NewProject),
        (Modifiers::COMMAND, Key::T, Command::Pause),
        (Modifiers::COMMAND, Key::G, Command::Generate),
        (Modifiers::COMMAND, Key::E, Command::ExportMidi(ExportScope::Shown)),
        (Modifiers::NONE, Key::Space, Command::TogglePlay),
        (Modifiers::NONE, Key::Home, Command::Seek(0.0)),
        (Modifiers::NONE, Key::L, Command::ToggleLoop),
    ] {
        let mut harness = window(examples::training());
        harness.key_press_modifiers(modifiers, key);
        harness.run_steps(2);
        assert_eq!(harness.state().commands, [expected], "{key:?}");
    }
}

#[test]
fn keys_belong_to_the_text_field_that_is_typed_in_and_space_to_the_button_reached_by_tab() {
    let mut harness = window(examples::with_songs());
    harness.get_by_label("Search songs").focus();
    harness.run_steps(2);
    harness.key_press(Key::Space);
    harness.key_press(Key::L);
    harness.run_steps(2);
    assert_eq!(harness.state().commands, []);
    let mut harness = window(examples::with_songs());
    harness.key_press(Key::Tab);
    harness.run_steps(2);
    harness.key_press(Key::Space);
    harness.run_steps(2);
    assert!(!harness.state().commands.contains(&Command::TogglePlay));
}

#[test]
fn a_click_in_the_roll_seeks_and_the_view_is_fitted() {
    let (mut harness, _) = window_of(examples::with_songs(), LARGE, Theme::Dark);
    assert!(!harness.state().state.roll.wants_fit);
    let at = pos2(744.0, 850.0);
    for event in [
        egui::Event::PointerMoved(at),
        egui::Event::PointerButton {
            pos: at,
            button: egui::PointerButton::Primary,
            pressed: true,
            modifiers: Modifiers::NONE,
        },
        egui::Event::PointerButton {
            pos: at,
            button: egui::PointerButton::Primary,
            pressed: false,
            modifiers: Modifiers::NONE,
        },
    ] {
        harness.event(event);
        harness.step();
    }
    // The grid of 128 steps begins beside the keyboard, 48 points wide.
    let step = 128.0 * (744.0 - 48.0) / (1440.0 - 48.0);
    match harness.state().commands.as_slice() {
        [Command::Seek(at)] => assert!((at - step).abs() < 0.1, "{at}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_likelihood_can_be_asked_for_and_called_off_and_is_read_with_its_error() {
    // It stands at the end of the column, which scrolls while the pictures are open.
    let training = || {
        let mut state = examples::training();
        state.learned.is_open = false;
        state
    };
    check_button(training(), "Estimate", Command::EstimateLikelihood);
    let mut estimating = training();
    estimating.run.likelihood = LikelihoodState::Estimating { share: 0.4 };
    check_button(estimating, "Cancel estimate", Command::CancelEstimate);
    let mut known = examples::training();
    known.run.likelihood = LikelihoodState::Known(Box::new(examples::likelihood()));
    let words = "Log-likelihood −3.500 ± 0.025 nats a step, held out −4.100 ± 0.025";
    window(known).get_by_label(words);
}

#[test]
fn a_piece_that_copies_a_song_says_so() {
    let mut state = examples::with_pieces();
    state.music.pieces[0].nearest = NearestState::Found(NearestSong {
        distance: 0.03,
        is_copy: true,
        title: "Greensleeves".to_owned(),
        bar: 5,
    });
    let mut harness = window(state);
    harness.get_by_role_and_label(Role::ListBoxOption, "Piece 1").hover();
    harness.run_steps(40);
    harness.get_by_label_contains("A copy. Nearest: Greensleeves, bar 5, 3 % differs");
}
