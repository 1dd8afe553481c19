//! The big piano roll, under the row that names what it shows.

use egui::Ui;

use super::roll_bar::roll_bar_ui;
use crate::music::{NotePlace, PitchRange, PlayedNote};
use crate::ui::command::Command;
use crate::ui::state::{MusicState, RollSource, State};
use crate::ui::widgets::{PianoRollAction, PianoRollContent, PianoRollWidget};

/// The roll in all the room there is.
pub fn roll_ui(ui: &mut Ui, state: &mut State, commands: &mut Vec<Command>) {
    ui.spacing_mut().item_spacing.y = 0.0;
    roll_bar_ui(ui, state, commands);
    let roll = &mut state.roll;
    let no_notes: Vec<PlayedNote> = Vec::new();
    let (notes, n_steps, pitches, steps_per_beat) = match &roll.roll {
        Some(grid) => (&roll.notes, grid.n_steps(), grid.pitches(), grid.steps_per_beat()),
        None => (&no_notes, 64, PitchRange { low: 36, count: 49 }, 4),
    };
    let content = PianoRollContent {
        name: &roll.title,
        notes,
        n_steps: n_steps as u32,
        pitches,
        steps_per_beat,
        metre: roll.metre,
    };
    if std::mem::take(&mut roll.wants_fit) {
        roll.view.fit();
    }
    let is_empty = roll.roll.is_none();
    let empty_text = if let Some(why) = &roll.why_empty {
        why
    } else if state.data.songs.is_empty() && state.music.pieces.is_empty() {
        "Songs and pieces are seen and edited here as notes. Add songs first"
    } else {
        "Choose a song or a piece to see and hear it"
    };
    let original = roll.original.as_deref().filter(|_| roll.view.editor.shows_original);
    let scale = roll.view.editor.scale.scale(roll.key);
    let transport = &state.transport;
    let has_begun = transport.is_playing || transport.position_secs > 0.0;
    let shown = PianoRollWidget::new(content, &mut roll.view)
        .play_head((has_begun && !is_empty).then_some(transport.position_step))
        .playing(transport.is_playing)
        .editable(!is_empty)
        .selection(roll.selection.as_ref().map(|steps| steps.start as u32..steps.end as u32))
        .original(original.unwrap_or_default())
        .locked(&roll.locked)
        .scale(scale)
        .empty_text(if is_empty { empty_text } else { "" })
        .show(ui);
    if let Some(source) = roll.source.filter(|_| !is_empty) {
        for action in shown.actions {
            commands.extend(command(action, source, &state.music));
        }
    }
}

/// What an action comes to: edits of a song are edits of a copy.
fn command(action: PianoRollAction, source: RollSource, music: &MusicState) -> Option<Command> {
    Some(match action {
        PianoRollAction::Seek(step) => Command::Seek(step),
        PianoRollAction::SelectSteps(steps) => {
            Command::SelectSteps(Some(steps.start as usize..steps.end as usize))
        }
        PianoRollAction::ClearSelection => Command::SelectSteps(None),
        PianoRollAction::SoundPitch(pitch) => Command::SoundPitch(pitch),
        PianoRollAction::SoundNote { pitch, velocity } => Command::SoundNote { pitch, velocity },
        PianoRollAction::TogglePlay => Command::TogglePlay,
        PianoRollAction::Edit { notes, what } => match source {
            RollSource::Piece(piece) => Command::EditNotes { piece, notes, what },
            RollSource::Song(song) => Command::EditCopyOfSong { song, notes },
            RollSource::Dream => Command::EditDream(notes),
        },
        PianoRollAction::ToggleLocks(places) => toggle_locks(source, music, &places)?,
    })
}

/// Notes of songs need no locks: songs are never changed.
pub fn toggle_locks(
    source: RollSource,
    music: &MusicState,
    places: &[NotePlace],
) -> Option<Command> {
    let RollSource::Piece(id) = source else { return None };
    let piece = music.pieces.iter().find(|piece| piece.id == id)?;
    Some(Command::LockNotes { piece: id, notes: piece.record.locks_toggled(places).into() })
}
