//! Opening and closing a device, each in a thread of its own: a sound server that hangs holds up
//! that thread and nothing else.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::Builder;
use std::time::Duration;

use super::device::{OnLost, OpenOutput, Output, Wanted, render_rate};
use super::error::AudioError;
use super::player::PlayerState;
use super::player_thread::PlayerCommand;
use super::soundfont::SoundFont;
use super::synth::FluidSynth;

/// What is opened, and with which SoundFont.
pub(super) struct Request {
    pub(super) session: u64,
    pub(super) open_output: Arc<Mutex<OpenOutput>>,
    pub(super) wanted: Wanted,
    /// Nothing has been opened yet.
    pub(super) is_first: bool,
    pub(super) soundfont: PathBuf,
    /// Plays where the other fails.
    pub(super) built_in_font: PathBuf,
    /// The device before, which may still be closing and would keep its card.
    pub(super) closing: Option<Receiver<()>>,
    /// Told by [`PlayerCommand::Opened`], and of the loss of the device.
    pub(super) sender: Sender<PlayerCommand>,
}

/// A device that waits for its source.
pub(super) struct Opened {
    pub(super) output: Box<dyn Output>,
    pub(super) synth: FluidSynth,
    pub(super) render_rate: u32,
    /// Which of the two fonts it is.
    pub(super) soundfont: PathBuf,
    /// Where it is not the chosen one: which that was, and why it does not play.
    pub(super) font_trouble: Option<(PathBuf, String)>,
}

/// An opening under way. Whether the device itself has answered, and the rest is a font to load.
pub(super) type HasAnswered = Arc<AtomicBool>;

/// Longer does no opening wait for the device before.
const LONGEST_CLOSING: Duration = Duration::from_secs(1);

/// Begins to open a device.
pub(super) fn start(request: Request) -> std::io::Result<HasAnswered> {
    let has_answered = HasAnswered::default();
    let told = Arc::clone(&has_answered);
    Builder::new().name("audio opening".to_owned()).spawn(move || {
        if let Some(closing) = &request.closing {
            closing.recv_timeout(LONGEST_CLOSING).ok();
        }
        let (session, sender) = (request.session, request.sender.clone());
        let opened = open(&request, &told).map(Box::new);
        // The player may be gone, and with what was sent the device is closed.
        drop(sender.send(PlayerCommand::Opened { session, opened }));
    })?;
    Ok(has_answered)
}

fn open(request: &Request, has_answered: &AtomicBool) -> Result<Opened, PlayerState> {
    let (session, sender) = (request.session, request.sender.clone());
    let on_lost: OnLost = Arc::new(move |reason| {
        // The thread may be gone already, and then nobody needs to know.
        drop(sender.send(PlayerCommand::DeviceLost { session, reason }));
    });
    let output = {
        let mut open = request.open_output.lock().unwrap_or_else(PoisonError::into_inner);
        open(&on_lost, request.wanted)
    };
    has_answered.store(true, Ordering::Relaxed);
    // A font that cannot be used is told of first: it also keeps exports from sounding.
    if output.is_err() && request.is_first {
        SoundFont::open(&request.built_in_font).map_err(|e| failed(&e))?;
    }
    let output = output.map_err(|reason| PlayerState::NoDevice { reason })?;
    let render_rate = render_rate(output.device_rate());
    let (synth, soundfont, font_trouble) = match load_synth(&request.soundfont, render_rate) {
        Err(error) if request.soundfont != request.built_in_font => {
            let synth = load_synth(&request.built_in_font, render_rate).map_err(|e| failed(&e))?;
            let trouble = (request.soundfont.clone(), error.to_string());
            (synth, request.built_in_font.clone(), Some(trouble))
        }
        synth => (synth.map_err(|e| failed(&e))?, request.soundfont.clone(), None),
    };
    Ok(Opened { output, synth, render_rate, soundfont, font_trouble })
}

/// Closes a device: a message comes when it is done.
pub(super) fn close(output: Box<dyn Output>) -> Receiver<()> {
    let (done, is_done) = mpsc::channel::<()>();
    let spawned = Builder::new().name("audio closing".to_owned()).spawn(move || {
        drop(output);
        drop(done);
    });
    if let Err(error) = spawned {
        log::warn!("the system gives no thread to close the sound device: {error}");
    }
    is_done
}

pub(super) fn load_synth(font: &Path, rate: u32) -> Result<FluidSynth, AudioError> {
    FluidSynth::new(&SoundFont::open(font)?, rate)
}

fn failed(error: &AudioError) -> PlayerState {
    PlayerState::Failed { reason: error.to_string() }
}
