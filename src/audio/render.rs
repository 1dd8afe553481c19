//! A score as a WAV file, faster than it plays and with constant memory.

use std::io::{self, BufWriter};
use std::ops::ControlFlow;
use std::path::Path;

use tempfile::NamedTempFile;

use super::error::AudioError;
use super::level::CEILING;
use super::sequence::{Cursor, Sequence, SoundSettings};
use super::soundfont::SoundFont;
use super::synth::{FluidSynth, Synth};
use crate::music::Score;

/// The sample rate of a WAV file where nothing else is asked for.
pub const DEFAULT_SAMPLE_RATE: u32 = 44_100;

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

/// Renders a score into a 16-bit stereo WAV file.
///
/// The file holds the whole piece, its trailing rest included, and what rings on after it. A
/// piece that would pass full scale is rendered a second time, turned down as a whole so that
/// its peak just fits: nothing clips and nothing is compressed. The file is written aside and
/// renamed at the end, so that a cancelled or failed export leaves nothing behind and an older
/// file of the name intact.
///
/// `progress` is called several times a second with the share that is done, and cancels the
/// export by answering `Break`.
pub fn render_wav(
    score: &Score,
    settings: &SoundSettings,
    font: &SoundFont,
    sample_rate: u32,
    path: &Path,
    progress: &mut dyn FnMut(f64) -> ControlFlow<()>,
) -> Result<RenderReport, AudioError> {
    let mut progress = Progress { call: progress, passes: 1.0, reached: 0.0 };
    let first = Pass::new(score, settings, font, sample_rate)?;
    first.check_length()?;
    let not_written = |source| not_written(path, source);
    let mut file = create_aside(path).map_err(not_written)?;
    let mut report = write_pass(first, 1.0, &mut file, path, &mut progress)?;
    if report.peak > CEILING {
        let scale = CEILING / report.peak;
        file = create_aside(path).map_err(not_written)?;
        let second = Pass::new(score, settings, font, sample_rate)?;
        progress.passes = 2.0;
        report = write_pass(second, scale, &mut file, path, &mut progress)?;
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
/// A sixteenth of the smallest step of 16 bits.
const SILENCE_LEVEL: f32 = 1.0 / 524_288.0;
const SILENCE_SECS: f64 = 0.2;
const LONGEST_TAIL_SECS: f64 = 10.0;
const FADE_SECS: f64 = 0.05;

/// One run through the piece, block by block.
struct Pass {
    synth: FluidSynth,
    sequence: Sequence,
    cursor: Cursor,
    volume: f32,
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
            silent_frames: 0,
            block: vec![0.0; BLOCK_FRAMES * 2],
        })
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
        if peak > SILENCE_LEVEL || !is_over {
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

    /// A WAV file counts its bytes in 32 bits.
    fn check_length(&self) -> Result<(), AudioError> {
        let most_frames = u64::from(u32::MAX - WAV_HEADER_SIZE) / BYTES_A_FRAME;
        if self.tail_end() <= most_frames {
            return Ok(());
        }
        let limit_minutes = most_frames / u64::from(self.sequence.sample_rate()) / 60;
        Err(AudioError::TooLong { limit_minutes })
    }
}

const WAV_HEADER_SIZE: u32 = 44;
const BYTES_A_FRAME: u64 = 4;

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
    file: &mut NamedTempFile,
    path: &Path,
    progress: &mut Progress<'_>,
) -> Result<RenderReport, AudioError> {
    let sample_rate = pass.sequence.sample_rate();
    let spec = hound::WavSpec {
        channels: 2,
        sample_rate,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let is_second = progress.passes > 1.0;
    let failed = |error| not_written(path, io_error(error));
    let mut wav =
        hound::WavWriter::new(BufWriter::new(file.as_file_mut()), spec).map_err(failed)?;
    let (mut peak, mut frames) = (0.0_f32, 0);
    while let Some(block) = pass.next_block() {
        frames += block.len() as u64 / 2;
        peak = block.iter().fold(peak, |peak, s| peak.max(s.abs() * scale));
        if peak <= CEILING * 1.0001 {
            for sample in block {
                wav.write_sample(to_16_bit(sample * scale)).map_err(failed)?;
            }
        } else {
            progress.passes = 2.0;
        }
        let done_before = if is_second { 1.0 } else { 0.0 };
        progress.report((done_before + pass.done()) / progress.passes)?;
    }
    wav.finalize().map_err(failed)?;
    Ok(RenderReport { frames, seconds: frames as f64 / f64::from(sample_rate), peak, scale })
}

fn to_16_bit(sample: f32) -> i16 {
    (sample * f32::from(i16::MAX)).round() as i16
}

/// A file in the same folder that vanishes unless it is renamed.
fn create_aside(path: &Path) -> io::Result<NamedTempFile> {
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix(".harmonium-").suffix(".wav");
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

fn io_error(error: hound::Error) -> io::Error {
    match error {
        hound::Error::IoError(error) => error,
        other => io::Error::other(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::Effects;
    use crate::audio::testing::{left, peak, pitch_hz, score_of, shipped_font, tiny_font_file};
    use crate::music::Track;

    const DRY: SoundSettings =
        SoundSettings { program: None, beats_per_minute: None, volume: 1.0, effects: Effects::OFF };

    fn tiny() -> (tempfile::NamedTempFile, SoundFont) {
        let (file, path) = tiny_font_file();
        (file, SoundFont::open(&path).unwrap())
    }

    fn go_on(_done: f64) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    fn files_in(folder: &Path) -> usize {
        std::fs::read_dir(folder).unwrap().count()
    }

    fn wav_of(
        score: &Score,
        settings: &SoundSettings,
        font: &SoundFont,
    ) -> (RenderReport, Vec<i16>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.wav");
        let report =
            render_wav(score, settings, font, DEFAULT_SAMPLE_RATE, &path, &mut go_on).unwrap();
        let mut wav = hound::WavReader::open(&path).unwrap();
        let samples = wav.samples::<i16>().map(Result::unwrap).collect();
        (report, samples)
    }

    #[test]
    fn the_file_is_16_bit_stereo_at_the_rate_asked_for() {
        let (_font_file, font) = tiny();
        let folder = tempfile::tempdir().unwrap();
        let score = score_of(&[(0, 96, 69)]);
        for rate in [44_100, 48_000] {
            let path = folder.path().join(format!("{rate}.wav"));
            let report = render_wav(&score, &DRY, &font, rate, &path, &mut go_on).unwrap();
            let wav = hound::WavReader::open(&path).unwrap();
            let spec = wav.spec();
            assert_eq!((spec.channels, spec.bits_per_sample), (2, 16));
            assert_eq!(spec.sample_rate, rate);
            assert_eq!(u64::from(wav.duration()), report.frames);
            assert!((report.seconds - report.frames as f64 / f64::from(rate)).abs() < 1e-9);
            assert!(report.seconds >= 0.5, "the whole piece is there");
            let bytes = std::fs::metadata(&path).unwrap().len();
            assert_eq!(bytes, u64::from(WAV_HEADER_SIZE) + report.frames * BYTES_A_FRAME);
        }
        assert_eq!(files_in(folder.path()), 2, "nothing else is left behind");
    }

    #[test]
    fn a4_is_at_440_hz_in_the_file_and_loud_enough() {
        let Some(font) = shipped_font() else { return };
        let score = score_of(&[(0, 192, 69)]);
        let settings = SoundSettings { program: Some(73), ..SoundSettings::default() };
        for rate in [44_100, 48_000] {
            let sound = left(&render_to_vec(&score, &settings, &font, rate).unwrap());
            let middle = &sound[rate as usize / 4..rate as usize * 3 / 4];
            assert!((0.02..1.0).contains(&peak(middle)));
            let pitch = pitch_hz(middle, rate, 440.0);
            assert!((pitch - 440.0).abs() < 1.0, "{rate}: {pitch}");
        }
    }

    /// The engine starts a voice at the next multiple of 64 frames, 1.5 ms at most.
    #[test]
    fn every_onset_is_within_two_milliseconds() {
        let (_font_file, font) = tiny();
        let starts = [17, 61, 119, 180, 241, 333, 500];
        let notes = starts.map(|tick| (tick, 7, 69));
        let score = score_of(&notes);
        let rate = 44_100;
        let sound = left(&render_to_vec(&score, &DRY, &font, rate).unwrap());
        let mut heard = Vec::new();
        let mut quiet_frames = 0;
        for (frame, sample) in sound.iter().enumerate() {
            if sample.abs() < 1e-4 {
                quiet_frames += 1;
            } else {
                if quiet_frames > 500 {
                    heard.push(frame as f64 / f64::from(rate));
                }
                quiet_frames = 0;
            }
        }
        assert_eq!(heard.len(), starts.len());
        for (heard, tick) in heard.into_iter().zip(starts) {
            let late = heard - score.tempo.seconds_at(tick);
            assert!((-0.0001..0.002).contains(&late), "tick {tick}: {late} s late");
        }
    }

    #[test]
    fn two_renders_are_equal_bit_by_bit() {
        let (_font_file, tiny) = tiny();
        let score = score_of(&[(0, 200, 69), (30, 100, 72), (90, 200, 65)]);
        for font in shipped_font().iter().chain([&tiny]) {
            let settings = SoundSettings::default();
            let first = wav_of(&score, &settings, font);
            assert_eq!(first, wav_of(&score, &settings, font));
            assert!(first.0.peak > 0.01);
        }
    }

    #[test]
    fn a_loud_piece_is_turned_down_as_a_whole() {
        let (_font_file, font) = tiny();
        let chord: Vec<_> = (40..90).map(|pitch| (0, 96, pitch)).collect();
        let (report, samples) = wav_of(&score_of(&chord), &DRY, &font);
        assert!(report.scale < 1.0, "{report:?}");
        assert!((report.peak - CEILING).abs() < 0.001);
        let loudest = samples.iter().map(|s| s.unsigned_abs()).max().unwrap();
        assert_eq!(loudest, to_16_bit(report.peak).unsigned_abs());
        let quiet = SoundSettings { volume: 0.01, ..DRY };
        assert_eq!(wav_of(&score_of(&chord), &quiet, &font).0.scale, 1.0);
    }

    #[test]
    fn the_tail_rings_out_and_rests_are_kept() {
        let Some(font) = shipped_font() else { return };
        let mut score = score_of(&[(0, 96, 60)]);
        let (ringing, samples) = wav_of(&score, &SoundSettings::default(), &font);
        assert!((0.6..5.0).contains(&ringing.seconds), "{ringing:?}");
        assert!(samples[samples.len() - 200..].iter().all(|s| s.abs() <= 1));
        score.length_ticks = 96 * 20;
        let resting = wav_of(&score, &SoundSettings::default(), &font).0;
        assert!((10.0..10.5).contains(&resting.seconds), "{resting:?}");
    }

    #[test]
    fn drums_sound_on_their_own_channel() {
        let Some(font) = shipped_font() else { return };
        let mut score = score_of(&[(0, 96, 38)]);
        let tone = render_to_vec(&score, &DRY, &font, 44_100).unwrap();
        score.tracks = vec![Track { is_drums: true, ..score.tracks.remove(0) }];
        let snare = render_to_vec(&score, &DRY, &font, 44_100).unwrap();
        assert!(peak(&snare) > 0.01);
        assert_ne!(tone, snare);
    }

    #[test]
    fn cancelling_leaves_the_folder_as_it_was() {
        let (_font_file, font) = tiny();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.wav");
        let score = score_of(&[(0, 96 * 60, 69)]);
        let mut calls = 0;
        let mut stop_soon = |done: f64| {
            assert!((0.0..=1.0).contains(&done));
            calls += 1;
            if calls < 5 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        };
        let result = render_wav(&score, &DRY, &font, 44_100, &path, &mut stop_soon);
        assert!(matches!(result, Err(AudioError::Cancelled)));
        assert_eq!(files_in(folder.path()), 0);
        std::fs::write(&path, "an older file").unwrap();
        let mut stop = |_| ControlFlow::Break(());
        render_wav(&score, &DRY, &font, 44_100, &path, &mut stop).unwrap_err();
        assert_eq!(std::fs::read(&path).unwrap(), b"an older file");
    }

    #[test]
    fn progress_never_goes_back_and_ends_at_one() {
        let (_font_file, font) = tiny();
        let folder = tempfile::tempdir().unwrap();
        let loud_at_last: Vec<_> = (40..90).map(|p| (96 * 5, 96, p)).collect();
        let mut reached = 0.0;
        let mut watch = |done: f64| {
            assert!(done >= reached);
            reached = done;
            ControlFlow::Continue(())
        };
        let path = folder.path().join("a.wav");
        render_wav(&score_of(&loud_at_last), &DRY, &font, 44_100, &path, &mut watch).unwrap();
        assert_eq!(reached, 1.0);
    }

    #[test]
    fn a_place_that_cannot_be_written_is_named() {
        let (_font_file, font) = tiny();
        let path = Path::new("/nowhere/at/all.wav");
        let score = score_of(&[(0, 96, 69)]);
        let error = render_wav(&score, &DRY, &font, 44_100, path, &mut go_on).unwrap_err();
        assert!(error.to_string().contains("all.wav"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn an_export_has_the_rights_of_any_new_file() {
        use std::os::unix::fs::PermissionsExt as _;
        let (_font_file, font) = tiny();
        let folder = tempfile::tempdir().unwrap();
        let mode = |name: &str| {
            let path = folder.path().join(name);
            std::fs::metadata(path).unwrap().permissions().mode()
        };
        std::fs::write(folder.path().join("other"), "").unwrap();
        let path = folder.path().join("a.wav");
        render_wav(&score_of(&[(0, 9, 69)]), &DRY, &font, 44_100, &path, &mut go_on).unwrap();
        assert_eq!(mode("a.wav"), mode("other"));
    }

    #[test]
    fn what_does_not_fit_into_a_wav_file_is_refused_before_the_work() {
        let (_font_file, font) = tiny();
        let mut score = score_of(&[(0, 96, 69)]);
        score.length_ticks = 96 * 2 * 3600 * 8;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.wav");
        let error = render_wav(&score, &DRY, &font, 44_100, &path, &mut go_on).unwrap_err();
        assert!(error.to_string().contains("405 minutes"), "{error}");
    }
}
