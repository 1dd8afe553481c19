//! What the panels look like and what they push, without a window.

use egui::{Theme, Vec2, vec2};
use egui_kittest::Harness;

use super::examples;
use crate::ui::command::Command;
use crate::ui::layout::window_ui;
use crate::ui::state::State;
use crate::ui::{testing, theme};

struct Window {
    state: State,
    commands: Vec<Command>,
}

fn window(state: State, size: Vec2, look: Theme) -> (Harness<'static, Window>, testing::Textures) {
    let (builder, textures) = testing::builder::<Window>(size, look);
    let harness = builder.build_ui_state(
        |ui, window: &mut Window| {
            let ground = theme::palette(ui).ground;
            ui.painter().rect_filled(ui.ctx().content_rect(), 0.0, ground);
            window_ui(ui, &mut window.state, &mut window.commands);
        },
        Window { state, commands: vec![] },
    );
    (harness, textures)
}

/// Writes pictures of the window in every state, to look at.
#[test]
#[ignore = "pictures to look at, not to compare"]
fn pictures_to_look_at() {
    let Some(folder) = std::env::var_os("HARMONIUM_PICTURES") else { return };
    let states: [(&str, fn() -> State); 5] = [
        ("empty", examples::empty),
        ("songs", examples::with_songs),
        ("training", examples::training),
        ("pieces", examples::with_pieces),
        ("troubled", examples::troubled),
    ];
    for (name, state) in states {
        for (look, look_name) in [(Theme::Dark, "dark"), (Theme::Light, "light")] {
            for (size, size_name) in
                [(vec2(1440.0, 900.0), "large"), (vec2(1100.0, 700.0), "small")]
            {
                let (mut harness, textures) = window(state(), size, look);
                harness.run_steps(8);
                let image = testing::render(&harness, &textures);
                let path = std::path::Path::new(&folder);
                let path = path.join(format!("{name}_{look_name}_{size_name}.png"));
                testing::write_png(&path, &image);
            }
        }
    }
}
