//! A model to look at: units that each call for a chord, some of them dead, some saturated.

use std::sync::Arc;

use crate::engine::{
    ActivityPicture, ExcerptSong, Histogram, HistogramsPicture, ModelSnapshot, ParticlesPicture,
    StepPicture, UnitPicture, UnitsPicture,
};
use crate::train::TrainSettings;

const N_PARTICLES: usize = 24;

/// Every picture of a model of these settings.
pub fn snapshot(settings: &TrainSettings) -> ModelSnapshot {
    let n_visible = settings.encoding.n_visible();
    let n_hidden = settings.hidden_units;
    let shown: Vec<UnitPicture> = (0..n_hidden).map(|number| unit(settings, number)).collect();
    let weights: Vec<f32> = shown.iter().flat_map(|unit| unit.weights.to_vec()).collect();
    let small = |scale: f32| weights.iter().map(|weight| weight * scale).collect::<Vec<_>>();
    let song = |place: usize| ExcerptSong {
        title: ["Adeste Fideles", "Amazing Grace", "Au clair de la lune"][place].to_owned(),
        first_excerpt: place * 12,
        n_excerpts: 12,
    };
    ModelSnapshot {
        number: 1,
        finished_epochs: 84,
        n_visible,
        n_hidden,
        songs: Arc::from([song(0), song(1), song(2)]),
        units: Some(UnitsPicture { shown, ..UnitsPicture::default() }),
        particles: Some(ParticlesPicture {
            visible: (0..N_PARTICLES).flat_map(|seed| layer(settings, seed)).collect(),
            ..ParticlesPicture::default()
        }),
        step: Some(step(settings)),
        histograms: Some(HistogramsPicture {
            weights: Histogram::of(&weights, 4 * weights.len()),
            visible_bias: Histogram::of(&small(0.5)[..n_visible], n_visible),
            hidden_bias: Histogram::of(&small(-0.2)[..n_hidden], n_hidden),
            update: Some(Histogram::of(&small(0.001), 4 * weights.len())),
        }),
        activity: Some(activity(n_hidden)),
    }
}

fn unit(settings: &TrainSettings, number: usize) -> UnitPicture {
    let encoding = &settings.encoding;
    let width = encoding.row_width();
    let n_pitches = encoding.pitches().len();
    let weight = |visible: usize| {
        let (step, place) = (visible / width, visible % width);
        let (pitch, is_onset) = (place % n_pitches, place >= n_pitches);
        let is_called = (pitch + number * 5).is_multiple_of(12) || (pitch + number) % 7 == 3;
        let beat = (step / 4 + number) % 4;
        let grain = ((visible * 31 + number * 7) % 17) as f32 * 0.006 - 0.048;
        match (is_called, beat) {
            (true, 0) if !is_onset || step.is_multiple_of(4) => 0.7 + grain * 6.0,
            (true, 2) if pitch.is_multiple_of(3) => -0.7 + grain * 6.0,
            _ => grain,
        }
    };
    let weights: Arc<[f32]> = (0..encoding.n_visible()).map(weight).collect();
    let norm = weights.iter().map(|weight| weight * weight).sum::<f32>().sqrt();
    UnitPicture { unit: number, norm, activity: 0.12, weights }
}

/// A chord for every beat.
fn layer(settings: &TrainSettings, seed: usize) -> Vec<u8> {
    let encoding = &settings.encoding;
    let width = encoding.row_width();
    let n_pitches = encoding.pitches().len();
    let mut cells = vec![0; encoding.n_visible()];
    for step in 0..encoding.steps_per_excerpt as usize {
        let beat = step / 4 + seed;
        for interval in [0, 4, 7, 16] {
            let pitch = 20 + (beat * 5 + interval) % 36;
            cells[step * width + pitch] = 1;
            if step.is_multiple_of(4) && encoding.n_planes() > 1 {
                cells[step * width + n_pitches + pitch] = 1;
            }
        }
    }
    cells
}

fn step(settings: &TrainSettings) -> StepPicture {
    let n_hidden = settings.hidden_units;
    let visible = layer(settings, 0);
    let p = |(place, bit): (usize, &u8)| match (bit, place % 11, place % 97) {
        (1, 0, _) => 0.3,
        (1, ..) => 0.94,
        (_, _, 0) => 0.7,
        _ => 0.01,
    };
    let hidden_probabilities: Vec<f32> =
        (0..n_hidden).map(|unit| (unit * 37 % 100) as f32 / 100.0).collect();
    StepPicture {
        excerpt: 0,
        reconstruction: visible.iter().enumerate().map(p).collect(),
        visible,
        hidden: hidden_probabilities.iter().map(|&p| u8::from(p > 0.6)).collect(),
        hidden_probabilities,
        error: 0.0123,
    }
}

fn activity(n_hidden: usize) -> ActivityPicture {
    let excerpts: Vec<usize> = (0..36).collect();
    let p = |case: usize, unit: usize| match unit % 10 {
        3 => 0.001,
        7 => 0.998,
        _ => ((case * 17 + unit * 29) % 23) as f32 / 23.0,
    };
    let means = (0..n_hidden).map(|unit| {
        let sum: f32 = excerpts.iter().map(|&case| p(case, unit)).sum();
        sum / excerpts.len() as f32
    });
    let shades = excerpts
        .iter()
        .flat_map(|&case| (0..n_hidden).map(move |unit| (p(case, unit) * 255.0) as u8));
    ActivityPicture {
        means: means.collect(),
        shades: shades.collect(),
        units: (0..n_hidden).collect(),
        excerpts,
    }
}
