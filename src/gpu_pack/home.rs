//! Where the pack lies, and whether it is whole.
//!
//! A portable folder that can be written has it beside the executable, so that it travels along;
//! else it is among the user's own data, because an installed program's folder belongs to the
//! system.

use std::fs;
use std::path::{Path, PathBuf};

use crate::platform::Places;

use super::{Manifest, PackError, Wheel};

/// Says what is in the pack; written last, so that without it there is none.
const STAMP: &str = "pack.txt";
/// The library that is opened; the loader finds the others beside it.
const FIRST_LIBRARY: &str = "libtorch_cuda.so";

/// The folder of the pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    folder: PathBuf,
}

/// Whether a pack is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PackState {
    Missing,
    /// It lies there but is not as it was installed.
    Damaged {
        reason: String,
    },
    Installed {
        bytes: u64,
    },
}

impl Home {
    /// Where it is, or where it would be installed.
    pub fn of(places: &Places, manifest: &Manifest) -> Self {
        let home = |parent: &Path| Self { folder: parent.join(folder_name(manifest)) };
        let portable = places.portable_dir.as_deref().map(home);
        let own = home(&places.data_dir);
        match portable {
            Some(portable) if portable.folder.exists() => portable,
            Some(portable) if !own.folder.exists() && is_writable(&portable.folder) => portable,
            _ => own,
        }
    }

    /// A pack in a folder of one's choice.
    pub fn below(parent: &Path, manifest: &Manifest) -> Self {
        Self { folder: parent.join(folder_name(manifest)) }
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What libtorch's CUDA half is opened by.
    pub fn library(&self) -> PathBuf {
        self.folder.join("lib").join(FIRST_LIBRARY)
    }

    /// Where it is put together, beside its place, so that it gets there by one renaming.
    pub(super) fn aside(&self) -> PathBuf {
        self.beside("part")
    }

    /// Held by who changes the pack.
    pub(super) fn lock(&self) -> PathBuf {
        self.beside("lock")
    }

    fn beside(&self, ending: &str) -> PathBuf {
        let name = self.folder.file_name().unwrap_or_default().to_string_lossy();
        self.folder.with_file_name(format!(".{name}.{ending}"))
    }

    /// Whether the pack is there, by the lengths of its files.
    pub fn look(&self, manifest: &Manifest) -> PackState {
        if !self.folder.exists() {
            return PackState::Missing;
        }
        match self.check(manifest) {
            Ok(bytes) => PackState::Installed { bytes },
            Err(reason) => PackState::Damaged { reason },
        }
    }

    fn check(&self, manifest: &Manifest) -> Result<u64, String> {
        let stamp = fs::read_to_string(self.folder.join(STAMP))
            .map_err(|_missing| format!("{STAMP} is missing"))?;
        if stamp != stamp_text(manifest) {
            return Err("it is of another version".to_owned());
        }
        for (name, bytes) in manifest.libraries() {
            let path = self.folder.join("lib").join(name);
            match fs::metadata(&path) {
                Ok(found) if found.len() == bytes => {}
                Ok(found) => {
                    return Err(format!("{name} has {} bytes instead of {bytes}", found.len()));
                }
                Err(_missing) => return Err(format!("{name} is missing")),
            }
        }
        Ok(folder_bytes(&self.folder))
    }

    /// What an installation that did not finish has left, in bytes.
    pub fn left_over_bytes(&self) -> u64 {
        folder_bytes(&self.aside())
    }

    pub(super) fn write_stamp(folder: &Path, manifest: &Manifest) -> Result<(), PackError> {
        let path = folder.join(STAMP);
        let written = fs::write(&path, stamp_text(manifest)).and_then(|()| {
            fs::File::open(&path)?.sync_all()?;
            fs::File::open(folder)?.sync_all()
        });
        written.map_err(|error| PackError::write(&path, &error))
    }
}

fn folder_name(manifest: &Manifest) -> String {
    format!("gpu-pack-{}", manifest.version)
}

/// The wheels and libraries, as text.
fn stamp_text(manifest: &Manifest) -> String {
    let first = format!("Harmonium's GPU pack, for libtorch {}", manifest.version);
    let wheel = |wheel: &Wheel| format!("{} sha256:{}", wheel.requirement, wheel.sha256);
    let lines: Vec<String> = [first].into_iter().chain(manifest.wheels.iter().map(wheel)).collect();
    lines.join("\n") + "\n"
}

/// Whether something can be made beside it.
fn is_writable(folder: &Path) -> bool {
    folder.parent().is_some_and(|parent| tempfile::tempfile_in(parent).is_ok())
}

/// Of all files below, without following links.
pub(super) fn folder_bytes(folder: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    let of = |entry: fs::DirEntry| match entry.metadata() {
        Ok(facts) if facts.is_dir() => folder_bytes(&entry.path()),
        Ok(facts) => facts.len(),
        Err(_gone) => 0,
    };
    entries.flatten().map(of).sum()
}
