//! The work without a window: `harmonium inspect|train|generate|evaluate|render|selftest|gpu`.
//!
//! Standard output carries results; with `--json`, one JSON object a line and nothing else.
//! Progress and complaints go to standard error. Exit codes: 0 success, 2 bad usage, 1 otherwise.

mod arguments;
mod evaluate;
mod file_address;
mod generate;
mod generate_options;
mod given;
mod gpu;
mod inspect;
mod output;
mod render;
mod selftest;
mod settings;
mod shell_files;
mod sound_options;
mod train;

use std::process::ExitCode;

use self::output::tell;

pub use arguments::{Arguments, Command, Renderer, WindowOptions};

/// Runs a command and says how it ended.
pub fn run(command: Command) -> ExitCode {
    let result = check(&command).and_then(|()| carry_out(command));
    match result {
        Ok(code) => code,
        Err(error) => {
            tell!("harmonium: {}", words_of(&error));
            let is_usage = error.downcast_ref::<output::UsageError>().is_some();
            ExitCode::from(if is_usage { 2 } else { 1 })
        }
    }
}

/// Whether a command makes sense in itself, asked before any file is read or a device is looked for.
///
/// # Errors
/// Names the option and what it may be.
pub fn check(command: &Command) -> anyhow::Result<()> {
    match command {
        Command::Inspect(options) => inspect::check(options),
        Command::Train(options) => train::check(options),
        Command::Generate(options) => generate::check(options),
        Command::Evaluate(options) => evaluate::check(options),
        Command::Render(options) => render::check(options),
        Command::Selftest(_) | Command::ShellFiles(_) | Command::Gpu { .. } => Ok(()),
    }
}

fn carry_out(command: Command) -> anyhow::Result<ExitCode> {
    if uses_device(&command) {
        gpu::look();
    }
    match command {
        Command::Inspect(options) => inspect::run(&options),
        Command::Train(options) => train::run(&options),
        Command::Generate(options) => generate::run(&options),
        Command::Evaluate(options) => evaluate::run(&options),
        Command::Render(options) => render::run(&options),
        Command::Selftest(options) => selftest::run(&options),
        Command::ShellFiles(options) => shell_files::run(&options),
        Command::Gpu { command } => gpu::run(&command),
    }
}

/// Whether a command may ask libtorch for the device.
fn uses_device(command: &Command) -> bool {
    matches!(
        command,
        Command::Train(_) | Command::Generate(_) | Command::Evaluate(_) | Command::Selftest(_)
    )
}

/// An error and its causes, those that it does not name itself.
fn words_of(error: &anyhow::Error) -> String {
    let mut words = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !words.contains(&cause) {
            words = format!("{words}: {cause}");
        }
    }
    words
}

/// A mistake in the call: words and exit code 2.
pub fn refuse(words: &str) -> ExitCode {
    tell!("harmonium: {words}");
    ExitCode::from(2)
}

/// The exit code of something that ended with words.
pub fn conclude(result: Result<(), String>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(words) => {
            tell!("harmonium: {words}");
            ExitCode::FAILURE
        }
    }
}
