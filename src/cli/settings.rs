//! Settings from the command line, and the table of all of them.

use anyhow::Context as _;
use serde_json::{Value, json};

use crate::project::read_settings;
use crate::train::{
    Acts, CATALOGUE, Preset, Scale, Setting, SettingKind, TrainError, TrainSettings,
};

use super::arguments::TrainOptions;
use super::output::{UsageError, object, print_json, say};

/// Preset or file, then `--set`, then the options with names of their own.
pub(super) fn settings_of(options: &TrainOptions) -> anyhow::Result<TrainSettings> {
    let mut settings = match (&options.settings, &options.preset) {
        (Some(path), _) => read_settings(path)?,
        (None, Some(key)) => Preset::by_key(key).context("unknown preset")?.settings(),
        (None, None) => TrainSettings::default(),
    };
    apply(&mut settings, &options.set)?;
    if let Some(epochs) = options.epochs {
        set(&mut settings, "epochs", &epochs.to_string())?;
    }
    if let Some(hidden) = options.hidden {
        set(&mut settings, "hidden_units", &hidden.to_string())?;
    }
    if let Some(seed) = options.seed {
        set(&mut settings, "seed", &seed.to_string())?;
    }
    settings.validate().map_err(|error| usage(&error))?;
    Ok(settings)
}

/// Applies `KEY=VALUE` pairs.
pub(super) fn apply(settings: &mut TrainSettings, pairs: &[String]) -> anyhow::Result<()> {
    for pair in pairs {
        let (key, value) = pair
            .split_once('=')
            .ok_or_else(|| UsageError(format!("--set {pair}: it has the form KEY=VALUE")))?;
        set(settings, key.trim(), value)?;
    }
    Ok(())
}

/// Sets one; what does not work is bad usage.
pub(super) fn set(settings: &mut TrainSettings, key: &str, value: &str) -> anyhow::Result<()> {
    settings.set(key, value).map_err(|error| usage(&error))
}

fn usage(error: &TrainError) -> anyhow::Error {
    UsageError(error.to_string()).into()
}

pub(super) fn list(is_json: bool) -> anyhow::Result<()> {
    let defaults = TrainSettings::default();
    for setting in CATALOGUE {
        if is_json {
            print_json(&describe(setting, &defaults))?;
        } else {
            print_for_people(setting, &defaults)?;
        }
    }
    Ok(())
}

fn describe(setting: &Setting, defaults: &TrainSettings) -> Value {
    let (kind, range) = match setting.kind {
        SettingKind::Number { min, max, scale, .. } => {
            let kind = match scale {
                Scale::Linear => "number",
                Scale::Logarithmic => "logarithmic",
                Scale::Whole => "whole",
            };
            (kind, json!([min, max]))
        }
        SettingKind::Choice { options, .. } => ("choice", json!(options)),
        SettingKind::Switch { .. } => ("switch", json!([false, true])),
    };
    object([
        ("key", setting.key.into()),
        ("label", setting.label.into()),
        ("kind", kind.into()),
        ("range", range),
        ("unit", setting.unit.into()),
        ("default", setting.text(defaults).into()),
        ("acts_during_run", (setting.acts == Acts::DuringRun).into()),
        ("meaning", setting.meaning.into()),
        ("usual", setting.usual.into()),
        ("too_low", setting.too_low.into()),
        ("too_high", setting.too_high.into()),
    ])
}

fn print_for_people(setting: &Setting, defaults: &TrainSettings) -> anyhow::Result<()> {
    let range = match setting.kind {
        SettingKind::Number { min, max, .. } => format!("{min} to {max}"),
        SettingKind::Choice { options, .. } => options.join(", "),
        SettingKind::Switch { .. } => "true, false".to_owned(),
    };
    let unit = if setting.unit.is_empty() { String::new() } else { format!(" {}", setting.unit) };
    say!("{} = {}", setting.key, setting.text(defaults))?;
    say!("    {} ({range}{unit})", setting.meaning)?;
    for (what, words) in setting.remarks().filter(|(what, _)| *what != "Unit") {
        say!("    {}: {words}", what.to_lowercase())?;
    }
    Ok(())
}
