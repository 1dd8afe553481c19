//! The strict structural check that every SoundFont passes before the synthesiser opens it.
//!
//! FluidLite trusts its input: a wrong index, a sample that ends outside the data or a second
//! global zone makes it read or write out of bounds, and some of its complaints go to standard
//! output. So this check reads a file exactly as FluidLite's loader does (chunks in fixed order,
//! no padding) and refuses whatever the loader would stumble over. The rules with a less obvious
//! reason:
//!
//! - A sample shorter than four frames makes the loader leave *all later samples* unprepared.
//! - Loop points need no rule: the loader moves those that lie outside the sample, once the
//!   sample itself lies inside the data.
//! - One bit of a sample's kind is the loader's own mark for memory that it must free.
//! - A note collects the modulators of the global and the local zone in a list of 64.
//! - The lowest byte of a modulator's destination indexes the generators without a test.

use std::io::{self, Read, Seek, SeekFrom};

use super::hydra::{self, FontContents};
use super::ogg;

/// What is wrong with a SoundFont.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FontDefect {
    #[error("it is not a SoundFont (SF2 or SF3)")]
    NotASoundFont,
    #[error(
        "it is cut off or has extra bytes: its header promises {stated} bytes, it has {actual}"
    )]
    FileSize { stated: u64, actual: u64 },
    #[error("it is larger than 2 GiB")]
    TooLarge,
    #[error("it has format version {0}, and only versions 2 and 3 can be read")]
    Version(u16),
    #[error("its part {expected:?} is missing or in the wrong place")]
    MissingChunk { expected: &'static str },
    #[error("its part {chunk:?} has an impossible size")]
    ChunkSize { chunk: String },
    #[error("entry {record} of its table {table:?} points to the wrong place")]
    Index { table: &'static str, record: usize },
    #[error("{owner:?} {problem}")]
    Zone { owner: String, problem: &'static str },
    #[error("its sample {name:?} cannot be played: {problem}")]
    Sample { name: String, problem: &'static str },
    #[error("it has no {0}")]
    Empty(&'static str),
    #[error("it holds 24-bit samples, which the synthesiser cannot read")]
    TwentyFourBit,
}

#[derive(Debug, thiserror::Error)]
pub(super) enum CheckError {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error(transparent)]
    Defect(#[from] FontDefect),
}

/// Where the sample data lies in the file.
#[derive(Clone, Copy)]
struct SampleData {
    start: u64,
    size: u64,
}

/// Reads the structure of a SoundFont and refuses whatever could harm the synthesiser.
pub(super) fn check_soundfont(font: &mut (impl Read + Seek)) -> Result<FontContents, CheckError> {
    let length = font.seek(SeekFrom::End(0))?;
    font.rewind()?;
    check_header(font, length)?;
    let info = enter_list(font, length, "INFO")?;
    let name = check_info(font, info)?;
    let sample_list = enter_list(font, length, "sdta")?;
    let sample_data = check_sample_list(font, sample_list)?;
    let tables = enter_list(font, length, "pdta")?;
    let file_place = font.stream_position()?;
    let mut bytes = vec![0; tables as usize];
    font.read_exact(&mut bytes)?;
    let contents = hydra::check_tables(&bytes, file_place, name)?;
    for sample in &contents.samples {
        check_sample(font, sample, sample_data)?;
    }
    Ok(contents)
}

fn check_header(font: &mut impl Read, length: u64) -> Result<(), CheckError> {
    if length > i32::MAX as u64 {
        return Err(FontDefect::TooLarge.into());
    }
    let mut header = [0; 12];
    if length < 12 {
        return Err(FontDefect::NotASoundFont.into());
    }
    font.read_exact(&mut header)?;
    if !header.starts_with(b"RIFF") || !header.ends_with(b"sfbk") {
        return Err(FontDefect::NotASoundFont.into());
    }
    let stated = u64::from(u32_at(&header, 4)) + 8;
    if stated != length {
        let actual = length;
        return Err(FontDefect::FileSize { stated, actual }.into());
    }
    Ok(())
}

struct Chunk {
    id: [u8; 4],
    size: u64,
}

/// Reads a chunk's header; its data must lie inside the `room` bytes that follow the header.
fn read_chunk(font: &mut impl Read) -> Result<Chunk, CheckError> {
    let mut header = [0; 8];
    font.read_exact(&mut header).map_err(cut_off)?;
    let mut id = [0; 4];
    id.copy_from_slice(&header[..4]);
    let size = u64::from(u32_at(&header, 4));
    Ok(Chunk { id, size })
}

fn cut_off(error: io::Error) -> CheckError {
    if error.kind() == io::ErrorKind::UnexpectedEof {
        FontDefect::MissingChunk { expected: "pdta" }.into()
    } else {
        error.into()
    }
}

/// Enters a LIST of the given kind and returns the size of what it holds.
fn enter_list(
    font: &mut (impl Read + Seek),
    length: u64,
    expected: &'static str,
) -> Result<u64, CheckError> {
    let list = read_chunk(font)?;
    let mut kind = [0; 4];
    font.read_exact(&mut kind).map_err(cut_off)?;
    if &list.id != b"LIST" || kind != expected.as_bytes() {
        return Err(FontDefect::MissingChunk { expected }.into());
    }
    let position = font.stream_position()?;
    let size = list.size.checked_sub(4);
    size.filter(|size| position + size <= length)
        .ok_or_else(|| chunk_size(expected.as_bytes()).into())
}

const INFO_CHUNKS: [&[u8; 4]; 11] = [
    b"ICMT", b"ICOP", b"ICRD", b"IENG", b"INAM", b"IPRD", b"ISFT", b"ifil", b"irom", b"isng",
    b"iver",
];

/// Checks the texts and the version; returns the font's own name.
fn check_info(font: &mut impl Read, mut room: u64) -> Result<String, CheckError> {
    let mut name = String::new();
    let mut version = None;
    while room > 0 {
        let chunk = read_chunk(font)?;
        if !INFO_CHUNKS.contains(&&chunk.id) {
            return Err(FontDefect::MissingChunk { expected: "INFO" }.into());
        }
        let allowed = match &chunk.id {
            b"ifil" | b"iver" => chunk.size == 4,
            b"ICMT" => chunk.size <= 65_536 && chunk.size.is_multiple_of(2),
            _ => chunk.size <= 256 && chunk.size.is_multiple_of(2),
        };
        room = room
            .checked_sub(8 + chunk.size)
            .filter(|_| allowed)
            .ok_or_else(|| chunk_size(&chunk.id))?;
        let mut text = vec![0; chunk.size as usize];
        font.read_exact(&mut text)?;
        match &chunk.id {
            b"ifil" => version = Some(u16::from_le_bytes([text[0], text[1]])),
            b"INAM" => name = hydra::text(&text),
            _ => {}
        }
    }
    match version {
        Some(2 | 3) => Ok(name),
        Some(other) => Err(FontDefect::Version(other).into()),
        None => Err(FontDefect::MissingChunk { expected: "ifil" }.into()),
    }
}

/// Checks that the sample list holds one block of 16-bit data and nothing else, and skips it.
fn check_sample_list(font: &mut (impl Read + Seek), size: u64) -> Result<SampleData, CheckError> {
    if size == 0 {
        return Err(FontDefect::Empty("samples").into());
    }
    let chunk = read_chunk(font)?;
    if &chunk.id != b"smpl" {
        return Err(FontDefect::MissingChunk { expected: "smpl" }.into());
    }
    let start = font.stream_position()?;
    let rest = size.checked_sub(8 + chunk.size).ok_or_else(|| chunk_size(b"smpl"))?;
    if rest > 0 {
        font.seek(SeekFrom::Start(start + chunk.size + chunk.size % 2))?;
        let is_sm24 = read_chunk(font).is_ok_and(|next| &next.id == b"sm24");
        let defect = if is_sm24 { FontDefect::TwentyFourBit } else { chunk_size(b"sdta") };
        return Err(defect.into());
    }
    let size = chunk.size;
    font.seek(SeekFrom::Start(start + size))?;
    Ok(SampleData { start, size })
}

const SHORTEST_SAMPLE: u64 = 4;
const RATES: std::ops::RangeInclusive<u32> = 400..=192_000;

fn check_sample(
    font: &mut (impl Read + Seek),
    sample: &hydra::SampleHeader,
    data: SampleData,
) -> Result<(), CheckError> {
    let defect = |problem| FontDefect::Sample { name: sample.name.clone(), problem };
    if sample.is_in_rom() {
        return Err(defect("it needs the memory chip of a sound card").into());
    }
    if !sample.has_known_kind() {
        return Err(defect("it is of an unknown kind").into());
    }
    if sample.end < sample.start + SHORTEST_SAMPLE {
        return Err(defect("it is empty or ends before it starts").into());
    }
    let unit = if sample.is_compressed() { 1 } else { 2 };
    if sample.end * unit > data.size {
        return Err(defect("it ends after the end of the sample data").into());
    }
    if !RATES.contains(&sample.rate) {
        return Err(defect("its sample rate is impossible").into());
    }
    if sample.is_compressed() {
        let mut stream = vec![0; (sample.end - sample.start) as usize];
        font.seek(SeekFrom::Start(data.start + sample.start))?;
        font.read_exact(&mut stream)?;
        let frames = ogg::checked_frame_count(&stream).map_err(defect)?;
        if frames < SHORTEST_SAMPLE {
            return Err(defect("its compressed data is empty").into());
        }
    }
    Ok(())
}

fn chunk_size(id: &[u8]) -> FontDefect {
    FontDefect::ChunkSize { chunk: String::from_utf8_lossy(id).into_owned() }
}

fn u32_at(bytes: &[u8], offset: usize) -> u32 {
    let mut value = [0; 4];
    value.copy_from_slice(&bytes[offset..offset + 4]);
    u32::from_le_bytes(value)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::audio::SoundFont;
    use crate::audio::testing::{file_of, font_at, shipped_font, tiny_font};

    fn check(bytes: &[u8]) -> Result<FontContents, CheckError> {
        check_soundfont(&mut Cursor::new(bytes))
    }

    #[track_caller]
    fn refused(bytes: &[u8]) -> String {
        check(bytes).unwrap_err().to_string()
    }

    /// The first place of a table's name, and so of its header.
    fn place_of(bytes: &[u8], id: &[u8]) -> usize {
        bytes.windows(4).position(|w| w == id).unwrap()
    }

    fn with(offset_in: &[u8], offset: usize, change: &[u8]) -> Vec<u8> {
        let mut bytes = tiny_font();
        let start = place_of(&bytes, offset_in) + 8 + offset;
        bytes[start..start + change.len()].copy_from_slice(change);
        bytes
    }

    #[test]
    fn a_whole_font_is_accepted_with_its_presets() {
        let contents = check(&tiny_font()).unwrap();
        assert_eq!(contents.name, "Tiny");
        let places: Vec<_> = contents.presets.iter().map(|p| (p.bank, p.program)).collect();
        assert_eq!(places, [(0, 0), (128, 0)]);
        assert!(contents.odd_names.is_empty());
    }

    #[test]
    fn real_fonts_are_accepted() {
        if let Some(font) = shipped_font() {
            assert!(font.has_program(0) && font.has_program(20) && font.has_drums());
        }
        for path in [
            "/usr/share/sounds/sf3/FluidR3Mono_GM.sf3",
            "/usr/share/sounds/sf3/MuseScore_General.sf3",
            "/usr/share/sounds/sf2/FluidR3_GM.sf2",
            "/usr/share/sounds/sf2/TimGM6mb.sf2",
        ] {
            if let Some(font) = font_at(path) {
                assert!(font.presets().len() > 100, "{path}");
            }
        }
    }

    #[test]
    fn every_kind_of_damage_has_its_words() {
        let cases: [(&str, Vec<u8>, &str); 16] = [
            ("text", b"no font at all, just words".to_vec(), "not a SoundFont"),
            ("empty", Vec::new(), "not a SoundFont"),
            ("cut", tiny_font()[..3000].to_vec(), "cut off"),
            ("version", with(b"ifil", 0, &[4, 0]), "version 4"),
            ("preset's first zone", with(b"phdr", 24, &[1]), "\"phdr\""),
            ("falling zones", with(b"pbag", 4, &[9]), "\"pbag\""),
            ("instrument", with(b"pgen", 6, &[7]), "names a sound that is not there"),
            ("sample", with(b"igen", 14, &[1]), "names a sound that is not there"),
            ("two global zones", with(b"pgen", 4, &[48]), "plays nothing"),
            ("generator", with(b"igen", 0, &[59]), "setting that does not exist"),
            ("range", with(b"igen", 6, &[9, 8]), "range of keys"),
            ("modulator", with(b"imod", 2, &[60]), "modulator"),
            ("sample end", with(b"shdr", 24, &[0, 0, 1]), "ends after"),
            ("short sample", with(b"shdr", 20, &[0xcd, 7]), "ends before"),
            ("sample kind", with(b"shdr", 44, &[0x21]), "unknown kind"),
            ("rate", with(b"shdr", 36, &[0, 0, 0, 9]), "rate"),
        ];
        for (name, bytes, words) in cases {
            let said = refused(&bytes);
            assert!(said.contains(words), "{name}: {said}");
        }
    }

    #[test]
    fn a_damaged_font_is_named_with_a_remedy() {
        let file = file_of(&tiny_font()[..2000], ".sf2");
        let error = SoundFont::open(file.path()).unwrap_err().to_string();
        let name = file.path().file_name().unwrap().to_str().unwrap();
        assert!(error.contains(name), "{error}");
        assert!(error.contains("choose another"), "{error}");
    }
}
