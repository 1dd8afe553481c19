//! The folders that songs came from, each as a card.

use std::path::Path;

use egui::{Align, Checkbox, Layout, RichText, ScrollArea, Ui, vec2};

use super::super::parts;
use crate::dataset::{Song, Status};
use crate::ui::command::Command;
use crate::ui::fonts;
use crate::ui::icons::{self, Icon};
use crate::ui::state::DataState;
use crate::ui::theme;
use crate::ui::widgets::ActionButton;

/// More folders than fit in this height scroll.
const MAX_HEIGHT: f32 = 130.0;

/// What became of a folder's files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FolderSummary<'a> {
    pub folder: &'a Path,
    pub n_ok: usize,
    pub n_skipped: usize,
    pub n_failed: usize,
    /// Files that the user has not left out.
    pub n_included: usize,
}

impl FolderSummary<'_> {
    fn n_files(&self) -> usize {
        self.n_ok + self.n_skipped + self.n_failed
    }

    /// "122 ok · 2 skipped"
    fn words(&self) -> String {
        let part = |n: usize, what: &str| {
            (n > 0).then(|| format!(" · {} {what}", parts::grouped(n as u64)))
        };
        let left_out = self.n_files() - self.n_included;
        [(self.n_skipped, "skipped"), (self.n_failed, "failed"), (left_out, "left out")]
            .into_iter()
            .filter_map(|(n, what)| part(n, what))
            .fold(format!("{} ok", parts::grouped(self.n_ok as u64)), |words, part| words + &part)
    }
}

/// The folders in the order of the list. Songs of a folder mostly stand together, so that few are
/// looked up.
pub fn folder_summaries(songs: &[Song]) -> Vec<FolderSummary<'_>> {
    let mut folders: Vec<FolderSummary<'_>> = Vec::new();
    let mut last = 0;
    for song in songs {
        let is_same = |at: &FolderSummary<'_>| at.folder.as_os_str() == song.folder.as_os_str();
        if !folders.get(last).is_some_and(is_same) {
            last = folders.iter().position(is_same).unwrap_or_else(|| {
                let (n_ok, n_skipped, n_failed, n_included) = (0, 0, 0, 0);
                let folder = &song.folder;
                folders.push(FolderSummary { folder, n_ok, n_skipped, n_failed, n_included });
                folders.len() - 1
            });
        }
        let summary = &mut folders[last];
        match song.report.status {
            Status::Ok => summary.n_ok += 1,
            Status::Skipped => summary.n_skipped += 1,
            Status::Failed => summary.n_failed += 1,
        }
        summary.n_included += usize::from(song.is_included);
    }
    folders
}

/// A card for each folder, and a line for each that could not be opened.
pub fn folders_ui(ui: &mut Ui, data: &mut DataState, commands: &mut Vec<Command>) {
    let mut asked_for = None;
    let folders = folder_summaries(&data.songs);
    ScrollArea::vertical()
        .id_salt("folders")
        .max_height(MAX_HEIGHT)
        .auto_shrink([false, true])
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = theme::UNIT;
            for summary in &folders {
                let card = ui.push_id(summary.folder, |ui| card_ui(ui, summary, commands));
                if card.inner {
                    asked_for = Some(summary.folder.to_owned());
                }
            }
            if !data.problems.is_empty() {
                problems_ui(ui, data, commands);
            }
        });
    if asked_for.is_some() {
        data.report_folder = asked_for;
        commands.push(Command::ShowReport(true));
    }
}

/// Whether the report of this folder was asked for.
fn card_ui(ui: &mut Ui, summary: &FolderSummary<'_>, commands: &mut Vec<Command>) -> bool {
    let mut is_report_wanted = false;
    let palette = theme::palette(ui);
    let name = parts::file_name(summary.folder);
    let frame = palette.card_frame().inner_margin(egui::Margin::symmetric(8, 3));
    frame.show(ui, |ui| {
        ui.horizontal(|ui| {
            ui.set_height(34.0);
            parts::clear_boxes(ui);
            let mut is_included = summary.n_included == summary.n_files();
            let is_mixed = summary.n_included > 0 && !is_included;
            let what = format!("Use the songs of {name}");
            let checkbox = Checkbox::without_text(&mut is_included).indeterminate(is_mixed);
            let response = ui.add(checkbox).on_hover_text(&what);
            response.widget_info(|| {
                let role = egui::Role::CheckBox;
                egui::WidgetInfo::selected(role, true, is_included, &what)
            });
            if response.changed() {
                let folder = summary.folder.to_owned();
                commands.push(Command::IncludeFolder { folder, is_included });
            }
            let room = vec2(ui.available_width() - 32.0, 34.0);
            ui.allocate_ui_with_layout(room, Layout::top_down(Align::Min), |ui| {
                ui.set_width(room.x);
                ui.spacing_mut().item_spacing.y = 1.0;
                let title = RichText::new(&name).family(fonts::medium());
                let path = summary.folder.display().to_string();
                ui.add(egui::Label::new(title).truncate()).on_hover_text(path);
                is_report_wanted = facts_ui(ui, summary);
            });
            let remove = format!("Remove {name}");
            let remove = ActionButton::icon(Icon::X, &remove).quiet().height(24.0);
            if ui.add(remove.tooltip("The files stay where they are")).clicked() {
                commands.push(Command::RemoveFolder(summary.folder.to_owned()));
            }
        });
    });
    is_report_wanted
}

/// What became of the files; amber with a sign where some failed. Whether it was clicked.
fn facts_ui(ui: &mut Ui, summary: &FolderSummary<'_>) -> bool {
    let words = if summary.n_failed > 0 {
        let words = icons::with_text(Icon::TriangleAlert, &summary.words());
        RichText::new(words).small().color(theme::palette(ui).played_text)
    } else {
        parts::caption(ui, summary.words())
    };
    let facts = egui::Label::new(words).sense(egui::Sense::click()).truncate();
    let facts = ui.add(facts).on_hover_cursor(egui::CursorIcon::PointingHand);
    facts.on_hover_text("Shows what was taken of each file").clicked()
}

fn problems_ui(ui: &mut Ui, data: &DataState, commands: &mut Vec<Command>) {
    let palette = theme::palette(ui);
    let n = data.problems.len();
    let text = match data.problems.as_slice() {
        [only] => format!("{}: {}", parts::file_name(&only.path), only.reason),
        _ => format!("{} could not be opened", parts::count(n, "path")),
    };
    let text = RichText::new(icons::with_text(Icon::TriangleAlert, &text)).small();
    let label = egui::Label::new(text.color(palette.danger_text)).sense(egui::Sense::click());
    if ui.add(label).on_hover_text("Shows the import report").clicked() {
        commands.push(Command::ShowReport(true));
    }
}
