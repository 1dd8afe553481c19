//! The export window: what is taken away, as which files, called what, and where to.

use egui::{Align, ComboBox, Context, Layout, RichText, TextEdit, Ui, WidgetInfo};

use super::parts::{self, Choice, GAP, button_unless, choices};
use crate::audio::{Container, FileFormat, SampleDepth, USUAL_SAMPLE_RATES};
use crate::music::{Key, best_key};
use crate::ui::command::Command;
use crate::ui::export_plan::{ExportPlan, NAME_FIELDS, NameParts, USUAL_NAMES, file_name};
use crate::ui::icons::Icon;
use crate::ui::state::{ExportScope, State};
use crate::ui::theme::{self, UNIT};
use crate::ui::tool_window;
use crate::ui::widgets::ActionButton;
use crate::ui::widgets::combo_sign;

const WIDTH: f32 = 460.0;
const LABEL_WIDTH: f32 = 92.0;

/// Why nothing can be exported now.
pub fn why_no_export(state: &State) -> Option<&'static str> {
    let is_empty = state.music.pieces.is_empty() && state.roll.roll.is_none();
    match () {
        () if state.export.is_some() => Some("An export is under way"),
        () if is_empty => Some("There is nothing to export: choose a song or generate a piece"),
        () => None,
    }
}

/// The window, while it is open.
pub fn export_ui(ctx: &Context, state: &State, commands: &mut Vec<Command>) {
    if !state.is_export_shown {
        return;
    }
    let mut is_open = true;
    let mut plan = state.export_plan.clone();
    let window = egui::Window::new("Export")
        .open(&mut is_open)
        .collapsible(false)
        .resizable(false)
        .default_width(WIDTH);
    let window = tool_window::centred(ctx, "Export", window);
    tool_window::show(ctx, "Export", window, |ui| {
        ui.set_width(WIDTH);
        ui.spacing_mut().item_spacing.y = 2.0 * UNIT;
        contents_ui(ui, state, &mut plan, commands);
    });
    if plan != state.export_plan {
        commands.push(Command::SetExportPlan(Box::new(plan)));
    }
    if !is_open {
        commands.push(Command::ShowExport(false));
    }
}

fn contents_ui(ui: &mut Ui, state: &State, plan: &mut ExportPlan, commands: &mut Vec<Command>) {
    row(ui, "What", |ui| scope_ui(ui, state, plan));
    row(ui, "Files", |ui| {
        parts::clear_boxes(ui);
        ui.checkbox(&mut plan.has_midi, "MIDI").on_hover_text(
            "Type 1: tempo, metre, key, a track a voice with its instrument and velocities",
        );
        ui.checkbox(&mut plan.has_sound, "Audio").on_hover_text("As it is heard, its tail kept");
        ui.checkbox(&mut plan.has_png, "PNG").on_hover_text("A picture of the whole roll");
        ui.checkbox(&mut plan.has_svg, "SVG").on_hover_text("The same, sharp at every size");
        ui.checkbox(&mut plan.has_contents, "Contents")
            .on_hover_text("A table of what was written: contents.csv");
    });
    ui.add_enabled_ui(plan.has_sound, |ui| format_ui(ui, &mut plan.format));
    names_ui(ui, state, plan);
    folder_ui(ui, plan, commands);
    ui.separator();
    let reason = why_not(state, plan);
    ui.horizontal(|ui| {
        let n_files = pieces_in(state, plan.scope) * plan.endings().len();
        let words = match &reason {
            Some(reason) => reason.clone(),
            None => format!("{}; nothing is overwritten", parts::count(n_files, "file")),
        };
        ui.add(egui::Label::new(parts::caption(ui, words)).truncate());
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let export = ActionButton::new("Export").primary().min_width(84.0);
            if button_unless(ui, reason.as_deref(), export) {
                commands.push(Command::StartExport);
            }
            if ui.add(ActionButton::new("Cancel").min_width(84.0)).clicked() {
                commands.push(Command::ShowExport(false));
            }
        });
    });
}

/// A label of a fixed width and what it names.
fn row(ui: &mut Ui, label: &str, add: impl FnOnce(&mut Ui)) {
    ui.horizontal(|ui| {
        ui.allocate_ui_with_layout(
            egui::vec2(LABEL_WIDTH, theme::CONTROL_HEIGHT),
            Layout::left_to_right(Align::Center),
            |ui| {
                ui.set_min_width(LABEL_WIDTH);
                ui.label(parts::caption(ui, label));
            },
        );
        ui.spacing_mut().item_spacing.x = GAP;
        add(ui);
    });
}

fn pieces_in(state: &State, scope: ExportScope) -> usize {
    let pieces = &state.music.pieces;
    match scope {
        ExportScope::Shown => usize::from(state.roll.roll.is_some()),
        ExportScope::Piece(_) => 1,
        ExportScope::Favourites => pieces.iter().filter(|piece| piece.record.is_favourite).count(),
        ExportScope::AllPieces => pieces.len(),
    }
}

const SCOPES: [ExportScope; 3] =
    [ExportScope::Shown, ExportScope::Favourites, ExportScope::AllPieces];

fn scope_ui(ui: &mut Ui, state: &State, plan: &mut ExportPlan) {
    let n = |scope| pieces_in(state, scope);
    let favourites = format!("Favourites ({})", n(ExportScope::Favourites));
    let all = format!("All pieces ({})", n(ExportScope::AllPieces));
    let when = |scope, reason: &'static str| (n(scope) == 0).then_some(reason);
    let options = [
        Choice {
            text: "Shown",
            tooltip: "What the piano roll shows",
            reason: when(ExportScope::Shown, "Nothing is shown: choose a song or a piece"),
        },
        Choice {
            text: &favourites,
            tooltip: "Every piece with a star",
            reason: when(ExportScope::Favourites, "No piece has a star"),
        },
        Choice {
            text: &all,
            tooltip: "Every piece in the list",
            reason: when(ExportScope::AllPieces, "There are no pieces: generate some first"),
        },
    ];
    let chosen = SCOPES.iter().position(|scope| *scope == plan.scope);
    if let Some(place) = choices(ui, "What", chosen, &options) {
        plan.scope = SCOPES[place];
    }
}

fn format_ui(ui: &mut Ui, format: &mut FileFormat) {
    row(ui, "Audio", |ui| {
        let what = |container| match container {
            Container::Wav => "Uncompressed; every program reads it",
            Container::Flac => "Half the size of WAV, and the same sound",
            Container::Ogg => "A tenth of the size, and nearly the same sound",
        };
        let options = Container::ALL.map(|container| Choice {
            text: if container == Container::Ogg { "Ogg" } else { container.name() },
            tooltip: what(container),
            reason: None,
        });
        let chosen = Container::ALL.iter().position(|one| *one == format.container);
        if let Some(place) = choices(ui, "Audio file", chosen, &options) {
            format.container = Container::ALL[place];
            *format = format.mended();
        }
        rate_ui(ui, format);
        if format.container == Container::Ogg {
            quality_ui(ui, format);
        } else {
            depth_ui(ui, format);
        }
    });
}

fn rate_ui(ui: &mut Ui, format: &mut FileFormat) {
    let words = |rate: u32| format!("{} kHz", f64::from(rate) / 1000.0);
    let shown = words(format.sample_rate);
    let combo =
        ComboBox::from_id_salt("sample rate").width(86.0).icon(combo_sign).selected_text(&shown);
    let response = combo.show_ui(ui, |ui| {
        for rate in USUAL_SAMPLE_RATES {
            ui.selectable_value(&mut format.sample_rate, rate, words(rate));
        }
    });
    named(&response.response, "Sample rate", &shown);
}

fn depth_ui(ui: &mut Ui, format: &mut FileFormat) {
    let shown = format.depth.name();
    let combo =
        ComboBox::from_id_salt("sample depth").width(96.0).icon(combo_sign).selected_text(shown);
    let response = combo.show_ui(ui, |ui| {
        for depth in SampleDepth::ALL {
            let fits = FileFormat { depth, ..*format }.mended().depth == depth;
            ui.add_enabled_ui(fits, |ui| {
                ui.selectable_value(&mut format.depth, depth, depth.name())
                    .on_disabled_hover_text("FLAC has no floating point");
            });
        }
    });
    named(&response.response, "Bits a sample", shown);
}

fn quality_ui(ui: &mut Ui, format: &mut FileFormat) {
    let field = egui::DragValue::new(&mut format.ogg_quality).range(0..=10).prefix("Quality ");
    let response = ui.add(field);
    let quality = f64::from(format.ogg_quality);
    response.widget_info(|| {
        let mut info = WidgetInfo::drag_value(true, quality);
        info.label = Some("Ogg quality".to_owned());
        info
    });
    response.on_hover_text("0 to 10: 2 is about 96 kbit/s, 6 about 190");
}

fn named(response: &egui::Response, name: &str, value: &str) {
    response.widget_info(|| {
        let mut info = WidgetInfo::labeled(egui::Role::ComboBox, true, name);
        info.current_text_value = Some(value.to_owned());
        info
    });
}

fn names_ui(ui: &mut Ui, state: &State, plan: &mut ExportPlan) {
    row(ui, "Names", |ui| {
        let field = TextEdit::singleline(&mut plan.names)
            .hint_text(USUAL_NAMES)
            .desired_width(ui.available_width() - UNIT);
        let response = ui.add(field);
        response.widget_info(|| {
            let mut info = WidgetInfo::labeled(egui::Role::TextInput, true, "Pattern of the names");
            info.current_text_value = Some(plan.names.clone());
            info
        });
        let fields: Vec<String> =
            NAME_FIELDS.iter().map(|(name, what)| format!("{{{name}}}: {what}")).collect();
        response.on_hover_text(fields.join("\n"));
    });
    ui.horizontal(|ui| {
        ui.add_space(LABEL_WIDTH + ui.spacing().item_spacing.x);
        let (words, color) = match example(state, plan) {
            Ok(name) => (format!("Such as {name}"), theme::palette(ui).quiet_text),
            Err(reason) => (reason, theme::palette(ui).danger_text),
        };
        ui.add(egui::Label::new(RichText::new(words).small().color(color)).truncate());
    });
}

/// What the first file will be called.
fn example(state: &State, plan: &ExportPlan) -> Result<String, String> {
    let piece = state
        .music
        .pieces
        .iter()
        .find(|piece| plan.scope != ExportScope::Favourites || piece.record.is_favourite);
    let piece = piece.filter(|_| plan.scope != ExportScope::Shown);
    let key = match piece {
        Some(piece) => best_key(&piece.record.played_notes()),
        None => state.roll.key,
    };
    let (roll, metre) = match piece {
        Some(piece) => (Some(&piece.record.roll), piece.record.metre),
        None => (state.roll.roll.as_ref(), state.roll.metre),
    };
    let bars =
        roll.map_or(0, |roll| roll.n_steps().div_ceil(metre.steps_per_bar(roll.steps_per_beat())));
    let parts = NameParts {
        project: state.project.name(),
        name: piece.map_or_else(|| state.roll.title.clone(), |piece| piece.record.name.clone()),
        number: 1,
        n_pieces: pieces_in(state, plan.scope),
        seed: piece.map(|piece| piece.record.seed),
        key: key.map_or_else(String::new, Key::name),
        bars,
        beats_per_minute: piece
            .map_or(state.transport.beats_per_minute, |piece| piece.record.beats_per_minute),
    };
    let ending = plan.endings().first().copied().unwrap_or("mid");
    Ok(format!("{}.{ending}", file_name(&plan.names, &parts)?))
}

fn folder_ui(ui: &mut Ui, plan: &ExportPlan, commands: &mut Vec<Command>) {
    row(ui, "Folder", |ui| {
        let choose = ActionButton::new("Choose…").with_icon(Icon::Folder);
        if ui.add(choose.tooltip("Chooses the folder that the files go into")).clicked() {
            commands.push(Command::ChooseExportFolder);
        }
        let words = match &plan.folder {
            Some(folder) => folder.display().to_string(),
            None => "None is chosen yet".to_owned(),
        };
        ui.add(egui::Label::new(RichText::new(&words).small()).truncate()).on_hover_text(words);
    });
}

/// Why the plan cannot be carried out.
fn why_not(state: &State, plan: &ExportPlan) -> Option<String> {
    if let Some(reason) = why_no_export(state) {
        return Some(reason.to_owned());
    }
    if let Err(reason) = example(state, plan) {
        return Some(reason);
    }
    let reason = match plan.scope {
        scope if pieces_in(state, scope) == 0 => match scope {
            ExportScope::Favourites => "No piece has a star",
            ExportScope::Shown | ExportScope::Piece(_) => "Nothing is shown",
            ExportScope::AllPieces => "There are no pieces",
        },
        _ if plan.endings().is_empty() => "Choose at least one kind of file",
        _ if plan.folder.is_none() => "Choose a folder",
        _ => return None,
    };
    Some(reason.to_owned())
}
