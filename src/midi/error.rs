//! Why a file cannot be read as MIDI at all.

/// A file of which nothing could be read. What a damaged file lost is no error but a warning.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MidiError {
    #[error("the file is empty; copy it again from its source")]
    Empty,
    #[error("this is not a MIDI file (it has no MThd header); export it as Standard MIDI again")]
    NotMidi,
    #[error("its header is cut off; copy the file again from its source")]
    TruncatedHeader,
    #[error(
        "it has {megabytes} MB, more than the {limit} MB that a MIDI file may have here; \
         split it, or export it without embedded data"
    )]
    TooLarge { megabytes: u64, limit: u64 },
    #[error("it names no length for a beat (a division of 0); export it again")]
    NoDivision,
    #[error("its time code ({frames} frames a second) is unknown; export it with beats and bars")]
    UnknownTimeCode { frames: u8 },
}
