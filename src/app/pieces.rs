//! The Music column: making pieces and keeping them.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::dataset::prevailing_metre;
use crate::engine::{EngineCommand, GenerateRequest};
use crate::generate::{GenerateSettings, StartPoint, Task};
use crate::music::{PianoRoll, TempoMap};
use crate::project::PieceRecord;
use crate::ui::state::{Miniature, NearestState, PieceId, PieceState, RollSource};

use super::App;

impl App {
    pub(super) fn generate(&mut self) {
        if self.state.music.generating.is_some() {
            return;
        }
        let request = self.generate_request(self.state.music.settings);
        if request.settings.start == StartPoint::Song && request.song.is_none() {
            return self.complain("Choose a song in the Data column to start from");
        }
        self.begin_generation();
        self.engine.send(EngineCommand::Generate(Box::new(request)));
    }

    /// The first of the pieces is watched while its chain runs.
    pub(super) fn begin_generation(&mut self) {
        self.state.music.generating = Some(0.0);
        self.state.music.chain = None;
        self.engine.send(EngineCommand::WatchChain(Some(0)));
    }

    /// New pieces in the metre and at the tempo of the songs.
    pub(super) fn generate_request(&self, settings: GenerateSettings) -> GenerateRequest {
        let is_from_song = settings.start == StartPoint::Song;
        GenerateRequest {
            settings,
            song: self.start_song().filter(|_| is_from_song),
            task: Task::New,
            locked: Vec::new(),
            metre: prevailing_metre(&self.state.data.songs).unwrap_or_default(),
            beats_per_minute: self.songs_tempo().unwrap_or(TempoMap::DEFAULT_BEATS_PER_MINUTE),
        }
    }

    /// What was taken to start from, else the selected song, in the encoding of the model.
    pub(super) fn start_song(&self) -> Option<Arc<PianoRoll>> {
        if let Some(music) = &self.state.music.start_music {
            return Some(Arc::clone(&music.roll));
        }
        let song = self.state.data.songs.get(self.state.data.selected?)?;
        let facts = self.state.run.facts.as_ref()?;
        let fits = song.roll_settings == facts.settings.encoding.roll_settings();
        fits.then(|| Arc::clone(&song.roll))
    }

    /// The clock is as good a die as any, and the number is shown and kept.
    pub(super) fn draw_generate_seed(&mut self) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        self.state.music.settings.seed = u64::from(now.subsec_nanos()) % 1_000_000;
    }

    /// Whether pieces that come in were asked for by a project that is no longer open.
    fn is_given_up(&mut self) -> bool {
        let is_given_up = self.n_generations_given_up > 0;
        self.n_generations_given_up -= usize::from(is_given_up);
        is_given_up
    }

    pub(super) fn take_pieces(&mut self, pieces: Vec<PieceRecord>) {
        if self.is_given_up() {
            return;
        }
        self.state.music.generating = None;
        let first = PieceId(self.next_piece);
        // Names go on after the highest that a project brought with it.
        let n_before = self.state.music.pieces.len();
        let seed = &mut self.state.music.settings.seed;
        *seed = seed.wrapping_add(pieces.len() as u64);
        let composing = self.composing.take();
        for mut record in pieces {
            record.name = format!("Piece {}", self.next_piece);
            if let Some(composing) = &composing {
                composing.finish(&mut record);
            }
            self.add_piece(record);
        }
        // The newest stand first, where they are seen.
        self.state.music.pieces.rotate_left(n_before);
        self.touch();
        let wants_to_hear = std::mem::take(&mut self.wants_to_hear);
        if wants_to_hear || !self.state.transport.is_playing {
            self.select_piece(first);
            self.state.roll.selection = composing.and_then(|composing| composing.selection());
        }
        if wants_to_hear && !self.state.transport.is_playing {
            self.toggle_play();
        }
    }

    /// A piece as its chain stood when it was asked for: the newest, and shown.
    pub(super) fn take_chain_state(&mut self, mut record: PieceRecord) {
        let id = PieceId(self.next_piece);
        record.name = format!("Piece {}", self.next_piece);
        self.add_piece(record);
        self.state.music.pieces.rotate_right(1);
        self.touch();
        self.select_piece(id);
    }

    pub(super) fn add_piece(&mut self, record: PieceRecord) {
        let id = PieceId(self.next_piece);
        self.next_piece = self.next_piece.max(piece_number(&record.name).unwrap_or(0)) + 1;
        let miniature = Miniature::of(&record.roll);
        self.state.music.pieces.push(PieceState {
            id,
            record,
            miniature,
            nearest: NearestState::Unknown,
        });
    }

    pub(super) fn cancel_generate(&mut self) {
        self.wants_to_hear = false;
        self.composing = None;
        if !self.is_given_up() {
            self.state.music.generating = None;
            self.tell("Cancelled; no piece was made");
        }
    }

    pub(super) fn fail_generate(&mut self, reason: &str) {
        if self.is_given_up() {
            return;
        }
        self.state.music.generating = None;
        self.composing = None;
        self.wants_to_hear = false;
        self.complain(format!("No music: {reason}"));
    }

    pub(super) fn piece(&self, id: PieceId) -> Option<&PieceState> {
        self.state.music.pieces.iter().find(|piece| piece.id == id)
    }

    pub(super) fn select_piece(&mut self, id: PieceId) {
        if self.piece(id).is_some() {
            self.state.music.selected = Some(id);
            self.show_roll(RollSource::Piece(id));
            self.find_nearest(id);
        }
    }

    pub(super) fn audition_piece(&mut self, id: PieceId) {
        if self.state.roll.source != Some(RollSource::Piece(id)) {
            self.select_piece(id);
        }
        self.toggle_play();
    }

    pub(super) fn favour_piece(&mut self, id: PieceId, is_favourite: bool) {
        for piece in self.state.music.pieces.iter_mut().filter(|piece| piece.id == id) {
            piece.record.is_favourite = is_favourite;
        }
        self.touch();
    }

    pub(super) fn delete_piece(&mut self, id: PieceId) {
        self.state.music.pieces.retain(|piece| piece.id != id);
        if self.state.music.selected == Some(id) {
            self.state.music.selected = None;
        }
        if self.state.roll.source == Some(RollSource::Piece(id)) {
            self.clear_roll();
        }
        self.touch();
    }

    /// A piece is again as it was, in front of the piece that it stood before.
    pub(super) fn put_piece_back(&mut self, piece: PieceState, before: Option<PieceId>) {
        let id = piece.id;
        let pieces = &mut self.state.music.pieces;
        if let Some(known) = pieces.iter_mut().find(|known| known.id == id) {
            *known = piece;
        } else {
            let place = pieces.iter().position(|known| Some(known.id) == before);
            pieces.insert(place.unwrap_or(pieces.len()), piece);
        }
        self.touch();
        self.select_piece(id);
    }
}

/// The number in a name that was given here, "Piece 7" or "Piece 7 · varied Piece 3".
fn piece_number(name: &str) -> Option<u64> {
    let number = name.strip_prefix("Piece ")?.split(" · ").next()?;
    number.parse().ok().filter(|number| *number < 1_000_000)
}
