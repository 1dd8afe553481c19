//! The diagnostics window's facts, and telling of errors of the program's own.

use std::path::Path;

use crate::platform::{
    CrashReport, core_count, crash_count, crash_reports, log_dir, log_tail, memory_gib,
    operating_system, take_new_crash,
};
use crate::ui::diagnostics_state::{Diagnostics, ErrorReport, Fact};
use crate::ui::panels::count;
use crate::ui::state::NoticeTarget;

use super::App;

const LOG_LINES: usize = 200;

impl App {
    pub(super) fn show_diagnostics(&mut self, is_shown: bool) {
        self.state.diagnostics = is_shown.then(|| Box::new(self.diagnostics()));
    }

    /// Tells of an error report that nobody has been told of: one of an earlier start, or of an
    /// error that the program has just survived.
    pub(super) fn tell_of_crashes(&mut self) {
        let count = crash_count();
        if self.crashes_told == Some(count) {
            return;
        }
        let is_of_this_start = self.crashes_told.is_some();
        self.crashes_told = Some(count);
        let Some(report) = take_new_crash(&self.places.state_dir) else { return };
        let what = if is_of_this_start {
            "Harmonium met an error of its own and goes on"
        } else {
            "Harmonium met an error of its own last time"
        };
        let text = format!("{what}: {}. Nothing was sent anywhere.", report.headline());
        self.warn(text, NoticeTarget::Diagnostics);
    }

    fn diagnostics(&self) -> Diagnostics {
        let state_dir = &self.places.state_dir;
        let mut facts = self.program_facts();
        facts.extend(self.sound_facts());
        facts.extend(self.folder_facts());
        let remarks = self.places.remarks.iter();
        facts.extend(remarks.map(|remark| trouble("Remark", remark.clone())));
        let error_report = |report: CrashReport| ErrorReport {
            when: report.when().to_owned(),
            headline: report.headline().to_owned(),
            path: report.path.clone(),
            text: report.text,
        };
        Diagnostics {
            facts,
            error_reports: crash_reports(state_dir).into_iter().map(error_report).collect(),
            log_lines: log_tail(state_dir, LOG_LINES),
            log_folder: log_dir(state_dir),
        }
    }

    fn program_facts(&self) -> Vec<Fact> {
        let memory = memory_gib().map_or(String::new(), |gib| format!(", {gib:.1} GiB"));
        let device = &self.state.device;
        let threads = device.threads;
        let training = match (device.is_cuda, &device.why_no_cuda) {
            (None, _) => fact("Training", "the devices are being looked for".to_owned()),
            (Some(true), _) => fact("Training", "graphics card (CUDA)".to_owned()),
            (Some(false), why) => {
                let why = why.as_deref().unwrap_or("no graphics card was found");
                fact("Training", format!("processor, {}. No CUDA: {why}", count(threads, "thread")))
            }
        };
        vec![
            fact("Version", format!("Harmonium {}, libtorch 2.11", env!("CARGO_PKG_VERSION"))),
            fact("System", operating_system()),
            fact("Machine", format!("{}{memory}", count(core_count(), "processor core"))),
            training,
            fact("Drawing", "OpenGL (glow)".to_owned()),
        ]
    }

    fn sound_facts(&self) -> Vec<Fact> {
        let sound = match self.player.as_ref().map(|player| player.state().message()) {
            None => fact("Sound", "not needed yet; the device opens when something plays".into()),
            Some(None) => fact("Sound", "a device is open".to_owned()),
            Some(Some(message)) => trouble("Sound", message),
        };
        let font = match self.soundfont_to_use() {
            Some(path) => fact("SoundFont", path.display().to_string()),
            None => trouble("SoundFont", "none is there".to_owned()),
        };
        vec![sound, font]
    }

    fn folder_facts(&self) -> Vec<Fact> {
        let folder = |topic, path: &Path| fact(topic, path.display().to_string());
        let demo = match &self.places.demo_set {
            Some(path) => folder("Demo set", path),
            None => trouble("Demo set", "it is not there".to_owned()),
        };
        vec![
            demo,
            folder("Settings", &self.places.config_dir),
            folder("State", &self.places.state_dir),
        ]
    }
}

fn fact(topic: &'static str, words: String) -> Fact {
    Fact { topic, words, is_trouble: false }
}

fn trouble(topic: &'static str, words: String) -> Fact {
    Fact { topic, words, is_trouble: true }
}
