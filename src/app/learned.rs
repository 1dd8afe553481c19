//! The pictures of the model, which the engine makes only while they are looked at, and what of the
//! model is heard: a unit, a particle, an excerpt or its reconstruction.

use std::sync::Arc;

use crate::audio::LoopRange;
use crate::dataset::{EncodingSettings, rows_to_roll};
use crate::engine::{EngineCommand, ModelSnapshot};
use crate::generate::roll_to_score;
use crate::music::{Metre, PianoRoll};
use crate::ui::learned::{Heard, unit_cells};

use super::App;

impl App {
    /// Tells the engine which pictures are looked at.
    pub(super) fn watch_model(&mut self) {
        let wanted = self.state.learned.wanted();
        if wanted != self.wanted {
            self.wanted = wanted.clone();
            self.engine.send(EngineCommand::Watch(wanted));
        }
    }

    pub(super) fn take_snapshot(&mut self, snapshot: ModelSnapshot) {
        self.state.learned.follow(&snapshot);
        self.state.run.snapshot = Some(snapshot);
    }

    /// The model is another: its pictures are over.
    pub(super) fn forget_learned(&mut self) {
        self.stop_hearing();
        self.state.run.snapshot = None;
        self.state.learned.forget_run();
    }

    /// Lets something of the model be heard; stops it when it is heard already.
    pub(super) fn hear_learned(&mut self, heard: Heard) {
        if self.state.learned.hearing == Some(heard) {
            return self.stop_hearing();
        }
        let Some(roll) = self.heard_roll(heard) else { return };
        if roll.is_silent() {
            return self.tell(format!("{} calls for no note", what(heard)));
        }
        self.stop_hearing();
        self.open_player();
        let settings = self.sound_settings();
        let score = roll_to_score(&roll, &self.score_settings(&what(heard), Metre::COMMON));
        let Some(player) = &mut self.player else { return };
        // A piece that plays stands where it is until it is played again.
        player.pause();
        self.state.transport.is_playing = false;
        player.load(Arc::new(score), settings);
        player.set_loop(LoopRange::Off);
        player.play();
        self.state.learned.hearing = Some(heard);
    }

    pub(super) fn stop_hearing(&mut self) {
        if self.state.learned.hearing.take().is_some() {
            let step = self.state.transport.position_step;
            if let Some(player) = &self.player {
                player.stop();
            }
            self.load_player();
            self.seek(step);
        }
    }

    /// What was heard to its end is no longer heard, nor what cannot sound.
    pub(super) fn follow_hearing(&mut self) {
        let Some(player) = &self.player else { return };
        if self.state.learned.hearing.is_some() && !player.is_playing() {
            self.state.transport.trouble = player.state().message();
            self.stop_hearing();
        }
    }

    /// The roll of something that is shown now.
    fn heard_roll(&self, heard: Heard) -> Option<PianoRoll> {
        let run = &self.state.run;
        let (snapshot, facts) = (run.snapshot.as_ref()?, run.facts.as_ref()?);
        let encoding = &facts.settings.encoding;
        let cells = heard_cells(snapshot, encoding, heard)?;
        Some(rows_to_roll(&cells, encoding))
    }

    pub(super) fn close_network_explanation(&mut self) {
        self.state.learned.is_explained = true;
        self.keep_preferences();
    }
}

/// A visible layer of 0 and 1.
fn heard_cells(
    snapshot: &ModelSnapshot,
    encoding: &EncodingSettings,
    heard: Heard,
) -> Option<Vec<u8>> {
    match heard {
        Heard::Unit(unit) => {
            let weights = &snapshot.unit(unit)?.weights;
            Some(unit_cells(weights, encoding.pitches().len(), encoding.n_planes()))
        }
        Heard::Particle(place) => {
            let particles = &snapshot.particles.as_ref()?.visible;
            let particle = particles.chunks_exact(snapshot.n_visible.max(1)).nth(place);
            particle.map(<[u8]>::to_vec)
        }
        Heard::Excerpt => Some(snapshot.step.as_ref()?.visible.clone()),
        Heard::Reconstruction => {
            let probabilities = &snapshot.step.as_ref()?.reconstruction;
            Some(probabilities.iter().map(|&p| u8::from(p >= 0.5)).collect())
        }
    }
}

fn what(heard: Heard) -> String {
    match heard {
        Heard::Unit(unit) => format!("Unit {}", unit + 1),
        Heard::Particle(place) => format!("Particle {}", place + 1),
        Heard::Excerpt => "The excerpt".to_owned(),
        Heard::Reconstruction => "The reconstruction".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{ParticlesPicture, StepPicture, UnitPicture, UnitsPicture};

    #[test]
    fn what_is_heard_is_what_is_shown() {
        let encoding = EncodingSettings {
            steps_per_excerpt: 1,
            pitch_count: 2,
            pitch_low: 60,
            ..EncodingSettings::default()
        };
        let weights = vec![0.0, 5.0, 0.0, 5.0].into();
        let unit = UnitPicture { unit: 7, weights, ..UnitPicture::default() };
        let snapshot = ModelSnapshot {
            n_visible: 4,
            units: Some(UnitsPicture { others: vec![unit], ..UnitsPicture::default() }),
            particles: Some(ParticlesPicture {
                visible: vec![0, 0, 0, 0, 1, 0, 1, 0],
                ..ParticlesPicture::default()
            }),
            step: Some(StepPicture {
                visible: vec![1, 1, 1, 1],
                reconstruction: vec![0.9, 0.4, 0.5, 0.1],
                ..StepPicture::default()
            }),
            ..ModelSnapshot::default()
        };
        let pitches = |heard| {
            let cells = heard_cells(&snapshot, &encoding, heard)?;
            let notes = rows_to_roll(&cells, &encoding).notes();
            Some(notes.iter().map(|note| note.pitch).collect::<Vec<_>>())
        };
        // The loud weights of a unit stand out only among many; two of four do not.
        assert_eq!(pitches(Heard::Unit(7)), Some(vec![]));
        assert_eq!(pitches(Heard::Unit(8)), None);
        assert_eq!(pitches(Heard::Particle(1)), Some(vec![60]));
        assert_eq!(pitches(Heard::Particle(2)), None);
        assert_eq!(pitches(Heard::Excerpt), Some(vec![60, 61]));
        assert_eq!(pitches(Heard::Reconstruction), Some(vec![60]));
    }
}
