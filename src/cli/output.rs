//! Lines for people or for programs, and what counts as bad usage.

use std::fmt::Arguments;
use std::io::Write as _;

use anyhow::Context as _;
use serde::Serialize;
use serde_json::Value;

/// A mistake in the call itself: exit code 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct UsageError(pub String);

/// Prints a line for people; an error when nobody reads any more, where `println!` would panic.
macro_rules! say {
    ($($part:tt)*) => { $crate::cli::output::write_line(format_args!($($part)*)) };
}

/// Says a line on standard error; nobody there is no reason to stop, let alone to panic.
macro_rules! tell {
    ($($part:tt)*) => { $crate::cli::output::complain(format_args!($($part)*)) };
}

pub(super) use {say, tell};

pub(super) fn write_line(line: Arguments<'_>) -> anyhow::Result<()> {
    writeln!(std::io::stdout(), "{line}").context("nobody reads standard output any more")
}

pub(super) fn complain(line: Arguments<'_>) {
    drop(writeln!(std::io::stderr(), "{line}"));
}

/// Prints one JSON object on a line. Numbers that are not finite become null (serde_json's rule).
pub(super) fn print_json(object: &impl Serialize) -> anyhow::Result<()> {
    let line = serde_json::to_string(object)?;
    say!("{line}")
}

/// A JSON object out of pairs.
pub(super) fn object<const N: usize>(pairs: [(&str, Value); N]) -> Value {
    Value::Object(pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

/// "1 song", "2 songs".
pub(super) fn count(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}
