//! A pack of tiny wheels: installed, refused, cancelled, gone on with, removed.

use std::fs;
use std::ops::ControlFlow;
use std::path::PathBuf;

use super::testing::{LIBRARY, write_wheels};
use super::*;
use crate::platform::Places;

/// A folder with two wheels, the list that pins them, and a place for the pack.
struct World {
    folder: tempfile::TempDir,
    manifest: Manifest,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let manifest = write_wheels(&folder.path().join("wheels"));
        Self { folder, manifest }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn home(&self) -> Home {
        Home::below(&self.path("data"), &self.manifest)
    }

    fn installed_from_disk(&self) -> Result<(), PackError> {
        let source = Source::Folder(self.path("wheels"));
        install(&self.manifest, &self.home(), &source, &mut |_| ControlFlow::Continue(()))
    }

    fn state(&self) -> PackState {
        self.home().look(&self.manifest)
    }

    /// What lies beside the pack's place, the pack included.
    fn names(&self) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.path("data")) else { return Vec::new() };
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn damage(&self, name: &str) {
        let path = self.path("wheels").join(name);
        let mut bytes = fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(path, bytes).unwrap();
    }

    /// A program in the place of Python that does this.
    #[cfg(unix)]
    fn pip(&self, script: &str) -> Source {
        use std::os::unix::fs::PermissionsExt as _;
        let python = self.path("python");
        fs::write(&python, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&python, fs::Permissions::from_mode(0o755)).unwrap();
        Source::Pip(Pip { python })
    }
}

/// Does what `pip download` does with `--dest` and `--requirement`: the wheel whose name begins as
/// the requirement, out of the folder that stands in `$WHEELS`.
#[cfg(unix)]
const DOWNLOAD: &str = r#"
while [ $# -gt 0 ]; do
    case "$1" in --dest) dest=$2;; --requirement) listed=$2;; esac
    shift
done
name=$(sed 's/ .*//; s/==/-/; y/-/_/; s/_\([0-9.]*\)$/-\1/' "$listed")
cp "$WHEELS"/"$name"-* "$dest"/ || exit 1
"#;

#[test]
fn a_pack_from_wheels_on_disk_is_whole_and_goes_again() {
    let world = World::new();
    assert_eq!(world.state(), PackState::Missing);
    let mut heard: Vec<Progress> = Vec::new();
    let source = Source::Folder(world.path("wheels"));
    install(&world.manifest, &world.home(), &source, &mut |progress| {
        heard.push(progress);
        ControlFlow::Continue(())
    })
    .unwrap();
    assert!(heard.windows(2).all(|pair| pair[0].share <= pair[1].share));
    assert!((heard.last().unwrap().share - 1.0).abs() < 1e-9);
    let PackState::Installed { bytes } = world.state() else { unreachable!("{:?}", world.state()) };
    assert!(bytes >= world.manifest.unpacked_bytes());
    assert_eq!(world.names(), ["gpu-pack-2.11.0"]);
    let library = fs::read(world.home().library()).unwrap();
    assert_eq!(library, LIBRARY.repeat(100_000));
    let folder = world.home().folder().to_owned();
    assert!(!folder.join("lib/libtorch_cpu.so").exists());
    assert_eq!(fs::read_to_string(folder.join("licences/torch-LICENSE")).unwrap(), "BSD");
    // A second time nothing is to be done, so the wheels may be gone.
    fs::remove_dir_all(world.path("wheels")).unwrap();
    world.installed_from_disk().unwrap();
    assert!(remove(&world.home()).unwrap() >= bytes);
    assert_eq!((world.state(), world.names()), (PackState::Missing, Vec::new()));
    assert!(matches!(remove(&world.home()), Err(PackError::NothingToRemove)));
}

#[test]
fn a_wheel_with_another_hash_is_refused_and_leaves_nothing() {
    let world = World::new();
    world.damage("nvidia_blas-13.0-none.whl");
    let error = world.installed_from_disk().unwrap_err();
    let words = error.to_string();
    let expected = &world.manifest.wheels[1].sha256;
    for part in ["nvidia_blas-13.0-none.whl", expected.as_str(), "not the wheel", "Fetch"] {
        assert!(words.contains(part), "{words}");
    }
    assert_eq!((world.state(), world.names()), (PackState::Missing, Vec::new()));
}

#[test]
fn a_wheel_that_is_not_there_or_lacks_a_library_is_named() {
    let mut world = World::new();
    world.manifest.wheels[1].libraries.push(("libother.so".to_owned(), 1));
    let words = world.installed_from_disk().unwrap_err().to_string();
    assert!(words.contains("nvidia_blas-13.0") && words.contains("libother.so"), "{words}");
    fs::remove_file(world.path("wheels/torch-2.11.0-cp311-none.whl")).unwrap();
    let words = world.installed_from_disk().unwrap_err().to_string();
    assert!(words.contains("torch==2.11.0") && words.contains("--from"), "{words}");
    assert_eq!(world.names(), Vec::<String>::new());
}

#[test]
fn cancelling_anywhere_leaves_nothing() {
    let world = World::new();
    let source = Source::Folder(world.path("wheels"));
    let mut n_steps = 0;
    install(&world.manifest, &world.home(), &source, &mut |_| {
        n_steps += 1;
        ControlFlow::Continue(())
    })
    .unwrap();
    remove(&world.home()).unwrap();
    for cancelled_at in 0..n_steps {
        let mut step = 0;
        let result = install(&world.manifest, &world.home(), &source, &mut |_| {
            step += 1;
            if step > cancelled_at { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        assert!(matches!(result, Err(PackError::Cancelled)), "step {cancelled_at}: {result:?}");
        assert_eq!((world.state(), world.names()), (PackState::Missing, Vec::new()));
    }
}

#[test]
fn a_pack_that_was_changed_is_damaged_and_can_be_installed_anew() {
    let world = World::new();
    world.installed_from_disk().unwrap();
    let library = world.home().folder().join("lib/libblas.so.13");
    fs::write(&library, "short").unwrap();
    let PackState::Damaged { reason } = world.state() else { unreachable!("{:?}", world.state()) };
    assert!(reason.contains("libblas.so.13 has 5 bytes"), "{reason}");
    world.installed_from_disk().unwrap();
    assert!(matches!(world.state(), PackState::Installed { .. }));
    fs::remove_file(world.home().folder().join("pack.txt")).unwrap();
    assert!(matches!(world.state(), PackState::Damaged { .. }));
    let mut newer = world.manifest.clone();
    newer.wheels[0].sha256 = "0".repeat(64);
    world.installed_from_disk().unwrap();
    assert!(matches!(world.home().look(&newer), PackState::Damaged { .. }));
}

#[test]
fn two_at_once_do_not_meet() {
    let world = World::new();
    let (home, manifest) = (world.home(), &world.manifest);
    let source = Source::Folder(world.path("wheels"));
    let mut second = None;
    install(manifest, &home, &source, &mut |_| {
        second.get_or_insert_with(|| {
            let again = install(manifest, &home, &source, &mut |_| ControlFlow::Continue(()));
            (again, remove(&home))
        });
        ControlFlow::Continue(())
    })
    .unwrap();
    assert!(matches!(second, Some((Err(PackError::Busy), Err(PackError::Busy)))));
    assert!(matches!(world.state(), PackState::Installed { .. }));
}

#[cfg(unix)]
#[test]
fn pip_is_asked_for_pinned_wheels_and_what_failed_goes_on_later() {
    let world = World::new();
    let wheels = world.path("wheels");
    let asked = world.path("asked");
    let script = format!("WHEELS={}; echo \"$@\" >>{}", wheels.display(), asked.display());
    // The second wheel cannot be had.
    let aside = world.path("nvidia_blas-13.0-none.whl");
    fs::rename(wheels.join("nvidia_blas-13.0-none.whl"), &aside).unwrap();
    let source = world.pip(&format!("{script}{DOWNLOAD}"));
    let mut go = |_| ControlFlow::Continue(());
    let words = install(&world.manifest, &world.home(), &source, &mut go).unwrap_err().to_string();
    assert!(words.contains("nvidia-blas==13.0") && words.contains("kept"), "{words}");
    assert_eq!(world.state(), PackState::Missing);
    assert!(world.home().left_over_bytes() > world.manifest.wheels[0].unpacked_bytes());
    let lines = fs::read_to_string(&asked).unwrap();
    assert!(
        lines.lines().all(|line| line.contains("--require-hashes") && line.contains("--no-deps"))
    );
    assert_eq!(lines.lines().count(), 2);
    fs::rename(&aside, wheels.join("nvidia_blas-13.0-none.whl")).unwrap();
    install(&world.manifest, &world.home(), &source, &mut go).unwrap();
    let lines = fs::read_to_string(&asked).unwrap();
    assert_eq!(lines.lines().count(), 3, "the first wheel was kept");
    assert!(matches!(world.state(), PackState::Installed { .. }));
    assert_eq!(world.names(), ["gpu-pack-2.11.0"]);
    let folder = world.home().folder().to_owned();
    assert!(!folder.join("work").exists() && !folder.join("finished").exists());
}

#[cfg(unix)]
#[test]
fn what_an_unkind_index_sends_is_refused() {
    let world = World::new();
    world.damage("torch-2.11.0-cp311-none.whl");
    let script = format!("WHEELS={}{DOWNLOAD}", world.path("wheels").display());
    let source = world.pip(&script);
    let result =
        install(&world.manifest, &world.home(), &source, &mut |_| ControlFlow::Continue(()));
    assert!(matches!(result, Err(PackError::WrongHash { .. })), "{result:?}");
    assert_eq!(world.names(), Vec::<String>::new());
}

#[cfg(unix)]
#[test]
fn a_download_shows_how_far_it_is_and_is_cancelled_with_its_child() {
    let world = World::new();
    let marker = world.path("ended");
    // Half of the wheel comes, and then nothing any more.
    let half = world.manifest.wheels[0].bytes / 2;
    let script = format!(
        "head -c {half} /dev/zero >\"$TMPDIR/part\"; sleep 600 & wait; touch {}",
        marker.display()
    );
    let source = world.pip(&script);
    let mut shares = Vec::new();
    let result = install(&world.manifest, &world.home(), &source, &mut |progress| {
        assert_eq!(progress.stage, Stage::Download);
        shares.push(progress.share);
        if progress.share > 0.0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert!(matches!(result, Err(PackError::Cancelled)), "{result:?}");
    assert!(shares.len() > 1 && !marker.exists());
    assert_eq!((world.state(), world.names()), (PackState::Missing, Vec::new()));
}

#[cfg(unix)]
#[test]
fn trouble_with_python_and_pip_says_what_helps() {
    let world = World::new();
    let failure = |source: &Source| {
        let mut go = |_| ControlFlow::Continue(());
        install(&world.manifest, &world.home(), source, &mut go).unwrap_err().to_string()
    };
    let none = Source::Pip(Pip { python: world.path("no-python") });
    let words = failure(&none);
    assert!(words.contains("not installed") && words.contains("--from"), "{words}");
    let words = failure(&world.pip("echo '/usr/bin/python3: No module named pip' >&2; exit 1"));
    assert!(words.contains("python3-pip"), "{words}");
    let words = failure(&world.pip("echo 'ERROR: No matching distribution found' >&2; exit 1"));
    assert!(words.contains("No matching distribution") && words.contains("network"), "{words}");
    let words =
        failure(&world.pip("echo 'OSError: [Errno 28] No space left on device' >&2; exit 1"));
    assert!(words.contains("Make room"), "{words}");
    let mismatch = "THESE PACKAGES DO NOT MATCH THE HASHES\\n Expected sha256 aa\\n Got        bb";
    let words = failure(&world.pip(&format!("printf '{mismatch}' >&2; exit 1")));
    assert!(words.contains("not the wheel") && words.contains("bb"), "{words}");
}

#[test]
fn a_portable_folder_has_the_pack_beside_it_and_an_installed_program_among_the_users_data() {
    let world = World::new();
    let portable = world.path("portable");
    fs::create_dir(&portable).unwrap();
    let own = world.path("data");
    let mut places = Places { data_dir: own.clone(), portable_dir: None, ..Places::find() };
    let parent =
        |places: &Places| Home::of(places, &world.manifest).folder().parent().unwrap().to_owned();
    assert_eq!(parent(&places), own);
    places.portable_dir = Some(portable.clone());
    assert_eq!(parent(&places), portable);
    places.portable_dir = Some(world.path("gone"));
    assert_eq!(parent(&places), own, "what cannot be written is passed by");
    // One that is installed already is used where it is.
    places.portable_dir = Some(portable);
    world.installed_from_disk().unwrap();
    assert_eq!(parent(&places), own);
}

#[test]
fn what_is_missing_is_said_in_the_order_in_which_it_can_be_mended() {
    let world = World::new();
    let status = |driver: Driver, pack: PackState| Status {
        driver,
        pack,
        folder: world.home().folder().to_owned(),
        left_over_bytes: 0,
        download_bytes: 2_100_000_000,
        unpacked_bytes: 1,
        is_built_in: false,
    };
    let ready = || Driver::Ready { version: None, card: None };
    let why = |driver, pack| status(driver, pack).why_no_cuda().unwrap_or_default();
    assert!(why(Driver::NoCard, PackState::Missing).contains("no NVIDIA graphics card"));
    assert!(why(Driver::NoDriver, PackState::Missing).contains("no NVIDIA driver"));
    assert!(why(ready(), PackState::Missing).contains("2100 MB"));
    let damaged = PackState::Damaged { reason: "a is missing".to_owned() };
    assert!(why(ready(), damaged).contains("Install it again"));
    assert_eq!(why(ready(), PackState::Installed { bytes: 1 }), "");
    assert!(status(ready(), PackState::Missing).wants_pack());
    assert!(!status(Driver::NoCard, PackState::Missing).wants_pack());
    let built_in = Status { is_built_in: true, ..status(ready(), PackState::Missing) };
    assert_eq!((built_in.why_no_cuda(), built_in.wants_pack()), (None, false));
}
