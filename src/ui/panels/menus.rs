//! The menus, made from the list of actions: a row of them, or one button where there is no room.

use std::path::{Path, PathBuf};

use egui::{
    AtomExt as _, Context, FocusDirection, Id, Key, Modifiers, Popup, PopupCloseBehavior, Response,
    RichText, Role, ScrollArea, Ui, WidgetInfo, vec2,
};

use crate::ui::actions::{self, ACTIONS, Action, Entry, Section};
use crate::ui::command::Command;
use crate::ui::focus;
use crate::ui::icons::Icon;
use crate::ui::shortcuts;
use crate::ui::state::State;
use crate::ui::theme::UNIT;
use crate::ui::widgets::ActionButton;

const WIDTH: f32 = 270.0;

/// All menus side by side, or one that holds them.
pub fn menus_ui(ui: &mut Ui, state: &State, has_room: bool, commands: &mut Vec<Command>) {
    if !has_room {
        let button = ui.add(ActionButton::icon(Icon::Menu, "Menu").quiet());
        Popup::menu(&button).width(120.0).gap(UNIT).show(|ui| {
            for section in Section::ALL {
                let inner = ui.menu_button(section.name(), |ui| {
                    section_ui(ui, section, state, commands);
                });
                inner
                    .response
                    .widget_info(|| WidgetInfo::labeled(Role::Button, true, section.name()));
            }
        });
        return;
    }
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        ui.spacing_mut().button_padding.x = 2.0 * UNIT;
        let mut wanted = go_by_arrows(ui.ctx());
        let mut popups = Vec::new();
        for (place, section) in Section::ALL.into_iter().enumerate() {
            let button = ui.add(ActionButton::new(section.name()).quiet());
            popups.push(Popup::default_response_id(&button));
            if button.clicked() && button.has_focus() {
                wanted = Some(place);
            }
            let shown = Popup::menu(&button)
                .width(WIDTH)
                .gap(UNIT)
                .close_behavior(PopupCloseBehavior::CloseOnClick)
                .show(|ui| section_ui(ui, section, state, commands));
            // Where it is opened by a key, the first row that can be chosen has the keyboard.
            if let Some(first) =
                shown.and_then(|shown| shown.inner).filter(|_| wanted == Some(place))
            {
                first.request_focus();
                wanted = None;
            }
        }
        ui.data_mut(|data| data.insert_temp(open_id(), OpenMenus { popups, wanted }));
    });
}

/// The lists of the menus, and the one whose first row is to have the keyboard.
#[derive(Clone, Default)]
struct OpenMenus {
    popups: Vec<Id>,
    wanted: Option<usize>,
}

fn open_id() -> Id {
    Id::unique("menus")
}

/// Left and right go from an open menu to its neighbours. Returns the place of the menu whose first
/// row is to have the keyboard.
fn go_by_arrows(ctx: &Context) -> Option<usize> {
    let menus: OpenMenus = ctx.data(|data| data.get_temp(open_id())).unwrap_or_default();
    let n_menus = menus.popups.len();
    let open = menus.popups.iter().position(|popup| Popup::is_id_open(ctx, *popup));
    let open = open?;
    let pressed = |key| ctx.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    let next = match (pressed(Key::ArrowLeft), pressed(Key::ArrowRight)) {
        (true, false) => (open + n_menus - 1) % n_menus,
        (false, true) => (open + 1) % n_menus,
        _ => return menus.wanted,
    };
    ctx.memory_mut(|memory| memory.move_focus(FocusDirection::None));
    Popup::open_id(ctx, menus.popups[next]);
    Some(next)
}

/// The entries of one menu. Returns the first that can be chosen.
fn section_ui(
    ui: &mut Ui,
    section: Section,
    state: &State,
    commands: &mut Vec<Command>,
) -> Option<Response> {
    ui.set_min_width(WIDTH);
    ui.spacing_mut().interact_size.y = 6.0 * UNIT;
    ui.spacing_mut().button_padding = vec2(2.0 * UNIT, UNIT);
    ui.spacing_mut().item_spacing.y = 0.0;
    // A long menu scrolls where the window is low or the zoom is high.
    let room = (ui.ctx().content_rect().height() - 24.0 * UNIT).max(30.0 * UNIT);
    let list = ScrollArea::vertical().max_height(room).show(ui, |ui| {
        let mut first: Option<Response> = None;
        for entry in ACTIONS.iter().filter(|entry| entry.section == section) {
            if entry.begins_group {
                ui.separator();
            }
            let row = entry_ui(ui, entry, state, commands);
            first = first.or(Some(row).filter(Response::enabled));
            if entry.action == Action::Open {
                recent_ui(ui, &state.recent_projects, commands);
            }
        }
        focus::follow(ui);
        first
    });
    list.inner
}

/// The projects that were open before, in a list of their own.
fn recent_ui(ui: &mut Ui, recent: &[PathBuf], commands: &mut Vec<Command>) {
    const NAME: &str = "Open recent";
    let list = ui.add_enabled_ui(!recent.is_empty(), |ui| {
        ui.menu_button(NAME, |ui| {
            ui.set_min_width(WIDTH);
            for path in recent {
                let name = path.file_stem().unwrap_or_default().to_string_lossy();
                let folder = path.parent().unwrap_or(Path::new("")).display().to_string();
                let button = egui::Button::new(name.as_ref()).truncate().frame_when_inactive(false);
                let row = ui.add(button.min_size(vec2(ui.available_width(), 0.0)));
                let label = format!("{NAME}: {name}");
                row.widget_info(|| WidgetInfo::labeled(Role::Button, true, &label));
                if row.on_hover_text(folder).clicked() {
                    commands.push(Command::OpenPath(path.clone()));
                }
            }
        })
    });
    let response = list.inner.response;
    response.widget_info(|| WidgetInfo::labeled(Role::Button, !recent.is_empty(), NAME));
    response.on_disabled_hover_text("No project was opened or saved yet");
}

/// A tick where it is on, its title, its keys; greyed with the reason where it cannot be.
fn entry_ui(ui: &mut Ui, entry: &Entry, state: &State, commands: &mut Vec<Command>) -> Response {
    let now = actions::now(entry.action, state);
    let tick =
        if now.is_on == Some(true) { Icon::Check.unicode().to_string() } else { String::new() };
    let tick = RichText::new(tick).atom_size(vec2(4.0 * UNIT, 4.0 * UNIT));
    let keys = shortcuts::keys(ui.ctx(), entry.action);
    let button = egui::Button::new((tick, now.title.as_ref())).truncate();
    let button = button.shortcut_text(keys).frame_when_inactive(false);
    let button = button.min_size(vec2(ui.available_width(), 0.0));
    let response = ui.add_enabled(now.outcome.is_ok(), button);
    let is_enabled = now.outcome.is_ok();
    response.widget_info(|| {
        let info = WidgetInfo::labeled(Role::Button, is_enabled, now.title.as_ref());
        WidgetInfo { selected: now.is_on, ..info }
    });
    match now.outcome {
        Err(reason) => response.on_disabled_hover_text(reason),
        Ok(command) => {
            if response.clicked() {
                commands.push(command);
            }
            match entry.meaning {
                "" => response,
                meaning => response.on_hover_text(meaning),
            }
        }
    }
}
