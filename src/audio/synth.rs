//! The synthesiser behind a small trait, so that another can take its place.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};

use fluidlite::IsSettings as _;

use super::error::AudioError;
use super::soundfont::{FontPreset, SoundFont};

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
    fn set_effects(&mut self, reverb: bool, chorus: bool);
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

const ALL_SOUND_OFF: u8 = 120;
const ALL_NOTES_OFF: u8 = 123;

/// FluidLite. Twice the level that the `fluidsynth` program takes by default, because a few notes
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

const GAIN: f32 = 0.4;

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
    // The binding unwraps the engine's message as UTF-8, and the message may hold a name from
    // the font or a path that was cut in the middle of a character.
    let loaded = catch_unwind(AssertUnwindSafe(|| synth.sfload(font.path(), false)));
    let font_not_loaded =
        |reason: String| AudioError::FontNotLoaded { path: font.path().to_owned(), reason };
    let font_id = loaded
        .map_err(|_panic| font_not_loaded("it could not be read".to_owned()))?
        .map_err(|e| font_not_loaded(e.to_string()))?;
    if font.has_odd_names() {
        // A message with a name from the font would stay in the engine's only message buffer,
        // where every later failure (a note-off that comes too late) would trip over it.
        // Asking for a channel that is not there replaces it.
        let no_such_channel = 255;
        let refusal = synth.program_select(no_such_channel, font_id, 0, 0);
        debug_assert!(refusal.is_err(), "channel 255 does not exist");
    }
    Ok(font_id)
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

    fn set_effects(&mut self, reverb: bool, chorus: bool) {
        self.synth.set_reverb_on(reverb);
        self.synth.set_chorus_on(chorus);
    }

    fn render(&mut self, out: &mut [f32]) {
        if self.synth.write(&mut *out).is_err() {
            out.fill(0.0);
        }
    }
}

/// The engine reports a note-off without a sounding voice as a failure; that is everyday life.
fn ignore(_status: fluidlite::Status) {}
