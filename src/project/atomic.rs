//! Writing a file so that it is either the old one or the new one, never half of it.
//!
//! Every step that touches the disk goes through [`Disk`], so that tests can let the k-th of them
//! fail, for every k.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::NamedTempFile;

use super::ProjectError;
use super::error::write_words;

/// What the names of temporary files begin with.
const ASIDE: &str = ".harmonium-aside-";
/// Bytes are handed to the system in pieces of this size.
const CHUNK: usize = 1 << 20;
/// A temporary file so much older than the one that is being written was left behind.
const STRAY_AFTER: Duration = Duration::from_mins(1);

/// Writes aside, flushes to the disk, renames, and flushes the folder. With `backup`, what stood
/// there before is kept under that name.
///
/// # Errors
/// Names the file and the reason; the old file is untouched then.
pub fn write_atomically(
    path: &Path,
    bytes: &[u8],
    backup: Option<&Path>,
) -> Result<(), ProjectError> {
    write_and_rename(&mut SystemDisk, path, bytes, backup)
        .map_err(|error| ProjectError::Write { path: path.to_owned(), reason: write_words(&error) })
}

/// The steps of a write, each of which the system may refuse.
trait Disk {
    fn create_aside(&mut self, folder: &Path) -> io::Result<NamedTempFile>;
    fn write(&mut self, file: &mut NamedTempFile, bytes: &[u8]) -> io::Result<()>;
    fn flush(&mut self, file: &File) -> io::Result<()>;
    fn set_permissions(&mut self, file: &File, permissions: fs::Permissions) -> io::Result<()>;
    /// A second name for a file, or a copy where the disk knows no second names.
    fn link(&mut self, from: &Path, to: &Path) -> io::Result<()>;
    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()>;
    fn persist(&mut self, file: NamedTempFile, to: &Path) -> io::Result<()>;
    fn flush_folder(&mut self, folder: &Path) -> io::Result<()>;
}

struct SystemDisk;

impl Disk for SystemDisk {
    fn create_aside(&mut self, folder: &Path) -> io::Result<NamedTempFile> {
        let file = open_aside(folder)?;
        // Whoever tidies up leaves alone what is locked. A disk without locks has an age.
        drop(file.as_file().try_lock());
        Ok(file)
    }

    fn write(&mut self, file: &mut NamedTempFile, bytes: &[u8]) -> io::Result<()> {
        file.write_all(bytes)
    }

    fn flush(&mut self, file: &File) -> io::Result<()> {
        file.sync_all()
    }

    fn set_permissions(&mut self, file: &File, permissions: fs::Permissions) -> io::Result<()> {
        file.set_permissions(permissions)
    }

    fn link(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        fs::hard_link(from, to).or_else(|_no_links| fs::copy(from, to).map(|_| ()))
    }

    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn persist(&mut self, file: NamedTempFile, to: &Path) -> io::Result<()> {
        file.persist(to).map(|_| ()).map_err(|error| error.error)
    }

    fn flush_folder(&mut self, folder: &Path) -> io::Result<()> {
        File::open(folder)?.sync_all()
    }
}

fn write_and_rename(
    disk: &mut impl Disk,
    path: &Path,
    bytes: &[u8],
    backup: Option<&Path>,
) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut aside = disk.create_aside(folder)?;
    for chunk in bytes.chunks(CHUNK) {
        disk.write(&mut aside, chunk)?;
    }
    disk.flush(aside.as_file())?;
    // The project stays as readable as it was.
    if let Ok(old) = fs::metadata(path) {
        disk.set_permissions(aside.as_file(), old.permissions())?;
    }
    sweep(folder, aside.as_file());
    if let Some(backup) = backup
        && path.exists()
    {
        keep_backup(disk, path, backup)?;
    }
    disk.persist(aside, path)?;
    // The rename itself is on the disk only when the folder is. The file is whole already, so a
    // folder that cannot be flushed (some network drives) is no failure.
    if let Err(error) = disk.flush_folder(folder) {
        log::warn!("{} could not be flushed: {error}", folder.display());
    }
    Ok(())
}

/// A temporary file is readable by its owner only; this one is as readable as new files are here.
fn open_aside(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(ASIDE);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // The process's umask takes away what it takes from every new file.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

/// The old file stays in place while its backup is made, and the old backup until there is another.
fn keep_backup(disk: &mut impl Disk, path: &Path, backup: &Path) -> io::Result<()> {
    let second_name = aside_name(backup);
    // What a killed process may have left.
    drop(fs::remove_file(&second_name));
    let result = disk.link(path, &second_name).and_then(|()| disk.rename(&second_name, backup));
    // It is still there after a failure, and also where both were names of one file already:
    // renaming one to the other does nothing then.
    drop(fs::remove_file(&second_name));
    result
}

/// `.harmonium-aside-NAME`, beside it.
fn aside_name(path: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(ASIDE);
    name.push(path.file_name().unwrap_or_default());
    path.with_file_name(name)
}

/// Removes temporary files that killed processes left behind: older than the one that is being
/// written, by the disk's own clock, and locked by nobody.
fn sweep(folder: &Path, newest: &File) {
    let Ok(now) = newest.metadata().and_then(|metadata| metadata.modified()) else { return };
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if !entry.file_name().to_string_lossy().starts_with(ASIDE) {
            continue;
        }
        // Of a link, the link itself: what it points to is none of ours.
        let modified = entry.metadata().ok().filter(fs::Metadata::is_file);
        let modified = modified.and_then(|metadata| metadata.modified().ok());
        let age = modified.and_then(|modified| now.duration_since(modified).ok());
        if age.is_none_or(|age| age < STRAY_AFTER) {
            continue;
        }
        let path = entry.path();
        let is_left = File::open(&path).is_ok_and(|file| file.try_lock().is_ok());
        if is_left && fs::remove_file(&path).is_ok() {
            log::info!("{} was left behind, and is removed", path.display());
        }
    }
}

#[cfg(test)]
mod tests;
