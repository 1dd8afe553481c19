//! The sound device, behind a trait so that the player can be tested without one.

use std::error::Error;
use std::sync::Arc;

use rodio::cpal::traits::{DeviceTrait as _, HostTrait as _};
use rodio::cpal::{self, BufferSize};
use rodio::{CpalError, CpalErrorKind, DeviceSinkBuilder, DeviceSinkError, MixerDeviceSink};

use super::synth::{FluidSynth, SAMPLE_RATES};
use super::synth_source::SynthSource;

/// An open device. Dropping it ends the sound.
pub(super) trait Output {
    /// The rate of the device itself.
    fn device_rate(&self) -> u32;
    /// Seconds between rendering and hearing.
    fn latency_secs(&self) -> f64;
    fn play(&self, source: SynthSource<FluidSynth>);
}

/// Called from a thread of the sound system when the device is gone.
pub(super) type OnLost = Arc<dyn Fn(String) + Send + Sync>;

/// Opens a device, or says why there is none.
pub(super) type OpenOutput = Box<dyn FnMut(&OnLost) -> Result<Box<dyn Output>, String> + Send>;

/// The rate at which to render for a device. A rate that the synthesiser cannot do is converted
/// on the way out.
pub(super) fn render_rate(device_rate: u32) -> u32 {
    let halved = [device_rate, device_rate / 2, device_rate / 4]
        .into_iter()
        .find(|rate| SAMPLE_RATES.contains(rate));
    halved.unwrap_or(44_100)
}

/// Opens the default device, or else the first other one that works.
pub(super) fn open_default_output(on_lost: &OnLost) -> Result<Box<dyn Output>, String> {
    let host = cpal::default_host();
    let default = host.default_output_device();
    let opened = default
        .ok_or(DeviceSinkError::NoDevice)
        .and_then(|device| open(device, Arc::clone(on_lost)));
    let others = || host.output_devices().into_iter().flatten();
    let mut sink = opened
        .or_else(|error| {
            others()
                .filter(is_real)
                .find_map(|device| open(device, Arc::clone(on_lost)).ok())
                .ok_or(error)
        })
        .map_err(|error| with_causes(&error))?;
    sink.log_on_drop(false);
    Ok(Box::new(RodioOutput { sink }))
}

/// Opens the default device and closes it again: its rate in hertz, or why there is none.
pub fn probe_device() -> Result<u32, String> {
    let on_lost: OnLost = Arc::new(|_reason| {});
    open_default_output(&on_lost).map(|output| output.device_rate())
}

fn open(device: cpal::Device, on_lost: OnLost) -> Result<MixerDeviceSink, DeviceSinkError> {
    let on_error = move |error: CpalError| match error.kind() {
        CpalErrorKind::Xrun | CpalErrorKind::RealtimeDenied | CpalErrorKind::DeviceChanged => {
            log::debug!("sound device: {error}");
        }
        _ => on_lost(error.to_string()),
    };
    DeviceSinkBuilder::from_device(device)?.with_error_callback(on_error).open_sink_or_fallback()
}

/// ALSA lists a device that swallows everything at once.
fn is_real(device: &cpal::Device) -> bool {
    device.description().is_ok_and(|d| d.driver().is_none_or(|driver| driver != "null"))
}

struct RodioOutput {
    sink: MixerDeviceSink,
}

/// What rodio asks for where it leaves the size to the system.
const USUAL_BUFFER_SECS: f64 = 0.05;

impl Output for RodioOutput {
    fn device_rate(&self) -> u32 {
        self.sink.config().sample_rate().get()
    }

    /// The device plays one buffer while the next is filled.
    fn latency_secs(&self) -> f64 {
        let buffer_secs = match self.sink.config().buffer_size() {
            BufferSize::Fixed(frames) => f64::from(*frames) / f64::from(self.device_rate()),
            BufferSize::Default => USUAL_BUFFER_SECS,
        };
        2.0 * buffer_secs
    }

    fn play(&self, source: SynthSource<FluidSynth>) {
        self.sink.mixer().add(source);
    }
}

fn with_causes(error: &dyn Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words = format!("{words}: {error}");
        cause = error.source();
    }
    words
}
