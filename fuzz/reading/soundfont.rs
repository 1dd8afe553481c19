//! The strict check of SoundFonts; what passes it is played through, as the probe does.

use std::io::Write as _;

use super::audio::play_every_preset;

pub fn read(bytes: &[u8]) {
    let mut file = tempfile::Builder::new().suffix(".sf2").tempfile().expect("a temporary file");
    file.write_all(bytes).expect("room for it");
    if let Err(error) = play_every_preset(file.path()) {
        assert!(!error.to_string().is_empty());
    }
}
