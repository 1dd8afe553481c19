//! Trying a SoundFont in another process first, because the synthesiser's C code can crash on a
//! damaged one that has the right structure.

use std::io::Read as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use super::error::AudioError;

/// The program beside ours that tries a font. It is one of its own so that it does not load
/// libtorch.
pub const PROBE_PROGRAM: &str = "harmonium-font-probe";
/// Far longer than the largest fonts take.
pub const PROBE_LIMIT: Duration = Duration::from_mins(1);

const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Has a font tried by `program`, the [`PROBE_PROGRAM`], in a process of its own. Blocks for up
/// to `limit`.
pub fn probe_soundfont(program: &Path, font: &Path, limit: Duration) -> Result<(), AudioError> {
    let failed = |reason: String| AudioError::FontNotLoaded { path: font.to_owned(), reason };
    let mut child = Command::new(program)
        .arg(font)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| failed(format!("it could not be tried: {error}")))?;
    match wait(&mut child, limit) {
        Ok(Some(status)) if status.success() => Ok(()),
        Ok(Some(status)) => Err(failed(how_it_ended(status, &mut child))),
        Ok(None) => {
            Err(failed(format!("it was not loaded within {} seconds", limit.as_secs_f64().round())))
        }
        Err(error) => Err(failed(format!("it could not be tried: {error}"))),
    }
}

/// `None` when the time is over; the process has ended in any case.
fn wait(child: &mut Child, limit: Duration) -> std::io::Result<Option<ExitStatus>> {
    let until = Instant::now() + limit;
    loop {
        match child.try_wait() {
            Ok(None) if Instant::now() < until => std::thread::sleep(LOOK_EVERY),
            Ok(Some(status)) => return Ok(Some(status)),
            Ok(None) => {
                child.kill()?;
                child.wait()?;
                return Ok(None);
            }
            Err(error) => {
                drop(child.kill());
                return Err(error);
            }
        }
    }
}

fn how_it_ended(status: ExitStatus, child: &mut Child) -> String {
    if status.code() != Some(1) {
        return format!("it crashes the synthesiser ({status})");
    }
    let mut words = String::new();
    if let Some(mut said) = child.stderr.take() {
        // What cannot be read is not said.
        drop(said.read_to_string(&mut words));
    }
    let last = words.lines().last().unwrap_or("it does not play").trim();
    last.trim_start_matches("harmonium: ").to_owned()
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    /// A program that does this when it is asked to try a font.
    fn program(script: &str) -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("program");
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        (folder, path)
    }

    fn probed(script: &str, limit: Duration) -> Result<(), String> {
        let (_folder, program) = program(script);
        let font = Path::new("/fonts/my.sf2");
        probe_soundfont(&program, font, limit).map_err(|error| error.to_string())
    }

    #[test]
    fn a_crash_a_refusal_and_a_font_without_end_are_told_apart() {
        let long = Duration::from_secs(20);
        assert_eq!(probed("test \"$1\" = \"/fonts/my.sf2\"", long), Ok(()));
        let crashed = probed("kill -SEGV $$", long).unwrap_err();
        assert!(crashed.contains("my.sf2") && crashed.contains("crashes"), "{crashed}");
        let refused = probed("echo harmonium: no sound >&2; exit 1", long).unwrap_err();
        assert!(refused.contains("my.sf2") && refused.contains(": no sound"), "{refused}");
        let endless = probed("exec sleep 100", Duration::from_millis(50)).unwrap_err();
        assert!(endless.contains("not loaded within"), "{endless}");
        let missing = probe_soundfont(Path::new("/no/program"), Path::new("a"), long);
        assert!(missing.unwrap_err().to_string().contains("could not be tried"));
    }
}
