//! What sessions, locks and other starts leave behind, whatever stands in it: several live at once, are killed, end,
//! and are asked about. The first line says in letters what happens, the rest is what stands in the files.

use std::fs;
use std::path::{Path, PathBuf};

use harmonium::platform::{Abandoned, Session};
use harmonium::project::{Hold, ProjectLock, read_autosave_note};

const MOST_DEEDS: usize = 24;
const MOST_SESSIONS: usize = 4;

pub fn read(bytes: &[u8]) {
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    let (deeds, contents) = (&bytes[..end], &bytes[(end + 1).min(bytes.len())..]);
    let mut desk = Desk::new(contents);
    for deed in deeds.iter().take(MOST_DEEDS) {
        desk.does(deed % 11);
    }
    desk.leave();
    check_locks(contents);
    #[cfg(unix)]
    check_message(contents);
}

struct Desk<'a> {
    folder: tempfile::TempDir,
    contents: &'a [u8],
    /// Living ones, each with whether it has an autosave.
    sessions: Vec<Session>,
    /// What somebody is being asked about.
    found: Vec<Abandoned>,
    n_killed: usize,
}

impl<'a> Desk<'a> {
    fn new(contents: &'a [u8]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let first = Session::begin(folder.path()).expect("a session");
        Self { folder, contents, sessions: vec![first], found: Vec::new(), n_killed: 0 }
    }

    fn autosaves(&self) -> PathBuf {
        self.folder.path().join("autosave")
    }

    fn does(&mut self, deed: u8) {
        match deed {
            0 if self.sessions.len() < MOST_SESSIONS => {
                self.sessions.push(Session::begin(self.folder.path()).expect("a session"));
            }
            1 => self.newest().note_running(),
            2 => fs::write(self.newest().autosave(), self.contents).expect("room"),
            3 => self.newest().drop_autosave(),
            4 => self.leave_killed(&["lock", "harmonium"]),
            5 => self.leave_killed(&["lock"]),
            6 => self.leave_killed(&["harmonium"]),
            7 if self.sessions.len() > 1 => {
                let mut session = self.sessions.remove(0);
                session.end_clean();
                let autosave = session.autosave();
                drop(session);
                assert!(!autosave.exists() && !autosave.with_extension("lock").exists());
            }
            8 => self.ask(),
            9 => {
                if let Some(abandoned) = self.found.pop() {
                    let autosave = abandoned.autosave().to_owned();
                    abandoned.discard();
                    assert!(!autosave.exists());
                }
            }
            10 => {
                if let Some(mut abandoned) = self.found.pop() {
                    abandoned.forget_start();
                    let had = abandoned.has_autosave();
                    let aside = abandoned.put_aside();
                    assert_eq!(aside.exists(), had);
                }
            }
            _ => {}
        }
    }

    fn newest(&mut self) -> &mut Session {
        self.sessions.last_mut().expect("the last is never ended")
    }

    /// What a killed process left: files of these kinds, which may hold anything.
    fn leave_killed(&mut self, endings: &[&str]) {
        let name = format!("{}-{}", 1 + self.contents.len() % 7, 100 + self.n_killed);
        self.n_killed += 1;
        for ending in endings {
            let path = self.autosaves().join(&name).with_extension(ending);
            fs::write(path, self.contents).expect("room");
        }
    }

    /// Nobody living is listed, and nobody twice.
    fn ask(&mut self) {
        let living: Vec<PathBuf> = self.sessions.iter().map(Session::autosave).collect();
        let asked = self.newest().abandoned();
        for abandoned in &asked {
            let path = abandoned.autosave();
            assert!(!living.iter().any(|living| living == path), "it lives");
            assert!(self.found.iter().all(|other| other.autosave() != path), "it is asked about");
            assert!(abandoned.has_autosave() || abandoned.was_starting);
            if let Ok(note) = read_autosave_note(path) {
                assert!(note.errors.len() <= self.contents.len());
            }
        }
        self.found.extend(asked);
        assert!(self.newest().abandoned().is_empty(), "somebody is being asked about all of them");
    }

    /// The next start finds what was not decided, and once that is discarded nothing is left but what was put aside.
    fn leave(mut self) {
        self.found.clear();
        for session in &mut self.sessions {
            session.end_clean();
        }
        self.sessions.clear();
        let last = Session::begin(self.folder.path()).expect("a session");
        last.abandoned().into_iter().for_each(Abandoned::discard);
        drop(last);
        for entry in fs::read_dir(self.autosaves()).expect("its folder") {
            let name = entry.expect("an entry").file_name().to_string_lossy().into_owned();
            assert!(name.contains(".damaged-"), "{name} is left");
        }
    }
}

/// A project's lock, whatever a killed process left in it and whatever its holder is called.
fn check_locks(contents: &[u8]) {
    let folder = tempfile::tempdir().expect("a folder");
    let project = folder.path().join("a.harmonium");
    fs::write(folder.path().join(".a.harmonium.lock"), contents).expect("room");
    let holder = String::from_utf8_lossy(contents);
    let Hold::Ours(lock) = ProjectLock::take(&project, &holder) else {
        panic!("nobody has it");
    };
    match ProjectLock::take(&project, "another") {
        Hold::Elsewhere { holder } => {
            assert!(!holder.is_empty() && !holder.contains(char::is_control));
        }
        other => panic!("two have it: {other:?}"),
    }
    drop(lock);
    assert!(matches!(ProjectLock::take(&project, "a third"), Hold::Ours(_)));
    assert!(is_empty(folder.path()), "nothing stray");
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).expect("a folder").next().is_none()
}

/// What another start says at the socket.
#[cfg(unix)]
fn check_message(contents: &[u8]) {
    use harmonium::platform::instance::{message, read_files};
    let greeted = [b"harmonium 1\n", contents].concat();
    for bytes in [contents, &greeted] {
        let mut stream = bytes;
        if let Ok(files) = read_files(&mut stream) {
            assert!(bytes.starts_with(&message(&files).expect("it was said before")));
        }
    }
}
