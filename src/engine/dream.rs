//! From a trained model to named pieces, the same for the window and the command line.

use std::sync::Arc;

use crate::dataset::{EncodingSettings, TrainingBits};
use crate::generate::{
    Assignment, ChainView, GenerateError, KeptDensities, Observer, Piece, Start, Voice, Wish,
};
use crate::music::PianoRoll;
use crate::project::{Model, PieceRecord};
use crate::rbm::{Device, Machine, Parameters};

use super::GenerateRequest;

/// A copy of everything that a model needs to be heard.
#[derive(Clone, Debug)]
pub struct VoiceSource {
    pub parameters: Parameters,
    pub encoding: EncodingSettings,
    pub visible_means: Vec<f32>,
    /// Persistent chains as 0 and 1; empty without.
    pub chains: Vec<u8>,
    pub device: Device,
    /// The songs to compare new pieces with, where they are at hand.
    pub training: Option<Arc<TrainingBits>>,
    /// Found for it or for others before.
    pub densities: Arc<KeptDensities>,
}

impl VoiceSource {
    /// The voice of a saved model. Where the songs are not at hand to give `visible_means`, its
    /// chains or its biases stand in for them: only music that starts from noise hears of it.
    pub fn of_model(model: &Model, visible_means: Option<Vec<f32>>, device: Device) -> Self {
        let parameters = model.state.parameters.clone();
        let mut chains = model.state.learner.chains.clone();
        // Under parallel tempering the hotter ones follow.
        chains.truncate(model.run.settings.chains.saturating_mul(parameters.n_visible));
        let visible_means = visible_means.unwrap_or_else(|| likely_means(&parameters, &chains));
        let encoding = model.run.settings.encoding.clone();
        Self {
            parameters,
            encoding,
            visible_means,
            chains,
            device,
            training: None,
            densities: Arc::default(),
        }
    }
}

fn likely_means(parameters: &Parameters, chains: &[u8]) -> Vec<f32> {
    let n_chains = chains.len() / parameters.n_visible.max(1);
    if n_chains == 0 {
        return parameters.visible_bias.iter().map(|bias| 1.0 / (1.0 + (-bias).exp())).collect();
    }
    let mut means = vec![0.0; parameters.n_visible];
    for chain in chains.chunks_exact(parameters.n_visible) {
        for (mean, &bit) in means.iter_mut().zip(chain) {
            *mean += f32::from(bit) / n_chains as f32;
        }
    }
    means
}

/// Makes pieces. `go_on` hears the share done and answers whether to go on.
///
/// # Errors
/// See [`Voice::generate`].
pub fn dream(
    source: &VoiceSource,
    request: &GenerateRequest,
    go_on: &mut dyn FnMut(f64) -> bool,
) -> Result<Vec<PieceRecord>, GenerateError> {
    struct Listener<'a>(&'a mut dyn FnMut(f64) -> bool);
    impl Observer for Listener<'_> {
        fn after_step(&mut self, view: &ChainView<'_>) -> Wish {
            if (self.0)(view.share) { Wish::GoOn } else { Wish::Stop }
        }
    }
    dream_observed(source, request, &mut Listener(go_on))
}

/// The same before somebody who sees the chains run.
pub(super) fn dream_observed(
    source: &VoiceSource,
    request: &GenerateRequest,
    observer: &mut dyn Observer,
) -> Result<Vec<PieceRecord>, GenerateError> {
    let machine = Machine::from_parameters(&source.parameters, source.device)?;
    let voice = Voice {
        machine: &machine,
        encoding: &source.encoding,
        visible_means: &source.visible_means,
        chains: &source.chains,
        densities: &source.densities,
    };
    let start = Start::from_settings(request.settings.start, request.song.as_deref())?;
    let steps_per_bar = request.metre.steps_per_bar(source.encoding.steps_per_beat);
    let assignment = Assignment { task: &request.task, locked: &request.locked, steps_per_bar };
    let pieces = voice.generate_observed(&request.settings, start, &assignment, observer)?;
    let training = source.training.as_deref();
    let record = |(number, piece): (usize, Piece)| {
        let ranking = voice.rank(&piece.roll, steps_per_bar, training)?;
        let record = record(request, piece.roll, piece.seed);
        Ok(PieceRecord { name: format!("Piece {}", number + 1), ranking: Some(ranking), ..record })
    };
    pieces.into_iter().enumerate().map(record).collect()
}

/// A piece that was made by request; its name and its rank are the maker's to say.
pub(super) fn record(request: &GenerateRequest, roll: PianoRoll, seed: u64) -> PieceRecord {
    let mut record = PieceRecord {
        name: String::new(),
        roll: Arc::new(roll),
        seed,
        beats_per_minute: request.beats_per_minute,
        metre: request.metre,
        is_favourite: false,
        velocities: Arc::default(),
        original: None,
        locked: Arc::default(),
        ranking: None,
    };
    record.lock(&request.locked);
    record
}
