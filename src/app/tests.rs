//! The program behind the window, driven by commands: no window, no display, no sound device.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::engine::ModelSnapshot;
use crate::generate::ScoreSettings;
use crate::gpu_pack::Pip;
use crate::midi;
use crate::music::{PianoRoll, PitchRange, RollNote};
use crate::platform::Places;
use crate::ui::command::Command;
use crate::ui::learned::{LearnedTab, PinnedUnit};
use crate::ui::state::{
    ExportScope, LikelihoodState, NearestState, NoticeKind, PathPurpose, RollSource, RunPhase,
    State,
};

use super::App;

/// Nothing here takes a tenth of this.
const HANG: Duration = Duration::from_mins(1);

pub(super) struct Desk {
    pub(super) app: App,
    pub(super) ctx: egui::Context,
    pub(super) folder: tempfile::TempDir,
}

impl Desk {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let places = Places {
            soundfont: Places::find().soundfont,
            font_probe: None,
            demo_set: None,
            config_dir: folder.path().join("config"),
            state_dir: folder.path().join("state"),
            data_dir: folder.path().join("data"),
            portable_dir: None,
            remarks: Vec::new(),
        };
        let mut app = App::new(places, Arc::new(|| {})).unwrap();
        // No graphics card of this machine, and nothing is downloaded.
        app.gpu.root = folder.path().join("machine");
        app.gpu.pip = Pip { python: folder.path().join("no-python") };
        let ctx = egui::Context::default();
        crate::ui::theme::install(&ctx);
        Self { app, ctx, folder }
    }

    pub(super) fn with_songs() -> Self {
        let mut desk = Self::new();
        let songs = desk.write_songs();
        desk.does(Command::AddPaths(vec![songs]));
        desk.wait_until(|state| state.data.import.is_none());
        // Small and quick.
        desk.sets(&[("hidden_units", "8"), ("epochs", "6"), ("chains", "10")]);
        desk
    }

    /// Settings by their keys, one command each.
    pub(super) fn sets(&mut self, settings: &[(&'static str, &str)]) {
        for &(key, value) in settings {
            self.does(Command::SetSetting { key, value: value.to_owned() });
        }
    }

    pub(super) fn write_songs(&self) -> PathBuf {
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

    pub(super) fn state(&self) -> &State {
        self.app.state()
    }

    /// A frame in which a person does this.
    pub(super) fn does(&mut self, command: Command) {
        self.app.push(command);
        self.frame();
    }

    pub(super) fn frame(&mut self) {
        self.app.hear();
        let app = &mut self.app;
        let output = self.ctx.run_ui(egui::RawInput::default(), |ui| app.frame(ui));
        drop(output);
    }

    pub(super) fn wait_until(&mut self, is_awaited: impl Fn(&State) -> bool) {
        let deadline = Instant::now() + HANG;
        while !is_awaited(self.state()) {
            assert!(Instant::now() < deadline, "{:?}", self.state().notices);
            std::thread::sleep(Duration::from_millis(2));
            self.frame();
        }
    }

    pub(super) fn trained() -> Self {
        let mut desk = Self::with_songs();
        desk.does(Command::Train);
        desk.wait_until(|state| matches!(state.run.phase, RunPhase::Ended { .. }));
        desk
    }

    pub(super) fn with_pieces() -> Self {
        let mut desk = Self::trained();
        desk.does(Command::SetPieces(3));
        desk.does(Command::SetBars(4));
        desk.does(Command::SetGibbsSteps(5));
        desk.does(Command::Generate);
        desk.wait_until(|state| state.music.generating.is_none());
        desk
    }
}

pub(super) fn errors(state: &State) -> Vec<&str> {
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
    assert_eq!(desk.state().run.earlier.len(), 1);
    desk.wait_until(|state| matches!(state.run.phase, RunPhase::Ended { .. }));
    assert_eq!(desk.state().run.history.epochs.len(), 6);
}

#[test]
fn only_the_pictures_of_the_open_tab_are_made() {
    let mut desk = Desk::trained();
    let open = |desk: &mut Desk, tab: LearnedTab, has: fn(&ModelSnapshot) -> bool| {
        desk.app.state.learned.tab = tab;
        desk.wait_until(|state| state.run.snapshot.as_ref().is_some_and(has));
        desk.state().run.snapshot.clone().unwrap()
    };
    let snapshot = open(&mut desk, LearnedTab::Histograms, |shown| shown.histograms.is_some());
    assert!(snapshot.units.is_none() && snapshot.activity.is_none());
    let snapshot = open(&mut desk, LearnedTab::Particles, |shown| shown.particles.is_some());
    assert!(snapshot.histograms.is_none() && snapshot.units.is_none());
    // What is followed is followed under every tab, and forgotten with its run.
    desk.app.state.learned.pins.push(PinnedUnit { unit: 3, ..PinnedUnit::default() });
    let snapshot = open(&mut desk, LearnedTab::Particles, |shown| shown.units.is_some());
    assert!(snapshot.particles.is_some() && snapshot.unit(3).is_some());
    assert_eq!(desk.state().learned.pins[0].shots[0].epoch, 6);
    desk.app.state.learned.is_open = false;
    desk.does(Command::Train);
    desk.wait_until(|state| matches!(state.run.phase, RunPhase::Ended { .. }));
    assert_eq!(desk.state().learned.pins, []);
    assert!(desk.state().run.snapshot.is_none());
}

#[test]
fn the_explanation_of_the_network_stays_closed() {
    let mut desk = Desk::new();
    assert!(!desk.state().learned.is_explained);
    desk.does(Command::CloseNetworkExplanation);
    assert!(desk.state().learned.is_explained);
    let places = desk.app.places.clone();
    drop(desk.app);
    let next = App::new(places, Arc::new(|| {})).unwrap();
    assert!(next.state().learned.is_explained);
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
fn a_run_that_diverges_is_paused_where_it_was_well_and_goes_on_with_the_proposed_rate() {
    let mut desk = Desk::with_songs();
    desk.sets(&[
        ("epochs", "100000"),
        ("momentum", "0.99"),
        ("learning_rate", "1"),
        ("momentum_start_epochs", "0"),
    ]);
    desk.does(Command::Train);
    desk.wait_until(|state| state.run.divergence.is_some());
    let divergence = desk.state().run.divergence.clone().unwrap();
    assert_eq!(desk.state().run.phase, RunPhase::Paused);
    assert_eq!(desk.state().run.history.epochs.len() as u32, divergence.good_epochs);
    // The card of the curve says it, and nothing else does.
    assert_eq!(errors(desk.state()), [""; 0]);
    assert_eq!(divergence.suggested_rate, 0.1);
    desk.does(Command::SetSetting { key: "momentum", value: "0.5".to_owned() });
    desk.does(Command::TakeProposedRate);
    let epochs = divergence.good_epochs as usize + 2;
    desk.wait_until(|state| state.run.history.epochs.len() >= epochs);
    assert_eq!(desk.state().run.divergence, None);
    assert_eq!(desk.state().settings.learning_rate, 0.1);
    // The record of the run has the settings as they are, and what they were.
    let run = &desk.state().run;
    assert_eq!(run.facts.as_ref().unwrap().settings.learning_rate, 0.1);
    let change = run.history.changes.iter().find(|change| change.key == "learning_rate").unwrap();
    assert_eq!((change.before.as_deref(), change.value.as_str()), (Some("1"), "0.1"));
    assert!(change.epoch <= divergence.good_epochs);
    desk.does(Command::ResetRun);
    desk.wait_until(|state| state.run.phase == RunPhase::Idle);
    assert_eq!(desk.state().run.earlier[0].settings.learning_rate, 0.1);
}

#[test]
fn the_model_of_a_run_that_cannot_go_on_is_heard_and_the_songs_that_differ_are_named() {
    let mut desk = Desk::trained();
    desk.does(Command::IncludeSong { song: 2, is_included: false });
    let path = desk.folder.path().join("other.harmonium");
    desk.does(Command::AcceptPath { purpose: PathPurpose::SaveProject, path: path.clone() });
    desk.wait_until(|state| !state.project.is_busy);
    let mut other = Desk::new();
    other.does(Command::OpenPath(path));
    other.wait_until(|state| matches!(state.run.phase, RunPhase::Failed { .. }));
    let RunPhase::Failed { reason, has_model, ways_on } = other.state().run.phase.clone() else {
        panic!("{:?}", other.state().run.phase)
    };
    assert_eq!(ways_on, [], "the machine is not to blame");
    assert!(has_model && reason.contains("1 song was left out or removed (2)"), "{reason}");
    other.does(Command::Generate);
    other.wait_until(|state| state.music.generating.is_none());
    assert!(!other.state().music.pieces.is_empty(), "{:?}", errors(other.state()));
    // A new run takes its place, and its curve stays.
    other.does(Command::Train);
    other.wait_until(|state| matches!(state.run.phase, RunPhase::Ended { .. }));
    let earlier = &other.state().run.earlier;
    assert_eq!((earlier.len(), earlier[0].history.epochs.len()), (1, 6));
}

#[test]
fn the_command_line_of_the_run_is_copied_as_it_was_started() {
    let mut desk = Desk::with_songs();
    let line = desk.app.run_source().command_line().text;
    assert!(line.contains("Untitled.harmonium") && line.contains("hidden_units=8"), "{line}");
    assert!(!line.contains("--device"), "{line}");
    desk.does(Command::Train);
    desk.wait_until(|state| matches!(state.run.phase, RunPhase::Ended { .. }));
    // What is turned and left out afterwards is not part of the run.
    desk.does(Command::SetSetting { key: "hidden_units", value: "9".to_owned() });
    desk.does(Command::IncludeSong { song: 0, is_included: false });
    let line = desk.app.run_source().command_line();
    let songs = desk.folder.path().join("songs");
    assert!(line.text.contains(&format!("train {} --out", songs.display())), "{}", line.text);
    assert!(line.text.contains("hidden_units=8") && line.text.contains("--device cpu"));
    assert_eq!(line.caveats, [""; 0]);
    desk.does(Command::CopyAsCommand);
    let told = desk.state().notices.last().unwrap();
    assert!(told.text.contains("Copied the command line"), "{}", told.text);
}

#[test]
fn an_early_stop_and_the_epoch_that_is_kept_are_told() {
    let mut desk = Desk::with_songs();
    desk.sets(&[
        ("epochs", "100000"),
        ("early_stop_measure", "held_out_pseudo_log_likelihood"),
        ("early_stop_epochs", "2"),
        ("keep_best", "held_out_pseudo_log_likelihood"),
    ]);
    desk.does(Command::Train);
    desk.wait_until(|state| matches!(state.run.phase, RunPhase::Ended { .. }));
    let told: Vec<&str> = desk.state().notices.iter().map(|notice| notice.text.as_str()).collect();
    let told = told.join("\n");
    assert!(told.contains("stopped early after epoch"), "{told}");
    assert!(told.contains("The model is that of epoch"), "{told}");
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
    desk.wait_until(|state| state.export.is_none());
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
    assert!(!other.state().project.is_dirty, "opening changes nothing");
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
fn a_new_project_asks_before_unsaved_work_is_lost() {
    let mut desk = Desk::with_pieces();
    desk.does(Command::NewProject);
    assert!(desk.state().close_question.unwrap().is_unsaved);
    desk.does(Command::CancelClose);
    assert_eq!(desk.state().music.pieces.len(), 3);
    desk.does(Command::NewProject);
    desk.does(Command::ConfirmClose);
    assert!(desk.state().music.pieces.is_empty() && desk.state().data.songs.is_empty());
}

#[test]
fn what_a_left_project_asked_for_does_not_land_in_the_next() {
    let mut desk = Desk::trained();
    desk.does(Command::SetGibbsSteps(20));
    desk.does(Command::Generate);
    desk.does(Command::SetSetting { key: "steps_per_beat", value: "2".to_owned() });
    desk.does(Command::NewProject);
    desk.does(Command::ConfirmClose);
    let songs = desk.write_songs();
    desk.does(Command::AddPaths(vec![songs]));
    desk.wait_until(|state| state.data.import.is_none());
    assert!(desk.state().music.pieces.is_empty());
    assert_eq!(desk.state().data.songs.len(), 7);
}

#[test]
fn a_name_from_a_project_stays_in_the_folder_that_was_chosen() {
    let mut desk = Desk::with_pieces();
    for piece in &mut desk.app.state.music.pieces {
        piece.record.name = "../../elsewhere".to_owned();
    }
    let all = desk.folder.path().join("all");
    std::fs::create_dir(&all).unwrap();
    let purpose = PathPurpose::ExportMidi(ExportScope::AllPieces);
    desk.does(Command::AcceptPath { purpose, path: all.clone() });
    desk.wait_until(|state| state.export.is_none());
    assert_eq!(std::fs::read_dir(&all).unwrap().count(), 3, "{:?}", errors(desk.state()));
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

#[test]
fn the_likelihood_comes_when_it_is_asked_for_and_goes_with_its_run() {
    let mut desk = Desk::trained();
    assert_eq!(desk.state().run.likelihood, LikelihoodState::Unknown);
    desk.does(Command::EstimateLikelihood);
    desk.wait_until(|state| matches!(state.run.likelihood, LikelihoodState::Known(_)));
    desk.does(Command::ResetRun);
    desk.wait_until(|state| state.run.phase == RunPhase::Idle);
    assert_eq!(desk.state().run.likelihood, LikelihoodState::Unknown);
}

#[test]
fn a_cancelled_estimate_leaves_no_figure() {
    let mut desk = Desk::with_songs();
    // More than can be enumerated.
    desk.does(Command::SetSetting { key: "hidden_units", value: "60".to_owned() });
    desk.does(Command::Train);
    desk.wait_until(|state| matches!(state.run.phase, RunPhase::Ended { .. }));
    desk.does(Command::EstimateLikelihood);
    desk.does(Command::CancelEstimate);
    desk.wait_until(|state| state.run.likelihood == LikelihoodState::Unknown);
    assert_eq!(errors(desk.state()), Vec::<&str>::new());
}

#[test]
fn a_piece_that_is_shown_finds_its_nearest_song() {
    let mut desk = Desk::with_pieces();
    let piece = desk.state().music.pieces[1].id;
    desk.does(Command::SelectPiece(piece));
    desk.wait_until(|state| {
        let is_known = |nearest: &NearestState| {
            matches!(nearest, NearestState::Found(_) | NearestState::Nothing)
        };
        let piece = state.music.pieces.iter().find(|known| known.id == piece);
        piece.is_some_and(|piece| is_known(&piece.nearest))
    });
}

#[test]
fn the_title_says_how_far_the_work_is() {
    let mut desk = Desk::new();
    assert_eq!(desk.app.window_title(), "Untitled — Harmonium");
    desk.app.state.run.phase = RunPhase::Training;
    desk.app.state.run.progress.share = 0.437;
    desk.app.state.run.progress.epochs = 70;
    desk.app.state.run.progress.finished_epochs = 30;
    desk.app.state.project.is_dirty = true;
    assert_eq!(desk.app.window_title(), "43 % · Epoch 30/70 — Untitled* — Harmonium");
    desk.app.state.run.phase = RunPhase::Idle;
    desk.app.state.music.generating = Some(0.5);
    assert_eq!(desk.app.window_title(), "50 % · Generating — Untitled* — Harmonium");
}

#[test]
fn zoom_columns_and_theme_come_back_at_the_next_start() {
    use crate::ui::state::ThemeChoice;
    use crate::ui::window_state::Part;
    let mut desk = Desk::new();
    desk.does(Command::SetZoom(175));
    desk.does(Command::ShowPart { part: Part::Data, is_shown: false });
    desk.does(Command::SetTheme(ThemeChoice::HighContrast));
    desk.does(Command::ShowFilters(false));
    desk.does(Command::SetZoom(9000));
    assert_eq!(desk.state().window.layout.zoom_percent, 300);
    desk.does(Command::SetZoom(175));
    let Desk { app, folder, .. } = desk;
    drop(app);
    let places = Places {
        soundfont: None,
        font_probe: None,
        demo_set: None,
        config_dir: folder.path().join("config"),
        state_dir: folder.path().join("state"),
        data_dir: folder.path().join("data"),
        portable_dir: None,
        remarks: Vec::new(),
    };
    let again = App::new(places, Arc::new(|| {})).unwrap();
    let state = again.state();
    assert_eq!(state.window.layout.zoom_percent, 175);
    assert!(!state.window.layout.is_data_shown && state.window.layout.is_model_shown);
    assert_eq!(state.theme, ThemeChoice::HighContrast);
    assert!(!state.learned.is_open);
}
