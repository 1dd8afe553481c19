//! SoundFonts damaged by chance: each is refused by the check, or all of it plays. In a process of
//! its own, because the synthesiser's C code would crash the tests.

use std::process::Command;

use rand::RngExt as _;
use rand::SeedableRng as _;
use rand_xoshiro::Xoshiro256PlusPlus;

use super::font_trial::play_every_preset;
use super::testing::{file_of, tiny_font, tiny_sf3};

/// What docs/reliability.md counts; `make test` tries a tenth.
const ALL: usize = 5000;
const FONTS_OF_A_WORKER: &str = "HARMONIUM_WORKER_FONTS";

#[test]
fn damaged_fonts_are_refused_or_play_to_the_end() {
    let is_full = std::env::var_os("HARMONIUM_RELIABILITY").is_some_and(|how| how == "full");
    let n_fonts = if is_full { ALL } else { ALL / 10 };
    let worker = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "audio::mutation_tests::worker", "--ignored", "--nocapture"])
        .env(FONTS_OF_A_WORKER, n_fonts.to_string())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&worker.stdout);
    let words = String::from_utf8_lossy(&worker.stderr);
    assert!(worker.status.success(), "{}: {said}\n{words}", worker.status);
    let summary = said.lines().find(|line| line.contains("reliability: ")).unwrap();
    println!("{}", &summary[summary.find("reliability: ").unwrap()..]);
}

#[test]
#[ignore = "the part of damaged_fonts_are_refused_or_play_to_the_end that may crash"]
fn worker() {
    let n_fonts: usize = std::env::var(FONTS_OF_A_WORKER).unwrap().parse().unwrap();
    let seeds = [tiny_font(), tiny_sf3()];
    let mut random = Xoshiro256PlusPlus::seed_from_u64(5000);
    for (seed, suffix) in seeds.iter().zip([".sf2", ".sf3"]) {
        let whole = file_of(seed, suffix);
        assert_eq!(play_every_preset(whole.path()).unwrap(), 2, "{suffix}");
    }
    let mut n_played = 0;
    for number in 0..n_fonts {
        let file = file_of(&damaged(&seeds[number % 2], &mut random), ".sf2");
        match play_every_preset(file.path()) {
            Ok(_) => n_played += 1,
            Err(error) => assert!(!error.to_string().is_empty(), "font {number}"),
        }
    }
    assert!(n_played > n_fonts / 20 && n_played < n_fonts, "{n_played}: too few of one kind");
    println!(
        "reliability: damaged SoundFonts: {n_fonts} tried, 0 failed (SF2 and SF3; {n_played} played)"
    );
}

/// Like a bad disk or a broken download: bytes changed, above all in the tables at the end, pieces
/// cut off.
fn damaged(font: &[u8], random: &mut Xoshiro256PlusPlus) -> Vec<u8> {
    let mut bytes = font.to_vec();
    let tables = bytes.windows(4).position(|window| window == b"pdta").unwrap();
    for _ in 0..random.random_range(1..=4) {
        let is_in_tables = random.random_bool(0.8);
        let place = random.random_range(if is_in_tables { tables } else { 0 }..bytes.len());
        bytes[place] = match random.random_range(0..3) {
            0 => random.random(),
            1 => bytes[place] ^ (1 << random.random_range(0..8)),
            _ => *[0, 1, 0x7f, 0x80, 0xff].get(random.random_range(0..5)).unwrap(),
        };
    }
    if random.random_bool(0.05) {
        bytes.truncate(random.random_range(0..bytes.len()));
    }
    bytes
}
