//! How well words match what was typed: the letters in order, the better the closer together and
//! the nearer to the beginnings of words.

/// A letter that begins a word.
const AT_WORD: i32 = 8;
/// A whole word at the beginning of the text.
const AT_START: i32 = 4;
/// A letter right after the one before.
const IN_ROW: i32 = 6;
const LETTER: i32 = 1;
/// More letters than this are not skipped, but for the beginning of a word: what matches only by
/// chance is left out.
const MOST_SKIPPED: i32 = 4;
/// Who types so many letters writes a word: no letter inside words is skipped.
const WHOLE_WORD: usize = 4;

/// How well `text` matches; `None` where it does not. Every word of the query must be found; an
/// empty query matches everything alike.
pub fn score(query: &str, text: &str) -> Option<i32> {
    let letters = lower_letters(text);
    let total = words(query)
        .iter()
        .try_fold(0, |sum, word| best(word, &letters).map(|found| sum + found.score))?;
    // Of two that match alike, the shorter says more exactly what was meant.
    let length = i32::try_from(letters.len()).unwrap_or(i32::MAX).min(64);
    let is_asked = !query.trim().is_empty();
    // Who types several words in a row means them in a row.
    let phrase = lower_letters(query.trim());
    let is_phrase = phrase.contains(&' ') && letters.windows(phrase.len()).any(|it| it == phrase);
    let total = if is_phrase { total + IN_ROW } else { total };
    Some(if is_asked { total * 8 - length } else { 0 })
}

/// Places of the letters of `text` that the query found, in order: one an element of
/// `text.chars()`. Words that are not in it mark nothing.
pub fn places(query: &str, text: &str) -> Vec<usize> {
    let letters = lower_letters(text);
    let found = words(query).into_iter().filter_map(|word| best(&word, &letters));
    let mut places: Vec<usize> = found.flat_map(|found| found.places).collect();
    places.sort_unstable();
    places.dedup();
    places
}

/// One for each letter of the text, whatever lower case makes of it.
fn lower_letters(text: &str) -> Vec<char> {
    text.chars().map(|letter| letter.to_lowercase().next().unwrap_or(letter)).collect()
}

fn words(query: &str) -> Vec<Vec<char>> {
    query.split_whitespace().map(lower_letters).collect()
}

/// A word that was found.
struct Found {
    score: i32,
    places: Vec<usize>,
}

/// The best of the ways to find `word` in `text`, beginning at each place where its first letter
/// stands. From there every letter is taken at a word's beginning if one follows, else at once.
fn best(word: &[char], text: &[char]) -> Option<Found> {
    let first = word.first()?;
    let starts = text.iter().enumerate().filter(|(_, letter)| *letter == first);
    let found = starts.filter_map(|(start, _)| from(word, text, start));
    // Of those that are equally good, the first.
    found.reduce(|best, other| if other.score > best.score { other } else { best })
}

fn from(word: &[char], text: &[char], start: usize) -> Option<Found> {
    let begins_word = |at: usize| at == 0 || !text[at - 1].is_alphanumeric();
    let mut score = if begins_word(start) { AT_WORD } else { 0 };
    let mut last = start;
    let mut places = vec![start];
    for letter in &word[1..] {
        let followers = || (last + 1..text.len()).filter(|&at| text[at] == *letter);
        let next = match followers().next()? {
            next if next == last + 1 => next,
            next => followers().find(|&at| begins_word(at)).unwrap_or(next),
        };
        let skipped = i32::try_from(next - last - 1).unwrap_or(i32::MAX);
        score += match skipped {
            0 => IN_ROW,
            _ if begins_word(next) => AT_WORD - skipped.min(12) / 4,
            _ if skipped > MOST_SKIPPED || word.len() >= WHOLE_WORD => return None,
            _ => LETTER - 3 * skipped,
        };
        last = next;
        places.push(next);
    }
    // Pieces of a long word count from the beginnings of words only.
    let is_scattered = last - start >= word.len();
    if is_scattered && word.len() >= WHOLE_WORD && !begins_word(start) {
        return None;
    }
    let begins_text = last + 1 == word.len();
    let score = score + LETTER + if begins_text { AT_START } else { 0 };
    Some(Found { score, places })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(query: &str, texts: &[&'static str]) -> Vec<&'static str> {
        let mut found: Vec<_> = texts
            .iter()
            .filter_map(|text| score(query, text).map(|score| (score, *text)))
            .collect();
        found.sort_by_key(|(score, _)| -score);
        found.into_iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn the_letters_that_were_found_are_known() {
        assert_eq!(places("lr", "Learning rate"), [0, 9]);
        assert_eq!(places("RATE learn", "Learning rate"), [0, 1, 2, 3, 4, 9, 10, 11, 12]);
        assert!(places("xyz", "Learning rate").is_empty());
        assert!(places("", "Learning rate").is_empty());
        // Capitals that become two letters move nothing.
        assert_eq!(places("b", "İ b"), [2]);
    }

    #[test]
    fn what_begins_with_the_words_stands_first() {
        let titles = ["Keep what live audition plays", "Live audition of what the model dreams"];
        assert_eq!(order("live audition", &titles)[0], titles[1]);
    }

    #[test]
    fn letters_must_stand_in_order_and_every_word_must_be_found() {
        assert!(score("lr", "Learning rate").is_some());
        assert!(score("rate learn", "Learning rate").is_some());
        assert!(score("rl", "Learning rate").is_none());
        assert!(score("learn tempo", "Learning rate").is_none());
        assert!(score("learn", "Clear the selection").is_none(), "too far apart");
        assert!(score("hdn", "Hidden units").is_some());
        assert!(score("network", "Shows in three steps how it works").is_none());
        assert!(score("tempo", "Cancel the import").is_none());
        assert!(score("hidun", "Hidden units").is_some(), "from beginning to beginning");
        assert_eq!(score("  ", "anything"), Some(0));
    }

    #[test]
    fn what_was_meant_comes_first() {
        let texts = ["Learning rate schedule", "Clear the selection", "Learning rate", "Reset"];
        assert_eq!(order("learning rate", &texts)[0], "Learning rate");
        assert_eq!(order("lr", &texts)[0], "Learning rate");
        assert_eq!(order("sel", &texts)[0], "Clear the selection");
        let texts = ["Export the curve as PNG…", "Open…", "Theme: high contrast"];
        assert_eq!(order("png", &texts), ["Export the curve as PNG…"]);
        assert_eq!(order("op", &texts)[0], "Open…");
    }

    #[test]
    fn words_in_a_row_are_meant_in_a_row() {
        let texts = ["Scale: C dorian", "Scale: D dorian", "Scale: D♯ dorian"];
        assert_eq!(order("d dorian", &texts)[0], "Scale: D dorian");
    }

    #[test]
    fn case_and_signs_of_other_scripts_do_no_harm() {
        assert!(score("ÉTUDE", "Étude in É").is_some());
        assert!(score("x", "").is_none());
    }
}
