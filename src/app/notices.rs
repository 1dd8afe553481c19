//! Telling the user: notices that pop up and stay in a list.

use std::path::PathBuf;

use crate::ui::state::{Notice, NoticeKind, NoticeTarget};

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
        self.note(NoticeKind::Error, text.into(), None);
    }

    /// Something is not as it should be, and the program goes on.
    pub(super) fn tell_warning(&mut self, text: impl Into<String>) {
        self.note(NoticeKind::Warning, text.into(), None);
    }

    /// Something was left out; more of it stands elsewhere.
    pub(super) fn warn(&mut self, text: String, leads_to: NoticeTarget) {
        self.note(NoticeKind::Warning, text, None);
        if let Some(notice) = self.state.notices.last_mut() {
            notice.leads_to = Some(leads_to);
        }
    }

    fn note(&mut self, kind: NoticeKind, text: String, path: Option<PathBuf>) {
        let level = match kind {
            NoticeKind::Info | NoticeKind::Success => log::Level::Info,
            NoticeKind::Warning => log::Level::Warn,
            NoticeKind::Error => log::Level::Error,
        };
        log::log!(level, "{text}");
        let id = self.next_notice;
        self.next_notice += 1;
        let at_secs = self.seconds();
        let notice = Notice { id, kind, text, path, at_secs, is_fresh: true, leads_to: None };
        self.state.notices.push(notice);
        let surplus = self.state.notices.len().saturating_sub(KEPT);
        self.state.notices.drain(..surplus);
    }

    /// The list shows all of them: none pops up any more when it closes.
    pub(super) fn show_notices(&mut self, are_shown: bool) {
        self.state.is_notice_list_shown = are_shown;
        for notice in &mut self.state.notices {
            notice.is_fresh &= !are_shown;
        }
    }

    pub(super) fn dismiss_notice(&mut self, id: u64) {
        for notice in self.state.notices.iter_mut().filter(|notice| notice.id == id) {
            notice.is_fresh = false;
        }
    }

    /// Errors and warnings pop up until they are dismissed, everything else for some seconds.
    pub(super) fn age_notices(&mut self) {
        let now = self.seconds();
        for notice in &mut self.state.notices {
            if notice.kind.passes() && now - notice.at_secs > FRESH_SECS {
                notice.is_fresh = false;
            }
        }
    }

    pub(super) fn has_fresh_notice(&self) -> bool {
        self.state.notices.iter().any(|notice| notice.is_fresh && notice.kind.passes())
    }
}
