//! The window with all runs: what it says and what it pushes.

use egui::{Key, Modifiers, Role};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::examples::{self, sweeping, with_runs};
use super::tests::{check_button, check_disabled, window};
use crate::train::{SweepAxis, TrainSettings};
use crate::ui::command::Command;
use crate::ui::state::{AxisDraft, OwnPreset, RunId, RunPhase, SweepDraft};

#[test]
fn every_button_of_a_run_pushes_its_command() {
    check_button(with_runs(), "Hear Run 2", Command::HearRun(RunId(2)));
    check_button(with_runs(), "Delete Run 1", Command::DeleteRun(RunId(1)));
    check_disabled(with_runs(), Role::Button, "Delete Run 3");
    let settings = with_runs().run.earlier[0].settings.clone();
    let restore = Command::AdoptSettings(Box::new(settings));
    check_button(with_runs(), "Restore the settings of Run 1", restore);
    check_button(with_runs(), "Hear the best", Command::HearRun(RunId(3)));
    check_button(with_runs(), "Read runs from projects…", Command::ReadRuns);
    check_button(with_runs(), "Try a range…", Command::DraftSweep("learning_rate"));
    let mut without_model = with_runs();
    without_model.run.earlier[1].has_model = false;
    check_disabled(without_model, Role::Button, "Hear Run 2");
    let mut training = with_runs();
    training.run.phase = RunPhase::Training;
    check_disabled(training, Role::Button, "Hear Run 1");
}

#[test]
fn a_run_is_shown_coloured_and_renamed_in_place() {
    let mut harness = window(with_runs());
    harness.get_by_role_and_label(Role::CheckBox, "Show the curve of Run 1").click();
    harness.run_steps(3);
    let shown = Command::ShowRun { run: RunId(1), is_shown: true };
    assert_eq!(harness.state().commands, [shown]);
    harness.state_mut().commands.clear();
    harness.get_by_role_and_label(Role::Button, "Line of Run 2").click();
    harness.run_steps(4);
    harness.get_by_role_and_label(Role::MenuItemRadio, "pink, dashes").click();
    harness.run_steps(3);
    assert_eq!(harness.state().commands, [Command::ColorRun { run: RunId(2), color: 11 }]);
    harness.state_mut().commands.clear();
    harness.state_mut().state.run.view.renaming = Some((RunId(2), String::new()));
    harness.run_steps(3);
    harness.get_by_role_and_label(Role::TextInput, "Name of Run 2").type_text("Slow");
    harness.run_steps(3);
    harness.key_press_modifiers(Modifiers::NONE, Key::Enter);
    harness.run_steps(3);
    let renamed = Command::RenameRun { run: RunId(2), name: "Slow".to_owned() };
    assert_eq!(harness.state().commands, [renamed]);
    assert_eq!(harness.state().state.run.view.renaming, None);
}

#[test]
fn a_title_sorts_and_another_click_turns_it_round() {
    let mut harness = window(with_runs());
    harness.get_by_role_and_label(Role::Button, "Sort by Done").click();
    harness.run_steps(3);
    harness.get_by_role_and_label(Role::Button, "Sort by Done, sorted up").click();
    harness.run_steps(3);
    harness.get_by_role_and_label(Role::Button, "Sort by Done, sorted down");
    // Only what differs is a column.
    harness.get_by_role_and_label(Role::Button, "Sort by Hidden units");
    assert!(harness.query_by_label("Sort by Momentum").is_none());
}

#[test]
fn two_selected_runs_show_exactly_what_differs() {
    let mut state = with_runs();
    state.run.view.selected = vec![RunId(3), RunId(1)];
    let harness = window(state);
    // A knob that was turned while a run was under way counts too.
    harness.get_by_label("2 settings differ");
    // In the table and in the comparison.
    assert_eq!(harness.get_all_by_label("0.1 → 0.05").count(), 2);
    assert_eq!(harness.get_all_by_label("200").count(), 2);
    let mut state = with_runs();
    state.run.view.selected = vec![RunId(2), RunId(1)];
    window(state).get_by_label("The settings are the same");
}

#[test]
fn the_plots_say_in_words_what_they_show() {
    let harness = window(with_runs());
    let plot = harness.get_by_label("Reconstruction error against Hidden units");
    let said = plot.accesskit_node().description().unwrap_or_default();
    assert!(said.starts_with("2 runs, Hidden units from 80") && said.contains("best"), "{said}");
    harness.get_by_label("Reconstruction error of all runs");
}

#[test]
fn a_sweep_is_put_together_and_started() {
    let mut state = examples::with_songs();
    let axis = AxisDraft::around("learning_rate", &state.settings).unwrap();
    state.run.sweep_draft = Some(SweepDraft { axes: vec![axis] });
    let mut harness = window(state);
    harness.get_by_label_contains("5 runs");
    harness.get_by_role_and_label(Role::Button, "Start the sweep").click();
    harness.run_steps(3);
    let axis = SweepAxis::range("learning_rate", (0.005, 0.5), 5, true).unwrap();
    assert_eq!(harness.state().commands, [Command::StartSweep(vec![axis])]);
    assert_eq!(harness.state().state.run.sweep_draft, None);
}

#[test]
fn a_knob_offers_a_range_by_the_second_button_and_by_the_keyboard() {
    let mut harness = window(examples::with_songs());
    harness.get_by_role_and_label(Role::Slider, "Momentum").click_secondary();
    harness.run_steps(4);
    harness.get_by_label_contains("Try a range…").click();
    harness.run_steps(3);
    assert_eq!(harness.state().commands, [Command::DraftSweep("momentum")]);
    harness.state_mut().commands.clear();
    harness.get_by_role_and_label(Role::Slider, "Momentum").focus();
    harness.run_steps(2);
    harness.key_press_modifiers(Modifiers::SHIFT, Key::F10);
    harness.run_steps(2);
    assert_eq!(harness.state().commands, [Command::DraftSweep("momentum")]);
}

#[test]
fn a_sweep_under_way_is_paused_cancelled_and_shortened() {
    check_button(sweeping(), "Pause sweep", Command::PauseSweep(true));
    check_button(sweeping(), "Cancel sweep", Command::CancelSweep);
    let remove = "Remove Hidden units 200 from the sweep";
    check_button(sweeping(), remove, Command::RemoveSweepRun(2));
    check_disabled(sweeping(), Role::Button, "Hear the best");
}

#[test]
fn own_presets_are_saved_chosen_shared_and_deleted() {
    let mut harness = window(examples::with_songs());
    harness.get_by_role_and_label(Role::Button, "Own presets: none").click();
    harness.run_steps(4);
    let field = harness.get_by_role_and_label(Role::TextInput, "Save these settings as");
    field.focus();
    field.type_text("Mine");
    harness.run_steps(3);
    harness.get_by_role_and_label(Role::Button, "Save").click();
    harness.run_steps(3);
    assert_eq!(harness.state().commands, [Command::SavePreset("Mine".to_owned())]);
    let settings = TrainSettings { momentum: 0.33, ..TrainSettings::default() };
    let preset = OwnPreset { name: "Mine".to_owned(), settings, path: "Mine.toml".into() };
    harness.state_mut().state.run.own_presets.push(preset);
    harness.run_steps(4);
    for (button, command) in [
        ("Delete Mine", Command::DeletePreset("Mine".to_owned())),
        ("Mine", Command::ApplyOwnPreset("Mine".to_owned())),
    ] {
        harness.state_mut().commands.clear();
        harness.get_by_role_and_label(Role::Button, button).click();
        harness.run_steps(3);
        assert_eq!(harness.state().commands, [command]);
    }
}

#[test]
fn a_second_plot_opens_below_shares_the_cursor_and_closes() {
    let mut harness = window(examples::training());
    harness.get_by_role_and_label(Role::Button, "Second plot").click();
    harness.run_steps(4);
    let plot = harness.get_by_role_and_label(Role::Image, "Pseudo-log-likelihood");
    let said = plot.accesskit_node().description().unwrap_or_default();
    // Higher is better here: the best is near the end, not at the start.
    let training = said.split("; ").find(|part| part.starts_with("training")).unwrap();
    assert!(
        training.contains("at epoch 84, rising") && said.contains("changed at epoch 40"),
        "{said}"
    );
    harness.get_by_role_and_label(Role::Button, "Close the second plot").click();
    harness.run_steps(4);
    assert!(harness.query_by_label("Pseudo-log-likelihood").is_none());
}

#[test]
fn fit_is_there_when_the_plot_is_zoomed_and_shows_all_again() {
    let mut harness = window(examples::training());
    assert!(harness.query_by_label("Fit").is_none());
    let plot = harness.get_by_role_and_label(Role::Image, "Reconstruction error").rect();
    harness.hover_at(plot.center());
    harness.run_steps(2);
    harness.event(egui::Event::MouseWheel {
        unit: egui::MouseWheelUnit::Point,
        delta: egui::vec2(0.0, 90.0),
        phase: egui::TouchPhase::Move,
        source: egui::MouseWheelSource::Wheel,
        modifiers: Modifiers::NONE,
    });
    // The wheel runs out smoothly.
    harness.run_steps(60);
    harness.get_by_role_and_label(Role::Button, "Fit").click();
    harness.run_steps(6);
    assert!(harness.query_by_label("Fit").is_none());
}

#[test]
fn smoothing_is_turned_on_in_its_menu() {
    let mut harness = window(examples::training());
    harness.get_by_role_and_label(Role::Button, "Smoothing").click();
    harness.run_steps(4);
    let slider = harness.get_by_role_and_label(Role::Slider, "Smoothing");
    slider.focus();
    harness.run_steps(2);
    harness.key_press(Key::ArrowRight);
    harness.run_steps(2);
    let smoothing = harness.state().state.run.curves.smoothing;
    assert!((0.0..0.1).contains(&smoothing) && smoothing > 0.0, "{smoothing}");
}
