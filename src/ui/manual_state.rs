//! What of the manual is open.

use egui_commonmark::CommonMarkCache;

use super::manual::{Hit, Place, search};

#[derive(Debug, Default)]
pub struct ManualState {
    pub is_shown: bool,
    pub place: Place,
    /// The place comes into sight in the next frame.
    pub wants_place: bool,
    /// Where somebody was before, the latest last.
    pub earlier: Vec<Place>,
    pub query: String,
    /// What was found for the query.
    pub hits: Vec<Hit>,
    /// Of the viewer of Markdown: which links were pressed.
    pub cache: CommonMarkCache,
}

impl ManualState {
    /// Opens it at a place, or where it was. A search of before is over: who opens it anew looks
    /// for something else, and sees the contents.
    pub fn open(&mut self, place: Option<Place>) {
        if !self.is_shown || place.is_some() {
            self.query.clear();
            self.hits.clear();
        }
        self.is_shown = true;
        if let Some(place) = place {
            self.go_to(place);
        }
    }

    pub fn go_to(&mut self, place: Place) {
        if place != self.place {
            self.earlier.push(self.place);
        }
        self.place = place;
        self.wants_place = true;
    }

    pub fn go_back(&mut self) {
        if let Some(place) = self.earlier.pop() {
            self.place = place;
            self.wants_place = true;
        }
    }

    /// Looks for what was typed.
    pub fn search(&mut self) {
        self.hits = search(&self.query);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opened_anew_it_shows_the_page_of_before_and_no_search() {
        let mut manual = ManualState::default();
        manual.open(None);
        let found = Place::of_link("composing.md#steering", 0).unwrap();
        manual.query = "steering".to_owned();
        manual.search();
        manual.go_to(found);
        manual.open(None);
        assert_eq!(manual.query, "steering", "it was open all the time");
        manual.is_shown = false;
        manual.open(None);
        assert_eq!((manual.query.as_str(), manual.hits.len()), ("", 0));
        assert_eq!(manual.place, found);
    }
}
