//! Songs made by hand for the tests, and the folder of the 2016 study where it is at hand.

use std::fs;
use std::path::{Path, PathBuf};

use super::{EncodingSettings, Import, Song, import};
use crate::midi;
use crate::music::{Metre, MetreChange, Note, Score, TempoMap, Track};

pub(super) const TICKS_PER_BEAT: u32 = 96;

/// The pop set beside the checkout; a message and `None` where it is not there.
pub(super) fn pop_folder() -> Option<PathBuf> {
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR"));
    let candidates = ["../shared/data/pop", "../../shared/data/pop"];
    let found = candidates.iter().map(|c| checkout.join(c)).find(|c| c.is_dir());
    if found.is_none() {
        println!("skipped: the pop set is not beside this checkout");
    }
    found
}

/// A note in ticks: start, length, pitch.
pub(super) fn note((start_tick, length_ticks, pitch): (u64, u64, u8)) -> Note {
    Note { start_tick, length_ticks, pitch, velocity: 80 }
}

pub(super) fn track(notes: &[(u64, u64, u8)]) -> Track {
    let mut notes: Vec<Note> = notes.iter().copied().map(note).collect();
    notes.sort_unstable();
    Track { notes, ..Track::default() }
}

pub(super) fn score(tracks: Vec<Track>, length_ticks: u64) -> Score {
    Score {
        ticks_per_beat: TICKS_PER_BEAT,
        tempo: TempoMap::constant(TICKS_PER_BEAT, 100.0),
        metres: Vec::new(),
        key: None,
        tracks,
        length_ticks,
    }
}

/// A file of one track with a time signature at the start.
pub(super) fn bytes(notes: &[(u64, u64, u8)], metre: Metre, length_ticks: u64) -> Vec<u8> {
    let mut score = score(vec![track(notes)], length_ticks);
    score.metres.push(MetreChange { tick: 0, metre });
    midi::write(&score)
}

/// A melody of `n_beats` beats, different for every seed.
pub(super) fn melody(seed: u64, n_beats: u64) -> Vec<u8> {
    let pitch = |beat: u64| 50 + (seed * 7 + beat * (seed % 5 + 1) + beat * beat % 3) as u8 % 24;
    let notes: Vec<_> = (0..n_beats).map(|beat| (beat * 96, 96, pitch(beat))).collect();
    bytes(&notes, Metre::COMMON, n_beats * 96)
}

/// Writes the files into a folder of their own and imports it.
pub(super) fn import_files(files: &[(&str, Vec<u8>)], settings: &EncodingSettings) -> Import {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    import(&[folder.path().to_owned()], settings, &())
}

/// `n` different songs of 16 beats.
pub(super) fn songs(n: u64, settings: &EncodingSettings) -> Vec<Song> {
    let names: Vec<String> = (0..n).map(|i| format!("{i:03}.mid")).collect();
    let files = names.iter().map(String::as_str).zip((0..n).map(|i| melody(i, 16)));
    import_files(&files.collect::<Vec<_>>(), settings).songs
}
