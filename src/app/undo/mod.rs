//! Undo and redo: before a command is carried out, what would take it back is noted.
//!
//! | file | what it is for |
//! |---|---|
//! | `stack` | the steps, and when two of them become one |
//! | `deed` | how things stand before a command, and how that is brought back |
//!
//! A command that shall be undoable needs one arm in `App::as_it_stands` and one in
//! `App::words_for`. One that replaces something of a piece (its notes) reads
//! `App::piece_as_it_stands`, which brings back whatever it was, deleted or not.

mod deed;
mod stack;
#[cfg(test)]
mod tests;

pub(super) use self::deed::{Deed, RunAside};
pub(super) use self::stack::{Stack, When};

use egui::Context;

use crate::ui::command::Command;
use crate::ui::state::{NoticeKind, RollSource, SongIndex, UndoState};

use super::App;

const UNDONE: &str = "Undone: ";
const REDONE: &str = "Redone: ";

impl App {
    /// Carries a command out, and notes how to take it back.
    pub(super) fn carry_out(&mut self, command: Command, ctx: &Context) {
        match command {
            Command::Undo => self.undo(ctx),
            Command::Redo => self.redo(ctx),
            command => self.carry_out_undoably(command, ctx),
        }
        let (undo, redo) = (self.undo_stack.next_undo(), self.undo_stack.next_redo());
        self.state.undo =
            UndoState { undo: undo.map(str::to_owned), redo: redo.map(str::to_owned) };
    }

    fn carry_out_undoably(&mut self, command: Command, ctx: &Context) {
        match &command {
            Command::EditCopyOfSong { song, .. } => {
                return self.edit_copy_undoably(Some(*song), command, ctx);
            }
            Command::EditDream(_) => return self.edit_copy_undoably(None, command, ctx),
            _ => {}
        }
        let Some(before) = self.as_it_stands(&command) else { return self.obey(command, ctx) };
        let words = self.words_for(&command);
        let is_value = deed::is_value(&command);
        self.obey(command.clone(), ctx);
        // What is gone cannot be read again; the command itself makes it go once more.
        let after = self.as_it_stands(&command).filter(|_| !deed::removes(&command));
        if after.as_ref().is_some_and(|after| after.is_same(&before)) {
            return;
        }
        let after = after.unwrap_or(Deed::Command(command));
        let gesture = ctx.input(|input| input.pointer.press_start_time());
        let when = When { now: self.seconds(), gesture, is_value };
        self.undo_stack.record(words, before, after, when);
    }

    /// An edit of a song, or of what live audition plays, makes a piece, which is not there to be
    /// read before.
    fn edit_copy_undoably(&mut self, song: Option<SongIndex>, command: Command, ctx: &Context) {
        let song = song.and_then(|song| self.state.data.songs.get(song));
        let song = song.map(|song| song.path.clone());
        let words = self.words_for(&command);
        let n_before = self.state.music.pieces.len();
        self.obey(command, ctx);
        let Some(RollSource::Piece(piece)) = self.state.roll.source else { return };
        let is_new = self.state.music.pieces.len() > n_before;
        if let Some(after) = self.piece_as_it_stands(piece).filter(|_| is_new) {
            let when = When { now: self.seconds(), gesture: None, is_value: false };
            self.undo_stack.record(words, Deed::Original { piece, song }, after, when);
        }
    }

    fn undo(&mut self, ctx: &Context) {
        if let Some((words, deed)) = self.undo_stack.undo() {
            self.bring_about(deed, ctx);
            self.tell_in_place(UNDONE, &words);
        }
    }

    fn redo(&mut self, ctx: &Context) {
        if let Some((words, deed)) = self.undo_stack.redo() {
            self.bring_about(deed, ctx);
            self.tell_in_place(REDONE, &words);
        }
    }

    /// One notice for a row of steps, else ten of them would hide the rest.
    fn tell_in_place(&mut self, what: &str, words: &str) {
        let is_of_undo = |text: &str| text.starts_with(UNDONE) || text.starts_with(REDONE);
        let is_last = self.state.notices.last().is_some_and(|notice| {
            notice.kind == NoticeKind::Info && notice.is_fresh && is_of_undo(&notice.text)
        });
        if is_last {
            self.state.notices.pop();
        }
        self.tell(format!("{what}{words}"));
    }

    /// Another project is open: what was done to the one before cannot be taken back.
    pub(super) fn forget_undo(&mut self) {
        self.undo_stack = Stack::default();
        self.run_aside = None;
        self.is_putting_aside = false;
        self.state.undo = UndoState::default();
    }
}
