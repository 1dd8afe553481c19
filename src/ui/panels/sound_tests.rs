//! The sound window: every control pushes what it says, and it fits on every ground.

use egui::{Role, Theme, vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::examples;
use super::tests::{LARGE, check_button, check_disabled, window, window_of};
use crate::music::Performance;
use crate::ui::command::Command;
use crate::ui::sound_state::FontStatus;
use crate::ui::state::State;

fn open(change: impl FnOnce(&mut Performance)) -> State {
    let mut state = examples::with_pieces();
    state.sound.is_shown = true;
    change(&mut state.sound.performance);
    state
}

/// How it is played after this is pressed.
fn after(state: State, role: Role, name: &str) -> Performance {
    let mut harness = window(state);
    harness.get_by_role_and_label(role, name).click();
    harness.run_steps(3);
    let commands = &harness.state().commands;
    let [Command::SetPerformance(performance)] = &commands[..] else {
        panic!("{name}: {commands:?}");
    };
    **performance
}

#[test]
fn the_button_in_the_transport_opens_and_closes_it() {
    check_button(examples::with_songs(), "Sound", Command::ShowSound(true));
    check_button(open(|_| {}), "Sound", Command::ShowSound(false));
}

#[test]
fn every_switch_pushes_what_it_says() {
    assert!(after(open(|_| {}), Role::CheckBox, "Divide into voices").is_divided);
    assert!(!after(open(|_| {}), Role::CheckBox, "Reverb").effects.reverb);
    assert!(!after(open(|_| {}), Role::CheckBox, "Chorus").effects.chorus);
    let divided = || open(|p| p.is_divided = true);
    assert!(after(divided(), Role::Button, "Mute melody").voices[2].is_muted);
    assert!(after(divided(), Role::Button, "Mute bass").voices[0].is_muted);
    check_button(open(|_| {}), "Panic", Command::Panic);
    check_button(open(|_| {}), "Choose…", Command::ChooseSoundFont);
    let mut harness = window(open(|_| {}));
    harness.get_by_role_and_label(Role::CheckBox, "Metronome").click();
    harness.run_steps(3);
    harness.get_by_role_and_label(Role::RadioButton, "Count-in: 1 bar").click();
    harness.run_steps(3);
    let expected = [Command::SetMetronome(true), Command::SetCountIn(1)];
    assert_eq!(harness.state().commands, expected);
}

#[test]
fn what_has_no_meaning_now_is_disabled() {
    check_disabled(open(|_| {}), Role::Button, "Mute bass");
    check_disabled(open(|_| {}), Role::Button, "Draw a humanise seed by chance");
    check_disabled(open(|_| {}), Role::Button, "Built in");
    let loose = open(|p| p.humanise_ms = 5.0);
    check_button(loose, "Draw a humanise seed by chance", Command::DrawHumaniseSeed);
}

#[test]
fn a_slider_is_read_with_its_value_and_moved_by_the_keyboard() {
    let mut harness = window(open(|p| p.humanise_ms = 12.0));
    let _words = harness.get_by_label("±12 ms");
    let slider = harness.get_by_role_and_label(Role::Slider, "Loose timing");
    assert_eq!(slider.accesskit_node().numeric_value(), Some(12.0));
    slider.focus();
    harness.run_steps(2);
    harness.key_press(egui::Key::ArrowRight);
    harness.run_steps(2);
    let commands = &harness.state().commands;
    let Some(Command::SetPerformance(performance)) = commands.first() else {
        panic!("{commands:?}");
    };
    assert!(performance.humanise_ms > 12.0);
}

#[test]
fn a_font_that_was_refused_says_why() {
    let mut state = open(|_| {});
    state.sound.font.chosen = Some("/fonts/mine.sf2".into());
    let reason = "it crashes the synthesiser".to_owned();
    state.sound.font.status = FontStatus::Refused { reason };
    let harness = window(state);
    let _name = harness.get_by_label("SoundFont: mine.sf2");
    let _reason = harness.get_by_label_contains("it crashes the synthesiser");
}

#[test]
fn it_fits_into_every_window_on_every_ground() {
    for look in [Theme::Dark, Theme::Light] {
        for size in [vec2(1000.0, 640.0), LARGE] {
            let (harness, _) = window_of(open(|p| p.is_divided = true), size, look);
            let choose = harness.get_by_role_and_label(Role::Button, "Choose…").rect();
            assert!(choose.bottom() <= size.y && choose.right() <= size.x, "{choose:?}");
        }
    }
}

/// Writes pictures of the windows of this part, to look at.
#[test]
fn pictures_of_sound_and_export() {
    let Some(folder) = std::env::var_os("HARMONIUM_PICTURES") else { return };
    for (look, name) in [(Theme::Dark, "dark"), (Theme::Light, "light")] {
        for (size, wide) in [(vec2(1000.0, 640.0), "small"), (LARGE, "large")] {
            let mut export = examples::with_pieces();
            export.is_export_shown = true;
            for (state, what) in [(open(|p| p.is_divided = true), "sound"), (export, "export")] {
                let (mut harness, textures) = window_of(state, size, look);
                harness.run_steps(30);
                let image = crate::ui::testing::render(&harness, &textures);
                let path = std::path::Path::new(&folder).join(format!("{what}_{name}_{wide}.png"));
                crate::ui::testing::write_png(&path, &image);
            }
        }
    }
}
