//! log Z by enumeration of the smaller layer, the larger one summed in closed form.

use tch::{Kind, Tensor};

use super::{Machine, RbmError};

/// Numbers of the larger layer that are worked on at once; bounds memory.
const CHUNK: usize = 1 << 22;

/// log Σ over all states s of the smaller layer of exp(b·s + Σᵢ softplus(aᵢ + (Ws)ᵢ)), in double
/// precision. 2ⁿ states: the caller sees to it that n is small.
///
/// # Errors
/// A stop by `go_on`, which hears the share done.
pub(super) fn log_z(
    machine: &Machine,
    go_on: &mut dyn FnMut(f64) -> bool,
) -> Result<f64, RbmError> {
    let double = |tensor: &Tensor| tensor.to_kind(Kind::Double);
    let (visible, hidden) =
        (double(&machine.torch().visible_bias), double(&machine.torch().hidden_bias));
    let weights = double(&machine.torch().weights);
    let (small, large, weights) = if machine.n_hidden() <= machine.n_visible() {
        (hidden, visible, weights.tr())
    } else {
        (visible, hidden, weights)
    };
    let n_small = small.size()[0];
    let n_states = 1_i64 << n_small;
    let step = (CHUNK as i64 / large.size()[0].max(1)).clamp(1, n_states);
    let places = Tensor::arange(n_small, (Kind::Int64, small.device()));
    let mut parts = Vec::new();
    for first in (0..n_states).step_by(step as usize) {
        let last = (first + step).min(n_states);
        let codes = Tensor::arange_start(first, last, (Kind::Int64, small.device()));
        let states = codes.unsqueeze(1).bitwise_right_shift(&places).bitwise_and(1);
        let states = states.to_kind(Kind::Double);
        let inputs = large.addmm(&states, &weights);
        let summed = inputs.softplus().sum_dim_intlist([1_i64].as_slice(), false, Kind::Double);
        let part = (summed + states.mv(&small)).logsumexp([0_i64].as_slice(), false);
        parts.push(part.double_value(&[]));
        if !go_on(last as f64 / n_states as f64) {
            return Err(RbmError::Cancelled);
        }
    }
    Ok(log_sum_exp(&parts))
}

/// log Σ exp without overflow.
pub(super) fn log_sum_exp(values: &[f64]) -> f64 {
    let largest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if !largest.is_finite() {
        return largest;
    }
    largest + values.iter().map(|value| (value - largest).exp()).sum::<f64>().ln()
}
