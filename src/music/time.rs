//! Tempo and metre: from ticks to seconds and to bars.

use serde::{Deserialize, Serialize};

/// From `tick` on, the music runs at `beats_per_minute`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TempoChange {
    pub tick: u64,
    pub beats_per_minute: f64,
}

/// A time signature such as 6/8.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Metre {
    pub numerator: u8,
    /// The note value that is counted: 4 is a quarter, 8 an eighth.
    pub denominator: u8,
}

impl Metre {
    pub const COMMON: Self = Self { numerator: 4, denominator: 4 };

    /// Length of a bar in beats (quarter notes).
    pub fn beats_per_bar(self) -> f64 {
        f64::from(self.numerator.max(1)) * 4.0 / f64::from(self.denominator.max(1))
    }

    /// The same in whole steps of a grid, at least 1.
    pub fn steps_per_bar(self, steps_per_beat: u8) -> usize {
        ((self.beats_per_bar() * f64::from(steps_per_beat)).round() as usize).max(1)
    }
}

impl Default for Metre {
    fn default() -> Self {
        Self::COMMON
    }
}

impl std::fmt::Display for Metre {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.numerator, self.denominator)
    }
}

/// From `tick` on, bars have this metre.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MetreChange {
    pub tick: u64,
    pub metre: Metre,
}

/// The tempo over a whole piece. Never empty; the first change stands at tick 0.
#[derive(Clone, Debug, PartialEq)]
pub struct TempoMap {
    ticks_per_beat: u32,
    changes: Vec<TempoChange>,
}

impl TempoMap {
    /// The tempo of a file that names none, by the MIDI standard.
    pub const DEFAULT_BEATS_PER_MINUTE: f64 = 120.0;

    /// One tempo throughout.
    pub fn constant(ticks_per_beat: u32, beats_per_minute: f64) -> Self {
        Self::new(ticks_per_beat, vec![TempoChange { tick: 0, beats_per_minute }])
    }

    /// Sorts the changes, drops those that make no sense (not finite, not positive) and starts
    /// with the standard's 120 where the piece names nothing at tick 0.
    /// Of several changes at one tick the last one holds.
    pub fn new(ticks_per_beat: u32, mut changes: Vec<TempoChange>) -> Self {
        changes.retain(|c| c.beats_per_minute.is_finite() && c.beats_per_minute > 0.0);
        changes.sort_by_key(|c| c.tick);
        if changes.first().is_none_or(|c| c.tick > 0) {
            let beats_per_minute = Self::DEFAULT_BEATS_PER_MINUTE;
            changes.insert(0, TempoChange { tick: 0, beats_per_minute });
        }
        changes.reverse();
        changes.dedup_by_key(|c| c.tick);
        changes.reverse();
        Self { ticks_per_beat: ticks_per_beat.max(1), changes }
    }

    pub fn changes(&self) -> &[TempoChange] {
        &self.changes
    }

    /// Seconds from the start of the piece to a tick.
    pub fn seconds_at(&self, tick: u64) -> f64 {
        let mut seconds = 0.0;
        for (number, change) in self.changes.iter().enumerate() {
            if change.tick >= tick {
                break;
            }
            let next = self.changes.get(number + 1).map_or(tick, |c| c.tick.min(tick));
            seconds += self.span_seconds(next - change.tick, change.beats_per_minute);
        }
        seconds
    }

    /// The tempo that holds for most of the first `length_ticks` ticks.
    pub fn prevailing(&self, length_ticks: u64) -> f64 {
        let mut longest = (0, self.changes[0].beats_per_minute);
        for (number, change) in self.changes.iter().enumerate() {
            let end = self.changes.get(number + 1).map_or(length_ticks, |c| c.tick);
            let span = end.min(length_ticks).saturating_sub(change.tick);
            if span > longest.0 {
                longest = (span, change.beats_per_minute);
            }
        }
        longest.1
    }

    fn span_seconds(&self, ticks: u64, beats_per_minute: f64) -> f64 {
        ticks as f64 / f64::from(self.ticks_per_beat) * 60.0 / beats_per_minute
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_follow_every_tempo_change() {
        let map = TempoMap::new(
            100,
            vec![
                TempoChange { tick: 200, beats_per_minute: 60.0 },
                TempoChange { tick: 0, beats_per_minute: 120.0 },
            ],
        );
        for (tick, seconds) in [(0, 0.0), (100, 0.5), (200, 1.0), (300, 2.0)] {
            assert!((map.seconds_at(tick) - seconds).abs() < 1e-12, "tick {tick}");
        }
        assert_eq!(map.prevailing(300), 120.0);
        assert_eq!(map.prevailing(1000), 60.0);
    }

    #[test]
    fn a_piece_without_tempo_runs_at_120() {
        let late = TempoChange { tick: 96, beats_per_minute: 90.0 };
        let map = TempoMap::new(96, vec![late]);
        assert_eq!(map.changes()[0].beats_per_minute, 120.0);
        assert!((map.seconds_at(96) - 0.5).abs() < 1e-12);
    }

    #[test]
    fn nonsense_tempi_are_dropped_and_the_last_at_a_tick_wins() {
        let change = |tick, beats_per_minute| TempoChange { tick, beats_per_minute };
        let map = TempoMap::new(
            96,
            vec![change(0, 100.0), change(0, 80.0), change(5, f64::INFINITY), change(7, 0.0)],
        );
        assert_eq!(map.changes(), [change(0, 80.0)]);
    }

    #[test]
    fn a_bar_of_six_eight_has_three_beats() {
        let metre = Metre { numerator: 6, denominator: 8 };
        assert_eq!(metre.beats_per_bar(), 3.0);
        assert_eq!(metre.steps_per_bar(4), 12);
    }
}
