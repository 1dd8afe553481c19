//! A knob under the hands: pointer, wheel, keyboard, screen reader.

use egui::accesskit::Role;
use egui::{
    Event, Key, Modifiers, MouseWheelSource, MouseWheelUnit, PointerButton, Theme, TouchPhase,
    pos2, vec2,
};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::*;
use crate::ui::testing;

fn rate_spec() -> KnobSpec<'static> {
    KnobSpec {
        label: "Learn rate",
        range: 1e-4..=1.0,
        scale: KnobScale::Logarithmic,
        default: 0.05,
        meaning: "How far the weights move after each batch.",
        usual: "0.01 to 0.5",
        too_little: "the error falls slowly",
        too_much: "the error jumps about or grows",
        ..KnobSpec::default()
    }
}

fn hidden() -> KnobSpec<'static> {
    KnobSpec {
        label: "Hidden",
        unit: "units",
        range: 1.0..=1000.0,
        scale: KnobScale::Integer,
        default: 50.0,
        ..KnobSpec::default()
    }
}

fn harness(spec: KnobSpec<'static>, value: f64) -> Harness<'static, f64> {
    let (builder, _) = testing::builder::<f64>(vec2(200.0, 120.0), Theme::Dark);
    let mut harness = builder.build_ui_state(
        move |ui, value| {
            ui.add(Knob::new(value, &spec));
        },
        value,
    );
    harness.run();
    harness
}

fn knob_center(harness: &Harness<'_, f64>) -> egui::Pos2 {
    let rect = harness.get_by_role(Role::Slider).rect();
    pos2(rect.center().x, rect.top() + 20.0)
}

fn press(harness: &mut Harness<'_, f64>, pos: egui::Pos2, pressed: bool, modifiers: Modifiers) {
    harness.event(Event::ModifiersChanged(modifiers));
    harness.event(Event::PointerMoved(pos));
    harness.event(Event::PointerButton { pos, button: PointerButton::Primary, pressed, modifiers });
    harness.run_steps(2);
}

fn drag_to(harness: &mut Harness<'_, f64>, pos: egui::Pos2, modifiers: Modifiers) {
    harness.event(Event::ModifiersChanged(modifiers));
    harness.event(Event::PointerMoved(pos));
    harness.run_steps(1);
}

fn click_number(harness: &mut Harness<'_, f64>) {
    let rect = harness.get_by_role(Role::Slider).rect();
    let pos = pos2(rect.center().x, rect.bottom() - 8.0);
    press(harness, pos, true, Modifiers::NONE);
    press(harness, pos, false, Modifiers::NONE);
}

#[test]
fn dragging_up_raises_and_shift_makes_it_finer_without_a_jump() {
    let mut harness = harness(hidden(), 500.0);
    let start = knob_center(&harness);
    press(&mut harness, start, true, Modifiers::NONE);
    drag_to(&mut harness, start - vec2(0.0, 40.0), Modifiers::NONE);
    let coarse = *harness.state();
    assert!((coarse - 600.0).abs() <= 2.0, "{coarse}");
    drag_to(&mut harness, start - vec2(0.0, 40.0), Modifiers::SHIFT);
    assert_eq!(*harness.state(), coarse, "pressing Shift moves nothing");
    drag_to(&mut harness, start - vec2(0.0, 60.0), Modifiers::SHIFT);
    let fine = *harness.state();
    assert!((fine - coarse - 5.0).abs() <= 1.0, "{fine}");
    drag_to(&mut harness, start - vec2(0.0, 60.0), Modifiers::NONE);
    assert_eq!(*harness.state(), fine, "letting Shift go moves nothing");
    press(&mut harness, start - vec2(0.0, 60.0), false, Modifiers::NONE);
    assert_eq!(*harness.state(), fine);
}

#[test]
fn a_double_click_sets_the_default() {
    let mut harness = harness(hidden(), 500.0);
    let center = knob_center(&harness);
    for _ in 0..2 {
        press(&mut harness, center, true, Modifiers::NONE);
        press(&mut harness, center, false, Modifiers::NONE);
    }
    assert_eq!(*harness.state(), 50.0);
}

#[test]
fn a_number_is_typed_and_enter_takes_it() {
    let mut harness = harness(rate_spec(), 0.05);
    click_number(&mut harness);
    harness.get_by_role(Role::TextInput).type_text("1e-3");
    harness.run_steps(2);
    harness.key_press(Key::Enter);
    harness.run_steps(3);
    assert_eq!(*harness.state(), 1e-3);
    assert!(harness.query_by_role(Role::TextInput).is_none());
    assert!(harness.get_by_role(Role::Slider).is_focused());
}

#[test]
fn escape_leaves_the_value_and_nonsense_is_not_taken() {
    let mut harness = harness(rate_spec(), 0.05);
    click_number(&mut harness);
    harness.get_by_role(Role::TextInput).type_text("fast");
    harness.run_steps(2);
    harness.key_press(Key::Enter);
    harness.run_steps(3);
    assert!(harness.query_by_role(Role::TextInput).is_some(), "still open");
    harness.key_press(Key::Escape);
    harness.run_steps(3);
    assert!(harness.query_by_role(Role::TextInput).is_none());
    assert_eq!(*harness.state(), 0.05);
}

#[test]
fn keys_turn_it_once_it_has_the_keyboard() {
    let mut harness = harness(hidden(), 500.0);
    harness.get_by_role(Role::Slider).focus();
    harness.run_steps(2);
    let keys = [
        (Key::ArrowUp, 501.0),
        (Key::ArrowLeft, 500.0),
        (Key::PageUp, 510.0),
        (Key::PageDown, 500.0),
        (Key::End, 1000.0),
        (Key::Home, 1.0),
        (Key::Delete, 50.0),
    ];
    for (key, value) in keys {
        harness.key_press(key);
        harness.run_steps(2);
        assert_eq!(*harness.state(), value, "{key:?}");
    }
    assert!(harness.get_by_role(Role::Slider).is_focused());
}

#[test]
fn a_screen_reader_finds_a_slider_with_all_it_needs() {
    let mut harness = harness(hidden(), 500.0);
    let node = harness.get_by_role_and_label(Role::Slider, "Hidden");
    let node = node.accesskit_node();
    assert_eq!(node.numeric_value(), Some(500.0));
    assert_eq!(node.min_numeric_value(), Some(1.0));
    assert_eq!(node.max_numeric_value(), Some(1000.0));
    assert_eq!(node.value().as_deref(), Some("500 units"));
    harness.get_by_label("Hidden").set_value_accesskit(77.0);
    harness.run_steps(2);
    assert_eq!(*harness.state(), 77.0);
    harness.get_by_label("Hidden").increment_accesskit();
    harness.run_steps(2);
    assert_eq!(*harness.state(), 78.0);
    harness.get_by_label("Hidden").decrement_accesskit();
    harness.run_steps(2);
    assert_eq!(*harness.state(), 77.0);
    harness.get_by_label("Hidden").set_text_value_accesskit("80 units");
    harness.run_steps(2);
    assert_eq!(*harness.state(), 80.0);
}

fn wheel(harness: &mut Harness<'_, f64>, lines: f32) {
    harness.event(Event::MouseWheel {
        unit: MouseWheelUnit::Line,
        source: MouseWheelSource::Wheel,
        delta: vec2(0.0, lines),
        phase: TouchPhase::Move,
        modifiers: Modifiers::NONE,
    });
    harness.run_steps(1);
}

#[test]
fn the_wheel_turns_a_knob_only_after_the_pointer_has_rested_on_it() {
    let mut harness = harness(hidden(), 500.0);
    let center = knob_center(&harness);
    harness.hover_at(center);
    harness.run_steps(1);
    wheel(&mut harness, 1.0);
    assert_eq!(*harness.state(), 500.0, "passing over it");
    for _ in 0..10 {
        harness.run_steps(20);
    }
    wheel(&mut harness, 2.0);
    assert_eq!(*harness.state(), 502.0);
}

#[test]
fn a_knob_under_a_scrolling_panel_neither_turns_nor_stops_it_and_once_rested_on_holds_it() {
    let spec = hidden();
    let (builder, _) = testing::builder::<(f64, f32)>(vec2(200.0, 120.0), Theme::Dark);
    let mut harness = builder.build_ui_state(
        move |ui, (value, offset): &mut (f64, f32)| {
            let shown = egui::ScrollArea::vertical().show(ui, |ui| {
                ui.set_min_height(1000.0);
                ui.add_space(20.0);
                ui.add(Knob::new(value, &spec));
            });
            *offset = shown.state.clamped_offset().y;
        },
        (500.0, 0.0),
    );
    harness.run();
    let rect = harness.get_by_role(Role::Slider).rect();
    let scroll = |harness: &mut Harness<'_, (f64, f32)>| {
        harness.event(Event::MouseWheel {
            unit: MouseWheelUnit::Point,
            source: MouseWheelSource::Wheel,
            delta: vec2(0.0, -10.0),
            phase: TouchPhase::Move,
            modifiers: Modifiers::NONE,
        });
        harness.run_steps(15);
    };
    harness.hover_at(rect.center());
    harness.run_steps(1);
    scroll(&mut harness);
    let (value, offset) = *harness.state();
    assert_eq!(value, 500.0);
    assert!(offset > 0.0, "the panel scrolls");
    harness.run_steps(60);
    for _ in 0..3 {
        scroll(&mut harness);
    }
    let (value, after) = *harness.state();
    assert!(value < 500.0, "the knob turns");
    assert_eq!(after, offset, "the panel stays");
}

#[test]
fn a_disabled_knob_does_not_move() {
    let spec = hidden();
    let (builder, _) = testing::builder::<f64>(vec2(200.0, 120.0), Theme::Dark);
    let mut harness = builder.build_ui_state(
        move |ui, value: &mut f64| {
            ui.add_enabled(false, Knob::new(value, &spec));
        },
        500.0,
    );
    harness.run();
    let start = knob_center(&harness);
    press(&mut harness, start, true, Modifiers::NONE);
    drag_to(&mut harness, start - vec2(0.0, 90.0), Modifiers::NONE);
    assert_eq!(*harness.state(), 500.0);
}

#[test]
fn knobs_look_as_they_should() {
    testing::check_snapshots("knob", vec2(560.0, 100.0), |ui| {
        ui.horizontal(|ui| {
            let decay = KnobSpec {
                label: "Weight decay",
                range: 1e-6..=0.1,
                scale: KnobScale::LogarithmicOrZero,
                ..rate_spec()
            };
            let shift = KnobSpec {
                label: "Transpose",
                range: -6.0..=6.0,
                scale: KnobScale::Integer,
                format: KnobFormat::Signed,
                default: 0.0,
                ..rate_spec()
            };
            let share = KnobSpec {
                label: "Held out",
                range: 0.0..=0.5,
                scale: KnobScale::Linear { step: 0.01 },
                format: KnobFormat::Percent,
                default: 0.1,
                ..rate_spec()
            };
            ui.add(Knob::new(&mut 50.0, &hidden()));
            ui.add(Knob::new(&mut 0.005, &rate_spec()));
            ui.add(Knob::new(&mut 1e-4, &decay).width(72.0));
            ui.add(Knob::new(&mut 3.0, &shift));
            ui.add(Knob::new(&mut 0.1, &share).acts_at_next_run(true));
            let focused = ui.add(Knob::new(&mut 1000.0, &hidden()));
            focused.request_focus();
            ui.add_enabled(false, Knob::new(&mut 0.5, &rate_spec()));
        });
    });
}

#[test]
fn the_tooltip_explains_and_typing_shows_what_is_wrong() {
    for theme in [Theme::Dark, Theme::Light] {
        let (builder, textures) = testing::builder::<(f64, f64)>(vec2(330.0, 260.0), theme);
        let mut harness = builder.build_ui_state(
            |ui, (rate, decay)| {
                let ground = crate::ui::theme::palette(ui).ground;
                ui.painter().rect_filled(ui.ctx().content_rect(), 0.0, ground);
                let (first, second) = (rate_spec(), KnobSpec { label: "Decay", ..rate_spec() });
                ui.horizontal(|ui| {
                    ui.add(Knob::new(rate, &first).acts_at_next_run(true));
                    ui.add(Knob::new(decay, &second));
                });
            },
            (0.05, 0.01),
        );
        harness.run();
        let at = |harness: &Harness<'_, (f64, f64)>, label: &str, down: f32| {
            let rect = harness.get_by_role_and_label(Role::Slider, label).rect();
            pos2(rect.center().x, rect.top() + down)
        };
        harness.hover_at(at(&harness, "Learn rate", 20.0));
        harness.run_steps(60);
        let name = if theme == Theme::Dark { "dark" } else { "light" };
        let image = testing::render(&harness, &textures);
        testing::check_image(&format!("knob_tooltip_{name}_1x"), &image);
        harness.get_by_role_and_label(Role::Slider, "Decay").focus();
        harness.run_steps(2);
        harness.key_press(Key::Enter);
        harness.run_steps(3);
        harness.get_by_role(Role::TextInput).type_text("fast");
        harness.run_steps(2);
        harness.key_press(Key::Enter);
        harness.hover_at(pos2(300.0, 250.0));
        harness.run_steps(60);
        let image = testing::render(&harness, &textures);
        testing::check_image(&format!("knob_typing_{name}_1x"), &image);
    }
}
