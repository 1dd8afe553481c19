//! How the music sounds: what the sound window changes, and the SoundFont that a person chose.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::thread::Builder;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::audio::{AudioError, PROBE_LIMIT, Player, SoundFont, probe_soundfont};
use crate::music::{Performance, Score, metronome_track};
use crate::ui::sound_state::{FontStatus, MOST_COUNT_IN_BARS};

use super::App;

/// A font that is being read and tried.
pub(super) struct FontCheck {
    path: PathBuf,
    answer: Receiver<Result<FontFacts, String>>,
}

struct FontFacts {
    name: String,
    n_presets: usize,
}

impl App {
    /// The score as it is played, with clicks where they are wanted.
    pub(super) fn as_heard(&self, score: &Score) -> Score {
        let mut played = self.state.sound.performance.perform(score);
        if self.state.sound.is_metronome_on {
            played.tracks.push(metronome_track(&played));
        }
        played
    }

    pub(super) fn set_performance(&mut self, performance: Performance) {
        let performance = performance.mended();
        if performance == self.state.sound.performance {
            return;
        }
        self.state.sound.performance = performance;
        self.sound_changed();
        self.touch();
    }

    pub(super) fn set_metronome(&mut self, is_on: bool) {
        self.state.sound.is_metronome_on = is_on;
        self.sound_changed();
    }

    pub(super) fn set_count_in(&mut self, bars: u32) {
        self.state.sound.count_in_bars = bars.min(MOST_COUNT_IN_BARS);
        self.keep_preferences();
    }

    /// The clock is as good a die as any, and the number is shown and kept.
    pub(super) fn draw_humanise_seed(&mut self) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let humanise_seed = u64::from(now.subsec_nanos()) % 1_000_000;
        self.set_performance(Performance { humanise_seed, ..self.state.sound.performance });
    }

    /// What plays goes on with other sounds.
    fn sound_changed(&mut self) {
        self.keep_preferences();
        let settings = self.sound_settings();
        let score = self.shown_score();
        let Some(player) = &mut self.player else { return };
        player.set_program(settings.program);
        player.set_effects(settings.effects);
        // While something of the model is heard, the player takes it up after it.
        if self.state.learned.hearing.is_none()
            && let Some(score) = score
        {
            player.edit(Arc::new(score));
        }
    }

    pub(super) fn panic_sound(&mut self) {
        self.state.learned.hearing = None;
        if let Some(player) = &self.player {
            player.panic();
        }
        self.tell("All notes off");
    }

    // -- the SoundFont --

    /// The SoundFont that plays: the chosen one once it has been tried, else the built-in one.
    pub(super) fn soundfont_to_use(&self) -> Option<PathBuf> {
        let font = &self.state.sound.font;
        let is_tried = matches!(font.status, FontStatus::Plays { .. });
        font.chosen.clone().filter(|_| is_tried).or_else(|| self.places.soundfont.clone())
    }

    /// Chooses a font, or the built-in one.
    pub(super) fn use_soundfont(&mut self, path: Option<PathBuf>) {
        self.font_check = None;
        let font = &mut self.state.sound.font;
        font.chosen.clone_from(&path);
        font.status = FontStatus::BuiltIn;
        self.keep_preferences();
        match path {
            Some(path) => self.check_soundfont(path),
            None => self.play_with_font(),
        }
        self.name_soundfont();
    }

    fn check_soundfont(&mut self, path: PathBuf) {
        self.state.sound.font.status = FontStatus::Checking;
        let (sender, answer) = channel();
        let (wake, program) = (Arc::clone(&self.wake), self.places.font_probe.clone());
        let font = path.clone();
        let check = move || {
            let result = tried(&font, program.as_deref()).map_err(|error| error.to_string());
            // Nobody waits any more when another was chosen.
            drop(sender.send(result));
            wake();
        };
        match Builder::new().name("soundfont".to_owned()).spawn(check) {
            Ok(_thread) => self.font_check = Some(FontCheck { path, answer }),
            Err(error) => self.refuse_font(format!("The system gives no thread: {error}")),
        }
    }

    /// Hears what became of the font that was tried.
    pub(super) fn hear_soundfont(&mut self) {
        if let Some(reason) = self.player.as_ref().and_then(Player::take_font_trouble) {
            self.refuse_font(reason);
        }
        let Some(check) = &self.font_check else { return };
        let Ok(result) = check.answer.try_recv() else { return };
        let path = check.path.clone();
        self.font_check = None;
        if self.state.sound.font.chosen.as_ref() != Some(&path) {
            return;
        }
        match result {
            Ok(FontFacts { name, n_presets }) => {
                self.state.sound.font.status = FontStatus::Plays { name, n_presets };
                self.play_with_font();
            }
            Err(reason) => self.refuse_font(reason),
        }
        self.name_soundfont();
    }

    /// The choice is kept: a drive that is away now may be there at the next start.
    fn refuse_font(&mut self, reason: String) {
        self.complain(format!("{reason} The built-in SoundFont plays on."));
        self.state.sound.font.status = FontStatus::Refused { reason };
        self.play_with_font();
        self.name_soundfont();
    }

    fn play_with_font(&mut self) {
        if let (Some(font), Some(player)) = (self.soundfont_to_use(), &self.player) {
            player.set_soundfont(font);
        }
    }

    /// The transport names the font that plays.
    pub(super) fn name_soundfont(&mut self) {
        let font = self.soundfont_to_use();
        let name = font.as_deref().and_then(Path::file_name);
        self.state.transport.soundfont_name =
            name.map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    }
}

/// Reads a font, and has it tried in another process.
fn tried(font: &Path, program: Option<&Path>) -> Result<FontFacts, AudioError> {
    let checked = SoundFont::open(font)?;
    if let Some(program) = program {
        probe_soundfont(program, font, PROBE_LIMIT)?;
    }
    Ok(FontFacts { name: checked.name().to_owned(), n_presets: checked.presets().len() })
}

/// What differs between two ways to play, for "Undo …".
pub(super) fn changed_words(before: &Performance, after: &Performance) -> &'static str {
    match () {
        () if before.is_divided != after.is_divided => "Divide into voices",
        () if (before.chords_from, before.melody_from)
            != (after.chords_from, after.melody_from) =>
        {
            "Set the ranges of the voices"
        }
        () if before.voices != after.voices => "Set the sound of a voice",
        () if before.swing_percent != after.swing_percent => "Set swing",
        () if before.accent != after.accent => "Set accents",
        () if before.humanise_ms != after.humanise_ms => "Set humanise timing",
        () if before.humanise_velocity != after.humanise_velocity => "Set humanise loudness",
        () if before.humanise_seed != after.humanise_seed => "Set humanise seed",
        () if before.effects.reverb != after.effects.reverb => "Switch reverb",
        () => "Switch chorus",
    }
}
