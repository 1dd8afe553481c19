//! Pictures of the window in every state: compared with those that were accepted, or to look at.

use std::path::{Path, PathBuf};

use egui::{Role, Theme, vec2};
use egui_kittest::kittest::Queryable as _;

use super::examples;
use super::tests::{LARGE, MadeState, SMALL, window_of};
use crate::ui::state::{CloseQuestion, CurvesView, RunId};
use crate::ui::testing;

#[test]
fn every_state_is_drawn_in_every_size() {
    for size in [vec2(1000.0, 640.0), SMALL, vec2(2560.0, 1440.0)] {
        for state in [
            examples::empty,
            examples::with_pieces,
            examples::composing,
            examples::troubled,
            examples::recovering,
        ] {
            window_of(state(), size, Theme::Light);
        }
    }
}

#[test]
fn the_window_looks_as_it_should() {
    for (name, state, size, look) in [
        ("window_training_dark", examples::training(), LARGE, Theme::Dark),
        ("window_pieces_light", examples::with_pieces(), SMALL, Theme::Light),
        ("window_composing_dark", examples::composing(), LARGE, Theme::Dark),
    ] {
        let (harness, textures) = window_of(state, size, look);
        testing::check_image(name, &testing::render(&harness, &textures));
    }
}

/// Writes pictures of what opens, to look at.
#[test]
fn pictures_of_what_opens() {
    let Some(folder) = std::env::var_os("HARMONIUM_PICTURES") else { return };
    for (name, labels) in [
        ("file", vec!["File"]),
        ("more", vec!["More ways to add songs"]),
        ("figures", vec!["Shown: Reconstruction error"]),
        ("instrument", vec!["Acoustic grand piano"]),
        ("settings", vec!["What it has learned", "All settings"]),
    ] {
        let (mut harness, textures) = window_of(examples::training(), LARGE, Theme::Dark);
        for label in labels {
            harness.get_by_role_and_label(Role::Button, label).click();
            harness.run_steps(8);
        }
        harness.run_steps(30);
        let image = testing::render(&harness, &textures);
        testing::write_png(&Path::new(&folder).join(format!("open_{name}.png")), &image);
    }
    let (mut harness, textures) = window_of(examples::training(), LARGE, Theme::Dark);
    let path = Some(PathBuf::from("/music/New songs"));
    harness.input_mut().hovered_files.push(egui::HoveredFile { path, ..Default::default() });
    harness.step();
    let image = testing::render(&harness, &textures);
    testing::write_png(&Path::new(&folder).join("open_drop.png"), &image);
}

/// With HARMONIUM_PICTURES set to a folder: writes pictures of the window in every state, to look at.
#[test]
fn pictures_to_look_at() {
    let Some(folder) = std::env::var_os("HARMONIUM_PICTURES") else { return };
    let states: [(&str, MadeState); 13] = [
        ("empty", examples::empty),
        ("songs", examples::with_songs),
        ("training", examples::training),
        ("pieces", examples::with_pieces),
        ("troubled", examples::troubled),
        ("diverged", examples::diverged),
        ("recovering", examples::recovering),
        ("runs", examples::with_runs),
        ("runs_compared", || {
            let mut state = examples::with_runs();
            state.run.view.selected = vec![RunId(3), RunId(1)];
            state
        }),
        ("sweep", examples::sweeping),
        ("curves", || {
            let mut state = examples::training();
            state.run.curves = CurvesView { smoothing: 0.8, second: Some(2) };
            state.learned.is_open = false;
            state
        }),
        ("report", || {
            let mut state = examples::with_pieces();
            state.data.is_report_shown = true;
            state
        }),
        ("closing", || {
            let mut state = examples::training();
            state.close_question = Some(CloseQuestion {
                is_training: true,
                is_unsaved: true,
                ..CloseQuestion::default()
            });
            state
        }),
    ];
    for (name, state) in states {
        for (look, look_name) in [(Theme::Dark, "dark"), (Theme::Light, "light")] {
            for (size, size_name) in [(LARGE, "large"), (SMALL, "small")] {
                let (mut harness, textures) = window_of(state(), size, look);
                harness.run_steps(8);
                let image = testing::render(&harness, &textures);
                let name = format!("{name}_{look_name}_{size_name}.png");
                testing::write_png(&Path::new(&folder).join(name), &image);
            }
        }
    }
}
