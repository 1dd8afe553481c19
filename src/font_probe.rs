//! Plays every instrument of a SoundFont, as a process of its own: the synthesiser's C code may crash
//! on a damaged font, and then only this ends.
//!
//! It takes the few modules that sound by their path, because whatever links the library also loads
//! libtorch.

// The library tests them.
#![cfg(not(test))]
#![expect(
    dead_code,
    unreachable_pub,
    unused_imports,
    reason = "the library uses more of these modules than a trial does"
)]

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

mod music;

mod audio {
    pub mod error;
    pub mod font_trial;
    mod hydra;
    mod ogg;
    mod soundfont;
    mod soundfont_check;
    mod synth;
}

fn main() -> ExitCode {
    let words = match std::env::args_os().nth(1).map(PathBuf::from) {
        None => "name a SoundFont; Harmonium uses this program to try one".to_owned(),
        Some(font) => match audio::font_trial::play_every_preset(&font) {
            Ok(_n_presets) => return ExitCode::SUCCESS,
            Err(error) => error.to_string(),
        },
    };
    // Who closed standard error does not want to know.
    drop(writeln!(std::io::stderr(), "harmonium: {words}"));
    ExitCode::FAILURE
}
