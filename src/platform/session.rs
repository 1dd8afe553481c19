//! Sessions in the state folder: what this process keeps there for the case that it is killed, and
//! what others left behind.
//!
//! `autosave/ID.lock` is locked as long as its process lives and says how far its start came;
//! `autosave/ID.harmonium` is its autosave, when it has one. A lock file that nobody has locked is
//! of a session that ended without saying so.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

const FOLDER: &str = "autosave";
const LOCK: &str = "lock";
const AUTOSAVE: &str = "harmonium";
/// What a lock file says until the window has been drawn for some seconds.
const STARTING: &str = "starting";
const RUNNING: &str = "running";
/// So many files of one name are kept aside.
const MOST_ASIDE: u32 = 1000;

/// This process, as long as it lives.
#[derive(Debug)]
pub struct Session {
    folder: PathBuf,
    id: String,
    file: File,
    /// Nothing is left behind when it ends.
    is_clean: bool,
}

/// A session that ended without saying so. It is ours until this is dropped: no other start lists
/// it meanwhile.
#[derive(Debug)]
pub struct Abandoned {
    lock: PathBuf,
    autosave: PathBuf,
    file: File,
    /// It ended before its window had been drawn for some seconds.
    pub was_starting: bool,
}

impl Session {
    /// Begins a session below the state folder.
    ///
    /// # Errors
    /// When nothing can be written there.
    pub fn begin(state_dir: &Path) -> io::Result<Self> {
        let folder = state_dir.join(FOLDER);
        make_private_folder(&folder)?;
        // Locked before it has its name: nobody takes it for one that was left behind.
        let aside = tempfile::Builder::new().prefix("new-").tempfile_in(&folder)?;
        aside.as_file().try_lock().map_err(io::Error::from)?;
        let mut number = 0;
        let mut aside = Some(aside);
        loop {
            let id = format!("{}-{number}", std::process::id());
            let Some(unnamed) = aside.take() else { return Err(io::ErrorKind::NotFound.into()) };
            match unnamed.persist_noclobber(folder.join(&id).with_extension(LOCK)) {
                Ok(file) => {
                    let mut session = Self { folder, id, file, is_clean: false };
                    say(&mut session.file, STARTING)?;
                    return Ok(session);
                }
                Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
                    aside = Some(error.file);
                    number += 1;
                }
                Err(error) => return Err(error.error),
            }
        }
    }

    /// Where this session's autosave lies, or would.
    pub fn autosave(&self) -> PathBuf {
        self.path(AUTOSAVE)
    }

    fn path(&self, extension: &str) -> PathBuf {
        self.folder.join(&self.id).with_extension(extension)
    }

    /// The window has been drawn for some seconds: this start went well.
    pub fn note_running(&mut self) {
        if let Err(error) = say(&mut self.file, RUNNING) {
            log::warn!("{} cannot be written: {error}", self.path(LOCK).display());
        }
    }

    /// Removes the autosave: its work is saved, or not wanted.
    pub fn drop_autosave(&self) {
        remove(&self.autosave());
    }

    /// The session ends as it should: once this is dropped nothing of it is left.
    pub fn end_clean(&mut self) {
        self.is_clean = true;
    }

    /// What sessions left that are over, oldest first. Files that say nothing any more are removed.
    pub fn abandoned(&self) -> Vec<Abandoned> {
        let mut found: Vec<Abandoned> = self
            .names()
            .into_iter()
            .filter(|id| *id != self.id)
            .filter_map(|id| self.claim(&id))
            .collect();
        found.retain(|abandoned| {
            let is_worth_it = abandoned.has_autosave() || abandoned.was_starting;
            if !is_worth_it {
                remove(&abandoned.lock);
            }
            is_worth_it
        });
        found.sort_by_key(|abandoned| {
            fs::metadata(&abandoned.autosave).and_then(|metadata| metadata.modified()).ok()
        });
        found
    }

    /// The names of all sessions, each once.
    fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let is_ours = path.extension().is_some_and(|end| end == LOCK || end == AUTOSAVE);
            if let (true, Some(name)) = (is_ours, path.file_stem().and_then(|name| name.to_str())) {
                names.push(name.to_owned());
            }
        }
        names.sort();
        names.dedup();
        names
    }

    fn claim(&self, id: &str) -> Option<Abandoned> {
        let lock = self.folder.join(id).with_extension(LOCK);
        let autosave = self.folder.join(id).with_extension(AUTOSAVE);
        let mut file = match File::options().read(true).write(true).open(&lock) {
            Ok(file) => file,
            // An autosave whose lock file is gone.
            Err(error) if error.kind() == io::ErrorKind::NotFound && autosave.is_file() => {
                File::options().read(true).write(true).create_new(true).open(&lock).ok()?
            }
            Err(_unreadable) => return None,
        };
        file.try_lock().ok()?;
        let mut words = String::new();
        let was_starting = file.read_to_string(&mut words).is_ok() && words == STARTING;
        Some(Abandoned { lock, autosave, file, was_starting })
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // What a panic of the window's thread leaves is wanted, and its start may have failed.
        if std::thread::panicking() {
            return;
        }
        if self.is_clean {
            self.drop_autosave();
        }
        if !self.autosave().exists() {
            remove(&self.path(LOCK));
        }
    }
}

impl Abandoned {
    /// Whether there is anything to recover.
    pub fn has_autosave(&self) -> bool {
        self.autosave.is_file()
    }

    pub fn autosave(&self) -> &Path {
        &self.autosave
    }

    /// The work is not wanted.
    pub fn discard(self) {
        remove(&self.autosave);
        remove(&self.lock);
    }

    /// A start that failed was counted: it counts no more.
    pub fn forget_start(&mut self) {
        if self.was_starting {
            self.was_starting = false;
            drop(say(&mut self.file, RUNNING));
            if !self.has_autosave() {
                remove(&self.lock);
            }
        }
    }

    /// Puts an autosave that cannot be read aside, under a name that no start lists. Returns it.
    pub fn put_aside(self) -> PathBuf {
        let aside = free_name(&self.autosave, "damaged");
        let kept = fs::rename(&self.autosave, &aside).is_ok();
        remove(&self.lock);
        if kept { aside } else { self.autosave.clone() }
    }
}

/// `PATH.WORD-1`, or the first number that is free; after a thousand the last gives way.
pub fn free_name(path: &Path, word: &str) -> PathBuf {
    let name = |number: u32| {
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".{word}-{number}"));
        PathBuf::from(name)
    };
    (1..=MOST_ASIDE).map(name).find(|path| !path.exists()).unwrap_or_else(|| name(MOST_ASIDE))
}

/// A folder for its owner only: what lies there is nobody else's business.
pub(super) fn make_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(folder)
}

/// Through the file that is locked: some systems let nobody else read or write it.
fn say(file: &mut File, words: &str) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(words.as_bytes())
}

fn remove(path: &Path) {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            log::warn!("{} cannot be removed: {error}", path.display());
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(state_dir: &Path) -> Vec<String> {
        let entries = fs::read_dir(state_dir.join(FOLDER)).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// As the system leaves it when the process is killed.
    fn killed(session: Session) {
        let Session { folder, id, .. } = &session;
        let lock = folder.join(id).with_extension(LOCK);
        let words = fs::read(&lock).unwrap();
        let autosave = fs::read(session.autosave()).ok();
        let kept = session.autosave();
        drop(session);
        fs::write(lock, words).unwrap();
        if let Some(bytes) = autosave {
            fs::write(kept, bytes).unwrap();
        }
    }

    #[test]
    fn a_session_that_ends_leaves_nothing() {
        let state = tempfile::tempdir().unwrap();
        let mut session = Session::begin(state.path()).unwrap();
        fs::write(session.autosave(), b"work").unwrap();
        session.note_running();
        session.end_clean();
        drop(session);
        assert_eq!(names(state.path()), [""; 0]);
    }

    #[test]
    fn a_living_session_is_not_listed_and_a_dead_one_only_once() {
        let state = tempfile::tempdir().unwrap();
        let dead = Session::begin(state.path()).unwrap();
        fs::write(dead.autosave(), b"work").unwrap();
        let living = Session::begin(state.path()).unwrap();
        fs::write(living.autosave(), b"other work").unwrap();
        assert!(living.abandoned().is_empty());
        killed(dead);
        let found = living.abandoned();
        assert_eq!(found.len(), 1);
        assert!(found[0].has_autosave() && found[0].was_starting);
        let third = Session::begin(state.path()).unwrap();
        assert!(third.abandoned().is_empty(), "it is being asked about elsewhere");
        drop(found);
        assert_eq!(third.abandoned().len(), 1, "and decided later");
    }

    #[test]
    fn what_is_discarded_is_gone() {
        let state = tempfile::tempdir().unwrap();
        let dead = Session::begin(state.path()).unwrap();
        fs::write(dead.autosave(), b"work").unwrap();
        killed(dead);
        let session = Session::begin(state.path()).unwrap();
        session.abandoned().remove(0).discard();
        assert!(session.abandoned().is_empty());
        assert_eq!(names(state.path()).len(), 1);
    }

    #[test]
    fn a_start_that_failed_is_known_until_it_is_forgotten() {
        let state = tempfile::tempdir().unwrap();
        killed(Session::begin(state.path()).unwrap());
        let mut second = Session::begin(state.path()).unwrap();
        let failed = |session: &Session| {
            session.abandoned().iter().filter(|found| found.was_starting).count()
        };
        assert_eq!(failed(&second), 1);
        second.note_running();
        killed(second);
        let third = Session::begin(state.path()).unwrap();
        assert_eq!(failed(&third), 1, "the second went well");
        for mut found in third.abandoned() {
            found.forget_start();
        }
        assert_eq!(failed(&third), 0);
    }

    #[test]
    fn an_autosave_without_a_lock_file_is_found_and_a_damaged_one_put_aside() {
        let state = tempfile::tempdir().unwrap();
        let session = Session::begin(state.path()).unwrap();
        fs::write(state.path().join(FOLDER).join("7-0.harmonium"), b"?").unwrap();
        let found = session.abandoned().remove(0);
        let aside = found.put_aside();
        assert!(aside.ends_with("7-0.harmonium.damaged-1") && aside.exists());
        assert!(session.abandoned().is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn the_folder_is_for_its_owner_only() {
        use std::os::unix::fs::PermissionsExt as _;
        let state = tempfile::tempdir().unwrap();
        let _session = Session::begin(state.path()).unwrap();
        let mode = fs::metadata(state.path().join(FOLDER)).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0);
    }
}
