//! What there is to say about the run: why it failed, that it blew up, or an advice.
//!
//! It stands between the heading of the curve and the plot, in a place that is always as high, so
//! that nothing moves under the pointer when there is suddenly something to say.

use egui::text::LayoutJob;
use egui::{
    Align, Color32, FontId, Layout, Popup, PopupCloseBehavior, Sense, Ui, WidgetInfo, pos2, vec2,
};

use super::super::parts::{self, GAP};
use crate::engine::{Divergence, WayOn};
use crate::train::{AdviceKind, Finding, Remedy, RemedyDeed, TrainSettings};
use crate::ui::command::Command;
use crate::ui::fonts;
use crate::ui::icons::{self, Icon};
use crate::ui::state::{RunPhase, RunState};
use crate::ui::theme::{self, UNIT, size};
use crate::ui::widgets::ActionButton;

const BUTTON_HEIGHT: f32 = 26.0;
/// Two lines of words.
const WORDS_HEIGHT: f32 = 36.0;
/// With less room than this the buttons stand below the words.
const WIDE: f32 = 560.0;
const WHY_WIDTH: f32 = 400.0;

/// How high the place is in so much room; nothing before the first run.
pub fn height(run: &RunState, width: f32) -> f32 {
    match run.phase {
        RunPhase::Idle => 0.0,
        _ if width >= WIDE => WORDS_HEIGHT + GAP,
        _ => WORDS_HEIGHT + BUTTON_HEIGHT + 2.0 * GAP,
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
enum Words {
    Failed { words: String, ways_on: Vec<WayOn> },
    Diverged { words: String, button: String },
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
            let button = format!("Go on at a learning rate of {}", divergence.suggested_rate);
            return Self::Diverged { words: divergence_words(divergence), button };
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
    commands: &mut Vec<Command>,
) {
    let width = ui.available_width();
    let room = vec2(width, height(run, width) - GAP);
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
    let is_wide = width >= WIDE;
    let mut row = inside;
    if !is_wide {
        row.min.y = row.max.y - BUTTON_HEIGHT - UNIT;
    }
    let layout = Layout::right_to_left(Align::Center);
    let mut buttons = ui.new_child(egui::UiBuilder::new().max_rect(row).layout(layout));
    run.advice.is_why_open = false;
    buttons_ui(&mut buttons, run, &words, commands);
    // What is being read or pressed does not change.
    run.advice.is_held = ui.rect_contains_pointer(rect) || run.advice.is_why_open;
    let mut text = inside;
    if is_wide {
        text.max.x = (buttons.min_rect().left() - GAP).max(text.left());
    } else {
        text.max.y = row.min.y;
    }
    let mut text = ui.new_child(egui::UiBuilder::new().max_rect(text));
    match &words {
        Words::Failed { words, .. } | Words::Diverged { words, .. } => {
            sentence_ui(&mut text, Icon::CircleAlert, "Error", palette.danger_text, words);
        }
        Words::Advice(finding) => {
            let color = palette.played_text;
            sentence_ui(&mut text, Icon::Lightbulb, "Advice", color, &finding.sentence);
        }
        Words::Nothing(words) => {
            text.horizontal_centered(|ui| ui.label(parts::caption(ui, *words)));
        }
    }
}

/// The sign and at most two lines; a tooltip says all.
fn sentence_ui(ui: &mut Ui, icon: Icon, kind: &str, color: Color32, words: &str) {
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
        icons::spoken_sign_ui(ui, icons::rich(icon).color(color), kind);
        let font = FontId::new(size::BODY, fonts::text());
        let color = theme::palette(ui).text;
        let mut job = LayoutJob::simple(words.to_owned(), font, color, ui.available_width());
        job.wrap.max_rows = 2;
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

/// From right to left.
fn buttons_ui(ui: &mut Ui, run: &mut RunState, words: &Words, commands: &mut Vec<Command>) {
    ui.spacing_mut().item_spacing.x = UNIT;
    let is_over = matches!(run.phase, RunPhase::Ended { .. });
    match words {
        Words::Nothing(_) => {}
        Words::Failed { ways_on, .. } => {
            for way in ways_on {
                way_on_ui(ui, *way, commands);
            }
        }
        Words::Diverged { button, .. } => {
            let go_on = ActionButton::new(button).height(BUTTON_HEIGHT);
            let what = "Sets the knob and resumes. Or turn another knob, then press Resume";
            if ui.add(go_on.tooltip(what)).clicked() {
                commands.push(Command::TakeProposedRate);
            }
        }
        Words::Advice(finding) => {
            let mut dismissed: Option<AdviceKind> = None;
            let not_now = ActionButton::new("Not now").quiet().height(BUTTON_HEIGHT);
            let what = "Says no more of this kind about this run";
            if ui.add(not_now.tooltip(what)).clicked() {
                dismissed = Some(finding.kind);
            }
            run.advice.is_why_open = why_button_ui(ui, finding, is_over, commands);
            if let Some(first) = finding.remedies.first() {
                remedy_ui(ui, first, is_over, commands);
            }
            if let Some(kind) = dismissed {
                run.advice.dismiss(kind);
            }
        }
    }
}

fn way_on_ui(ui: &mut Ui, way: WayOn, commands: &mut Vec<Command>) {
    let (words, what) = match way {
        WayOn::SmallerBatch(size) => (
            format!("Go on with batches of {size}"),
            "Sets the knob, and goes on from where the run last stood well",
        ),
        WayOn::Processor => (
            "Go on on the processor".to_owned(),
            "Slower, and sure: it goes on from where the run last stood well. Later runs use the \
             processor too, until Harmonium is started again",
        ),
    };
    if ui.add(ActionButton::new(&words).height(BUTTON_HEIGHT).tooltip(what)).clicked() {
        commands.push(Command::GoOn(way));
    }
}

/// The figures behind the advice, and what else would help. Whether they are shown.
fn why_button_ui(
    ui: &mut Ui,
    finding: &Finding,
    is_over: bool,
    commands: &mut Vec<Command>,
) -> bool {
    let why = ActionButton::new("Why").with_icon(Icon::ChevronDown).quiet().height(BUTTON_HEIGHT);
    let what = "Shows the figures behind the advice, and what else would help";
    let why = ui.add(why.tooltip(what));
    let shown = Popup::menu(&why)
        .width(WHY_WIDTH)
        .gap(UNIT)
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
        .show(|ui| {
            ui.set_max_width(WHY_WIDTH);
            ui.add(egui::Label::new(&finding.sentence).wrap().selectable(true));
            for line in &finding.evidence {
                ui.add(egui::Label::new(parts::caption(ui, line)).wrap().selectable(true));
            }
            if finding.remedies.len() > 1 {
                ui.horizontal_wrapped(|ui| {
                    ui.label(parts::caption(ui, "Or:"));
                    for remedy in &finding.remedies[1..] {
                        remedy_ui(ui, remedy, is_over, commands);
                    }
                });
            }
        });
    shown.is_some()
}

fn remedy_ui(ui: &mut Ui, remedy: &Remedy, is_run_over: bool, commands: &mut Vec<Command>) {
    let waits = remedy.waits_for_next_run(is_run_over);
    let button = ActionButton::new(&remedy.words).height(BUTTON_HEIGHT);
    let button = if waits { button.with_icon(Icon::Hourglass) } else { button };
    let what = match &remedy.deed {
        RemedyDeed::Set { .. } if waits => "Sets the knob for the next run; Undo takes it back",
        RemedyDeed::Set { .. } => "Sets the knob at once; Undo takes it back",
        RemedyDeed::StopTraining => "Ends the run; the model stays and can be heard",
        RemedyDeed::AddSongs => "Asks for a folder of MIDI files; they count in the next run",
    };
    if ui.add(button.tooltip(what)).clicked() {
        commands.push(match &remedy.deed {
            RemedyDeed::Set { key, value } => Command::SetSetting { key, value: value.clone() },
            RemedyDeed::StopTraining => Command::StopTraining,
            RemedyDeed::AddSongs => Command::AddFolder,
        });
    }
}
