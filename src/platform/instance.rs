//! One window for each user and display: a second start hands its files to the first and ends.
//!
//! Who holds the lock file is the first, and listens at a local socket beside it; the lock of a
//! killed process frees itself, and its dead socket makes way. Both lie in the user's own runtime
//! folder, else in the state folder, and both ends ask the system whose process the other is.
//! Elsewhere than on Unix every start is a window of its own.

#[cfg(unix)]
mod socket;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

#[cfg(unix)]
pub use socket::{message, read_files};

/// Files that another start handed over; no files: the window is only to be raised.
#[derive(Debug)]
pub struct Handed {
    pub files: Vec<PathBuf>,
    answer: SyncSender<()>,
}

impl Handed {
    /// Tells the other start that its files are in good hands.
    pub fn accept(self) -> Vec<PathBuf> {
        if self.answer.try_send(()).is_err() {
            log::info!("the other start has given up waiting");
        }
        self.files
    }

    /// As another start would, for tests. The receiver hears of the acceptance.
    pub fn pretend(files: Vec<PathBuf>) -> (Self, Receiver<()>) {
        let (answer, heard) = sync_channel(1);
        (Self { files, answer }, heard)
    }
}

/// What became of the question who is first.
#[derive(Debug)]
pub enum Role {
    /// Nobody else is there, or nobody answers: this start opens a window.
    First(Option<Listener>),
    /// The first has taken the files: this start may end.
    HandedOver,
}

/// The first: it takes files from later starts as long as this lives.
#[derive(Debug)]
pub struct Listener {
    handed: Receiver<Handed>,
    #[cfg(unix)]
    _socket: socket::Socket,
}

impl Listener {
    /// The oldest files not yet taken.
    pub fn try_handed(&self) -> Option<Handed> {
        self.handed.try_recv().ok()
    }
}

/// Wakes the window when files come in, from another thread.
pub type WakeInstance = Arc<dyn Fn() + Send + Sync>;

/// Where the instances of one user on one display meet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MeetingPlace {
    folder: PathBuf,
    /// Of the files there, without ending.
    name: String,
}

impl MeetingPlace {
    /// Of this user, on the display that the environment names, for this state folder.
    pub fn find(state_dir: &std::path::Path) -> Self {
        let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
        let runtime = runtime.filter(|folder| folder.is_absolute() && folder.is_dir());
        let folder = runtime.map_or_else(|| state_dir.join("run"), |dir| dir.join("harmonium"));
        let display = ["WAYLAND_DISPLAY", "DISPLAY"].map(std::env::var_os);
        let host = super::words::host_name();
        let what = format!("{} {display:?} {host:?}", state_dir.display());
        Self { folder, name: format!("window-{}", short_hash(&what)) }
    }

    #[cfg(test)]
    fn at(folder: &std::path::Path) -> Self {
        Self { folder: folder.to_owned(), name: "window".to_owned() }
    }
}

/// The path of a socket has little room.
fn short_hash(text: &str) -> String {
    use sha2::Digest as _;
    crate::dataset::hex(&sha2::Sha256::digest(text.as_bytes())[..6])
}

/// Hands `files` to the first, if there is one and `opens_anyway` is not set; else this start is
/// the first itself, where it can be.
pub fn meet(
    place: &MeetingPlace,
    files: &[PathBuf],
    opens_anyway: bool,
    wake: impl FnOnce() -> WakeInstance,
) -> Role {
    #[cfg(unix)]
    return socket::meet(place, files, opens_anyway, wake);
    #[cfg(not(unix))]
    {
        drop((place, files, opens_anyway, wake));
        Role::First(None)
    }
}

#[cfg(all(test, unix))]
mod tests;
