//! The pictures of the model: only what is wanted, and true to the parameters.

use harmonium::dataset::Dataset;
use harmonium::engine::{
    EngineCommand, ModelSnapshot, ParticleKind, StepSize, UnitOrder, Wanted, WantedStep,
    WantedUnits,
};
use harmonium::project::Model;
use harmonium::rbm::{Algorithm, Parameters};
use harmonium::train::TrainSettings;

use super::{Session, base_project};
use crate::world::small_settings;

const N_VISIBLE: usize = 16 * 88;
const N_HIDDEN: usize = 16;

fn settings() -> TrainSettings {
    TrainSettings { epochs: 3, ..small_settings() }
}

/// A session whose run is complete.
fn finished(settings: TrainSettings) -> Session {
    let mut session = Session::start();
    session.train(settings);
    session.until_named("RunEnded");
    session
}

/// What is seen when this is wanted, and the model of which it is the picture.
fn look(session: &mut Session, wanted: Wanted) -> (ModelSnapshot, Model) {
    session.send(EngineCommand::Watch(wanted));
    let model = session.model().unwrap();
    (session.engine.take_snapshot().unwrap(), model)
}

fn units(order: UnitOrder, others: Vec<usize>) -> Wanted {
    let units = WantedUnits { order, places: 2..6, others, ..WantedUnits::default() };
    Wanted { units: Some(units), ..Wanted::default() }
}

fn dataset() -> Dataset {
    base_project().dataset(&small_settings().encoding).unwrap()
}

fn column(parameters: &Parameters, unit: usize) -> Vec<f32> {
    parameters.weights.iter().skip(unit).step_by(N_HIDDEN).copied().collect()
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// p(h | v) of one visible layer.
fn hidden_of(parameters: &Parameters, visible: &[u8]) -> Vec<f64> {
    let input = |unit: usize| {
        let on = column(parameters, unit).into_iter().zip(visible);
        let sum: f64 = on.map(|(weight, &bit)| f64::from(weight) * f64::from(bit)).sum();
        sigmoid(sum + f64::from(parameters.hidden_bias[unit]))
    };
    (0..N_HIDDEN).map(input).collect()
}

#[test]
fn pictures_come_only_while_somebody_looks_and_only_those_that_are_wanted() {
    let mut session = finished(settings());
    assert!(session.engine.take_snapshot().is_none());
    let (snapshot, _) = look(&mut session, units(UnitOrder::Norm, vec![]));
    assert_eq!((snapshot.n_visible, snapshot.n_hidden), (N_VISIBLE, N_HIDDEN));
    assert_eq!(snapshot.finished_epochs, 3);
    assert_eq!(snapshot.units.unwrap().shown.len(), 4);
    assert!(snapshot.particles.is_none() && snapshot.step.is_none());
    assert!(snapshot.histograms.is_none() && snapshot.activity.is_none());
    let wanted = Wanted { particles: Some(3), histograms: true, ..Wanted::default() };
    let (next, _) = look(&mut session, wanted);
    assert!(next.number > snapshot.number && next.units.is_none());
    assert!(next.particles.is_some() && next.histograms.is_some());
    session.send(EngineCommand::Watch(Wanted::default()));
    session.model();
    assert!(session.engine.take_snapshot().is_none());
}

#[test]
fn units_show_their_weights_in_the_order_that_is_wanted() {
    let mut session = finished(settings());
    let (snapshot, model) = look(&mut session, units(UnitOrder::Norm, vec![9, 99]));
    let picture = snapshot.units.unwrap();
    let parameters = &model.state.parameters;
    let norm = |unit: usize| {
        let column = column(parameters, unit);
        column.iter().map(|weight| weight * weight).sum::<f32>().sqrt()
    };
    let mut by_norm: Vec<usize> = (0..N_HIDDEN).collect();
    by_norm.sort_by(|&a, &b| norm(b).total_cmp(&norm(a)));
    let shown: Vec<usize> = picture.shown.iter().map(|unit| unit.unit).collect();
    assert_eq!(shown, by_norm[2..6]);
    assert_eq!(picture.first_place, 2);
    for unit in picture.shown.iter().chain(&picture.others) {
        assert_eq!(unit.weights.as_ref(), column(parameters, unit.unit));
        assert!((unit.norm - norm(unit.unit)).abs() < 1e-4);
    }
    // A unit that there is not is left out.
    assert_eq!(picture.others.iter().map(|unit| unit.unit).collect::<Vec<_>>(), [9]);
    let (snapshot, _) = look(&mut session, units(UnitOrder::Number, vec![]));
    let shown = snapshot.units.unwrap().shown;
    assert_eq!(shown.iter().map(|unit| unit.unit).collect::<Vec<_>>(), [2, 3, 4, 5]);
    for order in [UnitOrder::Activity, UnitOrder::Similarity] {
        let all = WantedUnits { order, places: 0..99, ..WantedUnits::default() };
        let wanted = Wanted { units: Some(all), ..Wanted::default() };
        let (snapshot, _) = look(&mut session, wanted);
        let shown = snapshot.units.unwrap().shown;
        let mut numbers: Vec<usize> = shown.iter().map(|unit| unit.unit).collect();
        if order == UnitOrder::Activity {
            assert!(shown.is_sorted_by(|a, b| a.activity >= b.activity));
        } else {
            assert_eq!(numbers[0], by_norm[0]);
        }
        numbers.sort_unstable();
        assert_eq!(numbers, (0..N_HIDDEN).collect::<Vec<_>>());
    }
}

#[test]
fn particles_are_the_chains_of_the_run_or_one_step_from_the_data() {
    let wanted = Wanted { particles: Some(5), ..Wanted::default() };
    let mut session = finished(settings());
    let (snapshot, model) = look(&mut session, wanted.clone());
    let particles = snapshot.particles.unwrap();
    assert_eq!(particles.kind, ParticleKind::Persistent);
    assert_eq!(particles.visible, model.state.learner.chains[..5 * N_VISIBLE]);
    let algorithm = Algorithm::ContrastiveDivergence;
    let mut session = finished(TrainSettings { algorithm, ..settings() });
    let (snapshot, _) = look(&mut session, wanted);
    let particles = snapshot.particles.unwrap();
    assert_eq!(particles.kind, ParticleKind::OneGibbsStep);
    assert_eq!(particles.visible.len(), 5 * N_VISIBLE);
    assert!(particles.visible.contains(&1));
}

#[test]
fn one_step_is_that_of_the_excerpt_that_was_chosen() {
    let mut session = finished(settings());
    let wanted = |toss| Wanted { step: Some(WantedStep { excerpt: 7, toss }), ..Wanted::default() };
    let (snapshot, model) = look(&mut session, wanted(0));
    let step = snapshot.step.unwrap();
    let (parameters, dataset) = (&model.state.parameters, dataset());
    assert_eq!(step.visible, dataset.visible(dataset.training[7]));
    for (got, expected) in
        step.hidden_probabilities.iter().zip(hidden_of(parameters, &step.visible))
    {
        assert!((f64::from(*got) - expected).abs() < 1e-4);
    }
    let mut squares = 0.0;
    for (visible, &got) in step.reconstruction.iter().enumerate() {
        let row = &parameters.weights[visible * N_HIDDEN..(visible + 1) * N_HIDDEN];
        let on = row.iter().zip(&step.hidden);
        let sum: f64 = on.map(|(&weight, &bit)| f64::from(weight) * f64::from(bit)).sum();
        let bias = f64::from(parameters.visible_bias[visible]);
        let expected = sigmoid(bias + parameters.hidden_retention * sum);
        assert!((f64::from(got) - expected).abs() < 1e-4);
        squares += (f64::from(step.visible[visible]) - expected).powi(2);
    }
    assert!((step.error - squares / N_VISIBLE as f64).abs() < 1e-6);
    // The same toss falls alike, another otherwise.
    let (again, _) = look(&mut session, wanted(0));
    assert_eq!(again.step.unwrap(), step);
    let tosses = (1..9).map(|toss| look(&mut session, wanted(toss)).0.step.unwrap().hidden);
    assert!(tosses.collect::<Vec<_>>().iter().any(|hidden| *hidden != step.hidden));
    let songs = &snapshot.songs;
    assert_eq!(songs.iter().map(|song| song.n_excerpts).sum::<usize>(), dataset.training.len());
    let song = &dataset.songs[dataset.training[songs[1].first_excerpt].song as usize];
    assert_eq!(song.title, songs[1].title);
}

#[test]
fn histograms_count_every_parameter_and_the_last_update() {
    let mut session = Session::start();
    session.send(super::train_request(settings(), true));
    session.until_named("RunStarted");
    let wanted = Wanted { histograms: true, ..Wanted::default() };
    let (snapshot, before) = look(&mut session, wanted);
    assert_eq!(snapshot.histograms.unwrap().update, None);
    session.send(EngineCommand::Step(StepSize::Batch));
    session.until_named("RunPaused");
    let model = session.model().unwrap();
    let histograms = session.engine.take_snapshot().unwrap().histograms.unwrap();
    let parameters = &model.state.parameters;
    let n_weights = N_VISIBLE * N_HIDDEN;
    assert_eq!(histograms.weights.n_counted, n_weights);
    assert_eq!(histograms.visible_bias.n_counted, N_VISIBLE);
    assert_eq!(histograms.hidden_bias.n_counted, N_HIDDEN);
    let largest = |values: &[f32]| values.iter().fold(0.0_f32, |most, v| most.max(v.abs()));
    assert_eq!(histograms.weights.limit, largest(&parameters.weights));
    assert_eq!(histograms.visible_bias.limit, largest(&parameters.visible_bias));
    let pairs = parameters.weights.iter().zip(&before.state.parameters.weights);
    let update: Vec<f32> = pairs.map(|(now, then)| now - then).collect();
    assert_eq!(histograms.update.unwrap().limit, largest(&update));
}

#[test]
fn activity_is_the_hidden_probability_on_excerpts_of_the_training_part() {
    let mut session = finished(settings());
    let wanted = Wanted { activity: true, ..Wanted::default() };
    let (snapshot, model) = look(&mut session, wanted);
    let activity = snapshot.activity.unwrap();
    let dataset = dataset();
    assert_eq!(activity.units, (0..N_HIDDEN).collect::<Vec<_>>());
    assert_eq!(activity.excerpts.len(), dataset.training.len().min(128));
    let mut sums = vec![0.0; N_HIDDEN];
    for (case, &excerpt) in activity.excerpts.iter().enumerate() {
        let visible = dataset.visible(dataset.training[excerpt]);
        let hidden = hidden_of(&model.state.parameters, &visible);
        for (unit, p) in hidden.into_iter().enumerate() {
            let shade = f64::from(activity.shades[case * N_HIDDEN + unit]);
            assert!((shade - p * 255.0).abs() <= 0.51);
            sums[unit] += p;
        }
    }
    for (mean, sum) in activity.means.iter().zip(sums) {
        assert!((f64::from(*mean) - sum / activity.excerpts.len() as f64).abs() < 1e-4);
    }
}
