//! The chains of a generation are watched, held up, taken back and taken as they are.

use std::time::Instant;

use harmonium::engine::{ChainPicture, ChainStep, EngineCommand, EngineEvent};
use harmonium::train::TrainSettings;

use super::{Session, generate_request};
use crate::world::{HANG_LIMIT, small_settings};

impl Session {
    /// The next picture that is as wanted.
    fn chain(&self, is_wanted: impl Fn(&ChainPicture) -> bool) -> ChainPicture {
        let begin = Instant::now();
        loop {
            if let Some(picture) = self.engine.take_chain().filter(&is_wanted) {
                return picture;
            }
            assert!(begin.elapsed() < HANG_LIMIT, "no such picture comes");
            std::thread::yield_now();
        }
    }

    fn trained() -> Self {
        let mut session = Self::start();
        session.train(TrainSettings { epochs: 3, ..small_settings() });
        session.until_named("RunEnded");
        session
    }
}

#[test]
fn a_chain_is_held_up_goes_back_and_forth_and_is_taken_as_it_is() {
    let mut session = Session::trained();
    session.send(EngineCommand::WatchChain(Some(1)));
    session.send(generate_request(100_000));
    let first = session.chain(|picture| picture.gibbs_step > 5);
    assert_eq!((first.piece, first.n_pieces, first.gibbs_steps), (1, 2, 100_000));
    assert_eq!(first.roll.n_steps(), 32);
    assert!(first.free_energy.is_finite());
    session.send(EngineCommand::PauseChain(true));
    let held = session.chain(|picture| picture.is_paused);
    assert!(held.n_kept > 2 && held.excerpt.len() == 16);
    for back in 1..=2 {
        session.send(EngineCommand::StepChain(ChainStep::Back));
        let earlier = session.chain(|picture| picture.gibbs_step == held.gibbs_step - back);
        assert!(earlier.is_paused && earlier.n_kept == held.n_kept - back as usize);
    }
    session.send(EngineCommand::StepChain(ChainStep::Forward));
    let shown = session.chain(|picture| picture.gibbs_step == held.gibbs_step - 1);
    session.send(EngineCommand::TakeChain);
    let taken = session.until(|event| match event {
        EngineEvent::ChainTaken(piece) => Some((**piece).clone()),
        _ => None,
    });
    assert_eq!((&taken.roll, taken.seed), (&shown.roll, shown.seed));
    session.send(EngineCommand::PauseChain(false));
    session.chain(|picture| !picture.is_paused && picture.gibbs_step > shown.gibbs_step);
    session.send(EngineCommand::PauseChain(true));
    session.send(EngineCommand::CancelGenerate);
    session.until_named("GenerateCancelled");
}

#[test]
fn looking_on_changes_no_note_and_every_piece_has_its_rank() {
    let mut session = Session::trained();
    let mut make = |watched| {
        session.send(EngineCommand::WatchChain(watched));
        session.send(generate_request(20));
        session.until(|event| match event {
            EngineEvent::Generated(pieces) => Some(pieces.clone()),
            _ => None,
        })
    };
    let unwatched = make(None);
    assert_eq!(unwatched, make(Some(0)));
    for piece in &unwatched {
        let ranking = piece.ranking.unwrap();
        assert!(ranking.free_energy.is_finite());
        assert!((0.0..=1.0).contains(&ranking.score.value()));
        assert_eq!(ranking.novelty.is_some(), !piece.roll.is_silent());
    }
}
