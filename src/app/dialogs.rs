//! The system's file dialogs, each awaited in a thread of its own.
//!
//! Where there is neither a desktop portal nor zenity, rfd answers "nothing chosen" at once; a
//! person cannot be that quick, so that is taken for "there is no dialog here".

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::Builder;
use std::time::{Duration, Instant};

use rfd::{AsyncFileDialog, FileHandle};

use crate::engine::Wake;
use crate::project::EXTENSION;
use crate::ui::state::PathPurpose;

const QUICKER_THAN_A_PERSON: Duration = Duration::from_millis(300);

pub(super) struct Dialogs {
    answers: Receiver<Answer>,
    sender: Sender<Answer>,
    wake: Wake,
    is_open: bool,
    #[cfg(test)]
    pub(super) are_missing: bool,
}

/// What came of a dialog.
pub(super) struct Answer {
    pub purpose: PathPurpose,
    /// Empty when nothing was chosen.
    pub paths: Vec<PathBuf>,
    /// The system has no dialog.
    pub was_missing: bool,
}

impl Dialogs {
    pub(super) fn new(wake: Wake) -> Self {
        let (sender, answers) = channel();
        Self {
            answers,
            sender,
            wake,
            is_open: false,
            #[cfg(test)]
            are_missing: false,
        }
    }

    /// Opens a dialog; gives the purpose back when one is open already.
    pub(super) fn ask(&mut self, purpose: PathPurpose, name: &str) -> Result<(), PathPurpose> {
        if self.is_open {
            return Err(purpose);
        }
        self.is_open = true;
        #[cfg(test)]
        if self.are_missing {
            self.pretend_missing(purpose);
            return Ok(());
        }
        // The dialog is made here, on the window's thread (macOS insists), and awaited elsewhere.
        let choice = choose(&purpose, name);
        let (sender, wake) = (self.sender.clone(), std::sync::Arc::clone(&self.wake));
        let asked = Instant::now();
        let wait = move || {
            let paths = pollster::block_on(choice);
            let was_missing = paths.is_empty() && asked.elapsed() < QUICKER_THAN_A_PERSON;
            // Nobody waits any more when the window is gone.
            drop(sender.send(Answer { purpose, paths, was_missing }));
            wake();
        };
        if let Err(error) = Builder::new().name("dialog".to_owned()).spawn(wait) {
            log::error!("the system gives no thread for a dialog: {error}");
            self.is_open = false;
        }
        Ok(())
    }

    pub(super) fn try_answer(&mut self) -> Option<Answer> {
        let answer = self.answers.try_recv().ok()?;
        self.is_open = false;
        Some(answer)
    }
}

#[cfg(test)]
impl Dialogs {
    /// As if the system had no dialog.
    pub(super) fn pretend_missing(&self, purpose: PathPurpose) {
        drop(self.sender.send(Answer { purpose, paths: Vec::new(), was_missing: true }));
    }
}

type Choice = std::pin::Pin<Box<dyn Future<Output = Vec<PathBuf>> + Send>>;

fn choose(purpose: &PathPurpose, name: &str) -> Choice {
    let dialog = AsyncFileDialog::new().set_title(purpose.title());
    let dialog = match purpose {
        PathPurpose::AddFiles => dialog.add_filter("MIDI", &["mid", "midi", "kar", "rmi", "MID"]),
        PathPurpose::OpenProject | PathPurpose::SaveProject | PathPurpose::ReadRuns => {
            dialog.add_filter("Harmonium project", &[EXTENSION])
        }
        PathPurpose::ExportMidi(_) => dialog.add_filter("MIDI", &["mid"]),
        PathPurpose::ExportWav(_) => dialog
            .add_filter("WAV", &["wav"])
            .add_filter("FLAC", &["flac"])
            .add_filter("Ogg Vorbis", &["ogg"]),
        PathPurpose::CurveCsv => dialog.add_filter("CSV", &["csv"]),
        PathPurpose::CurvePng => dialog.add_filter("PNG", &["png"]),
        PathPurpose::SweepScript => dialog.add_filter("Shell script", &["sh"]),
        PathPurpose::ImportPreset | PathPurpose::SharePreset(_) => {
            dialog.add_filter("Settings", &["toml"])
        }
        PathPurpose::SoundFont => dialog.add_filter("SoundFont", &["sf2", "sf3", "SF2", "SF3"]),
        PathPurpose::AddFolders | PathPurpose::ExportFolder | PathPurpose::GpuWheels => dialog,
    };
    let one = |handle: Option<FileHandle>| handle.iter().map(|h| h.path().to_owned()).collect();
    let many = |handles: Option<Vec<FileHandle>>| {
        handles.iter().flatten().map(|h| h.path().to_owned()).collect()
    };
    match purpose {
        PathPurpose::AddFolders => {
            let choice = dialog.pick_folders();
            Box::pin(async move { many(choice.await) })
        }
        PathPurpose::AddFiles | PathPurpose::ReadRuns => {
            let choice = dialog.pick_files();
            Box::pin(async move { many(choice.await) })
        }
        PathPurpose::OpenProject | PathPurpose::ImportPreset | PathPurpose::SoundFont => {
            let choice = dialog.pick_file();
            Box::pin(async move { one(choice.await) })
        }
        purpose if purpose.is_folder() => {
            let choice = dialog.pick_folder();
            Box::pin(async move { one(choice.await) })
        }
        _ => {
            let choice = dialog.set_file_name(name).save_file();
            Box::pin(async move { one(choice.await) })
        }
    }
}
