//! Every action with its section, title, keys and meaning.

use egui::{Key, KeyboardShortcut, Modifiers};

use crate::train::Preset;
use crate::ui::compose::Composition;
use crate::ui::state::ThemeChoice;
use crate::ui::window_state::Part;

/// Something that a person can do. The command that it gives may depend on the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    NewProject,
    Open,
    Save,
    SaveAs,
    ExportMidi,
    ExportWav,
    Export,
    ExportAllMidi,
    ExportAllWav,
    ExportCurveCsv,
    ExportCurvePng,
    CopyAsCommand,
    Quit,

    Undo,
    Redo,
    StarPiece,
    DeletePiece,
    ClearSelection,

    AddFolder,
    AddFiles,
    AddDemoSet,
    ReloadSongs,
    ImportReport,
    IncludeSong,
    CancelImport,

    TrainOrPause,
    StopTraining,
    StepEpoch,
    StepBatch,
    ResetRun,
    TakeProposedRate,
    EstimateLikelihood,
    CancelEstimate,
    ShowRuns,
    HearBestRun,
    TryRange,
    PauseSweep,
    CancelSweep,
    ReadRuns,
    Preset(Preset),
    ImportPreset,

    Generate,
    Compose(Composition),
    StartFromShown,
    LiveAudition,
    KeepDream,
    CancelGenerate,
    DrawSeed,

    PlayOrPause,
    StopPlaying,
    ToStart,
    Loop,
    RetryAudio,
    Sound,
    Metronome,
    CountIn,
    DivideVoices,
    Reverb,
    Chorus,
    ChooseSoundFont,
    BuiltInSoundFont,
    Panic,
    CancelExport,

    ShowPart(Part),
    NextPart,
    PreviousPart,
    ZoomIn,
    ZoomOut,
    ZoomReset,
    Theme(ThemeChoice),
    LogScale,
    Filters,
    AllSettings,
    Notices,

    Manual,
    Palette,
    Shortcuts,
    Tour,
    GraphicsCard,
    Diagnostics,
    About,
}

/// Where an action stands: a menu each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    File,
    Edit,
    Data,
    Train,
    Music,
    View,
    Help,
}

impl Section {
    pub const ALL: [Self; 7] =
        [Self::File, Self::Edit, Self::Data, Self::Train, Self::Music, Self::View, Self::Help];

    pub fn name(self) -> &'static str {
        match self {
            Self::File => "File",
            Self::Edit => "Edit",
            Self::Data => "Data",
            Self::Train => "Run",
            Self::Music => "Music",
            Self::View => "View",
            Self::Help => "Help",
        }
    }
}

/// A row of the table.
#[derive(Debug)]
pub struct Entry {
    pub action: Action,
    pub section: Section,
    /// What a menu says; some say more in a state, such as "Undo Set learning rate".
    pub title: &'static str,
    /// The first is shown, the others do the same.
    pub keys: &'static [KeyboardShortcut],
    /// A sentence on what it does; empty where the title says it all.
    pub meaning: &'static str,
    /// A line stands over it in the menu.
    pub begins_group: bool,
}

const NONE: Modifiers = Modifiers::NONE;
const CTRL: Modifiers = Modifiers::COMMAND;
const CTRL_SHIFT: Modifiers = Modifiers::COMMAND.plus(Modifiers::SHIFT);

const fn key(modifiers: Modifiers, key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(modifiers, key)
}

const fn row(action: Action, section: Section, title: &'static str) -> Entry {
    Entry { action, section, title, keys: &[], meaning: "", begins_group: false }
}

impl Entry {
    const fn keys(self, keys: &'static [KeyboardShortcut]) -> Self {
        Self { keys, ..self }
    }

    const fn meaning(self, meaning: &'static str) -> Self {
        Self { meaning, ..self }
    }

    const fn group(self) -> Self {
        Self { begins_group: true, ..self }
    }
}

/// The entry of an action; every action has one, as a test checks.
pub fn entry(action: Action) -> Option<&'static Entry> {
    ACTIONS.iter().find(|entry| entry.action == action)
}

use Action as A;
use Section as S;

/// Everything, in the order of the menus.
pub const ACTIONS: &[Entry] = &[
    row(A::NewProject, S::File, "New project").keys(&[key(CTRL, Key::N)]),
    row(A::Open, S::File, "Open…").keys(&[key(CTRL, Key::O)]).meaning("Opens a project"),
    row(A::Save, S::File, "Save").keys(&[key(CTRL, Key::S)]).meaning("Saves the project"),
    row(A::SaveAs, S::File, "Save as…")
        .keys(&[key(CTRL_SHIFT, Key::S)])
        .meaning("Saves the project under a new name"),
    row(A::ExportMidi, S::File, "Export MIDI…")
        .keys(&[key(CTRL, Key::E)])
        .meaning("Writes what is shown as a MIDI file")
        .group(),
    row(A::ExportWav, S::File, "Export WAV…")
        .keys(&[key(CTRL_SHIFT, Key::E)])
        .meaning("Plays what is shown into a WAV, FLAC or Ogg Vorbis file"),
    row(A::Export, S::File, "Export…")
        .meaning("Favourites, all pieces or what is shown, as MIDI, audio and pictures at once"),
    row(A::ExportAllMidi, S::File, "Export all pieces as MIDI…"),
    row(A::ExportAllWav, S::File, "Export all pieces as WAV…"),
    row(A::ExportCurveCsv, S::File, "Export the curve as CSV…"),
    row(A::ExportCurvePng, S::File, "Export the curve as PNG…"),
    row(A::CopyAsCommand, S::File, "Copy run as command")
        .meaning("Puts the command line that repeats this run on the clipboard"),
    row(A::Quit, S::File, "Quit").keys(&[key(CTRL, Key::Q)]).group(),
    // Edit
    row(A::Undo, S::Edit, "Undo").keys(&[key(CTRL, Key::Z)]).meaning("Takes the last change back"),
    row(A::Redo, S::Edit, "Redo")
        .keys(&[key(CTRL_SHIFT, Key::Z), key(CTRL, Key::Y)])
        .meaning("Does again what was taken back"),
    row(A::StarPiece, S::Edit, "Star the piece").meaning("Marks the chosen piece").group(),
    row(A::DeletePiece, S::Edit, "Delete the piece").meaning("Deletes the chosen piece"),
    row(A::ClearSelection, S::Edit, "Clear the selection"),
    // Data
    row(A::AddFolder, S::Data, "Add folder…")
        .keys(&[key(CTRL_SHIFT, Key::O)])
        .meaning("Adds a folder of MIDI files, with everything below it"),
    row(A::AddFiles, S::Data, "Add files…"),
    row(A::AddDemoSet, S::Data, "Add the demo set")
        .meaning("Adds the short pieces that ship with Harmonium"),
    row(A::ReloadSongs, S::Data, "Read the folders again").group(),
    row(A::ImportReport, S::Data, "Import report…")
        .meaning("What was taken of every file, and why anything was not"),
    row(A::IncludeSong, S::Data, "Learn from the chosen song")
        .meaning("Takes the chosen song into the training or leaves it out"),
    row(A::CancelImport, S::Data, "Cancel the import").meaning("Keeps what was read until now"),
    // Train
    row(A::TrainOrPause, S::Train, "Train")
        .keys(&[key(CTRL, Key::T)])
        .meaning("Trains, pauses or resumes"),
    row(A::StopTraining, S::Train, "Stop training")
        .meaning("Ends the run; the model stays and can be heard"),
    row(A::StepEpoch, S::Train, "Train one epoch"),
    row(A::StepBatch, S::Train, "Train one batch"),
    row(A::ResetRun, S::Train, "Reset the run")
        .meaning("Forgets what was learned; the curve is kept as an earlier run"),
    row(A::TakeProposedRate, S::Train, "Go on at the proposed learning rate"),
    row(A::EstimateLikelihood, S::Train, "Estimate the log-likelihood").group(),
    row(A::CancelEstimate, S::Train, "Cancel the estimate"),
    row(A::ShowRuns, S::Train, "Runs…")
        .keys(&[key(CTRL, Key::R)])
        .meaning("All runs in a table: compare, hear, restore, sweep")
        .group(),
    row(A::HearBestRun, S::Train, "Hear the best run")
        .meaning("Makes the best run the current one and plays what it generates"),
    row(A::TryRange, S::Train, "Try a range of settings…")
        .meaning("Queues a run for each value of a setting, a sweep"),
    row(A::PauseSweep, S::Train, "Pause the sweep")
        .meaning("Starts no further run; the one under way goes on"),
    row(A::CancelSweep, S::Train, "Cancel the sweep")
        .meaning("Drops what waits and stops the run under way; what is done stays"),
    row(A::ReadRuns, S::Train, "Read runs of other projects…"),
    row(A::Preset(Preset::Recommended), S::Train, "Preset: Recommended").group(),
    row(A::Preset(Preset::Report), S::Train, "Preset: Report (2016)"),
    row(A::Preset(Preset::Quick), S::Train, "Preset: Quick look"),
    row(A::ImportPreset, S::Train, "Import a preset…"),
    // Music
    row(A::PlayOrPause, S::Music, "Play").keys(&[key(NONE, Key::Space)]),
    row(A::StopPlaying, S::Music, "Stop playing").keys(&[key(NONE, Key::Period)]),
    row(A::ToStart, S::Music, "To the start").keys(&[key(NONE, Key::Home)]),
    row(A::Loop, S::Music, "Loop")
        .keys(&[key(NONE, Key::L)])
        .meaning("Plays the selection, or the whole, again and again"),
    row(A::RetryAudio, S::Music, "Look for a sound device again"),
    row(A::Sound, S::Music, "Sound…")
        .meaning("Voices, swing, humanise, metronome, effects and the SoundFont")
        .group(),
    row(A::Metronome, S::Music, "Metronome").meaning("A click on every beat while it plays"),
    row(A::CountIn, S::Music, "Count-in").meaning("A bar of clicks before it plays"),
    row(A::DivideVoices, S::Music, "Divide into voices")
        .meaning("Bass, chords and melody by range, with instruments of their own"),
    row(A::Reverb, S::Music, "Reverb"),
    row(A::Chorus, S::Music, "Chorus"),
    row(A::ChooseSoundFont, S::Music, "Choose a SoundFont…")
        .meaning("Plays with the instruments of an SF2 or SF3 file"),
    row(A::BuiltInSoundFont, S::Music, "Use the built-in SoundFont"),
    row(A::Panic, S::Music, "Panic: all notes off").meaning("Stops and silences whatever sounds"),
    row(A::Generate, S::Music, "Generate pieces").keys(&[key(CTRL, Key::G)]).group(),
    row(A::LiveAudition, S::Music, "Live audition")
        .keys(&[key(CTRL, Key::L)])
        .meaning("Plays the model while it learns"),
    row(A::KeepDream, S::Music, "Keep what live audition plays"),
    row(A::CancelGenerate, S::Music, "Cancel generating"),
    row(A::DrawSeed, S::Music, "Draw a seed by chance"),
    row(A::Compose(Composition::Inside), S::Music, Composition::Inside.label())
        .meaning(Composition::Inside.meaning())
        .group(),
    row(A::Compose(Composition::Around), S::Music, Composition::Around.label())
        .meaning(Composition::Around.meaning()),
    row(A::Compose(Composition::Continue), S::Music, Composition::Continue.label())
        .meaning(Composition::Continue.meaning()),
    row(A::Compose(Composition::LeadUp), S::Music, Composition::LeadUp.label())
        .meaning(Composition::LeadUp.meaning()),
    row(A::Compose(Composition::Harmonise), S::Music, Composition::Harmonise.label())
        .meaning(Composition::Harmonise.meaning()),
    row(A::Compose(Composition::MelodyFor), S::Music, Composition::MelodyFor.label())
        .meaning(Composition::MelodyFor.meaning()),
    row(A::Compose(Composition::Vary), S::Music, Composition::Vary.label())
        .meaning(Composition::Vary.meaning()),
    row(A::Compose(Composition::Interpolate), S::Music, Composition::Interpolate.label())
        .meaning(Composition::Interpolate.meaning()),
    row(A::StartFromShown, S::Music, "Start new pieces from this")
        .meaning("The chains of new pieces set out from what is shown, or the selected bars"),
    row(A::CancelExport, S::Music, "Cancel the export").group(),
    // View
    row(A::ShowPart(Part::Data), S::View, "Data column").keys(&[key(CTRL, Key::Num1)]),
    row(A::ShowPart(Part::Model), S::View, "Model column").keys(&[key(CTRL, Key::Num2)]),
    row(A::ShowPart(Part::Music), S::View, "Music column").keys(&[key(CTRL, Key::Num3)]),
    row(A::ShowPart(Part::Roll), S::View, "Piano roll").keys(&[key(CTRL, Key::Num4)]),
    row(A::NextPart, S::View, "Go to the next part")
        .keys(&[key(NONE, Key::F6)])
        .meaning("Moves the keyboard to the next part of the window"),
    row(A::PreviousPart, S::View, "Go to the part before")
        .keys(&[key(Modifiers::SHIFT, Key::F6)])
        .meaning("Moves the keyboard to the part of the window before"),
    row(A::ZoomIn, S::View, "Zoom in")
        .keys(&[key(CTRL, Key::Plus), key(CTRL, Key::Equals)])
        .group(),
    row(A::ZoomOut, S::View, "Zoom out").keys(&[key(CTRL, Key::Minus)]),
    row(A::ZoomReset, S::View, "Zoom to 100 %").keys(&[key(CTRL, Key::Num0)]),
    row(A::Theme(ThemeChoice::System), S::View, "Theme: as the system").group(),
    row(A::Theme(ThemeChoice::Dark), S::View, "Theme: dark"),
    row(A::Theme(ThemeChoice::Light), S::View, "Theme: light"),
    row(A::Theme(ThemeChoice::HighContrast), S::View, "Theme: high contrast"),
    row(A::LogScale, S::View, "Logarithmic curve")
        .meaning("Shows every tenfold as high as the next")
        .group(),
    row(A::Filters, S::View, "What it has learned"),
    row(A::AllSettings, S::View, "All settings"),
    row(A::Notices, S::View, "Notices"),
    // Help
    row(A::Manual, S::Help, "Manual")
        .keys(&[key(NONE, Key::F1)])
        .meaning("How everything works, from the first song to questions and answers"),
    row(A::Palette, S::Help, "Find a command…")
        .keys(&[key(CTRL, Key::K), key(CTRL_SHIFT, Key::P)])
        .meaning("Finds commands, settings, presets and folders by name"),
    row(A::Shortcuts, S::Help, "Keyboard shortcuts")
        .keys(&[key(CTRL, Key::Slash), key(Modifiers::SHIFT, Key::F1)]),
    row(A::Tour, S::Help, "Take the tour").meaning("Shows in three steps how it works"),
    row(A::GraphicsCard, S::Help, "Graphics card…")
        .meaning("Whether models are trained on it, what is missing, and the GPU pack")
        .group(),
    row(A::Diagnostics, S::Help, "Diagnostics…")
        .meaning("What was found on this machine, error reports, the log")
        .group(),
    row(A::About, S::Help, "About Harmonium"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_actions_share_a_key_or_a_title() {
        for (place, entry) in ACTIONS.iter().enumerate() {
            for other in &ACTIONS[..place] {
                assert_ne!(entry.title, other.title);
                assert_ne!(entry.action, other.action, "{}", entry.title);
                let shared = entry.keys.iter().find(|keys| other.keys.contains(keys));
                assert_eq!(shared, None, "{} and {}", entry.title, other.title);
            }
        }
    }

    #[test]
    fn sections_stand_together_in_their_order() {
        let mut place = 0;
        for entry in ACTIONS {
            let section = Section::ALL.iter().position(|&section| section == entry.section);
            let section = section.unwrap_or_default();
            assert!(section >= place, "{}", entry.title);
            place = section;
        }
        assert_eq!(place, Section::ALL.len() - 1);
    }
}
