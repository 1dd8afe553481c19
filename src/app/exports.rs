//! Taking music away: MIDI at once, WAV in a thread with progress and Cancel.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{Builder, JoinHandle};

use crate::audio::{AudioError, DEFAULT_SAMPLE_RATE, SoundFont, SoundSettings, render_wav};
use crate::generate::{ScoreSettings, notes_to_score};
use crate::midi;
use crate::music::Score;
use crate::project::write_atomically;
use crate::ui::state::{ExportScope, ExportState, PieceId, PieceState};

use super::App;

/// An export under way, and answers of exports that end in other threads.
pub(super) struct Export {
    cancelled: Arc<AtomicBool>,
    news: Receiver<News>,
    sender: Sender<News>,
    thread: Option<JoinHandle<()>>,
}

enum News {
    Progressed { what: String, share: f64 },
    Written { path: PathBuf, result: Result<(), String> },
    Ended { was_cancelled: bool },
}

impl Export {
    fn new() -> Self {
        let (sender, news) = channel();
        Self { cancelled: Arc::default(), news, sender, thread: None }
    }
}

impl Drop for Export {
    fn drop(&mut self) {
        self.cancelled.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

impl App {
    pub(super) fn export_midi(&mut self, scope: ExportScope, path: &Path) {
        let scores = self.scores(scope, path, "mid");
        if scores.is_empty() {
            return self.complain("There is nothing to export: choose a song or generate a piece");
        }
        let n_scores = scores.len();
        for (path, score) in scores {
            if let Err(error) = write_atomically(&path, &midi::write(&score), None) {
                return self.complain(error.to_string());
            }
        }
        let words = match n_scores {
            1 => format!("Wrote {}", path.display()),
            _ => format!("Wrote {n_scores} MIDI files into {}", path.display()),
        };
        self.tell_success(words, Some(path.to_owned()));
    }

    pub(super) fn export_wav(&mut self, scope: ExportScope, path: &Path) {
        if self.state.export.is_some() {
            return self.tell("An export is under way already; wait, or cancel that first");
        }
        let scores = self.scores(scope, path, "wav");
        if scores.is_empty() {
            return self.complain("There is nothing to export: choose a song or generate a piece");
        }
        let Some(font) = self.places.soundfont.clone() else {
            return self.complain("The built-in SoundFont was not found; reinstall the program");
        };
        let settings =
            SoundSettings { program: None, beats_per_minute: None, ..self.sound_settings() };
        let export = self.export.get_or_insert_with(Export::new);
        export.cancelled = Arc::default();
        let job = Job {
            scores,
            font,
            settings,
            cancelled: Arc::clone(&export.cancelled),
            sender: export.sender.clone(),
            wake: Arc::clone(&self.wake),
        };
        match Builder::new().name("export".to_owned()).spawn(move || job.run()) {
            Ok(thread) => {
                export.thread = Some(thread);
                self.state.export = Some(ExportState { what: "WAV".to_owned(), share: 0.0 });
            }
            Err(error) => self.complain(format!("The system gives no thread: {error}")),
        }
    }

    pub(super) fn cancel_export(&mut self) {
        if let Some(export) = &self.export {
            export.cancelled.store(true, Ordering::Relaxed);
        }
    }

    pub(super) fn hear_export(&mut self) {
        let news: Vec<News> = match &self.export {
            Some(export) => export.news.try_iter().collect(),
            None => return,
        };
        for news in news {
            match news {
                News::Progressed { what, share } => {
                    self.state.export = Some(ExportState { what, share });
                }
                News::Written { path, result } => self.note_written(&path, result),
                News::Ended { was_cancelled } => {
                    self.state.export = None;
                    if was_cancelled {
                        self.tell("Export cancelled; no half file is left");
                    }
                }
            }
        }
    }

    /// Where a thread puts what it wrote.
    pub(super) fn export_answers(
        &mut self,
    ) -> impl FnOnce(PathBuf, Result<(), String>) + Send + 'static {
        let sender = self.export.get_or_insert_with(Export::new).sender.clone();
        // Nobody listens any more when the window is gone.
        move |path, result| drop(sender.send(News::Written { path, result }))
    }

    /// What is to be written, and where.
    fn scores(&self, scope: ExportScope, path: &Path, ending: &str) -> Vec<(PathBuf, Score)> {
        let with_ending = |path: &Path| match path.extension() {
            Some(_) => path.to_owned(),
            None => path.with_extension(ending),
        };
        match scope {
            ExportScope::Shown => {
                self.shown_score().map(|score| (with_ending(path), score)).into_iter().collect()
            }
            ExportScope::Piece(id) => {
                let piece = self.piece(id);
                piece.map(|p| (with_ending(path), self.piece_score(p))).into_iter().collect()
            }
            ExportScope::AllPieces => {
                let pieces = self.state.music.pieces.iter();
                let mut taken = HashSet::new();
                let mut file = |p: &PieceState| {
                    path.join(format!("{}.{ending}", file_name(&p.record.name, p.id, &mut taken)))
                };
                pieces.map(|p| (file(p), self.piece_score(p))).collect()
            }
        }
    }

    fn piece_score(&self, piece: &PieceState) -> Score {
        let record = &piece.record;
        let settings = ScoreSettings {
            beats_per_minute: record.beats_per_minute,
            ..self.score_settings(&record.name, record.metre)
        };
        notes_to_score(&record.played_notes(), &record.roll, &settings)
    }
}

/// A name that stays in its folder (a project may bring any) and that no other piece has.
fn file_name(name: &str, id: PieceId, taken: &mut HashSet<String>) -> String {
    let is_plain = |c: char| !c.is_control() && !r#"/\:*?"<>|"#.contains(c);
    let plain: String = name.chars().map(|c| if is_plain(c) { c } else { '-' }).collect();
    let plain = plain.trim_matches(['.', ' ']).to_owned();
    let is_free = !plain.is_empty() && taken.insert(plain.clone());
    if is_free { plain } else { format!("{plain} ({})", id.0) }
}

/// WAV files on their way.
struct Job {
    scores: Vec<(PathBuf, Score)>,
    font: PathBuf,
    settings: SoundSettings,
    cancelled: Arc<AtomicBool>,
    sender: Sender<News>,
    wake: crate::engine::Wake,
}

impl Job {
    fn run(&self) {
        let result = SoundFont::open(&self.font);
        match result {
            Ok(font) => self.render_all(&font),
            Err(error) => self
                .report(News::Written { path: self.font.clone(), result: Err(error.to_string()) }),
        }
        let was_cancelled = self.cancelled.load(Ordering::Relaxed);
        self.report(News::Ended { was_cancelled });
    }

    fn render_all(&self, font: &SoundFont) {
        let n_scores = self.scores.len() as f64;
        for (number, (path, score)) in self.scores.iter().enumerate() {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let mut go_on = |share: f64| {
                let share = (number as f64 + share) / n_scores;
                self.report(News::Progressed { what: name.clone(), share });
                if self.cancelled.load(Ordering::Relaxed) {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            };
            let rate = DEFAULT_SAMPLE_RATE;
            let result = render_wav(score, &self.settings, font, rate, path, &mut go_on);
            match result {
                Err(AudioError::Cancelled) => return,
                result => {
                    let result = result.map(|_| ()).map_err(|error| error.to_string());
                    self.report(News::Written { path: path.clone(), result });
                }
            }
        }
    }

    fn report(&self, news: News) {
        // Nobody listens any more when the window is gone.
        drop(self.sender.send(news));
        (self.wake)();
    }
}
