//! The strict check of SoundFonts; what passes it is played through, as the probe does.
#![no_main]
#![allow(dead_code, unreachable_pub, unused_imports, reason = "the library uses more of them")]

use std::io::Write as _;

use libfuzzer_sys::fuzz_target;

#[path = "../../src/music/mod.rs"]
mod music;

#[path = "../../src/audio"]
mod audio {
    pub mod error;
    pub mod font_trial;
    mod hydra;
    mod ogg;
    mod soundfont;
    mod soundfont_check;
    mod synth;
}

fuzz_target!(|bytes: &[u8]| {
    let mut file = tempfile::Builder::new().suffix(".sf2").tempfile().expect("a temporary file");
    file.write_all(bytes).expect("room for it");
    if let Err(error) = audio::font_trial::play_every_preset(file.path()) {
        assert!(!error.to_string().is_empty());
    }
});
