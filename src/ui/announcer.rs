//! What a screen reader says by itself: errors at once; epochs, endings, advice and the tour when
//! there is a pause.

use egui::accesskit::{Live, Role};
use egui::{Id, Sense, Ui, Vec2, WidgetInfo};

use super::panels::model;
use super::state::{NoticeKind, RunPhase, State};

/// Epochs are told no more often than this, in seconds: quick ones would drown everything else.
const EVERY_SECS: f64 = 10.0;

/// Regions without a picture: polite ones, and one that interrupts.
pub fn announcer_ui(ui: &mut Ui, state: &State) {
    let progress = told_progress(ui, state);
    let last = state.notices.iter().rfind(|notice| notice.kind != NoticeKind::Error);
    let last = last.map_or("", |notice| notice.text.as_str());
    region_ui(ui, "Training", &progress, Live::Polite, Role::Status);
    region_ui(ui, "Songs", &songs_words(state), Live::Polite, Role::Status);
    region_ui(ui, "Notice", last, Live::Polite, Role::Status);
    region_ui(ui, "Advice", advice_words(state), Live::Polite, Role::Status);
    region_ui(ui, "Tour", &tour_words(state), Live::Polite, Role::Status);
    let error = state.notices.iter().rfind(|notice| notice.kind == NoticeKind::Error);
    let error = error.map_or_else(String::new, |notice| notice.text.clone());
    let error = state.run.divergence.as_ref().map_or(error, model::divergence_words);
    region_ui(ui, "Error", &error, Live::Assertive, Role::Alert);
}

fn advice_words(state: &State) -> &str {
    state.run.advice.current(&state.settings).map_or("", |finding| finding.sentence.as_str())
}

/// "Step 1 of 3: Choose songs. Add a folder …"
fn tour_words(state: &State) -> String {
    state.tour.map_or_else(String::new, |tour| {
        let (number, title) = (tour.step.number(), tour.step.title());
        format!("Step {number} of 3: {title}. {}", tour.step.text(state))
    })
}

fn region_ui(ui: &mut Ui, name: &str, words: &str, live: Live, role: Role) {
    let (_, rect) = ui.allocate_space(Vec2::ZERO);
    let response = ui.interact(rect, Id::unique("announcer").with(name), Sense::hover());
    let text = format!("{name}: {}", if words.is_empty() { "none" } else { words });
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &text));
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_role(role);
        node.set_label(text.as_str());
        node.set_live(live);
    });
}

/// How the run stands, for a listener: told anew when its phase changes, or after a while.
fn told_progress(ui: &Ui, state: &State) -> String {
    let id = Id::unique("told progress");
    let now = ui.input(|input| input.time);
    let phase = std::mem::discriminant(&state.run.phase);
    let told: Option<(f64, std::mem::Discriminant<RunPhase>, String)> =
        ui.data(|data| data.get_temp(id));
    match told {
        Some((at, before, words)) if before == phase && now - at < EVERY_SECS => words,
        _ => {
            let words = progress_words(state);
            ui.data_mut(|data| data.insert_temp(id, (now, phase, words.clone())));
            words
        }
    }
}

/// What there is to learn from: told when files have been read, and when songs are left out.
fn songs_words(state: &State) -> String {
    let totals = &state.data.totals;
    match (&state.data.import, totals.n_songs) {
        (Some(_), _) => "reading files".to_owned(),
        (None, 0) => String::new(),
        (None, n) => format!("{n} to learn from, {} excerpts", totals.n_excerpts),
    }
}

/// "Epoch 30 of 70, reconstruction error 0.0123"
fn progress_words(state: &State) -> String {
    let run = &state.run;
    let error = run.history.last().map_or_else(String::new, |last| {
        format!(", reconstruction error {:.4}", last.metrics.reconstruction_error)
    });
    let epochs = format!("{} of {}", run.progress.finished_epochs, run.progress.epochs.max(1));
    match &run.phase {
        RunPhase::Idle => "No run so far".to_owned(),
        RunPhase::Preparing => "Preparing the songs".to_owned(),
        RunPhase::Training => format!("Epoch {epochs}{error}"),
        RunPhase::Paused => format!("Paused after epoch {epochs}{error}"),
        RunPhase::Ended { is_complete: true } => format!("Complete{error}"),
        RunPhase::Ended { is_complete: false } => {
            format!("Stopped after epoch {epochs}{error}")
        }
        // Why is told by the notice of the error.
        RunPhase::Failed { .. } => "Failed".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::panels::examples;

    #[test]
    fn a_listener_hears_how_the_run_stands() {
        let mut state = examples::training();
        let words = progress_words(&state);
        assert!(words.starts_with("Epoch ") && words.contains("reconstruction error"), "{words}");
        state.run.phase = RunPhase::Ended { is_complete: true };
        assert!(progress_words(&state).starts_with("Complete"));
        assert_eq!(progress_words(&examples::empty()), "No run so far");
    }

    #[test]
    fn a_listener_hears_that_files_were_read() {
        let mut state = examples::with_songs();
        let n_songs = state.data.totals.n_songs;
        assert!(songs_words(&state).starts_with(&format!("{n_songs} to learn from, ")));
        state.data.import = Some(crate::ui::state::ImportProgress { done: 1, total: 9 });
        assert_eq!(songs_words(&state), "reading files");
        assert_eq!(songs_words(&examples::empty()), "");
    }
}
