//! The program behind the window, driven by commands: no window, no display, no sound device.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::generate::ScoreSettings;
use crate::midi;
use crate::music::{PianoRoll, PitchRange, RollNote};
use crate::platform::Places;
use crate::ui::command::Command;
use crate::ui::state::{ExportScope, NoticeKind, PathPurpose, RollSource, RunPhase, State};

use super::App;

/// Nothing here takes a tenth of this.
const HANG: Duration = Duration::from_mins(1);

struct Desk {
    app: App,
    ctx: egui::Context,
    folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let places = Places {
            soundfont: Places::find().soundfont,
            demo_set: None,
            config_dir: folder.path().join("config"),
            state_dir: folder.path().join("state"),
            remarks: Vec::new(),
        };
        let app = App::new(places, Arc::new(|| {})).unwrap();
        let ctx = egui::Context::default();
        crate::ui::theme::install(&ctx);
        Self { app, ctx, folder }
    }

    fn with_songs() -> Self {
        let mut desk = Self::new();
        let songs = desk.write_songs();
        desk.does(Command::AddPaths(vec![songs]));
        desk.wait_until(|state| state.data.import.is_none());
        // Small and quick.
        for (key, value) in [("hidden_units", "8"), ("epochs", "6"), ("chains", "10")] {
            desk.does(Command::SetSetting { key, value: value.to_owned() });
        }
        desk
    }

    fn write_songs(&self) -> PathBuf {
        let folder = self.folder.path().join("songs");
        std::fs::create_dir_all(&folder).unwrap();
        for song in 0..6_u32 {
            let note = |n: u32| RollNote {
                start_step: 4 * n,
                n_steps: 3,
                pitch: 60 + ((n * (song + 2)) % 5 * 2) as u8,
            };
            let notes: Vec<RollNote> = (0..16).map(note).collect();
            let roll = PianoRoll::from_notes(&notes, 64, PitchRange::REFERENCE, 4);
            let score = crate::generate::roll_to_score(&roll, &ScoreSettings::default());
            std::fs::write(folder.join(format!("{song}.mid")), midi::write(&score)).unwrap();
        }
        std::fs::write(folder.join("broken.mid"), b"no music").unwrap();
        folder
    }

    fn state(&self) -> &State {
        self.app.state()
    }

    /// A frame in which a person does this.
    fn does(&mut self, command: Command) {
        self.app.push(command);
        self.frame();
    }

    fn frame(&mut self) {
        self.app.hear();
        let app = &mut self.app;
        let output = self.ctx.run_ui(egui::RawInput::default(), |ui| app.frame(ui));
        drop(output);
    }

    fn wait_until(&mut self, is_awaited: impl Fn(&State) -> bool) {
        let deadline = Instant::now() + HANG;
        while !is_awaited(self.state()) {
            assert!(Instant::now() < deadline, "{:?}", self.state().notices);
            std::thread::sleep(Duration::from_millis(2));
            self.frame();
        }
    }

    fn trained() -> Self {
        let mut desk = Self::with_songs();
        desk.does(Command::Train);
        desk.wait_until(|state| matches!(state.run.phase, RunPhase::Ended { .. }));
        desk
    }

    fn with_pieces() -> Self {
        let mut desk = Self::trained();
        desk.does(Command::SetPieces(3));
        desk.does(Command::SetBars(4));
        desk.does(Command::SetGibbsSteps(5));
        desk.does(Command::Generate);
        desk.wait_until(|state| state.music.generating.is_none());
        desk
    }
}

fn errors(state: &State) -> Vec<&str> {
    let errors = state.notices.iter().filter(|notice| notice.kind == NoticeKind::Error);
    errors.map(|notice| notice.text.as_str()).collect()
}

#[test]
fn a_folder_becomes_songs_and_a_damaged_file_is_reported() {
    let mut desk = Desk::with_songs();
    assert_eq!(desk.state().data.songs.len(), 7);
    assert_eq!(desk.state().data.totals.n_songs, 6);
    desk.wait_until(|state| state.data.miniatures.iter().any(|small| !small.notes.is_empty()));
    let broken = desk.state().data.songs.iter().find(|song| song.title.contains("broken")).unwrap();
    assert!(broken.report.reason.is_some());
    desk.does(Command::IncludeSong { song: 0, is_included: false });
    assert_eq!(desk.state().data.totals.n_songs, 5);
}

#[test]
fn turning_an_encoding_knob_encodes_the_songs_anew() {
    let mut desk = Desk::with_songs();
    let before = desk.state().data.totals.n_excerpts;
    desk.does(Command::SetSetting { key: "steps_per_beat", value: "2".to_owned() });
    desk.wait_until(|state| {
        let mut taken = state.data.songs.iter().filter(|song| song.is_taken());
        taken.all(|song| song.roll_settings.steps_per_beat == 2)
    });
    assert!(desk.state().data.totals.n_excerpts < before);
    assert_eq!(errors(desk.state()), [""; 0]);
}

#[test]
fn training_reports_every_epoch_and_a_second_run_keeps_the_first() {
    let mut desk = Desk::trained();
    assert_eq!(desk.state().run.history.epochs.len(), 6);
    assert_eq!(desk.state().run.phase, RunPhase::Ended { is_complete: true });
    desk.does(Command::Train);
    desk.wait_until(|state| state.run.phase == RunPhase::Training);
    assert_eq!(desk.state().run.earlier.len(), 1);
    desk.wait_until(|state| matches!(state.run.phase, RunPhase::Ended { .. }));
    assert_eq!(desk.state().run.history.epochs.len(), 6);
}

#[test]
fn a_single_step_is_an_epoch_and_then_it_waits() {
    let mut desk = Desk::with_songs();
    desk.does(Command::StepEpoch);
    desk.wait_until(|state| {
        state.run.phase == RunPhase::Paused && state.run.history.epochs.len() == 1
    });
    desk.does(Command::StepEpoch);
    desk.wait_until(|state| {
        state.run.phase == RunPhase::Paused && state.run.history.epochs.len() == 2
    });
    desk.does(Command::ResetRun);
    desk.wait_until(|state| state.run.phase == RunPhase::Idle);
}

#[test]
fn a_run_that_failed_says_so_and_the_window_goes_on() {
    let mut desk = Desk::with_songs();
    // Every song is left out: there is nothing to train on.
    let songs = desk.state().data.songs.len();
    for song in 0..songs {
        desk.does(Command::IncludeSong { song, is_included: false });
    }
    desk.does(Command::Train);
    assert!(errors(desk.state()).iter().any(|text| text.contains("nothing to train on")));
    assert_eq!(desk.state().run.phase, RunPhase::Idle);
}

#[test]
fn pieces_are_shown_kept_and_exported() {
    let mut desk = Desk::with_pieces();
    assert_eq!(desk.state().music.pieces.len(), 3);
    let first = desk.state().music.pieces[0].id;
    assert_eq!(desk.state().roll.source, Some(RollSource::Piece(first)));
    assert_eq!(desk.state().roll.roll.as_ref().unwrap().n_steps(), 64);
    desk.does(Command::FavouritePiece { piece: first, is_favourite: true });

    let path = desk.folder.path().join("one.mid");
    let purpose = PathPurpose::ExportMidi(ExportScope::Shown);
    desk.does(Command::AcceptPath { purpose, path: path.clone() });
    let score = midi::read(&std::fs::read(&path).unwrap()).unwrap().to_score();
    assert_eq!(score.note_count(), desk.state().roll.notes.len());

    let all = desk.folder.path().join("all");
    std::fs::create_dir(&all).unwrap();
    let purpose = PathPurpose::ExportWav(ExportScope::AllPieces);
    desk.does(Command::AcceptPath { purpose, path: all.clone() });
    desk.wait_until(|state| state.export.is_none());
    assert_eq!(std::fs::read_dir(&all).unwrap().count(), 3, "{:?}", errors(desk.state()));
}

#[test]
fn a_project_comes_back_with_its_model_and_pieces() {
    let mut desk = Desk::with_pieces();
    let path = desk.folder.path().join("kept.harmonium");
    desk.does(Command::AcceptPath { purpose: PathPurpose::SaveProject, path: path.clone() });
    desk.wait_until(|state| !state.project.is_busy);
    assert!(!desk.state().project.is_dirty);

    let mut other = Desk::new();
    other.does(Command::OpenPath(path));
    other.wait_until(|state| state.run.facts.is_some());
    assert_eq!(other.state().project.name(), "kept");
    assert_eq!(other.state().music.pieces.len(), 3);
    assert_eq!(other.state().run.history, desk.state().run.history);
    assert!(other.state().run.phase.has_model());
    other.does(Command::Generate);
    other.wait_until(|state| state.music.generating.is_none());
    assert!(other.state().music.pieces.len() > 3, "{:?}", errors(other.state()));
}

#[test]
fn a_project_that_cannot_be_opened_is_named() {
    let mut desk = Desk::new();
    let path = desk.folder.path().join("damaged.harmonium");
    std::fs::write(&path, b"not a project").unwrap();
    desk.does(Command::OpenPath(path));
    desk.wait_until(|state| !state.notices.is_empty());
    let errors = errors(desk.state());
    assert!(errors.iter().any(|text| text.contains("damaged.harmonium")), "{errors:?}");
}

#[test]
fn closing_asks_while_training_runs_and_not_when_all_is_saved() {
    let mut desk = Desk::new();
    assert!(desk.app.may_close_now());
    let mut desk = Desk::with_songs();
    desk.does(Command::SetSetting { key: "epochs", value: "100000".to_owned() });
    desk.does(Command::Train);
    desk.wait_until(|state| state.run.phase == RunPhase::Training);
    assert!(!desk.app.may_close_now());
    assert!(desk.state().close_question.unwrap().is_training);
    desk.does(Command::ConfirmClose);
    assert!(desk.app.may_close_now());
}

#[test]
fn a_path_is_asked_for_in_the_window_where_no_dialog_exists() {
    let mut desk = Desk::with_pieces();
    desk.app.dialogs.pretend_missing(PathPurpose::SaveProject);
    desk.frame();
    let prompt = desk.state().path_prompt.clone().unwrap();
    assert_eq!(prompt.purpose, PathPurpose::SaveProject);
    assert!(prompt.text.ends_with(".harmonium"));
    desk.does(Command::CancelPath);
    assert_eq!(desk.state().path_prompt, None);
    desk.app.dialogs.pretend_missing(PathPurpose::AddFolders);
    desk.frame();
    assert!(desk.state().data.is_path_field_shown);
}
