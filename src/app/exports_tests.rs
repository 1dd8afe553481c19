//! Taking music away: every kind of file, a folder of them, and what becomes of a cancelled one.

use std::path::{Path, PathBuf};

use super::tests::{Desk, errors};
use crate::audio::{Container, FileFormat};
use crate::midi;
use crate::music::{Performance, Voice};
use crate::ui::command::Command;
use crate::ui::export_plan::ExportPlan;
use crate::ui::state::{ExportScope, NoticeKind, PathPurpose};

fn names_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn folder_of(desk: &Desk, name: &str) -> PathBuf {
    let folder = desk.folder.path().join(name);
    std::fs::create_dir(&folder).unwrap();
    folder
}

fn export(desk: &mut Desk, plan: ExportPlan) {
    desk.does(Command::SetExportPlan(Box::new(plan)));
    desk.does(Command::StartExport);
    desk.wait_until(|state| state.export.is_none());
    desk.frame();
}

#[test]
fn a_plan_writes_every_kind_of_file_and_a_table_of_them() {
    let mut desk = Desk::with_pieces();
    let folder = folder_of(&desk, "out");
    let favourite = desk.state().music.pieces[1].id;
    desk.does(Command::FavouritePiece { piece: favourite, is_favourite: true });
    let plan = ExportPlan {
        scope: ExportScope::Favourites,
        has_png: true,
        has_svg: true,
        format: FileFormat { container: Container::Flac, ..FileFormat::default() },
        names: "{name} in {bars}".to_owned(),
        folder: Some(folder.clone()),
        ..ExportPlan::default()
    };
    export(&mut desk, plan.clone());
    assert_eq!(errors(desk.state()), Vec::<&str>::new());
    let piece = &desk.state().music.pieces[1].record;
    let name = format!("{} in 4", piece.name);
    let expected = ["flac", "mid", "png", "svg"].map(|ending| format!("{name}.{ending}"));
    let names = names_in(&folder);
    assert_eq!(names[..4], expected);
    assert_eq!(names[4], "contents.csv");
    let table = std::fs::read_to_string(folder.join("contents.csv")).unwrap();
    assert_eq!(table.lines().count(), 5);
    assert!(table.contains(&format!("\"{name}.flac\",1,\"{}\",{},yes,", piece.name, piece.seed)));
    let told = desk.state().notices.last().unwrap();
    assert_eq!((told.kind, told.path.as_ref()), (NoticeKind::Success, Some(&folder)));

    let before = std::fs::read(folder.join(&expected[1])).unwrap();
    export(&mut desk, plan);
    assert_eq!(names_in(&folder).len(), 10, "nothing is overwritten");
    assert_eq!(std::fs::read(folder.join(&expected[1])).unwrap(), before);
    assert!(folder.join(format!("{name} (2).mid")).exists());
}

#[test]
fn the_midi_file_has_what_is_heard() {
    let mut desk = Desk::with_pieces();
    let performance = Performance { is_divided: true, chords_from: 62, ..Performance::default() };
    desk.app.state.sound.performance = performance;
    let path = desk.folder.path().join("divided");
    let purpose = PathPurpose::ExportMidi(ExportScope::Shown);
    desk.does(Command::AcceptPath { purpose, path: path.clone() });
    desk.wait_until(|state| state.export.is_none());
    let file = midi::read(&std::fs::read(path.with_extension("mid")).unwrap()).unwrap();
    assert_eq!(file.warnings, Vec::<String>::new());
    let score = file.to_score();
    assert_eq!(score.note_count(), desk.state().roll.notes.len());
    assert_eq!(score.key, desk.state().roll.key);
    for track in &score.tracks {
        let voice = Voice::ALL.into_iter().find(|voice| voice.name() == track.name).unwrap();
        assert!(track.notes.iter().all(|note| performance.voice_of(note.pitch) == voice));
        assert_eq!(track.program, performance.voices[voice as usize].program);
    }
}

#[test]
fn a_cancelled_export_leaves_whole_files_only() {
    let mut desk = Desk::with_pieces();
    let folder = folder_of(&desk, "out");
    let plan = ExportPlan {
        scope: ExportScope::AllPieces,
        format: FileFormat { sample_rate: 96_000, ..FileFormat::default() },
        folder: Some(folder.clone()),
        ..ExportPlan::default()
    };
    desk.does(Command::SetExportPlan(Box::new(plan)));
    desk.does(Command::StartExport);
    assert!(desk.state().export.is_some());
    desk.does(Command::CancelExport);
    desk.wait_until(|state| state.export.is_none());
    for name in names_in(&folder) {
        let bytes = std::fs::read(folder.join(&name)).unwrap();
        assert!(!name.starts_with('.'), "{name} is a file aside");
        match name.rsplit('.').next() {
            Some("mid") => drop(midi::read(&bytes).unwrap()),
            Some("wav") => drop(hound::WavReader::new(&bytes[..]).unwrap()),
            _ => assert!(name == "contents.csv", "{name}"),
        }
    }
    let told = desk.state().notices.last().unwrap();
    assert!(told.text.contains("cancelled") || told.text.contains("Wrote"), "{}", told.text);
}

#[test]
fn a_folder_that_is_gone_is_named_and_a_missing_one_is_asked_for() {
    let mut desk = Desk::with_pieces();
    let gone = desk.folder.path().join("gone");
    export(
        &mut desk,
        ExportPlan { scope: ExportScope::AllPieces, folder: Some(gone), ..ExportPlan::default() },
    );
    assert!(errors(desk.state())[0].contains("gone"));
    desk.app.dialogs.are_missing = true;
    export(&mut desk, ExportPlan { scope: ExportScope::AllPieces, ..ExportPlan::default() });
    desk.wait_until(|state| state.path_prompt.is_some());
    let prompt = desk.state().path_prompt.clone().unwrap();
    assert_eq!(prompt.purpose, PathPurpose::ExportFolder);
    let folder = folder_of(&desk, "out");
    desk.does(Command::AcceptPath { purpose: prompt.purpose, path: folder.clone() });
    assert_eq!(desk.state().export_plan.folder, Some(folder));
}

#[test]
fn a_folder_that_cannot_be_shown_gives_its_path() {
    let mut desk = Desk::new();
    let path = desk.folder.path().join("no/such/file.mid");
    desk.does(Command::ShowInFolder(path.clone()));
    desk.wait_until(|state| !state.notices.is_empty());
    let told = &desk.state().notices[0];
    assert!(told.text.contains("cannot be shown"), "{}", told.text);
    assert_eq!(told.path, Some(path));
}
