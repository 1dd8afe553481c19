//! The window's settings, damaged by chance: read, mended or put aside, and the window is drawn.

use std::fs;
use std::sync::Arc;

use rand::RngExt as _;
use rand::SeedableRng as _;
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::ui::command::Command;

use super::App;
use super::preferences::Preferences;
use super::tests::Desk;

/// What docs/reliability.md counts; `make test` tries a tenth.
const ALL: usize = 20_000;
/// A window is drawn with so many of them.
const ONE_DRAWN_IN: usize = 200;

#[test]
fn a_damaged_settings_file_is_mended_or_put_aside_and_the_window_is_drawn() {
    let is_full = std::env::var_os("HARMONIUM_RELIABILITY").is_some_and(|how| how == "full");
    let n_files = if is_full { ALL } else { ALL / 10 };
    let mut desk = Desk::new();
    desk.does(Command::SetVolume(0.25));
    desk.app.store_preferences();
    let config = desk.app.places.config_dir.clone();
    let whole = fs::read(config.join("window.toml")).unwrap();
    let mut random = Xoshiro256PlusPlus::seed_from_u64(20_000);
    let mut n_read = 0;
    for number in 0..n_files {
        fs::remove_dir_all(&config).unwrap();
        fs::create_dir(&config).unwrap();
        fs::write(config.join("window.toml"), damaged(&whole, &mut random)).unwrap();
        drop(Preferences::load(&config));
        let is_put_aside = config.join("window.toml.damaged-1").exists();
        assert_ne!(is_put_aside, config.join("window.toml").exists(), "file {number}");
        n_read += usize::from(!is_put_aside);
        if number % ONE_DRAWN_IN == 0 {
            desk.app = App::new(desk.app.places.clone(), Arc::new(|| {})).unwrap();
            desk.frame();
            desk.frame();
        }
    }
    assert!(n_read > n_files / 20 && n_read < n_files, "{n_read}: too few of one kind");
    println!(
        "reliability: damaged settings: {n_files} tried, 0 failed ({n_read} read, the others put \
         aside; {} windows drawn)",
        n_files / ONE_DRAWN_IN
    );
}

/// Letters, signs and figures changed, lines doubled, lost and cut off.
fn damaged(whole: &[u8], random: &mut Xoshiro256PlusPlus) -> Vec<u8> {
    const SIGNS: [&[u8]; 10] =
        [b"nan", b"-1", b"inf", b"1e99", b"\"", b"[", b"\xff", b"true", b"0", b"99999999999"];
    let mut bytes = whole.to_vec();
    for _ in 0..random.random_range(1..=3) {
        let at = random.random_range(0..bytes.len());
        match random.random_range(0..6) {
            0 => bytes[at] = random.random(),
            1 => {
                let digits: Vec<usize> =
                    (0..bytes.len()).filter(|place| bytes[*place].is_ascii_digit()).collect();
                let digit = digits[random.random_range(0..digits.len())];
                bytes[digit] = b'0' + random.random_range(0..10);
            }
            2 => {
                // A value takes another.
                let from = bytes[at..].iter().position(|b| *b == b'=').map_or(at, |n| at + n + 1);
                let end = bytes[from..].iter().position(|b| *b == b'\n').map_or(from, |n| from + n);
                bytes.splice(from..end, SIGNS[random.random_range(0..10)].iter().copied());
            }
            3 | 4 => {
                let end = bytes[at..].iter().position(|b| *b == b'\n').map_or(at, |n| at + n + 1);
                let line = bytes[at..end].to_vec();
                let to = random.random_range(0..bytes.len());
                bytes.splice(to..to, line);
            }
            _ if random.random_bool(0.1) => bytes.truncate(at.max(1)),
            _ => drop(bytes.remove(at)),
        }
        if !bytes.iter().any(u8::is_ascii_digit) {
            bytes.push(b'0');
        }
    }
    bytes
}
