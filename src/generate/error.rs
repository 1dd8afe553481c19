//! What can go wrong when the model dreams, with the remedy.

use thiserror::Error;

use crate::rbm::RbmError;

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

    #[error("no step of the piece is free to be made anew; choose the bars to free")]
    NothingFree,

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
