//! The options of `harmonium generate` that say what is made and what leads it.

use std::path::PathBuf;

use clap::{ArgGroup, Args};

use crate::generate::{AnnealCurve, Form, RankBy};
use crate::music::{ScaleKind, pitch_from_name, tonic_from_name};

/// What is made; without any of them, new pieces.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("task").args([
    "continue_file", "lead_up_to", "infill", "harmonise", "melody_for", "vary", "interpolate",
])))]
pub struct TaskOptions {
    /// silence, noise, chains or a MIDI file
    #[arg(long, value_name = "START", conflicts_with_all = ["vary", "interpolate"])]
    pub start: Option<String>,
    /// A MIDI file to go on from
    #[arg(long = "continue", value_name = "FILE")]
    pub continue_file: Option<PathBuf>,
    /// A MIDI file to lead up to
    #[arg(long, value_name = "FILE")]
    pub lead_up_to: Option<PathBuf>,
    /// A MIDI file in which some bars are made anew
    #[arg(long, value_name = "FILE", requires = "bars_free")]
    pub infill: Option<PathBuf>,
    /// The bars to make anew, counted from 1, such as 3-4
    #[arg(long, value_name = "A-B", requires = "infill")]
    pub bars_free: Option<String>,
    /// Only these pitches of those bars, such as 60-72 or C4-C5
    #[arg(long, value_name = "LOW-HIGH", requires = "infill", value_parser = parse_pitches)]
    pub pitches_free: Option<(u8, u8)>,
    /// Make everything anew but those bars and pitches
    #[arg(long, requires = "infill")]
    pub around: bool,
    /// A MIDI file whose top line gets new voices below
    #[arg(long, value_name = "FILE")]
    pub harmonise: Option<PathBuf>,
    /// A MIDI file that gets a melody above
    #[arg(long, value_name = "FILE")]
    pub melody_for: Option<PathBuf>,
    /// A MIDI file to set out from; see --amount
    #[arg(long, value_name = "FILE")]
    pub vary: Option<PathBuf>,
    /// How far a variation strays, from 0 (the piece itself) to 1; 0.5 unless given
    #[arg(long, value_name = "X", requires = "vary")]
    pub amount: Option<f64>,
    /// Two MIDI files; the pieces lead from one to the other
    #[arg(long, num_args = 2, value_names = ["A", "B"])]
    pub interpolate: Option<Vec<PathBuf>>,
    /// A MIDI file whose notes are neither changed nor lost
    #[arg(long, value_name = "FILE")]
    pub lock: Option<PathBuf>,
    /// The order of a new piece's sections, such as AABA; they share its bars
    #[arg(long, value_name = "LETTERS", value_parser = parse_form, conflicts_with = "task")]
    pub form: Option<Form>,
}

/// The rank of pieces, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum RankOption {
    FreeEnergy,
    Novelty,
    Score,
}

impl From<RankOption> for RankBy {
    fn from(option: RankOption) -> Self {
        match option {
            RankOption::FreeEnergy => Self::FreeEnergy,
            RankOption::Novelty => Self::Novelty,
            RankOption::Score => Self::Score,
        }
    }
}

/// What leads the chain.
#[derive(Debug, Args)]
pub struct SteeringOptions {
    /// The tonic, such as D or F#: no new note lies outside its scale
    #[arg(long, value_name = "TONIC", value_parser = parse_tonic)]
    pub key: Option<u8>,
    /// major (unless given), minor, dorian, "harmonic minor", blues, ...
    #[arg(long, value_name = "NAME", requires = "key", value_parser = parse_scale)]
    pub scale: Option<ScaleKind>,
    /// Make notes outside the key less likely instead of leaving them out
    #[arg(long, requires = "key")]
    pub favour_key: bool,
    /// Sounding notes a step as a multiple of the songs', 0.25 to 4
    #[arg(long, value_name = "X")]
    pub density: Option<f64>,
    /// New notes lie within these pitches, such as 48-84 or C3-C6
    #[arg(long, value_name = "LOW-HIGH", value_parser = parse_pitches)]
    pub pitch_range: Option<(u8, u8)>,
    /// Notes that sound at a time, at most
    #[arg(long, value_name = "N")]
    pub polyphony: Option<u32>,
    /// From -1, syncopated, to 1, on the beat
    #[arg(long, value_name = "X", allow_negative_numbers = true)]
    pub rhythm: Option<f64>,
    /// Cool from this temperature to --temperature
    #[arg(long, value_name = "T")]
    pub anneal_from: Option<f64>,
    /// How it cools: linear or geometric (unless given)
    #[arg(long, value_name = "CURVE", requires = "anneal_from", value_parser = parse_curve)]
    pub anneal_curve: Option<AnnealCurve>,
    /// A sample as the last step instead of the likeliest notes
    #[arg(long)]
    pub sample: bool,
}

fn parse_form(text: &str) -> Result<Form, String> {
    text.parse().map_err(|error: crate::generate::GenerateError| error.to_string())
}

fn parse_tonic(text: &str) -> Result<u8, String> {
    tonic_from_name(text).ok_or_else(|| "it is a note such as C, F# or Bb".to_owned())
}

fn parse_scale(text: &str) -> Result<ScaleKind, String> {
    ScaleKind::by_name(text).ok_or_else(|| {
        let names: Vec<&str> = ScaleKind::ALL.iter().map(|kind| kind.name()).collect();
        format!("it is one of {}", names.join(", "))
    })
}

fn parse_curve(text: &str) -> Result<AnnealCurve, String> {
    match text {
        "linear" => Ok(AnnealCurve::Linear),
        "geometric" => Ok(AnnealCurve::Geometric),
        _ => Err("it is linear or geometric".to_owned()),
    }
}

fn parse_pitches(text: &str) -> Result<(u8, u8), String> {
    let pitch = |text: &str| {
        let number = text.parse().ok().filter(|pitch| *pitch < 128);
        number.or_else(|| pitch_from_name(text))
    };
    text.split_once('-')
        .and_then(|(low, high)| Some((pitch(low.trim())?, pitch(high.trim())?)))
        .filter(|(low, high)| low <= high)
        .ok_or_else(|| "it has the form 48-84 or C3-C6".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pitches_are_numbers_or_names() {
        assert_eq!(parse_pitches("48-84"), Ok((48, 84)));
        assert_eq!(parse_pitches("C3-F#5"), Ok((48, 78)));
        for bad in ["84-48", "48", "48-200", "H3-C4", ""] {
            assert!(parse_pitches(bad).is_err(), "{bad}");
        }
    }
}
