//! Which part of a roll is seen, how large, and how that changes. Pure functions.

use egui::{Pos2, Rect, Vec2, pos2, vec2};
use serde::{Deserialize, Serialize};

use super::{NoteEditor, PianoRollContent};
use crate::music::{NotePlace, PlayedNote};

/// The widest and narrowest step, in points.
const STEP_WIDTHS: (f32, f32) = (0.02, 96.0);
/// The highest and lowest row, in points.
const ROW_HEIGHTS: (f32, f32) = (1.25, 28.0);
/// Rows that are shown beside the notes when the view is fitted.
const ROWS_AROUND: f32 = 2.0;
/// At least so many rows are shown when the view is fitted.
const ROWS_AT_LEAST: f32 = 24.0;

/// The part of a roll that is seen. The window keeps one a roll and the widget changes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PianoRollView {
    /// The step at the left edge.
    pub first_step: f64,
    pub points_per_step: f32,
    /// The upper edge, in pitches: 61 shows C4 (60) as the highest whole row.
    pub top_pitch: f32,
    pub points_per_pitch: f32,
    /// Keeps the play-head in sight while it moves; off once the hand has scrolled elsewhere.
    pub follows_play_head: bool,
    /// What the hands are doing.
    #[serde(skip)]
    pub editor: NoteEditor,
    /// The size of the paper in the last frame.
    #[serde(skip)]
    pub(super) size: Vec2,
    /// What was seen after the last fit: first step, points a step, top pitch, points a pitch.
    #[serde(skip)]
    pub(super) fitted: Option<(f64, f32, f32, f32)>,
    /// Shows the whole piece at the next frame.
    pub wants_fit: bool,
}

impl Default for PianoRollView {
    fn default() -> Self {
        Self {
            first_step: 0.0,
            points_per_step: 10.0,
            top_pitch: 84.0,
            points_per_pitch: 8.0,
            follows_play_head: true,
            wants_fit: true,
            editor: NoteEditor::default(),
            size: Vec2::ZERO,
            fitted: None,
        }
    }
}

impl PianoRollView {
    /// Shows the whole piece at the next frame, for a piece that has just been opened.
    pub fn fit(&mut self) {
        self.wants_fit = true;
    }

    /// Zooms in time around the middle of what is seen.
    pub fn zoom_in(&mut self, factor: f32) {
        self.zoom(vec2(factor, 1.0), self.size / 2.0);
    }

    /// Whether the piece is to be fitted into `size`: asked for, or fitted before into another size
    /// and not zoomed or scrolled since.
    pub(super) fn is_fit_due(&self, size: Vec2) -> bool {
        self.wants_fit || (self.size != size && self.fitted == Some(self.seen()))
    }

    fn seen(&self) -> (f64, f32, f32, f32) {
        (self.first_step, self.points_per_step, self.top_pitch, self.points_per_pitch)
    }

    pub(super) fn fit_into(&mut self, content: &PianoRollContent<'_>, size: Vec2) {
        self.wants_fit = false;
        self.first_step = 0.0;
        let n_steps = content.n_steps.max(1) as f32;
        self.points_per_step = (size.x / n_steps).clamp(STEP_WIDTHS.0, STEP_WIDTHS.1);
        let lowest = content.notes.iter().map(|note| note.pitch).min();
        let highest = content.notes.iter().map(|note| note.pitch).max();
        let (low, high) = match (lowest, highest) {
            (Some(low), Some(high)) => {
                (f32::from(low) - ROWS_AROUND, f32::from(high) + 1.0 + ROWS_AROUND)
            }
            _ => (48.0, 84.0),
        };
        let n_rows = (high - low).max(ROWS_AT_LEAST);
        self.points_per_pitch = (size.y / n_rows).clamp(ROW_HEIGHTS.0, ROW_HEIGHTS.1);
        self.top_pitch = f32::midpoint(low, high) + size.y / self.points_per_pitch / 2.0;
        self.clamp(content, size);
        self.fitted = Some(self.seen());
    }

    /// Keeps the view on the roll.
    pub(super) fn clamp(&mut self, content: &PianoRollContent<'_>, size: Vec2) {
        self.size = size;
        let whole_width = size.x / content.n_steps.max(1) as f32;
        let narrowest = whole_width.clamp(STEP_WIDTHS.0, STEP_WIDTHS.1);
        self.points_per_step = self.points_per_step.clamp(narrowest, STEP_WIDTHS.1);
        self.points_per_pitch = self.points_per_pitch.clamp(ROW_HEIGHTS.0, ROW_HEIGHTS.1);
        let n_seen = f64::from(size.x / self.points_per_step);
        let last_first = (f64::from(content.n_steps) - n_seen).max(0.0);
        self.first_step = self.first_step.clamp(0.0, last_first);
        let n_rows = size.y / self.points_per_pitch;
        let low = f32::from(content.pitches.low);
        let high = low + f32::from(content.pitches.count);
        self.top_pitch = if n_rows >= high - low {
            f32::midpoint(low, high) + n_rows / 2.0
        } else {
            self.top_pitch.clamp(low + n_rows, high)
        };
    }

    /// Zooms by `factor`, keeping what is at `anchor` (from the upper left corner) in its place.
    pub(super) fn zoom(&mut self, factor: Vec2, anchor: Vec2) {
        let step = self.first_step + f64::from(anchor.x / self.points_per_step);
        let pitch = self.top_pitch - anchor.y / self.points_per_pitch;
        self.points_per_step =
            (self.points_per_step * factor.x).clamp(STEP_WIDTHS.0, STEP_WIDTHS.1);
        self.points_per_pitch =
            (self.points_per_pitch * factor.y).clamp(ROW_HEIGHTS.0, ROW_HEIGHTS.1);
        self.first_step = step - f64::from(anchor.x / self.points_per_step);
        self.top_pitch = pitch + anchor.y / self.points_per_pitch;
    }

    /// Moves what is seen by `delta` points, as if dragged by the hand.
    pub(super) fn pan(&mut self, delta: Vec2) {
        self.first_step -= f64::from(delta.x / self.points_per_step);
        self.top_pitch += delta.y / self.points_per_pitch;
    }

    /// Turns the page when the moving play-head is out of sight.
    pub(super) fn follow(&mut self, play_head: f64, width: f32) {
        let n_seen = f64::from(width / self.points_per_step);
        let is_seen = (self.first_step..=self.first_step + n_seen).contains(&play_head);
        if self.follows_play_head && !is_seen {
            self.first_step = play_head - n_seen * 0.05;
        }
    }

    /// Scrolls as little as needed to bring a place into sight, with some room around it.
    pub(super) fn show_place(&mut self, place: NotePlace, size: Vec2) {
        let n_seen = f64::from(size.x / self.points_per_step);
        let step = f64::from(place.start_step);
        let room = (n_seen * 0.1).min(4.0);
        let (first, last) = (step - n_seen + 1.0 + room, step - room);
        self.first_step = self.first_step.clamp(first.min(last), last.max(first));
        let n_rows = size.y / self.points_per_pitch;
        let pitch = f32::from(place.pitch);
        let (low, high) = (pitch + 2.0, pitch + n_rows - 1.0);
        self.top_pitch = self.top_pitch.clamp(low.min(high), high.max(low));
    }

    /// The height of a place, in pitches: 60.5 is the middle of C4's row.
    pub(super) fn height_at(&self, grid: Rect, y: f32) -> f32 {
        self.top_pitch - (y - grid.top()) / self.points_per_pitch
    }

    pub(super) fn x(&self, grid: Rect, step: f64) -> f32 {
        grid.left() + ((step - self.first_step) * f64::from(self.points_per_step)) as f32
    }

    /// The upper edge of a pitch's row.
    pub(super) fn y(&self, grid: Rect, pitch: f32) -> f32 {
        grid.top() + (self.top_pitch - pitch - 1.0) * self.points_per_pitch
    }

    pub(super) fn step_at(&self, grid: Rect, x: f32) -> f64 {
        self.first_step + f64::from((x - grid.left()) / self.points_per_step)
    }

    pub(super) fn pitch_at(&self, grid: Rect, y: f32) -> f32 {
        (self.top_pitch - (y - grid.top()) / self.points_per_pitch).floor()
    }

    /// The rectangle of a note.
    pub(super) fn note_rect(&self, grid: Rect, note: PlayedNote) -> Rect {
        let start = f64::from(note.start_step);
        let corner: Pos2 = pos2(self.x(grid, start), self.y(grid, f32::from(note.pitch)));
        let size = vec2(note.n_steps as f32 * self.points_per_step, self.points_per_pitch);
        Rect::from_min_size(corner, size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::{Metre, PitchRange};
    use proptest::prelude::*;

    const SIZE: Vec2 = vec2(800.0, 200.0);

    fn content(notes: &[PlayedNote]) -> PianoRollContent<'_> {
        PianoRollContent {
            name: "test",
            notes,
            n_steps: 128,
            pitches: PitchRange::REFERENCE,
            steps_per_beat: 4,
            metre: Metre::COMMON,
        }
    }

    #[test]
    fn fitting_shows_every_note() {
        let note = |start_step, pitch| PlayedNote { start_step, n_steps: 4, pitch, velocity: 80 };
        let notes = [note(0, 40), note(124, 90)];
        // The second is the paper of a low window.
        for size in [SIZE, vec2(1000.0, 68.0)] {
            let mut view = PianoRollView::default();
            view.fit_into(&content(&notes), size);
            let grid = Rect::from_min_size(Pos2::ZERO, size);
            for note in notes {
                let rect = view.note_rect(grid, note);
                assert!(grid.expand(0.01).contains_rect(rect), "{rect:?}");
            }
        }
    }

    #[test]
    fn a_fitted_piece_stays_whole_in_a_window_of_another_size_until_it_is_zoomed() {
        let notes = [PlayedNote { start_step: 0, n_steps: 4, pitch: 60, velocity: 80 }];
        let mut view = PianoRollView::default();
        view.fit_into(&content(&notes), SIZE);
        assert!(!view.is_fit_due(SIZE) && view.is_fit_due(SIZE / 2.0));
        view.zoom(vec2(2.0, 1.0), SIZE / 2.0);
        assert!(!view.is_fit_due(SIZE / 2.0), "what a person chose to see stays");
    }

    #[test]
    fn the_page_turns_when_the_play_head_is_out_of_sight_and_is_followed() {
        let mut view =
            PianoRollView { points_per_step: 80.0, wants_fit: false, ..PianoRollView::default() };
        view.follow(9.9, SIZE.x);
        assert_eq!(view.first_step, 0.0);
        view.follow(10.1, SIZE.x);
        assert!(view.first_step > 9.0);
        view.first_step = 50.0;
        view.follows_play_head = false;
        view.follow(13.0, SIZE.x);
        assert_eq!(view.first_step, 50.0, "the hand has moved on");
        view.follows_play_head = true;
        view.follow(13.0, SIZE.x);
        assert!(view.first_step < 13.0);
    }

    #[test]
    fn a_place_is_brought_into_sight_by_the_shortest_way() {
        let mut view = PianoRollView { points_per_step: 80.0, ..PianoRollView::default() };
        let before = view.clone();
        view.show_place(NotePlace { start_step: 5, pitch: 70 }, SIZE);
        assert_eq!(view, before, "it is in sight");
        view.show_place(NotePlace { start_step: 40, pitch: 30 }, SIZE);
        let grid = Rect::from_min_size(Pos2::ZERO, SIZE);
        let note = PlayedNote { start_step: 40, pitch: 30, n_steps: 1, velocity: 80 };
        assert!(grid.contains_rect(view.note_rect(grid, note)));
    }

    proptest! {
        #[test]
        fn zooming_keeps_what_is_under_the_pointer(
            x in 0.0_f32..800.0, y in 0.0_f32..200.0, fx in 0.5_f32..2.0, fy in 0.5_f32..2.0
        ) {
            let grid = Rect::from_min_size(Pos2::ZERO, SIZE);
            let mut view = PianoRollView::default();
            let (step, pitch) = (view.step_at(grid, x), view.top_pitch - y / view.points_per_pitch);
            view.zoom(vec2(fx, fy), vec2(x, y));
            prop_assert!((view.step_at(grid, x) - step).abs() < 1e-3);
            prop_assert!((view.top_pitch - y / view.points_per_pitch - pitch).abs() < 1e-3);
        }

        #[test]
        fn the_view_never_leaves_the_roll(
            first in -1e6_f64..1e6, top in -1e3_f32..1e3, step in 0.001_f32..1e3, row in 0.1_f32..99.0
        ) {
            let mut view = PianoRollView {
                first_step: first, top_pitch: top, points_per_step: step, points_per_pitch: row,
                ..PianoRollView::default()
            };
            view.clamp(&content(&[]), SIZE);
            prop_assert!(view.first_step >= 0.0 && view.first_step <= 128.0);
            let once = view.clone();
            view.clamp(&content(&[]), SIZE);
            prop_assert_eq!(once, view);
        }
    }
}
