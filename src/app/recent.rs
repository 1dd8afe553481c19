//! Projects that were open before, newest first.

use std::path::{Path, PathBuf};

use super::App;

const MOST: usize = 10;

impl App {
    /// A project was opened or saved.
    pub(super) fn remember_project(&mut self, path: PathBuf) {
        let path = std::path::absolute(&path).unwrap_or(path);
        let recent = &mut self.state.recent_projects;
        recent.retain(|known| *known != path);
        recent.insert(0, path);
        recent.truncate(MOST);
        self.keep_lists();
    }

    /// It is not there any more.
    pub(super) fn forget_missing_project(&mut self, path: &Path) {
        let n_before = self.state.recent_projects.len();
        self.state.recent_projects.retain(|known| known != path || known.exists());
        if self.state.recent_projects.len() < n_before {
            self.keep_lists();
        }
    }
}
