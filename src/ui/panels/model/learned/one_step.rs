//! One Gibbs step from a training excerpt that a person chooses: v0 → h0 → v1, and what differs.

use egui::{Popup, Rect, RichText, Role, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};

use super::legend::{Entry, legend_ui};
use super::units::{picture, sounding, whole};
use super::{Shown, percent, picture_font, waiting_in};
use crate::engine::{ExcerptSong, StepPicture};
use crate::ui::command::Command;
use crate::ui::icons::{self, Icon};
use crate::ui::learned::{Heard, LearnedState};
use crate::ui::panels::parts::{self, button_unless};
use crate::ui::theme::{self, Palette, UNIT};
use crate::ui::widgets::ActionButton;
use crate::ui::widgets::bars::number;
use crate::ui::widgets::dot_grid::DotGrid;
use crate::ui::widgets::roll_image::{Form, Grain, Mark, layer_image, note_mark};
use crate::ui::widgets::texture::cached_texture;

/// The words above a picture.
const WORDS: f32 = 30.0;
/// Narrower than this, the four pictures stand in two rows.
const WIDE: f32 = 560.0;
const FOOT: f32 = 5.0 * UNIT;

pub(super) fn one_step_ui(
    ui: &mut Ui,
    shown: &Shown<'_>,
    learned: &mut LearnedState,
    height: f32,
    commands: &mut Vec<Command>,
) {
    let bottom = ui.cursor().top() + height;
    choice_ui(ui, shown, learned, commands);
    let room = vec2(ui.available_width(), (bottom - ui.cursor().top() - FOOT).max(120.0));
    let (rect, _) = ui.allocate_exact_size(room, Sense::hover());
    match &shown.snapshot.step {
        Some(step) => step_ui(ui, shown, learned, (step, rect)),
        None => waiting_in(ui, rect),
    }
    let palette = theme::palette(ui);
    let entries = [
        Entry::new(palette.small_note, Form::Full, "reconstructed"),
        Entry::new(palette.forbids, Form::Hollow, "missed (p < ½)"),
        Entry::new(palette.calls, Form::Thin, "added (p ≥ ½)"),
    ];
    legend_ui(ui, &entries, "ring: the hidden unit is on");
}

/// The song of an excerpt.
pub(super) fn song_of(songs: &[ExcerptSong], excerpt: usize) -> Option<(usize, &ExcerptSong)> {
    let place = songs.partition_point(|song| song.first_excerpt <= excerpt).checked_sub(1)?;
    songs.get(place).map(|song| (place, song))
}

/// Which excerpt: the song with its neighbours, the excerpt with its neighbours.
pub(super) fn excerpt_ui(ui: &mut Ui, shown: &Shown<'_>, learned: &mut LearnedState) {
    let songs = &shown.snapshot.songs;
    let n_excerpts: usize = songs.iter().map(|song| song.n_excerpts).sum();
    learned.excerpt = learned.excerpt.min(n_excerpts.saturating_sub(1));
    let Some((place, song)) = song_of(songs, learned.excerpt) else { return };
    let arrow = |icon, name| ActionButton::icon(icon, name).quiet().height(24.0);
    ui.spacing_mut().item_spacing.x = UNIT / 2.0;
    let reason = (place == 0).then_some("This is the first song");
    if button_unless(ui, reason, arrow(Icon::ChevronLeft, "Song before")) {
        learned.excerpt = songs[place - 1].first_excerpt;
    }
    song_menu_ui(ui, songs, place, learned);
    let reason = (place + 1 == songs.len()).then_some("This is the last song");
    if button_unless(ui, reason, arrow(Icon::ChevronRight, "Next song")) {
        learned.excerpt = songs[place + 1].first_excerpt;
    }
    ui.add_space(2.0 * UNIT);
    let number = learned.excerpt - song.first_excerpt.min(learned.excerpt);
    let reason = (number == 0).then_some("This is the first excerpt of the song");
    if button_unless(ui, reason, arrow(Icon::ChevronLeft, "Excerpt before")) {
        learned.excerpt -= 1;
    }
    let words = format!("excerpt {} of {}", number + 1, song.n_excerpts);
    let widest = format!("excerpt {0} of {0}", song.n_excerpts);
    parts::fixed_figures(ui, &words, &widest, theme::palette(ui).text);
    let reason = (number + 1 >= song.n_excerpts).then_some("This is the last excerpt of the song");
    if button_unless(ui, reason, arrow(Icon::ChevronRight, "Next excerpt")) {
        learned.excerpt += 1;
    }
}

fn song_menu_ui(ui: &mut Ui, songs: &[ExcerptSong], place: usize, learned: &mut LearnedState) {
    const WIDTH: f32 = 150.0;
    let text = icons::before_icon(&songs[place].title, Icon::ChevronDown);
    let text = RichText::new(text).size(theme::size::LABEL);
    let button = egui::Button::new(text).truncate().min_size(vec2(WIDTH, 24.0));
    let button = ui.add_sized(vec2(WIDTH, 24.0), button);
    let name = format!("Song: {}", songs[place].title);
    button.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
    Popup::menu(&button).width(240.0).gap(4.0).show(|ui| {
        let row = ui.spacing().interact_size.y;
        ScrollArea::vertical().max_height(320.0).show_rows(ui, row, songs.len(), |ui, rows| {
            for song in rows {
                let entry = ui.selectable_label(song == place, &songs[song].title);
                if entry.clicked() {
                    learned.excerpt = songs[song].first_excerpt;
                }
            }
        });
    });
    button.on_hover_text(&songs[place].title);
}

fn choice_ui(
    ui: &mut Ui,
    shown: &Shown<'_>,
    learned: &mut LearnedState,
    commands: &mut Vec<Command>,
) {
    ui.horizontal_wrapped(|ui| {
        excerpt_ui(ui, shown, learned);
        ui.add_space(2.0 * UNIT);
        let again = ActionButton::icon(Icon::Dices, "Toss again").quiet().height(24.0);
        if ui.add(again.tooltip("Tosses the hidden units once more from p(h | v0)")).clicked() {
            learned.toss += 1;
        }
        for (heard, name) in [
            (Heard::Excerpt, "Hear v0, the excerpt"),
            (Heard::Reconstruction, "Hear v1, the reconstruction"),
        ] {
            let is_heard = learned.hearing == Some(heard);
            let short = if heard == Heard::Excerpt { "v0" } else { "v1" };
            let button = ActionButton::new(short).with_icon(Icon::Volume2).quiet().height(24.0);
            if ui.add(button.on(is_heard).tooltip(name)).clicked() {
                commands.push(Command::Hear(heard));
            }
        }
    });
}

/// What one cell of the difference is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Difference {
    None,
    Kept,
    Missed,
    Added,
}

fn difference(bit: u8, probability: f32) -> Difference {
    match (bit != 0, probability >= 0.5) {
        (true, true) => Difference::Kept,
        (true, false) => Difference::Missed,
        (false, true) => Difference::Added,
        (false, false) => Difference::None,
    }
}

fn difference_mark(palette: &Palette, difference: Difference) -> Mark {
    match difference {
        Difference::None => Mark::default(),
        Difference::Kept => Mark { color: palette.small_note, form: Form::Full },
        Difference::Missed => Mark { color: palette.forbids, form: Form::Hollow },
        Difference::Added => Mark { color: palette.calls, form: Form::Thin },
    }
}

fn step_ui(
    ui: &mut Ui,
    shown: &Shown<'_>,
    learned: &LearnedState,
    (step, rect): (&StepPicture, Rect),
) {
    let palette = theme::palette(ui);
    let n_columns = if rect.width() >= WIDE { 4 } else { 2 };
    let gap = 5.0 * UNIT;
    let (columns, rows) = (n_columns as f32, (4 / n_columns) as f32);
    let size =
        vec2((rect.width() - gap * (columns - 1.0)) / columns, (rect.height() + gap) / rows - gap);
    let pane = |place: usize| {
        let place = vec2((place % n_columns) as f32, (place / n_columns) as f32);
        let corner = rect.min + place * (size + vec2(gap, gap));
        Rect::from_min_size(corner, size)
    };
    let of = (shown.snapshot.number, shown.layout);
    let n_notes = step.visible.iter().filter(|&&bit| bit != 0).count();
    let layer = |ui: &mut Ui, place: usize, name: &str, mark: &dyn Fn(usize, bool) -> Mark| {
        let image = || layer_image(&shown.layout, Grain::LARGE, mark);
        let texture = cached_texture(ui, shown.id.with(name), of, image);
        let room = pane(place).with_min_y(pane(place).top() + WORDS);
        ui.painter().rect_filled(room, 2.0, palette.ground);
        whole(ui, texture.id(), room);
        let response = picture(ui, room, shown.id.with((name, "picture")), name);
        let cell = response.hover_pos().and_then(|at| shown.layout.cell_at(room, at));
        if let Some(cell) = cell {
            response.on_hover_text_at_pointer(cell_words(shown, step, cell));
        }
        room
    };
    let words = ["v0: the data".to_owned(), format!("{n_notes} of {} on", step.visible.len())];
    title_ui(ui, pane(0), &words);
    let room = layer(ui, 0, "v0", &|visible, is_onset| {
        note_mark(palette, f32::from(step.visible[visible]), is_onset)
    });
    if learned.hearing == Some(Heard::Excerpt) {
        sounding(ui, room);
    }
    hidden_ui(ui, shown, step, pane(1));
    title_ui(ui, pane(2), &["v1: p(v | h0)".to_owned(), error_words(step)]);
    let room = layer(ui, 2, "v1", &|visible, is_onset| {
        note_mark(palette, step.reconstruction[visible], is_onset)
    });
    if learned.hearing == Some(Heard::Reconstruction) {
        sounding(ui, room);
    }
    title_ui(ui, pane(3), &["Difference".to_owned(), difference_words(step)]);
    layer(ui, 3, "difference", &|visible, _is_onset| {
        let difference = difference(step.visible[visible], step.reconstruction[visible]);
        difference_mark(palette, difference)
    });
    arrows(ui, n_columns, pane);
}

fn error_words(step: &StepPicture) -> String {
    format!("error {}", number(step.error))
}

fn difference_words(step: &StepPicture) -> String {
    let pairs = || step.visible.iter().zip(&step.reconstruction);
    let count = |wanted| pairs().filter(|(bit, p)| difference(**bit, **p) == wanted).count();
    format!("{} missed, {} added", count(Difference::Missed), count(Difference::Added))
}

fn cell_words(
    shown: &Shown<'_>,
    step: &StepPicture,
    cell: crate::ui::widgets::roll_image::Cell,
) -> String {
    let plane = |name: &str, visible: usize| {
        let (bit, p) = (step.visible[visible], step.reconstruction[visible]);
        format!("\n{name}: v0 = {bit}, p(v1) = {p:.3}")
    };
    let sounds = plane("sounds", shown.layout.hold(cell));
    let struck = shown.layout.onset(cell).map(|visible| plane("struck", visible));
    format!("{}{sounds}{}", shown.layout.name_of(cell), struck.unwrap_or_default())
}

fn title_ui(ui: &mut Ui, pane: Rect, words: &[String; 2]) {
    let palette = theme::palette(ui);
    let above = Rect::from_min_size(pane.min, vec2(pane.width(), WORDS));
    let title = egui::FontId::new(theme::size::CAPTION, crate::ui::fonts::medium());
    let line = |top: f32| Rect::from_min_size(above.min + vec2(0.0, top), vec2(pane.width(), 14.0));
    parts::left_text(ui, line(0.0), &words[0], title, palette.text);
    parts::left_text(ui, line(13.0), &words[1], picture_font(), palette.quiet_text);
    let id = ui.scope_id().with(("title", words[0].as_str()));
    let response = ui.interact(above, id, Sense::hover());
    let name = words.join(", ");
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &name));
}

/// The hidden units as dots.
fn hidden_ui(ui: &mut Ui, shown: &Shown<'_>, step: &StepPicture, pane: Rect) {
    let palette = theme::palette(ui);
    let n_on = step.hidden.iter().filter(|&&bit| bit != 0).count();
    let words = [
        "h0: p(h | v0), drawn at random".to_owned(),
        format!("{n_on} of {} on", step.hidden.len()),
    ];
    title_ui(ui, pane, &words);
    let room = pane.with_min_y(pane.top() + WORDS);
    ui.painter().rect_filled(room, 2.0, palette.ground);
    let grid = DotGrid::fit(room.shrink(UNIT), step.hidden.len());
    let of = (shown.snapshot.number, grid.rect.width() as u32, grid.rect.height() as u32);
    let texture = cached_texture(ui, shown.id.with("h0"), of, || {
        grid.image(&step.hidden_probabilities, &step.hidden, palette)
    });
    whole(ui, texture.id(), grid.rect);
    let response = picture(ui, room, shown.id.with("h0 picture"), "h0");
    if let Some(dot) = response.hover_pos().and_then(|at| grid.dot_at(at)) {
        let p = step.hidden_probabilities[dot];
        let is_on = if step.hidden[dot] != 0 { "on" } else { "off" };
        let words = format!("Unit {}: p(h | v0) = {p:.3} ({}), {is_on}", dot + 1, percent(p));
        response.on_hover_text_at_pointer(words);
    }
}

/// From v0 to h0 to v1: small arrows in the gaps.
fn arrows(ui: &Ui, n_columns: usize, pane: impl Fn(usize) -> Rect) {
    let palette = theme::palette(ui);
    for place in 0..n_columns.min(3) - 1 {
        let (from, to) = (pane(place), pane(place + 1));
        let at = pos2(f32::midpoint(from.right(), to.left()), from.top() + 7.0);
        let align = egui::Align2::CENTER_CENTER;
        ui.painter().text(at, align, "→", picture_font(), palette.quiet_text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_knows_its_song() {
        let song = |first_excerpt, n_excerpts| ExcerptSong {
            title: String::new(),
            first_excerpt,
            n_excerpts,
        };
        let songs = [song(0, 3), song(3, 1), song(4, 9)];
        let place = |excerpt| song_of(&songs, excerpt).map(|(place, _)| place);
        assert_eq!([0, 2, 3, 4, 12].map(place), [0, 0, 1, 2, 2].map(Some));
        assert!(song_of(&[], 0).is_none());
    }

    #[test]
    fn what_differs_is_counted() {
        let step = StepPicture {
            visible: vec![1, 1, 0, 0],
            reconstruction: vec![0.9, 0.2, 0.5, 0.1],
            error: 0.0123,
            ..StepPicture::default()
        };
        assert_eq!(difference_words(&step), "1 missed, 1 added");
        assert_eq!(error_words(&step), "error 0.012");
    }
}
