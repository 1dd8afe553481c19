//! What earlier sessions left when they were killed: listed, opened, discarded.

use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use crate::music::RollNote;
use crate::platform::{Abandoned, local_time_words, now_secs};
use crate::project::{AutosaveNote, Hold, ProjectLock, read_autosave_note};
use crate::ui::recovery::{RecoveryEntry, RecoveryPicture, RecoveryView};
use crate::ui::state::ProjectState;

use super::App;
use super::files::Departure;

/// A file that was written so much later than the autosave was saved after it.
const SAVED_LATER: Duration = Duration::from_secs(2);

/// What earlier sessions left.
#[derive(Debug, Default)]
pub(super) struct Recovery {
    found: Vec<Found>,
    /// The one that is open now, until this session has an autosave of its own.
    taken: Option<Abandoned>,
    /// Starts that failed and left nothing else.
    failed_starts: Vec<Abandoned>,
    /// This start went well.
    pub is_start_well: bool,
}

/// An autosave of a session that is over.
#[derive(Debug)]
struct Found {
    abandoned: Abandoned,
    note: AutosaveNote,
    /// Goes when the list is closed.
    is_discarded: bool,
}

impl Recovery {
    pub(super) fn forget_failed_starts(&mut self) {
        for mut abandoned in self.failed_starts.drain(..) {
            abandoned.forget_start();
        }
        for found in &mut self.found {
            found.abandoned.forget_start();
        }
    }

    /// What a person discarded goes for good.
    pub(super) fn discard_unwanted(&mut self) {
        let found = std::mem::take(&mut self.found);
        let (unwanted, rest) = found.into_iter().partition(|found| found.is_discarded);
        self.found = rest;
        for found in unwanted as Vec<Found> {
            found.abandoned.discard();
        }
    }

    fn place_of(&self, path: &Path) -> Option<usize> {
        self.found.iter().position(|found| found.abandoned.autosave() == path)
    }
}

impl App {
    /// Lists what was left, or puts it aside where it cannot be read.
    pub(super) fn list_recovered(&mut self, abandoned: Vec<Abandoned>) {
        for abandoned in abandoned {
            if !abandoned.has_autosave() {
                self.recovery.failed_starts.push(abandoned);
                continue;
            }
            match read_autosave_note(abandoned.autosave()) {
                Ok(note) => {
                    self.recovery.found.push(Found { abandoned, note, is_discarded: false });
                }
                Err(error) => self.put_aside(abandoned, &error.to_string()),
            }
        }
        // The newest first.
        self.recovery.found.sort_by_key(|found| std::cmp::Reverse(found.note.at_secs));
        self.show_recovered();
    }

    fn put_aside(&mut self, abandoned: Abandoned, reason: &str) {
        let aside = abandoned.put_aside();
        self.complain(format!(
            "What was kept of an earlier session cannot be read: {reason}. It is set aside as {}",
            aside.display()
        ));
    }

    fn show_recovered(&mut self) {
        let now = now_secs();
        let entry = |(id, found): (usize, &Found)| entry(id, found, now);
        let entries: Vec<RecoveryEntry> =
            self.recovery.found.iter().enumerate().map(entry).collect();
        self.state.recovery = (!entries.is_empty()).then_some(RecoveryView { entries });
    }

    pub(super) fn open_recovered(&mut self, id: usize) {
        if let Some(found) = self.recovery.found.get(id) {
            self.depart(Departure::Open(found.abandoned.autosave().to_owned()));
        }
    }

    pub(super) fn discard_recovered(&mut self, id: usize, is_discarded: bool) {
        if let Some(found) = self.recovery.found.get_mut(id) {
            found.is_discarded = is_discarded;
            self.show_recovered();
        }
    }

    /// The rest is listed again by the next start.
    pub(super) fn close_recovery(&mut self) {
        self.recovery.discard_unwanted();
        self.recovery.found.clear();
        self.state.recovery = None;
    }

    pub(super) fn is_recovered(&self, path: &Path) -> bool {
        self.recovery.place_of(path).is_some()
    }

    /// The project that an autosave belongs to, where it has a file.
    pub(super) fn recovered_origin(&self, path: &Path) -> Option<PathBuf> {
        let place = self.recovery.place_of(path)?;
        self.recovery.found[place].note.origin.clone()
    }

    /// The autosave at `path` was read, and is what is open now: the project that it came from, not
    /// saved.
    pub(super) fn take_recovered(
        &mut self,
        path: &Path,
        hold: Option<Hold>,
        before: Option<ProjectLock>,
    ) {
        let Some(place) = self.recovery.place_of(path) else { return };
        let Found { abandoned, note, .. } = self.recovery.found.remove(place);
        self.recovery.taken = Some(abandoned);
        let AutosaveNote { origin, at_secs, .. } = note;
        let is_origin_newer = origin.as_deref().is_some_and(|origin| is_newer(origin, at_secs));
        self.state.project =
            ProjectState { path: origin, is_dirty: true, ..ProjectState::default() };
        self.take_hold(hold, before);
        self.autosave.hurry();
        let name = self.state.project.name();
        let when = local_time_words(at_secs);
        self.tell_success(format!("Recovered {name} as it was at {when}; it is not saved"), None);
        if is_origin_newer {
            self.tell_warning(format!(
                "The file of {name} was written after this was kept: saving puts the older state \
                 in its place. Save under another name to have both"
            ));
        }
        self.show_recovered();
    }

    pub(super) fn put_aside_recovered(&mut self, path: &Path, reason: &str) {
        if let Some(place) = self.recovery.place_of(path) {
            let found = self.recovery.found.remove(place);
            self.put_aside(found.abandoned, reason);
            self.show_recovered();
        }
    }

    /// What was recovered is saved, kept by this session, or not wanted any more.
    pub(super) fn discard_taken(&mut self) {
        if let Some(abandoned) = self.recovery.taken.take() {
            abandoned.discard();
        }
    }
}

/// Whether a file was written after this moment.
fn is_newer(path: &Path, at_secs: u64) -> bool {
    let kept = Duration::from_secs(at_secs).saturating_add(SAVED_LATER);
    // A note may name a moment that no clock knows; nothing was written after it.
    let Some(kept) = UNIX_EPOCH.checked_add(kept) else { return false };
    let modified = std::fs::metadata(path).and_then(|metadata| metadata.modified());
    modified.is_ok_and(|modified| modified > kept)
}

fn entry(id: usize, found: &Found, now: u64) -> RecoveryEntry {
    let note = &found.note;
    let project = ProjectState { path: note.origin.clone(), ..ProjectState::default() };
    let origin = note.origin.as_ref().map(|path| path.display().to_string());
    let picture = match () {
        () if note.errors.len() > 1 => RecoveryPicture::Errors(note.errors.clone()),
        () if !note.notes.is_empty() => {
            let note_of = |&(start_step, n_steps, pitch): &(u32, u32, u8)| RollNote {
                start_step,
                n_steps,
                pitch,
            };
            let notes = note.notes.iter().map(note_of).collect();
            RecoveryPicture::Notes { notes, n_steps: note.n_steps }
        }
        () => RecoveryPicture::None,
    };
    RecoveryEntry {
        id,
        name: project.name(),
        place: origin.unwrap_or_else(|| "Never saved".to_owned()),
        when: format!("{}, {}", local_time_words(note.at_secs), ago(now, note.at_secs)),
        n_songs: note.n_songs,
        n_pieces: note.n_pieces,
        epoch: note.epoch,
        picture,
        is_file_newer: note.origin.as_deref().is_some_and(|path| is_newer(path, note.at_secs)),
        is_discarded: found.is_discarded,
    }
}

/// "3 minutes ago".
fn ago(now: u64, then: u64) -> String {
    let secs = now.saturating_sub(then);
    let (n, unit) = match secs {
        0..60 => return "just now".to_owned(),
        60..3600 => (secs / 60, "minute"),
        3600..86_400 => (secs / 3600, "hour"),
        _ => (secs / 86_400, "day"),
    };
    format!("{n} {unit}{} ago", if n == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_of_a_moment_that_no_clock_knows_is_listed_like_any_other() {
        let file = tempfile::NamedTempFile::new().unwrap();
        for at_secs in [u64::MAX, i64::MAX as u64, i64::MAX as u64 - 1] {
            assert!(!is_newer(file.path(), at_secs), "{at_secs}");
        }
        assert!(is_newer(file.path(), 0) && !is_newer(Path::new("/nowhere"), 0));
    }

    #[test]
    fn times_are_told_from_now() {
        for (secs, words) in [
            (0, "just now"),
            (61, "1 minute ago"),
            (3599, "59 minutes ago"),
            (7200, "2 hours ago"),
            (200_000, "2 days ago"),
        ] {
            assert_eq!(ago(1_000_000, 1_000_000 - secs), words);
        }
        assert_eq!(ago(5, 10), "just now", "clocks are set back");
    }
}
