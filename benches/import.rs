//! Harmonium's side of benches/peers/import.py, which `make bench` runs: reading MIDI files into rolls.
//!
//! `import --bench FOLDER SECONDS`: a round imports the folder again and again for at least so long: walking
//! it, reading, parsing, pairing notes, drawing the rolls, finding keys and copies. As many threads as
//! RAYON_NUM_THREADS says. A worker does a round for each line on stdin and answers with the number of files
//! and its wall time.
#![expect(clippy::print_stdout, reason = "a bench talks to a terminal")]

use std::io::{BufRead as _, Write as _};
use std::path::PathBuf;
use std::time::Instant;

use anyhow::ensure;
use harmonium::dataset::{EncodingSettings, import};

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    // `cargo test --all-targets` runs this too: building it is all that is asked.
    let [folder, seconds] = &arguments[..] else { return Ok(()) };
    let (paths, at_least): (_, f64) = ([PathBuf::from(folder)], seconds.parse()?);
    let settings = EncodingSettings::default();
    println!("{{\"ready\": true}}");
    for line in std::io::stdin().lock().lines() {
        if line?.trim() != "go" {
            break;
        }
        let start = Instant::now();
        let mut n_files = 0;
        while n_files == 0 || start.elapsed().as_secs_f64() < at_least {
            let songs = import(&paths, &settings, &()).songs;
            ensure!(!songs.is_empty(), "no MIDI files in {folder}");
            n_files += songs.len();
        }
        let seconds = start.elapsed().as_secs_f64();
        println!("{{\"items\": {n_files}, \"seconds\": {seconds}}}");
        std::io::stdout().flush()?;
    }
    Ok(())
}
