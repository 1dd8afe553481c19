//! Showing a file to the person with the system's own file manager.

use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

/// Opens the folder that a file lies in, or a folder itself, and waits until the system has taken
/// it: up to seconds, so not on the window's thread.
///
/// # Errors
/// When the system has nothing that shows folders, or that refuses.
pub fn show_in_folder(path: &Path) -> io::Result<()> {
    let folder = if path.is_dir() { path } else { path.parent().unwrap_or(path) };
    if !folder.is_dir() {
        return Err(io::Error::new(io::ErrorKind::NotFound, "the folder is not there any more"));
    }
    open_with(opener(), folder)
}

const fn opener() -> &'static str {
    if cfg!(target_os = "windows") {
        "explorer"
    } else if cfg!(target_os = "macos") {
        "open"
    } else {
        "xdg-open"
    }
}

fn open_with(program: &str, folder: &Path) -> io::Result<()> {
    let status = Command::new(program)
        .arg(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .map_err(|error| io::Error::new(error.kind(), format!("{program}: {error}")))?;
    // Windows' explorer says 1 when all is well.
    if status.success() || cfg!(target_os = "windows") {
        Ok(())
    } else {
        Err(io::Error::other(format!("{program}: {status}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_shown_says_why() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("gone/a.mid");
        assert!(show_in_folder(&missing).unwrap_err().to_string().contains("not there"));
        let error = open_with("no-such-program", folder.path()).unwrap_err();
        assert!(error.to_string().contains("no-such-program"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn the_opener_gets_the_folder_and_its_failure_is_told() {
        assert!(open_with("true", Path::new("/")).is_ok());
        assert!(open_with("false", Path::new("/")).is_err());
    }
}
