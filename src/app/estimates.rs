//! Measures that were asked for: the log-likelihood of the model, and which song a piece copies.

use crate::engine::{EngineCommand, EngineEvent, NearestRequest};
use crate::rbm::AnnealingSettings;
use crate::ui::state::{LikelihoodState, NearestState, PieceId};

use super::App;

/// Less work than the command line does: a minute or two beside the training.
const ANNEALING: AnnealingSettings =
    AnnealingSettings { runs: 100, temperatures: 5000, start_steps: 500, seed: 1 };

impl App {
    pub(super) fn estimate_likelihood(&mut self) {
        self.state.run.likelihood = LikelihoodState::Estimating { share: 0.0 };
        self.engine.send(EngineCommand::EstimateLikelihood(ANNEALING));
    }

    /// Looks for the song that a piece comes nearest to, once for each piece.
    pub(super) fn find_nearest(&mut self, id: PieceId) {
        let Some(facts) = &self.state.run.facts else { return };
        let encoding = facts.settings.encoding.clone();
        let pieces = &mut self.state.music.pieces;
        let Some(piece) = pieces.iter_mut().find(|piece| piece.id == id) else { return };
        if !matches!(piece.nearest, NearestState::Unknown) {
            return;
        }
        piece.nearest = NearestState::Searching;
        let request = NearestRequest {
            piece: id.0,
            roll: std::sync::Arc::clone(&piece.record.roll),
            metre: piece.record.metre,
            songs: self.state.data.songs.clone(),
            held_out_songs: self.held_out_songs.clone(),
            encoding,
        };
        self.engine.send(EngineCommand::FindNearest(Box::new(request)));
    }

    /// What the engine says of these measures.
    pub(super) fn hear_estimate(&mut self, event: EngineEvent) {
        let run = &mut self.state.run;
        let is_wanted = matches!(run.likelihood, LikelihoodState::Estimating { .. });
        match event {
            EngineEvent::LikelihoodProgressed { share } if is_wanted => {
                run.likelihood = LikelihoodState::Estimating { share };
            }
            EngineEvent::LikelihoodEstimated(likelihood) if is_wanted => {
                run.likelihood = LikelihoodState::Known(likelihood);
            }
            EngineEvent::LikelihoodCancelled if is_wanted => {
                run.likelihood = LikelihoodState::Unknown;
            }
            EngineEvent::LikelihoodFailed(reason) if is_wanted => {
                run.likelihood = LikelihoodState::Failed(reason);
            }
            EngineEvent::NearestFound { piece, nearest } => {
                let found = nearest.map_or(NearestState::Nothing, NearestState::Found);
                self.note_nearest(piece, found);
            }
            EngineEvent::NearestCancelled { piece } => {
                self.note_nearest(piece, NearestState::Unknown);
            }
            EngineEvent::NearestFailed { piece, reason } => {
                self.note_nearest(piece, NearestState::Failed(reason));
            }
            _ => {}
        }
    }

    fn note_nearest(&mut self, piece: u64, nearest: NearestState) {
        let pieces = &mut self.state.music.pieces;
        if let Some(piece) = pieces.iter_mut().find(|known| known.id == PieceId(piece)) {
            piece.nearest = nearest;
        }
    }
}
