//! Composing with a trained model: what is held stays, what is free is made.

mod holding;
mod steering;
mod ways;

use std::path::Path;
use std::sync::{Arc, OnceLock};

use harmonium::dataset::{EncodingSettings, Planes, Song, import};
use harmonium::engine::{GenerateRequest, VoiceSource, dream};
use harmonium::generate::{GenerateSettings, StartPoint, Task};
use harmonium::music::{Metre, PianoRoll, RollNote};
use harmonium::rbm::Device;
use harmonium::train::{Preset, TrainSettings};

use crate::world::{small_settings, songs, trained_on};

pub const BAR: usize = 16;

/// A trained model and a song that it knows.
pub struct Model {
    pub source: VoiceSource,
    pub song: PianoRoll,
}

impl Model {
    fn trained(songs: Vec<Song>, settings: TrainSettings) -> Self {
        let project = trained_on(songs, settings);
        let model = project.model.as_ref().unwrap();
        let dataset = project.dataset(&model.run.settings.encoding).unwrap();
        let means = Some(dataset.visible_means());
        let source = VoiceSource::of_model(model, means, Device::Cpu);
        Self { source, song: PianoRoll::clone(&project.songs[0].roll) }
    }

    fn of_tunes(encoding: EncodingSettings) -> Self {
        let settings = TrainSettings { encoding, epochs: 8, hidden_units: 40, ..small_settings() };
        Self::trained(songs(40, &settings.encoding), settings)
    }

    /// The songs that ship, learned in some seconds; one for all tests.
    pub fn of_demo() -> &'static Self {
        static MODEL: OnceLock<Model> = OnceLock::new();
        MODEL.get_or_init(|| {
            let settings = TrainSettings { epochs: 30, ..Preset::Recommended.settings() };
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo");
            let songs = import(&[folder], &settings.encoding, &()).songs;
            Self::trained(songs, settings)
        })
    }

    /// One-bar excerpts of two planes, as in most tests.
    pub fn of_bars() -> Self {
        Self::of_tunes(small_settings().encoding)
    }

    /// Overlapping excerpts, and a model that sees no onsets.
    pub fn without_onsets() -> Self {
        let encoding = small_settings().encoding;
        let planes = Planes::Hold;
        Self::of_tunes(EncodingSettings {
            planes,
            steps_per_excerpt: 24,
            stride_steps: 8,
            ..encoding
        })
    }

    pub fn dream(&self, request: &GenerateRequest) -> Vec<Arc<PianoRoll>> {
        let pieces = dream(&self.source, request, &mut |_share| true).unwrap();
        pieces.into_iter().map(|piece| piece.roll).collect()
    }

    pub fn make(&self, task: Task, settings: GenerateSettings) -> Vec<Arc<PianoRoll>> {
        self.dream(&request(task, settings))
    }
}

pub fn request(task: Task, settings: GenerateSettings) -> GenerateRequest {
    GenerateRequest {
        settings,
        song: None,
        task,
        locked: Vec::new(),
        metre: Metre::COMMON,
        beats_per_minute: 120.0,
    }
}

/// Two samples after a few steps from noise: quick, and seldom alike.
pub fn quick() -> GenerateSettings {
    GenerateSettings {
        pieces: 2,
        bars: 2,
        gibbs_steps: 3,
        start: StartPoint::Noise,
        is_last_step_likeliest: false,
        ..GenerateSettings::FROM_CHAINS
    }
}

pub fn shifted(notes: &[RollNote], steps: u32) -> Vec<RollNote> {
    let shift = |note: &RollNote| RollNote { start_step: note.start_step + steps, ..*note };
    notes.iter().map(shift).collect()
}
