//! Trying a SoundFont in another process first, because the synthesiser's C code can crash on a
//! damaged one that has the right structure.

use std::io::Read as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use super::error::AudioError;
use super::soundfont::SoundFont;
use super::synth::FluidSynth;

/// The hidden command of the program that tries a font.
pub const PROBE_COMMAND: &str = "probe-soundfont";
/// Far longer than the largest fonts take.
pub const PROBE_LIMIT: Duration = Duration::from_secs(60);

const SAMPLE_RATE: u32 = 44_100;
const KEYS: [u8; 5] = [24, 48, 60, 76, 100];
const FRAMES_A_PRESET: usize = 2048;
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Loads a font and plays every instrument and kit of it. On a damaged font this may crash the
/// process: it is what [`probe_soundfont`] does in another one. Gives the number of presets.
pub fn play_every_preset(path: &Path) -> Result<usize, AudioError> {
    let font = SoundFont::open(path)?;
    let mut synth = FluidSynth::new(&font, SAMPLE_RATE)?;
    let mut sound = vec![0.0; FRAMES_A_PRESET * 2];
    for preset in font.presets() {
        synth.try_preset(preset, &KEYS, &mut sound);
        if sound.iter().any(|sample| !sample.is_finite()) {
            return Err(AudioError::FontNotLoaded {
                path: path.to_owned(),
                reason: format!("its preset \"{}\" sounds beyond all bounds", preset.name),
            });
        }
    }
    Ok(font.presets().len())
}

/// Has a font tried by `program`, which is this program, in a process of its own. Blocks for up
/// to `limit`.
pub fn probe_soundfont(program: &Path, font: &Path, limit: Duration) -> Result<(), AudioError> {
    let failed = |reason: String| AudioError::FontNotLoaded { path: font.to_owned(), reason };
    let mut child = Command::new(program)
        .arg(PROBE_COMMAND)
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

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::audio::testing::{shipped_font, tiny_font_file};

    #[test]
    fn good_fonts_play_all_their_presets() {
        let (_file, path) = tiny_font_file();
        assert_eq!(play_every_preset(&path).unwrap(), 2);
        let Some(font) = shipped_font() else { return };
        assert_eq!(play_every_preset(font.path()).unwrap(), font.presets().len());
    }

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
        assert_eq!(probed("test \"$1 $2\" = \"probe-soundfont /fonts/my.sf2\"", long), Ok(()));
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
