//! The sound window: voices by range, feel, metronome, effects, SoundFont, panic. It stays open
//! while one listens.

use egui::{
    Align, Align2, Context, DragValue, Layout, Response, RichText, Slider, Ui, WidgetInfo, pos2,
    vec2,
};

use super::instrument::{instrument_menu, instrument_name};
use super::parts::{self, Choice, GAP, choices, fixed_figures};
use crate::music::{Performance, Voice, pitch_name};
use crate::ui::command::Command;
use crate::ui::focus;
use crate::ui::icons::Icon;
use crate::ui::sound_state::{FontState, FontStatus};
use crate::ui::state::State;
use crate::ui::theme::{self, UNIT};
use crate::ui::tool_window;
use crate::ui::widgets::{ActionButton, Chip};

const WIDTH: f32 = 372.0;
const LABEL_WIDTH: f32 = 96.0;
const SLIDER_WIDTH: f32 = 148.0;

/// The window, while it is open.
pub fn sound_ui(ctx: &Context, state: &State, commands: &mut Vec<Command>) {
    if !state.sound.is_shown {
        return;
    }
    let mut is_open = true;
    let mut performance = state.sound.performance;
    let content = ctx.content_rect();
    // Over the transport, so that one sees and presses what plays.
    let above_player = content.bottom() - state.window.player_height - 2.0 * UNIT;
    let corner = pos2(content.left() + content.width() * 0.3, above_player);
    let room = (content.height() - 18.0 * UNIT).max(40.0 * UNIT);
    let window = egui::Window::new("Sound")
        .open(&mut is_open)
        .collapsible(false)
        .resizable(false)
        .default_size(vec2(WIDTH, room))
        .pivot(Align2::LEFT_BOTTOM)
        .default_pos(corner);
    tool_window::show(ctx, "Sound", window, |ui| {
        ui.set_width(WIDTH);
        ui.spacing_mut().item_spacing.y = UNIT;
        egui::ScrollArea::vertical().max_height(room).show(ui, |ui| {
            ui.set_width(WIDTH);
            voices_ui(ui, &mut performance);
            ui.separator();
            feel_ui(ui, &mut performance, commands);
            ui.separator();
            clicks_ui(ui, state, commands);
            effects_ui(ui, &mut performance, commands);
            ui.separator();
            font_ui(ui, &state.sound.font, commands);
            focus::follow(ui);
        });
    });
    if performance != state.sound.performance {
        commands.push(Command::SetPerformance(Box::new(performance)));
    }
    if !is_open {
        commands.push(Command::ShowSound(false));
    }
}

/// A label of a fixed width and what it names.
fn row(ui: &mut Ui, label: &str, add: impl FnOnce(&mut Ui)) {
    ui.horizontal(|ui| {
        let room = vec2(LABEL_WIDTH, theme::CONTROL_HEIGHT);
        ui.allocate_ui_with_layout(room, Layout::left_to_right(Align::Center), |ui| {
            ui.set_min_width(LABEL_WIDTH);
            ui.label(parts::caption(ui, label));
        });
        add(ui);
    });
}

/// A box to tick whose line is seen on every ground.
fn tick_box(ui: &mut Ui, is_on: &mut bool, label: &str, what: &str) -> Response {
    let drawn = ui.scope(|ui| {
        parts::clear_boxes(ui);
        ui.checkbox(is_on, label)
    });
    drawn.inner.on_hover_text(what)
}

fn voices_ui(ui: &mut Ui, performance: &mut Performance) {
    let what = "Bass, chords and melody by range, each with an instrument of its own";
    tick_box(ui, &mut performance.is_divided, "Divide into voices", what);
    ui.add_enabled_ui(performance.is_divided, |ui| {
        for voice in Voice::ALL.into_iter().rev() {
            voice_ui(ui, voice, performance);
            match voice {
                Voice::Melody => split_ui(ui, "Melody from", &mut performance.melody_from),
                Voice::Chords => split_ui(ui, "Chords from", &mut performance.chords_from),
                Voice::Bass => {}
            }
        }
    });
    performance.melody_from = performance.melody_from.max(performance.chords_from);
}

fn voice_ui(ui: &mut Ui, voice: Voice, performance: &mut Performance) {
    let sound = &mut performance.voices[voice as usize];
    let name = voice.name();
    ui.horizontal(|ui| {
        let icon = if sound.is_muted { Icon::VolumeX } else { Icon::Volume2 };
        let verb = if sound.is_muted { "Unmute" } else { "Mute" };
        let words = format!("{verb} {}", name.to_lowercase());
        let mute = ActionButton::icon(icon, &words).quiet().on(sound.is_muted);
        if ui.add(mute).clicked() {
            sound.is_muted = !sound.is_muted;
        }
        let room = vec2(56.0, theme::CONTROL_HEIGHT);
        ui.allocate_ui_with_layout(room, Layout::left_to_right(Align::Center), |ui| {
            ui.set_min_width(56.0);
            ui.label(name);
        });
        let chip = ui.add(Chip::new(instrument_name(sound.program)).icon(Icon::ChevronDown));
        if let Some(program) = instrument_menu(&chip, sound.program) {
            sound.program = program;
        }
        chip.on_hover_text(format!("The instrument of the {}", name.to_lowercase()));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let mut volume = f64::from(sound.volume);
            let label = format!("Volume of the {}", name.to_lowercase());
            slider(ui, &label, &mut volume, 0.0..=127.0, 84.0);
            sound.volume = volume.round() as u8;
        });
    });
}

/// The lowest pitch of a voice; the line between two rows of voices.
fn split_ui(ui: &mut Ui, label: &str, pitch: &mut u8) {
    ui.horizontal(|ui| {
        ui.add_space(theme::CONTROL_HEIGHT + GAP);
        ui.label(parts::caption(ui, label));
        let field = DragValue::new(pitch)
            .range(0..=127)
            .speed(0.2)
            .custom_formatter(|pitch, _| pitch_name(pitch as u8))
            .custom_parser(parse_pitch);
        let response = ui.add(field);
        let value = pitch_name(*pitch);
        response.widget_info(|| {
            let mut info = WidgetInfo::labeled(egui::Role::SpinButton, true, label);
            info.current_text_value = Some(value.clone());
            info
        });
        response.on_hover_text("The lowest note of this voice, such as C4 or 60");
    });
}

/// "C4", "f#3", "60".
fn parse_pitch(text: &str) -> Option<f64> {
    let plain = text.trim().to_lowercase().replace('#', "\u{266f}");
    let by_name = (0..128_u8).find(|pitch| pitch_name(*pitch).to_lowercase() == plain);
    by_name.map(f64::from).or_else(|| plain.parse().ok())
}

fn slider(
    ui: &mut Ui,
    name: &str,
    value: &mut f64,
    range: std::ops::RangeInclusive<f64>,
    width: f32,
) -> Response {
    let response = ui
        .scope(|ui| {
            ui.spacing_mut().slider_width = width;
            ui.spacing_mut().interact_size.y = 4.0 * UNIT;
            ui.visuals_mut().widgets.inactive.bg_fill = theme::palette(ui).cap;
            ui.add(Slider::new(value, range).show_value(false))
        })
        .inner;
    let now = *value;
    response.widget_info(|| WidgetInfo::slider(true, now, name));
    response
}

struct Feel {
    label: &'static str,
    range: std::ops::RangeInclusive<f64>,
    meaning: &'static str,
    words: fn(f64) -> String,
}

fn feel_row(ui: &mut Ui, feel: &Feel, value: &mut f64) {
    row(ui, feel.label, |ui| {
        slider(ui, feel.label, value, feel.range.clone(), SLIDER_WIDTH).on_hover_text(feel.meaning);
        let words = (feel.words)(*value);
        fixed_figures(ui, &words, "straight", theme::palette(ui).text);
    });
}

fn feel_ui(ui: &mut Ui, performance: &mut Performance, commands: &mut Vec<Command>) {
    let swing = Feel {
        label: "Swing",
        range: Performance::SWING_RANGE,
        meaning: "How much of a beat its first half takes: 67 % is a triplet's swing",
        words: |value| if value <= 50.0 { "straight".to_owned() } else { format!("{value:.0} %") },
    };
    let accent = Feel {
        label: "Accents",
        range: 0.0..=1.0,
        meaning: "How much louder the beats are than what stands between them",
        words: |value| off_or(value, format!("{:.0} %", value * 100.0)),
    };
    let timing = Feel {
        label: "Loose timing",
        range: 0.0..=Performance::MAX_HUMANISE_MS,
        meaning: "Humanise: each note begins early or late by up to this",
        words: |value| off_or(value, format!("±{value:.0} ms")),
    };
    let loudness = Feel {
        label: "Loose touch",
        range: 0.0..=Performance::MAX_HUMANISE_VELOCITY,
        meaning: "Humanise: each note is struck harder or softer by up to this velocity",
        words: |value| off_or(value, format!("±{value:.0}")),
    };
    feel_row(ui, &swing, &mut performance.swing_percent);
    feel_row(ui, &accent, &mut performance.accent);
    feel_row(ui, &timing, &mut performance.humanise_ms);
    feel_row(ui, &loudness, &mut performance.humanise_velocity);
    let is_uneven = performance.humanise_ms > 0.0 || performance.humanise_velocity > 0.0;
    ui.add_enabled_ui(is_uneven, |ui| {
        row(ui, "Humanise seed", |ui| {
            let mut seed = performance.humanise_seed;
            let field = DragValue::new(&mut seed).update_while_editing(false);
            let response = ui.add_sized(vec2(84.0, theme::CONTROL_HEIGHT), field);
            performance.humanise_seed = seed;
            response.widget_info(|| {
                let mut info = WidgetInfo::drag_value(true, seed as f64);
                info.label = Some("Humanise seed".to_owned());
                info
            });
            response
                .on_hover_text("The same number gives the same unevenness")
                .on_disabled_hover_text("Loosen timing or touch first");
            let die = ActionButton::icon(Icon::Dices, "Draw a humanise seed by chance");
            if ui.add(die).clicked() {
                commands.push(Command::DrawHumaniseSeed);
            }
        });
    });
}

fn off_or(value: f64, words: String) -> String {
    if value <= 0.0 { "off".to_owned() } else { words }
}

fn clicks_ui(ui: &mut Ui, state: &State, commands: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        let mut is_on = state.sound.is_metronome_on;
        let what = "A click on every beat while it plays; never in exports";
        if tick_box(ui, &mut is_on, "Metronome", what).changed() {
            commands.push(Command::SetMetronome(is_on));
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let option = |text, tooltip| Choice { text, tooltip, reason: None };
            let options = [
                option("None", "It plays at once"),
                option("1 bar", "A bar of clicks before it plays"),
                option("2 bars", "Two bars of clicks before it plays"),
            ];
            let chosen = Some(state.sound.count_in_bars as usize);
            if let Some(bars) = choices(ui, "Count-in", chosen, &options) {
                commands.push(Command::SetCountIn(bars as u32));
            }
            ui.label(parts::caption(ui, "Count-in"));
        });
    });
}

fn effects_ui(ui: &mut Ui, performance: &mut Performance, commands: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        tick_box(ui, &mut performance.effects.reverb, "Reverb", "The sound of a room");
        let what = "Slightly detuned copies; some instruments ask for it";
        tick_box(ui, &mut performance.effects.chorus, "Chorus", what);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let panic = ActionButton::new("Panic").with_icon(Icon::OctagonX);
            let what = "All notes off: stops and silences whatever sounds";
            if ui.add(panic.tooltip(what)).clicked() {
                commands.push(Command::Panic);
            }
        });
    });
}

fn font_ui(ui: &mut Ui, font: &FontState, commands: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        let palette = theme::palette(ui);
        let name = font.file_name().unwrap_or_else(|| "Built in".to_owned());
        let (words, color) = match &font.status {
            FontStatus::BuiltIn => ("Ships with Harmonium".to_owned(), None),
            FontStatus::Checking => ("Is being tried; the built-in one plays".to_owned(), None),
            FontStatus::Plays { name, n_presets } => {
                (format!("{name} · {}", parts::count(*n_presets, "preset")), None)
            }
            FontStatus::Refused { reason } => {
                (format!("The built-in one plays: {reason}"), Some(palette.danger_text))
            }
        };
        ui.vertical(|ui| {
            ui.set_width(ui.available_width() - 188.0);
            ui.spacing_mut().item_spacing.y = 2.0;
            ui.add(egui::Label::new(format!("SoundFont: {name}")).truncate());
            let color = color.unwrap_or(palette.quiet_text);
            let label = egui::Label::new(RichText::new(&words).small().color(color)).truncate();
            ui.add(label).on_hover_text(&words);
        });
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let choose = ActionButton::new("Choose…");
            let what = "Plays with the instruments of an SF2 or SF3 file";
            if ui.add(choose.tooltip(what)).clicked() {
                commands.push(Command::ChooseSoundFont);
            }
            let reason = font.chosen.is_none().then_some("The built-in one is used already");
            if parts::button_unless(ui, reason, ActionButton::new("Built in")) {
                commands.push(Command::UseSoundFont(None));
            }
        });
    });
}
