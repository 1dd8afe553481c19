//! Contrast of every theme, and pairs that must be told apart by every eye.

use super::*;

/// Relative luminance after WCAG 2.
fn luminance(color: Color32) -> f64 {
    let channel = |value: u8| {
        let value = f64::from(value) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(color.r()) + 0.7152 * channel(color.g()) + 0.0722 * channel(color.b())
}

fn contrast(a: Color32, b: Color32) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

fn grounds(palette: &Palette) -> [(&'static str, Color32); 5] {
    [
        ("ground", palette.ground),
        ("panel", palette.panel),
        ("card", palette.card),
        ("card_hovered", palette.card_hovered),
        ("card_pressed", palette.card_pressed),
    ]
}

#[test]
fn text_reaches_a_contrast_of_four_and_a_half_on_every_ground_of_both_themes() {
    for palette in [&DARK, &LIGHT, &CONTRAST] {
        let letters = [
            ("text", palette.text),
            ("quiet_text", palette.quiet_text),
            ("played_text", palette.played_text),
            ("held_out_text", palette.held_out_text),
            ("other_run_text", palette.other_run_text),
            ("danger_text", palette.danger_text),
        ];
        for (ground_name, ground) in grounds(palette) {
            for (name, color) in letters {
                let reached = contrast(color, ground);
                assert!(
                    reached >= 4.5,
                    "{name} on {ground_name}, dark: {}: {reached:.2}",
                    palette.is_dark
                );
            }
        }
        for (ground_name, ground) in grounds(palette) {
            for color in 0..N_RUN_COLORS {
                let reached = contrast(run_color(palette, color), ground);
                assert!(reached >= 4.5, "run {color} on {ground_name}: {reached:.2}");
            }
        }
        for fill in [palette.primary, palette.primary_hovered] {
            assert!(contrast(palette.on_primary_text, fill) >= 4.5);
        }
        assert!(contrast(palette.key_text, palette.white_key) >= 4.5);
    }
}

#[test]
fn areas_and_lines_that_carry_meaning_reach_a_contrast_of_three() {
    for palette in [&DARK, &LIGHT, &CONTRAST] {
        let marks = [
            ("played", palette.played),
            ("held_out", palette.held_out),
            ("other_run", palette.other_run),
            ("danger", palette.danger),
            ("focus", palette.focus),
            ("calls", palette.calls),
            ("calls_onset", palette.calls_onset),
            ("forbids", palette.forbids),
            ("forbids_onset", palette.forbids_onset),
            ("small_note", palette.small_note),
            ("play_head", palette.play_head),
        ];
        for (name, color) in marks {
            for ground in [palette.ground, palette.panel, palette.card] {
                let reached = contrast(color, ground);
                assert!(reached >= 3.0, "{name}, dark: {}: {reached:.2}", palette.is_dark);
            }
        }
        for row in [palette.white_row, palette.black_row] {
            assert!(contrast(palette.played, row) >= 3.0);
            assert!(contrast(palette.sounding, row) >= 3.0);
            assert!(contrast(palette.played_at(1), row) >= 3.0);
            assert!(contrast(palette.selected_note(), row) >= 3.0);
        }
    }
}

#[test]
fn high_contrast_reaches_seven_for_text_and_three_for_every_line_that_divides() {
    let palette = &CONTRAST;
    for ground in [palette.ground, palette.panel, palette.card, palette.card_hovered] {
        for letters in [
            palette.text,
            palette.quiet_text,
            palette.played_text,
            palette.held_out_text,
            palette.other_run_text,
            palette.danger_text,
        ] {
            let reached = contrast(letters, ground);
            assert!(reached >= 7.0, "{letters:?} on {ground:?}: {reached:.2}");
        }
        for line in [palette.line, palette.line_strong, palette.focus] {
            assert!(contrast(line, ground) >= 3.0, "{line:?} on {ground:?}");
        }
    }
    assert!(contrast(palette.on_primary_text, palette.primary) >= 7.0);
    assert!(contrast(palette.key_text, palette.white_key) >= 7.0);
    for row in [palette.white_row, palette.black_row] {
        assert!(contrast(palette.bar_line, row) >= 3.0);
        assert!(contrast(palette.played, row) >= 7.0);
    }
}

#[test]
fn the_theme_that_is_worn_is_the_one_that_is_drawn_with() {
    let ctx = Context::default();
    install(&ctx);
    for (choice, expected) in [
        (ThemeChoice::Dark, &DARK),
        (ThemeChoice::HighContrast, &CONTRAST),
        (ThemeChoice::Light, &LIGHT),
        (ThemeChoice::Dark, &DARK),
    ] {
        wear(&ctx, choice);
        let mut seen = None;
        let output = ctx.run_ui(egui::RawInput::default(), |ui| seen = Some(palette(ui)));
        drop(output);
        assert_eq!(seen, Some(expected), "{choice:?}");
        assert_eq!(palette_of(&ctx), expected);
    }
}

/// What an eye sees: linear red, green and blue, mixed. The rows of the dichromacies are those of
/// Machado, Oliveira and Fernandes (2009) at full severity.
type Eye = [[f64; 3]; 3];

const EYES: [(&str, Eye); 4] = [
    ("usual", [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
    (
        "protanopia",
        [
            [0.152_286, 1.052_583, -0.204_868],
            [0.114_503, 0.786_281, 0.099_216],
            [-0.003_882, -0.048_116, 1.051_998],
        ],
    ),
    (
        "deuteranopia",
        [
            [0.367_322, 0.860_646, -0.227_968],
            [0.280_085, 0.672_501, 0.047_413],
            [-0.011_820, 0.042_940, 0.968_881],
        ],
    ),
    (
        "tritanopia",
        [
            [1.255_528, -0.076_749, -0.178_779],
            [-0.078_411, 0.930_809, 0.147_602],
            [0.004_733, 0.691_367, 0.303_900],
        ],
    ),
];

/// CIE L*a*b* under D65 of a colour as an eye sees it.
fn lab(color: Color32, eye: &Eye) -> [f64; 3] {
    let linear = [color.r(), color.g(), color.b()].map(|value| {
        let value = f64::from(value) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    });
    let dot = |row: &[f64; 3], of: &[f64; 3]| row.iter().zip(of).map(|(a, b)| a * b).sum::<f64>();
    let seen: [f64; 3] = std::array::from_fn(|row| dot(&eye[row], &linear).clamp(0.0, 1.0));
    let to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]];
    let white = [0.950_47, 1.0, 1.088_83];
    let bent: [f64; 3] = std::array::from_fn(|row| {
        let t = dot(&to_xyz[row], &seen) / white[row];
        if t > 0.008_856 { t.cbrt() } else { 7.787 * t + 16.0 / 116.0 }
    });
    [116.0 * bent[1] - 16.0, 500.0 * (bent[0] - bent[1]), 200.0 * (bent[1] - bent[2])]
}

fn distance(a: Color32, b: Color32, eye: &Eye) -> f64 {
    let (a, b) = (lab(a, eye), lab(b, eye));
    a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
}

/// A distance (CIE 1976) of 2.3 is just noticed side by side; areas apart need far more.
const TOLD_APART: f64 = 20.0;

#[test]
fn colours_that_stand_for_different_things_are_told_apart_by_every_eye() {
    for palette in [&DARK, &LIGHT, &CONTRAST] {
        let pairs = [
            ("played, held out", palette.played, palette.held_out),
            ("played, other run", palette.played, palette.other_run),
            ("held out, other run", palette.held_out, palette.other_run),
            ("danger, held out", palette.danger, palette.held_out),
            ("calls, forbids", palette.calls, palette.forbids),
            ("danger, played", palette.danger, palette.played),
            ("played, sounding", palette.played, palette.sounding),
        ];
        for (eye_name, eye) in &EYES {
            for (name, a, b) in pairs {
                let apart = distance(a, b, eye);
                assert!(apart >= TOLD_APART, "{name}, {eye_name}: {apart:.1}, {palette:?}");
            }
        }
    }
    // The measure itself: red and green of one lightness are one to deuteranopes.
    let (red, green) = (Color32::from_rgb(0xb0, 0x6a, 0x30), Color32::from_rgb(0x86, 0x7e, 0x30));
    assert!(distance(red, green, &EYES[2].1) < TOLD_APART);
    assert!(distance(red, green, &EYES[0].1) > TOLD_APART);
}

#[test]
fn the_handles_of_scroll_bars_are_seen_on_every_ground() {
    for palette in [&DARK, &LIGHT, &CONTRAST] {
        let style = style(palette);
        let scroll = style.spacing.scroll;
        assert!(scroll.foreground_color && scroll.floating);
        let opacity = scroll.dormant_handle_opacity.min(scroll.active_handle_opacity);
        let letters = style.visuals.widgets.inactive.fg_stroke.color;
        for ground in [palette.ground, palette.panel, palette.card] {
            let handle = ground.lerp_to_gamma(letters, opacity);
            let ratio = contrast(handle, ground);
            assert!(ratio >= 2.2, "{handle:?} on {ground:?}: {ratio}");
        }
    }
}

#[test]
fn thirty_five_runs_differ_in_colour_or_line_and_the_first_seven_in_colour() {
    for palette in [&DARK, &LIGHT, &CONTRAST] {
        let looks = 0..N_RUN_LOOKS;
        let all: Vec<_> =
            looks.map(|look| (run_color(palette, look), run_line_style(look))).collect();
        for (place, look) in all.iter().enumerate() {
            assert_ne!(look.1, LineStyle::Solid, "that is the current run");
            assert!(!all[..place].contains(look), "{place}: {look:?}");
        }
        let of_first: Vec<_> = all[..7].iter().map(|look| look.0).collect();
        assert!((1..7).all(|place| !of_first[..place].contains(&of_first[place])));
    }
    let mut names: Vec<String> = (0..N_RUN_LOOKS).map(run_look_name).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), usize::from(N_RUN_LOOKS));
}
