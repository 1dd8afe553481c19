//! What is checked and taken of a wheel, which is a zip archive.

use std::fs::{self, File};
use std::io::{self, Read, Write as _};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use zip::ZipArchive;

use super::{PackError, Wheel};

const BLOCK: usize = 1 << 20;

/// Reports so many more bytes; a break ends the work.
pub(super) type OnBytes<'a> = &'a mut dyn FnMut(u64) -> ControlFlow<()>;

/// Finds the wheel among the files of a folder.
pub(super) fn find_in(folder: &Path, wheel: &Wheel) -> Result<PathBuf, PackError> {
    let entries = fs::read_dir(folder).map_err(|error| PackError::read(folder, &error))?;
    let stem = wheel.file_stem();
    let mut found: Vec<PathBuf> = entries
        .flatten()
        .filter(|entry| {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            name.starts_with(&stem) && name.ends_with(".whl")
        })
        .map(|entry| entry.path())
        .collect();
    // Wheels for several Pythons may lie there; ours is known by its length first.
    found.sort_by_key(|path| {
        let is_ours = fs::metadata(path).is_ok_and(|facts| facts.len() == wheel.bytes);
        (!is_ours, path.clone())
    });
    let missing = || PackError::WheelMissing {
        folder: folder.to_owned(),
        requirement: wheel.requirement.clone(),
    };
    found.into_iter().next().ok_or_else(missing)
}

/// Reads all of it and compares its hash.
pub(super) fn check(path: &Path, wheel: &Wheel, on_bytes: OnBytes<'_>) -> Result<(), PackError> {
    let mut file = File::open(path).map_err(|error| PackError::read(path, &error))?;
    let mut hash = Sha256::new();
    let mut block = vec![0; BLOCK];
    loop {
        let n = file.read(&mut block).map_err(|error| PackError::read(path, &error))?;
        if n == 0 {
            break;
        }
        hash.update(&block[..n]);
        go_on(on_bytes(n as u64))?;
    }
    let found =
        hash.finalize().iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
    if found == wheel.sha256 {
        return Ok(());
    }
    Err(PackError::WrongHash {
        path: path.to_owned(),
        requirement: wheel.requirement.clone(),
        expected: wheel.sha256.clone(),
        found,
    })
}

/// Writes the wanted libraries to `goal/lib` and the licences to `goal/licences`, each through to
/// the disk.
pub(super) fn unpack(
    path: &Path,
    wheel: &Wheel,
    goal: &Path,
    on_bytes: OnBytes<'_>,
) -> Result<(), PackError> {
    let damaged = |reason: String| PackError::Damaged { path: path.to_owned(), reason };
    let file = File::open(path).map_err(|error| PackError::read(path, &error))?;
    let mut archive = ZipArchive::new(file).map_err(|error| damaged(error.to_string()))?;
    let mut missing: Vec<&str> = wheel.libraries.iter().map(|(name, _)| name.as_str()).collect();
    for place in 0..archive.len() {
        let member = archive.by_index(place).map_err(|error| damaged(error.to_string()))?;
        let name = member.name().map_err(|error| damaged(error.to_string()))?;
        let Some(target) = target_of(&name, wheel) else { continue };
        missing.retain(|name| !target.ends_with(name));
        let target = goal.join(target);
        write_member(member, &target, &damaged, on_bytes)?;
    }
    if missing.is_empty() {
        Ok(())
    } else {
        Err(damaged(format!("it lacks {}", missing.join(", "))))
    }
}

/// Where a member goes below the pack, or `None` when it is not wanted.
fn target_of(member: &str, wheel: &Wheel) -> Option<PathBuf> {
    let parts: Vec<&str> = member.split('/').collect();
    let name = *parts.last()?;
    let is_library = parts.len() >= 2
        && parts[parts.len() - 2] == "lib"
        && wheel.libraries.iter().any(|(library, _)| library == name);
    if is_library {
        return Some(Path::new("lib").join(name));
    }
    let upper = name.to_ascii_uppercase();
    let is_notice =
        ["LICENSE", "LICENCE", "NOTICE", "COPYING"].iter().any(|start| upper.starts_with(start));
    let is_at_its_place =
        parts[0].ends_with(".dist-info") || (parts[0] == "nvidia" && parts.len() == 3);
    let of = wheel.requirement.split("==").next().unwrap_or_default();
    (is_notice && is_at_its_place).then(|| Path::new("licences").join(format!("{of}-{name}")))
}

fn write_member(
    mut member: impl Read,
    target: &Path,
    damaged: &dyn Fn(String) -> PackError,
    on_bytes: OnBytes<'_>,
) -> Result<(), PackError> {
    let cannot_write = |error: io::Error| PackError::write(target, &error);
    fs::create_dir_all(target.parent().unwrap_or(target)).map_err(cannot_write)?;
    let mut file = File::create(target).map_err(cannot_write)?;
    let mut block = vec![0; BLOCK];
    loop {
        // The end of a member is only reached when its checksum is right.
        let n = member.read(&mut block).map_err(|error| damaged(error.to_string()))?;
        if n == 0 {
            break;
        }
        file.write_all(&block[..n]).map_err(cannot_write)?;
        go_on(on_bytes(n as u64))?;
    }
    file.sync_all().map_err(cannot_write)
}

pub(super) fn go_on(flow: ControlFlow<()>) -> Result<(), PackError> {
    if flow.is_break() { Err(PackError::Cancelled) } else { Ok(()) }
}
