//! SoundFonts.
#![no_main]
#![allow(dead_code, unreachable_pub, unused_imports, reason = "the library uses more of them")]

#[path = "../../src/music/mod.rs"]
mod music;
#[path = "../reading/soundfont.rs"]
mod reading;

#[path = "../../src/audio"]
mod audio {
    pub mod error;
    pub mod font_trial;
    mod hydra;
    mod ogg;
    mod soundfont;
    mod soundfont_check;
    mod synth;

    pub use font_trial::play_every_preset;
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| reading::read(bytes));
