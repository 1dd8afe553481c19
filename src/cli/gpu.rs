//! `harmonium gpu status|install|remove`: the libraries that an NVIDIA GPU needs.

use std::io::{IsTerminal as _, Write as _};
use std::ops::ControlFlow;
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::Ordering;

use serde_json::{Value, json};

use crate::gpu_pack::{
    Driver, Home, Manifest, OLDEST_DRIVER, PackState, Pip, Progress, Source, Status, Wheel,
    install, prepare, remove,
};
use crate::platform::Places;

use super::arguments::{GpuCommand, GpuInstallOptions, GpuStatusOptions};
use super::output::{print_json, say, tell};
use super::train::stop_on_ctrl_c;

pub(super) fn run(command: &GpuCommand) -> anyhow::Result<ExitCode> {
    match command {
        GpuCommand::Status(options) => status(options),
        GpuCommand::Install(options) => install_pack(options),
        GpuCommand::Remove => remove_pack(),
    }
}

/// Looks for card, driver and pack, so that whoever asks for the device gets CUDA or the right
/// words.
pub(super) fn look() -> Status {
    prepare(Path::new("/"), &Places::find(), &Manifest::ours())
}

fn status(options: &GpuStatusOptions) -> anyhow::Result<ExitCode> {
    let status = look();
    let report = crate::rbm::device_report();
    let why = report.why_no_cuda;
    if options.json {
        print_json(&status_json(&status, why.as_deref()))?;
        return Ok(ExitCode::SUCCESS);
    }
    say!("card     {}", card_words(&status.driver))?;
    say!("driver   {}", driver_words(&status.driver))?;
    say!("pack     {}", pack_words(&status))?;
    match why {
        None => say!("CUDA     available")?,
        Some(why) => say!("CUDA     not available: {why}")?,
    }
    Ok(ExitCode::SUCCESS)
}

fn card_words(driver: &Driver) -> String {
    match driver {
        Driver::NotHere => "not looked for on this system".to_owned(),
        Driver::NoCard => "no NVIDIA card".to_owned(),
        Driver::NoDriver => "an NVIDIA card".to_owned(),
        Driver::TooOld { card, .. } | Driver::Ready { card, .. } => {
            card.clone().unwrap_or_else(|| "an NVIDIA card".to_owned())
        }
    }
}

fn driver_words(driver: &Driver) -> String {
    match driver {
        Driver::NotHere | Driver::NoCard | Driver::NoDriver => "none".to_owned(),
        Driver::TooOld { version, .. } => {
            format!("{version}, too old: {OLDEST_DRIVER} or newer is needed")
        }
        Driver::Ready { version: Some(version), .. } => version.clone(),
        Driver::Ready { version: None, .. } => "there, of a version that is not told".to_owned(),
    }
}

fn pack_words(status: &Status) -> String {
    let folder = status.folder.display();
    let mut words = match &status.pack {
        PackState::Missing if status.is_built_in => {
            "not needed: this build has the libraries beside libtorch".to_owned()
        }
        PackState::Missing => format!(
            "not installed; harmonium gpu install downloads {} and takes {} in {folder}",
            megabytes(status.download_bytes),
            megabytes(status.unpacked_bytes)
        ),
        PackState::Damaged { reason } => {
            format!("damaged ({reason}) in {folder}; install it again")
        }
        PackState::Installed { bytes } => format!("{} in {folder}", megabytes(*bytes)),
    };
    if status.left_over_bytes > 0 {
        let left = megabytes(status.left_over_bytes);
        words = format!("{words}; {left} of an installation that did not finish");
    }
    words
}

fn megabytes(bytes: u64) -> String {
    format!("{} MB", bytes.div_ceil(1_000_000))
}

fn status_json(status: &Status, why: Option<&str>) -> Value {
    let (driver, version, card) = match &status.driver {
        Driver::NotHere => ("not here", None, None),
        Driver::NoCard => ("no card", None, None),
        Driver::NoDriver => ("no driver", None, None),
        Driver::TooOld { version, card } => ("too old", Some(version), card.as_ref()),
        Driver::Ready { version, card } => ("ready", version.as_ref(), card.as_ref()),
    };
    let (pack, reason) = match &status.pack {
        PackState::Missing => ("missing", None),
        PackState::Damaged { reason } => ("damaged", Some(reason)),
        PackState::Installed { .. } => ("installed", None),
    };
    let manifest = Manifest::ours();
    let wheel = |wheel: &Wheel| {
        let Wheel { requirement, sha256, bytes, .. } = wheel;
        json!({"requirement": requirement, "sha256": sha256, "bytes": bytes})
    };
    json!({
        "cuda": why.is_none(),
        "why_no_cuda": why,
        "driver": driver,
        "driver_version": version,
        "oldest_driver": OLDEST_DRIVER,
        "card": card,
        "pack": pack,
        "pack_damage": reason,
        "is_built_in": status.is_built_in,
        "folder": status.folder.display().to_string(),
        "download_bytes": status.download_bytes,
        "unpacked_bytes": status.unpacked_bytes,
        "left_over_bytes": status.left_over_bytes,
        "wheels": manifest.wheels.iter().map(wheel).collect::<Vec<_>>(),
    })
}

fn install_pack(options: &GpuInstallOptions) -> anyhow::Result<ExitCode> {
    let status = look();
    if status.driver == Driver::NotHere && options.wheels.is_none() {
        return Err(crate::gpu_pack::PackError::NotHere.into());
    }
    let manifest = match &options.wheels {
        Some(path) => Manifest::read(path)?,
        None => Manifest::ours(),
    };
    let home = Home::of(&Places::find(), &manifest);
    if matches!(home.look(&manifest), PackState::Installed { .. }) {
        tell!("The GPU pack is installed already, in {}.", home.folder().display());
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(why) = status.driver.why_not() {
        tell!("Note: it will not be used yet: {why}.");
    }
    let source = match &options.from {
        Some(folder) => Source::Folder(folder.clone()),
        None => Source::Pip(Pip::default()),
    };
    let stop = stop_on_ctrl_c()?;
    let mut told = Told::default();
    let done = install(&manifest, &home, &source, &mut |progress| {
        told.tell(&progress);
        if stop.load(Ordering::Relaxed) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    told.end();
    done?;
    tell!("The GPU pack is installed, in {}.", home.folder().display());
    Ok(ExitCode::SUCCESS)
}

fn remove_pack() -> anyhow::Result<ExitCode> {
    let home = Home::of(&Places::find(), &Manifest::ours());
    let bytes = remove(&home)?;
    tell!("Removed {}: {} are free again.", home.folder().display(), megabytes(bytes));
    Ok(ExitCode::SUCCESS)
}

/// What was told of the progress: on a terminal a line that changes, else a line for each wheel.
#[derive(Default)]
struct Told {
    percent: Option<u32>,
    number: usize,
}

impl Told {
    fn tell(&mut self, progress: &Progress) {
        let percent = (100.0 * progress.share) as u32;
        let Progress { stage, wheel, number, n_wheels, .. } = progress;
        let line = format!("[{number}/{n_wheels}] {} {wheel}", stage.words());
        if std::io::stderr().is_terminal() {
            if self.percent != Some(percent) || self.number != *number {
                // Nobody looking is no reason to stop.
                drop(write!(std::io::stderr(), "\r\u{1b}[K{percent:>3} %  {line}"));
            }
        } else if self.number != *number {
            tell!("{line}");
        }
        self.percent = Some(percent);
        self.number = *number;
    }

    fn end(&self) {
        if self.percent.is_some() && std::io::stderr().is_terminal() {
            drop(writeln!(std::io::stderr()));
        }
    }
}
