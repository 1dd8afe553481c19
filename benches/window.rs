//! How soon the window is there, and how fluid it stays while it trains.
//!
//! Starts the program as a person would, under Xvfb (software GL), with the demo set named on the
//! command line, lets it train, and reads the table of frames that it leaves (`--frame-log`).
//! `cargo bench --bench window`; figures go to docs/benchmarks.md by hand.
#![expect(clippy::print_stdout, reason = "a bench talks to a terminal")]

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const DISPLAY: &str = ":87";
const STARTS: usize = 5;
const TRAINING: Duration = Duration::from_secs(25);

fn main() {
    // `cargo test --all-targets` runs this too, without the flag: building it is all that is asked.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut screen = Command::new("Xvfb")
        .args([DISPLAY, "-screen", "0", "1440x900x24", "+extension", "GLX"])
        .stderr(Stdio::null())
        .spawn()
        .expect("Xvfb is installed (make test installs it)");
    sleep(Duration::from_secs(2));
    let mut first_frames: Vec<f64> = (0..STARTS).map(|_| first_frame(folder.path())).collect();
    first_frames.sort_by(f64::total_cmp);
    println!(
        "first frame after start: median {:.2} s, slowest {:.2} s of {STARTS} starts (warm disk)",
        first_frames[STARTS / 2],
        first_frames[STARTS - 1]
    );
    training(folder.path());
    stop(&mut screen);
}

/// Seconds from starting the program to its second frame (the first one that is on the screen).
fn first_frame(folder: &Path) -> f64 {
    let log = folder.join("start.csv");
    let started = now();
    let mut program = start(&log, &[]);
    sleep(Duration::from_secs(4));
    close(&mut program);
    frames(&log).get(1).map_or(f64::NAN, |frame| frame.at_secs - started)
}

fn training(folder: &Path) {
    let log = folder.join("training.csv");
    let demo_set = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/demo");
    let mut program = start(&log, &[demo_set]);
    sleep(Duration::from_secs(5));
    press("ctrl+t");
    sleep(TRAINING);
    close(&mut program);
    let frames: Vec<Frame> = frames(&log).into_iter().filter(|f| f.is_training).collect();
    if frames.len() < 20 {
        println!("the window drew only {} frames while it trained: no figures", frames.len());
        return;
    }
    let gap = frames.windows(2).map(|pair| pair[1].at_secs - pair[0].at_secs).fold(0.0, f64::max);
    let span = frames[frames.len() - 1].at_secs - frames[0].at_secs;
    println!(
        "while training: {} frames in {span:.1} s, longest gap between frames {:.0} ms",
        frames.len(),
        gap * 1e3
    );
    print_spread("layout of a frame", frames.iter().map(|frame| frame.layout_ms).collect());
    let whole = frames.iter().map(|frame| frame.whole_ms).collect();
    print_spread("layout, tessellation and handing over to software GL", whole);
}

fn print_spread(what: &str, mut times_ms: Vec<f64>) {
    times_ms.sort_by(f64::total_cmp);
    let n = times_ms.len();
    println!(
        "    {what}: median {:.1} ms, 95 of 100 below {:.1} ms, slowest {:.1} ms",
        times_ms[n / 2],
        times_ms[n * 95 / 100],
        times_ms[n - 1]
    );
}

struct Frame {
    at_secs: f64,
    layout_ms: f64,
    whole_ms: f64,
    is_training: bool,
}

fn frames(log: &Path) -> Vec<Frame> {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let parse = |line: &str| {
        let mut fields = line.split(',');
        Some(Frame {
            at_secs: fields.next()?.parse().ok()?,
            layout_ms: fields.next()?.parse().ok()?,
            whole_ms: fields.next()?.parse().ok()?,
            is_training: fields.next()? == "1",
        })
    };
    text.lines().skip(1).filter_map(parse).collect()
}

fn start(log: &Path, arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_harmonium"))
        .args(arguments)
        .arg("--frame-log")
        .arg(log)
        .env("DISPLAY", DISPLAY)
        .env("XDG_CONFIG_HOME", log.parent().unwrap_or(Path::new("/")))
        .env_remove("WAYLAND_DISPLAY")
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts")
}

/// Asks the window to close; while it trains it asks back, and the second answer is "without
/// saving".
fn close(program: &mut Child) {
    for keys in ["ctrl+q", "Tab", "Tab", "space"] {
        press(keys);
        sleep(Duration::from_millis(700));
        if let Ok(Some(_)) = program.try_wait() {
            return;
        }
    }
    for _ in 0..50 {
        if let Ok(Some(_)) = program.try_wait() {
            return;
        }
        sleep(Duration::from_millis(100));
    }
    stop(program);
}

/// Without a window manager nobody gives the window the keys.
fn press(key: &str) {
    xdotool(&["search", "--onlyvisible", "--name", "Harmonium", "windowfocus"]);
    xdotool(&["key", key]);
}

fn xdotool(arguments: &[&str]) {
    let status = Command::new("xdotool")
        .args(arguments)
        .env("DISPLAY", DISPLAY)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    status.expect("xdotool is installed (make test installs it)");
}

fn stop(child: &mut Child) {
    // Gone already is as good.
    drop(child.kill());
    drop(child.wait());
}

fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}
