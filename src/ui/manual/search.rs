//! Finding words in the manual.

use super::{Place, pages};

/// Letters of a hit's context on each side.
const CONTEXT: usize = 36;

/// A section in which all words were found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    pub place: Place,
    /// "Composing · Steering"
    pub title: String,
    /// The text around the first word, on one line.
    pub snippet: String,
}

/// Sections that have all words, those with one in the heading first.
pub fn search(query: &str) -> Vec<Hit> {
    let words: Vec<String> = query.split_whitespace().map(str::to_lowercase).collect();
    if words.is_empty() {
        return Vec::new();
    }
    let mut hits = Vec::new();
    for (page_number, page) in pages().iter().enumerate() {
        for (number, section) in page.sections.iter().enumerate() {
            let heading = if section.title.is_empty() { page.title } else { section.title };
            let plain = plain(section.body);
            let lower = plain.to_lowercase();
            let heading_lower = heading.to_lowercase();
            if !words.iter().all(|word| lower.contains(word) || heading_lower.contains(word)) {
                continue;
            }
            let title = match section.title {
                "" => page.title.to_owned(),
                title => format!("{} · {title}", page.title),
            };
            let is_in_heading = words.iter().any(|word| heading_lower.contains(word));
            let place = Place { page: page_number, section: number };
            let hit = Hit { place, title, snippet: snippet(&plain, &lower, &words[0]) };
            hits.push((!is_in_heading, hit));
        }
    }
    hits.sort_by_key(|(rank, _)| *rank);
    hits.into_iter().map(|(_, hit)| hit).collect()
}

/// Without the signs of Markdown, on one line.
fn plain(markdown: &str) -> String {
    let mut text = String::with_capacity(markdown.len());
    let mut rest = markdown;
    // Of links only the words stay, of pictures nothing.
    while let Some(at) = rest.find('[') {
        let is_picture = rest[..at].ends_with('!');
        text.push_str(rest[..at].trim_end_matches('!'));
        let inside = &rest[at + 1..];
        let link = inside.split_once("](");
        if let Some((words, (_, after))) =
            link.and_then(|(words, after)| Some((words, after.split_once(')')?)))
        {
            if !is_picture {
                text.push_str(words);
            }
            rest = after;
        } else {
            text.push('[');
            rest = inside;
        }
    }
    text.push_str(rest);
    let text = text.replace(['*', '`', '>', '#'], "");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What stands around the word; the beginning where it stands in the heading only.
fn snippet(plain: &str, lower: &str, word: &str) -> String {
    let before = lower.find(word).map_or(0, |at| lower[..at].chars().count());
    let start = before.saturating_sub(CONTEXT);
    let shown = 2 * CONTEXT + word.chars().count();
    let n_chars = plain.chars().count();
    let middle: String = plain.chars().skip(start).take(shown).collect();
    let (left, right) =
        (if start > 0 { "…" } else { "" }, if start + shown < n_chars { "…" } else { "" });
    format!("{left}{}{right}", middle.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_whatever_their_case_and_headings_come_first() {
        let hits = search("STEERING");
        assert_eq!(hits[0].title, "Composing · Steering");
        assert!(hits.len() > 1);
        assert!(hits.iter().all(|hit| !hit.snippet.contains('[') && !hit.snippet.is_empty()));
        assert_eq!(search("no such word as this one"), []);
        assert_eq!(search("  "), []);
    }

    #[test]
    fn a_snippet_is_plain_text_around_the_word() {
        let text = plain("See **[the window](window.md)** now.\n![a picture](a.png)\n- `code`");
        assert_eq!(text, "See the window now. - code");
        let long = format!("{}needle {}", "é".repeat(80), "b".repeat(80));
        let found = snippet(&long, &long.to_lowercase(), "needle");
        assert!(found.starts_with('…') && found.ends_with('…') && found.contains("needle"));
        assert_eq!(plain("[ ] open"), "[ ] open");
    }
}
