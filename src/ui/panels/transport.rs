//! Play, tempo, instrument, volume, export.

use egui::{Align, DragValue, Layout, Rect, RichText, Ui, vec2};

use super::export::why_no_export;
use super::instrument::{instrument_menu, instrument_name};
use super::parts::{self, button_unless, fixed_figures};
use crate::ui::actions::palette_controls;
use crate::ui::command::Command;
use crate::ui::focus;
use crate::ui::icons::{self, Icon, Sign};
use crate::ui::shortcuts::{self, Action};
use crate::ui::state::{ExportScope, State};
use crate::ui::theme::{self, UNIT};
use crate::ui::tour::{self, TourTarget};
use crate::ui::widgets::{ActionButton, Chip, ProgressBar, slim_slider};

/// The height of the row.
pub const HEIGHT: f32 = 44.0;
/// Narrower than this, the name of the SoundFont moves into a tooltip.
const WIDE: f32 = 1240.0;

/// The row over the piano roll.
pub fn transport_ui(ui: &mut Ui, state: &mut State, commands: &mut Vec<Command>) {
    let is_wide = ui.available_width() >= WIDE;
    ui.horizontal_centered(|ui| {
        buttons_ui(ui, state, commands);
        ui.add_space(UNIT);
        time_ui(ui, state);
        ui.add_space(UNIT);
        tempo_ui(ui, state, commands);
        instrument_ui(ui, state, commands);
        sound_button_ui(ui, state, commands);
        if is_wide && !state.transport.soundfont_name.is_empty() {
            ui.add(Chip::new(&state.transport.soundfont_name).fact())
                .on_hover_text("The SoundFont that the instruments come from");
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let right = ui.cursor().right();
            export_ui(ui, state, commands);
            let row = Rect::from_x_y_ranges(ui.cursor().right()..=right, ui.max_rect().y_range());
            tour::mark(ui.ctx(), TourTarget::Export, row);
            if state.transport.trouble.is_none() {
                volume_ui(ui, state, commands);
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                middle_ui(ui, state, commands);
            });
        });
    });
}

fn buttons_ui(ui: &mut Ui, state: &State, commands: &mut Vec<Command>) {
    let transport = &state.transport;
    let reason = state.roll.why_silent();
    let key = |action| shortcuts::keys(ui.ctx(), action);
    let (home, space, stop, repeat) = (
        key(Action::ToStart),
        key(Action::PlayOrPause),
        key(Action::StopPlaying),
        key(Action::Loop),
    );
    let to_start = ActionButton::sign(Sign::ToStart, "To the start").shortcut(&home);
    if button_unless(ui, reason, to_start) {
        commands.push(Command::Seek(0.0));
    }
    let (sign, name) =
        if transport.is_playing { (Sign::Pause, "Pause playing") } else { (Sign::Play, "Play") };
    let play = ActionButton::sign(sign, name).primary().min_width(40.0).shortcut(&space);
    if button_unless(ui, reason, play) {
        commands.push(Command::TogglePlay);
    }
    let button = ActionButton::sign(Sign::Stop, "Stop playing").shortcut(&stop);
    if button_unless(ui, reason, button) {
        commands.push(Command::StopPlaying);
    }
    let repeat =
        ActionButton::icon(Icon::Repeat, "Loop").on(transport.is_looping).shortcut(&repeat);
    if ui.add(repeat.tooltip("Plays the selection, or the whole, again and again")).clicked() {
        commands.push(Command::ToggleLoop);
    }
}

fn time_ui(ui: &mut Ui, state: &State) {
    let palette = theme::palette(ui);
    let transport = &state.transport;
    ui.spacing_mut().item_spacing.x = UNIT;
    let now = parts::clock(transport.position_secs);
    fixed_figures(ui, &now, "00:00.0", palette.text).on_hover_text("Minutes, seconds, tenths");
    let whole = format!("/ {}", parts::clock(transport.duration_secs));
    fixed_figures(ui, &whole, "/ 00:00.0", palette.quiet_text);
    ui.spacing_mut().item_spacing.x = 2.0 * UNIT;
}

fn tempo_ui(ui: &mut Ui, state: &State, commands: &mut Vec<Command>) {
    let mut tempo = state.transport.beats_per_minute;
    let field = DragValue::new(&mut tempo)
        .range(20.0..=400.0)
        .speed(0.5)
        .max_decimals(1)
        .prefix("♩ = ")
        .update_while_editing(false);
    let response = ui.add_sized(vec2(74.0, theme::CONTROL_HEIGHT), field);
    response.widget_info(|| {
        let mut info = egui::WidgetInfo::drag_value(true, tempo);
        info.label = Some("Tempo".to_owned());
        info
    });
    focus::answer(&response, palette_controls::TEMPO);
    let what = "Tempo: quarter notes a minute. Drag, or click to type";
    if response.on_hover_text(what).changed() {
        commands.push(Command::SetTempo(tempo));
    }
}

fn instrument_ui(ui: &mut Ui, state: &State, commands: &mut Vec<Command>) {
    let program = state.transport.program;
    let is_divided = state.sound.performance.is_divided;
    let name = if is_divided { "Voices" } else { instrument_name(program) };
    let chip = ui.add(Chip::new(name).icon(Icon::ChevronDown).bright(true));
    let soundfont = &state.transport.soundfont_name;
    let what = match (is_divided, soundfont.is_empty()) {
        (true, _) => "Bass, chords and melody have instruments of their own".to_owned(),
        (false, true) => "The instrument that plays".to_owned(),
        (false, false) => format!("The instrument that plays, from {soundfont}"),
    };
    if is_divided {
        if chip.clicked() {
            commands.push(Command::ShowSound(true));
        }
    } else if let Some(program) = instrument_menu(&chip, program) {
        commands.push(Command::SetProgram(program));
    }
    chip.on_hover_text(what);
}

/// Everything else about the sound.
fn sound_button_ui(ui: &mut Ui, state: &State, commands: &mut Vec<Command>) {
    let sound = ActionButton::icon(Icon::SlidersHorizontal, "Sound").on(state.sound.is_shown);
    let what = "Voices, swing, humanise, metronome, effects and the SoundFont";
    if ui.add(sound.tooltip(what)).clicked() {
        commands.push(Command::ShowSound(!state.sound.is_shown));
    }
}

/// From right to left: everything at once, MIDI, WAV.
fn export_ui(ui: &mut Ui, state: &State, commands: &mut Vec<Command>) {
    let is_exporting = state.export.is_some().then_some("An export is under way");
    let reason = state.roll.why_silent().or(is_exporting);
    let export = ActionButton::icon(Icon::FolderOutput, "Export");
    let what = "Favourites, all pieces or what is shown, as MIDI, audio and pictures at once";
    if button_unless(ui, why_no_export(state), export.tooltip(what)) {
        commands.push(Command::ShowExport(true));
    }
    let keys = shortcuts::keys(ui.ctx(), Action::ExportMidi);
    let midi = ActionButton::new("Export MIDI").with_icon(Icon::FileMusic).shortcut(&keys);
    if button_unless(ui, reason, midi.tooltip("Writes what is shown as a MIDI file")) {
        commands.push(Command::ExportMidi(ExportScope::Shown));
    }
    let keys = shortcuts::keys(ui.ctx(), Action::ExportWav);
    let wav = ActionButton::new("Export WAV").with_icon(Icon::AudioLines).shortcut(&keys);
    if button_unless(
        ui,
        reason,
        wav.tooltip("Plays what is shown into a WAV, FLAC or Ogg Vorbis file"),
    ) {
        commands.push(Command::ExportWav(ExportScope::Shown));
    }
}

/// From right to left: the slider, its sign.
fn volume_ui(ui: &mut Ui, state: &State, commands: &mut Vec<Command>) {
    ui.add_space(UNIT);
    let mut volume = state.transport.volume;
    let response = slim_slider(ui, "Volume", &mut volume, 72.0);
    response.widget_info(|| egui::WidgetInfo::slider(true, f64::from(volume), "Volume"));
    focus::answer(&response, palette_controls::VOLUME);
    if response.changed() {
        commands.push(Command::SetVolume(volume));
    }
    let icon = if volume <= 0.0 { Icon::VolumeX } else { Icon::Volume2 };
    let sign = icons::rich(icon).color(theme::palette(ui).quiet_text);
    icons::sign_ui(ui, sign);
    ui.add_space(UNIT);
}

/// What is going on: an export, trouble with sound, or what is selected.
fn middle_ui(ui: &mut Ui, state: &State, commands: &mut Vec<Command>) {
    let palette = theme::palette(ui);
    ui.add_space(UNIT);
    if let Some(export) = &state.export {
        let cancel_width = 70.0;
        let bar_width = (ui.available_width() * 0.4).clamp(40.0, 160.0);
        let text_width = ui.available_width() - bar_width - cancel_width - 6.0 * UNIT;
        if text_width > 60.0 {
            ui.scope(|ui| {
                ui.set_max_width(text_width);
                ui.add(egui::Label::new(parts::caption(ui, &export.what)).truncate());
            });
        }
        ui.add(ProgressBar::new("Exporting", export.share as f32).width(bar_width));
        if ui.add(ActionButton::new("Cancel").quiet()).clicked() {
            commands.push(Command::CancelExport);
        }
        return;
    }
    if let Some(trouble) = &state.transport.trouble {
        let retry_width = 64.0;
        let text = icons::with_text(Icon::VolumeX, trouble);
        let text = RichText::new(text).small().color(palette.danger_text);
        ui.scope(|ui| {
            ui.set_max_width((ui.available_width() - retry_width - 4.0 * UNIT).max(40.0));
            ui.add(egui::Label::new(text).truncate()).on_hover_text(trouble);
        });
        let what = "Looks for a sound device again";
        if ui.add(ActionButton::new("Retry").height(24.0).tooltip(what)).clicked() {
            commands.push(Command::RetryAudio);
        }
        return;
    }
    selection_ui(ui, state, commands);
}

fn selection_ui(ui: &mut Ui, state: &State, commands: &mut Vec<Command>) {
    let (Some(steps), Some(roll)) = (&state.roll.selection, &state.roll.roll) else {
        return;
    };
    let per_bar = state.roll.metre.beats_per_bar() * f64::from(roll.steps_per_beat());
    let per_bar = per_bar.max(1.0);
    let first = (steps.start as f64 / per_bar).floor() + 1.0;
    let last = (steps.end as f64 / per_bar).ceil().max(first);
    let text = if first == last {
        format!("Bar {first:.0} is selected")
    } else {
        format!("Bars {first:.0}–{last:.0} are selected")
    };
    let color = theme::palette(ui).held_out_text;
    ui.add(egui::Label::new(RichText::new(text).small().color(color)).truncate());
    let clear = ActionButton::icon(Icon::X, "Clear the selection").quiet().height(24.0);
    if ui.add(clear).clicked() {
        commands.push(Command::SelectSteps(None));
    }
}
