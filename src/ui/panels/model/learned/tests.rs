//! What the card looks like and what it pushes.

use egui::{Key, Role, Theme, Vec2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

use super::*;
use crate::engine::{ParticleKind, UnitOrder};
use crate::ui::learned::Heard;
use crate::ui::panels::examples;
use crate::ui::testing;

/// Wide, and as narrow as the column can be.
const WIDE: Vec2 = vec2(764.0, 270.0);
const NARROW: Vec2 = vec2(404.0, 380.0);

struct Card {
    state: crate::ui::state::State,
    commands: Vec<Command>,
}

fn card_ui(ui: &mut Ui, card: &mut Card) {
    let seen = Seen { run: &card.state.run, data: &card.state.data };
    let viewport = ui.available_height();
    card.state.learned.height = Some(viewport * 0.9);
    learned_ui(ui, seen, &mut card.state.learned, viewport, &mut card.commands);
}

fn card(tab: LearnedTab) -> Card {
    let mut state = examples::training();
    state.learned.tab = tab;
    Card { state, commands: vec![] }
}

fn harness_of(card: Card, size: Vec2) -> Harness<'static, Card> {
    let (builder, _) = testing::builder::<Card>(size, Theme::Dark);
    let mut harness = builder.build_ui_state(card_ui, card);
    harness.run_steps(4);
    harness
}

fn harness(tab: LearnedTab) -> Harness<'static, Card> {
    harness_of(card(tab), WIDE)
}

fn press(harness: &mut Harness<'static, Card>, role: Role, name: &str) {
    harness.get_by_role_and_label(role, name).click();
    harness.run_steps(4);
}

fn check_look(name: &str, size: Vec2, change: impl Fn(&mut Card)) {
    let tab = LearnedTab::ALL.into_iter().find(|tab| {
        let tab = tab.name().to_lowercase().replace(' ', "_");
        name.starts_with(&tab)
    });
    testing::check_snapshots(&format!("learned_{name}"), size, |ui| {
        let mut card = card(tab.unwrap());
        change(&mut card);
        card_ui(ui, &mut card);
    });
}

#[test]
fn units_look_as_they_should() {
    check_look("units", WIDE, |card| {
        card.state.learned.selected = 2;
        card.state.learned.hearing = Some(Heard::Unit(2));
    });
}

#[test]
fn units_that_are_followed_look_as_they_should() {
    check_look("units_pinned", vec2(560.0, 330.0), |card| {
        let snapshot = card.state.run.snapshot.clone().unwrap();
        for unit in [4, 9] {
            card.state.learned.toggle_pin(unit, &snapshot);
        }
        for epoch in [90, 100, 130] {
            let snapshot = ModelSnapshot { finished_epochs: epoch, ..snapshot.clone() };
            card.state.learned.follow(&snapshot);
        }
    });
}

#[test]
fn particles_look_as_they_should() {
    check_look("particles", WIDE, |_| {});
    check_look("particles_of_cd", NARROW, |card| {
        let particles = card.state.run.snapshot.as_mut().unwrap().particles.as_mut().unwrap();
        particles.kind = ParticleKind::OneGibbsStep;
    });
}

#[test]
fn one_step_looks_as_it_should() {
    check_look("one_step", WIDE, |_| {});
    check_look("one_step_narrow", NARROW, |_| {});
}

#[test]
fn histograms_look_as_they_should() {
    check_look("histograms", WIDE, |_| {});
    check_look("histograms_narrow", NARROW, |card| {
        let snapshot = card.state.run.snapshot.as_mut().unwrap();
        snapshot.histograms.as_mut().unwrap().update = None;
    });
}

#[test]
fn activity_looks_as_it_should() {
    check_look("activity", WIDE, |card| card.state.learned.selected = 17);
}

#[test]
fn the_network_looks_as_it_should() {
    check_look("network", WIDE, |card| card.state.learned.is_explained = true);
    check_look("network_explained", NARROW, |_| {});
}

#[test]
fn a_unit_is_heard_and_chosen_by_a_click_and_by_a_key() {
    let mut harness = harness(LearnedTab::Units);
    press(&mut harness, Role::Button, "Hear unit 3");
    assert_eq!(harness.state().commands, [Command::Hear(Heard::Unit(2))]);
    assert_eq!(harness.state().state.learned.selected, 2);
    harness.get_by_role_and_label(Role::Button, "Hear unit 5").focus();
    harness.run_steps(2);
    harness.key_press(Key::Enter);
    harness.run_steps(2);
    assert_eq!(harness.state().commands.last(), Some(&Command::Hear(Heard::Unit(4))));
    // Escape is for what is heard only.
    harness.key_press(Key::Escape);
    harness.run_steps(2);
    assert_eq!(harness.state().commands.len(), 2);
    harness.state_mut().state.learned.hearing = Some(Heard::Unit(4));
    harness.key_press(Key::Escape);
    harness.run_steps(2);
    assert_eq!(harness.state().commands.last(), Some(&Command::StopHearing));
}

#[test]
fn every_unit_is_reached_page_by_page_and_in_another_order() {
    let mut harness = harness(LearnedTab::Units);
    let n_hidden = harness.state().state.settings.hidden_units;
    let mut seen = harness.state().state.learned.places.clone();
    assert_eq!(seen.start, 0);
    while seen.end < n_hidden {
        press(&mut harness, Role::Button, "Next units");
        let next = harness.state().state.learned.places.clone();
        assert_eq!(next.start, seen.end);
        seen = next;
    }
    press(&mut harness, Role::RadioButton, "Sort units by: Similarity");
    let learned = &harness.state().state.learned;
    assert_eq!((learned.order, learned.places.start), (UnitOrder::Similarity, 0));
    press(&mut harness, Role::Button, "Sort again");
    let units = harness.state().state.learned.wanted().units.unwrap();
    assert_eq!((units.order, units.sorting), (UnitOrder::Similarity, 1));
}

#[test]
fn a_unit_is_pinned_where_the_keyboard_is_and_let_go() {
    let mut harness = harness(LearnedTab::Units);
    harness.get_by_role_and_label(Role::Button, "Hear unit 2").focus();
    harness.run_steps(2);
    press(&mut harness, Role::Button, "Pin unit 2");
    assert!(harness.state().state.learned.is_pinned(1));
    press(&mut harness, Role::Button, "Follow unit 2 no longer");
    assert!(!harness.state().state.learned.is_pinned(1));
}

#[test]
fn plain_contrastive_divergence_says_what_gives_particles() {
    let mut shown = card(LearnedTab::Particles);
    let particles = shown.state.run.snapshot.as_mut().unwrap().particles.as_mut().unwrap();
    particles.kind = ParticleKind::OneGibbsStep;
    let mut harness = harness_of(shown, WIDE);
    press(&mut harness, Role::Button, "Use PCD from the next run on");
    press(&mut harness, Role::Button, "Hear particle 2");
    let pcd = Command::SetSetting { key: "algorithm", value: "pcd".to_owned() };
    assert_eq!(harness.state().commands, [pcd, Command::Hear(Heard::Particle(1))]);
}

#[test]
fn an_excerpt_is_chosen_by_song_and_by_its_place() {
    let mut harness = harness(LearnedTab::OneStep);
    let excerpt = |harness: &Harness<'static, Card>| harness.state().state.learned.excerpt;
    press(&mut harness, Role::Button, "Next excerpt");
    assert_eq!(excerpt(&harness), 1);
    press(&mut harness, Role::Button, "Next song");
    assert_eq!(excerpt(&harness), 12);
    press(&mut harness, Role::Button, "Excerpt before");
    assert_eq!(excerpt(&harness), 12, "the first excerpt of a song has none before it");
    press(&mut harness, Role::Button, "Song: Amazing Grace");
    harness.get_by_label("Au clair de la lune").click();
    harness.run_steps(4);
    assert_eq!(excerpt(&harness), 24);
    press(&mut harness, Role::Button, "Toss again");
    let wanted = harness.state().state.learned.wanted().step.unwrap();
    assert_eq!((wanted.excerpt, wanted.toss), (24, 1));
}

#[test]
fn the_explanation_closes_for_good_and_the_arrow_keys_choose_units() {
    let mut harness = harness_of(card(LearnedTab::Network), NARROW);
    press(&mut harness, Role::Button, "Got it");
    assert_eq!(harness.state().commands, [Command::CloseNetworkExplanation]);
    harness.state_mut().state.learned.is_explained = true;
    harness.run_steps(3);
    assert!(harness.query_by_label("Got it").is_none());
    let dots = harness
        .get_by(|node| node.label().unwrap_or_default().starts_with("Hidden units: unit 1 of"));
    dots.focus();
    harness.run_steps(2);
    harness.key_press(Key::ArrowRight);
    harness.run_steps(2);
    assert_eq!(harness.state().state.learned.selected, 1);
    assert_eq!(harness.state().state.learned.wanted().units.unwrap().others, [1]);
}

#[test]
fn a_tab_that_is_closed_gives_its_textures_back() {
    let (builder, _) = testing::builder::<Card>(WIDE, Theme::Dark);
    let mut harness = builder.build_ui_state(card_ui, card(LearnedTab::OneStep));
    harness.run_steps(4);
    let count = |harness: &Harness<'static, Card>| {
        let textures = harness.ctx.tex_manager();
        let manager = textures.read();
        manager.num_allocated()
    };
    let open = count(&harness);
    press(&mut harness, Role::Tab, "Histograms");
    assert_eq!(harness.state().state.learned.tab, LearnedTab::Histograms);
    assert_eq!(count(&harness), open - 4);
    press(&mut harness, Role::Button, TITLE);
    assert!(!harness.state().state.learned.is_open);
    assert!(harness.query_by_role_and_label(Role::Tab, "Histograms").is_none());
}

#[test]
fn the_edge_moves_by_key() {
    let (builder, _) = testing::builder::<Card>(vec2(764.0, 600.0), Theme::Dark);
    let mut harness = builder.build_ui_state(
        |ui: &mut Ui, card: &mut Card| {
            let seen = Seen { run: &card.state.run, data: &card.state.data };
            learned_ui(ui, seen, &mut card.state.learned, 600.0, &mut card.commands);
        },
        card(LearnedTab::Histograms),
    );
    harness.run_steps(3);
    let edge = harness.get_by_role(Role::Splitter);
    edge.focus();
    harness.run_steps(2);
    harness.key_press(Key::ArrowUp);
    harness.run_steps(2);
    let expected = (600.0 * SHARE).round() + 16.0;
    assert_eq!(harness.state().state.learned.height, Some(expected));
}

#[test]
fn every_tab_can_be_drawn_before_there_is_a_picture_and_in_every_size() {
    for tab in LearnedTab::ALL {
        for size in [vec2(360.0, 220.0), NARROW, vec2(1800.0, 900.0)] {
            let mut empty = card(tab);
            empty.state.run.snapshot = None;
            harness_of(empty, size);
            let mut waiting = card(tab);
            let snapshot = waiting.state.run.snapshot.as_mut().unwrap();
            let (n_visible, n_hidden) = (snapshot.n_visible, snapshot.n_hidden);
            *snapshot = ModelSnapshot { n_visible, n_hidden, ..ModelSnapshot::default() };
            harness_of(waiting, size);
            harness_of(card(tab), size);
        }
    }
}
