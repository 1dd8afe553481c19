//! Nothing goes out: the system calls of the command line and of the real window, watched by strace.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::real_window::{open_display, xdotool};

/// Far longer than the window takes, even while every call is watched.
const HANG: Duration = Duration::from_mins(2);

/// What `strace -e trace=socket,connect` wrote: each line that is no local socket, and each local
/// one that leads somewhere else than to display, sound, session and accessibility bus.
fn strays(trace: &str) -> Vec<&str> {
    const KNOWN: [&str; 9] = [
        // The display, X11 or Wayland.
        ".X11-unix",
        "wayland",
        // Sound servers, the session and its accessibility bus.
        "pulse",
        "pipewire",
        "jack",
        "/dbus",
        "at-spi",
        "/bus",
        // Another start of the program itself.
        "harmonium",
    ];
    let is_stray = |line: &&str| {
        if line.contains("socket(") {
            return !line.contains("AF_UNIX") && !line.contains("AF_NETLINK");
        }
        // The name service of the C library is asked for the home folder, and is local too.
        line.contains("connect(")
            && !line.contains("AF_UNIX, sun_path=\"/var/run/nscd")
            && !(line.contains("AF_UNIX") && KNOWN.iter().any(|known| line.contains(known)))
    };
    trace.lines().filter(is_stray).collect()
}

fn watched(trace: &Path) -> Command {
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-e", "trace=socket,connect", "-o"]).arg(trace);
    command.arg(env!("CARGO_BIN_EXE_harmonium")).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn has_strace() -> bool {
    let version = Command::new("strace").arg("-V").stdout(Stdio::null()).status();
    version.is_ok_and(|status| status.success())
}

#[test]
fn stray_sockets_are_told_from_local_ones() {
    let lines = [
        "12 socket(AF_UNIX, SOCK_STREAM|SOCK_CLOEXEC, 0) = 3",
        "12 connect(3, {sa_family=AF_UNIX, sun_path=@\"/tmp/.X11-unix/X7\"}, 20) = 0",
        "12 socket(AF_INET, SOCK_STREAM, IPPROTO_IP) = 4",
        "12 socket(AF_INET6, SOCK_DGRAM, IPPROTO_IP) = 4",
        "12 connect(3, {sa_family=AF_UNIX, sun_path=\"/run/somebody\"}, 20) = 0",
    ];
    assert_eq!(strays(&lines.join("\n")), lines[2..]);
}

#[test]
fn the_command_line_opens_no_socket_to_anywhere() {
    if !has_strace() {
        println!("skipped: strace is not installed (make test installs it)");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let trace = folder.path().join("trace");
    let status = watched(&trace).arg("selftest").env("HOME", folder.path()).status().unwrap();
    if !trace.exists() {
        println!("skipped: strace may not watch here");
        return;
    }
    assert!(status.success());
    assert_eq!(strays(&fs::read_to_string(trace).unwrap()), [""; 0]);
}

#[test]
fn the_window_speaks_to_the_display_the_sound_and_the_session_only() {
    let Some((mut screen, display)) = open_display().filter(|_| has_strace()) else {
        println!("skipped: strace, Xvfb or xdotool is not installed (make test installs them)");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let trace = folder.path().join("trace");
    let xdotool = |arguments: &[&str]| xdotool(&display, arguments);
    let mut program = watched(&trace)
        .env("DISPLAY", &display)
        .env("HOME", folder.path())
        .env("XDG_CONFIG_HOME", folder.path().join("config"))
        .env("XDG_STATE_HOME", folder.path().join("state"))
        .env_remove("WAYLAND_DISPLAY")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo"))
        .spawn()
        .unwrap();
    let deadline = Instant::now() + HANG;
    let window = loop {
        let found = xdotool(&["search", "--onlyvisible", "--name", "Harmonium"]);
        if let Some(window) = found.lines().next() {
            break window.to_owned();
        }
        let ended = program.try_wait().unwrap();
        if ended.is_some() && !trace.exists() {
            println!("skipped: strace may not watch here");
            screen.kill().unwrap();
            return;
        }
        assert!(ended.is_none() && Instant::now() < deadline, "no window came");
        sleep(Duration::from_millis(200));
    };
    xdotool(&["windowfocus", "--sync", &window]);
    // Long enough for the songs, the devices and a sound; then the first epochs.
    for keys in ["Escape", "space", "ctrl+t", "ctrl+t"] {
        sleep(Duration::from_secs(3));
        xdotool(&["key", keys]);
    }
    // The program itself is the child of strace.
    let strace = program.id();
    let watched = fs::read_to_string(format!("/proc/{strace}/task/{strace}/children")).unwrap();
    Command::new("kill").args(watched.split_whitespace()).status().unwrap();
    program.wait().unwrap();
    screen.kill().unwrap();
    screen.wait().unwrap();
    let trace = fs::read_to_string(trace).unwrap();
    assert!(trace.contains("X11-unix"), "the display is a socket: {trace}");
    assert_eq!(strays(&trace), [""; 0]);
}
