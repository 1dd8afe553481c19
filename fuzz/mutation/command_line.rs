//! Changes a command line by words that it knows: commands, options and values that stand at the ends of ranges.

use clap::CommandFactory as _;
use harmonium::cli::Arguments;
use harmonium::train::CATALOGUE;

use super::dice::Dice;

const VALUES: [&str; 34] = [
    "0",
    "1",
    "-1",
    "0.5",
    "100",
    "1024",
    "1025",
    "4294967296",
    "18446744073709551616",
    "1e309",
    "nan",
    "inf",
    "a.mid",
    "b.wav",
    "c.flac",
    "d.ogg",
    "p.harmonium",
    "file:///a%20b%",
    "C4-C5",
    "60-72",
    "3-4",
    "52,72",
    "33:64",
    "off",
    "on",
    "AABA",
    "F#",
    "harmonic minor",
    "linear",
    "auto",
    "report",
    "32f",
    "24",
    "--",
];

/// Longer lines are cut down by libFuzzer.
const MOST_BYTES: usize = 4096;

pub fn change(bytes: &[u8], dice: &mut Dice) -> Option<Vec<u8>> {
    if bytes.len() > MOST_BYTES {
        return None;
    }
    let mut words: Vec<Vec<u8>> = bytes.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    let at = dice.below(words.len());
    match dice.below(6) {
        0 => drop(words.remove(at)),
        1 => words[at] = value(dice).into_bytes(),
        2 => words[0] = command(dice).into_bytes(),
        3 => {
            let other = dice.below(words.len());
            words.swap(at, other);
        }
        _ => {
            // An option of the command that stands first, and perhaps a value.
            let option = option_of(&words[0], dice);
            words.insert(at + 1, option.into_bytes());
            if !dice.is_one_in(4) {
                words.insert(at + 2, value(dice).into_bytes());
            }
        }
    }
    Some(words.join(&b'\n'))
}

fn command(dice: &mut Dice) -> String {
    let all = Arguments::command();
    let names: Vec<&str> = all.get_subcommands().map(clap::Command::get_name).collect();
    (*dice.pick(&names)).to_owned()
}

fn option_of(command: &[u8], dice: &mut Dice) -> String {
    let all = Arguments::command();
    let named = std::str::from_utf8(command).ok().and_then(|name| all.find_subcommand(name));
    let options = named.unwrap_or(&all).get_arguments().filter_map(clap::Arg::get_long);
    let options: Vec<&str> = options.chain(["help", "version"]).collect();
    format!("--{}", dice.pick(&options))
}

fn value(dice: &mut Dice) -> String {
    if dice.is_one_in(4) {
        return format!("{}={}", dice.pick(CATALOGUE).key, dice.pick(&VALUES));
    }
    (*dice.pick(&VALUES)).to_owned()
}
