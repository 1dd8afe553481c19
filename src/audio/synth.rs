//! The synthesiser behind a small trait, so that another can take its place.

use std::sync::{Mutex, PoisonError};

use fluidlite::IsSettings as _;

use super::error::AudioError;
use super::soundfont::{FontPreset, SoundFont};
use crate::music::Effects;

/// Number of MIDI channels.
pub(super) const CHANNELS: u8 = 16;
/// The channel that plays percussion (the tenth).
pub(super) const DRUM_CHANNEL: u8 = 9;

/// What the sequencer needs of a synthesiser. Nothing here may block; values out of range and
/// notes on a channel without an instrument are ignored.
pub trait Synth: Send {
    fn sample_rate(&self) -> u32;
    fn note_on(&mut self, channel: u8, key: u8, velocity: u8);
    fn note_off(&mut self, channel: u8, key: u8);
    /// Chooses the General MIDI programme of a channel, or the drum kit of channel 9.
    fn program(&mut self, channel: u8, program: u8);
    fn control(&mut self, channel: u8, controller: u8, value: u8);
    fn set_effects(&mut self, effects: Effects);
    /// Writes the next frames, interleaved stereo. The length must be even.
    fn render(&mut self, out: &mut [f32]);

    /// Lets every note go as if its key was lifted.
    fn release_all(&mut self) {
        (0..CHANNELS).for_each(|channel| self.control(channel, ALL_NOTES_OFF, 0));
    }

    /// Silences every voice at once.
    fn all_sound_off(&mut self) {
        (0..CHANNELS).for_each(|channel| self.control(channel, ALL_SOUND_OFF, 0));
    }
}

/// The controller of a channel's volume.
pub(super) const CHANNEL_VOLUME: u8 = 7;
const ALL_SOUND_OFF: u8 = 120;
const ALL_NOTES_OFF: u8 = 123;

/// FluidLite. Three times the level that the `fluidsynth` program takes by default, because a few notes
/// at once stay far below full scale there.
pub struct FluidSynth {
    synth: fluidlite::Synth,
    font_id: fluidlite::FontId,
    sample_rate: u32,
    /// Which preset (bank, number) stands for each programme; looked up once because a failing
    /// look-up in the synthesiser prints a warning in the middle of the audio callback.
    melodic_presets: [Option<(u16, u16)>; 128],
    drum_presets: [Option<(u16, u16)>; 128],
    has_preset: [bool; CHANNELS as usize],
}

const GAIN: f32 = 0.6;

/// The sample rates that FluidLite's settings accept.
pub(super) const SAMPLE_RATES: std::ops::RangeInclusive<u32> = 22_050..=96_000;

/// FluidLite fills global tables when the first synthesiser is made, and loads samples through
/// a global variable.
static CONSTRUCTION: Mutex<()> = Mutex::new(());

impl FluidSynth {
    /// Makes a synthesiser for one sample rate and loads the font: up to seconds for a large
    /// font, so never on the interface thread or in the audio callback.
    pub fn new(font: &SoundFont, sample_rate: u32) -> Result<Self, AudioError> {
        if !SAMPLE_RATES.contains(&sample_rate) {
            return Err(AudioError::SampleRate { rate: sample_rate });
        }
        let _one_at_a_time = CONSTRUCTION.lock().unwrap_or_else(PoisonError::into_inner);
        let synth = engine_at(sample_rate)?;
        let font_id = load(&synth, font)?;
        let place = |preset: &FontPreset| (preset.bank, preset.program);
        let mut fluid = Self {
            synth,
            font_id,
            sample_rate,
            melodic_presets: std::array::from_fn(|p| font.melodic_preset(p as u8).map(place)),
            drum_presets: std::array::from_fn(|p| font.drum_preset(p as u8).map(place)),
            has_preset: [false; CHANNELS as usize],
        };
        (0..CHANNELS).for_each(|channel| fluid.program(channel, 0));
        Ok(fluid)
    }
}

impl FluidSynth {
    /// Plays keys with one preset into `out`, softly and hard, and ends them.
    pub(super) fn try_preset(&mut self, preset: &FontPreset, keys: &[u8], out: &mut [f32]) {
        let (bank, number) = (preset.bank.into(), preset.program.into());
        let is_chosen = self.synth.program_select(0, self.font_id, bank, number).is_ok();
        self.has_preset[0] = is_chosen;
        let half = out.len() / 4 * 2;
        for (velocity, part) in [(1, 0..half), (127, half..out.len())] {
            keys.iter().for_each(|key| self.note_on(0, *key, velocity));
            self.render(&mut out[part]);
            keys.iter().for_each(|key| self.note_off(0, *key));
        }
        self.all_sound_off();
    }
}

/// The rate must stand in the settings before the synthesiser is made: `set_sample_rate` leaves
/// the voices at the old one and everything sounds out of tune.
fn engine_at(sample_rate: u32) -> Result<fluidlite::Synth, AudioError> {
    let not_started = |reason: &str| AudioError::SynthNotStarted { reason: reason.to_owned() };
    let settings = fluidlite::Settings::new().map_err(|e| not_started(&e.to_string()))?;
    let is_set =
        settings.num("synth.sample-rate").is_some_and(|rate| rate.set(f64::from(sample_rate)));
    if !is_set {
        return Err(not_started("it does not accept the sample rate"));
    }
    let synth = fluidlite::Synth::new(settings).map_err(|e| not_started(&e.to_string()))?;
    synth.set_gain(GAIN);
    Ok(synth)
}

fn load(synth: &fluidlite::Synth, font: &SoundFont) -> Result<fluidlite::FontId, AudioError> {
    let font_not_loaded =
        |reason: String| AudioError::FontNotLoaded { path: font.path().to_owned(), reason };
    font.with_plain_file(|path| synth.sfload(path, false))
        .map_err(|e| font_not_loaded(e.to_string()))?
        .map_err(|e| font_not_loaded(e.to_string()))
}

impl Synth for FluidSynth {
    fn sample_rate(&self) -> u32 {
        self.sample_rate
    }

    fn note_on(&mut self, channel: u8, key: u8, velocity: u8) {
        let has_preset = self.has_preset.get(usize::from(channel)) == Some(&true);
        if has_preset && key < 128 && velocity < 128 {
            ignore(self.synth.note_on(channel.into(), key.into(), velocity.into()));
        }
    }

    fn note_off(&mut self, channel: u8, key: u8) {
        ignore(self.synth.note_off(channel.into(), key.into()));
    }

    fn program(&mut self, channel: u8, program: u8) {
        let presets =
            if channel == DRUM_CHANNEL { &self.drum_presets } else { &self.melodic_presets };
        let preset = presets.get(usize::from(program)).copied().flatten();
        let Some(has_preset) = self.has_preset.get_mut(usize::from(channel)) else {
            return;
        };
        *has_preset = preset.is_some_and(|(bank, number)| {
            self.synth
                .program_select(channel.into(), self.font_id, bank.into(), number.into())
                .is_ok()
        });
    }

    fn control(&mut self, channel: u8, controller: u8, value: u8) {
        if channel < CHANNELS && controller < 128 && value < 128 {
            ignore(self.synth.cc(channel.into(), controller.into(), value.into()));
        }
    }

    fn set_effects(&mut self, effects: Effects) {
        self.synth.set_reverb_on(effects.reverb);
        self.synth.set_chorus_on(effects.chorus);
    }

    fn render(&mut self, out: &mut [f32]) {
        if self.synth.write(&mut *out).is_err() {
            out.fill(0.0);
        }
    }
}

/// The engine reports a note-off without a sounding voice as a failure; that is everyday life.
fn ignore(_status: fluidlite::Status) {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::testing::{file_of, left, peak, pitch_hz, shipped_font, tiny_font};

    fn tiny_synth(sample_rate: u32) -> FluidSynth {
        let file = file_of(&tiny_font(), ".sf2");
        FluidSynth::new(&SoundFont::open(file.path()).unwrap(), sample_rate).unwrap()
    }

    fn second_of(synth: &mut FluidSynth, channel: u8, key: u8) -> Vec<f32> {
        let mut out = vec![0.0; synth.sample_rate() as usize * 2];
        synth.set_effects(Effects::OFF);
        synth.note_on(channel, key, 100);
        synth.render(&mut out);
        left(&out)
    }

    #[test]
    fn a4_sounds_at_440_hz_at_every_rate() {
        for rate in [44_100, 48_000, 96_000] {
            let sound = second_of(&mut tiny_synth(rate), 0, 69);
            let pitch = pitch_hz(&sound[4000..rate as usize / 3], rate, 440.0);
            assert!((pitch - 440.0).abs() < 0.5, "tiny font at {rate}: {pitch}");
        }
        let Some(font) = shipped_font() else { return };
        let (reed_organ, flute) = (20, 73);
        for rate in [44_100, 48_000] {
            for program in [reed_organ, flute] {
                let mut synth = FluidSynth::new(&font, rate).unwrap();
                synth.program(0, program);
                let sound = second_of(&mut synth, 0, 69);
                let pitch = pitch_hz(&sound[rate as usize / 4..rate as usize * 3 / 4], rate, 440.0);
                assert!((pitch - 440.0).abs() < 1.0, "{program} at {rate}: {pitch}");
            }
        }
    }

    #[test]
    fn rates_that_the_engine_would_bend_are_refused() {
        let file = file_of(&tiny_font(), ".sf2");
        let font = SoundFont::open(file.path()).unwrap();
        for rate in [0, 8_000, 192_000] {
            let error = FluidSynth::new(&font, rate).err().unwrap().to_string();
            assert!(error.contains("22050 to 96000"), "{error}");
        }
    }

    #[test]
    fn a_missing_programme_is_played_by_its_family_or_the_first() {
        let mut synth = tiny_synth(44_100);
        synth.program(0, 73);
        assert!(peak(&second_of(&mut synth, 0, 69)) > 0.01);
        let Some(font) = shipped_font() else { return };
        for program in 0..128 {
            assert!(font.melodic_preset(program).is_some());
        }
    }

    #[test]
    fn nonsense_is_ignored() {
        let mut synth = tiny_synth(44_100);
        synth.note_on(16, 60, 100);
        synth.note_on(0, 128, 100);
        synth.note_off(200, 200);
        synth.control(77, 200, 200);
        synth.program(0, 255);
        synth.note_on(0, 60, 100);
        let mut out = vec![0.0; 256];
        synth.render(&mut out);
        assert!(peak(&out) < 1e-6, "a channel without an instrument is silent");
    }

    /// The loader complains by name about a sample this short. Its message stays in a global
    /// buffer, and the binding would panic at the next late note-off, in whatever thread.
    #[test]
    fn names_and_paths_in_any_characters_do_no_harm() {
        let mut bytes = tiny_font();
        let shdr = bytes.windows(4).position(|w| w == b"shdr").unwrap() + 8;
        bytes[shdr..shdr + 4].copy_from_slice(b"S\xfc\xdfe");
        bytes[shdr + 24..shdr + 28].copy_from_slice(&6_u32.to_le_bytes());
        let file = file_of(&bytes, "-\u{266f}.sf2");
        let mut synth = FluidSynth::new(&SoundFont::open(file.path()).unwrap(), 44_100).unwrap();
        synth.note_on(0, 60, 100);
        for _ in 0..10 {
            synth.note_off(0, 60);
            synth.render(&mut [0.0; 2048]);
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_path_that_is_not_unicode_works() {
        use std::os::unix::ffi::OsStrExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(std::ffi::OsStr::from_bytes(b"f\xfcnt.sf2"));
        std::fs::write(&path, tiny_font()).unwrap();
        assert!(FluidSynth::new(&SoundFont::open(&path).unwrap(), 44_100).is_ok());
    }
}
