//! A SoundFont that has passed the check, and where to find one.

use std::fs::File;
use std::io::{self, BufReader, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use super::error::AudioError;
use super::hydra::FontContents;
use super::soundfont_check::{CheckError, check_soundfont};

pub use super::hydra::FontPreset;

/// The bank in which General MIDI keeps its drum kits.
const DRUM_BANK: u16 = 128;

/// A SoundFont whose structure was checked. Only such a font reaches the synthesiser.
#[derive(Clone, Debug)]
pub struct SoundFont {
    path: PathBuf,
    contents: FontContents,
}

impl SoundFont {
    /// Reads and checks a file (SF2 or SF3). Takes milliseconds for most fonts, and up to some
    /// tenths of a second for a large compressed one.
    pub fn open(path: &Path) -> Result<Self, AudioError> {
        let unreadable = |source| AudioError::FontUnreadable { path: path.to_owned(), source };
        let file = File::open(path).map_err(unreadable)?;
        if !file.metadata().map_err(unreadable)?.is_file() {
            return Err(unreadable(io::Error::other("it is not a file")));
        }
        match check_soundfont(&mut BufReader::new(file)) {
            Ok(contents) => Ok(Self { path: path.to_owned(), contents }),
            Err(CheckError::Io(source)) => Err(unreadable(source)),
            Err(CheckError::Defect(defect)) => {
                Err(AudioError::FontRefused { path: path.to_owned(), defect })
            }
        }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The name that the font gives itself.
    pub fn name(&self) -> &str {
        &self.contents.name
    }

    /// The instruments and drum kits, in the order of the file.
    pub fn presets(&self) -> &[FontPreset] {
        &self.contents.presets
    }

    /// Whether the font has this General MIDI programme itself.
    pub fn has_program(&self, program: u8) -> bool {
        self.find(0, u16::from(program)).is_some()
    }

    pub fn has_drums(&self) -> bool {
        self.presets().iter().any(|p| p.bank == DRUM_BANK)
    }

    /// The preset that plays a General MIDI programme: itself, else one of its family of eight,
    /// else the font's first.
    pub(super) fn melodic_preset(&self, program: u8) -> Option<&FontPreset> {
        let program = u16::from(program);
        let family = program / 8 * 8;
        self.find(0, program)
            .or_else(|| (family..family + 8).find_map(|p| self.find(0, p)))
            .or_else(|| self.find(0, 0))
            .or_else(|| self.presets().iter().find(|p| p.bank != DRUM_BANK))
    }

    pub(super) fn drum_preset(&self, program: u8) -> Option<&FontPreset> {
        self.find(DRUM_BANK, u16::from(program))
            .or_else(|| self.find(DRUM_BANK, 0))
            .or_else(|| self.presets().iter().find(|p| p.bank == DRUM_BANK))
    }

    /// Runs `load` with a path that the synthesiser can open, to a file that names everything in
    /// ASCII: the font itself, or a passing copy.
    ///
    /// FluidLite keeps its last message in one global buffer, names from the font and paths
    /// included, and its binding panics when a message is not UTF-8: at the next failure in any
    /// thread, the audio callback among them.
    pub(super) fn with_plain_file<T>(&self, load: impl FnOnce(&Path) -> T) -> io::Result<T> {
        let has_plain_path = self.path.to_str().is_some_and(str::is_ascii);
        if has_plain_path && self.contents.odd_names.is_empty() {
            return Ok(load(&self.path));
        }
        let mut copy = tempfile::Builder::new().suffix(".sf").tempfile()?;
        io::copy(&mut File::open(&self.path)?, &mut copy)?;
        for (place, name) in &self.contents.odd_names {
            copy.seek(SeekFrom::Start(*place))?;
            copy.write_all(&name.map(plain_byte))?;
        }
        copy.flush()?;
        Ok(load(copy.path()))
    }

    fn find(&self, bank: u16, program: u16) -> Option<&FontPreset> {
        self.presets().iter().find(|p| p.bank == bank && p.program == program)
    }
}

/// Different letters should stay different, because the synthesiser finds samples by name.
fn plain_byte(byte: u8) -> u8 {
    match byte & 0x7f {
        plain if byte.is_ascii() => plain,
        control @ 0..0x20 => control + 0x40,
        letter => letter,
    }
}

/// Opens the first of the candidates that exists. A candidate that is there but damaged is an
/// error: silently taking another one would hide it.
pub fn find_soundfont(candidates: &[PathBuf]) -> Result<SoundFont, AudioError> {
    match candidates.iter().find(|path| path.is_file()) {
        Some(path) => SoundFont::open(path),
        None => Err(AudioError::NoFont {
            looked_for: candidates
                .iter()
                .map(|path| path.display().to_string())
                .collect::<Vec<_>>()
                .join(", "),
        }),
    }
}
