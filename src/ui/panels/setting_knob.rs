//! From the table of settings to controls: the one place where a setting becomes a knob or field.

use egui::{DragValue, Response, RichText, Ui};

use super::parts;
use crate::dataset::STEPS_PER_BEAT;
use crate::train::{Acts, Scale, Setting, SettingKind, TrainSettings, setting};
use crate::ui::command::Command;
use crate::ui::focus;
use crate::ui::icons::{self, Icon};
use crate::ui::manual::Place;
use crate::ui::state::RunPhase;
use crate::ui::theme;
use crate::ui::widgets::{Knob, KnobFormat, KnobScale, KnobSpec, combo_sign};

/// A knob covers what a hand needs; the rest of the table's range can be typed.
const TURNED: [(&str, f64, f64); 15] = [
    ("hidden_units", 1.0, 2048.0),
    ("gibbs_steps", 1.0, 100.0),
    ("chains", 1.0, 1000.0),
    ("batch_size", 1.0, 1000.0),
    ("epochs", 1.0, 2000.0),
    ("momentum_start_epochs", 0.0, 100.0),
    ("steps_per_excerpt", 1.0, 256.0),
    ("min_rows", 1.0, 1000.0),
    ("weight_decay", 1e-6, 0.1),
    ("weight_decay_l1", 1e-6, 0.1),
    ("sparsity_cost", 1e-4, 1.0),
    ("gradient_norm_limit", 1e-2, 1000.0),
    ("sparsity_target", 0.001, 0.5),
    ("warmup_epochs", 0.0, 20.0),
    ("early_stop_epochs", 1.0, 200.0),
];
/// Names that are too long to stand under a knob.
const SHORT_NAMES: [(&str, &str); 2] =
    [("steps_per_excerpt", "Steps"), ("steps_per_beat", "Per beat")];
/// Names for knobs that stand close together.
const NARROW_NAMES: [(&str, &str); 4] = [
    ("hidden_units", "Hidden"),
    ("learning_rate", "Rate"),
    ("gibbs_steps", "Gibbs k"),
    ("weight_decay", "Decay"),
];
/// With less room than this, in points, the knobs do.
const NARROW_WIDTH: f32 = 76.0;
/// Shares, written as per cent.
const SHARES: [&str; 2] = ["held_out_share", "dropout"];
/// Small numbers matter, and zero is off.
const OFF_AT_ZERO: [&str; 4] =
    ["weight_decay", "weight_decay_l1", "sparsity_cost", "gradient_norm_limit"];
const STEPS_PER_BEAT_NAMES: [&str; 7] = ["1", "2", "3", "4", "6", "8", "12"];

/// The settings as a panel shows them.
#[derive(Clone, Copy)]
pub struct Settings<'a> {
    pub values: &'a TrainSettings,
    /// What a double-click returns to.
    pub defaults: &'a TrainSettings,
    /// A run is under way: some settings cannot act before the next.
    pub is_run_active: bool,
}

impl<'a> Settings<'a> {
    /// Those of the next run, while the current one is in this phase.
    pub fn of(values: &'a TrainSettings, defaults: &'a TrainSettings, phase: &RunPhase) -> Self {
        let is_run_active = phase.is_active() || *phase == RunPhase::Paused;
        Self { values, defaults, is_run_active }
    }
}

/// What the knob of a setting is like; `None` for choices and switches.
pub fn knob_spec(setting: &'static Setting, default: f64) -> Option<KnobSpec<'static>> {
    let SettingKind::Number { min, max, scale, .. } = setting.kind else { return None };
    let turned = TURNED.iter().find(|(key, ..)| *key == setting.key);
    let (low, high) = turned.map_or((min, max), |&(_, low, high)| (low, high));
    let short_name = SHORT_NAMES.iter().find(|(key, _)| *key == setting.key);
    let is_share = SHARES.contains(&setting.key);
    let scale = match scale {
        _ if setting.key == "steps_per_beat" => KnobScale::Choice(&STEPS_PER_BEAT_NAMES),
        _ if OFF_AT_ZERO.contains(&setting.key) => KnobScale::LogarithmicOrZero,
        Scale::Whole if high > 12.0 && low >= 1.0 => KnobScale::LogarithmicInteger,
        Scale::Whole => KnobScale::Integer,
        Scale::Logarithmic => KnobScale::Logarithmic,
        Scale::Linear => KnobScale::Linear { step: 0.01 },
    };
    let range = match scale {
        KnobScale::Choice(names) => 0.0..=(names.len() - 1) as f64,
        _ => low..=high,
    };
    Some(KnobSpec {
        label: short_name.map_or(setting.label, |(_, name)| name),
        unit: if is_share { "" } else { setting.unit },
        range,
        typed_range: turned.map(|_| min..=max),
        scale,
        default: to_knob(setting.key, default),
        format: if is_share { KnobFormat::Percent } else { KnobFormat::Short },
        meaning: setting.meaning,
        usual: setting.usual,
        too_little: setting.too_low,
        too_much: setting.too_high,
    })
}

/// The grids are few: their knob turns through the list of them.
fn to_knob(key: &str, value: f64) -> f64 {
    match key {
        "steps_per_beat" => {
            let place = STEPS_PER_BEAT.iter().position(|&steps| f64::from(steps) >= value);
            place.unwrap_or(STEPS_PER_BEAT.len() - 1) as f64
        }
        _ => value,
    }
}

fn from_knob(key: &str, value: f64) -> f64 {
    match key {
        "steps_per_beat" => STEPS_PER_BEAT.get(value as usize).map_or(4.0, |&steps| steps.into()),
        _ => value,
    }
}

fn set(setting: &Setting, value: String) -> Command {
    Command::SetSetting { key: setting.key, value }
}

impl Settings<'_> {
    fn waits(&self, setting: &Setting) -> bool {
        self.is_run_active && setting.acts == Acts::NextRun
    }

    /// The knob of a number.
    pub fn knob(&self, ui: &mut Ui, key: &str, width: f32, commands: &mut Vec<Command>) {
        let Ok(setting) = setting(key) else { return };
        let SettingKind::Number { get, .. } = setting.kind else { return };
        let Some(spec) = knob_spec(setting, get(self.defaults)) else { return };
        let mut value = to_knob(setting.key, get(self.values));
        let is_narrow = width < NARROW_WIDTH;
        let name = NARROW_NAMES.iter().find(|(key, _)| is_narrow && *key == setting.key);
        let knob = Knob::new(&mut value, &spec)
            .width(width)
            .short_label(name.map(|(_, name)| *name))
            .acts_at_next_run(self.waits(setting));
        let response = ui.add(knob);
        focus::answer(&response, setting.key);
        if response.changed() {
            commands.push(set(setting, from_knob(setting.key, value).to_string()));
        }
        self.menu(&response, setting, commands);
    }

    /// What a right-click on a setting, or Shift+F10 while it has the keyboard, offers.
    fn menu(&self, response: &Response, setting: &Setting, commands: &mut Vec<Command>) {
        let keys = |input: &mut egui::InputState| {
            input.consume_key(egui::Modifiers::SHIFT, egui::Key::F10)
        };
        if response.has_focus() && response.ctx.input_mut(keys) {
            commands.push(Command::DraftSweep(setting.key));
        }
        egui::Popup::context_menu(response).width(180.0).show(|ui| {
            if ui.button("Try a range…  (Shift+F10)").clicked() {
                commands.push(Command::DraftSweep(setting.key));
            }
            if ui.button("Explain in the manual").clicked() {
                let place = Place::of_setting(setting);
                commands.push(Command::ShowManual { is_shown: true, place });
            }
            let default = setting.text(self.defaults);
            let is_default = setting.text(self.values) == default;
            let reset = egui::Button::new(format!("Set to {}", words(&default)));
            if ui.add_enabled(!is_default, reset).clicked() {
                commands.push(set(setting, default));
            }
        });
    }

    /// A row with the name of a setting and a field, box or list for its value.
    pub fn row(&self, ui: &mut Ui, key: &str, commands: &mut Vec<Command>) {
        let Ok(setting) = setting(key) else { return };
        ui.horizontal(|ui| {
            ui.set_min_height(parts::ROW_HEIGHT);
            if let SettingKind::Switch { get, .. } = setting.kind {
                parts::clear_boxes(ui);
                let mut is_on = get(self.values);
                let response = ui.checkbox(&mut is_on, setting.label);
                let response = self.explained(response, setting);
                if response.changed() {
                    commands.push(set(setting, is_on.to_string()));
                }
                self.menu(&response, setting, commands);
                self.badge(ui, setting);
                return;
            }
            let label = ui.label(setting.label);
            let label = self.explained(label, setting);
            self.badge(ui, setting);
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                self.field(ui, setting, &label, commands);
            });
        });
    }

    /// A name and a field to type in.
    pub fn short_field(&self, ui: &mut Ui, key: &str, commands: &mut Vec<Command>) {
        let Ok(setting) = setting(key) else { return };
        ui.spacing_mut().interact_size.y = parts::ROW_HEIGHT - theme::UNIT;
        ui.spacing_mut().button_padding.y = theme::UNIT / 2.0;
        let label = ui.label(parts::caption(ui, setting.label));
        let label = self.explained(label, setting);
        self.field(ui, setting, &label, commands);
        self.badge(ui, setting);
    }

    fn field(
        &self,
        ui: &mut Ui,
        setting: &'static Setting,
        label: &Response,
        commands: &mut Vec<Command>,
    ) {
        match setting.kind {
            SettingKind::Number { min, max, scale, get, .. } => {
                let mut value = get(self.values);
                let speed = if scale == Scale::Whole { 0.25 } else { (max - min) / 1000.0 };
                let decimals = if scale == Scale::Whole { 0 } else { 6 };
                let unit = unit_words(setting.unit, value);
                let field = DragValue::new(&mut value)
                    .range(min..=max)
                    .speed(speed)
                    .max_decimals(decimals)
                    .suffix(unit)
                    .update_while_editing(false);
                let response = ui.add(field).labelled_by(label.id);
                focus::answer(&response, setting.key);
                let response = self.explained(response, setting);
                if response.changed() {
                    commands.push(set(setting, value.to_string()));
                }
                self.menu(&response, setting, commands);
            }
            SettingKind::Choice { options, get, .. } => {
                let chosen = get(self.values);
                let list = egui::ComboBox::from_id_salt(setting.key)
                    .icon(combo_sign)
                    .selected_text(words(options[chosen]))
                    .show_ui(ui, |ui| {
                        for (place, option) in options.iter().enumerate() {
                            if ui.selectable_label(place == chosen, words(option)).clicked() {
                                commands.push(set(setting, (*option).to_owned()));
                            }
                        }
                    });
                let response = self.explained(list.response.labelled_by(label.id), setting);
                self.menu(&response, setting, commands);
            }
            SettingKind::Switch { .. } => {}
        }
    }

    /// A small hourglass where a change waits for the next run.
    fn badge(&self, ui: &mut Ui, setting: &Setting) {
        if self.waits(setting) {
            let color = theme::palette(ui).held_out_text;
            let sign = RichText::new(Icon::Hourglass.unicode()).small().color(color);
            icons::spoken_sign_ui(ui, sign, "Acts at the next run");
        }
    }

    fn explained(&self, response: Response, setting: &'static Setting) -> Response {
        let waits = self.waits(setting);
        response.on_hover_ui(|ui| {
            ui.label(RichText::new(setting.label).family(crate::ui::fonts::strong()));
            ui.label(setting.meaning);
            for (what, text) in setting.remarks() {
                ui.label(RichText::new(format!("{what}: {text}")).small());
            }
            if waits {
                let text = icons::with_text(Icon::Hourglass, "Acts at the next run.");
                let color = theme::palette(ui).held_out_text;
                ui.label(RichText::new(text).small().color(color));
            }
        })
    }
}

/// The unit after a number: " epochs", " epoch" after 1; nothing where it is a whole phrase.
fn unit_words(unit: &str, value: f64) -> String {
    match unit {
        "" => String::new(),
        "MIDI pitch" | "norm" => format!(" ({unit})"),
        unit if unit.contains(' ') => String::new(),
        "pitches" if value == 1.0 => " pitch".to_owned(),
        unit if value == 1.0 => format!(" {}", unit.trim_end_matches('s')),
        unit => format!(" {unit}"),
    }
}

/// A name from a file as words: "hold_and_onset" is "hold and onset".
fn words(option: &str) -> String {
    option.replace('_', " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::{CATALOGUE, Preset};

    #[test]
    fn every_number_of_every_preset_stands_on_its_knob() {
        for setting in CATALOGUE {
            let SettingKind::Number { get, .. } = setting.kind else { continue };
            for preset in Preset::ALL {
                let value = get(&preset.settings());
                let Some(spec) = knob_spec(setting, value) else { panic!("{}", setting.key) };
                let knob = to_knob(setting.key, value);
                assert_eq!(spec.within(knob), knob, "{}", setting.key);
                assert_eq!(from_knob(setting.key, knob), value, "{}", setting.key);
            }
        }
    }

    #[test]
    fn what_a_knob_gives_is_taken_by_the_settings() {
        let mut settings = TrainSettings::default();
        for setting in CATALOGUE.iter().filter(|setting| !setting.key.ends_with("seed")) {
            let Some(spec) = knob_spec(setting, 1.0) else { continue };
            for place in 0..=20 {
                let value = spec.rounded(spec.value_at(f64::from(place) / 20.0), false);
                let text = from_knob(setting.key, value).to_string();
                settings.set(setting.key, &text).unwrap();
            }
        }
    }
}
