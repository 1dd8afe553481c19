//! From a trained model to named pieces, the same for the window and the command line.

use std::sync::Arc;

use crate::dataset::EncodingSettings;
use crate::generate::{GenerateError, Piece, Start, Voice};
use crate::project::PieceRecord;
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
    let machine = Machine::from_parameters(&source.parameters, source.device)?;
    let voice = Voice {
        machine: &machine,
        encoding: &source.encoding,
        visible_means: &source.visible_means,
        chains: &source.chains,
    };
    let start = Start::from_settings(request.settings.start, request.song.as_deref())?;
    let beats_per_bar = request.metre.beats_per_bar();
    let steps_per_bar =
        (beats_per_bar * f64::from(source.encoding.steps_per_beat)).round() as usize;
    let task = (&request.task, steps_per_bar);
    let pieces = voice.generate(&request.settings, start, task, go_on)?;
    let record = |(number, piece): (usize, Piece)| PieceRecord {
        name: format!("Piece {}", number + 1),
        roll: Arc::new(piece.roll),
        seed: piece.seed,
        beats_per_minute: request.beats_per_minute,
        metre: request.metre,
        is_favourite: false,
    };
    Ok(pieces.into_iter().enumerate().map(record).collect())
}
