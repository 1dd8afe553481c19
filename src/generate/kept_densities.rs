//! Biases found for densities asked for lately: the same model asked again answers at once.

use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Mutex, PoisonError};

use crate::dataset::EncodingSettings;
use crate::music::PianoRoll;

use super::density::Density;
use super::work::Work;
use super::{GenerateError, GenerateSettings, Start};

const MOST_KEPT: usize = 16;

/// The biases found lately, for all that look for some.
#[derive(Debug, Default)]
pub struct KeptDensities(Mutex<VecDeque<(Key, Density)>>);

/// All that the biases depend on.
#[derive(Clone, Debug, PartialEq)]
struct Key {
    /// Of the parameters, the chains and the rates that pieces start from.
    model_hash: u64,
    encoding: EncodingSettings,
    /// Without what pieces may differ in.
    settings: GenerateSettings,
    song: Option<PianoRoll>,
    steps_per_bar: usize,
    gibbs_steps: u32,
}

impl Key {
    fn of(work: &Work<'_>) -> Result<Self, GenerateError> {
        let voice = work.voice;
        let parameters = voice.machine.parameters()?;
        let mut hasher = DefaultHasher::new();
        let floats =
            [&parameters.weights, &parameters.visible_bias, &parameters.hidden_bias].into_iter();
        for value in floats.flatten().chain(voice.visible_means) {
            hasher.write_u32(value.to_bits());
        }
        voice.chains.hash(&mut hasher);
        let song = match work.start {
            Start::Song(song) => Some(song.clone()),
            _ => None,
        };
        let settings = GenerateSettings {
            pieces: 0,
            bars: 0,
            seed: 0,
            form: super::Form::NONE,
            gibbs_steps: 0,
            ..*work.settings
        };
        Ok(Self {
            model_hash: hasher.finish(),
            encoding: voice.encoding.clone(),
            settings,
            song,
            steps_per_bar: work.steps_per_bar,
            gibbs_steps: work.gibbs_steps,
        })
    }
}

impl KeptDensities {
    /// The biases for work, found now if they are not kept.
    pub(super) fn get(
        &self,
        work: &Work<'_>,
        find: impl FnOnce() -> Result<Density, GenerateError>,
    ) -> Result<Density, GenerateError> {
        let key = Key::of(work)?;
        let kept = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, density)) = kept().iter().find(|(known, _)| *known == key) {
            return Ok(density.clone());
        }
        let density = find()?;
        let mut kept = kept();
        kept.push_front((key, density.clone()));
        kept.truncate(MOST_KEPT);
        Ok(density)
    }
}
