//! The parameters, the conditionals and the free energy.

use serde::{Deserialize, Serialize};
use tch::{Kind, Tensor};

use super::error::expect_len;
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
    pub(super) weights: Tensor,
    pub(super) visible_bias: Tensor,
    pub(super) hidden_bias: Tensor,
    pub(super) hidden_retention: f64,
    device: Device,
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
            Some(means) => means.iter().map(|&p| log_odds(p)).collect(),
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
        expect_len("weights", from.weights.len(), from.n_visible * from.n_hidden)?;
        expect_len("visible_bias", from.visible_bias.len(), from.n_visible)?;
        expect_len("hidden_bias", from.hidden_bias.len(), from.n_hidden)?;
        let shape = [from.n_visible as i64, from.n_hidden as i64];
        let place = |values: &[f32]| Tensor::from_slice(values).f_to_device(device.torch());
        Ok(Self {
            weights: place(&from.weights)?.f_view(shape)?,
            visible_bias: place(&from.visible_bias)?,
            hidden_bias: place(&from.hidden_bias)?,
            hidden_retention: from.hidden_retention,
            device,
        })
    }

    /// Copies the parameters to the processor.
    pub fn parameters(&self) -> Result<Parameters, RbmError> {
        Ok(Parameters {
            n_visible: self.n_visible(),
            n_hidden: self.n_hidden(),
            weights: to_vec(&self.weights)?,
            visible_bias: to_vec(&self.visible_bias)?,
            hidden_bias: to_vec(&self.hidden_bias)?,
            hidden_retention: self.hidden_retention,
        })
    }

    pub fn n_visible(&self) -> usize {
        self.weights.size()[0] as usize
    }

    pub fn n_hidden(&self) -> usize {
        self.weights.size()[1] as usize
    }

    /// 1 − dropout: how much of the hidden-to-visible product counts after training.
    pub fn hidden_retention(&self) -> f64 {
        self.hidden_retention
    }

    pub fn device(&self) -> Device {
        self.device
    }

    /// The root of the mean square of the weights; no finite number when one of them is none.
    pub fn root_mean_square_weight(&self) -> f64 {
        let n_weights = (self.n_visible() * self.n_hidden()) as f64;
        self.weights.norm().double_value(&[]) / n_weights.sqrt()
    }

    /// Whether every parameter is a finite number.
    pub fn is_finite(&self) -> bool {
        let finite = |t: &Tensor| t.sum(Kind::Double).double_value(&[]).is_finite();
        finite(&self.weights) && finite(&self.visible_bias) && finite(&self.hidden_bias)
    }

    /// p(h = 1 | v) = σ(vW + b). Cases × hidden.
    pub(super) fn hidden_probabilities(&self, visible: &Tensor) -> Tensor {
        self.hidden_input(visible).sigmoid_()
    }

    /// vW + b. Cases × hidden.
    pub(super) fn hidden_input(&self, visible: &Tensor) -> Tensor {
        self.hidden_bias.addmm(visible, &self.weights)
    }

    /// p(v = 1 | h) = σ(hWᵀ + a), as training sees it. Cases × visible.
    pub(super) fn visible_probabilities(&self, hidden: &Tensor) -> Tensor {
        self.visible_bias.addmm(hidden, &self.weights.tr()).sigmoid_()
    }

    /// r·hWᵀ + a with the hidden retention r, as the trained model is used. Cases × visible.
    pub(super) fn retained_visible_input(&self, hidden: &Tensor) -> Tensor {
        if self.hidden_retention < 1.0 {
            let scaled = hidden * self.hidden_retention;
            self.visible_bias.addmm(&scaled, &self.weights.tr())
        } else {
            self.visible_bias.addmm(hidden, &self.weights.tr())
        }
    }

    /// F(v) = −aᵀv − Σⱼ softplus(bⱼ + (vW)ⱼ), in nats, of the raw weights. One number a case.
    pub(super) fn free_energy(&self, visible: &Tensor) -> Tensor {
        let linear = visible.mv(&self.visible_bias);
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
