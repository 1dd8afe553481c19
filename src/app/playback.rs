//! The piano roll and the transport: what is shown, and what is heard of it.

use std::ops::Range;
use std::sync::Arc;

use crate::audio::{LoopRange, Player, SoundSettings};
use crate::dataset::Status;
use crate::generate::{ScoreSettings, TICKS_PER_BEAT, notes_to_score};
use crate::music::{Metre, PianoRoll, PlayedNote, RollNote, Score, best_key};
use crate::project::PieceRecord;
use crate::ui::state::{RollSource, RollState};

use super::App;

impl App {
    /// Shows a song or a piece in the roll, ready to play from its start.
    pub(super) fn show_roll(&mut self, source: RollSource) {
        if let RollSource::Song(index) = source
            && let Some(song) = self.state.data.songs.get(index)
            && song.report.status == Status::Failed
        {
            let reason = song.report.reason.clone().unwrap_or_default();
            return self.show_failure(source, song.title.clone(), &reason);
        }
        let Some(shown) = self.shown(source) else { return };
        if source != RollSource::Dream {
            self.set_audition(false);
        }
        let is_other = self.state.roll.source != Some(source);
        let was_playing = self.state.transport.is_playing && is_other;
        if is_other {
            self.state.transport.beats_per_minute = shown.beats_per_minute;
        }
        self.put_on_roll(source, shown);
        self.load_player();
        if was_playing {
            self.toggle_play();
        }
    }

    /// What is seen changes; what is heard does not.
    fn put_on_roll(&mut self, source: RollSource, shown: Shown) {
        let is_other = self.state.roll.source != Some(source);
        let mut view = std::mem::take(&mut self.state.roll.view);
        if is_other {
            view.editor.forget_notes();
        }
        let before = self.state.roll.source.filter(|before| *before != source);
        self.state.roll = RollState {
            view,
            source: Some(source),
            before: before.or(self.state.roll.before),
            key: best_key(&shown.notes),
            notes: shown.notes,
            original: shown.original,
            locked: shown.locked,
            roll: Some(shown.roll),
            title: shown.title,
            why_empty: None,
            metre: shown.metre,
            selection: None,
            wants_fit: is_other,
        };
    }

    /// A file that could not be read: the roll says why.
    fn show_failure(&mut self, source: RollSource, title: String, reason: &str) {
        self.set_audition(false);
        self.clear_roll();
        self.state.roll.source = Some(source);
        self.state.roll.why_empty = Some(format!("{title} could not be read. {reason}"));
        self.state.roll.title = title;
    }

    /// The roll follows live audition, which plays on.
    pub(super) fn show_dream(&mut self) {
        if let Some(shown) = self.shown(RollSource::Dream) {
            let selection = self.state.roll.selection.take();
            self.put_on_roll(RollSource::Dream, shown);
            self.state.roll.selection = selection;
        }
    }

    fn shown(&self, source: RollSource) -> Option<Shown> {
        match source {
            RollSource::Song(index) => {
                let song = self.state.data.songs.get(index)?;
                Some(Shown {
                    notes: PlayedNote::of_roll(&song.roll, &[]),
                    original: None,
                    locked: Arc::default(),
                    roll: Arc::clone(&song.roll),
                    title: song.title.clone(),
                    metre: song.metre,
                    beats_per_minute: song.tempo_bpm,
                })
            }
            RollSource::Piece(id) => Some(Shown::of(&self.piece(id)?.record)),
            RollSource::Dream => Some(Shown::of(&self.state.music.audition.heard.as_ref()?.record)),
        }
    }

    pub(super) fn clear_roll(&mut self) {
        self.stop_playing();
        // Tool, grid and scale stay as they were chosen.
        let mut view = std::mem::take(&mut self.state.roll.view);
        view.editor.forget_notes();
        self.state.roll = RollState { view, ..RollState::default() };
    }

    /// The score of what the roll shows, as it sounds.
    pub(super) fn shown_score(&self) -> Option<Score> {
        let roll = self.state.roll.roll.as_ref()?;
        let settings = self.score_settings(&self.state.roll.title, self.state.roll.metre);
        Some(self.as_heard(&notes_to_score(&self.state.roll.notes, roll, &settings)))
    }

    pub(super) fn score_settings(&self, name: &str, metre: Metre) -> ScoreSettings {
        ScoreSettings {
            name: name.to_owned(),
            beats_per_minute: self.state.transport.beats_per_minute,
            metre,
            program: self.state.transport.program,
            ..ScoreSettings::default()
        }
    }

    pub(super) fn sound_settings(&self) -> SoundSettings {
        let performance = &self.state.sound.performance;
        SoundSettings {
            // The voices have instruments of their own.
            program: (!performance.is_divided).then_some(self.state.transport.program),
            beats_per_minute: Some(self.state.transport.beats_per_minute),
            volume: self.state.transport.volume,
            effects: performance.effects,
        }
    }

    /// The piece takes its place in the player, whatever was heard instead.
    pub(super) fn load_player(&mut self) {
        self.state.learned.hearing = None;
        let settings = self.sound_settings();
        if let (Some(score), Some(player)) = (self.shown_score(), &mut self.player) {
            player.load(Arc::new(score), settings);
        }
    }

    /// The player, made when it is first needed: then the device opens, in a thread of its own.
    pub(super) fn open_player(&mut self) {
        if self.player.is_some() {
            return;
        }
        let Some(built_in) = self.places.soundfont.clone() else {
            let words = "The built-in SoundFont was not found beside the program; reinstall it";
            self.state.transport.trouble = Some(words.to_owned());
            return;
        };
        let wake = Arc::clone(&self.wake);
        let player = Player::new(built_in.clone(), move || wake());
        if let Some(font) = self.soundfont_to_use().filter(|font| *font != built_in) {
            player.set_soundfont(font);
        }
        self.player = Some(player);
        self.load_player();
    }

    pub(super) fn toggle_play(&mut self) {
        if self.state.roll.roll.is_none() {
            let reason = self.state.roll.why_silent().unwrap_or_default().to_owned();
            return self.tell(reason);
        }
        self.open_player();
        self.stop_hearing();
        let is_looping = self.state.transport.is_looping;
        let Some(player) = &mut self.player else { return };
        if player.is_playing() {
            player.pause();
        } else {
            if player.is_finished() && !is_looping {
                player.seek_ticks(0);
            }
            player.play_counted_in(self.state.sound.count_in_bars);
        }
        self.apply_loop();
        self.follow_player();
    }

    /// Lets a short note be heard, for a click on the keyboard or an edit; music that plays goes
    /// on.
    pub(super) fn sound_note(&mut self, pitch: u8, velocity: u8) {
        self.open_player();
        if let Some(player) = &self.player {
            player.preview(pitch, velocity);
        }
    }

    /// What is shown has other notes: playing goes on with them.
    pub(super) fn refresh_shown(&mut self) {
        let Some(shown) = self.state.roll.source.and_then(|source| self.shown(source)) else {
            return;
        };
        let roll = &mut self.state.roll;
        roll.key = best_key(&shown.notes);
        roll.notes = shown.notes;
        roll.original = shown.original;
        roll.locked = shown.locked;
        roll.title = shown.title;
        roll.roll = Some(shown.roll);
        // While something of the model is heard, the player takes the notes up after it.
        if self.state.learned.hearing.is_none()
            && let (Some(score), Some(player)) = (self.shown_score(), &mut self.player)
        {
            player.edit(Arc::new(score));
        }
    }

    pub(super) fn stop_playing(&mut self) {
        if let Some(player) = &self.player {
            player.stop();
        }
        self.state.transport.position_step = 0.0;
        self.state.transport.position_secs = 0.0;
    }

    pub(super) fn toggle_loop(&mut self) {
        self.state.transport.is_looping = !self.state.transport.is_looping;
        self.apply_loop();
    }

    /// Loops the selection, or everything without one.
    pub(super) fn apply_loop(&self) {
        let Some(player) = &self.player else { return };
        // Live audition goes round until the next piece is there.
        let is_dream = self.state.roll.source == Some(RollSource::Dream);
        let is_looping = self.state.transport.is_looping || is_dream;
        let range = match (&self.state.roll.selection, is_looping) {
            (_, false) => LoopRange::Off,
            (None, true) => LoopRange::Whole,
            (Some(steps), true) => LoopRange::Ticks {
                start: self.tick_of(steps.start as f64),
                end: self.tick_of(steps.end as f64),
            },
        };
        player.set_loop(range);
    }

    pub(super) fn seek(&mut self, step: f64) {
        self.state.transport.position_step = step;
        if let Some(player) = &self.player {
            player.seek_ticks(self.tick_of(step));
        }
    }

    pub(super) fn select_steps(&mut self, steps: Option<Range<usize>>) {
        self.state.roll.selection = steps.filter(|steps| !steps.is_empty());
        self.apply_loop();
    }

    pub(super) fn set_tempo(&mut self, beats_per_minute: f64) {
        self.state.transport.beats_per_minute = beats_per_minute.clamp(20.0, 400.0);
        let tempo = self.state.transport.beats_per_minute;
        if let Some(player) = &mut self.player {
            player.set_tempo(Some(tempo));
        }
        if let Some(RollSource::Piece(id)) = self.state.roll.source {
            for piece in self.state.music.pieces.iter_mut().filter(|piece| piece.id == id) {
                piece.record.beats_per_minute = tempo;
            }
            self.touch();
        }
    }

    /// The tempo of something that may no longer be what is shown.
    pub(super) fn set_tempo_of(&mut self, source: Option<RollSource>, beats_per_minute: f64) {
        if source == self.state.roll.source {
            return self.set_tempo(beats_per_minute);
        }
        if let Some(RollSource::Piece(id)) = source {
            for piece in self.state.music.pieces.iter_mut().filter(|piece| piece.id == id) {
                piece.record.beats_per_minute = beats_per_minute;
            }
            self.touch();
        }
    }

    pub(super) fn set_program(&mut self, program: u8) {
        self.state.transport.program = program.min(127);
        if let Some(player) = &mut self.player {
            let is_divided = self.state.sound.performance.is_divided;
            player.set_program((!is_divided).then_some(program.min(127)));
        }
        self.keep_preferences();
    }

    pub(super) fn set_volume(&mut self, volume: f32) {
        self.state.transport.volume = volume.clamp(0.0, 1.0);
        if let Some(player) = &mut self.player {
            player.set_volume(volume.clamp(0.0, 1.0));
        }
        self.keep_preferences();
    }

    pub(super) fn retry_audio(&mut self) {
        self.state.transport.trouble = None;
        match &self.player {
            Some(player) => player.retry(),
            None => self.open_player(),
        }
    }

    /// Brings the transport up to the player.
    pub(super) fn follow_player(&mut self) {
        let ticks_per_step = self.ticks_per_step();
        let n_steps = self.state.roll.roll.as_ref().map_or(0, |roll| roll.n_steps());
        let transport = &mut self.state.transport;
        let beats = n_steps as f64 * ticks_per_step / f64::from(TICKS_PER_BEAT);
        transport.duration_secs = beats * 60.0 / transport.beats_per_minute;
        let is_piece_loaded = self.state.learned.hearing.is_none();
        let player = self.player.as_ref().filter(|_| is_piece_loaded);
        let Some(player) = player else {
            let beat = transport.position_step * ticks_per_step / f64::from(TICKS_PER_BEAT);
            transport.position_secs = beat * 60.0 / transport.beats_per_minute;
            return;
        };
        transport.is_playing = player.is_playing();
        transport.trouble = player.state().message();
        transport.position_step = player.position_ticks() / ticks_per_step;
        transport.position_secs = player.position_secs().min(transport.duration_secs);
    }

    fn ticks_per_step(&self) -> f64 {
        let steps_per_beat = self.state.roll.roll.as_deref().map_or(4, PianoRoll::steps_per_beat);
        f64::from(TICKS_PER_BEAT) / f64::from(steps_per_beat.max(1))
    }

    fn tick_of(&self, step: f64) -> u64 {
        (step.max(0.0) * self.ticks_per_step()).round() as u64
    }
}

struct Shown {
    roll: Arc<PianoRoll>,
    notes: Vec<PlayedNote>,
    original: Option<Vec<RollNote>>,
    locked: Arc<[RollNote]>,
    title: String,
    metre: Metre,
    beats_per_minute: f64,
}

impl Shown {
    fn of(record: &PieceRecord) -> Self {
        Self {
            notes: record.played_notes(),
            original: record.original.as_ref().map(|roll| roll.notes()),
            locked: Arc::clone(&record.locked),
            roll: Arc::clone(&record.roll),
            title: record.name.clone(),
            metre: record.metre,
            beats_per_minute: record.beats_per_minute,
        }
    }
}
