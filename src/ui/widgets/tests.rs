//! The small parts: what they look like, and that each can be found by its name.

use egui::accesskit::Role;
use egui::{Key, Theme, vec2};
use egui_kittest::kittest::Queryable as _;

use super::*;
use crate::music::{PitchRange, RollNote};
use crate::ui::icons::{Icon, Sign};
use crate::ui::testing;

fn some_notes() -> Vec<RollNote> {
    (0..64)
        .map(|n: u32| RollNote {
            start_step: n,
            n_steps: 1 + n % 3,
            pitch: 48 + (n * 5 % 24) as u8,
        })
        .collect()
}

#[test]
fn the_small_parts_look_as_they_should() {
    let notes = some_notes();
    let counts: Vec<u32> = (0..78_u32).map(|n| (40 - n.abs_diff(38)) * (1 + n * 7 % 5)).collect();
    testing::check_snapshots("bits", vec2(620.0, 370.0), |ui| {
        section_header(ui, "2 · Model", "2 340 visible × 50 hidden · 119 k weights");
        ui.horizontal(|ui| {
            ui.add(ActionButton::new("Pause").with_sign(Sign::Pause).primary());
            ui.add(ActionButton::new("Step"));
            ui.add(ActionButton::new("Reset").with_icon(Icon::RotateCcw));
            ui.add(ActionButton::sign(Sign::ToStart, "To start"));
            ui.add(ActionButton::sign(Sign::Play, "Play").primary());
            ui.add(ActionButton::sign(Sign::Stop, "Stop"));
            ui.add(ActionButton::icon(Icon::Repeat, "Loop").on(true));
            ui.add(ActionButton::icon(Icon::Star, "Favourite").quiet());
            ui.add_enabled(false, ActionButton::new("Export").with_icon(Icon::Download));
            ui.add(ActionButton::new("Focused")).request_focus();
        });
        ui.horizontal(|ui| {
            segmented(ui, "Algorithm", &mut 1, &["CD", "PCD"]);
            segmented(ui, "Start from", &mut 0, &["Silence", "Noise", "Song", "Selection"]);
        });
        tab_bar(ui, &mut 0, &["Reconstruction error", "Free energy", "Weights"]);
        ui.horizontal(|ui| {
            let palette = theme::palette(ui);
            ui.add(Chip::new("run 7").line(LineSample::of_run(palette, None)));
            ui.add(Chip::new("run 5").line(LineSample::of_run(palette, Some(3))));
            ui.add(Chip::new("Electric Piano").icon(Icon::ChevronDown));
            ui.add(Chip::new("CUDA · H100 · 1.2 GB").fact());
            ui.add(ProgressBar::new("Training", 0.62).width(140.0));
        });
        theme::palette(ui).card_frame().show(ui, |ui| {
            section_header(ui, "Note histogram", "C1–F♯7");
            ui.add(NoteHistogram::new(&counts, PitchRange::REFERENCE));
        });
        ui.horizontal(|ui| {
            ui.label("Clocks – Intro");
            ui.add(MiniRoll::new(&notes, 66));
            ui.add(MiniRoll::new(&notes, 66).played(ui, true).play_head(Some(20.0)));
            slim_slider(ui, "Volume", &mut 0.7, 72.0);
        });
    });
}

#[test]
fn every_button_is_found_by_its_name_and_pressed_by_key() {
    let (builder, _) = testing::builder::<u32>(vec2(300.0, 80.0), Theme::Dark);
    let mut harness = builder.build_ui_state(
        |ui, n_clicks: &mut u32| {
            ui.horizontal(|ui| {
                let button = ActionButton::icon(Icon::Repeat, "Loop").shortcut("L");
                *n_clicks += u32::from(ui.add(button).clicked());
            });
        },
        0,
    );
    harness.run();
    harness.get_by_role_and_label(Role::Button, "Loop").click();
    harness.run_steps(3);
    assert_eq!(*harness.state(), 1);
    harness.get_by_label("Loop").focus();
    harness.run_steps(2);
    harness.key_press(Key::Space);
    harness.run_steps(2);
    assert_eq!(*harness.state(), 2);
}

#[test]
fn a_segment_is_chosen_by_a_click() {
    let (builder, _) = testing::builder::<usize>(vec2(300.0, 80.0), Theme::Dark);
    let mut harness = builder.build_ui_state(
        |ui, chosen: &mut usize| {
            segmented(ui, "Algorithm", chosen, &["CD", "PCD"]);
        },
        0,
    );
    harness.run();
    harness.get_by_label("Algorithm: PCD").click();
    harness.run_steps(3);
    assert_eq!(*harness.state(), 1);
}
