//! The Data column: adding, leaving out and encoding songs.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::Context;

use crate::dataset::{
    EncodingSettings, Import, Song, Status, median_tempo, pitch_histogram, song_totals,
};
use crate::engine::{EngineCommand, ImportRequest};
use crate::project::EXTENSION;
use crate::ui::state::{
    ImportProgress, Miniature, NoticeTarget, PathPurpose, RollSource, SongIndex,
};

use super::App;
use super::files::Departure;

/// Knobs of the encoding act once they have rested this long.
const REST: Duration = Duration::from_millis(300);
/// Small pictures that are drawn in one frame.
const MINIATURES_A_FRAME: usize = 200;
const RECENT_FOLDERS: usize = 10;
/// Folders that may be read again without being chosen again.
const CHOSEN_FOLDERS: usize = 200;

/// Songs that wait to be encoded with other settings.
#[derive(Debug, Default)]
pub(super) struct Reencoding {
    wanted_since: Option<Instant>,
    is_under_way: bool,
    /// The settings of the import under way: the knobs may be turned meanwhile.
    imports_with: EncodingSettings,
    /// What it reads.
    paths: Vec<PathBuf>,
    /// Of a project that is no longer open: their results are thrown away.
    n_imports_given_up: usize,
    n_encodings_given_up: usize,
    /// Small pictures drawn so far.
    miniatures_done: usize,
}

impl App {
    /// Jobs begun for one project must not land in the next.
    pub(super) fn give_up_jobs(&mut self) {
        if self.state.data.import.take().is_some() {
            self.engine.send(EngineCommand::CancelImport);
            self.reencoding.n_imports_given_up += 1;
        }
        if self.state.music.generating.take().is_some() {
            self.engine.send(EngineCommand::CancelGenerate);
            self.n_generations_given_up += 1;
        }
        if std::mem::take(&mut self.reencoding.is_under_way) {
            self.reencoding.n_encodings_given_up += 1;
        }
        self.reencoding.wanted_since = None;
    }

    pub(super) fn add_demo_set(&mut self) {
        match self.places.demo_set.clone() {
            Some(folder) => self.import(vec![folder]),
            None => self.complain("The demo set was not found beside the program; reinstall it"),
        }
    }

    /// Folders and MIDI files are imported, a project is opened.
    pub(super) fn add_paths(&mut self, paths: Vec<PathBuf>) {
        let is_project = |path: &PathBuf| {
            path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case(EXTENSION))
        };
        if let Some(project) = paths.iter().find(|path| is_project(path)) {
            return self.depart(Departure::Open(project.clone()));
        }
        for path in &paths {
            self.note_chosen(path);
        }
        for path in paths.iter().filter(|path| path.is_dir()) {
            self.remember_folder(path.clone());
        }
        self.state.data.is_path_field_shown = false;
        self.import(paths);
    }

    fn import(&mut self, paths: Vec<PathBuf>) {
        if self.state.data.import.is_some() {
            return self.tell("Files are being read already; wait, or cancel that first");
        }
        self.state.data.import = Some(ImportProgress { done: 0, total: 0 });
        let settings = self.state.settings.encoding.clone();
        self.reencoding.imports_with = settings.clone();
        self.reencoding.paths.clone_from(&paths);
        self.engine.send(EngineCommand::Import(ImportRequest { paths, settings }));
    }

    fn remember_folder(&mut self, folder: PathBuf) {
        let recent = &mut self.state.data.recent_folders;
        recent.retain(|known| *known != folder);
        recent.insert(0, folder);
        recent.truncate(RECENT_FOLDERS);
        self.keep_lists();
        self.look_for_folders();
    }

    /// Recent folders that are gone are greyed.
    pub(super) fn look_for_folders(&mut self) {
        let data = &mut self.state.data;
        let is_missing = |folder: &&PathBuf| !folder.is_dir();
        data.missing_folders = data.recent_folders.iter().filter(is_missing).cloned().collect();
    }

    pub(super) fn take_import(&mut self, import: Import) {
        if self.reencoding.n_imports_given_up > 0 {
            self.reencoding.n_imports_given_up -= 1;
            return;
        }
        self.state.data.import = None;
        let paths = std::mem::take(&mut self.reencoding.paths);
        let (n_found, problems) = (import.songs.len(), import.problems);
        for problem in &problems {
            self.complain(format!("{}: {}", problem.path.display(), problem.reason));
        }
        let is_explained = !problems.is_empty();
        self.state.data.problems.extend(problems);
        let n_failed = import.songs.iter().filter(|s| s.report.status == Status::Failed).count();
        self.put_songs(import.songs);
        if import.was_cancelled {
            self.tell(format!("Cancelled; {n_found} files were read until then"));
        } else if n_found == 0 && !is_explained {
            self.complain(nothing_found_words(&paths));
        } else if n_failed > 0 {
            self.warn_of_files(n_failed, n_found);
        }
        if self.reencoding.imports_with != self.state.settings.encoding {
            self.want_reencoding_if_stale();
        }
        self.songs_changed();
    }

    /// Files that are no music must not be left out in silence.
    fn warn_of_files(&mut self, n_failed: usize, n_found: usize) {
        let were = if n_failed == 1 { "was" } else { "were" };
        let words = format!(
            "{n_failed} of {n_found} files could not be read and {were} left out; the import \
             report says why"
        );
        self.warn(words, NoticeTarget::Report);
    }

    /// Songs read again take the place of what was read before; whether they are left out stays.
    fn put_songs(&mut self, songs: Vec<Song>) {
        let places = self.places_of_songs();
        for mut song in songs {
            match places.get(&song.path) {
                Some(&place) => {
                    let known = &mut self.state.data.songs[place];
                    song.is_included = known.is_included;
                    // Of a folder that was chosen, a file of it is no longer alone.
                    song.is_chosen_itself &= known.is_chosen_itself;
                    *known = song;
                }
                None => self.state.data.songs.push(song),
            }
        }
    }

    pub(super) fn places_of_songs(&self) -> HashMap<PathBuf, SongIndex> {
        let songs = self.state.data.songs.iter().enumerate();
        songs.map(|(place, song)| (song.path.clone(), place)).collect()
    }

    /// Reads again what was chosen: folders whole, and of files that were chosen themselves only
    /// these.
    pub(super) fn reload_songs(&mut self) {
        let songs = self.state.data.songs.iter();
        let mut wanted: Vec<(&Path, &Path)> = songs
            .map(|song| {
                let path = if song.is_chosen_itself { &song.path } else { &song.folder };
                (path.as_path(), song.folder.as_path())
            })
            .collect();
        wanted.sort_unstable();
        wanted.dedup();
        // A project from elsewhere could name any folder of this machine.
        let (chosen, others): (Vec<_>, Vec<_>) =
            wanted.into_iter().partition(|(path, _)| self.is_chosen(path));
        let chosen: Vec<PathBuf> = chosen.into_iter().map(|(path, _)| path.to_owned()).collect();
        if !others.is_empty() {
            let mut folders: Vec<&Path> = others.into_iter().map(|(_, folder)| folder).collect();
            folders.dedup();
            let names: Vec<String> = folders.iter().map(|it| it.display().to_string()).collect();
            self.tell_warning(format!(
                "Not read again: {}. This project names it, but nobody has chosen it on this \
                 machine; add the folder to read it",
                names.join(", ")
            ));
        }
        if !chosen.is_empty() {
            self.import(chosen);
        }
    }

    /// A person chose this file or folder.
    fn note_chosen(&mut self, path: &Path) {
        let folder = if path.is_dir() { Some(path) } else { path.parent() };
        let chosen = &mut self.preferences.chosen_folders;
        if let Some(folder) = folder.filter(|folder| !chosen.iter().any(|known| known == folder)) {
            chosen.insert(0, folder.to_owned());
            chosen.truncate(CHOSEN_FOLDERS);
            self.keep_lists();
        }
    }

    /// Whether a folder was chosen on this machine, or lies in one that was.
    fn is_chosen(&self, folder: &Path) -> bool {
        let climbs = folder.components().any(|part| part == std::path::Component::ParentDir);
        let mut chosen = self.preferences.chosen_folders.iter().chain(&self.places.demo_set);
        folder.is_absolute() && !climbs && chosen.any(|known| folder.starts_with(known))
    }

    pub(super) fn show_report(&mut self, is_shown: bool) {
        self.state.data.is_report_shown = is_shown;
        if !is_shown {
            self.state.data.report_folder = None;
        }
    }

    pub(super) fn remove_folder(&mut self, folder: &Path) {
        self.state.data.songs.retain(|song| song.folder != folder);
        self.state.data.selected = None;
        if matches!(self.state.roll.source, Some(RollSource::Song(_))) {
            self.clear_roll();
        }
        self.songs_changed();
    }

    /// Songs of a folder that was removed take their places again.
    pub(super) fn put_songs_back(&mut self, songs: Vec<(SongIndex, Song)>) {
        let shown = match self.state.roll.source {
            Some(RollSource::Song(place)) => self.state.data.songs.get(place),
            _ => None,
        };
        let (shown, chosen) = (shown.map(|song| song.path.clone()), self.state.data.selected);
        let chosen = chosen.and_then(|place| self.state.data.songs.get(place));
        let chosen = chosen.map(|song| song.path.clone());
        let roll_settings = self.state.settings.encoding.roll_settings();
        let is_stale = songs.iter().any(|(_, song)| song.roll_settings != roll_settings);
        let known = self.places_of_songs();
        for (place, song) in songs {
            // The folder may have been added again meanwhile.
            if !known.contains_key(&song.path) {
                let place = place.min(self.state.data.songs.len());
                self.state.data.songs.insert(place, song);
            }
        }
        let places = self.places_of_songs();
        let place_of = |path: Option<PathBuf>| path.and_then(|path| places.get(&path).copied());
        self.state.data.selected = place_of(chosen);
        if let Some(place) = place_of(shown) {
            self.state.roll.source = Some(RollSource::Song(place));
        }
        if is_stale {
            self.want_reencoding_if_stale();
        }
        self.songs_changed();
    }

    /// Sums and pictures follow the songs.
    pub(super) fn songs_changed(&mut self) {
        let data = &mut self.state.data;
        data.totals = song_totals(&data.songs);
        data.histogram = pitch_histogram(&data.songs);
        data.miniatures.clear();
        data.miniatures.resize_with(data.songs.len(), Arc::default);
        self.reencoding.miniatures_done = 0;
        self.touch();
    }

    /// Some each frame, so that ten thousand songs do not hold up the window.
    pub(super) fn draw_miniatures(&mut self) {
        let data = &mut self.state.data;
        let start = self.reencoding.miniatures_done;
        let end = (start + MINIATURES_A_FRAME).min(data.songs.len());
        for index in start..end {
            data.miniatures[index] = Miniature::of(&data.songs[index].roll);
        }
        self.reencoding.miniatures_done = end;
        if end < data.songs.len() {
            (self.wake)();
        }
    }

    pub(super) fn select_song(&mut self, index: SongIndex) {
        self.state.data.selected = Some(index);
        self.show_roll(RollSource::Song(index));
    }

    pub(super) fn audition_song(&mut self, index: SongIndex) {
        if self.state.roll.source == Some(RollSource::Song(index)) {
            return self.toggle_play();
        }
        self.select_song(index);
        self.toggle_play();
    }

    /// The tempo of new music: that of most songs.
    pub(super) fn songs_tempo(&self) -> Option<f64> {
        median_tempo(&self.state.data.songs)
    }

    /// Another encoding is wanted, when the knobs have come to rest.
    pub(super) fn want_reencoding_if_stale(&mut self) {
        if !self.state.data.songs.is_empty() {
            self.reencoding.wanted_since = Some(Instant::now());
        }
    }

    pub(super) fn reencode_when_rested(&mut self) {
        let Some(since) = self.reencoding.wanted_since else { return };
        if self.reencoding.is_under_way || since.elapsed() < REST {
            return;
        }
        self.reencoding.wanted_since = None;
        self.reencoding.is_under_way = true;
        let songs = self.state.data.songs.clone();
        let settings = self.state.settings.encoding.clone();
        self.engine.send(EngineCommand::Encode { songs, settings });
    }

    pub(super) fn is_reencoding_wanted(&self) -> bool {
        self.reencoding.wanted_since.is_some()
    }

    /// Songs that were added or left out meanwhile stay as they are.
    pub(super) fn take_encoded(&mut self, songs: Vec<Song>, problems: &[String]) {
        if self.reencoding.n_encodings_given_up > 0 {
            self.reencoding.n_encodings_given_up -= 1;
            return;
        }
        self.reencoding.is_under_way = false;
        if let Some(problem) = problems.first() {
            self.complain(problem.clone());
        }
        let places = self.places_of_songs();
        let still_there = |song: &Song| places.contains_key(&song.path);
        self.put_songs(songs.into_iter().filter(still_there).collect());
        let was_dirty = self.state.project.is_dirty;
        self.songs_changed();
        self.state.project.is_dirty = was_dirty;
        if let Some(RollSource::Song(index)) = self.state.roll.source {
            self.show_roll(RollSource::Song(index));
        }
    }

    pub(super) fn take_dropped_files(&mut self, ctx: &Context) {
        let dropped: Vec<PathBuf> = ctx.input(|input| {
            input.raw.dropped_files.iter().map(|file| file.path().to_owned()).collect()
        });
        if !dropped.is_empty() {
            self.add_paths(dropped);
        }
    }

    /// Where no dialog exists, the Data column has a field for a path.
    pub(super) fn show_path_field(&mut self, purpose: &PathPurpose) -> bool {
        let is_for_songs = matches!(purpose, PathPurpose::AddFolders | PathPurpose::AddFiles);
        if is_for_songs {
            self.state.data.is_path_field_shown = true;
        }
        is_for_songs
    }
}

/// Where no music was found, and what counts as such.
fn nothing_found_words(paths: &[PathBuf]) -> String {
    let place = match paths {
        [only] => only.display().to_string(),
        several => format!("the {} folders", several.len()),
    };
    format!("No MIDI file (.mid, .midi, .kar, .rmi) was found in {place}; choose another folder")
}
