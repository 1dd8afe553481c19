//! A rendered file holds the whole piece, at its times, within full scale.

use std::ops::ControlFlow;
use std::path::Path;

use super::error::AudioError;
use super::level::CEILING;
use super::render::{RenderReport, render_file, render_to_vec};
use super::sequence::SoundSettings;
use super::sound_file::{Container, FileFormat, SampleDepth};
use super::soundfont::SoundFont;
use crate::audio::testing::{left, peak, pitch_hz, score_of, shipped_font, tiny_font_file};
use crate::music::Score;
use crate::music::{Effects, Track};

const DRY: SoundSettings =
    SoundSettings { program: None, beats_per_minute: None, volume: 1.0, effects: Effects::OFF };

const WAV: FileFormat = wav_at(44_100);

const fn wav_at(sample_rate: u32) -> FileFormat {
    FileFormat {
        container: Container::Wav,
        depth: SampleDepth::Bits16,
        sample_rate,
        ogg_quality: 6,
    }
}

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

fn wav_of(score: &Score, settings: &SoundSettings, font: &SoundFont) -> (RenderReport, Vec<i16>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.wav");
    let report = render_file(score, settings, font, WAV, &path, &mut go_on).unwrap();
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
        let report = render_file(&score, &DRY, &font, wav_at(rate), &path, &mut go_on).unwrap();
        let wav = hound::WavReader::open(&path).unwrap();
        let spec = wav.spec();
        assert_eq!((spec.channels, spec.bits_per_sample), (2, 16));
        assert_eq!(spec.sample_rate, rate);
        assert_eq!(u64::from(wav.duration()), report.frames);
        assert!((report.seconds - report.frames as f64 / f64::from(rate)).abs() < 1e-9);
        assert!(report.seconds >= 0.5, "the whole piece is there");
        let bytes = std::fs::metadata(&path).unwrap().len();
        assert_eq!(bytes, 44 + report.frames * 4);
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
    assert_eq!(loudest, (report.peak * 32_767.0).round() as u16);
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
    let result = render_file(&score, &DRY, &font, WAV, &path, &mut stop_soon);
    assert!(matches!(result, Err(AudioError::Cancelled)));
    assert_eq!(files_in(folder.path()), 0);
    std::fs::write(&path, "an older file").unwrap();
    let mut stop = |_| ControlFlow::Break(());
    render_file(&score, &DRY, &font, WAV, &path, &mut stop).unwrap_err();
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
    render_file(&score_of(&loud_at_last), &DRY, &font, WAV, &path, &mut watch).unwrap();
    assert_eq!(reached, 1.0);
}

#[test]
fn a_place_that_cannot_be_written_is_named() {
    let (_font_file, font) = tiny();
    let path = Path::new("/nowhere/at/all.wav");
    let score = score_of(&[(0, 96, 69)]);
    let error = render_file(&score, &DRY, &font, WAV, path, &mut go_on).unwrap_err();
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
    render_file(&score_of(&[(0, 9, 69)]), &DRY, &font, WAV, &path, &mut go_on).unwrap();
    assert_eq!(mode("a.wav"), mode("other"));
}

#[test]
fn what_does_not_fit_into_a_wav_file_is_refused_before_the_work() {
    let (_font_file, font) = tiny();
    let mut score = score_of(&[(0, 96, 69)]);
    score.length_ticks = 96 * 2 * 3600 * 8;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.wav");
    let error = render_file(&score, &DRY, &font, WAV, &path, &mut go_on).unwrap_err();
    assert!(error.to_string().contains("405 minutes"), "{error}");
}

fn written(format: FileFormat, score: &Score, font: &SoundFont) -> (RenderReport, Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    let report = render_file(score, &DRY, font, format, &path, &mut go_on).unwrap();
    (report, std::fs::read(&path).unwrap())
}

/// What a decoder makes of the file, interleaved.
fn decoded(format: FileFormat, bytes: &[u8]) -> Vec<f32> {
    let whole = |sample: i32, bits: u32| sample as f32 / ((1_i64 << (bits - 1)) - 1) as f32;
    match (format.container, format.depth) {
        (Container::Wav, SampleDepth::Float32) => {
            let mut wav = hound::WavReader::new(bytes).unwrap();
            assert_eq!(wav.spec().bits_per_sample, 32);
            wav.samples::<f32>().map(Result::unwrap).collect()
        }
        (Container::Wav, _) => {
            let mut wav = hound::WavReader::new(bytes).unwrap();
            let bits = u32::from(wav.spec().bits_per_sample);
            wav.samples::<i32>().map(|sample| whole(sample.unwrap(), bits)).collect()
        }
        (Container::Flac, depth) => {
            let cursor = std::io::Cursor::new(bytes);
            let mut flac = flac_codec::decode::FlacSampleReader::new(cursor).unwrap();
            let mut samples = Vec::new();
            flac.read_to_end(&mut samples).unwrap();
            let bits = if depth == SampleDepth::Bits16 { 16 } else { 24 };
            samples.into_iter().map(|sample| whole(sample, bits)).collect()
        }
        (Container::Ogg, _) => {
            let mut ogg = vorbis_rs::VorbisDecoder::<&[u8]>::new(bytes).unwrap();
            assert_eq!(ogg.sampling_frequency().get(), format.sample_rate);
            let mut samples = Vec::new();
            while let Some(block) = ogg.decode_audio_block().unwrap() {
                let channels = block.samples();
                for (left, right) in channels[0].iter().zip(channels[1]) {
                    samples.extend([*left, *right]);
                }
            }
            samples
        }
    }
}

#[test]
fn every_kind_of_file_holds_the_same_sound() {
    let (_font_file, font) = tiny();
    let score = score_of(&[(0, 48, 69), (48, 96, 72), (48, 30, 60)]);
    for sample_rate in [44_100, 48_000, 96_000] {
        let sound = render_to_vec(&score, &DRY, &font, sample_rate).unwrap();
        for container in Container::ALL {
            for depth in SampleDepth::ALL {
                let format = FileFormat { container, depth, sample_rate, ogg_quality: 8 }.mended();
                let (report, bytes) = written(format, &score, &font);
                let read = decoded(format, &bytes);
                assert_eq!(read.len() as u64, report.frames * 2, "{format:?}");
                let n = sound.len().min(read.len());
                let error = sound[..n].iter().zip(&read).map(|(a, b)| (a - b).abs());
                let allowed = match (container, format.depth) {
                    (Container::Ogg, _) => 0.05,
                    (_, SampleDepth::Bits16) => 0.6 / 32_767.0,
                    (_, SampleDepth::Bits24) => 0.6 / 8_388_607.0,
                    (_, SampleDepth::Float32) => 0.0,
                };
                let worst = error.fold(0.0_f32, f32::max);
                assert!(worst <= allowed, "{format:?}: {worst}");
            }
        }
    }
}

#[test]
fn no_kind_of_file_passes_full_scale() {
    let (_font_file, font) = tiny();
    let chord: Vec<_> = (40..90).map(|pitch| (0, 96, pitch)).collect();
    for container in Container::ALL {
        let format = FileFormat { container, ..WAV };
        let (report, bytes) = written(format, &score_of(&chord), &font);
        assert!(report.scale < 1.0);
        let peak = peak(&decoded(format, &bytes));
        assert!((0.8..1.0).contains(&peak), "{container:?}: {peak}");
    }
}

#[test]
fn a_compressed_file_is_smaller_and_has_no_limit_of_length() {
    let (_font_file, font) = tiny();
    let score = score_of(&[(0, 960, 69)]);
    let size = |container| written(FileFormat { container, ..WAV }, &score, &font).1.len();
    let (wav, flac, ogg) = (size(Container::Wav), size(Container::Flac), size(Container::Ogg));
    assert!(flac < wav && ogg < flac, "{wav} {flac} {ogg}");
    assert_eq!(FileFormat { container: Container::Flac, ..WAV }.most_frames(), None);
}

#[test]
fn the_ending_names_the_kind_of_file() {
    let of = |path: &str| Container::of_path(Path::new(path));
    assert_eq!(of("a.FLAC"), Some(Container::Flac));
    assert_eq!(of("a.b/c.ogg"), Some(Container::Ogg));
    assert_eq!((of("a.mp3"), of("wav")), (None, None));
    for container in Container::ALL {
        assert_eq!(of(&format!("a.{}", container.ending())), Some(container));
    }
}
