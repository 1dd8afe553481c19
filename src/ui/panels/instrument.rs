//! Choosing one of the General MIDI instruments, by family.

use egui::{Popup, PopupCloseBehavior, Response, RichText, ScrollArea, Ui};

use crate::music::{GENERAL_MIDI_FAMILIES, GENERAL_MIDI_NAMES};
use crate::ui::theme::UNIT;

/// The name of a General MIDI programme.
pub fn instrument_name(program: u8) -> &'static str {
    GENERAL_MIDI_NAMES.get(usize::from(program)).copied().unwrap_or("?")
}

/// The list that a press on `button` opens. Returns the programme that was chosen.
pub fn instrument_menu(button: &Response, program: u8) -> Option<u8> {
    let mut chosen = None;
    let popup = Popup::menu(button).width(190.0).gap(4.0);
    popup.close_behavior(PopupCloseBehavior::CloseOnClick).show(|ui| {
        ScrollArea::vertical().max_height(480.0).show(ui, |ui| {
            // Sixteen families stand below each other without a gap, else they would not fit.
            ui.spacing_mut().item_spacing.y = 0.0;
            ui.spacing_mut().interact_size.y = 6.0 * UNIT;
            ui.set_min_width(200.0);
            for (number, family) in GENERAL_MIDI_FAMILIES.iter().enumerate() {
                let is_chosen = usize::from(program) / 8 == number;
                let text = RichText::new(*family);
                let text = if is_chosen { text.strong() } else { text };
                ui.menu_button(text, |ui| family_ui(ui, number, program, &mut chosen));
            }
        });
    });
    chosen
}

fn family_ui(ui: &mut Ui, family: usize, program: u8, chosen: &mut Option<u8>) {
    ui.spacing_mut().item_spacing.y = 0.0;
    ui.spacing_mut().interact_size.y = 6.0 * UNIT;
    ui.set_min_width(170.0);
    let names = GENERAL_MIDI_NAMES.iter().enumerate().skip(family * 8).take(8);
    for (number, name) in names {
        let number = number as u8;
        if ui.selectable_label(number == program, *name).clicked() {
            *chosen = Some(number);
        }
    }
}
