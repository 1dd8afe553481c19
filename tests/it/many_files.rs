//! A folder of a hundred thousand files: read to the end, or given up at a word.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use harmonium::dataset::{EncodingSettings, ImportObserver, import};
use harmonium::midi;

use crate::world::{HANG_LIMIT, reliability_count, tune};

/// So many files have bytes of their own; the others are further names of them, as a disk has room for.
const N_DIFFERENT: usize = 100;
const FILES_A_FOLDER: usize = 1000;

fn fill(root: &Path, n_files: usize) {
    let different: Vec<_> = (0..N_DIFFERENT)
        .map(|number| {
            let path = root.join(format!("{number}.mid"));
            fs::write(&path, midi::write(&tune(number as u64, 1))).unwrap();
            path
        })
        .collect();
    for number in N_DIFFERENT..n_files {
        let folder = root.join(format!("folder {}", number / FILES_A_FOLDER));
        if !folder.exists() {
            fs::create_dir(&folder).unwrap();
        }
        // Some of them are no music at all.
        let ending = if number % 10 == 0 { "txt" } else { "mid" };
        let path = folder.join(format!("{number}.{ending}"));
        let original = &different[number % N_DIFFERENT];
        if fs::hard_link(original, &path).is_err() {
            fs::copy(original, &path).unwrap();
        }
    }
}

/// Gives up after so many files.
struct Impatient {
    n_read: AtomicUsize,
    patience: usize,
}

impl ImportObserver for Impatient {
    fn progress(&self, done: usize, _total: usize, _path: &Path) {
        self.n_read.fetch_max(done, Ordering::Relaxed);
    }

    fn is_cancelled(&self) -> bool {
        self.n_read.load(Ordering::Relaxed) >= self.patience
    }
}

#[test]
fn a_folder_of_a_hundred_thousand_files_is_read_or_given_up_at_a_word() {
    let root = tempfile::tempdir().unwrap();
    let n_files = reliability_count(100_000);
    fill(root.path(), n_files);
    let roots = [root.path().to_owned()];
    let settings = EncodingSettings::default();
    let start = Instant::now();
    let read = import(&roots, &settings, &());
    let seconds = start.elapsed().as_secs_f64();
    let n_midi = (0..n_files).filter(|n| *n < N_DIFFERENT || n % 10 != 0).count();
    assert_eq!(read.songs.len(), n_midi);
    assert!(start.elapsed() < HANG_LIMIT, "{seconds} s");
    let impatient = Impatient { n_read: AtomicUsize::new(0), patience: 50 };
    let start = Instant::now();
    let given_up = import(&roots, &settings, &impatient);
    assert!(given_up.songs.len() < n_midi, "it was told to stop");
    assert!(start.elapsed() < HANG_LIMIT);
    println!(
        "reliability: a large folder: {n_files} tried, 0 failed ({n_midi} of them MIDI files, read in \
         {seconds:.0} s)"
    );
}
