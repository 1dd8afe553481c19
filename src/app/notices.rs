//! Telling the user: notices that pop up and stay in a list.

use std::path::PathBuf;

use crate::ui::state::{Notice, NoticeKind};

use super::App;

/// A notice that is no error stops popping up after this long.
const FRESH_SECS: f64 = 5.0;
const KEPT: usize = 200;

impl App {
    pub(super) fn tell(&mut self, text: impl Into<String>) {
        self.note(NoticeKind::Info, text.into(), None);
    }

    pub(super) fn tell_success(&mut self, text: impl Into<String>, path: Option<PathBuf>) {
        self.note(NoticeKind::Success, text.into(), path);
    }

    /// Something about a file or folder.
    pub(super) fn tell_about(&mut self, text: impl Into<String>, path: PathBuf) {
        self.note(NoticeKind::Info, text.into(), Some(path));
    }

    pub(super) fn complain(&mut self, text: impl Into<String>) {
        let text = text.into();
        log::error!("{text}");
        self.note(NoticeKind::Error, text, None);
    }

    fn note(&mut self, kind: NoticeKind, text: String, path: Option<PathBuf>) {
        let id = self.next_notice;
        self.next_notice += 1;
        let at_secs = self.seconds();
        self.state.notices.push(Notice { id, kind, text, path, at_secs, is_fresh: true });
        let surplus = self.state.notices.len().saturating_sub(KEPT);
        self.state.notices.drain(..surplus);
    }

    pub(super) fn dismiss_notice(&mut self, id: u64) {
        for notice in self.state.notices.iter_mut().filter(|notice| notice.id == id) {
            notice.is_fresh = false;
        }
    }

    /// Errors pop up until they are dismissed, everything else for some seconds.
    pub(super) fn age_notices(&mut self) {
        let now = self.seconds();
        for notice in &mut self.state.notices {
            if notice.kind != NoticeKind::Error && now - notice.at_secs > FRESH_SECS {
                notice.is_fresh = false;
            }
        }
    }

    pub(super) fn has_fresh_notice(&self) -> bool {
        self.state.notices.iter().any(|n| n.is_fresh && n.kind != NoticeKind::Error)
    }
}
