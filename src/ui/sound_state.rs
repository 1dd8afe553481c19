//! How the music sounds, as the panels see it.

use crate::music::Performance;

/// Everything about the sound but the transport.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SoundState {
    pub performance: Performance,
}
