//! "Copy as command": the line that repeats the run, on the clipboard.

use egui::Context;

use crate::project::{RunSource, SongSource};

use super::App;

/// The songs that a run was started with.
#[derive(Clone, Debug, Default)]
pub(super) struct RunSongs {
    songs: Vec<SongSource>,
    held_out_songs: Vec<SongSource>,
}

impl App {
    fn songs_now(&self) -> RunSongs {
        RunSongs {
            songs: self.state.data.songs.iter().map(SongSource::from).collect(),
            held_out_songs: self.held_out_songs.iter().map(SongSource::from).collect(),
        }
    }

    /// To be called when a run is started or taken up.
    pub(super) fn note_run_songs(&mut self) {
        self.run_songs = self.songs_now();
    }

    pub(super) fn copy_as_command(&mut self, ctx: &Context) {
        let line = self.run_source().command_line();
        ctx.copy_text(line.text);
        let mut caveats = line.caveats;
        if self.state.run.facts.is_some() && !self.state.run.history.changes.is_empty() {
            caveats.push("the settings that were changed during the run begin as they did".into());
        }
        if caveats.is_empty() {
            self.tell("Copied the command line that repeats this run");
        } else {
            let caveats = caveats.join("; ");
            self.tell(format!("Copied the command line; not all of it repeats: {caveats}"));
        }
    }

    /// The run, or before the first one what it would be.
    pub(super) fn run_source(&self) -> RunSource {
        let Some(facts) = &self.state.run.facts else { return self.next_run_source() };
        let name = self.state.project.name();
        let RunSongs { songs, held_out_songs } = self.run_songs.clone();
        let settings = self.state.run.history.initial_settings(&facts.settings);
        let (device, threads) = (Some(facts.device), Some(facts.threads));
        RunSource { songs, held_out_songs, settings, name, device, threads }
    }

    /// The run that the knobs and songs would make as they stand.
    pub(super) fn next_run_source(&self) -> RunSource {
        let name = self.state.project.name();
        let threads = Some(self.state.device.threads);
        let RunSongs { songs, held_out_songs } = self.songs_now();
        let settings = self.state.settings.clone();
        RunSource { songs, held_out_songs, settings, name, device: None, threads }
    }
}
