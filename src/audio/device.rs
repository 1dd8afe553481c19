//! The sound device, behind a trait so that the player can be tested without one.

use std::error::Error;
use std::sync::Arc;

use rodio::cpal::traits::{DeviceTrait as _, HostTrait as _};
use rodio::cpal::{self, BufferSize, DeviceId};
use rodio::{CpalError, CpalErrorKind, DeviceSinkBuilder, DeviceSinkError, MixerDeviceSink};

use super::synth::{FluidSynth, SAMPLE_RATES};
use super::synth_source::SynthSource;

/// An open device. Dropping it ends the sound.
pub(super) trait Output: Send {
    /// The rate of the device itself.
    fn device_rate(&self) -> u32;
    /// Seconds between rendering and hearing.
    fn latency_secs(&self) -> f64;
    fn play(&self, source: SynthSource<FluidSynth>);
    /// Whether the system's default is another device than when this one was opened.
    fn has_default_moved(&self) -> bool;
}

/// Which device to look for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Only the default one: a sound server that starts anew would find its card taken otherwise.
    Default,
    /// The default one, or else another that works.
    Any,
}

/// Called from a thread of the sound system when the device is gone.
pub(super) type OnLost = Arc<dyn Fn(String) + Send + Sync>;

/// Opens a device, or says why there is none.
pub(super) type OpenOutput =
    Box<dyn FnMut(&OnLost, Wanted) -> Result<Box<dyn Output>, String> + Send>;

/// The rate at which to render for a device. A rate that the synthesiser cannot do is converted
/// on the way out.
pub(super) fn render_rate(device_rate: u32) -> u32 {
    let halved = [device_rate, device_rate / 2, device_rate / 4]
        .into_iter()
        .find(|rate| SAMPLE_RATES.contains(rate));
    halved.unwrap_or(44_100)
}

/// Opens the default device, or else the first other one that works, where any will do.
pub(super) fn open_default_output(
    on_lost: &OnLost,
    wanted: Wanted,
) -> Result<Box<dyn Output>, String> {
    let host = cpal::default_host();
    let default = host.default_output_device();
    let default_id = default.as_ref().and_then(|device| device.id().ok());
    let opened = default
        .ok_or(DeviceSinkError::NoDevice)
        .and_then(|device| open(device, Arc::clone(on_lost)));
    let others = || {
        let devices = host.output_devices().ok().filter(|_| wanted == Wanted::Any);
        devices.into_iter().flatten()
    };
    let mut sink = opened
        .or_else(|error| {
            others()
                .filter(is_real)
                .find_map(|device| open(device, Arc::clone(on_lost)).ok())
                .ok_or(error)
        })
        .map_err(|error| with_causes(&error))?;
    sink.log_on_drop(false);
    Ok(Box::new(RodioOutput { sink, default_id }))
}

/// Opens the default device and closes it again: its rate in hertz, or why there is none.
pub fn probe_device() -> Result<u32, String> {
    let on_lost: OnLost = Arc::new(|_reason| {});
    open_default_output(&on_lost, Wanted::Any).map(|output| output.device_rate())
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
    /// Of the default device at the time, which need not be the one that was opened.
    default_id: Option<DeviceId>,
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

    /// Sound servers move a stream by themselves and keep one name; on other systems the name of
    /// the default device changes and the stream stays behind.
    fn has_default_moved(&self) -> bool {
        let now = cpal::default_host().default_output_device().and_then(|device| device.id().ok());
        now.is_some() && now != self.default_id
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
