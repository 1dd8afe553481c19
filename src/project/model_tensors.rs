//! The numbers of a model: between a trainer's state and the tensors of the file.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use crate::dataset::{pack_bits, unpack_bits};
use crate::rbm::{LearnerState, Parameters};
use crate::train::{KeptParameters, TrainerState};

use super::document::{KeptEntry, ModelEntry, RunModelEntry, StateEntry};
use super::{Model, Run, RunModel};

/// A tensor on its way into the file.
pub(super) struct Packed<'a> {
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Cow<'a, [u8]>,
}

impl safetensors::View for Packed<'_> {
    fn dtype(&self) -> Dtype {
        self.dtype
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(&self.bytes)
    }

    fn data_len(&self) -> usize {
        self.bytes.len()
    }
}

pub(super) fn model_entry(model: &Model) -> ModelEntry {
    ModelEntry { run: model.run.clone(), state: state_entry(&model.state) }
}

pub(super) fn run_model_entry(model: &RunModel) -> RunModelEntry {
    RunModelEntry { run: model.run, state: state_entry(&model.state) }
}

/// What the names of the tensors of an earlier run begin with.
pub(super) fn run_prefix(run: usize) -> String {
    format!("run{run}.")
}

fn state_entry(state: &TrainerState) -> StateEntry {
    StateEntry {
        hidden_retention: state.parameters.hidden_retention,
        finished_epochs: state.finished_epochs,
        batches: state.batches,
        updates: state.updates,
        early_stop: state.early_stop,
        kept: state.kept.as_ref().map(|kept| KeptEntry {
            best: kept.best,
            is_in_use: kept.is_in_use,
            hidden_retention: kept.parameters.hidden_retention,
        }),
    }
}

/// The parameters of the current run stand without a prefix, for anybody who reads the file with
/// other tools.
pub(super) fn model_tensors(prefix: &str, state: &TrainerState) -> Vec<(String, Packed<'static>)> {
    let learner = &state.learner;
    let chains = pack_bits(&learner.chains);
    let n_chains = learner.chains.len() / state.parameters.n_visible.max(1);
    let mut tensors = vec![
        ("learner_velocity", floats(vec![learner.velocity.len()], &learner.velocity)),
        (
            "learner_hidden_offset",
            floats(vec![learner.hidden_offset.len()], &learner.hidden_offset),
        ),
        (
            "learner_hidden_activity",
            floats(vec![learner.hidden_activity.len()], &learner.hidden_activity),
        ),
        ("learner_chains", bits(vec![chains.len()], chains)),
        ("learner_chain_count", bits(vec![8], (n_chains as u64).to_le_bytes().to_vec())),
    ]
    .into_iter()
    .map(|(name, tensor)| (format!("{prefix}{name}"), tensor))
    .collect();
    push_parameters(&mut tensors, prefix, &state.parameters);
    if let Some(kept) = &state.kept {
        let prefix = format!("{prefix}{}", kept_prefix(kept.is_in_use));
        push_parameters(&mut tensors, &prefix, &kept.parameters);
    }
    tensors
}

/// What the second set of parameters is: the best while the run goes on, then the last.
fn kept_prefix(is_best_in_use: bool) -> &'static str {
    if is_best_in_use { "last." } else { "best." }
}

fn push_parameters(
    tensors: &mut Vec<(String, Packed<'static>)>,
    prefix: &str,
    parameters: &Parameters,
) {
    let (n_visible, n_hidden) = (parameters.n_visible, parameters.n_hidden);
    for (name, shape, values) in [
        ("weights", vec![n_visible, n_hidden], &parameters.weights),
        ("visible_bias", vec![n_visible], &parameters.visible_bias),
        ("hidden_bias", vec![n_hidden], &parameters.hidden_bias),
    ] {
        tensors.push((format!("{prefix}{name}"), floats(shape, values)));
    }
}

fn floats(shape: Vec<usize>, values: &[f32]) -> Packed<'static> {
    let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    Packed { dtype: Dtype::F32, shape, bytes: Cow::Owned(bytes) }
}

pub(super) fn bits(shape: Vec<usize>, bytes: Vec<u8>) -> Packed<'static> {
    Packed { dtype: Dtype::U8, shape, bytes: Cow::Owned(bytes) }
}

pub(super) fn read_model(entry: ModelEntry, tensors: &SafeTensors<'_>) -> Result<Model, String> {
    let state = read_state(entry.state, &entry.run, "", tensors)?;
    Ok(Model { run: entry.run, state })
}

/// The models of earlier runs.
pub(super) fn read_run_models(
    entries: Vec<RunModelEntry>,
    runs: &[Run],
    tensors: &SafeTensors<'_>,
) -> Result<Vec<RunModel>, String> {
    let mut seen = HashSet::new();
    let read = |entry: RunModelEntry| {
        // Named often, the same tensors would fill the memory.
        if !seen.insert(entry.run) {
            return Err("two models belong to one run".to_owned());
        }
        let run = runs.get(entry.run).ok_or("a model belongs to no run")?;
        let state = read_state(entry.state, run, &run_prefix(entry.run), tensors)?;
        Ok(RunModel { run: entry.run, state: Arc::new(state) })
    };
    entries.into_iter().map(read).collect()
}

fn read_state(
    entry: StateEntry,
    run: &Run,
    prefix: &str,
    tensors: &SafeTensors<'_>,
) -> Result<TrainerState, String> {
    let named = |name: &str, dtype| tensor(tensors, &format!("{prefix}{name}"), dtype);
    let shape = named("weights", Dtype::F32)?.shape().to_vec();
    let [n_visible, n_hidden] = shape[..] else {
        return Err("the tensor \"weights\" is no matrix".to_owned());
    };
    if run.settings.encoding.n_visible() != n_visible {
        return Err("the weights do not fit the encoding of the run".to_owned());
    }
    let count = named("learner_chain_count", Dtype::U8)?.data();
    let n_chains = u64::from_le_bytes(count.try_into().map_err(|_error| "chain count is damaged")?);
    let packed = named("learner_chains", Dtype::U8)?.data();
    let chains = (n_chains as usize)
        .checked_mul(n_visible)
        .and_then(|n_cells| unpack_bits(packed, n_cells))
        .ok_or("the tensor \"learner_chains\" is cut short")?;
    let size = (n_visible, n_hidden);
    let parameters = read_parameters(tensors, prefix, size, entry.hidden_retention)?;
    let kept = match entry.kept {
        Some(kept) => {
            let prefix = format!("{prefix}{}", kept_prefix(kept.is_in_use));
            let parameters = read_parameters(tensors, &prefix, size, kept.hidden_retention)?;
            Some(KeptParameters { best: kept.best, parameters, is_in_use: kept.is_in_use })
        }
        None => None,
    };
    let any = |name| named(name, Dtype::F32).map(|view| to_floats(view.data()));
    let learner = LearnerState {
        velocity: any("learner_velocity")?,
        chains,
        hidden_offset: any("learner_hidden_offset")?,
        // Files of before there was a sparsity target have none.
        hidden_activity: any("learner_hidden_activity").unwrap_or_default(),
    };
    Ok(TrainerState {
        parameters,
        learner,
        finished_epochs: entry.finished_epochs,
        batches: entry.batches,
        updates: entry.updates,
        early_stop: entry.early_stop,
        kept,
    })
}

fn read_parameters(
    tensors: &SafeTensors<'_>,
    prefix: &str,
    (n_visible, n_hidden): (usize, usize),
    hidden_retention: f64,
) -> Result<Parameters, String> {
    let read = |name, n| read_floats(tensors, &format!("{prefix}{name}"), n);
    Ok(Parameters {
        n_visible,
        n_hidden,
        weights: read("weights", n_visible * n_hidden)?,
        visible_bias: read("visible_bias", n_visible)?,
        hidden_bias: read("hidden_bias", n_hidden)?,
        hidden_retention,
    })
}

pub(super) fn tensor<'a>(
    tensors: &SafeTensors<'a>,
    name: &str,
    dtype: Dtype,
) -> Result<TensorView<'a>, String> {
    let view = tensors.tensor(name).map_err(|_missing| format!("it has no tensor \"{name}\""))?;
    if view.dtype() == dtype {
        Ok(view)
    } else {
        Err(format!("the tensor \"{name}\" is of the kind {:?}, not {dtype:?}", view.dtype()))
    }
}

fn read_floats(tensors: &SafeTensors<'_>, name: &str, n: usize) -> Result<Vec<f32>, String> {
    let values = to_floats(tensor(tensors, name, Dtype::F32)?.data());
    if values.len() == n {
        Ok(values)
    } else {
        Err(format!("the tensor \"{name}\" has {} values where {n} are needed", values.len()))
    }
}

fn to_floats(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks::<4>().0.iter().map(|four| f32::from_le_bytes(*four)).collect()
}
