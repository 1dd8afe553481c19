//! The command line that repeats a run.

use std::path::{Path, PathBuf};

use crate::dataset::{Song, midi_files};
use crate::train::{Preset, TrainSettings};

use super::EXTENSION;

/// Where a song came from, and whether it was used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SongSource {
    pub path: PathBuf,
    pub folder: PathBuf,
    pub is_included: bool,
    /// Other tracks than those that are read by themselves.
    pub has_chosen_tracks: bool,
}

/// What a run was started with.
#[derive(Clone, Debug, PartialEq)]
pub struct RunSource {
    /// In the order in which they were trained on.
    pub songs: Vec<SongSource>,
    pub held_out_songs: Vec<SongSource>,
    pub settings: TrainSettings,
    /// Of the project, without its ending.
    pub name: String,
    /// "cpu" or "cuda"; `None` leaves the choice to the program.
    pub device: Option<&'static str>,
    /// `None` leaves the choice to the program.
    pub threads: Option<usize>,
}

/// A line for a shell, and what it cannot repeat, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandLine {
    pub text: String,
    pub caveats: Vec<String>,
}

impl From<&Song> for SongSource {
    fn from(song: &Song) -> Self {
        Self {
            path: song.path.clone(),
            folder: song.folder.clone(),
            is_included: song.is_included,
            has_chosen_tracks: song.tracks.iter().any(|track| track.is_included == track.is_drums),
        }
    }
}

impl RunSource {
    /// `harmonium train …`, quoted for a shell: folders where all of their files were used, else
    /// the files one by one; the nearest preset and where the settings differ from it.
    pub fn command_line(&self) -> CommandLine {
        let mut caveats = Vec::new();
        let mut words = vec!["harmonium".to_owned(), "train".to_owned()];
        words.extend(paths(&self.songs).iter().map(|path| text_of(path)));
        words.extend(["--out".to_owned(), format!("{}.{EXTENSION}", self.name)]);
        match paths(&self.held_out_songs).as_slice() {
            [] => {}
            [folder] => words.extend(["--held-out".to_owned(), text_of(folder)]),
            _ => caveats.push(
                "the held-out songs are no whole folder, which is what --held-out takes".to_owned(),
            ),
        }
        words.extend(settings_words(&self.settings));
        if let Some(device) = self.device {
            words.extend(["--device".to_owned(), device.to_owned()]);
        }
        if let Some(threads) = self.threads {
            words.extend(["--threads".to_owned(), threads.to_string()]);
        }
        let songs = || self.songs.iter().chain(&self.held_out_songs).filter(|s| s.is_included);
        if songs().any(|song| song.has_chosen_tracks) {
            caveats.push("the choice of tracks stands only in the project".to_owned());
        }
        if let Some(missing) = songs().find(|song| !song.path.exists()) {
            let path = missing.path.display();
            caveats.push(format!("files are no longer where they were read ({path})"));
        }
        CommandLine { text: quoted(&words), caveats }
    }
}

/// The preset with the fewest differences, the differences, and the seed.
fn settings_words(settings: &TrainSettings) -> Vec<String> {
    let differences = |preset: Preset| {
        let mut differences = settings.differences(&preset.settings());
        differences.retain(|(key, _)| *key != "seed");
        (preset, differences)
    };
    let nearest = Preset::ALL.map(differences).into_iter().min_by_key(|(_, keys)| keys.len());
    let mut words = Vec::new();
    if let Some((preset, differences)) = nearest {
        words.extend(["--preset".to_owned(), preset.key().to_owned()]);
        for (key, value) in differences {
            words.extend(["--set".to_owned(), format!("{key}={value}")]);
        }
    }
    words.extend(["--seed".to_owned(), settings.seed.to_string()]);
    words
}

/// Folders of which every file was used and stands where a new import would put it, else files.
fn paths(songs: &[SongSource]) -> Vec<PathBuf> {
    let mut paths = Vec::new();
    for group in songs.chunk_by(|a, b| a.folder == b.folder) {
        let folder = &group[0].folder;
        let files: Vec<&PathBuf> = group.iter().map(|song| &song.path).collect();
        let is_whole = group.iter().all(|song| song.is_included)
            && midi_files(folder).iter().eq(files.iter().copied());
        if is_whole {
            paths.push(absolute(folder));
        } else {
            let used = group.iter().filter(|song| song.is_included);
            paths.extend(used.map(|song| absolute(&song.path)));
        }
    }
    paths
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_error| path.to_owned())
}

fn text_of(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// The words for a shell. A word with a zero byte, which no shell takes, cannot come from a path.
fn quoted(words: &[String]) -> String {
    let quote = |word: &String| match shlex::try_quote(word) {
        Ok(quoted) => quoted.into_owned(),
        Err(_zero_byte) => word.replace('\0', ""),
    };
    words.iter().map(quote).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(songs: Vec<SongSource>) -> RunSource {
        RunSource {
            songs,
            held_out_songs: Vec::new(),
            settings: Preset::Quick.settings(),
            name: "It's mine".to_owned(),
            device: Some("cpu"),
            threads: Some(2),
        }
    }

    /// Three files in a folder whose name a shell would take apart.
    fn songs(folder: &Path) -> Vec<SongSource> {
        let song = |name: &str| {
            let path = folder.join(name);
            std::fs::write(&path, b"").unwrap();
            SongSource {
                path,
                folder: folder.to_owned(),
                is_included: true,
                has_chosen_tracks: false,
            }
        };
        ["a $HOME.mid", "b.mid", "c.mid"].map(song).to_vec()
    }

    fn words(source: &RunSource) -> Vec<String> {
        shlex::split(&source.command_line().text).unwrap()
    }

    #[test]
    fn a_whole_folder_is_named_and_the_nearest_preset_with_what_differs() {
        let folder = tempfile::tempdir().unwrap();
        let mut source = source(songs(folder.path()));
        source.settings.learning_rate = 0.012_345;
        source.settings.seed = 9;
        let path = folder.path().to_str().unwrap();
        let mut expected = vec!["harmonium", "train", path, "--out", "It's mine.harmonium"];
        expected.extend(["--preset", "quick", "--set", "learning_rate=0.012345"]);
        expected.extend(["--seed", "9", "--device", "cpu", "--threads", "2"]);
        assert_eq!(words(&source), expected);
        assert_eq!(source.command_line().caveats, [""; 0]);
    }

    #[test]
    fn files_are_named_one_by_one_where_some_are_left_out_or_were_never_chosen() {
        let folder = tempfile::tempdir().unwrap();
        let all = songs(folder.path());
        let path = |place: usize| all[place].path.to_str().unwrap().to_owned();
        let mut some = source(all.clone());
        some.songs[1].is_included = false;
        assert_eq!(words(&some)[2..5], [path(0), path(2), "--out".to_owned()]);
        let two = source(vec![all[2].clone(), all[0].clone()]);
        assert_eq!(words(&two)[2..5], [path(2), path(0), "--out".to_owned()]);
    }

    #[test]
    fn what_the_line_cannot_repeat_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let all = songs(folder.path());
        let mut source = source(all.clone());
        source.held_out_songs = vec![all[1].clone(), all[0].clone()];
        source.songs[0].has_chosen_tracks = true;
        std::fs::remove_file(&all[2].path).unwrap();
        let caveats = source.command_line().caveats;
        for (caveat, words) in caveats.iter().zip(["--held-out", "tracks", "c.mid"]) {
            assert!(caveat.contains(words), "{caveat}");
        }
        assert_eq!(caveats.len(), 3);
    }
}
