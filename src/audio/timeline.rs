//! From ticks to seconds and back, quickly enough for the audio callback.

use crate::music::{Score, TempoMap};

/// The tempi of a piece as a table that both directions can search.
/// Never empty; the first point stands at tick 0.
#[derive(Clone, Debug)]
pub struct Timeline {
    points: Vec<Point>,
    length_ticks: u64,
}

#[derive(Clone, Copy, Debug)]
struct Point {
    tick: u64,
    seconds: f64,
    seconds_per_tick: f64,
}

impl Timeline {
    /// The times of a score, at its own tempi or at one constant tempo.
    pub fn new(score: &Score, beats_per_minute: Option<f64>) -> Self {
        let constant = beats_per_minute
            .filter(|bpm| bpm.is_finite() && *bpm > 0.0)
            .map(|bpm| TempoMap::constant(score.ticks_per_beat, bpm));
        let tempo = constant.as_ref().unwrap_or(&score.tempo);
        let ticks_per_beat = f64::from(score.ticks_per_beat.max(1));
        let mut points: Vec<Point> = Vec::with_capacity(tempo.changes().len());
        for change in tempo.changes() {
            let seconds = points.last().map_or(0.0, |p| p.seconds_at(change.tick));
            points.push(Point {
                tick: change.tick,
                seconds,
                seconds_per_tick: 60.0 / change.beats_per_minute / ticks_per_beat,
            });
        }
        let last_note_end = score
            .tracks
            .iter()
            .flat_map(|t| &t.notes)
            .map(crate::music::Note::end_tick)
            .max()
            .unwrap_or(0);
        Self { points, length_ticks: score.length_ticks.max(last_note_end) }
    }

    pub fn seconds_at(&self, tick: u64) -> f64 {
        let after = self.points.partition_point(|p| p.tick <= tick);
        self.points[after.saturating_sub(1)].seconds_at(tick)
    }

    pub fn seconds_at_fraction(&self, tick: f64) -> f64 {
        let whole = tick.max(0.0).floor();
        let (from, to) = (self.seconds_at(whole as u64), self.seconds_at(whole as u64 + 1));
        from + (to - from) * (tick.max(0.0) - whole)
    }

    /// The place in ticks, with its fraction, that sounds at a time.
    pub fn tick_at(&self, seconds: f64) -> f64 {
        let after = self.points.partition_point(|p| p.seconds <= seconds);
        let point = &self.points[after.saturating_sub(1)];
        point.tick as f64 + (seconds - point.seconds).max(0.0) / point.seconds_per_tick
    }

    /// Where the piece ends, trailing rest included.
    pub fn length_ticks(&self) -> u64 {
        self.length_ticks
    }

    pub fn length_secs(&self) -> f64 {
        self.seconds_at(self.length_ticks)
    }
}

impl Point {
    fn seconds_at(&self, tick: u64) -> f64 {
        self.seconds + tick.saturating_sub(self.tick) as f64 * self.seconds_per_tick
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::testing::score_of;
    use crate::music::TempoChange;

    #[test]
    fn times_agree_with_the_score_and_turn_back_into_ticks() {
        let mut score = score_of(&[(0, 96, 60)]);
        score.length_ticks = 1000;
        let change = |tick, beats_per_minute| TempoChange { tick, beats_per_minute };
        score.tempo = TempoMap::new(
            score.ticks_per_beat,
            vec![change(0, 120.0), change(192, 60.0), change(500, 97.3)],
        );
        let timeline = Timeline::new(&score, None);
        for tick in (0..=1200).step_by(50) {
            let seconds = timeline.seconds_at(tick);
            assert!((seconds - score.tempo.seconds_at(tick)).abs() < 1e-9);
            assert!((timeline.tick_at(seconds) - tick as f64).abs() < 1e-6);
        }
        assert!((timeline.length_secs() - score.duration_secs()).abs() < 1e-9);
    }

    #[test]
    fn an_override_makes_the_tempo_constant_and_nonsense_is_ignored() {
        let score = score_of(&[(0, 96, 60)]);
        assert!((Timeline::new(&score, Some(60.0)).seconds_at(96) - 1.0).abs() < 1e-12);
        for nonsense in [0.0, -3.0, f64::NAN, f64::INFINITY] {
            let timeline = Timeline::new(&score, Some(nonsense));
            assert!((timeline.seconds_at(96) - 0.5).abs() < 1e-12);
        }
    }
}
