//! The work without a window: `harmonium inspect|train|generate|render|selftest`.
//!
//! Standard output carries results; with `--json`, one JSON object a line and nothing else.
//! Progress and complaints go to standard error. Exit codes: 0 success, 2 bad usage, 1 otherwise.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "this room talks to a terminal")]

mod arguments;

mod inspect;
mod output;

mod settings;
mod train;

use std::process::ExitCode;

pub use arguments::{Arguments, Command, Renderer, WindowOptions};

/// Runs a command and says how it ended.
pub fn run(command: Command) -> ExitCode {
    let result = match command {
        Command::Inspect(options) => inspect::run(&options),
        Command::Train(options) => train::run(&options),
        _ => Ok(ExitCode::FAILURE),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            eprintln!("harmonium: {error:#}");
            let is_usage = error.downcast_ref::<output::UsageError>().is_some();
            ExitCode::from(if is_usage { 2 } else { 1 })
        }
    }
}
