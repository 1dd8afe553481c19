//! The roll for those who hear it described: its name, the note cursor, and a list of notes.

use egui::accesskit::{self, Action, Live, Role};
use egui::{Rect, Response, Sense, Ui, UiBuilder, Vec2, WidgetInfo};

use super::content::counted;
use super::{PianoRollWidget, Places};
use crate::music::{PlayedNote, SelectedWalk, note_at, pitch_name};

/// More notes than this nobody listens to; the list says how many there are.
const MAX_SPOKEN: usize = 64;

impl PianoRollWidget<'_> {
    pub(super) fn speak(&mut self, ui: &mut Ui, response: &Response, places: Places) {
        let name = format!("Piano roll: {}", self.content.name);
        response.widget_info(|| WidgetInfo::labeled(Role::Canvas, ui.is_enabled(), &name));
        let is_heard = ui.ctx().accesskit_node_builder(response.id, |node| {
            node.set_description(self.content.description());
        });
        if is_heard.is_none() {
            return;
        }
        // Parts without a size: they take no click and stand in no one's way.
        let nowhere = Rect::from_min_size(places.grid.min, Vec2::ZERO);
        let builder = UiBuilder::new()
            .id_salt("spoken notes")
            .max_rect(nowhere)
            .accessibility_parent(response.id);
        let mut list = ui.new_child(builder);
        self.speak_cursor(&mut list, nowhere);
        self.speak_notes(&mut list, places, nowhere);
    }

    /// What the hands are at, as a live region: it is said when it changes.
    fn speak_cursor(&self, list: &mut Ui, nowhere: Rect) {
        let words = self.cursor_words();
        if words.is_empty() {
            return;
        }
        let id = list.unique_id().with("note cursor");
        list.interact(nowhere, id, Sense::hover());
        list.ctx().accesskit_node_builder(id, |node| {
            node.set_role(Role::Label);
            node.set_live(Live::Polite);
            node.set_value(words);
        });
    }

    fn words_of(&self, note: PlayedNote) -> String {
        let is_locked = self.locked.binary_search(&note.roll_note()).is_ok();
        let words = self.content.note_words(note);
        if is_locked { format!("{words}, locked") } else { words }
    }

    fn cursor_words(&self) -> String {
        let editor = &self.view.editor;
        if let Some(refusal) = editor.refusal {
            return refusal.to_owned();
        }
        let notes = self.shown_notes();
        let selected = self.shown_selected();
        match (selected, editor.cursor) {
            ([place], _) => note_at(notes, place.start_step, place.pitch)
                .map_or_else(String::new, |n| format!("{}, selected", self.words_of(n))),
            ([_, _, ..], _) => format!("{} selected", counted(selected.len(), "note")),
            ([], Some(at)) => match note_at(notes, at.start_step, at.pitch) {
                Some(note) => self.words_of(note),
                None => format!(
                    "{}, {}, empty",
                    pitch_name(at.pitch),
                    self.content.place_words(at.start_step)
                ),
            },
            ([], None) => String::new(),
        }
    }

    /// The selected notes; without any, those in sight.
    fn speak_notes(&mut self, list: &mut Ui, places: Places, nowhere: Rect) {
        let selected = self.shown_selected().to_vec();
        let notes = self.shown_notes();
        let mut walk = SelectedWalk::new(&selected);
        let chosen: Vec<PlayedNote> =
            notes.iter().filter(|note| walk.contains(note.place())).copied().collect();
        let is_of_selected = !chosen.is_empty();
        let spoken = if is_of_selected {
            chosen
        } else {
            let in_sight = self.notes_in_sight(places.grid).iter();
            let rect = |note: &PlayedNote| self.view.note_rect(places.grid, *note);
            in_sight.filter(|note| places.grid.intersects(rect(note))).copied().collect()
        };
        let what = if is_of_selected { "Selected notes" } else { "Notes in sight" };
        let title = match spoken.len() {
            n if n > MAX_SPOKEN => format!("{what}: the first {MAX_SPOKEN} of {n}"),
            n => format!("{what}: {n}"),
        };
        list.ctx().accesskit_node_builder(list.unique_id(), |node| {
            node.set_role(Role::List);
            node.set_label(title);
        });
        let scale = list.ctx().pixels_per_point();
        for &note in spoken.iter().take(MAX_SPOKEN) {
            let id = list.unique_id().with(note.place());
            list.interact(nowhere, id, Sense::hover());
            let rect = self.view.note_rect(places.grid, note).intersect(places.grid) * scale;
            let words = self.words_of(note);
            list.ctx().accesskit_node_builder(id, |node| {
                node.set_role(Role::ListItem);
                node.set_label(words);
                node.set_selected(is_of_selected);
                node.set_bounds(accesskit::Rect::new(
                    rect.left().into(),
                    rect.top().into(),
                    rect.right().into(),
                    rect.bottom().into(),
                ));
                node.add_action(Action::Click);
            });
            if list.input(|input| input.has_accesskit_action_request(id, Action::Click)) {
                self.view.editor.select(vec![note.place()]);
                self.view.editor.cursor = Some(note.place());
                self.sound(note.pitch, note.velocity);
            }
        }
    }
}
