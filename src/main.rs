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
    if options.renderer == Some(cli::Renderer::Wgpu) {
        return cli::refuse("this build draws with glow only; leave --renderer out");
    }
    if let Some(missing) = options.files.iter().find(|file| !file.exists()) {
        return cli::refuse(&format!(
            "{}: there is no such file, and no such command; harmonium --help names them",
            missing.display()
        ));
    }
    let start = harmonium::app::WindowStart {
        files: options.files,
        resets_settings: options.reset_settings,
        is_new_window: options.new_window,
        frame_log: options.frame_log,
        fault: options.panic_at_step.map(harmonium::engine::Fault::PanicAtStep).or(options.fault),
    };
    cli::conclude(harmonium::app::run(start))
}

#[cfg(not(feature = "gui"))]
fn open_window(_options: cli::WindowOptions) -> ExitCode {
    cli::conclude(Err("this build has no window; harmonium --help names the commands".to_owned()))
}
