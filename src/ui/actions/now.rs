//! What an action comes to in a state: a command, or why there is none.

use std::borrow::Cow;

use super::table::{Action, entry};
use crate::dataset::Status;
use crate::engine::SweepQueue;
use crate::music::Performance;
use crate::ui::command::Command;
use crate::ui::compose;
use crate::ui::panels::export::why_no_export;
use crate::ui::panels::{music, runs, top_bar};
use crate::ui::state::{ExportScope, LikelihoodState, PieceState, RunPhase, State};
use crate::ui::window_state::FocusWish;

/// An action in the state as it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Now {
    /// What it is called now.
    pub title: Cow<'static, str>,
    /// What it comes to, or why it can do nothing.
    pub outcome: Outcome,
    /// Of what can be on or off.
    pub is_on: Option<bool>,
}

/// A command, or the reason why there is none.
pub type Outcome = Result<Command, Cow<'static, str>>;

const NO_SONGS: &str = "Add songs first";
const NO_PIECE: &str = "Choose a piece first";
const IS_EXPORTING: &str = "An export is under way";

fn unless(reason: Option<&str>, command: Command) -> Outcome {
    match reason {
        Some(reason) => Err(reason.to_owned().into()),
        None => Ok(command),
    }
}

fn when(is_possible: bool, reason: &'static str, command: Command) -> Outcome {
    if is_possible { Ok(command) } else { Err(reason.into()) }
}

/// What an action comes to now.
pub fn now(action: Action, state: &State) -> Now {
    Now {
        title: title(action, state),
        outcome: outcome(action, state),
        is_on: is_on(action, state),
    }
}

/// What an action is called now.
fn title(action: Action, state: &State) -> Cow<'static, str> {
    let usual = entry(action).map_or("", |entry| entry.title);
    let of_piece = |verb: &str| match chosen_piece(state) {
        Some(piece) => format!("{verb} {}", piece.record.name).into(),
        None => usual.into(),
    };
    match action {
        Action::Undo => with_words(usual, state.undo.undo.as_deref()),
        Action::Redo => with_words(usual, state.undo.redo.as_deref()),
        Action::TrainOrPause => top_bar::train_button(state).name.into(),
        Action::PlayOrPause if state.transport.is_playing => "Pause playing".into(),
        Action::ZoomReset => format!("{usual} (now {} %)", state.window.layout.zoom_percent).into(),
        Action::Save if state.project.read_only.is_some() => "Save under another name…".into(),
        Action::DeletePiece => of_piece("Delete"),
        Action::StarPiece => of_piece("Star"),
        _ => usual.into(),
    }
}

/// "Undo Set learning rate"
fn with_words(verb: &'static str, words: Option<&str>) -> Cow<'static, str> {
    words.map_or(verb.into(), |words| format!("{verb} {words}").into())
}

/// Whether what the action switches is on; `None` for what is no switch.
fn is_on(action: Action, state: &State) -> Option<bool> {
    match action {
        Action::ShowPart(part) => Some(state.window.layout.is_shown(part)),
        Action::Theme(theme) => Some(state.theme == theme),
        Action::Preset(preset) => Some(state.run.preset == Some(preset)),
        Action::Loop => Some(state.transport.is_looping),
        Action::Sound => Some(state.sound.is_shown),
        Action::Metronome => Some(state.sound.is_metronome_on),
        Action::CountIn => Some(state.sound.count_in_bars > 0),
        Action::DivideVoices => Some(state.sound.performance.is_divided),
        Action::Reverb => Some(state.sound.performance.effects.reverb),
        Action::Chorus => Some(state.sound.performance.effects.chorus),
        Action::LiveAudition => Some(state.music.audition.is_on),
        Action::ShowRuns => Some(state.run.view.is_open),
        Action::PauseSweep => state.run.sweep.as_ref().map(SweepQueue::is_paused),
        Action::LogScale => Some(state.run.is_log_scale),
        Action::Filters => Some(state.learned.is_open),
        Action::AllSettings => Some(state.window.layout.are_all_settings_shown),
        Action::Notices => Some(state.is_notice_list_shown),
        Action::StarPiece => chosen_piece(state).map(|piece| piece.record.is_favourite),
        Action::IncludeSong => {
            let song = state.data.selected.and_then(|song| state.data.songs.get(song));
            song.map(|song| song.is_included)
        }
        _ => None,
    }
}

fn chosen_piece(state: &State) -> Option<&PieceState> {
    let id = state.music.selected?;
    state.music.pieces.iter().find(|piece| piece.id == id)
}

fn outcome(action: Action, state: &State) -> Outcome {
    match entry(action).map(|entry| entry.section) {
        Some(super::Section::File) => of_file(action, state),
        Some(super::Section::Edit) => of_edit(action, state),
        Some(super::Section::Data) => of_data(action, state),
        Some(super::Section::Train) => of_train(action, state),
        Some(super::Section::Music) => of_music(action, state),
        Some(super::Section::View) => of_view(action, state),
        Some(super::Section::Help) | None => of_help(action),
    }
}

/// An action that stands in another section than its own function knows: no entry is so.
fn unknown() -> Outcome {
    Err("This cannot be done here".into())
}

fn of_file(action: Action, state: &State) -> Outcome {
    let no_curve = state.run.history.epochs.is_empty() && state.run.earlier.is_empty();
    let no_curve = no_curve.then_some("There is no curve yet");
    let export = |scope| match scope {
        _ if state.export.is_some() => Some(IS_EXPORTING),
        ExportScope::AllPieces if state.music.pieces.is_empty() => {
            Some("There are no pieces: generate some first")
        }
        ExportScope::Shown => state.roll.why_silent(),
        _ => None,
    };
    let (shown, all) = (ExportScope::Shown, ExportScope::AllPieces);
    match action {
        Action::NewProject => Ok(Command::NewProject),
        Action::Open => Ok(Command::OpenProject),
        Action::Save => Ok(Command::Save),
        Action::SaveAs => Ok(Command::SaveAs),
        Action::ExportMidi => unless(export(shown), Command::ExportMidi(shown)),
        Action::ExportWav => unless(export(shown), Command::ExportWav(shown)),
        Action::Export => unless(why_no_export(state), Command::ShowExport(true)),
        Action::ExportAllMidi => unless(export(all), Command::ExportMidi(all)),
        Action::ExportAllWav => unless(export(all), Command::ExportWav(all)),
        Action::ExportCurveCsv => unless(no_curve, Command::ExportCurveCsv),
        Action::ExportCurvePng => unless(no_curve, Command::ExportCurvePng),
        Action::CopyAsCommand => {
            let can_copy = state.data.totals.n_songs > 0 || state.run.facts.is_some();
            when(can_copy, NO_SONGS, Command::CopyAsCommand)
        }
        Action::Quit => Ok(Command::Quit),
        _ => unknown(),
    }
}

fn of_edit(action: Action, state: &State) -> Outcome {
    match action {
        Action::Undo => {
            when(state.undo.undo.is_some(), "There is nothing to take back", Command::Undo)
        }
        Action::Redo => when(state.undo.redo.is_some(), "Nothing was taken back", Command::Redo),
        Action::StarPiece => match chosen_piece(state) {
            None => Err(NO_PIECE.into()),
            Some(piece) => {
                let is_favourite = !piece.record.is_favourite;
                Ok(Command::FavouritePiece { piece: piece.id, is_favourite })
            }
        },
        Action::DeletePiece => match chosen_piece(state) {
            None => Err(NO_PIECE.into()),
            Some(piece) => Ok(Command::DeletePiece(piece.id)),
        },
        Action::ClearSelection => when(
            state.roll.selection.is_some(),
            "Nothing is selected in the piano roll",
            Command::SelectSteps(None),
        ),
        _ => unknown(),
    }
}

fn of_data(action: Action, state: &State) -> Outcome {
    let has_songs = !state.data.songs.is_empty();
    match action {
        Action::AddFolder => Ok(Command::AddFolder),
        Action::AddFiles => Ok(Command::AddFiles),
        Action::AddDemoSet => Ok(Command::AddDemoSet),
        Action::ReloadSongs => when(has_songs, NO_SONGS, Command::ReloadSongs),
        Action::ImportReport => when(has_songs, NO_SONGS, Command::ShowReport(true)),
        Action::IncludeSong => {
            let song = state.data.selected;
            match song.and_then(|place| Some((place, state.data.songs.get(place)?))) {
                None => Err("Choose a song first".into()),
                Some((_, song)) if song.report.status != Status::Ok => {
                    Err("This file cannot be learned from; the import report says why".into())
                }
                Some((place, song)) => {
                    Ok(Command::IncludeSong { song: place, is_included: !song.is_included })
                }
            }
        }
        Action::CancelImport => {
            when(state.data.import.is_some(), "No files are being read", Command::CancelImport)
        }
        _ => unknown(),
    }
}

fn of_train(action: Action, state: &State) -> Outcome {
    let phase = &state.run.phase;
    let is_estimating = matches!(state.run.likelihood, LikelihoodState::Estimating { .. });
    match action {
        Action::TrainOrPause => {
            let button = top_bar::train_button(state);
            unless(button.reason, button.command)
        }
        Action::StopTraining => unless(top_bar::why_no_stop(state), Command::StopTraining),
        Action::StepEpoch => unless(top_bar::why_no_step(state), Command::StepEpoch),
        Action::StepBatch => unless(top_bar::why_no_step(state), Command::StepBatch),
        Action::ResetRun => unless(top_bar::why_no_reset(state), Command::ResetRun),
        Action::TakeProposedRate => {
            when(state.run.divergence.is_some(), "No run has diverged", Command::TakeProposedRate)
        }
        Action::EstimateLikelihood => {
            let has_run = phase.has_model() && !matches!(phase, RunPhase::Failed { .. });
            let reason = match (has_run, is_estimating) {
                (false, _) => Some("There is no run to measure: train a model first"),
                (true, true) => Some("An estimate is under way"),
                (true, false) => None,
            };
            unless(reason, Command::EstimateLikelihood)
        }
        Action::CancelEstimate => {
            when(is_estimating, "No estimate is under way", Command::CancelEstimate)
        }
        Action::Preset(preset) => Ok(Command::ApplyPreset(preset)),
        Action::ImportPreset => Ok(Command::ImportPreset),
        _ => of_runs(action, state),
    }
}

fn of_runs(action: Action, state: &State) -> Outcome {
    const NO_SWEEP: &str = "No sweep is under way";
    let sweep = state.run.sweep.as_ref().filter(|sweep| sweep.is_under_way());
    let has_songs = state.data.totals.n_songs > 0;
    match (action, sweep) {
        (Action::ShowRuns, _) => Ok(Command::ShowRuns(!state.run.view.is_open)),
        (Action::HearBestRun, _) => runs::best_run(&state.run)
            .map_or_else(|reason| Err(reason.into()), |run| Ok(Command::HearRun(run))),
        (Action::ReadRuns, _) => Ok(Command::ReadRuns),
        (Action::TryRange, _) => {
            let draft = Command::DraftSweep("learning_rate");
            unless(runs::why_no_sweep(&state.run, has_songs), draft)
        }
        (Action::PauseSweep, Some(sweep)) => Ok(Command::PauseSweep(!sweep.is_paused())),
        (Action::CancelSweep, Some(_)) => Ok(Command::CancelSweep),
        (Action::PauseSweep | Action::CancelSweep, None) => Err(NO_SWEEP.into()),
        _ => unknown(),
    }
}

fn of_music(action: Action, state: &State) -> Outcome {
    let why_silent = state.roll.why_silent();
    match action {
        Action::Generate => match music::why_no_generate(state) {
            Some(reason) => Err(reason.into()),
            None => Ok(Command::Generate),
        },
        Action::Compose(composition) => {
            unless(compose::why_not(composition, state), Command::Compose(composition))
        }
        Action::StartFromShown => {
            unless(compose::why_not_start_from(state), Command::StartFromShown)
        }
        Action::LiveAudition => Ok(Command::SetAudition(!state.music.audition.is_on)),
        Action::KeepDream => when(
            state.music.audition.heard.is_some(),
            "Live audition plays nothing yet",
            Command::KeepDream,
        ),
        Action::CancelGenerate => when(
            state.music.generating.is_some(),
            "No pieces are being made",
            Command::CancelGenerate,
        ),
        Action::DrawSeed => Ok(Command::DrawGenerateSeed),
        Action::PlayOrPause => unless(why_silent, Command::TogglePlay),
        Action::StopPlaying => unless(why_silent, Command::StopPlaying),
        Action::ToStart => unless(why_silent, Command::Seek(0.0)),
        Action::Loop => Ok(Command::ToggleLoop),
        Action::RetryAudio => {
            when(state.transport.trouble.is_some(), "Sound is well", Command::RetryAudio)
        }
        Action::CancelExport => {
            when(state.export.is_some(), "Nothing is being exported", Command::CancelExport)
        }
        _ => of_sound(action, state),
    }
}

/// What the sound window holds, one by one.
fn of_sound(action: Action, state: &State) -> Outcome {
    match action {
        Action::Sound => Ok(Command::ShowSound(!state.sound.is_shown)),
        Action::Metronome => Ok(Command::SetMetronome(!state.sound.is_metronome_on)),
        Action::CountIn => Ok(Command::SetCountIn(u32::from(state.sound.count_in_bars == 0))),
        Action::DivideVoices => Ok(played(state, |p| p.is_divided ^= true)),
        Action::Reverb => Ok(played(state, |p| p.effects.reverb ^= true)),
        Action::Chorus => Ok(played(state, |p| p.effects.chorus ^= true)),
        Action::ChooseSoundFont => Ok(Command::ChooseSoundFont),
        Action::BuiltInSoundFont => {
            let is_other = state.sound.font.chosen.is_some();
            when(is_other, "It is used already", Command::UseSoundFont(None))
        }
        Action::Panic => Ok(Command::Panic),
        _ => unknown(),
    }
}

/// Another way to play.
fn played(state: &State, change: impl FnOnce(&mut Performance)) -> Command {
    let mut performance = state.sound.performance;
    change(&mut performance);
    Command::SetPerformance(Box::new(performance))
}

fn of_view(action: Action, state: &State) -> Outcome {
    let layout = &state.window.layout;
    let go = |is_forward| Ok(Command::GoTo(FocusWish::NextPart { is_forward }));
    match action {
        Action::ShowPart(part) => {
            let is_shown = !layout.is_shown(part);
            let is_last = !is_shown && layout.is_last_column(part);
            when(!is_last, "One column always stays", Command::ShowPart { part, is_shown })
        }
        Action::NextPart => go(true),
        Action::PreviousPart => go(false),
        Action::ZoomIn | Action::ZoomOut => {
            let zoom = layout.next_zoom(action == Action::ZoomIn);
            let is_possible = zoom != layout.zoom_percent;
            when(is_possible, "It goes no further", Command::SetZoom(zoom))
        }
        Action::ZoomReset => Ok(Command::SetZoom(100)),
        Action::Theme(theme) => Ok(Command::SetTheme(theme)),
        Action::LogScale => Ok(Command::SetLogScale(!state.run.is_log_scale)),
        Action::Filters => Ok(Command::ShowFilters(!state.learned.is_open)),
        Action::AllSettings => Ok(Command::ShowAllSettings(!layout.are_all_settings_shown)),
        Action::Notices => Ok(Command::ShowNotices(!state.is_notice_list_shown)),
        _ => unknown(),
    }
}

fn of_help(action: Action) -> Outcome {
    match action {
        Action::Manual => Ok(Command::ShowManual { is_shown: true, place: None }),
        Action::Palette => Ok(Command::ShowPalette(true)),
        Action::Shortcuts => Ok(Command::ShowShortcuts(true)),
        Action::Tour => Ok(Command::ShowTour(true)),
        Action::GraphicsCard => Ok(Command::ShowGpu(true)),
        Action::Diagnostics => Ok(Command::ShowDiagnostics(true)),
        Action::About => Ok(Command::ShowAbout(true)),
        _ => unknown(),
    }
}

/// What Escape closes: what lies on top. `None` when nothing does.
pub fn close_top(state: &State) -> Option<Command> {
    if state.window.are_shortcuts_shown {
        Some(Command::ShowShortcuts(false))
    } else if state.recovery.is_some() {
        Some(Command::CloseRecovery)
    } else if state.data.is_report_shown {
        Some(Command::ShowReport(false))
    } else if state.sound.is_shown {
        Some(Command::ShowSound(false))
    } else if state.manual.is_shown {
        Some(Command::ShowManual { is_shown: false, place: None })
    } else if state.gpu.is_shown {
        Some(Command::ShowGpu(false))
    } else if state.diagnostics.is_some() {
        Some(Command::ShowDiagnostics(false))
    } else if state.is_export_shown {
        Some(Command::ShowExport(false))
    } else if state.is_notice_list_shown {
        Some(Command::ShowNotices(false))
    } else if state.run.sweep_draft.is_some() {
        Some(Command::CloseSweepDraft)
    } else if state.run.view.is_open && state.run.view.renaming.is_none() {
        Some(Command::ShowRuns(false))
    } else if state.tour.is_some() {
        Some(Command::ShowTour(false))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::actions::ACTIONS;
    use crate::ui::panels::examples;

    #[test]
    fn every_action_comes_to_a_command_in_some_state_and_else_says_why_not() {
        let mut estimating = examples::training();
        estimating.run.likelihood = LikelihoodState::Estimating { share: 0.5 };
        estimating.undo.undo = Some("Set bars".to_owned());
        estimating.undo.redo = Some("Set bars".to_owned());
        let mut generating = examples::training();
        generating.music.generating = Some(0.5);
        let mut exporting = examples::with_pieces();
        exporting.export =
            Some(crate::ui::state::ExportState { what: "WAV".to_owned(), share: 0.1 });
        let mut importing = examples::empty();
        importing.data.import = Some(crate::ui::state::ImportProgress { done: 1, total: 2 });
        let mut hidden = examples::empty();
        hidden.window.layout.is_roll_shown = false;
        let mut composing = examples::with_pieces();
        composing.roll.selection = Some(32..64);
        composing.roll.before = composing.roll.source;
        let mut sweeping = examples::with_songs();
        let axis = crate::train::SweepAxis::list("momentum", "0.1 0.5").unwrap();
        sweeping.run.sweep = SweepQueue::new(&sweeping.settings, vec![axis], 100).ok();
        let mut with_font = examples::empty();
        with_font.sound.font.chosen = Some("/fonts/a.sf2".into());
        let states = vec![
            with_font,
            sweeping,
            composing,
            hidden,
            examples::empty(),
            examples::with_songs(),
            importing,
            examples::training(),
            estimating,
            generating,
            exporting,
            examples::with_pieces(),
            examples::auditioning(),
            examples::diverged(),
            examples::troubled(),
        ];
        for entry in ACTIONS {
            let outcomes: Vec<Outcome> =
                states.iter().map(|state| now(entry.action, state).outcome).collect();
            assert!(outcomes.iter().any(Result::is_ok), "{}: {outcomes:?}", entry.title);
            let mut reasons = outcomes.iter().filter_map(|outcome| outcome.as_ref().err());
            assert!(reasons.all(|reason| *reason != unknown().unwrap_err()), "{}", entry.title);
        }
    }

    #[test]
    fn undo_names_what_it_takes_back() {
        let mut state = examples::empty();
        assert!(now(Action::Undo, &state).outcome.is_err());
        state.undo.undo = Some("Set learning rate".to_owned());
        let undo = now(Action::Undo, &state);
        assert_eq!(undo.title, "Undo Set learning rate");
        assert_eq!(undo.outcome, Ok(Command::Undo));
    }
}
