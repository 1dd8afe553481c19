//! Composing with a trained model: what is held stays, what is free is made.

mod holding;
mod ways;

use std::sync::Arc;

use harmonium::dataset::{EncodingSettings, Planes};
use harmonium::engine::{GenerateRequest, VoiceSource, dream};
use harmonium::generate::{GenerateSettings, StartPoint, Task};
use harmonium::music::{Metre, PianoRoll, RollNote};
use harmonium::rbm::Device;
use harmonium::train::TrainSettings;

use crate::world::{small_settings, trained_project};

pub const BAR: usize = 16;

/// A trained model and a song that it knows.
pub struct Model {
    pub source: VoiceSource,
    pub song: PianoRoll,
}

impl Model {
    pub fn trained(encoding: EncodingSettings) -> Self {
        let settings =
            TrainSettings { encoding, epochs: 300, hidden_units: 40, ..small_settings() };
        let project = trained_project(settings);
        let model = project.model.as_ref().unwrap();
        let dataset = project.dataset(&model.run.settings.encoding).unwrap();
        let means = Some(dataset.visible_means());
        let source = VoiceSource::of_model(model, means, Device::Cpu);
        Self { source, song: PianoRoll::clone(&project.songs[0].roll) }
    }

    /// One-bar excerpts of two planes, as in most tests.
    pub fn of_bars() -> Self {
        Self::trained(small_settings().encoding)
    }

    /// Overlapping excerpts, and a model that sees no onsets.
    pub fn without_onsets() -> Self {
        let encoding = small_settings().encoding;
        let planes = Planes::Hold;
        Self::trained(EncodingSettings {
            planes,
            steps_per_excerpt: 24,
            stride_steps: 8,
            ..encoding
        })
    }

    pub fn request(&self, task: Task, settings: GenerateSettings) -> GenerateRequest {
        GenerateRequest {
            settings,
            song: None,
            task,
            locked: Vec::new(),
            metre: Metre::COMMON,
            beats_per_minute: 120.0,
        }
    }

    pub fn dream(&self, request: &GenerateRequest) -> Vec<Arc<PianoRoll>> {
        let pieces = dream(&self.source, request, &mut |_share| true).unwrap();
        pieces.into_iter().map(|piece| piece.roll).collect()
    }

    pub fn make(&self, task: Task, settings: GenerateSettings) -> Vec<Arc<PianoRoll>> {
        self.dream(&self.request(task, settings))
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
