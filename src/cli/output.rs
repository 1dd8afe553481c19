//! Lines for people or for programs, and what counts as bad usage.

use std::io::Write as _;

use anyhow::Context as _;
use serde::Serialize;
use serde_json::Value;

/// A mistake in the call itself: exit code 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct UsageError(pub String);

/// Prints one JSON object on a line. Numbers that are not finite become null (serde_json's rule).
pub(super) fn print_json(object: &impl Serialize) -> anyhow::Result<()> {
    let line = serde_json::to_string(object)?;
    // Not println!, which panics when the reader has gone away.
    writeln!(std::io::stdout(), "{line}").context("nobody reads standard output any more")
}

/// A JSON object out of pairs.
pub(super) fn object<const N: usize>(pairs: [(&str, Value); N]) -> Value {
    Value::Object(pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

/// "1 song", "2 songs".
pub(super) fn count(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}
