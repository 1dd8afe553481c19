//! Live audition: the newest dream of the model goes round and gives way, in time with the music, to
//! the next.

use std::sync::Arc;

use crate::audio::{PieceNumber, Player};
use crate::engine::{AuditionRequest, EngineCommand};
use crate::generate::{GenerateSettings, StartPoint, roll_to_score};
use crate::music::{Metre, NoteSheet, Score};
use crate::project::PieceRecord;
use crate::ui::state::{AuditionState, Dream, PieceId, RollSource};

use super::App;

/// A dream is short, so that the next is heard soon.
const MAX_BARS: u32 = 2;

/// Dreams that are lined up within the delay of a device.
const KEPT_DREAMS: usize = 32;

/// What the state does not show.
#[derive(Debug, Default)]
pub(super) struct Audition {
    /// What the engine was last asked for.
    asked: Option<Asked>,
    /// Oldest first: one before the newest may have begun already and not be heard yet.
    lined_up: Vec<(PieceNumber, Dream)>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Asked {
    every_epochs: u32,
    settings: GenerateSettings,
    metre: Metre,
    beats_per_minute: f64,
}

impl App {
    pub(super) fn set_audition(&mut self, is_on: bool) {
        if self.state.music.audition.is_on == is_on {
            return;
        }
        let every_epochs = self.state.music.audition.every_epochs;
        self.state.music.audition = AuditionState { is_on, every_epochs, ..Default::default() };
        self.audition = Audition::default();
        if is_on {
            self.stop_playing();
            self.ask_for_dreams();
        } else {
            self.engine.send(EngineCommand::Audition(None));
            if self.state.roll.source == Some(RollSource::Dream) {
                self.clear_roll();
            }
        }
    }

    pub(super) fn set_audition_epochs(&mut self, epochs: u32) {
        self.state.music.audition.every_epochs = epochs.max(1);
    }

    /// What was heard stays as a piece.
    pub(super) fn keep_dream(&mut self) {
        let kept = self.add_dream();
        if let Some(piece) = kept.and_then(|id| self.piece(id)) {
            let name = piece.record.name.clone();
            self.tell(format!("Kept what you hear as “{name}”"));
        }
    }

    /// Notes are drawn into what plays: it is kept, and live audition makes way for it.
    pub(super) fn edit_dream(&mut self, notes: &NoteSheet) {
        let Some(id) = self.add_dream() else { return };
        self.select_piece(id);
        self.edit_notes(id, notes);
    }

    fn add_dream(&mut self) -> Option<PieceId> {
        let Dream { epoch, record } = self.state.music.audition.heard.clone()?;
        let id = PieceId(self.next_piece);
        let name = format!("Piece {} (epoch {epoch})", self.next_piece);
        self.add_piece(PieceRecord { name, ..record });
        self.state.music.pieces.rotate_right(1);
        self.touch();
        Some(id)
    }

    fn dream_settings(&self) -> GenerateSettings {
        let settings = self.state.music.settings;
        let needs_song = settings.start == StartPoint::Song && self.start_song().is_none();
        let start = if needs_song { StartPoint::Noise } else { settings.start };
        GenerateSettings { pieces: 1, bars: settings.bars.min(MAX_BARS), start, ..settings }
    }

    /// Tells the engine what to make, where that has changed.
    fn ask_for_dreams(&mut self) {
        let request = self.generate_request(self.dream_settings());
        let every_epochs = self.state.music.audition.every_epochs;
        let asked = Asked {
            every_epochs,
            settings: request.settings,
            metre: request.metre,
            beats_per_minute: request.beats_per_minute,
        };
        if self.audition.asked == Some(asked) {
            return;
        }
        self.audition.asked = Some(asked);
        let request = AuditionRequest { every_epochs, piece: request };
        self.engine.send(EngineCommand::Audition(Some(Box::new(request))));
    }

    pub(super) fn take_dream(&mut self, epoch: u32, record: PieceRecord) {
        if !self.state.music.audition.is_on {
            return;
        }
        if !self.state.run.phase.is_active() && epoch < self.finished_epochs() {
            // The run came to rest while this was made; its last model is to be heard.
            self.audition.asked = None;
        }
        let name = format!("Live, after epoch {epoch}");
        let dream = Dream { epoch, record: PieceRecord { name, ..record } };
        let is_playing = self.state.roll.source == Some(RollSource::Dream)
            && self.player.as_ref().is_some_and(Player::is_playing);
        if is_playing {
            self.line_up(dream);
        } else {
            self.begin_with(dream);
        }
    }

    fn finished_epochs(&self) -> u32 {
        self.state.run.history.last().map_or(0, |record| record.metrics.epoch)
    }

    /// Takes a place behind what is heard now.
    fn line_up(&mut self, dream: Dream) {
        let score = Arc::new(self.dream_score(&dream.record));
        if let Some(player) = &mut self.player {
            let number = player.line_up(score);
            self.state.music.audition.next_epoch = Some(dream.epoch);
            self.audition.lined_up.push((number, dream));
            if self.audition.lined_up.len() > KEPT_DREAMS {
                self.audition.lined_up.remove(0);
            }
        }
    }

    /// The first one, or the next while playing is paused.
    fn begin_with(&mut self, dream: Dream) {
        let is_first = self.state.music.audition.heard.is_none();
        self.hear_dream(dream);
        self.show_roll(RollSource::Dream);
        self.apply_loop();
        if is_first && !self.state.transport.is_playing {
            self.toggle_play();
        }
    }

    fn hear_dream(&mut self, dream: Dream) {
        self.state.music.audition.heard = Some(dream);
        self.state.music.audition.next_epoch = None;
    }

    fn dream_score(&self, record: &PieceRecord) -> Score {
        let settings = self.score_settings(&record.name, record.metre);
        self.as_heard(&roll_to_score(&record.roll, &settings))
    }

    pub(super) fn fail_audition(&mut self, reason: &str) {
        if self.state.music.audition.is_on {
            self.set_audition(false);
            self.complain(format!("Live audition ended: {reason}"));
        }
    }

    /// The roll goes on to the next dream when the ear does.
    pub(super) fn follow_audition(&mut self) {
        if !self.state.music.audition.is_on {
            return;
        }
        self.ask_for_dreams();
        let heard = self.player.as_mut().and_then(Player::heard_piece);
        let lined_up = &mut self.audition.lined_up;
        let place = lined_up.iter().position(|(number, _)| heard == Some(*number));
        let reached = place.and_then(|place| lined_up.drain(..=place).next_back());
        if let Some((_, dream)) = reached {
            self.hear_dream(dream);
            self.state.music.audition.next_epoch =
                self.audition.lined_up.last().map(|(_, dream)| dream.epoch);
            self.show_dream();
        }
    }
}
