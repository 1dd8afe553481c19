//! Looking for a graphics card, and installing and removing its pack, each in a thread of its own.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{Builder, JoinHandle};

use crate::engine::{EngineCommand, Wake};
use crate::gpu_pack::{
    Home, Manifest, PackError, Pip, Progress, Source, Status, install, prepare, remove,
};
use crate::ui::gpu_state::GpuWork;
use crate::ui::state::PathPurpose;

use super::App;

/// What a thread has to say.
enum News {
    Looked(Box<Status>),
    Progressed(Progress),
    Installed(Result<(), PackError>),
    Removed(Result<u64, PackError>),
}

pub(super) struct Gpu {
    sender: Sender<News>,
    news: Receiver<News>,
    cancelled: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
    /// Where the system tells of its devices: `/` but in tests.
    pub(super) root: PathBuf,
    /// What is installed, and how it is fetched.
    pub(super) manifest: Manifest,
    pub(super) pip: Pip,
}

impl Gpu {
    pub(super) fn new() -> Self {
        let (sender, news) = channel();
        Self {
            sender,
            news,
            cancelled: Arc::default(),
            thread: None,
            root: Path::new("/").to_owned(),
            manifest: Manifest::ours(),
            pip: Pip::default(),
        }
    }
}

impl Drop for Gpu {
    /// An installation under way ends with the window, and tidies up after itself.
    fn drop(&mut self) {
        self.cancelled.store(true, Ordering::Relaxed);
        // A thread that panicked has left its report; the window closes all the same.
        drop(self.thread.take().map(JoinHandle::join));
    }
}

impl App {
    /// Looks for a graphics card and then asks the engine about it: after the first frame, because
    /// opening CUDA's library costs more than a second.
    pub fn probe_device(&mut self) {
        self.look_for_gpu();
    }

    fn look_for_gpu(&mut self) {
        let (root, places) = (self.gpu.root.clone(), self.places.clone());
        let manifest = self.gpu.manifest.clone();
        self.spawn_gpu("look for a gpu", move |say, _| {
            say(News::Looked(Box::new(prepare(&root, &places, &manifest))));
        });
    }

    pub(super) fn show_gpu(&mut self, is_shown: bool) {
        self.state.gpu.is_shown = is_shown;
        // Somebody may have installed a driver or, on the command line, the pack.
        if is_shown && self.state.gpu.work.is_none() {
            self.look_for_gpu();
        }
    }

    pub(super) fn choose_wheels(&mut self) {
        self.ask_path(PathPurpose::GpuWheels);
    }

    /// Installs the pack from the wheels of a folder, or through pip.
    pub(super) fn install_gpu_pack(&mut self, folder: Option<PathBuf>) {
        if self.state.gpu.work.is_some() {
            return self.tell("The GPU pack is being changed already; wait, or cancel that first");
        }
        let source = match folder {
            Some(folder) => Source::Folder(folder),
            None => Source::Pip(self.gpu.pip.clone()),
        };
        let manifest = self.gpu.manifest.clone();
        let home = Home::of(&self.places, &manifest);
        let started = self.spawn_gpu("install gpu pack", move |say, cancelled| {
            let result = install(&manifest, &home, &source, &mut |progress| {
                say(News::Progressed(progress));
                if cancelled.load(Ordering::Relaxed) {
                    return ControlFlow::Break(());
                }
                ControlFlow::Continue(())
            });
            say(News::Installed(result));
        });
        if started {
            let what = "Beginning…".to_owned();
            self.state.gpu.trouble = None;
            self.state.gpu.work =
                Some(GpuWork::Installing { what, share: 0.0, is_cancelling: false });
        }
    }

    pub(super) fn remove_gpu_pack(&mut self) {
        if self.state.gpu.work.is_some() {
            return self.tell("The GPU pack is being changed already; wait, or cancel that first");
        }
        let home = Home::of(&self.places, &self.gpu.manifest);
        let started = self.spawn_gpu("remove gpu pack", move |say, _| {
            say(News::Removed(remove(&home)));
        });
        if started {
            self.state.gpu.trouble = None;
            self.state.gpu.work = Some(GpuWork::Removing);
        }
    }

    pub(super) fn cancel_gpu_pack(&mut self) {
        if let Some(GpuWork::Installing { is_cancelling, .. }) = &mut self.state.gpu.work {
            *is_cancelling = true;
            self.gpu.cancelled.store(true, Ordering::Relaxed);
        }
    }

    /// Starts a thread with a way to say something and a flag that cancels. Whether it started.
    fn spawn_gpu(
        &mut self,
        name: &str,
        work: impl FnOnce(&dyn Fn(News), &AtomicBool) + Send + 'static,
    ) -> bool {
        let cancelled = Arc::<AtomicBool>::default();
        self.gpu.cancelled = Arc::clone(&cancelled);
        let (sender, wake): (_, Wake) = (self.gpu.sender.clone(), Arc::clone(&self.wake));
        let run = move || {
            let say = |news| {
                // Nobody listens any more when the window is gone.
                drop(sender.send(news));
                wake();
            };
            work(&say, &cancelled);
        };
        match Builder::new().name(name.to_owned()).spawn(run) {
            Ok(thread) => {
                self.gpu.thread = Some(thread);
                true
            }
            Err(error) => {
                self.complain(format!("The system gives no thread: {error}"));
                false
            }
        }
    }

    pub(super) fn hear_gpu(&mut self) {
        while let Ok(news) = self.gpu.news.try_recv() {
            match news {
                News::Looked(status) => {
                    self.state.gpu.status = Some(*status);
                    self.engine.send(EngineCommand::ProbeDevice);
                }
                News::Progressed(progress) => self.note_gpu_progress(&progress),
                News::Installed(result) => self.end_gpu_work(match result {
                    Ok(()) => Ok("The GPU pack is installed".to_owned()),
                    Err(error) => Err(error),
                }),
                News::Removed(result) => self.end_gpu_work(
                    result.map(|bytes| format!("Removed the GPU pack: {} MB", bytes / 1_000_000)),
                ),
            }
        }
    }

    fn note_gpu_progress(&mut self, progress: &Progress) {
        let Progress { stage, wheel, number, n_wheels, .. } = progress;
        let words = format!("{} {wheel} ({number} of {n_wheels})", stage.words());
        if let Some(GpuWork::Installing { what, share, .. }) = &mut self.state.gpu.work {
            *what = words;
            *share = progress.share;
        }
    }

    fn end_gpu_work(&mut self, result: Result<String, PackError>) {
        self.state.gpu.work = None;
        match result {
            Ok(words) => self.tell_success(words, None),
            Err(PackError::Cancelled) => {
                self.tell("The installation of the GPU pack was cancelled; nothing of it is left");
            }
            Err(error) => {
                let words = error.to_string();
                self.state.gpu.trouble = Some(words.clone());
                self.complain(words);
            }
        }
        self.look_for_gpu();
    }
}
