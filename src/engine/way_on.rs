//! A run that failed because of the machine: what to say, and how it can go on from where it last
//! stood well.

use crate::dataset::Song;
use crate::project::Model;
use crate::rbm::{Device, DeviceChoice, DeviceFailure};
use crate::train::SettingChange;

/// What lets a run go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WayOn {
    /// With batches of so many excerpts.
    SmallerBatch(usize),
    /// On the processor instead of CUDA.
    Processor,
}

/// Go on with the model that the engine kept of a run that failed.
#[derive(Clone, Debug)]
pub struct GoOnRequest {
    pub songs: Vec<Song>,
    pub held_out_songs: Vec<Song>,
    pub device: DeviceChoice,
    pub way: WayOn,
}

/// The ways on after a failure on a device with batches of such a size.
pub fn ways_on(failure: DeviceFailure, device: Device, batch_size: usize) -> Vec<WayOn> {
    let mut ways = Vec::new();
    if failure == DeviceFailure::OutOfMemory && batch_size > 1 {
        ways.push(WayOn::SmallerBatch(batch_size / 2));
    }
    if failure == DeviceFailure::CudaGone || device == Device::Cuda {
        ways.push(WayOn::Processor);
    }
    ways
}

/// The reason for a person, from that of the system.
pub(super) fn failure_words(failure: DeviceFailure, device: Device, reason: &str) -> String {
    let what = match (failure, device) {
        (DeviceFailure::OutOfMemory, Device::Cuda) => "the CUDA device has no memory left",
        (DeviceFailure::OutOfMemory, Device::Cpu) => "there is no memory left",
        (DeviceFailure::CudaGone, _) => "the CUDA device no longer answers",
    };
    let remedy = match failure {
        DeviceFailure::OutOfMemory => "close other programs, or take smaller batches",
        DeviceFailure::CudaGone => "go on on the processor; the device may be back after a restart",
    };
    format!("{what} ({reason}); {remedy}")
}

/// The model with another batch size, and the mark in its history.
pub(super) fn with_batch_size(mut model: Model, batch_size: usize) -> (Model, SettingChange) {
    let change = SettingChange {
        epoch: model.state.finished_epochs,
        key: "batch_size".to_owned(),
        value: batch_size.to_string(),
        before: Some(model.run.settings.batch_size.to_string()),
    };
    model.run.settings.batch_size = batch_size;
    model.run.history.changes.push(change.clone());
    // The place within an epoch is counted in batches of the size before: that epoch begins anew.
    model.state.batches = 0;
    (model, change)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_offered_can_help() {
        use DeviceFailure::{CudaGone, OutOfMemory};
        let (small, processor) = (WayOn::SmallerBatch(50), WayOn::Processor);
        assert_eq!(ways_on(OutOfMemory, Device::Cuda, 100), [small, processor]);
        assert_eq!(ways_on(OutOfMemory, Device::Cpu, 100), [small]);
        assert_eq!(ways_on(OutOfMemory, Device::Cpu, 1), []);
        assert_eq!(ways_on(CudaGone, Device::Cuda, 100), [processor]);
    }
}
