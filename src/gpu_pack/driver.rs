//! Whether this machine has an NVIDIA card and a driver, read from what Linux says of itself.
//!
//! Nothing of NVIDIA's is opened for it: that costs time, and a broken driver may crash who asks.

use std::fs;
use std::path::Path;

/// The oldest driver that CUDA 13.0 runs on: the first number of its version (NVIDIA, "CUDA Toolkit
/// 13.0 Release Notes", table 3: 580.65.06 on Linux, any 580 by minor version compatibility).
pub const OLDEST_DRIVER: u32 = 580;

/// NVIDIA's number among makers of PCI devices.
const NVIDIA: &str = "0x10de";
/// Display controllers have PCI classes that begin so.
const DISPLAY_CLASS: &str = "0x03";

/// What stands between this machine and CUDA.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Driver {
    /// CUDA is not for this system.
    NotHere,
    NoCard,
    /// A card, but no driver of NVIDIA's.
    NoDriver,
    TooOld {
        version: String,
        card: Option<String>,
    },
    Ready {
        /// Not known under Windows' Linux and in some containers.
        version: Option<String>,
        card: Option<String>,
    },
}

impl Driver {
    /// Whether it is worth while to open the CUDA libraries. With a driver that seems too old it
    /// may still be: NVIDIA's compatibility package stands in for a newer one.
    pub fn may_compute(&self) -> bool {
        matches!(self, Self::TooOld { .. } | Self::Ready { .. })
    }

    /// Why nothing can be computed, or `None`.
    pub fn why_not(&self) -> Option<String> {
        match self {
            Self::NotHere => Some("CUDA is used on Linux on 64-bit PCs only".to_owned()),
            Self::NoCard => Some("there is no NVIDIA graphics card in this machine".to_owned()),
            Self::NoDriver => Some(format!(
                "there is an NVIDIA graphics card but no NVIDIA driver. Install version \
                 {OLDEST_DRIVER} or newer with the system's package manager"
            )),
            Self::TooOld { version, .. } => Some(format!(
                "the NVIDIA driver is too old: it is version {version}, and {OLDEST_DRIVER} or newer \
                 is needed. Install a newer one with the system's package manager"
            )),
            Self::Ready { .. } => None,
        }
    }
}

/// Looks below `root`, which is `/` but in tests.
pub fn find_driver(root: &Path) -> Driver {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        return Driver::NotHere;
    }
    let read = |path: &str| fs::read_to_string(root.join(path)).ok();
    let version = read("proc/driver/nvidia/version").as_deref().and_then(version_in);
    let version =
        version.or_else(|| read("sys/module/nvidia/version").as_deref().and_then(version_in));
    let card = card_name(root);
    match version {
        Some(version) if major(&version) < OLDEST_DRIVER => Driver::TooOld { version, card },
        Some(version) => Driver::Ready { version: Some(version), card },
        // Containers show the devices only; Windows' Linux has one of its own.
        None if ["dev/nvidiactl", "dev/dxg"].iter().any(|path| root.join(path).exists()) => {
            Driver::Ready { version: None, card }
        }
        None if has_card(root) => Driver::NoDriver,
        None => Driver::NoCard,
    }
}

/// The first word such as "580.95.05".
fn version_in(text: &str) -> Option<String> {
    let is_version = |word: &&str| {
        word.contains('.')
            && word.split('.').all(|part| !part.is_empty() && part.parse::<u32>().is_ok())
    };
    text.split_whitespace().find(is_version).map(str::to_owned)
}

fn major(version: &str) -> u32 {
    version.split('.').next().and_then(|part| part.parse().ok()).unwrap_or(0)
}

/// "NVIDIA H100 80GB HBM3", where the driver says it.
fn card_name(root: &Path) -> Option<String> {
    let cards = fs::read_dir(root.join("proc/driver/nvidia/gpus")).ok()?;
    cards.flatten().find_map(|card| {
        let text = fs::read_to_string(card.path().join("information")).ok()?;
        let model = text.lines().find_map(|line| line.strip_prefix("Model:"))?;
        Some(model.trim().to_owned()).filter(|model| !model.is_empty())
    })
}

fn has_card(root: &Path) -> bool {
    let Ok(devices) = fs::read_dir(root.join("sys/bus/pci/devices")) else { return false };
    devices.flatten().any(|device| {
        let says = |file: &str, start: &str| {
            fs::read_to_string(device.path().join(file)).is_ok_and(|text| text.starts_with(start))
        };
        says("vendor", NVIDIA) && says("class", DISPLAY_CLASS)
    })
}

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[cfg(test)]
mod tests {
    use super::*;

    fn write(root: &Path, path: &str, text: &str) {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    #[test]
    fn a_machine_says_which_card_and_driver_it_has() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        assert_eq!(find_driver(root), Driver::NoCard);
        assert!(!find_driver(root).may_compute());
        let device = "sys/bus/pci/devices/0000:01:00";
        write(root, &format!("{device}.1/vendor"), "0x10de\n");
        write(root, &format!("{device}.1/class"), "0x040300\n");
        assert_eq!(find_driver(root), Driver::NoCard, "its sound is no card");
        write(root, &format!("{device}.0/vendor"), "0x10de\n");
        write(root, &format!("{device}.0/class"), "0x030000\n");
        assert_eq!(find_driver(root), Driver::NoDriver);
        write(root, "sys/module/nvidia/version", "535.183.01\n");
        let old = find_driver(root);
        assert_eq!(old, Driver::TooOld { version: "535.183.01".to_owned(), card: None });
        let words = old.why_not().unwrap();
        assert!(words.contains("535.183.01") && words.contains("580"), "{words}");
        let text = "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.95.05  Release \
                    Build\nGCC version:  gcc version 13.3.0\n";
        write(root, "proc/driver/nvidia/version", text);
        let gpu = "proc/driver/nvidia/gpus/0000:01:00.0/information";
        write(root, gpu, "Model: \t\t NVIDIA GeForce RTX 4060\nIRQ: 1\n");
        let (version, card) = ("580.95.05".to_owned(), "NVIDIA GeForce RTX 4060".to_owned());
        let ready = find_driver(root);
        assert_eq!(ready, Driver::Ready { version: Some(version), card: Some(card) });
        assert!(ready.may_compute() && ready.why_not().is_none());
    }

    #[test]
    fn a_container_and_windows_linux_have_a_driver_without_a_version() {
        for device in ["dev/nvidiactl", "dev/dxg"] {
            let folder = tempfile::tempdir().unwrap();
            write(folder.path(), device, "");
            assert_eq!(find_driver(folder.path()), Driver::Ready { version: None, card: None });
        }
    }

    #[test]
    fn damaged_facts_are_no_driver_and_no_crash() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "proc/driver/nvidia/version", "\u{0}\u{0} ..  . 5. .5");
        write(folder.path(), "sys/module/nvidia/version", "");
        assert_eq!(find_driver(folder.path()), Driver::NoCard);
    }
}
