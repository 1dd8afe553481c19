//! What stands before the first frame: the session of this process in the state folder, what
//! others left there, and whether the window starts safely.
//!
//! A start that ends before its window has been drawn for some seconds has failed. After two of
//! them in a row the next one takes default settings and the built-in SoundFont and opens nothing.

use std::path::PathBuf;
use std::time::Duration;

use crate::platform::{Abandoned, Places, Session};
use crate::ui::window_state::Layout;

use super::App;
use super::preferences::Preferences;

/// Once the window has been drawn for so long, its start went well.
const UNTIL_WELL: Duration = Duration::from_secs(3);
/// After so many failed starts the next one is safe.
const MOST_FAILED: usize = 2;

/// Found out before there is a window.
#[derive(Debug)]
pub(super) struct Start {
    session: Option<Session>,
    abandoned: Vec<Abandoned>,
    /// Why there is no session.
    complaint: Option<String>,
    pub is_safe: bool,
}

impl Start {
    pub(super) fn begin(places: &Places) -> Self {
        let session = match Session::begin(&places.state_dir) {
            Ok(session) => session,
            Err(error) => {
                let complaint = format!(
                    "{} cannot be written ({error}): what you do is not kept for the case of a \
                     crash. Save often",
                    places.state_dir.display()
                );
                let (session, abandoned) = (None, Vec::new());
                return Self { session, abandoned, complaint: Some(complaint), is_safe: false };
            }
        };
        let abandoned = session.abandoned();
        let n_failed = abandoned.iter().filter(|found| found.was_starting).count();
        let is_safe = n_failed >= MOST_FAILED;
        Self { session: Some(session), abandoned, complaint: None, is_safe }
    }

    pub(super) fn preferences(&self, places: &Places) -> Preferences {
        if self.is_safe {
            Preferences::safe(&places.config_dir)
        } else {
            Preferences::load(&places.config_dir)
        }
    }

    /// How the window shall be made.
    pub(super) fn layout(&self, places: &Places) -> Layout {
        if self.is_safe { Layout::default() } else { Preferences::load_layout(&places.config_dir) }
    }
}

impl App {
    pub(super) fn take_start(&mut self, start: Start) {
        let Start { session, abandoned, complaint, is_safe } = start;
        self.session = session;
        if let Some(complaint) = complaint {
            self.complain(complaint);
        }
        if is_safe {
            let path = self.preferences.path().display().to_string();
            self.tell_warning(format!(
                "Harmonium failed to start twice, so this is a safe start: default settings, the \
                 built-in SoundFont, nothing opened. Your own settings are untouched in {path} \
                 until you change one; the next start uses them again"
            ));
        }
        self.list_recovered(abandoned);
        // First things first: the tour comes at the next start.
        if self.state.recovery.is_some() {
            self.state.tour = None;
        }
    }

    /// Files given on the command line: a safe start opens none of them.
    pub(super) fn open_given(&mut self, files: Vec<PathBuf>) {
        if files.is_empty() {
            return;
        }
        if self.preferences.is_safe() {
            let names: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
            let names = names.join(", ");
            return self
                .tell_warning(format!("{names}: not opened by a safe start; you can open it now"));
        }
        self.push(crate::ui::command::Command::AddPaths(files));
    }

    /// The window was drawn.
    pub(super) fn note_frame(&mut self) {
        if self.recovery.is_start_well || self.started.elapsed() < UNTIL_WELL {
            return;
        }
        self.recovery.is_start_well = true;
        if let Some(session) = &mut self.session {
            session.note_running();
        }
        self.recovery.forget_failed_starts();
    }

    /// How long it is until the start went well.
    pub(super) fn well_in(&self) -> Option<Duration> {
        let wait = UNTIL_WELL.saturating_sub(self.started.elapsed());
        (!self.recovery.is_start_well).then_some(wait)
    }

    /// The program ends; what it leaves behind depends on whether it was meant to.
    pub(super) fn end_session(&mut self) {
        if self.is_closing && !std::thread::panicking() {
            self.discard_taken();
            self.recovery.discard_unwanted();
            if let Some(session) = &mut self.session {
                session.end_clean();
            }
        }
    }
}
