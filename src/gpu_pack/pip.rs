//! Fetching a wheel with the machine's own pip, as a child. Nothing else in Harmonium uses a
//! network, and this only when a person asked for it.

use std::fs::{self, File};
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::home::folder_bytes;
use super::wheel::{find_in, go_on};
use super::{PackError, Wheel};

/// How often the child is looked after.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// More of what pip said is not told.
const LAST_LINES: usize = 4;
/// The libraries do not depend on Python, so any wheel of this version will do; it is the pinned
/// one.
const PYTHON_TAG: &str = "3.11";
const PLATFORMS: [&str; 5] = [
    "manylinux_2_28_x86_64",
    "manylinux_2_27_x86_64",
    "manylinux_2_25_x86_64",
    "manylinux_2_18_x86_64",
    "manylinux2014_x86_64",
];

/// The program whose pip is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pip {
    pub python: PathBuf,
}

impl Default for Pip {
    fn default() -> Self {
        Self { python: PathBuf::from("python3") }
    }
}

/// What pip is asked for every wheel: the pinned file or nothing, and no code of anybody is run.
pub fn pip_arguments() -> Vec<&'static str> {
    let mut arguments = vec!["-m", "pip", "download", "--no-deps", "--require-hashes"];
    arguments.extend(["--only-binary=:all:", "--implementation", "cp"]);
    arguments.extend(["--python-version", PYTHON_TAG]);
    for platform in PLATFORMS {
        arguments.extend(["--platform", platform]);
    }
    arguments.extend(["--no-cache-dir", "--disable-pip-version-check", "--no-input"]);
    arguments.extend(["--progress-bar", "off"]);
    arguments
}

impl Pip {
    /// Downloads the wheel into `work`, whose contents are ours, and gives its path; `on_size`
    /// hears how many bytes have come.
    pub(super) fn fetch(
        &self,
        wheel: &Wheel,
        work: &Path,
        on_size: &mut dyn FnMut(u64) -> ControlFlow<()>,
    ) -> Result<PathBuf, PackError> {
        let (coming, come) = (work.join("coming"), work.join("come"));
        for folder in [&coming, &come] {
            let made = fs::create_dir_all(folder);
            made.map_err(|error| PackError::write(folder, &error))?;
        }
        let log = work.join("pip.log");
        let listed = work.join("requirement.txt");
        let line = format!("{} --hash=sha256:{}\n", wheel.requirement, wheel.sha256);
        fs::write(&listed, line).map_err(|error| PackError::write(&listed, &error))?;
        let mut child = self.start(&listed, &coming, &come, &log)?;
        let ended = loop {
            match child.try_wait() {
                Ok(Some(status)) => break status,
                Ok(None) => {}
                Err(error) => return Err(self.no_python(&error)),
            }
            // pip keeps a wheel in its temporary folder until it is whole.
            let size = (folder_bytes(&coming) + folder_bytes(&come)).min(wheel.bytes);
            if let Err(cancelled) = go_on(on_size(size)) {
                end(&mut child);
                return Err(cancelled);
            }
            std::thread::sleep(LOOK_EVERY);
        };
        if ended.success() {
            find_in(&come, wheel)
        } else {
            Err(explained(wheel, work, &fs::read_to_string(&log).unwrap_or_default()))
        }
    }

    fn start(
        &self,
        listed: &Path,
        coming: &Path,
        come: &Path,
        log: &Path,
    ) -> Result<Child, PackError> {
        let log_file = File::create(log).and_then(|file| Ok((file.try_clone()?, file)));
        let (out, err) = log_file.map_err(|error| PackError::write(log, &error))?;
        let mut command = Command::new(&self.python);
        command.args(pip_arguments()).arg("--dest").arg(come).arg("--requirement").arg(listed);
        command.env("TMPDIR", coming).env("PIP_REQUIRE_VIRTUALENV", "0");
        // No module of the folder that the program happens to run in shall stand in for pip.
        command.env("PYTHONSAFEPATH", "1").current_dir(coming);
        command.stdin(Stdio::null()).stdout(out).stderr(err);
        command.spawn().map_err(|error| self.no_python(&error))
    }

    fn no_python(&self, error: &io::Error) -> PackError {
        let reason = match error.kind() {
            io::ErrorKind::NotFound => "it is not installed".to_owned(),
            _ => error.to_string(),
        };
        PackError::NoPython { python: self.python.display().to_string(), reason }
    }
}

fn end(child: &mut Child) {
    // It may have ended just now; then there is nothing to end.
    drop(child.kill());
    drop(child.wait());
}

fn explained(wheel: &Wheel, work: &Path, said: &str) -> PackError {
    let requirement = wheel.requirement.clone();
    if said.contains("No module named pip") {
        return PackError::NoPip;
    }
    if said.contains("DO NOT MATCH THE HASHES") {
        let found = said.split("Got").nth(1).and_then(|rest| rest.split_whitespace().next());
        let found = found.unwrap_or("another").to_owned();
        let path = PathBuf::from("what the package index sent");
        return PackError::WrongHash { path, requirement, expected: wheel.sha256.clone(), found };
    }
    if said.contains("No space left on device") || said.contains("File too large") {
        return PackError::write(work, &io::ErrorKind::StorageFull.into());
    }
    let lines: Vec<&str> = said.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let from = lines.len().saturating_sub(LAST_LINES);
    let reason =
        if lines.is_empty() { "it said nothing".to_owned() } else { lines[from..].join(" / ") };
    PackError::Pip { requirement, reason }
}
