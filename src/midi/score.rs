//! From the event stream to a score: notes paired, tracks told apart by channel and programme.

use super::{DRUM_CHANNEL, Event, EventKind, EventTrack, MidiFile};
use crate::music::{
    GENERAL_MIDI_NAMES, Key, Metre, MetreChange, Note, Score, TempoChange, TempoMap, Track,
};

const N_CHANNELS: usize = 16;
const N_PITCHES: usize = 128;
const N_PROGRAMS: usize = 128;
const NO_PART: u32 = u32::MAX;

impl MidiFile {
    /// The notes of the file.
    ///
    /// Notes are paired within a track by channel and pitch. A note struck again while it sounds
    /// ends there, as every synthesiser plays it; a note-off without a note is ignored; a note that
    /// is never ended lasts to the track's end; a note of no length lasts a tick.
    /// A track that plays on several channels or with several programmes becomes several tracks.
    /// Tracks without notes are left out.
    pub fn to_score(&self) -> Score {
        let ticks_per_beat = self.ticks_per_beat.max(1);
        let mut tempi = Vec::new();
        let mut metres = Vec::new();
        let mut programs = Vec::new();
        for track in &self.tracks {
            for event in &track.events {
                collect_setting(event, &mut tempi, &mut metres, &mut programs);
            }
        }
        let (key, volumes) = self.key_and_volumes();
        programs.sort_by_key(|p: &ProgramChange| p.tick);
        let mut pairing = Pairing::new();
        let mut tracks = Vec::with_capacity(self.tracks.len());
        for track in &self.tracks {
            pairing.read_track(track, &programs);
            pairing.take_tracks(&track.name, &volumes, &mut tracks);
        }
        Score {
            ticks_per_beat,
            tempo: TempoMap::new(ticks_per_beat, tempi),
            metres: sorted_metres(metres),
            key,
            length_ticks: self.end_tick().max(last_end(&tracks)),
            tracks,
        }
    }

    /// The key that the file names first, and the first volume of each channel.
    fn key_and_volumes(&self) -> (Option<Key>, ChannelVolumes) {
        let mut key: Option<(u64, Key)> = None;
        let mut volumes: [Option<(u64, u8)>; N_CHANNELS] = [None; N_CHANNELS];
        for Event { tick, kind } in self.tracks.iter().flat_map(|track| &track.events) {
            match *kind {
                EventKind::Key(named) if key.is_none_or(|(first, _)| *tick < first) => {
                    key = Some((*tick, named));
                }
                EventKind::Volume { channel, volume } => {
                    let known = &mut volumes[usize::from(channel) % N_CHANNELS];
                    if known.is_none_or(|(first, _)| *tick < first) {
                        *known = Some((*tick, volume));
                    }
                }
                _ => {}
            }
        }
        (key.map(|(_, key)| key), volumes.map(|known| known.map(|(_, volume)| volume)))
    }
}

type ChannelVolumes = [Option<u8>; N_CHANNELS];

/// A programme chosen on a channel, in whichever track it stands.
struct ProgramChange {
    tick: u64,
    channel: u8,
    program: u8,
}

fn collect_setting(
    event: &Event,
    tempi: &mut Vec<TempoChange>,
    metres: &mut Vec<MetreChange>,
    programs: &mut Vec<ProgramChange>,
) {
    let tick = event.tick;
    match event.kind {
        EventKind::Tempo { micros_per_beat } => {
            tempi.push(TempoChange { tick, beats_per_minute: 60e6 / f64::from(micros_per_beat) });
        }
        EventKind::TimeSignature { numerator, denominator } if numerator > 0 => {
            metres.push(MetreChange { tick, metre: Metre { numerator, denominator } });
        }
        EventKind::Program { channel, program } => {
            programs.push(ProgramChange { tick, channel, program });
        }
        _ => {}
    }
}

/// Sorted by tick; of several changes at one tick the last one holds.
fn sorted_metres(mut metres: Vec<MetreChange>) -> Vec<MetreChange> {
    metres.sort_by_key(|m| m.tick);
    metres.reverse();
    metres.dedup_by_key(|m| m.tick);
    metres.reverse();
    metres
}

/// A note that sounds, and where it will stand.
#[derive(Clone, Copy)]
struct OpenNote {
    part: u32,
    index: u32,
}

/// The notes of a track on one channel with one programme.
struct Part {
    channel: u8,
    program: u8,
    notes: Vec<Note>,
}

/// Pairs the events of one track after the other.
struct Pairing {
    /// By channel and pitch.
    open: Vec<Option<OpenNote>>,
    /// Where a note was ended by being struck again: a note-off at that very tick is its own.
    restruck_at: Vec<u64>,
    /// Where a note was struck in the track: far fewer places than there are.
    struck: Vec<u16>,
    /// The place in `parts` by channel and programme, or [`NO_PART`].
    part_of: Vec<u32>,
    parts: Vec<Part>,
}

impl Pairing {
    fn new() -> Self {
        Self {
            open: vec![None; N_CHANNELS * N_PITCHES],
            restruck_at: vec![u64::MAX; N_CHANNELS * N_PITCHES],
            struck: Vec::new(),
            part_of: vec![NO_PART; N_CHANNELS * N_PROGRAMS],
            parts: Vec::new(),
        }
    }

    fn read_track(&mut self, track: &EventTrack, elsewhere: &[ProgramChange]) {
        let mut programs = Programs::new(elsewhere);
        for event in &track.events {
            let tick = event.tick;
            match event.kind {
                EventKind::NoteOn { channel, pitch, velocity } => {
                    let program = programs.at(channel, tick);
                    let note = Note { start_tick: tick, length_ticks: 0, pitch, velocity };
                    self.start(channel, program, note);
                }
                EventKind::NoteOff { channel, pitch } => self.end(channel, pitch, tick),
                EventKind::Program { channel, program } => programs.choose(channel, program),
                _ => {}
            }
        }
        while let Some(slot) = self.struck.pop() {
            self.close(usize::from(slot), track.end_tick);
            self.restruck_at[usize::from(slot)] = u64::MAX;
        }
    }

    fn start(&mut self, channel: u8, program: u8, note: Note) {
        let slot = slot(channel, note.pitch);
        self.struck.push(slot as u16);
        if self.open[slot].is_some() {
            self.close(slot, note.start_tick);
            self.restruck_at[slot] = note.start_tick;
        }
        let part = &mut self.part_of[slot_of_program(channel, program)];
        if *part == NO_PART {
            *part = self.parts.len() as u32;
            self.parts.push(Part { channel, program, notes: Vec::new() });
        }
        let part = *part;
        let notes = &mut self.parts[part as usize].notes;
        self.open[slot] = Some(OpenNote { part, index: notes.len() as u32 });
        notes.push(note);
    }

    fn end(&mut self, channel: u8, pitch: u8, tick: u64) {
        let slot = slot(channel, pitch);
        if self.restruck_at[slot] == tick {
            self.restruck_at[slot] = u64::MAX;
        } else {
            self.close(slot, tick);
        }
    }

    fn close(&mut self, slot: usize, tick: u64) {
        if let Some(open) = self.open[slot].take() {
            let note = &mut self.parts[open.part as usize].notes[open.index as usize];
            note.length_ticks = tick.saturating_sub(note.start_tick);
        }
    }

    fn take_tracks(&mut self, name: &str, volumes: &ChannelVolumes, tracks: &mut Vec<Track>) {
        self.parts.sort_by_key(|p| (p.channel, p.program));
        let is_split = self.parts.len() > 1;
        for part in self.parts.drain(..) {
            self.part_of[slot_of_program(part.channel, part.program)] = NO_PART;
            let name = if is_split {
                part_name(name, part.program, part.channel)
            } else {
                name.to_owned()
            };
            tracks.push(Track {
                name,
                program: part.program,
                volume: volumes[usize::from(part.channel) % N_CHANNELS],
                is_drums: part.channel == DRUM_CHANNEL,
                notes: finished(part.notes),
            });
        }
    }
}

fn slot(channel: u8, pitch: u8) -> usize {
    usize::from(channel % 16) * N_PITCHES + usize::from(pitch % 128)
}

fn slot_of_program(channel: u8, program: u8) -> usize {
    usize::from(channel % 16) * N_PROGRAMS + usize::from(program % 128)
}

/// The name of a part of a track that was split.
fn part_name(name: &str, program: u8, channel: u8) -> String {
    let instrument = if channel == DRUM_CHANNEL {
        "Drums"
    } else {
        GENERAL_MIDI_NAMES[usize::from(program % 128)]
    };
    if name.is_empty() { instrument.to_owned() } else { format!("{name}: {instrument}") }
}

/// Sorted, of notes struck twice at one tick the longer one, none without length.
fn finished(mut notes: Vec<Note>) -> Vec<Note> {
    let by_place = |n: &Note| (n.start_tick, n.pitch, std::cmp::Reverse(n.length_ticks));
    notes.sort_by_key(by_place);
    notes.dedup_by_key(|n| (n.start_tick, n.pitch));
    for note in &mut notes {
        note.length_ticks = note.length_ticks.max(1);
    }
    notes
}

/// Which programme sounds. A programme chosen in the track itself goes before one chosen for its
/// channel in another track.
struct Programs<'a> {
    own: [Option<u8>; N_CHANNELS],
    elsewhere: &'a [ProgramChange],
    so_far: [u8; N_CHANNELS],
}

impl<'a> Programs<'a> {
    fn new(elsewhere: &'a [ProgramChange]) -> Self {
        Self { own: [None; N_CHANNELS], elsewhere, so_far: [0; N_CHANNELS] }
    }

    fn choose(&mut self, channel: u8, program: u8) {
        self.own[usize::from(channel % 16)] = Some(program);
    }

    /// The programme of a channel at a tick; ticks must not fall from call to call.
    fn at(&mut self, channel: u8, tick: u64) -> u8 {
        while let Some(change) = self.elsewhere.first()
            && change.tick <= tick
        {
            self.so_far[usize::from(change.channel % 16)] = change.program;
            self.elsewhere = &self.elsewhere[1..];
        }
        let channel = usize::from(channel % 16);
        self.own[channel].unwrap_or(self.so_far[channel])
    }
}

/// A note of no length at the very end lasts a tick longer than the file says.
fn last_end(tracks: &[Track]) -> u64 {
    tracks.iter().flat_map(|track| &track.notes).map(Note::end_tick).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(tick: u64, channel: u8, pitch: u8) -> Event {
        let velocity = 80;
        let kind = EventKind::NoteOn { channel, pitch, velocity };
        Event { tick, kind }
    }

    fn off(tick: u64, channel: u8, pitch: u8) -> Event {
        let kind = EventKind::NoteOff { channel, pitch };
        Event { tick, kind }
    }

    fn program(tick: u64, channel: u8, program: u8) -> Event {
        let kind = EventKind::Program { channel, program };
        Event { tick, kind }
    }

    fn score(tracks: &[&[Event]], end_tick: u64) -> Score {
        let track = |events: &&[Event]| EventTrack {
            name: "Song".to_owned(),
            events: events.to_vec(),
            end_tick,
        };
        let file = MidiFile {
            format: 1,
            ticks_per_beat: 96,
            tracks: tracks.iter().map(track).collect(),
            warnings: Vec::new(),
        };
        file.to_score()
    }

    /// Start, length and pitch of every note of a single track.
    #[track_caller]
    fn check_notes(events: &[Event], expected: &[(u64, u64, u8)]) {
        let score = score(&[events], 100);
        let notes = score.tracks.iter().flat_map(|t| &t.notes);
        let notes: Vec<_> = notes.map(|n| (n.start_tick, n.length_ticks, n.pitch)).collect();
        assert_eq!(notes, expected);
    }

    #[test]
    fn notes_are_paired_as_synthesisers_play_them() {
        check_notes(&[on(0, 0, 60), off(10, 0, 60)], &[(0, 10, 60)]);
        // Struck again while it sounds.
        let restruck = [on(0, 0, 60), on(10, 0, 60), off(20, 0, 60), off(30, 0, 60)];
        check_notes(&restruck, &[(0, 10, 60), (10, 10, 60)]);
        // Struck again at the tick of its note-off, whichever stands first.
        let off_first = [on(0, 0, 60), off(10, 0, 60), on(10, 0, 60), off(20, 0, 60)];
        check_notes(&off_first, &[(0, 10, 60), (10, 10, 60)]);
        let on_first = [on(0, 0, 60), on(10, 0, 60), off(10, 0, 60), off(20, 0, 60)];
        check_notes(&on_first, &[(0, 10, 60), (10, 10, 60)]);
        // A note-off without a note; a note without a note-off; a note of no length.
        check_notes(&[off(5, 0, 60), on(10, 0, 60)], &[(10, 90, 60)]);
        check_notes(&[on(10, 0, 60), off(10, 0, 60)], &[(10, 1, 60)]);
        // Struck twice at once.
        let twice = [on(0, 0, 60), on(0, 0, 60), off(9, 0, 60), off(9, 0, 60)];
        check_notes(&twice, &[(0, 9, 60)]);
        // Channels do not end each other's notes.
        let channels = [on(0, 0, 60), on(0, 1, 60), off(5, 1, 60), off(9, 0, 60)];
        check_notes(&channels, &[(0, 9, 60), (0, 5, 60)]);
    }

    #[test]
    fn a_track_is_split_by_channel_and_programme() {
        let events =
            [program(0, 0, 5), on(0, 0, 60), on(0, 9, 36), program(10, 0, 40), on(10, 0, 62)];
        let score = score(&[&events], 20);
        let tracks: Vec<_> = score
            .tracks
            .iter()
            .map(|t| (t.name.as_str(), t.program, t.is_drums, t.notes.len()))
            .collect();
        assert_eq!(
            tracks,
            [
                ("Song: Electric piano 2", 5, false, 1),
                ("Song: Violin", 40, false, 1),
                ("Song: Drums", 0, true, 1),
            ]
        );
    }

    #[test]
    fn a_programme_may_stand_in_another_track() {
        let settings = [program(0, 2, 19), program(50, 2, 73)];
        let notes = [on(0, 2, 60), off(10, 2, 60), on(55, 2, 60)];
        let own = [program(60, 2, 7), on(70, 2, 60)];
        let score = score(&[&settings, &notes, &own], 100);
        let programs: Vec<u8> = score.tracks.iter().map(|t| t.program).collect();
        assert_eq!(programs, [19, 73, 7]);
    }
}
