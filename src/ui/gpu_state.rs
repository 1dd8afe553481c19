//! What is known of the graphics card and its pack, and what is being done about it.

use crate::gpu_pack::Status;

#[derive(Debug, Default)]
pub struct GpuState {
    pub is_shown: bool,
    /// `None` until somebody has looked.
    pub status: Option<Status>,
    pub work: Option<GpuWork>,
    /// Why the last installation or removal did not do.
    pub trouble: Option<String>,
}

/// An installation or a removal under way.
#[derive(Clone, Debug, PartialEq)]
pub enum GpuWork {
    Installing {
        /// "Downloading nvidia-cublas==13.1.0.3 (2 of 11)"
        what: String,
        /// 0 to 1.
        share: f64,
        is_cancelling: bool,
    },
    Removing,
}
