//! What pictures of a model are made from: some of its weights, and its conditionals for given layers.

use tch::{Kind, Tensor};

use super::error::expect_len;
use super::kernel::{self, Bits, Numbers, States};
use super::machine::{Parts, to_vec};
use super::{Machine, RbmError};

impl Machine {
    /// The weights of some hidden units, unit by unit: units × `n_visible`.
    ///
    /// # Errors
    /// When there is no such unit.
    pub fn weights_of_units(&self, units: &[usize]) -> Result<Vec<f32>, RbmError> {
        if let Some(&got) = units.iter().find(|&&unit| unit >= self.n_hidden()) {
            return Err(RbmError::Shape { what: "hidden unit", got, expected: self.n_hidden() });
        }
        match self.parts() {
            Parts::Processor(weights) => {
                let mut values = Vec::with_capacity(units.len() * self.n_visible());
                for &unit in units {
                    weights.append_unit(unit, &mut values);
                }
                Ok(values)
            }
            Parts::Torch(tensors) => {
                let units: Vec<i64> = units.iter().map(|&unit| unit as i64).collect();
                let units = Tensor::from_slice(&units).to_device(self.device().torch());
                to_vec(&tensors.weights.index_select(1, &units).tr())
            }
        }
    }

    /// The Euclidean norm of the weights of each hidden unit.
    pub fn unit_norms(&self) -> Result<Vec<f32>, RbmError> {
        match self.parts() {
            Parts::Processor(weights) => {
                Ok(weights.unit_squares().into_iter().map(f32::sqrt).collect())
            }
            Parts::Torch(tensors) => {
                let squares = tensors.weights.square();
                to_vec(&squares.sum_dim_intlist([0_i64].as_slice(), false, Kind::Float).sqrt())
            }
        }
    }

    /// Weights spread evenly over all of them, `at_most` so many; the same ones at every call.
    pub fn weight_sample(&self, at_most: usize) -> Result<Vec<f32>, RbmError> {
        let n_weights = self.n_visible() * self.n_hidden();
        let mut stride = n_weights.div_ceil(at_most.max(1)).max(1);
        // Else only some of the hidden units would be seen.
        while greatest_common_divisor(stride, self.n_hidden()) > 1 {
            stride += 1;
        }
        match self.parts() {
            Parts::Processor(weights) => Ok(weights.every_weight(stride)),
            Parts::Torch(tensors) => {
                to_vec(&tensors.weights.reshape([-1]).slice(0, 0, None, stride as i64))
            }
        }
    }

    /// The visible and the hidden biases.
    pub fn biases(&self) -> Result<(Vec<f32>, Vec<f32>), RbmError> {
        match self.parts() {
            Parts::Processor(weights) => {
                Ok((weights.visible_bias.clone(), weights.hidden_bias.clone()))
            }
            Parts::Torch(tensors) => {
                Ok((to_vec(&tensors.visible_bias)?, to_vec(&tensors.hidden_bias)?))
            }
        }
    }

    /// p(h | v) of visible layers given as bytes of 0 and 1, case by case. Cases × hidden.
    ///
    /// # Errors
    /// When the bytes are not whole cases.
    pub fn hidden_probabilities(&self, visible: &[u8]) -> Result<Vec<f32>, RbmError> {
        let n_cases = whole_cases("visible", visible, self.n_visible())?;
        match self.parts() {
            Parts::Processor(weights) => {
                let states = States::Bits(Bits::from_bytes(visible, self.n_visible()));
                Ok(kernel::install(|| weights.hidden_probabilities(&states, None)).to_rows())
            }
            Parts::Torch(_) => {
                let visible = self.place(visible, n_cases, self.n_visible());
                to_vec(&self.hidden_input(&visible).sigmoid())
            }
        }
    }

    /// p(v | h) of hidden layers given as bytes of 0 and 1, case by case, with the hidden retention.
    /// Cases × visible.
    ///
    /// # Errors
    /// When the bytes are not whole cases.
    pub fn visible_probabilities(&self, hidden: &[u8]) -> Result<Vec<f32>, RbmError> {
        let n_cases = whole_cases("hidden", hidden, self.n_hidden())?;
        match self.parts() {
            Parts::Processor(weights) => {
                let hidden = Bits::from_bytes(hidden, self.n_hidden());
                let mut inputs = Numbers::zeros(n_cases, self.n_visible());
                let tiles: Vec<_> = inputs.lanes.chunks_mut(n_cases.max(1)).collect();
                kernel::install(|| {
                    weights.for_visible_inputs(&hidden, tiles, |_tile, lanes, sums| {
                        lanes.copy_from_slice(sums);
                    });
                });
                let retention = self.hidden_retention() as f32;
                let mut values = inputs.to_rows();
                for case in values.chunks_exact_mut(self.n_visible().max(1)) {
                    for (value, bias) in case.iter_mut().zip(&weights.visible_bias) {
                        *value = sigmoid(bias + retention * (*value - bias));
                    }
                }
                Ok(values)
            }
            Parts::Torch(_) => {
                let hidden = self.place(hidden, n_cases, self.n_hidden());
                to_vec(&self.retained_visible_input(&hidden).sigmoid())
            }
        }
    }

    fn place(&self, bytes: &[u8], n_cases: usize, n_units: usize) -> Tensor {
        let bits = Tensor::from_slice(bytes).to_device(self.device().torch());
        bits.to_kind(Kind::Float).view([n_cases as i64, n_units as i64])
    }
}

fn whole_cases(what: &'static str, bytes: &[u8], n_units: usize) -> Result<usize, RbmError> {
    let n_cases = bytes.len() / n_units.max(1);
    expect_len(what, bytes.len(), n_cases * n_units)?;
    Ok(n_cases)
}

fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

fn greatest_common_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rbm::{Device, Parameters};

    const N_VISIBLE: usize = 70;
    const N_HIDDEN: usize = 37;

    fn parameters() -> Parameters {
        let value = |place: usize| (place * 37 % 101) as f32 / 101.0 - 0.5;
        Parameters {
            n_visible: N_VISIBLE,
            n_hidden: N_HIDDEN,
            weights: (0..N_VISIBLE * N_HIDDEN).map(value).collect(),
            visible_bias: (0..N_VISIBLE).map(value).collect(),
            hidden_bias: (0..N_HIDDEN).map(|unit| -value(unit)).collect(),
            hidden_retention: 0.5,
        }
    }

    /// Ours, and the same by libtorch.
    fn machines() -> [Machine; 2] {
        let parameters = parameters();
        let ours = Machine::from_parameters(&parameters, Device::Cpu).unwrap();
        [ours, Machine::on_torch(&parameters)]
    }

    fn assert_near(got: &[f32], expected: &[f32]) {
        assert_eq!(got.len(), expected.len());
        for (got, expected) in got.iter().zip(expected) {
            assert!((got - expected).abs() < 1e-5, "{got} where {expected} is right");
        }
    }

    #[test]
    fn the_weights_of_a_unit_are_its_column() {
        let all = parameters().weights;
        for machine in machines() {
            let units = [36, 0, 33];
            let expected: Vec<f32> = units
                .iter()
                .flat_map(|unit| all.iter().skip(*unit).step_by(N_HIDDEN).copied())
                .collect();
            assert_eq!(machine.weights_of_units(&units).unwrap(), expected);
            assert!(machine.weights_of_units(&[N_HIDDEN]).is_err());
            let norm = |unit: usize| {
                let column = all.iter().skip(unit).step_by(N_HIDDEN);
                column.map(|weight| weight * weight).sum::<f32>().sqrt()
            };
            let expected: Vec<f32> = (0..N_HIDDEN).map(norm).collect();
            assert_near(&machine.unit_norms().unwrap(), &expected);
        }
    }

    #[test]
    fn a_sample_of_the_weights_reaches_every_hidden_unit() {
        let all = parameters().weights;
        for machine in machines() {
            assert_eq!(machine.weight_sample(usize::MAX).unwrap(), all);
            // 70 weights would be one row out of 37, that is one unit, were the stride 37.
            let sample = machine.weight_sample(70).unwrap();
            let expected: Vec<f32> = all.iter().step_by(38).copied().collect();
            assert_eq!(sample, expected);
            let (visible, hidden) = machine.biases().unwrap();
            assert_eq!((visible, hidden), (parameters().visible_bias, parameters().hidden_bias));
        }
    }

    #[test]
    fn the_conditionals_are_those_of_the_energy() {
        let parameters = parameters();
        let visible: Vec<u8> = (0..2 * N_VISIBLE).map(|i| u8::from(i % 3 == 0)).collect();
        let hidden: Vec<u8> = (0..2 * N_HIDDEN).map(|i| u8::from(i % 4 == 1)).collect();
        let weight = |v: usize, h: usize| parameters.weights[v * N_HIDDEN + h];
        let mut of_hidden = Vec::new();
        let mut of_visible = Vec::new();
        for case in 0..2 {
            for h in 0..N_HIDDEN {
                let on = (0..N_VISIBLE).filter(|v| visible[case * N_VISIBLE + v] == 1);
                let sum: f32 = on.map(|v| weight(v, h)).sum();
                of_hidden.push(sigmoid(parameters.hidden_bias[h] + sum));
            }
            for v in 0..N_VISIBLE {
                let on = (0..N_HIDDEN).filter(|h| hidden[case * N_HIDDEN + h] == 1);
                let sum: f32 = on.map(|h| weight(v, h)).sum();
                of_visible.push(sigmoid(parameters.visible_bias[v] + 0.5 * sum));
            }
        }
        for machine in machines() {
            assert_near(&machine.hidden_probabilities(&visible).unwrap(), &of_hidden);
            assert_near(&machine.visible_probabilities(&hidden).unwrap(), &of_visible);
            assert!(machine.hidden_probabilities(&visible[1..]).is_err());
            assert!(machine.visible_probabilities(&hidden[1..]).is_err());
        }
    }
}
