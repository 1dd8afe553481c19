//! Why no data set can be made.

use std::path::PathBuf;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DatasetError {
    #[error("{name} cannot be {value}: {rule}")]
    Setting { name: &'static str, value: String, rule: String },
    #[error("no songs to train on; add a folder of MIDI files, or include songs that are left out")]
    NoSongs,
    #[error(
        "none of the {n_songs} songs fills an excerpt of {steps_per_excerpt} steps; \
         choose shorter excerpts or more steps a beat"
    )]
    NoExcerpts { n_songs: usize, steps_per_excerpt: u32 },
    #[error(
        "{n_rows} rows are more than can be kept in memory; \
         leave out songs, transpose less or choose fewer steps a beat"
    )]
    TooLarge { n_rows: u64 },
    #[error("\"{title}\" was encoded with another grid or other pitches; encode it again first")]
    NotEncoded { title: String },
    #[error(
        "\"{title}\" came with the project, without its MIDI file, so it cannot be encoded anew; \
         add the folder {folder} again, or set the grid and the pitches back"
    )]
    SourceMissing { title: String, folder: PathBuf },
}
