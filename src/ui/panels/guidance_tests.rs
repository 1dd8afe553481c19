//! The tour, the advice and the empty states: what they say and what they push.

use egui::accesskit::Role;
use egui::{Key, Modifiers, Theme};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::examples;
use super::tests::{LARGE, SMALL, WindowHarness, check_button, check_disabled, window, window_of};
use crate::train::TrainSettings;
use crate::ui::command::Command;
use crate::ui::state::{RunPhase, State};
use crate::ui::tour::{Tour, TourStep};

/// Its held-out songs gain nothing while the gap grows.
fn memorising() -> State {
    let mut state = examples::training();
    state.learned.is_open = false;
    state.run.history.changes.clear();
    for record in &mut state.run.history.epochs {
        let metrics = &mut record.metrics;
        metrics.held_out_error = Some(0.03);
        metrics.free_energy_gap = Some(10.0 + f64::from(metrics.epoch));
    }
    state
}

fn on_tour(state: State) -> State {
    let tour = Some(Tour::start(&state));
    State { tour, ..state }
}

fn press(harness: &mut WindowHarness, name: &str) {
    harness.get_by_role_and_label(Role::Button, name).click();
    harness.run_steps(3);
}

#[test]
fn advice_is_followed_by_one_press_and_then_goes() {
    check_button(memorising(), "Stop here", Command::StopTraining);
    let mut harness = window(memorising());
    press(&mut harness, "Why");
    assert!(harness.query_by_label_contains("Free-energy gap in nats").is_some());
    press(&mut harness, "Raise dropout to 0.3");
    let value = "0.3".to_owned();
    assert_eq!(harness.state().commands, [Command::SetSetting { key: "dropout", value }]);
    harness.state_mut().state.settings.dropout = 0.3;
    harness.run_steps(3);
    assert!(harness.query_by_role_and_label(Role::Button, "Why").is_none(), "it was followed");
}

#[test]
fn not_now_is_of_this_kind_and_of_this_run() {
    let mut harness = window(memorising());
    press(&mut harness, "Not now");
    assert!(harness.query_by_role_and_label(Role::Button, "Why").is_none());
    assert_eq!(harness.state().commands, []);
    harness.state_mut().state.run.id.0 += 1;
    harness.run_steps(3);
    assert!(harness.query_by_role_and_label(Role::Button, "Why").is_some(), "another run");
}

#[test]
fn a_healthy_run_a_sweep_and_a_diverged_run_show_no_advice() {
    for state in [examples::training(), examples::sweeping(), examples::diverged()] {
        let harness = window(state);
        assert!(harness.query_by_role_and_label(Role::Button, "Why").is_none());
    }
}

/// Where what stands below the curve begins.
fn below_the_curve(harness: &WindowHarness) -> f32 {
    harness.get_by_role_and_label(Role::Button, "What it has learned").rect().top()
}

#[test]
fn nothing_moves_when_there_is_suddenly_something_to_say() {
    for size in [LARGE, SMALL, egui::vec2(1000.0, 640.0)] {
        let states = [examples::training(), memorising(), examples::diverged()];
        let tops = states.map(|mut state| {
            state.learned.is_open = true;
            let (harness, _) = window_of(state, size, Theme::Dark);
            below_the_curve(&harness)
        });
        assert!(tops.iter().all(|top| *top == tops[0]), "{size}: {tops:?}");
    }
    let mut harness = window(memorising());
    let top = below_the_curve(&harness);
    press(&mut harness, "Why");
    assert_eq!(below_the_curve(&harness), top, "the evidence pushes nothing away");
}

#[test]
fn a_run_that_blew_up_is_told_once_and_to_a_listener_too() {
    let harness = window(examples::diverged());
    assert!(harness.query_by_label_contains("Error: Training blew up in epoch").is_some());
    assert!(harness.query_by_label_contains("Nothing to advise").is_none());
}

#[test]
fn advice_is_told_to_a_listener() {
    let harness = window(memorising());
    assert!(harness.query_by_label_contains("Advice: The gap between").is_some());
}

#[test]
fn advice_on_a_run_that_is_over_is_for_the_next() {
    let mut state = memorising();
    state.run.phase = RunPhase::Ended { is_complete: false };
    let harness = window(state);
    assert!(harness.query_by_role_and_label(Role::Button, "Stop here").is_none());
    assert!(harness.query_by_role_and_label(Role::Button, "Raise dropout to 0.3").is_some());
}

#[test]
fn the_tour_goes_on_by_itself_with_next_and_ends_with_skip_or_escape() {
    let mut harness = window(on_tour(examples::empty()));
    assert!(harness.query_by_label_contains("Tour, step 1 of 3").is_some());
    harness.state_mut().state.data = examples::with_songs().data;
    harness.run_steps(3);
    assert_eq!(harness.state().state.tour.unwrap().step, TourStep::Train);
    press(&mut harness, "Next");
    assert_eq!(harness.state().state.tour.unwrap().step, TourStep::Generate);
    assert_eq!(harness.state().commands, []);
    press(&mut harness, "Done");
    assert_eq!(harness.state().commands, [Command::ShowTour(false)]);
    check_button(on_tour(examples::empty()), "Skip the tour", Command::ShowTour(false));
    let mut harness = window(on_tour(examples::empty()));
    harness.key_press_modifiers(Modifiers::NONE, Key::Escape);
    harness.run_steps(3);
    assert_eq!(harness.state().commands, [Command::ShowTour(false)]);
}

#[test]
fn every_step_of_the_tour_stands_in_the_window_and_has_names() {
    for (size, look) in [(LARGE, Theme::Dark), (SMALL, Theme::Light)] {
        for make in [examples::empty, examples::with_songs, examples::with_pieces] {
            let (mut harness, _) = window_of(on_tour(make()), size, look);
            for step in 1..=3 {
                let name = format!("Tour, step {step} of 3");
                let card = harness.get_by_label_contains(&name);
                let bounds = card.rect();
                assert!(bounds.min.x >= 0.0 && bounds.max.x <= size.x, "{bounds:?}");
                assert!(bounds.min.y >= 0.0 && bounds.max.y <= size.y, "{bounds:?}");
                let words = format!("Tour: Step {step} of 3");
                let told = harness.query_by_label_contains(&words);
                assert!(told.is_some(), "a listener hears it");
                press(&mut harness, if step < 3 { "Next" } else { "Done" });
            }
        }
    }
}

#[test]
fn f6_brings_the_keyboard_to_the_tour() {
    let mut harness = window(on_tour(examples::empty()));
    crate::ui::focus::go_to_part(&harness.ctx, false);
    harness.run_steps(2);
    harness.key_press_modifiers(Modifiers::NONE, Key::Tab);
    harness.run_steps(2);
    let skip = harness.get_by_role_and_label(Role::Button, "Skip the tour");
    assert!(skip.accesskit_node().is_focused());
}

#[test]
fn an_empty_list_of_pieces_has_the_button_that_leads_on() {
    check_disabled(examples::empty(), Role::Button, "Train first");
    check_button(examples::with_songs(), "Train first", Command::Train);
    let mut ended = examples::with_pieces();
    ended.music.pieces.clear();
    check_button(ended, "Generate pieces", Command::Generate);
}

#[test]
fn tooltips_of_settings_without_a_knob_say_everything() {
    let defaults = TrainSettings::default();
    for setting in crate::train::CATALOGUE.iter().filter(|setting| !setting.key.ends_with("seed")) {
        assert!(setting.text(&defaults).len() < 40);
        assert!(setting.remarks().count() >= 3, "{}", setting.key);
    }
}

#[test]
fn in_a_low_window_the_advice_is_one_line_and_all_of_it_is_behind_why() {
    let low = egui::vec2(1000.0, 640.0);
    let (mut harness, _) = window_of(memorising(), low, Theme::Dark);
    for name in ["Stop here", "Not now"] {
        assert!(harness.query_by_role_and_label(Role::Button, name).is_none(), "{name}");
    }
    assert!(harness.query_by_label_contains("Advice: The gap between").is_some(), "to a listener");
    press(&mut harness, "Why");
    press(&mut harness, "Stop here");
    assert_eq!(harness.state().commands, [Command::StopTraining]);
    press(&mut harness, "Not now");
    assert!(harness.query_by_role_and_label(Role::Button, "Why").is_none());
    let (mut harness, _) = window_of(examples::diverged(), low, Theme::Dark);
    press(&mut harness, "Go on at 0.01");
    assert_eq!(harness.state().commands, [Command::TakeProposedRate]);
}

#[test]
fn the_callout_leaves_what_it_speaks_of_in_sight() {
    for size in [LARGE, SMALL, egui::vec2(1000.0, 640.0)] {
        let (harness, _) = window_of(on_tour(examples::empty()), size, Theme::Dark);
        let rect = |role, name: &str| harness.get_by_role_and_label(role, name).rect();
        let callout = rect(Role::Region, "Tour, step 1 of 3: Choose songs");
        for name in ["Try the demo set", "Choose a folder…", "Demo set", "Add folder…"] {
            let button = rect(Role::Button, name);
            assert!(!callout.intersects(button), "{callout:?} covers {name} in {size:?}");
        }
    }
}
