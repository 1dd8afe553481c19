//! Live audition: pieces of the model while it learns.

use harmonium::engine::{AuditionRequest, EngineCommand, EngineEvent, GenerateRequest};
use harmonium::generate::{GenerateSettings, Task};
use harmonium::music::Metre;
use harmonium::project::PieceRecord;
use harmonium::train::TrainSettings;

use super::Session;
use crate::world::{endless_settings, small_settings};

fn audition(every_epochs: u32) -> EngineCommand {
    let settings =
        GenerateSettings { pieces: 1, bars: 2, gibbs_steps: 5, ..GenerateSettings::FROM_CHAINS };
    let (metre, beats_per_minute) = (Metre::COMMON, 100.0);
    let piece = GenerateRequest {
        settings,
        song: None,
        task: Task::New,
        locked: Vec::new(),
        metre,
        beats_per_minute,
    };
    EngineCommand::Audition(Some(Box::new(AuditionRequest { every_epochs, piece })))
}

impl Session {
    fn dream(&mut self) -> (u32, PieceRecord) {
        self.until(|event| match event {
            EngineEvent::Auditioned { epoch, piece } => Some((*epoch, (**piece).clone())),
            _ => None,
        })
    }
}

#[test]
fn the_newest_model_is_heard_again_and_again_while_it_learns() {
    let mut session = Session::start();
    session.send(audition(3));
    session.train(endless_settings());
    let mut dreams = vec![session.dream()];
    // It is the same seed: what differs is what was learned.
    while dreams.len() < 4 || dreams.iter().all(|(_, piece)| piece.roll == dreams[0].1.roll) {
        dreams.push(session.dream());
    }
    for pair in dreams.windows(2) {
        assert!(pair[1].0 > pair[0].0, "{} after {}", pair[1].0, pair[0].0);
    }
    for (epoch, piece) in &dreams {
        assert!(*epoch >= 1, "before the first epoch nothing is heard");
        assert_eq!(piece.roll.n_steps(), 32, "two bars");
        assert_eq!(piece.beats_per_minute, 100.0);
    }
    session.send(EngineCommand::Audition(None));
    session.send(EngineCommand::Pause);
    session.until_named("RunPaused");
    session.send(EngineCommand::Resume);
    let n_before = session.heard.len();
    for _ in 0..20 {
        session.until_named("EpochFinished");
    }
    let late = session.heard[n_before..].iter().filter(|name| **name == "Auditioned").count();
    assert!(late <= 1, "one was on its way when nobody listened any more, not {late}");
}

#[test]
fn the_model_of_a_run_that_is_over_is_heard_too_and_listening_changes_no_weight() {
    let settings = TrainSettings { epochs: 20, ..small_settings() };
    let mut session = Session::start();
    session.send(audition(1));
    session.train(settings.clone());
    session.until_named("RunEnded");
    let heard = super::sha(&session.model().unwrap());
    assert_eq!(heard, super::untouched(settings));
    session.send(audition(1));
    while session.dream().0 < 20 {}
    assert_eq!(session.model().unwrap().state.finished_epochs, 20);
}
