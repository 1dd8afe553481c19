//! A score prepared for playing: what is sent to the synthesiser, and at which frame.

use serde::{Deserialize, Serialize};

use super::synth::{CHANNEL_VOLUME, CHANNELS, DRUM_CHANNEL, Synth};
use super::timeline::Timeline;
use crate::music::{DEFAULT_CHANNEL_VOLUME, Effects, Note, Score, TempoMap, Track};

/// How a score is to sound.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SoundSettings {
    /// One General MIDI programme (0 to 127) for all melodic tracks instead of their own.
    pub program: Option<u8>,
    /// One constant tempo instead of the score's own.
    pub beats_per_minute: Option<f64>,
    /// 1 is the usual level.
    pub volume: f32,
    pub effects: Effects,
}

impl Default for SoundSettings {
    fn default() -> Self {
        Self { program: None, beats_per_minute: None, volume: 1.0, effects: Effects::default() }
    }
}

/// A note with its place in time and the channel that plays it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScheduledNote {
    pub start_tick: u64,
    pub end_tick: u64,
    pub channel: u8,
    pub key: u8,
    pub velocity: u8,
}

/// The schedule of a whole piece at one sample rate.
#[derive(Clone, Debug)]
pub struct Sequence {
    sample_rate: u32,
    timeline: Timeline,
    notes: Vec<ScheduledNote>,
    events: Vec<Event>,
    programs: [u8; CHANNELS as usize],
    volumes: [u8; CHANNELS as usize],
    end_frame: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Event {
    tick: u64,
    frame: u64,
    channel: u8,
    key: u8,
    /// 0 ends the note.
    velocity: u8,
}

/// Where playing has got to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Cursor {
    pub(super) frame: u64,
    next_event: usize,
}

impl Sequence {
    pub fn new(score: &Score, settings: &SoundSettings, sample_rate: u32) -> Self {
        let timeline = Timeline::new(score, settings.beats_per_minute);
        let (channels, programs) = assign_channels(&score.tracks, settings.program);
        let volumes = channel_volumes(&score.tracks, &channels);
        let mut notes: Vec<ScheduledNote> = score
            .tracks
            .iter()
            .zip(channels)
            .flat_map(|(track, channel)| track.notes.iter().map(move |n| scheduled(n, channel)))
            .filter(|note| note.key < 128)
            .collect();
        join_overlaps(&mut notes);
        let mut sequence = Self {
            sample_rate,
            end_frame: 0,
            events: Vec::new(),
            timeline,
            notes,
            programs,
            volumes,
        };
        sequence.events = sequence.schedule();
        sequence.end_frame = sequence.frame_at(sequence.timeline.length_ticks());
        sequence
    }

    /// Nothing, before a piece is loaded.
    pub(super) fn empty(sample_rate: u32) -> Self {
        let score = Score {
            ticks_per_beat: 1,
            tempo: TempoMap::constant(1, TempoMap::DEFAULT_BEATS_PER_MINUTE),
            metres: Vec::new(),
            key: None,
            tracks: Vec::new(),
            length_ticks: 0,
        };
        Self::new(&score, &SoundSettings::default(), sample_rate)
    }

    pub fn sample_rate(&self) -> u32 {
        self.sample_rate
    }

    pub fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// Every note that will be struck, sorted by start.
    pub fn notes(&self) -> &[ScheduledNote] {
        &self.notes
    }

    /// Where the music ends, trailing rest included; notes may still ring after it.
    pub fn end_frame(&self) -> u64 {
        self.end_frame
    }

    /// The frame at which a tick sounds.
    pub fn frame_at(&self, tick: u64) -> u64 {
        (self.timeline.seconds_at(tick) * f64::from(self.sample_rate)).round() as u64
    }

    pub(super) fn tick_at(&self, frame: u64) -> f64 {
        self.timeline.tick_at(frame as f64 / f64::from(self.sample_rate))
    }

    fn schedule(&self) -> Vec<Event> {
        let event = |tick, note: &ScheduledNote, velocity| Event {
            tick,
            frame: self.frame_at(tick),
            channel: note.channel,
            key: note.key,
            velocity,
        };
        let mut events: Vec<Event> = self
            .notes
            .iter()
            .flat_map(|n| [event(n.start_tick, n, n.velocity), event(n.end_tick, n, 0)])
            .collect();
        // By tick, not by frame: the order then stays the same at every tempo, and a note that
        // is struck again at once ends before it starts.
        events.sort_by_key(|e| (e.tick, e.velocity > 0, e.channel, e.key));
        events
    }
}

/// What a renderer does with a sequence.
impl Sequence {
    pub(super) fn cursor_at(&self, frame: u64) -> Cursor {
        Cursor { frame, next_event: self.events.partition_point(|e| e.frame < frame) }
    }

    /// The same place in the same score at another tempo. Events that were sent stay sent.
    pub(super) fn cursor_like(&self, other: &Self, cursor: Cursor) -> Cursor {
        let seconds = self.timeline.seconds_at_fraction(other.tick_at(cursor.frame));
        let frame = (seconds * f64::from(self.sample_rate)).round() as u64;
        if self.events.len() == other.events.len() {
            let next_event = cursor.next_event;
            Cursor { frame, next_event }
        } else {
            self.cursor_at(frame)
        }
    }

    /// Goes on with `other`, the same piece with other notes, at the cursor: what sounds in both
    /// sounds on, what is gone is let go, and what is new there is struck.
    pub(super) fn hand_over(&self, other: &Self, synth: &mut impl Synth, cursor: Cursor) {
        let lasting = |sequence: &Self| -> Vec<ScheduledNote> {
            let begun =
                sequence.notes.partition_point(|n| sequence.frame_at(n.start_tick) < cursor.frame);
            let lasts = |n: &&ScheduledNote| sequence.frame_at(n.end_tick) >= cursor.frame;
            sequence.notes[..begun].iter().filter(lasts).copied().collect()
        };
        let (before, after) = (lasting(self), lasting(other));
        let sounds_in = |notes: &[ScheduledNote], note: &ScheduledNote| {
            notes.iter().any(|n| (n.channel, n.key) == (note.channel, note.key))
        };
        for note in before.iter().filter(|note| !sounds_in(&after, note)) {
            synth.note_off(note.channel, note.key);
        }
        for note in after.iter().filter(|note| !sounds_in(&before, note)) {
            if note.channel != DRUM_CHANNEL {
                synth.note_on(note.channel, note.key, note.velocity);
            }
        }
    }

    /// Whether every channel has the same instrument and volume.
    pub(super) fn sounds_like(&self, other: &Self) -> bool {
        (self.programs, self.volumes) == (other.programs, other.volumes)
    }

    /// Instruments and volumes.
    pub(super) fn send_programs(&self, synth: &mut impl Synth) {
        for (channel, program) in (0..CHANNELS).zip(self.programs) {
            synth.program(channel, program);
        }
        for (channel, volume) in (0..CHANNELS).zip(self.volumes) {
            synth.control(channel, CHANNEL_VOLUME, volume);
        }
    }

    /// Strikes the notes that began before the cursor and still last. Drums are left out: a
    /// struck drum does not last.
    pub(super) fn strike_lasting(&self, synth: &mut impl Synth, cursor: Cursor) {
        let begun = self.notes.partition_point(|n| self.frame_at(n.start_tick) < cursor.frame);
        for note in &self.notes[..begun] {
            let lasts = self.frame_at(note.end_tick) > cursor.frame;
            if lasts && note.channel != DRUM_CHANNEL {
                synth.note_on(note.channel, note.key, note.velocity);
            }
        }
    }

    /// Renders the next frames, with every event at its own frame.
    pub(super) fn render(&self, synth: &mut impl Synth, cursor: &mut Cursor, out: &mut [f32]) {
        let mut rest = out;
        loop {
            self.send_due(synth, cursor);
            if rest.is_empty() {
                return;
            }
            let until_event =
                self.events.get(cursor.next_event).map_or(u64::MAX, |e| e.frame - cursor.frame);
            let frames = until_event.min(rest.len() as u64 / 2);
            let (now, later) = rest.split_at_mut(frames as usize * 2);
            synth.render(now);
            cursor.frame += frames;
            rest = later;
            if rest.is_empty() {
                return;
            }
        }
    }

    /// Sends what stands at the cursor or, after a change of tempo, a little before it.
    fn send_due(&self, synth: &mut impl Synth, cursor: &mut Cursor) {
        while let Some(event) = self.events.get(cursor.next_event) {
            if event.frame > cursor.frame {
                return;
            }
            if event.velocity > 0 {
                synth.note_on(event.channel, event.key, event.velocity);
            } else {
                synth.note_off(event.channel, event.key);
            }
            cursor.next_event += 1;
        }
    }
}

fn scheduled(note: &Note, channel: u8) -> ScheduledNote {
    ScheduledNote {
        start_tick: note.start_tick,
        end_tick: note.end_tick().max(note.start_tick.saturating_add(1)),
        channel,
        key: note.pitch,
        velocity: note.velocity.clamp(1, 127),
    }
}

/// Drums on their own channel, every other track on one of the fifteen that are left. Where
/// there are more tracks than channels, tracks of one programme share, then any.
fn assign_channels(tracks: &[Track], program: Option<u8>) -> (Vec<u8>, [u8; CHANNELS as usize]) {
    let melodic: Vec<u8> = (0..CHANNELS).filter(|c| *c != DRUM_CHANNEL).collect();
    // A preview plays on a channel that no track uses: with the instrument of the first.
    let first = tracks.iter().find(|track| !track.is_drums).map(|track| track.program);
    let usual = program.or(first).unwrap_or(0).min(127);
    let mut programs = [usual; CHANNELS as usize];
    programs[usize::from(DRUM_CHANNEL)] = 0;
    let mut used = 0;
    let mut channels = Vec::with_capacity(tracks.len());
    for track in tracks {
        if track.is_drums {
            programs[usize::from(DRUM_CHANNEL)] = track.program.min(127);
            channels.push(DRUM_CHANNEL);
            continue;
        }
        let wanted = program.unwrap_or(track.program).min(127);
        if let Some(free) = melodic.get(used) {
            used += 1;
            programs[usize::from(*free)] = wanted;
            channels.push(*free);
            continue;
        }
        let alike = melodic.iter().find(|c| programs[usize::from(**c)] == wanted);
        channels.push(*alike.unwrap_or(&melodic[channels.len() % melodic.len()]));
    }
    (channels, programs)
}

/// The volume of each channel; of tracks that share one, the first that names it.
fn channel_volumes(tracks: &[Track], channels: &[u8]) -> [u8; CHANNELS as usize] {
    let mut volumes = [None; CHANNELS as usize];
    for (track, channel) in tracks.iter().zip(channels) {
        let volume = &mut volumes[usize::from(*channel)];
        *volume = volume.or(track.volume);
    }
    volumes.map(|volume| volume.unwrap_or(DEFAULT_CHANNEL_VOLUME).min(127))
}

/// A synthesiser cannot hold one key of one channel twice: where notes overlap, the later one
/// cuts the earlier and lasts until both would have ended. Sorts by start.
fn join_overlaps(notes: &mut Vec<ScheduledNote>) {
    notes.sort_by_key(|n| (n.channel, n.key, n.start_tick, n.velocity));
    let mut joined: Vec<ScheduledNote> = Vec::with_capacity(notes.len());
    for mut note in notes.drain(..) {
        let before = joined.last_mut().filter(|b| (b.channel, b.key) == (note.channel, note.key));
        if let Some(before) = before.filter(|b| b.end_tick > note.start_tick) {
            note.end_tick = note.end_tick.max(before.end_tick);
            before.end_tick = note.start_tick;
            if before.start_tick == note.start_tick {
                *before = note;
                continue;
            }
        }
        joined.push(note);
    }
    joined.sort_by_key(|n| (n.start_tick, n.channel, n.key));
    *notes = joined;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::testing::{RecordingSynth, score_of};

    fn drive(sequence: &Sequence, block: usize) -> Vec<(u64, u8, u8, u8)> {
        let mut synth = RecordingSynth::new(sequence.sample_rate());
        let mut cursor = sequence.cursor_at(0);
        let mut out = vec![0.0; block * 2];
        while cursor.frame <= sequence.end_frame() {
            sequence.render(&mut synth, &mut cursor, &mut out);
        }
        synth.notes()
    }

    #[test]
    fn every_event_comes_at_its_exact_frame_whatever_the_block() {
        let score = score_of(&[(0, 96, 60), (96, 48, 64), (101, 7, 67)]);
        let sequence = Sequence::new(&score, &SoundSettings::default(), 48_000);
        let frame = |tick: u64| (tick as f64 / 96.0 * 0.5 * 48_000.0).round() as u64;
        let expected = [
            (0, 0, 60, 100),
            (frame(96), 0, 60, 0),
            (frame(96), 0, 64, 100),
            (frame(101), 0, 67, 100),
            (frame(108), 0, 67, 0),
            (frame(144), 0, 64, 0),
        ];
        for block in [1, 7, 64, 1000] {
            assert_eq!(drive(&sequence, block), expected, "block of {block}");
        }
    }

    #[test]
    fn drums_have_their_channel_and_tracks_share_only_when_they_must() {
        let track = |program, is_drums| Track { program, is_drums, ..Track::default() };
        let mut tracks: Vec<Track> = (0..15).map(|p| track(p, false)).collect();
        tracks.insert(3, track(16, true));
        tracks.push(track(7, false));
        tracks.push(track(99, false));
        let (channels, programs) = assign_channels(&tracks, None);
        assert_eq!(channels[3], DRUM_CHANNEL);
        let melodic: Vec<u8> = channels[..16].iter().copied().filter(|c| *c != 9).collect();
        assert_eq!(melodic, [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15]);
        assert_eq!(programs[usize::from(channels[16])], 7, "joins its equal");
        assert_ne!(channels[17], DRUM_CHANNEL);
        assert_eq!(programs[9], 16);
    }

    #[test]
    fn an_instrument_for_all_leaves_the_drums_alone() {
        let mut score = score_of(&[(0, 96, 60)]);
        score.tracks.push(Track { is_drums: true, ..Track::default() });
        let settings = SoundSettings { program: Some(73), ..SoundSettings::default() };
        let sequence = Sequence::new(&score, &settings, 44_100);
        assert_eq!(sequence.programs[0], 73);
        assert_eq!(sequence.programs[9], 0);
    }

    #[test]
    fn overlapping_notes_of_one_key_do_not_cut_each_other_short() {
        let score =
            score_of(&[(0, 100, 60), (40, 20, 60), (200, 0, 61), (300, 5, 62), (300, 9, 62)]);
        let sequence = Sequence::new(&score, &SoundSettings::default(), 44_100);
        let spans: Vec<_> =
            sequence.notes().iter().map(|n| (n.start_tick, n.end_tick, n.key)).collect();
        assert_eq!(spans, [(0, 40, 60), (40, 100, 60), (200, 201, 61), (300, 309, 62)]);
    }

    #[test]
    fn a_change_of_tempo_keeps_the_place_in_the_music() {
        let score = score_of(&[(0, 96, 60), (96, 96, 64), (192, 96, 67)]);
        let slow = Sequence::new(&score, &SoundSettings::default(), 48_000);
        let settings = SoundSettings { beats_per_minute: Some(240.0), ..SoundSettings::default() };
        let fast = Sequence::new(&score, &settings, 48_000);
        let mut synth = RecordingSynth::new(48_000);
        let mut cursor = slow.cursor_at(0);
        slow.render(&mut synth, &mut cursor, &mut vec![0.0; 2 * 30_000]);
        let cursor = fast.cursor_like(&slow, cursor);
        assert_eq!(cursor.frame, 15_000);
        assert_eq!(cursor.next_event, 3);
    }
}
