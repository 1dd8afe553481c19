//! Putting the pack there and taking it away.
//!
//! It is put together in a folder beside its place, wheel by wheel, and gets its name in one step
//! when it is whole, so that whatever interrupts it, there is a whole pack or none.

use std::fs::{self, File, TryLockError};
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use crate::platform::free_disk_bytes;

use super::home::folder_bytes;
use super::wheel::{check, find_in, unpack};
use super::{Home, Manifest, PackError, PackState, Pip, Wheel};

/// Checking a byte and unpacking one take so much of the time that fetching one takes.
const CHECKING_COSTS: f64 = 0.1;
const UNPACKING_COSTS: f64 = 0.2;
/// Below the folder in which it is put together: which wheels are finished.
const MARKS: &str = "finished";

/// Where the wheels come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Files that a person brought.
    Folder(PathBuf),
    /// Over the network, with the machine's pip.
    Pip(Pip),
}

/// What is being done to a wheel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    Download,
    Check,
    Unpack,
}

impl Stage {
    /// "Downloading", for people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Download => "Downloading",
            Self::Check => "Checking",
            Self::Unpack => "Unpacking",
        }
    }
}

/// How far an installation is.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    pub stage: Stage,
    /// "nvidia-cublas==13.1.0.3"
    pub wheel: String,
    /// Counted from 1.
    pub number: usize,
    pub n_wheels: usize,
    /// Of all the work, 0 to 1.
    pub share: f64,
}

/// Hears how far it is; a break cancels.
pub type OnProgress<'a> = &'a mut dyn FnMut(Progress) -> ControlFlow<()>;

/// Installs the pack, unless it is there and whole. Long: seconds from a folder, minutes through
/// pip. Whatever ends it early leaves no pack; wheels that came over a network are kept for the
/// next attempt, but not when it was cancelled.
///
/// # Errors
/// What went wrong, with the file, the reason and the remedy.
pub fn install(
    manifest: &Manifest,
    home: &Home,
    source: &Source,
    on_progress: OnProgress<'_>,
) -> Result<(), PackError> {
    let _lock = Lock::take(home)?;
    if matches!(home.look(manifest), PackState::Installed { .. }) {
        return Ok(());
    }
    let aside = home.aside();
    let done = put_together(manifest, source, &aside, on_progress)
        .and_then(|()| Home::write_stamp(&aside, manifest))
        .and_then(|()| put_in_place(home));
    if let Err(error) = &done
        && !error.keeps_what_is_finished()
    {
        // What cannot be removed now, the next attempt or `remove` will.
        drop(fs::remove_dir_all(&aside));
    }
    done
}

/// Removes the pack and what an interrupted installation left. The bytes that are free again.
///
/// # Errors
/// When there is none, somebody is at work on it, or the system refuses.
pub fn remove(home: &Home) -> Result<u64, PackError> {
    let _lock = Lock::take(home)?;
    let mut bytes = 0;
    let mut is_there = false;
    for folder in [home.folder().to_owned(), home.aside()] {
        if folder.exists() {
            is_there = true;
            bytes += folder_bytes(&folder);
            // Under another name first: a removal that is cut off leaves no half pack either.
            let aside = home.aside();
            let gone = if folder == aside || fs::rename(&folder, &aside).is_err() {
                folder
            } else {
                aside
            };
            fs::remove_dir_all(&gone).map_err(|error| PackError::write(&gone, &error))?;
        }
    }
    if is_there { Ok(bytes) } else { Err(PackError::NothingToRemove) }
}

/// One at a time. The system frees it when the process dies.
struct Lock {
    path: PathBuf,
    _file: File,
}

impl Lock {
    fn take(home: &Home) -> Result<Self, PackError> {
        let path = home.lock();
        let parent = path.parent().unwrap_or(&path);
        fs::create_dir_all(parent).map_err(|error| PackError::write(parent, &error))?;
        let file = File::create(&path).map_err(|error| PackError::write(&path, &error))?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => Err(PackError::Busy),
            Err(TryLockError::Error(error)) => {
                log::warn!("{} cannot be locked: {error}", path.display());
                Ok(Self { path, _file: file })
            }
            Ok(()) => Ok(Self { path, _file: file }),
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.path));
    }
}

fn put_in_place(home: &Home) -> Result<(), PackError> {
    let failed = |error: &io::Error| PackError::write(home.folder(), error);
    // A damaged one may lie there.
    tidy(home.folder())?;
    fs::rename(home.aside(), home.folder()).map_err(|error| failed(&error))?;
    // The name itself must reach the disk; where folders cannot be flushed, the system sees to it.
    if let Some(Ok(parent)) = home.folder().parent().map(File::open) {
        drop(parent.sync_all());
    }
    Ok(())
}

fn put_together(
    manifest: &Manifest,
    source: &Source,
    aside: &Path,
    on_progress: OnProgress<'_>,
) -> Result<(), PackError> {
    let work = aside.join("work");
    // Half wheels of an attempt that was cut off.
    tidy(&work)?;
    fs::create_dir_all(aside).map_err(|error| PackError::write(aside, &error))?;
    check_room(manifest, source, aside)?;
    let all = |wheel: &Wheel| work_of(wheel, source);
    let total: f64 = manifest.wheels.iter().map(all).sum();
    let mut before = 0.0;
    for (place, wheel) in manifest.wheels.iter().enumerate() {
        let mut step = Step {
            on_progress: &mut *on_progress,
            progress: Progress {
                stage: Stage::Check,
                wheel: wheel.requirement.clone(),
                number: place + 1,
                n_wheels: manifest.wheels.len(),
                share: before / total,
            },
            done: before,
            end: before + all(wheel),
            total,
        };
        if !is_finished(wheel, aside) {
            take_wheel(wheel, source, (aside, &work), &mut step)?;
        }
        before += all(wheel);
    }
    tidy(&work)?;
    tidy(&aside.join(MARKS))
}

/// Removes a folder that may not be there.
fn tidy(folder: &Path) -> Result<(), PackError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(PackError::write(folder, &error))
        }
        _ => Ok(()),
    }
}

fn work_of(wheel: &Wheel, source: &Source) -> f64 {
    let fetched = if matches!(source, Source::Pip(_)) { wheel.bytes } else { 0 };
    fetched as f64
        + CHECKING_COSTS * wheel.bytes as f64
        + UNPACKING_COSTS * wheel.unpacked_bytes() as f64
}

struct Step<'a> {
    on_progress: OnProgress<'a>,
    progress: Progress,
    done: f64,
    /// Of this wheel: licences are unpacked too, which no length is known of.
    end: f64,
    total: f64,
}

impl Step<'_> {
    fn enter(&mut self, stage: Stage) -> ControlFlow<()> {
        self.progress.stage = stage;
        self.at(self.done)
    }

    fn at(&mut self, done: f64) -> ControlFlow<()> {
        self.progress.share = (done / self.total).clamp(0.0, 1.0);
        (self.on_progress)(self.progress.clone())
    }

    fn add(&mut self, work: f64) -> ControlFlow<()> {
        self.done = (self.done + work).min(self.end);
        self.at(self.done)
    }
}

fn take_wheel(
    wheel: &Wheel,
    source: &Source,
    (aside, work): (&Path, &Path),
    step: &mut Step<'_>,
) -> Result<(), PackError> {
    let path = match source {
        Source::Folder(folder) => find_in(folder, wheel)?,
        Source::Pip(pip) => {
            super::wheel::go_on(step.enter(Stage::Download))?;
            let before = step.done;
            let path = pip.fetch(wheel, work, &mut |bytes| step.at(before + bytes as f64))?;
            step.done = before + wheel.bytes as f64;
            path
        }
    };
    super::wheel::go_on(step.enter(Stage::Check))?;
    check(&path, wheel, &mut |bytes| step.add(CHECKING_COSTS * bytes as f64))?;
    super::wheel::go_on(step.enter(Stage::Unpack))?;
    unpack(&path, wheel, aside, &mut |bytes| step.add(UNPACKING_COSTS * bytes as f64))?;
    if matches!(source, Source::Pip(_)) {
        tidy(work)?;
    }
    let mark = finished_mark(wheel, aside);
    let marks = aside.join(MARKS);
    fs::create_dir_all(&marks).map_err(|error| PackError::write(&marks, &error))?;
    fs::write(&mark, &wheel.sha256).map_err(|error| PackError::write(&mark, &error))
}

/// Written when all of a wheel lies there, and known by its hash.
fn finished_mark(wheel: &Wheel, aside: &Path) -> PathBuf {
    aside.join(MARKS).join(&wheel.requirement)
}

fn is_finished(wheel: &Wheel, aside: &Path) -> bool {
    let is_marked =
        fs::read_to_string(finished_mark(wheel, aside)).is_ok_and(|hash| hash == wheel.sha256);
    let has = |(name, bytes): &(String, u64)| {
        fs::metadata(aside.join("lib").join(name)).is_ok_and(|facts| facts.len() == *bytes)
    };
    is_marked && wheel.libraries.iter().all(has)
}

fn check_room(manifest: &Manifest, source: &Source, aside: &Path) -> Result<(), PackError> {
    // pip copies a wheel out of its temporary folder, so that two of them lie there for a moment.
    let wheels = if matches!(source, Source::Pip(_)) { 2 * manifest.longest_wheel() } else { 0 };
    let needed = (manifest.unpacked_bytes() + wheels).saturating_sub(folder_bytes(aside));
    match free_disk_bytes(aside) {
        Some(free) if free < needed => Err(PackError::NoRoom {
            folder: aside.parent().unwrap_or(aside).to_owned(),
            free_mb: free / 1_000_000,
            needed_mb: needed.div_ceil(1_000_000),
        }),
        _ => Ok(()),
    }
}
