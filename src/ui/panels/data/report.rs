//! The import report: every file, taken or left out, and why.

use std::borrow::Cow;

use egui::{Context, Rect, RichText, ScrollArea, Sense, Ui, pos2, vec2};

use super::super::parts::{self, left_text};
use crate::dataset::{Song, Status};
use crate::ui::command::Command;
use crate::ui::fonts;
use crate::ui::icons::Icon;
use crate::ui::state::{DataState, State};
use crate::ui::theme::{self, size};
use crate::ui::widgets::ActionButton;

const ROW_HEIGHT: f32 = 24.0;
/// Where the columns begin: sign, file, excerpts, what is to be said.
const COLUMNS: [f32; 4] = [4.0, 28.0, 268.0, 330.0];

/// A line of the report.
struct Line<'a> {
    status: Status,
    file: Cow<'a, str>,
    n_excerpts: Option<u32>,
    words: String,
}

impl<'a> Line<'a> {
    fn of_song(song: &'a Song) -> Self {
        let report = &song.report;
        let left_out = (!song.is_included).then(|| "Left out by you".to_owned());
        let words: Vec<&str> = report
            .reason
            .iter()
            .chain(&left_out)
            .chain(&report.warnings)
            .map(String::as_str)
            .collect();
        Self {
            status: report.status,
            file: song.path.to_string_lossy(),
            n_excerpts: song.is_taken().then_some(song.n_excerpts),
            words: words.join("; "),
        }
    }

    fn status_word(&self) -> &'static str {
        match self.status {
            Status::Ok => "ok",
            Status::Skipped => "skipped",
            Status::Failed => "failed",
        }
    }
}

/// The lines that are asked for: paths that could not be opened, then the files in their order.
fn lines(data: &DataState) -> Vec<Line<'_>> {
    let problems = data.problems.iter().map(|problem| Line {
        status: Status::Failed,
        file: problem.path.to_string_lossy(),
        n_excerpts: None,
        words: problem.reason.clone(),
    });
    let is_wanted = |song: &&Song| !data.is_report_of_left_out || !song.is_taken();
    problems.chain(data.songs.iter().filter(is_wanted).map(Line::of_song)).collect()
}

/// The report as a table that a spreadsheet reads.
pub fn report_text(data: &DataState) -> String {
    let mut text = "status\tfile\texcerpts\tnotes\n".to_owned();
    for line in lines(data) {
        let excerpts = line.n_excerpts.map_or_else(String::new, |n| n.to_string());
        let words = line.words.replace(['\t', '\n'], " ");
        let cells = [line.status_word(), &line.file, &excerpts, &words];
        text.push_str(&cells.join("\t"));
        text.push('\n');
    }
    text
}

/// The window with the report, when it is wanted.
pub fn report_ui(ctx: &Context, state: &mut State, commands: &mut Vec<Command>) {
    if !state.data.is_report_shown {
        return;
    }
    let mut is_open = true;
    let room = ctx.content_rect().size() - vec2(80.0, 120.0);
    egui::Window::new("Import report")
        .open(&mut is_open)
        .collapsible(false)
        .default_size(vec2(760.0, 480.0).min(room))
        .min_width(420.0)
        .max_size(room)
        .pivot(egui::Align2::CENTER_CENTER)
        .default_pos(ctx.content_rect().center())
        .show(ctx, |ui| contents(ui, &mut state.data));
    if !is_open {
        commands.push(Command::ShowReport(false));
    }
}

fn contents(ui: &mut Ui, data: &mut DataState) {
    ui.horizontal(|ui| {
        let n_taken = data.songs.iter().filter(|song| song.is_taken()).count();
        let n_left_out = data.songs.len() - n_taken;
        ui.label(format!(
            "{} taken, {} left out",
            parts::grouped(n_taken as u64),
            parts::grouped(n_left_out as u64)
        ));
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let copy = ActionButton::new("Copy").with_icon(Icon::Copy);
            if ui.add(copy.tooltip("Copies the report as a table")).clicked() {
                ui.ctx().copy_text(report_text(data));
            }
            parts::clear_boxes(ui);
            ui.checkbox(&mut data.is_report_of_left_out, "Only what was left out");
        });
    });
    heading(ui);
    let lines = lines(data);
    if lines.is_empty() {
        ui.label(parts::caption(ui, "Nothing was left out."));
    }
    ui.spacing_mut().item_spacing.y = 0.0;
    ScrollArea::vertical().auto_shrink(false).show_rows(ui, ROW_HEIGHT, lines.len(), |ui, rows| {
        for line in &lines[rows] {
            line_ui(ui, line);
        }
    });
}

/// The parts of a row that the columns take.
fn cells(rect: Rect) -> [Rect; 4] {
    std::array::from_fn(|column| {
        let right = COLUMNS.get(column + 1).map_or(rect.right(), |next| rect.left() + next - 8.0);
        let left = rect.left() + COLUMNS[column];
        Rect::from_min_max(pos2(left, rect.top()), pos2(right.max(left), rect.bottom()))
    })
}

fn heading(ui: &mut Ui) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 20.0), Sense::hover());
    let color = theme::palette(ui).quiet_text;
    for (cell, name) in cells(rect).into_iter().zip(["", "File", "Excerpts", "What to know"]) {
        let font = egui::FontId::new(size::CAPTION, fonts::medium());
        left_text(ui, cell, name, font, color);
    }
    ui.painter().hline(
        rect.x_range(),
        rect.bottom(),
        egui::Stroke::new(1.0, theme::palette(ui).line),
    );
}

fn line_ui(ui: &mut Ui, line: &Line<'_>) {
    let palette = theme::palette(ui);
    let (rect, response) =
        ui.allocate_exact_size(vec2(ui.available_width(), ROW_HEIGHT), Sense::hover());
    let (icon, color) = match line.status {
        Status::Ok if line.n_excerpts.is_some() => (Icon::CircleCheck, palette.held_out_text),
        Status::Ok | Status::Skipped => (Icon::CircleMinus, palette.quiet_text),
        Status::Failed => (Icon::CircleX, palette.danger_text),
    };
    let [sign, file, excerpts, words] = cells(rect);
    let text = egui::FontId::new(size::LABEL, fonts::text());
    let name = parts::file_name(std::path::Path::new(line.file.as_ref()));
    let number = line.n_excerpts.map_or_else(|| "–".to_owned(), |n| parts::grouped(u64::from(n)));
    left_text(
        ui,
        sign,
        &icon.unicode().to_string(),
        egui::FontId::new(size::TITLE, fonts::text()),
        color,
    );
    left_text(ui, file, &name, text.clone(), palette.text);
    left_text(
        ui,
        excerpts,
        &number,
        egui::FontId::new(size::LABEL, fonts::figures()),
        palette.text,
    );
    let color = if line.status == Status::Failed { color } else { palette.quiet_text };
    left_text(ui, words, &line.words, text, color);
    let said = format!("{name}: {} {}", line.status_word(), line.words);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, said.trim()));
    response.on_hover_ui(|ui| {
        ui.label(line.file.as_ref());
        if !line.words.is_empty() {
            ui.label(RichText::new(line.words.replace("; ", "\n")).small());
        }
    });
}
