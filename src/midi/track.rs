//! The events of one track, read on where midly stops.
//!
//! midly ends a track in silence at the first event that it does not accept. Running status after a
//! meta event or a system message, messages that belong to live MIDI, data bytes above 127 and meta
//! events that are too short all occur in files that other programs play; here each is stepped over.

use midly::{EventIter, MetaMessage, MidiMessage, TrackEventKind};

use super::{Event, EventKind, EventTrack};
use crate::music::{Key, Mode};

const CHANNEL_VOLUME: u8 = 7;

/// What was read of a track.
pub(super) struct TrackReading<'a> {
    pub track: EventTrack,
    /// All events that were understood, also those that are not kept.
    pub n_events: usize,
    /// Events that had to be stepped over.
    pub n_skipped: usize,
    pub has_end_mark: bool,
    /// What follows the end mark.
    pub rest: &'a [u8],
}

pub(super) fn read_track(bytes: &[u8]) -> TrackReading<'_> {
    let mut reading = TrackReading {
        track: EventTrack::default(),
        n_events: 0,
        n_skipped: 0,
        has_end_mark: false,
        rest: &[],
    };
    // Most events are notes of three to four bytes.
    reading.track.events.reserve(bytes.len() / 4);
    let mut events = EventIter::new(bytes);
    let mut channel_status = None;
    loop {
        let before = events.unread();
        if let Some(Ok(event)) = events.next() {
            channel_status = events.running_status().or(channel_status);
            reading.n_events += 1;
            reading.track.end_tick += u64::from(event.delta.as_int());
            reading.keep(event.kind);
            if reading.has_end_mark {
                reading.rest = events.unread();
                break;
            }
        } else if let Some(step) = step_over(before, channel_status) {
            reading.n_skipped += usize::from(step.n_bytes > 0);
            reading.track.end_tick += u64::from(step.ticks);
            channel_status = step.channel_status;
            events = EventIter::new(&before[step.n_bytes..]);
            *events.running_status_mut() = channel_status;
        } else {
            break;
        }
    }
    reading.track.events.shrink_to_fit();
    reading
}

impl TrackReading<'_> {
    fn keep(&mut self, kind: TrackEventKind<'_>) {
        let kind = match kind {
            TrackEventKind::Midi { channel, message } => message_kind(channel.as_int(), message),
            TrackEventKind::Meta(MetaMessage::Tempo(micros)) => match micros.as_int() {
                0 => None,
                micros_per_beat => Some(EventKind::Tempo { micros_per_beat }),
            },
            TrackEventKind::Meta(MetaMessage::TimeSignature(numerator, exponent, _, _)) => {
                (exponent <= 7)
                    .then(|| EventKind::TimeSignature { numerator, denominator: 1 << exponent })
            }
            TrackEventKind::Meta(MetaMessage::KeySignature(fifths, is_minor)) => {
                let mode = if is_minor { Mode::Minor } else { Mode::Major };
                Key::from_fifths(fifths, mode).map(EventKind::Key)
            }
            TrackEventKind::Meta(MetaMessage::TrackName(name)) => {
                if self.track.name.is_empty() {
                    self.track.name = clean_name(name);
                }
                None
            }
            TrackEventKind::Meta(MetaMessage::EndOfTrack) => {
                self.has_end_mark = true;
                None
            }
            _ => None,
        };
        if let Some(kind) = kind {
            let tick = self.track.end_tick;
            self.track.events.push(Event { tick, kind });
        }
    }
}

fn message_kind(channel: u8, message: MidiMessage) -> Option<EventKind> {
    match message {
        MidiMessage::NoteOn { key, vel } if vel > 0 => {
            Some(EventKind::NoteOn { channel, pitch: key.as_int(), velocity: vel.as_int() })
        }
        MidiMessage::NoteOn { key, .. } | MidiMessage::NoteOff { key, .. } => {
            Some(EventKind::NoteOff { channel, pitch: key.as_int() })
        }
        MidiMessage::Controller { controller, value } if controller == CHANNEL_VOLUME => {
            Some(EventKind::Volume { channel, volume: value.as_int() })
        }
        MidiMessage::ProgramChange { program } => {
            Some(EventKind::Program { channel, program: program.as_int() })
        }
        _ => None,
    }
}

/// How to go on at an event that midly refused.
struct Step {
    /// What to leave out; 0 when the event can be read with the status of the channel message
    /// before it.
    n_bytes: usize,
    ticks: u32,
    /// The status that holds after it.
    channel_status: Option<u8>,
}

fn step_over(bytes: &[u8], channel_status: Option<u8>) -> Option<Step> {
    let (ticks, delta_bytes) = read_delta(bytes)?;
    let message = &bytes[delta_bytes..];
    let mut status_after = channel_status;
    let n_bytes = match *message.first()? {
        // midly forgets the status at a meta event or a system message, other programs do not.
        first @ 0x00..=0x7F => {
            let status = channel_status?;
            let length = data_length(status);
            // If the data is sound, the status was missing; else the event itself is damaged.
            let data = message.get(..length)?;
            if first < 0x80 && data.iter().all(|b| *b < 0x80) {
                return Some(Step { n_bytes: 0, ticks: 0, channel_status });
            }
            length
        }
        status @ 0x80..=0xEF => {
            status_after = Some(status);
            1 + data_length(status)
        }
        0xF0 | 0xF7 => return None,
        0xF1 | 0xF3 => 2,
        0xF2 => 3,
        0xF4..=0xFE => 1,
        0xFF => {
            let (length, length_bytes) = read_delta(message.get(2..)?)?;
            2 + length_bytes + length as usize
        }
    };
    let n_bytes = delta_bytes + n_bytes;
    (n_bytes <= bytes.len()).then_some(Step { n_bytes, ticks, channel_status: status_after })
}

fn data_length(status: u8) -> usize {
    if matches!(status, 0xC0..=0xDF) { 1 } else { 2 }
}

/// A number of variable length and its bytes.
fn read_delta(bytes: &[u8]) -> Option<(u32, usize)> {
    let mut value = 0;
    for (index, byte) in bytes.iter().take(4).enumerate() {
        value = value << 7 | u32::from(byte & 0x7F);
        if byte & 0x80 == 0 {
            return Some((value, index + 1));
        }
    }
    None
}

/// Names are bytes of an unknown character set: UTF-8 where that fits, else Latin-1.
fn clean_name(bytes: &[u8]) -> String {
    const MAX_CHARS: usize = 200;
    let name = match std::str::from_utf8(bytes) {
        Ok(name) => name.to_owned(),
        Err(_) => bytes.iter().map(|&b| char::from(b)).collect(),
    };
    let printable = |c: char| if c.is_control() { ' ' } else { c };
    let name: String = name.chars().map(printable).take(MAX_CHARS).collect();
    name.trim().to_owned()
}
