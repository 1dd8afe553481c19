//! The run that the engine has in hand, with what it needs from the songs.

use std::sync::Arc;

use rayon::prelude::*;

use crate::dataset::{Dataset, Song, TrainingBits};
use crate::project::{Model, Project};
use crate::train::{TrainError, check_memory};

use super::dream::VoiceSource;
use super::timed_run::TimedRun;
use super::{AdoptRequest, ExcerptSong, Progress, RunFacts, TrainRequest};

pub(super) struct CurrentRun {
    pub timed: TimedRun,
    training_excerpts: usize,
    held_out_excerpts: usize,
    /// To compare new pieces with.
    training: Arc<TrainingBits>,
    /// That are trained on, in the order of their excerpts.
    pub songs: Arc<[ExcerptSong]>,
}

impl CurrentRun {
    /// `free_bytes` of memory are there, where somebody knows.
    pub(super) fn start(
        mut request: TrainRequest,
        free_bytes: Option<u64>,
    ) -> Result<Self, TrainError> {
        check_memory(&request.settings, free_bytes)?;
        encode_stale(&mut request.songs, &request.settings.encoding)?;
        encode_stale(&mut request.held_out_songs, &request.settings.encoding)?;
        let dataset = dataset_of(request.songs, request.held_out_songs, &request.settings)?;
        let device = request.device.resolve()?;
        let timed = TimedRun::start(&dataset, request.name, request.settings, device)?;
        Ok(Self::new(timed, &dataset))
    }

    pub(super) fn adopt(mut request: AdoptRequest) -> Result<Self, TrainError> {
        let settings = request.model.run.settings.clone();
        encode_stale(&mut request.songs, &settings.encoding)?;
        encode_stale(&mut request.held_out_songs, &settings.encoding)?;
        let dataset = dataset_of(request.songs, request.held_out_songs, &settings)?;
        let device = request.device.resolve()?;
        let timed = TimedRun::resume(&dataset, request.model, device)?;
        Ok(Self::new(timed, &dataset))
    }

    fn new(timed: TimedRun, dataset: &Dataset) -> Self {
        Self {
            timed,
            training_excerpts: dataset.training.len(),
            held_out_excerpts: dataset.held_out.len(),
            training: Arc::new(TrainingBits::of(dataset)),
            songs: excerpt_songs(dataset),
        }
    }

    pub(super) fn facts(&self, threads: usize, is_paused: bool) -> RunFacts {
        let trainer = self.timed.trainer();
        let machine = trainer.machine();
        RunFacts {
            name: self.timed.run().name.clone(),
            settings: trainer.settings().clone(),
            n_visible: machine.n_visible(),
            n_hidden: machine.n_hidden(),
            training_excerpts: self.training_excerpts,
            held_out_excerpts: self.held_out_excerpts,
            device: machine.device().name(),
            threads,
            finished_epochs: trainer.finished_epochs(),
            is_finished: trainer.is_finished(),
            is_paused,
        }
    }

    pub(super) fn is_finished(&self) -> bool {
        self.timed.trainer().is_finished()
    }

    pub(super) fn progress(&self) -> Progress {
        let trainer = self.timed.trainer();
        let last = self.timed.run().history.last();
        Progress {
            finished_epochs: trainer.finished_epochs(),
            epochs: trainer.settings().epochs,
            share: trainer.progress(),
            seconds: self.timed.seconds(),
            examples_per_second: last.map_or(0.0, |record| record.examples_per_second),
        }
    }

    pub(super) fn model(&self) -> Result<Model, TrainError> {
        self.timed.model()
    }

    pub(super) fn voice(&self) -> Result<VoiceSource, TrainError> {
        let trainer = self.timed.trainer();
        Ok(VoiceSource {
            parameters: trainer.machine().parameters()?,
            encoding: trainer.settings().encoding.clone(),
            visible_means: trainer.visible_means().to_vec(),
            chains: trainer.chains()?,
            device: trainer.machine().device(),
            training: Some(Arc::clone(&self.training)),
            densities: Arc::default(),
        })
    }
}

/// Excerpts of a song stand together.
fn excerpt_songs(dataset: &Dataset) -> Arc<[ExcerptSong]> {
    let mut songs: Vec<ExcerptSong> = Vec::new();
    let mut last = None;
    for (place, excerpt) in dataset.training.iter().enumerate() {
        if last != Some(excerpt.song) {
            let song = &dataset.songs[excerpt.song as usize];
            let title = match song.transposition {
                0 => song.title.clone(),
                up if up > 0 => format!("{} +{up}", song.title),
                down => format!("{} −{}", song.title, down.unsigned_abs()),
            };
            songs.push(ExcerptSong { title, first_excerpt: place, n_excerpts: 0 });
            last = Some(excerpt.song);
        }
        if let Some(song) = songs.last_mut() {
            song.n_excerpts += 1;
        }
    }
    songs.into()
}

fn dataset_of(
    songs: Vec<Song>,
    held_out_songs: Vec<Song>,
    settings: &crate::train::TrainSettings,
) -> Result<Dataset, TrainError> {
    let project = Project { songs, held_out_songs, ..Project::default() };
    Ok(project.dataset(&settings.encoding)?)
}

/// Brings the songs up to the settings: their rolls, reports and numbers of excerpts.
fn encode_stale(
    songs: &mut [Song],
    settings: &crate::dataset::EncodingSettings,
) -> Result<(), TrainError> {
    let included = songs.par_iter_mut().filter(|song| song.is_included);
    Ok(included.try_for_each(|song| song.encode(settings))?)
}
