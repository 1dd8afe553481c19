//! Measures beside the training: the log-likelihood and the nearest song.

use std::sync::Arc;

use harmonium::dataset::EncodingSettings;
use harmonium::engine::{EngineCommand, EngineEvent, NearestRequest, NearestSong};
use harmonium::music::{Metre, PianoRoll};
use harmonium::rbm::AnnealingSettings;
use harmonium::train::{Likelihood, TrainSettings};

use super::{Session, name, train_request};
use crate::world::{small_settings, songs};

const QUICK: AnnealingSettings =
    AnnealingSettings { runs: 20, temperatures: 200, start_steps: 20, seed: 1 };
/// More than any test waits for.
const ENDLESS: AnnealingSettings =
    AnnealingSettings { runs: 100, temperatures: 10_000_000, start_steps: 0, seed: 1 };

fn annealed() -> TrainSettings {
    TrainSettings { hidden_units: 24, ..small_settings() }
}

impl Session {
    fn estimate(&mut self, settings: AnnealingSettings) -> Likelihood {
        self.send(EngineCommand::EstimateLikelihood(settings));
        self.until(|event| match event {
            EngineEvent::LikelihoodEstimated(likelihood) => Some(**likelihood),
            _ => None,
        })
    }

    fn heard_after(&self, n_before: usize, wanted: &str) -> bool {
        self.heard[n_before..].contains(&wanted)
    }
}

#[test]
fn the_likelihood_is_estimated_while_the_training_goes_on() {
    let mut session = Session::start();
    session.train(TrainSettings { epochs: 1_000_000, learning_rate: 1e-4, ..annealed() });
    session.until_named("EpochFinished");
    let first = session.estimate(QUICK);
    assert!(session.heard.contains(&"LikelihoodProgressed"));
    assert!(first.finished_epochs >= 1);
    assert!(first.training.lowest <= first.training.per_step);
    assert!(first.training.per_step <= first.training.highest);
    assert!(first.training.per_step < 0.0 && first.held_out.is_some());
    let n_before = session.heard.len();
    session.until_named("EpochFinished");
    assert!(!session.heard_after(n_before, "RunPaused"), "the training was not disturbed");
    session.send(EngineCommand::Stop);
    session.until_named("RunEnded");
    // The same model and numbers give the same figure.
    assert_eq!(session.estimate(QUICK), session.estimate(QUICK));
}

#[test]
fn a_small_machine_is_measured_exactly() {
    let mut session = Session::start();
    session.train(small_settings());
    session.until_named("RunEnded");
    let exact = session.estimate(QUICK);
    assert_eq!(exact.partition.gap(), 0.0);
    assert_eq!(exact.training.uncertainty(), 0.0);
}

#[test]
fn an_estimate_ends_when_it_is_cancelled_or_its_run_is_over() {
    let mut session = Session::start();
    session.train(annealed());
    session.until_named("RunEnded");
    session.send(EngineCommand::EstimateLikelihood(ENDLESS));
    session.send(EngineCommand::CancelEstimate);
    session.until_named("LikelihoodCancelled");
    session.send(EngineCommand::EstimateLikelihood(ENDLESS));
    session.send(train_request(annealed(), true));
    session.until_named("LikelihoodCancelled");
    session.send(EngineCommand::EstimateLikelihood(ENDLESS));
    session.send(EngineCommand::Reset);
    session.until_named("LikelihoodCancelled");
    // Dropping the session ends one under way: the test would hang otherwise.
    session.send(train_request(annealed(), true));
    session.send(EngineCommand::EstimateLikelihood(ENDLESS));
}

#[test]
fn without_a_run_there_is_nothing_to_measure() {
    let mut session = Session::start();
    session.send(EngineCommand::EstimateLikelihood(QUICK));
    match session.next() {
        EngineEvent::LikelihoodFailed(reason) => assert!(reason.contains("no run"), "{reason}"),
        other => panic!("{}", name(&other)),
    }
}

fn nearest_request(piece: u64, roll: &Arc<PianoRoll>) -> NearestRequest {
    let encoding = EncodingSettings { held_out_share: 0.0, ..small_settings().encoding };
    NearestRequest {
        piece,
        roll: Arc::clone(roll),
        metre: Metre::COMMON,
        songs: songs(4, &encoding),
        held_out_songs: Vec::new(),
        encoding,
    }
}

fn nearest(session: &mut Session, piece: u64, roll: &Arc<PianoRoll>) -> Option<NearestSong> {
    session.send(EngineCommand::FindNearest(Box::new(nearest_request(piece, roll))));
    session.until(|event| match event {
        EngineEvent::NearestFound { piece: found, nearest } => {
            assert_eq!(*found, piece);
            Some(nearest.clone())
        }
        _ => None,
    })
}

#[test]
fn a_copy_names_its_song_and_bar_and_silence_has_none() {
    let mut session = Session::start();
    let known = songs(4, &small_settings().encoding);
    // The third bar and what follows it.
    let part = Arc::new(known[2].roll.excerpt(32..known[2].roll.n_steps()));
    let found = nearest(&mut session, 7, &part).unwrap();
    assert!(found.is_copy && found.distance == 0.0);
    assert_eq!((found.title.as_str(), found.bar >= 3), (known[2].title.as_str(), true));
    let encoding = small_settings().encoding;
    let empty = PianoRoll::new(32, encoding.pitches(), encoding.steps_per_beat);
    assert_eq!(nearest(&mut session, 8, &Arc::new(empty)), None);
}

#[test]
fn a_piece_of_another_grid_is_refused_and_a_search_can_be_cancelled() {
    let mut session = Session::start();
    let other = Arc::new(PianoRoll::new(32, harmonium::music::PitchRange::REFERENCE, 4));
    session.send(EngineCommand::FindNearest(Box::new(nearest_request(1, &other))));
    match session.next() {
        EngineEvent::NearestFailed { piece: 1, reason } => {
            assert!(reason.contains("another grid"), "{reason}");
        }
        other => panic!("{}", name(&other)),
    }
    let known = songs(4, &small_settings().encoding);
    // The engine is busy with the first search's set-up or not yet at it when the second comes.
    session.send(EngineCommand::FindNearest(Box::new(nearest_request(2, &known[0].roll))));
    session.send(EngineCommand::CancelNearest);
    match session.next() {
        EngineEvent::NearestCancelled { piece: 2 } | EngineEvent::NearestFound { .. } => {}
        other => panic!("{}", name(&other)),
    }
    assert!(nearest(&mut session, 3, &known[0].roll).is_some());
}
