//! Saving meets a disk that refuses any step, or a process that dies at it.

use super::*;

/// How step k goes wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Mishap {
    /// The system says no, and whoever writes tidies up.
    Refused,
    /// Half of the bytes arrive, then the disk is full.
    Half,
    /// The process is killed: nothing after it happens, nobody tidies up.
    Killed,
}

/// Lets one step go wrong, counted from 0.
struct FaultyDisk {
    step: usize,
    fails_at: usize,
    mishap: Mishap,
}

impl FaultyDisk {
    fn new(fails_at: usize, mishap: Mishap) -> Self {
        Self { step: 0, fails_at, mishap }
    }

    fn fails(&mut self) -> bool {
        self.step += 1;
        self.step - 1 == self.fails_at
    }

    fn may(&mut self) -> io::Result<()> {
        if self.fails() { Err(self.error()) } else { Ok(()) }
    }

    fn error(&self) -> io::Error {
        // A killed process runs no destructor: the panic is caught where files are leaked.
        assert!(self.mishap != Mishap::Killed, "killed");
        io::Error::from(io::ErrorKind::StorageFull)
    }
}

impl Disk for FaultyDisk {
    fn create_aside(&mut self, folder: &Path) -> io::Result<NamedTempFile> {
        self.may()?;
        let mut file = SystemDisk.create_aside(folder)?;
        file.disable_cleanup(self.mishap == Mishap::Killed);
        Ok(file)
    }

    fn write(&mut self, file: &mut NamedTempFile, bytes: &[u8]) -> io::Result<()> {
        if self.fails() {
            if self.mishap != Mishap::Refused {
                SystemDisk.write(file, &bytes[..bytes.len() / 2])?;
            }
            return Err(self.error());
        }
        SystemDisk.write(file, bytes)
    }

    fn flush(&mut self, file: &File) -> io::Result<()> {
        self.may()?;
        SystemDisk.flush(file)
    }

    fn set_permissions(&mut self, file: &File, permissions: fs::Permissions) -> io::Result<()> {
        self.may()?;
        SystemDisk.set_permissions(file, permissions)
    }

    fn link(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        self.may()?;
        SystemDisk.link(from, to)
    }

    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        self.may()?;
        SystemDisk.rename(from, to)
    }

    fn persist(&mut self, file: NamedTempFile, to: &Path) -> io::Result<()> {
        self.may()?;
        SystemDisk.persist(file, to)
    }

    fn flush_folder(&mut self, folder: &Path) -> io::Result<()> {
        self.may()?;
        SystemDisk.flush_folder(folder)
    }
}

/// A folder with a project that was saved twice.
struct Shelf {
    folder: tempfile::TempDir,
    path: PathBuf,
    backup: PathBuf,
}

/// More than two pieces.
fn new_bytes() -> Vec<u8> {
    (0..2 * CHUNK + 7).map(|n| (n % 251) as u8).collect()
}

impl Shelf {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.harmonium");
        let backup = folder.path().join("a.harmonium.bak");
        write_atomically(&path, b"oldest", Some(&backup)).unwrap();
        write_atomically(&path, b"old", Some(&backup)).unwrap();
        Self { folder, path, backup }
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn contents(&self) -> (Vec<u8>, Vec<u8>) {
        (fs::read(&self.path).unwrap(), fs::read(&self.backup).unwrap())
    }

    /// As if everything lay there for an hour.
    fn ages(&self) {
        for entry in fs::read_dir(self.folder.path()).unwrap() {
            let file = File::options().write(true).open(entry.unwrap().path()).unwrap();
            let modified = file.metadata().unwrap().modified().unwrap();
            file.set_modified(modified - Duration::from_hours(1)).unwrap();
        }
    }
}

/// The number of steps of a write with a backup.
fn n_steps() -> usize {
    let shelf = Shelf::new();
    let mut disk = FaultyDisk::new(usize::MAX, Mishap::Refused);
    write_and_rename(&mut disk, &shelf.path, &new_bytes(), Some(&shelf.backup)).unwrap();
    disk.step
}

#[test]
fn whichever_step_is_refused_the_old_file_stays_and_nothing_stray() {
    let n_steps = n_steps();
    // Create, three pieces, flush, permissions, link, rename, persist, flush of the folder.
    assert_eq!(n_steps, 10);
    for mishap in [Mishap::Refused, Mishap::Half] {
        for k in 0..n_steps {
            let shelf = Shelf::new();
            let mut disk = FaultyDisk::new(k, mishap);
            let result =
                write_and_rename(&mut disk, &shelf.path, &new_bytes(), Some(&shelf.backup));
            let (file, backup) = shelf.contents();
            if k + 1 == n_steps {
                assert!(result.is_ok(), "the file is whole before its folder is flushed");
                assert!(file == new_bytes() && backup == b"old");
            } else {
                assert!(result.is_err(), "step {k}");
                assert_eq!(file, b"old", "step {k}");
                assert!(backup == b"oldest" || backup == b"old", "step {k}");
            }
            assert_eq!(shelf.names(), ["a.harmonium", "a.harmonium.bak"], "step {k}, {mishap:?}");
        }
    }
}

#[test]
fn killed_at_any_step_the_file_is_old_or_new_and_the_next_save_tidies_up() {
    for k in 0..n_steps() {
        let shelf = Shelf::new();
        let attempt = std::panic::AssertUnwindSafe(|| {
            let mut disk = FaultyDisk::new(k, Mishap::Killed);
            let new = new_bytes();
            let result = write_and_rename(&mut disk, &shelf.path, &new, Some(&shelf.backup));
            result.unwrap();
        });
        assert!(std::panic::catch_unwind(attempt).is_err(), "step {k} kills");
        let (file, backup) = shelf.contents();
        assert!(file == b"old" || file == new_bytes(), "step {k}");
        assert!(backup == b"oldest" || backup == b"old", "step {k}");
        shelf.ages();
        write_atomically(&shelf.path, b"next", Some(&shelf.backup)).unwrap();
        assert_eq!(shelf.contents(), (b"next".to_vec(), file), "step {k}");
        assert_eq!(shelf.names(), ["a.harmonium", "a.harmonium.bak"], "step {k}");
    }
}

#[test]
fn what_somebody_else_is_writing_is_left_alone() {
    let shelf = Shelf::new();
    let others = SystemDisk.create_aside(shelf.folder.path()).unwrap();
    let fresh = shelf.folder.path().join(".harmonium-aside-fresh");
    shelf.ages();
    fs::write(&fresh, b"just begun, on a disk without locks").unwrap();
    write_atomically(&shelf.path, b"next", Some(&shelf.backup)).unwrap();
    assert!(others.path().exists(), "it is locked");
    assert!(fresh.exists(), "it is new");
    let own = shelf.folder.path().join(".harmonium-notes");
    fs::write(&own, b"of the user").unwrap();
    drop(others);
    shelf.ages();
    write_atomically(&shelf.path, b"next", Some(&shelf.backup)).unwrap();
    assert_eq!(shelf.names(), [".harmonium-notes", "a.harmonium", "a.harmonium.bak"]);
}

#[test]
fn a_backup_that_is_the_file_itself_leaves_no_second_name() {
    let shelf = Shelf::new();
    // As it is after a save that failed once its backup was made.
    fs::remove_file(&shelf.backup).unwrap();
    fs::hard_link(&shelf.path, &shelf.backup).unwrap();
    write_atomically(&shelf.path, b"next", Some(&shelf.backup)).unwrap();
    assert_eq!(shelf.contents(), (b"next".to_vec(), b"old".to_vec()));
    assert_eq!(shelf.names(), ["a.harmonium", "a.harmonium.bak"]);
}

#[test]
fn a_second_save_keeps_the_first_as_backup() {
    let folder = tempfile::tempdir().unwrap();
    let (path, backup) = (folder.path().join("a"), folder.path().join("a.bak"));
    write_atomically(&path, b"one", Some(&backup)).unwrap();
    assert!(!backup.exists());
    write_atomically(&path, b"two", Some(&backup)).unwrap();
    write_atomically(&path, b"three", Some(&backup)).unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"three");
    assert_eq!(fs::read(&backup).unwrap(), b"two");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[test]
fn a_failed_write_names_the_file_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("missing").join("a.harmonium");
    let error = write_atomically(&path, b"x", None).unwrap_err().to_string();
    assert!(error.contains("a.harmonium") && error.contains("untouched"), "{error}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}
