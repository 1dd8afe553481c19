//! The window on the graphics card in every state, and where its buttons lead.

use egui::{Role, Theme, vec2};
use egui_kittest::kittest::Queryable as _;

use super::examples;
use super::gpu::{verdict, why_no_install};
use super::tests::{LARGE, check_button, window, window_of};
use crate::gpu_pack::{Driver, PackState, Status};
use crate::ui::command::Command;
use crate::ui::gpu_state::GpuWork;
use crate::ui::state::State;

fn open(driver: Driver, pack: PackState) -> State {
    let status = Status {
        driver,
        pack,
        folder: "/home/me/.local/share/harmonium/gpu-pack-2.11.0".into(),
        left_over_bytes: 0,
        download_bytes: 2_208_104_204,
        unpacked_bytes: 2_233_316_972,
        is_built_in: false,
    };
    let mut state = examples::with_pieces();
    state.device.why_no_cuda = status.why_no_cuda();
    state.device.is_cuda = Some(status.why_no_cuda().is_none());
    state.gpu.status = Some(status);
    state.gpu.is_shown = true;
    state
}

fn ready() -> Driver {
    let card = Some("NVIDIA GeForce RTX 4060".to_owned());
    Driver::Ready { version: Some("580.95.05".to_owned()), card }
}

fn old() -> Driver {
    Driver::TooOld { version: "535.183.01".to_owned(), card: None }
}

#[test]
fn every_state_says_in_words_what_is_missing() {
    for (driver, pack, words) in [
        (Driver::NotHere, PackState::Missing, "Linux"),
        (Driver::NoCard, PackState::Missing, "there is no NVIDIA graphics card"),
        (Driver::NoDriver, PackState::Missing, "no NVIDIA driver"),
        (old(), PackState::Missing, "535.183.01"),
        (ready(), PackState::Missing, "the GPU pack is not installed"),
        (ready(), PackState::Damaged { reason: "a.so is missing".to_owned() }, "a.so is missing"),
        (ready(), PackState::Installed { bytes: 1 }, "trains on the graphics card"),
    ] {
        let state = open(driver, pack);
        let said = verdict(&state);
        assert!(said.contains(words) && said.ends_with('.'), "{said}");
        let harness = window(state);
        let _shown = harness.get_by_label(&said);
    }
}

#[test]
fn its_buttons_do_what_they_say_or_say_why_not() {
    let missing = || open(ready(), PackState::Missing);
    check_button(missing(), "Install", Command::InstallGpuPack(None));
    check_button(missing(), "From a folder…", Command::ChooseWheels);
    let installed = open(ready(), PackState::Installed { bytes: 2_300_000_000 });
    check_button(installed, "Remove", Command::RemoveGpuPack);
    let why = |state: State| why_no_install(state.gpu.status.as_ref().unwrap());
    assert_eq!(why(missing()), None);
    assert_eq!(why(open(old(), PackState::Missing)), None, "a compatibility package may help");
    let words = why(open(Driver::NoCard, PackState::Missing)).unwrap();
    assert!(words.contains("of no use") && words.contains("no NVIDIA graphics card"), "{words}");
    assert!(why(open(ready(), PackState::Installed { bytes: 1 })).is_some());
    let mut harness = window(open(Driver::NoCard, PackState::Missing));
    harness.get_by_role_and_label(Role::Button, "Install").click();
    harness.run_steps(3);
    assert_eq!(harness.state().commands, []);
}

#[test]
fn an_installation_shows_how_far_it_is_and_can_be_cancelled() {
    let working = |is_cancelling| {
        let mut state = open(ready(), PackState::Missing);
        let what = "Downloading nvidia-cublas==13.1.0.3 (2 of 11)".to_owned();
        state.gpu.work = Some(GpuWork::Installing { what, share: 0.37, is_cancelling });
        state
    };
    let harness = window(working(false));
    for words in ["Downloading nvidia-cublas==13.1.0.3 (2 of 11)", "37 %"] {
        let _shown = harness.get_by_label_contains(words);
    }
    assert!(harness.query_by_role_and_label(Role::Button, "Install").is_none());
    check_button(working(false), "Cancel", Command::CancelGpuPack);
    let mut harness = window(working(true));
    harness.get_by_role_and_label(Role::Button, "Cancel").click();
    harness.run_steps(3);
    assert_eq!(harness.state().commands, []);
}

#[test]
fn the_device_chip_opens_and_closes_it() {
    let mut closed = open(ready(), PackState::Missing);
    closed.gpu.is_shown = false;
    check_button(closed, "CPU · 8 threads", Command::ShowGpu(true));
    check_button(open(ready(), PackState::Missing), "CPU · 8 threads", Command::ShowGpu(false));
}

#[test]
fn it_fits_into_every_window_on_every_ground() {
    for look in [Theme::Dark, Theme::Light] {
        for size in [vec2(1000.0, 640.0), LARGE] {
            let mut state = open(ready(), PackState::Missing);
            state.gpu.trouble = Some("Something went wrong. ".repeat(12));
            let (harness, _) = window_of(state, size, look);
            let remove = harness.get_by_role_and_label(Role::Button, "Remove").rect();
            assert!(remove.bottom() <= size.y && remove.right() <= size.x, "{remove:?}");
        }
    }
}
