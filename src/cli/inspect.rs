//! `harmonium inspect`: what would be taken, and why anything would not.

use std::process::ExitCode;

use crate::dataset::{self, EncodingSettings, FileReport, ImportSummary, Status};
use crate::train::{Preset, TrainSettings};

use super::arguments::InspectOptions;
use super::output::{count, print_json, say, tell};
use super::settings;

pub(super) fn check(options: &InspectOptions) -> anyhow::Result<()> {
    encoding_of(options).map(drop)
}

fn encoding_of(options: &InspectOptions) -> anyhow::Result<EncodingSettings> {
    let mut chosen = match options.encoding {
        Some(dataset::Encoding::Reference) => Preset::Report.settings(),
        Some(dataset::Encoding::Musical) | None => {
            TrainSettings { encoding: EncodingSettings::default(), ..TrainSettings::default() }
        }
    };
    settings::apply(&mut chosen, &options.set)?;
    let encoding = chosen.encoding;
    encoding.validate().map_err(|error| super::output::UsageError(error.to_string()))?;
    Ok(encoding)
}

pub(super) fn run(options: &InspectOptions) -> anyhow::Result<ExitCode> {
    let encoding = encoding_of(options)?;
    let import = dataset::import(&options.paths, &encoding, &());
    for problem in &import.problems {
        tell!("harmonium: {}: {}", problem.path.display(), problem.reason);
    }
    for song in &import.songs {
        let report = FileReport::new(song);
        if options.json { print_json(&report)? } else { print_for_people(&report)? }
    }
    let summary = ImportSummary::new(&import, &encoding);
    if options.json {
        print_json(&summary)?;
    } else {
        say!(
            "{} read, {} taken, {} skipped, {} failed, {}",
            count(summary.files, "file"),
            summary.ok,
            summary.skipped,
            summary.failed,
            count(summary.excerpts as usize, "excerpt")
        )?;
    }
    let nothing_was_read = import.songs.iter().all(|song| song.report.status == Status::Failed);
    Ok(if nothing_was_read { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn print_for_people(report: &FileReport) -> anyhow::Result<()> {
    let what = match (&report.reason, report.status) {
        (Some(reason), _) => reason.clone(),
        (None, _) => format!(
            "{}, {}",
            count(report.rows.unwrap_or(0) as usize, "step"),
            count(report.excerpts.unwrap_or(0) as usize, "excerpt")
        ),
    };
    say!("{}: {what}", report.file)?;
    for warning in &report.warnings {
        say!("    {warning}")?;
    }
    Ok(())
}
