//! What there is to say about the run: why it failed, that it blew up, or an advice.
//!
//! It stands between the heading of the curve and the plot, in a place that is always as high, so
//! that nothing moves under the pointer when there is suddenly something to say.

use egui::text::LayoutJob;
use egui::{Align, Color32, FontId, Layout, Sense, Ui, WidgetInfo, pos2, vec2};

use super::super::parts::{self, GAP};
use super::run_deeds;
use crate::engine::{Divergence, WayOn};
use crate::train::{Finding, TrainSettings};
use crate::ui::command::Command;
use crate::ui::fonts;
use crate::ui::icons::{self, Icon};
use crate::ui::state::{RunPhase, RunState};
use crate::ui::theme::{self, UNIT, size};

pub(super) const BUTTON_HEIGHT: f32 = 26.0;
/// Two lines of words.
const WORDS_HEIGHT: f32 = 36.0;
/// With less room than this the buttons stand below the words.
const WIDE: f32 = 560.0;
/// In a column that is lower than this, the curve needs the room more than the words do.
const LOW: f32 = 540.0;

/// How the words and the buttons lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// Two lines of words, the buttons beside them.
    Wide,
    /// Two lines of words, the buttons below them.
    Narrow,
    /// One line of words with one button that opens the rest.
    OneLine,
}

impl Shape {
    /// In a card that is `width` points wide inside, of a column `viewport` points high.
    pub fn fitting(width: f32, viewport: f32) -> Self {
        match viewport < LOW {
            _ if width >= WIDE => Self::Wide,
            true => Self::OneLine,
            false => Self::Narrow,
        }
    }
}

/// How high the place is, in points; nothing before the first run.
pub fn height(run: &RunState, shape: Shape) -> f32 {
    match (&run.phase, shape) {
        (RunPhase::Idle, _) => 0.0,
        (_, Shape::Wide) => WORDS_HEIGHT + GAP,
        (_, Shape::Narrow) => WORDS_HEIGHT + BUTTON_HEIGHT + 2.0 * GAP,
        (_, Shape::OneLine) => BUTTON_HEIGHT + GAP,
    }
}

/// "Training blew up in epoch 3 …".
pub fn divergence_words(divergence: &Divergence) -> String {
    let Divergence { epoch, symptom, .. } = divergence;
    let place = divergence.place();
    format!(
        "Training blew up in epoch {epoch} ({symptom}) and was wound back: it stands as it was {place}."
    )
}

/// What is said, the most urgent first.
pub(super) enum Words {
    Failed { words: String, ways_on: Vec<WayOn> },
    Diverged { words: String, suggested_rate: f64 },
    Advice(Box<Finding>),
    Nothing(&'static str),
}

impl Words {
    fn of(run: &RunState, knobs: &TrainSettings) -> Self {
        if let RunPhase::Failed { reason, ways_on, .. } = &run.phase {
            let what = if ways_on.is_empty() { "This run cannot go on" } else { "Training ended" };
            return Self::Failed { words: format!("{what}: {reason}"), ways_on: ways_on.clone() };
        }
        if let Some(divergence) = &run.divergence {
            let suggested_rate = divergence.suggested_rate;
            return Self::Diverged { words: divergence_words(divergence), suggested_rate };
        }
        match run.advice.current(knobs) {
            Some(finding) => Self::Advice(Box::new(finding.clone())),
            None if run.history.epochs.is_empty() => Self::Nothing(""),
            None => Self::Nothing("Nothing to advise on this run so far."),
        }
    }
}

/// The place for it, as high as [`height`] says.
pub fn run_words_ui(
    ui: &mut Ui,
    run: &mut RunState,
    knobs: &TrainSettings,
    shape: Shape,
    commands: &mut Vec<Command>,
) {
    let room = vec2(ui.available_width(), height(run, shape) - GAP);
    if room.y <= 0.0 {
        return;
    }
    let words = Words::of(run, knobs);
    let (_, rect) = ui.allocate_space(room);
    let mut inside = rect.shrink2(vec2(UNIT, 0.0));
    let palette = theme::palette(ui);
    if matches!(words, Words::Failed { .. } | Words::Diverged { .. }) {
        ui.painter().rect_filled(rect, theme::RADIUS, palette.danger.gamma_multiply(0.12));
        inside = inside.shrink2(vec2(UNIT, 0.0));
    }
    let is_below = shape == Shape::Narrow;
    let mut row = inside;
    if is_below {
        row.min.y = row.max.y - BUTTON_HEIGHT - UNIT;
    }
    let layout = Layout::right_to_left(Align::Center);
    let mut buttons = ui.new_child(egui::UiBuilder::new().max_rect(row).layout(layout));
    run.advice.is_why_open = false;
    run_deeds::buttons_ui(&mut buttons, run, &words, shape, commands);
    // What is being read or pressed does not change.
    run.advice.is_held = ui.rect_contains_pointer(rect) || run.advice.is_why_open;
    let mut text = inside;
    if is_below {
        text.max.y = row.min.y;
    } else {
        text.max.x = (buttons.min_rect().left() - GAP).max(text.left());
    }
    let mut text = ui.new_child(egui::UiBuilder::new().max_rect(text));
    let n_lines = if shape == Shape::OneLine { 1 } else { 2 };
    match &words {
        Words::Failed { words, .. } | Words::Diverged { words, .. } => {
            sentence_ui(
                &mut text,
                Icon::CircleAlert,
                "Error",
                palette.danger_text,
                (words, n_lines),
            );
        }
        Words::Advice(finding) => {
            let color = palette.played_text;
            sentence_ui(&mut text, Icon::Lightbulb, "Advice", color, (&finding.sentence, n_lines));
        }
        Words::Nothing(words) => {
            text.horizontal_centered(|ui| ui.label(parts::caption(ui, *words)));
        }
    }
}

/// The sign and at most so many lines; a tooltip says all.
fn sentence_ui(
    ui: &mut Ui,
    icon: Icon,
    kind: &str,
    color: Color32,
    (words, n_lines): (&str, usize),
) {
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
        icons::spoken_sign_ui(ui, icons::rich(icon).color(color), kind);
        let font = FontId::new(size::BODY, fonts::text());
        let color = theme::palette(ui).text;
        let mut job = LayoutJob::simple(words.to_owned(), font, color, ui.available_width());
        job.wrap.max_rows = n_lines;
        let galley = ui.painter().layout_job(job);
        let (rect, response) = ui.allocate_exact_size(ui.available_size(), Sense::hover());
        let corner = pos2(rect.left(), rect.center().y - galley.size().y / 2.0);
        let is_cut = galley.elided;
        ui.painter().galley(corner, galley, color);
        response.widget_info(|| WidgetInfo::labeled(egui::Role::Label, true, words));
        if is_cut {
            response.on_hover_text(words);
        }
    });
}
