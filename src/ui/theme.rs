//! The design tokens, dark, light and of high contrast, and how egui is dressed in them.
//!
//! Colours are named by what they mean. No other file of the program holds a colour, and none
//! holds a size of type: they come from here.

use egui::style::{HandleShape, ScrollStyle, Selection, WidgetVisuals, Widgets};
use egui::{
    Color32, Context, CornerRadius, FontId, Margin, Shadow, Stroke, Style, TextStyle, Theme,
    ThemePreference, Ui, Vec2, Visuals, vec2,
};
use egui_plot::LineStyle;

use super::fonts;
use super::state::ThemeChoice;

/// One unit of distance, in points. Every gap is a whole number of them.
pub const UNIT: f32 = 4.0;
/// Corners of buttons, fields and rows.
pub const RADIUS: u8 = 6;
/// Corners of cards and windows.
pub const CARD_RADIUS: u8 = 8;
/// Height of buttons and fields.
pub const CONTROL_HEIGHT: f32 = 28.0;
/// Width of the ring around what has the keyboard.
pub const FOCUS_WIDTH: f32 = 2.0;

/// How much of the colour of letters the handle of a scroll bar has.
const SCROLL_HANDLE: f32 = 0.42;

/// The type scale, in points.
pub mod size {
    /// Captions, axis labels, what stands under a knob.
    pub const CAPTION: f32 = 11.0;
    /// Chips, tabs, values.
    pub const LABEL: f32 = 12.0;
    /// Everything that is read.
    pub const BODY: f32 = 13.0;
    /// Titles.
    pub const TITLE: f32 = 15.0;
}

/// The colours of one theme, by meaning. A name that ends in `_text` is for letters and reaches a
/// contrast of 4.5 to 1 on every ground; the name without it is for areas and lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Palette {
    pub is_dark: bool,
    /// Behind the columns.
    pub ground: Color32,
    /// Bars at the top and bottom.
    pub panel: Color32,
    /// Cards, buttons, fields.
    pub card: Color32,
    /// A card or button under the pointer.
    pub card_hovered: Color32,
    /// A card or button that is held down.
    pub card_pressed: Color32,
    /// Borders and dividers.
    pub line: Color32,
    /// Borders under the pointer.
    pub line_strong: Color32,
    /// The caps of knobs and the tracks of bars.
    pub cap: Color32,
    /// A cap under the pointer.
    pub cap_hovered: Color32,
    pub text: Color32,
    pub quiet_text: Color32,

    /// The one primary action: its fill, the same under the pointer, and the letters on it.
    pub primary: Color32,
    pub primary_hovered: Color32,
    pub on_primary_text: Color32,

    /// What is played, and the value of a knob.
    pub played: Color32,
    /// A note that sounds at this moment.
    pub sounding: Color32,
    pub played_text: Color32,
    /// Held-out songs and selections.
    pub held_out: Color32,
    pub held_out_text: Color32,
    /// Other runs.
    pub other_run: Color32,
    pub other_run_text: Color32,
    pub danger: Color32,
    pub danger_text: Color32,
    /// The ring around what has the keyboard.
    pub focus: Color32,

    /// Weights that call for a note, and where it is struck; those that forbid it. Amber and blue are
    /// told apart with every kind of colour vision.
    pub calls: Color32,
    pub calls_onset: Color32,
    pub forbids: Color32,
    pub forbids_onset: Color32,

    /// Of the piano keyboard.
    pub white_key: Color32,
    pub black_key: Color32,
    pub key_text: Color32,
    /// Rows of the roll, for white and black keys, and its lines.
    pub white_row: Color32,
    pub black_row: Color32,
    pub step_line: Color32,
    pub beat_line: Color32,
    pub bar_line: Color32,
    pub play_head: Color32,
    /// Rolls that are only a picture.
    pub small_note: Color32,
}

const fn rgb(red: u8, green: u8, blue: u8) -> Color32 {
    Color32::from_rgb(red, green, blue)
}

/// The dark theme.
pub const DARK: Palette = Palette {
    is_dark: true,
    ground: rgb(0x14, 0x14, 0x16),
    panel: rgb(0x1b, 0x1b, 0x1f),
    card: rgb(0x22, 0x22, 0x28),
    card_hovered: rgb(0x2a, 0x2a, 0x31),
    card_pressed: rgb(0x1e, 0x1e, 0x23),
    line: rgb(0x2e, 0x2e, 0x36),
    line_strong: rgb(0x45, 0x45, 0x50),
    cap: rgb(0x34, 0x34, 0x3c),
    cap_hovered: rgb(0x45, 0x45, 0x50),
    text: rgb(0xe8, 0xe6, 0xe1),
    quiet_text: rgb(0x9b, 0x99, 0xa1),
    primary: rgb(0xf0, 0xb2, 0x4a),
    primary_hovered: rgb(0xf7, 0xc4, 0x6c),
    on_primary_text: rgb(0x1b, 0x14, 0x08),
    played: rgb(0xf0, 0xb2, 0x4a),
    sounding: rgb(0xff, 0xe3, 0xb0),
    played_text: rgb(0xf0, 0xb2, 0x4a),
    held_out: rgb(0x4c, 0xc4, 0xb4),
    held_out_text: rgb(0x4c, 0xc4, 0xb4),
    other_run: rgb(0x8a, 0x86, 0xff),
    other_run_text: rgb(0x9a, 0x96, 0xff),
    danger: rgb(0xe2, 0x69, 0x7b),
    danger_text: rgb(0xee, 0x80, 0x90),
    focus: rgb(0x4c, 0xc4, 0xb4),
    calls: rgb(0xf0, 0xb2, 0x4a),
    calls_onset: rgb(0xff, 0xf0, 0xd2),
    forbids: rgb(0x4f, 0xa3, 0xf5),
    forbids_onset: rgb(0xc8, 0xe4, 0xff),
    white_key: rgb(0xd9, 0xd6, 0xcf),
    black_key: rgb(0x2a, 0x2a, 0x30),
    key_text: rgb(0x4a, 0x48, 0x50),
    white_row: rgb(0x1e, 0x1e, 0x23),
    black_row: rgb(0x18, 0x18, 0x1b),
    step_line: rgb(0x22, 0x22, 0x28),
    beat_line: rgb(0x2a, 0x2a, 0x31),
    bar_line: rgb(0x45, 0x45, 0x50),
    play_head: rgb(0xff, 0xff, 0xff),
    small_note: rgb(0x8a, 0x87, 0x90),
};

/// The light theme.
pub const LIGHT: Palette = Palette {
    is_dark: false,
    ground: rgb(0xf2, 0xf0, 0xec),
    panel: rgb(0xfa, 0xf9, 0xf6),
    card: rgb(0xff, 0xff, 0xff),
    card_hovered: rgb(0xf4, 0xf1, 0xea),
    card_pressed: rgb(0xe9, 0xe5, 0xdc),
    line: rgb(0xdd, 0xd9, 0xd1),
    line_strong: rgb(0xb9, 0xb4, 0xaa),
    cap: rgb(0xe9, 0xe5, 0xdc),
    cap_hovered: rgb(0xd9, 0xd4, 0xc9),
    text: rgb(0x1f, 0x1e, 0x22),
    quiet_text: rgb(0x63, 0x61, 0x69),
    primary: rgb(0xf0, 0xb2, 0x4a),
    primary_hovered: rgb(0xe5, 0xa2, 0x2f),
    on_primary_text: rgb(0x1b, 0x14, 0x08),
    played: rgb(0xbb, 0x74, 0x06),
    sounding: rgb(0x7a, 0x46, 0x00),
    played_text: rgb(0x8a, 0x55, 0x00),
    held_out: rgb(0x14, 0x8f, 0x80),
    held_out_text: rgb(0x0b, 0x6b, 0x60),
    other_run: rgb(0x63, 0x5d, 0xe0),
    other_run_text: rgb(0x51, 0x4b, 0xcc),
    danger: rgb(0xc8, 0x28, 0x3c),
    danger_text: rgb(0xb0, 0x26, 0x3e),
    focus: rgb(0x14, 0x8f, 0x80),
    calls: rgb(0xbb, 0x74, 0x06),
    calls_onset: rgb(0x5c, 0x33, 0x00),
    forbids: rgb(0x1f, 0x7a, 0xd6),
    forbids_onset: rgb(0x06, 0x33, 0x66),
    white_key: rgb(0xff, 0xff, 0xff),
    black_key: rgb(0x4a, 0x48, 0x50),
    key_text: rgb(0x63, 0x61, 0x69),
    white_row: rgb(0xff, 0xff, 0xff),
    black_row: rgb(0xf2, 0xf0, 0xec),
    step_line: rgb(0xf2, 0xf0, 0xec),
    beat_line: rgb(0xe4, 0xe0, 0xd8),
    bar_line: rgb(0xb9, 0xb4, 0xaa),
    play_head: rgb(0x1f, 0x1e, 0x22),
    small_note: rgb(0x8a, 0x87, 0x90),
};

/// The theme of high contrast: black ground, white lines, every text at least 7 to 1.
pub const CONTRAST: Palette = Palette {
    is_dark: true,
    ground: rgb(0x00, 0x00, 0x00),
    panel: rgb(0x00, 0x00, 0x00),
    card: rgb(0x0c, 0x0c, 0x0c),
    card_hovered: rgb(0x26, 0x26, 0x26),
    card_pressed: rgb(0x00, 0x00, 0x00),
    line: rgb(0x9c, 0x9c, 0x9c),
    line_strong: rgb(0xff, 0xff, 0xff),
    cap: rgb(0x40, 0x40, 0x40),
    cap_hovered: rgb(0x60, 0x60, 0x60),
    text: rgb(0xff, 0xff, 0xff),
    quiet_text: rgb(0xd6, 0xd6, 0xd6),
    primary: rgb(0xff, 0xd0, 0x3a),
    primary_hovered: rgb(0xff, 0xe3, 0x8a),
    on_primary_text: rgb(0x00, 0x00, 0x00),
    played: rgb(0xff, 0xd0, 0x3a),
    sounding: rgb(0xff, 0xff, 0xff),
    played_text: rgb(0xff, 0xd0, 0x3a),
    held_out: rgb(0x3d, 0xe6, 0xff),
    held_out_text: rgb(0x3d, 0xe6, 0xff),
    other_run: rgb(0xa0, 0x88, 0xff),
    other_run_text: rgb(0xc4, 0xba, 0xff),
    danger: rgb(0xff, 0x6e, 0x6e),
    danger_text: rgb(0xff, 0x96, 0x96),
    focus: rgb(0x3d, 0xe6, 0xff),
    calls: rgb(0xff, 0xd0, 0x3a),
    calls_onset: rgb(0xff, 0xff, 0xff),
    forbids: rgb(0x5c, 0xb8, 0xff),
    forbids_onset: rgb(0xd8, 0xee, 0xff),
    white_key: rgb(0xff, 0xff, 0xff),
    black_key: rgb(0x00, 0x00, 0x00),
    key_text: rgb(0x00, 0x00, 0x00),
    white_row: rgb(0x14, 0x14, 0x14),
    black_row: rgb(0x00, 0x00, 0x00),
    step_line: rgb(0x2c, 0x2c, 0x2c),
    beat_line: rgb(0x5a, 0x5a, 0x5a),
    bar_line: rgb(0xc8, 0xc8, 0xc8),
    play_head: rgb(0xff, 0xff, 0xff),
    small_note: rgb(0xd6, 0xd6, 0xd6),
};

/// The colours of the theme that this part of the window is drawn in.
pub fn palette(ui: &Ui) -> &'static Palette {
    palette_in(ui.visuals())
}

/// The colours of the theme that the window is drawn in.
pub fn palette_of(ctx: &Context) -> &'static Palette {
    palette_in(&ctx.global_style().visuals)
}

/// egui knows only dark and light; the third is told by its ground, which no other has.
fn palette_in(visuals: &Visuals) -> &'static Palette {
    match visuals.dark_mode {
        _ if visuals.panel_fill == CONTRAST.ground => &CONTRAST,
        true => &DARK,
        false => &LIGHT,
    }
}

/// How many colours there are for runs.
pub const N_RUN_COLORS: u8 = 7;
/// How many ways there are to break the line of a run.
pub const N_RUN_LINES: u8 = 5;
/// How many looks there are: each colour with each line. The first seven differ in colour, and the
/// lines of one colour are each broken in another way.
pub const N_RUN_LOOKS: u8 = N_RUN_COLORS * N_RUN_LINES;

/// The names of the colours for runs, in order.
const RUN_COLOR_NAMES: [&str; N_RUN_COLORS as usize] =
    ["violet", "blue", "vermilion", "green", "pink", "yellow", "grey"];

/// After the set of Okabe and Ito ("Color Universal Design", 2008), which people with any kind of
/// colour vision tell apart, brightened for the dark ground.
const RUN_COLORS_DARK: [Color32; N_RUN_COLORS as usize] = [
    rgb(0x9a, 0x96, 0xff),
    rgb(0x56, 0xb4, 0xe9),
    rgb(0xf0, 0x7c, 0x4a),
    rgb(0xa6, 0xd8, 0x54),
    rgb(0xd9, 0x8b, 0xb5),
    rgb(0xf0, 0xe4, 0x42),
    rgb(0xb4, 0xb4, 0xbc),
];

/// The same, darkened for the light ground.
const RUN_COLORS_LIGHT: [Color32; N_RUN_COLORS as usize] = [
    rgb(0x51, 0x4b, 0xcc),
    rgb(0x0b, 0x5f, 0x94),
    rgb(0xa8, 0x43, 0x0a),
    rgb(0x4a, 0x6a, 0x00),
    rgb(0x9c, 0x3c, 0x73),
    rgb(0x7a, 0x62, 0x00),
    rgb(0x5c, 0x5c, 0x66),
];

/// Lengths in points, each told from the others at a glance. A line that is not broken is that of
/// the current run.
const RUN_LINES: [(LineStyle, &str); N_RUN_LINES as usize] = [
    (LineStyle::Dashed { length: 8.0 }, "dashes"),
    (LineStyle::Dotted { spacing: 4.5 }, "dots"),
    (LineStyle::Dashed { length: 3.0 }, "short dashes"),
    (LineStyle::Dashed { length: 18.0 }, "long dashes"),
    (LineStyle::Dotted { spacing: 9.0 }, "wide dots"),
];

/// The colour of a run of this look, for lines and letters alike.
pub fn run_color(palette: &Palette, look: u8) -> Color32 {
    let set = if palette.is_dark { &RUN_COLORS_DARK } else { &RUN_COLORS_LIGHT };
    set[usize::from(look % N_RUN_COLORS)]
}

/// How the line of a run is broken, so that runs are told apart without colours too.
pub fn run_line_style(look: u8) -> LineStyle {
    RUN_LINES[run_line(look)].0
}

/// "violet, long dashes".
pub fn run_look_name(look: u8) -> String {
    let color = RUN_COLOR_NAMES[usize::from(look % N_RUN_COLORS)];
    format!("{color}, {}", RUN_LINES[run_line(look)].1)
}

/// Each seven looks begin with another line, so that none comes back in a colour.
fn run_line(look: u8) -> usize {
    let look = look % N_RUN_LOOKS;
    usize::from((look % N_RUN_COLORS + look / N_RUN_COLORS) % N_RUN_LINES)
}

/// Installs fonts and the themes; egui then follows the system unless told otherwise.
pub fn install(ctx: &Context) {
    ctx.set_fonts(fonts::definitions());
    ctx.set_style_of(Theme::Dark, style(&DARK));
    ctx.set_style_of(Theme::Light, style(&LIGHT));
}

/// Dresses the window in a theme.
pub fn wear(ctx: &Context, theme: ThemeChoice) {
    let dark = if theme == ThemeChoice::HighContrast { &CONTRAST } else { &DARK };
    ctx.set_style_of(Theme::Dark, style(dark));
    ctx.set_theme(match theme {
        ThemeChoice::System => ThemePreference::System,
        ThemeChoice::Dark | ThemeChoice::HighContrast => ThemePreference::Dark,
        ThemeChoice::Light => ThemePreference::Light,
    });
}

/// Text of 12 points, between caption and body.
pub fn label_style() -> TextStyle {
    TextStyle::Name("label".into())
}

/// Figures of 12 points, all of one width.
pub fn figures_style() -> TextStyle {
    TextStyle::Monospace
}

impl Palette {
    /// The frame of a card.
    pub fn card_frame(&self) -> egui::Frame {
        egui::Frame::new()
            .fill(self.card)
            .stroke(Stroke::new(1.0, self.line))
            .corner_radius(CARD_RADIUS)
            .inner_margin(Margin::same(10))
    }

    /// A veil of the selection's colour over what is selected.
    pub fn selection_veil(&self) -> Color32 {
        self.held_out.gamma_multiply(if self.is_dark { 0.14 } else { 0.12 })
    }

    /// The colour of a note that is played: the harder it is struck, the further from its row.
    pub fn played_at(&self, velocity: u8) -> Color32 {
        let (softest, hardest) = if self.is_dark {
            (self.white_row.lerp_to_gamma(self.played, 0.62), self.played)
        } else {
            (self.played, self.played.lerp_to_gamma(self.sounding, 0.5))
        };
        softest.lerp_to_gamma(hardest, f32::from(velocity) / 127.0)
    }

    /// A selected note, inside its rim.
    pub fn selected_note(&self) -> Color32 {
        self.held_out
    }

    /// Rows outside the scale that is shown.
    pub fn outside_row(&self) -> Color32 {
        let (shade, share) =
            if self.is_dark { (Color32::BLACK, 0.45) } else { (self.line_strong, 0.28) };
        self.black_row.lerp_to_gamma(shade, share)
    }

    /// The ring around what has the keyboard.
    pub fn focus_stroke(&self) -> Stroke {
        Stroke::new(FOCUS_WIDTH, self.focus)
    }
}

fn style(palette: &Palette) -> Style {
    let mut style = Style {
        visuals: visuals(palette),
        animation_time: 0.1,
        drag_value_text_style: figures_style(),
        ..Style::default()
    };
    style.text_styles = [
        (TextStyle::Small, FontId::new(size::CAPTION, fonts::text())),
        (label_style(), FontId::new(size::LABEL, fonts::text())),
        (TextStyle::Body, FontId::new(size::BODY, fonts::text())),
        (TextStyle::Button, FontId::new(size::BODY, fonts::medium())),
        (TextStyle::Heading, FontId::new(size::TITLE, fonts::strong())),
        (TextStyle::Monospace, FontId::new(size::LABEL, fonts::figures())),
    ]
    .into();
    style.interaction.tooltip_delay = 0.5;
    style.interaction.selectable_labels = false;
    spacing(&mut style.spacing);
    style
}

fn spacing(spacing: &mut egui::style::Spacing) {
    spacing.item_spacing = Vec2::splat(2.0 * UNIT);
    spacing.button_padding = vec2(3.0 * UNIT, 1.5 * UNIT);
    spacing.interact_size = vec2(40.0, CONTROL_HEIGHT);
    spacing.window_margin = Margin::same(12);
    spacing.menu_margin = Margin::same(8);
    spacing.tooltip_width = 280.0;
    spacing.icon_width = 16.0;
    spacing.icon_width_inner = 10.0;
    spacing.slider_rail_height = 4.0;
    // The handle is made of the colour of letters, so that it is seen on every ground.
    spacing.scroll = ScrollStyle {
        foreground_color: true,
        dormant_handle_opacity: SCROLL_HANDLE,
        active_handle_opacity: SCROLL_HANDLE,
        interact_handle_opacity: 0.7,
        dormant_background_opacity: 0.0,
        active_background_opacity: 0.0,
        ..ScrollStyle::thin()
    };
}

fn visuals(palette: &Palette) -> Visuals {
    let base = if palette.is_dark { Visuals::dark() } else { Visuals::light() };
    let shadow_strength = if palette.is_dark { 110 } else { 40 };
    let shadow = Shadow {
        offset: [0, 6],
        blur: 18,
        spread: 0,
        color: Color32::from_black_alpha(shadow_strength),
    };
    Visuals {
        dark_mode: palette.is_dark,
        weak_text_color: Some(palette.quiet_text),
        widgets: widgets(palette),
        selection: Selection {
            bg_fill: palette.held_out.gamma_multiply(0.35),
            stroke: Stroke::new(1.0, palette.text),
        },
        hyperlink_color: palette.held_out_text,
        faint_bg_color: palette.panel,
        extreme_bg_color: palette.ground,
        text_edit_bg_color: Some(palette.ground),
        code_bg_color: palette.ground,
        warn_fg_color: palette.played_text,
        error_fg_color: palette.danger_text,
        window_corner_radius: CornerRadius::same(CARD_RADIUS),
        window_shadow: shadow,
        window_fill: palette.card,
        window_stroke: Stroke::new(1.0, palette.line_strong),
        menu_corner_radius: CornerRadius::same(CARD_RADIUS),
        panel_fill: palette.ground,
        popup_shadow: shadow,
        striped: false,
        slider_trailing_fill: true,
        handle_shape: HandleShape::Circle,
        disabled_alpha: 0.45,
        ..base
    }
}

fn widgets(palette: &Palette) -> Widgets {
    let look = |fill: Color32, border: Color32, letters: Color32| WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: Stroke::new(1.0, border),
        corner_radius: CornerRadius::same(RADIUS),
        fg_stroke: Stroke::new(1.0, letters),
        expansion: 0.0,
    };
    Widgets {
        noninteractive: look(palette.panel, palette.line, palette.text),
        inactive: look(palette.card, palette.line, palette.text),
        hovered: look(palette.card_hovered, palette.line_strong, palette.text),
        active: WidgetVisuals {
            bg_stroke: palette.focus_stroke(),
            ..look(palette.card_pressed, palette.focus, palette.text)
        },
        open: look(palette.card_hovered, palette.line_strong, palette.text),
    }
}

#[cfg(test)]
#[path = "theme_tests.rs"]
mod tests;
