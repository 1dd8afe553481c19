//! The MIDI files that `harmonium generate` is given, as tasks.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use anyhow::Context as _;

use crate::dataset::EncodingSettings;
use crate::generate::{GenerateError, Region, Task, score_notes_to_roll};
use crate::midi;
use crate::music::{Metre, PianoRoll, Score};

use super::generate_options::TaskOptions;
use super::output::{UsageError, tell};

/// A task with the metre and the tempo of its file.
pub(super) struct Given {
    pub task: Task,
    pub metre: Metre,
    pub beats_per_minute: f64,
}

/// What the options give; `None` for new pieces.
pub(super) fn given(
    options: &TaskOptions,
    encoding: &EncodingSettings,
) -> anyhow::Result<Option<Given>> {
    let files = [
        &options.continue_file,
        &options.lead_up_to,
        &options.infill,
        &options.harmonise,
        &options.melody_for,
        &options.vary,
    ];
    let pair = options.interpolate.as_deref().unwrap_or_default();
    let Some(file) = files.into_iter().flatten().chain(pair).next() else { return Ok(None) };
    let (roll, score) = read_roll(file, encoding)?;
    let metre = score.metres.first().map_or(Metre::COMMON, |change| change.metre);
    let beats_per_minute = score.tempo.prevailing(score.length_ticks);
    let task = if options.continue_file.is_some() {
        Task::Continue(roll)
    } else if options.lead_up_to.is_some() {
        Task::LeadUpTo(roll)
    } else if options.infill.is_some() {
        let region = region(options, &roll, metre, encoding)?;
        if options.around { Task::Around { roll, region } } else { Task::Inside { roll, region } }
    } else if options.harmonise.is_some() {
        Task::Harmonise(roll)
    } else if options.melody_for.is_some() {
        Task::MelodyFor(roll)
    } else if options.vary.is_some() {
        Task::Vary { roll, amount: check_amount(options)? }
    } else {
        let second = pair.last().map_or(file, |file| file);
        Task::Interpolate { from: roll, to: read_roll(second, encoding)?.0 }
    };
    Ok(Some(Given { task, metre, beats_per_minute }))
}

/// How far a variation strays.
pub(super) fn check_amount(options: &TaskOptions) -> Result<f64, UsageError> {
    let amount = options.amount.unwrap_or(0.5);
    if (0.0..=1.0).contains(&amount) {
        Ok(amount)
    } else {
        Err(UsageError(format!("--amount {amount}: it goes from 0 to 1")))
    }
}

/// Bars such as `3-4`, counted from 1, both included, and the pitches of them that are meant.
fn region(
    options: &TaskOptions,
    roll: &PianoRoll,
    metre: Metre,
    encoding: &EncodingSettings,
) -> anyhow::Result<Region> {
    let bars = options.bars_free.as_deref().unwrap_or_default();
    let malformed = || UsageError(format!("--bars-free {bars}: it has the form 3-4, or 3"));
    let (first, last) = bars.split_once('-').unwrap_or((bars, bars));
    let first: u32 = first.trim().parse().map_err(|_error| malformed())?;
    let last: u32 = last.trim().parse().map_err(|_error| malformed())?;
    let steps_per_bar = metre.beats_per_bar() * f64::from(encoding.steps_per_beat);
    let n_bars = (roll.n_steps() as f64 / steps_per_bar).ceil() as u32;
    if first < 1 || last < first || last > n_bars {
        return Err(GenerateError::BarsOutside { first, last, bars: n_bars }.into());
    }
    let step = |bar: u32| ((f64::from(bar) * steps_per_bar).round() as usize).min(roll.n_steps());
    let (low, high) = options.pitches_free.unwrap_or((0, 127));
    Ok(Region { steps: step(first - 1)..step(last), pitches: low..high + 1 })
}

/// The roll of a MIDI file in the encoding of the model, and the file's score.
pub(super) fn read_roll(
    path: &Path,
    encoding: &EncodingSettings,
) -> anyhow::Result<(PianoRoll, Score)> {
    let score = read_score(path)?;
    let roll = score_notes_to_roll(&score, encoding.pitches(), encoding.steps_per_beat);
    if roll.hold_count() == 0 {
        anyhow::bail!("{} has no notes within the model's pitch range", path.display());
    }
    Ok((roll, score))
}

/// Reads a MIDI file; the error names it.
pub(super) fn read_score(path: &Path) -> anyhow::Result<Score> {
    let bytes = read_bytes(path).with_context(|| format!("{}", path.display()))?;
    let file = midi::read(&bytes).with_context(|| format!("{}", path.display()))?;
    for warning in &file.warnings {
        tell!("harmonium: {}: {warning}", path.display());
    }
    Ok(file.to_score())
}

/// No more than a MIDI file may have and a byte, for the reader to refuse: some files have no end.
fn read_bytes(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(midi::MAX_FILE_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_too_long_for_midi_is_not_read_to_its_end() {
        let file = tempfile::NamedTempFile::new().unwrap();
        // Of a terabyte, none of it on the disk.
        file.as_file().set_len(1 << 40).unwrap();
        let error = read_score(file.path()).unwrap_err();
        assert!(format!("{error:#}").contains(&*file.path().to_string_lossy()), "{error:#}");
    }
}
