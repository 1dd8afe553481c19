//! Two starts, a crash and the start after it, in real windows under Xvfb.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use harmonium::project::{AutosaveNote, load, read_autosave_note};

use crate::real_window::{open_display, xdotool};
use crate::world::{text, write_tunes};

/// Nothing here takes a quarter of this on a quiet machine.
const HANG: Duration = Duration::from_mins(2);

/// A display and a home; programs come and go.
struct Stage {
    folder: tempfile::TempDir,
    screen: Child,
    display: String,
    programs: Vec<Child>,
}

impl Stage {
    fn new() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let (screen, display) = open_display()?;
        Some(Self { folder, screen, display, programs: Vec::new() })
    }

    fn starts(&mut self, arguments: &[&Path]) -> usize {
        let program = Command::new(env!("CARGO_BIN_EXE_harmonium"))
            .args(arguments)
            .env("DISPLAY", &self.display)
            .env("HOME", self.folder.path())
            .env("XDG_CONFIG_HOME", self.folder.path().join("config"))
            .env("XDG_STATE_HOME", self.folder.path().join("state"))
            .env_remove("XDG_RUNTIME_DIR")
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("DBUS_SESSION_BUS_ADDRESS")
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        self.programs.push(program);
        self.programs.len() - 1
    }

    fn xdotool(&self, arguments: &[&str]) -> String {
        xdotool(&self.display, arguments)
    }

    fn windows(&self) -> Vec<String> {
        let found = self.xdotool(&["search", "--onlyvisible", "--name", "Harmonium"]);
        found.lines().map(str::to_owned).collect()
    }

    /// The one window, with the keyboard.
    fn window(&self) -> String {
        let window = waits_for("a window", || self.windows().into_iter().next());
        self.xdotool(&["windowfocus", "--sync", &window]);
        // Its first frames, and its start has gone well.
        sleep(Duration::from_secs(5));
        window
    }

    fn waits_for_title(&self, window: &str, part: &str) {
        let title = || self.xdotool(&["getwindowname", window]);
        waits_for(part, || title().contains(part).then_some(()));
    }

    fn autosaves(&self) -> Vec<AutosaveNote> {
        let folder = self.folder.path().join("state/harmonium/autosave");
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let paths = entries.map(|entry| entry.path());
        let paths = paths.filter(|path| path.extension().is_some_and(|end| end == "harmonium"));
        paths.filter_map(|path: PathBuf| read_autosave_note(&path).ok()).collect()
    }
}

fn waits_for<T>(what: &str, is_there: impl Fn() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = is_there() {
            return found;
        }
        assert!(start.elapsed() < HANG, "{what}: it did not come");
        sleep(Duration::from_millis(100));
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        for child in self.programs.iter_mut().chain([&mut self.screen]) {
            drop(child.kill());
            drop(child.wait());
        }
    }
}

#[cfg(unix)]
#[test]
fn a_second_start_hands_over_and_a_crash_loses_nothing() {
    let Some(mut stage) = Stage::new() else {
        println!("skipped: Xvfb or xdotool is not installed (make test installs them)");
        return;
    };
    let songs = stage.folder.path().join("songs");
    write_tunes(&songs, 0..6);
    let first = stage.starts(&[&songs]);
    let window = stage.window();
    stage.waits_for_title(&window, "Untitled*");

    let more = stage.folder.path().join("more");
    write_tunes(&more, 6..8);
    let second = stage.starts(&[&more]);
    let program = &mut stage.programs[second];
    let start = Instant::now();
    let status = loop {
        if let Some(status) = program.try_wait().unwrap() {
            break status;
        }
        assert!(start.elapsed() < HANG, "the second start does not end");
        sleep(Duration::from_millis(50));
    };
    assert!(status.success());
    assert_eq!(stage.windows().len(), 1);

    // The tour stands in front at a first start.
    stage.xdotool(&["key", "Escape"]);
    stage.xdotool(&["key", "ctrl+t"]);
    let kept = waits_for("an autosave", || {
        stage.autosaves().into_iter().find(|note| note.epoch > Some(0))
    });
    assert_eq!((kept.n_songs, kept.origin), (8, None), "songs of both starts");

    // SIGKILL, while it trains and keeps.
    stage.programs[first].kill().unwrap();
    stage.programs[first].wait().unwrap();
    waits_for("the end", || stage.windows().is_empty().then_some(()));
    assert_eq!(stage.autosaves().len(), 1);

    let third = stage.starts(&[]);
    let window = stage.window();
    // The recovery window has the keyboard; its first button opens.
    stage.xdotool(&["key", "Return"]);
    stage.waits_for_title(&window, "Untitled*");
    sleep(Duration::from_secs(3));
    let kept = waits_for("its own autosave", || stage.autosaves().pop());
    assert_eq!(kept.n_songs, 8);
    assert!(kept.epoch > Some(0), "with the model");
    assert_eq!(stage.autosaves().len(), 1);

    // Saved and closed, nothing is left.
    let saved = stage.folder.path().join("saved.harmonium");
    stage.xdotool(&["key", "ctrl+s"]);
    // There is no file dialog on this stage: the window asks for a path.
    sleep(Duration::from_secs(3));
    stage.xdotool(&["key", "ctrl+a"]);
    stage.xdotool(&["type", "--delay", "15", text(&saved)]);
    sleep(Duration::from_millis(500));
    stage.xdotool(&["key", "Return"]);
    stage.waits_for_title(&window, "saved \u{2014}");
    assert_eq!(load(&saved).unwrap().songs.len(), 8);
    assert_eq!(stage.autosaves().len(), 0);
    stage.xdotool(&["key", "ctrl+q"]);
    let program = &mut stage.programs[third];
    let start = Instant::now();
    while program.try_wait().unwrap().is_none() {
        assert!(start.elapsed() < HANG, "the window does not close");
        sleep(Duration::from_millis(100));
    }
    let state = stage.folder.path().join("state/harmonium");
    for folder in ["autosave", "run"] {
        let n_left = std::fs::read_dir(state.join(folder)).unwrap().count();
        assert_eq!(n_left, 0, "{folder}");
    }
}
