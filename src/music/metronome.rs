//! The click that keeps time.

use super::{BarGrid, DEFAULT_VELOCITY, Note, Score, TempoMap, Track};

/// General MIDI percussion: cowbell and side stick. Small fonts have them, unlike the click.
const BAR_CLICK: u8 = 56;
const BEAT_CLICK: u8 = 37;
const BEAT_VELOCITY: u8 = 64;

/// A click on every beat of a score, another one on the first of each bar.
pub fn metronome_track(score: &Score) -> Track {
    Track {
        name: "Metronome".to_owned(),
        is_drums: true,
        notes: clicks(&BarGrid::new(score), score.ticks_per_beat, score.length_ticks),
        ..Track::default()
    }
}

/// So many bars of clicks, in the tempo and metre that hold at a tick of a score.
pub fn count_in(score: &Score, tick: u64, n_bars: u32) -> Score {
    let metre = BarGrid::new(score).metre_at(tick).metre;
    let changes = score.tempo.changes();
    let now = changes.partition_point(|change| change.tick <= tick).max(1) - 1;
    let mut counted = Score {
        ticks_per_beat: score.ticks_per_beat,
        tempo: TempoMap::constant(score.ticks_per_beat, changes[now].beats_per_minute),
        metres: vec![super::MetreChange { tick: 0, metre }],
        key: None,
        tracks: Vec::new(),
        length_ticks: (metre.beats_per_bar() * f64::from(score.ticks_per_beat)) as u64
            * u64::from(n_bars),
    };
    counted.tracks = vec![metronome_track(&counted)];
    counted
}

fn clicks(bars: &BarGrid, ticks_per_beat: u32, end: u64) -> Vec<Note> {
    let click = |(start_tick, begins_bar): (u64, bool)| Note {
        start_tick,
        length_ticks: u64::from(ticks_per_beat / 8).max(1),
        pitch: if begins_bar { BAR_CLICK } else { BEAT_CLICK },
        velocity: if begins_bar { DEFAULT_VELOCITY } else { BEAT_VELOCITY },
    };
    bars.pulses(end).into_iter().map(click).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::{Metre, MetreChange, TempoChange};

    #[test]
    fn a_click_on_each_beat_and_another_on_each_bar() {
        let score = Score {
            ticks_per_beat: 96,
            tempo: TempoMap::new(
                96,
                vec![
                    TempoChange { tick: 0, beats_per_minute: 100.0 },
                    TempoChange { tick: 288, beats_per_minute: 140.0 },
                ],
            ),
            metres: vec![MetreChange { tick: 0, metre: Metre { numerator: 3, denominator: 4 } }],
            key: None,
            tracks: Vec::new(),
            length_ticks: 96 * 6,
        };
        let track = metronome_track(&score);
        let places: Vec<(u64, u8)> = track.notes.iter().map(|n| (n.start_tick, n.pitch)).collect();
        assert_eq!(places, [(0, 56), (96, 37), (192, 37), (288, 56), (384, 37), (480, 37)]);
        let counted = count_in(&score, 300, 2);
        assert_eq!((counted.length_ticks, counted.note_count()), (96 * 6, 6));
        assert_eq!(counted.tempo.changes()[0].beats_per_minute, 140.0);
    }
}
