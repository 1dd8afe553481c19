//! From a score to sound: SoundFonts, the synthesiser, playing, sound files.
//!
//! | word | meaning |
//! |---|---|
//! | [`SoundFont`] | a font that has passed the strict check; nothing else reaches the synthesiser |
//! | [`Synth`] | the synthesiser behind a trait; [`FluidSynth`] is ours |
//! | [`Timeline`] | ticks ⇄ seconds |
//! | [`Sequence`] | a score as a schedule of frames at one sample rate |
//! | [`Player`] | the handle that plays: never blocks, works without a device |
//! | [`render_file`] | the same sound as a WAV, FLAC or Ogg Vorbis file |
//!
//! The device's callback pulls from `synth_source`, which owns the synthesiser; the thread
//! `audio` (`player_thread`) owns the device; the handle only sends commands and reads atomics.
//! A device is opened and closed in a thread of its own (`opening`), because a sound server may hang.

mod device;
mod error;
mod font_swap;
mod font_trial;
mod hydra;
mod level;
mod ogg;
mod opening;
mod player;
mod player_thread;
mod playhead;
mod preview;
mod probe;
mod render;
mod sequence;
mod sound_file;
mod soundfont;
mod soundfont_check;
mod synth;
mod synth_source;
mod timeline;
mod watch;

#[cfg(test)]
mod mutation_tests;
#[cfg(test)]
mod player_tests;
#[cfg(test)]
mod render_tests;
#[cfg(test)]
mod session_tests;
#[cfg(test)]
mod synth_source_tests;
#[cfg(test)]
mod testing;

pub use device::probe_device;
pub use error::AudioError;
pub use font_trial::play_every_preset;
pub use player::{PieceNumber, Player, PlayerState};
pub use probe::{PROBE_LIMIT, PROBE_PROGRAM, probe_soundfont};
pub use render::{RenderReport, render_file, render_to_vec};
pub use sequence::{ScheduledNote, Sequence, SoundSettings};
pub use sound_file::{Container, DEFAULT_SAMPLE_RATE, FileFormat, SampleDepth, USUAL_SAMPLE_RATES};
pub use soundfont::{FontPreset, SoundFont, find_soundfont};
pub use soundfont_check::FontDefect;
pub use synth::{FluidSynth, Synth};
pub use synth_source::LoopRange;
pub use timeline::Timeline;
