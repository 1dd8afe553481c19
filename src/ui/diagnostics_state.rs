//! What the diagnostics window shows.

use std::path::PathBuf;

/// A line on the program or the machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    pub topic: &'static str,
    pub words: String,
    /// Something that is missing or not as it should be.
    pub is_trouble: bool,
}

/// An error of the program's own, as it was written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorReport {
    pub when: String,
    pub headline: String,
    pub text: String,
    pub path: PathBuf,
}

/// All of it, as it was when the window opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostics {
    pub facts: Vec<Fact>,
    /// Newest first.
    pub error_reports: Vec<ErrorReport>,
    /// Oldest first.
    pub log_lines: Vec<String>,
    pub log_folder: PathBuf,
}

impl Diagnostics {
    /// All of it as text, for a message to somebody who helps.
    pub fn as_text(&self) -> String {
        let facts = self.facts.iter().map(|fact| format!("{}: {}", fact.topic, fact.words));
        let mut lines: Vec<String> = facts.collect();
        for report in &self.error_reports {
            lines.push(format!("Error on {}: {}", report.when, report.headline));
        }
        lines.push(String::new());
        lines.push("The end of the log:".to_owned());
        lines.extend(self.log_lines.iter().cloned());
        lines.join("\n")
    }
}
