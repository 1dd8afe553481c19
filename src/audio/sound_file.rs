//! Sound as a file: WAV, FLAC and Ogg Vorbis, written block by block.

use std::fs::File;
use std::io::{self, BufWriter};
use std::num::{NonZeroU8, NonZeroU32};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::level::CEILING;

/// Interleaved stereo throughout.
const CHANNELS: u8 = 2;

/// What kind of file holds the sound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Container {
    #[default]
    Wav,
    /// Smaller, and the same sound.
    Flac,
    /// Ogg Vorbis: a tenth of the size, and nearly the same sound.
    Ogg,
}

impl Container {
    pub const ALL: [Self; 3] = [Self::Wav, Self::Flac, Self::Ogg];

    pub fn name(self) -> &'static str {
        match self {
            Self::Wav => "WAV",
            Self::Flac => "FLAC",
            Self::Ogg => "Ogg Vorbis",
        }
    }

    /// The ending of its files, without the dot.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Wav => "wav",
            Self::Flac => "flac",
            Self::Ogg => "ogg",
        }
    }

    /// The kind of file that a path's ending names.
    pub fn of_path(path: &Path) -> Option<Self> {
        let ending = path.extension()?.to_str()?.to_ascii_lowercase();
        match ending.as_str() {
            "wav" | "wave" => Some(Self::Wav),
            "flac" => Some(Self::Flac),
            "ogg" | "oga" => Some(Self::Ogg),
            _ => None,
        }
    }
}

/// How a sample is kept. Ogg Vorbis has no such thing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum SampleDepth {
    #[default]
    Bits16,
    Bits24,
    Float32,
}

impl SampleDepth {
    pub const ALL: [Self; 3] = [Self::Bits16, Self::Bits24, Self::Float32];

    pub fn name(self) -> &'static str {
        match self {
            Self::Bits16 => "16 bit",
            Self::Bits24 => "24 bit",
            Self::Float32 => "32-bit float",
        }
    }

    fn bits(self) -> u16 {
        match self {
            Self::Bits16 => 16,
            Self::Bits24 => 24,
            Self::Float32 => 32,
        }
    }
}

/// The sample rate of a sound file where nothing else is asked for.
pub const DEFAULT_SAMPLE_RATE: u32 = 44_100;
/// The sample rates that are offered, in hertz.
pub const USUAL_SAMPLE_RATES: [u32; 3] = [44_100, 48_000, 96_000];

/// How sound is written into a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FileFormat {
    pub container: Container,
    pub depth: SampleDepth,
    /// In hertz.
    pub sample_rate: u32,
    /// Of Ogg Vorbis, 0 to 10: 6 is about 190 kbit/s at 44.1 kHz, 2 about 96.
    pub ogg_quality: u8,
}

impl Default for FileFormat {
    fn default() -> Self {
        Self {
            container: Container::Wav,
            depth: SampleDepth::Bits16,
            sample_rate: DEFAULT_SAMPLE_RATE,
            ogg_quality: 6,
        }
    }
}

impl FileFormat {
    /// The same with what its kind of file can hold: FLAC has no floating point.
    #[must_use]
    pub fn mended(mut self) -> Self {
        if self.container == Container::Flac && self.depth == SampleDepth::Float32 {
            self.depth = SampleDepth::Bits24;
        }
        self.ogg_quality = self.ogg_quality.min(10);
        self
    }

    /// The loudest sample that is written; full scale is 1. Vorbis may overshoot a little.
    pub(super) fn ceiling(self) -> f32 {
        match self.container {
            Container::Ogg => OGG_CEILING,
            Container::Wav | Container::Flac => CEILING,
        }
    }

    /// Below this it is silence for good: a sixteenth of the smallest step.
    pub(super) fn silence_level(self) -> f32 {
        match (self.container, self.depth) {
            (Container::Ogg, _) | (_, SampleDepth::Bits16) => 1.0 / 524_288.0,
            (_, SampleDepth::Bits24 | SampleDepth::Float32) => 1.0 / 16_777_216.0,
        }
    }

    /// So many frames fit into a file; a WAV file counts its bytes in 32 bits.
    pub(super) fn most_frames(self) -> Option<u64> {
        let bytes_a_frame = u64::from(self.depth.bits() / 8) * u64::from(CHANNELS);
        let is_wav = self.container == Container::Wav;
        is_wav.then(|| u64::from(u32::MAX - LARGEST_WAV_HEADER) / bytes_a_frame)
    }
}

/// 1 dB below full scale.
const OGG_CEILING: f32 = 0.89;
const LARGEST_WAV_HEADER: u32 = 80;
/// Ogg asks for a number that tells streams apart within a file; ours has one.
const OGG_SERIAL: i32 = 1;

type Out<'a> = BufWriter<&'a mut File>;

/// A sound file on its way.
pub(super) enum SoundWriter<'a> {
    Wav(hound::WavWriter<Out<'a>>, SampleDepth),
    Flac(Box<flac_codec::encode::FlacSampleWriter<Out<'a>>>, SampleDepth, Vec<i32>),
    Ogg(Box<vorbis_rs::VorbisEncoder<Out<'a>>>, [Vec<f32>; CHANNELS as usize]),
}

impl<'a> SoundWriter<'a> {
    pub(super) fn new(file: &'a mut File, format: FileFormat) -> io::Result<Self> {
        let format = format.mended();
        let out = BufWriter::new(file);
        Ok(match format.container {
            Container::Wav => {
                let is_float = format.depth == SampleDepth::Float32;
                let spec = hound::WavSpec {
                    channels: CHANNELS.into(),
                    sample_rate: format.sample_rate,
                    bits_per_sample: format.depth.bits(),
                    sample_format: if is_float {
                        hound::SampleFormat::Float
                    } else {
                        hound::SampleFormat::Int
                    },
                };
                let wav = hound::WavWriter::new(out, spec).map_err(of_hound)?;
                Self::Wav(wav, format.depth)
            }
            Container::Flac => {
                let bits = format.depth.bits().into();
                let options = flac_codec::encode::Options::default();
                let flac = flac_codec::encode::FlacSampleWriter::new(
                    out,
                    options,
                    format.sample_rate,
                    bits,
                    CHANNELS,
                    None,
                );
                Self::Flac(Box::new(flac.map_err(of_flac)?), format.depth, Vec::new())
            }
            Container::Ogg => Self::Ogg(Box::new(ogg_encoder(out, format)?), Default::default()),
        })
    }

    /// Appends interleaved stereo, full scale 1.
    pub(super) fn write(&mut self, block: &[f32]) -> io::Result<()> {
        match self {
            Self::Wav(wav, depth) => write_wav(wav, *depth, block).map_err(of_hound),
            Self::Flac(flac, depth, samples) => {
                samples.clear();
                samples.extend(block.iter().map(|sample| to_integer(*sample, *depth)));
                flac.write(samples).map_err(of_flac)
            }
            Self::Ogg(ogg, [left, right]) => {
                left.clear();
                right.clear();
                for frame in block.chunks_exact(2) {
                    left.push(frame[0]);
                    right.push(frame[1]);
                }
                ogg.encode_audio_block([left, right]).map_err(io::Error::other)
            }
        }
    }

    /// Writes what is still held back, and the sizes into the head.
    pub(super) fn finish(self) -> io::Result<()> {
        match self {
            Self::Wav(wav, _) => wav.finalize().map_err(of_hound),
            Self::Flac(flac, ..) => flac.finalize().map_err(of_flac),
            Self::Ogg(ogg, _) => {
                let out = ogg.finish().map_err(io::Error::other)?;
                out.into_inner().map(|_file| ()).map_err(io::IntoInnerError::into_error)
            }
        }
    }
}

fn ogg_encoder(out: Out<'_>, format: FileFormat) -> io::Result<vorbis_rs::VorbisEncoder<Out<'_>>> {
    let rate = NonZeroU32::new(format.sample_rate).unwrap_or(NonZeroU32::MIN);
    let channels = NonZeroU8::MIN.saturating_add(CHANNELS - 1);
    let mut builder =
        vorbis_rs::VorbisEncoderBuilder::new_with_serial(rate, channels, out, OGG_SERIAL);
    let target_quality = f32::from(format.ogg_quality) / 10.0;
    let strategy = vorbis_rs::VorbisBitrateManagementStrategy::QualityVbr { target_quality };
    builder.bitrate_management_strategy(strategy);
    builder.build().map_err(io::Error::other)
}

fn write_wav(
    wav: &mut hound::WavWriter<Out<'_>>,
    depth: SampleDepth,
    block: &[f32],
) -> hound::Result<()> {
    for sample in block {
        match depth {
            SampleDepth::Float32 => wav.write_sample(*sample)?,
            depth => wav.write_sample(to_integer(*sample, depth))?,
        }
    }
    Ok(())
}

fn to_integer(sample: f32, depth: SampleDepth) -> i32 {
    let full = match depth {
        SampleDepth::Bits16 => f64::from(i16::MAX),
        SampleDepth::Bits24 | SampleDepth::Float32 => f64::from((1 << 23) - 1),
    };
    (f64::from(sample) * full).round().clamp(-full, full) as i32
}

fn of_hound(error: hound::Error) -> io::Error {
    match error {
        hound::Error::IoError(error) => error,
        other => io::Error::other(other),
    }
}

fn of_flac(error: flac_codec::Error) -> io::Error {
    match error {
        flac_codec::Error::Io(error) => error,
        other => io::Error::other(other),
    }
}
