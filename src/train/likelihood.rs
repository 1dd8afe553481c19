//! The log-likelihood of a run's model, worked out on a copy beside the training.

use crate::rbm::{
    AnnealingSettings, ExcerptStore, LogPartition, Machine, Measures, RbmError, log_partition,
};

use super::{TrainError, Trainer};

/// A copy of a model with the excerpts that it is measured with. It may go to another thread.
#[derive(Debug)]
pub struct LikelihoodTask {
    machine: Machine,
    visible_means: Vec<f32>,
    training: ExcerptStore,
    held_out: ExcerptStore,
    steps_per_excerpt: usize,
    seed: u64,
    finished_epochs: u32,
}

/// The mean log-likelihood of the excerpts under the model with its raw weights.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Likelihood {
    pub partition: LogPartition,
    pub training: LikelihoodOfPart,
    /// `None` when nothing is held out.
    pub held_out: Option<LikelihoodOfPart>,
    /// How far the model had come.
    pub finished_epochs: u32,
}

/// In nats a step: an excerpt's divided by its steps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LikelihoodOfPart {
    /// At the pessimistic end of log Z.
    pub per_step: f64,
    /// What the estimates of log Z with their errors leave.
    pub lowest: f64,
    pub highest: f64,
}

impl LikelihoodOfPart {
    /// The larger of the distances to the lowest and to the highest.
    pub fn uncertainty(&self) -> f64 {
        (self.per_step - self.lowest).max(self.highest - self.per_step)
    }
}

impl Trainer {
    /// A copy of the model as it stands, to be measured elsewhere. The excerpts are shared.
    pub fn likelihood_task(&self) -> Result<LikelihoodTask, TrainError> {
        let machine = self.machine();
        let (training, held_out) = self.shared_excerpts()?;
        Ok(LikelihoodTask {
            machine: Machine::from_parameters(&machine.parameters()?, machine.device())?,
            visible_means: self.visible_means().to_vec(),
            training,
            held_out,
            steps_per_excerpt: self.settings().encoding.steps_per_excerpt as usize,
            seed: self.settings().seed,
            finished_epochs: self.finished_epochs(),
        })
    }
}

impl LikelihoodTask {
    /// Estimates log Z, or enumerates it, and measures both parts. `go_on` hears the share done
    /// and answers whether to go on.
    ///
    /// # Errors
    /// A stop is [`RbmError::Cancelled`].
    pub fn estimate(
        &self,
        settings: &AnnealingSettings,
        go_on: &mut dyn FnMut(f64) -> bool,
    ) -> Result<Likelihood, RbmError> {
        let partition =
            log_partition(&self.machine, &self.visible_means, &self.training, settings, go_on)?;
        let training = self.of_part(&partition, &self.training)?;
        Ok(Likelihood {
            partition,
            training: training.ok_or(RbmError::Shape {
                what: "training excerpts",
                got: 0,
                expected: 1,
            })?,
            held_out: self.of_part(&partition, &self.held_out)?,
            finished_epochs: self.finished_epochs,
        })
    }

    fn of_part(
        &self,
        partition: &LogPartition,
        excerpts: &ExcerptStore,
    ) -> Result<Option<LikelihoodOfPart>, RbmError> {
        let step = self.finished_epochs.into();
        let measures = Measures::take(&self.machine, excerpts, self.seed, step)?;
        Ok(measures.map(|measures| {
            let per_step = |nats: f64| nats / self.steps_per_excerpt as f64;
            let (lowest, highest) = partition.log_likelihood_range(measures.free_energy);
            LikelihoodOfPart {
                per_step: per_step(partition.log_likelihood(measures.free_energy)),
                lowest: per_step(lowest),
                highest: per_step(highest),
            }
        }))
    }
}
