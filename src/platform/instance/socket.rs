//! The two ends of the local socket: what is said there, and to whom.
//!
//! A start says `harmonium 1`, the number of its files and each path as bytes, all numbers as
//! little-endian u32; the first answers with one byte once its window has taken them.

use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel, sync_channel};
use std::thread::{Builder, JoinHandle, sleep};
use std::time::{Duration, Instant};

use super::{Handed, Listener, MeetingPlace, Role, WakeInstance};

const GREETING: &[u8] = b"harmonium 1\n";
const MOST_FILES: u32 = 100_000;
const MOST_PATH_BYTES: u32 = 1 << 16;
/// Of all paths together.
const MOST_BYTES: usize = 16 << 20;
/// The first may be opening its window: so long it may take to listen, and to answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// A window that does not take the files in this time is stuck.
const WINDOW_PATIENCE: Duration = Duration::from_secs(3);
const ACCEPTED: u8 = 1;
/// Longer paths have no room in a socket's address.
const MOST_ADDRESS_BYTES: usize = 100;

/// The first's end. Dropping it ends the thread and removes what lies in the folder.
#[derive(Debug)]
pub(super) struct Socket {
    path: PathBuf,
    lock_path: PathBuf,
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
    /// Locked as long as this is the first.
    _lock: File,
}

pub(super) fn meet(
    place: &MeetingPlace,
    files: &[PathBuf],
    opens_anyway: bool,
    wake: impl FnOnce() -> WakeInstance,
) -> Role {
    match try_meet(place, files, opens_anyway, wake) {
        Ok(role) => role,
        Err(error) => {
            log::warn!("another window cannot be looked for: {error}");
            Role::First(None)
        }
    }
}

fn try_meet(
    place: &MeetingPlace,
    files: &[PathBuf],
    opens_anyway: bool,
    wake: impl FnOnce() -> WakeInstance,
) -> io::Result<Role> {
    let our_user = rustix::process::geteuid().as_raw();
    crate::platform::session::make_private_folder(&place.folder)?;
    let folder = fs::metadata(&place.folder)?;
    if folder.uid() != our_user || folder.mode() & 0o022 != 0 {
        return Err(io::Error::other("its folder can be written by other users"));
    }
    let path = place.folder.join(&place.name).with_extension("socket");
    let lock_path = path.with_extension("lock");
    if path.as_os_str().len() > MOST_ADDRESS_BYTES {
        return Err(io::Error::other("the path of its socket is too long"));
    }
    loop {
        let lock = File::options().write(true).create(true).truncate(false).open(&lock_path)?;
        match lock.try_lock() {
            Ok(()) => {
                let is_there = fs::metadata(&lock_path)
                    .is_ok_and(|there| lock.metadata().is_ok_and(|ours| ours.ino() == there.ino()));
                // Who had it has just ended, and its lock file with it.
                if !is_there {
                    continue;
                }
                let listener = listen(path, lock_path, lock, our_user, wake())?;
                return Ok(Role::First(Some(listener)));
            }
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) if opens_anyway => return Ok(Role::First(None)),
            Err(TryLockError::WouldBlock) => {
                return Ok(match hand_over(&path, files, our_user) {
                    Ok(()) => Role::HandedOver,
                    Err(error) => {
                        log::warn!("the open window does not answer: {error}");
                        Role::First(None)
                    }
                });
            }
        }
    }
}

fn listen(
    path: PathBuf,
    lock_path: PathBuf,
    lock: File,
    our_user: u32,
    wake: WakeInstance,
) -> io::Result<Listener> {
    // Of a process that was killed.
    match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(&path)?;
    let (sender, handed) = channel();
    let is_over = Arc::new(AtomicBool::new(false));
    let ends = Arc::clone(&is_over);
    let thread = Builder::new().name("instance".to_owned()).spawn(move || {
        for stream in listener.incoming() {
            if ends.load(Ordering::Acquire) {
                return;
            }
            let heard = stream.and_then(|stream| receive(stream, our_user, &sender, &wake));
            if let Err(error) = heard {
                log::warn!("another start could not be heard: {error}");
            }
        }
    })?;
    let socket = Socket { path, lock_path, is_over, thread: Some(thread), _lock: lock };
    Ok(Listener { handed, _socket: socket })
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Release);
        // The thread waits for a visitor: this is one. Where nobody can call, it is left to end
        // with the process.
        let called = UnixStream::connect(&self.path).is_ok();
        if let Some(thread) = self.thread.take().filter(|_| called) {
            drop(thread.join());
        }
        drop(fs::remove_file(&self.path));
        drop(fs::remove_file(&self.lock_path));
    }
}

/// Takes the files of one start and answers once the window has them.
fn receive(
    mut stream: UnixStream,
    our_user: u32,
    sender: &Sender<Handed>,
    wake: &WakeInstance,
) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    check_user(&stream, our_user)?;
    let files = read_files(&mut stream)?;
    let (answer, accepted) = sync_channel(1);
    sender.send(Handed { files, answer }).map_err(io::Error::other)?;
    wake();
    // No answer: the other start opens a window of its own.
    if accepted.recv_timeout(WINDOW_PATIENCE).is_ok() {
        stream.write_all(&[ACCEPTED])?;
    }
    Ok(())
}

fn hand_over(path: &Path, files: &[PathBuf], our_user: u32) -> io::Result<()> {
    let start = Instant::now();
    let mut stream = loop {
        match UnixStream::connect(path) {
            Ok(stream) => break stream,
            Err(error) if start.elapsed() > PATIENCE => return Err(error),
            // It has the lock and does not listen yet.
            Err(_not_yet) => sleep(Duration::from_millis(50)),
        }
    };
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    check_user(&stream, our_user)?;
    let here = std::env::current_dir()?;
    let paths: Vec<PathBuf> = files.iter().map(|file| here.join(file)).collect();
    stream.write_all(&message(&paths)?)?;
    let mut answer = [0];
    stream.read_exact(&mut answer)?;
    if answer == [ACCEPTED] { Ok(()) } else { Err(io::ErrorKind::InvalidData.into()) }
}

/// The other end must be a process of the same user.
fn check_user(stream: &UnixStream, our_user: u32) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    if rustix::net::sockopt::socket_peercred(stream)?.uid.as_raw() != our_user {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "it is another user's"));
    }
    // Elsewhere the folder's rights must do.
    let _ = (stream, our_user);
    Ok(())
}

/// What a start says that has these files.
pub fn message(paths: &[PathBuf]) -> io::Result<Vec<u8>> {
    let number = |n: usize| u32::try_from(n).map(u32::to_le_bytes).map_err(io::Error::other);
    let mut bytes = GREETING.to_vec();
    bytes.extend(number(paths.len())?);
    for path in paths {
        let path = path.as_os_str().as_bytes();
        bytes.extend(number(path.len())?);
        bytes.extend(path);
    }
    Ok(bytes)
}

/// What [`message`] wrote, from whoever writes it.
///
/// # Errors
/// [`InvalidData`](io::ErrorKind::InvalidData) where it is no such message, or one that is too long.
pub fn read_files(stream: &mut impl Read) -> io::Result<Vec<PathBuf>> {
    let invalid = || io::Error::from(io::ErrorKind::InvalidData);
    let mut greeting = [0; GREETING.len()];
    stream.read_exact(&mut greeting)?;
    if greeting != *GREETING {
        return Err(invalid());
    }
    let number = |stream: &mut dyn Read| {
        let mut four = [0; 4];
        stream.read_exact(&mut four).map(|()| u32::from_le_bytes(four))
    };
    let n_files = number(stream)?;
    if n_files > MOST_FILES {
        return Err(invalid());
    }
    let (mut files, mut n_bytes) = (Vec::new(), 0);
    for _ in 0..n_files {
        let length = number(stream)?;
        n_bytes += length as usize;
        if length > MOST_PATH_BYTES || n_bytes > MOST_BYTES {
            return Err(invalid());
        }
        let mut path = vec![0; length as usize];
        stream.read_exact(&mut path)?;
        files.push(OsString::from_vec(path).into());
    }
    Ok(files)
}
