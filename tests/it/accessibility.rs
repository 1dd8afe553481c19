//! What a screen reader meets: the real program under Xvfb, read and worked over the real
//! accessibility bus (AT-SPI), by a small reader in `scripts/atspi_tree.py`.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::real_window::open_display;

/// Nothing here takes a tenth of this on a quiet machine.
const HANG: Duration = Duration::from_mins(1);
/// The distribution's own, for which python3-gi is made.
const PYTHON: &str = "/usr/bin/python3";

#[test]
fn a_screen_reader_reads_the_window_turns_a_knob_and_presses_a_button() {
    if let Some(what) = missing() {
        println!("skipped: {what} is not installed (make test installs it)");
        return;
    }
    let Some(mut desk) = Desk::new() else {
        println!("skipped: Xvfb is not installed (make test installs it)");
        return;
    };
    let window = desk.wait_for("the window", |node| node.role == "frame" && !node.name.is_empty());
    assert_eq!(window.name, "Untitled — Harmonium");

    let train = desk.wait_for("Train", |node| node.is_button("Train"));
    assert!(train.is(&["showing", "focusable"]) && !train.is(&["enabled"]), "{train:?}");
    assert!(train.data["actions"].as_array().is_some_and(|actions| !actions.is_empty()));

    let rate = desk.wait_for("the knob", |node| node.is_slider("Learning rate"));
    assert!(rate.is(&["enabled", "sensitive", "focusable"]), "{rate:?}");
    assert_eq!(rate.numbers(), (0.1, 0.0001, 1.0));
    desk.ask(&json!({ "do": "set", "id": rate.data["id"], "value": 0.02 }));
    desk.wait_for("the new rate", |node| {
        node.is_slider("Learning rate") && (node.numbers().0 - 0.02).abs() < 1e-9
    });

    let demo_set = desk.wait_for("Demo set", |node| node.is_button("Demo set"));
    let pressed = desk.ask(&json!({ "do": "press", "id": demo_set.data["id"] }));
    assert_eq!(pressed["done"], true);
    let song = desk.wait_for("the songs", |node| node.name == "Amazing Grace");
    assert!(song.is(&["showing"]), "{song:?}");
    let train = desk.wait_for("songs for Train", |node| {
        node.is_button("Train") && node.is(&["enabled", "sensitive"])
    });
    desk.wait_to_hear(|words| words.starts_with("Songs: ") && words.contains("to learn from"));

    desk.ask(&json!({ "do": "press", "id": train.data["id"] }));
    desk.wait_for("training", |node| {
        node.role == "progress bar" && node.name == "Training" && node.numbers().0 > 0.0
    });
    desk.wait_to_hear(|words| words.starts_with("Training: Epoch "));
}

/// What the test needs and this machine lacks.
fn missing() -> Option<&'static str> {
    let has = |program: &str, arguments: &[&str]| {
        let mut command = Command::new(program);
        command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    let service = "/usr/share/dbus-1/services/org.a11y.Bus.service";
    if !has("dbus-run-session", &["--version"]) {
        return Some("dbus-run-session");
    }
    if !Path::new(service).exists() {
        return Some("at-spi2-core");
    }
    (!has(PYTHON, &["-c", "import gi"])).then_some("python3-gi")
}

/// A node of the tree, as the reader found it.
#[derive(Clone, Debug)]
struct Node {
    role: String,
    name: String,
    data: Value,
}

impl Node {
    fn of(data: &Value) -> Self {
        let word = |key: &str| data[key].as_str().unwrap_or_default().to_owned();
        Self { role: word("role"), name: word("name"), data: data.clone() }
    }

    fn is_button(&self, name: &str) -> bool {
        self.role == "push button" && self.name == name
    }

    fn is_slider(&self, name: &str) -> bool {
        self.role == "slider" && self.name == name
    }

    fn is(&self, states: &[&str]) -> bool {
        let has = |state: &&str| {
            self.data["states"].as_array().is_some_and(|known| known.contains(&json!(state)))
        };
        states.iter().all(has)
    }

    /// Value, least and most.
    fn numbers(&self) -> (f64, f64, f64) {
        let number = |key: &str| self.data[key].as_f64().unwrap_or(f64::NAN);
        (number("value"), number("minimum"), number("maximum"))
    }
}

/// A session with a bus, a screen, a reader and the program.
struct Desk {
    program: Child,
    reader: Child,
    session: Child,
    screen: Child,
    to_reader: ChildStdin,
    from_reader: BufReader<ChildStdout>,
    _folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Option<Self> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (screen, display) = open_display()?;
        let mut session = in_folder("dbus-run-session", folder.path())
            .args(["--", "sh", "-c", "echo $DBUS_SESSION_BUS_ADDRESS; exec cat"])
            .env("DISPLAY", &display)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a session bus");
        let mut address = String::new();
        let stdout = session.stdout.take().expect("it is piped");
        BufReader::new(stdout).read_line(&mut address).expect("the address of the bus");
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/atspi_tree.py");
        let mut reader = in_folder(PYTHON, folder.path())
            .arg(script)
            .env("DBUS_SESSION_BUS_ADDRESS", address.trim())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the reader starts");
        let to_reader = reader.stdin.take().expect("it is piped");
        let from_reader = BufReader::new(reader.stdout.take().expect("it is piped"));
        let program = in_folder(env!("CARGO_BIN_EXE_harmonium"), folder.path())
            .env("DISPLAY", &display)
            .env("DBUS_SESSION_BUS_ADDRESS", address.trim())
            .env_remove("WAYLAND_DISPLAY")
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        Some(Self { program, reader, session, screen, to_reader, from_reader, _folder: folder })
    }

    fn ask(&mut self, command: &Value) -> Value {
        writeln!(self.to_reader, "{command}").expect("the reader takes commands");
        let mut line = String::new();
        self.from_reader.read_line(&mut line).expect("the reader answers");
        let answer: Value = serde_json::from_str(&line).expect("the reader answers with JSON");
        assert!(answer["error"].is_null(), "{command}: {answer}");
        answer
    }

    fn nodes(&mut self) -> Vec<Node> {
        let tree = self.ask(&json!({ "do": "tree" }));
        tree["nodes"].as_array().expect("nodes").iter().map(Node::of).collect()
    }

    fn wait_for(&mut self, what: &str, is_awaited: impl Fn(&Node) -> bool) -> Node {
        let deadline = Instant::now() + HANG;
        loop {
            let nodes = self.nodes();
            if let Some(node) = nodes.iter().find(|node| is_awaited(node)) {
                return node.clone();
            }
            let names: Vec<&str> = nodes.iter().map(|node| &*node.name).collect();
            assert!(Instant::now() < deadline, "{what} is not in the tree: {names:#?}");
            sleep(Duration::from_millis(200));
        }
    }

    /// Waits until the program says something by itself.
    fn wait_to_hear(&mut self, is_awaited: impl Fn(&str) -> bool) {
        let deadline = Instant::now() + HANG;
        let mut heard = Vec::new();
        loop {
            let answer = self.ask(&json!({ "do": "heard" }));
            let words = answer["announcements"].as_array().expect("announcements").clone();
            heard.extend(words);
            if heard.iter().filter_map(Value::as_str).any(&is_awaited) {
                return;
            }
            assert!(Instant::now() < deadline, "only this was announced: {heard:#?}");
            sleep(Duration::from_millis(200));
        }
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        for child in [&mut self.program, &mut self.reader] {
            drop(child.kill());
            drop(child.wait());
        }
        // The session ends, and all that its bus started, when its input does.
        drop(self.session.stdin.take());
        drop(self.session.wait());
        drop(self.screen.kill());
        drop(self.screen.wait());
    }
}

/// A program whose home, settings and sockets lie in this folder.
fn in_folder(program: &str, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .env("HOME", folder)
        .env("XDG_RUNTIME_DIR", folder)
        .env("XDG_CACHE_HOME", folder.join("cache"))
        .env("XDG_CONFIG_HOME", folder.join("config"))
        .env("XDG_STATE_HOME", folder.join("state"));
    command
}
