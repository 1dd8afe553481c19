//! What each event of the engine means for what is seen.

use crate::engine::EngineEvent;
use crate::ui::state::{ChainState, ImportProgress, Miniature, RunPhase};

use super::App;

impl App {
    pub(super) fn hear_engine(&mut self) {
        while let Some(event) = self.engine.try_event() {
            self.hear_event(event);
        }
        if let Some(progress) = self.engine.take_progress() {
            self.state.run.progress = progress;
        }
        if let Some(picture) = self.engine.take_chain() {
            let miniature = Miniature::of(&picture.roll);
            self.state.music.chain = Some(ChainState { picture, miniature });
        }
        if let Some(snapshot) = self.engine.take_snapshot() {
            self.take_snapshot(snapshot);
        }
    }

    fn hear_event(&mut self, event: EngineEvent) {
        self.note_checkpoint(&event);
        match event {
            EngineEvent::DeviceProbed(report) => {
                self.state.device.is_cuda = Some(report.cuda_is_available);
                self.state.device.why_no_cuda = report.why_no_cuda;
            }
            EngineEvent::ImportProgressed { done, total } => {
                self.state.data.import = Some(ImportProgress { done, total });
            }
            EngineEvent::Imported(import) => self.take_import(*import),
            EngineEvent::Encoded { songs, problems } => self.take_encoded(songs, &problems),
            EngineEvent::RunStarted(facts) => self.begin_run(*facts),
            EngineEvent::EpochFinished(record) => self.take_epoch(&record),
            EngineEvent::RunPaused => self.state.run.phase = RunPhase::Paused,
            EngineEvent::RunResumed => self.resume_run(),
            EngineEvent::SettingChanged(change) => self.take_change(change),
            EngineEvent::ChangeRefused { reason, .. }
            | EngineEvent::ReadRunsFailed { reason, .. } => self.complain(reason),
            EngineEvent::RunEnded(end) => self.end_run(end),
            EngineEvent::RunDiverged(divergence) => self.take_divergence(divergence),
            EngineEvent::RunFailed { reason, has_model, ways_on } => {
                self.fail_run(reason, has_model, ways_on);
            }
            EngineEvent::RunReset => self.forget_run(),
            EngineEvent::ModelKept { run, model } => self.take_kept_model(run, *model),
            EngineEvent::RunsRead { path, runs } => self.take_read_runs(&path, runs),
            EngineEvent::RunBroughtBack => self.take_run_back(),
            EngineEvent::GenerateProgressed { share } => {
                self.state.music.generating = self.state.music.generating.map(|_| share);
            }
            EngineEvent::Generated(pieces) => self.take_pieces(pieces),
            EngineEvent::ChainTaken(piece) => self.take_chain_state(*piece),
            EngineEvent::GenerateCancelled => self.cancel_generate(),
            EngineEvent::Auditioned { epoch, piece } => self.take_dream(epoch, *piece),
            EngineEvent::AuditionFailed(reason) => self.fail_audition(&reason),
            EngineEvent::GenerateFailed(reason) => self.fail_generate(&reason),
            event @ (EngineEvent::LikelihoodProgressed { .. }
            | EngineEvent::LikelihoodEstimated(_)
            | EngineEvent::LikelihoodCancelled
            | EngineEvent::LikelihoodFailed(_)
            | EngineEvent::NearestFound { .. }
            | EngineEvent::NearestCancelled { .. }
            | EngineEvent::NearestFailed { .. }) => self.hear_estimate(event),
            EngineEvent::Saved { path, lock } => self.note_saved(path, lock),
            EngineEvent::SaveFailed { reason, .. } => self.note_save_failed(reason),
            EngineEvent::Autosaved { number } => self.note_autosaved(number),
            EngineEvent::AutosaveFailed { reason } => self.note_autosave_failed(&reason),
            EngineEvent::Loaded { path, project, hold } => self.note_loaded(path, *project, hold),
            EngineEvent::LoadFailed { path, reason } => self.note_load_failed(&path, reason),
        }
    }
}
