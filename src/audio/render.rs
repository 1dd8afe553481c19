//! A score as a sound file, faster than it plays and with constant memory.

use std::io;
use std::ops::ControlFlow;
use std::path::Path;

use tempfile::NamedTempFile;

use super::error::AudioError;
use super::sequence::{Cursor, Sequence, SoundSettings};
use super::sound_file::{FileFormat, SoundWriter};
use super::soundfont::SoundFont;
use super::synth::{FluidSynth, Synth};
use crate::music::Score;

/// What was written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RenderReport {
    pub frames: u64,
    pub seconds: f64,
    /// The loudest sample of the file; full scale is 1.
    pub peak: f32,
    /// By how much the piece was turned down so that it does not clip; usually 1.
    pub scale: f32,
}

/// Renders a score into a stereo sound file.
///
/// The file holds the whole piece, its trailing rest included, and what rings on after it. A
/// piece that would pass full scale is rendered a second time, turned down as a whole so that
/// its peak just fits: nothing clips and nothing is compressed. The file is written aside and
/// renamed at the end, so that a cancelled or failed export leaves nothing behind and an older
/// file of the name intact.
///
/// `progress` is called several times a second with the share that is done, and cancels the
/// export by answering `Break`.
pub fn render_file(
    score: &Score,
    settings: &SoundSettings,
    font: &SoundFont,
    format: FileFormat,
    path: &Path,
    progress: &mut dyn FnMut(f64) -> ControlFlow<()>,
) -> Result<RenderReport, AudioError> {
    let mut progress = Progress { call: progress, passes: 1.0, reached: 0.0 };
    let ceiling = format.ceiling();
    let first = Pass::for_file(score, settings, font, format)?;
    first.check_length(format)?;
    let not_written = |source| not_written(path, source);
    let mut file = create_aside(path).map_err(not_written)?;
    let mut report = write_pass(first, 1.0, format, &mut file, path, &mut progress)?;
    if report.peak > ceiling {
        let scale = ceiling / report.peak;
        file = create_aside(path).map_err(not_written)?;
        let second = Pass::for_file(score, settings, font, format)?;
        progress.passes = 2.0;
        report = write_pass(second, scale, format, &mut file, path, &mut progress)?;
    }
    progress.report(1.0)?;
    file.as_file().sync_all().map_err(not_written)?;
    file.persist(path).map_err(|e| not_written(e.error))?;
    Ok(report)
}

/// The same sound as samples in memory, interleaved stereo, unlimited in level.
pub fn render_to_vec(
    score: &Score,
    settings: &SoundSettings,
    font: &SoundFont,
    sample_rate: u32,
) -> Result<Vec<f32>, AudioError> {
    let mut pass = Pass::new(score, settings, font, sample_rate)?;
    let mut samples = Vec::new();
    while let Some(block) = pass.next_block() {
        samples.extend_from_slice(block);
    }
    Ok(samples)
}

const BLOCK_FRAMES: usize = 4096;
const SILENCE_SECS: f64 = 0.2;
const LONGEST_TAIL_SECS: f64 = 10.0;
const FADE_SECS: f64 = 0.05;

/// One run through the piece, block by block.
struct Pass {
    synth: FluidSynth,
    sequence: Sequence,
    cursor: Cursor,
    volume: f32,
    silence_level: f32,
    silent_frames: u64,
    block: Vec<f32>,
}

impl Pass {
    fn new(
        score: &Score,
        settings: &SoundSettings,
        font: &SoundFont,
        sample_rate: u32,
    ) -> Result<Self, AudioError> {
        let mut synth = FluidSynth::new(font, sample_rate)?;
        let sequence = Sequence::new(score, settings, sample_rate);
        synth.set_effects(settings.effects);
        sequence.send_programs(&mut synth);
        Ok(Self {
            synth,
            cursor: sequence.cursor_at(0),
            sequence,
            volume: settings.volume.max(0.0),
            silence_level: FileFormat::default().silence_level(),
            silent_frames: 0,
            block: vec![0.0; BLOCK_FRAMES * 2],
        })
    }

    fn for_file(
        score: &Score,
        settings: &SoundSettings,
        font: &SoundFont,
        format: FileFormat,
    ) -> Result<Self, AudioError> {
        let pass = Self::new(score, settings, font, format.sample_rate)?;
        Ok(Self { silence_level: format.silence_level(), ..pass })
    }

    /// The next samples, until the piece is over and silent.
    fn next_block(&mut self) -> Option<&[f32]> {
        let music_end = self.sequence.end_frame();
        let tail_end = self.tail_end();
        let is_over = self.cursor.frame >= music_end;
        let is_silent = self.silent_frames >= self.frames(SILENCE_SECS);
        if self.cursor.frame >= tail_end || is_over && is_silent {
            return None;
        }
        let first = self.cursor.frame;
        // Up to the end of the music first, so that the tail is looked at by itself.
        let until = if is_over { tail_end } else { music_end };
        let frames = (until - first).min(BLOCK_FRAMES as u64) as usize;
        let block = &mut self.block[..frames * 2];
        self.sequence.render(&mut self.synth, &mut self.cursor, block);
        let fade_frames = FADE_SECS * f64::from(self.sequence.sample_rate());
        let mut peak = 0.0_f32;
        for (frame, samples) in (first..).zip(block.chunks_exact_mut(2)) {
            let fade = ((tail_end - frame) as f64 / fade_frames).min(1.0) as f32;
            for sample in samples {
                *sample *= self.volume * fade;
                peak = peak.max(sample.abs());
            }
        }
        if peak > self.silence_level || !is_over {
            self.silent_frames = 0;
        } else {
            self.silent_frames += frames as u64;
        }
        Some(&self.block[..frames * 2])
    }

    fn tail_end(&self) -> u64 {
        self.sequence.end_frame() + self.frames(LONGEST_TAIL_SECS)
    }

    fn frames(&self, seconds: f64) -> u64 {
        (seconds * f64::from(self.sequence.sample_rate())) as u64
    }

    /// Share of the piece that has been rendered.
    fn done(&self) -> f64 {
        let end = self.sequence.end_frame().max(1) as f64;
        (self.cursor.frame as f64 / end).min(1.0)
    }

    fn check_length(&self, format: FileFormat) -> Result<(), AudioError> {
        let Some(most_frames) = format.most_frames().filter(|most| self.tail_end() > *most) else {
            return Ok(());
        };
        let limit_minutes = most_frames / u64::from(self.sequence.sample_rate()) / 60;
        Err(AudioError::TooLong { limit_minutes })
    }
}

struct Progress<'a> {
    call: &'a mut dyn FnMut(f64) -> ControlFlow<()>,
    passes: f64,
    reached: f64,
}

impl Progress<'_> {
    /// Never goes back, though a second pass may turn out to be needed on the way.
    fn report(&mut self, done: f64) -> Result<(), AudioError> {
        self.reached = done.max(self.reached);
        match (self.call)(self.reached) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(AudioError::Cancelled),
        }
    }
}

/// Writes one pass. Once it has passed full scale only its peak is of interest.
fn write_pass(
    mut pass: Pass,
    scale: f32,
    format: FileFormat,
    file: &mut NamedTempFile,
    path: &Path,
    progress: &mut Progress<'_>,
) -> Result<RenderReport, AudioError> {
    let sample_rate = pass.sequence.sample_rate();
    let is_second = progress.passes > 1.0;
    let failed = |error| not_written(path, error);
    let mut writer = SoundWriter::new(file.as_file_mut(), format).map_err(failed)?;
    let (mut peak, mut frames) = (0.0_f32, 0);
    let mut scaled = Vec::with_capacity(BLOCK_FRAMES * 2);
    while let Some(block) = pass.next_block() {
        frames += block.len() as u64 / 2;
        peak = block.iter().fold(peak, |peak, s| peak.max(s.abs() * scale));
        if peak <= format.ceiling() * 1.0001 {
            scaled.clear();
            scaled.extend(block.iter().map(|sample| sample * scale));
            writer.write(&scaled).map_err(failed)?;
        } else {
            progress.passes = 2.0;
        }
        let done_before = if is_second { 1.0 } else { 0.0 };
        progress.report((done_before + pass.done()) / progress.passes)?;
    }
    // A pass that is done again has no whole file to finish.
    if peak <= format.ceiling() * 1.0001 {
        writer.finish().map_err(failed)?;
    }
    Ok(RenderReport { frames, seconds: frames as f64 / f64::from(sample_rate), peak, scale })
}

/// A file in the same folder that vanishes unless it is renamed.
fn create_aside(path: &Path) -> io::Result<NamedTempFile> {
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix(".harmonium-");
    // Temporary files are private; an export gets the rights of any other new file.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

fn not_written(path: &Path, source: io::Error) -> AudioError {
    AudioError::NotWritten { path: path.to_owned(), source }
}
