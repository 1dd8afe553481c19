//! Pictures: where the latest wins and nobody waits.

mod histogram;
mod maker;
mod order;
mod wanted;

use std::sync::{Arc, Mutex, PoisonError};

pub use histogram::Histogram;
pub(super) use maker::PictureMaker;
pub use wanted::{UnitOrder, Wanted, WantedStep, WantedUnits};

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

/// The model as it stands, for the panels that show it: the pictures that were [`Wanted`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ModelSnapshot {
    /// Another for every snapshot.
    pub number: u64,
    pub finished_epochs: u32,
    pub n_visible: usize,
    pub n_hidden: usize,
    /// The songs that are trained on, in the order of their excerpts.
    pub songs: Arc<[ExcerptSong]>,
    pub units: Option<UnitsPicture>,
    pub particles: Option<ParticlesPicture>,
    pub step: Option<StepPicture>,
    pub histograms: Option<HistogramsPicture>,
    pub activity: Option<ActivityPicture>,
}

impl ModelSnapshot {
    /// The picture of a hidden unit, if it is among those that were wanted.
    pub fn unit(&self, unit: usize) -> Option<&UnitPicture> {
        let units = self.units.as_ref()?;
        units.shown.iter().chain(&units.others).find(|picture| picture.unit == unit)
    }
}

/// A song that is trained on, or a transposed copy of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExcerptSong {
    pub title: String,
    /// Its first excerpt among all that are trained on.
    pub first_excerpt: usize,
    pub n_excerpts: usize,
}

/// Hidden units by their weights.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UnitsPicture {
    pub order: UnitOrder,
    /// By similarity only so many are chained, the strongest; the others follow by their norm.
    pub n_chained: usize,
    /// The place of the first that is shown in this order.
    pub first_place: usize,
    pub shown: Vec<UnitPicture>,
    /// The others that were asked for.
    pub others: Vec<UnitPicture>,
}

/// A hidden unit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UnitPicture {
    pub unit: usize,
    /// The Euclidean norm of its weights.
    pub norm: f32,
    /// Mean of p(h | v) over a sample of the training excerpts.
    pub activity: f32,
    /// One a visible unit.
    pub weights: Arc<[f32]>,
}

/// What the particles come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ParticleKind {
    /// The persistent chains of the run, the fantasy particles.
    #[default]
    Persistent,
    /// There are none under plain contrastive divergence: one Gibbs step from training excerpts.
    OneGibbsStep,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ParticlesPicture {
    pub kind: ParticleKind,
    /// Particles × visible, 0 and 1.
    pub visible: Vec<u8>,
}

/// One Gibbs step from a training excerpt, v0 → h0 → v1.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StepPicture {
    /// Its place among the training excerpts.
    pub excerpt: usize,
    /// v0, 0 and 1.
    pub visible: Vec<u8>,
    /// p(h | v0).
    pub hidden_probabilities: Vec<f32>,
    /// h0, tossed from it.
    pub hidden: Vec<u8>,
    /// p(v | h0), with the hidden retention.
    pub reconstruction: Vec<f32>,
    /// Mean over the visible units of (v0 − p(v | h0))².
    pub error: f64,
}

/// How the parameters are spread.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HistogramsPicture {
    /// Of a sample, where there are many.
    pub weights: Histogram,
    pub visible_bias: Histogram,
    pub hidden_bias: Histogram,
    /// By how much an update changed the weights; `None` before there was one to look at.
    pub update: Option<Histogram>,
}

/// Hidden probabilities on a sample of the training excerpts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ActivityPicture {
    /// The excerpts of the sample.
    pub excerpts: Vec<usize>,
    /// The units that are shown: all, or in a large model some, spread evenly.
    pub units: Vec<usize>,
    /// Excerpts × shown units, p(h | v) from 0 to 255.
    pub shades: Vec<u8>,
    /// Mean of p(h | v) over the sample, of every hidden unit.
    pub means: Vec<f32>,
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

    pub(super) fn empty(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_none()
    }
}
