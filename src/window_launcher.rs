//! Windows: opens the window without a console beside it.
//!
//! There a program either has a console, or cannot be used from one. `harmonium.exe` has one, so that
//! the command line prints; menus and double-clicks start this one, which starts that one without.
#![cfg_attr(windows, windows_subsystem = "windows")]

use std::process::{Command, ExitCode};

/// What Windows calls `CREATE_NO_WINDOW`.
#[cfg(windows)]
const NO_CONSOLE: u32 = 0x0800_0000;

fn main() -> ExitCode {
    let program = match std::env::current_exe() {
        Ok(own) => own.with_file_name(format!("harmonium{}", std::env::consts::EXE_SUFFIX)),
        Err(error) => return complain(&format!("Harmonium does not know where it lies: {error}")),
    };
    let mut command = Command::new(&program);
    command.args(std::env::args_os().skip(1));
    #[cfg(windows)]
    {
        use std::os::windows::process::CommandExt as _;
        command.creation_flags(NO_CONSOLE);
    }
    match command.spawn() {
        Ok(_child) => ExitCode::SUCCESS,
        Err(error) => complain(&format!("{} cannot be started: {error}", program.display())),
    }
}

/// There is no console to say it on, so one is opened that stays until a key is pressed.
fn complain(words: &str) -> ExitCode {
    let shown = Command::new("cmd").args(["/c", "echo", words, "&", "pause"]).status();
    drop(shown);
    ExitCode::FAILURE
}
