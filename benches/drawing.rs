//! What a frame of the two heaviest widgets costs: layout and tessellation on one core, no GPU.
//! `cargo bench --bench drawing`
#![expect(clippy::print_stdout, reason = "a bench talks to a terminal")]

use std::time::Instant;

use egui::{Context, RawInput, Rect, Ui, pos2, vec2};
use egui_plot::PlotPoint;
use harmonium::music::{Metre, PitchRange, PlayedNote, RollNote, Scale, ScaleKind};
use harmonium::ui::theme;
use harmonium::ui::widgets::{
    Curve, CurveSeries, PianoRollContent, PianoRollView, PianoRollWidget, SeriesKind,
};

const FRAMES: usize = 200;

fn main() {
    // `cargo test --all-targets` runs this too, without the flag: building it is all that is asked.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    piano_roll();
    curve();
}

fn piano_roll() {
    let note = |n: u32| PlayedNote {
        start_step: n / 4 * 2,
        pitch: 30 + (n * 7 % 60) as u8,
        n_steps: 2,
        velocity: 1 + (n * 13 % 127) as u8,
    };
    let mut notes: Vec<PlayedNote> = (0..20_000).map(note).collect();
    notes.sort_unstable();
    // Every note has been moved since.
    let before = |note: &PlayedNote| RollNote { pitch: note.pitch + 1, ..note.roll_note() };
    let original: Vec<RollNote> = notes.iter().map(before).collect();
    let scale = Scale { tonic: 9, kind: ScaleKind::NaturalMinor };
    for (what, points_per_step, is_selected, has_original) in [
        ("all in sight", None, false, false),
        ("near", Some(12.0), false, false),
        ("all in sight and selected", None, true, false),
        ("all in sight and selected, over the original", None, true, true),
        ("near, selected, over the original", Some(12.0), true, true),
    ] {
        let mut view = PianoRollView::default();
        if is_selected {
            view.editor.select(notes.iter().map(|note| note.place()).collect());
        }
        measure(&format!("piano roll, 20 000 notes, {what}"), |ui| {
            if let Some(points_per_step) = points_per_step {
                view.points_per_step = points_per_step;
            }
            let content = PianoRollContent {
                name: "Bench",
                notes: &notes,
                n_steps: 10_000,
                pitches: PitchRange::REFERENCE,
                steps_per_beat: 4,
                metre: Metre::COMMON,
            };
            PianoRollWidget::new(content, &mut view)
                .play_head(Some(2500.0))
                .scale(Some(scale))
                .original(if has_original { &original } else { &[] })
                .show(ui);
        });
    }
}

fn curve() {
    let points: Vec<PlotPoint> =
        (0..100_000).map(|x| PlotPoint::new(f64::from(x), 1.0 / f64::from(x + 1))).collect();
    measure("curve, 100 000 points", |ui| {
        let series = [CurveSeries {
            label: "training",
            points: &points,
            kind: SeriesKind::Training,
            is_faint: false,
            is_raw: false,
        }];
        Curve::new("Error", &series).show(ui);
    });
}

fn measure(what: &str, mut add_contents: impl FnMut(&mut Ui)) {
    let ctx = Context::default();
    theme::install(&ctx);
    let mut times: Vec<f64> = (0..FRAMES)
        .map(|_| {
            let screen = Rect::from_min_size(pos2(0.0, 0.0), vec2(1440.0, 400.0));
            let input = RawInput { screen_rect: Some(screen), ..RawInput::default() };
            let start = Instant::now();
            let output = ctx.run_ui(input, |ui| add_contents(ui));
            let meshes = ctx.tessellate(output.shapes, output.pixels_per_point);
            assert!(!meshes.is_empty(), "something is drawn");
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!(
        "{what}: median {:.2} ms a frame, 95 of 100 below {:.2} ms",
        times[FRAMES / 2],
        times[FRAMES * 95 / 100]
    );
}
