//! The manual's window: contents and search on the left, a page on the right.

use egui::{
    Align, Context, Id, Key, Label, Layout, Modifiers, RichText, ScrollArea, TextEdit, TextStyle,
    Ui, UiBuilder, WidgetInfo, vec2,
};
use egui_commonmark::{CommonMarkCache, CommonMarkViewer};

use super::manual_code::{self, Part};
use super::parts::{self, GAP, button_unless};
use crate::ui::command::Command;
use crate::ui::fonts;
use crate::ui::icons::Icon;
use crate::ui::manual::{Hit, Place, Section, pages, targets};
use crate::ui::manual_state::ManualState;
use crate::ui::state::State;
use crate::ui::theme::{self, UNIT, size};
use crate::ui::tool_window;
use crate::ui::widgets::ActionButton;

const TITLE: &str = "Manual";
const WIDTH: f32 = 900.0;
const HEIGHT: f32 = 640.0;
const CONTENTS_WIDTH: f32 = 220.0;
/// Longer lines are hard to read.
const TEXT_WIDTH: f32 = 600.0;
/// Pictures are asked for by names of this scheme; the program answers from what ships with it.
pub const PICTURES: &str = "manual://";
/// What Page Down leaves of the page in sight.
const OVERLAP: f32 = 12.0 * UNIT;

/// The window, while it is open.
pub fn manual_ui(ctx: &Context, state: &mut State, commands: &mut Vec<Command>) {
    if !state.manual.is_shown {
        return;
    }
    let mut is_open = true;
    let room = ctx.content_rect().size() - vec2(8.0, 18.0) * UNIT;
    let size = vec2(WIDTH, HEIGHT).min(room);
    let window = egui::Window::new(TITLE).open(&mut is_open).collapsible(false).resizable(false);
    let window = tool_window::centred(ctx, TITLE, window.default_size(size));
    // Where it fills the window, there is nowhere to move it to.
    let fills = ctx.content_rect().width() < WIDTH * 1.4;
    let window =
        if fills { window.anchor(egui::Align2::CENTER_CENTER, egui::Vec2::ZERO) } else { window };
    let manual = &mut state.manual;
    tool_window::show(ctx, TITLE, window, |ui| {
        ui.set_width(size.x);
        ui.set_height(size.y);
        let whole = ui.available_rect_before_wrap();
        let (contents, page) = whole.split_left_right_at_x(whole.left() + CONTENTS_WIDTH);
        ui.scope_builder(UiBuilder::new().max_rect(contents), |ui| contents_ui(ui, manual));
        let line = theme::palette(ui).line;
        let x = contents.right() + GAP;
        ui.painter().vline(x, whole.y_range(), egui::Stroke::new(1.0, line));
        let page = page.with_min_x(x + 2.0 * GAP);
        ui.scope_builder(UiBuilder::new().max_rect(page), |ui| page_ui(ui, manual));
        ui.advance_cursor_after_rect(whole);
    });
    if !is_open {
        commands.push(Command::ShowManual { is_shown: false, place: None });
    }
}

fn contents_ui(ui: &mut Ui, manual: &mut ManualState) {
    ui.horizontal(|ui| {
        let reason = manual.earlier.is_empty().then_some("This is where you began");
        let back = ActionButton::icon(Icon::ArrowLeft, "Back").tooltip("To where you were before");
        if button_unless(ui, reason, back) {
            manual.go_back();
        }
        let field = TextEdit::singleline(&mut manual.query)
            .hint_text("Search the manual")
            .desired_width(f32::INFINITY);
        let field = ui.add(field);
        field.widget_info(|| {
            WidgetInfo::labeled(egui::Role::SearchInput, true, "Search the manual")
        });
        // Who opens the manual looks for something; Enter must not press Back.
        tool_window::begin_at(ui, field.id);
        if field.changed() {
            manual.search();
        }
        let is_entered = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        if let Some(hit) = manual.hits.first().filter(|_| is_entered) {
            let place = hit.place;
            manual.go_to(place);
        }
    });
    ui.add_space(UNIT);
    let area = ScrollArea::vertical().id_salt("contents").auto_shrink(false);
    area.show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 1.0;
        let chosen = if manual.query.trim().is_empty() {
            list_ui(ui, manual.place)
        } else {
            hits_ui(ui, &manual.hits)
        };
        if let Some(place) = chosen {
            manual.go_to(place);
        }
    });
}

/// Pages, and the sections of the one that is open.
fn list_ui(ui: &mut Ui, open: Place) -> Option<Place> {
    let mut chosen = None;
    for (page_number, page) in pages().iter().enumerate() {
        let is_open = page_number == open.page;
        if row(ui, page.title, is_open && open.section == 0, 0).clicked() {
            chosen = Some(Place { page: page_number, section: 0 });
        }
        if !is_open {
            continue;
        }
        ui.separator();
        for (number, section) in page.sections.iter().enumerate() {
            // Paragraphs on single knobs are too many; search finds them.
            let is_chosen = number == open.section;
            if (section.level == 2 || is_chosen) && number > 0 {
                let depth = usize::from(section.level) - 1;
                if row(ui, section.title, is_chosen, depth).clicked() {
                    chosen = Some(Place { page: page_number, section: number });
                }
            }
        }
    }
    chosen
}

fn row(ui: &mut Ui, title: &str, is_chosen: bool, depth: usize) -> egui::Response {
    let words = match depth {
        0 => RichText::new(title),
        _ => RichText::new(format!("{}{title}", "\u{2003}".repeat(depth))).small(),
    };
    ui.with_layout(Layout::top_down_justified(Align::Min), |ui| {
        ui.add(egui::Button::selectable(is_chosen, words).truncate())
    })
    .inner
}

fn hits_ui(ui: &mut Ui, hits: &[Hit]) -> Option<Place> {
    if hits.is_empty() {
        ui.label(parts::caption(ui, "Nothing was found. Try another word."));
    }
    let mut chosen = None;
    for hit in hits {
        let title = Label::new(RichText::new(&hit.title).strong()).truncate();
        let title = ui.add(title.sense(egui::Sense::click()));
        let name = format!("{}: {}", hit.title, hit.snippet);
        title.widget_info(|| WidgetInfo::labeled(egui::Role::Link, true, &name));
        crate::ui::widgets::focus_ring(ui, &title, 2);
        if title.on_hover_cursor(egui::CursorIcon::PointingHand).clicked() {
            chosen = Some(hit.place);
        }
        ui.add(Label::new(parts::caption(ui, &hit.snippet)).wrap());
        ui.add_space(GAP);
    }
    chosen
}

fn page_ui(ui: &mut Ui, manual: &mut ManualState) {
    let place = manual.place;
    let page = place.page();
    let area = ScrollArea::vertical().id_salt(("page", place.page)).auto_shrink(false);
    let wants_place = std::mem::take(&mut manual.wants_place);
    let mut link = None;
    area.show(ui, |ui| {
        let height = ui.clip_rect().height();
        keyboard_scroll(ui, height - OVERLAP, manual.query.is_empty());
        ui.set_max_width(TEXT_WIDTH.min(ui.available_width()));
        let title = ui
            .label(RichText::new(page.title).font(egui::FontId::new(size::TITLE, fonts::strong())));
        speak_heading(ui, title.id, page.title);
        if wants_place && place.section == 0 {
            ui.scroll_to_rect(title.rect, Some(Align::Min));
        }
        for (number, section) in page.sections.iter().enumerate() {
            let is_wanted = wants_place && number == place.section && number > 0;
            heading_ui(ui, section, is_wanted);
            let id = Id::unique("manual").with((place.page, number));
            link = body_ui(ui, id, section, &mut manual.cache).or(link.take());
        }
        ui.add_space(height / 3.0);
        crate::ui::focus::follow(ui);
    });
    if let Some(place) = link.and_then(|link| Place::of_link(&link, place.page)) {
        manual.go_to(place);
    }
}

fn speak_heading(ui: &Ui, id: Id, words: &str) {
    ui.ctx().accesskit_node_builder(id, |node| {
        node.set_role(egui::accesskit::Role::Heading);
        node.set_label(words);
    });
}

fn heading_ui(ui: &mut Ui, section: &Section, is_wanted: bool) {
    if section.title.is_empty() {
        return;
    }
    let is_large = section.level == 2;
    ui.add_space(if is_large { 5.0 } else { 3.0 } * UNIT);
    let font = if is_large {
        egui::FontId::new(size::TITLE, fonts::medium())
    } else {
        egui::FontId::new(size::BODY, fonts::strong())
    };
    let words = RichText::new(section.title).font(font);
    let heading = ui.label(words);
    speak_heading(ui, heading.id, section.title);
    if is_wanted {
        ui.scroll_to_rect(heading.rect.expand(UNIT), Some(Align::Min));
    }
}

/// Shows Markdown; gives the link that was pressed.
fn body_ui(ui: &mut Ui, id: Id, section: &Section, cache: &mut CommonMarkCache) -> Option<String> {
    let links = || targets(section.body).filter(|target| !target.starts_with("pictures/"));
    for link in links() {
        if cache.get_link_hook(link).is_none() {
            cache.add_link_hook(link);
        }
    }
    let width = ui.available_width();
    ui.allocate_ui_with_layout(vec2(width, 0.0), Layout::top_down(Align::Min), |ui| {
        ui.spacing_mut().item_spacing = vec2(0.0, UNIT);
        // Words that stand out have a colour of their own.
        ui.visuals_mut().widgets.active.fg_stroke.color = theme::palette(ui).played_text;
        // Rows of text are as high as text, else the first line of an item hangs below its number.
        ui.spacing_mut().interact_size.y = ui.text_style_height(&TextStyle::Body);
        for (number, part) in manual_code::parts(section.body).into_iter().enumerate() {
            match part {
                Part::Code(code) => manual_code::code_ui(ui, code),
                Part::Prose(prose) => {
                    CommonMarkViewer::new()
                        .default_implicit_uri_scheme(PICTURES)
                        .max_image_width(Some(width as usize))
                        .show_with_id(id.with(number), ui, cache, prose);
                }
            }
        }
        name_rest_of_links(ui);
    });
    links().find(|link| cache.get_link_hook(link) == Some(true)).map(str::to_owned)
}

/// A link that is broken into lines is a control for each line, of which egui names the first.
fn name_rest_of_links(ui: &Ui) {
    let (ctx, area) = (ui.ctx(), ui.min_rect());
    let links: Vec<Id> = ctx.viewport(|viewport| {
        let widgets = viewport.this_pass.widgets.get_layer(ui.layer_id());
        let links = widgets.filter(|one| one.sense.senses_click() && area.intersects(one.rect));
        links.map(|widget| widget.id).collect()
    });
    for id in links {
        ctx.accesskit_node_builder(id, |node| {
            if node.role() == egui::accesskit::Role::Unknown && node.label().is_none() {
                node.set_label("The rest of the link");
                node.set_hidden();
            }
        });
    }
}

/// Page keys, and Home and End while no words stand in the search to go through.
fn keyboard_scroll(ui: &mut Ui, page: f32, is_search_empty: bool) {
    let is_typing = ui.ctx().text_edit_focused() && !is_search_empty;
    let moves =
        [(Key::PageDown, -page), (Key::PageUp, page), (Key::Home, f32::MAX), (Key::End, f32::MIN)];
    for (key, by) in moves {
        if is_typing && matches!(key, Key::Home | Key::End) {
            continue;
        }
        if ui.input_mut(|input| input.consume_key(Modifiers::NONE, key)) {
            // Beyond the ends there is nothing to scroll to.
            ui.scroll_with_delta(vec2(0.0, by.clamp(-1e6, 1e6)));
        }
    }
}
