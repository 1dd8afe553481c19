//! How long frames take, for benches: one line a frame, written when the window closes.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::project::write_atomically;

/// Frames as they were drawn.
#[derive(Debug)]
pub(super) struct FrameLog {
    path: PathBuf,
    frames: Vec<Frame>,
}

#[derive(Debug)]
struct Frame {
    /// Seconds since 1970, so that a bench can tell how long after starting it the frame came.
    at_secs: f64,
    /// Laying out the frame and carrying out what was asked for.
    layout_ms: f64,
    /// The frame before as eframe counts it: layout, tessellation and handing it to GL.
    whole_ms: f64,
    is_training: bool,
}

impl FrameLog {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, frames: Vec::new() }
    }

    pub(super) fn note(&mut self, layout: Duration, whole_secs: Option<f32>, is_training: bool) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        self.frames.push(Frame {
            at_secs: now.as_secs_f64(),
            layout_ms: layout.as_secs_f64() * 1e3,
            whole_ms: f64::from(whole_secs.unwrap_or(0.0)) * 1e3,
            is_training,
        });
    }
}

impl Drop for FrameLog {
    fn drop(&mut self) {
        if let Err(error) = write_atomically(&self.path, table(&self.frames).as_bytes(), None) {
            log::error!("{error}");
        }
    }
}

fn table(frames: &[Frame]) -> String {
    let line = |frame: &Frame| {
        let Frame { at_secs, layout_ms, whole_ms, is_training } = frame;
        format!("{at_secs:.4},{layout_ms:.3},{whole_ms:.3},{}\n", u8::from(*is_training))
    };
    let header = "at_secs,layout_ms,whole_ms,is_training\n".to_owned();
    std::iter::once(header).chain(frames.iter().map(line)).collect()
}

/// A log that is wanted, if one is.
pub(super) fn frame_log(path: Option<&Path>) -> Option<FrameLog> {
    path.map(|path| FrameLog::new(path.to_owned()))
}
