//! From the bytes of a MIDI file to our event stream.

use super::chunks::{self, Header, TrackChunk};
use super::track::{TrackReading, read_track};
use super::{Event, EventKind, EventTrack, MidiError, MidiFile};

/// Larger files are refused: no music needs them, and every byte could become an event.
pub const MAX_FILE_BYTES: u64 = 16 << 20;

const MAX_TRACKS: usize = u16::MAX as usize;
/// Of more damaged tracks only the count is told.
const MAX_WARNINGS: usize = 20;

/// Reads a MIDI file as far as it can be read.
///
/// Junk before the header is skipped, wrong chunk lengths are corrected where the next track can be
/// seen, damaged events are stepped over; whatever got lost is named in the warnings.
pub fn read(bytes: &[u8]) -> Result<MidiFile, MidiError> {
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(MidiError::TooLarge {
            megabytes: bytes.len() as u64 >> 20,
            limit: MAX_FILE_BYTES >> 20,
        });
    }
    let (header, mut rest) = chunks::header(bytes)?;
    let mut file = MidiFile {
        format: header.format,
        ticks_per_beat: header.clock.ticks_per_beat,
        tracks: Vec::with_capacity(usize::from(header.n_tracks.min(64))),
        warnings: Vec::new(),
    };
    let mut n_damaged = 0;
    // Wrong lengths make some bytes be read twice; a file made to have all of them read again and
    // again must not hang the import.
    let mut bytes_allowed = 4 * bytes.len();
    while let Some(chunk) = chunks::next_track(rest) {
        let number = file.tracks.len() + 1;
        if number > MAX_TRACKS || chunk.declared > bytes_allowed {
            let n_read = file.tracks.len();
            file.warnings
                .push(format!("Only the first {n_read} tracks were read, the rest was left out"));
            break;
        }
        bytes_allowed -= chunk.declared;
        let (reading, after) = read_chunk(&chunk);
        if let Some(warning) = damage(&reading, number) {
            n_damaged += 1;
            if n_damaged <= MAX_WARNINGS {
                file.warnings.push(warning);
            }
        }
        file.tracks.push(reading.track);
        rest = after;
    }
    if n_damaged > MAX_WARNINGS {
        let more = n_damaged - MAX_WARNINGS;
        file.warnings.push(format!("{more} more tracks are damaged"));
    }
    finish(&mut file, &header);
    Ok(file)
}

/// Reads a track and finds where the next chunk begins, by the end mark where the length is wrong.
fn read_chunk<'a>(chunk: &TrackChunk<'a>) -> (TrackReading<'a>, &'a [u8]) {
    let (bytes, after) = chunk.to_end_of_file.split_at(chunk.declared);
    let reading = read_track(bytes);
    if reading.has_end_mark {
        let is_too_long = reading.rest.starts_with(b"MTrk");
        if is_too_long {
            let read = chunk.declared - reading.rest.len();
            return (reading, &chunk.to_end_of_file[read..]);
        }
        return (reading, after);
    }
    // Without an end mark the length is wrong when no chunk follows, or when another track begins
    // within it.
    let inside = chunks::find(bytes, b"MTrk");
    if inside.is_none() && chunks::is_chunk_start(after) {
        return (reading, after);
    }
    let from = inside.unwrap_or(chunk.declared);
    let next = chunks::find(&chunk.to_end_of_file[from..], b"MTrk")
        .map_or(chunk.to_end_of_file.len(), |at| from + at);
    let (bytes, after) = chunk.to_end_of_file.split_at(next);
    (read_track(bytes), after)
}

/// What is wrong with a track, in words.
fn damage(reading: &TrackReading<'_>, number: usize) -> Option<String> {
    let kept = reading.n_events;
    match (reading.has_end_mark, reading.n_skipped) {
        (true, 0) => None,
        (true, skipped) => Some(format!(
            "Track {number} is damaged: {skipped} broken events were stepped over, {kept} kept"
        )),
        (false, _) => Some(format!(
            "Track {number} is damaged: it breaks off before its end, {kept} events were kept"
        )),
    }
}

/// Lays patterns one after the other, and gives time code its beats.
fn finish(file: &mut MidiFile, header: &Header) {
    let clock = header.clock;
    if clock.tick_factor > 1 {
        for track in &mut file.tracks {
            for event in &mut track.events {
                event.tick *= clock.tick_factor;
            }
            track.end_tick *= clock.tick_factor;
        }
    }
    if let Some(micros_per_beat) = clock.fixed_micros_per_beat {
        for track in &mut file.tracks {
            let is_tempo = |e: &Event| matches!(e.kind, EventKind::Tempo { .. });
            track.events.retain(|e| !is_tempo(e));
        }
        let kind = EventKind::Tempo { micros_per_beat };
        let tempo = Event { tick: 0, kind };
        if let Some(first) = file.tracks.first_mut() {
            first.events.insert(0, tempo);
        }
        file.warnings.push(
            "It counts in seconds, not in beats: a beat was taken to last half a second".to_owned(),
        );
    }
    if header.format == 2 && file.tracks.len() > 1 {
        lay_in_sequence(&mut file.tracks);
        file.warnings.push(format!(
            "Its {} patterns (format 2) were laid one after the other",
            file.tracks.len()
        ));
    }
}

fn lay_in_sequence(tracks: &mut [EventTrack]) {
    let mut start = 0;
    for track in tracks {
        for event in &mut track.events {
            event.tick += start;
        }
        track.end_tick += start;
        start = track.end_tick;
    }
}
