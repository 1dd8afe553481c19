//! The whole window, laid out from the state: data, model and music from left to right, the
//! transport and the piano roll below. A part that is hidden leaves a thin strip that brings it
//! back.

use egui::{
    CentralPanel, FontId, Frame, Margin, Panel, PanelState, Rect, Role, ScrollArea, Sense, Stroke,
    StrokeKind, Ui, UiBuilder, Vec2, WidgetInfo, pos2, vec2,
};

use super::advice::AdviceView;
use super::announcer;
use super::command::Command;
use super::focus;
use super::fonts;
use super::icons::Icon;
use super::panels::{
    about, data, diagnostics, dialogs, drop, export, gpu, manual, model, music, notices, palette,
    recovery, roll, runs, shortcut_sheet, sound, top_bar, tour, transport,
};
use super::shortcuts;
use super::state::State;
use super::theme::{self, UNIT, size};
use super::tool_window;
use super::widgets::focus_ring;
use super::window_state::{FocusWish, Part};

/// Narrower windows begin with narrower columns.
const WIDE: f32 = 1280.0;
/// The columns at the sides are at least so wide.
const DATA_WIDTH: f32 = 264.0;
const MUSIC_WIDTH: f32 = 306.0;
/// The column in the middle is at least so wide.
const MODEL_WIDTH: f32 = 420.0;
/// What stays of a part that is hidden.
const STRIP: f32 = 6.0 * UNIT;
/// A window with less room than this, as it may have at a large zoom, scrolls as a whole.
const LEAST: Vec2 = vec2(DATA_WIDTH + MODEL_WIDTH + MUSIC_WIDTH + 2.0, 560.0);

/// Shows everything. What a person does is pushed to `commands`, to be carried out afterwards.
pub fn window_ui(ui: &mut Ui, state: &mut State, commands: &mut Vec<Command>) {
    shortcuts::close_menus_under_modals(ui.ctx(), state);
    tool_window::keep_tab_inside(ui.ctx());
    meet_wishes(ui, state);
    AdviceView::refresh(&mut state.run, state.data.totals.n_songs);
    let room = ui.available_size();
    if room.x >= LEAST.x && room.y >= LEAST.y {
        whole_ui(ui, state, commands);
    } else {
        ScrollArea::both().id_salt("window").auto_shrink(false).show(ui, |ui| {
            let whole = Rect::from_min_size(ui.min_rect().min, room.max(LEAST));
            ui.scope_builder(UiBuilder::new().max_rect(whole), |ui| {
                whole_ui(ui, state, commands);
                ui.advance_cursor_after_rect(whole);
            });
            focus::follow(ui);
        });
    }
    let ctx = ui.ctx().clone();
    tour::tour_ui(&ctx, state, commands);
    announcer::announcer_ui(ui, state);
    data::report_ui(&ctx, state, commands);
    runs::runs_ui(&ctx, state, commands);
    runs::sweep_draft_ui(&ctx, state, commands);
    export::export_ui(&ctx, state, commands);
    sound::sound_ui(&ctx, state, commands);
    diagnostics::diagnostics_ui(&ctx, state, commands);
    gpu::gpu_ui(&ctx, state, commands);
    manual::manual_ui(&ctx, state, commands);
    notices::notice_list_ui(&ctx, state, commands);
    // The recovery window reaches down to the roll: notices stay below its buttons.
    let is_over_roll = state.window.layout.is_roll_shown && state.recovery.is_none();
    let above_roll = if is_over_roll { state.window.player_height } else { 0.0 };
    notices::toasts_ui(&ctx, state, above_roll.min(room.y * 0.5), commands);
    recovery::recovery_ui(&ctx, state, commands);
    about::about_ui(&ctx, state, commands);
    shortcut_sheet::shortcut_sheet_ui(&ctx, state, commands);
    palette::palette_ui(&ctx, state, commands);
    dialogs::close_question_ui(&ctx, state, commands);
    drop::drop_ui(&ctx, commands);
    shortcuts::shortcuts_ui(&ctx, state, commands);
    tool_window::note_closed(&ctx);
    focus::note_followed(&ctx);
}

/// What asked for the keyboard gets it, and what hides it is opened.
fn meet_wishes(ui: &Ui, state: &mut State) {
    match state.window.focus_wish.take() {
        Some(FocusWish::NextPart { is_forward }) => focus::go_to_part(ui.ctx(), is_forward),
        Some(FocusWish::Setting(key)) => {
            let layout = &mut state.window.layout;
            layout.is_data_shown = true;
            layout.is_model_shown = true;
            layout.are_all_settings_shown |= model::is_in_settings_list(key);
            focus::want_setting(ui.ctx(), key);
        }
        Some(FocusWish::Control(name)) => focus::want_setting(ui.ctx(), name),
        None => {}
    }
}

fn whole_ui(ui: &mut Ui, state: &mut State, commands: &mut Vec<Command>) {
    let palette = theme::palette(ui);
    let bar = Frame::new().fill(palette.panel).inner_margin(Margin::symmetric(16, 0));
    Panel::top("top bar").exact_size(top_bar::HEIGHT).frame(bar).show(ui, |ui| {
        focus::part_ui(ui, "Top bar", ui.max_rect().expand2(vec2(16.0, 0.0)));
        top_bar::top_bar_ui(ui, state, commands);
    });
    // What is drawn first is what Tab reaches first: the columns from left to right, then the
    // player, which takes its room from the bottom as it did in the last frame.
    let mut above = ui.available_rect_before_wrap();
    above.max.y -= player_height(ui, state);
    // A child of its own: the player still finds the whole room.
    columns_ui(&mut ui.new_child(UiBuilder::new().max_rect(above)), state, commands);
    player_panel(ui, bar, state, commands);
}

/// Of the transport and the roll: as they were drawn last, or as they will be.
fn player_height(ui: &Ui, state: &State) -> f32 {
    if state.window.player_height > 0.0 {
        return state.window.player_height;
    }
    if state.window.layout.is_roll_shown {
        chosen_or(state.window.layout.roll_height, usual_roll_height(window_size(ui)))
    } else {
        transport::HEIGHT + STRIP
    }
}

/// Of the window, or of what scrolls in it.
fn window_size(ui: &Ui) -> Vec2 {
    ui.ctx().content_rect().size().max(ui.max_rect().size())
}

fn usual_roll_height(window: Vec2) -> f32 {
    match window.y {
        height if height < 740.0 => 176.0,
        height if height < 800.0 => 200.0,
        height => (height * 0.26).max(236.0),
    }
}

/// A length that a person chose, or what suits the window.
fn chosen_or(chosen: f32, usual: f32) -> f32 {
    if chosen > 0.0 { chosen } else { usual }
}

/// Whether a person moves the edge of a panel, which is to be shown next. Else the panel forgets
/// how long it was drawn last, so that it takes the length that was kept, or what suits the window:
/// a window that was small for a while leaves no trace.
fn is_edge_moved(ui: &Ui, name: &str) -> bool {
    let panel = ui.scope_id().with(name);
    // The name that egui gives to the edge.
    let edge = panel.with("__resize");
    let is_dragged =
        ui.ctx().read_response(edge).is_some_and(|edge| edge.dragged() || edge.drag_stopped());
    let is_asked = ui.input(|input| {
        let mut events = input.events.iter();
        events.any(|event| match event {
            egui::Event::AccessKitActionRequest(it) => it.target_node == edge.accesskit_id(),
            _ => false,
        })
    });
    let is_moved = is_dragged || is_asked;
    if !is_moved {
        ui.data_mut(|data| data.remove::<PanelState>(panel));
    }
    is_moved
}

/// The transport over the piano roll, or alone.
fn player_panel(ui: &mut Ui, bar: Frame, state: &mut State, commands: &mut Vec<Command>) {
    let size = window_size(ui);
    let is_shown = state.window.layout.is_roll_shown;
    let is_moved = is_edge_moved(ui, "player");
    let panel = if is_shown {
        let usual = usual_roll_height(size);
        Panel::bottom("player")
            .resizable(true)
            .default_size(chosen_or(state.window.layout.roll_height, usual))
            .size_range(transport::HEIGHT + 116.0..=(size.y * 0.6).max(220.0))
    } else {
        Panel::bottom("transport alone").resizable(false).exact_size(transport::HEIGHT + STRIP)
    };
    let fill = theme::palette(ui).panel;
    let player = panel.frame(Frame::new().fill(fill)).show(ui, |ui| {
        focus::part_ui(ui, "Player", ui.max_rect());
        player_ui(ui, bar, state, commands);
    });
    let height = player.response.rect.height();
    state.window.player_height = height;
    if is_shown && is_moved {
        state.window.layout.roll_height = height;
    }
}

/// The three columns. One of them takes the room that the others leave.
fn columns_ui(ui: &mut Ui, state: &mut State, commands: &mut Vec<Command>) {
    // A panel paints no further than it was to reach: what is wider would leave a black strip.
    ui.painter().rect_filled(ui.max_rect(), 0.0, theme::palette(ui).ground);
    let layout = state.window.layout;
    let middle = [Part::Model, Part::Music, Part::Data].into_iter().find(|&it| layout.is_shown(it));
    let middle = middle.unwrap_or(Part::Model);
    let width = ui.available_width();
    let is_wide = width >= WIDE;
    let taken = |part: Part, least: f32| if layout.is_shown(part) { least } else { STRIP };
    let others = taken(Part::Model, MODEL_WIDTH) + taken(Part::Music, MUSIC_WIDTH);
    if middle != Part::Data {
        let spare = (width - others - DATA_WIDTH).max(0.0);
        let usual = chosen_or(layout.data_width, if is_wide { 290.0 } else { DATA_WIDTH });
        let panel = Panel::left("data column")
            .default_size(usual)
            .size_range(DATA_WIDTH..=(DATA_WIDTH + spare).min(520.0));
        side_ui(ui, Part::Data, panel, Panel::left("data strip"), state, commands);
    }
    if middle == Part::Music {
        strip_panel(ui, Part::Model, Panel::left("model strip"), commands);
    }
    // As with the player: the middle is drawn before what stands at its right.
    let right = state.window.right_width;
    let mut rest = ui.available_rect_before_wrap();
    rest.max.x -= if right > 0.0 { right } else { right_width(state, middle, is_wide) };
    let mut inner = ui.new_child(UiBuilder::new().max_rect(rest));
    let frame = column_frame(&inner);
    CentralPanel::default().frame(frame).show(&mut inner, |ui| {
        part_ui(ui, middle, state, commands);
    });
    let before = ui.available_width();
    if middle != Part::Music {
        let least = if middle == Part::Model { MODEL_WIDTH } else { DATA_WIDTH };
        let spare = (ui.available_width() - least - MUSIC_WIDTH).max(0.0);
        let usual = chosen_or(layout.music_width, usual_music_width(is_wide));
        let panel = Panel::right("music column")
            .default_size(usual)
            .size_range(MUSIC_WIDTH..=(MUSIC_WIDTH + spare).min(560.0));
        side_ui(ui, Part::Music, panel, Panel::right("music strip"), state, commands);
    }
    if middle == Part::Data {
        strip_panel(ui, Part::Model, Panel::right("model strip"), commands);
    }
    state.window.right_width = before - ui.available_width();
}

fn usual_music_width(is_wide: bool) -> f32 {
    if is_wide { 330.0 } else { MUSIC_WIDTH }
}

/// Of what stands at the right of the middle, before it was ever drawn.
fn right_width(state: &State, middle: Part, is_wide: bool) -> f32 {
    let layout = &state.window.layout;
    match (middle, layout.is_music_shown) {
        (Part::Music, _) => 0.0,
        (_, true) => chosen_or(layout.music_width, usual_music_width(is_wide)),
        (Part::Data, false) => 2.0 * STRIP,
        (_, false) => STRIP,
    }
}

fn column_frame(ui: &Ui) -> Frame {
    Frame::new().fill(theme::palette(ui).ground).inner_margin(Margin::symmetric(14, 12))
}

/// A column at the side, or the strip that stands for it.
fn side_ui(
    ui: &mut Ui,
    part: Part,
    panel: Panel,
    strip: Panel,
    state: &mut State,
    commands: &mut Vec<Command>,
) {
    if !state.window.layout.is_shown(part) {
        return strip_panel(ui, part, strip, commands);
    }
    let frame = column_frame(ui);
    let is_moved =
        is_edge_moved(ui, if part == Part::Data { "data column" } else { "music column" });
    let shown =
        panel.resizable(true).frame(frame).show(ui, |ui| part_ui(ui, part, state, commands));
    let layout = &mut state.window.layout;
    let kept = if part == Part::Data { &mut layout.data_width } else { &mut layout.music_width };
    if is_moved {
        *kept = shown.response.rect.width();
    }
}

fn part_ui(ui: &mut Ui, part: Part, state: &mut State, commands: &mut Vec<Command>) {
    focus::part_ui(ui, part.name(), ui.max_rect().expand2(vec2(14.0, 12.0)));
    match part {
        Part::Data => data::data_ui(ui, state, commands),
        Part::Model => model::model_ui(ui, state, commands),
        Part::Music => music::music_ui(ui, state, commands),
        Part::Roll => roll::roll_ui(ui, state, commands),
    }
}

fn strip_panel(ui: &mut Ui, part: Part, panel: Panel, commands: &mut Vec<Command>) {
    let frame = Frame::new().fill(theme::palette(ui).panel);
    panel.resizable(false).exact_size(STRIP).frame(frame).show(ui, |ui| {
        focus::part_ui(ui, part.name(), ui.max_rect());
        strip_ui(ui, part, true, commands);
    });
}

/// A thin button with the name of a hidden part.
fn strip_ui(ui: &mut Ui, part: Part, is_upright: bool, commands: &mut Vec<Command>) {
    let palette = theme::palette(ui);
    let (rect, response) = ui.allocate_exact_size(ui.available_size(), Sense::click());
    let color = if response.hovered() { palette.text } else { palette.quiet_text };
    if response.hovered() {
        let stroke = Stroke::new(1.0, palette.line_strong);
        ui.painter().rect(rect, 0.0, palette.card_hovered, stroke, StrokeKind::Inside);
    }
    let text = format!("{}  {}", Icon::ChevronsUpDown.unicode(), part.name().to_uppercase());
    let font = FontId::new(size::CAPTION, fonts::strong());
    let galley = ui.painter().layout_no_wrap(text, font, color);
    if is_upright {
        let corner = pos2(rect.center().x + galley.size().y / 2.0, rect.top() + 3.0 * UNIT);
        let shape = egui::epaint::TextShape::new(corner, galley, color);
        ui.painter().add(shape.with_angle(std::f32::consts::FRAC_PI_2));
    } else {
        let corner = pos2(rect.left() + 4.0 * UNIT, rect.center().y - galley.size().y / 2.0);
        ui.painter().galley(corner, galley, color);
    }
    focus_ring(ui, &response, 0);
    let name = format!("Show {}", part.name());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
    let keys = shortcuts::keys(ui.ctx(), shortcuts::Action::ShowPart(part));
    if response.on_hover_text(format!("{name}  ({keys})")).clicked() {
        commands.push(Command::ShowPart { part, is_shown: true });
    }
}

/// The transport over the piano roll.
fn player_ui(ui: &mut Ui, bar: Frame, state: &mut State, commands: &mut Vec<Command>) {
    let line = Stroke::new(1.0, theme::palette(ui).line);
    ui.spacing_mut().item_spacing.y = 0.0;
    let inner = Panel::top("transport").exact_size(transport::HEIGHT).frame(bar).show(ui, |ui| {
        transport::transport_ui(ui, state, commands);
    });
    let rect = inner.response.rect;
    ui.painter().hline(rect.x_range(), rect.bottom(), line);
    if state.window.layout.is_roll_shown {
        roll::roll_ui(ui, state, commands);
    } else {
        strip_ui(ui, Part::Roll, false, commands);
    }
}
