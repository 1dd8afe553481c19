//! Steering: what leads new music without writing it. Folded away, with a word on what is set.

use egui::{DragValue, Popup, PopupCloseBehavior, Role, TextEdit, Ui, WidgetInfo};

use super::super::parts::{self, Choice, GAP, choices, folding_heading, knob_rows};
use super::super::scale_picker::scale_picker_ui;
use crate::generate::{Form, GenerateSettings, ScaleRule, Steering};
use crate::music::{Scale, ScaleKind, pitch_name};
use crate::ui::command::Command;
use crate::ui::icons::Icon;
use crate::ui::state::State;
use crate::ui::theme::UNIT;
use crate::ui::widgets::{Chip, Knob, KnobFormat, KnobScale, KnobSpec};

/// Multiples of the songs' density; the first leaves it to the model.
const DENSITIES: [f64; 10] = [0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0, 4.0];
const DENSITY_NAMES: [&str; 10] =
    ["free", "× 0.25", "× 0.5", "× 0.75", "× 1", "× 1.25", "× 1.5", "× 2", "× 3", "× 4"];
const VOICE_NAMES: [&str; 13] =
    ["free", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"];
/// Temperatures of the first step; the first keeps the temperature throughout.
const FIRST_TEMPERATURES: [f64; 7] = [0.0, 0.5, 1.5, 2.0, 3.0, 5.0, 10.0];
const FIRST_TEMPERATURE_NAMES: [&str; 7] = ["off", "0.5", "1.5", "2", "3", "5", "10"];
const WIDTH: f32 = 236.0;

/// The section of the Music column.
pub(super) fn steering_ui(ui: &mut Ui, state: &mut State, commands: &mut Vec<Command>) {
    let before = state.music.settings;
    let mut after = before;
    ui.add_space(UNIT);
    let heading = match summary(&before) {
        words if words.is_empty() => "Steering".to_owned(),
        words => format!("Steering: {words}"),
    };
    folding_heading(ui, &heading, &mut state.music.is_steering_open);
    if state.music.is_steering_open {
        ui.add_space(UNIT);
        knobs_ui(ui, &mut after);
        scale_ui(ui, &mut after.steering);
        range_ui(ui, &mut after.steering);
        form_ui(ui, &mut after);
    }
    if after != before {
        commands.push(Command::SetGeneration(Box::new(after)));
    }
}

/// "C major · × 1.5 · 3 voices"; empty where everything is left to the model.
fn summary(settings: &GenerateSettings) -> String {
    let steering = &settings.steering;
    let mut words = Vec::new();
    words.extend(steering.scale.map(Scale::name));
    words.extend(steering.density.map(|density| format!("× {density}")));
    words.extend(steering.polyphony.map(|n| parts::count(n as usize, "voice")));
    if steering.lowest_pitch.is_some() || steering.highest_pitch.is_some() {
        words.push("range".to_owned());
    }
    if steering.rhythm != 0.0 {
        words.push(if steering.rhythm > 0.0 { "on the beat" } else { "syncopated" }.to_owned());
    }
    if !settings.form.is_none() {
        words.push(settings.form.to_string());
    }
    if settings.anneal_from.is_some() {
        words.push("annealed".to_owned());
    }
    words.join(" · ")
}

fn knob_specs() -> [KnobSpec<'static>; 4] {
    let places = |n: usize| 0.0..=(n - 1) as f64;
    [
        KnobSpec {
            label: "Density",
            unit: "of the songs'",
            range: places(DENSITIES.len()),
            scale: KnobScale::Choice(&DENSITY_NAMES),
            meaning: "How many notes sound at a time, as a multiple of your songs'",
            usual: "× 0.75 to × 1.5; free leaves it to the model",
            too_little: "gaps and single notes",
            too_much: "clusters that the songs never have",
            ..KnobSpec::default()
        },
        KnobSpec {
            label: "Rhythm",
            unit: "−1 syncopated, 1 on the beat",
            range: -1.0..=1.0,
            scale: KnobScale::Linear { step: 0.1 },
            format: KnobFormat::Signed,
            meaning: "Whether notes begin on the beat or between the beats",
            usual: "−0.5 to 0.5; at 0 as the songs do",
            too_little: "nothing falls on the beat any more",
            too_much: "everything marches",
            ..KnobSpec::default()
        },
        KnobSpec {
            label: "Voices",
            unit: "notes at a time, at most",
            range: places(VOICE_NAMES.len()),
            scale: KnobScale::Choice(&VOICE_NAMES),
            meaning: "How many notes may sound at a time; the least likely give way",
            usual: "1 for a melody, 3 or 4 for a chorale, free for a piano",
            too_little: "chords become single notes",
            too_much: "it changes nothing",
            ..KnobSpec::default()
        },
        KnobSpec {
            label: "Anneal from",
            unit: "× that of training, first step",
            range: places(FIRST_TEMPERATURES.len()),
            scale: KnobScale::Choice(&FIRST_TEMPERATURE_NAMES),
            meaning: "Begins hot, so that it strays far, and cools down to the temperature",
            usual: "off, or 2 to 3 with many Gibbs steps",
            too_little: "it stays where it started",
            too_much: "the last steps have to mend everything",
            ..KnobSpec::default()
        },
    ]
}

fn knobs_ui(ui: &mut Ui, settings: &mut GenerateSettings) {
    let specs = knob_specs();
    let place = |of: &[f64], value: Option<f64>| {
        let wanted = value.unwrap_or(0.0);
        let distance = |other: &f64| (other - wanted).abs();
        let near = (0..of.len()).min_by(|&a, &b| distance(&of[a]).total_cmp(&distance(&of[b])));
        near.unwrap_or(0) as f64
    };
    let value_at = |of: &[f64], place: f64| of.get(place as usize).copied().filter(|it| *it > 0.0);
    knob_rows(ui, specs.len(), |ui, knob, width| {
        let steering = &mut settings.steering;
        let mut value = match knob {
            0 => place(&DENSITIES, steering.density),
            1 => steering.rhythm,
            2 => f64::from(steering.polyphony.unwrap_or(0)),
            _ => place(&FIRST_TEMPERATURES, settings.anneal_from),
        };
        if ui.add(Knob::new(&mut value, &specs[knob]).width(width)).changed() {
            match knob {
                0 => steering.density = value_at(&DENSITIES, value),
                1 => steering.rhythm = value,
                2 => steering.polyphony = Some(value as u32).filter(|n| *n > 0),
                _ => settings.anneal_from = value_at(&FIRST_TEMPERATURES, value),
            }
        }
    });
}

/// The key and scale, and how strictly.
fn scale_ui(ui: &mut Ui, steering: &mut Steering) {
    ui.horizontal(|ui| {
        ui.label(parts::caption(ui, "Key"));
        let text = steering.scale.map_or_else(|| "any".to_owned(), Scale::name);
        let chip =
            ui.add(Chip::new(&text).icon(Icon::ChevronDown).bright(steering.scale.is_some()));
        chip.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Key: {text}")));
        Popup::menu(&chip)
            .width(WIDTH)
            .gap(UNIT)
            .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
            .show(|ui| {
                ui.set_min_width(WIDTH);
                if ui.selectable_label(steering.scale.is_none(), "Any key").clicked() {
                    steering.scale = None;
                }
                ui.separator();
                let usual = Scale { tonic: 0, kind: ScaleKind::Major };
                let from = steering.scale.unwrap_or(usual);
                if let Some(scale) = scale_picker_ui(ui, steering.scale, from) {
                    steering.scale = Some(scale);
                }
            });
        chip.on_hover_text("The key of new music");
        let reason = steering.scale.is_none().then_some("Choose a key first");
        let rules = [
            Choice { text: "Forced", tooltip: "No new note lies outside the key", reason },
            Choice { text: "Favoured", tooltip: "Notes outside the key are rarer", reason },
        ];
        let chosen = match steering.scale_rule {
            _ if reason.is_some() => None,
            ScaleRule::Forced => Some(0),
            ScaleRule::Favoured => Some(1),
        };
        match choices(ui, "Key", chosen, &rules) {
            Some(0) => steering.scale_rule = ScaleRule::Forced,
            Some(_) => steering.scale_rule = ScaleRule::Favoured,
            None => {}
        }
    });
}

fn range_ui(ui: &mut Ui, steering: &mut Steering) {
    ui.horizontal(|ui| {
        ui.label(parts::caption(ui, "Range"));
        let low = pitch_field(ui, "Lowest pitch", steering.lowest_pitch.unwrap_or(0));
        ui.label(parts::caption(ui, "to"));
        let high = pitch_field(ui, "Highest pitch", steering.highest_pitch.unwrap_or(127));
        let highest = high.or(steering.highest_pitch);
        if let Some(low) = low {
            let low = low.min(highest.unwrap_or(127));
            steering.lowest_pitch = Some(low).filter(|low| *low > 0);
        }
        if let Some(high) = high {
            let high = high.max(steering.lowest_pitch.unwrap_or(0));
            steering.highest_pitch = Some(high).filter(|high| *high < 127);
        }
    });
}

/// A pitch that can be dragged or typed as a name; the new one, if it changed.
fn pitch_field(ui: &mut Ui, name: &str, pitch: u8) -> Option<u8> {
    let mut value = f64::from(pitch);
    let by_name = |text: &str| {
        let wanted = text.trim().replace('#', "♯");
        let named = (0..128_u8).find(|pitch| pitch_name(*pitch).eq_ignore_ascii_case(&wanted));
        named.map(f64::from).or_else(|| wanted.parse().ok())
    };
    let field = DragValue::new(&mut value)
        .range(0.0..=127.0)
        .speed(0.2)
        .max_decimals(0)
        .custom_formatter(|value, _| pitch_name(value as u8))
        .custom_parser(by_name)
        .update_while_editing(false);
    let response = ui.add_sized(egui::vec2(52.0, parts::ROW_HEIGHT - UNIT), field);
    response.widget_info(|| {
        let mut info = WidgetInfo::drag_value(true, value);
        info.label = Some(format!("{name}: {}", pitch_name(value as u8)));
        info
    });
    let is_changed = response.on_hover_text(format!("{name} of new notes")).changed();
    is_changed.then_some(value as u8)
}

/// The form, a letter a section; what is no form is not taken.
fn form_ui(ui: &mut Ui, settings: &mut GenerateSettings) {
    let id = ui.scope_id().with("form");
    ui.horizontal(|ui| {
        let label = ui.label(parts::caption(ui, "Form"));
        let shown = settings.form.to_string();
        let mut text: String = ui.data(|data| data.get_temp(id)).unwrap_or_else(|| shown.clone());
        let field = TextEdit::singleline(&mut text).desired_width(92.0).hint_text("AABA");
        let field = ui.add(field).labelled_by(label.id);
        let what = "A letter for each section; equal letters are equal music, and the bars are \
                    shared evenly among them. Empty: one piece";
        let field = field.on_hover_text(what);
        let parsed: Result<Form, _> = text.parse();
        if field.lost_focus() {
            if let Ok(form) = parsed {
                settings.form = form;
            }
            ui.data_mut(|data| data.remove::<String>(id));
        } else if field.has_focus() {
            ui.data_mut(|data| data.insert_temp(id, text));
        }
        ui.add_space(GAP / 2.0);
        let sections = settings.form.n_sections() as u32;
        if sections > 1 {
            let words = if settings.bars.is_multiple_of(sections) {
                format!("{} each", parts::count((settings.bars / sections) as usize, "bar"))
            } else {
                format!("set bars to a multiple of {sections}")
            };
            ui.add(egui::Label::new(parts::caption(ui, words)).truncate());
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_knob_says_all_that_a_tooltip_owes() {
        for spec in knob_specs() {
            let owed = [spec.unit, spec.meaning, spec.usual, spec.too_little, spec.too_much];
            assert!(owed.iter().all(|words| !words.is_empty()), "{}", spec.label);
        }
    }

    #[test]
    fn the_heading_says_what_is_set() {
        let mut settings = GenerateSettings::default();
        assert_eq!(summary(&settings), "");
        settings.steering.scale = Some(Scale { tonic: 0, kind: ScaleKind::Major });
        settings.steering.density = Some(1.5);
        settings.steering.polyphony = Some(1);
        settings.form = "AABA".parse().unwrap();
        assert_eq!(summary(&settings), "C major · × 1.5 · 1 voice · AABA");
    }
}
