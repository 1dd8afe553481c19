//! The page about the program: what it is, which version, on whose work it stands.

use egui::{Context, Label, RichText, ScrollArea, TextStyle, Ui, vec2};

use super::dialogs::{heading, modal};
use super::gpu;
use super::parts::{self, GAP};
use crate::ui::command::Command;
use crate::ui::fonts;
use crate::ui::icons::Icon;
use crate::ui::state::State;
use crate::ui::theme::{self, UNIT};
use crate::ui::widgets::ActionButton;

const WIDTH: f32 = 560.0;
const LICENCES_HEIGHT: f32 = 300.0;

/// Made by scripts/licence_list.py; a test compares it with Cargo.lock.
const CRATES: &str = include_str!("../../../licences/crates.tsv");
const LGPL: &str = include_str!("../../../licences/LGPL-2.1.txt");
const LUCIDE: &str = include_str!("../../../licences/lucide.txt");
const APACHE: &str = include_str!("../../../LICENSE-APACHE");
const MIT: &str = include_str!("../../../LICENSE-MIT");
const FLUID_R3: &str = include_str!("../../../soundfonts/LICENSE-FluidR3.txt");
const OFL: &str = include_str!("../../../assets/fonts/OFL-Inter.txt");
const DEJAVU: &str = include_str!("../../../assets/fonts/LICENSE-DejaVu.txt");

/// What ships with the program and is no crate: its name, what is said of it, and its licence in
/// full.
const OTHERS: [(&str, &str, &str); 6] = [
    (
        "FluidLite 0.2.1: LGPL-2.1",
        "The synthesiser, © 2016 Robin Lobel, after FluidSynth © Peter Hanappe and others. It is used \
         unchanged and linked statically. Packages carry its complete source, and Harmonium's, in the \
         folder source, so that you may change it and build the program anew; whoever gave you \
         Harmonium without them owes you both. Nothing in Harmonium's terms forbids changing it for \
         your own use, or reverse engineering to debug such changes.",
        LGPL,
    ),
    (
        "SoundFont, a cut of FluidR3Mono_GM: MIT",
        "© 2000-2002, 2008 Frank Wen; mono version © 2014-2017 Michael Cowgill; and others.",
        FLUID_R3,
    ),
    (
        "Inter, the typeface: SIL Open Font License 1.1",
        "© 2016-2022 The Inter Project Authors; changed: fewer characters, quadratic outlines, figures.",
        OFL,
    ),
    (
        "Symbols of DejaVu Sans: Bitstream Vera",
        "© 2003 Bitstream, Inc.; changes in the public domain.",
        DEJAVU,
    ),
    (
        "Lucide, the icons: ISC",
        "© 2026 Lucide Icons and Contributors; in part MIT, © 2013-present Cole Bemis.",
        LUCIDE,
    ),
    (
        "libtorch, libgomp and NVIDIA's runtime: beside the program",
        "libtorch 2.11.0 is under BSD-3-Clause, © Facebook, Inc. and others; libgomp under GPL-3.0 with \
         the GCC Runtime Library Exception; libcudart and libcupti under NVIDIA's agreement, which \
         allows passing them on. Their texts lie in the folder licences. This software contains \
         source code provided by NVIDIA Corporation.",
        "",
    ),
];

/// A crate of Cargo.lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crate {
    pub name: &'static str,
    pub version: &'static str,
    pub licence: &'static str,
    /// Part of the program on Linux, or run while that is compiled; else of other systems or tests.
    pub is_in_program: bool,
}

/// Every crate of Cargo.lock.
pub fn crates() -> impl Iterator<Item = Crate> {
    CRATES.lines().filter_map(|line| {
        let mut parts = line.split('\t');
        Some(Crate {
            name: parts.next()?,
            version: parts.next()?,
            licence: parts.next()?,
            is_in_program: parts.next()? == "program",
        })
    })
}

/// "Version 1.2.3, commit 3778eb7, with libtorch 2.11.0".
fn version_words() -> String {
    let commit = match option_env!("HARMONIUM_COMMIT") {
        Some(commit) if !commit.is_empty() => format!("commit {commit}"),
        _ => "built from source".to_owned(),
    };
    format!("Version {}, {commit}, with libtorch 2.11.0", env!("CARGO_PKG_VERSION"))
}

/// The page, if it is open.
pub fn about_ui(ctx: &Context, state: &State, commands: &mut Vec<Command>) {
    if !state.is_about_shown {
        return;
    }
    let room = ctx.content_rect().height() - 90.0 * UNIT;
    let shown = modal(ctx, "about").show(ctx, |ui| {
        ui.set_width(WIDTH);
        heading(ui, "Harmonium");
        ui.label(RichText::new(version_words()).family(fonts::figures()));
        ui.add_space(UNIT);
        ui.label(
            "Trains a restricted Boltzmann machine on your MIDI files and plays what it dreams, on your \
             own machine and without a network. A harmonium is what Paul Smolensky called that machine \
             in 1986; it is also a reed organ.",
        );
        ui.label(parts::caption(ui, gpu::verdict(state)));
        ui.add_space(GAP);
        let area = ScrollArea::vertical().max_height(LICENCES_HEIGHT.min(room).max(20.0 * UNIT));
        area.auto_shrink([false, true]).show(ui, |ui| {
            licences_ui(ui);
            crate::ui::focus::follow(ui);
        });
        ui.add_space(GAP);
        ui.horizontal(|ui| {
            let manual = ActionButton::new("Manual").with_icon(Icon::BookOpen);
            if ui.add(manual).clicked() {
                commands.push(Command::ShowAbout(false));
                commands.push(Command::ShowManual { is_shown: true, place: None });
            }
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                ui.add(ActionButton::new("Close").primary().min_width(84.0)).clicked()
            })
            .inner
        })
        .inner
    });
    if shown.inner || shown.should_close() {
        commands.push(Command::ShowAbout(false));
    }
}

fn licences_ui(ui: &mut Ui) {
    ui.spacing_mut().item_spacing.y = UNIT;
    ui.label(RichText::new("Licences").strong());
    text_ui(
        ui,
        "Harmonium: MIT or Apache-2.0, as you like",
        "Its code and its pictures.",
        &[MIT, APACHE],
    );
    for (title, words, text) in &OTHERS {
        text_ui(ui, title, words, std::slice::from_ref(text));
    }
    let n_crates = crates().filter(|one| one.is_in_program).count();
    ui.collapsing(format!("{n_crates} Rust crates"), |ui| {
        ui.label(parts::caption(
            ui,
            "What the program is built from. Packages carry the full texts in licences/crates.txt.",
        ));
        let height = ui.text_style_height(&TextStyle::Body);
        let in_program: Vec<Crate> = crates().filter(|one| one.is_in_program).collect();
        let area = ScrollArea::vertical().id_salt("crates").max_height(180.0);
        area.auto_shrink([false, true]).show_rows(ui, height, in_program.len(), |ui, rows| {
            for one in &in_program[rows] {
                crate_ui(ui, one);
            }
        });
    });
}

fn crate_ui(ui: &mut Ui, one: &Crate) {
    let name = format!("{} {}", one.name, one.version);
    ui.horizontal(|ui| {
        let width = ui.available_width() / 2.0;
        ui.add_sized(vec2(width, 0.0), Label::new(name).truncate().halign(egui::Align::Min));
        let quiet = theme::palette(ui).quiet_text;
        ui.add(Label::new(RichText::new(one.licence).color(quiet)).truncate());
    });
}

fn text_ui(ui: &mut Ui, title: &str, words: &str, texts: &[&str]) {
    ui.collapsing(title, |ui| {
        ui.add(Label::new(words).wrap());
        for text in texts.iter().filter(|text| !text.is_empty()) {
            let area = ScrollArea::vertical().id_salt(text.len()).max_height(160.0);
            area.auto_shrink([false, true]).show(ui, |ui| {
                ui.add(Label::new(RichText::new(*text).small()).wrap());
            });
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::panels::examples;
    use crate::ui::panels::tests::{LARGE, window, window_of};
    use egui::{Role, Theme};
    use egui_kittest::kittest::Queryable as _;
    use std::collections::BTreeSet;

    #[test]
    fn the_list_of_crates_is_that_of_the_lock_file() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.lock");
        let lock = std::fs::read_to_string(path).unwrap();
        let value = |line: Option<&str>, key: &str| {
            let quoted = line?.strip_prefix(key)?;
            Some(quoted.trim_matches('"').to_owned())
        };
        let mut wanted = BTreeSet::new();
        let mut lines = lock.lines();
        while let Some(line) = lines.next() {
            if let Some(name) = value(Some(line), "name = ") {
                let version = value(lines.next(), "version = ").unwrap();
                wanted.insert((name, version));
            }
        }
        wanted.retain(|(name, _)| name != env!("CARGO_PKG_NAME"));
        let listed: BTreeSet<(String, String)> =
            crates().map(|one| (one.name.to_owned(), one.version.to_owned())).collect();
        assert!(
            listed == wanted,
            "run python3 scripts/licence_list.py: {:?}",
            listed.symmetric_difference(&wanted).collect::<Vec<_>>()
        );
        assert!(crates().all(|one| !one.licence.is_empty() && one.licence != "not stated"));
        assert!(crates().any(|one| one.name == "fluidlite-sys" && one.is_in_program));
        assert!(crates().any(|one| one.name == "egui_kittest" && !one.is_in_program));
    }

    #[test]
    fn it_names_version_libtorch_and_licences_and_offers_the_source() {
        let mut state = examples::empty();
        state.is_about_shown = true;
        let mut harness = window(state);
        let version = format!("Version {}", env!("CARGO_PKG_VERSION"));
        for words in [version.as_str(), "libtorch 2.11.0", "Smolensky"] {
            assert!(harness.query_all_by_label_contains(words).next().is_some(), "{words}");
        }
        harness.get_by_label_contains("FluidLite 0.2.1").click();
        harness.run_steps(12);
        let _offer = harness.get_by_label_contains("Packages carry its complete source");
        let _text = harness.get_by_label_contains("GNU LESSER GENERAL PUBLIC LICENSE");
        harness.get_by_role_and_label(Role::Button, "Manual").click();
        harness.run_steps(3);
        let opens = Command::ShowManual { is_shown: true, place: None };
        assert!(harness.state().commands.contains(&opens));
    }

    #[test]
    fn it_fits_into_every_window_on_every_ground() {
        for look in [Theme::Dark, Theme::Light] {
            for size in [vec2(1000.0, 640.0), LARGE] {
                let mut state = examples::empty();
                state.is_about_shown = true;
                let (harness, _) = window_of(state, size, look);
                let close = harness.get_by_role_and_label(Role::Button, "Close").rect();
                assert!(close.bottom() <= size.y && close.right() <= size.x, "{close:?}");
            }
        }
    }
}
