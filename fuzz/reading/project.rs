//! Project files: opened or refused with words. What opens is saved and opens again to the same bytes, its pieces
//! and songs become scores and excerpts, and its run goes on and is heard, as the window and the command line do it.

use std::io::Write as _;

use harmonium::engine::{GenerateRequest, TimedRun, VoiceSource, dream};
use harmonium::generate::{GenerateSettings, ScoreSettings, Task, roll_to_score};
use harmonium::midi;
use harmonium::music::{Metre, NoteSheet, PianoRoll};
use harmonium::project::{self, Model, PieceRecord, Project};
use harmonium::rbm::Device;

/// Of a model that is tried: larger ones only take longer.
const MOST_WEIGHTS: usize = 50_000;
const MOST_CHAIN_CELLS: usize = 500_000;
/// The same of pieces.
const MOST_STEPS: usize = 2_000;

pub fn read(bytes: &[u8]) {
    let mut file = tempfile::Builder::new().suffix(".harmonium").tempfile().expect("a file");
    file.write_all(bytes).expect("room for it");
    if let Ok(note) = project::read_autosave_note(file.path()) {
        assert!(note.errors.len() <= bytes.len());
    }
    let project = match project::load(file.path()) {
        Ok(project) => project,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    let saved = project::to_bytes(&project).expect("what opens can be saved");
    std::fs::write(file.path(), &saved).expect("room for it");
    let again = project::load(file.path()).expect("what was saved opens");
    assert!(
        project::to_bytes(&again).is_ok_and(|bytes| bytes == saved),
        "it comes back as it was saved"
    );
    for piece in project.pieces.iter().filter(|piece| piece.roll.n_steps() <= MOST_STEPS).take(8) {
        play(piece);
    }
    if let Some(model) = &project.model {
        assert_eq!(project::weights_sha256(&model.state.parameters).len(), 64);
        go_on(&project, model);
    }
}

/// As the window shows, edits and exports a piece.
fn play(piece: &PieceRecord) {
    let sheets: Vec<NoteSheet> =
        std::iter::once(piece.sheet()).chain(piece.original_sheet()).collect();
    let mut edited = piece.clone();
    for sheet in &sheets {
        edited.take_notes(sheet);
    }
    let settings = ScoreSettings {
        beats_per_minute: piece.beats_per_minute,
        metre: piece.metre,
        ..ScoreSettings::default()
    };
    let score = roll_to_score(&piece.roll, &settings);
    assert!(score.duration_secs().is_finite());
    midi::read(&midi::write(&score)).expect("what we write can be read");
}

/// The run is taken up for an update, and a bar is heard of it.
fn go_on(project: &Project, model: &Model) {
    let settings = &model.run.settings;
    assert!(model.run.history.initial_settings(settings).text("seed").is_ok());
    let parameters = &model.state.parameters;
    let is_small = parameters.weights.len() <= MOST_WEIGHTS
        && model.state.learner.chains.len() <= MOST_CHAIN_CELLS
        && settings.gibbs_steps <= 10;
    if !is_small {
        return;
    }
    if let Ok(dataset) = project.dataset(&settings.encoding) {
        match TimedRun::resume(&dataset, model.clone(), Device::Cpu) {
            Err(error) => assert!(!error.to_string().is_empty()),
            Ok(mut run) => drop(run.step().map_err(|error| assert!(!error.to_string().is_empty()))),
        }
    }
    let source = VoiceSource::of_model(model, None, Device::Cpu);
    let request = GenerateRequest {
        settings: GenerateSettings {
            pieces: 1,
            bars: 1,
            gibbs_steps: 2,
            ..GenerateSettings::suited_to(!source.chains.is_empty())
        },
        song: None,
        task: Task::New,
        locked: Vec::new(),
        metre: Metre::COMMON,
        beats_per_minute: 120.0,
    };
    match dream(&source, &request, &mut |_| true) {
        Err(error) => assert!(!error.to_string().is_empty()),
        Ok(pieces) => {
            let rolls = pieces.iter().map(|piece| &*piece.roll);
            assert!(rolls.map(PianoRoll::n_steps).all(|n_steps| n_steps > 0));
        }
    }
}
