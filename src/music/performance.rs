//! How a score is played: instruments by range, swing, accents, the small unevenness of a hand.
//!
//! Pure functions from a score to a score, so that what is heard, what is rendered and what stands
//! in the MIDI file are the same.

use std::collections::BTreeMap;

use rand_xoshiro::SplitMix64;
use rand_xoshiro::rand_core::{Rng as _, SeedableRng as _};
use serde::{Deserialize, Serialize};

use super::metrical::{BarGrid, Weight};
use super::{Note, Score, Track};

/// The rooms that a synthesiser adds to the sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effects {
    pub reverb: bool,
    pub chorus: bool,
}

impl Effects {
    pub const OFF: Self = Self { reverb: false, chorus: false };
}

impl Default for Effects {
    fn default() -> Self {
        Self { reverb: true, chorus: true }
    }
}

/// One of the three voices that a piece is divided into by range, from low to high.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Voice {
    Bass,
    Chords,
    Melody,
}

impl Voice {
    pub const ALL: [Self; 3] = [Self::Bass, Self::Chords, Self::Melody];

    pub fn name(self) -> &'static str {
        match self {
            Self::Bass => "Bass",
            Self::Chords => "Chords",
            Self::Melody => "Melody",
        }
    }
}

/// How a voice sounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct VoiceSound {
    /// General MIDI programme, 0 to 127.
    pub program: u8,
    /// MIDI channel volume, 0 to 127.
    pub volume: u8,
    pub is_muted: bool,
}

/// The channel volume that the MIDI standard begins with.
pub const DEFAULT_CHANNEL_VOLUME: u8 = 100;

impl Default for VoiceSound {
    fn default() -> Self {
        Self { program: 0, volume: DEFAULT_CHANNEL_VOLUME, is_muted: false }
    }
}

/// How a score is played. The default plays it as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Performance {
    /// Whether the tonal notes are divided into [`Voice`]s by range.
    pub is_divided: bool,
    /// The lowest MIDI pitch of the chords; what is below is bass.
    pub chords_from: u8,
    /// The lowest MIDI pitch of the melody.
    pub melody_from: u8,
    /// The voices in the order of [`Voice::ALL`], where the notes are divided.
    pub voices: [VoiceSound; 3],
    /// Share of a beat that its first half takes, in per cent: 50 is straight, 67 a triplet's swing.
    pub swing_percent: f64,
    /// How much louder what stands on the beat is than what does not, 0 to 1.
    pub accent: f64,
    /// Each note begins early or late by up to this.
    pub humanise_ms: f64,
    /// Each note is struck harder or softer by up to this much velocity.
    pub humanise_velocity: f64,
    /// What the unevenness is drawn from.
    pub humanise_seed: u64,
    pub effects: Effects,
}

impl Performance {
    pub const SWING_RANGE: std::ops::RangeInclusive<f64> = 50.0..=75.0;
    pub const MAX_HUMANISE_MS: f64 = 40.0;
    pub const MAX_HUMANISE_VELOCITY: f64 = 40.0;
}

impl Default for Performance {
    fn default() -> Self {
        // Fingered bass, electric piano, flute.
        let voice = |program| VoiceSound { program, ..VoiceSound::default() };
        Self {
            is_divided: false,
            chords_from: 52,
            melody_from: 72,
            voices: [voice(33), voice(4), voice(73)],
            swing_percent: 50.0,
            accent: 0.0,
            humanise_ms: 0.0,
            humanise_velocity: 0.0,
            humanise_seed: 1,
            effects: Effects::default(),
        }
    }
}

impl Performance {
    /// With every value where it may be: a file may bring any.
    #[must_use]
    pub fn mended(mut self) -> Self {
        let usual = Self::default();
        let within = |value: f64, low: f64, high: f64, usual: f64| {
            if value.is_finite() { value.clamp(low, high) } else { usual }
        };
        self.chords_from = self.chords_from.min(127);
        self.melody_from = self.melody_from.clamp(self.chords_from, 127);
        for voice in &mut self.voices {
            voice.program = voice.program.min(127);
            voice.volume = voice.volume.min(127);
        }
        let (low, high) = (*Self::SWING_RANGE.start(), *Self::SWING_RANGE.end());
        self.swing_percent = within(self.swing_percent, low, high, usual.swing_percent);
        self.accent = within(self.accent, 0.0, 1.0, 0.0);
        self.humanise_ms = within(self.humanise_ms, 0.0, Self::MAX_HUMANISE_MS, 0.0);
        self.humanise_velocity =
            within(self.humanise_velocity, 0.0, Self::MAX_HUMANISE_VELOCITY, 0.0);
        self
    }

    /// The voice that a MIDI pitch belongs to.
    pub fn voice_of(&self, pitch: u8) -> Voice {
        match pitch {
            p if p < self.chords_from => Voice::Bass,
            p if p < self.melody_from => Voice::Chords,
            _ => Voice::Melody,
        }
    }

    /// Whether it plays every note as it is written, with the instruments of the score.
    pub fn is_plain(&self) -> bool {
        !self.is_divided && self.swing_percent <= 50.0 && self.accent <= 0.0 && !self.is_uneven()
    }

    fn is_uneven(&self) -> bool {
        self.humanise_ms > 0.0 || self.humanise_velocity > 0.0
    }

    /// The score as it is played. Its tempo, metres and length stay; where it is divided, the three
    /// voices come first, empty ones too, and then the drums. A muted voice has no notes.
    #[must_use]
    pub fn perform(&self, score: &Score) -> Score {
        if self.is_plain() {
            return score.clone();
        }
        let settings = self.mended();
        let mut played = score.clone();
        let bars = BarGrid::new(score);
        for (number, track) in played.tracks.iter_mut().enumerate() {
            for note in &mut track.notes {
                settings.play(note, number, score, &bars);
            }
        }
        if settings.is_divided {
            played.tracks = settings.divided(played.tracks);
        }
        for track in &mut played.tracks {
            track.notes.sort_unstable();
            part_overlaps(&mut track.notes);
        }
        played
    }

    fn play(&self, note: &mut Note, track: usize, score: &Score, bars: &BarGrid) {
        let place = bars.place(note.start_tick);
        let mut velocity = f64::from(note.velocity) + self.accent * accent_of(place.weight);
        let (mut start, mut end) = (note.start_tick, note.end_tick());
        if self.swing_percent > 50.0 {
            start = bars.swung(start, self.swing_percent / 100.0);
            end = bars.swung(end, self.swing_percent / 100.0);
        }
        if self.is_uneven() {
            let mut dice = self.dice(note, track);
            let (late, harder) = (uneven(&mut dice), uneven(&mut dice));
            velocity += harder * self.humanise_velocity;
            let ticks = late * self.humanise_ms * 1e-3 * ticks_per_second(score, start);
            let moved = |tick: u64| (tick as f64 + ticks).round().max(0.0) as u64;
            (start, end) = (moved(start), moved(end));
        }
        note.start_tick = start;
        note.length_ticks = end.saturating_sub(start).max(1);
        note.velocity = velocity.round().clamp(1.0, 127.0) as u8;
    }

    /// Numbers of a note's own, so that an edit elsewhere moves no other note.
    fn dice(&self, note: &Note, track: usize) -> SplitMix64 {
        let mut dice = SplitMix64::seed_from_u64(self.humanise_seed);
        let places = [track as u64, note.start_tick, u64::from(note.pitch)];
        for place in places {
            dice = SplitMix64::seed_from_u64(dice.next_u64() ^ place);
        }
        dice
    }

    fn divided(&self, tracks: Vec<Track>) -> Vec<Track> {
        let mut voices = Voice::ALL.map(|voice| {
            let sound = self.voices[voice as usize];
            Track {
                name: voice.name().to_owned(),
                program: sound.program,
                volume: Some(sound.volume),
                ..Track::default()
            }
        });
        let mut drums = Vec::new();
        for track in tracks {
            if track.is_drums {
                drums.push(track);
                continue;
            }
            for note in track.notes {
                let voice = self.voice_of(note.pitch) as usize;
                if !self.voices[voice].is_muted {
                    voices[voice].notes.push(note);
                }
            }
        }
        voices.into_iter().chain(drums).collect()
    }
}

/// Velocity added at full accent.
fn accent_of(weight: Weight) -> f64 {
    match weight {
        Weight::Bar => 24.0,
        Weight::StrongBeat => 14.0,
        Weight::Beat => 6.0,
        Weight::Half => -6.0,
        Weight::Finer => -14.0,
    }
}

/// −1 to 1, near 0 more often than far from it: the sum of two even draws.
fn uneven(dice: &mut SplitMix64) -> f64 {
    let mut even = || (dice.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
    even() + even() - 1.0
}

fn ticks_per_second(score: &Score, tick: u64) -> f64 {
    let changes = score.tempo.changes();
    let now = changes.partition_point(|change| change.tick <= tick).max(1) - 1;
    changes[now].beats_per_minute / 60.0 * f64::from(score.ticks_per_beat)
}

/// A note that was moved onto the next one of its pitch ends where that begins. Sorted by start.
fn part_overlaps(notes: &mut Vec<Note>) {
    let mut next_start: BTreeMap<u8, u64> = BTreeMap::new();
    for note in notes.iter_mut().rev() {
        if let Some(next) = next_start.insert(note.pitch, note.start_tick)
            && note.end_tick() > next
        {
            note.length_ticks = next - note.start_tick;
        }
    }
    // Two notes of one pitch that were moved to the same tick are one.
    notes.retain(|note| note.length_ticks > 0);
    notes.sort_unstable();
}
