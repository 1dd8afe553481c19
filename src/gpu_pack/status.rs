//! Card, driver and pack in words, and telling libtorch where its CUDA half lies.

use std::path::{Path, PathBuf};

use crate::platform::Places;
use crate::rbm;

use super::{Driver, Home, Manifest, PackState, find_driver};

/// What there is to know before anything is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    pub driver: Driver,
    pub pack: PackState,
    /// Where the pack is or would be.
    pub folder: PathBuf,
    /// Of an installation that did not finish.
    pub left_over_bytes: u64,
    pub download_bytes: u64,
    pub unpacked_bytes: u64,
    /// The libtorch that runs has a CUDA half of its own, as one that set-up made for a GPU.
    pub is_built_in: bool,
}

impl Status {
    /// Looks at the machine below `root` (`/` but in tests), the pack's folder, and the libtorch
    /// that runs.
    pub fn find(root: &Path, home: &Home, manifest: &Manifest) -> Self {
        Self {
            driver: find_driver(root),
            pack: home.look(manifest),
            folder: home.folder().to_owned(),
            left_over_bytes: home.left_over_bytes(),
            download_bytes: manifest.download_bytes(),
            unpacked_bytes: manifest.unpacked_bytes(),
            is_built_in: rbm::has_linked_cuda(),
        }
    }

    /// What is missing for CUDA, in words; `None` when nothing is known to be.
    pub fn why_no_cuda(&self) -> Option<String> {
        let of_pack = || match &self.pack {
            _ if self.is_built_in => None,
            PackState::Missing => Some(format!(
                "the GPU pack is not installed. Help → Graphics card, or harmonium gpu install, gets \
                 it ({} MB)",
                self.download_bytes.div_ceil(1_000_000)
            )),
            PackState::Damaged { reason } => {
                Some(format!("the GPU pack is damaged ({reason}). Install it again"))
            }
            PackState::Installed { .. } => None,
        };
        self.driver.why_not().or_else(of_pack)
    }

    /// Whether there is something that a person could install or renew to a use.
    pub fn wants_pack(&self) -> bool {
        self.driver.may_compute()
            && !self.is_built_in
            && !matches!(self.pack, PackState::Installed { .. })
    }
}

/// Looks, and tells libtorch where to find its CUDA half and what to say when there is none. Opens
/// nothing: that happens when somebody asks for the device.
pub fn prepare(root: &Path, places: &Places, manifest: &Manifest) -> Status {
    let home = Home::of(places, manifest);
    let status = Status::find(root, &home, manifest);
    let is_usable =
        status.driver.may_compute() && matches!(status.pack, PackState::Installed { .. });
    rbm::expect_cuda(rbm::CudaHint {
        library: is_usable.then(|| home.library()),
        why_none: status.why_no_cuda(),
    });
    status
}
