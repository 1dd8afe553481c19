//! The menu of everything that the model can make of what the roll shows.

use egui::{Popup, PopupCloseBehavior, Response, Ui, WidgetInfo};

use super::parts::{self, button_unless};
use crate::ui::command::Command;
use crate::ui::compose::{Composition, selected_bars, why_not, why_not_start_from};
use crate::ui::icons::Icon;
use crate::ui::state::State;
use crate::ui::theme::UNIT;
use crate::ui::widgets::{ActionButton, Chip, slim_slider};

const WIDTH: f32 = 252.0;
const ROW: f32 = 26.0;

/// The chip that opens the menu; bright where bars are selected.
pub fn compose_menu_ui(ui: &mut Ui, state: &State, commands: &mut Vec<Command>) -> Response {
    let bars = selected_bars(state);
    let words =
        bars.as_ref().map_or_else(|| "Compose".to_owned(), |bars| format!("Compose: {bars}"));
    let chip = ui.add(Chip::new(&words).icon(Icon::ChevronDown).bright(true));
    let name = format!("Compose with {}", bars.as_deref().unwrap_or("the whole"));
    chip.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, &name));
    Popup::menu(&chip)
        .width(WIDTH)
        .gap(UNIT)
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
        .show(|ui| menu_ui(ui, state, bars.as_deref(), commands));
    chip.on_hover_text("What the model can make of this: new pieces, beside it")
}

fn menu_ui(ui: &mut Ui, state: &State, bars: Option<&str>, commands: &mut Vec<Command>) {
    ui.set_width(WIDTH);
    ui.spacing_mut().item_spacing.y = 0.0;
    let of_bars =
        bars.map_or_else(|| "Select bars in the ruler for these".to_owned(), String::from);
    ui.label(parts::caption(ui, of_bars));
    for composition in
        [Composition::Inside, Composition::Around, Composition::Continue, Composition::LeadUp]
    {
        entry_ui(ui, state, composition, commands);
    }
    ui.separator();
    ui.label(parts::caption(ui, "The whole"));
    for composition in [
        Composition::Harmonise,
        Composition::MelodyFor,
        Composition::Interpolate,
        Composition::Vary,
    ] {
        entry_ui(ui, state, composition, commands);
    }
    amount_ui(ui, state, commands);
    ui.separator();
    let start = ActionButton::new("Start new pieces from this")
        .with_icon(Icon::Play)
        .quiet()
        .height(ROW)
        .tooltip("The chains of new pieces set out from it, and wander off");
    if button_unless(ui, why_not_start_from(state), start) {
        commands.push(Command::StartFromShown);
        ui.close();
    }
}

fn entry_ui(ui: &mut Ui, state: &State, composition: Composition, commands: &mut Vec<Command>) {
    let button = ActionButton::new(composition.label())
        .with_icon(composition.icon())
        .quiet()
        .height(ROW)
        .tooltip(composition.meaning());
    if button_unless(ui, why_not(composition, state), button) {
        commands.push(Command::Compose(composition));
        ui.close();
    }
}

/// How far "Vary" strays.
fn amount_ui(ui: &mut Ui, state: &State, commands: &mut Vec<Command>) {
    ui.horizontal(|ui| {
        ui.add_space(7.0 * UNIT);
        ui.label(parts::caption(ui, "faithful"));
        let mut amount = state.music.vary_amount as f32;
        let what = "How far a variation strays";
        if slim_slider(ui, what, &mut amount, 96.0).changed() {
            commands.push(Command::SetVaryAmount(f64::from(amount)));
        }
        ui.label(parts::caption(ui, "free"));
    });
}
