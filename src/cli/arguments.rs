//! The command line as clap reads it.

use std::path::PathBuf;

use clap::builder::{OsStringValueParser, TypedValueParser as _};
use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};

use crate::dataset::Encoding;
use crate::engine::Fault;
use crate::rbm::DeviceChoice;

use super::file_address::path_of;
use super::generate_options::{RankOption, SteeringOptions, TaskOptions};
use super::sound_options::{FormatOptions, SoundOptions};

/// Train a restricted Boltzmann machine on your MIDI files and play what it dreams.
///
/// Without a command the window opens; files given to it are added or opened.
#[derive(Debug, Parser)]
#[command(name = "harmonium", version, args_conflicts_with_subcommands = true)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub window: WindowOptions,
}

#[derive(Clone, Debug, Default, Args)]
pub struct WindowOptions {
    /// MIDI files and folders to add, or a project to open
    #[arg(value_name = "FILE", value_hint = ValueHint::AnyPath)]
    #[arg(value_parser = OsStringValueParser::new().map(path_of))]
    pub files: Vec<PathBuf>,
    /// Open a window of its own even when Harmonium is running
    #[arg(long)]
    pub new_window: bool,
    /// Start with the window's settings as they were when new
    #[arg(long)]
    pub reset_settings: bool,
    /// How the window is drawn
    #[arg(long, value_enum)]
    pub renderer: Option<Renderer>,
    /// Write a table of all frames there when the window closes
    #[arg(long, value_name = "FILE.csv", hide = true)]
    pub frame_log: Option<PathBuf>,
    /// Let the engine fail instead of doing this step, to see what becomes of it
    #[arg(long, value_name = "N", hide = true)]
    pub panic_at_step: Option<u64>,
    /// Another failure for the engine: memory@STEP or cuda@STEP
    #[arg(long, value_name = "KIND@STEP", hide = true)]
    pub fault: Option<Fault>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Renderer {
    Glow,
    Wgpu,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Say what would be taken from MIDI files, and why anything would not
    Inspect(InspectOptions),
    /// Train a model and keep it in a project file
    Train(TrainOptions),
    /// Let a trained model make new music
    Generate(Box<GenerateOptions>),
    /// Measure how well a trained model knows songs
    Evaluate(EvaluateOptions),
    /// Play a MIDI file into a sound file
    Render(RenderOptions),
    /// Say what this machine offers, and try the whole chain
    Selftest(SelftestOptions),
    /// The libraries for computing on an NVIDIA GPU: what is there, install, remove
    Gpu {
        #[command(subcommand)]
        command: GpuCommand,
    },
    /// Write manual pages and shell completions, for packages
    #[command(hide = true)]
    ShellFiles(ShellFilesOptions),
}

#[derive(Debug, Subcommand)]
pub enum GpuCommand {
    /// Say which card, driver and pack are there, and what is missing
    Status(GpuStatusOptions),
    /// Install the GPU pack, through pip or from wheels on disk
    Install(GpuInstallOptions),
    /// Remove it, and what an interrupted installation left
    Remove,
}

#[derive(Debug, Args)]
pub struct GpuStatusOptions {
    /// One JSON object, with every wheel that the pack is made of
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct GpuInstallOptions {
    /// A folder with the wheels; nothing is downloaded then
    #[arg(long, value_name = "FOLDER")]
    pub from: Option<PathBuf>,
    /// Other wheels than our own, for tests
    #[arg(long, value_name = "FILE", hide = true)]
    pub wheels: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct ShellFilesOptions {
    /// The folder to write them into
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
}

#[derive(Debug, Args)]
pub struct InspectOptions {
    /// MIDI files and folders
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    #[arg(long, value_parser = parse_encoding)]
    pub encoding: Option<Encoding>,
    /// Change a setting; `train --list-settings` names them
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// One JSON object a line
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct TrainOptions {
    /// MIDI files and folders
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// The project file to write
    #[arg(long, value_name = "P.harmonium")]
    pub out: Option<PathBuf>,
    /// Go on with this project's run; every setting comes from it
    #[arg(long, value_name = "P.harmonium", conflicts_with_all =
        ["paths", "preset", "settings", "set", "hidden", "seed", "held_out"])]
    pub resume: Option<PathBuf>,
    #[arg(long, value_parser = ["report", "recommended", "quick"])]
    pub preset: Option<String>,
    /// A saved preset
    #[arg(long, value_name = "FILE", conflicts_with = "preset")]
    pub settings: Option<PathBuf>,
    /// Change a setting; --list-settings names them
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Epochs in all
    #[arg(long, value_name = "N")]
    pub epochs: Option<u32>,
    /// Hidden units
    #[arg(long, value_name = "N")]
    pub hidden: Option<usize>,
    #[arg(long, value_name = "S")]
    pub seed: Option<u64>,
    /// Songs to measure with instead of a share of the others
    #[arg(long, value_name = "DIR")]
    pub held_out: Option<PathBuf>,
    #[arg(long, default_value = "auto", value_parser = parse_device)]
    pub device: DeviceChoice,
    /// Processor threads, or auto
    #[arg(long, default_value = "auto", value_parser = parse_threads)]
    pub threads: Threads,
    /// Save at least this often
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub checkpoint_seconds: u64,
    /// Name every setting with its range, default and meaning
    #[arg(long)]
    pub list_settings: bool,
    /// One JSON object a line
    #[arg(long)]
    pub json: bool,
}

/// Processor threads for the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Threads {
    Auto,
    Count(usize),
}

#[derive(Debug, Args)]
pub struct GenerateOptions {
    /// The trained project
    #[arg(value_name = "P.harmonium")]
    pub project: PathBuf,
    /// The folder to write MIDI files into
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Number of pieces
    #[arg(long, value_name = "N")]
    pub count: Option<u32>,
    /// Length in bars; with --continue, the bars that are added
    #[arg(long, value_name = "N")]
    pub bars: Option<u32>,
    /// Gibbs steps for each excerpt
    #[arg(long, value_name = "N")]
    pub gibbs_steps: Option<u32>,
    /// Below 1 safer, above 1 wilder
    #[arg(long, value_name = "T")]
    pub temperature: Option<f64>,
    #[arg(long, value_name = "S")]
    pub seed: Option<u64>,
    #[command(flatten)]
    pub task: TaskOptions,
    #[command(flatten)]
    pub steering: SteeringOptions,
    /// Number the pieces by their rank, the best first
    #[arg(long, value_enum)]
    pub rank_by: Option<RankOption>,
    #[arg(long, default_value = "auto", value_parser = parse_device)]
    pub device: DeviceChoice,
    /// One JSON object a line
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct EvaluateOptions {
    /// The trained project
    #[arg(value_name = "P.harmonium")]
    pub project: PathBuf,
    /// MIDI files and folders to measure with instead of the project's own songs
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Which of the project's songs: held-out where there are some, else train
    #[arg(long, value_enum, conflicts_with = "paths")]
    pub split: Option<Split>,
    /// Estimate the log-likelihood by annealed importance sampling, or exactly where it can be
    #[arg(long)]
    pub ais: bool,
    /// Runs of annealed importance sampling in each direction
    #[arg(long, value_name = "N", requires = "ais")]
    pub ais_runs: Option<usize>,
    /// Temperatures of annealed importance sampling
    #[arg(long, value_name = "N", requires = "ais")]
    pub ais_temperatures: Option<usize>,
    /// Of annealed importance sampling
    #[arg(long, value_name = "S", requires = "ais")]
    pub seed: Option<u64>,
    #[arg(long, default_value = "auto", value_parser = parse_device)]
    pub device: DeviceChoice,
    /// Processor threads, or auto
    #[arg(long, default_value = "auto", value_parser = parse_threads)]
    pub threads: Threads,
    /// One JSON object
    #[arg(long)]
    pub json: bool,
}

/// A part of a project's songs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Split {
    Train,
    HeldOut,
}

impl Split {
    /// As the command line calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::HeldOut => "held-out",
        }
    }
}

#[derive(Debug, Args)]
pub struct RenderOptions {
    #[arg(value_name = "FILE.mid")]
    pub file: PathBuf,
    /// The file to write: .wav, .flac or .ogg
    #[arg(long, value_name = "FILE.wav")]
    pub out: PathBuf,
    /// An SF2 or SF3 font instead of the built-in one
    #[arg(long, value_name = "FONT")]
    pub soundfont: Option<PathBuf>,
    #[command(flatten)]
    pub format: FormatOptions,
    #[command(flatten)]
    pub sound: SoundOptions,
    /// One JSON object
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct SelftestOptions {
    /// One JSON object a line
    #[arg(long)]
    pub json: bool,
}

fn parse_encoding(text: &str) -> Result<Encoding, String> {
    match text {
        "reference" => Ok(Encoding::Reference),
        "musical" => Ok(Encoding::Musical),
        _ => Err("it is reference or musical".to_owned()),
    }
}

fn parse_device(text: &str) -> Result<DeviceChoice, String> {
    match text {
        "auto" => Ok(DeviceChoice::Auto),
        "cpu" => Ok(DeviceChoice::Cpu),
        "cuda" => Ok(DeviceChoice::Cuda),
        _ => Err("it is auto, cpu or cuda".to_owned()),
    }
}

fn parse_threads(text: &str) -> Result<Threads, String> {
    match text.parse::<usize>() {
        Ok(count @ 1..=1024) => Ok(Threads::Count(count)),
        _ if text == "auto" => Ok(Threads::Auto),
        _ => Err("it is a number from 1 to 1024, or auto".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_definition_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn files_without_a_command_are_for_the_window() {
        let arguments = Arguments::parse_from(["harmonium", "a.mid", "folder"]);
        assert!(arguments.command.is_none());
        assert_eq!(arguments.window.files.len(), 2);
    }
}
