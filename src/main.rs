//! Arguments → run → exit code; nothing else.

use std::process::ExitCode;

use clap::Parser as _;
use harmonium::cli::{self, Arguments};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match arguments.command {
        Some(command) => cli::run(command),
        None => open_window(arguments.window),
    }
}

#[cfg(feature = "gui")]
fn open_window(options: cli::WindowOptions) -> ExitCode {
    let start = harmonium::app::WindowStart {
        files: options.files,
        resets_settings: options.reset_settings,
    };
    cli::conclude(harmonium::app::run(start))
}

#[cfg(not(feature = "gui"))]
fn open_window(_options: cli::WindowOptions) -> ExitCode {
    cli::conclude(Err("this build has no window; harmonium --help names the commands".to_owned()))
}
