//! Writing a file so that it is either the old one or the new one, never half of it.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

use super::ProjectError;
use super::error::io_words;

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
    write_and_rename(path, bytes, backup)
        .map_err(|error| ProjectError::Write { path: path.to_owned(), reason: io_words(&error) })
}

fn write_and_rename(path: &Path, bytes: &[u8], backup: Option<&Path>) -> std::io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut aside = open_aside(folder)?;
    aside.write_all(bytes)?;
    aside.as_file().sync_all()?;
    keep_permissions(path, aside.as_file())?;
    if let Some(backup) = backup
        && path.exists()
    {
        keep_backup(path, backup)?;
    }
    aside.persist(path).map_err(|error| error.error)?;
    // The rename itself is on the disk only when the folder is. The file is whole already, so a
    // folder that cannot be flushed (some network drives) is no failure.
    if let Err(error) = File::open(folder).and_then(|folder| folder.sync_all()) {
        log::warn!("{} could not be flushed: {error}", folder.display());
    }
    Ok(())
}

/// The project stays as readable as it was.
fn keep_permissions(path: &Path, aside: &File) -> std::io::Result<()> {
    match fs::metadata(path) {
        Ok(old) => aside.set_permissions(old.permissions()),
        Err(_new) => Ok(()),
    }
}

/// A temporary file is readable by its owner only; this one is as readable as new files are here.
fn open_aside(folder: &Path) -> std::io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".harmonium-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // The process's umask takes away what it takes from every new file.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

/// The old file stays in place while its backup is made.
fn keep_backup(path: &Path, backup: &Path) -> std::io::Result<()> {
    match fs::remove_file(backup) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    match fs::hard_link(path, backup) {
        Ok(()) => Ok(()),
        Err(_) => fs::copy(path, backup).map(|_| ()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
