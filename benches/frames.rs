//! What a frame of the whole window costs while it trains, with every panel open: the program
//! without a display, its engine at work beside it. Layout and tessellation on one core, no GPU.
//! `cargo bench --bench frames`; figures go to docs/benchmarks.md by hand.
#![expect(clippy::print_stdout, reason = "a bench talks to a terminal")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use egui::accesskit::{Action, ActionRequest, NodeId, TreeId};
use egui::{Context, Event, FullOutput, RawInput, Rect, pos2, vec2};
use harmonium::app::App;
use harmonium::midi;
use harmonium::music::{Metre, MetreChange, Note, Score, TempoMap, Track};
use harmonium::platform::Places;
use harmonium::ui::command::Command;
use harmonium::ui::learned::LearnedTab;
use harmonium::ui::state::State;
use harmonium::ui::theme;

const FRAMES: usize = 600;
/// The pace of a screen.
const PACE: Duration = Duration::from_millis(16);
const PATIENCE: Duration = Duration::from_mins(2);
/// So long a large model is looked at, and so long it is not, in turn.
const ROUND: Duration = Duration::from_secs(12);
/// The song with so many notes stands in the roll.
const NOTES: u64 = 20_000;

fn main() {
    // `cargo test --all-targets` runs this too, without the flag: building it is all that is asked.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut desk = Desk::new(folder.path());
    desk.opens_everything(folder.path());
    for tab in LearnedTab::ALL {
        desk.clicks(tab.name());
        desk.measures(&format!("{NOTES} notes in the roll, tab {}", tab.name()));
    }
    desk.clicks(LearnedTab::Units.name());
    desk.does(Command::ShowRuns(true));
    desk.measures("the same, tab Units, the window with all runs");
    desk.does(Command::ShowRuns(false));
    desk.does(Command::SetAudition(true));
    desk.waits_until("a dream", |state| state.music.audition.heard.is_some());
    desk.measures("live audition in the roll, tab Units");
    desk.ctx.enable_accesskit();
    desk.measures("the same, with a screen reader");
    large_model(&folder.path().join("large"));
}

/// How much slower a large model learns while its units are looked at.
fn large_model(folder: &Path) {
    let mut desk = Desk::new(folder);
    desk.does(Command::ShowFilters(true));
    desk.does(Command::AddDemoSet);
    desk.waits_until("songs", |state| state.data.import.is_none() && !state.data.songs.is_empty());
    for (key, value) in [("hidden_units", "4096"), ("epochs", "2000")] {
        desk.does(Command::SetSetting { key, value: value.to_owned() });
    }
    desk.does(Command::Train);
    desk.waits_until("a picture", |state| state.run.snapshot.is_some());
    let mut paces = [0.0; 2];
    let mut n_pictures = 0;
    for round in 0..6 {
        let is_open = round % 2 == 0;
        desk.does(Command::ShowFilters(is_open));
        let picture = |desk: &Desk| desk.app.state().run.snapshot.as_ref().map_or(0, |s| s.number);
        let (start, share, number) =
            (Instant::now(), desk.app.state().run.progress.share, picture(&desk));
        while start.elapsed() < ROUND {
            desk.frame(Vec::new());
            sleep(PACE);
        }
        let gain = desk.app.state().run.progress.share - share;
        paces[usize::from(is_open)] += gain / start.elapsed().as_secs_f64();
        n_pictures += picture(&desk) - number;
    }
    println!(
        "4 096 hidden units: with the tab Units open {:.1} % of the pace without it, {} pictures \
         in {:.0} s",
        100.0 * paces[1] / paces[0],
        n_pictures,
        3.0 * ROUND.as_secs_f64()
    );
}

struct Desk {
    app: App,
    ctx: Context,
    started: Instant,
}

impl Desk {
    fn new(folder: &Path) -> Self {
        let places = Places {
            config_dir: folder.join("config"),
            state_dir: folder.join("state"),
            data_dir: folder.join("data"),
            ..Places::find()
        };
        let app = App::new(places, Arc::new(|| {})).expect("the system gives a thread");
        let ctx = Context::default();
        theme::install(&ctx);
        Self { app, ctx, started: Instant::now() }
    }

    fn opens_everything(&mut self, folder: &Path) {
        let demo_set = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/demo"));
        let large = folder.join("large.mid");
        std::fs::write(&large, midi::write(&large_song())).expect("it can be written");
        self.does(Command::AddPaths(vec![demo_set, large]));
        self.waits_until("songs", |state| {
            state.data.import.is_none() && !state.data.songs.is_empty()
        });
        let is_large = |song: &harmonium::dataset::Song| song.title.contains("large");
        let large = self.app.state().data.songs.iter().position(is_large).expect("the large song");
        self.does(Command::IncludeSong { song: large, is_included: false });
        // Two short runs that stay in the table and the curves, and pieces in the list.
        self.does(Command::SetSetting { key: "epochs", value: "3".to_owned() });
        for _ in 0..2 {
            self.does(Command::Train);
            self.waits_until("a run", |state| !state.run.phase.is_active());
        }
        self.does(Command::SetPieces(24));
        self.does(Command::Generate);
        self.waits_until("pieces", |state| {
            state.music.generating.is_none() && !state.music.pieces.is_empty()
        });
        self.does(Command::SelectSong(large));
        self.does(Command::ShowFilters(true));
        self.does(Command::ShowAllSettings(true));
        self.clicks("Second plot");
        self.does(Command::SetSetting { key: "epochs", value: "2000".to_owned() });
        self.does(Command::Train);
        self.waits_until("epochs", |state| state.run.history.epochs.len() >= 3);
        self.does(Command::TogglePlay);
    }

    fn does(&mut self, command: Command) {
        self.app.push(command);
        self.frame(Vec::new());
    }

    fn frame(&mut self, events: Vec<Event>) -> FullOutput {
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(pos2(0.0, 0.0), vec2(1440.0, 900.0))),
            time: Some(self.started.elapsed().as_secs_f64()),
            events,
            ..RawInput::default()
        };
        self.app.hear();
        let app = &mut self.app;
        self.ctx.run_ui(input, |ui| app.frame(ui))
    }

    /// Presses what has this name, as a screen reader does.
    fn clicks(&mut self, name: &str) {
        self.ctx.enable_accesskit();
        self.frame(Vec::new());
        let mut output = self.frame(Vec::new());
        let update = output.platform_output.accesskit_update.take().expect("a tree");
        let is_meant = |node: &&(NodeId, egui::accesskit::Node)| {
            node.1.label() == Some(name) && node.1.supports_action(Action::Click)
        };
        let target_node =
            update.nodes.iter().find(is_meant).unwrap_or_else(|| panic!("no {name}")).0;
        let target_tree = TreeId::ROOT;
        let request = ActionRequest { action: Action::Click, target_tree, target_node, data: None };
        self.frame(vec![Event::AccessKitActionRequest(request)]);
        self.ctx.disable_accesskit();
        // What was opened unfolds.
        for _ in 0..60 {
            self.frame(Vec::new());
            sleep(PACE);
        }
    }

    fn waits_until(&mut self, what: &str, is_awaited: impl Fn(&State) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !is_awaited(self.app.state()) {
            assert!(Instant::now() < deadline, "{what}: {:?}", self.app.state().notices.last());
            sleep(PACE);
            self.frame(Vec::new());
        }
    }

    fn measures(&mut self, what: &str) {
        let times_ms: Vec<(f64, f64)> = (0..FRAMES).map(|_| self.timed_frame()).collect();
        let phase = &self.app.state().run.phase;
        assert!(phase.is_active(), "the run ended too soon: {phase:?}");
        let spread = |mut times: Vec<f64>| {
            times.sort_by(f64::total_cmp);
            let (median, most) = (times[FRAMES / 2], times[FRAMES * 95 / 100]);
            format!("median {median:.2} ms, 95 of 100 below {most:.2} ms")
        };
        let processor = spread(times_ms.iter().map(|times| times.0).collect());
        let wall = spread(times_ms.iter().map(|times| times.1).collect());
        println!("{what}: {processor} of the processor; {wall} by the clock");
    }

    /// Processor and wall time of one frame, in milliseconds.
    fn timed_frame(&mut self) -> (f64, f64) {
        let (before, start) = (processor_ms(), Instant::now());
        let output = self.frame(Vec::new());
        let meshes = self.ctx.tessellate(output.shapes, output.pixels_per_point);
        let took = start.elapsed();
        let processor = processor_ms() - before;
        assert!(!meshes.is_empty(), "something is drawn");
        sleep(PACE.saturating_sub(took));
        (processor, took.as_secs_f64() * 1e3)
    }
}

/// Processor time of this thread in milliseconds: what a frame costs however busy the machine is.
fn processor_ms() -> f64 {
    // The kernel counts up to here only when it looks at the thread.
    std::thread::yield_now();
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = text.split_whitespace().next().and_then(|field| field.parse::<f64>().ok());
    nanoseconds.map_or(f64::NAN, |nanoseconds| nanoseconds / 1e6)
}

/// Four notes at a time, in chords that wander.
fn large_song() -> Score {
    let note = |n: u64| Note {
        start_tick: n / 4 * 240,
        length_ticks: 240,
        pitch: 30 + (n * 7 % 60) as u8,
        velocity: 1 + (n * 13 % 127) as u8,
    };
    Score {
        ticks_per_beat: 480,
        tempo: TempoMap::constant(480, 120.0),
        metres: vec![MetreChange { tick: 0, metre: Metre::COMMON }],
        key: None,
        tracks: vec![Track { notes: (0..NOTES).map(note).collect(), ..Track::default() }],
        length_ticks: NOTES / 4 * 240,
    }
}
