//! Taking songs and leaving them out. Of ten thousand songs none but the one that is ticked is looked
//! through: the figures follow it, the small pictures stay as they are.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::dataset::{Song, count_pitches, song_totals_with_notes};
use crate::ui::state::SongIndex;

use super::App;

impl App {
    pub(super) fn include_song(&mut self, song: SongIndex, is_included: bool) {
        self.tick(|place, _| (place == song).then_some(is_included));
    }

    pub(super) fn include_folder(&mut self, folder: &Path, is_included: bool) {
        self.tick(|_, song| (song.folder == folder).then_some(is_included));
    }

    /// Takes or leaves out songs by their files.
    pub(super) fn tick_songs(&mut self, ticks: &[(PathBuf, bool)]) {
        let ticks: HashMap<&Path, bool> =
            ticks.iter().map(|(path, is_included)| (path.as_path(), *is_included)).collect();
        self.tick(|_, song| ticks.get(song.path.as_path()).copied());
    }

    /// `wanted` says of a song whether it shall be taken; `None` leaves it as it is.
    fn tick(&mut self, wanted: impl Fn(SongIndex, &Song) -> Option<bool>) {
        let data = &mut self.state.data;
        for (place, song) in data.songs.iter_mut().enumerate() {
            let Some(is_included) = wanted(place, song) else { continue };
            let was_taken = song.is_taken();
            song.is_included = is_included;
            if song.is_taken() != was_taken {
                count_pitches(&mut data.histogram, song, !was_taken);
            }
        }
        let n_notes = data.histogram.iter().sum();
        data.totals = song_totals_with_notes(&data.songs, n_notes);
        self.touch();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::app::tests::Desk;
    use crate::dataset::{pitch_histogram, song_totals};
    use crate::ui::command::Command;

    #[test]
    fn the_figures_follow_every_tick_and_the_small_pictures_stay() {
        let mut desk = Desk::with_songs();
        desk.frame();
        let picture = Arc::clone(&desk.state().data.miniatures[3]);
        let all = desk.state().data.totals;
        let folder = desk.state().data.songs[0].folder.clone();
        let tick = |song, is_included| Command::IncludeSong { song, is_included };
        // The last cannot be read: ticking it changes nothing.
        let n_songs = desk.state().data.songs.len();
        let whole = |is_included| Command::IncludeFolder { folder: folder.clone(), is_included };
        for command in [
            tick(1, false),
            tick(1, false),
            tick(4, false),
            tick(1, true),
            tick(n_songs - 1, false),
            tick(n_songs, false),
            Command::Undo,
            whole(false),
            Command::Undo,
            Command::Undo,
            whole(true),
        ] {
            desk.does(command.clone());
            let data = &desk.state().data;
            assert_eq!(data.totals, song_totals(&data.songs), "{command:?}");
            assert_eq!(data.histogram, pitch_histogram(&data.songs), "{command:?}");
        }
        assert_eq!(desk.state().data.totals, all);
        assert!(Arc::ptr_eq(&picture, &desk.state().data.miniatures[3]));
        assert!(desk.state().project.is_dirty);
    }
}
