//! Locks, other starts, autosaves and recovery, as the program behind the window knows them.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::platform::Places;
use crate::platform::instance::{MeetingPlace, Role, meet};
use crate::project::{Hold, ProjectLock, load, save};
use crate::ui::command::Command;
use crate::ui::recovery::{RecoveryEntry, RecoveryPicture};
use crate::ui::state::{CloseQuestion, NoticeKind, PathPurpose, RunPhase, State};

use super::App;
use super::tests::{Desk, errors};

impl Desk {
    fn saves_as(&mut self, name: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        self.does(Command::AcceptPath { purpose: PathPurpose::SaveProject, path: path.clone() });
        self.wait_until(|state| !state.project.is_busy);
        // One that was being written meanwhile is taken away when it is there.
        while self.app.autosave.is_under_way() {
            self.frame();
        }
        path
    }

    fn opens(&mut self, path: &Path) {
        self.does(Command::OpenPath(path.to_owned()));
        self.wait_until(|state| !state.project.is_busy);
    }

    /// Closes the window as a person would, answering the question with "without saving".
    fn closes(mut self) -> (Places, tempfile::TempDir) {
        if !self.app.may_close_now() {
            self.does(Command::ConfirmClose);
            assert!(self.app.may_close_now());
        }
        let Self { app, folder, .. } = self;
        let places = app.places.clone();
        drop(app);
        (places, folder)
    }

    /// As if the process had been killed: the files stay as they are, their locks are free.
    fn dies(self) -> (Places, tempfile::TempDir) {
        let Self { mut app, folder, .. } = self;
        let state_dir = app.places.state_dir.join("autosave");
        let before: Vec<(PathBuf, Vec<u8>)> = fs::read_dir(&state_dir)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .map(|path| (path.clone(), fs::read(path).unwrap()))
            .collect();
        app.is_closing = false;
        let places = app.places.clone();
        drop(app);
        for (path, bytes) in before {
            fs::write(path, bytes).unwrap();
        }
        (places, folder)
    }

    /// The next start of the program.
    fn starts((places, folder): (Places, tempfile::TempDir)) -> Self {
        let app = App::new(places, Arc::new(|| {})).unwrap();
        let ctx = egui::Context::default();
        crate::ui::theme::install(&ctx);
        Self { app, ctx, folder }
    }

    /// Waits until what stands now is kept.
    fn is_autosaved(&mut self) {
        self.app.autosave.every = Duration::ZERO;
        let path = self.app.session.as_ref().unwrap().autosave();
        let state_dir = path.parent().unwrap().to_owned();
        self.app.autosave.hurry();
        self.wait_until(|_| path.exists());
        while self.app.autosave_due_in().is_some() || self.app.autosave.is_under_way() {
            self.frame();
        }
        assert!(state_dir.exists());
    }

    fn recovered(&self) -> Vec<RecoveryEntry> {
        self.state().recovery.clone().map_or_else(Vec::new, |view| view.entries)
    }

    fn kept(&self) -> Vec<String> {
        let folder = self.app.places.state_dir.join("autosave");
        let entries = fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }
}

fn warnings(state: &State) -> Vec<&str> {
    let warnings = state.notices.iter().filter(|notice| notice.kind == NoticeKind::Warning);
    warnings.map(|notice| notice.text.as_str()).collect()
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| name.contains("harmonium"));
    names.sort();
    names
}

#[test]
fn a_project_that_is_open_elsewhere_opens_read_only_and_saves_under_another_name() {
    let mut desk = Desk::with_songs();
    let path = desk.saves_as("a.harmonium");
    let lock = desk.app.project_lock.take();
    assert!(lock.is_some(), "a saved project is held");
    drop(lock);
    let Hold::Ours(elsewhere) = ProjectLock::take(&path, "Ann on studio") else { panic!() };
    desk.opens(&path);
    let why = desk.state().project.read_only.clone().unwrap();
    assert!(why.contains("Ann on studio"), "{why}");
    assert!(warnings(desk.state()).iter().any(|text| text.contains("read-only")));
    assert!(desk.app.window_title().contains("(read-only)"));
    desk.app.dialogs.are_missing = true;
    desk.does(Command::Save);
    desk.wait_until(|state| state.path_prompt.is_some());
    assert!(desk.state().path_prompt.as_ref().unwrap().text.contains("a copy.harmonium"));
    // Nor is it written when somebody insists on its name.
    let before = fs::read(&path).unwrap();
    desk.does(Command::IncludeSong { song: 0, is_included: false });
    let insisted = desk.saves_as("a.harmonium");
    assert_eq!(fs::read(insisted).unwrap(), before);
    assert!(errors(desk.state())[0].contains("open elsewhere (Ann on studio)"));
    desk.saves_as("b.harmonium");
    assert_eq!(
        (desk.state().project.read_only.as_ref(), desk.state().project.is_dirty),
        (None, false)
    );
    drop(elsewhere);
}

#[test]
fn a_window_holds_its_project_as_long_as_it_is_open_and_leaves_nothing_beside_it() {
    let mut desk = Desk::with_songs();
    let first = desk.saves_as("a.harmonium");
    let is_free = |path: &Path| matches!(ProjectLock::take(path, "Ben"), Hold::Ours(_));
    assert!(!is_free(&first));
    let second = desk.saves_as("b.harmonium");
    assert!(is_free(&first) && !is_free(&second));
    desk.opens(&second);
    assert_eq!(desk.state().project.read_only, None, "read again, it is still ours");
    assert!(!is_free(&second));
    desk.opens(&first);
    assert!(is_free(&second) && !is_free(&first));
    desk.does(Command::NewProject);
    assert!(is_free(&first));
    desk.opens(&first);
    let (_, folder) = desk.closes();
    assert_eq!(names_in(folder.path()), ["a.harmonium", "b.harmonium"]);
}

#[cfg(unix)]
#[test]
fn files_of_another_start_are_added_and_a_project_that_is_open_is_only_shown() {
    let mut desk = Desk::with_songs();
    let path = desk.saves_as("a.harmonium");
    desk.does(Command::IncludeSong { song: 0, is_included: false });
    let place = MeetingPlace::find(&desk.folder.path().join("meeting place"));
    let Role::First(Some(listener)) = meet(&place, &[], false, || Arc::new(|| {})) else {
        panic!("nobody else is here");
    };
    desk.app.listen(Some(listener));
    let song = desk.folder.path().join("songs/1.mid");
    let extra = desk.folder.path().join("extra.mid");
    fs::copy(song, &extra).unwrap();
    for files in [vec![path], vec![extra], vec![]] {
        desk.app.wants_attention = false;
        let place = place.clone();
        let meets = move || meet(&place, &files, false, || Arc::new(|| {}));
        let other =
            std::thread::Builder::new().name("other start".to_owned()).spawn(meets).unwrap();
        while !other.is_finished() {
            desk.frame();
        }
        assert!(matches!(other.join().unwrap(), Role::HandedOver));
        assert!(desk.app.wants_attention, "the window is raised");
    }
    desk.wait_until(|state| state.data.import.is_none() && state.data.songs.len() == 8);
    assert_eq!(desk.state().close_question, None, "nothing was to be lost");
}

#[test]
fn work_that_was_never_saved_comes_back_after_a_crash() {
    let mut desk = Desk::with_pieces();
    desk.is_autosaved();
    let (songs, pieces) = (desk.state().data.songs.len(), desk.state().music.pieces.len());
    let mut next = Desk::starts(desk.dies());
    let [entry] = &next.recovered()[..] else { panic!("{:?}", next.recovered()) };
    assert_eq!((entry.name.as_str(), entry.place.as_str()), ("Untitled", "Never saved"));
    assert_eq!((entry.n_songs, entry.n_pieces, entry.epoch), (songs, pieces, Some(6)));
    assert!(matches!(&entry.picture, RecoveryPicture::Errors(errors) if errors.len() == 6));
    next.does(Command::OpenRecovered(0));
    next.wait_until(|state| state.recovery.is_none() && !state.project.is_busy);
    next.wait_until(|state| matches!(state.run.phase, RunPhase::Ended { .. }));
    let state = next.state();
    assert_eq!((state.data.songs.len(), state.music.pieces.len()), (songs, pieces));
    assert!(state.project.is_dirty && state.project.path.is_none());
    assert_eq!(state.run.history.epochs.len(), 6);
    // It stays kept until it is saved: another crash loses nothing.
    next.is_autosaved();
    let mut third = Desk::starts(next.dies());
    assert_eq!(third.recovered().len(), 1);
    third.does(Command::OpenRecovered(0));
    third.wait_until(|state| state.recovery.is_none() && !state.project.is_busy);
    third.saves_as("saved.harmonium");
    let fourth = Desk::starts(third.dies());
    assert!(fourth.recovered().is_empty(), "it was saved");
}

#[test]
fn recovered_work_is_the_project_that_it_came_from() {
    let mut desk = Desk::with_songs();
    let path = desk.saves_as("a.harmonium");
    desk.does(Command::IncludeSong { song: 0, is_included: false });
    desk.is_autosaved();
    let on_disk = load(&path).unwrap();
    assert!(on_disk.songs[0].is_included, "the file itself is as it was saved");
    let mut next = Desk::starts(desk.dies());
    let [entry] = &next.recovered()[..] else { panic!("{:?}", next.recovered()) };
    assert_eq!((entry.name.as_str(), entry.is_file_newer), ("a", false));
    next.does(Command::OpenRecovered(0));
    next.wait_until(|state| state.recovery.is_none() && !state.project.is_busy);
    assert_eq!(next.state().project.path.as_ref(), Some(&path));
    assert!(next.state().project.is_dirty && !next.state().data.songs[0].is_included);
    assert!(matches!(ProjectLock::take(&path, "Ben"), Hold::Elsewhere { .. }));
    next.does(Command::Save);
    next.wait_until(|state| !state.project.is_busy);
    assert!(!load(&path).unwrap().songs[0].is_included);
}

#[test]
fn an_autosave_goes_when_the_work_is_saved_and_when_it_is_not_wanted() {
    let mut desk = Desk::with_songs();
    desk.is_autosaved();
    assert_eq!(desk.kept().len(), 2, "a lock and an autosave");
    desk.saves_as("a.harmonium");
    assert_eq!(desk.kept().len(), 1, "saved");
    desk.does(Command::IncludeSong { song: 0, is_included: false });
    desk.is_autosaved();
    desk.does(Command::NewProject);
    desk.does(Command::ConfirmClose);
    assert_eq!(desk.kept().len(), 1, "not wanted");
    let songs = desk.write_songs();
    desk.does(Command::AddPaths(vec![songs]));
    desk.wait_until(|state| state.data.import.is_none());
    desk.is_autosaved();
    let (places, folder) = desk.closes();
    assert_eq!(fs::read_dir(places.state_dir.join("autosave")).unwrap().count(), 0);
    drop(folder);
}

#[test]
fn an_autosave_that_is_still_being_written_when_the_project_is_saved_does_not_stay() {
    let mut desk = Desk::with_songs();
    desk.app.autosave.hurry();
    desk.app.autosave_when_due();
    assert!(desk.app.autosave.is_under_way());
    desk.saves_as("a.harmonium");
    while desk.app.autosave.is_under_way() {
        desk.frame();
    }
    assert_eq!(desk.kept().len(), 1);
}

#[test]
fn several_sessions_are_listed_and_each_is_decided_alone() {
    let mut first = Desk::with_songs();
    first.is_autosaved();
    let places = first.app.places.clone();
    // A second window beside it.
    let mut second = Desk::starts((places, tempfile::tempdir().unwrap()));
    assert!(second.recovered().is_empty(), "the first is alive");
    let songs = first.write_songs();
    second.does(Command::AddPaths(vec![songs]));
    second.wait_until(|state| state.data.import.is_none());
    second.is_autosaved();
    drop(second.dies().1);
    let mut next = Desk::starts(first.dies());
    assert_eq!(next.recovered().len(), 2);
    next.does(Command::DiscardRecovered { entry: 1, is_discarded: true });
    next.does(Command::DiscardRecovered { entry: 1, is_discarded: false });
    next.does(Command::DiscardRecovered { entry: 0, is_discarded: true });
    next.does(Command::CloseRecovery);
    assert_eq!(next.state().recovery, None);
    let places = next.closes();
    let last = Desk::starts(places);
    assert_eq!(last.recovered().len(), 1, "what was left is listed again");
}

#[test]
fn a_recovered_project_takes_the_place_of_what_is_open_only_after_a_question() {
    let mut desk = Desk::with_songs();
    desk.is_autosaved();
    let mut next = Desk::starts(desk.dies());
    let songs = next.write_songs();
    next.does(Command::AddPaths(vec![songs.join("0.mid")]));
    next.wait_until(|state| state.data.import.is_none());
    next.does(Command::OpenRecovered(0));
    next.wait_until(|state| state.close_question.is_some());
    assert!(matches!(next.state().close_question, Some(CloseQuestion { is_unsaved: true, .. })));
    next.does(Command::CancelClose);
    assert_eq!((next.recovered().len(), next.state().data.songs.len()), (1, 1));
    next.does(Command::OpenRecovered(0));
    next.wait_until(|state| state.close_question.is_some());
    next.does(Command::ConfirmClose);
    assert_eq!((next.recovered().len(), next.state().data.songs.len()), (0, 7));
}

#[test]
fn damaged_autosaves_are_named_set_aside_and_in_nobodys_way() {
    let mut desk = Desk::with_songs();
    desk.is_autosaved();
    let path = desk.app.session.as_ref().unwrap().autosave();
    let killed = desk.dies();
    let whole = fs::read(&path).unwrap();
    // The note can be read, the rest cannot.
    let text = String::from_utf8_lossy(&whole[..4096]).into_owned();
    let at = text.find("format_version").unwrap();
    let mut damaged = whole;
    damaged[at] = b'F';
    fs::write(&path, &damaged).unwrap();
    fs::write(path.with_file_name("1-0.harmonium"), b"Dear friend").unwrap();
    let mut next = Desk::starts(killed);
    let [error] = errors(next.state())[..] else { panic!("{:?}", errors(next.state())) };
    assert!(error.contains("1-0.harmonium.damaged-1"), "{error}");
    assert_eq!(next.recovered().len(), 1);
    next.does(Command::OpenRecovered(0));
    next.wait_until(|state| state.recovery.is_none() && !state.project.is_busy);
    assert!(errors(next.state())[1].contains("set aside as"), "{:?}", errors(next.state()));
    assert_eq!(next.kept().iter().filter(|name| name.contains("damaged")).count(), 2);
    assert!(next.state().data.songs.is_empty(), "what is open stays");
}

#[test]
fn two_failed_starts_make_the_third_a_safe_one() {
    let mut desk = Desk::new();
    desk.does(Command::SetProgram(20));
    let mut places = desk.closes();
    let own = fs::read_to_string(places.0.config_dir.join("window.toml")).unwrap();
    for _ in 0..2 {
        let failing = Desk::starts(places);
        assert!(!failing.app.preferences.is_safe());
        assert_eq!(failing.state().transport.program, 20);
        places = failing.dies();
    }
    let mut safe = Desk::starts(places);
    assert_eq!(safe.state().transport.program, 4);
    assert!(warnings(safe.state())[0].contains("safe start"), "{:?}", warnings(safe.state()));
    safe.app.open_given(vec!["song.mid".into()]);
    assert!(warnings(safe.state())[1].contains("song.mid"));
    // It comes up, and somebody works with it.
    safe.app.started -= Duration::from_mins(1);
    safe.app.note_frame();
    let songs = safe.write_songs();
    safe.does(Command::AddPaths(vec![songs]));
    safe.wait_until(|state| state.data.import.is_none());
    let places = safe.closes();
    assert_eq!(fs::read_to_string(places.0.config_dir.join("window.toml")).unwrap(), own);
    let next = Desk::starts(places);
    assert_eq!(next.state().transport.program, 20, "the next start is as usual");
}

#[test]
fn a_state_folder_that_cannot_be_written_is_spoken_of_and_stops_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::new();
    let state_dir = folder.path().join("a file");
    fs::write(&state_dir, b"").unwrap();
    let places = Places { state_dir, ..desk.app.places.clone() };
    let mut odd = Desk::starts((places, folder));
    assert!(errors(odd.state())[0].contains("not kept for the case of a crash"));
    let songs = odd.write_songs();
    odd.does(Command::AddPaths(vec![songs]));
    odd.wait_until(|state| state.data.import.is_none());
    assert_eq!(odd.app.autosave_due_in(), None);
}

#[test]
fn projects_are_remembered_newest_first_and_forgotten_when_they_are_gone() {
    let mut desk = Desk::with_songs();
    let first = desk.saves_as("a.harmonium");
    let second = desk.saves_as("b.harmonium");
    assert_eq!(desk.state().recent_projects, [second.clone(), first.clone()]);
    desk.opens(&first);
    assert_eq!(desk.state().recent_projects, [first.clone(), second.clone()]);
    let mut next = Desk::starts(desk.closes());
    assert_eq!(next.state().recent_projects, [first.clone(), second.clone()]);
    fs::remove_file(&second).unwrap();
    next.opens(&second);
    assert_eq!(next.state().recent_projects, [first]);
}

#[test]
fn songs_are_read_again_only_from_folders_that_were_chosen_here() {
    let mut desk = Desk::with_songs();
    let path = desk.saves_as("a.harmonium");
    let private = desk.folder.path().join("private");
    fs::create_dir(&private).unwrap();
    fs::copy(desk.folder.path().join("songs/1.mid"), private.join("letter.mid")).unwrap();
    let mut project = load(&path).unwrap();
    project.songs[0].folder.clone_from(&private);
    project.songs[0].path = private.join("song.mid");
    let foreign = desk.folder.path().join("foreign.harmonium");
    save(&project, &foreign).unwrap();
    desk.opens(&foreign);
    desk.does(Command::ReloadSongs);
    desk.wait_until(|state| state.data.import.is_none());
    let warnings = warnings(desk.state()).join(" ");
    assert!(warnings.contains("Not read again") && warnings.contains("private"), "{warnings}");
    assert!(desk.state().data.songs.iter().all(|song| song.title != "letter"));
    desk.does(Command::AddPaths(vec![private]));
    desk.wait_until(|state| state.data.import.is_none());
    assert!(desk.state().data.songs.iter().any(|song| song.title == "letter"));
}

#[test]
fn of_files_that_were_chosen_themselves_only_these_are_read_again() {
    let mut desk = Desk::new();
    let songs = desk.write_songs();
    let (first, second) = (songs.join("0.mid"), songs.join("1.mid"));
    desk.does(Command::AddPaths(vec![first.clone(), second.clone()]));
    desk.wait_until(|state| state.data.import.is_none());
    let path = desk.saves_as("files.harmonium");
    desk.opens(&path);
    fs::copy(songs.join("5.mid"), &second).unwrap();
    let before = desk.state().data.songs[1].content_sha256;
    desk.does(Command::ReloadSongs);
    desk.wait_until(|state| state.data.import.is_none());
    let paths: Vec<_> = desk.state().data.songs.iter().map(|song| song.path.clone()).collect();
    assert_eq!(paths, [first.clone(), second], "nothing else of the folder");
    assert_ne!(desk.state().data.songs[1].content_sha256, before, "it was read");
    // Once the folder was added, it counts.
    desk.does(Command::AddPaths(vec![songs]));
    desk.wait_until(|state| state.data.import.is_none());
    desk.does(Command::AddPaths(vec![first]));
    desk.wait_until(|state| state.data.import.is_none());
    assert_eq!(desk.state().data.songs.len(), 7);
    assert!(desk.state().data.songs.iter().all(|song| !song.is_chosen_itself));
}
