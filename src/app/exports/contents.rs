//! The table of what an export wrote, as comma-separated values.

use std::path::Path;

use super::Source;
use crate::music::Score;

const HEAD: &str = "file,number,name,seed,favourite,key,metre,quarter_notes_a_minute,bars,notes,\
                    seconds";

/// A row a file.
#[derive(Debug, Default)]
pub(super) struct Table {
    rows: Vec<String>,
}

impl Table {
    pub(super) fn add(&mut self, number: usize, path: &Path, source: &Source, score: &Score) {
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        let fields = [
            quoted(&file),
            number.to_string(),
            quoted(&source.name),
            source.seed.map_or_else(String::new, |seed| seed.to_string()),
            if source.is_favourite { "yes" } else { "no" }.to_owned(),
            quoted(&source.key_name()),
            source.metre.to_string(),
            format!("{:.3}", source.beats_per_minute),
            source.bars().to_string(),
            score.note_count().to_string(),
            format!("{:.3}", score.duration_secs()),
        ];
        self.rows.push(fields.join(","));
    }

    pub(super) fn text(&self) -> String {
        let mut text = HEAD.to_owned();
        for row in &self.rows {
            text.push('\n');
            text.push_str(row);
        }
        text.push('\n');
        text
    }
}

/// By RFC 4180.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}
