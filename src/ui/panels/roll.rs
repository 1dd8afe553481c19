//! The big piano roll, with the name of what it shows.

use egui::{FontId, Sense, Ui, vec2};

use super::parts::{self, left_text};
use crate::music::PitchRange;
use crate::ui::command::Command;
use crate::ui::fonts;
use crate::ui::state::State;
use crate::ui::theme::{self, UNIT, size};
use crate::ui::widgets::{PianoRollAction, PianoRollContent, PianoRollWidget};

const TITLE_HEIGHT: f32 = 24.0;

/// The roll in all the room there is.
pub fn roll_ui(ui: &mut Ui, state: &mut State, commands: &mut Vec<Command>) {
    ui.spacing_mut().item_spacing.y = 0.0;
    title_ui(ui, state);
    let roll = &mut state.roll;
    let no_notes = Vec::new();
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
    let transport = &state.transport;
    let has_begun = transport.is_playing || transport.position_secs > 0.0;
    let shown = PianoRollWidget::new(content, &mut roll.view)
        .play_head((has_begun && !is_empty).then_some(transport.position_step))
        .selection(roll.selection.as_ref().map(|steps| steps.start as u32..steps.end as u32))
        .empty_text(if is_empty { "Choose a song or a piece to see and hear it" } else { "" })
        .show(ui);
    let command = match shown.action {
        _ if is_empty => None,
        Some(PianoRollAction::Seek(step)) => Some(Command::Seek(step)),
        Some(PianoRollAction::SelectSteps(steps)) => {
            Some(Command::SelectSteps(Some(steps.start as usize..steps.end as usize)))
        }
        Some(PianoRollAction::ClearSelection) => Some(Command::SelectSteps(None)),
        Some(PianoRollAction::SoundPitch(pitch)) => Some(Command::SoundPitch(pitch)),
        None => None,
    };
    commands.extend(command);
}

/// The name of the piece at the left, how large it is at the right.
fn title_ui(ui: &mut Ui, state: &State) {
    let palette = theme::palette(ui);
    let room = vec2(ui.available_width(), TITLE_HEIGHT);
    let (rect, response) = ui.allocate_exact_size(room, Sense::hover());
    ui.painter().rect_filled(rect, 0.0, palette.panel);
    let mut words = String::new();
    if let Some(roll) = &state.roll.roll {
        let per_bar = state.roll.metre.beats_per_bar() * f64::from(roll.steps_per_beat());
        let n_bars = (roll.n_steps() as f64 / per_bar.max(1.0)).ceil() as usize;
        words = format!(
            "{} · {} · {}",
            parts::count(state.roll.notes.len(), "note"),
            parts::count(n_bars, "bar"),
            state.roll.metre
        );
    }
    let font = FontId::new(size::CAPTION, fonts::figures());
    let galley = ui.painter().layout_no_wrap(words, font, palette.quiet_text);
    let inner = rect.shrink2(vec2(4.0 * UNIT, 0.0));
    let left_of = inner.right() - galley.size().x;
    let corner = egui::pos2(left_of, rect.center().y - galley.size().y / 2.0);
    ui.painter().galley(corner, galley, palette.quiet_text);
    let title = if state.roll.roll.is_some() { state.roll.title.as_str() } else { "Piano roll" };
    let mut name_rect = inner;
    name_rect.max.x = (left_of - 4.0 * UNIT).max(inner.left());
    let color = if state.roll.roll.is_some() { palette.text } else { palette.quiet_text };
    left_text(ui, name_rect, title, FontId::new(size::LABEL, fonts::medium()), color);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Heading, true, title));
}
