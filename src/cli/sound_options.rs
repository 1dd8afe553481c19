//! The options of sound as clap reads them, and the settings that they come to.

use std::path::Path;

use clap::{Args, ValueEnum};

use super::output::UsageError;
use crate::audio::{Container, DEFAULT_SAMPLE_RATE, FileFormat, SampleDepth, SoundSettings};
use crate::music::{Effects, Performance, VoiceSound};

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    On,
    Off,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FormatName {
    Wav,
    Flac,
    Ogg,
}

/// How the file is written.
#[derive(Debug, Args)]
pub struct FormatOptions {
    /// The kind of file; else its ending says so
    #[arg(long, value_enum)]
    pub format: Option<FormatName>,
    /// Samples a second, 22050 to 96000
    #[arg(long, value_name = "HZ", default_value_t = DEFAULT_SAMPLE_RATE)]
    pub rate: u32,
    /// How a sample is kept: 16, 24 or 32f (floating point; WAV only) [default: 16]
    #[arg(long, value_name = "BITS", value_parser = parse_depth)]
    pub bits: Option<SampleDepth>,
    /// Of Ogg Vorbis, 0 to 10 [default: 6]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(0..=10))]
    pub quality: Option<u8>,
}

/// How the piece is played.
#[derive(Debug, Args)]
pub struct SoundOptions {
    /// One tempo throughout, in quarter notes a minute
    #[arg(long, value_name = "BPM", value_parser = parse_tempo)]
    pub tempo: Option<f64>,
    /// One General MIDI programme for everything but the drums, 0 to 127
    #[arg(long, value_name = "N", value_parser = parse_program, conflicts_with = "divide")]
    pub program: Option<u8>,
    /// Divide the notes into bass, chords and melody: the lowest MIDI pitch of the chords and that
    /// of the melody, such as 52,72
    #[arg(long, value_name = "A,B", value_parser = parse_split)]
    pub divide: Option<(u8, u8)>,
    /// The bass: PROGRAM, PROGRAM:VOLUME (0 to 127) or off
    #[arg(long, value_name = "SOUND", value_parser = parse_voice, requires = "divide")]
    pub bass: Option<VoiceSound>,
    /// The chords, likewise
    #[arg(long, value_name = "SOUND", value_parser = parse_voice, requires = "divide")]
    pub chords: Option<VoiceSound>,
    /// The melody, likewise
    #[arg(long, value_name = "SOUND", value_parser = parse_voice, requires = "divide")]
    pub melody: Option<VoiceSound>,
    /// Share of a beat that its first half takes: 50 is straight, 67 a triplet's swing
    #[arg(long, value_name = "PERCENT", value_parser = parse_swing)]
    pub swing: Option<f64>,
    /// How much louder the beats are, 0 to 1
    #[arg(long, value_name = "A", value_parser = parse_share)]
    pub accent: Option<f64>,
    /// Each note begins early or late by up to so many milliseconds, 0 to 40
    #[arg(long, value_name = "MS", value_parser = parse_unevenness)]
    pub humanise_time: Option<f64>,
    /// Each note is struck harder or softer by up to so much velocity, 0 to 40
    #[arg(long, value_name = "V", value_parser = parse_unevenness)]
    pub humanise_velocity: Option<f64>,
    /// What the unevenness is drawn from [default: 1]
    #[arg(long, value_name = "S")]
    pub humanise_seed: Option<u64>,
    /// Louder or softer by so many decibels
    #[arg(long, value_name = "DB", allow_hyphen_values = true, value_parser = parse_gain,
        default_value = "0")]
    pub gain: f64,
    #[arg(long, value_enum, default_value = "on")]
    pub reverb: Switch,
    #[arg(long, value_enum, default_value = "on")]
    pub chorus: Switch,
    /// A click on every beat
    #[arg(long, value_enum, default_value = "off")]
    pub metronome: Switch,
}

impl FormatOptions {
    pub(super) fn format(&self, path: &Path) -> Result<FileFormat, UsageError> {
        let named = self.format.map(|name| match name {
            FormatName::Wav => Container::Wav,
            FormatName::Flac => Container::Flac,
            FormatName::Ogg => Container::Ogg,
        });
        let ending = Container::of_path(path);
        let container = match (named, ending) {
            (Some(named), Some(ending)) if named != ending => {
                let words = format!(
                    "{} has the ending of another kind of file than --format {}",
                    path.display(),
                    named.ending()
                );
                return Err(UsageError(words));
            }
            (named, ending) => named.or(ending).unwrap_or_default(),
        };
        let usual = FileFormat::default();
        let format = FileFormat {
            container,
            depth: self.bits.unwrap_or(usual.depth),
            sample_rate: self.rate,
            ogg_quality: self.quality.unwrap_or(usual.ogg_quality),
        };
        let refuse = |words: &str| Err(UsageError(words.to_owned()));
        match container {
            Container::Flac if self.bits == Some(SampleDepth::Float32) => {
                refuse("FLAC has no floating point: --bits is 16 or 24")
            }
            Container::Ogg if self.bits.is_some() => {
                refuse("Ogg Vorbis has no --bits; --quality says how good it is")
            }
            Container::Wav | Container::Flac if self.quality.is_some() => {
                refuse("--quality is for Ogg Vorbis only")
            }
            _ => Ok(format),
        }
    }
}

impl SoundOptions {
    pub(super) fn settings(&self) -> SoundSettings {
        SoundSettings {
            program: self.program,
            beats_per_minute: self.tempo,
            volume: 10_f64.powf(self.gain / 20.0) as f32,
            effects: Effects {
                reverb: self.reverb == Switch::On,
                chorus: self.chorus == Switch::On,
            },
        }
    }

    pub(super) fn performance(&self) -> Performance {
        let usual = Performance::default();
        let (chords_from, melody_from) =
            self.divide.unwrap_or((usual.chords_from, usual.melody_from));
        let [bass, chords, melody] = usual.voices;
        let settings = self.settings();
        Performance {
            is_divided: self.divide.is_some(),
            chords_from,
            melody_from,
            voices: [
                self.bass.unwrap_or(bass),
                self.chords.unwrap_or(chords),
                self.melody.unwrap_or(melody),
            ],
            swing_percent: self.swing.unwrap_or(usual.swing_percent),
            accent: self.accent.unwrap_or(usual.accent),
            humanise_ms: self.humanise_time.unwrap_or(usual.humanise_ms),
            humanise_velocity: self.humanise_velocity.unwrap_or(usual.humanise_velocity),
            humanise_seed: self.humanise_seed.unwrap_or(usual.humanise_seed),
            effects: settings.effects,
        }
    }
}

fn parse_depth(text: &str) -> Result<SampleDepth, String> {
    match text {
        "16" => Ok(SampleDepth::Bits16),
        "24" => Ok(SampleDepth::Bits24),
        "32f" | "32" => Ok(SampleDepth::Float32),
        _ => Err("it is 16, 24 or 32f".to_owned()),
    }
}

fn within(text: &str, low: f64, high: f64) -> Result<f64, String> {
    let number = text.parse::<f64>().ok().filter(|number| (low..=high).contains(number));
    number.ok_or_else(|| format!("it is a number from {low} to {high}"))
}

fn parse_tempo(text: &str) -> Result<f64, String> {
    within(text, 20.0, 400.0)
}

fn parse_swing(text: &str) -> Result<f64, String> {
    within(text, *Performance::SWING_RANGE.start(), *Performance::SWING_RANGE.end())
}

fn parse_share(text: &str) -> Result<f64, String> {
    within(text, 0.0, 1.0)
}

fn parse_unevenness(text: &str) -> Result<f64, String> {
    within(text, 0.0, Performance::MAX_HUMANISE_MS)
}

fn parse_gain(text: &str) -> Result<f64, String> {
    within(text, -60.0, 24.0)
}

fn parse_midi_number(text: &str) -> Result<u8, String> {
    let number = text.trim().parse::<u8>().ok().filter(|number| *number < 128);
    number.ok_or_else(|| "it is a number from 0 to 127".to_owned())
}

fn parse_program(text: &str) -> Result<u8, String> {
    parse_midi_number(text)
}

fn parse_split(text: &str) -> Result<(u8, u8), String> {
    let wrong = || "it is two MIDI pitches with a comma, the lower first, such as 52,72".to_owned();
    let (chords, melody) = text.split_once(',').ok_or_else(wrong)?;
    let (chords, melody) = (parse_midi_number(chords)?, parse_midi_number(melody)?);
    if chords <= melody { Ok((chords, melody)) } else { Err(wrong()) }
}

fn parse_voice(text: &str) -> Result<VoiceSound, String> {
    if text == "off" {
        return Ok(VoiceSound { is_muted: true, ..VoiceSound::default() });
    }
    let (program, volume) = text.split_once(':').map_or((text, None), |(p, v)| (p, Some(v)));
    let usual = VoiceSound::default();
    let volume = volume.map_or(Ok(usual.volume), parse_midi_number)?;
    Ok(VoiceSound { program: parse_midi_number(program)?, volume, is_muted: false })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn voices_are_a_programme_and_perhaps_a_volume() {
        let voice = |text| parse_voice(text).map(|v| (v.program, v.volume, v.is_muted));
        assert_eq!(voice("33"), Ok((33, 100, false)));
        assert_eq!(voice("33:64"), Ok((33, 64, false)));
        assert_eq!(voice("off"), Ok((0, 100, true)));
        for text in ["", "128", "3:200", "3:", "loud"] {
            assert!(voice(text).is_err(), "{text}");
        }
        assert_eq!(parse_split("40,60"), Ok((40, 60)));
        assert!(parse_split("60,40").is_err() && parse_split("60").is_err());
    }
}
