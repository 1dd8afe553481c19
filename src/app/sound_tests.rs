//! The sound window's settings are kept, undone and heard; SoundFonts are tried before they play.

use std::path::{Path, PathBuf};

use super::tests::{Desk, errors};
use crate::music::Performance;
use crate::ui::command::Command;
use crate::ui::sound_state::FontStatus;
use crate::ui::state::PathPurpose;

fn set(desk: &mut Desk, change: impl FnOnce(&mut Performance)) {
    let mut performance = desk.state().sound.performance;
    change(&mut performance);
    desk.does(Command::SetPerformance(Box::new(performance)));
}

#[test]
fn each_sound_setting_is_a_step_back_with_words() {
    let mut desk = Desk::new();
    set(&mut desk, |p| p.is_divided = true);
    assert_eq!(desk.state().undo.undo.as_deref(), Some("Divide into voices"));
    set(&mut desk, |p| p.swing_percent = 60.0);
    assert_eq!(desk.state().undo.undo.as_deref(), Some("Set swing"));
    desk.does(Command::SetMetronome(true));
    assert_eq!(desk.state().undo.undo.as_deref(), Some("Switch the metronome"));
    desk.does(Command::Undo);
    assert!(!desk.state().sound.is_metronome_on);
    desk.does(Command::Undo);
    assert_eq!(desk.state().sound.performance.swing_percent, 50.0);
    assert!(desk.state().sound.performance.is_divided);
    desk.does(Command::Redo);
    assert_eq!(desk.state().sound.performance.swing_percent, 60.0);
}

#[test]
fn odd_values_are_mended_and_what_changes_nothing_is_no_step() {
    let mut desk = Desk::new();
    set(&mut desk, |p| p.swing_percent = 5000.0);
    assert_eq!(desk.state().sound.performance.swing_percent, 75.0);
    desk.does(Command::SetCountIn(99));
    assert_eq!(desk.state().sound.count_in_bars, 2);
    let before = desk.state().undo.clone();
    set(&mut desk, |_| {});
    assert_eq!(desk.state().undo, before);
}

#[test]
fn a_project_keeps_its_sound_and_the_next_start_too() {
    let mut desk = Desk::with_songs();
    set(&mut desk, |p| p.accent = 0.5);
    desk.does(Command::SetProgram(20));
    let path = desk.folder.path().join("kept.harmonium");
    desk.does(Command::AcceptPath { purpose: PathPurpose::SaveProject, path: path.clone() });
    desk.wait_until(|state| !state.project.is_busy);
    let mut other = Desk::new();
    assert_eq!(other.state().sound.performance, Performance::default());
    other.does(Command::OpenPath(path));
    other.wait_until(|state| !state.data.songs.is_empty());
    assert_eq!(other.state().sound.performance, desk.state().sound.performance);
    assert_eq!(other.state().transport.program, 20);
    assert!(!other.state().project.is_dirty);

    desk.app.store_preferences();
    let again = super::App::new(desk.app.places.clone(), std::sync::Arc::new(|| {})).unwrap();
    assert_eq!(again.state().sound.performance, desk.state().sound.performance);
}

#[test]
fn the_metronome_is_heard_and_not_exported() {
    let mut desk = Desk::with_pieces();
    let heard = desk.app.shown_score().unwrap();
    desk.does(Command::SetMetronome(true));
    let clicked = desk.app.shown_score().unwrap();
    assert_eq!(clicked.tracks.len(), heard.tracks.len() + 1);
    assert!(clicked.tracks.last().unwrap().is_drums);
    let path = desk.folder.path().join("a.mid");
    let purpose = PathPurpose::ExportMidi(crate::ui::state::ExportScope::Shown);
    desk.does(Command::AcceptPath { purpose, path: path.clone() });
    desk.wait_until(|state| state.export.is_none());
    let score = crate::midi::read(&std::fs::read(&path).unwrap()).unwrap().to_score();
    assert!(score.tracks.iter().all(|track| !track.is_drums));
}

/// A program that answers like one that tries a font.
#[cfg(unix)]
fn prober(folder: &Path, script: &str) -> PathBuf {
    use std::os::unix::fs::PermissionsExt as _;
    let path = folder.join("prober");
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}

fn is_checked(status: &FontStatus) -> bool {
    *status != FontStatus::Checking
}

#[cfg(unix)]
#[test]
fn a_font_is_tried_then_plays_and_is_remembered() {
    let mut desk = Desk::new();
    let Some(built_in) = desk.app.places.soundfont.clone() else { return };
    let font = desk.folder.path().join("mine.sf3");
    std::fs::copy(&built_in, &font).unwrap();
    desk.app.places.font_probe = Some(prober(desk.folder.path(), "exit 0"));
    desk.does(Command::AcceptPath { purpose: PathPurpose::SoundFont, path: font.clone() });
    assert_eq!(desk.app.soundfont_to_use(), Some(built_in.clone()), "until it was tried");
    desk.wait_until(|state| is_checked(&state.sound.font.status));
    assert!(matches!(desk.state().sound.font.status, FontStatus::Plays { n_presets: 2.., .. }));
    assert_eq!(desk.app.soundfont_to_use(), Some(font.clone()));
    assert_eq!(desk.state().transport.soundfont_name, "mine.sf3");

    desk.app.store_preferences();
    let places = desk.app.places.clone();
    let again = super::App::new(places, std::sync::Arc::new(|| {})).unwrap();
    assert_eq!(again.state().sound.font.chosen, Some(font));
    desk.does(Command::UseSoundFont(None));
    assert_eq!(desk.app.soundfont_to_use(), Some(built_in));
    desk.does(Command::Undo);
    assert!(desk.state().sound.font.chosen.is_some());
}

#[cfg(unix)]
#[test]
fn a_font_that_crashes_is_missing_or_damaged_is_named_and_the_built_in_one_plays() {
    let mut desk = Desk::new();
    let Some(built_in) = desk.app.places.soundfont.clone() else { return };
    let folder = desk.folder.path().to_owned();
    desk.app.places.font_probe = Some(prober(&folder, "kill -SEGV $$"));
    let crashing = folder.join("crashing.sf3");
    std::fs::copy(&built_in, &crashing).unwrap();
    std::fs::write(folder.join("damaged.sf2"), b"RIFF").unwrap();
    for (number, name) in ["crashing.sf3", "missing.sf2", "damaged.sf2"].into_iter().enumerate() {
        desk.does(Command::UseSoundFont(Some(folder.join(name))));
        desk.wait_until(|state| is_checked(&state.sound.font.status));
        let told = errors(desk.state());
        assert_eq!(told.len(), number + 1);
        assert!(told[number].contains(name) && told[number].contains("built-in"), "{told:?}");
        assert!(matches!(desk.state().sound.font.status, FontStatus::Refused { .. }));
        assert_eq!(desk.app.soundfont_to_use(), Some(built_in.clone()));
    }
}
