//! From a score to the bytes of a MIDI file that any program plays.

use midly::num::{u4, u7, u15, u24, u28};
use midly::{Format, Header, MetaMessage, MidiMessage, Smf, Timing, TrackEvent, TrackEventKind};

use super::DRUM_CHANNEL;
use crate::music::{Metre, Mode, Score, Track};

const MAX_TICKS_PER_BEAT: u32 = 0x7FFF;
/// The longest pause between two events; a longer one needs events in between.
const MAX_DELTA: u64 = 0x0FFF_FFFF;
/// No piece is longer; it keeps the number of such events small.
const MAX_TICK: u64 = 1 << 40;
const CHANNEL_VOLUME: u8 = 7;
const MAX_TRACKS: usize = 0xFFFF - 1;
const TONAL_CHANNELS: [u8; 15] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15];

/// A file of format 1: a track with tempo, metre and key, then the tracks of the score, each with its
/// name, programme and volume. Every note is ended, and all tracks end together at the end of the piece.
pub fn write(score: &Score) -> Vec<u8> {
    let clock = Clock::new(score);
    let mut tracks = vec![conductor(score, &clock)];
    let channels = channels(&score.tracks);
    for (track, channel) in score.tracks.iter().zip(channels).take(MAX_TRACKS) {
        tracks.push(notes(track, channel, &clock));
    }
    let timing = Timing::Metrical(u15::new(clock.ticks_per_beat as u16));
    let file = Smf { header: Header::new(Format::Parallel, timing), tracks };
    let mut bytes = Vec::new();
    file.write_std(&mut bytes)
        .expect("memory takes every byte, and tracks and names are short enough");
    bytes
}

/// The file's tick grid; finer grids than MIDI knows become coarser.
struct Clock {
    ticks_per_beat: u32,
    score_ticks_per_beat: u32,
    end_tick: u64,
}

impl Clock {
    fn new(score: &Score) -> Self {
        let score_ticks_per_beat = score.ticks_per_beat.max(1);
        let mut clock = Self {
            ticks_per_beat: score_ticks_per_beat.min(MAX_TICKS_PER_BEAT),
            score_ticks_per_beat,
            end_tick: 0,
        };
        clock.end_tick = clock.tick(score.length_ticks);
        clock
    }

    fn tick(&self, tick: u64) -> u64 {
        let scaled = u128::from(tick) * u128::from(self.ticks_per_beat)
            / u128::from(self.score_ticks_per_beat);
        u64::try_from(scaled).unwrap_or(MAX_TICK).min(MAX_TICK)
    }
}

/// An event, its tick, and its place among the events of that tick.
type Timed<'a> = (u64, u8, TrackEventKind<'a>);

fn conductor<'a>(score: &Score, clock: &Clock) -> Vec<TrackEvent<'a>> {
    let mut events: Vec<Timed<'a>> = Vec::new();
    for change in &score.metres {
        let event = TrackEventKind::Meta(time_signature(change.metre));
        events.push((clock.tick(change.tick), 0, event));
    }
    if let Some(key) = score.key {
        let meta = MetaMessage::KeySignature(key.fifths(), key.mode == Mode::Minor);
        events.push((0, 0, TrackEventKind::Meta(meta)));
    }
    for change in score.tempo.changes() {
        let micros = (60e6 / change.beats_per_minute).round();
        let micros = micros.clamp(1.0, f64::from(u24::max_value().as_int())) as u32;
        let event = TrackEventKind::Meta(MetaMessage::Tempo(u24::new(micros)));
        events.push((clock.tick(change.tick), 1, event));
    }
    in_order(events, clock.end_tick)
}

fn time_signature<'a>(metre: Metre) -> MetaMessage<'a> {
    // The nearest note value that MIDI can name, and a click every quarter as is usual.
    let exponent = metre.denominator.max(1).ilog2() as u8;
    MetaMessage::TimeSignature(metre.numerator.max(1), exponent, 24, 8)
}

fn notes<'a>(track: &'a Track, channel: u8, clock: &Clock) -> Vec<TrackEvent<'a>> {
    let mut events: Vec<Timed<'a>> = Vec::with_capacity(track.notes.len() * 2 + 3);
    if !track.name.is_empty() {
        let name = MetaMessage::TrackName(track.name.as_bytes());
        events.push((0, 0, TrackEventKind::Meta(name)));
    }
    let program = u7::new(track.program.min(127));
    let program = midi(channel, MidiMessage::ProgramChange { program });
    events.push((0, 0, program));
    if let Some(volume) = track.volume {
        let value = u7::new(volume.min(127));
        let volume = MidiMessage::Controller { controller: u7::new(CHANNEL_VOLUME), value };
        events.push((0, 0, midi(channel, volume)));
    }
    for note in &track.notes {
        let key = u7::new(note.pitch.min(127));
        let start = clock.tick(note.start_tick);
        let end = clock.tick(note.end_tick()).max(start + 1);
        let vel = u7::new(note.velocity.clamp(1, 127));
        events.push((start, 2, midi(channel, MidiMessage::NoteOn { key, vel })));
        let vel = u7::new(64);
        events.push((end, 1, midi(channel, MidiMessage::NoteOff { key, vel })));
    }
    in_order(events, clock.end_tick)
}

fn midi<'a>(channel: u8, message: MidiMessage) -> TrackEventKind<'a> {
    TrackEventKind::Midi { channel: u4::new(channel), message }
}

/// Sorts the events, turns ticks into pauses and sets the end mark.
fn in_order(mut events: Vec<Timed<'_>>, end_tick: u64) -> Vec<TrackEvent<'_>> {
    events.sort_by_key(|(tick, rank, _)| (*tick, *rank));
    let end_tick = events.last().map_or(end_tick, |last| end_tick.max(last.0));
    let end = TrackEventKind::Meta(MetaMessage::EndOfTrack);
    events.push((end_tick, u8::MAX, end));
    let mut track = Vec::with_capacity(events.len());
    let mut now = 0;
    for (tick, _, kind) in events {
        while tick - now > MAX_DELTA {
            track.push(TrackEvent {
                delta: u28::new(MAX_DELTA as u32),
                kind: TrackEventKind::Meta(MetaMessage::Text(b"")),
            });
            now += MAX_DELTA;
        }
        let delta = u28::new((tick - now) as u32);
        track.push(TrackEvent { delta, kind });
        now = tick;
    }
    track
}

/// A channel for each track. Up to fifteen tonal tracks have one each; beyond that, tracks share
/// a channel with one of the same programme, or else take turns.
fn channels(tracks: &[Track]) -> Vec<u8> {
    let mut programs: Vec<u8> = Vec::new();
    let mut n_sharing = 0;
    let mut channel_of = |track: &Track| {
        if track.is_drums {
            return DRUM_CHANNEL;
        }
        if programs.len() < TONAL_CHANNELS.len() {
            programs.push(track.program);
            return TONAL_CHANNELS[programs.len() - 1];
        }
        let same = programs.iter().position(|p| *p == track.program);
        let place = same.unwrap_or_else(|| {
            n_sharing += 1;
            (n_sharing - 1) % TONAL_CHANNELS.len()
        });
        TONAL_CHANNELS[place]
    };
    tracks.iter().map(&mut channel_of).collect()
}
