//! The Ogg pages of a compressed SoundFont sample, checked by their own checksums.
//!
//! The synthesiser's Vorbis decoder trusts its input. Every Ogg page carries a CRC-32, so damage
//! by a bad disk or a broken download is found here, before the decoder sees it. A file that was
//! forged on purpose can carry right checksums; against those a SoundFont must be tried out in a
//! process of its own.

const CAPTURE_PATTERN: &[u8] = b"OggS";
const HEADER_SIZE: usize = 27;
const FIRST_PAGE: u8 = 0x02;
const LAST_PAGE: u8 = 0x04;

/// How many frames a mono Ogg Vorbis stream says it holds, if all of its pages are whole.
pub(super) fn checked_frame_count(stream: &[u8]) -> Result<u64, &'static str> {
    let mut rest = stream;
    let mut frames = 0;
    let mut is_first = true;
    loop {
        let page = Page::parse(rest).ok_or("its compressed data is cut off or no Ogg stream")?;
        if page.checksum() != page.stated_checksum() {
            return Err("its compressed data is damaged (a checksum does not fit)");
        }
        if is_first != (page.flags() & FIRST_PAGE != 0) {
            return Err("its compressed data does not start as an Ogg stream does");
        }
        if is_first && !is_mono_vorbis(page.body()) {
            return Err("its compressed data is not mono Vorbis");
        }
        is_first = false;
        if let Some(position) = page.frame_position() {
            frames = position;
        }
        rest = &rest[page.bytes.len()..];
        if page.flags() & LAST_PAGE != 0 {
            return Ok(frames);
        }
    }
}

fn is_mono_vorbis(packet: &[u8]) -> bool {
    packet.len() >= 30 && packet.starts_with(b"\x01vorbis\0\0\0\0") && packet[11] == 1
}

struct Page<'a> {
    bytes: &'a [u8],
    body_start: usize,
}

impl<'a> Page<'a> {
    fn parse(stream: &'a [u8]) -> Option<Self> {
        if !stream.starts_with(CAPTURE_PATTERN) || *stream.get(4)? != 0 {
            return None;
        }
        let segment_count = usize::from(*stream.get(HEADER_SIZE - 1)?);
        let body_start = HEADER_SIZE + segment_count;
        let segments = stream.get(HEADER_SIZE..body_start)?;
        let body_size: usize = segments.iter().map(|s| usize::from(*s)).sum();
        Some(Self { bytes: stream.get(..body_start + body_size)?, body_start })
    }

    fn flags(&self) -> u8 {
        self.bytes[5]
    }

    fn body(&self) -> &[u8] {
        &self.bytes[self.body_start..]
    }

    /// Frames decoded by the end of this page; `None` where no packet ends on it.
    fn frame_position(&self) -> Option<u64> {
        let mut position = [0; 8];
        position.copy_from_slice(&self.bytes[6..14]);
        u64::try_from(i64::from_le_bytes(position)).ok()
    }

    fn stated_checksum(&self) -> u32 {
        let mut checksum = [0; 4];
        checksum.copy_from_slice(&self.bytes[22..26]);
        u32::from_le_bytes(checksum)
    }

    /// The CRC over the page with its own field taken as zero.
    fn checksum(&self) -> u32 {
        let crc = crc(0, &self.bytes[..22]);
        crc_of_page_end(crc, &self.bytes[26..])
    }
}

fn crc_of_page_end(crc_so_far: u32, bytes: &[u8]) -> u32 {
    crc(crc(crc_so_far, &[0; 4]), bytes)
}

/// CRC-32 with polynomial 0x04C11DB7, most significant bit first, as Ogg uses it.
fn crc(start: u32, bytes: &[u8]) -> u32 {
    bytes
        .iter()
        .fold(start, |crc, byte| (crc << 8) ^ CRC_TABLE[((crc >> 24) as u8 ^ byte) as usize])
}

const CRC_TABLE: [u32; 256] = crc_table();

const fn crc_table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut index = 0;
    while index < 256 {
        let mut crc = (index as u32) << 24;
        let mut bit = 0;
        while bit < 8 {
            crc = (crc << 1) ^ if crc & 0x8000_0000 == 0 { 0 } else { 0x04C1_1DB7 };
            bit += 1;
        }
        table[index] = crc;
        index += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One page that is both first and last, with a Vorbis identification header.
    fn page() -> Vec<u8> {
        let mut body = b"\x01vorbis\0\0\0\0\x01\x44\xac\0\0".to_vec();
        body.resize(30, 0);
        let mut page = CAPTURE_PATTERN.to_vec();
        page.extend([0, FIRST_PAGE | LAST_PAGE]);
        page.extend(1234_i64.to_le_bytes());
        page.extend([0; 12]);
        page.extend([1, body.len() as u8]);
        page.extend(body);
        let checksum = crc(0, &page);
        page[22..26].copy_from_slice(&checksum.to_le_bytes());
        page
    }

    #[test]
    fn a_whole_page_tells_its_frames() {
        assert_eq!(checked_frame_count(&page()), Ok(1234));
    }

    #[test]
    fn every_changed_byte_and_every_cut_is_noticed() {
        let good = page();
        for place in 0..good.len() {
            let mut damaged = good.clone();
            damaged[place] ^= 0x10;
            assert!(checked_frame_count(&damaged).is_err(), "byte {place}");
            assert!(checked_frame_count(&good[..place]).is_err(), "cut {place}");
        }
    }
}
