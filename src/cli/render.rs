//! `harmonium render`: a MIDI file as sound.

use std::ops::ControlFlow;
use std::path::Path;
use std::process::ExitCode;

use serde_json::json;

use crate::audio::{SoundSettings, find_soundfont, render_wav};
use crate::platform::Places;

use super::arguments::RenderOptions;
use super::given::read_score;
use super::output::{UsageError, object, print_json, say};

pub(super) fn run(options: &RenderOptions) -> anyhow::Result<ExitCode> {
    if is_same_file(&options.file, &options.out) {
        let words = "the sound would take the place of the MIDI file; name another --out";
        return Err(UsageError(words.to_owned()).into());
    }
    let score = read_score(&options.file)?;
    let candidates: Vec<_> = match &options.soundfont {
        Some(path) => vec![path.clone()],
        None => Places::find().soundfont.into_iter().collect(),
    };
    let font = find_soundfont(&candidates)?;
    let settings = SoundSettings::default();
    let mut go_on = |_share: f64| ControlFlow::Continue(());
    let report = render_wav(&score, &settings, &font, options.rate, &options.out, &mut go_on)?;
    if options.json {
        print_json(&object([
            ("file", json!(options.out.to_string_lossy())),
            ("seconds", json!(report.seconds)),
            ("frames", json!(report.frames)),
            ("peak", json!(report.peak)),
            ("rate", json!(options.rate)),
        ]))?;
    } else {
        say!("{}: {:.1} s", options.out.display(), report.seconds)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn is_same_file(a: &Path, b: &Path) -> bool {
    match (a.canonicalize(), b.canonicalize()) {
        (Ok(a), Ok(b)) => a == b,
        _ => false,
    }
}
