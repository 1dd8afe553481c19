//! Arguments → run → exit code; nothing else.

use std::process::ExitCode;

use clap::Parser as _;
use harmonium::cli::{self, Arguments};

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match arguments.command {
        Some(command) => cli::run(command),
        None => ExitCode::FAILURE,
    }
}
