//! Other starts of the program hand their files to this window.

use egui::{Context, UserAttentionType, ViewportCommand};

use crate::platform::instance::Listener;
use crate::ui::command::Command;

use super::App;

impl App {
    /// This window is the first: it hears of later starts.
    pub(super) fn listen(&mut self, listener: Option<Listener>) {
        self.listener = listener;
    }

    pub(super) fn hear_instance(&mut self) {
        while let Some(handed) = self.listener.as_ref().and_then(Listener::try_handed) {
            let mut files = handed.accept();
            self.wants_attention = true;
            // What is open already is only shown: reading it again would ask for changes to be lost.
            files.retain(|file| !self.is_open_here(file));
            self.handed.extend(files);
        }
        // A person who opens ten files from a folder makes ten starts: one import at a time.
        let is_asked = self.commands.iter().any(|command| matches!(command, Command::AddPaths(_)));
        let is_busy = is_asked || self.state.data.import.is_some() || self.opening.is_some();
        if !self.handed.is_empty() && !is_busy {
            let files = std::mem::take(&mut self.handed);
            self.commands.push(Command::AddPaths(files));
        }
    }

    fn is_open_here(&self, file: &std::path::Path) -> bool {
        let real = |path: &std::path::Path| std::fs::canonicalize(path).ok();
        let open = self.state.project.path.as_deref().and_then(real);
        open.is_some() && open == real(file)
    }

    /// Raises the window where another start asked for it.
    pub(super) fn raise_if_wanted(&mut self, ctx: &Context) {
        if std::mem::take(&mut self.wants_attention) {
            ctx.send_viewport_cmd(ViewportCommand::Minimized(false));
            ctx.send_viewport_cmd(ViewportCommand::Focus);
            // Where the system lets no program take the keyboard, its entry in the task bar blinks.
            let attention = UserAttentionType::Informational;
            ctx.send_viewport_cmd(ViewportCommand::RequestUserAttention(attention));
        }
    }
}
