//! Who may write the project that is open: this window, or somebody else.

use std::path::Path;

use crate::engine::LockWish;
use crate::platform::holder_words;
use crate::project::{Hold, ProjectLock};

use super::App;

impl App {
    /// The lock to ask for before the file at `path` is read or written; `None` where it is ours
    /// already, or where there is no project to lock.
    pub(super) fn lock_wish(&self, path: &Path) -> Option<LockWish> {
        let is_recovered = self.is_recovered(path);
        let project = if is_recovered { self.recovered_origin(path)? } else { path.to_owned() };
        let is_ours = self.project_lock.as_ref().is_some_and(|lock| lock.is_of(&project));
        (!is_ours).then(|| LockWish { project, holder: holder_words() })
    }

    /// What came of asking for the lock of the project that is open now. `before` is the lock of
    /// what was open before, which may be the same project.
    pub(super) fn take_hold(&mut self, hold: Option<Hold>, before: Option<ProjectLock>) {
        let path = self.state.project.path.clone();
        let name = path.as_ref().map_or_else(String::new, |path| path.display().to_string());
        let (lock, read_only) = match hold {
            Some(Hold::Ours(lock)) => (Some(lock), None),
            None => (before.filter(|lock| path.is_some_and(|path| lock.is_of(&path))), None),
            Some(Hold::NoLocks) => (None, None),
            Some(Hold::Elsewhere { holder }) => {
                (None, Some(format!("It is open elsewhere ({holder})")))
            }
            Some(Hold::NoWriting { reason }) => {
                (None, Some(format!("Nothing can be written in its folder ({reason})")))
            }
        };
        if let Some(why) = &read_only {
            self.tell_warning(format!(
                "{name} is open read-only. {why}; what you change can be saved under another name"
            ));
        }
        self.project_lock = lock;
        self.state.project.read_only = read_only;
    }
}
