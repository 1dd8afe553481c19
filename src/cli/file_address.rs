//! Files as file managers hand them over: paths, or addresses such as `file:///home/ann/a%20song.mid`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use percent_encoding::percent_decode;

/// The path that is meant. What is no address of a file on this machine, or is the name of one that
/// is there, stays as it is.
pub(super) fn path_of(given: OsString) -> PathBuf {
    let is_there = Path::new(&given).exists();
    match decoded(given.as_encoded_bytes()) {
        Some(path) if !is_there => path,
        _ => given.into(),
    }
}

fn decoded(address: &[u8]) -> Option<PathBuf> {
    let rest = address.strip_prefix(b"file:")?;
    let path = match rest.strip_prefix(b"//") {
        // Behind two strokes stands a machine: none, or this one.
        Some(rest) => rest.strip_prefix(b"localhost").unwrap_or(rest),
        None => rest,
    };
    path.starts_with(b"/").then(|| path_from(percent_decode(path).collect()))
}

#[cfg(unix)]
fn path_from(bytes: Vec<u8>) -> PathBuf {
    use std::os::unix::ffi::OsStringExt as _;
    OsString::from_vec(bytes).into()
}

/// "/C:/songs" is "C:/songs".
#[cfg(not(unix))]
fn path_from(bytes: Vec<u8>) -> PathBuf {
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let has_drive = text.as_bytes().get(2) == Some(&b':');
    if has_drive { text[1..].into() } else { text.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn addresses_of_files_are_paths() {
        use std::os::unix::ffi::OsStrExt as _;
        for (given, path) in [
            ("file:///home/ann/a%20song%231.mid", "/home/ann/a song#1.mid"),
            ("file:/home/ann/a.mid", "/home/ann/a.mid"),
            ("file://localhost/home/%C3%A4.mid", "/home/ä.mid"),
            ("file:///odd%zz%2", "/odd%zz%2"),
            // Not ours to read.
            ("file://studio/home/a.mid", "file://studio/home/a.mid"),
            ("http://example.org/a.mid", "http://example.org/a.mid"),
            ("file:a.mid", "file:a.mid"),
            ("100%25.mid", "100%25.mid"),
            ("", ""),
        ] {
            assert_eq!(path_of(given.into()), Path::new(path), "{given}");
        }
        let odd = path_of("file:///%FF%00a".into());
        assert_eq!(odd.as_os_str().as_bytes(), b"/\xff\0a");
    }

    #[test]
    fn a_file_with_the_name_of_an_address_is_itself() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file:");
        std::fs::write(&path, b"").unwrap();
        assert_eq!(path_of(path.clone().into_os_string()), path);
    }
}
