//! What leads the chain leads it there: density, keys, rhythm, voices, temperature.

use std::sync::Arc;

use harmonium::engine::dream;
use harmonium::generate::{GenerateSettings, Region, ScaleRule, StartPoint, Steering, Task};
use harmonium::music::{PianoRoll, RollNote, Scale, ScaleKind};
use harmonium::rbm::{Chain, ChainStart, Machine};

use super::{BAR, Model, quick, request};

/// Sounding notes a step of the songs that the model learned from.
fn data_density(model: &Model) -> f64 {
    let encoding = &model.source.encoding;
    let width = usize::from(encoding.pitch_count);
    let units = model.source.visible_means.iter().enumerate();
    let holds = units.filter(|(unit, _)| unit % encoding.row_width() < width);
    holds.map(|(_, mean)| f64::from(*mean)).sum::<f64>() / f64::from(encoding.steps_per_excerpt)
}

/// The same of pieces, after two bars each to settle.
fn density(pieces: &[Arc<PianoRoll>]) -> f64 {
    let settled = pieces.iter().map(|piece| piece.excerpt(2 * BAR..piece.n_steps()));
    let (notes, steps) = settled.fold((0, 0), |(notes, steps), piece| {
        (notes + piece.hold_count(), steps + piece.n_steps())
    });
    notes as f64 / steps as f64
}

/// Fifty pieces of ten bars, a hundred Gibbs steps for each excerpt.
fn long(steering: Steering) -> GenerateSettings {
    GenerateSettings {
        pieces: 50,
        bars: 10,
        start: StartPoint::Chains,
        steering,
        ..GenerateSettings::FROM_CHAINS
    }
}

#[test]
fn the_music_is_as_dense_as_asked_for_at_every_temperature_and_with_either_last_step() {
    let model = Model::of_demo();
    let mut worst = 0.0_f64;
    for (multiple, temperature, is_last_step_likeliest) in
        [(1.0, 1.4, true), (0.5, 1.0, true), (2.0, 1.0, true), (1.0, 1.0, false), (1.5, 0.8, false)]
    {
        let steering = Steering { density: Some(multiple), ..Steering::NONE };
        let settings = GenerateSettings { temperature, is_last_step_likeliest, ..long(steering) };
        let pieces = model.make(Task::New, settings);
        let got = density(&pieces) / data_density(model);
        println!("asked {multiple} at {temperature}, {is_last_step_likeliest}: got {got:.3}");
        worst = worst.max((got / multiple - 1.0).abs());
    }
    assert!(worst < 0.05, "{worst}");
}

#[test]
fn a_density_asked_for_again_is_not_looked_for_again() {
    let model = Model::of_bars();
    let ask = |density: f64| {
        let steering = Steering { density: Some(density), ..Steering::NONE };
        let request = request(Task::New, GenerateSettings { steering, ..quick() });
        let mut looks = 0;
        let mut count = |_share| {
            looks += 1;
            true
        };
        let pieces = dream(&model.source, &request, &mut count).unwrap();
        (looks, pieces)
    };
    let (first, again, other) = (ask(1.0), ask(1.0), ask(1.5));
    assert_eq!(first.1, again.1);
    assert!(again.0 < first.0 && other.0 == first.0, "{} {} {}", first.0, again.0, other.0);
}

#[test]
fn a_cooling_chain_too_ends_as_dense_as_asked_for() {
    let model = Model::of_demo();
    let steering = Steering { density: Some(1.5), ..Steering::NONE };
    let settings = GenerateSettings { anneal_from: Some(2.5), ..long(steering) };
    let got = density(&model.make(Task::New, settings)) / data_density(model);
    assert!((got / 1.5 - 1.0).abs() < 0.05, "{got}");
}

#[test]
fn a_forced_key_or_range_leaves_no_new_note_outside_and_a_favoured_one_fewer() {
    let model = Model::of_demo();
    let scale = Scale { tonic: 2, kind: ScaleKind::Major };
    let plain = GenerateSettings { pieces: 20, bars: 4, ..quick() };
    let made =
        |task: Task, steering: Steering| model.make(task, GenerateSettings { steering, ..plain });
    let outside = |pieces: &[Arc<PianoRoll>]| {
        let notes: Vec<RollNote> = pieces.iter().flat_map(|piece| piece.notes()).collect();
        let n_outside = notes.iter().filter(|note| !scale.contains(note.pitch)).count();
        n_outside as f64 / notes.len() as f64
    };
    let forced = Steering { scale: Some(scale), ..Steering::NONE };
    let favoured = Steering { scale_rule: ScaleRule::Favoured, ..forced };
    assert_eq!(outside(&made(Task::New, forced)), 0.0);
    let (free, led) =
        (outside(&made(Task::New, Steering::NONE)), outside(&made(Task::New, favoured)));
    assert!(0.0 < led && led < free / 2.0, "{led} of {free}");
    let range = Steering { lowest_pitch: Some(55), highest_pitch: Some(66), ..forced };
    let roll = model.song.excerpt(0..4 * BAR);
    let region = Region::of_steps(BAR..2 * BAR);
    let given = roll.notes();
    for piece in made(Task::Inside { roll, region }, range) {
        let notes = piece.notes();
        let new = notes.iter().filter(|note| !given.contains(note));
        assert!(new.clone().all(|n| (55..=66).contains(&n.pitch) && scale.contains(n.pitch)));
    }
}

#[test]
fn the_rhythm_moves_onsets_to_the_beat_and_off_it() {
    let model = Model::of_demo();
    let on_beat = |rhythm: f64| {
        let steering = Steering { rhythm, ..Steering::NONE };
        let pieces = model.make(Task::New, GenerateSettings { pieces: 30, steering, ..quick() });
        let notes: Vec<RollNote> = pieces.iter().flat_map(|piece| piece.notes()).collect();
        let n_on = notes.iter().filter(|note| note.start_step.is_multiple_of(4)).count();
        n_on as f64 / notes.len() as f64
    };
    let shares = [-1.0, 0.0, 1.0].map(on_beat);
    assert!(shares[0] < shares[1] && shares[1] < shares[2], "{shares:?}");
}

#[test]
fn no_more_voices_sound_than_asked_for() {
    let model = Model::of_demo();
    for polyphony in [1, 3] {
        let steering = Steering { polyphony: Some(polyphony), ..Steering::NONE };
        let settings = GenerateSettings { temperature: 1.5, steering, ..quick() };
        for piece in model.make(Task::New, settings) {
            let sounding = |step: usize| {
                (0..piece.pitches().len()).filter(|&c| piece.is_held(step, c)).count()
            };
            assert!((0..piece.n_steps()).all(|step| sounding(step) <= polyphony as usize));
            assert!((0..piece.n_steps()).any(|step| sounding(step) == polyphony as usize));
        }
    }
}

#[test]
fn bits_grow_more_uncertain_with_the_temperature_at_equal_density() {
    let model = Model::of_demo();
    let source = &model.source;
    let machine = Machine::from_parameters(&source.parameters, source.device).unwrap();
    let wanted: f64 = source.visible_means.iter().map(|&mean| f64::from(mean)).sum();
    let entropy_at = |temperature: f64| {
        let start = ChainStart::Noise(source.visible_means.clone());
        let mut chain = Chain::new(&machine, &start, (0..50).collect()).unwrap();
        let (mut bias, mut sums) = (0.0_f32, (0.0, 0.0));
        for step in 0..300 {
            chain.steer(&vec![bias; machine.n_visible()]).unwrap();
            chain.step(temperature);
            let logits = chain.logits().unwrap();
            let p: Vec<f32> = logits.iter().map(|logit| 1.0 / (1.0 + (-logit).exp())).collect();
            let bits = p.iter().map(|&p| f64::from(p)).sum::<f64>() / 50.0;
            bias += (wanted / bits).ln() as f32 / (1.0 + step as f32 / 20.0);
            if step >= 200 {
                let entropy = |&p: &f32| {
                    let p = f64::from(p).clamp(1e-9, 1.0 - 1e-9);
                    -p * p.ln() - (1.0 - p) * (1.0 - p).ln()
                };
                sums.0 += p.iter().map(entropy).sum::<f64>() / p.len() as f64 / 100.0;
                sums.1 += bits / wanted / 100.0;
            }
        }
        assert!((sums.1 - 1.0).abs() < 0.03, "equal density: {}", sums.1);
        sums.0
    };
    let entropies = [0.5, 0.75, 1.0, 1.5, 2.0, 3.0].map(entropy_at);
    assert!(entropies.is_sorted_by(|a, b| a < b), "{entropies:?}");
}
