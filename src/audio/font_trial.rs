//! Playing all of a SoundFont, as the program `harmonium-font-probe` does it.

use std::path::Path;

use super::error::AudioError;
use super::soundfont::SoundFont;
use super::synth::FluidSynth;

const SAMPLE_RATE: u32 = 44_100;
const KEYS: [u8; 5] = [24, 48, 60, 76, 100];
const FRAMES_A_PRESET: usize = 2048;

/// Loads a font and plays every instrument and kit of it. On a damaged font this may crash the
/// process: it is for one of its own. Gives the number of presets.
pub fn play_every_preset(path: &Path) -> Result<usize, AudioError> {
    let font = SoundFont::open(path)?;
    let mut synth = FluidSynth::new(&font, SAMPLE_RATE)?;
    let mut sound = vec![0.0; FRAMES_A_PRESET * 2];
    for preset in font.presets() {
        synth.try_preset(preset, &KEYS, &mut sound);
        if sound.iter().any(|sample| !sample.is_finite()) {
            return Err(AudioError::FontNotLoaded {
                path: path.to_owned(),
                reason: format!("its preset \"{}\" sounds beyond all bounds", preset.name),
            });
        }
    }
    Ok(font.presets().len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::testing::{shipped_font, tiny_font_file};

    #[test]
    fn good_fonts_play_all_their_presets() {
        let (_file, path) = tiny_font_file();
        assert_eq!(play_every_preset(&path).unwrap(), 2);
        let Some(font) = shipped_font() else { return };
        assert_eq!(play_every_preset(font.path()).unwrap(), font.presets().len());
    }
}
