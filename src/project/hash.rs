//! The fingerprint of a model.

use sha2::{Digest as _, Sha256};

use crate::dataset::hex;
use crate::rbm::Parameters;

/// SHA-256 over the little-endian f32 of the weights row by row, the visible and the hidden biases.
pub fn weights_sha256(parameters: &Parameters) -> String {
    let mut hasher = Sha256::new();
    let parts = [&parameters.weights, &parameters.visible_bias, &parameters.hidden_bias];
    for value in parts.into_iter().flatten() {
        hasher.update(value.to_le_bytes());
    }
    hex(&hasher.finalize())
}
