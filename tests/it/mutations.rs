//! Files damaged by chance, by the thousand: nothing crashes, hangs or eats the memory. Each kind is
//! tried in a process of its own, so that a crash is told from a failure and memory is measured.

use std::fs;
use std::path::Path;
use std::process::Command;

use harmonium::dataset::{EncodingSettings, import};
use harmonium::midi;

use crate::world::{Dice, reliability_count, tune};

/// No file takes the processor for longer.
const MOST_CPU_SECONDS: f64 = 1.0;
const MOST_MIB: f64 = 1024.0;
const FILES_OF_A_WORKER: &str = "HARMONIUM_WORKER_FILES";

#[test]
fn damaged_midi_files_are_read_or_refused() {
    let n_files = reliability_count(100_000);
    let worker = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "mutations::midi_worker", "--ignored", "--nocapture"])
        .env(FILES_OF_A_WORKER, n_files.to_string())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&worker.stdout);
    assert!(worker.status.success(), "{said}\n{}", String::from_utf8_lossy(&worker.stderr));
    let summary = said.lines().find(|line| line.contains("reliability: ")).unwrap();
    println!("{}", &summary[summary.find("reliability: ").unwrap()..]);
}

#[test]
#[ignore = "the part of damaged_midi_files_are_read_or_refused that may crash"]
fn midi_worker() {
    let n_files: usize = std::env::var(FILES_OF_A_WORKER).unwrap().parse().unwrap();
    let seeds = midi_seeds();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("damaged.mid");
    let encodings = [EncodingSettings::default(), EncodingSettings::reference()];
    let mut dice = Dice::new(100_000);
    let (mut n_read, mut slowest) = (0, 0.0_f64);
    for number in 0..n_files {
        let bytes = damaged(&seeds, &mut dice);
        fs::write(&path, &bytes).unwrap();
        let start = cpu_seconds();
        let result = import(std::slice::from_ref(&path), &encodings[number % 2], &());
        slowest = slowest.max(cpu_seconds() - start);
        assert_eq!(result.songs.len() + result.problems.len(), 1, "file {number}");
        n_read += result.songs.iter().filter(|song| song.is_taken()).count();
        assert!(slowest < MOST_CPU_SECONDS, "file {number} takes {slowest} s");
    }
    let peak_mib = peak_mib();
    assert!(peak_mib < MOST_MIB, "{peak_mib} MiB");
    assert!(n_read > n_files / 10 && n_read < n_files, "{n_read} read: too few of one kind");
    println!(
        "reliability: damaged MIDI files: {n_files} tried, 0 failed ({n_read} read, the slowest \
         {slowest:.2} s, {peak_mib:.0} MiB at most)"
    );
}

/// Songs of ours, tunes with several tracks, and a file with all that is seldom used.
fn midi_seeds() -> Vec<Vec<u8>> {
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo");
    let mut songs: Vec<_> =
        fs::read_dir(demo).unwrap().map(|entry| entry.unwrap().path()).collect();
    songs.retain(|path| path.extension().is_some_and(|ending| ending == "mid"));
    songs.sort();
    let mut seeds: Vec<Vec<u8>> =
        songs.iter().step_by(12).map(|path| fs::read(path).unwrap()).collect();
    seeds.extend([1, 4].map(|bars| midi::write(&tune(7, bars))));
    // Running status, a SysEx of two parts, a tempo, a metre, a long wait, text, two tracks, format 2.
    let track: &[u8] = b"\x00\xFF\x51\x03\x07\xA1\x20\x00\xFF\x58\x04\x03\x02\x18\x08\
        \x00\x90\x3C\x40\x60\x3C\x00\x00\xF0\x03\x01\x02\x03\x00\xF7\x02\x04\xF7\x83\x60\x90\x40\x7F\
        \x00\xFF\x01\x04text\x00\xE0\x00\x40\x00\xB0\x40\x7F\x60\x80\x40\x00\x00\xFF\x2F\x00";
    let chunk = [&b"MTrk"[..], &(track.len() as u32).to_be_bytes(), track].concat();
    let with_header = |format: u8, division: [u8; 2]| {
        let header = [0, format, 0, 2, division[0], division[1]];
        [&b"MThd\0\0\0\x06"[..], &header, &chunk, &chunk].concat()
    };
    seeds.extend([with_header(1, [0, 96]), with_header(2, [0, 96]), with_header(1, [0xE8, 4])]);
    seeds
}

/// One to four damages: bits, bytes, numbers at their ends, stretches moved, doubled and cut.
fn damaged(seeds: &[Vec<u8>], dice: &mut Dice) -> Vec<u8> {
    const ENDS: [u8; 7] = [0, 1, 0x7F, 0x80, 0xF0, 0xFE, 0xFF];
    let mut bytes = seeds[dice.below(seeds.len())].clone();
    for _ in 0..=dice.below(4) {
        // Heads of chunks matter most, and are few.
        let near = if dice.below(3) == 0 { bytes.len().min(48) } else { bytes.len() };
        let at = dice.below(near);
        match dice.below(7) {
            0 => bytes[at] ^= 1 << dice.below(8),
            1 => bytes[at] = dice.below(256) as u8,
            2 => bytes[at] = ENDS[dice.below(ENDS.len())],
            3 => drop(bytes.remove(at)),
            4 => bytes.insert(at, dice.below(256) as u8),
            5 => {
                let end = (at + dice.below(64)).min(bytes.len());
                let stretch = bytes[at..end].to_vec();
                let to = dice.below(bytes.len());
                bytes.splice(to..to, stretch);
            }
            _ if dice.below(8) == 0 => bytes.truncate(at.max(1)),
            _ => {
                let end = (at + 4).min(bytes.len());
                bytes[at..end].fill(0xFF);
            }
        }
        if bytes.is_empty() {
            bytes.push(0);
        }
    }
    bytes
}

/// Of the whole process, in hundredths.
fn cpu_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name, which may hold blanks, ends with a bracket; user and system time are fields 14, 15.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

fn peak_mib() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("0 kB");
    line.trim_end_matches("kB").trim().parse::<f64>().unwrap_or(0.0) / 1024.0
}
