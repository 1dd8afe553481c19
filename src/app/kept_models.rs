//! The models of earlier runs, kept in memory up to a bound: any of them can be heard again.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::dataset::Fingerprint;
use crate::project::Model;
use crate::train::TrainerState;
use crate::ui::state::RunId;

/// All kept models together take at most so much. The least good are let go first.
pub(super) const MAX_KEPT_BYTES: usize = 1 << 30;

/// A model, and what it learned from.
#[derive(Clone, Debug)]
pub(super) struct KeptModel {
    pub state: Arc<TrainerState>,
    pub data: Option<Fingerprint>,
}

#[derive(Debug, Default)]
pub(super) struct KeptModels(BTreeMap<RunId, KeptModel>);

impl From<Model> for KeptModel {
    fn from(model: Model) -> Self {
        Self { state: Arc::new(model.state), data: model.run.data }
    }
}

impl KeptModels {
    pub(super) fn get(&self, run: RunId) -> Option<&KeptModel> {
        self.0.get(&run)
    }

    pub(super) fn insert(&mut self, run: RunId, model: KeptModel) {
        self.0.insert(run, model);
    }

    pub(super) fn take(&mut self, run: RunId) -> Option<KeptModel> {
        self.0.remove(&run)
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// Lets models go until the rest takes at most `max_bytes`, in the order of `worst_first`; what
    /// is not named there goes before all others. Returns what went.
    pub(super) fn shrink_to(&mut self, max_bytes: usize, worst_first: &[RunId]) -> Vec<RunId> {
        let mut bytes: usize = self.0.values().map(|kept| state_bytes(&kept.state)).sum();
        let rank = |run: &RunId| worst_first.iter().position(|worst| worst == run);
        let mut runs: Vec<RunId> = self.0.keys().copied().collect();
        runs.sort_by_key(|run| rank(run).map_or(0, |rank| rank + 1));
        let mut gone = Vec::new();
        for run in runs {
            if bytes <= max_bytes {
                break;
            }
            if let Some(kept) = self.0.remove(&run) {
                bytes -= state_bytes(&kept.state);
                gone.push(run);
            }
        }
        gone
    }
}

/// The memory that a model takes.
fn state_bytes(state: &TrainerState) -> usize {
    let parameters = std::iter::once(&state.parameters)
        .chain(state.kept.iter().map(|kept| &kept.parameters))
        .map(|one| one.weights.len() + one.visible_bias.len() + one.hidden_bias.len());
    let learner = &state.learner;
    let floats = parameters.sum::<usize>()
        + learner.velocity.len()
        + learner.hidden_offset.len()
        + learner.hidden_activity.len();
    floats * size_of::<f32>() + learner.chains.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rbm::{LearnerState, Parameters};

    fn model(n_weights: usize) -> KeptModel {
        let parameters = Parameters {
            n_visible: n_weights,
            n_hidden: 1,
            weights: vec![0.0; n_weights],
            visible_bias: Vec::new(),
            hidden_bias: Vec::new(),
            hidden_retention: 1.0,
        };
        let learner = LearnerState {
            velocity: Vec::new(),
            chains: Vec::new(),
            hidden_offset: Vec::new(),
            hidden_activity: Vec::new(),
        };
        let state = TrainerState {
            parameters,
            learner,
            finished_epochs: 1,
            batches: 0,
            updates: 1,
            early_stop: None,
            kept: None,
        };
        KeptModel { state: Arc::new(state), data: None }
    }

    #[test]
    fn the_least_good_go_first_and_those_without_a_run_before_them() {
        let mut models = KeptModels::default();
        for run in 1..=4 {
            models.insert(RunId(run), model(100));
        }
        assert_eq!(models.shrink_to(1600, &[]), []);
        let worst_first = [RunId(3), RunId(1), RunId(2)];
        assert_eq!(models.shrink_to(800, &worst_first), [RunId(4), RunId(3)]);
        assert!(models.get(RunId(1)).is_some() && models.get(RunId(2)).is_some());
    }
}
