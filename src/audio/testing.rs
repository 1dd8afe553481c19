//! Small worlds for the tests of this room: scores, a synthesiser that writes down what it is
//! told, a hand-made SoundFont, and measures of sound.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::soundfont::SoundFont;
use super::synth::Synth;
use crate::music::{Effects, Note, Score, TempoMap, Track};

/// One melodic track at 96 ticks a beat and 120 beats a minute: (start, length, pitch).
pub(super) fn score_of(notes: &[(u64, u64, u8)]) -> Score {
    let notes: Vec<Note> = notes
        .iter()
        .map(|&(start_tick, length_ticks, pitch)| Note {
            start_tick,
            length_ticks,
            pitch,
            velocity: 100,
        })
        .collect();
    Score {
        ticks_per_beat: 96,
        tempo: TempoMap::constant(96, 120.0),
        metres: Vec::new(),
        key: None,
        length_ticks: notes.iter().map(Note::end_tick).max().unwrap_or(0),
        tracks: vec![Track { notes, ..Track::default() }],
    }
}

/// What a synthesiser was told, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// Frame, channel, key, velocity (0 ends it).
    Note(u64, u8, u8, u8),
    Program(u64, u8, u8),
    ReleaseAll(u64),
    SoundOff(u64),
}

/// Renders a constant level while it holds keys, and writes down what it is told.
pub(super) struct RecordingSynth {
    sample_rate: u32,
    frame: u64,
    held: Vec<(u8, u8)>,
    pub(super) told: Vec<Told>,
}

pub(super) const RECORDING_LEVEL: f32 = 0.25;

impl RecordingSynth {
    pub(super) fn new(sample_rate: u32) -> Self {
        Self { sample_rate, frame: 0, held: Vec::new(), told: Vec::new() }
    }

    pub(super) fn notes(&self) -> Vec<(u64, u8, u8, u8)> {
        let note = |told: &Told| match *told {
            Told::Note(frame, channel, key, velocity) => Some((frame, channel, key, velocity)),
            _ => None,
        };
        self.told.iter().filter_map(note).collect()
    }
}

impl Synth for RecordingSynth {
    fn sample_rate(&self) -> u32 {
        self.sample_rate
    }

    fn note_on(&mut self, channel: u8, key: u8, velocity: u8) {
        self.held.push((channel, key));
        self.told.push(Told::Note(self.frame, channel, key, velocity));
    }

    fn note_off(&mut self, channel: u8, key: u8) {
        self.held.retain(|held| *held != (channel, key));
        self.told.push(Told::Note(self.frame, channel, key, 0));
    }

    fn program(&mut self, channel: u8, program: u8) {
        self.told.push(Told::Program(self.frame, channel, program));
    }

    fn control(&mut self, _channel: u8, _controller: u8, _value: u8) {}

    fn set_effects(&mut self, _effects: Effects) {}

    fn render(&mut self, out: &mut [f32]) {
        let level = if self.held.is_empty() { 0.0 } else { RECORDING_LEVEL };
        out.fill(level);
        self.frame += out.len() as u64 / 2;
    }

    fn release_all(&mut self) {
        self.held.clear();
        self.told.push(Told::ReleaseAll(self.frame));
    }

    fn all_sound_off(&mut self) {
        self.held.clear();
        self.told.push(Told::SoundOff(self.frame));
    }
}

/// Shared between a source and the test that looks on.
impl<S: Synth> Synth for std::sync::Arc<std::sync::Mutex<S>> {
    fn sample_rate(&self) -> u32 {
        self.lock().unwrap().sample_rate()
    }

    fn note_on(&mut self, channel: u8, key: u8, velocity: u8) {
        self.lock().unwrap().note_on(channel, key, velocity);
    }

    fn note_off(&mut self, channel: u8, key: u8) {
        self.lock().unwrap().note_off(channel, key);
    }

    fn program(&mut self, channel: u8, program: u8) {
        self.lock().unwrap().program(channel, program);
    }

    fn control(&mut self, channel: u8, controller: u8, value: u8) {
        self.lock().unwrap().control(channel, controller, value);
    }

    fn set_effects(&mut self, effects: Effects) {
        self.lock().unwrap().set_effects(effects);
    }

    fn render(&mut self, out: &mut [f32]) {
        self.lock().unwrap().render(out);
    }

    fn release_all(&mut self) {
        self.lock().unwrap().release_all();
    }

    fn all_sound_off(&mut self) {
        self.lock().unwrap().all_sound_off();
    }
}

// -- SoundFonts --

/// The font that is shipped, or a complaint and `None` where it is not there yet.
pub(super) fn shipped_font() -> Option<SoundFont> {
    font_at(concat!(env!("CARGO_MANIFEST_DIR"), "/soundfonts/harmonium-gm.sf3"))
}

pub(super) fn font_at(path: &str) -> Option<SoundFont> {
    if Path::new(path).exists() {
        return Some(SoundFont::open(Path::new(path)).unwrap());
    }
    println!("skipped: {path} is not there");
    None
}

/// A whole SoundFont in some hundred bytes: one looped sine of 440 Hz at key 69 (20 periods at
/// 44 000 Hz), presets 0:0 and 128:0, both with a global zone.
pub(super) fn tiny_font() -> Vec<u8> {
    let smpl: Vec<u8> = sine(FRAMES + 46).flat_map(i16::to_le_bytes).collect();
    font_of(&smpl, FRAMES, PLAIN_MONO)
}

/// The same with the sine as Ogg Vorbis: SF3.
pub(super) fn tiny_sf3() -> Vec<u8> {
    let rate = std::num::NonZero::new(44_000).unwrap();
    let mono = std::num::NonZero::new(1).unwrap();
    let mut stream = Vec::new();
    let mut encoder = vorbis_rs::VorbisEncoderBuilder::new_with_serial(rate, mono, &mut stream, 7)
        .build()
        .unwrap();
    let sound: Vec<f32> = sine(FRAMES).map(|sample| f32::from(sample) / 32_768.0).collect();
    encoder.encode_audio_block([&sound]).unwrap();
    encoder.finish().unwrap();
    let end = stream.len() as u32;
    // Chunks begin at even places.
    stream.resize(stream.len().next_multiple_of(2), 0);
    font_of(&stream, end, COMPRESSED_MONO)
}

const FRAMES: u32 = 2000;
const PLAIN_MONO: u8 = 0x01;
const COMPRESSED_MONO: u8 = 0x11;

fn sine(frames: u32) -> impl Iterator<Item = i16> {
    (0..frames).map(|n| {
        let angle = f64::from(n) * std::f64::consts::TAU / 100.0;
        (angle.sin() * 20_000.0) as i16
    })
}

/// `end` is the place after the last frame, or byte of a compressed sample.
fn font_of(smpl: &[u8], end: u32, kind: u8) -> Vec<u8> {
    let info = [chunk(b"ifil", &[2, 0, 1, 0]), chunk(b"INAM", b"Tiny\0\0")].concat();
    let pdta = [
        chunk(
            b"phdr",
            &[preset("Sine", 0, 0, 0), preset("Kit", 0, 128, 2), preset("EOP", 0, 0, 4)].concat(),
        ),
        chunk(b"pbag", &words(&[0, 0, 1, 1, 2, 1, 3, 1, 4, 1])),
        chunk(b"pmod", &words(&[0x0502, 48, 0, 0, 0, 0, 0, 0, 0, 0])),
        chunk(b"pgen", &words(&[48, 0, 41, 0, 48, 0, 41, 0, 0, 0])),
        chunk(b"inst", &[instrument("Sine", 0), instrument("EOI", 2)].concat()),
        chunk(b"ibag", &words(&[0, 0, 1, 1, 4, 1])),
        chunk(b"imod", &words(&[0x0502, 48, 960, 0, 0, 0, 0, 0, 0, 0])),
        chunk(b"igen", &words(&[38, RELEASE_OF_A_MILLISECOND, 43, 0x7f00, 54, 1, 53, 0, 0, 0])),
        chunk(
            b"shdr",
            &[
                sample("Sine", [0, end, 100, FRAMES - 100, 44_000], kind),
                sample("EOS", [0; 5], PLAIN_MONO),
            ]
            .concat(),
        ),
    ]
    .concat();
    let lists =
        [list(b"INFO", &info), list(b"sdta", &chunk(b"smpl", smpl)), list(b"pdta", &pdta)].concat();
    chunk(b"RIFF", &[b"sfbk".as_slice(), &lists].concat())
}

/// -12000 timecents.
const RELEASE_OF_A_MILLISECOND: u16 = 53_536;

/// Writes bytes to a file that vanishes with the handle.
pub(super) fn file_of(bytes: &[u8], suffix: &str) -> NamedTempFile {
    let mut file = tempfile::Builder::new().suffix(suffix).tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file.flush().unwrap();
    file
}

pub(super) fn tiny_font_file() -> (NamedTempFile, PathBuf) {
    let file = file_of(&tiny_font(), ".sf2");
    let path = file.path().to_owned();
    (file, path)
}

fn chunk(id: &[u8], data: &[u8]) -> Vec<u8> {
    [id, &(data.len() as u32).to_le_bytes(), data].concat()
}

fn list(kind: &[u8], data: &[u8]) -> Vec<u8> {
    chunk(b"LIST", &[kind, data].concat())
}

fn words(values: &[u16]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_le_bytes()).collect()
}

fn padded(name: &str) -> [u8; 20] {
    let mut bytes = [0; 20];
    bytes[..name.len()].copy_from_slice(name.as_bytes());
    bytes
}

fn preset(name: &str, program: u16, bank: u16, zone: u16) -> Vec<u8> {
    let numbers = words(&[program, bank, zone, 0, 0, 0, 0, 0, 0]);
    [padded(name).as_slice(), &numbers].concat()
}

fn instrument(name: &str, zone: u16) -> Vec<u8> {
    [padded(name).as_slice(), &words(&[zone])].concat()
}

fn sample(name: &str, numbers: [u32; 5], kind: u8) -> Vec<u8> {
    let numbers: Vec<u8> = numbers.iter().flat_map(|n| n.to_le_bytes()).collect();
    let (key, correction, link) = (69, 0, [0, 0]);
    [padded(name).as_slice(), &numbers, &[key, correction], &link, &[kind, 0]].concat()
}

// -- measures --

/// The left channel.
pub(super) fn left(samples: &[f32]) -> Vec<f32> {
    samples.iter().step_by(2).copied().collect()
}

pub(super) fn peak(samples: &[f32]) -> f32 {
    samples.iter().fold(0.0, |peak, s| peak.max(s.abs()))
}

/// The frequency near `guess` at which the sound repeats itself best: the lag of the highest
/// autocorrelation among whole multiples of the period, for precision.
pub(super) fn pitch_hz(mono: &[f32], sample_rate: u32, guess: f64) -> f64 {
    let rate = f64::from(sample_rate);
    let periods = 20.0;
    let correlation = |lag: usize| -> f64 {
        let pairs = mono.iter().zip(&mono[lag..]);
        pairs.map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
    };
    let lags =
        (periods * rate / (guess * 1.02)) as usize..(periods * rate / (guess * 0.98)) as usize;
    let best = lags.max_by(|a, b| correlation(*a).total_cmp(&correlation(*b))).unwrap();
    let (before, at, after) = (correlation(best - 1), correlation(best), correlation(best + 1));
    let offset = 0.5 * (before - after) / (before - 2.0 * at + after);
    periods * rate / (best as f64 + offset)
}
