//! `harmonium render`: a MIDI file as sound.

use std::ops::ControlFlow;
use std::path::Path;
use std::process::ExitCode;

use serde_json::json;

use crate::audio::{PROBE_LIMIT, SoundFont, find_soundfont, probe_soundfont, render_file};
use crate::music::metronome_track;
use crate::platform::Places;

use super::arguments::RenderOptions;
use super::given::read_score;
use super::output::{UsageError, object, print_json, say};
use super::sound_options::Switch;

pub(super) fn check(options: &RenderOptions) -> anyhow::Result<()> {
    options.format.format(&options.out)?;
    Ok(())
}

pub(super) fn run(options: &RenderOptions) -> anyhow::Result<ExitCode> {
    if is_same_file(&options.file, &options.out) {
        let words = "the sound would take the place of the MIDI file; name another --out";
        return Err(UsageError(words.to_owned()).into());
    }
    let format = options.format.format(&options.out)?;
    let score = read_score(&options.file)?;
    let places = Places::find();
    let font = match &options.soundfont {
        Some(path) => foreign_font(path, &places)?,
        None => find_soundfont(&places.soundfont.into_iter().collect::<Vec<_>>())?,
    };
    let mut score = options.sound.performance().perform(&score);
    if options.sound.metronome == Switch::On {
        score.tracks.push(metronome_track(&score));
    }
    if score.tracks.iter().all(|track| track.notes.is_empty()) {
        anyhow::bail!(
            "{}: it has no notes, so there is nothing to hear and {} was not written; name a file \
             with music",
            options.file.display(),
            options.out.display()
        );
    }
    let settings = options.sound.settings();
    let mut go_on = |_share: f64| ControlFlow::Continue(());
    let report = render_file(&score, &settings, &font, format, &options.out, &mut go_on)?;
    if options.json {
        print_json(&object([
            ("file", json!(options.out.to_string_lossy())),
            ("seconds", json!(report.seconds)),
            ("frames", json!(report.frames)),
            ("peak", json!(report.peak)),
            ("rate", json!(format.sample_rate)),
            ("format", json!(format.container.ending())),
            ("scale", json!(report.scale)),
        ]))?;
    } else {
        say!("{}: {:.1} s", options.out.display(), report.seconds)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// A font that did not ship with the program is tried in another process first.
fn foreign_font(path: &Path, places: &Places) -> anyhow::Result<SoundFont> {
    let font = SoundFont::open(path)?;
    let is_built_in = places.soundfont.as_deref().is_some_and(|own| is_same_file(own, path));
    if let Some(program) = places.font_probe.as_ref().filter(|_| !is_built_in) {
        probe_soundfont(program, path, PROBE_LIMIT)?;
    }
    Ok(font)
}

fn is_same_file(a: &Path, b: &Path) -> bool {
    match (a.canonicalize(), b.canonicalize()) {
        (Ok(a), Ok(b)) => a == b,
        _ => false,
    }
}
