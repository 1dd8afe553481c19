//! The machine fails a run: no memory, CUDA gone. The run stands where it last stood well, says what
//! would help, and goes on.

use std::sync::atomic::{AtomicU64, Ordering};

use harmonium::engine::{EngineCommand, EngineEvent, EngineOptions, Fault, GoOnRequest, WayOn};
use harmonium::rbm::DeviceChoice;

use super::{Session, base_project, sha, untouched};
use crate::world::{endless_settings, small_settings};

fn failed(session: &mut Session) -> (String, Vec<WayOn>) {
    session.until(|event| match event {
        EngineEvent::RunFailed { reason, has_model: true, ways_on } => {
            Some((reason.clone(), ways_on.clone()))
        }
        _ => None,
    })
}

fn go_on(way: WayOn) -> EngineCommand {
    let project = base_project();
    EngineCommand::GoOn(Box::new(GoOnRequest {
        songs: project.songs,
        held_out_songs: project.held_out_songs,
        device: DeviceChoice::Cpu,
        way,
    }))
}

fn finished_epochs(session: &mut Session) -> u32 {
    session.until(|event| match event {
        EngineEvent::RunStarted(facts) => Some(facts.finished_epochs),
        _ => None,
    })
}

#[test]
fn without_memory_a_run_goes_on_with_smaller_batches() {
    let fault = Some(Fault::NoMemoryAtStep(23));
    let mut session = Session::with(EngineOptions { fault, ..EngineOptions::default() });
    session.train(small_settings());
    let (words, ways) = failed(&mut session);
    assert!(words.contains("no memory left") && words.contains("smaller batches"), "{words}");
    let half = small_settings().batch_size / 2;
    assert_eq!(ways, [WayOn::SmallerBatch(half)]);
    let kept = session.model().expect("it can be saved meanwhile");
    session.send(go_on(ways[0]));
    assert_eq!(finished_epochs(&mut session), kept.state.finished_epochs);
    session.until_named("SettingChanged");
    session.until_named("RunEnded");
    let model = session.model().unwrap();
    assert_eq!(model.state.finished_epochs, small_settings().epochs);
    assert_eq!(model.run.settings.batch_size, half);
    let change = model.run.history.changes.last().unwrap();
    assert_eq!((change.key.as_str(), change.epoch), ("batch_size", kept.state.finished_epochs));
    assert!(model.state.parameters.weights.iter().all(|weight| weight.is_finite()));
}

#[test]
fn when_cuda_is_gone_the_processor_goes_on_to_what_it_would_have_been() {
    let fault = Some(Fault::CudaGoneAtStep(13));
    let mut session = Session::with(EngineOptions { fault, ..EngineOptions::default() });
    session.train(small_settings());
    let (words, ways) = failed(&mut session);
    assert!(words.contains("CUDA device no longer answers"), "{words}");
    assert_eq!(ways, [WayOn::Processor]);
    session.send(go_on(WayOn::Processor));
    session.until_named("RunEnded");
    assert_eq!(sha(&session.model().unwrap()), untouched(small_settings()));
}

static FREE_BYTES: AtomicU64 = AtomicU64::new(u64::MAX);

#[test]
fn a_run_ends_before_the_system_ends_the_program_and_goes_on_when_there_is_room() {
    let free_memory = || Some(FREE_BYTES.load(Ordering::Relaxed));
    let mut session = Session::with(EngineOptions { free_memory, ..EngineOptions::default() });
    session.train(endless_settings());
    session.until_named("EpochFinished");
    FREE_BYTES.store(30 << 20, Ordering::Relaxed);
    let (words, ways) = failed(&mut session);
    assert!(words.contains("30 MiB are free") && words.contains("close other programs"), "{words}");
    FREE_BYTES.store(u64::MAX, Ordering::Relaxed);
    session.send(go_on(ways[0]));
    finished_epochs(&mut session);
    session.until_named("EpochFinished");
}
