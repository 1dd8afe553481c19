//! The piano roll under the hands, and what it costs.

use egui::accesskit::Role;
use egui::{Event, Modifiers, PointerButton, Pos2, Theme};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::*;
use crate::music::{Metre, PitchRange};
use crate::ui::testing;

#[derive(Default)]
struct State {
    view: PianoRollView,
    selection: Option<Range<u32>>,
    actions: Vec<PianoRollAction>,
}

pub(super) fn note(start_step: u32, n_steps: u32, pitch: u8) -> PlayedNote {
    PlayedNote { start_step, pitch, n_steps, velocity: 80 }
}

/// Sixteen bars of chords with a melody over them.
pub(super) fn piece() -> Vec<PlayedNote> {
    let mut notes = Vec::new();
    for (bar, chord) in [[48, 52, 55], [45, 48, 52], [41, 45, 48], [43, 47, 50]]
        .into_iter()
        .cycle()
        .take(8)
        .enumerate()
    {
        let start = bar as u32 * 16;
        for pitch in chord {
            notes.push(note(start, 8, pitch));
            notes.push(note(start + 8, 8, pitch));
        }
        for (place, pitch) in [(0, 64), (4, 67), (6, 69), (8, 72), (12, 67)] {
            notes.push(note(start + place, 3, pitch + (bar as u8 % 3)));
        }
    }
    notes.sort_unstable();
    notes
}

pub(super) fn content(notes: &[PlayedNote]) -> PianoRollContent<'_> {
    PianoRollContent {
        name: "Piece 2",
        notes,
        n_steps: 128,
        pitches: PitchRange::REFERENCE,
        steps_per_beat: 4,
        metre: Metre::COMMON,
    }
}

fn harness(notes: Vec<PlayedNote>) -> Harness<'static, State> {
    let (builder, _) = testing::builder::<State>(vec2(900.0, 260.0), Theme::Dark);
    let mut harness = builder.build_ui_state(
        move |ui, state| {
            let shown = PianoRollWidget::new(content(&notes), &mut state.view)
                .selection(state.selection.clone())
                .show(ui);
            state.actions.extend(shown.actions);
        },
        State::default(),
    );
    harness.run();
    harness
}

fn button(harness: &mut Harness<'_, State>, pos: Pos2, pressed: bool) {
    harness.event(Event::PointerMoved(pos));
    harness.event(Event::PointerButton {
        pos,
        button: PointerButton::Primary,
        pressed,
        modifiers: Modifiers::NONE,
    });
    harness.run_steps(2);
}

fn places(harness: &Harness<'_, State>) -> Places {
    PianoRollWidget::places(harness.get_by_role(Role::Canvas).rect())
}

fn at_step(harness: &Harness<'_, State>, step: f64) -> Pos2 {
    let places = places(harness);
    pos2(harness.state().view.x(places.grid, step), places.ruler.center().y)
}

#[test]
fn a_click_on_the_ruler_seeks() {
    let mut harness = harness(piece());
    let at = at_step(&harness, 40.0);
    button(&mut harness, at, true);
    button(&mut harness, at, false);
    match &harness.state().actions[..] {
        [PianoRollAction::Seek(step)] => assert!((step - 40.0).abs() < 0.5, "{step}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn dragging_on_the_ruler_selects_whole_beats() {
    let mut harness = harness(piece());
    let (from, to) = (at_step(&harness, 33.0), at_step(&harness, 62.5));
    button(&mut harness, from, true);
    harness.event(Event::PointerMoved(to));
    harness.run_steps(2);
    button(&mut harness, to, false);
    assert_eq!(harness.state().actions, [PianoRollAction::SelectSteps(32..64)]);
}

#[test]
fn escape_lets_the_selection_go() {
    let mut harness = harness(piece());
    harness.state_mut().selection = Some(32..64);
    harness.get_by_role(Role::Canvas).focus();
    harness.run_steps(2);
    harness.key_press(Key::Escape);
    harness.run_steps(2);
    assert_eq!(harness.state().actions, [PianoRollAction::ClearSelection]);
}

#[test]
fn a_key_of_the_keyboard_sounds() {
    let mut harness = harness(piece());
    let places = places(&harness);
    let y = harness.state().view.y(places.grid, 60.0) + 2.0;
    let at = pos2(places.keyboard.center().x, y);
    button(&mut harness, at, true);
    button(&mut harness, at, false);
    assert_eq!(harness.state().actions, [PianoRollAction::SoundPitch(60)]);
}

#[test]
fn keys_zoom_scroll_and_go_to_the_ends() {
    let mut harness = harness(piece());
    harness.get_by_role(Role::Canvas).focus();
    harness.run_steps(2);
    let whole = harness.state().view.points_per_step;
    for _ in 0..4 {
        harness.key_press(Key::Plus);
    }
    harness.run_steps(2);
    assert!(harness.state().view.points_per_step > whole * 2.0);
    harness.key_press(Key::Home);
    harness.run_steps(2);
    assert_eq!(harness.state().view.first_step, 0.0);
    harness.key_press(Key::PageDown);
    harness.run_steps(2);
    assert!(harness.state().view.first_step > 0.0);
    harness.key_press(Key::F);
    harness.run_steps(2);
    assert_eq!(harness.state().view.points_per_step, whole);
    assert!(harness.get_by_role(Role::Canvas).is_focused());
}

#[test]
fn a_screen_reader_hears_how_much_there_is() {
    let harness = harness(piece());
    let canvas = harness.get_by_role_and_label(Role::Canvas, "Piano roll: Piece 2");
    let said = canvas.accesskit_node().description();
    assert_eq!(said.as_deref(), Some("88 notes, 8 bars, F2 to D5"));
}

#[test]
fn places_are_named_by_bar_and_count_of_the_metre() {
    let notes = [];
    let common = content(&notes);
    assert_eq!(common.place_name(0.0), "1.1");
    assert_eq!(common.place_name(16.0 + 11.9), "2.3");
    let six_eight = PianoRollContent { metre: Metre { numerator: 6, denominator: 8 }, ..common };
    assert_eq!(six_eight.place_name(12.0), "2.1");
    assert_eq!(six_eight.place_name(10.0), "1.6");
}

#[test]
fn twenty_thousand_notes_are_four_corners_each_and_fewer_when_near() {
    let notes: Vec<PlayedNote> =
        (0..20_000).map(|n| note(n / 4, 2, 30 + (n * 7 % 60) as u8)).collect();
    let (builder, _) = testing::builder::<PianoRollView>(vec2(1400.0, 300.0), Theme::Dark);
    let mut harness = builder.build_ui_state(
        move |ui, view| {
            let content = PianoRollContent { n_steps: 5000, ..content(&notes) };
            PianoRollWidget::new(content, view).play_head(Some(2500.0)).show(ui);
        },
        PianoRollView::default(),
    );
    harness.run_steps(3);
    let all = testing::vertex_count(&mut harness);
    assert!(all < 100_000, "all in sight: {all} vertices");
    harness.state_mut().points_per_step = 12.0;
    harness.run_steps(2);
    let near = testing::vertex_count(&mut harness);
    assert!(near < all / 4, "near: {near} vertices");
}

#[test]
fn the_roll_looks_as_it_should() {
    let notes = piece();
    testing::check_snapshots("piano_roll", vec2(1000.0, 260.0), |ui| {
        let mut view = PianoRollView::default();
        PianoRollWidget::new(content(&notes), &mut view)
            .play_head(Some(58.0))
            .selection(Some(32..64))
            .show(ui);
    });
}

#[test]
fn an_empty_roll_says_what_goes_there() {
    testing::check_snapshots("piano_roll_empty", vec2(500.0, 160.0), |ui| {
        let mut view = PianoRollView::default();
        PianoRollWidget::new(content(&[]), &mut view)
            .empty_text("Click a song or generate a piece to see its notes here")
            .show(ui);
    });
}
