//! Writing a file so that it is either the old one or the new one, never half of it.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

use super::ProjectError;

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
        .map_err(|source| ProjectError::Write { path: path.to_owned(), source })
}

fn write_and_rename(path: &Path, bytes: &[u8], backup: Option<&Path>) -> std::io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut aside = tempfile::Builder::new().prefix(".harmonium-").tempfile_in(folder)?;
    aside.write_all(bytes)?;
    aside.as_file().sync_all()?;
    keep_permissions(path, aside.as_file())?;
    if let Some(backup) = backup
        && path.exists()
    {
        keep_backup(path, backup)?;
    }
    aside.persist(path).map_err(|error| error.error)?;
    // The rename itself is on the disk only when the folder is.
    File::open(folder)?.sync_all()
}

/// A temporary file is readable by its owner only; the project is as readable as it was, or as
/// new files are.
fn keep_permissions(path: &Path, aside: &File) -> std::io::Result<()> {
    match fs::metadata(path) {
        Ok(old) => aside.set_permissions(old.permissions()),
        Err(_) => set_default_permissions(aside),
    }
}

#[cfg(unix)]
fn set_default_permissions(aside: &File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    aside.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn set_default_permissions(_aside: &File) -> std::io::Result<()> {
    Ok(())
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
