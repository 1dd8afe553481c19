//! Pictures: where the latest wins and nobody waits.

use std::sync::{Arc, Mutex, PoisonError};

/// How far a run is, between two epochs too.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Progress {
    pub finished_epochs: u32,
    pub epochs: u32,
    /// Share of the whole run, 0 to 1.
    pub share: f64,
    /// Seconds of training, pauses left out.
    pub seconds: f64,
    /// Over the last moments.
    pub examples_per_second: f64,
}

impl Progress {
    /// Seconds until the run is done at this pace; `None` before anything can be said. Both the
    /// share and the seconds count what was done before a project was taken up again.
    pub fn seconds_left(&self) -> Option<f64> {
        let is_known = self.share > 0.0 && self.seconds > 0.0;
        is_known.then(|| self.seconds / self.share * (1.0 - self.share))
    }
}

/// The model as it stands, for the panels that show it.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelSnapshot {
    pub finished_epochs: u32,
    pub n_visible: usize,
    pub n_hidden: usize,
    /// `n_visible` × `n_hidden`, row by row.
    pub weights: Vec<f32>,
}

/// A place for one: putting replaces, taking empties.
#[derive(Debug)]
pub(super) struct Slot<T>(Mutex<Option<T>>);

impl<T> Slot<T> {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(None)))
    }

    pub(super) fn put(&self, value: T) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
    }

    pub(super) fn take(&self) -> Option<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_none()
    }
}
