//! Files on their way, in a thread of their own.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;

use super::News;
use super::roll_picture::RollPicture;
use crate::audio::{AudioError, FileFormat, SoundFont, SoundSettings, render_file};
use crate::engine::Wake;
use crate::midi;
use crate::music::Score;
use crate::project::write_atomically;

/// What a file is made of.
pub(super) enum Product {
    Midi(Arc<Score>),
    Sound(Arc<Score>, FileFormat),
    Png(Arc<RollPicture>),
    Svg(Arc<RollPicture>),
    Text(String),
}

/// A file to be written.
pub(super) struct PlannedFile {
    pub path: PathBuf,
    pub product: Product,
}

/// Files to be written one after the other.
pub(super) struct Job {
    pub files: Vec<PlannedFile>,
    /// Where more than one file goes: what is told at the end.
    pub folder: Option<PathBuf>,
    pub font: PathBuf,
    pub settings: SoundSettings,
    pub cancelled: Arc<AtomicBool>,
    pub sender: Sender<News>,
    pub wake: Wake,
}

enum Ending {
    Done,
    Cancelled,
    /// The first file that could not be written ends it: the next would fail likewise.
    Failed,
}

impl Job {
    pub(super) fn run(&self) {
        let mut n_written = 0;
        let ending = self.write_all(&mut n_written);
        match (&self.folder, ending) {
            (Some(folder), Ending::Done) => {
                self.report(News::FolderWritten { folder: folder.clone(), n_files: n_written });
                self.report(News::Ended);
            }
            (_, Ending::Cancelled) => self.report(News::Cancelled {
                n_written,
                n_files: self.files.len(),
                folder: self.folder.clone(),
            }),
            (None, Ending::Done) | (_, Ending::Failed) => self.report(News::Ended),
        }
    }

    fn write_all(&self, n_written: &mut usize) -> Ending {
        let mut font = None;
        for (number, file) in self.files.iter().enumerate() {
            if self.cancelled.load(Ordering::Relaxed) {
                return Ending::Cancelled;
            }
            let result = self.write(number, file, &mut font);
            match result {
                Err(Failure::Cancelled) => return Ending::Cancelled,
                Err(Failure::Words(words)) => {
                    self.report(News::Written { path: file.path.clone(), result: Err(words) });
                    return Ending::Failed;
                }
                Ok(()) => *n_written += 1,
            }
            if self.folder.is_none() {
                self.report(News::Written { path: file.path.clone(), result: Ok(()) });
            }
        }
        Ending::Done
    }

    fn write(
        &self,
        number: usize,
        PlannedFile { path, product }: &PlannedFile,
        font: &mut Option<SoundFont>,
    ) -> Result<(), Failure> {
        if self.progress(number, path, 0.0).is_break() {
            return Err(Failure::Cancelled);
        }
        let whole = |bytes: &[u8]| {
            write_atomically(path, bytes, None).map_err(|error| Failure::Words(error.to_string()))
        };
        match product {
            Product::Midi(score) => whole(&midi::write(score)),
            Product::Png(picture) => whole(&picture.png().map_err(Failure::Words)?),
            Product::Svg(picture) => whole(picture.svg().as_bytes()),
            Product::Text(text) => whole(text.as_bytes()),
            Product::Sound(score, format) => {
                let font = match font {
                    Some(font) => font,
                    None => font.insert(SoundFont::open(&self.font)?),
                };
                let mut go_on = |share: f64| self.progress(number, path, share);
                render_file(score, &self.settings, font, *format, path, &mut go_on)?;
                Ok(())
            }
        }
    }

    fn progress(&self, number: usize, path: &Path, share: f64) -> ControlFlow<()> {
        let what = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let share = (number as f64 + share) / self.files.len().max(1) as f64;
        self.report(News::Progressed { what, share });
        if self.cancelled.load(Ordering::Relaxed) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }

    fn report(&self, news: News) {
        // Nobody listens any more when the window is gone.
        drop(self.sender.send(news));
        (self.wake)();
    }
}

enum Failure {
    Cancelled,
    Words(String),
}

impl From<AudioError> for Failure {
    fn from(error: AudioError) -> Self {
        match error {
            AudioError::Cancelled => Self::Cancelled,
            error => Self::Words(error.to_string()),
        }
    }
}
