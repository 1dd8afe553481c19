//! The list of long work: what it is, how far, how long it still takes, and Cancel.

use std::collections::BTreeMap;

use egui::{Id, Popup, PopupCloseBehavior, RichText, Ui, vec2};

use super::parts;
use crate::ui::command::Command;
use crate::ui::gpu_state::GpuWork;
use crate::ui::icons::Icon;
use crate::ui::state::{LikelihoodState, RunPhase, State};
use crate::ui::theme::{self, UNIT};
use crate::ui::widgets::{ActionButton, ProgressBar};

const WIDTH: f32 = 320.0;
/// Sooner than this, how long it still takes is a guess.
const KNOWN_AFTER_SECS: f64 = 2.0;

/// What the installation of the GPU pack is called.
pub const GPU_PACK: &str = "Installing the GPU pack";

/// Something that takes its time.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    pub name: &'static str,
    /// Of what, in words.
    pub detail: String,
    /// 0 to 1; `None` where nobody knows.
    pub share: Option<f64>,
    /// Where the job itself knows.
    pub seconds_left: Option<f64>,
    /// What the button says and does; a save is always finished.
    pub cancel: Option<(&'static str, Command)>,
}

/// All long work that is under way.
pub fn jobs(state: &State) -> Vec<Job> {
    let job = |name, detail: String, share, cancel| Job {
        name,
        detail,
        share,
        seconds_left: None,
        cancel,
    };
    let mut jobs = Vec::new();
    if let Some(import) = state.data.import {
        let share = (import.total > 0).then(|| import.done as f64 / import.total as f64);
        let detail = match import.total {
            0 => "Searching the folders".to_owned(),
            total => {
                format!("{} of {}", parts::grouped(import.done as u64), parts::count(total, "file"))
            }
        };
        jobs.push(job("Reading files", detail, share, Some(("Cancel", Command::CancelImport))));
    }
    if state.run.phase.is_active() {
        jobs.push(training(state));
    }
    if let Some(sweep) = state.run.sweep.as_ref().filter(|sweep| sweep.is_under_way()) {
        let counts = sweep.counts();
        let of_this = sweep.running().map_or(0.0, |_| state.run.progress.share);
        let share = (counts.ended as f64 + of_this) / counts.total.max(1) as f64;
        let detail = format!("{} of {}", counts.ended, parts::count(counts.total, "run"));
        let waiting = sweep.seconds_waiting();
        let of_this = || state.run.progress.seconds_left().unwrap_or(0.0);
        jobs.push(Job {
            seconds_left: waiting.map(|waiting| waiting + of_this()),
            ..job("Sweep", detail, Some(share), Some(("Cancel", Command::CancelSweep)))
        });
    }
    if let LikelihoodState::Estimating { share } = state.run.likelihood {
        let cancel = Some(("Cancel", Command::CancelEstimate));
        jobs.push(job("Estimating the log-likelihood", String::new(), Some(share), cancel));
    }
    if let Some(share) = state.music.generating {
        let detail = parts::count(state.music.settings.pieces as usize, "piece");
        jobs.push(job(
            "Generating",
            detail,
            Some(share),
            Some(("Cancel", Command::CancelGenerate)),
        ));
    }
    if let Some(export) = &state.export {
        let cancel = Some(("Cancel", Command::CancelExport));
        jobs.push(job("Exporting", export.what.clone(), Some(export.share), cancel));
    }
    if let Some(GpuWork::Installing { what, share, .. }) = &state.gpu.work {
        let cancel = Some(("Cancel", Command::CancelGpuPack));
        jobs.push(job(GPU_PACK, what.clone(), Some(*share), cancel));
    }
    if state.project.is_busy {
        jobs.push(job("Saving or opening", state.project.name(), None, None));
    }
    jobs
}

fn training(state: &State) -> Job {
    let progress = &state.run.progress;
    let is_training = state.run.phase == RunPhase::Training;
    let detail = if is_training {
        format!("Epoch {} of {}", progress.finished_epochs, progress.epochs.max(1))
    } else {
        "Preparing the songs".to_owned()
    };
    Job {
        name: "Training",
        detail,
        share: is_training.then_some(progress.share),
        seconds_left: progress.seconds_left().filter(|_| is_training),
        cancel: is_training.then_some(("Stop", Command::StopTraining)),
    }
}

/// The button in the top bar, with how much is under way, and the list that it opens.
pub fn jobs_button_ui(ui: &mut Ui, state: &State, commands: &mut Vec<Command>) {
    let jobs = jobs(state);
    let what = match jobs.len() {
        0 => "Nothing is under way".to_owned(),
        n => format!("{} under way", parts::count(n, "job")),
    };
    let button = ActionButton::icon(Icon::ListTodo, "Jobs").quiet().tooltip(&what);
    let response = ui.add(button);
    if !jobs.is_empty() {
        let place = response.rect.right_top() + vec2(-7.0, 7.0);
        ui.painter().circle_filled(place, 3.5, theme::palette(ui).played);
    }
    let left = seconds_left(ui, &jobs);
    Popup::menu(&response)
        .width(WIDTH)
        .gap(UNIT)
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
        .show(|ui| {
            ui.set_width(WIDTH);
            if jobs.is_empty() {
                ui.label(parts::caption(ui, "Nothing is under way."));
            }
            for (place, (job, left)) in jobs.iter().zip(left).enumerate() {
                if place > 0 {
                    ui.separator();
                }
                job_ui(ui, job, left, commands);
            }
        });
}

fn job_ui(ui: &mut Ui, job: &Job, left: Option<f64>, commands: &mut Vec<Command>) {
    let quiet = theme::palette(ui).quiet_text;
    ui.horizontal(|ui| {
        ui.vertical(|ui| {
            ui.set_width(ui.available_width() - 84.0);
            ui.spacing_mut().item_spacing.y = UNIT;
            ui.label(job.name);
            let left = left.map(|seconds| format!("{} left", parts::time_left(seconds)));
            let percent = job.share.map(|share| format!("{:.0} %", (share * 100.0).floor()));
            let facts = [Some(job.detail.clone()), percent, left];
            let facts: Vec<String> =
                facts.into_iter().flatten().filter(|fact| !fact.is_empty()).collect();
            let words = RichText::new(facts.join(" · ")).small().color(quiet);
            ui.add(egui::Label::new(words).truncate());
            match job.share {
                Some(share) => drop(ui.add(ProgressBar::new(job.name, share as f32))),
                None => drop(ui.add(egui::Spinner::new().size(3.0 * UNIT))),
            }
        });
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if let Some((verb, command)) = &job.cancel
                && ui.add(ActionButton::new(verb).min_width(72.0)).clicked()
            {
                commands.push(command.clone());
            }
        });
    });
}

/// How long the job of this name still takes, where that is known.
pub fn seconds_left_of(ui: &Ui, state: &State, name: &str) -> Option<f64> {
    let jobs = jobs(state);
    let place = jobs.iter().position(|job| job.name == name)?;
    seconds_left(ui, &jobs)[place]
}

/// How long each job still takes: what it says itself, else by how far it came since it was
/// first seen.
fn seconds_left(ui: &Ui, jobs: &[Job]) -> Vec<Option<f64>> {
    let now = ui.input(|input| input.time);
    let id = Id::unique("begin of jobs");
    ui.data_mut(|data| {
        let begun: &mut BTreeMap<&'static str, (f64, f64)> = data.get_temp_mut_or_default(id);
        begun.retain(|name, _| jobs.iter().any(|job| job.name == *name));
        let of = |job: &Job| {
            let share = job.share?;
            let (since, from) = *begun.entry(job.name).or_insert((now, share));
            job.seconds_left.or_else(|| rest(now - since, share - from, share))
        };
        jobs.iter().map(of).collect()
    })
}

/// How long the rest takes, when `done` of the whole took `seconds`.
fn rest(seconds: f64, done: f64, share: f64) -> Option<f64> {
    let is_known = seconds >= KNOWN_AFTER_SECS && done > 0.0;
    is_known.then(|| seconds * (1.0 - share) / done)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::panels::examples;
    use crate::ui::state::{ExportState, ImportProgress};

    #[test]
    fn every_long_work_is_in_the_list_and_can_be_cancelled_but_a_save() {
        let mut state = examples::training();
        state.data.import = Some(ImportProgress { done: 5, total: 20 });
        state.run.likelihood = LikelihoodState::Estimating { share: 0.25 };
        state.music.generating = Some(0.5);
        state.export = Some(ExportState { what: "a.wav".to_owned(), share: 0.1 });
        let what = "Downloading torch==2.11.0 (1 of 11)".to_owned();
        state.gpu.work = Some(GpuWork::Installing { what, share: 0.4, is_cancelling: false });
        state.project.is_busy = true;
        let jobs = jobs(&state);
        let names: Vec<&str> = jobs.iter().map(|job| job.name).collect();
        let expected = [
            "Reading files",
            "Training",
            "Estimating the log-likelihood",
            "Generating",
            "Exporting",
            GPU_PACK,
            "Saving or opening",
        ];
        assert_eq!(names, expected);
        assert!(jobs[..6].iter().all(|job| job.cancel.is_some() && job.share.is_some()));
        assert_eq!(jobs[0].share, Some(0.25));
        assert!(jobs[1].seconds_left.is_some());
        assert_eq!(super::jobs(&examples::empty()), []);
    }

    #[test]
    fn the_time_that_is_left_follows_from_how_far_it_came() {
        assert_eq!(rest(1.0, 0.5, 0.5), None, "too soon to tell");
        assert_eq!(rest(10.0, 0.0, 0.5), None);
        assert_eq!(rest(10.0, 0.25, 0.5), Some(20.0));
    }
}
