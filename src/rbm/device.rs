//! Where the model computes: the processor or a CUDA device, and why not the latter.

use serde::{Deserialize, Serialize};

use super::RbmError;
use super::cuda_library::{self, CudaLibrary};
use super::kernel;

/// What the user asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DeviceChoice {
    /// CUDA where there is one, else the processor.
    #[default]
    Auto,
    Cpu,
    Cuda,
}

/// A device that was found to work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Device {
    Cpu,
    /// The first CUDA device.
    Cuda,
}

/// What the machine offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceReport {
    pub cuda_is_available: bool,
    /// In words, when it is not.
    pub why_no_cuda: Option<String>,
}

impl DeviceChoice {
    /// Decides, opening the CUDA library unless the processor was asked for.
    ///
    /// # Errors
    /// When CUDA was asked for and is not to be had; the error says why.
    pub fn resolve(self) -> Result<Device, RbmError> {
        if self == Self::Cpu {
            return Ok(Device::Cpu);
        }
        match (device_report().why_no_cuda, self) {
            (None, _) => Ok(Device::Cuda),
            (Some(reason), Self::Cuda) => Err(RbmError::NoCuda { reason }),
            (Some(_), _) => Ok(Device::Cpu),
        }
    }
}

impl Device {
    pub(super) fn torch(self) -> tch::Device {
        match self {
            Self::Cpu => tch::Device::Cpu,
            Self::Cuda => tch::Device::Cuda(0),
        }
    }

    /// "cpu" or "cuda", as the command line calls them.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Cuda => "cuda",
        }
    }
}

/// Asks libtorch, opening its CUDA library when there is one (a second or more, once).
pub fn device_report() -> DeviceReport {
    let why_no_cuda = match cuda_library::open() {
        CudaLibrary::Missing(reason) => Some(missing_library_words(&reason)),
        CudaLibrary::Open => try_cuda().err(),
    };
    DeviceReport { cuda_is_available: why_no_cuda.is_none(), why_no_cuda }
}

fn missing_library_words(reason: &str) -> String {
    if !cuda_library::is_absent(reason) {
        return format!("libtorch's CUDA library does not load: {reason}");
    }
    cuda_library::why_none().unwrap_or_else(|| {
        "this installation has libtorch for the processor only (no libtorch_cuda.so)".to_owned()
    })
}

/// Adds up four ones on the device: a card that is too old for this libtorch is there, and fails.
fn try_cuda() -> Result<(), String> {
    if !tch::Cuda::is_available() {
        return Err(cuda_library::why_none().unwrap_or_else(|| {
            "libtorch's CUDA library is here, but it found no NVIDIA driver or no device".into()
        }));
    }
    let sum = tch::Tensor::f_ones([4], (tch::Kind::Float, tch::Device::Cuda(0)))
        .and_then(|ones| ones.f_sum(tch::Kind::Float))
        .and_then(|sum| sum.f_double_value(&[]));
    match sum {
        Ok(4.0) => Ok(()),
        Ok(other) => {
            Err(format!("the graphics card does not count right: 1 + 1 + 1 + 1 = {other}"))
        }
        Err(error) => {
            let words = error.to_string();
            let first = words.lines().next().unwrap_or_default();
            Err(format!("the graphics card cannot be used, it may be too old: {first}"))
        }
    }
}

/// Sets the number of processor threads for the whole process. libtorch itself keeps to one: its
/// threads spin while they wait, which costs more than it gains wherever another program runs too.
pub fn set_thread_count(threads: usize) {
    keep_libtorch_to_one_thread();
    kernel::set_threads(threads);
}

pub(super) fn keep_libtorch_to_one_thread() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| tch::set_num_threads(1));
}

pub fn thread_count() -> usize {
    kernel::threads()
}

/// Whether the work of an update is shared among the threads that were set, or one does it all; for
/// the whole process, and without a change to any result.
pub fn share_among_threads(is_shared: bool) {
    kernel::share(is_shared);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_processor_is_always_there_and_missing_cuda_says_why() {
        assert_eq!(DeviceChoice::Cpu.resolve().unwrap(), Device::Cpu);
        let report = device_report();
        assert_eq!(report.cuda_is_available, report.why_no_cuda.is_none());
        if let Err(error) = DeviceChoice::Cuda.resolve() {
            assert!(error.to_string().contains("choose the device"), "{error}");
        }
    }
}
