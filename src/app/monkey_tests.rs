//! 20 000 random events against the program without a display: nothing may panic, get stuck, ask
//! for frames for ever, or stand without a name in the tree that a screen reader reads.
//!
//! A failure prints its seed and the number of the event. The threads of the program go their own
//! pace, so the same seed comes to nearly the same end, not always to the very same.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::{
    ColorImage, Event, FullOutput, Modifiers, RawInput, Rect, Vec2, ViewportCommand, ViewportId,
};
use egui_kittest::kittest;

use super::App;
use super::monkey_hands::{Hands, Target, targets};
use super::tests::Desk;
use crate::train::SweepAxis;
use crate::ui::command::Command;
use crate::ui::nameless::nameless;
use crate::ui::state::{LikelihoodState, RunPhase, State};

const EVENTS: usize = 5_000;
/// After so many events the window is left alone, and must come to rest.
const ROUND: usize = 500;
/// Seconds of the window's clock between two frames.
const FRAME_SECS: f64 = 1.0 / 60.0;
/// An animation is over after so many frames.
const LONGEST_ANIMATION: usize = 300;
/// Nothing here takes a tenth of this.
const HANG: Duration = Duration::from_mins(1);

#[test]
fn a_monkey_finds_nothing_1() {
    Monkey::new(1).plays();
}

#[test]
fn a_monkey_finds_nothing_2() {
    Monkey::new(2).plays();
}

#[test]
fn a_monkey_finds_nothing_3() {
    Monkey::new(3).plays();
}

#[test]
fn a_monkey_finds_nothing_4() {
    Monkey::new(4).plays();
}

struct Monkey {
    desk: Desk,
    hands: Hands,
    seed: u64,
    n_events: usize,
    /// The last events, oldest first.
    last: VecDeque<Event>,
    now_secs: f64,
    tree: Option<kittest::State>,
    targets: Vec<Target>,
    done: Done,
}

/// What came about: a monkey that does nothing proves nothing.
#[derive(Debug, Default)]
struct Done {
    runs: bool,
    pieces: bool,
    sweeps: bool,
    dreams: bool,
}

impl Drop for Monkey {
    /// How a failure can be repeated.
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("seed {}, event {}; the last events:", self.seed, self.n_events);
            for event in &self.last {
                eprintln!("    {event:?}");
            }
        }
    }
}

impl Monkey {
    fn new(seed: u64) -> Self {
        let mut monkey = Self {
            desk: Desk::new(),
            hands: Hands::new(seed),
            seed,
            n_events: 0,
            last: VecDeque::new(),
            now_secs: 0.0,
            tree: None,
            targets: Vec::new(),
            done: Done::default(),
        };
        monkey.desk.write_songs();
        std::fs::create_dir_all(monkey.out()).unwrap();
        monkey.starts();
        monkey
    }

    /// Where everything goes that is written.
    fn out(&self) -> PathBuf {
        self.desk.folder.path().join("out")
    }

    /// The program is opened, as it is after it was closed.
    fn starts(&mut self) {
        let mut places = self.desk.app.places.clone();
        places.demo_set = Some(self.desk.folder.path().join("songs"));
        self.desk.app = App::new(places, Arc::new(|| {})).unwrap();
        self.desk.app.dialogs.are_missing = true;
        self.desk.ctx = egui::Context::default();
        crate::ui::theme::install(&self.desk.ctx);
        self.desk.ctx.enable_accesskit();
        self.desk.app.apply_theme(&self.desk.ctx);
        self.tree = None;
        self.does(Command::AddDemoSet);
        self.waits_until("songs", |state| state.data.import.is_none());
    }

    /// A model, pieces, a sweep and live audition: something to play with.
    fn is_given_toys(&mut self) {
        self.keeps_it_small();
        self.does(Command::Train);
        self.waits_until("a model", |state| matches!(state.run.phase, RunPhase::Ended { .. }));
        self.does(Command::Generate);
        self.waits_until("pieces", |state| {
            state.music.generating.is_none() && !state.music.pieces.is_empty()
        });
        let values = ["4", "8", "16"].map(str::to_owned).to_vec();
        self.does(Command::StartSweep(vec![SweepAxis { key: "hidden_units", values }]));
        self.does(Command::SetAudition(true));
        self.waits_until("a dream", |state| state.music.audition.heard.is_some());
        self.notes_what_was_done();
    }

    fn plays(mut self) {
        self.is_given_toys();
        for round in 0..EVENTS / ROUND {
            while self.n_events < (round + 1) * ROUND {
                self.keeps_it_small();
                let size = self.hands.window / self.desk.ctx.zoom_factor();
                let gesture = self.hands.gesture(&self.targets, size);
                for event in gesture {
                    self.meets(event);
                }
            }
            self.comes_to_rest();
        }
        self.clears_up();
        self.begins_again();
        let done = &self.done;
        assert!(done.runs && done.pieces && done.sweeps && done.dreams, "{done:?}");
    }

    /// One event, one frame.
    fn meets(&mut self, event: Event) {
        self.n_events += 1;
        self.last.push_back(event.clone());
        if self.last.len() > 12 {
            self.last.pop_front();
        }
        let modifiers = match &event {
            Event::Key { modifiers, .. }
            | Event::PointerButton { modifiers, .. }
            | Event::MouseWheel { modifiers, .. } => *modifiers,
            _ => Modifiers::NONE,
        };
        self.frame(vec![Event::ModifiersChanged(modifiers), event]);
        self.notes_what_was_done();
    }

    fn does(&mut self, command: Command) {
        self.desk.app.push(command);
        self.frame(Vec::new());
    }

    /// A frame as the window draws it.
    fn frame(&mut self, events: Vec<Event>) -> FullOutput {
        self.keeps_paths_in_the_folder();
        self.now_secs += FRAME_SECS;
        let size = self.hands.window / self.desk.ctx.zoom_factor();
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(egui::Pos2::ZERO, size)),
            time: Some(self.now_secs),
            events,
            ..RawInput::default()
        };
        let app = &mut self.desk.app;
        app.hear();
        let mut output = self.desk.ctx.run_ui(input, |ui| {
            app.frame(ui);
            app.shoot_curve_picture(ui.ctx());
            app.schedule_next_frame(ui.ctx());
        });
        if let Some(update) = output.platform_output.accesskit_update.take() {
            match &mut self.tree {
                Some(tree) => tree.update(update),
                None => self.tree = Some(kittest::State::new(update)),
            }
        }
        self.looks_at_the_tree();
        self.answers_the_program(&output);
        output
    }

    fn looks_at_the_tree(&mut self) {
        let Some(tree) = &self.tree else { return };
        let root = tree.root();
        let complaints = nameless(&root);
        assert!(complaints.is_empty(), "without a name: {complaints:#?}");
        self.targets = targets(&root, self.desk.ctx.pixels_per_point());
    }

    /// What the program asks of its window: to be closed, or for a picture.
    fn answers_the_program(&mut self, output: &FullOutput) {
        let root = output.viewport_output.get(&ViewportId::ROOT);
        let commands = root.map_or(&[][..], |viewport| &viewport.commands);
        let mut is_closing = false;
        for command in commands {
            match command {
                ViewportCommand::Close => is_closing = true,
                ViewportCommand::Screenshot(asked) => {
                    let Vec2 { x, y } = self.hands.window;
                    let image = ColorImage::filled([x as usize, y as usize], egui::Color32::GRAY);
                    asked.clone().complete(Arc::new(image));
                }
                _ => {}
            }
        }
        if is_closing && self.desk.app.may_close_now() {
            self.starts();
        }
    }

    /// No dialog opens, and what is typed for a path stays in the test's folder.
    fn keeps_paths_in_the_folder(&mut self) {
        let out = self.out();
        let songs = self.desk.folder.path().join("songs");
        let Some(prompt) = &mut self.desk.app.state.path_prompt else { return };
        if std::path::Path::new(&prompt.text).starts_with(&out) {
            return;
        }
        let project = out.join("a.harmonium");
        let path = match &prompt.purpose {
            purpose if purpose.is_for_reading() && project.exists() => project,
            purpose if purpose.is_for_reading() => songs,
            purpose if purpose.is_folder() => out,
            crate::ui::state::PathPurpose::SaveProject => project,
            _ => out.join("a.file"),
        };
        prompt.text = path.to_string_lossy().into_owned();
    }

    /// A monkey asks for more than a test has time for; and nobody wants to hear it.
    fn keeps_it_small(&mut self) {
        let settings = &self.desk.state().settings;
        let limits = [
            ("hidden_units", settings.hidden_units as f64, 24.0, "8"),
            ("epochs", f64::from(settings.epochs), 200.0, "30"),
            ("chains", settings.chains as f64, 50.0, "10"),
            ("gibbs_steps", settings.gibbs_steps as f64, 4.0, "1"),
            ("temperatures", settings.temperatures as f64, 6.0, "3"),
        ];
        let large = limits.into_iter().filter(|(_, value, most, _)| value > most);
        for (key, _, _, value) in large.collect::<Vec<_>>() {
            self.does(Command::SetSetting { key, value: value.to_owned() });
        }
        let music = &self.desk.state().music.settings;
        let (pieces, bars, steps) = (music.pieces, music.bars, music.gibbs_steps);
        if pieces > 4 || bars > 8 || steps > 60 {
            self.does(Command::SetPieces(2));
            self.does(Command::SetBars(4));
            self.does(Command::SetGibbsSteps(5));
        }
        if self.desk.state().transport.volume > 0.0 {
            self.does(Command::SetVolume(0.0));
        }
    }

    fn notes_what_was_done(&mut self) {
        let (state, done) = (self.desk.app.state(), &mut self.done);
        done.runs |= !state.run.history.epochs.is_empty();
        done.pieces |= !state.music.pieces.is_empty();
        done.sweeps |= state.run.sweep.is_some();
        done.dreams |= state.music.audition.heard.is_some();
        let broken = state.notices.iter().find(|notice| notice.text.contains("internal error"));
        assert!(broken.is_none(), "{broken:?}");
    }

    /// Left alone, the window stops asking for frames at once; what plays or works may ask for one
    /// at a time.
    fn comes_to_rest(&mut self) {
        let asks_at_once = |output: &FullOutput| {
            let root = output.viewport_output.get(&ViewportId::ROOT);
            root.is_some_and(|viewport| viewport.repaint_delay.is_zero())
        };
        let mut n_quiet = 0;
        for _ in 0..LONGEST_ANIMATION {
            let output = self.frame(Vec::new());
            n_quiet = if asks_at_once(&output) { 0 } else { n_quiet + 1 };
            if n_quiet == 3 {
                return;
            }
        }
        panic!("frames are asked for without end: {:?}", self.desk.ctx.repaint_causes());
    }

    /// Everything that lies on top is closed and everything under way ended, as a person would.
    fn clears_up(&mut self) {
        self.frame(vec![Event::PointerGone, Event::WindowFocused(true)]);
        for command in [
            Command::CancelPath,
            Command::CancelClose,
            Command::ShowPalette(false),
            Command::ShowShortcuts(false),
            Command::ShowRuns(false),
            Command::CloseSweepDraft,
            Command::ShowAbout(false),
            Command::CancelGpuPack,
            Command::ShowGpu(false),
            Command::ShowManual { is_shown: false, place: None },
            Command::ShowReport(false),
            Command::ShowNotices(false),
            Command::SetAudition(false),
            Command::CancelSweep,
            Command::StopTraining,
            Command::CancelImport,
            Command::CancelGenerate,
            Command::CancelExport,
            Command::CancelEstimate,
            Command::StopHearing,
            Command::StopPlaying,
        ] {
            self.does(command);
        }
        self.waits_until("rest", is_at_rest);
        self.comes_to_rest();
    }

    /// After all that, the main job still works.
    fn begins_again(&mut self) {
        self.does(Command::NewProject);
        let is_empty = |state: &State| state.data.songs.is_empty() && state.music.pieces.is_empty();
        self.waits_until("a new project or a question", |state| {
            state.close_question.is_some() || is_empty(state)
        });
        // Without a question there is nothing to confirm but what was asked long ago.
        if self.desk.state().close_question.is_some() {
            self.does(Command::ConfirmClose);
        }
        self.waits_until("a new project", is_empty);
        self.does(Command::AdoptSettings(Box::default()));
        self.keeps_it_small();
        self.does(Command::SetSetting { key: "epochs", value: "3".to_owned() });
        self.does(Command::AddDemoSet);
        let is_read = |state: &State| state.data.import.is_none() && state.data.totals.n_songs == 6;
        self.waits_until("songs", is_read);
        self.does(Command::Train);
        let has_ended = |state: &State| matches!(state.run.phase, RunPhase::Ended { .. });
        self.waits_until("a model", has_ended);
        self.does(Command::Generate);
        self.waits_until("pieces", |state| {
            state.music.generating.is_none() && !state.music.pieces.is_empty()
        });
    }

    fn waits_until(&mut self, what: &str, is_awaited: impl Fn(&State) -> bool) {
        let deadline = Instant::now() + HANG;
        while !is_awaited(self.desk.state()) {
            let state = self.desk.state();
            let told: Vec<&str> = state.notices.iter().rev().take(5).map(|n| &*n.text).collect();
            let phase = &state.run.phase;
            assert!(
                Instant::now() < deadline,
                "waited for {what}: {phase:?}, {:?}, {:?}, {} songs, {} pieces, {told:#?}",
                state.close_question,
                state.project,
                state.data.songs.len(),
                state.music.pieces.len()
            );
            std::thread::sleep(Duration::from_millis(2));
            self.frame(Vec::new());
        }
    }
}

/// Nothing is under way.
fn is_at_rest(state: &State) -> bool {
    !state.run.phase.is_active()
        && !state.run.sweep.as_ref().is_some_and(crate::engine::SweepQueue::is_under_way)
        && !matches!(state.run.likelihood, LikelihoodState::Estimating { .. })
        && state.music.generating.is_none()
        && state.data.import.is_none()
        && state.export.is_none()
        && !state.project.is_busy
        && !state.transport.is_playing
}
