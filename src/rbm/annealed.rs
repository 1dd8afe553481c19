//! Annealed importance sampling: log Z from both sides.
//!
//! Salakhutdinov & Murray, "On the quantitative analysis of deep belief networks" (ICML 2008),
//! section 4: from a base model without weights, whose visible biases are the data's log-odds, to
//! the model over intermediate models
//!
//! p*_β(v) = exp(((1−β)a⁰ + βa)·v) Πⱼ (1 + exp(β(b + vW)ⱼ)),
//!
//! one Gibbs step at each. The mean of the importance weights is an unbiased estimate of Z/Z₀, so
//! its logarithm is on average too low (Jensen). The same path from a sample of the model back to
//! the base model estimates Z₀/Z without bias and therefore log Z on average too high
//! (Burda, Grosse & Salakhutdinov, AISTATS 2015; Grosse, Ancha & Roy 2016).
//!
//! No exact sample of the model is at hand, and Gibbs steps from the data stay in the mode where
//! they began. So each chain begins at a training excerpt and may then move to the ends of the runs
//! from the base model by particle independent Metropolis–Hastings (Andrieu, Doucet & Holenstein,
//! JRSS B 2010, section 2.4.2), which leaves the model's distribution as it is: an excerpt's own
//! weight is that of a path from it back to the base model. Where the data lies in a mode that
//! annealing from the base model misses, that weight is huge, the chain stays, and the estimate
//! from the model back comes out high: this is what shows it.

use tch::{Kind, Tensor};

use super::error::expect_len;
use super::exact::log_sum_exp;
use super::machine::log_odds;
use super::{
    AnnealingSettings, Device, ExcerptStore, LogPartition, Machine, Method, RandomSource, RbmError,
    Stream,
};

/// See [`super::log_partition`].
pub(super) fn log_partition(
    machine: &Machine,
    visible_means: &[f32],
    training: &ExcerptStore,
    settings: &AnnealingSettings,
    go_on: &mut dyn FnMut(f64) -> bool,
) -> Result<LogPartition, RbmError> {
    settings.validate()?;
    expect_len("visible_means", visible_means.len(), machine.n_visible())?;
    expect_len("visible units of an excerpt", training.n_visible(), machine.n_visible())?;
    let path = Path::new(machine, visible_means, settings)?;
    let total = (3 * settings.temperatures + settings.start_steps) as f64;
    let mut done = 0.0;
    let mut advance = || {
        done += 1.0;
        if go_on(done / total) { Ok(()) } else { Err(RbmError::Cancelled) }
    };
    let proposals = path.forward(&mut advance)?;
    let excerpts = path.excerpt_chains(training, settings.start_steps, &mut advance)?;
    let starts = path.model_samples(excerpts, &proposals, &mut advance)?;
    let forward = Weights::new(&proposals.log_weights);
    let reverse = Weights::new(&path.reverse(starts, 1, &mut advance)?);
    let log_z_base = path.log_z_base();
    Ok(LogPartition {
        method: Method::Annealing(*settings),
        log_z: log_z_base + forward.log_mean,
        log_z_low: log_z_base + forward.low,
        log_z_high: log_z_base + forward.high,
        log_z_reverse: log_z_base - reverse.log_mean,
        log_z_reverse_low: log_z_base - reverse.high,
        log_z_reverse_high: log_z_base - reverse.low,
    })
}

/// The intermediate models.
struct Path<'a> {
    machine: &'a Machine,
    /// a⁰, the base model's visible biases.
    base_bias: Tensor,
    /// a − a⁰.
    bias_change: Tensor,
    /// Inverse temperatures, from 0 to 1.
    betas: Vec<f64>,
    n_runs: i64,
    seed: u64,
}

/// Ends of runs from the base model to the model.
struct Ends {
    /// Runs × visible.
    visible: Tensor,
    log_weights: Vec<f64>,
}

type Advance<'a> = &'a mut dyn FnMut() -> Result<(), RbmError>;

impl<'a> Path<'a> {
    fn new(
        machine: &'a Machine,
        visible_means: &[f32],
        settings: &AnnealingSettings,
    ) -> Result<Self, RbmError> {
        let log_odds: Vec<f32> = visible_means.iter().map(|&p| log_odds(p)).collect();
        let base_bias = Tensor::from_slice(&log_odds).f_to_device(machine.device().torch())?;
        let bias_change = &machine.torch().visible_bias - &base_bias;
        let betas = betas(settings.temperatures);
        let n_runs = settings.runs as i64;
        Ok(Self { machine, base_bias, bias_change, betas, n_runs, seed: settings.seed })
    }

    /// log Z₀: the base model's units are independent.
    fn log_z_base(&self) -> f64 {
        let visible = self.base_bias.to_kind(Kind::Double).softplus().sum(Kind::Double);
        visible.double_value(&[]) + self.machine.n_hidden() as f64 * std::f64::consts::LN_2
    }

    /// Runs from the base model to the model.
    fn forward(&self, advance: Advance<'_>) -> Result<Ends, RbmError> {
        let mut random = self.random(Stream::AnnealForward, 0);
        let rates = self.base_bias.sigmoid();
        let mut visible = random.bernoulli(&rates.expand([self.n_runs, -1], true));
        let mut log_weights = self.no_weights();
        for step in 1..self.betas.len() {
            let inputs = self.machine.hidden_input(&visible);
            log_weights += self.log_ratio(&visible, &inputs, step - 1, step);
            visible = self.gibbs_step(&inputs, step, (Stream::AnnealForward, step as u64));
            advance()?;
        }
        Ok(Ends { visible, log_weights: Vec::<f64>::try_from(&log_weights)? })
    }

    /// Logarithms of the weights of the runs from the model back to the base model; a second `pass`
    /// draws other numbers.
    fn reverse(
        &self,
        starts: Tensor,
        pass: u64,
        advance: Advance<'_>,
    ) -> Result<Vec<f64>, RbmError> {
        let mut visible = starts;
        let mut log_weights = self.no_weights();
        for step in (0..self.betas.len() - 1).rev() {
            let inputs = self.machine.hidden_input(&visible);
            log_weights += self.log_ratio(&visible, &inputs, step + 1, step);
            visible =
                self.gibbs_step(&inputs, step, (Stream::AnnealReverse, pass << 32 | step as u64));
            advance()?;
        }
        Ok(Vec::<f64>::try_from(&log_weights)?)
    }

    /// Chains of the model from training excerpts, spread evenly over the set, after some steps.
    fn excerpt_chains(
        &self,
        training: &ExcerptStore,
        n_steps: usize,
        advance: Advance<'_>,
    ) -> Result<Tensor, RbmError> {
        if training.is_empty() {
            return Err(RbmError::Shape { what: "training excerpts", got: 0, expected: 1 });
        }
        let (n_runs, n_excerpts) = (self.n_runs as usize, training.len());
        let spread = |run: usize| (run as u128 * n_excerpts as u128 / n_runs as u128) as i64;
        let chosen: Vec<i64> = (0..n_runs).map(spread).collect();
        let mut visible = training.ordered_batch(&training.order(&chosen), 0..n_runs);
        let model = self.betas.len() - 1;
        for step in 0..n_steps {
            let inputs = self.machine.hidden_input(&visible);
            visible = self.gibbs_step(&inputs, model, (Stream::AnnealStart, step as u64));
            advance()?;
        }
        Ok(visible)
    }

    /// Lets each chain move to the ends of runs from the base model, tried in random order.
    fn model_samples(
        &self,
        excerpts: Tensor,
        proposals: &Ends,
        advance: Advance<'_>,
    ) -> Result<Tensor, RbmError> {
        let back = self.reverse(excerpts.shallow_clone(), 0, advance)?;
        let n_runs = back.len();
        let mut random = RandomSource::new(self.seed, Stream::AnnealMoves, 0, Device::Cpu);
        let mut move_of = |chain: usize| {
            let (mut place, mut log_weight) = (chain, -back[chain]);
            for proposal in random.permutation(n_runs) {
                let proposed = proposals.log_weights[proposal as usize];
                if f64::from(random.uniform()).ln() < proposed - log_weight {
                    (place, log_weight) = (n_runs + proposal as usize, proposed);
                }
            }
            place as i64
        };
        let places: Vec<i64> = (0..n_runs).map(&mut move_of).collect();
        let places = Tensor::from_slice(&places).f_to_device(self.machine.device().torch())?;
        let both = Tensor::cat(&[excerpts, proposals.visible.shallow_clone()], 0);
        Ok(both.index_select(0, &places))
    }

    /// log p*(v) at the step `to` − log p*(v) at the step `from`, one number a run; `inputs` is
    /// vW + b. In double precision: the differences are small and there are many of them.
    fn log_ratio(&self, visible: &Tensor, inputs: &Tensor, from: usize, to: usize) -> Tensor {
        let (from, to) = (self.betas[from], self.betas[to]);
        let inputs = inputs.to_kind(Kind::Double);
        let hidden = (&inputs * to).softplus() - (inputs * from).softplus();
        let hidden = hidden.sum_dim_intlist([1_i64].as_slice(), false, Kind::Double);
        hidden + visible.mv(&self.bias_change).to_kind(Kind::Double) * (to - from)
    }

    /// v → h → v under the model of a step; `inputs` is vW + b.
    fn gibbs_step(&self, inputs: &Tensor, step: usize, place: (Stream, u64)) -> Tensor {
        let beta = self.betas[step];
        let mut random = self.random(place.0, place.1);
        let hidden = random.bernoulli(&(inputs * beta).sigmoid_());
        let bias = &self.base_bias + &self.bias_change * beta;
        let inputs = bias.addmm(&(hidden * beta), &self.machine.torch().weights.tr());
        random.bernoulli(&inputs.sigmoid())
    }

    fn random(&self, stream: Stream, step: u64) -> RandomSource {
        RandomSource::new(self.seed, stream, step, self.machine.device())
    }

    fn no_weights(&self) -> Tensor {
        Tensor::zeros([self.n_runs], (Kind::Double, self.machine.device().torch()))
    }
}

/// Inverse temperatures from 0 to 1, evenly spaced. On models of music the weights spread over the
/// whole path alike: even steps err half as much as Salakhutdinov & Murray's, which crowd near 1.
fn betas(n_steps: usize) -> Vec<f64> {
    (0..=n_steps).map(|step| step as f64 / n_steps as f64).collect()
}

/// The mean of weights given by their logarithms, as a logarithm, and where it may lie.
struct Weights {
    log_mean: f64,
    low: f64,
    high: f64,
}

impl Weights {
    /// The bounds are the mean ± 3 standard errors (Salakhutdinov & Murray 2008, section 4.2).
    /// Where that leaves nothing below, the smallest weight is the low end: no mean lies under it.
    fn new(log_weights: &[f64]) -> Self {
        let n = log_weights.len() as f64;
        let log_mean = log_sum_exp(log_weights) - n.ln();
        let squares =
            log_weights.iter().map(|log_weight| ((log_weight - log_mean).exp() - 1.0).powi(2));
        let relative_error = (squares.sum::<f64>() / (n - 1.0) / n).sqrt();
        let smallest = log_weights.iter().copied().fold(f64::INFINITY, f64::min);
        let low = if 3.0 * relative_error < 1.0 {
            (-3.0 * relative_error).ln_1p().max(smallest - log_mean)
        } else {
            smallest - log_mean
        };
        Self { log_mean, low: log_mean + low, high: log_mean + (3.0 * relative_error).ln_1p() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_of_weights_is_kept_from_overflow_and_has_three_standard_errors() {
        let weights = Weights::new(&[1000.0, 1000.0 + 3.0_f64.ln()]);
        assert!((weights.log_mean - 1000.0 - 2.0_f64.ln()).abs() < 1e-9);
        // Weights 1 and 3: the standard error of the mean is 1, half the mean.
        assert!((weights.high - weights.log_mean - 2.5_f64.ln()).abs() < 1e-9);
        assert!((weights.low - 1000.0).abs() < 1e-9);
        let even = Weights::new(&[-7.0; 50]);
        assert!((even.low + 7.0).abs() < 1e-9 && (even.high + 7.0).abs() < 1e-9);
        let many: Vec<f64> = (0..900).map(|n| f64::from(n % 2 * 2 + 1).ln()).collect();
        let weights = Weights::new(&many);
        let error = (900.0_f64 / 899.0 / 900.0).sqrt();
        assert!((weights.low - (2.0 - 3.0 * error).ln()).abs() < 1e-9);
    }
}
