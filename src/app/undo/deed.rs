//! How things stand before a command, and how that is brought back.

use std::path::PathBuf;
use std::sync::Arc;

use egui::Context;

use crate::dataset::Song;
use crate::engine::{EngineCommand, Progress, RunFacts, WayOn};
use crate::train::{History, TrainSettings, setting};
use crate::ui::command::Command;
use crate::ui::state::{
    EarlierRun, LikelihoodState, PieceId, PieceState, RollSource, RunId, RunPhase,
};

use super::App;
use crate::app::sound::changed_words;

/// Something that brings a part of the program to where it stood.
#[derive(Clone, Debug)]
pub(in crate::app) enum Deed {
    /// A command with the value of that time.
    Command(Command),
    /// All knobs of the model.
    Settings(Box<TrainSettings>),
    /// Which songs are taken, by their files: places in the list change.
    Ticks(Vec<(PathBuf, bool)>),
    /// Songs that a folder had, with their places.
    Songs(Vec<(usize, Song)>),
    /// A piece that was there, and the piece that stood after it.
    Piece { piece: Box<PieceState>, before: Option<PieceId> },
    /// No such piece as an edit made of a song, which is shown again, or of a dream.
    Original { piece: PieceId, song: Option<PathBuf> },
    /// An earlier run and its place.
    Run { place: usize, run: Box<EarlierRun> },
    /// An own preset, or that there is none of this name.
    Preset { name: String, settings: Option<Box<TrainSettings>> },
    /// The tempo of what was shown.
    Tempo { source: Option<RollSource>, beats_per_minute: f64 },
    /// The run that was forgotten last.
    RunAside,
}

impl Deed {
    /// Whether both bring about the same. Of what is large, no two are.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Command(a), Self::Command(b)) => a == b,
            (Self::Settings(a), Self::Settings(b)) => a == b,
            (Self::Ticks(a), Self::Ticks(b)) => a == b,
            (Self::Preset { settings: a, .. }, Self::Preset { settings: b, .. }) => a == b,
            (Self::Tempo { .. }, Self::Tempo { .. }) => {
                let tempo = |deed: &Self| match deed {
                    Self::Tempo { source, beats_per_minute } => (*source, *beats_per_minute),
                    _ => (None, 0.0),
                };
                tempo(self) == tempo(other)
            }
            _ => false,
        }
    }

    pub(super) fn needs_run_aside(&self) -> bool {
        matches!(self, Self::RunAside)
    }
}

/// What the window knew of the run that was forgotten last; its model waits in the engine.
#[derive(Clone, Debug)]
pub(in crate::app) struct RunAside {
    pub phase: RunPhase,
    pub facts: Option<RunFacts>,
    pub history: History,
    pub progress: Progress,
    pub likelihood: LikelihoodState,
    pub adopted_run: Option<(String, TrainSettings)>,
    /// Why it ended before its time.
    pub failure: Option<String>,
    /// It stands in the list of earlier runs meanwhile.
    pub is_listed: bool,
}

/// Whether a command sets a value, so that only the last of a row counts.
pub(super) fn is_value(command: &Command) -> bool {
    matches!(
        command,
        Command::SetSetting { .. }
            | Command::SetPieces(_)
            | Command::SetBars(_)
            | Command::SetGibbsSteps(_)
            | Command::SetTemperature(_)
            | Command::SetStart(_)
            | Command::SetGenerateSeed(_)
            | Command::DrawGenerateSeed
            | Command::SetVaryAmount(_)
            | Command::SetGeneration(_)
            | Command::SetTempo(_)
            | Command::SetProgram(_)
            | Command::SetPerformance(_)
            | Command::DrawHumaniseSeed
            | Command::SetCountIn(_)
    )
}

/// Whether a command takes something away or gives it another name, so that it cannot be read
/// afterwards: doing it again is the command itself.
pub(super) fn removes(command: &Command) -> bool {
    matches!(
        command,
        Command::DeletePiece(_)
            | Command::DeleteRun(_)
            | Command::RemoveFolder(_)
            | Command::RenamePreset { .. }
            | Command::ResetRun
    )
}

/// What the settings of new music do, for "Undo …".
fn music_words(command: &Command) -> Option<&'static str> {
    Some(match command {
        Command::SetPieces(_) => "Set number of pieces",
        Command::SetBars(_) => "Set bars",
        Command::SetGibbsSteps(_) => "Set Gibbs steps of the music",
        Command::SetTemperature(_) => "Set temperature",
        Command::SetStart(_) => "Set start of the chains",
        Command::SetGenerateSeed(_) | Command::DrawGenerateSeed => "Set seed of the music",
        Command::SetGeneration(_) => "Set steering",
        Command::SetVaryAmount(_) => "Set how far variations stray",
        _ => return None,
    })
}

/// "Learning rate" in the middle of a sentence; "L2 penalty" and "PCD chains" stay.
fn within_sentence(label: &str) -> String {
    let mut letters = label.chars();
    match (letters.next(), letters.next()) {
        (Some(first), Some(second)) if second.is_lowercase() => {
            first.to_lowercase().chain([second]).chain(letters).collect()
        }
        _ => label.to_owned(),
    }
}

impl App {
    /// What brings back how things stand now with what the command would change; `None` for
    /// commands that change nothing that is kept, and for those that would do nothing.
    pub(super) fn as_it_stands(&self, command: &Command) -> Option<Deed> {
        let settings = &self.state.settings;
        let music = &self.state.music.settings;
        let set = |key| {
            let value = settings.text(key).ok()?;
            Some(Command::SetSetting { key, value })
        };
        Some(Deed::Command(match command {
            Command::SetSetting { key, .. } => set(key)?,
            Command::TakeProposedRate => set("learning_rate")?,
            Command::GoOn(WayOn::SmallerBatch(_)) => set("batch_size")?,
            Command::SetPieces(_) => Command::SetPieces(music.pieces),
            Command::SetBars(_) => Command::SetBars(music.bars),
            Command::SetGibbsSteps(_) => Command::SetGibbsSteps(music.gibbs_steps),
            Command::SetTemperature(_) => Command::SetTemperature(music.temperature),
            Command::SetStart(_) => Command::SetStart(music.start),
            Command::SetGenerateSeed(_) | Command::DrawGenerateSeed => {
                Command::SetGenerateSeed(music.seed)
            }
            Command::SetGeneration(_) => Command::SetGeneration(Box::new(*music)),
            Command::SetVaryAmount(_) => Command::SetVaryAmount(self.state.music.vary_amount),
            Command::SetProgram(_) => Command::SetProgram(self.state.transport.program),
            Command::SetPerformance(_) | Command::DrawHumaniseSeed => {
                Command::SetPerformance(Box::new(self.state.sound.performance))
            }
            Command::SetMetronome(_) => Command::SetMetronome(self.state.sound.is_metronome_on),
            Command::SetCountIn(_) => Command::SetCountIn(self.state.sound.count_in_bars),
            Command::UseSoundFont(_) => Command::UseSoundFont(self.state.sound.font.chosen.clone()),
            Command::FavouritePiece { piece, .. } => {
                let is_favourite = self.piece(*piece)?.record.is_favourite;
                Command::FavouritePiece { piece: *piece, is_favourite }
            }
            Command::ShowRun { run, .. } => {
                let is_shown = self.earlier_run(*run)?.is_shown;
                Command::ShowRun { run: *run, is_shown }
            }
            Command::ColorRun { run, .. } => {
                Command::ColorRun { run: *run, color: self.earlier_run(*run)?.color }
            }
            Command::RenameRun { run, .. } => {
                let name = self.state.run.row(*run)?.name.to_owned();
                Command::RenameRun { run: *run, name }
            }
            Command::RenamePreset { name, to } => {
                let is_possible = self.own_preset(name).is_some() && self.own_preset(to).is_none();
                is_possible.then(|| Command::RenamePreset { name: to.clone(), to: name.clone() })?
            }
            Command::EditNotes { piece, what, .. } => {
                let notes = self.piece(*piece)?.record.sheet().into();
                Command::EditNotes { piece: *piece, notes, what }
            }
            Command::LockNotes { piece, .. } => {
                let notes = Arc::clone(&self.piece(*piece)?.record.locked);
                Command::LockNotes { piece: *piece, notes }
            }
            other => return self.whole_as_it_stands(other),
        }))
    }

    /// The same for commands that change more than one value.
    fn whole_as_it_stands(&self, command: &Command) -> Option<Deed> {
        match command {
            Command::ApplyPreset(_) | Command::ApplyOwnPreset(_) | Command::AdoptSettings(_) => {
                Some(Deed::Settings(Box::new(self.state.settings.clone())))
            }
            Command::SetTempo(_) => Some(Deed::Tempo {
                source: self.state.roll.source,
                beats_per_minute: self.state.transport.beats_per_minute,
            }),
            Command::IncludeSong { song, .. } => {
                let song = self.state.data.songs.get(*song)?;
                Some(Deed::Ticks(vec![(song.path.clone(), song.is_included)]))
            }
            Command::IncludeFolder { folder, .. } => {
                let songs = self.state.data.songs.iter().filter(|song| song.folder == *folder);
                Some(Deed::Ticks(songs.map(|song| (song.path.clone(), song.is_included)).collect()))
            }
            Command::RemoveFolder(folder) => {
                let songs = self.state.data.songs.iter().enumerate();
                let of_folder = songs.filter(|(_, song)| song.folder == *folder);
                let songs: Vec<_> = of_folder.map(|(at, song)| (at, song.clone())).collect();
                (!songs.is_empty()).then_some(Deed::Songs(songs))
            }
            Command::DeletePiece(piece) => self.piece_as_it_stands(*piece),
            Command::DeleteRun(run) => {
                let place = self.state.run.earlier.iter().position(|other| other.id == *run)?;
                let run = Box::new(self.state.run.earlier[place].clone());
                Some(Deed::Run { place, run })
            }
            Command::SavePreset(name) | Command::DeletePreset(name) => {
                let settings =
                    self.own_preset(name).map(|preset| Box::new(preset.settings.clone()));
                Some(Deed::Preset { name: name.clone(), settings })
            }
            Command::ResetRun => {
                let is_there = self.state.run.facts.is_some() || self.state.run.phase.has_model();
                is_there.then_some(Deed::RunAside)
            }
            _ => None,
        }
    }

    /// A piece with its place, to be brought back whatever becomes of it.
    pub(super) fn piece_as_it_stands(&self, id: PieceId) -> Option<Deed> {
        let pieces = &self.state.music.pieces;
        let place = pieces.iter().position(|piece| piece.id == id)?;
        let before = pieces.get(place + 1).map(|piece| piece.id);
        Some(Deed::Piece { piece: Box::new(pieces[place].clone()), before })
    }

    /// What a command does, for "Undo …".
    pub(super) fn words_for(&self, command: &Command) -> String {
        let piece = |id| {
            self.piece(id).map_or_else(|| "the piece".to_owned(), |piece| piece.record.name.clone())
        };
        let run = |run: RunId| {
            let run = self.state.run.row(run);
            run.map_or_else(|| "the run".to_owned(), |run| run.name.to_owned())
        };
        let ticked = |is_included: bool| if is_included { "Take" } else { "Leave out" };
        if let Some(words) = music_words(command) {
            return words.to_owned();
        }
        match command {
            Command::SetSetting { key, .. } => {
                let label = setting(key).map_or(*key, |setting| setting.label);
                format!("Set {}", within_sentence(label))
            }
            Command::TakeProposedRate => "Set learning rate".to_owned(),
            Command::GoOn(_) => "Set batch".to_owned(),
            Command::ApplyPreset(preset) => format!("Apply preset {}", preset.label()),
            Command::SetTempo(_) => "Set tempo".to_owned(),
            Command::SetProgram(_) => "Set instrument".to_owned(),
            Command::SetPerformance(after) => {
                changed_words(&self.state.sound.performance, after).to_owned()
            }
            Command::DrawHumaniseSeed => "Set humanise seed".to_owned(),
            Command::SetMetronome(_) => "Switch the metronome".to_owned(),
            Command::SetCountIn(_) => "Set count-in".to_owned(),
            Command::UseSoundFont(_) => "Choose a SoundFont".to_owned(),
            Command::IncludeSong { song, is_included } => {
                let song = self.state.data.songs.get(*song);
                let title = song.map_or("the song", |song| song.title.as_str());
                format!("{} {title}", ticked(*is_included))
            }
            Command::IncludeFolder { folder, is_included } => {
                let name = folder.file_name().unwrap_or(folder.as_os_str());
                format!("{} {}", ticked(*is_included), name.to_string_lossy())
            }
            Command::RemoveFolder(folder) => {
                let name = folder.file_name().unwrap_or(folder.as_os_str());
                format!("Remove {}", name.to_string_lossy())
            }
            Command::FavouritePiece { piece: id, is_favourite: true } => {
                format!("Star {}", piece(*id))
            }
            Command::FavouritePiece { piece: id, .. } => {
                format!("Take the star off {}", piece(*id))
            }
            Command::EditNotes { what, .. } => (*what).to_owned(),
            Command::LockNotes { .. } => "Lock notes".to_owned(),
            Command::EditCopyOfSong { .. } => "Edit a copy of the song".to_owned(),
            Command::EditDream(_) => "Edit what live audition played".to_owned(),
            Command::DeletePiece(id) => format!("Delete {}", piece(*id)),
            Command::DeleteRun(place) => format!("Delete {}", run(*place)),
            Command::ShowRun { run: place, is_shown: true } => format!("Show {}", run(*place)),
            Command::ShowRun { run: place, .. } => format!("Hide {}", run(*place)),
            Command::RenameRun { run: id, .. } => format!("Rename {}", run(*id)),
            Command::ColorRun { run: id, .. } => format!("Colour {}", run(*id)),
            Command::ApplyOwnPreset(name) => format!("Apply preset {name}"),
            Command::AdoptSettings(_) => "Restore settings".to_owned(),
            Command::SavePreset(name) => format!("Save preset {name}"),
            Command::RenamePreset { name, .. } => format!("Rename preset {name}"),
            Command::DeletePreset(name) => format!("Delete preset {name}"),
            Command::ResetRun => "Reset the run".to_owned(),
            _ => "the last change".to_owned(),
        }
    }

    pub(super) fn bring_about(&mut self, deed: Deed, ctx: &Context) {
        match deed {
            Deed::Command(command) => self.obey(command, ctx),
            Deed::Settings(settings) => self.adopt_settings(*settings),
            Deed::Ticks(ticks) => self.tick_songs(&ticks),
            Deed::Songs(songs) => self.put_songs_back(songs),
            Deed::Piece { piece, before } => self.put_piece_back(*piece, before),
            Deed::Run { place, run } => self.restore_run(place, *run),
            Deed::Preset { name, settings } => self.set_preset(&name, settings.map(|s| *s)),
            Deed::Original { piece, song } => self.forget_copy(piece, song.as_deref()),
            Deed::Tempo { source, beats_per_minute } => {
                self.set_tempo_of(source, beats_per_minute);
            }
            Deed::RunAside => self.engine.send(EngineCommand::BringBack),
        }
    }
}
