//! Where a tick stands in its bar, and how heavy that place is.

use super::{Metre, MetreChange, Score};

/// How heavy a place in the bar is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// The first beat of a bar.
    Bar,
    /// Half-way through a bar that can be halved.
    StrongBeat,
    Beat,
    /// Half-way between two beats.
    Half,
    Finer,
}

/// Where a tick stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BarPlace {
    pub bar_start: u64,
    /// Ticks of the whole bar.
    pub bar_ticks: f64,
    pub weight: Weight,
}

/// The bars of a score. A metre begins a bar of its own where it is named.
pub struct BarGrid {
    ticks_per_beat: f64,
    /// Never empty; the first stands at tick 0.
    metres: Vec<MetreChange>,
}

impl BarGrid {
    pub fn new(score: &Score) -> Self {
        let mut metres = score.metres.clone();
        if metres.first().is_none_or(|change| change.tick > 0) {
            metres.insert(0, MetreChange { tick: 0, metre: Metre::COMMON });
        }
        Self { ticks_per_beat: f64::from(score.ticks_per_beat.max(1)), metres }
    }

    /// The metre that holds at a tick.
    pub fn metre_at(&self, tick: u64) -> MetreChange {
        let now = self.metres.partition_point(|change| change.tick <= tick).max(1) - 1;
        self.metres[now]
    }

    /// The tick of the pulse: a beat, or three eighths in 6/8, 9/8 and 12/8.
    fn pulse_ticks(&self, metre: Metre) -> f64 {
        let counted = self.ticks_per_beat * 4.0 / f64::from(metre.denominator.max(1));
        let is_compound = metre.denominator >= 8 && metre.numerator.is_multiple_of(3);
        if is_compound { counted * 3.0 } else { counted }
    }

    pub fn place(&self, tick: u64) -> BarPlace {
        let MetreChange { tick: from, metre } = self.metre_at(tick);
        let bar_ticks = (metre.beats_per_bar() * self.ticks_per_beat).max(1.0);
        let within = (tick - from) as f64;
        let bar = (within / bar_ticks).floor();
        let in_bar = within - bar * bar_ticks;
        let pulse = self.pulse_ticks(metre).max(1.0);
        let is_at = |unit: f64| {
            let units = in_bar / unit;
            (units - units.round()).abs() * unit < 0.5
        };
        let n_pulses = (bar_ticks / pulse).round() as u64;
        let weight = match () {
            () if in_bar < 0.5 => Weight::Bar,
            () if n_pulses >= 4 && n_pulses.is_multiple_of(2) && is_at(bar_ticks / 2.0) => {
                Weight::StrongBeat
            }
            () if is_at(pulse) => Weight::Beat,
            () if is_at(pulse / 2.0) => Weight::Half,
            () => Weight::Finer,
        };
        let bar_start = from + (bar * bar_ticks).round() as u64;
        BarPlace { bar_start, bar_ticks, weight }
    }

    /// The ticks at which the pulse falls from the start to `end`, with the start of a bar marked.
    pub fn pulses(&self, end: u64) -> Vec<(u64, bool)> {
        let mut pulses = Vec::new();
        for (number, change) in self.metres.iter().enumerate() {
            let until = self.metres.get(number + 1).map_or(end, |next| next.tick.min(end));
            let pulse = self.pulse_ticks(change.metre).max(1.0);
            let bar_ticks = (change.metre.beats_per_bar() * self.ticks_per_beat).max(1.0);
            let mut bar = change.tick as f64;
            while bar.round() < until as f64 {
                let mut at = bar;
                while at + 0.5 < bar + bar_ticks && at.round() < until as f64 {
                    pulses.push((at.round() as u64, at <= bar));
                    at += pulse;
                }
                bar += bar_ticks;
            }
        }
        pulses
    }

    /// The tick at which a tick sounds when the first half of each beat takes `share` of it.
    ///
    /// Bars in eighths that are counted by three swing by themselves, and the half beat that is
    /// left over in 7/8 has no second half: both stay.
    pub fn swung(&self, tick: u64, share: f64) -> u64 {
        let MetreChange { tick: from, metre } = self.metre_at(tick);
        if metre.denominator >= 8 && metre.numerator.is_multiple_of(3) {
            return tick;
        }
        let bar_ticks = (metre.beats_per_bar() * self.ticks_per_beat).max(1.0);
        let within = (tick - from) as f64;
        let bar_start = (within / bar_ticks).floor() * bar_ticks;
        let in_bar = within - bar_start;
        let beat_start = (in_bar / self.ticks_per_beat).floor() * self.ticks_per_beat;
        if beat_start + self.ticks_per_beat > bar_ticks + 0.5 {
            return tick;
        }
        let x = (in_bar - beat_start) / self.ticks_per_beat;
        let swung = if x < 0.5 { x * 2.0 * share } else { share + (x - 0.5) * 2.0 * (1.0 - share) };
        from + (bar_start + beat_start + swung * self.ticks_per_beat).round() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::Weight::{Bar, Beat, Finer, Half, StrongBeat};
    use super::*;
    use crate::music::TempoMap;

    fn score(metres: &[(u64, u8, u8)]) -> Score {
        let metre = |&(tick, numerator, denominator): &(u64, u8, u8)| MetreChange {
            tick,
            metre: Metre { numerator, denominator },
        };
        Score {
            ticks_per_beat: 480,
            tempo: TempoMap::constant(480, 120.0),
            metres: metres.iter().map(metre).collect(),
            key: None,
            tracks: Vec::new(),
            length_ticks: 9600,
        }
    }

    #[test]
    fn places_weigh_as_they_are_counted() {
        let common = BarGrid::new(&score(&[]));
        let weights = [0, 240, 480, 600, 960, 1440, 1920].map(|tick| common.place(tick).weight);
        assert_eq!(weights, [Bar, Half, Beat, Finer, StrongBeat, Beat, Bar]);
        let jig = BarGrid::new(&score(&[(0, 6, 8)]));
        let weights = [0, 240, 720, 1440].map(|tick| jig.place(tick).weight);
        assert_eq!(weights, [Bar, Finer, Beat, Bar]);
        let waltz = BarGrid::new(&score(&[(0, 3, 4)]));
        assert_eq!([480, 960, 1440].map(|tick| waltz.place(tick).weight), [Beat, Beat, Bar]);
        assert_eq!(waltz.place(1500).bar_start, 1440);
    }

    #[test]
    fn a_new_metre_begins_a_bar() {
        let grid = BarGrid::new(&score(&[(0, 4, 4), (2400, 3, 4)]));
        assert_eq!(grid.place(2400).weight, Weight::Bar);
        assert_eq!(grid.place(2400 + 1440).weight, Weight::Bar);
        let bars: Vec<u64> =
            grid.pulses(6000).into_iter().filter(|pulse| pulse.1).map(|p| p.0).collect();
        assert_eq!(bars, [0, 1920, 2400, 3840, 5280]);
        assert_eq!(BarGrid::new(&score(&[(0, 6, 8)])).pulses(1440).len(), 2);
    }

    #[test]
    fn swing_moves_the_second_half_of_each_beat_and_keeps_the_order() {
        let grid = BarGrid::new(&score(&[]));
        let swung = [0, 120, 240, 360, 480, 720].map(|tick| grid.swung(tick, 2.0 / 3.0));
        assert_eq!(swung, [0, 160, 320, 400, 480, 800]);
        assert!((0..4000).map(|tick| grid.swung(tick, 0.75)).is_sorted());
        assert!((0..4000).all(|tick| grid.swung(tick, 0.5) == tick));
        for metre in [(0, 6, 8), (0, 7, 8), (0, 5, 4)] {
            let grid = BarGrid::new(&score(&[metre]));
            assert!((0..9000).map(|tick| grid.swung(tick, 0.7)).is_sorted(), "{metre:?}");
        }
    }
}
