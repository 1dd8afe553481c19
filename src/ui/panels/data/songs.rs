//! The list of songs. Only what is in sight is laid out, so that ten thousand songs are as quick
//! as ten.

use egui::{
    Checkbox, FontId, Popup, Rect, Response, Role, ScrollArea, Sense, TextEdit, Ui, UiBuilder,
    WidgetInfo, pos2, vec2,
};

use super::super::parts::{self, left_text};
use crate::dataset::{Song, Status};
use crate::music::{Key, Mode, pitch_name};
use crate::ui::command::Command;
use crate::ui::fonts;
use crate::ui::icons::{Icon, Sign};
use crate::ui::state::{DataState, Miniature, RollSource, SongIndex, State};
use crate::ui::theme::{self, size};
use crate::ui::widgets::{ActionButton, MiniRoll, focus_ring, middle_cut_text};

/// The height of a song.
const ROW_HEIGHT: f32 = 40.0;
const ROW_GAP: f32 = 2.0;
/// A field to search in appears for longer lists.
const FILTER_FROM: usize = 8;
const PICTURE: egui::Vec2 = vec2(92.0, 28.0);
/// The picture gives way to words down to this width.
const LEAST_PICTURE: f32 = 56.0;
/// The room that words get before the picture has its full width.
const WORDS: f32 = 168.0;

/// The field that narrows the list.
pub fn filter_ui(ui: &mut Ui, data: &mut DataState) {
    if data.songs.len() < FILTER_FROM && data.filter_text.is_empty() {
        return;
    }
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = theme::UNIT;
        let clear = if data.filter_text.is_empty() { 0.0 } else { 32.0 };
        let room = vec2(ui.available_width() - clear, theme::CONTROL_HEIGHT);
        let hint = format!(
            "{}  Search {}",
            Icon::Search.unicode(),
            parts::count(data.songs.len(), "song")
        );
        let field = TextEdit::singleline(&mut data.filter_text)
            .hint_text(hint)
            .align(egui::Align2::LEFT_CENTER);
        let field = ui.add_sized(room, field);
        field.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, "Search songs"));
        if !data.filter_text.is_empty()
            && ui.add(ActionButton::icon(Icon::X, "Clear the search").quiet()).clicked()
        {
            data.filter_text.clear();
        }
    });
}

/// The places of the songs whose title contains what was typed, in any case.
pub fn filtered(data: &DataState) -> Vec<SongIndex> {
    let wanted = data.filter_text.trim().to_lowercase();
    if wanted.is_empty() {
        return (0..data.songs.len()).collect();
    }
    let is_wanted = |song: &Song| song.title.to_lowercase().contains(&wanted);
    let songs = data.songs.iter().enumerate();
    songs.filter(|(_, song)| is_wanted(song)).map(|(index, _)| index).collect()
}

/// The list in `height` points.
pub fn songs_ui(ui: &mut Ui, state: &State, height: f32, commands: &mut Vec<Command>) {
    let shown = filtered(&state.data);
    let room = vec2(ui.available_width(), height);
    ui.allocate_ui(room, |ui| {
        ui.set_min_height(height);
        if shown.is_empty() {
            ui.label(parts::caption(ui, "No song matches the search."));
            return;
        }
        ui.spacing_mut().item_spacing.y = ROW_GAP;
        ScrollArea::vertical().id_salt("songs").max_height(height).auto_shrink(false).show_rows(
            ui,
            ROW_HEIGHT,
            shown.len(),
            |ui, rows| {
                for &index in &shown[rows] {
                    ui.push_id(index, |ui| Row::new(state, index).ui(ui, commands));
                }
            },
        );
    });
}

/// One song of the list.
struct Row<'a> {
    index: SongIndex,
    song: &'a Song,
    miniature: Option<&'a Miniature>,
    is_selected: bool,
    is_playing: bool,
    position_step: f64,
}

impl<'a> Row<'a> {
    fn new(state: &'a State, index: SongIndex) -> Self {
        let data = &state.data;
        let is_shown = state.roll.source == Some(RollSource::Song(index));
        Self {
            index,
            song: &data.songs[index],
            miniature: data.miniatures.get(index).map(AsRef::as_ref),
            is_selected: data.selected == Some(index),
            is_playing: is_shown && state.transport.is_playing,
            position_step: state.transport.position_step,
        }
    }

    fn ui(&self, ui: &mut Ui, commands: &mut Vec<Command>) {
        let room = vec2(ui.available_width(), ROW_HEIGHT);
        let (rect, response) = ui.allocate_exact_size(room, Sense::click());
        let is_over = ui.rect_contains_pointer(rect);
        if ui.is_rect_visible(rect) {
            self.paint(ui, rect, is_over);
            focus_ring(ui, &response, theme::RADIUS);
        }
        self.describe(ui, &response);
        if response.clicked() {
            commands.push(Command::SelectSong(self.index));
        }
        if response.double_clicked() {
            commands.push(Command::AuditionSong(self.index));
        }
        let id = response.id.with("child has focus");
        let child_has_focus = ui.data(|data| data.get_temp(id)).unwrap_or(false);
        let shows_all = is_over || self.is_selected || response.has_focus() || child_has_focus;
        let is_failed = self.song.report.status == Status::Failed;
        if (shows_all || !self.song.is_included) && !is_failed {
            let has_focus = self.controls(ui, rect, shows_all, commands);
            ui.data_mut(|data| data.insert_temp(id, has_focus));
        }
        Popup::context_menu(&response).show(|ui| self.menu(ui, commands));
        if let Some(text) = self.tooltip() {
            response.on_hover_text(text);
        }
    }

    fn picture_rect(rect: Rect) -> Rect {
        let right = rect.right() - theme::UNIT * 2.0;
        let top = rect.center().y - PICTURE.y / 2.0;
        let width = (rect.width() - WORDS).clamp(LEAST_PICTURE, PICTURE.x).round();
        Rect::from_min_size(pos2(right - width, top), vec2(width, PICTURE.y))
    }

    fn paint(&self, ui: &mut Ui, rect: Rect, is_over: bool) {
        let palette = theme::palette(ui);
        if self.is_selected || is_over {
            let fill = if self.is_selected { palette.card } else { palette.panel };
            ui.painter().rect_filled(rect, theme::RADIUS, fill);
        }
        let picture = Self::picture_rect(rect);
        let left = rect.left() + theme::UNIT * 2.0;
        let right = picture.left() - theme::UNIT;
        let line = |top: f32, height: f32| {
            Rect::from_min_max(pos2(left, rect.top() + top), pos2(right, rect.top() + top + height))
        };
        let is_taken = self.song.is_taken();
        let color = if is_taken { palette.text } else { palette.quiet_text };
        let title_font = FontId::new(size::BODY, fonts::text());
        middle_cut_text(ui, line(3.0, 18.0), &self.song.title, &title_font, color);
        let color = match self.song.report.status {
            Status::Failed => palette.danger_text,
            Status::Ok | Status::Skipped => palette.quiet_text,
        };
        let caption = FontId::new(size::CAPTION, fonts::text());
        left_text(ui, line(21.0, 16.0), &self.caption(), caption, color);
        if let Some(miniature) = self.miniature {
            let roll = MiniRoll::new(&miniature.notes, miniature.n_steps as u32)
                .size(picture.size())
                .played(ui, self.is_selected)
                .play_head(self.is_playing.then_some(self.position_step));
            let mut child = ui.new_child(UiBuilder::new().max_rect(picture));
            if !is_taken {
                child.multiply_opacity(0.4);
            }
            child.add(roll);
        }
    }

    /// The play and use controls over the end of the picture. Whether one has the keyboard.
    fn controls(
        &self,
        ui: &mut Ui,
        rect: Rect,
        shows_all: bool,
        commands: &mut Vec<Command>,
    ) -> bool {
        let palette = theme::palette(ui);
        let title = &self.song.title;
        // What cannot be learned from has no box to tick.
        let has_box = self.song.report.status == Status::Ok;
        let width = if shows_all && has_box { 56.0 } else { 28.0 };
        let right = rect.right() - theme::UNIT;
        let area = Rect::from_x_y_ranges(right - width..=right, rect.shrink(2.0).y_range());
        let fill = match (self.is_selected, ui.rect_contains_pointer(rect)) {
            (true, _) => palette.card,
            (false, true) => palette.panel,
            (false, false) => palette.ground,
        };
        ui.painter().rect_filled(area, 0.0, fill);
        parts::clear_boxes(ui);
        let mut has_focus = false;
        let middle = rect.center().y;
        if has_box {
            let mut is_included = self.song.is_included;
            let place = Rect::from_center_size(pos2(area.left() + 14.0, middle), vec2(20.0, 24.0));
            let what = format!("Use {title}");
            let checkbox = ui.put(place, Checkbox::without_text(&mut is_included));
            checkbox.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, is_included, &what));
            has_focus |= checkbox.has_focus();
            if checkbox.on_hover_text("Train with this song").changed() {
                commands.push(Command::IncludeSong { song: self.index, is_included });
            }
        }
        if shows_all {
            let place = Rect::from_center_size(pos2(area.right() - 14.0, middle), vec2(24.0, 24.0));
            let (sign, verb) =
                if self.is_playing { (Sign::Pause, "Pause") } else { (Sign::Play, "Play") };
            let name = format!("{verb} {title}");
            let play = ui.put(place, ActionButton::sign(sign, &name).quiet().height(24.0));
            has_focus |= play.has_focus();
            if play.clicked() {
                commands.push(Command::AuditionSong(self.index));
            }
        }
        has_focus
    }

    fn menu(&self, ui: &mut Ui, commands: &mut Vec<Command>) {
        let is_included = !self.song.is_included;
        let status = self.song.report.status;
        if status != Status::Failed && ui.button("Play or pause").clicked() {
            commands.push(Command::AuditionSong(self.index));
        }
        let text = if is_included { "Use this song again" } else { "Leave this song out" };
        if status == Status::Ok && ui.button(text).clicked() {
            commands.push(Command::IncludeSong { song: self.index, is_included });
        }
        if ui.button("Copy its path").clicked() {
            ui.ctx().copy_text(self.song.path.display().to_string());
        }
    }

    /// "40 excerpts · C maj · 120", or why the song is left out.
    fn caption(&self) -> String {
        let song = self.song;
        if let Some(reason) = &song.report.reason {
            return reason.clone();
        }
        if !song.is_included {
            return "Left out by you".to_owned();
        }
        let key = song.key.map_or_else(String::new, |key| format!(" · {}", short_key(key)));
        let excerpts = parts::count(song.n_excerpts as usize, "excerpt");
        format!("{excerpts}{key} · {:.0}", song.tempo_bpm)
    }

    fn tooltip(&self) -> Option<String> {
        let report = &self.song.report;
        let lines: Vec<&str> =
            report.reason.iter().chain(&report.warnings).map(String::as_str).collect();
        (!lines.is_empty()).then(|| format!("{}\n{}", self.song.title, lines.join("\n")))
    }

    fn describe(&self, ui: &Ui, response: &Response) {
        response.widget_info(|| {
            WidgetInfo::selected(
                Role::ListBoxOption,
                ui.is_enabled(),
                self.is_selected,
                &self.song.title,
            )
        });
        let is_enabled = ui.is_enabled();
        ui.ctx().accesskit_node_builder(response.id, |node| {
            node.set_description(self.caption());
            if is_enabled {
                node.add_action(egui::accesskit::Action::Click);
            }
        });
    }
}

/// "C maj", "F♯ min".
fn short_key(key: Key) -> String {
    let name = pitch_name(key.tonic + 12);
    let mode = match key.mode {
        Mode::Major => "maj",
        Mode::Minor => "min",
    };
    format!("{} {mode}", name.trim_end_matches('0'))
}
