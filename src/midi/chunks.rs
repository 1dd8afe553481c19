//! The outer shape of a MIDI file: its header and where its tracks begin and end.
//!
//! midly trusts every chunk length. Files with junk before the header, with wrong lengths or with a
//! division that no clock can follow are common enough to be dealt with before it sees them.

use super::MidiError;

/// What the header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub format: u16,
    pub n_tracks: u16,
    pub clock: Clock,
}

/// How ticks of the file become ticks of a beat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Clock {
    pub ticks_per_beat: u32,
    /// What a tick of the file is multiplied with.
    pub tick_factor: u64,
    /// The tempo of a file in time code, whose own tempo events mean nothing.
    pub fixed_micros_per_beat: Option<u32>,
}

/// The header and the bytes after it.
pub(super) fn header(bytes: &[u8]) -> Result<(Header, &[u8]), MidiError> {
    if bytes.is_empty() {
        return Err(MidiError::Empty);
    }
    // MacBinary and RIFF (.rmi) put bytes before the header.
    let start = find(bytes, b"MThd").ok_or(MidiError::NotMidi)?;
    let bytes = &bytes[start..];
    let fields: [u8; 10] =
        bytes.get(4..14).and_then(|b| b.try_into().ok()).ok_or(MidiError::TruncatedHeader)?;
    let declared = u32::from_be_bytes([fields[0], fields[1], fields[2], fields[3]]) as usize;
    let header = Header {
        format: u16::from_be_bytes([fields[4], fields[5]]),
        n_tracks: u16::from_be_bytes([fields[6], fields[7]]),
        clock: Clock::new([fields[8], fields[9]])?,
    };
    // A header may grow in later standards, but a length that jumps over the first track is wrong.
    let after = 8_usize.saturating_add(declared.max(6));
    let after = match bytes.get(14..after) {
        Some(skipped) if find(skipped, b"MTrk").is_none() => after,
        _ => 14,
    };
    Ok((header, &bytes[after..]))
}

impl Clock {
    fn new(division: [u8; 2]) -> Result<Self, MidiError> {
        let [high, low] = division;
        if high & 0x80 == 0 {
            return match u16::from_be_bytes(division) {
                0 => Err(MidiError::NoDivision),
                ticks => Ok(Self {
                    ticks_per_beat: u32::from(ticks),
                    tick_factor: 1,
                    fixed_micros_per_beat: None,
                }),
            };
        }
        let frames = high.wrapping_neg();
        if !matches!(frames, 24 | 25 | 29 | 30) {
            return Err(MidiError::UnknownTimeCode { frames });
        }
        if low == 0 {
            return Err(MidiError::NoDivision);
        }
        // 29 means 30 frames in 1.001 seconds.
        let is_drop_frame = frames == 29;
        let frames = if is_drop_frame { 30 } else { frames };
        let ticks_per_second = u32::from(frames) * u32::from(low);
        let (ticks_per_beat, tick_factor) = if ticks_per_second % 2 == 0 {
            (ticks_per_second / 2, 1)
        } else {
            (ticks_per_second, 2)
        };
        Ok(Self {
            ticks_per_beat,
            tick_factor,
            fixed_micros_per_beat: Some(if is_drop_frame { 500_500 } else { 500_000 }),
        })
    }
}

/// A chunk that is a track: its bytes as far as its length says, and everything that follows them.
pub(super) struct TrackChunk<'a> {
    /// The track's bytes and all bytes after them.
    pub to_end_of_file: &'a [u8],
    /// The length that the chunk declares, cut at the end of the file.
    pub declared: usize,
}

/// The next track, chunks of other kinds skipped.
pub(super) fn next_track(mut bytes: &[u8]) -> Option<TrackChunk<'_>> {
    loop {
        let (head, rest) = bytes.split_at_checked(8)?;
        let declared = u32::from_be_bytes([head[4], head[5], head[6], head[7]]) as usize;
        let declared = declared.min(rest.len());
        if head.starts_with(b"MTrk") {
            return Some(TrackChunk { to_end_of_file: rest, declared });
        }
        bytes = &rest[declared..];
    }
}

/// Whether a chunk can begin here: nothing is left, or a name of four letters follows.
pub(super) fn is_chunk_start(bytes: &[u8]) -> bool {
    bytes.is_empty()
        || bytes.len() >= 8 && bytes[..4].iter().all(|b| b.is_ascii_graphic() || *b == b' ')
}

/// Where `name` stands first.
pub(super) fn find(bytes: &[u8], name: &[u8]) -> Option<usize> {
    if bytes.starts_with(name) {
        return Some(0);
    }
    bytes.windows(name.len()).position(|window| window == name)
}
