//! What earlier sessions left behind, as the recovery window shows it.

use crate::music::RollNote;

/// The recovery window.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RecoveryView {
    /// The newest first.
    pub entries: Vec<RecoveryEntry>,
}

/// The work of one session.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RecoveryEntry {
    pub id: usize,
    pub name: String,
    /// The project's file, or that there is none.
    pub place: String,
    /// By the clock, and how long ago.
    pub when: String,
    pub n_songs: usize,
    pub n_pieces: usize,
    /// Finished epochs, where there is a model.
    pub epoch: Option<u32>,
    pub picture: RecoveryPicture,
    /// The file was saved after this was kept.
    pub is_file_newer: bool,
    /// Goes when the window is closed.
    pub is_discarded: bool,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub enum RecoveryPicture {
    #[default]
    None,
    /// The reconstruction error, epoch by epoch.
    Errors(Vec<f64>),
    /// The newest piece.
    Notes { notes: Vec<RollNote>, n_steps: u32 },
}
