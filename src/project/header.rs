//! The beginning of a project file, read and checked before anything of its size is believed.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read as _};

use serde::Deserialize;

/// safetensors reads and writes no longer headers.
const MOST_BYTES: u64 = 100_000_000;

/// The length, and the JSON after it.
pub(super) struct Header {
    /// As they stand in the file.
    pub bytes: Vec<u8>,
    pub metadata: HashMap<String, String>,
    /// Bytes that follow.
    pub n_data: u64,
}

pub(super) enum HeaderProblem {
    Unread(io::Error),
    Damaged(&'static str),
}

const NO_PROJECT: HeaderProblem = HeaderProblem::Damaged("it does not begin as a project does");
const CUT_SHORT: HeaderProblem = HeaderProblem::Damaged("a part of it is missing");

#[derive(Deserialize)]
struct Entries {
    #[serde(rename = "__metadata__", default)]
    metadata: HashMap<String, String>,
    #[serde(flatten)]
    tensors: HashMap<String, TensorPlace>,
}

#[derive(Deserialize)]
struct TensorPlace {
    data_offsets: (u64, u64),
}

impl Header {
    /// Reads the header of a file that is open at its start.
    pub(super) fn read(file: &mut File) -> Result<Self, HeaderProblem> {
        let n_file = file.metadata().map_err(HeaderProblem::Unread)?.len();
        let mut bytes = Vec::new();
        let mut read = |n: u64, bytes: &mut Vec<u8>| {
            let n_read = file.take(n).read_to_end(bytes).map_err(HeaderProblem::Unread)?;
            if n_read as u64 == n { Ok(()) } else { Err(CUT_SHORT) }
        };
        if n_file < 8 {
            return Err(NO_PROJECT);
        }
        read(8, &mut bytes)?;
        let n_json = bytes.first_chunk().map_or(0, |length| u64::from_le_bytes(*length));
        if n_json > MOST_BYTES {
            return Err(NO_PROJECT);
        }
        let Some(n_data) = n_file.checked_sub(8 + n_json) else { return Err(CUT_SHORT) };
        read(n_json, &mut bytes)?;
        let entries: Entries =
            serde_json::from_slice(&bytes[8..]).map_err(|_no_json| NO_PROJECT)?;
        let ends = entries.tensors.values().map(|tensor| tensor.data_offsets.1);
        let n_wanted = ends.max().unwrap_or(0);
        if n_wanted == n_data {
            Ok(Self { bytes, metadata: entries.metadata, n_data })
        } else {
            Err(CUT_SHORT)
        }
    }
}
