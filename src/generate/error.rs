//! What can go wrong when the model dreams, with the remedy.

use thiserror::Error;

use crate::rbm::RbmError;

use super::Form;

#[derive(Debug, Error)]
pub enum GenerateError {
    #[error("{key} = {value} does not work: it goes from {min} to {max}")]
    BadValue { key: &'static str, value: f64, min: f64, max: f64 },

    #[error(
        "this project has no persistent chains to start from (it was trained with plain \
         contrastive divergence); start from silence, noise or a song"
    )]
    NoChains,

    #[error("bars {first}-{last} are not all in the piece, which has {bars} bars")]
    BarsOutside { first: u32, last: u32, bars: u32 },

    #[error("the piece is empty: there is nothing to go on from")]
    EmptyPiece,

    #[error(
        "nothing is free to be made anew; choose the bars to free, and pitches and a key that leave some"
    )]
    NothingFree,

    #[error(
        "the locked note of pitch {pitch} at step {step} is not within the piece, which has \
         {n_steps} steps; unlock it or make the piece longer"
    )]
    LockedOutside { step: usize, pitch: u8, n_steps: usize },

    #[error("\"{text}\" is no form: it has up to {most} letters, such as AABA")]
    BadForm { text: String, most: usize },

    #[error(
        "{bars} bars cannot be shared among the {} sections of {form}; choose a multiple of {}",
        .form.n_sections(), .form.n_sections()
    )]
    FormBars { form: Form, bars: usize },

    #[error(
        "the piece would be {n_steps} steps long, and the longest that can be kept has {most}; \
         choose fewer bars"
    )]
    TooLong { n_steps: usize, most: u64 },

    #[error("a form goes with a new piece; what is given has its own")]
    FormOfGiven,

    #[error(
        "the piece was read with another grid or other pitches than the model knows; \
         add it again with the settings that the model was trained with"
    )]
    OtherGrid,

    #[error("stopped before the music was finished")]
    Cancelled,

    #[error(transparent)]
    Rbm(#[from] RbmError),
}
