//! Rust source as the architecture test reads it: code without comments and literals.

use std::fmt::Write as _;

/// A source file, or a planted one.
pub struct SourceFile {
    /// Relative to the checkout, with `/`.
    pub path: String,
    pub text: String,
    /// Only compiled for tests.
    pub is_test: bool,
}

impl SourceFile {
    /// The code in front of the tests at the foot of the file; nothing in a file of tests.
    pub fn shipped_code(&self) -> String {
        if self.is_test {
            return String::new();
        }
        let code = code_only(&self.text);
        let foot = code.find("#[cfg(test)]\nmod tests {").unwrap_or(code.len());
        code[..foot].to_owned()
    }

    /// All code, tests included.
    pub fn code(&self) -> String {
        code_only(&self.text)
    }
}

/// The text with comments, strings and characters blanked out; lines stay where they are.
pub fn code_only(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut code = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let end = literal_or_comment(&chars, at);
        if end == at {
            code.push(chars[at]);
            at += 1;
        } else {
            let blank = |c: &char| if *c == '\n' { '\n' } else { ' ' };
            code.extend(chars[at..end].iter().map(blank));
            at = end;
        }
    }
    code
}

/// Where the comment or literal that begins at `at` ends; `at` when none does.
fn literal_or_comment(chars: &[char], at: usize) -> usize {
    let starts = |text: &str| text.chars().enumerate().all(|(i, c)| chars.get(at + i) == Some(&c));
    let is_inside_word = at > 0 && is_word(chars[at - 1]);
    if starts("//") {
        return chars[at..].iter().position(|&c| c == '\n').map_or(chars.len(), |n| at + n);
    }
    if starts("/*") {
        return block_end(chars, at);
    }
    if starts("\"") {
        return string_end(chars, at + 1);
    }
    if (starts("r\"") || starts("br\"")) && !is_inside_word {
        let quote = at + chars[at..].iter().position(|&c| c == '"').unwrap_or(0);
        return raw_end(chars, quote, 0);
    }
    if (starts("r#") || starts("br#")) && !is_inside_word {
        let first = at + chars[at..].iter().position(|&c| c == '#').unwrap_or(0);
        let n_hashes = chars[first..].iter().take_while(|&&c| c == '#').count();
        if chars.get(first + n_hashes) == Some(&'"') {
            return raw_end(chars, first + n_hashes, n_hashes);
        }
    }
    if starts("'") {
        return char_end(chars, at);
    }
    at
}

fn block_end(chars: &[char], start: usize) -> usize {
    let (mut depth, mut at) = (0_usize, start);
    while at < chars.len() {
        match (chars[at], chars.get(at + 1)) {
            ('/', Some('*')) => (depth, at) = (depth + 1, at + 2),
            ('*', Some('/')) => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    at
}

fn string_end(chars: &[char], start: usize) -> usize {
    let mut at = start;
    while at < chars.len() && chars[at] != '"' {
        at += if chars[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(chars.len())
}

fn raw_end(chars: &[char], quote: usize, n_hashes: usize) -> usize {
    let closes = |at: usize| {
        chars[at] == '"' && (1..=n_hashes).all(|hash| chars.get(at + hash) == Some(&'#'))
    };
    (quote + 1..chars.len()).find(|&at| closes(at)).map_or(chars.len(), |at| at + 1 + n_hashes)
}

/// A character literal, or a lifetime, which is code.
fn char_end(chars: &[char], quote: usize) -> usize {
    match (chars.get(quote + 1), chars.get(quote + 2)) {
        (Some('\\'), _) => {
            let closing = chars[quote + 3..].iter().position(|&c| c == '\'');
            closing.map_or(chars.len(), |n| quote + 4 + n)
        }
        (Some(_), Some('\'')) => quote + 3,
        _ => quote,
    }
}

/// How many `super` stand one after the other before this place, the one right before it included.
pub fn n_supers(before: &str) -> usize {
    let mut rest = before.trim_end();
    let mut n = 0;
    while let Some(shorter) = rest.strip_suffix("super::") {
        rest = shorter;
        n += 1;
    }
    n
}

pub fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// A word of code with its line, what stands right before it and what comes after it.
pub struct Word<'a> {
    pub text: &'a str,
    /// Counted from 1.
    pub line: usize,
    pub before: &'a str,
    pub after: &'a str,
}

pub fn words(code: &str) -> Vec<Word<'_>> {
    let mut found = Vec::new();
    let mut line = 1;
    let mut start = None;
    for (at, c) in code.char_indices().chain([(code.len(), ' ')]) {
        match (start, is_word(c)) {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                let (before, text, after) = (&code[..from], &code[from..at], &code[at..]);
                found.push(Word { text, line, before, after });
                start = None;
            }
            _ => {}
        }
        line += usize::from(c == '\n');
    }
    found
}

/// "path:line: what", one a line.
pub fn complaint(path: &str, line: usize, what: &str) -> String {
    let mut text = String::new();
    write!(text, "{path}:{line}: {what}").unwrap();
    text
}
