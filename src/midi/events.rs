//! Our own event stream: what is kept of a MIDI file.

use crate::music::Key;

/// A MIDI file, reduced to the events that this program uses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MidiFile {
    /// 0, 1 or 2, as the file says. The patterns of format 2 are laid one after the other.
    pub format: u16,
    /// Ticks of a beat, at least 1. A file that counts in time code has beats of half a second.
    pub ticks_per_beat: u32,
    pub tracks: Vec<EventTrack>,
    /// What was damaged and what became of it, in words for the import report.
    pub warnings: Vec<String>,
}

/// One track of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventTrack {
    pub name: String,
    /// In file order; ticks never fall.
    pub events: Vec<Event>,
    /// The tick of the track's last event of any kind, its end mark included.
    pub end_tick: u64,
}

/// Something that happens at a tick, counted from the start of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    pub tick: u64,
    pub kind: EventKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// The velocity is 1 to 127; with 0 the file means a note-off, and here it is one.
    NoteOn {
        channel: u8,
        pitch: u8,
        velocity: u8,
    },
    NoteOff {
        channel: u8,
        pitch: u8,
    },
    Program {
        channel: u8,
        program: u8,
    },
    /// At least 1.
    Tempo {
        micros_per_beat: u32,
    },
    /// As it stands in the file, with the power of two worked out; at most 128.
    TimeSignature {
        numerator: u8,
        denominator: u8,
    },
    Key(Key),
    /// Controller 7.
    Volume {
        channel: u8,
        volume: u8,
    },
}

impl MidiFile {
    /// Where the file ends: the latest end of any track.
    pub fn end_tick(&self) -> u64 {
        self.tracks.iter().map(|t| t.end_tick).max().unwrap_or(0)
    }

    /// The events of all tracks by tick; at equal ticks in track order, then in file order.
    pub fn merged_events(&self) -> Vec<Event> {
        let mut events = Vec::with_capacity(self.tracks.iter().map(|t| t.events.len()).sum());
        for track in &self.tracks {
            events.extend_from_slice(&track.events);
        }
        // The sort is stable and finds the tracks as runs that are sorted already.
        events.sort_by_key(|e| e.tick);
        events
    }
}
