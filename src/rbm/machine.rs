//! The parameters, the conditionals and the free energy.

use std::cell::OnceCell;

use serde::{Deserialize, Serialize};
use tch::{Kind, Tensor};

use super::device::keep_libtorch_to_one_thread;
use super::error::expect_len;
use super::kernel::Weights;
use super::torch::TorchWeights;
use super::{Device, RandomSource, RbmError, Stream};

/// How the weights start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum InitialWeights {
    /// Mean 0, standard deviation 0.01 (Hinton's guide, and what the 2016 study meant).
    #[default]
    #[serde(rename = "intended")]
    Intended,
    /// Mean 0.01, standard deviation 1: what the study's code does, by a slip of an argument.
    #[serde(rename = "as_written")]
    AsWritten,
}

/// What a new machine starts from.
#[derive(Clone, Copy, Debug)]
pub struct Initialisation<'a> {
    pub n_visible: usize,
    pub n_hidden: usize,
    pub weights: InitialWeights,
    /// How often each visible unit is on in the data; sets the visible biases to log(p/(1−p))
    /// (Hinton's guide, section 8). Without it they start at 0.
    pub visible_means: Option<&'a [f32]>,
    pub seed: u64,
}

/// The parameters as plain numbers, in the order of the project file.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameters {
    pub n_visible: usize,
    pub n_hidden: usize,
    /// `n_visible` × `n_hidden`, row by row.
    pub weights: Vec<f32>,
    pub visible_bias: Vec<f32>,
    pub hidden_bias: Vec<f32>,
    /// 1 − dropout: how much of the hidden-to-visible product counts after training.
    pub hidden_retention: f64,
}

/// A restricted Boltzmann machine on a device.
#[derive(Debug)]
pub struct Machine {
    parameters: Parts<Weights, TorchWeights>,
    /// The processor's parameters as tensors, once somebody asked for them.
    tensors: OnceCell<TorchWeights>,
    hidden_retention: f64,
    device: Device,
}

/// Something of the processor's kernel, or its like of libtorch.
#[derive(Debug)]
pub(super) enum Parts<P, T> {
    Processor(P),
    Torch(T),
}

impl Machine {
    /// A new machine. The weights are drawn on the processor, so that every device starts alike.
    pub fn new(start: &Initialisation<'_>, device: Device) -> Result<Self, RbmError> {
        let (n_visible, n_hidden) = (start.n_visible, start.n_hidden);
        let mut random = RandomSource::new(start.seed, Stream::InitialWeights, 0, Device::Cpu);
        let mut weights = random.normals(n_visible * n_hidden);
        let (mean, deviation) = match start.weights {
            InitialWeights::Intended => (0.0, 0.01),
            InitialWeights::AsWritten => (0.01, 1.0),
        };
        for weight in &mut weights {
            *weight = mean + deviation * *weight;
        }
        let visible_bias = match start.visible_means {
            Some(means) => log_odds_of(means),
            None => vec![0.0; n_visible],
        };
        let hidden_bias = vec![0.0; n_hidden];
        let hidden_retention = 1.0;
        let parameters = Parameters {
            n_visible,
            n_hidden,
            weights,
            visible_bias,
            hidden_bias,
            hidden_retention,
        };
        Self::from_parameters(&parameters, device)
    }

    /// # Errors
    /// When the lengths do not fit `n_visible` and `n_hidden`, or the device has no room.
    pub fn from_parameters(from: &Parameters, device: Device) -> Result<Self, RbmError> {
        keep_libtorch_to_one_thread();
        expect_len("weights", from.weights.len(), from.n_visible * from.n_hidden)?;
        expect_len("visible_bias", from.visible_bias.len(), from.n_visible)?;
        expect_len("hidden_bias", from.hidden_bias.len(), from.n_hidden)?;
        let parameters = match device {
            Device::Cpu => Parts::Processor(Weights::new(
                &from.weights,
                from.visible_bias.clone(),
                from.hidden_bias.clone(),
            )),
            Device::Cuda => Parts::Torch(TorchWeights::new(from, device)?),
        };
        let hidden_retention = from.hidden_retention;
        Ok(Self { parameters, tensors: OnceCell::new(), hidden_retention, device })
    }

    /// The same computed by libtorch on the processor, to compare with.
    #[cfg(test)]
    pub(super) fn on_torch(from: &Parameters) -> Self {
        Self {
            parameters: Parts::Torch(TorchWeights::new(from, Device::Cpu).unwrap()),
            tensors: OnceCell::new(),
            hidden_retention: from.hidden_retention,
            device: Device::Cpu,
        }
    }

    /// Copies the parameters to the processor.
    pub fn parameters(&self) -> Result<Parameters, RbmError> {
        let (weights, visible_bias, hidden_bias) = match &self.parameters {
            Parts::Processor(weights) => {
                (weights.to_rows(), weights.visible_bias.clone(), weights.hidden_bias.clone())
            }
            Parts::Torch(tensors) => (
                to_vec(&tensors.weights)?,
                to_vec(&tensors.visible_bias)?,
                to_vec(&tensors.hidden_bias)?,
            ),
        };
        Ok(Parameters {
            n_visible: self.n_visible(),
            n_hidden: self.n_hidden(),
            weights,
            visible_bias,
            hidden_bias,
            hidden_retention: self.hidden_retention,
        })
    }

    pub(super) fn parts(&self) -> Parts<&Weights, &TorchWeights> {
        match &self.parameters {
            Parts::Processor(weights) => Parts::Processor(weights),
            Parts::Torch(tensors) => Parts::Torch(tensors),
        }
    }

    pub(super) fn parts_mut(&mut self) -> Parts<&mut Weights, &mut TorchWeights> {
        self.tensors.take();
        match &mut self.parameters {
            Parts::Processor(weights) => Parts::Processor(weights),
            Parts::Torch(tensors) => Parts::Torch(tensors),
        }
    }

    /// The parameters as tensors; on the processor a copy, made at the first call after an update.
    pub(super) fn torch(&self) -> &TorchWeights {
        match &self.parameters {
            Parts::Torch(tensors) => tensors,
            Parts::Processor(weights) => self.tensors.get_or_init(|| {
                let shape = [self.n_visible() as i64, self.n_hidden() as i64];
                TorchWeights {
                    weights: Tensor::from_slice(&weights.to_rows()).view(shape),
                    visible_bias: Tensor::from_slice(&weights.visible_bias),
                    hidden_bias: Tensor::from_slice(&weights.hidden_bias),
                    device: Device::Cpu,
                }
            }),
        }
    }

    pub fn n_visible(&self) -> usize {
        match &self.parameters {
            Parts::Processor(weights) => weights.n_visible(),
            Parts::Torch(tensors) => tensors.visible_bias.size()[0] as usize,
        }
    }

    pub fn n_hidden(&self) -> usize {
        match &self.parameters {
            Parts::Processor(weights) => weights.n_hidden(),
            Parts::Torch(tensors) => tensors.hidden_bias.size()[0] as usize,
        }
    }

    /// 1 − dropout: how much of the hidden-to-visible product counts after training.
    pub fn hidden_retention(&self) -> f64 {
        self.hidden_retention
    }

    pub fn device(&self) -> Device {
        self.device
    }

    pub(super) fn set_hidden_retention(&mut self, retention: f64) {
        self.hidden_retention = retention;
    }

    /// The root of the mean square of the weights; no finite number when one of them is none.
    pub fn root_mean_square_weight(&self) -> f64 {
        let n_weights = (self.n_visible() * self.n_hidden()) as f64;
        let squares = match &self.parameters {
            Parts::Processor(weights) => weights.weight_squares(),
            Parts::Torch(tensors) => tensors.weights.square().sum(Kind::Double).double_value(&[]),
        };
        (squares / n_weights).sqrt()
    }

    /// Whether every parameter is a finite number.
    pub fn is_finite(&self) -> bool {
        match &self.parameters {
            Parts::Processor(weights) => weights.is_finite(),
            Parts::Torch(tensors) => tensors.is_finite(),
        }
    }

    /// vW + b. Cases × hidden.
    pub(super) fn hidden_input(&self, visible: &Tensor) -> Tensor {
        self.torch().hidden_input(visible)
    }

    /// r·hWᵀ + a with the hidden retention r, as the trained model is used. Cases × visible.
    pub(super) fn retained_visible_input(&self, hidden: &Tensor) -> Tensor {
        if self.hidden_retention < 1.0 {
            self.torch().visible_input(&(hidden * self.hidden_retention))
        } else {
            self.torch().visible_input(hidden)
        }
    }

    /// F(v) = −aᵀv − Σⱼ softplus(bⱼ + (vW)ⱼ), in nats, of the raw weights. One number a case.
    pub(super) fn free_energy(&self, visible: &Tensor) -> Tensor {
        let linear = visible.mv(&self.torch().visible_bias);
        let hidden = self.hidden_input(visible).softplus().sum_dim_intlist(
            [1_i64].as_slice(),
            false,
            Kind::Float,
        );
        -(linear + hidden)
    }
}

pub(super) fn to_vec(tensor: &Tensor) -> Result<Vec<f32>, RbmError> {
    Ok(Vec::<f32>::try_from(&tensor.f_contiguous()?.f_view([-1])?)?)
}

/// [`log_odds`] of each.
pub(super) fn log_odds_of(rates: &[f32]) -> Vec<f32> {
    rates.iter().map(|&p| log_odds(p)).collect()
}

/// log(p/(1−p)), kept within ±7 (p about 0.001) so that a unit that never fired can still learn to.
pub(super) fn log_odds(p: f32) -> f32 {
    (p / (1.0 - p)).ln().clamp(-7.0, 7.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initial_weights_have_the_stated_mean_and_deviation() {
        for (weights, mean, deviation) in
            [(InitialWeights::Intended, 0.0, 0.01), (InitialWeights::AsWritten, 0.01, 1.0)]
        {
            let start = Initialisation {
                n_visible: 400,
                n_hidden: 100,
                weights,
                visible_means: None,
                seed: 1,
            };
            let machine = Machine::new(&start, Device::Cpu).unwrap();
            let values = machine.parameters().unwrap().weights;
            let n = values.len() as f64;
            let got_mean = values.iter().map(|&w| f64::from(w)).sum::<f64>() / n;
            let variance = values.iter().map(|&w| (f64::from(w) - mean).powi(2)).sum::<f64>() / n;
            assert!((got_mean - mean).abs() < 4.0 * deviation / n.sqrt());
            assert!((variance.sqrt() / deviation - 1.0).abs() < 0.02);
        }
    }

    #[test]
    fn visible_biases_are_the_log_odds_of_the_data() {
        let start = Initialisation {
            n_visible: 3,
            n_hidden: 2,
            weights: InitialWeights::Intended,
            visible_means: Some(&[0.5, 0.0, 0.2]),
            seed: 1,
        };
        let bias = Machine::new(&start, Device::Cpu).unwrap().parameters().unwrap().visible_bias;
        assert_eq!(bias[0], 0.0);
        assert_eq!(bias[1], -7.0);
        assert!((bias[2] - 0.25_f32.ln()).abs() < 1e-6);
    }

    #[test]
    fn parameters_of_the_wrong_size_are_refused_by_name() {
        let wrong = Parameters {
            n_visible: 2,
            n_hidden: 2,
            weights: vec![0.0; 3],
            visible_bias: vec![0.0; 2],
            hidden_bias: vec![0.0; 2],
            hidden_retention: 1.0,
        };
        let error = Machine::from_parameters(&wrong, Device::Cpu).unwrap_err();
        assert_eq!(error.to_string(), "weights has 3 values where 4 are needed");
    }
}
