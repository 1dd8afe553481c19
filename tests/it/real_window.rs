//! The main job in a real window: under Xvfb, with the keyboard, and with ALSA's default device
//! writing what is heard into a file at the pace of a real one.
//!
//! All songs hold one pitch, A4. So whatever the model dreams, what is heard must be 440 Hz.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use harmonium::music::{MetreChange, Note, Score, TempoMap, Track};
use harmonium::{midi, project};

const A4: u8 = 69;
/// Nothing here takes a tenth of this on a quiet machine.
const HANG: Duration = Duration::from_mins(1);

#[test]
fn adds_trains_generates_plays_and_exports_at_44100_hz() {
    main_job(44_100);
}

#[test]
fn adds_trains_generates_plays_and_exports_at_48000_hz() {
    main_job(48_000);
}

fn main_job(rate: u32) {
    let Some(mut desk) = Desk::new(rate) else {
        println!("skipped: Xvfb or xdotool is not installed (make test installs them)");
        return;
    };
    let songs = desk.folder.path().join("songs");
    write_songs(&songs);
    desk.add_folder(&songs);
    desk.press("ctrl+t");
    desk.wait_for_title(|title| title.contains('%'));
    desk.wait_for_title(|title| !title.contains('%'));
    desk.press("ctrl+g");

    let saved = desk.folder.path().join("job.harmonium");
    desk.answer("ctrl+s", &saved);
    let deadline = Instant::now() + HANG;
    let kept = loop {
        let kept = project::load(&saved).expect("the saved project opens");
        if !kept.pieces.is_empty() {
            break kept;
        }
        assert!(Instant::now() < deadline, "nothing was generated");
        sleep(Duration::from_secs(1));
        desk.press("ctrl+s");
        sleep(Duration::from_secs(1));
    };
    let model = kept.model.expect("the project holds the trained model");
    let errors = model.run.history.epochs;
    let error = |record: &harmonium::train::EpochRecord| record.metrics.reconstruction_error;
    assert!(errors.last().map(error) < errors.first().map(error), "the error fell");

    desk.press("space");
    sleep(Duration::from_secs(8));
    desk.press("space");
    check_capture(&desk.capture, rate);

    let exported = desk.folder.path().join("piece.mid");
    desk.answer("ctrl+e", &exported);
    let score =
        midi::read(&std::fs::read(&exported).expect("a MIDI file")).expect("MIDI").to_score();
    assert!(score.tonal_notes().count() > 0);
    assert!(score.tonal_notes().all(|note| note.pitch == A4), "the model knows one pitch only");

    let sound = desk.folder.path().join("piece.wav");
    desk.answer("ctrl+shift+e", &sound);
    check_wav(&sound, &score);
    desk.press("ctrl+q");
    desk.wait_for_end();
}

#[test]
fn the_demo_set_is_heard_while_it_is_learned() {
    let rate = 48_000;
    let Some(desk) = Desk::new(rate) else {
        println!("skipped: Xvfb or xdotool is not installed (make test installs them)");
        return;
    };
    desk.add_folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo"));
    desk.press("ctrl+l");
    desk.press("ctrl+t");
    let deadline = Instant::now() + HANG;
    let rate = rate as usize;
    let heard = loop {
        let heard = captured(&desk.capture);
        let first = heard.iter().position(|sample| sample.abs() > 1e-3);
        // Long enough that bars give way to newer ones.
        if let Some(first) = first.filter(|first| heard.len() > first + 24 * rate) {
            break heard[first..].to_vec();
        }
        assert!(Instant::now() < deadline, "nothing is heard of what the model dreams");
        sleep(Duration::from_millis(500));
    };
    assert!(heard.iter().all(|sample| sample.abs() < 0.999), "it clips");
    // Pieces of the demo set have no rest of a bar, so a second of silence would be a gap.
    let silence = heard.chunks(rate / 10).map(|tenth| tenth.iter().all(|s| s.abs() < 1e-4));
    let silences: Vec<bool> = silence.collect();
    assert!(!silences.windows(10).any(|second| second.iter().all(|s| *s)), "a second of silence");
}

#[test]
fn an_error_of_the_programs_own_ends_the_run_and_leaves_a_report_and_a_log() {
    let Some(mut desk) = Desk::with(48_000, &["--panic-at-step", "40"]) else {
        println!("skipped: Xvfb or xdotool is not installed (make test installs them)");
        return;
    };
    let songs = desk.folder.path().join("songs");
    write_songs(&songs);
    desk.add_folder(&songs);
    desk.press("ctrl+t");
    let state = desk.folder.path().join("state/harmonium");
    let deadline = Instant::now() + HANG;
    let report = loop {
        let entries = fs::read_dir(state.join("crashes")).into_iter().flatten().flatten();
        let mut paths = entries.map(|entry| entry.path());
        if let Some(path) =
            paths.find(|path| path.extension().is_some_and(|ending| ending == "txt"))
        {
            break path;
        }
        assert!(Instant::now() < deadline, "no report was written");
        sleep(Duration::from_millis(200));
    };
    // The window lives: it saves what there is, and closes when asked.
    let saved = desk.folder.path().join("rest.harmonium");
    desk.answer("ctrl+s", &saved);
    let kept = project::load(&saved).expect("the saved project opens");
    assert!(kept.model.is_some(), "the model as it last stood well was lost");
    desk.press("ctrl+q");
    desk.wait_for_end();
    let report = fs::read_to_string(report).unwrap();
    for part in ["What: a failure planted by a test", "Thread: engine", "The end of the log"] {
        assert!(report.contains(part), "{part} is missing in {report}");
    }
    let log = fs::read_to_string(state.join("logs/harmonium_rCURRENT.log")).unwrap();
    for part in ["starts on", "a failure planted by a test", "Harmonium ends"] {
        assert!(log.contains(part), "{part} is missing in {log}");
    }
}

/// A display, a sound device and the program.
struct Desk {
    folder: tempfile::TempDir,
    capture: PathBuf,
    screen: Child,
    display: String,
    program: Child,
    window: String,
}

impl Desk {
    fn new(rate: u32) -> Option<Self> {
        Self::with(rate, &[])
    }

    fn with(rate: u32, arguments: &[&str]) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (screen, display) = open_display()?;
        let capture = folder.path().join("capture.raw");
        let alsa = sound_device(folder.path(), &capture, rate);
        let program = Command::new(env!("CARGO_BIN_EXE_harmonium"))
            .args(arguments)
            .env("DISPLAY", &display)
            .env("HOME", folder.path())
            .env("XDG_CONFIG_HOME", folder.path().join("config"))
            .env("XDG_STATE_HOME", folder.path().join("state"))
            .env("ALSA_CONFIG_PATH", alsa)
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("DBUS_SESSION_BUS_ADDRESS")
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let window = String::new();
        let mut desk = Self { folder, capture, screen, display, program, window };
        desk.window = desk.find_window();
        desk.xdotool(&["windowfocus", "--sync", &desk.window]);
        sleep(Duration::from_secs(1));
        Some(desk)
    }

    fn find_window(&mut self) -> String {
        let deadline = Instant::now() + HANG;
        loop {
            let found = self.xdotool(&["search", "--onlyvisible", "--name", "Harmonium"]);
            if let Some(window) = found.lines().next() {
                return window.to_owned();
            }
            let ended = self.program.try_wait().expect("the program can be asked");
            assert!(ended.is_none(), "the program ended before its window came");
            assert!(Instant::now() < deadline, "no window came");
            sleep(Duration::from_millis(200));
        }
    }

    fn xdotool(&self, arguments: &[&str]) -> String {
        xdotool(&self.display, arguments)
    }

    fn press(&self, keys: &str) {
        self.xdotool(&["key", keys]);
        sleep(Duration::from_millis(300));
    }

    /// Types a path over what the field holds, and Enter.
    fn enter(&self, path: &Path) {
        self.press("ctrl+a");
        let text = path.to_str().expect("a temporary folder has a plain name");
        self.xdotool(&["type", "--delay", "15", text]);
        sleep(Duration::from_millis(500));
        self.press("Return");
    }

    /// Adds songs by the keyboard alone, and waits for them.
    fn add_folder(&self, folder: &Path) {
        self.press("ctrl+shift+o");
        // There is no file dialog on this desk: the Data column offers a field for a path.
        sleep(Duration::from_secs(2));
        self.enter(folder);
        self.wait_for_title(|title| title.contains('*'));
    }

    /// Presses a key that asks for a path, gives it, and waits for the file.
    fn answer(&self, keys: &str, path: &Path) {
        self.press(keys);
        sleep(Duration::from_secs(2));
        self.enter(path);
        let deadline = Instant::now() + HANG;
        while !path.exists() {
            assert!(Instant::now() < deadline, "{} was not written", path.display());
            sleep(Duration::from_millis(200));
        }
    }

    fn wait_for_title(&self, is_awaited: impl Fn(&str) -> bool) {
        let deadline = Instant::now() + HANG;
        loop {
            let title = self.xdotool(&["getwindowname", &self.window]);
            if is_awaited(&title) {
                return;
            }
            assert!(Instant::now() < deadline, "the title stayed at {title:?}");
            sleep(Duration::from_millis(50));
        }
    }

    fn wait_for_end(&mut self) {
        let deadline = Instant::now() + HANG;
        loop {
            if let Some(status) = self.program.try_wait().expect("the program can be asked") {
                assert!(status.success(), "the program ended with {status}");
                return;
            }
            assert!(Instant::now() < deadline, "the window did not close");
            sleep(Duration::from_millis(100));
        }
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        for child in [&mut self.program, &mut self.screen] {
            drop(child.kill());
            drop(child.wait());
        }
    }
}

/// What xdotool says to its arguments.
pub(crate) fn xdotool(display: &str, arguments: &[&str]) -> String {
    let output = Command::new("xdotool")
        .args(arguments)
        .env("DISPLAY", display)
        .stderr(Stdio::null())
        .output()
        .expect("xdotool runs");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// Starts Xvfb on a display that it picks itself.
pub(crate) fn open_display() -> Option<(Child, String)> {
    Command::new("xdotool").arg("version").stdout(Stdio::null()).status().ok()?;
    let mut screen = Command::new("Xvfb")
        .args(["-displayfd", "1", "-screen", "0", "1440x900x24", "+extension", "GLX"])
        .args(["-nolisten", "tcp"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let mut number = Vec::new();
    let stdout = screen.stdout.as_mut().expect("it is piped");
    let mut byte = [0];
    while stdout.read_exact(&mut byte).is_ok() && byte[0] != b'\n' {
        number.push(byte[0]);
    }
    let display = format!(":{}", String::from_utf8_lossy(&number));
    Some((screen, display))
}

/// An ALSA configuration whose default device keeps what it plays, in real time.
fn sound_device(folder: &Path, capture: &Path, rate: u32) -> PathBuf {
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/capture");
    let template = std::fs::read_to_string(scripts.join("asound.conf.in")).expect("the template");
    let text = template
        .replace("@PACE@", scripts.join("pace.py").to_str().expect("a plain path"))
        .replace("@OUT@", capture.to_str().expect("a plain path"))
        .replace("@RATE@", &rate.to_string());
    let path = folder.join("asound.conf");
    std::fs::write(&path, text).expect("it can be written");
    path
}

/// Songs of quarter notes and halves on A4, a little different from each other.
fn write_songs(folder: &Path) {
    std::fs::create_dir_all(folder).expect("a folder");
    for number in 0..12_u64 {
        let note = |beat: u64| Note {
            start_tick: beat * 480,
            length_ticks: if (beat + number).is_multiple_of(3) { 240 } else { 480 },
            pitch: A4,
            velocity: 100,
        };
        let n_beats = 16 + 4 * (number % 3);
        let score = Score {
            ticks_per_beat: 480,
            tempo: TempoMap::constant(480, 120.0),
            metres: vec![MetreChange { tick: 0, metre: harmonium::music::Metre::COMMON }],
            key: None,
            tracks: vec![Track { notes: (0..n_beats).map(note).collect(), ..Track::default() }],
            length_ticks: n_beats * 480,
        };
        let path = folder.join(format!("song {number}.mid"));
        std::fs::write(path, midi::write(&score)).expect("it can be written");
    }
}

/// What the device has played until now, left.
fn captured(capture: &Path) -> Vec<f64> {
    let bytes = std::fs::read(capture).unwrap_or_default();
    let frames = bytes.as_chunks::<4>().0.iter();
    frames.map(|f| f64::from(i16::from_le_bytes([f[0], f[1]])) / 32768.0).collect()
}

/// What was heard is A4 and lasted about as long as it was played.
fn check_capture(capture: &Path, rate: u32) {
    let left = captured(capture);
    let sounding = left.iter().position(|s| s.abs() > 1e-3).expect("something was heard");
    let last = left.iter().rposition(|s| s.abs() > 1e-3).unwrap_or(0);
    let seconds = (last - sounding) as f64 / f64::from(rate);
    assert!((3.0..20.0).contains(&seconds), "{seconds} s were heard");
    assert!(left.iter().all(|s| s.abs() < 0.999), "it clips");
    let end = (sounding + 2 * rate as usize).min(last);
    check_pitch(&left[sounding..end], f64::from(rate));
}

fn check_wav(path: &Path, score: &Score) {
    let deadline = Instant::now() + HANG;
    let bytes = loop {
        let bytes = std::fs::read(path).expect("a WAV file");
        if bytes.len() > 44 || Instant::now() > deadline {
            break bytes;
        }
        sleep(Duration::from_millis(200));
    };
    assert_eq!((&bytes[..4], &bytes[8..12]), (&b"RIFF"[..], &b"WAVE"[..]));
    let frames = (bytes.len() - 44) / 4;
    let seconds = frames as f64 / 44_100.0;
    let expected = score.duration_secs();
    assert!((expected..expected + 11.0).contains(&seconds), "{seconds} s, the score {expected} s");
}

/// The strongest frequency between G4 and B4 is 440 Hz within 2 Hz (Goertzel's algorithm).
fn check_pitch(samples: &[f64], rate: f64) {
    let power = |hertz: f64| {
        let coefficient = 2.0 * (std::f64::consts::TAU * hertz / rate).cos();
        let (mut older, mut old) = (0.0, 0.0);
        for sample in samples {
            (older, old) = (old, sample + coefficient * old - older);
        }
        older * older + old * old - coefficient * older * old
    };
    let strongest = (392..=494)
        .map(f64::from)
        .max_by(|a, b| power(*a).total_cmp(&power(*b)))
        .expect("the range is not empty");
    assert!((strongest - 440.0).abs() <= 2.0, "{strongest} Hz was heard");
}
