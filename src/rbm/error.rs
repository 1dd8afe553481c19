//! What can go wrong in the model, in words for the person at the knobs.

use thiserror::Error;

#[derive(Debug, Error)]
pub enum RbmError {
    #[error("{what} has {got} values where {expected} are needed")]
    Shape { what: &'static str, got: usize, expected: usize },

    #[error("CUDA was asked for, but {reason}; choose the device \"auto\" or \"cpu\"")]
    NoCuda { reason: String },

    #[error("the learner was made for another device than the machine is on")]
    OtherDevice,

    #[error("the estimate was cancelled")]
    Cancelled,

    #[error("annealed importance sampling wants {what} from {min} to {max}, not {got}")]
    Annealing { what: &'static str, got: usize, min: usize, max: usize },

    #[error("libtorch: {0}")]
    Libtorch(String),
}

impl From<tch::TchError> for RbmError {
    /// Keeps the first line: the rest is a C++ stack trace.
    fn from(error: tch::TchError) -> Self {
        let text = error.to_string();
        Self::Libtorch(text.lines().next().unwrap_or_default().to_owned())
    }
}

/// Checks a slice's length.
pub(super) fn expect_len(what: &'static str, got: usize, expected: usize) -> Result<(), RbmError> {
    if got == expected { Ok(()) } else { Err(RbmError::Shape { what, got, expected }) }
}
