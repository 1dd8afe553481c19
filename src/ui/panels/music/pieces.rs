//! The pieces as small rolls, each with what can be done to it.

use egui::{
    Color32, FontId, Mesh, Popup, Pos2, Rect, Role, ScrollArea, Sense, Shape, Stroke, StrokeKind,
    Ui, UiBuilder, Vec2, WidgetInfo, pos2, vec2,
};

use super::super::parts::{self, GAP};
use super::super::top_bar;
use super::order;
use crate::engine::NearestSong;
use crate::ui::command::Command;
use crate::ui::fonts;
use crate::ui::icons::{Icon, Sign};
use crate::ui::state::{ExportScope, NearestState, PieceState, RollSource, State};
use crate::ui::theme::{self, UNIT, size};
use crate::ui::widgets::{ActionButton, MiniRoll, empty_state, focus_ring, middle_cut_text};

const ROW_HEIGHT: f32 = 52.0;
const ROW_GAP: f32 = 6.0;
const NAME_HEIGHT: f32 = 16.0;
const BUTTON: f32 = 26.0;
/// Three buttons and what is between them.
const BUTTONS_WIDTH: f32 = 3.0 * BUTTON + 2.0 * 2.0;

/// The list in about `room` points, and what can be done with all of it.
pub fn pieces_ui(ui: &mut Ui, state: &mut State, room: f32, commands: &mut Vec<Command>) {
    if state.music.pieces.is_empty() {
        ui.add_space((room * 0.35 - 40.0).max(GAP));
        nothing_yet(ui, state, commands);
        return;
    }
    order::order_ui(ui, &mut state.music);
    let state = &*state;
    let order = order::order_of(&state.music);
    let footer = 2.0 * (theme::CONTROL_HEIGHT + GAP);
    let height = (room - footer).max(ROW_HEIGHT * 2.0);
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = ROW_GAP;
        ScrollArea::vertical()
            .id_salt("pieces")
            .max_height(height)
            .auto_shrink([false, true])
            .show_rows(ui, ROW_HEIGHT, state.music.pieces.len(), |ui, rows| {
                for piece in order[rows].iter().map(|&place| &state.music.pieces[place]) {
                    ui.push_id(piece.id, |ui| piece_ui(ui, state, piece, commands));
                }
            });
    });
    export_all_ui(ui, state, commands);
}

/// What goes here, and the one button that leads to it.
fn nothing_yet(ui: &mut Ui, state: &State, commands: &mut Vec<Command>) {
    let has_model = state.run.phase.has_model();
    let text = if has_model {
        "The model writes down what it dreams.\nPieces are kept here, to hear and to take away."
    } else {
        "A trained model writes pieces of its own.\nThey are kept here, to hear and to take away."
    };
    empty_state(ui, Icon::Music4, "No pieces yet", text);
    ui.add_space(GAP);
    ui.vertical_centered(|ui| {
        let train = top_bar::train_button(state);
        if has_model {
            let reason = super::why_no_generate(state);
            let button = ActionButton::new("Generate pieces").with_icon(Icon::Sparkles);
            if parts::button_unless(ui, reason, button.min_width(180.0)) {
                commands.push(Command::Generate);
            }
        } else {
            let button = ActionButton::new("Train first").with_sign(Sign::Play).min_width(180.0);
            if parts::button_unless(ui, train.reason, button) {
                commands.push(train.command);
            }
        }
    });
}

fn export_all_ui(ui: &mut Ui, state: &State, commands: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        let reason = state.export.is_some().then_some("An export is under way");
        let width = (ui.available_width() - GAP) / 2.0;
        let midi = ActionButton::new("All as MIDI").with_icon(Icon::FileMusic).min_width(width);
        let what = "Writes every piece into a folder as a MIDI file";
        if parts::button_unless(ui, reason, midi.tooltip(what)) {
            commands.push(Command::ExportMidi(ExportScope::AllPieces));
        }
        let wav = ActionButton::new("All as WAV").with_icon(Icon::AudioLines).min_width(width);
        let what = "Plays every piece into a WAV file of its own";
        if parts::button_unless(ui, reason, wav.tooltip(what)) {
            commands.push(Command::ExportWav(ExportScope::AllPieces));
        }
    });
}

fn piece_ui(ui: &mut Ui, state: &State, piece: &PieceState, commands: &mut Vec<Command>) {
    let palette = theme::palette(ui);
    let room = vec2(ui.available_width(), ROW_HEIGHT);
    let (rect, response) = ui.allocate_exact_size(room, Sense::click());
    let is_selected = state.music.selected == Some(piece.id);
    let is_shown = state.roll.source == Some(RollSource::Piece(piece.id));
    let is_playing = is_shown && state.transport.is_playing;
    let border = match (is_selected, response.hovered()) {
        (true, _) => palette.played,
        (false, true) => palette.line_strong,
        (false, false) => palette.line,
    };
    let stroke = Stroke::new(1.0, border);
    ui.painter().rect(rect, theme::CARD_RADIUS, palette.card, stroke, StrokeKind::Inside);
    focus_ring(ui, &response, theme::CARD_RADIUS);
    let name = &piece.record.name;
    response.widget_info(|| {
        WidgetInfo::selected(Role::ListBoxOption, ui.is_enabled(), is_selected, name)
    });
    let words = nearest_words(piece) + &order::figures(piece);
    let response = response.on_hover_text(format!("{}\n{words}", heading_words(piece)));
    if response.clicked() {
        commands.push(Command::SelectPiece(piece.id));
    }
    if response.double_clicked() {
        commands.push(Command::AuditionPiece(piece.id));
    }
    let inner = rect.shrink2(vec2(UNIT * 2.0, UNIT));
    let mut child = ui.new_child(
        UiBuilder::new().max_rect(inner).layout(egui::Layout::left_to_right(egui::Align::Center)),
    );
    let ui = &mut child;
    let (sign, verb) = if is_playing { (Sign::Pause, "Pause") } else { (Sign::Play, "Play") };
    let play_name = format!("{verb} {name}");
    if ui.add(ActionButton::sign(sign, &play_name).quiet().on(is_playing)).clicked() {
        commands.push(Command::AuditionPiece(piece.id));
    }
    let right = ui.available_rect_before_wrap().shrink2(vec2(UNIT, 0.0));
    let (top, below) = right.split_top_bottom_at_y(right.top() + NAME_HEIGHT);
    heading(ui, top, piece, is_selected, order::figure(&state.music, piece));
    let (picture, buttons) = below.split_left_right_at_x(below.right() - BUTTONS_WIDTH);
    let head = is_playing.then_some(state.transport.position_step);
    picture_ui(ui, picture.with_max_x(picture.right() - UNIT), piece, head);
    let layout = egui::Layout::left_to_right(egui::Align::Center);
    let mut buttons = ui.new_child(UiBuilder::new().max_rect(buttons).layout(layout));
    buttons_ui(&mut buttons, state, piece, commands);
}

/// What can be done with a piece, from left to right.
fn buttons_ui(ui: &mut Ui, state: &State, piece: &PieceState, commands: &mut Vec<Command>) {
    ui.spacing_mut().item_spacing.x = 2.0;
    favourite_ui(ui, piece, commands);
    export_menu(ui, state, piece, commands);
    let delete = format!("Delete {}", piece.record.name);
    let delete = ActionButton::icon(Icon::Trash2, &delete).quiet().height(BUTTON);
    if ui.add(delete).clicked() {
        commands.push(Command::DeletePiece(piece.id));
    }
}

/// Whether it is new music: which song it comes nearest to.
fn nearest_words(piece: &PieceState) -> String {
    match &piece.nearest {
        NearestState::Unknown => "Show it to see which song it comes nearest to".to_owned(),
        NearestState::Searching => "Looking for the nearest song…".to_owned(),
        NearestState::Nothing => "No song of the training is like it".to_owned(),
        NearestState::Failed(reason) => format!("The nearest song is not known: {reason}"),
        NearestState::Found(nearest) => {
            let NearestSong { distance, is_copy, title, bar } = nearest;
            let copy = if *is_copy { "A copy. " } else { "" };
            let percent = 100.0 * distance;
            format!("{copy}Nearest: {title}, bar {bar}, {percent:.0} % differs")
        }
    }
}

/// The name in `top`, and at its right the figure by which the list is sorted. Both ends of a long
/// name stay, as pieces made of others differ at theirs.
fn heading(ui: &Ui, mut top: Rect, piece: &PieceState, is_selected: bool, figure: Option<String>) {
    let palette = theme::palette(ui);
    let caption = FontId::new(size::CAPTION, fonts::text());
    if let Some(figure) = figure {
        let font = FontId::new(size::CAPTION, fonts::figures());
        let galley = ui.painter().layout_no_wrap(figure, font, palette.text);
        let corner = pos2(top.right() - galley.size().x, top.center().y - galley.size().y / 2.0);
        top.max.x = corner.x - UNIT;
        ui.painter().galley(corner, galley, palette.text);
    }
    let color = if is_selected { palette.text } else { palette.quiet_text };
    middle_cut_text(ui, top, &heading_words(piece), &caption, color);
}

/// The name, and what is to be known of the piece at a glance.
fn heading_words(piece: &PieceState) -> String {
    let name = &piece.record.name;
    match &piece.nearest {
        _ if piece.record.is_edited() => format!("{name} · edited"),
        NearestState::Found(nearest) if nearest.is_copy => {
            format!("{name} · a copy of {}", nearest.title)
        }
        _ => name.clone(),
    }
}

fn picture_ui(ui: &mut Ui, picture: Rect, piece: &PieceState, head: Option<f64>) {
    let roll = MiniRoll::new(&piece.miniature.notes, piece.miniature.n_steps as u32)
        .size(picture.size())
        .played(ui, true)
        .play_head(head);
    ui.new_child(UiBuilder::new().max_rect(picture)).add(roll);
}

fn favourite_ui(ui: &mut Ui, piece: &PieceState, commands: &mut Vec<Command>) {
    let palette = theme::palette(ui);
    let is_favourite = piece.record.is_favourite;
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(BUTTON), Sense::click());
    let name = format!("Favourite {}", piece.record.name);
    response
        .widget_info(|| WidgetInfo::selected(Role::CheckBox, ui.is_enabled(), is_favourite, &name));
    let color = match (is_favourite, response.hovered()) {
        (true, _) => palette.played,
        (false, true) => palette.text,
        (false, false) => palette.quiet_text,
    };
    star(ui, rect.center(), color, is_favourite);
    focus_ring(ui, &response, theme::RADIUS);
    let what = if is_favourite { "No longer a favourite" } else { "A favourite" };
    if response.on_hover_text(what).clicked() {
        let is_favourite = !is_favourite;
        commands.push(Command::FavouritePiece { piece: piece.id, is_favourite });
    }
}

/// A star of five points, filled or not.
fn star(ui: &Ui, center: Pos2, color: Color32, is_filled: bool) {
    let points: Vec<Pos2> = (0..10_u8)
        .map(|n| {
            let angle = (f32::from(n) / 5.0 - 0.5) * std::f32::consts::PI;
            let radius = if n % 2 == 0 { 7.5 } else { 3.4 };
            center + radius * vec2(angle.cos(), angle.sin())
        })
        .collect();
    if is_filled {
        let mut mesh = Mesh::default();
        mesh.colored_vertex(center, color);
        for &point in &points {
            mesh.colored_vertex(point, color);
        }
        for n in 0..10 {
            mesh.add_triangle(0, 1 + n, 1 + (n + 1) % 10);
        }
        ui.painter().add(Shape::mesh(mesh));
    }
    ui.painter().add(Shape::closed_line(points, Stroke::new(1.2, color)));
}

fn export_menu(ui: &mut Ui, state: &State, piece: &PieceState, commands: &mut Vec<Command>) {
    let name = format!("Export {}", piece.record.name);
    let button = ui.add(ActionButton::icon(Icon::Download, &name).quiet().height(BUTTON));
    Popup::menu(&button).width(150.0).gap(4.0).show(|ui| {
        let scope = ExportScope::Piece(piece.id);
        ui.add_enabled_ui(state.export.is_none(), |ui| {
            if ui.button("As MIDI…").clicked() {
                commands.push(Command::ExportMidi(scope));
            }
            if ui.button("As WAV…").clicked() {
                commands.push(Command::ExportWav(scope));
            }
        });
    });
}
