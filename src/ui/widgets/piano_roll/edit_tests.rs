//! Every way to edit notes, with real events of pointer and keys.

use egui::accesskit::Role;
use egui::{
    Event, Key, Modifiers, MouseWheelSource, MouseWheelUnit, PointerButton, Pos2, Theme, TouchPhase,
};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::tests::{content, note, piece};
use super::*;
use crate::music::ScaleKind;
use crate::ui::testing;

/// A desk that does what the roll asks for.
struct Desk {
    view: PianoRollView,
    notes: Vec<PlayedNote>,
    n_steps: u32,
    selection: Option<Range<u32>>,
    play_head: Option<f64>,
    is_playing: bool,
    is_editable: bool,
    edits: Vec<&'static str>,
    others: Vec<PianoRollAction>,
    heard: Vec<(u8, u8)>,
}

struct Hands(Harness<'static, Desk>);

/// C4 in bar 1, E4 in bar 2, two bars of 16 steps; so near that a step is 20 points wide.
fn hands() -> Hands {
    hands_on(vec![note(0, 4, 60), note(20, 4, 64)])
}

fn hands_on(notes: Vec<PlayedNote>) -> Hands {
    let (builder, _) = testing::builder::<Desk>(vec2(48.0 + 16.0 + 640.0, 420.0), Theme::Dark);
    let desk = Desk {
        view: PianoRollView::default(),
        notes,
        n_steps: 32,
        selection: None,
        play_head: None,
        is_playing: false,
        is_editable: true,
        edits: Vec::new(),
        others: Vec::new(),
        heard: Vec::new(),
    };
    let mut harness = builder.build_ui_state(
        |ui, desk: &mut Desk| {
            let notes = desk.notes.clone();
            let content = PianoRollContent { n_steps: desk.n_steps, ..content(&notes) };
            let shown = PianoRollWidget::new(content, &mut desk.view)
                .selection(desk.selection.clone())
                .play_head(desk.play_head)
                .playing(desk.is_playing)
                .editable(desk.is_editable)
                .show(ui);
            for action in shown.actions {
                match action {
                    PianoRollAction::Edit { notes, what } => {
                        desk.notes = notes.notes().to_vec();
                        desk.n_steps = notes.n_steps();
                        desk.edits.push(what);
                    }
                    PianoRollAction::SoundNote { pitch, velocity } => {
                        desk.heard.push((pitch, velocity));
                    }
                    PianoRollAction::SelectSteps(steps) => desk.selection = Some(steps),
                    other => desk.others.push(other),
                }
            }
        },
        desk,
    );
    harness.run();
    Hands(harness)
}

impl Hands {
    fn desk(&self) -> &Desk {
        self.0.state()
    }

    fn places(&self) -> Places {
        PianoRollWidget::places(self.0.get_by_role(Role::Canvas).rect())
    }

    /// The middle of a cell.
    fn cell(&self, step: f64, pitch: u8) -> Pos2 {
        let (view, grid) = (&self.desk().view, self.places().grid);
        let y = view.y(grid, f32::from(pitch)) + view.points_per_pitch / 2.0;
        pos2(view.x(grid, step + 0.5), y)
    }

    fn press(&mut self, pos: Pos2, button: PointerButton, pressed: bool, modifiers: Modifiers) {
        self.0.event(Event::PointerMoved(pos));
        self.0.event(Event::PointerButton { pos, button, pressed, modifiers });
        self.0.run_steps(2);
    }

    fn drag_with(&mut self, from: Pos2, to: Pos2, button: PointerButton, modifiers: Modifiers) {
        self.0.event(Event::ModifiersChanged(modifiers));
        self.press(from, button, true, modifiers);
        for share in [0.5, 1.0] {
            self.0.event(Event::PointerMoved(from.lerp(to, share)));
            self.0.run_steps(2);
        }
        self.press(to, button, false, modifiers);
        self.0.event(Event::ModifiersChanged(Modifiers::NONE));
        self.0.run_steps(2);
    }

    fn drag(&mut self, from: Pos2, to: Pos2) {
        self.drag_with(from, to, PointerButton::Primary, Modifiers::NONE);
    }

    fn click_with(&mut self, at: Pos2, button: PointerButton, modifiers: Modifiers) {
        self.0.event(Event::ModifiersChanged(modifiers));
        self.press(at, button, true, modifiers);
        self.press(at, button, false, modifiers);
        self.0.event(Event::ModifiersChanged(Modifiers::NONE));
        // Else the next click would be the second of a double one.
        self.0.run_steps(40);
    }

    fn click(&mut self, at: Pos2) {
        self.click_with(at, PointerButton::Primary, Modifiers::NONE);
    }

    fn focus(&mut self) {
        self.0.get_by_role(Role::Canvas).focus();
        self.0.run_steps(2);
    }

    fn key(&mut self, modifiers: Modifiers, key: Key) {
        self.0.key_press_modifiers(modifiers, key);
        self.0.run_steps(2);
    }

    fn event(&mut self, event: Event) {
        self.0.event(event);
        self.0.run_steps(2);
    }

    /// Start, length and pitch of every note.
    fn notes(&self) -> Vec<(u32, u32, u8)> {
        self.desk().notes.iter().map(|n| (n.start_step, n.n_steps, n.pitch)).collect()
    }

    fn selected(&self) -> Vec<(u32, u8)> {
        self.desk().view.editor.selected().iter().map(|at| (at.start_step, at.pitch)).collect()
    }
}

#[test]
fn a_drag_moves_a_note_once_and_lets_its_new_pitch_be_heard() {
    let mut hands = hands();
    let (from, to) = (hands.cell(1.0, 60), hands.cell(5.0, 62));
    hands.press(from, PointerButton::Primary, true, Modifiers::NONE);
    hands.event(Event::PointerMoved(to));
    assert_eq!(hands.notes()[0], (0, 4, 60), "a drag under way edits nothing");
    assert_eq!(hands.desk().edits, [""; 0]);
    hands.press(to, PointerButton::Primary, false, Modifiers::NONE);
    assert_eq!(hands.notes(), [(4, 4, 62), (20, 4, 64)]);
    assert_eq!(hands.desk().edits, ["Move notes"]);
    assert_eq!(hands.selected(), [(4, 62)]);
    assert_eq!(hands.desk().heard.last(), Some(&(62, 80)));
}

#[test]
fn escape_calls_a_drag_off() {
    let mut hands = hands();
    let (from, to) = (hands.cell(1.0, 60), hands.cell(5.0, 62));
    hands.press(from, PointerButton::Primary, true, Modifiers::NONE);
    hands.event(Event::PointerMoved(to));
    hands.key(Modifiers::NONE, Key::Escape);
    hands.press(to, PointerButton::Primary, false, Modifiers::NONE);
    assert_eq!(hands.notes(), [(0, 4, 60), (20, 4, 64)]);
    assert_eq!(hands.desk().edits, [""; 0]);
}

#[test]
fn a_drag_with_ctrl_leaves_the_note_where_it_was() {
    let mut hands = hands();
    let (from, to) = (hands.cell(1.0, 60), hands.cell(9.0, 60));
    hands.drag_with(from, to, PointerButton::Primary, Modifiers::COMMAND);
    assert_eq!(hands.notes(), [(0, 4, 60), (8, 4, 60), (20, 4, 64)]);
    assert_eq!(hands.desk().edits, ["Copy notes"]);
}

#[test]
fn a_drag_at_the_end_lengthens_and_the_grid_snaps() {
    let mut hands = hands();
    let end = hands.cell(3.45, 60);
    let to = hands.cell(6.6, 60);
    hands.drag(end, to);
    assert_eq!(hands.notes()[0], (0, 7, 60));
    assert_eq!(hands.desk().edits, ["Lengthen notes"]);
    hands.0.state_mut().view.editor.grid = RollGrid::Beat;
    let end = hands.cell(6.45, 60);
    let to = hands.cell(8.2, 60);
    hands.drag(end, to);
    assert_eq!(hands.notes()[0], (0, 8, 60));
    let (from, to) = (hands.cell(20.5, 64), hands.cell(23.4, 64));
    hands.drag(from, to);
    assert_eq!(hands.notes()[1], (24, 4, 64), "three steps are nearest to a beat");
}

#[test]
fn a_drag_with_alt_changes_the_velocity() {
    let mut hands = hands();
    let from = hands.cell(1.0, 60);
    hands.drag_with(from, from - vec2(0.0, 20.0), PointerButton::Primary, Modifiers::ALT);
    assert_eq!(hands.desk().notes[0].velocity, 100);
    assert_eq!(hands.desk().edits, ["Change the velocity"]);
    assert_eq!(hands.desk().heard.last(), Some(&(60, 100)));
}

#[test]
fn a_drag_over_the_paper_selects_notes_and_shift_adds() {
    let mut hands = hands();
    let (from, to) = (hands.cell(30.0, 68), hands.cell(18.0, 62));
    hands.drag(from, to);
    assert_eq!(hands.selected(), [(20, 64)]);
    let (from, to) = (hands.cell(6.0, 62), hands.cell(2.0, 58));
    hands.drag_with(from, to, PointerButton::Primary, Modifiers::SHIFT);
    assert_eq!(hands.selected(), [(0, 60), (20, 64)]);
    hands.drag(from, to);
    assert_eq!(hands.selected(), [(0, 60)]);
    assert_eq!(hands.desk().edits, [""; 0]);
    let empty = hands.cell(12.0, 70);
    hands.click(empty);
    assert_eq!(hands.selected(), [], "a click beside the notes lets them go");
    assert_eq!(hands.desk().others, []);
    hands.click(empty);
    let others = &hands.desk().others;
    assert!(matches!(others[..], [PianoRollAction::Seek(_)]), "{others:?}");
}

#[test]
fn clicks_select_and_ctrl_and_shift_toggle() {
    let mut hands = hands();
    let (first, second) = (hands.cell(1.0, 60), hands.cell(21.0, 64));
    hands.click(first);
    assert_eq!(hands.selected(), [(0, 60)]);
    assert_eq!(hands.desk().heard, [(60, 80)]);
    hands.click_with(second, PointerButton::Primary, Modifiers::COMMAND);
    assert_eq!(hands.selected(), [(0, 60), (20, 64)]);
    hands.click_with(first, PointerButton::Primary, Modifiers::SHIFT);
    assert_eq!(hands.selected(), [(20, 64)]);
}

#[test]
fn selected_notes_move_together() {
    let mut hands = hands();
    hands.focus();
    hands.key(Modifiers::COMMAND, Key::A);
    let (from, to) = (hands.cell(21.0, 64), hands.cell(25.0, 65));
    hands.drag(from, to);
    assert_eq!(hands.notes(), [(4, 4, 61), (24, 4, 65)]);
}

#[test]
fn a_drag_in_the_ruler_or_with_alt_selects_bars_and_no_notes() {
    let mut hands = hands();
    let ruler = hands.places().ruler.center().y;
    let (from, to) = (pos2(hands.cell(5.0, 60).x, ruler), pos2(hands.cell(9.0, 60).x, ruler));
    hands.drag(from, to);
    assert_eq!(hands.desk().selection, Some(4..12));
    hands.drag_with(from, to, PointerButton::Primary, Modifiers::ALT);
    assert_eq!(hands.desk().selection, Some(5..10), "with Alt to the step");
    let (from, to) = (hands.cell(13.0, 70), hands.cell(17.0, 66));
    hands.drag_with(from, to, PointerButton::Primary, Modifiers::ALT);
    assert_eq!(hands.desk().selection, Some(12..20));
    assert_eq!(hands.selected(), []);
}

#[test]
fn notes_are_drawn_by_a_double_click_and_with_the_pencil() {
    let mut hands = hands();
    let at = hands.cell(10.0, 67);
    for _ in 0..2 {
        hands.press(at, PointerButton::Primary, true, Modifiers::NONE);
        hands.press(at, PointerButton::Primary, false, Modifiers::NONE);
    }
    assert_eq!(hands.notes()[1], (10, 4, 67), "a beat long");
    assert_eq!(hands.desk().edits, ["Draw a note"]);
    assert_eq!(hands.selected(), [(10, 67)]);
    hands.0.run_steps(40);
    hands.focus();
    hands.key(Modifiers::NONE, Key::B);
    assert_eq!(hands.desk().view.editor.tool, RollTool::Draw);
    let (from, to) = (hands.cell(12.0, 70), hands.cell(17.0, 70));
    hands.drag(from, to);
    assert_eq!(hands.notes()[2], (12, 6, 70));
    let at = hands.cell(24.0, 72);
    hands.click(at);
    assert_eq!(hands.notes().last(), Some(&(24, 6, 72)), "as long as the last one");
    hands.key(Modifiers::NONE, Key::Escape);
    hands.key(Modifiers::NONE, Key::Escape);
    assert_eq!(hands.desk().view.editor.tool, RollTool::Select);
}

#[test]
fn a_note_drawn_over_another_cuts_it() {
    let mut hands = hands_on(vec![note(0, 12, 60)]);
    hands.focus();
    hands.key(Modifiers::NONE, Key::D);
    // The pencil takes hold of notes too, so it starts beside and is dragged over.
    let (from, to) = (hands.cell(14.0, 60), hands.cell(17.0, 60));
    hands.drag(from, to);
    hands.key(Modifiers::NONE, Key::D);
    let (from, to) = (hands.cell(15.0, 60), hands.cell(9.0, 60));
    hands.drag(from, to);
    assert_eq!(hands.notes(), [(0, 8, 60), (8, 4, 60)]);
}

#[test]
fn the_right_button_deletes_by_click_and_by_drag() {
    let mut hands =
        hands_on(vec![note(0, 4, 60), note(8, 4, 60), note(16, 4, 60), note(20, 4, 64)]);
    let at = hands.cell(21.0, 64);
    hands.click_with(at, PointerButton::Secondary, Modifiers::NONE);
    assert_eq!(hands.notes().len(), 3);
    let (from, to) = (hands.cell(18.0, 60), hands.cell(9.0, 60));
    hands.drag_with(from, to, PointerButton::Secondary, Modifiers::NONE);
    assert_eq!(hands.notes(), [(0, 4, 60)]);
    assert_eq!(hands.desk().edits, ["Delete the note", "Delete notes"]);
}

#[test]
fn keys_edit_the_selected_notes() {
    let mut hands = hands();
    let at = hands.cell(21.0, 64);
    hands.click(at);
    for (modifiers, key, expected) in [
        (Modifiers::NONE, Key::ArrowLeft, (19, 4, 64)),
        (Modifiers::NONE, Key::ArrowUp, (19, 4, 65)),
        (Modifiers::SHIFT, Key::ArrowLeft, (3, 4, 65)),
        (Modifiers::SHIFT, Key::ArrowUp, (3, 4, 77)),
        (Modifiers::SHIFT, Key::ArrowDown, (3, 4, 65)),
        (Modifiers::COMMAND, Key::ArrowRight, (3, 5, 65)),
        (Modifiers::COMMAND, Key::ArrowLeft, (3, 4, 65)),
    ] {
        hands.key(modifiers, key);
        let moved = hands.notes().into_iter().find(|note| *note != (0, 4, 60));
        assert_eq!(moved, Some(expected), "{modifiers:?} {key:?}");
        assert_eq!(hands.selected(), [(expected.0, expected.2)]);
    }
    hands.key(Modifiers::COMMAND, Key::ArrowUp);
    assert_eq!(hands.desk().notes[1].velocity, 88);
    hands.key(Modifiers::COMMAND | Modifiers::SHIFT, Key::ArrowDown);
    assert_eq!(hands.desk().notes[1].velocity, 87);
    hands.key(Modifiers::COMMAND, Key::D);
    assert_eq!(hands.notes().last(), Some(&(7, 4, 65)));
    hands.key(Modifiers::NONE, Key::Delete);
    hands.key(Modifiers::ALT, Key::ArrowLeft);
    hands.key(Modifiers::NONE, Key::Backspace);
    assert_eq!(hands.notes(), [(0, 4, 60)]);
    assert_eq!(hands.desk().heard.last(), Some(&(65, 87)), "walking to a note lets it be heard");
}

#[test]
fn notes_are_copied_cut_and_pasted_as_text() {
    let mut hands = hands();
    let at = hands.cell(1.0, 60);
    hands.click(at);
    hands.0.event(Event::Copy);
    hands.0.step();
    let text = copied_text(&hands.0);
    assert!(text.contains("0 4 60 80"), "{text}");
    let at = hands.cell(12.0, 70);
    hands.click(at);
    hands.click(at);
    hands.event(Event::Paste(text.clone()));
    assert_eq!(hands.notes(), [(0, 4, 60), (12, 4, 60), (20, 4, 64)]);
    assert_eq!(hands.selected(), [(12, 60)]);
    hands.event(Event::Cut);
    assert_eq!(hands.notes(), [(0, 4, 60), (20, 4, 64)]);
    assert_eq!(hands.desk().edits, ["Paste notes", "Cut notes"]);
    hands.event(Event::Paste("something else".to_owned()));
    assert_eq!(hands.notes().len(), 2);
    assert!(hands.desk().view.editor.hint().contains("No notes were copied"));
}

fn copied_text(harness: &Harness<'_, Desk>) -> String {
    let commands = &harness.output().platform_output.commands;
    let mut texts = commands.iter().filter_map(|command| match command {
        egui::OutputCommand::CopyText(text) => Some(text.clone()),
        _ => None,
    });
    texts.next_back().unwrap_or_default()
}

#[test]
fn pasting_at_the_end_makes_the_piece_longer_by_a_bar() {
    let mut hands = hands();
    let ruler = hands.places().ruler.center().y;
    let (from, to) = (pos2(hands.cell(28.0, 60).x, ruler), pos2(hands.cell(31.0, 60).x, ruler));
    hands.drag(from, to);
    hands.focus();
    hands.event(Event::Paste("Harmonium notes, 4 steps a beat\n0 8 60 80".to_owned()));
    assert_eq!(hands.desk().n_steps, 48);
    assert_eq!(hands.notes().last(), Some(&(28, 8, 60)));
}

#[test]
fn a_key_asks_to_lock_the_selected_notes() {
    let mut hands = hands();
    hands.0.get_by_role(Role::Canvas).focus();
    hands.0.run();
    hands.key(Modifiers::NONE, Key::K);
    assert!(hands.desk().others.is_empty(), "nothing is selected yet");
    hands.key(Modifiers::COMMAND, Key::A);
    hands.key(Modifiers::NONE, Key::K);
    let places = hands.desk().notes.iter().map(|note| note.place()).collect();
    assert_eq!(hands.desk().others, [PianoRollAction::ToggleLocks(places)]);
}

#[test]
fn without_a_pointer_every_note_can_be_reached_drawn_and_deleted() {
    let mut hands = hands();
    hands.focus();
    hands.key(Modifiers::NONE, Key::ArrowRight);
    let said = |hands: &Hands| {
        let spoken = hands.0.get_all_by_role(Role::Label);
        let values: Vec<String> = spoken.filter_map(|node| node.accesskit_node().value()).collect();
        values.join("; ")
    };
    assert_eq!(said(&hands), "C4, bar 1, beat 1, 4 steps, velocity 80");
    for _ in 0..5 {
        hands.key(Modifiers::NONE, Key::ArrowRight);
    }
    hands.key(Modifiers::NONE, Key::ArrowUp);
    assert_eq!(said(&hands), "C♯4, bar 1, beat 2, 1 step after, empty");
    hands.key(Modifiers::NONE, Key::Enter);
    assert_eq!(hands.notes(), [(0, 4, 60), (5, 4, 61), (20, 4, 64)]);
    assert_eq!(said(&hands), "C♯4, bar 1, beat 2, 1 step after, 4 steps, velocity 80, selected");
    hands.key(Modifiers::ALT, Key::ArrowRight);
    assert_eq!(hands.selected(), [(20, 64)]);
    hands.key(Modifiers::ALT, Key::ArrowRight);
    assert_eq!(said(&hands), "This is the last note");
    hands.key(Modifiers::NONE, Key::Delete);
    assert_eq!(hands.notes(), [(0, 4, 60), (5, 4, 61)]);
    assert!(hands.0.get_by_role(Role::Canvas).is_focused());
}

#[test]
fn space_plays_where_the_roll_has_the_keyboard() {
    let mut hands = hands();
    hands.focus();
    hands.key(Modifiers::NONE, Key::Space);
    assert_eq!(hands.desk().others, [PianoRollAction::TogglePlay]);
    assert_eq!(hands.selected(), []);
}

#[test]
fn select_all_takes_the_selected_bars_first_and_escape_lets_go_step_by_step() {
    let mut hands = hands();
    hands.0.state_mut().selection = Some(16..32);
    hands.focus();
    hands.key(Modifiers::COMMAND, Key::A);
    assert_eq!(hands.selected(), [(20, 64)]);
    hands.key(Modifiers::NONE, Key::Escape);
    assert_eq!(hands.selected(), []);
    hands.key(Modifiers::NONE, Key::Escape);
    assert_eq!(hands.desk().others, [PianoRollAction::ClearSelection]);
}

#[test]
fn what_cannot_be_edited_can_be_selected_only() {
    let mut hands = hands();
    hands.0.state_mut().is_editable = false;
    let (from, to) = (hands.cell(1.0, 60), hands.cell(9.0, 62));
    hands.drag(from, to);
    hands.click_with(from, PointerButton::Secondary, Modifiers::NONE);
    hands.click(from);
    hands.key(Modifiers::NONE, Key::Delete);
    hands.key(Modifiers::NONE, Key::ArrowUp);
    assert_eq!(hands.notes(), [(0, 4, 60), (20, 4, 64)]);
    assert_eq!(hands.desk().edits, [""; 0]);
}

#[test]
fn the_wheel_zooms_around_the_pointer_with_ctrl_and_rows_with_alt() {
    let mut hands = hands();
    let at = hands.cell(20.0, 64);
    hands.event(Event::PointerMoved(at));
    let wheel = |modifiers| Event::MouseWheel {
        unit: MouseWheelUnit::Point,
        source: MouseWheelSource::Wheel,
        delta: vec2(0.0, 60.0),
        phase: TouchPhase::Move,
        modifiers,
    };
    let before = hands.desk().view.clone();
    hands.0.event(Event::ModifiersChanged(Modifiers::COMMAND));
    hands.event(wheel(Modifiers::COMMAND));
    hands.0.run_steps(20);
    let view = &hands.desk().view;
    assert!(view.points_per_step > before.points_per_step * 1.1);
    assert!((hands.cell(20.0, 64).x - at.x).abs() < 6.0, "what is under the pointer stays");
    let before = hands.desk().view.clone();
    hands.0.event(Event::ModifiersChanged(Modifiers::ALT));
    hands.event(wheel(Modifiers::ALT));
    hands.0.run_steps(20);
    assert!(hands.desk().view.points_per_pitch > before.points_per_pitch * 1.1);
    assert_eq!(hands.desk().view.points_per_step, before.points_per_step);
}

#[test]
fn scrolling_by_hand_while_playing_ends_following() {
    let mut hands = hands();
    hands.0.state_mut().view.points_per_step = 80.0;
    hands.0.state_mut().is_playing = true;
    hands.0.state_mut().play_head = Some(30.0);
    hands.0.run_steps(2);
    assert!(hands.desk().view.first_step > 20.0, "the page has turned");
    assert!(hands.desk().view.follows_play_head);
    hands.focus();
    hands.key(Modifiers::NONE, Key::PageUp);
    assert!(!hands.desk().view.follows_play_head);
    let first = hands.desk().view.first_step;
    hands.0.run_steps(4);
    assert_eq!(hands.desk().view.first_step, first);
    hands.0.state_mut().view.follows_play_head = true;
    hands.0.run_steps(2);
    assert!(hands.desk().view.first_step > first, "the button brings it back");
}

#[test]
fn dragging_the_overview_scrolls() {
    let mut hands = hands();
    hands.0.state_mut().view.points_per_step = 80.0;
    hands.0.run_steps(2);
    let strip = hands.places().overview;
    hands.drag(strip.left_center() + vec2(4.0, 0.0), strip.right_center() - vec2(4.0, 0.0));
    assert!(hands.desk().view.first_step > 20.0);
    assert_eq!(hands.selected(), []);
}

#[test]
fn the_notes_are_listed_and_can_be_chosen_from_the_list() {
    let mut hands = hands();
    let words = "E4, bar 2, beat 2, 4 steps, velocity 80";
    hands.0.get_by_role_and_label(Role::List, "Notes in sight: 2");
    hands.0.get_by_role_and_label(Role::ListItem, words).click_accesskit();
    hands.0.run_steps(2);
    assert_eq!(hands.selected(), [(20, 64)]);
    hands.0.get_by_role_and_label(Role::List, "Selected notes: 1");
    let many: Vec<PlayedNote> =
        (0..32).flat_map(|s| (60..70).map(move |p| note(s, 1, p))).collect();
    hands.0.state_mut().notes = many;
    hands.0.state_mut().view.editor.forget_notes();
    hands.0.run_steps(2);
    assert_eq!(hands.0.get_all_by_role(Role::ListItem).count(), 64);
    hands.0.get_by_role_and_label(Role::List, "Notes in sight: the first 64 of 320");
}

#[test]
fn the_editor_looks_as_it_should() {
    let mut notes = piece();
    for (index, note) in notes.iter_mut().enumerate() {
        note.velocity = 1 + (index * 31 % 127) as u8;
    }
    let mut original: Vec<RollNote> = piece()
        .iter()
        .map(|note| RollNote {
            pitch: note.pitch + u8::from(note.start_step % 5 == 0),
            ..note.roll_note()
        })
        .collect();
    original.sort_by_key(|note| (note.start_step, note.pitch));
    let scale = Scale { tonic: 9, kind: ScaleKind::NaturalMinor };
    testing::check_snapshots("piano_roll_editor", vec2(1000.0, 300.0), |ui| {
        let mut view = PianoRollView { points_per_step: 14.0, ..PianoRollView::default() };
        view.wants_fit = false;
        view.top_pitch = 76.0;
        view.editor
            .select(notes.iter().filter(|n| n.start_step == 16).map(|n| n.place()).collect());
        PianoRollWidget::new(content(&notes), &mut view)
            .play_head(Some(40.0))
            .original(&original)
            .scale(Some(scale))
            .show(ui);
    });
}
