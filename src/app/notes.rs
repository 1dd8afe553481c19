//! Editing the notes of pieces; songs stay as they are, and their copies are edited.

use std::path::Path;
use std::sync::Arc;

use crate::music::{NoteSheet, RollNote};
use crate::project::PieceRecord;
use crate::ui::state::{Miniature, NearestState, PieceId, RollSource, SongIndex};

use super::App;

impl App {
    /// Gives a piece other notes. Playing goes on with them.
    pub(super) fn edit_notes(&mut self, id: PieceId, notes: &NoteSheet) {
        let pieces = &mut self.state.music.pieces;
        let Some(piece) = pieces.iter_mut().find(|piece| piece.id == id) else { return };
        if piece.record.sheet() == *notes {
            return;
        }
        piece.record.take_notes(notes);
        piece.miniature = Miniature::of(&piece.record.roll);
        piece.nearest = NearestState::Unknown;
        if self.state.roll.source == Some(RollSource::Piece(id)) {
            self.refresh_shown();
            self.find_nearest(id);
        } else {
            // Taken back while something else is shown: let it be seen.
            self.select_piece(id);
        }
        self.touch();
    }

    pub(super) fn lock_notes(&mut self, id: PieceId, notes: &[RollNote]) {
        let pieces = &mut self.state.music.pieces;
        let Some(piece) = pieces.iter_mut().find(|piece| piece.id == id) else { return };
        piece.record.lock(notes);
        if self.state.roll.source == Some(RollSource::Piece(id)) {
            self.state.roll.locked = Arc::clone(&piece.record.locked);
        }
        self.touch();
    }

    /// The copy of a song or dream goes, and the song is shown again.
    pub(super) fn forget_copy(&mut self, piece: PieceId, song: Option<&Path>) {
        let songs = &self.state.data.songs;
        let song = song.and_then(|song| songs.iter().position(|known| known.path == *song));
        self.delete_piece(piece);
        if let Some(song) = song {
            self.select_song(song);
        }
    }

    /// Makes a piece of a song and these notes, and shows it where the song was.
    pub(super) fn edit_copy_of_song(&mut self, song: SongIndex, notes: &NoteSheet) {
        let Some(song) = self.state.data.songs.get(song) else { return };
        let title = song.title.clone();
        let mut record = PieceRecord {
            name: self.free_piece_name(&format!("Copy of {title}")),
            roll: Arc::clone(&song.roll),
            seed: 0,
            beats_per_minute: song.tempo_bpm,
            metre: song.metre,
            is_favourite: false,
            velocities: Arc::default(),
            original: None,
            locked: Arc::default(),
            ranking: None,
        };
        record.take_notes(notes);
        let id = PieceId(self.next_piece);
        self.tell(format!("“{title}” stays as it is; the edit made the piece “{}”", record.name));
        self.add_piece(record);
        self.state.music.pieces.rotate_right(1);
        self.state.music.selected = Some(id);
        // The same music in the same view, so nothing else begins anew.
        self.state.roll.source = Some(RollSource::Piece(id));
        self.refresh_shown();
        self.find_nearest(id);
        self.touch();
    }

    fn free_piece_name(&self, wanted: &str) -> String {
        let is_taken = |name: &str| self.state.music.pieces.iter().any(|p| p.record.name == name);
        let mut name = wanted.to_owned();
        let mut number = 2;
        while is_taken(&name) {
            name = format!("{wanted} ({number})");
            number += 1;
        }
        name
    }
}
