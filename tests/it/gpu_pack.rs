//! The GPU pack on the command line: installed and removed, a full disk, a kill, bad wheels.

#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;
use sha2::{Digest as _, Sha256};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::world::{Finished, HANG_LIMIT, harmonium, text};

/// Two wheels, the list that pins them, and folders of the user's own.
struct World {
    folder: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        let world = Self { folder: tempfile::tempdir().unwrap() };
        fs::create_dir(world.path("wheels")).unwrap();
        let mut list = "pack 2.11.0\n".to_owned();
        for (name, file, library) in [
            ("torch==2.11.0", "torch-2.11.0-cp311.whl", "libtorch_cuda.so"),
            ("nvidia-blas==13.0", "nvidia_blas-13.0-none.whl", "libblas.so.13"),
        ] {
            let path = world.path("wheels").join(file);
            let mut wheel = ZipWriter::new(File::create(&path).unwrap());
            wheel.start_file(format!("a/lib/{library}"), SimpleFileOptions::default()).unwrap();
            wheel.write_all(&vec![7; 50_000]).unwrap();
            wheel.finish().unwrap();
            let bytes = fs::read(&path).unwrap();
            let hash = Sha256::digest(&bytes)
                .iter()
                .fold(String::new(), |text, b| text + &format!("{b:02x}"));
            let line = format!("{name} sha256:{hash} {} {library}=50000\n", bytes.len());
            list.push_str(&line);
        }
        fs::write(world.path("list.txt"), list).unwrap();
        world
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn in_folders(&self, command: &mut Command) {
        command.env("HOME", self.folder.path()).env("XDG_DATA_HOME", self.path("data"));
        command.env("XDG_CONFIG_HOME", self.path("config"));
        command.env("XDG_STATE_HOME", self.path("state"));
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = harmonium();
        self.in_folders(&mut command);
        command.arg("gpu").args(arguments);
        command
    }

    fn run(&self, arguments: &[&str]) -> Finished {
        Finished::of(self.command(arguments).output().unwrap())
    }

    fn install(&self, from: &Path) -> Finished {
        let list = self.path("list.txt");
        self.run(&["install", "--wheels", text(&list), "--from", text(from)])
    }

    fn status(&self) -> Value {
        self.run(&["status", "--json"]).objects().remove(0)
    }

    /// What lies among the user's data.
    fn names(&self) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.path("data/harmonium")) else { return Vec::new() };
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// A Python in the search path that does this.
    fn write_python(&self, script: &str) -> String {
        let folder = self.path("bin");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("python3"), format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(folder.join("python3"), fs::Permissions::from_mode(0o755)).unwrap();
        format!("{}:{}", folder.display(), std::env::var("PATH").unwrap())
    }
}

#[test]
fn a_pack_is_installed_from_a_folder_named_and_removed() {
    let world = World::new();
    let status = world.status();
    assert_eq!((&status["pack"], &status["left_over_bytes"]), (&"missing".into(), &0.into()));
    assert_eq!(status["wheels"].as_array().unwrap().len(), 11);
    assert!(status["why_no_cuda"].is_string() || status["cuda"] == true);
    let installed = world.install(&world.path("wheels"));
    assert_eq!(installed.code, Some(0), "{}", installed.stderr);
    assert!(installed.stderr.contains("The GPU pack is installed"), "{}", installed.stderr);
    assert_eq!(world.names(), ["gpu-pack-2.11.0"]);
    // For the program's own list these are not the right wheels, and that is said.
    assert_eq!(world.status()["pack"], "damaged");
    let words = world.run(&["status"]).stdout;
    assert!(words.contains("damaged") && words.contains("install it again"), "{words}");
    assert_eq!(world.run(&["remove"]).code, Some(0));
    assert_eq!(world.names(), Vec::<String>::new());
    world.run(&["remove"]).expect_error(1, &["not installed", "nothing to remove"]);
}

#[test]
fn wrong_and_missing_wheels_are_named_with_a_remedy() {
    let world = World::new();
    let wheel = world.path("wheels/nvidia_blas-13.0-none.whl");
    fs::write(&wheel, "something else").unwrap();
    let refused = world.install(&world.path("wheels"));
    refused.expect_error(1, &["nvidia_blas-13.0-none.whl", "SHA-256", "Fetch nvidia-blas==13.0"]);
    fs::remove_file(&wheel).unwrap();
    let missing = world.install(&world.path("wheels"));
    missing.expect_error(1, &["has no wheel of nvidia-blas==13.0", "Put it there"]);
    world.install(&world.path("nowhere")).expect_error(1, &["nowhere", "could not be read"]);
    // Our own list is not met by these either.
    let wheels = world.path("wheels");
    world
        .run(&["install", "--from", text(&wheels)])
        .expect_error(1, &["not the wheel that is pinned"]);
    assert_eq!(world.names(), Vec::<String>::new());
}

#[test]
fn a_full_disk_is_named_and_leaves_nothing() {
    let world = World::new();
    let mut shell = Command::new("sh");
    world.in_folders(&mut shell);
    // No file may grow beyond 16 KiB; the signal that goes with it is ignored, as of a disk none
    // comes.
    shell.args(["-c", "trap '' XFSZ; ulimit -f 32; exec \"$0\" \"$@\""]);
    shell.arg(env!("CARGO_BIN_EXE_harmonium"));
    let list = world.path("list.txt");
    let wheels = world.path("wheels");
    shell.args(["gpu", "install", "--wheels", text(&list), "--from", text(&wheels)]);
    let full = Finished::of(shell.output().unwrap());
    full.expect_error(1, &["libtorch_cuda.so", "could not be written", "Make room"]);
    assert_eq!(world.names(), Vec::<String>::new());
}

#[test]
fn a_kill_leaves_nothing_that_is_taken_for_a_pack() {
    let world = World::new();
    // The first wheel comes; while the second comes, the program is killed.
    let script = format!(
        "while [ $# -gt 0 ]; do case \"$1\" in --dest) dest=$2;; --requirement) listed=$2;; esac; shift; done\n\
         grep -q torch \"$listed\" && exec cp {}/torch-* \"$dest\"\n\
         echo half >\"$TMPDIR/half.whl\"; echo $$ >{}; exec sleep 600",
        world.path("wheels").display(),
        world.path("pid").display()
    );
    let path = world.write_python(&script);
    let list = world.path("list.txt");
    let mut program =
        world.command(&["install", "--wheels", text(&list)]).env("PATH", path).spawn().unwrap();
    let begun = Instant::now();
    let pid = loop {
        let pid = fs::read_to_string(world.path("pid")).unwrap_or_default();
        if pid.ends_with('\n') {
            break pid;
        }
        assert!(begun.elapsed() < HANG_LIMIT && program.try_wait().unwrap().is_none());
        sleep(Duration::from_millis(20));
    };
    program.kill().unwrap();
    program.wait().unwrap();
    Command::new("kill").arg(pid.trim()).status().unwrap();
    let status = world.status();
    assert_eq!(status["pack"], "missing");
    assert!(status["left_over_bytes"].as_u64().unwrap() > 50_000, "the first wheel was finished");
    // The next attempt goes on, or it is tidied up.
    let done = world.install(&world.path("wheels"));
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    assert_eq!(world.names(), ["gpu-pack-2.11.0"]);
    assert_eq!(world.status()["left_over_bytes"], 0);
}

#[test]
fn an_interrupt_while_it_downloads_ends_it_and_leaves_nothing() {
    let world = World::new();
    let script = format!("echo $$ >{}; exec sleep 600", world.path("pid").display());
    let path = world.write_python(&script);
    let list = world.path("list.txt");
    let mut command = world.command(&["install", "--wheels", text(&list)]);
    let program = command.env("PATH", path).stderr(std::process::Stdio::piped()).spawn().unwrap();
    let begun = Instant::now();
    while !world.path("pid").exists() {
        assert!(begun.elapsed() < HANG_LIMIT);
        sleep(Duration::from_millis(20));
    }
    Command::new("kill").args(["-INT", &program.id().to_string()]).status().unwrap();
    let ended = Finished::of(program.wait_with_output().unwrap());
    ended.expect_error(1, &["cancelled", "nothing of it is left"]);
    assert_eq!(world.names(), Vec::<String>::new());
}
