//! The import report: every file, taken or left out, and why.

use std::borrow::Cow;

use egui::text::LayoutJob;
use egui::{Context, Rect, RichText, ScrollArea, Sense, Ui, pos2, vec2};

use super::super::parts::{self, left_text};
use crate::dataset::{Song, Status};
use crate::ui::command::Command;
use crate::ui::fonts;
use crate::ui::icons::Icon;
use crate::ui::state::{DataState, State};
use crate::ui::theme::{self, size};
use crate::ui::tool_window;
use crate::ui::widgets::{ActionButton, Chip, middle_cut_text};

/// A row with one line of words; each further line makes it higher.
const ROW_HEIGHT: f32 = 24.0;
const LINE_HEIGHT: f32 = 15.0;
/// Longer reasons are cut off; the tooltip has them whole.
const MOST_LINES: usize = 3;
/// The width of a letter, for deciding how many lines words take.
const LETTER_WIDTH: f32 = 6.2;
/// Where the columns begin: sign, file, folder, excerpts, what is to be said.
const COLUMNS: [f32; 5] = [4.0, 28.0, 228.0, 342.0, 402.0];

/// A line of the report.
struct Line<'a> {
    status: Status,
    file: Cow<'a, str>,
    folder: String,
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
        let folder = parts::file_name(&song.folder);
        Self {
            status: report.status,
            file: song.path.to_string_lossy(),
            folder,
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

/// The lines that are asked for: paths that could not be opened, files that were left out, and then
/// those that were taken, each in their order.
fn lines(data: &DataState) -> Vec<Line<'_>> {
    let problems = data.problems.iter().filter(|_| data.report_folder.is_none());
    let problems = problems.map(|problem| Line {
        status: Status::Failed,
        file: problem.path.to_string_lossy(),
        folder: String::new(),
        n_excerpts: None,
        words: sentence(&problem.reason),
    });
    let is_of_folder =
        |song: &&Song| data.report_folder.as_ref().is_none_or(|folder| song.folder == *folder);
    let (taken, left_out): (Vec<&Song>, Vec<&Song>) =
        data.songs.iter().filter(is_of_folder).partition(|song| song.is_taken());
    let taken = taken.into_iter().filter(|_| !data.is_report_of_left_out);
    problems.chain(left_out.into_iter().chain(taken).map(Line::of_song)).collect()
}

/// With a capital letter.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
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
    let window = egui::Window::new("Import report")
        .open(&mut is_open)
        .collapsible(false)
        .default_size(vec2(760.0, 480.0).min(room))
        .min_width(420.0)
        .max_size(room);
    let window = tool_window::centred(ctx, "Import report", window);
    tool_window::show(ctx, "Import report", window, |ui| contents(ui, &mut state.data));
    if !is_open {
        commands.push(Command::ShowReport(false));
    }
}

fn contents(ui: &mut Ui, data: &mut DataState) {
    ui.horizontal(|ui| {
        let folder = data.report_folder.as_ref();
        let is_of_folder = |song: &&Song| folder.is_none_or(|folder| song.folder == *folder);
        let n_songs = data.songs.iter().filter(is_of_folder).count();
        let n_taken = data.songs.iter().filter(is_of_folder).filter(|song| song.is_taken()).count();
        let n_left_out = n_songs - n_taken;
        ui.label(format!(
            "{} taken, {} left out",
            parts::grouped(n_taken as u64),
            parts::grouped(n_left_out as u64)
        ));
        folder_ui(ui, data);
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
    list_ui(ui, &lines);
}

/// Only what is in sight is laid out.
fn list_ui(ui: &mut Ui, lines: &[Line<'_>]) {
    let width = ui.available_width() - COLUMNS[4] - 4.0 * theme::UNIT;
    let per_line = (width / LETTER_WIDTH).floor().max(8.0) as usize;
    let n_lines = |line: &Line<'_>| line.words.chars().count().div_ceil(per_line);
    let height = |line: &Line<'_>| {
        ROW_HEIGHT + LINE_HEIGHT * (n_lines(line).clamp(1, MOST_LINES) - 1) as f32
    };
    let whole: f32 = lines.iter().map(height).sum();
    ui.spacing_mut().item_spacing.y = 0.0;
    ScrollArea::vertical().auto_shrink(false).show_viewport(ui, |ui, seen| {
        ui.set_height(whole);
        let (corner, width) = (ui.max_rect().min, ui.available_width());
        let mut top = 0.0;
        for line in lines {
            let height = height(line);
            if top + height >= seen.top() && top <= seen.bottom() {
                let rect = Rect::from_min_size(corner + vec2(0.0, top), vec2(width, height));
                line_ui(ui, line, rect);
            }
            top += height;
        }
    });
}

/// Which folder the report is of.
fn folder_ui(ui: &mut Ui, data: &mut DataState) {
    let Some(folder) = &data.report_folder else { return };
    let text = format!("only {}", parts::file_name(folder));
    let chip = ui.add(Chip::new(&text).icon(Icon::X));
    let name = format!("{text}: show all folders");
    chip.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, &name));
    if chip.on_hover_text("Shows the files of all folders again").clicked() {
        data.report_folder = None;
    }
}

/// The parts of a row that the columns take.
fn cells(rect: Rect) -> [Rect; 5] {
    std::array::from_fn(|column| {
        let right = COLUMNS.get(column + 1).map_or(rect.right(), |next| rect.left() + next - 8.0);
        let left = rect.left() + COLUMNS[column];
        Rect::from_min_max(pos2(left, rect.top()), pos2(right.max(left), rect.bottom()))
    })
}

fn heading(ui: &mut Ui) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 20.0), Sense::hover());
    let color = theme::palette(ui).quiet_text;
    for (cell, name) in
        cells(rect).into_iter().zip(["", "File", "Folder", "Excerpts", "What to know"])
    {
        let font = egui::FontId::new(size::CAPTION, fonts::medium());
        left_text(ui, cell, name, font, color);
    }
    ui.painter().hline(
        rect.x_range(),
        rect.bottom(),
        egui::Stroke::new(1.0, theme::palette(ui).line),
    );
}

fn line_ui(ui: &mut Ui, line: &Line<'_>, rect: Rect) {
    let palette = theme::palette(ui);
    let id = ui.scope_id().with(line.file.as_ref());
    let response = ui.interact(rect, id, Sense::hover());
    let (icon, color) = match line.status {
        Status::Ok if line.n_excerpts.is_some() => (Icon::CircleCheck, palette.held_out_text),
        Status::Ok | Status::Skipped => (Icon::CircleMinus, palette.quiet_text),
        Status::Failed => (Icon::CircleX, palette.danger_text),
    };
    let first = rect.with_max_y(rect.top() + ROW_HEIGHT);
    let [sign, file, folder, excerpts, _] = cells(first);
    let words = cells(rect)[4];
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
    middle_cut_text(ui, file, &name, &text, palette.text);
    middle_cut_text(ui, folder, &line.folder, &text, palette.quiet_text);
    left_text(
        ui,
        excerpts,
        &number,
        egui::FontId::new(size::LABEL, fonts::figures()),
        palette.text,
    );
    let color = if line.status == Status::Failed { color } else { palette.quiet_text };
    let mut job = LayoutJob::simple(line.words.clone(), text, color, words.width());
    job.wrap.max_rows = MOST_LINES;
    let galley = ui.painter().layout_job(job);
    let top = rect.center().y - galley.size().y / 2.0;
    ui.painter().galley(pos2(words.left(), top), galley, color);
    let said = format!("{name}: {} {}", line.status_word(), line.words);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, said.trim()));
    response.on_hover_ui(|ui| {
        ui.label(line.file.as_ref());
        if !line.words.is_empty() {
            ui.label(RichText::new(line.words.replace("; ", "\n")).small());
        }
    });
}
