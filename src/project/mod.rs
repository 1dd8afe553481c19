//! What is kept on disk: one `.harmonium` file, which is a valid safetensors file.
//!
//! Its metadata holds, under the key `harmonium`, a versioned JSON document (settings, songs, run
//! history, pieces); its tensors are the parameters, what learning remembers, and the rolls as
//! packed bits. So a project opens on another machine without the MIDI folder, and any Python
//! user can read the weights. docs/project-format.md describes every field.

mod atomic;
mod autosave;
mod command_line;
mod document;
mod error;
mod format;
mod hash;
mod header;
mod lock;
mod model_tensors;
mod piece;
mod preset_file;
mod song_check;
mod unknown;

pub use atomic::write_atomically;
pub use autosave::{AutosaveNote, read_autosave_note, save_autosave};
pub use command_line::{CommandLine, RunSource, SongSource};
pub use document::{Model, Project, ProjectSound, Run, RunModel};
pub use error::ProjectError;
pub use format::{EXTENSION, FORMAT_VERSION, load, save, to_bytes};
pub use hash::weights_sha256;
pub use lock::{Hold, ProjectLock};
pub use piece::PieceRecord;
pub use preset_file::{read_settings, write_settings};
pub use unknown::UnknownFields;
