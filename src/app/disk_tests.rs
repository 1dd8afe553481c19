//! Places that vanish, fill up, or let nothing be written any more while the window is open: a message
//! with path and remedy, the old file whole, nothing stray, and everything well once the place is.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command as Program;

use crate::platform::Places;
use crate::ui::command::Command;
use crate::ui::state::{ExportScope, PathPurpose, RunPhase, State};

use super::tests::{Desk, errors};

/// A folder to which something happens.
struct Place {
    folder: PathBuf,
    ruin: Ruin,
    /// Of the folder, or where the small disk lies.
    _root: tempfile::TempDir,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ruin {
    /// As a stick that is pulled out.
    Vanished,
    /// As a share that is mounted wrongly.
    FileInItsPlace,
    Full,
    ReadOnly,
}

const SMALL_DISK_BYTES: u64 = 8 << 20;

impl Place {
    /// `None`, with a word, where this machine lets nobody mount a small disk.
    fn new(ruin: Ruin) -> Option<Self> {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("place");
        fs::create_dir(&folder).unwrap();
        let place = Self { folder, ruin, _root: root };
        if matches!(ruin, Ruin::Full | Ruin::ReadOnly) {
            let size = format!("size={SMALL_DISK_BYTES}");
            if !place.mount(&["-t", "tmpfs", "-o", &size, "tmpfs"]) {
                println!("skipped: {ruin:?}: no disk can be mounted here");
                return None;
            }
        }
        Some(place)
    }

    fn aside(&self) -> PathBuf {
        self.folder.with_file_name("pulled out")
    }

    fn mount(&self, arguments: &[&str]) -> bool {
        let output = Program::new("mount").args(arguments).arg(&self.folder).output();
        output.is_ok_and(|output| output.status.success())
    }

    fn unmount(&self) -> bool {
        let output = Program::new("umount").arg("-l").arg(&self.folder).output();
        output.is_ok_and(|output| output.status.success())
    }

    fn ruin(&self) {
        match self.ruin {
            Ruin::Vanished => fs::rename(&self.folder, self.aside()).unwrap(),
            Ruin::FileInItsPlace => {
                fs::rename(&self.folder, self.aside()).unwrap();
                fs::write(&self.folder, b"what is this?").unwrap();
            }
            Ruin::Full => {
                let mut filling = fs::File::create(self.folder.join("filling")).unwrap();
                while filling.write_all(&[1; 4096]).is_ok() {}
            }
            // Put over itself, as files that are open hold off a change of the disk itself.
            Ruin::ReadOnly => {
                assert!(self.mount(&["--bind", self.folder.to_str().unwrap()]));
                assert!(self.mount(&["-o", "remount,bind,ro"]));
            }
        }
    }

    fn mend(&self) {
        match self.ruin {
            Ruin::Vanished => fs::rename(self.aside(), &self.folder).unwrap(),
            Ruin::FileInItsPlace => {
                fs::remove_file(&self.folder).unwrap();
                fs::rename(self.aside(), &self.folder).unwrap();
            }
            Ruin::Full => fs::remove_file(self.folder.join("filling")).unwrap(),
            Ruin::ReadOnly => assert!(self.unmount()),
        }
    }

    /// The names of what lies there, wherever it lies now.
    fn names(&self) -> Vec<String> {
        let folder = if self.aside().exists() { self.aside() } else { self.folder.clone() };
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .filter(|name| name != "filling")
            .collect();
        names.sort();
        names
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let is_disk = matches!(self.ruin, Ruin::Full | Ruin::ReadOnly);
        while is_disk && self.unmount() {}
    }
}

fn places() -> impl Iterator<Item = Place> {
    [Ruin::Vanished, Ruin::FileInItsPlace, Ruin::Full, Ruin::ReadOnly]
        .into_iter()
        .filter_map(Place::new)
}

/// That the newest error names the path, and a way out.
#[track_caller]
fn expect_error(state: &State, path: &Path, ruin: Ruin) {
    let errors = errors(state);
    let newest = errors.last().unwrap_or_else(|| panic!("{ruin:?}: nothing is said"));
    assert!(newest.contains(path.to_str().unwrap()), "{ruin:?}: {newest}");
    let names_a_way_out = ["Make room", "put it back"].iter().any(|remedy| newest.contains(remedy));
    assert!(names_a_way_out, "{ruin:?}: {newest}");
}

#[test]
fn a_project_is_saved_again_once_its_place_is_well() {
    let mut desk = Desk::trained();
    for place in places() {
        let path = place.folder.join("a.harmonium");
        desk.does(Command::AcceptPath { purpose: PathPurpose::SaveProject, path: path.clone() });
        desk.wait_until(|state| !state.project.is_busy);
        assert_eq!(errors(desk.state()), [""; 0]);
        let (before, names) = (fs::read(&path).unwrap(), place.names());
        place.ruin();
        let is_included = !desk.state().data.songs[0].is_included;
        desk.does(Command::IncludeSong { song: 0, is_included });
        desk.does(Command::Save);
        desk.wait_until(|state| !state.project.is_busy);
        expect_error(desk.state(), &path, place.ruin);
        assert!(desk.state().project.is_dirty, "{:?}", place.ruin);
        place.mend();
        assert_eq!((fs::read(&path).unwrap(), place.names()), (before, names), "{:?}", place.ruin);
        desk.does(Command::Save);
        desk.wait_until(|state| !state.project.is_busy && !state.project.is_dirty);
        let saved = crate::project::load(&path).unwrap();
        assert_eq!(saved.songs[0].is_included, is_included);
        desk.app.state.notices.clear();
    }
}

#[test]
fn an_export_to_a_place_that_is_gone_or_full_leaves_nothing_there() {
    let mut desk = Desk::with_pieces();
    desk.does(Command::SelectPiece(desk.state().music.pieces[0].id));
    let purposes = [
        (PathPurpose::ExportMidi(ExportScope::Shown), "a.mid"),
        (PathPurpose::ExportWav(ExportScope::Shown), "a.wav"),
        (PathPurpose::CurveCsv, "a.csv"),
    ];
    for place in places() {
        let names = place.names();
        place.ruin();
        for (purpose, name) in &purposes {
            if *name == "a.wav" && desk.app.places.soundfont.is_none() {
                println!("skipped: there is no SoundFont to play with");
                continue;
            }
            let path = place.folder.join(name);
            let n_errors = errors(desk.state()).len();
            desk.does(Command::AcceptPath { purpose: purpose.clone(), path: path.clone() });
            desk.wait_until(|state| state.export.is_none() && errors(state).len() > n_errors);
            expect_error(desk.state(), &path, place.ruin);
            assert_eq!(place.names(), names, "{:?}, {name}", place.ruin);
        }
        place.mend();
        desk.app.state.notices.clear();
    }
}

/// A desk whose settings and autosaves lie where they are told to.
fn desk_with(tell: impl Fn(&mut Places)) -> Desk {
    let mut desk = Desk::new();
    let mut places = desk.app.places.clone();
    tell(&mut places);
    desk.app = super::App::new(places, std::sync::Arc::new(|| {})).unwrap();
    let songs = desk.write_songs();
    desk.does(Command::AddPaths(vec![songs]));
    desk.wait_until(|state| state.data.import.is_none());
    desk.sets(&[("hidden_units", "8"), ("epochs", "100000"), ("chains", "10")]);
    desk
}

#[test]
fn training_goes_on_while_no_checkpoint_can_be_kept_and_the_next_is() {
    for place in places() {
        let mut desk = desk_with(|places| places.state_dir = place.folder.join("state"));
        desk.does(Command::Train);
        desk.wait_until(|state| state.run.history.epochs.len() > 2);
        desk.app.autosave.hurry();
        let kept = desk.app.session.as_ref().unwrap().autosave();
        desk.wait_until(|_| kept.exists());
        while desk.app.autosave.is_under_way() {
            desk.frame();
        }
        desk.app.state.notices.clear();
        place.ruin();
        let n_epochs = desk.state().run.history.epochs.len();
        desk.app.autosave.hurry();
        desk.wait_until(|state| !errors(state).is_empty());
        expect_error(desk.state(), &kept, place.ruin);
        desk.wait_until(|state| state.run.history.epochs.len() > n_epochs + 5);
        assert_eq!(desk.state().run.phase, RunPhase::Training, "{:?}", place.ruin);
        // Tried again, and not told again.
        let n_tried = desk.app.autosave.n_begun();
        desk.app.autosave.hurry();
        while desk.app.autosave.n_begun() == n_tried || desk.app.autosave.is_under_way() {
            desk.frame();
        }
        assert_eq!(errors(desk.state()).len(), 1, "{:?}: {:?}", place.ruin, errors(desk.state()));
        place.mend();
        assert!(crate::project::load(&kept).is_ok(), "{:?}: the old one is whole", place.ruin);
        let names = fs::read_dir(kept.parent().unwrap()).unwrap().count();
        assert_eq!(names, 2, "{:?}: a lock and an autosave", place.ruin);
        let before = fs::metadata(&kept).unwrap().modified().unwrap();
        desk.app.autosave.hurry();
        desk.wait_until(|_| fs::metadata(&kept).unwrap().modified().unwrap() > before);
        desk.does(Command::StopTraining);
        desk.wait_until(|state| matches!(state.run.phase, RunPhase::Ended { .. }));
    }
}

#[test]
fn settings_that_cannot_be_kept_are_told_of_once_and_kept_later() {
    // Of a folder that has vanished another is made.
    for place in places().filter(|place| place.ruin != Ruin::Vanished) {
        let mut desk = desk_with(|places| places.config_dir = place.folder.join("config"));
        desk.does(Command::SetVolume(0.4));
        desk.app.store_preferences();
        let file = place.folder.join("config/window.toml");
        let before = fs::read(&file).unwrap();
        desk.app.state.notices.clear();
        place.ruin();
        for volume in [0.5, 0.6] {
            desk.does(Command::SetVolume(volume));
            desk.app.store_preferences();
        }
        let said = errors(desk.state());
        assert_eq!(said.len(), 1, "{:?}: {said:?}", place.ruin);
        assert!(said[0].contains(place.folder.to_str().unwrap()), "{}", said[0]);
        expect_error(desk.state(), &place.folder, place.ruin);
        place.mend();
        assert_eq!(fs::read(&file).unwrap(), before, "{:?}", place.ruin);
        desk.does(Command::SetVolume(0.7));
        desk.app.store_preferences();
        assert!(fs::read_to_string(&file).unwrap().contains("0.7"), "{:?}", place.ruin);
        assert_eq!(fs::read_dir(file.parent().unwrap()).unwrap().count(), 1, "nothing stray");
    }
}
