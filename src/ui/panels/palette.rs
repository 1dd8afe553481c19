//! The command palette: type a few letters, take what is found with Enter.

use egui::accesskit::Role;
use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{
    Align2, Color32, Context, FontId, Id, Key, Modal, Modifiers, Rect, RichText, ScrollArea, Sense,
    Stroke, StrokeKind, TextEdit, Ui, WidgetInfo, pos2, vec2,
};

use super::parts::{self, GAP, left_text};
use crate::ui::actions::find;
use crate::ui::actions::palette_items::{Fact, PaletteItem, palette_items};
use crate::ui::command::Command;
use crate::ui::fonts;
use crate::ui::icons::{self, Icon};
use crate::ui::shortcuts;
use crate::ui::state::State;
use crate::ui::theme::{self, UNIT, size};
use crate::ui::window_state::PaletteState;

const WIDTH: f32 = 560.0;
const ROW: f32 = 30.0;
const ROWS_SEEN: f32 = 11.0;
/// What Page up and Page down move by.
const PAGE: usize = 10;
/// The column of groups at the left.
const GROUP_WIDTH: f32 = 92.0;

/// What the keys ask for.
#[derive(Default)]
struct Keys {
    is_entered: bool,
    is_escaped: bool,
    down: usize,
    up: usize,
}

impl Keys {
    /// Takes them before the field does.
    fn take(ctx: &Context) -> Self {
        ctx.input_mut(|input| {
            let mut count = |key| input.count_and_consume_key(Modifiers::NONE, key);
            Self {
                down: count(Key::ArrowDown) + PAGE * count(Key::PageDown),
                up: count(Key::ArrowUp) + PAGE * count(Key::PageUp),
                is_entered: count(Key::Enter) > 0,
                is_escaped: count(Key::Escape) > 0,
            }
        })
    }

    /// The row that is chosen afterwards; from an end it goes on at the other.
    fn moved(&self, chosen: usize, n_items: usize) -> usize {
        let last = n_items.saturating_sub(1);
        match (self.down, self.up) {
            (1, 0) if chosen >= last => 0,
            (0, 1) if chosen == 0 => last,
            (down, up) => (chosen + down).saturating_sub(up).min(last),
        }
    }
}

/// The palette, if it is open.
pub fn palette_ui(ctx: &Context, state: &mut State, commands: &mut Vec<Command>) {
    let Some(mut palette) = state.window.palette.take() else { return };
    let keys = Keys::take(ctx);
    let focused = ctx.memory(egui::Memory::focused).filter(|id| *id != field_id());
    palette.opener = palette.opener.or(focused);
    let id = Id::unique("palette");
    let area = Modal::default_area(id).anchor(Align2::CENTER_TOP, vec2(0.0, 16.0 * UNIT));
    let frame = egui::Frame::popup(&ctx.global_style()).inner_margin(2.0 * UNIT);
    let shown = Modal::new(id).area(area).frame(frame).show(ctx, |ui| {
        ui.set_width(WIDTH.min(ctx.content_rect().width() - 8.0 * UNIT));
        field_ui(ui, &mut palette);
        let items = palette_items(&palette.query, state);
        palette.chosen = keys.moved(palette.chosen.min(items.len().saturating_sub(1)), items.len());
        let has_moved = keys.down + keys.up > 0;
        let clicked = list_ui(ui, &items, &palette, has_moved);
        let taken = clicked.or(keys.is_entered.then_some(palette.chosen));
        taken.and_then(|place| items.into_iter().nth(place)).and_then(|item| item.outcome.ok())
    });
    let is_closed = keys.is_escaped || shown.should_close() || shown.inner.is_some();
    // It stays until the command says otherwise, so that nothing else takes the keys meanwhile.
    state.window.palette = Some(palette);
    if is_closed {
        let opener = state.window.palette.as_ref().and_then(|palette| palette.opener);
        ctx.memory_mut(|memory| match opener {
            Some(opener) => memory.request_focus(opener),
            None => memory.surrender_focus(field_id()),
        });
        commands.push(Command::ShowPalette(false));
    }
    commands.extend(shown.inner);
}

fn field_ui(ui: &mut Ui, palette: &mut PaletteState) {
    ui.horizontal(|ui| {
        let sign = icons::rich(Icon::Search).color(theme::palette(ui).quiet_text);
        icons::sign_ui(ui, sign);
        let before = palette.query.clone();
        let field = TextEdit::singleline(&mut palette.query)
            .id(field_id())
            .hint_text("A command, a setting (“learning rate 0.1”), a folder")
            .frame(egui::Frame::NONE)
            .align(Align2::LEFT_CENTER)
            .desired_width(f32::INFINITY);
        let field = ui.add_sized(vec2(ui.available_width(), theme::CONTROL_HEIGHT), field);
        ui.ctx().accesskit_node_builder(field.id, |node| {
            node.set_label("Command, setting or folder");
            node.set_active_descendant(row_id(palette.chosen).accesskit_id());
        });
        field.request_focus();
        if palette.query != before {
            palette.chosen = 0;
        }
    });
    ui.separator();
}

fn field_id() -> Id {
    Id::unique("palette field")
}

fn row_id(place: usize) -> Id {
    Id::unique("palette row").with(place)
}

/// The rows; the place of the one that was clicked.
fn list_ui(
    ui: &mut Ui,
    items: &[PaletteItem],
    palette: &PaletteState,
    has_moved: bool,
) -> Option<usize> {
    if items.is_empty() {
        ui.add_space(GAP);
        ui.label(parts::caption(ui, "Nothing is called that. Try a part of the name."));
        ui.add_space(GAP);
        return None;
    }
    let room = (ui.ctx().content_rect().height() - 36.0 * UNIT).clamp(3.0 * ROW, ROWS_SEEN * ROW);
    let mut clicked = None;
    ScrollArea::vertical().max_height(room).min_scrolled_height(room).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        for (place, item) in items.iter().enumerate() {
            let is_chosen = place == palette.chosen;
            let choice = match (is_chosen, has_moved) {
                (false, _) => Choice::No,
                (true, false) => Choice::Stays,
                (true, true) => Choice::Moved,
            };
            if row_ui(ui, item, &palette.query, (place, choice)) {
                clicked = Some(place);
            }
        }
    });
    clicked
}

/// Whether a row is the chosen one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Choice {
    No,
    Stays,
    /// It became so by a key: it is to be seen.
    Moved,
}

/// The group, the title, and the keys, the value or the reason. Whether it was clicked.
fn row_ui(ui: &mut Ui, item: &PaletteItem, query: &str, (place, choice): (usize, Choice)) -> bool {
    let is_chosen = choice != Choice::No;
    let palette = theme::palette(ui);
    let (_, rect) = ui.allocate_space(vec2(ui.available_width(), ROW));
    let response = ui.interact(rect, row_id(place), Sense::click());
    if choice == Choice::Moved {
        response.scroll_to_me(None);
    }
    let fact = match (&item.outcome, &item.fact) {
        (Err(reason), _) => reason.to_string(),
        (Ok(_), Fact::Action(action)) => shortcuts::keys(ui.ctx(), *action),
        (Ok(_), Fact::Text(text)) => text.clone(),
    };
    response.widget_info(|| {
        let name = [item.title.as_ref(), item.group, &fact];
        let name: Vec<&str> = name.into_iter().filter(|part| !part.is_empty()).collect();
        WidgetInfo::selected(Role::ListBoxOption, item.outcome.is_ok(), is_chosen, name.join(", "))
    });
    if !ui.is_rect_visible(rect) {
        return false;
    }
    if is_chosen || response.hovered() {
        let stroke =
            if is_chosen { palette.focus_stroke() } else { Stroke::new(1.0, palette.line) };
        let fill = palette.card_hovered;
        ui.painter().rect(rect, theme::RADIUS, fill, stroke, StrokeKind::Inside);
    }
    let inner = rect.shrink2(vec2(2.0 * UNIT, 0.0));
    let quiet = palette.quiet_text;
    let is_possible = item.outcome.is_ok();
    let caption = FontId::new(size::CAPTION, fonts::text());
    let fact_font = FontId::new(size::CAPTION, fonts::figures());
    let most = inner.width() * 0.5;
    let mut job = LayoutJob::simple_singleline(fact, fact_font, quiet);
    job.wrap = TextWrapping::truncate_at_width(most);
    let galley = ui.painter().layout_job(job);
    let corner = pos2(inner.right() - galley.size().x, inner.center().y - galley.size().y / 2.0);
    let fact_left = corner.x;
    ui.painter().galley(corner, galley, quiet);
    let group = inner.with_max_x(inner.left() + GROUP_WIDTH);
    left_text(ui, group, item.group, caption, quiet);
    let title = inner.with_min_x(group.right()).with_max_x(fact_left - 2.0 * UNIT);
    let color = if is_possible { palette.text } else { quiet };
    title_ui(ui, title, (&item.title, query), color);
    response.clicked()
}

/// The title with the letters that were found underlined and in another colour.
fn title_ui(ui: &Ui, rect: Rect, (title, query): (&str, &str), color: Color32) {
    let found = find::places(query, title);
    let accent = theme::palette(ui).played_text;
    let mut job = LayoutJob::default();
    for (place, letter) in title.chars().enumerate() {
        let is_found = found.binary_search(&place).is_ok();
        let color = if is_found { accent } else { color };
        let font = FontId::new(size::BODY, fonts::medium());
        let mut format = TextFormat::simple(font, color);
        if is_found {
            format.underline = Stroke::new(1.0, accent);
        }
        job.append(letter.encode_utf8(&mut [0; 4]), 0.0, format);
    }
    job.wrap = TextWrapping::truncate_at_width(rect.width());
    let galley = ui.painter().layout_job(job);
    let corner = Align2::LEFT_CENTER.align_size_within_rect(galley.size(), rect).min;
    ui.painter().galley(corner, galley, color);
}

/// The button in the top bar, with its key.
pub fn palette_button_ui(ui: &mut Ui, commands: &mut Vec<Command>) {
    let keys = shortcuts::keys(ui.ctx(), crate::ui::actions::Action::Palette);
    let text = RichText::new(format!("{}  {keys}", Icon::Search.unicode())).small();
    let color = theme::palette(ui).quiet_text;
    let button = egui::Button::new(text.color(color)).min_size(vec2(0.0, theme::CONTROL_HEIGHT));
    let response = ui.add(button);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, "Find a command"));
    if response.on_hover_text("Finds commands, settings, presets and folders by name").clicked() {
        commands.push(Command::ShowPalette(true));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrows_go_round_and_pages_stop_at_the_ends() {
        let keys = |down, up| Keys { down, up, ..Keys::default() };
        assert_eq!(keys(1, 0).moved(2, 3), 0);
        assert_eq!(keys(0, 1).moved(0, 3), 2);
        assert_eq!(keys(1, 0).moved(0, 3), 1);
        assert_eq!(keys(10, 0).moved(1, 5), 4);
        assert_eq!(keys(0, 10).moved(3, 5), 0);
        assert_eq!(keys(1, 0).moved(0, 0), 0);
    }
}
