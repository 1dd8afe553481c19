//! The lock of a project: who has it may write the file, everybody else only reads it.
//!
//! It is a small file beside the project, `.NAME.harmonium.lock`, which the system locks as long as
//! the process lives. Beside it and not among the user's own folders, because two machines that
//! share a folder, or two users, must meet there. Not the project itself, because every save puts
//! another file in its place. In a folder that cannot be written nothing can be saved either, so
//! there a project opens read-only and needs no lock.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use super::error::io_words;

/// More of a lock file is not read.
const MOST_BYTES: u64 = 400;

/// A project that nobody else writes. Dropping it removes the lock file; when the process is
/// killed, the system frees it.
#[derive(Debug)]
pub struct ProjectLock {
    project: PathBuf,
    lock: PathBuf,
    /// Locked as long as it is open.
    _file: File,
}

/// What came of asking for a project's lock.
#[derive(Debug)]
pub enum Hold {
    Ours(ProjectLock),
    /// Another process has it; in its own words, who.
    Elsewhere {
        holder: String,
    },
    /// Nothing can be written beside the project; why.
    NoWriting {
        reason: String,
    },
    /// The disk knows no locks: whoever saves last wins, as with any other program.
    NoLocks,
}

impl ProjectLock {
    /// Asks for the lock of the project at `path`, which need not be there yet. `holder` says who
    /// asks, for others to read.
    pub fn take(path: &Path, holder: &str) -> Hold {
        match try_take(path, holder) {
            Ok(hold) => hold,
            Err(error) => Hold::NoWriting { reason: io_words(&error) },
        }
    }

    /// Whether it is of the project at `path`, whatever it is called there.
    pub fn is_of(&self, path: &Path) -> bool {
        real_path(path).is_ok_and(|path| path == self.project)
    }
}

impl Drop for ProjectLock {
    fn drop(&mut self) {
        // First the name, then the lock: who waits at the old file sees that it is gone.
        drop(fs::remove_file(&self.lock));
    }
}

fn try_take(path: &Path, holder: &str) -> io::Result<Hold> {
    let project = real_path(path)?;
    let lock = lock_path(&project);
    loop {
        let mut options = File::options();
        let mut file = match options.read(true).write(true).create(true).truncate(false).open(&lock)
        {
            Ok(file) => file,
            // Another user's, who has it or had it.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                match meet_stranger(&lock) {
                    Some(hold) => return Ok(hold),
                    None if fs::remove_file(&lock).is_ok() => continue,
                    None => return Err(error),
                }
            }
            Err(error) => return Err(error),
        };
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Ok(Hold::Elsewhere { holder: read_holder(&mut file) });
            }
            Err(TryLockError::Error(error)) => {
                log::warn!("{} cannot be locked: {error}", lock.display());
                drop(fs::remove_file(&lock));
                return Ok(Hold::NoLocks);
            }
        }
        // Whoever had it may have removed the file between our opening and our locking it.
        if is_at(&file, &lock) {
            // Words for others; the lock holds without them.
            drop(file.set_len(0).and_then(|()| writeln!(file, "{holder}")));
            return Ok(Hold::Ours(ProjectLock { project, lock, _file: file }));
        }
    }
}

/// Who has a lock file that may only be read; `None` when nobody does.
fn meet_stranger(lock: &Path) -> Option<Hold> {
    let mut file = File::open(lock).ok()?;
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Some(Hold::Elsewhere { holder: read_holder(&mut file) }),
        _ => None,
    }
}

/// The same for all names of a file: links are followed. Of a file that is not there yet, its
/// folder is.
fn real_path(path: &Path) -> io::Result<PathBuf> {
    if let Ok(real) = fs::canonicalize(path) {
        return Ok(real);
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = fs::canonicalize(folder.unwrap_or(Path::new(".")))?;
    let name = path.file_name().ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
    Ok(folder.join(name))
}

fn lock_path(project: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(project.file_name().unwrap_or_default());
    name.push(".lock");
    project.with_file_name(name)
}

#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let of = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
    let (ours, there) = (file.metadata().map(of), fs::metadata(path).map(of));
    matches!((ours, there), (Ok(ours), Ok(there)) if ours == there)
}

#[cfg(not(unix))]
fn is_at(_file: &File, path: &Path) -> bool {
    path.exists()
}

/// In one line, whatever stands in the file.
fn read_holder(file: &mut File) -> String {
    let mut bytes = Vec::new();
    // Some systems let nobody read a locked file.
    drop(file.rewind().and_then(|()| file.take(MOST_BYTES).read_to_end(&mut bytes)));
    let text = String::from_utf8_lossy(&bytes);
    let line = text.lines().next().unwrap_or_default();
    let line: String = line.chars().filter(|letter| !letter.is_control()).collect();
    if line.is_empty() { "another Harmonium".to_owned() } else { line }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(path: &Path) -> ProjectLock {
        match ProjectLock::take(path, "Ann, process 1") {
            Hold::Ours(lock) => lock,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_second_asks_in_vain_and_hears_who_has_it_until_it_is_free() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.harmonium");
        let lock = take(&path);
        assert!(lock.is_of(&path) && !lock.is_of(&folder.path().join("b.harmonium")));
        match ProjectLock::take(&path, "Ben") {
            Hold::Elsewhere { holder } => assert_eq!(holder, "Ann, process 1"),
            other => panic!("{other:?}"),
        }
        drop(lock);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "nothing stray");
        drop(take(&path));
    }

    #[test]
    fn what_a_killed_process_left_is_free() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.harmonium");
        fs::write(folder.path().join(".a.harmonium.lock"), "long gone").unwrap();
        drop(take(&path));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_to_a_project_meets_the_same_lock() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.harmonium");
        fs::write(&path, b"").unwrap();
        let link = folder.path().join("link.harmonium");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        let lock = take(&path);
        assert!(lock.is_of(&link));
        assert!(matches!(ProjectLock::take(&link, "Ben"), Hold::Elsewhere { .. }));
    }

    #[test]
    fn many_who_ask_at_once_are_one_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.harmonium");
        let inside = std::sync::atomic::AtomicUsize::new(0);
        let n_held = std::sync::atomic::AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    use std::sync::atomic::Ordering::SeqCst;
                    for _ in 0..500 {
                        if let Hold::Ours(lock) = ProjectLock::take(&path, "one of four") {
                            assert_eq!(inside.fetch_add(1, SeqCst), 0, "two have it");
                            n_held.fetch_add(1, SeqCst);
                            inside.fetch_sub(1, SeqCst);
                            drop(lock);
                        }
                    }
                });
            }
        });
        assert!(n_held.into_inner() > 100);
    }

    #[test]
    fn odd_words_in_a_lock_file_stay_one_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.harmonium");
        let _lock = match ProjectLock::take(&path, &format!("\u{7}A{}\nB", "x".repeat(1000))) {
            Hold::Ours(lock) => lock,
            other => panic!("{other:?}"),
        };
        match ProjectLock::take(&path, "Ben") {
            Hold::Elsewhere { holder } => {
                assert!(holder.starts_with("Ax") && holder.len() < 500, "{holder}");
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn where_no_folder_is_there_is_no_lock_but_words() {
        let path = Path::new("/nonexistent-folder/a.harmonium");
        match ProjectLock::take(path, "Ann") {
            Hold::NoWriting { reason } => assert!(reason.contains("No such file"), "{reason}"),
            other => panic!("{other:?}"),
        }
    }
}
