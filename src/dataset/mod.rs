//! From folders of MIDI files to what the model sees.
//!
//! [`import()`] reads files and folders into [`Song`]s, each with a report of what was taken and why
//! anything was not; [`Dataset::build`] cuts the songs into excerpts, as rows of zeros and ones, and
//! keeps some songs back to measure with. Two encodings: *musical*, what a musician expects, and
//! *reference*, the reader of the 2016 study to the letter.
//!
//! | word | meaning |
//! |---|---|
//! | row | one step of a roll as the model sees it: the hold columns, then the onset columns |
//! | excerpt | so many consecutive rows: what the model sees at once |
//! | held out | not trained on, to measure with |

mod build;
mod encoding;
mod error;
mod excerpts;
mod fingerprint;
mod import;
mod musical;
mod nearest;
mod reference;
mod report;
mod rows;
mod settings;
mod song;
mod split;
mod statistics;

#[cfg(test)]
mod build_tests;
#[cfg(test)]
mod import_tests;
#[cfg(test)]
mod musical_tests;
#[cfg(test)]
mod reference_tests;
#[cfg(test)]
mod test_files;

pub use build::{Dataset, DatasetSong, Excerpt};
pub use encoding::{pack_bits, pack_roll, roll_to_rows, rows_to_roll, unpack_bits, unpack_roll};
pub use error::DatasetError;
pub use fingerprint::{Fingerprint, SongFingerprint};
pub use import::{Import, ImportObserver, ImportProblem, import, is_midi_name, midi_files};
pub use musical::MAX_STEPS;
pub use nearest::{COPY_DISTANCE, Nearest, NearestStretch, TrainingBits};
pub use report::{FileReport, ImportSummary};
pub use rows::BitRows;
pub use settings::{Encoding, EncodingSettings, Planes, RollSettings, STEPS_PER_BEAT};
pub use song::{Song, SongReport, Status, TrackInfo, hex};
pub use statistics::{
    SongTotals, count_pitches, median_tempo, pitch_histogram, prevailing_metre, song_totals,
    song_totals_with_notes,
};
