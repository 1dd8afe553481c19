//! What each command does: one arm, one call.

use egui::Context;

use crate::engine::{EngineCommand, StepSize};
use crate::generate::StartPoint;
use crate::music::DEFAULT_VELOCITY;
use crate::train::FIGURES;
use crate::ui::command::Command;
use crate::ui::focus;
use crate::ui::learned::LearnedTab;
use crate::ui::state::PathPurpose;
use crate::ui::window_state::{FocusWish, PaletteState};

use super::App;
use super::files::Departure;

impl App {
    #[expect(clippy::too_many_lines, reason = "one arm for each command, one call each")]
    pub(super) fn obey(&mut self, command: Command, ctx: &Context) {
        match command {
            Command::NewProject => self.depart(Departure::New),
            Command::OpenProject => self.ask_path(PathPurpose::OpenProject),
            Command::OpenPath(path) => self.depart(Departure::Open(path)),
            Command::Save => self.save(),
            Command::SaveAs => self.ask_path(PathPurpose::SaveProject),
            Command::Quit => ctx.send_viewport_cmd(egui::ViewportCommand::Close),
            Command::ConfirmClose => self.depart_anyway(),
            Command::SaveAndClose => self.save_and_close(),
            Command::CancelClose => self.stay(),
            Command::OpenRecovered(entry) => self.open_recovered(entry),
            Command::DiscardRecovered { entry, is_discarded } => {
                self.discard_recovered(entry, is_discarded);
            }
            Command::CloseRecovery => self.close_recovery(),
            Command::AddFolder => self.ask_path(PathPurpose::AddFolders),
            Command::AddFiles => self.ask_path(PathPurpose::AddFiles),
            Command::AddPaths(paths) => self.add_paths(paths),
            Command::AddDemoSet => self.add_demo_set(),
            Command::CancelImport => self.engine.send(EngineCommand::CancelImport),
            Command::ReloadSongs => self.reload_songs(),
            Command::RemoveFolder(folder) => self.remove_folder(&folder),
            Command::IncludeFolder { folder, is_included } => {
                self.include_folder(&folder, is_included);
            }
            Command::IncludeSong { song, is_included } => self.include_song(song, is_included),
            Command::SelectSong(song) => self.select_song(song),
            Command::AuditionSong(song) => self.audition_song(song),
            Command::ApplyPreset(preset) => self.apply_preset(preset),
            Command::SetSetting { key, value } => self.set_setting(key, &value),
            Command::Train => self.train(),
            Command::Pause => self.engine.send(EngineCommand::Pause),
            Command::StopTraining => self.engine.send(EngineCommand::Stop),
            Command::StepEpoch => self.step(StepSize::Epoch),
            Command::StepBatch => self.step(StepSize::Batch),
            Command::ResetRun => self.reset_run(),
            Command::TakeProposedRate => self.take_proposed_rate(),
            Command::GoOn(way) => self.go_on(way),
            Command::ShowRuns(is_open) => self.state.run.view.is_open = is_open,
            Command::ShowRun { run, is_shown } => self.show_run(run, is_shown),
            Command::RenameRun { run, name } => self.rename_run(run, &name),
            Command::ColorRun { run, color } => self.color_run(run, color),
            Command::DeleteRun(run) => self.delete_run(run),
            Command::AdoptSettings(settings) => self.adopt_settings(*settings),
            Command::HearRun(run) => self.hear_run(run),
            Command::ReadRuns => self.ask_path(PathPurpose::ReadRuns),
            Command::DraftSweep(key) => self.draft_sweep(key),
            Command::CloseSweepDraft => self.state.run.sweep_draft = None,
            Command::StartSweep(axes) => self.start_sweep(axes),
            Command::PauseSweep(is_paused) => self.pause_sweep(is_paused),
            Command::CancelSweep => self.cancel_sweep(),
            Command::RemoveSweepRun(place) => self.remove_sweep_run(place),
            Command::CopySweepCommands(axes) => self.copy_sweep_commands(axes, ctx),
            Command::SaveSweepScript(axes) => self.ask_for_sweep_script(axes),
            Command::SavePreset(name) => self.save_preset(&name),
            Command::ApplyOwnPreset(name) => self.apply_own_preset(&name),
            Command::RenamePreset { name, to } => self.rename_preset(&name, &to),
            Command::DeletePreset(name) => self.delete_preset(&name),
            Command::SharePreset(name) => self.ask_path(PathPurpose::SharePreset(name)),
            Command::ImportPreset => self.ask_path(PathPurpose::ImportPreset),
            Command::CopyAsCommand => self.copy_as_command(ctx),
            Command::ExportCurveCsv => self.ask_path(PathPurpose::CurveCsv),
            Command::ExportCurvePng => self.ask_path(PathPurpose::CurvePng),
            Command::SetPieces(pieces) => self.state.music.settings.pieces = pieces,
            Command::SetBars(bars) => self.state.music.settings.bars = bars,
            Command::SetGibbsSteps(steps) => self.state.music.settings.gibbs_steps = steps,
            Command::SetTemperature(temperature) => {
                self.state.music.settings.temperature = temperature;
            }
            Command::SetStart(start) => self.set_start(start),
            Command::SetGenerateSeed(seed) => self.state.music.settings.seed = seed,
            Command::DrawGenerateSeed => self.draw_generate_seed(),
            Command::Generate => self.generate(),
            Command::SetGeneration(settings) => self.state.music.settings = *settings,
            Command::PauseChain(is_paused) => {
                self.engine.send(EngineCommand::PauseChain(is_paused));
            }
            Command::StepChain(step) => self.engine.send(EngineCommand::StepChain(step)),
            Command::TakeChain => self.engine.send(EngineCommand::TakeChain),
            Command::Compose(composition) => self.compose(composition),
            Command::StartFromShown => self.start_from_shown(),
            Command::ForgetStartMusic => self.state.music.start_music = None,
            Command::SetVaryAmount(amount) => self.state.music.vary_amount = amount,
            Command::CancelGenerate => self.engine.send(EngineCommand::CancelGenerate),
            Command::SetAudition(is_on) => self.set_audition(is_on),
            Command::SetAuditionEpochs(epochs) => self.set_audition_epochs(epochs),
            Command::KeepDream => self.keep_dream(),
            Command::EstimateLikelihood => self.estimate_likelihood(),
            Command::CancelEstimate => self.engine.send(EngineCommand::CancelEstimate),
            Command::Hear(heard) => self.hear_learned(heard),
            Command::StopHearing => self.stop_hearing(),
            Command::CloseNetworkExplanation => self.close_network_explanation(),
            Command::SelectPiece(piece) => self.select_piece(piece),
            Command::AuditionPiece(piece) => self.audition_piece(piece),
            Command::FavouritePiece { piece, is_favourite } => {
                self.favour_piece(piece, is_favourite);
            }
            Command::DeletePiece(piece) => self.delete_piece(piece),
            Command::EditNotes { piece, notes, .. } => self.edit_notes(piece, &notes),
            Command::LockNotes { piece, notes } => self.lock_notes(piece, &notes),
            Command::EditCopyOfSong { song, notes } => self.edit_copy_of_song(song, &notes),
            Command::EditDream(notes) => self.edit_dream(&notes),
            Command::TogglePlay => self.toggle_play(),
            Command::StopPlaying => self.stop_playing(),
            Command::ToggleLoop => self.toggle_loop(),
            Command::Seek(step) => self.seek(step),
            Command::SelectSteps(steps) => self.select_steps(steps),
            Command::SetTempo(tempo) => self.set_tempo(tempo),
            Command::SoundPitch(pitch) => self.sound_note(pitch, DEFAULT_VELOCITY),
            Command::SoundNote { pitch, velocity } => self.sound_note(pitch, velocity),
            Command::SetProgram(program) => self.set_program(program),
            Command::SetVolume(volume) => self.set_volume(volume),
            Command::RetryAudio => self.retry_audio(),
            Command::ShowSound(is_shown) => self.state.sound.is_shown = is_shown,
            Command::SetPerformance(performance) => self.set_performance(*performance),
            Command::DrawHumaniseSeed => self.draw_humanise_seed(),
            Command::SetMetronome(is_on) => self.set_metronome(is_on),
            Command::SetCountIn(bars) => self.set_count_in(bars),
            Command::ChooseSoundFont => self.ask_path(PathPurpose::SoundFont),
            Command::UseSoundFont(path) => self.use_soundfont(path),
            Command::Panic => self.panic_sound(),
            Command::ExportMidi(scope) => self.ask_path(PathPurpose::ExportMidi(scope)),
            Command::ExportWav(scope) => self.ask_path(PathPurpose::ExportWav(scope)),
            Command::ShowExport(is_shown) => self.state.is_export_shown = is_shown,
            Command::SetExportPlan(plan) => self.set_export_plan(*plan),
            Command::ChooseExportFolder => self.ask_path(PathPurpose::ExportFolder),
            Command::StartExport => self.start_export(ctx),
            Command::CancelExport => self.cancel_export(),
            Command::ShowInFolder(path) => self.show_in_folder(path),
            Command::AcceptPath { purpose, path } => self.take_path(&purpose, vec![path], ctx),
            Command::CancelPath => self.cancel_path(),
            // Whoever carries out commands sees to these: see `undo`.
            Command::Undo | Command::Redo => {}
            Command::SetTheme(theme) => self.set_theme(theme, ctx),
            Command::SetZoom(percent) => self.set_zoom(percent, ctx),
            Command::ShowPart { part, is_shown } => self.state.window.layout.show(part, is_shown),
            Command::GoTo(wish) => self.state.window.focus_wish = Some(wish),
            Command::ShowPalette(is_shown) => {
                self.state.window.palette = is_shown.then(PaletteState::default);
            }
            Command::ShowShortcuts(is_shown) => self.state.window.are_shortcuts_shown = is_shown,
            Command::SetLogScale(is_log) => self.state.run.is_log_scale = is_log,
            Command::ShowFilters(is_shown) => self.show_learned(is_shown, None),
            Command::ShowLearned(tab) => self.show_learned(true, Some(tab)),
            Command::ShowFigure(place) => self.show_figure(place),
            Command::SetRollGrid(grid) => self.state.roll.view.editor.grid = grid,
            Command::SetRollScale(scale) => self.state.roll.view.editor.scale = scale,
            Command::ShowAllSettings(is_shown) => self.show_all_settings(is_shown),
            Command::DismissNotice(notice) => self.dismiss_notice(notice),
            Command::ShowNotices(are_shown) => self.show_notices(are_shown),
            Command::ShowDiagnostics(is_shown) => self.show_diagnostics(is_shown),
            Command::ShowAbout(is_shown) => self.state.is_about_shown = is_shown,
            Command::ShowTour(is_shown) => self.show_tour(is_shown),
            Command::ShowReport(is_shown) => self.show_report(is_shown),
            Command::ShowManual { is_shown: true, place } => self.state.manual.open(place),
            Command::ShowManual { is_shown: false, .. } => self.state.manual.is_shown = false,
            Command::ShowGpu(is_shown) => self.show_gpu(is_shown),
            Command::InstallGpuPack(folder) => self.install_gpu_pack(folder),
            Command::ChooseWheels => self.choose_wheels(),
            Command::CancelGpuPack => self.cancel_gpu_pack(),
            Command::RemoveGpuPack => self.remove_gpu_pack(),
        }
    }

    /// Opens or closes the card of what the model has learned; what opens comes into sight.
    fn show_learned(&mut self, is_shown: bool, tab: Option<LearnedTab>) {
        self.state.learned.is_open = is_shown;
        self.state.learned.tab = tab.unwrap_or(self.state.learned.tab);
        if is_shown {
            self.state.window.layout.is_model_shown = true;
            self.state.window.focus_wish = Some(FocusWish::Control(focus::LEARNED));
        }
    }

    fn show_all_settings(&mut self, is_shown: bool) {
        self.state.window.layout.are_all_settings_shown = is_shown;
        if is_shown {
            self.state.window.layout.is_model_shown = true;
            self.state.window.focus_wish = Some(FocusWish::Control(focus::ALL_SETTINGS));
        }
    }

    fn show_figure(&mut self, place: usize) {
        self.state.run.figure = place.min(FIGURES.len().saturating_sub(1));
        self.state.window.layout.is_model_shown = true;
    }

    fn set_start(&mut self, start: StartPoint) {
        self.state.music.settings.start = start;
    }
}
