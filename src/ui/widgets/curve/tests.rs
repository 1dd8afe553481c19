//! The curve: what is drawn, what is said, and what happens to values that are none.

use egui::{Event, Theme, pos2, vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::*;
use crate::ui::testing;

fn falling(from: f64, to: f64, n: u32, speed: f64) -> Vec<PlotPoint> {
    (0..n)
        .map(|epoch| {
            let x = f64::from(epoch);
            let wobble = (x * 12.9898).sin() * 0.0003;
            PlotPoint::new(x, to + (from - to) * (-x / speed).exp() + wobble)
        })
        .collect()
}

fn training(points: &[PlotPoint]) -> CurveSeries<'_> {
    let kind = SeriesKind::Training;
    CurveSeries { label: "training", points, kind, is_faint: false, is_raw: false }
}

fn frame(ui: &mut Ui, add_contents: impl FnOnce(&mut Ui)) {
    let palette = theme::palette(ui);
    palette.card_frame().show(ui, add_contents);
}

#[test]
fn the_curve_looks_as_it_should() {
    let train = falling(0.078, 0.0184, 124, 22.0);
    let held_out = falling(0.079, 0.0261, 124, 26.0);
    let earlier = falling(0.08, 0.031, 200, 38.0);
    testing::check_snapshots("curve", vec2(640.0, 270.0), |ui| {
        let line = |label, points, kind, is_faint| CurveSeries {
            label,
            points,
            kind,
            is_faint,
            is_raw: false,
        };
        let series = [
            line("run 5", &earlier, SeriesKind::OtherRun(0), true),
            line("held out", &held_out, SeriesKind::HeldOut, false),
            line("training", &train, SeriesKind::Training, false),
        ];
        let markers = [CurveMarker { x: 60.0, text: "Learn rate 0.05 → 0.01" }];
        frame(ui, |ui| {
            Curve::new("Reconstruction error", &series)
                .markers(&markers)
                .x_end(Some(200.0))
                .height(225.0)
                .show(ui);
        });
    });
}

#[test]
fn a_logarithmic_curve_with_a_legend_a_read_out_and_a_broken_line() {
    let mut train = falling(0.4, 0.0011, 100, 12.0);
    for point in &mut train[80..] {
        point.y = f64::NAN;
    }
    let (builder, textures) = testing::builder::<()>(vec2(640.0, 270.0), Theme::Dark);
    let mut harness = builder.build_ui(|ui| {
        let series = [training(&train)];
        let curve = Curve::new("Reconstruction error", &series);
        frame(ui, |ui| {
            curve.logarithmic(true).legend(true).x_end(Some(100.0)).height(225.0).show(ui);
        });
    });
    harness.run_steps(3);
    harness.event(Event::PointerMoved(pos2(330.0, 150.0)));
    harness.run_steps(3);
    let image = testing::render(&harness, &textures);
    testing::check_image("curve_broken_dark_1x", &image);
    let plot = harness.get_by_label("Reconstruction error");
    let said = plot.accesskit_node().description().unwrap_or_default();
    assert!(said.starts_with("training: latest 0.00"), "{said}");
    assert!(said.ends_with("level"), "{said}");
}

#[test]
fn an_empty_curve_says_what_to_do() {
    testing::check_snapshots("curve_empty", vec2(400.0, 160.0), |ui| {
        frame(ui, |ui| {
            Curve::new("Reconstruction error", &[]).height(110.0).show(ui);
        });
    });
}

#[test]
fn all_values_broken_is_shown_as_well() {
    let points = vec![PlotPoint::new(0.0, f64::NAN), PlotPoint::new(1.0, f64::INFINITY)];
    let (builder, _) = testing::builder::<()>(vec2(400.0, 200.0), Theme::Dark);
    let mut harness = builder.build_ui(|ui| {
        let series = [training(&points)];
        for is_logarithmic in [false, true] {
            Curve::new("Error", &series).logarithmic(is_logarithmic).height(80.0).show(ui);
        }
    });
    harness.run_steps(3);
}

#[test]
fn a_hundred_thousand_points_cost_little() {
    let points: Vec<PlotPoint> =
        (0..100_000).map(|x| PlotPoint::new(f64::from(x), 1.0 / f64::from(x + 1))).collect();
    let (builder, _) = testing::builder::<()>(vec2(800.0, 300.0), Theme::Dark);
    let mut harness = builder.build_ui(|ui| {
        let series = [training(&points)];
        Curve::new("Error", &series).show(ui);
    });
    harness.run_steps(3);
    let vertices = testing::vertex_count(&mut harness);
    assert!(vertices < 20_000, "{vertices} vertices: what lies within a pixel is drawn once");
}
