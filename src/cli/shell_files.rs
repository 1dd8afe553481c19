//! `harmonium shell-files`: manual pages and shell completions, from the same definition that reads
//! the command line, so that they cannot say anything else. Hidden: only packages want it.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Command, CommandFactory as _};
use clap_complete::Shell;

use super::arguments::{Arguments, ShellFilesOptions};
use super::output::say;

const SHELLS: [(Shell, &str); 3] =
    [(Shell::Bash, "harmonium"), (Shell::Zsh, "_harmonium"), (Shell::Fish, "harmonium.fish")];

/// What the manual page adds to the help.
const MORE: &str = "Exit status: 0 on success, 2 on bad usage, 1 otherwise.\n\n\
    Settings, log files and autosaves are kept in the folder harmonium below $XDG_CONFIG_HOME and \
    $XDG_STATE_HOME (~/.config and ~/.local/state). Projects are kept where you save them.";

pub(super) fn run(options: &ShellFilesOptions) -> anyhow::Result<ExitCode> {
    write_all(&options.folder)
        .with_context(|| format!("{} cannot be written to", options.folder.display()))?;
    say!("{}: man/, bash/, zsh/, fish/", options.folder.display())?;
    Ok(ExitCode::SUCCESS)
}

/// `man/NAME.1` for the program and each command, and a file named as its shell looks for it.
fn write_all(folder: &Path) -> std::io::Result<()> {
    let man = folder.join("man");
    fs::create_dir_all(&man)?;
    clap_mangen::generate_to(documented(), &man)?;
    for (shell, file) in SHELLS {
        let goal = folder.join(shell.to_string());
        fs::create_dir_all(&goal)?;
        let mut text = Vec::new();
        clap_complete::generate(shell, &mut documented(), "harmonium", &mut text);
        fs::write(goal.join(file), text)?;
    }
    Ok(())
}

/// The command line without what is hidden: the generators would offer that, too.
fn documented() -> Command {
    let whole = Arguments::command();
    let visible: Vec<Command> =
        whole.get_subcommands().filter(|command| !command.is_hide_set()).cloned().collect();
    let shown = Command::new("harmonium")
        .version(env!("CARGO_PKG_VERSION"))
        .args_conflicts_with_subcommands(true)
        .about(whole.get_about().cloned().unwrap_or_default())
        .long_about(whole.get_long_about().cloned().unwrap_or_default())
        .args(whole.get_arguments().filter(|argument| !argument.is_hide_set()).cloned())
        .after_long_help(MORE)
        .disable_help_subcommand(true);
    shown.subcommands(visible)
}
